"""From varbinds to values: what a table of a device file asks for, and what its answer means.

`wanted` names the objects, `read` makes series and values of them. Pure: no wire, no clock.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from collectors.device import Choice, Column, Label, TableFile
from collectors.device import Value as Rule
from collectors.poll import Reading
from collectors.snmp.oid import Oid, decode, encode, parts
from collectors.snmp.session import ObjectId, Value
from inventory.harmless import line
from inventory.metrics import METRICS, Labels, Sample, labels

Rows = dict[Oid, dict[bytes, Value]]
"""Values by the root of their column, then by index."""

NOTES: Final = 20
"""Notes that a table keeps; the count of withheld rows is whole."""

_UNSIGNED: Final = 1 << 32
_FIGURE: Final = re.compile(rb"-?[0-9]{1,20}")  # what 64 bits hold: no device counts further


class Wanted(NamedTuple):
    """Objects that a table needs: the roots of columns to walk, scalars to get."""

    columns: frozenset[Oid]
    scalars: frozenset[Oid]


def wanted(table: TableFile) -> Wanted:
    """The objects that a table's values, labels and filters are made of."""
    columns: set[Column] = {*table.keep, *table.only, *table.skip, *table.nonzero}
    scalars: set[str] = set()
    for label in table.labels.values():
        if isinstance(label, Label):
            columns |= {column for column in (label.column, label.otherwise) if column is not None}
        elif isinstance(label, int):
            columns.add(label)
    for rule in table.metrics.values():
        if isinstance(rule, Choice):
            scalars.add(rule.scalar)
        elif rule.scalar is not None:
            scalars |= {rule.scalar, *rule.less, *(str(other) for other in rule.minus)}
        else:
            columns |= {
                column
                for column in (rule.column, rule.times, rule.percent, *rule.minus)
                if column is not None
            }
    return Wanted(frozenset(map(table.column, columns)), frozenset(map(encode, scalars)))


def read(table: TableFile, rows: Rows, scalars: Mapping[Oid, Value]) -> Reading:
    """Series and values of one table.

    Rows that share one label set are withheld, all of them, and so are a row without a name and a store that
    holds more than its size: its 32-bit counter has wrapped, and a wrong number is worse than none.
    """
    samples: list[Sample] = []
    withheld, notes = 0, []
    indexes = _indexes(table, rows)
    for index in indexes:
        named = _labels(table, rows, index)
        row = [] if named is None else list(_row(table, rows, index, named))
        if named is None or _overfull(row):
            withheld += 1
            what = "has no name" if named is None else f"({_named(row)}) holds more than its size"
            notes.append(f"row {dotted_index(index)} {what}: withheld")
        else:
            samples += row
    samples += _whole(table, rows, indexes, scalars)
    reading = Reading.of(samples, rows=len(indexes) or len(samples))
    return dataclasses.replace(
        reading, withheld=reading.withheld + withheld, notes=(*reading.notes, *notes[:NOTES])
    )


def _indexes(table: TableFile, rows: Rows) -> list[bytes]:
    """The rows that the filters let through, in the order of the agent."""
    listed: dict[bytes, None] = {}
    for rule in table.metrics.values():
        if isinstance(rule, Rule) and rule.column is not None:
            listed |= dict.fromkeys(rows.get(table.column(rule.column), ()))
    return [index for index in listed if _passes(table, rows, index)]


def _passes(table: TableFile, rows: Rows, index: bytes) -> bool:
    for column, allowed in table.keep.items():
        value = rows.get(table.column(column), {}).get(index)
        if not any(value == (encode(one) if isinstance(one, str) else one) for one in allowed):
            return False
    for column, pattern in table.only.items():
        value = rows.get(table.column(column), {}).get(index)
        if value is None or not re.search(pattern, text(value)):
            return False
    for column, pattern in table.skip.items():
        value = rows.get(table.column(column), {}).get(index)
        if value is not None and re.search(pattern, text(value)):
            return False
    return all(rows.get(table.column(column), {}).get(index) not in (0, None) for column in table.nonzero)


def _row(table: TableFile, rows: Rows, index: bytes, named: Labels) -> Iterator[Sample]:
    """The samples of one row, those of aggregates left out."""
    for metric, rule in table.metrics.items():
        if isinstance(rule, Rule) and rule.column is not None and rule.rows is None:
            value = _cell(table, rule, rows, index)
            if value is not None and plausible(metric, value):
                yield Sample(metric, value, named)


def _whole(
    table: TableFile, rows: Rows, indexes: list[bytes], scalars: Mapping[Oid, Value]
) -> Iterator[Sample]:
    """The samples of the table as a whole: aggregates of its rows, and scalars."""
    fixed = labels(
        **{name: rule.text for name, rule in table.labels.items() if isinstance(rule, Label) and rule.text}
    )
    for metric, rule in table.metrics.items():
        if isinstance(rule, Choice):
            yield from _choice(metric, rule, scalars)
            continue
        value: float | None = None
        if rule.rows is not None:
            value = _aggregate(rule, [_cell(table, rule, rows, index) for index in indexes])
        elif rule.scalar is not None:
            value = _scalar(rule, scalars)
        if value is not None and plausible(metric, value):
            yield Sample(metric, value, fixed)


def _choice(metric: str, rule: Choice, scalars: Mapping[Oid, Value]) -> Iterator[Sample]:
    state = scalars.get(encode(rule.scalar))
    if isinstance(state, int) and state in rule.states:
        for number, name in rule.states.items():
            yield Sample(metric, float(number == state), labels(**{rule.label: name}))


def _aggregate(rule: Rule, cells: list[float | None]) -> float | None:
    """One value of all rows. A sum or a mean with an unknown part is unknown."""
    known = [cell for cell in cells if cell is not None]
    if not known or len(known) < len(cells):
        return None
    if rule.rows == "count":
        return float(len(known))
    return sum(known) / (len(known) if rule.rows == "mean" else 1)


def _cell(table: TableFile, rule: Rule, rows: Rows, index: bytes) -> float | None:
    def at(column: Column | None) -> float | None:
        return None if column is None else number(rule, rows.get(table.column(column), {}).get(index))

    value = at(rule.column)
    if value is None:
        return None
    for column in rule.minus:
        other = at(column)
        if other is None:
            return None
        value -= other
    for factor_column, share in ((rule.times, 1.0), (rule.percent, 0.01)):
        if factor_column is not None:
            factor = at(factor_column)
            if factor is None:
                return None
            value *= factor * share
    return _scaled(rule, value)


def _scalar(rule: Rule, scalars: Mapping[Oid, Value]) -> float | None:
    value = number(rule, scalars.get(encode(str(rule.scalar))))
    if value is None:
        return None
    for other in rule.minus:
        part = number(rule, scalars.get(encode(str(other))))
        if part is None:
            return None
        value -= part
    for dotted in rule.less:
        value -= number(rule, scalars.get(encode(dotted))) or 0.0
    return _scaled(rule, value)


def _scaled(rule: Rule, value: float) -> float:
    if rule.states:
        return value  # `number` has said what it means
    value *= rule.scale
    return 1.0 - value if rule.complement else value


def number(rule: Rule, value: Value | None) -> float | None:
    """The number that a value of the agent means, None where it means that there is none."""
    if value is None:
        return None
    if isinstance(value, bytes):
        written = _FIGURE.fullmatch(value.strip(b"\0 "))
        if written is None:
            return None
        value = int(written[0])
    if value in rule.absent:
        return None
    if rule.states:
        return rule.states.get(value, rule.otherwise)
    if rule.unsigned and -_UNSIGNED // 2 <= value < 0:
        value += _UNSIGNED
    return float(value)


def _labels(table: TableFile, rows: Rows, index: bytes) -> Labels | None:
    """The labels of a row, or None where the device gives no name for it."""
    found: dict[str, str] = {}
    for name, rule in table.labels.items():
        value = _label(table, Label(column=rule) if isinstance(rule, int | str) else rule, rows, index)
        if not value:
            return None
        found[name] = value
    return labels(**found)


def _label(table: TableFile, rule: Label, rows: Rows, index: bytes) -> str:
    if rule.text is not None:
        return rule.text
    if rule.index:
        return dotted_index(index)
    for column in (rule.column, rule.otherwise):
        value = None if column is None else rows.get(table.column(column), {}).get(index)
        if value is None:
            continue
        if rule.states:
            return rule.states.get(value, "") if isinstance(value, int) else ""
        found = text(value)
        match = re.search(rule.shorten, found) if rule.shorten else None
        if found:
            return match[1] if match else found
    return ""


def plausible(metric: str, value: float) -> bool:
    """Whether a value can be true at all: no size, share or duration is negative."""
    return value >= 0 or METRICS[metric].unit == "celsius"


def _overfull(row: Iterable[Sample]) -> bool:
    values = {sample.metric: sample.value for sample in row}
    return any(
        values.get(f"jauge_{thing}_used_bytes", 0.0) > values.get(f"jauge_{thing}_size_bytes", float("inf"))
        for thing in ("storage", "memory", "node_memory")
    )


def _named(row: list[Sample]) -> str:
    return ", ".join(value for _, value in row[0].labels) if row else ""


def dotted_index(index: bytes) -> str:
    """The index of a row with dots."""
    return ".".join(map(str, parts(index)))


def text(value: Value) -> str:
    """Text of a value, harmless and on one line. Bytes that are no UTF-8 are read as Latin-1.

    An OBJECT IDENTIFIER and a number are written as people write them.
    """
    if isinstance(value, int):
        return str(value)
    if isinstance(value, ObjectId):
        return decode(value) if value else ""
    try:
        found = value.decode()
    except UnicodeDecodeError:
        found = value.decode("latin-1")
    return line(found.rstrip("\0").strip())


def oid_text(value: Value | None) -> str:
    """An OBJECT IDENTIFIER with dots, empty where the agent gives none."""
    return decode(value) if isinstance(value, bytes) and value else ""
