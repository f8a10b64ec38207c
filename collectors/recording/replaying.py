"""A recording played again without a network: what is read of it."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from collectors.catalogue import SHIPPED, Catalogue
from collectors.poll import Poll, Table
from collectors.recording.walking import Varbind
from collectors.snmp import varbinds
from collectors.snmp.ber import OBJECT_IDENTIFIER, SEQUENCE, wrap
from collectors.snmp.column import Column
from collectors.snmp.oid import Oid, unpack
from collectors.snmp.polling import Asked, Known, Reader
from collectors.snmp.session import Harvest
from collectors.snmp.values import Value

PATIENCE = 300.0


class Played:
    """A session with a recording in place of an agent."""

    def __init__(self, recorded: Mapping[Oid, Varbind]) -> None:
        self._names = sorted(recorded, key=unpack)
        self._order = [unpack(name) for name in self._names]
        self._values = {oid: _value(varbind) for oid, varbind in recorded.items()}

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """The values of a few objects."""
        return {oid: value for oid in oids if (value := self._values.get(oid)) is not None}

    async def following(self, oids: Sequence[Oid]) -> list[Oid | None]:
        """The object that follows each of these."""
        places = [bisect_right(self._order, unpack(oid)) for oid in oids]
        return [self._names[place] if place < len(self._names) else None for place in places]

    async def collect(self, columns: Sequence[Oid], scalars: Sequence[Oid], _seconds: float) -> Harvest:
        """All objects below each root, and the scalars."""
        found = {root: self._column(root) for root in columns}
        return Harvest(found, await self.get(scalars), begun=time.monotonic())

    def counted(self, system: Table) -> Table:
        """Nothing is asked again."""
        return system

    def _column(self, root: Oid) -> Column:
        place = bisect_right(self._order, unpack(root))
        names: list[Oid] = []
        while place < len(self._names) and self._names[place].startswith(root):
            names.append(self._names[place])
            place += 1
        return Column(root, names, [self._values[name] for name in names])


async def play(
    recorded: Mapping[Oid, Varbind], catalogue: Catalogue = SHIPPED, family: str | None = None
) -> Poll:
    """One poll of a recording: a rate, which takes two, is not told."""

    async def opening() -> Asked:
        return Played(recorded)

    tables, facts = await Reader(catalogue).read(Known(), family, PATIENCE, opening)
    return Poll(
        "recording",
        time.time(),
        0.0,
        tuple(tables),
        *(facts.get(key, "") for key in ("family", "product", "version")),
    )


def values(poll: Poll) -> list[tuple[str, float]]:
    """What a poll tells, labels apart: two recordings of one device tell the same."""
    times = ("jauge_clock_skew_seconds",)
    return sorted((sample.metric, sample.value) for sample in poll if sample.metric not in times)


def _value(varbind: Varbind) -> Value | None:
    """The value of an object as the wire tells it."""
    data = wrap(SEQUENCE, wrap(OBJECT_IDENTIFIER, varbind.oid), wrap(varbind.tag, varbind.contents))
    return varbinds.read(data, 0, len(data))[1][0]
