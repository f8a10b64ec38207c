"""What an agent answered, scrubbed and written in the form that snmpsim plays; and read again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from collectors import extends
from collectors.catalogue import Catalogue
from collectors.device import Family
from collectors.poll import PollError
from collectors.recording import meaning, texts
from collectors.recording.scrubbing import Level, Scrubber, coding_of
from collectors.recording.walking import Varbind
from collectors.snmp.ber import encode_integer
from collectors.snmp.oid import Oid, encode, pack, parts, unpack
from collectors.snmp.values import text

INTEGER: Final = 0x02
OCTETS: Final = 0x04
OBJECT_ID: Final = 0x06
IP_ADDRESS: Final = 0x40
OPAQUE: Final = 0x44
_NUMBERS: Final = (INTEGER, 0x41, 0x42, 0x43, 0x46, 0x47)

_DESCRIPTION: Final = encode("1.3.6.1.2.1.1.1.0")  # sysDescr

IDENTITIES: Final = {
    encode(oid): kind
    for oid, kind in (
        ("1.3.6.1.2.1.1.4", "contact"),  # sysContact
        ("1.3.6.1.2.1.1.5", "host name"),  # sysName
        ("1.3.6.1.2.1.1.6", "place"),  # sysLocation
        ("1.3.6.1.2.1.31.1.1.1.18", "description"),  # ifAlias
        ("1.3.6.1.2.1.33.1.1.5", "name"),  # upsIdentName
        ("1.3.6.1.2.1.33.1.1.6", "description"),  # upsIdentAttachedDevices
        ("1.3.6.1.2.1.43.5.1.1.4", "contact"),  # prtGeneralCurrentOperator
        ("1.3.6.1.2.1.43.5.1.1.5", "contact"),  # prtGeneralServicePerson
        ("1.3.6.1.2.1.43.5.1.1.16", "name"),  # prtGeneralPrinterName
        ("1.3.6.1.2.1.43.5.1.1.17", "serial number"),  # prtGeneralSerialNumber
        ("1.3.6.1.2.1.47.1.1.1.1.11", "serial number"),  # entPhysicalSerialNum
        ("1.3.6.1.2.1.47.1.1.1.1.14", "name"),  # entPhysicalAlias
        ("1.3.6.1.2.1.47.1.1.1.1.15", "serial number"),  # entPhysicalAssetID
        ("1.3.6.1.2.1.47.1.1.1.1.18", "serial number"),  # entPhysicalUris
    )
}
"""Objects that hold names and nothing else."""

SPEAKING: Final = tuple(
    map(
        encode,
        (
            "1.3.6.1.2.1.1.1",  # sysDescr
            "1.3.6.1.2.1.1.9.1.3",  # sysORDescr
            "1.3.6.1.2.1.2.2.1.2",  # ifDescr
            "1.3.6.1.2.1.25.3.2.1.3",  # hrDeviceDescr
            "1.3.6.1.2.1.31.1.1.1.1",  # ifName
            "1.3.6.1.2.1.33.1.1.1",  # upsIdentManufacturer
            "1.3.6.1.2.1.33.1.1.2",  # upsIdentModel
            "1.3.6.1.2.1.33.1.1.3",  # upsIdentUPSSoftwareVersion
            "1.3.6.1.2.1.33.1.1.4",  # upsIdentAgentSoftwareVersion
            "1.3.6.1.2.1.47.1.1.1.1.2",  # entPhysicalDescr
            "1.3.6.1.2.1.47.1.1.1.1.7",  # entPhysicalName
            "1.3.6.1.2.1.47.1.1.1.1.8",  # entPhysicalHardwareRev
            "1.3.6.1.2.1.47.1.1.1.1.9",  # entPhysicalFirmwareRev
            "1.3.6.1.2.1.47.1.1.1.1.10",  # entPhysicalSoftwareRev
            "1.3.6.1.2.1.47.1.1.1.1.12",  # entPhysicalMfgName
            "1.3.6.1.2.1.47.1.1.1.1.13",  # entPhysicalModelName
        ),
    )
)
"""Objects that say what a thing is: only what has the form of a name or address is replaced in them."""

_PRINTED: Final = encode(extends.OUTPUT)
_HARDWARE: Final = encode("1.3.6.1.2.1.2.2.1.6")  # ifPhysAddress

_PLAIN: Final = re.compile(rb"[!-{}~]([ -{}~]*[!-{}~])?")
_LINE: Final = re.compile(r"([0-9.]+)\|(\d+)(x?)\|(.*)")


class Columns:
    """What is known of the objects of an agent before any is looked at: which hold names, and what is read in them."""

    def __init__(self, catalogue: Catalogue, names: Iterable[str], kept: Iterable[Oid] = ()) -> None:
        families = [catalogue.families[name] for name in names]
        self.tests: meaning.Tests = {}
        for family in families:
            for key, tests in meaning.of_family(family).items():
                self.tests.setdefault(key, []).extend(tests)
        for key, test in meaning.covered([table for family in families for table in family.tables]):
            self.tests.setdefault(key, []).append(test)
        self.tests.setdefault(_DESCRIPTION, []).extend(meaning.of_description(catalogue.families.values()))
        self.printed = meaning.of_documents(
            table for family in families for extend in family.extends for table in extend.tables
        )
        self.people = meaning.names_of([table for family in families for table in family.tables])
        self.facts = frozenset(map(encode, _facts(families)))
        self.signs = frozenset(map(encode, catalogue.subtrees))
        self.kept = (*SPEAKING, *kept)

    def identity(self, oid: Oid) -> str | None:
        """The kind of name that an object holds, None where it holds none."""
        found = next((kind for root, kind in IDENTITIES.items() if oid.startswith(root)), None)
        return found or ("name" if _below(oid, self.people) else None)

    def level(self, oid: Oid) -> Level:
        """How much of a text is taken for names."""
        if any(oid.startswith(root) for root in self.kept) or _below(oid, self.facts):
            return Level.LIGHT
        return Level.ALL if self.identity(oid) else Level.FULL

    def read_in(self, oid: Oid) -> list[meaning.Test]:
        """What families read in a text."""
        return [test for root in _above(oid) for test in self.tests.get(root, ())]


def _facts(families: Iterable[Family]) -> Iterator[str]:
    for family in families:
        for rule in (*family.product, *family.version):
            if not isinstance(rule, dict | str):
                yield from rule.objects


def learn(scrubber: Scrubber, varbinds: Iterable[Varbind], columns: Columns) -> None:
    """Learn the names that an agent tells, before anything is written."""
    for oid, tag, contents in varbinds:
        if tag == IP_ADDRESS and len(contents) == 4:
            scrubber.meet(contents)
        elif tag == OCTETS and oid.startswith(_HARDWARE):
            if len(contents) >= 6:
                scrubber.meet(contents)
        elif tag == OCTETS:
            _learn(scrubber, oid, contents, columns)


def _learn(scrubber: Scrubber, oid: Oid, contents: bytes, columns: Columns) -> None:
    coding = coding_of(contents)
    if oid.startswith(_PRINTED) and (printed := _document(contents)) is not None:
        texts.learn(scrubber, printed)
    elif coding is None:
        if len(contents) in (6, 8) and not scrubber.dated(contents):
            scrubber.meet(contents)
    else:
        said = contents.decode(coding)
        scrubber.look(said)
        kind = columns.identity(oid)
        if kind in ("contact", "place", "description"):
            scrubber.learn_words(kind, said)
        elif kind:
            scrubber.learn(kind, said)


class Scrubbed:
    """The objects of an agent without what tells whose it is. `lost` counts what had to be left out, `changed` texts
    that families read and that mean something else now."""

    def __init__(self, scrubber: Scrubber, columns: Columns) -> None:
        self._scrubber, self._columns = scrubber, columns
        self.varbinds: dict[Oid, Varbind] = {}
        self.lost = 0
        self.changed = 0

    def add(self, varbinds: Iterable[Varbind], roots: Iterable[Oid]) -> None:
        """Scrub objects and keep them. `roots` are columns whose numbers are none of an index.

        Nor are those of the subtrees that families are told by: the recording is of the same families.
        """
        known = frozenset(roots) | self._columns.signs
        for varbind in varbinds:
            made = self._scrub(varbind, known)
            root = _root(varbind.oid, known)
            # A stand-in of numbers that nobody reads could land in a column that is read, and add a row to it,
            # or where objects tell another family.
            if made.oid in self.varbinds or _root(made.oid, known) != root or self._left(made, len(root)):
                self.lost += 1
            else:
                self.varbinds[made.oid] = made

    def lines(self) -> Iterator[str]:
        """The lines of a recording, in the order of an agent."""
        for oid in sorted(self.varbinds, key=unpack):
            yield line(self.varbinds[oid])

    def _scrub(self, varbind: Varbind, known: frozenset[Oid]) -> Varbind:
        oid, tag, contents = varbind
        name = self._name(oid, known)
        if tag == OCTETS:
            return Varbind(name, tag, self._octets(oid, contents))
        if tag == IP_ADDRESS:
            return Varbind(name, tag, self._scrubber.address(contents))
        if tag == OBJECT_ID and contents and not oid.startswith(encode("1.3.6.1.2.1.1")):
            return Varbind(name, tag, self._name(contents, known))
        if tag == OPAQUE and contents[:1] not in (b"\x9f", b"\x09", b"\x02"):
            return Varbind(name, tag, self._scrubber.octets(contents))
        return Varbind(name, tag, contents)

    def _name(self, oid: Oid, known: frozenset[Oid]) -> Oid:
        root = _root(oid, known)
        if not root:
            whole = unpack(oid)
            head = 8 if whole[:6] == (1, 3, 6, 1, 4, 1) else 7
            return pack((*whole[:head], *self._scrubber.index(whole[head:]))) if len(whole) > head else oid
        made = self._scrubber.index(parts(oid[len(root) :]))
        return pack((*unpack(root), *made))

    def _octets(self, oid: Oid, contents: bytes) -> bytes:
        if oid.startswith(_HARDWARE) and len(contents) >= 6:
            return self._scrubber.hardware(contents)
        if oid.startswith(_PRINTED) and (printed := _document(contents)) is not None:
            made = texts.document(self._scrubber, printed, self._columns.printed)
            return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
        tests = self._columns.read_in(oid)
        level = self._columns.level(oid)

        def change(said: str) -> str:
            if not tests:
                return self._scrubber.text(said, level)
            made, same = meaning.scrub(self._scrubber, said, [_as_read(test) for test in tests], level)
            self.changed += not same
            return made

        return self._scrubber.octets(contents, level, change)

    def _left(self, varbind: Varbind, begin: int) -> bool:
        """Whether a name still stands in an object, in any spelling; its column ends at `begin`."""
        numbers = parts(varbind.oid[begin:]) if begin else unpack(varbind.oid)[6:]
        spelled = bytes(part if part < 256 else 0 for part in numbers)
        found = self._scrubber.residue(spelled)
        if varbind.tag in (OCTETS, OPAQUE):
            found = found or self._scrubber.residue(varbind.contents)
        if varbind.tag == OBJECT_ID:
            found = found or self._scrubber.residue(
                bytes(p if p < 256 else 0 for p in unpack(varbind.contents)[6:])
            )
        return found


def _document(contents: bytes) -> Any:
    """The document that a script printed, None where it is none."""
    try:
        return extends.document(contents)
    except PollError:
        return None


def _as_read(test: meaning.Test) -> meaning.Test:
    """A test of a text as readers of an agent see it."""
    return lambda said: test(text(said.encode("utf-8", "replace")))


def _above(oid: Oid) -> Iterator[Oid]:
    """The names that an object lies below, the nearest first."""
    for end in range(len(oid), 4, -1):
        yield oid[:end]


def _root(oid: Oid, known: frozenset[Oid]) -> Oid:
    """The nearest known root that an object lies below, empty where it lies below none."""
    return next((root for root in _above(oid) if root in known), b"")


def _below(oid: Oid, roots: frozenset[bytes]) -> bool:
    return any(root in roots for root in _above(oid))


# --- the form of snmpsim -----------------------------------------------------------------------------------------


def line(varbind: Varbind) -> str:
    """One object as a line of a recording: OID, type and value."""
    oid, tag, contents = varbind
    name = ".".join(map(str, unpack(oid)))
    if tag in _NUMBERS:
        return f"{name}|{66 if tag == 0x47 else tag}|{int.from_bytes(contents, signed=True)}"
    if tag == OBJECT_ID:
        return f"{name}|{tag}|{'.'.join(map(str, unpack(contents)))}"
    if tag == OCTETS and (not contents or _PLAIN.fullmatch(contents)):
        return f"{name}|{tag}|{contents.decode('ascii')}"
    return f"{name}|{tag}x|{contents.hex()}"


def read(path: Path) -> Mapping[Oid, Varbind]:
    """The objects of a recording. Raises ValueError with the line of what is none."""
    found: dict[Oid, Varbind] = {}
    for number, said in enumerate(path.read_text("latin-1").split("\n"), 1):
        if not said.strip():
            continue
        match = _LINE.fullmatch(said.strip())
        try:
            if match is None:
                raise ValueError("it has no OID, type and value")
            varbind = Varbind(encode(match[1]), int(match[2]), _contents(int(match[2]), match[3], match[4]))
        except ValueError as error:
            raise ValueError(f"{path}:{number}:1: no object of a recording: {error}") from None
        found[varbind.oid] = varbind
    return dict(sorted(found.items(), key=lambda item: unpack(item[0])))


def _contents(tag: int, hexadecimal: str, value: str) -> bytes:
    if hexadecimal:
        return bytes.fromhex(value)
    if tag in _NUMBERS:
        return encode_integer(int(value or 0))[2:]
    if tag == OBJECT_ID:
        return encode(value) if value.strip(".") else b""
    if tag == IP_ADDRESS:
        return bytes(map(int, value.split(".")))
    return value.encode("latin-1")
