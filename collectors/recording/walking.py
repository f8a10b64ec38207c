"""Walking an agent for a recording: names, types and contents as they come, within bounds of objects, bytes and time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from collectors.poll import PollError
from collectors.snmp import messages
from collectors.snmp.ber import OBJECT_IDENTIFIER, SEQUENCE, element, inside
from collectors.snmp.lanes import Asking, run
from collectors.snmp.messages import GET_BULK, Answer
from collectors.snmp.oid import Oid, encode, unpack
from collectors.snmp.wire import Agent, Reply, Wire

OBJECTS: Final = 60_000
BYTES: Final = 8 * 1024 * 1024
"""What one recording holds at most: objects, and bytes of their names and contents."""

ROWS: Final = 24
"""Objects that are asked for at once."""

_ENTERPRISES: Final = encode("1.3.6.1.4.1")
_MAKERS: Final = 40
"""Makers whose objects an agent may have."""

STANDARD: Final = tuple(
    map(
        encode,
        (
            "1.3.6.1.2.1.1",  # SNMPv2-MIB: system
            "1.3.6.1.2.1.2",  # IF-MIB: interfaces
            "1.3.6.1.2.1.25.1",  # HOST-RESOURCES-MIB: hrSystem
            "1.3.6.1.2.1.25.2",  # hrStorage
            "1.3.6.1.2.1.25.3",  # hrDevice
            "1.3.6.1.2.1.31.1.1",  # IF-MIB: ifXTable
            "1.3.6.1.2.1.33.1",  # UPS-MIB
            "1.3.6.1.2.1.43.5",  # Printer-MIB: prtGeneral
            "1.3.6.1.2.1.47.1.1",  # ENTITY-MIB: entityPhysical
            "1.3.6.1.2.1.99.1.1",  # ENTITY-SENSOR-MIB
        ),
    )
)
"""What is walked of every agent. Processes, connections, routes and neighbours are not: nothing is read there."""

NEVER: Final = tuple(
    map(
        encode,
        (
            "1.3.6.1.6",  # users, communities and whom traps go to
            "1.3.6.1.4.1.2021",  # UCD-SNMP-MIB holds command lines; what families read of it is walked
            "1.3.6.1.4.1.8072",  # so does the configuration of net-snmp's agent
        ),
    )
)


class Varbind(NamedTuple):
    """An object as it came: its name, the tag of its type, and the contents of its value (BER)."""

    oid: Oid
    tag: int
    contents: bytes


class Contents(bytes):
    """The contents of a value, with the tag of its type."""

    tag: int

    @classmethod
    def of(cls, tag: int, data: bytes) -> Contents:
        found = cls(data)
        found.tag = tag
        return found


class Walk:
    """One walk of an agent. `seconds` bounds it as a whole; what came by then is kept, and `notes` say what did not."""

    def __init__(self, wire: Wire, agent: Agent, seconds: float) -> None:
        self._wire, self._agent = wire, agent
        self._end = time.monotonic() + seconds
        self._bytes = 0
        self.found: dict[Oid, Varbind] = {}
        self.notes: list[str] = []

    async def below(self, roots: Iterable[Oid]) -> None:
        """Take over all objects below these roots, each once."""
        for root in _outermost(roots):
            try:
                await run(self._wire, self._subtree(root))
            except PollError as error:
                self.notes.append(f"{_said(root)}: {error.reason}")
            if self._full():
                self.notes.append(
                    f"ended in {_said(root)}: as much as a recording may hold, or as long as it may take"
                )
                return

    async def first(self, root: Oid) -> None:
        """Take over the first object below a root: that there is one tells a family something."""
        reply = await run(self._wire, self._ask(root, 1))
        self._take(root, reply.answer)

    async def makers(self) -> list[Oid]:
        """The subtrees of makers that the agent has objects below."""
        found: list[Oid] = []
        after = _ENTERPRISES
        while len(found) < _MAKERS:
            reply = await run(self._wire, self._ask(after, 1))
            names = [name for name in reply.answer.names if name.startswith(_ENTERPRISES)]
            if not names or reply.answer.ended:
                break
            number = unpack(names[0])[6]
            found.append(encode(f"1.3.6.1.4.1.{number}"))
            after = encode(f"1.3.6.1.4.1.{number}.4294967295")
            if found[-1] in found[:-1]:
                break  # an agent that is stuck
        return found

    async def _subtree(self, root: Oid) -> None:
        after, rows = root, ROWS
        while not self._full():
            try:
                reply = await self._ask(after, rows)
            except PollError as error:
                if error.reason != "too_big" or rows == 1:
                    raise
                rows //= 2
                continue
            last = self._take(root, reply.answer)
            if last is None or unpack(last) <= unpack(after):
                return
            after = last

    async def _ask(self, after: Oid, rows: int) -> Reply:
        def make(number: int, sent: int) -> bytes:
            return messages.request(GET_BULK, number, [after], 0, max(1, rows >> sent))

        reply = await Asking(self._agent, make, typed)
        if (error := messages.error(reply.answer, [after])) is not None:
            raise error
        return reply

    def _take(self, root: Oid, answer: Answer) -> Oid | None:
        """Keep what lies below the root; the last name, None where the walk is over."""
        last: Oid | None = None
        for place, (name, value) in enumerate(zip(answer.names, answer.values, strict=True)):
            if not name.startswith(root) or place in answer.ended:
                return None
            last = name
            if isinstance(value, Contents):
                self.found.setdefault(name, Varbind(name, value.tag, bytes(value)))
                self._bytes += len(name) + len(value)
        return last

    def _full(self) -> bool:
        return len(self.found) >= OBJECTS or self._bytes >= BYTES or time.monotonic() > self._end


def typed(data: bytes, start: int, stop: int, number: int) -> Answer:
    """An answer whose values bear their types: contents as they came. Raises MalformedError as `messages.answer` does."""
    answer = messages.answer(data, start, stop, number)
    at, values = answer.begin, list(answer.values)
    for place in range(len(values)):
        begin, end = inside(data, at, answer.end, SEQUENCE)
        _, name_end = inside(data, begin, end, OBJECT_IDENTIFIER)
        tag, first, last = element(data, name_end, end)
        if values[place] is not None:
            values[place] = Contents.of(tag, data[first:last])
        at = end
    return answer._replace(values=values)


def _outermost(roots: Iterable[Oid]) -> Sequence[Oid]:
    """Roots that lie below no other one, in their order."""
    found: list[Oid] = []
    for root in sorted(set(roots), key=unpack):
        if not found or not root.startswith(found[-1]):
            found.append(root)
    return found


def _said(root: Oid) -> str:
    return ".".join(map(str, unpack(root)))
