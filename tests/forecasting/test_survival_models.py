"""What is told of each model, and what is not: ages that nobody watched, and curves that would be nothing too soon."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fleets import DAYS_A_YEAR, TODAY
from hypothesis import given
from hypothesis import strategies as st

from forecasting import survival
from forecasting.survival import models
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
