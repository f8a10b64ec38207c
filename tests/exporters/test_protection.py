"""What is promised, held against what is measured: nothing unknown passes for kept."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from collectors.http import INTERFACES
from exporters import protection
from exporters.jobs import Job, Jobs, guests
from exporters.protection import Protection
from inventory.estate import Estate
from inventory.metrics import Sample, describe, labels
from inventory.state.restores import Restore

NOW = 1_768_003_200.0
DAY = 86_400.0
GOOD = Job("backup-01", "pacs-01:nightly", "pacs-01", NOW - 3600, 14.0, True)
TEST = Restore(
    NOW - 30 * DAY, "pacs-01", "database", "", NOW - 31 * DAY, 3600.0, "ok", "ticket", "anna", NOW - 30 * DAY
)  # fmt: skip
HELD = [
    {"job": "pacs-01:nightly", "media": "disk", "offsite": False, "immutable": False},
    {"job": "pacs-01:tape", "media": "tape", "offsite": True, "immutable": True},
]
TAPE = Job("backup-02", "pacs-01:tape", "pacs-01", NOW - 7200, 5.0, True)


def an_estate(protect: dict[str, Any] | None = None, **more: Any) -> Estate:
    targets = [{"name": "pacs-01", "host": True, **({"protect": protect} if protect else {})}]
    return Estate.model_validate({"targets": targets, **more})


def judged(
    protect: dict[str, Any] | None, jobs: list[Job], tests: tuple[Restore, ...] = (), sure: bool = True
) -> Protection:
    return protection.judge(an_estate(protect).targets[0], Jobs(jobs), sure, tests, NOW)


def score(one: Protection) -> dict[str, bool | None]:
    return {part.rule: part.met for part in one.score()}


def values(
    one: Protection, jobs: list[Job], estate: Estate | None = None, own: tuple[Sample, ...] = ()
) -> dict[Any, float]:
    found = list(protection.samples(one, Jobs(jobs), guests(own), estate or an_estate()))
    assert [wrong for sample in found if (wrong := describe(sample))] == []
    return {(sample.metric, *(value for _, value in sample.labels)): sample.value for sample in found}


PROMISE = {"rpo": "24h", "rto": "4h", "jobs": ["pacs-01:nightly"]}


def test_a_good_point_within_the_rpo_keeps_the_promise() -> None:
    one = judged(PROMISE, [GOOD], (TEST,))
    read = values(one, [GOOD])
    assert read["jauge_backup_rpo_exceeded", "pacs-01:nightly"] == 0
    assert read["jauge_backup_rpo_seconds",] == DAY
    assert read["jauge_backup_rto_seconds",] == 4 * 3600
    assert read["jauge_restore_tested_timestamp_seconds",] == TEST.at
    assert read["jauge_restore_tested_duration_seconds",] == 3600
    assert read["jauge_restore_rto_exceeded",] == 0
    assert read["jauge_restore_result", "ok"] == 1
    assert not one.problem


def test_the_rhythm_of_restore_tests_is_told_where_there_is_one_to_keep() -> None:
    metric = ("jauge_restore_test_every_seconds",)
    assert values(judged(PROMISE | {"test_every": "90d"}, [GOOD]), [GOOD])[metric] == 90 * DAY
    assert values(judged(PROMISE, [GOOD]), [GOOD])[metric] == 365 * DAY
    assert values(judged(None, [], (TEST,)), [])[metric] == 365 * DAY
    assert metric not in values(judged(None, [GOOD]), [GOOD])


def test_tests_are_counted_where_the_ledger_was_read_and_somebody_waits_for_one() -> None:
    metric = ("jauge_restore_tests",)
    failed = TEST._replace(at=NOW - DAY, result="failed")
    assert values(judged(PROMISE, [GOOD]), [GOOD])[metric] == 0
    assert values(judged(PROMISE, [GOOD], (failed, TEST)), [GOOD])[metric] == 2
    assert values(judged(None, [], (TEST,)), [])[metric] == 1
    assert values(judged(PROMISE, [], (TEST._replace(target="db-01"),)), [])[metric] == 0, "of another target"
    assert metric not in values(judged(None, [GOOD]), [GOOD])
    unread = protection.judge(an_estate(PROMISE).targets[0], Jobs([GOOD]), True, None, NOW)
    assert metric not in values(unread, [GOOD])


@pytest.mark.parametrize(
    "job",
    [
        dataclasses.replace(GOOD, last=NOW - 25 * 3600),
        dataclasses.replace(GOOD, last=None, points=0.0, protecting=False, reasons=("empty",)),
    ],
)
def test_an_old_point_or_none_exceeds_the_rpo(job: Job) -> None:
    one = judged(PROMISE, [job])
    assert values(one, [job])["jauge_backup_rpo_exceeded", "pacs-01:nightly"] == 1
    assert one.problem


def test_a_promise_that_names_no_job_is_kept_by_the_newest_point_of_any() -> None:
    yearly = dataclasses.replace(GOOD, job="yearly", last=NOW - 200 * DAY)
    metric = "jauge_backup_rpo_exceeded"
    for hours, exceeded in ((1, 0.0), (25, 1.0)):
        jobs = [yearly, dataclasses.replace(GOOD, last=NOW - hours * 3600)]
        read = values(judged({"rpo": "24h"}, jobs), jobs)
        assert {key: value for key, value in read.items() if key[0] == metric} == {
            (metric, "yearly"): exceeded,
            (metric, "pacs-01:nightly"): exceeded,
        }


def test_a_promised_job_that_nobody_lists_is_exceeded_only_where_everybody_was_heard() -> None:
    sure, unsure = judged(PROMISE, []), judged(PROMISE, [], sure=False)
    assert values(sure, [])["jauge_backup_rpo_exceeded", "pacs-01:nightly"] == 1
    assert ("jauge_backup_rpo_exceeded", "pacs-01:nightly") not in values(unsure, [])
    assert sure.problem
    assert unsure.problem


def test_a_restore_that_took_longer_than_the_rto_is_told() -> None:
    one = judged(PROMISE, [GOOD], (TEST._replace(seconds=5 * 3600.0),))
    assert values(one, [GOOD])["jauge_restore_rto_exceeded",] == 1
    assert one.problem


def test_a_failed_test_does_not_stand_for_the_good_one_before() -> None:
    failed = TEST._replace(at=NOW - DAY, result="failed", seconds=60.0)
    read = values(judged(PROMISE, [GOOD], (failed, TEST)), [GOOD])
    assert read["jauge_restore_tested_timestamp_seconds",] == TEST.at
    assert read["jauge_restore_tested_duration_seconds",] == 3600
    assert read["jauge_restore_result", "failed"] == 1
    assert score(judged(PROMISE, [GOOD], (failed, TEST)))["0 errors"] is False


def test_a_job_of_several_machines_protects_each_by_its_own_points() -> None:
    mine = dataclasses.replace(GOOD, job="all", machine="PACS-01.hospital.fr", last=NOW - 9 * DAY)
    other = dataclasses.replace(GOOD, job="all", machine="db-01")
    one = judged({"rpo": "24h", "jobs": ["all"]}, [mine, other])
    assert one.jobs == (mine,)
    assert values(one, [mine, other])["jauge_backup_rpo_exceeded", "all"] == 1


# --- machines in no job -------------------------------------------------------------------------------------

VMS = tuple(
    Sample("jauge_vm_info", 1.0, labels(vm=name, node="hv-1", state="running"))
    for name in ("pacs-01", "eai-02", "test-7")
)


def test_machines_in_no_job_are_named_and_excluded_ones_are_not() -> None:
    estate = an_estate(backups={"exclude": [{"machine": "test-*", "reason": "made anew from images"}]})
    read = values(judged(None, [GOOD]), [GOOD], estate, VMS)
    alone = {key[1]: value for key, value in read.items() if key[0] == "jauge_backup_machine_in_no_job"}
    assert alone == {"pacs-01": 0.0, "eai-02": 1.0}


def test_no_machine_is_called_unprotected_while_somebody_was_not_heard() -> None:
    read = values(judged(None, [GOOD], sure=False), [GOOD], None, VMS)
    alone = {key[1]: value for key, value in read.items() if key[0] == "jauge_backup_machine_in_no_job"}
    assert alone == {"pacs-01": 0.0}


def test_a_guest_that_its_hypervisor_numbers_is_known_by_its_name_or_its_number() -> None:
    """Proxmox VE tells `pacs-01 (152)`, a backup server the name, or the number alone."""
    numbered = tuple(
        Sample("jauge_vm_info", 1.0, labels(vm=name, node="hv-1", state="running"))
        for name in ("pacs-02 (152)", "eai-02 (153)", "lab (154)", "host-7 (155)")
    )
    jobs = [
        Job("pbs", "vm/152", "pacs-02", NOW, 3.0, True),
        Job("pbs", "main", "vm:153", NOW, 3.0),
        Job("pbs", "main", "host:HOST-7.hospital.fr", NOW, 3.0),
        GOOD,
    ]
    read = values(judged(None, jobs), jobs, None, numbered)
    alone = {key[1]: value for key, value in read.items() if key[0] == "jauge_backup_machine_in_no_job"}
    assert alone == {
        "pacs-01": 0.0,
        "pacs-02 (152)": 0.0,
        "eai-02 (153)": 0.0,
        "lab (154)": 1.0,
        "host-7 (155)": 0.0,
    }


def test_no_machine_is_called_unprotected_where_a_job_names_none() -> None:
    """Veeam's REST interface lists jobs, and not what each of them saves."""
    jobs = [GOOD, Job("vbr-01", "Nightly", "")]
    read = values(judged(None, jobs), jobs, None, VMS)
    alone = {key[1]: value for key, value in read.items() if key[0] == "jauge_backup_machine_in_no_job"}
    assert alone == {"pacs-01": 0.0}


def test_a_job_of_which_only_runs_are_told_neither_keeps_a_promise_nor_breaks_it() -> None:
    job = Job("vbr-01", "Nightly", "")
    one = judged({"rpo": "24h", "jobs": ["Nightly"]}, [job])
    assert ("jauge_backup_rpo_exceeded", "Nightly") not in values(one, [job])
    assert one.problem  # nobody can tell


@pytest.mark.parametrize(
    ("access", "lists"),
    [
        ({"ssh": {"commands": ["bacula"], "credential": "root"}}, True),
        ({"ssh": {"commands": ["df"], "credential": "root"}}, False),
        ({"http": {"family": "proxmox-backup", "url": "https://pbs:8007", "credential": "root"}}, True),
        ({"http": {"family": "veeam-backup", "url": "https://vbr:9419", "credential": "root"}}, True),
        ({"http": {"family": "dell-datadomain", "url": "https://dd:3009", "credential": "root"}}, False),
        ({"http": {"family": "rabbitmq", "url": "http://mq:15672", "credential": "root"}}, False),
    ],
)
def test_who_lists_jobs_is_heard_before_a_machine_is_called_unprotected(
    access: dict[str, Any], lists: bool
) -> None:
    (way,) = access
    login = (
        {"ssh": {"user": "jauge", "password": "env:P", "known_hosts": "/etc/ssh/ssh_known_hosts"}}
        if way == "ssh"
        else {"http": {"user": "mon", "password": "env:P"}}
    )
    target = {"name": "it", "address": "127.0.0.1", **access}
    estate = Estate.model_validate({"credentials": {"root": login}, "targets": [target]})
    assert protection.makers(estate) == (frozenset({"it"}) if lists else frozenset())


def test_every_family_over_http_that_tells_of_jobs_is_one_that_lists_them() -> None:
    telling = {
        name
        for name, family in INTERFACES.items()
        for table in family.tables
        if any(metric.startswith("jauge_backup_") for metric in table.metrics)
    }
    assert telling == set(protection.HTTP_MAKERS)


# --- 3-2-1-1-0 ----------------------------------------------------------------------------------------------


def test_every_part_that_is_declared_measured_and_tested_is_met() -> None:
    protect = {"rpo": "24h", "media": "disk", "jobs": ["pacs-01:nightly", "pacs-01:tape"], "held": HELD}
    assert set(score(judged(protect, [GOOD, TAPE], (TEST,))).values()) == {True}


def test_what_nobody_declared_or_tested_is_unknown_and_no_pass() -> None:
    found = score(judged({"jobs": ["pacs-01:nightly"]}, [GOOD]))
    assert found == {
        "3 copies": False, "2 media": None, "1 off-site": None, "1 immutable": None, "0 errors": None,
    }  # fmt: skip
    assert set(score(judged({"jobs": ["x"]}, [], sure=False)).values()) == {None}


def test_a_declared_copy_without_a_good_point_does_not_count() -> None:
    protect = {"rpo": "24h", "media": "disk", "jobs": ["pacs-01:nightly", "pacs-01:tape"], "held": HELD}
    dead = dataclasses.replace(TAPE, last=None, protecting=False, reasons=("repository_broken",))
    assert score(judged(protect, [GOOD, dead], (TEST,))) == {
        "3 copies": False, "2 media": False, "1 off-site": False, "1 immutable": False, "0 errors": False,
    }  # fmt: skip
    one = judged(protect, [GOOD, dead], (TEST,))
    assert [part.doubted for part in one.score() if part.rule == "0 errors"] == [(dead,)]


def test_a_copy_that_nothing_measures_is_unknown() -> None:
    held = [HELD[0], {"media": "tape", "offsite": True, "immutable": True}]
    found = score(judged({"media": "disk", "jobs": ["pacs-01:nightly"], "held": held}, [GOOD], (TEST,)))
    assert found == {
        "3 copies": None, "2 media": None, "1 off-site": None, "1 immutable": None, "0 errors": True,
    }  # fmt: skip


def test_immutability_that_ran_out_is_none() -> None:
    until = dataclasses.replace(GOOD, immutable=NOW + DAY), dataclasses.replace(GOOD, immutable=NOW - DAY)
    assert [score(judged(PROMISE, [job]))["1 immutable"] for job in until] == [True, False]


def test_an_old_restore_test_proves_nothing_any_more() -> None:
    assert score(judged(PROMISE | {"test_every": "180d"}, [GOOD], (TEST,)))["0 errors"] is True
    old = TEST._replace(at=NOW - 200 * DAY)
    assert score(judged(PROMISE | {"test_every": "180d"}, [GOOD], (old,)))["0 errors"] is False


def test_a_service_meets_what_every_target_of_it_meets() -> None:
    protect = {"rpo": "24h", "media": "disk", "jobs": ["pacs-01:nightly", "pacs-01:tape"], "held": HELD}
    whole = judged(protect, [GOOD, TAPE], (TEST,))
    half = judged({"jobs": ["pacs-01:nightly"]}, [GOOD])
    of = [
        dataclasses.replace(one, target=one.target.model_copy(update={"name": name, "service": service}))
        for one, name, service in (
            (whole, "pacs-01", "Imagerie"),
            (half, "ris-01", "Imagerie"),
            (whole, "lis-01", "Laboratoire"),
            (half, "alone-01", ""),
        )
    ]
    found = protection.services(of)
    assert list(found) == ["Imagerie", "Laboratoire"]
    assert {part.rule: (part.met, part.names) for part in found["Imagerie"]} == {
        "3 copies": (False, ("ris-01",)),
        **dict.fromkeys(("2 media", "1 off-site", "1 immutable", "0 errors"), (None, ("ris-01",))),
    }
    assert {part.met for part in found["Laboratoire"]} == {True}
