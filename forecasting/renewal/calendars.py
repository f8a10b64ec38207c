"""The quarters of a plan: their first and last days, and which of them a day falls in."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from forecasting.renewal.problem import Floats, Ints
from inventory.contracts import Contract

LONGEST: Final = 45
"""Days of a quarter within which what is installed in it has to be there."""


@dataclasses.dataclass(frozen=True, slots=True)
class Quarters:
    """`firsts` are the first days of the quarters, and the day after the last one."""

    today: dt.date
    firsts: tuple[dt.date, ...]

    @property
    def count(self) -> int:
        return len(self.firsts) - 1

    @property
    def years(self) -> tuple[int, ...]:
        """The civil years in which something may be ordered."""
        return tuple(range(self.today.year, self.firsts[-1].year + (self.firsts[-1].month > 1)))

    @property
    def ahead(self) -> Floats:
        """The share of each quarter that is still to come: of the first one, what today leaves of it."""
        first, after = self.firsts[:2]
        found = np.ones(self.count)
        found[0] = (after - self.today).days / (after - first).days
        return found

    def last(self, quarter: int) -> dt.date:
        """The last day of a quarter."""
        return self.firsts[quarter + 1] - dt.timedelta(days=1)

    def first_after(self, days: pd.Series) -> Ints:
        """The first quarter that begins after a day; 0 where there is none, `count` where it is after the plan."""
        firsts = np.array([np.datetime64(day, "s") for day in self.firsts[:-1]])
        values = days.to_numpy(dtype="datetime64[s]")
        found = np.searchsorted(firsts, values, side="right")
        return np.asarray(np.where(np.isnat(values), 0, found), dtype=np.int64)

    def ordered(
        self, contract: Contract | None, renewed: bool, since: dt.date | None = None
    ) -> tuple[dt.date | None, ...]:
        """The day on which what is installed in each quarter is ordered; None where it cannot be.

        It is there on the quarter's first day, or, ordered today or on a contract's first day, within LONGEST days of it. A contract that has ended is
        taken to go on where it is `renewed`. Nothing is ordered before the day `since`.
        """
        lead = dt.timedelta(seconds=(contract.lead_time or 0.0) if contract else 0.0)
        soonest = max(self.today, since or self.today)
        return tuple(self._ordered(first, lead, contract, renewed, soonest) for first in self.firsts[:-1])

    def _ordered(
        self, first: dt.date, lead: dt.timedelta, contract: Contract | None, renewed: bool, soonest: dt.date
    ) -> dt.date | None:
        opens = contract.since if contract and contract.since else soonest
        day = max(soonest, first - lead, opens)
        if day + lead > first + dt.timedelta(days=LONGEST):
            return None
        if contract is None or contract.is_open(day):
            return day
        return day if renewed and contract.until is not None and day > contract.until else None


def quarters_from(today: dt.date, count: int) -> Quarters:
    """The quarter of today, and those that follow."""
    first = today.year * 4 + (today.month - 1) // 3
    days = (dt.date((first + k) // 4, (first + k) % 4 * 3 + 1, 1) for k in range(count + 1))
    return Quarters(today, tuple(days))
