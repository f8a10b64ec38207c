"""What a plan costs, line by line: five machines, one offer, and one scenario of each kind, added up by hand.

Two years are planned from 2027-01-01. Support of the five ends on 2027-10-14; they were bought in the second quarter of 2023, so their
warranty of three years ended in the second quarter of 2026, in its middle. A new one costs 800, is ordered four weeks before, wears out
in four years (50 a quarter) and has one year of warranty. So the five go in the third quarter of 2027, the last that is over by then.

By machine and quarter, whoever it is: 0.02 failures of 250 each are 5. Support after the warranty costs 10 a year, 20 after a completed
year, and 40 after two: of the five

    2027  Q1 2.5   Q2 2.5   Q3 5    Q4 5     15 a year
    2028  Q1 5     Q2 5     Q3 10   Q4 10    30 a year

and of a new one nothing for four quarters, then 2.5 for each of four.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from forecasting.renewal import document, scenarios
from forecasting.renewal import plan as planning
from forecasting.renewal.calendars import quarters_from
from forecasting.renewal.plan import Plan
from forecasting.renewal.problem import Floats
from tests.forecasting.test_renewal_plan import _asked, _bought, _machines, _scenario


def _fails(_makers: object, _models: object, start: Floats, end: Floats) -> Floats:
    return 0.02 * np.rint(4 * (end - start))


RULES: dict[str, object] = {
    "age_limit": 6,
    "classes": [
        {"name": "all", "criticality": "high"}
    ],  # weighs on the order, and adds nothing to what is paid
    "offers": {"pc": {"contract": "frame", "price": 800, "life": 4, "warranty": 1}},
    "budgets": {2027: {"amount": 4000}},
    "costs": {"failure": 250, "support": [10, 20, 40], "largest": 0},
}


def _found(*changes: dict[str, object]) -> Plan:
    asked = scenarios.applied(_asked(RULES, fails=_fails), [_scenario(*changes)] if changes else [])
    return planning.plan(_machines(5, os_version="2027-10-14+2028-10-10"), asked)


@pytest.mark.parametrize(
    ("change", "bought", "lines"),
    [
        # 5 x 800. Support of the five for two quarters: 5 x 5; of the new ones in the second half of 2028: 5 x 2 x 2.5.
        # Failures: 5 machines x 4 quarters x 5, in each year of any of these plans.
        ({}, {"2027 Q3": 5}, {2027: {"purchases": 4000, "support": 25, "repairs": 100},
                              2028: {"support": 25, "repairs": 100}}),
        # Four years old on 2027-05-16: they go at once. New ones are supported from 2028 on: 5 x 4 x 2.5.
        ({"kind": "age-limit", "years": -2}, {"2027 Q1": 5},
         {2027: {"purchases": 4000, "repairs": 100}, 2028: {"support": 50, "repairs": 100}}),
        # A year of updates from 2027-10-15 on, 5 x 30, to 2028-10-10: the third quarter of 2028 is the last that is over by then.
        # Support of the five: 5 x 15, then two quarters of 5 x 5.
        ({"kind": "updates", "product": "Windows 10", "prices": [30]}, {"2028 Q3": 5},
         {2027: {"updates": 150, "support": 75, "repairs": 100},
          2028: {"purchases": 4000, "support": 50, "repairs": 100}}),
        # Nobody goes: 5 licences of 60; support 5 x 15 and 5 x 30.
        ({"kind": "edition", "fits": {}, "until": "2032-01-13", "price": 60, "start": "2027-07-01"}, {},
         {2027: {"licences": 300, "support": 75, "repairs": 100}, 2028: {"support": 150, "repairs": 100}}),
        # 5 x 320, and 96 a year for each to run: two quarters of 5 x 24, then four. Under warranty to the end.
        ({"kind": "instead", "name": "thin",
          "offer": {"contract": "frame", "price": 320, "running": 96, "life": 4, "warranty": 2}}, {"2027 Q3": 5},
         {2027: {"purchases": 1600, "running": 240, "support": 25, "repairs": 100},
          2028: {"running": 480, "repairs": 100}}),
        # 2,000 buy two a year; what is ordered in 2028 comes in its second quarter at the soonest; one stays. Support in 2027: 5 x 5,
        # then 3 x 10; in 2028 of those that wait 3 x 5, 5, 10, 10, of the first two new ones 2 x 2 x 2.5.
        ({"kind": "fleet-money", "rate": "-50 %"}, {"2027 Q3": 2, "2028 Q2": 2},
         {2027: {"purchases": 1600, "support": 55, "repairs": 100},
          2028: {"purchases": 1600, "support": 50, "repairs": 100}}),
    ],
    ids=lambda value: str(value.get("kind", "")) if isinstance(value, dict) else None,
)  # fmt: skip
def test_each_line_of_each_year_is_what_one_adds_up_by_hand(
    change: dict[str, object], bought: dict[str, int], lines: dict[int, dict[str, float]]
) -> None:
    found = _found(*[change] if change else [])
    assert _bought(found) == bought
    told = {}
    for row in document.of(found)["costs"]:
        year, ordered, whole = (row.pop(name) for name in ("year", "spent", "total"))
        told[year] = {name: pytest.approx(money) for name, money in row.items() if money}
        served = sum(row[name] for name in ("running", "support", "repairs"))
        assert ordered == pytest.approx(sum(row.values()) - served)
        assert whole == pytest.approx(ordered + served)
    assert lines == told
    assert found.total == pytest.approx(sum(sum(one.values()) for one in lines.values()))


def test_second_renewals_have_a_line_of_their_own() -> None:
    """What comes in the first quarter of 2027 lives a year, all of it under warranty, and is renewed in the first of 2028, which is
    ordered on 2027-12-04."""
    offers = {"pc": {"contract": "frame", "price": 800, "life": 1, "warranty": 1}}
    asked = _asked({**RULES, "offers": offers, "budgets": {}}, fails=_fails)
    found = planning.plan(_machines(5, os_version="2027-03-31"), asked)
    assert [(one.purchases, one.again, one.support) for one in found.costs] == [(4000, 4000, 0), (0, 0, 0)]


def test_what_stands_instead_of_an_offer_renews_what_that_one_brought() -> None:
    """As above, but from 2027-09-01 on desktops are ordered instead: 5 x 320 on 2027-12-04, which cost 5 x 96 to run in 2028. They are
    under warranty then; the new machines of 2027 would have been, too."""
    thin = {"contract": "frame", "price": 320, "running": 96, "life": 4, "warranty": 2}
    offers = {"pc": {"contract": "frame", "price": 800, "life": 1, "warranty": 1}}
    change = {"kind": "instead", "name": "thin", "offer": thin, "start": "2027-09-01"}
    asked = _asked({**RULES, "offers": offers, "budgets": {}}, fails=_fails)
    found = planning.plan(
        _machines(5, os_version="2027-03-31"), scenarios.applied(asked, [_scenario(change)])
    )
    waves = found.waves[["quarter", "model", "offer", "machines", "money"]].to_dict("records")
    assert [list(one.values()) for one in waves[1:]] == [[dt.date(2028, 1, 1), "pc", "thin", 5, 1600]]
    lines = [(one.purchases, one.again, one.running, one.support, one.repairs) for one in found.costs]
    assert lines == [(4000, 1600, 0, 0, 100), (0, 0, 480, 0, 100)]


def test_of_the_quarter_of_today_only_what_is_left_of_it_is_paid_for() -> None:
    """On 2027-02-15 half of the 90 days of the first quarter are left: of its support (5 x 2.5) half is still to come."""
    asked = dataclasses.replace(_asked(RULES, fails=_fails), today=dt.date(2027, 2, 15))
    assert quarters_from(asked.today, 4).ahead.tolist() == [0.5, 1, 1, 1]
    found = planning.plan(_machines(5, os_version="2027-10-14"), asked)
    assert (_bought(found), found.costs[0].support) == ({"2027 Q3": 5}, 5 * (1.25 + 2.5))
