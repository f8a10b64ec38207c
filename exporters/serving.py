"""How much of this process the clients of the exporter may hold: connections, bytes of a request's head, seconds.

aiohttp bounds what one connection may send, and closes one that sends no whole request; how many there are, how long
one may take to agree on TLS, and to read its answer, is bounded here.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web

from inventory.harmless import line

if TYPE_CHECKING:
    from exporters.web.door import Door

log = structlog.get_logger(__name__)

CONNECTIONS: Final = 256
"""Open at once. At the bound, those open longest give way: nobody can keep a scrape out by holding connections."""

IDLE_SECONDS: Final = 65.0
"""That a connection may spend between two requests, or on the head of one. Prometheus' usual interval fits in."""

GREETING_SECONDS: Final = 10.0
"""That a client may take to agree on TLS."""

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
    """A port to listen on, with a bounded number of connections. `host` None is every address of this machine.

    With a `door` each connection speaks TLS as the door says at that moment, or plainly.
    """

    def __init__(self, runner: web.BaseRunner, host: str | None, port: int, door: Door | None = None) -> None:
        super().__init__(runner)
        self._address = host, port
        self._door = door
        self._greeting: dict[_Greeter, None] = {}  # in the order in which they came

    @property
    def name(self) -> str:
        host, port = self._address
        shown = f"[{host}]" if host and ":" in host else host or "*"
        return f"{self._door.scheme if self._door else 'http'}://{shown}:{port}"

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        await super().start()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner has not been set up")
        if self._door is not None:
            self._door.on_new_context.append(lambda: _say_goodbye(server))
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._accept(server), *self._address)

    def _accept(self, server: web.Server) -> asyncio.Protocol:
        # Many are accepted before the first of them counts as a connection, which it does a turn of the loop later.
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self._give_way, server)
        if self._door is None or self._door.context is None:
            return server()
        return _Greeter(server, self._door, self._door.context, self._greeting)

    def _give_way(self, server: web.Server) -> None:
        surplus = len(server.connections) + len(self._greeting) - CONNECTIONS
        for greeter in list(self._greeting)[: max(surplus, 0)]:
            greeter.abort()
            surplus -= 1
        for oldest in server.connections[: max(surplus, 0)]:
            if oldest.transport is not None:
                oldest.transport.abort()


def _say_goodbye(server: web.Server) -> None:
    """Close what agreed on a TLS that is not in force any more, each connection after the answer that it waits for."""
    for connection in server.connections:
        connection.close()


class _Greeter(asyncio.Protocol):
    """A new connection until it has agreed on TLS, and then hands over to the server of requests.

    A context for each connection, as certificates change while the port stays open; asyncio takes one for a port.
    """

    def __init__(
        self,
        server: web.Server,
        door: Door,
        context: ssl.SSLContext,
        greeting: dict[_Greeter, None],
    ) -> None:
        self._server = server
        self._door = door
        self._context = context
        self._greeting = greeting
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._lost = False
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a port gives transports that can be read and written")
        transport.pause_reading()  # until TLS reads
        self._transport = transport
        self._greeting[self] = None
        self._task = asyncio.get_running_loop().create_task(self._greet(transport))

    def data_received(self, data: bytes) -> None:
        """A request that comes in the same packet as the end of the greeting."""
        self._early.append(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio calls it so
        self._lost = True

    def abort(self) -> None:
        """Let go of a client that takes its time."""
        self._greeting.pop(self, None)
        if self._transport is not None:
            self._transport.abort()

    async def _greet(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        try:
            secured = await loop.start_tls(
                transport, self, self._context, server_side=True, ssl_handshake_timeout=GREETING_SECONDS
            )
        except (OSError, TimeoutError) as error:  # ssl's errors are of the first kind
            self._door.failed(error)
            return
        finally:
            self._greeting.pop(self, None)
        if secured is None or self._lost:
            return
        handler = self._server()
        secured.set_protocol(handler)
        handler.connection_made(secured)
        for data in self._early:
            handler.data_received(data)


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
