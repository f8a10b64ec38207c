"""The wire: one UDP socket for each address family, every request under way, and who may answer it.

A request has a number that nobody can guess, and is sent again, later each time, until its answer comes or its
tries are used up; the answer to any try will do. An answer counts only if it comes from the address that was
asked and its message proves right (`security`); anything else is dropped and counted, and fails nothing.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import os
import random
import socket
import struct
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final

import structlog

from collectors.poll import PollError
from collectors.snmp import messages
from collectors.snmp.ber import MalformedError
from collectors.snmp.messages import Answer
from collectors.snmp.security import Again, Security
from inventory.metrics import Reason

log = structlog.get_logger(__name__)

DATAGRAM: Final = 65_535
BURST: Final = 200
"""Datagrams that are read before timers and other tasks get their turn."""

BUFFER: Final = 8 * 1024 * 1024
"""Bytes that we would like the kernel to keep for us; it may give less."""

DATAGRAM_COST: Final = 2560
"""Bytes of the kernel's buffer that one answer takes, whatever its length: the buffer that it came in counts."""

CREDIT_SECONDS: Final = 0.25
"""An answer that has not come by then comes alone, not in a burst: its place in the buffer is free again."""

JITTER: Final = 0.1
BURST_PACKETS: Final = 100.0
"""Packets that an agent may get at once before its limit of packets a second holds."""

Sockaddr = tuple[Any, ...]
Make = Callable[[int, int], bytes]
"""Makes the PDU of a request from its number and how often nothing came of it before."""

Read = Callable[[bytes, int, int, int], Answer]
"""Reads the PDU of an answer, as `messages.answer` does."""

Done = Callable[["Reply | PollError"], None]
"""Is told what came of a request: once, and perhaps before it is returned."""


class Agent:
    """One end that is asked: where it is, how its messages are secured, and how patient we are with it.

    `timeout` is in seconds and holds for one try, `tries` counts the first one, `rate` is packets a second.
    `retries` and `bad` count what was sent again and what was dropped, since the agent was made.
    """

    def __init__(
        self, family: int, address: Sockaddr, security: Security, timeout: float, tries: int, rate: float
    ) -> None:
        self.family = family
        self.address = address
        self.peer = peer(address)
        self.security = security
        self.timeout = timeout
        self.tries = tries
        self.retries = 0
        self.bad = 0
        self._rate = rate
        self._packets = BURST_PACKETS
        self._counted = time.monotonic()

    def pause(self) -> float:
        """Seconds to wait before the next packet, which is counted."""
        now = time.monotonic()
        self._packets = min(self._packets + (now - self._counted) * self._rate, BURST_PACKETS) - 1.0
        self._counted = now
        return max(0.0, -self._packets / self._rate)


class Exchange:
    """A request: before it is sent, under way, or `over`."""

    __slots__ = (
        "agent",
        "bad",
        "credit",
        "done",
        "learned",
        "make",
        "number",
        "over",
        "read",
        "refused",
        "sent",
        "strangers",
        "timer",
        "wait",
    )

    def __init__(self, agent: Agent, make: Make, read: Read, done: Done) -> None:
        self.agent = agent
        self.make = make
        self.read = read
        self.done = done
        self.number = 0
        self.over = False
        self.sent = 0
        self.credit = False
        self.wait = 0.0
        self.learned: tuple[Reason, ...] = ()
        self.strangers: tuple[str, ...] = ()
        self.bad = 0
        self.refused: PollError | None = None
        self.timer: asyncio.TimerHandle | None = None


class Reply:
    """An answer, and what it took: how often the request was sent again, and what was dropped meanwhile."""

    __slots__ = ("answer", "bad", "retries")

    def __init__(self, answer: Answer, retries: int, bad: int) -> None:
        self.answer = answer
        self.retries = retries
        self.bad = bad


class Wire:
    """Sends requests and matches answers. One for an event loop; sockets are opened with the first request."""

    def __init__(self) -> None:
        self._sockets: dict[int, socket.socket] = {}
        self._pending: dict[int, Exchange] = {}
        self._agents: weakref.WeakValueDictionary[tuple[str, int], Agent] = weakref.WeakValueDictionary()
        self._room = 0
        self._waiting: collections.deque[Exchange] = collections.deque()
        self._admitting = False
        self._closed = False
        self._numbers = _numbers()
        self._jitter = random.Random()  # noqa: S311 - not to be guessed is the number, not the time
        self._fresh: collections.deque[tuple[float, Exchange]] = collections.deque()
        self._looking: asyncio.TimerHandle | None = None
        self.strays = 0
        """Datagrams of nobody who was asked."""

    def post(self, agent: Agent, make: Make, read: Read, done: Done) -> Exchange:
        """Send a request until it is answered, or fails for good: `done` is told."""
        exchange = Exchange(agent, make, read, done)
        wait = agent.pause()
        if wait > 0:
            exchange.timer = asyncio.get_running_loop().call_later(wait, self._queue, exchange)
        else:
            self._queue(exchange)
        return exchange

    def drop(self, exchange: Exchange) -> None:
        """Forget a request: nobody waits for it any more."""
        if exchange.over:
            return
        exchange.over = True
        if exchange.timer is not None:
            exchange.timer.cancel()
        if self._pending.get(exchange.number) is exchange:
            del self._pending[exchange.number]
            self._release(exchange)

    def close(self) -> None:
        """Close every socket for good; what is under way, waits, or is asked from now on fails."""
        self._closed = True
        for each in self._sockets.values():
            with contextlib.suppress(RuntimeError, ValueError):
                asyncio.get_running_loop().remove_reader(each)
            each.close()
        self._sockets.clear()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        left = [*self._waiting, *self._pending.values()]
        self._waiting.clear()  # else the places of those under way would be given to them
        for exchange in left:
            self._finish(exchange, PollError("internal", "polling has ended"))

    # --- sending --------------------------------------------------------------------------------------

    def _socket(self, family: int) -> socket.socket:
        found = self._sockets.get(family)
        if found is None:
            try:
                found = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
                if family == socket.AF_INET6:
                    found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                found.bind(("", 0) if family == socket.AF_INET else ("::", 0))
            except OSError as error:
                if found is not None:
                    found.close()
                raise PollError("internal", f"no socket to poll with: {error.strerror}") from None
            self._room += _buffer(found) // DATAGRAM_COST
            self._sockets[family] = found
            asyncio.get_running_loop().add_reader(found, self._readable, found)
        return found

    def _number(self) -> int:
        while (number := next(self._numbers)) in self._pending:
            pass
        return number

    def _queue(self, exchange: Exchange) -> None:
        """Let a request wait for a place in the kernel's buffer: mostly there is one."""
        try:
            if self._closed:
                raise PollError("internal", "polling has ended")
            self._socket(exchange.agent.family)
        except PollError as error:
            self._finish(exchange, error)
            return
        self._agents[exchange.agent.peer] = exchange.agent
        self._waiting.append(exchange)
        self._admit()

    def _admit(self) -> None:
        """Send what waits, as far as there are places."""
        if self._admitting:  # one that could not be sent has left its place
            return
        self._admitting = True
        try:
            while self._room > 0 and self._waiting:
                exchange = self._waiting.popleft()
                if not exchange.over:
                    self._begin(exchange)
        finally:
            self._admitting = False

    def _begin(self, exchange: Exchange) -> None:
        exchange.number = self._number()
        exchange.credit = True
        exchange.timer = None
        self._pending[exchange.number] = exchange
        self._room -= 1
        self._send(exchange)

    def _finish(self, exchange: Exchange, outcome: Reply | PollError) -> None:
        """Tell what came of a request: it is over."""
        if not exchange.over:
            self.drop(exchange)
            exchange.done(outcome)

    def _send(self, exchange: Exchange) -> None:
        """Send a request, and set the time at which to look again."""
        agent = exchange.agent
        try:
            pdu = exchange.make(exchange.number, exchange.sent - len(exchange.learned))
            datagram = agent.security.seal(pdu, exchange.number)
            self._sockets[agent.family].sendto(datagram, agent.address)
        except PollError as error:
            self._finish(exchange, error)
            return
        except BlockingIOError:
            pass  # the kernel's queue is full: as good as lost, and sent again
        except OSError as error:
            self._finish(exchange, PollError("refused", f"cannot send to {agent.peer[0]}: {error.strerror}"))
            return
        exchange.sent += 1
        exchange.wait = agent.timeout * self._jitter.uniform(1 - JITTER, 1 + JITTER)
        if exchange.sent == 1 and exchange.wait > CREDIT_SECONDS:
            self._watch(exchange)
        else:
            self._await(exchange, exchange.wait)

    def _watch(self, exchange: Exchange) -> None:
        """Look at an exchange when its answer is late. Most are answered by then: one timer serves all, in their turn."""
        loop = asyncio.get_running_loop()
        self._fresh.append((loop.time() + CREDIT_SECONDS, exchange))
        if self._looking is None:
            self._looking = loop.call_later(CREDIT_SECONDS, self._look)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._fresh and (self._fresh[0][0] <= now or self._fresh[0][1].over):
            _, exchange = self._fresh.popleft()
            if not exchange.over:
                self._release(exchange)
                if exchange.sent == 1:  # not sent again meanwhile, with a timer of its own
                    self._await(exchange, exchange.wait - CREDIT_SECONDS)
        self._looking = loop.call_at(self._fresh[0][0], self._look) if self._fresh else None

    def _await(self, exchange: Exchange, seconds: float) -> None:
        exchange.timer = asyncio.get_running_loop().call_later(seconds, self._expired, exchange)

    def _release(self, exchange: Exchange) -> None:
        if exchange.credit:
            exchange.credit = False
            self._room += 1
            self._admit()

    def _expired(self, exchange: Exchange) -> None:
        agent = exchange.agent
        if exchange.over:
            return
        if exchange.sent - len(exchange.learned) >= agent.tries:
            self._finish(exchange, _silence(exchange))
            return
        agent.retries += 1
        agent.pause()
        self._send(exchange)

    # --- hearing --------------------------------------------------------------------------------------

    def _readable(self, each: socket.socket) -> None:
        for _ in range(BURST):
            try:
                datagram, sender = each.recvfrom(DATAGRAM)
            except BlockingIOError:
                return
            except OSError as error:
                log.warning("socket", why=error.strerror)
                return
            try:
                self._heard(datagram, sender)
            except Exception as error:  # noqa: BLE001 - the boundary of a datagram: it never reaches the event loop
                log.error("datagram dropped", sender=sender[0], error=type(error).__name__)

    def _heard(self, datagram: bytes, sender: Sockaddr) -> None:
        try:
            exchange = self._pending.get(messages.number_of(datagram))
        except MalformedError:
            exchange = None
        if exchange is None:
            self._stray(peer(sender))
            return
        if sender != exchange.agent.address and peer(sender) != exchange.agent.peer:
            if len(exchange.strangers) < 3 and str(sender[0]) not in exchange.strangers:
                exchange.strangers += (str(sender[0]),)
            self.strays += 1
            return
        try:
            data, start, stop = exchange.agent.security.open(datagram, exchange.number)
            found = exchange.read(data, start, stop, exchange.number)
        except MalformedError:
            exchange.bad += 1
            exchange.agent.bad += 1
        except Again as lesson:
            self._again(exchange, lesson)
        except PollError as error:
            self._finish(exchange, error)
        else:
            self._finish(exchange, Reply(found, exchange.sent - 1 - len(exchange.learned), exchange.bad))

    def _again(self, exchange: Exchange, lesson: Again) -> None:
        """Ask again at once with what was learned, once for each lesson."""
        if lesson.reason in exchange.learned:
            # Said again, perhaps to an earlier try: it only counts where no better answer comes.
            exchange.refused = PollError(lesson.reason, "the agent says so again after a new start")
            exchange.bad += 1
            exchange.agent.bad += 1
            return
        exchange.learned += (lesson.reason,)
        if exchange.timer is not None:
            exchange.timer.cancel()
        self._send(exchange)

    def _stray(self, sender: tuple[str, int]) -> None:
        """Count a datagram that answers nothing: against its sender where that is somebody we ask."""
        self.strays += 1
        agent = self._agents.get(sender)
        if agent is not None:
            agent.bad += 1


def _numbers() -> Iterator[int]:
    """Numbers of 31 bits, never 0, that nobody can guess, without end."""
    while True:
        for (drawn,) in struct.iter_unpack(">I", os.urandom(4096)):
            if number := drawn >> 1:
                yield number


def peer(address: Sockaddr) -> tuple[str, int]:
    """Host and port of a socket address of either family, without the zone of a link-local one."""
    return str(address[0]).partition("%")[0], int(address[1])


def _silence(exchange: Exchange) -> PollError:
    """Why no answer came, as far as it is known."""
    why = exchange.refused or exchange.agent.security.silence()
    if why is not None:
        return why
    host, port = exchange.agent.peer
    said = f"no answer from {host} port {port} to {exchange.sent} tries"
    if exchange.strangers:
        said += f", but one came from {', '.join(sorted(exchange.strangers))}: poll that address"
    elif exchange.bad:
        said += f"; {exchange.bad} datagrams could not be believed"
    return PollError("timeout", said)


def _buffer(each: socket.socket) -> int:
    """Ask for a large receive buffer; the bytes that the kernel really counts with."""
    force = getattr(socket, "SO_RCVBUFFORCE", 33)  # Linux: beyond net.core.rmem_max, for the privileged
    for option in (force, socket.SO_RCVBUF):
        try:
            each.setsockopt(socket.SOL_SOCKET, option, BUFFER)
            break
        except OSError:
            continue
    return each.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


async def resolve(host: str, port: int) -> tuple[int, Sockaddr]:
    """Family and socket address of a host. Raises PollError where the name is not known."""
    for family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError):
            socket.inet_pton(family, host)
            return family, (host, port) if family == socket.AF_INET else (host, port, 0, 0)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise PollError("refused", f"the address {host} is not known: {error}") from None
    family, _, _, _, address = found[0]
    return family, address
