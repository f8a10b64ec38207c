"""Methods that run in this process: `jauge`, and what anyone can compute. Each takes windows and gives Forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.forecasting.generator import AHEAD, Floats
from benchmarks.forecasting.scores import LEVELS, NEVER, Forecasts
from benchmarks.forecasting.window import Window, fleets, frame
from forecasting.engine import forecast
from forecasting.engine.cleaning import clean
from forecasting.engine.exhaustion import OVER, exhaustion
from forecasting.engine.frames import check, panels, spans

Method = Callable[[Sequence[Window]], Forecasts]
Forecaster = Callable[[pd.DataFrame, int], pd.DataFrame]
Dates = Callable[[pd.DataFrame], pd.DataFrame]

RECENT: Final = 90
"""Days that a line is laid through."""

CLOCK: Final = np.arange(1.0, AHEAD + 1)


# --- the engine -------------------------------------------------------------------------------------------


def jauge(
    chosen: Sequence[Window], ahead: Forecaster = forecast, dates: Dates | None = exhaustion
) -> Forecasts:
    """The engine: fleet by fleet, dates its own. Without `dates`, they are where the median path crosses.

    Raises ValueError where a window has no forecast.
    """
    paths = np.full((len(chosen), AHEAD, len(LEVELS)), np.nan)
    reached = np.full((len(chosen), len(chosen[0].thresholds)), np.nan)
    for places, mine in fleets(chosen):
        paths[places] = _paths(ahead(frame(mine), AHEAD), mine)
        awaited = [place for place in places if np.isfinite(chosen[place].thresholds).all()]
        if dates and awaited:
            for number in range(reached.shape[1]):
                waiting = [chosen[place] for place in awaited]
                reached[awaited, number] = _reached(dates(frame(waiting, number)), waiting)
    return Forecasts(paths, reached) if dates else Forecasts.along(paths, chosen)


def _paths(came: pd.DataFrame, mine: Sequence[Window]) -> Floats:
    grouped = dict(tuple(came.groupby("unique_id")[["lo95", "lo80", "mean", "hi80", "hi95"]]))
    absent = [one.unique_id for one in mine if len(grouped.get(one.unique_id, ())) != AHEAD]
    if absent:
        raise ValueError(f"no forecast of {len(absent)} windows, first {absent[0]}")
    return np.stack([grouped[one.unique_id].to_numpy(dtype=np.float64) for one in mine])


def _reached(came: pd.DataFrame, mine: Sequence[Window]) -> Floats:
    """Days to the central date of the whole size. Over already is the first day; without a date, NEVER."""
    central = came[(came["threshold"] == 1.0) & (came["quantile"] == 0.5)].set_index("unique_id")
    central = central.loc[[one.unique_id for one in mine]]
    last = np.array([one.days[-1] for one in mine]).astype("datetime64[D]")
    days = (central["ds"].to_numpy().astype("datetime64[D]") - last) / np.timedelta64(1, "D")
    days = np.where(np.isnan(days), NEVER, np.clip(days, 1, NEVER))
    return np.where(central["reason"] == OVER, 1.0, days)


def cleaned(chosen: Sequence[Window], jumps: bool) -> list[Floats]:
    """The daily levels that the engine's cleaning leaves: without glitches, and without `jumps` unless they are kept."""
    found: dict[str, Floats] = {}
    tidy = check(frame(chosen))
    for panel in panels(tidy, spans(tidy)):
        tidied = clean(panel)
        levels = tidied.y if jumps else tidied.level
        for name, level, days in zip(panel.unique_id, levels, panel.days, strict=True):
            found[name] = level[-days:]
    return [found[one.unique_id] for one in chosen]


# --- what anyone can compute --------------------------------------------------------------------------------


def persist(chosen: Sequence[Window]) -> Forecasts:
    """Same as last month: the move of the last 30 days goes on. Bands: the spread of the past moves, as of a random walk."""
    return Forecasts.along(np.stack([_month(one.daily) for one in chosen]), chosen)


def _month(y: Floats, days: int = 30) -> Floats:
    days = min(days, len(y) - 1)
    moves = y[days:] - y[:-days]
    spread = moves.std() * np.sqrt(CLOCK / days)
    mean = y[-1] + moves[-1] * CLOCK / days
    return np.asarray(mean[:, None] + spread[:, None] * stats.norm.ppf(LEVELS), np.float64)


def regress(chosen: Sequence[Window]) -> Forecasts:
    """Least squares over 90 days with the textbook interval: `predict_linear` of Prometheus has the same line."""
    return Forecasts.along(np.stack([_fit(one, 1)[0] for one in chosen]), chosen)


def linear(chosen: Sequence[Window]) -> Forecasts:
    """Zabbix: forecast() and timeleft() over 90 days, fit "linear"."""
    return _zabbix(chosen, 1)


def polynomial(chosen: Sequence[Window]) -> Forecasts:
    """Zabbix: fit "polynomial2"."""
    return _zabbix(chosen, 2)


def exponential(chosen: Sequence[Window]) -> Forecasts:
    """Zabbix: fit "exponential", a line through the logarithms; without an answer where a value is not positive."""
    return _zabbix(chosen, 1, logarithm=True)


def _zabbix(chosen: Sequence[Window], degree: int, logarithm: bool = False) -> Forecasts:
    """Fits of Zabbix 7.0 ("Predictive trigger functions" of its manual).

    timeleft() solves f(t) = threshold and gives the nearest root after now, whichever way it is crossed: a fit that is
    over already has no root ahead. Zabbix has no bands: the textbook's stand in. Where it answers -1, for an
    error, the last value goes on and no date is given.
    """
    paths = np.empty((len(chosen), AHEAD, len(LEVELS)))
    reached = np.empty((len(chosen), len(chosen[0].thresholds)))
    for row, one in enumerate(chosen):
        paths[row], fitted = _fit(one, degree, logarithm)
        for number, limit in enumerate(one.thresholds):
            reached[row, number] = _left(fitted, np.log(limit) if logarithm else limit)
    return Forecasts(paths, reached)


def _left(fitted: np.polynomial.Polynomial | None, limit: float) -> float:
    """Whole days to the nearest root after now."""
    if fitted is None or not np.isfinite(limit):
        return float(NEVER)
    roots = (fitted - limit).roots()
    ahead = roots.real[(np.abs(roots.imag) < 1e-9) & (roots.real > 0)]
    return float(min(np.ceil(ahead.min()), NEVER)) if ahead.size else float(NEVER)


def _fit(one: Window, degree: int, logarithm: bool = False) -> tuple[Floats, np.polynomial.Polynomial | None]:
    """(AHEAD, LEVELS) of a polynomial through what was read in the last RECENT days, and the polynomial in days from now."""
    ago = (one.days - one.days[-1]).astype(np.float64)
    recent = ago > -RECENT
    clock, y = ago[recent], one.y[recent]
    if len(y) < degree + 2 or (logarithm and (y <= 0).any()):
        return np.full((AHEAD, len(LEVELS)), one.y[-1]), None
    y = np.log(y) if logarithm else y
    span = max(-clock[0], 1.0)  # scaled, so that the squares stay small
    design = np.vander(clock / span, degree + 1, increasing=True)
    ahead = np.vander(CLOCK / span, degree + 1, increasing=True)
    weights, *_ = np.linalg.lstsq(design, y, rcond=None)
    free = len(y) - degree - 1
    deviation = np.sqrt(((y - design @ weights) ** 2).sum() / free)
    lever = np.sqrt(1.0 + np.einsum("ij,jk,ik->i", ahead, np.linalg.pinv(design.T @ design), ahead))
    paths = (ahead @ weights)[:, None] + (deviation * lever)[:, None] * stats.t.ppf(LEVELS, free)
    with np.errstate(over="ignore"):
        paths = np.minimum(np.exp(paths), 1e300) if logarithm else paths
    return paths, np.polynomial.Polynomial(weights / span ** np.arange(degree + 1))


LOCAL: Final[dict[str, Method]] = {
    "persist": persist,
    "ols": regress,
    "zabbix-linear": linear,
    "zabbix-polynomial2": polynomial,
    "zabbix-exponential": exponential,
    "jauge": jauge,
}
