"""How the collector stands, told to the service manager for as long as it does something of use."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from collectors.board import Board
from exporters.health import DEAD, SAID, Health
from exporters.history.writing import Queue
from exporters.manager import Manager

log = structlog.get_logger(__name__)


class Watchdog:
    """Asks whether the collector lives, and says so. It runs where it could not if the event loop hung.

    What is degraded only is told in words: a restart would cost what waits in memory, and mend nothing.
    """

    def __init__(self, manager: Manager, board: Board, queue: Queue, health: Health) -> None:
        self._manager = manager
        self._board = board
        self._queue = queue
        self._health = health
        self._said = ""

    async def run(self, beside: Sequence[asyncio.Task[None]]) -> None:
        """Tell the manager again and again, until cancelled. `beside` are what runs beside the polls, each for ever."""
        while True:
            self.tell(beside)
            await asyncio.sleep(self._manager.every)

    def tell(self, beside: Sequence[asyncio.Task[None]]) -> None:
        """Tell it now. What does not live is told once in the log, too."""
        dead = self._dead(beside)
        if dead and dead != self._said:
            log.error("not all of this process lives", what=dead, watched=self._manager.watches)
        self._said = dead
        if dead:
            self._manager.ails(dead)
        else:
            self._manager.lives(standing(self._board, self._queue))

    def _dead(self, beside: Sequence[asyncio.Task[None]]) -> str:
        ended = [task.get_name() for task in beside if task.done()]
        found = [f"ended by a fault: {', '.join(ended)}"] if ended else []
        return "; ".join([*found, *(SAID[part] for part in self._health.condition().parts if part in DEAD)])


def standing(board: Board, queue: Queue) -> str:
    """How many targets answer, in words, and whether the history is written."""
    polls = [one.poll for one in board]
    up = sum(poll.up for poll in polls if poll is not None)
    unasked = sum(poll is None for poll in polls)
    said = f"{up} of {len(polls)} targets answer"
    if unasked:
        said += f", {unasked} not asked yet"
    if queue.failed is not None:
        said += f"; the history cannot be written, {queue.pending} values wait"
    return said
