"""Device families over SNMP: one declarative file each, in `devices/`. This module says what such a file may hold."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from collectors.extends import Extend
from collectors.files import DeclaredError, load_file
from collectors.proof import Proof
from collectors.snmp.oid import Oid, encode
from collectors.tables import Column, Dotted, Pattern, Table
from inventory.credentials import Model

DEVICES: Final = Path(__file__).parent / "devices"


class Detect(Model):
    """How a family is recognised. What is given must all hold."""

    object_id: tuple[Dotted, ...] = Field((), description="sysObjectID is one of these, or below one.")
    describes: Pattern | None = Field(None, description="sysDescr holds this regular expression.")
    subtree: Dotted | None = Field(None, description="The agent has objects below this one.")
    lacks: Dotted | None = Field(None, description="The agent has no objects below this one.")

    @model_validator(mode="after")
    def _something(self) -> Detect:
        if not (self.object_id or self.describes or self.subtree):
            raise ValueError("give object_id, describes or subtree")
        return self


def _count(given: Any) -> str:
    """Whether one sign is meant or several, so that what is wrong is said of this form only."""
    return "one" if isinstance(given, dict | Detect) else "several"


Detects = Annotated[
    Annotated[Detect, Tag("one")] | Annotated[tuple[Detect, ...], Tag("several")], Discriminator(_count)
]


class Fact(Model):
    """What a device says that it is, in an object of its own: the first row of a column, or a scalar."""

    column: Dotted | None = None
    scalar: Dotted | None = None
    only: dict[Dotted, Pattern] = Field(
        default_factory=dict, description="The first row whose column matches, where a column has several."
    )
    parts: tuple[Dotted, ...] = Field(
        (), description="Further objects, of the same row: they are written after it, with dots between."
    )
    pattern: Pattern | None = Field(None, description="Keep only what group 1 of this matches.")
    states: dict[int, str] = Field(default_factory=dict, description="Names for the numbers of the object.")
    holds: dict[Pattern, str] = Field(
        default_factory=dict, description="Names by what any row holds: the first of which one does."
    )

    @model_validator(mode="after")
    def _source(self) -> Fact:
        if (self.column is None) == (self.scalar is None):
            raise ValueError("give column or scalar")
        if self.only and self.column is None:
            raise ValueError("only: a scalar has no rows to choose from")
        if self.holds and (self.column is None or self.states or self.pattern):
            raise ValueError("holds: for a column, without states and pattern")
        return self

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects that it is made of, the first one first."""
        return (self.column or self.scalar or "", *self.parts)


def _told(given: Any) -> str:
    """Which form of naming is meant, so that what is wrong is said of this form only."""
    if isinstance(given, Fact) or (isinstance(given, dict) and given.keys() & {"column", "scalar"}):
        return Fact.__name__
    return "titles" if isinstance(given, dict) else "pattern"


def _each(given: Any) -> Any:
    """What is given once, as a list of one."""
    return given if isinstance(given, list | tuple) else (() if given is None else (given,))


Titles = Annotated[dict[Pattern, str], Tag("titles")]
Named = Annotated[Annotated[Fact, Tag(Fact.__name__)] | Titles, Discriminator(_told)]
"""What a device is called: an object, or names by what sysDescr holds."""

Numbered = Annotated[
    Annotated[Fact, Tag(Fact.__name__)] | Annotated[Pattern, Tag("pattern")], Discriminator(_told)
]
"""What release a device has: an object, or group 1 of a pattern in sysDescr."""


class TableFile(Table):
    """A table, or a group of scalars, of a device."""

    oid: Dotted | None = Field(None, description="The table's entry; a group of scalars has none.")

    @property
    def grouped(self) -> bool:
        return self.oid is None

    def column(self, column: Column) -> Oid:
        """The root of a column."""
        if isinstance(column, int) and self.oid is None:
            raise ValueError("a column needs the table's oid")
        return encode(column if isinstance(column, str) else f"{self.oid}.{column}")

    def scalar(self, scalar: str) -> Oid:
        """The name of an object."""
        return encode(scalar)


class Family(Model):
    """How a kind of device is read: one file."""

    title: str
    detect: Detects = Field(description="How it is recognised: what is given must all hold; of a list, one.")
    also: tuple[str, ...] = Field((), description="Families that are read beside, where this one is named.")
    standard: bool = Field(False, description="A standard MIB, not a maker: it does not name the device.")
    rank: int = Field(50, description="Of several families of a kind, the lowest rank names the device.")
    product: Annotated[tuple[Named, ...], BeforeValidator(_each)] = Field(
        (),
        description="Names by what sysDescr holds, or the object that names it. Of a list, the first; objects before sysDescr.",
    )
    version: Annotated[tuple[Numbered, ...], BeforeValidator(_each)] = Field(
        (),
        description="Group 1 is the version, in sysDescr; or the object that names it. Of a list likewise.",
    )
    unproven: str | None = Field(
        None, description="What would prove it, where no answer of a real one was read."
    )
    unversioned: str | None = Field(None, description="Why it tells no version, where nothing of it does.")
    proven: Proof | None = Field(None, description="What it was held against.")
    clock: Dotted | None = Field(
        None, description="Scalar of the device's own time, a DateAndTime (RFC 2579)."
    )
    tables: tuple[TableFile, ...] = ()
    extends: tuple[Extend, ...] = Field(
        (), description="Scripts that a net-snmp agent may run, which print JSON, and its tables."
    )

    @property
    def named(self) -> tuple[Table, ...]:
        """All its tables: of objects, and of documents."""
        return (*self.tables, *(table for extend in self.extends for table in extend.tables))

    @property
    def signs(self) -> tuple[Detect, ...]:
        """What it is recognised by: one of these must hold."""
        return (self.detect,) if isinstance(self.detect, Detect) else self.detect


def load(path: Path) -> Family:
    """Read one device file. Raises DeclaredError with file, line and column of all that is wrong."""
    return load_file(path, Family)


def names() -> frozenset[str]:
    """The names of the families that Jauge ships: no file is read."""
    return frozenset(path.stem for path in DEVICES.glob("*.yml"))


@functools.cache
def families() -> dict[str, Family]:
    """The families that Jauge ships, by rank and name; makers before standards, so that they win."""
    found = {path.stem: load(path) for path in sorted(DEVICES.glob("*.yml"))}
    for name, family in found.items():
        for other in family.also:
            if other not in found:
                raise DeclaredError(f"{DEVICES / name}.yml: there is no family {other}")
    _check_names(found)
    return ordered(found)


def ordered(found: dict[str, Family]) -> dict[str, Family]:
    """Families by rank and name, makers before standards."""
    return dict(sorted(found.items(), key=lambda item: (item[1].standard, item[1].rank, item[0])))


def _check_names(found: dict[str, Family]) -> None:
    """Raise DeclaredError where two families call a table the same: one device may be read as both."""
    owners: dict[str, str] = {}
    for name, family in found.items():
        for table in family.named:
            other = owners.setdefault(table.name, name)
            if other != name:
                raise DeclaredError(
                    f"{DEVICES / name}.yml: the family {other} has a table {table.name} too: choose another name"
                )
