"""A hospital of which every page has something to show, in files that the real writers wrote: for those who read all of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from exported import SECTION, fleet, text
from wrote import Wrote

from exporters import pulse
from exporters.history.sqlite import Reader
from exporters.jobs import Job
from exporters.plan.frozen import HORIZONS, MEASURED, RISE, Night, Outcome
from exporters.plan.ledger import Count, Key, Ledger, Scored, number_of, put
from exporters.plan.outlooks import Outlooks
from exporters.plan.schema import open_plan
from exporters.pulse import Pulse, Sizes
from exporters.status import Status, TableStatus, TargetStatus
from forecasting import kept_purchase
from forecasting.capacity import Rules
from forecasting.plan import plan
from forecasting.renewal import issuing
from forecasting.retention import BY_YEAR
from inventory.checking import load
from inventory.committee import Answer, File, Wish
from inventory.imports import reading, snapshots
from inventory.metrics import Labels, labels
from inventory.scenarios.reading import open_scenario
from inventory.state import State, committee, open_state, restores, scenarios
from inventory.state.restores import Instead, Restore

TB, GIB, HOUR, DAY = 1e12, 2.0**30, 3600.0, 86_400.0
HOSTILE = '<script>alert(1)</script>"} 1\n\x1b[31m\u202eevil' + "x" * 1024
PARIS = ZoneInfo("Europe/Paris")
MACHINES = 30
VOLUME = labels(store="/imaging", kind="volume")
MISSED = 'jauge_storage_used_bytes{target="nas-01",kind="volume",store="/imaging"}'
ESTATE = """title: Test hospital
timezone: Europe/Paris
language: en
sites: {north: , south: }
credentials: {c: {snmp: v2c, community: file:/etc/hostname}, s: {ssh: {user: jauge, password: env:P, known_hosts: /etc/hosts}}}
defaults: {credential: c}
budgets: {%d: {amount: 500000}}
retention: {years: 20, returned: 0.1}
targets:
  - {name: nas-01, address: 127.0.0.1, site: north, ceiling: 0.9, contract: stock, service: Imaging, role: nas}
  - {name: pacs-01, address: 127.0.0.1, dicom: {aet: MAIN}, criticality: critical}
  - {name: hci-01, address: 127.0.0.1, lead_time: 8w}
  - {name: eai-01, address: 127.0.0.1}
  - {name: vdi-01, address: 127.0.0.1, site: south}
  - {name: db-01, address: 127.0.0.1, protect: {rpo: 1h, rto: 1h, jobs: ["db-01:nightly"]}}
  - {name: backup-01, address: 127.0.0.1, ssh: {credential: s, restic: [{repository: /r, password_file: /p}]}}
  - {name: new-01, address: 127.0.0.1}
"""
ROLLOUTS = """  rollouts:
    windows-11: {title: Windows 11, counted: {kind: os, os: Windows 11}, start: 2025-06-01, end: 2027-06-30}
"""
PC = "  pc: {title: UGAP, lead_time: 8w}\n"


def write(folder: Path) -> None:
    """Every file, as of now."""
    today = dt.datetime.now(PARIS).date()
    rules = SECTION % (today.year, 12_000) + ROLLOUTS
    contracts = (
        "contracts:\n" + PC + "  stock: {title: Stock market, lead_time: 4w, "
        'items: {tray: {title: "Tray <b>20</b>", gives: {storage: 20 TB}, price: 13000}}}\n'
    )
    rules = rules.replace("contracts: {pc: {title: UGAP, lead_time: 8w}}\n", "")
    (folder / "estate.yml").write_text(ESTATE % today.year + contracts + rules)
    wrote = Wrote(folder)
    _stores(wrote)
    _told(wrote)
    wrote.writer.close()
    estate = load(folder / "estate.yml")
    plan(Reader(folder / "history.db"), Outlooks(folder / "plan.db"), wrote.now, rules=Rules.of(estate))
    _scored(folder / "plan.db")
    assert kept_purchase.issue(estate, folder / "plan.db", folder, wrote.now)
    (folder / "status.json").write_text(json.dumps(dataclasses.asdict(_status(wrote.now))))
    sizes = tuple(
        Sizes(today - dt.timedelta(days=ago), {"history.db": 10**9 - ago * 10**7}) for ago in (9, 0)
    )
    beats = Pulse(
        at=wrote.now,
        started=wrote.now - DAY,
        pid=4711,
        version="0.1.0",
        targets=8,
        polls=100,
        skipped=2,
        late=1.5,
        parts=("lateness", "plan"),
        sizes=sizes,
    )
    pulse.write(folder / pulse.FILE, beats)
    _decided(folder, open_state(folder / "state.db"), wrote.now, today)
    for piece in (issuing.LIVES, issuing.PLAN, issuing.CURVE):
        assert issuing.issue(open_state(folder / "state.db"), estate, folder, wrote.now, piece)


def _stores(wrote: Wrote) -> None:
    for target, pairs, size, first, last in (
        ("nas-01", VOLUME, 60 * TB, 46 * TB, 52 * TB),
        ("nas-01", labels(store=HOSTILE, kind="share"), 10 * TB, 2 * TB, 2.1 * TB),
        ("backup-01", labels(store="full", kind="repository"), 10 * TB, 10.4 * TB, 10.5 * TB),
        ("hci-01", labels(store="pool", kind="pool"), 100 * TB, 40 * TB, 50 * TB),
        ("pacs-01", labels(store="/srv/pacs", kind="filesystem"), 80 * TB, 40 * TB, 44 * TB),
    ):
        wrote.days(target, "jauge_storage_used_bytes", pairs, first, last)
        wrote.days(target, "jauge_storage_size_bytes", pairs, size, size)
    for name, size, used in (("a", 512, 300), ("b", 512, 300), ("c", 256, 200)):
        wrote.days("hci-01", "jauge_node_memory_size_bytes", labels(node=name), size * GIB, size * GIB)
        wrote.days("hci-01", "jauge_node_memory_used_bytes", labels(node=name), used * GIB, used * GIB)
    wrote.days("pacs-01", "jauge_pacs_modality_stored_bytes", labels(modality="CT"), 20 * TB, 30 * TB)


def _told(wrote: Wrote) -> None:
    """What targets told a minute ago."""
    for target, metric, pairs, value in (
        ("new-01", "jauge_storage_used_bytes", {"store": "/young", "kind": "filesystem"}, 5e9),
        ("hci-01", "jauge_node_memory_size_bytes", {"node": "a"}, 512 * GIB),
        ("hci-01", "jauge_node_memory_used_bytes", {"node": "a"}, 300 * GIB),
        ("hci-01", "jauge_node_up", {"node": "a"}, 1),
        ("hci-01", "jauge_node_vms", {"node": "a"}, 12),
        ("hci-01", "jauge_disk_healthy", {"disk": "d2"}, 0),
        ("hci-01", "jauge_disk_wear_ratio", {"disk": "d3"}, 0.93),
        ("pacs-01", "jauge_dicom_echo_success", {"aet": "MAIN"}, 1),
        ("pacs-01", "jauge_pacs_studies", {}, 1_234_567),
        ("pacs-01", "jauge_pacs_stored_bytes", {}, 44 * TB),
        ("pacs-01", "jauge_pacs_modality_studies", {"modality": "CT"}, 100_000),
        ("pacs-01", BY_YEAR, {"year": "2001"}, 3 * TB),
        ("pacs-01", BY_YEAR, {"year": "2020"}, 20 * TB),
        ("pacs-01", "jauge_pacs_jobs", {"queue": "export", "state": "pending"}, 7),
        ("pacs-01", "jauge_pacs_jobs", {"queue": "export", "state": "running"}, 0),
        ("pacs-01", "jauge_pacs_transfers", {"peer": HOSTILE, "state": "failure"}, 2),
        ("pacs-01", "jauge_pacs_peer_echo_success", {"peer": "TELERAD"}, 0),
        ("eai-01", "jauge_hl7_listener_up", {}, 1),
        ("eai-01", "jauge_hl7_ack", {"code": "AE"}, 1),
        ("eai-01", "jauge_hl7_channel_up", {"channel": "ADT"}, 1),
        ("eai-01", "jauge_hl7_queue_depth", {"channel": "ADT"}, 3),
        ("eai-01", "jauge_hl7_oldest_message_age_seconds", {"channel": "ADT"}, 2 * HOUR),
        ("vdi-01", "jauge_desktop_machines", {"pool": "soins"}, 200),
        ("vdi-01", "jauge_desktop_machines_used", {"pool": "soins"}, 150),
        ("vdi-01", "jauge_telephony_devices_registered", {"kind": "SIP"}, 840),
        ("db-01", "jauge_tablespace_size_bytes", {"tablespace": "DATA", "database": "LIMS"}, 80e9),
        ("db-01", "jauge_tablespace_used_bytes", {"tablespace": "DATA", "database": "LIMS"}, 79e9),
        ("db-01", "jauge_database_replication_lag_seconds", {"replica": "db-02"}, 2 * HOUR),
        ("db-01", "jauge_database_backup_timestamp_seconds", {"database": "LIMS", "kind": "full"}, wrote.now - 50 * HOUR),
    ):  # fmt: skip
        told: Labels = labels(**pairs)
        wrote.last(target, metric, told, value)


def _status(now: float) -> Status:
    def table(name: str, reason: str | None = None, detail: str = "") -> TableStatus:
        rows = 0 if reason else 5
        return TableStatus(name, reason is None, now - 10, 0.02, rows, reason=reason, detail=detail)

    jobs = (
        Job("backup-01", "db-01:nightly", "db-01", now - 50 * HOUR, 30, True, result="ok", run=now - HOUR),
        Job(
            "backup-01", "old:nightly", HOSTILE, now - 9 * DAY, 30, False, ("shrunken",), result="ok", run=now - HOUR,
        ),
    )  # fmt: skip
    up = {"at": now - 10, "seconds": 0.1, "last_success": now - 10}
    return Status(now, (
        TargetStatus("nas-01", True, **up, product=HOSTILE, tables=(table("hrStorage"), table("df", "timeout", HOSTILE))),
        TargetStatus("pacs-01", False, now - 10, 0.1, now - 2 * HOUR, tables=(table("echo", "refused", "rejected"),)),
        TargetStatus("backup-01", True, **up, tables=(table("restic"),), jobs=jobs),
        TargetStatus("hci-01", True, **up, tables=(table("nodes"),), guests=("eai-02 (153)",)),
        TargetStatus(
            "vdi-01", True, **up, family="windows", product="Microsoft Windows Server 2012 R2", version="6.3.9600",
            tables=(table("hrStorage"),),
        ),
    ))  # fmt: skip


def _scored(path: Path) -> None:
    """41 forecasts of 90 days of which 33 held; the greatest miss came by a jump."""
    first = (dt.datetime.now(PARIS).date() - dt.date(1970, 1, 1)).days - 120
    none, half = np.zeros(1, np.uint16), np.zeros(1, np.float32)
    night = Night(
        series=np.ones(1, np.uint32), ago=none.astype(np.uint8), age=none, level=np.full(1, 10 * TB), size=np.full(1, np.nan),
        limit=np.full(1, np.nan), move=np.ones(1, np.float32), early=none, central=none, late=none,
        moves=np.zeros((1, len(HORIZONS), 5), np.float32),
    )  # fmt: skip
    with open_plan(path) as db:
        db.execute("BEGIN IMMEDIATE")
        number = number_of(db, (MISSED, "nas-01", "jauge_storage_used_bytes", VOLUME))
        put(db, first, float(first), night, ())
        db.execute("COMMIT")
    counts = {
        Key("storage", "volume", "nas", "years", False): Count(**{
            **dict.fromkeys(Count._fields, 0), "due": 44, "scored": 41, "in80": 33, "in95": 39, "share": 0.82, "shares": 41,
            "judged": 8, "crossed": 4, "missed": 1, "alarms": 5, "false": 2,
        }),
    }  # fmt: skip
    miss = (first, first + 90, 10 * TB, 10.5 * TB, 10 * TB, 11 * TB, 12.3 * TB, 0.0, MEASURED | RISE, 3.1 * TB, first + 40)  # fmt: skip
    outcome = Outcome(none, half, half, none, none)
    Ledger(path).keep(
        [Scored(first, 90, outcome, None, counts, [(number, 44, 41, 33, 39)], [(number, miss)])], 1.0
    )


def _decided(folder: Path, state: State, now: float, today: dt.date) -> None:
    """An inventory, restore tests of which one was corrected, a scenario that was committed."""
    file = folder / "glpi.csv"
    file.write_text(text(fleet(MACHINES, today)))
    with reading.read(state, file, today, reading.Asked("glpi", users=True)) as found:
        snapshots.commit(state, found, "tests")
    test = Restore(
        now - 40 * DAY, "db-01", "the database", "db-01:nightly", now - 41 * DAY, 3 * HOUR, "ok", "CHG-1", "anna", now - 39 * DAY, 2 * TB,
    )  # fmt: skip
    restores.record(state, test, "anna", "", Instead(restores.record(state, test, "anna"), "a typo"))
    start = (today + dt.timedelta(days=20)).isoformat()
    scenario = folder / "ct.yml"
    scenario.write_text(
        f"name: ct\ntitle: '{HOSTILE[:25]}'\nwhy: because\nchanges:\n"
        f"  - {{kind: growth, rate: 5 %, target: nas-01, start: {start}}}\n"
    )
    told = open_scenario(scenario)
    assert told.scenario is not None, told.problems
    scenarios.save(state, told.scenario, told.text, "anna", now)
    scenarios.commit(state, scenarios.need(state, "ct"), {}, "mana", "the board says so", now)
    _met(state, now, today)


def _met(state: State, now: float, today: dt.date) -> None:
    """A file of the committee with two questions, of which one was refused, and then accepted."""
    asked = [
        Wish(topic, {"en": (f"Order {HOSTILE[:25]}", "it fills"), "fr": (f"Commander {HOSTILE[:25]}", "tout se remplit")}, today, cost)
        for topic, cost in (("nas", 4000.0), ("san", None))
    ]  # fmt: skip
    day = today - dt.timedelta(days=9)
    number = committee.keep(state, asked, File(day, day - dt.timedelta(days=61)), "anna", now)[0].number
    for outcome in ("refused", "accepted"):
        committee.answer(
            state, number, Answer(outcome, day, None, None, f"{outcome} for the money", now), "mana"
        )
