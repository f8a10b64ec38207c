"""What the collector appends to where an engine keeps the history: a queue on disk, and what empties it."""

from __future__ import annotations

import collections
import copy
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from exporters.history import Point
from exporters.history.days import Calendar
from exporters.history.lock import Lock
from exporters.history.prometheus import Standing
from exporters.history.prometheus.asking import Client
from exporters.history.prometheus.encoding import Encoder
from exporters.history.prometheus.rolling import Rolling
from exporters.history.prometheus.sending import Sender
from exporters.history.prometheus.spool import DAMAGED, Spool
from exporters.history.refusing import AHEAD, refusal_of
from inventory.metrics import Labels

CLOSING_SECONDS: Final = 1.0
REMEMBERED: Final = 500_000
"""Series whose newest value is remembered."""


class Writer:
    """The one writer of a queue (see `exporters.history.Keeper`); its methods may be called from any thread.

    `refused` counts points that no history keeps, by reason. Raises HistoryError where the queue cannot be opened, or
    another process writes it; never for the engine, which may come and go. Days are rolled up in `timezone`.
    """

    def __init__(
        self, folder: Path, client: Client, timezone: str = "UTC", clock: Callable[[], float] = time.time
    ) -> None:
        self.refused: collections.Counter[str] = collections.Counter()
        self._clock = clock
        self._encoder = Encoder(client.engine.name)
        self._client = client
        self._lock = Lock(folder.with_suffix(".lock"), folder)
        try:
            self._spool = Spool(folder, client.engine.queue_megabytes * 1_000_000, clock)
        except BaseException:
            self._lock.release()
            raise
        self._newest: dict[tuple[str, str, Labels], tuple[float, float]] = {}
        self._sender = Sender(client, self._spool, Calendar(timezone), clock)
        self._rolling = Rolling(copy.copy(client), timezone, clock)

    def append(self, points: Sequence[Point]) -> None:
        """Keep points: they are on disk when this returns, and on their way to the engine."""
        latest = self._clock() + AHEAD
        kept = []
        for point in points:
            refusal = refusal_of(point, latest)
            if refusal is None:
                kept.append(point)
            else:
                self.refused[refusal] += 1
        if kept := [one for one in kept if self._newest.get(one[:3]) != (one.at, one.value)]:
            self._spool.append(list(self._encoder.requests(kept)))
            self._sender.wake()
            self._remember(kept)

    def _remember(self, kept: Sequence[Point]) -> None:
        """What a table says that is carried over from poll to poll goes to the engine once."""
        if len(self._newest) >= REMEMBERED:
            self._newest.clear()
        self._newest |= {one[:3]: (one.at, one.value) for one in kept}

    def roll(self, now: float | None = None, seconds: float = math.inf) -> bool:  # noqa: ARG002 - as every Keeper
        """Nothing: the engine keeps what it is told to keep, and a thread of its own rolls up."""
        return True

    def rename(self, old: str, new: str) -> int:  # noqa: ARG002 - as every Keeper
        """Nothing: an engine cannot be rewritten. Readers join the former names (see `Reader`)."""
        return 0

    @property
    def standing(self) -> Standing:
        """How the queue stands."""
        return self._sender.standing

    @property
    def damaged(self) -> int:
        """Values that were found damaged in the queue."""
        return self.standing.dropped.get(DAMAGED, 0)

    @property
    def newest(self) -> float | None:
        """None: what was sent is the engine's, which forgets by its own clock."""
        return None

    @property
    def failed(self) -> str | None:
        """Why nothing is sent just now."""
        return self._sender.failed

    def close(self) -> None:
        """Let go of the queue. What was not sent is sent after the next start."""
        self._rolling.close(0.0)
        self._sender.close(CLOSING_SECONDS)
        self._spool.close()
        self._client.close()
        self._lock.release()
