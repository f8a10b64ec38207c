"""What runs beside what in the collector's process: polls, the exporter, and the history's writer thread."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from collectors.board import Board
from collectors.poll import Poll
from collectors.polling import Poller
from collectors.schedule import Scheduler
from collectors.traps import identity
from collectors.traps.notification import AUTHENTICATION_FAILURE, Notification
from collectors.traps.receiver import Receiver
from collectors.workers import Workers
from exporters import pulse, serving
from exporters.accuracy import Accuracy
from exporters.bodies import Bodies
from exporters.changes import Changes, Version, versions
from exporters.events import Event, EventError, Events, Journal
from exporters.health import PLANNED_SECONDS, Check, Part
from exporters.history import HistoryError, Keeper
from exporters.history.keeping import points
from exporters.history.prometheus import Queued
from exporters.history.writing import Queue
from exporters.http import create
from exporters.manager import Manager
from exporters.own import Own
from exporters.status import Report, StatusError, read
from forecasting.renewal.kept import Replacements
from inventory.changes import compare
from inventory.checking import EstateError
from inventory.estate import Estate, Target
from inventory.metrics import Sample
from inventory.sharding import Shard
from jauge.beating import ENDING, MOST_EVENTS, Beat, is_old, same_file
from jauge.dates import Dates
from jauge.files import Files
from jauge.fleet import Workstations
from jauge.guarding import exposures, warn
from jauge.opening import rename
from jauge.protecting import Shield
from jauge.silences import Silences
from jauge.walls import Walls
from jauge.watchdog import Watchdog, standing

if TYPE_CHECKING:
    from exporters.web.door import Door

log = structlog.get_logger(__name__)

T = TypeVar("T")

STATUS_SECONDS: Final = 2.0

STATUS_SHARE: Final = 0.05
"""The part of the time that may go into writing the status, where that takes long."""

LEAVING_SECONDS: Final = 1.0
"""That polls and requests have to end."""

CLOSING_SECONDS: Final = 2.0
"""That the history has to be closed."""

NAME_THREADS: Final = 32
"""Names of targets that are looked up at once: a name server that hangs holds a thread for each."""

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
"""Hosts that only this machine reaches."""

WHOLE: Final = Shard()

PROBLEMS: Final = 10
"""Mistakes of an estate that the log tells."""


class Service:
    """The collector and exporter of one estate; see `exporters.http.Service` for what the exporter asks of it.

    Of the estate that it is given, and of those that `reread` gives, it polls and shows the `shard`. It closes `writer`
    and `poller` when it ends.
    """

    def __init__(
        self,
        estate: Estate,
        files: Files,
        writer: Keeper,
        poller: Poller | Workers | None = None,
        reread: Callable[[], Estate] | None = None,
        shard: Shard = WHOLE,
        door: Door | None = None,
        manager: Manager | None = None,
    ) -> None:
        self.estate = shard.of(estate)
        self.board = Board(self.estate.targets)
        self._shard = shard
        self._files = files
        self._own = Own(self.board)
        self._poller = poller or Poller(self.estate)
        self._writer = writer
        self._door = door
        self._queue = Queue(writer)
        self._journal = Journal(Events(files.events), self._own.happened)
        self._show_what_is_kept()
        self._own.registry.register(Accuracy(files.plan))
        self._changes = Changes(down(files.events), known=known(files.status))
        self._report = Report(files.status, self.board)
        self._dates = Dates(files.plan, ZoneInfo(estate.timezone))
        Walls(self._own.registry, lambda: self.estate, files.plan, self.board)
        Silences(self._own.registry, files.state)
        replaced = Replacements(files.directory)
        Workstations(self._own.registry, lambda: self.estate, files.state, replaced.by_year)
        self._shield = Shield(
            self.board, lambda: self.estate, files.state, shard.count == 1, self.board.clock
        )
        self._bodies = Bodies(self.board, self.extra, self.board.clock)
        self._beat = Beat(
            files.directory, files.collector, estate.timezone, self.board.clock, lasting(estate, files)
        )
        self._scheduler = Scheduler(self.board, self._ask, (self._keep, self._bodies.renew), self._skip)
        self._receiver = Receiver(
            estate,
            self._hear,
            self._own.trapped,
            mine=shard.holds,
            identify=functools.partial(identity.start, files.engine),
        )
        self._own.watch_traps(lambda: self._receiver.place is not None)
        self._is_told = self._is_reloaded = True
        self._exposed: list[str] = []
        self._beat.checks |= self._checks()
        self._health = self._beat.health
        self._own.watch_health(self._health)
        self._manager = manager or Manager({})
        self._watchdog = Watchdog(self._manager, self.board, self._queue, self._health)
        self._reread = reread or (lambda: estate)
        # Of their own: names that are looked up must not keep the history from being closed.
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="service")

    @property
    def ready(self) -> bool:
        return self._scheduler.ready

    def _show_what_is_kept(self) -> None:
        """At our own /metrics: what waits to be written, and the room that there is."""
        own, queue, writer, door, folder = (
            self._own, self._queue, self._writer, self._door, self._files.directory
        )  # fmt: skip
        if door is not None:
            own.watch_door(lambda: door.standing)
        own.watch_history(lambda: queue.pending, lambda: queue.failed is not None, lambda: writer.damaged)
        if isinstance(writer, Queued):
            own.watch_queue(lambda: writer.standing)
        own.watch_events(self._journal.__len__)
        own.watch_disk(folder)
        own.watch_files(folder)
        own.watch_beside(folder)

    def _checks(self) -> dict[Part, Check]:
        """Whether each part is amiss; see `exporters.health`."""
        door, writer, path = self._door, self._writer, self._files.history
        found: dict[Part, Check] = {
            "polling": lambda: 0 < len(self.board) == len(self._scheduler.stuck()),
            "writer": lambda: not self._queue.is_alive,
            "turns": lambda: bool(self._scheduler.stuck()),
            "history": lambda: self._queue.failed is not None,
            "pieces": lambda: writer.damaged > 0,
            "events": lambda: len(self._journal) > MOST_EVENTS,
            "status": lambda: not self._is_told,
            "estate": lambda: not self._is_reloaded,
            "plan": lambda: (
                (issued := self._dates.issued) is not None and time.time() - issued > PLANNED_SECONDS
            ),
            "rights": lambda: bool(self._exposed),
        }
        if isinstance(writer, Queued):
            found["queue"] = lambda: is_old(writer.standing)
        else:
            found["file"] = same_file(path)
        if self.estate.traps is not None:
            found["traps"] = lambda: self._receiver.place is None
        if door is not None:
            found["web"] = lambda: not door.standing.sound
            found["certificate"] = lambda: (
                (ends := door.standing.ends) is not None and ends - time.time() < ENDING
            )
        return found

    def _skip(self) -> None:
        self._own.skip()
        self._beat.skipped()

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        return await self._scheduler.poll_now(name, deadline_seconds)

    def extra(self, name: str) -> Sequence[Sample]:
        return [*self._dates.samples(name), *self._shield.samples(name)]

    async def run(self, addresses: Sequence[tuple[str | None, int]]) -> None:
        """Poll and serve until SIGTERM or SIGINT, then stop within 5 s with the history closed.

        `addresses` are hosts (None: all) and ports to listen on. SIGHUP reads the estate again. Raises OSError where
        one of them cannot be listened on.
        """
        stop, hangup = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(NAME_THREADS, thread_name_prefix="names"))
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        loop.add_signal_handler(signal.SIGHUP, hangup.set)
        signal.pthread_sigmask(
            signal.SIG_UNBLOCK, {signal.SIGHUP}
        )  # held back since the start of the program
        application = create(
            self,
            self._own,
            clock=self.board.clock,
            bodies=self._bodies,
            door=self._door,
            health=self._health,
        )
        runner = serving.runner(application, LEAVING_SECONDS)
        await runner.setup()
        tasks = [
            asyncio.create_task(one, name=name)
            for name, one in (
                ("the status", self._tell()),
                ("the pulse", self._pulse()),
                ("reloads", self._listen(hangup)),
                ("the journal of events", self._journal.run(self._in_thread)),
                ("traps", self._receiver.run()),
                *([("the doors", self._door.watch(self._in_thread))] if self._door is not None else []),
            )
        ]
        try:
            for host, port in addresses:
                await self._serve(runner, host, port)
            self._scheduler.start()
            tasks.append(asyncio.create_task(self._watchdog.run(tuple(tasks)), name="the watchdog"))
            await stop.wait()
        finally:
            log.info("stopping")
            self._manager.stops()
            for task in tasks:
                task.cancel()
            await self._stop(runner)

    async def _serve(self, runner: web.AppRunner, host: str | None, port: int) -> None:
        site = serving.Site(runner, host, port, self._door)
        await site.start()
        log.info("serving", url=f"{site.name}/", targets=len(self.board))
        if host not in LOOPBACK and (self._door is None or self._door.open):
            log.warning(
                "whoever reaches this port is answered: --web.config.file asks for passwords",
                url=f"{site.name}/",
            )

    async def reload(self) -> None:
        """Read the estate again and go on with it. Where it cannot be used, go on with the one in force, and say so."""
        try:
            whole = await self._in_thread(self._reread)
        except EstateError as error:
            self._reloaded(successful=False)
            self._journal.tell(Event(self.board.clock(), "", "estate_refused", str(error.problems[0])))
            for problem in error.problems[:PROBLEMS]:
                log.error("estate not reloaded, the former one stays in force", problem=str(problem))
            return
        estate = self._shard.of(whole)
        changes = compare(self.estate, estate)
        if estate.timezone != self.estate.timezone:
            log.warning("the timezone changes with the next start only", timezone=estate.timezone)
        if estate.history != self.estate.history:
            log.warning("the engine of the history changes with the next start only")
        self._poller.reload(estate)
        self.estate = estate
        self._scheduler.replace(estate.targets, changes.changed)
        self._receiver.replace(whole)
        self._reloaded(successful=True)
        self._changes.keep(target.name for target in estate.targets)
        counts = {"targets": len(self.board)} | {k: len(v) for k, v in changes._asdict().items()}
        said = ", ".join(f"{name} {count}" for name, count in counts.items())
        self._journal.tell(Event(self.board.clock(), "", "estate_reloaded", said))
        log.info("estate reloaded", **counts)
        try:
            await self._in_thread(lambda: rename(self._writer, estate))
        except HistoryError as error:
            log.error("history not moved to its new name", why=str(error))

    def _reloaded(self, *, successful: bool) -> None:
        self._own.reloaded(successful=successful)
        self._is_reloaded = successful

    async def _listen(self, hangup: asyncio.Event) -> None:
        """Reload for each SIGHUP; those that come meanwhile are one."""
        while True:
            await hangup.wait()
            hangup.clear()
            self._manager.reloads()
            try:
                await self.reload()
            except Exception:  # a fault of ours: the estate in force goes on
                self._reloaded(successful=False)
                log.exception("estate not reloaded")
            self._manager.lives(standing(self.board, self._queue))

    async def _stop(self, runner: web.AppRunner) -> None:
        """Let go of everything, whatever fails on the way; the history is closed in any case."""
        ended = asyncio.gather(self._scheduler.stop(), runner.cleanup(), return_exceptions=True)
        try:
            for problem in await asyncio.wait_for(ended, LEAVING_SECONDS + 0.2):
                if problem is not None:
                    log.error("not stopped in order", exc_info=problem)
        except TimeoutError:
            log.warning("polls or requests did not end in time")
        finally:
            self._poller.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._in_thread(self._journal.flush), LEAVING_SECONDS)
            await self._in_thread(lambda: self._queue.close(CLOSING_SECONDS))

    async def _in_thread(self, do: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, do)

    async def _ask(self, target: Target, patience: float) -> Poll:
        return await self._poller.poll(target, patience=patience)

    def _hear(self, target: str, notification: Notification) -> None:
        """Keep what a target tells of itself, and look at it at once."""
        self._journal.tell(Event(self.board.clock(), target, "trap", str(notification)))
        if notification.oid != AUTHENTICATION_FAILURE:  # perhaps of our own poll: it would go round
            self._scheduler.poll_soon(target)

    def _keep(self, poll: Poll, late: float) -> None:
        self._queue.submit(points(poll, poll.up))
        self._own.polled(poll.up, poll.seconds, late)
        self._beat.polled(late)
        for event in self._changes.of(poll):
            self._journal.tell(event)
        for table in poll.tables:
            if table.reason is not None:
                log.debug(
                    "table failed",
                    target=poll.target,
                    table=table.name,
                    reason=table.reason,
                    detail=table.detail,
                )
            for note in table.notes:
                log.debug("rows withheld", target=poll.target, table=table.name, note=note)

    async def _pulse(self) -> None:
        """Tell other processes how the collector itself stands, every few seconds."""
        while True:
            try:
                await self._beat_once()
            except Exception:  # a fault of ours: pages would take the collector for dead from now on
                log.exception("pulse not told")
            await asyncio.sleep(pulse.EVERY)

    async def _beat_once(self) -> None:
        await self._in_thread(self._guard)
        engine = self._writer.standing if isinstance(self._writer, Queued) else None
        told = self._beat.pulse(
            self._health, len(self.board), self._queue.pending, len(self._journal), engine
        )
        await self._in_thread(functools.partial(self._beat.write, told))

    def _guard(self) -> None:
        """Look whether files with something to hide are their owner's alone; say so where that changed."""
        found = exposures(self.estate, self._files)
        if found != self._exposed:
            warn(found)
        self._exposed = found

    async def _tell(self) -> None:
        """Tell other processes how each target stands, every few seconds."""
        pause, failed = STATUS_SECONDS, ""
        while True:
            await asyncio.sleep(pause)
            now, start = self.board.clock(), time.monotonic()
            try:
                await self._in_thread(functools.partial(self._report.write, now))
                failed, self._is_told = "", True
            except OSError as error:
                self._is_told = False
                if failed != (failed := error.strerror or str(error)):
                    log.error("status not written", why=failed, file=str(self._files.status))
            pause = max(STATUS_SECONDS, (time.monotonic() - start) / STATUS_SHARE)


def lasting(estate: Estate, files: Files) -> list[str]:
    """The files that stay once they are there: all databases, but for the history where an engine keeps it."""
    return [path.name for path in files.databases if path != files.history or estate.history is None]


def down(events: Path) -> frozenset[str]:
    """The targets that were down when the collector last ended; none where its events cannot be read."""
    try:
        return Events(events).down()
    except EventError as error:
        log.error("events not read", why=str(error))
        return frozenset()


def known(status: Path) -> dict[str, Version]:
    """What the targets were when the collector last ended; nothing where that cannot be read."""
    try:
        return versions(read(status))
    except StatusError as error:
        log.error("status not read", why=str(error))
        return {}


def leave() -> NoReturn:
    """End the process now, when everything is closed.

    The interpreter would wait for its threads, and those for machines and name servers that hang.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
