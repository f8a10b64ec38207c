"""`jauge scenario`: what may come, held against what is to be expected without it, decided, and measured later."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Grid

from exporters.history import HistoryError
from inventory.estate import Estate
from inventory.scenarios import Scenario
from inventory.scenarios.reading import ScenarioError, Written, open_scenario
from inventory.state import State, open_state, restores, scenarios
from inventory.state.schema import StateError
from jauge.files import Files, beside
from jauge.verbs.access import state_of
from jauge.verbs.common import (
    PROBLEM,
    REACHED,
    DataPath,
    console,
    estate_of,
    fail,
    finite,
    plainly,
    told,
    user,
    verbatim,
)

if TYPE_CHECKING:
    from exporters.history import Reader
    from forecasting.renewal.measuring import Year
    from forecasting.scenarios.cascade import Factor, Reach, Way
    from forecasting.scenarios.comparing import Case, Comparison
    from forecasting.scenarios.deciding import Effect
    from forecasting.scenarios.projecting import Prospect

scenario = typer.Typer(help="What may come, and what is decided: scenarios.", no_args_is_help=True)


HORIZON: Final = 365
"""Days ahead at which levels are shown."""

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

    Ends with status 3 where something would have to be ordered today or earlier, given the lead times of the estate.
    """
    found = estate_of(estate)
    written = [_read(file, found) for file in files]
    _show(found, _data(estate, data), [one for one, _ in written], as_json)


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
            _print_json([{**one._asdict(), "text": _raw(one)} for one in found])
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
    _show(found, _data(estate, data), [one], as_json, [decision._asdict() for decision in history])


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
    _show(found, _data(estate, data), chosen, as_json)


@scenario.command("commit")
def commit(name: Name, why: Why, estate: EstateOption = Path("estate.yml"), data: DataPath = None) -> None:
    """Commit a saved scenario: the planner counts with it from now on, and what is expected of it is frozen."""
    from forecasting.renewal import deciding  # noqa: PLC0415 - pandas costs half a second

    found, state = estate_of(estate), state_of(estate, data)
    folder = _data(estate, data)
    with told(ScenarioError, StateError, HistoryError):
        made = deciding.commit(
            state,
            lambda: _reader(found, folder),
            found,
            scenarios.need(state, name),
            user(),
            why,
            time.time(),
            "command line",
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
            else deciding.measure(state, _reader(declared, _data(estate, data)), name, time.time())
        )
    if as_json:
        _print_json([*(dataclasses.asdict(one) for one in found), *(one._asdict() for one in fleet)])
        return
    if not alone:
        _print(_measured(found))
    if fleet:
        _print(_measured_fleet(fleet))


def _measured_fleet(found: Sequence[Year]) -> Grid:
    """Workstations by year: expected without the scenario and with it, and what imports showed."""
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("year", "without", "with it", "came", "failures", "with it", "failed", "imports until"):
        grid.add_column(title)
    for one in found:
        fails = ["" if value is None else f"{value:.0f}" for value in one.failures]
        seen = ["not yet" if value is None else str(value) for value in (one.came, one.failed)]
        grid.add_row(
            str(one.year),
            *map(str, one.machines),
            seen[0],
            *fails,
            seen[1],
            str(one.until) if one.until else "",
        )
    return grid


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


def _reader(estate: Estate, folder: Path) -> Reader:
    from exporters.history.opening import reader  # noqa: PLC0415 - pandas costs half a second

    return reader(estate, Files(folder).history)


def _show(
    estate: Estate,
    folder: Path,
    chosen: Sequence[Scenario],
    as_json: bool,
    history: list[dict[str, Any]] | None = None,
) -> None:
    """Compare, print, and end with status 3 where something is late."""
    from forecasting.scenarios.comparing import compare as hold  # noqa: PLC0415 - pandas costs half a second

    state = folder / "state.db"
    with told(ScenarioError, StateError, HistoryError):
        kept = open_state(state) if state.exists() else None
        committed = scenarios.committed(kept) if kept else []
        speeds = restores.speeds(kept) if kept else {}
        found = hold(_reader(estate, folder), estate, chosen, committed, time.time(), speeds)
    today = dt.datetime.now(ZoneInfo(estate.timezone)).date()
    if as_json:
        _print_json({**_as_json(found), **({"history": history} if history is not None else {})})
    else:
        _print_comparison(found, estate.currency)
    if any(case.late(today) for case in found.cases):
        raise typer.Exit(REACHED)


# --- JSON -------------------------------------------------------------------------------------------


def _as_json(found: Comparison) -> dict[str, Any]:
    return {
        "base": {name: _prospect(one) for name, one in found.base.prospects.items()},
        "scenarios": [
            {
                "name": case.name,
                "title": case.scenario.heading if case.scenario else "",
                "cost": case.cost,
                "prospects": {name: _prospect(one) for name, one in case.prospects.items()},
                "added_in_a_year": {
                    name: dict(zip(("low", "likely", "high"), added[HORIZON - 1].tolist(), strict=True))
                    for name, added in case.added.items()
                },
                "moved": found.moved(case),
                "sizes": [one._asdict() for one in case.bases],
                "loads": [one._asdict() for one in case.loads],
                "reach": _reach(case.reach),
            }
            for case in found.cases
        ],
    }


def _prospect(one: Prospect) -> dict[str, Any]:
    return {
        "target": one.series.target,
        "store": one.series.store,
        "used": one.series.used,
        "limit": one.limit,
        "full": {"early": one.early, "central": one.central, "late": one.late, "reason": one.reason},
        "chances": one.chances,
        "order_by": one.order_by,
        "in_a_year": one.level(HORIZON),
    }


def _reach(reach: Reach | None) -> dict[str, Any]:
    if reach is None:
        return {}
    return {
        "nightly": [{**one._asdict(), "way": _way(one.way)} for one in reach.nightly],
        "recoveries": [
            {**one._asdict(), "late": one.late, "way": one.way and _way(one.way)} for one in reach.recoveries
        ],
        "circles": reach.circles,
        "missing": reach.missing,
    }


def _way(way: Way) -> dict[str, Any]:
    named = {"reduction": way.reduction._asdict(), "change": way.change._asdict()}
    return {**way._asdict(), **named, "repository": way.repository.unique_id}


def _print_json(what: Any) -> None:
    plainly(json.dumps(finite(what), indent=2, ensure_ascii=False, default=str) + "\n")


# --- tables -----------------------------------------------------------------------------------------


def _print_comparison(found: Comparison, currency: str) -> None:
    _print(_grid(found))
    for case in found.cases:
        for text in _told(case, currency):
            console.print(verbatim(f"{case.name}: {text}"))


def _grid(found: Comparison) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("what", "case", "used", "added in a year", "full", "between", "order by", "90 d", "365 d"):
        grid.add_column(title, no_wrap=title != "what", overflow="fold")
    for name in found.names:
        concerned = [case for case in found.cases if name in case.added or name in found.moved(case)]
        for case in (found.base, *concerned):
            cells = _row(case.prospects[name], case, name, case.scenario is None)
            grid.add_row(*(verbatim(text) for text in cells))
    return grid


def _row(one: Prospect, case: Case, name: str, first: bool) -> tuple[str, ...]:
    added = case.added.get(name)
    whole = "" if added is None else " to ".join(amount(name, value) for value in added[HORIZON - 1, (0, 2)])
    return (
        f"{one.series.target} {one.series.store or one.series.quantity}" if first else "",
        case.name or "as it is",
        amount(name, one.series.used) if first else "",
        whole,
        str(one.central) if one.central else (one.reason or ""),
        f"{one.early} and {one.late or '-'}" if one.early else "",
        str(one.order_by or ""),
        *(f"{one.chances[days]:.0%}" if days in one.chances else "" for days in (90, 365)),
    )


def _told(case: Case, currency: str) -> Iterable[str]:
    """What the table does not say: sizes, links, restores, cost."""
    for size in case.bases:
        said = {"given": "as given", "recent": f"learnt from {size.studies} studies of the last year",
                "total": f"learnt from all {size.studies} studies", "table": f"of the table: {size.source}"}  # fmt: skip
        low, likely, high = (_bytes(one) for one in size.sizes)
        yield f"a study of {size.modality} is {likely} ({low} to {high}), {said[size.kind]}"
    for desk in case.loads:
        said = {"given": "as given", "learnt": f"learnt from {desk.days} days", "assumed": "assumed"}
        low, likely, high = (f"{value:.2g}" for value in desk.busy)
        told = "told by itself" if desk.told else "as given"
        yield (
            f"a desktop keeps {likely} processors busy ({low} to {high}), {said[desk.kind]}; "
            f"{desk.target} has {desk.processors:.0f}, {told}"
        )
    if case.cost is not None:
        yield f"it buys for {case.cost:,.0f} {currency}"
    for one in case.reach.nightly if case.reach else ():
        where = f"{one.way.repository.target} {one.way.repository.store}"
        reduction, change = one.way.reduction, one.way.change
        yield (
            f"{one.way.target} is backed up to {where}: {reduction.three[1]:.2g} bytes for each kept ({_origin(reduction)}), "
            f"a night of {_bytes(one.bytes_before[1])} becomes {_bytes(one.bytes_after[1])} in a year "
            f"({change.three[1]:.1%} of change, {_origin(change)}){_hours(one.hours_before, one.hours_after)}"
        )
    for restore in case.reach.recoveries if case.reach else ():
        promised = f", promised are {restore.rto:.2g} h" if restore.rto is not None else ""
        first = f" after {', '.join(restore.after)}" if restore.after else ""
        yield f"a full restore of {restore.target}{first}{_hours(restore.before, restore.after_scenario)}{promised}{_pace(restore.way)}"
    for circle in case.reach.circles if case.reach else ():
        yield f"{' and '.join(circle)} depend on each other: each is counted once, and which comes first is not known"
    for missing in case.reach.missing if case.reach else ():
        yield f"a repository is not in the history, and is left out: {missing}"


def _origin(factor: Factor) -> str:
    return f"{factor.origin} over {factor.days} days" if factor.days else factor.origin


def _pace(way: Way | None) -> str:
    """How fast it comes back, and who says so."""
    if way is None or way.restore is None:
        return ""
    said = {
        "declared": "as declared",
        "measured": f"as in {way.tests} restore tests",
        "link": "at best, by the link",
    }
    return f"; {_bytes(way.restore)} a second, {said[way.pace or 'declared']}"


def _hours(before: Sequence[float] | None, after: Sequence[float] | None) -> str:
    if before is None or after is None:
        return ""
    return f": {_time(before[1])} without, {_time(after[1])} with it ({_time(after[0])} to {_time(after[2])})"


def _time(hours: float) -> str:
    return f"{hours * 60:.2g} min" if hours < 1 else f"{hours:.3g} h"


def _measured(found: Sequence[Effect]) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("what", "since", "days", "expected", "measured", "answer"):
        grid.add_column(title, overflow="fold")
    for one in found:
        measured = "" if one.measured is None else _three(one.unique_id, one.measured)
        cells = (
            one.place,
            str(one.start),
            str(one.days),
            _three(one.unique_id, one.expected),
            measured,
            one.answer,
        )
        grid.add_row(*(verbatim(cell) for cell in cells))
    return grid


def _three(name: str, three: Sequence[float]) -> str:
    low, likely, high = (amount(name, one) for one in three)
    return f"{likely} ({low} to {high})"


def amount(name: str, value: float) -> str:
    """A number in the unit of a series: bytes in powers of 1000, shares in per cent, anything else as it is."""
    metric = name.partition("{")[0]
    if metric.endswith("_bytes"):
        return _bytes(value)
    return f"{value:.1%}" if metric.endswith("_ratio") else f"{value:,.0f}"


def _bytes(value: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if abs(value) < 999.5 or unit == "PB":
            return f"{value:.3g} {unit}"
        value /= 1000
    return ""


def _day(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).astimezone().date().isoformat()


def _print(grid: Grid) -> None:
    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=220)
    out.print(grid)
