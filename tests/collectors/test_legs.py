"""Polls that know what is asked: whatever the agent has changed in between, they read what it holds now."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder import GET, Agent, Oid, Responder, Value, parts

from collectors.poll import PollError
from collectors.snmp import oid
from collectors.snmp.habits import ASK_AGAIN, Habits
from collectors.snmp.messages import Community
from collectors.snmp.session import Harvest, Session
from collectors.snmp.wire import Agent as Peer
from collectors.snmp.wire import Wire

ENTRY: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
OTHER: Oid = (1, 3, 6, 1, 4, 1, 99, 1)
WANTED = (2, 3, 5, 6, 7, 9)
"""Columns of the table that are asked for: there are others between, and behind."""

Table = dict[Oid, Value]
PATIENCE = 20.0


class Changing(Agent):
    """An agent whose objects can be changed, and that can be told to misbehave. `asked` counts the requests, `gets` the GETs."""

    def __init__(self, table: Table, limit: int = 60_000) -> None:
        super().__init__(table, limit)
        self.asked = self.gets = 0
        self.drop: Callable[[int], bool] = lambda number: False

    def change(self, table: Table) -> None:
        super().__init__(table, self.limit)

    def answer(self, request: bytes) -> bytes | None:
        self.asked += 1
        self.gets += list(parts(next(parts(request)).body))[2].tag == GET
        return None if self.drop(self.asked) else super().answer(request)


class Asker:
    """A collector that polls one agent again and again, and remembers what it has seen."""

    def __init__(self, wire: Wire, port: int, roots: Sequence[Oid]) -> None:
        self.habits = Habits()
        self.roots = [oid.pack(root) for root in roots]
        self.scalars: list[Oid] = []
        self.peer = Peer(socket.AF_INET, ("127.0.0.1", port), Community("public"), 0.5, 4, 1e6)
        self._wire = wire

    async def poll(self) -> Harvest:
        return await Session(self._wire, self.peer, self.habits).collect(
            self.roots, [oid.pack(name) for name in self.scalars], PATIENCE
        )


@contextmanager
def asking(agent: Agent, roots: Sequence[Oid]) -> Iterator[Asker]:
    wire = Wire()
    with Responder([agent]) as served:
        try:
            yield Asker(wire, served.ports[0], roots)
        finally:
            wire.close()


def rows(indexes: Sequence[int], columns: Sequence[int] = range(1, 12), value: int = 0) -> Table:
    """A table, every figure of it another one, and one object behind it."""
    found: Table = {(*OTHER, 0): 1}
    for column in columns:
        found |= {(*ENTRY, column, index): value + 1000 * column + index for index in indexes}
    return found


def wanted(columns: Sequence[int] = WANTED) -> list[Oid]:
    return [(*ENTRY, column) for column in columns]


def holds(harvest: Harvest, table: Table) -> bool:
    """Whether what was read is what stands in the table, in its order, and whole."""
    for encoded, column in harvest.columns.items():
        root = oid.unpack(encoded)
        own = {name: value for name, value in sorted(table.items()) if name[: len(root)] == root}
        told = {oid.unpack(name): value for name, value in zip(column.names, column.values, strict=True)}
        plain = {name: v.encode() if isinstance(v, str) else v for name, v in own.items()}
        if column.broken is not None or list(told.items()) != list(plain.items()):
            return False
    return True


async def test_what_is_known_is_asked_in_fewer_requests_and_read_right() -> None:
    agent = Changing(rows(range(1, 49)))
    with asking(agent, wanted()) as asker:
        assert holds(await asker.poll(), rows(range(1, 49)))
        first, agent.asked = agent.asked, 0
        agent.change(rows(range(1, 49), value=70_000))
        assert holds(await asker.poll(), rows(range(1, 49), value=70_000))
        assert agent.asked <= first / 2


CHANGES = {
    "a row comes at the end": [*range(1, 50)],
    "a row comes in front": [*range(49)],
    "rows come in between": [*range(1, 20), *range(21, 49)],
    "the last row goes": [*range(1, 48)],
    "the first row goes": [*range(2, 49)],
    "a row goes in between": [*range(1, 30), *range(31, 49)],
    "a row moves": [*range(1, 20), *range(21, 49), 700],
    "every row goes": [],
    "one row stays": [17],
    "many rows come": [*range(1, 200)],
    "rows of long indexes come": [*range(1, 49), 20_000, 4_000_000],
}


@pytest.mark.parametrize("indexes", CHANGES.values(), ids=CHANGES)
async def test_rows_that_come_and_go_are_seen_at_once(indexes: list[int]) -> None:
    before, after = rows(range(1, 49)), rows(indexes, value=5)
    agent = Changing(before)
    with asking(agent, wanted()) as asker:
        for table in (before, before, after, after, before, before, after):
            agent.change(table)
            assert holds(await asker.poll(), table)


async def test_a_row_that_comes_in_one_column_only_is_seen() -> None:
    before = rows([1, 2, 3])
    after = before | {(*ENTRY, 5, 9): 77}
    agent = Changing(before)
    with asking(agent, wanted()) as asker:
        for table in (before, before, after):
            agent.change(table)
            assert holds(await asker.poll(), table)


async def test_columns_that_were_empty_are_seen_when_they_fill() -> None:
    before = rows([1, 2, 3], columns=(1, 2, 7, 11))
    agent = Changing(before)
    with asking(agent, wanted()) as asker:
        for filled in ((3,), (5, 6), (9,), (3, 5, 6, 9)):
            for table in (before, before, before | rows([2, 4], columns=filled)):
                agent.change(table)
                assert holds(await asker.poll(), table)


async def test_columns_at_the_end_of_all_objects_are_read_to_their_end() -> None:
    table = {name: value for name, value in rows([1, 2, 3]).items() if name[: len(ENTRY)] == ENTRY}
    agent = Changing(table)
    with asking(agent, wanted([9, 11, 12, 13])) as asker:
        for last in (3, 3, 3, 4, 4, 2):
            now = {
                (*ENTRY, column, row): 10 * column + row
                for column in range(1, 12)
                for row in range(1, last + 1)
            }
            agent.change(now)
            assert holds(await asker.poll(), now)


async def test_an_agent_that_cuts_its_answers_short_is_read_whole_and_asked_for_less() -> None:
    table = rows(range(1, 49))
    agent = Changing(table, limit=400)
    with asking(agent, wanted()) as asker:
        counts = []
        for _ in range(4):
            agent.asked = 0
            assert holds(await asker.poll(), table)
            counts.append(agent.asked)
    assert counts[3] < counts[1], "what it can say is known by then"
    assert counts[3] <= counts[0]


async def test_values_that_grow_too_long_for_one_answer_are_read_whole() -> None:
    before = {(*ENTRY, column, row): "x" for column in range(1, 5) for row in range(1, 30)}
    after = dict.fromkeys(before, "y" * 200)
    agent = Changing(before, limit=1400)
    with asking(agent, wanted([2, 3])) as asker:
        for table in (before, before, after, after, before):
            agent.change(table)
            assert holds(await asker.poll(), table)


async def test_a_lost_request_is_asked_again_and_only_its_columns_pay() -> None:
    table = rows(range(1, 49))
    agent = Changing(table)
    with asking(agent, wanted()) as asker:
        await asker.poll()
        agent.asked = 0
        agent.drop = lambda number: number == 2
        found = await asker.poll()
        assert holds(found, table)
        assert sum(column.retries for column in found.columns.values()) == 1


async def test_what_an_agent_leaves_unanswered_is_named_and_the_rest_is_kept() -> None:
    table = rows(range(1, 49))
    agent = Changing(table)
    with asking(agent, wanted()) as asker:
        await asker.poll()
        agent.asked = 0
        agent.drop = lambda number: number > 2
        harvest = await asker.poll()
    broken = [column.broken for column in harvest.columns.values()]
    assert all(isinstance(why, PollError) and why.reason == "timeout" for why in broken if why)
    assert any(broken)
    for column in harvest.columns.values():
        for name, value in zip(column.names, column.values, strict=True):
            assert value in (None, table[oid.unpack(name)])
    assert any(value is not None for column in harvest.columns.values() for value in column.values)


indexes = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 2**31)), max_size=12, unique=True)
figures = st.one_of(st.integers(-(2**31), 2**31 - 1), st.text(max_size=60))
tables = st.dictionaries(
    st.tuples(st.integers(1, 8), indexes.map(lambda many: tuple(many[:2]) or (1,))), figures, max_size=40
).map(lambda cells: {(*ENTRY, column, *index): value for (column, index), value in cells.items()})


@settings(deadline=None, max_examples=60)
@given(st.lists(tables, min_size=1, max_size=3), st.booleans(), st.sampled_from([400, 1400, 60_000]))
async def test_any_table_after_any_other_is_read_as_it_is(
    several: list[Table], between: bool, limit: int
) -> None:
    agent = Changing({}, limit)
    with asking(agent, wanted([1, 2, 3, 5, 6, 8])) as asker:
        for table in [same for each in several for same in (each, each)]:
            whole = table | ({(*OTHER, 0): 1} if between else {})
            agent.change(whole)
            assert holds(await asker.poll(), whole)


async def test_scalars_that_come_and_go_are_seen_at_once() -> None:
    """Single objects share the requests of columns once they are known."""
    memory: Oid = (1, 3, 6, 1, 4, 1, 2021, 4)
    names = [(*memory, number, 0) for number in range(3, 9)]
    whole = rows([1, 2, 3]) | {name: 100 + number for number, name in enumerate(names)}
    agent = Changing(whole)
    with asking(agent, wanted()) as asker:
        asker.scalars = names
        counts = []
        changes: list[dict[Oid, int | None]] = [
            {},
            {},
            {names[0]: 7},
            {names[1]: None},
            {names[1]: None},
            {},
            {},
            {},
        ]
        for changed in changes:
            table = {name: value for name, value in (whole | changed).items() if value is not None}
            agent.change(table)
            agent.asked = 0
            found = await asker.poll()
            counts.append(agent.asked)
            assert {oid.unpack(name): value for name, value in found.scalars.items()} == {
                name: table[name] for name in names if name in table
            }
            assert found.missing == {}
            assert holds(found, table)
    assert counts[1] < counts[0]
    assert counts[-1] == counts[1]


async def test_a_scalar_that_an_agent_never_had_is_asked_for_now_and_then() -> None:
    lacking, there = (1, 3, 6, 1, 4, 1, 2021, 4, 9, 0), (1, 3, 6, 1, 4, 1, 2021, 4, 8, 0)
    table = rows([1, 2, 3]) | {there: 8}
    agent = Changing(table)
    with asking(agent, wanted()) as asker:
        asker.scalars = [lacking, there]
        for _ in range(3):
            found = await asker.poll()
            assert found.scalars == {oid.pack(there): 8}
            assert found.missing == {}
        assert agent.gets == 1
        agent.change(table | {lacking: 9})
        came = [oid.pack(lacking) in (await asker.poll()).scalars for _ in range(ASK_AGAIN + 2)]
        assert True in came
        assert came == sorted(came), "once it is there it is read in every poll"
        agent.change(table)
        await asker.poll()
        agent.change(table | {lacking: 10})
        assert (await asker.poll()).scalars[oid.pack(lacking)] == 10


async def test_an_agent_that_was_started_again_is_asked_for_all_scalars() -> None:
    lacking = (1, 3, 6, 1, 4, 1, 2021, 4, 9, 0)
    table = rows([1, 2, 3])
    agent = Changing(table)
    with asking(agent, wanted()) as asker:
        asker.scalars = [lacking]
        await asker.poll()
        await asker.poll()
        agent.change(table | {lacking: 9})
        asker.habits.restarted()
        assert (await asker.poll()).scalars == {oid.pack(lacking): 9}
