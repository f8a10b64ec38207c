"""The running median of the cleaning, beside one that sorts every window."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from forecasting.engine.bands import learn
from forecasting.engine.cleaning import WINDOW, _median
from forecasting.engine.frames import Panel

SIZES = st.tuples(st.integers(1, 20), st.integers(1, 60))
LEVELS = st.sampled_from([1.0, 5.0, 1e13])


@settings(deadline=None)
@given(size=SIZES, level=LEVELS, seed=st.integers(0, 2**32 - 1))
def test_the_running_median_is_the_middle_of_every_window(size, level, seed):
    chance = np.random.default_rng(seed)
    values = np.round(chance.standard_normal(size) * 4) * level  # many are alike
    half = WINDOW // 2
    padded = np.pad(values, ((0, 0), (half, half)), mode="symmetric")
    expected = np.median(sliding_window_view(padded, WINDOW, axis=1), axis=-1)
    assert np.array_equal(_median(values), expected)


def test_a_fleet_is_learnt_by_parts_that_may_be_done_anywhere_and_in_any_order():
    chance = np.random.default_rng(7)
    y = 1e12 + np.cumsum(chance.gamma(1.0, 1e9, (12, 500)), axis=1)
    last = np.full(12, np.datetime64("2026-03-01", "D"))
    names = np.array([f"store-{number}" for number in range(12)], dtype=object)
    panel = Panel(names, last, np.full(12, 500), y, np.zeros(y.shape, dtype=bool), np.full(12, np.nan))
    asked = []

    def backwards(do, tasks):
        asked.extend(tasks)
        return [do(*task) for task in reversed(asked)][::-1]

    here, elsewhere = learn(panel), learn(panel, backwards)
    assert len(asked) == 5  # today, and four trials
    assert np.array_equal(here.stretch, elsewhere.stretch)
    assert np.array_equal(here.losses, elsewhere.losses)
    assert (here.stretch != 1).any()
