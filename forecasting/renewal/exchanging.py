"""Exchanges that make a whole plan better: some machines of a cohort go sooner or later, and one or two others make room.

A plan is as far above the bound as its money lies idle, at what a euro more would be worth, and as its ways are dearer than the
best: whole machines leave some hundred euros of a year over, and where money is short each is worth many. Of all exchanges that
change the use of money and hands alike only the cheapest few count; all pairs of these are looked at, then threes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from forecasting.renewal.problem import (
    NEVER,
    TOLERANCE,
    Answer,
    Bools,
    Floats,
    Ints,
    Problem,
    arrived,
    broken,
    members,
    spans,
    worth,
)

ROUNDS: Final = 4
"""How often all exchanges are looked at."""

ALIKE: Final = 2
"""How many of those that use money and hands alike are looked at."""

MOST: Final = 500
"""How many are looked at in all, each with up to TIMES machines ..."""

TIMES: Final = 4

PAIRS: Final = 3_000
"""... and how many pairs of them, for exchanges of three."""

APPLIED: Final = 60
"""How many of the best are tried in a round, one after the other."""

SHARE: Final = 50.0
"""The part of the gap that the best pair has to close; where it does not, threes are looked at."""

CENT: Final = 0.004
"""What rounding may add to a year's money."""


class _Moves(NamedTuple):
    """Machines that go by another way of their cohort: how many, what that costs, and what it uses besides (a column for each row)."""

    start: Ints
    end: Ints
    times: Ints
    cost: Floats
    use: Floats

    def only(self, kept: Ints | Bools) -> _Moves:
        return _Moves(self.start[kept], self.end[kept], self.times[kept], self.cost[kept], self.use[kept])


def exchanged(problem: Problem, answer: Answer, reduced: Floats, bound: float, goal: float) -> Answer:
    """A plan at least as good. `reduced` are the reduced costs of ways: none that costs more than what is left to the bound is
    looked at. The work is bounded by rounds, so the same plan comes of it on any machine."""
    rows = _Rows(problem)
    best, cost = answer, worth(problem, answer)
    for _ in range(ROUNDS):
        if cost - bound <= goal:
            break
        found = _round(problem, rows, best, reduced, cost - bound)
        if found is None or (less := worth(problem, found)) >= cost - TOLERANCE:
            break
        best, cost = found, less
    return best


class _Rows:
    """What ways use: money of each year, of each purse with a bound, and hands; and how much there is of each."""

    def __init__(self, problem: Problem) -> None:
        self._problem, self._years = problem, len(problem.years)
        names = ["", *sorted({cap.purse for cap in problem.caps} - {""})]
        most = np.full((len(names), self._years), np.inf)
        for cap, money in problem.caps.items():
            most[names.index(cap.purse), problem.years.index(cap.year)] = money + CENT
        self._bounds = np.concatenate((most.ravel(), problem.hands))
        self._member = members(names, problem.purses)
        self._stocked = members(names, [one.purses for one in problem.stocks])
        self._dues = np.searchsorted(problem.dues.way, np.arange(len(problem.ways) + 1))

    def of(self, chosen: Ints) -> Floats:
        """What one machine of each of these ways uses."""
        problem, ways, each = self._problem, self._problem.ways, np.arange(len(chosen))
        money, hands = np.zeros((len(chosen), self._years)), np.zeros((len(chosen), problem.quarters))
        bought = ways.offer[chosen] != NEVER
        money[each[bought], ways.year[chosen][bought]] = ways.money[chosen][bought]
        hands[each[bought], ways.quarter[chosen][bought]] = 1.0
        row, dues = spans(self._dues[chosen], self._dues[chosen + 1])
        np.add.at(money, (row, problem.dues.year[dues]), problem.dues.money[dues])
        parts = [money * member[ways.cohort[chosen]][:, None] for member in self._member]
        return np.concatenate((*parts, hands), axis=1)

    def left(self, answer: Answer) -> Floats:
        """How much of each is left."""
        problem = self._problem
        used = np.flatnonzero(answer.machines)
        money = np.zeros((len(self._member), self._years))
        for place, stock in enumerate(problem.stocks):
            paid = np.bincount(stock.year, answer.again[place] * stock.money, minlength=self._years)
            money[self._stocked[:, place]] += paid[: self._years]
        again = np.concatenate((money.ravel(), answer.again.sum(axis=0)))
        return np.asarray(self._bounds - answer.machines[used] @ self.of(used) - again)


def _round(problem: Problem, rows: _Rows, answer: Answer, reduced: Floats, gap: float) -> Answer | None:
    """The answer after the exchanges of a round; None where nothing is found."""
    moves = _moves(problem, rows, answer, reduced, gap)
    if not len(moves.start):
        return None
    left = rows.left(answer)
    tight = np.flatnonzero(left < 3 * np.maximum(moves.use.max(axis=0), 0.0))
    pairs = _pairs(moves, left[tight], tight)
    best = float(moves.cost[pairs[0]].sum()) if len(pairs) else 0.0
    found = _applied(problem, answer, moves, pairs, left) if best < -gap / SHARE else None
    return found or _applied(problem, answer, moves, _threes(moves, left[tight], tight, reduced), left)


def _moves(problem: Problem, rows: _Rows, answer: Answer, reduced: Floats, gap: float) -> _Moves:
    """Those that may be part of a better plan, what costs the least more first."""
    ways = problem.ways
    start, end = _others(problem, answer, np.flatnonzero((reduced <= gap) | (answer.machines > 0)))
    extra, may = _worn(problem, answer, start, end)
    dearer = reduced[end] - reduced[start] + extra
    order = np.argsort(dearer, kind="stable")
    kept = order[may[order] & (dearer[order] <= gap)]
    start, end = start[kept], end[kept]
    value = ways.cost + ways.penalty
    cost = value[end] - value[start] + extra[kept]
    one = _cheapest(_Moves(start, end, np.ones_like(start), cost, rows.of(end) - rows.of(start)), ALIKE, MOST)
    several = [_times(one.only(answer.machines[one.start] >= times), times) for times in range(1, TIMES + 1)]
    return _Moves(*(np.concatenate(parts) for parts in zip(*several, strict=True)))


def _others(problem: Problem, answer: Answer, near: Ints) -> tuple[Ints, Ints]:
    """Each way that is taken, and each other one of its cohort that is near."""
    cohort = problem.ways.cohort
    every = np.arange(len(problem.counts))
    begins, ends = (np.searchsorted(cohort[near], every, side=side) for side in ("left", "right"))
    used = np.flatnonzero(answer.machines)
    row, place = spans(begins[cohort[used]], ends[cohort[used]])
    start, end = used[row], near[place]
    return start[start != end], end[start != end]


def _times(moves: _Moves, times: int) -> _Moves:
    return moves._replace(times=moves.times * times, cost=moves.cost * times, use=moves.use * times)


def _cheapest(moves: _Moves, alike: int, most: int) -> _Moves:
    """Of those that use alike the cheapest, in the order in which they come, and no more than `most`."""
    return moves.only(_distinct(moves.use, moves.cost, alike)[:most])


def _distinct(use: Floats, cost: Floats, alike: int) -> Ints:
    """The places of the cheapest of those that use alike, in order."""
    key = np.round(
        use @ np.random.default_rng(0).normal(size=use.shape[1]), 6
    )  # equal for those that are alike
    order = np.lexsort((np.arange(len(key)), cost, key))
    first = np.where(np.diff(key[order], prepend=np.nan) != 0, np.arange(len(order)), 0)
    return np.sort(order[np.arange(len(order)) - np.maximum.accumulate(first) < alike])


def _worn(problem: Problem, answer: Answer, start: Ints, end: Ints) -> tuple[Floats, Bools]:
    """What a move costs besides since more or less wears out within the plan, and whether second renewals allow it."""
    ways, quarters = problem.ways, problem.quarters
    extra, may = np.zeros(len(start)), np.ones(len(start), dtype=bool)
    for place, stock in enumerate(problem.stocks):
        came, again = arrived(problem, answer, place).cumsum(), answer.again[place].cumsum()
        every = came + again
        owed = every[: max(quarters - stock.life, 0)] - again[stock.life :]
        spare = every[: max(quarters - stock.least, 0)] - again[stock.least :]
        since, until = (np.where(ways.stock[of] == place, ways.quarter[of], quarters) for of in (start, end))
        low, high, sooner = np.minimum(since, until), np.maximum(since, until), until < since
        extra += stock.weight * np.where(sooner, _within(owed >= 0, low, high), -_within(owed > 0, low, high))
        may &= sooner | (_within(spare <= 0, low, high) == 0)
    return extra, may


def _within(told: Bools, low: Ints, high: Ints) -> Ints:
    """In how many quarters from `low` to before `high` it is so."""
    sums = np.concatenate(([0], told.cumsum()))
    return np.asarray(sums[np.minimum(high, len(told))] - sums[np.minimum(low, len(told))], dtype=np.int64)


def _pairs(moves: _Moves, room: Floats, tight: Ints) -> Ints:
    """One move or two at once that lessen the cost and find room, the best first; the number of moves stands for none."""
    cost = np.append(moves.cost, 0.0)
    use = np.concatenate((moves.use[:, tight], np.zeros((1, len(tight)))))
    rows, columns = np.nonzero(np.triu(cost[:, None] + cost[None, :] < -TOLERANCE, 1))
    rows, columns = _fitting(use, use, rows, columns, room)
    best = np.argsort(cost[rows] + cost[columns], kind="stable")[:APPLIED]
    found = np.stack((rows[best], columns[best]), axis=1)
    return np.where(found == len(moves.start), found[:, :1], found)


def _threes(moves: _Moves, room: Floats, tight: Ints, reduced: Floats) -> Ints:
    """Three at once: of pairs those that cost the least more, and any other."""
    use, dearer = moves.use[:, tight], moves.times * (reduced[moves.end] - reduced[moves.start])
    first, second = np.triu_indices(len(use), 1)
    near = np.argsort(dearer[first] + dearer[second], kind="stable")[: 6 * PAIRS]
    first, second = first[near], second[near]
    both, cost = use[first] + use[second], moves.cost[first] + moves.cost[second]
    kept = _distinct(both, cost, 1)[:PAIRS]
    rows, columns = np.nonzero(cost[kept][:, None] + moves.cost[None, :] < -TOLERANCE)
    rows, columns = _fitting(both[kept], use, rows, columns, room)
    best = np.argsort(cost[kept][rows] + moves.cost[columns], kind="stable")[:APPLIED]
    pair = kept[rows[best]]
    return np.stack((first[pair], second[pair], columns[best]), axis=1)


def _fitting(one: Floats, other: Floats, rows: Ints, columns: Ints, room: Floats) -> tuple[Ints, Ints]:
    """Those that find room together."""
    for place, most in enumerate(room):
        fits = one[rows, place] + other[columns, place] <= most
        rows, columns = rows[fits], columns[fits]
    return rows, columns


def _applied(problem: Problem, answer: Answer, moves: _Moves, chosen: Ints, left: Floats) -> Answer | None:
    """The answer after the best exchanges that can be made one after the other."""
    machines, room, done = answer.machines, left, False
    touched: set[int] = set()
    for numbers in chosen.tolist():
        of = moves.only(np.array(sorted(set(numbers)), dtype=np.int64))
        stocks = set(problem.ways.stock[np.concatenate((of.start, of.end))].tolist()) - {NEVER}
        use, trial = of.use.sum(axis=0), machines.copy()
        np.subtract.at(trial, of.start, of.times)
        np.add.at(trial, of.end, of.times)
        if stocks & touched or (use > room).any() or (trial < 0).any():
            continue
        if stocks and broken(problem, Answer(trial, answer.again)):
            continue
        machines, room, done = trial, room - use, True
        touched |= stocks
    return Answer(machines, answer.again) if done else None
