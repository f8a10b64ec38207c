"""Load, uptime and number of processors of a Linux machine.

0.00 0.01 0.03 2/111 2039
46901.13 46856.66
2
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample

PROVEN: Final = Proof(recordings=("linux/proc/loadavg.txt", "linux/proc/uptime.txt"))

COMMAND = "cat /proc/loadavg /proc/uptime && nproc"

_LINES = (("jauge_load1", 5), ("jauge_uptime_seconds", 2), ("jauge_cpus", 1))


def parse(output: str) -> Iterator[Sample]:
    """Load over one minute, seconds since the start, processors. Absent lines are absent values."""
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines:
        raise PollError("empty_answer", "/proc/loadavg is empty")
    for line, (metric, words) in zip(lines, _LINES, strict=False):
        if len(line.split()) != words:
            raise documents.unparsed(line)
        yield Sample(metric, documents.figure(line.split()[0], line))
    if len(lines) > len(_LINES):
        raise documents.unparsed(lines[len(_LINES)])
