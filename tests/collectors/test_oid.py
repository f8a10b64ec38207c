"""Object identifiers as bytes, against pyasn1's encoder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import encoder
from pyasn1.type.univ import ObjectIdentifier

from collectors.snmp.oid import decode, encode, pack, parts, unpack

tails = st.lists(st.integers(0, 2**32 - 1), max_size=12)
heads = st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), st.integers(0, 2**31))


@given(heads, tails)
def test_bytes_are_those_of_ber(head: tuple[int, int], tail: list[int]) -> None:
    numbers = (*head, *tail)
    whole = encoder.encode(ObjectIdentifier(numbers))
    assert pack(numbers) == whole[-len(pack(numbers)) :]
    assert whole[1] == len(pack(numbers)) or len(whole) > 129


@given(heads, tails)
def test_what_was_encoded_decodes_to_itself(head: tuple[int, int], tail: list[int]) -> None:
    numbers = (*head, *tail)
    assert unpack(pack(numbers)) == numbers
    assert encode(decode(pack(numbers))) == pack(numbers)


@given(heads, tails, tails)
def test_an_oid_below_another_starts_with_its_bytes(
    head: tuple[int, int], root: list[int], rest: list[int]
) -> None:
    below, above = pack((*head, *root, *rest)), pack((*head, *root))
    assert below.startswith(above)
    assert parts(below[len(above) :]) == tuple(rest)


@pytest.mark.parametrize("text", ["", "1", "1.x", "3.1", "1.-1"])
def test_what_is_no_oid_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - int() and pack() say it in their own words
        encode(text)
