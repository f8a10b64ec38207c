"""Virtual machines and storage pools of a KVM host with libvirt, over a connection that can only read.

 Id   Name      State
--------------------------
 1    pacs-01   running
 -    test-02   shut off

Name:           images
State:          running
Capacity:       107321753600
Allocation:     53660876800
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.commands.guests import Guest, tell
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(recordings=("kvm/virsh-list-1.txt",))
UNPROVEN: Final = "the outputs of pool-info beside those of df; a host's list of machines was read"

VMS: Final = "virsh --connect qemu:///system --readonly list --all"
POOLS: Final = (
    "v='virsh --connect qemu:///system --readonly'; l=$($v pool-list --all --name) || exit; "
    'printf "%s\\n" "$l" | while read -r p; do [ -z "$p" ] || $v pool-info --bytes "$p"; done'
)

_STATES: Final = (
    "running",
    "idle",
    "paused",
    "in shutdown",
    "shut off",
    "crashed",
    "dying",
    "pmsuspended",
    "no state",
)
_VM: Final = re.compile(r"\s*(?:\d{1,9}|-)\s+(\S.*)")


def parse_vms(output: str) -> Iterator[Sample]:
    """Virtual machines by state."""
    guests: list[Guest] = []
    ruled = False
    for line in output.splitlines():
        if not line.strip():
            continue
        if not ruled:
            ruled = line.strip().startswith("---")
            continue
        guests.append(_guest(line))
    if not ruled:
        raise (
            documents.unparsed(output.strip())
            if output.strip()
            else PollError("empty_answer", "virsh is silent")
        )
    yield from tell(guests)


def _guest(line: str) -> Guest:
    """A row: its number, a name that may hold spaces, and the state that it ends with."""
    match = _VM.match(line)
    said = match[1].rstrip() if match else ""
    state = next((state for state in _STATES if said.endswith(state)), "")
    name = said.removesuffix(state)
    if not state or name.rstrip() in ("", name):
        raise documents.unparsed(line)
    return Guest(name.rstrip(), state)


def parse_pools(output: str) -> Iterator[Sample]:
    """Storage pools: whether they are active, their size and use."""
    pools = list[dict[str, str]]()
    for line in output.splitlines():
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not line.strip():
            continue
        if name == "Name":
            pools.append({})
        if not colon or not pools:
            raise documents.unparsed(line)
        pools[-1].setdefault(name, value)
    if not pools:
        raise PollError("empty_answer", "there is no storage pool")
    for pool in pools:
        pairs = labels(store=documents.label(pool["Name"]), kind="pool")
        if "State" in pool:
            yield Sample("jauge_storage_healthy", float(pool["State"] == "running"), pairs)
        size, used = _bytes(pool.get("Capacity", "")), _bytes(pool.get("Allocation", ""))
        if size:
            yield Sample("jauge_storage_size_bytes", size, pairs)
            if used is not None and used <= size:
                yield Sample("jauge_storage_used_bytes", used, pairs)


def _bytes(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,20}", text) else None
