"""Why machines stay past a deadline, checked on fleets by chance from what a plan prints alone: money, hands and dates."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import NamedTuple

import pytest

from forecasting.renewal import plan as planning
from forecasting.renewal.plan import Plan
from inventory.workstations import Workstation
from tests.forecasting.test_renewal_plan import TODAY, _asked

LEAD = 28
PRICE = {"desktop": 600.0, "laptop": 900.0}
QUARTERS = [dt.date(2027 + k // 4, k % 4 * 3 + 1, 1) for k in range(8)]


def _fleet(dice: random.Random) -> list[Workstation]:
    ends = ["2027-04-30", "2027-10-14", "2028-02-01", "2026-01-13", "2028-07-10"]
    return [
        Workstation(
            name=f"pc{k}",
            serial=f"s{k}",
            os="Windows 10",
            os_version=dice.choice(ends),
            kind=dice.choice(["desktop", "laptop", "console"]),
            site=dice.choice(["Main", "North"]),
            model=dice.choice("AB"),
            purchased=dt.date(dice.randrange(2018, 2025), 5, 3),
        )
        for k in range(dice.randrange(5, 40))
    ]


class Bounds(NamedTuple):
    """What there is in each year: for all, for the machines of model B (a directorate's), for those at North; and hands in each
    quarter."""

    money: float
    model: float | None
    north: float | None
    hands: int | None


def _rules(dice: random.Random) -> tuple[dict[str, object], Bounds]:
    bounds = Bounds(
        float(dice.choice([0, 1500, 4000, 9000, 50_000])),
        dice.choice([None, None, 600.0, 2500.0]),
        dice.choice([None, None, 1000.0, 2500.0]),
        dice.choice([0, 1, 3, 8, None]),
    )
    running = dice.choice([0, 0, 0, 10_000])  # so dear that it is better to stay past a deadline
    offers = {
        kind: {"contract": "frame", "price": price, "running": running, "fits": {"kinds": [kind]}}
        for kind, price in PRICE.items()
    }
    budget: dict[str, object] = {"amount": bounds.money}
    if bounds.model is not None:
        budget["directorates"] = {"Second": bounds.model}
    if bounds.north is not None:
        budget["sites"] = {"North": bounds.north}
    rules: dict[str, object] = {
        "age_limit": 30, "offers": offers, "budgets": {2020: budget}, "installations": bounds.hands,
        "directorates": {"Second": {"models": ["B"]}},
    }  # fmt: skip
    return rules, bounds


def _ordered(quarter: dt.date) -> dt.date:
    """Four weeks before the quarter, or today."""
    return max(TODAY, quarter - dt.timedelta(days=LEAD))


def _left(found: Plan, machine: Workstation, year: int, bounds: Bounds) -> float:
    """The least money that is left in a year of all that pay for a machine."""
    mine = found.waves[found.waves["year"] == year]
    left = [bounds.money - mine["money"].sum()]
    if bounds.model is not None and machine.model == "B":
        left.append(bounds.model - mine.loc[mine["model"] == "B", "money"].sum())
    if bounds.north is not None and machine.site == "North":
        left.append(bounds.north - mine.loc[mine["site"] == "North", "money"].sum())
    return float(min(left))


def _true(found: Plan, why: str, machine: Workstation, replaced: dt.date | None, bounds: Bounds) -> bool:
    """Whether a reason holds: what is left of money and hands in every quarter before."""
    kind = machine.kind or ""
    if kind == "console":
        return why == "offer" and replaced is None
    before = [quarter for quarter in QUARTERS if replaced is None or quarter < replaced]
    if not before:
        return why == "order"
    installed = found.waves.groupby("quarter")["machines"].sum().to_dict()
    no_hands = [bounds.hands is not None and installed.get(quarter, 0) >= bounds.hands for quarter in before]
    no_money = [_left(found, machine, _ordered(quarter).year, bounds) < PRICE[kind] for quarter in before]
    shut = all(one or other for one, other in zip(no_money, no_hands, strict=True))
    held = {"cap": shut and any(no_money), "hands": shut and any(no_hands), "weight": not shut}
    return held.get(why, False)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seeds", [range(30), range(30, 60)])
def test_every_machine_past_its_deadline_is_told_with_a_reason_that_holds(seeds: range) -> None:
    seen: Counter[str] = Counter()
    purses: Counter[str] = Counter()
    for seed in seeds:
        dice = random.Random(seed)
        machines = _fleet(dice)
        rules, bounds = _rules(dice)
        found = planning.plan(machines, _asked(rules))
        known = {one.key: one for one in machines}
        ends = {one.key: dt.date.fromisoformat(one.os_version or "") for one in machines}
        for row in found.late.to_dict("records"):
            machine = known[row["key"]]
            assert _true(found, row["why"], machine, row["replaced"], bounds), (seed, row)
            seen[row["why"]] += 1
            alone = _true(
                found, row["why"], machine, row["replaced"], bounds._replace(model=None, north=None)
            )
            purses[row["why"]] += not alone
        late = set(found.late["key"])
        waits = {one.key for one in machines if ends[one.key] < dt.date(2027, 3, 31)}
        assert waits <= late, "who is past the deadline already is told"
    assert min(seen[why] for why in ("cap", "hands", "order", "offer", "weight")) > 2, seen
    assert purses["cap"] > 2, "a directorate's or a site's money alone is what is short for some"


@pytest.mark.parametrize(("running", "why"), [(4_000, []), (5_600, ["weight"])])
def test_a_machine_stays_past_its_deadline_where_what_comes_instead_is_worth_less_than_it_costs(
    running: int, why: list[str]
) -> None:
    """Who never goes is past the deadline for six quarters: five from the fourth of 2027 on, and after the plan. Each weighs twice
    the price of 600. Who goes in time costs six quarters of running and 6/40 of the price: with 4,000 a year 6,000 + 90 against
    7,200, with 5,600 it is 8,400 + 90, and later quarters save 1,400 for 1,200."""
    rules = {
        "age_limit": 10,
        "offers": {"pc": {"contract": "frame", "price": 600, "running": running}},
    }
    machine = Workstation(
        name="a", serial="a", os="Windows 10", os_version="2027-10-14", purchased=dt.date(2024, 1, 1)
    )
    found = planning.plan([machine], _asked(rules))
    assert found.late["why"].tolist() == why


@pytest.mark.parametrize("money", [599.0, 600.0])
def test_one_euro_short_is_short(money: float) -> None:
    rules = {
        "age_limit": 30,
        "offers": {"pc": {"contract": "frame", "price": 600}},
        "budgets": {2020: {"amount": money}},
    }
    machine = Workstation(
        name="a", serial="a", os="Windows 10", os_version="2027-10-14", purchased=dt.date(2024, 1, 1)
    )
    found = planning.plan([machine], _asked(rules))
    assert found.late["why"].tolist() == (["cap"] if money < 600 else [])
