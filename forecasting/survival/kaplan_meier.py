"""The curve that assumes nothing: Kaplan and Meier's, with late entry and censoring."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
import numpy.typing as npt

from forecasting.survival.lives import Flags, Floats, Ints

Z80: Final = 1.2815515655446004
"""Standard deviations on either side that hold 80 % of a normal distribution."""


@dataclasses.dataclass(frozen=True, slots=True)
class Curve:
    """Survival after each age at which something failed, oldest last.

    `survival`, `low` and `high` (its interval) are shares; `at_risk` machines were watched just before that age, `events`
    failed at it. `variance` is Greenwood's, of the survival.
    """

    age: Floats
    survival: Floats
    low: Floats
    high: Floats
    variance: Floats
    at_risk: Ints
    events: Ints

    def at(self, age: npt.ArrayLike) -> Floats:
        """Share alive at an age: 1 before the first failure. Beyond the last one it goes on, knowing nothing."""
        steps = np.concatenate([[1.0], self.survival])
        return np.asarray(steps[np.searchsorted(self.age, age, side="right")])

    @property
    def median(self) -> float:
        """The first age at which half of them or less are alive, infinite where that is never seen."""
        below = self.survival <= 0.5
        return float(self.age[below.argmax()]) if below.any() else float("inf")


def kaplan_meier(entry: npt.ArrayLike, exit_: npt.ArrayLike, failed: npt.ArrayLike, z: float = Z80) -> Curve:
    """The product of 1 - d/n over the ages of failure (Kaplan and Meier 1958).

    n are those with entry < age <= exit, which is how a machine first seen at an age counts from then on only.
    The variance is Greenwood's (1926), the interval that of log(-log S), which stays between 0 and 1, `z` standard deviations
    wide; while all are alive, or once none is, it is the estimate itself.
    """
    begun, ended = np.sort(np.asarray(entry, np.float64)), np.asarray(exit_, np.float64)
    happened: Flags = np.asarray(failed, np.bool_)
    age, events = np.unique(ended[happened], return_counts=True)
    at_risk = np.searchsorted(begun, age, side="left") - np.searchsorted(np.sort(ended), age, side="left")
    survival = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        summed = np.cumsum(events / (at_risk * (at_risk - events)))  # Greenwood's sum
        spread = z * np.sqrt(summed) / np.log(survival)  # below 0, as the logarithm is
        low, high = survival ** np.exp(-spread), survival ** np.exp(spread)
        variance = survival**2 * summed
    gone = survival <= 0
    low, high = np.where(gone, 0.0, low), np.where(gone, 0.0, high)
    variance = np.where(gone, 0.0, variance)
    return Curve(age, survival, low, high, variance, at_risk.astype(np.int64), events.astype(np.int64))
