"""What the page of clusters shows, as plain values: head-room, hosts, disks."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from dashboard.standing import Watched
from forecasting.headroom import Room

WORN: Final = 0.8
"""Share of the writes it is made for from which a flash disk is to be replaced soon."""


class Host(NamedTuple):
    """A node of a cluster as it was last seen. Bytes, shares of 1; None where nobody tells it.

    `seen` is whether it told something lately: what an absent host told last is not what it holds.
    """

    name: str
    seen: bool
    up: bool | None = None
    healthy: bool | None = None
    cpus: float | None = None
    cpu: float | None = None
    memory: float | None = None
    memory_size: float | None = None
    vms: float | None = None

    @property
    def state(self) -> Literal["silent", "down", "partly", "well", "unknown"]:
        """A word of `dashboard.theme.STATES`. A host of which nobody says whether it takes part, but which tells its load, is well."""
        if not self.seen:
            return "silent"
        if self.up is False:
            return "down"
        if self.healthy is False:
            return "partly"
        return "well" if self.up or self.healthy or self.vms is not None else "unknown"


class Disk(NamedTuple):
    """A disk of a cluster as it was last seen; None where nobody tells it."""

    name: str
    healthy: bool | None = None
    used: float | None = None
    wear: float | None = None

    @property
    def state(self) -> Literal["failed", "worn", "well", "unknown"]:
        if self.healthy is False:
            return "failed"
        if self.wear is not None and self.wear >= WORN:
            return "worn"
        return "unknown" if self.healthy is None and self.wear is None else "well"


class Cluster(NamedTuple):
    """One cluster. `watched` is None where the estate does not name its target any more."""

    name: str
    watched: Watched | None
    rooms: tuple[Room, ...]
    hosts: tuple[Host, ...]
    disks: tuple[Disk, ...]

    @property
    def short(self) -> tuple[Room, ...]:
        """What the other nodes cannot carry today when the largest one fails."""
        return tuple(room for room in self.rooms if room.is_short)

    @property
    def untold(self) -> tuple[Room, ...]:
        """Of what nobody knows how much the other nodes hold."""
        return tuple(room for room in self.rooms if room.load is None)

    @property
    def is_over(self) -> bool:
        """Whether something of it holds all that may be filled."""
        return any(room.outlook.is_over for room in self.rooms)

    @property
    def state(self) -> Literal["short", "full", "unknown", "well"]:
        """Short where a node cannot fail today, full where what may be filled has a date, unknown where nobody tells the size."""
        if self.short:
            return "short"
        if self.is_over or any(room.outlook.date for room in self.rooms):
            return "full"
        return "unknown" if self.untold or not self.rooms else "well"

    @property
    def order(self) -> tuple[int, bool, float, str]:
        """Worst first."""
        loads = [room.load for room in self.rooms if room.load is not None]
        state = ("short", "full", "unknown", "well").index(self.state)
        return state, not self.is_over, -max(loads, default=0.0), self.name
