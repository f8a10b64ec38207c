"""The legs of a walk whose names are known: an agent mostly has the rows that it had at the poll before.

Then its objects need not be followed from one to the next. What lies below the columns is cut in legs that each fill
one answer. All of them can be asked at once, and the answer to each shows that its names are what they were: no row
came, went or moved. Where columns follow one another in the agent, a leg goes on from one to the next, and the name
after the last one proves its end. Anything else puts the columns of the leg in doubt: they are walked anew.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from collectors.snmp import messages
from collectors.snmp.layout import Layout
from collectors.snmp.messages import Answer, Known
from collectors.snmp.oid import Oid, unpack

ANSWER_BYTES: Final = 1300
"""What the varbinds of one answer may take: with its head it fits an Ethernet frame, and is not cut in pieces."""

COLUMNS: Final = 24
"""Columns of one request."""

BEYOND_BYTES: Final = 40
"""What is allowed for an object that nobody wants, and that only proves that a column has ended."""


class Shape(NamedTuple):
    """What a column was when it was walked to its end: its names, the one that came then, bytes of a varbind.

    At the end of all objects the agent says the last name again.
    """

    names: list[Oid]
    beyond: Oid
    size: int


class Span(NamedTuple):
    """Where values of an answer belong, each `step` from `place` on: in a column, from row `begin` to `end`."""

    root: Oid
    begin: int
    end: int
    place: int
    step: int


@dataclasses.dataclass(slots=True, eq=False)
class Leg:
    """What one request asks, `rows` objects after each of `after`, and the names that should come.

    At the places `ends` stand names beyond a column. `roots` are the columns that an answer tells of.
    """

    after: list[Oid]
    rows: int
    names: list[Oid]
    ends: frozenset[int]
    spans: tuple[Span, ...]
    roots: tuple[Oid, ...]
    known: Known | None = None

    def read(self, data: bytes, start: int, stop: int, number: int) -> Answer:
        """An answer, as `messages.answer` reads it; how it is laid out is kept where its names are the known ones."""
        found = messages.answer(data, start, stop, number, self.known)
        if found.names is not self.names and not (found.bad or found.status) and self.fits(found):
            self.known = Known(self.names, found.ended, Layout(data, found.begin, found.end, found.values))
        return found

    def fits(self, answer: Answer) -> bool:
        """Whether an answer shows that the names are what they were."""
        return answer.names == self.names and self.ends.issuperset(answer.ended)

    def was_cut(self, answer: Answer) -> bool:
        """Whether an answer is only the beginning of what should come: the agent can say no more at once."""
        count = len(answer.names)
        return 0 < count < len(self.names) and answer.names == self.names[:count]


def plan(shapes: Mapping[Oid, Shape], most: int) -> list[Leg]:
    """The legs by which columns are asked again, in answers of at most `most` objects."""
    pieces = [piece for way in _ways(shapes) for piece in way.pieces(most)]
    pieces.sort(key=lambda piece: len(piece.stops))
    return [_leg(group) for group in _together(pieces, most)]


class _Stop(NamedTuple):
    """One object on the way: of which row of which column, None beyond all, and which columns it shows to have ended."""

    name: Oid
    root: Oid | None
    row: int
    size: int
    shows: tuple[Oid, ...] = ()


class _Piece(NamedTuple):
    """Objects that are asked after one name."""

    after: Oid
    stops: list[_Stop]

    @property
    def size(self) -> int:
        return sum(stop.size for stop in self.stops)


class _Way:
    """Columns that follow one another in the agent, with nothing between."""

    def __init__(self, root: Oid) -> None:
        self._after = root
        self._stops: list[_Stop] = []
        self._open: tuple[Oid, ...] = ()
        self._beyond: Oid = b""

    def leads_to(self, shape: Shape) -> bool:
        """Whether this column comes next, or is empty and would stand before what comes next."""
        return self._beyond == (shape.names[0] if shape.names else shape.beyond)

    def add(self, root: Oid, shape: Shape) -> None:
        for row, name in enumerate(shape.names):
            self._stops.append(_Stop(name, root, row, shape.size, self._open))
            self._open = ()
        self._open += (root,)
        self._beyond = shape.beyond

    def pieces(self, most: int) -> Iterator[_Piece]:
        """The way in pieces that each fit one answer."""
        after, space = self._after, ANSWER_BYTES
        stops: list[_Stop] = []
        for stop in [*self._stops, _Stop(self._beyond, None, 0, BEYOND_BYTES, self._open)]:
            if stops and (len(stops) == most or stop.size > space):
                yield _Piece(after, stops)
                after, stops, space = stops[-1].name, [], ANSWER_BYTES
            stops.append(stop)
            space -= stop.size
        yield _Piece(after, stops)


def _ways(shapes: Mapping[Oid, Shape]) -> Iterator[_Way]:
    way: _Way | None = None
    for root in sorted(shapes, key=unpack):
        if way is None or not way.leads_to(shapes[root]):
            if way is not None:
                yield way
            way = _Way(root)
        way.add(root, shapes[root])
    if way is not None:
        yield way


def _together(pieces: Iterable[_Piece], most: int) -> Iterator[list[_Piece]]:
    """Pieces of one length that fit one answer together."""
    for length, alike in itertools.groupby(pieces, key=lambda piece: len(piece.stops)):
        group: list[_Piece] = []
        space = ANSWER_BYTES
        for piece in alike:
            if group and (piece.size > space or (len(group) + 1) * length > most or len(group) == COLUMNS):
                yield group
                group, space = [], ANSWER_BYTES
            group.append(piece)
            space -= piece.size
        yield group


def _leg(pieces: list[_Piece]) -> Leg:
    """One request for several pieces: its answer tells an object of each, then the next of each."""
    step, rows = len(pieces), len(pieces[0].stops)
    stops = [piece.stops[row] for row in range(rows) for piece in pieces]
    spans = [span for first, piece in enumerate(pieces) for span in _spans(piece, first, step)]
    roots = (root for stop in stops for root in (stop.root, *stop.shows) if root is not None)
    return Leg(
        [piece.after for piece in pieces],
        rows,
        [stop.name for stop in stops],
        frozenset(place for place, stop in enumerate(stops) if stop.root is None),
        tuple(spans),
        tuple(dict.fromkeys(roots)),
    )


def _spans(piece: _Piece, first: int, step: int) -> Iterator[Span]:
    places = itertools.count(first, step)
    for root, run in itertools.groupby(piece.stops, key=lambda stop: stop.root):
        listed = list(run)
        place = next(places)
        for _ in listed[1:]:
            next(places)
        if root is not None:
            yield Span(root, listed[0].row, listed[0].row + len(listed), place, step)
