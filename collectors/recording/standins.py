"""Stand-ins: what is written in place of something that would tell whose a device is.

The same thing gets the same stand-in, in capitals where it stood in capitals, as long as itself and of the same form, so
that parsers and indexes still work. The key is drawn for one recording and kept nowhere: nobody can go back.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from typing import Final

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_ACCENTED: Final = "àâçèéêëîïôùûü"  # two bytes in UTF-8, one in Latin-1, and so in capitals
_TRIES: Final = 200


class StandIns:
    """The stand-ins of one recording. Two things never get the same one."""

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._words: dict[str, str] = {}
        self._octets: dict[bytes, bytes] = {}
        self._taken: set[str | bytes] = set()
        self.kinds: dict[str, set[str | bytes]] = {}
        """What was replaced, by kind: it is counted and never shown."""

    def word(self, kind: str, text: str) -> str:
        """The stand-in of a word: letters for letters, digits for digits, and all else as it is."""
        low = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        self.kinds.setdefault(kind, set()).add(low)
        if low not in self._words:
            made = self._words[low] = self._drawn(low)
            self._taken.add(made)
        return "".join(
            new.upper() if old.isupper() else new for old, new in zip(text, self._words[low], strict=True)
        )

    def _drawn(self, low: str) -> str:
        for attempt in range(_TRIES):
            made = "".join(map(_letter, low, self._stream(low.encode("utf-8", "replace"), attempt)))
            if made != low and made not in self._taken and made not in self._words:
                return made
        return low  # so short that none is left, and tells nothing

    def octets(self, kind: str, data: bytes) -> bytes:
        """The stand-in of octets; a zero stays one, and no other becomes one."""
        self.kinds.setdefault(kind, set()).add(data)
        if data not in self._octets:
            made = data
            for attempt in range(_TRIES):
                drawn = zip(data, self._stream(b"octets" + data, attempt), strict=False)
                made = bytes(old and 1 + new % 255 for old, new in drawn)
                if made != data and made not in self._taken:
                    break
            self._keep(data, made)
        return self._octets[data]

    def hardware(self, kind: str, data: bytes) -> bytes:
        """The stand-in of an address of 6 octets: one that nobody was given (locally administered)."""
        if data not in self._octets:
            drawn = self.octets(kind, data)
            self._keep(data, bytes([drawn[0] & 0xFC | 0x02, *drawn[1:]]))
        return self.octets(kind, data)

    def address(self, kind: str, data: bytes) -> bytes:
        """The stand-in of an IPv4 address: each number with as many digits as it had."""
        self.kinds.setdefault(kind, set()).add(data)
        if data not in self._octets:
            made = data
            for attempt in range(_TRIES):
                drawn = self._stream(b"ip" + data, attempt)
                made = bytes(_number(old, next(drawn), first=not place) for place, old in enumerate(data))
                if made != data and made not in self._taken:
                    break
            self._keep(data, made)
        return self._octets[data]

    def groups(self, kind: str, data: bytes) -> bytes:
        """The stand-in of an IPv6 address: each group with as many digits as it had."""
        self.kinds.setdefault(kind, set()).add(data)
        if data not in self._octets:
            drawn = self._stream(b"ip" + data, 0)
            made = bytearray()
            for place in range(0, 16, 2):
                group = int.from_bytes(data[place : place + 2])
                digits = len(f"{group:x}")
                most, least = 16**digits, 16 ** (digits - 1)
                value = least + (next(drawn) << 8 | next(drawn)) % (most - least) if group else 0
                keep = not place and group in (0xFE80, 0xFF02)
                made += (group if keep else value).to_bytes(2)
            self._keep(data, bytes(made))
        return self._octets[data]

    def _keep(self, data: bytes, made: bytes) -> None:
        self._octets[data] = made
        self._taken.add(made)

    def _stream(self, text: bytes, attempt: int) -> Iterator[int]:
        """Numbers from 0 to 255 without end, which nobody can tell without the key."""
        block = 0
        while True:
            yield from hmac.digest(self._key, b"%d %d " % (attempt, block) + text, hashlib.sha256)
            block += 1


def _letter(old: str, drawn: int) -> str:
    """A character of the same kind, and of as many bytes."""
    if "a" <= old <= "z":
        return _LETTERS[drawn % 26]
    if old.isascii():
        return str(drawn % 10) if old.isdigit() else old
    if not old.isalnum():
        return old
    if ord(old) < 0x800:
        return _ACCENTED[drawn % len(_ACCENTED)]
    return chr((0x4E00 if ord(old) < 0x10000 else 0x20000) + drawn)


def _number(old: int, drawn: int, *, first: bool) -> int:
    """A number of an address with as many digits; the first one is that of a host's address."""
    if old < 10:
        return 1 + drawn % 9 if first else drawn % 10
    if old < 100:
        return 10 + drawn % 90
    return 128 + drawn % 96 if first else 100 + drawn % 156
