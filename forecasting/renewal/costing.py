"""From cohorts, offers and rules to a `Problem`: which ways each cohort has, and what each costs.

A machine that is bought in a quarter costs the share of its price that wears out within the plan: price x what is left of
the plan / its life, at most the price. So waiting saves as much in a year as a machine loses in a year, and is right for
as long as failures, support and updates cost less: the economic life of Terborgh (*Dynamic Equipment Policy*, 1949).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from forecasting.renewal import dated
from forecasting.renewal.calendars import Quarters
from forecasting.renewal.dated import NOTHING, Dated
from forecasting.renewal.problem import (
    NEVER,
    Answer,
    Bools,
    Cap,
    Dues,
    Floats,
    Ints,
    Problem,
    Stock,
    Ways,
    spent,
    staying,
)
from forecasting.renewal.rating import Fails, Rated, Rules, licences, rate
from inventory.contracts import Contract
from inventory.renewal import Renewal, RenewalCosts, RenewalOffer
from inventory.scenarios.changes import Instead

GRAVE: Final = 2.0
"""What a quarter past a deadline costs, in prices of the dearest machine, times the weight of its class."""

WORN: Final = 0.5
"""The same past an age limit, or past the risk that is allowed: money that is short goes to deadlines first."""

LONGEST_LIFE: Final = 30
"""Years that anything serves at most."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sold:
    """An offer as a plan sees it: the day of its order for each quarter, None where it cannot be had."""

    name: str
    offer: RenewalOffer
    ordered: tuple[dt.date | None, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Costed:
    """A problem, and what its parts stand for: cohorts by row, offers by number, `first` quarter of each cohort that an offer
    reaches (the number of quarters where none does)."""

    problem: Problem
    cohorts: pd.DataFrame
    sold: tuple[Sold, ...]
    rated: Rated
    first: Ints
    quarters: Quarters
    lives: Mapping[str, float]
    """Years by class that what is bought serves, where its offer does not say: until it is past the age limit."""
    limits: Mapping[str, float]
    """Age limits by class, in years; none of a class whose limit changes within the plan."""
    extended: Ints
    """By way: 1 where updates are paid for while it waits."""
    ending: tuple[tuple[str, dt.date], ...] = ()
    """Offers whose contract ends within the plan and is taken to go on, and the day of its end."""
    budgets: Mapping[Cap, float] = dataclasses.field(default_factory=dict)
    """The money of each year; the caps of the problem are above it where licences of editions are: see `bounded`."""
    licensing: Bools = dataclasses.field(default_factory=lambda: np.zeros(0, dtype=bool))
    """By row of the problem's dues: whether it is the licence of an edition; updates that are paid for else."""


def costed(
    cohorts: pd.DataFrame,
    renewal: Renewal,
    contracts: Mapping[str, Contract],
    quarters: Quarters,
    fails: Fails,
    changes: Dated = NOTHING,
) -> Costed:
    """The problem of a fleet."""
    sold = tuple(
        Sold(name, offer, _ordered(name, offer, contracts, quarters, dict(changes.instead)))
        for name, offer in sorted(renewal.offers.items())
    )
    rules = Rules(renewal, changes, quarters, fails)
    sale = _sold_to(cohorts, sold, dict(changes.instead), quarters)
    budgets = caps_of(renewal, quarters)
    made = _Builder(cohorts, rules, sold, sale, budgets).build()
    ends = ((one, contracts.get(one.offer.contract or "")) for one in sold if one.offer.renewed)
    going_on = [(one.name, contract.until) for one, contract in ends if contract and contract.until]
    return dataclasses.replace(
        made,
        problem=bounded(made.problem, budgets),
        ending=tuple(pair for pair in going_on if pair[1] < quarters.firsts[-1]),
        budgets=budgets,
    )


def _ordered(
    name: str, offer: RenewalOffer, contracts: Mapping[str, Contract], quarters: Quarters, instead: Mapping[str, Instead]
) -> tuple[dt.date | None, ...]:  # fmt: skip
    """The day of its order for each quarter: none before a change's start, nor after its end."""
    contract = contracts.get(offer.contract or "")
    change = instead.get(name)
    if change is None:
        return quarters.ordered(contract, offer.renewed)
    days = quarters.ordered(contract, offer.renewed, change.start)
    return tuple(day if day and (change.end is None or day <= change.end) else None for day in days)


def _sold_to(
    cohorts: pd.DataFrame, sold: Sequence[Sold], instead: Mapping[str, Instead], quarters: Quarters
) -> Bools:
    """Which offers may replace a cohort in a quarter (cohorts, offers, quarters).

    Where an offer stands instead of others, none of them is ordered from its start to its end; a later one takes its place.
    """
    fitting = np.array(
        [[one.offer.fits.match(machine) for one in sold] for machine in _texts(cohorts)], dtype=bool
    ).reshape(len(cohorts), len(sold))
    found = np.asarray(fitting[:, :, None] & _sale(sold, quarters.count)[None, :, :])
    since = [_since(one, instead.get(one.name), quarters.today) for one in sold]
    for place, one in enumerate(sold):
        begins, change = since[place], instead.get(one.name)
        for other, its in enumerate(sold):
            later = since[other]
            if begins is None or place == other or (later is not None and later >= begins):
                continue
            shut = [
                day is not None and day >= begins and not (change and change.end and day > change.end)
                for day in its.ordered
            ]
            found[:, other, :] &= ~(fitting[:, [place]] & np.array(shut, dtype=bool)[None, :])
    return found


def _since(sold: Sold, change: Instead | None, today: dt.date) -> dt.date | None:
    """From which day on an offer stands instead of others."""
    if change is not None:
        return max(change.start, today)
    return today if sold.offer.instead else None


def caps_of(renewal: Renewal, quarters: Quarters) -> dict[Cap, float]:
    """The money of each year: of all workstations, of directorates and of sites."""
    found: dict[Cap, float] = {}
    for year in quarters.years:
        budget = renewal.money(year)
        if budget is None:
            continue
        if budget.amount is not None:
            found[Cap(year, "")] = budget.amount
        found |= {Cap(year, f"directorate {name}"): money for name, money in budget.directorates.items()}
        found |= {Cap(year, f"site {name}"): money for name, money in budget.sites.items()}
    return found


def bounded(problem: Problem, budgets: Mapping[Cap, float]) -> Problem:
    """The problem within budgets. Whoever stays gets its edition, so no cap is below what the licences of all cost: a year whose
    money does not reach for them buys machines only from what others save that go before."""
    machines = np.zeros(len(problem.ways), dtype=np.int64)
    machines[staying(problem)] = problem.counts
    owed = spent(problem, Answer(machines, np.zeros((len(problem.stocks), problem.quarters), dtype=np.int64)))
    return dataclasses.replace(
        problem, caps={cap: max(most, owed.get(cap, 0.0)) for cap, most in budgets.items()}
    )


def _texts(cohorts: pd.DataFrame) -> list[dict[str, str | None]]:
    columns = {"site": "site", "kind": "kind", "maker": "maker", "model": "model", "use": "class"}
    rows = zip(*(cohorts[one] for one in columns), strict=True)
    return [{name: value or None for name, value in zip(columns.values(), row, strict=True)} for row in rows]


def fresh(offer: RenewalOffer, fails: Fails) -> Floats:
    """Expected failures of a new machine by its age in quarters, added up."""
    ages = np.arange(4 * LONGEST_LIFE + 1) / 4
    maker, model = np.array([""], dtype=object), np.array([offer.model or ""], dtype=object)
    return np.concatenate(([0.0], np.cumsum(fails(maker, model, ages[:-1], ages[1:]))))


def upkeep(offer: RenewalOffer, costs: RenewalCosts) -> Floats:
    """What support of a new machine costs by its age in quarters, added up: nothing under warranty, then by completed years."""
    prices = np.array(costs.support or (0.0,))
    years = np.arange(4 * LONGEST_LIFE + 1) / 4 - offer.warranty
    place = np.clip(years.astype(np.int64), 0, len(prices) - 1)
    return np.concatenate(([0.0], np.cumsum(np.where(years >= 0, prices[place], 0.0) / 4)))


def worn_cost(made: Costed) -> Floats:
    """The part of each way's penalty that is for being past an age limit or the allowed risk."""
    ways, rated = made.problem.ways, made.rated
    dearest = max([one.offer.price for one in made.sold], default=1.0) or 1.0
    worn = _counted(rated.old, made.first, ways.cohort, ways.quarter)
    return np.asarray(WORN * worn * dearest * rated.weight[ways.cohort])


def _counted(told: Bools, first: Ints, cohort: Ints, quarter: Ints) -> Ints:
    """By way: in how many quarters it is so, to the one in which machines go; none counts before any can go."""
    places = np.arange(told.shape[1])
    sums = (told & (places > first[:, None])).cumsum(axis=1)
    return np.asarray(sums[cohort, quarter])


def served(made: Costed) -> Floats:
    """Years that each offer serves in the class of each cohort (offers, cohorts)."""
    lives = made.cohorts["use"].map(made.lives).to_numpy(dtype=np.float64)
    rows = [np.full(len(lives), one.offer.life) if one.offer.life else lives for one in made.sold]
    return np.array(rows, dtype=np.float64).reshape(len(made.sold), len(lives))


class _Builder:
    """Puts the ways of all cohorts together."""

    def __init__(
        self,
        cohorts: pd.DataFrame,
        rules: Rules,
        sold: Sequence[Sold],
        sale: Bools,
        caps: Mapping[Cap, float],
    ) -> None:
        self._cohorts, self._rules, self._renewal = cohorts, rules, rules.renewal
        self._quarters, self._rated = rules.quarters, rate(cohorts, rules)
        self._sold, self._sale, self._caps = tuple(sold), sale, caps
        changes, today = dict(rules.changes.instead), rules.quarters.today
        self._since = [_since(one, changes.get(one.name), today) for one in sold]
        self._orderable = _sale(sold, rules.quarters.count)
        self._dearest = max([one.offer.price for one in sold], default=1.0) or 1.0
        self._purses = _purses(cohorts, {cap.purse for cap in caps})
        self._uses = cohorts["use"].tolist()
        limits = {use: rules.limits(use) for use in sorted(set(self._uses))}
        self._lives = {use: dated.served(found) for use, found in limits.items()}
        self._limits = {use: found[0].years for use, found in limits.items() if len(found) == 1}
        count = self._quarters.count
        may = np.arange(count)[None, :] >= self._rated.release[:, None]
        self._open: Bools = sale & may[:, None, :]
        reached = np.any(self._open, axis=1)
        self._first = np.where(reached.any(axis=1), reached.argmax(axis=1), count)

    def build(self) -> Costed:
        """The whole problem."""
        place, offer, quarter, paid = self._ways()
        stocks, numbers = self._stocks()
        cost, money, year = self._priced(place, offer, quarter)
        dues, licensing = self._dues(place, quarter, paid)
        waited = np.bincount(dues.way, dues.money, minlength=len(place))
        penalty = self._penalty(place, quarter, paid)
        stock = np.where(offer == NEVER, NEVER, numbers[place, offer])
        hands = self._renewal.installations
        problem = Problem(
            quarters=self._quarters.count,
            years=self._quarters.years,
            counts=self._cohorts["count"].to_numpy(dtype=np.int64),
            purses=self._purses,
            ways=Ways(place, offer, quarter, cost + waited, penalty, money, year, stock),
            dues=dues,
            stocks=stocks,
            caps=dict(self._caps),
            hands=np.full(self._quarters.count, np.inf if hands is None else float(hands)),
            largest=self._renewal.costs.largest,
        )
        return Costed(
            problem,
            self._cohorts,
            self._sold,
            self._rated,
            self._first,
            self._quarters,
            self._lives,
            self._limits,
            paid,
            licensing=licensing,
        )

    def _ways(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Cohort, offer, quarter, and whether updates are paid for, of every way."""
        count, rated = self._quarters.count, self._rated
        place, offer, quarter = np.nonzero(self._open)
        everyone = np.arange(len(self._cohorts))
        place = np.concatenate((place, everyone))
        offer = np.concatenate((offer, np.full(len(everyone), NEVER)))
        quarter = np.concatenate((quarter, np.full(len(everyone), count)))
        helped = (rated.late & ~rated.paid_late).cumsum(axis=1) > 0
        longer = np.flatnonzero(helped[place, quarter])
        paid = np.concatenate((np.zeros(len(place), dtype=np.int64), np.ones(len(longer), dtype=np.int64)))
        place, offer, quarter = (np.concatenate((one, one[longer])) for one in (place, offer, quarter))
        order = np.lexsort((paid, offer, quarter, place))
        return place[order], offer[order], quarter[order], paid[order]

    def _life(self, offer: int, use: str) -> int:
        """Quarters that an offer serves in a class."""
        return max(round(4 * (self._sold[offer].offer.life or self._lives[use])), 1)

    def _price(self, offer: int, quarter: Ints) -> Floats:
        rise = self._renewal.costs.rise
        return np.asarray(self._sold[offer].offer.price * (1 + rise) ** (quarter / 4))

    def _lost(self, offer: int, quarter: Ints, life: Ints) -> Floats:
        """What a machine bought in a quarter loses of its price within the plan."""
        share = np.minimum(1.0, (self._quarters.count - quarter) / life)
        return np.asarray(self._price(offer, quarter) * share)

    def _years(self, offer: int) -> Ints:
        """The place of the year in which the order for each quarter is paid."""
        first, days = self._quarters.years[0], self._sold[offer].ordered
        return np.array([(day.year - first) if day else 0 for day in days], dtype=np.int64)

    def _priced(self, place: Ints, offer: Ints, quarter: Ints) -> tuple[Floats, Floats, Ints]:
        """Cost, money and the year of its payment by way."""
        cost = self._rated.waiting[place, quarter].copy()
        money, year = np.zeros(len(place)), np.zeros(len(place), dtype=np.int64)
        uses, named = np.unique(np.array(self._uses, dtype=str), return_inverse=True)
        for number in range(len(self._sold)):
            of = np.flatnonzero(offer == number)
            lives = np.array([self._life(number, use) for use in uses], dtype=np.int64)
            life = lives[named][place[of]]
            cost[of] += self._lost(number, quarter[of], life)
            cost[of] += self._serving(number, quarter[of], life, self._rated.weight[place[of]])
            money[of] = self._price(number, quarter[of])
            year[of] = self._years(number)[quarter[of]]
        return cost, money, year

    def _serving(self, offer: int, quarter: Ints, life: Ints, weight: Floats) -> Floats:
        """What a machine bought in a quarter, and what renews it as it is, costs within the plan while it serves."""
        one, costs = self._sold[offer].offer, self._renewal.costs
        ahead = self._quarters.ahead[::-1].cumsum()[::-1]
        again, rest = np.divmod(self._quarters.count - quarter, life)
        new, kept = fresh(one, self._rules.fails), upkeep(one, costs)
        failures = (again * new[life] + new[rest]) * costs.failure * weight
        return np.asarray(one.running * ahead[quarter] / 4 + failures + again * kept[life] + kept[rest])

    def _penalty(self, place: Ints, quarter: Ints, paid: Ints) -> Floats:
        """What being past a deadline costs; what cannot be helped, by a machine or by updates, is not counted."""
        rated, first = self._rated, self._first
        helped = (rated.late & ~rated.paid_late).cumsum(axis=1)[
            place, quarter
        ]  # by updates that may be paid for
        late = _counted(rated.paid_late, first, place, quarter) + np.where(paid == 1, 0, helped)
        worn = _counted(rated.old, first, place, quarter)
        return np.asarray((GRAVE * late + WORN * worn) * self._dearest * rated.weight[place])

    def _dues(self, place: Ints, quarter: Ints, paid: Ints) -> tuple[Dues, Bools]:
        """What machines that wait are paid for, and by row whether that is a licence: updates beyond their deadline (years that
        began already are paid when it is joined), and editions of those that are there on the day of the licence."""
        ends = (*self._quarters.firsts, self._quarters.firsts[-1])
        stays = np.array([np.datetime64(day, "s") for day in ends])[quarter + 1]
        first, count = self._quarters.years[0], len(self._quarters.years)
        none = np.zeros(0, dtype=np.int64)
        parts = [(none, none, np.zeros(0), none)]
        for rows, day, price, licence in self._payments():
            ways = np.flatnonzero(np.isin(place, rows) & ((paid == 1) | licence))
            ways = ways[np.datetime64(day, "s") < stays[ways]]
            if day.year - first < count:
                each = (np.full(len(ways), one) for one in (day.year - first, price, licence))
                parts.append((ways, *each))
        way, year, money, licences = (np.concatenate(one) for one in zip(*parts, strict=True))
        order = np.lexsort((year, way))
        return Dues(way[order], year[order], money[order]), licences[order] == 1

    def _payments(self) -> Iterator[tuple[Ints, dt.date, float, bool]]:
        """Cohorts, the day of a payment, what each machine costs then, and whether that is a licence."""
        for rows, updates in self._rules.paid(self._cohorts):
            yield from ((rows, day, price, False) for day, price in updates.payments)
        yield from ((rows, day, price, True) for rows, day, price in licences(self._cohorts))

    def _stocks(self) -> tuple[tuple[Stock, ...], Ints]:
        """What is bought and wears out within the plan, by offer, class and purses; and its number by cohort and offer."""
        found: dict[tuple[int, str, tuple[str, ...], bytes], int] = {}
        stocks: list[Stock] = []
        numbers = np.full((len(self._cohorts), max(len(self._sold), 1)), NEVER)
        for cohort, offer in np.argwhere(np.asarray(self._open, dtype=bool).max(axis=2)).tolist():
            use, purses = self._uses[cohort], self._purses[cohort]
            life = self._life(int(offer), use)
            if life >= self._quarters.count:
                continue
            offers = self._renewing(cohort, int(offer))
            key = (int(offer), use, purses, offers.tobytes())
            if key not in found:
                found[key] = len(stocks)
                weight = float(self._rated.weight[cohort])
                stocks.append(self._stock(int(offer), offers, use, purses, weight))
            numbers[cohort, offer] = found[key]
        return tuple(stocks), numbers

    def _renewing(self, cohort: int, offer: int) -> Ints:
        """By quarter what renews that which an offer brought to a cohort: that offer, where none stands instead of it then."""
        sale = self._sale[cohort]
        found = np.full(self._quarters.count, offer)
        for quarter in np.flatnonzero(self._orderable[offer] & ~sale[offer]).tolist():
            others = [
                (day, -self._sold[other].offer.price, other)
                for other, day in enumerate(self._since)
                if day is not None and sale[other, quarter]
            ]
            found[quarter] = max(others)[-1] if others else NEVER
        return found

    def _stock(self, offer: int, offers: Ints, use: str, purses: tuple[str, ...], weight: float) -> Stock:
        one, every = self._sold[offer], np.arange(self._quarters.count)
        life, weights = np.full(len(every), self._life(offer, use)), np.full(len(every), weight)
        own = self._serving(offer, every, life, weights)
        cost, money, year = np.zeros(len(every)), np.zeros(len(every)), np.zeros(len(every), dtype=np.int64)
        for number in sorted({*offers.tolist()} - {NEVER}):
            of, lives = offers == number, np.full(len(every), self._life(number, use))
            # What the offer itself costs in service was counted to the end of the plan.
            more = self._serving(number, every, lives, weights) - own
            cost[of] = (self._lost(number, every, lives) + more)[of]
            money[of], year[of] = self._price(number, every)[of], self._years(number)[of]
        return Stock(
            purses=purses,
            life=int(life[0]),
            least=max(min(round(4 * one.offer.warranty), int(life[0])), int(life[0]) - 4, 1),
            cost=cost,
            money=money,
            year=year,
            offers=offers,
            open=(offers != NEVER) & self._orderable[offer],
            weight=WORN * self._dearest * weight,
        )


def _sale(sold: Sequence[Sold], quarters: int) -> Bools:
    """Whether each offer can be had, by quarter."""
    rows = [[day is not None for day in one.ordered] for one in sold]
    return np.array(rows, dtype=bool).reshape(len(sold), quarters)


def _purses(cohorts: pd.DataFrame, bounded: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """The purses with a bound that each cohort is paid from, besides that of all."""
    rows = zip(cohorts["directorate"], cohorts["site"], strict=True)
    named = ((f"directorate {directorate}", f"site {site}") for directorate, site in rows)
    return tuple(tuple(one for one in pair if one in bounded) for pair in named)
