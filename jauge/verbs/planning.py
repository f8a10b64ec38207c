"""`jauge plan`, `jauge forecast` and `jauge history import`: from what was measured to when it is full."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from exporters.history import HistoryError
from exporters.plan.schema import PlanError
from jauge.files import beside
from jauge.logs import configure
from jauge.verbs.common import (
    DataPath,
    EstatePath,
    console,
    estate_of,
    fail,
    files_of,
    plainly,
    told,
    verbatim,
)

history = typer.Typer(help="The history of what was measured.", no_args_is_help=True)


def plan(estate: EstatePath, data: DataPath = None) -> None:
    """Forecast every store of the estate and keep the outlooks: the nightly job."""
    configure("warning", "logfmt")
    found = estate_of(estate)
    files = files_of(estate, data)
    from exporters.history.opening import reader  # noqa: PLC0415 - pandas costs half a second
    from exporters.plan.outlooks import Outlooks  # noqa: PLC0415
    from forecasting.plan import plan as issue  # noqa: PLC0415

    ceilings = {target.name: target.ceiling for target in found.targets if target.ceiling is not None}
    with told(HistoryError, PlanError):
        summary = issue(reader(found, files.history), Outlooks(files.plan), time.time(), ceilings)
    plainly(f"{summary.stores} stores, {summary.dated} with a date, in {summary.seconds:.1f} s\n")
    for reason, count in sorted(summary.reasons.items()):
        plainly(f"  no date for {count}: {reason}\n")


def forecast(
    series: Annotated[
        Path,
        typer.Option("--history", metavar="FILE.csv", help="Columns unique_id, ds, y.", show_default=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Where to write (standard output).", show_default=False),
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, max=3660, help="Days ahead.")] = 180,
) -> None:
    """Forecast any CSV: unique_id, ds, mean, lo80, hi80, lo95, hi95, one row a day after each series' last."""
    from forecasting.tables import TableError, run  # noqa: PLC0415 - pandas costs half a second

    with told(TableError):
        run(series, horizon, output)


@history.command("import")
def import_history(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Daily values to take in.", show_default=False)
    ],
    estate: Annotated[Path, typer.Option(help="The estate that they belong to.")] = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Import daily values, all or nothing, so that forecasts work on the first day. Importing twice changes nothing."""
    from exporters.history.importing import import_csv  # noqa: PLC0415 - pandas costs half a second
    from exporters.history.opening import days  # noqa: PLC0415

    found = estate_of(estate)
    with told(HistoryError):
        writer = days(found, files_of(estate, data).history)
        try:
            report = import_csv(file, writer)
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
