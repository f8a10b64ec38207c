"""The backtest itself: made histories are what they say, scores are what arithmetic by hand gives."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from servers import corpus as recorded
from servers import missing

from benchmarks.forecasting import peers
from benchmarks.forecasting.faults import LONGEST, RATES, Glitch, observe, read
from benchmarks.forecasting.generator import AHEAD, KINDS, RANGES, YEAR, Plan, make
from benchmarks.forecasting.goals import Goal, goals
from benchmarks.forecasting.methods import exponential, jauge, linear, persist, polynomial, regress
from benchmarks.forecasting.scores import LEVELS, NEVER, Forecasts, first, score, table
from benchmarks.forecasting.window import FLOOR, Window, fleets, frame, growth, made, move, windows

CALM = dataclasses.replace(RANGES["tune"], noise=(0.0, 0.0), jitter=(0.0, 0.0))


def plan(seed=1, days=720, base=1e12, slope=1e9):
    """A plan without noise: what is left is exact."""
    return Plan(np.random.default_rng(seed), CALM, days, base, slope)


def window(y, truth=None, scale=1.0, thresholds=(np.nan, np.nan), name="a", moved=True):
    y = np.asarray(y, float)
    days = np.datetime64("2025-12-31") - np.arange(len(y) - 1, -1, -1)
    truth = np.zeros(AHEAD) if truth is None else np.asarray(truth, float)
    return Window(name, "kind", "fleet", False, days, y, truth, scale, moved, np.array(thresholds, float))


# --- made histories ---------------------------------------------------------------------------------------


def test_without_noise_linear_growth_is_a_line_of_the_slope_that_is_told():
    y, facts = KINDS["linear"](plan())
    assert np.allclose(np.diff(y), facts["slope"])
    assert facts["slope"] == 1e9


@pytest.mark.parametrize("seed", range(5))
def test_a_sawtooth_comes_back_after_its_period_and_falls_by_what_had_gathered(seed):
    y, facts = KINDS["sawtooth"](plan(seed))
    period, amount = facts["period"], facts["amount"]
    assert np.allclose(y[period:] - y[:-period], 0.5e9 * period)
    falls = np.flatnonzero(np.diff(y) < 0)
    assert set(np.diff(falls)) == {period}
    assert np.allclose(np.diff(y)[falls], 0.5e9 - amount * (period - 1))


@pytest.mark.parametrize("kind", ["steps", "purges"])
@pytest.mark.parametrize("seed", range(5))
def test_the_steps_of_a_history_are_where_and_as_large_as_it_tells(kind, seed):
    y, facts = KINDS[kind](plan(seed))
    expected = np.full(len(y) - 1, 1e9)
    for day, size in facts["steps"]:
        expected[day - 1] += size
    assert facts["steps"]
    assert np.allclose(np.diff(y), expected, atol=1e3)


def test_purges_only_take():
    assert all(size <= 0 for seed in range(10) for _, size in KINDS["purges"](plan(seed))[1]["steps"])


def test_migrations_go_both_ways():
    sizes = [size for seed in range(20) for _, size in KINDS["steps"](plan(seed))[1]["steps"]]
    assert min(sizes) < 0 < max(sizes)


def test_a_turn_multiplies_the_slope_from_its_day_on():
    y, facts = KINDS["turns"](plan(3))
    moves = np.diff(y)
    assert np.allclose(moves[: facts["day"] - 1], 1e9)
    assert np.allclose(moves[facts["day"] :], 1e9 * facts["factor"])
    assert facts["day"] < 720


def test_a_reset_counter_loses_what_it_had_and_counts_on_as_fast():
    y, facts = KINDS["resets"](plan(2))
    moves = np.diff(y)
    assert np.isclose(moves[facts["day"] - 1], 1e9 - facts["lost"])
    assert np.allclose(np.delete(moves, facts["day"] - 1), 1e9)
    assert np.isclose(y[facts["day"]], 1e9)


def test_a_weekly_rhythm_has_seven_days_and_the_growth_of_its_slope():
    y, _ = KINDS["weekly"](plan(4))
    assert np.allclose(y[7:] - y[:-7], 7e9)
    assert np.ptp(np.diff(y)) > 1e9


def test_damped_growth_falls_by_e_in_the_days_that_it_tells():
    y, facts = KINDS["damped"](plan(5))
    days = round(facts["fading"])
    moves = np.diff(y)
    assert moves[10 + days] / moves[10] == pytest.approx(np.exp(-1), rel=0.01)


def test_accelerating_growth_gains_in_a_year_what_it_tells():
    y, facts = KINDS["accelerating"](plan(6))
    moves = np.diff(y)
    assert moves[365] - moves[0] == pytest.approx(facts["gain"] * 1e9 * 365 / YEAR, rel=1e-6)


def test_an_archive_never_shrinks_and_its_largest_days_are_far_above_the_mean():
    moves = np.concatenate([np.diff(make("bursts", "report", 1, number).y) for number in range(20)])
    assert (moves >= 0).all()
    heavy = [np.diff(make("bursts", "report", 1, number).y) for number in range(20)]
    assert np.median([each.max() / each.mean() for each in heavy]) > 10


def test_what_has_no_trend_comes_back_to_its_mean():
    for number in range(10):
        made_one = make("noise", "tune", 1, number)
        assert made_one.y.mean() == pytest.approx(made_one.facts["mean"], rel=0.03)


def test_an_extension_changes_the_size_of_a_store_and_not_what_it_holds():
    history = make("extensions", "tune", 1, 0)
    (one,) = (each for each in made("tune", 1, 1, ["extensions"]))
    held = frame([one], 1)
    assert held["y"].to_numpy() == pytest.approx(history.y[: history.days])
    sizes = held["capacity"].to_numpy() / one.thresholds[1]
    change = history.facts["extended"]
    assert set(sizes[:change].round(9)) == {0.8}
    assert set(sizes[change:].round(9)) == {1.0}


def test_short_histories_have_20_to_200_days_and_others_at_least_200():
    for part in RANGES:
        for kind in KINDS:
            lengths = [make(kind, part, 3, number).days for number in range(30)]
            low, high = (20, 200) if kind == "young" else (200, 1095)
            assert low <= min(lengths)
            assert max(lengths) <= high


@pytest.mark.parametrize("kind", KINDS)
def test_a_history_is_the_same_for_the_same_seed_and_another_for_another_seed_number_or_part(kind):
    first_one = make(kind, "tune", 1, 0)
    assert np.array_equal(first_one.y, make(kind, "tune", 1, 0).y)
    for other in (make(kind, "tune", 2, 0), make(kind, "tune", 1, 1), make(kind, "report", 1, 0)):
        assert not np.array_equal(first_one.y, other.y)
    assert (first_one.y >= 0).all()
    assert len(first_one.y) == first_one.days + AHEAD


def test_both_parts_draw_from_other_ranges():
    tune, report = (dataclasses.asdict(RANGES[part]) for part in ("tune", "report"))
    assert all(tune[name] != report[name] for name in tune)


# --- faults -----------------------------------------------------------------------------------------------


def test_each_wrong_reading_reads_what_its_name_says():
    y = np.arange(10.0, 30.0)
    assert read(y, Glitch(5, 2, "zero")).tolist() == [0, 0]
    assert read(y, Glitch(5, 2, "tenfold")).tolist() == [150, 160]
    assert read(y, Glitch(5, 2, "negative")).tolist() == [-8.5, -9]
    assert read(y, Glitch(5, 3, "frozen")).tolist() == [14, 14, 14]


def test_what_is_not_a_glitch_is_read_as_it_was_and_the_first_and_last_day_are_there():
    y = np.linspace(1e9, 2e9, 800)
    lost = 0
    for number in range(60):
        seen = observe(y, "report", (1, number))
        wrong = {day for glitch in seen.glitches for day in range(glitch.day, glitch.day + glitch.days)}
        right = [place for place, day in enumerate(seen.days) if day not in wrong]
        assert np.array_equal(seen.y[right], y[seen.days[right]])
        assert (seen.days[0], seen.days[-1]) == (0, 799)
        assert all(1 <= glitch.days <= LONGEST for glitch in seen.glitches)
        lost += 800 - len(seen.days)
    assert 0.02 < lost / (60 * 800) < 0.3


def test_faults_are_as_frequent_as_their_rates_say():
    y = np.linspace(1e9, 2e9, 730)
    count = sum(len(observe(y, "report", (2, number)).glitches) for number in range(400))
    low, high = RATES["report"].wrong
    expected = 400 * (
        2 * (low + high) / 2 + RATES["report"].last
    )  # two years of a rate that is uniform between both
    assert count == pytest.approx(expected, rel=0.15)


def test_a_window_with_faults_is_scored_on_what_was_true():
    for one in made("report", 5, 8, ["linear", "steps"]):
        history = make(one.kind, "report", 5, int(one.unique_id[-4:]))
        assert np.array_equal(one.truth, history.y[history.days :])
        assert one.scale == pytest.approx(
            max(move(history.y[: history.days], 30), FLOOR * np.median(history.y[: history.days]))
        )
        assert len(one.y) == len(one.days)


# --- windows ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Four stores of two repositories, 1,000 days."""
    days = pd.date_range("2022-01-01", periods=1000).strftime("%Y-%m-%d")
    rows = [
        pd.DataFrame({"unique_id": name, "ds": days, "y": start + slope * np.arange(1000)})
        for name, start, slope in (("a.x.live", 1e6, 100), ("a.y.live", 2e6, 0), ("b.x.live", 3e6, 50), ("b.y.archive", 4e6, 70))
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("series") / "stores.csv.gz"
    pd.concat(rows).to_csv(path, index=False)
    return path


def test_a_store_is_for_choosing_or_for_reporting_with_all_of_its_repository(stores):
    names = {part: {one.unique_id[0] for one in windows(part, 1, series=stores, each=0)} for part in RANGES}
    assert names == {"tune": {"a"}, "report": {"b"}}


def test_the_truth_of_a_real_window_is_what_came_after_its_cut(stores):
    (one,) = (each for each in windows("report", series=stores, each=0) if each.unique_id == "b.x.live@240")
    assert one.y[-1] == 3e6 + 50 * 759
    assert one.truth[[0, -1]].tolist() == [3e6 + 50 * 760, 3e6 + 50 * 939]
    assert one.scale == max(50 * 30, FLOOR * (3e6 + 50 * 379.5))
    assert np.isnan(one.thresholds).all()  # 9,000 bytes in half a year are less than FLOOR


def test_no_fleet_holds_a_store_twice(stores):
    for part in RANGES:
        for _, mine in fleets(windows(part, series=stores, each=20)):
            bare = [one.unique_id.split("@")[0].split("!")[0] for one in mine]
            assert len(bare) == len(set(bare))


def test_a_sample_is_made_of_whole_fleets_of_every_source(stores):
    everything = windows("tune", 1, series=stores, each=20)
    some = windows("tune", 1, 100, series=stores, each=20)
    sizes = {name: sum(one.fleet == name for one in everything) for name in {one.fleet for one in some}}
    assert sum(sizes.values()) == len(some) >= 100
    assert {one.kind for one in some} >= {"real", "real, faults", "linear"}


def test_the_reporting_part_has_enough_windows_to_tell_two_points():
    """The standard error of a share of 0.8 over 1,600 windows is one point."""
    recorded()
    assert len(windows("report")) >= 1600


def test_moves_and_growth_by_hand():
    y = np.array([0.0, 1.0, 3.0, 6.0, 4.0])
    assert move(y, 2) == np.mean([3, 5, 1])
    assert move(y, 30) == np.mean([3, 5, 1]) * 15  # half of five days, carried on to 30
    assert growth(y, 2) == 2.0


# --- scores by hand ---------------------------------------------------------------------------------------


def test_the_pinball_loss_of_one_window_by_hand():
    """Quantiles 0, 5, 10, 15, 20 on each of three days; what came is 10, 20 and 30.

    Day 30:  (0.025*10 + 0.1*5 + 0.5*0 + 0.1*5 + 0.025*10) / 5 = 1.5 / 5
    Day 90:  (0.025*20 + 0.1*15 + 0.5*10 + 0.9*5 + 0.975*0) / 5 = 11.5 / 5
    Day 180: (0.025*30 + 0.1*25 + 0.5*20 + 0.9*15 + 0.975*10) / 5 = 36.5 / 5
    Mean 3.3; the store moves 2 in a month: 1.65.
    """
    truth = np.full(AHEAD, np.nan)
    truth[[29, 89, 179]] = 10, 20, 30
    paths = np.tile(np.array([0.0, 5, 10, 15, 20]), (1, AHEAD, 1))
    found = score(Forecasts(paths, np.full((1, 2), np.nan)), [window([0, 1], truth, 2.0)])
    assert found["pin"] == pytest.approx(1.65)
    assert [found[f"c80_{day}"] for day in (30, 90, 180)] == [100, 0, 0]
    assert [found[f"c95_{day}"] for day in (30, 90, 180)] == [100, 100, 0]


def test_dates_and_alarms_of_three_windows_by_hand():
    """Thresholds 50 and 150. What comes is 1 a day (reached on days 50 and 150), 2 a day (25 and 75), 0.

    Said: 40 and never; 100 and 75; 60 and never.
    Errors: 10 + 31, 75 + 0, 121 + 0: 237 over 6. Within 90 days come 50, 25 and 75: missed is the 25 of which 100 was
    said. Not within 90 days come 150, never, never: one false alarm, the 60.
    """
    clock = np.arange(1.0, AHEAD + 1)
    three = [window([0, 1], slope * clock, thresholds=(50, 150), name=f"{slope}") for slope in (1, 2, 0)]
    said = np.array([[40, NEVER], [100, 75], [60, NEVER]], float)
    found = score(Forecasts(np.zeros((3, AHEAD, 5)), said), three)
    assert found["ttx"] == pytest.approx(237 / 6)
    assert found["missed"] == pytest.approx(100 / 3)
    assert found["false"] == pytest.approx(100 / 3)


def test_a_window_that_was_not_forecast_counts_nowhere():
    clock = np.arange(1.0, AHEAD + 1)
    two = [window([0, 1], clock, thresholds=(50, 150), name=name) for name in "ab"]
    paths = np.tile(clock[:, None], (2, 1, 5))
    paths[1] = np.nan
    found = score(Forecasts.along(paths, two), two)
    assert (found["windows"], found["pin"], found["ttx"], found["c80_30"]) == (1, 0, 0, 100)


def test_a_store_that_never_moved_counts_in_no_band_and_waits_for_nothing():
    still = window(np.ones(100), np.ones(AHEAD), moved=False)
    found = table(Forecasts.along(np.ones((1, AHEAD, 5)), [still]), [still]).iloc[0]
    assert (found["pin"], found["dates"]) == (0, 0)
    assert np.isnan(found["c80_90"])


def test_a_limit_is_reached_on_the_first_day_at_or_above_it():
    path = np.minimum(np.arange(1.0, AHEAD + 1), 100.0)[None]
    assert first(path, np.array([[0.5, 100.0, 100.5]])).tolist() == [[1, 100, NEVER]]


def test_a_loss_is_cut_where_one_window_would_be_the_whole_score():
    wild = window([0, 1], np.full(AHEAD, 1e9), 1.0)
    assert score(Forecasts(np.zeros((1, AHEAD, 5)), np.full((1, 2), np.nan)), [wild])["pin"] == 50


@pytest.fixture(scope="module")
def walks():
    """1,600 random walks whose law is known: after n days the level is normal, with a deviation of sqrt(n)."""
    steps = np.random.default_rng(20261126).standard_normal((1600, AHEAD))
    return [window([0, 1], truth, name=f"{number}") for number, truth in enumerate(steps.cumsum(axis=1))]


def walked(walks, wide=1.0, shift=0.0):
    spread = wide * np.sqrt(np.arange(1.0, AHEAD + 1))[:, None] * stats.norm.ppf(LEVELS) + shift
    return score(Forecasts(np.tile(spread, (len(walks), 1, 1)), np.full((len(walks), 2), np.nan)), walks)


def test_bands_of_the_true_law_hold_what_they_say_within_the_error_of_1600_windows(walks):
    found = walked(walks)
    for name, share in (("c80", 80.0), ("c95", 95.0)):
        three_errors = 300 * np.sqrt(share / 100 * (1 - share / 100) / 1600)
        assert all(abs(found[f"{name}_{day}"] - share) < three_errors for day in (30, 90, 180))


@pytest.mark.parametrize(("wide", "shift"), [(0.5, 0.0), (2.0, 0.0), (1.0, 5.0), (1.0, -5.0)])
def test_no_other_law_scores_better_than_the_true_one(walks, wide, shift):
    """The pinball loss is proper: too narrow, too wide, too high and too low all cost."""
    assert walked(walks)["pin"] < walked(walks, wide, shift)["pin"]


def test_a_goal_says_by_how_much_it_is_missed():
    rows = {"jauge": {"pin": 0.6, "ttx": 20, "false": 5, "missed": 30, "cpu": 2.0, **{f"{band}_{day}": value for band, value in (("c80", 77.0), ("c95", 94.0)) for day in (30, 90, 180)}},
            "ols": {"pin": 1.0, "ttx": 30}, "autoets-cleaned": {"pin": 0.75, "ttx": 25}}  # fmt: skip
    told = {goal.what: goal for goal in goals(rows)}
    assert (
        str(told["pin over that of autoets-cleaned"])
        == "pin over that of autoets-cleaned: 0.80 (bar 0.84): met"
    )
    assert str(told["pin over that of ols"]) == "pin over that of ols: 0.60 (bar 0.56): missed by 0.04"
    assert told["ttx over that of autoets-cleaned"].figure == pytest.approx(0.8)
    assert not told["c80 at 90 days off its name, points"].met
    assert told["c95 at 90 days off its name, points"].met
    assert Goal("", 30.0, 30.0).met


# --- methods by hand --------------------------------------------------------------------------------------


def at(forecasts, day, level):
    return float(forecasts.paths[0, day - 1, LEVELS.index(level)])


def test_a_line_and_its_textbook_interval_by_hand():
    """0, 0, 3: slope 1.5, fitted -0.5, 1, 2.5; residuals 0.5, -1, 0.5 with one degree of freedom, so s = sqrt(1.5).

    One day on: 4, with s * sqrt(1 + 1/3 + 4/2) = 2.2361 around it; Student's t at 0.9 with one degree is 3.0777.
    """
    found = regress([window([0, 0, 3])])
    assert at(found, 1, 0.5) == pytest.approx(4.0)
    assert at(found, 1, 0.9) == pytest.approx(4.0 + np.sqrt(1.5 * 10 / 3) * 3.0777, abs=1e-3)
    assert at(found, 1, 0.1) == pytest.approx(4.0 - np.sqrt(1.5 * 10 / 3) * 3.0777, abs=1e-3)


def test_a_line_is_laid_through_the_last_90_days_alone():
    y = np.concatenate([np.full(300, 5e9), 100 + 2.0 * np.arange(90)])
    found = regress([window(y, thresholds=(y[-1] + 50, y[-1] + 1000))])
    assert at(found, 180, 0.5) == pytest.approx(y[-1] + 360)
    assert found.reached.tolist() == [[25, NEVER]]


def test_the_fits_of_zabbix_say_when_their_curve_is_at_the_threshold():
    """1 % a day doubles on day ln 2 / ln 1.01 = 69.7; (t + 100)² grows by 2,100 in sqrt(12,100) - 100 = 10 days."""
    line = 100 + 2.0 * np.arange(200)
    grown = window(line, thresholds=(line[-1] + 49, line[-1] + 361))
    assert linear([grown]).reached.tolist() == [[25, NEVER]]
    compound = 100 * 1.01 ** np.arange(200)
    assert exponential([window(compound, thresholds=(2 * compound[-1], 1e9))]).reached.tolist() == [
        [70, NEVER]
    ]
    square = np.arange(1.0, 101.0) ** 2
    assert polynomial([window(square, thresholds=(12_099, 1e9))]).reached.tolist() == [[10, NEVER]]


def test_zabbix_waits_for_the_next_crossing_where_its_line_is_over_already():
    y = np.concatenate([100 + 2.0 * np.arange(89), [0.0]])
    below = window(y, thresholds=(50.0, 1e6))
    assert linear([below]).reached.tolist() == [[NEVER, NEVER]]
    assert regress([below]).reached.tolist() == [[1, NEVER]]


def test_zabbix_finds_no_exponential_through_a_zero():
    found = exponential([window([*np.arange(50.0), 60.0], thresholds=(70.0, 80.0))])
    assert at(found, 180, 0.5) == 60
    assert found.reached.tolist() == [[NEVER, NEVER]]


def test_same_as_last_month_goes_on_by_the_move_of_30_days():
    y = np.concatenate([np.zeros(100), np.full(30, 60.0)])  # 60 more than 30 days ago
    assert at(persist([window(y)]), 90, 0.5) == pytest.approx(60 + 180)


def test_the_engine_answers_for_every_window_of_mixed_fleets():
    chosen = list(made("tune", 11, 4))
    found = jauge(chosen)
    assert np.isfinite(found.paths).all()
    assert (np.diff(found.paths, axis=2) >= 0).all()
    waits = np.array([np.isfinite(one.thresholds).all() for one in chosen])
    assert np.isfinite(found.reached).all(axis=1).tolist() == waits.tolist()
    assert ((found.reached[waits] >= 1) & (found.reached[waits] <= NEVER)).all()


# --- peers ------------------------------------------------------------------------------------------------

LONG = bool(os.environ.get("JAUGE_PROOF")) or not peers.place().exists()
"""Their environment takes a download: where it is not kept yet they wait for `make proof`, which always runs them."""


def apart(test):
    return pytest.mark.proof(test) if LONG else test


DIRECT = """
import sys, json, numpy as np, pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoETS
series = json.load(sys.stdin)
frame = pd.concat(
    pd.DataFrame({"unique_id": name, "ds": pd.date_range("2024-01-01", periods=len(y)), "y": y})
    for name, y in series.items()
)
found = StatsForecast([AutoETS(season_length=1)], freq="D", n_jobs=1).forecast(df=frame, h=180, level=[80, 95])
names = ["AutoETS-lo-95", "AutoETS-lo-80", "AutoETS", "AutoETS-hi-80", "AutoETS-hi-95"]
print(json.dumps({name: rows[names].to_numpy().tolist() for name, rows in found.groupby("unique_id")}))
"""


@pytest.fixture(scope="module")
def python():
    try:
        return peers.environment()
    except peers.PeersError as error:
        missing(str(error))


@apart
@pytest.mark.timeout(600)
def test_autoets_says_what_statsforecast_says_of_the_same_series(python):
    chosen = [one for one in made("tune", 3, 1, ["linear", "bursts"]) if not one.faults]
    found, answer = peers.forecast("autoets", chosen)
    assert answer.failed == 0
    assert f"statsforecast=={answer.versions['statsforecast']} " in peers.LOCK.read_text()
    given = json.dumps({one.unique_id: one.y.tolist() for one in chosen})
    argv = [python, "-c", DIRECT]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, input=given)
    said = json.loads(done.stdout)
    for path, one in zip(found.paths, chosen, strict=True):
        assert np.allclose(path, said[one.unique_id], rtol=1e-6)


@apart
@pytest.mark.timeout(600)
def test_prophet_forecasts_every_seventh_window_and_follows_a_line(python):
    chosen = [window(1e6 + 1e3 * np.arange(200.0), name=f"{number}") for number in range(8)]
    found, _ = peers.forecast("prophet", chosen)
    assert np.isfinite(found.paths[:, 0, 0]).tolist() == [True, *[False] * 6, True]
    assert at(found, 90, 0.5) == pytest.approx(1e6 + 1e3 * 289, rel=0.02)


def test_a_peer_whose_environment_cannot_be_made_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(peers.PeersError, match=r"could not be made .* needs a package index once"):
        peers.forecast("autoets", [window(np.arange(100.0))])
    assert not list(tmp_path.rglob("bin"))  # nothing half made is left to be taken for a whole one
