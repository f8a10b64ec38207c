"""The standing of each target: its last poll, and its failures so far. One writer, the scheduler.

Times on the board are wall times as this machine's clock goes now: where it is set, they are moved with it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import structlog

from collectors.clock import Clock
from collectors.poll import Poll
from inventory.estate import Target
from inventory.metrics import Reason

log = structlog.get_logger(__name__)

KEPT_INTERVALS = 2
"""A failed table keeps its last values for so many intervals, then they leave."""


@dataclasses.dataclass(slots=True, eq=False, weakref_slot=True)
class Standing:
    """What is known of one target. `last_success` is UTC epoch seconds, None while it never answered; `begun` is when the poll
    began that is under way, None while there is none."""

    target: Target
    poll: Poll | None = None
    last_success: float | None = None
    errors: Counter[Reason] = dataclasses.field(default_factory=Counter)
    skipped: int = 0
    begun: float | None = None

    def record(self, poll: Poll) -> None:
        """Take over a poll: count its failures, and keep the values of failed tables while they are young."""
        self.errors.update(table.reason for table in poll.tables if table.reason is not None)
        if poll.up:
            self.last_success = poll.at
        self.poll = poll.carry(self.poll, KEPT_INTERVALS * self.target.every)

    def shift(self, seconds: float) -> None:
        """Move all times by so many seconds, as the clock was."""
        if self.last_success is not None:
            self.last_success += seconds
        if self.begun is not None:
            self.begun += seconds
        if self.poll is not None:
            self.poll = self.poll.shift(seconds)


class Board:
    """The standings of an estate, by the name of the target. `clock` gives the time that theirs is compared with."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._standings = {target.name: Standing(target) for target in targets}
        self.clock = Clock(self._shift)

    def __getitem__(self, name: str) -> Standing:
        return self._standings[name]

    def __contains__(self, name: object) -> bool:
        return name in self._standings

    def __iter__(self) -> Iterator[Standing]:
        return iter(self._standings.values())

    def __len__(self) -> int:
        return len(self._standings)

    def replace(self, targets: Sequence[Target], anew: Collection[str]) -> None:
        """Hold these targets from now on. Those that stay keep their standing, except the ones named in `anew`."""
        standings = {}
        for target in targets:
            kept = None if target.name in anew else self._standings.get(target.name)
            if kept is not None and kept.target != target:
                kept.target = target
            standings[target.name] = kept or Standing(target)
        self._standings = standings  # as a whole: another thread may be reading the former ones

    def _shift(self, seconds: float) -> None:
        log.warning("the clock was set", seconds=round(seconds, 1))
        for standing in self:
            standing.shift(seconds)
