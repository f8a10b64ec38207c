"""Paths to the disks of a storage network, from multipath in its form since 2008 and the one before.

d11 (35000c500ad9ae4b3) dm-15 SEAGATE,DL1800MM0159
size=1.6T features='0' hwhandler='0' wp=rw
`-+- policy='service-time 0' prio=0 status=active
  |- 14:0:20:0 sdai 66:32  active undef running
  `- 14:0:45:0 sdbg 67:160 failed undef running
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.command import elevated
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(recordings=("linux/multipath-1.txt",))

COMMAND: Final = elevated("multipath -l")

_MAP: Final = re.compile(r"(\S+)\s+(?:\([^)]*\)\s*)?dm-\d+(?:\s|\Z)")
_PATH: Final = re.compile(r"[\s|`\\_-]+(?:\d+:\d+:\d+:\d+|#:#:#:#)\s+\S+\s+(?:\d+:\d+|#:#)\s+\[?([a-z]+)\b")


def parse(output: str) -> Iterator[Sample]:
    """Paths of each map, and those that the kernel uses. What multipath remarks in between is no map."""
    paths: dict[str, list[bool]] = {}
    name = ""
    for line in output.splitlines():
        if found := _MAP.match(line):
            name = found[1]
            paths.setdefault(name, [])
        elif name and (path := _PATH.match(line)):
            paths[name].append(path[1] == "active")
    if not paths:
        raise (
            documents.unparsed(output.strip())
            if output.strip()
            else PollError("empty_answer", "there is no map")
        )
    for name, up in paths.items():
        pairs = labels(disk=documents.label(name))
        yield Sample("jauge_disk_paths", float(len(up)), pairs)
        yield Sample("jauge_disk_paths_up", float(sum(up)), pairs)
