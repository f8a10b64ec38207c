from __future__ import annotations

import dataclasses
import datetime as dt
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard.access import sessions, users
from dashboard.data import HISTORY, SOON, STATE, Data
from dashboard.issues import Issue
from dashboard.sentences import issues as sentences
from dashboard.standing import Backup, Store
from dashboard.texts import Texts
from exporters.history import Point
from exporters.history.sqlite import Writer
from inventory.checking import load
from inventory.imports.snapshots import commit, compare
from inventory.metrics import labels
from inventory.state import open_state
from inventory.workstations import Workstation


def test_what_is_down_comes_before_what_is_late_and_what_fails_in_part(data: Data) -> None:
    assert [(one.name, one.state) for one in data.targets()] == [
        ("pacs-01", "down"),
        ("slow-01", "late"),
        ("nas-01", "partly"),
        ("new-01", "never"),
        ("backup-01", "well"),
    ]


def test_a_target_is_late_after_two_intervals_and_not_before(data: Data) -> None:
    late = data.target("slow-01")
    assert late is not None
    assert late.status is not None
    assert late.status.last_success is not None
    at = late.status.last_success
    data.clock = lambda: at + 2 * late.target.every
    assert data.target("slow-01").state == "well"  # type: ignore[union-attr]  # it is in the estate
    data.clock = lambda: at + 2 * late.target.every + 1
    assert data.target("slow-01").state == "late"  # type: ignore[union-attr]  # it is in the estate


def test_a_log_that_its_last_reader_folds_in_just_now_is_none(
    hospital: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite removes the write-ahead log with the last connection: between two looks of ours as well."""
    shutil.copytree(hospital, tmp_path / "made")
    data = Data(load(tmp_path / "made" / "estate.yml"), tmp_path / "made")
    log, real, gone = tmp_path / "made" / "history.db-wal", Path.stat, []

    def stat(path: Path, **how: bool) -> os.stat_result:
        found = real(path, **how)
        if path == log:
            log.unlink()
            gone.append(path)
        return found

    log.write_bytes(b"a log that is being folded in")
    monkeypatch.setattr(Path, "stat", stat)
    before = data._written(HISTORY)
    assert gone == [log]
    assert 0 < data._written(HISTORY) <= before


def test_stores_come_worst_first_and_the_undated_last(data: Data, hostile: str) -> None:
    names = [one.name for one in data.stores()]
    assert names[:2] == ["full", "/imaging"]
    assert names[-1] == "/young"
    assert set(names) == {"full", "/imaging", hostile, "/young"}


def test_a_store_is_full_where_its_ceiling_is(data: Data) -> None:
    """52 TB of 54 (90 % of 60) at 0.03 TB a day: about 67 days."""
    store = next(one for one in data.stores() if one.name == "/imaging")
    assert store.limit == 54e12
    assert store.days is not None
    assert 50 <= store.days <= 90
    assert store.order_by == store.early - dt.timedelta(weeks=2)  # type: ignore[operator]  # it has a date


def test_a_value_that_a_wrong_clock_dated_years_ahead_is_not_the_present(data: Data, tmp_path: Path) -> None:
    used = {one.unique_id: one.used for one in data.stores()}
    ahead = data.clock() + 2 * 365 * 86_400
    shutil.copy(data.folder / HISTORY, tmp_path / HISTORY)
    writer = Writer(tmp_path / HISTORY, data.estate.timezone, clock=lambda: ahead)
    writer.append([
        Point(one.target, "jauge_storage_used_bytes", one.labels, ahead, 1.0) for one in data.stores()
    ])  # fmt: skip
    writer.close()
    found = Data(load(data.folder / "estate.yml"), tmp_path)
    found.clock = data.clock
    assert {one.unique_id: one.used for one in found.stores()} == used


def test_the_size_of_a_store_without_one_is_unknown_and_not_zero(data: Data) -> None:
    young = next(one for one in data.stores() if one.name == "/young")
    assert young.size is None
    assert young.ratio is None
    assert young.full is None


def test_a_promised_backup_that_was_never_seen_is_the_worst(data: Data) -> None:
    assert [(one.job, one.age is None, one.overdue) for one in data.backups()] == [
        ("never-ran", True, True),
        ("lims", False, True),
    ]


def _backed(folder: Path, targets: str, points: list[tuple[str, dict[str, str], float]]) -> list[Backup]:
    """The backups of an estate, whose listed jobs have their last good point so many hours ago."""
    folder.mkdir()
    (folder / "estate.yml").write_text(f"targets:\n{targets}")
    now = time.time()
    writer = Writer(folder / "history.db", "Europe/Paris")
    writer.append(
        [
            Point(by, "jauge_backup_last_timestamp_seconds", labels(**pairs), now - 30, now - hours * 3600)
            for by, pairs, hours in points
        ]
    )
    writer.close()
    return Data(load(folder / "estate.yml"), folder).backups()


PROMISED = "  - {name: pacs-01, dicom: {aet: PACS}, protect: {rpo: 24h}}\n  - {name: backup-01, host: true}\n"


def test_a_promise_that_names_no_job_is_held_against_the_jobs_for_that_machine(tmp_path: Path) -> None:
    nightly = ("backup-01", {"job": "nightly", "machine": "PACS-01.hospital.test"}, 30.0)
    (one,) = _backed(tmp_path / "late", PROMISED, [nightly])
    assert (one.target, one.job, one.rpo, one.overdue) == ("pacs-01", "nightly", 86_400.0, True)


def test_the_newest_restore_point_of_any_job_keeps_a_promise_that_names_none(tmp_path: Path) -> None:
    yearly = ("backup-01", {"job": "yearly", "machine": "pacs-01"}, 900.0)
    nightly = ("backup-01", {"job": "nightly", "machine": "pacs-01"}, 3.0)
    found = _backed(tmp_path / "kept", PROMISED, [yearly, nightly])
    assert {(one.target, one.job, one.rpo) for one in found} == {
        ("pacs-01", "nightly", 86_400.0),
        ("backup-01", "yearly", None),
    }
    assert not any(one.overdue for one in found)


def test_a_promise_without_any_job_is_overdue_and_the_jobs_of_others_do_not_keep_it(tmp_path: Path) -> None:
    other = ("backup-01", {"job": "nightly", "machine": "lims-01"}, 1.0)
    found = _backed(tmp_path / "none", PROMISED, [other])
    assert [(one.target, one.job, one.age is None, one.overdue) for one in found] == [
        ("pacs-01", "", True, True),
        ("backup-01", "nightly", False, False),
    ]
    said = [sentences.todo(Issue("unprotected", one), Texts("en", ZoneInfo("UTC"))) for one in found]
    assert "name its jobs under `protect:`" in said[0]
    assert said[1] == "Say under `protect:` of lims-01 what may be lost."


def test_of_a_promised_job_for_several_machines_the_point_of_the_machine_counts(tmp_path: Path) -> None:
    promised = PROMISED.replace("rpo: 24h", "rpo: 24h, jobs: [all]")
    points = [
        ("backup-01", {"job": "all", "machine": machine}, hours)
        for machine, hours in (("pacs-01", 30.0), ("x", 1.0))
    ]
    assert [(one.target, one.overdue) for one in _backed(tmp_path / "shared", promised, points)] == [
        ("pacs-01", True),
        ("backup-01", False),
    ]


def test_a_backup_is_overdue_when_older_than_promised() -> None:
    assert not Backup("t", "j", 3600.0, 0.0, 3600.0).overdue
    assert Backup("t", "j", 3600.0, 0.0, 3601.0).overdue
    assert not Backup("t", "j", None, 0.0, 1e9).overdue


def test_the_overview_says_what_asks_for_somebody_worst_first(data: Data) -> None:
    found = [issue.trouble for issue in data.overview()]
    assert found[0] == "down"
    assert found.index("late") < found.index("unprotected") < found.index("partly")
    dated = [issue.about.days for issue in data.overview() if isinstance(issue.about, Store)]
    assert all(days is not None and days <= SOON for days in dated)


def test_a_silent_collector_is_said_only_when_it_is_silent(data: Data) -> None:
    assert data.silent() is None
    at = data.status().at or 0.0
    data.clock = lambda: at + 600
    assert data.silent() == 600


def test_absent_files_leave_the_answers_empty(bare: Data) -> None:
    assert bare.stores() == []
    assert bare.outlooks() == []
    assert bare.workstations() is None
    assert bare.status().at is None
    assert {one.state for one in bare.targets()} == {"never"}


def test_a_damaged_file_is_an_empty_answer_and_not_a_crash(bare: Data) -> None:
    for name in ("history.db", "plan.db", "state.db", "status.json"):
        (bare.folder / name).write_bytes(b"not a database" * 100)
    assert bare.stores() == []
    assert bare.workstations() is None
    assert bare.overview() is not None


@pytest.mark.parametrize("file", ["history.db", "plan.db", "status.json", "events.db"])
@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\x00", b"{" * 600])
def test_a_damaged_file_is_named_until_it_can_be_read(bare: Data, file: str, content: bytes) -> None:
    (bare.folder / file).write_bytes(content)
    _ = bare.overview(), bare.events(5)
    assert [fault.file for fault in bare.faults()] == [file]
    (bare.folder / file).unlink()
    _ = bare.overview(), bare.events(5)
    assert bare.faults() == []


def test_machines_are_judged_anew_after_an_import_and_not_after_a_login(tmp_path: Path) -> None:
    state, today = open_state(tmp_path / "state.db"), dt.datetime.now(dt.UTC).date()
    machine = Workstation("PC-1", serial="S1", purchased=today - dt.timedelta(days=900))
    commit(state, compare(state, "glpi.csv", (machine,)), "tests")
    users.add(state, "ada", "viewer", "a long enough password", by="tests")
    (tmp_path / "estate.yml").write_text("timezone: Europe/Paris\ntargets: []\n")
    data = Data(load(tmp_path / "estate.yml"), tmp_path)
    first = data.fleet()
    ada = users.check(state, "ada", "a long enough password")
    token = sessions.start(state, ada)
    assert data.fleet() is first
    sessions.end(state, token)
    assert data.fleet() is first
    commit(
        state,
        compare(state, "glpi.csv", (machine, dataclasses.replace(machine, name="PC-2", serial="S2"))),
        "tests",
    )
    again = data.fleet()
    assert again is not None
    assert again.counts.machines == 2


def _work(answers: list[int]) -> int:
    """An answer that takes a third of a second of a thread."""
    began = time.thread_time()
    while time.thread_time() - began < 0.35:
        pass
    answers.append(len(answers))
    return answers[-1]


def test_what_takes_long_is_not_asked_anew_for_each_measurement_but_for_each_decision(data: Data) -> None:
    measured: list[int] = []
    decided: list[int] = []
    stamps = {HISTORY: 1.0, STATE: 1.0}
    data._stamp = lambda name: stamps[name]  # type: ignore[method-assign]
    ask = lambda: data._remember("measured", (HISTORY,), -1, lambda: _work(measured))  # noqa: E731
    also = lambda: data._remember("decided", (HISTORY, STATE), -1, lambda: _work(decided))  # noqa: E731
    assert (ask(), also()) == (0, 0)
    stamps[HISTORY] = 2.0
    assert (ask(), also()) == (0, 0)
    stamps[STATE] = 2.0
    assert (ask(), also()) == (0, 1)


def test_who_asks_the_same_at_once_is_given_one_answer(data: Data) -> None:
    answers: list[int] = []
    ask = lambda: data._remember("one", (HISTORY,), -1, lambda: _work(answers))  # noqa: E731
    with ThreadPoolExecutor(4) as pool:
        assert {one.result() for one in [pool.submit(ask) for _ in range(4)]} == {0}
    assert answers == [0]


def test_a_log_that_a_reader_makes_is_no_change(data: Data) -> None:
    before = data._written("plan.db")
    wal = data.folder / "plan.db-wal"
    assert not wal.exists()
    try:
        wal.touch()
        assert data._written("plan.db") == before
    finally:
        wal.unlink()
