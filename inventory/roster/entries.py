"""What a list says of one device, and where it says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

Field = Literal[
    "name", "address", "port", "site", "role", "service", "directorate", "maker", "model", "kind", "platform",
    "status", "family", "credential",
]  # fmt: skip

FIELDS: Final[Mapping[Field, str]] = {
    "name": "name of the device: its target's name, without accents and spaces",
    "address": "IP address or name to ask it at; a prefix length is left out",
    "port": "port, where the list says one",
    "site": "place, kept as a site of the estate",
    "role": "what it is for; the kind where the list says no role",
    "service": "service, group or tenant",
    "directorate": "who pays for it",
    "maker": "manufacturer, for rules alone",
    "model": "model, for rules alone",
    "kind": "kind of device, or job: for rules, and for the role",
    "platform": "operating system, for rules alone",
    "status": "state of the device: what is not in service is left out",
    "family": "device family of Jauge, where the list says it by that name",
    "credential": "name of a credential of the estate; never a secret",
}
"""What of a device is read, and what becomes of it."""


class Spot(NamedTuple):
    """Where something stands in a list: 1-based line, and a column's number or title."""

    file: str
    line: int
    column: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" + (f":{self.column}" if self.column else "")


class Remark(NamedTuple):
    """What is said of a place of a list."""

    spot: Spot
    text: str

    def __str__(self) -> str:
        return f"{self.spot}: {self.text}"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One device: what the list says of it, as texts by field; what it does not say is absent."""

    spot: Spot
    said: Mapping[Field, str]
    columns: Mapping[Field, str] = dataclasses.field(default_factory=dict)
    """Titles of a table's columns, to point at one."""

    def at(self, field: Field) -> Spot:
        """Where the list says that of it."""
        return self.spot._replace(column=self.columns.get(field, self.spot.column))


@dataclasses.dataclass
class Roster:
    """A list: its entries, or what is wrong with some. `entries` can be gone through once, and may raise ImportFailedError."""

    title: str
    entries: Iterator[Entry | Remark]
    in_service: frozenset[str] = frozenset()
    """States of devices that are in service, in lower case; any where there is none."""
    ignored: list[str] = dataclasses.field(default_factory=list)
    """What it says that means nothing here: titles of columns, labels."""
