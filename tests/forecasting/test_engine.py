"""The arithmetic, on histories whose truth is known because it was made."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.engine import FrameError, check, forecast, refusals
from forecasting.engine.cleaning import clean
from forecasting.engine.exhaustion import (
    HORIZON,
    NEVER,
    NOISE,
    OVER,
    REASONS,
    SHORT,
    UNKNOWN,
    WITHIN,
    exhaustion,
    judge,
)
from forecasting.engine.frames import drawn, lay, spans
from forecasting.engine.passage import crossing
from forecasting.engine.projection import project, survey
from forecasting.engine.rhythm import find

GIB = 2.0**30


def history(y, name="a", start="2023-01-01", **columns):
    return pd.DataFrame(
        {"unique_id": name, "ds": pd.date_range(start, periods=len(y)), "y": np.asarray(y, float), **columns}
    )


def line(days=730, slope=1.0, base=1000.0, noise=0.0, seed=1):
    return base + slope * np.arange(days) + np.random.default_rng(seed).normal(0, 1, days) * noise


def mean_at(ahead, day):
    return float(ahead["mean"].iloc[day - 1])


def laid(frame):
    tidy = check(frame)
    return lay(tidy, spans(tidy))


# --- the frame ---------------------------------------------------------------------------------------


def test_the_answer_has_exactly_the_seven_columns_and_a_row_a_day_after_each_last_day():
    frame = pd.concat([history(line(100), "a"), history(line(50), "b", "2024-02-20")])
    ahead = forecast(frame, 10)
    assert list(ahead.columns) == ["unique_id", "ds", "mean", "lo80", "hi80", "lo95", "hi95"]
    by_name = {name: rows["ds"].dt.strftime("%Y-%m-%d").tolist() for name, rows in ahead.groupby("unique_id")}
    assert by_name["a"][0] == "2023-04-11"
    assert by_name["a"][-1] == "2023-04-20"
    assert by_name["b"][0] == "2024-04-10"
    assert {len(days) for days in by_name.values()} == {10}


def test_an_empty_frame_gives_an_empty_forecast_with_the_same_columns():
    empty = pd.DataFrame({"unique_id": [], "ds": [], "y": []})
    assert list(forecast(empty, 5).columns) == list(forecast(history(line(30)), 5).columns)
    assert len(forecast(empty, 5)) == 0


@pytest.mark.parametrize("name", ["unique_id", "ds", "y"])
def test_a_missing_column_is_named(name):
    with pytest.raises(FrameError, match=f"column {name} is missing"):
        check(history(line(20)).drop(columns=name))


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("y", "twelve", "is not a number"),
        ("ds", "03/04/2024", "is not a date"),
        ("unique_id", "", "is empty"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_by_column_and_row(column, value, words):
    frame = history(line(20)).astype({"y": object, "ds": object})
    frame["ds"] = frame["ds"].astype(str)
    frame.loc[7, column] = value
    with pytest.raises(FrameError, match=f"column {column}, row 7: .*{words}"):
        check(frame)


def test_the_day_is_the_one_that_is_written_in_its_own_zone():
    frame = pd.DataFrame(
        {
            "unique_id": "a",
            "ds": ["2024-03-31T01:30:00+01:00", "2024-03-31T23:30:00+02:00", "2024-03-30 12:00"],
            "y": [1.0, 2.0, 3.0],
        }
    )
    tidy = check(frame)
    assert tidy["ds"].dt.strftime("%m-%d").tolist() == ["03-30", "03-31"]
    assert tidy["y"].tolist() == [3.0, 2.0]


def test_a_zoned_column_has_no_missing_or_double_day_when_the_clocks_change():
    instants = pd.date_range("2024-03-25", "2024-11-05", freq="6h", tz="Europe/Paris")
    tidy = check(pd.DataFrame({"unique_id": "a", "ds": instants, "y": np.arange(float(len(instants)))}))
    assert (tidy["ds"].diff().dropna() == pd.Timedelta(days=1)).all()


def test_the_29th_of_february_is_a_day_like_another():
    ahead = forecast(history(line(60, noise=0), start="2023-12-30"), 3)
    assert ahead["ds"].dt.strftime("%Y-%m-%d").tolist() == ["2024-02-28", "2024-02-29", "2024-03-01"]


def test_rows_in_any_order_give_the_same_forecast():
    frame = pd.concat([history(line(200, noise=3), "a"), history(line(90, 2.0, noise=3), "b")])
    shuffled = frame.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(forecast(frame, 30), forecast(shuffled, 30))


def test_gaps_are_drawn_straight_and_flagged():
    frame = history(line(60)).drop(index=range(20, 30))
    panel = laid(frame)
    assert panel.gaps.sum() == 10
    assert panel.y[0] == pytest.approx(line(60))


def test_missing_and_infinite_values_are_left_out():
    y = line(60)
    y[5], y[6] = np.nan, np.inf
    assert laid(history(y)).gaps.sum() == 2


# --- cleaning ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("value", [0.0, 5000.0, -1.0])
def test_a_glitch_that_comes_back_leaves_no_trace(length, value):
    truth = line(400, noise=0.5)
    y = truth.copy()
    y[200 : 200 + length] = value
    y[350] = value
    cleaned = clean(laid(history(y)))
    assert set(np.flatnonzero(cleaned.altered[0])) == {*range(200, 200 + length), 350}
    clean_ahead, ahead = forecast(history(truth), 180), forecast(history(y), 180)
    assert mean_at(ahead, 180) == pytest.approx(mean_at(clean_ahead, 180), abs=5)


def test_a_zero_on_the_last_day_is_a_silence_and_not_a_purge():
    y = line(400, noise=0.5)
    y[-1] = 0
    assert mean_at(forecast(history(y), 30), 30) == pytest.approx(1000 + 399 + 30, abs=10)


@pytest.mark.parametrize("size", [-600.0, 900.0])
@pytest.mark.parametrize("day", [300, 600, 700])
def test_a_purge_or_a_migration_does_not_bend_the_slope(size, day):
    y = line(730, noise=1.0)
    y[day:] += size
    cleaned = clean(laid(history(y)))
    events = cleaned.events(0, np.datetime64("2024-12-30"))
    assert [event.ds for event in events] == [np.datetime64("2023-01-01") + day]
    assert events[0].size == pytest.approx(size, abs=8)
    ahead = forecast(history(y), 180)
    assert mean_at(ahead, 180) - y[-1] == pytest.approx(180, rel=0.15)


def test_a_weekly_retention_is_how_a_store_lives_and_no_jump():
    y = line(700, 1.0) + 40.0 * (np.arange(700) % 7)
    cleaned = clean(laid(history(y)))
    assert not cleaned.jumps.any()
    assert not cleaned.altered.any()


def test_cleaning_keeps_what_it_did_not_touch():
    y = line(300, noise=2.0)
    cleaned = clean(laid(history(y)))
    assert cleaned.y[0] == pytest.approx(y)
    assert cleaned.level[0, -1] == pytest.approx(y[-1])


# --- growth and bands --------------------------------------------------------------------------------


def test_an_exact_line_goes_on():
    ahead = forecast(history(line(730, 2.0)), 180)
    assert mean_at(ahead, 180) == pytest.approx(1000 + 2 * 729 + 2 * 180, rel=0.005)


@pytest.mark.parametrize("slope", [-0.5, 0.3, 3.0])
def test_a_line_with_noise_is_recovered(slope):
    ahead = forecast(history(line(730, slope, noise=4.0)), 180)
    truth = 1000 + slope * (729 + 180)
    assert mean_at(ahead, 180) == pytest.approx(truth, abs=0.12 * abs(slope) * 180 + 6)


def test_a_constant_goes_on():
    ahead = forecast(history(np.full(200, 7 * GIB)), 90)
    assert ahead["mean"].to_numpy() == pytest.approx(np.full(90, 7 * GIB))


def test_the_unit_does_not_matter():
    y = line(500, 1.0, noise=5.0)
    small, large = forecast(history(y), 90), forecast(history(y * 1e12), 90)
    for name in ("mean", "lo80", "hi95"):
        assert large[name].to_numpy() / 1e12 == pytest.approx(small[name].to_numpy(), rel=1e-6)


def test_an_extension_does_not_bend_the_forecast():
    y = line(500, 1.0, noise=2.0)
    capacity = np.where(np.arange(500) < 480, 1600.0, 9000.0)
    pd.testing.assert_frame_equal(forecast(history(y, capacity=capacity), 60), forecast(history(y), 60))


def test_the_forecast_is_the_same_each_time():
    frame = pd.concat([history(line(200, noise=3, seed=s), f"s{s}") for s in range(5)])
    pd.testing.assert_frame_equal(forecast(frame, 60), forecast(frame.copy(), 60))


def test_bands_hold_about_as_often_as_they_say_on_random_walks():
    rng = np.random.default_rng(11)
    frames, later = [], {}
    for number in range(150):
        walk = 1e4 + np.cumsum(rng.normal(1.0, 5.0, 910))
        frames.append(history(walk[:730], f"w{number:03d}"))
        later[f"w{number:03d}"] = walk[730:]
    ahead = forecast(pd.concat(frames), 180)
    ahead["y"] = np.concatenate([later[name] for name in sorted(later)])
    days = ahead.groupby("unique_id").cumcount() + 1
    for day in (30, 90, 180):
        rows = ahead[days == day]
        assert rows["y"].between(rows["lo80"], rows["hi80"]).mean() == pytest.approx(0.8, abs=0.1)
        assert rows["y"].between(rows["lo95"], rows["hi95"]).mean() == pytest.approx(0.95, abs=0.06)


def test_a_habit_of_naming_does_not_choose_what_the_fleet_is_learnt_from():
    rng = np.random.default_rng(5)
    calm = [1e4 + np.arange(400) + np.cumsum(rng.normal(0, 0.3, 400)) for _ in range(200)]
    pace = 1.0 + np.cumsum(rng.normal(0, 0.05, (200, 400)), axis=1)
    drifting = list(1e4 + np.cumsum(pace + rng.normal(0, 0.3, (200, 400)), axis=1))

    def width(name):
        ahead = forecast(
            pd.concat(
                history(y, name(kind, n)) for kind, ys in ((0, calm), (1, drifting)) for n, y in enumerate(ys)
            ),
            180,
        )
        mine = ahead[ahead["unique_id"].isin({name(1, n) for n in range(200)})].groupby("unique_id").last()
        return (mine["hi80"] - mine["lo80"]).median()

    one_after_the_other, by_turns = (
        width(lambda kind, n: f"v{200 * kind + n:03d}"),
        width(lambda kind, n: f"v{2 * n + kind:03d}"),
    )
    assert by_turns == pytest.approx(one_after_the_other, rel=0.1)


def test_a_sample_of_names_is_the_same_whatever_stands_beside_them():
    names = [f"v{number:04d}" for number in range(1000)]
    places = drawn(names, 200)
    assert places == sorted(set(places))
    assert len(places) == 200
    assert drawn(names[:200], 200) == list(range(200))
    assert 75 <= sum(place % 2 for place in places) <= 125  # 100 and 3.9 standard deviations
    chosen = {names[place] for place in places}
    more = ["new", *reversed(names)]
    assert len(chosen - {more[place] for place in drawn(more, 200)}) <= 1


numbers = st.floats(-1e15, 1e15, allow_nan=False) | st.just(float("nan"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(numbers, min_size=1, max_size=60), min_size=1, max_size=4), st.integers(1, 400))
def test_bands_are_in_order_and_finite_whatever_the_numbers(many, horizon):
    frame = pd.concat([history(y, f"s{place}") for place, y in enumerate(many)])
    ahead = forecast(frame, horizon, shortest=1)
    values = ahead[["lo95", "lo80", "mean", "hi80", "hi95"]].to_numpy()
    assert np.isfinite(values).all()
    assert (np.diff(values, axis=1) >= 0).all()
    alive = frame.dropna(subset="y")["unique_id"].nunique()
    assert len(ahead) == alive * horizon


def test_short_series_are_refused_by_name_or_given_a_wide_band_on_demand():
    frame = pd.concat(
        [history(line(300, noise=5, seed=s), f"s{s}") for s in range(8)] + [history(line(13), "young")]
    )
    frame = pd.concat([frame, history([np.nan] * 20, "mute")])
    assert "young" not in set(forecast(frame, 30)["unique_id"])
    assert refusals(frame).to_numpy().tolist() == [["mute", "no value at all"], ["young", SHORT]]
    young = forecast(frame, 30, shortest=1).query("unique_id == 'young'")
    assert len(young) == 30
    assert (young["hi80"] > young["lo80"]).all()


def test_importing_the_engine_loads_numpy_and_pandas_and_nothing_heavier():
    code = "import forecasting.engine, sys; print([m for m in ('scipy', 'dash', 'plotly', 'exporters', 'inventory') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- dates -------------------------------------------------------------------------------------------


def verdict(frame, threshold=1.0):
    rows = exhaustion(frame).query("threshold == @threshold").set_index("quantile")
    return rows["ds"], rows["reason"].iloc[0]


def test_a_line_is_full_on_the_day_that_arithmetic_says():
    days, reason = verdict(history(line(730, 1.0, noise=0.5), capacity=2000.0))
    expected = pd.Timestamp("2023-01-01") + pd.Timedelta(days=1000)
    assert pd.isna(reason)
    assert abs((days[0.5] - expected).days) <= 25
    assert days[0.1] <= days[0.5] <= days[0.9]


def test_thresholds_are_reached_one_after_the_other():
    dates = exhaustion(history(line(730, 1.0, noise=0.5), capacity=2400.0)).query("quantile == 0.5")
    assert dates["ds"].is_monotonic_increasing
    assert dates["ds"].notna().all()


def test_the_last_known_capacity_counts():
    capacity = np.where(np.arange(730) < 700, 1800.0, 1e6)
    capacity[-1] = np.nan
    assert verdict(history(line(730), capacity=capacity))[1] == NEVER


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (history(line(730), capacity=1500.0), OVER),
        (history(line(730, 0.001), capacity=9000.0), NEVER),
        (history(line(13), capacity=9000.0), SHORT),
        (history(line(400), capacity=np.nan), UNKNOWN),
        (history(line(400)), UNKNOWN),
        (history(np.full(400, 5.0), capacity=6.0), NEVER),
        (history(line(400, 0.0, 1000.0, noise=30.0), capacity=1060.0), NOISE),
    ],
)
def test_no_date_has_a_reason_of_the_closed_list(frame, reason):
    days, given_reason = verdict(frame)
    assert given_reason == reason
    assert given_reason in REASONS
    assert pd.isna(days[0.5])


def test_what_cannot_be_told_from_noise_has_a_chance_and_no_early_date_either():
    """Normal with a deviation of 10, and 4.5 of them below the limit: that it is reached within days is no date."""
    rng = np.random.default_rng(8)
    still = [history(1000 + rng.normal(0, 10, 500), f"n{n:02d}", capacity=1045.0) for n in range(20)]
    dates = exhaustion(pd.concat(still), (1.0,))
    refused = dates[dates["reason"] == NOISE]
    assert len(refused)
    assert refused["ds"].isna().all()
    told = judge(projected(pd.concat(still), HORIZON), np.full(20, 1045.0), (1.0,))
    noisy = [row[0] for row in told if row[0].reason == NOISE]
    assert noisy
    assert all(one.level is None and one.chances[-1] >= 0.1 for one in noisy)


# --- what is known to come, and how likely it is -----------------------------------------------------


def projected(frame, horizon=400):
    return next(iter(project(check(frame), horizon)))


def ratio_line(noise=0.002):
    return history(line(730, 0.0005, 0.2, noise=noise))


def test_a_step_that_is_known_to_come_brings_the_date_forward_by_what_arithmetic_says():
    projection = projected(history(line(730, 1.0, noise=1.0)))
    plain = judge(projection, np.array([2000.0]), (1.0,))[0][0]
    step = np.zeros((1, 400, 3))
    step[:, 59:] = 100.0
    sooner = judge(projection, np.array([2000.0]), (1.0,), step)[0][0]
    assert (plain.days[1] - sooner.days[1]).astype(int) == pytest.approx(100, abs=12)


def test_an_extension_that_has_been_ordered_counts_from_the_day_it_arrives():
    projection = projected(history(line(730, 1.0, noise=1.0)))
    path = np.full((1, 400), 1800.0)
    path[:, 29:] = 2000.0
    extended = judge(projection, path, (1.0,))[0][0]
    whole = judge(projection, np.array([2000.0]), (1.0,))[0][0]
    assert extended.days[1] == whole.days[1]
    path[:, :200], path[:, 200:] = 1800.0, 9000.0
    late = judge(projection, path, (1.0,))[0][0]
    assert late.days[1] == judge(projection, np.array([1800.0]), (1.0,))[0][0].days[1]


def test_the_uncertainty_of_what_comes_widens_the_bands_and_keeps_their_order():
    projection = projected(history(line(400, 1.0, noise=3.0)))
    step = np.zeros((1, 400, 3))
    step[:, 100:] = [-80.0, -50.0, -20.0]
    moved = projection.plus(step).paths
    before, after = projection.paths[0, 150], moved[0, 150]
    assert after - before == pytest.approx([-50.0, -80.0, -20.0, -80.0, -20.0])
    assert moved[0, :100] == pytest.approx(projection.paths[0, :100])


def test_chances_grow_with_the_days_and_agree_with_the_dates():
    verdict = judge(projected(history(line(730, 1.0, noise=5.0)), HORIZON), np.array([1900.0]), (1.0,))[0][0]
    within = (verdict.days - np.datetime64("2024-12-30")).astype(int)
    assert (np.diff(verdict.chances) >= 0).all()
    for quantile, day in zip((0.1, 0.5, 0.9), within, strict=True):
        for chance, span in zip(verdict.chances, WITHIN, strict=True):
            assert (chance >= quantile) == (day <= span)
    assert verdict.level == "probable"


def test_the_chance_of_a_brownian_motion_is_that_of_the_reflection_principle():
    days = np.arange(1, 366)
    deviation = np.sqrt(days)[None, :, None] * np.array([0.0, -1.281552, 1.281552, -1.959964, 1.959964])
    level = 20.0
    told = crossing(deviation, np.full((1, 1, 365), level))[0, 0, [89, 179, 364]]
    truth = [math.erfc(level / math.sqrt(2 * day)) for day in (90, 180, 365)]
    marginal = np.array(truth) / 2
    assert (told > marginal).all()
    assert (told < np.array(truth) + 0.01).all()


def test_thresholds_are_a_parameter_and_a_ratio_is_a_quantity_like_another():
    projection = projected(ratio_line())
    verdicts = judge(projection, np.array([1.0]), (0.6, 0.65, 0.7))[0]
    days = [(v.days[1] - np.datetime64("2024-12-30")).astype(int) for v in verdicts]
    assert days == pytest.approx([71, 171, 271], rel=0.12)


def test_nothing_is_said_of_the_chance_where_capacity_is_unknown_or_the_path_ends_before():
    projection = projected(history(line(400, 1.0, noise=3.0)), 100)
    assert np.isnan(judge(projection, np.array([np.nan]), (1.0,))[0][0].chances).all()
    assert np.isnan(judge(projection, np.array([1e4]), (1.0,))[0][0].chances).tolist() == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert judge(projection, np.array([1000.0]), (1.0,))[0][0].chances.tolist() == [1.0] * len(WITHIN)


# --- laws --------------------------------------------------------------------------------------------


def wandering(seed, days=500):
    """A store that grows, by chance, with a rhythm and a migration now and then."""
    rng = np.random.default_rng(seed)
    y = 5e3 + np.cumsum(rng.gamma(1.0, 3.0, days))
    if rng.random() < 0.5:
        y += rng.uniform(5, 80) * (np.arange(days) % 7 == 2)
    if rng.random() < 0.5:
        y[int(rng.integers(60, days - 60)) :] += rng.uniform(500, 3000)
    return y + rng.normal(0, rng.choice([0.0, 5.0]), days)


def columns(ahead):
    return ahead[["lo95", "lo80", "mean", "hi80", "hi95"]].to_numpy()


seeds = st.integers(0, 10_000)


@settings(max_examples=12, deadline=None)
@given(seeds, st.sampled_from([1e-4, 1e3, 2.0**40]))
def test_the_unit_changes_nothing(seed, factor):
    y = wandering(seed)
    assert columns(forecast(history(y * factor), 90)) / factor == pytest.approx(
        columns(forecast(history(y), 90)), rel=1e-5
    )


@settings(max_examples=12, deadline=None)
@given(seeds, st.sampled_from([-0.5, 1.0, 20.0]))
def test_what_was_there_before_changes_nothing(seed, times):
    y = wandering(seed)
    plain = columns(forecast(history(y), 90)) - y[-1]
    moved = columns(forecast(history(y + times * 5e3), 90)) - (y[-1] + times * 5e3)
    assert moved == pytest.approx(plain, abs=1e-3 * np.ptp(y))


@settings(max_examples=10, deadline=None)
@given(seeds, st.integers(20, 470), st.integers(1, 4), st.sampled_from([0.0, 10.0, 1000.0, -0.5]))
def test_a_glitch_does_not_move_the_date(seed, day, length, factor):
    y = wandering(seed)
    rate = (y[-1] - y[0]) / len(y)
    spoilt = y.copy()
    spoilt[day : day + length] *= factor
    limit = {"capacity": y[-1] + 120 * rate}
    days = [verdict(history(values, **limit))[0][0.5] for values in (y, spoilt)]
    assert abs((days[0] - days[1]).days) <= 15


@pytest.mark.parametrize("seed", range(6))
def test_bookkeeping_of_an_archive_that_rests_most_days_does_not_move_the_date(seed):
    rng = np.random.default_rng(seed)
    comes = rng.random(800) < 0.2
    y = 5e12 + np.cumsum(comes * 2e10 * (1.0 + rng.pareto(2.2, 800)))
    # Indexes and logs: some tens of kilobytes up or down on the days on which nothing comes.
    kept = y + rng.normal(0, 5e4, 800)
    limit = {"capacity": y[-1] + 150 * (y[-1] - y[0]) / 800}
    (exact, _), (booked, _) = (verdict(history(values, **limit)) for values in (y, kept))
    for quantile in (0.1, 0.5, 0.9):
        assert exact[quantile] is booked[quantile] or abs((exact[quantile] - booked[quantile]).days) <= 2


@pytest.mark.parametrize("factor", [0.0, 10.0, 1000.0])
@pytest.mark.parametrize("length", [1, 3])
def test_a_glitch_on_the_very_last_days_is_waited_for(length, factor):
    y = line(400, noise=0.5)
    spoilt = y.copy()
    spoilt[-length:] *= factor
    assert mean_at(forecast(history(spoilt), 30), 30) == pytest.approx(1000 + 429, abs=12)


def test_an_outage_that_reads_nothing_for_three_weeks_leaves_no_trace():
    y = line(400, noise=0.5)
    y[200:221] = 0
    cleaned = clean(laid(history(y)))
    assert np.flatnonzero(cleaned.altered[0]).tolist() == list(range(200, 221))
    assert not cleaned.jumps.any()


def test_glitches_are_found_where_readings_are_rare():
    rng = np.random.default_rng(4)
    y = line(600, noise=0.5)
    y[[100, 300]] *= 10
    y[400:404] = 0
    kept = rng.random(600) < 0.4
    kept[[0, 100, 300, 401, 599]] = True
    frame = history(y)[kept]
    cleaned = clean(laid(frame))
    assert cleaned.y[0] == pytest.approx(line(600), abs=6)


def test_a_counter_that_began_again_is_an_event_and_widens_no_band():
    y = line(700, noise=0.5)
    fresh = y.copy()
    fresh[300:] -= y[299]
    cleaned = clean(laid(history(fresh)))
    assert len(cleaned.events(0, np.datetime64("2024-11-30"))) == 1
    ahead = forecast(history(fresh), 180)
    assert mean_at(ahead, 180) - fresh[-1] == pytest.approx(180, rel=0.1)
    assert ahead["lo80"].iloc[179] > fresh[-1]


def test_a_migration_within_a_gap_is_a_jump_and_no_slope():
    y = line(700, noise=0.5)
    y[400:] += 800
    frame = history(y).drop(index=range(380, 400))
    events = clean(laid(frame)).events(0, np.datetime64("2024-11-30"))
    assert [event.size for event in events] == [pytest.approx(820, abs=10)]
    assert mean_at(forecast(frame, 180), 180) - y[-1] == pytest.approx(180, rel=0.15)


@pytest.mark.parametrize("period", [7, 10, 28, 42])
def test_a_retention_goes_on_in_step(period):
    days = np.arange(880)
    y = 1e4 + 2.0 * days + 60.0 * (days % period)
    ahead = forecast(history(y[:700]), 180)
    assert np.abs(ahead["mean"].to_numpy() - y[700:]).max() < 0.6 * 60 * period
    assert np.median(np.abs(ahead["mean"].to_numpy() - y[700:])) < 20


def test_a_walk_has_no_rhythm():
    steps = np.random.default_rng(2).normal(0, 1, (50, 500))
    period = find(np.cumsum(steps, axis=1), np.full(50, 500)).period
    assert (period == 1).mean() >= 0.95


def test_the_order_of_rows_and_of_series_changes_nothing():
    frame = pd.concat([history(wandering(seed), f"s{seed}") for seed in range(6)])
    mixed = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(forecast(frame, 60), forecast(mixed, 60))


def test_a_store_knows_of_others_through_the_fleet_alone():
    frame = pd.concat([history(wandering(seed, 300 + seed), f"s{seed}") for seed in range(5)])
    tidy = check(frame)
    fleet = survey(tidy)
    together = next(iter(project(tidy, 90, fleet=fleet)))
    for row, name in enumerate(together.panel.unique_id):
        alone = next(iter(project(tidy[tidy["unique_id"] == name], 90, fleet=fleet)))
        assert alone.paths[0] == pytest.approx(together.paths[row], rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(numbers, min_size=1, max_size=80), min_size=1, max_size=3))
def test_no_number_makes_the_engine_warn(many):
    frame = pd.concat([history(y, f"s{place}", capacity=100.0) for place, y in enumerate(many)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ahead, dates = forecast(frame, 30, shortest=1), exhaustion(frame)
    known = set(frame.loc[np.isfinite(frame["y"]), "unique_id"])
    assert ahead.groupby("unique_id").size().to_dict() == dict.fromkeys(known, 30)
    assert set(dates["unique_id"]) == known


def test_bands_hold_about_as_often_as_they_say_where_stores_are_migrated():
    rng = np.random.default_rng(21)
    frames, later = [], {}
    for number in range(120):
        y = 1e4 + np.cumsum(rng.gamma(0.5, 4.0, 910))
        for day in np.flatnonzero(rng.random(910) < 1.5 / 365):
            y[day:] += rng.choice([-1.0, 1.0, 1.0]) * rng.uniform(300, 1500)
        frames.append(history(y[:730], f"m{number:03d}"))
        later[f"m{number:03d}"] = y[730:]
    ahead = forecast(pd.concat(frames), 180)
    ahead["y"] = np.concatenate([later[name] for name in sorted(later)])
    days = ahead.groupby("unique_id").cumcount() + 1
    for day in (30, 90, 180):
        rows = ahead[days == day]
        assert rows["y"].between(rows["lo80"], rows["hi80"]).mean() == pytest.approx(0.8, abs=0.12)
        assert rows["y"].between(rows["lo95"], rows["hi95"]).mean() == pytest.approx(0.95, abs=0.06)


def test_noise_is_refused_a_date_and_growth_is_not():
    rng = np.random.default_rng(8)
    still = [history(1000 + rng.normal(0, 10, 500), f"n{n:02d}", capacity=1045.0) for n in range(20)]
    grows = [history(line(500, 0.5, noise=5.0, seed=n), f"g{n:02d}", capacity=1400.0) for n in range(20)]
    dates = exhaustion(pd.concat(still + grows), (1.0,)).query("quantile == 0.5").set_index("unique_id")
    assert dates.loc["g00":"g19", "reason"].isna().all()
    assert set(dates.loc["n00":"n19", "reason"].dropna()) <= {NOISE, NEVER}
    assert dates.loc["n00":"n19", "ds"].isna().mean() >= 0.9
