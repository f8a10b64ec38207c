"""The page of the committee: its file is made by a process of its own, and what was decided is recorded by whom it concerns."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import time
from pathlib import Path

import pytest
from asking import ask
from flask.testing import FlaskClient

from dashboard import meeting
from dashboard.access import users
from dashboard.app import create
from dashboard.data import Data
from dashboard.report import kept
from inventory.checking import load
from inventory.committee import FOLDER, File, Wish
from inventory.state import State, audit, committee, open_state

ORIGIN = {"Origin": "http://localhost"}
PASSWORD = "correct horse battery"


@pytest.fixture
def state(hospital: Path, tmp_path: Path) -> State:
    shutil.copytree(hospital, tmp_path / "data")
    made = open_state(tmp_path / "data" / "state.db")
    for role in ("viewer", "manager"):
        users.add(made, f"{role}-c", role, PASSWORD)
    return made


def client(state: State, role: str) -> FlaskClient:
    place = state.path.parent
    made = create(Data(load(place / "estate.yml"), place), state).server.test_client()
    assert (
        made.post("/login", data={"name": f"{role}-c", "password": PASSWORD}, headers=ORIGIN).status_code
        == 303
    )
    return made


def page(state: State, browser: FlaskClient, query: str = "") -> str:
    place = state.path.parent
    app = create(Data(load(place / "estate.yml"), place), state)
    told = ask(app, "/committee", query, client=browser).text
    return re.sub(r"\\u00([0-9a-f]{2})", lambda code: chr(int(code[1], 16)), told)


def asked(state: State) -> str:
    """The number of something that a file of a week ago asked for."""
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=7)
    wish = Wish(
        "nas",
        {"en": ("Order <b>shelves</b>", "It fills."), "fr": ("Commander", "Tout se remplit.")},
        None,
        4000.0,
    )
    return committee.keep(state, [wish], File(day, day - dt.timedelta(days=60)), "anna", time.time())[
        0
    ].number


def test_a_manager_makes_the_file_while_others_are_answered_and_fetches_it(state: State) -> None:
    browser, folder = client(state, "manager"), state.path.parent
    answer = browser.post("/committee/make", data={"language": "fr", "form": "pdf"}, headers=ORIGIN)
    assert (answer.status_code, answer.location) == (303, "/committee?done=ordered")
    assert "is being made" in page(state, browser)
    again = browser.post("/committee/make", data={"language": "fr", "form": "pdf"}, headers=ORIGIN)
    assert again.location == "/committee?refused=busy"
    end = time.monotonic() + 240
    while (found := kept.progress(folder)) is None or found.step != "done":
        assert found is None or found.step != "failed"
        assert time.monotonic() < end, found
        time.sleep(0.2)
    (made,) = kept.listed(folder)
    assert re.fullmatch(r"jauge-committee-\d{4}-\d\d-\d\d-fr\.pdf", made.name)
    assert (folder / "committee" / made.name).stat().st_mode & 0o077 == 0
    assert f"/committee/file?name={made.name}" in page(state, browser)
    fetched = browser.get(f"/committee/file?name={made.name}")
    assert fetched.data.startswith(b"%PDF")
    assert len(fetched.data) == made.size
    assert fetched.headers["Cache-Control"] == "no-store"
    assert client(state, "viewer").get(f"/committee/file?name={made.name}").status_code == 403
    (told,) = [one for one in audit.entries(state) if one.action == "committee's file ordered"]
    assert (told.who, told.detail) == ("manager-c", "fr: pdf")


def test_an_answer_is_recorded_with_who_recorded_it_and_shown(state: State) -> None:
    number, browser = asked(state), client(state, "manager")
    shown = page(state, browser, f"?answer={number}")
    assert f"Answer to {number}" in shown
    assert "Order <b>shelves</b>" in shown
    today = dt.datetime.now(dt.UTC).date()
    form = {
        "number": number,
        "outcome": "postponed",
        "until": (today + dt.timedelta(days=60)).isoformat(),
        "why": "after the tender",
        "who": "",
    }
    answer = browser.post("/committee/answer", data=form, headers=ORIGIN)
    assert answer.location == "/committee?done=answered"
    (question,) = committee.read(state).questions
    assert question.answer is not None
    assert (question.answer.outcome, question.answer.who, question.answer.why) == (
        "postponed",
        None,
        "after the tender",
    )
    assert "by the committee, until" in page(state, browser)
    told = audit.entries(state, 1)[0]
    assert (told.who, told.action) == ("manager-c", "decision postponed")


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"number": "D-2020-01-1"}, "number"),
        ({"outcome": "perhaps"}, "outcome"),
        ({"day": "2999-01-01"}, "day"),
        ({"day": "yesterday"}, "day"),
        ({"outcome": "postponed", "until": ""}, "until"),
        ({"why": " "}, "why"),
    ],
)
def test_a_form_that_says_too_little_records_nothing_and_says_why(
    changed: dict[str, str], refusal: str, state: State
) -> None:
    number, browser = asked(state), client(state, "manager")
    form = {"number": number, "outcome": "accepted", "why": "agreed", **changed}
    location = browser.post("/committee/answer", data=form, headers=ORIGIN).location
    assert location.endswith(f"refused={refusal}")
    assert "nothing was recorded" in page(state, browser, f"?refused={refusal}")
    assert committee.read(state).questions[0].answers == ()


@pytest.mark.parametrize(
    "form",
    [
        {"language": "de", "form": "pdf"},
        {"language": "fr", "form": "exe"},
        {"language": "fr", "form": "pdf", "since": "2999-01-01"},
    ],
)
def test_an_order_that_cannot_be_is_refused(form: dict[str, str], state: State) -> None:
    location = client(state, "manager").post("/committee/make", data=form, headers=ORIGIN).location
    assert location in ("/committee?refused=form", "/committee?refused=since")
    assert kept.progress(state.path.parent) is None


def test_a_viewer_sees_the_decisions_and_neither_files_nor_forms(state: State) -> None:
    number, browser = asked(state), client(state, "viewer")
    shown = page(state, browser, f"?answer={number}")
    assert number in shown
    assert meeting.MAKE not in shown
    assert meeting.ANSWER not in shown
    for path in (meeting.MAKE, meeting.ANSWER):
        assert browser.post(path, data={"number": number}, headers=ORIGIN).status_code == 403


def test_a_name_from_outside_is_no_file_and_the_newest_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    (tmp_path / "state.db").write_bytes(b"secret")
    for month in range(1, 13):
        for language in ("en", "fr", "en-old"):
            made = folder / f"jauge-committee-2026-{month:02d}-01-{language}.pdf"
            made.write_bytes(b"%PDF")
            os.utime(made, (month, month))
    names = [one.name for one in kept.listed(tmp_path)]
    assert names[:2] == ["jauge-committee-2026-12-01-en.pdf", "jauge-committee-2026-12-01-fr.pdf"]
    assert not any("old" in name for name in names)
    assert [kept.content(tmp_path, name) for name in ("../state.db", "making.json", "", names[0])] == [
        None,
        None,
        None,
        b"%PDF",
    ]
