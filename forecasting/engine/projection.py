"""From a frame of history to a frame of forecasts."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.engine.bands import INNER, TOLD, Each, Fleet, Study, fit, floor, learn, study
from forecasting.engine.cleaning import Cleaned
from forecasting.engine.frames import Flags, Floats, Ints, Panel, check, drawn, lay, panels, spans
from forecasting.engine.growth import HORIZONS, SHORTEST, damped

COLUMNS: Final = ("unique_id", "ds", "mean", "lo80", "hi80", "lo95", "hi95")

PLACES: Final = tuple(TOLD.index(level) for level in (0.5, 0.1, 0.9, 0.025, 0.975))
"""Where the columns of a forecast stand among the quantiles."""

TOO_SHORT: Final = f"not enough history (< {SHORTEST} days)"
EMPTY: Final = "no value at all"


@dataclasses.dataclass(frozen=True, slots=True)
class Projection:
    """The forecast of a panel. `paths` is (series, days ahead, 5): mean, lo80, hi80, lo95, hi95.

    `cleaned` is the history without glitches, `calm` what of it remains without its rhythm. `shares` (series, days
    ahead, INNER) says where the quantiles between these lie (see `passage.NORMAL`). `paced` are
    the days since each series goes at its present pace, `beat` (series, days ahead) what of the mean is the rhythm, and
    `cycle` how many months that has where it follows the calendar, 0 where it does not (series,).
    """

    panel: Panel
    cleaned: Cleaned
    calm: Cleaned
    paths: Floats
    shares: Floats
    paced: Ints
    beat: Floats
    cycle: Ints

    def take(self, rows: Flags | Ints) -> Projection:
        """Some of the series."""
        return Projection(
            self.panel.take(rows),
            self.cleaned.take(rows),
            self.calm.take(rows),
            self.paths[rows],
            self.shares[rows],
            self.paced[rows],
            self.beat[rows],
            self.cycle[rows],
        )

    def plus(self, increments: Floats) -> Projection:
        """The same with what is known to come: `increments` is (series, days ahead, 3), in the unit of the series.

        Low, likely and high are what will have been added by each day (negative: taken away) that the history does
        not hold: a step stays for all days after it. The bands stay in order.
        """
        low, likely, high = np.moveaxis(np.sort(increments[:, : self.paths.shape[1]], axis=-1), -1, 0)
        mean, lo80, hi80, lo95, hi95 = np.moveaxis(self.paths, -1, 0)
        moved = np.stack((mean + likely, lo80 + low, hi80 + high, lo95 + low, hi95 + high), axis=-1)
        return dataclasses.replace(self, paths=moved)

    def frame(self) -> pd.DataFrame:
        """The columns COLUMNS, one row a day after each series' own last day."""
        count, ahead, _ = self.paths.shape
        days = self.panel.last[:, None] + np.arange(1, ahead + 1)[None].astype("timedelta64[D]")
        columns: dict[str, object] = {
            "unique_id": np.repeat(self.panel.unique_id, ahead),
            "ds": days.reshape(-1).astype("datetime64[s]"),
        }
        flat = self.paths.reshape(count * ahead, 5)
        columns.update({name: flat[:, place] for place, name in enumerate(COLUMNS[2:])})
        return pd.DataFrame(columns)


def forecast(frame: pd.DataFrame, horizon: int, shortest: int = SHORTEST) -> pd.DataFrame:
    """Forecast every series of `unique_id, ds, y` for `horizon` days after its own last day.

    Returns `unique_id, ds, mean, lo80, hi80, lo95, hi95` in the unit of `y`, `mean` being the median path; no
    value is clipped. Series of fewer than `shortest` days are left out (see `refusals`); with `shortest=1`
    they get the bands of the fleet around a nearly flat path. A column `capacity` has no influence. Raises
    FrameError where the frame cannot be read, ValueError where the horizon is not positive.
    """
    parts = [projection.frame() for projection in project(check(frame), horizon, shortest)]
    if parts:
        return pd.concat(parts, ignore_index=True)
    empty = pd.DataFrame({name: pd.Series(dtype="float64") for name in COLUMNS})
    return empty.astype({"unique_id": "str", "ds": "datetime64[s]"})


def project(
    tidy: pd.DataFrame, horizon: int, shortest: int = SHORTEST, fleet: Fleet | None = None
) -> Iterator[Projection]:
    """The same, panel by panel, from a checked frame. Without a `fleet`, the frame's own series are it."""
    if horizon < 1:
        raise ValueError(f"the horizon is {horizon} days: at least 1 is needed")
    where = spans(tidy)
    where = where[where["days"] >= shortest]
    if where.empty:
        return
    fleet = fleet or survey(tidy)
    for panel in panels(tidy, where):
        yield extend(study(panel), fleet, horizon)


def survey(tidy: pd.DataFrame, each: Each = itertools.starmap) -> Fleet:
    """Learn the fleet of a checked frame, from a sample of the series that have a past to learn from.

    `each` may do the parts of it in other processes: see `bands.learn`.
    """
    where = spans(tidy)
    seasoned = where[where["days"] >= 2 * SHORTEST]
    known = where if seasoned.empty else seasoned
    return learn(lay(tidy, known.iloc[drawn(known["unique_id"].tolist())]), each)


def refusals(frame: pd.DataFrame) -> pd.DataFrame:
    """`unique_id, reason` of the series that `forecast` leaves out, by name."""
    where = spans(check(frame))
    short = where.loc[where["days"] < SHORTEST, "unique_id"]
    named = frame["unique_id"].dropna().astype(str).unique()
    empty = set(named) - set(where["unique_id"])
    rows = [(name, TOO_SHORT) for name in short] + [(name, EMPTY) for name in empty]
    return pd.DataFrame(sorted(rows), columns=["unique_id", "reason"])


def extend(studied: Study, fleet: Fleet, horizon: int) -> Projection:
    """Carry a panel `horizon` days ahead."""
    fitted = fit(studied, fleet)
    days = np.arange(1, horizon + 1)
    beat = studied.rhythm.at(-days)
    mean = _mean(studied, fitted.weights, days) + beat
    margin = _between(fitted.quantiles, days)
    paths = mean + margin[list(PLACES)]
    np.maximum(paths, floor(studied)[:, None], out=paths)
    shares = _shares(margin)
    return Projection(
        studied.panel,
        studied.cleaned,
        studied.calm,
        np.moveaxis(paths, 0, -1),  # each curve lies together: most of what is asked goes along the days
        np.moveaxis(shares, 0, -1),
        studied.paced,
        beat,
        studied.rhythm.cycle,
    )


def _shares(margin: Floats) -> Floats:
    """Where the INNER of margins (TOLD, series, days) lie: see `passage.NORMAL`."""
    shares = np.zeros((len(INNER), *margin.shape[1:]))
    for share, level in zip(shares, INNER, strict=True):
        begin, end = _beside(level)
        start = margin[TOLD.index(begin)]
        whole = margin[TOLD.index(end)] - start
        np.divide(margin[TOLD.index(level)] - start, whole, out=share, where=whole != 0)
    return np.clip(shares, 0.0, 1.0, out=shares)


def _beside(level: float) -> tuple[float, float]:
    """The quantiles that are told to everybody between which one lies, the one nearer to the middle first."""
    edge, outer = (0.1, 0.025) if level < 0.5 else (0.9, 0.975)
    return (0.5, edge) if 0.1 < level < 0.9 else (edge, outer)


def _mean(studied: Study, weights: Floats, days: npt.NDArray[np.int64]) -> Floats:
    """The weighted members, without the rhythm. Weights are interpolated between the horizons, on the logarithm of time."""
    bank = studied.members
    phis = sorted({setting.phi for setting in bank.settings})
    anchors = bank.anchors[:, 0][:, [s.anchor for s in bank.settings]]
    slopes = bank.slopes[:, 0][:, [s.slope for s in bank.settings]]
    path = _along(np.einsum("nhm,nm->nh", weights, anchors), days)
    for phi in phis:
        mine = np.array([s.phi == phi for s in bank.settings])
        slope = np.einsum("nhm,nm->nh", weights[..., mine], slopes[:, mine])
        path = path + _along(slope, days) * damped(days, phi)[None]
    return np.asarray(path + studied.calm.y[:, -1:])


def _along(values: Floats, days: npt.NDArray[np.int64]) -> Floats:
    """(series, HORIZONS) -> (series, days), linear in the logarithm of time, constant beyond."""
    return _drawn(values, np.interp(np.log(days), np.log(HORIZONS), np.arange(len(HORIZONS))))


def _between(quantiles: Floats, days: npt.NDArray[np.int64]) -> Floats:
    """The margins between the horizons (TOLD, series, days): linear in time up to the last, in proportion to it beyond."""
    inside = _drawn(np.moveaxis(quantiles, -1, 0), np.interp(days, HORIZONS, np.arange(len(HORIZONS))))
    inside *= np.maximum(days / HORIZONS[-1], 1.0)
    return inside


def _drawn(values: Floats, spots: Floats) -> Floats:
    """(..., HORIZONS) -> (..., days), drawn straight: `spots` are places among the horizons, none before the last one."""
    low = np.minimum(spots.astype(np.int64), len(HORIZONS) - 2)
    part = spots - low
    drawn = np.empty((*values.shape[:-1], len(spots)))
    for place in np.unique(low):
        days = slice(*np.searchsorted(low, (place, place + 1)))
        np.multiply(values[..., place, None], 1 - part[days], out=drawn[..., days])
        drawn[..., days] += values[..., place + 1, None] * part[days]
    return drawn
