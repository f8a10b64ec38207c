"""Since when a series goes at its present pace: what was before a plain break of it says little of what comes."""

from __future__ import annotations

from typing import Final

import numpy as np

from forecasting.engine.frames import Flags, Floats, Ints

WEEK: Final = 7
"""Days whose moves are added up: a rhythm of a week is no break."""

WEEKS: Final = 52
"""Weeks in which a break is looked for."""

FEWEST: Final = 4
"""Weeks at the new pace before it is believed: holidays are shorter."""

READ: Final = 12
"""Readings that tell the new pace: a line that was drawn across a gap is one."""

BEFORE: Final = 8
"""Weeks at the old pace."""

PLAIN: Final = 8.0
"""Standard errors by which the two paces differ."""

MATTERS: Final = 0.5
"""Of the larger pace, how far they must lie apart."""

SUDDEN: Final = 0.5
"""What a break may leave unexplained of what a steady change of pace leaves."""


def settled(level: Floats, days: Ints, read: Flags) -> Ints:
    """Days since the last plain break of pace, of jump-free levels (series, days) of which the last `days` are known.

    `read` are the days that were read and believed. All its days where a series has none. The break is the one that leaves the least sum of squares of weekly moves
    around two means (Bai and Perron, 1998, of one break).
    """
    most = min(WEEKS, (level.shape[1] - 1) // WEEK)
    if most < FEWEST + BEFORE:
        return days
    moves = -np.diff(level[:, ::-1][:, : most * WEEK + 1 : WEEK], axis=1)
    weeks = np.minimum((days - 1) // WEEK, most)[:, None]
    place = np.arange(most)[None]
    size = np.abs(moves).max(axis=1, keepdims=True)
    moves = np.where(place < weeks, moves, 0.0) / np.where(size > 0, size, 1.0)
    after, before = place + 1.0, np.maximum(weeks - place - 1.0, 1.0)
    new = np.cumsum(moves, axis=1)
    total, squares = new[:, -1:], (moves**2).sum(axis=1, keepdims=True)
    left = squares - new**2 / after - (total - new) ** 2 / before
    told = np.cumsum(read[:, ::-1], axis=1)[:, WEEK - 1 : most * WEEK : WEEK] >= READ
    left = np.where(
        told & (place + 1 >= FEWEST) & (weeks - place - 1 >= BEFORE), np.maximum(left, 0.0), np.inf
    )
    best = left.argmin(axis=1)[:, None]
    rest = np.take_along_axis(left, best, axis=1)
    count, old = best + 1.0, np.maximum(weeks - best - 1.0, 1.0)
    recent = np.take_along_axis(new, best, axis=1)
    paces = recent / count, (total - recent) / old
    apart = np.abs(paces[0] - paces[1])
    error = np.sqrt(rest / np.maximum(weeks - 2, 1) * (1 / count + 1 / old))
    broken = np.isfinite(rest) & (apart > PLAIN * error) & (rest < SUDDEN * _ramp(moves, weeks, place))
    broken &= apart > MATTERS * np.maximum(*np.abs(paces))
    return np.asarray(np.where(broken[:, 0], count[:, 0].astype(np.int64) * WEEK, days))


def _ramp(moves: Floats, weeks: Ints, place: Ints) -> Floats:
    """What a straight line through the moves of the weeks that are known leaves (series, 1)."""
    known = place < weeks
    count = np.maximum(weeks, 1)
    clock = np.where(known, place - (weeks - 1) / 2.0, 0.0)
    away = np.where(known, moves - moves.sum(axis=1, keepdims=True) / count, 0.0)
    spread = np.maximum((clock**2).sum(axis=1, keepdims=True), 1.0)
    slope = (clock * away).sum(axis=1, keepdims=True) / spread
    return np.asarray(np.maximum((away**2).sum(axis=1, keepdims=True) - slope**2 * spread, 0.0))
