"""From varbinds to values: what a table of a device file asks for, and what its answer means.

`wanted` names the objects. A `Plan` resolves one table of one device once: which rows count, under which names,
from which places; while names and rows stay the same, a poll is only its values. Pure: no wire, no clock.
"""

from __future__ import annotations

import bisect
import collections
import dataclasses
import functools
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from collectors.counters import Watch
from collectors.figures import (
    SIGNED,
    Figure,
    Vector,
    aggregate,
    bare,
    both,
    choice,
    joined,
    magnified,
    meant,
    natural,
    numbers,
    plausible,
    pointed,
    positive,
    scalar,
    scaled,
)
from collectors.poll import Reading, Series
from collectors.rates import Rates
from collectors.snmp.column import Column
from collectors.snmp.oid import Oid, encode, parts, suffix_part
from collectors.snmp.values import Value, text
from collectors.tables import DOTTED, Choice, Halves, Label, Part, Rate, Table, columns_of, wanted
from collectors.tables import Column as ColumnName
from collectors.tables import Value as Rule
from inventory.metrics import METRICS, Labels, labels

Rows = dict[Oid, dict[bytes, Value]]
"""Values by the root of their column, then by index."""

SAME: Final = 1e-4
"""By which share of its size what a store holds may differ between two rows of one reading."""
BARE: Final = 0.01
"""Share of its size that a store may hold and be as good as empty: others of its kind, made alike, hold as much."""

NOTES: Final = 20
"""Notes that a table keeps; the count of withheld rows is whole."""

_FILLED: Final = tuple(
    (f"jauge_{thing}_used_bytes", f"jauge_{thing}_size_bytes")
    for thing in ("storage", "memory", "virtual_memory", "swap", "node_memory", "memory_pool")
)
"""Metrics of which the first cannot be more than the second."""

_PARTS: Final = {
    "jauge_storage_available_bytes": "jauge_storage_size_bytes",
    **{
        f"jauge_memory_{part}_bytes": "jauge_memory_size_bytes"
        for part in ("used", "buffers", "cached", "shared")
    },
}
"""Metrics of single objects that are nothing where they are more than these: the whole is right without them."""


def read(table: Table, rows: Rows, scalars: Mapping[Oid, Value]) -> Reading:
    """Series and values of one table that is read once."""
    rules = Rules(table)
    columns = {root: Column.of(root, rows.get(root, {})) for root in rules.wanted.columns}
    return Plan(rules, columns).read(columns, scalars)


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """Which figures count, while the same ones are missing: their series, and which of all figures they are.

    `missing` are the places without a figure and the rows that hold more than their size.
    """

    missing: tuple[Any, ...]
    series: tuple[Series, ...]
    pick: Callable[[list[Figure | None]], tuple[Figure, ...]]
    withheld: int
    notes: tuple[str, ...]


class _Single(NamedTuple):
    """One value of a table as a whole. `bare` is the object whose number it is, as it is, where there is one."""

    series: Series
    rule: Rule
    bare: Oid | None


class Rules:
    """One table of a device file, resolved once for all devices that are read by it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.wanted = wanted(table)
        by_row = list(_row_rules(table))
        self.roots = {column: table.column(column) for _, rule in by_row for column in columns_of(rule)}
        self.changing = [(metric, rule) for metric, rule in by_row if isinstance(rule, Rate)]
        self.plain = [
            (metric, rule) for metric, rule in by_row if isinstance(rule, Rule) and rule.rows is None
        ]
        self.bare = {metric for metric, rule in self.plain if bare(rule)}
        self.filled = [pair for pair in _FILLED if {*pair} <= {metric for metric, _ in self.plain}]
        self.choices = [(m, rule) for m, rule in table.metrics.items() if isinstance(rule, Choice)]
        self.single = list(_singles(table))


class Plan:
    """One table of one device, resolved from what its columns held when it was made.

    Where a column of names or filters broke off, the rows that it tells nothing of are left out: they may be others
    than they look without it.
    The counters of an earlier plan count on: a row that comes or goes ends no other's rate.
    """

    __slots__ = (
        "_cells",
        "_counted",
        "_names",
        "_naming",
        "_rates",
        "_rows",
        "_rules",
        "_seen",
        "_selection",
        "_unsure",
    )

    def __init__(self, rules: Rules, columns: Mapping[Oid, Column], earlier: Plan | None = None) -> None:
        table, needs = rules.table, rules.wanted
        self._rules = rules
        self._seen = [columns[root].names for root in needs.columns]
        self._naming = [columns[root].values for root in needs.naming]
        at = {
            root: dict(zip(columns[root].indexes(), columns[root].values, strict=True))
            for root in needs.naming
        }
        self._unsure = frozenset(root for root in needs.naming if columns[root].broken is not None)
        lost = [at[root] for root in self._unsure]
        self._rows = [
            index
            for index in _listed(table, columns)
            if all(values.get(index) is not None for values in lost) and _passes(table, at, index)
        ]
        self._names = [_labels(table, at, index) for index in self._rows]
        cells = ((root, _places(self._rows, columns[root])) for root in rules.roots.values())
        self._cells = {root: places for root, places in cells if places is not None}
        self._counted = tuple(zip(self._rows, self._names, strict=True)) if rules.changing else ()
        self._rates: dict[str, Rates] = (
            earlier._rates
            if earlier is not None
            else {metric: Rates(rule) for metric, rule in rules.changing}
        )
        self._selection: Selection | None = None

    def fits(self, columns: Mapping[Oid, Column]) -> bool:
        """Whether rows and names still are what they were: else a new plan is needed."""
        needs = self._rules.wanted
        return all(
            columns[root].names is names or columns[root].names == names
            for root, names in zip(needs.columns, self._seen, strict=True)
        ) and all(
            columns[root].values == values and (columns[root].broken is not None) == (root in self._unsure)
            for root, values in zip(needs.naming, self._naming, strict=True)
        )

    def read(
        self, columns: Mapping[Oid, Column], scalars: Mapping[Oid, Value], watch: Watch | None = None
    ) -> Reading:
        """Series and values. The tuple of series is the same one as long as it can be.

        Rates are told from the second reading on, where `watch` says when each was.
        Rows that share one label set are withheld, all of them, and so are a row without a name and a store that
        holds more than its size: its 32-bit counter has wrapped, and a wrong number is worse than none.
        """
        vectors: dict[str, Vector] = {}
        for metric, rule in self._rules.plain:
            vectors[metric] = self._vector(metric, rule, columns)
        for metric, rate in self._rules.changing:
            vectors[metric] = self._rate(metric, rate, columns, watch)
        whole = _sound(list(self._whole(columns, scalars)))
        figures: list[Figure | None] = []
        for vector in vectors.values():
            figures += vector
        figures += [value for _, value in whole]
        overfull = tuple(_overfull(vectors, self._rules.filled)) if self._rules.filled else ()
        again = _again(vectors, self._names) if self._rules.table.once else {}
        missing = (
            tuple(place for place, value in enumerate(figures) if value is None) if None in figures else (),
            overfull,
            again,
            tuple([series for series, _ in whole]),
        )
        if self._selection is None or self._selection.missing != missing:
            self._selection = self._select(vectors, whole, missing, frozenset(overfull), again)
        chosen = self._selection
        return Reading(
            chosen.series,
            chosen.pick(figures),
            len(self._rows) or len(whole),
            chosen.withheld,
            chosen.notes,
        )

    # --- figures --------------------------------------------------------------------------------------

    def _vector(self, metric: str, rule: Rule, columns: Mapping[Oid, Column]) -> Vector:
        """A figure for each row, None where it is not known or cannot be true."""

        def of(column: ColumnName | None) -> list[Value | None]:
            return self._of(column if column is not None else 0, columns)

        if metric in self._rules.bare and natural(told := of(rule.column)):
            return told

        def told_of(part: Part) -> Vector:
            if not isinstance(part, Halves):
                return numbers(rule, of(part))
            halves = zip(numbers(rule, of(part.column)), numbers(rule, of(part.high)), strict=True)
            return [both(joined, low, high) for low, high in halves]

        figures = numbers(rule, of(rule.column))
        for do, part in _parts(rule):
            figures = [both(do, a, b) for a, b in zip(figures, told_of(part), strict=True)]
        if not rule.states and (rule.scale != 1.0 or rule.complement):
            figures = [None if value is None else scaled(rule, value) for value in figures]
        if METRICS[metric].unit in SIGNED or positive(figures):
            return figures
        return [None if value is None or value < 0 else value for value in figures]

    def _of(self, column: ColumnName, columns: Mapping[Oid, Column]) -> list[Value | None]:
        """What a column says of each row. It may be the column's own list."""
        root = self._rules.roots[column]
        values, places = columns[root].values, self._cells.get(root)
        return values if places is None else [None if at is None else values[at] for at in places]

    def _rate(self, metric: str, rule: Rate, columns: Mapping[Oid, Column], watch: Watch | None) -> Vector:
        """The rate of each row, None where it cannot be told. A walk that broke off is as if it had not been."""
        if watch is None or any(columns[self._rules.roots[name]].broken for name in columns_of(rule)):
            return [None] * len(self._rows)
        return self._rates[metric].read(
            watch.moment(columns[self._rules.roots[rule.column]].seconds),
            self._counted,
            self._of(rule.column, columns),
            None if rule.limit is None else self._of(rule.limit.column, columns),
            None if rule.since is None else self._of(rule.since, columns),
        )

    def _whole(
        self, columns: Mapping[Oid, Column], scalars: Mapping[Oid, Value]
    ) -> Iterator[tuple[Series, Figure]]:
        """What is told of the table as a whole: aggregates of its rows, and scalars."""
        for metric, spread in self._rules.choices:
            for sample in choice(metric, spread, scalars):
                yield (metric, sample.labels), sample.value
        for single in self._rules.single:
            told = None if single.bare is None else scalars.get(single.bare)
            figure = told if isinstance(told, int) and told >= 0 else self._made(single, columns, scalars)
            if figure is not None:
                yield single.series, figure

    def _made(
        self, single: _Single, columns: Mapping[Oid, Column], scalars: Mapping[Oid, Value]
    ) -> Figure | None:
        """The figure of a scalar or of all rows, None where it is not known or cannot be true."""
        metric, rule = single.series[0], single.rule
        figure: Figure | None = None
        if rule.rows is None:
            figure = scalar(rule, scalars)
        elif all(columns[self._rules.roots[name]].broken is None for name in columns_of(rule)):
            figure = aggregate(rule, self._vector(metric, rule, columns))
        return figure if figure is not None and plausible(metric, figure) else None

    # --- which of them count --------------------------------------------------------------------------

    def _select(
        self,
        vectors: Mapping[str, Vector],
        whole: list[tuple[Series, Figure]],
        missing: tuple[Any, ...],
        overfull: frozenset[int],
        again: Mapping[int, int],
    ) -> Selection:
        """Choose the figures that count, and say why the others do not."""
        listed: list[tuple[int, Series]] = []
        named: dict[Labels, set[int]] = {}
        place = 0
        for metric, vector in vectors.items():
            for row, value in enumerate(vector):
                names = self._names[row]
                if value is not None and names is not None and row not in overfull and row not in again:
                    listed.append((place, (metric, names)))
                    named.setdefault(names, set()).add(row)
                place += 1
        by_row = len(listed)
        listed += [(place + more, series) for more, (series, _) in enumerate(whole)]
        count = collections.Counter(series for _, series in listed)
        # a size of one row and a use of another would make a share of neither
        alike = {series for _, series in listed[:by_row] if len(named[series[1]]) > 1}
        alike |= {series for series, times in count.items() if times > 1}
        kept = [(place, series) for place, series in listed if series not in alike]
        twins = sorted({f"{metric}{dict(pairs)}" for metric, pairs in alike})
        refused = [
            f"row {dotted_index(self._rows[row])} {self._why(names)}: withheld"
            for row, names in enumerate(self._names)
            if names is None or row in overfull
        ]
        same = [f"row {self._said(row)} is row {self._said(first)} again" for row, first in again.items()]
        return Selection(
            missing,
            tuple(series for _, series in kept),
            _picker([place for place, _ in kept], place + len(whole)),
            len(listed) - len(kept) + len(refused),
            (
                *(f"several rows share {twin}: all withheld" for twin in twins),
                *refused[:NOTES],
                *same[:NOTES],
            ),
        )

    def _said(self, row: int) -> str:
        """A row for people: its index and its name."""
        return f"{dotted_index(self._rows[row])} ({', '.join(value for _, value in self._names[row] or ())})"

    @staticmethod
    def _why(names: Labels | None) -> str:
        if names is None:
            return "has no name"
        return f"({', '.join(value for _, value in names)}) holds more than its size"


def _parts(rule: Rule) -> Iterator[tuple[Callable[[Any, Any], Figure | None], Part]]:
    """What is done to the figures of a column with those of others, in this order."""
    if rule.high is not None:
        yield joined, rule.high
    for part in rule.plus:
        yield operator.add, part
    for part in rule.minus:
        yield operator.sub, part
    if rule.times is not None:
        yield operator.mul, rule.times
    if rule.percent is not None:
        yield _percent, rule.percent
    if rule.decimals is not None:
        yield pointed, rule.decimals
    if rule.magnitude is not None:
        yield magnified, rule.magnitude


def _percent(whole: Figure, share: Figure) -> Figure:
    return whole * share * 0.01


def _singles(table: Table) -> Iterator[_Single]:
    """The metrics that are one value: aggregates of rows, and scalars."""
    texts = {name: rule.text for name, rule in table.labels.items() if isinstance(rule, Label) and rule.text}
    fixed = labels(**texts)
    for metric, rule in table.metrics.items():
        if isinstance(rule, Rule) and (rule.rows or rule.scalar):
            alone = rule.scalar if bare(rule) and not rule.less else None
            yield _Single((metric, fixed), rule, encode(alone) if alone else None)


def _row_rules(table: Table) -> Iterator[tuple[str, Rule | Rate]]:
    """The metrics that are made of columns."""
    for metric, rule in table.metrics.items():
        if not isinstance(rule, Choice) and rule.column is not None:
            yield metric, rule


# --- rows and their names ---------------------------------------------------------------------------------


def _listed(table: Table, columns: Mapping[Oid, Column]) -> list[bytes]:
    """The indexes of all rows that have any value, in the order of the agent."""
    listed: dict[bytes, None] = {}
    for _, rule in _row_rules(table):
        listed |= dict.fromkeys(columns[table.column(0 if rule.column is None else rule.column)].indexes())
    return list(listed)


At = Mapping[Oid, Mapping[bytes, Value | None]]
"""Values of the naming columns, by root and index."""


def _passes(table: Table, at: At, index: bytes) -> bool:
    """Whether the filters of a table let a row through."""
    for column, allowed in table.keep.items():
        value = at[table.column(column)].get(index)
        if not any(_is(value, one) for one in allowed):
            return False
    for column, pattern in table.only.items():
        value = at[table.column(column)].get(index)
        if value is None or not re.search(pattern, text(value)):
            return False
    for column, pattern in table.skip.items():
        value = at[table.column(column)].get(index)
        if value is not None and re.search(pattern, text(value)):
            return False
    return all(at[table.column(column)].get(index) != 0 for column in table.nonzero)


def _is(value: Value | None, wanted: int | str) -> bool:
    """Whether a value is this number, this text or this object identifier."""
    if isinstance(wanted, int):
        return value == wanted
    return value == encode(wanted) if DOTTED.fullmatch(wanted) else text(value) == wanted


def _labels(table: Table, at: At, index: bytes) -> Labels | None:
    """The labels of a row, or None where the device gives no name for it."""
    found: dict[str, str] = {}
    for name, rule in table.labels.items():
        value = _label(table, Label(column=rule) if isinstance(rule, int | str) else rule, at, index)
        if not value:
            return None
        found[name] = value
    return labels(**found)


def _label(table: Table, rule: Label, at: At, index: bytes) -> str:
    if rule.text is not None:
        return rule.text
    named_by = _by(rule, index) if rule.by else index
    found = _named(table, rule, at, named_by)
    if not found:
        return _shortened(rule, dotted_index(named_by)) if rule.index else ""
    number = re.search(rule.numbered, dotted_index(index)) if rule.numbered else None
    return f"{found} #{number[1]}" if number else found


def _named(table: Table, rule: Label, at: At, index: bytes) -> str:
    """What the columns of a label say of a row."""
    for column in (rule.column, rule.otherwise):
        value = None if column is None else at[table.column(column)].get(index)
        if value is None:
            continue
        if rule.states:
            return meant(rule.states, value) or ""
        found = text(value)
        if found:
            behind = _beside(table, rule, at, index) if column == rule.column else ""
            return _within(table, rule, at, index) + _shortened(rule, found) + behind
    return ""


def _by(rule: Label, index: bytes) -> bytes:
    """The parts of an index that name the row of another table."""
    own = parts(index)
    return b"".join(suffix_part(own[place]) for place in rule.by if place < len(own))


def _within(table: Table, rule: Label, at: At, index: bytes) -> str:
    """What a thing lies in, as it is written before its name."""
    holder = "" if rule.within is None else text(at[table.column(rule.within)].get(index))
    return f"{holder}:" if holder else ""


def _beside(table: Table, rule: Label, at: At, index: bytes) -> str:
    """What tells a thing from others of its name, as it is written behind that."""
    number = "" if rule.beside is None else text(at[table.column(rule.beside)].get(index))
    return f" ({number})" if number else ""


def _shortened(rule: Label, found: str) -> str:
    """What a label keeps of a text or an index: all of it where the pattern does not match."""
    match = re.search(rule.shorten, found) if rule.shorten else None
    return match[1] if match else found


# --- picking ----------------------------------------------------------------------------------------------


def _places(rows: list[bytes], column: Column) -> list[int | None] | None:
    """Which value of a column each row has, None where they are the same in the same order."""
    known = {index: place for place, index in enumerate(column.indexes())}
    places = [known.get(index) for index in rows]
    return None if places == list(range(len(column.names))) else places


def _picker(places: list[int], count: int) -> Callable[[list[Figure | None]], tuple[Figure, ...]]:
    """What picks the figures at these places, all of which have one."""
    if len(places) == count:
        pick: Callable[[list[Any]], tuple[Figure, ...]] = tuple
    elif len(places) > 1:
        pick = operator.itemgetter(*places)
    else:
        pick = functools.partial(_few, places)
    return pick


def _few(places: list[int], figures: list[Any]) -> tuple[Figure, ...]:
    return tuple(figures[place] for place in places)  # itemgetter of one place gives no tuple


def _overfull(vectors: Mapping[str, Vector], filled: Iterable[tuple[str, str]]) -> Iterator[int]:
    """The rows that hold more than their size."""
    for used, size in filled:
        for row, (held, most) in enumerate(zip(vectors[used], vectors[size], strict=True)):
            if held is not None and most is not None and held > most:
                yield row


def _sound(whole: list[tuple[Series, Figure]]) -> list[tuple[Series, Figure]]:
    """Single figures without those that cannot be true beside the others: a part that is more than its whole.

    Of a store that holds more than its size neither is known.
    """
    known = {metric: figure for (metric, _), figure in whole}

    def exceeds(part: str, most: str) -> bool:
        return part in known and most in known and known[part] > known[most]

    refused = {part for part, most in _PARTS.items() if exceeds(part, most)}
    for used, size in _FILLED:
        if used not in _PARTS and exceeds(used, size):
            refused |= {used, size}
    return [(series, figure) for series, figure in whole if series[0] not in refused] if refused else whole


def _again(vectors: Mapping[str, Vector], names: Sequence[Labels | None]) -> dict[int, int]:
    """The rows that are a store of an earlier row, most often under another name, each with that row.

    They have the same size and hold the same, as nearly as two readings of one store can: both were not read at once.
    What is as good as empty may well be another store: fresh file systems of one size hold the same to the byte. Then
    it is the same store only where it has the same name, as one that every node of a cluster tells of.
    """
    sizes, helds = vectors["jauge_storage_size_bytes"], vectors["jauge_storage_used_bytes"]
    seen: dict[Figure, list[tuple[Figure, int]]] = {}
    bare: dict[tuple[Figure, Labels | None], int] = {}
    found: dict[int, int] = {}
    for row, (size, held) in enumerate(zip(sizes, helds, strict=True)):
        if size is None or held is None:
            continue
        if held <= size * BARE:
            first = bare.setdefault((size, names[row]), row)
            if first != row and abs((helds[first] or 0) - held) <= size * SAME:
                found[row] = first
            continue
        others = seen.setdefault(size, [])  # by what they hold: no two of them hold the same, so few are near
        begin = bisect.bisect_left(others, (held - size * SAME, -1))
        end = bisect.bisect_right(others, (held + size * SAME, len(sizes)))
        if begin < end:
            found[row] = min(other for _, other in others[begin:end])
        else:
            bisect.insort(others, (held, row))
    return found


def dotted_index(index: bytes) -> str:
    """The index of a row with dots."""
    return ".".join(map(str, parts(index)))
