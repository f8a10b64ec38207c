"""What may come and what is decided: scenarios beside each other, and the effect of those that were committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from dashboard.data.files import HISTORY, PLAN, SLOW, STATE, Files
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, restores, scenarios
from inventory.state.scenarios import Decision, Saved

if TYPE_CHECKING:
    from forecasting.scenarios.comparing import Comparison
    from forecasting.scenarios.deciding import Effect


class Compared(NamedTuple):
    """Scenarios beside each other, or why they cannot be computed (empty where a file cannot be read)."""

    comparison: Comparison | None
    mistake: str


class Scenarios(Files):
    """Scenarios that were saved, and what was decided of them."""

    def scenarios(self) -> list[Saved]:
        """Every scenario that was saved, by name."""
        if not (self.folder / STATE).is_file():
            return []
        return self._remember("scenarios", (STATE,), [], lambda: scenarios.listed(State(self.folder / STATE)))

    def decisions(self, name: str) -> list[Decision]:
        """All that happened to a scenario, newest first."""
        none: list[Decision] = []
        ask = State(self.folder / STATE)
        return self._remember(("decisions", name), (STATE,), none, lambda: scenarios.decisions(ask, name))

    def decided(self, target: str, store: str) -> list[Saved]:
        """The committed scenarios that name a store, or all of its target, in the order in which they were decided."""
        if not (self.folder / STATE).is_file():
            return []

        def ask() -> list[Saved]:
            found = [
                one for one in self.scenarios() if one.standing == "committed" and _names(one, target, store)
            ]
            return sorted(found, key=lambda one: one.at)

        return self._remember(("decided", target, store), (STATE,), [], ask)

    def comparison(self, chosen: Sequence[Saved]) -> Compared:
        """What scenarios move, beside what is to be expected without them. Computed at most once in some minutes."""
        standing = tuple((one.id, one.standing) for one in self.scenarios())
        key = ("comparison", tuple(one.id for one in chosen), standing)
        absent = Compared(None, "")
        return self._remember(key, (PLAN,), absent, lambda: self._compared(chosen), SLOW)

    def _compared(self, chosen: Sequence[Saved]) -> Compared:
        from forecasting.correction import learnt  # noqa: PLC0415 - the engine: only this page needs it
        from forecasting.scenarios.comparing import compare  # noqa: PLC0415

        now = self.clock()
        try:
            wanted = [one.scenario for one in chosen]
            committed = [one.scenario for one in self.scenarios() if one.standing == "committed"]
            speeds = restores.speeds(State(self.folder / STATE)) if (self.folder / STATE).is_file() else {}
            correct = learnt(self.folder / PLAN, self.estate.timezone, now)
            made = compare(self.reader(), self.estate, wanted, committed, now, speeds, correct)
            return Compared(made, "")
        except ScenarioError as error:
            return Compared(None, str(error))

    def effects(self, name: str) -> list[Effect]:
        """Expected and measured effect of a scenario that was committed; empty where it never was."""
        from forecasting.scenarios.deciding import measure  # noqa: PLC0415 - the engine: only this page needs it

        none: list[Effect] = []
        if not any(one.action == "committed" for one in self.decisions(name)):
            return none
        state = State(self.folder / STATE)
        ask = lambda: measure(state, self.reader(), name, self.clock())  # noqa: E731
        return self._remember(("effects", name), (HISTORY,), none, ask, SLOW)


def _names(saved: Saved, target: str, store: str) -> bool:
    """Whether any change of a scenario is about a store; not where it cannot be read any more, which its own page says."""
    try:
        changes = [one.model_dump() for one in saved.scenario.changes]
    except ScenarioError:
        return False

    def found(piece: Any) -> bool:
        if isinstance(piece, dict):
            here = piece.get("target") == target and piece.get("store") in (None, store)
            return here or any(map(found, piece.values()))
        return isinstance(piece, list | tuple) and any(map(found, piece))

    return found(changes)
