"""Invented stores whose whole life is known, and the history file that a collector would have kept of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from exporters.history import sqlite
from exporters.history.days import number
from inventory.metrics import Labels, labels

USED, SIZE = "jauge_storage_used_bytes", "jauge_storage_size_bytes"
BEGIN: Final = dt.date(2024, 1, 1)
"""Day 0 of the simulated time."""

BEFORE: Final = 900
"""Days of history that the oldest stores have when the first night comes."""

Floats = npt.NDArray[np.float64]


class Store(NamedTuple):
    """One store: `y` (days,) as it really was, `seen` as it was measured (NaN where it was not), `size` its capacity."""

    target: str
    labels: Labels
    y: Floats
    seen: Floats
    size: Floats
    glitches: int


def stores(count: int, days: int, seed: int) -> list[Store]:
    """So many stores of mixed habits over `days` days, the same for the same seed."""
    return [_store(place, days, np.random.default_rng([seed, place])) for place in range(count)]


def keep(made: list[Store], folder: Path) -> sqlite.Reader:
    """The history file of those stores."""
    days = max(len(one.y) for one in made)
    now = dt.datetime.combine(BEGIN + dt.timedelta(days=days), dt.time(12), dt.UTC).timestamp()
    writer = sqlite.Writer(folder / "history.db", "Europe/Paris", clock=lambda: now)
    writer.keep_days(row for one in made for row in _rows(one))
    writer.close()
    return sqlite.Reader(folder / "history.db")


def noon(day: int) -> float:
    """The planner's clock on a simulated day: noon UTC."""
    return dt.datetime.combine(BEGIN + dt.timedelta(days=day), dt.time(12), dt.UTC).timestamp()


def _rows(one: Store) -> Iterator[sqlite.Day]:
    first = number(BEGIN)
    for day in np.flatnonzero(np.isfinite(one.seen)):
        yield sqlite.Day(one.target, USED, one.labels, first + int(day), float(one.seen[day]))
        yield sqlite.Day(one.target, SIZE, one.labels, first + int(day), float(one.size[day]))


def _store(place: int, days: int, rng: np.random.Generator) -> Store:
    habit, kind = HABITS[place % len(HABITS)]
    base = 10.0 ** rng.uniform(10, 14)
    yearly = base * np.exp(rng.uniform(np.log(0.05), np.log(0.8)))
    y = np.maximum(base + habit(yearly / 365.0, base, days, rng), 0.02 * base)
    seen, glitches = _observed(y, rng)
    seen[: rng.integers(0, BEFORE - 20) if place % 4 == 3 else rng.integers(0, 120)] = np.nan
    target = f"array-{place % 10:02d}"
    return Store(target, labels(store=f"v{place:03d}", kind=kind), y, seen, _size(y, rng), glitches)


def _steady(slope: float, _base: float, days: int, rng: np.random.Generator) -> Floats:
    return np.asarray(np.cumsum(slope * (1 + rng.uniform(0.5, 6) * rng.standard_t(5, days))))


def _wandering(slope: float, _base: float, days: int, rng: np.random.Generator) -> Floats:
    """Growth whose pace drifts, half of it gone in a year."""
    pace = np.zeros(days)
    for day in range(1, days):
        pace[day] = 0.998 * pace[day - 1] + rng.normal(0, 0.04)
    return np.asarray(np.cumsum(slope * (1 + pace + rng.normal(0, 3, days))))


def _bursts(slope: float, _base: float, days: int, rng: np.random.Generator) -> Floats:
    """An archive: studies arrive on working days, some projects at once, and nothing goes."""
    comes = (rng.random(days) < rng.uniform(0.2, 0.9)) & (np.arange(days) % 7 < 5)
    return np.asarray(np.cumsum(slope * comes * 1.4 * np.minimum(rng.pareto(2.2, days) * 1.2, 300) / 0.55))


def _steps(slope: float, _base: float, days: int, rng: np.random.Generator) -> Floats:
    """Steady growth, and about one migration a year."""
    jumps = np.where(rng.random(days) < 1 / 365, slope * 365 * rng.uniform(0.3, 2.0, days), 0.0)
    jumps *= rng.choice([1.0, 1.0, -0.6], days)
    return np.asarray(_steady(slope, 0.0, days, rng) + np.cumsum(jumps))


def _purged(slope: float, _base: float, days: int, rng: np.random.Generator) -> Floats:
    """Steady growth of which most is deleted two or three times a year."""
    moves, level, since = np.diff(_steady(slope, 0.0, days, rng), prepend=0.0), 0.0, 0.0
    out = np.empty(days)
    for day in range(days):
        level += moves[day]
        if rng.random() < 1 / 150:
            level -= rng.uniform(0.3, 0.9) * max(level - since, 0.0)
            since = level
        out[day] = level
    return out


def _sawtooth(slope: float, base: float, days: int, rng: np.random.Generator) -> Floats:
    period = int(rng.choice([7, 14, 28]))
    teeth = base * rng.uniform(0.002, 0.015) * ((np.arange(days) + rng.integers(period)) % period)
    return np.asarray(teeth + _steady(0.5 * slope, base, days, rng))


def _level(_slope: float, base: float, days: int, rng: np.random.Generator) -> Floats:
    """No trend: a level that comes back to its mean."""
    keeps, away = rng.uniform(0.85, 0.98), np.zeros(days)
    for day in range(1, days):
        away[day] = keeps * away[day - 1] + 0.01 * base * rng.standard_normal()
    return away


HABITS: Final = (
    (_steady, "pool"), (_wandering, "volume"), (_bursts, "filesystem"), (_steps, "pool"),
    (_purged, "filesystem"), (_sawtooth, "repository"), (_level, "volume"), (_wandering, "pool"),
)  # fmt: skip


def _observed(y: Floats, rng: np.random.Generator) -> tuple[Floats, int]:
    """What was measured: days missing, one to six at a time, and glitches of one to three days."""
    seen, glitches = y.copy(), 0
    for start in np.flatnonzero(rng.random(len(y)) < 0.004):
        seen[start : start + rng.integers(1, 7)] = np.nan
    for start in np.flatnonzero(rng.random(len(y)) < 0.002):
        seen[start : start + rng.integers(1, 4)] *= rng.choice([0.0, 0.1, 4.0])
        glitches += 1
    return seen, glitches


def _size(y: Floats, rng: np.random.Generator) -> Floats:
    """A capacity that is extended by half, some weeks after nine tenths of it are used."""
    size, out, ordered = y[0] * rng.uniform(1.3, 3.0), np.empty(len(y)), -1
    for day, level in enumerate(y):
        if ordered < 0 and level > 0.9 * size:
            ordered = day + int(rng.integers(10, 60))
        if ordered == day:
            size, ordered = max(1.5 * size, 1.2 * level), -1
        out[day] = size
    return out
