"""A session with one SNMP agent: what a poll asks of the wire, all its tables at once, and never endlessly.

Columns are walked with GETBULK (RFC 3416, 4.2.3), several in one request where the poll before has shown that
their answer fits one datagram. A few requests are under way at once, so a poll takes as long as its longest
table, not as all of them one after another.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from collectors.poll import PollError, Step, Table, Trace, forget
from collectors.snmp import messages
from collectors.snmp.column import Column
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

FIRST_GUESS: Final = 10
"""Rows to ask for at once where nobody knows how many there are."""

MOST: Final = 64
"""Varbinds of one answer."""

FEWEST: Final = 8
"""Varbinds of one answer below which silence is no sign of its length."""

ANSWER_BYTES: Final = 1300
"""What the varbinds of one answer may take: with its head it fits an Ethernet frame, and is not cut in pieces."""

COLUMNS: Final = 24
"""Columns of one request."""

GET_LIMIT: Final = 20
"""Objects of one GET: some agents answer tooBig above."""

PATIENCE_AFTER_TOO_BIG: Final = 10
"""Polls before an agent that has said tooBig is asked for more again."""


class _Jobs(NamedTuple):
    """What is still to do: scalars to get together, and columns to walk together."""

    scalars: collections.deque[list[Oid]]
    columns: collections.deque[list[Column]]


@dataclasses.dataclass(slots=True)
class Habits:
    """What earlier polls have shown of an agent: rows and bytes a varbind of each column, and what it bears."""

    sizes: dict[Oid, tuple[int, int]] = dataclasses.field(default_factory=dict)
    most: int = MOST
    quiet: int = 0

    def trouble(self, most: int, polls: int = 0) -> None:
        """Ask for less from now on, and for `polls` polls."""
        self.most, self.quiet = max(1, min(self.most, most)), -polls

    def recover(self) -> None:
        """Ask for more again, after a poll without trouble."""
        self.quiet += 1
        if self.quiet > 0:
            self.most = min(self.most * 2, MOST)


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
        self._before = (agent.retries, agent.bad)
        self._told = [0, 0]

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """The values of a few objects; what the agent does not have is absent."""
        start = time.monotonic()
        try:
            reply = await self._ask(GET, oids)
            found = _asked(reply, oids)
        except PollError as error:
            self._tell(f"GET {_list(oids)}", str(error), start)
            raise
        self._tell(f"GET {_list(oids)}", found, start)
        return found

    async def following(self, oids: Sequence[Oid]) -> list[Oid | None]:
        """The object that follows each of these, None at the end of the agent's objects."""
        start = time.monotonic()
        reply = await self._ask(GET_NEXT, oids)
        answer = reply.answer
        if len(answer.names) != len(oids):
            raise PollError("unparsed", "the agent answered another number of objects than was asked")
        found = [None if place in answer.ended else name for place, name in enumerate(answer.names)]
        said = ", ".join("end" if oid is None else decode(oid) for oid in found)
        self._tell(f"GETNEXT {_list(oids)}", said, start)
        return found

    async def collect(self, columns: Iterable[Oid], scalars: Sequence[Oid], seconds: float) -> Harvest:
        """All objects below each root, and the scalars, within so many seconds: what came by then is kept."""
        harvest = Harvest({root: Column(root) for root in columns}, begun=self._start)
        jobs = _Jobs(
            collections.deque(list(scalars[at : at + GET_LIMIT]) for at in range(0, len(scalars), GET_LIMIT)),
            collections.deque(self._groups(list(harvest.columns.values()))),
        )
        count = min(WINDOW, len(jobs.scalars) + len(jobs.columns))
        lanes = [self._lane(jobs, harvest) for _ in range(count)]
        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*lanes)
        except TimeoutError:
            self._late(harvest, scalars, seconds)
        harvest.seconds = harvest.seconds or self._now()
        self._learn(harvest)
        return harvest

    def counted(self, system: Table) -> Table:
        """The outcome of the agent as a whole, with what no table of its own was charged with."""
        return dataclasses.replace(
            system,
            retries=self._agent.retries - self._before[0] - self._told[0],
            bad=self._agent.bad - self._before[1] - self._told[1],
        )

    # --- one request ----------------------------------------------------------------------------------

    async def _ask(self, kind: int, oids: Sequence[Oid], repetitions: int = 0) -> Reply:
        """One request and its answer. Raises PollError, for an error-status of the agent too."""

        def make(number: int, sent: int) -> bytes:
            # Silence may mean that the answer was too long for the way: each try asks for half.
            rows = max(1, repetitions >> sent) if repetitions else 0
            return messages.request(kind, number, oids, 0, rows)

        reply = await self._wire.ask(self._agent, make)
        failed = messages.error(reply.answer, oids)
        if failed is not None:
            raise failed
        return reply

    async def _lane(self, jobs: _Jobs, harvest: Harvest) -> None:
        """Do one job after another; what is left of a job goes to the end of its queue."""
        while jobs.scalars or jobs.columns:
            if jobs.scalars:
                jobs.scalars.extend(await self._read(jobs.scalars.popleft(), harvest))
            else:
                jobs.columns.extend(await self._walk(jobs.columns.popleft()))

    async def _read(self, oids: list[Oid], harvest: Harvest) -> list[list[Oid]]:
        """Get scalars. An error is that of one of them: which one, the halves will tell."""
        try:
            reply = await self._ask(GET, oids)
            harvest.scalars |= _asked(reply, oids)
        except PollError as error:
            if error.reason in ("too_big", "gen_err") and len(oids) > 1:
                return [oids[: len(oids) // 2], oids[len(oids) // 2 :]]
            if error.detail != "noSuchName":  # as agents of SNMPv1 say that they do not have it
                harvest.missing |= dict.fromkeys(oids, error)
        harvest.seconds = self._now()
        return []

    # --- walks ----------------------------------------------------------------------------------------

    def _groups(self, columns: list[Column]) -> list[list[Column]]:
        """Columns to ask for together: of as many rows, while the answer fits a frame."""
        groups: list[list[Column]] = []
        rows, space = -1, 0
        for column in columns:
            known = self._habits.sizes.get(column.root)
            if known is None:
                groups.append([column])
                rows = -1
                continue
            needed = (known[0] + 1) * known[1]
            most = min(COLUMNS, self._habits.most // (known[0] + 1))
            if rows == known[0] and needed <= space and len(groups[-1]) < most:
                groups[-1].append(column)
                space -= needed
            else:
                groups.append([column])
                rows, space = known[0], ANSWER_BYTES - needed
        return groups

    async def _walk(self, columns: list[Column]) -> list[list[Column]]:
        """One step of a walk of one or several columns. Returns what is still to be walked."""
        rows = self._rows(columns)
        try:
            reply = await self._ask(GET_BULK, [column.last for column in columns], rows)
        except PollError as error:
            return self._fail(columns, rows, error)
        answer = reply.answer
        if not answer.names:
            empty = PollError("empty_answer", f"no objects in the answer after {decode(columns[0].last)}")
            return self._fail(columns, rows, empty)
        if reply.retries:
            self._calm = False
            self._habits.trouble(max(FEWEST, len(columns) * rows // 2))
        columns[0].retries += reply.retries
        columns[0].bad += reply.bad + answer.bad
        self._told[0] += reply.retries
        self._told[1] += reply.bad
        self._count(answer)
        step, ended = len(columns), bool(answer.ended)
        left = [
            column
            for place, column in enumerate(columns)
            if not self._done(
                column, column.take(answer.names[place::step], answer.values[place::step], ended)
            )
        ]
        return [left] if left else []

    def _rows(self, columns: list[Column]) -> int:
        """How many rows to ask for: up to the end where it is known, as many as fit otherwise."""
        column = columns[0]
        known = [self._habits.sizes.get(each.root, (0, 0)) for each in columns]
        size = sum(size for _, size in known)
        fit = max(1, min(self._habits.most // len(columns), ANSWER_BYTES // size if size else MOST))
        if not size and not column.names:
            return min(fit, FIRST_GUESS)
        left = known[0][0] - len(column.names)
        return min(fit, left + 1 if left >= 0 else fit)

    def _fail(self, columns: list[Column], rows: int, error: PollError) -> list[list[Column]]:
        """What to do where a step failed: less at once, one by one, or the end of the walk."""
        if error.reason == "too_big" and (rows > 1 or len(columns) > 1):
            self._calm = False
            self._habits.trouble(max(1, len(columns) * rows // 2), PATIENCE_AFTER_TOO_BIG)
            half = (len(columns) + 1) // 2
            return [columns] if rows > 1 else [columns[:half], columns[half:]]
        if len(columns) > 1 and error.reason != "timeout":
            return [[column] for column in columns]
        for column in columns:
            if error.detail != "noSuchName":
                column.broken = error
            self._done(column, over=True)
        return []

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
        column.seconds = self._now()
        if self._trace is not forget:
            said = _values(dict(zip(column.names, column.values, strict=True)))
            broken = f"; broken off: {column.broken}" if column.broken else ""
            self._trace(Step(f"WALK {decode(column.root)}", said + broken, column.seconds))
        return True

    def _count(self, answer: messages.Answer) -> None:
        self._varbinds += len(answer.names)
        texts = sum([len(value) for value in answer.values if isinstance(value, bytes)])
        self._bytes += 20 * len(answer.names) + texts

    def _late(self, harvest: Harvest, scalars: Sequence[Oid], seconds: float) -> None:
        error = PollError("deadline", f"not done after {seconds:.3g} s")
        for column in harvest.columns.values():
            if not column.seconds:
                column.broken = error
                self._done(column, over=True)
        for oid in scalars:
            if not harvest.seconds and oid not in harvest.scalars:
                harvest.missing.setdefault(oid, error)

    def _learn(self, harvest: Harvest) -> None:
        """Remember how long each column is, for the next poll."""
        for column in harvest.columns.values():
            if column.broken is None:
                count = len(column.names)
                self._habits.sizes[column.root] = (count, _size(column))
        if self._calm:
            self._habits.recover()

    def _now(self) -> float:
        return time.monotonic() - self._start

    def _tell(self, asked: str, said: str | Mapping[Oid, Value | None], start: float) -> None:
        if self._trace is not forget:
            shown = said if isinstance(said, str) else _values(said)
            self._trace(Step(asked, shown, time.monotonic() - start))


def _size(column: Column) -> int:
    """Bytes that a varbind of a column takes: its longest name, head and value."""
    longest = max((len(value) for value in column.values if isinstance(value, bytes)), default=8)
    return len(column.last) + 8 + longest


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
