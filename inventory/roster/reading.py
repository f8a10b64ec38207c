"""Reading a list of devices, whatever wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from inventory.imports import ImportFailedError
from inventory.roster import documents, tables
from inventory.roster.entries import Roster
from inventory.roster.rules import Mapping

SourceName = Literal["csv", "glpi", "netbox", "prometheus"]
SOURCES: Final[dict[SourceName, str]] = {
    "csv": "a CSV or XLSX of your own",
    "glpi": "GLPI: the CSV of a list, or the JSON of its REST interface",
    "netbox": "NetBox: the CSV of devices, or the JSON of /api/dcim/devices/",
    "prometheus": "Prometheus: file_sd, JSON or YAML",
}


def read(path: Path, mapping: Mapping, source: SourceName | None = None) -> Roster:
    """What a list says. Raises ImportFailedError for a file that cannot be read; entries may raise it too, further down."""
    if not path.is_file():
        raise ImportFailedError(f"cannot read {path}: it is no file")
    if path.suffix.lower() in (".yml", ".yaml"):
        return documents.read_sd(path)
    if documents.is_json(path):
        return documents.read_json(path)
    if source == "prometheus":
        return documents.read_sd(path)
    return tables.read(path, source, mapping.columns)
