"""Agents that do as a test tells them: a UDP socket of its own each, and what it takes to write any answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import responder
from responder import Oid, parts, unpack, wrap

Answer = Callable[[bytes, tuple[str, int], socket.socket], bytes | list[bytes] | None]


class Request:
    """What a request says: enough to answer it with anything."""

    def __init__(self, datagram: bytes) -> None:
        _, community, pdu = parts(next(parts(datagram)).body)
        self.community, self.kind = community.body, pdu.tag
        number, _, second, binds = parts(pdu.body)
        self.number, self.repetitions = number.body, int.from_bytes(second.body)
        self.names = [unpack(next(parts(bind.body)).body) for bind in parts(binds.body)]

    @property
    def of_a_walk(self) -> bool:
        return self.kind == responder.GET_BULK

    def reply(
        self,
        *binds: bytes,
        status: int = 0,
        number: bytes | None = None,
        login: bytes | None = None,
        kind: int = responder.RESPONSE,
    ) -> bytes:
        pdu = wrap(0x02, self.number if number is None else number) + wrap(0x02, bytes((status,)))
        pdu += wrap(0x02, b"\0") + wrap(0x30, b"".join(binds))
        said = wrap(0x02, b"\x01") + wrap(0x04, self.community if login is None else login)
        return wrap(0x30, said + wrap(kind, pdu))


def bind(name: Oid, value: bytes) -> bytes:
    return wrap(0x30, wrap(0x06, responder.pack(name)) + value)


@contextmanager
def agent(answer: Answer, port: int = 0) -> Iterator[int]:
    """An agent that answers as told; yields its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each:
        each.bind(("127.0.0.1", port))
        each.settimeout(0.05)
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(each, answer, over), daemon=True)
        thread.start()
        try:
            yield int(each.getsockname()[1])
        finally:
            over.set()
            thread.join(2)


def _serve(each: socket.socket, answer: Answer, over: threading.Event) -> None:
    while not over.is_set():
        try:
            request, sender = each.recvfrom(65_535)
        except TimeoutError:
            continue
        replies = answer(request, sender, each)
        for reply in [replies] if isinstance(replies, bytes) else replies or []:
            each.sendto(reply, sender)
