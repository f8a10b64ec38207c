"""The embedded history: one file, one writer, any number of readers meanwhile."""

from __future__ import annotations

import collections
import contextlib
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from exporters.history import Daily, HistoryError, Known, Point, Resolution, reading, renaming, rolling
from exporters.history.blocks import FILL, GROUP, IMPORT, LATE, QUARTER, Columns, DamagedError, Mark
from exporters.history.days import HOUR, Calendar
from exporters.history.identifying import Ids, Key
from exporters.history.lock import Lock
from exporters.history.reading import Source
from exporters.history.refusing import AHEAD, Refusal, refusal_of
from exporters.history.schema import explained, open_to_read, open_to_write, setting
from exporters.history.storing import Bounds, add_raw, bounds, bring, by_shelf, soil
from inventory.logs import Logger
from inventory.metrics import Labels

if TYPE_CHECKING:
    import pandas as pd

log = Logger(__name__)


class Day(NamedTuple):
    """The last value of a civil day of the estate, `day` counted from 1970-01-01 (see `days.number`)."""

    target: str
    metric: str
    labels: Labels
    day: int
    value: float


class _Rows:
    """Values of series by number: the columns that `storing` takes."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.places: list[int] = []
        self.values: list[float] = []
        self.offsets: list[int] = []

    def add(self, series: int, place: int, value: float, offset: int = 0) -> None:
        self.ids.append(series)
        self.places.append(place)
        self.values.append(value)
        self.offsets.append(offset)

    def columns(self) -> Iterator[tuple[int, Columns]]:
        return by_shelf(self.ids, self.places, self.values) if self.ids else iter(())


class _Batch:
    """What a call of `append` keeps, and where."""

    def __init__(self) -> None:
        self.raw, self.hours, self.days = _Rows(), _Rows(), _Rows()
        self.dirty_hours: set[Mark] = set()
        self.dirty_days: set[Mark] = set()
        self.newest: dict[int, tuple[int, float]] = {}
        self.refused: collections.Counter[Refusal] = collections.Counter()


class Writer:
    """The one writer of a history (see `exporters.history.Appender`); its methods may be called from any thread.

    `timezone` is the estate's (IANA): daily rows are keyed by its civil day, so a file made with another one
    is refused. `refused` counts the points that were not stored, by reason; `damaged` the pieces of the file that were
    found not to be as they were written, and taken out of the way. Raises HistoryError where the file cannot be opened
    or another process writes it.
    """

    def __init__(self, path: Path, timezone: str, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.refused: collections.Counter[Refusal] = collections.Counter()
        self.damaged = 0
        self._clock = clock
        self._mutex = threading.RLock()
        self._ids: dict[Key, int] = {}
        self._newest: dict[int, tuple[int, float]] = {}  # of each series: milliseconds, value
        try:
            self.calendar = Calendar(timezone)
        except ValueError as error:
            raise HistoryError(f"cannot open {path}: {error}") from None
        self._lock = Lock(path.with_suffix(".lock"))
        try:
            self._connection = open_to_write(path, timezone)
            self._check_timezone(timezone)
            self._roller = rolling.Roller(self._connection, self.calendar)
            with explained(path, "open"):
                self.damaged = self._count_damaged()
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
                self._keep(batch)
            self._newest.update(batch.newest)
            self.refused += batch.refused

    def _keep(self, batch: _Batch) -> None:
        connection, raw, now = self._connection, batch.raw, self._clock()
        add_raw(connection, raw.ids, raw.places, raw.offsets, raw.values)
        # What comes after its hour was rolled up and erased fills a gap, and never replaces what was rolled up.
        for shelf, columns in batch.hours.columns():
            bring(connection, "hour", shelf, columns, FILL, now)
        for shelf, columns in batch.days.columns():
            bring(connection, "day", shelf, columns, LATE, now)
        soil(connection, "hour", batch.dirty_hours)
        soil(connection, "day", batch.dirty_days)

    def _sort(self, points: Sequence[Point], batch: _Batch, ids: Ids) -> None:
        """Where each point goes: raw, or coarser where its raw values are erased already, or nowhere."""
        now = self._clock()
        since = bounds(self._connection, rolling.oldest(self.calendar, now))
        for point in points:
            refusal = refusal_of(point, now + AHEAD) or self._place(point, since, batch, ids)
            if refusal:
                batch.refused[refusal] += 1

    def _place(self, point: Point, since: Bounds, batch: _Batch, ids: Ids) -> Refusal | None:
        hour, day = self.calendar.place(point.at)
        if day < since.day:
            return "too old"
        try:
            series = ids(point.target, point.metric, point.labels)
        except DamagedError:
            return "damaged"
        at, value = round(point.at * 1000), float(point.value)
        if hour < since.raw:
            rows, place = (batch.hours, hour // QUARTER) if day >= since.hour else (batch.days, day)
            rows.add(series, place, value)
            if day >= since.hour:
                batch.dirty_days.add(Mark(day, series // GROUP))
            return None
        # A table that is carried over from one poll to the next brings its values again: they are there.
        if (batch.newest.get(series) or self._newest.get(series)) != (at, value):
            batch.newest[series] = (at, value)
            batch.raw.add(series, hour // QUARTER, value, at - hour * 1000)
            batch.dirty_hours.add(Mark(hour // QUARTER, series // GROUP))
            batch.dirty_days.add(Mark(day, series // GROUP))
        return None

    def now(self) -> float:
        """The clock by which the future is told (UTC epoch seconds)."""
        return self._clock()

    def keep_days(self, days: Iterable[Day]) -> int:
        """Keep past days from elsewhere (an import, a demo), all or nothing; the number of rows that changed.

        A day that Jauge measured itself stands, and so does a day that is too old to be kept. The values are
        finite and the days past: that is the caller's to check.
        """
        with self._mutex, self._transaction() as ids:
            oldest, rows = self.calendar.day(self._clock()) - rolling.KEPT_DAYS, _Rows()
            for day in days:
                if day.day >= oldest:
                    rows.add(ids(day.target, day.metric, day.labels), day.day, float(day.value))
            now = self._clock()
            return sum(
                bring(self._connection, "day", shelf, columns, IMPORT, now)
                for shelf, columns in rows.columns()
            )

    def rename(self, old: str, new: str) -> int:
        """Give the series of target `old` to `new`, all or nothing; the number of series that moved.

        Where both hold a value for the same time, that of `new` stands.
        """
        if old == new:
            return 0
        with self._mutex, self._transaction():
            moved = renaming.rename(self._connection, old, new, self._clock())
            self._ids.clear()
            self._newest.clear()
            return moved

    def roll(self, now: float | None = None, seconds: float = math.inf) -> bool:
        """Roll up and forget (see `rolling.roll`): False where `seconds` were not enough. Idempotent."""
        with self._mutex, explained(self.path, "roll up"):
            finished = self._roller.roll(self._clock() if now is None else now, seconds)
            self.damaged = self._count_damaged()
            return finished

    @property
    def newest(self) -> float | None:
        """The end of the newest hour that raw values are kept of (UTC epoch seconds); None where there are none. Raises HistoryError."""
        with self._mutex, explained(self.path, "read"):
            (key,) = self._connection.execute("SELECT max(id) FROM raw").fetchone()
        return None if key is None else float((key >> 40) * QUARTER + HOUR)

    def _count_damaged(self) -> int:
        count: int
        (count,) = self._connection.execute("SELECT count(*) FROM damaged").fetchone()
        count += len(self._roller.broken)
        if count > self.damaged:
            log.error(
                "history damaged: pieces are left out of every answer; `jauge history check` tells more",
                file=str(self.path),
                pieces=count,
            )
        return count

    def close(self) -> None:
        """Let go of the file and of its lock. What was appended is committed already."""
        with self._mutex:
            self._connection.close()
            self._lock.release()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Ids]:
        """One transaction, committed at its end; gives the function that names series by their id."""
        ids = Ids(self._connection, self._ids)
        with explained(self.path, "write"):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield ids
                ids.finish()
                self._connection.execute("COMMIT")
            except BaseException as error:
                self._undo(error)
                raise
        self._ids.update(ids.fresh)

    def _undo(self, error: BaseException) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                # Folds the write-ahead log into the file, which gives its space back to the next try.
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Reader:
    """Reads a history, also while another process writes it (see `exporters.history.Reader`).

    Each question opens the file anew: nothing is shared between threads, or carried over a fork. `damaged` counts
    what the last question left out because it is not as it was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0
        with self._open():
            pass

    @property
    def timezone(self) -> str:
        """The timezone whose civil days the history keeps."""
        with self._open() as source:
            return source.calendar.name

    def series(self, metric: str | None = None, target: str | None = None) -> list[Known]:
        """The series that the history holds, sorted by `unique_id`.

        `first` is the start of the first civil day with a value; `last` is the last value's instant while its
        hour is not rolled up yet, else the start of its hour, else of its day (UTC epoch seconds).
        """
        with self._open() as source:
            return reading.known(source, metric, target)

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
        with self._open() as source:
            return reading.read(source, unique_ids, start, end, resolution)

    def daily(self, unique_ids: Sequence[str], start: float | None = None, end: float | None = None) -> Daily:
        """Daily values as a matrix: a row for each of `unique_ids`, in their order, also where it is not held.

        `start` and `end` are UTC epoch seconds, both included, as in `read`; the days reach from the first to the last
        that any of the series has in that span, or may have.
        """
        with self._open() as source:
            return reading.daily(source, unique_ids, start, end)

    def last(self, unique_ids: Iterable[str], start: float, end: float | None = None) -> dict[str, float]:
        """The last value of each series that has one from the civil day of `start` to that of `end` (UTC epoch seconds)."""
        found = self.daily(list(dict.fromkeys(unique_ids)), start, end)
        held = ~np.isnan(found.values)
        row = np.flatnonzero(held.any(axis=1))
        newest = held.shape[1] - 1 - held[row, ::-1].argmax(axis=1)
        values = found.values[row, newest].tolist()
        return {found.unique_ids[one]: value for one, value in zip(row.tolist(), values, strict=True)}

    @contextlib.contextmanager
    def _open(self) -> Iterator[Source]:
        connection = open_to_read(self.path)
        try:
            with explained(self.path, "read"):
                # One snapshot: a roll-up between two statements must not hide what it moves.
                connection.execute("BEGIN")
                source = Source(connection, self._calendar(connection))
                yield source
        finally:
            connection.close()
        self._tell(source.lost)

    def _tell(self, lost: list[str]) -> None:
        """Say that what is damaged was left out of an answer."""
        self.damaged = len(lost)
        if lost:
            log.error(
                "history damaged: what cannot be trusted was left out; `jauge history check` tells all of it",
                file=str(self.path),
                pieces=len(lost),
                first=lost[0][:100],
            )

    def _calendar(self, connection: sqlite3.Connection) -> Calendar:
        try:
            return Calendar(str(setting(connection, "timezone")))
        except (ValueError, DamagedError) as error:
            raise HistoryError(f"{self.path} is damaged ({error}): restore it from a backup") from None
