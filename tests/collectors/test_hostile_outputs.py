"""Outputs that no command prints, made to keep their reader busy: each takes it a moment, however it is made."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest

from collectors.commands import aix, btrfs, df, esxi, mdraid, rsnapshot, threepar, virsh, xen
from collectors.poll import PollError
from inventory.metrics import Sample

LONG = 100_000
MOMENT = 20.0
"""Seconds of a slow machine: what grows with the square of its text takes minutes, or hours."""

LINES: dict[str, tuple[Callable[[str], Iterator[Sample]], str]] = {
    "an AIX group of one word": (aix.parse_groups, "VOLUME GROUP:   rootvg\nSTALE PVs:   0   " + "A " * LONG),
    "an AIX group of blanks": (aix.parse_groups, "VOLUME GROUP:   rootvg\nSTALE PVs:" + " " * LONG + "\x01"),
    "a figure of btrfs behind blanks": (btrfs.parse, "Overall:\n" + " " * LONG + "\x01"),
    "a member of an array": (mdraid.parse_mdstat, "md0 : active raid1 " + "a" * LONG + "\n"),
    "a disk of an array": (mdraid.parse_detail, "/dev/md0:\n 0 8 1 0 a" + " " * LONG + "\x01"),
    "a line of a log": (rsnapshot.parse, "root /b\nlog [x] " + "a" * LONG),
    "a pair of an array": (threepar.parse_system, "System Model : 7200\nA" + " " * LONG + "\x01"),
    "a machine of libvirt": (virsh.parse_vms, " Id Name State\n----\n 1 a" + "\t" * LONG + "\x01"),
    "stores of one name": (
        xen.parse_stores,
        "".join(f"uuid ( RO) : {n}\n name-label ( RW): a\n" for n in range(30_000)),
    ),
    "machines of one name": (
        xen.parse_vms,
        "".join(f"uuid ( RO) : {n}\n name-label ( RW): a\n" for n in range(30_000)),
    ),
    "processes of one name": (
        esxi.parse_machines,
        "[" + ",".join(f'{{"DisplayName": "a", "UUID": "{n}"}}' for n in range(40_000)) + "]",
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_what_is_made_to_keep_its_reader_busy_takes_a_moment(name: str) -> None:
    parse, output = LINES[name]
    start = time.process_time()
    with contextlib.suppress(PollError):
        list(parse(output))
    assert time.process_time() - start < MOMENT


def test_a_number_that_is_too_long_for_any_disk_is_unparsed() -> None:
    output = f"Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 {'9' * 5000} 1 1 1% /\n"
    with pytest.raises(PollError) as raised:
        list(df.parse(output))
    assert raised.value.reason == "unparsed"


@pytest.mark.parametrize(
    ("row", "name"), [(" 1   lab is   in shutdown", "lab is"), (" -   pacs\t\tno state", "pacs")]
)
def test_a_machine_of_libvirt_may_have_blanks_in_its_name(row: str, name: str) -> None:
    labels = [
        dict(s.labels)
        for s in virsh.parse_vms(f" Id Name State\n----\n{row}\n")
        if s.metric == "jauge_vm_info"
    ]
    assert [one["vm"] for one in labels] == [name]
