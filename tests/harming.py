"""A hospital in which every text means harm: what devices, files and people may write, each place with its own number."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from pathlib import Path
from typing import Any, Final

from exported import fleet, text
from wrote import Wrote

from exporters.events import Event, Events
from exporters.history.sqlite import Reader
from exporters.jobs import Job
from exporters.plan.outlooks import Outlooks
from exporters.status import Status, TableStatus, TargetStatus
from forecasting.capacity import Rules
from forecasting.plan import plan
from forecasting.renewal import issuing
from inventory.checking import load
from inventory.harmless import clean
from inventory.imports import reading, snapshots
from inventory.metrics import labels
from inventory.scenarios.reading import revive
from inventory.state import State, audit, measures, open_state, restores, scenarios
from inventory.state.measures import Measured
from inventory.state.restores import Restore

MARKUP: Final = (
    "<script>alert({0})</script><img src=x onerror=alert({0})>\"'><svg/onload=alert({0})> =cmd|' /C calc'!A0 {{{{7*7}}}} {{0}} {{name}} %s %n ${{7*7}} "
    "[a](javascript:alert({0})) `rm`"
)
LINK: Final = "javascript:alert(1)//"
HOUR, DAY = 3600.0, 86_400.0


def written(place: int) -> str:
    """What a person may write in a file or a form of ours."""
    return MARKUP.format(place)


def sent(place: int) -> str:
    """What a device may send: besides, it steers terminals, turns text round, ends nowhere and is long."""
    return f"{LINK}{MARKUP.format(place)}\0\x1b[31m\n\u202eevil\u2066\ufeff" + "x" * 10_000


def named(place: int) -> str:
    """The same as a name of something that is measured: bounded where it enters."""
    return clean(sent(place))


def make(folder: Path) -> State:
    """The files of that hospital."""
    (folder / "estate.yml").write_text(json.dumps(_estate(), ensure_ascii=False))
    wrote = Wrote(folder)
    _history(wrote)
    wrote.writer.close()
    estate = load(folder / "estate.yml")
    plan(Reader(folder / "history.db"), Outlooks(folder / "plan.db"), wrote.now, rules=Rules.of(estate))
    (folder / "status.json").write_text(json.dumps(dataclasses.asdict(_status(wrote.now))))
    targets = ("", "nas-01", "hci-01", "eai-01")
    kinds = ("trap", "target_down", "estate_reloaded", "trap")
    told = zip(targets, kinds, strict=True)
    Events(folder / "events.db").append(
        [Event(wrote.now - n, *one, sent(20 + n)) for n, one in enumerate(told)]
    )
    state = open_state(folder / "state.db")
    _fleet(folder, state)
    _people(state, wrote.now)
    issuing.night(state, estate, folder, time.time())
    return state


def _estate() -> dict[str, Any]:
    held = {"job": sent(30)[:200].replace("\0", ""), "media": "disk"}
    target = {"address": "127.0.0.1"}
    return {
        "title": written(1), "timezone": "Europe/Paris", "language": "en", "sites": {"north": {"title": written(2)}},
        "contracts": {"pc": {"title": written(3), "lead_time": "8w"}},
        "credentials": {"c": {"snmp": "v2c", "community": "file:/etc/hostname"}}, "defaults": {"credential": "c"},
        "backups": {"exclude": [{"machine": "spare-*", "reason": written(4)}]},
        "targets": [
            {"name": "nas-01", **target, "site": "north", "service": written(5), "ceiling": 0.9, "lead_time": "2w", "contract": "pc"},
            {"name": "pacs-01", **target, "dicom": {"aet": "PACS"}, "service": written(6), "directorate": written(7),
             "protect": {"rpo": "24h", "rto": "4h", "jobs": [written(8)], "held": [{**held, "job": written(8)}]}},
            *({"name": name, **target} for name in ("hci-01", "eai-01", "db-01", "backup-01")),
        ],
        "workstations": {
            "years": 3, "age_limit": 7, "budgets": {dt.datetime.now(dt.UTC).year: {"amount": 9_000}},
            "classes": [{"name": "bloc", "title": written(9), "care": True, "age_limit": 5, "fits": {"services": ["Chirurgie"]}},
                        {"name": "rest", "title": written(10), "fits": {"services": ["Administration", "Accueil"]}}],
            "offers": {"pc": {"title": written(11), "contract": "pc", "price": 700}},
            "measures": [{"fits": {"names": ["PC-0003"]}, "text": written(12), "who": written(13), "day": "2026-01-15"}],
        },
    }  # fmt: skip


def _history(wrote: Wrote) -> None:
    store, node = labels(store=named(40), kind="volume"), labels(node=named(41))
    for target, pairs in (
        ("nas-01", store),
        ("pacs-01", labels(store=named(42), kind="share")),
        ("hci-01", labels(store=named(43), kind="pool")),
    ):
        wrote.days(target, "jauge_storage_size_bytes", pairs, 10e12, 10e12)
        wrote.days(target, "jauge_storage_used_bytes", pairs, 5e12, 8.5e12)
    for metric, value in (("jauge_node_memory_size_bytes", 5e11), ("jauge_node_memory_used_bytes", 4e11)):
        wrote.days("hci-01", metric, node, value, value)
        wrote.last("hci-01", metric, node, value)
    for target, metric, pairs, value in (
        ("hci-01", "jauge_disk_healthy", {"disk": named(44)}, 0.0), ("hci-01", "jauge_node_up", {"node": named(41)}, 0.0),
        ("eai-01", "jauge_hl7_channel_up", {"channel": named(45)}, 0.0), ("eai-01", "jauge_queue_messages", {"queue": named(46)}, 9e9),
        ("eai-01", "jauge_hl7_ack", {"code": named(47)}, 1.0), ("eai-01", "jauge_hl7_listener_up", {}, 1.0),
        ("eai-01", "jauge_trunk_channels", {"trunk": named(48), "access": named(49)}, 30.0),
        ("eai-01", "jauge_trunk_channels_used", {"trunk": named(48), "access": named(49)}, 30.0),
        ("eai-01", "jauge_desktop_machines", {"pool": named(50)}, 10.0), ("eai-01", "jauge_desktop_machines_used", {"pool": named(50)}, 10.0),
        ("db-01", "jauge_tablespace_limit_bytes", {"tablespace": named(51), "database": named(52)}, 10.0),
        ("db-01", "jauge_tablespace_used_bytes", {"tablespace": named(51), "database": named(52)}, 10.0),
        ("db-01", "jauge_database_replication_lag_seconds", {"replica": named(53)}, 9e9),
        ("db-01", "jauge_database_backup_timestamp_seconds", {"database": named(52), "kind": named(54)}, wrote.now - 9e6),
        ("pacs-01", "jauge_dicom_echo_success", {"aet": named(55)}, 0.0), ("pacs-01", "jauge_pacs_studies", {}, 12.0),
    ):  # fmt: skip
        wrote.last(target, metric, labels(**pairs), value)


def _status(now: float) -> Status:
    broken = TableStatus(sent(60), False, now - 10, 0.1, 0, reason="timeout", detail=sent(61))
    jobs = (
        Job("backup-01", named(62), named(63), now - 50 * HOUR, points=3.0, protecting=False, reasons=("shrunken",), result="ok", run=now - HOUR, size_drift=0.1),
        Job("backup-01", written(8), "pacs-01", now - 90 * HOUR, points=3.0, protecting=True, result=sent(64), run=now - HOUR),
    )  # fmt: skip
    up: dict[str, Any] = {"at": now - 10, "seconds": 0.1, "last_success": now - 10}
    return Status(now, (
        TargetStatus("nas-01", True, **up, product=sent(65), version=sent(66), tables=(broken,)),
        TargetStatus("pacs-01", False, now - 10, 0.1, now - 7200, tables=(dataclasses.replace(broken, name="dicom", reason="refused"),)),
        TargetStatus("backup-01", True, **up, tables=(dataclasses.replace(broken, up=True, reason=None),), jobs=jobs),
        TargetStatus("hci-01", True, **up, product=sent(67), guests=(named(68), f"{named(69)} (7)")),
    ))  # fmt: skip


def _fleet(folder: Path, state: State) -> None:
    """Machines of which every text means harm, but for the systems and services that others are told by."""
    today = dt.datetime.now(dt.UTC).date()
    rows = fleet(12, today)
    for number, row in enumerate(rows):
        for column in (1, 3, 4, 5, 11):
            row[column] = written(100 + 10 * number + column)
        row[0] = f"PC-{number:04d} {written(number)}" if number != 3 else row[0]
        row[2] = "Chirurgie" if number % 2 else written(300 + number)
        if number % 4 == 1:
            row[8], row[9], row[10] = written(310), written(311), written(312)
    (folder / "glpi <img src=x onerror=alert(1)>.csv").write_text(text(rows))
    with reading.read(state, next(folder.glob("glpi*.csv")), today, reading.Asked("glpi")) as found:
        snapshots.commit(state, found, written(320))


def _people(state: State, now: float) -> None:
    """What people recorded, decided and did."""
    found = snapshots.latest(state)
    assert found is not None
    machines = [(one.key, one.name) for one in found.workstations[:4]]
    day = dt.datetime.fromtimestamp(now, dt.UTC).date()
    measures.add(state, Measured(machines, written(400), written(401), day), now, written(402))
    restores.record(
        state,
        Restore(now - DAY, "pacs-01", written(403), written(8), now - 2 * DAY, HOUR, "partial", written(404), written(405), now, remark=sent(406)[:480]),
        written(407),
    )  # fmt: skip
    for name, change in (
        ("stores", {"kind": "step", "amount": "1 TB", "target": "nas-01", "start": day.isoformat()}),
        ("fleet", {"kind": "fleet-money", "rate": -0.2, "start": day.isoformat()}),
    ):
        told = json.dumps({"name": name, "title": written(408), "why": written(409), "changes": [change]})
        scenarios.save(state, revive(told), told, written(410), now)
    scenarios.commit(state, scenarios.need(state, "stores"), {}, written(411), written(412), now)
    with state.write() as connection:
        audit.record(connection, sent(413), sent(414), sent(415), sent(416))
