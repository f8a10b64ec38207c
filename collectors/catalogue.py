"""The catalogue: everything that can be read, and how. What Jauge ships, and what the packages of a site add to it.

It is a value that pollers are given and nothing changes: an estate that is read again makes a new one. Each part is read
when it is asked for, as an estate that is polled over SSH alone needs no device.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from collectors import device
from collectors.packages import NONE, Kind, Packages
from inventory.places import Place, Problem

if TYPE_CHECKING:
    from collectors.api import ApiFile
    from collectors.commands import Command
    from collectors.device import Family


class Catalogue:
    """Families, commands and interfaces by name. A name is given once: a package never stands in for what is shipped."""

    def __init__(self, packages: Packages = NONE) -> None:
        self.packages = packages

    @functools.cached_property
    def families(self) -> Mapping[str, Family]:
        """Families over SNMP, makers before standards."""
        if not self.packages.families:
            return device.families()
        return device.ordered({**device.families(), **self.packages.families})

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """The names of families over SNMP. Those that Jauge ships need not be read for it."""
        return device.names() | self.packages.families.keys()

    @functools.cached_property
    def subtrees(self) -> frozenset[str]:
        """Subtrees that families are told by: whether an agent has objects below them."""
        rules = [rule for family in self.families.values() for rule in family.signs]
        return frozenset(oid for rule in rules for oid in (rule.subtree, rule.lacks) if oid)

    @functools.cached_property
    def commands(self) -> Mapping[str, Command]:
        """Commands over SSH."""
        from collectors import commands  # noqa: PLC0415 - every parser: only SSH needs them

        if not self.packages.systems:
            return commands.COMMANDS
        return {**commands.COMMANDS, **commands.declared(self.packages.systems)}

    @functools.cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """The commands of each name that `ssh.commands` may hold."""
        from collectors import commands  # noqa: PLC0415

        if not self.packages.systems:
            return commands.GROUPS
        names = {name: (name,) for system in self.packages.systems.values() for name in system.commands}
        systems = {name: tuple(system.commands) for name, system in self.packages.systems.items()}
        return {**commands.GROUPS, **names, **systems}

    @functools.cached_property
    def interfaces(self) -> Mapping[str, ApiFile]:
        """Interfaces over HTTP that are declared in files."""
        from collectors.api import INTERFACES  # noqa: PLC0415 - only HTTP needs them

        return INTERFACES.beside(self.packages.interfaces) if self.packages.interfaces else INTERFACES

    def origin(self, kind: Kind, name: str) -> str:
        """Where a name is declared, for people: a file of the site, or Jauge itself."""
        return self.packages.file(kind, name) or "Jauge"

    def source(self, command: str) -> str:
        """Where a command, or a name for several, is declared."""
        for name, system in self.packages.systems.items():
            if command == name or command in system.commands:
                return self.packages.file("commands", name)
        return "Jauge"


SHIPPED: Final = Catalogue()
"""What Jauge ships, and nothing else."""


def clashes(packages: Packages) -> Iterator[Problem]:
    """What packages call as something else is called, and families that they name and nobody declares."""
    yield from _families(packages)
    yield from _commands(packages)
    for name in packages.interfaces:
        if name in SHIPPED.interfaces or name == "orthanc":
            yield _taken(packages, "apis", name, "an interface")


def _families(packages: Packages) -> Iterator[Problem]:
    if not packages.families:
        return
    shipped = SHIPPED.families
    owners = {table.name: name for name, family in shipped.items() for table in family.named}
    known = {*shipped, *packages.families}
    for name, family in packages.families.items():
        place = Place(packages.file("devices", name), 1, 1)
        if name in shipped:
            yield _taken(packages, "devices", name, "a family")
            continue
        for other in family.also:
            if other not in known:
                yield Problem(place, f"also: there is no family {other}")
        for table in dict.fromkeys(table.name for table in family.named):
            owner = owners.setdefault(table, name)
            if owner != name:
                message = f"the family {owner} has a table {table} too: choose another name"
                yield Problem(place, message)


def _commands(packages: Packages) -> Iterator[Problem]:
    if not packages.systems:
        return
    owners = dict.fromkeys((*SHIPPED.groups, *SHIPPED.commands), "Jauge")
    for name, system in packages.systems.items():
        place = Place(packages.file("commands", name), 1, 1)
        for word in dict.fromkeys((name, *system.commands)):
            owner = owners.setdefault(word, name)
            if owner == "Jauge":
                yield Problem(place, f"Jauge has a command {word} already: choose another name")
            elif owner != name:
                yield Problem(place, f"{owner} has a command {word} too: choose another name")


def _taken(packages: Packages, kind: Kind, name: str, what: str) -> Problem:
    message = (
        f"Jauge has {what} {name} already: give this file another name, such as that of the site before it"
    )
    return Problem(Place(packages.file(kind, name), 1, 1), message)
