"""Recorded answers, and what a hostile agent makes of them: seeded mutants of datagrams."""

from __future__ import annotations

import array
import os
import random
import secrets
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from responder import Agent, Oid, Part, Value, pack, parts, wrap

CPU_LIMIT = 0.005
"""Seconds of CPU that a datagram may cost, at the 99.9th percentile."""

LONG = [pytest.mark.proof, pytest.mark.timeout(3600)]

NEST = b"\x30\x80" * 700
DEEP = b"".join(b"\x30\x82" + (4 * n).to_bytes(2) for n in range(350, 0, -1))
HUGE_NAMES = (
    wrap(0x06, b"\x2b" + b"\xff" * 900),
    wrap(0x06, b"\x2b" + b"\x01" * 1300),
    wrap(0x06, b"\x2b\x80\x80\x80\x80\x80\x01"),
    wrap(0x06, b""),
    wrap(0x06, b"\x2b\x06\x01\xff"),
)
ODD_VALUES = (
    wrap(0x02, b""),
    wrap(0x46, b"\xff" * 9),
    wrap(0x41, b"\x7f" * 200),
    wrap(0x04, b"A" * 5000),
    wrap(0x7F, b"?"),
    wrap(0x82, b""),
    b"\x04\x84\xff\xff\xff\xff",
    b"\x02\x89" + b"\x01" * 9,
)
LENGTHS = (b"\x00", b"\x7f", b"\x80", b"\x81\xff", b"\x82\xff\xff", b"\x84\x7f\xff\xff\xff", b"\xff")


class Row(NamedTuple):
    """An object of a recording: its name and its encoded value."""

    name: Oid
    value: bytes


def recorded(path: Path) -> Iterator[Row]:
    """The objects of a recording (`OID|type|value`, as snmpsim has them) whose values are written out."""
    for line in path.read_text(encoding="latin-1").splitlines():
        fields = line.split("|", 2)
        if len(fields) != 3 or not fields[1].rstrip("x").isdigit():
            continue
        name = tuple(int(part) for part in fields[0].strip(".").split("."))
        tag, text = int(fields[1].rstrip("x")), fields[2]
        yield Row(name, _encoded(tag, bytes.fromhex(text) if fields[1].endswith("x") else text))


def _encoded(tag: int, value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return wrap(tag, value)
    if tag == 0x06:
        return wrap(tag, pack(tuple(int(part) for part in value.strip(".").split(".") if part)))
    if tag in (0x02, 0x41, 0x42, 0x43, 0x46):
        number = int(value or 0)
        return wrap(tag, number.to_bytes(number.bit_length() // 8 + 1, signed=True))
    if tag == 0x40:
        return wrap(tag, bytes(int(part) for part in value.split(".")))
    return wrap(tag, value.encode("latin-1"))


def agent_of(path: Path, limit: int = 1300) -> Agent:
    """An agent that answers as a recorded device."""
    table: dict[Oid, Value] = {row.name: row.value for row in recorded(path)}
    return Agent(table, limit)


def heads(datagram: bytes) -> list[int]:
    """Where the elements of a datagram begin, at any depth, while their lengths are right."""
    found: list[int] = []
    open_ = [(0, len(datagram))]
    while open_:
        at, stop = open_.pop()
        while at + 2 <= stop:
            found.append(at)
            tag, size, begin = datagram[at], datagram[at + 1], at + 2
            if size & 0x80:
                width = size & 0x7F
                size, begin = int.from_bytes(datagram[begin : begin + width]), begin + width
            if begin + size > stop:
                break
            if tag & 0x20:
                open_.append((begin, begin + size))
            at = begin + size
    return found


def mutant(right: bytes, other: bytes, chance: random.Random, grown: float = 0.5) -> bytes:
    """A datagram that was bent in one to three ways; `other` is a second one to take pieces from.

    A share of them, `grown`, keeps the lengths around what was bent: a reader goes on to it, and mostly believes it.
    """
    if chance.random() < grown:
        return regrown(right, chance)
    bent = right
    for _ in range(chance.randrange(1, 4)):
        bent = chance.choice(WAYS)(bent, other, chance)
    return mended(bent) if chance.random() < 0.5 else bent[:65_000]


def regrown(right: bytes, chance: random.Random) -> bytes:
    """An answer of SNMPv2c with other varbinds, and lengths that are right around them."""
    version, community, pdu = parts(next(parts(right)).body)
    number, status, place, binds = parts(pdu.body)
    rows = [[wrap(*part) for part in parts(bind.body)] for bind in parts(binds.body)]
    for _ in range(chance.randrange(1, 4)):
        _regrow(rows, chance)
    grown = wrap(0x30, b"".join(wrap(0x30, b"".join(row)) for row in rows))
    if chance.random() < 0.1:
        status = Part(0x02, chance.randbytes(chance.randrange(5)))
    made = wrap(pdu.tag, b"".join(wrap(*part) for part in (number, status, place)) + grown)
    return wrap(0x30, wrap(*version) + wrap(*community) + made)[:65_000]


def _regrow(rows: list[list[bytes]], chance: random.Random) -> None:
    if not rows:
        return
    at, part = chance.randrange(len(rows)), chance.randrange(2)
    match chance.randrange(7):
        case 0:
            rows.insert(chance.randrange(len(rows) + 1), rows[at])
        case 1:
            del rows[at]
        case 2:
            chance.shuffle(rows)
        case 3:
            rows[at] = [rows[at][0], chance.choice(ODD_VALUES)]
        case 4 if chance.random() < 0.2:
            rows[at] = [chance.choice(HUGE_NAMES), rows[at][-1]]
        case _ if part < len(rows[at]):
            # Mostly of values: one crooked name spoils the whole answer.
            part = 0 if chance.random() < 0.1 else 1
            found = next(parts(rows[at][part]), Part(0x05, b""))
            rows[at] = [
                *rows[at][:part],
                wrap(found.tag, _flip(found.body, b"", chance)),
                *rows[at][part + 1 :],
            ]
        case _:
            rows.reverse()


def mended(datagram: bytes) -> bytes:
    """The same with an outermost length that is right, so that a reader goes on to what is inside."""
    if len(datagram) < 2 or datagram[0] != 0x30:
        return datagram[:65_000]
    width = datagram[1] & 0x7F if datagram[1] & 0x80 else 0
    return wrap(0x30, datagram[2 + width : 65_000])


def _flip(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    bent = bytearray(data)
    for _ in range(chance.randrange(1, 9)):
        if bent:
            bent[chance.randrange(len(bent))] ^= 1 << chance.randrange(8)
    return bytes(bent)


def _overwrite(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.randrange(1, 9)) + data[at + 4 :]


def _cut(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _double(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    begin, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    return data[:end] + data[begin:end] * chance.randrange(1, 4) + data[end:]


def _splice(data: bytes, other: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _lie(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    """An element says another length than it has."""
    at = chance.choice(heads(data) or [0])
    return data[: at + 1] + chance.choice(LENGTHS) + data[at + 2 :]


def _exchange(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    """An element gives way to something huge, deep or odd."""
    at = chance.choice(heads(data) or [0])
    return (
        data[:at] + chance.choice((NEST, DEEP, *HUGE_NAMES, *ODD_VALUES)) + data[at + 2 + _short(data, at) :]
    )


def _short(data: bytes, at: int) -> int:
    return data[at + 1] & 0x7F if at + 1 < len(data) else 0


def _retag(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    at = chance.choice(heads(data) or [0])
    return data[:at] + bytes((chance.randrange(256),)) + data[at + 1 :]


WAYS = (_flip, _overwrite, _cut, _double, _splice, _lie, _exchange, _retag)


# --- suites of them ----------------------------------------------------------------------------------------


def seed(short: bool) -> int:
    """The seed of a suite: the same each time for a short one, a new one for a long."""
    return int(os.environ.get("JAUGE_SEED", "0")) or (20261124 if short else secrets.randbits(32))


class Costs:
    """CPU of this thread by datagram."""

    def __init__(self) -> None:
        self.nanoseconds = array.array("Q")

    def __str__(self) -> str:
        found = statistics.quantiles(self.nanoseconds, n=1000)
        shown = {"p50": found[499], "p99": found[989], "p99.9": found[998], "max": max(self.nanoseconds)}
        return ", ".join(f"{name} {value / 1000:.0f} µs" for name, value in shown.items())

    @property
    def high(self) -> float:
        """Seconds, at the 99.9th percentile."""
        return statistics.quantiles(self.nanoseconds, n=1000)[998] / 1e9
