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


def test_the_newest_of_an_action_is_found_however_much_came_after_it(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")
    assert audit.newest(state, "files copied") is None
    for folder in ("/backup/one", "/backup/two"):
        audit.note(state, "alice", "files copied", folder)
    for _ in range(30):
        audit.note(state, "bob", "login")
    found = audit.newest(state, "files copied")
    assert found is not None
    assert (found.who, found.detail) == ("alice", "/backup/two")


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
    assert entry.who == "a␊b"
    assert len(entry.detail.encode()) <= 500
    assert entry.detail.startswith("é␛[31m�z")
    assert entry.detail.isprintable()
    assert audit.verify(state) is None


YEAR = 365 * 86_400.0


@pytest.fixture
def years(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """A log of four rows, of 400, 370, 200 and 1 days before the moment `NOW`."""
    state = open_state(tmp_path / "years.db")
    for days in (400, 370, 200, 1):
        monkeypatch.setattr("time.time", lambda days=days: NOW - days * 86_400)
        audit.note(state, "ada", "import", f"{days} days before")
    monkeypatch.setattr("time.time", lambda: NOW)
    return state


NOW = 1_800_000_000.0


def details(state: State) -> list[str]:
    return [entry.detail for entry in reversed(audit.entries(state)) if entry.action != audit.CUT]


def test_what_is_older_than_a_year_is_cut_and_the_chain_holds_from_there(years: State) -> None:
    assert audit.cut(years, YEAR) == 2
    assert details(years) == ["200 days before", "1 days before"]
    assert audit.verify(years) is None
    assert audit.cut(years, YEAR) == 0
    audit.note(years, "ada", "import", "afterwards")
    assert audit.verify(years) is None
    assert b"370 days before" not in years.path.read_bytes() + _log(years)


def _log(state: State) -> bytes:
    log = state.path.with_name(f"{state.path.name}-wal")
    return log.read_bytes() if log.exists() else b""


def test_the_log_tells_its_own_cut_and_goes_on_from_the_hash_of_what_was_cut(years: State) -> None:
    known = {entry.id: entry.hash for entry in audit.entries(years)}
    audit.cut(years, YEAR)
    newest, *_, oldest = audit.entries(years)
    assert (newest.who, newest.action) == ("retention", "audit log cut")
    assert newest.detail == f"entries up to 2, the last of them {known[2]}"
    assert (oldest.id, oldest.previous) == (3, known[2])


def test_nothing_younger_than_six_months_is_cut_whatever_is_asked(years: State) -> None:
    assert audit.cut(years, 0) == 3
    assert details(years) == ["1 days before"]
    (row,) = [entry for entry in audit.entries(years) if entry.detail == "1 days before"]
    with sqlite3.connect(years.path) as plain, pytest.raises(sqlite3.IntegrityError, match="six months"):
        plain.execute("INSERT INTO audit_cut VALUES (?, ?, ?)", (row.id, row.hash, NOW))
    with sqlite3.connect(years.path) as plain, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        plain.execute("DELETE FROM audit")


def test_a_later_cut_takes_the_place_of_the_first(years: State) -> None:
    audit.cut(years, YEAR)
    assert audit.cut(years, YEAR, NOW + 2 * YEAR) == 3  # two rows, and the first cut
    assert details(years) == []
    assert audit.verify(years) is None
    with sqlite3.connect(years.path) as plain:
        assert plain.execute("SELECT upto FROM audit_cut").fetchall() == [(5,)]


def test_rows_of_a_clock_that_was_wrong_are_cut_with_what_came_after_them_and_take_no_younger_one_with_them(
    years: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at, detail in ((0.0, "of 1970"), (NOW + 9 * YEAR, "ahead"), (NOW, "today")):
        monkeypatch.setattr("time.time", lambda at=at: at)
        audit.note(years, "ada", "import", detail)
    assert audit.cut(years, YEAR, NOW) == 2
    assert details(years) == ["200 days before", "1 days before", "of 1970", "ahead", "today"]
    assert (
        audit.cut(years, YEAR, NOW + 2 * YEAR) == 6
    )  # the first cut too; all of them were written before NOW
    assert details(years) == []
    assert audit.verify(years) is None


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit_cut", 1),
        ("UPDATE audit_cut SET hash = 'f' || substr(hash, 2)", 3),
        ("UPDATE audit_cut SET upto = 1", 2),
        ("INSERT INTO audit_cut SELECT id, hash, at FROM audit WHERE id = 4", 5),
        # Somebody who cuts and says so nowhere.
        (
            "INSERT INTO audit_cut SELECT id, hash, at FROM audit WHERE id = 3; DELETE FROM audit WHERE id = 3",
            3,
        ),
    ],
)
def test_what_was_removed_beside_or_beyond_a_cut_shows(years: State, statement: str, where: int) -> None:
    audit.cut(years, YEAR)
    tamper(years, *statement.split("; "))
    found = audit.verify(years)
    assert found is not None
    assert found.id == where


def test_a_log_that_another_program_cut_the_honest_way_is_recomputed_by_anybody(years: State) -> None:
    audit.cut(years, YEAR)
    with sqlite3.connect(years.path) as plain:
        ((number, previous),) = plain.execute("SELECT upto, hash FROM audit_cut").fetchall()
        rows = plain.execute("SELECT * FROM audit ORDER BY id").fetchall()
    for row in rows:
        number += 1
        assert (row[0], row[6]) == (number, previous)
        previous = hashlib.sha256(json.dumps(list(row[:7])).encode()).hexdigest()
        assert row[7] == previous
