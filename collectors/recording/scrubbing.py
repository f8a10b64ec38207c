"""Scrubbing: what would tell whose a device is becomes a stand-in, wherever it stands and however it is spelled.

What is learned as a name (`learn`) is found in texts, in octets and in the indexes of objects. Beside it, addresses are
known by their form, and at the level FULL every word that is not everybody's (`words`) is taken for a name.
"""

from __future__ import annotations

import base64
import contextlib
import enum
import ipaddress
import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from collectors.recording.standins import StandIns
from collectors.recording.words import dictionary, harmless
from collectors.snmp.values import moment


class Level(enum.IntEnum):
    """How much of a text is taken for what tells whose it is."""

    KNOWN = 0
    """What was learned."""

    LIGHT = 1
    """And what has the form of an address, an identifier or a serial number: for texts that say what a thing is."""

    FULL = 2
    """And every word that is not everybody's."""

    ALL = 3
    """Every word: of names, contacts and places."""


_NOTHING: Final = frozenset(
    ("none", "unknown", "null", "undefined", "default", "unspecified", "empty", "n/a", "not specified", "not set",
     "not available", "o.e.m.", "root", "to be filled by o.e.m.", "localhost", "localhost.localdomain", "localdomain")
)  # fmt: skip
"""What devices say where nobody gave them a name."""

_TOP: Final = (
    "arpa|be|biz|ca|care|ch|clinic|cloud|com|corp|de|edu|es|eu|example|fr|gov|health|home|hospital|hosp|info|int|internal|"
    "intra|intranet|io|it|lan|loc|local|localdomain|lu|net|nl|org|priv|private|pt|test|uk|us"
)
_EDGE: Final = r"(?<![0-9A-Za-z])"
_END: Final = r"(?![0-9A-Za-z])"
_FORMS: Final = {
    "mail": r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*",
    "uuid": rf"{_EDGE}[0-9A-Fa-f]{{8}}(?:-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}}{_END}",
    "pairs": rf"{_EDGE}[0-9A-Fa-f]{{2}}(?:([:-])[0-9A-Fa-f]{{2}}(?:\1[0-9A-Fa-f]{{2}}){{4,18}}){_END}",
    "fours": rf"{_EDGE}[0-9A-Fa-f]{{4}}(?:\.[0-9A-Fa-f]{{4}}){{2,3}}{_END}",
    "ip6": r"(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:])",
    "ip": r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?![\w-]|\.\d)",
    "host": rf"(?<![\w.-])(?:[A-Za-z0-9](?:[\w-]{{0,61}}[A-Za-z0-9])?\.)+(?i:{_TOP})(?![\w-]|\.\w)",
    "hex": rf"{_EDGE}(?:0[xX])?(?=[0-9A-Fa-f]*[A-Fa-f])(?=[0-9A-Fa-f]*\d)(?:[0-9A-Fa-f]{{2}}){{6,32}}{_END}",
}
_MARKED: Final = re.compile(
    r"\b(?:s/n|sn|serial(?: ?(?:no|num|number|#))?)\.?\s*[:=#]?\s*(?=[\w-]*\d)([A-Za-z0-9][\w-]{3,})",
    re.IGNORECASE,
)
_NODE: Final = re.compile(
    r"\A(?:Linux|FreeBSD|OpenBSD|NetBSD|SunOS|Darwin|HP-UX|AIX|VMkernel|CYGWIN\S*)\s+([\w.-]+)\s+[\d#v]"
)
_WORD: Final = re.compile(r"[^\s/\\:,;=()\[\]{}<>|\"'`+*&%$#@!?~^]+")
_RELEASE: Final = re.compile(
    r"(?:v|ver|vers|version|release|rel|firmware|fw|build|rev|revision|r)[.:]?\s*\Z", re.IGNORECASE
)
_DIGITS: Final = re.compile(r"[\d.,]+")

SECRET: Final = "secret"  # noqa: S105 - a kind, not one of them
"""The kind of what lets somebody in: it is found whatever word it is."""

ADDRESS: Final = "IPv4 address"

RELEASES: Final = 10
"""Four numbers of which the first is less are a release, unless they were met as an address: 2.6.37.6, 7.7.5.20."""

SHORTEST: Final = 3
"""Characters of the shortest name that is looked for; one of less than five only where it stands alone."""


class Scrubber:
    """Scrubs the answers of one target."""

    def __init__(self) -> None:
        self.standins = StandIns()
        self.places: dict[str, int] = {}
        """How often something of a kind was replaced."""
        self.names: dict[str, str] = {}
        """Kinds of what was learned, by text in small letters."""
        self.raw: set[bytes] = set()
        """Addresses as octets that were met."""
        self._finder: re.Pattern[str] | None = None
        self._counting = True

    # --- learning ---------------------------------------------------------------------------------------------

    def learn(self, kind: str, text: str) -> None:
        """Take a text for a name, wherever it stands: whole, and of a host its parts."""
        name = text.strip().strip("\0").lower()
        if len(name) < SHORTEST or name in _NOTHING or name in self.names or _small(name):
            return
        with contextlib.suppress(ValueError):
            self.meet(ipaddress.ip_address(name).packed)
            return
        if kind != SECRET and harmless(name):
            return  # a word of everybody names nobody, but where it stands for a name
        self.names[name] = kind
        self._finder = None
        if kind == SECRET:
            self._spell(text.strip())
        if "." in name and not _DIGITS.fullmatch(name):
            host, _, domain = name.partition(".")
            self.learn(kind, host)
            if "." in domain:
                self.learn("domain", domain)
                self.learn("domain", domain.split(".")[0])

    def _spell(self, secret: str) -> None:
        """Take other spellings of a secret for it: of JSON, in base64 and in hexadecimal digits."""
        data = secret.encode("utf-8", "replace")
        for spelled in (json.dumps(secret)[1:-1], base64.b64encode(data).decode().rstrip("="), data.hex()):
            if len(spelled) > SHORTEST:
                self.names.setdefault(spelled.lower(), SECRET)

    def learn_words(self, kind: str, text: str) -> None:
        """Take each word of a text for a name, but those that are everybody's."""
        for match in _WORD.finditer(text):
            word = match[0].strip("-_.").lower()
            if len(word) > SHORTEST and word not in dictionary() and not _DIGITS.fullmatch(word):
                self.learn(kind, word)

    def look(self, text: str) -> None:
        """Learn the names that a text shows by its form: mail addresses, hosts, and what stands as serial number."""
        for match in re.finditer(_FORMS["mail"], text):
            person, _, domain = match[0].partition("@")
            self.learn("mail address", person)
            self.learn("domain", domain)
        for match in re.finditer(_FORMS["host"], text):
            self.learn("host name", match[0])
        if (node := _NODE.match(text)) and not harmless(node[1]):
            self.learn("host name", node[1])
        for match in _MARKED.finditer(text):
            self.learn("serial number", match[1])
        for form in ("pairs", "fours", "ip", "hex"):
            for match in re.finditer(_FORMS[form], text):
                data = _octets_of(form, match[0])
                if data and not (form == "ip" and data[0] < RELEASES):
                    self.meet(data)

    def meet(self, data: bytes) -> None:
        """Take octets for an address, wherever they stand, unless they are so plain that others have them too."""
        if data in self.raw:
            return
        if len(data) == 4 and _somebody(data):
            self.raw.add(data)
            self.names[".".join(map(str, data))] = ADDRESS
            self._finder = None
        elif len(set(data) - {0, 255}) > 3:
            self.raw.add(data)

    # --- texts ------------------------------------------------------------------------------------------------

    def text(self, text: str, level: Level = Level.FULL, *, figures: bool = False) -> str:
        """A text without what tells whose it is, as long as before. With `figures` long numbers stay."""
        out: list[str] = []
        place = 0
        for match in self._matches(text, level):
            if match.start() < place:
                continue
            out += [text[place : match.start()], self._replace(match, text, level, figures=figures)]
            place = match.end()
        return "".join([*out, text[place:]])

    def quietly(self, text: str, level: Level, *, figures: bool = False) -> str:
        """What `text` would make of a text: nothing is counted."""
        self._counting = False
        try:
            return self.text(text, level, figures=figures)
        finally:
            self._counting = True

    def _matches(self, text: str, level: Level) -> list[re.Match[str]]:
        """What may be replaced, the first and longest first."""
        found = list(self._known(text))
        if level >= Level.LIGHT:
            found += _PATTERN.finditer(text)
        if level >= Level.FULL:
            found += _WORD.finditer(text)
        rank = {id(match): place for place, match in enumerate(found)}
        return sorted(found, key=lambda match: (match.start(), rank[id(match)]))

    def _known(self, text: str) -> Iterator[re.Match[str]]:
        if self._finder is None:
            listed = sorted(self.names, key=len, reverse=True)
            parts = [
                re.escape(name) if len(name) > 4 else rf"(?<![^\W_]){re.escape(name)}(?![^\W_])"
                for name in listed
            ]
            self._finder = re.compile("(?P<known>" + ("|".join(parts) or r"(?!)") + ")", re.IGNORECASE)
        return self._finder.finditer(text)

    def _replace(self, match: re.Match[str], text: str, level: Level, *, figures: bool) -> str:
        form, said = match.lastgroup or "word", match[0]
        if form == "known":
            kind = self.names.get(said.lower(), "name")
            if kind == ADDRESS:
                return ".".join(map(str, self.address(bytes(map(int, said.split("."))))))
            return self._name(kind, said)
        if form == "word":
            return self._word(said, level, figures=figures)
        if form in ("ip", "ip6"):
            return self._address(form, said, text[: match.start()])
        if form in ("mail", "host"):
            return self._name("mail address" if form == "mail" else "host name", said)
        data = _octets_of(form, said)
        return _respelled(said, self._raw(data, "UUID" if form == "uuid" else None)) if data else said

    def _word(self, said: str, level: Level, *, figures: bool) -> str:
        if self.names and self._inside(said):
            return self._name("name", said)
        if level is Level.ALL:
            return said if len(said) < SHORTEST or _small(said) else self._name("name", said)
        if figures and _DIGITS.fullmatch(said):
            return said
        return said if harmless(said) else self._name("word", said)

    def _inside(self, said: str) -> bool:
        return next(self._known(said), None) is not None

    def _name(self, kind: str, said: str) -> str:
        """The stand-in of a name, word by word: what parts words stays, and so does a top domain."""
        self._count(kind)

        def one(match: re.Match[str]) -> str:
            part = match[0]
            return part if part.isdigit() and len(part) < SHORTEST else self.standins.word(kind, part)

        head, dot, top = said.rpartition(".")
        if dot and re.fullmatch(_TOP, top, re.IGNORECASE):
            return re.sub(r"[\w-]+", one, head) + dot + top
        return re.sub(r"[\w-]+", one, said)

    def _address(self, form: str, said: str, before: str) -> str:
        try:
            address = ipaddress.ip_address(said)
        except ValueError:
            return said
        if form == "ip6":
            if address.is_loopback or address.is_unspecified:
                return said
            self._count("IPv6 address")
            made = self.standins.groups("IPv6 address", address.packed)
            return _spelled(said, [int.from_bytes(made[place : place + 2]) for place in range(0, 16, 2)])
        if address.packed not in self.raw and (address.packed[0] < RELEASES or _RELEASE.search(before)):
            return said
        return ".".join(map(str, self.address(address.packed)))

    # --- octets -----------------------------------------------------------------------------------------------

    def address(self, data: bytes) -> bytes:
        """The stand-in of an IPv4 address; masks and addresses of nobody stay."""
        if not _somebody(data):
            return data
        self._count(ADDRESS)
        return self.standins.address(ADDRESS, data)

    def _raw(self, data: bytes, kind: str | None = None) -> bytes:
        """The stand-in of an address or identifier of octets."""
        if not any(data) or data.count(255) == len(data):
            return data
        self.meet(data)
        if len(data) == 6:
            self._count("hardware address")
            return self.standins.hardware("hardware address", data)
        kind = kind or ("world wide name" if len(data) in (8, 16) else "identifier")
        self._count(kind)
        return self.standins.octets(kind, data)

    def hardware(self, data: bytes) -> bytes:
        """The stand-in of the address of an interface."""
        return self._raw(data)

    @staticmethod
    def dated(data: bytes) -> bool:
        """Whether octets are a moment."""
        return len(data) in (8, 11) and _dated(data)

    def octets(
        self, data: bytes, level: Level = Level.FULL, change: Callable[[str], str] | None = None
    ) -> bytes:
        """Octets of a device, as many as before: a text, an address, a date (which stays), or what nobody knows.

        `change` is what is done to a text, `text` at this level where it is not given.
        """
        coding = coding_of(data)
        if coding is not None:
            text = data.decode(coding)
            made = (change(text) if change else self.text(text, level)).encode(coding, "replace")
            return made if len(made) == len(data) else self._raw(data)
        if len(data) <= 3 or self.dated(data):
            return data
        return self.address(data) if len(data) == 4 else self._raw(data)

    # --- indexes ----------------------------------------------------------------------------------------------

    def index(self, parts: tuple[int, ...]) -> tuple[int, ...]:
        """The numbers behind a column: addresses and texts that they spell become stand-ins."""
        out: list[int] = []
        place = 0
        while place < len(parts):
            size, made = self._spelled_at(parts, place)
            if size:
                out += made
            else:
                size = 1
                out.append(parts[place])
            place += size
        return tuple(out)

    def _spelled_at(self, parts: tuple[int, ...], place: int) -> tuple[int, list[int]]:
        """How many numbers at a place spell one thing, and its stand-in; 0 where they spell nothing."""
        count, rest = parts[place], parts[place + 1 :]
        data = _octets(rest[:count]) if 2 <= count <= 64 and len(rest) >= count else None
        if data is not None and (made := self._prefixed(data, parts[:place])) is not None:
            return count + 1, [count, *made]
        for size in sorted({4, 6, 8, *map(len, self.raw)}, reverse=True):
            data = _octets(parts[place : place + size])
            left = len(parts) - place - size
            if data is not None and len(data) == size and self._bare(data, left):
                return size, list(self.address(data) if size == 4 else self._raw(data))
        tail = _octets(parts[place:])
        if tail is not None and len(tail) > 3 and _lettered(tail):
            return len(tail), list(self.octets(tail))
        return 0, []

    def _prefixed(self, data: bytes, before: tuple[int, ...]) -> bytes | None:
        """The stand-in of what a number of its length stands before, None where it is nothing."""
        if len(data) > 2 and _lettered(data):
            return self.octets(data)
        typed = before[-1:] == (1,)  # InetAddressType: ipv4
        if len(data) == 4 and _somebody(data) and (typed or data in self.raw or _private(data)):
            return self.address(data)
        if len(data) in (6, 8, 16) and (data in self.raw or _scattered(data)):
            return self._raw(data)
        return None

    def _bare(self, data: bytes, left: int) -> bool:
        """Whether numbers without a length before them, and so many behind them, are an address."""
        if data in self.raw:
            return len(data) > 4 or _somebody(data)
        if len(data) == 4:
            return _somebody(data) and _private(data)
        alone = len(data) == 6 and not left and not data[0] & 1  # of one machine, not of a group
        holds = (
            any(self._bare(data[place : place + 4], left) for place in range(len(data) - 3))
            if alone
            else False
        )
        return alone and not holds and _scattered(data) and not _lettered(data)

    # --- what is left -----------------------------------------------------------------------------------------

    def residue(self, data: bytes) -> bool:
        """Whether something that was learned still stands in these octets."""
        low = data.lower()
        if any(len(raw) >= 6 and raw in data for raw in self.raw):
            return True
        try:
            text = low.decode()
        except UnicodeDecodeError:
            text = low.decode("latin-1")
        return next(self._known(text), None) is not None

    def _count(self, kind: str) -> None:
        if self._counting:
            self.places[kind] = self.places.get(kind, 0) + 1


def coding_of(data: bytes) -> str | None:
    """How octets are a text: `utf-8` or `latin-1`, None where they are none."""
    for coding in ("utf-8", "latin-1"):
        try:
            text = data.decode(coding)
        except UnicodeDecodeError:
            continue
        if not text.strip("\0") or not all(char.isprintable() or char in "\t\r\n\0" for char in text):
            continue
        plain = sum(char.isascii() and char.isalnum() for char in text)
        if coding == "utf-8" or plain * 10 >= 7 * len(text):
            return coding
    return None


_PATTERN: Final = re.compile(
    "|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items())
    .replace(r"([:-])", "(?P<joint>[:-])")
    .replace(r"\1", "(?P=joint)")
)


def _octets_of(form: str, said: str) -> bytes | None:
    """The octets that a text spells, None where it spells none."""
    if form == "ip":
        return ipaddress.IPv4Address(said).packed
    digits = re.sub(r"\A0[xX]|[^0-9A-Fa-f]", "", said)
    return bytes.fromhex(digits) if len(digits) % 2 == 0 else None


def _respelled(said: str, data: bytes) -> str:
    """Octets in the form of a text that spelled others."""
    head = said[:2] if said[:2] in ("0x", "0X") else ""
    digits = iter(data.hex())
    made = [next(digits) if char in "0123456789abcdefABCDEF" else char for char in said[len(head) :]]
    text = "".join(made)
    return head + (text.upper() if any(char in "ABCDEF" for char in said[len(head) :]) else text)


def _spelled(said: str, groups: list[int]) -> str:
    """Groups of an IPv6 address in the form of a text that spelled others."""
    left, gap, right = said.partition("::")
    count = len(right.split(":")) if right else 0
    first = [f"{group:0{len(old)}x}" for group, old in zip(groups, left.split(":"), strict=False) if old]
    last = [
        f"{group:0{len(old)}x}"
        for group, old in zip(groups[8 - count :] if count else [], right.split(":"), strict=False)
    ]
    made = ":".join(first) + gap + ":".join(last)
    return made.upper() if any(char in "ABCDEF" for char in said) else made


def _octets(numbers: tuple[int, ...]) -> bytes | None:
    return bytes(numbers) if numbers and max(numbers) < 256 else None


def _lettered(data: bytes) -> bool:
    """Whether octets of an index spell a text: printable, and mostly letters and digits."""
    coding = coding_of(data)
    if coding is None or (coding == "latin-1"):
        return False
    text = data.decode(coding)
    letters = sum(char.isalpha() for char in text)
    return letters >= 2 and sum(char.isalnum() or char in " -_./:@\\" for char in text) >= len(text) - 1


def _scattered(data: bytes) -> bool:
    """Whether octets look drawn: an address that somebody was given, not small numbers that count something."""
    return sum(one > 31 for one in data) * 2 >= len(data) and len(set(data)) > len(data) // 2


def _somebody(data: bytes) -> bool:
    """Whether four octets are the address of somebody: no mask, no loopback, no network of all."""
    number = int.from_bytes(data)
    mask = (~number & 0xFFFFFFFF) & ((~number & 0xFFFFFFFF) + 1) == 0
    return 0 < data[0] < 224 and data[0] != 127 and not mask and any(data[2:])


def _private(data: bytes) -> bool:
    """Whether four octets are an address of a site's own network."""
    return data[0] in (10, 172, 192) and ipaddress.IPv4Address(data).is_private


def _dated(data: bytes) -> bool:
    """Whether octets are a DateAndTime (RFC 2579) of a year that a device may tell."""
    whole = data if len(data) == 11 else data + b"+\0\0"
    return 1970 <= int.from_bytes(data[:2]) <= 2100 and moment(whole) is not None


def _small(word: str) -> bool:
    """Whether a word is a number that counts something."""
    return _DIGITS.fullmatch(word) is not None and sum(char.isdigit() for char in word) < 5
