"""The renewal plan as an integer programme, held against all plans there are on cases so small that they can be listed."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.renewal import greedy, programme
from forecasting.renewal.exchanging import exchanged
from forecasting.renewal.problem import NEVER, Answer, Cap, Dues, Problem, Stock, Ways, broken, worth
from forecasting.renewal.programme import Effort

QUARTERS = 3
tried = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOTHING = Dues(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))


def _problem(
    counts: Sequence[int],
    costs: Sequence[Sequence[int]],
    dues: Sequence[int],
    prices: Sequence[int],
    money: Sequence[float | None],
    hands: Sequence[float],
    largest: float = 0.0,
    late: float = 40.0,
) -> Problem:
    """Cohorts with one offer each: `costs` by quarter and for never; each quarter is a year of money."""
    rows = [(c, NEVER if q == QUARTERS else 0, q) for c in range(len(counts)) for q in range(QUARTERS + 1)]
    cohort, offer, quarter = (np.array(column) for column in zip(*rows, strict=True))
    cost = np.array([float(costs[c][q]) for c, _, q in rows])
    penalty = np.array([late * max(q - dues[c], 0) for c, _, q in rows])
    paid = np.array([float(prices[c]) if o != NEVER else 0.0 for c, o, _ in rows])
    return Problem(
        quarters=QUARTERS,
        years=tuple(range(2027, 2027 + QUARTERS)),
        counts=np.array(counts),
        purses=((),) * len(counts),
        ways=Ways(
            cohort,
            offer,
            quarter,
            cost,
            penalty,
            paid,
            np.minimum(quarter, QUARTERS - 1),
            np.full(len(rows), -1),
        ),
        dues=NOTHING,
        stocks=(),
        caps={Cap(2027 + place, ""): float(most) for place, most in enumerate(money) if most is not None},
        hands=np.array(hands, dtype=float),
        largest=largest,
    )


def _all(problem: Problem) -> Iterator[Answer]:
    """Every plan that breaks nothing."""
    ways = problem.ways
    each = []
    for c, n in enumerate(problem.counts):
        of = np.flatnonzero(ways.cohort == c)
        each.append(
            [(of, split) for split in itertools.product(range(n + 1), repeat=len(of)) if sum(split) == n]
        )
    spans = [
        range(3) if stock.open[q] else range(1) for stock in problem.stocks for q in range(problem.quarters)
    ]
    for chosen in itertools.product(*each):
        machines = np.zeros(len(ways), dtype=np.int64)
        for of, split in chosen:
            machines[of] = split
        for again in itertools.product(*spans):
            answer = Answer(
                machines, np.array(again, dtype=np.int64).reshape(len(problem.stocks), problem.quarters)
            )
            if not broken(problem, answer):
                yield answer


def _best(problem: Problem) -> float:
    return min(worth(problem, answer) for answer in _all(problem))


_PRICES = st.integers(3, 12)


@st.composite
def problems(draw: st.DrawFn, prices: st.SearchStrategy[int] = _PRICES) -> Problem:
    """One to three cohorts of at most three machines."""
    size = draw(st.integers(1, 3))
    ints = st.integers(0, 60)
    return _problem(
        counts=draw(st.lists(st.integers(1, 3), min_size=size, max_size=size)),
        costs=draw(st.lists(st.lists(ints, min_size=4, max_size=4), min_size=size, max_size=size)),
        dues=draw(st.lists(st.integers(-1, QUARTERS), min_size=size, max_size=size)),
        prices=draw(st.lists(prices, min_size=size, max_size=size)),
        money=draw(st.lists(st.none() | st.integers(0, 40), min_size=QUARTERS, max_size=QUARTERS)),
        hands=draw(st.lists(st.integers(0, 6), min_size=QUARTERS, max_size=QUARTERS)),
        largest=draw(st.sampled_from([0.0, 0.5])),
    )


def _solve(problem: Problem) -> programme.Solution:
    return programme.solve(problem, Effort(seconds=60, gap=0.0))


@tried
@given(problems())
def test_the_programme_finds_what_listing_all_plans_finds(problem: Problem) -> None:
    found = _solve(problem)
    assert found.cost == pytest.approx(_best(problem), abs=1e-4)
    assert not broken(problem, found.answer)


@tried
@given(problems())
def test_no_plan_is_better_than_the_bound_and_the_greedy_one_keeps_every_cap(problem: Problem) -> None:
    found = _solve(problem)
    assert found.bound <= _best(problem) + 1e-4
    assert found.greedy_cost >= found.bound - 1e-4
    assert not broken(problem, found.greedy)


@tried
@given(problems(), st.integers(0, QUARTERS - 1), st.integers(1, 20))
def test_more_money_is_never_worse(problem: Problem, place: int, more: int) -> None:
    cap = Cap(2027 + place, "")
    caps = {**problem.caps, cap: problem.caps[cap] + more} if cap in problem.caps else problem.caps
    assert _solve(dataclasses.replace(problem, caps=caps)).cost <= _solve(problem).cost + 1e-4


@tried
@given(problems(prices=st.just(7)), st.data())
def test_an_earlier_deadline_never_leaves_more_of_its_machines_after_it(
    problem: Problem, data: st.DataObject
) -> None:
    """Where all machines cost alike, ways out of one cohort are substitutes (Gale and Politof, 1981): what a later way
    loses, earlier ones gain. With several prices a lump of money may free more than it takes: the law is not one there."""
    ways = problem.ways
    cohort = data.draw(st.integers(0, len(problem.counts) - 1))
    due = data.draw(st.integers(-1, QUARTERS - 2))
    later = (ways.cohort == cohort) & (ways.quarter > due)
    costs = ways.cost + 1e-3 * later  # of plans that cost the same, the one with fewer of them
    loose = dataclasses.replace(
        problem, ways=dataclasses.replace(ways, cost=costs, penalty=0.0 * ways.penalty)
    )
    late = np.where(later, 40.0 * (ways.quarter - due), 0.0)
    strict = dataclasses.replace(loose, ways=dataclasses.replace(loose.ways, penalty=late))
    before, after = _solve(loose).answer.machines[later].sum(), _solve(strict).answer.machines[later].sum()
    assert after <= before


@tried
@given(problems(), st.data())
def test_the_weight_of_what_is_late_never_grows_with_an_earlier_deadline(
    problem: Problem, data: st.DataObject
) -> None:
    """For any prices: of two best plans, that of the dearer lateness has no more of it (add the two inequalities)."""
    ways = problem.ways
    cohort = data.draw(st.integers(0, len(problem.counts) - 1))
    late = np.where(
        ways.cohort == cohort, 25.0 * np.maximum(ways.quarter - data.draw(st.integers(-1, 2)), 0), 0.0
    )
    strict = dataclasses.replace(problem, ways=dataclasses.replace(ways, penalty=ways.penalty + late))
    before, after = _solve(problem).answer.machines, _solve(strict).answer.machines
    assert after @ late <= before @ late + 1e-4


@tried
@given(problems())
def test_the_same_problem_has_the_same_plan(problem: Problem) -> None:
    first, second = _solve(problem), _solve(problem)
    assert np.array_equal(first.answer.machines, second.answer.machines)


@tried
@given(problems(), st.integers(1, 2))
def test_cohorts_that_are_alike_are_solved_as_one_and_told_apart_again(problem: Problem, times: int) -> None:
    """Each cohort once more: as if it had twice the machines."""
    ways, count = problem.ways, len(problem.counts)
    twice = {
        one.name: np.concatenate((getattr(ways, one.name),) * (times + 1)) for one in dataclasses.fields(ways)
    }
    twice["cohort"] = np.concatenate([ways.cohort + copy * count for copy in range(times + 1)])
    whole = dataclasses.replace(
        problem,
        counts=np.tile(problem.counts, times + 1),
        purses=problem.purses * (times + 1),
        ways=dataclasses.replace(ways, **twice),
    )
    larger = dataclasses.replace(problem, counts=problem.counts * (times + 1))
    found = _solve(whole)
    assert found.cost == pytest.approx(_solve(larger).cost, abs=1e-4)
    assert not broken(whole, found.answer)


def _stocked(money: Sequence[float | None], open_: Sequence[bool] = (True, True, True)) -> Problem:
    """Two machines that must go at once; what replaces them wears out after two quarters, and may go after one."""
    one = _problem([2], [[10, 12, 14, 16]], [0], [5], money, [9, 9, 9])
    stock = Stock(
        purses=(),
        life=2,
        least=1,
        cost=np.array([9.0, 7.0, 4.0]),
        money=np.full(3, 5.0),
        year=np.arange(3),
        offers=np.zeros(3, dtype=np.int64),
        open=np.array(open_),
        weight=30.0,
    )
    way = np.where(one.ways.offer == NEVER, -1, 0)
    return dataclasses.replace(one, stocks=(stock,), ways=dataclasses.replace(one.ways, stock=way))


@pytest.mark.parametrize(
    ("money", "renewed"),
    [
        ([None, None, None], [0, 0, 2]),  # when they are worn out, which is the cheapest
        ([10, 5, 5], [0, 1, 1]),  # no money for both in the last year: one of them earlier
        ([10, 0, 5], [0, 0, 1]),  # money for one: the other stays, past its life
    ],
)
def test_what_is_bought_is_renewed_when_it_wears_out(money: list[float | None], renewed: list[int]) -> None:
    problem = _stocked(money)
    found = _solve(problem)
    assert found.answer.machines[0] == 2
    assert found.answer.again[0].tolist() == renewed
    assert found.cost == pytest.approx(_best(problem))


def test_what_is_renewed_wears_out_as_well() -> None:
    """It lasts for a quarter: after the first ones two come in the second quarter, and two in the third."""
    problem = _stocked([None, None, None])
    (stock,) = problem.stocks
    problem = dataclasses.replace(problem, stocks=(dataclasses.replace(stock, life=1),))
    found = _solve(problem)
    assert found.answer.again[0].tolist() == [0, 2, 2]
    assert found.cost == pytest.approx(_best(problem))
    assert greedy.answer(problem).again[0].tolist() == [0, 2, 2]


def test_updates_that_are_paid_for_take_from_the_money_of_their_year() -> None:
    problem = _problem([3], [[50, 20, 20, 20]], [3], [10], [6, None, None], [9, 9, 9])
    waiting = np.flatnonzero(problem.ways.quarter >= 1)
    dues = Dues(waiting, np.zeros(len(waiting), dtype=np.int64), np.full(len(waiting), 2.0))
    found = _solve(dataclasses.replace(problem, dues=dues))
    assert found.cost == pytest.approx(60)  # three wait, for 2 each: all that the year has
    with pytest.raises(ValueError, match="no plan"):
        _solve(dataclasses.replace(problem, dues=dues, caps={Cap(2027, ""): 5.0}))


def _short_of_money() -> Problem:
    """Forty cohorts of unlike prices, of which the money of a year serves a part: the relaxation leaves some in parts."""
    dice = np.random.default_rng(3)
    costs = [sorted(dice.integers(0, 50, 4).tolist()) for _ in range(40)]
    dues = dice.integers(-1, 3, 40).tolist()
    prices = dice.integers(5, 97, 40).tolist()
    counts = dice.integers(1, 9, 40).tolist()
    return _problem(counts, costs, dues, prices, [1733.5, 1891.25, 1507.75], [41, 37, 44], 0.1, 900.0)


def test_a_busy_machine_finds_the_same_plan_to_the_last_bit() -> None:
    problem = _short_of_money()
    alone = programme.solve(problem)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        pressed = programme.solve(problem)
    finally:
        for one in busy:
            one.kill()
            one.wait()
    assert not alone.late
    assert not pressed.late
    assert np.array_equal(alone.answer.machines, pressed.answer.machines)
    assert (alone.cost, alone.bound, alone.how) == (pressed.cost, pressed.bound, pressed.how)
    assert not broken(problem, alone.answer)


@tried
@given(problems())
def test_exchanges_never_make_a_plan_worse_nor_break_it(problem: Problem) -> None:
    """From the plain plan, with reduced costs that rule nothing out."""
    plain = greedy.answer(problem)
    found = exchanged(problem, plain, np.zeros(len(problem.ways)), _best(problem), 0.0)
    assert not broken(problem, found)
    assert _best(problem) - 1e-4 <= worth(problem, found) <= worth(problem, plain) + 1e-9


def test_exchanges_find_what_two_cohorts_have_to_do_together() -> None:
    """Money for 10 in the first year: A (6) went, B (9) must wait, for 40 a quarter and machine. Only B instead of A is better,
    since waiting costs A nothing."""
    problem = _problem([1, 1], [[0, 0, 0, 0], [0, 0, 0, 0]], [3, 0], [6, 9], [10, 10, 10], [9, 9, 9])
    start = np.zeros(8, dtype=np.int64)
    start[[0, 5]] = 1
    assert worth(problem, Answer(start, np.zeros((0, 3), dtype=np.int64))) == 40
    found = exchanged(problem, Answer(start, np.zeros((0, 3), dtype=np.int64)), np.zeros(8), 0.0, 0.0)
    assert worth(problem, found) == 0
    assert found.machines[4] == 1
