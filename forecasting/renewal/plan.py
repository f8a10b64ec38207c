"""The renewal plan of a fleet: what is bought when, for how much, what stays past its deadline and why, and what more money buys."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from forecasting.renewal import cohorts as grouping
from forecasting.renewal import costing, dated, explaining, failing, lines, programme
from forecasting.renewal.calendars import Quarters, quarters_from
from forecasting.renewal.costing import Costed, Sold
from forecasting.renewal.dated import Dated
from forecasting.renewal.explaining import Explainer
from forecasting.renewal.failing import Draws
from forecasting.renewal.kept import LUMP
from forecasting.renewal.lines import Costs
from forecasting.renewal.machines import Fitness, Fleet, Support, demands, fleet, spares_wanted
from forecasting.renewal.problem import NEVER, TOLERANCE, Answer, Cap, Ints, spent, worn
from forecasting.renewal.programme import Solution
from forecasting.renewal.rating import Fails
from inventory.contracts import Contract
from inventory.renewal import Renewal
from inventory.workstations import Workstation

STEPS: Final = (-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4)
"""By how much the money of the curve differs from that of the plan."""


class Money(NamedTuple):
    """What a year's orders cost: machines, licences, and updates that are paid for; where nothing bounds it the `budget` is None.
    `purse` "" is all."""

    year: int
    purse: str
    spent: float
    budget: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """A renewal plan as of `today`.

    `waves` has a row for what is bought in a quarter for one cohort (`again`: what was bought within the plan wears out);
    `late` one for each machine that stays past a deadline, with the reason; `kept` cohorts that stay to the end; `failures`
    the failures to expect by civil year with an 80 % band; `costs` what each year costs by line. `past_age` are machines that stay
    past their age limit or the allowed risk by the end of each civil year, `short_of_money` is the first year of which no machine more can be ordered while
    some stay past such a day for want of money. `gap` is proven: no plan is better by more than that share.
    """

    today: dt.date
    quarters: Quarters
    currency: str
    fleet: Fleet
    cohorts: pd.DataFrame
    waves: pd.DataFrame
    late: pd.DataFrame
    kept: pd.DataFrame
    money: tuple[Money, ...]
    costs: tuple[Costs, ...]
    failures: pd.DataFrame
    past_age: Mapping[int, int]
    spares: pd.DataFrame
    short_of_money: int | None
    solution: Solution
    costed: Costed
    learnt: bool

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
    learnt: bool = False
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
    known = fleet(workstations, asked.renewal, asked.support, asked.fitness, asked.today, asked.changes)
    made, spares = cost(known, asked, quarters)
    return told(made, known, spares, asked, programme.solve(made.problem, seconds))


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
        late=_late(made, answer, explainer, known),
        kept=_kept(made, answer, explainer),
        money=tuple(_money(made, answer)),
        costs=lines.lines(made, answer, failures, asked.renewal.costs),
        failures=failures,
        past_age=past_age(made, answer),
        spares=spares,
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
        *_texts(made, cohort, "use", "site", "directorate", "kind", "maker", "model"),
        [made.sold[offer].name for offer in offers],
        machines.tolist(),
        (machines * ways.money[used]).tolist(),
        _due(made, cohort),
        reasons.why,
        reasons.pushed,
        [explaining.day_of(made, quarter) for quarter in reasons.wanted.tolist()],
        *(column.tolist() for column in (reasons.fails, reasons.waiting, reasons.saved)),
        itertools.repeat(False, len(used)),
        strict=True,
    )


def _texts(made: Costed, cohort: Ints, *names: str) -> list[list[str]]:
    """Columns of the cohorts of ways."""
    return [made.cohorts[name].to_numpy(dtype=object)[cohort].tolist() for name in names]


def _days(made: Costed, cohort: Ints, name: str) -> list[dt.date | None]:
    days = made.cohorts[name].to_numpy(dtype="datetime64[D]").astype(object)
    return list(days[cohort].tolist())


def _due(made: Costed, cohort: Ints) -> list[dt.date | None]:
    """The last days of machines; of what a project needs its day, on which it must be there, and none of a spare, which is wanted
    at once."""
    told = zip(_days(made, cohort, "deadline"), *_texts(made, cohort, "reason"), strict=True)
    return [_wanted(day, reason) for day, reason in told]


def _wanted(day: dt.date | None, reason: str) -> dt.date | None:
    if day is None or reason == "spare":
        return None
    return day + dt.timedelta(days=1) if reason == "project" else day


def _again(made: Costed, answer: Answer) -> Iterator[tuple[object, ...]]:
    """Further renewals, for the sites that what wears out first went to."""
    ways, problem = made.problem.ways, made.problem
    texts = list(zip(*(made.cohorts[name] for name in _RENEWED), strict=True))
    for place, stock in enumerate(problem.stocks):
        of = np.flatnonzero((ways.stock == place) & (answer.machines > 0))
        came: dict[int, list[tuple[int, int]]] = {}
        for way in of.tolist():
            came.setdefault(int(ways.quarter[way]), []).append(
                (int(ways.cohort[way]), int(answer.machines[way]))
            )
        waits: deque[tuple[int, int]] = deque()
        for quarter in range(problem.quarters):
            gone = _first(waits, int(answer.again[place, quarter]))
            for cohort, some in gone:
                money, sold = float(some * stock.money[quarter]), made.sold[ways.offer[of[0]]]
                yield _renewed(made, texts[cohort], sold, quarter, some, money)
            waits.extend((*came.get(quarter, ()), *gone))


def _first(waits: deque[tuple[int, int]], wanted: int) -> list[tuple[int, int]]:
    """So many machines by cohort that came first, taken out."""
    found = []
    while wanted:
        cohort, many = waits.popleft()
        if many > wanted:
            waits.appendleft((cohort, many - wanted))
        found.append((cohort, min(many, wanted)))
        wanted -= found[-1][1]
    return found


_RENEWED: Final = ("use", "site", "directorate", "kind")


def _renewed(
    made: Costed, texts: tuple[str, ...], sold: Sold, quarter: int, machines: int, money: float
) -> tuple[object, ...]:
    day = sold.ordered[quarter]
    return (
        day, day.year if day else 0, made.quarters.firsts[quarter], *texts, "", sold.offer.model or sold.name,
        sold.name, machines, money, None, "age", "", made.quarters.firsts[quarter], 0.0, 0.0, 0.0, True,
    )  # fmt: skip


LATE: Final = ["key", "name", "site", "service", "use", "model", "deadline", "reason", "replaced", "why"]


def late_ways(made: Costed, answer: Answer) -> Iterator[int]:
    """Ways by which machines go after their deadline, paid updates counted in."""
    ways = made.problem.ways
    late = (answer.machines > 0) & (made.rated.late_until(ways.cohort, ways.quarter, made.extended) >= 0)
    late &= ~made.cohorts["reason"].eq("spare").to_numpy()[ways.cohort]
    yield from np.flatnonzero(late).tolist()


def _late(made: Costed, answer: Answer, explainer: Explainer, known: Fleet) -> pd.DataFrame:
    """Each machine past its deadline: within a cohort machines go in the order of their keys."""
    ways, everyone = made.problem.ways, made.cohorts["keys"].tolist()
    late = np.fromiter(late_ways(made, answer), dtype=np.int64)
    cohort, first = ways.cohort[late], _firsts(made, answer)
    told = zip(
        [
            everyone[c][begin : begin + many]
            for c, begin, many in zip(
                cohort.tolist(), first[late].tolist(), answer.machines[late].tolist(), strict=True
            )
        ],
        *_texts(made, cohort, "site", "use", "model"),
        _passed(made, cohort),
        *_texts(made, cohort, "reason"),
        [explaining.day_of(made, quarter) for quarter in ways.quarter[late].tolist()],
        explainer.late(late),
        strict=True,
    )
    machines = known.machines
    named = dict(zip(machines["key"], zip(machines["name"], machines["service"], strict=True), strict=True))
    rows = []
    for keys, site, *rest in told:
        for key in keys:
            name, service = named.get(key, ("", ""))
            rows.append((key, name, site, service, *rest))
    frame = pd.DataFrame(rows, columns=LATE)
    return frame.sort_values(["deadline", "site", "use", "key"], ignore_index=True)


def _passed(made: Costed, cohort: Ints) -> list[dt.date | None]:
    """The deadlines that machines are past: where another edition comes too late, that of the one before."""
    days = zip(_days(made, cohort, "lapsed"), _due(made, cohort), strict=True)
    lapsed = made.rated.lapsed[cohort].tolist()
    return [first if gone else last for gone, (first, last) in zip(lapsed, days, strict=True)]


def _firsts(made: Costed, answer: Answer) -> Ints:
    """By way: how many machines of its cohort go by those before it."""
    before = answer.machines.cumsum() - answer.machines
    starts = np.searchsorted(made.problem.ways.cohort, made.problem.ways.cohort)
    return np.asarray(before - before[starts])


KEPT: Final = ["use", "site", "kind", "maker", "model", "bought", "machines", "why", "pushed"]


def _kept(made: Costed, answer: Answer, explainer: Explainer) -> pd.DataFrame:
    used = np.flatnonzero((answer.machines > 0) & (made.problem.ways.offer == NEVER))
    cohort, reasons = made.problem.ways.cohort[used], explainer.reasons(used)
    columns = (
        *_texts(made, cohort, "use", "site", "kind", "maker", "model"),
        _days(made, cohort, "bought"),
        answer.machines[used].tolist(),
        reasons.why,
        reasons.pushed,
    )
    return pd.DataFrame(list(zip(*columns, strict=True)), columns=KEPT)


def _money(made: Costed, answer: Answer) -> Iterator[Money]:
    found = spent(made.problem, answer)
    for cap in sorted({*made.problem.caps, *found, *(Cap(year, "") for year in made.problem.years)}):
        yield Money(cap.year, cap.purse, found.get(cap, 0.0), made.budgets.get(cap))


def past_age(made: Costed, answer: Answer) -> dict[int, int]:
    """Machines that are past their age limit or the allowed risk at the end of each civil year."""
    ways, old = made.problem.ways, made.rated.old
    owed = worn(made.problem, answer).sum(axis=0)
    found: dict[int, int] = {}
    for quarter in range(made.quarters.count):
        past = old[ways.cohort, quarter] & (ways.quarter > quarter)
        found[made.quarters.firsts[quarter].year] = int(answer.machines[past].sum() + owed[quarter])
    return found


# --- what more money buys ---------------------------------------------------------------------------


class Point(NamedTuple):
    """A plan with `share` more (or less) money in each year: machines past a deadline, failures and money over all years.

    `worth` is all that the programme weighs; `lump` by how much LUMP more in all would lessen it, from the point before.
    """

    share: float
    budget: float
    late: int
    failures: float
    spent: float
    worth: float
    lump: float | None


def curve(made: Costed, fails: Fails, steps: Sequence[float] = STEPS) -> list[Point]:
    """What each step of money buys. More is never worse: a plan for less money is one for more as well."""
    points: list[Point] = []
    best: tuple[float, Answer] | None = None
    for share in sorted(steps):
        budgets = {cap: most * (1 + share) for cap, most in made.budgets.items()}
        problem = costing.bounded(made.problem, budgets)
        found = programme.solve(problem)
        if best is None or found.cost < best[0] - TOLERANCE:
            best = (found.cost, found.answer)
        budget = sum(most for cap, most in budgets.items() if not cap.purse)
        points.append(_point(dataclasses.replace(made, problem=problem), fails, share, budget, best, points))
    return points


def _point(
    made: Costed,
    fails: Fails,
    share: float,
    budget: float,
    best: tuple[float, Answer],
    before: Sequence[Point],
) -> Point:
    worth, answer = best
    late = sum(int(answer.machines[way]) for way in late_ways(made, answer))
    paid = sum(one.spent for one in _money(made, answer) if not one.purse)
    lump = None
    if before and budget > before[-1].budget:
        lump = (before[-1].worth - worth) / (budget - before[-1].budget) * LUMP
    failures = float(failing.expected(made, answer, fails, None)["expected"].sum())
    return Point(share, budget, late, failures, paid, worth, lump)
