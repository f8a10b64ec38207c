"""The renewal plan of a fleet: what is bought when, for how much, what stays past its deadline and why, and what more money buys."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from forecasting.renewal import cohorts as grouping
from forecasting.renewal import costing, dated, failing, lateness, lines, programme
from forecasting.renewal.calendars import Quarters, quarters_from
from forecasting.renewal.columns import day_of, days_of, due_of, keys_of, texts_of
from forecasting.renewal.costing import Costed
from forecasting.renewal.dated import Dated
from forecasting.renewal.explaining import Explainer
from forecasting.renewal.failing import Draws
from forecasting.renewal.lines import Costs
from forecasting.renewal.machines import Ended, Fitness, Fleet, Need, Support, demands, fleet, spares_wanted
from forecasting.renewal.problem import NEVER, Answer, Bools, Cap, Ints, spent, worn
from forecasting.renewal.programme import Effort, Solution
from forecasting.renewal.rating import Fails
from forecasting.renewal.renewing import Renewed, renewed
from forecasting.survival.models import Learnt
from inventory.contracts import Contract
from inventory.renewal import Renewal
from inventory.workstations import Workstation


class Money(NamedTuple):
    """What a year's orders cost: machines, licences, and updates that are paid for; where nothing bounds it the `budget` is None.
    `purse` "" is all."""

    year: int
    purse: str
    spent: float
    budget: float | None


class OutOfSupport(NamedTuple):
    """Machines out of support today, by what they need; how many of them the plan replaces, for that or any other reason."""

    needs: Need
    machines: int
    replaced: int


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """A renewal plan as of `today`.

    `waves` has a row for what is bought in a quarter for one cohort (`again`: what was bought within the plan wears out);
    `late` one for each machine that stays past a deadline, until when and with the reason, `lateness` the machine-months of that
    by civil year; `kept` cohorts that stay to the end; `failures` the failures to expect by civil year with an 80 % band; `costs`
    what each year costs by line. `past_age` are machines that stay past their age limit or the allowed risk by the end of each civil
    year, `short_of_money` is the first year of which no machine more can be ordered while some stay past such a day for want of money.
    `out_of_support` are machines out of support today, the most common need first. `gap` is proven: no plan is better by more than
    that share.
    """

    today: dt.date
    quarters: Quarters
    currency: str
    fleet: Fleet
    cohorts: pd.DataFrame
    waves: pd.DataFrame
    late: pd.DataFrame
    lateness: Mapping[int, float]
    kept: pd.DataFrame
    money: tuple[Money, ...]
    costs: tuple[Costs, ...]
    failures: pd.DataFrame
    past_age: Mapping[int, int]
    spares: pd.DataFrame
    out_of_support: tuple[OutOfSupport, ...]
    short_of_money: int | None
    solution: Solution
    costed: Costed
    learnt: Learnt | None

    @property
    def spent(self) -> float:
        """What is ordered in all years."""
        return sum(one.spent for one in self.money if not one.purse)

    @property
    def total(self) -> float:
        """What all years cost, with what machines cost while they serve."""
        return sum(one.total for one in self.costs)

    @property
    def overdue(self) -> int:
        """Machines that stay past a deadline."""
        return len(self.late)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is made from besides machines: rules, contracts, and what others know."""

    renewal: Renewal
    contracts: Mapping[str, Contract]
    today: dt.date
    currency: str
    support: Support
    fitness: Fitness
    fails: Fails
    ended: Ended
    learnt: Learnt | None = None
    draws: Draws | None = None
    changes: Dated = dated.NOTHING


def plan(
    workstations: Iterable[Workstation],
    asked: Asked,
    years: int | None = None,
    seconds: float = programme.SECONDS,
) -> Plan:
    """The plan of an inventory."""
    quarters = quarters_from(asked.today, 4 * (years or asked.renewal.years))
    rules = (asked.renewal, asked.support, asked.fitness, asked.ended)
    known = fleet(workstations, *rules, asked.today, asked.changes)
    made, spares = cost(known, asked, quarters)
    return told(made, known, spares, asked, programme.solve(made.problem, Effort(seconds=seconds)))


def cost(known: Fleet, asked: Asked, quarters: Quarters) -> tuple[Costed, pd.DataFrame]:
    """The problem of a fleet, and the spares that it wants."""
    cohorts = grouping.group(known.machines)
    expected = failing.soon(cohorts, quarters, asked.fails, asked.draws)
    wanted = demands(asked.renewal, known, expected)
    if len(wanted):
        cohorts = grouping.group(pd.concat([known.machines, wanted], ignore_index=True))
    made = costing.costed(cohorts, asked.renewal, asked.contracts, quarters, asked.fails, asked.changes)
    return made, _spares(known, asked.renewal, expected)


def _spares(known: Fleet, renewal: Renewal, expected: Mapping[str, int]) -> pd.DataFrame:
    counts = known.machines["use"].value_counts()
    rows = [
        (one.name, spares_wanted(renewal, one.name, int(counts.get(one.name, 0)), expected.get(one.name, 0)),
         known.stock.get(one.name, 0))
        for one in renewal.classes
        if one.spares is not None
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["use", "wanted", "stock"])


def told(made: Costed, known: Fleet, spares: pd.DataFrame, asked: Asked, solution: Solution) -> Plan:
    """A solution in frames."""
    answer = solution.answer
    failures = failing.expected(made, answer, asked.fails, asked.draws)
    explainer = Explainer(made, answer)
    waves = pd.DataFrame([*_waves(made, answer, explainer), *_again(made, answer)], columns=WAVES)
    waves = waves.sort_values(
        ["quarter", "again", "use", "site", "model", "offer"], kind="stable", ignore_index=True
    )
    return Plan(
        today=asked.today,
        quarters=made.quarters,
        currency=asked.currency,
        fleet=known,
        cohorts=made.cohorts,
        waves=waves,
        late=lateness.frame(made, answer, explainer, known),
        lateness=lateness.by_year(made, answer),
        kept=_kept(made, answer, explainer),
        money=tuple(money_of(made, answer)),
        costs=lines.lines(made, answer, failures, asked.renewal.costs),
        failures=failures,
        past_age=past_age(made, answer),
        spares=spares,
        out_of_support=tuple(_out_of_support(made, answer, known)),
        short_of_money=explainer.short_of_money(),
        solution=solution,
        costed=made,
        learnt=asked.learnt,
    )


WAVES: Final = [
    "ordered", "year", "quarter", "use", "site", "directorate", "kind", "maker", "model", "offer", "machines", "money",
    "deadline", "why", "pushed", "wanted", "fails", "waiting", "saved", "again",
]  # fmt: skip


def _waves(made: Costed, answer: Answer, explainer: Explainer) -> Iterator[tuple[object, ...]]:
    ways = made.problem.ways
    used = np.flatnonzero((answer.machines > 0) & (ways.offer != NEVER))
    cohort, machines, reasons = ways.cohort[used], answer.machines[used], explainer.reasons(used)
    quarters, offers = ways.quarter[used].tolist(), ways.offer[used].tolist()
    days = [made.sold[offer].ordered[quarter] for offer, quarter in zip(offers, quarters, strict=True)]
    return zip(
        days,
        [day.year if day else 0 for day in days],
        [made.quarters.firsts[quarter] for quarter in quarters],
        *texts_of(made, cohort, "use", "site", "directorate", "kind", "maker", "model"),
        [made.sold[offer].name for offer in offers],
        machines.tolist(),
        (machines * ways.money[used]).tolist(),
        _deadlines(made, cohort, reasons.lapsed),
        reasons.why,
        reasons.pushed,
        [day_of(made, quarter) for quarter in reasons.wanted.tolist()],
        *(column.tolist() for column in (reasons.fails, reasons.waiting, reasons.saved)),
        itertools.repeat(False, len(used)),
        strict=True,
    )


def _deadlines(made: Costed, cohort: Ints, lapsed: Bools) -> list[dt.date | None]:
    """The deadlines that can decide when machines go."""
    days = zip(days_of(made, cohort, "lapsed"), due_of(made, cohort), lapsed.tolist(), strict=True)
    return [first if of else last for first, last, of in days]


def _again(made: Costed, answer: Answer) -> Iterator[tuple[object, ...]]:
    """Further renewals, for the sites that what wears out first went to."""
    texts = list(zip(*(made.cohorts[name] for name in _RENEWED), strict=True))
    return (_renewed(made, texts[one.cohort], one) for one in renewed(made, answer))


_RENEWED: Final = ("use", "site", "directorate", "kind")


def _renewed(made: Costed, texts: tuple[str, ...], one: Renewed) -> tuple[object, ...]:
    brought, sold = made.sold[one.brought], made.sold[one.offer]
    day, quarter = sold.ordered[one.quarter], made.quarters.firsts[one.quarter]
    return (
        day, day.year if day else 0, quarter, *texts, "", brought.offer.model or brought.name, sold.name, one.machines, one.money,
        None, "age", "", quarter, 0.0, 0.0, 0.0, True,
    )  # fmt: skip


KEPT: Final = ["use", "site", "kind", "maker", "model", "bought", "machines", "why", "pushed"]


def _kept(made: Costed, answer: Answer, explainer: Explainer) -> pd.DataFrame:
    used = np.flatnonzero((answer.machines > 0) & (made.problem.ways.offer == NEVER))
    cohort, reasons = made.problem.ways.cohort[used], explainer.reasons(used)
    columns = (
        *texts_of(made, cohort, "use", "site", "kind", "maker", "model"),
        days_of(made, cohort, "bought"),
        answer.machines[used].tolist(),
        reasons.why,
        reasons.pushed,
    )
    return pd.DataFrame(list(zip(*columns, strict=True)), columns=KEPT)


def money_of(made: Costed, answer: Answer) -> Iterator[Money]:
    """The money of each year and purse."""
    found = spent(made.problem, answer)
    for cap in sorted({*made.problem.caps, *found, *(Cap(year, "") for year in made.problem.years)}):
        yield Money(cap.year, cap.purse, found.get(cap, 0.0), made.budgets.get(cap))


def _out_of_support(made: Costed, answer: Answer, known: Fleet) -> Iterator[OutOfSupport]:
    """What machines need that are out of support today."""
    bought = np.flatnonzero((answer.machines > 0) & (made.problem.ways.offer != NEVER))
    replaced = {key for keys in keys_of(made, answer, bought) for key in keys}
    every = Counter(known.needs.values())
    gone = Counter(need for key, need in known.needs.items() if key in replaced)
    for need, count in sorted(every.items(), key=lambda one: (-one[1], one[0])):
        yield OutOfSupport(need, count, gone[need])


def past_age(made: Costed, answer: Answer) -> dict[int, int]:
    """Machines that are past their age limit or the allowed risk at the end of each civil year."""
    ways, old = made.problem.ways, made.rated.old
    owed = worn(made.problem, answer).sum(axis=0)
    found: dict[int, int] = {}
    for quarter in range(made.quarters.count):
        past = old[ways.cohort, quarter] & (ways.quarter > quarter)
        found[made.quarters.firsts[quarter].year] = int(answer.machines[past].sum() + owed[quarter])
    return found
