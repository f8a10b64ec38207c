"""The page of notices: what is open, who has it, what each role may say to it, and where a user wants messages."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from asking import ask, words
from dash import Dash
from flask.testing import FlaskClient

from dashboard import noticing
from dashboard.access import users
from dashboard.app import create
from dashboard.data import Data
from dashboard.report.making import Asked
from inventory.checking import load
from inventory.state import State, audit, contacts, notices, open_state
from jauge.digests import Run

PASSWORD = "correct horse battery 1"
HEADERS = {"Host": "localhost", "Origin": "http://localhost"}
MAIL = "  mail: {server: 127.0.0.1, port: 9, security: none, from: jauge@h.example}\n"


@pytest.fixture
def place(hospital: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Dash, State]:
    """A server whose estate tells people, after digests were looked for."""
    monkeypatch.setenv("P", "x")
    folder = tmp_path / "place"
    shutil.copytree(hospital, folder)
    path = folder / "estate.yml"
    path.write_text(path.read_text() + "notices:\n" + MAIL)
    state = open_state(folder / "state.db")
    for name, role in (("view", "viewer"), ("oper", "operator")):
        users.add(state, name, role, PASSWORD)
    estate = load(path)
    assert estate.notices is not None
    Run(Asked(estate, folder), estate.notices, state, None).prepare()
    return create(Data(estate, folder), state), state


def _login(app: Dash, name: str) -> FlaskClient:
    client = app.server.test_client()
    client.post("/login", data={"name": name, "password": PASSWORD}, headers=HEADERS)
    return client


def _send(client: FlaskClient, path: str, **form: str) -> dict[str, str]:
    answer = client.post(path, data=form, headers=HEADERS)
    assert answer.status_code == 303, answer.status_code
    found = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in found.items()}


def _page(app: Dash, client: FlaskClient, query: str = "", language: str = "en") -> str:
    return re.sub(r"\s+", " ", words(ask(app, "/notices", query, language, client)))


def test_a_notice_is_taken_silenced_and_released_by_operators_with_a_reason(
    place: tuple[Dash, State],
) -> None:
    app, state = place
    oper, view = _login(app, "oper"), _login(app, "view")
    silent = next(one for one in notices.listed(state, 0) if one.kind == "backup")
    page = _page(app, oper)
    assert "backup-01 · lims" in page, page
    assert "nobody yet" in page
    assert "Take Silence" in page
    assert "Take Silence" not in _page(app, view)
    assert "Reason" in _page(app, oper, f"?number={silent.id}&say=taken")
    assert "Reason" not in _page(app, view, f"?number={silent.id}&say=taken")
    number, why = str(silent.id), "a new <b>job</b>\u202e"
    assert (
        view.post(
            noticing.ANSWER, data={"number": number, "action": "taken", "why": why}, headers=HEADERS
        ).status_code
        == 403
    )
    for form, refused in (
        ({"number": number, "action": "taken", "why": " "}, "why"),
        ({"number": "9999", "action": "taken", "why": "x"}, "gone"),
        ({"number": "1e3", "action": "taken", "why": "x"}, "gone"),
        ({"number": number, "action": "other", "why": "x"}, "gone"),
        ({"number": number, "action": "silenced", "why": "x", "until": "soon"}, "until"),
        ({"number": number, "action": "silenced", "why": "x", "until": "2020-01-01"}, "until"),
    ):
        assert _send(oper, noticing.ANSWER, **form)["refused"] == refused, form
    assert _send(oper, noticing.ANSWER, number=number, action="taken", why=why) == {"done": "taken"}
    page = _page(app, view)
    assert "oper has it" in page
    assert "a new <b>job</b>" in page  # as text
    assert "\u202e" not in page
    assert _send(oper, noticing.ANSWER, number=number, action="released", why="not mine") == {
        "done": "released"
    }
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
    assert _send(
        oper, noticing.ANSWER, number=number, action="silenced", why="moved", until=day.isoformat()
    ) == {"done": "silenced"}
    assert f"silenced by oper until {day.day} {day:%b %Y}".replace("Sep ", "Sept ") in _page(app, oper)
    assert "s'en occupe" in _page(app, oper, language="fr")
    assert [entry.action for entry in audit.entries(state, 9) if entry.action.startswith("notice")] == [
        "notice silenced", "notice released", "notice taken",
    ]  # fmt: skip


def test_everybody_says_where_they_want_messages_and_stops_them(place: tuple[Dash, State]) -> None:
    app, state = place
    view = _login(app, "view")
    assert "You are sent no messages." in _page(app, view)
    for wrong in ("", "nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.example"):
        assert _send(view, noticing.ADDRESS, action="save", address=wrong) == {"refused": "address"}
    given = {"address": "v@h.example", "kind": "silent", "language": "fr"}
    assert _send(view, noticing.ADDRESS, action="save", **given) == {"done": "wanted"}
    kept = contacts.one(state, "view")
    assert kept is not None
    assert (kept.address, kept.kinds, kept.language) == ("v@h.example", ("silent",), "fr")
    assert "Messages go to v@h.example. They tell: Without an answer." in _page(app, view)
    assert "v@h.example" not in _page(app, _login(app, "oper"))
    assert "v@h.example" not in str(audit.entries(state, 50))
    assert _send(view, noticing.ADDRESS, action="stop") == {"done": "unwanted"}
    assert contacts.one(state, "view") is None


def test_without_a_way_to_anybody_the_page_shows_what_would_be_told(place: tuple[Dash, State]) -> None:
    _, state = place
    path = state.path.parent / "estate.yml"
    path.write_text(path.read_text().replace(MAIL, "  silent: 1h\n"))
    app = create(Data(load(path), path.parent), state)
    page = _page(app, _login(app, "oper"))
    assert "nothing is sent" in page
    assert "backup-01 · lims" in page
    assert "Messages to you" not in page
