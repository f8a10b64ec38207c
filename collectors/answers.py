"""Tables of JSON documents: what an interface answers over HTTP, or a command prints.

A row is found by a JSON pointer (RFC 6901) in which `*` stands for every element or member; its columns are relative
JSON pointers (draft-bhutton-relative-json-pointer-00): `/name` below the row, `1/name` below what holds the row, `#`
the key or place of the row itself. Rows and columns then mean what they mean in an agent's table (`collectors.plan`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

from pydantic import AfterValidator, Field

from collectors.documents import legible
from collectors.plan import Plan, Rules
from collectors.poll import PollError, Reading
from collectors.snmp.column import Column
from collectors.snmp.oid import suffix_part
from collectors.snmp.values import Value
from collectors.tables import POINTER, Key, Table
from collectors.tables import Column as ColumnName

ROW_CAP: Final = 50_000
"""Rows of one table."""

_ROWS: Final = re.compile(r"(/([^/~]|~[01])*)*")
_WIDEST: Final = 1 << 64
"""No number of a device is greater."""


def _rows_pointer(value: str) -> str:
    if not _ROWS.fullmatch(value):
        raise ValueError(f"{value!r} is no JSON pointer")
    return value


RowsPointer = Annotated[str, AfterValidator(_rows_pointer)]


class JsonTable(Table):
    """A table of a JSON document."""

    each: RowsPointer = Field("", description="JSON pointer to the rows; * stands for every element.")
    optional: bool = Field(False, description="The document may be without these rows.")
    alone: bool = Field(
        False,
        description="Where a * meets an object, it stands for that object itself: a list of one, as XML becomes JSON.",
    )

    def column(self, column: ColumnName) -> Key:
        """A column is its pointer."""
        if isinstance(column, int) or not POINTER.fullmatch(column):
            raise ValueError(f"{column!r} is no relative JSON pointer")
        return column.encode()

    def scalar(self, scalar: str) -> Key:
        """There are none: what stands alone is a column of the one row that is the document."""
        raise ValueError(f"{scalar}: a JSON document has columns only")


class _Step(NamedTuple):
    """One value on the way to a row, and the key or place that it has in the one before."""

    key: str
    value: Any


class Named(NamedTuple):
    """A document that was asked for by a name: the name is its key."""

    name: str
    document: Any


def read(table: JsonTable, *documents: Any) -> Reading:
    """The reading of a table of a document, or of several. Raises PollError where one has no such place."""
    tokens = _tokens(table.each)
    rows: list[tuple[_Step, ...]] = []
    for given in documents:
        name, document = given if isinstance(given, Named) else ("", given)
        listed = _rows(document, tokens, (_Step(name, document),), alone=table.alone)
        found = list(itertools.islice(listed, ROW_CAP + 1 - len(rows)))
        if not found and not table.optional and not _present(document, tokens):
            raise PollError(
                "unparsed", f"nothing at {table.each or 'the root'} of {legible(repr(document), 120)}"
            )
        rows += found
        if len(rows) > ROW_CAP:
            raise PollError("capped", f"more than {ROW_CAP} rows")
    indexes = [suffix_part(place) for place in range(len(rows))]
    columns: dict[Key, Column] = {}
    rules = Rules(table)
    for key in rules.wanted.columns:
        pointer = key.decode()
        columns[key] = Column(key, [key + index for index in indexes], [_value(row, pointer) for row in rows])
    return Plan(rules, columns).read(columns, {})


def count(table: JsonTable, document: Any) -> int:
    """How many rows of a table a document has, whether they count or not."""
    return sum(1 for _ in _rows(document, _tokens(table.each), alone=table.alone))


def texts(document: Any, pointer: str) -> list[str]:
    """The texts at a pointer of a document in which * stands for every element or member."""
    values = (trail[-1].value for trail in _rows(document, _tokens(pointer)))
    return [value for value in values if isinstance(value, str) and value]


def called(document: Any, pointer: str, name: str | None) -> list[tuple[str, str]]:
    """The texts at a pointer, as of `texts`, each with the text at a relative pointer from it; without one, itself."""
    found = []
    for trail in _rows(document, _tokens(pointer)):
        told = trail[-1].value
        if isinstance(told, str) and told:
            key = None if name is None else _value(trail, name)
            found.append((told, key.decode() if isinstance(key, bytes) and key else told))
    return found


def find(document: Any, pointer: str) -> str:
    """The text at a pointer of a document, empty where there is none."""
    found = _value((_Step("", document),), pointer)
    return found.decode() if isinstance(found, bytes) else "" if found is None else str(found)


def _tokens(pointer: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _rows(
    value: Any, tokens: Sequence[str], trail: tuple[_Step, ...] = (), *, alone: bool = False
) -> Iterator[tuple[_Step, ...]]:
    """The rows below a value: each as all that stands on the way to it, the row last."""
    trail = trail or (_Step("", value),)
    if not tokens:
        yield trail
        return
    first, rest = tokens[0], tokens[1:]
    single = alone and first == "*" and isinstance(value, dict)
    for key, child in [("0", value)] if single else _members(value):
        if first in ("*", key):
            yield from _rows(child, rest, (*trail, _Step(key, child)), alone=alone)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((str(key), child) for key, child in value.items())
    elif isinstance(value, list):
        yield from ((str(place), child) for place, child in enumerate(value))


def _present(value: Any, tokens: Sequence[str]) -> bool:
    """Whether a document has the place whose elements are rows, though it holds none."""
    for step in tokens:
        if step == "*":
            return isinstance(value, dict | list)
        found = dict(_members(value))
        if step not in found:
            return False
        value = found[step]
    return True


def _value(row: Sequence[_Step], pointer: str) -> Value | None:
    """What a row says at a relative pointer."""
    digits = re.match(r"\d*", pointer)
    up, rest = (digits[0] if digits else ""), pointer[len(digits[0] if digits else "") :]
    place = len(row) - 1 - int(up or 0)
    if place < 0:
        return None
    if rest == "#":
        return row[place].key.encode()
    found = row[place].value
    for token in _tokens(rest):
        members = found if isinstance(found, Mapping) else dict(_members(found))
        if token not in members:
            return None
        found = members[token]
    return _plain(found)


def _plain(value: Any) -> Value | None:
    """A number or a text as tables know them; None for what is neither."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value if abs(value) < _WIDEST else None
    return value.encode("utf-8", "replace") if isinstance(value, str) else None
