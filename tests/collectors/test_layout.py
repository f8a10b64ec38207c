"""Answers that are laid out as one before: read in one go they say what they say when they are read one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from responder import wrap

from collectors.snmp import messages
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
        return messages.varbinds(data, 0, len(data))
    except MalformedError:
        return None


@given(binds, st.data())
def test_what_is_read_in_one_go_is_what_is_read_one_by_one(
    rows: list[tuple[bytes, int, bytes]], data: st.DataObject
) -> None:
    first = listed(rows)
    known = slowly(first)
    if known is None or known[2]:
        return
    layout = Layout(first, 0, len(first), known[1])
    assert layout.read(first, 0, len(first)) == known[1]
    changed = [
        (name, tag, data.draw(st.one_of(st.just(body), st.binary(min_size=len(body), max_size=len(body)))))
        for name, tag, body in rows
    ]
    second = listed(changed)
    found = layout.read(b"before" + second + b"behind", 6, 6 + len(second))
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
    layout = Layout(first, 0, len(first), known[1])
    place = data.draw(st.integers(0, len(first) - 1))
    mutant = bytearray(first)
    mutant[place] = data.draw(st.integers(0, 255))
    found = layout.read(bytes(mutant), 0, len(mutant))
    if found is not None:
        assert (known[0], found, 0, known[3]) == slowly(bytes(mutant))
    assert layout.read(first[:-1], 0, len(first) - 1) is None
    assert layout.read(first + b"\0", 0, len(first) + 1) is None


def test_an_answer_with_other_values_of_the_same_lengths_is_read_in_one_go() -> None:
    name = bytes.fromhex("2b060102010202010a01")
    before = [(name, 0x41, b"\x00\xff\xff\xff\xff"), (name, 0x02, b"\xfe\x00\x01"), (name, 0x04, b"eth0")]
    before += [(name, 0x46, b"\x01\x02\x03\x04\x05\x06\x07"), (name, 0x06, name), (name, 0x81, b"")]
    after = [(name, 0x41, b"\x00\x00\x00\x00\x01"), (name, 0x02, b"\xff\xff\xff"), (name, 0x04, b"eth1")]
    after += [(name, 0x46, b"\x01\x00\x00\x00\x00\x00\x00"), (name, 0x06, name), (name, 0x81, b"")]
    data, other = listed(before), listed(after)
    known = messages.varbinds(data, 0, len(data))
    found = Layout(data, 0, len(data), known[1]).read(other, 0, len(other))
    assert found == [1, -1, b"eth1", 1 << 48, ObjectId(name), None]
