"""Polls that know what is asked: whatever the agent has changed in between, they read what it holds now."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import ClassVar

import engine as engines
import hostile
import pytest
import responder
from engine import Engine
from hostile import Request
from hypothesis import given, settings
from hypothesis import strategies as st
from responder import GET, Agent, Oid, Responder, Value, parts, wrap

from collectors.poll import Poll, PollError
from collectors.polling import Poller
from collectors.snmp import messages, oid
from collectors.snmp.column import Column
from collectors.snmp.habits import ASK_AGAIN, Habits
from collectors.snmp.lanes import Asking, run
from collectors.snmp.legs import Shape, plan
from collectors.snmp.messages import Community
from collectors.snmp.session import BYTE_CAP, WINDOW, Harvest, Session
from collectors.snmp.v3 import Usm
from collectors.snmp.wire import Agent as Peer
from collectors.snmp.wire import Reply, Wire
from inventory.credentials import SnmpV2c, SnmpV3
from inventory.estate import Estate, Snmp, Target

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

    async def poll(self, patience: float = PATIENCE) -> Harvest:
        return await Session(self._wire, self.peer, self.habits).collect(
            self.roots, [oid.pack(name) for name in self.scalars], patience
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
        own = {name: value for name, value in sorted(table.items()) if name[: len(root)] == root != name}
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


# --- agents that answer otherwise than they did, and not at all -------------------------------------------


def kind_of(request: bytes) -> int:
    return Request(request).kind


class Fading(Changing):
    """An agent that leaves requests unanswered that a test names."""

    def __init__(self, table: Table, limit: int = 60_000) -> None:
        super().__init__(table, limit)
        self.ignores: Callable[[bytes], bool] = lambda request: False

    def answer(self, request: bytes) -> bytes | None:
        return None if self.ignores(request) else super().answer(request)


def told(harvest: Harvest) -> dict[Oid, int | bytes]:
    return {oid.unpack(name): value for name, value in harvest.scalars.items()}


@pytest.mark.parametrize("last", [0, 1, 127, 128, 256, 16_384])
async def test_a_scalar_is_read_whatever_its_last_number_is(last: int) -> None:
    """In bytes, 128 ends like 0: what is before it is no name then, and an agent drops such a request."""
    names = [(*OTHER, 5, last), (*OTHER, 6, last)]
    agent = Fading(rows([1, 2, 3]) | {name: number for number, name in enumerate(names, 7)})
    agent.ignores = lambda request: re.search(rb"[\x80-\xff]\x05\x00", request) is not None
    with asking(agent, wanted()) as asker:
        asker.scalars = names
        for _ in range(3):
            found = await asker.poll(2.0)
            assert told(found) == {names[0]: 7, names[1]: 8}
            assert found.missing == {}


async def test_scalars_that_are_in_doubt_when_time_is_up_are_named() -> None:
    """They are asked for alone then, and never answered: without a word they would look as if there were none."""
    names = [(*OTHER, 5, 0), (*OTHER, 6, 0)]
    whole = rows([1, 2, 3]) | {name: number for number, name in enumerate(names, 7)}
    agent = Fading(whole)
    with asking(agent, wanted()) as asker:
        asker.scalars = names
        for _ in range(2):
            assert told(await asker.poll()) == {names[0]: 7, names[1]: 8}
        agent.change({name: value for name, value in whole.items() if name != names[0]})
        asker.peer.timeout = 30.0
        agent.ignores = lambda request: kind_of(request) == GET
        found = await asker.poll(1.0)
    read = told(found)
    assert {oid.unpack(name) for name in found.missing} == set(names) - set(read)
    assert {why.reason for why in found.missing.values()} == {"deadline"}


async def test_scalars_that_were_not_asked_for_in_time_are_named_though_others_came() -> None:
    names = [(*OTHER, number, 0) for number in range(1, 46)]
    agent = Fading(dict.fromkeys(names, 7))
    seen: list[Oid] = []

    def ignores(request: bytes) -> bool:
        asked = Request(request).names
        if not seen:
            seen.extend(asked)
        return asked[0] not in seen

    agent.ignores = ignores
    with asking(agent, []) as asker:
        asker.scalars = names
        asker.peer.timeout = 30.0
        found = await asker.poll(0.5)
    assert set(told(found)) == set(seen)
    assert len(seen) == 20
    assert {oid.unpack(name) for name in found.missing} == set(names) - set(seen)


async def test_scalars_that_an_answer_leaves_out_are_asked_for_again_or_named() -> None:
    names = [(*OTHER, number, 0) for number in range(1, 10)]
    mute = oid.pack(names[4])

    class Terse(Changing):
        said: ClassVar[list[Oid]] = []

        def get(self, name: Oid) -> bytes:
            if len(self.said) >= 2 or oid.pack(name) == mute:
                return b""
            self.said.append(name)
            return super().get(name)

        def answer(self, request: bytes) -> bytes | None:
            self.said.clear()
            return super().answer(request)

    with asking(Terse(dict.fromkeys(names, 7)), []) as asker:
        asker.scalars = names
        found = await asker.poll()
    assert set(told(found)) == set(names) - {names[4]}
    assert {name: why.reason for name, why in found.missing.items()} == {mute: "empty_answer"}


async def test_an_object_that_an_agent_dies_of_takes_no_other_column_with_it_for_long() -> None:
    table = rows(range(1, 4))
    agent = Fading(table)
    bad = (*ENTRY, 5, 2)

    def hangs(request: bytes) -> bool:
        asked = Request(request)
        first, count = asked.names, max(1, asked.repetitions)
        reached = [name for start in first for name in below(table, start, count)]
        return bad in reached

    with asking(agent, wanted()) as asker:
        asker.peer.timeout = 0.1
        for _ in range(2):
            assert holds(await asker.poll(), table)
        agent.ignores = hangs
        polls = [await asker.poll() for _ in range(4)]
    broken = [{oid.unpack(root)[-1] for root, one in found.columns.items() if one.broken} for found in polls]
    assert broken[0] >= {5}
    assert broken[2:] == [{5}, {5}]


def below(table: Table, name: Oid, count: int) -> list[Oid]:
    return [each for each in sorted(table) if each > name][:count]


async def test_answers_that_never_arrive_whole_are_asked_for_in_parts() -> None:
    """What is on the way drops every answer beyond a length, and the agent knows nothing of it."""
    table = rows(range(1, 49))
    agent = Narrow(table)
    with asking(agent, wanted()) as asker:
        asker.peer.timeout, asker.peer.tries = 0.15, 2
        for _ in range(2):
            assert holds(await asker.poll(), table)
        agent.narrow = 700
        polls = [await asker.poll() for _ in range(8)]
    assert [holds(found, table) for found in polls[2:]] == [True] * 6


class Narrow(Changing):
    narrow = 60_000

    def answer(self, request: bytes) -> bytes | None:
        said = super().answer(request)
        return said if said is not None and len(said) <= self.narrow else None


async def test_texts_that_grow_without_end_meet_the_cap_of_bytes() -> None:
    names = [(*ENTRY, 2, row) for row in range(1, 16_001)]
    agent = Changing(dict.fromkeys(names, "x"))
    with asking(agent, wanted([2])) as asker:
        for _ in range(2):
            assert holds(await asker.poll(), dict.fromkeys(names, "x"))
        agent.change(dict.fromkeys(names, "y" * 800))
        (column,) = (await asker.poll()).columns.values()
    assert column.broken is not None
    assert column.broken.reason == "capped"
    kept = sum(len(value) for value in column.values if isinstance(value, bytes))
    assert BYTE_CAP / 2 < kept < BYTE_CAP + WINDOW * 65_535


@pytest.mark.parametrize(("most", "size"), [(1, 20), (64, 700), (64, 20), (3, 20)])
def test_the_legs_of_a_huge_column_are_planned_in_time(most: int, size: int) -> None:
    names = [oid.pack((*ENTRY, 2, row)) for row in range(1, 20_001)]
    shape = Shape(names, oid.pack((*OTHER, 0)), size)
    before = time.process_time()
    found = plan({oid.pack((*ENTRY, 2)): shape}, most)
    assert time.process_time() - before < 10
    assert sorted(name for leg in found for name in leg.names) == sorted([*names, shape.beyond])
    assert max(len(leg.names) for leg in found) <= most


async def test_a_table_that_changes_at_every_poll_leaves_the_way_to_the_others_as_it_is() -> None:
    fixed = rows(range(1, 20), columns=(2, 3))
    agent = Changing(fixed)
    roots = [(*ENTRY, 2), (*ENTRY, 3), (*OTHER, 7)]
    with asking(agent, roots) as asker:
        ways = []
        for turn in range(8):
            table = fixed | {(*OTHER, 7, turn + row): row for row in range(1, 5)}
            agent.change(table)
            assert holds(await asker.poll(), table)
            ways.append(asker.habits.itinerary(tuple(asker.roots)))
    assert all(way is ways[-1] for way in ways[4:])


async def test_names_that_were_walked_again_are_kept_once() -> None:
    table = rows(range(1, 9))
    agent = Changing(table)
    with asking(agent, wanted()) as asker:
        first = await asker.poll()
        await asker.poll()
        agent.change(table | {(*ENTRY, 9, 99): 1})
        await asker.poll()
        agent.change(table)
        last = await asker.poll()
    root = oid.pack((*ENTRY, 2))
    assert last.columns[root].names == first.columns[root].names
    assert asker.habits.shapes[root].names is first.columns[root].names


async def test_what_a_poll_that_failed_brought_is_freed_with_it() -> None:
    """Not when the garbage collector comes by: thousands of targets may fail at once."""
    agent = Changing(rows(range(1, 9)))
    with asking(agent, wanted()) as asker:
        asker.scalars = [(*OTHER, 0)]
        assert holds(await asker.poll(), rows(range(1, 9)))
        asker.peer.timeout, asker.peer.tries = 0.1, 1
        agent.drop = lambda number: True
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):  # legs, columns together, columns one by one
                failed = await asker.poll()
                assert all(column.broken is not None for column in failed.columns.values())
                del failed
            left = [each for each in gc.get_objects() if type(each) is Column]
        finally:
            gc.enable()
    assert left == []


async def test_columns_in_doubt_are_walked_several_at_once() -> None:
    """One leg held them all; an agent far away would take as long as all of them one after another."""
    table = rows([1, 2], columns=(2, 4, 5)) | rows([1], columns=(3, 6))
    behind = Agent(table)
    most = 0

    def slowly(request: bytes, sender: tuple[str, int], each: socket.socket) -> list[bytes]:
        nonlocal most
        waiting = [request]
        time.sleep(0.05)
        each.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                waiting.append(each.recv(65_535))
        each.settimeout(0.05)
        most = max(most, len(waiting))
        return [behind.answer(one) or b"" for one in waiting]

    wire = Wire()
    with hostile.agent(slowly) as port:
        try:
            asker = Asker(wire, port, wanted([2, 3, 5, 6]))
            for _ in range(2):
                assert holds(await asker.poll(), table)
            most = 0
            assert holds(await asker.poll(), table)
            assert most == 1
            table = rows([1, *range(100, 160)])
            behind = Agent(table)
            assert holds(await asker.poll(), table)
        finally:
            wire.close()
    assert 1 < most <= WINDOW


async def test_a_place_that_its_owner_cannot_take_any_more_goes_to_the_next() -> None:
    """Many wait for a place when many polls are given up at once."""
    wire = Wire()
    with Responder([Agent(rows([1]))], silent=1) as served:
        live, dead = (
            Peer(socket.AF_INET, ("127.0.0.1", port), Community("public"), 5.0, 1, 1e6)
            for port in served.ports
        )

        def make(number: int, _sent: int) -> bytes:
            return messages.request(GET, number, [oid.pack((*OTHER, 0))])

        async def once(agent: Peer) -> Reply:
            return await Asking(agent, make)

        async def leaves() -> None:
            try:
                await run(wire, once(dead))
            finally:
                second.cancel()

        try:
            await run(wire, once(live))
            wire._room = 1
            first = asyncio.create_task(leaves())
            await asyncio.sleep(0)
            second = asyncio.create_task(run(wire, once(live)))
            third = asyncio.create_task(run(wire, once(live)))
            await asyncio.sleep(0.01)
            first.cancel()
            reply = await asyncio.wait_for(third, 3)
            assert second.cancelled()
        finally:
            wire.close()
    assert reply.answer.values == [1]
    assert wire._room == 1


async def test_what_waits_for_a_place_fails_when_polling_ends_and_asks_no_more() -> None:
    wire = Wire()
    with Responder([], silent=1) as served:
        dead = Peer(socket.AF_INET, ("127.0.0.1", served.ports[0]), Community("public"), 5.0, 1, 1e6)

        def make(number: int, _sent: int) -> bytes:
            return messages.request(GET, number, [oid.pack((*OTHER, 0))])

        async def again() -> list[str]:
            said = []
            for _ in range(3):
                try:
                    await Asking(dead, make)
                except PollError as error:
                    said.append(str(error))
            return said

        under_way = asyncio.create_task(run(wire, again()))
        await asyncio.sleep(0)
        wire._room = 0
        waiting = asyncio.create_task(run(wire, again()))
        await asyncio.sleep(0)
        wire.close()
        for task in (under_way, waiting):
            assert await asyncio.wait_for(task, 3) == ["internal: polling has ended"] * 3
    assert not wire._sockets


async def test_what_an_agent_teaches_on_the_way_is_no_loss() -> None:
    """SNMPv3: it restarts between two requests, and the leg that was refused is asked again, as long as it was."""
    table = rows(range(1, 49))
    engine = Engine(Agent(table))
    wire, asked = Wire(), []

    def answer(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes:
        heard = engine.hear(request)
        asked.append(heard)
        return engine.answer(heard)

    credential = SnmpV3.model_validate(
        {"snmp": "v3", "user": engines.USER, "auth": "SHA-256", "auth_password": engines.AUTH}
        | {"privacy": "AES", "privacy_password": engines.PRIVACY}
    )
    with hostile.agent(answer) as port:
        try:
            asker = Asker(wire, port, wanted())
            asker.peer = Peer(socket.AF_INET, ("127.0.0.1", port), Usm(credential), 1.0, 3, 1e6)
            for _ in range(2):
                assert holds(await asker.poll(), table)
            asked.clear()
            assert holds(await asker.poll(), table)
            usual = len(asked)
            asked.clear()
            engine.rename(b"\x80\x00\x1f\x88\x04second")
            engine.boots, engine.begun = 3, time.monotonic()
            found = await asker.poll()
            assert holds(found, table)
        finally:
            wire.close()
    assert len(asked) <= usual + 2 * WINDOW
    assert sum(column.retries for column in found.columns.values()) == 0
    assert not asker.habits.fickle


async def test_a_row_never_goes_by_another_name_when_the_column_of_its_name_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An interface without ifName is called by its ifDescr; one whose ifName did not come in time is not."""
    monkeypatch.setenv("JAUGE_TEST_PUBLIC", "public")
    ports = range(1, 49)
    columns: dict[Oid, Callable[[int], Value]] = {
        (2, 2, 1, 2): lambda port: f"description {port}",
        (2, 2, 1, 8): lambda port: 1,
        (31, 1, 1, 1, 1): lambda port: f"eth{port}",
    }
    table: Table = {
        (1, 3, 6, 1, 2, 1, *root, port): of(port) for root, of in columns.items() for port in ports
    }
    table |= {(1, 3, 6, 1, 2, 1, 1, 1, 0): "a switch", (1, 3, 6, 1, 2, 1, 1, 3, 0): 360_000}
    agent = Fading(table)
    login = SnmpV2c.model_validate({"snmp": "v2c", "community": "env:JAUGE_TEST_PUBLIC"})
    with Responder([agent]) as served:
        access = Snmp(credential="login", port=served.ports[0], family="if-mib", retries=0)
        target = Target(name="switch", address="127.0.0.1", snmp=access, timeout=3)
        poller = Poller(Estate(credentials={"login": login}, targets=(target,)))
        try:
            for _ in range(2):
                whole = await poller.poll(target)
            agent.ignores = lambda request: any(
                name[:10] == (1, 3, 6, 1, 2, 1, 31, 1, 1, 1) for name in Request(request).names
            )
            lost = await poller.poll(target)
            agent.ignores = lambda request: False
            again = [await poller.poll(target) for _ in range(2)]
        finally:
            poller.close()

    def named(found: Poll) -> set[str]:
        return {dict(sample.labels)["interface"] for sample in found if sample.metric == "jauge_interface_up"}

    assert named(whole) == {f"eth{port}" for port in ports}
    assert named(lost) <= named(whole)
    assert [table.reason for table in lost.tables if table.name == "interfaces"] == ["timeout"]
    assert [named(found) for found in again] == [named(whole)] * 2


# --- agents that bend their answers once they are known ---------------------------------------------------


def binds_of(said: bytes) -> tuple[list[bytes], Callable[[list[bytes]], bytes]]:
    """The varbinds of an answer, and what makes an answer of others."""
    version, community, pdu = responder.parts(next(responder.parts(said)).body)
    number, status, index, listed = responder.parts(pdu.body)
    head = wrap(version.tag, version.body) + wrap(community.tag, community.body)
    start = b"".join(wrap(field.tag, field.body) for field in (number, status, index))
    binds = [wrap(bind.tag, bind.body) for bind in responder.parts(listed.body)]
    return binds, lambda other: wrap(
        0x30, head + wrap(responder.RESPONSE, start + wrap(0x30, b"".join(other)))
    )


def instead(binds: list[bytes], place: int, value: bytes) -> list[bytes]:
    name = next(responder.parts(next(responder.parts(binds[place])).body))
    return [*binds[:place], wrap(0x30, wrap(0x06, name.body) + value), *binds[place + 1 :]]


Bend = Callable[[list[bytes]], list[bytes]]
BENT: dict[str, Bend] = {
    "one less": lambda binds: binds[:-1],
    "only the first": lambda binds: binds[:1],
    "none": lambda _binds: [],
    "one more": lambda binds: [*binds, binds[0]],
    "each twice": lambda binds: [bind for bind in binds for _ in range(2)],
    "the last ones swapped": lambda binds: [*binds[:-2], *reversed(binds[-2:])],
    "the first ones swapped": lambda binds: [*reversed(binds[:2]), *binds[2:]],
    "one left out within": lambda binds: [*binds[: len(binds) // 2], *binds[len(binds) // 2 + 1 :]],
    "the end of all within": lambda binds: instead(binds, len(binds) // 2, b"\x82\x00"),
    "the end of all at first": lambda binds: instead(binds, 0, b"\x82\x00"),
    "no such instance within": lambda binds: instead(binds, len(binds) // 2, b"\x81\x00"),
    "a text for a number": lambda binds: instead(binds, len(binds) // 2, b"\x04\x01\x07"),
}


class Bent(Changing):
    """An agent that bends its answers, where a test says so."""

    bend: Bend | None = None

    def answer(self, request: bytes) -> bytes | None:
        said = super().answer(request)
        if said is None or self.bend is None:
            return said
        binds, make = binds_of(said)
        return make(self.bend(binds))


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
async def test_what_an_agent_bends_is_never_the_value_of_another_row_and_mends_itself(bend: Bend) -> None:
    table = rows(range(1, 49)) | {(*OTHER, number, 0): 50 + number for number in range(3, 9)}
    agent = Bent(table)
    with asking(agent, wanted()) as asker:
        asker.scalars = [(*OTHER, number, 0) for number in range(3, 9)]
        asker.peer.timeout, asker.peer.tries = 0.2, 2
        for _ in range(2):
            assert holds(await asker.poll(), table)
        agent.bend = bend
        for _ in range(3):
            found = await asker.poll()
            cells = [
                pair for one in found.columns.values() for pair in zip(one.names, one.values, strict=True)
            ]
            for name, value in [*cells, *found.scalars.items()]:
                assert value in (None, b"\x07", table[oid.unpack(name)])
        agent.bend = None
        for _ in range(2):
            assert holds(await asker.poll(), table)


DEEP = (*OTHER, *range(1, 128 - len(OTHER)))
NESTED: dict[str, tuple[list[Oid], list[Table]]] = {
    "columns within columns": (
        [ENTRY, (*ENTRY, 2), (*ENTRY, 3), (*ENTRY, 3, 7), (*ENTRY, 12)],
        [rows([1, 7, 9]), rows([7]), rows([1, 2]), {}, rows([7, 8], columns=(3,))],
    ),
    "the last row of all in a column within a column": (
        [(*ENTRY, 2), (*ENTRY, 2, 5)],
        [{(*ENTRY, 2, 1): 1, (*ENTRY, 2, 5): 2}, {(*ENTRY, 2, 1): 1, (*ENTRY, 2, 5, 3): 2}, {(*ENTRY, 2, 5, 9): 1}],
    ),
    "numbers of three bytes and more": (
        [(*ENTRY, 2), (*ENTRY, 70_000), (*ENTRY, 2**31)],
        [
            {(*ENTRY, column, row): row % 1000 for column in (2, 70_000, 2**31) for row in each}
            for each in ([1, 200, 16_383, 16_384, 2**21, 2**32 - 1], [127, 128, 2**28], [2**32 - 1])
        ],
    ),
    "names of 128 numbers": (
        [OTHER, DEEP[:-1]],
        [{DEEP: 1, (*DEEP[:-1], 2**32 - 1): 2}, {DEEP: 1}, {(*DEEP[:-1], 2**32 - 1): 7}],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("roots", "tables"), NESTED.values(), ids=NESTED)
async def test_unusual_names_are_read_as_they_are(roots: list[Oid], tables: list[Table]) -> None:
    agent = Changing({})
    with asking(agent, roots) as asker:
        for table in [same for each in (*tables, *tables) for same in (each, each, each)]:
            agent.change(table)
            assert holds(await asker.poll(), table)


async def test_columns_that_an_agent_answers_in_another_order_do_not_look_empty() -> None:
    """What is said of one column in the place of another is not its end."""
    table = rows([1, 2, 3])
    agent = Bent(table)
    with asking(agent, wanted()) as asker:
        for _ in range(2):
            assert holds(await asker.poll(), table)
        agent.bend = BENT["the first ones swapped"]
        for _ in range(3):
            found = await asker.poll()
            for root, column in found.columns.items():
                if column.broken is None:
                    assert len(column.names) == 3, f"{oid.decode(root)} looks whole"
