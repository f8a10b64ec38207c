"""What a poll says that the one before did not: a target that stopped answering, answers again, restarted, or has another version."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from collectors.poll import Poll, Table
from exporters.events import Event
from exporters.status import TEXT_BYTES, Status
from inventory.harmless import line

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


_PRODUCT_BYTES: Final = 100
_VERSION_BYTES: Final = 80
"""Room of each in the text of an event: neither the old one nor the new one is pushed out by the other."""


class Version(NamedTuple):
    """What a target says that it is, and what it was read as: its family, those over SNMP, and its sysObjectID."""

    product: str
    version: str
    source: tuple[str, str, str] = ("", "", "")

    def over(self, former: Version) -> Version:
        """This one, with what it does not say as it was before."""
        return self._replace(product=self.product or former.product, version=self.version or former.version)

    def differs(self, former: Version) -> bool:
        """Whether something is said otherwise. What was not said before is no change."""
        pairs = ((former.product, self.product), (former.version, self.version))
        return any(old and new and old != new for old, new in pairs)


def versions(status: Status) -> dict[str, Version]:
    """What the targets of a status last said that they are."""
    return {
        one.name: Version(one.product, one.version, (one.family, one.families, one.identity))
        for one in status.targets
        if one.product or one.version
    }


class Changes:
    """The events of a collector's polls. `down` names the targets that were down when it last ended, `known` what they were.

    A target that answers at its first poll is no event, unless it was down before; neither is one that is
    still down. `clock` is monotonic.
    """

    def __init__(
        self,
        down: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
        known: Mapping[str, Version] | None = None,
    ) -> None:
        self._down = set(down)
        self._known = dict(known or {})
        self._heard: dict[str, tuple[Version, float]] = {}
        self._strange: dict[str, Table] = {}
        self._uptimes: dict[str, Uptime] = {}
        self._clock = clock

    def of(self, poll: Poll) -> Iterator[Event]:
        """The events of one poll (nothing carried over)."""
        yield from self._standing(poll)
        yield from self._host_key(poll)
        yield from self._restart(poll)
        yield from self._version(poll)

    def keep(self, targets: Iterable[str]) -> None:
        """Forget all targets but these."""
        known = set(targets)
        self._down &= known
        self._strange = {name: table for name, table in self._strange.items() if name in known}
        self._uptimes = {name: uptime for name, uptime in self._uptimes.items() if name in known}
        self._known = {name: version for name, version in self._known.items() if name in known}
        self._heard = {name: heard for name, heard in self._heard.items() if name in known}

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

    def _version(self, poll: Poll) -> Iterator[Event]:
        """Another version is told once two polls in a row say the same, as of the first: a poll in which an object was lost
        may read it elsewhere. So may one that lacks a whole protocol: then nothing is told while anything fails."""
        told = _told(poll)
        former = self._known.get(poll.target, told)
        if told.source != former.source and not all(table.up for table in poll.tables):
            return
        now = told.over(former)
        heard, at = self._heard.pop(poll.target, (None, poll.at))
        if now.differs(former) and heard != now:
            self._heard[poll.target] = now, poll.at
            return
        if now.product or now.version:
            self._known[poll.target] = now
        if now.differs(former):
            yield Event(at, poll.target, "version_changed", _moved(former, now))


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


def _told(poll: Poll) -> Version:
    """What a poll says, written as a status keeps it."""
    said = (poll.product, poll.version, poll.family, poll.families, poll.identity)
    product, version, *source = (line(text, TEXT_BYTES) for text in said)
    return Version(product, version, (source[0], source[1], source[2]))


def _moved(former: Version, now: Version) -> str:
    """The old and the new one, each whole where the product is another."""
    old, new = (
        (line(one.product, _PRODUCT_BYTES), line(one.version, _VERSION_BYTES)) for one in (former, now)
    )
    if old[0] == new[0]:
        return " ".join(filter(None, (old[0], old[1], "→", new[1])))
    return " ".join(filter(None, (*old, "→", *new)))


def _uptime(table: Table, now: float) -> Iterator[Uptime]:
    if table.up and _UPTIME in table.series:
        yield Uptime(table.name, table.values[table.series.index(_UPTIME)], now)


def _why(poll: Poll) -> str:
    reasons = dict.fromkeys(
        f"{table.reason}: {table.detail}" if table.detail else str(table.reason) for table in poll.tables
    )
    return "; ".join(list(reasons)[:_WORDS])
