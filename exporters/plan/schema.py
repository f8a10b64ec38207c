"""The tables of `plan.db`, and how the file is opened and brought up to date."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inventory import databases
from inventory.databases import Kind

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

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_FIRST, _SECOND, _LEDGER)
"""The statements that lead from each schema version to the next one. Only ever added to."""


KIND: Final = Kind("plan", APPLICATION, PlanError, unmarked=1)


def create(path: Path) -> None:
    """Make the file where there is none, for its owner alone. Raises PlanError."""
    with databases.explained(KIND, path, "write"):
        databases.create(path)


@contextlib.contextmanager
def open_plan(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file that is there, brought up to date; what was not committed is rolled back. Raises PlanError."""
    with databases.explained(KIND, path, "use"), contextlib.closing(databases.connect(path)) as db:
        databases.migrate(KIND, db, path, MIGRATIONS)
        db.row_factory = sqlite3.Row
        yield db
