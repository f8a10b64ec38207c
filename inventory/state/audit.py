"""The audit log: who did what, when, from where. Rows are only added, and each holds the hash of the one before.

The chain shows a row that was changed, removed or put in between. It does not stop somebody who may write
the file from making the whole chain anew: for that, copy the last hash (`last`) elsewhere from time to time.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from typing import Final, NamedTuple

from inventory.state import State

START: Final = "0" * 64
"""What stands for the hash before the first row."""

_LENGTH: Final = 500


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
    row = (number, time.time(), _clean(who), _clean(action), _clean(detail), _clean(source), previous)
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


def last(state: State) -> str:
    """The hash of the newest row, to be kept somewhere else."""
    newest = entries(state, 1)
    return newest[0].hash if newest else START


def verify(state: State) -> Break | None:
    """The first place where the chain does not hold, or None."""
    number, previous = 0, START
    with state.read() as connection:
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
        counted = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
    if counted is not None and counted[0] != number:
        return Break(number + 1, f"entries {number + 1} to {counted[0]} are missing")
    return None


def _hash(row: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps(row, ensure_ascii=True).encode()).hexdigest()


def _clean(text: str) -> str:
    """Bounded, on one line, and valid UTF-8: part of it comes from whoever asks."""
    plain = "".join(char if char.isprintable() else "�" for char in text[:_LENGTH])
    return plain.encode("utf-8", "replace").decode()
