"""Lanes: coroutines that await requests, and go on as soon as an answer is here.

A task of asyncio goes on in a later turn of the event loop than the one that brought what it waits for. An agent that
is asked a dozen things would cost a dozen turns more. A lane is driven by the answer itself: what follows from it is
asked before the next datagram is read. A lane awaits nothing but `Asking`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, TypeVar

from collectors.poll import PollError
from collectors.snmp import messages

if TYPE_CHECKING:
    from collectors.snmp.wire import Agent, Exchange, Make, Read, Reply, Wire

T = TypeVar("T")
Steps = Coroutine["Asking", "Reply", T]
"""A coroutine that awaits nothing but requests."""


class Asking:
    """A request that a lane waits for: the agent, what makes its PDU, and what reads the answer's."""

    __slots__ = ("agent", "make", "read")

    def __init__(self, agent: Agent, make: Make, read: Read = messages.answer) -> None:
        self.agent = agent
        self.make = make
        self.read = read

    def __await__(self) -> Generator[Asking, Reply, Reply]:
        """The answer. Raises PollError where the request fails for good."""
        return (yield self)


class Lanes:
    """Some lanes of one wire. The first one that fails ends all of them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._open: set[_Lane] = set()
        self._error: BaseException | None = None
        self._ended: asyncio.Future[None] | None = None

    def start(self, steps: Steps[None]) -> None:
        """Open a lane, which asks its first request at once."""
        lane = _Lane(self._wire, steps, self._end)
        self._open.add(lane)
        lane.go(None)

    async def wait(self) -> None:
        """Wait until every lane has ended. Raises what the first one failed with; whatever happens, none is left open."""
        try:
            if self._open and self._error is None:
                self._ended = asyncio.get_running_loop().create_future()
                await self._ended
            if self._error is not None:
                raise self._error
        finally:
            self._close()

    def _end(self, lane: _Lane, error: BaseException | None) -> None:
        self._open.discard(lane)
        if error is not None and self._error is None:
            self._error = error
            self._close()
        if self._ended is not None and not self._open and not self._ended.done():
            self._ended.set_result(None)

    def _close(self) -> None:
        while self._open:
            self._open.pop().close()


async def run(wire: Wire, steps: Steps[T]) -> T:
    """What a coroutine that awaits requests returns, for a task of asyncio."""
    found: list[T] = []

    async def lane() -> None:
        found.append(await steps)

    lanes = Lanes(wire)
    lanes.start(lane())
    await lanes.wait()
    return found[0]


class _Lane:
    """One coroutine on its way. `ended` is told how it ended."""

    __slots__ = ("_closed", "_ended", "_exchange", "_failed", "_running", "_steps", "_wire")

    def __init__(
        self, wire: Wire, steps: Steps[None], ended: Callable[[_Lane, BaseException | None], None]
    ) -> None:
        self._wire = wire
        self._steps = steps
        self._ended = ended
        self._exchange: Exchange | None = None
        self._running = self._closed = False
        self._failed: Reply | PollError | None = None

    def go(self, outcome: Reply | PollError | None) -> None:
        """Go on with what came of a request, until the next one is under way."""
        if self._running:  # amid `_ask`: the request failed at once
            self._failed = outcome
            return
        self._running = True
        try:
            while self._ask(self._step(outcome)) and not self._closed:
                outcome = self._failed
        except StopIteration:
            self._ended(self, None)
        except BaseException as error:  # noqa: BLE001 - it is raised where the lanes are waited for
            self._ended(self, error)
        finally:
            self._running = False
        if self._closed:
            self.close()

    def close(self) -> None:
        """Give up: what is under way is not waited for, and not sent again."""
        self._closed = True
        if self._exchange is not None:
            self._wire.drop(self._exchange)
        if not self._running:  # else it goes on to the end of its step first
            self._steps.close()

    def _step(self, outcome: Reply | PollError | None) -> Asking:
        if isinstance(outcome, PollError):
            return self._steps.throw(outcome)
        return self._steps.send(outcome)  # type: ignore[arg-type]  # None begins a coroutine

    def _ask(self, asking: Asking) -> bool:
        """Send a request. Whether it failed at once."""
        self._failed = None
        self._exchange = self._wire.post(asking.agent, asking.make, asking.read, self.go)
        return self._failed is not None
