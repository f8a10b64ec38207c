"""How files of the fifth schema came to keep of workstations what changed, where older ones kept all of them each time.

This is a step of a migration: it stays as it is, whatever becomes of what it wrote.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from typing import Any, NamedTuple

Row = dict[str, Any]


class _Machine(NamedTuple):
    number: int
    since: int
    row: Row


def fill(connection: sqlite3.Connection) -> None:
    """Fill `workstation_now` and `workstation_before` from the snapshots that stand whole in `workstation`."""
    living: dict[str, _Machine] = {}
    gone: dict[str, _Machine] = {}
    snapshots = connection.execute(
        "SELECT id FROM snapshot WHERE kind = 'workstations' ORDER BY id"
    ).fetchall()
    for (snapshot,) in snapshots:
        rows = {
            str(key): json.loads(text)
            for key, text in connection.execute(
                "SELECT key, row FROM workstation WHERE snapshot = ? ORDER BY key", (snapshot,)
            )
        }
        living = _next(connection, snapshot, living, gone, rows)


def _next(
    connection: sqlite3.Connection, snapshot: int, before: dict[str, _Machine], gone: dict[str, _Machine],
    rows: dict[str, Row],
) -> dict[str, _Machine]:  # fmt: skip
    """The machines of the next snapshot, by key."""
    known = _known(before, rows)
    found: dict[str, _Machine] = {}
    ended = {key: machine for key, machine in before.items() if key not in known.values()}
    for key, machine in ended.items():
        connection.execute("UPDATE workstation_now SET until = ? WHERE id = ?", (snapshot, machine.number))
        gone[key] = machine
    for key, row in rows.items():
        old = before[known[key]] if key in known else gone.pop(key, None)
        if old is not None and key in known and old.row == row:
            found[key] = old
        elif old is None:
            found[key] = _added(connection, snapshot, key, row)
        else:
            found[key] = _changed(connection, snapshot, key, old, row)
    return found


def _known(before: dict[str, _Machine], rows: dict[str, Row]) -> dict[str, str]:
    """The key that each row had before: its own, else that of the one of its name, where one has no serial number."""
    known = {key: key for key in rows if key in before}
    names = Counter(str(before[key].row["name"]).casefold() for key in before if key not in known)
    left = {str(before[key].row["name"]).casefold(): key for key in before if key not in known}
    for key, row in rows.items():
        name = str(row["name"]).casefold()
        if key not in known and names[name] == 1:
            old = before[left[name]].row
            if not (old.get("serial") and row.get("serial")):
                known[key], names[name] = left[name], 0
    return known


def _added(connection: sqlite3.Connection, snapshot: int, key: str, row: Row) -> _Machine:
    number = connection.execute(
        "INSERT INTO workstation_now (key, since, row) VALUES (?, ?, ?)", (key, snapshot, _text(row))
    ).lastrowid
    return _Machine(number or 0, snapshot, row)


def _changed(connection: sqlite3.Connection, snapshot: int, key: str, old: _Machine, row: Row) -> _Machine:
    names = sorted(old.row.keys() | row.keys())
    fields = {name: old.row.get(name) for name in names if old.row.get(name) != row.get(name)}
    connection.execute(
        "INSERT INTO workstation_before SELECT id, since, coalesce(until, ?), ? FROM workstation_now WHERE id = ?",
        (snapshot, _text(fields), old.number),
    )
    connection.execute(
        "UPDATE workstation_now SET key = ?, since = ?, until = NULL, row = ? WHERE id = ?",
        (key, snapshot, _text(row), old.number),
    )
    return _Machine(old.number, snapshot, row)


def _text(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
