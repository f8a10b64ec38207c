"""Buying as people do without a plan: when a wall comes, the cheapest order that moves it, as late as possible."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from forecasting.purchasing.problem import Array, Offer, Order, Problem, Wanted, wanted


class _Buyer:
    """What was ordered so far, and what money, lots and amounts are left."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.wanted = wanted(problem)
        self.supply: dict[str, Array] = {need.name: np.zeros(problem.months) for need in problem.needs}
        self.money = dict(problem.budgets)
        self.limits = dict(problem.limits)
        self.lots: dict[tuple[int, int], int] = defaultdict(int)
        self.fitting: dict[str, list[int]] = defaultdict(list)
        for place, offer in enumerate(problem.offers):
            for name in offer.gives:
                self.fitting[name].append(place)

    def cover(self, one: Wanted, month: int) -> None:
        """Buy what a need lacks in a month, the cheapest order first, while there is anything left to buy it with."""
        name = one.need.name
        while (lacking := float(one.lacking(self.supply[name])[month])) > 0:
            orders = [self._order(place, name, lacking * one.unit, month) for place in self.fitting[name]]
            found = [order for order in orders if order is not None]
            if not found:
                return
            self.buy(min(found, key=lambda order: self._dear(order, name, lacking * one.unit)))

    def _dear(self, order: Order, name: str, amount: float) -> tuple[float, float]:
        """Money for each part of the amount that is covered."""
        offer = self.problem.offers[order.offer]
        price = offer.price * order.lots
        return price / min(offer.gives[name] * order.lots, amount), price

    def _order(self, place: int, name: str, amount: float, month: int) -> Order | None:
        """As many lots as cover the amount, or as there is money for, in the last month that is in time."""
        offer = self.problem.offers[place]
        want = max(math.ceil(amount / offer.gives[name] - 1e-6), offer.least)
        best: Order | None = None
        for at in range(self.problem.months - 1, -1, -1):
            ready = offer.ready[at]
            if ready is None or ready > month:
                continue
            lots = min(want, self._affordable(offer, place, at))
            if lots > (best.lots if best else 0) and self.lots[place, at] + lots >= offer.least:
                best = Order(place, at, lots)
            if lots == want:
                break
        return best

    def _affordable(self, offer: Offer, place: int, month: int) -> int:
        """The greatest number of lots that money, limit and the largest order leave."""
        year = self.problem.years[month]
        bounds: list[float] = [self.limits.get(offer.item, math.inf)]
        if offer.most is not None:
            bounds.append(offer.most - self.lots[place, month])
        if offer.price > 0:
            bounds += [
                (self.money[year, purse] + 1e-6) // offer.price
                for purse in {"", offer.purse}
                if (year, purse) in self.money
            ]
        least = min(bounds)
        return 10**9 if math.isinf(least) else max(int(least), 0)

    def buy(self, order: Order) -> None:
        """Make an order: it is known to keep every bound."""
        offer = self.problem.offers[order.offer]
        year, ready = self.problem.years[order.month], offer.ready[order.month]
        self.lots[order.offer, order.month] += order.lots
        for purse in {"", offer.purse}:
            if (year, purse) in self.money:
                self.money[year, purse] -= offer.price * order.lots
        if offer.item in self.limits:
            self.limits[offer.item] -= order.lots
        for name, amount in offer.gives.items():
            self.supply[name][ready:] += order.lots * amount


def buy(problem: Problem, before: Iterable[Order] = ()) -> tuple[Order, ...]:
    """Orders that never pass a bound, found month by month, what weighs most first; `before` are made already."""
    buyer = _Buyer(problem)
    for order in before:
        buyer.buy(order)
    ordered = sorted(buyer.wanted, key=lambda one: (-one.need.weight, one.need.name))
    for month in range(problem.months):
        for one in ordered:
            buyer.cover(one, month)
    return tuple(Order(place, month, lots) for (place, month), lots in sorted(buyer.lots.items()) if lots)
