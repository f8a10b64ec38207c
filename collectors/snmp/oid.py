"""Object identifiers as the bytes of their BER encoding (X.690, 8.19).

A prefix of an encoded OID is a prefix of its bytes, order within a subtree is kept by `key`, and bytes hash
and compare fast: so OIDs stay bytes from the datagram to the series, and are written with dots for people only.
"""

from __future__ import annotations

from functools import lru_cache

Oid = bytes


@lru_cache(maxsize=65536)
def encode(dotted: str) -> Oid:
    """Bytes of an OID written with dots. Raises ValueError for what is none.

    >>> encode("1.3.6.1.2.1").hex()
    '2b06010201'
    """
    return pack(tuple(int(part) for part in dotted.strip(".").split(".")))


def pack(parts: tuple[int, ...]) -> Oid:
    """Bytes of an OID given by its sub-identifiers. Raises ValueError where there are less than two."""
    if len(parts) < 2 or parts[0] > 2 or min(parts) < 0:
        raise ValueError(f"no object identifier: {parts}")
    out = bytearray()
    for part in (parts[0] * 40 + parts[1], *parts[2:]):
        if part < 0x80:
            out.append(part)
        else:
            out += suffix_part(part)
    return bytes(out)


def suffix_part(part: int) -> bytes:
    """Bytes of one sub-identifier."""
    groups = [part & 0x7F]
    while part := part >> 7:
        groups.append(0x80 | part & 0x7F)
    return bytes(reversed(groups))


def parts(encoded: bytes) -> tuple[int, ...]:
    """Sub-identifiers of encoded bytes that follow the first two: of an index, or of a subtree's tail."""
    found, value = [], 0
    for byte in encoded:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(value)
            value = 0
    return tuple(found)


def unpack(oid: Oid) -> tuple[int, ...]:
    """Sub-identifiers of an OID. A comparison of these tuples is the order of SNMP."""
    numbers = parts(oid)
    if not numbers:
        return ()
    first = min(numbers[0] // 40, 2)
    return (first, numbers[0] - first * 40, *numbers[1:])


def decode(oid: Oid) -> str:
    """The OID written with dots.

    >>> decode(bytes.fromhex("2b06010201"))
    '1.3.6.1.2.1'
    """
    return ".".join(map(str, unpack(oid)))
