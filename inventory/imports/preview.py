"""What an import would change, before anything does: counts, and lists that are read from the staging when they are asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from inventory.harmless import line
from inventory.imports.machines import workstation
from inventory.imports.reasons import Reason, recall, say
from inventory.imports.rows import Refusal
from inventory.imports.staging import Staging
from inventory.workstations import Workstation

T = TypeVar("T")

_MANY: Final = 10
"""Machines that vanish, from which on half of them is a strange part."""

SHOWN: Final = 20
"""Lines of each kind that a preview shows."""

EXAMPLES: Final = 5
"""Values that are shown of those of one column that are wrong in the same way."""

LISTED: Final = 100_000
"""Rows that are refused, or whose values are left unknown, that a document lists one by one."""


class Change(NamedTuple):
    """A workstation that is known already, and the names of the fields that differ."""

    before: Workstation
    after: Workstation
    fields: tuple[str, ...]


class Group(NamedTuple):
    """Rows with the same thing wrong: how many, and where the first and the last are. `alike` are all of its column with the same code."""

    column: str
    why: Reason
    rows: int
    line: int
    last: int
    alike: int

    def __str__(self) -> str:
        places = {1: f"line {self.line}", 2: f"lines {self.line} and {self.last}"}
        place = places.get(self.rows, f"{self.rows} rows, lines {self.line} to {self.last}")
        return f"{place}{f', {self.column}' if self.column else ''}: {self.why}"

    def document(self) -> dict[str, str | int]:
        """It for programs."""
        return {
            "column": self.column, "code": self.why.code, "reason": str(self.why), "rows": self.rows,
            "first line": self.line, "last line": self.last,
        }  # fmt: skip


_GROUPS: Final = """SELECT title, code, given, many, first, last, alike FROM (
    SELECT *, sum(many) OVER (PARTITION BY title, code) AS alike,
        row_number() OVER (PARTITION BY title, code ORDER BY many DESC, first) AS place
    FROM (SELECT title, code, given, count(*) AS many, min(line) AS first, max(line) AS last FROM {} GROUP BY title, code, given))
    WHERE place <= ? ORDER BY alike DESC, title, code, many DESC, first LIMIT ?"""


class Listing(Generic[T]):
    """Some rows of the staging: counted at once, made when they are gone through."""

    def __init__(self, staging: Staging, query: str, make: Callable[..., T], order: str = "1") -> None:
        self._staging = staging
        self._query = f"{query} ORDER BY {order}"
        self._make = make
        self._count: int = staging.connection.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]  # noqa: S608 - ours

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return self.first(-1)

    def first(self, limit: int) -> Iterator[T]:
        """The first so many of them."""
        for row in self._staging.connection.execute(f"{self._query} LIMIT ?", (limit,)):
            yield self._make(*row)


class Told(Listing[Refusal]):
    """Rows with something wrong, each for itself, and those with the same wrong together."""

    def __init__(self, staging: Staging, table: Literal["refused", "remark"]) -> None:
        super().__init__(
            staging, f"SELECT line, title, code, given FROM {table}", _refusal, "line, title"  # noqa: S608 - one of two names
        )  # fmt: skip
        self._table = table

    def groups(self, limit: int, examples: int = EXAMPLES) -> list[Group]:
        """The first so many groups, most rows first; of each column and code those `examples` that have the most."""
        rows = self._staging.connection.execute(
            _GROUPS.format(self._table), (examples, limit)
        )  # rule: sql - one of two names
        return [
            Group(title, recall(code, given), many, first, last, alike)
            for title, code, given, many, first, last, alike in rows
        ]


_NAME: Final = "fold(json_extract({}, '$.name')), {}"
_ADDED: Final = """SELECT text FROM (SELECT s.text AS text FROM staged s WHERE s.sound AND s.n NOT IN (SELECT n FROM pair)
    UNION ALL SELECT c.text FROM change c WHERE c.ended)"""
_CHANGED: Final = "SELECT old, text, fields FROM change WHERE NOT ended"
_GONE: Final = "SELECT w.row FROM known k JOIN workstation_now w ON w.id = k.id"
_SAME: Final = """SELECT w.row FROM pair p JOIN workstation_now w ON w.id = p.workstation
    WHERE p.sound AND NOT p.ended AND p.workstation NOT IN (SELECT workstation FROM change)"""
_KEPT: Final = "SELECT w.row FROM pair p JOIN workstation_now w ON w.id = p.workstation WHERE NOT p.sound"


@dataclasses.dataclass(frozen=True)
class Preview:
    """What committing would do, by a connection that is closed with it (it is a context manager, and closes by itself at last).

    `source` is what people call where the file comes from, `origin` the name that it is asked for by. `remarks` are values left unknown, `kept` known machines of refused rows, `doubts` matches that somebody should look at,
    `notes` what is to be said of the file as a whole. With `supplement`, machines that the file does not name stay as they are.
    `failures` says whether the file could say of a machine that it failed.
    """

    file: str
    origin: str
    source: str
    base: int | None
    supplement: bool
    failures: bool
    staging: Staging
    ignored: tuple[str, ...]
    notes: tuple[Reason, ...]
    added: Listing[Workstation]
    changed: Listing[Change]
    absent: Listing[Workstation]
    same: Listing[Workstation]
    kept: Listing[Workstation]
    refused: Told
    remarks: Told
    doubts: Listing[Refusal]

    def __enter__(self) -> Preview:
        return self

    def __exit__(self, *_: object) -> None:
        self.staging.close()

    @property
    def vanished(self) -> Listing[Workstation]:
        """Machines that committing would end."""
        if not self.supplement:
            return self.absent
        return Listing(self.staging, "SELECT row FROM workstation_now WHERE 0", workstation)

    @property
    def changes(self) -> bool:
        """Whether committing would change anything."""
        return bool(len(self.added) or len(self.changed) or len(self.vanished))

    @property
    def tells(self) -> bool:
        """Whether committing would tell anything: also that all machines are still there, which a part of a list does not."""
        return self.changes or (not self.supplement and self.base is not None)

    @property
    def fresher(self) -> int:
        """How many known machines were seen later than was known, which is no change."""
        return int(self.staging.connection.execute("SELECT count(*) FROM fresher").fetchone()[0])

    @property
    def warnings(self) -> list[Reason]:
        """What should be said before anybody commits: the notes, and that most machines would end, which a part of a list does."""
        gone = len(self.vanished)
        known = gone + len(self.same) + len(self.changed) + len(self.kept)
        if gone < _MANY or 2 * gone < known:
            return list(self.notes)
        return [say("note.gone", gone=gone, known=known), *self.notes]

    def counts(self) -> dict[str, int]:
        """How many there are of each kind, in the order in which they are told."""
        return {
            "new": len(self.added),
            "changed": len(self.changed),
            "vanished": len(self.vanished),
            "unchanged": len(self.same),
            "refused": len(self.refused),
        }

    def lines(self, limit: int = SHOWN) -> Iterator[str]:
        """The preview in words, for a terminal, which nothing in a file steers: at most `limit` lines of each kind."""
        return map(line, self._lines(limit))

    def _lines(self, limit: int) -> Iterator[str]:
        counts = ", ".join(f"{count} {word}" for word, count in self.counts().items())
        yield f"{self.file}: {counts}"
        yield f"  read as: {self.source}"
        kinds: list[tuple[str, Listing[Any], Callable[[Any], str]]] = [
            ("doubtful", self.doubts, str),
            ("new", self.added, _called),
            ("changed", self.changed, _told),
            ("vanished", self.vanished, _called),
        ]
        yield from (f"  note: {note}" for note in self.warnings)
        for word, told in (("refused", self.refused), ("left unknown", self.remarks)):
            shown = told.groups(limit)
            yield from (f"  {word}: {one}" for one in shown)
            if rest := len(told) - sum(one.rows for one in shown):
                yield f"  {word}: {rest} more (--json lists all)"
        for word, listing, tell in kinds:
            yield from (f"  {word}: {tell(one)}" for one in listing.first(limit))
            if len(listing) > limit:
                yield f"  {word}: and {len(listing) - limit} more"
        yield from (f"  column ignored: {title}" for title in self.ignored[:limit])
        if len(self.ignored) > limit:
            yield f"  column ignored: and {len(self.ignored) - limit} more"

    def document(self, limit: int = SHOWN) -> dict[str, Any]:
        """The preview for programs: counts, the first `limit` machines of each kind, and what is wrong: together and row by row."""
        return {
            "file": self.file,
            "source": self.source,
            "counts": {**self.counts(), "doubtful": len(self.doubts), "left unknown": len(self.remarks)},
            "changes": self.changes,
            "notes": list(map(str, self.warnings)),
            "ignored": list(self.ignored),
            "groups": {
                "refused": [one.document() for one in self.refused.groups(LISTED, LISTED)],
                "left unknown": [one.document() for one in self.remarks.groups(LISTED, LISTED)],
            },
            "refused": [one.document() for one in self.refused.first(LISTED)],
            "doubtful": [one.document() for one in self.doubts.first(limit)],
            "left unknown": [one.document() for one in self.remarks.first(LISTED)],
            "new": [_named(one) for one in self.added.first(limit)],
            "changed": [
                {**_named(one.after), "fields": list(one.fields)} for one in self.changed.first(limit)
            ],
            "vanished": [_named(one) for one in self.vanished.first(limit)],
        }


def make(
    file: str, origin: str, source: str, base: int | None, staging: Staging, *, supplement: bool, failures: bool,
    ignored: tuple[str, ...], notes: tuple[Reason, ...],
) -> Preview:  # fmt: skip
    """The preview of a staging that was reconciled."""

    def listing(query: str, made: Callable[..., T], order: str = "1") -> Listing[T]:
        return Listing(staging, query, made, order)

    return Preview(
        file, origin, source, base, supplement, failures, staging, ignored, notes,
        added=listing(_ADDED, workstation, _NAME.format("text", "text")),
        changed=listing(_CHANGED, _change, _NAME.format("text", "key")),
        absent=listing(_GONE, workstation, _NAME.format("w.row", "w.key")),
        same=listing(_SAME, workstation, "w.key"), kept=listing(_KEPT, workstation, "w.key"),
        refused=Told(staging, "refused"), remarks=Told(staging, "remark"),
        doubts=listing("SELECT line, title, code, given FROM doubt", _refusal, "line, code, given"),
    )  # fmt: skip


def _refusal(line: int, title: str, code: str, given: str) -> Refusal:
    return Refusal(line, title, recall(code, given))


def _change(before: str, after: str, fields: str) -> Change:
    return Change(workstation(before), workstation(after), tuple(fields.split(",")))


def _called(one: Workstation) -> str:
    return f"{one.name} ({one.serial})" if one.serial else one.name


def _told(change: Change) -> str:
    fields = ", ".join(
        f"name (was {change.before.name})" if field == "name" else field for field in change.fields
    )
    return f"{_called(change.after)}: {fields}"


def _named(one: Workstation) -> dict[str, str | None]:
    return {"name": one.name, "serial": one.serial}
