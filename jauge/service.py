"""What runs beside what in the collector's process: polls, the exporter, and the history's writer thread."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from collectors.board import Board
from collectors.poll import Poll
from collectors.polling import Poller
from collectors.schedule import Scheduler
from collectors.workers import Workers
from exporters import status
from exporters.history.keeping import points
from exporters.history.sqlite import Writer
from exporters.history.writing import Queue
from exporters.http import create
from exporters.outlooks import Outlook, OutlookError, Outlooks
from exporters.own import Own
from inventory.estate import Estate, Target
from inventory.metrics import Sample, labels
from jauge.files import Files

log = structlog.get_logger(__name__)

STATUS_SECONDS: Final = 2.0
STOP_SECONDS: Final = 2.0


class Service:
    """The collector and exporter of one estate; see `exporters.http.Service` for what the exporter asks of it.

    It closes `writer` and `poller` when it ends.
    """

    def __init__(
        self, estate: Estate, files: Files, writer: Writer, poller: Poller | Workers | None = None
    ) -> None:
        self.estate = estate
        self.board = Board(estate.targets)
        self._files = files
        self._own = Own(self.board)
        self._poller = poller or Poller(estate)
        self._queue = Queue(writer)
        self._dates = Dates(files.plan, ZoneInfo(estate.timezone))
        self._scheduler = Scheduler(self.board, self._ask, (self._keep,), self._own.skip)

    @property
    def ready(self) -> bool:
        return self._scheduler.ready

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        return await self._scheduler.poll_now(name, deadline_seconds)

    def extra(self, name: str) -> Sequence[Sample]:
        return self._dates.samples(name)

    async def run(self, host: str, port: int) -> None:
        """Poll and serve until SIGTERM or SIGINT, then stop within 5 s with the history closed."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        runner = web.AppRunner(create(self, self._own), access_log=None, shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        reporting = asyncio.create_task(self._report())
        try:
            await web.TCPSite(runner, host, port).start()
            log.info("serving", url=f"http://{host}:{port}/", targets=len(self.board))
            self._scheduler.start()
            await stop.wait()
        finally:
            log.info("stopping")
            reporting.cancel()
            await self._scheduler.stop()
            await runner.cleanup()
            self._poller.close()
            await asyncio.to_thread(self._queue.close, STOP_SECONDS)

    async def _ask(self, target: Target, patience: float) -> Poll:
        return await self._poller.poll(target, patience=patience)

    def _keep(self, poll: Poll, late: float) -> None:
        self._queue.submit(points(poll, poll.up))
        self._own.polled(poll.up, poll.seconds, late)
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

    async def _report(self) -> None:
        """Tell other processes how each target stands, every few seconds."""
        while True:
            await asyncio.sleep(STATUS_SECONDS)
            try:
                await asyncio.to_thread(status.write, self._files.status, self.board, time.time())
            except OSError as error:
                log.error("status not written", why=error.strerror, file=str(self._files.status))


class Dates:
    """The newest dates that the planner issued, as samples by target; read again when the file changes.

    A date is the first instant of its civil day in the estate's timezone.
    """

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self._path = path
        self._zone = zone
        self._outlooks = Outlooks(path)
        self._seen: tuple[float, float] | None = None
        self._samples: dict[str, list[Sample]] = {}
        self._issued: dict[str, float] = {}

    def samples(self, target: str) -> Sequence[Sample]:
        """The dates of a target's stores, and how old the forecast is now."""
        changed = self._changed()
        if changed != self._seen:
            try:
                self._read(self._outlooks.latest())
                self._seen = changed
            except OutlookError as error:
                log.error("outlooks not read", why=str(error))
        if target not in self._issued:
            return ()
        return [
            *self._samples[target],
            Sample("jauge_forecast_age_seconds", time.time() - self._issued[target]),
        ]

    def _changed(self) -> tuple[float, float]:
        # Commits go to the write-ahead log first: either file may be the newer one.
        def touched(path: Path) -> float:
            with contextlib.suppress(OSError):
                return path.stat().st_mtime
            return 0.0

        return touched(self._path), touched(self._path.with_name(f"{self._path.name}-wal"))

    def _read(self, outlooks: Sequence[Outlook]) -> None:
        self._samples, self._issued = {}, {}
        for outlook in outlooks:
            self._issued[outlook.target] = outlook.issued_at
            samples = self._samples.setdefault(outlook.target, [])
            for (threshold, probability), day in outlook.dates.items():
                if day is not None:
                    moment = dt.datetime(day.year, day.month, day.day, tzinfo=self._zone).timestamp()
                    named = labels(
                        **dict(outlook.labels), threshold=f"{threshold:g}", probability=f"{probability:g}"
                    )
                    samples.append(Sample("jauge_storage_full_timestamp_seconds", moment, named))
