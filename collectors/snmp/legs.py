"""The legs of a walk whose names are known: an agent mostly has the rows that it had at the poll before.

Then its objects need not be followed from one to the next. What lies below the columns is cut in legs that each fill
one answer. All of them can be asked at once, and the answer to each shows that its names are what they were: no row
came, went or moved. Where columns follow one another in the agent, a leg goes on from one to the next, and the name
after the last one proves its end. Anything else puts the columns of the leg in doubt: they are walked anew.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from collectors.snmp import messages
from collectors.snmp.layout import Layout
from collectors.snmp.messages import GET_BULK, Answer
from collectors.snmp.oid import Oid, unpack

ANSWER_BYTES: Final = 1300
"""What the varbinds of one answer may take: with its head it fits an Ethernet frame, and is not cut in pieces."""

COLUMNS: Final = 24
"""Columns of one request."""

LAYOUT_SHARE: Final = 4
"""One in so many answers that were read one by one is laid out, which takes as long as reading it twice."""

LONGEST_PART: Final = 16
"""Objects of a part of a piece: several fit one answer."""

OPEN_PACKS: Final = 32
"""Requests with room that are looked at for one more object: looking at all of them takes its square in a huge table."""

BEYOND_BYTES: Final = 40
"""What is allowed for an object that nobody wants, and that only proves that a column has ended."""


SPANS: Final = 65_536
"""Spans that are held once for all agents: those of one kind have many in common."""


class Shape(NamedTuple):
    """What a column was when it was walked to its end: its names, the one that came then, bytes of a varbind.

    At the end of all objects the agent says the last name again. Nothing comes after the one name of a scalar.
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
    """What one request asks, and the names that should come.

    It asks for the object after each of the first `once` names of `after`, and for `rows` objects after each of the
    others. At the places `ends` stand names beyond a column. `roots` are the columns that an answer tells of.
    """

    after: list[Oid]
    once: int
    rows: int
    names: list[Oid]
    ends: frozenset[int]
    spans: tuple[Span, ...]
    roots: tuple[Oid, ...]
    layout: Layout | None = None
    question: bytes = b""

    def request(self, number: int, sent: int) -> bytes:
        """The PDU of the request, which was sent so often before.

        Silence may mean that the answer was too long for the way: later tries ask for half. The second one does not
        where an answer of that length has come before.
        """
        halved = sent - 1 if self.layout else sent
        if halved > 0:
            rows = max(1, self.rows >> halved)
            return messages.request(GET_BULK, number, self.after, self.once, rows)
        self.question = self.question or messages.question(self.after, self.once, self.rows)
        return messages.numbered(GET_BULK, number, self.question)

    def read(self, data: bytes, start: int, stop: int, number: int) -> Answer:
        """An answer, as `messages.answer` reads it; how it is laid out is kept where its names are the known ones."""
        found = messages.answer(data, start, stop, number, self.layout)
        # One in so many: when many agents are met at once, none has to wait for the layouts of all.
        chosen = number % LAYOUT_SHARE == 0 and found.names is not self.names
        if chosen and not (found.bad or found.status) and self.fits(found):
            self.layout = Layout(data[found.begin : found.end], self.names, found.values, found.ended)
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
    whole = [piece for way in _ways(shapes) for piece in way.pieces(most)]
    pieces = [part for piece in whole for part in piece.parts(most)]
    return [pack.leg() for pack in _packs(pieces, most)]


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

    def parts(self, most: int) -> Iterator[_Piece]:
        """The piece, or parts of it as long as a power of two: short ones share a request with others as long.

        One that fills two thirds of an answer has it for itself.
        """
        if 3 * self.size > 2 * ANSWER_BYTES or 3 * len(self.stops) > 2 * most:
            yield self
            return
        after, left = self.after, self.stops
        while left:
            length = min(1 << len(left).bit_length() - 1, LONGEST_PART)
            yield _Piece(after, left[:length])
            after, left = left[length - 1].name, left[length:]


class _Way:
    """Columns that follow one another in the agent, with nothing between."""

    def __init__(self, root: Oid) -> None:
        self._after = root
        self._stops: list[_Stop] = []
        self._open: tuple[Oid, ...] = ()
        self._beyond: Oid = b""

    def leads_to(self, shape: Shape) -> bool:
        """Whether this column comes next, or is empty and would stand before what comes next."""
        return self._beyond != b"" and self._beyond == (shape.names[0] if shape.names else shape.beyond)

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
        end = [_Stop(self._beyond, None, 0, BEYOND_BYTES, self._open)] if self._beyond else []
        for stop in [*self._stops, *end]:
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


class _Pack:
    """Pieces that one request asks for: those of one object once, the others all as long as the first."""

    def __init__(self, first: _Piece) -> None:
        self._once: list[_Piece] = []
        self._pieces = [first]
        self._rows = len(first.stops)
        self._space = ANSWER_BYTES - first.size
        self._count = self._rows

    def take(self, piece: _Piece, most: int) -> bool:
        """Add a piece, if it fits."""
        length = len(piece.stops)
        columns = len(self._once) + len(self._pieces)
        if piece.size > self._space or self._count + length > most or columns == COLUMNS:
            return False
        (self._pieces if length == self._rows else self._once).append(piece)
        self._space -= piece.size
        self._count += length
        return True

    def leg(self) -> Leg:
        """The request: its answer tells what is asked once, then an object of each piece, the next of each, and so on."""
        once, step = len(self._once), len(self._pieces)
        stops = [piece.stops[0] for piece in self._once]
        stops += [piece.stops[row] for row in range(self._rows) for piece in self._pieces]
        spans = [span for place, piece in enumerate(self._once) for span in _spans(piece, place, 1)]
        spans += [
            span for place, piece in enumerate(self._pieces, once) for span in _spans(piece, place, step)
        ]
        roots = (root for stop in stops for root in (stop.root, *stop.shows) if root is not None)
        return Leg(
            [piece.after for piece in (*self._once, *self._pieces)],
            once,
            self._rows,
            [stop.name for stop in stops],
            frozenset(place for place, stop in enumerate(stops) if stop.root is None),
            tuple(spans),
            tuple(dict.fromkeys(roots)),
        )


def _packs(pieces: Iterable[_Piece], most: int) -> list[_Pack]:
    """Pieces in as few requests as is easily found: long ones first, those of one object where there is room."""
    packs: list[_Pack] = []
    open_: dict[int, _Pack] = {}
    roomy: collections.deque[_Pack] = collections.deque(maxlen=OPEN_PACKS)
    for piece in sorted(pieces, key=lambda piece: len(piece.stops), reverse=True):
        length = len(piece.stops)
        tried = roomy if length == 1 else filter(None, [open_.get(length)])
        if not any(pack.take(piece, most) for pack in tried):
            open_[length] = _Pack(piece)
            packs.append(open_[length])
            if len(piece.stops) < most:
                roomy.append(open_[length])
    return packs


def _spans(piece: _Piece, first: int, step: int) -> Iterator[Span]:
    places = itertools.count(first, step)
    for root, run in itertools.groupby(piece.stops, key=lambda stop: stop.root):
        listed = list(run)
        place = next(places)
        for _ in listed[1:]:
            next(places)
        if root is not None:
            yield _span(root, listed[0].row, listed[0].row + len(listed), place, step)


@functools.lru_cache(maxsize=SPANS)
def _span(root: Oid, begin: int, end: int, place: int, step: int) -> Span:
    return Span(root, begin, end, place, step)
