"""Weibull's curve: what the lives of many kinds of machines say of its level and shape, all at once.

The share alive at age t is exp(-H(t)) with H(t) = exp(level) (t / centre)^shape: `level` is the logarithm of what has been
risked until the age `centre`; ages t are what `youth` makes of them. A life from entry e to exit x, failed (d = 1) or not, adds d log h(x) - (H(x) - H(e)) to the
log-likelihood (h is the derivative of H), which is all that late entry changes: SciPy's CensoredData has no place for it.
"""

from __future__ import annotations

import dataclasses
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded by who uses them: pages that only show a plan do not

from forecasting.survival.lives import Flags, Floats, Ints
from forecasting.survival.youth import NONE, Youth

LEAST: Final = 0.15
MOST: Final = 12.0
"""Shapes that are thought possible: below, nearly all would fail on the first day; above, all in one year."""

STEPS: Final = 56
"""Shapes for which exposure is summed; between them a cubic spline of its logarithm is right to 1e-6."""


class Weibull(NamedTuple):
    """Shares exp(-(t / scale)^shape) alive at age t."""

    scale: float
    shape: float


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """What the lives of G kinds say: all that a likelihood needs, whatever their number.

    `events` (G) failed, at ages whose logarithms above the centre's sum to `logs` (G). `coefficients` (4, STEPS - 1, G)
    are the spline of the logarithm of exposure over the logarithm of the shape.
    """

    youth: Youth
    centre: float
    events: Floats
    logs: Floats
    coefficients: Floats

    def likelihood(self, level: Floats, shape: Floats, group: Ints) -> Floats:
        """Log-likelihood of levels and logarithms of shapes (..., K), of the kinds `group` (K); -inf where impossible."""
        place = (shape - _FIRST) / _STEP
        inside = (place >= 0) & (place < STEPS - 1)
        cell = np.clip(place.astype(np.int64), 0, STEPS - 2)
        a, b, c, d = self.coefficients[:, cell, group]
        rest = (place - cell) * _STEP
        risked = np.exp(np.minimum(level + ((a * rest + b) * rest + c) * rest + d, 50.0))
        found = self.events[group] * (level + shape) + (np.exp(shape) - 1) * self.logs[group] - risked
        return np.where(inside, found, -np.inf)

    def logs_of(self, age: npt.ArrayLike) -> Floats:
        """Logarithm of what ages count for, above the centre's; -inf of 0."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.youth.worn(age) / self.centre))


_FIRST: Final = float(np.log(LEAST))
_STEP: Final = float(np.log(MOST / LEAST)) / (STEPS - 1)


def summed_by(group: Ints, values: Floats, count: int) -> Floats:
    """Sums of `values` by their `group`, of which there are `count`."""
    return np.asarray(np.bincount(group, weights=values, minlength=count), np.float64)


GRID: Final[Floats] = np.asarray(_FIRST + _STEP * np.arange(STEPS), np.float64)
"""Logarithms of the shapes for which exposure is summed."""


def record(
    entry: Floats, exit_: Floats, failed: Flags, group: Ints, count: int, youth: Youth = NONE
) -> Record:
    """What lives (sorted by `group`, each of the `count` kinds among them) say under a youth.

    Ages are counted in their own `centre`, the geometric mean of the ages of failure: there level and shape say nothing of
    each other, and it does not matter in which unit ages are given.
    """
    entry, exit_ = youth.worn(entry), youth.worn(exit_)
    centre = float(np.exp(np.log(exit_[failed] if failed.any() else exit_).mean()))
    starts = np.searchsorted(group, np.arange(count))
    logs = np.log(exit_ / centre)
    with np.errstate(divide="ignore"):
        before = np.log(entry / centre)
    summed = [
        np.add.reduceat(np.exp(shape * logs) - np.exp(shape * before), starts) for shape in np.exp(GRID)
    ]
    exposure = np.log(np.maximum(np.stack(summed), np.finfo(np.float64).tiny))
    spline = scipy.interpolate.CubicSpline(np.arange(STEPS) * _STEP, exposure)
    return Record(
        youth,
        centre,
        summed_by(group, failed.astype(np.float64), count),
        summed_by(group, np.where(failed, logs, 0.0), count),
        np.ascontiguousarray(spline.c),
    )


_NARROWEST: Final = 0.02
_WIDEST: Final = 60.0


def maximise(entry: npt.ArrayLike, exit_: npt.ArrayLike, failed: npt.ArrayLike) -> Weibull:
    """The likeliest curve of one kind, leaning on nothing.

    Raises ValueError where fewer than two ages of failure are known, or where no shape from 0.02 to 60 is the likeliest, as
    when machines are watched for a short time only.

    The level is solved for: exp(level) = d / (sum of x^shape - e^shape). What is left is one equation for the shape,
    d / shape + sum of log x over failures = exp(level) (sum of x^shape log x - e^shape log e).
    """
    begun, ended = np.asarray(entry, np.float64), np.asarray(exit_, np.float64)
    happened = np.asarray(failed, np.bool_)
    if np.unique(ended[happened]).size < 2:
        raise ValueError("a curve of its own needs failures at two ages")
    centre = float(np.exp(np.log(ended[happened]).mean()))
    x, e = ended / centre, begun / centre
    late = e[e > 0]
    count, log_x, log_e = int(happened.sum()), np.log(x), np.log(late)

    def exposure(shape: float) -> tuple[float, float]:
        grown, before = x**shape, late**shape
        return float(grown.sum() - before.sum()), float(grown @ log_x - before @ log_e)

    def slope(shape: float) -> float:
        whole, turned = exposure(shape)
        return count / shape + float(log_x[happened].sum()) - count * turned / whole

    if not slope(_NARROWEST) > 0 > slope(_WIDEST):
        raise ValueError("these lives have no likeliest shape: they were watched for too short a time")
    shape = float(scipy.optimize.brentq(slope, _NARROWEST, _WIDEST, xtol=1e-12, rtol=1e-12))
    return Weibull(centre * (exposure(shape)[0] / count) ** (1 / shape), shape)
