"""When a store reaches 80, 90 and 100 % of its size, or why no such date can be given."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.engine.frames import Flags, Floats, check, spans
from forecasting.engine.growth import SHORTEST
from forecasting.engine.projection import Projection, project

THRESHOLDS: Final = (0.8, 0.9, 1.0)
"""Shares of the capacity."""

QUANTILES: Final = (0.1, 0.5, 0.9)
"""Early, central and late: the chance that the threshold has been reached by that date."""

HORIZON: Final = 1096
"""Days within which a date is looked for: three years."""

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

_PATHS: Final = (2, 0, 1)
"""Places of hi80, mean and lo80 in a path: the level is above hi80 with a chance of 0.1, so that is the early date."""


class Verdict(NamedTuple):
    """For one series and threshold: a day (NaT where none) for each of QUANTILES, and the reason why the central one is missing."""

    days: npt.NDArray[np.datetime64]
    reason: Reason | None


def exhaustion(frame: pd.DataFrame) -> pd.DataFrame:
    """Dates for every series of `unique_id, ds, y, capacity` (the last capacity known is the one that counts).

    Returns `unique_id, threshold, quantile, ds, reason`: `ds` is NaT where there is no date, and `reason` says
    why the central date of that threshold is missing. Bytes are forecast and compared with the capacity
    afterwards, so an extension never bends the trend. Raises FrameError where the frame cannot be read.
    """
    tidy = check(frame)
    where = spans(tidy)
    found: dict[str, list[Verdict]] = {
        name: [refusal(SHORT)] * len(THRESHOLDS) for name in where.loc[where["days"] < SHORTEST, "unique_id"]
    }
    for projection in project(tidy, HORIZON):
        verdicts = judge(projection, projection.panel.capacity)
        found.update(zip(projection.panel.unique_id, verdicts, strict=True))
    rows = [
        (name, threshold, quantile, day, verdict.reason)
        for name in where["unique_id"]
        for threshold, verdict in zip(THRESHOLDS, found[name], strict=True)
        for quantile, day in zip(QUANTILES, verdict.days, strict=True)
    ]
    return pd.DataFrame(rows, columns=["unique_id", "threshold", "quantile", "ds", "reason"]).astype(
        {"ds": "datetime64[s]"}
    )


def refusal(reason: Reason) -> Verdict:
    """No date at all, for one reason."""
    return Verdict(np.full(len(QUANTILES), np.datetime64("NaT", "D")), reason)


def judge(projection: Projection, capacity: Floats) -> list[list[Verdict]]:
    """A verdict for each series and each of THRESHOLDS. `capacity` is (series,), NaN where unknown."""
    trending = trend(projection)
    used = projection.panel.y[:, -1]
    places = _PATHS
    return [
        [
            _verdict(
                projection.paths[row][:, places],
                used[row],
                share * capacity[row],
                projection.panel.last[row],
                bool(trending[row]),
            )
            for share in THRESHOLDS
        ]
        for row in range(len(used))
    ]


def _verdict(paths: Floats, used: float, limit: float, last: np.datetime64, trending: bool) -> Verdict:
    """`paths` is (days ahead, QUANTILES)."""
    if not limit > 0:
        return refusal(UNKNOWN)
    if used >= limit:
        return refusal(OVER)
    above = paths >= limit
    first = np.where(above.any(axis=0), above.argmax(axis=0), -1)
    days = np.where(first >= 0, last + (first + 1).astype("timedelta64[D]"), np.datetime64("NaT", "D"))
    if first[1] >= 0 and trending:
        return Verdict(days, None)
    days[1:] = np.datetime64("NaT", "D")
    return Verdict(days, NOISE if first[0] >= 0 and not trending else NEVER)


def trend(projection: Projection) -> Flags:
    """Whether the moves of the last year differ from nothing by TREND standard errors, with or without the jumps.

    The moves are those of successive blocks of equal length (30 days, less where the history is short): their
    sum is the growth of the year, and their spread says how much of it chance would give.
    """
    length = np.minimum(projection.panel.days - 1, YEAR)
    levels = (projection.cleaned.level, projection.cleaned.y)
    return np.array(
        [any(_trending(level[row], int(span)) for level in levels) for row, span in enumerate(length)],
        dtype=bool,
    )


def _trending(level: Floats, span: int) -> bool:
    block = max(1, min(30, span // 6))
    moves = np.diff(level[::-1][: span + 1 : block])
    if len(moves) < 2:
        return False
    return bool(abs(moves.mean()) > TREND * moves.std(ddof=1) / np.sqrt(len(moves)))
