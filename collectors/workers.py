"""Several processes that poll for one collector: where one core is not enough for an estate.

`Workers` stands where a `Poller` stands. The collector keeps the schedule, the board, the exporter and the history;
a poll goes to the worker that the target's name belongs to (`inventory.sharding`), so that connections and what is
known of a target stay in one place. A worker that dies is started again, and takes nobody with it: the polls that it
had end as `internal`, with the tables that the target had, so that their last values stay while they are young.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final

import structlog

from collectors.packages import Packages
from collectors.packages import load as read_packages
from collectors.pipe import Answer, Ask, Begin, Channel, Drop, Ready, Receiver, Reload
from collectors.poll import Poll, Step, Table, Trace, forget
from inventory.estate import Estate, Target
from inventory.sharding import place

log = structlog.get_logger(__name__)

PAUSE: Final = 0.5
"""Seconds before a worker that ended is started again; twice as long each time that it ends before it could poll."""

LONGEST_PAUSE: Final = 30.0

START_SECONDS: Final = 30.0
"""The longest that a worker may take until it polls: a machine that has just started is slow."""

GRACE: Final = 5.0
"""Seconds after the end of its patience until a poll is given up, and its worker too if it said nothing meanwhile."""

STOP_SECONDS: Final = 1.5


Told = tuple[Poll, tuple[Step, ...]]
"""A poll, and the steps that came to it where they were wanted."""


class LostError(Exception):
    """A poll that a worker did not bring to its end: the message says why."""


def nothing() -> None:
    """The default of what a worker calls first."""


class Workers:
    """Polls the targets of an estate in `count` processes, many at once. Made in the running event loop.

    `prepare` is called first in each process, to set up what it shares with this one (the log): a function of a
    module, or a `functools.partial` of one. Raises EstateError where the packages of the estate cannot be used.
    """

    def __init__(self, estate: Estate, count: int, prepare: Callable[[], None] = nothing) -> None:
        packages = read_packages(estate.packages)
        self._estate = estate
        self._places = self._placed(estate, count)
        self._tables: dict[str, tuple[str, ...]] = {}
        self._workers = [
            _Worker(number, Begin(self._part(number), prepare, packages)) for number in range(count)
        ]

    @property
    def pids(self) -> list[int]:
        """The processes that run at this moment."""
        return [worker.process.pid for worker in self._workers if worker.process is not None]

    @property
    def restarts(self) -> int:
        """How many processes had to be started again."""
        return sum(worker.restarts for worker in self._workers)

    async def poll(self, target: Target, trace: Trace = forget, patience: float | None = None) -> Poll:
        """Poll a target, in at most `patience` seconds (the target's own by default). Never raises.

        The steps of a poll reach `trace` when it has ended.
        """
        start = time.monotonic()
        limit = target.patience if patience is None else min(patience, target.patience)
        worker = self._workers[self._places.get(target.name, 0)]
        try:
            poll, steps = await worker.ask(target.name, limit, traced=trace is not forget)
        except LostError as error:
            return self._lost(target.name, start, str(error))
        for step in steps:
            trace(step)
        self._tables[target.name] = tuple(table.name for table in poll.tables)
        return poll

    def reload(self, estate: Estate) -> None:
        """Poll the targets of this estate from now on. Workers keep what they know of those that stay.

        Raises EstateError where its packages cannot be used: all goes on as before then.
        """
        packages = read_packages(estate.packages)
        self._estate = estate
        self._places = self._placed(estate, len(self._workers))
        for name in self._tables.keys() - self._places.keys():
            del self._tables[name]
        for number, worker in enumerate(self._workers):
            worker.reload(self._part(number), packages)

    def close(self) -> None:
        """End every process, within two seconds."""
        for worker in self._workers:
            worker.leave()
        end = time.monotonic() + STOP_SECONDS
        for worker in self._workers:
            worker.reap(end)

    @staticmethod
    def _placed(estate: Estate, count: int) -> dict[str, int]:
        return {target.name: place(target.name, count, "worker") for target in estate.targets}

    def _part(self, number: int) -> Estate:
        """The estate as a worker needs it: its own targets."""
        mine = tuple(target for target in self._estate.targets if self._places[target.name] == number)
        return self._estate.model_copy(update={"targets": mine})

    def _lost(self, name: str, start: float, why: str) -> Poll:
        now, seconds = time.time(), time.monotonic() - start
        tables = self._tables.get(name, ("worker",))
        return Poll(
            name,
            now,
            seconds,
            tuple(Table(table, now, seconds, reason="internal", detail=why) for table in tables),
        )


class _Worker:
    """One process, started again whenever it ends, and the polls that it was asked for."""

    def __init__(self, number: int, begin: Begin) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.restarts = 0
        self._number = number
        self._begin = begin
        self._channel: Channel | None = None
        self._ready = asyncio.Event()
        self._receiver = Receiver()
        self._heard = 0.0
        self._numbers = itertools.count()
        self._asked: dict[int, asyncio.Future[Told]] = {}
        self._task = asyncio.create_task(self._keep())

    async def ask(self, target: str, patience: float, *, traced: bool) -> Told:
        """A poll of this worker and its steps. Raises LostError."""
        end = time.monotonic() + patience
        try:
            async with asyncio.timeout(patience):
                await self._ready.wait()
        except TimeoutError:
            raise LostError("its worker process is being started: see the log") from None
        sent, number = time.monotonic(), next(self._numbers)
        answer: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self._send(Ask(number, target, max(end - sent, 0.0), traced))
        try:
            async with asyncio.timeout(max(end - sent, 0.0) + GRACE):
                return await answer
        except TimeoutError:
            self._doubt(sent)
            raise LostError("its worker process did not answer in time: see the log") from None
        finally:
            if self._asked.pop(number, None) is not None:
                self._send(Drop(number))

    def reload(self, estate: Estate, packages: Packages) -> None:
        """Hand a new estate and its packages to the process, and to those that follow it."""
        self._begin = dataclasses.replace(self._begin, estate=estate, packages=packages)
        self._send(Reload(estate, packages))

    def leave(self) -> None:
        """Tell the process to end."""
        self._task.cancel()
        if self._channel is not None:
            self._channel.close()

    def reap(self, end: float) -> None:
        """Wait until the process has ended, and kill it where it has not by `end` on the monotonic clock."""
        if self.process is not None:
            try:
                self.process.wait(max(end - time.monotonic(), 0.0))
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _send(self, message: object) -> None:
        if self._channel is not None:
            self._channel.send(message)

    def _doubt(self, since: float) -> None:
        """End a process that has said nothing since then: it hangs, and the next one will not."""
        if self._heard < since and self.process is not None:
            log.error("worker hangs", worker=self._number, pid=self.process.pid)
            self.process.kill()

    async def _keep(self) -> None:
        pause = PAUSE
        while True:
            try:
                why = await self._live()
            finally:
                polled = self._ready.is_set()
                lost, status = self._bury()
            pause = PAUSE if polled else min(pause * 2, LONGEST_PAUSE)
            log.error(
                "worker ended", worker=self._number, why=why, status=status, polls_lost=lost, again_in=pause
            )
            await asyncio.sleep(pause)
            self.restarts += 1

    async def _live(self) -> str:
        """Start the process and hear it until it ends: why it did."""
        try:
            ours, theirs = socket.socketpair()
            with theirs:
                self.process = start(theirs)
            self._channel = channel = await Channel.over(ours)
            channel.send(self._begin)
            async with asyncio.timeout(START_SECONDS):
                self._hear(await channel.receive())
            while True:
                self._hear(await channel.receive())
        except EOFError:
            return "it is gone"
        except TimeoutError:
            return f"not ready after {START_SECONDS:.0f} s"
        except OSError as error:
            return f"it cannot be started: {error.strerror}"
        except Exception as error:  # the boundary: a fault of ours in one worker is none of the others
            log.exception("worker not understood", worker=self._number)
            return type(error).__name__

    def _hear(self, message: object) -> None:
        self._heard = time.monotonic()
        match message:
            case Ready():
                self._receiver.forget(message)
                self._ready.set()
            case Answer(number=number, steps=steps):
                poll = self._receiver.unpack(message)
                asked = self._asked.pop(number, None)
                if asked is None or asked.done():
                    return
                if poll is None:
                    asked.set_exception(LostError("a fault of Jauge itself: see the log"))
                else:
                    asked.set_result((poll, steps))

    def _bury(self) -> tuple[int, int | None]:
        """Let go of the process and of what it was asked: how many polls, and its exit status (None: never started)."""
        self._ready.clear()
        self._receiver = Receiver()
        if self._channel is not None:
            self._channel.close()
        if self.process is not None:
            self.process.kill()
        status = self.process.wait() if self.process is not None else None
        self._channel = self.process = None
        asked, self._asked = self._asked, {}
        for answer in asked.values():
            if not answer.done():
                answer.set_exception(LostError("its worker process ended: see the log"))
        return len(asked), status


def start(end: socket.socket) -> subprocess.Popen[bytes]:
    """A worker process with this end of a socket pair. Raises OSError.

    In a session of its own: a Ctrl-C of the terminal is for the collector, which tells its workers.
    """
    return subprocess.Popen(  # rule: B603 - ourselves, by no shell
        (sys.executable, "-m", "collectors.worker"),
        stdin=end.fileno(),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
