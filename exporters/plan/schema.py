"""The tables of `plan.db`, and how the file is opened and brought up to date."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

BUSY: Final = 30.0
"""Seconds to wait for another process that writes."""

APPLICATION: Final = 0x4A617570
"""`PRAGMA application_id` of a plan: "Jaup" in ASCII."""


class PlanError(Exception):
    """The file cannot be opened, read or written: the message says which, why, and what to do."""


_FIRST: Final = (
    "CREATE TABLE issue (id INTEGER PRIMARY KEY, at REAL NOT NULL UNIQUE)",
    """CREATE TABLE outlook (
        issue INTEGER NOT NULL REFERENCES issue, unique_id TEXT NOT NULL, target TEXT NOT NULL,
        metric TEXT NOT NULL, labels TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, used REAL NOT NULL,
        capacity REAL, rate REAL, dates TEXT NOT NULL, reasons TEXT NOT NULL, events TEXT NOT NULL,
        figures TEXT NOT NULL, path BLOB, PRIMARY KEY (issue, unique_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX outlook_target ON outlook (issue, target)",
)

_SECOND: Final = (
    "ALTER TABLE issue ADD COLUMN day TEXT",
    "ALTER TABLE issue ADD COLUMN whole INTEGER NOT NULL DEFAULT 1",
    "CREATE UNIQUE INDEX issue_day ON issue (day)",
    "ALTER TABLE outlook ADD COLUMN quantity TEXT NOT NULL DEFAULT 'storage'",
    "ALTER TABLE outlook ADD COLUMN unit TEXT NOT NULL DEFAULT 'bytes'",
    "ALTER TABLE outlook ADD COLUMN room REAL",  # `limit` is a word of SQL
    "ALTER TABLE outlook ADD COLUMN rules TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE outlook ADD COLUMN extensions TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE outlook ADD COLUMN ordered TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE outlook ADD COLUMN chances TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE outlook ADD COLUMN order_by TEXT",
    "ALTER TABLE outlook ADD COLUMN cause TEXT NOT NULL DEFAULT ''",
)

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_FIRST, _SECOND)
"""The statements that lead from each schema version to the next one. Only ever added to."""


def create(path: Path) -> None:
    """Make the file where there is none, for its owner alone. Raises PlanError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise PlanError(
            f"{path}: cannot be written ({error.strerror}): check the folder given by --data"
        ) from error


@contextlib.contextmanager
def open_plan(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file that is there, brought up to date; what was not committed is rolled back. Raises PlanError."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            _prepare(db, path)
            yield db
    except sqlite3.Error as error:
        raise PlanError(f"{path}: {error}; is it a plan.db, and is the disk not full?") from error


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise PlanError(
            f"{path}: is of version {version}, this program knows {len(MIGRATIONS)}: use the program that wrote it"
        )
    db.execute("PRAGMA synchronous = FULL")
    if version < len(MIGRATIONS):
        _migrate(db)


def _migrate(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    (version,) = db.execute("PRAGMA user_version").fetchone()  # again: another process may have been faster
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    db.execute("COMMIT")
