"""What families read in a text: a stand-in has to mean the same to them, or the recording would not be read alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Final

from collectors.api import ApiFile, FactOf
from collectors.device import Fact, Family
from collectors.recording.scrubbing import Level, Scrubber
from collectors.snmp.oid import encode
from collectors.tables import Choice, Label, Rate, Table, Value, columns_of, wanted
from collectors.tables import Column as ColumnName

Test = Callable[[str], Hashable]
"""What one rule makes of a text."""

Tests = dict[bytes, list[Test]]
"""Tests by what a column is found by."""

NAMES: Final = frozenset(
    {"machine", "vm", "job", "container", "aet", "source", "peer", "trunk", "member", "name"}
)
"""Labels of metrics whose texts are names that people gave."""


def of_family(family: Family) -> Tests:
    """What a family reads in the texts of an agent."""
    found: Tests = {}
    for table in family.tables:
        _add(found, _table(table))
    for rule in (*family.product, *family.version):
        if isinstance(rule, Fact):
            _add(found, _fact(rule))
    return found


def of_description(families: Iterable[Family]) -> list[Test]:
    """What families read in sysDescr."""
    found: list[Test] = []
    for family in families:
        found += [_holds(sign.describes) for sign in family.signs if sign.describes]
        found += [_holds(pattern) for rule in family.product if isinstance(rule, dict) for pattern in rule]
        found += [_group(pattern) for pattern in family.version if isinstance(pattern, str)]
    return found


def of_documents(tables: Iterable[Table], facts: Iterable[FactOf] = ()) -> dict[str, list[Test]]:
    """What tables read in the texts of documents, by the last name of a place."""
    found: Tests = {}
    for table in tables:
        _add(found, _table(table))
    for fact in facts:
        _add(found, [(fact.column.encode(), _group(fact.pattern) if fact.pattern else _same)])
    named: dict[str, list[Test]] = {}
    for pointer, tests in found.items():
        named.setdefault(pointer.decode().rpartition("/")[2], []).extend(tests)
    return named


def of_interface(family: ApiFile) -> dict[str, list[Test]]:
    """What a family reads in the texts of an interface."""
    facts = [fact for fact in (family.product, family.version) if isinstance(fact, FactOf)]
    return of_documents(family.tables, facts)


def names_of(tables: Iterable[Table]) -> frozenset[bytes]:
    """The columns whose texts are names that people gave."""
    found: set[bytes] = set()
    for table in tables:
        for label, rule in table.labels.items():
            if label in NAMES:
                column = rule.column if isinstance(rule, Label) else rule
                if column is not None:
                    found.add(table.column(column))
    return frozenset(found)


def scrub(scrubber: Scrubber, text: str, tests: Sequence[Test], level: Level) -> tuple[str, bool]:
    """A text scrubbed as far as it means the same to its readers, at least lightly; and whether it still does."""
    before = [test(text) for test in tests]
    for tried in range(level, Level.LIGHT - 1, -1):
        made = scrubber.quietly(text, Level(tried))
        if [test(made) for test in tests] == before:
            return scrubber.text(text, Level(tried)), True
    return scrubber.text(text, Level.LIGHT), False


# --- the rules of a table ----------------------------------------------------------------------------------------


def _add(found: Tests, tests: Iterable[tuple[bytes, Test]]) -> None:
    for key, test in tests:
        found.setdefault(key, []).append(test)


def _table(table: Table) -> Iterator[tuple[bytes, Test]]:
    for column, allowed in table.keep.items():
        yield table.column(column), _among(frozenset(map(str, allowed)))
    for column, pattern in (*table.only.items(), *table.skip.items()):
        yield table.column(column), _holds(pattern)
    for column in table.nonzero:
        yield table.column(column), _number
    for rule in table.metrics.values():
        yield from _metric(table, rule)
    for label in table.labels.values():
        if isinstance(label, Label) and label.column is not None:
            if label.states:
                yield table.column(label.column), _stated(label.states)
            if label.shorten:
                yield table.column(label.column), _holds(label.shorten)


def covered(tables: Sequence[Table]) -> Iterator[tuple[bytes, Test]]:
    """What tables read in the names of stores of others, by the column of these names."""
    columns = {table.name: table.column(column) for table in tables if (column := _store(table)) is not None}
    for table in tables:
        for other, pattern in table.covers.items():
            if other in columns:
                yield columns[other], _holds(pattern)


def _store(table: Table) -> ColumnName | None:
    rule = table.labels.get("store")
    return rule.column if isinstance(rule, Label) else rule


def _metric(table: Table, rule: Value | Choice | Rate) -> Iterator[tuple[bytes, Test]]:
    if isinstance(rule, Rate):
        return
    if isinstance(rule, Choice):
        yield table.scalar(rule.scalar), _stated(rule.states)
        return
    first = table.scalar(rule.scalar) if rule.scalar is not None else table.column(rule.column or 0)
    for key in wanted(table).scalars if rule.scalar is not None else map(table.column, columns_of(rule)):
        if key != first:
            yield key, _number
    if rule.pattern:
        yield first, _groups(rule.pattern)
    elif rule.states:
        yield first, _stated(rule.states)
    elif rule.matches:
        yield first, _holds(rule.matches)
    else:
        yield first, _same if rule.date else _number


def _fact(rule: Fact) -> Iterator[tuple[bytes, Test]]:
    for column, pattern in rule.only.items():
        yield encode(column), _holds(pattern)
    for name in rule.objects:
        if rule.holds:
            yield from ((encode(name), _holds(pattern)) for pattern in rule.holds)
        else:
            yield encode(name), _group(rule.pattern) if rule.pattern else _same


def _same(text: str) -> Hashable:
    return text


def _number(text: str) -> Hashable:
    try:
        return float(text)
    except ValueError:
        return None


def _among(allowed: frozenset[str]) -> Test:
    return lambda text: text if text in allowed else None


def _holds(pattern: str) -> Test:
    return lambda text: re.search(pattern, text) is not None


def _group(pattern: str) -> Test:
    return lambda text: match[1] if (match := re.search(pattern, text)) else None


def _groups(pattern: str) -> Test:
    return lambda text: match.groups() if (match := re.search(pattern, text)) else None


def _stated(states: Iterable[int | str]) -> Test:
    names = frozenset(str(name).lower() for name in states)
    return lambda text: text.lower() if text.lower() in names else None
