"""The renewal plan as an integer programme, solved by HiGHS, with the gap that it proves.

The relaxation is solved first. Its bound is what is proven; it leaves no more cohorts in parts than there are caps,
quarters and second renewals that bind, so all others are kept as they are and the few are made whole by a small
programme. Ways whose reduced cost is more than what is left between the two can be in no better plan (Dantzig,
Fulkerson and Johnson, *Operations Research* 2, 1954): where the gap is too wide a programme of the others closes it, and proves
a better bound. Of a small fleet one machine is much of the whole, so that the relaxation proves little: there that programme comes first.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded by who uses them: pages that only show a plan do not

from forecasting.renewal import greedy
from forecasting.renewal.blocks import merged, parted
from forecasting.renewal.exchanging import exchanged
from forecasting.renewal.hindrances import PlanError
from forecasting.renewal.problem import (
    NEVER,
    TOLERANCE,
    Answer,
    Bools,
    Floats,
    Ints,
    Problem,
    broken,
    members,
    worth,
)

GAP: Final = 1e-4
"""The gap from which a plan is good enough."""

SECONDS: Final = 3600.0
"""A far net, a thousand times what the search takes: after so long it ends, and the solution says so. What ends it is work, the same
on any machine, however busy."""

WORK: Final = 200_000
"""The most nodes that HiGHS looks into in one programme, times its columns ..."""

SMALL: Final = 4_000
"""... and the most columns of the programme of all that is left: where there are more it would not end."""

FEWEST: Final = 2_000
"""Up to so many ways it comes before all else."""


@dataclasses.dataclass(frozen=True, slots=True)
class Solution:
    """A plan. No plan costs less than `bound`; `gap` is the share of `cost` that is not proven. `how` says what found it:
    the relaxation made whole, exchanges, the programme of what is left, or the greedy one. `late`: the net of time ended it."""

    answer: Answer
    cost: float
    bound: float
    gap: float
    how: str
    late: bool
    seconds: float
    greedy: Answer
    greedy_cost: float
    greedy_gap: float


INFEASIBLE: Final = 2
"""The status of `linprog` where nothing keeps all bounds."""


FEW: Final = 12
"""Up to so many cohorts that the relaxation leaves in parts, BESIDES others may move too before exchanges: with more it takes
long, so that comes after them, and only where the gap is more than NEAR times what is wanted."""

NEAR: Final = 2.0

BESIDES: Final = 100

SHARE: Final = 2.0
"""The part of the gap that one of their ways may cost at most."""


class _Model(NamedTuple):
    """Columns are ways, then by stock and quarter: second renewals, arrived, renewed, owed; last the dearest year."""

    cost: Floats
    whole: Bools
    most: Floats
    equal: scipy.sparse.csr_array
    equals: Floats
    below: scipy.sparse.csr_array
    bounds: Floats


@dataclasses.dataclass(frozen=True, slots=True)
class Effort:
    """How long is searched: until `gap`, or until less than `least` is left to the bound, or for `seconds` (a far net).

    A `brief` search makes the relaxation whole (or takes the programme of all, where that is small) without branching, tries
    exchanges, and leaves it at that.
    """

    seconds: float = SECONDS
    gap: float = GAP
    least: float = 0.0
    brief: bool = False

    def goal(self, bound: float) -> float:
        """What may be left to a bound."""
        return max(self.gap * bound, self.least)

    def nodes(self, columns: int) -> int:
        """The most nodes of a programme."""
        return 1 if self.brief else max(WORK // columns, 1)


def solve(problem: Problem, effort: Effort = Effort()) -> Solution:
    """The best plan that is found; the same problem has the same answer on any machine, unless it is `late`.

    Raises PlanError where nothing keeps to the caps: dues that every way of a cohort has to pay can do that.
    """
    begun = time.monotonic()
    whole, blocks = problem, merged(problem)
    found = _solve(blocks.problem, effort, begun)
    return dataclasses.replace(
        found,
        answer=parted(whole, blocks, found.answer),
        greedy=parted(whole, blocks, found.greedy),
        seconds=time.monotonic() - begun,
    )


def _solve(problem: Problem, effort: Effort, begun: float) -> Solution:
    plain = greedy.answer(problem)
    model = _model(problem)
    relaxed = scipy.optimize.linprog(
        model.cost, A_ub=model.below, b_ub=model.bounds, A_eq=model.equal, b_eq=model.equals,
        bounds=np.stack((np.zeros_like(model.most), model.most), axis=1), method="highs-ds",
        options={"time_limit": effort.seconds, "presolve": False},  # it takes longer than it saves here
    )  # fmt: skip
    if relaxed.status == INFEASIBLE or (relaxed.status != 0 and broken(problem, plain)):
        raise PlanError("caps")
    # Where the time was used up, all that costs something is known to cost no less than nothing.
    if relaxed.status != 0:
        return _solution(problem, plain, plain, 0.0, "greedy", True, begun)
    bound, reduced = float(relaxed.fun), np.asarray(relaxed.lower.marginals)
    best, how, late = plain, "greedy", False
    cost, goal = worth(problem, plain), effort.goal(bound)
    tried = False
    for what, free in _stages(problem, relaxed.x, reduced, effort.brief):
        if free is None:
            tried = True
            found: Answer | None = exchanged(problem, best, reduced[: len(problem.ways)], bound, goal)
        else:
            if what == "neighbourhood" and tried and cost - bound <= NEAR * goal:
                continue
            may = free(cost - bound)
            if what == "programme" and may.columns.sum() > SMALL:
                continue
            left = max(effort.seconds - (time.monotonic() - begun), 0.1)
            found, timed, proven = _whole(
                problem, model, may, _Goal(bound, goal, effort.nodes(int(may.columns.sum())), left)
            )
            late |= timed
            if what == "programme":  # what it leaves out is in no better plan than the best
                bound = max(bound, min(proven, cost))
        if found is not None and (other := worth(problem, found)) < cost - TOLERANCE:
            best, how, cost = found, what, other
        if cost - bound <= goal:
            break
    return _solution(problem, best, plain, bound, how, late, begun)


def direct(problem: Problem, seconds: float, gap: float = GAP) -> tuple[Answer | None, float]:
    """The whole programme as it stands, given to HiGHS at once: the answer, None where none was found, and the bound.

    Slower than `solve` by far where there are many ways; it is what that is held against.
    """
    model = _model(problem)
    found = scipy.optimize.milp(
        model.cost,
        integrality=model.whole.astype(np.int64),
        bounds=scipy.optimize.Bounds(np.zeros(len(model.cost)), model.most),
        constraints=[
            scipy.optimize.LinearConstraint(model.equal, model.equals, model.equals),
            scipy.optimize.LinearConstraint(model.below, -np.inf, model.bounds),
        ],
        options={"time_limit": seconds, "mip_rel_gap": gap},
    )
    bound = found.mip_dual_bound
    answer = None if found.x is None else _answer(problem, found.x)
    return answer, 0.0 if bound is None or not np.isfinite(bound) else float(bound)


def _solution(
    problem: Problem, best: Answer, plain: Answer, bound: float, how: str, late: bool, begun: float
) -> Solution:
    cost, other = worth(problem, best), worth(problem, plain)
    return Solution(
        answer=best,
        cost=cost,
        bound=min(bound, cost),
        gap=_gap(cost, bound),
        how=how,
        late=late,
        seconds=time.monotonic() - begun,
        greedy=plain,
        greedy_cost=other,
        greedy_gap=_gap(other, bound),
    )


def _gap(cost: float, bound: float) -> float:
    return max(cost - bound, 0.0) / cost if cost > TOLERANCE else 0.0


class _Free(NamedTuple):
    """Which columns may move, and from which value on: `least` is kept whatever comes."""

    columns: Bools
    least: Floats


def _stages(
    problem: Problem, x: Floats, reduced: Floats, brief: bool
) -> Iterator[tuple[str, Callable[[float], _Free] | None]]:
    """What may move, from little to much, by the gap that is left."""
    ways = len(problem.ways)
    snapped = np.where(np.abs(x - np.rint(x)) < TOLERANCE, np.rint(x), x)
    floor = np.floor(snapped)
    floor[ways:] = 0.0
    torn = np.zeros(len(problem.counts), dtype=bool)
    torn[problem.ways.cohort[snapped[:ways] > floor[:ways]]] = True

    def parts(_gap: float) -> _Free:
        columns = np.ones(len(x), dtype=bool)
        columns[:ways] = torn[problem.ways.cohort]
        return _Free(columns, floor)

    def left(gap: float) -> _Free:
        columns = reduced <= gap + TOLERANCE
        columns[ways:] = True
        return _Free(columns, np.zeros_like(floor))

    few = bool(torn.sum() <= FEW)

    def near(gap: float, besides: int = BESIDES) -> _Free:
        """Besides cohorts in parts those that care the least when they go: one machine of each of their ways."""
        chosen = torn.copy()
        chosen[np.argsort(_second(problem, reduced[:ways]), kind="stable")[:besides]] = True
        cheap = (reduced[:ways] <= gap / SHARE) | (problem.ways.offer == NEVER)
        columns = np.ones(len(x), dtype=bool)
        columns[:ways] = chosen[problem.ways.cohort] & cheap
        least = floor.copy()
        least[:ways] = np.where(columns[:ways], np.maximum(floor[:ways] - 1.0, 0.0), floor[:ways])
        return _Free(columns, least)

    small = ways <= FEWEST and len(x) <= SMALL
    if small:
        yield "programme", left
    if not (brief and small):
        yield "rounded", parts
    if brief:
        yield "exchanges", None
        return
    if few:
        yield "neighbourhood", near
    yield "exchanges", None
    yield "neighbourhood", lambda gap: near(gap, 2 * BESIDES if few else BESIDES)
    yield "exchanges", None
    if not small:
        yield "programme", left


def _second(problem: Problem, reduced: Floats) -> Floats:
    """By how much the second best way of each cohort is dearer than its best one."""
    order = np.lexsort((reduced, problem.ways.cohort))
    starts = np.flatnonzero(np.diff(problem.ways.cohort[order], prepend=-1))
    counts = np.diff(np.append(starts, len(order)))
    second = order[np.minimum(starts + 1, len(order) - 1)]
    return np.asarray(np.where(counts > 1, reduced[second], np.inf))


class _Goal(NamedTuple):
    """How far a programme goes: to within `rest` of the `bound`, and no more nodes or seconds than these."""

    bound: float
    rest: float
    nodes: int
    seconds: float


def _whole(problem: Problem, model: _Model, free: _Free, goal: _Goal) -> tuple[Answer | None, bool, float]:
    """The best whole answer in which columns that are not free keep what they have; whether time ran out; and what no such
    answer costs less than."""
    begun, columns = time.monotonic(), np.flatnonzero(free.columns)
    fixed = free.least
    equal, below = model.equal[:, columns], model.below[:, columns]
    equals, bounds = model.equals - model.equal @ fixed, model.bounds - model.below @ fixed
    kept = float(model.cost @ fixed)
    found = scipy.optimize.milp(
        model.cost[columns],
        integrality=model.whole[columns].astype(np.int64),
        bounds=scipy.optimize.Bounds(np.zeros(len(columns)), model.most[columns] - fixed[columns]),
        constraints=[
            scipy.optimize.LinearConstraint(equal, equals, equals),
            scipy.optimize.LinearConstraint(below, -np.inf, bounds),
        ],
        options={
            "time_limit": goal.seconds,
            "node_limit": goal.nodes,
            "mip_rel_gap": min(goal.rest / 2 / max(goal.bound - kept, 1.0), 0.5),
        },
    )
    timed = time.monotonic() - begun >= goal.seconds
    proven = found.mip_dual_bound
    least = kept + proven if proven is not None and np.isfinite(proven) else goal.bound
    if found.x is None:
        return None, timed, least
    whole = fixed.copy()
    whole[columns] += found.x
    return _answer(problem, whole), timed, least


def _answer(problem: Problem, x: Floats) -> Answer | None:
    ways, shape = len(problem.ways), (len(problem.stocks), problem.quarters)
    again = x[ways : ways + shape[0] * shape[1]].reshape(shape)
    answer = Answer(np.rint(x[:ways]).astype(np.int64), np.rint(again).astype(np.int64))
    return None if broken(problem, answer) else answer


# --- the matrices -----------------------------------------------------------------------------------


class _Rows:
    """Rows of a sparse matrix, as they come."""

    def __init__(self) -> None:
        self._rows: list[Ints] = []
        self._columns: list[Ints] = []
        self._values: list[Floats] = []
        self.right: list[float] = []

    def add(self, right: npt.ArrayLike, rows: Ints, columns: Ints, values: Floats) -> None:
        """Rows with these right sides; `rows` are counted from the first of them."""
        self._rows.append(np.asarray(rows, dtype=np.int64) + len(self.right))
        self._columns.append(np.asarray(columns, dtype=np.int64))
        self._values.append(np.broadcast_to(np.asarray(values, dtype=np.float64), np.shape(columns)))
        self.right += np.asarray(right, dtype=np.float64).tolist()

    def matrix(self, columns: int) -> scipy.sparse.csr_array:
        parts = [
            np.concatenate(one) if one else np.zeros(0) for one in (self._values, self._rows, self._columns)
        ]
        values, rows, places = parts
        return scipy.sparse.csr_array(
            scipy.sparse.coo_array((values, (rows, places)), shape=(len(self.right), columns))
        )


def _model(problem: Problem) -> _Model:
    ways, stocks, quarters = problem.ways, len(problem.stocks), problem.quarters
    first, size = len(ways), stocks * quarters
    again, came, renewed, owed = (first + place * size for place in range(4))
    dearest = first + 4 * size
    columns = dearest + 1
    cost = np.zeros(columns)
    cost[:first] = ways.cost + ways.penalty
    most = np.full(columns, np.inf)
    most[:first] = problem.counts[ways.cohort]
    for place, stock in enumerate(problem.stocks):
        span = np.arange(place * quarters, (place + 1) * quarters)
        cost[again + span], cost[owed + span] = stock.cost, stock.weight
        most[again + span[~stock.open]] = 0.0
    cost[dearest] = problem.largest
    whole = np.zeros(columns, dtype=bool)
    whole[:came] = True
    equal, below = _Rows(), _Rows()
    equal.add(problem.counts, ways.cohort, np.arange(first), np.ones(first))
    for place, stock in enumerate(problem.stocks):
        span = np.arange(place * quarters, (place + 1) * quarters)
        of = np.flatnonzero((ways.stock == place) & (ways.quarter < quarters))
        _cumulated(equal, came + span, ways.quarter[of], of)
        _cumulated(equal, renewed + span, np.arange(quarters), again + span)
        for gap, low in ((stock.least, True), (stock.life, False)):
            later = span[gap:] if gap < quarters else span[:0]
            earlier = span[: len(later)]
            rows = np.arange(len(later))
            wears = rows[stock.least :]  # before, nothing is renewed that could wear out again
            zero = np.zeros(len(later))
            if low:  # not before its time ...
                below.add(zero, rows, renewed + later, np.ones(len(later)))
                below.add((), rows - len(later), came + earlier, -np.ones(len(later)))
                below.add((), wears - len(later), renewed + earlier[wears], -np.ones(len(wears)))
            else:  # ... and no later than its life, or it is owed
                below.add(zero, rows, came + earlier, np.ones(len(later)))
                below.add((), wears - len(later), renewed + earlier[wears], np.ones(len(wears)))
                below.add((), rows - len(later), renewed + later, -np.ones(len(later)))
                below.add((), rows - len(later), owed + later, -np.ones(len(later)))
        if stock.least:
            most[again + span[: stock.least]] = 0.0
    _shared(problem, below, again, dearest)
    return _Model(
        cost, whole, most, equal.matrix(columns), np.array(equal.right), below.matrix(columns), np.array(below.right)
    )  # fmt: skip


def _cumulated(rows: _Rows, totals: Ints, quarters: Ints, columns: Ints) -> None:
    """Each total is the one before it and what comes in its quarter."""
    count = len(totals)
    rows.add(np.zeros(count), np.arange(count), totals, np.ones(count))
    rows.add((), np.arange(1, count) - count, totals[:-1], -np.ones(count - 1))
    rows.add((), quarters - count, columns, -np.ones(len(columns)))


def _shared(problem: Problem, below: _Rows, again: int, dearest: int) -> None:
    """Caps, the dearest year, and hands."""
    columns, years, money, payers = _payments(problem, again)
    names = sorted({cap.purse for cap in problem.caps})
    purses = (*problem.purses, *(stock.purses for stock in problem.stocks))
    member = {name: pays[payers] for name, pays in zip(names, members(names, purses), strict=True)}
    for cap, amount in sorted(problem.caps.items()):
        of = member[cap.purse] & (years == problem.years.index(cap.year))
        below.add([amount], np.zeros(of.sum(), dtype=np.int64), columns[of], money[of])
    if problem.largest:
        count = len(problem.years)
        below.add(np.zeros(count), years, columns, money)
        below.add((), np.arange(count) - count, np.full(count, dearest), -np.ones(count))
    ways = problem.ways
    bought = np.flatnonzero(
        (ways.offer != NEVER) & np.isfinite(problem.hands)[np.minimum(ways.quarter, problem.quarters - 1)]
    )
    bounded = np.flatnonzero(np.isfinite(problem.hands))
    place = np.zeros(problem.quarters, dtype=np.int64)
    place[bounded] = np.arange(len(bounded))
    below.add(problem.hands[bounded], place[ways.quarter[bought]], bought, np.ones(len(bought)))
    for stock in range(len(problem.stocks)):
        below.add(
            [],
            np.arange(len(bounded)) - len(bounded),
            again + stock * problem.quarters + bounded,
            np.ones(len(bounded)),
        )


def _payments(problem: Problem, again: int) -> tuple[Ints, Ints, Floats, Ints]:
    """All that is paid: column, place of the year, money of one machine, and who pays: a cohort or, after them, a stock."""
    ways, quarters = problem.ways, problem.quarters
    bought = np.flatnonzero(ways.offer != NEVER)
    columns, years, money, payers = (
        [bought, problem.dues.way],
        [ways.year[bought], problem.dues.year],
        [ways.money[bought], problem.dues.money],
        [ways.cohort[bought], ways.cohort[problem.dues.way]],
    )
    for place, stock in enumerate(problem.stocks):
        columns.append(again + place * quarters + np.arange(quarters))
        years.append(stock.year)
        money.append(stock.money)
        payers.append(np.full(quarters, len(problem.counts) + place))
    return np.concatenate(columns), np.concatenate(years), np.concatenate(money), np.concatenate(payers)
