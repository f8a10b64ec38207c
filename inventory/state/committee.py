"""What the committee was asked in which file, and what it answered. Rows are only added: the last answer counts, all are kept."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from inventory.committee import (
    NUMBER,
    OUTCOMES,
    Answer,
    Asking,
    Book,
    File,
    Outcome,
    Placed,
    Question,
    Wish,
    place,
)
from inventory.harmless import line
from inventory.state import State, audit

LENGTH: Final = 500
"""Characters of a text."""

_TOPIC: Final = 300
_LONGEST_YEARS: Final = 5

Refusal = Literal["number", "outcome", "day", "until", "why"]
"""What of an answer cannot be, or is missing."""


class CommitteeError(Exception):
    """An answer cannot be recorded as it is told: the message says why, `refusal` in one word."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal: Refusal = refusal


def read(state: State) -> Book:
    """All that was asked and answered."""
    with state.read() as connection:
        return _read(connection)


def keep(
    state: State, wishes: Sequence[Wish], file: File, who: str, at: float, source: str = ""
) -> list[Placed]:
    """Keep what the file of a day asks for, and give it with its numbers. Where all of it is kept already, nothing is written."""
    with state.write() as connection:
        book = _read(connection)
        placed = place(book, wishes, file)
        kept = {(one.number, each.file) for one in book.questions for each in one.askings}
        new = [one for one in placed if (one.number, file.day) not in kept]
        if not new and any(one.day == file.day for one in book.files):
            return placed
        number = _file(connection, file, at)
        for one in new:
            _keep(connection, number, one)
        asked = [one.number for one in placed if one.standing == "asked"]
        told = f"{file.day.isoformat()}: {len(asked)} decisions asked for: {', '.join(asked)}"
        audit.record(connection, who, "committee's file made", told, source)
        return placed


def answer(state: State, number: str, told: Answer, user: str, source: str = "") -> Question:
    """Record what was answered, and give the matter as it stood before. Raises CommitteeError."""
    checked = _checked(told)
    with state.write() as connection:
        found = _read(connection).find(number) if NUMBER.fullmatch(number) else None
        if found is None:
            raise CommitteeError("number", f"no file asked for {line(number, 40)}: jauge decision list")
        first = found.askings[0].file
        if checked.day < first:
            raise CommitteeError(
                "day", f"{number} was asked for on {first}: it cannot have been decided before"
            )
        connection.execute(
            "INSERT INTO committee_answer (question, outcome, day, until, who, why, noted) "
            "SELECT id, ?, ?, ?, ?, ?, ? FROM committee_question WHERE number = ?",
            (
                checked.outcome, checked.day.isoformat(), checked.until.isoformat() if checked.until else None, checked.who,
                checked.why, checked.noted, number,
            ),
        )  # fmt: skip
        until = f" until {checked.until}" if checked.until else ""
        # Not who decided: the log cannot be changed when that person is erased.
        audit.record(
            connection, user, f"decision {checked.outcome}", f"{number}{until}: {checked.why}", source
        )
    return found


def _checked(told: Answer) -> Answer:
    """An answer with its texts bounded and on one line. Raises CommitteeError."""
    if told.outcome not in OUTCOMES:
        raise CommitteeError("outcome", f"an answer is one of {', '.join(OUTCOMES)}")
    noted = dt.datetime.fromtimestamp(told.noted, dt.UTC).date()
    if told.day > noted + dt.timedelta(days=1):  # where it is tomorrow already
        raise CommitteeError("day", f"{told.day} is to come: give the day of the meeting")
    if told.outcome != "postponed" and told.until is not None:
        raise CommitteeError("until", "only what is postponed is so until a day")
    if told.outcome == "postponed" and (
        told.until is None or not told.day < told.until <= told.day + dt.timedelta(days=_LONGEST_YEARS * 366)
    ):
        raise CommitteeError(
            "until", "say until which day it is postponed: a later one than that of the answer"
        )
    why, who = _line(told.why), _line(told.who or "") or None
    if not why:
        raise CommitteeError("why", "an answer needs its reason: say why")
    return told._replace(why=why, who=who)


def _line(text: str) -> str:
    return line(" ".join(text.split()), LENGTH)


def _file(connection: sqlite3.Connection, file: File, at: float) -> int:
    known = connection.execute(
        "SELECT id FROM committee_file WHERE day = ?", (file.day.isoformat(),)
    ).fetchone()
    if known:
        return int(known[0])
    row = (file.day.isoformat(), file.since.isoformat(), at)
    made = connection.execute("INSERT INTO committee_file (day, since, made) VALUES (?, ?, ?)", row)
    return int(made.lastrowid or 0)


def _keep(connection: sqlite3.Connection, file: int, one: Placed) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO committee_question (number, topic) VALUES (?, ?)",
        (one.number, line(one.wish.topic, _TOPIC)),
    )
    said = {name: [_line(text) for text in texts] for name, texts in one.wish.said.items()}
    due = one.wish.due.isoformat() if one.wish.due else None
    connection.execute(
        "INSERT INTO committee_asked (file, question, asked, said, due, cost) "
        "SELECT ?, id, ?, ?, ?, ? FROM committee_question WHERE number = ?",
        (file, one.standing == "asked", json.dumps(said, ensure_ascii=False), due, one.wish.cost, one.number),
    )


def _read(connection: sqlite3.Connection) -> Book:
    # Who only reads may come before the file was brought up to date.
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'committee_answer'").fetchone():
        return Book()
    files = connection.execute("SELECT day, since FROM committee_file ORDER BY day").fetchall()
    asked = _by_first(
        connection.execute(
            """SELECT question, day, asked, said, due, cost FROM committee_asked JOIN committee_file
            ON committee_file.id = file ORDER BY day"""
        )
    )
    answers = _by_first(
        connection.execute(
            "SELECT question, outcome, day, until, who, why, noted FROM committee_answer ORDER BY id"
        )
    )
    rows = connection.execute("SELECT id, number, topic FROM committee_question ORDER BY id").fetchall()
    return Book(
        tuple(File(dt.date.fromisoformat(day), dt.date.fromisoformat(since)) for day, since in files),
        tuple(
            Question(
                number, topic, tuple(_asking(*row) for row in asked.get(key, ())), tuple(_answer(*row) for row in answers.get(key, ()))
            )
            for key, number, topic in rows
        ),
    )  # fmt: skip


def _by_first(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for key, *rest in rows:
        found.setdefault(key, []).append(tuple(rest))
    return found


def _asking(day: str, asked: int, said: str, due: str | None, cost: float | None) -> Asking:
    texts: Mapping[str, list[str]] = json.loads(said)
    told = {name: (one[0], one[1]) for name, one in texts.items()}
    return Asking(dt.date.fromisoformat(day), bool(asked), told, _day(due), cost)


def _answer(outcome: Outcome, day: str, until: str | None, who: str | None, why: str, noted: float) -> Answer:
    return Answer(outcome, dt.date.fromisoformat(day), _day(until), who, why, noted)


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
