"""Memory and swap of a Linux machine.

MemTotal:        3997272 kB
MemAvailable:    3386876 kB
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample

PROVEN: Final = Proof(recordings=("linux/proc/meminfo.txt",), servers=("openssh-server",))

COMMAND = "cat /proc/meminfo"

_BEFORE_3_14 = ("MemFree", "Buffers", "Cached")


def parse(output: str) -> Iterator[Sample]:
    """Installed and used memory and swap. Used is what is not available (proc(5), MemAvailable)."""
    found = dict(_line(line) for line in output.splitlines() if line.strip())
    total = found.get("MemTotal")
    if total is None:
        raise PollError("empty_answer", "no MemTotal in /proc/meminfo")
    yield Sample("jauge_memory_size_bytes", total)
    available = found.get("MemAvailable")
    if available is None and all(name in found for name in _BEFORE_3_14):
        available = sum(found[name] for name in _BEFORE_3_14)
    if available is not None and available <= total:
        yield Sample("jauge_memory_used_bytes", total - available)
    if "SwapTotal" in found:
        yield Sample("jauge_swap_size_bytes", found["SwapTotal"])
        if found.get("SwapFree", found["SwapTotal"] + 1) <= found["SwapTotal"]:
            yield Sample("jauge_swap_used_bytes", found["SwapTotal"] - found["SwapFree"])


def _line(line: str) -> tuple[str, float]:
    name, colon, rest = line.partition(":")
    words = rest.split()
    if not colon or not words or words[1:] not in ([], ["kB"]):
        raise documents.unparsed(line)
    return name.strip(), documents.figure(words[0], line) * (1024 if words[1:] else 1)
