"""The committee's forms: to order its file, and to record what it answered; and the files themselves.

The gate refuses whatever does not come from a page of this server; here only the role is asked for.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final, Literal, cast, get_args

import structlog
from flask import Flask, Response, abort, redirect, request

from dashboard.access import gate
from dashboard.components import address
from dashboard.data import Data
from dashboard.report import kept
from dashboard.report.issuing import FORMS, TYPES, Order
from dashboard.texts import LANGUAGES
from inventory.committee import OUTCOMES, Answer
from inventory.state import State, audit, committee
from inventory.state.committee import CommitteeError

log = structlog.get_logger(__name__)

PAGE: Final = "/committee"
MAKE: Final = "/committee/make"
ANSWER: Final = "/committee/answer"
FILE: Final = "/committee/file"
ROLE: Final = "manager"

Refusal = Literal[committee.Refusal, "since", "form", "busy"]
REFUSALS: Final[tuple[Refusal, ...]] = (*get_args(committee.Refusal), "since", "form", "busy")

LONGEST: Final = 400
"""Characters of a reason."""

_LARGEST_FORM: Final = 16 * 1024
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class RefusedError(Exception):
    """Nothing is done."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why: Refusal = why


def connect(server: Flask, data: Data, state: State) -> None:
    """Let forms order the committee's file and record its answers, and browsers fetch what was made."""
    server.add_url_rule(MAKE, "committee_make", lambda: _make(data, state), methods=["POST"])
    server.add_url_rule(ANSWER, "committee_answer", lambda: _answer(data, state), methods=["POST"])
    server.add_url_rule(FILE, "committee_file", lambda: _file(data))


def _make(data: Data, state: State) -> Response:
    gate.require(ROLE)
    request.max_content_length = _LARGEST_FORM
    try:
        order = _order(request.form, data.today)
        _begin(data, state, order)
    except RefusedError as error:
        return _to(refused=error.why)
    return _to(done="ordered")


def _order(form: Mapping[str, str], today: dt.date) -> Order:
    """What a form orders. Raises RefusedError."""
    since = _day(form.get("since", ""), "since") if form.get("since", "").strip() else None
    if since is not None and since >= today:
        raise RefusedError("since")
    language = next((one for one in LANGUAGES if one == form.get("language")), None)
    chosen = form.get("form", "")
    forms = FORMS if chosen == "all" else tuple(one for one in FORMS if one == chosen)
    if language is None or not forms:
        raise RefusedError("form")
    return Order(language, since, forms)


def _begin(data: Data, state: State, order: Order) -> None:
    who, source = gate.current().name, request.remote_addr or ""
    running = kept.progress(data.folder)
    if running is not None and running.is_running(data.clock()):
        raise RefusedError("busy")
    if not data.begin_file("committee", kept.work, data.estate, data.folder, order, who, source):
        raise RefusedError("busy")
    kept.tell(data.folder, "begun")
    audit.note(state, who, "committee's file ordered", f"{order.language}: {', '.join(order.forms)}", source)


def _answer(data: Data, state: State) -> Response:
    gate.require(ROLE)
    request.max_content_length = _LARGEST_FORM
    form = request.form
    number = form.get("number", "")[:40]
    try:
        told = _told(form, data)
        committee.answer(state, number, told, gate.current().name, request.remote_addr or "")
    except CommitteeError as error:
        return _to(answer=number, refused=error.refusal)
    except RefusedError as error:
        return _to(answer=number, refused=error.why)
    return _to(done="answered")


def _told(form: Mapping[str, str], data: Data) -> Answer:
    """What a form answers. Raises RefusedError."""
    outcome = next((one for one in OUTCOMES if one == form.get("outcome")), None)
    if outcome is None:
        raise RefusedError("outcome")
    on = _day(form.get("day", ""), "day") if form.get("day", "").strip() else data.today
    # A day that belongs to another answer is what was written before the answer was changed.
    until = _day(form.get("until", ""), "until") if outcome == "postponed" else None
    return Answer(outcome, on, until, form.get("who", "")[:80], form.get("why", "")[:LONGEST], data.clock())


def _day(text: str, refusal: Refusal) -> dt.date:
    try:
        if _DAY.fullmatch(text.strip()):
            return dt.date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise RefusedError(refusal)


def _file(data: Data) -> Response:
    gate.require(ROLE)
    name = request.args.get("name", "")
    content = kept.content(data.folder, name)
    if content is None:
        abort(404)
    answer = Response(content, mimetype=TYPES[name.rpartition(".")[2]])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _to(**query: str) -> Response:
    if "refused" in query:
        log.warning("committee's form refused", why=query["refused"])
    return cast("Response", redirect(address(PAGE, **query), 303))
