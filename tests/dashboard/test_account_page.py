"""The page of one's own: tokens that users make for their programs, see and end; what of that is refused, and what is never shown."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from asking import ask, words
from dash import Dash
from entering import HEADERS, inhabited, login, served
from flask.testing import FlaskClient

from dashboard import lending
from dashboard.access import sessions, tokens
from dashboard.access.users import User
from dashboard.app import create
from dashboard.data import Data
from inventory.checking import load
from inventory.state import State, audit, open_state

ESTATE = """timezone: UTC
language: en
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
targets: [{name: nas-01, address: 127.0.0.1, credential: c}]
"""
TOKEN = re.compile(r"jauge_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    inhabited(folder, vera="viewer", mona="manager")
    (folder / "estate.yml").write_text(ESTATE)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> tuple[Dash, State]:
    return served(made, tmp_path / "place")


def page(app: Dash, client: FlaskClient, search: str = "", language: str = "en") -> str:
    return re.sub(r"\s+", " ", words(ask(app, lending.PAGE, search, language, client)))


def day(days: int) -> str:
    return str(dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days))


def form(**changed: str) -> dict[str, str]:
    given = {"action": "make", "mark": "0123456789ab", "name": "grafana", "role": "viewer", "until": day(30)}
    return given | changed


def refused(client: FlaskClient, **given: str) -> str:
    answer = client.post(lending.PATH, data=given, headers=HEADERS)
    assert answer.status_code == 303
    assert not TOKEN.search(answer.text + answer.headers["Location"])
    return parse_qs(urlsplit(answer.headers["Location"]).query).get("refused", [""])[0]


def test_a_token_is_shown_once_reads_what_its_user_reads_and_stands_in_no_page_and_no_log(
    place: tuple[Dash, State],
) -> None:
    app, state = place
    client = login(app, "mona")
    answer = client.post(lending.PATH, data=form(), headers=HEADERS)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "script" not in answer.headers["Content-Security-Policy"].replace("default-src 'none'", "")
    (token,) = set(TOKEN.findall(answer.text))
    program = app.server.test_client()
    read = program.get("/api/v1/health", headers={"Host": "localhost", "Authorization": f"Bearer {token}"})
    assert read.status_code == 200
    assert "0123456789ab" in page(app, client)
    assert "grafana" in page(app, client)
    for shown in (
        ask(app, lending.PAGE, "", "en", client).text,
        repr(tokens.listed(state)),
        repr(audit.entries(state)),
    ):
        assert token not in shown
        assert token.rpartition("_")[2] not in shown
    newest = next(one for one in audit.entries(state) if one.action == "token made")
    assert (newest.who, newest.source) == ("mona", "127.0.0.1")
    assert (state.path.read_bytes() + b"").find(token.encode()) == -1, "the file holds a hash"


def test_a_form_that_is_sent_twice_makes_one_token(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "vera")
    client.post(lending.PATH, data=form(), headers=HEADERS)
    assert refused(client, **form()) == "again"
    assert len(tokens.listed(state)) == 1
    assert "No second token was made" in page(app, client, "?refused=again")
    marks = {
        re.findall(r'"value":"([0-9a-f]{12})"', ask(app, lending.PAGE, "", "en", client).text)[-1]
        for _ in range(2)
    }
    assert len(marks) == 2, "each form that is drawn makes another token"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"role": "manager"}, "role"), ({"role": "root"}, "role"), ({"role": ""}, "role"), ({"until": ""}, "until"),
        ({"until": day(-1)}, "until"), ({"until": day(367)}, "until"), ({"until": "9999-99-99"}, "until"), ({"until": "20300101"}, "until"),
        ({"name": "x" * 61}, "name"), ({"name": "two\nlines"}, "name"), ({"mark": "x"}, "gone"), ({"mark": ""}, "gone"),
        ({"mark": "0123456789ab\n"}, "gone"),
    ],
)  # fmt: skip
def test_a_token_that_may_not_be_is_refused_in_words(
    place: tuple[Dash, State], changed: dict[str, str], why: str
) -> None:
    app, state = place
    client = login(app, "vera")
    assert refused(client, **form(**changed)) == why
    assert tokens.listed(state) == []
    shown = page(app, client, f"?refused={why}")
    assert "Nothing was changed" in shown or "No token was made" in shown


def test_a_user_sees_and_ends_the_own_tokens_and_nobody_elses(place: tuple[Dash, State]) -> None:
    app, state = place
    today = dt.datetime.now(dt.UTC).date()
    for owner in ("vera", "mona"):
        tokens.create(state, owner, "viewer", today, today, f"program of {owner} {HOSTILE}"[:60])
    mine, other = (
        next(one.mark for one in tokens.listed(state) if one.user.name == name) for name in ("vera", "mona")
    )
    client = login(app, "vera")
    shown = page(app, client)
    assert mine in shown
    assert other not in shown
    assert "program of mona" not in shown
    assert refused(client, action="end", mark=other) == "gone"
    assert refused(client, action="end", mark="") == "gone"
    assert len(tokens.listed(state)) == 2
    answer = client.post(lending.PATH, data={"action": "end", "mark": mine}, headers=HEADERS)
    assert "done=ended" in answer.headers["Location"]
    assert [one.mark for one in tokens.listed(state)] == [other]
    assert "Le jeton est terminé" in page(app, client, "?done=ended", "fr")


def test_who_is_known_elsewhere_is_told_whom_to_ask_and_gets_none(place: tuple[Dash, State]) -> None:
    app, state = place
    with state.write() as connection:
        connection.execute(
            "INSERT INTO user (name, role, password, created, origin, subject) VALUES ('sso', 'admin', '', ?, 'oidc', 's')",
            (time.time(),),
        )
    client = app.server.test_client()
    client.set_cookie("jauge", sessions.start(state, User("sso", "admin", "oidc")), domain="localhost")
    assert "Ask an administrator" in page(app, client)
    assert refused(client, **form()) == "user"


def test_nobody_makes_a_token_without_a_login_from_another_site_or_in_the_demonstration(
    place: tuple[Dash, State], made: Path
) -> None:
    app, state = place
    client = login(app, "vera")
    for headers in ({"Host": "localhost", "Origin": "http://evil.example"}, {"Host": "localhost"}):
        assert client.post(lending.PATH, data=form(), headers=headers).status_code == 403
    assert app.server.test_client().post(lending.PATH, data=form(), headers=HEADERS).status_code == 401
    assert tokens.listed(state) == []
    demo = create(Data(load(made / "estate.yml"), made), open_state(made / "state.db"), demo=True)
    assert demo.server.test_client().post(lending.PATH, data=form(), headers=HEADERS).status_code == 403
    assert "Nobody logs in to the demonstration" in page(demo, demo.server.test_client())
