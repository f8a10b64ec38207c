"""Users, sessions and tokens that administrators change on their page: forms of our own, as for decisions.

The gate refuses whatever does not come from a page of this server; here only the role is asked for. Who changed what stands in the audit
log, as for the commands. A password is never sent back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, get_args

import structlog
from flask import Flask, Response, redirect, request

from dashboard.access import gate, sessions, tokens, users
from dashboard.access.tokens import TokenError
from dashboard.access.users import UserError
from dashboard.components import address
from inventory.state import State

log = structlog.get_logger(__name__)

PATH: Final = "/administration/act"
PAGE: Final = "/administration"
ROLE: Final = "admin"

Refusal = Literal[users.Refusal, "again", "self", "session", "token", "action"]
"""Beside what users refuse: the password was typed in two ways; nobody takes a right from themselves; the session or the token is over
already."""

REFUSALS: Final[tuple[Refusal, ...]] = (
    *get_args(users.Refusal),
    "again",
    "self",
    "session",
    "token",
    "action",
)
DONE: Final = ("added", "role", "password", "removed", "ended", "token")
_LARGEST_FORM: Final = 16 * 1024


class RefusedError(Exception):
    """Nothing is changed."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why: Refusal = why


def connect(server: Flask, state: State) -> None:
    """Let forms change users, and end sessions."""
    server.add_url_rule(PATH, "administer", lambda: _act(state), methods=["POST"])


def _act(state: State) -> Response:
    gate.require(ROLE)
    request.max_content_length = _LARGEST_FORM
    form = request.form
    try:
        done = _ACTIONS.get(form.get("action", ""), _unknown)(state, form)
    except (RefusedError, UserError) as error:
        log.warning("change of users refused", why=error.why)
        return _to(refused=error.why, **_again(form))
    return _to(done=done, name=form.get("name", "")[:64])


def _to(**query: str) -> Response:
    answer: Response = redirect(address(PAGE, **{name: value for name, value in query.items() if value}), 303)  # type: ignore[assignment]
    return answer


def _again(form: Mapping[str, str]) -> dict[str, str]:
    """What brings the same form back, but for the password."""
    if form.get("action") == "add":
        return {"name": form.get("name", "")[:64], "role": form.get("role", "")[:20]}
    return {"change": form.get("name", "")[:64]}


def _unknown(_state: State, _form: Mapping[str, str]) -> str:
    raise RefusedError("action")


def _add(state: State, form: Mapping[str, str]) -> str:
    users.add(state, form.get("name", "").strip(), form.get("role", ""), _password(form), **_by())
    return "added"


def _role(state: State, form: Mapping[str, str]) -> str:
    users.change(state, _other(form), role=form.get("role", ""), **_by())
    return "role"


def _renew(state: State, form: Mapping[str, str]) -> str:
    users.change(state, form.get("name", ""), password=_password(form), **_by())
    return "password"


def _remove(state: State, form: Mapping[str, str]) -> str:
    users.remove(state, _other(form), **_by())
    return "removed"


def _end(state: State, form: Mapping[str, str]) -> str:
    if not sessions.cut(state, form.get("mark", ""), **_by()):
        raise RefusedError("session")
    return "ended"


def _end_token(state: State, form: Mapping[str, str]) -> str:
    try:
        tokens.end(state, form.get("mark", ""), **_by())
    except TokenError as error:
        raise RefusedError("token") from error
    return "token"


_ACTIONS: Final[Mapping[str, Callable[[State, Mapping[str, str]], str]]] = {
    "add": _add,
    "role": _role,
    "password": _renew,
    "remove": _remove,
    "end": _end,
    "end token": _end_token,
}


def _by() -> dict[str, str]:
    """Who changes it, and from where."""
    return {"by": gate.current().name, "source": request.remote_addr or ""}


def _other(form: Mapping[str, str]) -> str:
    """The user that is meant, who is somebody else: whoever took the role from themselves could not give it back."""
    name = form.get("name", "")
    if name.casefold() == gate.current().name.casefold():
        raise RefusedError("self")
    return name


def _password(form: Mapping[str, str]) -> str:
    password = form.get("password", "")
    if password != form.get("again", ""):
        raise RefusedError("again")
    return password
