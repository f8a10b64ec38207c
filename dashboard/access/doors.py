"""The ways in and out: the form with name and password, the OpenID Connect provider, and logging out."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable
from typing import Final, Literal, cast
from urllib.parse import quote, unquote, urlsplit

import structlog
from flask import Flask, Response, redirect, request

from dashboard.access import directory, login, oidc, outsiders, sessions, users
from dashboard.access.headers import nonce
from dashboard.access.outsiders import RefusedError
from dashboard.access.users import User
from inventory.access import Provider
from inventory.credentials import Ldap, Oidc, OidcClient
from inventory.estate import Estate
from inventory.harmless import line
from inventory.state import State

log = structlog.get_logger(__name__)

LOGIN, LOGOUT = "/login", "/logout"
HEALTHY, READY = "/-/healthy", "/-/ready"
"""What whoever looks after the process asks: one word, and which parts are amiss."""

_OPEN: Final = frozenset({login.BEGIN, oidc.CALLBACK, login.LEAVE, HEALTHY, READY})

EVEN: Final = 0.5
"""Seconds that a refused password takes at least where a directory is asked, so that time tells nothing of who is known."""

_LARGEST_FORM: Final = 16 * 1024
_BEGUN_FOR: Final = 600
"""Seconds that a browser keeps a login with the provider that was begun."""

_STATUS: Final[dict[outsiders.Refusal, int]] = {"down": 503, "stale": 400}


@dataclasses.dataclass(frozen=True, slots=True)
class Gate:
    """How a server is guarded. `hosts` are the names it may be asked by beside those of loopback. `estate` gives who else may log in."""

    state: State
    demo: bool = False
    secure: bool = False
    hosts: tuple[str, ...] = ()
    language: str = "en"
    estate: Callable[[], Estate] = Estate

    @property
    def cookie(self) -> str:
        """The cookie that holds a session."""
        return cookie(self.secure)

    @property
    def begun(self) -> str:
        """The cookie that holds a login with the provider that was begun."""
        return f"{self.cookie}-login"

    def provider(self) -> tuple[Provider, OidcClient] | None:
        """The OpenID Connect provider, where one is declared."""
        estate = self.estate()
        found, proof = estate.access.oidc, None
        if found is not None:
            proof = estate.credentials.get(found.credential)
        return (found, proof.oidc) if found is not None and isinstance(proof, Oidc) else None

    def directory(self) -> Callable[[str, str], User | None] | None:
        """What lets in by a directory, where one is declared."""
        estate = self.estate()
        found = estate.access.ldap
        proof = estate.credentials.get(found.credential) if found is not None else None
        if found is None or not isinstance(proof, Ldap):
            return None
        declared, account = found, proof.ldap

        def admitted(name: str, password: str) -> User | None:
            outsider = directory.person(declared, account, name, password)
            return outsiders.admit(self.state, outsider, _source()) if outsider is not None else None

        return admitted


def cookie(secure: bool) -> str:
    """The cookie that holds a session."""
    # __Host-: browsers take it only with Secure, Path=/ and no Domain, so no sister site can plant one.
    return "__Host-jauge" if secure else "jauge"


def is_open(path: str, method: str) -> bool:
    """Whether strangers may ask for that."""
    return path == LOGIN or (path in _OPEN and method == "GET")


def open_doors(server: Flask, gate: Gate) -> None:
    """Add the ways in and out to a server."""
    server.add_url_rule(LOGIN, "login", lambda: _login(gate), methods=["GET", "POST"])
    server.add_url_rule(login.BEGIN, "begin", lambda: _begin(gate))
    server.add_url_rule(oidc.CALLBACK, "callback", lambda: _return(gate))
    server.add_url_rule(LOGOUT, "logout", lambda: _logout(gate), methods=["POST"])
    server.add_url_rule(login.LEAVE, "leave", lambda: _leave(gate))


def local(target: str | None) -> str:
    """A path of this server to go to after login: what would lead elsewhere becomes `/`."""
    if not target or len(target) > 2000 or not re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", target):
        return "/"
    parts = urlsplit(target)
    own = parts.path.startswith((LOGIN, LOGOUT, "/_"))
    return "/" if parts.scheme or parts.netloc or own else target


def invite(asked: str) -> Response:
    """Send somebody to the login page, and afterwards to what they asked for."""
    return _to(f"{LOGIN}?next={quote(local(asked), safe='/')}", 302)


def _login(gate: Gate) -> Response:
    if gate.demo:
        return _to("/", 303)
    if request.method == "GET":
        left: login.Message | None = (
            "left" if "left" in request.args and gate.provider() is not None else None
        )
        return _page(gate, left, local(request.args.get("next")), 200)
    request.max_content_length = _LARGEST_FORM
    goal, began, elsewhere = local(request.form.get("next")), time.monotonic(), gate.directory()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        user = users.check(gate.state, name, password, _source(), elsewhere)
    except users.DelayedError as error:
        answer = _page(gate, "delayed", goal, 429, wait=error.seconds)
        answer.headers["Retry-After"] = str(round(error.seconds + 0.5))
        return answer
    except RefusedError as error:
        return _refuse(gate, error, goal, "directory")
    if user is None:
        if elsewhere is not None:
            time.sleep(max(0.0, began + EVEN - time.monotonic()))
        return _page(gate, "wrong", goal, 401)
    return _enter(gate, user, goal)


def _begin(gate: Gate) -> Response:
    """Send a browser to the provider."""
    known, goal = gate.provider(), local(request.args.get("next"))
    if known is None or gate.demo:
        return invite(goal)
    attempt = oidc.Attempt.begin()
    try:
        answer = _to(oidc.login_address(*known, attempt), 302)
    except RefusedError as error:
        return _refuse(gate, error, goal)
    kept = f"{attempt.token}.{quote(goal, safe='/')}"
    answer.set_cookie(
        gate.begun, kept, _BEGUN_FOR, httponly=True, secure=gate.secure, samesite="Lax", path="/"
    )
    return answer


def _return(gate: Gate) -> Response:
    """Let in who comes back from the provider."""
    known = gate.provider()
    if known is None or gate.demo:
        return invite("/")
    token, _, goal = request.cookies.get(gate.begun, "").partition(".")
    goal = local(unquote(goal))
    try:
        attempt = oidc.Attempt(token) if token else None
        outsider = oidc.person(*known, attempt, request.args.to_dict())
        answer = _enter(gate, outsiders.admit(gate.state, outsider, _source()), goal)
    except RefusedError as error:
        answer = _refuse(gate, error, goal)
    _drop(gate, answer, gate.begun)
    return answer


def _enter(gate: Gate, user: User, goal: str) -> Response:
    _end(gate)  # never carry on a session that was there before the login
    answer = _to(goal, 303)
    token = sessions.start(gate.state, user)
    answer.set_cookie(gate.cookie, token, httponly=True, secure=gate.secure, samesite="Lax", path="/")
    return answer


def _logout(gate: Gate) -> Response:
    if gate.demo:
        return _to("/", 303)
    token = request.cookies.get(gate.cookie)
    user = sessions.find(gate.state, token) if token else None
    _end(gate)
    answer = _to(f"{LOGIN}?left" if user is not None and user.origin == "oidc" else LOGIN, 303)
    _drop(gate, answer, gate.cookie)
    return answer


def _leave(gate: Gate) -> Response:
    """Send a browser to where the provider lets people log out."""
    known = gate.provider()
    if known is None or gate.demo:
        return invite("/")
    try:
        address = oidc.logout_address(*known)
    except RefusedError as error:
        return _refuse(gate, error, "/")
    return _to(address or known[0].issuer, 302)


def _end(gate: Gate) -> None:
    token = request.cookies.get(gate.cookie)
    if token:
        sessions.end(gate.state, token, _source())


def _drop(gate: Gate, answer: Response, cookie: str) -> None:
    answer.delete_cookie(cookie, httponly=True, secure=gate.secure, samesite="Lax", path="/")


def _refuse(
    gate: Gate, error: RefusedError, goal: str, system: Literal["provider", "directory"] = "provider"
) -> Response:
    log.warning("login refused", system=system, reason=error.refusal, why=line(str(error), 400))
    return _page(gate, error.refusal, goal, _STATUS.get(error.refusal, 403), system=system)


def _page(
    gate: Gate,
    message: login.Message | None,
    goal: str,
    status: int,
    wait: float = 0.0,
    system: Literal["provider", "directory"] = "provider",
) -> Response:
    language = request.accept_languages.best_match(["fr", "en"], gate.language) or gate.language
    known, listed = gate.provider(), gate.directory() is not None
    ways = login.Ways(known[0].title if known is not None else "", listed)
    if message is None and ways == login.ALONE and not users.listed(gate.state):
        message = "empty"
    answer = Response(
        login.page(language, nonce(), goal, message, wait, ways, system), status, mimetype="text/html"
    )
    answer.headers["Content-Language"] = language
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["Content-Security-Policy"] = login.policy(nonce())
    return answer


def _source() -> str:
    return request.remote_addr or ""


def _to(address: str, status: int) -> Response:
    return cast(Response, redirect(address, status))
