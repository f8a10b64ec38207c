"""Who is due, on a clock of the event loop."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.board import Board
from collectors.clock import Clock
from collectors.poll import Poll, Table
from collectors.schedule import SOON_SECONDS, GoneError, Scheduler, following, rest, share
from exporters.status import Report, read
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
    assert time.monotonic() - start < 20  # of the 60 that the dead one takes
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


async def test_the_board_tells_since_when_a_poll_is_under_way_and_the_status_only_where_it_outlasts_its_interval(
    tmp_path: Path,
) -> None:
    release = asyncio.Event()

    async def ask(target: Target, _patience: float) -> Poll:
        if target.name == "slow":
            await release.wait()
        return outcome(target)

    places = board("slow", "quick", interval=60.0)
    scheduler, path = Scheduler(places, ask), tmp_path / "status.json"
    report, before = Report(path, places), time.time()
    polls = [asyncio.create_task(scheduler.poll_now(name, 5)) for name in ("slow", "quick")]
    await polls[1]
    begun = places["slow"].begun
    assert begun is not None
    assert before <= begun <= time.time()
    assert places["quick"].begun is None
    report.write(begun + 59)
    assert [one.begun for one in read(path).targets] == [None, None]
    assert report.write(begun + 61), "nothing else changed"
    assert [one.begun for one in read(path).targets] == [begun, None]
    release.set()
    await polls[0]
    await asyncio.sleep(0)
    report.write(begun + 62)
    assert [one.begun for one in read(path).targets] == [None, None]


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


class Line:
    """What stands at the other end: it answers, or all of it times out. `asked` holds the patience of each poll."""

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason
        self.asked: list[float] = []

    async def ask(self, target: Target, patience: float) -> Poll:
        self.asked.append(patience)
        return outcome(target, self.reason)


async def test_a_silent_target_is_asked_in_full_ever_more_rarely_and_never_left_alone() -> None:
    line = Line("timeout")
    watch = Scheduler(Board([Target(name="a", host=True, interval=60, timeout=10)]), line.ask)
    await turns(watch, 20)
    whole = [turn for turn, patience in enumerate(line.asked) if patience == 10]
    assert whole == [0, 2, 5, 9, 14, 19]
    assert set(line.asked) == {10, 2.5}


async def test_a_knock_that_is_answered_becomes_a_whole_poll_at_once() -> None:
    line = Line("timeout")
    told: list[Poll] = []
    watch = Scheduler(
        Board([Target(name="a", host=True, interval=60, timeout=10)]),
        line.ask,
        (lambda poll, _: told.append(poll),),
    )
    await turns(watch, 1)
    line.reason = None
    await turns(watch, 2)
    assert line.asked == [10, 2.5, 10, 10]
    assert [poll.up for poll in told] == [False, True, True]


@pytest.mark.parametrize("reason", ["refused", "auth_failed", "deadline"])
async def test_a_target_that_says_anything_is_always_asked_in_full(reason: str) -> None:
    line = Line(reason)
    await turns(Scheduler(Board([Target(name="a", host=True, interval=60, timeout=10)]), line.ask), 6)
    assert line.asked == [10] * 6


async def test_a_target_that_answers_in_part_is_always_asked_in_full() -> None:
    asked = []

    async def ask(target: Target, patience: float) -> Poll:
        asked.append(patience)
        good, bad = outcome(target).tables[0], outcome(target, "timeout").tables[0]
        return Poll(target.name, time.time(), 0.0, (good, bad))

    await turns(Scheduler(Board([Target(name="a", host=True, interval=60, timeout=10)]), ask), 4)
    assert asked == [10] * 4


async def turns(scheduler: Scheduler, count: int) -> None:
    """Let the only target have so many turns, without the waiting between them."""
    (watch,) = scheduler._watches.values()
    for _ in range(count):
        await scheduler._begin(watch, watch.standing.target.patience, 0.0, watch.knocking)


@given(st.integers(0, 10**6), st.floats(0.1, 86_400))
def test_no_silent_target_rests_longer_than_five_turns_or_five_minutes(silent: int, every: float) -> None:
    turns = rest(silent, every)
    assert 1 <= turns <= 5
    assert turns == 1 or turns * every <= 300


async def test_targets_that_stay_keep_their_standing_and_their_turns() -> None:
    line = Line()
    held = board("stays", "leaves", "changes", interval=0.2)
    scheduler = Scheduler(held, line.ask)
    scheduler.start()
    await asyncio.sleep(0.5)
    former = {name: held[name] for name in ("stays", "leaves", "changes")}
    listed = [*board("stays", "changes", "comes", interval=0.2)]
    scheduler.replace([standing.target for standing in listed], {"changes"})
    assert {standing.target.name for standing in held} == {"stays", "changes", "comes"}
    assert held["stays"] is former["stays"]
    assert held["changes"] is not former["changes"]
    assert held["changes"].poll is None
    last = former["leaves"].poll
    await asyncio.sleep(0.7)
    assert former["leaves"].poll is last
    assert all(standing.poll is not None for standing in held)
    await scheduler.stop()


async def test_who_waits_for_a_target_that_leaves_is_told_so() -> None:
    async def ask(_target: Target, _patience: float) -> Poll:
        await asyncio.sleep(60)
        raise AssertionError

    scheduler = Scheduler(board("a"), ask)
    waiting = asyncio.create_task(scheduler.poll_now("a", 60))
    await asyncio.sleep(0.05)
    scheduler.replace([], ())
    with pytest.raises(GoneError, match="a is not polled"):
        await asyncio.wait_for(waiting, 1)


async def test_who_stops_waiting_does_not_end_the_poll() -> None:
    held = board("a")

    async def ask(target: Target, _patience: float) -> Poll:
        await asyncio.sleep(0.1)
        return outcome(target)

    scheduler = Scheduler(held, ask)
    waiting = asyncio.create_task(scheduler.poll_now("a", 5))
    await asyncio.sleep(0.02)
    waiting.cancel()
    await asyncio.sleep(0.2)
    assert held["a"].poll is not None


async def test_ten_thousand_traps_make_two_polls() -> None:
    line = Line()
    scheduler = Scheduler(board("a"), line.ask)
    for _ in range(10_000):
        scheduler.poll_soon("a")
        scheduler.poll_soon("nobody")
    await asyncio.sleep(0.05)
    assert len(line.asked) == 1  # at once
    for _ in range(10_000):
        scheduler.poll_soon("a")
    await asyncio.sleep(0.3)
    assert len(line.asked) == 1  # the next one waits: nothing is forgotten, nothing is hurried
    (watch,) = scheduler._watches.values()
    assert watch.soon is not None
    assert 4 < watch.soon.when() - asyncio.get_running_loop().time() <= SOON_SECONDS
    await scheduler.stop()


async def test_a_fault_of_ours_does_not_end_the_turns_of_a_target() -> None:
    asked = 0

    async def ask(target: Target, _patience: float) -> Poll:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise RuntimeError("ours")
        return outcome(target)

    held = board("a")
    scheduler = Scheduler(held, ask)
    scheduler.start()
    async with asyncio.timeout(20):
        while held["a"].poll is None:
            await asyncio.sleep(0.02)
    await scheduler.stop()
    assert asked >= 2


@given(st.floats(-1e6, 1e6), st.floats(0, 1e5))
def test_times_on_the_board_move_with_the_clock(jump: float, waited: float) -> None:
    held, wall, steady = board("a"), [1_780_000_000.0], [50.0]
    held.clock = Clock(held._shift, lambda: wall[0], lambda: steady[0])
    table = Table("t", wall[0], 0.0, (("jauge_load1", ()),), (1.0,))
    held["a"].record(Poll("a", wall[0], 0.0, (table,)))
    wall[0] += waited + jump
    steady[0] += waited
    now = held.clock()
    assert now == wall[0]
    poll = held["a"].poll
    assert poll is not None
    allowed = 1.0 + 1e-6  # below a second a clock is slewed, not set
    for at in (poll.at, poll.tables[0].at, held["a"].last_success):
        assert at is not None
        assert now - at == pytest.approx(waited, abs=allowed)
