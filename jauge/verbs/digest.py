"""`jauge digest` and `jauge notice`: who is told what is new, and what people say to it."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from exporters import digested
from exporters.digested import Digested
from exporters.history import HistoryError
from exporters.history.lock import Lock
from inventory.state import StateError, open_state
from jauge.verbs.common import (
    PROBLEM,
    DataPath,
    EstatePath,
    estate_of,
    fail,
    files_of,
    plainly,
    told,
    user,
    verbatim,
    warn,
)
from jauge.verbs.running import external

if TYPE_CHECKING:  # pandas costs half a second
    from inventory.estate import Estate
    from inventory.state.notices import Action
    from jauge.digests import Run, Told
    from jauge.files import Files

notice = typer.Typer(help="What needs somebody, and who has it.", no_args_is_help=True)

Url = Annotated[
    str | None,
    typer.Option(
        "--web.external-url",
        metavar="URL",
        help="Address of the pages, for links in messages.",
        show_default=False,
    ),
]
Numbers = Annotated[
    list[int],
    typer.Argument(metavar="NUMBER", help="Its number, as listed; several at once.", show_default=False),
]
Why = Annotated[str, typer.Option(help="The reason.", show_default=False)]


def digest(
    estate: EstatePath,
    data: DataPath = None,
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be sent to whom, and send nothing.")
    ] = False,
    url: Url = None,
) -> None:
    """Tell each person what is new to them, once: order-by dates, deadlines, what is full, backups, machines in no job, silent targets.

    For a timer: give it as often as you like. What is silenced, taken or told before is not told; what comes in quiet hours waits. A
    run that is killed is gone on with by the next one. The committee's file goes out on its days (`report` of the section `notices`). It ends with 1 where something could not be sent: it is kept, and tried again.
    """
    from jauge.logs import configure  # noqa: PLC0415 - a command of a timer: what goes wrong is printed

    configure("error", "logfmt")
    found, files = estate_of(estate), files_of(estate, data)
    if found.notices is None:
        fail(f"{estate} has no section `notices`: nobody is told anything", status=2)
    with told(StateError, HistoryError), Lock(files.directory / "digest.lock", files.directory):
        run = _run(found, files, external(url).rstrip("/") if url else None)
        if dry:
            _show(run.preview())
            return
        problems = _send(run, estate, files)
    for problem in problems:
        warn(problem)
    if problems:
        raise typer.Exit(PROBLEM)


def _send(run: Run, estate: Path, files: Files) -> list[str]:
    from jauge import committee  # noqa: PLC0415 - loaded already
    from jauge.digests import Done  # noqa: PLC0415

    done = Done()
    run.prepare()
    try:
        committee.prepare(run, estate, files.directory)
    except (committee.ReportError, OSError) as error:
        done.problems.append(str(error))
    run.send(done)
    plainly(f"{done.sent} message{'' if done.sent == 1 else 's'} sent\n")
    problems = list(dict.fromkeys(done.problems))
    with contextlib.suppress(OSError):  # what was sent is sent, whether or not the pages learn of it
        digested.write(files.digest, Digested(time.time(), done.sent, len(problems)))
    return problems


def _run(estate: Estate, files: Files, url: str | None) -> Run:
    from dashboard.report.making import Asked  # noqa: PLC0415 - pandas costs half a second
    from inventory.notices import Notices  # noqa: PLC0415
    from jauge.digests import Run  # noqa: PLC0415

    rules = estate.notices or Notices()
    oidc = estate.access.oidc
    known = os.environ.get("JAUGE_EXTERNAL_URL", "").split()
    told_ = url or rules.url or (known[0] if known else None) or (oidc.url if oidc else None)
    now = time.time()
    return Run(
        Asked(estate, files.directory, lambda: now),
        rules,
        open_state(files.state),
        told_.rstrip("/") if told_ else None,
    )


def _show(told_: list[Told]) -> None:
    for one in told_:
        where = one.person.address or "apprise"
        plainly(
            f"To: {one.person.name} ({one.person.role}, {where})\nSubject: {one.digest.title}\n\n{one.digest.text}\n"
        )
    if not told_:
        plainly("Nothing is new to anybody.\n")


@notice.command("list")
def list_notices(estate: EstatePath, data: DataPath = None) -> None:
    """List what needs somebody: number, kind, what, why, and who has it or until when it is silenced."""
    from dashboard.sentences.notices import said  # noqa: PLC0415 - pandas costs half a second
    from dashboard.texts import Texts  # noqa: PLC0415
    from inventory.state.notices import last_day  # noqa: PLC0415

    found, files = estate_of(estate), files_of(estate, data)
    t = Texts(found.language, ZoneInfo(found.timezone))
    with told(StateError):
        run = _run(found, files, None)
        for one, what in run.observe():
            text, given = said(what, t), one.answer
            state = (
                ""
                if given is None or one.is_told(run.data.clock())
                else f"{given.action} by {given.who}: {given.why}"
            )
            until = f" (until {last_day(given.until, t.zone)})" if state and given and given.until else ""
            row = (str(one.id), one.kind, text.thing, text.why, state + until)
            plainly("\t".join(str(verbatim(cell)) for cell in row) + "\n")


@notice.command("take")
def take(estate: EstatePath, numbers: Numbers, why: Why, data: DataPath = None) -> None:
    """Say that you have it: nobody is told again until it is over."""
    _answer(estate, data, numbers, "taken", why)


@notice.command("silence")
def silence(
    estate: EstatePath,
    numbers: Numbers,
    why: Why,
    until: Annotated[
        str,
        typer.Option(metavar="DAY", help="Last day of the silence, such as 2026-12-24.", show_default=False),
    ],
    data: DataPath = None,
) -> None:
    """Say that nobody is to be told before a day is over; then it is told again, where it still stands."""
    try:
        day = dt.date.fromisoformat(until)
    except ValueError:
        fail(f"--until {until}: write a day such as 2026-12-24", status=2)
    _answer(estate, data, numbers, "silenced", why, day)


@notice.command("release")
def release(estate: EstatePath, numbers: Numbers, why: Why, data: DataPath = None) -> None:
    """Take back what was said: who was not told yet is told."""
    _answer(estate, data, numbers, "released", why)


def _answer(
    estate: Path, data: Path | None, numbers: list[int], action: Action, why: str, day: dt.date | None = None
) -> None:
    from inventory.state import notices  # noqa: PLC0415 - for this alone

    found, files = estate_of(estate), files_of(estate, data)
    until = notices.end_of(day, ZoneInfo(found.timezone)) if day is not None else None
    with told(StateError, notices.NoticeError):
        notices.answer(
            open_state(files.state), numbers, action, user(), why, time.time(), until, "command line"
        )
    plainly(f"{len(numbers)} {action}\n")
