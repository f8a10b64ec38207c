"""Memory, processors, load and swap space of FreeBSD and what is built on it (pfSense, OPNsense, TrueNAS Core), OpenBSD, NetBSD.

    hw.physmem: 8554520576
    vm.stats.vm.v_page_size: 4096
    vm.stats.vm.v_free_count: 1044562
    kern.cp_time: 1000 0 500 20 98480
    kern.boottime: { sec = 1700000000, usec = 0 } Tue Nov 14 22:13:20 2023

OpenBSD writes `hw.physmem=8554520576` and `kern.cp_time=1000,0,500,0,20,98480`, NetBSD `hw.physmem = 8554520576` and
`kern.cp_time: user = 1000, ..., idle = 98480`; both tell pages by vmstat(8). What is inactive, or holds files in the cache of
ZFS, is given up when it is needed: it is not in use. No machine was at hand: the names are those of sysctl(3), of FreeBSD's
own top(1) and of vmstat(8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from inventory.metrics import Sample

UNPROVEN: Final = "the output of a real FreeBSD, beside what its top shows"

_NAMES: Final = (
    "hw.physmem hw.ncpu vm.loadavg kern.boottime vm.stats.vm.v_page_size vm.stats.vm.v_free_count "
    "vm.stats.vm.v_inactive_count"
)
COMMAND: Final = (
    f"sysctl {_NAMES}; sysctl -i vm.stats.vm.v_cache_count kstat.zfs.misc.arcstats.size; date +now:%s; "
    "swapinfo -k || swapctl -lk; sysctl hw.physmem64; vmstat -s; sysctl kern.cp_time; sleep 1; sysctl kern.cp_time"
)

_BOOT: Final = re.compile(r"\{ sec = ([0-9]{1,12}),")
_LINE: Final = re.compile(r"\s*([a-z][a-z0-9_.]*)(?:: ?| = |=)(.*)")
_LOAD: Final = re.compile(r"(?:\{ )?([0-9]{1,9}\.[0-9]{1,6}) ")
_SWAP: Final = re.compile(
    r"/\S+\s+([0-9]{1,15})\s+([0-9]{1,15})\s+[0-9]{1,15}\s+[0-9]{1,3}%(?:\s+[0-9]{1,6})?\s*\Z"
)
_PAGES: Final = re.compile(
    r"(?:\A|\n)[ \t]*([0-9]{1,15}) (bytes per page|pages free|pages inactive)(?=\n|\Z)"
)


def parse(output: str) -> Iterator[Sample]:
    """All of it, as far as the kernel has it."""
    told, times = dict[str, str](), list[list[float]]()
    for line in output.splitlines():
        match = _LINE.match(line)
        if match and match[1] == "kern.cp_time":
            times.append([float(word) for word in re.findall(r"(?<![\w.-])[0-9]{1,18}\b", match[2])])
        elif match:
            told.setdefault(match[1], match[2].strip())
    if not {"hw.physmem", "hw.physmem64"} & told.keys():
        raise (
            documents.unparsed(output.strip())
            if output.strip()
            else PollError("empty_answer", "sysctl is silent")
        )
    yield from _memory(told, {name: int(count) for count, name in _PAGES.findall(output)})
    yield from _swap(output)
    yield from _processors(times)
    if "hw.ncpu" in told:
        yield Sample("jauge_cpus", documents.figure(told["hw.ncpu"], "hw.ncpu"))
    if load := _LOAD.match(told.get("vm.loadavg", "")):
        yield Sample("jauge_load1", float(load[1]))
    boot, now = _BOOT.match(told.get("kern.boottime", "")), told.get("now", "")
    if boot and re.fullmatch(r"[0-9]{1,12}", now) and int(now) >= int(boot[1]):
        yield Sample("jauge_uptime_seconds", float(int(now) - int(boot[1])))


def _memory(told: dict[str, str], pages: dict[str, int]) -> Iterator[Sample]:
    name = "hw.physmem64" if "hw.physmem64" in told else "hw.physmem"  # of NetBSD the other one ends at 2 GiB
    size = documents.figure(told[name], name)
    yield Sample("jauge_memory_size_bytes", size)
    page, free, inactive = (
        _whole(told, f"vm.stats.vm.v_{word}") for word in ("page_size", "free_count", "inactive_count")
    )
    if page is None:
        page, free, inactive = (
            pages.get(name) for name in ("bytes per page", "pages free", "pages inactive")
        )
    cached = _whole(told, "kstat.zfs.misc.arcstats.size") or 0
    if None in (page, free, inactive) or page is None or free is None or inactive is None:
        return
    spare = (free + inactive + (_whole(told, "vm.stats.vm.v_cache_count") or 0)) * page + cached
    if spare <= size:
        yield Sample("jauge_memory_used_bytes", size - spare)
    if cached:
        yield Sample("jauge_memory_cached_bytes", float(cached))


def _whole(told: dict[str, str], name: str) -> int | None:
    return int(told[name]) if re.fullmatch(r"[0-9]{1,18}", told.get(name, "")) else None


def _swap(output: str) -> Iterator[Sample]:
    """All devices together."""
    rows = [match for line in output.splitlines() if (match := _SWAP.match(line))]
    if rows:
        size, used = (sum(int(row[column]) for row in rows) * 1024 for column in (1, 2))
        yield Sample("jauge_swap_size_bytes", float(size))
        if used <= size:
            yield Sample("jauge_swap_used_bytes", float(used))


def _processors(times: list[list[float]]) -> Iterator[Sample]:
    """User, nice, system, interrupt and idle time, in ticks; OpenBSD has time spent waiting for locks among them."""
    if len(times) != 2 or {len(row) for row in times} not in ({5}, {6}):
        return
    steps = [later - before for before, later in zip(*times, strict=True)]
    if min(steps) >= 0 and sum(steps) > 0:
        yield Sample("jauge_cpu_used_ratio", 1 - steps[-1] / sum(steps))
