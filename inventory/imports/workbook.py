"""Whether a spreadsheet may be opened at all: what it unpacks to, and what is in it, before a parser of spreadsheets sees it.

Nothing is unpacked to the disk, so that no name within it leads anywhere.
"""

from __future__ import annotations

import dataclasses
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from inventory.imports import ImportFailedError
from inventory.imports.reasons import Reason, say

SIZE_LIMIT: Final = 64 * 1024 * 1024
UNPACKED_LIMIT: Final = 200 * 1024 * 1024
RATIO_LIMIT: Final = 100
"""How many bytes one packed byte may stand for: sheets of real inventories unpack to ten or twenty times."""
PARTS_LIMIT: Final = 2_000
STRINGS_LIMIT: Final = 500_000
"""Shared strings, all of which are in memory at once."""
_STRINGS_BYTES: Final = 64 * 1024 * 1024
_PART_BYTES: Final = 16 * 1024 * 1024
"""Bytes of what is neither a sheet nor the shared strings: styles, themes, names."""
CELLS_LIMIT: Final = 50_000_000
"""Cells that a sheet may say it has: Excel's whole sheet is 17 billion."""
_SMALL: Final = 1024 * 1024
_CHUNK: Final = 1024 * 1024
_PROLOG: Final = 64 * 1024
"""Bytes within which the root of an XML has to begin."""

_STRINGS: Final = "xl/sharedStrings.xml"
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ITEM: Final = re.compile(rb"<(?:\w+:)?si[\s/>]")
_HIDDEN: Final = re.compile(rb"""<(?:\w+:)?row\s(?:[^>]*\s)?hidden=["'](?:1|true)["']""")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_UNCOUNTED: Final = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^<>]*)?/>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_DIMENSION: Final = re.compile(
    rb"""<(?:\w+:)?dimension\s[^>]*?ref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']"""
)
_OVERLAP: Final = 256

_OTHERWISE: Final = (b"\xfe\xff", b"\xff\xfe")
"""How XML of two bytes a character begins."""


@dataclasses.dataclass(frozen=True)
class Findings:
    """What its reader should know of a workbook that may be opened."""

    hidden: int
    """Rows that are not shown."""
    formulas: int
    uncounted: int
    """Formulas whose last value was not kept."""
    links: int
    dde: bool


def look(path: Path) -> Findings:
    """Look at a workbook. Raises ImportFailedError where it must not be opened: which file, why, and what to do."""
    if path.stat().st_size > SIZE_LIMIT:
        raise ImportFailedError(say("book.size", size=SIZE_LIMIT >> 20), str(path))
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            raise ImportFailedError(say("book.old"), str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            return _look(path, archive)
    # What the library says of a file, and no gap of ours, so they stay: zipfile raises NotImplementedError of a compression that
    # it does not know, and RuntimeError of a part with a password.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ImportFailedError(say("book.broken"), str(path)) from error


def _look(path: Path, archive: zipfile.ZipFile) -> Findings:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    for why in _faults(parts):
        raise ImportFailedError(why, str(path))
    if "[Content_Types].xml" not in names or not any(map(_SHEET.fullmatch, names)):
        raise ImportFailedError(say("book.none"), str(path))
    if "macroenabled" in archive.read("[Content_Types].xml").decode("utf-8", "replace").casefold():
        raise ImportFailedError(say("book.macros"), str(path))
    # By what it holds, whatever it is called: other parts say which name is read as what.
    xml = [part for part in parts if _is_xml(archive, part)]
    for part in xml:
        _prolog(path, archive, part)
    for part in xml:
        _strings(path, archive, part)
    counts = [_sheet(path, archive, part) for part in xml if _SHEET.fullmatch(part.filename)]
    links = [part for part in xml if part.filename.startswith("xl/externalLinks/external")]
    return Findings(
        sum(hidden for hidden, *_ in counts),
        sum(formulas for _, formulas, _ in counts),
        sum(uncounted for *_, uncounted in counts),
        len(links),
        any(b"ddeLink" in archive.read(part) for part in links),
    )


def _is_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as file:
        head = file.read(64)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", *_OTHERWISE)) or part.filename.endswith(
        (".xml", ".rels")
    )


def _strings(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse too many shared strings, and any where they do not belong: there they would not be counted as such."""
    count = sum(len(_ITEM.findall(chunk)) for chunk in _chunks(archive, part))
    if count > STRINGS_LIMIT:
        raise ImportFailedError(say("book.strings", count=count), str(path))
    if count and part.filename != _STRINGS:
        raise ImportFailedError(say("book.stray", part=part.filename), str(path))
    if part.file_size > _PART_BYTES and part.filename != _STRINGS and not _SHEET.fullmatch(part.filename):
        raise ImportFailedError(
            say("book.part_unpacked", part=part.filename, size=part.file_size >> 20), str(path)
        )


def _sheet(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int, int]:
    """How many hidden rows and how many formulas a sheet has, and how many of those without a value."""
    hidden = formulas = uncounted = 0
    for number, chunk in enumerate(_chunks(archive, part)):
        if not number:
            _dimension(path, part, chunk)
        hidden += len(_HIDDEN.findall(chunk))
        formulas += len(_FORMULA.findall(chunk))
        uncounted += len(_UNCOUNTED.findall(chunk))
    return hidden, formulas, uncounted


def _faults(parts: list[zipfile.ZipInfo]) -> Iterator[Reason]:
    """What is wrong with the parts of an archive, by what it says of them. No part gives more bytes than it says."""
    if len(parts) > PARTS_LIMIT:
        yield say("book.parts", count=len(parts))
    if len({part.filename for part in parts}) != len(parts):
        yield say("book.same")
    for part in parts:
        if why := _named(part) or _sized(part):
            yield why
    whole, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if whole > UNPACKED_LIMIT:
        yield say("book.unpacked", size=whole >> 20)
    if whole > _SMALL and whole > RATIO_LIMIT * packed:
        yield say("book.ratio", times=whole // max(packed, 1))


def _named(part: zipfile.ZipInfo) -> Reason | None:
    """What is wrong with a part, by its name and kind."""
    name = part.filename
    if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name:
        return say("book.named", part=name)
    if stat.S_ISLNK(part.external_attr >> 16):
        return say("book.link", part=name)
    if name.casefold().endswith("vbaproject.bin"):
        return say("book.macros")
    return say("book.password") if part.flag_bits & 1 else None


def _sized(part: zipfile.ZipInfo) -> Reason | None:
    """What is wrong with a part, by its size."""
    name, size = part.filename, part.file_size
    if size > _SMALL and size > RATIO_LIMIT * part.compress_size:
        return say("book.part_ratio", part=name, times=size // max(part.compress_size, 1))
    most = _STRINGS_BYTES if part.filename == _STRINGS else _PART_BYTES
    if size > most and not _SHEET.fullmatch(part.filename) and name.endswith((".xml", ".rels")):
        return say("book.part_unpacked", part=name, size=size >> 20)
    return None


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part in pieces that are cut between tags, so that none is counted twice or missed."""
    with archive.open(part) as file:
        rest = b""
        while chunk := file.read(_CHUNK):
            rest += chunk
            cut = rest.rfind(b"<row") if len(rest) < 8 * _CHUNK else -1
            cut = cut if cut > 0 else rest.rfind(b"<")
            if cut <= 0:
                cut = len(rest)
            yield rest[:cut]
            rest = rest[cut:]
        yield rest


def _prolog(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse XML with a document type, whose entities may stand for anything, and what is not UTF-8."""
    found: list[str] = []  # codes of what is wrong; nothing where the root has begun
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda *_: found.append("")
    parser.StartDoctypeDeclHandler = lambda *_: found.append("book.doctype")
    with archive.open(part) as file:
        head = file.read(_PROLOG)
    if head[:2] in _OTHERWISE or b"\0" in head[:4]:
        raise ImportFailedError(say("book.encoding", part=part.filename), str(path))
    try:
        for start in range(0, len(head), 512):
            parser.Parse(head[start : start + 512], False)
            if found:
                break
    except expat.ExpatError as error:
        if not found:
            raise ImportFailedError(say("book.xml", part=part.filename), str(path)) from error
    if not found and part.file_size:
        found.append("book.xml")
    if found and found[0]:
        raise ImportFailedError(say(found[0], part=part.filename), str(path))


def _dimension(path: Path, part: zipfile.ZipInfo, head: bytes) -> None:
    match = _DIMENSION.search(head[: 64 * 1024])
    if match is None:
        return
    width = _number(match[3]) - _number(match[1]) + 1
    cells = width * (int(match[4]) - int(match[2]) + 1)
    if cells > CELLS_LIMIT:
        said = f"{match[1].decode()}{match[2].decode()}:{match[3].decode()}{match[4].decode()}"
        raise ImportFailedError(say("book.dimension", part=part.filename, area=said), str(path))


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, XFD is 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
