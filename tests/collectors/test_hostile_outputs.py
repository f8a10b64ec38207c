"""Outputs that no command prints, made to keep their reader busy: each takes it a moment, however it is made."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest

from collectors import answers
from collectors.api import ApiTable
from collectors.commands import aix, btrfs, df, esxi, mdraid, rsnapshot, threepar, virsh, xen
from collectors.poll import PollError
from collectors.recording import texts
from collectors.recording.scrubbing import Scrubber
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


STORES = {
    "name": "t",
    "get": "/x",
    "each": "/*",
    "once": True,
    "labels": {"store": "/name", "kind": {"text": "pool"}},
    "metrics": {
        "jauge_storage_size_bytes": {"column": "/size"},
        "jauge_storage_used_bytes": {"column": "/used"},
    },
}


def test_rows_beyond_those_that_count_are_not_even_listed() -> None:
    start = time.process_time()
    with pytest.raises(PollError, match="more than 50000 rows"):
        answers.read(ApiTable.model_validate(STORES), [[]] * 3_000_000)
    assert time.process_time() - start < MOMENT


def test_stores_that_are_almost_the_same_are_told_apart_in_a_moment() -> None:
    rows = [
        {"name": f"s{n}", "size": 10**15, "used": 2 * 10**13 + n * 101 * 10**9 // 4} for n in range(20_000)
    ]
    start = time.process_time()
    reading = answers.read(ApiTable.model_validate(STORES), rows)
    assert time.process_time() - start < MOMENT
    assert len(reading.series) == 2 * 5_000


@pytest.mark.parametrize("text", ["a" * LONG, "a." * LONG, '{"x": "' + "a-" * LONG + '"}', "1." * LONG])
def test_a_recording_of_a_long_text_takes_a_moment(text: str) -> None:
    scrubber, start = Scrubber(), time.process_time()
    texts.learn_text(scrubber, text)
    scrubber.text(text)
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
