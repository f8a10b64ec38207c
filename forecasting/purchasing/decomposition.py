"""A part of an estate whose stores are tied by money and limits alone, solved by the schedules of each store.

The programme of `compact` lets a budget be shared by fractions of lots, which is worth far more than whole lots can be:
its relaxation is weak where money is short. Here a column is a whole schedule of one block (the needs that share an
offer), as Dantzig and Wolfe decompose a programme (*Operations Research* 8, 1960): the master chooses one schedule for
each block, and keeps the bounds that blocks share. Schedules are made as the master's prices ask for them, each the best
of all at these prices (Gilmore and Gomory, *Operations Research* 9, 1961), prices being held near those of the best bound
(Wentges, *International Transactions in Operational Research* 4, 1997). An answer in fractions mixes the schedules of no
more blocks than there are bounds, a dozen or two of hundreds: so it is nearly whole, and the gap is narrow. Where blocks
are few, it is less so, and what time is left goes to the programme of the whole part, whose bound may be the better one.

**The bound.** Let y >= 0 be a price of each shared bound b, and w(s), u(s) what a schedule s is worth and uses. Whatever
orders keep the bounds, with a schedule s_k of each block k, are worth

    sum w(s_k)  >=  sum w(s_k) + y (sum u(s_k) - b)  >=  sum min_s (w(s) + y u(s))  -  y b,

as sum u(s_k) <= b, and as the schedule of each block is one of all its schedules. That holds for any y >= 0 whatever: the
prices come from a solver, but nothing that it tells is believed (Geoffrion, *Mathematical Programming Study* 2, 1974).
The minimum of each block is found by `schedules.Schedules` exactly; where that has too many states, by HiGHS, whose bound
of the block is taken instead.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from forecasting.purchasing.blocks import Block, Schedule, keeps, total
from forecasting.purchasing.master import Answer, Master
from forecasting.purchasing.neighbourhoods import Neighbourhoods
from forecasting.purchasing.parts import Found, Part
from forecasting.purchasing.problem import Array, Bound, Order, Problem, wanted

_LEVELS: Final = (0.0, 1.0, 4.0, 16.0, 64.0, 256.0)
"""Prices of money with which schedules are made first: so many times more dear than it is."""

_NEAR: Final = 0.7
"""How much the prices of the best bound count beside those of the mixture."""

_PRICING: Final = 0.75
"""Share of the time until which schedules are made."""

_CHOICE: Final = 0.1
"""Share of the time for the choice among the schedules that were made."""

_PART: Final = 2_000
"""Columns of orders up to which the programme of the whole part is solved as well."""

_WHOLE: Final = 0.8
"""Share of the time that is left then for it."""

_ROUNDING: Final = 1e-9
"""Share of a bound that the rounding of sums may have added."""


def solve(
    problem: Problem,
    part: Part,
    constants: Mapping[str, float],
    simple: Sequence[Order],
    seconds: float,
    gap: float,
) -> Found:
    """Orders of a part and the bound of what they are worth, as `Part.solve`.

    `constants` has by need what lacks in any case; `simple` are orders known already, which keep every bound.
    """
    until = time.monotonic() + seconds
    wants = {one.need.name: one for one in wanted(problem)}
    bounds = part.bounds()
    blocks = [Block(problem, place, one, wants, bounds, constants) for place, one in enumerate(part.blocks())]
    constant = math.fsum(block.constant for block in blocks)
    search = Search(blocks, bounds, gap, [block.of(simple) for block in blocks])
    search.price(until - (1 - _PRICING) * seconds)
    search.choose(_CHOICE * seconds)
    left = until - time.monotonic()
    if not search.closed and left > 0 and sum(len(block.columns) for block in blocks) <= _PART:
        whole = part.solve(_WHOLE * left, gap)
        search.learn(whole.bound + constant, whole.orders or ())
    search.improve(until)
    orders = tuple(order for one in search.best for order in one.orders)
    return Found(orders, search.bound - constant, not search.closed)


class Search:
    """Schedules made at ever better prices, until the bound meets the mixture or time is out.

    `best` is one schedule of each block, `bound` that of all orders, `closed` whether they have met.
    """

    def __init__(
        self, blocks: Sequence[Block], bounds: Mapping[Bound, float], gap: float, known: Sequence[Schedule]
    ) -> None:
        self._blocks, self._gap = blocks, gap
        self._most = np.array(list(bounds.values()))
        self._whole = np.array([not isinstance(bound, str) and not bound[1] for bound in bounds])
        self._master = Master(len(blocks), self._most)
        self.bound, self._at = 0.0, np.zeros(len(bounds))
        self._answer: Answer | None = None
        self.best = [block.of(()) for block in blocks]
        for schedules in (self.best, known):
            self.take(schedules)

    @property
    def closed(self) -> bool:
        return total(self.best) - self.bound <= self._gap * total(self.best)

    def take(self, schedules: Sequence[Schedule]) -> None:
        """Keep schedules, and those as the best that are better than all before them."""
        for one in schedules:
            self._master.add(one)
        if schedules and total(schedules) < total(self.best) and keeps(schedules, self._most):
            self.best = list(schedules)

    def learn(self, bound: float, orders: Sequence[Order]) -> None:
        """What another way of solving has proven and found."""
        self.bound = max(self.bound, bound)
        self.take([block.of(orders) for block in self._blocks])

    def price(self, until: float) -> None:
        """Make schedules at better and better prices."""
        for level in _LEVELS if self._whole.any() else _LEVELS[:1]:
            self.take(self._price(np.where(self._whole, level, 0.0), until))
        self._answer = self._converge(until)

    def choose(self, seconds: float) -> None:
        """Choose among the schedules that were made."""
        if self._answer is not None and not self.closed:
            self.take(self._master.choice(self._answer, total(self.best), seconds, self._gap / 2))

    def improve(self, until: float) -> None:
        """Open a few blocks at a time, until the bound is met, nothing better is found or time is out."""
        if not self.closed and time.monotonic() < until:
            around = Neighbourhoods(self._blocks, self._most, self._at)
            self.take(around.improve(self.best, self.bound / (1 - self._gap), until, self._gap))

    def _converge(self, until: float) -> Answer | None:
        """Make schedules until the mixture would take none."""
        near = _NEAR
        while (answer := self._master.mixture()) is not None:
            if answer.worth - self.bound <= self._gap / 10 * answer.worth:
                break
            found = self._price(near * self._at + (1 - near) * answer.duals, until)
            new = [self._master.improves(one, answer) and self._master.add(one) for one in found]
            if not found or (near == 0.0 and not any(new)):
                break
            near = _NEAR if any(new) else 0.0
        return answer

    def _price(self, duals: Array, until: float) -> list[Schedule]:
        """The best schedule of each block at these prices, and by them a bound; none where time runs out before."""
        pairs = []
        for block in self._blocks:
            if time.monotonic() > until:
                return []
            pairs.append(block.best(duals))
        values = math.fsum(value for value, _ in pairs)
        spare = float(duals @ self._most)
        bound = values - spare - _ROUNDING * (abs(values) + spare)
        if bound > self.bound:
            self.bound, self._at = bound, duals
        return [one for _, one in pairs]
