"""Outlooks of stores that grow on a straight line, and their paths: what a planner would issue of them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from exporters.plan.outlooks import Outlook
from inventory.metrics import labels

HORIZON = 1096


def outlook(
    target: str,
    store: str,
    today: dt.date,
    used: float,
    capacity: float | None,
    rate: float,
    *,
    ceiling: float = 1.0,
    kind: str = "pool",
    pool: str = "",
    metric: str = "jauge_storage_used_bytes",
    band: float = 0.0,
    reason: str | None = None,
    horizon: int = HORIZON,
    lead: int | None = None,
) -> Outlook:
    """What a store says that holds `used` today, and `rate` more each day; the early path grows by `band` more.

    It is ordered `lead` days before the early date.
    """
    pairs = (
        labels(license=store)
        if metric == "jauge_licenses_used"
        else labels(store=store, kind=kind, pool=pool)
    )
    ahead = np.arange(1, horizon + 1)
    frame = pd.DataFrame(
        {"ds": (np.datetime64(today) + ahead.astype("timedelta64[D]")).astype("datetime64[s]")}
    )
    for column, more in (
        ("mean", 0.0),
        ("hi80", band),
        ("lo80", -band),
        ("hi95", 2 * band),
        ("lo95", -2 * band),
    ):
        frame[column] = used + (rate + more) * ahead
    dates = {
        (1.0, quantile): _date(today, used, capacity, ceiling, rate + more, horizon)
        for quantile, more in ((0.1, band), (0.5, 0.0), (0.9, -band))
    }
    if reason is not None:
        dates = dict.fromkeys(dates, None)
    early = dates[1.0, 0.1]
    return Outlook(
        unique_id=f'{metric}{{target="{target}",store="{store}"}}',
        target=target,
        metric=metric,
        labels=pairs,
        issued_at=0.0,
        first=today - dt.timedelta(days=400),
        last=today,
        used=used,
        capacity=capacity,
        rate=rate,
        dates=dates,
        reasons={1.0: reason},
        figures={"ceiling": ceiling},
        path=frame,
        quantity="licences" if metric == "jauge_licenses_used" else "storage",
        unit="" if metric == "jauge_licenses_used" else "bytes",
        limit=None if capacity is None else capacity * ceiling,
        order_by=early - dt.timedelta(days=lead) if early and lead is not None else None,
    )


def _date(
    today: dt.date, used: float, capacity: float | None, ceiling: float, rate: float, horizon: int
) -> dt.date | None:
    if capacity is None or rate <= 0:
        return None
    days = int(np.ceil((capacity * ceiling - used) / rate))
    return today + dt.timedelta(days=days) if 0 < days <= horizon else None


def path_of(*outlooks: Outlook):
    """The paths by `unique_id`, as `Outlooks.path` gives them."""
    paths = {one.unique_id: one.path for one in outlooks}
    return lambda name: paths[name]
