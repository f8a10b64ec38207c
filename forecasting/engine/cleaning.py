"""What is not growth: transient glitches are taken out, persistent jumps are set apart from the level."""

from __future__ import annotations

import dataclasses
from typing import Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from forecasting.engine.frames import Flags, Floats, Ints, Panel

WINDOW: Final = 11
"""Days of the running median (Hampel's identifier): more than twice the longest glitch."""

LONGEST: Final = 4
"""Days within which a glitch comes back. What stays longer is a jump."""

HAMPEL: Final = 5.0
"""Distance from the running median, in robust standard deviations, from which a day is suspect."""

MAD: Final = 1.4826
"""Of a normal distribution, standard deviation over median absolute deviation."""

RARE: Final = 0.02
"""Share of days that may be jumps: what happens more often than a week a year is how the store lives."""

LEAP: Final = 2.5
"""A jump is this many times the largest of the ordinary daily moves."""


class Event(NamedTuple):
    """A persistent jump: `ds` is the first day at the new level, `size` the bytes it moved."""

    ds: np.datetime64
    size: float


@dataclasses.dataclass(frozen=True, slots=True)
class Cleaned:
    """A panel after cleaning, all (series, days): `y` without glitches, `level` without jumps either.

    `level` equals `y` on the last day. `jumps` holds the size of each jump on its day and 0 elsewhere;
    `altered` flags the days whose value was replaced.
    """

    y: Floats
    level: Floats
    jumps: Floats
    altered: Flags

    def events(self, row: int, last: np.datetime64) -> tuple[Event, ...]:
        """The jumps of one series, oldest first."""
        days = np.flatnonzero(self.jumps[row])
        width = self.jumps.shape[1]
        return tuple(
            Event(last - np.timedelta64(width - 1 - int(d), "D"), float(self.jumps[row, d])) for d in days
        )


def clean(panel: Panel) -> Cleaned:
    """Take glitches out of the level, then jumps."""
    altered = _glitches(panel.y)
    y = _bridge(panel.y, altered)
    jumps = _jumps(y, panel.days)
    total = np.cumsum(jumps, axis=1)
    return Cleaned(y, y - total + total[:, -1:], jumps, altered)


def _median(y: Floats) -> Floats:
    """Running median over WINDOW days, mirrored at both ends."""
    half = WINDOW // 2
    padded = np.pad(y, ((0, 0), (half, half)), mode="symmetric")
    windows = sliding_window_view(padded, WINDOW, axis=1)
    return np.asarray(np.partition(windows, half, axis=-1)[..., half])


def _glitches(y: Floats) -> Flags:
    """Days that leave the running median and are back within LONGEST days."""
    centre = _median(y)
    away = np.abs(y - centre)
    ordinary = MAD * np.median(np.abs(np.diff(y, axis=1)), axis=1, keepdims=True) if y.shape[1] > 1 else away
    spread = np.maximum(np.maximum(MAD * _median(away), ordinary), 1e-9 * np.abs(centre))
    suspect = away > HAMPEL * spread
    if not suspect.any():
        return suspect
    rows, starts, stops = _runs(suspect)
    width = y.shape[1]
    inside = (starts > 0) & (stops < width) & (stops - starts <= LONGEST)
    rows, starts, stops = rows[inside], starts[inside], stops[inside]
    before, after = y[rows, starts - 1], y[rows, stops]
    out = np.abs(y[rows, starts] - before)
    back = np.abs(after - before) <= 0.3 * out
    altered = np.zeros_like(suspect)
    for row, start, stop in zip(rows[back], starts[back], stops[back], strict=True):
        altered[row, start:stop] = True
    return altered | _fallen(y, suspect)


def _fallen(y: Floats, suspect: Flags) -> Flags:
    """Zero or less on the very last days: a store that answers nothing, until it has done so for longer."""
    dead = (y <= 0) & suspect
    trailing = np.cumprod(dead[:, ::-1], axis=1)[:, ::-1].astype(bool)
    trailing &= (trailing.sum(axis=1) <= LONGEST)[:, None]
    return trailing


def _runs(flags: Flags) -> tuple[Ints, Ints, Ints]:
    """Runs of flagged days: row, first day, first day after."""
    edges = np.diff(np.pad(flags, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    return rows, starts, np.nonzero(edges == -1)[1]


def _bridge(y: Floats, altered: Flags) -> Floats:
    """The altered days drawn straight between their neighbours."""
    bridged = y.copy()
    days = np.arange(y.shape[1])
    for row in np.flatnonzero(altered.any(axis=1)):
        bad = altered[row]
        bridged[row, bad] = np.interp(days[bad], days[~bad], y[row, ~bad])
    return bridged


def _jumps(y: Floats, days: Ints) -> Floats:
    """Daily moves beyond LEAP times what remains when the RARE largest are left out, less an ordinary day."""
    width = y.shape[1]
    if width < 3:
        return np.zeros_like(y)
    moves = np.diff(y, axis=1, prepend=y[:, :1])
    sizes = np.abs(moves)
    spared = np.clip(np.ceil(RARE * days), 3, width - 1).astype(np.int64)
    ranked = np.sort(sizes, axis=1)
    ordinary = ranked[np.arange(len(y)), width - 1 - spared]
    limit = LEAP * ordinary + 1e-9 * np.abs(y).max(axis=1)
    usual = np.median(moves, axis=1)
    return np.where(sizes > limit[:, None], moves - usual[:, None], 0.0)
