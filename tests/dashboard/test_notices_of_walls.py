"""What somebody is told to do about a wall: to order, to enlarge inside a pool, or nothing where the pool is told already."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from outlining import outlook

from dashboard import notices
from dashboard.data import Data
from dashboard.sentences.notices import said
from dashboard.texts import Texts
from exporters.plan.outlooks import Outlooks
from inventory.checking import load
from inventory.notices import Notices
from inventory.state import open_state

TB = 1e12
ESTATE = """\
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c}
targets: [{name: nas-01, address: 127.0.0.1, lead_time: 16w}]
"""


@pytest.fixture
def data(tmp_path: Path) -> Data:
    """A pool and three volumes in it, all full in 100 days, of which an order takes 112; the pool decides over one. A licence is used up."""
    now = time.time()
    today = dt.datetime.fromtimestamp(now, ZoneInfo("Europe/Paris")).date()

    def full(name: str, kind: str, times: float = 1.0) -> object:
        return outlook(
            "nas-01", name, today, 90 * TB * times, 100 * TB * times, 0.1 * TB * times, kind=kind, lead=112
        )

    pool, volume, thin = full("aggr1", "pool", 10), full("v0", "volume"), full("v1", "volume")
    thin = dataclasses.replace(thin, cause=pool.unique_id)  # type: ignore[type-var, attr-defined]
    over = outlook("nas-01", "v2", today, 100 * TB, 100 * TB, 0.1 * TB, kind="volume")
    used = outlook("nas-01", "antivirus", today, 500, 500, 1, metric="jauge_licenses_used")
    (tmp_path / "estate.yml").write_text(ESTATE)
    open_state(tmp_path / "state.db")
    Outlooks(tmp_path / "plan.db").issue([pool, volume, thin, over, used], now)  # type: ignore[list-item]
    return Data(load(tmp_path / "estate.yml"), tmp_path)


def test_each_wall_says_what_is_to_be_done_about_it(data: Data) -> None:
    t, day = Texts("en", data.zone), data.today + dt.timedelta(days=100)
    found = {
        each.thing: each for each in (said(one, t) for one in notices.look(data, Notices(ahead="365d")).found)
    }
    assert set(found) >= {"aggr1 of nas-01", "v0 of nas-01", "v2 of nas-01", "antivirus of nas-01"}
    assert "v1 of nas-01" not in found, "its pool is told"
    late = t.day(day - dt.timedelta(days=112))
    assert found["aggr1 of nas-01"].todo == f"Should have been ordered by {late}: order the extension now."
    assert found["v0 of nas-01"].todo == f"Enlarge it inside aggr1 by {t.day(day)}."
    assert found["v2 of nas-01"].todo == "Free space now, or extend it."
    assert found["antivirus of nas-01"].todo == "Relieve it now, or extend it."
    walls = {one.what: one for one in data.runway().walls}
    assert [walls[name].severity for name in ("aggr1", "v0", "v1")] == ["late", "soon", "soon"]
