"""SNMP's requests and answers as bytes (RFC 3416), and messages of SNMPv2c (RFC 1901).

`varbinds` is the busiest function of the program: one walk over the bytes of an answer, no object for a
varbind. Values that break the rules of their type (SMIv2, RFC 2578) are dropped and counted, their row stays.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from collectors.poll import PollError
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
from collectors.snmp.values import ObjectId, Value

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
_IP_ADDRESS: Final = 0x40
_OPAQUE: Final = 0x44
_END_OF_VIEW: Final = 0x82
_ABSENT: Final = frozenset((NULL, 0x80, 0x81, _END_OF_VIEW))  # noSuchObject, noSuchInstance, endOfMibView

# Of each type of number: the most bytes that it may take, its least and its greatest value. An INTEGER is also
# taken where an agent means 32 bits without a sign, as many do for sizes.
_NUMBERS: Final = {
    0x02: (5, -(2**31), 2**32 - 1),
    0x41: (5, 0, 2**32 - 1),  # Counter32
    0x42: (5, 0, 2**32 - 1),  # Gauge32, Unsigned32
    0x43: (5, 0, 2**32 - 1),  # TimeTicks
    0x46: (9, 0, 2**64 - 1),  # Counter64
    0x47: (5, 0, 2**32 - 1),  # UInteger32 (RFC 1442): some old agents
}
_NAME_BYTES: Final = 640
"""The longest name: 128 sub-identifiers of 32 bits (RFC 3416, 4.1), each in five bytes at most."""

# A sub-identifier beyond 35 bits, or one that starts with a byte that says nothing (X.690, 8.19.2).
_CROOKED: Final = re.compile(rb"[\x80-\xff]{5}|(?:\A|(?<=[\x00-\x7f]))\x80")


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


def answer(data: bytes, start: int, stop: int, number: int, known: Known | None = None) -> Answer:
    """The response PDU at `start`, read whole: quickly where it is laid out as the `known` one.

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
    if known is not None and (told := known.layout.read(data, begin, end)) is not None:
        return Answer(status, position, known.names, told, 0, known.ended, begin, end)
    names, values, bad, ended = varbinds(data, begin, end)
    return Answer(status, position, names, values, bad, ended, begin, end)


class Known(NamedTuple):
    """An answer that may come again: its names, where the view ends in it, and where its values stand."""

    names: list[Oid]
    ended: tuple[int, ...]
    layout: Layout


def varbinds(data: bytes, at: int, stop: int) -> tuple[list[Oid], list[Value | None], int, tuple[int, ...]]:
    """Names and values of the varbinds between two places, how many were dropped, and where the view ends."""
    names: list[Oid] = []
    values: list[Value | None] = []
    bad = 0
    ended: tuple[int, ...] = ()
    add_name, add_value, number, limits = names.append, values.append, int.from_bytes, _NUMBERS
    try:
        while at < stop:
            size, width, name = data[at + 1], data[at + 3], at + 4
            middle, end = name + width, at + 2 + size
            tag, begin = data[middle], middle + 2
            if (
                begin + data[middle + 1] != end
                or end > stop
                or size > 0x7F
                or width > 0x7F
                or data[at] != 0x30
                or data[at + 2] != 0x06
            ):
                name, middle, tag, begin, end = _long(data, at, stop)
            add_name(data[name:middle])
            if tag == 0x04:
                add_value(data[begin:end])
            elif tag in limits:
                widest, least, greatest = limits[tag]
                value = number(data[begin:end], "big", signed=True)
                if least <= value <= greatest and begin < end <= begin + widest:
                    add_value(value)
                else:
                    bad += 1
                    add_value(None)
            else:
                other, dropped = _other(tag, data[begin:end])
                bad += dropped
                add_value(other)
                if tag == _END_OF_VIEW:
                    ended += (len(values) - 1,)
            at = end
    except IndexError:
        raise MalformedError("ends within a varbind") from None
    _check(names)
    return names, values, bad, ended


def _long(data: bytes, at: int, stop: int) -> tuple[int, int, int, int, int]:
    """Name and value of a varbind with any form of lengths: begin and end of the name, tag, begin and end."""
    begin, end = inside(data, at, stop, SEQUENCE)
    name, middle = inside(data, begin, end, OBJECT_IDENTIFIER)
    tag, value, last = element(data, middle, end)
    if last != end:
        raise MalformedError("more than a value in a varbind")
    return name, middle, tag, value, end


def _other(tag: int, contents: bytes) -> tuple[Value | None, int]:
    """A value that is no number and no text, and whether it was dropped."""
    if tag in _ABSENT:
        return None, 0
    if tag == OBJECT_IDENTIFIER and contents and contents[-1] < 0x80 and not crooked(contents):
        return ObjectId(contents), 0
    if (tag == _IP_ADDRESS and len(contents) == 4) or tag == _OPAQUE:
        return contents, 0
    return None, 1


def crooked(encoded: bytes) -> bool:
    """Whether encoded sub-identifiers are too long, or not in their shortest form."""
    return len(encoded) > _NAME_BYTES or _CROOKED.search(encoded) is not None


def _check(names: list[Oid]) -> None:
    """Raise MalformedError unless every name is an OID in its one shortest form."""
    if not names:
        return
    ends = [name[-1:] for name in names]
    if min(ends) == b"" or max(ends) > b"\x7f" or max(map(len, names)) > _NAME_BYTES:
        raise MalformedError("no object identifier")
    if _CROOKED.search(b"".join(names)):
        raise MalformedError("a sub-identifier beyond 32 bits, or not in its shortest form")


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
