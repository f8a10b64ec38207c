"""What a poll says that the one before did not: a target that stopped answering, answers again, or restarted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from collectors.poll import Poll, Table
from exporters.events import Event

_UPTIME: Final = ("jauge_uptime_seconds", ())

_ROUND: Final = 2**32 / 100
"""Seconds after which TimeTicks begin anew (RFC 2578, 7.1.8): 497 days."""

_SLACK: Final = 5.0
"""Seconds by which the clocks of a device and of this machine may differ between two polls."""

_WORDS: Final = 3
"""Failures that the text of an event names."""


class Uptime(NamedTuple):
    """How long a device ran, by which table of it, and when that was heard (seconds of a monotonic clock)."""

    table: str
    seconds: float
    heard: float


class Changes:
    """The events of a collector's polls. `down` names the targets that were down when it last ended.

    A target that answers at its first poll is no event, unless it was down before; neither is one that is
    still down. `clock` is monotonic.
    """

    def __init__(self, down: Iterable[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._down = set(down)
        self._strange: dict[str, Table] = {}
        self._uptimes: dict[str, Uptime] = {}
        self._clock = clock

    def of(self, poll: Poll) -> Iterator[Event]:
        """The events of one poll (nothing carried over)."""
        yield from self._standing(poll)
        yield from self._host_key(poll)
        yield from self._restart(poll)

    def keep(self, targets: Iterable[str]) -> None:
        """Forget all targets but these."""
        known = set(targets)
        self._down &= known
        self._strange = {name: table for name, table in self._strange.items() if name in known}
        self._uptimes = {name: uptime for name, uptime in self._uptimes.items() if name in known}

    def _standing(self, poll: Poll) -> Iterator[Event]:
        if poll.up and poll.target in self._down:
            self._down.discard(poll.target)
            yield Event(poll.at, poll.target, "target_up")
        elif not poll.up and poll.target not in self._down:
            self._down.add(poll.target)
            yield Event(poll.at, poll.target, "target_down", _why(poll))

    def _host_key(self, poll: Poll) -> Iterator[Event]:
        """Once for each key that is shown, until the table answers: other failures between change nothing."""
        for table in poll.tables:
            if table.reason == "host_key_changed":
                former, self._strange[poll.target] = self._strange.get(poll.target), table
                if former is None or former.detail != table.detail:
                    yield Event(poll.at, poll.target, "host_key_changed", table.detail)
                return
        former = self._strange.get(poll.target)
        if former is not None and any(table.up and table.name == former.name for table in poll.tables):
            del self._strange[poll.target]

    def _restart(self, poll: Poll) -> Iterator[Event]:
        now = self._clock()
        found = next((uptime for table in poll.tables for uptime in _uptime(table, now)), None)
        if found is None:
            return
        before = self._uptimes.get(poll.target)
        self._uptimes[poll.target] = found
        if before is not None and before.table == found.table and restarted(before, found):
            yield Event(poll.at, poll.target, "device_restarted", f"{found.seconds:.0f} s ago")


def restarted(before: Uptime, now: Uptime) -> bool:
    """Whether a device restarted between two readings of its uptime.

    A clock that was set, or TimeTicks that began anew, is no restart: what restarted since has not run for
    longer than we have waited, and would not have come to the end of its ticks.
    """
    waited = now.heard - before.heard
    fell = now.seconds + 1 < before.seconds
    young = now.seconds <= waited + _SLACK
    rolled_over = before.seconds < _ROUND <= before.seconds + waited + _SLACK
    return fell and young and not rolled_over


def _uptime(table: Table, now: float) -> Iterator[Uptime]:
    if table.up and _UPTIME in table.series:
        yield Uptime(table.name, table.values[table.series.index(_UPTIME)], now)


def _why(poll: Poll) -> str:
    reasons = dict.fromkeys(
        f"{table.reason}: {table.detail}" if table.detail else str(table.reason) for table in poll.tables
    )
    return "; ".join(list(reasons)[:_WORDS])
