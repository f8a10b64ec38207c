"""One poll of one application entity: an echo, and at longer intervals the studies of today and yesterday."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from collectors.dicom.counts import count
from collectors.dicom.echo import echo
from collectors.memory import Memory
from collectors.poll import PollError, Reading, Table, Trace, attempt
from inventory.estate import Dicom, Estate, Target

THREADS: Final = 32
"""Associations at once: pynetdicom waits in a thread."""

_executor = ThreadPoolExecutor(THREADS, thread_name_prefix="dicom")


class Counted:
    """What came of counting last, and when (monotonic clock): also where it failed, as archives are busy."""

    def __init__(self) -> None:
        self._table: Table | None = None
        self._at = float("-inf")

    def keep(self, table: Table) -> None:
        """Keep what came of it."""
        self._table, self._at = table, time.monotonic()

    def young(self, seconds: float) -> Table | None:
        """The table, where it is not older than so many seconds, with the time at which it was read."""
        age = time.monotonic() - self._at
        if self._table is None or age >= seconds:
            return None
        at = time.time() - age
        # Only where the clock was set it is another time: the history knows a value by it.
        return self._table if abs(at - self._table.at) < 1 else dataclasses.replace(self._table, at=at)


async def poll(
    target: Target, estate: Estate, trace: Trace, memory: Memory | None = None
) -> tuple[list[Table], dict[str, str]]:
    """Ask the application entity of a target: a table for the echo, one for the counts. Never raises."""
    access, end = target.dicom, time.monotonic() + target.patience
    if access is None:
        return [], {}
    ask = functools.partial(_ask, target.where, access, end)
    table = await attempt("echo", functools.partial(ask, functools.partial(echo, trace=trace)))
    if access.counts is None:
        return [table], {}
    counted = (memory or Memory()).recall(Counted)
    studies = counted.young(access.counts.every)
    if studies is None:
        wanted = functools.partial(count, zone=estate.timezone, trace=trace)
        read = functools.partial(ask, wanted) if table.up else functools.partial(_skip, table)
        studies = await attempt("counts", read)
        studies = dataclasses.replace(studies, every=access.counts.every)
        if table.up:
            counted.keep(studies)
    return [table, studies], {}


async def _skip(echoed: Table) -> Reading:
    raise PollError(echoed.reason or "empty_answer", "not asked for, as the echo failed")


async def _ask(where: str, access: Dicom, end: float, read: Callable[..., Reading]) -> Reading:
    address = await _resolved(where, access.port, end)
    do = functools.partial(read, address, where, access, end=end)
    return await asyncio.get_running_loop().run_in_executor(_executor, do)


async def _resolved(where: str, port: int, end: float) -> str:
    """The numeric address of a host: pynetdicom would wait for a name server as long as it likes."""
    try:
        async with asyncio.timeout(max(0.05, end - time.monotonic())):
            found = await asyncio.get_running_loop().getaddrinfo(where, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise PollError("timeout", f"no name server told the address of {where}") from None
    except socket.gaierror as error:
        raise PollError("refused", f"cannot find the address of {where}: {error.strerror}") from None
    return str(next((entry for entry in found if entry[0] == socket.AF_INET), found[0])[4][0])
