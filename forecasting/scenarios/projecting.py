"""The planner's outlooks again, with what scenarios add: dates, chances and levels of the things that they move."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from exporters.history import Reader
from exporters.plan.outlooks import PATH_COLUMNS, Outlook
from forecasting.capacity import Rules
from forecasting.engine import exhaustion
from forecasting.plan.batch import Correction
from forecasting.plan.job import learn_fleets_of, project_stores
from forecasting.quantities import find
from forecasting.scenarios.world import Series, World
from inventory.estate import Estate

Floats = npt.NDArray[np.float64]

FULL = 1.0
EARLY, CENTRAL, LATE = exhaustion.QUANTILES


@dataclasses.dataclass(frozen=True, slots=True)
class Prospect:
    """What is to be expected of one series.

    `limit` is what may be filled today, None where nobody knows. `early`, `central` and `late` are the days of being
    full, `reason` says why there is no central one, `chances` is the chance of being full within each number of days.
    `order_by` is the last day to order what must be there by the early date. `path` is `ds` and the columns of a
    forecast, in the unit of the series; empty where nothing is forecast.
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
    """Asks the planner of some series, several times with other additions. Raises HistoryError."""

    def __init__(
        self,
        reader: Reader,
        estate: Estate,
        world: World,
        names: Sequence[str],
        now: float,
        correct: Correction | None = None,
    ) -> None:
        self._reader, self._world, self._now, self._correct = reader, world, now, correct
        self._names = [name for name in sorted(names) if name in world.series]
        self._rules = Rules.of(estate)
        self._planned = find(reader, now, world.listing).planned
        wanted = set(self._names)
        quantities = {one.quantity.name for one in self._planned if one.unique_id in wanted}
        quantities.add("storage")  # a pool may decide
        self._fleets = learn_fleets_of(reader, quantities, now, self._planned)

    def judge(self, additions: Mapping[str, Floats], capacities: Mapping[str, Floats]) -> dict[str, Prospect]:
        """What is to be expected with those additions and arrivals, by unique_id."""
        outlooks = project_stores(
            self._reader,
            self._names,
            self._now,
            self._rules,
            additions,
            capacities,
            self._fleets,
            self._planned,
            self._correct,
        )
        found = {one.unique_id: _prospect(self._world.series[one.unique_id], one) for one in outlooks}
        for name in self._names:
            if name not in found:
                found[name] = _unforecast(self._world.series[name], self._world.capacity.get(name))
        return found


def _prospect(series: Series, outlook: Outlook) -> Prospect:
    return Prospect(
        series,
        outlook.limit,
        outlook.dates.get((FULL, EARLY)),
        outlook.dates.get((FULL, CENTRAL)),
        outlook.dates.get((FULL, LATE)),
        outlook.reason,
        outlook.chances.get(FULL, {}),
        outlook.order_by,
        _path(outlook),
    )


def _path(outlook: Outlook) -> pd.DataFrame:
    days = range(1, exhaustion.HORIZON + 1)
    ahead = outlook.ahead(days)
    if ahead is None:
        return pd.DataFrame()
    axis = np.datetime64(outlook.last, "D") + np.array(days).astype("timedelta64[D]")
    columns = {name: ahead[:, place] for place, name in enumerate(PATH_COLUMNS)}
    return pd.DataFrame({"ds": axis.astype("datetime64[s]")} | columns)


def _unforecast(series: Series, limit: float | None) -> Prospect:
    return Prospect(series, limit, None, None, None, exhaustion.SHORT, {}, None, pd.DataFrame())
