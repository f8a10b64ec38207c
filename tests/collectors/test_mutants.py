"""Mutants of recorded answers: straight into the decoder, and over real sockets into the engine.

A few thousand in `make test`, 100,000 of each in `make proof`, which prints its seed: JAUGE_SEED repeats it.
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import hostile
import pytest
from mutants import CPU_LIMIT, LONG, Costs, agent_of, mutant, recorded, seed
from responder import Agent, Oid, Value, pack, wrap

from collectors.snmp import messages
from collectors.snmp.ber import MalformedError
from collectors.snmp.column import Column
from collectors.snmp.habits import Habits
from collectors.snmp.messages import GET, GET_BULK, Community
from collectors.snmp.session import Harvest, Session
from collectors.snmp.wire import Agent as Peer
from collectors.snmp.wire import Sockaddr, Wire

MANY = 100_000
NUMBER = 0x1357_9BDF
SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
SCALARS = [pack((*SYSTEM, n, 0)) for n in (1, 2, 3, 5, 6)]
COLUMNS = 6


@pytest.fixture(scope="module")
def recordings(corpus: Path) -> list[Path]:
    return sorted((corpus / "recordings").glob("*.snmprec"))


@pytest.fixture(scope="module")
def answers(recordings: list[Path]) -> list[bytes]:
    """Answers of every recorded device: to a GET of its system, and to walks that begin anywhere in it."""
    chance = random.Random(1)
    found = []
    for path in recordings:
        agent = agent_of(path)
        asked = [messages.request(GET, NUMBER, SCALARS)]
        for rows in (1, 10, 64):
            starts = [pack(chance.choice(agent.names)) for _ in range(3)]
            asked.append(messages.request(GET_BULK, NUMBER, starts, 0, rows))
        found += [agent.answer(Community("public").seal(pdu, NUMBER)) or b"" for pdu in asked]
    return found


def roots_of(names: list[Oid], chance: random.Random) -> list[bytes]:
    """Columns of several rows, some of those that there are."""
    rows: dict[Oid, int] = {}
    for name in names:
        rows[name[:-1]] = rows.get(name[:-1], 0) + 1
    long = [root for root, count in rows.items() if count > 2]
    return sorted(map(pack, chance.sample(long, min(len(long), COLUMNS))))


@pytest.mark.parametrize("count", [10_000, pytest.param(MANY, marks=LONG)])
def test_a_mutant_is_read_or_refused_and_costs_little(
    count: int, answers: list[bytes], tell: Callable[[str], None]
) -> None:
    assert len(answers) > 200
    start = seed(count < MANY)
    chance, community, costs, read = random.Random(start), Community("public"), Costs(), 0
    for _ in range(count):
        sent = mutant(chance.choice(answers), chance.choice(answers), chance)
        before = time.thread_time_ns()
        try:
            found = messages.answer(*community.open(sent, messages.number_of(sent)), NUMBER)
            column = Column(found.names[0][:-1] if found.names else b"\x2b")
            column.take(found.names, found.values, bool(found.ended))
        except MalformedError:
            found = None
        costs.nanoseconds.append(time.thread_time_ns() - before)
        if found is not None:
            read += 1
            assert_harmless(found, column, sent)
    tell(f"decoder: seed {start}, {count} mutants, {read} read, {costs}")
    assert count / 20 < read < count
    assert costs.high <= CPU_LIMIT


def assert_harmless(found: messages.Answer, column: Column, sent: bytes) -> None:
    """What was read stands in the datagram, and keeps the rules of its type."""
    assert len(found.names) == len(found.values)
    assert all(name in sent and 0 < len(name) <= 640 and name[-1] < 0x80 for name in found.names)
    for value in found.values:
        assert value is None or (value in sent if isinstance(value, bytes) else -(2**31) <= value < 2**64)
    assert all(name.startswith(column.root) for name in column.names)
    assert len(set(column.names)) == len(column.names)


class Timed(Wire):
    """A wire that says what its datagrams cost, and what they threw."""

    def __init__(self) -> None:
        super().__init__()
        self.costs = Costs()
        self.thrown: list[Exception] = []

    def _heard(self, datagram: bytes, sender: Sockaddr) -> None:
        before = time.thread_time_ns()
        try:
            super()._heard(datagram, sender)
        except Exception as error:
            self.thrown.append(error)
            raise
        finally:
            self.costs.nanoseconds.append(time.thread_time_ns() - before)


GROWN = 0.03
"""Share of mutants that may be believed: most are to be refused, so that walks go on."""


class Device(NamedTuple):
    """An agent whose every value bears its mark: in the text, or in the upper half of the Counter64."""

    agent: Agent
    mark: bytes

    @classmethod
    def of(cls, path: Path, chance: random.Random) -> Device:
        mark = b"\x7e" + chance.randbytes(3)
        table: dict[Oid, Value] = {}
        for row in recorded(path):
            number = wrap(0x46, mark + chance.randbytes(4))
            table[row.name] = wrap(0x04, mark + row.value[2:60]) if row.value[0] == 0x04 else number
        return cls(Agent(table, 1300), mark)

    def owns(self, value: int | bytes) -> bool:
        return (
            value if isinstance(value, bytes) else value.to_bytes(9, signed=True).lstrip(b"\0")
        ).startswith(self.mark)


class Pair:
    """Two devices that are polled at once. Each answers with mutants before what is right, and for the other too."""

    PORTION = 8

    def __init__(self, devices: list[Device], chance: random.Random) -> None:
        self.devices = devices
        self.chances = [random.Random(chance.random()) for _ in devices]
        self.sockets: dict[int, socket.socket] = {}
        self.last = [b"0"] * len(devices)
        self.sent = 0

    def answering(self, place: int) -> hostile.Answer:
        device, other, chance = self.devices[place], self.devices[1 - place], self.chances[place]

        def answer(request: bytes, sender: tuple[str, int], each: socket.socket) -> list[bytes]:
            self.sockets[place] = each
            right = device.agent.answer(request) or b""
            if 1 - place in self.sockets:  # the right number, from the wrong address, with the other's values
                self.sockets[1 - place].sendto(other.agent.answer(request) or b"", sender)
            bent = [mutant(right, self.last[place], chance, GROWN) for _ in range(self.PORTION)]
            self.last[place] = right
            self.sent += self.PORTION
            return [*bent, right]

        return answer


@pytest.mark.parametrize("count", [6_000, pytest.param(MANY, marks=LONG)])
def test_mutants_never_make_one_target_hold_the_values_of_another(
    count: int, recordings: list[Path], tell: Callable[[str], None]
) -> None:
    start = seed(count < MANY)
    chance = random.Random(start)
    tally = asyncio.run(over_sockets(count, recordings, chance))
    tell(
        f"sockets: seed {start}, {tally.sent} mutants, {tally.right} right values, {tally.bent} bent ones, "
        f"{tally.slowest:.2f} s the slowest poll, {tally.wire.costs}",
    )
    assert tally.unhandled == []
    assert tally.wire.thrown == []
    assert tally.right > count / 4
    assert tally.wire.strays > 0
    assert tally.wire.costs.high <= CPU_LIMIT


class Tally:
    """What came of many polls."""

    def __init__(self) -> None:
        self.wire = Timed()
        self.unhandled: list[dict[str, Any]] = []
        self.sent = self.right = self.bent = 0
        self.slowest = 0.0


PATIENCE = 4.0


async def over_sockets(count: int, recordings: list[Path], chance: random.Random) -> Tally:
    tally = Tally()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: tally.unhandled.append(context))
    try:
        while tally.sent < count:
            pair = Pair([Device.of(chance.choice(recordings), chance) for _ in range(2)], chance)
            await poll_pair(pair, tally, min(count - tally.sent, 2000), chance)
            tally.sent += pair.sent
        await asyncio.sleep(0.05)
    finally:
        tally.wire.close()
    return tally


async def poll_pair(pair: Pair, tally: Tally, count: int, chance: random.Random) -> None:
    with ExitStack() as stack:
        ports = [stack.enter_context(hostile.agent(pair.answering(place))) for place in (0, 1)]
        peers = [
            Peer(socket.AF_INET, ("127.0.0.1", port), Community("public"), 0.3, 4, 1e6) for port in ports
        ]
        habits = [Habits(), Habits()]
        while pair.sent < count:
            begun = time.monotonic()
            found = await asyncio.gather(
                *(
                    Session(tally.wire, peer, habit).collect(
                        roots_of(device.agent.names, chance), SCALARS, PATIENCE
                    )
                    for peer, habit, device in zip(peers, habits, pair.devices, strict=True)
                )
            )
            tally.slowest = max(tally.slowest, time.monotonic() - begun)
            assert time.monotonic() - begun < PATIENCE + 4
            for place, harvest in enumerate(found):
                weigh(pair, place, harvest, tally)


def weigh(pair: Pair, place: int, harvest: Harvest, tally: Tally) -> None:
    """No value of the other device is among what was read of this one."""
    own, other = pair.devices[place], pair.devices[1 - place]
    columns = [value for column in harvest.columns.values() for value in column.values]
    for value in [*columns, *harvest.scalars.values()]:
        if value is None:
            continue
        assert not other.owns(value)
        if own.owns(value):
            tally.right += 1
        else:
            tally.bent += 1
