"""This machine itself (psutil): file systems, memory, processors, load and network."""

from __future__ import annotations

import asyncio
import functools
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import psutil

from collectors import documents
from collectors.commands import os as release
from collectors.commands.df import PSEUDO
from collectors.poll import PollError, Reading, Step, Table, Trace, attempt
from inventory.estate import Target
from inventory.metrics import Sample, labels

CPU_SECONDS: Final = 0.25
"""The interval that processor time is measured over."""

# A file system whose server is gone holds its thread for ever: a few threads more than tables.
_executor = ThreadPoolExecutor(12, thread_name_prefix="host")


async def poll(target: Target, trace: Trace) -> tuple[list[Table], dict[str, str]]:
    """Read this machine: a table for each subject. Never raises."""
    tables = await asyncio.gather(
        *(
            attempt(name, functools.partial(_read, name, read, trace), target.patience)
            for name, read in TABLES.items()
        )
    )
    return list(tables), _facts()


async def _read(name: str, read: Callable[[], Iterator[Sample]], trace: Trace) -> Reading:
    start = time.monotonic()
    loop = asyncio.get_running_loop()
    samples = await loop.run_in_executor(_executor, lambda: list(read()))
    trace(Step(f"psutil {name}", f"{len(samples)} values", time.monotonic() - start))
    if not samples:
        raise PollError("empty_answer", f"psutil knows no {name} here")
    return Reading.of(samples)


def filesystems() -> Iterator[Sample]:
    """Size, used and available bytes of each mounted device, once where it is mounted several times."""
    devices: set[int] = set()
    for mount in _mounts():
        try:
            device = Path(mount).stat().st_dev
            usage = os.statvfs(mount)
        except OSError:
            continue  # closed to this user, or gone meanwhile
        if device in devices or not usage.f_blocks:
            continue
        devices.add(device)
        pairs = labels(store=documents.label(mount), kind="filesystem")
        unit = usage.f_frsize
        yield Sample("jauge_storage_size_bytes", float(usage.f_blocks * unit), pairs)
        yield Sample("jauge_storage_used_bytes", float((usage.f_blocks - usage.f_bfree) * unit), pairs)
        yield Sample("jauge_storage_available_bytes", float(usage.f_bavail * unit), pairs)


def _mounts() -> list[str]:
    """Where devices are mounted. A container's root is an overlay: it is what fills there all the same."""
    listed = [part for part in psutil.disk_partitions(all=False) if part.fstype not in PSEUDO]
    mounts = sorted({part.mountpoint for part in listed if Path(part.mountpoint).is_dir()}, key=len)
    return mounts if "/" in mounts else ["/", *mounts]


def memory() -> Iterator[Sample]:
    """Installed and used memory and swap; used is what is not available."""
    ram, swap = psutil.virtual_memory(), psutil.swap_memory()
    yield Sample("jauge_memory_size_bytes", float(ram.total))
    yield Sample("jauge_memory_used_bytes", float(ram.total - ram.available))
    yield Sample("jauge_swap_size_bytes", float(swap.total))
    yield Sample("jauge_swap_used_bytes", float(swap.used))


def processors() -> Iterator[Sample]:
    """Share of processor time in use, number of processors, load and uptime."""
    yield Sample("jauge_cpu_used_ratio", psutil.cpu_percent(CPU_SECONDS) / 100)
    count = psutil.cpu_count()
    if count:
        yield Sample("jauge_cpus", float(count))
    yield Sample("jauge_load1", psutil.getloadavg()[0])
    yield Sample("jauge_uptime_seconds", time.time() - psutil.boot_time())


def network() -> Iterator[Sample]:
    """Counters, speed and state of each interface but the loopback."""
    states = psutil.net_if_stats()
    for name, counters in psutil.net_io_counters(pernic=True).items():
        if name == "lo":
            continue
        pairs = labels(interface=documents.label(name))
        yield Sample("jauge_interface_receive_bytes_total", float(counters.bytes_recv), pairs)
        yield Sample("jauge_interface_transmit_bytes_total", float(counters.bytes_sent), pairs)
        state = states.get(name)
        if state is not None:
            yield Sample("jauge_interface_up", float(state.isup), pairs)
        if state is not None and state.speed > 0:  # 0 is unknown
            yield Sample("jauge_interface_speed_bytes", state.speed * 125_000.0, pairs)


TABLES: Final[dict[str, Callable[[], Iterator[Sample]]]] = {
    "filesystems": filesystems,
    "memory": memory,
    "processors": processors,
    "network": network,
}


def _facts() -> dict[str, str]:
    try:
        text = Path("/etc/os-release").read_text("utf-8", "replace")[:65536]
    except OSError:
        text = ""
    return release.facts(f"{text}\n{os.uname().release}")
