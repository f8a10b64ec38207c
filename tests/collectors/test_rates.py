"""Rates of interfaces, poll after poll: right or absent. Agents on real sockets, and net-snmp against the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
import servers
from responder import Agent, Oid, Responder, Value, wrap

from collectors.poll import Poll
from collectors.polling import Poller
from inventory.estate import Estate

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
IF: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
ETHERNET, LOOPBACK = 6, 24
GIGABIT = 1000
WAIT = 1.2
"""Seconds between two polls: the shortest time of which there is a rate, and some."""

RECEIVED, SENT = "jauge_interface_receive_bytes_per_second", "jauge_interface_transmit_bytes_per_second"
USED = "jauge_interface_receive_used_ratio"
ERRORS = "jauge_interface_receive_errors_per_second"


def unsigned(tag: int, value: int) -> bytes:
    return wrap(tag, value.to_bytes(value.bit_length() // 8 + 1))


@dataclasses.dataclass
class Port:
    """An interface and its counters; one of a `narrow` agent shows octets in 32 bits only."""

    name: str
    octets: int = 0
    errors: int = 0
    speed: int = GIGABIT  # Mbit/s
    kind: int = ETHERNET
    since: int = 0

    def wide(self, index: int) -> dict[Oid, Value]:
        columns = {1: self.name, 6: unsigned(0x46, self.octets), 10: unsigned(0x46, self.octets)}
        columns |= {15: unsigned(0x42, self.speed), 19: unsigned(0x43, self.since)}
        return {(*IF_X, column, index): value for column, value in columns.items()}

    def narrow(self, index: int) -> dict[Oid, Value]:
        counters = {10: self.octets % 2**32, 16: self.octets % 2**32, 13: 0, 14: self.errors, 19: 0, 20: 0}
        columns: dict[int, Value] = {2: self.name, 3: self.kind, 8: 1}
        columns[5] = unsigned(0x42, min(self.speed * 10**6, 2**32 - 1))
        columns |= {column: unsigned(0x41, value % 2**32) for column, value in counters.items()}
        return {(*IF, column, index): value for column, value in columns.items()}


class Counting(Agent):
    """An agent that counts what goes through its ports, the uptime of which runs as our clock does."""

    def __init__(self, ports: dict[int, Port], *, wide: bool = True) -> None:
        self.ports, self.wide = ports, wide
        self.started = time.monotonic() - 86_400
        self.before: Callable[[bytes], None] = lambda request: None
        super().__init__({})

    def answer(self, request: bytes) -> bytes | None:
        self.before(request)
        table: dict[Oid, Value] = {
            (*SYSTEM, 1, 0): "A switch",
            (*SYSTEM, 2, 0): (1, 3, 6, 1, 4, 1, 99999),
            (*SYSTEM, 3, 0): unsigned(0x43, round((time.monotonic() - self.started) * 100)),
        }
        for index, port in self.ports.items():
            table |= port.narrow(index) | (port.wide(index) if self.wide else {})
        super().__init__(table)
        return super().answer(request)


@dataclasses.dataclass
class Polled:
    """A poll, and when it began and ended."""

    poll: Poll
    began: float
    ended: float

    def rates(self, metric: str = RECEIVED) -> dict[str, float]:
        return {dict(each.labels)["interface"]: each.value for each in self.poll if each.metric == metric}


class Watched:
    """A poller of one target."""

    def __init__(self, estate: Estate) -> None:
        self._poller = Poller(estate)
        self._target = estate.targets[0]

    async def poll(self) -> Polled:
        began = time.monotonic()
        return Polled(await self._poller.poll(self._target), began, time.monotonic())

    def close(self) -> None:
        self._poller.close()


@pytest.fixture
def watch(agents: Any) -> Iterator[Callable[[Counting], Watched]]:
    """Serves a switch, and polls it."""
    open_: list[Any] = []

    def serve(switch: Counting) -> Watched:
        responder = Responder([switch])
        watched = Watched(agents.estate(responder.ports[0], agents.community("public")))
        open_.extend((watched, responder))
        return watched

    yield serve
    for each in open_:
        each.close()


def per_second(counted: float, first: Polled, second: Polled) -> tuple[float, float]:
    """The least and the greatest that a rate can be: a counter is read at some time of each poll."""
    return counted / (second.ended - first.began), counted / (second.began - first.ended)


def is_rate(found: float, counted: float, first: Polled, second: Polled) -> bool:
    least, most = per_second(counted, first, second)
    return least <= found <= most


async def test_a_rate_is_told_from_the_second_poll_on_across_a_wrap_of_32_or_64_bits(watch: Any) -> None:
    switch = Counting({1: Port("plain", 5_000_000), 2: Port("wraps", 2**64 - 1000, errors=2**32 - 40)})
    watched = watch(switch)
    first = await watched.poll()
    assert first.rates() == first.rates(USED) == first.rates(ERRORS) == {}
    await asyncio.sleep(WAIT)
    switch.ports[1].octets += 60_000_000
    switch.ports[2].octets = 29_000
    switch.ports[2].errors = 20
    second = await watched.poll()
    assert set(second.rates()) == {"plain", "wraps"}
    assert is_rate(second.rates()["plain"], 60_000_000, first, second)
    assert is_rate(second.rates(SENT)["wraps"], 30_000, first, second)
    assert is_rate(second.rates(USED)["plain"], 60_000_000 / 125_000_000, first, second)
    assert is_rate(second.rates(ERRORS)["wraps"], 60, first, second)
    assert second.rates(ERRORS)["plain"] == 0


async def test_what_did_not_count_on_has_no_rate_and_the_others_have_theirs(watch: Any) -> None:
    ports = {
        1: Port("steady", 1000),
        2: Port("back", 9_000_000),
        3: Port("reset", 1000, since=0),
        4: Port("jumps", 1000, errors=7),
        5: Port("swapped-a", 5_000_000),
        6: Port("swapped-b", 8_000_000),
        7: Port("gone", 1000),
        8: Port("impossible", 1000, speed=10),
    }
    switch = Counting(ports)
    watched = watch(switch)
    first = await watched.poll()
    await asyncio.sleep(WAIT)
    for port in ports.values():
        port.octets += 50_000_000
    ports[2].octets = 4_000_000
    ports[3].since = 8_640_100
    ports[4].octets, ports[4].errors = 10**18, 2**31
    switch.ports = {1: ports[1], 2: ports[2], 3: ports[3], 4: ports[4], 5: ports[6], 6: ports[5], 8: ports[8]}
    switch.ports[9] = Port("new", 50_000_000)
    second = await watched.poll()
    assert set(second.rates()) == {"steady", "impossible"}
    assert is_rate(second.rates()["steady"], 50_000_000, first, second)
    # What came is counted in 64 bits and true; that it is more than all of 10 Mbit/s is no share of anything.
    assert set(second.rates(USED)) == {"steady"}
    assert set(second.rates(ERRORS)) == {"steady", "back", "impossible"}
    await asyncio.sleep(WAIT)
    third = await watched.poll()
    assert set(third.rates()) == {port.name for port in switch.ports.values()}
    assert set(third.rates().values()) == {0.0}


async def test_a_restart_has_no_rate_though_every_counter_is_above_what_it_was(watch: Any) -> None:
    switch = Counting({1: Port("wan", 1000, errors=5)})
    watched = watch(switch)
    await watched.poll()
    await asyncio.sleep(WAIT)
    switch.started = time.monotonic() - 3
    switch.ports[1].octets, switch.ports[1].errors = 30_000, 9
    restarted = await watched.poll()
    assert restarted.poll.up
    assert restarted.rates() == restarted.rates(ERRORS) == {}
    await asyncio.sleep(6)  # until it has run for longer than an answer may be late
    await watched.poll()
    await asyncio.sleep(WAIT)
    assert (await watched.poll()).rates() == {"wan": 0.0}


async def test_a_restart_amid_a_poll_has_no_rate_at_either_end(watch: Any) -> None:
    """A counter near its top that begins anew looks like one that wrapped: sysUpTime is asked for again at the end."""
    switch = Counting({1: Port("wan", 2**32 - 1000)}, wide=False)
    watched = watch(switch)
    await watched.poll()
    await asyncio.sleep(WAIT)
    asked = 0

    def restart(_request: bytes) -> None:
        nonlocal asked
        asked += 1
        if asked == 2:  # after the answer that tells sysUpTime
            switch.started, switch.ports[1].octets = time.monotonic(), 500

    switch.before = restart
    assert (await watched.poll()).rates() == {}
    assert asked > 2
    await asyncio.sleep(WAIT)
    assert (await watched.poll()).rates() == {}


async def test_a_narrow_counter_is_read_where_its_line_is_too_slow_to_wrap_twice(watch: Any) -> None:
    ports = {
        1: Port("fast", 2**32 - 1000, speed=100),
        2: Port("unknown", 1000, speed=0),
        3: Port("ten-gigabit", 1000, speed=10_000),
        4: Port("lo", 1000, speed=10, kind=LOOPBACK),
    }
    switch = Counting(ports, wide=False)
    watched = watch(switch)
    first = await watched.poll()
    await asyncio.sleep(WAIT)
    for port in ports.values():
        port.octets += 6000
    second = await watched.poll()
    assert set(second.rates()) == {"fast"}
    assert is_rate(second.rates()["fast"], 6000, first, second)
    assert second.rates("jauge_interface_speed_bytes") == {"fast": 12_500_000}
    assert {table.name for table in second.poll.tables} >= {"interfaces", "interface-counters-32"}


async def test_a_switch_that_counts_in_64_bits_is_not_asked_for_less(watch: Any) -> None:
    watched = watch(Counting({1: Port("wan")}))
    assert "interface-counters-32" not in {table.name for table in (await watched.poll()).poll.tables}


CACHED = 16
"""Seconds after which net-snmp reads the kernel's counters again (15, in its ifTable), and some."""


async def test_net_snmp_rates_are_what_the_kernel_counted(agents: Any) -> None:
    """The truth is psutil's, of the loopback that the polls themselves go over, read before and after each."""

    def received() -> int:
        return int(psutil.net_io_counters(pernic=True)["lo"].bytes_recv)

    before = received()  # an agent that has only just started knows no older counters
    with (
        servers.snmpd() as agent,
        contextlib.closing(
            Watched(agents.estate(agent.port, agents.community("public"), family="if-mib"))
        ) as watched,
    ):
        await asyncio.sleep(6)  # until it has run for longer than an answer may be late
        first = await watched.poll()
        between = received()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(1000):
                sender.sendto(bytes(10_000), ("127.0.0.1", 9))
        sent = received()  # what others send from now on may be counted after the second poll
        await asyncio.sleep(CACHED)
        second = await watched.poll()
        end = received()
    assert sent - between >= 10_000_000
    assert per_second(sent - between, first, second)[0] <= second.rates()["lo"]
    assert second.rates()["lo"] <= per_second(end - before, first, second)[1]
