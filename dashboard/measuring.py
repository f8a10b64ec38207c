"""Compensating measures that people record on the page of those unsupported in care: forms of our own, as for decisions.

The gate refuses whatever does not come from a page of this server; here only the role is asked for. Who recorded, and who ended, what
stands in the audit log, as for the command.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

import structlog
from flask import Flask, Response, redirect, request

from dashboard.access import gate
from dashboard.components import address
from dashboard.data import Data
from inventory.fleet.care import Exposed
from inventory.state import State, measures
from inventory.state.measures import Measured, MeasureError

log = structlog.get_logger(__name__)

PATH: Final = "/workstations/care/measure"
PAGE: Final = "/workstations/care"
ROLE: Final = "operator"
"""Whose role allows it: whoever looks after the machines says what was done for them."""

LONGEST: Final = 400
"""Characters of what was done."""

Scope = Literal["machine", "service", "class"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

Refusal = Literal["text", "who", "until", "machine", "changed", "ended"]
"""What a form lacks, or says that cannot be; that the list is another one since it was shown; that a measure ended already."""

REFUSALS: Final[tuple[Refusal, ...]] = get_args(Refusal)
_LARGEST_FORM: Final = 16 * 1024
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class RefusedError(Exception):
    """Nothing is recorded."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why: Refusal = why


class Wanted(NamedTuple):
    """What a form asks for."""

    machines: list[tuple[str, str]]
    text: str
    who: str
    until: dt.date | None


def connect(server: Flask, data: Data, state: State) -> None:
    """Let forms record measures, and end them."""
    server.add_url_rule(PATH, "measure", lambda: _act(data, state), methods=["POST"])


def _act(data: Data, state: State) -> Response:
    gate.require(ROLE)
    request.max_content_length = _LARGEST_FORM
    try:
        if request.form.get("action") == "end":
            _end(data, state, request.form)
            return _to(done="ended")
        count = _record(data, state, request.form)
    except RefusedError as error:
        log.warning("measure refused", why=error.why)
        shown = {"for": request.form.get("machine", "")[:400], "end": request.form.get("number", "")[:20]}
        return _to(**{name: value for name, value in shown.items() if value}, refused=error.why)
    return _to(done=str(count))


def _to(**query: str) -> Response:
    answer: Response = redirect(address(PAGE, **query), 303)  # type: ignore[assignment]
    return answer


def _record(data: Data, state: State, form: Mapping[str, str]) -> int:
    fleet = data.fleet()
    found = wanted(form, fleet.care.exposed if fleet else (), data.today)
    told = Measured(found.machines, found.text, found.who, data.today, found.until)
    try:
        return len(measures.add(state, told, data.clock(), gate.current().name, request.remote_addr or ""))
    except MeasureError:
        raise RefusedError("until") from None


def _end(data: Data, state: State, form: Mapping[str, str]) -> None:
    number, why = form.get("number", ""), form.get("why", "").strip()
    if not why:
        raise RefusedError("text")
    try:
        if not number.isascii() or not number.isdecimal() or len(number) > 15:
            raise MeasureError("no number")
        who, source = gate.current().name, request.remote_addr or ""
        measures.end(state, int(number), data.today, data.clock(), who, why[:LONGEST], source)
    except MeasureError:
        raise RefusedError("ended") from None


def wanted(form: Mapping[str, str], exposed: Sequence[Exposed], today: dt.date) -> Wanted:
    """What a form asks for, of the list as it stands. Raises RefusedError."""
    text, who = form.get("text", "").strip(), form.get("who", "").strip()
    if not text:
        raise RefusedError("text")
    if not who:
        raise RefusedError("who")
    until = _until(form.get("until", "").strip(), today)
    one = find(exposed, form.get("machine", ""))
    scope, _, count = form.get("scope", "machine:1").partition(":")
    if one is None or scope not in SCOPES:
        raise RefusedError("machine")
    machines = alike(exposed, one, scope)
    if count != str(len(machines)):
        raise RefusedError("changed")
    named = [(each.machine.workstation.key, each.machine.workstation.name) for each in machines]
    return Wanted(named, text[:LONGEST], who[:80], until)


def _until(text: str, today: dt.date) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day < today:
        raise RefusedError("until")
    return day


def find(exposed: Sequence[Exposed], key: str) -> Exposed | None:
    """The machine of a key."""
    return next((one for one in exposed if one.machine.workstation.key == key), None)


def alike(exposed: Sequence[Exposed], one: Exposed, scope: Scope) -> list[Exposed]:
    """The machine alone, or with it all without a measure of the same service of its site, or of its class."""
    if scope == "machine":
        return [one]
    mine = _group(one, scope)
    return [each for each in exposed if each is one or (not each.measures and _group(each, scope) == mine)]


def _group(one: Exposed, scope: Scope) -> tuple[str | None, ...]:
    machine = one.machine.workstation
    return (machine.site, machine.service) if scope == "service" else (one.machine.use.name,)
