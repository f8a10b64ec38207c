"""When makers stop mending what they sold: a catalogue, the names of systems in it, and how they stand on a day."""

from __future__ import annotations

from inventory.lifecycle.catalogue import Cycle, cycles
from inventory.lifecycle.names import read, read_target

__all__ = ["Cycle", "cycles", "find", "read", "read_target"]


def find(product: str, version: str, edition: str | None = None) -> Cycle | None:
    """The one cycle that a system is of by its `product` and `version` (jauge_target_info); None where none or several."""
    found = read(product, version, edition).cycles
    return found[0] if len(found) == 1 else None
