"""Orders keep every bound, are never worse than the greedy ones, and are the best of all where all can be tried."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.purchasing import compact, greedy, schedules
from forecasting.purchasing.blocks import Block, total
from forecasting.purchasing.decomposition import Search
from forecasting.purchasing.problem import DEAR, Need, Offer, Order, Problem, wanted
from forecasting.purchasing.programme import cheapest, solve, spread

Tried = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def months(count: int, first: int = 2027) -> tuple[int, ...]:
    return tuple(first + month // 12 for month in range(count))


def delivered(count: int, lead: int, last: int | None = None) -> tuple[int | None, ...]:
    """Ready `lead` months after the order, where one can order until the month `last`."""
    return tuple(month + lead if last is None or month <= last else None for month in range(count))


# --- a checker that shares nothing with the programme ----------------------------------------------


def lacking(problem: Problem, orders: Iterable[Order], need: Need, unit: float) -> float:
    """Units that lack, added up over the months; what was wanted once is wanted from then on."""
    total, most = 0.0, 0.0
    for month in range(len(problem.years)):
        most = max(most, need.amounts[month])
        there = sum(
            order.lots * problem.offers[order.offer].gives.get(need.name, 0.0)
            for order in orders
            if (ready := problem.offers[order.offer].ready[order.month]) is not None and ready <= month
        )
        units = math.ceil(most / unit - 1e-6) - there / unit
        total += max(units, 0.0)
    return total


def value(problem: Problem, orders: tuple[Order, ...], units: dict[str, float]) -> float:
    """Money, and what lacks at ten times the price of the dearest order for each unit and month."""
    dear = DEAR * max((one.price * one.least for one in problem.offers), default=1) or 1
    money = sum(problem.offers[one.offer].price * one.lots for one in orders)
    return money + dear * sum(
        need.weight * lacking(problem, orders, need, units[need.name]) for need in problem.needs
    )


def broken(problem: Problem, orders: Iterable[Order]) -> Iterator[str]:
    """Every rule that orders break."""
    orders = list(orders)
    for order in orders:
        offer = problem.offers[order.offer]
        if offer.ready[order.month] is None:
            yield f"{order}: cannot be ordered then"
        if not offer.least <= order.lots <= (offer.most or 10**9):
            yield f"{order}: not between {offer.least} and {offer.most} lots"
    if len({(one.offer, one.month) for one in orders}) < len(orders):
        yield "two orders of one offer in one month"
    for item, limit in problem.limits.items():
        if sum(one.lots for one in orders if problem.offers[one.offer].item == item) > limit:
            yield f"more than {limit} of {item}"
    for (year, purse), budget in problem.budgets.items():
        paid = sum(
            problem.offers[one.offer].price * one.lots
            for one in orders
            if problem.years[one.month] == year and purse in ("", problem.offers[one.offer].purse)
        )
        if paid > budget + 1e-6:
            yield f"{paid} in {year} for {purse!r}, of {budget}"


def everything(problem: Problem, most: int) -> Iterator[tuple[Order, ...]]:
    """Every set of orders that keeps all rules, with up to `most` lots of an offer in a month."""
    slots = [
        (place, month)
        for place, offer in enumerate(problem.offers)
        for month, ready in enumerate(offer.ready)
        if ready is not None and ready < len(problem.years)
    ]
    for counts in itertools.product(range(most + 1), repeat=len(slots)):
        orders = tuple(
            Order(place, month, count) for (place, month), count in zip(slots, counts, strict=True) if count
        )
        if not list(broken(problem, orders)):
            yield orders


# --- instances ----------------------------------------------------------------------------------------


@st.composite
def problems(draw: st.DrawFn, *, tiny: bool = False) -> Problem:
    """Whole units; one needs at most three lots of anything where `tiny`, so that all orders can be tried."""
    count = 4 if tiny else draw(st.integers(6, 30))
    names = ("a", "b")[: draw(st.integers(1, 2))] if tiny else ("a", "b", "c", "d")[: draw(st.integers(1, 4))]
    high = 3 if tiny else 60
    needs = tuple(
        Need(
            name,
            tuple(
                float(x) for x in sorted(draw(st.lists(st.integers(0, high), min_size=count, max_size=count)))
            ),
            draw(st.sampled_from([1.0, 2.0])),
        )
        for name in names
    )
    sizes = (1, 2) if tiny else (1, 2, 5, 20)
    offers = tuple(
        Offer(
            item=f"item {place}",
            gives={name: float(draw(st.sampled_from(sizes))) for name in draw(st.lists(st.sampled_from(names), min_size=1, unique=True))},
            price=float(draw(st.integers(1, 9))),
            ready=delivered(count, draw(st.integers(0, 2)), draw(st.none() | st.integers(0, count))),
            purse=draw(st.sampled_from(["", "care"])),
            least=draw(st.sampled_from([1, 1, 2])),
            most=draw(st.sampled_from([None, None, 2, 3])),
        )
        for place in range(draw(st.integers(1, 2 if tiny else 5)))
    )  # fmt: skip
    years = tuple(2027 + month // (2 if tiny else 12) for month in range(count))
    money = st.integers(0, 20 if tiny else 100).map(float)
    budgets = draw(
        st.dictionaries(st.tuples(st.sampled_from(sorted(set(years))), st.sampled_from(["", "care"])), money)
    )
    limits = draw(st.dictionaries(st.sampled_from([offer.item for offer in offers]), st.integers(0, 4)))
    return Problem(years, needs, offers, budgets, limits)


def units_of(problem: Problem) -> dict[str, float]:
    """One unit of each need: the greatest common divisor of the lots, which are whole numbers here."""
    found = {}
    for need in problem.needs:
        gives = [int(one.gives[need.name]) for one in problem.offers if need.name in one.gives]
        found[need.name] = float(math.gcd(*gives)) if gives else 1.0
    return found


# --- laws ----------------------------------------------------------------------------------------------


@given(problems())
@Tried
def test_orders_keep_every_bound_and_are_never_worse_than_the_greedy_ones(problem: Problem) -> None:
    found = solve(problem)
    assert list(broken(problem, found.orders)) == []
    assert list(broken(problem, found.greedy)) == []
    units = units_of(problem)
    best, simple = value(problem, found.orders, units), value(problem, found.greedy, units)
    assert best <= simple + 1e-6
    assert found.worth == pytest.approx(best)
    assert found.greedy_worth == pytest.approx(simple)
    assert found.bound <= best + 1e-6


def small_enough(problem: Problem) -> Problem:
    """The same, with one offer where there would be too many sets of orders to try."""
    slots = sum(ready is not None and ready < 4 for offer in problem.offers for ready in offer.ready)
    if slots <= 6:  # four to the sixth are tried
        return problem
    problem = dataclasses.replace(problem, offers=problem.offers[:1])
    limits = {key: most for key, most in problem.limits.items() if key == problem.offers[0].item}
    return dataclasses.replace(problem, limits=limits)


BY_SCHEDULES = {"small": 0}
"""With it even the smallest parts that share money are solved by the schedules of their blocks."""


@pytest.mark.parametrize("how", [{}, BY_SCHEDULES])
@given(drawn=problems(tiny=True))
@Tried
def test_no_orders_at_all_are_better_where_all_can_be_tried(how: dict[str, int], drawn: Problem) -> None:
    problem = small_enough(drawn)
    units = units_of(problem)
    best = min(value(problem, orders, units) for orders in everything(problem, 3))
    found = solve(problem, gap=0.0, **how)
    assert value(problem, found.orders, units) == pytest.approx(best, abs=1e-6)
    assert found.bound == pytest.approx(best, abs=1e-4 * max(best, 1))


@given(problems(tiny=True))
@Tried
def test_the_cheapest_orders_without_a_budget_are_the_best_of_all(drawn: Problem) -> None:
    problem = dataclasses.replace(small_enough(drawn), budgets={})
    units = units_of(problem)
    found = cheapest(problem)
    assert list(broken(problem, found)) == []
    assert value(problem, found, units) == pytest.approx(
        min(value(problem, orders, units) for orders in everything(problem, 3)), abs=1e-6
    )


def blocks_of(problem: Problem, bounds: dict[tuple[int, str] | str, float]) -> tuple[list[Block], float]:
    """The blocks of a problem, and what the needs lack that nothing is sold for."""
    made = compact.build(problem)
    wants = {one.need.name: one for one in wanted(problem)}
    parts = [block for part in made.parts() for block in part.blocks()]
    found = [Block(problem, place, one, wants, bounds, made.constants) for place, one in enumerate(parts)]
    return found, made.constant - sum(one.constant for one in found)


@pytest.mark.parametrize("states", [schedules.STATES, 0])
@given(drawn=problems(tiny=True), dearer=st.lists(st.floats(0, 50), min_size=2, max_size=2))
@Tried
def test_the_best_schedules_cost_as_little_as_any_orders_whatever_a_years_money_costs(
    states: int, drawn: Problem, dearer: list[float]
) -> None:
    """A year's money has a price of its own, paid on top. Blocks with too many states for a table, here all, come to the same."""
    problem = dataclasses.replace(small_enough(drawn), budgets={}, limits={})
    units, years = units_of(problem), sorted(set(problem.years))

    def priced(orders: tuple[Order, ...]) -> float:
        more = sum(
            problem.offers[one.offer].price * one.lots * dearer[years.index(problem.years[one.month])]
            for one in orders
        )
        return value(problem, orders, units) + more

    least = min(map(priced, everything(problem, 3)))
    blocks, rest = blocks_of(problem, {(year, ""): math.inf for year in years})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(schedules, "STATES", states)
        found = [block.best(np.array(dearer)) for block in blocks]
    assert sum(bound for bound, _ in found) + rest == pytest.approx(least, rel=1e-5, abs=1e-6)
    orders = tuple(order for _, schedule in found for order in schedule.orders)
    assert priced(orders) == pytest.approx(least, rel=1e-5, abs=1e-6)


@given(problems(tiny=True))
@Tried
def test_the_bound_of_the_schedules_is_below_the_best_orders_and_the_choice_keeps_every_bound(
    drawn: Problem,
) -> None:
    problem = small_enough(drawn)
    bounds: dict[tuple[int, str] | str, float] = {**problem.budgets, **problem.limits}
    blocks, rest = blocks_of(problem, bounds)
    if not blocks or not bounds:
        return
    units = units_of(problem)
    best = min(value(problem, orders, units) for orders in everything(problem, 3))
    search = Search(blocks, bounds, 0.0, [block.of(greedy.buy(problem)) for block in blocks])
    search.price(math.inf)
    search.choose(20.0)
    search.improve(math.inf)
    assert search.bound + rest <= best * (1 + 1e-9) + 1e-6
    assert best <= total(search.best) + rest + 1e-6
    orders = spread(problem, [order for one in search.best for order in one.orders])
    assert list(broken(problem, orders)) == []


@given(problems())
@Tried
def test_schedules_and_the_programme_come_to_the_same(problem: Problem) -> None:
    """Each proves its own gap: neither may be better than what the other has proven to be the least."""
    whole, apart = solve(problem), solve(problem, **BY_SCHEDULES)
    assert list(broken(problem, apart.orders)) == []
    assert apart.bound <= whole.worth * (1 + 1e-6) + 1e-6
    assert whole.bound <= apart.worth * (1 + 1e-6) + 1e-6
    assert apart.worth <= apart.greedy_worth + 1e-6


@given(problems(), st.integers(1, 30))
@Tried
def test_more_money_is_never_worse(problem: Problem, more: int) -> None:
    richer = dataclasses.replace(
        problem, budgets={key: money + more for key, money in problem.budgets.items()}
    )
    assert solve(richer, gap=0.0).worth <= solve(problem, gap=0.0).worth * (1 + 1e-6) + 1e-6


@given(problems())
@Tried
def test_ten_times_the_price_and_the_money_are_the_same_plan(problem: Problem) -> None:
    dearer = dataclasses.replace(
        problem,
        offers=tuple(dataclasses.replace(one, price=10 * one.price) for one in problem.offers),
        budgets={key: 10 * money for key, money in problem.budgets.items()},
    )
    assert solve(dearer, gap=0.0).worth == pytest.approx(10 * solve(problem, gap=0.0).worth, rel=1e-6)


# --- by hand ----------------------------------------------------------------------------------------------


def test_a_tray_that_lasts_is_cheaper_than_terabytes_as_each_wall_comes() -> None:
    """2 TB more each month from the 6th on. Month 6 wants 2, month 15 wants 20: one tray of 20 for 13,000, where 20
    single TB at 900 cost 18,000, which the greedy answer buys two at a time."""
    need = Need("nas", tuple(float(max(0, month - 5) * 2) for month in range(16)))
    tray = Offer("tray", {"nas": 20.0}, 13_000, delivered(16, 4))
    single = Offer("single", {"nas": 1.0}, 900, delivered(16, 2))
    found = solve(Problem(months(16), (need,), (tray, single)))
    assert found.orders == (Order(0, 2, 1),)
    assert (found.cost, found.greedy_cost) == (13_000, 18_000)
    assert found.gap == 0
    assert found.greedy_gap == pytest.approx(5 / 18)


def test_a_node_serves_three_needs_at_once() -> None:
    """30 TB, 768 GiB and 64 processors for 100: less than 30 TB of disks (60) and memory (50) apart."""
    needs = (Need("disk", (0, 0, 25.0)), Need("memory", (0, 0, 700.0)), Need("cpu", (0, 0, 10.0)))
    node = Offer("node", {"disk": 30.0, "memory": 768.0, "cpu": 64.0}, 100, delivered(3, 1))
    disks = Offer("disks", {"disk": 30.0}, 60, delivered(3, 1))
    memory = Offer("memory", {"memory": 768.0}, 50, delivered(3, 1))
    found = solve(Problem(months(3), needs, (node, disks, memory)))
    assert found.orders == (Order(0, 1, 1),)
    assert found.worth == 100


def test_what_a_years_money_does_not_pay_is_ordered_in_the_year_before() -> None:
    """Two walls in the second year, 100 each; 2028 has 100. The other order waits for the last month of 2027."""
    needs = (
        Need("a", tuple(float(m >= 18) for m in range(24))),
        Need("b", tuple(float(m >= 18) for m in range(24))),
    )
    offers = tuple(Offer(name, {name: 1.0}, 100, delivered(24, 2)) for name in ("a", "b"))
    found = solve(Problem(months(24), needs, offers, {(2027, ""): 500, (2028, ""): 100}))
    assert sorted(order.month for order in found.orders) == [11, 16]
    assert found.worth == 200


def test_money_that_lacks_goes_first_to_what_weighs_most() -> None:
    needs = (Need("low", (0, 0, 1.0), 0.5), Need("critical", (0, 0, 1.0), 4.0))
    offers = tuple(Offer(name, {name: 1.0}, 100, delivered(3, 1)) for name in ("low", "critical"))
    found = solve(Problem(months(3), needs, offers, {(2027, ""): 150}))
    assert found.orders == (Order(1, 1, 1),)


def test_an_answer_that_is_not_closed_in_time_says_so_and_is_as_good_as_the_greedy_one() -> None:
    needs = tuple(Need(f"n{i}", tuple(float((m * (i + 3)) % 97 + m) for m in range(36))) for i in range(40))
    offers = tuple(
        Offer(f"i{i}{size}", {f"n{i}": float(size)}, 10 + 7 * size + i, delivered(36, 1), least=2)
        for i in range(40)
        for size in (3, 7, 11)
    )
    found = solve(Problem(months(36), needs, offers, {(2027, ""): 9_000, (2028, ""): 8_000}), seconds=0.05)
    assert found.worth <= found.greedy_worth
    assert 0 <= found.gap <= 1
    assert found.late or found.gap <= 1e-4


@pytest.mark.parametrize("how", [{}, BY_SCHEDULES])
def test_what_one_order_may_not_have_comes_with_the_next_and_counts_from_then_on(how: dict[str, int]) -> None:
    """Three are wanted from month 1 on, and two may be ordered at once: one lacks in month 1 only, as a third is ordered in
    month 1 and is there in month 2. Three lots at 1, and ten for the month."""
    offers = (Offer("i", {"b": 1.0}, 1, delivered(4, 1), most=2), Offer("j", {"c": 1.0}, 1, delivered(4, 1)))
    needs = (Need("b", (0, 3.0, 3.0, 3.0)), Need("c", (0, 0, 1.0, 1.0)))
    found = solve(Problem((2027, 2027, 2028, 2028), needs, offers, {(2027, ""): 4, (2028, ""): 1}), **how)
    assert (found.worth, found.bound) == (14, pytest.approx(14, rel=1e-4))


def test_the_greedy_answer_buys_as_much_as_money_allows() -> None:
    need = Need("a", (0, 0, 5.0))
    offer = Offer("i", {"a": 1.0}, 10, delivered(3, 1))
    assert greedy.buy(Problem(months(3), (need,), (offer,), {(2027, ""): 35})) == (Order(0, 1, 3),)
