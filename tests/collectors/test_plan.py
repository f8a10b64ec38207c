"""From varbinds to values: units, filters, names, and what is withheld."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.device import TableFile, families
from collectors.plan import Rows, read
from collectors.poll import Reading
from collectors.snmp.oid import encode
from collectors.snmp.session import Value
from collectors.tables import wanted
from inventory.metrics import METRICS

ENTRY = "1.3.6.1.4.1.99999.1"
SIZE, USED = "jauge_storage_size_bytes", "jauge_storage_used_bytes"


def stores(**more: Any) -> TableFile:
    """A table of stores: name 2, size 3, used 4, unit 5."""
    sizes = {
        SIZE: {"column": 3, "times": 5, "unsigned": 32},
        USED: {"column": 4, "times": 5, "unsigned": 32},
    }
    base = {"name": "stores", "oid": ENTRY, "labels": {"store": 2}, "metrics": sizes}
    return TableFile.model_validate(base | more)


def rows(table: TableFile, *listed: tuple[Value | None, ...]) -> Rows:
    """Columns 2, 3 ... of each row, by index 1, 2 ..."""
    found: Rows = {}
    for index, row in enumerate(listed, 1):
        for column, value in enumerate(row, 2):
            if value is not None:
                found.setdefault(table.column(column), {})[bytes((index,))] = value
    return found


def values(reading: Reading) -> dict[tuple[str, str], float]:
    named = [(metric, dict(pairs).get("store", "")) for metric, pairs in reading.series]
    return dict(zip(named, reading.values, strict=True))


def told(*listed: tuple[Value | None, ...]) -> Reading:
    return read(stores(), rows(stores(), *listed), {})


def test_counts_are_multiplied_by_their_unit() -> None:
    found = told((b"/srv", 1000, 400, 4096))
    assert values(found) == {(SIZE, "/srv"): 4_096_000, (USED, "/srv"): 1_638_400}


def test_a_size_above_two_to_the_31st_is_read_unsigned() -> None:
    found = told((b"/srv", -(2**31), -(2**31), 4096))
    assert values(found)[SIZE, "/srv"] == 2**31 * 4096


def test_more_used_than_size_withholds_the_row_and_counts_it() -> None:
    found = told((b"/ifs", 100, 200, 1), (b"/srv", 100, 50, 1))
    assert (found.withheld, found.rows) == (1, 2)
    assert values(found) == {(SIZE, "/srv"): 100, (USED, "/srv"): 50}
    assert found.notes == ("row 1 (/ifs) holds more than its size: withheld",)


def test_rows_of_one_name_are_all_withheld_and_the_others_kept() -> None:
    found = told((b"a", 1, 1, 1), (b"b", 2, 1, 1), (b"a", 3, 1, 1))
    assert values(found) == {(SIZE, "b"): 2, (USED, "b"): 1}
    assert found.withheld == 4
    assert len(found.notes) == 2


def test_a_size_of_one_row_and_a_use_of_another_of_its_name_are_withheld_too() -> None:
    found = told((b"/srv", 100, None, 1), (b"/srv", None, 50, 1), (b"/var", 100, 7, 1))
    assert values(found) == {(SIZE, "/var"): 100, (USED, "/var"): 7}
    assert found.withheld == 2


def test_a_file_system_under_several_mounts_is_one_store_and_fresh_ones_of_one_size_are_several() -> None:
    """Use of a store may differ by what is written between two rows; fresh file systems hold the same to the byte."""
    listed = rows(
        stores(once=True),
        (b"/srv", 10**6, 400_000, 1),
        (b"/srv/bound", 10**6, 400_020, 1),
        (b"/other", 10**6, 410_000, 1),
        (b"/osd/1", 10**6, 7_000, 1),
        (b"/osd/2", 10**6, 7_000, 1),
    )
    found = read(stores(once=True), listed, {})
    assert {store for _, store in values(found)} == {"/srv", "/other", "/osd/1", "/osd/2"}
    assert found.notes == ("row 2 (/srv/bound) is row 1 (/srv) again",)


def test_an_empty_store_of_which_each_node_tells_is_told_once() -> None:
    """As Proxmox VE lists a shared storage: once for each node, which is read at another moment."""
    listed = rows(
        stores(once=True), (b"nfs", 10**6, 7_000, 1), (b"nfs", 10**6, 7_010, 1), (b"rbd", 10**6, 7_000, 1)
    )
    assert values(read(stores(once=True), listed, {})) == {
        (SIZE, "nfs"): 10**6, (USED, "nfs"): 7_000, (SIZE, "rbd"): 10**6, (USED, "rbd"): 7_000,
    }  # fmt: skip


def test_a_row_without_a_unit_has_no_value_rather_than_zero() -> None:
    assert values(told((b"/srv", 1000, 400, None))) == {}


def test_a_row_without_a_name_is_left_out() -> None:
    assert values(told((b"", 1000, 400, 1), (None, 1000, 400, 1))) == {}


def test_names_are_cut_of_their_nul_and_shown_on_one_line() -> None:
    assert {name for _, name in values(told((b'C:\\\n"} 1\0\0', 2, 1, 1)))} == {'C:\\␊"} 1'}


def test_bytes_that_are_no_utf_8_are_latin_1() -> None:
    assert {name for _, name in values(told((b"D\xe9p\xf4t", 2, 1, 1)))} == {"Dépôt"}


def test_figures_in_strings_are_read_and_words_are_not() -> None:
    assert values(told((b"/srv", b" 12\0", b"many", 1))) == {(SIZE, "/srv"): 12}


@pytest.mark.parametrize("text", [b"9" * 400, b"9" * 5000, b"1e400", b"nan", b"inf", b"-inf", b"1_0"])
def test_a_figure_beyond_measure_is_no_value(text: bytes) -> None:
    assert values(told((b"/srv", text, 1, 2**31 - 1))) == {(USED, "/srv"): 2**31 - 1}


def test_a_negative_remainder_is_no_value() -> None:
    table = stores(metrics={USED: {"column": 3, "minus": [4]}})
    assert values(read(table, rows(table, (b"/srv", 5, 9)), {})) == {}


def test_nonzero_keep_only_and_skip_filter_rows() -> None:
    listed = [(b"/a", 9, 1, 1), (b"/b", 9, 0, 1), (b"/c", 9, 1, 2), (b"d", 9, 1, 1), (b"/e", 9, 1, 1)]
    table = stores(nonzero=[4], keep={5: [1]}, only={2: "^/"}, skip={2: "e$"})
    assert {name for _, name in values(read(table, rows(table, *listed), {}))} == {"/a"}


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    table = stores(labels={}, metrics={SIZE: {"column": 3, "rows": "sum"}})
    assert read(table, rows(table, (b"a", 1), (b"b", 2)), {}).values == (3,)
    assert read(table, rows(table, (b"a", 1), (b"b", b"?")), {}).values == ()


def test_a_mean_of_processors_is_a_ratio() -> None:
    (table,) = (t for t in families()["host-resources"].tables if t.name == "hr-processors")
    column = {encode("1.3.6.1.2.1.25.3.3.1.2"): {b"\x01": 10, b"\x02": 30}}
    found = read(table, column, {})
    assert dict(zip((m for m, _ in found.series), found.values, strict=True)) == {
        "jauge_cpu_used_ratio": pytest.approx(0.2),
        "jauge_cpus": 2,
    }


def test_numbers_by_which_a_device_says_unknown_are_absent() -> None:
    (table,) = (t for t in families()["ups-mib"].tables if t.name == "ups-battery")
    charge, minutes = encode("1.3.6.1.2.1.33.1.2.4.0"), encode("1.3.6.1.2.1.33.1.2.3.0")
    found = read(table, {}, {charge: 95, minutes: -1})
    assert found.series == (("jauge_ups_charge_ratio", ()),)
    assert found.values == (pytest.approx(0.95),)


def test_memory_in_buffers_and_caches_is_not_used() -> None:
    (table,) = (t for t in families()["ucd-snmp"].tables if t.name == "ucd-memory")
    memory = {5: 1000, 6: 200, 14: 50, 15: 350}
    scalars: dict[bytes, Value] = {
        encode(f"1.3.6.1.4.1.2021.4.{object_}.0"): value for object_, value in memory.items()
    }
    found = read(table, {}, scalars)
    assert dict(zip((m for m, _ in found.series), found.values, strict=True)) == {
        "jauge_memory_size_bytes": 1000 * 1024,
        "jauge_memory_used_bytes": 400 * 1024,
        "jauge_memory_buffers_bytes": 50 * 1024,
        "jauge_memory_cached_bytes": 350 * 1024,
    }


TABLES = [table for family in families().values() for table in family.tables]
VALUES = st.one_of(
    st.integers(-(2**31), 2**64 - 1), st.binary(max_size=30), st.sampled_from([b"9" * 400, b"-5", b"", b"\0"])
)
INDEXES = st.binary(min_size=1, max_size=4)


@st.composite
def answers(draw: st.DrawFn) -> tuple[TableFile, Rows, dict[bytes, Value]]:
    """What an agent may answer to a shipped table: often the same few rows, whatever it likes in them."""
    table = draw(st.sampled_from(TABLES))
    asked = wanted(table)
    indexes = draw(st.lists(INDEXES, max_size=4, unique=True))
    kept = [
        encode(one) if isinstance(one, str) else one for allowed in table.keep.values() for one in allowed
    ]
    cell = st.one_of(VALUES, st.sampled_from(kept)) if kept else VALUES
    found = {
        column: {index: draw(cell) for index in indexes if draw(st.booleans())}
        for column in sorted(asked.columns)
    }
    return table, found, {scalar: draw(VALUES) for scalar in sorted(asked.scalars) if draw(st.booleans())}


@given(answers())
def test_whatever_an_agent_answers_is_read_without_a_fault(
    answer: tuple[TableFile, Rows, dict[bytes, Value]],
) -> None:
    """Never an exception, never a series twice, never a number that cannot be."""
    table, found, scalars = answer
    reading = read(table, found, scalars)
    assert len(reading.series) == len(reading.values) == len(set(reading.series))
    for (metric, pairs), value in zip(reading.series, reading.values, strict=True):
        assert math.isfinite(value)
        assert value >= 0 or METRICS[metric].unit == "celsius"
        assert all(name in METRICS[metric].labels and text and "\n" not in text for name, text in pairs)


def test_a_row_without_a_name_is_withheld_and_counted() -> None:
    table = TableFile.model_validate(
        {
            "name": "t",
            "oid": "1.3.6.1.4.1.99999.1",
            "labels": {"disk": 2},
            "metrics": {"jauge_disk_healthy": {"column": 3}},
        }
    )
    health, names = table.column(3), table.column(2)
    reading = read(table, {health: {b"\x01": 1, b"\x02": 1}, names: {b"\x02": b"disk-2"}}, {})
    assert list(zip(reading.series, reading.values, strict=True)) == [
        (("jauge_disk_healthy", (("disk", "disk-2"),)), 1.0)
    ]
    assert reading.withheld == 1
    assert reading.notes == ("row 1 has no name: withheld",)
