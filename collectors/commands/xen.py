"""Hosts, storage repositories and virtual machines of XCP-ng and XenServer, as xe lists objects.

    uuid ( RO)                : a444ab5d-d1fc-f1a5-5ab4-3f0c3c07352e
              name-label ( RW): core-02
             power-state ( RO): running

A line without a value belongs to the object before, an empty line ends it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from collectors import documents
from collectors.command import elevated
from collectors.commands.guests import Guest, tell
from collectors.documents import told
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(recordings=("xenserver/xe-vm-list.txt",))
UNPROVEN: Final = (
    "the outputs of xe host-list, xe sr-list and cpu_avg of a pool; its list of machines was read"
)

VMS: Final = elevated(
    "xe vm-list is-control-domain=false is-a-template=false is-a-snapshot=false params=uuid,name-label,power-state,is-control-domain"
)
STORES: Final = elevated(
    "xe sr-list params=uuid,name-label,host,type,content-type,shared,physical-size,physical-utilisation,virtual-allocation"
)
HOSTS: Final = elevated(
    "xe host-list params=uuid,name-label,enabled,host-metrics-live,memory-total,memory-free,software-version"
)
LOADS: Final = (
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; $s xe host-list params=uuid,name-label; '
    'for u in $($s xe host-list --minimal | tr , " "); do '
    'echo "cpu_avg $u $($s xe host-data-source-query data-source=cpu_avg uuid="$u")"; done'
)
"""cpu_avg is the mean of all processors of a host, as a share. One that is down is asked in vain."""

_FIELD: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*) \([A-Z ]{2,3}\)\s*: ?(.*)")
_CONTROL: Final = "Control domain on host"


def _objects(output: str) -> list[dict[str, str]]:
    found = list[dict[str, str]]()
    for line in output.splitlines():
        if not line.strip():
            continue
        match = _FIELD.match(line)
        if match is None:
            if not found:
                raise documents.unparsed(line)
            continue  # a name of two lines
        if match[1] == "uuid" or not found:
            found.append({})
        found[-1].setdefault(match[1], match[2].strip())
    if not found:
        raise PollError("empty_answer", "xe listed nothing")
    return found


def parse_vms(output: str) -> Iterator[Sample]:
    """Virtual machines by state, without the domains that are the hosts themselves."""
    machines = [
        one
        for one in _objects(output)
        if one.get("is-control-domain") != "true" and not one.get("name-label", "").startswith(_CONTROL)
    ]
    names = Counter(one.get("name-label", "") for one in machines)
    yield from tell(Guest(_named(one, names), one.get("power-state", "")) for one in machines)


def _named(machine: dict[str, str], names: Mapping[str, int]) -> str:
    """The name of a machine, with its number where it has none of its own."""
    name = machine.get("name-label", "")
    return name if name and names[name] == 1 else f"{name} ({machine.get('uuid', '')})"


def parse_stores(output: str) -> Iterator[Sample]:
    """Storage repositories that hold disks: none for images of CDs or removable drives."""
    stores = [
        one
        for one in _objects(output)
        if one.get("type") not in ("iso", "udev") and one.get("content-type") not in ("iso", "disk")
    ]
    names = Counter(one.get("name-label", "") for one in stores)
    for one in stores:
        name = one.get("name-label") or one.get("uuid", "")
        if names[name] > 1:  # every host has a local one of that name
            name = f"{one['host']}/{name}" if one.get("host") else f"{name} ({one.get('uuid', '')})"
        pairs = labels(store=documents.label(name), kind="pool")
        size, used, promised = (
            told(one.get(word)) for word in ("physical-size", "physical-utilisation", "virtual-allocation")
        )
        if not size:  # it says -1 or 0 of one that it has not reached
            continue
        yield Sample("jauge_storage_size_bytes", size, pairs)
        if used is not None and used <= size:
            yield Sample("jauge_storage_used_bytes", used, pairs)
        if promised is not None:
            yield Sample("jauge_storage_provisioned_bytes", promised, pairs)


def parse_hosts(output: str) -> Iterator[Sample]:
    """Hosts of the pool: whether they serve, and their memory."""
    for one in _objects(output):
        pairs = labels(node=documents.label(one.get("name-label") or one.get("uuid", "")))
        live, enabled = one.get("host-metrics-live"), one.get("enabled")
        if live or enabled:
            yield Sample("jauge_node_up", float("false" not in (live, enabled)), pairs)
        size, free = told(one.get("memory-total")), told(one.get("memory-free"))
        if size and live != "false":
            yield Sample("jauge_node_memory_size_bytes", size, pairs)
            if free is not None and free <= size:
                yield Sample("jauge_node_memory_used_bytes", size - free, pairs)


def parse_loads(output: str) -> Iterator[Sample]:
    """The share of its processors that each host has at work."""
    lines = output.splitlines()
    loads = [line.split() for line in lines if line.startswith("cpu_avg ")]
    names = {one.get("uuid"): one.get("name-label") for one in _objects("\n".join(
        line for line in lines if not line.startswith("cpu_avg ")
    ))}  # fmt: skip
    for words in loads:
        share = told(words[2]) if len(words) == 3 else None
        if share is not None and share <= 1:
            name = names.get(words[1]) or words[1]
            yield Sample("jauge_node_cpu_used_ratio", share, labels(node=documents.label(name)))


def facts(output: str) -> dict[str, str]:
    """Product and version of the first host."""
    found = re.search(r"product_brand: ([^;\n]+)", output), re.search(r"product_version: ([^;\n]+)", output)
    named = {"product": found[0], "version": found[1]}
    return {name: documents.label(match[1]) for name, match in named.items() if match}
