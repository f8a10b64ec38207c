"""Why a cohort goes when it goes, and why a machine stays past its deadline: codes and figures, for sentences in any language."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal, NamedTuple

import numpy as np

from forecasting.renewal.costing import DEMAND, Costed
from forecasting.renewal.problem import NEVER, Answer, Cap, Floats, Ints, installed, spent

Why = Literal["deadline", "updates", "age", "risk", "cost", "warranty", "project", "spare", "kept"]
"""What decides the quarter: a deadline, paid updates that end, the age limit, the allowed risk, that waiting became dearer
than replacing, a warranty that ended, a project's or a reserve's day; or that it is kept to the end of the plan."""

Pushed = Literal["", "cap", "hands", "evenness"]
"""What moved it from the quarter that was best for it alone."""

Late = Literal["order", "offer", "cap", "hands", "weight"]
"""Why a machine stays past a deadline: nothing ordered today comes sooner, nothing is sold for it, no money or no hands
were left in any quarter before, or what was left is worth more elsewhere."""

_UNHELPED: Final = ("order", "offer")


class Reason(NamedTuple):
    """Why machines go in `quarter`; alone they would in `wanted` (the number of quarters: never within the plan).

    `fails` is the chance of one to fail in the year after it goes, `waiting` what a year more of waiting would cost each,
    `saved` what it would save.
    """

    why: Why
    pushed: Pushed
    wanted: int
    fails: float
    waiting: float
    saved: float


class Explainer:
    """Looks at a plan as a whole."""

    def __init__(self, made: Costed, answer: Answer) -> None:
        self._made, self._problem = made, made.problem
        ways = self._problem.ways
        self._alone = _best(self._problem.ways.cohort, ways.quarter, ways.cost + ways.penalty)
        self._cheap = _best(ways.cohort, ways.quarter, ways.cost)
        self._money = spent(self._problem, answer)
        self._hands = installed(self._problem, answer)

    def reason(self, way: int) -> Reason:
        """Why the machines of a way go by it."""
        ways, rated = self._problem.ways, self._made.rated
        cohort, quarter = int(ways.cohort[way]), int(ways.quarter[way])
        wanted = int(self._alone[cohort])
        year = slice(min(quarter, self._problem.quarters - 1), quarter + 4)
        waiting = rated.waiting[cohort]
        last = min(quarter + 4, self._problem.quarters)
        return Reason(
            why=self._why(cohort, bool(self._made.extended[way])),
            pushed=self._pushed(cohort, quarter, wanted, int(ways.offer[way])),
            wanted=wanted,
            fails=float(rated.fails[cohort, year].sum()),
            waiting=float(waiting[last] - waiting[min(quarter, last)]),
            saved=self._saved(way),
        )

    def _why(self, cohort: int, paid: bool) -> Why:
        rated = self._made.rated
        reason = str(self._made.cohorts["reason"].iat[cohort])
        if reason in DEMAND:
            return "project" if reason == "project" else "spare"
        due = int(rated.extended[cohort] if paid else rated.due[cohort])
        limit, first = int(rated.limit[cohort]), int(self._made.first[cohort])
        if self._cheap[cohort] < min(due, limit) and self._cheap[cohort] < self._problem.quarters:
            return "warranty" if 0 < int(rated.release[cohort]) == self._cheap[cohort] else "cost"
        if min(due, limit) >= self._problem.quarters:
            return "kept"
        if max(due, first) <= max(limit, first) and due < self._problem.quarters:
            return "updates" if paid else "deadline"
        return "risk" if rated.cause[cohort] == "risk" else "age"

    def _pushed(self, cohort: int, quarter: int, wanted: int, offer: int) -> Pushed:
        if quarter == wanted:
            return ""
        if quarter < wanted:
            return "evenness"
        found = {self.block(cohort, one, offer) for one in range(wanted, quarter)}
        return "hands" if found == {"hands"} else "cap" if "cap" in found else "evenness"

    def block(self, cohort: int, quarter: int, offer: int) -> Late | None:
        """What keeps one machine more from being replaced in a quarter; None where nothing does."""
        ways, problem = self._problem.ways, self._problem
        of = (ways.cohort == cohort) & (ways.quarter == quarter) & (ways.offer != NEVER)
        if not of.any():
            return "offer"
        if self._hands[quarter] >= problem.hands[quarter]:
            return "hands"
        way = (
            int(np.flatnonzero(of & ((ways.offer == offer) | (offer == NEVER)))[0])
            if (of & ((ways.offer == offer) | (offer == NEVER))).any()
            else int(np.flatnonzero(of)[0])
        )
        year = problem.years[ways.year[way]]
        for purse in ("", *problem.purses[cohort]):
            cap = Cap(year, purse)
            if cap in problem.caps and problem.caps[cap] - self._money.get(cap, 0.0) < ways.money[way]:
                return "cap"
        return None

    def late(self, way: int) -> Late:
        """Why the machines of a way stay past their deadline."""
        ways, rated = self._problem.ways, self._made.rated
        cohort, quarter = int(ways.cohort[way]), int(ways.quarter[way])
        first = int(self._made.first[cohort])
        if first >= self._problem.quarters:
            return "offer"
        due = int(rated.extended[cohort] if self._made.extended[way] else rated.due[cohort])
        if quarter <= max(first, due):
            return "order"
        return self._late(cohort, range(first, quarter))

    def _late(self, cohort: int, quarters: range) -> Late:
        """What keeps one machine more from going in any of these quarters: money first, where money alone would open one."""
        found = [self._binding(cohort, quarter) for quarter in quarters]
        sold = [one for one in found if one is not None]
        if not sold:
            return "offer"
        if any(not one for one in sold):
            return "weight"
        if {"cap"} in sold or {"hands"} not in sold:
            return "cap"
        return "hands"

    def _binding(self, cohort: int, quarter: int) -> set[str] | None:
        """All that binds in a quarter; None where nothing is sold in it."""
        ways, problem = self._problem.ways, self._problem
        of = np.flatnonzero(
            (ways.cohort == cohort)
            & (ways.quarter == quarter)
            & (ways.offer != NEVER)
            & (self._made.extended == 0)
        )
        if not len(of):
            return None
        found = {"hands"} if self._hands[quarter] >= problem.hands[quarter] else set()
        return found if any(self._affords(cohort, way) for way in of.tolist()) else found | {"cap"}

    def _affords(self, cohort: int, way: int) -> bool:
        """Whether there is money left for one machine more."""
        problem, ways = self._problem, self._problem.ways
        caps = [Cap(problem.years[ways.year[way]], purse) for purse in ("", *problem.purses[cohort])]
        return all(
            problem.caps.get(cap, np.inf) - self._money.get(cap, 0.0) >= ways.money[way] for cap in caps
        )

    def _saved(self, way: int) -> float:
        """What a year more of waiting would save of the price of one machine."""
        ways = self._problem.ways
        if ways.offer[way] == NEVER:
            return 0.0
        one = self._made.sold[ways.offer[way]].offer
        use = str(self._made.cohorts["use"].iat[int(ways.cohort[way])])
        return float(ways.money[way] / (one.life or self._made.limits[use]))


def _best(cohort: Ints, quarter: Ints, value: Floats) -> Ints:
    """The quarter of each cohort's best way."""
    order = np.lexsort((quarter, value, cohort))
    return np.asarray(quarter[order[np.flatnonzero(np.diff(cohort[order], prepend=-1))]])


def unhelped(why: Late) -> bool:
    """Whether no money and no hands would have helped."""
    return why in _UNHELPED


def day_of(made: Costed, quarter: int) -> dt.date | None:
    """First day of a quarter of the plan; None after it."""
    return made.quarters.firsts[quarter] if quarter < made.quarters.count else None
