"""From which day on a scenario changes the rules of a renewal plan: every quarter and price is worked out by hand.

Today is 2027-01-01, two years are planned, what replaces a machine comes within four weeks, and waiting costs nothing: a machine
goes in the last quarter that its dates allow, or in the first one where it is too late already. A quarter's purchases
are as old as its middle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from forecasting.renewal import dated, scenarios
from forecasting.renewal import plan as planning
from forecasting.renewal.plan import Plan
from inventory.estate import Estate
from inventory.renewal import Renewal
from inventory.scenarios.changes import AgeLimit, Updates
from inventory.scenarios.reading import open_scenario
from inventory.workstations import Workstation
from tests.forecasting.test_renewal_plan import TODAY, _asked, _bought, _machines, _scenario


def _planned(machines: Sequence[Workstation], rules: dict[str, object], *changes: dict[str, object]) -> Plan:
    asked = scenarios.applied(_asked(rules, lead="4w"), [_scenario(*changes)] if changes else [])
    return planning.plan(machines, asked)


def _aged(*changes: dict[str, object], bought: dt.date) -> dict[str, int]:
    machines = _machines(2, os="Windows 11", purchased=bought)
    return _bought(_planned(machines, {"age_limit": 4}, *[{"kind": "age-limit", **one} for one in changes]))


def test_a_longer_age_limit_helps_only_machines_that_reach_the_old_one_after_its_start() -> None:
    """A year more from July 2027. Four years old in May 2027: too late to profit, it goes now, as nothing comes sooner. Four
    years old in August 2027, five in August 2028: it goes in the last quarter that is over by then."""
    later = {"years": 1, "start": "2027-07-01"}
    assert _aged(later, bought=dt.date(2023, 6, 15)) == {"2027 Q1": 2}
    assert _aged(later, bought=dt.date(2023, 8, 1)) == {"2028 Q2": 2}
    assert _aged({"years": 1}, bought=dt.date(2023, 6, 15)) == {"2028 Q1": 2}
    assert _aged(bought=dt.date(2023, 8, 1)) == {"2027 Q2": 2}


def test_a_shorter_age_limit_asks_for_nothing_before_its_start() -> None:
    """A year less from 2028 on: three years old in May 2027, which is no matter before 2028. Four years old in May 2028.
    With three years from now on it goes when its warranty is over, in May as well."""
    bought = dt.date(2024, 6, 15)
    assert _aged({"years": -1, "start": "2028-01-01"}, bought=bought) == {"2027 Q4": 2}
    assert _aged({"years": -1}, bought=bought) == {"2027 Q3": 2}
    assert _aged(bought=bought) == {"2028 Q1": 2}


def test_an_age_limit_that_ends_leaves_the_old_one() -> None:
    """A year more for 2027 alone: from 2028 on, who is four years old is too old."""
    assert _aged({"years": 1, "end": "2027-12-31"}, bought=dt.date(2023, 6, 15)) == {"2027 Q4": 2}


def test_machines_past_their_age_limit_count_only_while_the_limit_that_stands_says_so() -> None:
    """Nothing is sold. Four years old in May 2027, which is too old until the limit is five years from October on, and again from
    May 2028."""
    machines = _machines(3, os="Windows 11", purchased=dt.date(2023, 6, 15))
    rules = {"age_limit": 4, "offers": {"pc": {"price": 600, "fits": {"kinds": ["laptop"]}}}}
    found = _planned(machines, rules, {"kind": "age-limit", "years": 1, "start": "2027-10-01"})
    assert found.past_age == {2027: 0, 2028: 3}
    assert _planned(machines, rules).past_age == {2027: 3, 2028: 3}


def test_what_is_bought_serves_by_the_limit_that_it_will_meet() -> None:
    rules = Renewal.model_validate({"age_limit": 6})

    def served(years: float, start: str) -> float:
        change = AgeLimit.model_validate({"kind": "age-limit", "years": years, "start": start})
        return dated.served(dated.limits(rules, [change], "other", TODAY))

    assert served(1, "2030-01-01") == 7
    assert served(1, "2034-01-01") == 6  # too late for what is bought today
    assert served(-2, "2030-01-01") == 4
    assert served(-2, "2032-01-01") == pytest.approx(
        5, abs=0.01
    )  # on the day on which the limit falls to four


def test_an_age_limit_of_a_class_that_the_estate_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="no class ward"):
        _planned(_machines(1, os="Windows 11"), {}, {"kind": "age-limit", "years": 1, "classes": ["ward"]})


ENDED = dt.date(2026, 6, 30)


@pytest.mark.parametrize(
    ("declared", "change", "since", "until", "payments"),
    [
        ([50, 100], None, TODAY, "2028-06-30", [("2027-01-01", 50), ("2027-07-01", 100)]),
        ([50, 100], ([60, 400], "2027-07-01"), TODAY, "2028-06-30", [("2027-01-01", 50), ("2027-07-01", 400)]),
        ([50, 100], ([60, 400], "2027-07-02"), TODAY, "2028-06-30", [("2027-01-01", 50), ("2027-07-01", 100)]),
        ([50, 100], ([], "2027-03-01"), TODAY, "2027-06-30", [("2027-01-01", 50)]),
        ([50, 100], ([], "2027-01-01"), None, "", []),
        ([], ([50, 100], "2027-03-01"), dt.date(2027, 3, 1), "2028-06-30",
         [("2027-03-01", 50), ("2027-07-01", 100)]),
        ([], ([50, 100], "2027-09-01"), dt.date(2027, 9, 1), "2028-06-30",
         [("2027-09-01", 50), ("2027-09-01", 100)]),
        ([], ([50, 100], "2028-09-01"), None, "", []),
        ([50], ([50, 100, 200], "2027-05-01"), TODAY, "2029-06-30",
         [("2027-01-01", 50), ("2027-07-01", 100), ("2028-07-01", 200)]),
    ],
)  # fmt: skip
def test_a_year_of_paid_updates_has_the_price_of_the_day_on_which_it_is_bought(
    declared: list[float],
    change: tuple[list[float], str] | None,
    since: dt.date | None,
    until: str,
    payments: list[tuple[str, float]],
) -> None:
    """Support ended in June 2026, so a year runs from July to June; who joins later pays the years before."""
    told = [{"product": "Windows 10", "prices": declared}] if declared else []
    changes = []
    if change:
        shape = {"kind": "updates", "product": "Windows 10", "prices": change[0], "start": change[1]}
        changes = [Updates.model_validate(shape)]
    rules = Renewal.model_validate({"extended_updates": told})
    found = dated.paid(rules, changes, "Windows 10", ENDED, TODAY)
    if since is None:
        assert found is None
        return
    assert found is not None
    assert (found.since, found.until) == (since, dt.date.fromisoformat(until))
    assert [(str(day), price) for day, price in found.payments] == payments


def test_updates_that_are_sold_later_leave_machines_without_until_then() -> None:
    """Support ended in June 2026, the contract opens in October 2027: updates from July 2027 help for the third quarter, the
    first two nobody helps. Two years at once cost 50 and 100; the machines go when updates end."""
    opens = {"offers": {"pc": {"contract": "frame", "price": 600}}, "age_limit": 30}
    change = {"kind": "updates", "product": "Windows 10", "prices": [50, 100], "start": "2027-07-01"}
    asked = scenarios.applied(_asked(opens, since=dt.date(2027, 10, 1)), [_scenario(change)])
    found = planning.plan(_machines(4, os_version="2026-06-30+2028-06-30"), asked)
    assert _bought(found) == {"2028 Q2": 4}
    assert [(one.year, one.updates) for one in found.costs if one.updates] == [(2027, 600)]
    assert found.late["why"].tolist() == ["order"] * 4
    assert set(found.late["deadline"]) == {dt.date(2026, 6, 30)}


def test_an_edition_that_comes_after_the_deadline_leaves_machines_past_it_until_then() -> None:
    """Nothing is sold that replaces them. Support ends in March; with the edition in October they are past it for two
    quarters, with the edition in April never, and the licence is paid in the year of its start."""
    rules = {"offers": {"pc": {"price": 600, "fits": {"kinds": ["laptop"]}}}, "age_limit": 30}
    machines = _machines(3, os_version="2027-03-31")
    edition = {"kind": "edition", "fits": {}, "until": "2032-01-13", "price": 100}
    late, kept = (
        _planned(machines, rules, {**edition, "start": day}) for day in ("2027-10-01", "2027-04-01")
    )
    assert late.late["why"].tolist() == ["offer"] * 3
    assert set(late.late["deadline"]) == {dt.date(2027, 3, 31)}
    assert kept.overdue == 0
    assert [one.spent for one in kept.money if not one.purse] == [300, 0]
    beyond = _planned(machines, rules, {**edition, "start": "2028-04-01"})
    assert [one.spent for one in beyond.money if not one.purse] == [0, 300]


def test_machines_go_before_their_deadline_where_the_edition_comes_too_late() -> None:
    machines = _machines(3, os_version="2027-03-31")
    edition = {"kind": "edition", "fits": {}, "until": "2032-01-13"}
    assert _bought(_planned(machines, {"age_limit": 30}, {**edition, "start": "2027-10-01"})) == {
        "2027 Q1": 3
    }
    assert _bought(_planned(machines, {"age_limit": 30}, {**edition, "start": "2027-03-31"})) == {}


@pytest.mark.parametrize(
    ("when", "offer"),
    [
        ({"start": "2027-01-01"}, "thin"),
        ({"start": "2027-12-04"}, "thin"),  # the first quarter of 2028 is ordered on that day
        (
            {"start": "2028-01-20"},
            "pc",
        ),  # too late: ordered on that day it comes after the middle of the quarter
        ({"start": "2027-01-01", "end": "2027-06-30"}, "pc"),
    ],
)
def test_an_offer_stands_instead_of_others_for_what_is_ordered_between_its_start_and_its_end(
    when: dict[str, str], offer: str
) -> None:
    """Four years old in May 2028: they go in the first quarter of 2028, ordered four weeks before, by the dearer offer where no
    other may be ordered."""
    change = {"kind": "instead", "name": "thin", "offer": {"contract": "frame", "price": 610}, **when}
    found = _planned(_machines(2, os="Windows 11", purchased=dt.date(2024, 6, 15)), {"age_limit": 4}, change)
    assert _bought(found) == {"2028 Q1": 2}
    assert set(found.waves["offer"]) == {offer}


def test_an_offer_of_a_name_that_exists_takes_its_place_from_its_start_on() -> None:
    change = {
        "kind": "instead",
        "name": "pc",
        "offer": {"contract": "frame", "price": 610},
        "start": "2027-10-01",
    }
    machines = [
        *_machines(2, os="Windows 11", purchased=dt.date(2023, 6, 15)),
        *_machines(2, os="Windows 11", purchased=dt.date(2024, 6, 15), model="M2"),
    ]
    found = _planned(machines, {"age_limit": 4}, change)
    assert found.waves[["offer", "money"]].to_numpy().tolist() == [["pc", 1200.0], ["pc-2027-10-01", 1220.0]]


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (
            "{kind: edition, fits: {}, until: 2032-01-13, start: 2027-01-01, end: 2028-01-01}",
            3,
            "leave end out",
        ),
        ("{kind: edition, fits: {}, until: 2026-01-13, start: 2027-01-01}", 3, "before the start"),
        ("{kind: age-limit, years: 1, start: 2027-01-01, classes: [offise]}", 3, "did you mean office?"),
    ],
)
def test_what_no_plan_can_honour_is_refused_when_it_is_read(
    tmp_path: Path, change: str, line: int, said: str
) -> None:
    file = tmp_path / "s.yml"
    file.write_text(f"name: s\nchanges:\n  - {change}\n")
    estate = Estate.model_validate({"workstations": {"classes": [{"name": "office"}]}})
    (problem,) = open_scenario(file, estate).check.errors
    assert problem.place.line == line
    assert said in problem.message
