"""Stores that are purged, or filled, by the calendar: the dates stand beside the arithmetic that gives them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecasting.engine import forecast
from forecasting.engine.almanac import find
from forecasting.engine.exhaustion import exhaustion
from forecasting.engine.frames import check
from forecasting.engine.projection import project

LAST = pd.Timestamp("2026-11-25")
AHEAD = 400
LEVEL = 10_000.0


def last_sunday(day):
    return day.weekday() == 6 and (day + pd.Timedelta(days=7)).month != day.month


def first_working_day(day):
    return day.weekday() < 5 and (day.day == 1 or (day.day <= 3 and day.weekday() == 0))


def teeth(purged, days=730, gathered=60.0, grown=10.0):
    """`grown` more each day for good, and `gathered` more each day until the next purge: LEVEL and no tooth would be LAST's."""
    calendar = pd.date_range(LAST - pd.Timedelta(days=days + 99), LAST + pd.Timedelta(days=AHEAD))
    since, levels = 0, []
    for day in calendar:
        since = 0 if purged(day) else since + 1
        levels.append(LEVEL + grown * (day - LAST).days + gathered * since)
    return calendar[100:], np.array(levels)[100:]


def seen(calendar, levels, capacity, noise=5.0, name="a"):
    past = calendar <= LAST
    noisy = levels + noise * np.random.default_rng(3).normal(0, 1, len(levels))
    return pd.DataFrame(
        {"unique_id": name, "ds": calendar[past], "y": noisy[past], "capacity": float(capacity)}
    )


def full(frame):
    """The early, central and late day of being full."""
    found = exhaustion(frame, (1.0,)).sort_values("quantile")
    return [day.date() for day in found["ds"]]


CASES = [
    # 31 January: 670 + 30 x 60 = 2,470; 28 February: 950 + 27 x 60; 30 March: 1,250 + 29 x 60 = 2,990; the 31st: 3,060
    pytest.param(lambda day: day.day == 1, 3_000, dt.date(2027, 3, 31), id="the 1st of the month"),
    # 30 January: 660 + 30 x 60; 27 February: 940 + 27 x 60; 29 March: 1,240 + 29 x 60 = 2,980; the 30th: 3,050
    pytest.param(lambda day: day.is_month_end, 3_000, dt.date(2027, 3, 30), id="the last day of the month"),
    # 26 December: 310 + 27 x 60 = 1,930, since 29 November; 29 January: 650 + 33 x 60 = 2,630; the 30th: 2,700
    pytest.param(last_sunday, 2_650, dt.date(2027, 1, 30), id="the last Sunday of the month"),
    # 1 May 2027 is a Saturday: purged on the 3rd; before, as on the 1st
    pytest.param(first_working_day, 3_000, dt.date(2027, 3, 31), id="the first working day of the month"),
    # 31 December: 360 + 91 x 60 = 5,820; 26 March: 1,210 + 84 x 60 = 6,250; the 27th: 6,320
    pytest.param(
        lambda day: day.day == 1 and day.month % 3 == 1, 6_300, dt.date(2027, 3, 27), id="the 1st of the quarter"
    ),
]  # fmt: skip


@pytest.mark.parametrize("days", [400, 730, 1_000])
@pytest.mark.parametrize(("purged", "more", "expected"), CASES)
def test_the_day_on_which_a_tooth_first_reaches_the_limit_is_the_central_date(purged, more, expected, days):
    calendar, levels = teeth(purged, days)
    early, central, late = full(seen(calendar, levels, LEVEL + more))
    assert abs((central - expected).days) <= 2
    assert early <= expected
    assert late >= central


@pytest.mark.parametrize(("purged", "more", "expected"), CASES)
def test_the_teeth_go_on_in_step_with_the_calendar(purged, more, expected):
    calendar, levels = teeth(purged)
    ahead = forecast(seen(calendar, levels, LEVEL + more), AHEAD)
    wrong = np.abs(ahead["mean"].to_numpy() - levels[calendar > LAST])
    assert np.median(wrong[:180]) < 60  # a day of what is gathered, of teeth of 1,700 to 5,500
    assert (wrong[:180] < 600).mean() > 0.97


def test_what_is_known_for_seven_months_is_enough_for_teeth_of_a_month():
    calendar, levels = teeth(lambda day: day.day == 1, days=210)
    ahead = forecast(seen(calendar, levels, 1e6), 90)
    assert np.abs(ahead["mean"].to_numpy() - levels[calendar > LAST][:90]).mean() < 100


def test_a_full_backup_that_stays_each_first_saturday_is_a_step_on_that_day():
    """600 on 5 December, 2 January, 6 February, 6 March, and 3 April: then it is 3,000, and 2,700 are left."""
    calendar = pd.date_range(LAST - pd.Timedelta(days=729), LAST + pd.Timedelta(days=AHEAD))
    steps = np.cumsum([600.0 * (day.weekday() == 5 and day.day <= 7) for day in calendar])
    levels = 100_000 + steps - steps[729]
    early, central, late = full(seen(calendar, levels, 102_700))
    assert abs((central - dt.date(2027, 4, 3)).days) <= 2
    assert early >= dt.date(2027, 2, 6)
    assert late <= dt.date(2027, 6, 5)


def test_a_week_and_a_month_are_told_apart():
    """600 are gathered each week on working days, 10 a day stay, and the 1st takes what was gathered."""
    calendar = pd.date_range(LAST - pd.Timedelta(days=829), LAST + pd.Timedelta(days=AHEAD))
    gathered, levels = 0.0, []
    for day in calendar:
        gathered = 0.0 if day.day == 1 else gathered + 120.0 * (day.weekday() < 5)
        levels.append(LEVEL + 10.0 * (day - LAST).days + gathered)
    levels = np.array(levels)
    ahead = forecast(seen(calendar[100:], levels[100:], 1e6), 180)
    assert np.abs(ahead["mean"].to_numpy() - levels[calendar > LAST][:180]).mean() < 200


def test_what_begins_within_the_history_is_kept_from_then_on():
    calendar, levels = teeth(lambda day: day.day == 1 and day >= pd.Timestamp("2026-01-01"), days=730)
    before = calendar < pd.Timestamp("2026-01-01")
    levels = np.where(before, levels - 60.0 * np.arange(len(levels)) + 10.0, levels)
    levels[before] += levels[~before][0] - levels[before][-1]
    ahead = forecast(seen(calendar, levels, 1e6), 120)
    assert np.abs(ahead["mean"].to_numpy() - levels[calendar > LAST][:120]).mean() < 150


def test_purges_that_have_ended_are_foretold_no_more():
    """The last one was on 1 June: since then all that comes stays."""
    calendar, levels = teeth(lambda day: day.day == 1 and day < pd.Timestamp("2026-06-02"))
    ahead = forecast(seen(calendar, levels, 1e6), 60)
    assert np.diff(ahead["mean"]).min() > -200


def test_a_period_of_thirty_days_is_not_the_calendar():
    calendar, levels = teeth(lambda day: (day - LAST).days % 30 == 3)
    (projection,) = project(check(seen(calendar, levels, 1e6)), 120)
    assert projection.cycle[0] == 0
    assert np.median(np.abs(projection.paths[0, :, 0] - levels[calendar > LAST][:120])) < 60


def test_chance_has_no_calendar():
    """Random walks, heavy-tailed ones, and stores with a few leaps whenever they please."""
    rng = np.random.default_rng(4)
    walks = np.cumsum(rng.normal(0, 1, (200, 900)), axis=1)
    heavy = np.cumsum(rng.standard_t(1.5, (200, 900)), axis=1)
    leaps = np.cumsum(
        np.where(rng.random((600, 900)) < 1 / 45, rng.uniform(50, 150, (600, 900)), 1.0), axis=1
    )
    y = 1e5 + np.concatenate((walks, heavy, -leaps))
    last = np.full(len(y), np.datetime64("2026-11-25"))
    assert len(find(y, np.zeros_like(y), np.full(len(y), 900), last).rows) <= 3


def test_a_migration_is_still_one_among_purges_by_the_calendar():
    calendar, levels = teeth(lambda day: day.day == 1)
    levels = levels + np.where(calendar >= pd.Timestamp("2026-06-10"), 5_000.0, 0.0)
    frame = seen(calendar, levels, LEVEL + 8_000)
    (projection,) = project(check(frame), 200)
    (event,) = projection.cleaned.events(0, projection.panel.last[0])
    assert event.ds == np.datetime64("2026-06-10")
    assert event.size == pytest.approx(5_000, abs=100)
    _, central, _ = full(frame)
    assert abs((central - dt.date(2027, 3, 31)).days) <= 2


@pytest.mark.parametrize("factor", [2.0**-20, 2.0**30])
def test_the_unit_changes_nothing_of_a_calendar(factor):
    calendar, levels = teeth(lambda day: day.day == 1)
    frame = seen(calendar, levels, LEVEL + 3_000)
    scaled = frame.assign(y=frame["y"] * factor, capacity=frame["capacity"] * factor)
    assert full(scaled) == full(frame)


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        pytest.param(lambda day: day.is_month_end, dt.date(2027, 3, 31), id="on the last day"),
        pytest.param(lambda day: day.day <= 2, dt.date(2027, 4, 1), id="on the first two days"),
    ],
)
def test_a_batch_that_takes_800_for_a_day_or_two_each_month_fills_what_the_growth_would_not_yet(
    busy, expected
):
    """10 a day: 1,200 on 25 March, and with the 800 of the next batch the 2,000 that are left."""
    calendar = pd.date_range(LAST - pd.Timedelta(days=729), LAST + pd.Timedelta(days=AHEAD))
    levels = np.array([LEVEL + 10.0 * (day - LAST).days + 800.0 * busy(day) for day in calendar])
    _, central, _ = full(seen(calendar, levels, LEVEL + 2_000))
    assert abs((central - expected).days) <= 1
