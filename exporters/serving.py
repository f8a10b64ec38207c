"""How much of this process the clients of the exporter may hold: connections, bytes of a request's head, seconds.

aiohttp bounds what one connection may send, and closes one that sends no whole request; how many there are, and how
long one may take to read its answer, is bounded here.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from aiohttp import web

from inventory.harmless import line

log = structlog.get_logger(__name__)

CONNECTIONS: Final = 256
"""Open at once. At the bound, those open longest give way: nobody can keep a scrape out by holding connections."""

IDLE_SECONDS: Final = 65.0
"""That a connection may spend between two requests, or on the head of one. Prometheus' usual interval fits in."""

READING_SECONDS: Final = 60.0
"""That a client may take to read an answer."""

FIELD_BYTES: Final = 4096
"""Of the request line, and of each header."""

FIELDS: Final = 32

_BODY_SECONDS: Final = 1.0  # no request here has a body: one that comes is not waited for


def runner(application: web.Application, leaving: float = READING_SECONDS) -> web.AppRunner:
    """The runner of an application within these bounds; requests have `leaving` seconds to end when it stops."""
    return web.AppRunner(
        application,
        access_log=None,
        shutdown_timeout=leaving,
        keepalive_timeout=IDLE_SECONDS,
        lingering_time=_BODY_SECONDS,
        max_line_size=FIELD_BYTES,
        max_field_size=FIELD_BYTES,
        max_headers=FIELDS,
    )


class Site(web.BaseSite):
    """A port to listen on, with a bounded number of connections."""

    def __init__(self, runner: web.BaseRunner, host: str, port: int) -> None:
        super().__init__(runner)
        self._address = host, port

    @property
    def name(self) -> str:
        host, port = self._address
        return f"http://{host}:{port}"

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        await super().start()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner has not been set up")

        loop = asyncio.get_running_loop()

        def give_way() -> None:
            for oldest in server.connections[:-CONNECTIONS]:
                if oldest.transport is not None:
                    oldest.transport.abort()

        def accept() -> asyncio.Protocol:
            # Many are accepted before the first of them counts as a connection, which it does a turn of the loop later.
            loop.call_soon(loop.call_soon, give_way)
            return server()

        self._server = await loop.create_server(accept, *self._address)


async def send(request: web.Request, response: web.StreamResponse) -> None:
    """Send an answer, and let go of a client that does not read it. Where the client is gone, aiohttp ends the request."""
    try:
        async with asyncio.timeout(READING_SECONDS):
            await response.prepare(request)
            await response.write_eof()
    except ConnectionError:
        return
    except TimeoutError:
        log.warning("a client did not read its answer", path=line(request.path, 200))
        _abort(request)
    except Exception:  # half an answer must not pass for a whole one
        log.exception("an answer broke off", path=line(request.path, 200))
        _abort(request)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
