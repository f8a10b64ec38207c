"""Curves held against lifelines, and against published lifetimes of disks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servers import missing

from benchmarks.survival import oracle
from benchmarks.survival.oracle import Ages
from forecasting import survival
from forecasting.survival import kaplan_meier
from forecasting.survival.weibull import maximise

ROOT = Path(__file__).parents[2]
LONG = bool(os.environ.get("JAUGE_PROOF")) or not oracle.made()
"""The environment of lifelines takes a download: where it is not kept yet, these wait for `make proof`, which always runs them."""


pytestmark = pytest.mark.timeout(600)


def apart(test):
    return pytest.mark.proof(test) if LONG else test


def ages(seed, shape, count=800, late=0.7, unit=1.0):
    """Lives with late entry and censoring; ages have two digits, so that several end alike."""
    rng = np.random.default_rng(seed)
    dies, entry = 8 * rng.weibull(shape, count), rng.uniform(0, 4, count) * (rng.random(count) < late)
    end = np.round(np.minimum(dies, entry + rng.uniform(0.3, 6, count)), 2)
    kept = end > entry
    return Ages(entry[kept] * unit, end[kept] * unit, (np.round(dies, 2) == end)[kept])


CASES = [
    ages(1, 0.8),
    ages(2, 1.7),
    ages(3, 3.0, late=1.0),
    ages(4, 1.2, count=60),
    ages(5, 2.0, unit=365.2425),
    ages(6, 1.5, late=0),
]


def asked(method, cases):
    try:
        found = oracle.ask(method, cases)
    except oracle.PeersError as error:
        missing(str(error))
    assert f"lifelines=={found['versions']['lifelines']} " in oracle.LOCK.read_text()
    return found["answers"]


@apart
def test_kaplan_and_meier_with_late_entry_say_what_lifelines_says():
    for case, said in zip(CASES, asked("kaplan_meier", CASES), strict=True):
        found = kaplan_meier(*case)
        assert len(found.age) > 10
        for name in ("age", "survival", "low", "high"):
            assert getattr(found, name) == pytest.approx(said[name], abs=1e-9)


@apart
def test_the_likeliest_weibull_with_late_entry_is_that_of_lifelines():
    for case, (scale, shape) in zip(CASES, asked("weibull", CASES), strict=True):
        assert maximise(*case) == pytest.approx((scale, shape), rel=1e-4)


@apart
def test_lifelines_too_takes_the_survivors_for_the_whole_where_it_is_not_told_when_they_came():
    """Median of 6.24 years, 20,000 machines, an inventory of three years: late entry told, and not told."""
    rng = np.random.default_rng(9)
    dies = 6.24 / np.log(2) ** (1 / 3) * rng.weibull(3, 20_000)
    entry = np.maximum(rng.uniform(-3, 9, len(dies)), 0)
    entry, dies = entry[dies > entry], dies[dies > entry]
    end = np.minimum(dies, entry + rng.uniform(0.1, 3, len(dies)))
    given = Ages(entry, end, dies <= end)
    (aware,), (unaware,) = asked("kaplan_meier", [given]), asked("kaplan_meier_unaware", [given])
    median = {
        name: next(age for age, alive in zip(said["age"], said["survival"], strict=True) if alive <= 0.5)
        for name, said in (("aware", aware), ("unaware", unaware))
    }
    assert kaplan_meier(*given).median == median["aware"] == pytest.approx(6.24, abs=0.15)
    assert kaplan_meier(np.zeros(len(entry)), end, dies <= end).median == median["unaware"]
    assert median["unaware"] > median["aware"] + 0.1


@apart
def test_the_benchmark_compares_the_same_curves():
    argv = [sys.executable, "-m", "benchmarks.survival", "--json", "--machines", "600", "--models", "4"]
    done = subprocess.run(
        [*argv, "--rounds", "1"], check=False, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    found = json.loads(done.stdout)
    assert (found["machines"], found["models"]) == (600, 4)
    assert found["apart"] < 1e-4
    assert list(found["goals"]) == ["fit", "failures"]


# --- disks ------------------------------------------------------------------------------------------------

NOW = np.datetime64("2026-01-01", "s")


@pytest.fixture(scope="module")
def disks():
    """Published curves of disks, one row a model, that fall as Weibull's can: with two points, hence a scale and a shape."""
    folder = os.environ.get("JAUGE_CORPUS")
    if not folder:
        assert os.environ.get("CI") != "true", "CI must set JAUGE_CORPUS"
        pytest.skip("JAUGE_CORPUS is not set")
    rows = pd.read_csv(Path(folder) / "series" / "drive_survival.csv")
    rows = rows[(rows["failed"] >= 1) & (rows["surv_5yr"] > 0.01) & (rows["surv_5yr"] < 1)]
    risk = -np.log(rows["surv_5yr"])
    rows["shape"] = np.log(risk / -np.log(0.97)) / np.log(5 / rows["years_97pct"])
    rows["scale"] = 5 / risk ** (1 / rows["shape"])
    rows["maker"] = ["seagate" if name.startswith("st") else name.split()[0] for name in rows["model"]]
    return rows[rows["shape"].between(0.3, 4)].reset_index(drop=True)


def lived(row, late=0.0):
    """As many disks as there were, as many of which failed: at ages of the published curve, the others living until then.

    Those that were in service before the age `late` are seen from then on.
    """
    count, failed = int(row.n_unique), int(row.failed)
    share = (np.arange(failed) + 0.5) / count
    exits = row.scale * (-np.log1p(-share)) ** (1 / row.shape)
    until = row.scale * (-np.log1p(-min(failed / count, 0.999))) ** (1 / row.shape)
    exits = np.concatenate([exits, np.full(count - failed, until)])
    day = np.timedelta64(86400, "s")
    bought = NOW - np.ceil(exits * 365.2425).astype(np.int64) * day
    return pd.DataFrame({
        "maker": row.maker, "model": row.model, "purchased": bought, "left": NOW,
        "entered": bought + int(late * 365.2425) * day,
        "end": np.where(np.arange(count) < failed, "failure", ""),
    }).query("left > entered")  # fmt: skip


def test_disks_rebuilt_from_their_curves_were_watched_for_as_long_as_is_published(disks):
    """The days of service are published apart from the curves: so the two points of a curve tell the rest of it."""
    many = disks[(disks["failed"] >= 100) & (disks["n_unique"] < 20 * disks["failed"])]
    fleets = [lived(row) for row in many.itertuples()]
    years = [(one["left"] - one["purchased"]).dt.days.sum() / 365.2425 for one in fleets]
    ratio = np.array(years) / (many["drive_days"] / 365.2425)
    assert len(ratio) >= 10
    assert np.median(ratio) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("late", [0.0, 0.5])
def test_curves_of_disks_come_to_the_published_share_after_five_years(disks, late):
    """Of 60 models, those with 100 failures and more; also where each was first seen at half a year."""
    given = pd.concat([lived(row, late) for row in disks.itertuples()], ignore_index=True)
    known = survival.fit(given, NOW.astype("datetime64[D]").item())
    many = disks[disks["failed"] >= 100]
    said = 1 - known.probability(many["maker"], many["model"], 0, 5)
    inside = (many["surv_5yr_lower"] <= said) & (said <= many["surv_5yr_upper"])
    assert len(many) >= 20
    assert inside.mean() >= 0.9, many[~inside].assign(said=said[~inside])
    assert np.median(np.abs(said - many["surv_5yr"])) < 0.005
