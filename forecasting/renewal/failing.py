"""Failures that a plan has to expect in each year, and their band: of machines that wait, and of those that came.

What is mended stays as old as it is and may fail again, so failures of a year are a Poisson count. Where lives were learnt, its
mean is that of each of their likely curves in turn, so that the band holds how little is known of them; where a life is assumed,
the band is that of chance alone.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
import scipy  # its parts are loaded by who uses them: pages that only show a plan do not

from forecasting.renewal import costing, rating
from forecasting.renewal.calendars import Quarters
from forecasting.renewal.costing import Costed
from forecasting.renewal.problem import Answer, Floats, Ints, spans
from forecasting.renewal.rating import DEMAND, Fails, Texts
from forecasting.renewal.renewing import service
from forecasting.survival.expecting import BAND, THROWS
from forecasting.survival.kaplan_meier import Z80

TOGETHER: Final = 4_096
"""Ages for which likely curves are asked at once: what they say of all would not find room."""

SOON: Final = 2
"""Quarters until new machines are delivered in place of those that fail."""

Draws = Callable[[Texts, Texts, Floats, Floats], Floats]
"""As `Fails`, under each of the likely curves, one name for each age: (curves, ages)."""


def expected(made: Costed, answer: Answer, fails: Fails, draws: Draws | None) -> pd.DataFrame:
    """`year`, `expected`, `low`, `high` (80 %)."""
    years = sorted({first.year for first in made.quarters.firsts[:-1]})
    table = _table(made, answer)
    makers, models = (table[name].to_numpy(dtype=object) for name in ("maker", "model"))
    start, end, year = (table[name].to_numpy() for name in ("start", "end", "year"))
    machines = table["machines"].to_numpy(dtype=np.float64)
    each = fails(makers, models, start, end) * machines
    mean = np.asarray(np.bincount(year, each, minlength=len(years)), dtype=np.float64)
    if draws is None:
        low, high = _chance(mean)
    else:
        low, high = _band(_likely(draws, (makers, models, start, end), year, machines, len(years)))
    return pd.DataFrame({"year": years, "expected": mean, "low": low, "high": high})


def soon(cohorts: pd.DataFrame, quarters: Quarters, fails: Fails, draws: Draws | None) -> dict[str, int]:
    """By class as many failures as the next SOON quarters hold with a chance of nine in ten (the end of the 80 % band): a Poisson
    count of the mean under an assumed life, the mixture of those of the likely curves where lives were learnt."""
    span = min(SOON, quarters.count)
    many = cohorts["count"].to_numpy(dtype=np.float64)
    uses, use = np.unique(cohorts["use"].to_numpy(dtype=str), return_inverse=True)
    if draws is None:
        each = rating.hazards(cohorts, quarters, fails)[:, :span].sum(axis=1) * many
        likely = np.asarray(np.bincount(use, each, minlength=len(uses))[None, :], dtype=np.float64)
    else:
        old = np.maximum(rating.ages(cohorts, quarters), 0.0)
        row, quarter = np.nonzero(np.repeat(~np.isnan(old[:, :1]), span, axis=1))
        makers, models = (cohorts[name].to_numpy(dtype=object)[row] for name in ("maker", "model"))
        told = (makers, models, old[row, quarter], old[row, quarter + 1])
        likely = _likely(draws, told, use[row], many[row], len(uses))
    return {str(name): _most(column) for name, column in zip(uses, likely.T, strict=True)}


def _most(means: Floats) -> int:
    """The least number that a mixture of Poisson counts of these means stays at or below with a chance of BAND's upper end."""
    if not means.any():
        return 0
    last = math.ceil(scipy.special.pdtrik(BAND[1], means.max()))
    return bisect.bisect_left(
        range(last), BAND[1], key=lambda count: float(scipy.special.pdtr(count, means).mean())
    )


def _likely(
    draws: Draws, told: tuple[Texts, Texts, Floats, Floats], group: Ints, machines: Floats, groups: int
) -> Floats:
    """Failures of each group under each likely curve (curves, groups), of what is `told`: makers, models, ages from and to."""
    found = np.zeros((1, groups))
    for first in range(0, len(group), TOGETHER):
        some = slice(first, first + TOGETHER)
        weights = np.zeros((len(group[some]), groups))
        weights[np.arange(len(weights)), group[some]] = machines[some]
        makers, models, start, end = told
        found = found + draws(makers[some], models[some], start[some], end[some]) @ weights
    return found


def _chance(mean: Floats) -> tuple[Floats, Floats]:
    wide = Z80 * np.sqrt(mean)
    return np.maximum(mean - wide, 0.0), mean + wide


def _band(likely: Floats) -> tuple[Floats, Floats]:
    """Ends between whole numbers, as those of `forecasting.survival`: counts are spread over the half on either side."""
    dice = np.random.Generator(np.random.PCG64(7))
    thrown = dice.poisson(likely, (THROWS, *likely.shape)).reshape(-1, likely.shape[1])
    low, high = np.quantile(thrown + dice.uniform(-0.5, 0.5, (len(thrown), 1)), BAND, axis=0)
    some = likely.max(axis=0) > 0
    return np.maximum(low, 0.0) * some, np.maximum(high, 0.0) * some


def _table(made: Costed, answer: Answer) -> pd.DataFrame:
    """Machines of a maker and model from one age to another, by the place of the year; equal ages come one after the other."""
    names, cohort, offer = _names(made)
    parts = [_waiting(made, answer, cohort), _fresh(made, answer, offer)]
    columns = (np.concatenate(one) for one in zip(*parts, strict=True))
    frame = pd.DataFrame(dict(zip(_SPAN, columns, strict=True)))
    keys = ["start", "end", "name", "year"]
    table = frame.groupby(keys, sort=True)["machines"].sum().reset_index()
    return table.assign(**names.iloc[table["name"].to_numpy()].reset_index(drop=True))


_SPAN: Final = ("name", "start", "end", "year", "machines")

_Spans = tuple[Ints, Floats, Floats, Ints, Ints]
"""The number of a maker and model, its ages, the place of the year, and machines: arrays of one length."""


def _names(made: Costed) -> tuple[pd.DataFrame, Ints, Ints]:
    """All makers and models, and the place in them of each cohort and of each offer."""
    both = pd.concat(
        [
            made.cohorts[["maker", "model"]],
            pd.DataFrame({"maker": "", "model": [one.offer.model or "" for one in made.sold]}, dtype=str),
        ],
        ignore_index=True,
    )
    numbers = both.groupby(["maker", "model"], sort=True).ngroup().to_numpy().astype(np.int64)
    _, firsts = np.unique(numbers, return_index=True)
    cohort, offer = np.split(numbers, [len(made.cohorts)])
    return both.iloc[firsts].reset_index(drop=True), cohort, offer


def _years(made: Costed) -> Ints:
    """The place of the civil year of each quarter."""
    years = np.array([first.year for first in made.quarters.firsts[:-1]])
    return np.asarray(years - years[0], dtype=np.int64)


def _waiting(made: Costed, answer: Answer, names: Ints) -> _Spans:
    """Until they go; those whose age nobody can guess are left out, as are those that are not there yet."""
    cohorts, ways = made.cohorts, made.problem.ways
    ages = np.maximum(rating.ages(cohorts, made.quarters), 0.0)
    left_out = np.isnan(ages[:, 0]) | cohorts["reason"].isin(DEMAND).to_numpy()
    used = np.flatnonzero((answer.machines > 0) & ~left_out[ways.cohort])
    row, quarter = spans(np.zeros_like(used), ways.quarter[used])
    cohort = ways.cohort[used][row]
    return (
        names[cohort], ages[cohort, quarter], ages[cohort, quarter + 1], _years(made)[quarter], answer.machines[used][row],
    )  # fmt: skip


def _fresh(made: Costed, answer: Answer, names: Ints) -> _Spans:
    """From the quarter in which they come, and anew after each life."""
    found = service(made, answer)
    row, quarter = spans(found.first, np.full(len(found.first), made.quarters.count))
    cohort, offer, since, _, machines = (one[row] for one in found)
    lives = np.rint(4 * costing.served(made)[offer, cohort]).astype(np.int64)
    start = (quarter - since) % np.maximum(lives, 1) / 4
    return names[offer], start, start + 0.25, _years(made)[quarter], machines
