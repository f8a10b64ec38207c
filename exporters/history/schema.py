"""The tables of `history.db`, and how the file is opened.

    series     id <-> target, metric, labels; sixteen ids in a row are a shelf, and of one metric
    raw        3 days: batches, clustered by hour, group and order of writing
    hour       90 days: blocks of the last value of each civil hour, clustered by shelf
    day        10 years: blocks of the last value of each civil day, clustered by shelf
    span       first and last day of the series of a shelf
    setting    the timezone, since when finer values are kept, which ids are given, and what is dirty: the hours and
               days whose finer values changed since they were last rolled up
    damaged    what was found not to be as it was written, taken out of the way

Each row bears a checksum (see `blocks`). Readers lay the finer values of what is dirty over the rolled-up ones, so
that they see the last committed value without waiting for a roll-up, and a roll-up that was killed midway leaves
nothing wrong.
"""

from __future__ import annotations

import contextlib
import functools
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from exporters.history import HistoryError
from exporters.history.blocks import DamagedError, Mark, checksum, seal, unseal
from inventory import databases
from inventory.databases import Kind, Step
from inventory.metrics import Labels

APPLICATION: Final = 0x4A617567
"""`PRAGMA application_id` of a history: "Jaug" in ASCII."""

KIND: Final = Kind("history", APPLICATION, HistoryError)

ROWS: Final = (
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    """CREATE TABLE series (
        id INTEGER PRIMARY KEY, unique_id TEXT NOT NULL UNIQUE,
        target TEXT NOT NULL, metric TEXT NOT NULL, labels TEXT NOT NULL
    )""",
    "CREATE INDEX series_by_target ON series (target, metric)",
    """CREATE TABLE raw (
        hour INTEGER, series INTEGER, at INTEGER, value REAL NOT NULL, PRIMARY KEY (hour, series, at)
    ) WITHOUT ROWID""",
    """CREATE TABLE hour (
        day INTEGER, series INTEGER, hour INTEGER, value REAL NOT NULL, PRIMARY KEY (day, series, hour)
    ) WITHOUT ROWID""",
    """CREATE TABLE day (
        series INTEGER, day INTEGER, value REAL NOT NULL, imported INTEGER NOT NULL, PRIMARY KEY (series, day)
    ) WITHOUT ROWID""",
    "CREATE TABLE dirty_hour (hour INTEGER PRIMARY KEY, day INTEGER NOT NULL)",
    "CREATE TABLE dirty_day (day INTEGER PRIMARY KEY)",
)

BLOCKS: Final = (
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    """CREATE TABLE series (
        id INTEGER PRIMARY KEY, unique_id TEXT NOT NULL UNIQUE,
        target TEXT NOT NULL, metric TEXT NOT NULL, labels TEXT NOT NULL, crc INTEGER NOT NULL
    )""",
    "CREATE INDEX series_of_target ON series (target, metric)",
    "CREATE TABLE raw (id INTEGER PRIMARY KEY, block BLOB NOT NULL)",
    "CREATE TABLE hour (id INTEGER PRIMARY KEY, block BLOB NOT NULL)",
    "CREATE TABLE day (id INTEGER PRIMARY KEY, block BLOB NOT NULL)",
    "CREATE TABLE span (id INTEGER PRIMARY KEY, block BLOB NOT NULL)",
    "CREATE TABLE damaged (source TEXT NOT NULL, key INTEGER NOT NULL, found REAL NOT NULL, block)",
)

INDEXED: Final = ("CREATE INDEX series_of_metric ON series (metric)",)
"""Pages ask by metric, and mostly for one that nobody has: without it each question reads the names of all series."""


def migrations(timezone: str) -> tuple[tuple[Step, ...], ...]:
    """The steps from each schema version to the next one. A new file keeps the civil days of `timezone`."""
    return (ROWS, (_upgrade, functools.partial(_begin, timezone)), INDEXED)


VERSION: Final = 3

CHECKSUMS: Final = 2
"""The first version whose rows bear checksums."""

_REMEMBERED: Final = 32_768
"""Rows of `series` that a process remembers to have looked at: they never change, and are asked for again every minute."""


@functools.cache
def _as_new() -> databases.Built:
    return databases.built(migrations("Etc/UTC"))


def _upgrade(connection: sqlite3.Connection) -> None:
    from exporters.history.upgrading import to_blocks  # noqa: PLC0415 - needed once in the life of a file

    to_blocks(connection)


def _begin(timezone: str, connection: sqlite3.Connection) -> None:
    if setting(connection, "timezone") is None:
        put_setting(connection, "timezone", timezone)
        put_marks(connection, "hour", ())
        put_marks(connection, "day", ())


@contextlib.contextmanager
def explained(path: Path, doing: str) -> Iterator[None]:
    """Turn what SQLite and the system say into a HistoryError: which file, why, what to do."""
    try:
        with databases.explained(KIND, path, doing):
            yield
    except DamagedError as error:
        raise HistoryError(f"cannot {doing} {path}: {error} is damaged; restore it from a backup") from error
    except (OSError, OverflowError, ValueError, MemoryError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        raise HistoryError(f"cannot {doing} {path}: {why}") from error


def open_to_write(path: Path, timezone: str) -> sqlite3.Connection:
    """Open a history, made anew where there is none, brought up to date. Raises HistoryError with words."""
    with explained(path, "open"):
        databases.create(path)
        connection = _connect(path, read_only=False)
    try:
        with explained(path, "open"):
            databases.migrate(KIND, connection, path, migrations(timezone))
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA journal_size_limit = 67108864")
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path, *, any_schema: bool = False) -> sqlite3.Connection:
    """Open a history that somebody else may be writing. Raises HistoryError with words, also for an older schema."""
    with explained(path, "open"):
        if not path.is_file():
            raise HistoryError(
                f"there is no history at {path}: `jauge run` makes it, or `jauge history import`"
            )
        connection = _connect(path, read_only=True)
    try:
        with explained(path, "open"):
            found = databases.version(KIND, connection, path, VERSION)
            if found == VERSION:
                databases.expect(KIND, connection, path, _as_new())
    except BaseException:
        connection.close()
        raise
    if found != VERSION and not any_schema:
        connection.close()
        raise HistoryError(
            f"{path} has schema {found}, this program reads {VERSION}: `jauge run` brings it up to date"
        )
    return connection


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    connection = databases.connect(path, read_only=read_only, one_thread=read_only)
    # A flipped byte may leave no UTF-8: the checksum tells, and the other rows can be read.
    connection.text_factory = lambda data: str(data, "utf-8", "replace")
    return connection


# --- settings -----------------------------------------------------------------------------------------------


def setting(connection: sqlite3.Connection, name: str) -> Any:
    """A value of the table of settings, or None. Raises DamagedError."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return json.loads(_opened(name, row[0])) if row else None


def put_setting(connection: sqlite3.Connection, name: str, value: Any) -> None:
    """Give a setting, anything that JSON can say."""
    _put(connection, name, json.dumps(value).encode())


def _opened(name: str, sealed: object) -> bytes:
    try:
        return unseal("setting", zlib.crc32(name.encode()), sealed)
    except DamagedError:
        raise DamagedError(f"its setting {name!r}") from None


def _put(connection: sqlite3.Connection, name: str, payload: bytes) -> None:
    row = (name, seal("setting", zlib.crc32(name.encode()), payload))
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", row)


Rolled = Literal["hour", "day"]


def marks(connection: sqlite3.Connection, table: Rolled) -> set[Mark] | None:
    """What is dirty; None where nobody can tell any more, and everything has to be taken for it."""
    name = f"dirty {table}"
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    try:
        packed = np.frombuffer(_opened(name, row and row[0]), "<u8")
    except DamagedError:
        return None
    return {Mark(one >> 16, one & 0xFFFF) for one in packed.tolist()}


def put_marks(connection: sqlite3.Connection, table: Rolled, found: Iterable[Mark]) -> None:
    """Say what is dirty."""
    packed = np.array(sorted(mark.place << 16 | mark.group for mark in found), "<u8")
    _put(connection, f"dirty {table}", packed.tobytes())


# --- series -------------------------------------------------------------------------------------------------


def series_crc(series: int, name: str, target: str, metric: str, labels: str) -> int:
    """The checksum of a row of `series`. Raises DamagedError where it holds what no row of ours does."""
    if not all(isinstance(text, str) for text in (name, target, metric, labels)):
        raise DamagedError(f"series {series}")
    return checksum("series", series, "\0\0".join((name, target, metric, labels)).encode())


@functools.lru_cache(_REMEMBERED)
def is_whole(row: tuple[Any, ...]) -> bool:
    """Whether a row (id, unique_id, target, metric, labels, crc) is as it was written."""
    try:
        return isinstance(row[0], int) and series_crc(*row[:5]) == row[5]
    except DamagedError:
        return False


@functools.lru_cache(_REMEMBERED)
def labels_of(text: str) -> Labels:
    """The labels of a row of `series`."""
    return tuple((name, value) for name, value in json.loads(text))
