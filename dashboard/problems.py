"""What programs are told that went wrong: problem details (RFC 9457) for the paths of the interface, which are no pages."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

from flask import Response

INTERFACE: Final = "/api/"
"""Where the paths of the interface begin."""

MEDIA: Final = "application/problem+json"


def concerns(path: str) -> bool:
    """Whether a program asks for that path, and not a person."""
    return path.startswith(INTERFACE)


def problem(status: int, detail: str, parameter: str = "") -> Response:
    """A problem, with the parameter that it is about."""
    said: dict[str, object] = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if parameter:
        said["parameter"] = parameter
    answer = Response(json.dumps(said) + "\n", status, mimetype=MEDIA)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def unknown(detail: str) -> Response:
    """Nobody is known to ask."""
    answer = problem(401, detail)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="Jauge"'
    return answer


def later(seconds: float) -> Response:
    """Too many failures: when to ask again."""
    answer = problem(429, "Too many failures with this token.")
    answer.headers["Retry-After"] = str(round(seconds + 0.5))
    return answer
