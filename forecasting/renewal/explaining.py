"""Why a cohort goes when it goes, and why a machine stays past its deadline: codes and figures, for sentences in any language."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

import numpy as np

from forecasting.renewal.costing import Costed, served
from forecasting.renewal.problem import (
    NEVER,
    Answer,
    Bools,
    Cap,
    Floats,
    Ints,
    Problem,
    Stock,
    installed,
    members,
    spans,
    spent,
)
from forecasting.renewal.rating import DEMAND, Texts, clean

Why = Literal["deadline", "updates", "age", "risk", "cost", "warranty", "project", "spare", "kept"]
"""What decides the quarter: a deadline, paid updates that end, the age limit, the allowed risk, that waiting became dearer
than replacing, a warranty that ended, a project's or a reserve's day; or that it is kept to the end of the plan."""

_DUE: Final = ("deadline", "updates", "age", "risk", "project", "spare")
"""Of these, those by which who goes later, goes too late."""

Pushed = Literal["", "cap", "hands", "evenness"]
"""What moved it from the quarter that was best for it alone."""

Late = Literal["order", "offer", "cap", "hands", "weight"]
"""Why a machine stays past a deadline: nothing ordered today comes sooner, nothing is sold for it, no money or no hands
were left in any quarter before, or what was left is worth more elsewhere."""


class Reasons(NamedTuple):
    """Why machines go when they go, a row for each way; alone they would in `wanted` (the number of quarters: never within the plan).

    `lapsed` says that the deadline is the one before another edition comes. `fails` is the chance of one to fail in the year after
    it goes, `waiting` what a year more of waiting would cost each, `saved` what it would save.
    """

    why: Texts
    lapsed: Bools
    pushed: Texts
    wanted: Ints
    fails: Floats
    waiting: Floats
    saved: Floats


class Explainer:
    """Looks at a plan as a whole."""

    def __init__(self, made: Costed, answer: Answer) -> None:
        self._made, self._problem, self._answer = made, made.problem, answer
        ways = self._problem.ways
        cost = ways.cost + _renewed(self._problem)
        self._alone = _best(ways.cohort, ways.quarter, cost + ways.penalty)
        self._cheap = _best(ways.cohort, ways.quarter, cost)
        self._full = installed(self._problem, answer) >= self._problem.hands
        self._short = _short(self._problem, answer, self._problem.caps)
        self._slots = ways.cohort * (self._problem.quarters + 1) + ways.quarter

    def reasons(self, chosen: Ints) -> Reasons:
        """Why the machines of each of these ways go by it."""
        ways, rated, count = self._problem.ways, self._made.rated, self._problem.quarters
        cohort, quarter = ways.cohort[chosen], ways.quarter[chosen]
        first, last = np.minimum(quarter, count - 1), np.minimum(quarter + 4, count)
        padded = np.pad(rated.fails, ((0, 0), (0, 3)))
        waiting = rated.waiting[cohort, last] - rated.waiting[cohort, np.minimum(quarter, last)]
        paid = self._made.extended[chosen] == 1
        due, lapsed = self._due(cohort, paid)
        return Reasons(
            why=self._why(cohort, due, paid),
            lapsed=lapsed,
            pushed=self._pushed(cohort, quarter, ways.offer[chosen]),
            wanted=self._alone[cohort],
            fails=padded[cohort[:, None], first[:, None] + np.arange(4)].sum(axis=1),
            waiting=waiting,
            saved=self._saved(chosen),
        )

    def _due(self, cohort: Ints, paid: Bools) -> tuple[Ints, Bools]:
        """The last quarter before a deadline that can decide; and whether that is one before a gap, until another edition comes.

        A gap decides where waiting for its end counts: it goes on after the first quarter in which anything can come, and alone
        the machines would go before it is over. Else the deadline after it does.
        """
        rated, quarters = self._made.rated, self._made.quarters
        late, gap = (
            np.where(paid[:, None], with_[cohort], without[cohort])
            for without, with_ in (
                (rated.late, rated.paid_late),
                (rated.lapses.gap(quarters), rated.paid_lapses.gap(quarters)),
            )
        )
        places = np.arange(late.shape[1])
        over = np.where(gap, places, -1).max(axis=1)
        decides = (over > self._made.first[cohort]) & (self._alone[cohort] <= over)
        due = clean(late & (decides[:, None] | (places > over[:, None])))
        return due, decides & rated.lapses.gap(quarters)[cohort].any(axis=1)

    def _why(self, cohort: Ints, due: Ints, paid: Bools) -> Texts:
        rated, count = self._made.rated, self._problem.quarters
        reason = self._made.cohorts["reason"].to_numpy(dtype=object)[cohort]
        limit, first, cheap = rated.limit[cohort], self._made.first[cohort], self._cheap[cohort]
        risky = np.array(rated.cause, dtype=object)[cohort] == "risk"
        freed = (rated.release[cohort] > 0) & (rated.release[cohort] == cheap)
        deadline = (np.maximum(due, first) <= np.maximum(limit, first)) & (due < count)
        by_itself = (cheap < np.minimum(due, limit)) & (cheap < count)
        return _chosen(
            ("project", reason == "project"),
            ("spare", np.isin(reason, DEMAND)),
            ("warranty", by_itself & freed),
            ("cost", by_itself),
            ("kept", np.minimum(due, limit) >= count),
            ("updates", deadline & paid),
            ("deadline", deadline),
            ("risk", risky),
            rest="age",
        )

    def _pushed(self, cohort: Ints, quarter: Ints, offer: Ints) -> Texts:
        """What binds in the quarters from the one that was wanted on: hands where nothing else does, money where it does in any."""
        wanted = self._alone[cohort]
        row, each = spans(wanted, quarter)
        sold, way = self._places(cohort[row], each, offer[row])
        full = sold & self._full[each]
        hands, cap = (
            np.bincount(row, of, minlength=len(cohort)) for of in (full, sold & ~full & self._short[way])
        )
        return _chosen(
            ("", quarter == wanted),
            ("evenness", quarter < wanted),
            ("hands", hands == quarter - wanted),
            ("cap", cap > 0),
            rest="evenness",
        )

    def _places(self, cohort: Ints, quarter: Ints, offer: Ints) -> tuple[Bools, Ints]:
        """Whether anything is sold for a cohort in a quarter; and the way to buy it there, by that offer where it can be."""
        slot, last = cohort * (self._problem.quarters + 1) + quarter, len(self._slots) - 1
        offers = len(self._made.sold) + 1
        keys = self._slots * offers + self._problem.ways.offer + 1
        first, same = np.searchsorted(keys, (slot * offers, slot * offers + offer + 1))
        first, same = np.minimum(first, last), np.minimum(same, last)
        return self._slots[first] == slot, np.where(keys[same] == slot * offers + offer + 1, same, first)

    def late(self, chosen: Ints) -> Texts:
        """Why the machines of each of these ways stay past their deadline: money first, where money alone would open a quarter."""
        ways, rated, count = self._problem.ways, self._made.rated, self._problem.quarters
        cohort, quarter = ways.cohort[chosen], ways.quarter[chosen]
        first = self._made.first[cohort]
        until = rated.late_until(cohort, quarter, self._made.extended[chosen])
        row, each = spans(first, until)
        sold, afforded = self._sold[cohort[row], each], self._afforded[cohort[row], each]
        full = self._full[each]
        any_, open_, cap, hands = (
            np.bincount(row, of, minlength=len(chosen)) > 0
            for of in (sold, afforded & ~full, sold & ~afforded & ~full, afforded & full)
        )
        return _chosen(
            ("offer", first >= count),
            ("order", until <= first),
            ("offer", ~any_),
            ("weight", open_),
            ("cap", cap | ~hands),
            rest="hands",
        )

    def short_of_money(self) -> int | None:
        """The first year of which not one machine more can be ordered while some stay past a deadline, their age limit or the
        allowed risk for want of money; that of a site or a directorate apart."""
        ways, problem = self._problem.ways, self._problem
        used = np.flatnonzero(self._answer.machines > 0)
        reasons = self.reasons(used)
        held = used[(reasons.pushed == "cap") & np.isin(reasons.why, _DUE)]
        row, each = spans(self._alone[ways.cohort[held]], ways.quarter[held])
        sold, way = self._places(ways.cohort[held][row], each, ways.offer[held][row])
        common = {cap: most for cap, most in problem.caps.items() if not cap.purse}
        short = way[sold & ~self._full[each] & _short(problem, self._answer, common)[way]]
        return problem.years[int(ways.year[short].min())] if len(short) else None

    @functools.cached_property
    def _sold(self) -> Bools:
        """Whether anything is sold, by cohort and quarter."""
        return self._told(np.ones(len(self._slots), dtype=bool))

    @functools.cached_property
    def _afforded(self) -> Bools:
        """Whether there is money for one machine more, by cohort and quarter."""
        return self._told(~self._short)

    def _told(self, told: Bools) -> Bools:
        """Whether it is so of any way that needs no paid updates, by cohort and quarter."""
        problem = self._problem
        of = told & (problem.ways.offer != NEVER) & (self._made.extended == 0)
        shape = (len(problem.counts), problem.quarters + 1)
        counts = np.bincount(self._slots[of], minlength=shape[0] * shape[1]).reshape(shape)
        return np.asarray(counts > 0)

    def _saved(self, chosen: Ints) -> Floats:
        """What a year more of waiting would save of the price of one machine."""
        ways, found = self._problem.ways, np.zeros(len(chosen))
        bought = np.flatnonzero(ways.offer[chosen] != NEVER)
        of = chosen[bought]
        found[bought] = ways.money[of] / served(self._made)[ways.offer[of], ways.cohort[of]]
        return found


def _chosen(*cases: tuple[str, Bools], rest: str) -> Texts:
    """The first word of each row that is true."""
    words, conditions = zip(*cases, strict=True)
    return np.asarray(np.select(conditions, words, rest).astype(object))


def _short(problem: Problem, answer: Answer, caps: Mapping[Cap, float]) -> Bools:
    """By way: whether what is left of the money of some caps is less than one machine more costs."""
    names = sorted({cap.purse for cap in caps})
    left = np.full((len(names), len(problem.years)), np.inf)
    money = spent(problem, answer)
    for cap, most in caps.items():
        left[names.index(cap.purse), problem.years.index(cap.year)] = most - money.get(cap, 0.0)
    ways, found = problem.ways, np.zeros(len(problem.ways), dtype=bool)
    for row, pays in zip(left, members(names, problem.purses), strict=True):
        found |= pays[ways.cohort] & (row[ways.year] < ways.money)
    return found


def _renewed(problem: Problem) -> Floats:
    """By way: what it costs to renew what is bought whenever it wears out within the plan, at the best time for it alone."""
    ways = problem.ways
    found = np.array([_chain(stock, problem.quarters) for stock in problem.stocks])
    found = np.pad(found.reshape(len(problem.stocks), problem.quarters), ((0, 1), (0, 1)))
    return np.asarray(found[ways.stock, ways.quarter])


def _chain(stock: Stock, quarters: int) -> Floats:
    """What all further renewals cost, by the quarter in which the one before comes; they are owed once its life has ended."""
    found = np.zeros(quarters)
    for quarter in range(quarters - stock.life - 1, -1, -1):
        when = np.arange(quarter + max(stock.least, 1), quarter + stock.life + 1)
        when = when[stock.open[when]]
        found[quarter] = (stock.cost[when] + found[when]).min(initial=np.inf) if len(when) else 0.0
    return found


def _best(cohort: Ints, quarter: Ints, value: Floats) -> Ints:
    """The quarter of each cohort's best way."""
    order = np.lexsort((quarter, value, cohort))
    return np.asarray(quarter[order[np.flatnonzero(np.diff(cohort[order], prepend=-1))]])
