"""How simulated values move: pure functions of time, so that history, agents and a later run agree.

Instants are UTC epoch seconds, in numpy arrays of shape (n,) or alone. A curve hangs on the `birth` of the
demo, the instant of its first preparation, at which a store holds exactly what the cast says.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import zlib
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

DAY: Final = 86_400.0
TIMEZONE: Final = "Europe/Paris"

_FUTURE: Final = 366 * 5
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()

Array = npt.NDArray[np.float64]


class Curve(Protocol):
    """Something that has a value at any instant."""

    def at(self, instants: Array, birth: float) -> Array:
        """The values at instants, both of shape (n,)."""


@dataclasses.dataclass(frozen=True)
class Growth:
    """What a store holds: bytes that grow on working days, with steps, noise and glitches.

    `now` is its value at birth. `yearly` is the growth of a year as a share, compounded. `steps` are (days ago,
    share of `now` that came or went). `noise` is the spread of its slow wander, `saw` what gathers in a week
    and is dropped on Sunday, both as shares of `now`. `glitches` are (days ago, factor of that day's value).
    """

    seed: str
    now: float
    yearly: float
    steps: tuple[tuple[int, float], ...] = ()
    noise: float = 0.002
    saw: float = 0.0
    glitches: tuple[tuple[int, float], ...] = ()

    def at(self, instants: Array, birth: float) -> Array:
        here, there = _place(instants), _place(np.array([birth]))
        grown = np.interp(here, _days(), _grown(self.seed)) - np.interp(there, _days(), _grown(self.seed))
        share = np.exp(np.log1p(self.yearly) * grown / 365.25) + self._swing(here) - self._swing(there)
        ages = (birth - instants) / DAY
        for ago, step in self.steps:
            share -= np.where(ages > ago, step, 0.0)
        for ago, factor in self.glitches:
            share *= np.where(np.floor(ages) == ago, factor, 1.0)
        values: Array = self.now * np.maximum(share, 0.01)
        return values

    def _swing(self, places: Array) -> Array:
        """What comes and goes, as a share of `now`."""
        saw = ((places + _MONDAY) % 7.0) / 7.0 - 0.5
        swing: Array = self.noise * np.interp(places, _days(), _wander(self.seed)) + self.saw * saw
        return swing


@dataclasses.dataclass(frozen=True)
class Activity:
    """A value that follows people's work: `night` when nobody is there, `peak` on a working morning.

    `yearly` is the growth of the peak in a year as a share, `noise` the spread of its quick wander. `rests` says
    whether public holidays are as quiet as Sundays for it: computing goes on then.
    """

    seed: str
    night: float
    peak: float
    yearly: float = 0.0
    noise: float = 0.003
    rests: bool = True

    def at(self, instants: Array, birth: float) -> Array:
        grown = 1.0 + self.yearly * (instants - birth) / DAY / 365.25
        value = self.night + (self.peak - self.night) * activity(instants, self.rests) * grown
        wander = np.interp(instants / 600.0, *_quick(self.seed), period=1009.0)
        return np.maximum(value * (1.0 + self.noise * wander), 0.0)


@dataclasses.dataclass(frozen=True)
class Steps:
    """A value that stands still between steps, such as an installed size: `now`, and (days ago, what was added)."""

    now: float
    steps: tuple[tuple[int, float], ...] = ()

    def at(self, instants: Array, birth: float) -> Array:
        ages = (birth - instants) / DAY
        value = np.full(len(instants), self.now)
        for ago, added in self.steps:
            value -= np.where(ages > ago, added, 0.0)
        return value


@dataclasses.dataclass(frozen=True)
class Scaled:
    """Another curve, multiplied and raised."""

    of: Curve
    factor: float
    offset: float = 0.0

    def at(self, instants: Array, birth: float) -> Array:
        return self.factor * self.of.at(instants, birth) + self.offset


@dataclasses.dataclass(frozen=True)
class Whole:
    """Another curve in whole numbers: what is counted."""

    of: Curve

    def at(self, instants: Array, birth: float) -> Array:
        return np.floor(self.of.at(instants, birth))


@dataclasses.dataclass(frozen=True)
class Due:
    """The instant at which something ends: the last second of a day that lies `days` after birth."""

    days: int

    def at(self, instants: Array, birth: float) -> Array:
        return np.full(len(instants), ((birth // DAY) + self.days + 1) * DAY - 1.0)


@dataclasses.dataclass(frozen=True)
class Limited:
    """A curve that never passes another: a store is never fuller than full."""

    of: Curve
    limit: Curve

    def at(self, instants: Array, birth: float) -> Array:
        return np.minimum(self.of.at(instants, birth), self.limit.at(instants, birth))


@dataclasses.dataclass(frozen=True)
class Nightly:
    """What a job saw that ends every night at `ended` seconds UTC: another curve then, or the time itself."""

    ended: float
    of: Curve | None = None

    def at(self, instants: Array, birth: float) -> Array:
        last = (instants - self.ended) // DAY * DAY + self.ended
        return self.of.at(last, birth) if self.of else last


def value(curve: Curve, instant: float, birth: float) -> float:
    """The value of a curve at one instant."""
    return float(curve.at(np.array([instant]), birth)[0])


def activity(instants: Array, rests: bool = True) -> Array:
    """How busy the hospital is, 0 to 1: mornings above afternoons, little on Sundays, at night, and on holidays if it `rests`."""
    places = _place(instants)
    hour = (places % 1.0) * 24.0
    morning = np.exp(-(((hour - 10.5) / 2.2) ** 2))
    afternoon = 0.85 * np.exp(-(((hour - 15.5) / 2.5) ** 2))
    busy: Array = np.minimum(morning + afternoon, 1.0) * _weights(rests)[(places - _FIRST).astype(int)]
    return busy


# --- the grid of civil days ---------------------------------------------------------------------------------

_MONDAY: Final = 3
"""1970-01-01 was a Thursday: day + 3 is a multiple of 7 on Mondays."""

_FIRST: Final = 18_262
"""2020-01-01, the first day of the grid: fixed, so that a later run draws the same numbers for the same days."""

_WEEK: Final = (1.0, 1.05, 1.05, 1.0, 0.95, 0.25, 0.12)
"""Work of each day of the week, Monday first: an oncology centre images little at weekends."""

_HOLIDAY: Final = 0.12


@functools.cache
def _days() -> Array:
    last = int(dt.datetime.now(dt.UTC).timestamp() // DAY) + _FUTURE
    return np.arange(_FIRST, last, dtype=np.float64)


def _place(instants: Array) -> Array:
    """Instants as civil days since 1970 with their fraction, by the clock of the hospital."""
    days, where = np.unique(instants // DAY, return_inverse=True)
    offsets = np.array([_offset(int(day)) for day in days])
    places: Array = (instants + offsets[where]) / DAY
    return places


@functools.cache
def _offset(day: int) -> float:
    offset = dt.datetime.fromtimestamp(day * DAY, ZoneInfo(TIMEZONE)).utcoffset()
    return offset.total_seconds() if offset else 0.0


@functools.cache
def _weights(rests: bool = True) -> Array:
    """How busy each day of the grid is. French public holidays are as quiet as Sundays where people rest."""
    days = _days()
    weights: Array = np.array(_WEEK)[((days + _MONDAY) % 7).astype(int)]
    if not rests:
        return weights
    from holidays.countries.france import France  # noqa: PLC0415 - half a second that prepare may do without

    first, last = (dt.date.fromordinal(int(day) + _EPOCH) for day in (days[0], days[-1]))
    known = France(years=range(first.year, last.year + 1))  # type: ignore[no-untyped-call]
    for holiday in known:
        place = holiday.toordinal() - _EPOCH - _FIRST
        if 0 <= place < len(weights):
            weights[place] = min(weights[place], _HOLIDAY)
    return weights


def _random(seed: str, purpose: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{purpose}/{seed}".encode()))


@functools.cache
def _grown(seed: str) -> Array:
    """What has grown until the start of each day of the grid, in mean days: 365.25 in an ordinary year."""
    weights = _weights()
    # The mean of the first five years only: the grid grows with time, and the past must not move.
    daily = weights / weights[:1826].mean() * _random(seed, "growth").gamma(4.0, 0.25, len(weights))
    return np.concatenate(([0.0], np.cumsum(daily)[:-1]))


@functools.cache
def _wander(seed: str) -> Array:
    """A slow wander of spread 1, a value for the start of each day."""
    kernel = 0.85 ** np.arange(30)
    raw = _random(seed, "wander").standard_normal(len(_days()))
    wandering: Array = np.convolve(raw, kernel / np.sqrt((kernel**2).sum()))[: len(raw)]
    return wandering


@functools.cache
def _quick(seed: str) -> tuple[Array, Array]:
    """A quick wander of spread 1, one value for each ten minutes, repeated after a week."""
    return np.arange(1009.0), _random(seed, "quick").standard_normal(1009)
