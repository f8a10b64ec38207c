"""What a browser sends to the callbacks, looked at before Dash reads it, which takes for granted that its own script wrote it.

A call names one callback, with its inputs, states and outputs in the order in which they are declared. Whatever else arrives was
written by a program: it is answered 400 with a few words and noted in one line, as it is no fault of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from dash import Dash
from dash._utils import split_callback_id, stringify_id
from dash.exceptions import DependencyException
from flask import Response, request

from dashboard.access import gate
from inventory.harmless import line

log = structlog.get_logger(__name__)

PATH: Final = "/_dash-update-component"

DEEPEST: Final = 24
"""Lists and objects within each other; our own pages send eight at most."""

KINDS: Final[Mapping[str, type]] = {
    "pathname": str, "search": str, "contents": str, "filename": str, "n_clicks": int, "n_intervals": int, "getRowsRequest": dict,
}  # fmt: skip
"""What a property of a component holds, where it holds anything."""


class MalformedError(Exception):
    """Says what is wrong with a call."""


def check(app: Dash) -> None:
    """Refuse every call that no page of ours would send. To be put after the gate, as only who may ask is answered."""

    @app.server.before_request  # type: ignore[untyped-decorator]  # Dash does not say that it is a Flask
    def look() -> Response | None:
        if request.path != PATH or request.method != "POST":
            return None
        try:
            _look(_body(), app.callback_map)
        except MalformedError as error:
            log.warning("call of a callback refused", why=str(error), who=gate.current().name)
            return Response(f"This is no call of a page: {error}.\n", 400, mimetype="text/plain")
        return None

    # Asked for by an old page, or by a program: Dash would fail, and list what it has.
    app.server.register_error_handler(DependencyException, _missing)


def _missing(_error: Exception) -> Response:
    log.warning("no such part of a page", path=line(request.path, 200))
    return Response("There is no such part of a page: load it anew.\n", 404, mimetype="text/plain")


def _body() -> Any:
    try:
        # What is read here is kept by the request: Dash gets the same.
        body = request.get_json(silent=True)
    except RecursionError:
        raise MalformedError("it is nested too deeply") from None
    if not isinstance(body, dict):
        raise MalformedError("it is no JSON object")
    _bounded(body)
    return body


def _bounded(body: Any) -> None:
    """Raise MalformedError for what is nested deeply, and for texts that are none: half of a pair of UTF-16 fits in no file."""
    layer = [body]
    for _ in range(DEEPEST):
        texts = [one for one in layer if isinstance(one, str)]
        if not all(one.isascii() or _is_text(one) for one in texts):
            raise MalformedError("it holds characters that are none")
        layer = [
            *(part for one in layer if isinstance(one, dict) for pair in one.items() for part in pair),
            *(part for one in layer if isinstance(one, list) for part in one),
        ]
        if not layer:
            return
    raise MalformedError("it is nested too deeply")


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _look(body: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raise MalformedError where a call is not as its callback is declared."""
    output = body.get("output")
    declared = known.get(output) if isinstance(output, str) else None
    if declared is None or "callback" not in declared:  # others run in the browser
        raise MalformedError("there is no such output")
    _match("inputs", body.get("inputs"), declared["inputs"])
    _match("state", body.get("state", []), declared["state"])
    written: Any = split_callback_id(output)  # type: ignore[no-untyped-call]  # Dash has no types here
    outputs = body.get("outputs")
    many = isinstance(written, list)
    _match("outputs", outputs if many else [outputs], written if many else [written])
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
        raise MalformedError("what changed is no list of names")
    possible = {name for one in (*body["inputs"], *body.get("state", [])) for name in _names(one)}
    if not possible.issuperset(changed):
        raise MalformedError("something changed that is no input")


def _match(what: str, sent: object, declared: Sequence[Mapping[str, str]]) -> None:
    if not isinstance(sent, list) or len(sent) != len(declared):
        raise MalformedError(f"its {what} are not those of the callback")
    if not all(_fits(one, as_declared) for one, as_declared in zip(sent, declared, strict=True)):
        raise MalformedError(f"its {what} are not those of the callback")


def _fits(one: object, declared: Mapping[str, str]) -> bool:
    """Whether something that was sent is the property that is declared, of one component or of those that a pattern names."""
    if isinstance(one, list):
        return declared["id"].startswith("{") and all(
            isinstance(each, dict) and _fits(each, declared) for each in one
        )
    if not isinstance(one, dict) or not isinstance(one.get("property"), str):
        return False
    name = one.get("id")
    if declared["id"].startswith("{"):
        fits = isinstance(name, dict) and all(isinstance(part, str | int | float) for part in name.values())
    else:
        fits = name == declared["id"]
    # Where several callbacks write one property, its name bears a mark behind an @.
    prop = one["property"].partition("@")[0]
    value = one.get("value")
    kind = KINDS.get(prop, object)
    return (
        fits and prop == declared["property"].partition("@")[0] and (value is None or isinstance(value, kind))
    )


def _names(one: Any) -> list[str]:
    """How a call names what changed."""
    several = one if isinstance(one, list) else [one]
    return [f"{stringify_id(each['id'])}.{each['property']}" for each in several]
