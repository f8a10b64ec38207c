"""Histories of invented stores whose truth is known, future included, because they were made.

Each kind is one way in which stores live. `make` gives a history of bytes a day as it really was; what a
monitoring system would have seen of it is for `benchmarks.forecasting.faults` to spoil. The parameters of the
part for choosing and of the part for reporting come from different seeds and different ranges.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Part = Literal["tune", "report"]
Range = tuple[float, float]

AHEAD: Final = 180
"""Days of the future that every history has."""

YEAR: Final = 365.0


@dataclasses.dataclass(frozen=True, slots=True)
class Ranges:
    """Between what the parameters of made histories lie."""

    days: tuple[int, int]
    """Length of the history; that of short ones in `young`."""
    young: tuple[int, int]
    growth: Range
    """Growth in a year over the first level."""
    noise: Range
    """Standard deviation of a day's move, in mean daily moves."""
    jitter: Range
    """What is written and deleted within a day or two, in mean daily moves."""
    fading: Range
    """Days in which damped growth falls to 1/e."""
    gain: Range
    """What an accelerating growth gains in a year, in itself."""
    rhythm: Range
    """Highest over lowest day of the week, in mean daily moves."""
    periods: tuple[int, ...]
    """Days of retention."""
    tooth: Range
    """What a retention lets gather in a day, over the level."""
    leaps: Range
    """Migrations a year."""
    leap: Range
    """Size of a migration, in years of growth."""
    purge: Range
    """Days between purges."""
    purged: Range
    """What a purge takes of all that came since the one before."""
    tail: Range
    """Exponent of the sizes of bursts (Pareto): the lower, the heavier."""
    busy: Range
    """Share of the days on which something comes at all."""
    turn: Range
    """What a growth is multiplied by when a scanner is added (or divided by, when one leaves)."""
    memory: Range
    """What a level without trend keeps of yesterday's distance from its mean."""


RANGES: Final[dict[Part, Ranges]] = {
    "tune": Ranges(
        days=(240, 1000), young=(24, 180), growth=(0.05, 0.6), noise=(0.3, 5.0), jitter=(0.0, 4.0),
        fading=(150.0, 600.0), gain=(0.5, 2.0), rhythm=(4.0, 25.0), periods=(7, 14, 28), tooth=(0.002, 0.015),
        leaps=(0.5, 2.5), leap=(0.3, 2.0), purge=(60.0, 200.0), purged=(0.3, 1.0), tail=(1.5, 2.6),
        busy=(0.1, 0.9), turn=(1.5, 3.5), memory=(0.85, 0.97),
    ),
    "report": Ranges(
        days=(200, 1095), young=(20, 200), growth=(0.03, 1.0), noise=(0.2, 7.0), jitter=(0.0, 6.0),
        fading=(100.0, 800.0), gain=(0.3, 3.0), rhythm=(3.0, 35.0), periods=(7, 10, 21, 30, 42),
        tooth=(0.001, 0.025), leaps=(0.3, 3.0), leap=(0.2, 3.5), purge=(45.0, 260.0), purged=(0.2, 1.1),
        tail=(1.3, 3.0), busy=(0.05, 1.0), turn=(1.4, 4.5), memory=(0.8, 0.985),
    ),
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class History:
    """One made store: `y` holds `days` days of history and AHEAD days of future, in bytes.

    `facts` holds what it was made from: `slope` in bytes a day, `period` in days, `steps` as (day, bytes), and so on.
    """

    kind: str
    days: int
    y: Floats
    facts: dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What every kind starts from: `slope` in bytes a day, `length` days, the last AHEAD of which are the future."""

    rng: np.random.Generator
    ranges: Ranges
    days: int
    base: float
    slope: float

    @property
    def length(self) -> int:
        return self.days + AHEAD

    def draw(self, between: Range) -> float:
        return float(self.rng.uniform(*between))

    def moves(self, shape: Floats | float = 1.0) -> Floats:
        """Noisy moves of each day, the first of them 0. `shape` multiplies the mean move of each day."""
        noise = self.draw(self.ranges.noise) * self.rng.standard_t(5, self.length) / np.sqrt(5 / 3)
        moves = np.asarray(self.slope * shape * (1.0 + noise), np.float64)
        moves[0] = 0.0
        return moves

    def jitter(self) -> Floats:
        return np.asarray(
            self.slope * self.draw(self.ranges.jitter) * self.rng.standard_normal(self.length), np.float64
        )

    def rise(self, shape: Floats | float = 1.0) -> Floats:
        """The level that the moves add up to."""
        return np.asarray(self.base + np.cumsum(self.moves(shape)) + self.jitter(), np.float64)


Made = tuple[Floats, dict[str, Any]]


def linear(plan: Plan) -> Made:
    """Steady growth."""
    return plan.rise(), {"slope": plan.slope}


def damped(plan: Plan) -> Made:
    """Growth that fades."""
    fading = plan.draw(plan.ranges.fading)
    shape: Floats = 3.0 * np.exp(-np.arange(plan.length) / fading)
    return plan.rise(shape), {"fading": fading}


def accelerating(plan: Plan) -> Made:
    """Growth that grows."""
    gain = plan.draw(plan.ranges.gain)
    shape: Floats = 1.0 + gain * (np.arange(plan.length) / YEAR)
    return plan.rise(shape), {"gain": gain}


def weekly(plan: Plan) -> Made:
    """Steady growth with a rhythm of seven days."""
    profile = plan.rng.uniform(0, 1, 7)
    profile = (profile - profile.mean()) / np.ptp(profile) * plan.draw(plan.ranges.rhythm) * plan.slope
    return plan.rise() + profile[np.arange(plan.length) % 7], {"profile": profile}


def sawtooth(plan: Plan) -> Made:
    """A retention: what gathers day by day goes every `period` days."""
    period = int(plan.rng.choice(plan.ranges.periods))
    amount = plan.base * plan.draw(plan.ranges.tooth)
    teeth = amount * ((np.arange(plan.length) + plan.rng.integers(period)) % period)
    return plan.rise(0.5) + teeth, {"period": period, "amount": amount}


def steps(plan: Plan) -> Made:
    """Steady growth, and migrations in both directions."""
    y = plan.rise()
    found = []
    for day in _days(plan, YEAR / plan.draw(plan.ranges.leaps)):
        size = plan.slope * YEAR * plan.draw(plan.ranges.leap)
        size = size if plan.rng.random() < 0.65 else -min(size, 0.6 * y[day])
        y[day:] += size
        found.append((day, size))
    return y, {"steps": found, "slope": plan.slope}


def purges(plan: Plan) -> Made:
    """Steady growth that is cleaned up now and then."""
    y = plan.rise()
    found, since = [], y[0]
    for day in _days(plan, plan.draw(plan.ranges.purge)):
        size = -max(0.0, plan.draw(plan.ranges.purged) * (y[day] - since))
        y[day:] += size
        since = y[day]
        found.append((day, size))
    return y, {"steps": found, "slope": plan.slope}


def bursts(plan: Plan) -> Made:
    """An archive: it never shrinks, and studies and whole projects arrive as they please, on working days."""
    tail, busy = plan.draw(plan.ranges.tail), plan.draw(plan.ranges.busy)
    sizes = plan.rng.pareto(tail, plan.length) * (tail - 1.0)
    arrives = (plan.rng.random(plan.length) < busy) & (np.arange(plan.length) % 7 < 5)
    moves = plan.slope * np.minimum(sizes, 2 * YEAR) * arrives * 1.4 / busy
    moves[0] = 0.0
    return plan.base + np.cumsum(moves), {"tail": tail, "busy": busy}


def flat(plan: Plan) -> Made:
    """Nothing for weeks or for ever, and then something."""
    share = float(plan.rng.choice([0.0, 0.004, 0.01, 0.03]))
    comes = plan.rng.random(plan.length) < share
    sizes = plan.slope / max(share, 0.004) * plan.rng.exponential(1.0, plan.length)
    moves = comes * sizes * plan.rng.choice([1.0, 1.0, 1.0, -0.7], plan.length)
    moves[0] = 0.0
    return plan.base + np.cumsum(moves), {"share": share}


def turns(plan: Plan) -> Made:
    """Growth that changes its pace within the history: a scanner is added, or leaves."""
    factor = plan.draw(plan.ranges.turn) ** plan.rng.choice([1, 1, -1])
    day = int(plan.days * plan.rng.uniform(0.3, 0.9))
    shape: Floats = np.where(np.arange(plan.length) < day, 1.0, float(factor))
    return plan.rise(shape), {"day": day, "factor": factor, "slope": plan.slope}


def noise(plan: Plan) -> Made:
    """No trend at all: a level that comes back to its mean."""
    keeps = plan.draw(plan.ranges.memory)
    shocks = plan.base * 0.01 * plan.rng.standard_normal(plan.length)
    away = np.zeros(plan.length)
    for day in range(1, plan.length):
        away[day] = keeps * away[day - 1] + shocks[day]
    return plan.base + away, {"mean": plan.base}


def resets(plan: Plan) -> Made:
    """A counter that began again at zero once, and counts on as before."""
    y = plan.rise()
    day = int(plan.days * plan.rng.uniform(0.2, 0.9))
    lost = float(y[day - 1])
    y[day:] -= lost
    return y, {"day": day, "lost": lost, "slope": plan.slope}


def extensions(plan: Plan) -> Made:
    """Steady growth of a store that was extended: its size changed, what it holds went on as before."""
    return plan.rise(), {"slope": plan.slope, "extended": int(plan.days * plan.rng.uniform(0.3, 0.95))}


def young(plan: Plan) -> Made:
    """A short history of one of the other kinds."""
    kind = (linear, weekly, bursts, sawtooth, steps)[plan.rng.integers(5)]
    y, facts = kind(plan)
    return y, facts | {"like": kind.__name__}


KINDS: Final[dict[str, Callable[[Plan], Made]]] = {
    kind.__name__: kind
    for kind in (
        linear, damped, accelerating, weekly, sawtooth, steps, purges, bursts, flat, turns, noise, resets,
        extensions, young,
    )
}  # fmt: skip


def make(kind: str, part: Part, seed: int, number: int, days: int | None = None) -> History:
    """One history, the same for the same arguments. `days` is drawn where it is not given."""
    rng = np.random.default_rng([seed, list(RANGES).index(part), list(KINDS).index(kind), number])
    ranges = RANGES[part]
    low, high = ranges.young if kind == "young" else ranges.days
    drawn = int(rng.integers(low, high + 1))
    base = 10.0 ** rng.uniform(9, 14)
    growth = np.exp(rng.uniform(*np.log(ranges.growth)))
    plan = Plan(rng, ranges, days or drawn, base, base * growth / YEAR)
    y, facts = KINDS[kind](plan)
    return History(kind, plan.days, np.maximum(np.round(y), 0.0), facts)


def _days(plan: Plan, apart: float) -> list[int]:
    """Days on which something rare happens, `apart` days from one to the next in the mean, at least five."""
    gaps = 5.0 + plan.rng.exponential(max(apart - 5.0, 1.0), int(8 + 4 * plan.length / apart))
    days = np.cumsum(gaps).astype(int)
    return [int(day) for day in days[days < plan.length]]
