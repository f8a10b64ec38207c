"""Cells as people and programs write them, made values of a workstation.

A cell that contradicts itself raises RefusedError: its row is not taken. One that says nothing we know raises UnclearError: the
value is left unknown, and that is said.
"""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

from inventory.imports.reasons import Reason, say
from inventory.imports.sheets import Epoch, plain

LONGEST: Final = 200
"""Characters of a text that is taken."""

_QUOTED: Final = 40
"""Characters of a text that are shown."""

Form = Literal["iso", "french", "us", "serial"]
"""How days may be written: 2021-03-14, 14/03/2021, 3/14/2021, 44269."""

Unit = Literal["B", "KiB", "MiB", "GiB", "KB", "MB", "GB"]
"""Bytes of a number that stands without its unit."""

Value = str | int | float | bool | None

EARLIEST: Final = datetime.date(1980, 1, 1)
AHEAD: Final = datetime.timedelta(days=30 * 366)
"""How long a warranty may last from today on."""

_TIME: Final = (
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?Z| ?[+-]\d{2}:?\d{2})?)?"
)
_ISO: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})" + _TIME, re.ASCII)
_SLASHED: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})" + _TIME, re.ASCII)
_SERIAL: Final = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
_FILETIME: Final = re.compile(r"1[1-9]\d{16}", re.ASCII)
"""Tenths of a microsecond since 1601 in UTC, from 1948 on: how Active Directory keeps moments (lastLogonTimestamp)."""
_WINDOWS: Final = datetime.date(1601, 1, 1)
_FIRST: Final = {1900: datetime.date(1899, 12, 30), 1904: datetime.date(1904, 1, 1)}
"""Day 0 of a spreadsheet: that of 1900 counts a 29th of February of that year, which matters before March alone."""

_NO_DAY: Final = (
    "0000-00-00",
    "0001-01-01",
    "1601-01-01",
    "01/01/0001",
    "1/1/0001",
    "01/01/1601",
    "1/1/1601",
)
"""What MySQL, .NET and Windows write where there is none."""

_SIZE: Final = re.compile(
    r"(?P<n>\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d{1,15})(?:(?P<point>[.,])(?P<rest>\d{1,6}))?[ \u00a0\u202f]*"
    r"(?P<unit>[KMGT]i?[BO]?|B|O|bytes|octets)?",
    re.ASCII | re.IGNORECASE,
)
_POWERS: Final = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_LARGEST: Final = 2**50
_CURRENCY: Final = re.compile(r"EUR|USD|CHF|GBP|[€$£\s\u00a0\u202f]", re.IGNORECASE)
_PRICE: Final = re.compile(r"(\d{1,12})(?:[.,](\d{1,4}))?", re.ASCII)
_GROUPED: Final = re.compile(r"(\d{1,3}(?:,\d{3})+)\.(\d{1,4})|(\d{1,3}(?:\.\d{3})+),(\d{1,4})", re.ASCII)

_YES: Final = frozenset(
    ("1", "true", "yes", "y", "oui", "o", "vrai", "on", "enabled", "active", "actif", "activee")
)
_NO: Final = frozenset(
    ("0", "false", "no", "n", "non", "faux", "off", "disabled", "inactive", "inactif", "desactivee")
)
_NO_TPM: Final = frozenset(
    ("none", "absent", "aucun", "no", "non", "false", "faux", "not present", "no tpm", "0")
)
_TPM: Final = re.compile(r"(?:tpm[ v]*)?(1\.2|2\.0|1|2)(?:\b.*)?", re.ASCII | re.IGNORECASE)

# What makers leave in the firmware where the serial number belongs: thousands of machines may share it.
_NO_SERIAL: Final = frozenset(
    {"none", "n/a", "na", "unknown", "inconnu", "default string", "system serial number", "serial number"}
    | {"to be filled by o.e.m.", "to be filled by oem", "not specified", "not applicable", "not available"}
    | {"invalid", "123456789", "1234567890", "oem", "empty", "system manufacturer", "chassis serial number"}
    | {"defaultstring", "null", "(null)", "-", "unspecified", "not provided", "systemserialnumb"}
    | {
        "serialnumber",
        "base board serial number",
        "nb-1234567890",
        "sys-1234567890",
        "sys-9876543210",
        "sn-12345",
        "sn-1234567890",
    }
    | {
        "1",
        "123456789000",
        "iatpass",
        "serial number xxxxxx",
        "tulip computers",
        "sn-123456fvgv3i0b8o5n6n7k",
        "to be filled by o.e.m",
        "unknow",
        "undefined",
        "nan",
        "?",
        "o.e.m",
        "t.b.d",
        "tbd",
        "standard",
        "system",
        "eval",
        "(null string)",
        "aucun",
        "aucune",
    }
    | {
        "sans",
        "neant",
        "non renseigne",
        "non disponible",
        "a completer",
        "bsn12345678901234567",
        "123490en400015",
    }
)
_COUNTED: Final = "0123456789" * 3
"""Digits in their order are no number: `1234567`."""
_FEWEST: Final = 5
"""Characters from which on such a number is one that nobody gave."""
_ERRORS: Final = frozenset(
    (
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
        "#N/D",
        "#VALEUR!",
        "#NOM?",
        "#NUL!",
        "#NOMBRE!",
    )
)
"""What a spreadsheet shows where it could compute nothing, in English and French."""

_OBJECTS: Final = ("Microsoft.ActiveDirectory.Management.", "System.String[]", "System.Object[]")
"""What PowerShell writes in place of several values."""

_SHORTENED: Final = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,3}", re.ASCII)
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)


class CellError(Exception):
    """What is wrong with a cell."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class RefusedError(CellError):
    """The cell cannot be true, or not be understood: its row is refused."""


class UnclearError(CellError):
    """The cell says nothing that is known: it is left unknown."""


def text(cell: str, *, is_html: bool = False) -> str:
    """A cell on one line, without what steers a screen. GLPI writes several values with <br>, and > as an entity."""
    if is_html:
        cell = html.unescape(_BREAK.sub("\n", cell))
    if cell.isprintable() and "  " not in cell:
        return cell.strip()
    lines = (" ".join(line.split()) for line in cell.splitlines())
    clean = " / ".join(line for line in lines if line)
    return "".join(char if char.isprintable() else "\ufffd" for char in clean)


def known(cell: str) -> str:
    """A cell that is no error of a spreadsheet. Raises UnclearError."""
    if cell in _ERRORS:
        raise UnclearError(say("cell.error", cell=cell))
    if cell.startswith(_OBJECTS):
        raise UnclearError(say("cell.object", cell=cell))
    return cell


def short(cell: str) -> str:
    """A text that is not too long to be one. Raises RefusedError."""
    if len(cell) > LONGEST:
        raise RefusedError(say("cell.long", limit=LONGEST))
    return cell


def serial(cell: str) -> str | None:
    """A serial number, or None for what makers leave in its place. Raises RefusedError for what a spreadsheet spoiled."""
    # A million of them are read: accents are looked for only where there are some.
    folded = cell.casefold() if cell.isascii() else plain(cell)
    bare = folded.rstrip(".")
    if bare in _NO_SERIAL or folded in _NO_SERIAL or not cell.strip("0.xX-* "):
        return None
    if len(bare) >= _FEWEST and (bare in _COUNTED or len(set(bare)) == 1):
        return None
    if "+" in cell and _SHORTENED.fullmatch(cell):
        raise RefusedError(say("serial.shortened", cell=cell))
    return short(cell)


class Days:
    """Reads the days of one column, and remembers whether their order of day and month is proven."""

    def __init__(
        self, forms: Iterable[Form], earliest: datetime.date, latest: datetime.date, epoch: Epoch | None
    ) -> None:
        self.forms = frozenset(forms)
        self.earliest = earliest
        self.latest = latest
        self.epoch = epoch if epoch is not None else 1900 if "serial" in self.forms else None
        self.is_proven = False
        self.ambiguous: list[str] = []

    def read(self, cell: str) -> str | None:
        """The day as ISO 8601 writes it. Raises RefusedError where it is none, or cannot be."""
        if cell.startswith(_NO_DAY):
            return None
        try:
            found = self._day(cell)
        except (ValueError, OverflowError):
            code = "day.months" if self._is_us(cell) else "day.impossible"
            raise RefusedError(say(code, cell=cell)) from None
        if not self.earliest <= found <= self.latest:
            raise RefusedError(say("day.range", cell=cell, year=self.earliest.year))
        return found.isoformat()

    def _day(self, cell: str) -> datetime.date:
        if match := _ISO.fullmatch(cell):
            return datetime.date(int(match[1]), int(match[2]), int(match[3]))
        if (match := _SLASHED.fullmatch(cell)) and self.forms & {"french", "us"}:
            return self._slashed(match)
        if self.epoch is not None and (match := _SERIAL.fullmatch(cell)):
            return _FIRST[self.epoch] + datetime.timedelta(days=int(match[1]))
        if match := _FILETIME.fullmatch(cell):
            return _WINDOWS + datetime.timedelta(microseconds=int(match[0]) // 10)
        raise RefusedError(say("day.form", cell=cell, forms=self._known()))

    def _slashed(self, match: re.Match[str]) -> datetime.date:
        first, second = int(match[1]), int(match[2])
        if first <= 12 and second <= 12 and first != second:
            if len(self.ambiguous) < 3:
                self.ambiguous.append(match[0])
        elif first > 12 or second > 12:
            self.is_proven = True
        day, month = (first, second) if "us" not in self.forms else (second, first)
        return datetime.date(int(match[3]), month, day)

    def _known(self) -> str:
        # The 14th of March 2021: examples need no words, and no language.
        written = {"iso": "2021-03-14", "french": "14/03/2021", "us": "3/14/2021", "serial": "44269"}
        return ", ".join(written[form] for form in written if form in self.forms or form == "iso")

    def _is_us(self, cell: str) -> bool:
        match = _SLASHED.fullmatch(cell)
        return match is not None and "us" not in self.forms and int(match[1]) <= 12 < int(match[2])

    def note(self, title: str) -> Reason | None:
        """What should be said of the column of this title as a whole, or nothing."""
        if self.is_proven or not self.ambiguous:
            return None
        code = "note.us" if "us" in self.forms else "note.french"
        return say(code, title=title, days=", ".join(self.ambiguous))


def seen(days: Days) -> Callable[[str], str | None]:
    """Reads the day on which a machine was seen, which is no reason to refuse it. Raises UnclearError."""

    def read(cell: str) -> str | None:
        try:
            return days.read(cell)
        except RefusedError as error:
            raise UnclearError(error.reason) from None

    return read


def size(unit: Unit, *, is_memory: bool) -> Callable[[str], int | None]:
    """Reads bytes: `8192` in `unit`, `16 Go`, or several with ` / ` between them, which are added. 0 is unknown.

    Memory comes in powers of two: its Go is a GiB. Raises UnclearError.
    """

    def read(cell: str) -> int | None:
        found = sum(_bytes(part, unit, is_memory) for part in cell.split(" / "))
        if found > _LARGEST:
            raise UnclearError(say("size.large", cell=cell))
        return found or None

    return read


def _bytes(part: str, unit: str, is_memory: bool) -> int:
    match = _SIZE.fullmatch(part)
    if match is None or (
        match["point"] == "," and len(match["rest"]) == 3
    ):  # one thousand, or one and a bit?
        raise UnclearError(say("size.none", cell=part))
    number = float(re.sub(r"\s", "", match["n"]) + "." + (match["rest"] or "0"))
    given = (match["unit"] or unit).upper()
    head = "" if given in ("B", "O", "BYTES", "OCTETS") else given[0]
    binary = "I" in given[1:2] or (is_memory and match["unit"] is not None)
    return int(number * (1024 if binary else 1000) ** _POWERS[head])


def price(cell: str) -> float | None:
    """An amount of money, whose currency is the estate's. 0 is unknown. Raises UnclearError."""
    bare = _CURRENCY.sub("", cell)
    if match := _GROUPED.fullmatch(bare):
        whole, rest = (match[1], match[2]) if match[1] else (match[3], match[4])
        return float(f"{re.sub('[.,]', '', whole)}.{rest}") or None
    match = _PRICE.fullmatch(bare)
    if match is None or len(match[2] or "") == 3:
        raise UnclearError(say("price.none", cell=cell))
    return float(f"{match[1]}.{match[2] or 0}") or None


def truth(cell: str) -> bool:
    """Yes or no, in words. Raises UnclearError."""
    word = plain(cell)
    if word in _YES or word in _NO:
        return word in _YES
    raise UnclearError(say("truth.none", cell=cell))


def tpm(cell: str) -> str | None:
    """The version of a trusted platform module: `2.0, 0, 1.38` is 2.0; "none" where the cell says that there is none."""
    if plain(cell) in _NO_TPM:
        return "none"
    match = _TPM.fullmatch(cell)
    if match is None:
        raise UnclearError(say("tpm.none", cell=cell))
    return {"1": "1.2", "2": "2.0"}.get(match[1], match[1])


def word(words: Mapping[Any, Iterable[str]], code: str) -> Callable[[str], str]:
    """Reads one of several words, whatever their case and accents. Raises UnclearError, with the code of what it is not."""
    known = {plain(text): str(value) for value, texts in words.items() for text in (value, *texts)}

    def read(cell: str) -> str:
        try:
            return known[plain(cell)]
        except KeyError:
            raise UnclearError(say(code, cell=cell)) from None

    return read
