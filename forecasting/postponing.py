"""What it costs to move each wall: the cheapest orders with which a store is full a year later than without any."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from forecasting import planned
from forecasting.needs import BEYOND, Lack
from forecasting.offers import Sold, Why, why
from forecasting.purchasing import programme
from forecasting.purchasing.problem import Need, Order, Problem, supply, wanted


class Postponed(NamedTuple):
    """The price of one more year of a store, alone and at list prices, whatever money there is.

    `full` is the month in which it first lacks something without any order, `until` the first month that need not be
    covered. `lots` are titles and numbers; `price` is None where no orders cover it, and `why` tells that. `late` is in
    how many months it lacks something all the same, as nothing ordered today is there before.
    """

    target: str
    what: str
    quantity: str
    full: dt.date
    until: dt.date
    lots: tuple[tuple[str, int], ...]
    price: float | None
    why: Why | None
    late: int


def postponed(
    problem: Problem, sold: Sequence[Sold], lacks: Iterable[Lack], months: Sequence[dt.date]
) -> list[Postponed]:
    """One for each lack, those soonest full first.

    `problem` has the needs of all `months`, which are those of the plan and a year more (see `Lack.ahead`); its budgets
    are not looked at.
    """
    needs = {need.name: need for need in problem.needs}
    found = [_one(problem, sold, lack, needs[lack.need.name], months) for lack in lacks]
    return sorted(found, key=lambda one: (one.full, one.target, one.what))


def _one(
    problem: Problem, sold: Sequence[Sold], lack: Lack, need: Need, months: Sequence[dt.date]
) -> Postponed:
    full = int(np.flatnonzero(need.amounts)[0])
    until = full + BEYOND
    alone, places = _alone(problem, need, until)
    orders = programme.cheapest(alone)
    lacking = wanted(alone)[0].lacking(supply(alone, need.name, orders))
    covered = not lacking[-1]
    return Postponed(
        lack.target.name,
        planned.name(lack.outlook),
        lack.quantity,
        months[full],
        months[until],
        tuple(_lots(sold, places, orders)) if covered else (),
        sum(alone.offers[one.offer].price * one.lots for one in orders) if covered else None,
        None if covered else why(alone, need.name, until - 1, unaffordable=False),
        int(np.count_nonzero(lacking)),
    )


def _alone(problem: Problem, need: Need, months: int) -> tuple[Problem, list[int]]:
    """One need in its first months with what is sold for it, and the place of each offer in the whole problem."""
    places = [place for place, offer in enumerate(problem.offers) if need.name in offer.gives]
    offers = tuple(
        dataclasses.replace(
            problem.offers[place],
            gives={need.name: problem.offers[place].gives[need.name]},
            ready=problem.offers[place].ready[:months],
        )
        for place in places
    )
    items = {offer.item for offer in offers}
    limits = {item: lots for item, lots in problem.limits.items() if item in items}
    cut = dataclasses.replace(need, amounts=need.amounts[:months])
    return Problem(problem.years[:months], (cut,), offers, {}, limits), places


def _lots(sold: Sequence[Sold], places: Sequence[int], orders: Iterable[Order]) -> Iterator[tuple[str, int]]:
    """How many lots of each item, whenever they are ordered."""
    counts: dict[str, int] = {}
    for order in orders:
        title = sold[places[order.offer]].title
        counts[title] = counts.get(title, 0) + order.lots
    yield from counts.items()
