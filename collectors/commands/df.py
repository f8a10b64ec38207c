"""File systems, from df in its POSIX form.

    Filesystem     Type     1-blocks        Used   Available Capacity Mounted on
    /dev/sda1      ext4  21003583488  5203902464 14711734272      27% /
    tmpfs          tmpfs  1976999936           0  1976999936       0% /dev/shm

GNU's df prints bytes and types; elsewhere (AIX, BSD, old busybox) `df -Pk` prints kilobytes. HP-UX has bdf, which
breaks the line after a long device, and Solaris `df -k`, which prints 0 for the size of a file system that it has
not mounted itself: its size is unknown then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(
    recordings=(
        "df/bdf.hpux1-nfs.txt",
        "df/bdf.hpux1-vxfs.txt",
        "df/df-PT.aix.txt",
        "df/df-PT.freebsd.txt",
        "df/df-PT.linux.txt",
        "df/df.solaris-zfs.txt",
        "linux/df.centos-7.7.txt",
        "linux/df.long-device-name.txt",
    ),
    servers=("openssh-server",),
)

COMMAND = "df -PTB1 || df -Pk || bdf || df -k"

PSEUDO: Final = frozenset(
    (
        *(
            "autofs",
            "binfmt_misc",
            "bpf",
            "cgroup",
            "cgroup2",
            "configfs",
            "ctfs",
            "debugfs",
            "devfs",
            "devpts",
        ),
        *("devtmpfs", "efivarfs", "fd", "fdescfs", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal"),
        *("fuse.snapfuse", "fusectl", "hugetlbfs", "iso9660", "linprocfs", "linsysfs", "mnttab", "mqueue"),
        *("none", "nsfs", "objfs", "overlay", "proc", "procfs", "pstore", "ramfs", "rootfs", "securityfs"),
        *("squashfs", "swap", "sysfs", "tmpfs", "tracefs", "udev", "udf"),
    )
)
"""Types (or devices, where df prints no types) that hold nothing that fills: memory, images, other views."""

_HEADER = re.compile(r"Filesystem\s+(?P<type>Type\s+)?(?P<unit>[0-9]+[KMB]?-blocks|kbytes)\s", re.IGNORECASE)
_FIGURES = re.compile(r"\s(\d{1,20}|-)\s+(\d{1,20}|-)\s+(-?\d{1,20}|-)\s+(?:\d+%|-)\s+(/.*)\Z")
_UNITS = {"K": 1024, "M": 1024**2, "B": 1, "": 1}


def parse(output: str) -> Iterator[Sample]:
    """Size, used and available bytes of each file system, once where it is mounted several times."""
    unit, typed = 0, False
    devices: set[tuple[str, str]] = set()
    mounts: set[str] = set()
    for line in _unwrapped(output):
        header = _HEADER.match(line)
        if header:
            unit, typed = _unit(header["unit"]), header["type"] is not None
            continue
        match = _FIGURES.search(line) if unit else None
        if match is None:
            raise documents.unparsed(line)
        device, kind = _device(line[: match.start()], typed)
        size, used, available, mount = match.groups()
        twin = (device, size) in devices or mount in mounts
        empty = used == "-" or (size in ("-", "0") and int(used) == 0)
        if empty or kind in PSEUDO or device in PSEUDO or twin:
            continue
        devices.add((device, size))
        mounts.add(mount)
        yield from _row(mount, int(size) * unit if size.isdigit() else 0, int(used) * unit, available, unit)
    if not unit:
        raise PollError("empty_answer", "df printed no header")


def _unwrapped(output: str) -> Iterator[str]:
    """The lines, a device that stands alone on one joined with its figures on the next."""
    device = ""
    for line in output.splitlines():
        if device and not line.startswith((" ", "\t")):
            raise documents.unparsed(device)
        whole = f"{device} {line}" if device else line
        device = whole if whole.strip() and len(whole.split()) == 1 else ""
        if whole.strip() and not device:
            yield whole
    if device:
        raise documents.unparsed(device)


def _device(text: str, typed: bool) -> tuple[str, str]:
    device, _, kind = text.rstrip().rpartition(" ") if typed else (text.strip(), "", "")
    return device.strip(), kind


def _unit(text: str) -> int:
    if text.lower() == "kbytes":
        return 1024
    count = text.lower().removesuffix("-blocks")
    digits = count.rstrip("kmb")
    return int(digits[:9]) * _UNITS[count[len(digits) :].upper()]


def _row(mount: str, size: int, used: int, available: str, unit: int) -> Iterator[Sample]:
    pairs = labels(store=documents.label(mount), kind="filesystem")
    if size:
        yield Sample("jauge_storage_size_bytes", documents.figure(str(size), mount), pairs)
    yield Sample("jauge_storage_used_bytes", documents.figure(str(used), mount), pairs)
    if available.isdigit():  # BSD's goes below zero where root writes into the reserve
        free = documents.figure(str(int(available) * unit), mount)
        yield Sample("jauge_storage_available_bytes", free, pairs)
