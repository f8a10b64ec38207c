"""Backups that lie, made with the real restic, borg, Bacula and rsnapshot: none is believed, the honest ones are."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
import servers
from backing import DAYS, NOW, a_bacula, a_borg, a_restic, an_rsnapshot, fill
from logins import of, poll, values

from collectors import ssh

LAST = 1_767_924_000.0
"""2026-01-09 02:00 UTC."""
DAY = 86_400.0


def damage(repository: Path) -> None:
    """Overwrite the middle of the largest file of a repository, as a dying disk does."""
    largest = max(
        (path for path in repository.rglob("data/*/*") if path.is_file()), key=lambda p: p.stat().st_size
    )
    largest.chmod(0o600)
    with largest.open("r+b") as file:
        file.seek(largest.stat().st_size // 2)
        file.write(b"\0" * 64)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """restic takes --time in the zone of the machine."""
    monkeypatch.setenv("TZ", "UTC")


@pytest.mark.proves("SSH", "restic", "restic")
def test_what_restic_calls_a_snapshot_is_not_always_a_backup(tmp_path: Path) -> None:
    srv, db = fill(tmp_path / "srv", ["a", "b", "c", "d"], 50_000), fill(tmp_path / "db", ["dump"], 50_000)
    empty = tmp_path / "empty"
    empty.mkdir()
    with a_restic() as restic:
        for day in DAYS[:3]:
            restic.back_up(day, srv, db)
            restic.back_up(day, srv, job="clock")
            restic.back_up(day, empty, job="never-held-anything")
        restic.back_up(DAYS[3], srv, tmp_path / "db-unmounted")
        restic.back_up("2027-01-01T02:00:00", srv, job="clock")
        for name in ("b", "c", "d"):
            (srv / name).unlink()
        restic.back_up(DAYS[3], srv, job="shrinking")
        fill(srv, ["b", "c", "d"], 50_000)
        restic.back_up(DAYS[2], srv, job="shrinking")
        restic.back_up(DAYS[1], srv, job="shrinking")
        read = restic.read(sizes=True)
        assert read.reasons("pacs-01:nightly") == {"source_missing"}
        assert read.reasons("pacs-01:clock") == {"in_future"}
        assert read.reasons("pacs-01:never-held-anything") == {"empty"}
        assert read.reasons("pacs-01:shrinking") == {"shrunken"}
        for job in ("nightly", "clock", "shrinking"):
            assert read.value("jauge_backup_last_timestamp_seconds", f"pacs-01:{job}") == LAST - 6 * DAY
        assert read.value("jauge_backup_last_timestamp_seconds", "pacs-01:never-held-anything") is None
        assert read.value("jauge_backup_restore_points", "pacs-01:never-held-anything") == 0
        assert read.value("jauge_backup_last_size_bytes", "pacs-01:shrinking") == 200_000
        assert read.value("jauge_backup_repository_sound") is None

        restic.back_up(DAYS[4], srv, db)
        restic.verify()
        read = restic.read()
        assert read.reasons("pacs-01:nightly") == set()
        assert read.value("jauge_backup_repository_sound") == 1
        damage(restic.place / "repository")
        restic.run("check", "--read-data", check=False)
        assert restic.read().reasons("pacs-01:nightly") == set(), "nobody has told the log yet"
        largest = max((restic.place / "repository/data").rglob("*"), key=lambda path: path.stat().st_size)
        largest.unlink()
        restic.verify()
        read = restic.read()
        assert read.reasons("pacs-01:nightly") == {"repository_broken"}
        assert read.value("jauge_backup_repository_sound") == 0
        assert read.value("jauge_backup_last_timestamp_seconds", "pacs-01:nightly") is None


@pytest.mark.proves("SSH", "borg", "borgbackup")
def test_what_borg_calls_an_archive_is_not_always_a_backup(tmp_path: Path) -> None:
    srv, db = fill(tmp_path / "srv", ["a", "b", "c", "d"], 50_000), fill(tmp_path / "db", ["dump"], 300_000)
    many = fill(tmp_path / "many", [f"{number:02}" for number in range(30)], 100)
    empty = tmp_path / "empty"
    empty.mkdir()
    with a_borg() as borg:
        for day in DAYS[:2]:
            borg.back_up(day, srv, db)
            borg.back_up(day, db, many, job="files")
            for job in ("clock", "emptied", "broke-off"):
                borg.back_up(day, srv, job=job)
        borg.back_up(DAYS[2], srv, tmp_path / "db-unmounted", passed=(1,))
        borg.back_up("2027-01-01T02:00:00", srv, job="clock")
        borg.back_up(DAYS[2], empty, job="emptied")
        borg.back_up(f"{DAYS[2]}", srv, job="broke-off")
        borg.run("rename", f"{borg.place}/repository::broke-off-{DAYS[2]}", f"broke-off-{DAYS[2]}.checkpoint")
        for path in list(many.iterdir())[:25]:
            path.unlink()
        borg.back_up(DAYS[2], db, many, job="files")
        read = borg.read()
        assert read.reasons("nightly") == {"shrunken"}
        assert read.reasons("files") == {"shrunken"}
        assert read.value("jauge_backup_size_drift_ratio", "files") == pytest.approx(1.0, abs=0.1)
        assert read.reasons("clock") == {"in_future"}
        assert read.reasons("emptied") == {"empty"}
        for job in ("nightly", "files", "clock", "emptied", "broke-off"):
            assert read.value("jauge_backup_last_timestamp_seconds", job) == LAST - 7 * DAY, job
            assert read.value("jauge_backup_restore_points", job) == 2

        borg.back_up(DAYS[3], srv, db)
        borg.verify()
        read = borg.read()
        assert read.reasons("nightly") == set()
        assert read.value("jauge_backup_last_files", "nightly") == 5
        assert read.value("jauge_backup_last_size_bytes", "nightly") == 500_000
        assert read.value("jauge_backup_repository_sound") == 1
        damage(borg.place / "repository")
        borg.verify()
        read = borg.read()
        assert read.reasons("nightly") == {"repository_broken"}
        assert read.value("jauge_backup_repository_sound") == 0
        assert read.value("jauge_backup_last_timestamp_seconds", "nightly") is None


async def test_a_borg_repository_is_read_over_ssh_while_a_backup_holds_its_lock(tmp_path: Path) -> None:
    srv = fill(tmp_path / "srv", ["a"], 1000)
    with (
        a_borg() as borg,
        servers.sshd(lines=[f"SetEnv HOME={borg.place} XDG_CACHE_HOME={borg.place}/x"]) as sshd,
    ):
        borg.back_up(DAYS[0], srv)
        before = {path: path.stat().st_mtime_ns for path in (borg.place / "repository").rglob("*")}
        lock = borg.place / "repository/lock.exclusive"
        lock.mkdir()
        (lock / f"{os.uname().nodename}@1.{os.getpid()}-0").touch()
        place = {"repository": f"{borg.place}/repository", "password_file": f"{borg.place}/password"}
        pool = ssh.Connections()
        tables, _ = await poll(of(sshd, borg=[place], timeout=60, commands=()), pool)
        pool.close()
        shutil.rmtree(lock)
        read = values(tables["borg"])
        assert read["jauge_backup_protecting", "nightly"] == 1, tables["borg"].detail
        after = {path: path.stat().st_mtime_ns for path in (borg.place / "repository").rglob("*")}
        assert after == before
    assert NOW > LAST


@pytest.mark.proves("SSH", "rsnapshot", "rsnapshot")
def test_what_rsnapshot_rotates_is_not_always_a_backup(tmp_path: Path) -> None:
    pacs, db = fill(tmp_path / "pacs", ["a", "b", "c"], 1000), fill(tmp_path / "db", ["dump"], 1000)
    rsync = tmp_path / "rsync"
    with an_rsnapshot({"pacs-01": pacs, "db-01": db}) as rsnapshot:
        assert rsnapshot.run() == 0
        past = NOW - 3 * DAY
        os.utime(rsnapshot.place / "root/daily.0", (past, past))
        read = rsnapshot.read(sizes=True)
        assert {sample.value for sample in read.samples if sample.metric == "jauge_backup_protecting"} == {
            1.0
        }
        assert read.machine("jauge_backup_last_files", "pacs-01") == 3
        assert read.machine("jauge_backup_last_size_bytes", "pacs-01") == 3000
        assert read.machine("jauge_backup_last_timestamp_seconds", "db-01") == past

        (db / "dump").unlink()
        assert rsnapshot.run() == 0
        read = rsnapshot.read()
        assert read.machine("jauge_backup_protecting", "pacs-01") == 1
        assert read.why("db-01") == {"empty"}
        assert read.machine("jauge_backup_last_timestamp_seconds", "db-01") == past

        fill(db, ["dump"], 1000)
        for status, flaw in ((12, "failed"), (23, "errors")):
            rsync.write_text(f'#!/bin/sh\n/usr/bin/rsync "$@"\nexit {status}\n')
            rsync.chmod(0o755)
            rsnapshot.run(rsync=str(rsync))
            assert flaw in rsnapshot.read().why("pacs-01"), (rsnapshot.place / "log").read_text()
        rsnapshot.run("weekly")
        assert "errors" in rsnapshot.read().why("pacs-01"), "who only rotates clears nothing"
        rsync.write_text('#!/bin/sh\n/usr/bin/rsync "$@"\nexit 24\n')
        rsnapshot.run(rsync=str(rsync))
        assert rsnapshot.read().why("pacs-01") == {"errors"}, (
            "its log does not tell what the warning is about"
        )
        rsnapshot.run(rsync=str(rsync), level=4)
        assert rsnapshot.read().why("pacs-01") == set(), "files that vanish are no error"

        rsync.write_text('#!/bin/sh\n/usr/bin/rsync "$@"\nkill -9 $PPID\n')
        rsnapshot.run(rsync=str(rsync))
        assert "unfinished" in rsnapshot.read().why("pacs-01")
        (rsnapshot.place / "pid").unlink(missing_ok=True)
        assert rsnapshot.run() == 0
        assert rsnapshot.read().machine("jauge_backup_protecting", "pacs-01") == 1

        del rsnapshot.points["db-01"]
        assert rsnapshot.run() == 0
        read = rsnapshot.read()
        assert read.machine("jauge_backup_protecting", "pacs-01") == 1
        assert "failed" in read.why("db-01"), "a machine that fell out of the configuration"
        assert read.machine("jauge_backup_last_timestamp_seconds", "db-01") is None

        rsync.write_text('#!/bin/sh\n/usr/bin/rsync "$@"\nexit 12\n')
        rsnapshot.run("sync", rsync=str(rsync), sync=True)
        assert rsnapshot.run("daily", sync=True) == 0
        assert "failed" in rsnapshot.read().why("pacs-01"), "what failed to sync was rotated"

        rsnapshot.run("sync", sync=True)
        rsnapshot.run("daily", sync=True)
        assert rsnapshot.read().machine("jauge_backup_protecting", "pacs-01") == 1
        tomorrow = time.time() + DAY
        os.utime(rsnapshot.place / "root/daily.0", (tomorrow, tomorrow))
        assert rsnapshot.read().why("pacs-01") == {"in_future"}


HONEST = ("honest", "hollow", "half", "future", "backwards", "orphan", "stopped", "checked", "quiet")


@pytest.mark.proves("SSH", "bacula", "bacula-director")
@pytest.mark.timeout(300)
def test_what_bacula_calls_ok_is_not_always_a_backup() -> None:
    with a_bacula() as bacula:
        for job in HONEST:
            fill(bacula.sources / job, ["a", "b", "c", "d"], 20_000)
        lines = [f"run job={job} level=Full yes" for job in ("gone", *HONEST)]
        bacula.console(*lines, "wait", "quit")
        read = bacula.read()
        assert bacula.read("jauge").samples == read.samples
        refused = bacula.console(
            "run job=honest yes", "delete volume=Vol-1 yes", "quit", file="jauge/bconsole.conf"
        )
        assert refused.count("is an invalid command") == 2, refused
        assert read.reasons("gone") == {"errors", "empty"}
        for job in HONEST:
            assert read.reasons(job) == set(), job
            assert (read.value("jauge_backup_last_files", job) or 0) >= 4
        first = {
            job: read.value("jauge_backup_last_timestamp_seconds", job)
            for job in ("half", "hollow", "future", "backwards", "stopped")
        }
        assert all(at is not None and abs(at - time.time()) < 300 for at in first.values())

        for name in ("b", "c", "d"):
            (bacula.sources / "half" / name).unlink()
        shutil.rmtree(bacula.sources / "hollow")
        again = ("honest", "half", "hollow", "future", "backwards", "stopped")
        lines = [f"run job={job} level=Full yes" for job in again]
        lines += [f"run job={job} level=Incremental yes" for job in ("orphan", "quiet")]
        bacula.console(*lines, "wait", "quit")
        newest = "WHERE JobId = (SELECT max(JobId) FROM Job WHERE Name = ?)"
        bacula.tamper(f"UPDATE Job SET StartTime = '2035-01-01 02:00:00' {newest}", "future")
        bacula.tamper(f"UPDATE Job SET StartTime = datetime(EndTime, '+3 minutes') {newest}", "backwards")
        bacula.tamper(f"UPDATE Job SET JobStatus = 'A' {newest}", "stopped")
        bacula.tamper("DELETE FROM Job WHERE Name = 'orphan' AND Level = 'F'")
        read = bacula.read()
        assert read.reasons("honest") == set()
        assert read.reasons("quiet") == set(), "nothing changed since its full one"
        assert read.reasons("half") == {"shrunken"}
        assert read.reasons("hollow") == {"errors", "empty"}
        assert "in_future" in read.reasons("future")
        assert "end_before_start" in read.reasons("backwards")
        assert read.reasons("stopped") == {"cancelled"}
        assert "no_full" in read.reasons("orphan")
        for job, at in first.items():
            assert read.value("jauge_backup_last_timestamp_seconds", job) == at
            assert read.value("jauge_backup_restore_points", job) == 1

        for status, flaws in (
            ("E", {"failed"}),
            ("f", {"failed"}),
            ("e", {"failed"}),
            ("?", {"unknown_state"}),
        ):
            bacula.tamper(f"UPDATE Job SET JobStatus = '{status}' {newest}", "stopped")
            assert bacula.read().reasons("stopped") == flaws
        bacula.tamper(f"UPDATE Job SET JobStatus = 'W', JobErrors = 0 {newest}", "stopped")
        assert bacula.read().reasons("stopped") == set()
        bacula.tamper(f"UPDATE Job SET JobErrors = 7 {newest}", "stopped")
        assert bacula.read().reasons("stopped") == {"errors"}

        bacula.run("verify-checked", "VolumeToCatalog")
        assert bacula.read().reasons("checked") == set()
        bacula.tamper(
            "UPDATE File SET MD5 = 'AAAAAAAAAAAAAAAAAAAAAA' WHERE JobId = (SELECT JobId FROM Job WHERE Name = ?)",
            "checked",
        )
        bacula.run("verify-checked", "VolumeToCatalog")
        read = bacula.read()
        assert read.reasons("checked") == {"not_verified"}, bacula.console(
            "llist jobs order=desc limit=1", "quit"
        )
        assert read.value("jauge_backup_last_timestamp_seconds", "checked") is None
        assert read.reasons("honest") == set()
