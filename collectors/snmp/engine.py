"""pysnmp engines that a hostile agent cannot stop, and that believe only the agent that was asked.

All v2c targets share one engine, hence one socket and one timer. As pysnmp ships it, one exception in the timer
ends the timeouts of every target for good, a wall clock that is set back stops them until it has caught up, and
whoever guesses a request's number may answer it in another agent's place.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
from pysnmp.entity.engine import SnmpEngine
from pysnmp.proto.error import ProtocolError
from pysnmp.proto.mpmod.cache import Cache

from inventory.credentials import SnmpV2c, SnmpV3

log = structlog.get_logger(__name__)

LONGEST: Final = 50.0
"""Seconds that one request may wait: after 60, pysnmp has forgotten it and cannot time it out any more."""


class Engines:
    """pysnmp engines: one for all communities, one for each SNMPv3 credential.

    An engine takes a third of a second to make, so communities share one; users of one name with other
    passwords must not meet in one.
    """

    def __init__(self) -> None:
        self._engines: dict[SnmpV3 | None, SnmpEngine] = {}

    def engine(self, credential: SnmpV2c | SnmpV3) -> SnmpEngine:
        """The engine to ask with."""
        key = credential if isinstance(credential, SnmpV3) else None
        if key not in self._engines:
            self._engines[key] = make()
        return self._engines[key]

    def close(self) -> None:
        """Close every socket."""
        for engine in self._engines.values():
            engine.close_dispatcher()
        self._engines.clear()


def make() -> SnmpEngine:
    """An engine of the running event loop."""
    engine = SnmpEngine()
    pending = [Pending() for _ in engine.message_processing_subsystems]
    for model, requests in zip(engine.message_processing_subsystems.values(), pending, strict=True):
        model._cache = requests
    engine.register_transport_dispatcher(Dispatcher(pending))
    return engine


class Pending(Cache):  # type: ignore[misc]  # pysnmp is not typed
    """The requests under way. While a datagram is read, only those that its sender was asked are among them."""

    def __init__(self) -> None:
        super().__init__()
        self.sender: tuple[str, int] | None = None
        self._asked: dict[int, tuple[str, int]] = {}

    def push_by_message_id(self, number: int, **info: Any) -> None:
        super().push_by_message_id(number, **info)
        self._asked[int(number)] = endpoint(info["transportAddress"])

    def pop_by_message_id(self, number: int) -> dict[str, Any]:
        if self.sender is not None and self._asked.get(int(number)) != self.sender:
            raise ProtocolError("an answer of another than was asked")
        self._asked.pop(int(number), None)
        found: dict[str, Any] = super().pop_by_message_id(number)
        return found


class Dispatcher(AsyncioDispatcher):  # type: ignore[misc]  # pysnmp is not typed
    """pysnmp's dispatcher, where neither a datagram nor a timer's fault reaches the event loop."""

    def __init__(self, pending: Sequence[Pending]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._pending = tuple(pending)

    async def handle_timeout(self) -> None:
        """Count ticks, by the clock that is never set."""
        while True:
            await asyncio.sleep(self.get_timer_resolution())
            try:
                self.handle_timer_tick(time.monotonic())
            except Exception:  # of one request: the others must still time out
                log.exception("a request was not timed out")

    def _callback_function(self, transport: Any, sender: Any, message: bytes) -> None:
        self._hear(endpoint(sender))
        try:
            super()._callback_function(transport, sender, message)
        except Exception as error:  # noqa: BLE001 - what cannot be read is as good as lost: its request is sent again
            log.debug("datagram dropped", sender=sender[0], error=type(error).__name__)
        finally:
            self._hear(None)

    def _hear(self, sender: tuple[str, int] | None) -> None:
        for requests in self._pending:
            requests.sender = sender


def endpoint(address: Any) -> tuple[str, int]:
    """Host and port of a transport address of either family."""
    host, port = tuple(address)[:2]
    return str(host), int(port)
