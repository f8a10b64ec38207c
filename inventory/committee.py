"""What a steering committee is asked, file by file, and what it answered: plain values, and the rules that tell where each stands.

A matter keeps its number for as long as it is the same one: asked again, refused or postponed it is never another. It is another
where it was accepted, was then not wanted any more, and comes back; or where what is asked was made anew since the last answer.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

Outcome = Literal["accepted", "refused", "postponed"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

Standing = Literal["asked", "accepted", "refused", "postponed"]
"""How a matter stands in a file: the committee is asked, or what it answered before still counts."""

AHEAD: Final = dt.timedelta(days=14)
"""A file is made before its meeting: what was postponed until a day is asked again by the files of the two weeks before it."""

FOLDER: Final = "committee"
NAME: Final = re.compile(r"jauge-committee-\d{4}-\d{2}-\d{2}-[a-z]{2}\.(pdf|xlsx|html|pptx)")
"""Where files that were made on the page are kept, beside the other data, and what each is called: no path leads out of there."""

NUMBER: Final = re.compile(r"D-\d{4}-\d{2}-[1-9]\d{0,5}")


class Wish(NamedTuple):
    """What a file would ask for. `topic` tells matters apart, `said` is what is asked and why, by language.

    `due` is the day by which it is to be decided, `cost` what it costs in the currency of the estate, `made` when what is asked was made
    anew (UTC epoch seconds): None each where there is none.
    """

    topic: str
    said: Mapping[str, tuple[str, str]]
    due: dt.date | None = None
    cost: float | None = None
    made: float | None = None


class Answer(NamedTuple):
    """What was answered on a day. `until` is for what is postponed, `who` a person, None for the committee; `noted` is when it
    was recorded (UTC epoch seconds)."""

    outcome: Outcome
    day: dt.date
    until: dt.date | None
    who: str | None
    why: str
    noted: float


class Asking(NamedTuple):
    """That a matter was wanted in the file of a day, and whether the committee was asked for it there."""

    file: dt.date
    is_asked: bool
    said: Mapping[str, tuple[str, str]]
    due: dt.date | None
    cost: float | None


class Question(NamedTuple):
    """A matter by its number, the files in which it was wanted (oldest first), and all answers in the order of their recording."""

    number: str
    topic: str
    askings: tuple[Asking, ...]
    answers: tuple[Answer, ...]

    @property
    def answer(self) -> Answer | None:
        """The answer that counts: the last one that was recorded."""
        return self.answers[-1] if self.answers else None

    @property
    def asked(self) -> tuple[Asking, ...]:
        """The files that asked for it, oldest first."""
        return tuple(one for one in self.askings if one.is_asked)

    @property
    def last(self) -> Asking:
        """What was asked last."""
        return (self.asked or self.askings)[-1]


class File(NamedTuple):
    """A file of the committee: of which day it is, and when the meeting before it was."""

    day: dt.date
    since: dt.date


class Book(NamedTuple):
    """All that was asked and answered: files and matters, oldest first."""

    files: tuple[File, ...] = ()
    questions: tuple[Question, ...] = ()

    def find(self, number: str) -> Question | None:
        """The matter of a number."""
        return next((one for one in self.questions if one.number == number), None)

    def newest(self, topic: str) -> Question | None:
        """The last matter of a topic."""
        return next((one for one in reversed(self.questions) if one.topic == topic), None)

    def met(self, today: dt.date) -> dt.date | None:
        """The last day before today on which the committee itself answered."""
        days = (one.day for each in self.questions for one in each.answers if one.who is None)
        return max((day for day in days if day < today), default=None)

    def before(self, since: dt.date, today: dt.date) -> list[Question]:
        """What the last meeting had to decide, and whatever was answered since: the matters that a file tells the end of."""
        days = [one.day for one in self.files if one.day <= since and one.day < today]
        file = max(days, default=None)
        return [
            one
            for one in self.questions
            if any(each.file == file for each in one.asked)
            or any(since <= each.day <= today for each in one.answers)
        ]


class Placed(NamedTuple):
    """A wish with its number and standing. `times` counts the meetings that were asked for it, this one included; `question` is the
    matter as it was known before, `earlier` another matter of the same topic that came before."""

    wish: Wish
    number: str
    standing: Standing
    times: int
    question: Question | None
    earlier: Question | None


def place(book: Book, wishes: Sequence[Wish], file: File) -> list[Placed]:
    """Each wish with the number that it has, or would be given next. Nothing is kept: the same wishes give the same numbers."""
    month = f"D-{file.day:%Y-%m}-"
    taken = [int(one.number.removeprefix(month)) for one in book.questions if one.number.startswith(month)]
    following, found = max(taken, default=0), list[Placed]()
    for wish in wishes:
        known = book.newest(wish.topic)
        if known is not None and not _is_another(known, wish, book, file):
            found.append(
                Placed(wish, known.number, _standing(known, file), _times(known, book, file), known, None)
            )
        else:
            following += 1
            found.append(Placed(wish, f"{month}{following}", "asked", 1, None, known))
    return found


def _standing(known: Question, file: File) -> Standing:
    answer = known.answer
    if answer is None or (
        answer.outcome == "postponed" and (answer.until is None or answer.until - AHEAD <= file.day)
    ):
        return "asked"
    return answer.outcome


def _is_another(known: Question, wish: Wish, book: Book, file: File) -> bool:
    answer = known.answer
    if answer is None:
        return False
    if wish.made is not None and wish.made > answer.noted:
        return True
    if answer.outcome != "accepted":
        return False
    between = [one.day for one in book.files if answer.day < one.day < file.day]
    return bool(between) and known.askings[-1].file < between[-1]


def _times(known: Question, book: Book, file: File) -> int:
    """Meetings that were asked for it: files between which nobody met were made for the same one."""
    since = {one.day: one.since for one in book.files} | {file.day: file.since}
    days = sorted({one.file for one in known.asked} | {file.day})
    return 1 + sum(since[later] >= earlier for earlier, later in itertools.pairwise(days))
