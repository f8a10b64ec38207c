"""What each role may, down to every page, form and callback of the real application: the expectation is the table of docs/access.md."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlencode

import pytest
import time_machine
from asking import ask, call_of, outputs, words
from dash import Dash
from flask.testing import FlaskClient

from dashboard.access import users
from dashboard.app import BEHIND, PAGES, create
from dashboard.data import Data
from inventory.checking import load
from inventory.state import State, audit, open_state

DOCS = Path(__file__).parents[2] / "docs" / "access.md"
PASSWORD = "correct horse battery 1"
HEADERS = {"Host": "localhost", "Origin": "http://localhost"}
CALLS: Final = "/_dash-update-component"
RANKS: Final = ("nobody", "viewer", "operator", "manager", "admin")
DASH: Final = re.compile(r"/_|/assets/|/static/|/<path")
"""What carries the pages: scripts, layouts, and the document that every address of a page gets."""


class Told(NamedTuple):
    """The table of the docs: the least role of each path ("POST /x"), and of each pattern of callbacks."""

    paths: dict[str, str]
    calls: dict[str, str]


def _told() -> Told:
    paths: dict[str, str] = {}
    calls: dict[str, str] = {}
    table = DOCS.read_text("utf-8").split("| what | asked by | from which role on |")[1].split("\n\n")[0]
    for row in table.strip().splitlines()[1:]:
        _, asked, role = (cell.strip() for cell in row.strip("|").split("|"))
        for one in re.findall(r"`([^`]+)`", asked):
            (paths if " /" in one else calls)[one] = role.strip("`")
    return Told(paths, calls)


TOLD: Final = _told()
FORMS: Final = sorted(
    one.partition(" ")[2] for one in TOLD.paths if one.startswith("POST") and one != "POST /login"
)


@pytest.fixture(scope="module")
def place(hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dash, State]:
    """The application with a login for each role."""
    folder = tmp_path_factory.mktemp("roles") / "data"
    shutil.copytree(hospital, folder)
    state = open_state(folder / "state.db")
    for role in users.ROLES:
        users.add(state, f"{role}-1", role, PASSWORD)
    app = create(Data(load(folder / "estate.yml"), folder), state)
    app.server.test_client().get("/login", headers=HEADERS)
    return app, state


def _login(app: Dash, role: str) -> FlaskClient:
    """A browser of somebody with that role, or of nobody."""
    client = app.server.test_client()
    if role != "nobody":
        form = {"name": f"{role}-1", "password": PASSWORD}
        assert client.post("/login", data=form, headers=HEADERS).status_code == 303
    return client


def _may(role: str, least: str) -> bool:
    return RANKS.index(role) >= RANKS.index(least)


def _least(output: str) -> str:
    """From which role on a callback may be called, by the first thing that it writes."""
    first = output.lstrip(".").partition(".")[0]
    found = [role for pattern, role in TOLD.calls.items() if fnmatch(first, pattern)]
    assert len(found) == 1, f"docs/access.md does not say who may call the callback that writes {first}"
    return found[0]


def test_the_docs_tell_of_every_route_who_may_ask_for_it(place: tuple[Dash, State]) -> None:
    app, _ = place
    routes = {
        f"{method} {rule.rule}"
        for rule in app.server.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}
        if not DASH.match(rule.rule)
    }
    pages = {f"GET {page.PATH}" for page in (*PAGES, *BEHIND)}
    assert routes - TOLD.paths.keys() == set(), "docs/access.md does not say who may ask for that"
    assert TOLD.paths.keys() - routes - pages == set(), "docs/access.md tells of what there is not"
    for output in outputs(app):
        assert _least(output) in RANKS


@pytest.mark.parametrize("role", RANKS)
def test_every_page_and_entry_of_the_menu_is_shown_to_those_who_may_see_it(
    place: tuple[Dash, State], role: str
) -> None:
    app, _ = place
    client = _login(app, role)
    layout = client.get("/_dash-layout", headers=HEADERS).text
    for page in (*PAGES, *BEHIND):
        least = TOLD.paths.get(f"GET {page.PATH}", "viewer")
        answer = ask(app, page.PATH, client=client)
        if role == "nobody":
            assert client.get(page.PATH, headers=HEADERS).status_code == 302, page.NAME
            assert answer.status_code == 401, page.NAME
            continue
        hidden = "Not for your role" in words(answer)
        assert hidden is not _may(role, least), page.NAME
        if page in PAGES:
            assert (f'"nav":"{page.NAME}"' in layout) is _may(role, least), page.NAME


@pytest.mark.parametrize("role", RANKS)
def test_every_form_is_taken_from_those_who_may_send_it_and_refused_to_others(
    place: tuple[Dash, State], role: str
) -> None:
    app, state = place
    assert len(FORMS) >= 6
    for path in FORMS:
        client = _login(app, role)
        answer = client.post(path, data={}, headers=HEADERS)
        if role == "nobody":
            assert answer.status_code == 401, path
        elif _may(role, TOLD.paths[f"POST {path}"]):
            assert answer.status_code == 303, path
        else:
            assert answer.status_code == 403, path
            newest = audit.entries(state, 1)[0]
            assert (newest.who, newest.action) == (f"{role}-1", "refused")
            assert path in newest.detail


@pytest.mark.parametrize("role", RANKS)
def test_every_callback_answers_those_who_may_call_it_and_refuses_others(
    place: tuple[Dash, State], role: str
) -> None:
    app, state = place
    client = _login(app, role)
    for output in outputs(app):
        answer = client.post(CALLS, json=call_of(app, output), headers=HEADERS)
        if role == "nobody":
            assert answer.status_code == 401, output
        elif _may(role, _least(output)):
            assert answer.status_code in (200, 204), output
        else:
            assert answer.status_code == 403, output
            assert audit.entries(state, 1)[0].who == f"{role}-1"


@pytest.mark.parametrize(
    "sent",
    [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
     {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"}],
    ids=["none", "foreign", "null", "fetched from another site", "forwarded"],
)  # fmt: skip
def test_no_form_and_no_callback_is_taken_from_another_site_even_of_an_administrator(
    place: tuple[Dash, State], sent: dict[str, str]
) -> None:
    app, state = place
    client = _login(app, "admin")
    before = audit.last(state)
    foreign = {"Host": "localhost", **sent}
    for path in [*FORMS, "/login"]:
        assert (
            client.post(path, data={"action": "remove", "name": "viewer-1"}, headers=foreign).status_code
            == 403
        ), path
    for output in outputs(app):
        assert client.post(CALLS, json=call_of(app, output), headers=foreign).status_code == 403, output
    assert audit.last(state) == before
    assert client.get("/_dash-layout", headers=HEADERS).status_code == 200, "still logged in"


def test_asking_for_a_form_with_get_changes_nothing(place: tuple[Dash, State]) -> None:
    app, state = place
    client = _login(app, "admin")
    before = audit.last(state)
    for path in FORMS:
        query = urlencode({"action": "remove", "name": "viewer-1"})
        client.get(f"{path}?{query}", headers={**HEADERS, "X-HTTP-Method-Override": "POST"})
    assert audit.last(state) == before
    assert len(users.listed(state)) == len(users.ROLES)
    assert client.get("/_dash-layout", headers=HEADERS).status_code == 200, "GET /logout logs nobody out"


def _closed(app: Dash, client: FlaskClient) -> Iterator[int]:
    """What a page, a form and a callback answer."""
    yield client.get("/capacity", headers=HEADERS).status_code
    yield client.post("/administration/act", data={}, headers=HEADERS).status_code
    yield ask(app, "/", client=client).status_code


@pytest.mark.parametrize("how", ["left", "left elsewhere", "idle", "old", "changed"])
def test_a_session_that_is_over_opens_no_page_no_form_and_no_callback(
    place: tuple[Dash, State], how: str
) -> None:
    app, state = place
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        client = _login(app, "admin")
        assert list(_closed(app, client)) == [200, 303, 200]
        if how == "left elsewhere":
            # The same cookie in another browser, which logs out: the server forgets it, not the browser alone.
            other = app.server.test_client()
            other.set_cookie("jauge", client.get_cookie("jauge").value)
            other.post("/logout", headers=HEADERS)
        elif how == "left":
            kept = client.get_cookie("jauge").value
            client.post("/logout", headers=HEADERS)
            client.set_cookie("jauge", kept)
        elif how == "changed":
            users.change(state, "admin-1", password=PASSWORD)
        else:
            for _ in range(1 if how == "idle" else 25):
                clock.shift(31 * 60 if how == "idle" else 29 * 60)
                client.get("/_dash-layout", headers=HEADERS)
        assert list(_closed(app, client)) == [302, 401, 401]


def test_no_key_signs_sessions_that_could_be_missing_known_or_guessed(place: tuple[Dash, State]) -> None:
    """Flask would sign them with SECRET_KEY: there is none, so that none has to be kept, and no cookie says anything by itself."""
    app, _ = place
    assert app.server.secret_key is None
    answer = app.server.test_client().post(
        "/login", data={"name": "viewer-1", "password": PASSWORD}, headers=HEADERS
    )
    (cookie,) = answer.headers.getlist("Set-Cookie")
    token = cookie.partition(";")[0].removeprefix("jauge=")
    assert "viewer-1" not in token
    assert len(token) >= 43  # 256 bits (RFC 4648, base64url)
    forged = app.server.test_client()
    forged.set_cookie("jauge", token[:-2] + ("aa" if token[-2:] != "aa" else "bb"))
    assert forged.get("/", headers=HEADERS).status_code == 302


def test_what_proxies_say_of_who_asks_is_believed_from_nobody(place: tuple[Dash, State]) -> None:
    app, state = place
    client = _login(app, "viewer")
    forwarded = {
        "X-Forwarded-For": "10.9.8.7",
        "Forwarded": "for=10.9.8.7",
        "X-Real-IP": "10.9.8.7",
        "X-Forwarded-User": "admin-1",
        "Remote-User": "admin-1",
    }
    assert client.post("/administration/act", data={}, headers={**HEADERS, **forwarded}).status_code == 403
    newest = audit.entries(state, 1)[0]
    assert (newest.who, newest.source) == ("viewer-1", "127.0.0.1")


def test_a_fault_of_ours_shows_no_trace_even_where_the_environment_asks_for_debugging(
    place: tuple[Dash, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, state = place
    for name in ("FLASK_DEBUG", "DASH_DEBUG", "DASH_UI"):
        monkeypatch.setenv(name, "1")
    folder = state.path.parent
    app = create(Data(load(folder / "estate.yml"), folder), state)
    assert not app.server.debug
    client = _login(app, "viewer")
    monkeypatch.setattr("dashboard.exporting._backups", lambda *_: 1 / 0)
    answer = client.get("/backups/export?form=csv", headers=HEADERS)
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert "Traceback" not in answer.text
