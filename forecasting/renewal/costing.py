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
import numpy.typing as npt
import pandas as pd

from forecasting.needs import WEIGHTS
from forecasting.renewal import dated
from forecasting.renewal.calendars import Quarters
from forecasting.renewal.dated import NOTHING, Dated
from forecasting.renewal.problem import NEVER, Bools, Cap, Dues, Floats, Ints, Problem, Stock, Ways
from inventory.contracts import Contract
from inventory.renewal import Renewal, RenewalOffer
from inventory.scenarios.changes import Instead
from inventory.workstations import DAYS_A_YEAR

Texts = npt.NDArray[np.object_]

Fails = Callable[[Texts, Texts, Floats, Floats], Floats]
"""The chance of machines (makers, models) that are alive at an age of `start` years to have failed by the age of `end`; arrays
that are broadcast together, the names apart from the ages."""

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

    `late` says whether who stays to the end of a quarter is past a deadline in it (one quarter more: after the plan),
    `paid_late` the same where updates are paid for, `old` whether past the age limit or the allowed risk. `due`,
    `extended` and `limit` are the last quarters before the first of these, -1 where there is none, `cause` what limits,
    `release` the first quarter in which a machine may go. `lapsed` says that `late` begins before another edition comes. `fails` are expected failures of one machine by quarter, and
    `waiting` what it has cost to wait, failures weighted by class, by the quarter in which it goes (one more: never).
    """

    late: Bools
    paid_late: Bools
    old: Bools
    due: Ints
    extended: Ints
    limit: Ints
    lapsed: Bools
    cause: tuple[str, ...]
    release: Ints
    weight: Floats
    fails: Floats
    waiting: Floats

    def late_until(self, cohort: Ints, quarter: Ints, paid: Ints) -> Ints:
        """The last quarter in which who goes in `quarter` is past a deadline; -1 where in none."""
        places = np.arange(self.late.shape[1])
        last = [
            np.maximum.accumulate(np.where(one, places, -1), axis=1) for one in (self.late, self.paid_late)
        ]
        return np.asarray(np.where(paid == 1, last[1][cohort, quarter], last[0][cohort, quarter]))


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
    """Years by class that what is bought serves, where its offer does not say: until it is past the age limit."""
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
    changes: Dated = NOTHING,
) -> Costed:
    """The problem of a fleet. `budgets` stand instead of the declared ones."""
    sold = tuple(
        Sold(name, offer, _ordered(name, offer, contracts, quarters, dict(changes.instead)))
        for name, offer in sorted(renewal.offers.items())
    )
    rules = _Rules(renewal, changes, quarters, fails)
    sale = _sold_to(cohorts, sold, dict(changes.instead), quarters)
    caps = caps_of(renewal, quarters) if budgets is None else budgets
    made = _Builder(cohorts, rules, sold, sale, caps).build()
    ends = ((one, contracts.get(one.offer.contract or "")) for one in sold if one.offer.renewed)
    going_on = [(one.name, contract.until) for one, contract in ends if contract and contract.until]
    return dataclasses.replace(made, ending=tuple(pair for pair in going_on if pair[1] < quarters.firsts[-1]))


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


def _texts(cohorts: pd.DataFrame) -> list[dict[str, str | None]]:
    columns = {"site": "site", "kind": "kind", "maker": "maker", "model": "model", "use": "class"}
    rows = zip(*(cohorts[one] for one in columns), strict=True)
    return [{name: value or None for name, value in zip(columns.values(), row, strict=True)} for row in rows]


@dataclasses.dataclass(frozen=True, slots=True)
class _Rules:
    """What stands on each day, for how long, and how long machines last."""

    renewal: Renewal
    changes: Dated
    quarters: Quarters
    fails: Fails

    def limits(self, use: str) -> list[dated.Limit]:
        """The age limits of a class, from today on."""
        return dated.limits(self.renewal, self.changes.ages, use, self.quarters.today)

    def paid(self, cohorts: pd.DataFrame) -> Iterator[tuple[Ints, dated.Paid]]:
        """Cohorts whose updates can be paid for, by product, end of support, and how long the maker sells them."""
        for rows in _alike(cohorts, "esu", "deadline", "esu_until"):
            product, row = str(cohorts["esu"].iat[rows[0]]), cohorts.iloc[rows[0]]
            if not product or pd.isna(row["deadline"]) or pd.isna(row["esu_until"]):
                continue
            ends, until = row["deadline"].date(), row["esu_until"].date()
            found = dated.paid(self.renewal, self.changes.updates, product, ends, self.quarters.today)
            if found is not None:
                yield rows, found._replace(until=min(found.until, until))


def _rated(cohorts: pd.DataFrame, rules: _Rules) -> Rated:
    renewal, quarters = rules.renewal, rules.quarters
    count = quarters.count
    weight = _by_use(cohorts, lambda use: WEIGHTS[renewal.use_class(use).criticality])
    waits = ~cohorts["reason"].isin(DEMAND).to_numpy()
    failing = hazards(cohorts, quarters, rules.fails) * waits[:, None]
    gap = _between(quarters, _numbers(cohorts["lapsed"]), _numbers(cohorts["mended"]))
    late = _after(quarters, _numbers(cohorts["deadline"])) | gap
    paid_late = _paid_late(cohorts, rules, late)
    due, release = _clean(late), quarters.first_after(cohorts["covered"])
    release = np.where(due < count, np.minimum(release, np.maximum(due, 0)), release)
    own = cohorts["kept"].to_numpy(dtype=bool) | ~waits
    release = np.where(own, np.maximum(due - NOTICE, 0), release)
    aged = _aged(cohorts, rules)
    old = (aged | _risky(cohorts, renewal, failing)) & ~own[:, None]
    support = _support(cohorts, renewal, quarters) * waits[:, None]
    each = failing * renewal.costs.failure * weight[:, None] + support
    waiting = np.concatenate((np.zeros((len(cohorts), 1)), each.cumsum(axis=1)), axis=1)
    return Rated(
        late=late,
        paid_late=paid_late,
        old=old,
        due=due,
        extended=_clean(paid_late),
        limit=_clean(old),
        lapsed=np.asarray(gap.any(axis=1)),
        cause=tuple(np.where(_clean(old) < _clean(aged), "risk", "age").tolist()),
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
    known = np.flatnonzero(~np.isnan(old[:, 0]))
    makers, models = (cohorts[name].to_numpy(dtype=object)[known, None] for name in ("maker", "model"))
    found[known] = fails(makers, models, old[known, :-1], old[known, 1:])
    return found


def _alike(cohorts: pd.DataFrame, *columns: str) -> Iterator[Ints]:
    """The rows of each group, in order."""
    for _, rows in sorted(cohorts.groupby(list(columns), sort=True, dropna=False).indices.items(), key=str):
        yield np.sort(np.asarray(rows, dtype=np.int64))


def _clean(told: Bools) -> Ints:
    """The last quarter before the first in which it is so; the number of quarters where it never is."""
    return np.asarray(np.where(told.any(axis=1), told.argmax(axis=1) - 1, told.shape[1] - 1), dtype=np.int64)


_EPOCH: Final = dt.date(1970, 1, 1)


def _numbers(days: pd.Series) -> Floats:
    """Days since 1970; NaN where there is none."""
    values = days.to_numpy(dtype="datetime64[s]")
    return np.asarray(np.where(np.isnat(values), np.nan, values.astype(np.int64) / 86_400))


def _number(day: dt.date) -> float:
    return float((day - _EPOCH).days)


def _lasts(quarters: Quarters) -> Floats:
    """The last day of each quarter, and the day after the plan."""
    return np.array(
        [_number(quarters.last(one)) for one in range(quarters.count)] + [_number(quarters.firsts[-1])]
    )


def _after(quarters: Quarters, days: Floats) -> Bools:
    """Whether the last day of a quarter lies after a day (days, quarters and one more); no day never comes."""
    return np.asarray(_lasts(quarters)[None, :] > days[:, None])


def _between(quarters: Quarters, since: Floats, before: Floats) -> Bools:
    """Whether a quarter holds a day after the one and before the other, from today on."""
    firsts = np.array([_number(max(day, quarters.today)) for day in quarters.firsts])
    return _after(quarters, since) & (firsts[None, :] < before[:, None])


def _paid_late(cohorts: pd.DataFrame, rules: _Rules, late: Bools) -> Bools:
    """Past a deadline though updates are paid for: before they begin, and after they end."""
    found, ends = late.copy(), _numbers(cohorts["deadline"])
    for rows, paid in rules.paid(cohorts):
        told = _after(rules.quarters, np.full(len(rows), _number(paid.until)))
        if _number(paid.since) > max(float(ends[rows[0]]) + 1, _number(rules.quarters.today)):
            told |= _between(rules.quarters, ends[rows], np.full(len(rows), _number(paid.since)))
        found[rows] = told & late[rows]
    return found


def _aged(cohorts: pd.DataFrame, rules: _Rules) -> Bools:
    """Whether a machine is past its age limit on the last day of a quarter, by the rule of that day."""
    lasts, bought = _lasts(rules.quarters), _numbers(cohorts["purchased"])
    found = np.zeros((len(cohorts), len(lasts)), dtype=bool)
    for rows in _alike(cohorts, "use"):
        for since, years in rules.limits(str(cohorts["use"].iat[rows[0]])):
            old = lasts[None, :] > bought[rows, None] + round(years * DAYS_A_YEAR)
            found[rows] = np.where(lasts >= _number(since), old, found[rows])
    return found


def _risky(cohorts: pd.DataFrame, renewal: Renewal, hazards: Floats) -> Bools:
    """Whether more than the allowed risk fails in the year from a quarter on; once it is so it stays so."""
    risks = _by_use(cohorts, lambda use: renewal.use_class(use).risk or np.inf)
    padded = np.concatenate((hazards, np.repeat(hazards[:, -1:], 3, axis=1)), axis=1)
    year = np.lib.stride_tricks.sliding_window_view(padded, 4, axis=1).sum(axis=2)
    above = np.logical_or.accumulate(year > risks[:, None], axis=1)
    return np.asarray(np.concatenate((above, above[:, -1:]), axis=1))


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
    maker, model = np.array([""], dtype=object), np.array([offer.model or ""], dtype=object)
    return np.concatenate(([0.0], np.cumsum(fails(maker, model, ages[:-1], ages[1:]))))


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
    limits = made.cohorts["use"].map(made.limits).to_numpy(dtype=np.float64)
    rows = [np.full(len(limits), one.offer.life) if one.offer.life else limits for one in made.sold]
    return np.array(rows, dtype=np.float64).reshape(len(made.sold), len(limits))


class _Builder:
    """Puts the ways of all cohorts together."""

    def __init__(
        self,
        cohorts: pd.DataFrame,
        rules: _Rules,
        sold: Sequence[Sold],
        sale: Bools,
        caps: Mapping[Cap, float],
    ) -> None:
        self._cohorts, self._rules, self._renewal = cohorts, rules, rules.renewal
        self._quarters, self._rated = rules.quarters, _rated(cohorts, rules)
        self._sold, self._caps = tuple(sold), caps
        self._dearest = max([one.offer.price for one in sold], default=1.0) or 1.0
        self._purses = _purses(cohorts, {cap.purse for cap in caps})
        self._uses = cohorts["use"].tolist()
        self._lives = {use: dated.served(rules.limits(use)) for use in sorted(set(self._uses))}
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
        return Costed(
            problem, self._cohorts, self._sold, self._rated, self._first, self._quarters, self._lives, paid
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
        for number, one in enumerate(self._sold):
            of = np.flatnonzero(offer == number)
            lives = np.array([self._life(number, use) for use in uses], dtype=np.int64)
            life = lives[named][place[of]]
            left = self._quarters.count - quarter[of]
            again, rest = np.divmod(left, life)
            new = fresh(one.offer, self._rules.fails)
            failures = again * new[life] + new[rest]
            cost[of] += self._lost(number, quarter[of], life) + one.offer.running * left / 4
            cost[of] += failures * self._renewal.costs.failure * self._rated.weight[place[of]]
            money[of] = self._price(number, quarter[of])
            year[of] = self._years(number)[quarter[of]]
        return cost, money, year

    def _penalty(self, place: Ints, quarter: Ints, paid: Ints) -> Floats:
        """What being past a deadline costs; what cannot be helped, by a machine or by updates, is not counted."""
        rated, first = self._rated, self._first
        helped = (rated.late & ~rated.paid_late).cumsum(axis=1)[
            place, quarter
        ]  # by updates that may be paid for
        late = _counted(rated.paid_late, first, place, quarter) + np.where(paid == 1, 0, helped)
        worn = _counted(rated.old, first, place, quarter)
        return np.asarray((GRAVE * late + WORN * worn) * self._dearest * rated.weight[place])

    def _dues(self, place: Ints, quarter: Ints, paid: Ints) -> tuple[Dues, Floats]:
        """Paid updates of machines that wait beyond their deadline; years that began already are paid when it is joined."""
        waited = np.zeros(len(place))
        parts: list[tuple[Ints, int, float]] = []
        ends = (*self._quarters.firsts, self._quarters.firsts[-1])
        ways = np.flatnonzero(paid)
        stays = np.array([np.datetime64(day, "s") for day in ends])[quarter[ways] + 1]
        for rows, updates in self._rules.paid(self._cohorts):
            of = np.isin(place[ways], rows)
            for day, price in updates.payments:
                paying = ways[of & (np.datetime64(day, "s") < stays)]
                year = day.year - self._quarters.years[0]
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
