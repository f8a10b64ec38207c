"""`jauge inventory import`: workstations from an inventory made elsewhere."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inventory.imports import ImportFailedError
from inventory.state.schema import StateError
from jauge.verbs.access import state_of
from jauge.verbs.common import PROBLEM, DataPath, console, finite, plainly, told, user

if TYPE_CHECKING:
    from inventory.imports.preview import Preview
    from inventory.imports.reading import Progress
    from inventory.state import State

_IMPORTED = "Imported.\n"

inventory = typer.Typer(help="Workstations and their age.", no_args_is_help=True)


@inventory.command("import")
def import_workstations(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A CSV or XLSX export: GLPI, OCS Inventory, Lansweeper, Intune, Configuration Manager, Active Directory, "
            "or any with a mapping.",
            show_default=False,
        ),
    ],
    source: Annotated[
        str | None,
        typer.Option(
            help="What wrote the file (docs/inventory.md lists them); else its titles tell.",
            show_default=False,
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="A file that says which title means what (docs/inventory.md).", show_default=False),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(
            help="The sheet of a spreadsheet; else the one whose titles are known.", show_default=False
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, show what would change.")] = False,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="Import without the rows that are refused; their machines stay as they are known.",
        ),
    ] = False,
    supplement: Annotated[
        bool,
        typer.Option(
            "--supplement",
            help="The file completes what is known: machines that it does not name stay, empty cells change nothing.",
        ),
    ] = False,
    users: Annotated[bool, typer.Option("--users", help="Keep the names of users too.")] = False,
    day: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day that the file is of, to import old exports, oldest first; today when left out.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the preview as JSON.")] = False,
    estate: Annotated[Path, typer.Option(help="The estate, for the place of its data.")] = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Show what an export changes, and with --yes take it over: all of it, or nothing."""
    from inventory.imports.reading import Asked, read  # noqa: PLC0415 - pandas costs half a second

    if source is not None and mapping is not None:
        raise typer.BadParameter("a mapping says what the file is: leave --source out", param_hint="--source")
    state = state_of(estate, data)
    asked = Asked(source, mapping, sheet, users=users, supplement=supplement)
    at, today = _moment(day)
    with (
        told(ImportFailedError, StateError),
        _progress(file) as progress,
        read(state, file, today, asked, progress) as found,
    ):
        shown = {**found.document(), "imported": False} if as_json else {}
        lines = "" if as_json else "".join(f"{text}\n" for text in found.lines())
        done = _take(state, found, at, yes=yes, partial=partial)
        if as_json:
            shown["imported"] = done == _IMPORTED
            plainly(json.dumps(finite(shown), indent=2, ensure_ascii=False) + "\n")
        else:
            plainly(lines + done)
        refused = len(found.refused)
    if refused:
        raise typer.Exit(PROBLEM)


def _moment(day: dt.datetime | None) -> tuple[float | None, dt.date]:
    """When the file is of (UTC epoch seconds; None is now), and the day that its dates are held against."""
    today = dt.datetime.now(dt.UTC).astimezone().date()
    if day is None:
        return None, today
    if day.date() > today:
        raise typer.BadParameter("a file of the future has not been written", param_hint="--day")
    return day.astimezone().timestamp(), day.date()


def _take(state: State, found: Preview, at: float | None, *, yes: bool, partial: bool) -> str:
    """Do what was asked for, and say so."""
    from inventory.imports import snapshots  # noqa: PLC0415 - as above

    if not yes:
        return "Nothing was changed: add --yes to import.\n"
    if len(found.refused) and not partial:
        return "Nothing was imported: correct the refused rows, or add --partial to import without them.\n"
    if not found.changes:
        return "Nothing to change.\n"
    snapshots.commit(state, found, user(), "command line", partial=partial, at=at)
    return _IMPORTED


_LARGE = 4 * 1024 * 1024
"""Bytes of a file from which on people are told how far it was read."""


@contextlib.contextmanager
def _progress(file: Path) -> Iterator[Progress | None]:
    """A bar on a terminal, while a large file is read."""
    if not console.is_terminal or not file.is_file() or file.stat().st_size < _LARGE:
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - for large files only

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=1.0, rows=0)
        yield lambda share, rows: bar.update(task, completed=share, rows=rows)
