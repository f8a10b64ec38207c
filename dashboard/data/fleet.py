"""Workstations: how they stand on a day, the renewal plan that was computed, and what scenarios make of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from dashboard import fleet
from dashboard.comparisons import Compared
from dashboard.data.files import DAY, STATE, STATUS
from dashboard.data.making import Issued, Making
from dashboard.data.targets import Targets
from dashboard.fleet import Fleet
from forecasting.renewal import issuing
from forecasting.renewal import kept as kept_plans
from forecasting.renewal.hindrances import Hindrance
from inventory import processors
from inventory.fleet.judging import Judged, look
from inventory.imports import snapshots
from inventory.imports.course import Course, course
from inventory.lifecycle import outlook
from inventory.lifecycle.outlook import Item, Standing
from inventory.processors import Processors
from inventory.renewal import Renewal
from inventory.scenarios import Scenario
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, measures
from inventory.state.measures import Recorded
from inventory.state.scenarios import Saved, UnreadableError
from inventory.workstations import Workstation


class Standings(NamedTuple):
    """Everything that runs something, on a day: workstations judged, and targets."""

    day: dt.date
    machines: list[Judged]
    targets: list[Standing]


class Workstations(Targets, Making):
    """The questions about the fleet."""

    @property
    def rules(self) -> Renewal:
        """What the estate says of workstations; what nobody says is as declared nowhere."""
        return self.estate.workstations or Renewal()

    def fleet(self) -> Fleet | None:
        """How the workstations stand today; None where nothing was imported."""
        path = self.folder / STATE
        if not path.is_file():
            return None
        key = ("fleet", self.today, id(self.estate))
        ask = lambda: fleet.known(State(path), self.rules, self.today, self.zone)  # noqa: E731
        return self._remember(key, (STATE,), None, ask, DAY)

    def inventory(self) -> tuple[Workstation, ...]:
        """Every machine of the newest inventory, those out of use among them; none where nothing was imported."""
        path, none = self.folder / STATE, tuple[Workstation, ...]()
        if not path.is_file():
            return none

        def ask() -> tuple[Workstation, ...]:
            found = snapshots.latest(State(path))
            return found.workstations if found else ()

        return self._remember("inventory", (STATE,), none, ask, DAY)

    def machine(self, key: str) -> Course | None:
        """What imports told of one machine (`Workstation.key`), one after another; None where none names it."""
        path = self.folder / STATE
        if not path.is_file():
            return None
        return self._remember(("course of", key), (STATE,), None, lambda: course(State(path), key))

    def stood(self, on: dt.date) -> Fleet | None:
        """How those that are known today stand on another day: asked anew each time, as days are many."""
        path = self.folder / STATE
        if not path.is_file():
            return None
        ask = lambda: fleet.stood(State(path), self.rules, self.today, self.zone, on)  # noqa: E731
        return self._remember("stood", (STATE,), None, ask, fresh=0.0)

    def measures(self) -> list[Recorded]:
        """Compensating measures that were recorded, in that order; those of the estate are not among them."""
        path, none = self.folder / STATE, list[Recorded]()
        if not path.is_file():
            return none
        return self._remember("measures", (STATE,), none, lambda: measures.listed(State(path)))

    def processors(self) -> Processors | None:
        """The lists of processors that were imported; None where none was."""
        path = self.folder / STATE
        if not path.is_file():
            return None
        return self._remember("processors", (STATE,), None, lambda: processors.load(State(path)))

    def standings(self, day: dt.date) -> Standings:
        """How all stand on a day."""
        return Standings(day, self._machines(day), self.supported(day))

    def supported(self, day: dt.date) -> list[Standing]:
        """How the targets stand on a day, worst first."""
        ask = lambda: list(outlook.look(self._items(), day).standings)  # noqa: E731
        return self._remember(("supported", day, id(self.estate)), (STATUS,), list[Standing](), ask)

    def _machines(self, day: dt.date) -> list[Judged]:
        """The workstations on a day. The last day that was asked for is remembered."""
        path = self.folder / STATE
        if not path.is_file():
            return []

        def ask() -> tuple[dt.date, list[Judged]]:
            seen = look(State(path), self.today, self.zone)
            return day, seen.judge(self.rules, day) if seen else []

        key, none = ("standings", id(self.estate)), (day, list[Judged]())
        kept = self._remember(key, (STATE,), none, ask, DAY)
        if kept[0] != day:
            self._memory.forget(key)
            kept = self._remember(key, (STATE,), none, ask, DAY)
        # Another thread may have asked for another day meanwhile.
        return kept[1] if kept[0] == day else ask()[1]

    def _items(self) -> list[Item]:
        """What targets run, by the collector's status."""
        known = ((one, self.estate.target(one.name)) for one in self.status().targets)
        return [
            Item(
                one.name, target.role or "target", one.product or None, one.version or None, None, target.site,
                target.service, one.family,
            )
            for one, target in known
            if target is not None
        ]  # fmt: skip

    # --- plans that were computed ------------------------------------------------------------------------

    def plans(self) -> bool:
        """Whether there is something to plan with: offers in the estate's section."""
        return bool(self.rules.offers)

    def renewal(self) -> Issued | None:
        """The newest plan; None where there is nothing to plan with, or nothing to plan."""
        return self._issued(issuing.PLAN)

    def lives(self) -> Issued | None:
        """How long models last, and what that was learnt from; None where nothing was imported."""
        return self._issued(issuing.LIVES)

    def curve(self) -> Issued | None:
        """What more money buys, of the newest plan."""
        return self._issued(issuing.CURVE)

    def beside(self, saved: Saved) -> Issued | None:
        """The plan with a scenario beside the one without it; None where it is not about workstations."""
        try:
            return self._issued(issuing.case(saved.name)) if saved.scenario.renews else None
        except ScenarioError:
            return None

    def compared(self, chosen: Sequence[Saved]) -> list[Compared]:
        """Those of some scenarios that are about workstations and were computed, beside the plan without them."""
        pieces = [(one, self.beside(one)) for one in chosen]
        return [
            Compared(one.title, piece.content["without"], piece.content["with"])
            for one, piece in pieces
            if piece is not None and piece.content is not None
        ]

    def begin(self) -> None:
        """Have the plan made anew where it is old: after an import, after a decision."""
        self._issued(issuing.PLAN)

    def prepare(self, scenario: Scenario) -> None:
        """Have a scenario that was just saved computed, before anybody looks at it."""
        if scenario.renews:
            self._issued(issuing.case(scenario.name))

    def _issued(self, piece: str) -> Issued | None:
        path = self.folder / STATE
        if not path.is_file():
            return None
        key = ("made from", piece, self.today, id(self.estate))
        ask = lambda: issuing.made_from(State(path), self.estate, self.clock(), piece)  # noqa: E731
        try:
            wanted: str | None = self._remember(key, (STATE,), None, ask)
        except UnreadableError as error:  # one that was committed
            return Issued(None, None, False, Hindrance("scenario", {"name": error.name}))
        if wanted is None:
            return None
        hindered = kept_plans.blocked(self.folder, piece)
        if hindered is not None:
            return Issued(None, None, False, Hindrance("blocked", {"path": hindered}))
        kept = issuing.read(self.folder, piece)
        stale = kept is None or kept.made_from != wanted
        if stale:
            given = (path, self.estate, self.folder, self.clock(), piece)
            self._jobs.start(f"renewal {piece}", issuing.work, *given)
        if kept is None:
            return Issued(None, None, True)
        return Issued(kept.content, kept.at, stale, kept.problem)
