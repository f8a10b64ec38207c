"""Sizes of stores that 31 bits cannot count, and units that are none: corrected, or refused.

hrStorageSize and hrStorageUsed (RFC 2790) are signed numbers of 32 bits, in allocation units. The truth is in
bytes; what an agent shows of it is computed here as agents do, by keeping the low 32 bits.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responder import Agent, Oid, Responder

from collectors.device import TableFile, families
from collectors.plan import Rows, read
from collectors.poll import Poll, Reading
from collectors.polling import Poller
from collectors.snmp.oid import encode

ENTRY: Oid = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1)  # hrStorageEntry
FIXED_DISK: Oid = (1, 3, 6, 1, 2, 1, 25, 2, 1, 4)  # hrStorageFixedDisk
SIZE, USED = "jauge_storage_size_bytes", "jauge_storage_used_bytes"
TIB = 2**40
GREATEST = 2**31 - 1

(STORES,) = (table for table in families()["host-resources"].tables if table.name == "hr-storage")

Row = tuple[int | None, int | None, int | None]
"""hrStorageAllocationUnits, hrStorageSize and hrStorageUsed of a row."""


def signed(count: int) -> int:
    """What 32 bits with a sign show of a count."""
    low = count % 2**32
    return low - 2**32 if low > GREATEST else low


def shown(unit: int, size: int, used: int) -> Row:
    """The row of a store of `size` bytes, `used` of which are taken."""
    return unit, signed(size // unit), signed(used // unit)


def told(*stores: Row, table: TableFile = STORES) -> Reading:
    """What is read of stores /0, /1 ..."""
    found: Rows = {}
    for number, row in enumerate(stores):
        cells = dict(zip((4, 5, 6), row, strict=True)) | {2: encode(".".join(map(str, FIXED_DISK)))}
        cells |= {3: f"/{number}".encode()}
        for column, value in cells.items():
            if value is not None:
                found.setdefault(table.column(column), {})[bytes((number + 1,))] = value
    return read(table, found, {})


def values(reading: Reading) -> dict[str, float]:
    """The values of the only store."""
    return {metric: value for (metric, _), value in zip(reading.series, reading.values, strict=True)}


# --- corrected --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "size"), [(4096, 8), (4096, 15), (65536, 200), (2**20, 4000)])
def test_a_store_whose_count_is_negative_has_its_size(unit: int, size: int) -> None:
    row = shown(unit, size * TIB, size * TIB * 9 // 10)
    assert row[1] is not None
    assert row[1] < 0
    assert values(told(row)) == {
        SIZE: size * TIB,
        USED: pytest.approx(size * TIB * 0.9, abs=unit),
    }


def test_a_store_that_holds_less_than_half_of_a_negative_size_has_both() -> None:
    unit, size, used = shown(4096, 10 * TIB, TIB)
    assert size is not None
    assert used is not None
    assert size < 0 < used
    assert values(told((unit, size, used))) == {SIZE: 10 * TIB, USED: TIB}


@given(
    st.sampled_from([512, 1024, 4096, 32768, 65536, 2**20]),
    st.integers(1, 2**32 - 1),
    st.floats(0, 1),
    st.booleans(),
)
def test_whatever_32_bits_can_count_is_read_to_the_byte(
    unit: int, count: int, full: float, unsigned: bool
) -> None:
    """Some agents send the number with its sign bit, others as an unsigned one."""
    held = int(count * full)
    row = (unit, count, held) if unsigned else shown(unit, count * unit, held * unit)
    assert values(told(row)) == {SIZE: count * unit, USED: held * unit}


# --- refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [(0, 1000, 400), (4096, 0, 0), (0, 0, 0), (4096, 0, 7)])
def test_a_unit_or_a_size_of_zero_is_no_store(row: Row) -> None:
    """An empty drive, a pseudo file system."""
    found = told(row)
    assert (found.series, found.rows) == ((), 0)


def test_a_store_without_a_unit_is_left_out() -> None:
    assert told((None, 1000, 400)).series == ()


def test_a_store_of_unknown_size_still_holds_what_it_holds() -> None:
    """Its size was no number, and dropped: that is no reason to lose the rest of its row."""
    found = told((4096, None, 400))
    assert [name for name, _ in found.series] == ["jauge_storage_used_bytes"]
    assert found.values == (4096 * 400,)


def test_a_unit_that_is_negative_is_none() -> None:
    """RFC 2790: 1 to 2147483647. Read without its sign, it would make a petabyte of a thousand units."""
    assert told((-4096, 1000, 400)).series == ()


def test_more_used_than_there_is_withholds_the_row_and_not_the_others() -> None:
    found = told((4096, 100, 200), (4096, 1000, 400))
    assert [(dict(pairs)["store"], value) for (_, pairs), value in zip(found.series, found.values, strict=True)] == [
        ("/1", 4096 * 1000),
        ("/1", 4096 * 400),
    ]  # fmt: skip
    assert (found.rows, found.withheld) == (2, 1)
    assert found.notes == ("row 1 (filesystem, /0) holds more than its size: withheld",)


def test_a_store_beyond_32_bits_that_holds_more_than_its_size_shows_is_withheld() -> None:
    """20 TiB in units of 4 KiB are shown as 4 TiB."""
    found = told(shown(4096, 20 * TIB, 15 * TIB))
    assert (found.series, found.withheld) == ((), 1)


def test_a_negative_count_of_what_is_used_does_not_make_a_store_overfull_in_silence() -> None:
    found = told((4096, 1_000_000, -4_012_904))
    assert (found.series, found.withheld) == ((), 1)


ANYTHING = st.one_of(st.none(), st.integers(-(2**31), 2**32 - 1), st.sampled_from([0, 1, -1, GREATEST]))


@given(
    st.sampled_from([table for table in families()["host-resources"].tables if table.oid == STORES.oid]),
    st.lists(st.tuples(ANYTHING, ANYTHING, ANYTHING), max_size=4),
)
def test_a_size_can_be_divided_by_and_holds_what_is_used(table: TableFile, listed: list[Row]) -> None:
    found = told(*listed, table=table.model_copy(update={"keep": {}, "only": {}}))
    by_store: dict[tuple[tuple[str, str], ...], dict[str, float]] = {}
    for (metric, pairs), value in zip(found.series, found.values, strict=True):
        by_store.setdefault(pairs, {})[metric.removesuffix("_bytes")] = value
    for row in by_store.values():
        size = next((value for metric, value in row.items() if metric.endswith("_size")), None)
        used = next((value for metric, value in row.items() if metric.endswith("_used")), 0)
        assert size is None or 0 <= used / size <= 1


# --- over the wire ----------------------------------------------------------------------------------------


def server(*stores: Row) -> Agent:
    """An agent with stores /0, /1 ..."""
    table: dict[Oid, int | str | Oid] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): "a server",
        (1, 3, 6, 1, 2, 1, 1, 2, 0): (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10),
        (1, 3, 6, 1, 2, 1, 1, 3, 0): 8_640_000,
    }
    for number, row in enumerate(stores):
        cells = (number + 1, FIXED_DISK, f"/{number}", *row)
        table |= {
            (*ENTRY, column, number + 1): value for column, value in enumerate(cells, 1) if value is not None
        }
    return Agent(table)


async def test_an_agent_with_every_kind_of_them_is_read_over_the_wire(
    agents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAUGE_TEST_COMMUNITY", "public")
    listed = [
        shown(4096, 10 * TIB, 9 * TIB),
        (0, 1000, 400),
        (4096, 0, 0),
        (4096, 100, 200),
        shown(65536, 200 * TIB, TIB),
        (-4096, 1000, 400),
        shown(4096, 20 * TIB, 15 * TIB),
    ]
    with Responder([server(*listed)]) as responder:
        estate = agents.estate(responder.ports[0], agents.community("env:JAUGE_TEST_COMMUNITY"), timeout=5)
        poller = Poller(estate)
        try:
            poll: Poll = await poller.poll(estate.targets[0])
        finally:
            poller.close()
    (table,) = [table for table in poll.tables if table.name == "hr-storage"]
    assert table.up
    assert {(sample.metric, dict(sample.labels)["store"]): sample.value for sample in table} == {
        (SIZE, "/0"): 10 * TIB,
        (USED, "/0"): 9 * TIB,
        (SIZE, "/4"): 200 * TIB,
        (USED, "/4"): TIB,
    }
    assert table.withheld == 2
