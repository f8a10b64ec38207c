"""`jauge backup`: what is protected, which restores were tested, and the record of a new test."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import time
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Grid

from collectors.poll import Poll
from dashboard.sentences import backups as sentences
from dashboard.texts import Texts
from exporters import jobs, protection, status
from exporters.jobs import Job, Jobs
from exporters.protection import Part, Protection
from inventory import quantities
from inventory.checking import EstateError, load
from inventory.estate import Estate
from inventory.harmless import line
from inventory.state import State, restores
from inventory.state.restores import Entry, Instead, Restore, RestoreError
from inventory.state.schema import StateError
from jauge.files import beside
from jauge.verbs.access import state_of
from jauge.verbs.common import (
    PROBLEM,
    REACHED,
    DataPath,
    EstatePath,
    console,
    estate_of,
    fail,
    plainly,
    told,
    user,
    verbatim,
)
from jauge.verbs.polling import poll_all
from jauge.verbs.signs import OWN_FILES, Signposted


class _Hospital(Signposted):
    """The hospital's backups, where a folder or `restore` is meant for those of Jauge itself."""

    def sign(self, name: str) -> str | None:
        """Whatever is like no command here."""
        return OWN_FILES if name == "restore" or not get_close_matches(name, self.commands) else None


backup = typer.Typer(
    cls=_Hospital,
    help="The hospital's backups: what protects, and what was restored. Jauge's own files: `jauge files backup`.",
    no_args_is_help=True,
)

_SOURCE: Final = "command line"
_LONG: Final = 2000
"""Bytes of a line that is printed."""

_MET: Final = {True: "yes", False: "NO", None: "unknown"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@backup.command("status")
def show_status(estate: EstatePath, data: DataPath = None, as_json: AsJson = False) -> None:
    """Poll once, and show what is protected. Ends with status 3 where an RPO is exceeded, with 1 where something else is not
    as promised, or nobody can tell.

    Each target with backups or a promise: its last good restore point against the RPO, the last restore test against
    the RTO, the 3-2-1-1-0 rule in words, for each service of the hospital too; then the machines that no job knows.
    """
    found = estate_of(estate, polled=True)
    polls = asyncio.run(poll_all(found, list(found.targets)))
    state = beside(estate, data).state
    with told(StateError):
        tests = restores.listed(State(state)) if state.exists() else []
    shown, alone = overview(found, polls, tests, time.time())
    t = Texts("en", ZoneInfo(found.timezone))
    if as_json:
        plainly(
            json.dumps(
                {
                    "targets": [_as_json(one, t) for one in shown],
                    "services": {
                        name: [_part(part, t) for part in parts]
                        for name, parts in protection.services(shown).items()
                    },
                    "in_no_job": alone,
                },
                indent=2,
            )
            + "\n"
        )
    else:
        _print(shown, alone, t)
    for poll in polls:
        for table in poll.tables if poll.target in protection.makers(found) else ():
            if not table.up:
                console.print(verbatim(f"{poll.target}: {table.name}: {table.reason}: {line(table.detail)}"))
    if any(one.missed for one in shown):
        raise typer.Exit(REACHED)
    if alone or any(one.problem for one in shown):
        raise typer.Exit(PROBLEM)


@backup.command("tested")
def record_test(
    target: Annotated[
        str,
        typer.Argument(
            help="Target of which something was restored, or a machine that a backup job names.",
            show_default=False,
        ),
    ],
    what: Annotated[str, typer.Option(help="What was restored.", show_default=False)],
    point: Annotated[
        str, typer.Option(help="Time of the restore point, as 2026-01-05T02:00.", show_default=False)
    ],
    minutes: Annotated[
        float, typer.Option(help="From the order to restore until it could be used.", show_default=False)
    ],
    evidence: Annotated[
        str, typer.Option(help="What proves it: a ticket, a protocol, a file.", show_default=False)
    ],
    result: Annotated[str, typer.Option(help=f"One of {', '.join(restores.RESULTS)}.", show_default=False)],
    job: Annotated[str, typer.Option(help="Job that made the restore point.")] = "",
    size: Annotated[
        str | None,
        typer.Option(
            help="How much came back, such as 12 TB: scenarios learn from it how fast a restore is.",
            show_default=False,
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="When the test ended, where not now.", show_default=False)
    ] = None,
    who: Annotated[
        str | None, typer.Option(help="Who restored it, where not you.", show_default=False)
    ] = None,
    remark: Annotated[str, typer.Option(help="What else is to be known of it.")] = "",
    corrects: Annotated[
        int | None,
        typer.Option(help="Number of the entry that this one stands in the place of.", show_default=False),
    ] = None,
    why: Annotated[str, typer.Option(help="Why that entry is wrong.")] = "",
    estate: Annotated[Path, typer.Option(help="The estate, for its targets and data.")] = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Record that a restore was tested, for good: what is wrong is corrected by another entry, and stays."""
    found = estate_of(estate)
    _check_subject(found, target, beside(estate, data).status)
    outcome = next((one for one in restores.RESULTS if one == result), None)
    if outcome is None:
        fail(f"--result {result}: one of {', '.join(restores.RESULTS)}", status=2)
    zone, now = ZoneInfo(found.timezone), time.time()
    ended = _moment("--at", at, zone) if at else now
    named = who or user()
    test = Restore(
        ended, target, what, job, _moment("--point", point, zone), minutes * 60, outcome, evidence, named, now,
        _size(size), remark,
    )  # fmt: skip
    instead = Instead(corrects, why) if corrects is not None else None
    with told(RestoreError, StateError):
        number = restores.record(state_of(estate, data), test, user(), _SOURCE, instead)
    plainly(f"restore test {number} of {target} recorded: {result} in {minutes:g} minutes\n")


@backup.command("withdraw")
def withdraw_test(
    number: Annotated[int, typer.Argument(help="Number of the entry.", show_default=False)],
    why: Annotated[str, typer.Option(help="Why it is wrong.", show_default=False)],
    estate: Annotated[Path, typer.Option(help="The estate, for its data.")] = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Say that a restore test that was recorded does not count, with nothing in its place. It stays in the ledger."""
    with told(RestoreError, StateError):
        restores.withdraw(state_of(estate, data), number, why, user(), time.time(), _SOURCE)
    plainly(f"restore test {number} withdrawn\n")


def _check_subject(estate: Estate, name: str, path: Path) -> None:
    """End the command where a restore can be of no such thing: no target of the estate, nor a machine of a job that was heard."""
    if estate.target(name) is not None:
        return
    with told(status.StatusError):
        heard = status.read(path)
    if not any((job.machine or job.job) == name for one in heard.targets for job in one.jobs or ()):
        fail(
            f"{line(name, 120)} is no target of the estate, and no backup job that the collector heard of saves a machine of that name"
        )


def _size(given: str | None) -> float | None:
    try:
        return None if given is None else quantities.size(given)
    except ValueError as error:
        fail(f"--size: {error}", status=2)


@backup.command("tests")
def list_tests(
    target: Annotated[str | None, typer.Option(help="Only of this target.", show_default=False)] = None,
    estate: Annotated[Path, typer.Option(help="The estate, for its timezone and data.")] = Path("estate.yml"),
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """List the restore tests, newest first, those that were corrected too."""
    with told(StateError):
        found = restores.ledger(state_of(estate, data), target)
    if as_json:
        plainly("".join(f"{json.dumps(_entry(one), ensure_ascii=False)}\n" for one in found))
        return
    zone = _zone(estate)
    grid = _grid(
        "number", "ended", "target", "what", "job", "from the point", "minutes", "result", "evidence", "who", "corrected"
    )  # fmt: skip
    for one in found:
        test = one.test
        cells = (
            str(one.id), _when(test.at, zone), test.target, test.what, test.job, _when(test.point, zone),
            f"{test.seconds / 60:g}", test.result, test.evidence, test.who, _corrected(one),
        )  # fmt: skip
        grid.add_row(*(verbatim(cell) for cell in cells))
    _out().print(grid)


def _entry(one: Entry) -> dict[str, Any]:
    corrected = None if one.correction is None else one.correction._asdict()
    return {"id": one.id, **one.test._asdict(), "correction": corrected}


def _corrected(one: Entry) -> str:
    told = one.correction
    if told is None:
        return ""
    return f"withdrawn: {told.why}" if told.replaced_by is None else f"by {told.replaced_by}: {told.why}"


def overview(
    estate: Estate, polls: list[Poll], tests: list[Restore], now: float
) -> tuple[list[Protection], dict[str, list[str]]]:
    """How each target that has jobs or a promise is protected, and the machines in no job by the target they are of."""
    of = {poll.target: list(poll) for poll in polls}
    listed = Jobs(jobs.gather(of.items()))
    answered = {poll.target for poll in polls if poll.tables and all(table.up for table in poll.tables)}
    sure = bool(makers := protection.makers(estate)) and makers <= answered
    judged = [protection.judge(target, listed, sure, tests, now) for target in estate.targets]
    alone: dict[str, list[str]] = {}
    for one in judged:
        guests = jobs.guests(of.get(one.target.name, ()))
        for machine, without in protection.alone(one, listed, guests, estate).items():
            if without:
                alone.setdefault(one.target.name, []).append(machine)
    return [one for one in judged if one.jobs or one.target.protect], alone


def _print(shown: list[Protection], alone: dict[str, list[str]], t: Texts) -> None:
    zone = t.zone
    grid = _grid("target", "job", "last good point", "RPO", "state", "restore tested", "3-2-1-1-0")
    for one in shown:
        score = _score(one.score())
        test = (
            "never"
            if one.restored is None
            else f"{_when(one.restored.at, zone)}, {one.restored.seconds / 60:.0f} min"
        )
        test += " (longer than the RTO)" if one.slow else ""
        rows = [(job.job, _when(job.last, zone), one.exceeded(job.last), _state(job)) for job in one.jobs]
        rows += [(name, "never", True, "no such job") for name in one.absent]
        rows = rows or [
            ("", "never" if one.sure else "unknown", None, "in no job" if one.sure else "unknown")
        ]
        for place, (job, last, late, state) in enumerate(rows):
            rpo = {None: "", True: "exceeded", False: "kept"}[late]
            head, tail = (one.target.name, (test, score)) if place == 0 else ("", ("", ""))
            grid.add_row(*(verbatim(line(cell)) for cell in (head, job, last, rpo, state, *tail)))
    out = _out()
    out.print(grid)
    for one in shown:
        for part in one.score():
            out.print(
                verbatim(line(f"{one.target.name}: {part.rule}: {_MET[part.met]}: {_why(part, t)}", _LONG))
            )
    for service, parts in protection.services(shown).items():
        out.print(verbatim(line(f"service {service}: {_score(parts)}")))
        for part in parts:
            out.print(
                verbatim(line(f"service {service}: {part.rule}: {_MET[part.met]}: {_why(part, t)}", _LONG))
            )
    for target, names in alone.items():
        out.print(verbatim(line(f"in no job, by {target}: {', '.join(names)}", _LONG)))


def _why(part: Part, t: Texts) -> str:
    """Why a part is met or not, with the flaws as metrics name them."""
    return sentences.part(part, t, lambda job: f"{job.job}: {', '.join(job.reasons) or 'not believed'}")


def _part(part: Part, t: Texts) -> dict[str, Any]:
    return {"rule": part.rule, "met": part.met, "why": _why(part, t)}


def _score(parts: Iterable[Part]) -> str:
    """A sign for each part of the rule."""
    return "".join({True: "+", False: "-", None: "?"}[part.met] for part in parts)


def _state(job: Job) -> str:
    said = {True: "protects", False: "DOES NOT PROTECT", None: "unknown"}[job.protecting]
    said = f"{said}: {', '.join(job.reasons)}" if job.reasons else said
    return f"{said} (it says: {job.result})" if job.lying else said


def _zone(estate: Path) -> dt.tzinfo:
    """The estate's timezone; UTC where there is no estate to read, as its data may be shown without it."""
    try:
        return ZoneInfo(load(estate).timezone)
    except EstateError:
        return dt.UTC


def _when(at: float | None, zone: dt.tzinfo) -> str:
    return "never" if at is None else dt.datetime.fromtimestamp(at, zone).isoformat(" ", "minutes")


def _as_json(one: Protection, t: Texts) -> dict[str, Any]:
    return {
        "target": one.target.name,
        "service": one.target.service,
        "problem": one.problem,
        "last": one.last,
        "rpo": one.rpo,
        "rpo_exceeded": one.exceeded(one.last),
        "rto": one.rto,
        "rto_exceeded": one.slow,
        "jobs": [
            {
                "job": job.job, "machine": job.machine, "by": job.by, "last": job.last, "points": job.points,
                "protecting": job.protecting, "reasons": list(job.reasons), "result": job.result or None, "lying": job.lying,
            }
            for job in one.jobs
        ],
        "absent": list(one.absent),
        "restored": None if one.restored is None else one.restored._asdict(),
        "score": [_part(part, t) for part in one.score()],
    }  # fmt: skip


def _moment(option: str, text: str, zone: ZoneInfo) -> float:
    """The instant that is written, in the estate's timezone where it says none, or the end of the command."""
    try:
        moment = dt.datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        fail(f"{option} {line(text, 60)} is no time: write 2026-01-05T02:00", status=2)


def _grid(*titles: str) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        grid.add_column(title, overflow="fold")
    return grid


def _out() -> Console:
    out = Console(highlight=False, soft_wrap=False)
    return out if out.is_terminal else Console(highlight=False, width=200)
