"""The purchase plan as an integer programme, solved by HiGHS (`scipy.optimize.milp`) with a proven gap.

A column is a number of lots of an offer in a month of order, or how many units lack from one month to the next; a row
says that what was ordered in time and what lacks are as much as is wanted, or keeps a bound. Months in which nothing can
be decided better than in their neighbours have no column: an order waits until the last month that is in time for the
next rise, until the year or the contract ends, or is made in the first month of a year's money. Parts of the estate that
share neither an offer, a limit nor money are solved one by one.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from forecasting.purchasing import greedy
from forecasting.purchasing.delaying import delay
from forecasting.purchasing.problem import Array, Offer, Order, Problem, Wanted, cost, wanted, worth

GAP: Final = 1e-4
"""Relative gap at which the solver may stop."""

SECONDS: Final = 20.0
"""Time after which it has to stop."""

_LEAST: Final = 0.05
"""Seconds that each part of an estate has, however late it is."""

_FULL: Final = 0.6
"""Share of the time after which answers near that in fractions are looked for instead."""


@dataclasses.dataclass(frozen=True, slots=True)
class Solution:
    """Orders, what they are worth (see `problem.worth`), and a value below which no orders whatever can come.

    `late` says that the time ran out before the gap was closed. `greedy` is the answer of `greedy.buy` beside it.
    """

    orders: tuple[Order, ...]
    cost: float
    worth: float
    bound: float
    greedy: tuple[Order, ...]
    greedy_cost: float
    greedy_worth: float
    seconds: float
    late: bool = False

    @property
    def gap(self) -> float:
        """How far at most the orders are from the best ones, as a share of what they are worth."""
        return _gap(self.worth, self.bound)

    @property
    def greedy_gap(self) -> float:
        """The same of the greedy answer."""
        return _gap(self.greedy_worth, self.bound)


def _gap(reached: float, bound: float) -> float:
    return max(0.0, (reached - bound) / reached) if reached > 0 else 0.0


def solve(problem: Problem, seconds: float = SECONDS, gap: float = GAP) -> Solution:
    """The orders of least worth: nothing lacks that can be had, then for the least money, then as late as possible.

    Where the solver finds nothing better than `greedy.buy` in time, that answer stands, with its gap to the bound.
    """
    started = time.monotonic()
    simple = greedy.buy(problem)
    built = _build(problem)
    found, bound, late, unsolved = built.solve(seconds, gap)
    orders = spread(problem, found) + tuple(one for one in simple if one.offer in unsolved)
    orders = delay(problem, min(simple, orders, key=lambda found: worth(problem, found)))
    return Solution(
        orders=orders,
        cost=cost(problem, orders),
        worth=worth(problem, orders),
        bound=min(bound, worth(problem, orders)),
        greedy=simple,
        greedy_cost=cost(problem, simple),
        greedy_worth=worth(problem, simple),
        seconds=time.monotonic() - started,
        late=late,
    )


# --- rows and columns -------------------------------------------------------------------------------


@dataclasses.dataclass(slots=True)
class _Programme:
    """Columns (cost, upper bound, whole or not) and rows (least, most, entries); `constant` is worth in any case."""

    columns: list[Order | None] = dataclasses.field(default_factory=list)
    prices: list[float] = dataclasses.field(default_factory=list)
    highest: list[float] = dataclasses.field(default_factory=list)
    whole: list[int] = dataclasses.field(default_factory=list)
    entries: list[tuple[int, int, float]] = dataclasses.field(default_factory=list)
    low: list[float] = dataclasses.field(default_factory=list)
    high: list[float] = dataclasses.field(default_factory=list)
    constant: float = 0.0

    def column(self, price: float, highest: float, whole: bool, order: Order | None = None) -> int:
        self.columns.append(order)
        self.prices.append(price)
        self.highest.append(highest)
        self.whole.append(int(whole))
        return len(self.columns) - 1

    def row(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        self.entries += [(len(self.low), column, factor) for column, factor in terms]
        self.low.append(low)
        self.high.append(high)

    def solve(self, seconds: float, gap: float) -> tuple[tuple[Order, ...], float, bool, set[int]]:
        """Orders, the bound, whether time ran out, and the offers of parts for which no orders were found in time."""
        if not self.columns:
            return (), self.constant, False, set()
        until = time.monotonic() + seconds
        bound, late = self.constant, False
        orders: list[Order] = []
        unsolved: set[int] = set()
        matrix = self._matrix()
        for columns, rows in _parts(matrix, [None if one is None else one.offer for one in self.columns]):
            left = max(until - time.monotonic(), _LEAST)
            values, least, stopped = self._solve(matrix, columns, rows, left, gap)
            bound, late = bound + least, late or stopped
            mine = [self.columns[column] for column in columns]
            if values is None:
                unsolved |= {order.offer for order in mine if order is not None}
            else:
                orders += _whole(mine, values)
        return tuple(orders), bound, late, unsolved

    def _matrix(self) -> csr_array:
        rows, columns, factors = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        shape = (len(self.low), len(self.columns))
        return coo_array((factors, (rows, columns)), shape=shape).tocsr()

    def _solve(
        self, matrix: csr_array, columns: Array, rows: Array, seconds: float, gap: float
    ) -> tuple[Array | None, float, bool]:
        """The values of a part's columns, the bound of its worth, and whether time ran out."""
        prices = np.array(self.prices)[columns]
        scale = max(float(prices.max()), 1e-12)  # HiGHS takes what is far below 1 for nothing
        part = _Part(
            prices / scale,
            np.array(self.whole)[columns],
            np.array(self.highest)[columns],
            LinearConstraint(matrix[rows][:, columns], np.array(self.low)[rows], np.array(self.high)[rows]),
        )
        found = part.solve(_FULL * seconds, gap)
        bound = found.mip_dual_bound
        least = max(float(bound), 0.0) * scale if bound is not None and math.isfinite(bound) else 0.0
        if found.status == 0:
            return found.x, least, False
        near = part.solve_near(seconds - _FULL * seconds, gap)
        better = [one for one in (found, near) if one is not None and one.x is not None]
        return (min(better, key=lambda one: float(one.fun)).x if better else None), least, True


@dataclasses.dataclass(frozen=True, slots=True)
class _Part:
    """What the solver is given: prices, whole or not, upper bounds, rows."""

    prices: Array
    whole: Array
    highest: Array
    rows: LinearConstraint

    def solve(self, seconds: float, gap: float, low: Array | float = 0.0, high: Array | None = None) -> Any:
        """The solver's answer; its `status` is 0 where it is proven to the gap."""
        return milp(
            self.prices,
            integrality=self.whole,
            bounds=Bounds(low, self.highest if high is None else high),
            constraints=self.rows,
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )

    def solve_near(self, seconds: float, gap: float) -> Any:
        """The best answer whose lots are those of the answer in fractions, rounded up or down: found much sooner."""
        started = time.monotonic()
        loose = dataclasses.replace(self, whole=np.zeros(len(self.prices))).solve(seconds, gap)
        left = seconds - (time.monotonic() - started)
        if loose.x is None or left <= 0:
            return None
        whole = self.whole > 0
        low = np.where(whole, np.floor(loose.x + 1e-6), 0.0)
        high = np.where(whole, np.minimum(np.ceil(loose.x - 1e-6), self.highest), self.highest)
        return self.solve(left, gap, np.minimum(low, high), high)


def _whole(columns: Sequence[Order | None], values: Array) -> Iterator[Order]:
    """The orders of a part: its columns with the lots that were found, where there are any."""
    for column, value in zip(columns, values, strict=True):
        if column is not None and round(float(value)) > 0:
            yield column._replace(lots=round(float(value)))


def _parts(matrix: csr_array, offers: Sequence[int | None]) -> Iterator[tuple[Array, Array]]:
    """Columns and rows of each part that shares nothing with the others; the columns of one offer stay together."""
    rows, columns = matrix.shape
    links = coo_array(matrix)
    first: dict[int, int] = {}
    tied = [(first.setdefault(one, place), place) for place, one in enumerate(offers) if one is not None]
    left = np.concatenate([links.row, np.array([a for a, _ in tied], dtype=int) + rows])
    right = np.concatenate([links.col, np.array([b for _, b in tied], dtype=int)]) + rows
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(rows + columns,) * 2)
    count, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    for members in np.split(order, np.cumsum(np.bincount(label, minlength=count))[:-1]):
        inside = members[members >= rows] - rows
        if len(inside):
            yield inside, members[members < rows]


def _build(problem: Problem) -> _Programme:
    made = _Programme()
    wants = {one.need.name: one for one in wanted(problem)}
    fitting: dict[str, list[Offer]] = defaultdict(list)
    for offer in problem.offers:
        for name in offer.gives:
            fitting[name].append(offer)
    moments = {name: _moments(problem, one, fitting[name]) for name, one in wants.items()}
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


def _moments(problem: Problem, one: Wanted, offers: Sequence[Offer]) -> list[int]:
    """The months in which what a need lacks can change: where more is wanted, and where a year's first orders arrive."""
    rises = {
        month
        for month in range(problem.months)
        if one.amounts[month] > (one.amounts[month - 1] if month else 0)
    }
    arrivals = {offer.ready[month] for offer in offers for month in _firsts(problem, offer)}
    return sorted(rises | {month for month in arrivals if month is not None and month < problem.months})


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
    """Lots that orders of some months can need at most: those that cover each of its needs alone."""
    lots = max(
        math.ceil(float(wants[name].amounts[-1]) * wants[name].unit / amount - 1e-6)
        for name, amount in offer.gives.items()
    )
    return float(max(min(lots, months * (offer.most or lots)), offer.least if lots else 0))


def _cover(
    made: _Programme,
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
            made.constant += price * stood * units


def _bound(made: _Programme, problem: Problem, columns: Sequence[tuple[int, Offer]]) -> None:
    """Rows of budgets, limits and smallest orders; those that can never bind are left out, and tie nothing together."""
    for (year, purse), money in problem.budgets.items():
        mine = [
            (column, offer.price)
            for column, offer in columns
            if purse in ("", offer.purse) and problem.years[_month(made, column)] == year
        ]
        _row_at_most(made, mine, money)
    for item, lots in problem.limits.items():
        _row_at_most(made, [(column, 1.0) for column, offer in columns if offer.item == item], float(lots))
    for column, offer in columns:
        if offer.least > 1:
            chosen = made.column(0.0, 1.0, whole=True)
            made.row([(column, 1.0), (chosen, -float(offer.least))], 0.0, math.inf)
            made.row([(column, 1.0), (chosen, -made.highest[column])], -math.inf, 0.0)


def _month(made: _Programme, column: int) -> int:
    order = made.columns[column]
    return order.month if order else 0


def _row_at_most(made: _Programme, terms: Sequence[tuple[int, float]], bound: float) -> None:
    if math.fsum(factor * made.highest[column] for column, factor in terms) > bound:
        made.row(terms, -math.inf, bound)


def spread(problem: Problem, orders: Sequence[Order]) -> tuple[Order, ...]:
    """Orders that a column stands for: where they are above the largest one, those before it take the rest."""
    found: list[Order] = []
    for order in orders:
        offer, left, month = problem.offers[order.offer], order.lots, order.month
        while left > 0 and month >= 0:
            lots = min(left, offer.most or left)
            if offer.ready[month] is not None:
                found.append(Order(order.offer, month, lots))
                left -= lots
            month -= 1
    return tuple(found)
