"""Jauge's poller in a process of its own, for `benchmarks.polling`: polls, records and renders as the service does."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import structlog

import benchmarks._devices  # noqa: F401 - first: the exposition orders what is registered by now
from collectors.board import Board
from collectors.limits import open_up
from collectors.polling import Poller
from exporters.exposition import Chunks, body, render
from inventory.credentials import Credential, SnmpV2c
from inventory.estate import Estate, Snmp, Target

AT_ONCE: Final = 200
"""Polls under way at once, where a benchmark does not say otherwise."""

PATIENCE: Final = 60.0
PACKETS: Final = 100_000.0
"""Packets a second that an agent may get: rounds follow each other at once, not every minute."""

HOST: Final = "127.0.0.1"
PUBLIC: Final = SnmpV2c.model_validate({"snmp": "v2c", "community": "public"})


class Polls(NamedTuple):
    """A round of polls: CPU seconds, wall seconds, and memory in bytes at its end.

    `whole` are the targets of which every table answered, `failures` what did not: table and reason.
    """

    cpu: float
    wall: float
    resident: int
    whole: frozenset[str]
    failures: frozenset[str]


class Jauge:
    """A poller of `ports` on this machine, each a target of its own, named by its place in the list."""

    def __init__(
        self,
        ports: Sequence[int],
        family: str = "server",
        credential: Credential = PUBLIC,
        patience: float = PATIENCE,
        retries: int = 2,
    ) -> None:
        targets = tuple(
            Target(
                name=str(number),
                address=HOST,
                timeout=patience,
                snmp=Snmp(credential="all", port=port, family=family, retries=retries, packets=PACKETS),
            )
            for number, port in enumerate(ports)
        )
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        estate = Estate(credentials={"all": credential}, targets=targets)
        self._process = context.Process(target=_serve, args=(theirs, estate), daemon=True)
        self._process.start()
        theirs.close()
        self.resident: int = self._pipe.recv()

    def poll(self, at_once: int = AT_ONCE) -> Polls:
        """Poll every target once, and make the text of each; so many at once."""
        found: Polls = self._ask(at_once)
        return found

    def text(self, name: str) -> str:
        """What a scrape of a target is answered."""
        return str(self._ask(name))

    def _ask(self, what: str | int) -> Any:
        self._pipe.send(what)
        return self._pipe.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()


# --- in the poller's process --------------------------------------------------------------------------------


def _serve(pipe: Connection, estate: Estate) -> None:
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),  # figures go to stdout
    )
    open_up()
    asyncio.run(_Rounds(estate).serve(pipe))


class _Rounds:
    """The rounds of one estate: all that the collector keeps between them."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._poller = Poller(estate)
        self._board = Board(estate.targets)
        self._chunks: dict[str, Chunks] = {}

    async def serve(self, pipe: Connection) -> None:
        pipe.send(_resident())
        while True:
            try:
                asked = pipe.recv()
            except EOFError:
                return self._poller.close()
            if isinstance(asked, int):
                pipe.send(await self._round(asyncio.Semaphore(asked)))
            else:
                pipe.send(body(self._chunks[asked], time.time(), openmetrics=False).decode())

    async def _round(self, gate: asyncio.Semaphore) -> Polls:
        cpu, start = time.process_time(), time.monotonic()
        broken = await asyncio.gather(*(self._poll(target, gate) for target in self._estate.targets))
        cpu, wall = time.process_time() - cpu, time.monotonic() - start
        outcomes = list(zip(self._estate.targets, broken, strict=True))
        return Polls(
            cpu=cpu,
            wall=wall,
            resident=_resident(),
            whole=frozenset(target.name for target, failures in outcomes if not failures),
            failures=frozenset(failure for _, failures in outcomes for failure in failures),
        )

    async def _poll(self, target: Target, gate: asyncio.Semaphore) -> list[str]:
        """Poll one target and make its text. Returns which tables failed, and why."""
        async with gate:
            poll = await self._poller.poll(target)
        standing = self._board[target.name]
        standing.record(poll)
        chunks = render(standing, (), time.time(), self._chunks.get(target.name))
        self._chunks[target.name] = chunks
        body(chunks, time.time(), openmetrics=False)
        if not poll.tables:
            return ["no tables"]
        return [f"{table.name} {table.reason}" for table in poll.tables if not table.up]


def _resident() -> int:
    """Bytes of memory that this process holds now (proc_pid_statm(5))."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
