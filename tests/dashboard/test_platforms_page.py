"""The page of platforms, on a history that the real writer wrote."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from asking import ask, words
from wrote import Wrote

from dashboard.app import create
from dashboard.data import Data
from dashboard.platforms import Channel, Use
from dashboard.sentences.platforms import messages
from dashboard.texts import Texts
from exporters.history.sqlite import Reader
from exporters.plan.outlooks import Outlooks
from forecasting.plan import plan
from inventory.checking import load
from inventory.metrics import labels
from inventory.state import open_state

ESTATE = """timezone: Europe/Paris
language: en
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c}
targets:
  - {name: eai-01, address: 127.0.0.1}
  - {name: oxe-01, address: 127.0.0.1}
  - {name: vdi-01, address: 127.0.0.1}
  - {name: db-01, address: 127.0.0.1}
"""
HOUR = 3600.0


@pytest.fixture(scope="module")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("platforms")
    (folder / "estate.yml").write_text(ESTATE)
    wrote = Wrote(folder)
    told = (
        ("eai-01", "jauge_hl7_listener_up", {}, 1),
        ("eai-01", "jauge_hl7_ack", {"code": "AA"}, 0),
        ("eai-01", "jauge_hl7_ack", {"code": "AE"}, 1),
        ("eai-01", "jauge_hl7_channel_up", {"channel": "ADT"}, 1),
        ("eai-01", "jauge_hl7_queue_depth", {"channel": "ADT"}, 3),
        ("eai-01", "jauge_hl7_oldest_message_age_seconds", {"channel": "ADT"}, 2 * HOUR),
        ("eai-01", "jauge_hl7_channel_up", {"channel": "ORU <i>"}, 0),
        ("eai-01", "jauge_queue_messages", {"queue": "orders"}, 7),
        ("oxe-01", "jauge_calls_active", {}, 12),
        ("oxe-01", "jauge_trunk_channels", {"trunk": "T2-1", "access": "1"}, 30),
        ("oxe-01", "jauge_trunk_channels_used", {"trunk": "T2-1", "access": "1"}, 28),
        ("oxe-01", "jauge_telephony_devices_registered", {"kind": "SIP"}, 840),
        ("oxe-01", "jauge_telephony_devices_unregistered", {"kind": "SIP"}, 4),
        ("vdi-01", "jauge_desktop_machines", {"pool": "soins"}, 200),
        ("vdi-01", "jauge_desktop_machines_used", {"pool": "soins"}, 150),
        ("vdi-01", "jauge_desktop_machines_available", {"pool": "soins"}, 0),
        ("db-01", "jauge_database_connections_limit", {}, 100),
        ("db-01", "jauge_database_connections", {}, 40),
        ("db-01", "jauge_tablespace_size_bytes", {"tablespace": "DATA", "database": "LIMS"}, 80e9),
        ("db-01", "jauge_tablespace_limit_bytes", {"tablespace": "DATA", "database": "LIMS"}, 100e9),
        ("db-01", "jauge_tablespace_used_bytes", {"tablespace": "DATA", "database": "LIMS"}, 79e9),
        ("db-01", "jauge_database_replication_lag_seconds", {"replica": "db-02"}, 2 * HOUR),
        ("db-01", "jauge_database_backup_timestamp_seconds", {"database": "LIMS", "kind": "full"}, wrote.now - 50 * HOUR),
        ("db-01", "jauge_database_backup_timestamp_seconds", {"database": "LIMS", "kind": "log"}, wrote.now - 3 * HOUR),
    )  # fmt: skip
    for target, metric, pairs, value in told:
        wrote.last(target, metric, labels(**pairs), value)
    pool = labels(tablespace="DATA", database="LIMS")
    wrote.days("db-01", "jauge_tablespace_used_bytes", pool, 60e9, 78e9)
    wrote.days("db-01", "jauge_tablespace_limit_bytes", pool, 100e9, 100e9)
    wrote.writer.close()
    plan(Reader(folder / "history.db"), Outlooks(folder / "plan.db"), wrote.now)
    found = Data(load(folder / "estate.yml"), folder)
    found.clock = lambda: wrote.now
    return found


def page(data: Data, language: str = "en") -> str:
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    return re.sub(r"\s", " ", words(ask(app, "/platforms", "", language)))


def test_channels_that_are_down_come_before_those_where_messages_wait(platforms: Data) -> None:
    shown = page(platforms)
    assert (
        "Channels that are down: 1; with a message that waits for longer than 10 minutes: 1. Of 3 in all."
        in shown
    )
    assert shown.index("ORU <i>") < shown.index("ADT") < shown.index("orders")
    assert "2 hours" in shown


def said(*found: Channel) -> str:
    return " ".join(messages(found, Texts("en", ZoneInfo("UTC"))))


def test_no_message_is_said_to_wait_briefly_where_nobody_tells_for_how_long() -> None:
    well = Channel("eai-01", "ADT", True, 3, 20.0)
    assert said(well) == "Every channel runs, and no message waits for longer than 10 minutes."
    queue = Channel("mq-01", "orders", None, 7, None)
    assert queue.state == "unknown"
    assert said(well, queue) == (
        "No channel is known to be down, and no message to wait for longer than 10 minutes. "
        "Whether it runs is not told of 1 of 2. For how long messages wait is not told of 1 of 2."
    )


def test_an_empty_queue_is_well_and_a_channel_that_runs_stays_so() -> None:
    empty, running = Channel("mq-01", "orders", None, 0, None), Channel("eai-01", "ADT", True, 3, None)
    assert (empty.state, running.state) == ("well", "well")
    assert "is not told of 1 of 2" in said(empty, running)


def test_a_listener_that_refuses_our_message_has_failed_though_it_listens(platforms: Data) -> None:
    assert [(one.state, one.code) for one in platforms.platforms().listeners] == [("failed", "AE")]
    assert "failed eai-01 AE" in page(platforms)


def test_calls_without_a_limit_are_unknown_and_trunks_nearly_used_up_are_told(platforms: Data) -> None:
    shown = page(platforms)
    assert "Used up: 0; used to 90% or more: 1; of 2 in all." in shown
    assert "Of 1 nobody tells how many there are, so nothing is said of them." in shown
    assert "T2-1 · 1 (trunk channels)" in shown
    assert "Devices that are known and not registered: 4." in shown


def test_desktops_are_used_up_where_none_waits_for_a_session(platforms: Data) -> None:
    assert [(one.ratio, one.state) for one in platforms.platforms().desktops] == [(0.75, "over")]


def test_a_tablespace_is_held_against_what_it_may_grow_to_and_has_its_date(platforms: Data) -> None:
    connections, tablespace = sorted(platforms.platforms().databases, key=lambda one: one.kind)
    assert (connections.ratio, tablespace.ratio, tablespace.size) == (0.4, 0.79, 100e9)
    assert tablespace.outlook is not None
    assert tablespace.outlook.date is not None
    shown = page(platforms, "fr")
    assert "La copie la plus en retard : 2 heures." in shown
    assert "La plus ancienne dernière sauvegarde : il y a 3 heures." in shown


def test_an_estate_without_platforms_says_what_to_look_at(bare: Data) -> None:
    assert not any(bare.platforms())
    assert "No platform is known" in page(bare)


@pytest.mark.parametrize(
    ("used", "size", "free", "state"),
    [
        (None, 10.0, None, "unknown"),
        (3.0, None, None, "unknown"),
        (3.0, 0.0, None, "unknown"),
        (8.9, 10.0, None, "well"),
        (9.0, 10.0, None, "tight"),
        (10.0, 10.0, None, "over"),
        (1.0, 10.0, 0.0, "over"),
    ],
)
def test_what_nobody_tells_is_never_well(
    used: float | None, size: float | None, free: float | None, state: str
) -> None:
    assert Use("desktops", "vdi-01", "soins", used, size, None, free).state == state
