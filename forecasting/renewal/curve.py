"""What more and less money would buy: the plan again, with other budgets."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from forecasting.renewal import costing, failing, lateness, programme
from forecasting.renewal.costing import Costed
from forecasting.renewal.kept import LUMP
from forecasting.renewal.plan import Plan, money_of
from forecasting.renewal.problem import TOLERANCE, Answer, Cap
from forecasting.renewal.programme import Effort
from forecasting.renewal.rating import Fails

STEPS: Final = (-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4)
"""By how much the money of the curve differs from that of the plan."""


class Point(NamedTuple):
    """A plan with `share` more (or less) money in each year: machines past a deadline, machine-months of that within the plan
    (`lateness`), failures and money over all years.

    `worth` is all that the programme weighs, the part `gap` of which is not proven; `lump` by how much LUMP more in all would
    lessen it, from the point before. More money never leaves more to weigh. It may leave more machines late, or for longer, where
    machines of graver classes, or other costs, weigh more.
    """

    share: float
    budget: float
    late: int
    lateness: float
    failures: float
    spent: float
    worth: float
    gap: float
    lump: float | None


class _Found(NamedTuple):
    """The best answer that is known of a problem, and what none costs less than."""

    made: Costed
    budget: float
    answer: Answer
    cost: float
    bound: float


def curve(found: Plan, fails: Fails, steps: Sequence[float] = STEPS) -> list[Point]:
    """What each step of money buys, from the least on. That of no more and no less is the plan itself, unless one for less money is
    better; the search for others is brief, and ends where less than a machine is left to find."""
    points: list[Point] = []
    for share, one in zip(sorted(steps), _answers(found, sorted(steps)), strict=True):
        points.append(_point(one, fails, share, points[-1] if points else None))
    return points


def _answers(found: Plan, steps: Sequence[float]) -> Iterator[_Found]:
    """The answers by step. A plan for less money is one for more as well."""
    made, best = found.costed, None
    least = min((one.offer.price for one in made.sold), default=0.0)
    for share in steps:
        budgets = {cap: most * (1 + share) for cap, most in made.budgets.items()}
        problem = costing.bounded(made.problem, budgets)
        same = abs(share) < TOLERANCE
        solution = found.solution if same else programme.solve(problem, Effort(least=least, brief=True))
        if best is None or solution.cost < best[1] - TOLERANCE:
            best = solution.answer, solution.cost
        yield _Found(
            dataclasses.replace(made, problem=problem), _whole(budgets), *best, min(solution.bound, best[1])
        )


def _whole(budgets: dict[Cap, float]) -> float:
    return sum(most for cap, most in budgets.items() if not cap.purse)


def _point(one: _Found, fails: Fails, share: float, before: Point | None) -> Point:
    made, answer = one.made, one.answer
    lump = None
    if before is not None and one.budget > before.budget:
        lump = (before.worth - one.cost) / (one.budget - before.budget) * LUMP
    return Point(
        share=share,
        budget=one.budget,
        late=int(answer.machines[lateness.late_ways(made, answer)].sum()),
        lateness=sum(lateness.by_year(made, answer).values()),
        failures=float(failing.expected(made, answer, fails, None)["expected"].sum()),
        spent=sum(each.spent for each in money_of(made, answer) if not each.purse),
        worth=one.cost,
        gap=(one.cost - one.bound) / one.cost if one.cost > TOLERANCE else 0.0,
        lump=lump,
    )
