"""`jauge check` and `jauge schema`: the estate as a file."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from inventory.checking import Check
from inventory.checking import check as read
from inventory.credentials import SecretMissingError, secrets
from inventory.estate import Estate
from jauge.verbs.common import PROBLEM, EstatePath, console, plainly, verbatim


def check(estate: EstatePath) -> None:
    """Check an estate: every error and warning, with file, line and column."""
    found = inspect(estate)
    for problem in found.problems:
        console.print(verbatim(str(problem)))
    if found.estate is None:
        console.print(f"{len(found.errors)} errors, {len(found.warnings)} warnings")
        raise typer.Exit(PROBLEM)
    plainly(f"{estate}: {len(found.estate.targets)} targets, no errors, {len(found.warnings)} warnings\n")


def schema() -> None:
    """Print the JSON Schema of an estate, for editors."""
    plainly(json.dumps(Estate.model_json_schema(), indent=2) + "\n")


def inspect(path: Path) -> Check:
    """All that can be said of an estate without sending a packet."""
    found = read(path)
    if found.estate is not None:
        _families(found, found.estate)
        _secrets(found, found.estate)
    if found.errors:
        found.estate = None
    return found


def _families(found: Check, estate: Estate) -> None:
    """Packages that cannot be used, and names of families and commands that do not exist."""
    from collectors import packages  # noqa: PLC0415 - httpx and the families cost half a second
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
    families, interfaces, groups = catalogue.families, Families(catalogue.interfaces), catalogue.groups
    for index, target in enumerate(estate.targets):
        at = ("targets", index)
        if target.snmp and target.snmp.family and target.snmp.family not in families:
            message = f"there is no family {target.snmp.family}: {', '.join(families)}"
            found.error(message, *at, "snmp", "family")
        if target.http and target.http.family not in interfaces:
            message = f"nothing is known of {target.http.family} over HTTP: {', '.join(interfaces)}"
            found.error(message, *at, "http", "family")
        for position, command in enumerate(target.ssh.commands if target.ssh else ()):
            if command not in groups:
                message = f"there is no command {command}: {', '.join(groups)}"
                found.error(message, *at, "ssh", "commands", position)


def _secrets(found: Check, estate: Estate) -> None:
    """Secrets that cannot be read here: a warning, as the check may run on another machine."""
    for name, credential in estate.credentials.items():
        for dotted, secret in secrets(credential).items():
            try:
                secret.reveal()
            except SecretMissingError as error:
                found.warn(str(error), "credentials", name, *dotted.split("."))
