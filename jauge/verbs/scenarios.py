"""`jauge scenario`: what may come, held against what is to be expected without it, decided, and measured later."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from exporters.history import HistoryError
from exporters.plan.schema import PlanError
from inventory.estate import Estate
from inventory.scenarios import Scenario
from inventory.scenarios.reading import ScenarioError, Written, open_scenario
from inventory.state import State, scenarios
from inventory.state.schema import StateError
from jauge.files import Files, beside
from jauge.verbs import comparing
from jauge.verbs.access import state_of
from jauge.verbs.common import PROBLEM, DataPath, console, estate_of, fail, plainly, told, user, verbatim
from jauge.verbs.listing import print_rows, screen

if TYPE_CHECKING:
    from forecasting.renewal.measuring import Year
    from forecasting.scenarios.deciding import Effect

scenario = typer.Typer(help="What may come, and what is decided: scenarios.", no_args_is_help=True)

EstateOption = Annotated[Path, typer.Option("--estate", help="The estate, for its targets and data.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a saved scenario.", show_default=False)]
Why = Annotated[
    str, typer.Option("--why", help="The reason, for whoever reads it later.", show_default=False)
]
ScenarioFile = Annotated[
    Path, typer.Argument(metavar="FILE.yml", help="File of a scenario.", show_default=False)
]


@scenario.command("check")
def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE.yml...", help="Files of scenarios.", show_default=False)
    ],
    estate: Annotated[
        Path | None, typer.Option("--estate", help="Look for its targets too.", show_default=False)
    ] = None,
) -> None:
    """Check files of scenarios: every mistake, with file, line and column."""
    found = estate_of(estate) if estate else None
    written = [open_scenario(file, found) for file in files]
    for one in written:
        _complain(one)
    if any(one.scenario is None for one in written):
        raise typer.Exit(PROBLEM)
    for one in written:
        if one.scenario is not None:
            plainly(f"{one.path}: {one.scenario.name}, {len(one.scenario.changes)} changes, no errors\n")


@scenario.command("schema")
def schema() -> None:
    """Print the JSON Schema of a scenario's file, for editors."""
    from inventory.scenarios.reading import schema as shape  # noqa: PLC0415 - its name is that of this command

    plainly(json.dumps(shape(), indent=2) + "\n")


@scenario.command("try")
def try_file(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE.yml...", help="Files of scenarios.", show_default=False)
    ],
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Hold scenarios against what is to be expected without them, and change nothing.

    What changes of stores is held against their forecast, what changes of workstations against the renewal plan. Ends with status
    3 where something would have to be ordered today or earlier, given the lead times of the estate, or where a workstation
    stays past a deadline in any of the plans.
    """
    found = estate_of(estate)
    written = [_read(file, found) for file in files]
    comparing.show(found, _data(estate, data), [one for one, _ in written], as_json)


@scenario.command("save")
def save(file: ScenarioFile, estate: EstateOption = Path("estate.yml"), data: DataPath = None) -> None:
    """Keep a scenario, to be compared and decided later. Saved again under its name it is its next version."""
    found, text = _read(file, estate_of(estate))
    with told(ScenarioError, StateError):
        scenarios.save(state_of(estate, data), found, text, user(), time.time(), "command line")
    plainly(f"{found.name} saved\n")


@scenario.command("list")
def list_scenarios(
    estate: EstateOption = Path("estate.yml"), data: DataPath = None, as_json: AsJson = False
) -> None:
    """List the scenarios: how each stands, since when, by whom and why."""
    with told(StateError):
        found = scenarios.listed(state_of(estate, data))
    if as_json:
        with told(ScenarioError):
            comparing.print_json([{**one._asdict(), "text": _raw(one)} for one in found])
        return
    for one in found:
        why = f"\t{one.why}" if one.why else ""
        plainly(f"{one.name}\t{one.standing}\t{_day(one.at)}\t{one.who}\t{one.title}{why}\n")


@scenario.command("show")
def show(
    name: Name, estate: EstateOption = Path("estate.yml"), data: DataPath = None, as_json: AsJson = False
) -> None:
    """Show a saved scenario, all that was decided of it, and what it changes. Ends with status 3 as `try` does."""
    found = estate_of(estate)
    state = state_of(estate, data)
    with told(ScenarioError, StateError):
        saved = _saved(state, name)
        history = scenarios.decisions(state, name)
        one = saved.scenario
    if not as_json:
        plainly(f"{saved.name}: {saved.title}\n")
        for decision in history:
            why = f": {decision.why}" if decision.why else ""
            plainly(f"  {_day(decision.at)}  {decision.action} by {decision.who}{why}\n")
    comparing.show(found, _data(estate, data), [one], as_json, [decision._asdict() for decision in history])


@scenario.command("compare")
def compare(
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME...", help="Names of saved scenarios, or files.", show_default=False),
    ],
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Hold several scenarios against each other and against none. Ends with status 3 as `try` does."""
    found = estate_of(estate)
    state = state_of(estate, data)
    with told(ScenarioError, StateError):
        chosen = [either(state, name, found) for name in names]
    comparing.show(found, _data(estate, data), chosen, as_json)


@scenario.command("commit")
def commit(name: Name, why: Why, estate: EstateOption = Path("estate.yml"), data: DataPath = None) -> None:
    """Commit a saved scenario: the planner counts with it from now on, and what is expected of it is frozen."""
    from forecasting.renewal import deciding  # noqa: PLC0415 - pandas costs half a second

    found, state = estate_of(estate), state_of(estate, data)
    folder = _data(estate, data)
    with told(ScenarioError, StateError, HistoryError, PlanError):
        made = deciding.commit(
            state,
            lambda: comparing.reader_of(found, folder),
            found,
            scenarios.need(state, name),
            user(),
            why,
            time.time(),
            "command line",
            plan=Files(folder).plan,
        )
    moved = f"it moves {len(made.names)} things" if made else "the renewal plan counts with it"
    plainly(f"{name} committed: {moved}\n")


@scenario.command("withdraw")
def withdraw(name: Name, why: Why, estate: EstateOption = Path("estate.yml"), data: DataPath = None) -> None:
    """Take a commitment back. What was expected of it stays known."""
    with told(ScenarioError, StateError):
        scenarios.withdraw(state_of(estate, data), name, user(), why, time.time(), "command line")
    plainly(f"{name} withdrawn\n")


@scenario.command("measure")
def measure(
    name: Name, estate: EstateOption = Path("estate.yml"), data: DataPath = None, as_json: AsJson = False
) -> None:
    """Hold what was expected of a committed scenario against what was measured since."""
    from forecasting.renewal import measuring  # noqa: PLC0415 - pandas costs half a second
    from forecasting.scenarios import deciding  # noqa: PLC0415

    state, declared = state_of(estate, data), estate_of(estate)
    with told(ScenarioError, StateError, HistoryError):
        fleet = measuring.measure(state, name, declared.timezone)
        frozen = scenarios.expected(state, name)
        alone = bool(fleet) and frozen is not None and len(frozen.text) == len(fleet)
        found = (
            []
            if alone
            else deciding.measure(
                state, comparing.reader_of(declared, _data(estate, data)), name, time.time()
            )
        )
    if as_json:
        comparing.print_json([*(dataclasses.asdict(one) for one in found), *(one._asdict() for one in fleet)])
        return
    if not alone:
        print_rows(screen(), _MEASURED, [_effect(one) for one in found], limit=0)
    print_rows(screen(), _MEASURED_FLEET, [_fleet_year(one) for one in fleet], limit=0)


# --- what the verbs share ---------------------------------------------------------------------------


def _read(file: Path, estate: Estate) -> tuple[Scenario, str]:
    """A scenario's file, or the end of the command with all that is wrong with it."""
    written = open_scenario(file, estate)
    _complain(written)
    if written.scenario is None:
        fail(f"{file} cannot be used")
    return written.scenario, written.text


def _complain(written: Written) -> None:
    for problem in written.problems:
        console.print(verbatim(str(problem)))


def _saved(state: State, name: str) -> scenarios.Saved:
    found = scenarios.find(state, name)
    if found is None:
        known = ", ".join(one.name for one in scenarios.listed(state)) or "none yet"
        raise ScenarioError(f"there is no scenario {name}; saved are: {known}")
    return found


def _raw(saved: scenarios.Saved) -> Any:
    try:
        return json.loads(saved.text)
    except (ValueError, RecursionError):
        said = f"what state.db keeps of {saved.name} cannot be read: look at it with jauge files check, restore a backup"
        raise ScenarioError(said) from None


def either(state: State | None, name: str, estate: Estate) -> Scenario:
    """A scenario by its file, or by the name that it was saved under. Raises ScenarioError."""
    if name.endswith(".yml"):
        return _read(Path(name), estate)[0]
    if state is None:
        raise ScenarioError(f"there is no scenario {name}: none was saved yet")
    return _saved(state, name).scenario


def _data(estate: Path, data: Path | None) -> Path:
    return beside(estate, data).directory


# --- tables -----------------------------------------------------------------------------------------


_MEASURED: Final = ("what", "since", "days", "expected", "measured", "answer")
_MEASURED_FLEET: Final = (
    "year", "without", "with it", "came", "failures", "with it", "failed", "imports until",
)  # fmt: skip


def _effect(one: Effect) -> tuple[str, ...]:
    measured = "" if one.measured is None else _three(one.unique_id, one.measured)
    expected = _three(one.unique_id, one.expected)
    return one.place, str(one.start), str(one.days), expected, measured, one.answer


def _fleet_year(one: Year) -> tuple[str, ...]:
    """Workstations of a year: expected without the scenario and with it, and what imports showed."""
    fails = ["" if value is None else f"{value:.0f}" for value in one.failures]
    came, failed = ("not yet" if value is None else str(value) for value in (one.came, one.failed))
    return str(one.year), *map(str, one.machines), came, *fails, failed, str(one.until or "")


def _three(name: str, three: Sequence[float]) -> str:
    low, likely, high = (comparing.amount(name, one) for one in three)
    return f"{likely} ({low} to {high})"


def _day(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).astimezone().date().isoformat()
