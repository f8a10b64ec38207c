"""Notices: each thing that needs somebody, from when it was first found until it was not found for a while, and what people said to it.

One that comes back within SETTLED is the same: what flaps is told once. A day that was told stays the day of its notice until it has
moved by more than MOVED: a forecast that jitters tells nothing new.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Final, Literal, NamedTuple

from inventory.harmless import line
from inventory.notices import Kind
from inventory.state import State, audit

SETTLED: Final = 12 * 3600.0
"""Seconds."""

MOVED: Final = 14
"""Days."""

KEPT: Final = 400 * 86_400.0
"""Seconds for which a notice that has ended is kept, with what was said to it."""

LONGEST: Final = 400
"""Days of a silence, at most: whatever is longer is forgotten."""

_LENGTH: Final = 500

Action = Literal["taken", "silenced", "released"]
Refusal = Literal["gone", "why", "until"]


class NoticeError(Exception):
    """Nothing is noted: the message says why, and `why` in one word."""

    def __init__(self, message: str, why: Refusal) -> None:
        super().__init__(message)
        self.why: Refusal = why


class Sighting(NamedTuple):
    """That something needs somebody. `subject` is the same each time, `due` the day that it is about; one that does not `open` keeps a
    notice that there is, and makes none."""

    kind: Kind
    subject: str
    due: dt.date | None = None
    opens: bool = True


class Answer(NamedTuple):
    """What somebody said to a notice, at `at` and until `until` (UTC epoch seconds)."""

    action: Action
    who: str
    why: str
    until: float | None
    at: float


class Notice(NamedTuple):
    """One that is open. `rounds` is how many silences of it are over: it is told once in each round."""

    id: int
    kind: str
    subject: str
    opened: float
    answer: Answer | None = None
    rounds: int = 0

    def is_told(self, now: float) -> bool:
        """Whether it is to be told to those who were not told yet: nobody has taken it, and nobody silences it now."""
        if self.answer is None or self.answer.action == "released":
            return True
        return self.answer.until is not None and self.answer.until <= now


def observe(
    connection: sqlite3.Connection, found: Iterable[Sighting], known: Collection[str], now: float
) -> None:
    """Bring the notices up to what was found. Of kinds that are not `known` nobody can tell now: they stay as they are."""
    seen: set[tuple[str, str]] = set()
    for one in found:
        if (one.kind, one.subject) not in seen:
            seen.add((one.kind, one.subject))
            _see(connection, one, now)
    for number, kind, subject in connection.execute(
        "SELECT id, kind, subject FROM notice WHERE ended IS NULL"
    ).fetchall():
        if kind in known and (kind, subject) not in seen:
            connection.execute("UPDATE notice SET gone = ? WHERE id = ? AND gone IS NULL", (now, number))
    connection.execute("UPDATE notice SET ended = gone WHERE ended IS NULL AND gone <= ?", (now - SETTLED,))
    connection.execute("DELETE FROM notice WHERE ended < ?", (now - KEPT,))


def _see(connection: sqlite3.Connection, one: Sighting, now: float) -> None:
    row = connection.execute(
        "SELECT id, due, gone FROM notice WHERE kind = ? AND subject = ? AND ended IS NULL",
        (one.kind, one.subject),
    ).fetchone()
    if row is not None:
        number, due, gone = row
        if (gone is None or now - gone < SETTLED) and not _has_moved(due, one.due):
            connection.execute("UPDATE notice SET gone = NULL WHERE id = ?", (number,))
            return
        connection.execute("UPDATE notice SET ended = coalesce(gone, ?) WHERE id = ?", (now, number))
    if one.opens:
        connection.execute(
            "INSERT INTO notice (kind, subject, due, opened) VALUES (?, ?, ?, ?)",
            (one.kind, one.subject, one.due.isoformat() if one.due else None, now),
        )


def _has_moved(told: str | None, due: dt.date | None) -> bool:
    if told is None or due is None:
        return False
    return abs((dt.date.fromisoformat(told) - due).days) > MOVED


def opened(connection: sqlite3.Connection, now: float) -> list[Notice]:
    """The open notices that are there now, by age, each with what was said last."""
    return [
        Notice(
            row[0], row[1], row[2], row[3], Answer(*row[4:9]) if row[4] else None, row[9],
        )
        for row in connection.execute(
            """SELECT notice.id, kind, subject, opened, action, who, why, until, at,
                (SELECT count(*) FROM notice_answer AS silence WHERE silence.notice = notice.id
                    AND silence.action = 'silenced' AND silence.until <= ?)
            FROM notice LEFT JOIN notice_answer ON notice_answer.id =
                (SELECT max(id) FROM notice_answer AS newest WHERE newest.notice = notice.id)
            WHERE ended IS NULL AND gone IS NULL ORDER BY notice.id""",
            (now,),
        ).fetchall()
    ]  # fmt: skip


def listed(state: State, now: float) -> list[Notice]:
    """The same, of a state."""
    with state.read() as connection:
        return opened(connection, now)


def answer(
    state: State,
    numbers: Sequence[int],
    action: Action,
    who: str,
    why: str,
    now: float,
    until: float | None = None,
    source: str = "",
) -> None:
    """Note that somebody takes some notices, silences them until a moment, or releases them: all, or none. Raises NoticeError."""
    reason = line(why.strip(), _LENGTH)
    if not reason:
        raise NoticeError("say why", "why")
    if action == "silenced" and (until is None or not now < until <= now + LONGEST * 86_400):
        raise NoticeError(f"a silence ends after today, within {LONGEST} days", "until")
    with state.write() as connection:
        for number in numbers:
            found = connection.execute(
                "SELECT kind, subject FROM notice WHERE id = ? AND ended IS NULL", (number,)
            ).fetchone()
            if found is None:
                raise NoticeError(f"there is no open notice {number}: jauge notice list", "gone")
            connection.execute(
                "INSERT INTO notice_answer (notice, action, who, why, until, at) VALUES (?, ?, ?, ?, ?, ?)",
                (number, action, line(who, _LENGTH), reason, until if action == "silenced" else None, now),
            )
            end = f" until {dt.datetime.fromtimestamp(until, dt.UTC):%Y-%m-%dT%H:%MZ}" if until else ""
            audit.record(
                connection,
                who,
                f"notice {action}",
                f"{number} ({found[0]}: {found[1][:120]}){end}: {reason}",
                source,
            )


def end_of(day: dt.date, zone: dt.tzinfo) -> float:
    """When a day is over where the estate is (UTC epoch seconds)."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone).timestamp()


def last_day(until: float, zone: dt.tzinfo) -> dt.date:
    """The last day of a silence that ends at a moment."""
    return dt.datetime.fromtimestamp(until - 1, zone).date()
