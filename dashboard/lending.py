"""Tokens that users make for programs of their own, and end: forms of our own, as for decisions.

A token is shown in the answer to the form that made it, and nowhere again: no address, no store of the browser and no log ever holds it.
A form bears the mark of the token that it makes, so that sent twice it makes one. The gate refuses whatever does not come from a page of
this server.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Final, get_args

import structlog
from flask import Flask, Response, abort, redirect, request

from dashboard.access import gate, login, tokens
from dashboard.access.headers import nonce
from dashboard.access.tokens import TokenError
from dashboard.access.users import UserError
from dashboard.components import address
from dashboard.data import Data
from dashboard.texts import Texts
from inventory.state import State

log = structlog.get_logger(__name__)

PATH: Final = "/account/act"
PAGE: Final = "/account"

REFUSALS: Final[tuple[tokens.Refusal, ...]] = get_args(tokens.Refusal)
DONE: Final = ("ended",)
_LARGEST_FORM: Final = 16 * 1024
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def connect(server: Flask, data: Data, state: State, speak: Callable[[Data], Texts]) -> None:
    """Let forms make tokens of who asks, and end them."""
    server.add_url_rule(PATH, "account", lambda: _act(data, state, speak(data)), methods=["POST"])


def _act(data: Data, state: State, t: Texts) -> Response:
    if gate.is_demo():
        abort(403)
    request.max_content_length = _LARGEST_FORM
    form, user, source = request.form, gate.current().name, request.remote_addr or ""
    try:
        if form.get("action") == "end":
            tokens.end(state, form.get("mark", ""), user, source, owner=user)
            return _to(done="ended")
        made = _made(data, state, form)
    except (TokenError, UserError) as error:
        log.warning("token refused", why=error.why)
        return _to(refused=error.why, **_again(form))
    return _shown(made, t)


def _made(data: Data, state: State, form: Mapping[str, str]) -> str:
    user = gate.current()
    return tokens.create(
        state, user.name, form.get("role", ""), _until(form.get("until", "")), data.today, form.get("name", "").strip(),
        by=user.name, source=request.remote_addr or "", mark=form.get("mark", "") or "none",
    )  # fmt: skip


def _until(text: str) -> dt.date:
    """The day that a form names. Raises TokenError."""
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise TokenError("the last day is no day", "until")


def _to(**query: str) -> Response:
    answer: Response = redirect(address(PAGE, **{name: value for name, value in query.items() if value}), 303)  # type: ignore[assignment]
    return answer


def _again(form: Mapping[str, str]) -> dict[str, str]:
    """What brings the same form back."""
    return {"name": form.get("name", "")[: tokens.NAMED], "until": form.get("until", "")[:10]}


def _shown(token: str, t: Texts) -> Response:
    """The page that shows a token, this once."""
    answer = Response(login.shown(t.language, nonce(), token, PAGE), mimetype="text/html")
    answer.headers["Content-Language"] = t.language
    answer.headers["Content-Security-Policy"] = login.policy(nonce())
    return answer
