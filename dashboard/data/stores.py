"""What fills: as it was measured, as it is forecast, and how such forecasts turned out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import pandas as pd

from dashboard.data.files import DAY, GONE, HISTORY, PLAN, Files
from dashboard.standing import Outlined, Store, sort_stores
from exporters.history import Known, unique_id
from exporters.plan.ledger import Ledger, Standing
from exporters.plan.outlooks import PATH_COLUMNS, Outlook, Outlooks
from forecasting import planned
from forecasting.accuracy import Accuracy
from forecasting.accuracy import accuracy as accuracy_of
from inventory.estate import Target
from inventory.metrics import Labels

_USED, _SIZE = "jauge_storage_used_bytes", "jauge_storage_size_bytes"

_NO_PATH: Final = pd.DataFrame(columns=["ds", *PATH_COLUMNS])


class Stores(Files):
    """Stores, outlooks, and the record of forecasts."""

    def stores(self) -> list[Store]:
        """Every store that the history knows, worst first: the earliest date, then the fullest."""
        return self._remember("stores", (HISTORY, PLAN), [], self._stores)

    def store(self, name: str) -> Outlined | None:
        """One store by its `unique_id`, with all that a page draws of it; None where nobody knows it."""
        found = next((one for one in self.stores() if one.unique_id == name), None)
        if found is None:
            return None
        return self._remember(("store", name), (HISTORY, PLAN), None, lambda: self._outlined(found))

    def _outlined(self, store: Store) -> Outlined:
        size_id = unique_id(store.target, _SIZE, store.labels)
        frame = self.reader().read([store.unique_id, size_id])
        path = Outlooks(self.folder / PLAN).path(store.unique_id) if store.outlook else _NO_PATH
        return Outlined(
            store,
            history=_one(frame, store.unique_id),
            capacity=_one(frame, size_id),
            path=path,
        )

    def _stores(self) -> list[Store]:
        outlooks = {one.unique_id: one for one in self.outlooks()}
        inside = planned.inside(outlooks.values())
        now, today = self.clock(), self.today
        used = [one for one in self._series(_USED) if now - one.last <= GONE * DAY]
        sizes = {(one.target, one.labels): one.unique_id for one in self._series(_SIZE)}
        last = self._last([one.unique_id for one in used] + list(sizes.values()), GONE + 1)
        declared = self._declared.targets
        return sort_stores(
            _store(one, last, sizes, declared.get(one.target), outlooks.get(one.unique_id), today, inside)
            for one in used
            if one.unique_id in last
        )

    def outlooks(self) -> list[Outlook]:
        """The planner's newest issue; empty where it never ran."""
        return self._remember("outlooks", (PLAN,), [], Outlooks(self.folder / PLAN).latest, DAY)

    def accuracy(self) -> Accuracy:
        """How the forecasts turned out that have come due; nothing in it where none was ever made."""
        return self._remember(
            "accuracy", (PLAN,), Accuracy(), lambda: accuracy_of(Ledger(self.folder / PLAN))
        )

    def track(self, name: str) -> list[Standing]:
        """How the forecasts of one store (its `unique_id`) turned out, by horizon: see `dashboard.sentences.accuracy.describe`."""
        none: list[Standing] = []
        return self._remember(
            ("track", name), (PLAN,), none, lambda: Ledger(self.folder / PLAN).standings(name)
        )

    def course(self, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What a store held, and its size, day by day: two frames `ds, y`."""
        none = pd.DataFrame({"ds": pd.Series(dtype="datetime64[s]"), "y": pd.Series(dtype="float64")})
        known = next((one for one in self._series(_USED) if one.unique_id == name), None)
        if known is None:
            return none, none
        size = unique_id(known.target, _SIZE, known.labels)
        frame = self._remember(
            ("course", name), (HISTORY,), none.assign(unique_id=""), lambda: self.reader().read([name, size])
        )
        return _one(frame, name), _one(frame, size)


def _store(
    known: Known,
    last: Mapping[str, float],
    sizes: Mapping[tuple[str, Labels], str],
    declared: Target | None,
    outlook: Outlook | None,
    today: dt.date,
    inside: Mapping[str, str],
) -> Store:
    return Store(
        unique_id=known.unique_id,
        target=known.target,
        labels=known.labels,
        used=last[known.unique_id],
        size=last.get(sizes.get((known.target, known.labels), "")),
        measured=known.last,
        today=today,
        declared=declared,
        outlook=outlook,
        inside=inside.get(known.unique_id, ""),
    )


def _one(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The days of one series: `ds`, `y`."""
    return frame.loc[frame["unique_id"] == name, ["ds", "y"]].reset_index(drop=True)
