"""When a store reaches 80, 90 and 100 % of its size, or why no such date can be given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.engine.frames import Flags, Floats, Ints, check, spans
from forecasting.engine.growth import SHORTEST, still
from forecasting.engine.passage import crossing
from forecasting.engine.projection import Projection, project

THRESHOLDS: Final = (0.8, 0.9, 1.0)
"""Shares of the capacity."""

QUANTILES: Final = (0.1, 0.5, 0.9)
"""Early, central and late: the chance that the threshold has been reached by that date."""

HORIZON: Final = 1096
"""Days within which a date is looked for: three years."""

WITHIN: Final = (30, 90, 180, 365, HORIZON)
"""Days within which the chance of reaching a threshold is told."""

Reason = Literal[
    "already over",
    "no crossing within 3 years",
    "not enough history (< 14 days)",
    "no trend: noise",
    "capacity unknown",
]
"""Why there is no date: a closed list."""

REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
OVER, NEVER, SHORT, NOISE, UNKNOWN = REASONS

TREND: Final = 1.5
"""Standard errors by which the mean move must differ from nothing to be called a trend."""

YEAR: Final = 365

MONTH: Final = 30

WEEK: Final = 7

HALF_YEAR: Final = 180

SURE: Final = 0.8
"""Chance within HALF_YEAR from which a threshold that noise alone reaches has a date all the same."""

Level = Literal["probable", "possible"]
"""How likely a date is: more likely than not, or one chance in ten. Only the first may wake somebody."""


class Verdict(NamedTuple):
    """For one series and threshold.

    `days` is a day (NaT where none) for each of QUANTILES, `reason` says why the central one is missing, `chances` is
    the chance of having reached the threshold within each of WITHIN days (NaN where nothing can be said, or the
    projection ends before). What cannot be told from noise has its chance, and no date at all: the early one would
    move from night to night.
    """

    days: npt.NDArray[np.datetime64]
    reason: Reason | None
    chances: Floats

    @property
    def level(self) -> Level | None:
        """Probable where there is a central date, possible where there is an early one only."""
        if np.isnat(self.days[0]):
            return None
        return "possible" if np.isnat(self.days[1]) else "probable"


def exhaustion(frame: pd.DataFrame, thresholds: Sequence[float] = THRESHOLDS) -> pd.DataFrame:
    """Dates for every series of `unique_id, ds, y, capacity` (the last capacity known is the one that counts).

    Returns `unique_id, threshold, quantile, ds, reason`: `ds` is NaT where there is no date, and `reason` says
    why the central date of that threshold is missing. What is used is forecast and compared with the capacity
    afterwards, so an extension never bends the trend. Raises FrameError where the frame cannot be read.
    """
    tidy = check(frame)
    where = spans(tidy)
    found: dict[str, list[Verdict]] = {
        name: [refusal(SHORT)] * len(thresholds) for name in where.loc[where["days"] < SHORTEST, "unique_id"]
    }
    for projection in project(tidy, HORIZON):
        verdicts = judge(projection, projection.panel.capacity, thresholds)
        found.update(zip(projection.panel.unique_id, verdicts, strict=True))
    rows = [
        (name, threshold, quantile, day, verdict.reason)
        for name in where["unique_id"]
        for threshold, verdict in zip(thresholds, found[name], strict=True)
        for quantile, day in zip(QUANTILES, verdict.days, strict=True)
    ]
    return pd.DataFrame(rows, columns=["unique_id", "threshold", "quantile", "ds", "reason"]).astype(
        {"ds": "datetime64[s]"}
    )


def refusal(reason: Reason) -> Verdict:
    """No date at all, for one reason."""
    chance = 1.0 if reason == OVER else np.nan
    return Verdict(np.full(len(QUANTILES), np.datetime64("NaT", "D")), reason, np.full(len(WITHIN), chance))


def judge(
    projection: Projection,
    capacity: Floats,
    thresholds: Sequence[float] = THRESHOLDS,
    increments: Floats | None = None,
) -> list[list[Verdict]]:
    """A verdict for each series and each of `thresholds` (shares of the capacity).

    `capacity` is in the unit of the series, NaN where unknown: (series,), or (series, days ahead) where what has been
    ordered arrives on a day; its first day is today's. `increments` (series, days ahead, 3: low, likely, high) is
    what is known to come on top of the path, as of each day: see `Projection.plus`.
    """
    sizes = capacity.reshape(len(capacity), 1, -1)
    return judge_limits(projection, np.asarray(thresholds)[None, :, None] * sizes, increments)


def judge_limits(
    projection: Projection, limits: Floats, increments: Floats | None = None
) -> list[list[Verdict]]:
    """The same for each of `limits`, in the unit of the series: (series, limits, days ahead), or 1 where they stay."""
    moved = projection if increments is None else projection.plus(increments)
    days = moved.paths.shape[1]
    limits = limits[..., :days]
    known = limits > 0
    whole = np.broadcast_to(np.where(known, limits, np.inf), (*limits.shape[:2], days))
    lull = still(moved.calm.y, moved.panel.days)
    chances = crossing(moved.paths, whole, lull, moved.shares, moved.cycle > 0)
    soon = chances[:, :, :HALF_YEAR][:, :, -1]
    expected = trend(moved)[:, None] | (soon >= SURE)
    if increments is not None:
        expected = expected | (increments != 0).any(axis=(1, 2))[:, None]
    used = believed(moved)
    return [
        [
            _verdict(
                chances[row, place],
                used[row],
                limits[row, place, 0],
                moved.panel.last[row],
                expected[row, place],
            )
            for place in range(limits.shape[1])
        ]
        for row in range(len(used))
    ]


def believed(projection: Projection) -> Floats:
    """The last reading of each series that can be believed: one of nonsense makes nothing full (series,)."""
    altered = projection.cleaned.altered
    ago = np.where(altered.all(axis=1), 0, (~altered[:, ::-1]).argmax(axis=1))
    return np.asarray(projection.cleaned.y[np.arange(len(ago)), altered.shape[1] - 1 - ago])


def _verdict(chances: Floats, used: float, limit: float, last: np.datetime64, expected: bool) -> Verdict:
    """`chances` is (days ahead,), that of having reached the limit by each day."""
    if not limit > 0:
        return refusal(UNKNOWN)
    if used >= limit:
        return refusal(OVER)
    first = np.array([int(np.searchsorted(chances, quantile)) for quantile in QUANTILES])
    reached = first < len(chances)
    days = np.where(reached, last + (first + 1).astype("timedelta64[D]"), np.datetime64("NaT", "D"))
    within = np.array([chances[day - 1] if day <= len(chances) else np.nan for day in WITHIN])
    if reached[1] and expected:
        return Verdict(days, None, within)
    if reached[0] and not expected:
        return Verdict(np.full(len(QUANTILES), np.datetime64("NaT", "D")), NOISE, within)
    days[1:] = np.datetime64("NaT", "D")
    return Verdict(days, NEVER, within)


def trend(projection: Projection) -> Flags:
    """Whether the moves of the last year differ from nothing by TREND standard errors, with or without the jumps.

    Those before a plain break of pace do not count: a growth that has ended is no trend.
    """
    spans = np.minimum(projection.paced - 1, YEAR)
    return trending(projection.calm.level, spans) | trending(projection.calm.y, spans)


def trending(levels: Floats, spans: Ints) -> Flags:
    """Whether the mean move over the last `spans` days of levels (series, days) differs from nothing (series,).

    The moves are those from one to the next of medians that lie equally far apart (30 days, less where the history is
    short), each of half as many days, a week at least: no single day decides. Their sum is the growth, and their spread says
    how much of it chance would give.
    """
    found = np.zeros(len(levels), dtype=bool)
    for span in np.unique(spans):
        rows = np.flatnonzero(spans == span)
        moves = -np.diff(_medians(levels[rows], int(span)), axis=1)
        count = moves.shape[1]
        if count >= 2:
            error = moves.std(axis=1, ddof=1) / np.sqrt(count)
            found[rows] = np.abs(moves.mean(axis=1)) > TREND * error
    return found


def _medians(levels: Floats, span: int) -> Floats:
    """The newest first, the last `span` days and the one before them being known (series, medians)."""
    apart = max(1, min(MONTH, span // 6))
    width = min(apart, max(WEEK, apart // 2))
    count = max(span + 1 - width, 0) // apart + 1
    ago = apart * np.arange(count)[:, None] + np.arange(width)
    return np.asarray(np.median(levels[:, ::-1][:, np.minimum(ago, levels.shape[1] - 1)], axis=-1))
