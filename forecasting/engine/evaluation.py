"""How good a forecast was: losses, coverage, and the two rivals that anyone can compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from forecasting.engine.frames import check

BANDS: Final = {"lo95": 0.025, "lo80": 0.1, "mean": 0.5, "hi80": 0.9, "hi95": 0.975}
"""The columns of a forecast and the quantiles that they are."""

Forecaster = Callable[[pd.DataFrame, int], pd.DataFrame]


def pinball(actual: pd.Series, guess: pd.Series, level: float) -> pd.Series:
    """Loss of a quantile forecast (Koenker and Bassett, 1978): its mean is least where `level` of the outcomes lie below."""
    miss = actual - guess
    return (level * miss).where(miss >= 0, (level - 1.0) * miss)


def coverage(scores: pd.DataFrame, low: str = "lo80", high: str = "hi80") -> float:
    """Share of the outcomes inside a band, its edges included."""
    return float(scores["y"].between(scores[low], scores[high]).mean())


def persist(frame: pd.DataFrame, horizon: int, days: int = 30) -> pd.DataFrame:
    """Same as last month: the move of the last `days` goes on. Bands: the spread of the past moves."""
    return _each(frame, horizon, lambda y, ahead: _month(y, ahead, days))


def regress(frame: pd.DataFrame, horizon: int, days: int = 90) -> pd.DataFrame:
    """Least squares over the last `days`, with the textbook interval: what `predict_linear` of Prometheus does."""
    return _each(frame, horizon, lambda y, ahead: _line(y, ahead, days))


def rolling(
    frame: pd.DataFrame, forecaster: Forecaster, cuts: Sequence[int], horizons: Sequence[int] = (30, 90, 180)
) -> pd.DataFrame:
    """Hide the last `cut` days of every series, forecast, and compare with what came, for each cut.

    Returns `unique_id, cut, horizon, y, mean, lo80, hi80, lo95, hi95, scale, pinball`: `scale` is the series' own mean
    30-day move before the cut, `pinball` the mean over the five quantiles in that unit.
    """
    tidy = check(frame)
    last = tidy.groupby("unique_id")["ds"].transform("max")
    ago = (last - tidy["ds"]).dt.days
    parts = []
    for cut in cuts:
        known = tidy[ago >= cut]
        came = forecaster(known, max(horizons))
        came["horizon"] = came.groupby("unique_id").cumcount() + 1
        came = came[came["horizon"].isin(horizons)].merge(
            tidy[["unique_id", "ds", "y"]], on=["unique_id", "ds"]
        )
        came = came.merge(_moves(known), on="unique_id").assign(cut=cut)
        parts.append(came)
    scores = pd.concat(parts, ignore_index=True)
    scores = scores[scores["scale"] > 0]
    lost = [pinball(scores["y"], scores[name], level) for name, level in BANDS.items()]
    return scores.assign(pinball=sum(lost) / len(lost) / scores["scale"])


def _moves(known: pd.DataFrame) -> pd.DataFrame:
    moves = known.groupby("unique_id")["y"].agg(
        lambda y: np.abs(y.to_numpy()[30:] - y.to_numpy()[:-30]).mean() if len(y) > 30 else np.nan
    )
    return moves.rename("scale").reset_index()


def _each(
    frame: pd.DataFrame, horizon: int, path: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> pd.DataFrame:
    ahead = np.arange(1, horizon + 1)
    parts = []
    for name, rows in frame.groupby("unique_id", sort=False):
        days = rows["ds"].to_numpy().astype("datetime64[D]").astype(int)
        y = np.interp(np.arange(days[0], days[-1] + 1), days, rows["y"])
        ds = rows["ds"].iloc[-1] + pd.to_timedelta(ahead, unit="D")
        parts.append(
            pd.DataFrame(path(y, ahead).T, columns=["mean", "lo80", "hi80", "lo95", "hi95"]).assign(
                unique_id=name, ds=ds
            )
        )
    return pd.concat(parts, ignore_index=True)


def _banded(mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    return np.stack([mean, *(mean + z * deviation for z in (-1.2816, 1.2816, -1.96, 1.96))])


def _month(y: np.ndarray, ahead: np.ndarray, days: int) -> np.ndarray:
    days = min(days, len(y) - 1)
    moves = y[days:] - y[:-days] if days else np.zeros(1)
    mean = y[-1] + moves[-1] * ahead / max(days, 1)
    return _banded(mean, moves.std() * np.sqrt(ahead / max(days, 1)))


def _line(y: np.ndarray, ahead: np.ndarray, days: int) -> np.ndarray:
    tail = y[-days:]
    clock = np.arange(len(tail), dtype=float)
    if len(tail) < 3:
        return _banded(np.full(len(ahead), tail[-1]), np.zeros(len(ahead)))
    slope, base = np.polyfit(clock, tail, 1)
    when = len(tail) - 1 + ahead
    noise = np.sqrt(((tail - base - slope * clock) ** 2).sum() / (len(tail) - 2))
    lever = np.sqrt(1 + 1 / len(tail) + (when - clock.mean()) ** 2 / ((clock - clock.mean()) ** 2).sum())
    return _banded(base + slope * when, noise * lever)
