"""The renewal plan of small fleets: every date, sum and reason is worked out by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from forecasting.renewal import document, scenarios
from forecasting.renewal import plan as planning
from forecasting.renewal.cohorts import group
from forecasting.renewal.curve import curve
from forecasting.renewal.kept import Unsure
from forecasting.renewal.machines import Mended
from forecasting.renewal.plan import Asked, Plan
from forecasting.renewal.problem import Floats, broken
from forecasting.renewal.walls import source
from forecasting.runway import Known, Wall
from inventory.contracts import Contract
from inventory.estate import Estate
from inventory.renewal import Renewal
from inventory.scenarios import Scenario
from inventory.workstations import Workstation

TODAY = dt.date(2027, 1, 1)
OFFER = {"pc": {"contract": "frame", "price": 600, "warranty": 3}}


def _never(_maker: str, _model: str, start: Floats, _end: Floats) -> Floats:
    return np.zeros(np.shape(start))


def _asked(
    rules: dict[str, object], until: dt.date | None = None, lead: str = "4w", since: dt.date | None = None, **more: object
) -> Asked:  # fmt: skip
    """Support ends on the day that a machine's version names; `paid` after "+" is that of paid updates."""

    def support(one: Workstation) -> Mended | Unsure:
        if not one.os_version:
            return "untold"
        ends, _, paid = one.os_version.partition("+")
        return Mended(
            one.os or "", dt.date.fromisoformat(ends), dt.date.fromisoformat(paid) if paid else None
        )

    asked = Asked(
        renewal=Renewal.model_validate(
            {"years": 2, "offers": OFFER, "costs": {"failure": 0, "support": [0], "largest": 0}, **rules}
        ),
        contracts={"frame": Contract.model_validate({"lead_time": lead, "until": until, "since": since})},
        today=TODAY,
        currency="EUR",
        support=support,
        fitness=lambda one: "fit" if one.os == "Windows 11" else "unknown",
        ended=lambda one: bool(one.os_version) and one.os_version.partition("+")[0] < TODAY.isoformat(),
        fails=_never,
    )
    return dataclasses.replace(asked, **more)


def _machines(count: int, **fields: object) -> list[Workstation]:
    first = random.Random(str(fields)).randrange(10**6)
    plain = {"os": "Windows 10", "purchased": dt.date(2023, 6, 15), "site": "Main", "model": "M1"}
    return [
        Workstation(**{"name": f"pc{first + k}", "serial": f"s{first + k}", **plain, **fields})
        for k in range(count)
    ]  # type: ignore[arg-type]


def _bought(found: Plan) -> dict[str, int]:
    """Machines by quarter."""
    waves = found.waves[~found.waves["again"].astype(bool)]
    days = [f"{day.year} Q{(day.month + 2) // 3}" for day in waves["quarter"]]
    return {str(day): int(count) for day, count in waves["machines"].groupby(days).sum().items()}


def test_a_deadline_is_kept_in_the_last_quarter_that_is_over_by_then() -> None:
    """Support ends on 2027-10-14: the third quarter is the last that is over. Waiting costs nothing, so nothing goes earlier."""
    found = planning.plan(_machines(5, os_version="2027-10-14"), _asked({"age_limit": 30}))
    assert _bought(found) == {"2027 Q3": 5}
    assert found.overdue == 0
    assert set(found.waves["why"]) == {"deadline"}
    assert found.waves["ordered"].tolist() == [dt.date(2027, 6, 3)]  # 28 days before the first of July


def test_money_that_is_short_leaves_machines_past_their_deadline_each_with_the_reason() -> None:
    """1,500 a year buys two at 600: of five, two in 2027, two in 2028, one stays. For the first quarter of 2028 one orders
    in December, with the money of 2027: the second is the first that the money of 2028 pays for."""
    rules = {"age_limit": 30, "budgets": {2027: {"amount": 1500}}}
    found = planning.plan(_machines(5, os_version="2027-10-14"), _asked(rules))
    assert _bought(found) == {"2027 Q3": 2, "2028 Q2": 2}
    assert found.late["why"].tolist() == ["cap"] * 3
    assert sorted(map(str, found.late["replaced"])) == ["2028-04-01", "2028-04-01", "None"]
    assert [(one.year, one.spent) for one in found.money if not one.purse] == [(2027, 1200), (2028, 1200)]


def test_hands_that_are_short_are_told_as_such() -> None:
    rules = {"age_limit": 30, "installations": 2}
    found = planning.plan(_machines(4, os_version="2027-03-31"), _asked(rules, lead="1w"))
    assert _bought(found) == {"2027 Q1": 2, "2027 Q2": 2}
    assert found.late["why"].tolist() == ["hands"] * 2


def test_what_cannot_come_sooner_and_what_nothing_replaces_say_so() -> None:
    over = planning.plan(_machines(2, os_version="2025-10-14"), _asked({"age_limit": 30}))
    assert _bought(over) == {"2027 Q1": 2}
    assert over.late["why"].tolist() == ["order"] * 2
    offers = {"pc": {"price": 600, "fits": {"kinds": ["laptop"]}}}
    nothing = planning.plan(
        _machines(2, os_version="2025-10-14"), _asked({"age_limit": 30, "offers": offers})
    )
    assert nothing.late["why"].tolist() == ["offer"] * 2


def test_an_age_limit_is_a_deadline_of_its_own_but_not_one_of_support() -> None:
    """Bought in the second quarter of 2023 (its middle is the 16th of May), four years old in the second of 2027."""
    found = planning.plan(_machines(3, os="Windows 11"), _asked({"age_limit": 4}))
    assert _bought(found) == {"2027 Q1": 3}
    assert set(found.waves["why"]) == {"age"}
    assert found.overdue == 0


def test_a_machine_under_warranty_stays_unless_a_deadline_asks() -> None:
    rules = {"age_limit": 4}
    calm = planning.plan(_machines(2, os="Windows 11", warranty=dt.date(2027, 11, 30)), _asked(rules))
    assert _bought(calm) == {"2028 Q1": 2}
    asked = planning.plan(
        _machines(2, os_version="2027-06-30", warranty=dt.date(2027, 11, 30)), _asked(rules)
    )
    assert _bought(asked) == {"2027 Q2": 2}


def test_updates_are_paid_for_where_nothing_comes_before_the_deadline() -> None:
    """The contract opens on the first of October 2027: updates of that year cost 50 each, and nobody is without."""
    rules = {"age_limit": 30, "extended_updates": [{"product": "Windows 10", "prices": [50]}]}
    opens = {"frame": Contract.model_validate({"lead_time": "4w", "since": "2027-10-01"})}
    asked = dataclasses.replace(_asked(rules), contracts=opens)
    found = planning.plan(_machines(4, os_version="2027-06-30+2028-06-30"), asked)
    assert _bought(found) == {"2028 Q2": 4}  # the last quarter that is over when updates end
    assert [(one.year, one.updates) for one in found.costs if one.updates] == [(2027, 200)]
    assert found.overdue == 0
    assert set(found.waves["why"]) == {"updates"}


def test_a_console_keeps_its_own_date_and_one_without_a_date_is_left_alone() -> None:
    rules = {
        "age_limit": 2,
        "consoles": [
            {"fits": {"models": ["CT"]}, "until": "2028-03-31", "why": "its maker"},
            {"fits": {"models": ["MR"]}, "why": "its maker"},
        ],
    }
    machines = [
        *_machines(1, model="CT", os_version="2020-01-14"),
        *_machines(2, model="MR", os_version="2020-01-14"),
    ]
    found = planning.plan(machines, _asked(rules))
    assert found.overdue == 0
    assert found.waves["model"].tolist() == ["CT"]
    assert found.waves["quarter"].iat[0] <= dt.date(2028, 1, 1)
    assert [why for _, why in found.fleet.left] == ["console"] * 2


def test_a_project_is_served_by_its_day() -> None:
    rules = {
        "age_limit": 30,
        "projects": [{"name": "wing", "machines": 7, "by": "2027-09-15", "site": "North"}],
    }
    found = planning.plan(_machines(1, os="Windows 11"), _asked(rules))
    assert _bought(found) == {"2027 Q2": 7}
    assert (found.waves["site"].iat[0], found.waves["why"].iat[0]) == ("North", "project")
    assert found.waves["deadline"].tolist() == [dt.date(2027, 9, 15)], "the day on which it must be there"
    rules["projects"][0]["by"] = "2027-01-15"  # type: ignore[index]
    late = planning.plan(_machines(1, os="Windows 11"), _asked(rules)).late
    assert set(late["deadline"]) == {dt.date(2027, 1, 15)}


def test_spares_are_bought_beside_those_in_stock() -> None:
    rules = {"age_limit": 30, "classes": [{"name": "all", "spares": {"share": "10 %"}}]}
    machines = [*_machines(30, os="Windows 11"), *_machines(1, os="Windows 11", state="stock", model="S")]
    found = planning.plan(machines, _asked(rules))
    assert _bought(found) == {"2027 Q1": 2}
    assert found.spares.to_dict("records") == [{"use": "all", "wanted": 3, "stock": 1}]
    assert [one["deadline"] for one in document.of(found)["waves"]] == [None], "they are wanted at once"


def test_what_was_bought_early_is_renewed_when_it_wears_out() -> None:
    rules = {"age_limit": 30, "offers": {"pc": {**OFFER["pc"], "life": 1, "warranty": 0}}}
    found = planning.plan(_machines(3, os_version="2027-03-31"), _asked(rules))
    again = found.waves[found.waves["again"].astype(bool)]
    assert int(again["machines"].sum()) == 3
    assert {day.year for day in again["quarter"]} <= {2027, 2028}


def test_an_unknown_date_of_purchase_makes_a_cohort_of_its_own_and_is_told() -> None:
    machines = [*_machines(3, os="Windows 11"), *_machines(2, os="Windows 11", purchased=None)]
    found = planning.plan(machines, _asked({"age_limit": 4}))
    assert (found.fleet.assumed, found.fleet.undated) == (2, 0)
    assert sorted(found.cohorts["count"]) == [2, 3]
    alone = planning.plan(_machines(2, os="Windows 11", purchased=None), _asked({"age_limit": 4}))
    assert (alone.fleet.undated, len(alone.waves)) == (2, 0)


def test_what_is_retired_is_not_planned() -> None:
    found = planning.plan(_machines(2, os_version="2025-10-14", state="retired"), _asked({}))
    assert (len(found.cohorts), found.overdue, len(found.fleet.left)) == (0, 0, 2)


def _mixed() -> list[Workstation]:
    return [
        *_machines(6, os_version="2027-10-14", model="A"),
        *_machines(5, os_version="2027-10-14", model="B", site="North"),
        *_machines(4, os="Windows 11", model="C", purchased=dt.date(2021, 2, 1)),
    ]


_RULES: dict[str, object] = {
    "age_limit": 7,
    "budgets": {2027: {"amount": 3000, "sites": {"North": 1300}}},
    "installations": 3,
}


def test_shuffled_machines_have_the_same_plan() -> None:
    machines = _mixed()
    shuffled = machines[:]
    random.Random(7).shuffle(shuffled)
    first, second = (planning.plan(one, _asked(_RULES)) for one in (machines, shuffled))
    pd.testing.assert_frame_equal(first.waves, second.waves)
    pd.testing.assert_frame_equal(first.late, second.late)


def test_no_cohort_mixes_models_sites_or_deadlines() -> None:
    found = planning.plan(_mixed(), _asked(_RULES))
    by_key = {one.key: one for one in _mixed()}
    for keys in found.cohorts["keys"]:
        assert len({(by_key[key].model, by_key[key].site, by_key[key].os_version) for key in keys}) == 1


def test_a_plan_of_a_fleet_keeps_the_money_of_a_site() -> None:
    found = planning.plan(_mixed(), _asked(_RULES))
    assert not broken(found.costed.problem, found.solution.answer)
    north = found.waves[(found.waves["site"] == "North") & (found.waves["year"] == 2027)]
    assert 0 < north["money"].sum() <= 1300


def test_more_money_never_leaves_more_to_weigh() -> None:
    found = planning.plan(_mixed(), _asked(_RULES))
    points = curve(found, _never)
    worths = [one.worth for one in points]
    assert worths == sorted(worths, reverse=True)
    assert [round(one.share, 1) for one in points] == [-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4]
    assert all(one.lump is None or one.lump >= 0 for one in points)


def _scenario(*changes: dict[str, object]) -> Scenario:
    return Scenario.model_validate(
        {"name": "what-if", "changes": [{"start": "2027-01-01", **one} for one in changes]}
    )


@pytest.mark.parametrize(
    ("change", "bought"),
    [
        ({"kind": "age-limit", "years": 1}, {"2028 Q1": 3}),
        ({"kind": "fleet-money", "rate": "-100 %"}, {}),
        ({"kind": "instead", "name": "thin", "offer": {"price": 300}}, {"2027 Q1": 3}),
    ],
)
def test_a_scenario_changes_the_rules_of_a_plan(change: dict[str, object], bought: dict[str, int]) -> None:
    rules = {"age_limit": 4, "budgets": {2027: {"amount": 10_000}}}
    base, case = scenarios.compare(_machines(3, os="Windows 11"), _asked(rules), [_scenario(change)])
    assert _bought(base.plan) == {"2027 Q1": 3}
    assert _bought(case.plan) == bought
    if change["kind"] == "instead":
        assert set(case.plan.waves["offer"]) == {"thin"}
        assert case.plan.spent == 900


def test_an_edition_that_is_mended_longer_costs_its_licence_and_moves_the_deadline() -> None:
    change = {"kind": "edition", "fits": {"sites": ["Main"]}, "until": "2032-01-13", "price": 100}
    rules = {"age_limit": 30, "budgets": {2027: {"amount": 1000}}}
    base, case = scenarios.compare(_machines(3, os_version="2027-06-30"), _asked(rules), [_scenario(change)])
    assert (base.plan.overdue, case.plan.overdue) == (2, 0)
    assert [one.spent for one in case.plan.money if not one.purse] == [300, 0]


def test_what_is_expected_of_a_scenario_is_frozen_by_year() -> None:
    rules = {"age_limit": 4, "budgets": {2027: {"amount": 10_000}}}
    machines = _machines(3, os="Windows 11")
    base, case = scenarios.compare(machines, _asked(rules), [_scenario({"kind": "age-limit", "years": 1})])
    frozen = scenarios.expected(base.plan, case.plan)
    years = [json.loads(frozen[f"workstations{{year={year}}}"])["machines"] for year in (2027, 2028)]
    assert years == [[3, 3], [0, 0]]  # ordered at the beginning of December 2027 for January 2028


def test_deadlines_that_cannot_be_kept_and_short_money_are_walls_of_the_runway() -> None:
    rules = {"age_limit": 30, "budgets": {2027: {"amount": 1200}}}
    found = planning.plan(_machines(5, os_version="2027-10-14"), _asked(rules))
    walls: Sequence[Wall] = list(
        source(lambda: json.loads(json.dumps(document.of(found), default=str)))(
            Known(Estate(workstations={}), TODAY)
        )
    )
    assert [(wall.quantity, wall.central) for wall in walls] == [
        ("support", dt.date(2027, 10, 14)),
        ("money", dt.date(2027, 1, 1)),
    ]
    assert walls[0].facts["machines"] == 3


def test_a_group_is_the_same_for_any_order() -> None:
    found = planning.plan(_mixed(), _asked(_RULES)).fleet.machines
    pd.testing.assert_frame_equal(group(found), group(found.iloc[::-1]))


def _aging(draws: object) -> pd.DataFrame:
    """A hundred machines that nothing asks to go, each with a chance of 2 % a quarter, of two years."""

    def fails(_maker: str, _model: str, start: Floats, end: Floats) -> Floats:
        return 0.08 * (end - start)

    rules = {"age_limit": 30, "offers": {"pc": {"price": 1e5}}}
    found = planning.plan(_machines(100, os="Windows 11"), _asked(rules, fails=fails, draws=draws))
    assert found.waves.empty
    return found.failures.set_index("year")


def test_the_band_of_failures_is_that_of_chance_where_a_life_is_assumed() -> None:
    year = _aging(None).loc[2027]
    assert year["expected"] == pytest.approx(8, abs=0.01)
    assert (year["low"], year["high"]) == pytest.approx((8 - 1.2816 * 8**0.5, 8 + 1.2816 * 8**0.5), abs=0.02)


def test_the_band_of_failures_holds_how_little_is_known_where_lives_were_learnt() -> None:
    """Two likely curves, of 2 and of 14 failures a year: one in ten is at most 0.6, and at least 17.2 (Poisson's tables)."""

    def draws(_maker: str, _model: str, start: Floats, end: Floats) -> Floats:
        return np.outer(np.repeat([0.02, 0.14], 200), end - start)

    year = _aging(draws).loc[2027]
    counts = np.arange(60)
    share = (poisson.cdf(counts, 2.0) + poisson.cdf(counts, 14.0)) / 2
    low, high = (float(np.interp(part, share, counts + 0.5)) for part in (0.1, 0.9))
    assert (year["low"], year["high"]) == pytest.approx((low, high), abs=0.35)
    assert year["expected"] == pytest.approx(8, abs=0.01)


@pytest.mark.parametrize("money", [0, 500, 4_800, 5_000, 10_000])
def test_a_year_that_buys_not_one_machine_more_is_short_whatever_is_left_of_it(money: int) -> None:
    """Sixty at 980 are 58,800, wanted now. Five of 5,000 leave 100, four of 4,800 leave 880, and none can be bought of less than 980."""
    rules = {
        "age_limit": 3,
        "offers": {"pc": {"contract": "frame", "price": 980}},
        "budgets": {2027: {"amount": money}},
    }
    found = planning.plan(_machines(60, os="Windows 11"), _asked(rules))
    assert found.money[0].spent == money // 980 * 980
    assert document.of(found)["short_of_money"] == 2027


def test_money_that_buys_all_that_is_wanted_is_not_short() -> None:
    """Nor where a site's own is, as the wall tells the money of all."""
    rules = {"age_limit": 3, "budgets": {2027: {"amount": 1_800}}}
    assert planning.plan(_machines(3, os="Windows 11"), _asked(rules)).short_of_money is None
    rules["budgets"] = {2027: {"amount": 1_800, "sites": {"Main": 600}}}
    site = planning.plan(_machines(3, os="Windows 11"), _asked(rules))
    assert (site.money[0].spent, site.short_of_money) == (600, None)


def test_the_year_that_is_short_is_the_one_in_which_one_would_order() -> None:
    """Support ends on 2028-04-10: the last quarter that is over by then is the first of 2028, ordered in December 2027."""
    rules = {"age_limit": 30, "budgets": {2027: {"amount": 0}, 2028: {"amount": 6_000}}}
    found = planning.plan(_machines(2, os_version="2028-04-10"), _asked(rules))
    assert _bought(found) == {"2028 Q2": 2}
    assert document.of(found)["short_of_money"] == 2027


def _licences(found: Plan) -> list[float]:
    """The money of each year."""
    return [one.spent for one in found.money if not one.purse]


@pytest.mark.parametrize(
    ("ends", "start", "paid", "overdue"),
    [
        ("2032-01-13", "2026-01-01", [0, 0], 0),  # they run that edition
        ("2032-01-13", "2027-06-01", [0, 0], 0),  # they are mended as long without it
        ("2032-01-12", "2027-06-01", [6000, 0], 0),
        ("2028-06-30", "2026-01-01", [0, 0], 0),  # they got it last year
        ("2028-06-30", "2028-02-01", [0, 6000], 0),
    ],
)
def test_a_licence_is_paid_once_by_those_alone_who_are_mended_longer_with_it(
    ends: str, start: str, paid: list[float], overdue: int
) -> None:
    """Twenty machines that nothing replaces, 300 each: 6,000 in the year of the start, unless that is over."""
    change = {
        "kind": "edition",
        "fits": {"sites": ["Main"]},
        "until": "2032-01-13",
        "price": 300,
        "start": start,
    }
    offers = {"pc": {"price": 600, "fits": {"kinds": ["laptop"]}}}
    asked = scenarios.applied(_asked({"age_limit": 30, "offers": offers}), [_scenario(change)])
    found = planning.plan(_machines(20, os_version=ends), asked)
    assert (_licences(found), found.overdue) == (paid, overdue)


@pytest.mark.parametrize(
    ("start", "spent"),
    [
        ("2027-06-30", [1200, 0]),  # they are gone by the end of June
        ("2027-07-01", [1200, 0]),
        ("2027-03-31", [1800, 0]),
    ],
)
def test_who_is_replaced_before_an_edition_comes_pays_no_licence(start: str, spent: list[float]) -> None:
    """Two machines are four years old in the middle of May 2027 and go in the first quarter, at 600 each. The licence of 300 that
    they would have had is paid where the edition is there before that quarter is over."""
    change = {"kind": "edition", "fits": {}, "until": "2032-01-13", "price": 300, "start": start}
    rules = {"age_limit": 4}
    asked = scenarios.applied(_asked(rules), [_scenario(change)])
    found = planning.plan(_machines(2, os_version="2028-06-30"), asked)
    assert (_bought(found), _licences(found)) == ({"2027 Q1": 2}, spent)


def test_the_curve_counts_licences_in_money_and_in_what_is_spent() -> None:
    """Twenty licences are 2,000 in 2027; three machines past their age limit are 1,800. With 30 % of 5,000 a year, 1,500 do not
    even pay the licences of 2027, and the 1,500 of 2028 buy two machines."""
    rules = {"age_limit": 4, "budgets": {2027: {"amount": 5000}}}
    change = {"kind": "edition", "fits": {"sites": ["Main"]}, "until": "2032-01-13", "price": 100}
    machines = [
        *_machines(20, os_version="2028-06-30", purchased=dt.date(2026, 6, 15)),
        *_machines(3, os="Windows 11", site="North"),
    ]
    found = planning.plan(machines, scenarios.applied(_asked(rules), [_scenario(change)]))
    assert (found.spent, [one.budget for one in found.money]) == (3800, [5000, 5000])
    points = curve(found, _never, (-0.7, 0.0))
    assert [(round(one.budget), one.spent) for one in points] == [(3000, 3200), (10_000, 3800)]


def test_nothing_is_paid_for_updates_after_the_last_day_on_which_their_maker_sells_them() -> None:
    """Support ended on 2025-10-14, so years begin on the 15th of October, and the last one sold ends on 2028-10-10. Who joins
    today pays 10 and 20 at once and 40 in October: 70 for each of five. The next year would begin on 2028-10-15."""
    updates = [{"product": "Windows 10", "prices": [10, 20, 40, 80, 160]}]
    offers = {"pc": {"price": 600, "fits": {"kinds": ["laptop"]}}}
    rules = {"years": 4, "age_limit": 30, "extended_updates": updates, "offers": offers}
    found = planning.plan(_machines(5, os_version="2025-10-14+2028-10-10"), _asked(rules))
    assert [(one.year, one.updates) for one in found.costs if one.updates] == [(2027, 350)]


def test_a_guessed_purchase_gives_no_warranty() -> None:
    """The one that is written down gives three years: 1,096 days."""
    machines = [*_machines(1, os="Windows 11"), *_machines(1, os="Windows 11", purchased=None)]
    known = planning.plan(machines, _asked({})).fleet.machines
    assert known["assumed"].sum() == 1
    assert known.loc[known["assumed"], "warranty"].isna().all()
    assert known.loc[~known["assumed"], "warranty"].dt.date.tolist() == [dt.date(2026, 6, 15)]


def test_a_contract_that_is_taken_to_go_on_is_told_with_the_day_of_its_end() -> None:
    offers = {"pc": {**OFFER["pc"], "renewed": True}}
    found = planning.plan(
        _machines(1, os="Windows 11"), _asked({"offers": offers}, until=dt.date(2027, 6, 30))
    )
    assert document.of(found)["going_on"] == [{"offer": "pc", "until": dt.date(2027, 6, 30)}]
    over = planning.plan(_machines(1, os="Windows 11"), _asked({"offers": offers}, until=dt.date(2029, 1, 1)))
    assert document.of(over)["going_on"] == []
