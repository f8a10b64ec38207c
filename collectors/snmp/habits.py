"""What the polls of an agent have shown of it, so that the next one asks for as much at once as it bears."""

from __future__ import annotations

import collections
import dataclasses
import functools
from collections.abc import Iterable
from typing import Final, NamedTuple

from collectors.snmp import legs
from collectors.snmp.column import Column
from collectors.snmp.legs import ANSWER_BYTES, COLUMNS, Leg, Shape
from collectors.snmp.oid import Oid
from collectors.snmp.values import Value

MOST: Final = 64
"""Varbinds of one answer."""

FIRST_GUESS: Final = 10
"""Rows to ask for at once where nobody knows how many there are."""

ROOM_BYTES: Final = 8
"""What is allowed for the values of a column that has none yet."""

HEADS_BYTES: Final = 6
"""Tags and lengths of a varbind, of its name and of its value."""

ASK_AGAIN: Final = 10
"""Polls after which an agent is asked again for a scalar that it did not have."""

NAMES: Final = 65_536
"""Names that are held once for all agents."""

LISTS: Final = 8_192
"""Lists of names that are, too: those of short columns."""

LONGEST_DOUBT: Final = 64
"""Polls in which a column must be the same before it is trusted to be, where it never was."""


class Itinerary(NamedTuple):
    """The legs to columns that are known, and how many of them tell of each column."""

    legs: list[Leg]
    told: collections.Counter[Oid]


@dataclasses.dataclass(slots=True)
class Habits:
    """What columns were when they were walked, and how many varbinds an answer may have.

    Columns that were not what they had been are walked until they stay what they are: as often as `fickle` says,
    which is the longer the more often in a row they were in doubt.
    """

    shapes: dict[Oid, Shape] = dataclasses.field(default_factory=dict)
    fickle: dict[Oid, int] = dataclasses.field(default_factory=dict)
    most: int = MOST
    _quiet: int = 0
    _lacking: dict[Oid, int] = dataclasses.field(default_factory=dict)
    _doubts: collections.Counter[Oid] = dataclasses.field(default_factory=collections.Counter)
    _apart: set[Oid] = dataclasses.field(default_factory=set)
    _itinerary: Itinerary | None = None
    _planned: tuple[int, tuple[Oid, ...]] | None = None

    def itinerary(self, columns: tuple[Oid, ...]) -> Itinerary:
        """How to ask for those of the columns of which we know what they are: anew where that has changed."""
        if self._itinerary is None or self._planned != (self.most, columns):
            known = (root for root in columns if root in self.shapes and root not in self.fickle)
            found = legs.plan({root: self.shapes[root] for root in known}, self.most)
            self._itinerary = Itinerary(
                found, collections.Counter(root for leg in found for root in leg.roots)
            )
            self._planned = self.most, columns
        return self._itinerary

    def groups(self, columns: Iterable[Column]) -> list[list[Column]]:
        """Columns to walk together: of as many rows, while the answer fits a frame."""
        groups: list[list[Column]] = []
        rows, space = -1, 0
        for column in columns:
            known = self.shapes.get(column.root)
            if known is None or column.root in self._apart:
                groups.append([column])
                rows = -1
                continue
            count = len(known.names)
            needed = (count + 1) * known.size
            most = min(COLUMNS, self.most // (count + 1))
            if rows == count and needed <= space and len(groups[-1]) < most:
                groups[-1].append(column)
                space -= needed
            else:
                groups.append([column])
                rows, space = count, ANSWER_BYTES - needed
        return groups

    def rows(self, columns: list[Column]) -> int:
        """How many rows to ask for in a walk: up to the end where it is known, as many as fit otherwise."""
        got = len(columns[0].names)
        known = [self.shapes[each.root] for each in columns if each.root in self.shapes]
        size = sum(shape.size for shape in known)
        fit = max(1, min(self.most // len(columns), ANSWER_BYTES // size if size else MOST))
        if not known:
            return fit if got else min(fit, FIRST_GUESS)
        left = len(known[0].names) - got
        return min(fit, left + 1 if left >= 0 else fit)

    def learn(self, column: Column) -> None:
        """Remember what a column is that was read to its end."""
        before = self.shapes.get(column.root)
        if before is not None and before.names is column.names:
            self._doubts.pop(column.root, None)
        elif column.beyond:
            column.names = _held(column.names)
            self._keep(column.root, Shape(column.names, _same(column.beyond), _size(column)))

    def learn_single(self, root: Oid, oid: Oid, value: Value) -> None:
        """Remember that there is a scalar, which can be asked for as the one object below this root."""
        self._keep(root, Shape(_held([oid]), b"", len(oid) + HEADS_BYTES + _length(value)))

    def _keep(self, root: Oid, shape: Shape) -> None:
        before = self.shapes.get(root)
        self._apart.discard(root)
        if before is not None and before.names == shape.names:
            shape = shape._replace(names=before.names)  # others hold this list too
            if root in self.fickle:
                self.fickle[root] -= 1
                if not self.fickle[root]:
                    del self.fickle[root]
        self.shapes[root] = shape
        if root not in self.fickle:  # else no leg tells of it
            self._planned = None

    def doubt(self, root: Oid) -> None:
        """Walk a column until it stays what it is."""
        if root not in self.fickle:  # else no leg tells of it
            self._planned = None
        self._doubts[root] += 1
        self.fickle[root] = min(1 << self._doubts[root] - 1, LONGEST_DOUBT)

    def lack(self, oids: Iterable[Oid]) -> None:
        """Remember scalars that the agent says it does not have, if it never had them: it is spared the question."""
        never = (oid for oid in oids if oid.endswith(b"\0") and oid[:-1] not in self.shapes)
        self._lacking |= dict.fromkeys(never, ASK_AGAIN)

    def sought(self, oids: Iterable[Oid]) -> list[Oid]:
        """The scalars that the agent is to be asked for in this poll."""
        self._lacking = {oid: left - 1 for oid, left in self._lacking.items() if left > 1}
        return [oid for oid in oids if oid not in self._lacking]

    def restarted(self) -> None:
        """Take it that an agent that was started again may have what it had not."""
        self._lacking.clear()

    def part(self, roots: Iterable[Oid]) -> None:
        """Walk columns one by one, as nothing came where they were asked for together: one of them may be the cause."""
        for root in roots:
            self._apart.add(root)
            if root not in self.fickle:
                self.doubt(root)

    def trouble(self, most: int, polls: int = 0) -> None:
        """Ask for less from now on, and for `polls` polls."""
        self.most, self._quiet = max(1, min(self.most, most)), -polls

    def recover(self) -> None:
        """Ask for more again, after a poll without trouble."""
        self._quiet += 1
        if self._quiet > 0:
            self.most = min(self.most * 2, MOST)


@functools.lru_cache(maxsize=NAMES)
def _same(name: Oid) -> Oid:
    """The one object of all equal names: devices of one kind have the same ones."""
    return name


def _held(names: list[Oid]) -> list[Oid]:
    """The list of these names that is held: not to be changed. Columns of devices of one kind share it where it is short."""
    return _listed(tuple(names)) if len(names) <= MOST else list(map(_same, names))


@functools.lru_cache(maxsize=LISTS)
def _listed(names: tuple[Oid, ...]) -> list[Oid]:
    return list(map(_same, names))


def _size(column: Column) -> int:
    """Bytes that a varbind of a column takes at most: its longest name, three heads, its longest value."""
    return len(column.last) + HEADS_BYTES + max(map(_length, column.values), default=ROOM_BYTES)


def _length(value: Value | None) -> int:
    """Bytes of a value, and of a number one more: it may grow until it is asked for again."""
    if isinstance(value, int):
        return value.bit_length() // 8 + 2
    return len(value) if value else 0
