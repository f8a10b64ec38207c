"""SNMP's requests and answers as bytes (RFC 3416), and messages of SNMPv2c (RFC 1901)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

from collectors.poll import PollError
from collectors.snmp import varbinds
from collectors.snmp.ber import (
    NULL,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    MalformedError,
    element,
    encode_integer,
    inside,
    integer,
    octets,
    wrap,
)
from collectors.snmp.layout import Layout
from collectors.snmp.oid import Oid
from collectors.snmp.values import Value

GET: Final = 0xA0
GET_NEXT: Final = 0xA1
RESPONSE: Final = 0xA2
GET_BULK: Final = 0xA5
REPORT: Final = 0xA8

NO_ERROR: Final = 0
TOO_BIG: Final = 1
AUTHORIZATION: Final = 16

V1: Final = 0
V2C: Final = 1
V3: Final = 3

LAST_NUMBER: Final = 2**31 - 1

_NULL: Final = bytes((NULL, 0))


class Answer(NamedTuple):
    """A response: its error, names and values in its order.

    A value that is absent is None; so are `bad` values, which were dropped. `ended` holds the places at which the
    agent says that no object follows (endOfMibView). The varbinds stood from `begin` to `end` in what was read.
    """

    status: int
    position: int
    names: list[Oid]
    values: list[Value | None]
    bad: int
    ended: tuple[int, ...] = ()
    begin: int = 0
    end: int = 0


def request(kind: int, number: int, oids: Sequence[Oid], first: int = 0, second: int = 0) -> bytes:
    """A request PDU. `first` and `second` are non-repeaters and max-repetitions of a GET_BULK, else 0."""
    return numbered(kind, number, question(oids, first, second))


def question(oids: Sequence[Oid], first: int = 0, second: int = 0) -> bytes:
    """What a request PDU asks, whatever its number: see `request`."""
    binds = wrap(SEQUENCE, *map(_question, oids))
    return encode_integer(first) + encode_integer(second) + binds


def numbered(kind: int, number: int, asked: bytes) -> bytes:
    """The request PDU of a number that asks a `question`."""
    return wrap(kind, encode_integer(number), asked)


@functools.lru_cache(maxsize=65536)
def _question(oid: Oid) -> bytes:
    return wrap(SEQUENCE, wrap(OBJECT_IDENTIFIER, oid), _NULL)


def answer(data: bytes, start: int, stop: int, number: int, layout: Layout | None = None) -> Answer:
    """The response PDU at `start`, read whole: quickly where its `layout` is known.

    Raises MalformedError where it is none, answers another request, or holds a name or a length that is not to
    be trusted.
    """
    begin, end = inside(data, start, stop, RESPONSE)
    found, at = integer(data, begin, end)
    if found != number:
        raise MalformedError("the answer to another request")
    status, at = integer(data, at, end)
    position, at = integer(data, at, end)
    begin, last = inside(data, at, end, SEQUENCE)
    if last != end:
        raise MalformedError("more than a list of varbinds")
    if layout is not None and (told := layout.read(data, begin, end)) is not None:
        return Answer(status, position, layout.names, told, 0, layout.ended, begin, end)
    names, values, bad, ended = varbinds.read(data, begin, end)
    return Answer(status, position, names, values, bad, ended, begin, end)


def number_of(datagram: bytes) -> int:
    """The number that a datagram answers: request-id of v1 and v2c, msgID of v3. Raises MalformedError."""
    begin, end = inside(datagram, 0, len(datagram), SEQUENCE)
    version, at = integer(datagram, begin, end)
    if version == V3:
        begin, end = inside(datagram, at, end, SEQUENCE)
        return integer(datagram, begin, end)[0]
    _, at = octets(datagram, at, end)
    _, begin, end = element(datagram, at, end)
    return integer(datagram, begin, end)[0]


class Community:
    """SNMPv2c: every message bears the community, and nothing proves who sent it (see `security.Security`)."""

    def __init__(self, community: str) -> None:
        self._head = encode_integer(V2C) + wrap(OCTET_STRING, community.encode())

    def seal(self, pdu: bytes, _number: int) -> bytes:
        """The message that carries a PDU."""
        return wrap(SEQUENCE, self._head, pdu)

    def open(self, datagram: bytes, _number: int) -> tuple[bytes, int, int]:
        """Where the PDU of a message stands. Raises MalformedError where version or community are not ours."""
        begin, end = inside(datagram, 0, len(datagram), SEQUENCE)
        if not datagram.startswith(self._head, begin):
            raise MalformedError("another version or community")
        return datagram, begin + len(self._head), end

    def silence(self) -> None:
        """Silence is all that an agent says to a wrong community: it proves nothing."""


def error(found: Answer, oids: Sequence[Oid]) -> PollError | None:
    """What an answer's error-status says (RFC 3416, 3): the error of the closed list, None where all is well."""
    if found.status == NO_ERROR:
        return None
    if found.status == TOO_BIG:
        return PollError("too_big", f"the answer to {len(oids)} objects does not fit")
    if found.status == AUTHORIZATION:
        return PollError("auth_failed", "authorizationError: these objects want another level or user")
    name = _STATUS.get(found.status, f"error-status {found.status}")
    return PollError("gen_err", name)


_STATUS: Final = {
    2: "noSuchName", 3: "badValue", 4: "readOnly", 5: "genErr", 6: "noAccess", 13: "resourceUnavailable",
}  # fmt: skip
