"""The chance of having reached a limit by a day: first passage of random paths that have the bands as their margins.

A path that has been above a limit for a day has reached it, even if it is below again on the day one looks at: the
day on which a quantile curve crosses a limit is later than the day by which that share of the paths has. A path here
is the forecast's own quantile function along a standard normal process, part of it constant (the slope was wrong),
part of it Brownian (things happen); the processes are drawn once, and are the same for every series and limit.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt

from forecasting.engine.frames import Flags, Floats, Ints

SCORES: Final = (-1.959964, -1.554774, -1.281552, -0.841621, -0.524401, -0.253347, 0.0, 0.253347, 0.524401, 0.841621, 1.281552, 1.554774, 1.959964)  # fmt: skip
"""Normal scores of lo95, the quantile 0.06, lo80, 0.2, 0.3, 0.4, mean, 0.6, 0.7, 0.8, hi80, 0.94, hi95."""

_INSIDE: Final = np.abs(SCORES)[[3, 4, 5, 7, 8, 9]] / SCORES[10]

_OUTSIDE: Final = (SCORES[11] - SCORES[10]) / (SCORES[12] - SCORES[10])

NORMAL: Final = np.array((_OUTSIDE, *_INSIDE, _OUTSIDE))
"""Where the quantiles between the bands lie of a normal distribution: inside the 80 % band how far on the way from the mean
to its edge, outside how far on the way from that to the edge of the 95 % band."""

PATHS: Final = 256
"""Processes drawn: the chance is known to a hundredth or two."""

CONSTANT: Final = 0.2
"""Share of the variance of a miss that is the same at every horizon, in a store that moves every day."""

TOLD: Final = 1e-6
"""Chance that must come between two days looked at, to be told day by day: a tooth comes on its own day."""

SEED: Final = 5

BLOCK: Final = 16
"""Series that are looked at together: what a processor keeps at hand."""


def crossing(
    paths: Floats,
    limits: Floats,
    lull: Floats | None = None,
    shares: Floats | None = None,
    teeth: Flags | None = None,
) -> Floats:
    """Chance of having reached `limits` by each day.

    `paths` is (series, days ahead, 5) in the order mean, lo80, hi80, lo95, hi95; `limits` (series, thresholds, days
    ahead). `lull` is the share of days on which a series does not move (series,): what moves rarely wanders little
    between two days. `shares` (series, days ahead, 8) says where the quantiles 0.06, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8 and 0.94
    are, as NORMAL does, which holds where it is not given. `teeth` tells the series whose day of a date is that of a
    tooth (series,), and not any day between two at which the processes are looked at. Returns
    (series, thresholds, days ahead), never falling with the days.
    """
    blocks = range(0, len(paths), BLOCK)
    parts = [slice(first, first + BLOCK) for first in blocks] or [slice(0)]
    return np.concatenate(
        [
            _crossing(
                paths[part],
                limits[part],
                None if lull is None else lull[part],
                None if shares is None else shares[part],
                None if teeth is None else teeth[part],
            )
            for part in parts
        ]
    )


def _crossing(
    paths: Floats, limits: Floats, lull: Floats | None, shares: Floats | None, teeth: Flags | None
) -> Floats:
    """The same of a few series."""
    scores = _scores(_curves(paths, shares), limits)
    days = _grid(scores.shape[-1])
    begins = np.concatenate(([0], days[:-1]))
    reached = _reached(np.minimum.reduceat(scores, begins, axis=-1), days)
    place = np.arange(1, scores.shape[-1] + 1)
    low = np.clip(np.searchsorted(days, place, side="right") - 1, 0, max(len(days) - 2, 0))
    high = np.minimum(low + 1, len(days) - 1)
    at_once = np.maximum.accumulate(_above(scores), axis=-1)
    part = np.broadcast_to((place - days[low]) / np.maximum(days[high] - days[low], 1), scores.shape)
    if teeth is not None and teeth.any():
        part = part.copy()
        part[teeth] = _daily(at_once[teeth], days[low] - 1, days[high] - 1, part[teeth])
    between = reached[..., low] * (1 - part) + reached[..., high] * part
    wandering = np.maximum(np.maximum.accumulate(between, axis=-1), at_once)
    share = 0.0 if lull is None else lull[:, None, None]
    return np.asarray(share * at_once + (1.0 - share) * wandering)


def _daily(at_once: Floats, low: Ints, high: Ints, even: Floats) -> Floats:
    """Of what comes between two days looked at, the share that has come by each day: as the bands say, not evenly."""
    begin = at_once[..., low]
    whole = at_once[..., high] - begin
    told = whole > TOLD
    return np.where(told, (at_once - begin) / np.where(told, whole, 1.0), even)


def _curves(paths: Floats, shares: Floats | None) -> Floats:
    """The quantile curves of SCORES (SCORES, series, days)."""
    mean, lo80, hi80, lo95, hi95 = np.moveaxis(paths, -1, 0)
    inside = NORMAL[:, None, None] if shares is None else np.moveaxis(shares, -1, 0)
    lower, upper = mean + inside[1:4] * (lo80 - mean), mean + inside[4:7] * (hi80 - mean)
    lowest, highest = lo80 + inside[0] * (lo95 - lo80), hi80 + inside[7] * (hi95 - hi80)
    return np.stack((lo95, lowest, lo80, *lower, mean, *upper, hi80, highest, hi95))


def _scores(curves: Floats, limits: Floats) -> Floats:
    """The normal score of a limit under each day's distribution: straight between the curves, and on beyond the outer ones."""
    below = np.zeros(limits.shape, dtype=np.int8)
    for curve in curves[1:-1]:
        below += limits >= curve[:, None]
    place = below.astype(np.intp)
    spot = place * curves[0].size + np.arange(curves[0].size).reshape(len(limits), 1, -1)
    low, high = curves.ravel()[spot], curves.ravel()[spot + curves[0].size]
    wide = high > low
    with np.errstate(over="ignore", invalid="ignore"):
        part = (limits - low) / np.where(wide, high - low, 1.0)
        score = np.asarray(SCORES)[place] + part * np.diff(SCORES)[place]
    outside = np.where(limits > curves[len(curves) // 2][:, None], np.inf, -np.inf)
    return np.where(wide & ~np.isnan(score), score, outside)


def _above(scores: Floats) -> Floats:
    """Chance of a standard normal value above each score (Abramowitz and Stegun, 26.2.17: to 1e-7)."""
    size = np.minimum(np.abs(scores), 40.0)
    t = 1.0 / (1.0 + 0.2316419 * size)
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = np.exp(-0.5 * size * size) / np.sqrt(2 * np.pi) * series
    return np.asarray(np.where(scores >= 0, tail, 1.0 - tail))


def _grid(horizon: int) -> Ints:
    """Days at which the processes are looked at: fewer and fewer. What is easiest between two of them counts at the later."""
    early = np.array([1, 2, 3, 5, 7, 10, 14, 21, 28])
    days = np.concatenate((early, np.arange(42, 366, 14), np.arange(392, horizon + 28, 28)))
    return np.unique(np.append(days[days < horizon], horizon))


def _reached(scores: Floats, days: Ints) -> Floats:
    """Share of the processes that have been at or above the scores by each of `days`."""
    drawn = _processes(int(days[-1]))
    limits = scores.astype(np.float32)
    above = np.ones((PATHS, len(days) + 1), dtype=bool)
    reached = np.zeros(scores.shape)
    for row, place in zip(
        *np.nonzero(np.isfinite(scores).any(axis=-1) | (scores < 0).any(axis=-1)), strict=True
    ):
        np.greater_equal(drawn, limits[row, place], out=above[:, :-1])
        counts = np.bincount(above.argmax(axis=1), minlength=len(days) + 1)
        reached[row, place] = np.cumsum(counts[:-1]) / PATHS
    return reached


@functools.cache
def _processes(horizon: int) -> npt.NDArray[np.float32]:
    """(PATHS, days) standard normal at every day, each drawn together with its opposite."""
    days = _grid(horizon)
    chance = np.random.default_rng(SEED)
    steps = np.sqrt(np.diff(days, prepend=0)) * chance.standard_normal((PATHS // 2, len(days)))
    brownian = np.cumsum(steps, axis=1) / np.sqrt(days)
    constant = chance.standard_normal((PATHS // 2, 1))
    half = np.sqrt(CONSTANT) * constant + np.sqrt(1 - CONSTANT) * brownian
    return np.concatenate((half, -half)).astype(np.float32)
