"""What scenarios move, beside what is to be expected without them, and what came of those that were committed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from dashboard import comparisons
from dashboard.api.parameters import Parameter, text
from dashboard.api.records import Day, Id, Number, Record, Text, id_of
from dashboard.api.resources import Asked, Document
from dashboard.comparisons import Outline
from dashboard.data import HISTORY, STATE
from dashboard.sentences import scenarios as sentences
from forecasting.renewal.kept import LINES
from forecasting.scenarios.comparing import YEAR, Case, Comparison
from forecasting.scenarios.deciding import Answer
from forecasting.scenarios.deciding import Effect as Found
from inventory.scenarios.reading import ScenarioError
from inventory.state.scenarios import Saved

MOST: Final = 4
"""Scenarios that are compared at once, as on the page."""

UNIT: Final = "In the unit of the `metric` (docs/metrics.md)."


class Three(Record):
    """A number that is not known for sure. `low` and `high` leave out one chance in ten each; null where nobody knows."""

    low: Number | None
    likely: Number | None
    high: Number | None


class Move(Record):
    """What is to be expected of one store or load, without the scenarios or with one of them."""

    scenario: Id | None = Field(description="null is what is to be expected without any of them.")
    target: Text
    what: Text = Field(description="The store, or what else is used up.")
    store: Id | None = Field(description="The `id` of the store.")
    metric: Text
    early: Day | None = Field(description="The day before which it is full in one case of ten.")
    central: Day | None
    late: Day | None
    reason: Text | None = Field(description="Why there is no central day, in the planner's words.")
    order_by: Day | None
    added_in_a_year: Three | None = Field(description=f"What the scenario adds. {UNIT}")
    level_in_a_year: Three | None = Field(description=UNIT)
    full_within_90_days_ratio: Number | None
    full_within_365_days_ratio: Number | None


class PlanYear(Record):
    """A year of a renewal plan. Money is in the currency of the plan."""

    year: int
    spent: Number
    budget: Number | None = Field(description="null where no bound is declared.")
    machines: int
    failures: Number | None = Field(description="Expected.")
    past_age: int = Field(description="Machines past their age.")
    lateness_machine_months: Number
    costs: dict[str, float] = Field(description=f"By line: {', '.join(LINES)}.")


class RenewalPlan(Record):
    """A plan to renew workstations that belongs to the comparison, in all its years."""

    name: Text = Field(description="As the page calls it: without a scenario, or with which.")
    currency: Text
    spent: Number
    total: Number = Field(description="With what is bought after the plan.")
    machines: int
    overdue: int = Field(description="Machines that stay past a deadline.")
    lateness_machine_months: Number
    failures: Number
    proven_gap_ratio: Number = Field(description="No plan is cheaper by more than that share.")
    years: list[PlanYear]


class Follows(Record):
    """What follows from a scenario."""

    scenario: Id
    why: Text = Field(description="A sentence.")


class Compared(Record):
    """Scenarios beside what is to be expected without them."""

    scenarios: list[Id] = Field(description="In the order of the page.")
    mistake: Text | None = Field(description="Why stores and loads cannot be computed.")
    moves: list[Move]
    follows: list[Follows]
    is_being_computed: bool = Field(description="Whether a renewal plan is still to come.")
    plans: list[RenewalPlan] = Field(
        description="Renewal plans without and with each scenario that is about workstations."
    )


class Effect(Record):
    """What a scenario was expected to do to a series when it was committed, and what was measured."""

    what: Text
    store: Id | None
    metric: Text
    begins: Day
    as_of: Day = Field(description="The day of both numbers.")
    days: int = Field(description="Since it begins.")
    expected: Three = Field(description=UNIT)
    measured: Three | None = Field(
        description="null where nothing can be said yet; without what the forecast could not know."
    )
    answer: Answer


class Effects(Record):
    """The effects of a scenario. None where it never was committed."""

    effects: list[Effect]


def _saved(asked: Asked) -> list[Saved] | None:
    """The scenarios that are asked for, in the order of the list; None where one of them is not there."""
    wanted = {asked.given["id"], *asked.given.get("beside", ())}
    found = [one for one in asked.data.scenarios() if id_of(one.name) in wanted]
    return found if len(found) == len(wanted) else None


def _compared(asked: Asked) -> Compared | None:
    chosen = _saved(asked)
    if chosen is None:
        return None
    of_stores = [one for one in chosen if not _is_of_fleet(one)]
    found = asked.data.comparison(of_stores) if of_stores else None
    comparison = found.comparison if found else None
    pieces = [asked.data.beside(one) for one in chosen]
    cases = asked.data.compared(chosen)
    return Compared(
        scenarios=[id_of(one.name) for one in chosen],
        mistake=(found.mistake or "it cannot be computed") if found and comparison is None else None,
        moves=[_move(case, name) for case, name in comparison.shown] if comparison else [],
        follows=list(_follows(comparison, asked)) if comparison else [],
        is_being_computed=any(one is not None and (one.content is None or one.stale) for one in pieces),
        plans=[_plan(name, one) for name, one in comparisons.plans(cases, asked.texts)] if cases else [],
    )


def _is_of_fleet(saved: Saved) -> bool:
    try:
        return saved.scenario.renews_alone
    except ScenarioError:
        return False


def _move(case: Case, name: str) -> Move:
    one, added = case.prospects[name], case.added.get(name)
    series, level = one.series, one.level(YEAR)
    return Move(
        scenario=id_of(case.name) if case.scenario else None,
        target=series.target,
        what=series.store or series.quantity,
        store=id_of(name) if series.quantity == "storage" else None,
        metric=series.metric,
        early=one.early,
        central=one.central,
        late=one.late,
        reason=one.reason or None,
        order_by=one.order_by,
        added_in_a_year=None if added is None else _three(added[YEAR - 1].tolist()),
        level_in_a_year=None if level is None else _three(level),
        full_within_90_days_ratio=one.chances.get(90),
        full_within_365_days_ratio=one.chances.get(365),
    )


def _follows(found: Comparison, asked: Asked) -> list[Follows]:
    currency = asked.data.estate.currency
    return [
        Follows(scenario=id_of(case.name), why=said)
        for case in found.cases
        for said in sentences.follows(case, currency, asked.texts)
    ]


def _three(three: Sequence[float]) -> Three:
    low, likely, high = (float(one) for one in three)
    return Three(low=low, likely=likely, high=high)


def _plan(name: str, one: Outline) -> RenewalPlan:
    return RenewalPlan(
        name=name,
        currency=one["currency"],
        spent=one["spent"],
        total=one["total"],
        machines=comparisons.total(one, "machines"),
        overdue=one["overdue"],
        lateness_machine_months=one["lateness"],
        failures=one["failures"],
        proven_gap_ratio=one["gap"],
        years=[_year(year) for year in one["years"]],
    )


def _year(one: Any) -> PlanYear:
    return PlanYear(
        **{name: one[name] for name in ("year", "spent", "budget", "machines", "failures", "past_age")},
        lateness_machine_months=one["lateness"],
        costs={name: one[name] for name in LINES},
    )


def _effects(asked: Asked) -> Effects | None:
    found = next((one for one in asked.data.scenarios() if id_of(one.name) == asked.given["id"]), None)
    if found is None:
        return None
    return Effects(effects=[_effect(one) for one in asked.data.effects(found.name)])


def _effect(one: Found) -> Effect:
    metric = one.unique_id.partition("{")[0]
    told = one.measured is not None and not math.isnan(one.measured[1])
    return Effect(
        what=one.place,
        store=id_of(one.unique_id) if metric == "jauge_storage_used_bytes" else None,
        metric=metric,
        begins=one.start,
        as_of=one.at,
        days=one.days,
        expected=_three(one.expected),
        measured=_three(one.measured) if one.measured is not None and told else None,
        answer=one.answer,
    )


_IDS: Final = re.compile(f"[0-9a-f]{{16}}(,[0-9a-f]{{16}}){{0,{MOST - 2}}}")


def _ids(given: str) -> frozenset[str]:
    if not _IDS.fullmatch(given):
        raise ValueError(f"write up to {MOST - 1} ids of scenarios with commas between them")
    return frozenset(given.split(","))


_ID: Final = text("id", "The `id` that the list of scenarios gives it.", in_path=True)
_BESIDE: Final = Parameter(
    "beside",
    f"The ids of up to {MOST - 1} scenarios to hold beside it, with commas between them.",
    {"type": "string", "pattern": f"^{_IDS.pattern}$"},
    _ids,
)

RESOURCES: Final = (
    Document(
        path="/scenarios/{id}/compared",
        title="Scenarios compared",
        about="What a scenario moves, alone or beside others: dates, amounts, and the renewal of workstations.",
        page="/scenarios",
        model=Compared,
        rests_on=(STATE, HISTORY),
        is_worded=True,
        parameters=(_ID, _BESIDE),
        ask=_compared,
    ),
    Document(
        path="/scenarios/{id}/effects",
        title="Effects of a decision",
        about="What a committed scenario was expected to do, and what was measured since.",
        page="/scenarios",
        model=Effects,
        rests_on=(STATE, HISTORY),
        parameters=(_ID,),
        ask=_effects,
    ),
)
