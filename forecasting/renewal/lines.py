"""What a plan costs in each civil year, line by line: what is ordered, and what machines cost besides while they serve.

Budgets bound what is ordered. What machines cost besides is weighed by the plan as well, and paid from elsewhere: a virtual desktop
that is cheap to order and dear to run is told with both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecasting.renewal import costing
from forecasting.renewal.costing import Costed
from forecasting.renewal.problem import NEVER, Answer, Floats, Ints, spans
from forecasting.renewal.renewing import Service, service
from inventory.renewal import RenewalCosts


class Costs(NamedTuple):
    """Money of one civil year, each part in one line.

    Of the day of the order: `purchases` of machines, installed, `again` what renews them within the plan, `licences` of
    editions, `updates` that are paid for. Of the quarters in which machines serve: `running` costs of what was bought,
    `support` after the warranty, and `repairs` of the failures to expect.
    """

    year: int
    purchases: float
    again: float
    licences: float
    updates: float
    running: float
    support: float
    repairs: float

    @property
    def spent(self) -> float:
        """What is ordered: what budgets bound."""
        return self.purchases + self.again + self.licences + self.updates

    @property
    def total(self) -> float:
        """All lines."""
        return self.spent + self.running + self.support + self.repairs


def lines(made: Costed, answer: Answer, failures: pd.DataFrame, costs: RenewalCosts) -> tuple[Costs, ...]:
    """The lines of each year. `failures` are those to expect: see `failing.expected`."""
    fails = dict(zip(failures["year"].tolist(), failures["expected"].tolist(), strict=True))
    repairs = np.array([fails.get(year, 0.0) * costs.failure for year in made.quarters.years])
    serves = service(made, answer)
    served = (_running(made, serves), _support(made, answer, serves, costs))
    columns = (*_ordered(made, answer), *(_yearly(made, one) for one in served), repairs)
    rows = zip(made.quarters.years, *(one.tolist() for one in columns), strict=True)
    return tuple(Costs(*row) for row in rows)


def _ordered(made: Costed, answer: Answer) -> Iterator[Floats]:
    """Purchases, second renewals, licences and updates, each by the place of the year of the order."""
    ways, (way, year, money) = made.problem.ways, made.problem.dues
    bought = answer.machines * (ways.offer != NEVER)
    yield _sums(made, ways.year, bought * ways.money)
    stocks = made.problem.stocks
    again = np.zeros(len(made.problem.years))
    for stock, many in zip(stocks, answer.again, strict=True):
        again += _sums(made, stock.year, many * stock.money)
    yield again
    paid = answer.machines[way] * money
    yield _sums(made, year, paid * made.licensing)
    yield _sums(made, year, paid * ~made.licensing)


def _sums(made: Costed, year: Ints, money: Floats) -> Floats:
    return np.asarray(np.bincount(year, money, minlength=len(made.problem.years)), dtype=np.float64)


def _yearly(made: Costed, quarters: Floats) -> Floats:
    """Money by quarter, by the place of its civil year."""
    years = np.array([first.year for first in made.quarters.firsts[:-1]])
    return _sums(made, years - made.quarters.years[0], quarters)


def _running(made: Costed, serves: Service) -> Floats:
    """By quarter what each machine costs that was bought, from the quarter in which it comes."""
    running = np.array([one.offer.running for one in made.sold])
    came = np.bincount(serves.first, serves.machines * running[serves.offer], minlength=made.quarters.count)
    return np.asarray(came.cumsum() / 4 * made.quarters.ahead)


def _support(made: Costed, answer: Answer, serves: Service, costs: RenewalCosts) -> Floats:
    """By quarter: of machines that wait, to the quarter in which they go, and of those that came, after their warranty."""
    ways, count = made.problem.ways, made.quarters.count
    shape = (len(made.problem.counts), count + 1)
    gone = np.bincount(ways.cohort * shape[1] + ways.quarter, answer.machines, minlength=shape[0] * shape[1])
    stays = made.problem.counts[:, None] - gone.reshape(shape)[:, :count].cumsum(axis=1)
    found = (stays * made.rated.support).sum(axis=0)
    row, quarter = spans(serves.first, np.full(len(serves.first), count))
    each = np.array([np.diff(costing.upkeep(one.offer, costs)) for one in made.sold])
    lives = np.maximum(np.rint(4 * costing.served(made)), 1).astype(np.int64)
    if len(row):
        cohort, offer, since, _, machines = (one[row] for one in serves)
        age = (quarter - since) % lives[offer, cohort]
        found += np.bincount(quarter, machines * each[offer, age], minlength=count)
    return np.asarray(found)
