"""`jauge files`: back up what Jauge knows, put it back, and look whether it is whole."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from jauge.files import Files, beside
from jauge.verbs.common import DataPath, console, fail, plainly, told, user, verbatim, warn

files = typer.Typer(help="The files of Jauge itself: history, plan, state and events.", no_args_is_help=True)

EstateOption = Annotated[Path, typer.Option(help="The estate that the files belong to.")]


@files.command("backup")
def back_up(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.", show_default=False)],
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="DIR is a folder of backups: make one in it that is called by its time, and remove all but the newest so many.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Copy history, plan, state, events and the committee's files to a new folder while Jauge runs, and look at each copy of a database.

    Ends with status 1 where a copy is damaged, as its file then is; no older one is removed then.
    """
    from jauge.copies import CopyError, among, backup, thin  # noqa: PLC0415 - numpy costs a moment

    with told(CopyError):
        place = _there(estate, data)
        backups = folder
        if keep is not None:
            folder = among(backups, dt.datetime.now(dt.UTC))
        # First told, then copied: one that is killed leaves a part of the copy, which an erasure has to name.
        _note(place, folder)
        found = backup(place, folder)
    for one in found:
        plainly(f"{folder / one.name}: {one.said}\n")
    _end(
        [f"{one.name}: {what}" for one in found for what in one.problems], "a copy is damaged, as its file is"
    )
    if keep is not None:
        with told(CopyError):
            for path in thin(backups, keep):
                plainly(f"{path}: removed\n")


@files.command("restore")
def put_back(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that a backup made.", show_default=False)
    ],
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Put the files of a backup in place, all or none, while Jauge is stopped. What was there stays as NAME.replaced.

    A second restore keeps what it replaces as NAME.replaced.2: remove these files when nobody needs them any more. People who
    were erased since the backup was made are erased again.
    """
    from inventory.people import PeopleError, erasing  # noqa: PLC0415 - as below
    from inventory.people.pseudonyms import find  # noqa: PLC0415
    from inventory.state import State  # noqa: PLC0415
    from jauge.copies import CopyError, restore  # noqa: PLC0415 - numpy costs a moment
    from jauge.verbs.people import home_of, rules_of  # noqa: PLC0415

    place = beside(estate, data)
    with told(CopyError, PeopleError):
        key = find(rules_of(estate), home_of(estate))
        names = restore(place, folder, key)
    plainly("".join(f"{place.directory / name}: restored\n" for name in names))
    if place.state.name in names and not erasing.tells(State(place.state), key):
        warn(
            "people were erased, and the key that tells whom is missing or another one: all user names were left out, and who "
            "answers for measures; give the key back and restore again to have the others"
        )


@files.command("check")
def look_at(estate: EstateOption = Path("estate.yml"), data: DataPath = None) -> None:
    """Look whether each file is whole, also while Jauge runs. Ends with status 1 where one is not."""
    from jauge.copies import look  # noqa: PLC0415 - numpy costs a moment

    found = look(_there(estate, data))
    for one in found:
        plainly(f"{one.name}: {one.said}\n")
    _end(
        [f"{one.name}: {what}" for one in found for what in one.problems],
        "a file is damaged: restore a backup",
    )


def _note(place: Files, folder: Path) -> None:
    """Tell the audit log where a backup went: it holds what the state holds of people."""
    from inventory.people.erasing import COPIED  # noqa: PLC0415 - as above
    from inventory.state import State, StateError, audit  # noqa: PLC0415

    if place.state.exists():
        try:
            audit.note(State(place.state), user(), COPIED, str(folder.absolute()), "command line")
        except StateError as error:
            warn(f"the audit log does not tell of this backup: {error}")


def _there(estate: Path, data: Path | None) -> Files:
    """The files of an estate that has some, or the end of the command."""
    place = beside(estate, data)
    if not any(path.exists() for path in place.databases):
        fail(
            f"there are no files in {place.directory}: name the estate (--estate) or its data directory (--data)",
            2,
        )
    return place


def _end(problems: list[str], said: str) -> None:
    for problem in problems:
        console.print(verbatim(problem))
    if problems:
        fail(said)
