"""A renewal plan as a document: plain values, for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from forecasting.survival import document as lives

if TYPE_CHECKING:
    from forecasting.renewal.curve import Point
    from forecasting.renewal.lines import Costs
    from forecasting.renewal.plan import Plan


def of(found: Plan, points: Sequence[Point] = ()) -> dict[str, Any]:
    """The whole plan. Days are dates, what is unknown is None; no user is in it."""
    solution = found.solution
    return {
        "today": found.today,
        "currency": found.currency,
        "machines": len(found.fleet.machines),
        "cohorts": len(found.cohorts),
        "quarters": list(found.quarters.firsts[:-1]),
        "gap": solution.gap,
        "seconds": solution.seconds,
        "late_search": solution.late,
        "going_on": [{"offer": name, "until": day} for name, day in found.costed.ending],
        "greedy_gap": solution.greedy_gap,
        "age_limits": dict(found.costed.limits),
        "survival": lives.learnt(found.learnt),
        "ages_assumed": found.fleet.assumed,
        "ages_unknown": found.fleet.undated,
        "support_unknown": [{"name": name, "why": why} for name, why in found.fleet.unsupported],
        "left_alone": [{"name": name, "why": why} for name, why in found.fleet.left],
        "money": [one._asdict() for one in found.money],
        "short_of_money": found.short_of_money,
        "costs": [lines(one) for one in found.costs],
        "waves": records(found.waves),
        "kept": records(found.kept),
        "overdue": records(found.late),
        "lateness": found.lateness,
        "out_of_support": [one._asdict() for one in found.out_of_support],
        "past_age": found.past_age,
        "failures": records(found.failures),
        "spares": records(found.spares),
        "curve": [one._asdict() for one in points],
    }


def lines(one: Costs) -> dict[str, Any]:
    """A year's money by line, with the sum of what is ordered and that of all."""
    return {**one._asdict(), "spent": one.spent, "total": one.total}


def outline(found: Plan) -> dict[str, Any]:
    """What plans are compared by: by civil year the money by line, machines, failures, machines past their age, and
    machine-months past a deadline; and the whole."""
    waves = found.waves
    fails = dict(zip(found.failures["year"].tolist(), found.failures["expected"].tolist(), strict=True))
    costs = {one.year: lines(one) for one in found.costs}
    years = [
        {
            **costs[one.year],
            "budget": one.budget,
            "machines": int(waves.loc[waves["year"] == one.year, "machines"].sum()),
            "failures": fails.get(one.year),
            "past_age": found.past_age.get(one.year, 0),
            "lateness": found.lateness.get(one.year, 0.0),
        }
        for one in found.money
        if not one.purse
    ]
    return {
        "years": years,
        "spent": found.spent,
        "total": found.total,
        "overdue": found.overdue,
        "lateness": sum(found.lateness.values()),
        "failures": float(found.failures["expected"].sum()),
        "gap": found.solution.gap,
        "currency": found.currency,
    }


def records(frame: pd.DataFrame) -> list[Mapping[str, Any]]:
    """Rows of a frame; None where a value is missing."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
