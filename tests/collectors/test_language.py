"""Words of the language of tables: texts that are searched, numbers in halves, names within others, covered stores."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.device import TableFile, load
from collectors.files import DeclaredError
from collectors.plan import read
from collectors.poll import Reading
from collectors.poll import Table as Outcome
from collectors.snmp.oid import encode, suffix_part
from collectors.snmp.polling import _answered
from collectors.snmp.values import Value

ENTRY = "1.3.6.1.4.1.99999.1"


def stores(**more: object) -> TableFile:
    """A table of stores: name, size, used."""
    told = {
        "name": "stores",
        "oid": ENTRY,
        "labels": {"store": 2, "kind": {"text": "pool"}},
        "metrics": {"jauge_storage_size_bytes": {"column": 3}},
    }
    return TableFile.model_validate(told | more)


def values(table: TableFile, *rows: dict[int, Value]) -> dict[str, float]:
    """The values of the only metric by store."""
    found: dict[bytes, dict[bytes, Value]] = {}
    for number, row in enumerate(rows, 1):
        for column, value in row.items():
            found.setdefault(table.column(column), {})[suffix_part(number)] = value
    told = read(table, found, {})
    return {dict(pairs)["store"]: value for (_, pairs), value in zip(told.series, told.values, strict=True)}


# --- states -------------------------------------------------------------------------------------------------


def test_a_number_among_the_states_of_a_file_is_a_number(tmp_path: Path) -> None:
    """Keys of YAML are read as texts. A number of a label, of a value and of a choice means what it is written for."""
    file = tmp_path / "device.yml"
    file.write_text(
        f"title: A device\ndetect: {{subtree: {ENTRY}}}\ntables:\n"
        f"  - name: stores\n    oid: {ENTRY}\n"
        "    labels: {store: {column: 2, states: {1: first, -2: second}}, kind: {text: pool}}\n"
        "    metrics: {jauge_storage_healthy: {column: 3, states: {1: 1, 07: 0, Failed: 0}}}\n"
        "  - name: alarm\n    metrics:\n"
        f"      jauge_alarm_severity: {{scalar: {ENTRY}.9.0, label: severity, states: {{1: major, 2: none}}}}\n"
    )
    stores_, alarm = load(file).tables
    assert values(stores_, {2: 1, 3: 1}, {2: -2, 3: b"07"}) == {"first": 1, "second": 0}
    assert values(stores_, {2: b"1", 3: b"FAILED"}, {2: 3, 3: 1}) == {"first": 0}
    told = read(alarm, {}, {encode(f"{ENTRY}.9.0"): 2})
    assert dict(zip(told.series, told.values, strict=True)) == {
        ("jauge_alarm_severity", (("severity", "major"),)): 0,
        ("jauge_alarm_severity", (("severity", "none"),)): 1,
    }


def test_a_number_is_written_beside_a_name_that_others_may_have() -> None:
    table = stores(
        labels={"store": {"column": 2, "beside": 4, "otherwise": 4}, "kind": {"text": "pool"}},
        metrics={"jauge_storage_size_bytes": {"column": 3}},
    )
    told = values(
        table, {2: b"a", 3: 1, 4: 152}, {2: b"a", 3: 2, 4: 153}, {2: b"", 3: 3, 4: 154}, {2: b"b", 3: 4}
    )
    assert told == {"a (152)": 1, "a (153)": 2, "154": 3, "b": 4}


# --- texts that are searched -------------------------------------------------------------------------------


def test_a_text_that_holds_what_is_searched_is_1_another_is_0_and_none_is_absent() -> None:
    table = stores(metrics={"jauge_storage_healthy": {"column": 3, "matches": "(?i)^online"}})
    told = values(
        table, {2: b"a", 3: b"ONLINE"}, {2: b"b", 3: b"offline"}, {2: b"c", 3: b""}, {2: b"d", 3: b"\0"}
    )
    assert told == {"a": 1, "b": 0}


@pytest.mark.parametrize("more", ["states: {1: 1}", "pattern: '(1)'", "high: 4"])
def test_what_is_searched_is_no_number(more: str, tmp_path: Path) -> None:
    file = tmp_path / "device.yml"
    file.write_text(
        "title: A device\n"
        f"detect: {{subtree: {ENTRY}}}\n"
        f"tables:\n  - name: stores\n    oid: {ENTRY}\n    labels: {{store: 2}}\n"
        f"    metrics: {{jauge_storage_healthy: {{column: 3, matches: ok, {more}}}}}\n"
    )
    with pytest.raises(DeclaredError, match=r"matches: a text that is searched|high: a number of two halves"):
        load(file)


# --- numbers in halves -------------------------------------------------------------------------------------


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_two_numbers_in_halves_are_added_and_taken_away_to_the_byte(one: int, other: int) -> None:
    low = 2**32
    pair = {"column": 5, "high": 6}
    row: dict[int, Value] = {2: b"a", 3: one % low, 4: one // low, 5: other % low, 6: other // low}
    for word, expected in (("plus", one + other), ("minus", one - other)):
        table = stores(metrics={"jauge_storage_size_bytes": {"column": 3, "high": 4, word: [pair]}})
        assert values(table, row) == ({"a": expected} if expected >= 0 else {})


def test_a_number_whose_other_half_is_not_told_is_unknown() -> None:
    pair = {"column": 5, "high": 6}
    table = stores(metrics={"jauge_storage_size_bytes": {"column": 3, "plus": [pair]}})
    assert values(table, {2: b"a", 3: 1, 5: 2}) == {}


def test_a_half_that_is_a_fraction_is_none() -> None:
    table = stores(metrics={"jauge_storage_size_bytes": {"column": 3, "high": 4}})
    assert values(table, {2: b"a", 3: b"0.5", 4: 0}, {2: b"b", 3: b"7", 4: b"1"}) == {"b": 7 + 2**32}


def test_single_objects_in_halves_are_added_too() -> None:
    def name(number: int) -> str:
        return f"{ENTRY}.{number}.0"

    rule = {"scalar": name(1), "plus": [{"column": name(2), "high": name(3)}]}
    table = TableFile.model_validate(
        {
            "name": "whole",
            "labels": {"store": {"text": "all"}},
            "metrics": {"jauge_storage_size_bytes": rule},
        }
    )
    told = read(table, {}, {encode(name(1)): 5, encode(name(2)): 7, encode(name(3)): 1})
    assert told.values == (5 + 7 + 2**32,)


# --- names within others -----------------------------------------------------------------------------------


def test_a_name_comes_after_what_it_lies_in_where_that_is_told() -> None:
    table = stores(labels={"store": {"column": 2, "within": 9}, "kind": {"text": "volume"}})
    told = values(
        table, {2: b"vol", 3: 1, 9: b"svm1"}, {2: b"vol", 3: 2, 9: b"svm2"}, {2: b"vol", 3: 3, 9: b""}
    )
    assert told == {"svm1:vol": 1, "svm2:vol": 2, "vol": 3}


# --- stores that another table tells better ----------------------------------------------------------------


def outcome(name: str, *told: str) -> Outcome:
    series = tuple(("jauge_storage_size_bytes", (("kind", "pool"), ("store", store))) for store in told)
    return Outcome(name, 0.0, 0.0, series, tuple(float(place) for place in range(len(told))))


def test_a_store_that_another_table_covers_is_told_once_and_the_others_stay() -> None:
    better = stores(name="better", covers={"plain": "^/mnt/"})
    plain = stores(name="plain")
    found = _answered([better, plain], [outcome("better", "tank/a"), outcome("plain", "/", "/mnt/a", "/var")])
    assert [dict(pairs)["store"] for _, pairs in found[1].series] == ["/", "/var"]
    assert found[1].values == (0.0, 2.0)


def test_nothing_is_covered_by_a_table_without_rows() -> None:
    better = stores(name="better", covers={"plain": "^/mnt/"})
    found = _answered([better, stores(name="plain")], [outcome("better"), outcome("plain", "/", "/mnt/a")])
    assert [table.name for table in found] == ["plain"]
    assert len(found[0].series) == 2


def test_the_series_of_a_covered_table_are_the_same_ones_while_the_device_is() -> None:
    """What is exposed is encoded once for each tuple of series."""
    rules = [stores(name="better", covers={"plain": "^/mnt/"}), stores(name="plain")]
    told = outcome("plain", "/", "/mnt/a")
    first, second = (_answered(rules, [outcome("better", "a"), told])[1] for _ in range(2))
    assert first.series is second.series


# --- parts and their whole ---------------------------------------------------------------------------------


def single(**objects: int) -> Reading:
    """What is read of single objects, by the name of their metric."""
    names = {f"jauge_{name}_bytes": f"{ENTRY}.{place}.0" for place, name in enumerate(objects, 1)}
    table = TableFile.model_validate(
        {"name": "whole", "metrics": {metric: {"scalar": oid} for metric, oid in names.items()}}
    )
    return read(table, {}, dict(zip(map(encode, names.values()), objects.values(), strict=True)))


def test_a_part_of_the_memory_that_is_more_than_all_of_it_is_left_out() -> None:
    told = single(memory_size=100, memory_used=60, memory_cached=101, memory_buffers=100)
    assert [metric for (metric, _), _ in zip(told.series, told.values, strict=True)] == [
        "jauge_memory_size_bytes",
        "jauge_memory_used_bytes",
        "jauge_memory_buffers_bytes",
    ]


# --- what a device says of itself --------------------------------------------------------------------------


def test_a_single_object_has_no_rows_to_choose_from(tmp_path: Path) -> None:
    file = tmp_path / "device.yml"
    file.write_text(
        f"title: A device\ndetect: {{subtree: {ENTRY}}}\n"
        f"version: {{scalar: {ENTRY}.1.0, only: {{{ENTRY}.2: x}}}}\n"
    )
    with pytest.raises(DeclaredError, match="only: a scalar has no rows to choose from"):
        load(file)
