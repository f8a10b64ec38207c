"""What people say to notices on their page, and where they want messages: forms of our own, as for decisions.

The gate refuses whatever does not come from a page of this server; here only the role is asked for. Who said what stands in the audit
log, as for the commands.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final, Literal, get_args

import structlog
from flask import Flask, Response, abort, redirect, request

from dashboard.access import gate
from dashboard.components import address
from dashboard.data import Data
from inventory.notices import KINDS
from inventory.state import State, contacts, notices
from inventory.state.contacts import ContactError
from inventory.state.notices import Action, NoticeError

log = structlog.get_logger(__name__)

PAGE: Final = "/notices"
ANSWER: Final = "/notices/answer"
ADDRESS: Final = "/notices/address"
ROLE: Final = "operator"
"""Whose role allows it to take, silence and release."""

Refusal = Literal[notices.Refusal, "address"]
REFUSALS: Final[tuple[Refusal, ...]] = (*get_args(notices.Refusal), "address")
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
DONE: Final = (*ACTIONS, "wanted", "unwanted")

_LARGEST_FORM: Final = 16 * 1024
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def connect(server: Flask, data: Data, state: State) -> None:
    """Let forms answer notices, and say where their user wants messages."""
    server.add_url_rule(ANSWER, "answer_notice", lambda: _answer(data, state), methods=["POST"])
    server.add_url_rule(ADDRESS, "notice_address", lambda: _address(state), methods=["POST"])


def _answer(data: Data, state: State) -> Response:
    gate.require(ROLE)
    request.max_content_length = _LARGEST_FORM
    form = request.form
    action: Action | None = next((one for one in ACTIONS if one == form.get("action")), None)
    try:
        until = _until(form.get("until", ""), data) if action == "silenced" else None
        number = _number(form)
        if action is None:
            raise NoticeError("no such action", "gone")
        source, who = request.remote_addr or "", gate.current().name
        notices.answer(state, [number], action, who, form.get("why", ""), data.clock(), until, source)
    except NoticeError as error:
        log.warning("answer to a notice refused", why=error.why)
        shown = {
            "number": form.get("number", "")[:20],
            "say": form.get("action", "")[:20],
            "refused": error.why,
        }
        return _to(**{name: text for name, text in shown.items() if text})
    return _to(done=action)


def _address(state: State) -> Response:
    if gate.is_demo():
        abort(403)
    request.max_content_length = _LARGEST_FORM
    form, user = request.form, gate.current().name
    by = {"by": user, "source": request.remote_addr or ""}
    if form.get("action") == "stop":
        contacts.remove(state, user, **by)
        return _to(done="unwanted")
    kinds = tuple(kind for kind in KINDS if kind in form.getlist("kind"))
    try:
        contacts.put(
            state, user, form.get("address", "").strip(), kinds or None, form.get("language") or None, **by
        )
    except ContactError:
        return _to(refused="address")
    return _to(done="wanted")


def _to(**query: str) -> Response:
    answer: Response = redirect(address(PAGE, **query), 303)  # type: ignore[assignment]
    return answer


def _number(form: Mapping[str, str]) -> int:
    number = form.get("number", "")
    if not number.isascii() or not number.isdecimal() or len(number) > 15:
        raise NoticeError("no such notice", "gone")
    return int(number)


def _until(text: str, data: Data) -> float:
    try:
        day = dt.date.fromisoformat(text.strip()) if _DAY.fullmatch(text.strip()) else None
        if day is not None:
            return notices.end_of(day, data.zone)
    except (ValueError, OverflowError):
        pass
    raise NoticeError("no such day", "until")
