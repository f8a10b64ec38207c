"""Keeping imports: each is a snapshot, of which `state.db` holds what changed since the one before.

A machine stands in `workstation_now`, since a snapshot, until the one that did not have it any more. What was otherwise
before stands in `workstation_before`, newest last: the fields that differ from what came next.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from inventory.imports import ImportFailedError, machines, preview
from inventory.imports.preview import Preview
from inventory.imports.reasons import say
from inventory.imports.rows import Staged
from inventory.imports.staging import Staging
from inventory.state import State, audit, explained
from inventory.workstations import Workstation

KIND: Final = "workstations"

KEPT_SINCE: Final = "workstations are kept since"
"""Setting: the number of the oldest import that can be shown again, where details of older ones were let go."""


class Taken(NamedTuple):
    """One import that was kept: when (UTC epoch seconds), of which file, by whom."""

    id: int
    at: float
    file: str
    who: str


class Snapshot(NamedTuple):
    """All workstations as they stood when something was imported."""

    id: int
    at: float
    file: str
    who: str
    workstations: tuple[Workstation, ...]


def latest(state: State) -> Snapshot | None:
    """What was imported last, by name, or None where nothing was yet."""
    with state.read() as connection:
        taken = newest(connection)
        return _snapshot(taken, _now(connection)) if taken else None


def on(state: State, day: datetime.date, timezone: datetime.tzinfo = datetime.UTC) -> Snapshot | None:
    """What stood at the end of a civil day, or None where nothing was imported by then, or its details were let go."""
    end = datetime.datetime.combine(day, datetime.time.max, timezone).timestamp()
    with state.read() as connection:
        row = connection.execute(
            "SELECT id, at, file, who FROM snapshot WHERE kind = ? AND at <= ? ORDER BY id DESC LIMIT 1",
            (KIND, end),
        ).fetchone()
        since = connection.execute("SELECT value FROM setting WHERE name = ?", (KEPT_SINCE,)).fetchone()
        if row is None or (since is not None and row[0] < int(since[0])):
            return None
        return _snapshot(Taken(*row), _then(connection, row[0]))


def history(state: State) -> list[tuple[int, float, str, int]]:
    """Every snapshot, newest first: number, time (UTC epoch seconds), file, count of workstations."""
    with state.read() as connection:
        moved = dict(
            connection.execute(
                """SELECT id, sum(by) FROM (
                SELECT since AS id, 1 AS by FROM workstation_now UNION ALL SELECT since, 1 FROM workstation_before
                UNION ALL SELECT until, -1 FROM workstation_now WHERE until IS NOT NULL
                UNION ALL SELECT until, -1 FROM workstation_before) GROUP BY id"""
            )
        )
        rows = connection.execute(
            "SELECT id, at, file FROM snapshot WHERE kind = ? ORDER BY id", (KIND,)
        ).fetchall()
    found: list[tuple[int, float, str, int]] = []
    count = 0
    for number, at, file in rows:
        count += moved.get(number, 0)
        found.append((int(number), float(at), str(file), count))
    return found[::-1]


class Changes(NamedTuple):
    """What the newest import changed: machines that it showed for the first time, otherwise than before, not any more, or again.

    `at` and `before` are the times of it and of the import before it (UTC epoch seconds); the first has none before it.
    """

    at: float
    before: float | None
    added: int
    changed: int
    vanished: int
    returned: int


def changes(state: State) -> Changes | None:
    """What the newest import changed; None where nothing was imported yet."""
    with state.read() as connection:
        taken = connection.execute(
            "SELECT id, at FROM snapshot WHERE kind = ? ORDER BY id DESC LIMIT 2", (KIND,)
        ).fetchall()
        if not taken:
            return None
        (newest_id, at), before = taken[0], taken[1][1] if len(taken) > 1 else None
        counts = connection.execute(
            """SELECT coalesce(sum(last IS NULL), 0), coalesce(sum(last = ?1), 0), coalesce(sum(last < ?1), 0) FROM (
                SELECT (SELECT max(until) FROM workstation_before WHERE workstation = w.id) AS last
                FROM workstation_now w WHERE since = ?1 AND until IS NULL)""",
            (newest_id,),
        ).fetchone()
        gone = connection.execute(
            "SELECT count(*) FROM workstation_now WHERE until = ?", (newest_id,)
        ).fetchone()[0]
    return Changes(at, before, counts[0], counts[1], gone, counts[2])


def compare(state: State, file: str, workstations: Iterable[Workstation]) -> Preview:
    """What taking these workstations over would change, as a file that tells all of their fields would."""
    staging = Staging(state)
    staging.connection.execute("BEGIN")
    for _ in staging.add(_staged(number, one) for number, one in enumerate(workstations, 1)):
        pass
    base = newest(staging.connection)
    fields = frozenset(field.name for field in dataclasses.fields(Workstation))
    staging.reconcile(fields, ("serial", "name"), supplement=False)
    staging.connection.execute("COMMIT")
    number = base.id if base else None
    return preview.make(
        file, "", "workstations", number, staging, supplement=False, failures=True, ignored=(), notes=()
    )


def commit(
    state: State,
    found: Preview,
    who: str,
    source: str = "command line",
    partial: bool = False,
    at: float | None = None,
) -> int | None:
    """Keep what was previewed as a new snapshot, in one transaction, and give its number.

    Where nothing changes, the snapshot says that all of them were still there (`Preview.tells`); where not even that is told,
    none is made, and the number of the one that stands is given. Raises ImportFailedError, having written nothing: rows were
    refused (`partial` takes the others, and keeps what was known of the refused ones), or somebody imported since the
    preview, or `at` (UTC epoch seconds; now where nothing is said) is before the newest snapshot.
    """
    if len(found.refused) and not partial:
        first = next(found.refused.first(1))
        told = say("file.refused", count=len(found.refused), line=first.line, column=first.column)
        raise ImportFailedError(told, found.file)
    with explained(state.path):
        return _commit(found, who, source, at)


def _commit(found: Preview, who: str, source: str, at: float | None) -> int | None:
    connection = found.staging.connection
    connection.execute("BEGIN IMMEDIATE")
    try:
        base = newest(connection)
        if (base.id if base else None) != found.base:
            raise ImportFailedError(say("file.overtaken"), found.file)
        moment = time.time() if at is None else at
        if base is not None and moment < base.at:
            raise ImportFailedError(say("file.older", file=base.file))
        # The same file of the same moment again tells nothing that is not known.
        is_new = found.changes or (found.tells and base is not None and moment > base.at)
        number = _keep(connection, found, who, moment) if is_new else found.base
        connection.execute(_SEE)
        counts = f"{len(found.added)} new, {len(found.changed)} changed, {len(found.vanished)} vanished"
        detail = f"{found.file}: {counts}, {len(found.refused)} refused"
        audit.record(connection, who, "workstations imported", detail, source)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return number


_SEE: Final = (
    """UPDATE workstation_now SET seen = f.seen FROM fresher f WHERE f.workstation = workstation_now.id"""
)


def newest(connection: sqlite3.Connection) -> Taken | None:
    """The import that was kept last."""
    row = connection.execute(
        "SELECT id, at, file, who FROM snapshot WHERE kind = ? ORDER BY id DESC LIMIT 1", (KIND,)
    ).fetchone()
    return Taken(*row) if row else None


def _keep(connection: sqlite3.Connection, found: Preview, who: str, moment: float) -> int:
    number = connection.execute(
        "INSERT INTO snapshot (at, kind, file, who, part, failures) VALUES (?, ?, ?, ?, ?, ?)",
        (moment, KIND, found.file, who, found.supplement and found.base is not None, found.failures),
    ).lastrowid
    if not found.supplement:
        connection.execute(
            "UPDATE workstation_now SET until = ? WHERE id IN (SELECT id FROM known)",
            (number,),
        )
    connection.execute(
        """INSERT INTO workstation_before SELECT w.id, w.since, coalesce(w.until, ?), c.before FROM change c
        JOIN workstation_now w ON w.id = c.workstation""",
        (number,),
    )
    connection.execute(
        """UPDATE workstation_now SET key = c.key, since = ?, until = NULL, row = c.text FROM change c
        WHERE c.workstation = workstation_now.id""",
        (number,),
    )
    # By key, so that machines have the same numbers whatever the order of the rows.
    connection.execute(
        """INSERT INTO workstation_now (key, since, row, seen) SELECT key, ?, text, seen FROM staged
        WHERE sound AND n NOT IN (SELECT n FROM pair) ORDER BY key""",
        (number,),
    )
    return int(number or 0)


def _staged(line: int, one: Workstation) -> Staged:
    return (
        line,
        one.key,
        one.name.casefold(),
        bool(one.serial),
        machines.text(one),
        True,
        one.seen.isoformat() if one.seen else None,
    )


def _snapshot(taken: Taken, found: Iterable[Workstation]) -> Snapshot:
    return Snapshot(*taken, tuple(sorted(found, key=lambda one: (one.name, one.key))))


def _now(connection: sqlite3.Connection) -> Iterator[Workstation]:
    for text, seen in connection.execute("SELECT row, seen FROM workstation_now WHERE until IS NULL"):
        yield machines.workstation(text, seen)


def _then(connection: sqlite3.Connection, snapshot: int) -> Iterator[Workstation]:
    """What stood at a snapshot: what stands since then or longer, and what stood before, made whole again."""
    rows = connection.execute(
        "SELECT row FROM workstation_now WHERE since <= ?1 AND (until IS NULL OR until > ?1)", (snapshot,)
    )
    yield from (machines.workstation(text) for (text,) in rows)
    older = connection.execute(
        """SELECT w.id, w.row, b.since, b.until, b.fields FROM workstation_before b JOIN workstation_now w ON w.id = b.workstation
        WHERE b.until > ?1 AND b.workstation IN (SELECT workstation FROM workstation_before WHERE since <= ?1 AND until > ?1)
        ORDER BY w.id, b.since DESC""",
        (snapshot,),
    )
    current, row = 0, {}
    for number, text, since, until, fields in older:
        if number != current:
            current, row = number, json.loads(text)
        row.update(json.loads(fields))
        if since <= snapshot < until:
            yield machines.revive(row)
