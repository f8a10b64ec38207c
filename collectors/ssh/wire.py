"""The TCP connection under a login: made without a thread, and bounded where bytes come in."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
import socket
import time
from concurrent.futures import Executor
from typing import Final

from collectors import documents
from collectors.poll import PollError, exhausted
from inventory.metrics import Reason

CHUNK: Final = 64 * 1024
GREETING: Final = 8 * 1024
"""Bytes within which a server says that it speaks SSH: lines may stand before that one (RFC 4253, 4.2)."""

_HEARTBEAT: Final = 30.0
"""Seconds after which a transport's thread looks up from its socket, though nothing came: nothing waits for that."""

_GREETED: Final = re.compile(rb"(?:^|\n)SSH-[^\n]*\n")
_PAUSE: Final = 0.03


class Wire(socket.socket):
    """A socket that gives at most so many bytes as were allowed; then it looks like one whose other end left.

    Whatever a server tells of lengths and windows, no more of it than that comes into this process.
    """

    def __init__(self, family: int = socket.AF_INET) -> None:
        super().__init__(family, socket.SOCK_STREAM)
        self._left = 0

    @property
    def spent(self) -> bool:
        """True where the server sent more than was allowed."""
        return self._left <= 0

    def allow(self, size: int) -> None:
        """Let `size` bytes in from now on."""
        self._left = size

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """What came, at most `size` bytes; nothing where no more is allowed."""
        if self.spent:
            return b""
        chunk = super().recv(min(size, CHUNK, self._left), flags)
        self._left -= len(chunk)
        return chunk

    def peek(self) -> bytes:
        """What came and stays to be read. Raises BlockingIOError where nothing came yet."""
        return super().recv(GREETING, socket.MSG_PEEK)

    def settimeout(self, _seconds: float | None, /) -> None:
        """Wake up seldom, whatever paramiko asks for: ten times a second is dear with hundreds of logins."""
        super().settimeout(_HEARTBEAT)

    def close(self) -> None:
        """End the connection; who waits for it in another thread goes on at once."""
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)
        super().close()


async def connect(host: str, port: int, end: float, executor: Executor) -> Wire:
    """A connection to a server that has said that it speaks SSH. `end` is on the monotonic clock.

    A host that is gone, or silent, or goes on greeting, holds no thread. Raises PollError.
    """
    try:
        async with asyncio.timeout(end - time.monotonic()):
            wire = await _reach(host, port, end, executor)
    except socket.gaierror as error:
        raise PollError("refused", f"cannot find the address of {host}: {error.strerror}") from None
    except TimeoutError:
        raise PollError("timeout", f"no answer from {host} port {port}") from None
    except OSError as error:
        raise exhausted(error) or PollError("refused", f"{host} port {port}: {error.strerror}") from None
    return await _greeted(wire, host, port, end)


async def _reach(host: str, port: int, end: float, executor: Executor) -> Wire:
    """A connection to the first address of a host that takes one. Raises OSError of the last one that does not."""
    look_up = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    addresses = await asyncio.get_running_loop().run_in_executor(executor, look_up)
    problem: OSError = ConnectionError(0, "no address")
    for number, (family, _, _, _, address) in enumerate(addresses):
        try:
            return await _dial(family, address, (end - time.monotonic()) / (len(addresses) - number))
        except OSError as error:  # a timeout is one too
            problem = error
    raise problem


async def _dial(family: int, address: tuple[object, ...], seconds: float) -> Wire:
    wire = Wire(family)
    try:
        wire.setblocking(False)
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().sock_connect(wire, address)
    except BaseException:
        wire.close()
        raise
    return wire


async def _greeted(wire: Wire, host: str, port: int, end: float) -> Wire:
    """The wire, once the server's greeting waits to be read."""
    seen = b""
    try:
        async with asyncio.timeout(end - time.monotonic()):
            await _readable(wire)
            while not _GREETED.search(seen := wire.peek()):
                if not seen or len(seen) >= GREETING:
                    raise _stranger("refused", seen, host, port)
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        wire.close()
        raise _stranger("timeout", seen, host, port) from None
    except OSError as error:
        wire.close()
        raise PollError("refused", f"{host} port {port}: {error.strerror}") from None
    except BaseException:
        wire.close()
        raise
    return wire


async def _readable(wire: Wire) -> None:
    loop = asyncio.get_running_loop()
    came: asyncio.Future[None] = loop.create_future()
    loop.add_reader(wire, _settle, came)
    try:
        await came
    finally:
        loop.remove_reader(wire)


def _settle(came: asyncio.Future[None]) -> None:
    if not came.done():
        came.set_result(None)


def _stranger(reason: Reason, seen: bytes, host: str, port: int) -> PollError:
    said = documents.legible(seen.decode("utf-8", "replace"), 80)
    words = f"it does not greet as SSH servers do: {said!r}" if seen else "it accepts, but says nothing"
    if not seen and reason == "refused":
        words = "it closed the connection without a word"
    return PollError(reason, f"{host} port {port}: {words}")
