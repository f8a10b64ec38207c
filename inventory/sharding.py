"""Which of several places a target belongs to: a shard of the estate, or a worker process of one collector.

The place follows from the target's name alone, so every machine finds the same one without asking another, and
no target moves because another was added. Where the number of places grows from n to n + 1, one target in n + 1
moves and no other (rendezvous hashing: Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates",
IEEE/ACM Transactions on Networking 6(1), 1998).
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from typing import Final

from inventory.estate import Estate

MOST: Final = 64
"""Places that something may be divided into."""


def place(name: str, count: int, kind: str) -> int:
    """Which of `count` places of a kind a name belongs to, from 0.

    Kinds are independent of each other: the targets of one shard are spread over all of its workers.
    """
    return max(range(count), key=lambda number: hashlib.sha256(f"{kind} {number} {name}".encode()).digest())


@dataclasses.dataclass(frozen=True, slots=True)
class Shard:
    """The part `number` (from 1) of `count` parts of an estate. Written `number/count`."""

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that a text such as `1/2` names. Raises ValueError with what is wrong."""
        written = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
        if written is None:
            raise ValueError(f"{text!r} is no shard: write NUMBER/COUNT, for instance 1/2 and 2/2")
        number, count = int(written[1]), int(written[2])
        if not 1 <= count <= MOST:
            raise ValueError(f"{text} is no shard: an estate is divided into 1 to {MOST} shards")
        if not 1 <= number <= count:
            raise ValueError(f"{text} is no shard: shards are counted from 1/{count} to {count}/{count}")
        return cls(number, count)

    def holds(self, name: str) -> bool:
        """Whether the target of that name belongs to this shard."""
        return place(name, self.count, "shard") == self.number - 1

    def of(self, estate: Estate) -> Estate:
        """The estate with the targets of this shard only; everything else stays."""
        if self.count == 1:
            return estate
        return estate.model_copy(
            update={"targets": tuple(target for target in estate.targets if self.holds(target.name))}
        )

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"
