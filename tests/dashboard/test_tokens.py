"""Tokens of programs: what they open, when they are over, and that nobody guesses one."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from zoneinfo import ZoneInfo

import flask
import pytest
import time_machine

from dashboard.access import gate, tokens, users
from dashboard.access.tokens import TokenError
from inventory.estate import Estate
from inventory.state import State, audit, open_state

PASSWORD = "correct horse battery"
TODAY = dt.date(2027, 3, 14)
NOON = dt.datetime(2027, 3, 14, 12, tzinfo=dt.UTC)


@pytest.fixture
def state(tmp_path: Path) -> State:
    found = open_state(tmp_path / "state.db")
    users.add(found, "ada", "manager", PASSWORD)
    return found


def make(state: State, role: str = "viewer", days: int = 30, **more: str) -> str:
    return tokens.create(state, "ada", role, TODAY + dt.timedelta(days=days), TODAY, **more)


def serve(state: State) -> flask.testing.FlaskClient:
    server = flask.Flask("test", static_folder=None)
    paris = Estate(timezone="Europe/Paris", targets=[])
    gate.protect(server, state, estate=lambda: paris)
    server.add_url_rule("/api/v1/me", "me", lambda: f"{gate.current().name} {gate.current().role}")
    server.add_url_rule("/capacity", "capacity", lambda: "secret")
    return server.test_client()


def ask(
    client: flask.testing.FlaskClient, token: str, path: str = "/api/v1/me", scheme: str = "Bearer"
) -> flask.testing.TestResponse:
    return client.get(path, headers={"Authorization": f"{scheme} {token}"})


def wrong(token: str) -> str:
    """Another secret under the same mark."""
    return token[:-43] + token[-43:].swapcase()


@time_machine.travel(NOON, tick=False)
def test_a_token_reads_the_interface_as_its_user_with_its_own_role_and_sets_no_cookie(state: State) -> None:
    answer = ask(serve(state), make(state))
    assert (answer.status_code, answer.text) == (200, "ada viewer")
    assert "Set-Cookie" not in answer.headers
    assert ask(serve(state), make(state), scheme="bearer").status_code == 200, "RFC 9110: any case"


@time_machine.travel(NOON, tick=False)
def test_a_token_opens_no_page(state: State) -> None:
    answer = ask(serve(state), make(state), "/capacity")
    assert (answer.status_code, "secret" in answer.text) == (302, False)


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("shown", ["", "x", "jauge_", "jauge_000000000000_" + "A" * 43, "é" * 9, "x" * 6000])
def test_what_is_no_token_opens_nothing_even_beside_a_session(state: State, shown: str) -> None:
    client = serve(state)
    form = {"name": "ada", "password": PASSWORD}
    assert client.post("/login", data=form, headers={"Origin": "http://localhost"}).status_code == 303
    assert client.get("/api/v1/me").text == "ada manager", "a session reads too"
    answer = ask(client, shown)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["status"] == 401
    assert ask(client, make(state), scheme="Basic").status_code == 401


def test_nothing_shown_is_refused_in_words_for_programs_and_not_with_the_login_page(state: State) -> None:
    answer = serve(state).get("/api/v1/me", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_a_token_counts_until_the_end_of_its_last_day_where_the_hospital_is(state: State) -> None:
    token, client = make(state, days=0), serve(state)
    paris = ZoneInfo("Europe/Paris")
    with time_machine.travel(dt.datetime(2027, 3, 14, 23, 59, 30, tzinfo=paris), tick=False):
        assert ask(client, token).status_code == 200
    with time_machine.travel(dt.datetime(2027, 3, 15, 0, 0, 30, tzinfo=paris), tick=False):
        assert ask(client, token).status_code == 401


@time_machine.travel(NOON, tick=False)
def test_a_token_may_no_more_than_its_user_may_now(state: State) -> None:
    token, client = make(state, "manager"), serve(state)
    assert ask(client, token).text == "ada manager"
    users.change(state, "ada", role="operator")
    assert ask(client, token).text == "ada operator"
    users.change(state, "ada", role="admin")
    assert ask(client, token).text == "ada manager"
    with pytest.raises(TokenError, match="no local user"):
        tokens.create(state, "bob", "viewer", TODAY, TODAY)
    users.add(state, "eve", "admin", PASSWORD)
    users.change(state, "ada", role="viewer")
    with pytest.raises(TokenError, match="ada is viewer"):
        make(state, "operator")


@time_machine.travel(NOON, tick=False)
def test_a_token_of_a_removed_user_is_gone_even_where_another_bears_the_name(state: State) -> None:
    token, client = make(state), serve(state)
    users.remove(state, "ada")
    assert ask(client, token).status_code == 401
    users.add(state, "ada", "viewer", PASSWORD)
    assert ask(client, token).status_code == 401
    assert tokens.listed(state) == []


@time_machine.travel(NOON, tick=False)
def test_a_token_that_was_ended_opens_nothing_and_both_are_audited_without_the_token(state: State) -> None:
    token, client = make(state, name="grafana"), serve(state)
    assert ask(client, token).status_code == 200
    (kept,) = tokens.listed(state)
    assert (kept.mark, kept.user.name, kept.role, kept.name) == (token[6:18], "ada", "viewer", "grafana")
    assert kept.seen == NOON.timestamp()
    assert tokens.end(state, kept.mark) == "ada"
    assert ask(client, token).status_code == 401
    with pytest.raises(TokenError):
        tokens.end(state, kept.mark)
    entries = audit.entries(state)
    assert [one.action for one in entries] == ["login failed", "token ended", "token made", "user added"]
    assert not any(token[-43:] in str(one) for one in entries)
    files = b"".join(one.read_bytes() for one in state.path.parent.iterdir())
    assert token[-43:].encode() not in files


@pytest.mark.parametrize(
    ("days", "name", "why"),
    [(-1, "", "until"), (367, "", "until"), (1, "x" * 61, "name"), (1, "a\nb", "name"), (1, "a\x1b[31m", "name")],
)  # fmt: skip
def test_a_token_without_an_end_in_sight_or_with_a_hostile_name_is_not_made(
    state: State, days: int, name: str, why: str
) -> None:
    with pytest.raises(TokenError) as refused:
        make(state, days=days, name=name)
    assert refused.value.why == why
    assert tokens.listed(state) == []


def test_a_user_has_few_tokens_and_those_that_are_over_make_room(state: State) -> None:
    for _ in range(tokens.MOST):
        make(state, days=1)
    with pytest.raises(TokenError, match="already"):
        make(state)
    later = TODAY + dt.timedelta(days=2)
    assert tokens.create(state, "ada", "viewer", later, later)
    assert len(tokens.listed(state)) == 1


def test_guessing_a_token_is_slowed_down_and_delays_no_other(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    token, other = make(state), make(state)
    with time_machine.travel(NOON, tick=False) as clock, caplog.at_level(logging.DEBUG):
        client = serve(state)
        codes = [ask(client, wrong(token)).status_code for _ in range(users.FREE_FAILURES + 1)]
        assert codes == [401] * users.FREE_FAILURES + [429]
        delayed = ask(client, token)
        assert (delayed.status_code, delayed.mimetype) == (429, "application/problem+json")
        assert 0 < int(delayed.headers["Retry-After"]) <= 31
        assert ask(client, other).status_code == 200
        failures = [one for one in audit.entries(state) if one.action == "login failed"]
        assert len(failures) == users.FREE_FAILURES
        assert {(one.who, one.detail) for one in failures} == {("ada", f"token {token[6:18]}")}
        clock.shift(31)
        assert ask(client, token).status_code == 200
        unknown = "jauge_" + "0" * 12 + "_" + "A" * 43
        codes = [ask(client, unknown.replace("0" * 12, f"{i:012x}")).status_code for i in range(7)]
        assert codes == [401] * users.FREE_FAILURES + [429] * 2
        assert ask(client, other).status_code == 200
    assert token[-43:] not in caplog.text
    assert other[-43:] not in caplog.text


def test_a_demonstration_is_open_to_its_own_machine_whatever_is_shown(state: State) -> None:
    server = flask.Flask("test", static_folder=None)
    gate.protect(server, state, demo=True)
    server.add_url_rule("/api/v1/me", "me", lambda: gate.current().name)
    client = server.test_client()
    assert ask(client, "x").text == "demo"
    far = client.get("/api/v1/me", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert (far.status_code, far.mimetype) == (403, "application/problem+json")
