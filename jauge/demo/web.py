"""The HTTP interfaces of the demo: routes of a server on 127.0.0.1, and who may ask for them."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple

_LARGEST: Final = 65_536
"""Bytes of a request's body that are read."""


class Request(NamedTuple):
    """What was asked: the query without its mark, the body as text."""

    query: str
    body: str


class Reply(NamedTuple):
    """An answer that is not plain JSON with status 200."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


Route = Callable[[Request], Any]
Routes = Mapping[str, Route]
"""Answers by method and path: `GET /api/overview`. An answer is JSON, a text, or a Reply."""

Guard = Callable[[Message], bool]
"""Whether the headers of a request let it in."""


def basic(user: str, password: str) -> Guard:
    """Who names user and password (RFC 7617)."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return carries("Authorization", f"Basic {pair}")


def carries(header: str, value: str) -> Guard:
    """Who sends a header of that value."""
    wanted = value.encode()
    return lambda headers: hmac.compare_digest(headers.get(header, "").encode("latin-1", "replace"), wanted)


def serve(
    port: int,
    routes: Routes,
    guard: Guard,
    *,
    name: str,
    open_to_all: tuple[str, ...] = (),
    challenge: str = "",
) -> ThreadingHTTPServer:
    """Answer on a TCP port of 127.0.0.1, in threads of its own; `open_to_all` are routes that log in. Raises OSError."""

    class Handler(_Handler):
        server_version = name

        def _answer(self) -> None:
            path, _, query = self.path.partition("?")
            asked = f"{self.command} {path}"
            length = min(int(self.headers.get("Content-Length") or 0), _LARGEST)
            body = self.rfile.read(length).decode("utf-8", "replace")
            if asked not in open_to_all and not guard(self.headers):
                told = {"WWW-Authenticate": challenge} if challenge else {}
                self._send(Reply({"error": "Unauthorized"}, 401, told))
            elif asked not in routes:
                self._send(Reply({"error": "Not Found"}, 404))
            else:
                said = routes[asked](Request(query, body))
                self._send(said if isinstance(said, Reply) else Reply(said))

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - the names of http.server

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    sys_version = ""

    def _send(self, reply: Reply) -> None:
        is_text = isinstance(reply.body, str)
        text = (reply.body if is_text else json.dumps(reply.body)).encode("utf-8")
        self.send_response(reply.status)
        kind = "text/plain" if is_text else "application/json"
        for name, content in {
            "Content-Type": kind,
            "Content-Length": str(len(text)),
            **reply.headers,
        }.items():
            self.send_header(name, content)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        """Polls are no news."""
