"""Who is due: each target on its own interval, starts spread, never two polls of one target at once.

Intervals run on the monotonic clock, so a wall clock that jumps neither doubles a poll nor leaves a hole. A
poll that outlasts its interval makes the next ones fall out, counted; they never pile up.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable
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

Ask = Callable[[Target, float], Awaitable[Poll]]
Told = Callable[[Poll, float], None]
"""Receives a poll (nothing carried over) and how late it began, in seconds."""


class Scheduler:
    """Polls every target of a board when it is due. One task a target; the board has no other writer."""

    def __init__(
        self, board: Board, ask: Ask, told: Iterable[Told] = (), skipped: Callable[[], None] = lambda: None
    ) -> None:
        self._board = board
        self._ask = ask
        self._told = tuple(told)
        self._skipped = skipped
        self._tasks: list[asyncio.Task[None]] = []
        self._running: dict[str, asyncio.Task[Poll]] = {}

    @property
    def ready(self) -> bool:
        """True once every target has been polled."""
        return all(standing.poll is not None for standing in self._board)

    def start(self) -> None:
        """Begin polling, in the running event loop."""
        begin = time.monotonic()
        spread = max(FIRST_ROUND, len(self._board) / FIRST_RATE)
        self._tasks = [asyncio.create_task(self._watch(standing, begin, spread)) for standing in self._board]

    async def stop(self) -> None:
        """End all polls at once."""
        tasks = [*self._tasks, *self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def poll_now(self, name: str, patience: float) -> Poll:
        """Poll a target now; who asks while it is being polled shares that poll."""
        standing = self._board[name]
        running = self._running.get(name)
        if running is None:
            running = self._begin(standing, min(patience, standing.target.patience), 0.0)
        return await asyncio.shield(running)

    def _begin(self, standing: Standing, patience: float, late: float) -> asyncio.Task[Poll]:
        task = asyncio.create_task(self._poll(standing, patience, late))
        self._running[standing.target.name] = task
        task.add_done_callback(lambda _: self._running.pop(standing.target.name, None))
        return task

    async def _poll(self, standing: Standing, patience: float, late: float) -> Poll:
        poll = await self._ask(standing.target, patience)
        standing.record(poll)
        for tell in self._told:
            try:
                tell(poll, late)
            except Exception:  # who listens must not stop the polling
                log.exception("a poll was not passed on", target=poll.target)
        return poll

    async def _watch(self, standing: Standing, begin: float, spread: float) -> None:
        target = standing.target
        due = begin + share(target.name) * min(target.every, spread)
        steady = begin + share(target.name) * target.every  # from the second poll on, over the whole interval
        while True:
            await asyncio.sleep(max(due - time.monotonic(), 0.0))
            if target.name not in self._running:
                await self._wait(self._begin(standing, target.patience, time.monotonic() - due))
            due, missed = following(due, steady, target.every, time.monotonic())
            for _ in range(missed):
                standing.skipped += 1
                self._skipped()

    async def _wait(self, task: asyncio.Task[Poll]) -> None:
        try:
            await asyncio.shield(task)
        except Exception:  # a fault of ours: this target goes on at its next turn
            log.exception("polling failed")


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
