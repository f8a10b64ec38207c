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


NIGHTLY: Final = 400
"""Days for which every frozen night is kept: all of it has come due by then. Of older ones, one a week stays."""


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

# A frozen night is never changed. It is replaced as long as nothing of it can have come due (the planner ran twice on
# one day), and when all of it has been scored for long, one night a week stays. `INSERT OR REPLACE` fires no trigger for
# what it deletes, so what is there already is refused before.
_LEDGER: Final = (
    """CREATE TABLE ledger_series (
        id INTEGER PRIMARY KEY, unique_id TEXT NOT NULL, target TEXT NOT NULL, metric TEXT NOT NULL, labels TEXT NOT NULL
    )""",
    "CREATE INDEX ledger_series_by_name ON ledger_series (unique_id)",
    """CREATE TABLE frozen (
        day INTEGER PRIMARY KEY, at REAL NOT NULL, stores INTEGER NOT NULL, block BLOB NOT NULL, crc INTEGER NOT NULL
    )""",
    """CREATE TABLE scored (
        day INTEGER NOT NULL, horizon INTEGER NOT NULL, at REAL NOT NULL, fault TEXT,
        block BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (day, horizon)
    ) WITHOUT ROWID""",
    """CREATE TRIGGER frozen_is_not_changed BEFORE UPDATE ON frozen
        BEGIN SELECT RAISE(ABORT, 'a forecast that was issued is not changed'); END""",
    """CREATE TRIGGER frozen_is_not_made_up BEFORE INSERT ON frozen
        WHEN EXISTS (SELECT 1 FROM frozen WHERE day >= NEW.day)
        BEGIN SELECT RAISE(ABORT, 'a forecast is not issued for a day that is past'); END""",
    """CREATE TRIGGER frozen_is_not_deleted BEFORE DELETE ON frozen
        WHEN (OLD.day < (SELECT max(day) FROM frozen) OR EXISTS (SELECT 1 FROM scored WHERE scored.day = OLD.day))
            AND NOT (OLD.day < (SELECT max(day) FROM frozen) - 400
                AND EXISTS (SELECT 1 FROM frozen WHERE frozen.day / 7 = OLD.day / 7 AND frozen.day < OLD.day)
                AND (SELECT count(*) FROM scored WHERE scored.day = OLD.day) >= 5)
        BEGIN SELECT RAISE(ABORT, 'a forecast that was issued is not deleted'); END""",
    """CREATE TRIGGER scored_is_not_changed BEFORE UPDATE ON scored
        BEGIN SELECT RAISE(ABORT, 'a forecast is scored once'); END""",
    """CREATE TRIGGER scored_is_not_replaced BEFORE INSERT ON scored
        WHEN EXISTS (SELECT 1 FROM scored WHERE scored.day = NEW.day AND scored.horizon = NEW.horizon)
        BEGIN SELECT RAISE(ABORT, 'a forecast is scored once'); END""",
    """CREATE TRIGGER scored_is_not_deleted BEFORE DELETE ON scored
        WHEN NOT (OLD.day < (SELECT max(day) FROM frozen) - 400
            AND EXISTS (SELECT 1 FROM scored WHERE scored.day / 7 = OLD.day / 7 AND scored.day < OLD.day))
        BEGIN SELECT RAISE(ABORT, 'a score is not deleted'); END""",
    # What follows is counted from the blocks while they are scored, so that nobody has to unpack them to ask.
    """CREATE TABLE tally (
        day INTEGER NOT NULL, horizon INTEGER NOT NULL, quantity TEXT NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL,
        age TEXT NOT NULL, event INTEGER NOT NULL, due INTEGER NOT NULL, scored INTEGER NOT NULL,
        in80 INTEGER NOT NULL, in95 INTEGER NOT NULL, above INTEGER NOT NULL, below INTEGER NOT NULL,
        share REAL NOT NULL, shares INTEGER NOT NULL, moves REAL NOT NULL, moved INTEGER NOT NULL,
        pinball REAL NOT NULL, judged INTEGER NOT NULL, crossed INTEGER NOT NULL, alarms INTEGER NOT NULL,
        missed INTEGER NOT NULL, false INTEGER NOT NULL, days REAL NOT NULL,
        PRIMARY KEY (day, horizon, quantity, kind, role, age, event)
    ) WITHOUT ROWID""",
    """CREATE TABLE standing (
        series INTEGER NOT NULL, horizon INTEGER NOT NULL, due INTEGER NOT NULL, scored INTEGER NOT NULL,
        in80 INTEGER NOT NULL, in95 INTEGER NOT NULL, PRIMARY KEY (series, horizon)
    ) WITHOUT ROWID""",
    """CREATE TABLE miss (
        series INTEGER NOT NULL, horizon INTEGER NOT NULL, which TEXT NOT NULL, day INTEGER NOT NULL,
        due INTEGER NOT NULL, level REAL NOT NULL, mean REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
        came REAL NOT NULL, size REAL NOT NULL, state INTEGER NOT NULL, jump REAL NOT NULL, jumped INTEGER NOT NULL,
        PRIMARY KEY (series, horizon, which)
    ) WITHOUT ROWID""",
    """CREATE TABLE correction (
        day INTEGER NOT NULL, quantity TEXT NOT NULL, kind TEXT NOT NULL, horizon INTEGER NOT NULL,
        lo80 REAL NOT NULL, hi80 REAL NOT NULL, lo95 REAL NOT NULL, hi95 REAL NOT NULL,
        PRIMARY KEY (day, quantity, kind, horizon)
    ) WITHOUT ROWID""",
)

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_FIRST, _LEDGER)
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
