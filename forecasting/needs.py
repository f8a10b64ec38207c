"""What an estate lacks, month by month: from outlooks and their paths to needs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from exporters.plan.outlooks import Outlook
from forecasting import planned
from forecasting.purchasing.problem import Need
from inventory.estate import Estate, Target

WEIGHTS: Final = {"critical": 4.0, "high": 2.0, "normal": 1.0, "low": 0.5, None: 1.0}
"""How much a month of lacking counts, by the criticality of the target."""


BEYOND: Final = 12
"""Months behind those of a plan for which it is known as well what lacks: a wall is moved by as many."""


class Risk(NamedTuple):
    """For which course is planned: the column of a path, and the quantile of the day on which a store is full."""

    column: str
    quantile: float


class Missing(NamedTuple):
    """What cannot be planned for, and why: the outlook's own reason."""

    target: str
    what: str
    quantity: str
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Lack:
    """A need with what it is of. `share` is how much of a size may be filled.

    `ahead` has the amounts of the need's months and of the year behind them.
    """

    outlook: Outlook
    target: Target
    need: Need
    share: float
    ahead: tuple[float, ...]

    @property
    def quantity(self) -> str:
        return self.outlook.quantity

    @property
    def kind(self) -> str:
        return dict(self.outlook.labels).get("kind", "")


def months_from(today: dt.date, count: int) -> tuple[dt.date, ...]:
    """The first days of this month and of those that follow."""
    first = today.year * 12 + today.month - 1
    return tuple(dt.date((first + place) // 12, (first + place) % 12 + 1, 1) for place in range(count))


def after(month: dt.date) -> dt.date:
    return dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)


class Needs:
    """The needs of an estate, and what cannot be told of the rest."""

    def __init__(
        self,
        estate: Estate,
        outlooks: Sequence[Outlook],
        path: Callable[[str], pd.DataFrame],
        today: dt.date,
        months: Sequence[dt.date],
        risk: Risk,
    ) -> None:
        self.lacks: list[Lack] = []
        self.missing: list[Missing] = []
        self.carried = False
        targets = {target.name: target for target in estate.targets}
        within = planned.inside(outlooks)
        self.inside = [one for one in outlooks if one.unique_id in within]
        for one in outlooks:
            target = targets.get(one.target)
            if target is None or one.unique_id in within:
                continue
            self._read(one, target, path(one.unique_id), today, months, risk)

    def _read(
        self,
        one: Outlook,
        target: Target,
        path: pd.DataFrame,
        today: dt.date,
        months: Sequence[dt.date],
        risk: Risk,
    ) -> None:
        limit = one.limit
        if limit is None or planned.is_share(one) or not len(path):
            shared = "told as a share" if planned.is_share(one) else one.reason or "no forecast"
            reason = "capacity unknown" if limit is None else shared
            self.missing.append(Missing(one.target, planned.name(one), one.quantity, reason))
            return
        later = months_from(months[0], len(months) + BEYOND)
        days = (after(later[-1]) - today).days
        self.carried = self.carried or path["ds"].iloc[-1].date() < months[-1]
        over = planned.ahead(path, risk.column, today, days) - limit
        starts = np.array([max((month - today).days, 0) for month in later])
        amounts = np.maximum(np.maximum.reduceat(over, starts), 0.0)
        amounts = _from_the_wall(amounts, later, one.dates.get((1.0, risk.quantile)))
        if amounts[: len(months)].any():
            ahead = tuple(map(float, amounts))
            need = Need(one.unique_id, ahead[: len(months)], WEIGHTS[target.criticality])
            share = limit / one.capacity if one.capacity else 1.0
            self.lacks.append(Lack(one, target, need, share, ahead))


def _from_the_wall(
    amounts: npt.NDArray[np.float64], months: Sequence[dt.date], wall: dt.date | None
) -> npt.NDArray[np.float64]:
    """What lacks from the month on in which a store may be full, as its date and its order-by date tell.

    A date is that of the first time, a path tells of each day by itself: what leaps, and may be purged again, is full
    for the first time before the path is beyond the limit. Until then as little lacks as in the first month of the path.
    """
    if wall is None:
        return amounts
    beyond = amounts[amounts > 0]
    least = beyond[0] if len(beyond) else 1.0
    reached = np.array([after(month) > wall for month in months])
    return np.where(reached & (amounts == 0) & ~np.logical_or.accumulate(amounts > 0), least, amounts)
