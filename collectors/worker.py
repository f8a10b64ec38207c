"""A worker process: one event loop and one `Poller`, which polls what the collector asks for (see `collectors.workers`).

Started as `python -m collectors.worker`, with one end of a socket pair as its standard input. Everything comes over
it, the estate first; nothing stands in arguments or environment. Its end is the end of that socket: a worker never
outlives its collector, however that one ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

from collectors.limits import open_up
from collectors.packages import Packages
from collectors.pipe import Answer, Ask, Begin, Channel, Drop, Reload, Sender
from collectors.poll import Step, forget
from collectors.polling import Poller
from inventory.estate import Estate, Target

log = structlog.get_logger(__name__)

NAME_THREADS: Final = 32
"""Names of targets that are looked up at once: a name server that hangs holds a thread for each."""

_STANDARD_INPUT: Final = 0


class Worker:
    """What a worker does with each message of its collector."""

    def __init__(self, channel: Channel, estate: Estate, packages: Packages) -> None:
        self._channel = channel
        self._sender = Sender()
        self._poller = Poller(estate, packages)
        self._targets: dict[str, Target] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._take(estate)

    async def run(self) -> None:
        """Poll what is asked for. Raises EOFError once the other end is gone."""
        try:
            while True:
                self._hear(await self._channel.receive())
        finally:
            for task in self._running.values():
                task.cancel()
            self._poller.close()

    def _hear(self, message: object) -> None:
        match message:
            case Ask(number=number):
                self._running[number] = task = asyncio.create_task(self._answer(message))
                task.add_done_callback(lambda _: self._running.pop(number, None))
            case Drop(number=number) if number in self._running:
                self._running[number].cancel()
            case Reload(estate=estate, packages=packages):
                self._poller.reload(estate, packages)
                self._take(estate)

    def _take(self, estate: Estate) -> None:
        self._targets = {target.name: target for target in estate.targets}
        self._channel.send(self._sender.forget(frozenset(self._targets)))

    async def _answer(self, ask: Ask) -> None:
        steps: list[Step] = []
        try:
            poll = await self._poller.poll(
                self._targets[ask.target], steps.append if ask.traced else forget, ask.patience
            )
            answer = self._sender.pack(ask.number, poll, tuple(steps))
        except Exception:  # a fault of ours: the others go on, and who asked is told
            log.exception("polling failed", target=ask.target)
            answer = Answer(ask.number, None)
        self._channel.send(answer)


async def serve(end: socket.socket) -> None:
    """Be the worker of whoever holds the other end, then end this process, whatever its threads still wait for."""
    asyncio.get_running_loop().set_default_executor(
        ThreadPoolExecutor(NAME_THREADS, thread_name_prefix="names")
    )
    channel = await Channel.over(end)
    with contextlib.suppress(EOFError):
        begin: Begin = await channel.receive()
        begin.prepare()
        await Worker(channel, begin.estate, begin.packages).run()
    os._exit(0)  # a login that a dead host leaves hanging is a thread, which an orderly end would wait for


def main() -> None:
    """Serve the socket that is standard input."""
    # A service manager signals every process of a service: the collector alone says when its workers end.
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    end = socket.socket(fileno=os.dup(_STANDARD_INPUT))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STANDARD_INPUT)
    os.close(nothing)
    open_up()
    asyncio.run(serve(end))


if __name__ == "__main__":
    main()
