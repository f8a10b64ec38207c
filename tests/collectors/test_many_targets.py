"""Two hundred targets at once, twenty of which never answer: everybody else is polled on time and right."""

from __future__ import annotations

import asyncio

import pytest
from responder import Agent, Responder

from collectors.board import Board
from collectors.poll import Poll
from collectors.schedule import Scheduler
from collectors.snmp.polling import Snmp as Collector
from inventory.credentials import SnmpV2c
from inventory.estate import Estate, Snmp, Target

LIVE, DEAD, INTERVAL = 180, 20, 12.0
DISKS = 9

HOST = (1, 3, 6, 1, 2, 1, 25)
STORAGE = (*HOST, 2, 3, 1)


def used(target: int, disk: int) -> int:
    """Allocation units of 4 KiB in use, different everywhere."""
    return 1_000_000 * disk + 10_000 * target


def table(target: int) -> dict[tuple[int, ...], int | str | tuple[int, ...]]:
    """A server of 100 varbinds: system, nine disks and its memory, eight processors, four interfaces."""
    rows: dict[tuple[int, ...], int | str | tuple[int, ...]] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): "Linux canned 6.1.0",
        (1, 3, 6, 1, 2, 1, 1, 2, 0): (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10),
        (*HOST, 1, 1, 0): 123_456,
        (*HOST, 2, 2, 0): 16_777_216,
    }
    for disk in range(1, DISKS + 1):
        rows |= {
            (*STORAGE, 1, disk): disk,
            (*STORAGE, 2, disk): (*HOST, 2, 1, 4),
            (*STORAGE, 3, disk): f"/srv/{disk}",
            (*STORAGE, 4, disk): 4096,
            (*STORAGE, 5, disk): 50_000_000,
            (*STORAGE, 6, disk): used(target, disk),
        }
    for processor in range(8):
        rows[*HOST, 3, 3, 1, 2, 196_608 + processor] = 10 + target % 80
    for port in range(1, 5):
        rows |= {
            (1, 3, 6, 1, 2, 1, 2, 2, 1, 2, port): f"eth{port}",
            (1, 3, 6, 1, 2, 1, 2, 2, 1, 8, port): 1,
            (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, port): f"eth{port}",
            (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 15, port): 1000,
        }
    return rows


def targets(ports: list[int]) -> tuple[Target, ...]:
    return tuple(
        Target(
            name=f"canned-{number:03d}", address="127.0.0.1", interval=INTERVAL, timeout=6.0,
            snmp=Snmp(credential="all", port=port),
        )
        for number, port in enumerate(ports)
    )  # fmt: skip


async def watch(estate: Estate, seconds: float) -> tuple[Board, dict[str, list[tuple[Poll, float]]]]:
    """Poll an estate for some seconds: the board, and each poll with how late it began."""
    collector, board = Collector(), Board(estate.targets)
    polls: dict[str, list[tuple[Poll, float]]] = {target.name: [] for target in estate.targets}

    async def ask(target: Target, patience: float) -> Poll:
        begin = asyncio.get_running_loop().time()
        found, _ = await collector.poll(
            target.model_copy(update={"timeout": patience}), estate, lambda _: None
        )
        return Poll(target.name, 0.0, asyncio.get_running_loop().time() - begin, tuple(found))

    def keep(poll: Poll, late: float) -> None:
        polls[poll.target].append((poll, late))

    scheduler = Scheduler(board, ask, (keep,))
    scheduler.start()
    await asyncio.sleep(seconds)
    await scheduler.stop()
    return board, polls


@pytest.mark.timeout(100)
async def test_every_live_target_of_two_hundred_is_polled_on_time_and_right() -> None:
    with Responder([Agent(table(number)) for number in range(LIVE)], silent=DEAD) as responder:
        credential = SnmpV2c.model_validate({"snmp": "v2c", "community": "public"})
        estate = Estate(credentials={"all": credential}, targets=targets(responder.ports))
        board, polls = await watch(estate, 2 * INTERVAL + 4)
    live = [f"canned-{number:03d}" for number in range(LIVE)]
    lateness = sorted(late + poll.seconds for name in live for poll, late in polls[name])
    assert min(len(polls[name]) for name in live) >= 2
    assert lateness[-1] < INTERVAL, f"a poll ended {lateness[-1]:.1f} s after it was due"
    assert lateness[int(len(lateness) * 0.95)] < INTERVAL / 2
    assert sum(standing.skipped for standing in board) == 0
    for number, name in enumerate(live):
        for poll, _ in polls[name]:
            assert all(each.up for each in poll.tables), [(t.name, t.reason, t.detail) for t in poll.tables]
            values = {
                dict(sample.labels).get("store"): sample.value
                for sample in poll
                if "used_bytes" in sample.metric
            }
            assert values == {f"/srv/{disk}": used(number, disk) * 4096 for disk in range(1, DISKS + 1)}
    for number in range(LIVE, LIVE + DEAD):
        found = polls[f"canned-{number:03d}"]
        assert found
        assert all(each.reason == "timeout" for poll, _ in found for each in poll.tables)
