"""What the clusters of the estate still carry when the largest node of each has failed (N-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from exporters.plan.outlooks import Outlook
from forecasting.quantities import STORES, SUMMED


class Room(NamedTuple):
    """One quantity of a cluster, as its newest outlook has it.

    `without` is what the other nodes hold, in the unit of the outlook, before reserve and ceiling; None where nobody
    tells or declares it. What the failed node itself used is counted as moved, its own system too: the room is a
    little greater in truth.
    """

    outlook: Outlook
    without: float | None

    @property
    def left(self) -> float | None:
        """What the other nodes still have free when they carry everything; negative where they cannot."""
        return None if self.without is None else self.without - self.outlook.used

    @property
    def load(self) -> float | None:
        """The share of the other nodes that is in use then; above 1 they cannot carry it."""
        return self.outlook.used / self.without if self.without else None

    @property
    def is_short(self) -> bool:
        """Whether the other nodes cannot carry it today."""
        return self.left is not None and self.left < 0


def rooms(outlooks: Iterable[Outlook]) -> Mapping[str, tuple[Room, ...]]:
    """The rooms of each cluster by its target, the tightest first, what is not known last.

    A cluster is a target of which a node may fail: the planner left its largest one out of something, or adds its nodes up.
    Of its stores those stand here of which that is known; where it is of none, the pools, as not known.
    """
    found: dict[str, list[Room]] = {}
    stores: dict[str, list[Room]] = {}
    for one in outlooks:
        room = Room(one, dict(one.rules).get("node"))
        if room.without is not None or _is_sum(one):
            found.setdefault(one.target, []).append(room)
        elif one.quantity in STORES and dict(one.labels).get("kind") == "pool":
            stores.setdefault(one.target, []).append(room)
    for target, known in found.items():
        if not any(room.outlook.quantity in STORES for room in known):
            known.extend(stores.get(target, []))
    return {target: tuple(sorted(known, key=_tightest)) for target, known in found.items()}


def _is_sum(outlook: Outlook) -> bool:
    """Whether an outlook is of all nodes of a cluster together."""
    return outlook.metric in SUMMED and "node" not in dict(outlook.labels)


def _tightest(room: Room) -> tuple[bool, float, str]:
    return room.load is None, -(room.load or 0.0), room.outlook.unique_id
