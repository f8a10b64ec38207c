"""Restore tests that people record on the page of backups, and correct: forms of our own, as for measures.

The gate refuses whatever does not come from a page of this server; here only the role is asked for. Who recorded and corrected
what stands in the audit log, as for the command.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final, Literal, get_args
from urllib.parse import quote
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, Response, redirect, request

from dashboard.access import gate
from dashboard.components import address
from dashboard.data import Data
from inventory import quantities
from inventory.state import State, restores
from inventory.state.restores import RESULTS, Instead, Restore, RestoreError

log = structlog.get_logger(__name__)

PAGE: Final = "/backups"
PATH: Final = "/backups/test"
ROLE: Final = "operator"
"""Whose role allows it: whoever looks after the machines says what was restored."""

Refusal = Literal[restores.Refusal, "time", "subject", "unclear"]
"""Why a form records nothing: what of a test cannot be, a time that is none, a machine of which no backup is known, or a number that
may be one of two."""

REFUSALS: Final[tuple[Refusal, ...]] = (*restores.REFUSALS, "time", "subject", "unclear")

Action = Literal["record", "replace", "withdraw"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
_DONE: Final[Mapping[Action, str]] = {
    "record": "recorded",
    "replace": "corrected",
    "withdraw": "withdrawn",
}
DONE: Final = tuple(_DONE.values())

FIELDS: Final = (
    "of", "job", "point", "ended", "minutes", "result", "size", "what", "evidence", "remark", "who", "why",
)  # fmt: skip
"""The fields of the form, by which one that was refused is filled in again."""

_LARGEST_FORM: Final = 16 * 1024
_BUDGET: Final = 2_700
"""Characters of the fields of a refused form that go back in the address, as they are written there."""

_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}")


class RefusedError(Exception):
    """Nothing is recorded."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why: Refusal = why


def connect(server: Flask, data: Data, state: State) -> None:
    """Let forms record restore tests, and correct them."""
    server.add_url_rule(PATH, "restore_test", lambda: _act(data, state), methods=["POST"])


def _act(data: Data, state: State) -> Response:
    gate.require(ROLE)
    request.max_content_length = _LARGEST_FORM
    form = request.form
    action: Action = next((one for one in ACTIONS if one == form.get("action")), "record")
    try:
        _do(action, data, state, form)
    except RefusedError as error:
        log.warning("restore test refused", why=error.why)
        return _to(**_again(action, form), refused=error.why)
    return _to(show="tests", done=_DONE[action])


def _do(action: Action, data: Data, state: State, form: Mapping[str, str]) -> None:
    who, source, why = gate.current().name, request.remote_addr or "", form.get("why", "")
    try:
        if action == "withdraw":
            restores.withdraw(state, _entry(form), why, who, data.clock(), source)
            return
        instead = Instead(_entry(form), why) if action == "replace" else None
        restores.record(state, wanted(form, data), who, source, instead)
    except RestoreError as error:
        raise RefusedError(error.refusal) from None


def _again(action: Action, form: Mapping[str, str]) -> dict[str, str]:
    """The address of the form that was sent, filled in again as far as an address bears it."""
    left, found = _BUDGET, {"record" if action == "record" else "correct": form.get("entry", "")[:20] or "1"}
    for name in FIELDS:
        text = form.get(name, "")
        if text and len(quote(text)) <= left:
            found[name] = text
            left -= len(quote(text))
    return found


def _to(**query: str) -> Response:
    answer: Response = redirect(address(PAGE, **query), 303)  # type: ignore[assignment]
    return answer


def _entry(form: Mapping[str, str]) -> int:
    number = form.get("entry", "")
    if not number.isascii() or not number.isdecimal() or len(number) > 15:
        raise RefusedError("entry")
    return int(number)


def wanted(form: Mapping[str, str], data: Data) -> Restore:
    """The restore test that a form tells. Raises RefusedError."""
    now, subject, job = data.clock(), form.get("of", "").strip(), form.get("job", "").strip()
    known = data.protection().subjects()
    if subject not in known or (job and job not in known[subject]):
        raise RefusedError("subject")
    result = next((one for one in RESULTS if one == form.get("result")), None)
    if result is None:
        raise RefusedError("said")
    point = moment(form.get("point", ""), data.zone)
    ended = moment(text, data.zone) if (text := form.get("ended", "").strip()) else now
    return Restore(
        ended, subject, form.get("what", ""), job, point, _minutes(form.get("minutes", "")) * 60, result,
        form.get("evidence", ""), form.get("who", ""), now, _size(form.get("size", "").strip()), form.get("remark", ""),
    )  # fmt: skip


def moment(text: str, zone: ZoneInfo) -> float:
    """The instant (UTC epoch seconds) of a time that a person wrote in the estate's timezone. Raises RefusedError."""
    try:
        if _MOMENT.fullmatch(text.strip()):
            return dt.datetime.fromisoformat(text.strip()).replace(tzinfo=zone).timestamp()
    except (ValueError, OverflowError):
        pass
    raise RefusedError("time")


def _minutes(text: str) -> float:
    try:
        return quantities.decimal(text)
    except quantities.AmbiguousError:
        raise RefusedError("unclear") from None
    except ValueError:
        raise RefusedError("seconds") from None


def _size(text: str) -> float | None:
    try:
        return quantities.size(text) if text else None
    except quantities.AmbiguousError:
        raise RefusedError("unclear") from None
    except ValueError:
        raise RefusedError("size") from None
