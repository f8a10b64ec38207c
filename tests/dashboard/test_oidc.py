"""Logins by an OpenID Connect provider: against LemonLDAP::NG, and against one that lies (`forging`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import flask
import pytest
import servers
from browsing import chromium_running, needs_chromium, serving
from certificates import Authority
from forging import Forger
from providers import SECRET, LemonLdap, provider
from structlog.testing import capture_logs

from dashboard.access import gate, oidc, users
from inventory.estate import Estate
from inventory.state import State, audit, open_state

__all__ = ["provider"]  # a fixture

pytestmark = pytest.mark.xdist_group("provider")

ROLES = {"viewer": ["jauge-viewers"], "operator": ["jauge-operators"], "admin": ["jauge-admins"]}
PASSWORD = "correct horse battery"
ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forger]:
    with Forger(tmp_path_factory.mktemp("forger")) as lying:
        yield lying


@pytest.fixture(autouse=True)
def _honest(request: pytest.FixtureRequest) -> None:
    if "forger" in request.fixturenames:
        request.getfixturevalue("forger").behave()


def declared(
    issuer: str, ca: Path, client: str = "jauge", url: str = "http://localhost", **more: Any
) -> Estate:
    login = {
        "issuer": issuer,
        "ca": str(ca),
        "credential": "sso",
        "url": url,
        "title": "the SSO",
        "roles": ROLES,
    }
    return Estate.model_validate(
        {
            "access": {"oidc": login | more},
            "credentials": {"sso": {"oidc": {"client": client, "secret": SECRET}}},
        }
    )


def serve(state: State, estate: Estate) -> flask.testing.FlaskClient:
    server = flask.Flask("test", static_folder=None)
    gate.protect(server, state, estate=lambda: estate)
    server.add_url_rule("/", "home", lambda: f"hello {gate.current().name} ({gate.current().role})")
    server.add_url_rule("/capacity", "capacity", lambda: "capacity")
    return server.test_client()


def rows(state: State) -> list[tuple[str, str, str]]:
    return [(row.who, row.action, row.detail) for row in reversed(audit.entries(state))]


def returned(client: flask.testing.FlaskClient, provider: LemonLdap, name: str, goal: str = "/") -> str:
    """The path that a browser comes back to which logged in at the provider."""
    begun = client.get(f"/login/oidc?next={quote(goal, safe='')}")
    assert begun.status_code == 302, begun.text
    back = provider.log_in(begun.location, name)
    assert back.startswith("http://localhost/login/oidc/callback?")
    return back.removeprefix("http://localhost")


# --- a real provider


@pytest.mark.parametrize("client_id", ["jauge", "jauge-thin"])
def test_who_the_provider_knows_is_let_in_with_the_role_of_their_group(
    state: State, provider: LemonLdap, client_id: str
) -> None:
    client = serve(state, declared(provider.issuer, provider.authority, client_id))
    answer = client.get(returned(client, provider, "dwho", "/capacity?a=%20b"))
    assert (answer.status_code, answer.location) == (303, "/capacity?a=%20b")
    assert client.get("/").text == "hello dwho (operator)"
    assert client.get_cookie("jauge-login") is None
    assert rows(state) == [("dwho", "login", f"oidc: dwho of {provider.issuer}")]
    everything = b"".join(file.read_bytes() for file in state.path.parent.iterdir())
    assert SECRET.encode() not in everything


def test_of_several_groups_the_greatest_role_counts_and_logging_out_offers_the_provider(
    state: State, provider: LemonLdap
) -> None:
    client = serve(state, declared(provider.issuer, provider.authority))
    client.get(returned(client, provider, "rtyler"))
    assert client.get("/").text == "hello rtyler (admin)"
    assert [(one.name, one.role, one.origin) for one in users.listed(state)] == [("rtyler", "admin", "oidc")]
    out = client.post("/logout", headers=ORIGIN)
    assert out.location == "/login?left"
    assert client.get("/").status_code == 302
    assert 'href="/logout/oidc"' in client.get(out.location).text
    there = urlsplit(client.get("/logout/oidc").location)
    assert f"{there.scheme}://{there.netloc}/" == provider.issuer
    assert parse_qs(there.query) == {
        "client_id": ["jauge"],
        "post_logout_redirect_uri": ["http://localhost/login"],
    }


def test_who_has_no_group_is_told_so_and_not_let_in(state: State, provider: LemonLdap) -> None:
    client = serve(state, declared(provider.issuer, provider.authority))
    answer = client.get(returned(client, provider, "msmith"))
    assert answer.status_code == 403
    assert "none of your groups may use Jauge" in answer.text
    assert client.get("/").status_code == 302
    assert users.listed(state) == []
    assert rows(state) == [
        ("msmith", "login refused", f"no group gives a role, oidc: msmith of {provider.issuer}")
    ]


def test_a_local_user_is_never_taken_over(state: State, provider: LemonLdap) -> None:
    users.add(state, "Dwho", "viewer", PASSWORD)
    client = serve(state, declared(provider.issuer, provider.authority))
    answer = client.get(returned(client, provider, "dwho"))
    assert answer.status_code == 403
    assert "that of another user of Jauge" in answer.text
    assert client.get("/").status_code == 302
    assert users.listed(state) == [users.User("Dwho", "viewer")]
    assert users.check(state, "dwho", PASSWORD) == users.User("Dwho", "viewer")


def test_a_code_is_worth_nothing_in_another_browser_or_with_another_state(
    state: State, provider: LemonLdap
) -> None:
    client, thief = (serve(state, declared(provider.issuer, provider.authority)) for _ in range(2))
    back = returned(client, provider, "dwho")
    kept = client.get_cookie("jauge-login").value
    assert thief.get(back).status_code == 400  # no login was begun there
    thief.get("/login/oidc")
    assert thief.get(back).status_code == 400  # another one was
    begun = parse_qs(urlsplit(thief.get("/login/oidc").location).query)["state"][0]
    forged = re.sub(r"state=[^&]*", f"state={begun}", back)
    assert thief.get(forged).status_code == 403  # the code was made for another verifier
    for path in (back.replace("state=", "state=x"), re.sub(r"state=[^&]*&?", "", back)):
        client.set_cookie("jauge-login", kept)
        assert client.get(path).status_code == 400
    assert [one.get("/").status_code for one in (client, thief)] == [302, 302]


def test_a_code_that_was_used_is_worth_nothing(state: State, provider: LemonLdap) -> None:
    client = serve(state, declared(provider.issuer, provider.authority))
    back = returned(client, provider, "dwho")
    kept = client.get_cookie("jauge-login").value
    assert client.get(back).status_code == 303
    client.post("/logout", headers=ORIGIN)
    client.set_cookie("jauge-login", kept)
    assert client.get(back).status_code == 403
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("goal", ["//evil.example", "/\\evil.example", "https://evil.example", "/login/oidc"])
def test_coming_back_never_leads_elsewhere(state: State, forger: Forger, goal: str) -> None:
    client = serve(state, declared(forger.issuer, forger.authority))
    assert (
        client.get(forger.back(client.get(f"/login/oidc?next={quote(goal, safe='')}").location)).location
        == "/"
    )
    location = client.get("/login/oidc").location
    token = client.get_cookie("jauge-login").value.split(".")[0]
    client.set_cookie("jauge-login", f"{token}.{quote(goal, safe='')}")
    assert client.get(forger.back(location)).location == "/"


# --- a provider that lies


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"claims": {"iss": "https://evil.example"}}, "'iss'"),
    "another audience": ({"claims": {"aud": "another"}}, "'aud'"),
    "several audiences, ours not the authorized one": (
        {"claims": {"aud": ["jauge", "other"], "azp": "other"}},
        "'azp'",
    ),
    "no audience": ({"claims": {"aud": None}}, "'aud'"),
    "another nonce": ({"claims": {"nonce": "forged"}}, "'nonce'"),
    "no nonce": ({"claims": {"nonce": None}}, "'nonce'"),
    "over": ({"claims": {"exp": -90}}, "expired"),
    "not yet": ({"claims": {"nbf": 90}}, "not yet valid"),
    "made in the future": ({"claims": {"iat": 90}}, "issued in the future"),
    "of nobody": ({"claims": {"sub": None}}, "'sub'"),
    "of somebody without end": ({"claims": {"sub": "x" * 256}}, "who it is about"),
    "another access token": ({"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, "'at_hash'"),
    "not signed": ({"algorithm": "none"}, "'none' is not allowed"),
    "signed with the secret of the client": ({"algorithm": "HS256"}, "'HS256' is not allowed"),
    "signed with the public key as a secret": ({"algorithm": "HS256 of the key"}, "'HS256' is not allowed"),
    "signed by another": ({"algorithm": "RS256 of another"}, "bad_signature"),
    "changed": ({"algorithm": "RS256 of something else"}, "bad_signature"),
    "no token": ({"token": {"access_token": "x"}}, "no ID token"),
    "a token that is none": (
        {"token": {"id_token": "a.b", "access_token": "x"}},
        "Invalid JSON Web Signature",
    ),
    "a list for a name": ({"claims": {"preferred_username": ["dwho"]}}, "the claim preferred_username"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_does_not_hold_lets_nobody_in(state: State, forger: Forger, lie: str) -> None:
    client = serve(state, declared(forger.issuer, forger.authority))
    behaviour, says = LIES[lie]
    forger.behave(**behaviour)
    with capture_logs() as logged:
        answer = client.get(forger.back(client.get("/login/oidc").location))
    assert answer.status_code == 403
    assert "It is not proven who you are: the SSO did not confirm this login." in answer.text
    assert users.listed(state) == []
    assert client.get("/").status_code == 302
    assert says in logged[-1]["why"]
    told = f"{logged}{answer.text}"
    assert SECRET not in told
    assert quote(SECRET) not in told
    assert forger.code not in told


def test_an_honest_token_lets_in_and_a_clock_may_be_a_little_wrong(state: State, forger: Forger) -> None:
    for claims in ({}, {"iat": 50, "nbf": 50}, {"exp": -50}, {"aud": ["jauge"]}):
        forger.behave(claims=claims)
        client = serve(state, declared(forger.issuer, forger.authority))
        assert client.get(forger.back(client.get("/login/oidc").location)).status_code == 303
        assert client.get("/").text == "hello dwho (operator)"


def test_groups_may_stand_inside_a_claim_under_a_dotted_name_or_alone(state: State, forger: Forger) -> None:
    for name, claims in (
        ("realm_access.roles", {"realm_access": {"roles": ["x", "jauge-admins"]}}),
        ("http://schemas.example/role", {"http://schemas.example/role": "jauge-admins"}),
    ):
        forger.behave(claims=claims)
        client = serve(state, declared(forger.issuer, forger.authority, groups=name))
        client.get(forger.back(client.get("/login/oidc").location))
        assert client.get("/").text == "hello dwho (admin)"


def test_userinfo_of_somebody_else_is_refused(state: State, forger: Forger) -> None:
    forger.behave(claims={"groups": None}, userinfo={"sub": "another", "groups": ["jauge-admins"]})
    client = serve(state, declared(forger.issuer, forger.authority))
    assert client.get(forger.back(client.get("/login/oidc").location)).status_code == 403


def test_two_accounts_of_the_provider_never_share_a_name(state: State, forger: Forger) -> None:
    first, second = (serve(state, declared(forger.issuer, forger.authority)) for _ in range(2))
    assert first.get(forger.back(first.get("/login/oidc").location)).status_code == 303
    forger.behave(claims={"sub": "somebody else", "groups": ["jauge-admins"]})
    answer = second.get(forger.back(second.get("/login/oidc").location))
    assert answer.status_code == 403
    assert first.get("/").text == "hello dwho (operator)"


def test_hostile_names_and_errors_are_refused_and_stand_nowhere(state: State, forger: Forger) -> None:
    client = serve(state, declared(forger.issuer, forger.authority))
    forger.behave(claims={"preferred_username": "<script>alert(1)</script>"})
    answer = client.get(forger.back(client.get("/login/oidc").location))
    assert answer.status_code == 403
    assert "<script" not in answer.text
    begun = parse_qs(urlsplit(client.get("/login/oidc").location).query)["state"][0]
    answer = client.get("/login/oidc/callback", query_string={"state": begun, "error": "<script>"})
    assert answer.status_code == 403
    assert "<script" not in answer.text


TROUBLES: dict[str, tuple[dict[str, Any], str]] = {
    "calls itself otherwise": (
        {"metadata": {"issuer": "https://evil.example"}},
        "calls itself https://evil.example",
    ),
    "leads to an unsafe address": (
        {"metadata": {"authorization_endpoint": "http://x/"}},
        "tells no authorization_endpoint",
    ),
    "is too large": ({"raw": b'{"x": "' + b"x" * 5_000_000 + b'"}'}, "more than 4 MiB"),
    "is no JSON": ({"raw": b"<html>"}, "not JSON"),
    "is no object": ({"raw": b"[]"}, "no JSON object"),
    "is silent": ({"silent": True}, "in time"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_provider_in_trouble_is_said_in_words(
    state: State, forger: Forger, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    behaviour, says = TROUBLES[trouble]
    if trouble == "is silent":
        monkeypatch.setattr(oidc, "PATIENCE", 0.3)
    client = serve(state, declared(forger.issuer, forger.authority))
    forger.behave(**behaviour)
    with capture_logs() as logged:
        answer = client.get("/login/oidc", headers={"Accept-Language": "fr"})
    assert answer.status_code == 503
    assert "La connexion avec the SSO ne fonctionne pas pour l’instant." in answer.text
    assert says in logged[-1]["why"]


def test_local_users_log_in_while_a_provider_is_down_or_not_itself(
    state: State, forger: Forger, tmp_path: Path
) -> None:
    nowhere = f"https://{servers.LOOPBACK}:{servers.free_port()}/"
    stranger = Authority(tmp_path, "Another authority").file
    for estate in (declared(nowhere, forger.authority), declared(forger.issuer, stranger)):
        client = serve(state, estate)
        with capture_logs() as logged:
            assert client.get("/login/oidc").status_code == 503
        assert logged[-1]["reason"] == "down"
    users.add(state, "ada", "viewer", PASSWORD)
    assert (
        client.post("/login", data={"name": "ada", "password": PASSWORD}, headers=ORIGIN).status_code == 303
    )


# --- the login page, in a browser


def test_the_login_page_shows_what_is_declared_and_nothing_else(state: State, forger: Forger) -> None:
    page = serve(state, declared(forger.issuer, forger.authority)).get("/login?next=/capacity?a=%26b")
    assert (
        '<a class="provider" href="/login/oidc?next=/capacity%3Fa%3D%26b" autofocus>Log in with the SSO</a>'
        in page.text
    )
    assert "directory" not in page.text
    assert "<script" not in page.text
    alone = serve(state, Estate()).get("/login")
    assert "/login/oidc" not in alone.text
    assert serve(state, Estate()).get("/login/oidc?next=/capacity").location == "/login?next=/capacity"
    assert serve(state, Estate()).get("/login/oidc/callback?code=x").location == "/login?next=/"


@needs_chromium
def test_a_browser_logs_in_and_out_by_the_keyboard_alone(provider: LemonLdap, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "estate.yml").write_text(f"""
access:
  oidc:
    issuer: {provider.issuer}
    ca: {provider.authority}
    credential: sso
    url: http://{servers.LOOPBACK}:{provider.pages}
    title: Hospital account
    roles: {{operator: [jauge-operators]}}
credentials: {{sso: {{oidc: {{client: jauge, secret: "file:secret"}}}}}}
targets: [{{name: here, host: true}}]
""")
    with serving(tmp_path, demo=False, port=provider.pages) as url, chromium_running() as browser:
        page = browser.new_context(ignore_https_errors=True, locale="en-GB").new_page()
        said: list[str] = []
        page.on("console", lambda m: said.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto(f"{url}/runway")
        assert page.evaluate("document.activeElement.textContent") == "Log in with Hospital account"
        page.keyboard.press("Enter")
        page.wait_for_selector("#userfield")
        page.fill("#userfield", "dwho")
        page.fill("#passwordfield", "dwho")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{url}/runway")
        page.wait_for_selector("#title")
        page.locator('form[action="/logout"] button').focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status]")
        page.locator("[role=status] a").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{provider.issuer}oauth2/logout**")
        assert said == []
