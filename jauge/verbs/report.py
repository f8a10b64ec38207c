"""`jauge report`: the committee's file, as files that people take to a meeting."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast
from zoneinfo import ZoneInfo

import typer

from inventory import files
from jauge.verbs.common import DataPath, EstatePath, estate_of, fail, files_of, plainly, user, warn, working

if TYPE_CHECKING:  # pandas costs half a second
    from dashboard.report.issuing import Form, Made
    from dashboard.texts import Language
    from inventory.estate import Estate
    from jauge.files import Files

_LANGUAGES: Final = ("en", "fr")
_FORMS: Final = ("pdf", "xlsx", "html", "pptx")


def report(
    estate: EstatePath,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            metavar="DIR",
            help="Folder to write into; it is made where it is missing.",
            show_default=False,
        ),
    ],
    language: Annotated[
        str | None,
        typer.Option(
            "--lang", "--language", help="Language: en or fr; the estate's when left out.", show_default=False
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="Day of the last meeting, such as 2026-09-15 (the last day on which the committee answered, else two months ago).",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--format", help="Write this format alone; may be given several times.", show_default=False
        ),
    ] = None,
    draft: Annotated[
        bool,
        typer.Option(
            "--draft", help="Only look: what the file asks for is not kept, and its numbers may change."
        ),
    ] = False,
    data: DataPath = None,
) -> None:
    """Write the steering committee's file: what fills when, what is not protected, what to order, what was decided and came of it.

    The pages need not run. Each figure is the one that the pages show. What the file asks for is kept under its number, to be
    answered by `jauge decision accept` or another of its verbs. The files are their owner's.
    """
    if language is not None and language not in _LANGUAGES:
        fail("--lang: en or fr", status=2)
    if wrong := [one for one in form or () if one not in _FORMS]:
        fail(f"--format {wrong[0]}: one of {', '.join(_FORMS)}", status=2)
    found, kept = estate_of(estate), files_of(estate, data)
    with working("making the file"):
        made = _made(found, kept, language, since, form, draft=draft)
    for one in made.warnings:
        warn(one)
    for name, content in made.files.items():
        _save(output / name, content)


def _made(
    estate: Estate,
    kept: Files,
    language: str | None,
    since: str | None,
    form: list[str] | None,
    *,
    draft: bool,
) -> Made:
    from dashboard.report.issuing import Order, issue  # noqa: PLC0415 - pandas costs half a second

    now = time.time()
    last = _since(since, dt.datetime.fromtimestamp(now, ZoneInfo(estate.timezone)).date())
    forms = cast("tuple[Form, ...]", tuple(form or _FORMS))
    order = Order(cast("Language", language or estate.language), last, forms, draft)
    return issue(estate, kept.directory, order, user(), "command line", now)


def _since(text: str | None, today: dt.date) -> dt.date | None:
    """The day of the last meeting, which must lie behind; None where nobody says it."""
    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        fail(f"--since {text}: write a day such as 2026-09-15", status=2)
    if day >= today:
        fail(f"--since {text}: the last meeting was before today", status=2)
    return day


def _save(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, whole or not at all, or end the command."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, path.with_name(f".{path.name}.new"), content)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
    plainly(f"{path}\n")
