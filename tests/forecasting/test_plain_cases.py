"""What anybody would work out by hand, of histories of which one thing is unusual: 10 a day, and full in 100 days."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.engine import forecast
from forecasting.engine.exhaustion import OVER, exhaustion, trending

LAST = pd.Timestamp("2026-11-25")
DAYS = 400


def steady(noise=3.0, seed=7):
    """10 a day from 10,000 on."""
    return 10_000 + 10.0 * np.arange(DAYS) + noise * np.random.default_rng(seed).normal(0, 1, DAYS)


def history(y, kept=slice(None), capacity=None):
    frame = pd.DataFrame({"unique_id": "a", "ds": pd.date_range(end=LAST, periods=len(y)), "y": y})
    return (frame if capacity is None else frame.assign(capacity=float(capacity)))[kept]


def full(frame):
    """Days from the last one to the early, central and late date of being full (NaN where none), and the reason."""
    found = exhaustion(frame, (1.0,)).sort_values("quantile")
    return ((found["ds"] - LAST).dt.days).tolist(), found["reason"].iloc[0]


@pytest.mark.parametrize("ago", [1, 3, 60, 200])
@pytest.mark.parametrize("size", [5_000.0, -3_000.0])
def test_one_migration_does_not_bring_the_central_date_forward(ago, size):
    """The growth is full in 100 days; another migration within them is possible, but not as likely as not."""
    y = steady()
    y[-ago:] += size
    (early, central, _), _ = full(history(y, capacity=y[-1] + 1_000))
    assert central == pytest.approx(100, abs=4)
    assert early <= central


@pytest.mark.parametrize("length", [10, 30, 60, 90])
@pytest.mark.parametrize("start", [200, DAYS - 1])
def test_growth_within_a_gap_is_growth_and_no_leap(length, start):
    kept = np.ones(DAYS, bool)
    first = min(start, DAYS - 1 - length)
    kept[first : first + length] = False
    y = steady()
    frame = history(y, kept, capacity=y[-1] + 1_000)
    (_, central, _), _ = full(frame)
    assert central == pytest.approx(100, abs=4)
    ahead = forecast(frame, 180)
    assert ahead["mean"].iloc[89] == pytest.approx(y[-1] + 900, abs=20)
    assert ahead["hi80"].iloc[89] - ahead["lo80"].iloc[89] < 100


@pytest.mark.parametrize("length", [1, 3])
@pytest.mark.parametrize("reading", [0.0, 100_000.0, -1.0])
def test_a_last_reading_of_nonsense_makes_nothing_full_and_nothing_empty(length, reading):
    y = steady()
    limit = y[-1] + 1_000
    y[-length:] = reading
    (_, central, _), reason = full(history(y, capacity=limit))
    assert reason is None
    assert central == pytest.approx(100, abs=4)


@pytest.mark.parametrize("length", [1, 3])
def test_what_is_full_is_full_though_its_last_reading_is_nothing(length):
    y = steady()
    y[-length:] = 0.0
    assert full(history(y, capacity=13_000))[1] == OVER


@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_days_of_a_bad_last_reading_are_not_lost_to_the_growth(length):
    y = steady()
    spoilt = y.copy()
    spoilt[-length:] = 0.0
    ahead = forecast(history(spoilt), 90)
    assert ahead["mean"].iloc[29] == pytest.approx(10_000 + 10 * (DAYS - 1 + 30), abs=9)


def test_what_was_never_less_than_nothing_will_not_be():
    y = np.maximum(3_900 - 10.0 * np.arange(DAYS), 0.0)
    ahead = forecast(history(y), 365)
    assert (ahead[["mean", "lo80", "lo95"]] >= 0).all(axis=None)
    below = forecast(history(y - 1_000), 365)
    assert (below["mean"] < 0).all()


@pytest.mark.parametrize("ago", [30, 60, 120, 200])
def test_a_pace_that_changed_plainly_is_the_one_that_counts(ago):
    """5 a day, and 30 a day since: 3,000 more are there in 100 days, not in 200."""
    clock = np.arange(DAYS)
    y = 10_000 + 5.0 * clock + 25.0 * np.maximum(clock - (DAYS - 1 - ago), 0)
    y = y + 3.0 * np.random.default_rng(2).normal(0, 1, DAYS)
    frame = history(y, capacity=y[-1] + 3_000)
    (early, central, late), _ = full(frame)
    assert central == pytest.approx(100, abs=20)
    assert early <= 100 <= late
    assert forecast(frame, 90)["mean"].iloc[89] - y[-1] == pytest.approx(2_700, rel=0.2)


@pytest.mark.parametrize("ago", [60, 120, 200])
def test_growth_that_has_plainly_ended_goes_on_no_more(ago):
    clock = np.arange(DAYS)
    y = 10_000 + 30.0 * np.minimum(clock, DAYS - 1 - ago)
    y = y + 3.0 * np.random.default_rng(2).normal(0, 1, DAYS)
    frame = history(y, capacity=y[-1] + 1_000)
    (_, central, _), _ = full(frame)
    assert not central < 180
    assert forecast(frame, 90)["mean"].iloc[89] == pytest.approx(y[-1], abs=100)


def test_growth_that_grows_steadily_is_no_break():
    """Half as much again in a year, evenly: the slope of the last month alone would not do better."""
    y = 5_000 * 1.5 ** (np.arange(DAYS + 90) / 365)
    ahead = forecast(history(y[:DAYS]), 90)
    assert ahead["mean"].iloc[89] == pytest.approx(y[-1], rel=0.02)


@pytest.mark.parametrize("every", [50, 91])
def test_a_count_that_goes_up_by_one_now_and_then_goes_on_to(every):
    """A licence every 50 days, a tray every quarter: what moves rarely, and always by the same, is no leap."""
    y = 100.0 + np.arange(DAYS + 180) // every
    ahead = forecast(history(y[:DAYS]), 180)
    assert ahead["mean"].iloc[179] == pytest.approx(y[-1], abs=1.0)


@pytest.mark.parametrize("empty", [0.0, 50.0])
def test_the_first_filling_of_a_new_store_is_not_expected_again(empty):
    """Put into service on day 5 with what an older one held; it grows by 10 a day since."""
    y = steady()
    y[:5] = empty
    ahead = forecast(history(y), 90)
    assert ahead["hi80"].iloc[89] - y[-1] < 1_000
    (early, central, _), _ = full(history(y, capacity=y[-1] + 1_000))
    assert early > 85
    assert central == pytest.approx(100, abs=4)


@pytest.mark.parametrize("ago", [10, 60, 200])
@pytest.mark.parametrize("share", [0.1, 0.3])
def test_one_migration_of_400_days_does_not_bring_the_early_date_to_the_next_weeks(ago, share):
    """At one in 400 days another has come within 30 with a chance of 1 - exp(-30 / 400), 7 %: the early date is that of 10 %."""
    y = steady()
    y[-ago:] += share * y[-ago]
    (early, central, _), _ = full(history(y, capacity=y[-1] + 1_000))
    assert 30 <= early <= 101
    assert central == pytest.approx(100, abs=4)


@pytest.mark.parametrize("length", [3, 7])
@pytest.mark.parametrize("ago", [0, 7, 14, 180, 364])
def test_a_holiday_or_a_few_days_of_nonsense_neither_hide_a_trend_nor_invent_one(ago, length):
    """What is missing for a week, whenever it is, is a small part of a year of growth, and no growth of a level."""
    rng = np.random.default_rng(5)
    dip = (np.arange(DAYS) > DAYS - 1 - ago - length) & (np.arange(DAYS) <= DAYS - 1 - ago)
    still = 10_000 + 30.0 * rng.normal(0, 1, (100, DAYS))
    grows = still + 1.0 * np.arange(DAYS)
    spans = np.full(100, 365)
    assert trending(grows - 300.0 * dip, spans).mean() > 0.95
    assert trending(still - 300.0 * dip, spans).mean() < 0.1
