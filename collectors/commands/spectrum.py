"""IBM Spectrum Virtualize (SVC, Storwize, FlashSystem) by its own command line, which is no POSIX shell.

    id!name!status!mdisk_count!vdisk_count!capacity!extent_size!free_capacity!virtual_capacity!used_capacity!...
    0!pool0!online!4!12!32367451865088!1024!23836000000000!9653000000000!8499000000000!...

Releases add columns: they are found by their names. A pool is made of arrays that have their redundancy already, so
that its size is usable. Sizes without -bytes carry units of 1024.

Where drives compress by themselves (FlashCore Modules), the capacity of a pool is what may fit once it is compressed; what
runs out is the physical one, which all volumes go offline with. The system tells it of all pools, and is a store itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.documents import told
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = "what a real system answers to the lines below, with a failed drive in it"
SYSTEM: Final = "svcinfo lssystem -delim !"
POOLS: Final = "svcinfo lsmdiskgrp -bytes -delim !"
DRIVES: Final = "svcinfo lsdrive -delim !"
ARRAYS: Final = "svcinfo lsarray -delim !"
NODES: Final = "svcinfo lsnode -delim !"

_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)(B|KB|MB|GB|TB|PB)?\Z")
_UNITS: Final = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40, "PB": 1 << 50}


def _rows(output: str) -> Iterator[dict[str, str]]:
    """The rows of a table whose first line names its columns."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if not lines:
        raise PollError("empty_answer", "there are none")
    header = lines[0].split("!")
    if len(header) < 3 or not header[0].endswith("id"):
        raise documents.unparsed(lines[0])
    for line in lines[1:]:
        words = line.split("!")
        if len(words) != len(header):
            raise documents.unparsed(line)
        yield dict(zip(header, words, strict=True))


def parse_system(output: str) -> Iterator[Sample]:
    """The physical capacity below all pools, where a release tells it."""
    if not output.strip():
        raise PollError("empty_answer", "the system printed nothing")
    found, pairs = _told(output), labels(store="system", kind="array")
    size, free = _size(found.get("physical_capacity")), _size(found.get("physical_free_capacity"))
    if size:
        yield Sample("jauge_storage_size_bytes", size, pairs)
        if free is not None and free <= size:
            yield Sample("jauge_storage_used_bytes", size - free, pairs)


def _told(output: str) -> dict[str, str]:
    """What the system says of itself: one name and value for each line."""
    return dict(line.split("!", 1) for line in output.splitlines() if "!" in line)


def _size(text: str | None) -> float | None:
    """A size with its unit, in bytes."""
    match = _SIZE.match((text or "").strip())
    return float(match[1]) * _UNITS[match[2] or ""] if match else None


def facts(output: str) -> dict[str, str]:
    """Product and version: old releases do not name the model."""
    found = _told(output)
    code = re.match(r"\d+(?:\.\d+)+", found.get("code_level", "").strip())
    if code is None:
        return {}
    product = documents.label(found.get("product_name", "")) or "IBM Spectrum Virtualize"
    return {"product": product, "version": documents.label(code[0])}


def parse_pools(output: str) -> Iterator[Sample]:
    """Pools; a child pool is a part of its parent, and told as a volume of it."""
    rows = list(_rows(output))
    for row in rows:
        parent = row.get("parent_mdisk_grp_name", "")
        child = bool(parent) and row.get("parent_mdisk_grp_id") != row.get("id")
        name = documents.label(row.get("name", ""))
        pairs = (
            labels(store=name, kind="volume", pool=documents.label(parent))
            if child
            else labels(store=name, kind="pool")
        )
        yield Sample("jauge_storage_healthy", float(row.get("status") == "online"), pairs)
        size, free = told(row.get("physical_capacity")), told(row.get("physical_free_capacity"))
        if not size or free is None:
            size, free = told(row.get("capacity")), told(row.get("free_capacity"))
        if size:
            yield Sample("jauge_storage_size_bytes", size, pairs)
            if free is not None and free <= size:
                yield Sample("jauge_storage_used_bytes", size - free, pairs)
        promised = told(row.get("virtual_capacity"))
        if promised is not None:
            yield Sample("jauge_storage_provisioned_bytes", promised, pairs)
        before, after = (
            told(row.get(f"used_capacity_{word}_reduction")) for word in ("before", "after")
        )  # 0 in a pool that reduces nothing
        if before and after and before / after < float("inf"):
            yield Sample("jauge_storage_logical_bytes", before, pairs)
            yield Sample("jauge_storage_reduction_factor", before / after, pairs)


def parse_drives(output: str) -> Iterator[Sample]:
    """Drives by their enclosure and slot, or their number."""
    failed = spare = count = 0
    for row in _rows(output):
        enclosure, slot = row.get("enclosure_id", ""), row.get("slot_id", "")
        name = f"{enclosure}:{slot}" if enclosure and slot else row.get("id", "")
        pairs = labels(disk=documents.label(name))
        lost = row.get("use") == "failed" or row.get("status") == "offline"
        count, failed, spare = count + 1, failed + lost, spare + (row.get("use") == "spare")
        yield Sample("jauge_disk_healthy", float(not lost and row.get("status") == "online"), pairs)
        if size := _size(row.get("capacity")):
            yield Sample("jauge_disk_size_bytes", size, pairs)
    yield Sample("jauge_disks", float(count))
    yield Sample("jauge_disks_failed", float(failed))
    yield Sample("jauge_disks_spare", float(spare))


def parse_arrays(output: str) -> Iterator[Sample]:
    """Arrays of drives: one that is degraded still serves."""
    for row in _rows(output):
        state = row.get("raid_status", "")
        pairs = labels(array=documents.label(row.get("mdisk_name", "")))
        if state:
            yield Sample("jauge_raid_healthy", float(state not in ("degraded", "offline")), pairs)
            yield Sample("jauge_raid_degraded", float(state == "degraded"), pairs)


def parse_nodes(output: str) -> Iterator[Sample]:
    """Nodes: controllers that take part."""
    for row in _rows(output):
        pairs = labels(node=documents.label(row.get("name", "")))
        yield Sample("jauge_node_up", float(row.get("status") == "online"), pairs)
