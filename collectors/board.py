"""The standing of each target: its last poll, and its failures so far. One writer, the scheduler."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence

from collectors.poll import Poll
from inventory.estate import Target
from inventory.metrics import Reason

KEPT_INTERVALS = 2
"""A failed table keeps its last values for so many intervals, then they leave."""


@dataclasses.dataclass(slots=True)
class Standing:
    """What is known of one target. `last_success` is UTC epoch seconds, None while it never answered."""

    target: Target
    poll: Poll | None = None
    last_success: float | None = None
    errors: Counter[Reason] = dataclasses.field(default_factory=Counter)
    skipped: int = 0

    def record(self, poll: Poll) -> None:
        """Take over a poll: count its failures, and keep the values of failed tables while they are young."""
        self.errors.update(table.reason for table in poll.tables if table.reason is not None)
        if poll.up:
            self.last_success = poll.at
        self.poll = poll.carry(self.poll, KEPT_INTERVALS * self.target.every)


class Board:
    """The standings of an estate, by the name of the target."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._standings = {target.name: Standing(target) for target in targets}

    def __getitem__(self, name: str) -> Standing:
        return self._standings[name]

    def __contains__(self, name: object) -> bool:
        return name in self._standings

    def __iter__(self) -> Iterator[Standing]:
        return iter(self._standings.values())

    def __len__(self) -> int:
        return len(self._standings)
