"""How a level goes on: a bank of damped local trends, weighted by how each would have done on the series itself.

Every member of the bank is an anchor (where the level is) plus a slope times a number of effective days. All of
them are computed for all series and for all past origins at once, so that the backtest costs one pass.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from forecasting.engine.cleaning import Cleaned
from forecasting.engine.frames import Flags, Floats, Ints, Panel

HORIZONS: Final = np.array([1, 7, 30, 90, 180, 365])
"""Days ahead at which the backtest scores: between them the bands are interpolated."""

STRIDE: Final = 14
"""Days between two origins of the backtest."""

REACH: Final = 728
"""Days back to the oldest origin."""

SHORTEST: Final = 14
"""Days of history below which nothing is said of a series on its own."""

LEAST: Final = 1e-2
"""Of a store's mean move: what moves less is its bookkeeping."""

MONTH: Final = 30

SLOPES: Final = (14, 28, 60, 90, 180, 365, 1096)
"""Days of the windows whose least-squares slope is taken, less where a series is younger."""

DRIFTS: Final = (90, 365, 1096)
"""Days of the windows whose mean move is taken: of a random walk, that is all there is to know."""

ANCHORS: Final = (1, 7, 28)
"""Days of the means from which a trend sets out: the last value, a week, four weeks."""

DAMPING: Final = (0.99, 1.0)
"""What remains of a slope from one day to the next."""

HOLT: Final = tuple((a, b, p) for a in (0.1, 0.4) for b in (0.005, 0.03) for p in (0.99, 0.998))
"""Grid of the damped exponential smoothing: alpha, beta*, phi (Hyndman and Athanasopoulos, FPP3, 8.2)."""

PRIOR_ANCHORS: Final = np.array([[0.5, 1.0, 2.8], [0.9, 1.0, 1.7], [1.0, 1.0, 1.2], *[[1.0, 1.0, 1.0]] * 3])
"""By horizon and anchor: how what a member misses by depends on where it sets out."""

PRIOR_STEADY: Final = np.array([0.62, 0.65, 0.67, 0.63, 0.6, 0.6])
"""By horizon: what a steady slope over half a year or more misses by, over the mean of all members."""

PRIOR_DAMPED: Final = np.array([0.62, 0.65, 0.67, 0.7, 0.75, 0.84])
"""The same of a damped one."""

PRIOR_OTHERS: Final = {14: 1.8, 28: 1.45, 60: 1.15, 90: 1.06}
"""By days of a window: how much worse its slope is, from a month ahead on."""

PRIOR_STILL: Final = 1.2
"""Of no slope at all, and of Holt's, over the mean of all members."""

PRIOR_RAW: Final = 2.2
"""Of a mean move that holds the jumps."""

SHARPNESS: Final = 8.0
"""Power of the inverse loss that gives the weights: 0 is the plain mean, infinity the single best."""

FLOOR: Final = 0.01
"""Added to a relative loss, so that a member that was exact does not silence the others for ever."""

PATIENCE: Final = 2.0
"""Independent outcomes of its own after which a series counts as much as the fleet does."""


Singles = npt.NDArray[np.float32]


class Setting(NamedTuple):
    """One member's last stage: which anchor, which slope, which damping."""

    anchor: int
    slope: int
    phi: float


@dataclasses.dataclass(frozen=True, slots=True)
class Bank:
    """The state of every member at every origin: `anchors` and `slopes` are (series, origins, kinds).

    Anchors are relative to the last value of the series, so that single precision is enough for what is large.
    """

    anchors: Floats
    slopes: Floats
    settings: tuple[Setting, ...]

    def forecast(self, origins: slice, horizons: npt.NDArray[np.int64]) -> Singles:
        """(series, origins, horizons, members), relative to the last value."""
        start = self.anchors.astype(np.float32)[:, origins][:, :, [s.anchor for s in self.settings]]
        slope = self.slopes.astype(np.float32)[:, origins][:, :, [s.slope for s in self.settings]]
        reach = np.stack([damped(horizons, s.phi) for s in self.settings], axis=-1).astype(np.float32)
        ahead = slope[:, :, None, :] * reach[None, None]
        ahead += start[:, :, None, :]
        return ahead

    def along(self, horizons: npt.NDArray[np.int64]) -> Iterator[Singles]:
        """The same from all origins, member by member: (horizons, origins, series)."""
        starts, slopes = (_singles(kinds) for kinds in (self.anchors, self.slopes))
        for setting in self.settings:
            reach = damped(horizons, setting.phi).astype(np.float32)
            ahead = slopes[setting.slope] * reach[:, None, None]
            ahead += starts[setting.anchor]
            yield ahead


def prior(settings: tuple[Setting, ...]) -> Floats:
    """What members miss by over the mean of all, before a fleet has its own say (horizons, members).

    Of the real and made stores for choosing (`benchmarks.forecasting`), in round figures.
    """
    windows = (*SLOPES, *DRIFTS)
    table = np.empty((len(HORIZONS), len(settings)))
    for member, setting in enumerate(settings):
        if setting.slope >= len(windows):
            raw = setting.slope < len(windows) + len(DRIFTS) - 1
            table[:, member] = PRIOR_RAW if raw else PRIOR_STILL
            continue
        worse = PRIOR_OTHERS.get(windows[setting.slope], 1.0)
        own = PRIOR_STEADY if setting.phi == 1.0 else PRIOR_DAMPED
        table[:, member] = own * PRIOR_ANCHORS[:, setting.anchor] * np.where(HORIZONS >= MONTH, worse, 1.0)
    return table


def damped(horizons: npt.NDArray[np.int64], phi: float) -> Floats:
    """phi + phi^2 + ... + phi^h: the days a damped slope still counts for."""
    steps = horizons.astype(np.float64)
    return steps if phi == 1.0 else phi * (1.0 - phi**steps) / (1.0 - phi)


def origins(width: int) -> Ints:
    """Columns of the origins, the newest (the last day) first."""
    return np.arange(width - 1, max(width - 2 - REACH, 0) - 1, -STRIDE)


def bank(cleaned: Cleaned, at: Ints, days: Ints) -> Bank:
    """The members' anchors and slopes as of the columns `at`, of series that are `days` old."""
    seen = days[:, None] - at[0] + at[None]
    level = cleaned.level - cleaned.level[:, -1:]
    shift = cleaned.y[:, at] - cleaned.level[:, at]
    total, lines = _sums(level), Lines.of(level)
    means = [_mean(total, at, width, seen) for width in ANCHORS]
    slopes = [_slope(lines, at, width, seen) for width in SLOPES]
    slopes += [_drift(level, at, width, seen) for width in DRIFTS]
    raw = level + still(cleaned.y, days)[:, None] * (cleaned.y - cleaned.y[:, -1:] - level)
    slopes += [_drift(raw, at, width, seen) for width in DRIFTS[1:]]
    slopes.append(np.zeros_like(means[0]))
    settings = [
        Setting(a, s, phi) for a in range(len(ANCHORS)) for s in range(len(slopes) - 1) for phi in DAMPING
    ] + [Setting(a, len(slopes) - 1, 1.0) for a in range(len(ANCHORS))]
    for (_, _, phi), (base, trend) in zip(HOLT, _holt(level, at), strict=True):
        settings.append(Setting(len(means), len(slopes), phi))
        means.append(base)
        slopes.append(trend)
    return Bank(np.stack(means, axis=-1) + shift[:, :, None], np.stack(slopes, axis=-1), tuple(settings))


def still(y: Floats, days: Ints) -> Floats:
    """Share of the days on which nothing moves: where that is nearly all, each move is a jump, and so none is (series,)."""
    inside = _inside(y, days)
    return np.asarray(1.0 - (moves(y, days) != 0).sum(axis=1) / np.maximum(inside.sum(axis=1), 1))


def moves(y: Floats, days: Ints) -> Floats:
    """How far a level moves each day; 0 where it is its bookkeeping that does (series, days - 1).

    The mean that a move is held against is one of power 1/2: a single leap does not make bookkeeping of all else.
    """
    inside = _inside(y, days)
    found = np.where(inside, np.diff(y, axis=1), 0.0)
    size = np.abs(found)
    mean = np.square(np.sqrt(size).sum(axis=1) / np.maximum(inside.sum(axis=1), 1))
    return np.asarray(np.where(size > LEAST * mean[:, None], found, 0.0))


def _inside(y: Floats, days: Ints) -> Flags:
    width = y.shape[1] - 1
    return np.asarray(np.arange(width)[None] >= width + 1 - days[:, None])


def _sums(values: Floats) -> Floats:
    return np.concatenate((np.zeros((len(values), 1)), np.cumsum(values, axis=1)), axis=1)


class Lines(NamedTuple):
    """What straight lines are fitted from: running sums of a level less its first value, `timed` each day's times its number."""

    plain: Floats
    timed: Floats

    @classmethod
    def of(cls, level: Floats) -> Lines:
        moved = level - level[:, :1]
        return cls(_sums(moved), _sums(moved * np.arange(level.shape[1], dtype=np.float64)))


def _mean(total: Floats, at: Ints, days: int, seen: Ints) -> Floats:
    """Mean of the last `days`, of fewer where a series is young: at most a quarter of what is `seen` of it.

    `total` are the running sums of the level.
    """
    width = np.clip(seen // 4, 1, days)
    low = np.maximum(at[None] + 1 - width, 0)
    return np.asarray((total[:, at + 1] - np.take_along_axis(total, low, axis=1)) / (at[None] + 1 - low))


def _slope(lines: Lines, at: Ints, days: int, seen: Ints) -> Floats:
    """Least-squares slope over the last `days`, of what is `seen` of a series (series, origins)."""
    plain, timed = lines
    width = np.clip(seen, 2, np.minimum(days, at + 1))
    low = at + 1 - width
    span = np.maximum(width, 2).astype(np.float64)
    centre = at - (width - 1) / 2.0
    total = plain[:, at + 1] - np.take_along_axis(plain, low, axis=1)
    moment = timed[:, at + 1] - np.take_along_axis(timed, low, axis=1) - centre * total
    return np.asarray(moment * 12.0 / (span * (span + 1.0) * (span - 1.0)))


def _drift(level: Floats, at: Ints, days: int, seen: Ints) -> Floats:
    """Mean move of a day over the last `days`, of what is `seen` of a series (series, origins)."""
    width = np.clip(seen - 1, 1, np.minimum(days, np.maximum(at, 1)))
    low = np.maximum(at - width, 0)
    return np.asarray((level[:, at] - np.take_along_axis(level, low, axis=1)) / width)


def _holt(level: Floats, at: Ints) -> list[tuple[Floats, Floats]]:
    """Damped Holt smoothing of every series for the whole grid: level and trend as of the columns `at`."""
    alpha, beta, phi = (
        np.repeat(np.array(column)[:, None], len(level), axis=1) for column in zip(*HOLT, strict=True)
    )
    lift = alpha * beta
    days = np.ascontiguousarray(level.T)
    base = np.repeat(days[0][None], len(HOLT), axis=0)
    trend, error, part = np.zeros_like(base), np.empty_like(base), np.empty_like(base)
    kept = {int(column): place for place, column in enumerate(at)}
    out = np.empty((2, len(at), len(HOLT), level.shape[0]))
    for column, value in enumerate(days):  # in place: a thousand steps of what is small
        trend *= phi
        base += trend
        np.subtract(value, base, out=error)
        base += np.multiply(alpha, error, out=part)
        trend += np.multiply(lift, error, out=part)
        place = kept.get(column)
        if place is not None:
            out[0, place], out[1, place] = base, trend
    return [(out[0, :, g].T, out[1, :, g].T) for g in range(len(HOLT))]


class Replay(NamedTuple):
    """What each member would have missed by, (series, origins, horizons, members).

    `due` tells which outcomes count, `jumped` how much of each outcome was a jump, which no trend can foresee
    (both series, origins, horizons).
    """

    misses: Singles
    due: Flags
    jumped: Floats


def replay(panel: Panel, cleaned: Cleaned, members: Bank, at: Ints) -> Replay:
    """Forecast from every past origin, and compare with what came."""
    ahead = at[:, None] + HORIZONS[None]
    width = panel.y.shape[1]
    then = np.minimum(ahead, width - 1)
    actual = cleaned.y[:, then]
    total = np.cumsum(cleaned.jumps, axis=1)
    jumped = total[:, then] - total[:, at][:, :, None]
    seen = at[None] - (width - panel.days[:, None])
    due = (seen >= np.minimum(SHORTEST, panel.days[:, None] // 3))[:, :, None] & (ahead < width)[None]
    came = _singles(actual - cleaned.y[:, -1:, None])
    misses = np.empty((len(members.settings), *came.shape), dtype=np.float32)
    for missed, ahead in zip(misses, members.along(HORIZONS), strict=True):
        np.subtract(came, ahead, out=missed)
    return Replay(misses.T, due, jumped)


def _singles(values: npt.NDArray[Any]) -> Singles:
    """(series, origins, horizons) -> (horizons, origins, series): what one member has at once stays at hand."""
    return np.ascontiguousarray(values.T, dtype=np.float32)


def losses(played: Replay) -> Floats:
    """Mean absolute miss (series, horizons, members), jumps apart, NaN where nothing has come due."""
    counted = played.due.sum(axis=1)[..., None]
    due, jumped = _singles(played.due), _singles(played.jumped)
    total, lost = np.empty(played.misses[:, 0].shape), np.empty_like(jumped)
    for member, missed in enumerate(played.misses.T):
        np.abs(np.subtract(missed, jumped, out=lost), out=lost)
        total[..., member] = np.einsum("hon,hon->nh", lost, due)
    return np.where(counted > 0, total / np.maximum(counted, 1), np.nan)


def independent(days: Ints) -> Floats:
    """Outcomes that do not overlap, by horizon (series, horizons): how much a series can say about itself."""
    return np.asarray(np.clip((days[:, None] - SHORTEST) / HORIZONS[None], 0.0, 60.0))


def relative(loss: Floats) -> Floats:
    """Loss over the mean of all members: comparable between series (NaN where nothing is due, 1 where all are exact)."""
    mean = loss.mean(axis=-1, keepdims=True)
    return np.where(mean > 0, loss / np.where(mean > 0, mean, 1.0), np.where(np.isnan(mean), np.nan, 1.0))


def weights(loss: Floats, days: Ints, fleet: Floats) -> Floats:
    """Weights of the members (series, horizons, members), each series' own record shrunk to the fleet's."""
    own = relative(loss)
    trust = independent(days)[..., None]
    mixed = np.where(np.isnan(own), fleet[None], (trust * own + PATIENCE * fleet[None]) / (trust + PATIENCE))
    power = (mixed + FLOOR) ** -SHARPNESS
    return np.asarray(power / power.sum(axis=-1, keepdims=True))
