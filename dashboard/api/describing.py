"""The OpenAPI 3.1 document of the resources. Its schemas are JSON Schema 2020-12, made from the models of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from dashboard.api.parameters import Parameter
from dashboard.api.records import Record
from dashboard.api.resources import PREFIX, Document, Listing
from dashboard.problems import MEDIA

VERSION: Final = "1.0.0"
"""Of the interface: its first number is that of the path, and what it promises is kept until that changes."""

_ABOUT: Final = (
    "What the pages of Jauge show, as JSON, to be read alone. Unknown is null, never 0; a list that is empty was looked for and is empty: "
    "where what it rests on cannot be read, the answer is 503. Sizes are bytes, spans seconds, shares numbers of 1; times are in UTC "
    "(RFC 3339), days are those of the estate's timezone. Ages are left to who asks: answers hold times, so that they stay the same, and have "
    "the same ETag, until something was measured or changed."
)

_PROBLEM: Final = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "parameter": {"type": "string", "description": "The parameter that is not understood."},
    },
    "required": ["title", "status", "detail"],
}

_PROBLEMS: Final = {
    400: "A parameter is not understood: `parameter` names it.",
    401: "No session, and no token; or the token is none, or over.",
    403: "Your role may not read this.",
    404: "There is no such thing, or not yet.",
    406: "The Accept header leaves out application/json.",
    429: "Too many failures with this token: Retry-After says how many seconds to wait.",
    503: "What the answer rests on cannot be read now.",
}

_UNREAD: Final = {
    414: "The address is longer than the server reads.",
    431: "The headers are more, or longer, than the server reads.",
}
"""What is refused before it is known what was asked for: by the server, in a page of its own."""


def describe(resources: Sequence[Document | Listing], cookie: str = "jauge") -> dict[str, Any]:
    """The document; `cookie` is the name of the one that holds a session."""
    models: list[tuple[type[Record], str]] = [(one.answer, "serialization") for one in resources]
    names, made = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]  # its literal is a str here
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jauge",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}, {"session": []}],
        "paths": {
            one.path: {"get": _operation(one, names[one.answer, "serialization"])} for one in resources
        },
        "components": {
            "schemas": {**made["$defs"], "Problem": _PROBLEM},
            "responses": {
                **{f"{status}": _problem(status) for status in _PROBLEMS},
                **{f"{status}": _unread(status) for status in _UNREAD},
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Made by `jauge token create`."},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
            },
        },
    }


def _operation(one: Document | Listing, answer: Any) -> dict[str, Any]:
    return {
        "operationId": one.name,
        "summary": one.title,
        "description": f"{one.about} People see it at `{one.page}`.",
        "parameters": [_parameter(each) for each in one.all_parameters] + [_IF_NONE_MATCH],
        "responses": {
            "200": _found(one, answer),
            "304": {"description": "It is as If-None-Match has it.", "headers": _TAGGED},
            **{
                f"{status}": {"$ref": f"#/components/responses/{status}"} for status in (*_PROBLEMS, *_UNREAD)
            },
        },
    }


def _found(one: Document | Listing, answer: Any) -> dict[str, Any]:
    headers: dict[str, Any] = dict(_TAGGED)
    if isinstance(one, Listing):
        headers["Link"] = {"description": 'The next page, rel="next".', "schema": {"type": "string"}}
    if one.is_worded:
        headers["Content-Language"] = {
            "description": "Of its sentences, chosen by Accept-Language.",
            "schema": {"type": "string"},
        }
    content = {"application/json": {"schema": answer}}
    return {"description": one.about, "headers": headers, "content": content}


def _problem(status: int) -> dict[str, Any]:
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": _PROBLEMS[status], "content": content}


def _unread(status: int) -> dict[str, Any]:
    return {"description": _UNREAD[status], "content": {"text/html": {"schema": {"type": "string"}}}}


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": "path" if one.in_path else "query",
        "required": one.in_path,
        "description": one.about,
        "schema": dict(one.schema),
    }


_TAGGED: Final = {"ETag": {"description": "Changes with the answer.", "schema": {"type": "string"}}}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer.",
    "schema": {"type": "string"},
}
