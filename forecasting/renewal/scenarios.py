"""Scenarios of a renewal: the same files, comparisons and commitments as for stores, applied to the rules of a plan."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from forecasting.renewal.calendars import quarters_from
from forecasting.renewal.hindrances import PlanError
from forecasting.renewal.plan import Asked, Plan, plan
from forecasting.scenarios.deciding import FLEET as NAME
from inventory.renewal import OTHER, FleetBudget, Renewal
from inventory.scenarios import Scenario
from inventory.scenarios.changes import AgeLimit, Edition, FleetMoney, Instead, Updates
from inventory.workstations import Workstation


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """The plan with what is committed alone (`scenario` is None), or with one scenario more."""

    scenario: Scenario | None
    plan: Plan

    @property
    def name(self) -> str:
        """What tells it apart; empty for the base."""
        return self.scenario.name if self.scenario else ""

    @property
    def failures(self) -> float:
        """Failures to expect in all years."""
        return float(self.plan.failures["expected"].sum())


def compare(
    workstations: Sequence[Workstation],
    asked: Asked,
    scenarios: Sequence[Scenario],
    committed: Sequence[Scenario] = (),
    years: int | None = None,
) -> list[Case]:
    """The base, and each scenario beside it. What is committed is part of all, but for the scenarios that are compared."""
    names = {one.name for one in scenarios}
    base = applied(asked, [one for one in committed if one.name not in names], years)
    cases = [Case(None, plan(workstations, base, years))]
    return cases + [Case(one, plan(workstations, applied(base, [one], years), years)) for one in scenarios]


def applied(asked: Asked, scenarios: Iterable[Scenario], years: int | None = None) -> Asked:
    """The rules with all changes of some scenarios."""
    last = quarters_from(asked.today, 4 * (years or asked.renewal.years)).years[-1]
    for one in scenarios:
        for change in one.changes:
            asked = _applied(change, asked, last)
    return asked


@functools.singledispatch
def _applied(_change: Any, asked: Asked, _last: int) -> Asked:
    """What is about stores does not touch a renewal."""
    return asked


@_applied.register
def _age(change: AgeLimit, asked: Asked, _last: int) -> Asked:
    known = {OTHER, *(one.name for one in asked.renewal.classes)}
    lost = next((name for name in change.classes if name not in known), None)
    if lost is not None:
        raise PlanError("class", name=lost, known=", ".join(sorted(known)))
    return _dated(asked, ages=(*asked.changes.ages, change))


@_applied.register
def _updates(change: Updates, asked: Asked, _last: int) -> Asked:
    return _dated(asked, updates=(*asked.changes.updates, change))


@_applied.register
def _edition(change: Edition, asked: Asked, _last: int) -> Asked:
    return _dated(asked, editions=(*asked.changes.editions, change))


@_applied.register
def _instead(change: Instead, asked: Asked, _last: int) -> Asked:
    """One of the same name goes on until this one begins, or for good where this one ends."""
    kept = change.start > asked.today or change.end is not None
    name = f"{change.name}-{change.start}" if kept and change.name in asked.renewal.offers else change.name
    offers = {**asked.renewal.offers, name: change.offer.model_copy(update={"instead": True})}
    others = tuple(pair for pair in asked.changes.instead if pair[0] != name)
    return _dated(_with(asked, offers=offers), instead=(*others, (name, change)))


def _dated(asked: Asked, **changed: Any) -> Asked:
    return dataclasses.replace(asked, changes=dataclasses.replace(asked.changes, **changed))


@_applied.register
def _money(change: FleetMoney, asked: Asked, last: int) -> Asked:
    ends = change.end.year if change.end else last
    found: dict[int, FleetBudget] = {}
    for year in range(asked.today.year, last + 1):
        budget = asked.renewal.money(year)
        if budget is not None:
            found[year] = _scaled(budget, 1 + change.rate) if change.start.year <= year <= ends else budget
    return _with(asked, budgets=found)


def _scaled(budget: FleetBudget, factor: float) -> FleetBudget:
    return budget.model_copy(
        update={
            "amount": None if budget.amount is None else budget.amount * factor,
            "directorates": {name: money * factor for name, money in budget.directorates.items()},
            "sites": {name: money * factor for name, money in budget.sites.items()},
        }
    )


def _with(asked: Asked, **changed: Any) -> Asked:
    rules: Renewal = asked.renewal.model_copy(update=changed)
    return dataclasses.replace(asked, renewal=rules)


def expected(base: Plan, case: Plan) -> Mapping[str, str]:
    """What is frozen of a scenario that is committed: of each civil year machines, money and failures, with and without it."""
    fails = [dict(zip(one.failures["year"], one.failures["expected"], strict=True)) for one in (base, case)]
    found = {}
    for year in base.quarters.years:
        found[f"{NAME}{{year={year}}}"] = json.dumps(
            {
                "year": year,
                "today": base.today.isoformat(),
                "machines": [_machines(one, year) for one in (base, case)],
                "money": [_spent(one, year) for one in (base, case)],
                "failures": [fails[0].get(year), fails[1].get(year)],
                "past_deadline": [base.overdue, case.overdue],
                "lateness": [base.lateness.get(year, 0.0), case.lateness.get(year, 0.0)],
            }
        )
    return found


def _machines(one: Plan, year: int) -> int:
    return int(one.waves.loc[one.waves["year"] == year, "machines"].sum())


def _spent(one: Plan, year: int) -> float:
    return sum(money.spent for money in one.money if money.year == year and not money.purse)
