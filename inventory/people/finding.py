"""Who uses which machine, as it was imported, and all that the state holds of one person.

Only here do user names leave the state. Whoever asks is written down by the caller (`inventory.state.audit`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple

from inventory.imports.lives import Span, machines
from inventory.people.pseudonyms import Key, fold, is_pseudonym, person, words
from inventory.state import State, contacts, views

Likeness = Literal["same", "alike"]
"""Written the same but for case and accents; or another way to write what may be the same person."""

_SHORTEST: Final = 3
_EXAMPLES: Final = 5
_WHOSE: Final = {"user": "name", "saved_view": "owner", "contact": "owner"}
"""By table: the column that says whose a row is; elsewhere it is `who` or `user`, where there is one."""

_UNSHOWN: Final = frozenset({"hash", "previous", "password", "digest", "text"})
_MACHINES: Final = frozenset({("workstation_now", "row"), ("workstation_before", "fields")})


class Use(NamedTuple):
    """That somebody, as the inventory wrote it, used a machine: from one import to another (UTC epoch seconds; None: still)."""

    user: str
    name: str
    serial: str | None
    site: str | None
    service: str | None
    since: float
    until: float | None


class Mention(NamedTuple):
    """A column whose texts hold the words of a name, how often they stand there, and the first of them."""

    table: str
    column: str
    times: int
    examples: tuple[str, ...]


class Found(NamedTuple):
    """All that is held of a person: the ways the name is written, by likeness, and what they used, did and are named in."""

    writings: dict[str, Likeness]
    uses: tuple[Use, ...]
    acts: tuple[dict[str, Any], ...]
    mentions: tuple[Mention, ...]

    def of(self, likeness: Likeness) -> list[str]:
        """The ways of writing that are so like it."""
        return sorted(text for text, how in self.writings.items() if how == likeness)

    def machines(self, writing: str) -> int:
        """How many machines one way of writing stands at, or stood."""
        return len({(use.name, use.serial) for use in self.uses if use.user == writing})


def users(state: State) -> list[Use]:
    """Who uses which machine now, by machine."""
    with state.read() as connection:
        now = [use for use in _uses(connection) if use.until is None]
    return sorted(now, key=lambda use: (use.name, use.serial or ""))


def find(state: State, names: Sequence[str], key: Key | None) -> Found:
    """All that the state holds of a person who is known by these names. Pseudonyms are found by the key alone."""
    judge = _Judge(names, key)
    with state.read() as connection:
        uses = tuple(use for use in _uses(connection) if judge(use.user))
        writings = {use.user: judge(use.user) or "alike" for use in uses}
        acts = tuple(_acts(connection, names))
        mentions = tuple(_mentions(connection, names))
    return Found(writings, uses, acts, mentions)


class _Judge:
    """Tells how like one of some names a text is. Each text is looked at once."""

    def __init__(self, names: Sequence[str], key: Key | None) -> None:
        self._written = {fold(name) for name in names}
        self._words = {frozenset(words(name)) for name in names if words(name)}
        self._pseudonyms = (
            {key.pseudonym(name) for name in names} if key else set(filter(is_pseudonym, names))
        )
        self._persons = {person(one) for one in self._pseudonyms}
        self._known: dict[str, Likeness | None] = {}

    def __call__(self, text: str) -> Likeness | None:
        if text not in self._known:
            self._known[text] = self._of_pseudonym(text) if is_pseudonym(text) else self._of_name(text)
        return self._known[text]

    def _of_pseudonym(self, text: str) -> Likeness | None:
        if text in self._pseudonyms:
            return "same"
        return "alike" if person(text) in self._persons else None

    def _of_name(self, text: str) -> Likeness | None:
        if fold(text) in self._written:
            return "same"
        found = set(words(text))
        return "alike" if any(asked <= found for asked in self._words) else None


def _uses(connection: sqlite3.Connection) -> Iterator[Use]:
    for _, spans in machines(connection):
        for first, last in _stays(spans):
            row = last.row
            yield Use(
                str(row["user"]), str(row["name"]), row.get("serial"), row.get("site"), row.get("service"),
                first.since, last.until,
            )  # fmt: skip


def _stays(spans: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """The first and last span of each time that one user stayed at a machine."""
    first: Span | None = None
    last: Span | None = None
    for span in spans:
        goes_on = (
            last is not None and last.until == span.since and last.row.get("user") == span.row.get("user")
        )
        if first is not None and last is not None and not goes_on:
            yield first, last
        if not goes_on:
            first = span if span.row.get("user") else None
        last = span
    if first is not None and last is not None:
        yield first, last


# --- besides the inventory ----------------------------------------------------------------------------------


def _acts(connection: sqlite3.Connection, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """What somebody of that name did with Jauge, their account, their saved views and their address: rows of every table that says who."""
    written = {fold(name) for name in names}
    meant = lambda text: fold(text) in written  # noqa: E731
    owners = {*views.owners(connection, meant), *contacts.owners(connection, meant)}
    for table, columns in _tables(connection):
        who = _WHOSE.get(table) or next((one for one in ("who", "user") if one in columns), None)
        if who is None:
            continue
        shown = [one for one in columns if one not in _UNSHOWN]
        for row in connection.execute(f"SELECT {', '.join(shown)} FROM {table}"):  # noqa: S608 - names of our own file
            told = dict(zip(shown, row, strict=True))
            if told[who] in owners if who == "owner" else fold(str(told[who])) in written:
                yield {"table": table, **told}


def _mentions(connection: sqlite3.Connection, names: Iterable[str]) -> Iterator[Mention]:
    """Where the words of a name stand in other texts: names of machines, rooms, files, what was decided."""
    wanted = [asked for name in names if (asked := [one for one in words(name) if len(one) >= _SHORTEST])]
    if not wanted:
        return
    for table, columns in _tables(connection):
        for column in columns:
            texts = connection.execute(f"SELECT {column} FROM {table} WHERE typeof({column}) = 'text'")  # noqa: S608 - as above
            # Whole texts first: of a million machines few are worth taking apart.
            pieces = (
                piece
                for (text,) in texts
                if _mentioned(text, wanted)
                for piece in _pieces(table, column, text)
            )
            hits = [piece for piece in pieces if _mentioned(piece, wanted)]
            if hits:
                yield Mention(table, column, len(hits), tuple(sorted(set(hits))[:_EXAMPLES]))


def _pieces(table: str, column: str, text: str) -> Iterator[str]:
    """The texts that a text holds: of a machine all but its user."""
    if (table, column) not in _MACHINES:
        yield text
        return
    for field, value in json.loads(text).items():
        if field != "user" and isinstance(value, str):
            yield value


def _mentioned(text: str, wanted: list[list[str]]) -> bool:
    folded = fold(text)
    return any(all(word in folded for word in asked) for asked in wanted)


def _tables(connection: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    """The tables and their columns."""
    names = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall()
    return [
        (table, [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]) for (table,) in names
    ]
