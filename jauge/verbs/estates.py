"""`jauge check` and `jauge schema`: the estate as a file."""

from __future__ import annotations

import difflib
import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from inventory.checking import Check
from inventory.checking import check as read
from inventory.credentials import SecretMissingError, secrets
from inventory.estate import Estate, Target
from inventory.places import Problem
from jauge.verbs.common import PROBLEM, EstatePath, console, plainly, verbatim

SECTIONS: Final = ("restic", "borg", "rsnapshot", "proxmox_backup")
"""What is read over SSH by a section of its own, and not by a command of that name."""

NEAR: Final = 3
"""Names that are offered in place of one that leads nowhere."""


def check(
    estate: EstatePath,
    web: Annotated[
        Path | None,
        typer.Option(
            "--web.config.file",
            metavar="FILE",
            help="Check the web configuration of the exporter, too (docs/prometheus.md).",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Check an estate: every error and warning, with file, line and column."""
    found = inspect(estate)
    if web is not None:
        found.problems += _doors(web)
    for problem in found.problems:
        console.print(verbatim(str(problem)))
    if found.errors:
        console.print(f"{_count(len(found.errors), 'error')}, {_count(len(found.warnings), 'warning')}")
        raise typer.Exit(PROBLEM)
    targets = _count(len(found.estate.targets) if found.estate is not None else 0, "target")
    plainly(f"{estate}: {targets}, no errors, {_count(len(found.warnings), 'warning')}\n")


def _doors(web: Path) -> list[Problem]:
    """What is wrong with a web configuration, or with the files that it names."""
    from exporters.web.config import WebConfigError  # noqa: PLC0415 - only who gives one needs it
    from exporters.web.door import rules  # noqa: PLC0415 - as above

    try:
        rules(web)
    except WebConfigError as error:
        return error.problems
    return []


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def schema() -> None:
    """Print the JSON Schema of an estate, for editors."""
    plainly(json.dumps(Estate.model_json_schema(), indent=2) + "\n")


def inspect(path: Path, drafts: Mapping[Path, str] | None = None) -> Check:
    """All that can be said of an estate without sending a packet; with texts of files that are not written yet."""
    found = read(path, drafts)
    if found.estate is not None:
        _families(found, found.estate)
        _secrets(found, found.estate)
        _logins(found, found.estate)
    if found.errors:
        found.estate = None
    return found


def _families(found: Check, estate: Estate) -> None:
    """Packages that cannot be used, and names of families and commands that do not exist."""
    if not estate.packages and not any(map(_names, estate.targets)):
        return
    from collectors import packages  # noqa: PLC0415 - httpx and all parsers cost a quarter of a second
    from collectors.catalogue import Catalogue  # noqa: PLC0415
    from collectors.http import Families  # noqa: PLC0415

    for index, folder in enumerate(estate.packages):
        if not Path(folder).is_dir():
            found.error(f"there is no folder {folder}", "packages", index)
    declared, problems = packages.inspect([folder for folder in estate.packages if Path(folder).is_dir()])
    found.problems += problems
    if problems:
        return  # names may be missing for that alone
    catalogue = Catalogue(declared)
    families, groups = catalogue.names, frozenset(catalogue.groups)
    interfaces = frozenset(Families(catalogue.interfaces))
    elsewhere = {
        "`family` over SNMP": families,
        "`family` under `http:`": interfaces,
        "one of `commands` under `ssh:`": groups,
        "a section under `ssh:`": frozenset(SECTIONS),
    }
    for index, target in enumerate(estate.targets):
        at = ("targets", index)
        if target.snmp and target.snmp.family and target.snmp.family not in families:
            said = _unknown(
                f"there is no family {target.snmp.family}", target.snmp.family, families, elsewhere
            )
            # where a target names it in short, there is no section
            found.error(said, *at, *(("snmp",) if found.holds(*at, "snmp") else ()), "family")
        if target.http and target.http.family not in interfaces:
            name = target.http.family
            said = _unknown(f"nothing is known of {name} over HTTP", name, interfaces, elsewhere)
            found.error(said, *at, "http", "family")
        for position, command in enumerate(target.ssh.commands if target.ssh else ()):
            if command not in groups:
                said = _unknown(f"there is no command {command}", command, groups, elsewhere)
                found.error(said, *at, "ssh", "commands", position)


def _names(target: Target) -> bool:
    """Whether a target names a family, an interface or a command: what is read by itself has no name to be looked up."""
    commands = target.ssh is not None and "commands" in target.ssh.model_fields_set
    return bool((target.snmp and target.snmp.family) or target.http or commands)


def _unknown(said: str, name: str, known: frozenset[str], elsewhere: Mapping[str, frozenset[str]]) -> str:
    """That a name leads nowhere, with where it would, the names that are like it, or where all of them are listed."""
    place = next((place for place, names in elsewhere.items() if name in names), None)
    # a maker's name alone is like those of all its systems
    near = sorted(other for other in known if name in other.split("-"))[:NEAR]
    if place is None and not near:
        near = difflib.get_close_matches(name, sorted(known), NEAR)
    hints = [f"{name} is {place}"] if place else []
    hints += [f"did you mean {' or '.join(near)}?"] if near else []
    return f"{said}: {'; '.join(hints) or 'docs/families.md lists them all'}"


def _secrets(found: Check, estate: Estate) -> None:
    """Secrets that cannot be read here: a warning, as the check may run on another machine."""
    for name, credential in estate.credentials.items():
        for dotted, secret in secrets(credential).items():
            try:
                secret.reveal()
            except SecretMissingError as error:
                found.warn(str(error), "credentials", name, *dotted.split("."))


def _logins(found: Check, estate: Estate) -> None:
    """What logins need of this machine: warnings, as the check may run on another one."""
    for way, section in (("oidc", estate.access.oidc), ("ldap", estate.access.ldap)):
        if section is not None and section.ca is not None and not Path(section.ca).is_file():
            found.warn(f"there is no file {section.ca}", "access", way, "ca")
    if estate.access.ldap is not None and importlib.util.find_spec("ldap") is None:
        found.warn(
            "logins by LDAP need python-ldap, which is not installed: run `make ldap`", "access", "ldap"
        )
