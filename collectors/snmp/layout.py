"""The layout of an answer: where its values stand, so that the next answer of the same layout is read in one go.

An agent that is asked the same again answers the same names, mostly with values of the same lengths: then every byte
but those of the values is what it was. So one comparison of the whole shows that names, types and lengths are those
that were looked at one by one before, and one call takes all values out. What differs is read the long way.
"""

from __future__ import annotations

import bisect
import struct
from array import array
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from collectors.snmp import varbinds
from collectors.snmp.ber import OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, element, inside
from collectors.snmp.oid import Oid
from collectors.snmp.values import Value

MENDED: Final = 6
"""Values of another length than before that an answer may have: with more of them it is laid out anew."""

_TEXTS: Final = frozenset((OCTET_STRING, 0x40, 0x44))  # IpAddress, Opaque
_WIDE: Final = {5: ("I", 4), 9: ("Q", 8)}
"""Numbers of 32 and 64 bits without a sign that need all bits: a byte 0 stands before them."""

_NUMBERS: Final = {
    1: ("b", 1), 2: ("h", 2), 3: ("i", 4), 4: ("i", 4), 5: ("q", 8), 6: ("q", 8), 7: ("q", 8), 8: ("q", 8),
}  # fmt: skip
"""How a number of so many bytes is taken, and of how many bytes: of the ones before it too, which stay."""

_CUTS: Final = {size: (1 << 8 * size) - 1 for size in (3, 5, 6, 7)}
"""What is left of a number that was taken with bytes before it."""

_THREE_BYTES: Final = 1 << 24
"""What a number of three bytes is too great by, where it is below 0. None of more bytes is."""

_SIGN: Final = 0x80
_LONG_NEGATIVE: Final = 5
"""Bytes of a number below 0 that has one more than it needs: its range, that of an INTEGER, takes four."""


class _Field(NamedTuple):
    """A value: it is taken from `start` to `stop`, bytes before it too, which `cut` takes away. Or it is `constant`.

    Its bytes from `free` on may change, but for the bits `kept` of the first one: a number keeps its sign, so that
    none leaves the range of its type.
    """

    start: int
    stop: int
    code: str
    free: int
    kept: int = 0
    cut: int = 0
    below: bool = False
    constant: tuple[Value | None, ...] = ()


class Layout:
    """Where the values of a list of varbinds stand. Made of one that was read right, no value dropped.

    `names` and `ended` are those of each answer that is laid out so (see `messages.Answer`).
    """

    __slots__ = (
        "_below",
        "_constants",
        "_cuts",
        "_ends",
        "_fields",
        "_mask",
        "_size",
        "_stays",
        "ended",
        "names",
    )

    def __init__(
        self, listed: bytes, names: list[Oid], values: Sequence[Value | None], ended: tuple[int, ...]
    ) -> None:
        self.names, self.ended = names, ended
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
        self._ends = array("I", [field.stop for field in fields])
        self._fields = struct.Struct(">" + "".join(skips))
        self._cuts = tuple(
            (cut, tuple(place for place, field in enumerate(fields) if field.cut == cut))
            for cut in _CUTS.values()
            if any(field.cut == cut for field in fields)
        )
        self._below = tuple(place for place, field in enumerate(fields) if field.below)
        self._constants = tuple(
            (place, each) for place, field in enumerate(fields) for each in field.constant
        )

    def read(self, data: bytes, at: int, stop: int) -> list[Value | None] | None:
        """The values of the varbinds between two places, None where they are laid out otherwise.

        A few that are longer or shorter than they were are read one by one. Raises MalformedError where one is none.
        """
        if stop - at == self._size and int.from_bytes(data[at:stop]) & self._mask == self._stays:
            return self._values(data, at)
        return self._mended(data, at, stop)

    def _values(self, data: bytes, at: int) -> list[Value | None]:
        values = list(self._fields.unpack_from(data, at))
        for cut, places in self._cuts:
            for place in places:
                values[place] &= cut
        for place in self._below:
            values[place] -= _THREE_BYTES
        for place, constant in self._constants:
            values[place] = constant
        return values

    def _mended(self, data: bytes, at: int, stop: int) -> list[Value | None] | None:
        """The values of a list in which each varbind that differs is taken for one of the length that it had."""
        mended: list[bytes] = []
        changed: dict[int, Value | None] = {}
        place = 0
        while not self._alike(data, at, stop, place):
            index = bisect.bisect_right(self._ends, place + self._same(data, at, stop, place))
            if index == len(self._ends) or len(changed) == MENDED:
                return None
            begin = self._ends[index - 1] if index else 0
            start = at + begin - place
            _, at_next = inside(data, start, stop, SEQUENCE)
            names, values, bad, ended = varbinds.read(data, start, at_next)
            if bad or names[0] != self.names[index] or bool(ended) != (index in self.ended):
                return None
            changed[index] = values[0]
            mended += (data[at:start], bytes(self._ends[index] - begin))
            at, place = at_next, self._ends[index]
        found = self._values(b"".join((*mended, data[at:stop])), 0)
        for index, value in changed.items():
            found[index] = value
        return found

    def _alike(self, data: bytes, at: int, stop: int, place: int) -> bool:
        """Whether everything from `at` on is laid out as from `place` on."""
        return stop - at == self._size - place and self._same(data, at, stop, place) == stop - at

    def _same(self, data: bytes, at: int, stop: int, place: int) -> int:
        """How many bytes from `at` on are what they should be from `place` on."""
        count = min(stop - at, self._size - place)
        beyond = 8 * (self._size - place - count)
        window = (1 << 8 * count) - 1
        mask, stays = self._mask >> beyond & window, self._stays >> beyond & window
        differs = int.from_bytes(data[at : at + count]) & mask ^ stays
        return count - (differs.bit_length() + 7) // 8


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
    if end - begin == _LONG_NEGATIVE and value < 0:
        return _Field(end - 4, end, "i", end - 4, _SIGN)  # no other first byte is right
    code, size = _NUMBERS[end - begin]
    cut = _CUTS.get(end - begin, 0)
    return _Field(end - size, end, code, begin, _SIGN, cut, below=bool(cut) and value < 0)
