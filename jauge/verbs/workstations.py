"""`jauge inventory`: workstations from an inventory made elsewhere, a file or a GLPI."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inventory.imports import ImportFailedError
from inventory.people import PeopleError
from inventory.state.schema import StateError
from jauge.verbs import care, exports, fleet, lifecycle, people, survival
from jauge.verbs.access import state_of
from jauge.verbs.common import (
    PROBLEM,
    DataPath,
    any_estate,
    console,
    estate_of,
    finite,
    plainly,
    told,
    user,
    warn,
)
from jauge.verbs.listing import bounded, today_of, zone_of

if TYPE_CHECKING:
    from collectors.glpi import Account
    from inventory.credentials import Credential, HttpLogin
    from inventory.estate import HttpAccess
    from inventory.imports.preview import Preview
    from inventory.imports.reading import Progress
    from inventory.imports.rows import Person
    from inventory.state import State

_IMPORTED = "Imported.\n"

inventory = typer.Typer(
    help="Workstations: their age, what is out of support, what may run Windows 11.", no_args_is_help=True
)


Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it, show what would change.")]
Partial = Annotated[
    bool,
    typer.Option(
        "--partial", help="Import without the rows that are refused; their machines stay as they are known."
    ),
]
Supplement = Annotated[
    bool,
    typer.Option(
        "--supplement",
        help="It completes what is known: machines that it does not name stay, empty cells change nothing.",
    ),
]
Users = Annotated[
    bool,
    typer.Option(
        "--users", help="Keep users too, by name or as pseudonyms, as the estate says (workstations: people)."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the preview as JSON.")]
EstateOption = Annotated[Path, typer.Option(help="The estate, for the place of its data.")]


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
    yes: Yes = False,
    partial: Partial = False,
    supplement: Supplement = False,
    users: Users = False,
    day: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day that the file is of, to import old exports, oldest first; today when left out.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Show what an export changes, and with --yes take it over: all of it, or nothing."""
    from inventory.imports.reading import Asked, read  # noqa: PLC0415 - pandas costs half a second
    from inventory.imports.source import shipped  # noqa: PLC0415 - as above

    if source is not None and mapping is not None:
        raise typer.BadParameter("a mapping says what the file is: leave --source out", param_hint="--source")
    if source is not None and source not in shipped():
        raise typer.BadParameter(
            f"there is no {source!r}: one of {', '.join(shipped())}", param_hint="--source"
        )
    at, today = _moment(day, estate)
    state = state_of(estate, data)
    person = _person(state, estate) if users else str
    asked = Asked(source, mapping, sheet, users=users, supplement=supplement, person=person)
    with told(ImportFailedError, StateError), _progress(file) as progress:
        preview = read(state, file, today, asked, progress)
    _finish(state, preview, at, estate, yes=yes, partial=partial, as_json=as_json)


@inventory.command("fetch")
def fetch_workstations(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="GLPI's own address: https://glpi.example.org.", show_default=False
        ),
    ],
    credential: Annotated[
        str,
        typer.Option(
            help="HTTP credential of the estate: token (of a user of GLPI), or user and password.",
            show_default=False,
        ),
    ],
    app_credential: Annotated[
        str | None,
        typer.Option(
            help="HTTP credential of the estate whose token is that of the program, where GLPI wants one.",
            show_default=False,
        ),
    ] = None,
    ca: Annotated[
        str | None, typer.Option(help="Certificate authority of the server.", show_default=False)
    ] = None,
    yes: Yes = False,
    partial: Partial = False,
    supplement: Supplement = False,
    users: Users = False,
    as_json: AsJson = False,
    estate: Annotated[
        Path, typer.Option(help="The estate, for its credentials and the place of its data.")
    ] = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Show what the computers of a GLPI change, asked over its REST interface, and with --yes take them over."""
    from collectors import glpi  # noqa: PLC0415 - httpx, too
    from inventory.credentials import SecretMissingError  # noqa: PLC0415
    from inventory.imports.reading import Asked, hold  # noqa: PLC0415
    from inventory.imports.source import named  # noqa: PLC0415

    account = _account(estate_of(estate).credentials, credential, app_credential)
    access = _access(url, ca)
    state = state_of(estate, data)
    person = _person(state, estate) if users else str
    with told(ImportFailedError, SecretMissingError, StateError):
        found = asyncio.run(glpi.fetch(access, account, users=users))
        asked = Asked(users=users, supplement=supplement, person=person)
        preview = hold(state, found, named("glpi"), _moment(None, estate)[1], asked)
    _finish(state, preview, None, estate, yes=yes, partial=partial, as_json=as_json)


def _account(known: Mapping[str, Credential], credential: str, app_credential: str | None) -> Account:
    """Whom GLPI is asked as, by credentials of the estate."""
    from collectors.glpi import Account  # noqa: PLC0415 - httpx, too

    login = _login(known, credential, "--credential")
    app = _login(known, app_credential, "--app-credential").token if app_credential else None
    if app_credential and app is None:
        raise typer.BadParameter("this credential has no token", param_hint="--app-credential")
    return Account(login, app)


def _access(url: str, ca: str | None) -> HttpAccess:
    """The address of a GLPI."""
    from pydantic import ValidationError  # noqa: PLC0415 - for this verb alone

    from inventory.estate import HttpAccess  # noqa: PLC0415

    try:
        return HttpAccess(family="glpi", url=url, ca=ca)
    except ValidationError:
        raise typer.BadParameter(
            "give an address such as https://glpi.example.org", param_hint="URL"
        ) from None


def _login(known: Mapping[str, Credential], name: str, option: str) -> HttpLogin:
    """The HTTP login of that name."""
    found = getattr(known.get(name), "http", None)
    if found is None:
        names = ", ".join(one for one, credential in known.items() if hasattr(credential, "http")) or "none"
        raise typer.BadParameter(
            f"the estate has no HTTP credential {name}: it has {names}", param_hint=option
        )
    login: HttpLogin = found
    return login


def _finish(
    state: State,
    preview: Preview,
    at: float | None,
    estate: Path,
    *,
    yes: bool,
    partial: bool,
    as_json: bool,
) -> None:
    """Show a preview, do what was asked for, and end with the status that says whether rows were refused."""
    with told(ImportFailedError, StateError), preview as found:
        shown = {**found.document(), "imported": False} if as_json else {}
        lines = "" if as_json else "".join(f"{text}\n" for text in found.lines())
        done = _take(state, found, at, yes=yes, partial=partial)
        if as_json:
            shown["imported"] = done == _IMPORTED
            plainly(json.dumps(finite(shown), indent=2, ensure_ascii=False) + "\n")
        else:
            plainly(lines + done)
        refused = len(found.refused)
    if yes and estate.exists():  # without an estate nobody says that names may not be kept
        for problem in people.tidied(state, people.rules_of(estate), people.home_of(estate)).problems:
            warn(problem)
    if refused:
        raise typer.Exit(PROBLEM)


def _person(state: State, estate: Path) -> Person:
    """What is kept of each user, or the end of the command where nothing may be."""
    from inventory.people.importing import keeping  # noqa: PLC0415 - as above

    with told(PeopleError, StateError):
        return keeping(state, people.rules_of(estate), people.home_of(estate))


def _moment(day: dt.datetime | None, estate: Path) -> tuple[float | None, dt.date]:
    """When the file is of (UTC epoch seconds; None is now), and the day that its dates are held against, where the estate is."""
    found = any_estate(estate)
    today = today_of(found)
    if day is None:
        return None, today
    if bounded(day.date(), "--day") > today:
        raise typer.BadParameter("a file of the future has not been written", param_hint="--day")
    return day.replace(tzinfo=zone_of(found)).timestamp(), day.date()


def _take(state: State, found: Preview, at: float | None, *, yes: bool, partial: bool) -> str:
    """Do what was asked for, and say so."""
    from inventory.imports import snapshots  # noqa: PLC0415 - as above

    if not yes:
        return "Nothing was changed: add --yes to import.\n"
    if len(found.refused) and not partial:
        return "Nothing was imported: correct the refused rows, or add --partial to import without them.\n"
    if not (found.tells or found.fresher):
        return "Nothing to change.\n"
    fresher = found.fresher
    snapshots.commit(state, found, user(), "command line", partial=partial, at=at)
    if found.changes:
        return _IMPORTED
    seen = f"when {fresher} machines were seen last, and " if fresher else ""
    return (
        f"Nothing to change, but {seen}that all are still there.\n"
        if found.tells
        else f"Nothing to change, but when {fresher} machines were seen last.\n"
    )


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


fleet.register(inventory)
lifecycle.register(inventory)
care.register(inventory)
exports.register(inventory)
people.register(inventory)
survival.register(inventory)
