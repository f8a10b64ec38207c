"""What is told of each model, and what is not: ages that nobody watched, and curves that would be nothing too soon."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fleets import DAYS_A_YEAR, TODAY
from hypothesis import given
from hypothesis import strategies as st

from forecasting import survival
from forecasting.survival import document, models
from forecasting.survival.models import Shares, shares, unbroken


def told(*rows: tuple[float, float, bool]) -> Shares:
    """What lives (age at entry, age at the end, failed or not) tell."""
    entry, exit_, failed = (np.array(column) for column in zip(*rows, strict=True))
    return shares(entry.astype(np.float64), exit_.astype(np.float64), failed)


def at_ages(found: Shares) -> list[float | None]:
    return [None if one is None else one.share for one in found.alive]


def test_ages_are_watched_until_the_first_gap():
    assert unbroken(np.array([0.0, 1.0, 5.0]), np.array([2.0, 4.0, 9.0])) == (0, 4)
    assert unbroken(np.array([2.0, 0.0]), np.array([3.0, 2.0])) == (0, 3), "one comes as the other goes"
    assert unbroken(np.array([0.5, 1.0]), np.array([9.0, 2.0])) == (0.5, 9), "the first outlives the others"
    assert shares(np.array([]), np.array([]), np.array([], bool)).begun is None


def test_behind_a_gap_failures_are_told_and_no_share():
    """Two from new until 4 years, of which one fails at 2; two from 6 years on, of which one fails at 6.5."""
    found = told((0, 2, True), (0, 4, False), (6, 6.5, True), (6, 9, False))
    assert at_ages(found) == [0.5, None, None]
    assert [(step.at_risk, step.failed, step.alive is None) for step in found.steps] == [
        (2, 1, False),
        (2, 1, True),
    ]


def test_a_curve_does_not_end_in_nothing_where_others_live_on():
    """Both that were watched from new have failed at 1 year, when two others are first seen, which live on."""
    found = told((0, 1, True), (0.9, 1, True), (1, 9, False), (1, 9, False))
    assert at_ages(found) == [None, None, None]
    assert [step.alive for step in found.steps] == [None]


def test_a_curve_ends_in_nothing_where_all_failed_and_has_no_interval_there():
    found = told((0, 2, True), (0, 4, True))
    assert [step.alive.share for step in found.steps if step.alive] == [0.5, 0]
    last = found.steps[-1].alive
    assert last is not None
    assert (last.low, last.high) == (None, None)
    assert at_ages(found) == [0.5, None, None], "beyond the last one nobody was watched"


@pytest.mark.parametrize(("entry", "share"), [(0.4, 1.0), (0.6, None)])
def test_shares_are_those_of_machines_bought_so_the_first_must_have_been_watched_from_new(entry, share):
    assert at_ages(told((entry, 4, False)))[0] == share


def test_a_model_leans_on_its_maker_on_all_or_on_nothing_as_others_were_watched():
    def leans(*names: tuple[str, str]) -> list[str]:
        days = [pd.Timestamp(day).as_unit("s") for day in ("2020-01-01", "2020-02-01", "2024-01-01")]
        frame = pd.DataFrame(names, columns=["maker", "model"]).assign(
            purchased=days[0], entered=days[1], left=days[2], end="failure"
        )
        return [one.leans for one in models.of(frame, survival.fit(frame, TODAY))]

    assert leans(("m", "a")) == ["nothing"]
    assert leans(("m", "a"), ("m", "b"), ("n", "a")) == ["maker", "maker", "all"]


def frame(*rows: tuple[str, str, int, str]) -> pd.DataFrame:
    """Lives of machines bought in 2020 and seen from a month later for so many days: maker, model, days, end."""
    bought, entered = (np.datetime64(day, "s") for day in ("2020-01-01", "2020-02-01"))
    made = pd.DataFrame(rows, columns=["maker", "model", "days", "end"])
    left = entered + made["days"].to_numpy().astype("timedelta64[D]")
    return made.assign(purchased=bought, entered=entered, left=left)


def test_what_was_learnt_is_told_with_its_failures_its_machines_and_whose_the_curves_are():
    lives = frame(
        *[("m", "many", 300 + day, "failure") for day in range(40)], ("m", "few", 700, "failure"), ("m", "few", 900, ""),
        ("n", "other", 800, ""),
    )  # fmt: skip
    found = models.learnt(lives, survival.fit(lives, TODAY))
    assert found is not None
    assert (found.failures, found.machines) == (41, 43)
    assert found.years == pytest.approx((sum(range(300, 340)) + 700 + 900 + 800) / DAYS_A_YEAR)
    assert (str(found.since), str(found.until)) == ("2020-02-01", "2022-07-20")
    assert found.models == {"own": 1, "maker": 1, "all": 1}
    assert not found.few
    few = {one["model"]: one["few"] for one in document.of(lives, survival.fit(lives, TODAY))["curves"]}
    assert few == {"many": False, "few": True, "other": True}


def test_nothing_is_learnt_from_lives_that_nobody_watched():
    lives = frame(("m", "a", 700, "failure"), ("m", "a", 900, ""))
    lives.loc[:, ["entered", "left"]] = np.datetime64("NaT", "s")
    known = survival.fit(lives, TODAY)
    assert known.left_out == survival.LeftOut(untold=2)
    assert models.learnt(lives, known) is None
    told_ = document.of(lives, known)
    assert (told_["known"], told_["failures"], told_["since"]) == ("assumed", None, None)
    (one,) = told_["curves"]
    assert (one["machines"], one["watched"], one["failures"], one["rests_on"], one["fitted"]) == (
        2,
        0,
        None,
        None,
        [],
    )


NAMES = st.tuples(st.sampled_from(["", "a", "b", "b b", "c"]), st.sampled_from(["", "x", "y", "z"]))


@given(st.lists(st.tuples(NAMES, st.booleans()), min_size=1, max_size=20), NAMES)
def test_lives_of_a_model_and_of_a_maker_are_found_as_by_looking_at_each(rows, asked):
    lives = frame(*((*pair, 500, "failure" if failed else "") for pair, failed in rows))
    read = survival.lives.read(lives, TODAY)
    maker, model = asked
    for places, mine in (
        (read.places(maker, model), [failed for pair, failed in rows if pair == asked]),
        (read.places(maker), [failed for (one, _), failed in rows if one == maker]),
    ):
        assert (len(read.entry[read.rows(places)]), read.failures(places)) == (len(mine), sum(mine))


def test_the_curve_that_is_counted_with_begins_where_watching_began_and_falls_within_its_band():
    lives = frame(*[("m", "a", 300 + 20 * day, "failure" if day % 3 else "") for day in range(60)])
    known = survival.fit(lives, TODAY)
    (one,) = document.of(lives, known)["curves"]
    ages, shares, low, high = (
        np.array([row[name] for row in one["fitted"]]) for name in ("age", "share", "low", "high")
    )
    assert ages[0] == pytest.approx(31 / DAYS_A_YEAR)
    assert ages[1:].tolist() == np.arange(0.25, 8.01, 0.25).tolist()
    assert (shares[0], low[0], high[0]) == (1, 1, 1)
    assert (np.diff(shares) < 0).all()
    assert ((low <= shares) & (shares <= high)).all()
    assert shares[8] == pytest.approx(1 - float(known.probability("m", "a", ages[0], ages[8])))


def test_of_a_thousand_failures_some_hundred_steps_are_told_and_the_last_one():
    lives = frame(*[("m", "a", 300 + day, "failure") for day in range(1000)])
    (whole,) = models.of(lives, survival.fit(lives, TODAY))
    told_ = document.steps(whole)
    assert len(whole.shares.steps) == 1000
    assert len(told_) == document.STEPS
    assert told_[-1]["age"] == whole.shares.steps[-1].age
    assert {step["age"]: step["share"] for step in told_}.items() <= {
        step.age: step.alive.share for step in whole.shares.steps if step.alive
    }.items()


LIFE = st.tuples(st.integers(0, 3000), st.integers(1, 3000), st.booleans())


@given(st.lists(LIFE, min_size=1, max_size=12))
def test_shares_never_rise_lie_in_their_intervals_and_follow_from_the_steps(rows):
    found = told(
        *((first / DAYS_A_YEAR, (first + more) / DAYS_A_YEAR, failed) for first, more, failed in rows)
    )
    product, before = 1.0, 1.0
    for step in found.steps:
        product *= 1 - step.failed / step.at_risk
        if step.alive is None:
            continue
        assert step.alive.share == pytest.approx(product)
        assert step.alive.share <= before
        before = step.alive.share
        if step.alive.low is not None:
            assert step.alive.high is not None
            assert 0 <= step.alive.low <= step.alive.share <= step.alive.high <= 1
    told_of = [one is not None for one in found.alive]
    assert told_of == sorted(told_of, reverse=True), "what is not told at an age is not told later"
