"""Memory, processors, paging space and volume groups of AIX.

              1310720 memory pages
               144217 free pages
               764830 file pages

    Total Paging Space   Percent Used
          512MB               3%

    VOLUME GROUP:       rootvg                   VG IDENTIFIER:  005529fc00004c000000012aee01c41b
    VG STATE:           active                   PP SIZE:        64 megabyte(s)
    STALE PVs:          0                        STALE PPs:      0
    VG PERMISSION:      read/write               TOTAL PPs:      1094 (70016 megabytes)
    LVs:                18                       USED PPs:       764 (48896 megabytes)

A page is of 4,096 bytes. Memory in use is what neither is free nor holds pages of files. No machine was at hand: the
forms are those of output that administrators have published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = "the outputs of vmstat -v, lsps -s, lsvg and oslevel -s of a real AIX"

MEMORY: Final = "vmstat -v; lsps -s"
PROCESSORS: Final = "vmstat 1 2"
GROUPS: Final = 'for v in $(lsvg -o); do lsvg "$v"; done'
RELEASE: Final = "oslevel -s"

_PAGE: Final = 4096
_MIB: Final = 1 << 20
_PAGES: Final = re.compile(r"\s*([0-9]{1,15}) (memory|free|file) pages\s*\Z")
_PAGING: Final = re.compile(r"\s*([0-9]{1,12})MB\s+([0-9]{1,3})%\s*\Z")
_NAME: Final = re.compile(r"(?:\A|(?<=\s\s))([A-Z][A-Za-z()]{0,30}(?: [A-Za-z()]{1,30}){0,6}):(?!\S)")
_PARTITIONS: Final = re.compile(r"[0-9]{1,12} \(([0-9]{1,15}) megabytes\)")


def parse_memory(output: str) -> Iterator[Sample]:
    """Memory and paging space."""
    pages = {match[2]: int(match[1]) * _PAGE for line in output.splitlines() if (match := _PAGES.match(line))}
    if "memory" not in pages:
        raise (
            documents.unparsed(output.strip())
            if output.strip()
            else PollError("empty_answer", "vmstat is silent")
        )
    yield Sample("jauge_memory_size_bytes", float(pages["memory"]))
    if "file" in pages:
        yield Sample("jauge_memory_cached_bytes", float(pages["file"]))
    if "file" in pages and "free" in pages and pages["free"] + pages["file"] <= pages["memory"]:
        yield Sample("jauge_memory_used_bytes", float(pages["memory"] - pages["free"] - pages["file"]))
    for line in output.splitlines():
        if (paging := _PAGING.match(line)) and int(paging[2]) <= 100:
            size = int(paging[1]) * _MIB
            yield Sample("jauge_swap_size_bytes", float(size))
            yield Sample("jauge_swap_used_bytes", size * int(paging[2]) / 100)


def parse_processors(output: str) -> Iterator[Sample]:
    """The share of time that is neither idle nor waiting for a disk, over the last second."""
    lines = [line.split() for line in output.splitlines() if line.strip()]
    header = next((words for words in lines if words[-4:] == ["us", "sy", "id", "wa"] or "wa" in words), None)
    if header is None or "id" not in header or len(lines[-1]) != len(header):
        raise (
            documents.unparsed(output.strip())
            if output.strip()
            else PollError("empty_answer", "vmstat is silent")
        )
    last = dict(
        zip(reversed(header), reversed(lines[-1]), strict=True)
    )  # sy stands for two columns: the last is meant
    idle = documents.figure(last["id"], output) + documents.figure(last["wa"], output)
    if idle > 100:
        raise documents.unparsed(" ".join(lines[-1]))
    yield Sample("jauge_cpu_used_ratio", 1 - idle / 100)


def parse_groups(output: str) -> Iterator[Sample]:
    """Volume groups: what is given to logical volumes, copies included, and whether all copies are current."""
    groups = list[dict[str, str]]()
    for line in output.splitlines():
        if line.startswith("VOLUME GROUP:"):
            groups.append({})
        elif line.strip() and not groups:
            raise documents.unparsed(line)
        found = list(_NAME.finditer(line))
        ends = [*(match.start() for match in found[1:]), len(line)]
        for match, end in zip(found, ends, strict=True):
            groups[-1].setdefault(match[1], line[match.end() : end].strip())
    if not groups:
        raise PollError("empty_answer", "no volume group is active")
    for told in groups:
        yield from _group(told)


def _group(told: dict[str, str]) -> Iterator[Sample]:
    name = documents.label(told.get("VOLUME GROUP", ""))
    pairs = labels(store=name, kind="pool")
    for metric, word in (
        ("jauge_storage_size_bytes", "TOTAL PPs"),
        ("jauge_storage_used_bytes", "USED PPs"),
    ):
        if match := _PARTITIONS.match(told.get(word, "")):
            yield Sample(metric, float(int(match[1]) * _MIB), pairs)
    if "VG STATE" in told:
        yield Sample("jauge_storage_healthy", float(told["VG STATE"] == "active"), pairs)
    stale = [told.get(word, "") for word in ("STALE PVs", "STALE PPs")]
    if all(word.isdigit() for word in stale):
        well = {word.strip("0") for word in stale} == {""}
        yield Sample("jauge_raid_healthy", float(well), labels(array=name))
        yield Sample("jauge_raid_degraded", float(not well), labels(array=name))


def parse_release(output: str) -> Iterator[Sample]:
    """Nothing: see `facts`."""
    if not output.strip():
        raise PollError("empty_answer", "oslevel printed nothing")
    return iter(())


def facts(output: str) -> dict[str, str]:
    """Product and version, from such as 7200-05-03-2148."""
    found = re.match(r"\d{4}-\d\d(-\d\d)?(-\d{4})?\s*\Z", output)
    return {"product": "AIX", "version": found[0].strip()} if found else {}
