"""One column of a table as it is walked: what an agent says below one root, while its names grow."""

from __future__ import annotations

import dataclasses
import itertools
import operator
import re
from collections.abc import Mapping
from typing import Final

from collectors.poll import PollError
from collectors.snmp.oid import Oid, decode, unpack
from collectors.snmp.values import Value

_LONG: Final = re.compile(rb"[\x80-\xff]{2}")  # a sub-identifier of three bytes or more


@dataclasses.dataclass(slots=True, eq=False)
class Column:
    """What a subtree held: names and values in the agent's order, and what broke the walk off, if anything did.

    A value that is absent or was dropped is None. `seconds` is when the walk ended, since the poll began; `beyond`
    is the name that ended it, the last one again where the agent has no more objects, empty where nothing did.
    """

    root: Oid
    names: list[Oid] = dataclasses.field(default_factory=list)
    values: list[Value | None] = dataclasses.field(default_factory=list)
    broken: PollError | None = None
    seconds: float = 0.0
    retries: int = 0
    bad: int = 0
    beyond: Oid = b""

    @property
    def last(self) -> Oid:
        return self.names[-1] if self.names else self.root

    @property
    def strayed(self) -> bool:
        """Whether the name that ended it should have come before its own."""
        return self.broken is None and self.beyond != b"" and unpack(self.beyond) < unpack(self.last)

    def take(self, names: list[Oid], values: list[Value | None], ended: bool) -> bool:
        """Append what an answer says of this column. True where the walk is over.

        `ended` says that the view ends somewhere in it.
        """
        own = names if names and names[-1].startswith(self.root) else self._own(names)
        if not ended and own and self._grow(own):
            self.names += own
            self.values += values[: len(own)]
            self.beyond = names[len(own)] if len(own) < len(names) else b""
            return self.beyond != b""
        return self._take_slowly(names, values)

    def _own(self, names: list[Oid]) -> list[Oid]:
        """The names before the first one that lies outside: where a walk asks beyond its end, as it must to see it."""
        return list(itertools.takewhile(lambda name: name.startswith(self.root), names))

    def _grow(self, names: list[Oid]) -> bool:
        """Whether names certainly grow, and beyond what is there: the order of bytes is that of SNMP while no
        sub-identifier takes three bytes or more."""
        return (
            names[0] > self.last
            and all(map(operator.lt, names, names[1:]))
            and _LONG.search(b"".join([self.last, *names]).replace(self.root, b"")) is None
        )

    def _take_slowly(self, names: list[Oid], values: list[Value | None]) -> bool:
        last = unpack(self.last)
        for name, value in zip(names, values, strict=True):
            if not name.startswith(self.root) or name == self.root:
                self.beyond = name
                return True
            here = unpack(name)
            if here <= last:
                # The end of the view repeats the name that was asked for; so does an agent that is stuck.
                if value is not None or here < last:
                    self.broken = PollError(
                        "not_increasing", f"after {decode(self.last)} came {decode(name)}"
                    )
                self.beyond = name
                return True
            last = here
            self.names.append(name)
            self.values.append(value)
        return False

    @classmethod
    def of(cls, root: Oid, values: Mapping[bytes, Value]) -> Column:
        """A column of values by index, in this order."""
        return cls(root, [root + index for index in values], list(values.values()))

    def indexes(self) -> list[bytes]:
        """The index of each row."""
        length = len(self.root)
        return [name[length:] for name in self.names]
