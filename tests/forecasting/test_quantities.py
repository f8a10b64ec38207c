"""What is planned: which series of a history are things that fill, from a real history file."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from exporters.history import Point, sqlite
from forecasting.quantities import QUANTITIES, find, measured, own_name, read
from inventory.metrics import METRICS, kept, labels

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC).timestamp()
TODAY = int(NOW // 86400)


@pytest.fixture
def history(tmp_path):
    writer = sqlite.Writer(tmp_path / "history.db", "Europe/Paris", clock=lambda: NOW)

    def write(*series, points=()):
        writer.keep_days(
            sqlite.Day(target, metric, pairs, TODAY - len(values) + 1 + place, float(value))
            for target, metric, pairs, values in series
            for place, value in enumerate(values)
        )
        writer.append(list(points))
        writer.close()
        return sqlite.Reader(tmp_path / "history.db")

    return write


def names(reader):
    return {(one.quantity.name, one.target, one.labels) for one in find(reader, NOW).planned}


def test_every_metric_of_the_table_is_kept_in_the_history():
    for quantity in QUANTITIES:
        for metric in (quantity.used, *quantity.sizes):
            assert metric in METRICS
            assert metric in kept(), metric


def test_licences_memory_processors_sessions_and_databases_are_planned(history):
    licence, session = labels(license="desktops"), labels(kind="vpn")
    space = labels(tablespace="USERS", database="lims")
    reader = history(
        ("fw", "jauge_licenses_used", licence, [40]), ("fw", "jauge_licenses_owned", licence, [50]),
        ("pacs", "jauge_memory_used_bytes", (), [4e9]), ("pacs", "jauge_memory_size_bytes", (), [8e9]),
        ("pacs", "jauge_cpu_used_ratio", (), [0.4]),
        ("fw", "jauge_sessions", session, [40]), ("fw", "jauge_sessions_limit", session, [50]),
        ("db", "jauge_tablespace_used_bytes", space, [40]), ("db", "jauge_tablespace_size_bytes", space, [50]),
    )  # fmt: skip
    assert names(reader) == {
        ("licences", "fw", licence),
        ("memory", "pacs", ()),
        ("processors", "pacs", ()),
        ("sessions", "fw", session),
        ("databases", "db", space),
    }


def test_what_has_no_size_is_planned_only_where_it_is_a_store(history):
    store = labels(store="p0", kind="pool")
    reader = history(
        ("a", "jauge_storage_used_bytes", store, [1]),
        ("a", "jauge_licenses_used", labels(license="x"), [1]),
        ("a", "jauge_storage_raw_used_bytes", labels(store="disk", kind="volume"), [1]),
    )
    assert names(reader) == {("storage", "a", store)}


def test_raw_bytes_are_planned_where_nobody_tells_usable_ones(history):
    raw, both = labels(store="raw", kind="pool"), labels(store="both", kind="pool")
    reader = history(
        ("a", "jauge_storage_raw_used_bytes", raw, [1]), ("a", "jauge_storage_raw_bytes", raw, [2]),
        ("a", "jauge_storage_raw_used_bytes", both, [1]), ("a", "jauge_storage_raw_bytes", both, [2]),
        ("a", "jauge_storage_used_bytes", both, [1]), ("a", "jauge_storage_size_bytes", both, [2]),
    )  # fmt: skip
    assert names(reader) == {("raw_storage", "a", raw), ("storage", "a", both)}


def test_a_cluster_is_planned_beside_its_nodes_and_is_their_sum(history):
    nodes = {name: labels(node=name) for name in "abc"}
    series = [("hci", "jauge_node_memory_used_bytes", pairs, [10, 20, 30]) for pairs in nodes.values()]
    series += [("hci", "jauge_node_memory_size_bytes", pairs, [64, 64, 64]) for pairs in nodes.values()]
    reader = history(*series)
    found = find(reader, NOW).planned
    assert {one.labels for one in found} == {(), *nodes.values()}
    whole = next(one for one in found if one.labels == ())
    days = measured(reader, [whole], NOW - 10 * 86400, NOW, "Europe/Paris")[whole.unique_id]
    assert days.value.tolist() == [30, 60, 90]
    assert days.day.tolist() == [TODAY - 2, TODAY - 1, TODAY]


def test_a_cluster_counts_on_days_alone_on_which_all_its_nodes_do(history):
    reader = history(
        ("hci", "jauge_node_memory_used_bytes", labels(node="a"), [10, 20, 30]),
        ("hci", "jauge_node_memory_used_bytes", labels(node="b"), [1, 2]),
        ("hci", "jauge_node_memory_size_bytes", labels(node="a"), [64]),
        ("hci", "jauge_node_memory_size_bytes", labels(node="b"), [64]),
    )
    whole = next(one for one in find(reader, NOW).planned if one.labels == ())
    days = measured(reader, [whole], NOW - 10 * 86400, NOW, "Europe/Paris")[whole.unique_id]
    assert days.value.tolist() == [21, 32]


def test_a_day_of_processors_is_its_busiest_hour_and_today_is_not_over(history):
    """Two civil days of Paris, each with one busy hour: 0.9 at eleven, 0.2 otherwise."""
    zone = dt.timezone(dt.timedelta(hours=1))
    points = []
    for day in (26, 27, 28):
        for hour in range(24):
            at = dt.datetime(2026, 2, day, hour, 30, tzinfo=zone).timestamp()
            points.append(
                Point("pacs", "jauge_cpu_used_ratio", (), at, 0.9 - day / 1000 if hour == 11 else 0.2)
            )
    points += [
        Point("pacs", "jauge_cpu_used_ratio", (), dt.datetime(2026, 3, 1, 11, tzinfo=zone).timestamp(), 0.99)
    ]
    reader = history(points=points)
    found = find(reader, NOW).planned
    days = measured(reader, found, NOW - 1000 * 86400, NOW, "Europe/Paris")[found[0].unique_id]
    assert days.value.tolist() == pytest.approx([0.9 - 0.026, 0.9 - 0.027, 0.9 - 0.028])


def test_what_has_no_value_for_a_month_is_gone(history):
    values = np.arange(100.0)
    store = labels(store="p0", kind="pool")
    reader = history(("a", "jauge_storage_used_bytes", store, values))
    assert find(reader, NOW + 29 * 86400).stale == 0
    later = find(reader, NOW + 32 * 86400)
    assert (later.planned, later.stale) == ([], 1)


def test_hostile_names_are_read_like_any_other(history):
    store = labels(store='a"}{\\\n,\u202e' + "x" * 500, kind="pool")
    reader = history(("a", "jauge_storage_used_bytes", store, [1, 2, 3]))
    (one,) = find(reader, NOW).planned
    assert read(reader, [one.unique_id], NOW - 9 * 86400, NOW)[one.unique_id].value.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("pairs", "name"),
    [
        (labels(store="vol1", kind="volume", pool="aggr0"), "vol1"),
        (labels(tablespace="USERS", database="ris"), "USERS"),
        (labels(database="ris"), "ris"),
        (labels(license="agents"), "agents"),
        (labels(kind="firewall"), "firewall"),
        ((), ""),
    ],
)
def test_a_thing_is_called_by_the_narrowest_of_its_names(pairs, name):
    assert own_name(pairs) == name
