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
    """What was counted last, and when (monotonic clock)."""

    def __init__(self) -> None:
        self.table: Table | None = None
        self.at = float("-inf")

    def young(self, seconds: float) -> Table | None:
        """The table, where it is not older than so many seconds, with the time at which it was read."""
        age = time.monotonic() - self.at
        if self.table is None or age >= seconds:
            return None
        return dataclasses.replace(self.table, at=time.time() - age, kept=True)


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
        studies = await attempt("counts", functools.partial(_counted, table, functools.partial(ask, wanted)))
        if studies.up:
            counted.table, counted.at = studies, time.monotonic()
    return [table, studies], {}


async def _counted(echoed: Table, ask: Callable[[], object]) -> Reading:
    if echoed.reason is not None:
        raise PollError(echoed.reason, "not asked for, as the echo failed")
    return await ask()  # type: ignore[misc,no-any-return]


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
