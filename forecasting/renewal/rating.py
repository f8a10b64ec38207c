"""What is known of cohorts before ways are made: which quarters are too late by the rules that stand then, and what waiting costs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.needs import WEIGHTS
from forecasting.renewal import dated
from forecasting.renewal.calendars import Quarters
from forecasting.renewal.cohorts import HALF
from forecasting.renewal.dated import Dated
from forecasting.renewal.problem import Bools, Floats, Ints
from inventory.renewal import Renewal
from inventory.workstations import DAYS_A_YEAR

Texts = npt.NDArray[np.object_]

Fails = Callable[[Texts, Texts, Floats, Floats], Floats]
"""The chance of machines (makers, models) that are alive at an age of `start` years to have failed by the age of `end`; arrays
that are broadcast together, the names apart from the ages."""

NOTICE: Final = 3
"""Quarters before its own date in which a console may be replaced, or before its day a project be served."""

DEMAND: Final = ("project", "spare")
"""Reasons of cohorts that are not there yet: what new buildings and reserves need."""


class Lapses(NamedTuple):
    """The days on which machines that are still there are past a deadline, by cohort, in days since 1970: those after `since` and
    before `before` (a *gap*, until what mends them begins), and all after `last`. NaN where there is no such day."""

    since: Floats
    before: Floats
    last: Floats

    def gap(self, quarters: Quarters) -> Bools:
        """Whether a quarter holds a day of the gap (cohorts, quarters and one more), from today on."""
        return _between(quarters, self.since, self.before)

    def late(self, quarters: Quarters) -> Bools:
        """Whether who stays to the end of a quarter is past a deadline in it (one quarter more: after the plan)."""
        return _after(quarters, self.last) | self.gap(quarters)


@dataclasses.dataclass(frozen=True, slots=True)
class Rated:
    """What is known of cohorts before ways are made: arrays by cohort, and by cohort and quarter.

    `late` says whether who stays to the end of a quarter is past a deadline in it (one quarter more: after the plan), by the days
    of `lapses`; `paid_late` and `paid_lapses` the same where updates are paid for, `old` whether past the age limit or the allowed
    risk, `limit` the last quarter before the first of these (-1: none), `cause` what limits, `release` the first quarter in which
    a machine may go. `fails` are expected failures of one machine by quarter, `support` what its support costs in it, and `waiting`
    what it has cost to wait, failures weighted by class, by the quarter in which it goes (one more: never).
    """

    lapses: Lapses
    paid_lapses: Lapses
    late: Bools
    paid_late: Bools
    old: Bools
    limit: Ints
    cause: tuple[str, ...]
    release: Ints
    weight: Floats
    fails: Floats
    support: Floats
    waiting: Floats

    def late_until(self, cohort: Ints, quarter: Ints, paid: Ints) -> Ints:
        """The last quarter in which who goes in `quarter` is past a deadline; -1 where in none."""
        places = np.arange(self.late.shape[1])
        last = [
            np.maximum.accumulate(np.where(one, places, -1), axis=1) for one in (self.late, self.paid_late)
        ]
        return np.asarray(np.where(paid == 1, last[1][cohort, quarter], last[0][cohort, quarter]))


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """What stands on each day, for how long, and how long machines last."""

    renewal: Renewal
    changes: Dated
    quarters: Quarters
    fails: Fails

    def limits(self, use: str) -> list[dated.Limit]:
        """The age limits of a class, from today on."""
        return dated.limits(self.renewal, self.changes.ages, use, self.quarters.today)

    def paid(self, cohorts: pd.DataFrame) -> Iterator[tuple[Ints, dated.Paid]]:
        """Cohorts whose updates can be paid for, by product, end of support, and how long the maker sells them."""
        for rows in _alike(cohorts, "esu", "deadline", "esu_until"):
            product, row = str(cohorts["esu"].iat[rows[0]]), cohorts.iloc[rows[0]]
            if not product or pd.isna(row["deadline"]) or pd.isna(row["esu_until"]):
                continue
            ends, until = row["deadline"].date(), row["esu_until"].date()
            found = dated.paid(self.renewal, self.changes.updates, product, ends, self.quarters.today)
            if found is not None:
                payments = tuple((day, price) for day, price in found.payments if day <= until)
                yield rows, found._replace(until=min(found.until, until), payments=payments)


def licences(cohorts: pd.DataFrame) -> Iterator[tuple[Ints, dt.date, float]]:
    """Cohorts that get another edition, the day on which it is paid for, and what it costs each machine."""
    for rows in _alike(cohorts, "licensed", "licence"):
        row = cohorts.iloc[rows[0]]
        if not pd.isna(row["licensed"]):
            yield rows, row["licensed"].date(), float(row["licence"])


def rate(cohorts: pd.DataFrame, rules: Rules) -> Rated:
    renewal, quarters = rules.renewal, rules.quarters
    count = quarters.count
    weight = _by_use(cohorts, lambda use: WEIGHTS[renewal.use_class(use).criticality])
    waits = ~cohorts["reason"].isin(DEMAND).to_numpy()
    failing = hazards(cohorts, quarters, rules.fails) * waits[:, None]
    lapses = Lapses(*(_numbers(cohorts[name]) for name in ("lapsed", "mended", "deadline")))
    paid_lapses = _paid(lapses, cohorts, rules)
    late, paid_late = lapses.late(quarters), paid_lapses.late(quarters)
    due, release = clean(late), quarters.first_after(cohorts["covered"])
    release = np.where(due < count, np.minimum(release, np.maximum(due, 0)), release)
    own = cohorts["kept"].to_numpy(dtype=bool) | ~waits
    release = np.where(own, np.maximum(due - NOTICE, 0), release)
    aged = _aged(cohorts, rules)
    old = (aged | _risky(cohorts, renewal, failing)) & ~own[:, None]
    support = _support(cohorts, renewal, quarters) * waits[:, None]
    each = failing * renewal.costs.failure * weight[:, None] + support
    waiting = np.concatenate((np.zeros((len(cohorts), 1)), each.cumsum(axis=1)), axis=1)
    return Rated(
        lapses=lapses,
        paid_lapses=paid_lapses,
        late=late,
        paid_late=paid_late,
        old=old,
        limit=clean(old),
        cause=tuple(np.where(clean(old) < clean(aged), "risk", "age").tolist()),
        release=release,
        weight=weight,
        fails=failing,
        support=support,
        waiting=waiting,
    )


def _by_use(cohorts: pd.DataFrame, value: Callable[[str], float]) -> Floats:
    """A number of each cohort's class."""
    known = {use: value(use) for use in cohorts["use"].unique()}
    return cohorts["use"].map(known).to_numpy(dtype=np.float64)


def ages(cohorts: pd.DataFrame, quarters: Quarters) -> Floats:
    """Age in years on the first day of each quarter, and at the end of the plan; NaN where nobody knows."""
    firsts = np.array([np.datetime64(day, "s") for day in quarters.firsts])
    firsts[0] = np.datetime64(quarters.today, "s")
    bought = cohorts["purchased"].to_numpy(dtype="datetime64[s]")
    days = (firsts[None, :] - bought[:, None]) / np.timedelta64(1, "D")
    return np.asarray(days / DAYS_A_YEAR)


def hazards(cohorts: pd.DataFrame, quarters: Quarters, fails: Fails) -> Floats:
    """Expected failures of one machine in each quarter (cohorts, quarters); what is mended stays as old as it is."""
    old = np.maximum(ages(cohorts, quarters), 0.0)
    found = np.zeros((len(cohorts), quarters.count))
    known = np.flatnonzero(~np.isnan(old[:, 0]))
    makers, models = (cohorts[name].to_numpy(dtype=object)[known, None] for name in ("maker", "model"))
    found[known] = fails(makers, models, old[known, :-1], old[known, 1:])
    return found


def _alike(cohorts: pd.DataFrame, *columns: str) -> Iterator[Ints]:
    """The rows of each group, in order."""
    for _, rows in sorted(cohorts.groupby(list(columns), sort=True, dropna=False).indices.items(), key=str):
        yield np.sort(np.asarray(rows, dtype=np.int64))


def clean(told: Bools) -> Ints:
    """By cohort, the last quarter before the first in which it is so; the number of quarters where it never is."""
    return np.asarray(np.where(told.any(axis=1), told.argmax(axis=1) - 1, told.shape[1] - 1), dtype=np.int64)


_EPOCH: Final = dt.date(1970, 1, 1)


def _numbers(days: pd.Series) -> Floats:
    """Days since 1970; NaN where there is none."""
    values = days.to_numpy(dtype="datetime64[s]")
    return np.asarray(np.where(np.isnat(values), np.nan, values.astype(np.int64) / 86_400))


def number(day: dt.date) -> float:
    """Days since 1970."""
    return float((day - _EPOCH).days)


def day_numbered(days: float) -> dt.date:
    """The day that is so many days after the first of 1970."""
    return _EPOCH + dt.timedelta(days=days)


def _lasts(quarters: Quarters) -> Floats:
    """The last day of each quarter, and the day after the plan."""
    return np.array(
        [number(quarters.last(one)) for one in range(quarters.count)] + [number(quarters.firsts[-1])]
    )


def _after(quarters: Quarters, days: Floats) -> Bools:
    """Whether the last day of a quarter lies after a day (days, quarters and one more); no day never comes."""
    return np.asarray(_lasts(quarters)[None, :] > days[:, None])


def _between(quarters: Quarters, since: Floats, before: Floats) -> Bools:
    """Whether a quarter holds a day after the one and before the other, from today on."""
    firsts = np.array([number(max(day, quarters.today)) for day in quarters.firsts])
    return _after(quarters, since) & (firsts[None, :] < before[:, None])


def _paid(lapses: Lapses, cohorts: pd.DataFrame, rules: Rules) -> Lapses:
    """Past a deadline though updates are paid for: before they begin, and after they end."""
    found = Lapses(*(days.copy() for days in lapses))
    for rows, paid in rules.paid(cohorts):
        ends, since = float(lapses.last[rows[0]]), number(paid.since)
        found.last[rows] = max(number(paid.until), ends)
        if since > max(ends + 1, number(rules.quarters.today)):
            found.since[rows], found.before[rows] = ends, since
    return found


def _aged(cohorts: pd.DataFrame, rules: Rules) -> Bools:
    """Whether a machine is past its age limit on the last day of a quarter, by the rule of that day."""
    lasts, bought = _lasts(rules.quarters), _numbers(cohorts["purchased"])
    found = np.zeros((len(cohorts), len(lasts)), dtype=bool)
    for rows in _alike(cohorts, "use"):
        for since, years in rules.limits(str(cohorts["use"].iat[rows[0]])):
            old = lasts[None, :] > bought[rows, None] + round(years * DAYS_A_YEAR)
            found[rows] = np.where(lasts >= number(since), old, found[rows])
    return found


def _risky(cohorts: pd.DataFrame, renewal: Renewal, hazards: Floats) -> Bools:
    """Whether more than the allowed risk fails in the year from a quarter on; once it is so it stays so."""
    risks = _by_use(cohorts, lambda use: renewal.use_class(use).risk or np.inf)
    padded = np.concatenate((hazards, np.repeat(hazards[:, -1:], 3, axis=1)), axis=1)
    year = np.lib.stride_tricks.sliding_window_view(padded, 4, axis=1).sum(axis=2)
    above = np.logical_or.accumulate(year > risks[:, None], axis=1)
    return np.asarray(np.concatenate((above, above[:, -1:]), axis=1))


def _support(cohorts: pd.DataFrame, renewal: Renewal, quarters: Quarters) -> Floats:
    """What support of one machine costs in each quarter, by completed years after its warranty: after the middle of the quarter in
    which that ends."""
    prices = np.array(renewal.costs.support or (0.0,))
    firsts = np.array([np.datetime64(day, "s") for day in quarters.firsts[:-1]])
    ended = (cohorts["covered"] + HALF).to_numpy(dtype="datetime64[s]")
    years = (firsts[None, :] - ended[:, None]) / np.timedelta64(1, "D") / DAYS_A_YEAR
    place = np.clip(np.nan_to_num(years, nan=-1.0).astype(np.int64), 0, len(prices) - 1)
    over = np.nan_to_num(years, nan=-1.0) > 0
    return np.asarray(np.where(over, prices[place], 0.0) / 4 * quarters.ahead)
