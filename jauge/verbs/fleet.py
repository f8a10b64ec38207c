"""`jauge inventory status` and `rollouts`: how the workstations stand, and what is being deployed to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from inventory.state.schema import StateError
from jauge.verbs.access import state_of
from jauge.verbs.common import DataPath, any_estate, fail, plainly, told, verbatim
from jauge.verbs.listing import AsJson, json_text, print_rows, screen, today_of, zone_of

if TYPE_CHECKING:  # pandas costs half a second
    import pandas as pd

    from dashboard.fleet import Fleet
    from forecasting.deploying import Followed
    from inventory.estate import Estate
    from inventory.renewal import Renewal

Where = Annotated[
    Path,
    typer.Argument(metavar="ESTATE", help="The estate: classes of use, roll-outs, the place of its data."),
]

NOTHING: Final = "no inventory was imported yet: jauge inventory import"
_MANY: Final = 50
"""Rows of one table: roll-outs are no more, classes are shown so many."""

REASONS: Final[Mapping[str, str]] = {
    "done": "done",
    "unseen": "nothing was counted yet",
    "short": "no date: fewer than four weeks were counted since the start",
    "still": "no date: nothing was deployed in the last weeks",
    "slow": "no date: at this pace less than half a chance within five years",
}
_FIELDS: Final = {
    "serial": "serial number", "purchased": "date of purchase", "warranty": "end of warranty", "os": "system",
    "os_version": "version of the system", "cpu": "processor",
}  # fmt: skip


def status(estate: Where = Path("estate.yml"), data: DataPath = None, as_json: AsJson = False) -> None:
    """Tell how the workstations stand: how many, how old, mended until when, fit for Windows 11, in care, what changed.

    What nobody knows is counted apart. Support counts free programmes, and no updates that are only sold.
    """
    from dashboard import fleet  # noqa: PLC0415 - pandas costs half a second

    state = state_of(estate, data)
    found, renewal = declared(estate)
    with told(StateError):
        seen = fleet.known(state, renewal, today_of(found), zone_of(found) or dt.UTC)
    if seen is None:
        fail(NOTHING)
    if as_json:
        plainly(json_text(_as_data(seen)))
    else:
        _print(seen)


def rollouts(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Only this one, week by week.", show_default=False)
    ] = None,
    estate: Annotated[Path, typer.Option("--estate", help="The estate, which declares them.")] = Path(
        "estate.yml"
    ),
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Tell how roll-outs stand: deployed against planned by week, and the day on which all will be, with its 80 % band.

    What runs on workstations is counted in each import that was kept; other things in what people write down.
    """
    from forecasting.deploying import followed  # noqa: PLC0415 - as above

    state = state_of(estate, data)
    found, renewal = declared(estate)
    if found is None or not renewal.rollouts:
        fail(f"{estate} declares no roll-out: write one in workstations: rollouts: (docs/inventory.md)")
    if name is not None and name not in renewal.rollouts:
        fail(f"there is no roll-out {name}: {', '.join(renewal.rollouts)}", status=2)
    today = today_of(found)
    with told(StateError):
        all_of_them = followed(renewal, state, today, zone_of(found) or dt.UTC)
    shown = [one for one in all_of_them if name in (None, one.name)]
    if as_json:
        plainly(json_text([_rollout_data(one, today) for one in shown]))
        return
    out = screen()
    _print_rollouts(out, shown, today)
    if name is not None and shown[0].progress is not None:
        print_rows(out, _WEEK, list(_weeks(shown[0].progress.weeks, today)), 10_000)


def register(group: typer.Typer) -> None:
    """Add these verbs to those of the inventory."""
    for verb in (status, rollouts):
        group.command(verb.__name__)(verb)


def declared(path: Path) -> tuple[Estate | None, Renewal]:
    """The estate, None where there is no such file, and what it says of workstations."""
    from inventory.renewal import Renewal  # noqa: PLC0415 - as above

    found = any_estate(path)
    return found, (found.workstations if found else None) or Renewal()


# --- roll-outs ----------------------------------------------------------------------------------------

_ROLLOUT: Final = (
    "roll-out", "deployed", "of", "planned by now", "behind", "a week now", "a week needed", "end of the plan",
    "done by (10 %)", "(50 %)", "(90 %)", "",
)  # fmt: skip
_WEEK: Final = ("week of", "planned", "deployed", "behind", "")


def _print_rollouts(out: Console, rollouts_shown: Sequence[Followed], today: dt.date) -> None:
    print_rows(out, _ROLLOUT, [_rollout_row(one, today) for one in rollouts_shown], _MANY)
    for one in rollouts_shown:
        for text in _remarks(one):
            out.print(verbatim(text))


def _rollout_row(one: Followed, today: dt.date) -> tuple[str, ...]:
    progress, planned = one.progress, one.planned(today)
    if progress is None:
        return (one.title, *("" for _ in _ROLLOUT[2:]), "cannot be followed: see below")
    behind = None if planned is None or progress.deployed is None else planned - progress.deployed
    return (
        one.title, _number(progress.deployed, "not counted"), _number(progress.total), _number(planned), _behind(behind), _number(progress.weekly, digits=1),
        _number(progress.needed, digits=1), _day(one.rollout.end), _day(progress.early), _day(progress.central),
        _day(progress.late), REASONS[progress.reason] if progress.reason else "",
    )  # fmt: skip


def _weeks(weeks: pd.DataFrame, today: dt.date) -> Iterator[tuple[str, ...]]:
    for row in weeks.to_dict("records"):
        monday = row["week"].date()
        told_by_now = monday <= today
        deployed = "not counted" if told_by_now else ""
        yield (
            monday.isoformat(), _number(row["planned"]), _number(row["deployed"], deployed), _behind(row["behind"]),
            "" if told_by_now else "to come",
        )  # fmt: skip


def _remarks(one: Followed) -> Iterator[str]:
    if one.problem:
        yield f"{one.title}: {one.problem}"
    if one.unknown:
        yield f"{one.title}: of {one.unknown} workstations nobody tells whether it runs on them: they are not counted as deployed"


def _behind(value: float | None) -> str:
    if value is None or value != value:  # noqa: PLR0124 - what is not a number
        return ""
    rounded = round(value)
    return "on time" if rounded == 0 else f"{rounded} behind" if rounded > 0 else f"{-rounded} ahead"


def _rollout_data(one: Followed, today: dt.date) -> dict[str, Any]:
    progress = one.progress
    head = {"name": one.name, "title": one.title, "start": one.rollout.start, "end": one.rollout.end}
    if progress is None:
        return {**head, "problem": one.problem}
    return {
        **head, "total": progress.total, "deployed": progress.deployed, "planned": one.planned(today),
        "unknown": one.unknown, "early": progress.early, "central": progress.central, "late": progress.late,
        "reason": progress.reason, "pace": progress.pace, "needed": progress.needed,
        "weeks": [{**row, "week": row["week"].date()} for row in progress.weeks.to_dict("records")],
    }  # fmt: skip


# --- status -------------------------------------------------------------------------------------------


def _print(seen: Fleet) -> None:
    out = screen()
    for text in _head(seen):
        out.print(verbatim(text))
    counts = seen.counts
    out.print(verbatim(_ages(seen)))
    print_rows(out, ("completed years", *counts.ages), [("workstations", *map(str, counts.ages.values()))], 1)
    print_rows(
        out,
        ("support", f"today ({seen.day})", f"in 12 months ({seen.later_day})"),
        [(state, str(counts.now[state]), str(counts.later[state])) for state in counts.now],
        4,
    )
    out.print(verbatim(_fitness(seen)))
    _print_classes(out, seen)
    for text in _tail(seen):
        out.print(verbatim(text))
    _print_rollouts(out, seen.rollouts, seen.day)


def _head(seen: Fleet) -> Iterator[str]:
    taken, counts = seen.seen.snapshot, seen.counts
    imported = dt.datetime.fromtimestamp(taken.at, dt.UTC).astimezone(seen.zone).date()
    age = (seen.day - imported).days
    yield (
        f"Inventory of {imported} ({_days(age)} old), from {taken.file}; "
        f"{'the only import' if seen.imports == 1 else f'{seen.imports} imports are kept'}"
    )
    states = ", ".join(
        f"{many} {_STATES[state]}" for state, many in counts.states.items() if state != "unknown"
    )
    unknown = counts.states.get("unknown", 0)
    said = f"{unknown} of which the inventory tells no state, taken to be in use" if unknown else ""
    yield f"{len(taken.workstations)} workstations: {'; '.join(filter(None, (states, said)))}"
    changes = seen.changes
    if changes is not None and changes.before is not None:
        before = dt.datetime.fromtimestamp(changes.before, dt.UTC).astimezone(seen.zone).date()
        yield (
            f"Changed since the import before it, of {before}: {changes.added} new, {changes.changed} changed, "
            f"{changes.vanished} vanished, {changes.returned} back again"
        )
    if seen.moved is not None:
        yield f"Moved, to another site, service or place: {seen.moved.last} on {imported}, {seen.moved.year} within 12 months"


_STATES: Final = {
    "used": "in use", "stock": "in stock", "repair": "being mended", "failed": "failed", "retired": "retired",
}  # fmt: skip


def _ages(seen: Fleet) -> str:
    counts = seen.counts
    unknown = counts.ages.get("unknown", 0)
    median = (
        "nobody knows how old any is" if counts.median is None else f"median age {counts.median:.1f} years"
    )
    said = f"; of {unknown} the date of purchase is unknown" if unknown and counts.median is not None else ""
    return f"{counts.machines} that are in use or may be again: {median}{said}"


def _fitness(seen: Fleet) -> str:
    counts, listed = seen.counts, seen.seen.listed
    lists = "" if listed is not None else " (no list of processors was imported: jauge inventory processors)"
    return (
        f"Windows 11: {counts.fitness['fit']} fit, {counts.fitness['unfit']} unfit, {counts.fitness['unknown']} unknown{lists}; "
        f"it runs on {counts.current} already"
    )


def _print_classes(out: Console, seen: Fleet) -> None:
    rows = [
        (
            one.use.title or one.use.name, one.use.criticality, "yes" if one.use.care else "", str(one.machines),
            str(one.now["ended"]), str(one.now["unknown"]), str(one.later["ended"]),
        )
        for one in seen.counts.classes
    ]  # fmt: skip
    titles = (
        "class of use", "criticality", "in care", "workstations", "support ended", "unknown", "ended in 12 months",
    )  # fmt: skip
    print_rows(out, titles, rows, _MANY)


def _tail(seen: Fleet) -> Iterator[str]:
    care = seen.care
    if not care.declared:
        yield "In care: the estate declares no class of use with care: true"
    else:
        yield (
            f"In care: {len(care.exposed)} of {care.machines} without support, or nobody can tell; {len(care.uncovered)} of "
            f"them without a compensating measure: jauge inventory care"
        )
    yield _ended(seen)
    missing = ", ".join(f"{_FIELDS.get(name, name)} {many}" for name, many in seen.counts.missing.items())
    if missing:
        yield f"Not told, of {seen.counts.machines}: {missing}"


def _ended(seen: Fleet) -> str:
    ended = seen.ended
    if ended is None:
        return "Failures and retirements: unknown before a second import of another day"
    said = ", ".join(f"{ended.ends[end]} {words}" for end, words in _ENDS.items() if end in ended.ends)
    untold = " or ".join(words for end, words in _UNTOLD.items() if end not in ended.ends)
    return f"From {ended.since} to {ended.until}: {said}{f'; the inventory does not tell which {untold}' if untold else ''}"


_ENDS: Final = {"failure": "failed", "retirement": "retired", "vanished": "vanished without a word"}
_UNTOLD: Final = {"failure": "failed", "retirement": "were retired"}


def _as_data(seen: Fleet) -> dict[str, Any]:
    taken, counts, listed = seen.seen.snapshot, seen.counts, seen.seen.listed
    return {
        "day": seen.day,
        "snapshot": {"at": taken.at, "file": taken.file, "imports": seen.imports},
        "changes": None if seen.changes is None else seen.changes._asdict(),
        "workstations": len(taken.workstations),
        "states": counts.states,
        "alive": counts.machines,
        "ages": counts.ages,
        "median_age": counts.median,
        "missing": counts.missing,
        "support": {"today": counts.now, "in_12_months": {"day": seen.later_day, **counts.later}},
        "fitness": {
            **counts.fitness, "running": counts.current, "processors": None if listed is None else listed.days,
        },
        "classes": [
            {
                "name": one.use.name, "title": one.use.title, "criticality": one.use.criticality, "care": one.use.care,
                "workstations": one.machines, "support": {"today": one.now, "in_12_months": one.later},
            }
            for one in counts.classes
        ],
        "care": {
            "declared": seen.care.declared, "workstations": seen.care.machines, "exposed": len(seen.care.exposed),
            "without_measure": len(seen.care.uncovered),
        },
        "ended": None if seen.ended is None else seen.ended._asdict(),
        "moved": None if seen.moved is None else seen.moved._asdict(),
        "rollouts": [_without_weeks(one, seen.day) for one in seen.rollouts],
    }  # fmt: skip


def _without_weeks(one: Followed, today: dt.date) -> dict[str, Any]:
    return {name: value for name, value in _rollout_data(one, today).items() if name != "weeks"}


def _number(value: float | None, unknown: str = "", digits: int = 0) -> str:
    return unknown if value is None or value != value else f"{value:.{digits}f}"  # noqa: PLR0124 - what is not a number


def _day(day: dt.date | None) -> str:
    return "" if day is None else day.isoformat()


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
