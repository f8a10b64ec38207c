"""Processor time in use on a Linux machine, over one second.

cpu  6002 152 8398 3444436 448 0 1174 0 0 0
cpu  6010 152 8400 3444626 448 0 1174 0 0 0
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample

PROVEN: Final = Proof(recordings=("linux/proc/stat.txt",), servers=("openssh-server",))

COMMAND = "grep '^cpu ' /proc/stat; sleep 1; grep '^cpu ' /proc/stat"


def parse(output: str) -> Iterator[Sample]:
    """The share of time that is neither idle nor waiting for a disk (proc(5), /proc/stat)."""
    lines = [line for line in output.splitlines() if line.strip()]
    if len(lines) != 2:
        raise PollError("empty_answer", f"{len(lines)} lines of /proc/stat instead of two")
    (busy, total), (busy_later, total_later) = (_line(line) for line in lines)
    if total_later <= total or not 0 <= busy_later - busy <= total_later - total:
        raise PollError("unparsed", "the counters of /proc/stat did not advance")
    yield Sample("jauge_cpu_used_ratio", (busy_later - busy) / (total_later - total))


def _line(line: str) -> tuple[float, float]:
    words = line.split()
    if words[0] != "cpu" or len(words) < 5:
        raise documents.unparsed(line)
    # user nice system idle iowait irq softirq steal: guest time is part of user time already
    times = [documents.figure(word, line) for word in words[1:9]]
    total = sum(times)
    return total - sum(times[3:5]), total
