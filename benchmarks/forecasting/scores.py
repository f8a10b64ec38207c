"""How good forecasts of windows were. All arrays are (windows, ...), and a row of NaN is a window that was not forecast.

* `pin`: pinball loss (Koenker and Bassett, 1978), mean over the quantiles LEVELS and the days HORIZONS, in the
  window's own mean 30-day move; a window counts CAP at most.
* `ttx`: mean error in days of the date on which a threshold is reached, crossed or not: what is not reached within
  180 days counts as reached on day 181. Both thresholds of each window that grew before.
* `missed`: of the thresholds truly reached within SOON days, the per cent for which no such date was given;
  `false`: of those that were not, the per cent for which one was.
* `c80`, `c95`: per cent of the outcomes inside the bands, edges included, of the windows that moved before.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.forecasting.generator import AHEAD, Floats
from benchmarks.forecasting.window import Window

LEVELS: Final = (0.025, 0.1, 0.5, 0.9, 0.975)
MEDIAN: Final = LEVELS.index(0.5)
HORIZONS: Final = (30, 90, 180)
SOON: Final = 90
NEVER: Final = AHEAD + 1
CAP: Final = 50.0
"""A method that takes a glitch for growth misses by thousands of moves: one such window must not be the whole score."""


@dataclasses.dataclass(frozen=True, slots=True)
class Forecasts:
    """`paths` is (windows, AHEAD, LEVELS) in bytes, `reached` (windows, thresholds) in days ahead, NEVER where not."""

    paths: Floats
    reached: Floats

    @classmethod
    def along(cls, paths: Floats, chosen: Sequence[Window]) -> Forecasts:
        """Of a method without dates of its own: a threshold is reached where the median path is."""
        limits = np.array([one.thresholds for one in chosen])
        found = first(paths[..., MEDIAN], limits)
        return cls(paths, np.where(np.isnan(paths[:, :1, MEDIAN]) | np.isnan(limits), np.nan, found))


def first(path: Floats, limits: Floats) -> Floats:
    """Day (1 is the first) on which each path (windows, AHEAD) reaches each limit (windows, thresholds), or NEVER."""
    over = path[:, None, :] >= limits[:, :, None]
    return np.where(over.any(axis=-1), over.argmax(axis=-1) + 1.0, float(NEVER))


def losses(forecasts: Forecasts, chosen: Sequence[Window]) -> Floats:
    """`pin` of each window."""
    days = np.array(HORIZONS) - 1
    miss = np.array([one.truth for one in chosen])[:, days, None] - forecasts.paths[:, days]
    levels = np.array(LEVELS)
    pinball = np.maximum(levels * miss, (levels - 1.0) * miss).mean(axis=(1, 2))
    return np.asarray(np.minimum(pinball / np.array([one.scale for one in chosen]), CAP), np.float64)


def table(forecasts: Forecasts, chosen: Sequence[Window]) -> pd.DataFrame:
    """One row a window: `kind, faults, pin`, errors of its dates, alarms, and whether the bands held."""
    moved = np.array([one.moved for one in chosen])
    truth = np.array([one.truth for one in chosen])
    limits = np.array([one.thresholds for one in chosen])
    known = np.isfinite(forecasts.reached) & np.isfinite(limits)
    came, said = first(truth, limits), forecasts.reached
    due = came <= SOON

    def mean(values: Floats | np.ndarray, where: np.ndarray) -> Floats:
        """Sum over the thresholds that count, and how many there are."""
        return np.asarray(np.where(where, values, 0.0).sum(axis=1), np.float64)

    columns: dict[str, object] = {
        "unique_id": [one.unique_id for one in chosen],
        "kind": [one.kind for one in chosen],
        "faults": [one.faults for one in chosen],
        "pin": losses(forecasts, chosen),
        "late": mean(np.abs(said - came), known),
        "dates": known.sum(axis=1),
        "missed": mean(said > SOON, known & due),
        "due": (known & due).sum(axis=1),
        "false": mean(said <= SOON, known & ~due),
        "spared": (known & ~due).sum(axis=1),
    }
    for name, low, high in (("c80", 1, 3), ("c95", 0, 4)):
        for day in HORIZONS:
            outcome, band = truth[:, day - 1], forecasts.paths[:, day - 1]
            held = (outcome >= band[:, low]) & (outcome <= band[:, high])
            columns[f"{name}_{day}"] = np.where(moved & np.isfinite(band[:, low]), held, np.nan)
    return pd.DataFrame(columns)


def summary(rows: pd.DataFrame) -> dict[str, float]:
    """The figures of the windows of a table that were forecast."""
    rows = rows[rows["pin"].notna()]
    found = {"windows": float(len(rows)), "pin": float(rows["pin"].mean())}
    for name, part, whole in (
        ("ttx", "late", "dates"),
        ("missed", "missed", "due"),
        ("false", "false", "spared"),
    ):
        share = _ratio(rows[part].sum(), rows[whole].sum())
        found[name] = share if name == "ttx" else 100 * share
    for name in ("c80", "c95"):
        found |= {f"{name}_{day}": 100 * float(rows[f"{name}_{day}"].mean()) for day in HORIZONS}
    return found


def score(forecasts: Forecasts, chosen: Sequence[Window]) -> dict[str, float]:
    """The row of one method."""
    return summary(table(forecasts, chosen))


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")
