"""Who is due, on a clock of the event loop."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.board import Board
from collectors.poll import Poll, Table
from collectors.schedule import Scheduler, following, share
from inventory.estate import Target


def outcome(target: Target, reason: str | None = None) -> Poll:
    table = Table(
        "t",
        time.time(),
        0.0,
        series=() if reason else (("jauge_load1", ()),),
        values=() if reason else (1.0,),
    )
    if reason:
        table = Table("t", time.time(), 0.0, reason=reason)  # type: ignore[arg-type]
    return Poll(target.name, time.time(), 0.0, (table,))


def board(*names: str, interval: float = 0.2) -> Board:
    return Board([Target(name=name, host=True, interval=interval, timeout=5) for name in names])


async def test_every_target_is_polled_on_its_own_interval() -> None:
    times: dict[str, list[float]] = {}

    async def ask(target: Target, _patience: float) -> Poll:
        times.setdefault(target.name, []).append(time.monotonic())
        return outcome(target)

    scheduler = Scheduler(board("a", "b", "c"), ask)
    scheduler.start()
    await asyncio.sleep(1.3)
    await scheduler.stop()
    for found in times.values():
        assert 4 <= len(found) <= 8
        gaps = [after - before for before, after in itertools.pairwise(found[1:])]
        assert statistics.median(gaps) == pytest.approx(0.2, abs=0.1)


async def test_a_target_that_hangs_does_not_hold_the_others() -> None:
    done: list[str] = []

    async def ask(target: Target, _patience: float) -> Poll:
        if target.name == "dead":
            await asyncio.sleep(60)
        done.append(target.name)
        return outcome(target)

    targets = board("dead", "live")
    scheduler = Scheduler(targets, ask)
    scheduler.start()
    await asyncio.sleep(0.9)
    start = time.monotonic()
    await scheduler.stop()
    assert time.monotonic() - start < 2
    assert done.count("live") >= 2
    assert not scheduler.ready
    assert targets["dead"].poll is None


async def test_a_poll_that_outlasts_its_interval_makes_turns_fall_out() -> None:
    running, most, skipped = 0, 0, []

    async def ask(target: Target, _patience: float) -> Poll:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.5)
        running -= 1
        return outcome(target)

    targets = board("slow")
    scheduler = Scheduler(targets, ask, skipped=lambda: skipped.append(1))
    scheduler.start()
    await asyncio.sleep(1.6)
    await scheduler.stop()
    assert most == 1
    assert targets["slow"].skipped == len(skipped) >= 2


async def test_who_asks_at_once_shares_one_poll() -> None:
    asked = 0

    async def ask(target: Target, _patience: float) -> Poll:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return outcome(target)

    targets = board("a")
    scheduler = Scheduler(targets, ask)
    polls = await asyncio.gather(*(scheduler.poll_now("a", 5) for _ in range(20)))
    assert asked == 1
    assert all(poll is polls[0] for poll in polls)
    assert scheduler.ready


async def test_a_listener_that_fails_does_not_stop_the_polling() -> None:
    def listen(_poll: Poll, _late: float) -> None:
        raise RuntimeError("the disk is full")

    targets = board("a")

    async def ask(target: Target, _patience: float) -> Poll:
        return outcome(target)

    scheduler = Scheduler(targets, ask, (listen,))
    assert (await scheduler.poll_now("a", 1)).up


async def test_a_failed_table_keeps_its_values_for_two_intervals() -> None:
    targets = board("a", interval=0.6)
    answers = [None, "timeout", "timeout"]

    async def ask(target: Target, _patience: float) -> Poll:
        return outcome(target, answers.pop(0))

    scheduler = Scheduler(targets, ask)
    await scheduler.poll_now("a", 1)
    await scheduler.poll_now("a", 1)
    kept = targets["a"].poll
    assert kept is not None
    assert [sample.value for sample in kept] == [1.0]
    assert kept.tables[0].reason == "timeout"
    await asyncio.sleep(1.3)
    await scheduler.poll_now("a", 1)
    gone = targets["a"].poll
    assert gone is not None
    assert list(gone) == []
    assert targets["a"].errors == {"timeout": 2}


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0.1, 1e5), st.floats(0, 3e6))
def test_the_next_turn_is_on_the_grid_and_in_the_future(
    begin: float, offset: float, every: float, later: float
) -> None:
    steady, due = begin + offset % every, begin
    now = due + later
    next_due, missed = following(due, steady, every, now)
    assert next_due > now or next_due == pytest.approx(now, abs=1e-3 + 1e-9 * now)
    assert missed >= 0
    turns = (next_due - steady) / every
    assert turns == pytest.approx(round(turns), abs=1e-3)


@given(st.text())
def test_a_target_always_starts_at_the_same_share_of_its_interval(name: str) -> None:
    assert 0 <= share(name) < 1
    assert share(name) == share(name)
