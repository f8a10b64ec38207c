"""What changed since the last meeting: dates that moved, what was decided, tested and imported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final, NamedTuple

from dashboard.data import Data
from dashboard.report import decisions, walls
from dashboard.report.document import Block, Points, Prose, Section, Table, columns
from dashboard.texts import Texts, plain
from exporters.plan.frozen import Night
from exporters.plan.ledger import Ledger
from exporters.plan.outlooks import Outlook
from exporters.plan.schema import PlanError
from forecasting import planned

MOVED: Final = 14
"""Days by which a date has to move to be told: less is the weather of a forecast."""

_EPOCH: Final = dt.date(1970, 1, 1)
_SECONDS: Final = 86_400.0


class Before(NamedTuple):
    """What the forecasts of an earlier night said: that day, and of each series (unique_id) whether it was full, and its date."""

    day: dt.date
    said: dict[str, dt.date | None]
    full: frozenset[str]


class Moved(NamedTuple):
    """Something whose date is another one now. `days` is by how many it moved, None where one of the two has no date."""

    outlook: Outlook
    was_full: bool
    before: dt.date | None
    now: dt.date | None
    days: int | None


def section(data: Data, t: Texts, since: dt.date) -> Section:
    """Dates that moved, and what people did meanwhile."""
    return Section("changes", t("report.changes", since=t.day(since)), tuple(_blocks(data, t, since)))


def _blocks(data: Data, t: Texts, since: dt.date) -> Iterator[Block]:
    yield Points(tuple(_done(data, t, since)))
    before = forecast_of(data, since)
    if before is None:
        yield Prose(t("report.changes.unknown", since=t.day(since)))
        return
    if before.day < since:
        yield Prose(t("report.changes.of", day=t.day(before.day)))
    yield _table(moved(data, before), data, before, t)


def _done(data: Data, t: Texts, since: dt.date) -> Iterator[str]:
    """What people did: decisions, restore tests, imports of the inventory."""
    taken = [(one, each) for one, each in decisions.decided(data) if data.day(each.at) >= since]
    if taken:
        names = t("semicolon").join(
            f"{plain(one.title)} ({t(f'scenarios.standing.{each.action}')})" for one, each in taken[:6]
        )
        yield t.count("report.changes.decided", len(taken), names=names)
    else:
        yield t("report.changes.decided.none")
    tests = [
        one for one in data.protection().ledger if one.correction is None and data.day(one.test.at) >= since
    ]
    good = sum(one.test.result == "ok" for one in tests)
    yield (
        t.count("report.changes.tests", len(tests), good=t.number(good))
        if tests
        else t("report.changes.tests.none")
    )
    machines = data.workstations()
    if machines is not None:
        key = "report.changes.inventory" if data.day(machines.at) >= since else "report.changes.inventory.old"
        yield t(key, day=t.day(data.day(machines.at)), machines=t.number(len(machines.rows)))


def forecast_of(data: Data, since: dt.date) -> Before | None:
    """The newest night that was frozen by that day; None where none was, or it cannot be read."""
    ledger = Ledger(data.folder / "plan.db")
    number = (since - _EPOCH).days
    try:
        nights = [day for day in ledger.nights() if day <= number]
        if not nights:
            return None
        night, names = ledger.night(nights[-1]), ledger.series()
    except PlanError:
        return None
    said, full = dict[str, dt.date | None](), set[str]()
    for place, series in enumerate(night.series.tolist()):
        if series in names:
            name = names[series].unique_id
            said[name] = _date(night, place, nights[-1])
            if night.level[place] >= night.limit[place]:
                full.add(name)
    return Before(_EPOCH + dt.timedelta(days=nights[-1]), said, frozenset(full))


def _date(night: Night, place: int, day: int) -> dt.date | None:
    """The central date: days are counted from the last value, which is some days before the night."""
    ahead = int(night.central[place])
    return _EPOCH + dt.timedelta(days=day - int(night.ago[place]) + ahead) if ahead else None


def moved(data: Data, before: Before) -> list[Moved]:
    """What became full, has a date or lost it, or whose date moved by MOVED days; the most urgent now first."""
    found = []
    for one in data.outlooks():
        if one.unique_id not in before.said:
            continue
        was, now = before.said[one.unique_id], one.date
        full = one.unique_id in before.full
        days = (now - was).days if was and now and not full and not one.is_over else None
        changed = full != one.is_over or (
            not full and ((was is None) != (now is None) or (days is not None and abs(days) >= MOVED))
        )
        if changed:
            found.append(Moved(one, full, was, now, days))
    return sorted(
        found, key=lambda one: (not one.outlook.is_over, one.now or dt.date.max, one.outlook.unique_id)
    )


def _table(found: list[Moved], data: Data, before: Before, t: Texts) -> Table:
    heads = columns(
        t, data.estate.currency, ("column.what", "text"), ("report.changes.before", "day"), ("report.changes.now", "day"),
        ("report.changes.by", "text"),
    )  # fmt: skip
    rows = tuple(
        (
            walls.titled(planned.name(one.outlook), one.outlook.target, one.outlook.quantity, t),
            _told(one.before, one.was_full, t), _told(one.now, one.outlook.is_over, t), _by(one, t),
        )
        for one in found
    )  # fmt: skip
    none = t("report.changes.still", days=t.number(MOVED), day=t.day(before.day))
    return Table(t("report.changes.table"), heads, rows, none, most=15)


def _told(day: dt.date | None, is_full: bool, t: Texts) -> object:
    return t("no.already over") if is_full else day or t("report.changes.dateless")


def _by(one: Moved, t: Texts) -> str:
    if one.outlook.is_over:
        return t("report.changes.full")
    if one.was_full:
        return t("report.changes.freed")
    if one.days is None:
        return t("report.changes.dated" if one.now else "report.changes.undated")
    return t(
        "report.changes.sooner" if one.days < 0 else "report.changes.later",
        span=t.span(abs(one.days) * _SECONDS),
    )
