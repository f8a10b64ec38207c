"""The page of scenarios: what it says in both languages, and who may decide there."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path
from typing import Any

import pytest
from asking import ask, words
from dash import Dash
from flask.testing import FlaskClient
from foreseeing import write

from dashboard.access import users
from dashboard.app import create
from dashboard.data import Data
from dashboard.texts import Texts
from inventory.checking import load
from inventory.scenarios.reading import open_scenario
from inventory.state import State, audit, open_state, scenarios

PASSWORD = "correct horse battery"
ORIGIN = {"Origin": "http://localhost"}
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("scenarios")
    now = time.time()
    write(place, now)
    state = open_state(place / "state.db")
    start = time.strftime("%Y-%m-%d", time.gmtime(now + 20 * 86_400))
    many = [
        "{kind: modality, modality: CT, studies: {low: 20, likely: 35, high: 50}, target: pacs-01, store: /srv/pacs, start: DAY}",
        "{kind: pathology, slides: 40, digital: 50 %, target: pacs-01, store: /srv/pacs, start: DAY}",
        "{kind: building, places: 140, start: DAY, files: [{target: viewer-01, each: 1 GB}]}",
        "{kind: desktops, count: 20, disk: 40 GB, target: viewer-01, start: DAY}",
        "{kind: migration, from: {target: nas-01}, to: {target: vault-01}, months: 6, size: 1 TB, start: DAY}",
        "{kind: purge, size: 1 TB, target: nas-01, start: DAY}",
        "{kind: retention, keep: 10, years: {2001: 1 TB}, target: pacs-01, store: /srv/pacs, start: DAY}",
        "{kind: reduction, after: 2, target: nas-01, start: DAY}",
        "{kind: bought, amount: 10 TB, cost: 5000, target: nas-01, start: DAY}",
        "{kind: growth, rate: 5 %, target: nas-01, start: DAY}",
        "{kind: step, amount: 1 TB, target: nas-01, start: DAY, end: 2099-01-01}",
        "{kind: rate, amount: 1 GB, per: week, target: nas-01, start: DAY}",
    ]
    for name, title, changes in (
        ("all", HOSTILE, many),
        ("ct", "One CT more", many[:1]),
        ("lost", "Lost", [many[0].replace("/srv/pacs", "/no")]),
    ):
        text = f"name: {name}\ntitle: '{title}'\nwhy: because\nchanges:\n" + "".join(
            f"  - {one}\n" for one in changes
        )
        (place / f"{name}.yml").write_text(text.replace("DAY", start))
        found = open_scenario(place / f"{name}.yml")
        assert found.scenario is not None, found.problems
        scenarios.save(state, found.scenario, found.text, "anna", now)
    return place


@pytest.fixture(scope="module")
def app(folder: Path) -> Dash:
    return create(Data(load(folder / "estate.yml"), folder), open_state(folder / "state.db"), demo=True)


def test_the_list_names_every_scenario_and_how_it_stands(app: Dash) -> None:
    shown = words(ask(app, "/scenarios"))
    assert "One CT more" in shown
    assert "saved" in shown
    assert "enregistré" in words(ask(app, "/scenarios", language="fr"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["35 (20 – 50) studies a working day", "20 of", "a building opens with 140 places", "keeps 10 years", "instead of", "held twice for 6 months",
                "depend on each other", "measured", "The promise of", "without it", "with it", "It buys for €5,000"]),
        ("fr", ["35 (20 – 50) examens par jour ouvré", "un bâtiment ouvre avec 140 places", "garde 10 ans d'examens", "au lieu de", "en double pendant 6 mois",
                "dépendent les uns des autres", "mesuré", "n'est pas tenu", "sans lui", "avec lui", "Ses achats coûtent 5 000"]),
    ],
)  # fmt: skip
def test_a_scenario_is_told_in_words_and_figures(app: Dash, language: str, said: list[str]) -> None:
    shown = (
        words(ask(app, "/scenarios", "?name=all", language=language))
        .replace("\u202f", " ")
        .replace("\u00a0", " ")
    )
    assert [one for one in said if one not in shown and one != "20 of"] == []
    assert HOSTILE in shown  # as text: Dash sends it as JSON and draws it as such


def test_two_scenarios_stand_side_by_side(app: Dash) -> None:
    shown = words(ask(app, "/scenarios", "?compare=ct,all"))
    assert "as it is" in shown
    assert "What they move" in shown
    assert "One CT more" in shown


def test_the_chart_of_a_scenario_marks_where_each_of_its_changes_starts(app: Dash) -> None:
    start = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 20 * 86_400))
    marks = [
        re.findall(r'"name":"start of a change"[^{}]*"x":(\[[^]]*\])', ask(app, "/scenarios", query).text)
        for query in ("?name=ct", "?name=ct&case=without")
    ]
    assert marks == [[f'["{start}"]'], []]


def test_a_scenario_that_cannot_be_computed_says_why_and_one_that_is_not_there_too(app: Dash) -> None:
    assert "no store /no of storage" in words(ask(app, "/scenarios", "?name=lost"))
    assert "no scenario of that name" in words(ask(app, "/scenarios", "?name=%3Cscript%3E"))


# --- deciding ---------------------------------------------------------------------------------------


@pytest.fixture
def state(tmp_path: Path, folder: Path) -> State:
    for name in ("estate.yml", "history.db"):
        (tmp_path / name).symlink_to(folder / name)
    made = open_state(tmp_path / "state.db")
    found = open_scenario(folder / "ct.yml")
    assert found.scenario is not None
    scenarios.save(made, found.scenario, found.text, "anna", time.time())
    for role in users.ROLES:
        users.add(made, role, role, PASSWORD)
    return made


def client(state: State, role: str) -> FlaskClient:
    place = state.path.parent
    made = create(Data(load(place / "estate.yml"), place), state).server.test_client()
    assert made.post("/login", data={"name": role, "password": PASSWORD}, headers=ORIGIN).status_code == 303
    return made


def standing(state: State) -> str:
    found = scenarios.find(state, "ct")
    assert found is not None
    return found.standing


def version(state: State) -> str:
    return str(scenarios.need(state, "ct").id)


def test_a_version_that_was_not_shown_is_not_committed(state: State) -> None:
    browser, place = client(state, "manager"), state.path.parent
    page = ask(
        create(Data(load(place / "estate.yml"), place), state), "/scenarios", "?name=ct", client=browser
    )
    shown = version(state)
    (field,) = re.findall(r'\{[^{}]*"name":"version"[^{}]*\}', page.text)
    assert '"type":"hidden"' in field
    assert f'"value":"{shown}"' in field
    found = scenarios.need(state, "ct")
    text = found.text.replace('{"low": 20, "likely": 35, "high": 50}', "350")
    assert text != found.text
    (place / "ct.yml").write_text(text)
    other = open_scenario(place / "ct.yml")
    assert other.scenario is not None
    scenarios.save(state, other.scenario, other.text, "bruno", time.time())
    answer = browser.post(
        "/scenarios/decide?name=ct", data={"action": "commit", "why": "x", "version": shown}, headers=ORIGIN
    )
    assert answer.headers["Location"] == "/scenarios?name=ct&refused=anew"
    assert standing(state) == "saved"
    made = create(Data(load(place / "estate.yml"), place), state)
    for language, words_of in (
        ("en", "was saved anew after you opened it"),
        ("fr", "a été réenregistré après"),
    ):
        told = words(ask(made, "/scenarios", "?name=ct&refused=anew", client=browser, language=language))
        assert words_of in told
    form = {"action": "commit", "why": "x", "version": version(state)}
    browser.post("/scenarios/decide?name=ct", data=form, headers=ORIGIN)
    assert standing(state) == "committed"


def test_a_manager_commits_and_withdraws_and_the_log_says_who(state: State) -> None:
    browser = client(state, "manager")
    form = {"action": "commit", "why": "voted", "version": version(state)}
    answer = browser.post("/scenarios/decide?name=ct", data=form, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/scenarios?name=ct")
    assert standing(state) == "committed"
    again = browser.post("/scenarios/decide?name=ct", data=form, headers=ORIGIN)
    assert again.headers["Location"] == "/scenarios?name=ct&refused=yes"
    browser.post("/scenarios/decide?name=ct", data={"action": "withdraw", "why": "no budget"}, headers=ORIGIN)
    assert standing(state) == "withdrawn"
    done = [(one.who, one.action) for one in audit.entries(state) if one.action.startswith("scenario ")]
    assert done == [
        ("manager", "scenario withdrawn"),
        ("manager", "scenario committed"),
        ("anna", "scenario saved"),
    ]


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_nobody_below_a_manager_decides(state: State, role: str) -> None:
    answer = client(state, role).post(
        "/scenarios/decide?name=ct", data={"action": "commit", "why": "x"}, headers=ORIGIN
    )
    assert answer.status_code == 403
    assert standing(state) == "saved"


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://elsewhere"}, {**ORIGIN, "Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_site_decides_nothing(state: State, headers: dict[str, str]) -> None:
    answer = client(state, "manager").post(
        "/scenarios/decide?name=ct", data={"action": "commit", "why": "x"}, headers=headers
    )
    assert answer.status_code == 403
    assert standing(state) == "saved"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"action": "withdraw", "why": "x"},
        {"action": "commit", "why": " "},
        {"action": "burn", "why": "x"},
    ],
)
def test_an_incomplete_form_decides_nothing(state: State, form: dict[str, str]) -> None:
    sent = {**form, "version": version(state)}
    answer = client(state, "manager").post("/scenarios/decide?name=ct", data=sent, headers=ORIGIN)
    assert answer.headers["Location"].endswith("refused=yes")
    assert standing(state) == "saved"


def test_the_form_is_shown_to_those_who_may_decide_only(state: State) -> None:
    place = state.path.parent
    made = create(Data(load(place / "estate.yml"), place), state)
    for role, seen in (("viewer", False), ("manager", True)):
        answer = ask(made, "/scenarios", "?name=ct", client=client(state, role))
        assert answer.status_code == 200
        assert ('"Textarea"' in answer.get_data(as_text=True)) is seen


def test_a_store_has_the_decisions_that_name_it_or_all_of_its_target(state: State) -> None:
    """`ct` changes /srv/pacs of pacs-01, and nothing of nas-01."""
    place = state.path.parent
    data = Data(load(place / "estate.yml"), place)
    assert data.decided("pacs-01", "/srv/pacs") == []
    scenarios.commit(state, scenarios.need(state, "ct"), {}, "anna", "needed", time.time())
    again = Data(load(place / "estate.yml"), place)
    assert [one.name for one in again.decided("pacs-01", "/srv/pacs")] == ["ct"]
    assert again.decided("pacs-01", "/other") == again.decided("nas-01", "") == []


# --- for programs -----------------------------------------------------------------------------------


def read(app: Dash, path: str) -> Any:
    answer = app.server.test_client().get(f"/api/v1{path}", headers={"Host": "localhost"})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_what_programs_read_of_scenarios_compared_is_what_the_page_shows(app: Dash) -> None:
    ids = {one["name"]: one["id"] for one in read(app, "/scenarios")["items"]}
    shown, english = words(ask(app, "/scenarios", "?compare=ct,all")), Texts("en", dt.UTC)
    found = read(app, f"/scenarios/{ids['ct']}/compared?beside={ids['all']}")
    assert set(found["scenarios"]) == {ids["ct"], ids["all"]}
    assert (found["mistake"], found["plans"], found["is_being_computed"]) == (None, [], False)
    assert {one["scenario"] for one in found["moves"]} == {None, ids["ct"], ids["all"]}
    for one in found["moves"]:
        assert f"{one['target']} {one['what']}" in shown or one["store"] is None
        for name in ("central", "order_by"):
            assert one[name] is None or english.day(dt.date.fromisoformat(one[name])) in shown
        if one["metric"].endswith("_bytes"):
            for three in (one["added_in_a_year"], one["level_in_a_year"]):
                assert three is None or english.size(three["likely"]) in shown
        for name in ("full_within_90_days_ratio", "full_within_365_days_ratio"):
            assert one[name] is None or english.ratio(one[name]) in shown
    alone = read(app, f"/scenarios/{ids['all']}/compared")
    page = words(ask(app, "/scenarios", "?name=all"))
    assert alone["follows"]
    assert all(one["why"] in page for one in alone["follows"])
    changes = read(app, f"/scenarios/{ids['all']}")["changes"]
    assert len(changes) == 12
    assert all(one in page for one in changes)


def test_programs_are_told_why_a_scenario_cannot_be_computed_and_which_are_not_there(app: Dash) -> None:
    ids = {one["name"]: one["id"] for one in read(app, "/scenarios")["items"]}
    lost = read(app, f"/scenarios/{ids['lost']}/compared")
    assert "no store /no of storage" in lost["mistake"]
    assert lost["moves"] == []
    client = app.server.test_client()
    for path, status in (
        ("0123456789abcdef/compared", 404), ("0123456789abcdef/effects", 404), (f"{ids['ct']}/compared?beside=x", 400),
        (f"{ids['ct']}/compared?beside=0123456789abcdef", 404), (f"{ids['ct']}/compared?beside={','.join(ids.values())},{ids['ct']}", 400),
    ):  # fmt: skip
        answer = client.get(f"/api/v1/scenarios/{path}", headers={"Host": "localhost"})
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), path


def test_what_programs_read_of_the_effect_of_a_decision_is_what_the_page_shows(state: State) -> None:
    browser, place, english = client(state, "manager"), state.path.parent, Texts("en", dt.UTC)
    (scenario,) = browser.get("/api/v1/scenarios").json["items"]
    path = f"/api/v1/scenarios/{scenario['id']}/effects"
    assert browser.get(path).json == {"effects": []}
    form = {"action": "commit", "why": "voted", "version": version(state)}
    browser.post("/scenarios/decide?name=ct", data=form, headers=ORIGIN)
    app = create(Data(load(place / "estate.yml"), place), state)
    shown = words(ask(app, "/scenarios", "?name=ct", client=browser))
    found = browser.get(path).json["effects"]
    assert found
    for one in found:
        assert one["what"] in shown
        assert english.day(dt.date.fromisoformat(one["begins"])) in shown
        expected = one["expected"]["likely"]
        said = english.size(expected) if one["metric"].endswith("_bytes") else english.number(expected, 2)
        assert said in shown
        assert (one["answer"], one["measured"]) == ("not begun", None)
