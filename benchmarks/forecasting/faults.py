"""What a monitoring system would have seen of a history: gaps, irregular days, and readings that are wrong.

The last day is always there, so that every forecast sets out from the same day; it may be a wrong reading.
"""

from __future__ import annotations

import dataclasses
from typing import Final, Literal, NamedTuple, get_args

import numpy as np

from benchmarks.forecasting.generator import Floats, Part

Wrong = Literal["zero", "tenfold", "negative", "frozen"]
WRONGS: Final[tuple[Wrong, ...]] = get_args(Wrong)
LONGEST: Final = 4
"""Days that a wrong reading lasts at most."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rates:
    """How often things go wrong: numbers a year, and shares."""

    gaps: tuple[float, float]
    gap: tuple[int, int]
    """Days of a gap."""
    wrong: tuple[float, float]
    sparse: float
    """Share of the stores that are read on some days only."""
    last: float
    """Share of the stores whose last reading is a wrong one."""


RATES: Final[dict[Part, Rates]] = {
    "tune": Rates(gaps=(0.5, 3.0), gap=(2, 14), wrong=(0.0, 1.5), sparse=0.2, last=0.02),
    "report": Rates(gaps=(0.3, 4.0), gap=(1, 21), wrong=(0.0, 2.5), sparse=0.25, last=0.03),
}


class Glitch(NamedTuple):
    """A wrong reading: its first day, how many days it lasts, and what it reads."""

    day: int
    days: int
    reads: Wrong


@dataclasses.dataclass(frozen=True, slots=True)
class Observed:
    """`days` are the places of the days that were read at all, `y` what was read on each of them."""

    days: np.ndarray
    y: Floats
    glitches: tuple[Glitch, ...]


def observe(y: Floats, part: Part, seed: tuple[int, ...]) -> Observed:
    """Spoil a daily history, the same way for the same arguments."""
    rng = np.random.default_rng([*seed, list(RATES).index(part)])
    rates = RATES[part]
    found = tuple(_glitches(rng, rates, len(y)))
    seen = y.copy()
    for glitch in found:
        seen[glitch.day : glitch.day + glitch.days] = read(y, glitch)
    kept = _kept(rng, rates, len(y))
    return Observed(np.flatnonzero(kept), seen[kept], found)


def read(y: Floats, glitch: Glitch) -> Floats:
    """What is read during a glitch instead of `y`."""
    true = y[glitch.day : glitch.day + glitch.days]
    if glitch.reads == "zero":
        return np.zeros_like(true)
    if glitch.reads == "tenfold":
        return 10.0 * true
    if glitch.reads == "negative":
        return -1.0 - 0.5 * true
    return np.full_like(true, y[glitch.day - 1])


def _glitches(rng: np.random.Generator, rates: Rates, days: int) -> list[Glitch]:
    count = rng.poisson(rng.uniform(*rates.wrong) * days / 365.0)
    found = [_glitch(rng, int(rng.integers(5, days - LONGEST - 1))) for _ in range(count)]
    if rng.random() < rates.last:
        length = int(rng.integers(1, LONGEST + 1))
        found.append(_glitch(rng, days - length)._replace(days=length))
    apart: list[Glitch] = []
    for glitch in sorted(found):  # a fault that follows another at once would be one long fault
        if not apart or glitch.day >= apart[-1].day + apart[-1].days + 2 * LONGEST:
            apart.append(glitch)
    return apart


def _glitch(rng: np.random.Generator, day: int) -> Glitch:
    return Glitch(day, int(rng.integers(1, LONGEST + 1)), WRONGS[rng.integers(len(WRONGS))])


def _kept(rng: np.random.Generator, rates: Rates, days: int) -> np.ndarray:
    kept = np.ones(days, dtype=bool)
    for _ in range(rng.poisson(rng.uniform(*rates.gaps) * days / 365.0)):
        start = int(rng.integers(1, days - 1))
        kept[start : start + int(rng.integers(rates.gap[0], rates.gap[1] + 1))] = False
    if rng.random() < rates.sparse:
        kept &= rng.random(days) < rng.uniform(0.3, 0.9)
    kept[[0, -1]] = True
    return kept
