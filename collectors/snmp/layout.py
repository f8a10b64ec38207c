"""The layout of an answer: where its values stand, so that the next answer of the same layout is read in one go.

An agent that is asked the same again answers the same names, mostly with values of the same lengths: then every byte
but those of the values is what it was. So one comparison of the whole shows that names, types and lengths are those
that were looked at one by one before, and one call takes all values out. What differs is read the long way.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from collectors.snmp.ber import OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, element, inside
from collectors.snmp.values import Value

_TEXTS: Final = frozenset((OCTET_STRING, 0x40, 0x44))  # IpAddress, Opaque
_WIDE: Final = {5: ("I", 4), 9: ("Q", 8)}
"""Numbers of 32 and 64 bits without a sign that need all bits: a byte 0 stands before them."""

_NUMBERS: Final = {
    1: ("b", 1), 2: ("h", 2), 3: ("i", 4), 4: ("i", 4), 5: ("q", 8), 6: ("q", 8), 7: ("q", 8), 8: ("q", 8),
}  # fmt: skip
"""How a number of so many bytes is taken, and of how many bytes: of the ones before it too, which stay."""

_SIGN: Final = 0x80


class _Field(NamedTuple):
    """A value: it is taken from `start` to `stop`, and `excess` from it. Or it stays, and is `constant`.

    Its bytes from `free` on may change, but for the bits `kept` of the first one: a number keeps its sign, so that
    none leaves the range of its type.
    """

    start: int
    stop: int
    code: str
    free: int
    kept: int = 0
    excess: int = 0
    constant: tuple[Value | None, ...] = ()


class Layout:
    """Where the values of a list of varbinds stand. Made of one that was read right, no value dropped."""

    __slots__ = ("_constants", "_excess", "_fields", "_mask", "_size", "_stays")

    def __init__(self, data: bytes, at: int, stop: int, values: Sequence[Value | None]) -> None:
        listed = data[at:stop]
        fields = list(_fields(listed, values))
        mask = bytearray(b"\xff" * len(listed))
        skips, last = [], 0
        for field in fields:
            if field.free < field.stop:
                mask[field.free : field.stop] = bytes((field.kept,)) + bytes(field.stop - field.free - 1)
            skips.append(f"{field.start - last}x{field.code}")
            last = field.stop
        self._size = len(listed)
        self._mask = int.from_bytes(mask)
        self._stays = int.from_bytes(listed) & self._mask
        self._fields = struct.Struct(">" + "".join(skips))
        self._excess = tuple((place, field.excess) for place, field in enumerate(fields) if field.excess)
        self._constants = tuple(
            (place, each) for place, field in enumerate(fields) for each in field.constant
        )

    def read(self, data: bytes, at: int, stop: int) -> list[Value | None] | None:
        """The values of the varbinds between two places, None where they are laid out otherwise."""
        if stop - at != self._size or int.from_bytes(data[at:stop]) & self._mask != self._stays:
            return None
        values = list(self._fields.unpack_from(data, at))
        for place, excess in self._excess:
            values[place] -= excess
        for place, constant in self._constants:
            values[place] = constant
        return values


def _fields(listed: bytes, values: Sequence[Value | None]) -> Iterator[_Field]:
    at = 0
    for value in values:
        begin, end = inside(listed, at, len(listed), SEQUENCE)
        _, middle = inside(listed, begin, end, OBJECT_IDENTIFIER)
        tag, begin, at = element(listed, middle, end)
        if isinstance(value, int):
            yield _number(listed, begin, at, value)
        elif tag in _TEXTS:
            yield _Field(begin, at, f"{at - begin}s", begin)
        else:
            yield _Field(at, at, "0s", at, constant=(value,))


def _number(listed: bytes, begin: int, end: int, value: int) -> _Field:
    if listed[begin] == 0 and end - begin in _WIDE:
        code, size = _WIDE[end - begin]
        return _Field(end - size, end, code, end - size)
    code, size = _NUMBERS[end - begin]
    taken = int.from_bytes(listed[end - size : end], signed=True)
    return _Field(end - size, end, code, begin, _SIGN, taken - value)
