"""The page of administrators: users, sessions, the audit log, the estate's file; and what it refuses."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from asking import ask, words
from dash import Dash
from entering import HEADERS, PASSWORD, inhabited, login, served
from flask.testing import FlaskClient

from dashboard import administering
from dashboard.access import sessions, tokens, users
from dashboard.access.users import User, UserError
from dashboard.data.administration import ENTRIES
from dashboard.words import WORDS
from inventory.state import State, audit, open_state

NEW = "a quiet purple giraffe"
ESTATE = """timezone: Europe/Paris
language: en
credentials:
  c: {snmp: v2c, community: file:/etc/hostname}
  spare: {snmp: v2c, community: file:/etc/hostname}
targets:
  - {name: nas-01, address: 127.0.0.1, credential: c}
workstations: {people: {names: pseudonyms, log: 200d}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a login for each role: passwords are slow to make."""
    folder = tmp_path_factory.mktemp("made")
    inhabited(folder, view="viewer", oper="operator", mana="manager", root="admin")
    (folder / "estate.yml").write_text(ESTATE)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> tuple[Dash, State]:
    """A server of that folder, and its state."""
    return served(made, tmp_path / "place")


def page(app: Dash, client: FlaskClient, search: str = "", language: str = "en") -> str:
    return re.sub(r"\s+", " ", words(ask(app, administering.PAGE, search, language, client)))


def send(client: FlaskClient, **form: str) -> dict[str, str]:
    answer = client.post(administering.PATH, data=form, headers=HEADERS)
    assert answer.status_code == 303
    return {name: value for name, (value,) in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def adding(**changed: str) -> dict[str, str]:
    return {"action": "add", "name": "ines", "role": "operator", "password": NEW, "again": NEW} | changed


# --- whose page it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["view", "oper", "mana"])
def test_nobody_but_an_administrator_sees_the_page_or_changes_anything(
    place: tuple[Dash, State], name: str
) -> None:
    app, state = place
    client = login(app, name)
    assert "Not for your role" in page(app, client)
    assert "root" not in page(app, client, "?part=log")
    assert "Pas pour votre rôle" in page(app, client, language="fr")
    assert '"nav":"administration"' not in client.get("/_dash-layout", headers=HEADERS).text
    for form in (
        adding(),
        {"action": "remove", "name": "root"},
        {"action": "role", "name": name, "role": "admin"},
    ):
        assert client.post(administering.PATH, data=form, headers=HEADERS).status_code == 403
    assert [one.name for one in users.listed(state)] == ["mana", "oper", "root", "view"]


def test_an_administrator_finds_the_page_in_the_menu(place: tuple[Dash, State]) -> None:
    app, _ = place
    assert '"nav":"administration"' in login(app, "root").get("/_dash-layout", headers=HEADERS).text


def test_a_form_of_another_site_changes_nothing(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "root")
    for origin in ("http://evil.example", "null", ""):
        answer = client.post(
            administering.PATH, data=adding(), headers={"Host": "localhost", "Origin": origin}
        )
        assert answer.status_code == 403
    assert len(users.listed(state)) == 4


# --- users --------------------------------------------------------------------------------------------


def test_a_new_user_may_log_in_as_what_they_were_added(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "root")
    assert send(client, **adding()) == {"done": "added", "name": "ines"}
    assert users.check(state, "ines", NEW) == User("ines", "operator")
    shown = page(app, client, "?done=added&name=ines")
    assert "ines was added." in shown
    assert "ines operator Jauge 0 Change" in shown
    newest = next(one for one in audit.entries(state) if one.action == "user added")
    assert (newest.who, newest.detail, newest.source) == ("root", "ines (operator)", "127.0.0.1")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"again": NEW + "x"}, "again"),
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "a" * 12, "again": "a" * 12}, "password"),
        ({"name": "../etc"}, "name"),
        ({"name": "<img src=x onerror=alert(1)>"}, "name"),
        ({"name": "view"}, "taken"),
        ({"name": "VIEW"}, "taken"),
        ({"role": "root"}, "role"),
        ({"action": "become"}, "action"),
    ],
)
def test_what_cannot_be_is_said_and_the_password_never_comes_back(
    place: tuple[Dash, State], changed: dict[str, str], why: str
) -> None:
    app, state = place
    client = login(app, "root")
    told = send(client, **adding(**changed))
    assert told["refused"] == why
    assert NEW not in "".join(told.values())
    search = "?" + "&".join(f"{name}={value}" for name, value in told.items())
    shown = page(app, client, search)
    assert "Nothing was changed" in shown
    assert NEW not in ask(app, administering.PAGE, search, "en", client).text
    assert len(users.listed(state)) == 4


def test_another_role_and_another_password_end_the_sessions_of_a_user(place: tuple[Dash, State]) -> None:
    app, state = place
    client, other = login(app, "root"), login(app, "view")
    assert send(client, action="role", name="view", role="manager") == {"done": "role", "name": "view"}
    assert other.get("/", headers=HEADERS).status_code == 302
    assert send(client, action="password", name="view", password=NEW, again=NEW)["done"] == "password"
    assert users.check(state, "view", PASSWORD) is None
    assert users.check(state, "view", NEW) == User("view", "manager")


def test_a_removed_user_is_out_at_once(place: tuple[Dash, State]) -> None:
    app, _ = place
    client, other = login(app, "root"), login(app, "view")
    assert send(client, action="remove", name="view")["done"] == "removed"
    assert other.get("/", headers=HEADERS).status_code == 302
    assert send(client, action="remove", name="view")["refused"] == "gone"


def test_nobody_takes_their_own_role_or_account(place: tuple[Dash, State]) -> None:
    app, _ = place
    client = login(app, "root")
    assert send(client, action="role", name="root", role="viewer")["refused"] == "self"
    assert send(client, action="remove", name="ROOT")["refused"] == "self"
    assert "changed, and your account removed, by another administrator" in page(app, client, "?change=root")


def test_an_administrator_from_elsewhere_cannot_remove_the_last_one_of_jauge(
    place: tuple[Dash, State],
) -> None:
    app, state = place
    with state.write() as connection:
        connection.execute(
            "INSERT INTO user (name, role, password, created, origin, subject) VALUES ('sso', 'admin', '', ?, 'oidc', 's')",
            (time.time(),),
        )
    client = app.server.test_client()
    client.set_cookie("jauge", sessions.start(state, User("sso", "admin", "oidc")), domain="localhost")
    assert send(client, action="remove", name="root")["refused"] == "last"
    assert send(client, action="role", name="root", role="manager")["refused"] == "last"
    assert users.check(state, "root", PASSWORD) == User("root", "admin")


def test_two_administrators_who_remove_each_other_at_once_leave_one(tmp_path: Path) -> None:
    for turn in range(10):
        state = open_state(tmp_path / f"{turn}.db")
        with state.write() as connection:
            connection.executemany(
                "INSERT INTO user (name, role, password, created) VALUES (?, 'admin', '', 0)",
                [("a",), ("b",)],
            )
        start, refused = threading.Barrier(2), list[str]()

        def remove(
            name: str, state: State = state, start: threading.Barrier = start, refused: list[str] = refused
        ) -> None:
            start.wait()
            try:
                users.remove(state, name)
            except UserError as error:
                refused.append(error.why)

        threads = [threading.Thread(target=remove, args=(name,)) for name in ("a", "b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == ["last"]
        assert len(users.listed(state)) == 1


# --- sessions -----------------------------------------------------------------------------------------


def test_a_session_is_ended_for_somebody_else_and_for_them_alone(place: tuple[Dash, State]) -> None:
    app, state = place
    client, one, another = login(app, "root"), login(app, "view"), login(app, "oper")
    mark = next(each.mark for each in sessions.listed(state) if each.user.name == "view")
    assert "End: session of view" in ask(app, administering.PAGE, "", "en", client).text
    assert send(client, action="end", mark=mark) == {"done": "ended"}
    assert one.get("/", headers=HEADERS).status_code == 302
    assert another.get("/", headers=HEADERS).status_code == 200
    assert send(client, action="end", mark=mark)["refused"] == "session"
    assert any(
        (each.who, each.action, each.detail) == ("root", "session ended", "view")
        for each in audit.entries(state)
    )


def test_a_token_is_listed_without_its_secret_and_ended_by_an_administrator_alone(
    place: tuple[Dash, State],
) -> None:
    app, state = place
    today = dt.datetime.now(dt.UTC).date()
    made = tokens.create(state, "view", "viewer", today + dt.timedelta(days=9), today, "<b>grafana</b>")
    mark = made.split("_")[1]
    client = login(app, "root")
    page = ask(app, administering.PAGE, "", "en", client).text
    assert mark in page
    assert "<b>grafana</b>" in words(ask(app, administering.PAGE, "", "en", client))
    assert made[-43:] not in page
    assert f"End: token {mark} of view" in page
    assert f"jeton {mark} de view" in str(ask(app, administering.PAGE, "", "fr", client).json)
    answer = login(app, "view").post(
        administering.PATH, data={"action": "end token", "mark": mark}, headers=HEADERS
    )
    assert answer.status_code == 403
    assert [one.mark for one in tokens.listed(state)] == [mark]
    assert send(client, action="end token", mark=mark)["done"] == "token"
    assert tokens.listed(state) == []
    assert send(client, action="end token", mark=mark)["refused"] == "token"
    newest = next(one for one in audit.entries(state) if one.action == "token ended")
    assert (newest.who, newest.detail) == ("root", f"{mark} of view")


def test_the_mark_of_a_session_opens_nothing(place: tuple[Dash, State]) -> None:
    app, state = place
    login(app, "root")
    (found,) = sessions.listed(state)
    assert sessions.find(state, found.mark) is None
    assert sessions.find(state, found.mark.lower()) is None


# --- the log, and the estate --------------------------------------------------------------------------


def test_the_log_is_shown_by_pages_and_its_chain_is_proven(place: tuple[Dash, State]) -> None:
    app, state = place
    for number in range(ENTRIES):
        audit.note(state, "<b>tests</b>", "counted", f"number {number:03}")
    client = login(app, "root")
    newest = page(app, client, "?part=log")
    assert f"number {ENTRIES - 1:03}" in newest
    assert "number 000" not in newest
    older = re.search(r"before=(\d+)", ask(app, administering.PAGE, "?part=log", "en", client).text)
    assert older is not None
    assert "number 000" in page(app, client, f"?part=log&before={older[1]}")
    assert "none is missing, none was changed" in page(app, client, "?part=log&verify=yes")


def test_a_log_that_somebody_changed_is_told(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "root")
    connection = sqlite3.connect(state.path)
    for (trigger,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
    ).fetchall():
        connection.execute(f'DROP TRIGGER "{trigger}"')
    connection.execute("UPDATE audit SET detail = 'nobody' WHERE id = 2")
    connection.commit()
    assert "The chain does not hold at entry 2" in page(app, client, "?part=log&verify=yes")
    assert "La chaîne est rompue à la ligne 2" in page(app, client, "?part=log&verify=yes", "fr")


@pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 30, "²", "1;DROP"])
def test_strange_pages_of_the_log_are_the_newest_or_empty(place: tuple[Dash, State], before: str) -> None:
    app, _ = place
    shown = page(app, login(app, "root"), f"?part=log&before={before}")
    assert "The log is empty." in shown or "user added" in shown


def test_what_the_estate_says_wrongly_is_named_with_its_line(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "root")
    shown = page(app, client, "?part=estate")
    assert "Errors: 0" in shown
    assert "as keyed pseudonyms" in shown
    assert "200 days" in shown
    path = state.path.parent / "estate.yml"
    path.write_text(ESTATE.replace("credential: c}", "credential: nobody, colour: red}"))
    shown = page(app, client, "?part=estate")
    assert f"{path}:7:" in shown
    assert "nobody" in shown
    assert "Errors: 2" in shown


def test_every_role_refusal_and_outcome_has_its_words() -> None:
    wanted = {f"administration.refused.{one}" for one in administering.REFUSALS}
    wanted |= {f"administration.done.{one}" for one in administering.DONE}
    wanted |= {f"role.{one}" for one in users.ROLES} | {f"role.may.{one}" for one in users.ROLES}
    assert wanted <= WORDS.keys()
