"""The thread that empties the queue on disk into an engine, in order.

A request that the engine refuses for what is in it (HTTP 400, 413) is parted until the samples that are to blame stand
alone: these are dropped and counted by reason, all others arrive. What else fails is tried again, later and
later, and as late as Retry-After says. After the engine may have been restarted, what was sent in the minute before is
sent again, since engines lose what they had in memory; where they did not, that changes nothing.
"""

from __future__ import annotations

import collections
import contextlib
import math
import random
import threading
import time
from collections.abc import Callable
from typing import Final, get_args

import structlog

from exporters.history import HistoryError
from exporters.history.days import HOUR, Calendar
from exporters.history.prometheus import Standing
from exporters.history.prometheus.asking import Client, EngineError, Failure
from exporters.history.prometheus.encoding import Pairs, Series, decode, encode
from exporters.history.prometheus.rollups import Late, requests
from exporters.history.prometheus.samples import held, identity
from exporters.history.prometheus.spool import DAMAGED, FULL, Record, Spool

log = structlog.get_logger(__name__)

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
LOGIN_WAIT: Final = 300.0
"""Seconds between two tries of a credential that is not accepted, lest an account is locked."""

_IDLE: Final = 1.0

COPIES: Final = 20_000
"""Copies that are held at most before they are handed over."""

ANOTHER: Final = "another value of that time"

_WORDS: Final = (
    ("out of order", "out of order"),
    ("duplicate sample", ANOTHER),
    ("out of bounds", "too old for the engine"),
    ("too old", "too old for the engine"),
    ("too far", "too old for the engine"),
)
"""What engines say of a sample that they refuse, and the reason that it is counted by."""

FAILURES: Final = (*get_args(Failure), "disk", "internal")

REFUSALS: Final = (*dict.fromkeys(reason for _, reason in _WORDS), "refused")


class Sender:
    """Sends what a spool holds, until it is closed. `failed` says why nothing is sent just now.

    What it sends late it copies to the roll-ups of `calendar`'s hours and days (see `rollups`).
    """

    def __init__(
        self,
        client: Client,
        spool: Spool,
        calendar: Calendar,
        clock: Callable[[], float] = time.time,
        wait: float = FIRST_WAIT,
    ) -> None:
        self.failed: str | None = None
        self.sent = 0
        self.again = 0
        self.dropped: collections.Counter[str] = collections.Counter(dict.fromkeys(REFUSALS, 0))
        self.failures: collections.Counter[str] = collections.Counter()
        self._client, self._spool, self._first, self._clock = client, spool, wait, clock
        self._late = Late(client.engine.name, calendar)
        self._came = -math.inf
        self._refused: set[tuple[Pairs, int]] = set()
        self._restarts = client.restarts
        self._tries = 0
        self._wake = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="history sender", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something came into the queue."""
        self._wake.set()

    def close(self, seconds: float) -> None:
        """Stop: what was not sent stays in the queue."""
        self._end.set()
        self._wake.set()
        self._thread.join(seconds)

    @property
    def standing(self) -> Standing:
        dropped = self.dropped + self._spool.dropped
        # All reasons from the start: a rate needs the 0 before the first.
        named = {reason: dropped[reason] for reason in (*REFUSALS, FULL, DAMAGED)}
        return Standing(
            self._spool.pending,
            self._spool.size,
            self._spool.oldest,
            self.sent,
            self.again,
            named,
            {kind: self.failures[kind] for kind in FAILURES},
        )

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                pause = self._turn()
            except EngineError as error:
                pause = self._fail(error)
            except HistoryError as error:
                pause = self._note(str(error), "disk")
            except Exception as error:  # a fault of ours: the thread stays, and says so
                log.exception("history not sent")
                pause = self._note(f"internal: {type(error).__name__}, see the log", "internal")
            if pause and not self._end.is_set():
                self._pause(pause)

    def _pause(self, seconds: float) -> None:
        """Wait: for the engine as long as that, for something to send until it comes."""
        (self._wake if self.failed is None else self._end).wait(seconds)
        self._wake.clear()

    def _turn(self) -> float:
        """Send the oldest record; the seconds to wait before the next."""
        record = self._spool.next()
        if record is None:
            self._copy_late()
            return _IDLE
        body = self._spool.content(record)
        if body is None:
            return 0.0
        self._deliver(record, body)
        self._note_late(record, body)
        recovered = self.failed is not None or self._client.restarts != self._restarts
        self._restarts, self._tries = self._client.restarts, 0
        self._spool.done(record)
        if recovered:
            self._recover()
        elif not self._late:
            # Only now: before it answered again, nobody knew whether it still had what it took a while ago.
            self._spool.forget(self._client.engine.resend)
        return 0.0

    def _note_late(self, record: Record, body: bytes) -> None:
        """Keep copies of what was sent after its hour was over, an hour's polls together."""
        now = self._latest()
        if len(self._late) >= COPIES or record.at // HOUR != self._came:
            self._copy_late()
            self._came = record.at // HOUR
        if record.oldest is not None and not self._late.is_late(record.oldest, now):
            return
        with contextlib.suppress(ValueError):  # no request of ours, and dropped already
            for one in decode(body):
                taken = [pair for pair in one.samples if (one.labels, pair[0]) not in self._refused]
                self._late.note(identity(dict(one.labels)), taken, now)

    def _latest(self) -> float:
        """The time by our clock or the engine's, whichever is later: a copy too many changes nothing."""
        return self._clock() + max(0.0, self._client.skew)

    def _copy_late(self) -> None:
        """Hand over the copies that are held. Until then the queue keeps what they are of."""
        for part in requests(self._late.copies(self._latest())):
            self._send(part, None)
        self._late.clear()

    def _recover(self) -> None:
        """The engine answers again: it may have lost what was sent last."""
        again = self._spool.rewind() if self._client.engine.resend else 0
        self.again += again
        log.info("history is sent again", pending=self._spool.pending, sent_again=again, after=self.failed)
        self.failed = None

    def _deliver(self, record: Record, body: bytes) -> None:
        self._refused.clear()
        try:
            self._client.write(body)
            self.sent += record.samples
        except EngineError as error:
            # Whoever refuses everything, and not for what is in it, is perhaps no engine: values wait for a person.
            strange = not self.sent and _reason(str(error)) == "refused"
            if strange or error.kind not in ("refused", "too_much"):
                raise
            self._part(body, error)

    def _part(self, body: bytes, error: EngineError) -> None:
        """Send what the engine takes of a request that it refused."""
        try:
            series = decode(body)
        except ValueError:
            series = []
            self._drop(1, DAMAGED, error)
        known = held(self._client, series) if error.kind == "refused" else {}
        left = []
        for one in series:
            there = known.get(one.labels, {})
            samples = tuple(pair for pair in one.samples if pair[0] not in there)
            again = sum(there.get(at) == value for at, value in one.samples)
            self.sent += again
            if other := len(one.samples) - len(samples) - again:
                self._drop(other, ANOTHER, error)
                self._refused |= {
                    (one.labels, at) for at, value in one.samples if there.get(at, value) != value
                }
            if samples:
                left.append(Series(one.labels, samples))
        # What the engine has already made it refuse the rest, perhaps.
        self.sent += self._send(left, None if known else error)

    def _send(self, series: list[Series], refused: EngineError | None) -> int:
        """Send some series, in halves where they are (or were) refused; how many samples the engine took."""
        if not series:
            return 0
        if refused is None:
            try:
                self._client.write(encode(series))
                return sum(len(one.samples) for one in series)
            except EngineError as error:
                if error.kind not in ("refused", "too_much"):
                    raise
                refused = error
        halves = _halves(series)
        if halves is None:
            self._drop(1, _reason(str(refused)), refused)
            self._refused.add((series[0].labels, series[0].samples[0][0]))
            return 0
        return sum(self._send(half, None) for half in halves)

    def _drop(self, count: int, reason: str, error: EngineError) -> None:
        if not self.dropped[reason]:
            log.error("history values refused by the engine", reason=reason, why=str(error))
        self.dropped[reason] += count

    def _fail(self, error: EngineError) -> float:
        self._tries += 1
        pause = self._note(str(error), error.kind)
        if error.kind == "auth_failed":
            pause = max(pause, min(LOGIN_WAIT, 60 * self._first * self._tries))
        return max(pause, error.wait or 0.0)

    def _note(self, failed: str, kind: str) -> float:
        self.failures[kind] += 1
        if self.failed != failed:
            log.error("history not sent; values wait on disk", why=failed, pending=self._spool.pending)
        self.failed = failed
        wait = min(LONGEST_WAIT, self._first * 2 ** min(self._tries - 1, 10)) if self._tries else self._first
        return wait * random.uniform(0.8, 1.2)  # noqa: S311 - so that collectors do not come all at once


def _halves(series: list[Series]) -> tuple[list[Series], list[Series]] | None:
    """Two parts of what is to be sent; None of a single sample."""
    if len(series) > 1:
        middle = len(series) // 2
        return series[:middle], series[middle:]
    labels, samples = series[0]
    if len(samples) < 2:
        return None
    middle = len(samples) // 2
    return [Series(labels, samples[:middle])], [Series(labels, samples[middle:])]


def _reason(said: str) -> str:
    return next((reason for words, reason in _WORDS if words in said), "refused")
