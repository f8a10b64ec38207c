"""A block: the needs that share an offer, with the schedules of orders that may be made for them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from forecasting.purchasing.parts import Part
from forecasting.purchasing.problem import Array, Bound, Order, Problem, Wanted, supply, use
from forecasting.purchasing.schedules import Schedules

_SECONDS: Final = 2.0
"""Longest time for a block that has too many states for a table."""


class Schedule(NamedTuple):
    """Orders of a block, what they are worth with what lacks in spite of them, and what they use of each bound."""

    block: int
    orders: tuple[Order, ...]
    worth: float
    uses: Array


class Block:
    """One block of a part. `constant` is what its needs lack in any case, which its part leaves out.

    `uses` is what one lot takes of each bound, shape (bounds, columns of orders).
    """

    def __init__(
        self,
        problem: Problem,
        place: int,
        part: Part,
        wants: Mapping[str, Wanted],
        bounds: Mapping[Bound, float],
        constants: Mapping[str, float],
    ) -> None:
        self._problem, self._place, self.part = problem, place, part
        self.columns = [order for order in part.orders if order is not None]
        self._offers = {order.offer for order in self.columns}
        names = {name for offer in self._offers for name in problem.offers[offer].gives}
        self._wants = [wants[name] for name in sorted(names)]
        self.constant = math.fsum(constants.get(name, 0.0) for name in names)
        self._bounds = list(bounds)
        self._prices = np.array([problem.offers[order.offer].price for order in self.columns])
        single = [order._replace(lots=1) for order in self.columns]
        taken = [use(problem, bound, order) for bound in bounds for order in single]
        self.uses = np.array(taken).reshape(len(bounds), len(single))
        most = [high for high, order in zip(part.highest, part.orders, strict=True) if order is not None]
        self._table = Schedules(
            problem, self._wants, self.columns, _affordable(np.array(most), self.uses, list(bounds.values()))
        )

    def of(self, orders: Sequence[Order]) -> Schedule:
        """Those orders that are of this block, as a schedule."""
        mine = tuple(sorted(order for order in orders if order.offer in self._offers))
        money = math.fsum(self._problem.offers[order.offer].price * order.lots for order in mine)
        lacking = math.fsum(
            one.need.weight * float(one.lacking(supply(self._problem, one.need.name, mine)).sum())
            for one in self._wants
        )
        uses = np.array([math.fsum(use(self._problem, bound, one) for one in mine) for bound in self._bounds])
        return Schedule(self._place, mine, money + self._problem.penalty * lacking, uses)

    def best(self, duals: Array) -> tuple[float, Schedule]:
        """The best schedule where bounds have prices, and a value below which, with these, none comes."""
        prices = self._prices + duals @ self.uses
        if not self._table.fits:
            found = self.part.priced(prices).solve(_SECONDS, 1e-6)
            return found.bound + self.constant, self.of(found.orders or ())
        value, lots = self._table.best(prices)
        pairs = zip(self.columns, lots, strict=True)
        orders = tuple(order._replace(lots=round(count)) for order, count in pairs if count)
        uses = self.uses @ lots
        return value, Schedule(self._place, orders, value - float(duals @ uses), uses)


def _affordable(most: Array, uses: Array, there: Sequence[float]) -> Array:
    """Lots of an order that no bound forbids by itself: no plan has more, so no schedule needs it."""
    for used, bound in zip(uses, there, strict=True):
        most = np.where(used > 0, np.minimum(most, np.floor(bound / np.maximum(used, 1e-12) + 1e-6)), most)
    return most


def total(schedules: Sequence[Schedule]) -> float:
    """What schedules are worth together."""
    return math.fsum(one.worth for one in schedules)


def keeps(schedules: Sequence[Schedule], most: Array) -> bool:
    """Whether schedules together keep every bound."""
    return bool(np.all(sum((one.uses for one in schedules), np.zeros(len(most))) <= most + 1e-6))
