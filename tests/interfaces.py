"""Real HTTP servers on loopback that answer as a system does, and note what they were asked."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import servers
from aiohttp import web

from collectors import http
from collectors.poll import Step, Table
from collectors.refusals import Refusals
from inventory.estate import Estate

Handler = Callable[[web.Request], Awaitable[web.StreamResponse] | web.StreamResponse]


@dataclasses.dataclass
class Server:
    """A server. `asked` are the requests that came, `sessions` those that are open."""

    answers: Mapping[str, Any]
    allow: Callable[[web.Request], bool]
    url: str = ""
    asked: list[str] = dataclasses.field(default_factory=list)
    sessions: set[str] = dataclasses.field(default_factory=set)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        line = f"{request.method} {request.raw_path}"
        self.asked.append(line)
        found = self.answers.get(line, self.answers.get(f"{request.method} {request.path}"))
        if callable(found):
            answer = found(request)
            return await answer if not isinstance(answer, web.StreamResponse) else answer
        if not self.allow(request):
            return web.json_response({"error": "who are you?"}, status=401)
        if found is None:
            return web.json_response({"error": "nothing here"}, status=404)
        if isinstance(found, str):
            return web.Response(text=found, content_type="text/plain")
        return web.json_response(found)


@contextlib.asynccontextmanager
async def serving(
    answers: Mapping[str, Any],
    allow: Callable[[web.Request], bool] = lambda _: True,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Server]:
    """A server that gives these answers: by `GET /path?query` or `GET /path`, a document, a text or a handler.

    Handlers answer anybody; all else only those who are allowed.
    """
    server = Server(answers, allow)
    runner = web.ServerRunner(web.Server(server.answer), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, servers.LOOPBACK, 0, ssl_context=tls)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"{'https' if tls else 'http'}://{servers.LOOPBACK}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


def basic(user: str, password: str) -> Callable[[web.Request], bool]:
    """Who is let in by HTTP Basic."""
    told = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return lambda request: request.headers.get("Authorization") == told


def header(name: str, value: str) -> Callable[[web.Request], bool]:
    """Who is let in by a header."""
    return lambda request: request.headers.get(name) == value


def cookie(name: str, value: str) -> Callable[[web.Request], bool]:
    """Who is let in by a cookie."""
    return lambda request: request.cookies.get(name) == value


def estate(url: str, family: str, login: Mapping[str, str] | None, **access: Any) -> Estate:
    """An estate of one target, `box`, and how it is logged in to."""
    timeout = access.pop("timeout", 60)
    named = {"credential": "rest"} if login else {}
    return Estate.model_validate(
        {
            "credentials": {"rest": {"http": login}} if login else {},
            "targets": [
                {"name": "box", "timeout": timeout, "http": {"family": family, "url": url, **named, **access}}
            ],
        }
    )


async def poll(
    url: str,
    family: str,
    login: Mapping[str, str] | None = None,
    *,
    steps: list[Step] | None = None,
    refusals: Refusals | None = None,
    **access: Any,
) -> tuple[dict[str, Table], dict[str, str]]:
    """The tables and facts of one poll."""
    place = estate(url, family, login, **access)
    trace = (steps if steps is not None else []).append
    tables, facts = await http.poll(place.targets[0], place, trace, refusals)
    return {table.name: table for table in tables}, facts


def told(tables: Mapping[str, Table]) -> dict[str, float]:
    """All samples as text, `name{label="value"}`: every table must have answered."""
    failed = {name: table.detail for name, table in tables.items() if not table.up}
    assert not failed, failed
    return {
        sample.metric
        + "{"
        + ",".join(f'{name}="{value}"' for name, value in sample.labels)
        + "}": sample.value
        for table in tables.values()
        for sample in table
    }


async def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(true):
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.1)
