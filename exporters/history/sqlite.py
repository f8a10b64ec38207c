"""The embedded history: one file, one writer, any number of readers meanwhile."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from exporters.history import HistoryError, Known, Point, Resolution, rolling, unique_id
from exporters.history.days import DAY, Calendar
from exporters.history.lock import Lock
from exporters.history.schema import explained, open_to_read, open_to_write, setting
from inventory.metrics import Labels

if TYPE_CHECKING:
    import pandas as pd

Refusal = Literal["future", "too old", "not a number", "not text"]
"""Why a point is not stored."""

Key = tuple[str, str, Labels]
Ids = Callable[[str, str, Labels], int]

_AHEAD: Final = DAY
"""A sample further ahead of this machine's clock than that is refused."""

_KEEP_RAW: Final = """
INSERT INTO raw (hour, series, at, value) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value
"""
# What comes after its hour was rolled up and erased fills a gap, and never replaces what was rolled up.
_KEEP_LATE_HOUR: Final = "INSERT OR IGNORE INTO hour (day, series, hour, value) VALUES (?, ?, ?, ?)"
_KEEP_LATE_DAY: Final = """
INSERT INTO day (series, day, value, imported) VALUES (?, ?, ?, 0)
ON CONFLICT DO UPDATE SET value = excluded.value, imported = 0 WHERE imported = 1
"""
_KEEP_IMPORTED: Final = """
INSERT INTO day (series, day, value, imported) VALUES (?, ?, ?, 1)
ON CONFLICT DO UPDATE SET value = excluded.value WHERE imported = 1 AND value <> excluded.value
"""


class Day(NamedTuple):
    """The last value of a civil day of the estate, `day` counted from 1970-01-01 (see `days.number`)."""

    target: str
    metric: str
    labels: Labels
    day: int
    value: float


@dataclasses.dataclass(slots=True)
class _Batch:
    """The rows that a call of `append` makes."""

    raw: list[tuple[int, int, int, float]] = dataclasses.field(default_factory=list)
    hours: list[tuple[int, int, int, float]] = dataclasses.field(default_factory=list)
    days: list[tuple[int, int, float]] = dataclasses.field(default_factory=list)
    dirty: dict[int, int] = dataclasses.field(default_factory=dict)
    refused: collections.Counter[Refusal] = dataclasses.field(default_factory=collections.Counter)


class Writer:
    """The one writer of a history (see `exporters.history.Appender`); its methods may be called from any thread.

    `timezone` is the estate's (IANA): daily rows are keyed by its civil day, so a file made with another one
    is refused. `refused` counts the points that were not stored, by reason. Raises HistoryError where the file
    cannot be opened or another process writes it.
    """

    def __init__(self, path: Path, timezone: str, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.refused: collections.Counter[Refusal] = collections.Counter()
        self._clock = clock
        self._mutex = threading.RLock()
        self._ids: dict[Key, int] = {}
        try:
            self.calendar = Calendar(timezone)
        except ValueError as error:
            raise HistoryError(f"cannot open {path}: {error}") from None
        self._lock = Lock(path.with_suffix(".lock"))
        try:
            self._connection = open_to_write(path, timezone)
            self._check_timezone(timezone)
        except BaseException:
            self._lock.release()
            raise

    def _check_timezone(self, timezone: str) -> None:
        with explained(self.path, "open"):
            stored = setting(self._connection, "timezone")
        if stored != timezone:
            self._connection.close()
            raise HistoryError(
                f"{self.path} keeps the civil days of {stored}, the estate says {timezone}: put the timezone back, "
                "or start another history with another --data directory"
            )

    def append(self, points: Sequence[Point]) -> None:
        """Keep points: they are committed when this returns. Appending a point again changes nothing."""
        with self._mutex:
            batch = _Batch()
            with self._transaction() as ids:
                self._sort(points, batch, ids)
                run = self._connection.executemany
                run(_KEEP_RAW, batch.raw)
                run("INSERT OR IGNORE INTO dirty_hour VALUES (?, ?)", batch.dirty.items())
                run(_KEEP_LATE_HOUR, batch.hours)
                days = {*batch.dirty.values(), *(row[0] for row in batch.hours)}
                run("INSERT OR IGNORE INTO dirty_day VALUES (?)", ((day,) for day in days))
                run(_KEEP_LATE_DAY, batch.days)
            self.refused += batch.refused

    def _sort(self, points: Sequence[Point], batch: _Batch, ids: Ids) -> None:
        """Where each point goes: raw, or coarser where its raw rows are erased already, or nowhere."""
        bounds = rolling.bounds(self._connection)
        latest = self._clock() + _AHEAD
        for point in points:
            refusal = _refusal(point, latest)
            if refusal is None:
                hour, day = self.calendar.place(point.at)
                refusal = "too old" if day < bounds.day else None
            if refusal:
                batch.refused[refusal] += 1
                continue
            series, value = ids(point.target, point.metric, point.labels), float(point.value)
            if hour >= bounds.raw:
                batch.raw.append((hour, series, round(point.at * 1000), value))
                batch.dirty[hour] = day
            elif day >= bounds.hour:
                batch.hours.append((day, series, hour, value))
            else:
                batch.days.append((series, day, value))

    def now(self) -> float:
        """The clock by which the future is told (UTC epoch seconds)."""
        return self._clock()

    def keep_days(self, days: Iterable[Day]) -> int:
        """Keep past days from elsewhere (an import, a demo), all or nothing; the number of rows that changed.

        A day that Jauge measured itself stands, and so does a day that is too old to be kept. The values are
        finite and the days past: that is the caller's to check.
        """
        with self._mutex, self._transaction() as ids:
            oldest = self.calendar.day(self._clock()) - rolling.KEPT_DAYS
            # A list first: naming new series changes rows too, and these are not to be counted.
            rows = [
                (ids(d.target, d.metric, d.labels), d.day, float(d.value)) for d in days if d.day >= oldest
            ]
            before = self._connection.total_changes
            self._connection.executemany(_KEEP_IMPORTED, rows)
            return self._connection.total_changes - before

    def rename(self, old: str, new: str) -> int:
        """Give the series of target `old` to `new`, all or nothing; the number of series that moved.

        Where both hold a value for the same time, that of `new` stands.
        """
        if old == new:
            return 0
        with self._mutex, self._transaction():
            find = "SELECT id, metric, labels FROM series WHERE target = ?"
            moved = self._connection.execute(find, (old,)).fetchall()
            for series, metric, labels in moved:
                self._move(series, new, unique_id(new, metric, _labels(labels)))
            self._ids.clear()
            return len(moved)

    def _move(self, series: int, target: str, name: str) -> None:
        run = self._connection.execute
        there = run("SELECT id FROM series WHERE unique_id = ?", (name,)).fetchone()
        if there is None:
            run("UPDATE series SET target = ?, unique_id = ? WHERE id = ?", (target, name, series))
            return
        for table in ("raw", "hour", "day"):
            run(f"UPDATE OR IGNORE {table} SET series = ? WHERE series = ?", (*there, series))  # noqa: S608 - our names
            run(f"DELETE FROM {table} WHERE series = ?", (series,))  # noqa: S608 - our names
        run("DELETE FROM series WHERE id = ?", (series,))

    def roll(self, now: float | None = None, seconds: float = math.inf) -> bool:
        """Roll up and forget (see `rolling.roll`): False where `seconds` were not enough. Idempotent."""
        with self._mutex, explained(self.path, "roll up"):
            return rolling.roll(
                self._connection, self.calendar, self._clock() if now is None else now, seconds
            )

    def close(self) -> None:
        """Let go of the file and of its lock. What was appended is committed already."""
        with self._mutex:
            self._connection.close()
            self._lock.release()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Ids]:
        """One transaction, committed at its end; gives the function that names series by their id."""
        fresh: dict[Key, int] = {}

        def ids(target: str, metric: str, labels: Labels) -> int:
            key = (target, metric, labels)
            return self._ids.get(key) or fresh.get(key) or self._new(key, fresh)

        with explained(self.path, "write"):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield ids
                self._connection.execute("COMMIT")
            except BaseException as error:
                self._undo(error)
                raise
        self._ids.update(fresh)

    def _undo(self, error: BaseException) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                # Folds the write-ahead log into the file, which gives its space back to the next try.
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _new(self, key: Key, fresh: dict[Key, int]) -> int:
        name = unique_id(*key)
        row = self._connection.execute("SELECT id FROM series WHERE unique_id = ?", (name,)).fetchone()
        if row is None:
            insert = "INSERT INTO series (unique_id, target, metric, labels) VALUES (?, ?, ?, ?) RETURNING id"
            row = self._connection.execute(insert, (name, key[0], key[1], json.dumps(key[2]))).fetchone()
        fresh[key] = row[0]
        return fresh[key]


def _refusal(point: Point, latest: float) -> Refusal | None:
    if not (math.isfinite(point.value) and math.isfinite(point.at)):
        return "not a number"
    if point.at > latest:
        return "future"
    if point.at < 0:
        return "too old"
    # Lone surrogates, from a device's bytes, have no UTF-8: one such label must not fail the others' batch.
    texts = (point.target, point.metric, *(text for pair in point.labels for text in pair))
    return None if all(text.isascii() or _is_text(text) for text in texts) else "not text"


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _labels(text: str) -> Labels:
    return tuple((name, value) for name, value in json.loads(text))


class Reader:
    """Reads a history, also while another process writes it (see `exporters.history.Reader`).

    Each question opens the file anew: nothing is shared between threads, or carried over a fork.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open():
            pass

    @property
    def timezone(self) -> str:
        """The timezone whose civil days the history keeps."""
        with self._open() as (_, calendar):
            return calendar.name

    def series(self, metric: str | None = None, target: str | None = None) -> list[Known]:
        """The series that the history holds, sorted by `unique_id`.

        `first` is the start of the first civil day with a value; `last` is the last value's instant while its
        hour is not rolled up yet, else the start of its hour, else of its day (UTC epoch seconds).
        """
        from exporters.history.reading import known  # noqa: PLC0415 - see `read`

        with self._open() as (connection, calendar):
            return known(connection, calendar, metric, target)

    def read(
        self,
        unique_ids: Iterable[str],
        start: float | None = None,
        end: float | None = None,
        resolution: Resolution = "day",
    ) -> pd.DataFrame:
        """Frame `unique_id, ds, y`, sorted by both; series that the history does not hold are absent.

        `start` and `end` are UTC epoch seconds, both included: by day those of their civil days, by hour those
        of their civil hours. `ds` is a naive civil day for "day", the start of the civil hour for "hour", the
        instant of the value for "raw" (both aware, UTC). `y` is the last value of the day or hour.
        """
        from exporters.history.reading import read  # noqa: PLC0415 - a Writer need not pay for pandas

        with self._open() as (connection, calendar):
            return read(connection, calendar, list(unique_ids), start=start, end=end, resolution=resolution)

    def last(self, unique_ids: Iterable[str], start: float) -> dict[str, float]:
        """The last value of each series that has one since the civil day of `start` (UTC epoch seconds)."""
        last = self.read(unique_ids, start=start).groupby("unique_id")["y"].last()
        return {str(name): float(value) for name, value in last.items()}

    @contextlib.contextmanager
    def _open(self) -> Iterator[tuple[sqlite3.Connection, Calendar]]:
        connection = open_to_read(self.path)
        try:
            with explained(self.path, "read"):
                # One snapshot: a roll-up between two statements must not hide what it moves.
                connection.execute("BEGIN")
                yield connection, self._calendar(connection)
        finally:
            connection.close()

    def _calendar(self, connection: sqlite3.Connection) -> Calendar:
        try:
            return Calendar(str(setting(connection, "timezone")))
        except ValueError as error:
            raise HistoryError(f"{self.path} is damaged ({error}): restore it from a backup") from None
