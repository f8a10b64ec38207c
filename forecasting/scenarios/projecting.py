"""One projection again, with what scenarios add: dates, chances and levels of the things that they move."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from exporters.plan.outlooks import PATH_COLUMNS
from forecasting.engine import exhaustion
from forecasting.engine.projection import Projection, project
from forecasting.scenarios.holding import DAY, Holding
from forecasting.scenarios.world import Series, World
from inventory.estate import Estate

Floats = npt.NDArray[np.float64]
FULL = exhaustion.THRESHOLDS.index(1.0)


@dataclasses.dataclass(frozen=True, slots=True)
class Prospect:
    """What is to be expected of one series.

    `limit` is what may be filled on the last day of the path, None where nobody knows. `early`, `central` and `late`
    are the days of being full, `reason` says why there is no central one, `chances` is the chance of being full within
    each number of days. `order_by` is the last day to order what must be there by the early date. `path` is `ds` and
    the columns of a forecast, in the unit of the series; empty where nothing is forecast.
    """

    series: Series
    limit: float | None
    early: date | None
    central: date | None
    late: date | None
    reason: str | None
    chances: Mapping[int, float]
    order_by: date | None
    path: pd.DataFrame = dataclasses.field(repr=False, compare=False)

    def level(self, days: int) -> tuple[float, float, float] | None:
        """Low (one chance in ten of less), likely and high, that many days ahead; None where nothing is forecast."""
        if not len(self.path):
            return None
        row = self.path.iloc[min(days, len(self.path)) - 1]
        return float(row["lo80"]), float(row["mean"]), float(row["hi80"])


class Projector:
    """The forecasts of some series as they stand, to be judged several times with other additions. Raises HistoryError."""

    def __init__(self, estate: Estate, world: World, names: Sequence[str], holding: Holding) -> None:
        self._estate, self._world = estate, world
        self._names = [name for name in sorted(names) if name in world.series]
        self._projections = list(_projected(world, self._names, holding))

    def judge(self, additions: Mapping[str, Floats], capacities: Mapping[str, Floats]) -> dict[str, Prospect]:
        """What is to be expected with those additions and arrivals, by unique_id."""
        found = {
            name: prospect
            for projection in self._projections
            for name, prospect in self._judged(projection, additions, capacities)
        }
        for name in self._names:
            if name not in found:
                found[name] = _unforecast(self._world.series[name], self._world.capacity.get(name))
        return found

    def _judged(
        self, projection: Projection, additions: Mapping[str, Floats], capacities: Mapping[str, Floats]
    ) -> Iterator[tuple[str, Prospect]]:
        names, days = [str(name) for name in projection.panel.unique_id], projection.paths.shape[1]
        nothing = np.zeros((days, 3))
        added = np.stack([additions.get(name, nothing)[:days] for name in names])
        sizes = np.stack([self._size(name, capacities.get(name), days) for name in names])
        increments = added if added.any() else None
        verdicts = exhaustion.judge(projection, sizes, increments=increments)
        moved = projection if increments is None else projection.plus(increments)
        for row, name in enumerate(names):
            yield name, self._prospect(name, moved, row, verdicts[row][FULL], float(sizes[row, -1]))

    def _size(self, name: str, arriving: Floats | None, days: int) -> Floats:
        declared = self._estate.target(self._world.series[name].target)
        ceiling = declared.ceiling if declared and declared.ceiling else 1.0
        size = np.full(days, self._world.capacity.get(name, math.nan))
        return (size if arriving is None else size + arriving[:days]) * ceiling

    def _prospect(
        self, name: str, projection: Projection, row: int, verdict: exhaustion.Verdict, limit: float
    ) -> Prospect:
        early, central, late = (None if np.isnat(day) else day.astype(object) for day in verdict.days)
        series = self._world.series[name]
        chances = {
            within: float(chance)
            for within, chance in zip(exhaustion.WITHIN, verdict.chances, strict=True)
            if not math.isnan(chance)
        }
        due = series.last if verdict.reason == exhaustion.OVER else early
        declared = self._estate.target(series.target)
        lead = declared.lead_time if declared else None
        order_by = None if due is None or lead is None else due - timedelta(days=math.ceil(lead / DAY))
        return Prospect(
            series,
            None if math.isnan(limit) else limit,
            early,
            central,
            late,
            verdict.reason,
            chances,
            order_by if verdict.reason != exhaustion.NOISE else None,
            _path(projection, row),
        )


def _projected(world: World, names: Sequence[str], holding: Holding) -> Iterator[Projection]:
    """The series by metric: those of one kind are learnt from each other."""
    for metric in sorted({world.series[name].metric for name in names}):
        fleet = holding.fleet(metric)
        if fleet is not None:
            mine = [name for name in names if world.series[name].metric == metric]
            yield from project(holding.history(mine), exhaustion.HORIZON, fleet=fleet)


def _path(projection: Projection, row: int) -> pd.DataFrame:
    ahead = np.arange(1, projection.paths.shape[1] + 1).astype("timedelta64[D]")
    columns = {name: projection.paths[row, :, place] for place, name in enumerate(PATH_COLUMNS)}
    return pd.DataFrame({"ds": (projection.panel.last[row] + ahead).astype("datetime64[s]")} | columns)


def _unforecast(series: Series, limit: float | None) -> Prospect:
    return Prospect(series, limit, None, None, None, exhaustion.SHORT, {}, None, pd.DataFrame())
