"""How long machines stay past a deadline, and what those out of support need: each day counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from forecasting.renewal import plan as planning
from forecasting.renewal import scenarios
from forecasting.renewal.curve import curve
from forecasting.renewal.plan import Plan
from tests.forecasting.test_renewal_plan import _asked, _bought, _machines, _never, _scenario

MONTH = 30.436875
EDITION = {"kind": "edition", "fits": {}, "until": "2032-01-13", "start": "2027-10-01"}


def _late(found: Plan) -> list[tuple[dt.date | None, int]]:
    """The last day and the days of each machine, the shortest first."""
    days = (found.late["months"] * MONTH).round(6)
    assert (days % 1 == 0).all()
    return sorted(zip(found.late["until"], days.astype(int), strict=True), key=lambda one: one[1])


def test_a_machine_is_late_until_the_last_day_of_its_quarter_and_one_that_stays_to_the_end_of_the_plan() -> (
    None
):
    """Support ends on 2027-10-14; 1,500 a year buys two in time, two in the second quarter of 2028, and one stays. From the 15th of
    October there are 78 days of 2027; 182 days of 2028 end with June, 366 with the year."""
    rules = {"age_limit": 30, "budgets": {2027: {"amount": 1500}}}
    found = planning.plan(_machines(5, os_version="2027-10-14"), _asked(rules))
    assert _late(found) == [(dt.date(2028, 6, 30), 260), (dt.date(2028, 6, 30), 260), (None, 444)]
    assert found.lateness == pytest.approx({2027: 3 * 78 / MONTH, 2028: (2 * 182 + 366) / MONTH})


def test_what_was_late_before_today_is_over() -> None:
    """Replaced in the first quarter of 2027: 90 days from today on, whenever support ended."""
    found = planning.plan(_machines(2, os_version="2019-10-14"), _asked({"age_limit": 30}))
    assert _late(found) == [(dt.date(2027, 3, 31), 90)] * 2


def test_a_machine_that_gets_its_edition_is_late_until_the_day_before() -> None:
    """Nothing comes sooner than in 40 weeks: from April to September 2027 there are 183 days."""
    asked = scenarios.applied(_asked({"age_limit": 30}, lead="40w"), [_scenario(EDITION)])
    found = planning.plan(_machines(3, os_version="2027-03-31"), asked)
    assert _late(found) == [(dt.date(2027, 9, 30), 183)] * 3
    assert found.lateness == pytest.approx({2027: 3 * 183 / MONTH, 2028: 0})


def test_a_machine_whose_updates_are_sold_later_is_late_until_then() -> None:
    """Support ended in June 2026, updates are sold from July 2027 on: 181 days from today. It goes when they end."""
    change = {"kind": "updates", "product": "Windows 10", "prices": [50, 100], "start": "2027-07-01"}
    asked = scenarios.applied(_asked({"age_limit": 30}, since=dt.date(2027, 10, 1)), [_scenario(change)])
    found = planning.plan(_machines(1, os_version="2026-06-30+2028-06-30"), asked)
    assert (_bought(found), _late(found)) == ({"2028 Q2": 1}, [(dt.date(2027, 6, 30), 181)])


@pytest.mark.parametrize(
    ("lead", "limit", "bought", "why", "deadline"),
    [
        (
            "40w",
            4,
            {"2028 Q1": 3},
            "age",
            dt.date(2032, 1, 13),
        ),  # nothing comes before the edition: the gap decides nothing
        ("40w", 30, {}, "kept", None),
        ("4w", 4, {"2027 Q1": 3}, "deadline", dt.date(2027, 3, 31)),
    ],
)
def test_a_gap_before_another_edition_is_the_reason_only_where_it_decides(
    lead: str, limit: int, bought: dict[str, int], why: str, deadline: dt.date | None
) -> None:
    """Bought in June 2024, support ends in March 2027, the edition comes in October. Four years are over in 2028."""
    asked = scenarios.applied(_asked({"age_limit": limit, "years": 4}, lead=lead), [_scenario(EDITION)])
    found = planning.plan(_machines(3, os_version="2027-03-31", purchased=dt.date(2024, 6, 15)), asked)
    assert _bought(found) == bought
    assert {*found.waves["why"], *found.kept["why"]} == {why}
    assert set(found.waves["deadline"]) == ({deadline} if deadline else set())


def test_paid_updates_that_come_late_are_the_reason_only_where_their_end_decides() -> None:
    """Nothing comes before October 2027. Who waits for the updates of July 2027, which last to June 2028, is four years old in
    February 2028: the age limit comes first."""
    change = {"kind": "updates", "product": "Windows 10", "prices": [5, 5], "start": "2027-07-01"}
    for bought, why in ((dt.date(2024, 2, 15), "age"), (dt.date(2026, 2, 15), "updates")):
        rules = {"age_limit": 4, "years": 4}
        asked = scenarios.applied(_asked(rules, since=dt.date(2027, 10, 1)), [_scenario(change)])
        found = planning.plan(_machines(2, os_version="2026-06-30+2028-06-30", purchased=bought), asked)
        assert set(found.waves["why"]) == {why}


def test_what_is_out_of_support_is_told_by_what_it_needs_and_by_what_the_plan_replaces() -> None:
    """Seven are out of support on 2027-01-01: two go for it, three can run the next system, of which one is too old in 2028; one is
    in stock, one has a date of its own. One that is supported until 2028 and one that is retired are none of them."""
    old, new = dt.date(2024, 6, 15), dt.date(2027, 1, 1)
    machines = [
        *_machines(2, os_version="2025-10-14", purchased=new),
        *_machines(2, os="Windows 11", os_version="2026-11-10", purchased=new),
        *_machines(1, os="Windows 11", os_version="2026-11-10", purchased=old),
        *_machines(1, os_version="2025-10-14", state="stock"),
        *_machines(1, os_version="2025-10-14", model="Console", purchased=new),
        *_machines(1, os_version="2028-10-14", purchased=new),
        *_machines(1, os_version="2025-10-14", state="retired"),
    ]
    consoles = [{"fits": {"models": ["Console"]}, "until": "2030-06-30", "why": "A maker says so"}]
    found = planning.plan(machines, _asked({"age_limit": 4, "consoles": consoles}))
    assert {one.needs: (one.machines, one.replaced) for one in found.out_of_support} == {
        "replacement": (2, 2), "upgrade": (3, 1), "stock": (1, 0), "console": (1, 0),
    }  # fmt: skip


def test_an_edition_is_what_machines_need_that_get_one() -> None:
    change = {**EDITION, "fits": {"sites": ["Main"]}, "start": "2027-01-01"}
    machines = [*_machines(2, os_version="2026-10-14"), *_machines(1, os_version="2026-10-14", site="North")]
    found = planning.plan(machines, scenarios.applied(_asked({"age_limit": 30}), [_scenario(change)]))
    assert [one[:] for one in found.out_of_support] == [("edition", 2, 0), ("replacement", 1, 1)]


def test_the_curve_has_the_plan_at_its_middle_and_what_is_weighed_never_rises() -> None:
    rules = {"age_limit": 30, "budgets": {2027: {"amount": 1500}}}
    found = planning.plan(_machines(5, os_version="2027-10-14"), _asked(rules))
    points = curve(found, _never)
    middle = points[4]
    assert (middle.share, middle.late, middle.spent) == (0.0, found.overdue, found.spent)
    assert middle.lateness == pytest.approx(sum(found.lateness.values()))
    worths = [one.worth for one in points]
    assert worths == sorted(worths, reverse=True)
    assert all(0 <= one.gap <= 1 for one in points)
