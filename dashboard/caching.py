"""How long browsers keep what is served: for good where the address changes with the content, else for a while."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

_LASTING: Final = "private, max-age=31536000, immutable"
_WHILE: Final = "private, max-age=3600"
"""Parts that Dash loads as they are wanted have no version in their address: an hour after an update all are new."""


def keep(server: Flask) -> None:
    """Tell browsers how long scripts, styles and pictures last."""

    @server.after_request
    def tell(response: Response) -> Response:
        found = _lasts(request.path, "m" in request.args) if response.status_code in (200, 304) else None
        if found and response.headers.get("Cache-Control", "no-cache") == "no-cache":
            response.headers["Cache-Control"] = found
        return response


def _lasts(path: str, versioned: bool) -> str | None:
    """What to say of a path; None where nothing is to be said. Dash's own fingerprints last as Dash says."""
    if path.startswith("/assets/"):
        return _LASTING if versioned else _WHILE
    return _WHILE if path.startswith("/_dash-component-suites/") else None
