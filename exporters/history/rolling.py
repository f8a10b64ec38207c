"""Roll-ups and retention: raw for 3 days, hourly for 90, daily for 10 years.

A roll-up is recomputed from the finer values, never added to: it may be killed at any place, and run again.
Only hours and days that are over are rolled up; readers lay the finer values of the others over them.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import time
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from exporters.history.blocks import (
    DAYS,
    GROUP,
    MEASURE,
    QUARTER,
    QUARTERS,
    SLOTS,
    SPAN,
    DamagedError,
    Mark,
    Table,
    batch_key,
    block_key,
    column,
    last_values,
    unseal,
)
from exporters.history.days import DAY, Calendar
from exporters.history.schema import Rolled, marks, put_marks, put_setting, setting
from exporters.history.storing import (
    Bounds,
    bounds,
    bring,
    clean,
    columns_of,
    dirty,
    quarantine,
    raw_of,
    survey,
)
from inventory.databases import is_damage

RAW_DAYS: Final = 3
HOUR_DAYS: Final = 90
DAY_YEARS: Final = 10
KEPT_DAYS: Final = DAY_YEARS * 365 + 3

_TOGETHER: Final = 16
"""Groups of series that are rolled up in one transaction: some milliseconds each."""

_LOOKED_AT: Final = 2_000
"""Pieces whose checksum is looked at in one call of `roll`: the whole file in a day or so."""

_DROPPED: Final = "dropped"


def oldest(calendar: Calendar, now: float) -> Bounds:
    """Since when finer values are kept, by the clock."""
    return Bounds(
        raw=calendar.hour(now - RAW_DAYS * DAY),
        hour=calendar.day(now - HOUR_DAYS * DAY),
        day=calendar.day(now) - KEPT_DAYS,
    )


class Roller:
    """What is done beside appending: roll up, forget, and look for damage, one short transaction after another."""

    def __init__(self, connection: sqlite3.Connection, calendar: Calendar) -> None:
        self._connection = connection
        self._calendar = calendar
        self.broken: set[Table] = set()
        """Tables in which SQLite's own structure is damaged: nothing can be moved out of them."""
        self._looked: tuple[Table, int] = ("raw", -1)

    def roll(self, now: float, seconds: float) -> bool:
        """Stops after `seconds` and returns False where something is left for the next call."""
        end = time.monotonic() + seconds
        return all(time.monotonic() <= end for _ in self._steps(now))

    def _steps(self, now: float) -> Iterator[None]:
        over = self._calendar.hour(now) // QUARTER
        for due in self._due("hour", over):
            with transaction(self._connection):
                for mark in due:
                    self._roll_hour(mark, now)
                clean(self._connection, "hour", due)
            yield
        for due in self._due("day", self._calendar.day(now)):
            with transaction(self._connection):
                for mark in due:
                    self._roll_day(mark, now)
                clean(self._connection, "day", due)
            yield
        yield from self._forget(now)
        self._look(now)

    def _due(self, table: Rolled, over: int) -> Iterator[list[Mark]]:
        if marks(self._connection, table) is None:
            with transaction(self._connection):
                put_marks(self._connection, table, dirty(self._connection, table))
        found = iter(sorted(mark for mark in dirty(self._connection, table) if mark.place < over))
        while some := list(itertools.islice(found, _TOGETHER)):
            yield some

    def _roll_hour(self, mark: Mark, now: float) -> None:
        samples = raw_of(self._connection, mark, now)
        values = np.full(GROUP, np.nan)
        # Of equal indices numpy keeps the last one: the newest, and of one instant the one written last.
        order = np.argsort(samples["at"], kind="stable")
        values[samples["slot"][order]] = samples["value"][order]
        for place, shelf in enumerate(values.reshape(-1, SLOTS)):
            if not np.isnan(shelf).all():
                of = mark.group * GROUP // SLOTS + place
                bring(self._connection, "hour", of, column(mark.place, shelf), MEASURE, now)

    def _roll_day(self, mark: Mark, now: float) -> None:
        first, end = (int(self._calendar.start(day)) // QUARTER for day in (mark.place, mark.place + 1))
        for shelf in range(mark.group * GROUP // SLOTS, (mark.group + 1) * GROUP // SLOTS):
            hours = columns_of(self._connection, "hour", shelf, first, end - 1, now)
            if len(hours):
                bring(self._connection, "day", shelf, column(mark.place, last_values(hours)), MEASURE, now)

    def _forget(self, now: float) -> Iterator[None]:
        """Drop what is too old. The bound is stored first: what comes late for an erased hour never replaces it."""
        run, bound = self._connection.execute, oldest(self._calendar, now)
        if bounds(self._connection, Bounds(-1)) != bound:
            with transaction(self._connection):
                put_setting(self._connection, "bounds", bound)
            yield
        while (row := run("SELECT min(id) FROM raw").fetchone()) and row[0] is not None:
            quarter = row[0] >> 40
            if quarter * QUARTER >= bound.raw:
                break
            run("DELETE FROM raw WHERE id < ?", (batch_key(quarter + 1, 0, 0),))
            yield
        begin = int(self._calendar.start(bound.hour)) // QUARTER
        dropped = [begin // QUARTERS, bound.day // DAYS]
        if self._dropped() != dropped:
            for shelves in self._shelves():
                with transaction(self._connection):
                    self._drop(shelves, dropped, bound, now)
                yield
            with transaction(self._connection):
                put_setting(self._connection, _DROPPED, dropped)

    def _dropped(self) -> list[int] | None:
        with contextlib.suppress(DamagedError):
            found: list[int] | None = setting(self._connection, _DROPPED)
            return found
        return None

    def _shelves(self) -> Iterator[list[int]]:
        every = "SELECT id >> 4 FROM series UNION SELECT id FROM span ORDER BY 1"
        found = (shelf for (shelf,) in self._connection.execute(every).fetchall())
        while shelves := list(itertools.islice(found, _TOGETHER * GROUP // SLOTS)):
            yield shelves

    def _drop(self, shelves: Iterable[int], dropped: list[int], bound: Bounds, now: float) -> None:
        """Drop the blocks of which all is too old."""
        run = self._connection.execute
        for shelf in shelves:
            low = block_key(shelf, 0)
            run("DELETE FROM hour WHERE id BETWEEN ? AND ?", (low, low + dropped[0] - 1))
            gone = run("DELETE FROM day WHERE id BETWEEN ? AND ?", (low, low + dropped[1] - 1)).rowcount
            if gone:
                survey(self._connection, shelf, bound.day, now)

    # --- damage ---------------------------------------------------------------------------------------------

    def _look(self, now: float) -> None:
        """Look at the checksums of the next pieces, and move what is damaged out of the way."""
        table, key = self._looked
        sql = f"SELECT id, block FROM {table} WHERE id > ? ORDER BY id LIMIT {_LOOKED_AT}"  # noqa: S608 - our names
        try:
            rows = self._connection.execute(sql, (key,)).fetchall()
            self.broken.discard(table)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.broken.add(table)
            self._looked = (_NEXT[table], -1)
            return
        wrong = [found for found, block in rows if not sound(table, found, block)]
        if wrong:
            with transaction(self._connection):
                for found in wrong:
                    quarantine(self._connection, table, found, now)
        self._looked = (table, rows[-1][0]) if len(rows) == _LOOKED_AT else (_NEXT[table], -1)


_NEXT: Final[dict[Table, Table]] = {"raw": "hour", "hour": "day", "day": "span", "span": "raw"}


def sound(table: Table, key: int, block: object) -> bool:
    """Whether a piece is as it was written."""
    try:
        payload = unseal(table, key, block)
    except DamagedError:
        return False
    return table != "span" or len(payload) == SLOTS * SPAN.itemsize


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction, undone where the block raises."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
