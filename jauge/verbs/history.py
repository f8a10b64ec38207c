"""`jauge history`: past days taken in, and a look at every checksum."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from exporters.history import HistoryError
from inventory.credentials import Http
from inventory.estate import Engine, Estate
from jauge.files import Files, beside
from jauge.verbs.common import DataPath, console, estate_of, fail, files_of, plainly, told, verbatim

history = typer.Typer(help="The history of what was measured.", no_args_is_help=True)


@history.command("import")
def import_history(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="Daily values to take in: a file FILE.csv, or the address of a Prometheus-compatible engine.",
            show_default=False,
        ),
    ],
    estate: Annotated[Path, typer.Option(help="The estate that they belong to.")] = Path("estate.yml"),
    data: DataPath = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE.yml",
            help="What series of an engine are in our words (scaling.md); those with our names when left out.",
            show_default=False,
        ),
    ] = None,
    credential: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="HTTP credential of the estate for the engine.", show_default=False
        ),
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=3653, help="Days back that are asked of an engine.")] = 730,
) -> None:
    """Import daily values, all or nothing, so that forecasts work on the first day. Importing twice changes nothing."""
    found = estate_of(estate)
    files = files_of(estate, data)
    if source.startswith(("http://", "https://")):
        _import_engine(found, files, source, mapping, credential, days)
        return
    if mapping is not None or credential:
        fail("--map and --credential go with the address of an engine", status=2)
    from exporters.history.importing import import_csv  # noqa: PLC0415 - pandas costs half a second
    from exporters.history.opening import days as opened  # noqa: PLC0415

    with told(HistoryError):
        writer = opened(found, files.history)
        try:
            report = import_csv(Path(source), writer)
        finally:
            writer.close()
    span = f", {report.first} to {report.last}" if report.first else ""
    plainly(f"{report.rows} rows, {report.series} series{span}: {report.changed} daily values changed\n")
    if report.empty:
        console.print(verbatim(f"{report.empty} rows without a value were left out"))
    if report.too_old:
        console.print(
            verbatim(f"{report.too_old} values are older than the history keeps, and were left out")
        )


@history.command("check")
def check_history(
    estate: Annotated[Path, typer.Option(help="The estate, for its data.")] = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Look at every checksum of the history, also while it is written. Ends with status 1 where something is damaged."""
    from exporters.history.checking import check  # noqa: PLC0415 - numpy costs a moment

    with told(HistoryError):
        report = check(beside(estate, data).history)
    plainly(
        f"{report.pieces} pieces, {len(report.damaged)} damaged, {report.aside} taken out of the way before\n"
    )
    for what in (*report.structure, *report.damaged):
        console.print(verbatim(what))
    if not report.whole:
        fail(
            "the history is damaged: what is named is left out of every answer; restore a backup to have it back"
        )


def _import_engine(
    estate: Estate, files: Files, url: str, mapping: Path | None, credential: str, back: int
) -> None:
    """Import the days that an engine holds."""
    from exporters.history.opening import client, days  # noqa: PLC0415 - pandas costs half a second
    from exporters.history.prometheus.gathering import gather, mappings, ours  # noqa: PLC0415

    try:
        engine = Engine(url=url, credential=credential or None)
    except ValidationError:
        fail("that is no address of an engine: write http://HOST:PORT, without user or password", status=2)
    if credential and not isinstance(estate.credentials.get(credential), Http):
        fail(f"the estate has no HTTP credential {credential}", status=2)
    with told(HistoryError):
        writer = days(estate, files.history)
        try:
            mapped = ours() if mapping is None else mappings(mapping)
            now = writer.now()
            found = gather(client(estate, engine), writer.calendar, mapped, now - back * 86_400, now)
            changed = writer.keep_days(found)
        finally:
            writer.close()
    series = {one[:3] for one in found}
    plainly(f"{len(found)} days, {len(series)} series: {changed} daily values changed\n")
