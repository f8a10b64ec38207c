"""Rules that scenarios change from a day on: age limits, paid updates, and what replaces machines.

A change counts from its start to its end. A rule that stands on a day decides for that day: how old a machine may be, whether
a year of updates is sold, and what is ordered.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from inventory.renewal import ExtendedUpdates, Renewal
from inventory.scenarios.changes import AgeLimit, Edition, Instead, Updates
from inventory.workstations import DAYS_A_YEAR

LEAST: Final = 0.25
"""Years below which no change brings an age limit."""

_A_DAY: Final = dt.timedelta(days=1)

_Change = TypeVar("_Change", AgeLimit, Updates)


@dataclasses.dataclass(frozen=True, slots=True)
class Dated:
    """Changes in the order in which they are made; `instead` by the name of the offer."""

    ages: tuple[AgeLimit, ...] = ()
    updates: tuple[Updates, ...] = ()
    editions: tuple[Edition, ...] = ()
    instead: tuple[tuple[str, Instead], ...] = ()


NOTHING: Final = Dated()


class Limit(NamedTuple):
    """How many years old a machine may be from a day on."""

    since: dt.date
    years: float


def limits(renewal: Renewal, changes: Sequence[AgeLimit], use: str, today: dt.date) -> list[Limit]:
    """The age limits of a class: that of today first, then one for each day on which it changes."""
    mine = [one for one in changes if not one.classes or use in one.classes]
    days = sorted({today, *(day for day in _turns(mine) if day > today)})
    return [Limit(day, _years(renewal.limit_of(use), mine, day)) for day in days]


def _years(years: float, changes: Sequence[AgeLimit], day: dt.date) -> float:
    for one in changes:
        if _holds(one, day):
            years = max(years + one.years, LEAST)
    return years


def served(found: Sequence[Limit]) -> float:
    """Years that a machine bought on the first of these days serves, until it is too old."""
    today = found[0].since
    ends = [one.since for one in found[1:]] + [dt.date.max]
    for one, end in zip(found, ends, strict=True):
        age = (one.since - today).days / DAYS_A_YEAR
        if max(one.years, age) < (end - today).days / DAYS_A_YEAR:
            return max(one.years, age)
    raise AssertionError("the last limit has no end")


class Paid(NamedTuple):
    """Paid updates of machines: from a day on, to a last day, and what each costs on which days."""

    since: dt.date
    until: dt.date
    payments: tuple[tuple[dt.date, float], ...]


def products(renewal: Renewal, changes: Sequence[Updates]) -> frozenset[str]:
    """Products whose updates are paid for at any time."""
    declared = (one.product for one in renewal.extended_updates)
    return frozenset((*declared, *(one.product for one in changes if one.prices)))


def paid(
    renewal: Renewal, changes: Sequence[Updates], product: str, ends: dt.date, today: dt.date
) -> Paid | None:
    """The updates of a product whose support ends on a day; None where nobody sells any from today on.

    A year is paid for when it begins; who joins later pays the years before on that day, at the prices of that day.
    """
    declared = next((one for one in renewal.extended_updates if one.product == product), None)
    mine = [one for one in changes if one.product == product]
    first = (declared.starts if declared else None) or ends + _A_DAY
    soonest = max(first, today)
    joined = next(_joining(declared, mine, first, sorted({soonest, *_turns(mine)}), soonest), None)
    if joined is None:
        return None
    since, year, prices = joined
    payments = [(max(_year_later(first, each), since), prices[each]) for each in range(year + 1)]
    while True:
        year += 1
        day = _year_later(first, year)
        prices = _prices(declared, mine, day)
        if year >= len(prices):
            return Paid(since, day - _A_DAY, tuple(payments))
        payments.append((day, prices[year]))


def _joining(
    declared: ExtendedUpdates | None, changes: Sequence[Updates], first: dt.date, days: Sequence[dt.date], soonest: dt.date
) -> Iterator[tuple[dt.date, int, tuple[float, ...]]]:  # fmt: skip
    """The days on which one may join, with the year that runs and the prices."""
    for day in days:
        prices = _prices(declared, changes, day)
        year = sum(_year_later(first, each) <= day for each in range(1, len(prices) + 1))
        if day >= soonest and year < len(prices):
            yield day, year, prices


def _prices(declared: ExtendedUpdates | None, changes: Sequence[Updates], day: dt.date) -> tuple[float, ...]:
    """What the years cost by the rule of a day."""
    found = declared.prices if declared else ()
    for one in changes:
        if _holds(one, day):
            found = one.prices
    return found


def _holds(change: _Change, day: dt.date) -> bool:
    return change.start <= day and (change.end is None or day <= change.end)


def _turns(changes: Sequence[_Change]) -> set[dt.date]:
    """The days on which a rule changes."""
    return {day for one in changes for day in (one.start, one.end and one.end + _A_DAY) if day}


def _year_later(day: dt.date, years: int) -> dt.date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap else day.day)
