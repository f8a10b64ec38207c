"""The state file itself: made, migrated, refused, shared between threads and processes."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from inventory.state import StateError, audit, open_state, schema


def test_a_new_state_is_made_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    state = open_state(path)
    with state.write():
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_state_is_in_wal_mode_and_at_the_newest_schema(tmp_path: Path) -> None:
    open_state(tmp_path / "state.db")
    with sqlite3.connect(tmp_path / "state.db") as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert plain.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)


def test_a_state_of_a_newer_program_is_refused_with_words(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    open_state(path)
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA user_version = 99")
    with pytest.raises(StateError, match=r"newer Jauge \(schema 99"):
        open_state(path)


def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as plain:
        plain.execute("CREATE TABLE mine (x)")
    with pytest.raises(StateError, match="not a state of Jauge"):
        open_state(other)
    text = tmp_path / "text.db"
    text.write_text("hello " * 1000)
    with pytest.raises(StateError, match=r"text\.db"):
        open_state(text)
    assert text.read_text() == "hello " * 1000


def test_a_directory_that_does_not_exist_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="look at the directory"):
        open_state(tmp_path / "missing" / "state.db")


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    state = open_state(path)
    with state.write() as connection:
        connection.execute("INSERT INTO setting VALUES ('kept', 'yes')")
    broken = (*schema.MIGRATIONS, ("CREATE TABLE extra (x)", "NOT SQL"))
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    with pytest.raises(StateError):
        open_state(path)
    monkeypatch.setattr(schema, "MIGRATIONS", (*broken[:-1], ("CREATE TABLE extra (x)",)))
    again = open_state(path)
    with again.read() as connection:
        assert connection.execute("SELECT value FROM setting").fetchall() == [("yes",)]
        assert connection.execute("SELECT count(*) FROM extra").fetchone() == (0,)


def test_a_block_that_raises_changes_nothing(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")

    def half() -> None:
        with state.write() as connection:
            connection.execute("INSERT INTO setting VALUES ('a', 'b')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with state.read() as connection:
        assert connection.execute("SELECT count(*) FROM setting").fetchone() == (0,)


def test_threads_that_open_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path, errors, together = tmp_path / "state.db", [], threading.Barrier(8)

    def work(number: int) -> None:
        try:
            together.wait()
            state = open_state(path)
            for turn in range(10):
                audit.note(state, f"user{number}", "test", str(turn))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    state = open_state(path)
    assert len(audit.entries(state, 1000)) == 80
    assert audit.verify(state) is None
