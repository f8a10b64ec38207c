"""Lists that are tables: CSV or XLSX of GLPI, of NetBox, or of anybody."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

from inventory.imports import ImportFailedError, delimited
from inventory.imports.reasons import say
from inventory.imports.sheets import Row, Sheet, plain
from inventory.imports.values import RefusedError
from inventory.roster.entries import Entry, Field, Remark, Roster, Spot

TableName = Literal["csv", "glpi", "netbox"]

_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)


class Table(NamedTuple):
    """How a program writes its table. Of several columns for one field the first that is filled counts."""

    title: str
    documented: str
    fields: Mapping[Field, tuple[str, ...]]
    marks: tuple[str, ...]
    """Titles that tell it from others."""
    in_service: frozenset[str] = frozenset()
    html: bool = False


_NETWORKS: Final = (
    "Réseau", "Networking", "Network", "Port réseau", "Ports réseau", "Network port", "Network ports",
)  # fmt: skip
"""What GLPI puts before the title of a column of ports, by version and language."""

TABLES: Final[Mapping[TableName, Table]] = {
    "netbox": Table(
        title="NetBox, the list of devices",
        documented="https://github.com/netbox-community/netbox/blob/main/netbox/dcim/tables/devices.py",
        fields={
            "name": ("Name",),
            "address": ("IP Address", "IPv4 Address", "IPv6 Address", "primary_ip", "primary_ip4", "primary_ip6"),
            "site": ("Site",),
            "role": ("Role", "Device Role", "device_role"),
            "service": ("Tenant",),
            "maker": ("Manufacturer",),
            "model": ("Type", "Device Type", "device_type"),
            "platform": ("Platform",),
            "status": ("Status",),
        },
        marks=("IP Address", "IPv4 Address", "IPv6 Address", "Rack", "Tenant", "Device Type", "Device Role", "device_role",
               "device_type", "primary_ip4", "Tenant Group", "Virtual Chassis", "Asset Tag"),
        in_service=frozenset({"active", "failed"}),
    ),
    "glpi": Table(
        title="GLPI, the list of network devices or computers",
        documented="https://github.com/glpi-project/glpi/blob/main/src/NetworkEquipment.php",
        fields={
            "name": ("Nom", "Name"),
            "address": ("IP", *(f"{group} - IP" for group in _NETWORKS), "Adresse IP", "IP address"),
            "site": ("Lieu", "Location"),
            "kind": ("Type",),
            "service": ("Groupe technique", "Technical group", "Group in charge of the hardware", "Groupe", "Group"),
            "maker": ("Fabricant", "Manufacturer"),
            "model": ("Modèle", "Model"),
            "platform": ("Système d'exploitation - Nom", "Operating system - Name", "Système d'exploitation", "Operating system"),
            "status": ("Statut", "Status"),
        },
        marks=("Entité", "Entity", "Lieu", "Location", "Statut", "Modèle", "Model", "Fabricant", "Numéro de série", "Serial number",
               *(f"{group} - IP" for group in _NETWORKS), "Numéro d'inventaire", "Inventory number", "Nom",
               "Dernière modification", "Last update"),
        html=True,
    ),
    "csv": Table(
        title="a table of your own",
        documented="docs/bringing-in.md",
        fields={
            "name": ("name", "nom", "hostname", "host", "target", "cible", "machine", "device", "équipement"),
            "address": ("address", "adresse", "ip", "ip address", "adresse ip", "fqdn"),
            "port": ("port",),
            "site": ("site", "location", "lieu"),
            "role": ("role", "rôle", "usage"),
            "service": ("service", "group", "groupe"),
            "directorate": ("directorate", "direction"),
            "maker": ("maker", "manufacturer", "fabricant", "vendor", "constructeur"),
            "model": ("model", "modèle"),
            "kind": ("kind", "type"),
            "platform": ("platform", "os", "système"),
            "status": ("status", "state", "statut", "état"),
            "family": ("family", "famille"),
            "credential": ("credential", "identifiant d'accès"),
        },
        marks=("family", "credential", "address", "hostname"),
    ),
}  # fmt: skip


def read(path: Path, source: TableName | None, own: Mapping[Field, tuple[str, ...]]) -> Roster:
    """A table of devices, by its titles or as `source` says; `own` titles come before those that are known.

    Raises ImportFailedError where it is no table, or has no column for the name.
    """
    sheet = _sheet(path, own)
    chosen = TABLES[source] if source else _recognised(sheet.titles, own)
    columns = _columns(sheet, {**chosen.fields, **own}, path)
    if "name" not in columns and "address" not in columns:
        titles = ", ".join(chosen.fields["name"])
        raise ImportFailedError(
            f"no column is a name or an address: call one {titles}, or say which in a mapping (columns)",
            f"{path}:{sheet.line}",
        )
    used = {position for positions in columns.values() for position in positions}
    ignored = [title for number, title in enumerate(sheet.titles) if title and number not in used]
    entries = _Reader(path, sheet, chosen, columns).entries()
    return Roster(chosen.title, entries, chosen.in_service, ignored)


def _sheet(path: Path, own: Mapping[Field, tuple[str, ...]]) -> Sheet:
    every = [*own.values(), *(titles for table in TABLES.values() for titles in table.fields.values())]
    known = {plain(title) for titles in every for title in titles}
    if delimited.is_delimited(path):
        return delimited.read(path, lambda title: plain(title) in known)
    from inventory.imports import xlsx  # noqa: PLC0415 - openpyxl costs a quarter of a second

    return xlsx.read(path, lambda title: plain(title) in known, None)


def _recognised(titles: list[str], own: Mapping[Field, tuple[str, ...]]) -> Table:
    """The program whose titles these are: the most marks. A table of one's own where none has two, or a mapping says its columns."""
    if own:
        return TABLES["csv"]
    found = set(map(plain, titles))
    marked = {name: sum(plain(mark) in found for mark in table.marks) for name, table in TABLES.items()}
    best: TableName = "netbox" if marked["netbox"] > marked["glpi"] else "glpi"
    return TABLES[best] if marked[best] >= 2 and marked[best] > marked["csv"] else TABLES["csv"]


def _columns(
    sheet: Sheet, fields: Mapping[Field, tuple[str, ...]], path: Path
) -> dict[Field, tuple[int, ...]]:
    """Where each field stands, in the order in which its columns count."""
    places: dict[str, int] = {}
    for number, title in enumerate(map(plain, sheet.titles)):
        if title and title in places and any(title in map(plain, names) for names in fields.values()):
            raise ImportFailedError(
                say("file.twice", first=title, second=sheet.titles[number]), f"{path}:{sheet.line}"
            )
        places.setdefault(title, number)
    found = {
        field: tuple(places[plain(title)] for title in titles if plain(title) in places)
        for field, titles in fields.items()
    }
    return {field: positions for field, positions in found.items() if positions}


class _Reader:
    """Makes entries of rows."""

    def __init__(
        self, path: Path, sheet: Sheet, table: Table, columns: Mapping[Field, tuple[int, ...]]
    ) -> None:
        self.path, self.sheet, self.table, self.columns = path, sheet, table, columns
        self.titles = {field: sheet.titles[positions[0]] for field, positions in columns.items()}

    def entries(self) -> Iterator[Entry | Remark]:
        """An entry for each row, or why there is none. Raises ImportFailedError where the file ends being a table."""
        for row in self.sheet.rows:
            if row.cells != self.sheet.titles and any(cell.strip() for cell in row.cells):
                yield self._entry(row)

    def _entry(self, row: Row) -> Entry | Remark:
        width, cells = len(self.sheet.titles), row.cells
        spot = Spot(str(self.path), row.line)
        if len(cells) < width - 1 or any(cell.strip() for cell in cells[width:]):
            return Remark(spot, str(say("row.width", cells=len(cells), titles=width)))
        cells = [*cells, ""]
        said: dict[Field, str] = {}
        titles = dict(self.titles)
        for field, positions in self.columns.items():
            for position in positions:
                try:
                    text = self._text(cells[position])
                except RefusedError as error:
                    return Remark(spot._replace(column=self.sheet.titles[position]), str(error.reason))
                if text:
                    said[field], titles[field] = text, self.sheet.titles[position]
                    break
        return Entry(spot, said, titles)

    def _text(self, cell: str) -> str:
        if self.sheet.mend is not None:
            cell = self.sheet.mend(cell)
        if self.table.html:  # pages and CSV are written by the same code there
            cell = html.unescape(_BREAK.sub("\n", cell))
        return cell.strip()
