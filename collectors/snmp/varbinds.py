"""Names and values of a list of varbinds (RFC 3416, 3), read from its bytes.

`read` is the busiest function of the program: one walk over the bytes of an answer, no object for a varbind. Values
that break the rules of their type (SMIv2, RFC 2578) are dropped and counted, their row stays.
"""

from __future__ import annotations

import re
from typing import Final

from collectors.snmp.ber import (
    NULL,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    MalformedError,
    element,
    inside,
)
from collectors.snmp.oid import Oid
from collectors.snmp.values import ObjectId, Value

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


def read(data: bytes, at: int, stop: int) -> tuple[list[Oid], list[Value | None], int, tuple[int, ...]]:
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
