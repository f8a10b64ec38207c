"""The plain plan: quarter by quarter, what is due by then is replaced, as far as money and hands go; nothing goes early.

What weighs most goes first, then what has been due for longest. It is what a person would do with a list of machines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.renewal.problem import NEVER, Answer, Cap, Problem, staying


def answer(problem: Problem, queue: Sequence[tuple[int, int]] | None = None) -> Answer:
    """A plan that keeps every cap; machines that find no place stay to the end.

    `queue` has cohorts in the order in which they are served, with the first quarter in which each wants to go.
    """
    return _Purse(problem).fill(queue)


class _Purse:
    """What is left of money, hands and machines while quarters go by.

    What a cohort has to pay where it stays is put aside before anything is bought: who goes gives back what that saves.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._value = problem.ways.cost + problem.ways.penalty
        self._left = problem.counts.tolist()
        self._hands = [10**9 if most == np.inf else int(most) for most in problem.hands]
        self._money = dict(problem.caps)
        self._machines = np.zeros(len(problem.ways), dtype=np.int64)
        self._came = np.zeros((len(problem.stocks), problem.quarters), dtype=np.int64)
        self._again = np.zeros_like(self._came)
        self._dues: dict[int, list[tuple[int, float]]] = {}
        for way, year, money in zip(*(one.tolist() for one in problem.dues), strict=True):
            self._dues.setdefault(way, []).append((year, money))
        stays = [self._dues.get(way, []) for way in staying(problem).tolist()]
        for purses, payments, many in zip(problem.purses, stays, self._left, strict=True):
            self._pay(purses, payments, many)
        self._saved = [[(year, -money) for year, money in payments] for payments in stays]

    def fill(self, queue: Sequence[tuple[int, int]] | None = None) -> Answer:
        """Go through the quarters."""
        problem = self._problem
        width = problem.quarters + 1
        slots = np.searchsorted(
            problem.ways.cohort * width + problem.ways.quarter, np.arange(len(problem.counts) * width + 1)
        )
        served = self._queue() if queue is None else queue
        for quarter in range(problem.quarters):
            for cohort, wanted in served:
                if wanted <= quarter and self._left[cohort] and self._hands[quarter]:
                    slot = cohort * width + quarter
                    self._send(cohort, range(slots[slot], slots[slot + 1]), quarter)
            self._renew(quarter)
        for cohort, left in enumerate(self._left):
            slot = cohort * width + problem.quarters
            if left:
                self._send(cohort, range(slots[slot], slots[slot + 1]), problem.quarters)
        return Answer(self._machines, self._again)

    def _queue(self) -> list[tuple[int, int]]:
        """Cohorts and the quarter in which each would go if it were alone: the gravest first, then the longest due."""
        ways = self._problem.ways
        grave = np.zeros(len(self._problem.counts))
        np.maximum.at(grave, ways.cohort, ways.penalty)
        order = np.lexsort((ways.quarter, self._value, ways.cohort))
        wanted = ways.quarter[order[np.flatnonzero(np.diff(ways.cohort[order], prepend=-1))]]
        cohorts = np.lexsort((np.arange(len(wanted)), wanted, -grave))
        return [(int(one), int(wanted[one])) for one in cohorts]

    def _send(self, cohort: int, ways: range, quarter: int) -> None:
        """As many machines of a cohort as may go in a quarter, the cheapest way first."""
        purses, problem = self._problem.purses[cohort], self._problem
        for way in sorted(ways, key=lambda one: (self._value[one], one)):
            payments = [*self._dues.get(way, ()), *self._saved[cohort]]
            if problem.ways.offer[way] != NEVER:
                payments.append((int(problem.ways.year[way]), float(problem.ways.money[way])))
            many = min(self._left[cohort], self._most(purses, payments))
            if quarter < problem.quarters:
                many = min(many, self._hands[quarter])
                self._hands[quarter] -= many
            if many and (stock := problem.ways.stock[way]) != NEVER:
                self._came[stock, quarter] += many
            self._left[cohort] -= many
            self._machines[way] += many
            self._pay(purses, payments, many)

    def _renew(self, quarter: int) -> None:
        """Second renewals that are owed by then."""
        for place, stock in enumerate(self._problem.stocks):
            if quarter < stock.life or not stock.open[quarter]:
                continue
            came = self._came[place] + self._again[place]
            owed = int(came[: quarter - stock.life + 1].sum() - self._again[place].sum())
            payments = [(int(stock.year[quarter]), float(stock.money[quarter]))]
            many = max(min(owed, self._most(stock.purses, payments), self._hands[quarter]), 0)
            self._again[place, quarter] = many
            self._hands[quarter] -= many
            self._pay(stock.purses, payments, many)

    def _most(self, purses: tuple[str, ...], payments: Sequence[tuple[int, float]]) -> int:
        """How many machines their money reaches for."""
        dear = self._needed(purses, payments)
        takes = ((self._money[cap], money) for cap, money in dear.items() if money > 0)
        return min((max(int((left + 1e-7) // money), 0) for left, money in takes), default=10**9)

    def _pay(self, purses: tuple[str, ...], payments: Sequence[tuple[int, float]], many: int) -> None:
        for cap, money in self._needed(purses, payments).items() if many else ():
            self._money[cap] -= many * money

    def _needed(self, purses: tuple[str, ...], payments: Sequence[tuple[int, float]]) -> dict[Cap, float]:
        """What one machine takes from each cap; below 0 what it gives back."""
        found: dict[Cap, float] = {}
        for year, money in payments:
            for purse in ("", *purses):
                cap = Cap(self._problem.years[year], purse)
                if cap in self._money and money:
                    found[cap] = found.get(cap, 0.0) + money
        return found
