"""What was bought within a plan and is renewed within it: what wears out first goes first.

What stands instead of an offer renews what that one brought: from then on another machine serves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from forecasting.renewal.costing import Costed
from forecasting.renewal.problem import NEVER, Answer, Ints


class Renewed(NamedTuple):
    """Machines of one cohort that are renewed in a quarter: the offer that `brought` them in the quarter `since`, and the one that
    renews them."""

    cohort: int
    brought: int
    since: int
    offer: int
    quarter: int
    machines: int
    money: float


class Service(NamedTuple):
    """What serves from the quarter `first` to the end of the plan: an offer at a cohort, whose age counts from the quarter `since`
    and anew after each life. Machines below 0 are those that served until then, and do no more."""

    cohort: Ints
    offer: Ints
    since: Ints
    first: Ints
    machines: Ints


class _Kept(NamedTuple):
    """Machines that wait to be renewed."""

    cohort: int
    offer: int
    since: int
    machines: int


def renewed(made: Costed, answer: Answer) -> Iterator[Renewed]:
    """All further renewals, by stock and then by quarter."""
    ways, problem = made.problem.ways, made.problem
    for place, stock in enumerate(problem.stocks):
        came: dict[int, list[_Kept]] = {}
        for way in np.flatnonzero((ways.stock == place) & (answer.machines > 0)).tolist():
            quarter = int(ways.quarter[way])
            kept = _Kept(int(ways.cohort[way]), int(ways.offer[way]), quarter, int(answer.machines[way]))
            came.setdefault(quarter, []).append(kept)
        waits: deque[_Kept] = deque()
        for quarter in range(problem.quarters):
            gone, offer = _first(waits, int(answer.again[place, quarter])), int(stock.offers[quarter])
            for one in gone:
                money = float(one.machines * stock.money[quarter])
                yield Renewed(one.cohort, one.offer, one.since, offer, quarter, one.machines, money)
            # Renewed as it is, its age goes on counting from its first quarter, life after life.
            new = [one if one.offer == offer else one._replace(offer=offer, since=quarter) for one in gone]
            waits.extend((*came.get(quarter, ()), *new))


def _first(waits: deque[_Kept], wanted: int) -> list[_Kept]:
    """So many machines that came first, taken out."""
    found = []
    while wanted:
        one = waits.popleft()
        if one.machines > wanted:
            waits.appendleft(one._replace(machines=one.machines - wanted))
        found.append(one._replace(machines=min(one.machines, wanted)))
        wanted -= found[-1].machines
    return found


def service(made: Costed, answer: Answer) -> Service:
    """What was bought, and serves."""
    ways = made.problem.ways
    used = np.flatnonzero((answer.machines > 0) & (ways.offer != NEVER))
    first = (
        ways.cohort[used],
        ways.offer[used],
        ways.quarter[used],
        ways.quarter[used],
        answer.machines[used],
    )
    changed = [one for one in renewed(made, answer) if one.offer != one.brought]
    gone = [(one.cohort, one.brought, one.since, one.quarter, -one.machines) for one in changed]
    came = [(one.cohort, one.offer, one.quarter, one.quarter, one.machines) for one in changed]
    more = np.array([*gone, *came], dtype=np.int64).reshape(-1, len(first)).T
    return Service(*(np.concatenate(pair) for pair in zip(first, more, strict=True)))
