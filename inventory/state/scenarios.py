"""Scenarios that were saved, and what was decided of them. Rows are only added, so that each decision can be read later.

A scenario that is saved again under its name is its next version. What is committed reserves its capacity, and what
was expected of it on that day is frozen, to be held against what came; it is not saved anew before it is withdrawn.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from inventory.harmless import line
from inventory.scenarios import Scenario
from inventory.scenarios.reading import ScenarioError, revive
from inventory.state import State, audit

Standing = Literal["saved", "committed", "withdrawn"]

_LENGTH: Final = 500


class UnreadableError(ScenarioError):
    """A scenario that was saved, and that this program cannot read any more: its `name`, and why."""

    def __init__(self, name: str, why: ScenarioError) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


class SupersededError(ScenarioError):
    """The version that was looked at is not the newest any more."""


class Saved(NamedTuple):
    """The newest version of a scenario, and how it stands: since when (UTC epoch seconds), by whom, and why."""

    id: int
    name: str
    title: str
    text: str
    standing: Standing
    at: float
    who: str
    why: str

    @property
    def scenario(self) -> Scenario:
        """The scenario itself. Raises ScenarioError where this program cannot read it any more."""
        try:
            return revive(self.text)
        except ScenarioError as error:
            raise UnreadableError(self.name, error) from error


class Decision(NamedTuple):
    """What happened to a scenario: it was saved, committed or withdrawn."""

    at: float
    who: str
    action: Standing
    why: str


class Expected(NamedTuple):
    """What was frozen when a scenario was committed: of each series a text, by unique_id."""

    at: float
    text: Mapping[str, str]


_NEWEST: Final = """
SELECT scenario.id, name, title, text, coalesce(action, 'saved'), coalesce(decided.at, scenario.at),
    coalesce(decided.who, scenario.who), coalesce(why, '')
FROM scenario LEFT JOIN scenario_decision AS decided ON decided.id =
    (SELECT max(id) FROM scenario_decision WHERE scenario_decision.scenario = scenario.id)
WHERE scenario.id IN (SELECT max(id) FROM scenario GROUP BY name) AND (?1 IS NULL OR name = ?1) ORDER BY name
"""


def save(state: State, scenario: Scenario, text: str, who: str, at: float, source: str = "") -> None:
    """Keep a scenario as it was written. Raises ScenarioError where one of that name is committed."""
    title = line(scenario.heading, _LENGTH)
    with state.write() as connection:
        before = _find(connection, scenario.name)
        if before and before.standing == "committed":
            raise ScenarioError(
                f"{scenario.name} is committed since {_day(before.at)}: withdraw it first, or give another name"
            )
        if before and before.text == text:
            return
        row = (scenario.name, title, text, at, line(who, _LENGTH))
        connection.execute("INSERT INTO scenario VALUES (NULL, ?, ?, ?, ?, ?)", row)
        audit.record(connection, who, "scenario saved", f"{scenario.name}: {title}", source)


def commit(
    state: State, saved: Saved, expected: Mapping[str, str], who: str, why: str, at: float, source: str = ""
) -> None:
    """Commit the version that was looked at, with what is expected of it: all of it is kept, or nothing.

    Raises ScenarioError where no reason is given or it is committed already, SupersededError where it was saved anew meanwhile.
    """
    reason = _reason(why)
    with state.write() as connection:
        found = _need(connection, saved.name)
        if found.id != saved.id:
            raise superseded(found)
        if found.standing == "committed":
            raise ScenarioError(f"{saved.name} is committed already, since {_day(found.at)}, by {found.who}")
        number = _decide(connection, found, "committed", who, reason, at, source)
        rows = [(number, name, text) for name, text in expected.items()]
        connection.executemany("INSERT INTO scenario_expected VALUES (?, ?, ?)", rows)


def withdraw(state: State, name: str, who: str, why: str, at: float, source: str = "") -> None:
    """Take a commitment back. Raises ScenarioError where no reason is given, or it is not committed."""
    reason = _reason(why)
    with state.write() as connection:
        found = _need(connection, name)
        if found.standing != "committed":
            raise ScenarioError(f"{name} is not committed: there is nothing to withdraw")
        _decide(connection, found, "withdrawn", who, reason, at, source)


def listed(state: State) -> list[Saved]:
    """The newest version of every scenario, by name."""
    with state.read() as connection:
        return [Saved(*row) for row in connection.execute(_NEWEST, (None,))]


def find(state: State, name: str) -> Saved | None:
    """The newest version of one, or None."""
    with state.read() as connection:
        return _find(connection, name)


def committed(state: State) -> list[Scenario]:
    """The scenarios that are committed, by name. Raises ScenarioError where one cannot be read any more."""
    return [one.scenario for one in listed(state) if one.standing == "committed"]


def need(state: State, name: str) -> Saved:
    """The newest version of one. Raises ScenarioError where there is none."""
    with state.read() as connection:
        return _need(connection, name)


def superseded(newest: Saved) -> SupersededError:
    """What to say to somebody who looked at an older version."""
    return SupersededError(f"{newest.name} was saved anew meanwhile, by {newest.who}: look at it again")


def decisions(state: State, name: str) -> list[Decision]:
    """All that happened to the scenarios of a name, newest first."""
    with state.read() as connection:
        rows = connection.execute(
            """SELECT at, who, 'saved', '' , 0, id FROM scenario WHERE name = ?1
            UNION ALL SELECT decided.at, decided.who, action, why, 1, decided.id
            FROM scenario_decision AS decided JOIN scenario ON scenario.id = decided.scenario WHERE name = ?1
            ORDER BY 1 DESC, 5 DESC, 6 DESC""",
            (name,),
        )
        return [Decision(*row[:4]) for row in rows]


def expected(state: State, name: str) -> Expected | None:
    """What was frozen when it was last committed; None where it never was."""
    with state.read() as connection:
        last = connection.execute(
            """SELECT decided.id, decided.at FROM scenario_decision AS decided
            JOIN scenario ON scenario.id = decided.scenario
            WHERE name = ? AND action = 'committed' ORDER BY decided.id DESC LIMIT 1""",
            (name,),
        ).fetchone()
        if last is None:
            return None
        rows = connection.execute(
            "SELECT unique_id, text FROM scenario_expected WHERE decision = ? ORDER BY unique_id", last[:1]
        )
        return Expected(last[1], dict(rows.fetchall()))


def _find(connection: sqlite3.Connection, name: str) -> Saved | None:
    plain = name.encode("utf-8", "replace").decode()
    row = connection.execute(_NEWEST, (plain,)).fetchone()
    return Saved(*row) if row else None


def _need(connection: sqlite3.Connection, name: str) -> Saved:
    found = _find(connection, name)
    if found is None:
        raise ScenarioError(f"there is no scenario {line(name, 100)}: save one first")
    return found


def _decide(
    connection: sqlite3.Connection, found: Saved, action: Standing, who: str, why: str, at: float, source: str
) -> int | None:
    row = (found.id, action, at, line(who, _LENGTH), why)
    number = connection.execute("INSERT INTO scenario_decision VALUES (NULL, ?, ?, ?, ?, ?)", row).lastrowid
    audit.record(connection, who, f"scenario {action}", f"{found.name}: {why}", source)
    return number


def _reason(why: str) -> str:
    reason = line(why.strip(), _LENGTH)
    if not reason:
        raise ScenarioError("a decision needs its reason: say why")
    return reason


def _day(at: float) -> str:
    import datetime as dt  # noqa: PLC0415 - only a message needs it

    return dt.datetime.fromtimestamp(at, dt.UTC).date().isoformat()
