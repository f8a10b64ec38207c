"""`jauge inventory eol`, `fitness` and `processors`: what is out of support when, and which machines can run Windows 11."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Grid

from inventory.harmless import line
from inventory.imports import ImportFailedError
from inventory.state.schema import StateError
from jauge.verbs.access import state_of
from jauge.verbs.common import (
    PROBLEM,
    REACHED,
    DataPath,
    estate_of,
    fail,
    files_of,
    finite,
    plainly,
    told,
    user,
    verbatim,
)

if TYPE_CHECKING:  # pandas costs half a second
    from inventory.estate import Estate
    from inventory.fitness import Fitness
    from inventory.lifecycle.outlook import By, Item, Outlook, Standing
    from inventory.workstations import Workstation

EstateOption = Annotated[
    Path, typer.Option("--estate", help="The estate: its targets, and the place of its data.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, a line for each thing.")]
Limit = Annotated[
    int, typer.Option(min=0, metavar="LINES", help="Lines of each list, where neither JSON nor CSV.")
]

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
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

    _one(as_json, as_csv)
    day = _asked(on)
    state = state_of(estate, data)
    found = estate_of(estate) if estate.exists() else None
    with told(StateError, StatusError):
        items = [*_workstations(state, esu), *_targets(found, estate, data, esu)]
    if not items:
        fail(
            "nothing is known yet: import an inventory (jauge inventory import), or let jauge run poll the estate"
        )
    seen = outlook.look(items, day or _today(found))
    if as_json:
        plainly(_json(_of_outlook(seen)))
    elif as_csv:
        plainly(_csv(_STANDING, map(_row, seen.standings)))
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

    _one(as_json, as_csv)
    state = state_of(estate, data)
    with told(StateError):
        listed, snapshot = processors.load(state), snapshots.latest(state)
    if snapshot is None:
        fail("no inventory was imported yet: jauge inventory import")
    judged = [
        (one, judge(one, listed)) for one in snapshot.workstations if one.state not in ("failed", "retired")
    ]
    judged.sort(key=lambda pair: (("unfit", "unknown", "fit").index(pair[1].state), pair[0].name))
    days = {} if listed is None else listed.days
    if as_json:
        plainly(_json({"lists": days, "workstations": [_of_fitness(*pair) for pair in judged]}))
    elif as_csv:
        titles = ("name", "site", "service", "maker", "model", "state", "reasons")
        plainly(
            _csv(
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
            lists.commit(state, made, dt.datetime.now(dt.UTC).astimezone().date(), user(), "command line")
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


def _asked(on: str | None) -> dt.date | None:
    """The day that was asked about, or the end of the command."""
    if on is None:
        return None
    try:
        if not _DAY.fullmatch(on):
            raise ValueError
        return dt.date.fromisoformat(on)
    except ValueError:
        fail(f"--on {line(on, 40)}: write a day as 2027-01-31", status=2)


def _today(estate: Estate | None) -> dt.date:
    zone = None if estate is None else ZoneInfo(estate.timezone)
    return dt.datetime.now(dt.UTC).astimezone(zone).date()


def _one(as_json: bool, as_csv: bool) -> None:
    if as_json and as_csv:
        fail("give --json or --csv, not both", status=2)


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


def _json(content: Any) -> str:
    return json.dumps(finite(content), indent=2, ensure_ascii=False) + "\n"


def _csv(titles: Sequence[str], rows: Iterable[Iterable[str | None]]) -> str:
    """CSV that no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([_neutral(cell or "") for cell in row] for row in rows)
    return out.getvalue()


def _neutral(text: str) -> str:
    """A cell as text: a formula begins with one of these, whatever stands before it that is not shown."""
    harmless = line(text)
    return f"'{harmless}" if harmless.lstrip().startswith(("=", "+", "-", "@", "␉", "␍")) else harmless


# --- as text ------------------------------------------------------------------------------------------


def _print_outlook(seen: Outlook, limit: int) -> None:
    out = _out()
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
        _print(out, (_TITLES[by], "ended", "unknown", "extended", "supported"), rows, limit)
    listed = [_row(one)[:8] for one in seen.of("ended", "unknown")]
    _print(out, _STANDING[:8], [tuple(cell or "" for cell in row) for row in listed], limit)


def _print_fitness(
    judged: Sequence[tuple[Workstation, Fitness]], days: Mapping[str, dt.date], limit: int
) -> None:
    out = _out()
    counts = Counter(found.state for _, found in judged)
    lists = ", ".join(f"{maker} of {day}" for maker, day in sorted(days.items()))
    out.print(
        verbatim(
            f"{len(judged)} workstations: {counts['fit']} fit for Windows 11, {counts['unfit']} unfit, {counts['unknown']} "
            f"unknown; lists of processors: {lists or 'none imported'}"
        )
    )
    why = Counter((found.state, reason) for _, found in judged for reason in found.reasons)
    _print(
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
    _print(out, ("name", "site", "service", "model", "state", "why"), rows, limit)


def _print(out: Console, titles: Sequence[str], rows: Sequence[tuple[str, ...]], limit: int) -> None:
    if not rows:
        return
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        grid.add_column(title, overflow="fold")
    for row in rows[:limit]:
        grid.add_row(*(verbatim(line(cell, 200)) for cell in row))
    out.print(grid)
    if len(rows) > limit:
        out.print(verbatim(f"and {len(rows) - limit} more"))


def _out() -> Console:
    out = Console(highlight=False, soft_wrap=False)
    return out if out.is_terminal else Console(highlight=False, width=220)
