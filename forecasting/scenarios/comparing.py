"""Scenarios beside each other: what each moves, and from when to when."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from exporters.history import Reader
from forecasting.plan.batch import Correction
from forecasting.scenarios import additions, capacities, cascade, cost, direct, touched
from forecasting.scenarios.cascade import Reach
from forecasting.scenarios.effects import Basis, Load, bases, loads
from forecasting.scenarios.projecting import Projector, Prospect
from forecasting.scenarios.world import World, survey
from inventory.estate import Estate
from inventory.scenarios import Scenario

Floats = npt.NDArray[np.float64]

YEAR = 365


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """What is to be expected, by unique_id: with what is committed alone (`scenario` is None), or with one scenario more.

    `added` is what that scenario adds (days, 3), `reach` what it does to links and restores, `bases` what the sizes of
    its studies rest on, `loads` what its desktops keep busy, `cost` that of its purchases.
    """

    scenario: Scenario | None
    prospects: Mapping[str, Prospect]
    added: Mapping[str, Floats] = dataclasses.field(default_factory=dict, repr=False)
    reach: Reach | None = None
    bases: tuple[Basis, ...] = ()
    loads: tuple[Load, ...] = ()
    cost: float | None = None

    @property
    def name(self) -> str:
        """What tells it apart; empty for the base."""
        return self.scenario.name if self.scenario else ""

    def late(self, today: date) -> list[Prospect]:
        """What would have to be ordered today, or should have been."""
        return [one for one in self.prospects.values() if one.order_by is not None and one.order_by <= today]


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """The base, and each scenario beside it. `names` are the series that any of them moves, of stores first."""

    base: Case
    cases: tuple[Case, ...]
    names: tuple[str, ...]

    @property
    def shown(self) -> list[tuple[Case, str]]:
        """Each series without the scenarios, and with each of them that moves it."""
        return [
            (case, name)
            for name in self.names
            for case in (self.base, *self.cases)
            if case.scenario is None or name in case.added or name in self.moved(case)
        ]

    def moved(self, case: Case) -> list[str]:
        """The series whose date of being full is another than without the scenario."""
        return [
            name
            for name in self.names
            if (case.prospects[name].central, case.prospects[name].early)
            != (self.base.prospects[name].central, self.base.prospects[name].early)
        ]


def compare(
    reader: Reader,
    estate: Estate,
    scenarios: Sequence[Scenario],
    committed: Sequence[Scenario],
    now: float,
    speeds: Mapping[str, Sequence[float]] | None = None,
    correct: Correction | None = None,
) -> Comparison:
    """Hold scenarios against what is to be expected without them, as of `now` (UTC epoch seconds).

    `speeds` are those of the restores that were tested, by target (`inventory.state.restores.speeds`), `correct` what the plan has learnt of its
    bands (`forecasting.correction.learnt`): with it the base is what the plan says. What is committed is part of the base, but for the
    scenarios that are compared themselves. Raises ScenarioError where one names what the history does not know, and HistoryError.
    """
    names = {one.name for one in scenarios}
    others = [one for one in committed if one.name not in names]
    world = survey(reader, now, cascade.concerned(touched([*scenarios, *others]), estate), speeds)
    ahead, arriving = additions(others, estate, world), capacities(others, world)
    made = [(one, additions([one], estate, world), capacities([one], world)) for one in scenarios]
    concerned = {name for _, added, arrives in made for name in (*added, *arrives)}
    projector = Projector(reader, estate, world, sorted(concerned), now, correct)
    base = Case(None, projector.judge(ahead, arriving))
    cases = [
        Case(
            one,
            projector.judge(_sum(ahead, added), _sum(arriving, arrives)),
            added,
            cascade.reach(direct([one], world), estate, world, YEAR),
            _bases(one, world),
            tuple(dict.fromkeys(load for change in one.changes for load in loads(change, world))),
            cost(one),
        )
        for one, added, arrives in made
    ]
    order = sorted(base.prospects, key=lambda name: ("storage" not in name, name))
    return Comparison(base, tuple(cases), tuple(order))


def _bases(scenario: Scenario, world: World) -> tuple[Basis, ...]:
    return tuple(dict.fromkeys(one for change in scenario.changes for one in bases(change, world)))


def _sum(one: Mapping[str, Floats], other: Mapping[str, Floats]) -> dict[str, Floats]:
    whole = dict(one)
    for name, values in other.items():
        whole[name] = whole[name] + values if name in whole else values
    return whole
