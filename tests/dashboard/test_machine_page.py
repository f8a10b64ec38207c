"""One workstation and one model on pages of their own: what they say, what lists lead there, and what is never said."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from asking import ask, words
from dash import Dash

from dashboard.app import create
from dashboard.data import Data
from dashboard.sentences import machines as sentences
from dashboard.texts import Texts
from inventory.checking import load
from inventory.fleet.judging import judge
from inventory.imports.course import Change, course
from inventory.imports.snapshots import commit, compare
from inventory.renewal import Renewal
from inventory.state import State, open_state
from inventory.workstations import Workstation

ESTATE = """timezone: Europe/Paris
language: en
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
targets: [{name: nas-01, address: 127.0.0.1, credential: c}]
"""
BEFORE = Workstation(
    "PC-7", serial="5CG7", asset="A-7", maker="HP", model="EliteDesk 800", site="north", os="Windows 10 Pro", memory=8 * 10**9,
    purchased=dt.date(2020, 3, 1), state="used", user="durand",
)  # fmt: skip
AFTER = dataclasses.replace(
    BEFORE, name="PC-7-NEW", site="south", memory=16 * 10**9, os="Windows 11 Pro", user="martin"
)
OTHER = Workstation("PC-8", maker="HP", model="EliteDesk 800", state="retired", site="north")
DAY = 86_400.0
FIRST = 1_700_000_000.0


def imported(state: State, *imports: tuple[Workstation, ...]) -> None:
    """Inventories, a day after another."""
    for number, rows in enumerate(imports):
        commit(state, compare(state, f"import-{number}.csv", rows), "tests", at=FIRST + number * DAY)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


@pytest.fixture
def app(tmp_path: Path, state: State) -> Dash:
    path = tmp_path / "estate.yml"
    path.write_text(ESTATE)
    return create(Data(load(path), tmp_path), state, demo=True)


def page(app: Dash, path: str, language: str = "en", **query: str) -> str:
    search = "?" + "&".join(f"{name}={quote(value)}" for name, value in query.items())
    return re.sub(r"\s+", " ", words(ask(app, path, search, language)))


# --- from import to import ----------------------------------------------------------------------------


def test_the_course_of_a_machine_tells_what_each_import_changed_the_newest_first(state: State) -> None:
    imported(state, (BEFORE, OTHER), (BEFORE, OTHER), (AFTER, OTHER))
    found = course(state, BEFORE.key)
    assert found is not None
    assert (found.last.name, found.is_gone) == ("PC-7-NEW", False)
    newest, first = found.steps
    assert (newest.event, newest.file, newest.at) == ("changed", "import-2.csv", FIRST + 2 * DAY)
    assert set(newest.changes) == {
        Change("name", "PC-7", "PC-7-NEW"),
        Change("site", "north", "south"),
        Change("memory", 8 * 10**9, 16 * 10**9),
        Change("os", "Windows 10 Pro", "Windows 11 Pro"),
    }
    assert (first.event, first.file) == ("first", "import-0.csv")


def test_a_machine_that_went_and_came_back_is_told_so(state: State) -> None:
    imported(state, (BEFORE, OTHER), (OTHER,), (AFTER, OTHER), (OTHER,))
    found = course(state, BEFORE.key)
    assert found is not None
    told = [(step.event, step.file) for step in found.steps]
    assert told == [
        ("gone", "import-3.csv"),
        ("back", "import-2.csv"),
        ("gone", "import-1.csv"),
        ("first", "import-0.csv"),
    ]
    assert {one.field for one in found.steps[1].changes} == {"name", "site", "memory", "os"}
    assert found.is_gone
    assert course(state, "serial:nobody") is None


# --- the page -----------------------------------------------------------------------------------------


def test_the_page_tells_what_the_machine_is_how_it_stands_and_what_changed(app: Dash, state: State) -> None:
    imported(state, (BEFORE, OTHER), (AFTER, OTHER))
    told = page(app, "/workstations/machine", of=BEFORE.key)
    assert told.index("PC-7-NEW HP EliteDesk 800") < told.index("Serial number 5CG7")
    for said in (
        "Label A-7",
        "Site south",
        "Memory 16.0 GB",
        "Bought 1 Mar 2020",
        "Warranty until unknown",
        "State in use",
    ):
        assert said in told.replace("\xa0", " "), said
    assert "runs Windows 11 already" in told.replace("Runs", "runs")
    assert "No renewal plan was computed" in told
    assert "Name: PC-7 → PC-7-NEW" in told
    assert "Memory: 8.00 GB → 16.0 GB" in told.replace("\xa0", " ")
    for who in ("durand", "martin"):
        assert who not in told.casefold()
    french = page(app, "/workstations/machine", "fr", of=BEFORE.key)
    assert "Numéro de série 5CG7" in french
    assert "Garantie jusqu'au inconnu" in french


def test_a_machine_out_of_use_or_gone_says_so_and_is_not_judged(app: Dash, state: State) -> None:
    imported(state, (BEFORE, OTHER), (OTHER,))
    assert "taken out of use" in page(app, "/workstations/machine", of=OTHER.key)
    gone = page(app, "/workstations/machine", of=BEFORE.key)
    assert "does not have it any more" in gone
    assert "When it is renewed" not in gone
    for nobody in ({"of": "serial:nobody"}, {"of": ""}, {}):
        assert "No import ever named" in page(app, "/workstations/machine", **nobody)


def test_a_model_tells_how_its_machines_stand_and_leads_to_each(app: Dash, state: State) -> None:
    imported(state, (BEFORE, OTHER))
    told = page(app, "/workstations/model", maker="HP", model="EliteDesk 800")
    assert "1 machine in use, or that may be again" in told
    assert "PC-7" in told
    assert "PC-8" not in told  # out of use
    assert "No machine of this model" in page(app, "/workstations/model", model="800")


@pytest.mark.parametrize(
    ("path", "query"),
    [("/workstations", {}), ("/workstations/deadlines", {"state": "unknown"}), ("/workstations/fitness", {"state": "unknown"})],
)  # fmt: skip
def test_lists_that_name_a_workstation_lead_to_it(
    app: Dash, state: State, path: str, query: dict[str, str]
) -> None:
    imported(state, (BEFORE, OTHER))
    search = "?" + "&".join(f"{name}={value}" for name, value in query.items())
    answer = ask(app, path, search).text.replace("\\u002f", "/")
    assert f"/workstations/machine?of={quote(BEFORE.key, safe='')}" in answer


# --- what the plan says -------------------------------------------------------------------------------


def wave(**changed: object) -> dict[str, object]:
    return {
        "use": "other", "site": "north", "kind": None, "maker": "HP", "model": "EliteDesk 800", "quarter": "2027-04-01", "again": False,
        "why": "warranty", "pushed": "", "deadline": None, "fails": None, "waiting": None, "saved": None, "wanted": None, "machines": 3,
        "offer": "pc", "money": 900.0,
    } | changed  # fmt: skip


def plan(*waves: dict[str, object], **more: object) -> dict[str, object]:
    return {"left_alone": [], "overdue": [], "kept": [], "waves": list(waves), "currency": "EUR"} | more


def said(found: dict[str, object], language: str = "en") -> str:
    from zoneinfo import ZoneInfo

    (one,) = judge([BEFORE], Renewal(), None, dt.date(2026, 11, 1))
    told = sentences.planned(found, one)
    return " ".join(sentences.said(told, found, Texts("fr" if language == "fr" else "en", ZoneInfo("UTC"))))


def test_a_machine_whose_like_all_go_at_once_goes_with_them() -> None:
    assert said(plan(wave(), wave(site="south"), wave(model="Other"), wave(again=True))).startswith(
        "The plan replaces it in Q2 2027"
    )


def test_a_machine_of_which_the_plan_cannot_tell_is_not_given_a_date() -> None:
    assert "does not replace all of these at once" in said(plan(wave(), wave(quarter="2028-01-01")))
    kept = {"use": "other", "site": "north", "kind": None, "maker": "HP", "model": "EliteDesk 800", "machines": 2, "why": "age", "pushed": ""}  # fmt: skip
    assert "does not replace all of these at once" in said(plan(wave(), kept=[kept]))
    assert said(plan(kept=[kept])).startswith("It stays to the end of the plan.")
    assert said(plan()).startswith("The plan says nothing of it")


def test_a_machine_that_stays_past_its_deadline_or_is_left_alone_is_named() -> None:
    late = {
        "key": BEFORE.key, "name": "PC-7", "site": "north", "deadline": "2026-12-31", "reason": "support", "until": "2027-06-30",
        "months": 6.0, "replaced": "2027-07-01", "why": "cap",
    }  # fmt: skip
    assert "past its deadline (31 Dec 2026), until 30 Jun 2027; replaced: Q3 2027" in said(
        plan(overdue=[late])
    )
    assert said(plan(left_alone=[{"name": "PC-7", "why": "stock"}])) == "It is in stock."
    assert "past its deadline" not in said(plan(overdue=[{**late, "key": "serial:x"}]))
