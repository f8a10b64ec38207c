"""Compensating measures: what was done so that a workstation that nobody mends may stay, by whom, until when.

Rows are only added: a measure that ends is followed by a row that says so, and stays. Only the name of a person who is erased is
struck out (`inventory.people.erasing`); who recorded it stands in the audit log, by login.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

from inventory.harmless import line
from inventory.state import State, audit

_LENGTH: Final = 500

_TWICE: Final = 60.0
"""Seconds within which the same, told again, is the form that was sent twice."""

_LONGEST_YEARS: Final = 10


class MeasureError(Exception):
    """A measure cannot be kept, or ended, as it is told: the message says why."""


class Recorded(NamedTuple):
    """A measure for one machine (`machine` is its key, see `Workstation.key`), from `since` to `until`, both days included;
    None is without an end. `ended` is the day on which somebody ended it. `noted` is when it was recorded (UTC epoch seconds)."""

    id: int
    machine: str
    name: str
    text: str
    who: str
    since: dt.date
    until: dt.date | None
    noted: float
    ended: dt.date | None = None
    ended_by: str = ""
    ended_why: str = ""

    def holds(self, day: dt.date) -> bool:
        """Whether it is in force on a day."""
        last = min((each for each in (self.until, self._last) if each is not None), default=dt.date.max)
        return self.since <= day <= last

    @property
    def _last(self) -> dt.date | None:
        """It counts to the day before that on which it was ended."""
        return None if self.ended is None else self.ended - dt.timedelta(days=1)


class Measured(NamedTuple):
    """What is to be recorded of some machines, by key and name."""

    machines: Sequence[tuple[str, str]]
    text: str
    who: str
    since: dt.date
    until: dt.date | None = None


def add(state: State, told: Measured, at: float, user: str, source: str = "") -> list[int]:
    """Keep a measure for each of some machines, all or none, and give their numbers.

    Told twice within a minute, as by a form that was sent twice, it is one. Raises MeasureError.
    """
    text, who = line(told.text.strip(), _LENGTH), line(told.who.strip(), _LENGTH)
    if not text or not who:
        raise MeasureError("say what was done, and who answers for it")
    if told.until is not None:
        _check_span(told.since, told.until)
    made = list[int]()
    until = told.until.isoformat() if told.until else None
    with state.write() as connection:
        twins = {
            one.machine: one.id
            for one in _listed(connection)
            if (one.text, one.who, one.since, one.until) == (text, who, told.since, told.until)
            and one.ended is None
            and abs(one.noted - at) <= _TWICE
        }
        for key, name in told.machines:
            if (twin := twins.get(key)) is not None:
                made.append(twin)
                continue
            row = (key, line(name, _LENGTH), text, who, told.since.isoformat(), until, at)
            number = connection.execute(
                "INSERT INTO measure (machine, name, text, who, since, until, noted) VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            ).lastrowid
            made.append(int(number or 0))
            told_end = f" until {until}" if until else ""
            # Not who answers for it: the log cannot be changed when that person is erased.
            audit.record(
                connection, user, "measure recorded", f"{number} for {name}{told_end}: {text}", source
            )
    return made


def _check_span(since: dt.date, until: dt.date) -> None:
    if until < since:
        raise MeasureError(f"the last day ({until}) lies before the first ({since})")
    if (until - since).days > _LONGEST_YEARS * 366:
        raise MeasureError(
            f"{until} is more than {_LONGEST_YEARS} years away: give the day on which somebody looks at it again"
        )


def end(
    state: State, number: int, day: dt.date, at: float, user: str, why: str, source: str = ""
) -> Recorded:
    """Say that a measure no longer holds from a day on. Raises MeasureError: no such measure, ended before, or no reason."""
    reason = line(why.strip(), _LENGTH)
    if not reason:
        raise MeasureError("say why it ends: the machine was replaced, the measure was taken back ...")
    with state.write() as connection:
        found = next((one for one in _listed(connection) if one.id == number), None)
        if found is None:
            raise MeasureError(f"there is no measure {number}: jauge inventory measure list")
        if found.ended is not None:
            raise MeasureError(f"measure {number} was ended on {found.ended} by {found.ended_by}")
        if day < found.since:
            raise MeasureError(f"measure {number} began on {found.since}: it cannot end before")
        connection.execute(
            "INSERT INTO measure_end (measure, day, who, why, noted) VALUES (?, ?, ?, ?, ?)",
            (number, day.isoformat(), line(user, _LENGTH), reason, at),
        )
        audit.record(connection, user, "measure ended", f"{number} for {found.name}: {reason}", source)
    return found._replace(ended=day, ended_by=user, ended_why=reason)


def listed(state: State) -> list[Recorded]:
    """All measures, in the order in which they were recorded."""
    with state.read() as connection:
        return _listed(connection)


def _listed(connection: sqlite3.Connection) -> list[Recorded]:
    # Who only reads may come before the file was brought up to date.
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'measure_end'").fetchone()
    if known is None:
        return []
    rows = connection.execute(
        """SELECT m.id, m.machine, m.name, m.text, m.who, m.since, m.until, m.noted, e.day, e.who, e.why
        FROM measure m LEFT JOIN measure_end e ON e.measure = m.id ORDER BY m.id"""
    )
    return [
        Recorded(
            number, machine, name, text, who, dt.date.fromisoformat(since), _day(until), noted, _day(ended), by or "", why or ""
        )
        for number, machine, name, text, who, since, until, noted, ended, by, why in rows
    ]  # fmt: skip


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
