"""`jauge plan`, `jauge forecast` and `jauge history import`: from what was measured to when it is full."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exporters.history import HistoryError
from exporters.plan.schema import PlanError
from jauge.logs import configure
from jauge.verbs.common import (
    DataPath,
    EstatePath,
    console,
    estate_of,
    files_of,
    plainly,
    told,
    verbatim,
    warn,
)

if TYPE_CHECKING:  # numpy and pandas cost half a second
    from forecasting.freezing import Freezer
    from forecasting.scoring import Summary

history = typer.Typer(help="The history of what was measured.", no_args_is_help=True)


def plan(estate: EstatePath, data: DataPath = None) -> None:
    """Score the forecasts that have come due, forecast every store of the estate and keep the outlooks: the nightly job."""
    configure("warning", "logfmt")
    found = estate_of(estate)
    files = files_of(estate, data)
    from exporters.history.sqlite import Reader  # noqa: PLC0415 - pandas costs half a second
    from exporters.plan.ledger import Ledger  # noqa: PLC0415
    from exporters.plan.outlooks import Outlooks  # noqa: PLC0415
    from forecasting.freezing import prepare  # noqa: PLC0415
    from forecasting.plan import plan as issue  # noqa: PLC0415

    ceilings = {target.name: target.ceiling for target in found.targets if target.ceiling is not None}
    roles = {target.name: target.role for target in found.targets if target.role is not None}
    formerly = {old: target.name for target in found.targets for old in target.formerly}
    with told(HistoryError, PlanError):
        ledger, reader, now = Ledger(files.plan), Reader(files.history), time.time()
        ledger.rename(formerly)
        due, freezer, correct = prepare(reader, ledger, now, roles)
        summary = issue(reader, Outlooks(files.plan), now, ceilings, ledger=freezer, correct=correct)
    plainly(f"{summary.stores} stores, {summary.dated} with a date, in {summary.seconds:.1f} s\n")
    for reason, count in sorted(summary.reasons.items()):
        plainly(f"  no date for {count}: {reason}\n")
    _say(due, freezer, files.plan)


def _say(due: Summary, freezer: Freezer, path: Path) -> None:
    """What the ledger did beside."""
    if due.nights:
        plainly(f"  {due.scored} earlier forecasts scored, {due.unscored} came due without a value\n")
    if due.damaged:
        warn(f"{path}: {due.damaged} frozen nights are damaged and were not scored: look at the disk")
    if freezer.kept is None:
        warn(f"{path}: a later day is frozen, so today's forecasts are not: look at this machine's clock")


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
    from exporters.history.sqlite import Writer  # noqa: PLC0415

    found = estate_of(estate)
    with told(HistoryError):
        writer = Writer(files_of(estate, data).history, found.timezone)
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
