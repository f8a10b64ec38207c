"""Points as a WriteRequest of Prometheus remote write 1.0, and back.

    message WriteRequest { repeated TimeSeries timeseries = 1; }
    message TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; }
    message Label        { string name = 1; string value = 2; }
    message Sample       { double value = 1; int64 timestamp = 2; }    // milliseconds

https://prometheus.io/docs/specs/prw/remote_write_spec/ - four small messages, written by hand: a library for them
would be a hundred times their size.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import cramjam

from exporters.history import Point
from inventory.metrics import Labels

MARK: Final = "history"
"""Label that marks a series as one of a Jauge: no name of the vocabulary."""

MOST: Final = 2_000
"""Samples of one request."""

Pairs = tuple[tuple[str, str], ...]
"""Labels by name."""
_REMEMBERED: Final = 200_000
_VALUE: Final = struct.Struct("<d")
_WIRE_VARINT, _WIRE_64, _WIRE_BYTES, _WIRE_32 = 0, 1, 2, 5


class Series(NamedTuple):
    """One series of a request: all its labels by name, `__name__` among them, and its samples by time."""

    labels: Pairs
    samples: tuple[tuple[int, float], ...]
    """Milliseconds and value."""


class Request(NamedTuple):
    """A request as it goes over the wire, and how many samples it holds."""

    body: bytes
    samples: int
    oldest: int | None = None
    """Instant of its oldest sample (milliseconds), None where nobody looked."""


class Encoder:
    """Makes requests of points. `name` is the value of the label that marks them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: dict[tuple[str, str, Labels], bytes] = {}

    def requests(self, points: Sequence[Point]) -> Iterator[Request]:
        """The points in requests of at most MOST samples; of each series the samples are in the order of time."""
        for first in range(0, len(points), MOST):
            yield self._request(points[first : first + MOST])

    def _request(self, points: Sequence[Point]) -> Request:
        samples: dict[bytes, dict[int, float]] = {}
        for point in points:
            key = (point.target, point.metric, point.labels)
            samples.setdefault(self._known.get(key) or self._labels(key), {})[round(point.at * 1000)] = float(
                point.value
            )
        body = b"".join(_field(1, labels + _samples(sorted(of.items()))) for labels, of in samples.items())
        return Request(pack(body), sum(map(len, samples.values())), min(map(min, samples.values())))

    def _labels(self, key: tuple[str, str, Labels]) -> bytes:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        target, metric, labels = key
        pairs = [("__name__", metric), ("target", target), (MARK, self._name), *labels]
        made = self._known[key] = _labels(sorted(pairs))
        return made


def encode(series: Iterable[Series]) -> bytes:
    """The body of a request of these series."""
    return pack(b"".join(_field(1, _labels(one.labels) + _samples(one.samples)) for one in series))


def pack(body: bytes) -> bytes:
    """A message in snappy's block format, as the protocol wants it."""
    return bytes(cramjam.snappy.compress_raw(body))


def decode(body: bytes) -> list[Series]:
    """The series of a request. Raises ValueError where it is none."""
    try:
        message = memoryview(bytes(cramjam.snappy.decompress_raw(body)))
        return [_series(part) for number, part in _fields(message) if number == 1]
    except (cramjam.DecompressionError, struct.error) as error:
        raise ValueError(str(error)) from None


def _labels(pairs: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(_field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in pairs)


def _samples(samples: Iterable[tuple[int, float]]) -> bytes:
    return b"".join(
        _field(2, b"\x09" + _VALUE.pack(value) + b"\x10" + _varint(at & 0xFFFF_FFFF_FFFF_FFFF))
        for at, value in samples
    )


def _field(number: int, content: bytes) -> bytes:
    return bytes((number << 3 | _WIRE_BYTES,)) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)


def _series(message: memoryview) -> Series:
    labels: list[tuple[str, str]] = []
    samples: list[tuple[int, float]] = []
    for number, part in _fields(message):
        if number == 1:
            pair = {which: str(text, "utf-8") for which, text in _fields(part)}
            labels.append((pair.get(1, ""), pair.get(2, "")))
        elif number == 2:
            samples.append(_sample(part))
    return Series(tuple(labels), tuple(samples))


def _sample(message: memoryview) -> tuple[int, float]:
    at, value = 0, 0.0
    for number, part in _fields(message):
        if number == 1:
            (value,) = _VALUE.unpack(part)
        elif number == 2:
            at = int.from_bytes(part, "little", signed=True)
    return at, value


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Number and content of each field; that of a varint is its eight bytes."""
    place = 0
    while place < len(message):
        tag, place = _read_varint(message, place)
        wire = tag & 7
        if wire == _WIRE_VARINT:
            number, place = _read_varint(message, place)
            yield tag >> 3, memoryview(number.to_bytes(8, "little"))
            continue
        if wire == _WIRE_BYTES:
            size, place = _read_varint(message, place)
        elif wire in (_WIRE_64, _WIRE_32):
            size = 8 if wire == _WIRE_64 else 4
        else:
            raise ValueError(f"no message of remote write: wire type {wire}")
        if place + size > len(message):
            raise ValueError("the message ends before its end")
        yield tag >> 3, message[place : place + size]
        place += size


def _read_varint(message: memoryview, place: int) -> tuple[int, int]:
    number = shift = 0
    while place < len(message) and shift < 70:
        byte = message[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return number & 0xFFFF_FFFF_FFFF_FFFF, place
    raise ValueError("the message ends before its end")
