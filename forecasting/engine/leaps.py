"""What rare jumps add to a forecast: a compound Poisson process, its rate and sizes shrunk from a series to the fleet."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from forecasting.engine.cleaning import Cleaned
from forecasting.engine.frames import Flags, Floats, Ints, Panel

DRAWS: Final = 256
"""Futures drawn for each series: the same uniform numbers for all, so that a forecast does not depend on its neighbours."""

MOST: Final = 10
"""Jumps of one series within a horizon, at most."""

POOL: Final = 32
"""Sizes, equally likely, from which a jump is drawn."""

EXPOSURE: Final = 60.0
"""Days of history that the fleet's rate counts for."""

ACQUAINTED: Final = 1.5
"""Jumps of its own after which a series' sizes count as much as the fleet's."""

PRIOR_RATE: Final = 0.5 / 365
"""Jumps a day, before a fleet has its own say."""

PRIOR_SIZES: Final = np.array([-0.5, -0.1, 0.1, 0.3, 1.0])
"""Sizes over the range of the jump-free level, before a fleet has its own say."""

SIBLINGS: Final = 20.0
"""Series of a fleet that weigh as much as these priors."""

EMPTIED: Final = 0.02
"""Share of its level that a counter which began again at nothing has left: that is no move of the store."""

SEED: Final = 11


class Habits(NamedTuple):
    """What a fleet knows of jumps: jumps a day, and quantiles of their sizes over a series' unit."""

    rate: float
    sizes: Floats


def counted(cleaned: Cleaned) -> Floats:
    """The jumps that may come again: neither a counter that began anew nor the first filling of what was empty (series, days)."""
    before = np.concatenate((cleaned.y[:, :1], cleaned.y[:, :-1]), axis=1)
    emptied = (before > 0) & (cleaned.y >= 0) & (cleaned.y < EMPTIED * before)
    filled = (before >= 0) & (before < EMPTIED * cleaned.y)
    return np.where(emptied | filled, 0.0, cleaned.jumps)


def unit(cleaned: Cleaned) -> Floats:
    """What sizes are compared with: the range of the jump-free level (series,)."""
    return np.asarray(np.ptp(cleaned.y, axis=1))


def habits(panel: Panel, jumps: Floats, units: Floats) -> Habits:
    """The jumps of a sample."""
    count = (jumps != 0).sum(axis=1)
    rates = (count + PRIOR_RATE * EXPOSURE) / (panel.days + EXPOSURE)
    rate = (rates.sum() + SIBLINGS * PRIOR_RATE) / (len(rates) + SIBLINGS)
    rows, days = np.nonzero((jumps != 0) & (units > 0)[:, None])
    relative = jumps[rows, days] / units[rows]
    share = 1.0 / count[rows]
    levels = (np.arange(POOL) + 0.5) / POOL
    prior = np.interp(levels, np.linspace(0.1, 0.9, len(PRIOR_SIZES)), PRIOR_SIZES)
    if not len(rows):
        return Habits(float(rate), prior)
    order = np.argsort(relative)
    spot = (np.cumsum(share[order]) - 0.5 * share[order]) / share.sum()
    own = np.interp(levels, spot, relative[order])
    known = float(len(np.unique(rows)))
    return Habits(float(rate), (known * own + SIBLINGS * prior) / (known + SIBLINGS))


def draw(panel: Panel, jumps: Floats, units: Floats, fleet: Habits, horizons: Ints) -> Floats:
    """Sums of the jumps to come within each horizon (series, horizons, DRAWS)."""
    count = (jumps != 0).sum(axis=1)
    rate = (count + fleet.rate * EXPOSURE) / (panel.days + EXPOSURE)
    pool = _pool(jumps, count, units[:, None] * fleet.sizes[None])
    chance = np.random.default_rng(SEED)
    picks = chance.integers(0, POOL, (DRAWS, MOST))
    when = (chance.permutation(DRAWS) + 0.5) / DRAWS
    sums = np.concatenate((np.zeros((len(pool), DRAWS, 1)), np.cumsum(pool[:, picks], axis=-1)), axis=-1)
    number = _poisson(rate[:, None] * horizons[None], when)
    return np.asarray(np.take_along_axis(sums, number.transpose(0, 2, 1), axis=-1).transpose(0, 2, 1))


def _pool(jumps: Floats, count: Ints, borrowed: Floats) -> Floats:
    """Sizes of a series' own jumps, and borrowed ones in the share that it lacks (series, POOL)."""
    pool = borrowed.copy()
    chance = np.random.default_rng(SEED + 1)
    order = chance.permutation(POOL)
    for row in np.flatnonzero(count):
        own = np.sort(jumps[row][jumps[row] != 0])
        mine = round(POOL * count[row] / (count[row] + ACQUAINTED))
        spots = (np.arange(mine) + 0.5) / mine * len(own)
        pool[row, order[:mine]] = own[spots.astype(np.int64)]
    return pool


def _poisson(mean: Floats, chances: Floats) -> Ints:
    """The number of events whose distribution function first exceeds each chance: (series, horizons) -> (.., chances)."""
    term = np.exp(-mean)[..., None]
    total = term.copy()
    number = np.zeros((*mean.shape, len(chances)), dtype=np.int64)
    for events in range(1, MOST + 1):
        number += chances >= total
        term = term * mean[..., None] / events
        total = total + term
    return number


def known(jumps: Floats) -> Flags:
    """Whether a series has jumped at all."""
    return np.asarray((jumps != 0).any(axis=1))
