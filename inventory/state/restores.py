"""Restore tests: who restored what, from which point, in what time, and what proves it. Rows are only added.

A backup that nobody restored is a hope. What was tested is kept beside the audit log, and in it. An entry that is wrong is
never changed: another one stands in its place, or a row says that it does not count, and why.
"""

from __future__ import annotations

import sqlite3
from typing import Final, Literal, NamedTuple, get_args

from inventory.harmless import line
from inventory.state import State, audit

Result = Literal["ok", "partial", "failed"]
"""Whether all, a part, or nothing of what was wanted came back and could be used."""

RESULTS: Final[tuple[Result, ...]] = get_args(Result)

Refusal = Literal["future", "point", "seconds", "size", "evidence", "said", "why", "entry"]
"""What of a test cannot be, or is missing; `entry`: what is to be corrected is not there, or was corrected already."""

REFUSALS: Final[tuple[Refusal, ...]] = get_args(Refusal)

LENGTH: Final = 500
"""Characters of a text of the ledger."""

_TWICE: Final = 60.0
"""Seconds within which the same, told again, is the form that was sent twice."""


class RestoreError(Exception):
    """A restore test cannot be true as it is told, or not be corrected: the message says why, `refusal` in one word."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal: Refusal = refusal


class Restore(NamedTuple):
    """One restore test, which ended `at`. `point` is the moment that its data is of (both UTC epoch seconds).

    `target` is a target of the estate, a machine as its backup job names it, or else a job. `seconds` is from the order to restore
    until what was restored could be used. `evidence` names what proves it: a ticket, a protocol, a file. `noted` is when it
    was recorded.
    """

    at: float
    target: str
    what: str
    job: str
    point: float
    seconds: float
    result: Result
    evidence: str
    who: str
    noted: float
    size: float | None = None
    """Bytes that came back, where somebody counted them."""

    remark: str = ""


class Correction(NamedTuple):
    """That an entry does not count any more, noted `at` (UTC epoch seconds) by the login `who`, and why.

    `replaced_by` is the number of the entry in its place; None where it was withdrawn.
    """

    replaced_by: int | None
    at: float
    who: str
    why: str


class Entry(NamedTuple):
    """A test of the ledger by its number. One with a correction does not count any more."""

    id: int
    test: Restore
    correction: Correction | None = None


class Instead(NamedTuple):
    """The entry that a test is recorded in place of, and why."""

    id: int
    why: str


def speeds(state: State) -> dict[str, list[float]]:
    """Bytes a second of the restores that brought back all that was wanted, by target: those whose bytes are known."""
    found: dict[str, list[float]] = {}
    for test in listed(state):
        if test.result == "ok" and test.size is not None:
            found.setdefault(test.target, []).append(test.size / test.seconds)
    return found


def record(state: State, test: Restore, user: str, source: str = "", instead: Instead | None = None) -> int:
    """Keep a restore test, in place of a wrong one where one is named, and give its number. `user` is who records it.

    Told twice within a minute, as by a form that was sent twice, it is one. Raises RestoreError where it cannot be true as it is told, or the other one cannot be corrected.
    """
    checked = _checked(test)
    with state.write() as connection:
        if instead is None and (twin := _twin(connection, checked)) is not None:
            return twin
        made = connection.execute(
            f"INSERT INTO restore_test ({_COLUMNS}) VALUES (?{', ?' * (len(checked) - 1)})",  # noqa: S608 - ours
            checked,
        ).lastrowid
        number = int(made or 0)
        # Not who restored: the log tells who did what here, and the ledger the rest.
        told = f"{number}: {checked.target}: {checked.result} in {checked.seconds / 60:.0f} min, {checked.evidence}"
        audit.record(connection, user, "restore tested", told, source)
        if instead is not None:
            found = Correction(number, test.noted, user, instead.why)
            _correct(connection, instead.id, found, source)
    return number


def _twin(connection: sqlite3.Connection, test: Restore) -> int | None:
    """The entry that tells just the same, and was recorded a moment ago."""

    def is_same(one: Restore) -> bool:
        is_near = abs(one.at - test.at) <= _TWICE and abs(one.noted - test.noted) <= _TWICE
        return is_near and one._replace(at=test.at, noted=test.noted) == test

    entries = _ledger(connection, test.target)
    return next((one.id for one in entries if one.correction is None and is_same(one.test)), None)


def withdraw(state: State, number: int, why: str, user: str, at: float, source: str = "") -> None:
    """Say that an entry does not count, without another in its place. Raises RestoreError."""
    with state.write() as connection:
        _correct(connection, number, Correction(None, at, user, why), source)


def _correct(connection: sqlite3.Connection, number: int, told: Correction, source: str) -> None:
    why = _line(told.why)
    if not why:
        raise RestoreError("why", "say why the entry is wrong")
    found = next((one for one in _ledger(connection, None) if one.id == number), None)
    if found is None:
        raise RestoreError("entry", f"there is no restore test {number}: jauge backup tests")
    if found.correction is not None:
        raise RestoreError(
            "entry", f"restore test {number} was corrected already: correct the entry in its place"
        )
    connection.execute(
        "INSERT INTO restore_test_correction VALUES (?, ?, ?, ?, ?)",
        (number, told.replaced_by, told.at, line(told.who, LENGTH), why),
    )
    action = "restore test withdrawn" if told.replaced_by is None else "restore test corrected"
    place = "" if told.replaced_by is None else f" by {told.replaced_by}"
    audit.record(connection, told.who, action, f"{number}{place}: {found.test.target}: {why}", source)


def listed(state: State, target: str | None = None) -> list[Restore]:
    """The restore tests that count, newest first; of one target where named."""
    return [one.test for one in ledger(state, target) if one.correction is None]


def ledger(state: State, target: str | None = None) -> list[Entry]:
    """Every entry, those that were corrected too, newest first; of one target where named."""
    with state.read() as connection:
        return _ledger(connection, target)


_COLUMNS: Final = "at, target, what, job, point, seconds, result, evidence, who, noted, bytes, remark"


def _ledger(connection: sqlite3.Connection, target: str | None) -> list[Entry]:
    # Who only reads may come before the file was brought up to date: what it did not keep then is not told.
    known = {row[1] for row in connection.execute("PRAGMA table_info(restore_test)")}
    size, remark = "bytes" if "bytes" in known else "NULL", "remark" if "remark" in known else "''"
    rows = connection.execute(
        "SELECT id, at, target, what, job, point, seconds, result, evidence, who, noted, "  # noqa: S608 - words of ours
        f"{size}, {remark} FROM restore_test "
        "WHERE ?1 IS NULL OR target = ?1 ORDER BY at DESC, id DESC",
        (target,),
    ).fetchall()
    corrected = _corrections(connection) if "remark" in known else {}
    return [Entry(number, Restore(*row), corrected.get(number)) for number, *row in rows]


def _corrections(connection: sqlite3.Connection) -> dict[int, Correction]:
    rows = connection.execute("SELECT test, replaced_by, at, who, why FROM restore_test_correction")
    return {number: Correction(*row) for number, *row in rows}


def _checked(test: Restore) -> Restore:
    """A restore test with its texts bounded and on one line."""
    if test.at > test.noted:
        raise RestoreError("future", "a test of the future has not been: give the time when it ended")
    if not 0 < test.seconds <= 366 * 86_400:
        raise RestoreError("seconds", "a restore takes some time: give the minutes that it took")
    if not 0 < test.point <= test.at - test.seconds:
        raise RestoreError("point", "the restore point has to be from before the test began")
    if test.size is not None and not 0 < test.size < 1e18:
        raise RestoreError("size", "give the bytes that came back, such as 12 TB, or leave them out")
    told = test._replace(
        target=_line(test.target),
        what=_line(test.what),
        job=_line(test.job),
        evidence=_line(test.evidence),
        who=_line(test.who),
        remark=_line(test.remark),
    )
    if not told.evidence:
        raise RestoreError(
            "evidence", "a test without evidence is none: name the ticket, protocol or file that proves it"
        )
    if not told.target or not told.what or not told.who:
        raise RestoreError("said", "say what was restored, and who did it")
    return told


def _line(text: str) -> str:
    return line(" ".join(text.split()), LENGTH)
