"""What stores of a cluster would hold without its largest node: from the size of each node and the copies of each store."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from collectors.copies import most
from collectors.poll import Reading, Table
from inventory.metrics import Labels, Sample

NAME: Final = "without-node"
_TOLD: Final = 0.05
"""By which share the nodes may hold less than their stores show: else one of them was not told."""


def without_node(tables: Sequence[Table]) -> Table | None:
    """A table of what fits in all copies on the nodes that stay. None where nodes or copies are not told.

    A store holds no more than it does now, whatever its nodes could: its own limit may be lower.
    """
    started, at = time.monotonic(), min((table.at for table in tables), default=0.0)
    reading = Reading.of(_told(sample for table in tables if table.up for sample in table))
    if not reading.series:
        return None
    return Table(NAME, at, time.monotonic() - started, reading.series, reading.values, reading.rows)


def _told(samples: Iterable[Sample]) -> Iterator[Sample]:
    nodes: list[float] = []
    sizes: dict[Labels, float] = {}
    copies: dict[Labels, float] = {}
    for metric, value, labels in samples:
        if metric == "jauge_node_storage_raw_bytes":
            nodes.append(value)
        elif metric == "jauge_storage_size_bytes":
            sizes[labels] = value
        elif metric == "jauge_storage_copies":
            copies[labels] = value
    for store, count in copies.items():
        size = sizes.get(store)
        if size is None or count != int(count) or size * count * (1 - _TOLD) > sum(nodes):
            continue
        left = most(sorted(nodes)[:-1], int(count))
        if left is not None:
            yield Sample("jauge_storage_size_without_node_bytes", min(left, size), store)
