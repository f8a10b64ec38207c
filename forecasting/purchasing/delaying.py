"""Orders made as late as they can be, and those for what lacks already as soon as they can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from forecasting.purchasing.problem import Array, Order, Problem, supply, wanted


def delay(problem: Problem, orders: Sequence[Order]) -> tuple[Order, ...]:
    """The same lots, each as late as nothing lacks more for it and every bound is kept: money is spent last.

    An order for what lacks already when it comes is made as soon as it can be instead (see `is_urgent`).
    """
    book = _Book(problem, orders)
    for order in sorted(_lots(problem, orders), key=lambda one: (-one.month, one.offer)):
        book.move(order, book.latest(order))
    for order in book.orders():
        book.move(order, book.soonest(order))
    return book.orders()


def is_urgent(problem: Problem, order: Order, lacking: Mapping[str, Array]) -> bool:
    """Whether something that the order is for lacks in the month before it counts: each day sooner is won.

    `lacking` has the units that lack of each need, by month.
    """
    offer = problem.offers[order.offer]
    ready = offer.ready[order.month]
    if ready is None or not 0 < ready <= problem.months:
        return False
    return any(lacking[name][ready - 1] > 0 for name in offer.gives)


_SINGLE: Final = 20
"""Lots of an order up to which each is moved alone."""


def _lots(problem: Problem, orders: Iterable[Order]) -> Iterator[Order]:
    for order in orders:
        if problem.offers[order.offer].least > 1 or order.lots > _SINGLE:
            yield order
        else:
            yield from [order._replace(lots=1)] * order.lots


class _Book:
    """Orders that are moved from month to month, with what they leave of the money and what lacks in spite of them."""

    def __init__(self, problem: Problem, orders: Iterable[Order]) -> None:
        self._problem = problem
        self._lots: dict[tuple[int, int], int] = defaultdict(int)
        self._money = dict(problem.budgets)
        self._wants = {one.need.name: one for one in wanted(problem)}
        self._have = {name: np.zeros(problem.months) for name in self._wants}
        for order in orders:
            self._add(order, 1)

    def orders(self) -> tuple[Order, ...]:
        """What was ordered, by offer and month."""
        return tuple(Order(*key, lots) for key, lots in sorted(self._lots.items()) if lots)

    def _add(self, order: Order, sign: int) -> None:
        offer = self._problem.offers[order.offer]
        self._lots[order.offer, order.month] += sign * order.lots
        for key in self._purses(order):
            self._money[key] -= sign * offer.price * order.lots
        for name, added in self._supply(order).items():
            self._have[name] = self._have[name] + sign * added

    def move(self, order: Order, month: int) -> None:
        """Make an order in another month instead."""
        if month != order.month:
            self._add(order, -1)
            self._add(order._replace(month=month), 1)

    def _purses(self, order: Order) -> list[tuple[int, str]]:
        year, purse = self._problem.years[order.month], self._problem.offers[order.offer].purse
        return [key for key in {(year, ""), (year, purse)} if key in self._money]

    def _supply(self, order: Order) -> dict[str, Array]:
        names = self._problem.offers[order.offer].gives
        return {name: supply(self._problem, name, [order]) for name in names}

    def latest(self, order: Order) -> int:
        """The last month in which nothing lacks more for the order."""
        offer = self._problem.offers[order.offer]
        lacking = {name: self._lacking(name) for name in offer.gives}
        here = self._supply(order)
        for month in range(self._problem.months - 1, order.month, -1):
            if offer.ready[month] is None or not self._fits(order, month):
                continue
            there = self._supply(order._replace(month=month))
            if all(
                self._lacking(name, there[name] - here[name]).sum() <= lacking[name].sum() + 1e-9
                for name in offer.gives
            ):
                return month
        return order.month

    def soonest(self, order: Order) -> int:
        """The first month of those whose orders count as soon, for what lacks until then; else the order's own."""
        ready = self._problem.offers[order.offer].ready
        lacking = {name: self._lacking(name) for name in self._problem.offers[order.offer].gives}
        if not is_urgent(self._problem, order, lacking):
            return order.month
        sooner = (month for month in range(order.month) if ready[month] == ready[order.month])
        return next((month for month in sooner if self._fits(order, month)), order.month)

    def _lacking(self, name: str, more: Array | float = 0.0) -> Array:
        return self._wants[name].lacking(self._have[name] + more)

    def _fits(self, order: Order, month: int) -> bool:
        """Whether another month has lots and money left for an order: the money of its own year it has already."""
        offer, later = self._problem.offers[order.offer], order._replace(month=month)
        if offer.most is not None and self._lots[order.offer, month] + order.lots > offer.most:
            return False
        if self._problem.years[month] == self._problem.years[order.month]:
            return True
        return all(self._money[key] >= offer.price * order.lots - 1e-6 for key in self._purses(later))
