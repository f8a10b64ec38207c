"""`jauge plan` and `jauge forecast`: from what was measured to when it is full."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from exporters.history import HistoryError
from exporters.plan.schema import PlanError
from inventory.scenarios.reading import ScenarioError
from inventory.state import StateError
from jauge import guarding
from jauge.files import Files
from jauge.verbs.common import (
    REACHED,
    DataPath,
    EstatePath,
    console,
    estate_of,
    fail,
    files_of,
    finite,
    plainly,
    told,
    warn,
)

if TYPE_CHECKING:
    from exporters.plan.outlooks import Outlooks
    from forecasting.plan.night import Night
    from inventory.estate import Estate

_FIRST_YEAR: Final = 2000


def plan(
    estate: EstatePath,
    data: DataPath = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that forecast (one a processor, 8 at most).")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="Plan as at the end of this day, for instance 2026-03-01 (now).",
            show_default=False,
        ),
    ] = None,
    within: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="DAYS",
            help="End with 3 where anything is full, or should be within so many days.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every outlook as JSON.")] = False,
) -> None:
    """Score the forecasts that have come due, forecast everything that fills, and keep the outlooks: the nightly job.

    It also lets go what is older than the estate lets it be kept (`jauge inventory tidy`).
    """
    from jauge.logs import configure  # noqa: PLC0415 - forecasts of a file need no log

    configure("warning", "logfmt")
    found = estate_of(estate)
    files = files_of(estate, data)
    guarding.warn(guarding.exposures(found, files))
    now = _instant(as_of, ZoneInfo(found.timezone))
    from exporters.plan.outlooks import Outlooks  # noqa: PLC0415 - pandas costs half a second

    if as_of is None and files.state.exists():
        _let_go(found, estate, files)
    kept = Outlooks(files.plan)
    with told(HistoryError, PlanError, StateError):
        done = _night(found, files, kept, now, workers, keep=as_of is None)
    if as_json:
        from jauge.planned import described  # noqa: PLC0415

        with told(PlanError):
            json.dump(
                finite(described(done.issue, kept.issued(done.issue.issued_at), found)),
                sys.stdout,
                ensure_ascii=False,
            )
        plainly("\n")
    else:
        _tell(done)
    _warn(done, files.plan, as_of is None)
    if as_of is None:
        _buy(found, files, now)
        _renew(found, files, now)
    if within is not None and done.issue.full_within(within):
        raise typer.Exit(REACHED)


def _let_go(estate: Estate, path: Path, files: Files) -> None:
    """Let go what may not be kept any longer; a night is planned all the same where that cannot be done."""
    from inventory.people import PeopleError, keeping  # noqa: PLC0415 - for the nightly job alone
    from inventory.state import open_state  # noqa: PLC0415

    try:
        done = keeping.let_go(open_state(files.state), estate.people, path if path.is_dir() else path.parent)
    except (PeopleError, StateError) as error:
        warn(f"what is too old was not let go: {error}")
    else:
        for problem in done.problems:
            warn(problem)


def _night(
    estate: Estate, files: Files, kept: Outlooks, now: float, workers: int | None, *, keep: bool
) -> Night:
    """The night of an estate, with what is decided in it. Raises HistoryError, PlanError and StateError."""
    from exporters.history.opening import reader  # noqa: PLC0415 - pandas costs half a second
    from exporters.plan.ledger import Ledger  # noqa: PLC0415
    from forecasting.capacity import Rules  # noqa: PLC0415
    from forecasting.plan.batch import Committed  # noqa: PLC0415
    from forecasting.plan.night import night  # noqa: PLC0415
    from forecasting.scenarios.deciding import begun, reserved  # noqa: PLC0415

    source = reader(estate, files.history)
    Ledger(files.plan).rename({old: target.name for target in estate.targets for old in target.formerly})
    known = reserved(files.state, source, estate, now)
    for name, why in known.left_out:
        warn(f"the scenario {name} is committed, and left out of this plan: {why}")
    with _progress() as progress:
        return night(
            source,
            kept,
            now,
            Rules.of(estate),
            roles={target.name: target.role for target in estate.targets if target.role is not None},
            committed=Committed(known.additions, known.capacities),
            begun=begun(files.state),
            workers=workers or min(len(os.sched_getaffinity(0)), 8),
            progress=progress,
            keep=keep,
        )


def _buy(estate: Estate, files: Files, now: float) -> None:
    """Have the purchases planned as well, for the pages."""
    from forecasting.kept_purchase import issue  # noqa: PLC0415 - the solver costs half a second

    try:
        with told(PlanError):
            issue(estate, files.plan, files.directory, now)
    except OSError as error:
        warn(f"the purchases were not planned: {error}")


def _renew(estate: Estate, files: Files, now: float) -> None:
    """Have the renewal of workstations planned as well, for the pages, where there is one."""
    if estate.workstations is None or not files.state.exists():
        return
    from forecasting.renewal.issuing import night  # noqa: PLC0415 - the solver costs half a second
    from inventory.state import open_state  # noqa: PLC0415

    try:
        with told(StateError):
            night(open_state(files.state), estate, files.directory, now)
    except (OSError, ScenarioError) as error:
        warn(f"the renewal of workstations was not planned: {error}")


def _tell(done: Night) -> None:
    issue, due = done.issue, done.due
    plainly(f"{issue.stores} stores, {issue.dated} with a date, in {issue.seconds:.1f} s\n")
    for reason, count in sorted(issue.reasons.items()):
        plainly(f"  no date for {count}: {reason}\n")
    if due.nights:
        plainly(f"  {due.scored} earlier forecasts scored, {due.unscored} came due without a value\n")


def _warn(done: Night, plan: Path, kept: bool) -> None:
    if done.due.damaged:
        warn(f"{plan}: {done.due.damaged} frozen nights are damaged and were not scored: look at the disk")
    if done.frozen is None and kept:
        warn(f"{plan}: a later day is frozen, so today's forecasts are not: look at this machine's clock")


def _instant(day: str | None, zone: ZoneInfo) -> float:
    """The last second of a day, which must not lie ahead; now where none is given."""
    now = time.time()
    if day is None:
        return now
    try:
        asked = dt.date.fromisoformat(day)
    except ValueError:
        fail(f"{day} is no day: write one such as 2026-03-01", status=2)
    if asked.year < _FIRST_YEAR:
        fail(f"{day} lies before all that is kept", status=2)
    end = dt.datetime.combine(asked, dt.time(23, 59, 59), zone).timestamp()
    if asked > dt.datetime.fromtimestamp(now, zone).date():
        fail(f"{day} has not come yet", status=2)
    return min(end, now)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Shows on a terminal how far the planner is; nothing elsewhere."""
    if not console.is_terminal:
        yield None
        return
    from rich.progress import Progress  # noqa: PLC0415 - a terminal only

    with Progress(console=console, transient=True) as shown:
        task = shown.add_task("planning", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def forecast(
    series: Annotated[
        Path,
        typer.Option(
            "--history",
            metavar="FILE.csv",
            help="Columns unique_id, ds, y, and capacity for dates.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Where to write (standard output).", show_default=False),
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, max=3660, help="Days ahead.")] = 180,
    dates: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Also write when each series reaches 80, 90 and 100 % of its column capacity.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Forecast any CSV: unique_id, ds, mean, lo80, hi80, lo95, hi95, one row a day after each series' last."""
    from forecasting.tables import TableError, run  # noqa: PLC0415 - pandas costs half a second

    with told(TableError):
        run(series, horizon, output, dates)
