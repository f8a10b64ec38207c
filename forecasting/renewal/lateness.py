"""What stays past a deadline, until which day, and how many machine-months of each civil year that comes to.

A plan says in which quarter a machine goes, not on which day: it is past its deadline until the last day of that quarter. A month is
a twelfth of a year (30.44 days). What lies before today is over and does not count, nor does what lies after the plan.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from forecasting.renewal.calendars import Quarters
from forecasting.renewal.columns import day_of, days_of, due_of, keys_of, texts_of
from forecasting.renewal.costing import Costed
from forecasting.renewal.explaining import Explainer
from forecasting.renewal.machines import Fleet
from forecasting.renewal.problem import Answer, Floats, Ints
from forecasting.renewal.rating import day_numbered, number
from inventory.workstations import DAYS_A_YEAR

MONTH: Final = DAYS_A_YEAR / 12
"""Days."""

COLUMNS: Final = [
    "key", "name", "site", "service", "use", "model", "deadline", "reason", "until", "months", "replaced", "why",
]  # fmt: skip
"""Of the frame of machines past a deadline. `until` is the last day on which one is, None where that day is not within the plan;
`months` is for how long it is within the plan."""


class Lateness(NamedTuple):
    """Of some ways, a row for each: the last day on which their machines are past a deadline (days since 1970; NaN where it is not
    within the plan), and for how many months of each civil year each of them is (ways, years)."""

    until: Floats
    months: Floats


def late_ways(made: Costed, answer: Answer) -> Ints:
    """Ways by which machines go after their deadline, paid updates counted in. A spare has no day that it could miss."""
    ways = made.problem.ways
    late = (answer.machines > 0) & (made.rated.late_until(ways.cohort, ways.quarter, made.extended) >= 0)
    late &= ~made.cohorts["reason"].eq("spare").to_numpy()[ways.cohort]
    return np.flatnonzero(late)


def measure(made: Costed, chosen: Ints) -> Lateness:
    """How long machines that go by these ways are past a deadline."""
    cohort, quarter = made.problem.ways.cohort[chosen], made.problem.ways.quarter[chosen]
    paid, quarters = made.extended[chosen] == 1, made.quarters
    since, before, last = (
        np.where(paid, with_[cohort], without[cohort])
        for without, with_ in zip(made.rated.lapses, made.rated.paid_lapses, strict=True)
    )
    lasts = np.array([number(quarters.last(one)) for one in range(quarters.count)])
    gone, today = lasts[np.minimum(quarter, quarters.count - 1)], number(quarters.today)
    gap = np.maximum(since + 1, today), np.minimum(before - 1, gone)
    rest = np.maximum(np.maximum(last + 1, today), np.where(np.isnan(before), today, before)), gone
    late = np.where(paid, made.rated.paid_late[cohort, -1], made.rated.late[cohort, -1])
    until = np.where(rest[0] <= rest[1], gone, gap[1])
    return Lateness(
        until=np.where((quarter >= quarters.count) & late, np.nan, until),
        months=(_by_year(quarters, *gap) + _by_year(quarters, *rest)) / MONTH,
    )


def _by_year(quarters: Quarters, first: Floats, last: Floats) -> Floats:
    """Days of each civil year of the plan from a first day to a last one, both counted in (spans, years)."""
    years = np.array(civil_years(quarters))
    begins, ends = (np.array([number(dt.date(year, *day)) for year in years]) for day in ((1, 1), (12, 31)))
    days = np.minimum(last[:, None], ends) - np.maximum(first[:, None], begins) + 1
    return np.asarray(np.maximum(np.nan_to_num(days), 0.0))


def civil_years(quarters: Quarters) -> list[int]:
    """The civil years of the quarters."""
    return sorted({first.year for first in quarters.firsts[:-1]})


def by_year(made: Costed, answer: Answer) -> dict[int, float]:
    """Machine-months past a deadline in each civil year."""
    late = late_ways(made, answer)
    months = answer.machines[late] @ measure(made, late).months
    return dict(zip(civil_years(made.quarters), months.tolist(), strict=True))


def frame(made: Costed, answer: Answer, explainer: Explainer, known: Fleet) -> pd.DataFrame:
    """Each machine past its deadline, with COLUMNS."""
    late = late_ways(made, answer)
    cohort, quarter = made.problem.ways.cohort[late], made.problem.ways.quarter[late]
    lateness = measure(made, late)
    told = zip(
        keys_of(made, answer, late),
        *texts_of(made, cohort, "site", "use", "model"),
        _passed(made, cohort),
        *texts_of(made, cohort, "reason"),
        [None if np.isnan(one) else day_numbered(one) for one in lateness.until],
        lateness.months.sum(axis=1).tolist(),
        [day_of(made, one) for one in quarter.tolist()],
        explainer.late(late),
        strict=True,
    )
    machines = known.machines
    named = dict(zip(machines["key"], zip(machines["name"], machines["service"], strict=True), strict=True))
    rows = []
    for keys, site, *rest in told:
        for key in keys:
            name, service = named.get(key, ("", ""))
            rows.append((key, name, site, service, *rest))
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.sort_values(["deadline", "site", "use", "key"], ignore_index=True)


def _passed(made: Costed, cohort: Ints) -> list[dt.date | None]:
    """The deadlines that machines are past: where another edition comes too late, that of the one before."""
    days = zip(days_of(made, cohort, "lapsed"), due_of(made, cohort), strict=True)
    gap = made.rated.lapses.gap(made.quarters)[cohort]
    lapsed = np.asarray(gap.any(axis=1)).tolist()
    return [first if gone else last for gone, (first, last) in zip(lapsed, days, strict=True)]
