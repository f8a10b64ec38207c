"""Several processes that poll for one collector: the same polls as by one, and none lost with one of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import hostile
import psutil
import pytest
import servers
from collecting import Collector, collecting, until
from responder import Agent, Responder, Switch, server

from collectors.poll import Poll
from collectors.polling import Poller
from collectors.workers import Workers
from inventory.credentials import SnmpV2c
from inventory.estate import Estate, Snmp, Target
from inventory.sharding import place

COMMUNITY = "public"
USED = "jauge_storage_used_bytes"


def names(worker: int, count: int) -> list[str]:
    """Names that belong to one of two workers."""
    every = (f"box-{number}" for number in range(1000))
    return [name for name in every if place(name, 2, "worker") == worker][:count]


FIRST, SECOND = names(0, 3), names(1, 3)


@pytest.fixture
def agents() -> Iterator[Responder]:
    """Six canned agents with 1000, 2000 ... units in use, and a port that never answers."""
    with Responder([Agent(server(1000 * number)) for number in range(1, 7)], silent=1) as responder:
        yield responder


def estate(ports: dict[str, int], timeout: float = 20.0) -> Estate:
    return Estate(
        credentials={"all": SnmpV2c.model_validate({"snmp": "v2c", "community": COMMUNITY})},
        targets=tuple(
            Target(
                name=name, address=servers.LOOPBACK, timeout=timeout, snmp=Snmp(credential="all", port=port)
            )
            for name, port in ports.items()
        ),
    )


@contextlib.asynccontextmanager
async def working(declared: Estate, count: int = 2) -> AsyncIterator[Workers]:
    workers = Workers(declared, count)
    try:
        yield workers
    finally:
        pids = workers.pids
        workers.close()
        assert not [pid for pid in pids if psutil.pid_exists(pid)]


async def soon(true: Callable[[], object], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.05)


def said(poll: Poll) -> list[object]:
    """All of a poll but when it was, and how long it took."""
    tables = [(t.name, t.up, t.reason, t.detail, t.series, t.values, t.rows, t.retries) for t in poll.tables]
    return [poll.target, poll.up, poll.family, poll.product, poll.version, tables]


# --- the same polls -------------------------------------------------------------------------------------


async def test_polls_are_those_of_a_poller_in_this_process(agents: Responder) -> None:
    declared = estate(dict(zip([*FIRST, *SECOND, "silent"], agents.ports, strict=True)), timeout=1.0)
    alone = Poller(declared)
    async with working(declared) as workers:
        for name in (
            FIRST[0],
            SECOND[0],
        ):  # until they have started, which takes as long as the machine is busy
            target = declared.target(name)
            assert target is not None
            await workers.poll(target.model_copy(update={"timeout": 30.0}))
        for target in declared.targets:
            ours, theirs = await alone.poll(target), await workers.poll(target)
            assert said(theirs) == said(ours)
            assert theirs.up == (target.name != "silent")
        used = [dict(zip(table.series, table.values, strict=True)) for table in theirs.tables]
        assert used == [{}]  # of the silent one
        assert len(workers.pids) == 2
    alone.close()


async def test_the_names_of_series_cross_once_and_stay_the_same_tuple(agents: Responder) -> None:
    declared = estate({FIRST[0]: agents.ports[0]})
    async with working(declared) as workers:
        first = await workers.poll(declared.targets[0])
        second = await workers.poll(declared.targets[0])
    assert [table.series for table in first.tables if table.series]
    for before, after in zip(first.tables, second.tables, strict=True):
        assert before.name == after.name
        if before.series:
            assert before.series is after.series


async def test_the_steps_of_a_poll_are_told_where_they_are_wanted(agents: Responder) -> None:
    declared = estate({FIRST[0]: agents.ports[0]})
    steps: list[str] = []
    async with working(declared) as workers:
        await workers.poll(declared.targets[0], lambda step: steps.append(step.asked))
    assert any(step.startswith("WALK 1.3.6.1.2.1.25.2.3.1") for step in steps)


async def test_another_estate_reaches_the_workers(agents: Responder) -> None:
    before = estate({FIRST[0]: agents.ports[0], SECOND[0]: agents.ports[1]})
    after = estate({FIRST[0]: agents.ports[2], SECOND[1]: agents.ports[3]})
    async with working(before) as workers:
        for target in before.targets:
            assert (await workers.poll(target)).up
        workers.reload(after)
        found = [await workers.poll(target) for target in after.targets]
    assert [value for poll in found for metric, value in figures(poll) if metric == USED] == [
        3000 * 4096,
        4000 * 4096,
    ]


def figures(poll: Poll) -> list[tuple[str, float]]:
    return [(sample.metric, sample.value) for sample in poll]


# --- a worker that dies, hangs or is not there ------------------------------------------------------------


async def test_a_worker_that_is_killed_is_back_and_only_its_own_polls_end(agents: Responder) -> None:
    switch = Switch(server())
    with Responder([switch]) as other:
        declared = estate({FIRST[0]: other.ports[0], SECOND[0]: agents.ports[1]})
        waiting, well = declared.targets
        async with working(declared) as workers:
            assert (await workers.poll(well)).up
            assert (await workers.poll(waiting)).up
            switch.silent = True
            poll = asyncio.create_task(workers.poll(waiting))
            await asyncio.sleep(1.0)  # it is under way, and nobody answers it
            os.kill(workers.pids[0], signal.SIGKILL)
            lost = await asyncio.wait_for(poll, 2)
            assert {(table.reason, table.detail) for table in lost.tables} == {
                ("internal", "its worker process ended: see the log")
            }
            assert (await workers.poll(well)).up
            await soon(lambda: workers.restarts == 1 and len(workers.pids) == 2)
            switch.silent = False
            assert (await workers.poll(waiting)).up


async def test_the_tables_of_a_target_fail_by_their_names_when_its_worker_ends(agents: Responder) -> None:
    declared = estate({FIRST[0]: agents.ports[0]})
    async with working(declared, 1) as workers:
        before = await workers.poll(declared.targets[0])
        os.kill(workers.pids[0], signal.SIGSTOP)
        poll = asyncio.create_task(workers.poll(declared.targets[0]))
        await asyncio.sleep(0.3)
        os.kill(workers.pids[0], signal.SIGKILL)
        lost = await poll
    assert [table.name for table in lost.tables] == [table.name for table in before.tables]
    assert {table.reason for table in lost.tables} == {"internal"}


async def test_a_worker_that_hangs_is_ended_and_replaced(agents: Responder) -> None:
    declared = estate({FIRST[0]: agents.ports[0]})
    async with working(declared, 1) as workers:
        assert (await workers.poll(declared.targets[0])).up
        former = workers.pids[0]
        os.kill(former, signal.SIGSTOP)
        lost = await workers.poll(declared.targets[0], patience=0.5)
        assert [table.detail for table in lost.tables] == [
            "its worker process did not answer in time: see the log" for _ in lost.tables
        ]
        await soon(lambda: workers.pids and workers.pids != [former])
        assert (await workers.poll(declared.targets[0])).up


# --- the whole program ------------------------------------------------------------------------------------


def write(place_: Path, ports: dict[str, int], community: str = COMMUNITY) -> Path:
    path = place_ / "estate.yml"
    listed = "".join(
        f"  - {{name: {name}, address: 127.0.0.1, port: {port}}}\n" for name, port in ports.items()
    )
    path.write_text(
        f"credentials: {{all: {{snmp: v2c, community: {community}}}}}\n"
        f"defaults: {{interval: 1s, timeout: 0.8s, credential: all}}\ntargets:\n{listed}"
    )
    return path


def workers_of(collector: Collector) -> list[psutil.Process]:
    """The worker processes of a running collector."""
    found = []
    for one in psutil.Process(collector.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended since, or is about to be waited for
            if "collectors.worker" in one.cmdline():
                found.append(one)
    return found


def test_each_worker_polls_the_names_that_their_hash_gives_it_and_no_other(tmp_path: Path) -> None:
    heard: dict[str, set[int]] = {name: set() for name in (*FIRST, *SECOND)}
    canned = Agent(server())

    def listen(name: str) -> hostile.Answer:
        def answer(request: bytes, sender: tuple[str, int], _: socket.socket) -> bytes | None:
            heard[name].add(sender[1])
            return canned.answer(request)

        return answer

    with contextlib.ExitStack() as stack:
        path = write(tmp_path, {name: stack.enter_context(hostile.agent(listen(name))) for name in heard})
        for _ in range(2):  # a start after another finds the same
            for ports in heard.values():
                ports.clear()
            with collecting(path, more=["--workers", "2"]) as collector:
                until(lambda: all(heard.values()))
                sockets = [ports_of(process) for process in (*workers_of(collector), collector_of(collector))]
            senders = {name: [bool(ports & found) for found in sockets] for name, ports in heard.items()}
            first, second = senders[FIRST[0]], senders[SECOND[0]]
            assert sorted([first, second]) == [[False, True, False], [True, False, False]]
            assert senders == dict.fromkeys(FIRST, first) | dict.fromkeys(SECOND, second)


def ports_of(process: psutil.Process) -> set[int]:
    """The UDP ports that a process sends from."""
    return {one.laddr.port for one in process.net_connections("udp")}


def collector_of(collector: Collector) -> psutil.Process:
    return psutil.Process(collector.process.pid)


def test_values_keep_coming_while_a_worker_is_killed(agents: Responder, tmp_path: Path) -> None:
    path = write(tmp_path, dict(zip([*FIRST, *SECOND], agents.ports, strict=False)))
    with collecting(path, more=["--workers", "2"]) as collector:
        every = {f"{1000 * number * 4096:.0f}" for number in range(1, 7)}

        def used() -> set[str]:
            return {f"{value:.0f}" for value in collector.samples("/metrics/estate", USED).values()}

        until(lambda: used() == every)
        victim = workers_of(collector)[0]
        victim.kill()
        assert used() == every  # the last values stay while they are young
        until(
            lambda: (
                len(workers_of(collector)) == 2 and victim.pid not in {w.pid for w in workers_of(collector)}
            ),
            15,
        )
        now = time.time()
        until(lambda: all(one["up"] and one["at"] > now for one in collector.status().values()), 15)
        assert used() == every
        assert collector.said().count("worker ended") == 1
        assert "Traceback" not in collector.said()


def test_a_reload_reaches_the_workers_and_the_end_takes_them_along(agents: Responder, tmp_path: Path) -> None:
    path = write(tmp_path, {FIRST[0]: agents.ports[0]})
    with collecting(path, more=["--workers", "2"]) as collector:
        write(tmp_path, {SECOND[0]: agents.ports[1]})
        collector.process.send_signal(signal.SIGHUP)
        until(lambda: set(collector.samples("/metrics/estate", USED).values()) == {2000 * 4096})
        processes, start = workers_of(collector), time.monotonic()
        assert len(processes) == 2
        collector.process.send_signal(signal.SIGTERM)
        assert collector.process.wait(10) == 0
        assert time.monotonic() - start < 5
        assert not [one for one in processes if one.is_running()]


def test_workers_end_with_a_collector_that_is_killed(agents: Responder, tmp_path: Path) -> None:
    path = write(tmp_path, {FIRST[0]: agents.ports[0]})
    with collecting(path, more=["--workers", "2"]) as collector:
        processes = workers_of(collector)
        collector.process.kill()
        until(lambda: all(map(ended, processes)), 20)  # one that still loads hears of it when it has
    assert len(processes) == 2
    assert all(map(ended, processes))


def ended(process: psutil.Process) -> bool:
    """Whether a process is over, be it that nobody has asked yet how it ended."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_no_secret_stands_in_the_arguments_or_the_environment_of_a_worker(
    agents: Responder, tmp_path: Path
) -> None:
    path = write(tmp_path, {FIRST[0]: agents.ports[0]}, community="c4nary-c0mmunity")
    with collecting(path, more=["--workers", "2"]) as collector:
        for worker in workers_of(collector):
            place_ = Path("/proc", str(worker.pid))
            shown = (place_ / "cmdline").read_bytes() + (place_ / "environ").read_bytes()
            assert b"collectors.worker" in shown
            assert b"c4nary" not in shown
        assert "c4nary" not in collector.said()
