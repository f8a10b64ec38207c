"""`jauge report`: the committee's file, as files that people take to a meeting."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast
from zoneinfo import ZoneInfo

import typer

from exporters.plan.schema import PlanError
from inventory import files
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, StateError
from jauge.verbs.common import DataPath, EstatePath, estate_of, fail, files_of, plainly, warn, working

if TYPE_CHECKING:  # pandas costs half a second
    from dashboard.report.document import Report
    from dashboard.texts import Language, Texts
    from inventory.estate import Estate
    from jauge.files import Files

_LANGUAGES: Final = ("en", "fr")
_MEETING: Final = dt.timedelta(days=61)
"""How long ago the last meeting was, where nobody says it."""


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
            help="Day of the last meeting, such as 2026-09-15 (two months ago).",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--format", help="Write this format alone; may be given several times.", show_default=False
        ),
    ] = None,
    data: DataPath = None,
) -> None:
    """Write the steering committee's file: what fills when, what is not protected, what to order, what was decided and came of it.

    The pages need not run. Each figure is the one that the pages show. The files are their owner's.
    """
    if language is not None and language not in _LANGUAGES:
        fail("--lang: en or fr", status=2)
    wrong = [one for one in form or () if one not in _WRITERS]
    if wrong:
        fail(f"--format {wrong[0]}: one of {', '.join(_WRITERS)}", status=2)
    found, kept = estate_of(estate), files_of(estate, data)
    with working("making the file"):
        told, t = _told(found, kept, cast("Language", language or found.language), since)
        for name in form or _WRITERS:
            _save(output / f"jauge-committee-{told.day.isoformat()}.{name}", _WRITERS[name](told, t))


def _told(estate: Estate, kept: Files, language: Language, since: str | None) -> tuple[Report, Texts]:
    """The report, of what is known now."""
    from dashboard.report.making import Asked, make  # noqa: PLC0415 - pandas costs half a second
    from dashboard.texts import Texts  # noqa: PLC0415

    now = time.time()
    _plan(estate, kept, now)
    known = Asked(estate, kept.directory, lambda: now)
    return make(known, t := Texts(language, ZoneInfo(estate.timezone)), _since(since, known.today)), t


def _plan(estate: Estate, kept: Files, now: float) -> None:
    """Make the plans of purchases and workstations anew where they are old, as the nightly job does."""
    from forecasting import kept_purchase  # noqa: PLC0415 - the solver costs half a second
    from forecasting.renewal import issuing  # noqa: PLC0415
    from inventory.state import scenarios  # noqa: PLC0415

    try:
        if kept.plan.exists():
            kept_purchase.issue(estate, kept.plan, kept.directory, now)
        if kept.state.exists() and estate.workstations is not None:
            state = State(kept.state)
            fleet = [
                one.name
                for one in scenarios.listed(state)
                if one.standing != "withdrawn" and one.scenario.renews
            ]
            for piece in (issuing.PLAN, *map(issuing.case, fleet)):
                issuing.issue(state, estate, kept.directory, now, piece)
    except (OSError, PlanError, ScenarioError, StateError) as error:
        warn(f"a plan was not made anew, and an earlier one is shown: {error}")


def _since(text: str | None, today: dt.date) -> dt.date:
    """The day of the last meeting, which must lie behind."""
    if text is None:
        return today - _MEETING
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


def _pdf(told: Report, t: Texts) -> bytes:
    from dashboard.report import pdf  # noqa: PLC0415 - typst is loaded where it is asked for

    return pdf.content(told, t)


def _xlsx(told: Report, t: Texts) -> bytes:
    from dashboard.report import workbook  # noqa: PLC0415 - as above

    return workbook.content(told, t)


def _html(told: Report, t: Texts) -> bytes:
    from dashboard.report import hypertext  # noqa: PLC0415 - as above

    return hypertext.content(told, t)


def _pptx(told: Report, t: Texts) -> bytes:
    from dashboard.report import slides  # noqa: PLC0415 - as above

    return slides.content(told, t)


_WRITERS: Final[Mapping[str, Callable[[Report, Texts], bytes]]] = {
    "pdf": _pdf,
    "xlsx": _xlsx,
    "html": _html,
    "pptx": _pptx,
}
