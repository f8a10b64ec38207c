"""A VMware ESXi host by its own shell: datastores, machines that run, memory and processors; and vSAN, seen from it.

    [{"Free": 41, "Mount Point": "/vmfs/volumes/5e..", "Mounted": true, "Size": 100, "Type": "VMFS-6", "Volume Name": "ds"}]

Releases write the keys of esxcli's JSON with blanks or without: case and blanks do not count here. What esxcli tells
of vSAN is read as it prints it for people, which is the form that VMware documents. A vSAN datastore counts the disks:
how much of it a byte takes is the policy of each machine, so that it has a raw size and no usable one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from collectors import documents
from collectors.documents import told
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = "one poll of a real host over SSH, and of one node of a vSAN cluster: whether its list of disks is that of the cluster"
VERSION: Final = "esxcli --formatter=json system version get"
DATASTORES: Final = "esxcli --formatter=json storage filesystem list"
MACHINES: Final = "esxcli --formatter=json vm process list"
SUMMARY: Final = "vim-cmd hostsvc/hostsummary"
CLUSTER: Final = "esxcli vsan cluster get"
OBJECTS: Final = "esxcli vsan debug object health summary get"
RESYNC: Final = "esxcli vsan debug resync summary get"
DISKS: Final = "esxcli vsan debug disk list"

_MIB: Final = 1 << 20
_FIGURE: Final = re.compile(r"\s*(\w+) = (\d{1,19}),?\s*\Z")
_LINE: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9 ()-]*): ?(.*)")
_COUNT: Final = re.compile(r"\s*([A-Za-z][A-Za-z-]{1,80})\s+(\d{1,15})\s*\Z")
_BYTES: Final = re.compile(r"(\d{1,19})(?: bytes)?\s*\Z")
_WELL: Final = ("healthy", "data-move")
"""States of objects that have all their copies."""


# --- the host -----------------------------------------------------------------------------------------------


def _rows(output: str) -> list[dict[str, Any]]:
    """The objects of a list, or the one that stands alone, with keys in small letters and without blanks."""
    if not output.strip():
        raise PollError("empty_answer", "esxcli printed nothing")
    document = documents.load(output)
    found = document if isinstance(document, list) else [document]
    if not all(isinstance(row, dict) for row in found):
        raise PollError("unparsed", "esxcli printed no list of objects")
    return [{re.sub(r"[^a-z0-9]", "", key.lower()): value for key, value in row.items()} for row in found]


def parse_version(output: str) -> Iterator[Sample]:
    """Nothing: see `facts`."""
    _rows(output)
    return iter(())


def facts(output: str) -> dict[str, str]:
    """Product and version, the build after it as the agents of ESXi tell it."""
    row = next(iter(_rows(output)), {})
    version, build = str(row.get("version") or ""), re.search(r"\d+", str(row.get("build") or ""))
    found = {"product": str(row.get("product") or "")}
    if version:
        found["version"] = f"{version}.{build[0]}" if build else version
    return {name: documents.label(text) for name, text in found.items() if text}


def parse_datastores(output: str) -> Iterator[Sample]:
    """Datastores of VMFS, NFS and vSAN: not the small file systems that the host itself starts from."""
    rows = [row for row in _rows(output) if _kind(row)]
    names = Counter(name for row in rows if isinstance(name := row.get("volumename"), str))
    for row in rows:
        name = row.get("volumename")
        if not isinstance(name, str) or not name or names[name] > 1:
            name = str(row.get("mountpoint") or row.get("uuid") or "")
        kind = _kind(row)
        pairs = labels(store=documents.label(name), kind=kind)
        mounted = str(row.get("mounted")).lower()
        if mounted in ("true", "false"):
            yield Sample("jauge_storage_healthy", float(mounted == "true"), pairs)
        size, free = told(row.get("size")), told(row.get("free"))
        if not size or mounted == "false":
            continue
        word = "raw_" if kind == "pool" else ""
        yield Sample(f"jauge_storage_{word or 'size_'}bytes", size, pairs)
        if free is not None and free <= size:
            yield Sample(f"jauge_storage_{word}used_bytes", size - free, pairs)


def _kind(row: dict[str, Any]) -> str:
    kind = str(row.get("type") or "").lower()
    if kind.startswith("vsan"):
        return "pool"
    return "filesystem" if re.match(r"vmfs-[0-9]|nfs", kind) else ""


def parse_machines(output: str) -> Iterator[Sample]:
    """The virtual machines that run: esxcli lists no others."""
    rows = _rows(output)
    names = [str(row.get("displayname") or "") for row in rows]
    count = Counter(names)
    for row, name in zip(rows, names, strict=True):
        shown = name if name and count[name] == 1 else f"{name} ({row.get('uuid') or row.get('worldid')})"
        yield Sample("jauge_vm_info", 1.0, labels(vm=documents.label(shown), state="running"))
    yield Sample("jauge_vms", float(len(rows)), labels(state="running"))


def parse_summary(output: str) -> Iterator[Sample]:
    """Memory and processors, by what the host counts of its own use."""
    found: dict[str, float] = {}
    for line in output.splitlines():
        if match := _FIGURE.match(line):
            found.setdefault(match[1], float(match[2]))
    size, used = found.get("memorySize"), found.get("overallMemoryUsage")
    if not size:
        raise (
            PollError("unparsed", "hostsummary tells no memory")
            if output.strip()
            else PollError("empty_answer", "vim-cmd printed nothing")
        )
    yield Sample("jauge_memory_size_bytes", size)
    if used is not None and used * _MIB <= size:
        yield Sample("jauge_memory_used_bytes", used * _MIB)
    whole = found.get("cpuMhz", 0.0) * found.get("numCpuCores", 0.0)
    if whole and "overallCpuUsage" in found:  # with turbo a core does more than its nominal speed
        yield Sample("jauge_cpu_used_ratio", min(1.0, found["overallCpuUsage"] / whole))
    for metric, word in (("jauge_cpus", "numCpuThreads"), ("jauge_uptime_seconds", "uptime")):
        if word in found:
            yield Sample(metric, found[word])


# --- vSAN ---------------------------------------------------------------------------------------------------

_VSAN: Final = labels(cluster="vsan")


def _pairs(output: str) -> list[dict[str, str]]:
    """What is told in lines `Name: value`: one group, or one for each line that begins at the margin with UUID."""
    found = list[dict[str, str]]()
    for line in output.splitlines():
        if match := _LINE.match(line):
            if not found or line.startswith("UUID:"):
                found.append({})
            found[-1].setdefault(match[1].strip().lower(), match[2].strip())
    if not found:
        raise (
            documents.unparsed(output.strip())
            if output.strip()
            else PollError("empty_answer", "esxcli printed nothing")
        )
    return found


def parse_cluster(output: str) -> Iterator[Sample]:
    """Members of the cluster that this host sees, and whether it is itself well."""
    row = _pairs(output)[0]
    members, health = row.get("sub-cluster member count", ""), row.get("local node health state")
    if not re.fullmatch(r"\d{1,6}", members):
        raise PollError("unparsed", "vsan cluster get tells no members")
    yield Sample("jauge_cluster_members_up", float(members), _VSAN)
    if health:
        yield Sample("jauge_node_healthy", float(health.upper() == "HEALTHY"), labels(node="local"))


def parse_objects(output: str) -> Iterator[Sample]:
    """How many objects stand in each state; the cluster is well where all have their copies."""
    states: dict[str, float] = {}
    for line in output.splitlines():
        if match := _COUNT.match(line):
            states.setdefault(match[1], float(match[2]))
    if not states:
        raise (
            documents.unparsed(output.strip())
            if output.strip()
            else PollError("empty_answer", "esxcli printed nothing")
        )
    for state, count in states.items():
        yield Sample("jauge_cluster_objects", count, labels(cluster="vsan", state=documents.label(state)))
    well = not any(count for state, count in states.items() if state not in _WELL)
    yield Sample("jauge_cluster_healthy", float(well), _VSAN)


def parse_resync(output: str) -> Iterator[Sample]:
    """What is still to be copied until all objects have their copies."""
    left = _BYTES.match(_pairs(output)[0].get("total bytes left to resync", ""))
    if left is None:
        raise PollError("unparsed", "vsan debug resync tells no bytes")
    yield Sample("jauge_cluster_rebuild_bytes", float(left[1]), _VSAN)


def parse_disks(output: str) -> Iterator[Sample]:
    """Disks that vSAN uses: in service where they take part and are not red."""
    rows = _pairs(output)
    names = [row.get("name", "") for row in rows]
    count = Counter(names)
    for row, name in zip(rows, names, strict=True):
        taking, health = row.get("in cmmds", "").lower(), row.get("overall health", "").lower()
        shown = name if name and count[name] == 1 else f"{name} ({row.get('uuid', '')})".strip()
        pairs = labels(disk=documents.label(shown))
        if health or taking:
            yield Sample("jauge_disk_healthy", float(health != "red" and taking != "false"), pairs)
        size, used = (_BYTES.match(row.get(word, "")) for word in ("capacity", "used"))
        if size and int(size[1]):
            yield Sample("jauge_disk_size_bytes", float(size[1]), pairs)
            if used and int(used[1]) <= int(size[1]):
                yield Sample("jauge_disk_used_ratio", int(used[1]) / int(size[1]), pairs)
