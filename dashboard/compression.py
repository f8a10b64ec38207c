"""Responses made small: gzip, once for each static file, and lightly for what is made on the spot."""

from __future__ import annotations

import gzip
import hashlib
import threading
from typing import Final

from flask import Flask, Response, request

_TEXT: Final = ("text/", "application/json", "application/javascript", "image/svg+xml")
_SMALLEST: Final = 1024
_STATIC: Final = ("/_dash-component-suites/", "/assets/")


def compress(server: Flask) -> None:
    """Compress the responses of a server. Register it before what sets headers: the last added runs first."""
    kept: dict[bytes, bytes] = {}
    mutex = threading.Lock()

    def small(body: bytes, static: bool) -> bytes:
        if not static:
            return gzip.compress(body, 1, mtime=0)
        key = hashlib.blake2b(body, digest_size=16).digest()
        with mutex:
            found = kept.get(key)
        if found is None:
            found = gzip.compress(body, 6, mtime=0)
            with mutex:
                kept[key] = found
        return found

    @server.after_request
    def shrink(response: Response) -> Response:
        if not _is_worth_it(response):
            return response
        response.direct_passthrough = False
        body = response.get_data()
        if len(body) >= _SMALLEST:
            response.set_data(small(body, request.path.startswith(_STATIC)))
            response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return response


def _is_worth_it(response: Response) -> bool:
    return (
        (response.status_code == 200 and request.method == "GET")
        or (request.method == "POST" and response.status_code == 200)
    ) and (
        "Content-Encoding" not in response.headers
        and (response.mimetype or "").startswith(_TEXT)
        and request.accept_encodings["gzip"] > 0
    )
