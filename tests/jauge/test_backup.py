"""`jauge backup`, and what a running collector exports of protection."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import servers
from backing import Restic, a_restic, fill
from collecting import collecting, until
from within import jauge

from exporters.jobs import Job
from exporters.status import Status, TargetStatus

ESTATE = (
    "credentials: {c: {snmp: v2c, community: file:/etc/hostname}}\ndefaults: {credential: c}\n"
    "targets: [{name: pacs-01, address: 127.0.0.1}]\n"
)

pytestmark = pytest.mark.xdist_group("backup")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restic]:
    """A real restic repository: an honest job of last night, and one of which a source was not there."""
    place = tmp_path_factory.mktemp("sources")
    srv, db = fill(place / "srv", ["a"], 20_000), fill(place / "db", ["b"], 20_000)
    with a_restic() as restic:
        for days in (2, 1):
            day = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() - days * 86_400 + 3600))
            restic.back_up(day, srv, db)
            restic.back_up(day, *((srv, db) if days == 2 else (srv,)), job="db")
        yield restic


def write(place: Path, sshd: servers.Sshd, restic: Restic, more: str = "") -> Path:
    path = place / "estate.yml"
    path.write_text(f"""
credentials:
  all: {{ssh: {{user: {sshd.user}, key: "file:{sshd.key}", known_hosts: {sshd.known_hosts}}}}}
defaults: {{interval: 2s, timeout: 60s}}
targets:
  - name: backup-01
    address: 127.0.0.1
    ssh:
      credential: all
      port: {sshd.port}
      commands: [load]
      restic: [{{repository: {restic.place}/repository, password_file: {restic.place}/password}}]
  - name: pacs-01
    host: true
    service: Imagerie
    protect: {{rpo: 48h, rto: 1h, jobs: ["pacs-01:nightly"]}}
{more}
""")
    return path


def run(*words: str) -> CompletedProcess[str]:
    return jauge("backup", *words)


def record(estate: Path, **told: str) -> CompletedProcess[str]:
    said = {
        "--what": "the database", "--point": "2026-01-05T02:00", "--minutes": "42", "--result": "ok",
        "--evidence": "ticket 4711", "--who": "anna",
    } | told  # fmt: skip
    return run(
        "tested", "pacs-01", "--estate", str(estate), *(word for pair in said.items() for word in pair)
    )


def test_status_says_what_protects_and_what_does_not(
    sshd: servers.Sshd, repository: Restic, tmp_path: Path
) -> None:
    estate = write(tmp_path, sshd, repository, "backups: {exclude: [{machine: backup-*, reason: itself}]}")
    said = run("status", str(estate), "--json")
    assert said.returncode == 0, said.stdout + said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    (pacs,) = [one for one in found["targets"] if one["target"] == "pacs-01"]
    assert (pacs["problem"], pacs["rpo_exceeded"], pacs["restored"]) == (False, False, None)
    assert [(job["job"], job["protecting"], job["by"]) for job in pacs["jobs"]] == [
        ("pacs-01:nightly", True, "backup-01")
    ]
    assert {part["rule"]: part["met"] for part in pacs["score"]}["0 errors"] is None
    assert found["in_no_job"] == {}
    assert [(part["rule"], part["met"]) for part in found["services"]["Imagerie"]] == [
        (part["rule"], part["met"]) for part in pacs["score"]
    ]

    estate.write_text(estate.read_text().replace('["pacs-01:nightly"]', '["pacs-01:db"]'))
    said = run("status", str(estate))
    assert said.returncode == 1
    assert "DOES NOT PROTECT: source_missing" in said.stdout
    assert "pacs-01: 0 errors: NO: the last run is not believed: pacs-01:db: source_missing" in said.stdout
    assert "service Imagerie: 0 errors: NO: pacs-01" in said.stdout
    assert "source_missing (it says: ok)" in said.stdout

    estate.write_text(estate.read_text().replace("rpo: 48h", "rpo: 1h"))
    assert run("status", str(estate)).returncode == 3, "an RPO is exceeded"


def test_a_restore_test_is_recorded_listed_and_exported(
    sshd: servers.Sshd, repository: Restic, tmp_path: Path
) -> None:
    estate = write(tmp_path, sshd, repository)
    refused = record(estate, **{"--evidence": " "})
    assert (refused.returncode, "evidence" in refused.stderr) == (1, True)
    assert record(estate, **{"--result": "splendid"}).returncode == 2
    assert record(estate, **{"--point": "yesterday"}).returncode == 2
    assert record(estate, **{"--point": "2126-01-05T02:00"}).returncode == 1
    with collecting(estate) as collector:
        until(lambda: collector.value("jauge_backup_rpo_exceeded", "/probe", target="pacs-01") == 0, 60)
        assert collector.value("jauge_restore_tested_timestamp_seconds", "/probe", target="pacs-01") is None
        start = time.time()
        said = record(estate, **{"--minutes": "90"})
        assert said.returncode == 0, said.stderr
        until(lambda: collector.value("jauge_restore_rto_exceeded", "/probe", target="pacs-01") == 1, 60)
        at = collector.value("jauge_restore_tested_timestamp_seconds", "/probe", target="pacs-01")
        assert at is not None
        assert start - 1 <= at <= time.time()
        assert collector.value("jauge_restore_tested_duration_seconds", "/probe", target="pacs-01") == 5400
        alone = collector.samples("/metrics/estate", "jauge_backup_machine_in_no_job")
        assert alone == {("backup-01", "backup-01"): 1.0, ("pacs-01", "pacs-01"): 0.0}
        assert "anna" not in collector.ask("/metrics/estate").text
    listed = run("tests", "--estate", str(estate), "--json")
    (row,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (row["target"], row["who"], row["evidence"], row["seconds"]) == (
        "pacs-01",
        "anna",
        "ticket 4711",
        5400,
    )
    shown = run("tests", "--estate", str(estate)).stdout
    assert "ticket 4711" in shown
    point = datetime.fromtimestamp(row["point"], ZoneInfo("Europe/Paris"))
    assert point.isoformat(" ", "minutes") in shown, "as it was written, in the estate's timezone"


def test_the_bytes_that_came_back_are_kept_and_nonsense_is_refused(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(ESTATE)
    assert record(estate, **{"--size": "12 TB"}).returncode == 0
    refused = record(estate, **{"--size": "twelve"})
    assert refused.returncode == 2
    assert "twelve" in refused.stderr
    (row,) = run("tests", "--estate", str(estate), "--json").stdout.splitlines()
    assert json.loads(row)["size"] == 12e12


def test_a_wrong_test_is_corrected_and_withdrawn_by_its_number(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(ESTATE)
    (tmp_path / "data").mkdir()
    jobs = (Job("backup-01", "all", "old-vm"), Job("backup-01", "Nightly", ""))
    told = Status(1.0, (TargetStatus("pacs-01", True, jobs=jobs),))
    (tmp_path / "data" / "status.json").write_text(json.dumps(dataclasses.asdict(told)))
    told_of = (
        "--what",
        "all",
        "--point",
        "2026-01-05T02:00",
        "--minutes",
        5,
        "--evidence",
        "ticket",
        "--estate",
        estate,
    )
    for name, known in (("pacs-01", True), ("old-vm", True), ("Nightly", True), ("nobody", False)):
        said = jauge("backup", "tested", name, "--result", "ok", *told_of)
        assert (said.returncode == 0) is known, said.stderr
    said = jauge(
        "backup", "tested", "pacs-01", "--result", "failed", "--corrects", 2, "--why", "of pacs-01", *told_of
    )
    assert "restore test 4 of pacs-01 recorded" in said.stdout, said.stderr
    assert jauge("backup", "withdraw", 3, "--why", "a drill", "--estate", estate).returncode == 0
    assert (
        "corrected already" in jauge("backup", "withdraw", 3, "--why", "a drill", "--estate", estate).stderr
    )
    listed = [
        json.loads(one) for one in jauge("backup", "tests", "--estate", estate, "--json").stdout.splitlines()
    ]
    assert {one["id"]: one["correction"] and one["correction"]["replaced_by"] for one in listed} == {
        1: None,
        2: 4,
        3: None,
        4: None,
    }
    assert {one["id"]: (one["correction"] or {}).get("why") for one in listed} == {
        1: None,
        2: "of pacs-01",
        3: "a drill",
        4: None,
    }
