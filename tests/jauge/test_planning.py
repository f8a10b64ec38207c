"""`jauge plan` as a person and a script meet it, on a real history."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import within

from exporters.history import sqlite
from exporters.history.lock import Lock
from exporters.plan.ledger import Ledger
from exporters.plan.outlooks import Outlooks
from inventory.metrics import labels

pytestmark = pytest.mark.timeout(1200)

PARIS = ZoneInfo("Europe/Paris")
ESTATE = """timezone: Europe/Paris
credentials: {c: {snmp: v2c, community: env:COMMUNITY}}
targets: [{name: nas, address: 127.0.0.1, credential: c, ceiling: 0.9, lead_time: 4w}]
"""


def jauge(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return within.jauge(*words, cwd=place)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A store that takes 1 TB a day, up to 500 TB of 800: 720 under its ceiling, full in 220 days."""
    (tmp_path / "estate.yml").write_text(ESTATE)
    (tmp_path / "data").mkdir()
    writer = sqlite.Writer(tmp_path / "data" / "history.db", "Europe/Paris")
    store, today = labels(store="p0", kind="pool"), writer.calendar.day(time.time())
    used = (np.arange(1, 501) + np.random.default_rng(1).normal(0, 0.2, 500)) * 1e12
    rows = [("jauge_storage_used_bytes", used), ("jauge_storage_size_bytes", np.full(500, 8e14))]
    writer.keep_days(
        sqlite.Day("nas", metric, store, today - 500 + place, float(value))
        for metric, values in rows
        for place, value in enumerate(values)
    )
    writer.close()
    return tmp_path


def test_a_plan_is_told_as_json_with_its_sentences_and_the_same_day_once(place: Path) -> None:
    today = dt.datetime.now(PARIS).date()
    jauge(place, "plan", "estate.yml")
    run = jauge(place, "plan", "estate.yml", "--json")
    assert (run.returncode, run.stderr) == (0, "")
    told = json.loads(run.stdout)
    (store,) = told["outlooks"]
    dates = {(one["threshold"], one["quantile"]): one["day"] for one in store["dates"]}
    full = dt.date.fromisoformat(dates[1.0, 0.5])
    assert abs((full - today).days - 220) <= 20
    assert store["limit"] == pytest.approx(7.2e14)
    early = dt.date.fromisoformat(dates[1.0, 0.1])
    assert store["order_by"] == (early - dt.timedelta(weeks=4)).isoformat()
    assert "720\u00a0TB under the ceiling of 90%" in store["sentence"]["en"]
    assert "sous le plafond de 90" in store["sentence"]["fr"]
    assert len(Outlooks(place / "data" / "plan.db").issues()) == 1


def test_files_that_others_may_read_are_told_by_the_planner_too_and_it_plans_all_the_same(
    place: Path,
) -> None:
    (place / "data" / "history.db").chmod(0o644)
    run = jauge(place, "plan", "estate.yml")
    assert run.returncode == 0
    assert "file exposed" in run.stderr
    assert "chmod 600" in run.stderr
    assert Outlooks(place / "data" / "plan.db").issues()


def test_an_earlier_day_is_planned_with_what_was_known_then(place: Path) -> None:
    day = dt.datetime.now(PARIS).date() - dt.timedelta(days=100)
    run = jauge(place, "plan", "estate.yml", "--json", "--as-of", day.isoformat(), "--within", "400")
    (store,) = json.loads(run.stdout)["outlooks"]
    assert store["last"] == day.isoformat()
    assert run.returncode == 3  # full in less than 400 days, as was asked
    ledger = Ledger(place / "data" / "plan.db")
    assert ledger.nights() == []  # a forecast of that day is not made up today
    assert jauge(place, "plan", "estate.yml", "--within", "10").returncode == 0
    assert len(ledger.nights()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as-of", "yesterday"), "yesterday is no day"),
        (("--as-of", "2999-01-01"), "has not come yet"),
        (("--as-of", "0001-01-01"), "lies before all that is kept"),
        (("--workers", "0"), "workers"),
    ],
)
def test_a_wrong_use_is_told_as_such(place: Path, words: tuple[str, ...], said: str) -> None:
    run = jauge(place, "plan", "estate.yml", *words)
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_a_second_planner_says_who_is_at_work(place: Path) -> None:
    held = Lock(place / "data" / "plan.lock")
    run = subprocess.run(
        [sys.executable, "-m", "jauge", "plan", "estate.yml"],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    held.release()
    assert run.returncode == 1
    assert f"process {os.getpid()}" in run.stderr
    assert "Traceback" not in run.stderr
