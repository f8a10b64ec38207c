"""`jauge inventory care` and `measure`: workstations in care that nobody mends, and what was done about them."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from exporters.commas import csv_text
from inventory.state import measures
from inventory.state.measures import Measured, MeasureError, Recorded
from inventory.state.schema import StateError
from jauge.verbs.access import state_of
from jauge.verbs.common import REACHED, DataPath, any_estate, fail, plainly, told, user, verbatim
from jauge.verbs.fleet import NOTHING, declared
from jauge.verbs.listing import (
    AsCsv,
    AsJson,
    EstateOption,
    Limit,
    asked_day,
    json_text,
    one_form,
    print_rows,
    screen,
    today_of,
    zone_of,
)

if TYPE_CHECKING:  # pandas costs half a second
    from inventory.fleet.care import Care
    from inventory.fleet.judging import Seen
    from inventory.state import State
    from inventory.workstations import Workstation

measure = typer.Typer(
    help="Compensating measures for workstations that stay without support.", no_args_is_help=True
)


def care(
    on: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="The day; today when left out.", show_default=False),
    ] = None,
    fail_without_measure: Annotated[
        bool,
        typer.Option("--fail-without-measure", help="End with status 3 where one has no measure that holds."),
    ] = False,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
    limit: Limit = 50,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the workstations in care that nobody mends on a day, or of which nobody can tell: those without a measure first.

    In care is what is of a class of use with care: true. Each stands with its system, since when it is without updates, why it is
    not upgraded, the dates of its own where it is a console, and the measures that hold on that day.
    """
    from dashboard.fleet import exposed, in_care  # noqa: PLC0415 - pandas costs half a second

    one_form(as_json, as_csv)
    day = asked_day(on)
    state = state_of(estate, data)
    found, renewal = declared(estate)
    with told(StateError):
        known = in_care(state, renewal, day or today_of(found), zone_of(found) or dt.UTC)
    if known is None:
        fail(NOTHING)
    seen, listed = known
    if not listed.declared:
        fail(f"{estate} says of no class of use that it is in care: workstations: classes: with care: true")
    rows = [exposed(one) for one in listed.exposed]
    if as_json:
        plainly(json_text(_as_data(seen, listed, rows)))
    elif as_csv:
        plainly(csv_text(_TITLES, ([_flat(value) for value in row.values()] for row in rows)))
    else:
        _print(seen, listed, rows, limit, zone_of(found) or dt.UTC)
    if fail_without_measure and listed.uncovered:
        raise typer.Exit(REACHED)


_TITLES: Final = (
    "name", "serial", "site", "service", "place", "class", "criticality", "system", "os_version", "support", "since",
    "support_reason", "fitness", "why", "console_until", "measures",
)  # fmt: skip
_SHOWN: Final = (
    "machine", "site", "service, place", "class", "criticality", "system", "without updates since", "why not upgraded",
    "own last day", "measures",
)  # fmt: skip


def _flat(value: Any) -> Any:
    """A cell: measures as one text."""
    return _together(value) if isinstance(value, list) else value


def _together(measures_of_one: Sequence[dict[str, Any]]) -> str:
    return "; ".join(_measured(one) for one in measures_of_one)


def _measured(one: dict[str, Any]) -> str:
    until = f" until {one['until']}" if one["until"] else ""
    return f"{one['text']} ({one['who']}, {one['since']}{until})"


def _as_data(seen: Seen, listed: Care, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "day": listed.day,
        "snapshot": {"at": seen.snapshot.at, "file": seen.snapshot.file},
        "in_care": listed.machines,
        "exposed": len(listed.exposed),
        "without_measure": len(listed.uncovered),
        "classes": dict(Counter(str(row["class"]) for row in rows)),
        "workstations": rows,
    }


def _print(seen: Seen, listed: Care, rows: Sequence[dict[str, Any]], limit: int, timezone: dt.tzinfo) -> None:
    out = screen()
    imported = dt.datetime.fromtimestamp(seen.snapshot.at, timezone).date()
    states = Counter(str(row["support"]) for row in rows)
    out.print(
        verbatim(
            f"{listed.day}: of {listed.machines} workstations in care {states['ended']} are without support and of "
            f"{states['unknown']} nobody can tell; {len(listed.uncovered)} have no compensating measure "
            f"(inventory of {imported})"
        )
    )
    print_rows(out, _SHOWN, [tuple(_cells(row)) for row in rows], limit)


def _cells(row: dict[str, Any]) -> Iterator[str]:
    place = ", ".join(str(row[name]) for name in ("service", "place") if row[name])
    since = str(row["since"]) if row["since"] else f"unknown: {row['support_reason']}"
    yield from (str(row["name"]), str(row["site"] or ""), place, str(row["class"]), str(row["criticality"]))
    yield from (str(row["system"] or "not told"), since, _shortened(str(row["why"])))
    yield str(row["console_until"] or "")
    yield _together(row["measures"]) or "NONE"


def _shortened(reasons: str) -> str:
    """The first of several reasons: JSON, CSV and the workbook have them all."""
    first, *others = reasons.split("; ")
    return f"{first}, and {len(others)} more" if others else first


# --- measures -----------------------------------------------------------------------------------------

Why = Annotated[str, typer.Option("--why", help="Why it ends.", show_default=False)]


@measure.command("add")
def add_measure(
    machines: Annotated[
        list[str],
        typer.Argument(
            metavar="SERIAL...", help="Serial numbers of the machines, or their names.", show_default=False
        ),
    ],
    text: Annotated[
        str, typer.Option("--text", help="What was done: own network, no mail ...", show_default=False)
    ],
    until: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="Last day on which it holds; no end when left out.", show_default=False
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="First day; today when left out.", show_default=False),
    ] = None,
    who: Annotated[
        str | None,
        typer.Option(
            help="Who answers for it, where not you: a function rather than a name.", show_default=False
        ),
    ] = None,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Record what was done so that machines without support may stay: for good, nobody can change or take it back."""
    last, first = asked_day(until, "--until"), asked_day(since, "--since")
    state = state_of(estate, data)
    found = any_estate(estate)
    with told(StateError, MeasureError):
        known = _machines(state, machines)
        recorded = Measured(known, text, who or user(), first or today_of(found), last)
        numbers = measures.add(state, recorded, time.time(), user(), "command line")
    for number, (_, name) in zip(numbers, known, strict=True):
        plainly(f"measure {number} recorded for {name}\n")


@measure.command("list")
def list_measures(
    all_of_them: Annotated[bool, typer.Option("--all", help="Those that do not hold any more, too.")] = False,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """List the measures that were recorded, oldest first. Those of the estate stand in the estate."""
    state = state_of(estate, data)
    today = today_of(any_estate(estate))
    with told(StateError):
        found = [one for one in measures.listed(state) if all_of_them or one.holds(today)]
    if as_json:
        plainly(json_text([one._asdict() for one in found]))
        return
    titles = ("number", "machine", "measure", "who", "since", "until", "ended")
    print_rows(screen(), titles, [_measure_row(one) for one in found], len(found))
    if not found:
        plainly("no measure holds\n" if not all_of_them else "no measure was recorded\n")


@measure.command("end")
def end_measure(
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="Number of the measure.", show_default=False)
    ],
    why: Why,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="First day on which it does not hold; today when left out.",
            show_default=False,
        ),
    ] = None,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Say that a measure does not hold any more. It stays in the list of all."""
    day = asked_day(on) or today_of(any_estate(estate))
    state = state_of(estate, data)
    with told(StateError, MeasureError):
        ended = measures.end(state, number, day, time.time(), user(), why, "command line")
    plainly(f"measure {number} for {ended.name} holds no more from {day}\n")


def _measure_row(one: Recorded) -> tuple[str, ...]:
    ended = f"{one.ended}: {one.ended_why} ({one.ended_by})" if one.ended else ""
    return str(one.id), one.name, one.text, one.who, str(one.since), str(one.until or ""), ended


def _machines(state: State, wanted: Sequence[str]) -> list[tuple[str, str]]:
    """Keys and names of the machines that are meant. Raises MeasureError where one is not in the newest inventory, or two are."""
    from inventory.imports import snapshots  # noqa: PLC0415 - pandas costs half a second

    snapshot = snapshots.latest(state)
    if snapshot is None:
        raise MeasureError(NOTHING)
    of: dict[str, list[Workstation]] = {}
    for one in snapshot.workstations:
        for text in {one.serial and one.serial.casefold(), one.name.casefold()} - {None, ""}:
            of.setdefault(text or "", []).append(one)
    found = [_machine(each, of.get(each.strip().casefold(), [])) for each in dict.fromkeys(wanted)]
    return list(dict.fromkeys((one.key, one.name) for one in found))


def _machine(wanted: str, found: Sequence[Workstation]) -> Workstation:
    if not found:
        raise MeasureError(f"the newest inventory has no workstation with the serial number or name {wanted}")
    if len(found) > 1:
        serials = ", ".join(one.serial or "(none)" for one in found)
        raise MeasureError(
            f"{wanted} are {len(found)} workstations: give the serial number of one: {serials}"
        )
    return found[0]


def register(group: typer.Typer) -> None:
    """Add these verbs to those of the inventory."""
    group.command("care")(care)
    group.add_typer(measure, name="measure")
