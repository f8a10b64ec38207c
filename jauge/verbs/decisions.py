"""`jauge decision`: what the committee was asked for in its files, and what it answered."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer

from inventory.committee import Answer, Outcome, Question
from inventory.state import committee
from inventory.state.committee import CommitteeError
from inventory.state.schema import StateError
from jauge.verbs.access import state_of
from jauge.verbs.common import DataPath, estate_of, fail, plainly, told, user
from jauge.verbs.comparing import print_json

if TYPE_CHECKING:
    from inventory.committee import Asking

decision = typer.Typer(help="What the committee was asked for, and what it answered.", no_args_is_help=True)

EstateOption = Annotated[Path, typer.Option("--estate", help="The estate, for its data and language.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[
    str, typer.Argument(metavar="NUMBER", help="Number in the file, such as D-2026-11-3.", show_default=False)
]
Why = Annotated[str, typer.Option("--why", help="The reason, in a word.", show_default=False)]
Who = Annotated[
    str | None,
    typer.Option(
        "--by", metavar="NAME", help="Who decided: the committee when left out.", show_default=False
    ),
]
Day = Annotated[
    str | None,
    typer.Option(
        "--day", metavar="DAY", help="Day of the decision: today when left out.", show_default=False
    ),
]


@decision.command("list")
def list_decisions(
    unanswered: Annotated[bool, typer.Option("--unanswered", help="Only those without an answer.")] = False,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """List what the files of the committee asked for: number, file, answer, and what it is."""
    language = estate_of(estate).language
    with told(StateError):
        found = committee.read(state_of(estate, data)).questions
    shown = [one for one in found if one.answer is None or not unanswered]
    if as_json:
        print_json([_record(one, language) for one in shown])
        return
    for one in shown:
        answer = _told(one.answer) if one.answer else "not answered"
        plainly(f"{one.number}\t{one.last.file}\t{answer}\t{_said(one.last, language)[0]}\n")


@decision.command("show")
def show(
    number: Number, estate: EstateOption = Path("estate.yml"), data: DataPath = None, as_json: AsJson = False
) -> None:
    """Show one: the files that asked for it, and every answer, of which the last one counts."""
    language = estate_of(estate).language
    with told(StateError):
        found = committee.read(state_of(estate, data)).find(number)
    if found is None:
        fail(f"no file asked for {number}: jauge decision list")
    if as_json:
        print_json(_record(found, language))
        return
    what, why = _said(found.last, language)
    plainly(f"{found.number}: {what}\n  {why}\n")
    for asking in found.asked:
        due = f", to be decided by {asking.due}" if asking.due else ""
        plainly(f"  {asking.file}  asked for{due}\n")
    for answer in found.answers:
        plainly(f"  {_told(answer)}: {answer.why}\n")


@decision.command("accept")
def accept(
    number: Number, why: Why, by: Who = None, day: Day = None, estate: EstateOption = Path("estate.yml"), data: DataPath = None
) -> None:  # fmt: skip
    """Record that it was accepted."""
    _answer(number, "accepted", why, by, day, None, estate, data)


@decision.command("refuse")
def refuse(
    number: Number, why: Why, by: Who = None, day: Day = None, estate: EstateOption = Path("estate.yml"), data: DataPath = None
) -> None:  # fmt: skip
    """Record that it was refused: files say so, and do not ask again."""
    _answer(number, "refused", why, by, day, None, estate, data)


@decision.command("postpone")
def postpone(
    number: Number,
    why: Why,
    until: Annotated[
        str,
        typer.Option(
            "--until", metavar="DAY", help="Day on which it is asked for again.", show_default=False
        ),
    ],
    by: Who = None,
    day: Day = None,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Record that it was postponed: the file of the meeting at that day asks again."""
    _answer(number, "postponed", why, by, day, until, estate, data)


def _answer(
    number: str, outcome: Outcome, why: str, by: str | None, day: str | None, until: str | None, estate: Path, data: Path | None
) -> None:  # fmt: skip
    now = time.time()
    today = dt.datetime.fromtimestamp(now, ZoneInfo(estate_of(estate).timezone)).date()
    on = _day("--day", day) if day is not None else today
    last = _day("--until", until) if until is not None else None
    answer = Answer(outcome, on, last, by, why, now)
    with told(CommitteeError, StateError):
        committee.answer(state_of(estate, data), number, answer, user(), "command line")
    plainly(f"{number} {_told(answer)}\n")


def _day(option: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        _wrong(option, text)


def _wrong(option: str, text: str) -> NoReturn:
    fail(f"{option} {text}: write a day such as 2026-09-15", status=2)


def _told(answer: Answer) -> str:
    until = f" until {answer.until}" if answer.until else ""
    return f"{answer.outcome} on {answer.day}{until} by {answer.who or 'the committee'}"


def _said(asking: Asking, language: str) -> tuple[str, str]:
    return asking.said.get(language) or next(iter(asking.said.values()))


def _record(one: Question, language: str) -> dict[str, Any]:
    what, why = _said(one.last, language)
    return {
        "number": one.number, "what": what, "why": why, "by": one.last.due, "cost": one.last.cost,
        "files": [each.file for each in one.asked], "answers": [each._asdict() for each in one.answers],
    }  # fmt: skip
