"""The tables of `state.db`, and how an older file is brought up to date."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from inventory import databases
from inventory.databases import Kind, Step
from inventory.state import spans

APPLICATION: Final = 0x4A617573
"""`PRAGMA application_id` of a state: "Jaus" in ASCII."""


class StateError(Exception):
    """The state cannot be opened, read or written: the message says which file, why, and what to do."""


_FIRST: Final = (
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE user (
        name TEXT PRIMARY KEY COLLATE NOCASE,
        role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'manager', 'admin')),
        password TEXT NOT NULL,
        created REAL NOT NULL
    ) WITHOUT ROWID""",
    # Names that nobody bears are counted too: whether a name is delayed must not tell whether it exists.
    """CREATE TABLE attempt (
        name TEXT PRIMARY KEY, failures INTEGER NOT NULL, last REAL NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE session (
        digest BLOB PRIMARY KEY,
        user TEXT NOT NULL COLLATE NOCASE REFERENCES user (name) ON DELETE CASCADE,
        created REAL NOT NULL, seen REAL NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX session_by_user ON session (user)",
    # AUTOINCREMENT keeps the last number apart from the rows, so that a cut tail shows.
    """CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL, source TEXT NOT NULL,
        previous TEXT NOT NULL, hash TEXT NOT NULL
    )""",
    """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TABLE snapshot (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL, kind TEXT NOT NULL, file TEXT NOT NULL, who TEXT NOT NULL
    )""",
    """CREATE TABLE workstation (
        snapshot INTEGER NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,
        key TEXT NOT NULL, row TEXT NOT NULL, PRIMARY KEY (snapshot, key)
    ) WITHOUT ROWID""",
)

_RESTORES: Final = (
    """CREATE TABLE restore_test (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL, target TEXT NOT NULL, what TEXT NOT NULL, job TEXT NOT NULL, point REAL NOT NULL,
        seconds REAL NOT NULL CHECK (seconds > 0), result TEXT NOT NULL CHECK (result IN ('ok', 'partial', 'failed')),
        evidence TEXT NOT NULL CHECK (evidence != ''), who TEXT NOT NULL, noted REAL NOT NULL
    )""",
    "CREATE INDEX restore_test_by_target ON restore_test (target)",
    """CREATE TRIGGER restore_test_is_not_changed BEFORE UPDATE ON restore_test
        BEGIN SELECT RAISE(ABORT, 'the ledger of restore tests is append-only'); END""",
    """CREATE TRIGGER restore_test_is_not_deleted BEFORE DELETE ON restore_test
        BEGIN SELECT RAISE(ABORT, 'the ledger of restore tests is append-only'); END""",
)

_SCENARIOS: Final = (
    # A scenario that is saved again is another row: what was decided goes on meaning what was read then.
    """CREATE TABLE scenario (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL CHECK (name != ''), title TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL, who TEXT NOT NULL
    )""",
    "CREATE INDEX scenario_by_name ON scenario (name)",
    """CREATE TABLE scenario_decision (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        scenario INTEGER NOT NULL REFERENCES scenario (id), action TEXT NOT NULL CHECK (action IN ('committed', 'withdrawn')),
        at REAL NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL CHECK (why != '')
    )""",
    "CREATE INDEX scenario_decision_by_scenario ON scenario_decision (scenario)",
    """CREATE TABLE scenario_expected (
        decision INTEGER NOT NULL REFERENCES scenario_decision (id), unique_id TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (decision, unique_id)
    ) WITHOUT ROWID""",
    *(
        f"""CREATE TRIGGER {table}_is_not_{done} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, 'scenarios and what was decided of them are append-only'); END"""
        for table in ("scenario", "scenario_decision", "scenario_expected")
        for verb, done in (("UPDATE", "changed"), ("DELETE", "deleted"))
    ),
)

_RESTORED: Final = ("ALTER TABLE restore_test ADD COLUMN bytes REAL CHECK (bytes > 0)",)

_SPANS: Final[tuple[Step, ...]] = (
    # A workstation as it stands since a snapshot, and until the one that did not have it any more.
    """CREATE TABLE workstation_now (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL, since INTEGER NOT NULL REFERENCES snapshot (id), until INTEGER REFERENCES snapshot (id),
        row TEXT NOT NULL, seen TEXT
    )""",
    "CREATE UNIQUE INDEX workstation_now_by_key ON workstation_now (key) WHERE until IS NULL",
    "CREATE INDEX workstation_gone_by_key ON workstation_now (key) WHERE until IS NOT NULL",
    # What was otherwise before: the fields that differ from what came next, null where one was not known.
    """CREATE TABLE workstation_before (
        workstation INTEGER NOT NULL REFERENCES workstation_now (id), since INTEGER NOT NULL REFERENCES snapshot (id),
        until INTEGER NOT NULL REFERENCES snapshot (id), fields TEXT NOT NULL, PRIMARY KEY (workstation, since)
    ) WITHOUT ROWID""",
    spans.fill,
    "DROP TABLE workstation",
)

_MEASURES: Final = (
    """CREATE TABLE measure (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        machine TEXT NOT NULL CHECK (machine != ''), name TEXT NOT NULL, text TEXT NOT NULL CHECK (text != ''),
        who TEXT NOT NULL CHECK (who != ''), since TEXT NOT NULL, until TEXT, noted REAL NOT NULL
    )""",
    """CREATE TABLE measure_end (
        measure INTEGER PRIMARY KEY REFERENCES measure (id), day TEXT NOT NULL, who TEXT NOT NULL,
        why TEXT NOT NULL CHECK (why != ''), noted REAL NOT NULL
    )""",
    *(
        f"""CREATE TRIGGER {table}_is_not_{done} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, 'compensating measures are append-only'); END"""
        for table in ("measure", "measure_end")
        for verb, done in (("UPDATE", "changed"), ("DELETE", "deleted"))
    ),
)

_KEPT_SO_LONG: Final = (
    # What of the audit log was cut for its age: up to which entry, and the hash of that one, from which the chain goes on.
    """CREATE TABLE audit_cut (
        upto INTEGER PRIMARY KEY, hash TEXT NOT NULL, at REAL NOT NULL
    )""",
    # 180 days: whatever a setting says, nothing that is younger than six months is ever cut.
    """CREATE TRIGGER audit_cut_is_of_old_entries BEFORE INSERT ON audit_cut
        WHEN NOT EXISTS (SELECT 1 FROM audit WHERE id = NEW.upto AND hash = NEW.hash AND at < NEW.at - 15552000)
        BEGIN SELECT RAISE(ABORT, 'only what is older than six months is cut from the audit log'); END""",
    """CREATE TRIGGER audit_cut_is_not_changed BEFORE UPDATE ON audit_cut
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_cut_is_not_deleted BEFORE DELETE ON audit_cut
        WHEN OLD.upto = (SELECT max(upto) FROM audit_cut)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "DROP TRIGGER audit_is_not_deleted",
    """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
        WHEN OLD.id > (SELECT coalesce(max(upto), 0) FROM audit_cut)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    # Who was erased, as keyed pseudonyms: an import or an older copy does not bring them back.
    "CREATE TABLE erasure (pseudonym TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
)

# An import that only completes another says nothing of the machines that it does not name.
_PARTS: Final = ("ALTER TABLE snapshot ADD COLUMN part INTEGER NOT NULL DEFAULT 0 CHECK (part IN (0, 1))",)

_FAILURES: Final = (
    # Whether an import could say of a machine that it failed: one without a state, or without a word for it, never does.
    "ALTER TABLE snapshot ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures IN (0, 1))",
    # Of older imports what they said is known alone: in use and retired is all that a directory of accounts says.
    """UPDATE snapshot SET failures = EXISTS (
        SELECT 1 FROM workstation_now WHERE json_extract(row, '$.state') IN ('failed', 'repair', 'stock')
        UNION ALL SELECT 1 FROM workstation_before WHERE json_extract(fields, '$.state') IN ('failed', 'repair', 'stock'))""",
)

_CORRECTED: Final = (
    "ALTER TABLE restore_test ADD COLUMN remark TEXT NOT NULL DEFAULT ''",
    # A test that was told wrongly stays; that it does not count, and what stands in its place, is a row of its own.
    """CREATE TABLE restore_test_correction (
        test INTEGER PRIMARY KEY REFERENCES restore_test (id), replaced_by INTEGER REFERENCES restore_test (id),
        at REAL NOT NULL, who TEXT NOT NULL CHECK (who != ''), why TEXT NOT NULL CHECK (why != '')
    )""",
    *(
        f"""CREATE TRIGGER restore_test_correction_is_not_{done} BEFORE {verb} ON restore_test_correction
        BEGIN SELECT RAISE(ABORT, 'the ledger of restore tests is append-only'); END"""
        for verb, done in (("UPDATE", "changed"), ("DELETE", "deleted"))
    ),
)

# Where a user is known: here, or elsewhere, for as long as a session of theirs lasts, under the name that is told there.
_ELSEWHERE: Final = (
    "ALTER TABLE user ADD COLUMN origin TEXT NOT NULL DEFAULT 'local' CHECK (origin IN ('local', 'oidc', 'ldap'))",
    "ALTER TABLE user ADD COLUMN subject TEXT NOT NULL DEFAULT ''",
)

# Views of users: `owner` is an account, here or elsewhere (see `views`).
_VIEWS: Final = (
    """CREATE TABLE saved_view (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL, name TEXT NOT NULL CHECK (name != ''), path TEXT NOT NULL, query TEXT NOT NULL, seen REAL NOT NULL,
        UNIQUE (owner, name)
    )""",
)

# Tokens of users: `mark` names one without being of any use to log in, `until` is the last civil day on which it counts.
_TOKENS: Final = (
    """CREATE TABLE token (
        mark TEXT PRIMARY KEY, digest BLOB NOT NULL,
        user TEXT NOT NULL COLLATE NOCASE REFERENCES user (name) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'manager', 'admin')),
        name TEXT NOT NULL, until TEXT NOT NULL, created REAL NOT NULL, seen REAL
    ) WITHOUT ROWID""",
    "CREATE INDEX token_by_user ON token (user)",
)

_NOTICES: Final = (
    # Whom messages go to: `owner` is an account as for saved views, `estate:NAME` or `report:ADDRESS`. Role and `seen` are of who is
    # known elsewhere, whose user is gone with their session.
    """CREATE TABLE contact (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, address TEXT NOT NULL, kinds TEXT, language TEXT,
        seen REAL NOT NULL, error TEXT
    )""",
    # What needs somebody. `due` is the day that was told; `gone` since when it was not found any more.
    """CREATE TABLE notice (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL, subject TEXT NOT NULL, due TEXT, opened REAL NOT NULL, gone REAL, ended REAL
    )""",
    "CREATE UNIQUE INDEX notice_open ON notice (kind, subject) WHERE ended IS NULL",
    """CREATE TABLE notice_answer (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        notice INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
        action TEXT NOT NULL CHECK (action IN ('taken', 'silenced', 'released')),
        who TEXT NOT NULL CHECK (who != ''), why TEXT NOT NULL, until REAL, at REAL NOT NULL
    )""",
    "CREATE INDEX notice_answer_by_notice ON notice_answer (notice)",
    # A message, whole: what is sent again is the same to the byte. `claimed` is when its last byte was about to leave.
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        contact INTEGER NOT NULL REFERENCES contact (id) ON DELETE CASCADE,
        about TEXT NOT NULL, mark TEXT NOT NULL UNIQUE, content BLOB, made REAL NOT NULL, claimed REAL, sent REAL
    )""",
    "CREATE INDEX outbox_waiting ON outbox (contact) WHERE sent IS NULL",
    "CREATE UNIQUE INDEX outbox_report ON outbox (contact, about) WHERE about LIKE 'report %'",
    # That a notice stands in a message to somebody: once in each round, as one whose silence ended is told again.
    """CREATE TABLE told (
        contact INTEGER NOT NULL REFERENCES contact (id) ON DELETE CASCADE,
        notice INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
        round INTEGER NOT NULL, message INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
        PRIMARY KEY (contact, notice, round)
    ) WITHOUT ROWID""",
    "CREATE INDEX told_by_message ON told (message)",
)

# What the committee is asked, file by file, and each answer: the last one counts, and none is ever changed. `said` is by language;
# `who` is the person who decided, null for the committee itself.
_COMMITTEE: Final = (
    """CREATE TABLE committee_file (
        id INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL UNIQUE, since TEXT NOT NULL, made REAL NOT NULL
    )""",
    """CREATE TABLE committee_question (
        id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE, topic TEXT NOT NULL CHECK (topic != '')
    )""",
    """CREATE TABLE committee_asked (
        file INTEGER NOT NULL REFERENCES committee_file (id), question INTEGER NOT NULL REFERENCES committee_question (id),
        asked INTEGER NOT NULL CHECK (asked IN (0, 1)), said TEXT NOT NULL, due TEXT, cost REAL, PRIMARY KEY (file, question)
    ) WITHOUT ROWID""",
    """CREATE TABLE committee_answer (
        id INTEGER PRIMARY KEY AUTOINCREMENT, question INTEGER NOT NULL REFERENCES committee_question (id),
        outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'postponed')), day TEXT NOT NULL, until TEXT, who TEXT,
        why TEXT NOT NULL CHECK (why != ''), noted REAL NOT NULL, CHECK ((outcome = 'postponed') = (until IS NOT NULL))
    )""",
    "CREATE INDEX committee_answer_by_question ON committee_answer (question)",
    *(
        f"""CREATE TRIGGER {table}_is_not_{done} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, 'what the committee is asked and answers is append-only'); END"""
        for table in ("committee_file", "committee_question", "committee_asked", "committee_answer")
        for verb, done in (("UPDATE", "changed"), ("DELETE", "deleted"))
    ),
)

MIGRATIONS: Final[tuple[tuple[Step, ...], ...]] = (
    _FIRST,
    _RESTORES,
    _SCENARIOS,
    _RESTORED,
    _SPANS,
    _MEASURES,
    _KEPT_SO_LONG,
    _PARTS,
    _FAILURES,
    _CORRECTED,
    _ELSEWHERE,
    _VIEWS,
    _TOKENS,
    _NOTICES,
    _COMMITTEE,
)
"""The statements that lead from each schema version to the next one. Only ever added to."""


KIND: Final = Kind("state", APPLICATION, StateError)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a file to the newest schema, in one transaction. Raises StateError where it is not ours or newer."""
    databases.migrate(KIND, connection, path, MIGRATIONS)
