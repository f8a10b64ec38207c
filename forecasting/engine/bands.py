"""How wrong a forecast may be: signed quantiles of its own past misses, shrunk to the fleet's and calibrated on it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from forecasting.engine.cleaning import Cleaned, clean
from forecasting.engine.frames import Flags, Floats, Ints, Panel
from forecasting.engine.growth import (
    HORIZONS,
    MONTH,
    SHORTEST,
    Bank,
    Replay,
    bank,
    independent,
    losses,
    moves,
    origins,
    prior,
    relative,
    replay,
    still,
    weights,
)
from forecasting.engine.leaps import DRAWS, Habits, counted, draw, habits, unit
from forecasting.engine.paces import settled
from forecasting.engine.rhythm import Rhythm, apart

LEVELS: Final = (0.025, 0.1, 0.5, 0.9, 0.975)
"""The quantiles of lo95, lo80, mean, hi80, hi95."""

MIDDLE: Final = LEVELS.index(0.5)

INNER: Final = (0.06, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.94)
"""Quantiles between those of LEVELS, for the dates: a leap that may come leaves much of the bands empty."""

TOLD: Final = tuple(sorted((*LEVELS, *INNER)))
"""All quantiles that are fitted."""

_OUTER: Final = [TOLD.index(level) for level in LEVELS]

_CENTRAL: Final = TOLD.index(0.5)

_STRETCHED: Final = [
    LEVELS.index(level if level in LEVELS else 0.1 if level < 0.5 else 0.9) for level in TOLD
]
"""Whose stretch each of them gets: those inside the 80 % band that of its edge."""

CREDIT: Final = 0.5
"""How much of the median past miss the path is moved by: all of it overshoots, for the members' weights come from the same past."""

TRIALS: Final = (182, 238, 294, 364)
"""Days ago from which the bands are tried on what came afterwards."""

PRIOR_GROWTH: Final = HORIZONS / 30.0
"""Miss at each horizon over the miss at 30 days, before a fleet has its own say: that of a wrong slope."""

PRIOR_SPREAD: Final = 0.015
"""Mean miss at 30 days over the level, for a store of which nothing is known: that of the real stores for choosing."""

GRID: Final = np.array([0.005, 0.025, 0.06, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.94, 0.975, 0.995])
"""Chances at which the distribution of a jump-free miss is held."""

CENTRE: Final = GRID.tolist().index(0.5)

EDGES: Final = (0.0, 0.025, 0.1, 0.5, 0.9, 0.975, 1.0)

QUIET_SHAPE: Final = np.interp(GRID, EDGES, [-5.0, -3.0, -1.5, 0.1, 1.8, 3.5, 5.0])
"""Quantiles of a jump-free miss over its size, before a fleet has its own say."""

WHOLE_SHAPE: Final = np.interp(GRID, EDGES, [-6.0, -3.0, -1.0, 0.1, 2.2, 6.0, 10.0])
"""The same of a whole miss: most stores grow, some by leaps."""

ROUNDING: Final = 1e-6
"""Of the level: a miss below it is one of single precision."""

RISES: Final = 5
"""Days of growth, and none of loss, after which a store is taken for one that never falls."""

SETTLED: Final = 60
"""Days of history that this takes."""

POWER: Final = 0.5
"""Of the mean that measures misses: below 1, a single leap does not make a store restless for ever."""

TRIED: Final = 40.0
"""Series whose bands were tried, from which on what came of it counts more than half."""

SIBLINGS: Final = 100.0
"""Series of a fleet that weigh as much as these priors."""

SHARE: Final = 20.0
"""Independent outcomes of its own after which a series' own quantiles count as much as the fleet's."""


class Manner(NamedTuple):
    """How misses of a fleet are spread: (horizons,) growth, spread over the level, (horizons, GRID) shape."""

    growth: Floats
    spread: float
    shape: Floats


@dataclasses.dataclass(frozen=True, slots=True)
class Fleet:
    """What a series borrows: (horizons, members) losses, manners of jump-free and whole misses, (horizons, LEVELS) stretch."""

    losses: Floats
    quiet: Manner
    whole: Manner
    habits: Habits
    stretch: Floats


class Study(NamedTuple):
    """A panel and all that the backtest says of it."""

    panel: Panel
    cleaned: Cleaned
    rhythm: Rhythm
    calm: Cleaned
    """What remains once the rhythm is out: all that follows is said of it."""
    paced: Ints
    """Days since each series goes at its present pace: see `paces`."""
    members: Bank
    played: Replay

    @property
    def recent(self) -> Panel:
        """The panel, each series no older than its present pace."""
        return dataclasses.replace(self.panel, days=self.paced)


class Fit(NamedTuple):
    """What goes forward: weights (series, horizons, members), misses at TOLD (series, horizons, TOLD)."""

    weights: Floats
    quantiles: Floats


def study(panel: Panel) -> Study:
    """Clean a panel, take its rhythm out, and replay its past."""
    cleaned, rhythm = apart(clean(panel), panel)
    ago = np.arange(panel.y.shape[1] - 1, -1, -1)
    beat = rhythm.at(np.minimum(ago[None], panel.days[:, None] - 1))
    calm = dataclasses.replace(cleaned, y=cleaned.y - beat, level=cleaned.level - beat)
    at = origins(panel.y.shape[1])
    paced = settled(calm.level, panel.days, ~panel.gaps & ~cleaned.altered)
    members = bank(calm, at, paced)
    played = replay(dataclasses.replace(panel, days=paced), calm, members, at)
    return Study(panel, cleaned, rhythm, calm, paced, members, played)


Each = Callable[[Callable[[Panel, int], Any], Iterable[tuple[Panel, int]]], Iterable[Any]]
"""Calls a function with each of some arguments, here or in other processes, and gives the answers in their order."""


def learn(panel: Panel, each: Each = itertools.starmap) -> Fleet:
    """What the series of a sample have in common. Its parts, today and the trials, take about as long: `each` runs them."""
    cuts = [cut for cut in TRIALS if (panel.days >= cut + 2 * SHORTEST).any()]
    fleet: Fleet
    fleet, *cases = each(_part, [(panel, cut) for cut in (0, *cuts)])
    return dataclasses.replace(fleet, stretch=_stretch(cases))


def _part(panel: Panel, cut: int) -> Fleet | Floats:
    return _trial(panel, cut) if cut else _common(study(panel))


def _common(studied: Study) -> Fleet:
    """The same, before the bands have been tried."""
    panel, played, ages = studied.recent, studied.played, studied.panel.days
    loss = losses(played)
    share = _pool(relative(loss), axis=0, prior=prior(studied.members.settings), weight=SIBLINGS / 4)
    whole = _combine(played, weights(loss, panel.days, share))
    return Fleet(
        share,
        _manner(whole - played.jumped, panel, played.due, QUIET_SHAPE, ages),
        _manner(whole, panel, played.due, WHOLE_SHAPE, ages),
        habits(studied.panel, counted(studied.cleaned), unit(studied.calm)),
        np.ones((len(HORIZONS), len(LEVELS))),
    )


def _manner(missed: Floats, panel: Panel, due: Flags, shape: Floats, ages: Ints) -> Manner:
    """What the misses of a sample have in common."""
    size = _size(missed, due)
    level = np.abs(panel.y).max(axis=1)
    month = np.where(size[:, 2] > ROUNDING * level, size[:, 2], np.nan)
    growth = np.maximum.accumulate(_pool(size / month[:, None], 0, PRIOR_GROWTH, SIBLINGS, middle=True))
    over = size[:, 2] / np.where(level > 0, level, np.nan)
    spread = float(_pool(over, 0, np.array(PRIOR_SPREAD), SIBLINGS, middle=True))
    manner = Manner(growth, spread, np.tile(shape, (len(HORIZONS), 1)))
    return manner._replace(shape=_shape(missed, _scale(size, panel, manner, ages), due, shape))


def fit(studied: Study, fleet: Fleet) -> Fit:
    """Weights and bands of each series."""
    panel, played, ages = studied.recent, studied.played, studied.panel.days
    blend = weights(losses(played), panel.days, fleet.losses)
    whole = _combine(played, blend)
    quiet = _futures(studied, _margins(whole - played.jumped, panel, played.due, fleet.quiet, ages), fleet)
    places = [GRID.tolist().index(level) for level in TOLD]
    lumped = _margins(whole, panel, played.due, fleet.whole, ages)[..., places]
    lull = still(studied.calm.y, studied.panel.days)[:, None, None]
    return Fit(blend, _ordered(lull * lumped + (1 - lull) * quiet, fleet.stretch))


def floor(studied: Study) -> Floats:
    """What a series does not fall below: where it is, of an archive; nothing, of what was never less; else no floor (series,)."""
    y = studied.cleaned.y
    positive = np.where((y >= 0).all(axis=1), 0.0, -np.inf)
    return np.where(_never_fell(studied), y[:, -1], positive)


def _never_fell(studied: Study) -> Flags:
    """Whether a store has only grown, and often enough to say so: an archive (series,)."""
    days = studied.panel.days
    moved = moves(studied.cleaned.y, days)
    return np.asarray((moved >= 0).all(axis=1) & ((moved > 0).sum(axis=1) >= RISES) & (days >= SETTLED))


def _margins(missed: Floats, panel: Panel, due: Flags, manner: Manner, ages: Ints) -> Floats:
    """The distribution of a series' misses: its own, shrunk to the fleet's (series, horizons, GRID)."""
    scale = _scale(_size(missed, due), panel, manner, ages)
    own = _quantiles(np.where(due, missed, np.nan))
    trust = (independent(panel.days))[..., None]
    borrowed = scale[..., None] * manner.shape[None]
    mixed = np.where(np.isnan(own), borrowed, (trust * own + SHARE * borrowed) / (trust + SHARE))
    exact = own[..., 0] == own[..., -1]  # never missed by anything else: nothing to borrow for the path
    centre = np.where(exact, own[..., CENTRE], mixed[..., CENTRE])
    mixed[..., CENTRE] = centre
    return np.asarray(mixed - (1 - CREDIT) * centre[..., None])


def _futures(studied: Study, quiet: Floats, fleet: Fleet) -> Floats:
    """TOLD of what may come: jump-free misses, and the jumps on top (series, horizons, TOLD)."""
    cleaned = studied.cleaned
    leaps = draw(studied.panel, counted(cleaned), unit(studied.calm), fleet.habits, HORIZONS)
    spots = np.interp((np.arange(DRAWS) + 0.5) / DRAWS, GRID, np.arange(len(GRID)))
    low = np.minimum(spots.astype(np.int64), len(GRID) - 2)
    part = spots - low
    futures = np.maximum.accumulate(quiet, axis=-1)
    futures = futures[..., low] * (1 - part) + futures[..., low + 1] * part + leaps
    futures.sort(axis=-1)
    place = np.array(TOLD) * (DRAWS - 1)  # np.quantile would sort again
    below = place.astype(np.int64)
    told = futures[..., below] * (1 + below - place) + futures[..., below + 1] * (place - below)
    told[..., _CENTRAL] = quiet[..., CENTRE]
    return np.asarray(told)


def _combine(played: Replay, blend: Floats) -> Floats:
    """Misses of the weighted members (series, origins, horizons)."""
    misses = played.misses.T
    total, part = np.zeros_like(misses[0]), np.empty_like(misses[0])
    for missed, weight in zip(misses, blend.T.astype(np.float32), strict=True):
        total += np.multiply(missed, weight[:, None], out=part)
    return np.ascontiguousarray(total.T, dtype=np.float64)


def _size(missed: Floats, due: Flags) -> Floats:
    """Size of the misses (series, horizons), a mean of power POWER, NaN where nothing has come due."""
    counted = due.sum(axis=1)
    total = np.where(due, np.abs(missed) ** POWER, 0.0).sum(axis=1)
    return np.where(counted > 0, (total / np.maximum(counted, 1)) ** (1.0 / POWER), np.nan)


def _pool(values: Floats, axis: int, prior: Floats, weight: float, middle: bool = False) -> Floats:
    """Mean (or median) over the fleet, the prior counted as `weight` series."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    if middle:
        ranked = np.sort(np.where(known, values, np.inf), axis=axis)
        half = np.expand_dims(np.maximum(count - 1, 0) // 2, axis)
        centre = np.where(count > 0, np.take_along_axis(ranked, half, axis=axis).squeeze(axis), prior)
    else:
        centre = np.where(known, values, 0.0).sum(axis=axis) / np.maximum(count, 1)
    return np.asarray((count * centre + weight * prior) / (count + weight))


def _scale(size: Floats, panel: Panel, manner: Manner, ages: Ints) -> Floats:
    """Expected absolute miss of each series at each horizon: its own where it has one, else grown from shorter horizons.

    `ages` are the days of all that is known of a series, not at its present pace alone (series,).
    """
    trust = independent(panel.days)
    known = np.isfinite(size)
    months = np.maximum(panel.days - SHORTEST, 0)[:, None] / 30.0
    votes = np.where(known, months, 0.0)
    votes[:, :1] = 0.0
    own = (np.where(known, size / manner.growth, 0.0) * votes).sum(axis=1)
    novice = np.where(own > 0, NOVICE * np.clip(1.0 - panel.days / GROWN, 0.0, 1.0), NOVICE)
    unit = (own + novice * _supposed(panel, manner, ages)) / np.maximum(votes.sum(axis=1) + novice, 1.0)
    grown = unit[:, None] * manner.growth[None]
    own = np.where(known, size, 0.0)
    return np.asarray(np.where(known, (trust * own + PATIENCE * grown) / (trust + PATIENCE), grown))


def _supposed(panel: Panel, manner: Manner, ages: Ints) -> Floats:
    """Miss at 30 days that the level alone suggests (series,); of what has changed its pace, no more than it moves in 30 days."""
    level = manner.spread * np.abs(np.median(panel.y[:, -LATEST:], axis=1))
    recent = panel.y[:, -YEAR:]
    step = min(MONTH, recent.shape[1] - 1)
    usual = np.abs(recent[:, step:] - recent[:, : recent.shape[1] - step]).mean(axis=1)
    return np.asarray(np.where(panel.days < ages, np.minimum(level, usual), level))


LATEST: Final = 9
"""Last days whose median is the level: one of nonsense is not."""

YEAR: Final = 365

NOVICE: Final = 3.0
"""Months of its own, for each horizon, after which a series' misses count as much as what its level says."""

GROWN: Final = 120.0
"""Days after which the level of a series that has moved says nothing any more of how far it moves."""

PATIENCE: Final = 3.0
"""Independent outcomes after which a series' own size at a horizon counts as much as what shorter horizons say."""


def _quantiles(misses: Floats) -> Floats:
    """LEVELS of (series, origins, horizons) over the origins, NaN left out: (series, horizons, LEVELS)."""
    ranked = np.sort(misses, axis=1)
    count = np.isfinite(misses).sum(axis=1)
    out = np.full((misses.shape[0], misses.shape[2], len(GRID)), np.nan)
    top = np.maximum(count - 1, 0)
    for place, level in enumerate(GRID):
        spot = level * top
        low = np.floor(spot).astype(np.int64)
        lower = np.take_along_axis(ranked, low[:, None], axis=1)[:, 0]
        upper = np.take_along_axis(ranked, np.minimum(low + 1, top)[:, None], axis=1)[:, 0]
        out[..., place] = np.where(count > 0, lower + (spot - low) * (upper - lower), np.nan)
    return out


def _shape(combined: Floats, scale: Floats, due: Flags, prior: Floats) -> Floats:
    """Quantiles over the fleet of a miss over its expected size, shrunk to a prior."""
    known_scale = due & (scale[:, None] > 0)
    with np.errstate(over="ignore"):  # a vanishing scale gives an infinite ratio, which is left out below
        ratio = np.where(known_scale, combined / np.where(scale > 0, scale, 1.0)[:, None], np.nan)
    out = np.empty((len(HORIZONS), len(GRID)))
    for place in range(len(HORIZONS)):
        values = ratio[:, :, place]
        series = np.isfinite(values).any(axis=1).sum()
        known = values[np.isfinite(values)]
        own = np.quantile(known, GRID) if known.size else prior
        out[place] = (series * own + SIBLINGS * prior) / (series + SIBLINGS)
    return out


def _stretch(cases: Sequence[Floats]) -> Floats:
    """What the bands must be multiplied by to have held when tried on the past (split conformal, by horizon and side).

    `cases` are what the trials came to. No trial reaches a year: its bands widen as those of half a year do, and are
    never narrowed on the word of a shorter horizon.
    """
    stretch = np.ones((len(HORIZONS), len(LEVELS)))
    if not cases:
        return stretch
    ratios = np.concatenate(cases)
    for horizon in range(len(HORIZONS) - 1):
        for place, level in enumerate(LEVELS):
            known = ratios[:, horizon, place]
            known = known[~np.isnan(known)]
            series = known.size / len(cases)
            if series >= 1 and place != MIDDLE:
                own = float(np.clip(np.quantile(known, max(level, 1 - level), method="higher"), 0.4, 4.0))
                stretch[horizon, place] = np.exp(np.log(own) * series / (series + TRIED))
    stretch[-1] = np.maximum(stretch[-2], 1.0)
    return stretch


def _trial(panel: Panel, cut: int) -> Floats:
    """Misses `cut` days ago over the margin that was given, each from the middle (series, horizons, LEVELS).

    A trial cleans, replays and learns only what was known on its day: no jump is known as one before it came.
    """
    known = panel.take(panel.days >= cut + 2 * SHORTEST)
    then = study(known.before(cut))
    tried = fit(then, _common(then))
    ahead = np.einsum("nhm,nhm->nh", then.members.forecast(slice(1), HORIZONS)[:, 0], tried.weights)
    last = known.y.shape[1] - 1
    came = clean(known).y[:, np.minimum(last - cut + HORIZONS, last)]
    margins = tried.quantiles[..., _OUTER]
    middle = margins[..., MIDDLE]
    missed = came - then.calm.y[:, -1:] - then.rhythm.at(-HORIZONS) - ahead - middle
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = missed[..., None] / (margins - middle[..., None])
    return np.where((cut >= HORIZONS)[None, :, None], ratio, np.nan)


def _ordered(quantiles: Floats, stretch: Floats) -> Floats:
    """lo95 <= lo80 <= mean <= hi80 <= hi95, and the bands never narrower further ahead."""
    middle = quantiles[..., _CENTRAL : _CENTRAL + 1]
    margins = (quantiles - middle) * stretch[None][..., _STRETCHED]
    low = np.minimum.accumulate(np.minimum(margins[..., :_CENTRAL], 0.0), axis=1)
    high = np.maximum.accumulate(np.maximum(margins[..., _CENTRAL + 1 :], 0.0), axis=1)
    low = np.minimum.accumulate(low[..., ::-1], axis=-1)[..., ::-1]
    high = np.maximum.accumulate(high, axis=-1)
    return np.concatenate((low + middle, middle, high + middle), axis=-1)
