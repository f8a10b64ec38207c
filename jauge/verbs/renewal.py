"""`jauge renew`: which workstations are replaced when, for how much money, and what stays past its deadline."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import tempfile
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from inventory.imports import ImportFailedError
from inventory.scenarios.reading import ScenarioError
from inventory.state import open_state
from inventory.state.schema import StateError
from jauge.files import beside
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
    verbatim,
    warn,
)
from jauge.verbs.exports import Output, save_compared, save_plan
from jauge.verbs.survival import rests_on

if TYPE_CHECKING:
    from dashboard.comparisons import Compared
    from forecasting.renewal.plan import Asked, Plan, Point
    from forecasting.renewal.scenarios import Case
    from inventory.estate import Estate
    from inventory.imports.reading import Asked as Reading
    from inventory.scenarios import Scenario
    from inventory.state import State
    from inventory.workstations import Workstation

_SHOWN: Final = 25
"""Rows of a table on a terminal; `--json` has all."""

_COST: Final = {
    "purchases": "machines, installed",
    "again": "second renewals",
    "licences": "licences of editions",
    "updates": "paid updates",
    "spent": "ordered in all",
    "running": "running costs",
    "support": "support after warranty",
    "repairs": "failures to expect",
    "total": "total",
}
_WHY: Final = {
    "deadline": "the deadline",
    "updates": "paid updates end",
    "age": "the age limit",
    "risk": "the allowed risk",
    "cost": "waiting is dearer",
    "warranty": "its warranty ends",
    "project": "a project needs it",
    "spare": "a spare",
    "kept": "nothing asks for it",
}
_PUSHED: Final = {
    "": "",
    "cap": ", later for want of money",
    "hands": ", later for want of hands",
    "evenness": ", moved to even out years",
}
_LATE: Final = {
    "order": "nothing that is ordered today comes sooner",
    "offer": "nothing is sold that replaces it",
    "cap": "no money left in the years before",
    "hands": "no hands left in the quarters before",
    "weight": "what is left is worth more elsewhere",
}


def renew(
    estate: Annotated[
        Path, typer.Argument(metavar="ESTATE", help="The estate, with its section workstations.")
    ] = Path("estate.yml"),
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", help="Machines of this export instead of what was imported.", show_default=False
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="What wrote that export, where its titles do not tell.", show_default=False),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="A file that says what its columns are: see docs/inventory.md.", show_default=False
        ),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(
            help="Sheet of a workbook; else the one whose titles are known best.", show_default=False
        ),
    ] = None,
    years: Annotated[
        int | None,
        typer.Option(min=1, max=15, help="Years ahead, instead of the estate's.", show_default=False),
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario",
            help="A saved scenario, or its file .yml: plans with and without it.",
            show_default=False,
        ),
    ] = None,
    curve: Annotated[bool, typer.Option("--curve", help="Show what more and less money would buy.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    output: Output = None,
    data: DataPath = None,
) -> None:
    """The renewal plan of workstations: purchases by year, what stays past a deadline, and why. Status 3 where anything does."""
    from forecasting.renewal import document, knowledge  # noqa: PLC0415 - pandas and the solver cost a second
    from forecasting.renewal.scenarios import applied  # noqa: PLC0415

    told_how = _how(csv, source, mapping, sheet)
    declared = estate_of(estate)
    if declared.workstations is None or not declared.workstations.offers:
        fail(
            f"{estate} says nothing of what replaces workstations: add workstations: with offers: (docs/renewal.md)"
        )
    today = dt.datetime.now(ZoneInfo(declared.timezone)).date()
    with told(StateError, ImportFailedError, ScenarioError):
        state = _state(estate, data)
        machines = _from_file(csv, today, told_how) if csv else _imported(state)
        asked = knowledge.asked(declared, today, state)
        chosen, committed = _scenarios(scenario or (), state, declared)
    with told(ValueError):
        rules = applied(asked, () if chosen else committed, years)
    if chosen:
        cases = _compared(machines, asked, chosen, committed, years)
        if output is not None:
            save_compared(output, _outlined(cases), declared)
        _print_cases(cases, as_json)
        return
    found, points = _planned(machines, rules, years, curve)
    whole = finite(document.of(found, points))
    if output is not None:
        save_plan(output, whole, declared)
    if as_json:
        plainly(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
    else:
        _print(found, points)
    if found.overdue:
        raise typer.Exit(REACHED)


def _planned(
    machines: Sequence[Workstation], asked: Asked, years: int | None, curve: bool
) -> tuple[Plan, list[Point]]:
    from forecasting.renewal import plan as planning  # noqa: PLC0415 - as above

    with _working(f"planning {len(machines)} workstations"), told(ValueError):
        found = planning.plan(machines, asked, years)
        return found, planning.curve(found.costed, asked.fails) if curve else []


def _scenarios(
    names: Sequence[str], state: State | None, estate: Estate
) -> tuple[list[Scenario], list[Scenario]]:
    """Those that were asked for, and those that are committed. Raises ScenarioError."""
    from forecasting.renewal.scenarios import concerns  # noqa: PLC0415 - as above
    from inventory.state import scenarios  # noqa: PLC0415
    from jauge.verbs.scenarios import either  # noqa: PLC0415

    chosen = [either(state, name, estate) for name in names]
    committed = [one for one in (scenarios.committed(state) if state else ()) if concerns(one)]
    return chosen, committed


def _compared(
    machines: Sequence[Workstation],
    asked: Asked,
    chosen: Sequence[Scenario],
    committed: Sequence[Scenario],
    years: int | None,
) -> list[Case]:
    """The plan without scenarios, then with each."""
    from forecasting.renewal import scenarios  # noqa: PLC0415 - as above

    with _working(f"planning {len(machines)} workstations, {len(chosen) + 1} times"), told(ValueError):
        return list(scenarios.compare(machines, asked, chosen, committed, years))


def _outlined(cases: Sequence[Case]) -> list[Compared]:
    from dashboard.comparisons import Compared  # noqa: PLC0415 - as above
    from forecasting.renewal.document import outline  # noqa: PLC0415

    base, *others = [finite(outline(case.plan)) for case in cases]
    titles = [case.scenario.heading for case in cases if case.scenario]
    return [Compared(title, base, one) for title, one in zip(titles, others, strict=True)]


def _print_cases(cases: Sequence[Case], as_json: bool) -> None:
    """Plans beside each other; status 3 where a machine stays past a deadline in any of them."""
    from forecasting.renewal import document  # noqa: PLC0415 - as above

    if as_json:
        data = [{"scenario": case.name, **document.of(case.plan)} for case in cases]
        plainly(json.dumps(finite(data), indent=2, ensure_ascii=False, default=str) + "\n")
    else:
        _show(_beside(cases))
    if any(case.plan.overdue for case in cases):
        raise typer.Exit(REACHED)


def _state(estate: Path, data: Path | None) -> State | None:
    file = beside(estate, data).state
    return open_state(file) if file.exists() else None


def _imported(state: State | None) -> Sequence[Workstation]:
    from inventory.imports import snapshots  # noqa: PLC0415 - as above

    found = snapshots.latest(state) if state else None
    if found is None or not found.workstations:
        fail("no workstations were imported yet: jauge inventory import FILE.csv, or give --csv FILE")
    return found.workstations


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
        for refused in found.refused.first(_SHOWN):
            warn(f"{file.name}: left out, {refused}")
        machines = list(found.added)
    if not machines:
        fail(f"{file} holds no workstation that can be used", PROBLEM)
    return machines


@contextlib.contextmanager
def _working(what: str) -> Iterator[None]:
    """Say that something is being done, on a terminal."""
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


# --- tables -----------------------------------------------------------------------------------------


def _print(found: Plan, points: Sequence[Point]) -> None:
    _show(_years(found))
    _show(_costs(found))
    _show(_purchases(found))
    if found.overdue:
        _show(_overdue(found))
    if points:
        _show(_curve(points, found.currency))
    for text in _told(found):
        plainly(text + "\n")


def _years(found: Plan) -> Table:
    grid = _grid("year", "machines", "again", "money", "budget", "failures (80 %)", "past age")
    waves = found.waves
    fails = {row["year"]: row for row in found.failures.to_dict("records")}
    for one in found.money:
        if one.purse:
            continue
        of = waves[waves["year"] == one.year]
        failing = fails.get(one.year)
        grid.add_row(
            str(one.year),
            _count(of.loc[~of["again"].astype(bool), "machines"].sum()),
            _count(of.loc[of["again"].astype(bool), "machines"].sum()),
            _money(one.spent),
            "" if one.budget is None else _money(one.budget),
            f"{failing['expected']:.0f} ({failing['low']:.0f} to {failing['high']:.0f})" if failing else "",
            _count(found.past_age.get(one.year, 0)),
        )
    return grid


def _costs(found: Plan) -> Table:
    """The money of each year by line: what is ordered, and what machines cost while they serve."""
    from forecasting.renewal import document, kept  # noqa: PLC0415 - as above

    grid = _grid("cost", *(str(one.year) for one in found.costs), "in all")
    for name, values in kept.by_line([document.lines(one) for one in found.costs]):
        grid.add_row(_COST[name], *(_money(one) for one in (*values, sum(values))))
    return grid


def _purchases(found: Plan) -> Table:
    grid = _grid("ordered in", "for", "site", "class", "machines", "by", "money", "because of")
    waves = found.waves[~found.waves["again"].astype(bool)].copy()
    waves["because"] = [
        f"{_why(row, found)}{_PUSHED[row['pushed']]}"
        for row in waves[["why", "pushed", "use"]].to_dict("records")
    ]
    keys = ["year", "quarter", "site", "use", "offer", "because"]
    summed = waves.groupby(keys, sort=True)[["machines", "money"]].sum().reset_index()
    for row in summed.head(_SHOWN).to_dict("records"):
        grid.add_row(
            str(row["year"]), _quarter(row["quarter"]), verbatim(row["site"]), verbatim(row["use"]), _count(row["machines"]),
            verbatim(row["offer"]), _money(row["money"]), row["because"],
        )  # fmt: skip
    if len(summed) > _SHOWN:
        grid.caption = f"and {len(summed) - _SHOWN} more: --json has all"
    return grid


def _why(row: Mapping[Hashable, Any], found: Plan) -> str:
    limit = found.costed.limits.get(row["use"])
    return f"the age limit, {limit:g} years" if row["why"] == "age" and limit else _WHY[row["why"]]


def _overdue(found: Plan) -> Table:
    grid = _grid("past its deadline", "site", "class", "model", "machines", "replaced", "because")
    late = found.late.assign(
        replaced=[_quarter(day) if day is not None else "never" for day in found.late["replaced"]]
    )
    keys = ["deadline", "site", "use", "model", "replaced", "why"]
    summed = late.groupby(keys, sort=True).size().reset_index(name="machines")
    for row in summed.head(_SHOWN).to_dict("records"):
        cells = (row["site"], row["use"], row["model"])
        grid.add_row(
            str(row["deadline"]), *(verbatim(cell) for cell in cells), _count(row["machines"]), row["replaced"], _LATE[row["why"]]
        )  # fmt: skip
    if len(summed) > _SHOWN:
        grid.caption = f"and {len(summed) - _SHOWN} more: --json names each machine"
    return grid


def _beside(cases: Sequence[Case]) -> Table:
    """Plan against plan: orders by year, all that they cost with machines in service, what stays past a deadline, failures."""
    years = [one.year for one in cases[0].plan.money if not one.purse]
    grid = _grid(
        "plan", *(str(year) for year in years), "in all", "with service", "past a deadline", "failures", "gap"
    )
    for case in cases:
        spent = {one.year: one.spent for one in case.plan.money if not one.purse}
        grid.add_row(
            verbatim(case.name or "as it is"), *(_money(spent.get(year, 0.0)) for year in years), _money(case.plan.spent),
            _money(case.plan.total), _count(case.plan.overdue), f"{case.failures:.0f}", f"{case.plan.solution.gap:.3%}",
        )  # fmt: skip
    return grid


def _curve(points: Sequence[Point], currency: str) -> Table:
    from forecasting.renewal.kept import LUMP  # noqa: PLC0415 - as above

    grid = _grid(
        "money", "in all", "spent", "past a deadline", "failures", f"worth of {_money(LUMP)} {currency}"
    )
    for one in points:
        grid.add_row(
            f"{one.share:+.0%}", _money(one.budget), _money(one.spent), _count(one.late), f"{one.failures:.0f}",
            "" if one.lump is None else _money(one.lump),
        )  # fmt: skip
    return grid


def _told(found: Plan) -> Iterator[str]:
    """What the tables rest on."""
    solution, fleet = found.solution, found.fleet
    yield f"{len(fleet.machines)} workstations in {len(found.cohorts)} cohorts; {_money(found.spent)} {found.currency} in all."
    yield f"Proven to {solution.gap:.4%} in {solution.seconds:.1f} s; the plain plan is {solution.greedy_gap:.1%} from the bound."
    if solution.late:
        yield "The search was ended by the clock: on a quicker machine the plan may be another one."
    if found.overdue:
        yield f"{found.overdue} machines stay past a deadline."
    if found.learnt is None:
        yield "How long machines last is assumed, and bands are those of chance alone: no life was learnt from imports yet."
    else:
        yield from rests_on(found.learnt)
    if fleet.assumed:
        yield f"{fleet.assumed} machines have no date of purchase: taken to be as old as the others of their model."
    if fleet.unsupported:
        yield f"{len(fleet.unsupported)} machines run a system that the catalogue does not know: planned by their age alone."
    for what, text in (
        ("console", "have dates of their own"),
        ("stock", "are in stock"),
        ("retired", "are out of use"),
    ):
        count = sum(why == what for _, why in fleet.left)
        if count:
            yield f"{count} machines {text}, and are left alone."
    for name, offer in _going_on(found):
        yield f"{name}: its contract is taken to go on after {offer}, at its price."


def _going_on(found: Plan) -> Iterator[tuple[str, str]]:
    for one in found.costed.ending:
        yield one[0], str(one[1])


def _grid(*titles: str) -> Table:
    grid = Table(box=None, pad_edge=False)
    for title in titles:
        grid.add_column(title, overflow="fold")
    return grid


def _show(grid: Table) -> None:
    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=200)
    out.print(grid)
    out.print()


def _quarter(day: Any) -> str:
    return f"{day.year} Q{(day.month + 2) // 3}"


def _money(amount: float) -> str:
    return f"{amount:,.0f}"


def _count(number: float) -> str:
    return f"{int(number):,}" if number else ""
