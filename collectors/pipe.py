"""What a collector and its worker processes say to each other, and how: length and pickle, over a socket pair.

Both ends are this program, started from the same files by the same user: nothing that a device sent is ever
unpickled, only what our own parsers made of it.

A table's series rarely change and are most of its size. They cross once: `Sender` leaves out what the other end
already has, and `Receiver` puts the very same tuple back, so that the exposition finds it unchanged.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import pickle  # rule: pickle - both ends are this program, over a socket pair
import socket
import struct
from collections.abc import Callable
from typing import Any, Final

from collectors.packages import Packages
from collectors.poll import Poll, Series, Step
from inventory.estate import Estate

_LENGTH: Final = struct.Struct("!I")

Kept = dict[str, dict[str, tuple[Series, ...]]]
"""Series by target and table, as the other end has them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Begin:
    """To a new worker, first: call `prepare`, then poll the targets of this estate when asked to.

    What its packages hold comes with it: their files may be others, or broken, by the time a worker is started again.
    """

    estate: Estate
    prepare: Callable[[], None]
    packages: Packages


@dataclasses.dataclass(frozen=True, slots=True)
class Reload:
    """To a worker: from now on the estate is this one."""

    estate: Estate
    packages: Packages


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """To a worker: poll a target within `patience` seconds. `traced` where its steps are wanted too."""

    number: int
    target: str
    patience: float
    traced: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Drop:
    """To a worker: nobody waits for that poll any more."""

    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Ready:
    """From a worker: it takes polls. Said again for each estate; targets that left it are forgotten by both."""

    targets: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """From a worker: a poll that was asked for, or None where a fault of ours ended it. `known` names the
    tables whose series the other end has."""

    number: int
    poll: Poll | None
    known: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()


class Channel:
    """One end of the pair. `send` never waits: what is under way is bounded by the number of targets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> Channel:
        """The channel over one end of a socket pair, which it closes."""
        return cls(*await asyncio.open_unix_connection(sock=end))

    def send(self, message: object) -> None:
        """Send a message. To an end that is closed it is lost, as the reader is told."""
        body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._writer.write(_LENGTH.pack(len(body)) + body)

    async def receive(self) -> Any:
        """The next message. Raises EOFError where the other end is gone."""
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            return pickle.loads(await self._reader.readexactly(length))  # noqa: S301 - our own process wrote it
        except (asyncio.IncompleteReadError, ConnectionError):
            raise EOFError("the other end is gone") from None

    def close(self) -> None:
        """Close this end at once: the other one is told, whether or not this event loop still runs."""
        with contextlib.suppress(OSError):
            self._writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._writer.close()


class Sender:
    """The worker's end of what both know of series."""

    def __init__(self) -> None:
        self._kept: Kept = {}

    def pack(self, number: int, poll: Poll, steps: tuple[Step, ...] = ()) -> Answer:
        """The answer that carries a poll, without the series that the other end has. It must be sent."""
        kept = self._kept.setdefault(poll.target, {})
        known = frozenset(table.name for table in poll.tables if kept.get(table.name) == table.series)
        kept |= _told(poll)
        tables = tuple(
            dataclasses.replace(table, series=()) if table.name in known else table for table in poll.tables
        )
        return Answer(number, dataclasses.replace(poll, tables=tables), known, steps)

    def forget(self, targets: frozenset[str]) -> Ready:
        """Keep these targets only, and tell the other end to."""
        _keep(self._kept, targets)
        return Ready(targets)


class Receiver:
    """The collector's end of what both know of series."""

    def __init__(self) -> None:
        self._kept: Kept = {}

    def unpack(self, answer: Answer) -> Poll | None:
        """The poll of an answer with all its series. Every answer must pass here, in the order of arrival."""
        if answer.poll is None:
            return None
        kept = self._kept.setdefault(answer.poll.target, {})
        tables = tuple(
            dataclasses.replace(table, series=kept[table.name]) if table.name in answer.known else table
            for table in answer.poll.tables
        )
        poll = dataclasses.replace(answer.poll, tables=tables)
        kept |= _told(poll)
        return poll

    def forget(self, said: Ready) -> None:
        """Keep what the other end keeps."""
        _keep(self._kept, said.targets)


def _told(poll: Poll) -> dict[str, tuple[Series, ...]]:
    """The series of a poll that are worth keeping: a table that failed does not make those before it unknown."""
    return {table.name: table.series for table in poll.tables if table.series}


def _keep(kept: Kept, targets: frozenset[str]) -> None:
    for name in kept.keys() - targets:
        del kept[name]
