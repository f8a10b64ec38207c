"""The gate before everything that is served: without a login nothing answers but the login page itself."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable
from typing import Final, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, Request, Response, abort, g, has_request_context, request

from dashboard import problems
from dashboard.access import sessions, tokens
from dashboard.access.doors import Gate, invite, is_open, open_doors
from dashboard.access.headers import plain
from dashboard.access.users import DelayedError, Role, User
from inventory.estate import Estate
from inventory.state import State, StateError, audit

log = structlog.get_logger(__name__)

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_DEMO: Final = User("demo", "manager")
_NOT_OURS: Final = "This server does not answer to that name. Whoever runs it can declare it: jauge dashboard --web.external-url URL."


def protect(
    server: Flask,
    state: State,
    demo: bool = False,
    secure: bool = False,
    hosts: tuple[str, ...] = (),
    language: str = "en",
    estate: Callable[[], Estate] = Estate,
) -> None:
    """Put the gate before every path of a server, those that are added later included.

    `demo` leaves it open, as the user "demo", to this machine alone. `secure` says that browsers come over
    TLS. `hosts` lists the names that are answered beside those of loopback, in a demo none. `estate` gives the estate
    as it is declared now, for who may log in beside the users of `state`.
    """
    gate = Gate(state, demo, secure, tuple(map(_name, hosts)), language, estate)
    # First of all, whatever was registered before: what answers ahead of the gate would answer to anybody.
    server.before_request_funcs.setdefault(None, []).insert(0, lambda: _admit(gate))
    open_doors(server, gate)
    server.register_error_handler(StateError, _unavailable)
    server.after_request(lambda response: plain(response, secure))


def current() -> User:
    """Who asks. Only inside a request that the gate let through."""
    return cast(User, g.user)


def visitor() -> User | None:
    """Who asks, or None before the gate has let anybody through (Dash draws the frame once when it starts)."""
    return cast("User | None", g.get("user"))


def is_demo() -> bool:
    """Whether whoever asks looks at an open demonstration, where nobody logs in."""
    return visitor() is _DEMO


def allows(role: Role) -> bool:
    """Whether whoever asks may do what that role may; nobody may where nobody asks."""
    user = visitor() if has_request_context() else None
    return user is not None and user.may(role)


def require(role: Role) -> None:
    """Answer 403 where the asking user may not do what that role may: pages do not offer it, so it is noted who tried."""
    user = current()
    if user.may(role):
        return
    state: State = g.state
    with state.write() as connection:
        audit.record(
            connection, user.name, "refused", f"{request.path} needs {role}", request.remote_addr or ""
        )
    abort(403)


def _admit(gate: Gate) -> Response | None:
    """None lets the request through; anything else is the answer."""
    if not _answers(gate, request.host):
        return _text(_NOT_OURS, 421)
    try:
        user = _who(gate)
    except DelayedError as error:
        return problems.later(error.seconds)
    if user is None and not is_open(request.path, request.method):
        return _stranger(gate)
    # The interface changes nothing, whatever the method: it says so itself.
    is_page = not problems.concerns(request.path)
    if is_page and request.method not in SAFE and not _same_origin(request):
        return _text("This request does not come from a page of this server (Origin or Referer).", 403)
    if user is not None:
        g.user, g.state = user, gate.state
    return None


def _answers(gate: Gate, host: str) -> bool:
    """Whether the pages may be asked by that name.

    A stranger's page whose name was led here (DNS rebinding) asks by that name: none but ours are answered. An address is
    nobody's name: it cannot be led anywhere.
    """
    name = _name(host)
    if name in _LOOPBACK_NAMES:
        return True
    if gate.demo or not name:
        return False
    return name in gate.hosts or _is_address(name) or name == _declared(gate)


def _declared(gate: Gate) -> str:
    """The name by which the provider sends people back, where there is one."""
    provider = gate.estate().access.oidc
    return _name(urlsplit(provider.url).netloc) if provider is not None else ""


def _who(gate: Gate) -> User | None:
    if gate.demo:
        return _DEMO if _is_loopback(request.remote_addr) else None
    if problems.concerns(request.path) and "Authorization" in request.headers:
        # Who shows a token is judged by it alone, whatever cookies there are.
        return _bearer(gate, request.headers["Authorization"])
    token = request.cookies.get(gate.cookie)
    return sessions.find(gate.state, token) if token else None


def _bearer(gate: Gate, shown: str) -> User | None:
    """Whom a token stands for (RFC 6750, 2.1). Raises DelayedError."""
    scheme, _, token = shown.partition(" ")
    if scheme.lower() != "bearer":
        return None
    today = dt.datetime.now(ZoneInfo(gate.estate().timezone)).date()
    return tokens.find(gate.state, token.strip(), today, request.remote_addr or "")


def _stranger(gate: Gate) -> Response:
    """What somebody without a login gets: the login page where a person looks, else 401."""
    if problems.concerns(request.path) and not gate.demo:
        wrong = "Authorization" in request.headers
        return problems.unknown("This token is none, or it is over." if wrong else "Show a token, or log in.")
    if gate.demo:
        return _text("This demonstration answers to its own machine only.", 403)
    person = (
        request.method in SAFE
        and request.method != "OPTIONS"
        and not request.path.startswith("/_")
        and request.headers.get("X-Requested-With") != "XMLHttpRequest"
        and (not request.accept_mimetypes or request.accept_mimetypes.accept_html)
    )
    if not person:
        return _text("Log in first.", 401)
    asked = request.full_path.rstrip("?") if request.query_string else request.path
    return invite(asked)


def _same_origin(asked: Request) -> bool:
    """Whether the page that sends this is ours: browsers name the origin of every POST."""
    if asked.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = asked.headers.get("Origin") or asked.headers.get("Referer")
    try:
        # The scheme is not compared: TLS may end at a proxy before us, which keeps the Host.
        return origin is not None and urlsplit(origin).netloc.lower() == asked.host.lower() != ""
    except ValueError:
        return False


def _name(host: str) -> str:
    """The host name without its port, brackets, case and last dot; nothing where it is none."""
    try:
        return "" if "@" in host else (urlsplit(f"//{host}").hostname or "").lower().removesuffix(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def _is_loopback(address: str | None) -> bool:
    try:
        return address is not None and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _text(message: str, status: int) -> Response:
    if problems.concerns(request.path):
        return problems.problem(status, message)
    return Response(message + "\n", status, mimetype="text/plain")


def _unavailable(error: Exception) -> Response:
    # The reason names files of this machine: it goes to the log, not to a stranger.
    log.error("state unavailable", why=str(error))
    return _text("The state of Jauge cannot be read: see the log of the dashboard.", 503)
