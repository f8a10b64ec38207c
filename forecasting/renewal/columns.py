"""What is told of the machines of ways: the columns of their cohorts, their days, and which machines they are."""

from __future__ import annotations

import datetime as dt

import numpy as np

from forecasting.renewal.costing import Costed
from forecasting.renewal.problem import Answer, Ints


def day_of(made: Costed, quarter: int) -> dt.date | None:
    """First day of a quarter of the plan; None after it."""
    return made.quarters.firsts[quarter] if quarter < made.quarters.count else None


def texts_of(made: Costed, cohort: Ints, *names: str) -> list[list[str]]:
    """Columns of the cohorts of ways."""
    return [made.cohorts[name].to_numpy(dtype=object)[cohort].tolist() for name in names]


def days_of(made: Costed, cohort: Ints, name: str) -> list[dt.date | None]:
    """A column of days of the cohorts of ways; None where there is none."""
    days = made.cohorts[name].to_numpy(dtype="datetime64[D]").astype(object)
    return list(days[cohort].tolist())


def due_of(made: Costed, cohort: Ints) -> list[dt.date | None]:
    """The last days of machines; of what a project needs its day, on which it must be there, and none of a spare, which is wanted
    at once."""
    told = zip(days_of(made, cohort, "deadline"), *texts_of(made, cohort, "reason"), strict=True)
    return [_wanted(day, reason) for day, reason in told]


def _wanted(day: dt.date | None, reason: str) -> dt.date | None:
    if day is None or reason == "spare":
        return None
    return day + dt.timedelta(days=1) if reason == "project" else day


def keys_of(made: Costed, answer: Answer, chosen: Ints) -> list[tuple[str, ...]]:
    """The keys of the machines that go by each of these ways: within a cohort they go in the order of their keys."""
    ways, everyone = made.problem.ways, made.cohorts["keys"].tolist()
    before = answer.machines.cumsum() - answer.machines
    first = before - before[np.searchsorted(ways.cohort, ways.cohort)]
    told = zip(
        ways.cohort[chosen].tolist(), first[chosen].tolist(), answer.machines[chosen].tolist(), strict=True
    )
    return [everyone[cohort][begin : begin + many] for cohort, begin, many in told]
