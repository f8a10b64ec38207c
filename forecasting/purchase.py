"""The purchase plan of an estate: what to order, how much, by when and at which cost, so that no wall is hit.

From outlooks, contracts and budgets to a `purchasing.problem.Problem`, and from its solution to orders that people can
read. A lot adds as much to what may be filled as the store's own rules leave of its size.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from exporters.plan.outlooks import Outlook
from forecasting import planned
from forecasting.needs import BEYOND, Lack, Missing, Needs, Risk, after, months_from
from forecasting.offers import Sold, Why, problem_of, why
from forecasting.postponing import Postponed, postponed
from forecasting.purchasing import programme
from forecasting.purchasing.delaying import is_urgent
from forecasting.purchasing.problem import Array, Order, Problem, Wanted, spent, supply, wanted
from inventory.estate import Estate

_RISKS: Final = {"early": Risk("hi80", 0.1), "central": Risk("mean", 0.5)}


class Line(NamedTuple):
    """One order. `gives` is what its lots add as told, in bytes or numbers by quantity; `price` is that of all lots.

    `order_by` is the last day on which it may be ordered, the first possible one for what lacks before it comes; `ready`
    is the month from whose first day on it counts.
    """

    contract: str
    item: str
    title: str
    target: str
    what: str
    lots: int
    gives: Mapping[str, float]
    price: float
    order_by: dt.date
    ready: dt.date


def quarters(lines: Iterable[Line]) -> list[Line]:
    """Orders of one item for one thing, put together by the quarter in which they are ordered: the first day counts."""
    found: dict[tuple[object, ...], Line] = {}
    for one in lines:
        key = (one.order_by.year, (one.order_by.month - 1) // 3, one.contract, one.item, one.target, one.what)
        if (before := found.get(key)) is None:
            found[key] = one
            continue
        gives = {quantity: amount + before.gives[quantity] for quantity, amount in one.gives.items()}
        found[key] = before._replace(
            lots=before.lots + one.lots,
            price=before.price + one.price,
            gives=gives,
            order_by=min(before.order_by, one.order_by),
            ready=min(before.ready, one.ready),
        )
    return sorted(found.values(), key=lambda one: (one.order_by, one.target, one.what, one.item))


class Unmet(NamedTuple):
    """What will lack although the plan is kept: in `months` from `first` to `last`, `amount` (plannable) at the worst."""

    target: str
    what: str
    quantity: str
    first: dt.date
    last: dt.date
    amount: float
    why: Why
    months: int


class Money(NamedTuple):
    """What a year's orders cost, and what there is for them: None where no bound is declared. `purse` "" is the estate."""

    year: int
    purse: str
    spent: float
    budget: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """A purchase plan as of `today`, for the months (their first days) that it covers.

    `gap` is proven: no plan is cheaper by more than that share, months of lacking counted in; `greedy_cost` and
    `greedy_gap` are those of buying the cheapest order as each wall comes, `greedy_unmet` how many needs it leaves
    unmet, and `greedy_months` in how many months, added up. `carried` says that the forecast ends before the plan and goes on as in its last year. `undelivered` are
    targets whose lead time nobody declared: as if there were none. `inside` are stores for which a pool is bought.
    `postponed` is what one more year of each store costs by itself.
    """

    today: dt.date
    months: tuple[dt.date, ...]
    currency: str
    risk: str
    lines: tuple[Line, ...]
    unmet: tuple[Unmet, ...]
    missing: tuple[Missing, ...]
    money: tuple[Money, ...]
    cost: float
    gap: float
    late: bool
    seconds: float
    greedy_cost: float
    greedy_gap: float
    greedy_unmet: int
    greedy_months: int
    carried: bool
    undelivered: tuple[str, ...]
    inside: tuple[str, ...]
    postponed: tuple[Postponed, ...]

    @property
    def needs_unmet(self) -> int:
        """Needs of which something lacks in some month: one may stand in `unmet` for several stretches."""
        return len({(one.target, one.what, one.quantity) for one in self.unmet})

    @property
    def months_lacking(self) -> int:
        """Months in which something lacks, added up over the needs."""
        return sum(one.months for one in self.unmet)


def plan(
    estate: Estate,
    outlooks: Sequence[Outlook],
    path: Callable[[str], pd.DataFrame],
    today: dt.date,
    *,
    risk: str | None = None,
    years: int | None = None,
    budgets: Mapping[tuple[int, str], float] | None = None,
    seconds: float = programme.SECONDS,
    walls: bool = True,
) -> Plan:
    """The plan of an estate by its newest outlooks; `path` gives the forecast of one by `unique_id` (see `Outlooks.path`).

    `risk` (early or central) and `years` stand instead of those of the estate, and `budgets` by (year, directorate).
    Without `walls` it is not told what it costs to move each of them.
    """
    risk, years = risk or estate.purchase.risk, years or estate.purchase.years
    months = months_from(today, 12 * years)
    read = Needs(estate, outlooks, path, today, months, _RISKS[risk])
    money = budgets_of(estate) if budgets is None else dict(budgets)
    planned_years = {month.year for month in months}
    money = {key: bound for key, bound in money.items() if key[0] in planned_years}
    problem, sold = problem_of(estate, read.lacks, today, months, money)
    solution = programme.solve(problem, seconds)
    left = _left(problem, solution.greedy)
    return Plan(
        today=today,
        months=months,
        currency=estate.currency,
        risk=risk,
        lines=tuple(_lines(problem, sold, solution.orders, today, months)),
        unmet=tuple(_unmet(problem, read.lacks, solution.orders, months, seconds)),
        missing=tuple(read.missing),
        money=tuple(_money(problem, solution.orders)),
        cost=solution.cost,
        gap=solution.gap,
        late=solution.late,
        seconds=solution.seconds,
        greedy_cost=solution.greedy_cost,
        greedy_gap=solution.greedy_gap,
        greedy_unmet=sum(months > 0 for months in left),
        greedy_months=sum(left),
        carried=read.carried,
        undelivered=tuple(sorted({one.target for one in sold if one.lead < 0})),
        inside=tuple(sorted(f"{one.target} {planned.name(one)}" for one in read.inside)),
        postponed=tuple(_postponed(estate, read.lacks, today, months) if walls else ()),
    )  # fmt: skip


def _postponed(
    estate: Estate, lacks: Sequence[Lack], today: dt.date, months: Sequence[dt.date]
) -> list[Postponed]:
    """What it costs to move each wall: asked of a year more than the plan has."""
    later = months_from(today, len(months) + BEYOND)
    longer = [
        dataclasses.replace(lack, need=dataclasses.replace(lack.need, amounts=lack.ahead)) for lack in lacks
    ]
    problem, sold = problem_of(estate, longer, today, later, {})
    return postponed(problem, sold, longer, later)


def budgets_of(estate: Estate) -> dict[tuple[int, str], float]:
    """The money that an estate declares, by year and directorate, "" being the whole estate."""
    found: dict[tuple[int, str], float] = {}
    for year, budget in estate.budgets.items():
        if budget.amount is not None:
            found[year, ""] = budget.amount
        found |= {(year, name): money for name, money in budget.directorates.items()}
    return found


class Point(NamedTuple):
    """What more money buys: with `more` in each year that has a budget, how many needs lack in how many months in all."""

    more: float
    lacking: int
    months: int
    cost: float


def curve(
    estate: Estate,
    outlooks: Sequence[Outlook],
    path: Callable[[str], pd.DataFrame],
    today: dt.date,
    steps: Sequence[float],
    budgets: Mapping[tuple[int, str], float],
    *,
    risk: str | None = None,
    years: int | None = None,
    seconds: float = programme.SECONDS,
) -> list[Point]:
    """What each step more of the whole estate's money, in every year that has a budget, would buy."""
    found = []
    for more in steps:
        money = {key: bound + (more if key[1] == "" else 0.0) for key, bound in budgets.items()}
        made = plan(
            estate, outlooks, path, today, risk=risk, years=years, budgets=money, seconds=seconds, walls=False
        )
        found.append(
            Point(more, len({(one.target, one.what) for one in made.unmet}), made.months_lacking, made.cost)
        )
    return found


# --- answers ----------------------------------------------------------------------------------------


def _lines(
    problem: Problem,
    sold: Sequence[Sold],
    orders: Iterable[Order],
    today: dt.date,
    months: tuple[dt.date, ...],
) -> list[Line]:
    lines = []
    orders = tuple(orders)
    lacking = {one.need.name: one.lacking(supply(problem, one.need.name, orders)) for one in wanted(problem)}
    for order in orders:
        found, offer = sold[order.offer], problem.offers[order.offer]
        place = offer.ready[order.month] or 0
        ready = months[place] if place < len(months) else after(months[-1])
        urgent = is_urgent(problem, order, lacking)
        line = Line(
            contract=found.contract,
            item=found.item,
            title=found.title,
            target=found.target,
            what=found.what,
            lots=order.lots,
            gives={quantity: amount * order.lots for quantity, amount in found.gives.items()},
            price=offer.price * order.lots,
            order_by=max(today, months[order.month])
            if urgent
            else max(_order_by(found, months[order.month], ready), today),
            ready=max(ready, today),
        )
        lines.append(line)
    return sorted(lines, key=lambda one: (one.order_by, one.target, one.what, one.item))


def _order_by(found: Sold, month: dt.date, ready: dt.date) -> dt.date:
    """The last day of that month, or of the contract, on which the order still comes in time."""
    last = after(month) - dt.timedelta(days=1)
    in_time = ready - dt.timedelta(seconds=max(found.lead, 0.0))
    days = [last, max(in_time, month), *([found.until] if found.until else [])]
    return min(days)


def _unmet(
    problem: Problem,
    lacks: Sequence[Lack],
    orders: Sequence[Order],
    months: tuple[dt.date, ...],
    seconds: float,
) -> list[Unmet]:
    """What lacks in spite of the orders, in stretches of one reason."""
    short = {
        lack.need.name: _short(one, supply(problem, lack.need.name, orders))
        for lack, one in zip(lacks, wanted(problem), strict=True)
    }
    lacking = {name: amounts for name, amounts in short.items() if amounts.any()}
    if not lacking:
        return []
    rich = (
        programme.solve(dataclasses.replace(problem, budgets={}), seconds).orders
        if problem.budgets
        else orders
    )
    found: list[Unmet] = []
    for lack, one in zip(lacks, wanted(problem), strict=True):
        amounts = short[lack.need.name]
        unaffordable = _short(one, supply(problem, lack.need.name, rich)) == 0
        stretches: dict[Why, list[int]] = {}
        for month in map(int, np.flatnonzero(amounts)):
            reason = why(problem, lack.need.name, month, unaffordable=bool(unaffordable[month]))
            stretches.setdefault(reason, []).append(month)
        for reason, at in stretches.items():
            named = lack.target.name, planned.name(lack.outlook), lack.quantity
            span = months[at[0]], months[at[-1]]
            found.append(Unmet(*named, *span, float(amounts[at].max()), reason, len(at)))
    return sorted(found, key=lambda one: (one.first, one.target, one.what))


def _left(problem: Problem, orders: Sequence[Order]) -> list[int]:
    """Of each need, in how many months something lacks."""
    return [int((one.lacking(supply(problem, one.need.name, orders)) > 0).sum()) for one in wanted(problem)]


def _short(one: Wanted, there: Array) -> Array:
    """What lacks each month, in the need's own measure, not rounded up to lots; 0 where no lot lacks."""
    missing = np.maximum.accumulate(np.array(one.need.amounts)) - there
    return np.where(one.lacking(there) > 0, np.maximum(missing, 0.0), 0.0)


def _money(problem: Problem, orders: Sequence[Order]) -> Iterator[Money]:
    paid = spent(problem, orders)
    purses = {purse for _, purse in paid} | {purse for _, purse in problem.budgets}
    for year in dict.fromkeys(problem.years):
        for purse in sorted(purses | {""}):
            key = (year, purse)
            if purse == "" or key in paid or key in problem.budgets:
                yield Money(year, purse, paid.get(key, 0.0), problem.budgets.get(key))
