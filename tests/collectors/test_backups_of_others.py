"""Makers of which no real server was at hand: what their documents say that they print. None of it is proven by one."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from backing import NOW, Read
from hypothesis import given
from hypothesis import strategies as st

from collectors.commands import bacula, netbackup, proxmox_backup, veeam
from collectors.commands.restic import Place
from collectors.poll import PollError

DAY = 86_400
HERE = Place(clock=lambda: NOW)


# --- Bareos, and the clocks of a director ---------------------------------------------------------------


def llist(number: int, at: str, ended: str, epoch: int, **told: str) -> str:
    """A job as Bareos tells it, on one line."""
    fields = {
        "jobid": str(number), "name": "pacs", "type": "B", "level": "F", "clientname": "pacs-01-fd",
        "jobstatus": "T", "starttime": at, "endtime": ended, "jobtdate": str(epoch), "jobfiles": "1,200",
        "jobbytes": "200,000,000", "joberrors": "0", "jobmissingfiles": "0",
    } | told  # fmt: skip
    return "\t".join(f"{name}: {value}" for name, value in fields.items()) + "\t"


def test_bareos_writes_small_names_and_commas_and_its_times_are_those_of_the_director() -> None:
    line = llist(7, "2026-01-09 02:00:00", "2026-01-09 02:09:00", 1_767_920_940)  # 01:09 UTC: Paris
    read = Read(list(bacula.parse(line, lambda: NOW)))
    assert read.value("jauge_backup_last_timestamp_seconds", "pacs") == 1_767_920_400
    assert read.value("jauge_backup_last_duration_seconds", "pacs") == 540
    assert read.value("jauge_backup_last_files", "pacs") == 1200
    assert read.value("jauge_backup_last_size_bytes", "pacs") == 200_000_000
    assert read.machine("jauge_backup_protecting", "pacs-01", "pacs") == 1


def test_the_night_in_which_the_clocks_go_back_is_no_lie() -> None:
    before = llist(1, "2025-10-25 02:50:00", "2025-10-25 02:55:00", 1_761_353_700)
    night = llist(2, "2025-10-26 02:50:00", "2025-10-26 02:10:00", 1_761_441_000)
    read = Read(list(bacula.parse(f"{night}\n{before}\n", lambda: NOW)))
    assert read.reasons("pacs") == set()
    assert read.value("jauge_backup_last_duration_seconds", "pacs") == 1200
    assert "end_before_start" in Read(list(bacula.parse(night, lambda: NOW))).reasons("pacs")


def test_a_verify_job_that_looked_at_nothing_clears_nothing() -> None:
    run = llist(1, "2026-01-08 02:00:00", "2026-01-08 02:09:00", 1_767_834_540)
    bad = llist(
        2, "2026-01-08 05:00:00", "2026-01-08 05:09:00", 1_767_845_340, name="v", type="V", jobstatus="D"
    )
    void = {"name": "v", "type": "V", "jobfiles": "0"}
    empty = llist(3, "2026-01-08 06:00:00", "2026-01-08 06:09:00", 1_767_848_940, **void)
    good = llist(4, "2026-01-08 07:00:00", "2026-01-08 07:09:00", 1_767_852_540, name="v", type="V")
    for lines, reasons in (
        ([run, empty], set()),
        ([run, bad, empty], {"not_verified"}),
        ([run, bad, good], set()),
    ):
        assert Read(list(bacula.parse("\n".join(lines), lambda: NOW))).reasons("pacs") == reasons


def test_a_list_that_is_cut_at_its_newest_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bacula, "_JOBS", 2)
    lines = [llist(n, "2026-01-08 02:00:00", "2026-01-08 02:09:00", 1_767_834_540) for n in (1, 2)]
    with pytest.raises(PollError, match="newest"):
        list(bacula.parse("\n".join(lines), lambda: NOW))


# --- NetBackup ----------------------------------------------------------------------------------------------


def nbu(number: int, days: float = 1, **told: str) -> str:
    """A line of bpdbjobs -report -most_columns, in the order of its columns."""
    start = int(NOW - days * DAY)
    columns = {
        "jobid": str(number), "type": "0", "state": "3", "status": "0", "policy": "PACS", "schedule": "Full",
        "client": "pacs-01", "server": "nbu-01", "started": str(start), "elapsed": "540", "ended": str(start + 540),
        "stunit": "stu", "tries": "1", "operation": "", "kbytes": "200000", "files": "1200", "path": "/srv",
        "percent": "100", "pid": "4711", "owner": "root", "subtype": "1", "class": "0", "scheduletype": "0",
        "priority": "0", "group": "", "master": "nbu-01", "retention": "1", "period": "0", "compression": "0",
        "kbytes2": "0", "files2": "0", "filelist": "1", "trycount": "1", "parent": str(number), "kbpersec": "370",
    } | told  # fmt: skip
    return ",".join(columns.values())


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        ({}, set()),
        ({"status": "1"}, {"errors"}),
        ({"status": "196"}, {"failed"}),
        ({"status": "150"}, {"cancelled"}),
        ({"kbytes": "0", "files": "0"}, {"empty"}),
        ({"kbytes": "9000"}, {"shrunken"}),
        ({"path": "/srv/a, b,c"}, set()),
    ],
)
def test_a_job_of_netbackup_is_judged_by_what_it_holds(told: dict[str, str], reasons: set[str]) -> None:
    lines = [
        *(nbu(day, 10 - day) for day in range(1, 9)),
        nbu(9, **told),
        nbu(10, type="4"),
        nbu(11, type="17"),
    ]
    read = Read(list(netbackup.parse("\n".join(lines), lambda: NOW)))
    assert read.reasons("PACS") == reasons
    assert read.value("jauge_backup_last_timestamp_seconds") == NOW - DAY * (2 if reasons else 1)
    assert read.value("jauge_backup_last_size_bytes") == 204_800_000


def test_streams_of_one_job_are_one_run_that_is_as_bad_as_the_worst() -> None:
    def night(first: int, days: float, **told: str) -> list[str]:
        parent = nbu(first, days, schedule="-", kbytes="", files="")
        return [
            parent,
            nbu(first + 1, days, parent=str(first)),
            nbu(first + 2, days, **({"parent": str(first)} | told)),
        ]

    good = night(10, 2) + night(20, 1, kbytes="5")
    assert (
        Read(list(netbackup.parse("\n".join(night(10, 2)), lambda: NOW))).value("jauge_backup_last_files")
        == 2400
    )
    assert Read(list(netbackup.parse("\n".join(good), lambda: NOW))).reasons() == set()
    bad = night(10, 2) + night(20, 1, status="13")
    assert Read(list(netbackup.parse("\n".join(bad), lambda: NOW))).reasons() == {"failed"}


# --- Proxmox Backup Server ----------------------------------------------------------------------------------


def pbs(days: int, **told: Any) -> dict[str, Any]:
    return {
        "backup-type": "vm", "backup-id": "152", "backup-time": int(NOW) - days * DAY, "size": 80_000_000_000,
        "comment": "pacs-01", "protected": False, "verification": {"state": "ok", "upid": "UPID:x"},
    } | told  # fmt: skip


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        ({}, set()),
        ({"verification": None}, set()),
        ({"verification": {"state": "failed"}}, {"not_verified"}),
        ({"size": None}, {"unfinished"}),
        ({"size": 0}, {"empty"}),
        ({"size": 1_000_000_000}, {"shrunken"}),
        ({"backup-time": int(NOW) + DAY}, {"in_future"}),
    ],
)
def test_a_snapshot_of_proxmox_backup_is_held_against_those_before(
    told: dict[str, Any], reasons: set[str]
) -> None:
    rows = [pbs(3), pbs(2), pbs(1, **told)]
    read = Read(list(proxmox_backup.parse(json.dumps(rows), HERE)))
    assert read.reasons("vm/152") == reasons
    assert read.machine("jauge_backup_last_timestamp_seconds", "pacs-01", "vm/152") == NOW - DAY * (
        2 if reasons else 1
    )


def test_the_password_of_a_datastore_stays_in_its_file() -> None:
    words = shlex.split(proxmox_backup.command("a@pbs@host:store; id", "/etc/a b"))
    assert words[0] == "PBS_PASSWORD_FILE=/etc/a b"
    assert "--repository=a@pbs@host:store; id" in words


# --- Veeam --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        ({}, set()),
        ({"status": "Warning"}, set()),
        ({"status": "Failed"}, {"failed"}),
        ({"status": "Splendid"}, {"unknown_state"}),
        ({"level": "Full", "size": 0}, {"empty"}),
        ({"level": "Full", "size": 1000}, {"shrunken"}),
        ({"end": 5}, {"end_before_start"}),
        ({"start": None}, {"no_time"}),
    ],
)
def test_a_session_of_veeam_is_judged_for_each_machine(told: dict[str, Any], reasons: set[str]) -> None:
    plain = {"job": "Nightly", "machine": "pacs-01", "status": "Success", "level": "Full", "size": 10**11}
    rows = [
        plain | {"start": int(NOW) - days * DAY, "end": int(NOW) - days * DAY + 540} for days in (3, 2, 1)
    ]
    rows[-1] |= told
    other = rows[0] | {"machine": "db-01"}
    read = Read(list(veeam.parse(json.dumps([*rows, other]), lambda: NOW)))
    assert read.why("pacs-01", "Nightly") == reasons
    assert read.why("db-01", "Nightly") == set()
    assert Read(list(veeam.parse(json.dumps(rows[0]), lambda: NOW))).reasons() == set()


@pytest.mark.parametrize("parse", [netbackup.parse, proxmox_backup.parse, veeam.parse, bacula.parse])
@given(st.one_of(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_what_no_maker_prints_is_named_and_not_guessed_at(parse: Any, text: str) -> None:
    try:
        list(parse(text))
    except PollError as error:
        assert error.reason in ("unparsed", "empty_answer")  # noqa: PT017 - what is raised is half of the rule


def test_each_maker_without_a_real_server_says_what_would_prove_it() -> None:
    assert all(maker.UNPROVEN for maker in (netbackup, proxmox_backup, veeam, bacula))
