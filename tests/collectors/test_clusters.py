"""What a cluster would hold without its largest node, where it tells its nodes and copies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.clusters import without_node
from collectors.poll import Table
from inventory.metrics import Sample, labels

RAW, SIZE, COPIES = (
    "jauge_node_storage_raw_bytes",
    "jauge_storage_size_bytes",
    "jauge_storage_copies",
)


def cluster(nodes: list[float], size: float, copies: float, reason: bool = False) -> Table:
    listed = [
        *(Sample(RAW, value, labels(node=f"n{number}")) for number, value in enumerate(nodes)),
        Sample(SIZE, size, labels(store="vms", kind="volume")),
        Sample(COPIES, copies, labels(store="vms", kind="volume")),
    ]
    return Table(
        "cluster",
        1_700_000_000.0,
        0.1,
        tuple((sample.metric, sample.labels) for sample in listed),
        tuple(sample.value for sample in listed),
        len(listed),
        reason="timeout" if reason else None,
    )


@pytest.mark.parametrize(
    ("nodes", "size", "copies", "left"),
    [
        ([10, 10, 10, 10], 20, 2, 15),  # three nodes of 10 for two copies
        ([10, 10, 40], 20, 2, 10),  # what the large one held has two copies on the small ones
        ([40, 10, 10, 10], 15, 2, 15),  # no more than now: 15 fit on the small ones
        ([10, 10, 10], 10, 3, None),  # two nodes have no room for three copies
        ([10, 10], 10, 2, None),
        ([10, 10, 10], 20, 2, None),  # a fourth node was not told: its stores show more than these hold
        ([10, 10, 10, 10], 20, 1.5, None),  # erasure coding: not so many copies
    ],
)
def test_what_fits_on_the_nodes_that_stay(
    nodes: list[float], size: float, copies: float, left: float | None
) -> None:
    found = without_node([cluster(nodes, size, copies)])
    assert (list(found) if found else []) == (
        []
        if left is None
        else [Sample("jauge_storage_size_without_node_bytes", left, labels(store="vms", kind="volume"))]
    )


def test_what_was_not_heard_of_this_time_is_not_reckoned_with() -> None:
    assert without_node([cluster([10, 10, 10], 15, 2, reason=True)]) is None
    assert without_node([]) is None


@given(st.lists(st.floats(1, 1e15), min_size=1, max_size=12), st.integers(1, 4))
def test_it_is_never_more_than_the_store_holds_nor_than_the_others_could(
    nodes: list[float], copies: int
) -> None:
    size = sum(nodes) / copies
    for sample in without_node([cluster(nodes, size, copies)]) or ():
        assert 0 <= sample.value <= size
        assert sample.value * copies <= (sum(nodes) - max(nodes)) * (1 + 1e-9)
