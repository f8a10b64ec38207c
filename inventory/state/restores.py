"""Restore tests: who restored what, from which point, in what time, and what proves it. Rows are only added.

A backup that nobody restored is a hope. What was tested is kept beside the audit log, and in it.
"""

from __future__ import annotations

import sqlite3
from typing import Final, Literal, NamedTuple, get_args

from inventory.harmless import line
from inventory.state import State, audit

Result = Literal["ok", "partial", "failed"]
"""Whether all, a part, or nothing of what was wanted came back and could be used."""

RESULTS: Final[tuple[Result, ...]] = get_args(Result)

_LENGTH: Final = 500


class RestoreError(Exception):
    """A restore test cannot be true as it is told: the message says why."""


class Restore(NamedTuple):
    """One restore test, which ended `at`. `point` is the moment that its data is of (both UTC epoch seconds).

    `seconds` is from the order to restore until what was restored could be used. `evidence` names what proves it: a
    ticket, a protocol, a file. `noted` is when it was recorded.
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


def speeds(state: State) -> dict[str, list[float]]:
    """Bytes a second of the restores that brought back all that was wanted, by target: those whose bytes are known."""
    found: dict[str, list[float]] = {}
    for test in listed(state):
        if test.result == "ok" and test.size is not None:
            found.setdefault(test.target, []).append(test.size / test.seconds)
    return found


def record(state: State, test: Restore, source: str = "") -> None:
    """Keep a restore test. Raises RestoreError where it cannot be true as it is told."""
    checked = _checked(test)
    with state.write() as connection:
        connection.execute(f"INSERT INTO restore_test VALUES (NULL{', ?' * len(checked)})", checked)  # noqa: S608 - only question marks
        told = f"{checked.target}: {checked.result} in {checked.seconds / 60:.0f} min, {checked.evidence}"
        audit.record(connection, checked.who, "restore tested", told, source)


def listed(state: State, target: str | None = None) -> list[Restore]:
    """The restore tests, newest first; of one target where named."""
    with state.read() as connection:
        return _listed(connection, target)


def _listed(connection: sqlite3.Connection, target: str | None) -> list[Restore]:
    # Who only reads may come before the file was brought up to date: its tests are told without their bytes then.
    known = {row[1] for row in connection.execute("PRAGMA table_info(restore_test)")}
    size = "bytes" if "bytes" in known else "NULL"
    rows = connection.execute(
        f"SELECT at, target, what, job, point, seconds, result, evidence, who, noted, {size} FROM restore_test "  # noqa: S608 - one of two words
        "WHERE ?1 IS NULL OR target = ?1 ORDER BY at DESC, id DESC",
        (target,),
    )
    return [Restore(*row) for row in rows]


def _checked(test: Restore) -> Restore:
    """A restore test with its texts bounded and on one line."""
    if test.at > test.noted:
        raise RestoreError("a test of the future has not been: give the time when it ended")
    if not 0 < test.point <= test.at - test.seconds:
        raise RestoreError("the restore point has to be from before the test began")
    if not 0 < test.seconds <= 366 * 86_400:
        raise RestoreError("a restore takes some time: give the minutes that it took")
    if test.size is not None and not 0 < test.size < 1e18:
        raise RestoreError("give the bytes that came back, such as 12 TB, or leave them out")
    told = test._replace(
        target=_line(test.target),
        what=_line(test.what),
        job=_line(test.job),
        evidence=_line(test.evidence),
        who=_line(test.who),
    )
    if not told.evidence:
        raise RestoreError(
            "a test without evidence is none: name the ticket, protocol or file that proves it"
        )
    if not told.what or not told.who:
        raise RestoreError("say what was restored, and who did it")
    return told


def _line(text: str) -> str:
    return line(" ".join(text.split()), _LENGTH)
