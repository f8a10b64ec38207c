"""What the planner issued, in the body of each target."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from zoneinfo import ZoneInfo

import pytest
from prometheus_client.parser import text_string_to_metric_families

from collectors.board import Board
from collectors.poll import Poll, Table
from exporters.exposition import SAMPLES, body, render
from exporters.plan.outlooks import Outlook, Outlooks
from inventory.estate import Target
from inventory.metrics import describe, labels
from jauge.dates import Dates

PARIS = ZoneInfo("Europe/Paris")
HOSTILE = 'p"}{\\0\n# HELP jauge_up 1\n\u202e' + "x" * 300


def outlook(store="p0", **more):
    given = {
        "unique_id": f"used {store}", "target": "nas", "metric": "jauge_storage_used_bytes",
        "labels": labels(store=store, kind="pool"), "issued_at": 1e9, "first": dt.date(2024, 1, 1),
        "last": dt.date(2026, 3, 1), "used": 5e12, "capacity": 8e12, "rate": 2e9, "limit": 6e12,
        "dates": {(1.0, 0.1): dt.date(2026, 7, 1), (1.0, 0.5): dt.date(2026, 8, 1), (1.0, 0.9): None},
        "reasons": {1.0: None}, "chances": {1.0: {90: 0.25}}, "order_by": dt.date(2026, 4, 8),
    }  # fmt: skip
    return Outlook(**{**given, **more})


def told(tmp_path, *outlooks):
    Outlooks(tmp_path / "plan.db").issue(outlooks, 1e9)
    return list(Dates(tmp_path / "plan.db", PARIS).samples("nas"))


def test_dates_orders_growth_and_chances_are_told_in_the_vocabulary(tmp_path):
    found = {(one.metric, dict(one.labels).get("probability")): one for one in told(tmp_path, outlook())}
    midsummer = dt.datetime(2026, 7, 31, 22, tzinfo=dt.UTC).timestamp()  # midnight of 1 August in Paris
    assert found["jauge_storage_full_timestamp_seconds", "0.5"].value == midsummer
    assert ("jauge_storage_full_timestamp_seconds", "0.9") not in found
    order = found["jauge_storage_order_by_timestamp_seconds", None]
    assert order.value == dt.datetime(2026, 4, 7, 22, tzinfo=dt.UTC).timestamp()
    assert dict(order.labels)["state"] == "probable"
    assert found["jauge_storage_growth_bytes_per_day", None].value == 2e9
    assert found["jauge_storage_plannable_bytes", None].value == 6e12
    assert found["jauge_storage_full_chance_ratio", None].value == 0.25
    assert [describe(one) for one in found.values()] == [None] * len(found)


def test_a_date_that_is_merely_possible_says_so(tmp_path):
    dates = {(1.0, 0.1): dt.date(2026, 7, 1), (1.0, 0.5): None}
    found = told(tmp_path, outlook(dates=dates, reasons={1.0: "no crossing within 3 years"}))
    (order,) = (one for one in found if "order_by" in one.metric)
    assert dict(order.labels)["state"] == "possible"


def test_what_is_no_store_is_told_beside_the_stores(tmp_path):
    licence = outlook(
        unique_id="l", metric="jauge_licenses_used", labels=labels(license="vpn"), quantity="licences", unit="", limit=50.0, rate=0.1,
    )  # fmt: skip
    found = {one.metric: one for one in told(tmp_path, licence)}
    assert found["jauge_planned_limit"].value == 50.0
    assert found["jauge_planned_limit"].labels == labels(quantity="licences", thing="license=vpn")
    assert not any(name.startswith("jauge_storage_") for name in found)
    assert [describe(one) for one in found.values()] == [None] * len(found)


def test_coverage_stands_beside_the_dates_of_its_target(tmp_path):
    """Of ten forecasts of 90 days that came due, eight were inside their 80 % band and nine inside their 95 % band."""
    Outlooks(tmp_path / "plan.db").issue([outlook()], 1e9)
    with contextlib.closing(sqlite3.connect(tmp_path / "plan.db")) as db, db:
        for number, (store, target) in enumerate((("p0", "nas"), ("p1", "gone"))):
            named = json.dumps(labels(store=store, kind="pool"))
            row = (number, f"used {store}", target, "jauge_storage_used_bytes", named)
            db.execute("INSERT INTO ledger_series VALUES (?, ?, ?, ?, ?)", row)
            db.execute("INSERT INTO standing VALUES (?, 90, 11, 10, 8, 9)", (number,))
            db.execute("INSERT INTO standing VALUES (?, 7, 5, 5, 0, 0)", (number,))
    found = [one for one in Dates(tmp_path / "plan.db", PARIS).samples("nas") if "coverage" in one.metric]
    assert [(one.value, dict(one.labels)["probability"], dict(one.labels)["store"]) for one in found] == [
        (0.8, "0.8", "p0"),
        (0.9, "0.95", "p0"),
    ]
    assert [describe(one) for one in found] == [None, None]


@pytest.mark.parametrize("openmetrics", [False, True])
def test_outlooks_stand_outside_the_bound_of_a_target_and_survive_hostile_names(tmp_path, openmetrics):
    extra = told(tmp_path, *(outlook(f"{HOSTILE}{number}"[-120:]) for number in range(300)))
    target = Target(name="nas", address="127.0.0.1")
    board = Board([target])
    series = tuple(
        ("jauge_interface_up", labels(interface=f"port {number}")) for number in range(SAMPLES + 100)
    )
    table = Table("t", 1e9, 0.1, series, (1.0,) * len(series), len(series))
    board["nas"].record(Poll("nas", 1e9, 0.1, (table,)))
    text = body(render(board["nas"], extra, 1e9 + 60), 1e9 + 60, openmetrics).decode()
    counts = {}
    if openmetrics:
        assert text.endswith("# EOF\n")
        text = text.removesuffix("# EOF\n").replace("# UNIT", "#")
    for family in text_string_to_metric_families(text):
        counts[family.name] = counts.get(family.name, 0) + len(family.samples)
    assert counts["jauge_storage_order_by_timestamp_seconds"] == 300
    assert counts["jauge_storage_full_timestamp_seconds"] == 600
    assert counts["jauge_interface_up"] == SAMPLES


def test_a_damaged_plan_costs_no_target_its_other_values(tmp_path):
    """The dates are left out, with words in the log: a scrape must not fail for them."""
    Outlooks(tmp_path / "plan.db").issue([outlook()], 1e9)
    with contextlib.closing(sqlite3.connect(tmp_path / "plan.db", isolation_level=None)) as db:
        db.execute("UPDATE outlook SET dates = 'zzz'")
    assert list(Dates(tmp_path / "plan.db", PARIS).samples("nas")) == []
