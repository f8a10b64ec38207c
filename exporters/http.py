"""The exporter: what Prometheus and people ask over HTTP, in the event loop of the collector.

A scrape serves what the last poll found; it polls only where there is none yet, or with `fresh=1`. Names of
the estate are the only thing that a caller may choose, so no request sends a packet anywhere else.

A scrape configuration (the names of labels come from a closed list, never from a device: `honor_labels` keeps
the `job` of a backup what it is):

    scrape_configs:
      - job_name: jauge
        metrics_path: /probe
        honor_labels: true
        http_sd_configs: [{url: "http://127.0.0.1:9640/sd"}]
        relabel_configs:
          - {source_labels: [__address__], target_label: __param_target}
          - {source_labels: [__param_target], target_label: instance}
          - {target_label: __address__, replacement: "127.0.0.1:9640"}
      - job_name: jauge-itself
        static_configs: [{targets: ["127.0.0.1:9640"]}]
"""

from __future__ import annotations

import asyncio
import gzip
import math
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import structlog
from aiohttp import web

from collectors.board import Board
from collectors.poll import Poll
from collectors.schedule import GoneError
from exporters.bodies import Bodies
from exporters.exposition import OPENMETRICS, TEXT
from exporters.health import Health
from exporters.own import Own
from exporters.serving import send
from inventory.estate import Estate, Target
from inventory.harmless import line
from inventory.metrics import Reason, Sample

if TYPE_CHECKING:
    from exporters.web.door import Door

log = structlog.get_logger(__name__)

TIMEOUT_HEADER: Final = "X-Prometheus-Scrape-Timeout-Seconds"
SHORTEST: Final = 0.5
LONGEST: Final = 120.0
_MARGIN: Final = 0.05  # between the end of a poll and the latest answer
_WRITING: Final = 0.02  # to make and send an answer
_GRACE: Final = 5.0  # a poll that ignores its deadline is given up after this

_TAKE_TEXT: Final = ("*/*", "text/*", "text/plain")
"""Ranges that take the text format, the most specific last."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Service(Protocol):
    """What the exporter needs of the program around it."""

    @property
    def board(self) -> Board:
        """The standings of the targets."""

    @property
    def estate(self) -> Estate:
        """The estate."""

    @property
    def ready(self) -> bool:
        """True once every target has been polled."""

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        """Poll a target now, within so many seconds, and record it in the board."""

    def extra(self, name: str) -> Sequence[Sample]:
        """The outlooks of a target; ages are those of this moment."""


def create(
    service: Service,
    own: Own | None = None,
    longest: float = LONGEST,
    clock: Callable[[], float] = time.time,
    bodies: Bodies | None = None,
    door: Door | None = None,
    health: Health | None = None,
) -> web.Application:
    """The application. No poll that a scrape asks for takes more than `longest` seconds.

    `clock` gives UTC epoch seconds. `bodies` are those that are renewed after each poll; without them a body is made
    when it is asked for. A `door` says who is answered; without one it is everybody. `health` says which parts are amiss;
    without one none is.
    """
    bodies = bodies or Bodies(service.board, service.extra, clock)
    exporter = _Exporter(service, own or Own(service.board), bodies, longest, clock, door, health or Health())
    application = web.Application(middlewares=[exporter.guard])
    application.on_response_prepare.append(_harden)
    if door is not None:
        application.on_response_prepare.append(door.dress)
    application.add_routes(
        [
            web.get("/", exporter.index),
            web.get("/probe", exporter.probe),
            web.get("/metrics", exporter.metrics),
            web.get("/metrics/estate", exporter.whole_estate),
            web.get("/sd", exporter.discover),
            web.get("/-/healthy", exporter.healthy),
            web.get("/-/ready", exporter.ready),
        ]
    )
    return application


class _Exporter:
    def __init__(
        self,
        service: Service,
        own: Own,
        bodies: Bodies,
        longest: float,
        clock: Callable[[], float],
        door: Door | None,
        health: Health,
    ) -> None:
        self._service = service
        self._own = own
        self._bodies = bodies
        self._longest = longest
        self._clock = clock
        self._door = door
        self._health = health
        self._running: dict[str, asyncio.Task[None]] = {}

    # --- endpoints ------------------------------------------------------------------------------------

    async def probe(self, request: web.Request) -> web.StreamResponse:
        """The last poll of one target."""
        seconds = budget(request.headers.get(TIMEOUT_HEADER), self._longest)
        name = self._name(request)
        if self._service.board[name].poll is None or request.query.get("fresh") in ("1", "true"):
            await self._poll(name, seconds)
            name = self._name(request)  # it may have left the estate meanwhile
        return self._serve(request, name)

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        """The program's own metrics."""
        openmetrics = prefers_openmetrics(request.headers.get("Accept", ""))
        text = self._own.text(openmetrics)
        zipped = _takes_gzip(request)
        return _answer(gzip.compress(text, 1) if zipped else text, openmetrics, zipped)

    async def whole_estate(self, request: web.Request) -> web.StreamResponse:
        """All targets in one body, each family once."""
        openmetrics = prefers_openmetrics(request.headers.get("Accept", ""))
        make = self._bodies.zipped if _takes_gzip(request) else self._bodies.text
        return _answer(make(self._clock(), openmetrics), openmetrics, _takes_gzip(request))

    async def discover(self, _request: web.Request) -> web.StreamResponse:
        """The targets as Prometheus' `http_sd_configs` reads them."""
        groups = [
            {"targets": [target.name], "labels": _place(target)} for target in self._service.estate.targets
        ]
        return web.json_response(groups)

    async def healthy(self, _request: web.Request) -> web.StreamResponse:
        """200 while it does its work, also where a part of it is amiss, which the answer names; 503 where only a restart helps."""
        found = self._health.condition()
        return web.Response(status=503 if found.state == "dead" else 200, text=found.text)

    async def ready(self, _request: web.Request) -> web.StreamResponse:
        """200 once the first round of polls is done, 503 before, and where it does its work no more."""
        found = self._health.condition()
        if found.state == "dead":
            return web.Response(status=503, text=f"not ready: {found.text}")
        if self._service.ready:
            return web.Response(text="ready\n")
        return web.Response(status=503, text="not ready: the first round of polls is still running\n")

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """A page with links, for people."""
        return web.Response(text=_INDEX, content_type="text/html", charset="utf-8")

    # --- what they share --------------------------------------------------------------------------------

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Send and count each answer, and turn every error into plain text without a trace."""
        start = time.monotonic()
        response = await _respond(request, self._enter(handler))
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "other"
        await send(request, response)
        self._own.answered(route, response.status, time.monotonic() - start)
        return response

    def _enter(self, handler: Handler) -> Handler:
        """The handler for whoever the door lets in: nobody else learns even what is there."""
        door = self._door
        if door is None:
            return handler

        async def enter(request: web.Request) -> web.StreamResponse:
            return await door.refusal(request) or await handler(request)

        return enter

    def _name(self, request: web.Request) -> str:
        """The target that is asked for. Only a name of the estate is one."""
        names = request.query.getall("target", [])
        if len(names) != 1:
            raise web.HTTPBadRequest(text="ask for one target of the estate: /probe?target=NAME\n")
        if names[0] not in self._service.board:
            raise web.HTTPBadRequest(
                text=f"no target is named {line(names[0], 150)!r}: /sd lists those of the estate\n"
            )
        return names[0]

    def _serve(self, request: web.Request, name: str) -> web.StreamResponse:
        openmetrics = prefers_openmetrics(request.headers.get("Accept", ""))
        now = self._clock()
        kept = self._bodies.fresh(name, now)
        make = kept.zipped if _takes_gzip(request) else kept.text
        return _answer(make(now, openmetrics), openmetrics, _takes_gzip(request))

    async def _poll(self, name: str, seconds: float) -> None:
        """Poll a target, together with whoever asks at the same time; return after `seconds` at the latest."""
        task = self._running.get(name)
        if task is None:
            task = asyncio.create_task(self._poll_once(name, seconds - _MARGIN))
            self._running[name] = task
            task.add_done_callback(lambda _: self._running.pop(name, None))
        done, _ = await asyncio.wait({task}, timeout=seconds - _WRITING)
        if not done:
            self._note(name, "deadline")

    async def _poll_once(self, name: str, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._service.poll_now(name, seconds), seconds + _GRACE)
        except TimeoutError:
            log.warning("poll gave no answer by its deadline", target=name)
        except GoneError as error:
            log.info("poll given up", target=name, why=str(error))
        except Exception:  # the boundary of a poll that a scrape asked for: the earlier values still stand
            log.exception("poll failed", target=name)
            self._note(name, "internal")

    def _note(self, name: str, reason: Reason) -> None:
        if name in self._service.board:
            self._service.board[name].errors[reason] += 1


async def _respond(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return web.Response(status=error.status, text=_plain(error), headers=headers)
    except Exception:  # the boundary of a request: the trace is ours, not the reader's
        log.exception("request failed", path=line(request.path, 200))
        return web.Response(status=500, text="internal error: the log of the collector says more\n")


def budget(header: str | None, longest: float = LONGEST) -> float:
    """Seconds until a scrape must be answered, from Prometheus' header.

    The header is brought within 0.5 s and `longest`; without a number in it `longest` holds. From that 0.5 s
    are kept back for the way, or a tenth below 5 s.

    >>> budget("10"), round(budget("0.9"), 3), budget("abc"), budget("-1")
    (9.5, 0.81, 119.5, 0.45)
    """
    try:
        asked = float(header) if header is not None else longest
    except ValueError:
        asked = longest
    asked = longest if math.isnan(asked) else min(max(asked, SHORTEST), longest)
    return asked - (0.5 if asked >= 5 else asked / 10)


def prefers_openmetrics(accept: str) -> bool:
    """Whether an `Accept` header (RFC 9110, 12.5.1) names OpenMetrics 1.0 and wants text no more than that.

    OpenMetrics is for those who name it: `*/*` is content with text. How much text is wanted is said by the most
    specific range that takes it.
    """
    openmetrics, text, named = 0.0, 0.0, -1
    for media, parameters, quality in _ranges(accept):
        if media == "application/openmetrics-text":
            if parameters.get("version", "1.0.0") == "1.0.0":
                openmetrics = max(openmetrics, quality)
        elif media in _TAKE_TEXT and parameters.get("version", "0.0.4") == "0.0.4":
            rank = _TAKE_TEXT.index(media)
            text = quality if rank > named else max(text, quality) if rank == named else text
            named = max(named, rank)
    return openmetrics > 0 and openmetrics >= text


def _ranges(header: str) -> list[tuple[str, dict[str, str], float]]:
    """The parts of an `Accept` or `Accept-Encoding` header: name, parameters, quality."""
    found = []
    for part in header[:2000].split(","):
        name, *rest = (piece.strip() for piece in part.split(";"))
        pairs = (piece.partition("=") for piece in rest)
        parameters = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
        found.append((name.lower(), parameters, _quality(parameters.get("q", "1"))))
    return found


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return min(value, 1.0) if value > 0 else 0.0


def _takes_gzip(request: web.Request) -> bool:
    listed = _ranges(request.headers.get("Accept-Encoding", ""))
    return any(name in ("gzip", "x-gzip") and quality > 0 for name, _, quality in listed)


def _answer(body: bytes | AsyncIterable[bytes], openmetrics: bool, zipped: bool) -> web.Response:
    headers = {"Content-Type": OPENMETRICS if openmetrics else TEXT, "Vary": "Accept, Accept-Encoding"}
    return web.Response(body=body, headers=headers | ({"Content-Encoding": "gzip"} if zipped else {}))


def _place(target: Target) -> dict[str, str]:
    """The labels that a target brings along: those it has."""
    listed = {"target": target.name, "site": target.site, "role": target.role, "service": target.service}
    return {name: line(value) for name, value in listed.items() if value}


def _plain(error: web.HTTPException) -> str:
    return error.text if error.status == 400 and error.text else f"{error.status} {error.reason}\n"


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "jauge"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-store"


_INDEX: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Jauge exporter</title></head><body>
<h1>Jauge exporter</h1>
<ul>
<li><a href="/metrics">/metrics</a>: the collector itself</li>
<li><a href="/metrics/estate">/metrics/estate</a>: every target</li>
<li><a href="/sd">/sd</a>: the targets, for http_sd_configs</li>
<li>/probe?target=NAME: one target; with fresh=1 it is polled first</li>
<li><a href="/-/healthy">/-/healthy</a> and <a href="/-/ready">/-/ready</a></li>
</ul>
</body></html>
"""
