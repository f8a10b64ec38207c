"""File systems of btrfs: what their files can take after all copies, and errors of their disks.

mount /srv
Overall:
    Device size:                2147483648
    Device missing:                      0
    Free (estimated):           1038024704      (min: 519012352)
Data,RAID1: Size:214695936, Used:104857600 (48.84%)
[/dev/sda].write_io_errs    0
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Labels, Sample, labels

PROVEN: Final = Proof(servers=("btrfs-progs",))

COMMAND: Final = (
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; '
    "sed -n 's,^\\([^ ]*\\) \\([^ ]*\\) btrfs .*,\\1 \\2,p' /proc/mounts | sort -u -k1,1 | while read -r d m; do "
    'm=$(printf "%b" "$m"); printf "mount %s\\n" "$m"; $s btrfs filesystem usage -b "$m"; $s btrfs device stats "$m"; done'
)

_FIGURE: Final = re.compile(r"\s+([A-Za-z(][A-Za-z(), ]*):\s+([0-9]{1,20})\b")
_DATA: Final = re.compile(r"Data(?:\+Metadata)?,\S+ Size:[0-9]{1,20}, Used:([0-9]{1,20})\b")
_ERRORS: Final = re.compile(r"\[(.+)\]\.[a-z_]+\s+([0-9]{1,20})\s*\Z")


def parse(output: str) -> Iterator[Sample]:
    """Each file system, once however often it is mounted."""
    found: dict[str, dict[str, int]] = {}
    errors: dict[str, int] = {}
    place: dict[str, int] = {}
    for line in output.splitlines():
        if line.startswith("mount "):
            place = found.setdefault(line.removeprefix("mount "), {})
        elif line.strip() and not found:
            raise documents.unparsed(line)
        elif data := _DATA.match(line):
            place["data"] = place.get("data", 0) + int(data[1])
        elif error := _ERRORS.match(line):
            name = f"{list(found)[-1]}/{error[1].removeprefix('/dev/')}"
            errors[name] = errors.get(name, 0) + int(error[2])
        elif figure := _FIGURE.match(line):
            place.setdefault(figure[1].strip(), int(figure[2]))
    if not found:
        raise PollError("empty_answer", "no btrfs is mounted")
    for mount, told in found.items():
        yield from _file_system(mount, told)
    for disk, count in errors.items():
        yield Sample("jauge_disk_errors", float(count), labels(disk=documents.label(disk)))


def _file_system(mount: str, told: dict[str, int]) -> Iterator[Sample]:
    pairs: Labels = labels(store=documents.label(mount), kind="pool")
    used, free = told.get("data"), told.get("Free (estimated)")
    if used is not None and free is not None:
        yield Sample("jauge_storage_size_bytes", float(used + free), pairs)
        yield Sample("jauge_storage_used_bytes", float(used), pairs)
        yield Sample("jauge_storage_available_bytes", float(free), pairs)
    if "Device size" in told:
        yield Sample("jauge_storage_raw_bytes", float(told["Device size"]), pairs)
    if "Device missing" in told:
        missing = told["Device missing"] > 0
        yield Sample("jauge_raid_healthy", float(not missing), labels(array=documents.label(mount)))
        yield Sample("jauge_raid_degraded", float(missing), labels(array=documents.label(mount)))
