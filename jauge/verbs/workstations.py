"""`jauge inventory import`: workstations from an inventory made elsewhere."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from inventory.imports import ImportFailedError
from inventory.state.schema import StateError
from jauge.verbs import lifecycle
from jauge.verbs.access import state_of
from jauge.verbs.common import PROBLEM, DataPath, plainly, told, user

inventory = typer.Typer(
    help="Workstations: their age, what is out of support, what may run Windows 11.", no_args_is_help=True
)


@inventory.command("import")
def import_workstations(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="A CSV export of GLPI.", show_default=False)
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, show what would change.")] = False,
    users: Annotated[bool, typer.Option("--users", help="Keep the names of users too.")] = False,
    estate: Annotated[Path, typer.Option(help="The estate, for the place of its data.")] = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Show what an export changes, and with --yes take it over: all of it, or nothing."""
    from inventory.imports import glpi, snapshots  # noqa: PLC0415 - pandas costs half a second

    state = state_of(estate, data)
    with told(ImportFailedError, StateError):
        preview = glpi.preview(state, file, dt.datetime.now(dt.UTC).astimezone().date(), users)
        plainly("".join(f"{text}\n" for text in preview.lines()))
        if not yes:
            plainly("Nothing was changed: add --yes to import.\n")
        elif preview.changes:
            snapshots.commit(state, preview, user(), "command line")
            plainly("Imported.\n")
        else:
            plainly("Nothing to change.\n")
    if preview.refused:
        raise typer.Exit(PROBLEM)


lifecycle.register(inventory)
