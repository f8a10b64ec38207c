"""Roll-outs: plans and dates by hand arithmetic, and bands held against invented roll-outs of known pace."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecasting.rollouts import follow
from forecasting.scenarios.workdays import weights
from inventory.rollouts import Rollout

WINDOWS = {"kind": "os", "os": "Windows 11"}
FRIDAYS = ["2026-06-05", "2026-06-12", "2026-06-19", "2026-06-26", "2026-07-03"]


def rollout(**said):
    return Rollout.model_validate({"counted": WINDOWS, "start": dt.date(2026, 6, 1), "weekly": 10, **said})


def counts(days, values):
    return pd.DataFrame({"day": pd.to_datetime(days), "count": values})


def day(text):
    return dt.date.fromisoformat(text)


def test_a_plan_until_an_end_is_spread_evenly_over_its_working_days():
    """100 in the 20 working days from 2 to 27 March 2026, without a holiday."""
    plan = rollout(start=day("2026-03-02"), end=day("2026-03-27"), weekly=None)
    found = follow(
        plan, 100, counts(["2026-03-04", "2026-03-06", "2026-03-13"], [3, 20, 60]), day("2026-03-15")
    )
    assert found.weeks["week"].dt.strftime("%m-%d").tolist() == ["03-02", "03-09", "03-16", "03-23"]
    assert found.weeks["planned"].tolist() == [25, 50, 75, 100]
    assert found.weeks["deployed"].tolist() == pytest.approx([20, 60, np.nan, np.nan], nan_ok=True)
    assert found.weeks["behind"].tolist() == pytest.approx([5, -10, np.nan, np.nan], nan_ok=True)
    assert found.needed == 20  # 40 are left for two weeks
    assert found.deployed == 60


def test_a_weekly_plan_knows_holidays_and_frozen_weeks_and_stops_at_the_total():
    """Ascension Day is Thursday, 14 May 2026; the week after it is frozen."""
    plan = rollout(
        start=day("2026-05-04"), weekly=40, frozen=[{"start": day("2026-05-18"), "end": day("2026-05-24")}]
    )
    found = follow(plan, 105, counts([], []), day("2026-06-08"))
    friday_8_may = 32  # the end of the war is a holiday too
    assert found.weeks["planned"].tolist() == [friday_8_may, 64, 64, 96, 105, 105]  # Whit Monday is 25 May
    assert found.weeks["deployed"].isna().all()
    assert (found.reason, found.needed, found.central) == ("unseen", None, None)


def test_a_steady_pace_is_done_on_the_day_that_one_counts_on_the_calendar():
    """Ten a week, thirty left: 15 working days after 3 July, 14 July being a holiday."""
    found = follow(rollout(), 80, counts(FRIDAYS, [10, 20, 30, 40, 50]), day("2026-07-05"))
    assert found.early == found.central == found.late == day("2026-07-27")
    assert found.pace == 10
    assert found.reason is None


def test_nothing_is_expected_of_frozen_weeks():
    """Nine of the 15 days lie before 20 July, six after 16 August."""
    plan = rollout(frozen=[{"start": day("2026-07-20"), "end": day("2026-08-16")}])
    found = follow(plan, 80, counts(FRIDAYS, [10, 20, 30, 40, 50]), day("2026-07-05"))
    assert found.central == day("2026-08-24")


def test_a_week_with_a_holiday_is_no_slow_week():
    """Eight in four days are ten a week."""
    fridays = ["2026-06-26", "2026-07-03", "2026-07-10", "2026-07-17", "2026-07-24"]
    found = follow(rollout(), 80, counts(fridays, [0, 10, 20, 28, 38]), day("2026-07-26"))
    assert found.pace == pytest.approx(10)
    assert (found.late - found.early).days <= 1


def test_quiet_weeks_count_and_weeks_in_which_nobody_counted_are_not_filled():
    quiet = follow(rollout(), 100, counts(FRIDAYS, [10, 20, 20, 20, 40]), day("2026-07-05"))
    assert quiet.pace == 7.5
    assert quiet.early < quiet.central
    assert quiet.late is None  # of four weeks, two quiet ones: one path in ten and more never comes to an end
    gap = follow(
        rollout(),
        100,
        counts([*FRIDAYS[:3], FRIDAYS[4], "2026-07-10"], [10, 20, 30, 50, 60]),
        day("2026-07-12"),
    )
    assert gap.weeks["deployed"].tolist() == pytest.approx([10, 20, 30, np.nan, 50, 60], nan_ok=True)
    assert gap.early == gap.late  # 20 in two weeks is the same pace


def test_the_week_that_is_not_over_says_where_one_is_and_nothing_of_the_pace():
    history = counts([*FRIDAYS, "2026-07-07"], [10, 20, 30, 40, 50, 51])
    found = follow(rollout(), 81, history, day("2026-07-07"))
    assert (found.pace, found.deployed) == (10, 51)
    assert found.central == day("2026-07-29")  # 15 working days after Tuesday, 7 July


@pytest.mark.parametrize(
    ("values", "total", "reason"),
    [
        ([10, 20, 30], 100, "short"),
        ([30, 30, 30, 30, 30], 100, "still"),
        ([30, 30, 20, 30, 25], 100, "still"),
        ([10, 20, 30, 40, 100], 100, "done"),
        ([10, 10, 10, 10, 11], 100_000, "slow"),
        ([], 100, "unseen"),
    ],
)
def test_where_there_is_no_date_there_is_a_reason(values, total, reason):
    found = follow(rollout(), total, counts(FRIDAYS[: len(values)], values), day("2026-07-05"))
    assert (found.early, found.central, found.reason) == (None, None, reason)


def test_neither_the_order_of_counts_nor_what_came_later_matters():
    values = [10, 24, 30, 41, 50]
    one = follow(rollout(), 90, counts(FRIDAYS, values), day("2026-07-05"))
    later = counts([*FRIDAYS, "2026-08-01"], [*values, 88]).sample(frac=1, random_state=1)
    other = follow(rollout(), 90, later, day("2026-07-05"))
    pd.testing.assert_frame_equal(one.weeks, other.weeks, check_exact=True)
    assert (one.early, one.central, one.late) == (other.early, other.central, other.late)


def test_a_history_or_a_plan_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="no column 'count'"):
        follow(rollout(), 10, pd.DataFrame({"day": []}), day("2026-07-05"))
    weekend = rollout(start=day("2026-06-06"), end=day("2026-06-07"), weekly=None)
    with pytest.raises(ValueError, match="there is no day on which anything is deployed"):
        follow(weekend, 10, counts([], []), day("2026-07-05"))


FROZEN = [
    {"start": dt.date(year, *first), "end": dt.date(year, *last)}
    for year in range(2026, 2031)
    for first, last in (((8, 1), (8, 31)), ((12, 19), (12, 31)))
]


def invented(seed):
    """A roll-out of known pace whose weeks vary by 20 to 60 %, some of them quiet, counted each day, week or fortnight."""
    rng = np.random.default_rng(seed)
    plan = rollout(start=dt.date(2026, 1, 5), weekly=40, frozen=FROZEN)
    days = np.arange(np.datetime64("2026-01-05"), np.datetime64("2030-12-31"))
    working = weights(plan.calendar, days)
    for span in plan.frozen:
        working[(days >= np.datetime64(span.start)) & (days <= np.datetime64(span.end))] = 0
    week, pace, spread = np.arange(len(days)) // 7, rng.uniform(10, 80), rng.uniform(0.2, 0.6) ** 2
    busy = rng.gamma(1 / spread, spread, week[-1] + 1) * (rng.random(week[-1] + 1) > rng.uniform(0, 0.15))
    deployed = np.cumsum(rng.poisson(working * busy[week] * pace / 5))
    today, step = int(rng.integers(70, 280)), int(rng.choice([1, 7, 14]))
    total = int(deployed[today] + pace * rng.uniform(4, 40))
    seen = np.arange(today % step, today + 1, step)
    done = days[np.argmax(deployed >= total)].astype(object)
    return plan, total, counts(days[seen], deployed[seen]), days[today].astype(object), done


@pytest.mark.timeout(600)
def test_80_of_100_bands_hold_the_day_on_which_all_is_deployed():
    """500 roll-outs: 80 % is known to 1.8 points."""
    inside, after = [], []
    for seed in range(500):
        plan, total, history, today, done = invented(seed)
        found = follow(plan, total, history, today)
        assert found.reason is None
        inside.append(found.early <= done <= (found.late or dt.date.max))
        after.append(found.central < done)
    assert np.mean(inside) == pytest.approx(0.80, abs=0.05)
    assert np.mean(after) == pytest.approx(0.50, abs=0.08)
