"""The nightly job, from a real history file to a real ledger."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from exporters.history import sqlite
from exporters.plan.outlooks import Outlooks
from forecasting.plan import SIZE, USED, plan
from inventory.metrics import labels

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC).timestamp()
TODAY = int(NOW // 86400)
GROWING, YOUNG = labels(store="p0", kind="pool"), labels(store="p1", kind="pool")


def days(target, store, used, size=None, ago=0):
    for metric, values in ((USED, used), (SIZE, size or [])):
        for place, value in enumerate(values):
            day = TODAY - ago - len(values) + 1 + place - 1
            yield sqlite.Day(target, metric, store, day, float(value))


@pytest.fixture
def stores(tmp_path):
    writer = sqlite.Writer(tmp_path / "history.db", "Europe/Paris", clock=lambda: NOW)
    line = 1000.0 + np.arange(700) + np.random.default_rng(5).normal(0, 0.5, 700)
    capacity = [1500.0] * 650 + [2000.0] * 50
    writer.keep_days(
        [
            *days("nas-01", GROWING, line, capacity),
            *days("nas-01", YOUNG, line[:10], capacity[:10]),
            *days("nas-02", GROWING, line),
            *days("gone", GROWING, line[:300], ago=60),
        ]
    )
    writer.close()
    return sqlite.Reader(tmp_path / "history.db"), Outlooks(tmp_path / "plan.db")


def test_every_living_store_gets_an_outlook_with_dates_or_a_reason(stores):
    reader, ledger = stores
    summary = plan(reader, ledger, NOW)
    assert (summary.stores, summary.dated, summary.stale) == (3, 1, 1)
    assert summary.reasons == {"capacity unknown": 1, "not enough history (< 14 days)": 1}
    by_store = {(o.target, o.labels): o for o in ledger.latest()}
    full = by_store["nas-01", GROWING]
    assert full.capacity == 2000.0
    assert full.last == dt.date(2026, 2, 28)
    assert full.rate == pytest.approx(1.0, rel=0.15)
    assert abs((full.date - (full.last + dt.timedelta(days=301))).days) <= 30
    assert full.reasons[0.8] == "already over"
    assert by_store["nas-01", YOUNG].date is None
    assert by_store["nas-01", YOUNG].reason == "not enough history (< 14 days)"
    assert by_store["nas-02", GROWING].reason == "capacity unknown"


def test_the_path_of_a_store_starts_the_day_after_its_last(stores):
    reader, ledger = stores
    plan(reader, ledger, NOW)
    name = next(o.unique_id for o in ledger.latest("nas-02"))
    path = ledger.path(name)
    assert path["ds"].iloc[0].date() == dt.date(2026, 3, 1)
    assert len(path) == 1096
    assert (path["lo95"] <= path["mean"]).all()


def test_a_ceiling_brings_the_date_nearer(stores):
    reader, ledger = stores
    plan(reader, ledger, NOW)
    before = ledger.latest("nas-01")[0].date
    plan(reader, ledger, NOW + 1, ceilings={"nas-01": 0.9})
    after = ledger.latest("nas-01")[0].date
    assert 150 < (before - after).days < 250


def test_an_empty_history_gives_an_empty_issue(tmp_path):
    sqlite.Writer(tmp_path / "history.db", "UTC").close()
    ledger = Outlooks(tmp_path / "plan.db")
    assert plan(sqlite.Reader(tmp_path / "history.db"), ledger, NOW).stores == 0
    assert ledger.issues() == [NOW]
