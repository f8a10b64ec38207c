"""Logins by a directory, against OpenLDAP over TLS."""

from __future__ import annotations

import builtins
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
import servers
import time_machine
from certificates import Authority
from directories import ACCOUNT, ACCOUNT_PASSWORD, BASE, GROUPS, PASSWORD, STAFF, Slapd, slapd
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from dashboard.access import directory, doors, gate, relay, users
from dashboard.access.outsiders import RefusedError
from inventory.access import Directory
from inventory.credentials import LdapLogin
from inventory.estate import Estate
from inventory.state import State, audit, open_state

pytestmark = pytest.mark.xdist_group("directory")

LOGIN = LdapLogin.model_validate({"user": ACCOUNT, "password": ACCOUNT_PASSWORD})
ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    try:
        import ldap  # noqa: F401
    except ImportError:
        servers.missing("python-ldap is not installed: make ldap")


@pytest.fixture(scope="module")
def server() -> Iterator[Slapd]:
    with slapd() as running:
        yield running


@pytest.fixture(autouse=True)
def _unhindered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "_refused", {})
    monkeypatch.setattr(doors, "EVEN", 0.0)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def declared(server: Slapd, **more: Any) -> Directory:
    plain = {"servers": [server.tls], "ca": str(server.authority), "credential": "ad", "base": STAFF}
    roles = {role: [group] for role, group in GROUPS.items()}
    return Directory.model_validate(plain | {"roles": roles} | more)


def serve(state: State, section: Directory, account: LdapLogin = LOGIN) -> flask.testing.FlaskClient:
    credentials = {"ad": {"ldap": {"user": account.user, "password": account.password.reveal()}}}
    estate = Estate.model_validate({"access": {"ldap": section}, "credentials": credentials})
    pages = flask.Flask("test", static_folder=None)
    gate.protect(pages, state, estate=lambda: estate)
    pages.add_url_rule("/", "home", lambda: f"hello {gate.current().name} ({gate.current().role})")
    return pages.test_client()


def log_in(
    client: flask.testing.FlaskClient, name: str, password: str = PASSWORD
) -> flask.testing.TestResponse:
    return client.post("/login", data={"name": name, "password": password}, headers=ORIGIN)


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server((servers.LOOPBACK, 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize(
    ("name", "greeting"),
    [("ada", "hello ada (operator)"), ("GRACE", "hello Grace (admin)"), ("alan", "hello alan (viewer)")],
)
@pytest.mark.parametrize("way", ["tls", "plain"])
def test_who_the_directory_knows_is_let_in_with_their_password(
    state: State, server: Slapd, name: str, greeting: str, way: str
) -> None:
    client = serve(state, declared(server, servers=[getattr(server, way)]))
    assert log_in(client, name).status_code == 303
    assert client.get("/").text == greeting
    (entry,) = audit.entries(state)
    assert (entry.action, entry.detail.split(",")[-2:]) == ("login", ["dc=hospital", "dc=example"])
    assert PASSWORD.encode() not in b"".join(file.read_bytes() for file in state.path.parent.iterdir())
    assert client.post("/logout", headers=ORIGIN).location == "/login"


def test_without_a_group_nobody_is_let_in(state: State, server: Slapd) -> None:
    answer = log_in(serve(state, declared(server)), "zoe")
    assert answer.status_code == 403
    assert "You are known to the directory, but none of your groups may use Jauge." in answer.text
    assert users.listed(state) == []


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong"),
        ("ada", ""),  # which the server itself takes for somebody who does not log in, and lets pass
        ("ada", "\0"),
        ("nobody", PASSWORD),
        ("twin", PASSWORD),  # two entries bear it
        ("*", PASSWORD),
        ("*)(uid=*", PASSWORD),
        ("ada)(objectClass=*", PASSWORD),
        ("ada ", PASSWORD),  # the same to a directory, but counted as another name here
        ("jauge", ACCOUNT_PASSWORD),
        ("", PASSWORD),
        ("ada", "x" * 100_000),
    ],
)
def test_what_is_wrong_is_refused_alike(state: State, server: Slapd, name: str, password: str) -> None:
    client = serve(state, declared(server))
    answer = log_in(client, name, password)
    if len(password) > 16_384:
        assert answer.status_code == 413
        return
    assert answer.status_code == 401
    assert "Name or password is wrong." in answer.text
    assert client.get("/").status_code == 302
    assert [(row.who, row.action) for row in audit.entries(state)] == [("(unknown name)", "login failed")]


@given(
    name=st.text(st.characters(codec="utf-8"), max_size=30).filter(
        lambda name: name.strip().casefold() != "ada"
    )
)
@settings(max_examples=15, deadline=None)
def test_no_name_finds_anybody_but_who_bears_it(server: Slapd, name: str) -> None:
    assert directory.person(declared(server, base=f"uid=ada,{STAFF}"), LOGIN, name, PASSWORD) is None


def test_who_is_unknown_costs_the_directory_as_much_as_who_is_not(server: Slapd) -> None:
    asked = []
    for name in ("ada", "nobody", "twin"):
        before = len(server.asked())
        assert directory.person(declared(server), LOGIN, name, "wrong") is None
        asked.append(server.asked()[before:])
    assert asked == [["BIND", "SRCH", "BIND"]] * 3


def test_time_tells_nothing_of_who_is_known_here_or_there(
    state: State, server: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.add(state, "local", "viewer", "another password")
    client, waits = serve(state, declared(server)), list[float]()
    monkeypatch.setattr(doors, "EVEN", 1000.0)
    monkeypatch.setattr(doors.time, "sleep", waits.append)
    assert [log_in(client, name, "wrong").status_code for name in ("local", "ada", "nobody")] == [401] * 3
    assert len(waits) == 3
    assert min(waits) > 900


def test_five_failures_make_a_name_wait_and_the_directory_is_left_alone(state: State, server: Slapd) -> None:
    client = serve(state, declared(server))
    for name in ("ada", "nobody"):
        assert [log_in(client, name, "wrong").status_code for _ in range(6)] == [401] * 5 + [429]
    before = len(server.asked())
    assert log_in(client, "ada").status_code == 429
    assert len(server.asked()) == before


def test_a_local_user_is_asked_for_here_and_never_taken_over(state: State, server: Slapd) -> None:
    users.add(state, "ada", "admin", "another password of ada")
    client = serve(state, declared(server))
    assert log_in(client, "ada").status_code == 401
    assert log_in(client, "ada", "another password of ada").status_code == 303
    assert client.get("/").text == "hello ada (admin)"


def test_an_outsider_gives_way_to_a_local_user_and_is_forgotten_after_the_last_session(
    state: State, server: Slapd
) -> None:
    client = serve(state, declared(server))
    log_in(client, "ada")
    with pytest.raises(users.UserError, match="no local user"):
        users.change(state, "ada", role="admin")
    users.add(state, "ada", "viewer", "another password of ada")
    assert client.get("/").status_code == 302
    log_in(client, "grace")
    client.post("/logout", headers=ORIGIN)
    with time_machine.travel(time.time() + 61):
        log_in(client, "alan")
    assert [(one.name, one.origin) for one in users.listed(state)] == [("ada", "local"), ("alan", "ldap")]


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
def test_the_next_server_is_asked_where_one_is_down_or_silent(
    server: Slapd, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "ANSWER", 0.3)
    with silent() as hole:
        dead = f"{scheme}://{servers.LOOPBACK}:{servers.free_port()}"
        listed = [dead, f"{scheme}://{servers.LOOPBACK}:{hole}"]
        with pytest.raises(RefusedError, match="no answer in time"):
            directory.person(declared(server, servers=listed), LOGIN, "ada", PASSWORD)
        monkeypatch.setattr(directory, "ANSWER", 3.0)
        found = directory.person(declared(server, servers=[dead, server.tls]), LOGIN, "ada", PASSWORD)
    assert found is not None


def test_a_directory_that_is_down_is_said_in_words_and_is_nobodys_failure(
    state: State, server: Slapd
) -> None:
    users.add(state, "root", "admin", "the password of root")
    client = serve(state, declared(server, servers=[f"ldaps://{servers.LOOPBACK}:{servers.free_port()}"]))
    answers = [log_in(client, "ada") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [503] * 7
    assert "Logging in with the directory does not work just now." in answers[0].text
    assert log_in(client, "root", "the password of root").status_code == 303


def test_a_server_with_another_authority_is_told_no_password(server: Slapd, tmp_path: Path) -> None:
    stranger = str(Authority(tmp_path, "Another authority").file)
    for address in (server.tls, server.plain):
        before = len(server.asked())
        with pytest.raises(RefusedError, match="certificate is not accepted"):
            directory.person(declared(server, ca=stranger, servers=[address]), LOGIN, "ada", PASSWORD)
        assert len(server.asked()) == before
    with pytest.raises(RefusedError, match="authority cannot be used"):
        directory.person(declared(server, ca=f"{tmp_path}/none"), LOGIN, "ada", PASSWORD)


def test_a_server_that_does_not_agree_to_starttls_is_told_no_password(server: Slapd) -> None:
    heard: list[bytes] = []
    refusal = bytes.fromhex("300c02010178070a010204000400")

    def refuse(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            heard.append(connection.recv(1000))
            connection.sendall(refusal)
            heard.append(connection.recv(1000))

    with socket.create_server((servers.LOOPBACK, 0)) as listening:
        thread = threading.Thread(target=refuse, args=(listening,))
        thread.start()
        address = f"ldap://{servers.LOOPBACK}:{listening.getsockname()[1]}"
        with pytest.raises(RefusedError, match="does not agree to StartTLS"):
            directory.person(declared(server, servers=[address]), LOGIN, "ada", PASSWORD)
        thread.join()
    assert heard == [relay._START_TLS, b""]


def test_our_own_account_is_left_alone_after_it_was_refused(state: State, server: Slapd) -> None:
    wrong = LdapLogin.model_validate({"user": ACCOUNT, "password": "a wrong secret"})
    client = serve(state, declared(server), wrong)
    before = len(server.asked())
    with capture_logs() as logged:
        assert [log_in(client, name).status_code for name in ("ada", "grace")] == [503, 503]
    assert server.asked()[before:] == ["BIND"]
    assert "refuses cn=jauge" in logged[0]["why"]
    assert "a wrong secret" not in str(logged)
    assert PASSWORD not in str(logged)


def test_without_the_library_it_says_how_to_get_it(
    state: State, server: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == "ldap":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with capture_logs() as logged:
        assert log_in(serve(state, declared(server)), "ada").status_code == 503
    assert "make ldap" in logged[-1]["why"]


def test_the_login_page_says_that_the_directory_is_asked(state: State, server: Slapd) -> None:
    client = serve(state, declared(server))
    assert "With your password of the directory" in client.get("/login").text
    french = client.get("/login", headers={"Accept-Language": "fr"}).text
    assert "Avec votre mot de passe de l’annuaire" in french
    assert BASE not in french
