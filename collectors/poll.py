"""The shape of what a poll gives, whatever the protocol, and the one error boundary.

A `Poll` carries one `Table` for each table, scalar group or command that was asked. A table keeps its
`series` (metric and labels) apart from its `values`: the tuple of series is shared between polls while the
device does not change, so the exposition encodes each label set once and nothing is made per value.
`Sample` is only the view that iteration gives.
"""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Final

import structlog

from inventory.metrics import Labels, Reason, Sample

log = structlog.get_logger(__name__)

Series = tuple[str, Labels]
"""A metric's name and its labels."""

DETAIL_LENGTH: Final = 300


class PollError(Exception):
    """A table or command failed for a reason of the closed list. `detail` is for the reader."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.detail = detail


class StatusError(PollError):
    """A server answered with a status that is no success."""

    def __init__(self, status: int, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.status = status


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of one answer: series and values in the same order.

    `rows` is what the device listed, `withheld` how many of them were left out because they share one label
    set or cannot be true, `notes` says so in words. `partial` is set where the walk broke off midway: what
    came before is kept, and the table is marked failed with that error.
    """

    series: tuple[Series, ...]
    values: tuple[float, ...]
    rows: int = 0
    withheld: int = 0
    notes: tuple[str, ...] = ()
    partial: PollError | None = None

    @classmethod
    def of(cls, samples: Iterable[Sample], rows: int | None = None) -> Reading:
        """A reading of loose samples. Samples that share metric and labels are withheld, all of them."""
        listed = list(samples)
        seen: dict[Series, int] = {}
        for sample in listed:
            key = (sample.metric, sample.labels)
            seen[key] = seen.get(key, 0) + 1
        kept = [sample for sample in listed if seen[sample.metric, sample.labels] == 1]
        twins = sorted({f"{metric}{dict(pairs)}" for (metric, pairs), count in seen.items() if count > 1})
        return cls(
            series=tuple((sample.metric, sample.labels) for sample in kept),
            values=tuple(float(sample.value) for sample in kept),
            rows=len(listed) if rows is None else rows,
            withheld=len(listed) - len(kept),
            notes=tuple(f"several rows share {twin}: all withheld" for twin in twins),
        )

    @classmethod
    def join(cls, readings: Sequence[Reading]) -> Reading:
        """One reading of several: what an earlier one tells takes precedence."""
        seen: dict[Series, float] = {}
        for reading in readings:
            for series, value in zip(reading.series, reading.values, strict=True):
                seen.setdefault(series, value)
        return cls(
            tuple(seen),
            tuple(seen.values()),
            sum(reading.rows for reading in readings),
            sum(reading.withheld for reading in readings),
            tuple(note for reading in readings for note in reading.notes),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """The outcome of one table or command: `up`, or a `reason` of the closed list.

    `at` is when its values were read (UTC epoch seconds): older than the poll where the table failed and the
    values of an earlier poll are carried over, or where it is asked for less often than the target is polled: then
    `every` says how often, in seconds. `retries` counts requests that were sent again, `bad` what broke
    the rules of the protocol and was dropped: datagrams, and single values.
    """

    name: str
    at: float
    seconds: float
    series: tuple[Series, ...] = ()
    values: tuple[float, ...] = ()
    rows: int = 0
    withheld: int = 0
    reason: Reason | None = None
    detail: str = ""
    notes: tuple[str, ...] = ()
    retries: int = 0
    bad: int = 0
    every: float = 0.0

    @property
    def up(self) -> bool:
        return self.reason is None

    def __iter__(self) -> Iterator[Sample]:
        return (
            Sample(name, value, pairs) for (name, pairs), value in zip(self.series, self.values, strict=True)
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Poll:
    """One poll of one target. `at` is its end, UTC epoch seconds of this machine's clock.

    `families` are all that it was read as over SNMP, `identity` its sysObjectID, by which they were chosen; "" where it is not.
    """

    target: str
    at: float
    seconds: float
    tables: tuple[Table, ...]
    family: str = ""
    product: str = ""
    version: str = ""
    families: str = ""
    identity: str = ""

    @property
    def up(self) -> bool:
        """True where at least one table or command answered."""
        return any(table.up for table in self.tables)

    def __iter__(self) -> Iterator[Sample]:
        """The samples, each metric and label set once: an earlier table takes precedence over a later one."""
        seen: set[Series] = set()
        for table in self.tables:
            for sample in table:
                key = (sample.metric, sample.labels)
                if key not in seen:
                    seen.add(key)
                    yield sample

    def carry(self, earlier: Poll | None, limit: float) -> Poll:
        """This poll, where a failed table keeps the values of an earlier poll up to `limit` seconds old.

        Never beyond: a value that is too old leaves the exposition, so that Prometheus marks it stale. A table that
        is asked for less often keeps them for twice its own interval.
        """
        if earlier is None:
            return self
        before = {table.name: table for table in earlier.tables}
        return dataclasses.replace(
            self, tables=tuple(_carried(t, before.get(t.name), self.at, limit) for t in self.tables)
        )

    def shift(self, seconds: float) -> Poll:
        """This poll with all its times so much later, as the clock was set."""
        tables = tuple(dataclasses.replace(table, at=table.at + seconds) for table in self.tables)
        return dataclasses.replace(self, at=self.at + seconds, tables=tables)


def _carried(table: Table, before: Table | None, now: float, limit: float) -> Table:
    if table.up or table.series or before is None or not before.series:
        return table
    if before.at < now - max(limit, 2 * before.every):
        return table
    return dataclasses.replace(
        table, series=before.series, values=before.values, at=before.at, rows=before.rows, every=before.every
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One thing that was asked of a target, for `jauge explain`: never a secret."""

    asked: str
    answer: str
    seconds: float


Trace = Callable[[Step], None]
"""Receives each step of a poll; the default forgets them."""


def forget(_step: Step) -> None:
    """The trace of an ordinary poll."""


async def attempt(name: str, read: Callable[[], Awaitable[Reading]], patience: float | None = None) -> Table:
    """Read one table or command, in at most `patience` seconds: the only error boundary of a poll.

    Whatever goes wrong in `read` marks this table with a reason, and never touches the target's other tables
    or another target. A fault of ours is `internal` and its trace goes to the log.
    """
    start = time.monotonic()
    limit = asyncio.timeout(patience)
    try:
        async with limit:
            reading = await read()
    except TimeoutError:
        late = (
            PollError("deadline", f"not done after {patience:.3g} s")
            if limit.expired()
            else PollError("timeout")
        )
        return _failed(name, time.monotonic() - start, late)
    except Exception as error:  # noqa: BLE001 - the boundary: one bad answer never ends a poll
        return _failed(name, time.monotonic() - start, _named(name, error))
    return _read(name, time.monotonic() - start, reading)


def outcome(name: str, read: Callable[[], Reading], seconds: float, retries: int, bad: int) -> Table:
    """The outcome of a table whose values are here already, and what it took to get them: see `attempt`."""
    try:
        return _read(name, seconds, read(), retries, bad)
    except Exception as error:  # noqa: BLE001 - the boundary: one bad answer never ends a poll
        return _failed(name, seconds, _named(name, error), retries, bad)


def _named(name: str, error: Exception) -> PollError:
    """Any error as one of the closed list. A fault of ours is told in the log, with its trace."""
    known = error if isinstance(error, PollError) else exhausted(error)
    if known is None:
        log.error("reading failed", table=name, exc_info=error)
        known = PollError("internal", f"{type(error).__name__}: see the log")
    return known


def exhausted(error: BaseException | None) -> PollError | None:
    """What an error says that comes of a limit of this very process, not of the target; None of any other."""
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.EMFILE, errno.ENFILE):
        return PollError(
            "internal", "too many open files: raise this process's limit (LimitNOFILE, ulimit -n)"
        )
    starved = number in (errno.ENOMEM, errno.ENOBUFS) or isinstance(error, MemoryError)
    if starved or "start new thread" in str(error):
        return PollError(
            "internal", "out of memory or threads: raise this process's limit (MemoryMax, TasksMax)"
        )
    return None


def _read(name: str, seconds: float, reading: Reading, retries: int = 0, bad: int = 0) -> Table:
    broken = reading.partial
    return Table(
        name=name,
        at=time.time(),
        seconds=seconds,
        series=reading.series,
        values=reading.values,
        rows=reading.rows,
        withheld=reading.withheld,
        notes=reading.notes,
        reason=broken.reason if broken else None,
        detail=broken.detail[:DETAIL_LENGTH] if broken else "",
        retries=retries,
        bad=bad,
    )


def _failed(name: str, seconds: float, error: PollError, retries: int = 0, bad: int = 0) -> Table:
    return Table(
        name=name,
        at=time.time(),
        seconds=seconds,
        reason=error.reason,
        detail=error.detail[:DETAIL_LENGTH],
        retries=retries,
        bad=bad,
    )
