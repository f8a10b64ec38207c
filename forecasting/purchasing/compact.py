"""The rows and columns of a purchase plan: a column for each month of order that matters.

A column is a number of lots of an offer in a month of order, or how many units lack from one month to the next; a row
says that what was ordered in time and what lacks are as much as is wanted, or keeps a bound. Months in which nothing can
be decided better than in their neighbours have no column: an order waits until the last month that is in time for the
next rise, until the year or the contract ends, or is made in the first month of a year's money. Where one order may not
have all the lots that one would like, every month has a column, since what comes a month later is better than nothing.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import scipy  # its parts are loaded by who uses them: pages that only show a plan do not

from forecasting.purchasing.parts import Part
from forecasting.purchasing.problem import Bound, Offer, Order, Problem, Wanted, wanted


@dataclasses.dataclass(slots=True)
class Programme:
    """Columns (cost, upper bound, whole or not) and rows (least, most, entries).

    `bounds` has the rows that keep what several stores share, `constants` what lacks of each need in any case.
    """

    columns: list[Order | None] = dataclasses.field(default_factory=list)
    prices: list[float] = dataclasses.field(default_factory=list)
    highest: list[float] = dataclasses.field(default_factory=list)
    whole: list[int] = dataclasses.field(default_factory=list)
    entries: list[tuple[int, int, float]] = dataclasses.field(default_factory=list)
    low: list[float] = dataclasses.field(default_factory=list)
    high: list[float] = dataclasses.field(default_factory=list)
    bounds: dict[int, Bound] = dataclasses.field(default_factory=dict)
    constants: dict[str, float] = dataclasses.field(default_factory=lambda: defaultdict(float))

    @property
    def constant(self) -> float:
        """What lacks in any case, as it counts."""
        return math.fsum(self.constants.values())

    def column(self, price: float, highest: float, whole: bool, order: Order | None = None) -> int:
        self.columns.append(order)
        self.prices.append(price)
        self.highest.append(highest)
        self.whole.append(int(whole))
        return len(self.columns) - 1

    def row(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> int:
        self.entries += [(len(self.low), column, factor) for column, factor in terms]
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def parts(self) -> Iterator[Part]:
        """What can be solved apart: parts that share neither a need, an offer nor a bound."""
        if not self.columns:
            return
        rows, columns, factors = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        shape = (len(self.low), len(self.columns))
        whole = Part(
            tuple(self.columns),
            np.array(self.prices),
            np.array(self.whole),
            np.array(self.highest),
            scipy.sparse.coo_array((factors, (rows, columns)), shape=shape).tocsr(),
            np.array(self.low),
            np.array(self.high),
            tuple(map(self.bounds.get, range(len(self.low)))),
        )
        yield from whole.split()


def build(problem: Problem) -> Programme:
    made = Programme()
    wants = {one.need.name: one for one in wanted(problem)}
    fitting: dict[str, list[Offer]] = defaultdict(list)
    for offer in problem.offers:
        for name in offer.gives:
            fitting[name].append(offer)
    moments = {name: _moments(problem, wants, one, fitting[name]) for name, one in wants.items()}
    columns = [
        (
            made.column(offer.price, _most(offer, wants, stands), whole=True, order=Order(place, month, 0)),
            offer,
        )
        for place, offer in enumerate(problem.offers)
        for month, stands in _months(problem, offer, moments)
    ]
    by_need: dict[str, list[tuple[int, int, float]]] = defaultdict(list)
    for column, offer in columns:
        order = made.columns[column]
        ready = offer.ready[order.month] if order else None
        for name, amount in offer.gives.items() if ready is not None else ():
            by_need[name].append((column, ready or 0, amount / wants[name].unit))
    for name, one in wants.items():
        _cover(made, problem, one, moments[name], by_need[name])
    _bound(made, problem, columns)
    return made


def _moments(problem: Problem, wants: dict[str, Wanted], one: Wanted, offers: Sequence[Offer]) -> list[int]:
    """The months in which what a need lacks can change: where more is wanted, and where orders arrive that may be late.

    Those are the first of each year: what lacks for want of money or of a contract is had with them. Where one order may
    be too small for what lacks, they are the orders of every month.
    """
    rises = {
        month
        for month in range(problem.months)
        if one.amounts[month] > (one.amounts[month - 1] if month else 0)
    }
    asked = (
        (offer, range(problem.months) if _binds(offer, wants) else _firsts(problem, offer))
        for offer in offers
    )
    arrivals = {offer.ready[month] for offer, months in asked for month in months}
    return sorted(rises | {month for month in arrivals if month is not None and month < problem.months})


def _binds(offer: Offer, wants: dict[str, Wanted]) -> bool:
    """Whether the largest order may be smaller than one would like."""
    return offer.most is not None and offer.most < max(_enough(offer, wants), offer.least)


def _enough(offer: Offer, wants: dict[str, Wanted]) -> int:
    """Lots that cover each need alone."""
    return max(
        math.ceil(float(wants[name].amounts[-1]) * wants[name].unit / amount - 1e-6)
        for name, amount in offer.gives.items()
    )


def _firsts(problem: Problem, offer: Offer) -> Iterator[int]:
    """The first month of each year in which one can order."""
    for year in dict.fromkeys(problem.years):
        found = [m for m in range(problem.months) if problem.years[m] == year and offer.ready[m] is not None]
        yield from found[:1]


def _months(problem: Problem, offer: Offer, moments: dict[str, list[int]]) -> list[tuple[int, int]]:
    """The months of order that need a column, each with how many months it stands for: those since the column before.

    Where both the smallest and the largest order are bounded, every month has a column.
    """
    useful = [
        month for month, ready in enumerate(offer.ready) if ready is not None and ready < problem.months
    ]
    if offer.most is not None and offer.least > 1:
        return [(month, 1) for month in useful]
    firsts = set(_firsts(problem, offer))
    wanted_by = {moment for name in offer.gives for moment in moments[name]}
    kept: list[tuple[int, int]] = []
    stands = 0
    for place, month in enumerate(useful):
        stands += 1
        later = useful[place + 1] if place + 1 < len(useful) else None
        if (
            later is None
            or month in firsts
            or problem.years[later] != problem.years[month]
            or any((offer.ready[month] or 0) <= moment < (offer.ready[later] or 0) for moment in wanted_by)
        ):
            kept.append((month, stands))
            stands = 0
    return kept


def _most(offer: Offer, wants: dict[str, Wanted], months: int) -> float:
    """Lots that orders of some months can need at most."""
    lots = _enough(offer, wants)
    return float(max(min(lots, months * (offer.most or lots)), offer.least if lots else 0))


def _cover(
    made: Programme,
    problem: Problem,
    one: Wanted,
    moments: Sequence[int],
    columns: Sequence[tuple[int, int, float]],
) -> None:
    """One row from each moment to the next: what has arrived and what lacks are as much as is wanted."""
    price = problem.penalty * one.need.weight
    for place, month in enumerate(moments):
        stood = (moments[place + 1] if place + 1 < len(moments) else problem.months) - month
        units = float(one.amounts[month])
        if units <= 0:
            continue
        terms = [(column, factor) for column, ready, factor in columns if ready <= month]
        if terms:
            lacking = made.column(price * stood, units, whole=False)
            made.row([*terms, (lacking, 1.0)], units, math.inf)
        else:
            made.constants[one.need.name] += price * stood * units


def _bound(made: Programme, problem: Problem, columns: Sequence[tuple[int, Offer]]) -> None:
    """Rows of budgets, limits and smallest orders; those that can never bind are left out, and tie nothing together."""
    for (year, purse), money in problem.budgets.items():
        mine = [
            (column, offer.price)
            for column, offer in columns
            if purse in ("", offer.purse) and problem.years[_month(made, column)] == year
        ]
        _row_at_most(made, mine, money, (year, purse))
    for item, lots in problem.limits.items():
        mine = [(column, 1.0) for column, offer in columns if offer.item == item]
        _row_at_most(made, mine, float(lots), item)
    for column, offer in columns:
        if offer.least > 1:
            chosen = made.column(0.0, 1.0, whole=True)
            made.row([(column, 1.0), (chosen, -float(offer.least))], 0.0, math.inf)
            made.row([(column, 1.0), (chosen, -made.highest[column])], -math.inf, 0.0)


def _month(made: Programme, column: int) -> int:
    order = made.columns[column]
    return order.month if order else 0


def _row_at_most(made: Programme, terms: Sequence[tuple[int, float]], most: float, bound: Bound) -> None:
    if math.fsum(factor * made.highest[column] for column, factor in terms) > most:
        made.bounds[made.row(terms, -math.inf, most)] = bound
