"""Basic encoding rules (ITU-T X.690) as SNMP uses them: definite lengths, one byte for a tag.

A reader never looks beyond `stop`, follows no nesting of its own, and says `MalformedError` for everything
that is not what was asked for: a datagram costs no more than its length, whatever it holds.
"""

from __future__ import annotations

from typing import Final

INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OBJECT_IDENTIFIER: Final = 0x06
SEQUENCE: Final = 0x30

_WIDEST: Final = 4
"""Bytes of a length in its long form: 4 GiB, far beyond any datagram."""


class MalformedError(ValueError):
    """Bytes that are not what they should be: the datagram is dropped and counted."""


def element(data: bytes, start: int, stop: int) -> tuple[int, int, int]:
    """Tag of the element at `start`, and where its contents begin and end, all before `stop`."""
    begin = start + 2
    if begin > stop:
        raise MalformedError("ends within an element")
    tag, length = data[start], data[start + 1]
    if length > 0x7F:
        width = length & 0x7F
        if not 0 < width <= _WIDEST:
            raise MalformedError("an indefinite or endless length")
        length = int.from_bytes(data[begin : begin + width])
        begin += width
    end = begin + length
    if end > stop:
        raise MalformedError("a length beyond the end")
    return tag, begin, end


def inside(data: bytes, start: int, stop: int, tag: int) -> tuple[int, int]:
    """Where the contents of the element at `start` begin and end; it must bear this tag."""
    begin = start + 2
    if begin <= stop and data[start] == tag and (size := data[start + 1]) < 0x80 and begin + size <= stop:
        return begin, begin + size  # as most are, with a length in its short form
    found, begin, end = element(data, start, stop)
    if found != tag:
        raise MalformedError(f"tag {found:#04x} instead of {tag:#04x}")
    return begin, end


def integer(data: bytes, start: int, stop: int) -> tuple[int, int]:
    """The INTEGER of up to four bytes at `start`, and where it ends."""
    begin = start + 2
    if (
        begin <= stop
        and data[start] == INTEGER
        and 0 < (size := data[start + 1]) <= 4
        and begin + size <= stop
    ):
        return int.from_bytes(data[begin : begin + size], signed=True), begin + size
    begin, end = inside(data, start, stop, INTEGER)
    if not 0 < end - begin <= 4:
        raise MalformedError(f"an integer of {end - begin} bytes")
    return int.from_bytes(data[begin:end], signed=True), end


def octets(data: bytes, start: int, stop: int) -> tuple[bytes, int]:
    """The OCTET STRING at `start`, and where it ends."""
    begin, end = inside(data, start, stop, OCTET_STRING)
    return data[begin:end], end


def wrap(tag: int, *parts: bytes) -> bytes:
    """An element of these contents.

    >>> wrap(0x04, b"public").hex()
    '04067075626c6963'
    """
    contents = b"".join(parts)
    return bytes((tag,)) + length(len(contents)) + contents


def length(size: int) -> bytes:
    """A length as it is written: short form up to 127, as few bytes as it takes beyond."""
    if size < 0x80:
        return bytes((size,))
    width = (size.bit_length() + 7) // 8
    return bytes((0x80 | width,)) + size.to_bytes(width)


def encode_integer(value: int) -> bytes:
    """An INTEGER element in as few bytes as it takes.

    >>> encode_integer(-129).hex(), encode_integer(128).hex()
    ('0202ff7f', '02020080')
    """
    positive = value if value >= 0 else ~value
    width = positive.bit_length() // 8 + 1
    return bytes((INTEGER, width)) + value.to_bytes(width, signed=True)
