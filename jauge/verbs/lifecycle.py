"""`jauge inventory eol`, `fitness` and `processors`: what is out of support when, and which machines can run Windows 11."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from exporters.commas import csv_text
from inventory.harmless import line
from inventory.imports import ImportFailedError
from inventory.state.schema import StateError
from jauge.verbs.access import state_of
from jauge.verbs.common import (
    PROBLEM,
    REACHED,
    DataPath,
    any_estate,
    fail,
    files_of,
    plainly,
    told,
    user,
    verbatim,
)
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
)

if TYPE_CHECKING:  # pandas costs half a second
    from inventory.estate import Estate
    from inventory.fitness import Fitness
    from inventory.lifecycle.outlook import By, Item, Outlook, Standing
    from inventory.workstations import Workstation

_COUNTED: Final[tuple[By, ...]] = ("system", "site", "service", "kind")
_TITLES: Final[Mapping[str, str]] = {
    "system": "system",
    "site": "site",
    "service": "service",
    "kind": "class",
}


def eol(
    on: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="The day; today when left out.", show_default=False),
    ] = None,
    esu: Annotated[
        bool, typer.Option("--esu", help="As if all extended updates that are sold were bought.")
    ] = False,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
    limit: Limit = 50,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List what is out of support on a day, worst first: workstations of the inventory, and targets by what they run.

    What is not in the catalogue, or not told exactly enough, is unknown, never supported, and listed with its reason. Ends with
    status 3 where a day was asked about (--on) and something is out of support on it.
    """
    from exporters.status import StatusError  # noqa: PLC0415 - what polls costs half a second
    from inventory.lifecycle import outlook  # noqa: PLC0415 - so does pandas

    one_form(as_json, as_csv)
    day = asked_day(on)
    state = state_of(estate, data)
    found = any_estate(estate)
    with told(StateError, StatusError):
        items = [*_workstations(state, esu), *_targets(found, estate, data, esu)]
    if not items:
        fail(
            "nothing is known yet: import an inventory (jauge inventory import), or let jauge run poll the estate"
        )
    seen = outlook.look(items, day or today_of(found))
    if as_json:
        plainly(json_text(_of_outlook(seen)))
    elif as_csv:
        plainly(csv_text(_STANDING, map(_row, seen.standings)))
    else:
        _print_outlook(seen, limit)
    if day is not None and seen.of("ended"):
        raise typer.Exit(REACHED)


def fitness(
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
    limit: Limit = 50,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Tell which workstations can run Windows 11, which cannot and why, and of which nobody can tell and why.

    Unfit is what misses one of Microsoft's requirements, fit what is known to meet all: a processor counts where an imported
    list names it (jauge inventory processors).
    """
    from inventory import processors  # noqa: PLC0415 - pandas costs half a second
    from inventory.fitness import judge  # noqa: PLC0415
    from inventory.imports import snapshots  # noqa: PLC0415
    from inventory.workstations import OUT  # noqa: PLC0415

    one_form(as_json, as_csv)
    state = state_of(estate, data)
    with told(StateError):
        listed, snapshot = processors.load(state), snapshots.latest(state)
    if snapshot is None:
        fail("no inventory was imported yet: jauge inventory import")
    judged = [(one, judge(one, listed)) for one in snapshot.workstations if one.state not in OUT]
    judged.sort(key=lambda pair: (("unfit", "unknown", "fit").index(pair[1].state), pair[0].name))
    days = {} if listed is None else listed.days
    if as_json:
        plainly(json_text({"lists": days, "workstations": [_of_fitness(*pair) for pair in judged]}))
    elif as_csv:
        titles = ("name", "site", "service", "maker", "model", "state", "reasons")
        plainly(
            csv_text(
                titles,
                ([*_place(one), one.maker, one.model, f.state, "; ".join(f.reasons)] for one, f in judged),
            )
        )
    else:
        _print_fitness(judged, days, limit)


def processors(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A maker's list: text, CSV or Markdown.", show_default=False),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, show what would change.")] = False,
    estate: Annotated[Path, typer.Option(help="The estate, for the place of its data.")] = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Show what a list of processors for Windows 11 holds, and with --yes keep it in place of that maker's former one.

    A line is a name, or manufacturer, brand and model in columns; a column `supported` marks those that are not.
    """
    from inventory import processors as lists  # noqa: PLC0415 - as above

    state = state_of(estate, data)
    with told(ImportFailedError, StateError):
        made = lists.preview(state, file)
        plainly("".join(f"{line(text, 400)}\n" for text in made.lines()))
        some = bool(made.found.supported or made.found.unsupported)
        if some and yes:
            found = any_estate(estate)
            lists.commit(state, made, today_of(found), user(), "command line")
            plainly("Imported.\n")
        elif some:
            plainly("Nothing was changed: add --yes to import.\n")
    if made.refused or not some:
        raise typer.Exit(PROBLEM)


def register(group: typer.Typer) -> None:
    """Add these verbs to those of the inventory."""
    for verb in (eol, fitness, processors):
        group.command(verb.__name__)(verb)


# --- what is looked at --------------------------------------------------------------------------------


def _workstations(state: Any, esu: bool) -> list[Item]:
    from inventory.imports import snapshots  # noqa: PLC0415 - as above
    from inventory.lifecycle.outlook import of_workstations  # noqa: PLC0415

    snapshot = snapshots.latest(state)
    found = () if snapshot is None else snapshot.workstations
    return of_workstations(found, frozenset(one.key for one in found) if esu else frozenset())


def _targets(estate: Estate | None, path: Path, data: Path | None, esu: bool) -> list[Item]:
    """What targets run, by the collector's status; none where there is no estate or it was never polled."""
    from exporters.status import read  # noqa: PLC0415 - as above
    from inventory.lifecycle.outlook import Item  # noqa: PLC0415

    made = list[Item]()
    for one in read(files_of(path, data).status).targets if estate else ():
        known = estate.target(one.name) if estate else None
        if known is not None:
            kind = known.role or "target"
            product, version = one.product or None, one.version or None
            made.append(
                Item(one.name, kind, product, version, None, known.site, known.service, one.family, esu)
            )
    return made


# --- as JSON and CSV ----------------------------------------------------------------------------------

_STANDING: Final = (
    "name",
    "class",
    "site",
    "service",
    "system",
    "state",
    "until",
    "reason",
    "product",
    "version",
)


def _row(one: Standing) -> tuple[str | None, ...]:
    item = one.item
    until = one.until.isoformat() if one.until else None
    place = (item.name, item.kind, item.site, item.service)
    return *place, one.system, one.support.state, until, one.support.told, item.product, item.version


def _of_outlook(seen: Outlook) -> dict[str, Any]:
    counts = {_TITLES[by]: _counts(seen, by) for by in _COUNTED}
    return {
        "day": seen.day,
        "counts": dict(Counter(one.support.state for one in seen.standings)),
        "by": counts,
        "things": [dict(zip(_STANDING, _row(one), strict=True)) for one in seen.standings],
    }


def _counts(seen: Outlook, by: By) -> list[dict[str, Any]]:
    return [
        {_TITLES[by]: name} | {str(state): many for state, many in row.items()}
        for name, row in seen.count(by).items()
    ]


def _of_fitness(one: Workstation, found: Fitness) -> dict[str, Any]:
    verdicts = {v.criterion: {"state": v.state, "reason": v.reason} for v in found.verdicts}
    place = dict(zip(("name", "site", "service"), _place(one), strict=True))
    return {**place, "state": found.state, "reasons": list(found.reasons), "criteria": verdicts}


def _place(one: Workstation) -> tuple[str | None, str | None, str | None]:
    return one.name, one.site, one.service


# --- as text ------------------------------------------------------------------------------------------


def _print_outlook(seen: Outlook, limit: int) -> None:
    out = screen()
    counts = Counter(one.support.state for one in seen.standings)
    out.print(
        verbatim(
            f"{seen.day}: {counts['ended']} of {len(seen.standings)} out of support, {counts['unknown']} unknown, "
            f"{counts['extended']} by a programme only, {counts['supported']} supported"
        )
    )
    for by in _COUNTED:
        rows = [
            (
                name or "not told",
                *(str(row[state]) for state in ("ended", "unknown", "extended", "supported")),
            )
            for name, row in seen.count(by).items()
        ]
        print_rows(out, (_TITLES[by], "ended", "unknown", "extended", "supported"), rows, limit)
    listed = [_row(one)[:8] for one in seen.of("ended", "unknown")]
    print_rows(out, _STANDING[:8], [tuple(cell or "" for cell in row) for row in listed], limit)


def _print_fitness(
    judged: Sequence[tuple[Workstation, Fitness]], days: Mapping[str, dt.date], limit: int
) -> None:
    out = screen()
    counts = Counter(found.state for _, found in judged)
    lists = ", ".join(f"{maker} of {day}" for maker, day in sorted(days.items()))
    out.print(
        verbatim(
            f"{len(judged)} workstations: {counts['fit']} fit for Windows 11, {counts['unfit']} unfit, {counts['unknown']} "
            f"unknown; lists of processors: {lists or 'none imported'}"
        )
    )
    why = Counter((found.state, reason) for _, found in judged for reason in found.reasons)
    print_rows(
        out,
        ("state", "reason", "workstations"),
        [(*key, str(count)) for key, count in why.most_common()],
        limit,
    )
    rows = [
        (*(text or "" for text in (*_place(one), one.model)), found.state, "; ".join(found.reasons))
        for one, found in judged
        if found.state != "fit"
    ]
    print_rows(out, ("name", "site", "service", "model", "state", "why"), rows, limit)
