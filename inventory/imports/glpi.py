"""Workstations from GLPI: the list of computers, exported as CSV, in French or in English.

Titles are those that GLPI writes, whatever their case and accents; columns that are not known are ignored
and named. An empty cell is unknown. Who uses a machine is personal data: left out unless asked for. The day
of the last change is left out too, since it would make every machine look changed at every import.
"""

from __future__ import annotations

import dataclasses
import datetime
import html
import re
from collections import Counter
from pathlib import Path
from typing import Any, Final, NamedTuple

from inventory.imports import ImportFailedError, snapshots, table
from inventory.imports.snapshots import Preview, Refusal, Rows
from inventory.imports.table import Row, plain
from inventory.state import State
from inventory.workstations import Workstation

_TITLES: Final[dict[str, tuple[str, ...]]] = {
    "name": ("Nom", "Name"),
    "serial": ("Numéro de série", "Serial number"),
    "maker": ("Fabricant", "Manufacturer"),
    "model": ("Modèle", "Model"),
    "kind": ("Type",),
    "purchased": (
        "Date d'achat",
        "Date of purchase",
        "Information financières et administratives - Date d'achat",
        "Informations financières et administratives - Date d'achat",
        "Informations financières - Date d'achat",
        "Financial and administrative information - Date of purchase",
        "Financial and administrative informations - Date of purchase",
    ),
    "os": (
        "Système d'exploitation",
        "Système d'exploitation - Nom",
        "Operating system",
        "Operating system - Name",
    ),
    "edition": (
        "Édition",
        "Edition",
        "Système d'exploitation - Édition",
        "Operating system - Edition",
    ),
    "os_version": (
        "Version du système d'exploitation",
        "Système d'exploitation - Version",
        "Operating system version",
        "Operating system - Version",
    ),
    "site": ("Lieu", "Location"),
    "service": ("Groupe", "Group", "Service"),
    "cpu": ("Processeur", "Processor", "Composants - Processeur", "Components - Processor"),
    "memory": ("Mémoire", "Memory", "Composants - Mémoire", "Components - Memory"),
    "user": ("Utilisateur", "User", "Usager", "Alternate username"),
}
_FIELDS: Final = {plain(title): field for field, titles in _TITLES.items() for title in titles}
_LONGEST: Final = 200

# What makers leave in the firmware where the serial number belongs: thousands of machines may share it.
_NO_SERIAL: Final = frozenset(
    {"none", "n/a", "na", "unknown", "inconnu", "default string", "system serial number", "serial number"}
    | {"to be filled by o.e.m.", "to be filled by oem", "not specified", "not applicable", "not available"}
    | {"invalid", "123456789", "1234567890", "oem", "empty", "system manufacturer", "chassis serial number"}
)
_DATE: Final = re.compile(
    r"(?:(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})|(?P<fd>\d{1,2})/(?P<fm>\d{1,2})/(?P<fy>\d{4}))"
    r"(?:[ T]\d{2}:\d{2}(?::\d{2})?)?",
    re.ASCII,
)
_MEMORY: Final = re.compile(r"(\d{1,9})\s*(mio|mib|mo|mb|gio|gib|go|gb)?", re.ASCII | re.IGNORECASE)
_EARLIEST: Final = datetime.date(1980, 1, 1)


def preview(state: State, path: Path, today: datetime.date, users: bool = False) -> Preview:
    """What importing a file would change. Writes nothing.

    Raises ImportFailedError where the file cannot be read as a whole; what is wrong with single rows is in
    the preview. `users` keeps who uses a machine.
    """
    return snapshots.compare(path.name, snapshots.latest(state), read(path, today, users))


def read(path: Path, today: datetime.date, users: bool = False) -> Rows:
    """The workstations of a file, and what is wrong with its rows. Raises ImportFailedError."""
    sheet = table.read(path, lambda title: plain(title) in _FIELDS)
    columns = _columns(path, sheet.titles, users)
    parsed = [_parse(row, columns, len(sheet.titles), today) for row in sheet.rows]
    keys = Counter(made.workstation.key for made in parsed if made.workstation)
    twins = {key for key, count in keys.items() if count > 1}
    sound: list[Workstation] = []
    doubtful: list[Workstation] = []
    refused: list[Refusal] = []
    for made in parsed:
        refused += made.refused
        if made.workstation is None:
            continue
        if made.workstation.key in twins:
            what = "serial" if made.workstation.serial else "name"
            reason = f"{getattr(made.workstation, what)} is given {keys[made.workstation.key]} times"
            refused.append(Refusal(made.line, columns[what].title if what in columns else "", reason))
        target = doubtful if made.refused or made.workstation.key in twins else sound
        target.append(made.workstation)
    return Rows(
        workstations=tuple(sound),
        refused=tuple(refused),
        remarks=tuple(remark for made in parsed for remark in made.remarks),
        doubtful=tuple(doubtful),
        ignored=tuple(title for title in sheet.titles if title and _ignored(title, users)),
    )


class _Column(NamedTuple):
    position: int
    title: str


class _Parsed(NamedTuple):
    line: int
    workstation: Workstation | None
    refused: list[Refusal]
    remarks: list[Refusal]


def _ignored(title: str, users: bool) -> bool:
    field = _FIELDS.get(plain(title))
    return field is None or (field == "user" and not users)


def _columns(path: Path, titles: list[str], users: bool) -> dict[str, _Column]:
    columns: dict[str, _Column] = {}
    for index, title in enumerate(titles):
        if _ignored(title, users):
            continue
        field = _FIELDS[plain(title)]
        if field in columns:
            raise ImportFailedError(
                f"{path}:1: columns {columns[field].title!r} and {title!r} say the same: leave one out"
            )
        columns[field] = _Column(index, title)
    if "name" not in columns and "serial" not in columns:
        raise ImportFailedError(f"{path}:1: there is neither a column Name nor a column Serial number")
    return columns


def _parse(row: Row, columns: dict[str, _Column], width: int, today: datetime.date) -> _Parsed:
    made = _Parsed(row.line, None, [], [])
    # GLPI ends each line with a separator: cells beyond the titles are fine while they are empty.
    if len(row.cells) < width - 1 or any(cell.strip() for cell in row.cells[width:]):
        reason = f"{len(row.cells)} cells, where the titles are {width}"
        return made._replace(refused=[Refusal(row.line, "", reason)])
    texts = {field: _cell(row, column) for field, column in columns.items()}
    if texts.get("serial", "").casefold() in _NO_SERIAL or not texts.get("serial", "").strip("0.xX-* "):
        texts["serial"] = ""
    name = texts.get("name") or texts["serial"]
    if not name:
        return made._replace(refused=[Refusal(row.line, "", "neither a name nor a serial number")])
    for field, text in texts.items():
        if len(text) > _LONGEST:
            made.refused.append(Refusal(row.line, columns[field].title, f"longer than {_LONGEST} characters"))
            texts[field] = text[:_LONGEST]
    known: dict[str, Any] = {
        field: text or None for field, text in texts.items() if field not in ("name", "purchased", "memory")
    }
    return made._replace(
        workstation=dataclasses.replace(
            Workstation(name[:_LONGEST], **known),
            purchased=_purchased(made, columns, texts.get("purchased", ""), today),
            memory=_memory(made, columns, texts.get("memory", "")),
        )
    )


def _cell(row: Row, column: _Column) -> str:
    """A cell on one line: GLPI writes several values with <br>, and > as an entity."""
    text = row.cells[column.position] if column.position < len(row.cells) else ""
    text = html.unescape(re.sub(r"<br\s*/?>", "\n", text, flags=re.IGNORECASE))
    lines = (" ".join(line.split()) for line in text.splitlines())
    clean = " / ".join(line for line in lines if line)
    return "".join(char if char.isprintable() else "�" for char in clean)


def _purchased(
    made: _Parsed, columns: dict[str, _Column], text: str, today: datetime.date
) -> datetime.date | None:
    if not text or text.startswith("0000-00-00"):  # MySQL's way to say that there is none
        return None
    refuse = made.refused.append
    title = columns["purchased"].title
    match = _DATE.fullmatch(text)
    if match is None:
        reason = f"{text[:40]!r} is no date: yyyy-mm-dd or dd/mm/yyyy (see GLPI's preferences)"
        refuse(Refusal(made.line, title, reason))
        return None
    try:
        found = datetime.date(
            int(match["y"] or match["fy"]), int(match["m"] or match["fm"]), int(match["d"] or match["fd"])
        )
    except ValueError:
        refuse(Refusal(made.line, title, f"{text[:40]!r} is not in any calendar"))
        return None
    if not _EARLIEST <= found <= today:
        refuse(Refusal(made.line, title, f"{text[:40]!r} is before {_EARLIEST.year} or in the future"))
        return None
    return found


def _memory(made: _Parsed, columns: dict[str, _Column], text: str) -> int | None:
    """Bytes of `8192` (MiB, as GLPI counts), `16 Go`, or several of them. Anything else is left unknown."""
    total = 0
    for part in text.split(" / ") if text else ():
        match = _MEMORY.fullmatch(part)
        if match is None:
            made.remarks.append(Refusal(made.line, columns["memory"].title, f"{part[:40]!r} is no size"))
            return None
        giga = (match[2] or "m")[0].casefold() == "g"
        total += int(match[1]) * (1024**3 if giga else 1024**2)
    return total or None
