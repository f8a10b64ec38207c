"""The audit log: who did what, when, from where. Rows are only added, and each holds the hash of the one before.

The chain shows a row that was changed, removed or put in between. It does not stop somebody who may write
the file from making the whole chain anew: for that, copy the last hash (`last`) elsewhere from time to time.

What is older than it may be kept is cut as a whole, from the first row on: the hash of the last one that was cut is kept,
and told in the log itself, so that the chain holds from there. See docs/decisions/0020-retention-of-the-audit-log.md.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from typing import Final, NamedTuple

from inventory.harmless import line
from inventory.state import State

START: Final = "0" * 64
"""What stands for the hash before the first row."""

_LENGTH: Final = 500

LEAST: Final = 180 * 86_400.0
"""Seconds that a row is kept at least, whatever is asked (the file itself refuses less)."""

CUT: Final = "audit log cut"
"""What a cut is called in the log."""


class Entry(NamedTuple):
    """One row. `at` is UTC epoch seconds, `source` where it came from (an address, or "command line")."""

    id: int
    at: float
    who: str
    action: str
    detail: str
    source: str
    previous: str
    hash: str


class Break(NamedTuple):
    """Where the chain does not hold, and how that shows."""

    id: int
    reason: str


def record(connection: sqlite3.Connection, who: str, action: str, detail: str = "", source: str = "") -> None:
    """Add a row, in the transaction of what it tells about: both happen, or neither."""
    last = connection.execute("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    number, previous = (last[0] + 1, last[1]) if last else (1, START)
    # Part of it comes from whoever asks.
    texts = [line(text, _LENGTH) for text in (who, action, detail, source)]
    row = (number, time.time(), *texts, previous)
    connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, _hash(row)))


def note(state: State, who: str, action: str, detail: str = "", source: str = "") -> None:
    """Add a row about something that changes nothing else in the state."""
    with state.write() as connection:
        record(connection, who, action, detail, source)


def entries(state: State, limit: int = 200, before: int | None = None) -> list[Entry]:
    """The newest rows first; `before` gives the ones older than that number."""
    with state.read() as connection:
        rows = connection.execute(
            "SELECT * FROM audit WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2", (before, limit)
        )
        return [Entry(*row) for row in rows]


def newest(state: State, action: str) -> Entry | None:
    """The newest row of an action, however long ago; None where there is none."""
    with state.read() as connection:
        row = connection.execute(
            "SELECT * FROM audit WHERE action = ? ORDER BY id DESC LIMIT 1", (action,)
        ).fetchone()
    return Entry(*row) if row else None


def newest_change(state: State) -> int:
    """The number of the newest row that tells of a change, and not of who came or went; 0 where there is none."""
    with state.read() as connection:
        row = connection.execute(
            "SELECT id FROM audit WHERE action NOT GLOB 'log[io]*' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    return row[0] if row else 0


def last(state: State) -> str:
    """The hash of the newest row, to be kept somewhere else."""
    newest = entries(state, 1)
    return newest[0].hash if newest else START


def cut(state: State, keep: float, now: float | None = None, who: str = "retention") -> int:
    """Cut the rows that are older than `keep` seconds (`LEAST` where that is less), and give how many there were.

    Only a whole beginning is cut: up to the last old row before the first that is younger. Rows of a clock that was ahead of
    `now` go with the old ones that came after them. The cut itself is told in the log. All of it happens, or nothing.
    """
    moment = time.time() if now is None else now
    limit = moment - max(keep, LEAST)
    with state.write() as connection:
        row = connection.execute(
            """SELECT id, hash FROM audit WHERE at < ?1
            AND id < coalesce((SELECT min(id) FROM audit WHERE at BETWEEN ?1 AND ?2), 9223372036854775807)
            ORDER BY id DESC LIMIT 1""",
            (limit, moment),
        ).fetchone()
        if row is None:
            return 0
        connection.execute("INSERT INTO audit_cut VALUES (?, ?, ?)", (*row, moment))
        connection.execute("DELETE FROM audit_cut WHERE upto < ?", row[:1])
        record(connection, who, CUT, _told(*row))
        return connection.execute("DELETE FROM audit WHERE id <= ?", row[:1]).rowcount


def _told(upto: int, last_hash: str) -> str:
    return f"entries up to {upto}, the last of them {last_hash}"


def verify(state: State) -> Break | None:
    """The first place where the chain does not hold, or None."""
    with state.read() as connection:
        beginning = _beginning(connection)
        number, previous = beginning or (0, START)
        for row in connection.execute("SELECT * FROM audit ORDER BY id"):
            entry = Entry(*row)
            number += 1
            if entry.id != number:
                return Break(number, f"entry {number} is missing")
            if entry.previous != previous:
                return Break(number, f"entry {number} does not follow the one before")
            if entry.hash != _hash(row[:-1]):
                return Break(number, f"entry {number} was changed")
            previous = entry.hash
        if beginning and not _is_told(connection, *beginning):
            return Break(beginning[0], f"nothing tells that the entries up to {beginning[0]} were cut")
        counted = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
    if counted is not None and counted[0] != number:
        return Break(number + 1, f"entries {number + 1} to {counted[0]} are missing")
    return None


def _beginning(connection: sqlite3.Connection) -> tuple[int, str] | None:
    """The last row that was cut and its hash, or None where none was, or the file is older than that."""
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'audit_cut'").fetchone():
        return None
    row = connection.execute("SELECT upto, hash FROM audit_cut ORDER BY upto DESC LIMIT 1").fetchone()
    return (int(row[0]), str(row[1])) if row else None


def _is_told(connection: sqlite3.Connection, upto: int, last_hash: str) -> bool:
    told = "SELECT 1 FROM audit WHERE action = ? AND detail = ?"
    return connection.execute(told, (CUT, _told(upto, last_hash))).fetchone() is not None


def _hash(row: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps(row, ensure_ascii=True).encode()).hexdigest()
