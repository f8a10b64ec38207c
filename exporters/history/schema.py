"""The tables of `history.db`, and how the file is opened.

    series     id <-> target, metric, labels
    raw        3 days, clustered by hour then series: an hour is rolled up, or dropped, in one piece
    hour       90 days, clustered by day then series, the last value of each civil hour
    day        10 years, clustered by series, the last value of each civil day
    dirty_*    hours and days whose finer rows changed since they were last rolled up

Readers lay the finer rows of what is dirty over the rolled-up ones, so that they see the last committed
value without waiting for a roll-up, and a roll-up that was killed midway leaves nothing wrong.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from exporters.history import HistoryError

VERSION: Final = 1
APPLICATION: Final = 0x4A617567
"""`PRAGMA application_id` of a history: "Jaug" in ASCII."""

_BUSY_SECONDS: Final = 5.0

_TABLES: Final = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE series (
    id INTEGER PRIMARY KEY, unique_id TEXT NOT NULL UNIQUE,
    target TEXT NOT NULL, metric TEXT NOT NULL, labels TEXT NOT NULL
);
CREATE INDEX series_by_target ON series (target, metric);
CREATE TABLE raw (
    hour INTEGER, series INTEGER, at INTEGER, value REAL NOT NULL, PRIMARY KEY (hour, series, at)
) WITHOUT ROWID;
CREATE TABLE hour (
    day INTEGER, series INTEGER, hour INTEGER, value REAL NOT NULL, PRIMARY KEY (day, series, hour)
) WITHOUT ROWID;
CREATE TABLE day (
    series INTEGER, day INTEGER, value REAL NOT NULL, imported INTEGER NOT NULL, PRIMARY KEY (series, day)
) WITHOUT ROWID;
CREATE TABLE dirty_hour (hour INTEGER PRIMARY KEY, day INTEGER NOT NULL);
CREATE TABLE dirty_day (day INTEGER PRIMARY KEY);
"""


@contextlib.contextmanager
def explained(path: Path, doing: str) -> Iterator[None]:
    """Turn what SQLite and the system say into a HistoryError: which file, why, what to do."""
    try:
        yield
    except (sqlite3.Error, OSError, OverflowError, ValueError, MemoryError) as error:
        raise HistoryError(f"cannot {doing} {path}: {_why(error)}") from error


def _why(error: Exception) -> str:
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    advice = {
        sqlite3.SQLITE_FULL: "free space on this disk; nothing that was acknowledged is lost",
        sqlite3.SQLITE_IOERR: "look at the disk (space, quota, health); nothing that was acknowledged is lost",
        sqlite3.SQLITE_CORRUPT: "the file is damaged; restore it from a backup",
        sqlite3.SQLITE_NOTADB: "the file is damaged, or is not a history; restore it from a backup",
        sqlite3.SQLITE_CANTOPEN: "look at the directory and its rights",
        sqlite3.SQLITE_READONLY: "look at the rights of the file and of its directory",
        sqlite3.SQLITE_BUSY: "another process holds it; try again",
    }.get(primary if primary is not None else -1)
    return f"{text}; {advice}" if advice else text


def open_to_write(path: Path, timezone: str) -> sqlite3.Connection:
    """Open a history, made anew where there is none. Raises HistoryError with words."""
    with explained(path, "open"):
        # Made by us first: SQLite would give it the mode of the umask, and -wal and -shm take its mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    try:
        with explained(path, "open"):
            if _is_empty(connection):
                _create(connection, timezone)
            _check(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_size_limit = 67108864")
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a history that somebody else may be writing. Raises HistoryError with words."""
    if not path.is_file():
        raise HistoryError(f"there is no history at {path}: `jauge run` makes it, or `jauge history import`")
    with explained(path, "open"):
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        with explained(path, "open"):
            _check(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()


def _create(connection: sqlite3.Connection, timezone: str) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # One transaction: a process killed here leaves an empty file, which the next one fills.
    connection.executescript(f"""BEGIN IMMEDIATE; {_TABLES}
        PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};""")
    connection.execute("INSERT INTO setting VALUES ('timezone', ?)", (timezone,))
    connection.execute("COMMIT")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise HistoryError(
            f"{path} is not a history of Jauge, or is damaged: give another file, or restore it"
        )
    if version > VERSION:
        raise HistoryError(
            f"{path} was written by a newer Jauge (schema {version}, this program knows {VERSION}): "
            "update the program, or restore the file that was kept before the update"
        )
    if version != VERSION:
        raise HistoryError(
            f"{path} has schema {version}, which no Jauge ever wrote: it is damaged, restore it"
        )


def setting(connection: sqlite3.Connection, name: str) -> Any:
    """A value of the table of settings, or None."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None
