"""What the first years of machines are worth: less wear than later ones, or more.

A Weibull curve begins at age 0 and bends one way. Where a guarantee or a repair keeps young machines from ever being called
failed, it takes their quiet for steep wear, and expects of the old ones what never comes; where many fail at once when new, it
takes that for machines that no longer wear. So years until some age may count `pace` times. How far each such youth is borne
out by the lives is weighed for the whole fleet at once, and curves are drawn under each by its weight.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded by who uses them: pages that only show a plan do not

from forecasting.survival.lives import Flags, Floats, Ints


class Youth(NamedTuple):
    """Ages until `until` count `pace` times."""

    until: float
    pace: float

    def worn(self, age: npt.ArrayLike) -> Floats:
        """What an age counts for; in the unit of `until`."""
        given = np.asarray(age, np.float64)
        return np.asarray(given - (1 - self.pace) * np.minimum(given, self.until))


class Weighed(NamedTuple):
    """Youths that are likely, and how likely each is (they add up to 1)."""

    youths: tuple[Youth, ...]
    weights: Floats


NONE: Final = Youth(0.0, 1.0)

QUIET: Final = tuple(Youth(part / 100, pace) for part in range(15, 96, 8) for pace in (0.03, 0.25))
EARLY: Final = (Youth(0.1, 4.0), Youth(0.25, 4.0))

SHARES: Final = (
    (NONE, 1 / 2),
    *((one, 3 / 8 / len(QUIET)) for one in QUIET),
    *((one, 1 / 8 / len(EARLY)) for one in EARLY),
)
"""Youths that are thought possible, in shares of the typical age of failure, and how likely each is before anything was seen."""

SPREADS: Final = np.array([0.15, 0.35, 0.7])
"""Spreads of level between models, alike likely."""

APART: Final = 0.2
"""Spread of log shape between models."""

_BINS: Final = 64
"""To the typical age of failure: months, as a rule. Fewer where others are so much older that there would be more than `_MOST`."""

_MOST: Final = 2048

_LEVELS: Final = np.linspace(-2.1, 2.1, 22)


def weigh(entry: Floats, exit_: Floats, failed: Flags, group: Ints, shapes: Floats, prior: Floats) -> Weighed:
    """The youths of lives of kinds `group`, whose log shape is one of `shapes` with the log chances `prior`.

    Each is as likely as Bayes' rule makes it: levels of kinds are gamma variables around one of the fleet's, which can be
    summed over by hand; shapes of kinds, and level, shape and spread of the fleet are summed over a grid. Where nothing failed
    there is no youth.
    """
    if not failed.any():
        return Weighed((NONE,), np.ones(1))
    typical = float(np.exp(np.log(exit_[failed]).mean()))
    bins = min(float(_BINS), _MOST * typical / float(exit_.max()))
    ages = _binned(entry / typical * bins, exit_ / typical * bins, group)
    found = np.array([
        np.log(chance) + _evidence(one, exit_[failed] / typical, group[failed], ages, bins, shapes, prior)
        for one, chance in SHARES
    ])  # fmt: skip
    youths = tuple(Youth(one.until * typical, one.pace) for one, _ in SHARES)
    return Weighed(youths, np.exp(found - scipy.special.logsumexp(found)))


def shared(weighed: Weighed, chains: int) -> tuple[tuple[Youth, ...], Ints]:
    """The youths that so many chains are dealt to by their weights, and which of them each chain has."""
    places = (np.arange(chains) + 0.5) / chains
    dealt = np.searchsorted(np.cumsum(weighed.weights), places * weighed.weights.sum())
    chosen, kinds = np.unique(dealt, return_inverse=True)
    return tuple(weighed.youths[one] for one in chosen), kinds.astype(np.int64)


def _binned(entry: Floats, exit_: Floats, group: Ints) -> Floats:
    """Lives that leave at an age less those that enter at it (groups, ages in bins)."""
    begun, ended = (np.rint(age).astype(np.int64) for age in (entry, exit_))
    wide, count = int(ended.max()) + 1, int(group.max()) + 1
    left, came = (np.bincount(group * wide + place, minlength=count * wide) for place in (ended, begun))
    return np.asarray((left - came).reshape(count, wide), np.float64)


def _evidence(
    one: Youth, died: Floats, of: Ints, ages: Floats, bins: float, shapes: Floats, prior: Floats
) -> float:
    """Logarithm of how likely all lives are under a youth, but for what is the same under all.

    `died` are ages at which machines of the kinds `of` failed, `ages` what is exposed of each kind (see `_binned`), `bins` to
    the unit of `died`.
    """
    worn = one.worn(died)
    centre = float(np.exp(np.log(worn).mean()))
    events = np.bincount(of, minlength=len(ages)).astype(np.float64)
    above = np.bincount(of, weights=np.log(worn / centre), minlength=len(ages))
    with np.errstate(divide="ignore"):
        logs = np.log(one.worn(np.arange(ages.shape[1]) / bins) / centre)
    size = np.exp(shapes)
    exposure = np.maximum(ages @ np.exp(size * logs[:, None]), 1e-12)  # (kinds, shapes)
    known = events[:, None] * shapes + above[:, None] * (size - 1)
    paces = np.where(died < one.until, np.log(one.pace), 0.0).sum() - len(died) * np.log(centre)
    return float(_summed(exposure, events, known, shapes, prior) + paces)


def _summed(exposure: Floats, events: Floats, known: Floats, shapes: Floats, prior: Floats) -> float:
    """Over level and shape of each kind around those of the fleet, then over these and over how far apart levels are."""
    near = -np.square((shapes[:, None] - shapes) / APART) / 2
    near -= scipy.special.logsumexp(near, axis=0)
    level = np.log(events.sum() / exposure.sum(axis=0)[prior.argmax()]) + _LEVELS[:, None]
    found = []
    for few in 1 / np.square(SPREADS):
        total = np.zeros((len(_LEVELS), len(shapes)))
        for risked, count, own in zip(exposure, events, known, strict=True):
            each = few * (np.log(few) - level) - (few + count) * np.log(few * np.exp(-level) + risked)
            each += own + scipy.special.gammaln(few + count) - scipy.special.gammaln(few)
            most = each.max(axis=1, keepdims=True)
            total += most + np.log(np.maximum(np.exp(each - most) @ np.exp(near), 1e-300))
        found.append(scipy.special.logsumexp(total + prior))
    return float(scipy.special.logsumexp(found))
