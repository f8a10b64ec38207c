"""The renewal plan of a fleet: what is bought when, for how much, what stays past its deadline and why, and what more money buys."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from forecasting.renewal import cohorts as grouping
from forecasting.renewal import costing, explaining, failing, programme
from forecasting.renewal.calendars import Quarters, quarters_from
from forecasting.renewal.costing import Costed, Fails
from forecasting.renewal.explaining import Explainer
from forecasting.renewal.failing import Z80, Draws
from forecasting.renewal.machines import Fitness, Fleet, Support, demands, fleet, spares_wanted
from forecasting.renewal.problem import NEVER, TOLERANCE, Answer, Cap, spent, worn
from forecasting.renewal.programme import Solution
from inventory.contracts import Contract
from inventory.renewal import Renewal
from inventory.scenarios.changes import Edition
from inventory.workstations import Workstation

STEPS: Final = (-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4)
"""By how much the money of the curve differs from that of the plan."""

LUMP: Final = 50_000.0
"""What the curve tells the worth of."""


class Money(NamedTuple):
    """What a year's orders cost: machines, and updates that are paid for; None where nothing bounds it. `purse` "" is all."""

    year: int
    purse: str
    spent: float
    budget: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """A renewal plan as of `today`.

    `waves` has a row for what is bought in a quarter for one cohort (`again`: what was bought within the plan wears out);
    `late` one for each machine that stays past a deadline, with the reason; `kept` cohorts that stay to the end; `failures`
    the failures to expect by civil year with an 80 % band. `past_age` are machines that stay past their age limit or the
    allowed risk by the end of each civil year. `gap` is proven: no plan is better by more than that share.
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
    updates: Mapping[int, float]
    failures: pd.DataFrame
    past_age: Mapping[int, int]
    spares: pd.DataFrame
    solution: Solution
    costed: Costed
    learnt: bool

    @property
    def spent(self) -> float:
        """The money of all years."""
        return sum(one.spent for one in self.money if not one.purse)

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
    editions: tuple[Edition, ...] = ()


def plan(
    workstations: Iterable[Workstation],
    asked: Asked,
    years: int | None = None,
    seconds: float = programme.SECONDS,
) -> Plan:
    """The plan of an inventory."""
    quarters = quarters_from(asked.today, 4 * (years or asked.renewal.years))
    known = fleet(workstations, asked.renewal, asked.support, asked.fitness, asked.editions)
    made, spares = cost(known, asked, quarters)
    return told(made, known, spares, asked, programme.solve(made.problem, seconds))


def cost(known: Fleet, asked: Asked, quarters: Quarters) -> tuple[Costed, pd.DataFrame]:
    """The problem of a fleet, and the spares that it wants."""
    own = grouping.group(known.machines)
    hazard = costing.hazards(own, quarters, asked.fails)[:, : min(2, quarters.count)].sum(axis=1)
    mean = pd.Series(hazard * own["count"].to_numpy(), dtype=float).groupby(own["use"].to_numpy()).sum()
    expected = {str(use): int(np.ceil(each + Z80 * np.sqrt(each))) for use, each in mean.items()}
    wanted = demands(asked.renewal, known, expected)
    machines = pd.concat([known.machines, wanted], ignore_index=True) if len(wanted) else known.machines
    caps = costing.caps_of(asked.renewal, quarters)
    for year, paid in known.licences.items():
        cap = Cap(max(year, quarters.years[0]), "")
        if cap in caps:
            caps[cap] = max(caps[cap] - paid, 0.0)
    made = costing.costed(
        grouping.group(machines), asked.renewal, asked.contracts, quarters, asked.fails, caps
    )
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
        money=tuple(_money(made, answer, known.licences)),
        updates=_updates(made, answer),
        failures=failing.expected(made, answer, asked.fails, asked.draws),
        past_age=past_age(made, answer),
        spares=spares,
        solution=solution,
        costed=made,
        learnt=asked.learnt,
    )


WAVES: Final = [
    "ordered", "year", "quarter", "use", "site", "directorate", "kind", "maker", "model", "offer", "machines", "money",
    "deadline", "why", "pushed", "wanted", "fails", "waiting", "saved", "again",
]  # fmt: skip


def _waves(made: Costed, answer: Answer, explainer: Explainer) -> Iterator[tuple[object, ...]]:
    ways, cohorts = made.problem.ways, made.cohorts
    for way in np.flatnonzero((answer.machines > 0) & (ways.offer != NEVER)):
        cohort, quarter, machines = int(ways.cohort[way]), int(ways.quarter[way]), int(answer.machines[way])
        sold, reason = made.sold[ways.offer[way]], explainer.reason(int(way))
        day = sold.ordered[quarter]
        texts = (
            cohorts[name].iat[cohort] for name in ("use", "site", "directorate", "kind", "maker", "model")
        )
        yield (
            day, day.year if day else 0, made.quarters.firsts[quarter], *texts, sold.name, machines,
            float(machines * ways.money[way]), _day(cohorts["deadline"].iat[cohort]), reason.why, reason.pushed,
            explaining.day_of(made, reason.wanted), reason.fails, reason.waiting, reason.saved, False,
        )  # fmt: skip


def _again(made: Costed, answer: Answer) -> Iterator[tuple[object, ...]]:
    """Second renewals, for the sites that what wears out first went to."""
    ways, problem = made.problem.ways, made.problem
    for place, stock in enumerate(problem.stocks):
        of = np.flatnonzero((ways.stock == place) & (answer.machines > 0))
        came = deque(
            [int(ways.cohort[way]), int(answer.machines[way])]
            for way in of[np.argsort(ways.quarter[of], kind="stable")]
        )
        for quarter in np.flatnonzero(answer.again[place]):
            left = int(answer.again[place, quarter])
            while left:
                cohort, some = came[0][0], min(left, came[0][1])
                came[0][1] -= some
                left -= some
                if not came[0][1]:
                    came.popleft()
                offer = int(ways.offer[of[0]])
                yield _renewed(made, cohort, offer, int(quarter), some, float(some * stock.money[quarter]))


def _renewed(
    made: Costed, cohort: int, offer: int, quarter: int, machines: int, money: float
) -> tuple[object, ...]:
    sold, cohorts = made.sold[offer], made.cohorts
    use, site, directorate, kind = (
        cohorts[name].iat[cohort] for name in ("use", "site", "directorate", "kind")
    )
    day = sold.ordered[quarter]
    return (
        day, day.year if day else 0, made.quarters.firsts[quarter], use, site, directorate, kind, "", sold.offer.model or sold.name,
        sold.name, machines, money, None, "age", "", made.quarters.firsts[quarter], 0.0, 0.0, 0.0, True,
    )  # fmt: skip


LATE: Final = ["key", "name", "site", "service", "use", "model", "deadline", "reason", "replaced", "why"]


def late_ways(made: Costed, answer: Answer) -> Iterator[int]:
    """Ways by which machines go after their deadline, paid updates counted in."""
    ways, rated = made.problem.ways, made.rated
    due = np.where(made.extended == 1, rated.extended[ways.cohort], rated.due[ways.cohort])
    late = (answer.machines > 0) & (ways.quarter > due) & (due < made.quarters.count)
    late &= ~made.cohorts["reason"].eq("spare").to_numpy()[ways.cohort]
    yield from np.flatnonzero(late).tolist()


def _late(made: Costed, answer: Answer, explainer: Explainer, known: Fleet) -> pd.DataFrame:
    """Each machine past its deadline: within a cohort machines go in the order of their keys."""
    found = known.machines.set_index("key")
    first, everyone = _firsts(made, answer), made.cohorts["keys"].tolist()
    rows = []
    for way in late_ways(made, answer):
        cohort = int(made.problem.ways.cohort[way])
        keys = everyone[cohort][first[way] : first[way] + int(answer.machines[way])]
        replaced = explaining.day_of(made, int(made.problem.ways.quarter[way]))
        why, row = explainer.late(way), made.cohorts.iloc[cohort]
        for key in keys:
            name, service = (
                (found.at[key, "name"], found.at[key, "service"]) if key in found.index else ("", "")
            )
            rows.append(
                (
                    key,
                    name,
                    row["site"],
                    service,
                    row["use"],
                    row["model"],
                    _day(row["deadline"]),
                    row["reason"],
                    replaced,
                    why,
                )
            )
    frame = pd.DataFrame(rows, columns=LATE)
    return frame.sort_values(["deadline", "site", "use", "key"], ignore_index=True)


def _firsts(made: Costed, answer: Answer) -> Mapping[int, int]:
    """How many machines of its cohort went before those of each way."""
    ways = made.problem.ways
    found: dict[int, int] = {}
    gone: dict[int, int] = {}
    for way in np.flatnonzero(answer.machines).tolist():
        cohort = int(ways.cohort[way])
        found[way] = gone.get(cohort, 0)
        gone[cohort] = found[way] + int(answer.machines[way])
    return found


KEPT: Final = ["use", "site", "kind", "maker", "model", "bought", "machines", "why", "pushed"]


def _kept(made: Costed, answer: Answer, explainer: Explainer) -> pd.DataFrame:
    ways, rows = made.problem.ways, []
    for way in np.flatnonzero((answer.machines > 0) & (ways.offer == NEVER)):
        row, reason = made.cohorts.iloc[int(ways.cohort[way])], explainer.reason(int(way))
        texts = (row[name] for name in ("use", "site", "kind", "maker", "model"))
        rows.append((*texts, _day(row["bought"]), int(answer.machines[way]), reason.why, reason.pushed))
    return pd.DataFrame(rows, columns=KEPT)


def _money(made: Costed, answer: Answer, licences: Mapping[int, float]) -> Iterator[Money]:
    """Licences of editions were taken from the money of their year before: they are told with it."""
    found = spent(made.problem, answer)
    for cap in sorted({*made.problem.caps, *found, *(Cap(year, "") for year in made.problem.years)}):
        besides = (
            0.0
            if cap.purse
            else sum(paid for year, paid in licences.items() if max(year, made.problem.years[0]) == cap.year)
        )
        budget = made.problem.caps.get(cap)
        yield Money(
            cap.year, cap.purse, found.get(cap, 0.0) + besides, None if budget is None else budget + besides
        )


def _updates(made: Costed, answer: Answer) -> dict[int, float]:
    """What paid updates cost by year."""
    found: dict[int, float] = {}
    for way, year, money in zip(*(column.tolist() for column in made.problem.dues), strict=True):
        if answer.machines[way]:
            name = made.problem.years[year]
            found[name] = found.get(name, 0.0) + float(answer.machines[way] * money)
    return found


def past_age(made: Costed, answer: Answer) -> dict[int, int]:
    """Machines that are past their age limit or the allowed risk at the end of each civil year."""
    ways, limit = made.problem.ways, made.rated.limit[made.problem.ways.cohort]
    owed = worn(made.problem, answer).sum(axis=0)
    found: dict[int, int] = {}
    for quarter in range(made.quarters.count):
        past = (limit < quarter + 1) & (ways.quarter > quarter) & (limit < made.quarters.count)
        found[made.quarters.firsts[quarter].year] = int(answer.machines[past].sum() + owed[quarter])
    return found


def _day(value: object) -> dt.date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[call-overload, arg-type]


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
        caps = {cap: most * (1 + share) for cap, most in made.problem.caps.items()}
        problem = dataclasses.replace(made.problem, caps=caps)
        found = programme.solve(problem)
        if best is None or found.cost < best[0] - TOLERANCE:
            best = (found.cost, found.answer)
        budget = sum(most for cap, most in caps.items() if not cap.purse)
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
    paid = sum(money for cap, money in spent(made.problem, answer).items() if not cap.purse)
    lump = None
    if before and budget > before[-1].budget:
        lump = (before[-1].worth - worth) / (budget - before[-1].budget) * LUMP
    failures = float(failing.expected(made, answer, fails, None)["expected"].sum())
    return Point(share, budget, late, failures, paid, worth, lump)
