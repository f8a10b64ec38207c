"""What young machines tell of old ones: laws of the likelihood, and youths that are found where they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fleets import TODAY, YEARS, short
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forecasting import survival
from forecasting.survival import kaplan_meier, shrinking, weibull, youth
from forecasting.survival.youth import NONE, Youth

SHAPES = weibull.GRID[::2]
PRIOR = np.asarray(-np.square((SHAPES - shrinking.SHAPE[0]) / shrinking.SHAPE[1]) / 2, np.float64)

spans = st.tuples(st.integers(0, 60), st.integers(2, 40), st.booleans(), st.integers(0, 2))
rows = st.lists(spans, min_size=3, max_size=40).filter(lambda found: len({row[3] for row in found}) == 3)


def columns(found, unit=1.0):
    """Ages in tenths of years, sorted by kind."""
    begun, lasted, failed, group = (
        np.array(column) for column in zip(*sorted(found, key=lambda row: row[3]), strict=True)
    )
    return begun * unit / 10, (begun + lasted) * unit / 10, failed.astype(bool), group.astype(np.int64)


def split(found):
    """Each life cut at a day on which an import saw it: the first part is censored, the second entered late."""
    parts = [
        ((begun, lasted // 2, False, kind), (begun + lasted // 2, lasted - lasted // 2, failed, kind))
        for begun, lasted, failed, kind in found
    ]
    return [part for both in parts for part in both]


@settings(max_examples=20, deadline=None)
@given(rows)
def test_a_life_that_is_split_at_an_import_says_what_the_whole_one_says(found):
    assume(any(row[2] for row in found))
    one, other = columns(found), columns(split(found))
    for given_youth in (NONE, Youth(2.0, 0.03)):
        whole, parts = (weibull.record(*each, 3, given_youth) for each in (one, other))
        level, shape, kinds = np.full(3, -1.0), np.full(3, 0.4), np.arange(3)
        assert parts.likelihood(level, shape, kinds) == pytest.approx(
            whole.likelihood(level, shape, kinds), rel=1e-6, abs=1e-6
        )
    curves = [kaplan_meier(*each[:3]) for each in (one, other)]
    assert curves[0].survival == pytest.approx(curves[1].survival)
    weighed = [youth.weigh(*each, SHAPES, PRIOR).weights for each in (one, other)]
    assert weighed[0] == pytest.approx(weighed[1], abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(rows, st.sampled_from([0.01, 365.2425]), st.randoms(use_true_random=False))
def test_neither_unit_nor_order_changes_how_likely_a_youth_is(found, unit, shuffling):
    assume(any(row[2] for row in found))
    other = list(found)
    shuffling.shuffle(other)
    one, same = (youth.weigh(*each, SHAPES, PRIOR) for each in (columns(found), columns(other, unit)))
    # an age between two bins may fall to either side when it is multiplied
    assert same.weights == pytest.approx(one.weights, abs=0.02)
    assert [each.until for each in same.youths] == pytest.approx([each.until * unit for each in one.youths])


@given(st.floats(0, 30), st.floats(0, 30), st.floats(0.1, 5), st.sampled_from([0.03, 1.0, 4.0]))
def test_what_an_age_counts_for_rises_with_it_and_goes_on_year_by_year(one, other, until, pace):
    counted = Youth(until, pace)
    first, last = sorted((one, other))
    assert counted.worn(first) <= counted.worn(last) + 1e-9
    assert counted.worn(until + 3) - counted.worn(until) == pytest.approx(3)
    assert counted.worn(until / 2) == pytest.approx(pace * until / 2)
    assert counted.worn(0) == 0


def test_a_quiet_youth_is_found_and_wear_from_the_first_day_is_not_taken_for_one():
    """A thousand failures: none before three years and a constant risk afterwards; or wear of shape 1.7."""
    quiet, worn = (
        _weighed(np.random.default_rng(1), guarantee, shape) for guarantee, shape in ((3.0, 1.0), (0.0, 1.7))
    )
    likeliest = quiet.youths[int(quiet.weights.argmax())]
    assert likeliest.pace == min(each.pace for each in quiet.youths)
    assert likeliest.until == pytest.approx(3, abs=0.5)
    assert quiet.weights[0] < 0.01
    assert worn.weights[0] > 0.5


def _weighed(rng, guarantee, shape):
    entry, group = rng.uniform(0, 7, 12_000), np.sort(rng.integers(0, 6, 12_000))
    risk = np.maximum(entry - guarantee, 0) ** shape
    dies = guarantee + (risk + rng.exponential(8**shape, len(entry))) ** (1 / shape)
    exit_ = np.minimum(dies, entry + 1.5)
    return youth.weigh(entry, exit_, dies <= exit_, group, SHAPES, PRIOR)


def test_nothing_that_failed_tells_no_youth_and_chains_are_dealt_by_weight():
    none = np.zeros(2, bool)
    weighed = youth.weigh(np.zeros(2), np.ones(2), none, np.zeros(2, np.int64), SHAPES, PRIOR)
    assert weighed.youths == (NONE,)
    given_weights = youth.Weighed((NONE, Youth(1.0, 0.03), Youth(2.0, 0.03)), np.array([0.75, 0.001, 0.249]))
    youths, kinds = youth.shared(given_weights, 64)
    assert youths == (NONE, Youth(2.0, 0.03))
    assert np.bincount(kinds).tolist() == [48, 16]


@pytest.mark.timeout(600)
def test_a_guarantee_under_which_nothing_is_called_failed_makes_no_steep_wear():
    """Of eight fleets with a year or two of imports, more were expected in the fifth year than came: at most half as many more."""
    sums = np.zeros((2, YEARS))
    for number in range(8):
        made = short(np.random.default_rng([17, number]), "guarantee")
        said = survival.fit(made.lives, TODAY).failures(made.machines, YEARS)
        sums += np.stack([said["expected"].to_numpy(), made.expected])
    assert (sums[0] / sums[1] <= 1.6).all()
    assert pd.notna(sums).all()
