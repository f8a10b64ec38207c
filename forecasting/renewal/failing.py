"""Failures that a plan has to expect in each year, and their band: of machines that wait, and of those that came.

What is mended stays as old as it is and may fail again, so failures of a year are a Poisson count. Where lives were learnt, its
mean is that of each of their likely curves in turn, so that the band holds how little is known of them; where a life is assumed,
the band is that of chance alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from forecasting.renewal import costing
from forecasting.renewal.costing import DEMAND, Costed, Fails
from forecasting.renewal.problem import NEVER, Answer, Floats, Ints

Z80: Final = 1.2815515655446004
"""Standard deviations to either end of an 80 % band."""

THROWS: Final = 24
"""Throws of the dice for each likely curve."""

BAND: Final = (0.1, 0.9)

Draws = Callable[[str, str, Floats, Floats], Floats]
"""As `Fails`, under each of the likely curves: (curves, ages)."""


class _Span(NamedTuple):
    """So many machines of a maker and model from one age to another, and the place of the year in which they are."""

    maker: str
    model: str
    start: Floats
    end: Floats
    year: Ints
    machines: int


def expected(made: Costed, answer: Answer, fails: Fails, draws: Draws | None) -> pd.DataFrame:
    """`year`, `expected`, `low`, `high` (80 %)."""
    years = sorted({first.year for first in made.quarters.firsts[:-1]})
    table = _table(made, answer)
    mean = np.zeros(len(years))
    likely: Floats | None = None
    for (maker, model), rows in table.groupby(["maker", "model"], sort=True):
        start, end = rows["start"].to_numpy(), rows["end"].to_numpy()
        weights = np.zeros((len(rows), len(years)))
        weights[np.arange(len(rows)), rows["year"]] = rows["machines"]
        mean += np.asarray(fails(str(maker), str(model), start, end)) @ weights
        if draws is not None:
            found = np.asarray(draws(str(maker), str(model), start, end)) @ weights
            likely = found if likely is None else likely + found
    low, high = _chance(mean) if likely is None else _band(likely)
    return pd.DataFrame({"year": years, "expected": mean, "low": low, "high": high})


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
    """All spans, those of the same age, model and year added up."""
    spans = [*_waiting(made, answer), *_fresh(made, answer)]
    lengths = [len(one.start) for one in spans]
    columns = {
        "maker": np.repeat(np.array([one.maker for one in spans], dtype=object), lengths),
        "model": np.repeat(np.array([one.model for one in spans], dtype=object), lengths),
        "start": np.concatenate([one.start for one in spans] or [np.zeros(0)]),
        "end": np.concatenate([one.end for one in spans] or [np.zeros(0)]),
        "year": np.concatenate([one.year for one in spans] or [np.zeros(0, dtype=np.int64)]),
        "machines": np.repeat(np.array([one.machines for one in spans], dtype=np.int64), lengths),
    }
    keys = ["maker", "model", "start", "end", "year"]
    return pd.DataFrame(columns).groupby(keys, sort=True)["machines"].sum().reset_index()


def _years(made: Costed) -> Ints:
    """The place of the civil year of each quarter."""
    years = np.array([first.year for first in made.quarters.firsts[:-1]])
    return np.asarray(years - years[0], dtype=np.int64)


def _waiting(made: Costed, answer: Answer) -> Iterator[_Span]:
    """Until they go; those whose age nobody can guess are left out, as are those that are not there yet."""
    cohorts, ways, years = made.cohorts, made.problem.ways, _years(made)
    ages = np.maximum(costing.ages(cohorts, made.quarters), 0.0)
    left_out = np.isnan(ages[:, 0]) | cohorts["reason"].isin(DEMAND).to_numpy()
    makers, models = cohorts["maker"].tolist(), cohorts["model"].tolist()
    for way in np.flatnonzero(answer.machines).tolist():
        cohort, until = int(ways.cohort[way]), int(ways.quarter[way])
        if not left_out[cohort]:
            start, end = ages[cohort, :until], ages[cohort, 1 : until + 1]
            yield _Span(
                str(makers[cohort]), str(models[cohort]), start, end, years[:until], int(answer.machines[way])
            )


def _fresh(made: Costed, answer: Answer) -> Iterator[_Span]:
    """From the quarter in which they come, and anew after each life."""
    ways, count, years = made.problem.ways, made.quarters.count, _years(made)
    uses = made.cohorts["use"].tolist()
    for way in np.flatnonzero((answer.machines > 0) & (ways.offer != NEVER)).tolist():
        offer, since = made.sold[ways.offer[way]].offer, int(ways.quarter[way])
        life = max(round(4 * (offer.life or made.limits[str(uses[ways.cohort[way]])])), 1)
        start = np.arange(count - since) % life / 4
        yield _Span("", offer.model or "", start, start + 0.25, years[since:], int(answer.machines[way]))
