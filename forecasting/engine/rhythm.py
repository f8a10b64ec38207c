"""What comes back every so many days: a week's profile, a retention that lets gather and then clears."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from forecasting.engine import almanac
from forecasting.engine.almanac import Almanac
from forecasting.engine.cleaning import Cleaned, part
from forecasting.engine.frames import Floats, Ints, Panel

LONGEST: Final = 62
"""Days of the longest period that is looked for."""

CYCLES: Final = 4
"""Whole periods that must have been seen."""

RECENT: Final = 448
"""Days in which a period is looked for: 64 weeks."""

RECENT_CYCLES: Final = 16
"""Periods, the last ones, from which the profile is taken."""

ALIKE: Final = 0.3
"""Autocorrelation of the daily moves from which a period is one."""

CERTAIN: Final = 5.0
"""The same, in its standard errors where there is none."""

FIRST: Final = 0.85
"""The shortest lag counts whose autocorrelation is this share of the highest: two weeks are a week twice."""

GAIN: Final = 0.8
"""What must at most remain of the variance of the moves once the profile is out."""


class Rhythm(NamedTuple):
    """`period` is (series,), 1 where there is none; `profile` (series, LONGEST), by days ago modulo the period.

    On top comes what is kept by the calendar.
    """

    period: Ints
    profile: Floats
    almanac: Almanac

    def at(self, ago: Ints) -> Floats:
        """The profile so many days ago, negative for days ahead: (days,) or (series, days) -> (series, days)."""
        days = np.broadcast_to(ago, (len(self.period), ago.shape[-1]))
        beat = np.asarray(np.take_along_axis(self.profile, np.mod(days, self.period[:, None]), axis=1))
        rows = self.almanac.rows
        if len(rows):
            beat[rows] += self.almanac.at(days[rows])
        return beat

    @property
    def cycle(self) -> Ints:
        """Months of what is kept by the calendar, 0 where nothing is (series,)."""
        months = np.zeros(len(self.period), dtype=np.int64)
        months[self.almanac.rows] = self.almanac.months
        return months

    def take(self, rows: Ints) -> Rhythm:
        """The fixed periods of some of the series."""
        return Rhythm(self.period[rows], self.profile[rows], Almanac.none())


def apart(cleaned: Cleaned, panel: Panel) -> tuple[Cleaned, Rhythm]:
    """The rhythm of each series, and its jumps besides: what recurs by the calendar is none."""
    fixed = find(cleaned.level, panel.days)
    dated = almanac.find(cleaned.y, cleaned.jumps, panel.days, panel.last)
    if not len(dated.rows):
        return cleaned, fixed
    some, days = cleaned.take(dated.rows), panel.days[dated.rows]
    ago = np.arange(cleaned.y.shape[1] - 1, -1, -1)
    beat = dated.at(ago)
    calm = part(some.y - beat, days, some.altered)
    inner = find(calm.level, days)
    plain = calm.level + beat
    after = _unrest(calm.level - inner.at(ago), days)
    before = _unrest(plain - fixed.take(dated.rows).at(ago), days)
    kept = (after <= GAIN * _unrest(plain, days)) & (after <= before)
    rows = dated.rows[kept]
    cleaned = cleaned.replaced(rows, Cleaned(some.y, plain, calm.jumps, some.altered).take(kept))
    period, profile = fixed.period.copy(), fixed.profile.copy()
    period[rows], profile[rows] = inner.period[kept], inner.profile[kept]
    return cleaned, Rhythm(period, profile, dated.take(kept))


def _unrest(level: Floats, days: Ints) -> Floats:
    """Variance of the moves of the RECENT days (series,)."""
    moves = np.diff(level[:, -RECENT:], axis=1)
    return _variance(moves, np.arange(moves.shape[1], 0, -1)[None] < days[:, None])


def find(level: Floats, days: Ints) -> Rhythm:
    """The rhythm of each series of jump-free levels (series, days), of which the last `days` are known."""
    period = _periods(level, days)
    profile = np.zeros((len(level), LONGEST))
    for length in np.unique(period[period > 1]):
        rows = np.flatnonzero(period == length)
        profile[rows, :length] = _profile(level[rows], days[rows], int(length))
    found = Rhythm(period, profile, Almanac.none())
    moves = np.diff(level[:, -RECENT:], axis=1)
    ago = np.arange(moves.shape[1], -1, -1)
    less = moves - np.diff(found.at(ago), axis=1)
    inside = ago[None, 1:] < days[:, None] - 1
    helps = _variance(less, inside) <= GAIN * _variance(moves, inside)
    return Rhythm(np.where(helps, period, 1), np.where(helps[:, None], profile, 0.0), Almanac.none())


def _variance(values: Floats, inside: npt.NDArray[np.bool_]) -> Floats:
    count = np.maximum(inside.sum(axis=1), 1)
    kept = np.where(inside, values, 0.0)
    mean = kept.sum(axis=1, keepdims=True) / count[:, None]
    return np.asarray((np.where(inside, values - mean, 0.0) ** 2).sum(axis=1) / count)


def _periods(level: Floats, days: Ints) -> Ints:
    """The first lag at which the daily moves are like themselves, 1 where there is none."""
    moves = np.diff(level[:, -RECENT:], axis=1)
    width = moves.shape[1]
    if width < 2 * CYCLES:
        return np.ones(len(level), dtype=np.int64)
    inside = np.arange(width)[None] >= width - (days[:, None] - 1)
    count = np.maximum(inside.sum(axis=1), 1)
    mean = np.where(inside, moves, 0.0).sum(axis=1) / count
    centred = np.where(inside, moves - mean[:, None], 0.0)
    size = np.abs(centred).max(axis=1, keepdims=True)
    centred = centred / np.where(size > 0, size, 1.0)
    spectrum = np.abs(np.fft.rfft(centred, 2 * RECENT, axis=1)) ** 2
    power = np.fft.irfft(spectrum, axis=1)[:, : LONGEST + 1]
    lags = np.arange(power.shape[1])
    alike = power * count[:, None] / np.maximum(count[:, None] - lags, 1)
    alike = alike / np.where(power[:, :1] > 0, power[:, :1], 1.0)
    alike[:, :2] = 0.0
    alike[lags[None] * CYCLES > days[:, None] - 1] = 0.0
    highest = alike.max(axis=1)
    first = (alike >= FIRST * highest[:, None]).argmax(axis=1)
    found = highest >= np.maximum(ALIKE, CERTAIN / np.sqrt(count))
    return np.where(found, first, 1)


def _profile(level: Floats, days: Ints, length: int) -> Floats:
    """The median of each phase over the last cycles, less the running mean of a period: (series, length) by days ago."""
    most = min(int(days.max()) // length, RECENT_CYCLES)
    span = (most - 1) * length
    total = np.concatenate((np.zeros((len(level), 1)), np.cumsum(level - level[:, -1:], axis=1)), axis=1)
    mean = (total[:, length:] - total[:, :-length]) / length
    half = length // 2
    centre = mean[:, -span:]
    if length % 2 == 0:
        centre = (mean[:, -span:] + mean[:, -span - 1 : -1]) / 2
    last = level.shape[1] - 1 - (length - 1 - half)
    away = level[:, last - span + 1 : last + 1] - level[:, -1:] - centre
    ago = level.shape[1] - 1 - np.arange(last - span + 1, last + 1)
    away = np.where(ago[None] < days[:, None], away, np.nan)
    cycles = away[:, ::-1].reshape(len(level), most - 1, length)
    profile = np.nanmedian(cycles, axis=1)
    profile = profile - profile.mean(axis=1, keepdims=True)
    return np.asarray(np.roll(profile, int(ago.min()) % length, axis=1))
