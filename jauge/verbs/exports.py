"""`jauge inventory export`: the inventory as it stands, as a workbook, JSON or CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, cast
from zoneinfo import ZoneInfo

import typer

from exporters.commas import csv_text
from inventory import files
from inventory.renewal import Renewal
from inventory.state.schema import StateError
from jauge.verbs.access import state_of
from jauge.verbs.common import DataPath, console, fail, plainly, told, verbatim
from jauge.verbs.fleet import declared
from jauge.verbs.listing import EstateOption, json_text, today_of, zone_of

if TYPE_CHECKING:  # pandas costs half a second
    from dashboard.comparisons import Compared
    from dashboard.fleet import Fleet
    from dashboard.texts import Texts
    from exporters.workbooks import Sheet
    from inventory.estate import Estate

_LANGUAGES: Final = ("en", "fr")


def export(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            metavar="FILE",
            help="File to write: its ending is .xlsx, .json or .csv.",
            show_default=False,
        ),
    ],
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of a workbook: en or fr; the estate's when left out.", show_default=False
        ),
    ] = None,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Write the workstations as they stand today: what the inventory says, support, fitness, the list of those in care.

    Who uses a machine is never in it. A workbook (XLSX) has a sheet for each; texts are texts in it, whatever they begin with. CSV
    has the workstations alone, with an apostrophe before what a spreadsheet would take for a formula. The file is its owner's.
    """
    write = _WRITERS.get(output.suffix.lower())
    if write is None:
        fail(f"--output {output.name}: write FILE.xlsx, FILE.json or FILE.csv", status=2)
    if language is not None and language not in _LANGUAGES:
        fail("--language: en or fr", status=2)
    from dashboard import fleet  # noqa: PLC0415 - pandas costs half a second

    state = state_of(estate, data)
    found, renewal = declared(estate)
    with told(StateError):
        seen = fleet.known(state, renewal, today_of(found), zone_of(found) or dt.UTC)
    if seen is None:
        fail("no inventory was imported yet: jauge inventory import")
    chosen = cast("Literal['en', 'fr']", language or (found.language if found else "en"))
    content = write(seen, found, chosen)
    save(output, content)
    plainly(f"{len(seen.now)} workstations written to {output}\n")


def save(path: Path, content: bytes) -> None:
    """Write an export for its owner alone, whole or not at all, or end the command."""
    try:
        files.replace(path, path.with_name(f".{path.name}.new"), content)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")


Language = Literal["en", "fr"]
Writer = Callable[["Fleet", "Estate | None", Language], bytes]


def _workbook(seen: Fleet, estate: Estate | None, language: Language) -> bytes:
    from dashboard import sheets  # noqa: PLC0415 - as above
    from dashboard.texts import Texts  # noqa: PLC0415
    from exporters import workbooks  # noqa: PLC0415

    t = Texts(language, ZoneInfo(estate.timezone if estate else "UTC"))
    title = (estate.title if estate else None) or "Jauge"
    made = sheets.inventory(seen, title, estate.currency if estate else "EUR", t)
    return workbooks.content(made, t("sheet.title", title=title), language)


def _json(seen: Fleet, _estate: Estate | None, _language: Language) -> bytes:
    from dashboard.fleet import exposed, record  # noqa: PLC0415 - as above

    pairs = zip(seen.now, seen.later, strict=True)
    whole = {
        "day": seen.day,
        "snapshot": {"at": seen.seen.snapshot.at, "file": seen.seen.snapshot.file},
        "workstations": [record(one, after) for one, after in pairs],
        "unsupported_in_care": [exposed(one) for one in seen.care.exposed] if seen.care.declared else None,
    }
    return json_text(whole).encode()


def _csv(seen: Fleet, _estate: Estate | None, _language: Language) -> bytes:
    from dashboard.fleet import record  # noqa: PLC0415 - as above

    rows = [record(one, after) for one, after in zip(seen.now, seen.later, strict=True)]
    titles = list(rows[0]) if rows else []
    return csv_text(titles, (list(row.values()) for row in rows)).encode()


def _workbook_name(path: Path | None) -> Path | None:
    """Before a plan is made, which takes seconds."""
    if path is not None and path.suffix.lower() != ".xlsx":
        fail(f"--output {path.name}: write FILE.xlsx", status=2)
    return path


Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar="FILE.xlsx",
        help="Write a workbook, too.",
        show_default=False,
        callback=_workbook_name,
    ),
]


def save_plan(path: Path, found: Mapping[str, Any], estate: Estate) -> None:
    """Write the workbook of a renewal plan (its document, as JSON has it) in the estate's language, or end the command."""
    from dashboard import plans  # noqa: PLC0415 - as above

    t, title = _speaker(estate)
    made = plans.workbook(found, estate.workstations or Renewal(), title, t)
    _save_told(path, made, t("workbook.title", title=title), t.language, "the plan was")


def save_compared(path: Path, cases: Sequence[Compared], estate: Estate) -> None:
    """Write the workbook of scenarios beside the plan without them in the estate's language, or end the command."""
    from dashboard import comparisons  # noqa: PLC0415 - as above

    t, title = _speaker(estate)
    made = comparisons.workbook(cases, title, t)
    _save_told(path, made, t("compared.title", title=title), t.language, "the scenarios were")


def _speaker(estate: Estate) -> tuple[Texts, str]:
    from dashboard.texts import Texts  # noqa: PLC0415 - as above

    return Texts(estate.language, ZoneInfo(estate.timezone)), estate.title or "Jauge"


def _save_told(path: Path, made: Iterable[Sheet], title: str, language: Language, what: str) -> None:
    from exporters import workbooks  # noqa: PLC0415 - as above

    save(path, workbooks.content(made, title, language))
    console.print(verbatim(f"{what} written to {path}"))


_WRITERS: Final[dict[str, Writer]] = {".xlsx": _workbook, ".json": _json, ".csv": _csv}


def register(group: typer.Typer) -> None:
    """Add this verb to those of the inventory."""
    group.command("export")(export)
