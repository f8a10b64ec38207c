"""Roll-ups and retention: raw for 3 days, hourly for 90, daily for 10 years.

A roll-up is recomputed from the finer table, never added to: it may be killed at any place, and run again.
Only hours and days that are over are rolled up; readers lay the finer rows of the others over them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from exporters.history.days import DAY, Calendar
from exporters.history.schema import setting

RAW_DAYS: Final = 3
HOUR_DAYS: Final = 90
DAY_YEARS: Final = 10
KEPT_DAYS: Final = DAY_YEARS * 365 + 3

_BOUNDS: Final = ("raw_from", "hour_from", "day_from")

# Of rows with equal series SQLite gives the bare column `value` from the row that holds the max():
# https://www.sqlite.org/lang_select.html#bareagg
_ROLL_HOUR: Final = """
INSERT OR REPLACE INTO hour (day, series, hour, value)
SELECT day, series, hour, value FROM (
    SELECT :day AS day, series, :hour AS hour, value, max(at) FROM raw WHERE hour = :hour GROUP BY series)
"""
_ROLL_DAY: Final = """
INSERT OR REPLACE INTO day (series, day, value, imported)
SELECT series, day, value, 0 FROM (
    SELECT series, day, value, max(hour) FROM hour WHERE day = :day GROUP BY series)
"""


def roll(connection: sqlite3.Connection, calendar: Calendar, now: float, seconds: float) -> bool:
    """Roll up what is over, then drop what is too old, one short transaction after another.

    Stops after `seconds` and returns False where something is left for the next call.
    """
    end = time.monotonic() + seconds
    return all(time.monotonic() <= end for _ in _steps(connection, calendar, now))


def _steps(connection: sqlite3.Connection, calendar: Calendar, now: float) -> Iterator[None]:
    over = calendar.hour(now)
    for hour, day in connection.execute(
        "SELECT hour, day FROM dirty_hour WHERE hour < ?", (over,)
    ).fetchall():
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_ROLL_HOUR, {"hour": hour, "day": day})
            connection.execute("DELETE FROM dirty_hour WHERE hour = ?", (hour,))
        yield
    today = calendar.day(now)
    for (day,) in connection.execute("SELECT day FROM dirty_day WHERE day < ?", (today,)).fetchall():
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_ROLL_DAY, {"day": day})
            connection.execute("DELETE FROM dirty_day WHERE day = ?", (day,))
        yield
    yield from _forget(connection, calendar, now)


def _forget(connection: sqlite3.Connection, calendar: Calendar, now: float) -> Iterator[None]:
    """Drop what is too old. The bound is stored first: what comes late for an erased hour never replaces it."""
    oldest = Bounds(
        raw=calendar.hour(now - RAW_DAYS * DAY),
        hour=calendar.day(now - HOUR_DAYS * DAY),
        day=calendar.day(now) - KEPT_DAYS,
    )
    if bounds(connection) != oldest:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            rows = zip(_BOUNDS, oldest, strict=True)
            connection.executemany("INSERT OR REPLACE INTO setting VALUES (?, ?)", rows)
            # By series, so that the key is used: `day` is clustered by series.
            connection.execute(
                "DELETE FROM day WHERE series IN (SELECT id FROM series) AND day < ?", (oldest.day,)
            )
        yield
    for table, key, bound in (("raw", "hour", oldest.raw), ("hour", "day", oldest.hour)):
        first = f"SELECT min({key}) FROM {table}"  # noqa: S608 - names of this module
        while (row := connection.execute(first).fetchone()) and row[0] is not None and row[0] < bound:
            connection.execute(f"DELETE FROM {table} WHERE {key} = ?", row)  # noqa: S608 - names of this module
            yield


class Bounds(NamedTuple):
    """Since when finer rows are kept: raw by hour (UTC seconds), hourly and daily by day; 0 where none was dropped."""

    raw: int
    hour: int
    day: int


def bounds(connection: sqlite3.Connection) -> Bounds:
    """What `_forget` stored last."""
    return Bounds(*(int(setting(connection, name) or 0) for name in _BOUNDS))
