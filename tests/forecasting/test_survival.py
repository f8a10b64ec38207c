"""How long workstations last: curves by hand arithmetic, laws, and models that lean on their maker."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from fleets import DAYS_A_YEAR, TODAY, fleet
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from forecasting import survival
from forecasting.survival import LivesError, kaplan_meier, shrinking, weibull
from forecasting.survival.weibull import maximise


def lives(rows, today=TODAY):
    """Rows (maker, model, age at entry, age at the end, end), in whole days; all were last seen today."""
    now = np.datetime64(today, "s")
    frame = pd.DataFrame(rows, columns=["maker", "model", "entry", "exit", "end"])
    bought = now - frame["exit"].to_numpy().astype("timedelta64[D]")
    entered = bought + frame["entry"].to_numpy().astype("timedelta64[D]")
    return frame[["maker", "model", "end"]].assign(purchased=bought, entered=entered, left=now)


def drawn(rng, maker, model, scale, shape, count, watched=3.0):
    """Lives of one model, watched from some age on for some years."""
    dies, entry = scale * rng.weibull(shape, count), rng.uniform(0, 5, count)
    exit_ = np.minimum(dies, entry + watched)
    seen = np.floor(exit_ * DAYS_A_YEAR) > np.floor(entry * DAYS_A_YEAR)
    columns = (
        np.floor(entry * DAYS_A_YEAR),
        np.floor(exit_ * DAYS_A_YEAR),
        np.where(dies <= exit_, "failure", ""),
    )
    return [
        (maker, model, int(a), int(b), str(c))
        for a, b, c in zip(*(one[seen] for one in columns), strict=True)
    ]


# --- Kaplan and Meier -------------------------------------------------------------------------------------


def test_the_curve_of_five_machines_is_that_of_hand_arithmetic():
    """At 2 years one of three fails (the others came later), at 4 one of three, at 6 the last one."""
    found = kaplan_meier([0, 0, 1, 2.5, 3], [2, 3, 4, 5, 6], [1, 0, 1, 0, 1])
    assert found.age.tolist() == [2, 4, 6]
    assert found.at_risk.tolist() == [3, 3, 1]
    assert found.survival == pytest.approx([2 / 3, 4 / 9, 0])
    assert found.variance == pytest.approx(
        [(4 / 9) / 6, (16 / 81) / 3, 0]
    )  # S^2 times the sum of d / (n (n - d))
    spread = 1.2815515655 * (1 / 6) ** 0.5 / np.log(1.5)
    assert found.low[0] == pytest.approx((2 / 3) ** np.exp(spread))
    assert found.high[0] == pytest.approx((2 / 3) ** np.exp(-spread))
    assert found.at([0, 1.99, 2, 5, 7]) == pytest.approx([1, 1, 2 / 3, 4 / 9, 0])
    assert found.median == 4


def test_a_curve_without_failures_stays_at_one():
    found = kaplan_meier([0.0, 1.0], [2.0, 3.0], [False, False])
    assert found.at([0, 5]).tolist() == [1, 1]
    assert found.median == float("inf")


def test_machines_that_were_bought_before_the_inventory_began_do_not_make_the_others_look_older():
    """True median 6.24 years; an inventory of three years sees old machines only if they have lived."""
    rng = np.random.default_rng(1)
    dies = 6.24 / np.log(2) ** (1 / 3) * rng.weibull(3, 300_000)
    began = np.maximum(rng.uniform(-3, 9, len(dies)), 0)
    entry, dies = began[dies > began], dies[dies > began]
    exit_ = np.minimum(dies, entry + rng.uniform(0, 3, len(dies)))
    aware = kaplan_meier(entry, exit_, dies <= exit_).median
    unaware = kaplan_meier(np.zeros(len(entry)), exit_, dies <= exit_).median
    assert aware == pytest.approx(6.24, abs=0.06)
    assert unaware > 6.24 + 0.15


spans = st.tuples(st.integers(0, 40), st.integers(1, 40), st.booleans())
watched = st.lists(spans, min_size=1, max_size=40)


def columns(rows, unit=1.0):
    begun, lasted, failed = (np.array(column) for column in zip(*rows, strict=True))
    return begun * unit, (begun + lasted) * unit, failed.astype(bool)


@given(watched)
def test_survival_never_rises_and_is_a_share_within_its_band(rows):
    found = kaplan_meier(*columns(rows))
    assert (np.diff(np.concatenate([[1.0], found.survival])) <= 0).all()
    assert ((found.low >= 0) & (found.low <= found.survival + 1e-12)).all()
    assert ((found.high <= 1) & (found.survival <= found.high + 1e-12)).all()


@given(watched, st.randoms(use_true_random=False))
def test_neither_the_order_of_machines_nor_the_unit_of_ages_matters(rows, shuffling):
    one, other = kaplan_meier(*columns(rows)), list(rows)
    shuffling.shuffle(other)
    days = kaplan_meier(*columns(other, 365.25))
    assert one.survival.tolist() == days.survival.tolist()
    assert days.age == pytest.approx(one.age * 365.25)


@given(watched, spans, st.data())
def test_a_machine_more_that_lived_never_lowers_survival_and_a_failure_more_never_raises_it(rows, more, data):
    ages, before = np.arange(90), kaplan_meier(*columns(rows))
    alive = kaplan_meier(*columns([*rows, (*more[:2], False)]))
    assert (alive.at(ages) >= before.at(ages) - 1e-12).all()
    place = data.draw(st.integers(0, len(rows) - 1))
    failed = [(*row[:2], True) if number == place else row for number, row in enumerate(rows)]
    assert (kaplan_meier(*columns(failed)).at(ages) <= before.at(ages) + 1e-12).all()


# --- Weibull ----------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.integers(0, 10**6), st.floats(0.6, 4), st.floats(0.001, 1000))
def test_the_likeliest_curve_is_the_same_in_any_unit(seed, shape, unit):
    rng = np.random.default_rng(seed)
    dies, entry = 6 * rng.weibull(shape, 60), rng.uniform(0, 3, 60)
    entry, exit_ = entry[dies > entry], np.minimum(dies, entry + 4)[dies > entry]
    failed = exit_ < entry + 4
    try:
        one = maximise(entry, exit_, failed)
    except ValueError:
        assume(False)
    other = maximise(entry * unit, exit_ * unit, failed)
    assert other.shape == pytest.approx(one.shape, rel=1e-8)
    assert other.scale == pytest.approx(one.scale * unit, rel=1e-8)


def test_a_curve_of_one_failure_is_refused_and_one_that_late_machines_alone_do_not_tell():
    with pytest.raises(ValueError, match="failures at two ages"):
        maximise([0, 0], [1, 2], [True, False])
    with pytest.raises(ValueError, match="no likeliest shape"):
        maximise([5, 5, 5, 5], [5.01, 5.02, 9, 9], [True, True, False, False])


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.floats(0.3, 8), st.floats(-3, 3))
def test_what_is_summed_beforehand_is_the_likelihood_of_every_life(seed, shape, level):
    """sum of d log h(x) - (H(x) - H(e)), written out."""
    rng = np.random.default_rng(seed)
    entry, group = rng.uniform(0, 6, 80), np.sort(np.concatenate([[0, 1, 2], rng.integers(0, 3, 77)]))
    exit_, failed = entry + rng.uniform(0.1, 4, 80), rng.random(80) < 0.3
    found = weibull.record(entry, exit_, failed, group, 3)
    x, e = exit_ / found.centre, entry / found.centre
    each = failed * (level + np.log(shape) + (shape - 1) * np.log(x)) - np.exp(level) * (x**shape - e**shape)
    said = found.likelihood(np.full(3, level), np.full(3, np.log(shape)), np.arange(3))
    risked = np.exp(level) * np.bincount(group, x**shape - e**shape)
    assert np.abs(said - np.bincount(group, each)) == pytest.approx(
        np.zeros(3), abs=1e-5 * max(1, risked.max())
    )


def test_curves_in_days_are_those_in_years():
    made = fleet(np.random.default_rng(5))
    known = survival.fit(made.lives, TODAY).lives
    makers = np.zeros(len(known.names), np.int64)
    years, days = (
        weibull.record(known.entry * unit, known.exit * unit, known.failed, known.group, len(known.names))
        for unit in (1.0, DAYS_A_YEAR)
    )
    chains = np.zeros(shrinking.CHAINS, np.int64)
    one, other = (shrinking.sample([unit], chains, makers, 1, 7) for unit in (years, days))
    assert days.centre == pytest.approx(years.centre * DAYS_A_YEAR)
    for found, same in zip(one.models, other.models, strict=True):
        assert found.mean(axis=0) == pytest.approx(same.mean(axis=0), abs=0.05)


# --- the fleet --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made():
    return fleet(np.random.default_rng(11))


@pytest.fixture(scope="module")
def known(made):
    return survival.fit(made.lives, TODAY)


ages = st.floats(0, 25)


@given(ages, ages, ages, st.sampled_from([("Maker 0", "Model 0"), ("Maker 0", "new"), ("new", "new")]))
def test_the_chance_of_two_spans_is_that_of_the_whole(known, one, two, three, pair):
    a, b, c = sorted((one, two, three))
    first, second, whole = known.probability(*pair, [a, b, a], [b, c, c])
    assert 0 <= whole <= 1
    assert 1 - (1 - first) * (1 - second) == pytest.approx(whole, abs=1e-12)


def test_the_same_lives_in_any_order_say_the_same_to_the_last_bit(made, known):
    shuffled = survival.fit(made.lives.sample(frac=1, random_state=1), TODAY)
    assert shuffled.level.tobytes() == known.level.tobytes()
    assert shuffled.shapes.tobytes() == known.shapes.tobytes()
    machines = made.machines.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(
        shuffled.failures(machines, 4), known.failures(made.machines, 4), check_exact=True
    )


def test_what_is_expected_is_what_the_chances_add_up_to(made, known):
    maker, model, age = (made.machines[name] for name in ("maker", "model", "age"))
    alive, sums = np.ones(len(age)), []
    for year in range(3):
        failing = alive * known.probability(maker, model, age + year, age + year + 1)
        alive -= failing
        sums.append(failing.sum())
    found = known.failures(made.machines, 3)
    assert found["year"].tolist() == [1, 2, 3]
    assert found["expected"].to_numpy() == pytest.approx(sums)
    assert (found["low"] < found["expected"]).all()
    assert (found["expected"] < found["high"]).all()


def test_models_with_many_failures_have_their_own_true_curve():
    rng = np.random.default_rng(3)
    rows = [
        *drawn(rng, "A", "early", 9, 0.9, 6000),
        *drawn(rng, "A", "worn", 8, 3.0, 6000),
        *drawn(rng, "B", "b", 12, 1.5, 6000),
    ]
    found = survival.fit(lives(rows), TODAY)
    for pair, (scale, shape) in {
        ("A", "early"): (9, 0.9),
        ("A", "worn"): (8, 3.0),
        ("B", "b"): (12, 1.5),
    }.items():
        basis = found.basis(*pair)
        assert basis.failures > 900
        assert basis.own > 0.99
        assert basis.curve.shape == pytest.approx(shape, rel=0.12)  # twice its standard error
        said, true = found.probability(*pair, 4, 6), 1 - np.exp((4 / scale) ** shape - (6 / scale) ** shape)
        assert float(said) == pytest.approx(true, rel=0.06)


@pytest.fixture(scope="module")
def uneven():
    """A maker whose machines fail, one whose do not, and models of both that are hardly known."""
    rng = np.random.default_rng(4)
    bad = [row for number in range(4) for row in drawn(rng, "Bad", f"b{number}", 6, 1.5, 800)]
    good = [row for number in range(4) for row in drawn(rng, "Good", f"g{number}", 25, 1.5, 800)]
    few = [*drawn(rng, "Bad", "few", 6, 1.5, 25, 0.5), *drawn(rng, "Good", "few", 25, 1.5, 25, 0.5)]
    never = [("Good", "never", 0, int(4 * DAYS_A_YEAR), "")] * 120
    return survival.fit(lives([*bad, *good, *few, *never]), TODAY)


def test_a_model_of_few_failures_leans_on_its_maker(uneven):
    bad, good = uneven.basis("Bad", "few"), uneven.basis("Good", "few")
    assert max(bad.failures, good.failures) < 5
    assert max(bad.own, good.own) < 0.5
    assert uneven.basis("Bad", "b1").own > 0.9
    said = uneven.probability(["Bad", "Good"], "few", 4, 5)
    true = 1 - np.exp((4 / np.array([6, 25])) ** 1.5 - (5 / np.array([6, 25])) ** 1.5)
    assert said == pytest.approx(true, rel=0.4)


def test_a_model_without_failures_is_better_than_its_maker_and_not_immortal(uneven):
    never, others = uneven.probability("Good", ["never", "g1"], 3, 4)
    assert 0 < never < others


def test_a_model_never_seen_is_as_its_maker_and_a_maker_never_seen_as_the_fleet(uneven):
    bad, good, fleets = uneven.probability(["Bad", "Good", "Other"], "new", 4, 5)
    others = [float(uneven.probability("Bad", f"b{number}", 4, 5)) for number in range(4)]
    assert bad == pytest.approx(np.mean(others), rel=0.25)
    assert good < fleets < bad
    assert uneven.basis("Bad", "new").own == uneven.basis("Other", None).own == 0
    assert uneven.basis("Bad", "new").of_maker > 100
    machines = pd.DataFrame({"maker": "Bad", "model": ["new"] * 300, "age": 4.0})
    wide, narrow = (uneven.failures(machines.assign(model=model), 1).iloc[0] for model in ("new", "b1"))
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]


def test_names_are_compared_without_case_and_spaces(uneven):
    assert uneven.probability(" BAD ", "B1", 1, 2) == uneven.probability("bad", "b1", 1, 2)


def test_more_years_without_failure_lower_the_chance_and_more_failures_raise_it():
    rng = np.random.default_rng(6)
    rows = [*drawn(rng, "A", "a", 12, 1.5, 400), *drawn(rng, "A", "b", 12, 1.5, 400)]
    years = [("A", "a", 0, 1500, "")] * 300
    failures = [("A", "a", 900, 1000 + 10 * number, "failure") for number in range(40)]
    before, fewer, more = (
        float(survival.fit(lives(each), TODAY).probability("A", "a", 3, 4))
        for each in (rows, [*rows, *years], [*rows, *failures])
    )
    assert fewer < before < more


def test_a_fleet_that_never_failed_is_expected_to_lose_half_a_machine_in_as_many_years_again():
    """Half a failure in as many machine-years as were watched (Jeffreys)."""
    rows = [("A", "a", 0, int(5 * DAYS_A_YEAR), "")] * 200
    found = survival.fit(lives(rows), TODAY)
    risk = -np.log1p(-float(found.probability("A", "a", 0, 5))) * 200
    assert 0.2 < risk < 1.0
    machines = pd.DataFrame({"maker": "A", "model": "a", "age": [0.0] * 200})
    low, high = found.failures(machines, 1).loc[0, ["low", "high"]]
    assert low == 0
    assert high < 2


def test_nothing_is_said_where_no_life_is_known():
    found = survival.fit(lives([("A", "a", 0, 10, "")]).iloc[:0], TODAY)
    assert np.isnan(found.probability("A", "a", 0, 1))
    said = found.failures(pd.DataFrame({"maker": ["A"], "model": ["a"], "age": [1.0]}), 2)
    assert said[["expected", "low", "high"]].isna().all().all()
    assert found.basis("A", "a").curve is None


def test_machines_of_unknown_age_are_left_out_and_counted(known, made):
    undated = pd.concat([made.machines, made.machines.head(7).assign(age=np.nan)])
    with_them, without = known.failures(undated, 2), known.failures(made.machines, 2)
    assert with_them["undated"].tolist() == [7, 7]
    assert with_them["machines"].tolist() == [len(made.machines)] * 2
    assert with_them["expected"].tolist() == without["expected"].tolist()
    assert np.isnan(known.probability("Maker 0", "Model 0", np.nan, np.nan))


def test_of_no_machines_none_fails(known, made):
    said = known.failures(made.machines.iloc[:0], 2)
    assert said[["expected", "low", "high"]].to_numpy().tolist() == [[0, 0, 0]] * 2


def test_lives_that_say_nothing_are_left_out_and_counted():
    rows = lives(
        [("A", "a", 0, 1000, ""), ("A", "a", 1000, 1000, "failure"), ("A", "a", 10, 900, "failure")]
        + [("A", "a", 1, 400, "")] * 3
        + [("A", "a", 14_000, 15_000, "")]
    )
    rows.loc[3, "purchased"] = pd.NaT
    rows.loc[4, ["entered", "left"]] = np.datetime64("2030-01-01", "s")
    rows.loc[5, "purchased"] = rows.loc[5, "left"] + np.timedelta64(1, "D")
    found = survival.fit(rows, TODAY)
    assert found.left_out == survival.LeftOut(undated=1, later=1, brief=1, impossible=2)
    assert found.left_out.total == 5
    assert (found.basis("A", "a").machines, found.basis("A", "a").failures) == (2, 1)
    assert found.basis("A", "a").years == pytest.approx((1000 + 890) / DAYS_A_YEAR)


def test_what_came_after_the_day_of_judgement_is_not_known_yet(made):
    then = TODAY - datetime.timedelta(days=400)
    now = np.datetime64(then, "s")
    past = made.lives[made.lives["entered"] <= now].copy()
    over = past["left"] > now
    past.loc[over, "end"], past.loc[over, "left"] = "", now
    assert survival.fit(made.lives, then).level.tobytes() == survival.fit(past, then).level.tobytes()


def test_retirement_and_loss_are_no_failures():
    rows = [
        ("A", "a", 0, 1000 + number, end)
        for number in range(30)
        for end in ("retirement", "vanished", "failure")
    ]
    assert survival.fit(lives(rows), TODAY).basis("A", "a").failures == 30


def test_a_band_of_a_curve_that_is_known_is_that_of_the_binomial_distribution():
    rng = np.random.default_rng(8)
    found = survival.fit(lives(drawn(rng, "A", "a", 9, 1.4, 60_000)), TODAY)
    machines = pd.DataFrame({"maker": "A", "model": "a", "age": [4.0] * 900})
    (said,) = found.failures(machines, 1).itertuples()
    chance = 1 - np.exp((4 / 9) ** 1.4 - (5 / 9) ** 1.4)
    assert said.expected == pytest.approx(900 * chance, rel=0.03)
    low, high = binom.ppf([0.1, 0.9], 900, said.expected / 900)
    assert (said.low, said.high) == (pytest.approx(low, abs=1.5), pytest.approx(high, abs=1.5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="left"), "no column 'left'"),
        (lambda frame: frame.assign(end="broken"), "row 0: 'broken' is no end of a life"),
        (lambda frame: frame.assign(entered="yesterday"), "entered holds str, not days"),
        (
            lambda frame: frame.assign(left=pd.Series(pd.NaT, frame.index, "datetime64[s]")),
            "row 0: left is missing",
        ),
    ],
)
def test_a_frame_that_cannot_be_read_says_where(change, message):
    with pytest.raises(LivesError, match=message):
        survival.fit(change(lives([("A", "a", 0, 100, "")])), TODAY)


def test_machines_without_an_age_column_and_spans_that_run_backwards_are_refused(known):
    with pytest.raises(LivesError, match="no column 'age'"):
        known.failures(pd.DataFrame({"maker": [], "model": []}), 1)
    with pytest.raises(ValueError, match="before that at the start"):
        known.probability("A", "a", 3, 2)
