"""What has to be bought for, what can be bought, with which money; and what a set of orders is worth.

Months are numbers from 0. An order is made in a month; from the month `ready` on, and not before, it counts. What is
needed in a month has to be there from its first day.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

DEAR: Final = 10.0
"""A month of one lacking unit costs so many times the dearest order: money is saved only where nothing lacks for it."""

Bound = tuple[int, str] | str
"""What several stores share: a year's money of a directorate (`Problem.budgets`), or an item (`Problem.limits`)."""

_EXACT: Final = 1e-9
_PARTS: Final = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Need:
    """What one store, licence or cluster lacks: an amount for each month, 0 where it lacks nothing.

    `weight` says how much a month of lacking counts beside that of the others.
    """

    name: str
    amounts: tuple[float, ...]
    weight: float = 1.0


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """Lots that may be ordered for a target.

    `gives` is what one lot adds, by the name of the need. `ready` has for each month of order the month from which it
    counts (it may lie behind the last one), None where one cannot order. `purse` is the directorate that pays.
    Lots of one order (`least`, `most`) are counted by month; `item` is what `Problem.limits` counts.
    """

    item: str
    gives: Mapping[str, float]
    price: float
    ready: tuple[int | None, ...]
    purse: str = ""
    least: int = 1
    most: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """Needs, offers and bounds. `years` has the civil year of each month.

    `budgets` maps (year, directorate) to money, the directorate "" being the whole estate; `limits` maps items to lots.
    """

    years: tuple[int, ...]
    needs: tuple[Need, ...]
    offers: tuple[Offer, ...]
    budgets: Mapping[tuple[int, str], float] = dataclasses.field(default_factory=dict)
    limits: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @property
    def months(self) -> int:
        """How many months are planned."""
        return len(self.years)

    @property
    def penalty(self) -> float:
        """Money that a month of one lacking unit counts for."""
        return DEAR * max((offer.price * offer.least for offer in self.offers), default=1.0) or 1.0


class Order(NamedTuple):
    """Lots of an offer, by its place in `Problem.offers`, in a month."""

    offer: int
    month: int
    lots: int


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """A need in units that offers come in: `amounts` never fall, as what was bought stays, and are whole where they can be.

    `unit` is what one unit amounts to.
    """

    need: Need
    unit: float
    amounts: Array

    def lacking(self, supply: Array) -> Array:
        """Units that are lacking each month."""
        missing: Array = np.maximum(self.amounts - supply / self.unit, 0.0)
        return np.where(missing < 1e-6, 0.0, missing)


def wanted(problem: Problem) -> list[Wanted]:
    """Each need in units of its own, in the order of the problem."""
    gives: dict[str, list[float]] = defaultdict(list)
    for offer in problem.offers:
        for name, amount in offer.gives.items():
            gives[name].append(amount)
    return [_wanted(need, gives[need.name]) for need in problem.needs]


def _wanted(need: Need, gives: Sequence[float]) -> Wanted:
    amounts = np.maximum.accumulate(np.maximum(np.array(need.amounts, dtype=np.float64), 0.0))
    unit, whole = common(gives)
    units = amounts / unit
    return Wanted(need, unit, np.ceil(units - 1e-6) if whole else units)


def common(gives: Sequence[float]) -> tuple[float, bool]:
    """The greatest amount of which every lot is a multiple; the smallest lot, and False, where there is none such.

    What is lacking may then be rounded up to it, which makes the programme tight.
    """
    least = min(gives, default=1.0)
    for parts in range(1, _PARTS + 1):
        counts = [amount * parts / least for amount in gives]
        if all(abs(count - round(count)) <= _EXACT * max(count, 1) for count in counts):
            return least / parts, True
    return least, False


def supply(problem: Problem, name: str, orders: Iterable[Order]) -> Array:
    """What orders add to a need, by month."""
    added = np.zeros(problem.months)
    for order in orders:
        offer = problem.offers[order.offer]
        ready = offer.ready[order.month]
        if ready is not None and name in offer.gives:
            added[ready:] += order.lots * offer.gives[name]
    return added


def cost(problem: Problem, orders: Iterable[Order]) -> float:
    """Money of orders."""
    return math.fsum(problem.offers[order.offer].price * order.lots for order in orders)


def worth(problem: Problem, orders: Sequence[Order]) -> float:
    """What is minimised: the money of orders, and that which months of lacking units count for."""
    lacking = math.fsum(
        one.need.weight * float(one.lacking(supply(problem, one.need.name, orders)).sum())
        for one in wanted(problem)
    )
    return cost(problem, orders) + problem.penalty * lacking


def spent(problem: Problem, orders: Iterable[Order]) -> dict[tuple[int, str], float]:
    """Money by year and directorate, "" being the whole estate."""
    sums: dict[tuple[int, str], float] = defaultdict(float)
    for order in orders:
        offer = problem.offers[order.offer]
        for purse in {"", offer.purse}:
            sums[problem.years[order.month], purse] += offer.price * order.lots
    return dict(sums)


def use(problem: Problem, bound: Bound, order: Order) -> float:
    """How much of a bound an order takes: money, or lots."""
    offer = problem.offers[order.offer]
    if isinstance(bound, str):
        return float(order.lots) if offer.item == bound else 0.0
    year, purse = bound
    pays = purse in ("", offer.purse) and problem.years[order.month] == year
    return offer.price * order.lots if pays else 0.0
