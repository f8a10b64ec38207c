"""What an import would change, and keeping it: snapshots of all workstations, each import a new one."""

from __future__ import annotations

import dataclasses
import datetime
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from inventory.imports import ImportFailedError
from inventory.state import State, audit
from inventory.workstations import Workstation

KIND = "workstations"


class Refusal(NamedTuple):
    """A row, or one value of it (`column`), that is not taken, and why. `line` is 1-based."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return (
            f"line {self.line}, {self.column}: {self.reason}"
            if self.column
            else f"line {self.line}: {self.reason}"
        )


class Change(NamedTuple):
    """A workstation that is known already, and the names of the fields that differ."""

    before: Workstation
    after: Workstation
    fields: tuple[str, ...]


class Snapshot(NamedTuple):
    """What was imported at one time (UTC epoch seconds), from which file, by whom."""

    id: int
    at: float
    file: str
    who: str
    workstations: tuple[Workstation, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """What a source made of a file. `doubtful` are the workstations that refused rows are about."""

    workstations: tuple[Workstation, ...]
    refused: tuple[Refusal, ...] = ()
    remarks: tuple[Refusal, ...] = ()
    doubtful: tuple[Workstation, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """What committing would do. `remarks` are values left unknown, `kept` known machines of refused rows."""

    file: str
    base: int | None
    added: tuple[Workstation, ...]
    changed: tuple[Change, ...]
    vanished: tuple[Workstation, ...]
    same: tuple[Workstation, ...]
    kept: tuple[Workstation, ...]
    refused: tuple[Refusal, ...]
    remarks: tuple[Refusal, ...]
    ignored: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether committing would change anything."""
        return bool(self.added or self.changed or self.vanished)

    @property
    def result(self) -> tuple[Workstation, ...]:
        """All workstations, once committed."""
        return (*self.same, *(change.after for change in self.changed), *self.added, *self.kept)

    def lines(self, limit: int = 20) -> Iterator[str]:
        """The preview in words, for a terminal: at most `limit` lines of each kind."""
        yield (
            f"{self.file}: {len(self.added)} new, {len(self.changed)} changed, {len(self.vanished)} vanished, "
            f"{len(self.same)} unchanged, {len(self.refused)} refused"
        )
        kinds: list[tuple[str, Sequence[str]]] = [
            ("refused", [str(refusal) for refusal in self.refused]),
            ("left unknown", [str(remark) for remark in self.remarks]),
            ("new", [_called(workstation) for workstation in self.added]),
            ("changed", [f"{_called(c.after)}: {', '.join(c.fields)}" for c in self.changed]),
            ("vanished", [_called(workstation) for workstation in self.vanished]),
            ("column ignored", self.ignored),
        ]
        for word, texts in kinds:
            yield from (f"  {word}: {text}" for text in texts[:limit])
            if len(texts) > limit:
                yield f"  {word}: and {len(texts) - limit} more"


def latest(state: State) -> Snapshot | None:
    """What was imported last, by name, or None where nothing was yet."""
    with state.read() as connection:
        return _latest(connection)


def history(state: State) -> list[tuple[int, float, str, int]]:
    """Every snapshot, newest first: number, time (UTC epoch seconds), file, count of workstations."""
    with state.read() as connection:
        rows = connection.execute(
            """SELECT id, at, file, (SELECT count(*) FROM workstation WHERE snapshot = id)
            FROM snapshot WHERE kind = ? ORDER BY id DESC""",
            (KIND,),
        )
        return [(int(row[0]), float(row[1]), str(row[2]), int(row[3])) for row in rows]


def compare(file: str, before: Snapshot | None, rows: Rows) -> Preview:
    """What a file changes: reconciled by serial number, by name where either side has none."""
    left = {workstation.key: workstation for workstation in (before.workstations if before else ())}
    pairs = [(w, left.pop(w.key, None)) for w in rows.workstations]
    nameless = _by_name(left.values())
    paired = [(w, found or _renumbered(w, nameless, left)) for w, found in pairs]
    kept = [
        found for w in rows.doubtful if (found := left.pop(w.key, None) or _renumbered(w, nameless, left))
    ]
    changes = [(new, old, _differences(old, new)) for new, old in paired if old is not None]
    return Preview(
        file=file,
        base=before.id if before else None,
        added=tuple(new for new, old in paired if old is None),
        changed=tuple(Change(old, new, fields) for new, old, fields in changes if fields),
        vanished=tuple(sorted(left.values(), key=lambda w: w.name)),
        same=tuple(new for new, _, fields in changes if not fields),
        kept=tuple(kept),
        refused=rows.refused,
        remarks=rows.remarks,
        ignored=rows.ignored,
    )


def commit(
    state: State, preview: Preview, who: str, source: str = "command line", partial: bool = False
) -> int | None:
    """Keep what was previewed as a new snapshot, in one transaction, and give its number.

    Where nothing changes, no snapshot is made, and the number of the one that stands is given. Raises
    ImportFailedError, having written nothing: rows were refused (`partial` takes the others, and keeps what
    was known of the refused ones), or somebody imported since the preview.
    """
    if preview.refused and not partial:
        raise ImportFailedError(
            f"{preview.file}: {len(preview.refused)} rows are refused, so nothing was imported: correct them, "
            f"or import without them; the first: {preview.refused[0]}"
        )
    with state.write() as connection:
        base = _newest(connection)
        if (base[0] if base else None) != preview.base:
            raise ImportFailedError("somebody imported since this preview: look at it again")
        number = _keep(connection, preview, who) if preview.changes else preview.base
        counts = f"{len(preview.added)} new, {len(preview.changed)} changed, {len(preview.vanished)} vanished"
        detail = f"{preview.file}: {counts}, {len(preview.refused)} refused"
        audit.record(connection, who, "workstations imported", detail, source)
    return number


def _keep(connection: sqlite3.Connection, preview: Preview, who: str) -> int:
    row = (time.time(), KIND, preview.file, who)
    number = connection.execute(
        "INSERT INTO snapshot (at, kind, file, who) VALUES (?, ?, ?, ?)", row
    ).lastrowid
    if number is None:  # SQLite gives one after every INSERT; for the type checker
        raise ImportFailedError("the snapshot got no number")
    rows = ((number, workstation.key, _to_text(workstation)) for workstation in preview.result)
    connection.executemany("INSERT INTO workstation VALUES (?, ?, ?)", rows)
    return number


def _newest(connection: sqlite3.Connection) -> tuple[int, float, str, str] | None:
    row: tuple[int, float, str, str] | None = connection.execute(
        "SELECT id, at, file, who FROM snapshot WHERE kind = ? ORDER BY id DESC LIMIT 1", (KIND,)
    ).fetchone()
    return row


def _latest(connection: sqlite3.Connection) -> Snapshot | None:
    newest = _newest(connection)
    if newest is None:
        return None
    texts = connection.execute("SELECT row FROM workstation WHERE snapshot = ?", (newest[0],))
    return Snapshot(*newest, tuple(sorted((_from_text(text) for (text,) in texts), key=lambda w: w.name)))


def _by_name(workstations: Iterable[Workstation]) -> dict[str, list[Workstation]]:
    found: dict[str, list[Workstation]] = {}
    for workstation in workstations:
        found.setdefault(workstation.name.casefold(), []).append(workstation)
    return found


def _renumbered(
    workstation: Workstation, named: dict[str, list[Workstation]], left: dict[str, Workstation]
) -> Workstation | None:
    """The known machine of that name, where one of the two has no serial number. Two serials: two machines."""
    for candidate in named.get(workstation.name.casefold(), []):
        if candidate.key in left and not (candidate.serial and workstation.serial):
            return left.pop(candidate.key)
    return None


def _differences(before: Workstation, after: Workstation) -> tuple[str, ...]:
    names = (field.name for field in dataclasses.fields(Workstation))
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def _called(workstation: Workstation) -> str:
    return f"{workstation.name} ({workstation.serial})" if workstation.serial else workstation.name


def _to_text(workstation: Workstation) -> str:
    known = {name: value for name, value in dataclasses.asdict(workstation).items() if value is not None}
    return json.dumps(known, default=datetime.date.isoformat, ensure_ascii=False)


def _from_text(text: str) -> Workstation:
    known: dict[str, Any] = json.loads(text)
    for day in {"purchased", "warranty"} & known.keys():
        known[day] = datetime.date.fromisoformat(known[day])
    return Workstation(**known)
