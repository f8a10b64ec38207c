"""HPE 3PAR and Primera by their own command line, which is no shell: one line for each command.

    -----System Capacity (MB)-----
    Total Capacity     : 6277120
    Allocated Capacity :  687872

    Id Name     Type  VSize_MB Usr_Used_MB State
     4 pacs     base   4608000     3147727 normal

The array counts its disks before redundancy: each volume has one of its own. So there is a raw size and no usable one,
and MB are of 1024 x 1024 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = (
    "what a real array answers to the lines below, release 3.3 or later too: its columns may have other names"
)
SYSTEM: Final = "showsys -d"
VERSION: Final = "showversion"
EFFICIENCY: Final = "showsys -space"
DISKS: Final = "showpd -showcols Id,State -nohdtot"
NODES: Final = "shownode -s -nohdtot"
VOLUMES: Final = "showvv -showcols Id,Name,Type,VSize_MB,Usr_Used_MB,State -notree -nohdtot"

_MB: Final = 1 << 20
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z ]*")
_RELEASE: Final = re.compile(r"Release version (\d[\d.]*(?: \([A-Z]{1,3}\d+\))?)")


def _told(output: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in output.splitlines():
        name, colon, value = line.partition(":")
        if colon and _NAME.fullmatch(name := name.strip()):
            found.setdefault(name.lower(), value.strip())
    if not found:
        raise _nothing(output)
    return found


def _nothing(output: str) -> PollError:
    said = output.strip()
    return documents.unparsed(said) if said else PollError("empty_answer", "the array printed nothing")


def _megabytes(text: str | None) -> float | None:
    return float(text) * _MB if text and re.fullmatch(r"\d{1,12}(\.\d+)?", text) else None


def parse_system(output: str) -> Iterator[Sample]:
    """The chunklets of all disks, and what of them is given to volumes."""
    found = _told(output)
    size, used = _megabytes(found.get("total capacity")), _megabytes(found.get("allocated capacity"))
    if not size:
        raise PollError("unparsed", "showsys tells no capacity")
    pairs = labels(store=documents.label(found.get("system name", "")) or "system", kind="pool")
    yield Sample("jauge_storage_raw_bytes", size, pairs)
    if used is not None and used <= size:
        yield Sample("jauge_storage_raw_used_bytes", used, pairs)
    if re.fullmatch(r"\d{1,3}", nodes := found.get("number of nodes", "")):
        yield Sample("jauge_nodes", float(nodes))


def product(output: str) -> dict[str, str]:
    """The model."""
    model = _told(output).get("system model", "")
    return {"product": documents.label(model)} if model else {}


def parse_version(output: str) -> Iterator[Sample]:
    """Nothing: see `version`."""
    if not output.strip():
        raise _nothing(output)
    return iter(())


def version(output: str) -> dict[str, str]:
    """The release, from such as `Release version 3.2.2 (MU4)`."""
    found = _RELEASE.search(output)
    return {"version": documents.label(found[1])} if found else {}


def parse_efficiency(output: str) -> Iterator[Sample]:
    """How many times what was written is what deduplication and compression left of it."""
    found = _told(output).get("data reduction", "")
    if match := re.match(r"(\d{1,4}(?:\.\d{1,4})?)\b", found):
        yield Sample("jauge_storage_reduction_factor", float(match[1]), labels(store="system", kind="pool"))


def _table(output: str, columns: int) -> Iterator[list[str]]:
    """The rows of a table without heading. Raises PollError where there is none, or the array says something else."""
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines:
        raise _nothing(output)
    for line in lines:
        words = line.split()
        if len(words) != columns or not words[0].isdigit():
            raise documents.unparsed(line)
        yield words


def parse_disks(output: str) -> Iterator[Sample]:
    """Disks by their number: in service where they are normal."""
    failed = count = 0
    for number, state in _table(output, 2):
        yield Sample("jauge_disk_healthy", float(state == "normal"), labels(disk=documents.label(number)))
        count, failed = count + 1, failed + (state == "failed")
    yield Sample("jauge_disks", float(count))
    yield Sample("jauge_disks_failed", float(failed))


def parse_nodes(output: str) -> Iterator[Sample]:
    """Controllers by their number."""
    for number, state, _ in _table(output, 3):
        yield Sample("jauge_node_healthy", float(state.upper() == "OK"), labels(node=documents.label(number)))


def parse_volumes(output: str) -> Iterator[Sample]:
    """Volumes: what was promised, and what hosts wrote to them. Snapshots (vcopy) and the array's own are none of them."""
    for _, name, kind, size, used, state in _table(output, 6):
        if kind == "vcopy" or name == "admin" or name.startswith("."):
            continue
        pairs = labels(store=documents.label(name), kind="volume")
        whole, held = _megabytes(size), _megabytes(used)
        yield Sample("jauge_storage_healthy", float(state == "normal"), pairs)
        if whole:
            yield Sample("jauge_storage_size_bytes", whole, pairs)
            if held is not None and held <= whole:
                yield Sample("jauge_storage_used_bytes", held, pairs)
