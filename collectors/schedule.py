"""Who is due: each target on its own interval, starts spread, never two polls of one target at once.

Intervals run on the monotonic clock, so a wall clock that jumps neither doubles a poll nor leaves a hole. A
poll that outlasts its interval makes the next ones fall out, counted; they never pile up.

A target that has timed out on everything is asked in full more and more rarely. In the turns between it is only
knocked at: the same questions with little patience, whose first is never answered. It is not left alone, so that it is
back within one interval of its answering again: whatever a knock brings but a timeout makes the poll a whole one.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Final

import structlog

from collectors.board import Board, Standing
from collectors.poll import Poll
from inventory.estate import Target

log = structlog.get_logger(__name__)

FIRST_ROUND: Final = 5.0
"""Seconds over which the first polls are spread: the pages have something to show soon after the start."""

FIRST_RATE: Final = 20.0
"""First polls a second at most: they cost more than later ones, as families and sizes are still to be found."""

KNOCK_SECONDS: Final = 2.0
"""Patience of a poll that only asks whether a silent target is back; a quarter of the target's own where that is more."""

GROWTH: Final = 1.5
REST_TURNS: Final = 5
REST_SECONDS: Final = 300.0
"""Whole polls of a silent target grow rarer by `GROWTH`, to one in so many turns or seconds, whichever is less."""

SOON_SECONDS: Final = 5.0
"""Between two polls of a target that something else than its interval asked for, a trap for instance."""

STUCK_SECONDS: Final = 120.0
"""That a poll may outlast its patience: beyond, it will not end any more."""

Ask = Callable[[Target, float], Awaitable[Poll]]
Told = Callable[[Poll, float], None]
"""Receives a poll (nothing carried over) and how late it began, in seconds."""


class GoneError(Exception):
    """A target left the estate, or is polled otherwise, while it was being polled."""


class _Watch:
    """One target under the scheduler's eyes."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.turns: asyncio.Task[None] | None = None
        self.running: asyncio.Task[Poll] | None = None
        self.soon: asyncio.TimerHandle | None = None
        self.began = -math.inf
        self.silent = 0  # whole polls in a row that timed out on everything
        self.knocks = 0  # since the last of them

    @property
    def knocking(self) -> bool:
        """Whether the next turn is a knock only."""
        return self.knocks + 1 < rest(self.silent, self.standing.target.every)

    def is_stuck(self, now: float) -> bool:
        """Whether it has no turn any more: its turns ended by a fault of ours, or its poll outlasts all that it may take."""
        if self.turns is not None and self.turns.done():
            return True
        longest = self.standing.target.patience + STUCK_SECONDS
        return self.running is not None and now - self.began > longest

    def ended(self) -> None:
        """No poll is under way any more."""
        self.running = self.standing.begun = None

    def tasks(self) -> list[asyncio.Task[None] | asyncio.Task[Poll]]:
        return [task for task in (self.turns, self.running) if task is not None]

    def end(self) -> None:
        """Poll no more, and give up the poll that is under way."""
        if self.soon is not None:
            self.soon.cancel()
        for task in self.tasks():
            task.cancel()


class Scheduler:
    """Polls every target of a board when it is due. One task a target; the board has no other writer."""

    def __init__(
        self, board: Board, ask: Ask, told: Iterable[Told] = (), skipped: Callable[[], None] = lambda: None
    ) -> None:
        self._board = board
        self._ask = ask
        self._told = tuple(told)
        self._skipped = skipped
        self._watches = {standing.target.name: _Watch(standing) for standing in board}

    @property
    def ready(self) -> bool:
        """True once every target has been polled."""
        return all(standing.poll is not None for standing in self._board)

    def stuck(self) -> list[str]:
        """The targets that are not polled any more, though they should be."""
        now = time.monotonic()
        return [name for name, watch in self._watches.items() if watch.is_stuck(now)]

    def start(self) -> None:
        """Begin polling, in the running event loop."""
        self._start(list(self._watches.values()))

    def replace(self, targets: Sequence[Target], anew: Collection[str]) -> None:
        """Poll these targets from now on. Those that stay go on in their turns, except the ones named in `anew`."""
        self._board.replace(targets, anew)
        watches = {}
        for standing in self._board:
            name = standing.target.name
            watch = self._watches.get(name)
            watches[name] = watch if watch and watch.standing is standing else _Watch(standing)
        former, self._watches = self._watches, watches
        for name, watch in former.items():
            if watches.get(name) is not watch:
                watch.end()
        self._start([watch for name, watch in watches.items() if former.get(name) is not watch])

    async def stop(self) -> None:
        """End all polls at once."""
        tasks = [task for watch in self._watches.values() for task in watch.tasks()]
        for watch in self._watches.values():
            watch.end()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def poll_now(self, name: str, patience: float) -> Poll:
        """Poll a target now; who asks while it is being polled shares that poll.

        Raises GoneError where the target leaves the estate meanwhile.
        """
        watch = self._watches[name]
        task = watch.running or self._begin(watch, min(patience, watch.standing.target.patience), 0.0)
        await asyncio.wait({task})
        if task.cancelled():
            raise GoneError(f"{name} is not polled any more")
        return task.result()

    def poll_soon(self, name: str) -> None:
        """Poll a target beside its turns: at once, or as soon as `SOON_SECONDS` have passed since its last poll began.

        However often it is asked for, one such poll waits at most; nothing happens for who is no target.
        """
        watch = self._watches.get(name)
        if watch is None or watch.soon is not None:
            return
        wait = max(watch.began + SOON_SECONDS - time.monotonic(), 0.0)
        watch.soon = asyncio.get_running_loop().call_later(wait, self._begin_soon, watch)

    def _begin_soon(self, watch: _Watch) -> None:
        watch.soon = None
        if watch.running is None:
            self._begin(watch, watch.standing.target.patience, 0.0).add_done_callback(_say)

    def _start(self, watches: Sequence[_Watch]) -> None:
        begin = time.monotonic()
        spread = max(FIRST_ROUND, len(watches) / FIRST_RATE)
        for watch in watches:
            watch.turns = asyncio.create_task(self._take_turns(watch, begin, spread))

    def _begin(self, watch: _Watch, patience: float, late: float, knock: bool = False) -> asyncio.Task[Poll]:
        watch.began = time.monotonic()
        watch.standing.begun = self._board.clock()
        watch.running = task = asyncio.create_task(self._poll(watch, patience, late, knock))
        task.add_done_callback(lambda _: watch.ended())
        return task

    async def _poll(self, watch: _Watch, patience: float, late: float, knock: bool) -> Poll:
        standing = watch.standing
        poll = await self._ask(standing.target, knocking(patience) if knock else patience)
        if knock and not timed_out(poll):
            poll, knock = await self._ask(standing.target, patience), False
        watch.knocks = watch.knocks + 1 if knock else 0
        watch.silent = watch.silent + (not knock) if timed_out(poll) else 0
        self._board.clock()  # moves what is on the board, where the clock was set since
        standing.record(poll)
        for tell in self._told:
            try:
                tell(poll, late)
            except Exception:  # who listens must not stop the polling
                log.exception("a poll was not passed on", target=poll.target)
        return poll

    async def _take_turns(self, watch: _Watch, begin: float, spread: float) -> None:
        standing, target = watch.standing, watch.standing.target
        due = begin + share(target.name) * min(target.every, spread)
        steady = begin + share(target.name) * target.every  # from the second poll on, over the whole interval
        while True:
            await asyncio.sleep(max(due - time.monotonic(), 0.0))
            if watch.running is None:
                task = self._begin(watch, target.patience, time.monotonic() - due, watch.knocking)
                task.add_done_callback(_say)
                await asyncio.wait({task})
            due, missed = following(due, steady, target.every, time.monotonic())
            for _ in range(missed):
                standing.skipped += 1
                self._skipped()


def _say(task: asyncio.Task[Poll]) -> None:
    """A fault of ours: this target goes on at its next turn."""
    if not task.cancelled() and task.exception() is not None:
        log.error("polling failed", exc_info=task.exception())


def timed_out(poll: Poll) -> bool:
    """Whether nothing at all was heard of a target."""
    return bool(poll.tables) and all(table.reason == "timeout" and not table.series for table in poll.tables)


def rest(silent: int, every: float) -> int:
    """Turns from one whole poll to the next of a target that was silent in so many of them, at an interval in seconds.

    >>> [rest(silent, 60.0) for silent in range(6)], rest(9, 120.0), rest(9, 3600.0)
    ([1, 2, 3, 4, 5, 5], 2, 1)
    """
    most = max(1, min(REST_TURNS, int(REST_SECONDS / every)))
    return min(math.ceil(GROWTH ** min(silent, REST_TURNS)), most)


def knocking(patience: float) -> float:
    """The patience of a knock, in seconds, for a target with that patience."""
    return min(patience, max(KNOCK_SECONDS, patience / 4))


def following(due: float, steady: float, every: float, now: float) -> tuple[float, int]:
    """When a target is due after `due`, on the grid `steady + n x every`, and how many turns were missed by `now`."""
    turns = int((due - steady) // every) + 1
    following = steady + turns * every
    if following - due < every / 2:
        following += every
    missed = max(int((now - following) // every) + 1, 0)
    return following + missed * every, missed


def share(name: str) -> float:
    """Where in its interval a target starts, 0 to 1: the same after every restart."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / 2**32
