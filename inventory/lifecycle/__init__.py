"""When makers stop mending what they sold: a catalogue, the names of systems in it, and how they stand on a day."""

from __future__ import annotations

from inventory.lifecycle.catalogue import Cycle, cycles
from inventory.lifecycle.names import read, read_target

__all__ = ["Cycle", "cycles", "read", "read_target"]
