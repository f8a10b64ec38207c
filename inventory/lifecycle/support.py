"""Whether a maker mends a system on a day, and until when.

A system of which several cycles may be meant (its edition is not known) is judged where all of them agree on that day,
and is unknown where they do not.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Final, Literal

from inventory.lifecycle.catalogue import Cycle
from inventory.lifecycle.named import Named, Reason

State = Literal["supported", "extended", "ended", "unknown"]
"""Mended for everybody; only by a programme that is free or was bought; by nobody; nobody can tell."""

WORST: Final[tuple[State, ...]] = ("ended", "unknown", "extended", "supported")
"""States, worst first."""


@dataclasses.dataclass(frozen=True, slots=True)
class Support:
    """How a system stands on a day.

    `ends` is the last day of updates for everybody and `extended` that of those of a programme, None where unknown or
    where the `cycles` that may be meant differ. `cycle` is the one cycle, None where there are several or none.
    """

    state: State
    ends: dt.date | None = None
    extended: dt.date | None = None
    cycle: Cycle | None = None
    reason: Reason = ""
    cycles: tuple[Cycle, ...] = ()

    @property
    def told(self) -> str:
        """A sentence on why, in English; empty where the state says all."""
        if self.cycle is not None or not self.cycles:
            return _ALONE.get(self.reason, self.reason) if self.reason else _programme(self)
        dates = "; ".join(f"{one.title} {_day(one.ends)}" for one in _shortened(self.cycles))
        return f"{self.reason}: {dates}"


_ALONE: Final = {
    "no end announced": "no end was announced, or known, when the catalogue was checked",
    "contradiction": "its name, its version and its edition contradict each other",
    "nothing told": "nobody tells what it runs",
    "not released yet": "not released by that day",
}


def of(named: Named, day: dt.date, esu: bool = False) -> Support:
    """How a system stands whose name was read."""
    if not named.cycles:
        return Support("unknown", reason=named.reason)
    verdicts = [_state(one, day, esu) for one in named.cycles]
    states = {state for state, _ in verdicts}
    ends, extended = _same([one.ends for one in named.cycles]), _same([_last(one) for one in named.cycles])
    if len(named.cycles) == 1:
        return Support(verdicts[0][0], ends, extended, named.cycles[0], verdicts[0][1], named.cycles)
    state = states.pop() if len(states) == 1 else "unknown"
    return Support(state, ends, extended, None, named.reason, named.cycles)


def until(support: Support, esu: bool = False) -> dt.date | None:
    """The last day on which it is surely mended, with `esu` as above; None where nobody can tell."""
    days = [_covered(one, esu) for one in support.cycles]
    known = [day for day in days if day is not None]
    return min(known) if known and len(known) == len(days) else None


def _state(one: Cycle, day: dt.date, esu: bool) -> tuple[State, Reason]:
    """How one cycle stands on a day."""
    if one.released is not None and day < one.released:
        return "unknown", "not released yet"
    if one.over:
        return ("ended", "") if day >= one.checked else ("unknown", "no end announced")
    if one.ends is None:
        return ("supported", "") if day <= one.checked else ("unknown", "no end announced")
    if day <= one.ends:
        return "supported", ""
    covered = _covered(one, esu)
    return ("extended" if covered is not None and day <= covered else "ended"), ""


def _covered(one: Cycle, esu: bool) -> dt.date | None:
    """The last day of updates, of programmes too where they are free or bought."""
    days = [one.ends, one.extended if one.free or esu else None, one.further if esu else None]
    return max((day for day in days if day is not None), default=None)


def _last(one: Cycle) -> dt.date | None:
    """The last day that any programme reaches, None where there is none."""
    return max((day for day in (one.extended, one.further) if day is not None), default=None)


def _same(days: list[dt.date | None]) -> dt.date | None:
    return days[0] if len(set(days)) == 1 else None


def _shortened(cycles: tuple[Cycle, ...], most: int = 6) -> list[Cycle]:
    """The cycles that are named: those that end first, and the last one."""
    ordered = sorted(cycles, key=lambda one: (one.ends or dt.date.max, one.title))
    return ordered if len(ordered) <= most else [*ordered[: most - 1], ordered[-1]]


def _programme(support: Support) -> str:
    """What there is after the end."""
    one = support.cycle
    if one is None or support.state not in ("ended", "extended"):
        return ""
    if one.over:
        return f"had ended by {one.checked}, since when is not known"
    found = [(one.extension, one.extended, one.free), (one.further_extension, one.further, False)]
    return ", ".join(
        f"{name or 'extended'}{'' if free else ' (paid)'} until {day}" for name, day, free in found if day
    )


def _day(day: dt.date | None) -> str:
    return f"ends {day}" if day else "has no announced end"
