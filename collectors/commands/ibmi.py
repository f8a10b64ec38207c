"""IBM i by its SQL services, asked from the shell of PASE: auxiliary storage pools, processors, main storage.

    ASP_NUMBER  TOTAL_CAPACITY TOTAL_CAPACITY_AVAILABLE
    ----------- -------------- ------------------------
              1        1717986                   859000

      1 RECORD(S) SELECTED.

Columns of numbers alone are asked for, so that a row is cut at its blanks; `-` is null. Disks count in millions of
bytes there, main storage in KiB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.documents import told
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = "the output of COMMAND on a real machine, beside the sizes that WRKSYSSTS shows"
_POOLS: Final = ("ASP_NUMBER", "TOTAL_CAPACITY", "TOTAL_CAPACITY_AVAILABLE")
_SYSTEM: Final = ("CONFIGURED_CPUS", "MAIN_STORAGE_SIZE")
_WORK: Final = ("AVERAGE_CPU_UTILIZATION",)

COMMAND: Final = (
    'echo "release $(uname -v) $(uname -r)"; '
    "qsh -c 'db2 \"select ASP_NUMBER, TOTAL_CAPACITY, TOTAL_CAPACITY_AVAILABLE from QSYS2.ASP_INFO\"'; "
    "qsh -c 'db2 \"select CONFIGURED_CPUS, MAIN_STORAGE_SIZE from QSYS2.SYSTEM_STATUS_INFO\"'; "
    "qsh -c 'db2 \"select AVERAGE_CPU_UTILIZATION from TABLE(QSYS2.SYSTEM_ACTIVITY_INFO())\"'"
)

_MILLION: Final = 1_000_000
_KIB: Final = 1 << 10
_SYSTEM_POOL: Final = 1


def parse(output: str) -> Iterator[Sample]:
    """Pools by their number, processors and main storage."""
    found = _rows(output)
    if not any(found.values()):
        said = [line for line in output.splitlines() if line.strip() and not line.startswith("release")]
        raise documents.unparsed(said[0]) if said else PollError("empty_answer", "db2 printed nothing")
    for number, size, free in found[_POOLS]:
        if size and number is not None:  # -2 and such are no numbers of `told`
            name = "system" if number == _SYSTEM_POOL else f"{number:.0f}"
            pairs = labels(store=name, kind="pool")
            yield Sample("jauge_storage_size_bytes", size * _MILLION, pairs)
            if free is not None and free <= size:
                yield Sample("jauge_storage_used_bytes", (size - free) * _MILLION, pairs)
    for processors, memory in found[_SYSTEM][:1]:
        if processors is not None:
            yield Sample("jauge_cpus", processors)
        if memory:
            yield Sample("jauge_memory_size_bytes", memory * _KIB)
    for (used,) in found[_WORK][:1]:
        if used is not None:  # uncapped partitions use more than they have
            yield Sample("jauge_cpu_used_ratio", min(1.0, used / 100))


def _rows(output: str) -> dict[tuple[str, ...], list[list[float | None]]]:
    """The rows of each query, in the order of its columns."""
    found: dict[tuple[str, ...], list[list[float | None]]] = {
        columns: [] for columns in (_POOLS, _SYSTEM, _WORK)
    }
    columns: tuple[str, ...] = ()
    for line in output.splitlines():
        words = tuple(line.split())
        if words in found:
            columns = words
        elif (
            words
            and len(words) == len(columns)
            and all(re.fullmatch(r"-|-?[0-9.]{1,20}", word) for word in words)
        ):
            row = [told(word) for word in words]
            if row[0] is None and columns == _POOLS:
                raise documents.unparsed(line)
            found[columns].append(row)
    return found


def facts(output: str) -> dict[str, str]:
    """Product and version, from such as `release 7 4`."""
    match = re.search(r"(?:\A|\n)release (\d{1,2}) (\d{1,2})(?=\n|\Z)", output)
    return {"product": "IBM i", "version": f"V{match[1]}R{match[2]}M0"} if match else {}
