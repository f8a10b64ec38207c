"""The files of Jauge itself: copied while a collector runs, put back, and looked at."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tampering
import within
from collecting import collecting, until

from exporters.history import Point, unique_id
from exporters.history.sqlite import Reader, Writer
from exporters.plan import schema as plan
from inventory import databases
from inventory.metrics import labels
from inventory.state import audit, open_state
from inventory.state import schema as state
from jauge import copies
from jauge.copies import CopyError
from jauge.files import Files, marker

pytestmark = pytest.mark.timeout(900)  # a busy machine may hold up what starts processes by the dozen

USED = "jauge_storage_used_bytes"
NAME = unique_id("nas-01", USED, labels(store="a"))
FILES = ["history.db", "plan.db", "state.db", "events.db", "committee"]
PAPER = "committee/jauge-committee-2026-11-27-fr.pdf"


def jauge(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return within.jauge(*words, cwd=cwd, environment={"JAUGE_DATA": None, "COLUMNS": "300"})


def fill(data: Path, value: float, note: str) -> None:
    """A history, a plan, a state, events and a file of the committee that hold something."""
    (data / "committee").mkdir(parents=True, exist_ok=True)
    (data / PAPER).write_text(note)
    (data / "committee" / "making.json").write_text('["done", 1.0]')
    writer = Writer(data / "history.db", "Europe/Paris")
    writer.append([Point("nas-01", USED, labels(store="a"), time.time(), value)])
    writer.close()
    audit.note(open_state(data / "state.db"), "ada", "test", note)
    for name in ("plan.db", "events.db"):
        with sqlite3.connect(data / name) as plain:
            plain.execute("CREATE TABLE IF NOT EXISTS told (text)")
            plain.execute("INSERT INTO told VALUES (?)", (note,))
        plain.close()


def held(data: Path) -> tuple[list[float], list[str], list[str], str]:
    """What the files hold."""
    with sqlite3.connect(data / "plan.db") as plain:
        told = [text for (text,) in plain.execute("SELECT text FROM told")]
    plain.close()
    notes = [entry.detail for entry in audit.entries(open_state(data / "state.db"))]
    return (
        Reader(data / "history.db").read([NAME], resolution="raw")["y"].tolist(),
        notes,
        told,
        (data / PAPER).read_text(),
    )


def test_a_backup_of_a_running_collector_is_put_back_and_read(tmp_path):
    estate = tmp_path / "estate.yml"
    estate.write_text("targets: [{name: here, host: true, interval: 1s}]\n")
    kept = tmp_path / "backup"
    with collecting(estate) as collector:
        audit.note(open_state(collector.data / "state.db"), "ada", "test", "before the backup")
        until(lambda: Reader(collector.data / "history.db").series(), 30)
        done = jauge("files", "backup", kept, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (
            collector.value("jauge_history_failing") == collector.value("jauge_history_damaged_blocks") == 0
        )
        listed = json.loads((kept / "manifest.json").read_text())["files"]
        assert {"history.db", "state.db"} <= set(listed)
        assert {file.name for file in kept.iterdir()} == {"manifest.json", *listed}
        assert {file.stat().st_mode & 0o777 for file in kept.iterdir()} == {0o600}
        audit.note(open_state(collector.data / "state.db"), "ada", "test", "after the backup")
        assert jauge("files", "check", cwd=tmp_path).returncode == 0
        refused = jauge("files", "restore", kept, cwd=tmp_path)
        assert refused.returncode == 1
        assert f"being written by process {collector.process.pid}" in refused.stderr
        collector.process.send_signal(signal.SIGTERM)
        assert collector.process.wait(20) == 0
    series = {one.unique_id for one in Reader(kept / "history.db").series()}
    assert series
    assert jauge("files", "restore", kept, cwd=tmp_path).returncode == 0
    state = open_state(tmp_path / "data" / "state.db")
    assert [entry.detail for entry in audit.entries(state)] == [str(kept), "before the backup"]
    assert audit.verify(state) is None
    with collecting(estate) as again:  # the collector goes on with what was put back
        assert "Traceback" not in again.said()
        assert {one.unique_id for one in Reader(again.data / "history.db").series()} >= series


def test_a_restore_puts_back_all_files_and_keeps_what_was_there(tmp_path):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    copies.backup(Files(data), kept)
    before = held(data)
    fill(data, 2.0, "two")
    assert held(data) != before
    assert copies.restore(Files(data), kept) == FILES
    assert held(data) == before
    for name in FILES:
        assert (data / f"{name}.replaced").exists()
    assert not list(data.glob("*.restoring")) + list(data.glob("*-wal"))


def test_a_restore_to_an_empty_folder_makes_it(tmp_path):
    fill(tmp_path / "data", 1.0, "one")
    copies.backup(Files(tmp_path / "data"), tmp_path / "kept")
    copies.restore(Files(tmp_path / "other"), tmp_path / "kept")
    assert held(tmp_path / "other") == held(tmp_path / "data")


def _killed_at(step: int, data: Path, kept: Path) -> bool:
    """Restore in a process that is killed before its n-th change of a name, of a file's end, or sync."""
    pid = os.fork()
    if pid == 0:
        left = [step]

        def counted(real):
            def call(*args, **named):
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **named)

            return call

        try:
            for name in ("replace", "unlink"):
                setattr(Path, name, counted(getattr(Path, name)))
            databases.flush = counted(databases.flush)
            copies.finish.__globals__["flush"] = databases.flush
            copies.restore(Files(data), kept)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


@tampering.EACH_STEP
def test_a_restore_that_is_killed_anywhere_puts_back_all_files_or_none(tmp_path, stride):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    copies.backup(Files(data), kept)
    one = held(data)
    outcomes, step = set(), tampering.begin(stride)
    while True:
        fill(data, 2.0, f"two {step}")
        two = held(data)
        killed = _killed_at(step, data, kept)
        decided = marker(data).exists()
        Files(data).make()  # as every start of the program does
        found = held(data)
        assert found in (one, two)
        assert found == one or not decided
        assert not marker(data).exists()
        outcomes.add((decided, found == one))
        copies.restore(Files(data), kept)
        if not killed:
            break
        step += stride
    assert outcomes >= {(False, False), (True, True)}
    assert step > 10


def test_a_copy_that_was_changed_is_not_put_back(tmp_path):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    copies.backup(Files(data), kept)
    content = bytearray((kept / "state.db").read_bytes())
    content[5000] ^= 1
    (kept / "state.db").write_bytes(content)
    fill(data, 2.0, "two")
    two = held(data)
    with pytest.raises(CopyError, match=r"state.db is not as it was when it was made: nothing was changed"):
        copies.restore(Files(data), kept)
    assert held(data) == two


def test_a_restore_waits_for_nobody_who_has_a_file_open(tmp_path):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    copies.backup(Files(data), kept)
    program = (
        "import sqlite3, sys, time\nconnection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('BEGIN')\nconnection.execute('SELECT * FROM audit').fetchall()\n"
        "print(flush=True)\ntime.sleep(60)"
    )
    reader = subprocess.Popen([sys.executable, "-c", program, str(data / "state.db")], stdout=subprocess.PIPE)
    reader.stdout.readline()
    with pytest.raises(CopyError, match=r"state.db is open in another program; stop it first"):
        copies.restore(Files(data), kept)
    reader.kill()
    reader.communicate()
    copies.restore(Files(data), kept)


def test_a_damaged_history_is_told_backed_up_and_ends_with_a_failure(tmp_path):
    data = tmp_path / "data"
    fill(data, 1.0, "one")
    with sqlite3.connect(data / "history.db") as plain:
        plain.execute("UPDATE raw SET block = substr(block, 1, 5) || x'ff' || substr(block, 7)")
    plain.close()
    for words in (["files", "check"], ["history", "check"], ["files", "backup", "kept"]):
        done = jauge(*words, cwd=tmp_path)
        assert done.returncode == 1, words
        assert "1 damaged" in done.stdout
        assert "raw " in done.stderr
    assert (tmp_path / "kept" / "history.db").exists()


def test_a_tampered_audit_log_is_told_by_a_check(tmp_path):
    fill(tmp_path / "data", 1.0, "one")
    tampering.tamper(tmp_path / "data" / "state.db", "UPDATE audit SET who = 'eve'")
    done = jauge("files", "check", cwd=tmp_path)
    assert done.returncode == 1
    assert "the audit log does not hold at row 1" in done.stderr


def test_wrong_uses_are_said_in_words_and_change_nothing(tmp_path):
    assert "there are no files" in jauge("files", "check", cwd=tmp_path).stderr
    assert "there are no files" in jauge("files", "backup", "kept", cwd=tmp_path).stderr
    fill(tmp_path / "data", 1.0, "one")
    (tmp_path / "there").mkdir()
    assert "is there already" in jauge("files", "backup", "there", cwd=tmp_path).stderr
    done = jauge("files", "restore", "there", cwd=tmp_path)
    assert done.returncode == 1
    assert "is no backup that `jauge files backup` made" in done.stderr


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"files": "plan.db"}', '{"files": ["../stolen"]}', '{"files": [1]}', "[" * 100_000],
)
def test_a_list_of_files_that_no_restore_wrote_is_said_and_moves_nothing(tmp_path, text):
    (tmp_path / "estate.yml").write_text("targets: [{name: here, host: true}]\n")
    fill(tmp_path / "data", 1.0, "one")
    (tmp_path / "stolen").write_text("theirs")
    (tmp_path / "stolen.restoring").write_text("mine")
    marker(tmp_path / "data").write_text(text)
    with pytest.raises(OSError, match="not what a restore wrote"):
        Files(tmp_path / "data").make()
    assert (tmp_path / "stolen").read_text() == "theirs"
    marker(tmp_path / "data").unlink()
    assert held(Files(tmp_path / "data").make().directory)[0] == [1.0]


def test_the_list_of_a_restore_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    """A power cut between the name of a file and what it holds would else leave a program that never starts again."""
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    copies.backup(Files(data), kept)
    seen = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (seen.append(_text(marker(data))), real(handle))[1])
    copies.restore(Files(data), kept)
    assert set(seen) == {
        None,
        '{\n  "files": [\n' + ",\n".join(f'    "{name}"' for name in FILES) + "\n  ]\n}\n",
    }


def _text(path):
    return path.read_text() if path.exists() else None


@pytest.mark.parametrize("files", [{}, [], ["plan.db"], {"plan.db": "x"}, {"..": {"sha256": "x"}}])
def test_a_list_of_copies_that_no_backup_wrote_is_refused_in_words(tmp_path, files):
    fill(tmp_path / "data", 1.0, "one")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "manifest.json").write_text(json.dumps({"files": files}))
    with pytest.raises(CopyError, match="is no backup that `jauge files backup` made"):
        copies.restore(Files(tmp_path / "data"), tmp_path / "kept")


def test_the_committees_files_go_along_and_nothing_else_of_their_folder(tmp_path):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    (data / "committee" / "jauge-committee-2026-09-25-en.xlsx").symlink_to("/etc/hostname")
    (data / "committee" / "jauge-committee-2026-09-25-en.exe").write_text("not ours")
    done = jauge("files", "backup", kept, cwd=tmp_path)
    assert f"{kept / 'committee'}: 1 file\n" in done.stdout, done.stderr
    assert [file.name for file in (kept / "committee").iterdir()] == [Path(PAPER).name]
    assert (kept / "committee").stat().st_mode & 0o777 == 0o700
    assert (kept / PAPER).stat().st_mode & 0o777 == 0o600
    # A backup that has none leaves those that are there; one of which a file was changed changes nothing.
    fill(data, 2.0, "two")
    (kept / PAPER).write_text("forged")
    assert "not as it was when it was made" in jauge("files", "restore", kept, cwd=tmp_path).stderr
    listed = json.loads((kept / "manifest.json").read_text())
    for name in (f"committee/../{PAPER}", "committee/notes.txt", "committee/"):
        files = {**listed["files"], name: listed["files"].pop(PAPER, {"sha256": "x"})}
        (kept / "manifest.json").write_text(json.dumps({"files": files}))
        assert jauge("files", "restore", kept, cwd=tmp_path).returncode == 1, name
    assert held(data)[3] == "two"
    (kept / "manifest.json").write_text(json.dumps(listed))
    assert jauge("files", "restore", kept, cwd=tmp_path).returncode == 0
    assert held(data)[0] == [1.0]
    assert held(data)[3] == "two"
    assert not (data / "committee.replaced").exists()


def test_a_pipe_in_place_of_a_copy_is_not_waited_for(tmp_path):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    copies.backup(Files(data), kept)
    (kept / "plan.db").unlink()
    os.mkfifo(kept / "plan.db")
    with pytest.raises(CopyError, match="no such file"):
        copies.restore(Files(data), kept)


def test_a_second_restore_does_not_cost_what_was_there_before_the_first(tmp_path):
    data, wrong, right = tmp_path / "data", tmp_path / "wrong", tmp_path / "right"
    fill(data, 1.0, "one")
    copies.backup(Files(data), wrong)
    fill(data, 2.0, "two")
    copies.backup(Files(data), right)
    fill(data, 3.0, "never backed up")
    lost = held(data)
    copies.restore(Files(data), wrong)
    copies.restore(Files(data), right)
    back = tmp_path / "back"
    back.mkdir()
    for name in FILES:
        (data / f"{name}.replaced").rename(back / name)
        assert (data / f"{name}.replaced.2").exists()
    assert held(back) == lost


def test_a_folder_that_no_backup_left_is_not_removed_to_make_room(tmp_path):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    (tmp_path / "kept.partial").mkdir()
    (tmp_path / "kept.partial" / "thesis.txt").write_text("ten years of work")
    with pytest.raises(CopyError, match=r"kept\.partial is in the way"):
        copies.backup(Files(data), kept)
    assert (tmp_path / "kept.partial" / "thesis.txt").exists()
    (tmp_path / "kept.partial" / "thesis.txt").rename(tmp_path / "kept.partial" / "history.db.partial")
    copies.backup(Files(data), kept)  # what a backup that was killed has left
    assert not (tmp_path / "kept.partial").exists()


def test_a_folder_in_the_place_of_a_copy_is_said(tmp_path):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    copies.backup(Files(data), kept)
    before = held(data)
    (data / "state.db.restoring").mkdir()
    with pytest.raises(CopyError, match=r"cannot restore to .*nothing was changed"):
        copies.restore(Files(data), kept)
    assert held(data) == before


def test_a_state_that_was_put_back_has_a_log_again_so_that_others_read_while_one_writes(tmp_path):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    copies.backup(Files(data), kept)
    copies.restore(Files(data), kept)
    state = open_state(data / "state.db")
    with state.read() as reader:
        assert reader.execute("SELECT count(*) FROM audit").fetchone() == (1,)
        audit.note(
            state, "ada", "test", "two"
        )  # without a log the one who reads would hold it up, for seconds, and end it
        assert reader.execute("SELECT count(*) FROM audit").fetchone() == (1,)
    assert [entry.detail for entry in audit.entries(state)] == ["two", "one"]


@pytest.mark.parametrize("name", ["history.db", "plan.db", "state.db", "events.db"])
def test_a_backup_of_a_newer_program_is_not_put_back_by_an_older_one(tmp_path, name):
    """The program would not start again on a file that it does not know."""
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    copies.backup(Files(data), kept)
    _written_by_a_newer_program(kept / name)
    listed = json.loads((kept / "manifest.json").read_text())
    listed["files"][name]["sha256"] = hashlib.sha256((kept / name).read_bytes()).hexdigest()
    (kept / "manifest.json").write_text(json.dumps(listed))
    fill(data, 2.0, "two")
    two = held(data)
    done = jauge("files", "restore", kept, cwd=tmp_path)
    assert done.returncode == 1
    assert re.search(
        rf"{name}: .*written by a newer Jauge \(schema 99, this program knows \d+\)", done.stderr
    )
    assert "update the program" in done.stderr
    assert held(data) == two


def test_an_older_program_says_what_it_cannot_read_and_changes_nothing(tmp_path):
    data = tmp_path / "data"
    (tmp_path / "estate.yml").write_text("targets: [{name: here, host: true}]\n")
    fill(data, 1.0, "one")
    for name in ("history.db", "state.db"):
        _written_by_a_newer_program(data / name)
    before = {path: path.read_bytes() for path in data.glob("*.db")}
    for words in (["run", "estate.yml"], ["dashboard", "estate.yml"], ["user", "list"]):
        done = jauge(*words, cwd=tmp_path)
        assert done.returncode == 1, words
        assert "written by a newer Jauge (schema 99" in done.stderr
        assert "update the program, or restore the file that was kept before the update" in done.stderr
    assert jauge("files", "check", cwd=tmp_path).returncode == 1
    assert {path: path.read_bytes() for path in data.glob("*.db")} == before


def _written_by_a_newer_program(path):
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA user_version = 99")
        plain.execute("PRAGMA journal_mode = DELETE")
    plain.close()


def test_the_newest_backups_of_a_folder_are_kept_and_nothing_else_of_it_is_touched(tmp_path):
    data, backups = tmp_path / "data", tmp_path / "backups"
    fill(data, 1.0, "one")
    days = [dt.datetime(2026, 11, day, 4, tzinfo=dt.UTC) for day in range(1, 5)]
    for day in days:
        copies.backup(Files(data), copies.among(backups, day))
    cut = copies.among(backups, days[0]).with_name("jauge-2026-10-01T040000Z.partial")
    under_way = cut.with_name("jauge-2026-11-04T050000Z.partial")
    broken = cut.with_name("jauge-2026-11-03T050000Z")  # its list was removed, and then the power failed
    strange = cut.with_name("jauge-2026-11-01T040000Z.ours")
    for folder in (cut, under_way, broken, strange):
        folder.mkdir()
        (folder / "plan.db").write_text("a part")
    for folder in (cut, broken, strange):
        os.utime(folder, (0, 0))
    done = jauge("files", "backup", "--keep", 2, backups, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    left = {path.name for path in backups.iterdir()}
    made = left - {"jauge-2026-11-04T040000Z", under_way.name, strange.name}
    assert len(made) == 1
    assert re.fullmatch(r"jauge-20\d\d-\d\d-\d\dT\d{6}Z", made.pop())
    assert sum("removed" in line for line in done.stdout.splitlines()) == 5
    # One that is damaged is kept, told, and costs no older one.
    with sqlite3.connect(data / "history.db") as plain:
        plain.execute("UPDATE raw SET block = substr(block, 1, 5) || x'ff' || substr(block, 7)")
    plain.close()
    time.sleep(1.1)  # its name tells seconds
    assert jauge("files", "backup", "--keep", 1, backups, cwd=tmp_path).returncode == 1
    assert {path.name for path in backups.iterdir()} > left


def test_a_backup_of_an_older_program_is_put_back_and_brought_up_to_date(tmp_path, monkeypatch):
    data, kept = tmp_path / "data", tmp_path / "kept"
    fill(data, 1.0, "one")
    (data / "plan.db").unlink()
    with monkeypatch.context() as older:
        for schema in (state, plan):
            older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:2])
        (data / "state.db").unlink()
        with open_state(data / "state.db").write() as connection:
            connection.execute("INSERT INTO setting VALUES ('kept', 'yes')")
        plan.create(data / "plan.db")
        with plan.open_plan(data / "plan.db") as connection:
            connection.execute("INSERT INTO issue (at) VALUES (5.0)")
    copies.backup(Files(data), kept)
    other = Files(tmp_path / "other")
    copies.restore(other, kept)
    with open_state(other.state).read() as connection:
        assert connection.execute("SELECT value FROM setting WHERE name = 'kept'").fetchone() == ("yes",)
    with plan.open_plan(other.plan) as connection:
        assert connection.execute("SELECT at FROM issue").fetchone()["at"] == 5.0
    assert {path.name for path in other.directory.glob("*.schema*")} == {
        "state.db.schema2",
        "plan.db.schema2",
    }


@pytest.mark.parametrize("version", [1, len(state.MIGRATIONS) - 1])
def test_the_way_back_that_upgrading_tells_leads_to_a_file_that_the_older_program_reads(
    tmp_path, monkeypatch, version
):
    path, newer = tmp_path / "state.db", state.MIGRATIONS
    with monkeypatch.context() as older:
        older.setattr(state, "MIGRATIONS", newer[:version])
        with open_state(path).write() as connection:
            connection.execute("INSERT INTO setting VALUES ('kept', 'yes')")
    with open_state(path).write() as connection:
        connection.execute("INSERT INTO setting VALUES ('since', 'the update')")
    guide = (Path(__file__).parents[2] / "docs" / "upgrading.md").read_text("utf-8")
    told = re.search(r"cd /var/lib/jauge\n(for .+?\ncp .+?)\n", guide, re.DOTALL)[1]
    way = told.replace("history.db", "state.db").replace("schema2", f"schema{version}")
    subprocess.run(["bash", "-euc", way], cwd=tmp_path, check=True)
    monkeypatch.setattr(state, "MIGRATIONS", newer[:version])
    with open_state(path).read() as connection:
        assert connection.execute("SELECT name FROM setting WHERE name IN ('kept', 'since')").fetchall() == [
            ("kept",)
        ]
    monkeypatch.setattr(state, "MIGRATIONS", newer)
    path.unlink()
    (tmp_path / "state.db.newer").rename(path)  # forward again: nothing of since then was lost
    with open_state(path).read() as connection:
        assert (
            len(connection.execute("SELECT name FROM setting WHERE name IN ('kept', 'since')").fetchall())
            == 2
        )
