"""A small hospital in files, written by the real writers, and read by the real pages."""

from __future__ import annotations

import dataclasses
import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dashboard.data import Data
from exporters.events import Event, Events
from exporters.history import Point
from exporters.history.days import number
from exporters.history.sqlite import Day, Reader, Writer
from exporters.jobs import Job
from exporters.plan.outlooks import Outlooks
from exporters.status import Status, TableStatus, TargetStatus
from forecasting.capacity import Rules
from forecasting.plan import plan
from inventory.checking import load
from inventory.imports.snapshots import commit, compare
from inventory.metrics import labels
from inventory.state import State, open_state
from inventory.workstations import Workstation

HOSTILE = '<script>alert(1)</script>"} 1\n\x1b[31m\u202eevil' + "x" * 1024
ESTATE = """title: Test hospital
timezone: Europe/Paris
language: en
sites: {north: , south: }
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c}
targets:
  - {name: nas-01, address: 127.0.0.1, site: north, ceiling: 0.9, lead_time: 2w}
  - {name: pacs-01, address: 127.0.0.1, dicom: {aet: PACS}, criticality: critical}
  - {name: backup-01, address: 127.0.0.1, protect: {rpo: 24h, jobs: [lims, never-ran]}}
  - {name: slow-01, address: 127.0.0.1, site: south}
  - {name: new-01, address: 127.0.0.1}
"""
TB = 1e12
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that the pages read."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "estate.yml").write_text(ESTATE)
    now = time.time()
    _history(folder, now)
    rules = Rules.of(load(folder / "estate.yml"))
    plan(Reader(folder / "history.db"), Outlooks(folder / "plan.db"), now, rules=rules)
    (folder / "status.json").write_text(json.dumps(dataclasses.asdict(_status(now))))
    Events(folder / "events.db").append(
        [
            Event(now - 7200, "", "estate_reloaded", "targets 5"),
            Event(now - 3600, "pacs-01", "target_down", "refused"),
            Event(now - 30 * 86_400, "nas-01", "version_changed", "ONTAP 9.9 → 9.12"),
            Event(now - 10 * 86_400, "nas-01", "version_changed", f"ONTAP 9.12 → {HOSTILE}"),
            Event(now - 60, "nas-01", "trap", HOSTILE),
        ]
    )
    _machines(open_state(folder / "state.db"))
    return folder


def _history(folder: Path, now: float) -> None:
    writer = Writer(folder / "history.db", "Europe/Paris")
    today, days = number(datetime.now(PARIS).date()), 400
    noise = np.random.default_rng(7).normal(0, 0.01, days)
    stores = (
        ("nas-01", labels(store="/imaging", kind="volume"), 60 * TB, 40 * TB, 0.03 * TB),
        ("nas-01", labels(store=HOSTILE, kind="share"), 10 * TB, 2 * TB, 0.001 * TB),
        ("backup-01", labels(store="full", kind="repository"), 10 * TB, 10.5 * TB, 0.0),
    )
    for target, pairs, size, start, slope in stores:
        used = start + slope * np.arange(days) + noise * TB
        rows = [
            Day(target, "jauge_storage_used_bytes", pairs, today - days + i, float(used[i]))
            for i in range(days)
        ]
        rows += [Day(target, "jauge_storage_size_bytes", pairs, today - days + i, size) for i in range(days)]
        writer.keep_days(rows)
    writer.append([
        Point("new-01", "jauge_storage_used_bytes", labels(store="/young", kind="filesystem"), now - 30, 5e9),
        Point("new-01", "jauge_cpu_used_ratio", (), now - 2 * 86_400, 0.4),
        Point("backup-01", "jauge_backup_last_timestamp_seconds", labels(job="lims"), now - 30, now - 50 * 3600),
        Point("pacs-01", "jauge_dicom_echo_success", labels(aet="PACS"), now - 30, 1.0),
        Point("pacs-01", "jauge_pacs_studies", (), now - 30, 12345.0),
    ])  # fmt: skip
    writer.close()


def _status(now: float) -> Status:
    def table(name: str, reason: str | None = None, detail: str = "") -> TableStatus:
        return TableStatus(
            name, reason is None, now - 10, 0.02, 0 if reason else 5, reason=reason, detail=detail
        )

    broken = table("df", "timeout", HOSTILE)
    return Status(now, (
        TargetStatus("nas-01", True, now - 10, 0.1, now - 10, product=HOSTILE, tables=(table("hrStorage"), broken)),
        TargetStatus("pacs-01", False, now - 10, 0.1, now - 7200, tables=(table("dicom", "refused", "rejected"),)),
        TargetStatus(
            "backup-01", True, now - 10, 0.1, now - 10, tables=(table("df"),), jobs=(Job("backup-01", "lims", "", now - 50 * 3600),),
        ),
        TargetStatus("slow-01", True, now - 130, 0.1, now - 130, tables=(table("df"),)),
    ))  # fmt: skip


def _machines(state: State) -> None:
    today = datetime.now(PARIS).date()
    rows = tuple(
        Workstation(
            f"PC-{i:03d}", serial=f"S{i}", purchased=None if i % 10 == 0 else today - timedelta(days=40 * i)
        )
        for i in range(60)
    )
    commit(state, compare(state, "glpi.csv", rows), "tests")


@pytest.fixture(scope="session")
def hostile() -> str:
    """The name of a store, as a device that means harm would give it."""
    return HOSTILE


@pytest.fixture
def data(hospital: Path) -> Data:
    """What the pages read, a second after the collector wrote it: the other tests may take long."""
    found = Data(load(hospital / "estate.yml"), hospital)
    written = found.status().at
    assert written is not None
    found.clock = lambda: written + 1
    return found


@pytest.fixture
def bare(tmp_path: Path) -> Data:
    """An estate whose collector never ran."""
    (tmp_path / "estate.yml").write_text(ESTATE)
    return Data(load(tmp_path / "estate.yml"), tmp_path)
