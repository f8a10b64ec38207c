"""From cohorts, offers and rules to a `Problem`: which ways each cohort has, and what each costs.

A machine that is bought in a quarter costs the share of its price that wears out within the plan: price x what is left of
the plan / its life, at most the price. So waiting saves as much in a year as a machine loses in a year, and is right for
as long as failures, support and updates cost less: the economic life of Terborgh (*Dynamic Equipment Policy*, 1949).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from forecasting.needs import WEIGHTS
from forecasting.renewal.calendars import Quarters
from forecasting.renewal.problem import NEVER, Bools, Cap, Dues, Floats, Ints, Problem, Stock, Ways
from inventory.contracts import Contract
from inventory.renewal import ExtendedUpdates, Renewal, RenewalOffer
from inventory.workstations import DAYS_A_YEAR

Fails = Callable[[str, str, Floats, Floats], Floats]
"""The chance of a machine (maker, model) that is alive at an age of `start` years to have failed by the age of `end`."""

GRAVE: Final = 2.0
"""What a quarter past a deadline costs, in prices of the dearest machine, times the weight of its class."""

WORN: Final = 0.5
"""The same past an age limit, or past the risk that is allowed: money that is short goes to deadlines first."""

NOTICE: Final = 3
"""Quarters before its own date in which a console may be replaced, or before its day a project be served."""

LONGEST_LIFE: Final = 30
"""Years that anything serves at most."""

DEMAND: Final = ("project", "spare")
"""Reasons of cohorts that are not there yet: what new buildings and reserves need."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sold:
    """An offer as a plan sees it: the day of its order for each quarter, None where it cannot be had."""

    name: str
    offer: RenewalOffer
    ordered: tuple[dt.date | None, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Rated:
    """What is known of cohorts before ways are made: arrays by cohort, and by cohort and quarter.

    `due` is the last quarter in which a deadline is kept, `limit` that of the age limit or the allowed risk with its
    `cause`, `release` the first in which a machine may go. `fails` are expected failures of one machine by quarter, and
    `waiting` what it has cost to wait, failures weighted by class, by the quarter in which it goes (one more: never).
    """

    due: Ints
    extended: Ints
    limit: Ints
    cause: tuple[str, ...]
    release: Ints
    weight: Floats
    fails: Floats
    waiting: Floats


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
    limits: Mapping[str, float]
    """Age limits by class, in years."""
    extended: Ints
    """By way: 1 where updates are paid for while it waits."""
    ending: tuple[tuple[str, dt.date], ...] = ()
    """Offers whose contract ends within the plan and is taken to go on, and the day of its end."""


def costed(
    cohorts: pd.DataFrame,
    renewal: Renewal,
    contracts: Mapping[str, Contract],
    quarters: Quarters,
    fails: Fails,
    budgets: Mapping[Cap, float] | None = None,
) -> Costed:
    """The problem of a fleet. `budgets` stand instead of the declared ones."""
    sold = tuple(
        Sold(name, offer, quarters.ordered(contracts.get(offer.contract or ""), offer.renewed))
        for name, offer in sorted(renewal.offers.items())
    )
    rated = _rated(cohorts, renewal, quarters, fails)
    fitting = np.array(
        [[one.offer.fits.match(machine) for one in sold] for machine in _texts(cohorts)], dtype=bool
    ).reshape(len(cohorts), len(sold))
    only = fitting & np.array([one.offer.instead for one in sold], dtype=bool)
    fitting = np.where(only.any(axis=1, keepdims=True), only, fitting)
    caps = caps_of(renewal, quarters) if budgets is None else budgets
    made = _Builder(cohorts, renewal, quarters, sold, rated, fitting, fails, caps).build()
    ends = ((one, contracts.get(one.offer.contract or "")) for one in sold if one.offer.renewed)
    going_on = [(one.name, contract.until) for one, contract in ends if contract and contract.until]
    return dataclasses.replace(made, ending=tuple(pair for pair in going_on if pair[1] < quarters.firsts[-1]))


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


def _texts(cohorts: pd.DataFrame) -> list[dict[str, str | None]]:
    columns = {"site": "site", "kind": "kind", "maker": "maker", "model": "model", "use": "class"}
    rows = zip(*(cohorts[one] for one in columns), strict=True)
    return [{name: value or None for name, value in zip(columns.values(), row, strict=True)} for row in rows]


def _rated(cohorts: pd.DataFrame, renewal: Renewal, quarters: Quarters, fails: Fails) -> Rated:
    count = quarters.count
    weight = _by_use(cohorts, lambda use: WEIGHTS[renewal.use_class(use).criticality])
    waits = ~cohorts["reason"].isin(DEMAND).to_numpy()
    failing = hazards(cohorts, quarters, fails) * waits[:, None]
    due, release = quarters.whole_by(cohorts["deadline"]), quarters.first_after(cohorts["covered"])
    release = np.where(due < count, np.minimum(release, np.maximum(due, 0)), release)
    own = cohorts["kept"].to_numpy(dtype=bool) | ~waits
    release = np.where(own, np.maximum(due - NOTICE, 0), release)
    limit, cause = _limits(cohorts, renewal, quarters, failing)
    limit = np.where(own, count, limit)
    support = _support(cohorts, renewal, quarters) * waits[:, None]
    each = failing * renewal.costs.failure * weight[:, None] + support
    waiting = np.concatenate((np.zeros((len(cohorts), 1)), each.cumsum(axis=1)), axis=1)
    return Rated(
        due=due,
        extended=np.where(cohorts["esu"] != "", quarters.whole_by(_paid_until(cohorts, renewal)), due),
        limit=limit,
        cause=cause,
        release=release,
        weight=weight,
        fails=failing,
        waiting=waiting,
    )


def _by_use(cohorts: pd.DataFrame, value: Callable[[str], float]) -> Floats:
    """A number of each cohort's class."""
    known = {use: value(use) for use in cohorts["use"].unique()}
    return cohorts["use"].map(known).to_numpy(dtype=np.float64)


def ages(cohorts: pd.DataFrame, quarters: Quarters) -> Floats:
    """Age in years on the first day of each quarter, and at the end of the plan; NaN where nobody knows."""
    firsts = np.array([np.datetime64(day, "s") for day in quarters.firsts])
    firsts[0] = np.datetime64(quarters.today, "s")
    bought = cohorts["purchased"].to_numpy(dtype="datetime64[s]")
    days = (firsts[None, :] - bought[:, None]) / np.timedelta64(1, "D")
    return np.asarray(days / DAYS_A_YEAR)


def hazards(cohorts: pd.DataFrame, quarters: Quarters, fails: Fails) -> Floats:
    """Expected failures of one machine in each quarter (cohorts, quarters); what is mended stays as old as it is."""
    old = np.maximum(ages(cohorts, quarters), 0.0)
    found = np.zeros((len(cohorts), quarters.count))
    known = ~np.isnan(old[:, 0])
    for rows in _alike(cohorts, "maker", "model"):
        of = rows[known[rows]]
        if len(of):
            maker, model = str(cohorts["maker"].iat[of[0]]), str(cohorts["model"].iat[of[0]])
            chances = fails(maker, model, old[of, :-1].ravel(), old[of, 1:].ravel())
            found[of] = np.asarray(chances).reshape(len(of), quarters.count)
    return found


def _alike(cohorts: pd.DataFrame, *columns: str) -> Iterator[Ints]:
    """The rows of each group, in order."""
    for _, rows in sorted(cohorts.groupby(list(columns), sort=True, dropna=False).indices.items(), key=str):
        yield np.sort(np.asarray(rows, dtype=np.int64))


def _limits(
    cohorts: pd.DataFrame, renewal: Renewal, quarters: Quarters, hazards: Floats
) -> tuple[Ints, tuple[str, ...]]:
    """The last quarter before the age limit, or in which the year after is within the allowed risk; and which of the two."""
    years = _by_use(cohorts, renewal.limit_of)
    days = cohorts["purchased"] + pd.to_timedelta(np.round(years * DAYS_A_YEAR), unit="D").astype(
        "timedelta64[s]"
    )
    aged = quarters.whole_by(days)
    risks = _by_use(cohorts, lambda use: renewal.use_class(use).risk or np.inf)
    padded = np.concatenate((hazards, np.repeat(hazards[:, -1:], 3, axis=1)), axis=1)
    year = np.lib.stride_tricks.sliding_window_view(padded, 4, axis=1).sum(axis=2)
    above = year > risks[:, None]
    risky = np.where(above.any(axis=1), above.argmax(axis=1) - 1, quarters.count)
    cause = tuple("risk" if one < other else "age" for one, other in zip(risky, aged, strict=True))
    return np.minimum(aged, risky), cause


def _support(cohorts: pd.DataFrame, renewal: Renewal, quarters: Quarters) -> Floats:
    """What support of one machine costs in each quarter, by completed years after its warranty."""
    prices = np.array(renewal.costs.support or (0.0,))
    firsts = np.array([np.datetime64(day, "s") for day in quarters.firsts[:-1]])
    ended = cohorts["covered"].to_numpy(dtype="datetime64[s]")
    years = (firsts[None, :] - ended[:, None]) / np.timedelta64(1, "D") / DAYS_A_YEAR
    place = np.clip(np.nan_to_num(years, nan=-1.0).astype(np.int64), 0, len(prices) - 1)
    over = np.nan_to_num(years, nan=-1.0) > 0
    return np.asarray(np.where(over, prices[place], 0.0) / 4)


def fresh(offer: RenewalOffer, fails: Fails) -> Floats:
    """Expected failures of a new machine by its age in quarters, added up."""
    ages = np.arange(4 * LONGEST_LIFE + 1) / 4
    return np.concatenate(([0.0], np.cumsum(fails("", offer.model or "", ages[:-1], ages[1:]))))


def updates_of(renewal: Renewal, product: str) -> ExtendedUpdates | None:
    """The paid updates of a product, where they are declared."""
    return next((one for one in renewal.extended_updates if one.product == product), None)


def _started(updates: ExtendedUpdates, ends: pd.Timestamp) -> list[dt.date]:
    """The first day of each year that is paid for, and the day after the last."""
    first = updates.starts or (ends + pd.Timedelta(days=1)).date()
    return [_year_later(first, years) for years in range(len(updates.prices) + 1)]


def _year_later(day: dt.date, years: int) -> dt.date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap else day.day)


def _paid_until(cohorts: pd.DataFrame, renewal: Renewal) -> pd.Series:
    """The last day of paid updates: as long as the maker sells them and a price is declared."""
    found = []
    for product, ends, until in zip(cohorts["esu"], cohorts["deadline"], cohorts["esu_until"], strict=True):
        updates = updates_of(renewal, product)
        if updates is None or pd.isna(until):
            found.append(ends)
            continue
        last = pd.Timestamp(_started(updates, ends)[-1]) - pd.Timedelta(days=1)
        found.append(min(until, last))
    return pd.Series(found, dtype="datetime64[s]")


def worn_cost(made: Costed) -> Floats:
    """The part of each way's penalty that is for being past an age limit or the allowed risk."""
    ways, rated = made.problem.ways, made.rated
    limit, first = rated.limit[ways.cohort], made.first[ways.cohort]
    worn = np.maximum(ways.quarter - np.maximum(limit, first), 0) * (limit < made.quarters.count)
    dearest = max([one.offer.price for one in made.sold], default=1.0) or 1.0
    return np.asarray(WORN * worn * dearest * rated.weight[ways.cohort])


class _Builder:
    """Puts the ways of all cohorts together."""

    def __init__(
        self, cohorts: pd.DataFrame, renewal: Renewal, quarters: Quarters, sold: Sequence[Sold], rated: Rated,
        fitting: Bools, fails: Fails, caps: Mapping[Cap, float],
    ) -> None:  # fmt: skip
        self._cohorts, self._renewal, self._quarters = cohorts, renewal, quarters
        self._sold, self._rated, self._fails, self._caps = tuple(sold), rated, fails, caps
        self._dearest = max([one.offer.price for one in sold], default=1.0) or 1.0
        self._purses = _purses(cohorts, {cap.purse for cap in caps})
        self._uses = cohorts["use"].tolist()
        count = quarters.count
        may = np.arange(count)[None, :] >= rated.release[:, None]
        self._open: Bools = fitting[:, :, None] & _sale(sold, count)[None, :, :] & may[:, None, :]
        reached = np.any(self._open, axis=1)
        self._first = np.where(reached.any(axis=1), reached.argmax(axis=1), count)

    def build(self) -> Costed:
        """The whole problem."""
        place, offer, quarter, paid = self._ways()
        stocks, numbers = self._stocks()
        cost, money, year = self._priced(place, offer, quarter)
        dues, waited = self._dues(place, quarter, paid)
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
        limits = {use: self._renewal.limit_of(use) for use in sorted(set(self._uses))}
        return Costed(
            problem, self._cohorts, self._sold, self._rated, self._first, self._quarters, limits, paid
        )

    def _ways(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Cohort, offer, quarter, and whether updates are paid for, of every way."""
        count, rated = self._quarters.count, self._rated
        place, offer, quarter = np.nonzero(self._open)
        everyone = np.arange(len(self._cohorts))
        place = np.concatenate((place, everyone))
        offer = np.concatenate((offer, np.full(len(everyone), NEVER)))
        quarter = np.concatenate((quarter, np.full(len(everyone), count)))
        longer = np.flatnonzero((rated.extended > rated.due)[place] & (quarter > rated.due[place]))
        paid = np.concatenate((np.zeros(len(place), dtype=np.int64), np.ones(len(longer), dtype=np.int64)))
        place, offer, quarter = (np.concatenate((one, one[longer])) for one in (place, offer, quarter))
        order = np.lexsort((paid, offer, quarter, place))
        return place[order], offer[order], quarter[order], paid[order]

    def _life(self, offer: int, use: str) -> int:
        """Quarters that an offer serves in a class."""
        return max(round(4 * (self._sold[offer].offer.life or self._renewal.limit_of(use))), 1)

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
        for number, one in enumerate(self._sold):
            of = np.flatnonzero(offer == number)
            lives = np.array([self._life(number, use) for use in uses], dtype=np.int64)
            life = lives[named][place[of]]
            left = self._quarters.count - quarter[of]
            again, rest = np.divmod(left, life)
            new = fresh(one.offer, self._fails)
            failures = again * new[life] + new[rest]
            cost[of] += self._lost(number, quarter[of], life) + one.offer.running * left / 4
            cost[of] += failures * self._renewal.costs.failure * self._rated.weight[place[of]]
            money[of] = self._price(number, quarter[of])
            year[of] = self._years(number)[quarter[of]]
        return cost, money, year

    def _penalty(self, place: Ints, quarter: Ints, paid: Ints) -> Floats:
        """What being past a deadline costs; what cannot be helped (nothing can be had before) is not counted."""
        rated, first = self._rated, self._first[place]
        due = np.where(paid == 1, rated.extended[place], rated.due[place])
        helped = (paid == 0) & (rated.extended > rated.due)[place]  # by updates that may be paid for
        late = np.maximum(quarter - np.where(helped, due, np.maximum(due, first)), 0)
        late = late * (due < self._quarters.count)
        worn = np.maximum(quarter - np.maximum(rated.limit[place], first), 0)
        worn = worn * (rated.limit[place] < self._quarters.count)
        return np.asarray((GRAVE * late + WORN * worn) * self._dearest * rated.weight[place])

    def _dues(self, place: Ints, quarter: Ints, paid: Ints) -> tuple[Dues, Floats]:
        """Paid updates of machines that wait beyond their deadline; years that began already are paid when it is joined."""
        waited = np.zeros(len(place))
        parts: list[tuple[Ints, int, float]] = []
        firsts = np.array(
            [np.datetime64(day, "s") for day in (*self._quarters.firsts, self._quarters.firsts[-1])]
        )
        ways = np.flatnonzero(paid)
        stays = firsts[quarter[ways] + 1]
        for rows, updates, ends in self._updated():
            of = np.isin(place[ways], rows)
            for day, price in zip(_started(updates, ends), updates.prices, strict=False):
                paying = ways[of & (np.datetime64(day, "s") < stays)]
                year = max(day, self._quarters.today).year - self._quarters.years[0]
                if year < len(self._quarters.years):
                    parts.append((paying, year, price))
                    waited[paying] += price
        if not parts:
            return Dues(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)), waited
        who = np.concatenate([way for way, _, _ in parts])
        years = np.concatenate([np.full(len(way), year) for way, year, _ in parts])
        money = np.concatenate([np.full(len(way), price) for way, _, price in parts])
        order = np.lexsort((years, who))
        return Dues(who[order], years[order], money[order]), waited

    def _updated(self) -> Iterator[tuple[Ints, ExtendedUpdates, pd.Timestamp]]:
        """Cohorts whose updates can be paid for, by product and end of support."""
        for rows in _alike(self._cohorts[self._cohorts["esu"] != ""], "esu", "deadline"):
            of = np.flatnonzero(self._cohorts["esu"] != "")[rows]
            ends = self._cohorts["deadline"].iloc[of[0] : of[0] + 1].dropna()
            updates = updates_of(self._renewal, str(self._cohorts["esu"].iat[of[0]]))
            if updates is not None and len(ends):
                yield np.asarray(of, dtype=np.int64), updates, pd.Timestamp(ends.to_numpy()[0])

    def _stocks(self) -> tuple[tuple[Stock, ...], Ints]:
        """What is bought and wears out within the plan, by offer, class and purses; and its number by cohort and offer."""
        found: dict[tuple[int, str, tuple[str, ...]], int] = {}
        stocks: list[Stock] = []
        numbers = np.full((len(self._cohorts), max(len(self._sold), 1)), NEVER)
        for cohort, offer in np.argwhere(np.asarray(self._open, dtype=bool).max(axis=2)).tolist():
            use, purses = self._uses[cohort], self._purses[cohort]
            life = self._life(int(offer), use)
            if life >= self._quarters.count:
                continue
            key = (int(offer), use, purses)
            if key not in found:
                found[key] = len(stocks)
                stocks.append(self._stock(int(offer), life, purses, float(self._rated.weight[cohort])))
            numbers[cohort, offer] = found[key]
        return tuple(stocks), numbers

    def _stock(self, offer: int, life: int, purses: tuple[str, ...], weight: float) -> Stock:
        one, every = self._sold[offer], np.arange(self._quarters.count)
        return Stock(
            purses=purses,
            life=life,
            least=max(min(round(4 * one.offer.warranty), life), life - 4, 1),
            cost=self._lost(offer, every, np.full(len(every), life)),
            money=self._price(offer, every),
            year=self._years(offer),
            open=np.array([day is not None for day in one.ordered]),
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
