"""The writer thread: the event loop hands values over and never waits for the disk."""

from __future__ import annotations

import collections
import itertools
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from exporters.history import HistoryError, Keeper, Point
from exporters.history.days import DAY

log = structlog.get_logger(__name__)

COMMIT_SECONDS: Final = 5.0
ROLL_SECONDS: Final = 120.0
LIMIT: Final = 500_000
"""Points that wait at most, while the disk is full: then the oldest are dropped, and counted."""

LEAP: Final = 2 * DAY
"""Seconds by which a wall clock may be ahead of the last values and be believed at once: no zone, no summer time and no night is as much."""

DOUBTED: Final = DAY
"""Seconds after which one that is further ahead is believed."""

_BATCH: Final = 20_000
_ROLL_BUDGET: Final = 1.0


class Queue:
    """Points on their way to a history: one thread commits what was submitted every `seconds` (at most 10).

    While the history cannot be written the points wait, up to `limit`, and the write is tried again every
    `seconds`. `failed` then says why, `pending` how many wait, `written` how many were handed to a commit that
    returned, `dropped` how many were lost because more than `limit` waited.
    """

    def __init__(
        self,
        writer: Keeper,
        seconds: float = COMMIT_SECONDS,
        limit: int = LIMIT,
        roll_seconds: float = ROLL_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not 0 < seconds <= 10:
            raise ValueError("seconds must be more than 0 and at most 10")
        self.failed: str | None = None
        self.written = 0
        self.dropped = 0
        self._writer = writer
        self._seconds = seconds
        self._limit = limit
        self._roll_seconds = roll_seconds
        self._rolled = -float("inf")
        self._clock = clock
        newest = writer.newest
        self._ahead = (clock() if newest is None else min(clock(), newest)) - time.monotonic()
        self._leapt: float | None = None
        self._points: collections.deque[Point] = collections.deque()
        self._mutex = threading.Lock()  # of _points and the counters: never held while the disk is awaited
        self._turn = threading.Lock()  # of the writer: one batch at a time
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs: without it nothing is ever written again."""
        return self._thread.is_alive()

    @property
    def pending(self) -> int:
        """Points that are not committed yet."""
        return len(self._points)

    def submit(self, points: Iterable[Point]) -> None:
        """Hand points over: returns at once. Safe from any thread."""
        with self._mutex:
            self._points.extend(points)
            surplus = len(self._points) - self._limit
            for _ in range(surplus):
                self._points.popleft()
            self.dropped += max(surplus, 0)
        if surplus > 0:
            log.error(
                "history values dropped: the history cannot be written", dropped=surplus, why=self.failed
            )

    def flush(self) -> bool:
        """Commit what was submitted, in this thread. False where it could not be written (`failed` says why)."""
        with self._turn:
            return self._commit()

    def close(self, seconds: float = 5.0) -> bool:
        """Commit what was submitted and stop, then close the Writer. False where values were not committed."""
        self._closing = True
        self._wake.set()
        self._thread.join(seconds)
        if self._thread.is_alive():
            log.error("history not closed in time", pending=self.pending, seconds=seconds)
            return False
        self._writer.close()
        return not self.pending

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(self._seconds)
            if self.flush() and not self._closing:
                self._roll()
        self.flush()

    def _commit(self) -> bool:
        """Write batch by batch. A batch leaves the queue only once it is committed: a retry changes nothing."""
        while self._points:
            with self._mutex:
                dropped = self.dropped
                batch = list(itertools.islice(self._points, _BATCH))
            try:
                self._writer.append(batch)
            except HistoryError as error:
                self._note(str(error))
                return False
            except Exception as error:  # a fault of ours: the thread stays, and says so
                log.exception("history not written")
                self._note(f"internal: {type(error).__name__}, see the log")
                return False
            with self._mutex:
                # What was dropped meanwhile came off the same end.
                for _ in range(len(batch) - (self.dropped - dropped)):
                    self._points.popleft()
                self.written += len(batch)
            self._note(None)
        return True

    def _roll(self) -> None:
        now = time.monotonic()
        if now - self._rolled < self._roll_seconds or self._is_doubtful(now):
            return
        try:
            with self._turn:
                finished = self._writer.roll(seconds=_ROLL_BUDGET)
        except HistoryError as error:
            finished = True  # not before the next turn
            log.error("history not rolled up", why=str(error))
        if finished:
            self._rolled = now

    def _is_doubtful(self, now: float) -> bool:
        """Whether the wall clock leapt ahead a short while ago, or was far ahead of the last values at the start. By a clock of another year
        nearly all finer values would be too old, and be erased for good, within the minutes that it takes to set it right."""
        ahead = self._clock() - now
        if ahead - self._ahead > LEAP:
            if self._leapt is None:
                self._leapt = now
                log.warning(
                    "the clock is far ahead of the last values: nothing is rolled up or erased for a day; set it right, or leave it",
                    days=round((ahead - self._ahead) / DAY),
                )
            if now - self._leapt < DOUBTED:
                return True
        self._ahead, self._leapt = ahead, None
        return False

    def _note(self, failed: str | None) -> None:
        if failed and self.failed != failed:
            log.error("history cannot be written; values wait in memory", why=failed, pending=self.pending)
        elif self.failed and not failed:
            log.info("history is written again", pending=self.pending)
        self.failed = failed
