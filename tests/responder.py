"""A canned SNMP responder for load tests: many agents in one thread, each a fixed table, v2c only.

BER (ITU-T X.690) by hand, as much as GET, GETNEXT and GETBULK (RFC 3416) need; values are encoded once.
"""

from __future__ import annotations

import bisect
import selectors
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

Oid = tuple[int, ...]
Value = int | str | bytes | Oid

GET, GET_NEXT, RESPONSE, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
NO_SUCH_INSTANCE, END_OF_MIB_VIEW = b"\x81\x00", b"\x82\x00"
REPLY_LIMIT = 60_000


SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
HOST: Oid = (1, 3, 6, 1, 2, 1, 25)


def server(units: int = 1000) -> dict[Oid, Value]:
    """A server with one disk `/srv`, of which so many units of 4 KiB are used."""
    storage = (*HOST, 2, 3, 1)
    return {
        (*SYSTEM, 1, 0): "Linux canned 6.1.0",
        (*SYSTEM, 2, 0): (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10),
        (*HOST, 1, 1, 0): 123_456,
        (*storage, 2, 1): (*HOST, 2, 1, 4),
        (*storage, 3, 1): "/srv",
        (*storage, 4, 1): 4096,
        (*storage, 5, 1): 50_000_000,
        (*storage, 6, 1): units,
    }


class Agent:
    """One table of objects: integers are INTEGER, texts OCTET STRING, tuples OBJECT IDENTIFIER.

    Bytes are a value that is encoded already. No answer to a GETBULK holds more than `limit` bytes of objects.
    """

    def __init__(self, table: Mapping[Oid, Value], limit: int = REPLY_LIMIT) -> None:
        self.limit = limit
        self.names = sorted(table)
        self.values = [encode(table[name]) for name in self.names]
        self.binds = [
            wrap(0x30, wrap(0x06, pack(name)) + value)
            for name, value in zip(self.names, self.values, strict=True)
        ]

    def get(self, name: Oid) -> bytes:
        place = bisect.bisect_left(self.names, name)
        if place < len(self.names) and self.names[place] == name:
            return self.binds[place]
        return wrap(0x30, wrap(0x06, pack(name)) + NO_SUCH_INSTANCE)

    def following(self, name: Oid, count: int) -> list[bytes]:
        """Up to `count` objects after `name`; endOfMibView closes the list where it is shorter."""
        place = bisect.bisect_right(self.names, name)
        found = self.binds[place : place + count]
        if len(found) < count:
            last = self.names[-1] if found else name
            found = [*found, wrap(0x30, wrap(0x06, pack(last)) + END_OF_MIB_VIEW)]
        return found

    def answer(self, request: bytes) -> bytes | None:
        """The response to a request, or None where it is no request of v2c."""
        fields = list(parts(next(parts(request)).body))
        if len(fields) != 3 or fields[0].body != b"\x01" or fields[2].tag not in (GET, GET_NEXT, GET_BULK):
            return None
        kind = fields[2].tag
        number, first, second, binds = parts(fields[2].body)
        names = [unpack(next(parts(bind.body)).body) for bind in parts(binds.body)]
        if kind == GET:
            found = [self.get(name) for name in names]
        elif kind == GET_NEXT:
            found = [self.following(name, 1)[0] for name in names]
        else:
            found = self._bulk(names, int.from_bytes(first.body), int.from_bytes(second.body))
        pdu = (
            wrap(0x02, number.body) + wrap(0x02, b"\x00") + wrap(0x02, b"\x00") + wrap(0x30, b"".join(found))
        )
        return wrap(0x30, wrap(0x02, b"\x01") + wrap(0x04, fields[1].body) + wrap(RESPONSE, pdu))

    def _bulk(self, names: Sequence[Oid], once: int, repetitions: int) -> list[bytes]:
        found = [self.following(name, 1)[0] for name in names[:once]]
        columns = [self.following(name, repetitions) for name in names[once:]]
        size = 0
        for row in range(repetitions):
            for column in columns:
                bind = column[min(row, len(column) - 1)]
                size += len(bind)
                if size > self.limit:
                    return found
                found.append(bind)
            if all(row >= len(column) - 1 for column in columns):
                break
        return found


class Switch(Agent):
    """An agent that can be told to be silent."""

    silent = False

    def answer(self, request: bytes) -> bytes | None:
        return None if self.silent else super().answer(request)


class Counting(Agent):
    """An agent that counts what it is asked."""

    asked = 0

    def answer(self, request: bytes) -> bytes | None:
        self.asked += 1
        return super().answer(request)


class Responder:
    """Serves each agent on a UDP port of 127.0.0.1 of its own, in one thread. `ports` are in their order.

    `silent` more ports are bound and never answered. `asked` counts the requests.
    """

    def __init__(self, agents: Sequence[Agent], silent: int = 0) -> None:
        self.asked = 0
        self._sockets = [self._bind() for _ in range(len(agents) + silent)]
        self.ports = [int(each.getsockname()[1]) for each in self._sockets]
        self._selector = selectors.DefaultSelector()
        for each, agent in zip(self._sockets, agents, strict=False):
            self._selector.register(each, selectors.EVENT_READ, agent)
        self._waker, self._wake = socket.socketpair()
        self._selector.register(self._waker, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @staticmethod
    def _bind() -> socket.socket:
        each = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        each.setblocking(False)
        each.bind(("127.0.0.1", 0))
        return each

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                self._drain(key.fileobj, key.data)

    def _drain(self, each: socket.socket, agent: Agent) -> None:
        while True:
            try:
                request, sender = each.recvfrom(65_535)
            except BlockingIOError:
                return
            self.asked += 1
            reply = agent.answer(request)
            if reply is not None:
                each.sendto(reply, sender)

    def __enter__(self) -> Responder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._wake.send(b"x")
        self._thread.join(5)
        for each in (*self._sockets, self._waker, self._wake):
            each.close()
        self._selector.close()


class Part(NamedTuple):
    tag: int
    body: bytes


def parts(data: bytes) -> Iterator[Part]:
    """The elements of a constructed value."""
    place = 0
    while place < len(data):
        tag, length = data[place], data[place + 1]
        place += 2
        if length & 0x80:
            digits = length & 0x7F
            length = int.from_bytes(data[place : place + digits])
            place += digits
        yield Part(tag, data[place : place + length])
        place += length


def wrap(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    digits = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(digits))) + digits + body


def encode(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, tuple):
        return wrap(0x06, pack(value))
    if isinstance(value, str):
        return wrap(0x04, value.encode())
    return wrap(0x02, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def pack(name: Oid) -> bytes:
    out = bytearray((name[0] * 40 + name[1],)) if len(name) > 1 else bytearray()
    for number in name[2:]:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        out += bytes(reversed(digits))
    return bytes(out)


def unpack(data: bytes) -> Oid:
    numbers = list(divmod(data[0], 40)) if data[0] < 80 else [2, data[0] - 80]
    number = 0
    for byte in data[1:]:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    return tuple(numbers)
