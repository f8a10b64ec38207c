"""A session with one SNMP agent: what a poll asks of the wire, all its tables at once, and never endlessly.

Columns are walked with GETBULK (RFC 3416, 4.2.3), several in one request where the poll before has shown that
their answer fits one datagram; the next polls ask for what is known by then (`legs`). A few requests are under way
at once, so a poll takes as long as its longest table, not as all of them one after another.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import functools
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from collectors.poll import PollError, Step, Table, Trace, forget
from collectors.snmp import messages
from collectors.snmp.column import Column
from collectors.snmp.habits import Habits
from collectors.snmp.lanes import Asking, Lanes, run
from collectors.snmp.legs import Leg, Span
from collectors.snmp.messages import GET, GET_BULK, GET_NEXT
from collectors.snmp.oid import Oid, decode
from collectors.snmp.values import Value, text
from collectors.snmp.wire import Agent, Reply, Wire

ROW_CAP: Final = 50_000
"""Rows of one column."""

VARBIND_CAP: Final = 100_000
BYTE_CAP: Final = 8 * 1024 * 1024
"""Varbinds, and bytes of names and values, of one poll."""

WINDOW: Final = 4
"""Requests under way at once to one agent: a slow agent is not to be flooded."""

FEWEST: Final = 8
"""Varbinds of one answer below which silence is no sign of its length."""

GET_LIMIT: Final = 20
"""Objects of one GET: some agents answer tooBig above."""

PATIENCE_AFTER_TOO_BIG: Final = 10
"""Polls before an agent that has said tooBig is asked for more again."""


class _Jobs(NamedTuple):
    """What is still to do: scalars to get together, legs of known names, and columns to walk together.

    `pending` counts the legs that still tell of a column. `singles` are the scalars that legs can tell of, by the
    root of the column of one row that each is then. `unread` are those to get of which nothing is known yet.
    """

    scalars: collections.deque[list[Oid]]
    legs: collections.deque[Leg]
    columns: collections.deque[list[Column]]
    pending: collections.Counter[Oid]
    singles: Mapping[Oid, Oid]
    unread: set[Oid]

    @property
    def waiting(self) -> int:
        return len(self.scalars) + len(self.legs) + len(self.columns)

    def followed(self, leg: Leg) -> list[Oid]:
        """The columns of a leg that are not walked."""
        return [root for root in leg.roots if root in self.pending]


@dataclasses.dataclass(slots=True)
class Harvest:
    """What one poll of an agent brought in. `missing` says why scalars could not be read.

    `begun` is when the poll began, by our monotonic clock: what all seconds of it count from.
    """

    columns: dict[Oid, Column]
    scalars: dict[Oid, Value] = dataclasses.field(default_factory=dict)
    missing: dict[Oid, PollError] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    begun: float = 0.0

    def settle(self, oid: Oid, column: Column) -> None:
        """Take a scalar from the column that a leg told it as."""
        (value,) = column.values
        if value is not None:
            self.scalars[oid] = value
        elif column.broken is not None:
            self.missing[oid] = column.broken
        self.seconds = max(self.seconds, column.seconds)


class Session:
    """One poll of one agent. Its methods raise PollError, and nothing else, where they fail as a whole."""

    def __init__(self, wire: Wire, agent: Agent, habits: Habits, trace: Trace = forget) -> None:
        self._wire = wire
        self._agent = agent
        self._habits = habits
        self._trace = trace
        self._start = time.monotonic()
        self._varbinds = 0
        self._bytes = 0
        self._calm = True
        self._lanes = 0
        self._before = (agent.retries, agent.bad)
        self._told = [0, 0]

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """The values of a few objects; what the agent does not have is absent."""
        found, _ = await run(self._wire, self._get(oids))
        return found

    async def _get(self, oids: Sequence[Oid]) -> tuple[dict[Oid, Value], Reply]:
        start = time.monotonic()
        try:
            reply = await self._ask(GET, oids)
            found = _asked(reply, oids)
        except PollError as error:
            self._tell(f"GET {_list(oids)}", str(error), start)
            raise
        self._tell(f"GET {_list(oids)}", found, start)
        return found, reply

    async def following(self, oids: Sequence[Oid]) -> list[Oid | None]:
        """The object that follows each of these, None at the end of the agent's objects."""
        start = time.monotonic()
        reply = await run(self._wire, self._ask(GET_NEXT, oids))
        answer = reply.answer
        if len(answer.names) != len(oids):
            raise PollError("unparsed", "the agent answered another number of objects than was asked")
        found = [None if place in answer.ended else name for place, name in enumerate(answer.names)]
        said = ", ".join("end" if oid is None else decode(oid) for oid in found)
        self._tell(f"GETNEXT {_list(oids)}", said, start)
        return found

    async def collect(self, columns: Sequence[Oid], scalars: Sequence[Oid], seconds: float) -> Harvest:
        """All objects below each root, and the scalars, within so many seconds: what came by then is kept."""
        singles = _singles(tuple(columns), tuple(scalars))
        everything = (*columns, *singles)
        legs, told = self._habits.itinerary(everything)
        known = [root for root in singles if root in told]
        harvest = Harvest(self._columns((*columns, *known), told), begun=self._start)
        alone = [oid for oid in scalars if oid[:-1] not in told or oid[:-1] not in singles]
        asked = self._habits.sought(alone)
        walked = [column for root, column in harvest.columns.items() if root not in told]
        jobs = _Jobs(
            collections.deque(_portions(asked)),
            collections.deque(legs),
            collections.deque(self._habits.groups(walked)),
            told.copy(),
            singles,
            set(asked),
        )
        lanes = Lanes(self._wire)
        self._widen(jobs, harvest, lanes)
        try:
            async with asyncio.timeout(seconds):
                await lanes.wait()
        except TimeoutError:
            self._late(harvest, jobs.unread, seconds)
        self._learn(harvest, singles)
        self._habits.itinerary(everything)  # now, as there is time: the next poll may have company
        for root in known:
            if root in harvest.columns:
                harvest.settle(singles[root], harvest.columns.pop(root))
        harvest.seconds = harvest.seconds or self._now()
        return harvest

    def counted(self, system: Table) -> Table:
        """The outcome of the agent as a whole, with what no table of its own was charged with."""
        return dataclasses.replace(
            system,
            retries=self._agent.retries - self._before[0] - self._told[0],
            bad=self._agent.bad - self._before[1] - self._told[1],
        )

    def _columns(self, roots: Iterable[Oid], told: Container[Oid]) -> dict[Oid, Column]:
        """Columns with nothing in them yet, but with their names where legs tell of them."""
        shapes, found = self._habits.shapes, {}
        for root in roots:
            if root in told:
                names, beyond, _ = shapes[root]
                found[root] = Column(root, names, [None] * len(names), beyond=beyond)
            else:
                found[root] = Column(root)
        return found

    # --- one request ----------------------------------------------------------------------------------

    async def _ask(self, kind: int, oids: Sequence[Oid], repetitions: int = 0) -> Reply:
        """One request and its answer. Raises PollError, for an error-status of the agent too."""

        def make(number: int, sent: int) -> bytes:
            # Silence may mean that the answer was too long for the way: each try asks for half.
            rows = max(1, repetitions >> sent) if repetitions else 0
            return messages.request(kind, number, oids, 0, rows)

        return _accepted(await Asking(self._agent, make), oids)

    def _widen(self, jobs: _Jobs, harvest: Harvest, lanes: Lanes) -> None:
        """Open as many lanes as there are jobs, within the window."""
        for _ in range(min(WINDOW - self._lanes, jobs.waiting)):
            self._lanes += 1
            lanes.start(self._lane(jobs, harvest, lanes))

    async def _lane(self, jobs: _Jobs, harvest: Harvest, lanes: Lanes) -> None:
        """Do one job after another; what is left of a job goes to the end of its queue, and may be for other lanes."""
        while jobs.scalars or jobs.legs or jobs.columns:
            if jobs.scalars:
                jobs.scalars.extend(await self._read(jobs.scalars.popleft(), jobs.unread, harvest))
            elif jobs.legs:
                await self._follow(jobs.legs.popleft(), jobs, harvest)
            else:
                jobs.columns.extend(await self._walk(jobs.columns.popleft()))
            if self._lanes < WINDOW and jobs.waiting > 1:
                self._widen(jobs, harvest, lanes)
        self._lanes -= 1

    async def _read(self, oids: list[Oid], unread: set[Oid], harvest: Harvest) -> list[list[Oid]]:
        """Get scalars. An error is that of one of them: which one, the halves will tell."""
        left: list[Oid] = []
        try:
            found, reply = await self._get(oids)
            harvest.scalars |= found
            left = _left_out(reply, oids)
            if not reply.answer.bad:
                self._habits.lack(oid for oid in oids if oid not in harvest.scalars and oid not in left)
        except PollError as error:
            if error.reason in ("too_big", "gen_err") and len(oids) > 1:
                return [oids[: len(oids) // 2], oids[len(oids) // 2 :]]
            if error.detail != "noSuchName":  # as agents of SNMPv1 say that they do not have it
                harvest.missing |= dict.fromkeys(oids, _kept(error))
        unread.difference_update(oids)
        unread.update(left)
        harvest.seconds = self._now()
        return [left] if left else []

    # --- walks ----------------------------------------------------------------------------------------

    async def _follow(self, leg: Leg, jobs: _Jobs, harvest: Harvest) -> None:
        """Ask for a leg. Columns that are not what they were are to be walked."""
        try:
            self._spare()
            reply = _accepted(await Asking(self._agent, leg.request, leg.read), leg.after)
        except PollError as error:
            self._miss(leg, error, jobs, harvest)
        else:
            self._note(harvest.columns.get(leg.roots[0]), reply, len(leg.names))
            if leg.fits(reply.answer):
                _fill(leg.spans, reply.answer.values, jobs.pending, harvest)
            else:
                if leg.was_cut(reply.answer):
                    self._ask_less(len(reply.answer.names), PATIENCE_AFTER_TOO_BIG)
                self._doubt(leg, jobs, harvest)
        now, pending = self._now(), jobs.pending
        for root in leg.roots:
            if left := pending.get(root):  # else it is walked
                pending[root] = left - 1
                if left == 1:
                    self._end(harvest.columns[root], now)

    def _miss(self, leg: Leg, error: PollError, jobs: _Jobs, harvest: Harvest) -> None:
        """What to do where a leg failed: its columns are walked now, or one by one in the next poll if time has passed."""
        if error.reason == "too_big":
            self._ask_less(len(leg.names) // 2, PATIENCE_AFTER_TOO_BIG)
        if error.reason == "timeout":
            self._habits.part(jobs.followed(leg))
        elif error.reason != "capped":
            self._doubt(leg, jobs, harvest)
        for root in jobs.followed(leg):
            harvest.columns[root].broken = _kept(error)

    def _doubt(self, leg: Leg, jobs: _Jobs, harvest: Harvest) -> None:
        """Walk the columns of a leg anew, and get its scalars: what other legs tell of them does not count."""
        doubted = jobs.followed(leg)
        for root in doubted:
            del jobs.pending[root]
            self._habits.doubt(root)
            before = harvest.columns.pop(root)
            if root not in jobs.singles:
                harvest.columns[root] = Column(root, retries=before.retries, bad=before.bad)
        columns = [harvest.columns[root] for root in doubted if root not in jobs.singles]
        jobs.columns.extend(self._habits.groups(columns))
        scalars = [jobs.singles[root] for root in doubted if root in jobs.singles]
        jobs.unread.update(scalars)
        jobs.scalars.extend(_portions(scalars))

    async def _walk(self, columns: list[Column]) -> list[list[Column]]:
        """One step of a walk of one or several columns. Returns what is still to be walked."""
        rows = self._habits.rows(columns)
        try:
            reply = await self._ask(GET_BULK, [column.last for column in columns], rows)
        except PollError as error:
            return self._fail(columns, rows, error)
        answer = reply.answer
        if not answer.names:
            empty = PollError("empty_answer", f"no objects in the answer after {decode(columns[0].last)}")
            return self._fail(columns, rows, empty)
        self._note(columns[0], reply, len(columns) * rows)
        step, ended = len(columns), bool(answer.ended)
        overs = [
            column.take(answer.names[place::step], answer.values[place::step], ended)
            for place, column in enumerate(columns)
        ]
        if step > 1 and any(column.strayed for column in columns):
            # The agent may mix columns up: none of them has ended because of a name of another.
            return [
                [column] for column in columns if column.broken is None or not self._done(column, over=True)
            ]
        left = [column for column, over in zip(columns, overs, strict=True) if not self._done(column, over)]
        return [left] if left else []

    def _fail(self, columns: list[Column], rows: int, error: PollError) -> list[list[Column]]:
        """What to do where a step failed: less at once, one by one, or the end of the walk."""
        if error.reason == "too_big" and (rows > 1 or len(columns) > 1):
            self._ask_less(len(columns) * rows // 2, PATIENCE_AFTER_TOO_BIG)
            half = (len(columns) + 1) // 2
            return [columns] if rows > 1 else [columns[:half], columns[half:]]
        if len(columns) > 1 and error.reason != "timeout":
            return [[column] for column in columns]
        if len(columns) > 1:
            self._habits.part(column.root for column in columns)
        for column in columns:
            if error.detail != "noSuchName":
                column.broken = _kept(error)
            self._done(column, over=True)
        return []

    def _spare(self) -> None:
        """Raise PollError where the poll has brought as many bytes as it may: known names bear texts that grow."""
        if self._bytes >= BYTE_CAP:
            raise PollError("capped", f"stopped after {self._bytes} bytes of all tables")

    def _done(self, column: Column, over: bool) -> bool:
        """Whether a column's walk is over, for any reason."""
        if (
            not over
            and len(column.names) < ROW_CAP
            and self._varbinds < VARBIND_CAP
            and self._bytes < BYTE_CAP
        ):
            return False
        if not over:
            said = f"stopped after {len(column.names)} rows, {self._varbinds} objects of all tables"
            column.broken = PollError("capped", said)
        self._end(column, self._now())
        return True

    def _end(self, column: Column, now: float) -> None:
        """Say when a column's walk was over."""
        column.seconds = now
        if self._trace is not forget:
            said = _values(dict(zip(column.names, column.values, strict=True)))
            broken = f"; broken off: {column.broken}" if column.broken else ""
            self._trace(Step(f"WALK {decode(column.root)}", said + broken, column.seconds))

    def _note(self, column: Column | None, reply: Reply, asked: int) -> None:
        """Count what came, and what was asked again: the answer to so many objects may have been too long."""
        answer = reply.answer
        self._varbinds += len(answer.names)
        self._bytes += answer.end - answer.begin
        if column is not None:
            column.retries += reply.retries
            column.bad += reply.bad + answer.bad
            self._told[0] += reply.retries
            self._told[1] += reply.bad
        if reply.retries:
            self._ask_less(max(FEWEST, asked // 2))

    def _ask_less(self, most: int, polls: int = 0) -> None:
        self._calm = False
        self._habits.trouble(most, polls)

    def _late(self, harvest: Harvest, unread: Iterable[Oid], seconds: float) -> None:
        error = PollError("deadline", f"not done after {seconds:.3g} s")
        for column in harvest.columns.values():
            if not column.seconds:
                column.broken = error
                self._end(column, self._now())
        harvest.missing |= dict.fromkeys(unread, error)

    def _learn(self, harvest: Harvest, singles: Mapping[Oid, Oid]) -> None:
        """Remember what columns and scalars there are, for the next poll."""
        for column in harvest.columns.values():
            if column.broken is None:
                self._habits.learn(column)
        for root, oid in singles.items():
            if oid in harvest.scalars:
                self._habits.learn_single(root, oid, harvest.scalars[oid])
        if self._calm:
            self._habits.recover()

    def _now(self) -> float:
        return time.monotonic() - self._start

    def _tell(self, asked: str, said: str | Mapping[Oid, Value | None], start: float) -> None:
        if self._trace is not forget:
            shown = said if isinstance(said, str) else _values(said)
            self._trace(Step(asked, shown, time.monotonic() - start))


@functools.lru_cache(maxsize=1024)
def _singles(columns: tuple[Oid, ...], scalars: tuple[Oid, ...]) -> Mapping[Oid, Oid]:
    """The scalars that are the one object of a column of their own, by its root: the name without its 0."""
    taken = frozenset(columns)
    ends = (oid for oid in scalars if oid.endswith(b"\0") and b"" < oid[-2:-1] < b"\x80")  # 128 ends in 0 too
    return {oid[:-1]: oid for oid in ends if oid[:-1] not in taken}


def _left_out(reply: Reply, oids: Sequence[Oid]) -> list[Oid]:
    """What an answer says nothing of, to be asked for again. Raises PollError where that is all of it."""
    said = set(reply.answer.names)
    left = [oid for oid in oids if oid not in said]
    if len(left) == len(oids):
        raise PollError("empty_answer", "the agent answered none of the objects that were asked")
    return left


def _portions(scalars: Sequence[Oid]) -> Iterator[list[Oid]]:
    """Scalars as many at a time as one GET asks for."""
    return (list(scalars[at : at + GET_LIMIT]) for at in range(0, len(scalars), GET_LIMIT))


def _accepted(reply: Reply, oids: Sequence[Oid]) -> Reply:
    """An answer without an error-status. Raises PollError for any other."""
    failed = messages.error(reply.answer, oids)
    if failed is not None:
        raise failed
    return reply


def _kept(error: PollError) -> PollError:
    """An error to keep: without the frames that it went through, which hold what it is kept in, and all else of the poll."""
    return error.with_traceback(None)


def _fill(
    spans: Iterable[Span], values: list[Value | None], pending: Container[Oid], harvest: Harvest
) -> None:
    """Put the values of an answer where they belong, in the columns that are not walked."""
    for root, begin, end, place, step in spans:
        if root in pending:
            stop = place + (end - begin) * step
            harvest.columns[root].values[begin:end] = values[place:stop:step]


def _asked(reply: Reply, oids: Sequence[Oid]) -> dict[Oid, Value]:
    answer = reply.answer
    if len(answer.names) > len(oids):
        raise PollError("unparsed", "the agent answered more objects than were asked")
    wanted = set(oids)
    return {
        name: value
        for name, value in zip(answer.names, answer.values, strict=True)
        if value is not None and name in wanted
    }


SHOWN: Final = 3


def _list(oids: Sequence[Oid]) -> str:
    return " ".join(decode(oid) for oid in oids)


def _values(found: Mapping[Oid, Value | None]) -> str:
    shown = [f"{decode(oid)} = {text(value)[:60]}" for oid, value in list(found.items())[:SHOWN]]
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    count = "1 object" if len(found) == 1 else f"{len(found)} objects"
    return f"{count}: {', '.join(shown)}{more}" if found else "no such objects"
