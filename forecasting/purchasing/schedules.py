"""The best orders of one part of an estate at any prices, by dynamic programming over what has arrived."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from forecasting.purchasing.problem import Array, Offer, Order, Problem, Wanted, common

STATES: Final = 20_000
"""Above so many states a programme is the faster way (see `Schedules.fits`)."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Axis:
    """Offers that add to the same needs in the same proportion. A step is what all their lots are multiples of.

    `strides` has the steps of one lot by offer, `steps` what one step adds to each need in its units; `count` states.
    """

    strides: Mapping[int, int]
    steps: Mapping[str, float]
    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class _Move:
    """From `least` to `most` lots that may arrive: `place` is that of its column.

    `lots` is how many lots each state of the axis is above the lowest from which it can be reached.
    """

    place: int
    axis: int
    stride: int
    least: int
    most: int
    lots: Array


@dataclasses.dataclass(frozen=True, slots=True)
class _Stage:
    """Months from `first` on in which nothing new arrives; `wants` are units of each need."""

    months: int
    moves: tuple[_Move, ...]
    wants: Mapping[str, float]


class Schedules:
    """All schedules of orders for needs that no other offers serve.

    The state is what has arrived: steps along each axis. From one stage to the next each column may add its lots, and
    what lacks is paid for the months that the stage lasts; so a table of the least that each state has cost is carried
    from the first month to the last (Bellman, *Dynamic Programming*, 1957; the same recursion as the lot sizing of
    Wagner and Whitin, *Management Science* 5, 1958, with whole lots instead of free amounts). A state above what covers
    every need of an axis alone is reached by the last lots only, since lots after it would be money for nothing.
    """

    def __init__(
        self, problem: Problem, wants: Sequence[Wanted], columns: Sequence[Order], most: Array
    ) -> None:
        """`columns` are the orders that may be made, `most` the largest lots of each."""
        self._wants = {one.need.name: one for one in wants}
        self._columns = columns
        self._penalty = {one.need.name: problem.penalty * one.need.weight for one in wants}
        offers = {one.offer: problem.offers[one.offer] for one in columns}
        self._axes = [
            _axis(offers, members, self._wants) for members in _directions(offers, self._wants).values()
        ]
        self._shape = tuple(axis.count for axis in self._axes)
        self._stages = list(_stages(problem, self._wants, self._moves(offers, most), columns))
        self._have: dict[str, Array] = {}
        self._exact = False

    @property
    def states(self) -> int:
        """How many states there are."""
        return math.prod(self._shape)

    @property
    def fits(self) -> bool:
        """Whether the table is small enough to be faster than a programme."""
        return self.states <= STATES

    def _moves(self, offers: Mapping[int, Offer], most: Array) -> list[_Move]:
        axes = {offer: place for place, axis in enumerate(self._axes) for offer in axis.strides}
        found = []
        for place, order in enumerate(self._columns):
            axis, offer = self._axes[axes[order.offer]], offers[order.offer]
            stride = axis.strides[order.offer]
            lots = np.arange(axis.count, dtype=np.float64) // stride
            highest = min(int(most[place]), int(lots[-1]))
            found.append(_Move(place, axes[order.offer], stride, offer.least, highest, lots))
        return found

    def best(self, prices: Array) -> tuple[float, Array]:
        """The least that orders and lacking units can cost at a price of one lot by column, and the lots of each."""
        if not self._have:
            self._have = {name: self._supply(name) for name in self._wants}
            self._exact = all(np.array_equal(have, np.rint(have)) for have in self._have.values())
        table = np.full(self._shape, math.inf)
        table[(0,) * len(self._shape)] = 0.0
        passed: list[tuple[_Move, Array, Array]] = []
        for stage in self._stages:
            for move in stage.moves:
                before, table = table, _moved(table, move, float(prices[move.place]))
                passed.append((move, before, table))
            for name, units in stage.wants.items():
                if units > 0:
                    table = table + self._penalty[name] * stage.months * self._lacking(name, units)
        at = np.unravel_index(int(np.argmin(table)), self._shape)
        return float(table[at]), self._back(passed, [int(place) for place in at], prices)

    def _supply(self, name: str) -> Array:
        have = np.zeros(self._shape)
        for place, axis in enumerate(self._axes):
            along = np.arange(axis.count) * axis.steps.get(name, 0.0)
            have = have + along.reshape([-1 if k == place else 1 for k in range(len(self._shape))])
        return have

    def _lacking(self, name: str, units: float) -> Array:
        lacking: Array = units - self._have[name]
        np.maximum(lacking, 0.0, out=lacking)
        if not self._exact:
            lacking[lacking < 1e-6] = 0.0  # as `Wanted.lacking` has it
        return lacking

    def _back(self, passed: Sequence[tuple[_Move, Array, Array]], at: list[int], prices: Array) -> Array:
        """The lots by which the least cost of a state was reached, from the last move to the first."""
        lots = np.zeros(len(self._columns))
        for move, before, after in reversed(passed):
            if after[tuple(at)] >= before[tuple(at)]:
                continue
            here = at[move.axis]
            counts = np.arange(move.least, min(here // move.stride, move.most) + 1)
            index: list[Any] = list(at)
            index[move.axis] = here - counts * move.stride
            chosen = int(counts[int(np.argmin(before[tuple(index)] + counts * prices[move.place]))])
            lots[move.place] += chosen
            at[move.axis] = here - chosen * move.stride
        return lots


def _directions(
    offers: Mapping[int, Offer], wants: Mapping[str, Wanted]
) -> dict[tuple[object, ...], list[int]]:
    """Offers by the proportion in which they serve the needs; each apart where their lots have no common measure."""
    found: dict[tuple[object, ...], list[int]] = {}
    for place, offer in offers.items():
        names = sorted(name for name in offer.gives if name in wants)
        shares = tuple(float(f"{offer.gives[name] / offer.gives[names[0]]:.9e}") for name in names)
        found.setdefault((*names, *shares), []).append(place)
    apart: dict[tuple[object, ...], list[int]] = {}
    for key, members in found.items():
        measured = common([offers[place].gives[str(key[0])] for place in members])[1]
        apart |= {key: members} if measured else {(*key, place): [place] for place in members}
    return apart


def _axis(offers: Mapping[int, Offer], members: Sequence[int], wants: Mapping[str, Wanted]) -> _Axis:
    gives = offers[members[0]].gives
    first = min(name for name in gives if name in wants)
    step = common([offers[place].gives[first] for place in members])[0]
    strides = {place: max(round(offers[place].gives[first] / step), 1) for place in members}
    steps = {
        name: amount / strides[members[0]] / wants[name].unit
        for name, amount in gives.items()
        if name in wants
    }
    cover = max(math.ceil(float(wants[name].amounts[-1]) / added - 1e-6) for name, added in steps.items())
    last = max(offers[place].least * stride for place, stride in strides.items())
    return _Axis(strides, steps, max(cover - 1, 0) + last + 1)


def _stages(
    problem: Problem, wants: Mapping[str, Wanted], moves: Sequence[_Move], columns: Sequence[Order]
) -> Iterator[_Stage]:
    arriving: dict[int, list[_Move]] = {}
    for move, order in zip(moves, columns, strict=True):
        ready = problem.offers[order.offer].ready[order.month]
        if ready is not None and ready < problem.months:
            arriving.setdefault(ready, []).append(move)
    rises = {int(month) for one in wants.values() for month in np.flatnonzero(np.diff(one.amounts)) + 1}
    firsts = sorted({0} | rises | set(arriving))
    for first, after in zip(firsts, [*firsts[1:], problem.months], strict=True):
        amounts = {name: float(one.amounts[first]) for name, one in wants.items()}
        yield _Stage(after - first, tuple(arriving.get(first, ())), amounts)


def _moved(table: Array, move: _Move, price: float) -> Array:
    """The least that each state costs where lots may arrive, none, or from the smallest to the largest order."""
    if move.most < move.least:
        return table
    last = table.swapaxes(move.axis, -1)
    bought = move.lots * price
    start = move.least * move.stride
    # A lot costs the same wherever it is bought: without that, the least of a window of states is looked for.
    lowest = _window(last - bought, move.stride, move.most - move.least + 1)
    found = last.copy()
    np.minimum(last[..., start:], lowest[..., :-start] + bought[start:], out=found[..., start:])
    return found.swapaxes(move.axis, -1)


def _window(values: Array, stride: int, width: int) -> Array:
    """The least of each value and those up to `width` - 1 strides before it, by windows of twice the width each time."""
    if stride == 1 and width >= values.shape[-1] - 1:  # nothing is that far before but what never counts
        least: Array = np.minimum.accumulate(values, axis=-1)
        return least
    size = 1
    while size < width:
        step = min(size, width - size) * stride
        wider = values.copy()
        np.minimum(wider[..., step:], values[..., :-step], out=wider[..., step:])
        values, size = wider, size + step // stride
    return values
