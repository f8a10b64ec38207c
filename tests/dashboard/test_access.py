"""Users, sessions and the gate, over HTTP against the server's own test client."""

from __future__ import annotations

import re
import sqlite3
import statistics
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import argon2
import flask
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from dashboard.access import doors, gate, sessions, users
from dashboard.access.headers import headers, nonce
from inventory.access import Access, Provider
from inventory.estate import Estate
from inventory.state import State, audit, open_state

PASSWORD = "correct horse battery"
ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


@pytest.fixture
def ada(state: State) -> users.User:
    return users.add(state, "ada", "operator", PASSWORD)


def serve(state: State, **options: object) -> flask.Flask:
    server = flask.Flask("test", static_folder=None)
    gate.protect(server, state, **options)  # type: ignore[arg-type] # options of one test each
    server.add_url_rule("/", "home", lambda: f"hello {gate.current().name} ({gate.current().role})")
    server.add_url_rule("/_dash-layout", "layout", lambda: flask.jsonify("secret"))
    server.add_url_rule("/_dash-update-component", "update", lambda: "secret", methods=["POST"])
    server.add_url_rule("/assets/<path:name>", "assets", lambda name: f"secret {name}")
    server.add_url_rule("/capacity", "capacity", lambda: "secret")
    return server


def log_in(client: flask.testing.FlaskClient, **form: str) -> flask.testing.TestResponse:
    return client.post("/login", data={"name": "ada", "password": PASSWORD} | form, headers=ORIGIN)


# --- users


def test_a_password_is_kept_as_argon2id_only(slow_passwords: None, state: State, ada: users.User) -> None:
    with state.read() as connection:
        (kept,) = connection.execute("SELECT password FROM user").fetchone()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD.encode() not in b"".join(f.read_bytes() for f in state.path.parent.iterdir())


def test_the_right_password_gives_the_user_and_anything_else_gives_none(
    state: State, ada: users.User
) -> None:
    assert users.check(state, "ada", PASSWORD) == ada
    assert users.check(state, "ADA", PASSWORD) == ada
    for name, password in [("ada", "wrong"), ("ada", ""), ("bob", PASSWORD), ("", ""), ("ada", "x" * 10**6)]:
        assert users.check(state, name, password) is None


def test_accents_typed_in_two_ways_are_one_password(state: State) -> None:
    users.add(state, "zoe", "viewer", "été à la mer 1234")
    assert users.check(state, "zoe", "été à la mer 1234") is not None


@pytest.mark.parametrize(
    ("name", "role", "password", "says"),
    [
        ("ada", "viewer", PASSWORD, "already"),
        ("Ada", "viewer", PASSWORD, "already"),
        ("a b", "viewer", PASSWORD, "letters"),
        ("-x", "viewer", PASSWORD, "letters"),
        ("x\n", "viewer", PASSWORD, "letters"),
        ("bob", "root", PASSWORD, "viewer, operator, manager, admin"),
        ("bob", "viewer", "short", "12 to 1024"),
        ("bob", "viewer", "aaaaaaaaaaaaaa", "easy to guess"),
        ("charlemagne-1", "viewer", "Charlemagne-1", "easy to guess"),
    ],
)
def test_a_user_that_cannot_be_is_refused_with_words(
    state: State, ada: users.User, name: str, role: str, password: str, says: str
) -> None:
    with pytest.raises(users.UserError, match=says) as caught:
        users.add(state, name, role, password)
    assert password not in str(caught.value)


def test_an_unknown_name_takes_as_long_as_a_wrong_password(
    slow_passwords: None, state: State, ada: users.User
) -> None:
    def seconds(name: str) -> float:
        start = time.process_time()  # of this program alone: others may be at work beside it
        users.check(state, name, "wrong password")
        return time.process_time() - start

    known = [seconds("ada") for _ in range(4)]
    unknown = [seconds(f"nobody{turn}") for turn in range(4)]
    assert 0.4 < statistics.median(known) / statistics.median(unknown) < 2.5


def test_an_unknown_name_is_checked_with_the_parameters_of_new_passwords(
    slow_passwords: None, state: State, ada: users.User
) -> None:
    with state.read() as db:
        (hashed,) = db.execute("SELECT password FROM user WHERE name = 'ada'").fetchone()
    assert argon2.extract_parameters(users._NOBODY) == argon2.extract_parameters(hashed)


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_after_five_failures_a_name_waits_longer_each_time(state: State, ada: users.User, name: str) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(5):
            assert users.check(state, name, "wrong") is None
        waits = []
        for _ in range(7):
            with pytest.raises(users.DelayedError) as caught:
                users.check(state, name, PASSWORD)
            waits.append(caught.value.seconds)
            clock.shift(caught.value.seconds + 1)
            assert users.check(state, name, "wrong") is None
        assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_a_success_forgets_the_failures_and_a_restart_does_not(state: State, ada: users.User) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(5):
            users.check(state, "ada", "wrong")
        with pytest.raises(users.DelayedError):
            users.check(open_state(state.path), "ada", PASSWORD)
        clock.shift(31)
        assert users.check(state, "ada", PASSWORD) == ada
        assert users.check(state, "ada", "wrong") is None
        assert users.check(state, "ada", PASSWORD) == ada


def test_the_names_that_strangers_try_do_not_pile_up(
    state: State, ada: users.User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "_ATTEMPTS_KEPT", 3)
    monkeypatch.setattr(users, "_verified", lambda hashed, password: False)
    for _ in range(5):
        users.check(state, "ada", "wrong")
    for number in range(30):
        users.check(state, f"stranger{number}", "wrong")
    with state.read() as connection:
        assert connection.execute("SELECT count(*) FROM attempt").fetchone()[0] <= 5
    with pytest.raises(users.DelayedError):
        users.check(state, "ada", PASSWORD)


def test_a_clock_that_was_set_back_locks_nobody_out_for_long(state: State, ada: users.User) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(5):
            users.check(state, "ada", "wrong")
        clock.shift(-30 * 86400)
        with pytest.raises(users.DelayedError) as caught:
            users.check(state, "ada", PASSWORD)
        assert caught.value.seconds <= 30


@pytest.mark.parametrize("name", ["admin", "root", "jauge", "demo", "user", ""])
def test_a_new_installation_has_no_account_that_anybody_knows(state: State, name: str) -> None:
    assert users.listed(state) == []
    client = serve(state).test_client()
    for password in (name, "admin", "password", "jauge", "changeme", ""):
        assert log_in(client, name=name, password=password).status_code in (401, 403, 429)
    assert client.get("/", headers={"Host": "localhost"}).status_code in (302, 401)
    assert users.listed(state) == []


def test_each_role_may_do_what_the_ones_before_it_may() -> None:
    allowed = [[users.User("x", mine).may(asked) for asked in users.ROLES] for mine in users.ROLES]
    assert allowed == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]


def test_what_users_do_is_audited_without_any_password(state: State, ada: users.User) -> None:
    users.check(state, "ada", "wrong one here", "10.0.0.9")
    users.check(state, "my-secret-password", "x", "10.0.0.9")
    users.check(state, "ada", PASSWORD, "10.0.0.9")
    users.change(state, "ada", role="manager", password="another password", by="root")
    users.remove(state, "ada", by="root")
    rows = [(row.who, row.action, row.detail, row.source) for row in reversed(audit.entries(state))]
    assert rows == [
        ("command line", "user added", "ada (operator)", ""),
        ("ada", "login failed", "", "10.0.0.9"),
        ("(unknown name)", "login failed", "", "10.0.0.9"),
        ("ada", "login", "", "10.0.0.9"),
        ("root", "user changed", "ada: role manager, password", ""),
        ("root", "user removed", "ada", ""),
    ]
    assert audit.verify(state) is None
    assert b"my-secret-password" not in b"".join(f.read_bytes() for f in state.path.parent.iterdir())


# --- sessions


def test_a_session_is_kept_as_a_digest_only(state: State, ada: users.User) -> None:
    token = sessions.start(state, ada)
    assert sessions.find(state, token) == ada
    assert len(token) >= 43
    assert token.encode() not in b"".join(file.read_bytes() for file in state.path.parent.iterdir())


def test_a_session_ends_after_half_an_hour_of_silence(state: State, ada: users.User) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        token = sessions.start(state, ada)
        for _ in range(3):
            clock.shift(29 * 60)
            assert sessions.find(state, token) == ada
        clock.shift(31 * 60)
        assert sessions.find(state, token) is None


def test_a_session_ends_after_twelve_hours_even_when_used(state: State, ada: users.User) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        token = sessions.start(state, ada)
        for _ in range(12 * 4):
            clock.shift(15 * 60)
            assert sessions.find(state, token) == ada
        clock.shift(60)
        assert sessions.find(state, token) is None


def test_changing_or_removing_a_user_ends_their_sessions(state: State, ada: users.User) -> None:
    token = sessions.start(state, ada)
    users.change(state, "ada", role="viewer")
    assert sessions.find(state, token) is None
    token = sessions.start(state, ada)
    users.remove(state, "ada")
    assert sessions.find(state, token) is None


# --- the gate


def test_no_route_answers_without_a_login(state: State, ada: users.User) -> None:
    server = serve(state)
    client = server.test_client()
    seen = 0
    for rule in server.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in sorted((rule.methods or set()) | {"GET", "OPTIONS", "TRACE", "DELETE"}):
            answer = client.open(path, method=method)
            assert "secret" not in answer.text
            assert "hello" not in answer.text
            if path != "/login":
                assert answer.status_code in (302, 401), (method, path)
                seen += 1
    assert seen > 20
    assert client.get("/no-such-page").status_code == 302


def test_nothing_that_was_registered_earlier_answers_before_the_gate(state: State) -> None:
    server = flask.Flask("early")
    server.before_request(lambda: "secret")
    gate.protect(server, state)
    assert "secret" not in server.test_client().get("/").text


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/capacity", {"Accept": "text/html"}, 302),
        ("/capacity", {}, 302),
        ("/capacity", {"Accept": "application/json"}, 401),
        ("/capacity", {"X-Requested-With": "XMLHttpRequest"}, 401),
        ("/_dash-layout", {"Accept": "text/html"}, 401),
        ("/_reload-hash", {}, 401),
        ("/assets/style.css", {"Accept": "text/css"}, 401),
    ],
)
def test_a_person_is_sent_to_the_login_page_and_a_program_gets_401(
    state: State, path: str, sent: dict[str, str], status: int
) -> None:
    answer = serve(state).test_client().get(path, headers=sent)
    assert answer.status_code == status
    if status == 302:
        assert answer.location == "/login?next=/capacity"


def test_login_leads_to_the_page_that_was_asked_for(state: State, ada: users.User) -> None:
    client = serve(state).test_client()
    asked = client.get("/capacity?store=a%20b&x=1").location
    goal = parse_qs(urlsplit(asked).query)["next"][0]
    assert f'value="{goal.replace("&", "&amp;")}"' in client.get(asked).text
    answer = log_in(client, next=goal)
    assert (answer.status_code, answer.location) == (303, "/capacity?store=a%20b&x=1")
    assert client.get("/").text == "hello ada (operator)"


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(state: State, ada: users.User) -> None:
    plain = log_in(serve(state).test_client()).headers["Set-Cookie"]
    assert plain.startswith("jauge=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(plain.split("; "))
    secure = log_in(serve(state, secure=True).test_client()).headers["Set-Cookie"]
    assert secure.startswith("__Host-jauge=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(secure.split("; "))
    assert "Domain" not in secure


def test_a_login_renews_the_session_and_a_logout_kills_it_on_the_server(
    state: State, ada: users.User
) -> None:
    client = serve(state).test_client()
    log_in(client)
    first = client.get_cookie("jauge").value
    log_in(client)
    second = client.get_cookie("jauge").value
    assert first != second
    assert sessions.find(state, first) is None
    assert client.post("/logout", headers=ORIGIN).location == "/login"
    client.set_cookie("jauge", second)
    assert client.get("/").status_code == 302
    assert client.get("/logout").status_code in (302, 405)


def test_a_cookie_that_was_planted_is_not_taken_over(state: State, ada: users.User) -> None:
    client = serve(state).test_client()
    client.set_cookie("jauge", "planted")
    log_in(client)
    assert client.get_cookie("jauge").value != "planted"
    assert sessions.find(state, "planted") is None


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8000"},
        {"Referer": "http://evil.example/http://localhost/"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://[bad"},
    ],
)
def test_a_form_of_another_site_is_refused(state: State, ada: users.User, sent: dict[str, str]) -> None:
    client = serve(state).test_client()
    form = {"name": "ada", "password": PASSWORD}
    assert client.post("/login", data=form, headers=sent).status_code == 403
    log_in(client)
    assert client.post("/_dash-update-component", headers=sent).status_code == 403
    assert client.post("/logout", headers=sent).status_code == 403
    assert client.get("/").status_code == 200


def test_a_form_of_our_own_pages_is_taken(state: State, ada: users.User) -> None:
    client = serve(state).test_client()
    log_in(client)
    for sent in (
        ORIGIN,
        {"Referer": "http://localhost/capacity"},
        ORIGIN | {"Sec-Fetch-Site": "same-origin"},
    ):
        assert client.post("/_dash-update-component", headers=sent).status_code == 200


def test_failures_answer_alike_and_are_slowed_down(state: State, ada: users.User) -> None:
    client = serve(state).test_client()
    for name in ("ada", "nobody"):
        answers = [log_in(client, name=name, password="wrong") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert "Name or password is wrong." in answers[0].text
        assert 1 <= int(answers[5].headers["Retry-After"]) <= 31
    assert log_in(client).status_code == 429


def test_a_login_form_that_is_too_large_is_refused(state: State, ada: users.User) -> None:
    assert log_in(serve(state).test_client(), name="x" * 100_000).status_code == 413


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\n//evil.example",
        "http://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/login?next=/",
        "/logout",
        "/_dash-layout",
        "/" + "x" * 3000,
        "/é",
    ],
)
def test_login_never_leads_elsewhere(state: State, ada: users.User, target: str) -> None:
    assert doors.local(target) == "/"
    assert log_in(serve(state).test_client(), next=target).location == "/"


@given(st.text())
def test_whatever_is_asked_for_stays_on_this_server(target: str) -> None:
    kept = doors.local(target)
    assert kept.startswith("/")
    assert not kept.startswith(("//", "/\\"))
    assert "\\" not in kept
    assert kept.isprintable()
    assert urlsplit(kept).netloc == ""


def test_the_login_page_speaks_the_language_of_the_browser(state: State, ada: users.User) -> None:
    client = serve(state).test_client()
    french = client.get("/login", headers={"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.8"})
    assert '<html lang="fr">' in french.text
    assert "Mot de passe" in french.text
    assert '<html lang="en">' in client.get("/login", headers={"Accept-Language": "de"}).text
    assert '<html lang="fr">' in serve(state, language="fr").test_client().get("/login").text


def test_the_login_page_runs_no_script_and_only_its_own_style(state: State, ada: users.User) -> None:
    answer = serve(state).test_client().get("/login?next=/%22%3E%3Cscript%3E")
    csp = answer.headers["Content-Security-Policy"]
    (given_nonce,) = re.findall(r"'nonce-([^']+)'", csp)
    assert f'<style nonce="{given_nonce}">' in answer.text
    assert "<script" not in answer.text
    assert "unsafe" not in csp
    assert "default-src 'none'" in csp
    assert "style=" not in answer.text
    again = serve(state).test_client().get("/login")
    assert given_nonce not in again.headers["Content-Security-Policy"]


def test_without_any_user_the_login_page_says_how_to_add_one(state: State) -> None:
    client = serve(state).test_client()
    assert "jauge user add NAME --role admin" in client.get("/login").text
    assert client.get("/").status_code == 302


def test_every_answer_bears_the_security_headers(state: State, ada: users.User) -> None:
    client = serve(state, secure=True).test_client()
    log_in(client)
    for answer in (
        client.get("/"),
        client.get("/login"),
        client.get("/nowhere"),
        client.get("/_dash-layout"),
    ):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_page_may_bring_its_own_policy(state: State) -> None:
    server = serve(state, demo=True)
    server.after_request(lambda response: headers(response, nonce(), ["'sha256-abc='", "sha256-def="]))
    csp = server.test_client().get("/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-abc=' 'sha256-def=';" in csp
    assert re.search(r"style-src-elem 'self' 'nonce-[\w-]{22}';", csp)
    assert "unsafe" not in csp


def test_the_demo_is_open_to_its_own_machine_only(state: State) -> None:
    client = serve(state, demo=True).test_client()
    assert client.get("/").text == "hello demo (manager)"
    assert client.get("/login").location == "/"
    assert client.get("/", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403
    assert client.get("/", headers={"Host": "rebound.example"}).status_code == 421
    assert client.get("/", headers={"Host": "127.0.0.1:8050"}).status_code == 200
    assert client.get("/", headers={"Host": "[::1]:8050"}).status_code == 200
    assert (
        client.post("/_dash-update-component", headers={"Origin": "http://evil.example"}).status_code == 403
    )


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8050", 200), ("127.0.0.1:8050", 200), ("[::1]:8050", 200), ("JAUGE.hospital.example:8443", 200),
        ("jauge.hospital.example.", 200), ("10.1.2.3:8050", 200), ("[fd00::7]", 200), ("srv-jauge", 200),
        ("rebound.example", 421), ("jauge.hospital.example.rebound.example", 421), ("hospital.example", 421),
        ("127.0.0.1.rebound.example", 421), ("localhost.rebound.example:8050", 421), ("10.1.2", 421), ("", 421), ("[", 421),
        ("localhost,rebound.example", 421), ("rebound.example:8050@localhost", 421), ("sso.hospital.example", 421),
    ],
)  # fmt: skip
def test_a_server_answers_to_addresses_and_to_the_names_it_was_given(
    state: State, ada: users.User, host: str, status: int
) -> None:
    client = serve(state, hosts=("jauge.hospital.example", "srv-jauge")).test_client()
    answer = client.get("/login", headers={"Host": host})
    assert answer.status_code == status
    assert "rebound" not in answer.text


def test_the_name_by_which_the_provider_sends_people_back_is_answered_as_soon_as_it_is_declared(
    state: State, ada: users.User
) -> None:
    declared = Estate()
    client = serve(state, estate=lambda: declared).test_client()
    asked = {"Host": "jauge.hospital.example"}
    assert client.get("/login", headers=asked).status_code == 421
    provider = {
        "issuer": "https://sso.hospital.example", "credential": "sso", "url": "https://Jauge.hospital.example:8443/",
        "roles": {"viewer": ["it"]},
    }  # fmt: skip
    declared = Estate(access=Access(oidc=Provider.model_validate(provider)))
    assert client.get("/login", headers=asked).status_code == 200
    assert client.get("/login", headers={"Host": "sso.hospital.example"}).status_code == 421


def test_a_role_that_is_too_low_is_refused(state: State, ada: users.User) -> None:
    server = serve(state)

    @server.get("/admin")
    def admin() -> str:
        gate.require("admin")
        return "secret"

    client = server.test_client()
    log_in(client)
    assert client.get("/admin").status_code == 403
    users.change(state, "ada", role="admin")
    log_in(client)
    assert client.get("/admin").text == "secret"


def test_a_state_that_cannot_be_read_lets_nobody_in(state: State, ada: users.User) -> None:
    client = serve(state).test_client()
    log_in(client)
    with sqlite3.connect(state.path) as plain:
        plain.execute("DROP TABLE session")
    answer = client.get("/")
    assert answer.status_code == 503
    assert str(state.path) not in answer.text


def test_who_came_from_where_is_audited(state: State, ada: users.User) -> None:
    client = serve(state).test_client()
    log_in(client, password="wrong")
    log_in(client)
    client.post("/logout", headers=ORIGIN)
    rows = [(row.who, row.action, row.source) for row in audit.entries(state, 3)]
    assert rows == [
        ("ada", "logout", "127.0.0.1"),
        ("ada", "login", "127.0.0.1"),
        ("ada", "login failed", "127.0.0.1"),
    ]
