"""`jauge renew`: which workstations are replaced when, for how much money, and what stays past its deadline."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer

from inventory.imports import ImportFailedError
from inventory.scenarios.reading import ScenarioError
from inventory.state import open_state
from inventory.state.schema import StateError
from jauge.files import beside
from jauge.verbs import comparing
from jauge.verbs.common import (
    PROBLEM,
    REACHED,
    DataPath,
    estate_of,
    fail,
    finite,
    told,
    verbatim,
    warn,
    working,
)
from jauge.verbs.exports import Output, save_compared, save_plan
from jauge.verbs.listing import AsJson, Limit, print_rows, screen

if TYPE_CHECKING:
    from dashboard.comparisons import Compared
    from forecasting.renewal.plan import Asked
    from forecasting.renewal.scenarios import Case
    from inventory.estate import Estate
    from inventory.imports.reading import Asked as Reading
    from inventory.scenarios import Scenario
    from inventory.state import State
    from inventory.workstations import Workstation

_REFUSED: Final = 25
"""Rows of a file that cannot be used, and are named."""

EstateFile = Annotated[
    Path, typer.Argument(metavar="ESTATE", help="The estate, with its section workstations.")
]
File = Annotated[
    Path | None,
    typer.Option("--csv", help="Machines of this export instead of what was imported.", show_default=False),
]
Source = Annotated[
    str | None,
    typer.Option(help="What wrote that export, where its titles do not tell.", show_default=False),
]
Columns = Annotated[
    Path | None,
    typer.Option(help="A file that says what its columns are: see docs/inventory.md.", show_default=False),
]
Sheet = Annotated[
    str | None,
    typer.Option(help="Sheet of a workbook; else the one whose titles are known best.", show_default=False),
]
Years = Annotated[
    int | None,
    typer.Option(min=1, max=15, help="Years ahead, instead of the estate's.", show_default=False),
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        help="A saved scenario, or its file .yml: plans with and without it.",
        show_default=False,
    ),
]
Curve = Annotated[bool, typer.Option("--curve", help="Show what more and less money would buy.")]


def renew(
    estate: EstateFile = Path("estate.yml"),
    csv: File = None,
    source: Source = None,
    mapping: Columns = None,
    sheet: Sheet = None,
    years: Years = None,
    scenario: Scenarios = None,
    curve: Curve = False,
    limit: Limit = 25,
    as_json: AsJson = False,
    output: Output = None,
    data: DataPath = None,
) -> None:
    """The renewal plan of workstations: purchases by year, what stays past a deadline, and why. Status 3 where anything does."""
    from forecasting.renewal import knowledge  # noqa: PLC0415 - pandas and the solver cost a second

    how = _how(csv, source, mapping, sheet)
    declared = estate_of(estate)
    if declared.workstations is None or not declared.workstations.offers:
        fail(f"{estate}: {comparing.UNDECLARED}")
    today = dt.datetime.now(ZoneInfo(declared.timezone)).date()
    with told(StateError, ImportFailedError, ScenarioError):
        state = _state(estate, data)
        machines = _from_file(csv, today, how) if csv else comparing.imported(state)
        if not machines:
            fail(f"{comparing.NOT_IMPORTED}, or give --csv FILE")
        asked = knowledge.asked(declared, today, state)
        chosen, committed = _scenarios(scenario or (), state, declared)
    if chosen:
        cases = comparing.compare_plans(machines, asked, chosen, committed, years)
        _tell_cases(cases, declared, output, as_json)
    else:
        _tell(_planned(machines, asked, committed, years, curve), declared, output, as_json, limit)


# --- what is asked for ------------------------------------------------------------------------------


def _state(estate: Path, data: Path | None) -> State | None:
    file = beside(estate, data).state
    return open_state(file) if file.exists() else None


def _scenarios(
    names: Sequence[str], state: State | None, estate: Estate
) -> tuple[list[Scenario], list[Scenario]]:
    """Those that were asked for, and those that are committed. Raises ScenarioError."""
    from inventory.state import scenarios  # noqa: PLC0415 - as above
    from jauge.verbs.scenarios import either  # noqa: PLC0415

    return [either(state, name, estate) for name in names], scenarios.committed(state) if state else []


def _how(csv: Path | None, source: str | None, mapping: Path | None, sheet: str | None) -> Reading:
    """What is said of the file that machines are read from, as `jauge inventory import` takes it."""
    from inventory.imports.reading import Asked as Reading  # noqa: PLC0415 - as above
    from inventory.imports.source import shipped  # noqa: PLC0415

    given = [
        name for name, value in (("--source", source), ("--mapping", mapping), ("--sheet", sheet)) if value
    ]
    if given and csv is None:
        raise typer.BadParameter(f"{given[0]} says how a file is read: give --csv FILE", param_hint=given[0])
    if source is not None and mapping is not None:
        raise typer.BadParameter("a mapping says what the file is: leave --source out", param_hint="--source")
    if source is not None and source not in shipped():
        raise typer.BadParameter(
            f"there is no {source!r}: one of {', '.join(shipped())}", param_hint="--source"
        )
    return Reading(source, mapping, sheet)


def _from_file(file: Path, today: dt.date, how: Reading) -> Sequence[Workstation]:
    """The machines of a file, as an import would take them; nothing is kept."""
    from inventory.imports import reading  # noqa: PLC0415 - as above

    with (
        told(ImportFailedError),
        tempfile.TemporaryDirectory() as folder,
        reading.read(open_state(Path(folder) / "state.db"), file, today, how) as found,
    ):
        for refused in found.refused.first(_REFUSED):
            warn(f"{file.name}: left out, {refused}")
        machines = list(found.added)
    if not machines:
        fail(f"{file} holds no workstation that can be used", PROBLEM)
    return machines


# --- what is told -----------------------------------------------------------------------------------


def _planned(
    machines: Sequence[Workstation],
    asked: Asked,
    committed: Sequence[Scenario],
    years: int | None,
    curve: bool,
) -> dict[str, Any]:
    """The document of the plan with what is committed, as JSON has it, or the end of the command."""
    from forecasting.renewal import curve as curves  # noqa: PLC0415 - as above
    from forecasting.renewal import document  # noqa: PLC0415
    from forecasting.renewal import plan as planning  # noqa: PLC0415
    from forecasting.renewal.scenarios import applied  # noqa: PLC0415

    with working(f"planning {len(machines)} workstations"), told(ValueError):
        found = planning.plan(machines, applied(asked, committed, years), years)
        points = curves.curve(found, asked.fails) if curve else []
    whole: dict[str, Any] = finite(document.of(found, points))
    return whole


def _tell(found: dict[str, Any], estate: Estate, output: Path | None, as_json: bool, limit: int) -> None:
    """The plan, and status 3 where a machine stays past a deadline."""
    if output is not None:
        save_plan(output, found, estate)
    if as_json:
        comparing.print_json(found)
    else:
        _print(found, estate, limit)
    if found["overdue"]:
        raise typer.Exit(REACHED)


def _print(found: dict[str, Any], estate: Estate, limit: int) -> None:
    from dashboard.texts import Texts  # noqa: PLC0415 - as above
    from jauge import renewals  # noqa: PLC0415

    out, t = screen(), Texts("en", ZoneInfo(estate.timezone))
    for listing, most in (
        (renewals.years(found), 0),
        (renewals.costs(found, t), 0),
        (renewals.purchases(found), limit),
        (renewals.late(found), limit),
        (renewals.curve(found), 0),
    ):
        print_rows(out, *listing, limit=most)
    for text in renewals.told(found, t):
        out.print(verbatim(text), soft_wrap=True)


def _tell_cases(cases: Sequence[Case], estate: Estate, output: Path | None, as_json: bool) -> None:
    """Plans beside each other, and status 3 where a machine stays past a deadline in any of them."""
    if output is not None:
        save_compared(output, _outlined(cases), estate)
    if as_json:
        comparing.print_json(comparing.plans_as_json(cases))
    else:
        comparing.print_plans(cases)
    if comparing.overdue(cases):
        raise typer.Exit(REACHED)


def _outlined(cases: Sequence[Case]) -> list[Compared]:
    from dashboard.comparisons import Compared  # noqa: PLC0415 - as above
    from forecasting.renewal.document import outline  # noqa: PLC0415

    base, *others = [finite(outline(case.plan)) for case in cases]
    titles = [case.scenario.heading for case in cases if case.scenario]
    return [Compared(title, base, one) for title, one in zip(titles, others, strict=True)]
