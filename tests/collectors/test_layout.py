"""Answers that are laid out as one before: read in one go they say what they say when they are read one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responder import wrap

from collectors.snmp import varbinds
from collectors.snmp.ber import MalformedError
from collectors.snmp.layout import Layout
from collectors.snmp.values import ObjectId

NUMBERS = [0x02, 0x41, 0x42, 0x43, 0x46, 0x47]
OTHERS = [0x04, 0x05, 0x06, 0x40, 0x44, 0x80, 0x81, 0x82]

names = st.binary(min_size=1, max_size=12).map(lambda tail: b"\x2b" + bytes(byte & 0x7F for byte in tail))
contents = st.one_of(
    st.integers(-(2**63), 2**64 - 1).map(lambda n: n.to_bytes(n.bit_length() // 8 + 1, signed=True)),
    st.integers(-128, 2**32 - 1).map(lambda n: n.to_bytes(n.bit_length() // 8 + 1, signed=True)),
    st.binary(max_size=12),
    st.binary(min_size=120, max_size=140),
)
binds = st.lists(st.tuples(names, st.sampled_from(NUMBERS * 3 + OTHERS), contents), min_size=1, max_size=20)


def listed(rows: list[tuple[bytes, int, bytes]]) -> bytes:
    return b"".join(wrap(0x30, wrap(0x06, name) + wrap(tag, body)) for name, tag, body in rows)


def slowly(data: bytes) -> tuple[list[bytes], list[int | bytes | None], int, tuple[int, ...]] | None:
    try:
        return varbinds.read(data, 0, len(data))
    except MalformedError:
        return None


def quickly(layout: Layout, data: bytes, at: int, stop: int) -> list[int | bytes | None] | None:
    try:
        return layout.read(data, at, stop)
    except MalformedError:
        assert slowly(data[at:stop]) is None
        return None


def others(tag: int, size: int) -> st.SearchStrategy[tuple[int, bytes]]:
    """Other values: mostly of the same type and length."""
    same = st.binary(min_size=size, max_size=size).map(lambda body: (tag, body))
    return st.one_of(
        same, same, st.tuples(st.just(tag), contents), st.tuples(st.sampled_from(NUMBERS), contents)
    )


@given(binds, st.data())
def test_what_is_read_in_one_go_is_what_is_read_one_by_one(
    rows: list[tuple[bytes, int, bytes]], data: st.DataObject
) -> None:
    first = listed(rows)
    known = slowly(first)
    if known is None or known[2]:
        return
    layout = Layout(first, known[0], known[1], known[3])
    assert layout.read(first, 0, len(first)) == known[1]
    changed = [
        (name, *data.draw(st.one_of(st.just((tag, body)), others(tag, len(body)))))
        for name, tag, body in rows
    ]
    second = listed(changed)
    found = quickly(layout, b"before" + second + b"behind", 6, 6 + len(second))
    if found is not None:
        assert (known[0], found, 0, known[3]) == slowly(second)
        assert list(map(type, found)) == list(map(type, (slowly(second) or known)[1]))


@given(binds, st.data())
def test_a_byte_that_is_no_value_is_never_overlooked(
    rows: list[tuple[bytes, int, bytes]], data: st.DataObject
) -> None:
    first = listed(rows)
    known = slowly(first)
    if known is None or known[2]:
        return
    layout = Layout(first, known[0], known[1], known[3])
    place = data.draw(st.integers(0, len(first) - 1))
    mutant = bytearray(first)
    mutant[place] = data.draw(st.integers(0, 255))
    found = quickly(layout, bytes(mutant), 0, len(mutant))
    if found is not None:
        assert (known[0], found, 0, known[3]) == slowly(bytes(mutant))
    assert quickly(layout, first[:-1], 0, len(first) - 1) is None
    assert quickly(layout, first + b"\0", 0, len(first) + 1) is None


@pytest.mark.parametrize(("tag", "body"), [(0x02, "ff80000000"), (0x02, "fffffffffe"), (0x46, "0100000000")])
def test_a_number_of_five_bytes_is_no_other_after_one_that_was_right(tag: int, body: str) -> None:
    """An INTEGER of five bytes may be no less than -2**31, with more bytes than it needs or without."""
    name = bytes.fromhex("2b0601040163")
    first = listed([(name, tag, bytes.fromhex(body))])
    known = varbinds.read(first, 0, len(first))
    assert known[2] == 0
    layout = Layout(first, known[0], known[1], known[3])
    for told in (
        "ff80000001",
        "ff7fffffff",
        "ff00000000",
        "fe80000000",
        "8000000000",
        "0000000001",
        "7fffffffff",
    ):
        second = listed([(name, tag, bytes.fromhex(told))])
        found = layout.read(second, 0, len(second))
        values, bad = varbinds.read(second, 0, len(second))[1:3]
        assert found is None or (found, 0) == (values, bad)


def test_an_answer_with_other_values_of_the_same_lengths_is_read_in_one_go() -> None:
    name = bytes.fromhex("2b060102010202010a01")
    before = [(name, 0x41, b"\x00\xff\xff\xff\xff"), (name, 0x02, b"\xfe\x00\x01"), (name, 0x04, b"eth0")]
    before += [(name, 0x46, b"\x01\x02\x03\x04\x05\x06\x07"), (name, 0x06, name), (name, 0x81, b"")]
    after = [(name, 0x41, b"\x00\x00\x00\x00\x01"), (name, 0x02, b"\xff\xff\xff"), (name, 0x04, b"eth1")]
    after += [(name, 0x46, b"\x01\x00\x00\x00\x00\x00\x00"), (name, 0x06, name), (name, 0x81, b"")]
    data, other = listed(before), listed(after)
    known = varbinds.read(data, 0, len(data))
    found = Layout(data, known[0], known[1], known[3]).read(other, 0, len(other))
    assert found == [1, -1, b"eth1", 1 << 48, ObjectId(name), None]


def test_a_few_values_of_other_lengths_are_read_among_the_others() -> None:
    rows = [(bytes((0x2B, 6, 1, number)), 0x41, b"\x01\x02\x03") for number in range(50)]
    data = listed(rows)
    known = varbinds.read(data, 0, len(data))
    layout = Layout(data, known[0], known[1], known[3])
    for places in ([0], [49], [7, 8], [0, 20, 49]):
        other = listed(
            [(n, t, b"\x05" if at in places else b"\x00" + b) for at, (n, t, b) in enumerate(rows)]
        )
        assert layout.read(other, 0, len(other)) is None  # all lengths are others
        few = listed([(n, t, b"\x05" if at in places else b) for at, (n, t, b) in enumerate(rows)])
        expected = [5 if at in places else 0x010203 for at in range(50)]
        assert layout.read(few, 0, len(few)) == expected
