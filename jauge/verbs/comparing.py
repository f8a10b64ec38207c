"""Scenarios held against what is to be expected without them: stores by the forecast, workstations by the renewal plan."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.table import Table as Grid

from exporters.history import HistoryError
from exporters.plan.schema import PlanError
from inventory.estate import Estate
from inventory.scenarios import Scenario
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, open_state, restores, scenarios
from inventory.state.schema import StateError
from jauge.files import Files
from jauge.verbs.common import REACHED, console, fail, finite, plainly, told, verbatim, warn, working
from jauge.verbs.listing import print_rows, screen

if TYPE_CHECKING:
    from exporters.history import Reader
    from forecasting.renewal import scenarios as renewing
    from forecasting.renewal.plan import Asked
    from forecasting.scenarios.cascade import Factor, Reach, Way
    from forecasting.scenarios.comparing import Case, Comparison
    from forecasting.scenarios.projecting import Prospect
    from inventory.workstations import Workstation

HORIZON: Final = 365
"""Days ahead at which levels are shown."""

UNDECLARED: Final = (
    "the estate says nothing of what replaces workstations: add workstations: with offers: (docs/renewal.md)"
)
NOT_IMPORTED: Final = "no workstations were imported yet: jauge inventory import FILE.csv"


def show(
    estate: Estate,
    folder: Path,
    chosen: Sequence[Scenario],
    as_json: bool,
    history: list[dict[str, Any]] | None = None,
) -> None:
    """Compare, print, and end with status 3 where something would have to be ordered by today, or a workstation is late in any plan.

    Of scenarios that are about workstations alone no history of stores is asked.
    """
    state = folder / "state.db"
    with told(ScenarioError, StateError):
        kept = open_state(state) if state.exists() else None
        committed = scenarios.committed(kept) if kept else []
        speeds = restores.speeds(kept) if kept else {}
    of_stores = [one for one in chosen if not one.renews_alone]
    stores = _held(estate, folder, of_stores, committed, speeds) if of_stores else None
    plans = _renewed(estate, kept, chosen, committed)
    if as_json:
        whole = _as_json(stores) if stores else {}
        whole |= {"workstations": plans_as_json(plans)} if plans else {}
        print_json({**whole, **({"history": history} if history is not None else {})})
    else:
        if stores:
            _print_comparison(stores, estate.currency)
        print_plans(plans)
    today = dt.datetime.now(ZoneInfo(estate.timezone)).date()
    if overdue(plans) or (stores and any(case.late(today) for case in stores.cases)):
        raise typer.Exit(REACHED)


def reader_of(estate: Estate, folder: Path) -> Reader:
    """What reads the history of stores. Raises HistoryError."""
    from exporters.history.opening import reader  # noqa: PLC0415 - pandas costs half a second

    return reader(estate, Files(folder).history)


def print_json(what: Any) -> None:
    """Print anything that a verb found as JSON."""
    plainly(json.dumps(finite(what), indent=2, ensure_ascii=False, default=str) + "\n")


def _held(
    estate: Estate,
    folder: Path,
    chosen: Sequence[Scenario],
    committed: Sequence[Scenario],
    speeds: Mapping[str, Sequence[float]],
) -> Comparison:
    from forecasting.correction import learnt  # noqa: PLC0415 - as above
    from forecasting.scenarios.comparing import compare  # noqa: PLC0415

    now = time.time()
    with told(ScenarioError, StateError, HistoryError, PlanError):
        correct = learnt(Files(folder).plan, estate.timezone, now)
        return compare(reader_of(estate, folder), estate, chosen, committed, now, speeds, correct)


# --- workstations -----------------------------------------------------------------------------------


def imported(state: State | None) -> Sequence[Workstation]:
    """The workstations that were imported last; none before the first import. Raises StateError."""
    from inventory.imports import snapshots  # noqa: PLC0415 - as above

    found = snapshots.latest(state) if state else None
    return found.workstations if found else ()


def compare_plans(
    machines: Sequence[Workstation],
    asked: Asked,
    chosen: Sequence[Scenario],
    committed: Sequence[Scenario],
    years: int | None = None,
) -> list[renewing.Case]:
    """The renewal plan without scenarios, then with each; or the end of the command where one leaves none."""
    from forecasting.renewal.scenarios import compare  # noqa: PLC0415 - as above, and the solver

    with working(f"planning {len(machines)} workstations, {len(chosen) + 1} times"), told(ValueError):
        return compare(machines, asked, chosen, committed, years)


def print_plans(plans: Sequence[renewing.Case]) -> None:
    """Plans beside each other; nothing where there are none."""
    from forecasting.renewal.document import outline  # noqa: PLC0415 - as above
    from jauge import renewals  # noqa: PLC0415

    if plans:
        named = [(case.name or "as it is", outline(case.plan)) for case in plans]
        print_rows(screen(), *renewals.beside(named), limit=0)


def plans_as_json(plans: Sequence[renewing.Case]) -> list[dict[str, Any]]:
    """The whole of each plan, with the name of its scenario: empty for the plan without any."""
    from forecasting.renewal import document  # noqa: PLC0415 - as above

    return [{"scenario": case.name, **document.of(case.plan)} for case in plans]


def overdue(plans: Iterable[renewing.Case]) -> bool:
    """Whether a machine stays past a deadline in any of some plans."""
    return any(case.plan.overdue for case in plans)


def _renewed(
    estate: Estate, state: State | None, chosen: Sequence[Scenario], committed: Sequence[Scenario]
) -> list[renewing.Case]:
    """The plan without and with those that are about workstations; nothing where none is.

    Where there is no plan to hold them against that is told, and ends the command where nothing else would be shown.
    """
    renewed = [one for one in chosen if one.renews]
    if not renewed:
        return []
    with told(StateError):
        machines = imported(state)
    lacking = _lacking(estate, machines)
    if lacking and all(one.renews_alone for one in chosen):
        fail(lacking)
    if lacking:
        warn(f"what changes of workstations is left out: {lacking}")
        return []
    from forecasting.renewal import knowledge  # noqa: PLC0415 - as above

    today = dt.datetime.now(ZoneInfo(estate.timezone)).date()
    with told(StateError):
        asked = knowledge.asked(estate, today, state)
    return compare_plans(machines, asked, renewed, committed)


def _lacking(estate: Estate, machines: Sequence[Workstation]) -> str:
    """What a plan needs and is not there, with what to do; empty where it can be made."""
    if estate.workstations is None or not estate.workstations.offers:
        return UNDECLARED
    return "" if machines else NOT_IMPORTED


# --- stores, as JSON --------------------------------------------------------------------------------


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


# --- stores, as a table ------------------------------------------------------------------------------


def _print_comparison(found: Comparison, currency: str) -> None:
    screen().print(_grid(found))
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
