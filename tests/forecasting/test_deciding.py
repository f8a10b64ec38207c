"""Scenarios held against a history of known truth: compared, followed into the backups, committed, and measured."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from datetime import date, timedelta

import numpy as np
import pytest
from foreseeing import GB, TB, pairs, write

from exporters.history import unique_id
from exporters.history.sqlite import Reader
from exporters.plan.outlooks import Outlooks
from forecasting.capacity import Rules
from forecasting.correction import learnt
from forecasting.plan.night import night
from forecasting.quantities import DAY
from forecasting.renewal import deciding as renewing
from forecasting.scenarios import additions, cascade, deciding, survey
from forecasting.scenarios.comparing import compare
from inventory.checking import load
from inventory.scenarios import Scenario
from inventory.scenarios.reading import ScenarioError
from inventory.state import open_state, scenarios

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC).timestamp()
LAST = date(2026, 2, 28)


def name(target, store):
    return unique_id(target, "jauge_storage_used_bytes", pairs(store))


PACS, COPY, NAS, VAULT = (
    name("pacs-01", "/srv/pacs"), name("pacs-01", "/copy"), name("nas-01", "/vol/x"), name("vault-01", "/vault"),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "data", NOW)
    return tmp_path / "data"


@pytest.fixture
def reader(folder):
    return Reader(folder / "history.db")


@pytest.fixture
def estate(folder):
    return load(folder / "estate.yml")


RAW = {}
"""What was written of each scenario, by name."""


def rate(amount="40 GB", target="pacs-01", store="/srv/pacs"):
    change = {"kind": "rate", "amount": amount, "target": target, "store": store, "start": "2026-04-01"}
    made = {"name": f"rate-{target}", "changes": [change]}
    RAW[made["name"]] = made
    return Scenario.model_validate(made)


def test_a_scenario_brings_the_date_forward_as_far_as_arithmetic_says(reader, estate):
    found = compare(reader, estate, [rate()], [], NOW)
    base, case = found.base.prospects[PACS], found.cases[0].prospects[PACS]
    # 20 TB are free: at 20 GB a day 1,000 days; with 40 GB more from day 32 on, 31 days of 20 and 323 of 60.
    assert abs((base.central - LAST).days - 1000) <= 60
    assert abs((case.central - LAST).days - 354) <= 20
    assert case.order_by == case.early - timedelta(days=84)
    assert case.early <= case.central <= case.late
    assert base.chances[365] < 0.05
    assert 0.3 < case.chances[365] <= 1.0
    assert case.level(365)[1] - base.level(365)[1] == pytest.approx((365 - 31) * 40 * GB, rel=0.01)
    assert set(found.moved(found.cases[0])) >= {PACS, VAULT}


def test_what_is_shown_and_frozen_is_what_the_plan_says_once_bands_were_corrected(
    folder, state, reader, estate
):
    """Ten weekly nights have come due: the plan's bands have learnt from them, and its dates with them."""
    kept = Outlooks(folder / "plan.db")
    for weeks in range(10, -1, -1):
        night(reader, kept, NOW - 7 * weeks * DAY, Rules.of(estate))
    issued = {one.unique_id: one for one in kept.latest()}
    learned = learnt(kept.file, estate.timezone, NOW)
    found = compare(reader, estate, [rate()], [], NOW, correct=learned).base.prospects
    assert {PACS, VAULT} <= set(found)
    for each, one in found.items():
        dates = issued[each].dates
        assert (one.early, one.central, one.late) == tuple(dates[1.0, share] for share in (0.1, 0.5, 0.9))
        assert one.order_by == issued[each].order_by
    before = compare(reader, estate, [rate()], [], NOW).base.prospects
    assert any(before[each].early != one.early for each, one in found.items())
    save(state, rate())
    version = scenarios.need(state, rate().name)
    renewing.commit(state, lambda: reader, estate, version, "anna", "voted", NOW, plan=kept.file)
    frozen = json.loads(scenarios.expected(state, rate().name).text[PACS])
    shown = found[PACS].path.iloc[[day - 1 for day in frozen["days"]]]
    assert frozen["base"] == {column: shown[column].tolist() for column in ("lo80", "mean", "hi80")}


def test_what_is_committed_is_part_of_the_base_but_not_of_itself(reader, estate):
    committed = rate(amount="40 GB", target="nas-01", store="/vol/x")
    other = rate(amount="1 GB", target="nas-01", store="/vol/x").model_copy(update={"name": "other"})
    found = compare(reader, estate, [other], [committed], NOW)
    alone = compare(reader, estate, [committed], [committed], NOW)
    assert alone.base.prospects[NAS].reason == "no crossing within 3 years"  # 20 TB at 10 GB a day
    assert found.base.prospects[NAS].central is not None
    assert alone.cases[0].prospects[NAS].central == found.base.prospects[NAS].central


def test_what_is_bought_moves_the_date_back_and_has_its_price(reader, estate):
    spot = {"target": "pacs-01", "store": "/srv/pacs"}
    more = {"kind": "rate", "amount": "20 GB", "start": "2026-03-01", **spot}
    bought = {"kind": "bought", "amount": "20 TB", "cost": 13_000, "start": "2027-06-01", **spot}
    both = Scenario.model_validate({"name": "b", "changes": [more, bought]})
    found = compare(reader, estate, [both], [], NOW)
    # 20 TB at 40 GB a day are 500 days, which is after the purchase: 40 TB are 1,000.
    assert abs((found.cases[0].prospects[PACS].central - LAST).days - 1000) <= 60
    assert found.cases[0].cost == 13_000


def test_a_scenario_of_an_unknown_store_says_which_there_are(reader, estate):
    with pytest.raises(ScenarioError, match="no store /nope of storage; it has /copy, /srv/pacs"):
        compare(reader, estate, [rate(store="/nope")], [], NOW)


# --- what follows -----------------------------------------------------------------------------------


def test_growth_of_a_target_moves_the_repository_by_the_measured_reduction_and_the_next_one_not_twice(
    reader, estate
):
    world = survey(reader, NOW, cascade.concerned({"pacs-01"}, estate))
    found = additions([rate()], estate, world, days=365)
    # Three targets are kept in 20 TB: 41 + 10 + 2 TB, so a byte there stands for 2.65.
    assert found[VAULT][-1, 1] == pytest.approx(found[PACS][-1, 1] / 2.65, rel=0.02)
    assert (np.diff(found[VAULT], axis=1) >= 0).all()
    assert set(found) == {PACS, VAULT}  # the repository's own copy leads back to where it began


def test_a_declared_reduction_is_taken_and_an_unknown_one_is_assumed(reader, estate):
    world = survey(reader, NOW, cascade.concerned({"nas-01"}, estate))
    found = additions([rate(target="nas-01", store="/vol/x")], estate, world, days=365)
    assert found[VAULT][-1] == pytest.approx(found[NAS][-1] / 2)
    # from there on: the vault's copy on pacs-01, 20 TB in the 41 TB of its two stores
    (way,) = cascade.ways("vault-01", estate, world)
    assert way.reduction.origin == "measured"
    bare = survey(reader, NOW, {"vault-01", "pacs-01"})
    (pacs,) = cascade.ways("pacs-01", estate, bare)
    assert pacs.reduction == (cascade.REDUCTION, "assumed", 0)  # of nas-01 nothing is known here


def test_the_speed_of_a_restore_is_declared_else_that_of_tests_else_that_of_the_link(reader, estate):
    speeds = {"vault-01": [3e8, 1e8, 2e8], "pacs-01": [9e9]}
    world = survey(reader, NOW, cascade.concerned({"vault-01"}, estate), speeds)
    (pacs,), (vault,) = (list(cascade.ways(one, estate, world)) for one in ("pacs-01", "vault-01"))
    assert (pacs.restore, pacs.pace, pacs.tests) == (5e8, "declared", 0)
    assert (vault.restore, vault.pace, vault.tests) == (2e8, "measured", 3)
    untested = survey(reader, NOW, cascade.concerned({"vault-01"}, estate))
    (unknown,) = cascade.ways("vault-01", estate, untested)
    assert (unknown.restore, unknown.pace) == (None, None)
    (case,) = compare(reader, estate, [rate(target="vault-01", store="/vault")], [], NOW, speeds).cases
    (restore,) = [one for one in case.reach.recoveries if one.target == "vault-01"]
    assert restore.way.pace == "measured"
    assert restore.before[1] == pytest.approx((20 * TB + 365 * 10 * GB) / 2e8 / 3600, rel=0.01)


def test_what_nights_bring_is_learnt_where_a_repository_is_cleaned_now_and_then_and_not_where_it_never_is(
    tmp_path,
):
    """Six nights bring 510 GB each, the seventh lets 2,990 go: of 21.5 TB in the mean, 2.4 %, each byte standing for as many."""
    saw = 500 * GB * (np.arange(140) % 7)
    write(tmp_path / "cleaned", NOW, more={("vault-01", "/vault"): saw})
    write(tmp_path / "grown", NOW)
    found = {}
    for name in ("cleaned", "grown"):
        told = load(tmp_path / name / "estate.yml")
        world = survey(Reader(tmp_path / name / "history.db"), NOW, cascade.concerned({"nas-01"}, told))
        (found[name],) = cascade.ways("nas-01", told, world)
    change = found["cleaned"].change
    assert change.origin == "measured"
    assert change.days >= 60
    assert change.three[1] == pytest.approx(510 / 21_500, rel=0.05)
    assert change.three[0] < change.three[1] < change.three[2]
    assert found["grown"].change == (cascade.CHANGE, "assumed", 0)


def test_the_link_and_the_restores_take_the_hours_that_division_gives(reader, estate):
    (case,) = compare(reader, estate, [rate()], [], NOW).cases
    (night,) = case.reach.nightly
    held = 41 * TB + 365 * 20 * GB
    added = (365 - 31) * 40 * GB
    assert night.bytes_before[1] == pytest.approx(0.01 * held, rel=0.01)
    assert night.bytes_after[1] == pytest.approx(0.01 * (held + added), rel=0.01)
    assert night.hours_after[1] == pytest.approx(night.bytes_after[1] / 1.25e8 / 3600)
    restores = {one.target: one for one in case.reach.recoveries}
    nas = (10 * TB + 365 * 10 * GB) / 1e9 / 3600
    pacs = (held + added) / 5e8 / 3600
    assert restores["pacs-01"].after_scenario[1] == pytest.approx(nas + pacs, rel=0.01)
    assert restores["pacs-01"].late
    assert restores["viewer-01"].after_scenario[1] == pytest.approx(
        nas + pacs + (2 * TB + 365 * GB) / 1e8 / 3600, rel=0.01
    )
    assert "nas-01" not in restores  # nothing moves it
    assert case.reach.circles == (("nas-01", "switch-01"),)


# --- committed and measured -------------------------------------------------------------------------


@pytest.fixture
def state(folder):
    return open_state(folder / "state.db")


def save(state, one):
    scenarios.save(state, one, json.dumps(RAW[one.name]), "anna", NOW)


def committed(state, reader, estate, one):
    save(state, one)
    return deciding.commit(state, reader, estate, scenarios.need(state, one.name), "anna", "voted", NOW)


def later(tmp_path, days, daily):
    """The history so many days later, where so much more has come each day since 1 April."""
    begun = max(0, days - (date(2026, 4, 1) - date(2026, 3, 1)).days)
    more = {("pacs-01", "/srv/pacs"): daily * np.arange(1, begun + 1)} if begun else None
    write(tmp_path / "later", NOW, more, ahead=days)
    return Reader(tmp_path / "later" / "history.db"), NOW + days * 86_400.0


@pytest.mark.parametrize(
    ("days", "daily", "answer"),
    [
        (20, 40 * GB, "not begun"),
        (45, 40 * GB, "too early"),
        (200, 40 * GB, "as expected"),
        (200, 10 * GB, "less"),
        (200, 90 * GB, "more"),
        (200, 0.0, "less"),
    ],
)
def test_expected_is_held_against_measured_once_it_can_be_told(
    tmp_path, state, reader, estate, days, daily, answer
):
    committed(state, reader, estate, rate())
    then, at = later(tmp_path, days, daily)
    effects = {one.unique_id: one for one in deciding.measure(state, then, "rate-pacs-01", at)}
    effect = effects[PACS]
    assert effect.answer == answer
    assert effect.start == date(2026, 4, 1)
    if effect.measured is None:
        return
    since = days - 31
    assert effect.expected[1] == pytest.approx(since * 40 * GB, rel=0.02)
    assert effect.measured[0] <= effect.measured[1] <= effect.measured[2]
    assert effect.measured[1] == pytest.approx(since * daily, abs=0.35 * TB)


def test_what_is_too_small_for_the_band_is_not_judged(tmp_path, state, reader, estate):
    one = rate(amount="10 MB")
    committed(state, reader, estate, one)
    then, at = later(tmp_path, 200, 0.0)
    assert {effect.answer for effect in deciding.measure(state, then, one.name, at)} == {"too small"}


def test_what_cannot_be_computed_is_not_committed(state, reader, estate):
    one = rate(store="/nope")
    save(state, one)
    with pytest.raises(ScenarioError, match="no store /nope"):
        deciding.commit(state, reader, estate, scenarios.need(state, one.name), "anna", "voted", NOW)
    assert scenarios.committed(state) == []
    with pytest.raises(ScenarioError, match="never committed"):
        deciding.measure(state, reader, one.name, NOW)
    with pytest.raises(ScenarioError, match="there is no scenario other"):
        scenarios.need(state, "other")


def test_a_committed_scenario_gives_a_year_later_nearly_the_date_of_the_history_alone(
    tmp_path, state, reader, estate
):
    committed(state, reader, estate, rate(amount="20 GB"))
    then, at = later(tmp_path, 365, 20 * GB)
    held = compare(then, estate, [rate(amount="20 GB")], [], at)
    base, case = (one.prospects[PACS].central for one in (held.base, held.cases[0]))
    # 54.0 TB are held then: 6.0 TB at 40 GB a day are 150 days, with or without the scenario.
    assert abs((base - (LAST + timedelta(days=365 + 150))).days) <= 15
    assert abs((case - base).days) <= 10


# --- what the planner counts with -------------------------------------------------------------------


def test_the_planner_counts_with_what_is_committed_and_with_nothing_else(folder, state, reader, estate):
    assert deciding.reserved(folder / "none.db", reader, estate, NOW) == ({}, {}, ())
    save(state, rate(target="nas-01", store="/vol/x"))
    committed(state, reader, estate, rate())
    found = deciding.reserved(state.path, reader, estate, NOW)
    assert set(found.additions) == {PACS, VAULT}
    assert found.additions[PACS][364, 1] == pytest.approx((365 - 31) * 40 * GB)
    scenarios.withdraw(state, "rate-pacs-01", "anna", "no", NOW)
    assert deciding.reserved(state.path, reader, estate, NOW) == ({}, {}, ())


def test_a_committed_scenario_whose_store_is_gone_leaves_the_others_and_is_named(
    tmp_path, folder, state, reader, estate
):
    committed(state, reader, estate, rate())
    gone = {
        "name": "gone",
        "changes": [
            {"kind": "step", "amount": "1 TB", "target": "pacs-01", "store": "/was", "start": "2026-04-01"}
        ],
    }
    scenarios.save(state, Scenario.model_validate(gone), json.dumps(gone), "anna", NOW)
    scenarios.commit(state, scenarios.find(state, "gone"), {}, "anna", "voted", NOW)
    found = deciding.reserved(state.path, reader, estate, NOW)
    assert set(found.additions) == {PACS, VAULT}
    ((name, why),) = found.left_out
    assert name == "gone"
    assert "no store /was" in why


@pytest.mark.parametrize("text", ["nonsense", "{}", "5", '{"last": "soon"}', "[" * 100_000])
def test_what_was_frozen_and_is_damaged_is_said_and_keeps_no_plan_from_being_made(
    state, reader, estate, text
):
    committed(state, reader, estate, rate())
    with contextlib.closing(sqlite3.connect(state.path, isolation_level=None)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE scenario_expected SET text = ?", (text,))
    with pytest.raises(ScenarioError, match="what was expected of rate-pacs-01 is damaged"):
        deciding.measure(state, reader, "rate-pacs-01", NOW)
    assert deciding.begun(state.path) == {}
