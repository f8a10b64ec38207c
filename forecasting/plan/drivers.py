"""What stands behind a date, in figures: how it grew, what swings, and what would move the date.

The sentences that people read are built from these figures alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from forecasting.engine import exhaustion
from forecasting.engine.cleaning import Cleaned
from forecasting.engine.frames import Floats
from forecasting.engine.projection import Projection

YEAR: Final = 365
QUARTER: Final = 91
WEEK: Final = 7
MONTH: Final = 30

SWINGS: Final = 0.5
"""Share of what leaves the weekly mean that days of the week must explain, to be called a swing of the week."""

NOTABLE: Final = 0.005
"""Share of what is used from which a swing of the week is worth a word."""

MORE: Final = 0.1
"""Share of the size whose purchase is tried, in round figures."""


class Changed(NamedTuple):
    """The central date if something were different, in days after the last one; NaN where there would be none.

    `peak` is what came in the worst week of the last quarter, `peak_date` the date with one such week more; `more` is
    a size that could be bought, `more_date` the date with it, now.
    """

    peak: float
    peak_date: float
    more: float
    more_date: float


def figures(
    projection: Projection, row: int, changed: Changed | None, added: Floats | None
) -> dict[str, float]:
    """The pieces of the sentences on one series, in its unit and in days."""
    panel, cleaned = projection.panel, projection.cleaned
    days = int(panel.days[row])
    path = projection.paths[row]
    moves = _moves(cleaned, row, days)
    found = {
        "days": float(days),
        "gaps": float(panel.gaps[row].sum()),
        "altered": float(cleaned.altered[row].sum()),
        "month": float(path[MONTH - 1, 0]),
        "month_lo80": float(path[MONTH - 1, 1]),
        "month_hi80": float(path[MONTH - 1, 2]),
        **_growth(cleaned, row, _span(projection, row, weekly="swing" in moves)),
        **moves,
        **_cycle(projection, row),
    }
    if added is not None and added.any():
        low, likely, high = np.sort(added[YEAR - 1])
        found |= {"added": float(likely), "added_low": float(low), "added_high": float(high)}
    if changed is not None:
        found |= {name: value for name, value in changed._asdict().items() if not math.isnan(value)}
    return found


def _span(projection: Projection, row: int, weekly: bool) -> int:
    """Days of which the growth is told: a year, or what is known.

    Where the week, the month or the quarter swings, a day is held against its like: a Monday is no growth over a Sunday.
    """
    span = min(int(projection.panel.days[row]) - 1, YEAR)
    beat = _beat(projection, row)[-1 - span :]
    months = int(projection.cycle[row])
    if months and span > 2 * months * MONTH:
        likes = np.abs(beat[: months * MONTH] - beat[-1])
        return span - int(likes.argmin())
    return span - (span % WEEK if weekly else 0)


def _growth(cleaned: Cleaned, row: int, span: int) -> dict[str, float]:
    """What came in `span` days: all of it, and what came by jumps."""
    y, jumps = cleaned.y[row], cleaned.jumps[row, -span:]
    jumped = float(jumps.sum())
    return {
        "span": float(span),
        "grown": float(y[-1] - y[-1 - span]),
        "jumped": jumped,
        "jumps": float(np.count_nonzero(jumps)),
    }


def _beat(projection: Projection, row: int) -> Floats:
    """What of the past is the rhythm, as of each day."""
    return np.asarray(projection.cleaned.y[row] - projection.calm.y[row])


def _cycle(projection: Projection, row: int) -> dict[str, float]:
    """How far a month or a quarter swings, where it does by the calendar."""
    months = int(projection.cycle[row])
    if not months:
        return {}
    recent = _beat(projection, row)[-(months * MONTH + WEEK) :]
    return {"cycle": float(months), "cycle_swing": float(np.ptp(recent))}


def _moves(cleaned: Cleaned, row: int, days: int) -> dict[str, float]:
    found: dict[str, float] = {}
    level = cleaned.level[row, -days:]
    if days > MONTH:
        found["move"] = float(np.abs(level[MONTH:] - level[:-MONTH]).mean())
    swing = _swing(level)
    if swing is not None and swing > NOTABLE * abs(float(level[-1])):
        found["swing"] = swing
    return found


def _swing(level: Floats) -> float | None:
    """How far the days of a week lie apart, where it is the day of the week that moves the level. None where it is not."""
    recent = level[-(QUARTER + WEEK - 1) :]
    if len(recent) < 8 * WEEK + WEEK - 1:
        return None
    centre = np.convolve(recent, np.full(WEEK, 1 / WEEK), mode="valid")
    away = recent[WEEK // 2 : -(WEEK // 2)] - centre
    away = away[-(len(away) // WEEK * WEEK) :]
    profile = away.reshape(-1, WEEK).mean(axis=0)
    spread = float(np.var(away))
    if spread == 0 or float(np.var(profile)) < SWINGS * spread:
        return None
    return float(profile.max() - profile.min())


def changes(
    projection: Projection,
    limits: Floats,
    mores: Sequence[float],
    verdicts: Sequence[Sequence[exhaustion.Verdict]],
    added: Floats | None,
) -> dict[int, Changed]:
    """What would move the date, of each row that has a central one: `mores` are the sizes that are tried."""
    full = exhaustion.THRESHOLDS.index(1.0)
    rows = np.array([row for row, one in enumerate(verdicts) if one[full].reason is None], dtype=np.int64)
    if not len(rows):
        return {}
    some = projection.take(rows)
    extra = None if added is None else added[rows]
    peaks = np.array([_peak(some.cleaned.y[row], int(some.panel.days[row])) for row in range(len(rows))])
    tried = np.array(mores)[rows]
    dates = _central(some, limits[rows], np.stack((-peaks, tried), axis=-1), extra)
    return {
        int(row): Changed(float(peak), nearer, float(size), later)
        for row, peak, size, (nearer, later) in zip(rows, peaks, tried, dates, strict=True)
    }


def more(size: float, unit: str) -> float:
    """About MORE of a size, in one figure (a whole number where it counts things); NaN where the size is unknown."""
    wanted = MORE * size
    if not wanted > 0:
        return math.nan
    power = 10.0 ** math.floor(math.log10(wanted))
    rounded = round(wanted / power) * power
    return max(round(rounded), 1.0) if unit == "" else rounded


def _peak(y: Floats, days: int) -> float:
    """The most that came in a week of the last quarter; NaN where none grew."""
    recent = y[-min(days, QUARTER + WEEK) :]
    if len(recent) < 2 * WEEK:
        return math.nan
    most = float((recent[WEEK:] - recent[:-WEEK]).max())
    return most if most > 0 else math.nan


def _central(
    projection: Projection, limits: Floats, moved: Floats, added: Floats | None
) -> list[list[float]]:
    """Days from the last one to the central date with the limits moved, (series, moves).

    0 where it is over at once, NaN without one.
    """
    shifted = limits.reshape(len(limits), 1, -1) + moved[..., None]
    verdicts = exhaustion.judge_limits(projection, shifted, added)
    return [
        [_days(verdict, last) for verdict in ones]
        for ones, last in zip(verdicts, projection.panel.last, strict=True)
    ]


def _days(verdict: exhaustion.Verdict, last: np.datetime64) -> float:
    if verdict.reason == exhaustion.OVER:
        return 0.0
    if np.isnat(verdict.days[1]):
        return math.nan
    return float((verdict.days[1] - last).astype(np.int64))
