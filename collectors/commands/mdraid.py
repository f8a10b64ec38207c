"""Arrays of Linux's software RAID, from /proc/mdstat, which everybody may read, or from mdadm, which says more.

md0 : active raid1 sdb1[2] sda1[0] sdc1[1](F)
      136448 blocks [2/1] [U_]
      [==>..................]  recovery = 12.6% (17192/136448) finish=0.1min speed=8596K/sec

/dev/md126:
             State : clean, degraded, recovering
    Rebuild Status : 12% complete
       0     254        1        0      active sync   /dev/vda1
       1     254        2        -      faulty   /dev/vda2
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Labels, Sample, labels

PROVEN: Final = Proof(
    recordings=(
        "linux/mdadm-query-raid0-ok.txt",
        "linux/mdadm-query-raid1-faulty.txt",
        "linux/mdadm-query-raid1-ok.txt",
    )
)

MDSTAT: Final = "cat /proc/mdstat"

DETAIL: Final = (
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; '
    "for d in $(sed -n 's,^\\(md[^ ]*\\) : .*,/dev/\\1,p' /proc/mdstat); do $s mdadm --detail $d; done"
)

_ARRAY: Final = re.compile(
    r"(md\S*) : (active|inactive)((?: \([a-z-]+\))*)(?: ([a-z]+[0-9]*)(?!\S))?((?: \S+\[\d+\]\S*)*)"
)
_MEMBER: Final = re.compile(r"(?<!\S)(\S+)\[\d+\]((?:\([A-Z]\))*)")
_PLACES: Final = re.compile(r"\[(\d{1,6})/(\d{1,6})\]")
_PROGRESS: Final = re.compile(r"(?:recovery|resync) *= *([0-9]{1,3}(?:\.[0-9]{1,6})?)%")
_STATUS: Final = re.compile(r"\s*(?:Rebuild|Resync) Status : ([0-9]{1,3})% complete")
_ROW: Final = re.compile(r"(?:\s+[0-9-]+){4}\s+([a-z]\S*(?: \S+)*)\s+/dev/(\S+)\Z")
_UNWELL: Final = frozenset(("degraded", "failed", "inactive", "not started", "broken"))


def parse_mdstat(output: str) -> Iterator[Sample]:
    """Each array, how far it is rebuilt, and its disks."""
    pairs: Labels = ()
    active = False
    if not output.startswith("Personalities"):
        raise (
            documents.unparsed(output.partition("\n")[0])
            if output.strip()
            else PollError("empty_answer", "/proc/mdstat is empty")
        )
    for line in output.splitlines():
        match = _ARRAY.match(line)
        if match:
            pairs = labels(array=documents.label(match[1]))
            yield from _members(match[1], match[5])
            active = match[2] == "active"
        elif not line.startswith((" ", "\t")):
            pairs = ()
        elif pairs:
            if " blocks" in line and not active and " external:" not in line:  # that is a mere container
                yield from _array(pairs, healthy=False, degraded=False)
            elif " blocks" in line and active:
                places = _PLACES.search(line)
                whole = places is None or int(places[1]) == int(places[2])
                yield from _array(pairs, healthy=whole, degraded=not whole)
            if share := _PROGRESS.search(line):
                yield Sample("jauge_raid_rebuilt_ratio", min(float(share[1]) / 100, 1.0), pairs)


def _array(pairs: Labels, *, healthy: bool, degraded: bool) -> Iterator[Sample]:
    yield Sample("jauge_raid_healthy", float(healthy), pairs)
    yield Sample("jauge_raid_degraded", float(degraded), pairs)


def _members(array: str, text: str) -> Iterator[Sample]:
    """The disks of an array, named ARRAY/DISK: the disk itself may say otherwise."""
    for name, marks in dict(_MEMBER.findall(text)).items():
        pairs = labels(disk=documents.label(f"{array}/{name}"))
        yield Sample("jauge_disk_healthy", float("(F)" not in marks), pairs)


def parse_detail(output: str) -> Iterator[Sample]:
    """Each array of which details were printed, and its disks."""
    pairs: Labels = ()
    array, disks = "", set[str]()
    for line in output.splitlines():
        name, colon, value = (part.strip() for part in line.partition(" : "))
        if line.startswith("/dev/") and line.rstrip().endswith(":"):
            array = line.strip().rstrip(":").removeprefix("/dev/")
            pairs = labels(array=documents.label(array))
        elif line.strip() and not pairs:
            raise documents.unparsed(line)
        elif colon and name == "State":
            words = {word.strip().lower() for word in value.split(",")}
            yield from _array(pairs, healthy=not words & _UNWELL, degraded="degraded" in words)
        elif share := _STATUS.match(line):
            yield Sample("jauge_raid_rebuilt_ratio", min(float(share[1]) / 100, 1.0), pairs)
        elif (member := _ROW.match(line)) and (disk := f"{array}/{member[2]}") not in disks:
            disks.add(disk)
            well = "faulty" not in member[1]
            yield Sample("jauge_disk_healthy", float(well), labels(disk=documents.label(disk)))
    if not pairs:
        raise PollError("empty_answer", "there is no array")
