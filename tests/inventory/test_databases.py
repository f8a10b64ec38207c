"""What our SQLite files have in common, on files of a kind of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from inventory import databases
from inventory.databases import DatabaseError, Kind
from inventory.state import open_state, schema

pytestmark = pytest.mark.timeout(900)  # a busy machine may hold up what starts processes by the dozen


class OddError(Exception):
    pass


ODD = Kind("odd file", 77, OddError)
STEPS = (
    ("CREATE TABLE one (x)", "INSERT INTO one VALUES (1)"),
    ("CREATE TABLE two (x)", "INSERT INTO two SELECT x + 1 FROM one", lambda c: c.execute("DROP TABLE one")),
    ("CREATE TABLE three (x)", "INSERT INTO three SELECT x + 1 FROM two", "DROP TABLE two"),
)


def made(path: Path, version: int) -> Path:
    databases.create(path)
    with contextlib.closing(databases.connect(path)) as connection:
        databases.migrate(ODD, connection, path, STEPS[:version])
    return path


def held(path: Path) -> dict[str, list[int]]:
    with contextlib.closing(databases.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")]
        return {name: [x for (x,) in connection.execute(f"SELECT x FROM {name}")] for name in tables}


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_is_brought_from_each_version_to_the_newest_and_a_copy_is_kept(tmp_path, version):
    path = made(tmp_path / "odd.db", version)
    before = held(path)
    made(path, 3)
    assert held(path) == {"three": [3]}
    assert held(databases.kept(path, version)) == before
    with pytest.raises(OddError, match=r"newer Jauge .schema 3, this program knows 2"):
        made(path, 2)


@pytest.mark.parametrize("bent", ["x INTAGER PRIMARY KEY", "y", None])
def test_a_file_whose_tables_are_not_as_they_were_made_is_refused(tmp_path, bent):
    path = made(tmp_path / "odd.db", 3)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute("CREATE INDEX mine ON three (x)")  # of somebody who looks things up in it
        assert made(path, 3) == path
        plain.execute("DROP INDEX mine")
        plain.execute("DROP TABLE three")
        if bent:
            plain.execute(f"CREATE TABLE three ({bent})")
    with pytest.raises(
        OddError, match=r"odd\.db is not built as this program builds it \(three\): it is damaged"
    ):
        made(path, 3)


@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_migration_that_is_killed_at_any_statement_leaves_the_old_file_or_the_new_one(tmp_path, version):
    statement, killed, finished = 0, 0, False
    while not finished:
        path = tmp_path / f"{statement}.db"
        databases.create(path)
        if version:
            made(path, version)
        pid = os.fork()
        if pid == 0:
            left, real = [statement], sqlite3.connect

            def count(_: str, left=left) -> None:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            def connect(*args, count=count, real=real, **named) -> sqlite3.Connection:
                connection = real(*args, **named)
                connection.set_trace_callback(count)
                return connection

            sqlite3.connect = connect
            try:
                made(path, 3)
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        finished = not os.WIFSIGNALED(status)
        assert held(path) in ({}, {"one": [1]}, {"two": [2]}, {"three": [3]})
        assert held(path) in (
            held(made(tmp_path / f"{statement}.old", version)) if version else {},
            {"three": [3]},
        )
        made(path, 3)
        assert held(path) == {"three": [3]}
        killed += not finished
        statement += 1
    assert killed > 10


@pytest.mark.parametrize("version", range(1, len(schema.MIGRATIONS)))
def test_a_state_of_every_earlier_version_is_brought_up_to_date(tmp_path, monkeypatch, version):
    path = tmp_path / "state.db"
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:version])
        with open_state(path).write() as connection:
            connection.execute("INSERT INTO setting VALUES ('kept', 'yes')")
    with open_state(path).read() as connection:
        assert connection.execute("SELECT value FROM setting WHERE name = 'kept'").fetchone() == ("yes",)
    with sqlite3.connect(databases.kept(path, version)) as plain:
        assert plain.execute("SELECT value FROM setting WHERE name = 'kept'").fetchone() == ("yes",)
        assert plain.execute("PRAGMA user_version").fetchone() == (version,)


def test_a_copy_is_of_one_instant_while_another_process_writes(tmp_path):
    path = made(tmp_path / "odd.db", 3)
    program = (
        "import sqlite3, sys\nconnection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('CREATE TABLE pair (a, b)')\n"
        "for n in range(10**9):\n    connection.execute('BEGIN')\n"
        "    connection.execute('INSERT INTO pair VALUES (?, 0)', (n,))\n"
        "    connection.execute('UPDATE pair SET b = ? WHERE a = ?', (n, n))\n    connection.execute('COMMIT')\n"
        "    if n == 20:\n        print(flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
    writer.stdout.readline()
    for number in range(5):
        databases.copy(path, tmp_path / f"copy{number}")
    writer.kill()
    writer.communicate()
    for number in range(5):
        with sqlite3.connect(tmp_path / f"copy{number}") as plain:
            assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            count, last, odd = plain.execute("SELECT count(*), max(a), sum(a <> b) FROM pair").fetchone()
            assert (count, odd) == (last + 1, 0)
    assert not list(tmp_path.glob("*.partial*")) + list(tmp_path.glob("copy*-*"))


def test_a_damaged_file_is_not_copied_and_an_earlier_copy_stays(tmp_path):
    path = made(tmp_path / "odd.db", 3)
    with contextlib.closing(databases.connect(path)) as connection:
        connection.executemany("INSERT INTO three VALUES (?)", [(n,) for n in range(5000)])
        connection.execute("PRAGMA journal_mode = DELETE")
    databases.copy(path, tmp_path / "copy")
    whole = (tmp_path / "copy").read_bytes()
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 3 * 4096 + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(DatabaseError, match="damaged"):
        databases.copy(path, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == whole


def test_a_file_that_somebody_has_open_is_in_use(tmp_path):
    path = made(tmp_path / "odd.db", 3)
    with contextlib.closing(databases.connect(path, read_only=True)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM three").fetchall()
        assert databases.in_use(path)
    assert not databases.in_use(path)
    (tmp_path / "text").write_text("not a database")
    assert not databases.in_use(tmp_path / "text")


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("word", [b"sqlite_sequence", b"CREATE TABLE", b"AUTOINCREMENT"])
def test_a_schema_that_is_no_text_any_more_is_damage_and_no_trace(tmp_path, word, read_only):
    """SQLite repeats in its message what it cannot read, and Python cannot read that."""
    path = tmp_path / "state.db"
    open_state(path)
    content = bytearray(path.read_bytes())
    content[content.index(word) + 4] = 0x9C
    path.write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError, match="malformed database schema") as caught:
        databases.connect(path, read_only=read_only)
    assert databases.is_damage(caught.value)
