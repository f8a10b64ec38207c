"""A renewal as arithmetic: cohorts, the ways in which each can go, and what ways share: money by year, hands by quarter.

Quarters are counted from 0; what is never replaced within the plan has the quarter `quarters`. A way (a column) is "all
that goes of this cohort in this quarter for this offer". What is bought early in a long plan wears out within it: a
`Stock` counts it, and demands that it is renewed a second time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEVER: Final = -1
"""The offer of a way that buys nothing."""

TOLERANCE: Final = 1e-6


class Cap(NamedTuple):
    """Money of one year that the cohorts of a purse share; the purse "" is all of them."""

    year: int
    purse: str


@dataclasses.dataclass(frozen=True, slots=True)
class Ways:
    """The ways of all cohorts, by cohort and then by quarter; each is an array with one value for each way.

    `cost` is of one machine over the whole plan: its share of the price, what waiting costs before, what it weighs.
    `penalty` is what being past a deadline costs besides. `money` is what is paid for one machine, in `year` (the place
    in `Problem.years`; that of the order). `stock` is the place of what is bought in `Problem.stocks`, or -1.
    """

    cohort: Ints
    offer: Ints
    quarter: Ints
    cost: Floats
    penalty: Floats
    money: Floats
    year: Ints
    stock: Ints

    def __len__(self) -> int:
        return len(self.cohort)


class Dues(NamedTuple):
    """Money that waiting takes: of each machine that goes by a way, `money` in `year`; one row for each payment."""

    way: Ints
    year: Ints
    money: Floats


@dataclasses.dataclass(frozen=True, slots=True)
class Stock:
    """What one offer brings to one place and class, which wears out after `life` quarters, and not before `least` is renewed; what
    comes then wears out again, and is taken to last as long.

    `cost`, `money` and `year` are of a further renewal in each quarter, as those of a way, and `offers` what it buys then: what stands
    instead of an offer renews what that one brought. `open` says when one may be bought. `weight` is what a machine costs for each
    quarter that it is past its life.
    """

    purses: tuple[str, ...]
    life: int
    least: int
    cost: Floats
    money: Floats
    year: Ints
    offers: Ints
    open: Bools
    weight: float


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """All that a plan is made from.

    `counts` are the machines of each cohort, `purses` those that it is paid from. `caps` bound the money, `hands` the
    machines that can be installed in each quarter (inf: no bound). A euro more in the dearest year costs `largest`.
    """

    quarters: int
    years: tuple[int, ...]
    counts: Ints
    purses: tuple[tuple[str, ...], ...]
    ways: Ways
    dues: Dues
    stocks: tuple[Stock, ...]
    caps: Mapping[Cap, float]
    hands: Floats
    largest: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """Machines by way (whole numbers), and second renewals by stock and quarter."""

    machines: Ints
    again: Ints


def spans(first: Ints, after: Ints) -> tuple[Ints, Ints]:
    """Each row as often as there are numbers from its `first` to before its `after`: the rows, and those numbers."""
    counts = np.maximum(after - first, 0)
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - (counts.cumsum() - counts)[row] + first[row]


def members(names: Sequence[str], purses: Sequence[Sequence[str]]) -> Bools:
    """Which of the purses `names` pay for what has `purses` (names, things); the purse "" pays for all."""
    found = [[not name or name in of for of in purses] for name in names]
    return np.array(found, dtype=bool).reshape(len(names), len(purses))


def staying(problem: Problem) -> Ints:
    """By cohort the way by which it stays to the end and pays for no more than it has to."""
    width = problem.quarters + 1
    slots = problem.ways.cohort * width + problem.ways.quarter
    return np.searchsorted(slots, np.arange(len(problem.counts)) * width + problem.quarters)


def spent(problem: Problem, answer: Answer) -> dict[Cap, float]:
    """The money of each year and purse, whether it has a bound or not."""
    payers, years, money = _paid(problem, answer)
    purses = (*problem.purses, *(stock.purses for stock in problem.stocks))
    names = ["", *sorted({purse for one in purses for purse in one})]
    found: dict[Cap, float] = {}
    for name, pays in zip(names, members(names, purses), strict=True):
        of = pays[payers]
        sums = np.bincount(years[of], money[of], minlength=len(problem.years))
        found |= {Cap(problem.years[year], name): float(sums[year]) for year in np.unique(years[of])}
    return found


def _paid(problem: Problem, answer: Answer) -> tuple[Ints, Ints, Floats]:
    """All that is paid: who pays (the number of a cohort; after them, of a stock), the place of the year, money."""
    ways, dues = problem.ways, problem.dues
    bought = np.flatnonzero((answer.machines > 0) & (ways.offer != NEVER))
    due = np.flatnonzero(answer.machines[dues.way])
    place, quarter = np.nonzero(answer.again)
    prices, years = (
        np.array([getattr(stock, name) for stock in problem.stocks]).reshape(-1, problem.quarters)
        for name in ("money", "year")
    )
    return (
        np.concatenate((ways.cohort[bought], ways.cohort[dues.way[due]], place + len(problem.counts))),
        np.concatenate((ways.year[bought], dues.year[due], years[place, quarter].astype(np.int64))),
        np.concatenate(
            (
                answer.machines[bought] * ways.money[bought],
                answer.machines[dues.way[due]] * dues.money[due],
                answer.again[place, quarter] * prices[place, quarter],
            )
        ),
    )


def installed(problem: Problem, answer: Answer) -> Ints:
    """Machines that are installed in each quarter."""
    ways, bought = problem.ways, problem.ways.offer != NEVER
    first = np.bincount(ways.quarter[bought], answer.machines[bought], minlength=problem.quarters)
    return np.asarray(first[: problem.quarters] + answer.again.sum(axis=0), dtype=np.int64)


def worn(problem: Problem, answer: Answer) -> Ints:
    """Second renewals that are owed and not made, by stock and quarter: machines past their life."""
    found = np.zeros((len(problem.stocks), problem.quarters), dtype=np.int64)
    for place, stock in enumerate(problem.stocks):
        came = arrived(problem, answer, place) + answer.again[place]
        owed = np.concatenate((np.zeros(min(stock.life, problem.quarters), dtype=np.int64), came))[
            : problem.quarters
        ]
        found[place] = np.maximum(owed.cumsum() - answer.again[place].cumsum(), 0)
    return found


def arrived(problem: Problem, answer: Answer, place: int) -> Ints:
    """Machines that came to a stock in each quarter."""
    of = problem.ways.stock == place
    came = np.bincount(problem.ways.quarter[of], answer.machines[of], minlength=problem.quarters)
    return np.asarray(came[: problem.quarters], dtype=np.int64)


def worth(problem: Problem, answer: Answer) -> float:
    """What an answer costs in all that the programme weighs: the lower, the better."""
    first = float(answer.machines @ (problem.ways.cost + problem.ways.penalty))
    again = sum(float(row @ stock.cost) for row, stock in zip(answer.again, problem.stocks, strict=True))
    late = sum(
        float(row.sum() * stock.weight)
        for row, stock in zip(worn(problem, answer), problem.stocks, strict=True)
    )
    money = spent(problem, answer)
    dearest = max((paid for cap, paid in money.items() if not cap.purse), default=0.0)
    return first + again + late + problem.largest * dearest


def broken(problem: Problem, answer: Answer) -> list[str]:
    """What an answer breaks, each in words: empty where it may be carried out."""
    money, ways = spent(problem, answer), problem.ways
    found = [
        f"{cap.year} {cap.purse}: {money[cap]:.2f} of {most:.2f}"
        for cap, most in problem.caps.items()
        if money.get(cap, 0.0) > most * (1 + 1e-9) + 0.005
    ]
    found += [
        f"quarter {quarter}: {count} installed of {problem.hands[quarter]:.0f}"
        for quarter, count in enumerate(installed(problem, answer))
        if count > problem.hands[quarter]
    ]
    gone = np.bincount(ways.cohort, answer.machines, minlength=len(problem.counts))
    found += [f"cohort {c}: {gone[c]:.0f} of {n}" for c, n in enumerate(problem.counts) if gone[c] != n]
    for place, stock in enumerate(problem.stocks):
        came = arrived(problem, answer, place) + answer.again[place]
        may = np.concatenate((np.zeros(min(stock.least, problem.quarters), dtype=np.int64), came))
        if (answer.again[place].cumsum() > may[: problem.quarters].cumsum()).any():
            found.append(f"stock {place} is renewed before it may be")
        if answer.again[place][~stock.open].any():
            found.append(f"stock {place} is renewed where nothing is sold")
    return found
