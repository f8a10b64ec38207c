"""The purchase plan as an integer programme, solved by HiGHS (`scipy.optimize.milp`) with a proven gap.

Parts of the estate that share neither an offer, a limit nor money are solved one by one: as a programme where that is
small, by the schedules of its stores where they are many that share money (see `decomposition`).
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from forecasting.purchasing import compact, decomposition, greedy
from forecasting.purchasing.blocks import Block
from forecasting.purchasing.delaying import delay
from forecasting.purchasing.problem import Bound, Order, Problem, cost, use, wanted, worth

GAP: Final = 1e-4
"""Relative gap at which the solver may stop."""

SECONDS: Final = 20.0
"""Time after which it has to stop."""

_LEAST: Final = 0.05
"""Seconds that each part of an estate has, however late it is."""

SMALL: Final = 150
"""Columns of orders up to which a part is solved as a programme whatever it shares."""


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


def solve(problem: Problem, seconds: float = SECONDS, gap: float = GAP, small: int = SMALL) -> Solution:
    """The orders of least worth: nothing lacks that can be had, then for the least money, then as late as possible.

    Where the solver finds nothing better than `greedy.buy` in time, that answer stands, with its gap to the bound. Parts
    of up to `small` columns of orders are solved as programmes, larger ones by schedules.
    """
    started = time.monotonic()
    simple = greedy.buy(problem)
    found, bound, late = _parts(problem, simple, started + seconds, gap, small)
    more = greedy.buy(problem, found) if _keeps(problem, found) else simple
    orders = delay(problem, min(simple, found, more, key=lambda orders: _price(problem, orders)))
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


def _parts(
    problem: Problem, simple: Sequence[Order], until: float, gap: float, small: int
) -> tuple[tuple[Order, ...], float, bool]:
    """Orders of all parts, the bound of what they are worth, and whether time ran out; `simple` where none was found."""
    made = compact.build(problem)
    bound, late = made.constant, False
    orders: list[Order] = []
    for part in made.parts():
        left = max(until - time.monotonic(), _LEAST)
        if len(mine := [order for order in part.orders if order is not None]) <= small or not part.bounds():
            found = part.solve(left, gap)
        else:
            found = decomposition.solve(problem, part, made.constants, simple, left, gap)
        bound, late = bound + found.bound, late or found.late
        offers = {order.offer for order in mine}
        orders += [one for one in simple if one.offer in offers] if found.orders is None else found.orders
    return spread(problem, orders), bound, late


def cheapest(problem: Problem) -> tuple[Order, ...]:
    """The orders of least worth of needs that share nothing, found several times sooner than by `solve`, but not as late as can be."""
    made = compact.build(problem)
    if problem.budgets or made.bounds:
        return solve(problem).orders
    wants = {one.need.name: one for one in wanted(problem)}
    blocks = [
        Block(problem, place, part, wants, {}, made.constants) for place, part in enumerate(made.parts())
    ]
    found = [block.best(np.zeros(0))[1] for block in blocks]
    return spread(problem, [order for one in found for order in one.orders])


def _price(problem: Problem, orders: Sequence[Order]) -> float:
    """What orders are worth, and nothing that counts where they break a bound."""
    return worth(problem, orders) if _keeps(problem, orders) else math.inf


def _keeps(problem: Problem, orders: Iterable[Order]) -> bool:
    """Whether orders keep every budget and limit: what a solver tells is not taken for granted."""
    orders = tuple(orders)
    bounds: list[tuple[Bound, float]] = [*problem.budgets.items(), *problem.limits.items()]
    return all(
        math.fsum(use(problem, bound, order) for order in orders) <= most + 1e-6 for bound, most in bounds
    )


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
