"""The pages about workstations, with a real inventory, a real plan and no browser."""

from __future__ import annotations

import base64
import datetime as dt
import errno
import gzip
import io
import json
import os
import re
import zipfile
import zlib
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from asking import BROKEN, ask, words
from dash import Dash
from exported import HOSTILE, USER, estate, fleet, row, text
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from peopling import DAY, START, holds, take, used
from tampering import killed_at

from dashboard import preparing, taking
from dashboard.access import users
from dashboard.app import BEHIND, create
from dashboard.data import Data
from dashboard.declared import Declared
from dashboard.pages import renewal
from dashboard.texts import Texts
from forecasting.renewal import issuing
from inventory import processors
from inventory.checking import load
from inventory.imports import reading, snapshots, source
from inventory.people import finding
from inventory.people.pseudonyms import FILE, need
from inventory.people.rules import People
from inventory.quantities import AmbiguousError
from inventory.scenarios.reading import ScenarioError, revive
from inventory.state import State, audit, open_state, scenarios

pytestmark = pytest.mark.xdist_group("pages of a fleet")

PASSWORD = "correct horse battery 1"
HEADERS = {"Host": "localhost", "Origin": "http://localhost"}
COUNT = 90
PATHS = (
    "/workstations",
    *(page.PATH for page in BEHIND if page.PATH.startswith("/workstations")),
    "/renewal",
    "/scenarios",
)


def _import(state: State, folder: Path, rows: list[list[str]], today: dt.date) -> None:
    file = folder / "glpi.csv"
    file.write_text(text(rows))
    with reading.read(state, file, today, reading.Asked("glpi", users=True)) as found:
        snapshots.commit(state, found, "tests")
    file.unlink()


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """A fleet that was imported and planned, with the curve."""
    folder = tmp_path_factory.mktemp("fleet")
    state = open_state(folder / "state.db")
    today = dt.datetime.now(dt.UTC).date()
    _import(state, folder, fleet(COUNT, today), today)
    data = Data(load(estate(folder, today.year, 12_000)), folder)
    for piece in (issuing.LIVES, issuing.PLAN, issuing.CURVE):
        assert issuing.issue(state, data.estate, folder, data.clock(), piece)
    return data


@pytest.fixture(scope="module")
def app(planned: Data) -> Dash:
    return create(planned, open_state(planned.folder / "state.db"), demo=True)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", PATHS)
def test_each_page_answers_in_both_languages_and_names_no_user(app: Dash, path: str, language: str) -> None:
    answer = ask(app, path, language=language)
    assert not any(one in words(answer) for one in BROKEN)
    assert USER not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_each_page_says_what_to_do_where_nothing_was_imported(tmp_path: Path, path: str) -> None:
    data = Data(load(estate(tmp_path, 2026, 12_000)), tmp_path)
    bare = create(data, open_state(tmp_path / "state.db"), demo=True)
    shown = words(ask(bare, path))
    assert "broken" not in shown
    assert any(
        hint in shown for hint in ("jauge inventory import", "Nothing was imported yet", "No scenario yet")
    )
    assert not (tmp_path / "renewal").exists()


def test_the_plan_says_what_is_missing_where_the_estate_declares_no_offer(tmp_path: Path) -> None:
    state, today = open_state(tmp_path / "state.db"), dt.datetime.now(dt.UTC).date()
    _import(state, tmp_path, fleet(9, today), today)
    data = Data(load(estate(tmp_path, today.year, 1, planned=False)), tmp_path)
    bare = create(data, state, demo=True)
    assert "offers:" in words(ask(bare, "/renewal"))
    assert "care: true" in words(ask(bare, "/workstations/care"))
    assert "What if?" not in words(ask(bare, "/scenarios"))
    assert all("broken" not in words(ask(bare, path)) for path in PATHS)


def test_deadlines_count_what_the_file_says_on_the_day_that_is_asked(app: Dash, planned: Data) -> None:
    """Windows 10 22H2 ended on 14 October 2025; Windows 11 25H2 Pro ends on 12 October 2027: see the makers' pages."""
    old = sum(number % 3 == 0 for number in range(COUNT))
    shown = words(ask(app, "/workstations/deadlines", "?on=2027-01-31&what=workstations"))
    assert f"{old} of {COUNT} are out of support" in shown
    later = words(ask(app, "/workstations/deadlines", "?on=2028-01-31&what=workstations"))
    assert f"{COUNT} of {COUNT} are out of support" in later
    before = words(ask(app, "/workstations/deadlines", "?on=2025-10-14&what=workstations"))
    assert f"0 of {COUNT} are out of support" in before


@pytest.mark.parametrize(
    ("day", "ended"), [("2025-10-14", 0), ("2027-01-31", (COUNT + 2) // 3), ("2028-01-31", COUNT)]
)
def test_the_export_of_deadlines_is_of_the_day_that_is_shown(app: Dash, day: str, ended: int) -> None:
    """Every third runs Windows 10 22H2, which ended on 14 October 2025, the others Windows 11 25H2 Pro: 12 October 2027."""
    page = json.dumps(ask(app, "/workstations/deadlines", f"?on={day}").json)
    assert re.search(rf"/workstations/export\?(form=json&on={day}|on={day}&form=json)\"", page)
    client = app.server.test_client()
    answer = client.get(f"/workstations/export?form=json&on={day}", headers=HEADERS)
    assert f"jauge-workstations-{day}.json" in answer.headers["Content-Disposition"]
    assert answer.json["day"] == day
    assert sum(one["support"] == "ended" for one in answer.json["workstations"]) == ended
    for form in ("csv", "xlsx"):
        other = client.get(f"/workstations/export?form={form}&on={day}", headers=HEADERS)
        assert other.status_code == 200
        assert f"-{day}.{form}" in other.headers["Content-Disposition"]


@pytest.mark.parametrize("day", ["", "2027-02-30", "9999-12-31", "0000-01-01"])
def test_an_export_of_no_day_is_refused(app: Dash, day: str) -> None:
    answer = app.server.test_client().get(f"/workstations/export?form=csv&on={day}", headers=HEADERS)
    assert answer.status_code == 404


@pytest.mark.parametrize("day", ["2027-02-30", "tomorrow", "20270131", "<script>", "9999-12-31"])
def test_a_day_that_is_none_is_told_and_today_is_shown(app: Dash, day: str) -> None:
    assert "That is no day" in words(ask(app, "/workstations/deadlines", f"?on={quote(day)}"))


def test_those_in_care_come_first(app: Dash) -> None:
    shown = words(ask(app, "/workstations/deadlines", "?on=2027-01-31"))
    listed = shown[shown.index("One by one") :]
    assert listed.index("in care") < listed.index("Bureaux")


def test_hostile_cells_are_text_without_marks_that_turn_it_round(app: Dash) -> None:
    answer = ask(app, "/workstations/deadlines", "?state=supported")
    assert "<img src=x onerror=alert(1)>" in words(answer)
    assert "\u202e" not in words(answer)


def test_the_plan_keeps_to_its_caps_and_shows_the_money_of_its_document(app: Dash, planned: Data) -> None:
    issued = planned.renewal()
    assert issued is not None
    assert not issued.stale
    money = [one for one in issued.content["money"] if not one["purse"]]
    assert all(one["spent"] <= one["budget"] + 0.005 for one in money)
    shown = words(ask(app, "/renewal"))
    en = Texts("en", planned.zone)
    assert all(en.money(one["spent"], "EUR") in shown for one in money)
    for line, title in (
        ("purchases", "Machines, installed"), ("spent", "Ordered in all"), ("support", "Support after the warranty"),
        ("repairs", "Failures to expect"), ("licences", "Licences of editions"), ("updates", "Paid updates (ESU)"), ("total", "Total"),
    ):  # fmt: skip
        each = [one[line] for one in issued.content["costs"]]
        assert (title in shown) == any(each), title
        assert not any(each) or all(en.money(one, "EUR") in shown for one in (*each, sum(each))), title
    assert sum(one["machines"] for one in issued.content["waves"]) >= 30
    assert "Proven" in shown or "proven" in shown
    late = len(issued.content["overdue"])
    assert (f"{late} machines stay" in shown) if late > 1 else True


def test_the_runway_leads_to_the_plan_for_what_it_cannot_keep(tmp_path: Path) -> None:
    state, today = open_state(tmp_path / "state.db"), dt.datetime.now(dt.UTC).date()
    _import(state, tmp_path, fleet(COUNT, today), today)
    data = Data(load(estate(tmp_path, today.year, 100)), tmp_path)  # which buys none
    assert issuing.issue(state, data.estate, tmp_path, data.clock())
    answer = ask(create(data, state, demo=True), "/runway")
    links = re.findall(r'"href":"([^"]*)","id":\{"link":"wall', answer.text.replace("\\u002f", "/"))
    assert (
        links == ["/renewal"] * 3
    )  # two classes whose deadlines cannot be kept, and the year that is short of money
    assert "with the money and hands there are" in words(answer)


def test_purchases_that_read_the_same_are_one_row_and_no_machine_is_lost() -> None:
    one = {
        "quarter": "2027-01-01", "ordered": "2026-11-26", "year": 2026, "maker": "HP", "model": "G5", "use": "bloc", "site": "Nord",
        "offer": "pc", "why": "age", "again": False, "told": "They reach 5 years.", "machines": 2, "money": 1200.0,
    }  # fmt: skip
    rows = [
        one,
        {**one, "machines": 3, "money": 1800.0},
        {**one, "told": "Moved.", "machines": 4, "money": 2400.0},
    ]
    assert [(row["machines"], row["money"], row["told"]) for row in renewal.together(rows)] == [
        (5, 3000.0, "They reach 5 years."), (4, 2400.0, "Moved."),
    ]  # fmt: skip
    assert (one["machines"], one["money"]) == (2, 1200.0), "the plan itself is as it was"


def test_the_curve_stands_as_a_table_and_a_sentence(app: Dash, planned: Data) -> None:
    issued = planned.curve()
    assert issued is not None
    shown = words(ask(app, "/renewal"))
    assert "each €50,000 spares" in shown
    now, after = issued.content[4], issued.content[5]
    assert (now["share"], after["share"]) == (0.0, 0.1)
    each = (now["late"] - after["late"]) / ((after["budget"] - now["budget"]) / 50_000)
    assert f"spares {Texts('en', planned.zone).number(each, 1)} machines" in shown


def test_a_plan_is_old_once_something_is_decided_and_says_when_it_was_made(
    planned: Data, tmp_path: Path
) -> None:
    state = open_state(tmp_path / "state.db")
    today = planned.today
    _import(state, tmp_path, fleet(12, today), today)
    found = Data(load(estate(tmp_path, today.year, 12_000)), tmp_path)
    assert issuing.issue(state, found.estate, tmp_path, found.clock())
    assert not issuing.issue(state, found.estate, tmp_path, found.clock()), "nothing has changed"
    text_of = json.dumps(
        preparing.scenario(
            {"kind": "budget", "number": "-20", "year": str(today.year)}, today, Texts("en", planned.zone)
        )
    )
    scenarios.save(state, revive(text_of), text_of, "tests", found.clock())
    assert not issuing.issue(state, found.estate, tmp_path, found.clock()), (
        "what is only saved changes no plan"
    )
    saved = scenarios.listed(state)[0]
    scenarios.commit(state, saved, {}, "tests", "why", found.clock())
    assert issuing.issue(state, found.estate, tmp_path, found.clock())
    kept = issuing.read(tmp_path, issuing.PLAN)
    assert kept is not None
    budgets = {one["budget"] for one in kept.content["money"] if not one["purse"]}
    assert budgets == {9_600.0}


def test_a_prepared_cut_is_saved_computed_and_held_against_the_plan(planned: Data) -> None:
    state = open_state(planned.folder / "state.db")
    server = create(planned, state, demo=True).server.test_client()
    answer = server.post(
        "/scenarios/prepare",
        data={"kind": "budget", "number": "-20", "year": str(planned.today.year)},
        headers=HEADERS,
    )
    assert answer.status_code == 303
    name = answer.headers["Location"].partition("name=")[2]
    assert issuing.issue(
        state, planned.estate, planned.folder, planned.clock(), issuing.case(name)
    ) or planned.beside(scenarios.find(state, name))
    kept = issuing.read(planned.folder, issuing.case(name))
    while kept is None:  # the page's own process was first
        kept = issuing.read(planned.folder, issuing.case(name))
    for before, after in zip(kept.content["without"]["years"], kept.content["with"]["years"], strict=True):
        assert after["budget"] == pytest.approx(0.8 * before["budget"])
    assert kept.content["with"]["overdue"] >= kept.content["without"]["overdue"]
    assert kept.content["expected"]  # what is frozen of a decision
    assert USER not in json.dumps(kept.content)
    page = create(planned, state, demo=True)
    shown = words(ask(page, "/scenarios", f"?name={name}"))
    assert "What it changes in the renewal plan" in shown
    assert "-20%" in shown or "20 %" in shown


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "budget", "number": "-120", "year": "2027"}, {"kind": "budget", "number": "x", "year": "2027"},
        {"kind": "nothing", "number": "1", "year": "2027"}, {"kind": "age", "number": "1", "year": "1999"},
        {"kind": "age", "number": "nan", "year": "2027"}, {"kind": "updates", "number": "inf", "year": "2027"}, {},
        {"kind": "budget", "number": "1", "year": "20271"}, {"kind": "budget", "number": "1", "year": "02027"},
        {"kind": "desktops", "number": "450", "year": "2027", "running": "-1"},
        {"kind": "desktops", "number": "450", "year": "2027", "running": "nan"},
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_makes_no_scenario(form: dict[str, str]) -> None:
    with pytest.raises(ScenarioError):
        preparing.scenario(form, dt.date(2026, 11, 26), Texts("en", ZoneInfo("Europe/Paris")))


def test_a_number_that_may_be_one_of_two_makes_no_scenario() -> None:
    form = {"kind": "updates", "number": "1,500", "year": "2027"}
    with pytest.raises(AmbiguousError, match=r"1500 or 1\.5"):
        preparing.scenario(form, dt.date(2026, 11, 26), Texts("fr", ZoneInfo("Europe/Paris")))


@pytest.mark.parametrize(
    ("form", "name", "en", "fr"),
    [
        ({"kind": "desktops", "number": "450", "running": "0"}, "desktops-450-2027",
         "Virtual desktops at 450 from 2027", "Bureaux virtuels à 450 dès 2027"),
        ({"kind": "desktops", "number": "450", "running": "120,50"}, "desktops-450-running-120.5-2027",
         "Virtual desktops at 450 from 2027, 120.5 a year each", "Bureaux virtuels à 450 dès 2027, 120,5 par an chacun"),
        ({"kind": "age", "number": "1.25", "use": "a..b"}, "age-1.25-2027-a..b",
         "Age limits 1.25 years higher from 2027", "Limites d'âge relevées dès 2027 (années de plus : 1,25)"),
        ({"kind": "age", "number": "-1", "use": "a--b"}, "age-minus-1-2027-a--b",
         "Age limits 1 years lower from 2027", "Limites d'âge abaissées dès 2027 (années de moins : 1)"),
        ({"kind": "edition", "number": "12345.67"}, "edition-12345.67-2027",
         "Long-term edition at 12,345.67 from 2027", "Édition à long terme à 12 345,67 dès 2027"),
        ({"kind": "edition", "number": "12\u202f345,5"}, "edition-12345.5-2027",
         "Long-term edition at 12,345.5 from 2027", "Édition à long terme à 12 345,5 dès 2027"),
    ],
)  # fmt: skip
def test_the_name_and_title_of_a_prepared_change_hold_all_its_numbers(
    form: dict[str, str], name: str, en: str, fr: str
) -> None:
    for language, title in (("en", en), ("fr", fr)):
        made = preparing.scenario(
            {**form, "year": "2027"},
            dt.date(2026, 11, 26),
            Texts(language, ZoneInfo("Europe/Paris")),  # type: ignore[arg-type]
        )
        assert made["name"] == name
        assert re.sub(r"\s", " ", made["title"]) == title
        assert revive(json.dumps(made)).name == name


@pytest.mark.parametrize("kind", [one.kind for one in preparing.PREPARED])
def test_each_prepared_change_is_a_scenario_that_can_be_read(planned: Data, kind: str) -> None:
    known = next(one for one in preparing.PREPARED if one.kind == kind)
    form = {"kind": kind, "number": f"{known.number:g}", "year": "2027", "use": "bloc", "running": "120"}
    made = revive(json.dumps(preparing.scenario(form, dt.date(2026, 11, 26), Texts("fr", planned.zone))))
    assert made.changes[0].start == dt.date(2027, 1, 1)
    assert made.title


def _unpacked(content: bytes) -> bytes:
    """What a file holds, of a workbook in all its parts."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(map(book.read, book.namelist()))


def _packed(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("a part", content * 9)
    assert content * 2 not in file.getvalue()
    return file.getvalue()


def _beside(folder: Path) -> bytes:
    log = folder / "state.db-wal"
    return log.read_bytes() if log.exists() else b""


def test_the_exports_hold_the_plan_and_no_formula_and_no_user(app: Dash, planned: Data) -> None:
    client, named = app.server.test_client(), USER.encode()
    assert named in _unpacked(_packed(named))
    for path in ("/renewal/export", "/workstations/export"):
        for form in ("xlsx", "csv", "json"):
            answer = client.get(f"{path}?form={form}", headers=HEADERS)
            assert answer.status_code == 200
            assert f".{form}" in answer.headers["Content-Disposition"]
            assert named not in _unpacked(answer.data)
    assert named in (planned.folder / "state.db").read_bytes() + _beside(
        planned.folder
    )  # it was there all the while
    assert (
        holds(planned.folder, [USER], ["state.db", "state.db-wal"]) == set()
    )  # nor in the plans that are kept
    book = openpyxl.load_workbook(io.BytesIO(client.get("/renewal/export?form=xlsx", headers=HEADERS).data))
    issued = planned.renewal()
    assert issued is not None
    bought = sum(one["machines"] for one in issued.content["waves"])
    sheet = book["Purchases"]
    column = [cell.value for cell in sheet[1]].index("Workstations (number)")
    assert sum(one[column] for one in sheet.iter_rows(min_row=2, values_only=True)) == bought
    assert all(cell.data_type != "f" for one in book for cells in one.iter_rows() for cell in cells)
    assert client.get("/renewal/export?form=exe", headers=HEADERS).status_code == 404


@pytest.mark.parametrize("path", ["/renewal/export", "/workstations/export"])
def test_a_workbook_from_a_french_page_writes_days_and_units_as_french_does(app: Dash, path: str) -> None:
    answer = app.server.test_client().get(f"{path}?form=xlsx", headers={**HEADERS, "Accept-Language": "fr"})
    book = openpyxl.load_workbook(io.BytesIO(answer.data), read_only=True)
    formats = {
        cell.number_format for sheet in book for row in sheet.iter_rows() for cell in row if cell.value
    }
    assert "[$-40C]d mmm yyyy" in formats
    assert not any("yyyy-mm-dd" in one or '" GB"' in one for one in formats)


def test_a_fleet_of_ten_thousand_sends_no_more_rows_than_a_page_shows(tmp_path: Path) -> None:
    state, today = open_state(tmp_path / "state.db"), dt.datetime.now(dt.UTC).date()
    _import(state, tmp_path, [row(number, today) for number in range(10_000)], today)
    data = Data(load(estate(tmp_path, today.year, 12_000, planned=False)), tmp_path)
    large = create(data, state, demo=True)
    for path in ("/workstations", "/workstations/deadlines", "/workstations/fitness"):
        answer = ask(large, path)
        assert len(answer.data) < 200_000, path
        assert len(set(re.findall(r"PC-\d{4}", answer.text))) <= 100
    second = words(ask(large, "/workstations/deadlines", "?page=2"))
    assert "51 to 100 of" in second.replace("\u00a0", " ")
    assert "51 to 100" not in words(ask(large, "/workstations/deadlines", "?page=99999999999999999999"))


# --- imports ------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(tmp_path: Path) -> tuple[Dash, State]:
    """A server with a login, a manager and an operator; nothing was imported."""
    state = open_state(tmp_path / "state.db")
    for name, role in (("mana", "manager"), ("oper", "operator")):
        users.add(state, name, role, PASSWORD)
    data = Data(load(estate(tmp_path, dt.datetime.now(dt.UTC).year, 12_000, planned=False)), tmp_path)
    return create(data, state), state


def _login(app: Dash, name: str) -> FlaskClient:
    client = app.server.test_client()
    client.post("/login", data={"name": name, "password": PASSWORD}, headers=HEADERS)
    return client


def _send(
    client: FlaskClient,
    name: str,
    content: bytes,
    search: str = "",
    stamp: str | None = None,
    form: dict[str, str] | None = None,
) -> dict[str, object] | int:
    """What the browser sends when a file was chosen, or (with a form) what it is was said, or (with a stamp) it was confirmed."""
    values = {
        "import-file.contents": "data:text/csv;base64," + base64.b64encode(content).decode(), "import-file.filename": name,
        "import-form.data": form, "import-said.data": form, "import-stamp.data": stamp, "import-confirm.n_clicks": 1,
        "url.search": search,
    }  # fmt: skip
    first = "..import-shown.children." if stamp is None else "..import-done.children...import-shown"
    asks = "import-form.data" if form and stamp is None else "import-file.contents"
    return _ask(client, first, values, asks if stamp is None else "import-confirm.n_clicks")


def _ask(client: FlaskClient, first: str, values: dict[str, object], changed: str) -> dict[str, object] | int:
    """What the browser sends to the callback whose outputs begin so."""
    dependencies = client.get("/_dash-dependencies", headers=HEADERS).json
    found = next(one for one in dependencies if one["output"].startswith(first))
    places = [place.partition(".") for place in found["output"].strip(".").split("...")]

    def told(kind: str) -> list[dict[str, object]]:
        return [{**one, "value": values[f"{one['id']}.{one['property']}"]} for one in found[kind]]

    body = {
        "output": found["output"],
        "outputs": [{"id": name, "property": part} for name, _, part in places],
        "inputs": told("inputs"), "state": told("state"), "changedPropIds": [changed],
    }  # fmt: skip
    answer = client.post("/_dash-update-component", json=body, headers=HEADERS)
    return answer.json["response"] if answer.status_code == 200 else answer.status_code


def test_a_manager_sees_what_a_file_changes_and_confirms_it(guarded: tuple[Dash, State]) -> None:
    app, state = guarded
    client, today = _login(app, "mana"), dt.datetime.now(dt.UTC).date()
    content = text(fleet(30, today)).encode()
    shown = _send(client, "../../etc/parc \u202e2026.csv", content)
    assert isinstance(shown, dict)
    assert snapshots.latest(state) is None, "nothing is kept before somebody confirms"
    stamp = shown["import-stamp"]["data"]
    assert '"30"' in json.dumps(shown["import-shown"])
    kept = _send(client, "../../etc/parc \u202e2026.csv", content, stamp=stamp)
    assert "30 new" in json.dumps(kept)
    latest = snapshots.latest(state)
    assert latest is not None
    assert len(latest.workstations) == 30
    assert latest.who == "mana"
    assert "/" not in latest.file
    assert "\u202e" not in latest.file
    assert all(one.user is None for one in latest.workstations)
    told = [one for one in audit.entries(state) if one.action == "workstations imported"]
    assert [one.who for one in told] == ["mana"]


def test_a_file_that_several_sources_fit_is_imported_as_the_one_that_somebody_chose(
    guarded: tuple[Dash, State],
) -> None:
    app, state = guarded
    client = _login(app, "mana")
    content = b"Name,Operating System\nPC-1,Windows 10 Pro\nSRV1,Windows Server 2019 Standard\n"
    asked = _send(client, "park.csv", content)
    assert isinstance(asked, dict)
    page = json.dumps(asked["import-shown"])
    assert "which rows they leave out" in page
    assert asked["import-stamp"] == {"data": None}, "there is nothing to confirm"
    form = {"source": "ocs"}
    shown = _send(client, "park.csv", content, form=form)
    assert isinstance(shown, dict)
    stamp = shown["import-stamp"]["data"]
    assert "somebody imported" in json.dumps(
        _send(client, "park.csv", content, stamp=stamp, form={"source": "glpi"})
    ), "what was shown is kept, and nothing else"
    _send(client, "park.csv", content, stamp=stamp, form=form)
    latest = snapshots.latest(state)
    assert latest is not None
    assert [one.name for one in latest.workstations] == ["PC-1"]


def test_a_file_that_no_source_fits_is_imported_by_what_its_columns_are_said_to_be(
    guarded: tuple[Dash, State],
) -> None:
    app, state = guarded
    client = _login(app, "mana")
    content = b"Poste;SN;Qui;Dispo\nP1;N1;Martin Dupont;au grenier\n"
    assert '"title.3"' in json.dumps(_send(client, "own.csv", content))
    form = {"source": "own", "title.0": "name", "title.1": "name", "title.2": "user", "title.3": "state"}
    asked = json.dumps(_send(client, "own.csv", content, form=form))
    assert "say the same: leave one out" in asked
    assert "import-confirm" not in asked
    form |= {
        "title.1": "serial",
        "word.au grenier": "stock",
        "title.99": "x",
        "dates": "serial",
        "word.": "used",
    }
    shown = _send(client, "own.csv", content, form=form)
    assert isinstance(shown, dict)
    assert "Dupont" not in json.dumps(shown)
    _send(client, "own.csv", content, stamp=shown["import-stamp"]["data"], form=form)
    latest = snapshots.latest(state)
    assert latest is not None
    (one,) = latest.workstations
    assert (one.name, one.serial, one.state, one.user) == ("P1", "N1", "stock", None)


@given(
    form=st.dictionaries(st.text(max_size=12), st.text(max_size=12) | st.integers() | st.none()) | st.text()
)
def test_a_form_that_a_browser_made_up_says_what_may_be_said_or_nothing(form: object) -> None:
    told = taking.said(form)
    assert told.source in ("", taking.OWN, *source.shipped())
    assert set(told.fields.values()) <= set(source.FIELDS)
    assert set(told.states.values()) <= set(taking.STATES)


def test_a_list_of_processors_is_shown_and_kept_with_who_did_it(guarded: tuple[Dash, State]) -> None:
    app, state = guarded
    client = _login(app, "mana")
    content = b"Manufacturer,Brand,Model,Supported\nIntel,Core,i5-13500T,Yes\nIntel,Core,i3-7100,No\n"
    values: dict[str, object] = {
        "list-file.contents": "data:text/csv;base64," + base64.b64encode(content).decode(), "list-file.filename": "intel.csv",
        "list-confirm.n_clicks": 1,
    }  # fmt: skip
    shown = _ask(client, "..list-shown", values, "list-file.contents")
    assert isinstance(shown, dict)
    assert processors.load(state) is None, "nothing is kept before somebody confirms"
    values["list-stamp.data"] = shown["list-stamp"]["data"]
    kept = json.dumps(_ask(client, "..list-done.children...list-shown", values, "list-confirm.n_clicks"))
    assert "Imported: 2 processors" in kept
    listed = processors.load(state)
    assert listed is not None
    assert (listed.supported, listed.unsupported) == ({"intel i5-13500t"}, {"intel i3-7100"})
    again = _ask(client, "..list-done.children...list-shown", values, "list-confirm.n_clicks")
    assert "somebody imported a list" in json.dumps(again)
    assert [one.who for one in audit.entries(state) if one.action == "processors imported"] == ["mana"]
    values["list-file.contents"] = "data:;base64," + base64.b64encode(b"PK\x03\x04\0\0").decode()
    assert "no text" in json.dumps(_ask(client, "..list-shown", values, "list-file.contents"))
    assert _ask(_login(app, "oper"), "..list-shown", values, "list-file.contents") == 403


def test_rows_that_are_refused_keep_everything_out_and_are_told_with_line_and_column(
    guarded: tuple[Dash, State],
) -> None:
    app, state = guarded
    client, today = _login(app, "mana"), dt.datetime.now(dt.UTC).date()
    rows = fleet(10, today)
    rows[4][0] = rows[4][6] = ""
    content = text(rows).encode()
    shown = _send(client, "parc.csv", content)
    assert isinstance(shown, dict)
    page = json.dumps(shown["import-shown"])
    assert "import-confirm" not in page
    assert '"6"' in page, "the fifth machine stands in line 6"
    assert "Nothing was imported" in json.dumps(
        _send(client, "parc.csv", content, stamp=shown["import-stamp"]["data"])
    )
    assert snapshots.latest(state) is None


def test_a_file_that_somebody_overtook_is_not_kept(guarded: tuple[Dash, State], tmp_path: Path) -> None:
    app, state = guarded
    client, today = _login(app, "mana"), dt.datetime.now(dt.UTC).date()
    content = text(fleet(10, today)).encode()
    shown = _send(client, "parc.csv", content)
    assert isinstance(shown, dict)
    _import(state, tmp_path, fleet(3, today), today)
    answer = _send(client, "parc.csv", content, stamp=shown["import-stamp"]["data"])
    assert isinstance(answer, dict)
    assert "somebody imported" in json.dumps(answer)
    assert answer["import-file"] == {"contents": None}, "the same file can be chosen again"
    assert answer["import-shown"] == {"children": []}, "and the old preview cannot be confirmed again"
    latest = snapshots.latest(state)
    assert latest is not None
    assert len(latest.workstations) == 3


def test_a_part_completes_what_is_known_and_ends_nothing(guarded: tuple[Dash, State], tmp_path: Path) -> None:
    app, state = guarded
    client, today = _login(app, "mana"), dt.datetime.now(dt.UTC).date()
    _import(state, tmp_path, fleet(6, today), today)
    content = text([row(40, today)]).encode()
    shown = _send(client, "more.csv", content, "?mode=part")
    assert isinstance(shown, dict)
    _send(client, "more.csv", content, "?mode=part", stamp=shown["import-stamp"]["data"])
    latest = snapshots.latest(state)
    assert latest is not None
    assert len(latest.workstations) == 7


def test_of_two_managers_with_the_same_file_the_second_confirms_that_nothing_changes(
    guarded: tuple[Dash, State],
) -> None:
    app, state = guarded
    users.add(state, "second", "manager", PASSWORD)
    content = text(fleet(10, dt.datetime.now(dt.UTC).date())).encode()
    clients = [_login(app, name) for name in ("mana", "second")]
    stamps = []
    for client in clients:
        shown = _send(client, "parc.csv", content)
        assert isinstance(shown, dict)
        stamps.append(shown["import-stamp"]["data"])
    assert "10 new" in json.dumps(_send(clients[0], "parc.csv", content, stamp=stamps[0]))
    assert "somebody imported" in json.dumps(_send(clients[1], "parc.csv", content, stamp=stamps[1]))
    assert "somebody imported" in json.dumps(_send(clients[0], "parc.csv", content, stamp=stamps[0])), "back"
    shown = _send(clients[1], "parc.csv", content)
    assert isinstance(shown, dict)
    assert "It changes nothing. Import it all the same" in json.dumps(shown["import-shown"])
    _send(clients[1], "parc.csv", content, stamp=shown["import-stamp"]["data"])
    assert [count for *_, count in snapshots.history(state)] == [10, 10]
    assert sorted(one.who for one in audit.entries(state) if one.action == "workstations imported") == [
        "mana", "second",
    ]  # fmt: skip


def test_a_server_without_room_says_so_and_not_where(
    guarded: tuple[Dash, State], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_name: str) -> int:
        raise OSError(errno.ENOMEM, "Cannot allocate memory", str(tmp_path))

    monkeypatch.setattr(os, "memfd_create", full)
    answer = json.dumps(_send(_login(guarded[0], "mana"), "parc.csv", b"Name\nA\n"))
    assert "there is no room on the server to read it" in answer
    assert str(tmp_path) not in answer


def test_whoever_is_no_manager_imports_nothing(guarded: tuple[Dash, State]) -> None:
    app, state = guarded
    users.add(state, "view", "viewer", PASSWORD)
    assert _send(_login(app, "view"), "parc.csv", b"x") == 403
    assert _send(_login(app, "view"), "parc.csv", b"x", stamp="any") == 403
    client = _login(app, "oper")
    assert _send(client, "parc.csv", text(fleet(3, dt.date(2026, 1, 1))).encode()) == 403
    assert _send(client, "parc.csv", b"x", stamp="any") == 403
    assert "import-file" not in ask(app, "/workstations/import", client=client).text
    assert client.post("/scenarios/prepare", data={"kind": "budget"}, headers=HEADERS).status_code == 403
    assert snapshots.latest(state) is None


def test_another_site_cannot_import_for_a_manager(guarded: tuple[Dash, State]) -> None:
    app, _ = guarded
    client = _login(app, "mana")
    answer = client.post(
        "/_dash-update-component", json={}, headers={"Host": "localhost", "Origin": "http://evil.example"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04 no workbook", "é;à\n1;2".encode("utf-16"), b"a;b\n" * 50]
)
def test_what_is_no_inventory_is_told_without_a_path_of_this_machine(
    guarded: tuple[Dash, State], content: bytes
) -> None:
    app, _ = guarded
    answer = json.dumps(_send(_login(app, "mana"), "strange.csv", content))
    assert "Nothing was imported" in answer
    assert "/tmp" not in answer
    assert "jauge-import" not in answer


def _zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def _odd_files() -> dict[str, tuple[bytes, str, str]]:
    """Files that somebody sends by mistake or out of malice, and words of what is said of each, English and French."""
    png = (Path(__file__).parents[2] / "docs" / "images" / "import.png").read_bytes()
    stream = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n4 0 obj\n<</Filter /FlateDecode /Length 40>> stream\n"
    return {
        "parc.pdf": (stream + zlib.compress(b"BT (Nom;N) Tj ET"), "is a PDF file and no table", "un fichier PDF et non un tableau"),
        "parc.png": (png, "is a PNG file and no table", "un fichier PNG et non un tableau"),
        "parc.csv.gz": (gzip.compress(b"Name;Serial number\n"), "is a gzip file", "un fichier gzip"),
        "bomb.xlsx": (_zipped("xl/workbook.xml", b"\0" * 200_000_000), "times its size", "fois sa taille"),
        "photos.zip": (_zipped("photos/1.txt", b"hello"), "no spreadsheet", "pas un classeur"),
        "parc.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "Excel 2003 or before", "Excel 2003 ou d'avant"),
        "setup.exe": (b"MZ" + bytes(range(256)) * 8, "is no text", "n'est pas du texte"),
        "empty.csv": (b"", "it is empty", "il est vide"),
        "blank.csv": (b"\xef\xbb\xbf\n \n", "no column title is known", "aucun titre de colonne n'est connu"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "nothing"), [(1, "Nothing was imported"), (2, "Rien n'a été importé")], ids=["en", "fr"]
)
def test_a_file_that_is_no_inventory_is_refused_in_words_and_costs_nothing_that_was_imported(
    guarded: tuple[Dash, State], place: int, nothing: str
) -> None:
    app, state = guarded
    client, today = _login(app, "mana"), dt.datetime.now(dt.UTC).date()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = ("en", "fr")[place - 1]
    content = text(fleet(30, today)).encode()
    shown = _send(client, "parc.csv", content)
    assert isinstance(shown, dict)
    assert isinstance(_send(client, "parc.csv", content, stamp=shown["import-stamp"]["data"]), dict)
    before = snapshots.latest(state)
    assert before is not None
    for name, (odd, *said) in _odd_files().items():
        answer = _send(client, name, odd)
        assert isinstance(answer, dict), (name, answer)
        told = json.dumps(answer, ensure_ascii=False).replace("\u00a0", " ").replace("\u202f", " ")
        assert nothing in told, name
        assert f"{name}" in told
        assert said[place - 1] in told, told
        assert answer["import-stamp"]["data"] is None
    assert snapshots.latest(state) == before


def test_a_file_that_is_too_large_is_refused(guarded: tuple[Dash, State]) -> None:
    app, _ = guarded
    client = _login(app, "mana")
    assert "larger than" in json.dumps(_send(client, "large.csv", b"x" * (taking.LARGEST + 1)))
    assert _send(client, "endless.csv", b"x" * (taking.LARGEST_REQUEST + 1)) == 413


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_that_is_sent_is_never_on_the_disk_even_where_the_program_is_killed_while_it_reads(
    guarded: tuple[Dash, State], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    _, state = guarded
    rows = [["Name", "Serial number", "User"], *([f"PC-{n}", f"S{n}", "Canari Paul"] for n in range(50))]
    content = "\n".join(map(";".join, rows)).encode()
    if form == "xlsx":
        book, file = openpyxl.Workbook(write_only=True), io.BytesIO()
        sheet = book.create_sheet()
        for each in rows:
            sheet.append(each)
        book.save(file)
        content = file.getvalue()
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    monkeypatch.setenv("SQLITE_TMPDIR", str(place))
    today = dt.date(2026, 11, 26)
    assert taking.show(state, "park", content, today, supplement=False).counts["new"] == 50
    step, killed, reads = 0, True, 0
    while killed:
        killed = killed_at(step, lambda: taking.show(state, "park", content, today, supplement=False))
        assert holds(place, ["Canari Paul", "PC-49"]) == set()
        assert list(place.iterdir()) == []
        step, reads = step + 5, reads + 1
    assert reads > 10


def test_a_refused_file_leaves_nothing_of_its_rows_in_the_log(
    guarded: tuple[Dash, State], capfd: pytest.CaptureFixture[str]
) -> None:
    app, _ = guarded
    content = b"Name;Serial number;User;Date of purchase\nPC-1;S1;;Canari Paul\nPC-2;S2;Canari Paul;\n"
    client = _login(app, "mana")
    shown = _send(client, "canari.csv", content)
    assert isinstance(shown, dict)
    answer = json.dumps(_send(client, "canari.csv", content, stamp=shown["import-stamp"]["data"]))
    assert "Nothing was imported" in answer
    said = capfd.readouterr()
    assert "import refused" in said.err + said.out
    assert "anari" not in said.err + said.out + json.dumps(shown["import-shown"]).replace("canari.csv", "")


def test_hostile_cells_of_a_file_are_shown_as_text(guarded: tuple[Dash, State]) -> None:
    app, _ = guarded
    rows = fleet(3, dt.date(2026, 1, 1))
    rows[2][0] = HOSTILE
    answer = json.dumps(_send(_login(app, "mana"), "parc.csv", text(rows).encode()), ensure_ascii=False)
    assert "onerror" in answer
    assert "\u202e" not in answer


def test_the_night_makes_the_plan_its_curve_and_every_scenario_that_is_not_withdrawn(tmp_path: Path) -> None:
    state, today = open_state(tmp_path / "state.db"), dt.datetime.now(dt.UTC).date()
    _import(state, tmp_path, fleet(9, today), today)
    data = Data(load(estate(tmp_path, today.year, 3_000)), tmp_path)
    made = preparing.scenario(
        {"kind": "age", "number": "1", "year": str(today.year)}, today, Texts("en", data.zone)
    )
    kept = json.dumps(made)
    scenarios.save(state, revive(kept), kept, "tests", data.clock())
    issuing.night(state, data.estate, tmp_path, data.clock())
    for piece in (issuing.LIVES, issuing.PLAN, issuing.CURVE, issuing.case(made["name"])):
        found = issuing.read(tmp_path, piece)
        assert found is not None
        assert found.content
    assert oct((tmp_path / "renewal").stat().st_mode)[-3:] == "700"
    files = list((tmp_path / "renewal").glob("*.json"))
    assert len(files) == 4, "lives, the plan, its curve and the scenario"
    assert all(oct(file.stat().st_mode)[-3:] == "600" for file in files)


@pytest.fixture
def unread(tmp_path: Path) -> Data:
    """A fleet whose committed scenario was written by another program."""
    state, today = open_state(tmp_path / "state.db"), dt.datetime.now(dt.UTC).date()
    _import(state, tmp_path, fleet(9, today), today)
    data = Data(load(estate(tmp_path, today.year, 3_000)), tmp_path)
    form = {"kind": "budget", "number": "-20", "year": str(today.year)}
    made = {**preparing.scenario(form, today, Texts("en", data.zone)), "name": "cut"}
    row_of = ("cut", "Cut", json.dumps({**made, "changes": [{"kind": "x"}]}), data.clock(), "tests")
    with state.write() as connection:
        connection.execute("INSERT INTO scenario VALUES (NULL, ?, ?, ?, ?, ?)", row_of)
    scenarios.commit(state, scenarios.need(state, "cut"), {}, "tests", "why", data.clock())
    for name, role in (("mana", "manager"), ("oper", "operator")):
        users.add(state, name, role, PASSWORD)
    return data


def test_a_committed_scenario_that_cannot_be_read_is_told_by_its_name_and_can_be_withdrawn(
    unread: Data,
) -> None:
    state = State(unread.folder / "state.db")
    app = create(unread, state)
    client = _login(app, "mana")
    for issued in (unread.renewal(), unread.curve()):
        assert issued is not None
        assert issued[:3] == (None, None, False)
        assert issued.problem == ("scenario", {"name": "cut"})
    assert "The scenario cut is committed, and this version cannot read it any more" in words(
        ask(app, "/renewal", client=client)
    )
    assert client.get("/renewal/export?form=csv", headers=HEADERS).status_code == 404
    assert '"value":"withdraw"' in ask(app, "/scenarios", "?name=cut", client=client).text
    client.post("/scenarios/decide?name=cut", data={"action": "withdraw", "why": "lost"}, headers=HEADERS)
    assert issuing.issue(state, unread.estate, unread.folder, unread.clock())
    issued = unread.renewal()
    assert issued is not None
    assert issued.content


def test_an_import_is_shown_as_kept_where_no_plan_can_follow(unread: Data) -> None:
    state = State(unread.folder / "state.db")
    client, content = _login(create(unread, state), "mana"), text(fleet(12, unread.today)).encode()
    shown = _send(client, "parc.csv", content)
    assert isinstance(shown, dict)
    kept = _send(client, "parc.csv", content, stamp=shown["import-stamp"]["data"])
    assert "3 new" in json.dumps(kept), "nine of twelve were known"
    latest = snapshots.latest(state)
    assert latest is not None
    assert len(latest.workstations) == 12


def test_a_plan_file_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    state, today = open_state(tmp_path / "state.db"), dt.datetime.now(dt.UTC).date()
    _import(state, tmp_path, fleet(6, today), today)
    data = Data(load(estate(tmp_path, today.year, 3_000)), tmp_path)
    assert issuing.issue(state, data.estate, tmp_path, data.clock())
    (file,) = (tmp_path / "renewal").glob("plan-*.json")
    file.write_text(file.read_text()[:50])
    assert issuing.read(tmp_path, issuing.PLAN) is None
    assert issuing.issue(state, data.estate, tmp_path, data.clock())
    assert issuing.read(tmp_path, issuing.PLAN) is not None


def test_each_form_of_a_prepared_change_sends_its_kind_its_number_and_its_year(app: Dash) -> None:
    page = ask(app, "/scenarios").text
    for one in preparing.PREPARED:
        assert f'"value":"{one.kind}"' in page
        assert f'"id":"prepared-{one.kind}"' in page
    assert page.count('"name":"number"') == len(preparing.PREPARED)
    assert page.count('"name":"year"') == len(preparing.PREPARED)


@pytest.mark.parametrize(("names", "left"), [("none", None), ("pseudonyms", "pseudonym")])
def test_an_import_from_a_page_lets_go_what_the_estate_lets_nobody_keep(
    tmp_path: Path, names: str, left: str | None
) -> None:
    place = tmp_path / "estate.yml"
    place.write_text(f"workstations: {{people: {{names: {names}, keep: 30d}}}}\n")
    (tmp_path / "data").mkdir()
    state = open_state(tmp_path / "data" / "state.db")
    now = dt.datetime.now(dt.UTC).timestamp()
    take(state, (now - START) / DAY - 60, used(1, "Canari Paul"), used(2, "Canari Paul"))
    take(state, (now - START) / DAY - 40, used(1, "Canari Paul"), used(2))
    key = need(People(), tmp_path)
    users.add(state, "mana", "manager", PASSWORD)
    client = _login(create(Data(Declared(load(place), place), state.path.parent), state, demo=False), "mana")
    content = b"Name;Serial number;Location\nPC-1;S1;north\nPC-2;S2;north\n"
    shown = _send(client, "park.csv", content)
    assert isinstance(shown, dict)
    assert "Imported" in json.dumps(_send(client, "park.csv", content, stamp=shown["import-stamp"]["data"]))
    assert holds(state.path.parent, ["Canari", "Paul"]) == set()
    known = {use.user for use in finding.find(state, ["Canari Paul"], key).uses}
    assert known == (set() if left is None else {key.pseudonym("Canari Paul")})


def test_a_page_makes_the_key_of_pseudonyms_where_none_was_ever_used(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")
    take(state, 0, used(1, "Canari Paul"))
    taking.let_go(state, People(names="pseudonyms"), tmp_path)
    assert (tmp_path / FILE).exists()
    assert holds(tmp_path, ["Canari", "Paul"]) == set()


def test_an_import_from_a_page_stands_where_what_is_too_old_cannot_be_let_go_and_the_log_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    state = open_state(tmp_path / "state.db")
    take(state, 0, used(1, "Canari Paul"))
    (tmp_path / FILE).write_text("a key that others may read, of more than 32")
    (tmp_path / FILE).chmod(0o644)
    taking.let_go(state, People(names="pseudonyms"), tmp_path)
    said = capfd.readouterr()
    assert "chmod 600" in said.out + said.err
    assert "Canari" not in said.out + said.err
