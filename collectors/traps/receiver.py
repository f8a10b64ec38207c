"""The socket that traps and informs arrive at: who is heard, how much of it, and what becomes of it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ipaddress
import socket
import time
from collections.abc import Callable
from typing import Final, Literal, get_args

import structlog

from collectors.poll import PollError
from collectors.snmp.ber import MalformedError
from collectors.traps.authority import Authority, Discovery, RefusedError
from collectors.traps.identity import Identity, fresh
from collectors.traps.notification import Notification
from collectors.traps.opening import Heard, hear
from collectors.traps.rates import Rates
from collectors.traps.senders import Senders, canonical
from inventory.estate import Estate, Traps

log = structlog.get_logger(__name__)

Outcome = Literal["accepted", "unknown_sender", "other_shard", "limited", "refused", "malformed", "discovery"]
"""What becomes of a datagram. `discovery` is the question of an SNMPv3 sender who we are."""

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

LARGEST: Final = 65_535
BATCH: Final = 64
REST_SECONDS: Final = 0.005
"""A batch that is full means a flood: what comes in the rest after it waits in the kernel, or is dropped there."""

BUFFER_BYTES: Final = 1 << 20
LOOKUP_SECONDS: Final = 300.0
"""Time after which the names of targets are looked up again."""

RETRY_SECONDS: Final = 30.0
"""Time after which it is tried again to listen, where that failed."""


class ListenError(Exception):
    """Nothing can be received: the message says where, why, and what to do."""


class Receiver:
    """Receives while the estate has a `traps` section.

    `told` is called with target and notification, `counted` with the outcome of each datagram. The targets that are
    `mine` are heard, the others belong to another collector. `identify` is called once, when the first is heard.
    """

    def __init__(
        self,
        estate: Estate,
        told: Callable[[str, Notification], None],
        counted: Callable[[Outcome], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        mine: Callable[[str], bool] = lambda _: True,
        identify: Callable[[], Identity] = fresh,
    ) -> None:
        self._wanted = estate.traps
        self._told = told
        self._counted = counted
        self._clock = clock
        self._senders = Senders(estate, mine)
        self._identify = identify
        self._rates = Rates()
        self._complained: set[tuple[str, str]] = set()
        self._unheard = ""
        self._socket: socket.socket | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._replaced = asyncio.Event()

    @property
    def place(self) -> tuple[str, int] | None:
        """The address and port that are listened on; None where that is not so."""
        if self._socket is None:
            return None
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    @functools.cached_property
    def _authority(self) -> Authority:
        return Authority(self._identify(), self._clock)

    async def run(self) -> None:
        """Listen until cancelled. Where that is not possible, say so, and try again."""
        try:
            while True:
                self._replaced.clear()
                self._listen()
                if self._wanted is not None:
                    await self._senders.look_up()
                deaf = self._wanted is not None and self._socket is None
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(RETRY_SECONDS if deaf else LOOKUP_SECONDS):
                        await self._replaced.wait()
        finally:
            self._close()

    def replace(self, estate: Estate) -> None:
        """Hear the targets of this estate from now on. The socket stays where the same is to be listened on."""
        if _at(estate.traps) != _at(self._wanted):
            self._close()
        self._wanted, self._unheard = estate.traps, ""
        self._senders.replace(estate)
        self._rates.keep(self._senders.addresses)
        self._complained.clear()
        self._replaced.set()

    def _listen(self) -> None:
        if self._wanted is None or self._socket is not None:
            return
        try:
            self._socket = listen(self._wanted.listen, self._wanted.port)
        except ListenError as error:
            if self._unheard != (said := str(error)):
                log.error("traps are not received", why=said)
            self._unheard = said
            return
        self._resume()
        log.info("receiving traps", listen=self._wanted.listen, port=self._wanted.port)

    def _close(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    # --- datagrams --------------------------------------------------------------------------------------

    def _resume(self) -> None:
        self._rest = None
        if self._socket is not None:
            asyncio.get_running_loop().add_reader(self._socket, self._take)

    def _take(self) -> None:
        """Take what has arrived, at most BATCH datagrams."""
        found = self._socket
        if found is None:
            return
        for _ in range(BATCH):
            try:
                datagram, address = found.recvfrom(LARGEST)
            except BlockingIOError:
                return
            except OSError:  # what a former answer met on its way
                continue
            self._counted(self._hear(found, datagram, address))
        loop = asyncio.get_running_loop()
        loop.remove_reader(found)
        self._rest = loop.call_later(REST_SECONDS, self._resume)

    def _hear(self, found: socket.socket, datagram: bytes, address: tuple[object, ...]) -> Outcome:
        """What becomes of a datagram: most of those that nobody asked for end here, unread."""
        source = canonical(str(address[0]))
        known = self._senders.at(source)
        if not known:
            return "other_shard" if self._senders.others(source) else "unknown_sender"
        if not self._rates.admit(source, len(datagram), self._clock()):
            return "limited"
        try:
            self._tell(found, hear(datagram, known, self._authority), address)
        except Discovery as question:
            self._send(found, question.report, address)
            return "discovery"
        except (MalformedError, RefusedError, PollError) as error:
            outcome: Outcome = "malformed" if isinstance(error, MalformedError) else "refused"
            self._complain(outcome, source, str(error))
            return outcome
        except Exception:  # the boundary
            log.exception("a notification was not read", source=source)
            return "malformed"
        return "accepted"

    def _tell(self, found: socket.socket, heard: Heard, address: tuple[object, ...]) -> None:
        """Acknowledge a notification, and pass it on."""
        if heard.answer is not None:
            self._send(found, heard.answer, address)
        for target in heard.targets:
            try:
                self._told(target, heard.notification)
            except Exception:  # who listens must not stop the listening
                log.exception("a notification was not passed on", target=target)

    def _complain(self, outcome: str, source: str, why: str) -> None:
        """Say it in the log: once for each sender and outcome, as thousands may follow."""
        if (outcome, source) not in self._complained:
            self._complained.add((outcome, source))
            log.warning("notification dropped", source=source, outcome=outcome, why=why)

    @staticmethod
    def _send(found: socket.socket, message: bytes, address: tuple[object, ...]) -> None:
        try:
            found.sendto(message, address)
        except OSError as error:  # as good as lost on its way: the sender asks again
            log.debug("answer not sent", to=address[0], why=error.strerror)


def _at(traps: Traps | None) -> tuple[str, int] | None:
    return (traps.listen, traps.port) if traps is not None else None


def listen(host: str, port: int) -> socket.socket:
    """A UDP socket at an address of this machine. Raises ListenError."""
    family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    try:
        made = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    except OSError as error:
        raise ListenError(f"no socket to listen with: {error.strerror}") from None
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind((host, port))
    except OSError as error:
        made.close()
        advice = (
            "ports below 1024 need CAP_NET_BIND_SERVICE: give it to the service, or choose another port"
            if isinstance(error, PermissionError)
            else "does snmptrapd listen there, and is this an address of this machine?"
        )
        raise ListenError(f"{host} port {port}: {error.strerror}; {advice}") from None
    return made
