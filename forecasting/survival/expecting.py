"""How many will fail: bands that hold both chance and how little is known of the curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from forecasting.survival.lives import Floats, Ints
from forecasting.survival.weibull import summed_by

A_YEAR: Final = 12
"""Ages are put together by month: between two months, the share that survives is taken to be a straight line."""

USED: Final = 384
"""Likely curves that are counted with."""

THROWS: Final = 24
"""Throws of the dice for each of them."""

BAND: Final = (0.1, 0.9)

_DEAD: Final = 1e-280


Worn = Callable[[npt.ArrayLike], Floats]
"""Logarithm of what ages count for, above that of their centre."""


class Likely(NamedTuple):
    """Likely levels and log shapes (D, K) of curves, and which of several ways of counting ages each of the D has."""

    levels: Floats
    shapes: Floats
    kinds: Ints
    worn: Sequence[Worn]


def used(count: int) -> Ints:
    """Which of so many likely curves are counted with: every so manieth."""
    return np.linspace(0, count - 1, min(USED, count)).astype(np.int64)


def means(likely: Likely, place: Ints, age: Floats, years: int) -> Floats:
    """Failures expected in each year under each of the likely curves (USED, years)."""
    chosen = used(len(likely.levels))
    found = np.zeros((len(chosen), years))
    kinds = likely.kinds[chosen]
    for curve in np.unique(place):
        months, weights = _months(age[place == curve])
        for kind in np.unique(kinds):
            rows = np.flatnonzero(kinds == kind)
            level, shape = (each[chosen[rows], curve] for each in (likely.levels, likely.shapes))
            found[rows] += _of(level, shape, likely.worn[kind], months, weights, years)
    return found


def band(expected: Floats, failing: Floats, seed: int) -> tuple[Floats, Floats]:
    """Ends of the 80 % band of each year: `expected` (D, years), and each machine's chance `failing` (machines, years).

    What unlike machines give is a little less spread than a Poisson count of that mean: a binomial one of chance
    sum(p^2) / sum(p), which has the mean and the variance of theirs. Whole numbers are spread evenly over the half on
    either side, so that the ends hold neither more nor less than they say.
    """
    chance = np.random.Generator(np.random.PCG64(seed))
    each = np.square(failing).sum(axis=0) / np.maximum(failing.sum(axis=0), 1e-300)
    tries = np.maximum(np.round(expected / np.maximum(each, 1e-12)), 1.0)
    thrown = chance.binomial(
        tries.astype(np.int64), np.minimum(expected / tries, 1.0), (THROWS, *tries.shape)
    )
    spread = thrown.reshape(-1, expected.shape[1]) + chance.uniform(
        -0.5, 0.5, (thrown.size // tries.shape[1], 1)
    )
    low, high = np.quantile(spread, BAND, axis=0)
    some = len(failing) > 0
    return np.maximum(low, 0.0) * some, np.maximum(high, 0.0) * some


def _months(age: Floats) -> tuple[Ints, Floats]:
    """Whole months around each age, and how many machines each stands for."""
    exact = age * A_YEAR
    below = np.floor(exact).astype(np.int64)
    part = exact - below
    months, where = np.unique(np.concatenate([below, below + 1]), return_inverse=True)
    weights = summed_by(where, np.concatenate([1 - part, part]), len(months))
    return months[weights > 0], weights[weights > 0]


def _of(level: Floats, shape: Floats, worn: Worn, months: Ints, weights: Floats, years: int) -> Floats:
    """Failures of each year (D, years) of machines of one curve, whose age in months is known."""
    grid, where = np.unique(months[:, None] + A_YEAR * np.arange(years + 1), return_inverse=True)
    where = where.reshape(len(months), years + 1)
    logs = worn(grid / A_YEAR)
    alive = np.exp(
        -np.exp(np.minimum(level + np.exp(shape) * logs[:, None], 50.0))
    )  # (grid, D); of month 0: all
    now = alive[where[:, 0]]
    each = np.divide(weights[:, None], now, out=np.zeros_like(now), where=now > _DEAD)
    left = np.stack([np.einsum("md,md->d", each, alive[where[:, year]]) for year in range(1, years + 1)])
    begun = np.concatenate([np.full((1, len(level)), weights.sum()), left])
    return np.asarray((begun[:-1] - begun[1:]).T)
