"""How the workstations of an inventory stand, in figures. What nobody knows has a place of its own in each of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from inventory import fitness
from inventory.criticality import rank
from inventory.fleet.judging import Judged, runs_current
from inventory.lifecycle import support
from inventory.renewal import UseClass
from inventory.workstations import OUT, Workstation, completed

YEAR: Final = dt.timedelta(days=365)

BANDS: Final[tuple[tuple[int, str], ...]] = ((2, "0-1"), (4, "2-3"), (6, "4-5"), (8, "6-7"), (1000, "8+"))
"""Completed years below which a band ends, and its name."""

UNKNOWN: Final = "unknown"
AGES: Final = (*(name for _, name in BANDS), UNKNOWN)

STATES: Final = ("used", "stock", "repair", "failed", "retired", UNKNOWN)
"""What an inventory says of a machine; unknown where it says nothing."""

_TOLD: Final = ("serial", "purchased", "warranty", "model", "os", "os_version", "cpu", "site", "service")
"""Fields without which something cannot be told."""


def band(purchased: dt.date | None, day: dt.date) -> str:
    """The band of an age."""
    years = completed(purchased, day)
    return UNKNOWN if years is None else next(name for end, name in BANDS if years < end)


class OfClass(NamedTuple):
    """The machines of one class of use: their support on the day, and on that a year later."""

    use: UseClass
    machines: int
    now: Mapping[support.State, int]
    later: Mapping[support.State, int]


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """Machines by what is said of them. All but `states` count those that are in use or may be again (`machines`).

    `states` is of all that the inventory holds; `missing` machines by the field that is not told; `current` those that run
    Windows 11 already; `median` the median age in years of those whose age is known, None where none is.
    """

    day: dt.date
    states: Mapping[str, int]
    machines: int
    ages: Mapping[str, int]
    median: float | None
    missing: Mapping[str, int]
    now: Mapping[support.State, int]
    later: Mapping[support.State, int]
    fitness: Mapping[fitness.State, int]
    current: int
    classes: tuple[OfClass, ...]


def count(
    workstations: Sequence[Workstation], now: Sequence[Judged], later: Sequence[Judged], day: dt.date
) -> Counts:
    """The figures of a day. `now` and `later` are the same machines, judged on the day and a year after it."""
    alive = [one for one in workstations if one.state not in OUT]
    ages = [age for one in alive if (age := one.age(day)) is not None]
    bands = Counter(band(one.purchased, day) for one in alive)
    suits = Counter(one.fitness.state for one in now)
    return Counts(
        day=day,
        states=_ordered(Counter(one.state or UNKNOWN for one in workstations), STATES),
        machines=len(alive),
        ages=_ordered(bands, AGES),
        median=statistics.median(ages) if ages else None,
        missing={name: many for name in _TOLD if (many := sum(getattr(one, name) is None for one in alive))},
        now=_supported(now),
        later=_supported(later),
        fitness={state: suits[state] for state in ("fit", "unfit", "unknown")},
        current=sum(runs_current(one.workstation) for one in now),
        classes=tuple(_classes(now, later)),
    )


def ending(now: Judged, later: Judged) -> bool:
    """Whether its support ends within the year between two judgements."""
    return now.support.state in ("supported", "extended") and later.support.state == "ended"


class Ended(NamedTuple):
    """What ended between two days, by what the imports tell: machines by how (`failure`, `retirement`, `vanished`).

    Failures are missing where no import could say that a machine failed, retirements where none tells a state of any machine: then
    nobody knows, which is not 0.
    """

    since: dt.date
    until: dt.date
    ends: Mapping[str, int]


def ended(lives: pd.DataFrame, today: dt.date, states: Mapping[str, int]) -> Ended | None:
    """What ended in the last 12 months, or since the first import where that is later; `states` as of `Counts`. None before a
    second import: what had ended when a machine was seen first says nothing of when."""
    if lives.empty:
        return None
    first, last = lives["entered"].min(), lives["left"].max()
    if first == last:
        return None
    since = max(pd.Timestamp(today - YEAR).as_unit("s"), first)
    seen = lives[(lives["left"] > lives["entered"]) & (lives["left"] >= since)]
    ends = Counter(seen["end"])
    told = {
        "failure": bool((lives["watched_until"] >= min(since, last)).any()),
        "retirement": bool(states.keys() - {UNKNOWN} or ends["failure"] or ends["retirement"]),
        "vanished": True,
    }
    return Ended(since.date(), last.date(), {end: ends[end] for end, known in told.items() if known})


class Moved(NamedTuple):
    """How many machines are told elsewhere than before, by site, service or place: on the day of the newest import, and since
    a year before today."""

    last: int
    year: int


def moved(moves: pd.DataFrame, last: dt.date, today: dt.date) -> Moved:
    """Machines that moved, each once, by `lives.moves`; a place that was told for the first time, or no more, is no move."""
    told = moves.dropna(subset=["before", "after"])
    since = [pd.Timestamp(day).as_unit("s") for day in (last, today - YEAR)]
    return Moved(*(int(told.loc[told["day"] >= day, "key"].nunique()) for day in since))


def _classes(now: Sequence[Judged], later: Sequence[Judged]) -> Iterable[OfClass]:
    """Most critical first."""
    uses = {one.use.name: one.use for one in now}
    for use in sorted(uses.values(), key=lambda one: (rank(one.criticality), not one.care, one.name)):
        mine = [one for one in now if one.use.name == use.name]
        after = [one for one in later if one.use.name == use.name]
        yield OfClass(use, len(mine), _supported(mine), _supported(after))


def _supported(judged: Iterable[Judged]) -> dict[support.State, int]:
    found = Counter(one.support.state for one in judged)
    return {state: found[state] for state in support.WORST}


def _ordered(found: Mapping[str, int], names: Sequence[str]) -> dict[str, int]:
    return {name: found[name] for name in names if found[name]}
