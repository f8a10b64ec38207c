"""The audit log: rows are added only, and what is done to them shows."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
import tampering

from inventory.state import State, audit, open_state


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = open_state(tmp_path / "state.db")
    for number in range(5):
        audit.note(state, "ada", "import", f"file {number}", "10.0.0.1")
    return state


def tamper(state: State, *statements: str) -> None:
    """What somebody with the file and SQLite in their hands would do."""
    with tampering.unguarded(state.path) as plain:
        for statement in statements:
            plain.execute(statement)


def test_a_log_that_nobody_touched_holds(state: State) -> None:
    assert audit.verify(state) is None
    assert [entry.detail for entry in audit.entries(state, 2)] == ["file 4", "file 3"]
    assert [entry.id for entry in audit.entries(state, 2, before=4)] == [3, 2]
    assert audit.last(state) == audit.entries(state, 1)[0].hash


def test_an_empty_log_holds(tmp_path: Path) -> None:
    empty = open_state(tmp_path / "empty.db")
    assert audit.verify(empty) is None
    assert audit.last(empty) == "0" * 64


def test_each_row_holds_the_hash_of_the_one_before_as_anybody_can_recompute(state: State) -> None:
    with sqlite3.connect(state.path) as plain:
        rows = plain.execute(
            "SELECT id, at, who, action, detail, source, previous, hash FROM audit ORDER BY id"
        ).fetchall()
    previous = "0" * 64
    for row in rows:
        assert row[6] == previous
        previous = hashlib.sha256(json.dumps(list(row[:7])).encode()).hexdigest()
        assert row[7] == previous


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'eve'", "DELETE FROM audit"])
def test_rows_can_be_neither_changed_nor_deleted(state: State, statement: str) -> None:
    with sqlite3.connect(state.path) as plain, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        plain.execute(statement)
    assert audit.verify(state) is None


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE audit SET who = 'eve' WHERE id = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE id = 1", 1),
        ("UPDATE audit SET source = '' WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id >= 4", 4),
        ("DELETE FROM audit", 1),
        (
            "INSERT INTO audit SELECT 6, at, who, action, detail, source, previous, hash FROM audit WHERE id=5",
            6,
        ),
    ],
)
def test_what_was_changed_removed_or_put_in_shows(state: State, statement: str, where: int) -> None:
    tamper(state, statement)
    found = audit.verify(state)
    assert found is not None
    assert found.id == where


def test_what_strangers_send_is_bounded_and_on_one_line(state: State) -> None:
    audit.note(state, "a\nb", "x", "é\x1b[31m\udcff" + "z" * 10_000, "10.0.0.1\r\n")
    (entry,) = audit.entries(state, 1)
    assert entry.who == "a�b"
    assert len(entry.detail) <= 500
    assert entry.detail.startswith("é�[31m")
    assert entry.detail.isprintable()
    assert audit.verify(state) is None
