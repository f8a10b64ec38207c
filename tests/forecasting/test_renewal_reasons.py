"""Why machines stay past a deadline, checked on fleets by chance from what a plan prints alone: money, hands and dates."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

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


def _rules(dice: random.Random) -> tuple[dict[str, object], float, int | None]:
    money, hands = float(dice.choice([0, 1500, 4000, 9000, 50_000])), dice.choice([0, 1, 3, 8, None])
    offers = {
        kind: {"contract": "frame", "price": price, "fits": {"kinds": [kind]}}
        for kind, price in PRICE.items()
    }
    rules: dict[str, object] = {
        "age_limit": 30, "offers": offers, "budgets": {2020: {"amount": money}}, "installations": hands
    }  # fmt: skip
    return rules, money, hands


def _ordered(quarter: dt.date) -> dt.date:
    """Four weeks before the quarter, or today."""
    return max(TODAY, quarter - dt.timedelta(days=LEAD))


def _true(
    found: Plan, why: str, kind: str, replaced: dt.date | None, money: float, hands: int | None
) -> bool:
    """Whether a reason holds: what is left of money and hands in every quarter before."""
    if kind == "console":
        return why == "offer" and replaced is None
    before = [quarter for quarter in QUARTERS if replaced is None or quarter < replaced]
    if not before:
        return why == "order"
    waves = found.waves
    installed = waves.groupby("quarter")["machines"].sum().to_dict()
    spent = waves.groupby("year")["money"].sum().to_dict()
    no_hands = [hands is not None and installed.get(quarter, 0) >= hands for quarter in before]
    no_money = [money - spent.get(_ordered(quarter).year, 0.0) < PRICE[kind] for quarter in before]
    if why == "cap":
        return all(one or other for one, other in zip(no_money, no_hands, strict=True)) and any(no_money)
    if why == "hands":
        return all(one or other for one, other in zip(no_money, no_hands, strict=True)) and any(no_hands)
    return False


def test_every_machine_past_its_deadline_is_told_with_a_reason_that_holds() -> None:
    seen: Counter[str] = Counter()
    for seed in range(60):
        dice = random.Random(seed)
        machines = _fleet(dice)
        rules, money, hands = _rules(dice)
        found = planning.plan(machines, _asked(rules))
        kinds = {one.key: one.kind for one in machines}
        ends = {one.key: dt.date.fromisoformat(one.os_version or "") for one in machines}
        for row in found.late.to_dict("records"):
            assert _true(found, row["why"], kinds[row["key"]] or "", row["replaced"], money, hands), (
                seed,
                row,
            )
            seen[row["why"]] += 1
        late = set(found.late["key"])
        waits = {one.key for one in machines if ends[one.key] < dt.date(2027, 3, 31)}
        assert waits <= late, "who is past the deadline already is told"
    assert min(seen[why] for why in ("cap", "hands", "order", "offer")) > 20, seen


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
