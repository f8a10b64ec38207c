"""What the collector exports of protection: put together again when a backup server was polled, or a test recorded."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from collectors.board import Board
from collectors.poll import Poll
from exporters import jobs, protection
from exporters.jobs import Jobs
from inventory.estate import Estate
from inventory.files import is_absent
from inventory.metrics import Sample
from inventory.state import State, StateError, restores
from inventory.state.restores import Restore

log = structlog.get_logger(__name__)

FRESH_SECONDS: Final = 30.0
"""That an answer is given again: an age passes its limit unseen for so long at most."""


class _Told(NamedTuple):
    poll: Poll | None
    round: int
    at: float
    samples: list[Sample]


class Shield:
    """The protection of the targets of a board. `whole` says that it holds all of the estate, not a shard of it."""

    def __init__(
        self,
        board: Board,
        estate: Callable[[], Estate],
        state: Path,
        whole: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._board = board
        self._estate = estate
        self._state = state
        self._whole = whole
        self._clock = clock
        self._seen: tuple[object, ...] = ()
        self._round = 0
        self._jobs = Jobs()
        self._sure = False
        self._tests: list[Restore] | None = None
        self._unread = False
        self._tried = 0.0
        self._touched: tuple[float, ...] | None = None
        self._told: dict[str, _Told] = {}

    def samples(self, name: str) -> Sequence[Sample]:
        """What is told of a target now."""
        now = self._clock()
        self._renew()
        standing = self._board[name]
        told = self._told.get(name)
        if (
            told
            and told.poll is standing.poll
            and told.round == self._round
            and 0 <= now - told.at < FRESH_SECONDS
        ):
            return told.samples
        one = protection.judge(standing.target, self._jobs, self._sure, self._tests, now)
        guests = jobs.guests(jobs.heard(standing.poll)) if standing.poll else ()
        made = list(protection.samples(one, self._jobs, guests, self._estate()))
        self._told[name] = _Told(standing.poll, self._round, now, made)
        return made

    def _renew(self) -> None:
        """Gather the jobs anew where a backup server was polled since, and the tests where one was recorded."""
        estate = self._estate()
        polls = [self._board[name].poll for name in sorted(protection.makers(estate)) if name in self._board]
        # the estate and the polls themselves, not their ids: an id is given again
        seen = (estate, *polls)
        touched = self._touch()
        # What could not be read may be readable without having changed: the rights were mended, a lock was given up.
        stale = touched != self._touched or (self._unread and self._clock() - self._tried >= FRESH_SECONDS)
        if len(seen) == len(self._seen) and all(map(_same, seen, self._seen)) and not stale:
            return
        if stale:
            self._read()
        heard = [poll for poll in polls if poll is not None]
        self._jobs = Jobs(jobs.gather((poll.target, jobs.heard(poll)) for poll in heard))
        answered = len(heard) == len(polls) and all(table.up for poll in heard for table in poll.tables)
        self._sure = self._whole and bool(polls) and answered
        self._seen, self._touched, self._told = seen, touched, {}
        self._round += 1

    def _read(self) -> None:
        """The tests of the ledger; None where there is none on this machine, or it cannot be read, which is told once."""
        try:
            self._tests = None if is_absent(self._state) else restores.listed(State(self._state))
            self._unread = False
        except StateError as error:
            if not self._unread:
                log.error("restore tests not read", why=str(error))
            self._tests, self._unread = None, True
        self._tried = self._clock()

    def _touch(self) -> tuple[float, ...]:
        def touched(path: Path) -> float:
            with contextlib.suppress(OSError):
                return path.stat().st_mtime
            return 0.0

        return touched(self._state), touched(self._state.with_name(f"{self._state.name}-wal"))


def _same(one: object, other: object) -> bool:
    return one is other
