"""One workstation from import to import: when it was seen first, what was otherwise then, when it was gone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from inventory.imports import machines
from inventory.state import State
from inventory.workstations import Workstation

UNTOLD: Final = frozenset({"user", "seen"})
"""Fields of which nothing is said: who uses a machine, and the last day on which something saw it, which changes every day."""

Event = Literal["first", "changed", "gone", "back"]


class Change(NamedTuple):
    """A field that became another, as the inventory writes both; None where it told nothing."""

    field: str
    before: Any
    after: Any


class Step(NamedTuple):
    """What an import (its time in UTC epoch seconds, and its file) said anew of the machine."""

    at: float
    file: str
    event: Event
    changes: tuple[Change, ...] = ()


class Course(NamedTuple):
    """The machine as it was told last, and its steps, the newest first. `is_gone` says that the newest inventory has it no more."""

    last: Workstation
    steps: tuple[Step, ...]
    is_gone: bool


def course(state: State, key: str) -> Course | None:
    """The course of the machine of that key (`Workstation.key`); None where no import ever named it. Raises StateError."""
    with state.read() as connection:
        found = connection.execute(
            "SELECT id, since, until, row, seen FROM workstation_now WHERE key = ? ORDER BY until IS NOT NULL, until DESC LIMIT 1",
            (key,),
        ).fetchone()
        if found is None:
            return None
        number, since, until, text, seen = found
        before = connection.execute(
            "SELECT since, until, fields FROM workstation_before WHERE workstation = ? ORDER BY since DESC",
            (number,),
        ).fetchall()
        spans = list(_spans((since, until, json.loads(text)), before))
        taken = _taken(connection, {one for span in spans for one in span[:2]})
    steps = tuple(_steps(spans[::-1], taken))[::-1]
    return Course(machines.workstation(text, seen), steps, until is not None)


Span = tuple[int, int | None, Mapping[str, Any]]
"""The import since which a machine stood so, the one that had it so no more, and its fields."""


def _spans(now: Span, before: list[tuple[int, int, str]]) -> Iterator[Span]:
    """All spans, the newest first: older ones are told by what was otherwise."""
    yield now
    row = dict(now[2])
    for since, until, fields in before:
        row |= json.loads(fields)
        yield since, until, dict(row)


def _taken(connection: sqlite3.Connection, numbers: set[int | None]) -> dict[int, tuple[float, str]]:
    """Time and file of imports."""
    rows = connection.execute(
        "SELECT id, at, file FROM snapshot WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([one for one in numbers if one is not None]),),
    )
    return {number: (at, file) for number, at, file in rows}


def _steps(spans: list[Span], taken: Mapping[int, tuple[float, str]]) -> Iterator[Step]:
    """What happened, the oldest first."""
    earlier: Span | None = None
    for span in spans:
        since, until, row = span
        if earlier is None:
            yield Step(*taken[since], "first")
        elif earlier[1] is not None and earlier[1] < since:
            yield Step(*taken[earlier[1]], "gone")
            yield Step(*taken[since], "back", _changes(earlier[2], row))
        elif changes := _changes(earlier[2], row):
            yield Step(*taken[since], "changed", changes)
        earlier = since, until, row
    if earlier is not None and earlier[1] is not None:
        yield Step(*taken[earlier[1]], "gone")


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    names = sorted((before.keys() | after.keys()) - UNTOLD)
    found = (Change(name, before.get(name), after.get(name)) for name in names)
    return tuple(one for one in found if one.before != one.after)
