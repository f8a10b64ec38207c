"""The routes of the interface: who may read, what is asked, and the answer with its ETag."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Final

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from dashboard.access import gate
from dashboard.api import parameters
from dashboard.api.describing import describe
from dashboard.api.parameters import ParameterError
from dashboard.api.resources import PREFIX, Asked, Document, Listing, page
from dashboard.api.table import RESOURCES
from dashboard.data import HISTORY, Data
from dashboard.problems import INTERFACE, concerns, problem
from dashboard.texts import Texts
from inventory.state import StateError

log = structlog.get_logger(__name__)

OPENAPI: Final = f"{PREFIX}/openapi.json"
_JSON: Final = "application/json"


def connect(server: Flask, data: Data, speak: Callable[[Data], Texts], cookie: str) -> None:
    """Add the interface to a server; the gate asks for a token or a login before. `cookie` holds sessions."""
    server.before_request(_only_read)
    for one in RESOURCES:
        rule = PREFIX + one.path.replace("{", "<").replace("}", ">")
        _add(server, rule, f"api {one.name}", _view(one, data, speak))
    _add(server, OPENAPI, "api openapi", lambda: _tagged(_document(cookie)))
    _add(server, f"{INTERFACE}<path:rest>", "api nothing", lambda rest: _nothing())  # noqa: ARG005 - any path
    _add(server, INTERFACE, "api root", _nothing)


@functools.cache
def _document(cookie: str) -> bytes:
    """What the interface is, made once somebody asks: it takes longer than everything else of a start but imports."""
    return json.dumps(describe(RESOURCES, cookie), ensure_ascii=False).encode()


def _add(server: Flask, rule: str, name: str, view: Callable[..., Response]) -> None:
    server.add_url_rule(rule, name, view, methods=["GET"], provide_automatic_options=False)


def _only_read() -> Response | None:
    """Nothing is changed here, so nothing else than reading is understood."""
    if not concerns(request.path) or request.method in ("GET", "HEAD"):
        return None
    answer = problem(405, "Here is only to be read: GET or HEAD.")
    answer.headers["Allow"] = "GET, HEAD"
    return answer


def _nothing() -> Response:
    return problem(404, f"There is nothing here: {OPENAPI} says what there is.")


def _view(one: Document | Listing, data: Data, speak: Callable[[Data], Texts]) -> Callable[..., Response]:
    """What answers for a resource. Whatever goes wrong is said in words for programs."""

    def view(**path: str) -> Response:
        try:
            gate.require(one.role)
            if request.accept_mimetypes and not request.accept_mimetypes[_JSON]:
                return problem(406, f"Answers are {_JSON}.")
            given = parameters.read(one.all_parameters, request.args.to_dict(flat=False), path)
            return _answer(one, Asked(data, speak(data), given))
        except ParameterError as error:
            return problem(400, str(error), error.name)
        except HTTPException as error:
            return problem(error.code or 500, error.description or "")
        except StateError:
            raise  # the gate says it
        except Exception:  # the boundary of an answer: a fault of ours is said, and the log knows which
            log.exception("not answered", resource=one.path)
            return problem(500, "This is a fault of Jauge: see the log of the dashboard.")

    return view


def _answer(one: Document | Listing, asked: Asked) -> Response:
    found = page(one, asked) if isinstance(one, Listing) else one.ask(asked)
    unread = _unread(one, asked.data)
    if unread:
        return problem(503, f"{unread} cannot be read: see the log of the dashboard.")
    if found is None:
        return problem(404, "There is no such thing, or not yet.")
    answer = _tagged(found.model_dump_json().encode())
    following = getattr(found, "next", None)
    if following:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    if one.is_worded:
        answer.headers["Content-Language"] = asked.texts.language
        answer.vary.add("Accept-Language")
    return answer


def _unread(one: Document | Listing, data: Data) -> str:
    """The first file that an answer rests on and that cannot be read: that nothing is known of it is no answer."""
    faults = {fault.file for fault in data.faults()}
    engine = data.estate.history.url if data.estate.history else HISTORY
    for name in one.rests_on:
        if (engine if name == HISTORY else name) in faults:
            return "The history" if name == HISTORY else name
    return ""


def _tagged(body: bytes) -> Response:
    """An answer, or that it is still the one that is known."""
    answer = Response(body, mimetype=_JSON)
    # Weak: the same answer is sent with and without compression.
    answer.set_etag(hashlib.blake2b(body, digest_size=12).hexdigest(), weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.update(("Authorization", "Cookie"))
    answer.make_conditional(request)
    return answer
