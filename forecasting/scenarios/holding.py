"""How much of a flow that has begun a store's forecast goes on with already.

The engine is asked: it forecasts the history as it is, and the history without what was to have come. By how much more the
first one grows is what its trend holds of the flow. That depends on the store, on how long the flow has run, and on the
engine; no table would be right for all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from exporters.history import Reader
from forecasting.engine.bands import Fleet
from forecasting.engine.frames import MEMORY, check
from forecasting.engine.growth import SHORTEST
from forecasting.engine.projection import project
from forecasting.plan.job import learn_fleets_of
from forecasting.quantities import DAY, quantity_of

Floats = npt.NDArray[np.float64]

HELD: Final = "as it is"


class Holding:
    """Asks the engine about the series of a history as of `now` (UTC epoch seconds). Raises HistoryError."""

    def __init__(self, reader: Reader, now: float) -> None:
        self.reader, self.now = reader, now
        self._fleets: dict[str, Mapping[str, Fleet]] = {}
        self._mutex = threading.Lock()

    def fleet(self, metric: str) -> Fleet | None:
        """What the living things of a metric's quantity have in common, as the planner learns it; None where there is none."""
        quantity = quantity_of(metric)
        with self._mutex:
            if quantity not in self._fleets:
                self._fleets[quantity] = learn_fleets_of(self.reader, {quantity}, self.now)
            return self._fleets[quantity].get(quantity)

    def history(self, names: list[str]) -> pd.DataFrame:
        """As much of the history of some series as the engine looks at."""
        return check(self.reader.read(names, start=self.now - MEMORY * DAY, end=self.now))

    def held(self, name: str, metric: str, past: Floats, days: int) -> Floats:
        """What the forecast of a series holds of a flow, for each of the days ahead: (days, 3), all that it adds by then.

        `past` is what was to have come on each day up to the last one, oldest first: (days of the past, 3). Never less
        than nothing, nor more than the flow's greatest rate would bring.
        """
        nothing = np.zeros((days, 3))
        rows, fleet = self.history([name]), self.fleet(metric)
        if fleet is None or len(rows) < 2 * SHORTEST:
            return nothing
        came = np.cumsum(past, axis=0)
        ago = (rows["ds"].iloc[-1] - rows["ds"]).dt.days.to_numpy()
        place = len(past) - 1 - ago
        known = np.where((place >= 0)[:, None], came[np.maximum(place, 0)], 0.0)
        without = [rows.assign(unique_id=str(k), y=rows["y"] - known[:, k]) for k in range(3)]
        frame = check(pd.concat([rows.assign(unique_id=HELD), *without]))
        projection = next(project(frame, days, fleet=fleet))
        names = [str(one) for one in projection.panel.unique_id]
        grown = projection.paths[:, :, 0] - projection.panel.y[:, -1:]
        more = np.stack([grown[names.index(HELD)] - grown[names.index(str(k))] for k in range(3)], axis=1)
        ahead = np.arange(1, days + 1)[:, None]
        least, most = np.minimum(past.min(axis=0), 0.0), np.maximum(past.max(axis=0), 0.0)
        return np.asarray(np.clip(more, ahead * least, ahead * most))
