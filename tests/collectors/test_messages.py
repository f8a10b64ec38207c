"""SNMP messages as bytes: what pysnmp writes is read, what we write pysnmp reads, and what is bent is contained."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api, rfc1902

from collectors.snmp import messages, oid, varbinds
from collectors.snmp.ber import MalformedError, element, encode_integer, integer, wrap
from collectors.snmp.column import Column
from collectors.snmp.values import ObjectId

V2C: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]

part = st.integers(0, 2**32 - 1)
names = st.lists(part, min_size=1, max_size=20).map(lambda parts: (1, 3, *parts))
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(rfc1902.Integer32),
    st.integers(0, 2**32 - 1).map(rfc1902.Counter32),
    st.integers(0, 2**32 - 1).map(rfc1902.Gauge32),
    st.integers(0, 2**32 - 1).map(rfc1902.TimeTicks),
    st.integers(0, 2**64 - 1).map(rfc1902.Counter64),
    st.binary(max_size=300).map(rfc1902.OctetString),
    names.map(rfc1902.ObjectIdentifier),
)


def response(number: int, binds: list[tuple[tuple[int, ...], Any]], community: str = "public") -> bytes:
    """An answer as pysnmp writes it."""
    pdu = V2C.ResponsePDU()
    V2C.apiPDU.set_defaults(pdu)
    V2C.apiPDU.set_request_id(pdu, number)
    V2C.apiPDU.set_varbinds(pdu, binds)
    message = V2C.Message()
    V2C.apiMessage.set_defaults(message)
    V2C.apiMessage.set_community(message, community)
    V2C.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def read(datagram: bytes, number: int, community: str = "public") -> messages.Answer:
    data, start, stop = messages.Community(community).open(datagram, number)
    return messages.answer(data, start, stop, number)


def plain(value: Any) -> int | bytes:
    if isinstance(value, rfc1902.ObjectIdentifier):
        return oid.pack(tuple(value))
    return bytes(value) if isinstance(value, rfc1902.OctetString) else int(value)


@given(number=st.integers(1, 2**31 - 1), binds=st.lists(st.tuples(names, values), max_size=30))
def test_what_pysnmp_writes_is_read(number: int, binds: list[tuple[tuple[int, ...], Any]]) -> None:
    datagram = response(number, binds)
    found = read(datagram, number)
    assert messages.number_of(datagram) == number
    assert [oid.unpack(name) for name in found.names] == [name for name, _ in binds]
    assert found.values == [plain(value) for _, value in binds]
    assert found.bad == 0


@given(
    kind=st.sampled_from([messages.GET, messages.GET_NEXT, messages.GET_BULK]),
    number=st.integers(1, 2**31 - 1),
    asked=st.lists(names, max_size=30),
    repetitions=st.integers(0, 1000),
)
def test_what_is_asked_pysnmp_reads(
    kind: int, number: int, asked: list[tuple[int, ...]], repetitions: int
) -> None:
    second = repetitions if kind == messages.GET_BULK else 0
    pdu = messages.request(kind, number, [oid.pack(name) for name in asked], 0, second)
    message, rest = decoder.decode(messages.Community("hôpital").seal(pdu, number), asn1Spec=V2C.Message())
    assert rest == b""
    assert bytes(V2C.apiMessage.get_community(message)) == "hôpital".encode()
    heard = V2C.apiMessage.get_pdu(message)
    assert int(V2C.apiPDU.get_request_id(heard)) == number
    if kind == messages.GET_BULK:
        assert int(V2C.apiBulkPDU.get_max_repetitions(heard)) == repetitions
        binds = V2C.apiBulkPDU.get_varbinds(heard)
    else:
        binds = V2C.apiPDU.get_varbinds(heard)
    assert [tuple(name) for name, _ in binds] == asked


@given(st.integers(-(2**31), 2**31 - 1))
def test_an_integer_is_the_same_there_and_back(value: int) -> None:
    written = encode_integer(value)
    assert integer(written, 0, len(written)) == (value, len(written))


def bind(tag: int, contents: bytes, name: bytes = bytes.fromhex("2b060102010101")) -> bytes:
    return wrap(0x30, wrap(0x06, name), wrap(tag, contents))


BROKEN = {
    "an integer of no bytes": bind(0x02, b""),
    "a counter of no bytes": bind(0x41, b""),
    "an object identifier of no bytes": bind(0x06, b""),
    "a 32-bit counter in eight bytes": bind(0x41, bytes(7) + b"\5"),
    "a negative counter": bind(0x41, b"\xff\xff\xff\xfe"),
    "a 64-bit counter of nine bytes 0xff": bind(0x46, b"\xff" * 9),
    "an address of three bytes": bind(0x40, b"\1\2\3"),
    "a type that does not exist": bind(0x5E, b"x"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_value_that_breaks_its_type_is_dropped_and_its_neighbours_stay(broken: bytes) -> None:
    binds = bind(0x02, b"\1") + broken + bind(0x46, b"\0" + b"\xff" * 8)
    found, kept, bad, _ = varbinds.read(binds, 0, len(binds))
    assert len(found) == 3
    assert kept == [1, None, 2**64 - 1]
    assert bad == 1


@pytest.mark.parametrize(
    "name", [b"", b"\x2b\x80\x01", b"\x2b\x81", b"\x2b" + b"\xff" * 5 + b"\1", b"\1" * 641]
)
def test_a_name_that_is_none_spoils_its_answer(name: bytes) -> None:
    binds = bind(0x02, b"\1", name)
    with pytest.raises(MalformedError):
        varbinds.read(binds, 0, len(binds))


def test_an_answer_cut_or_bent_anywhere_is_read_or_refused() -> None:
    """Nothing but MalformedError leaves, whatever byte is missing or another one."""
    chance = random.Random(20261124)
    binds = [((1, 3, 6, 1, 2, 1, 2, 2, 1, 10, n), rfc1902.Counter32(n * 99_999)) for n in range(1, 20)]
    right = response(77, [*binds, ((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 1), rfc1902.OctetString(b"eth0"))])
    mutants = [right[:cut] for cut in range(len(right))]
    for place in range(len(right)):
        mutants += [
            right[:place] + bytes((right[place] ^ 1 << bit,)) + right[place + 1 :] for bit in range(8)
        ]
    for _ in range(5_000):
        mutant = bytearray(right)
        for _ in range(chance.randrange(1, 9)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        mutants.append(bytes(mutant))
    refused = 0
    for mutant in mutants:
        try:
            assert messages.number_of(mutant) is not None
            found = read(mutant, 77)
        except MalformedError:
            refused += 1
        else:
            assert len(found.names) == len(found.values)
    assert refused > len(right)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read(data, 1)


@pytest.mark.parametrize(
    "start", [b"\x30\x80" * 20_000, b"\x3f" + b"\xff" * 50_000, b"\x30\x84\xff\xff\xff\xff\x02"]
)
def test_endless_nesting_and_lengths_cost_nothing(start: bytes) -> None:
    with pytest.raises(MalformedError):
        messages.number_of(start)
    with pytest.raises(MalformedError):
        element(start, len(start) - 1, len(start))


ROOT = oid.encode("1.3.6.1.2.1.2.2.1.10")

indexes = st.lists(st.lists(part, min_size=1, max_size=4).map(tuple), min_size=1, max_size=12, unique=True)


@given(indexes=indexes, cut=st.integers(1, 12))
def test_a_walk_takes_names_that_grow_as_snmp_orders_them(indexes: list[tuple[int, ...]], cut: int) -> None:
    """The order of SNMP is that of the sub-identifiers, which is not always that of their bytes."""
    grown = [ROOT + b"".join(oid.pack((1, 3, one))[1:] for one in index) for index in sorted(indexes)]
    column = Column(ROOT)
    for start in range(0, len(grown), cut):
        step = grown[start : start + cut]
        assert not column.take(step, [1] * len(step), ended=False)
    assert column.names == grown
    assert column.take([grown[0]], [1], ended=False)
    assert column.broken is not None
    assert column.broken.reason == "not_increasing"
    assert column.names == grown


def test_the_end_of_the_view_ends_a_walk_without_a_fault() -> None:
    column = Column(ROOT)
    first = ROOT + b"\1"
    assert column.take([first, first], [5, None], ended=True)
    assert (column.names, column.values, column.broken) == ([first], [5], None)


def test_an_object_identifier_is_told_from_text() -> None:
    binds = bind(0x06, b"\x2b\6\1") + bind(0x04, b"\x2b\6\1")
    _, found, _, _ = varbinds.read(binds, 0, len(binds))
    assert [type(value) for value in found] == [ObjectId, bytes]
