"""Nodes, storages, virtual machines and containers of a Proxmox VE cluster, and which of them stand in no backup job.

    [{"type": "node", "node": "pve1", "status": "online", "cpu": 0.03, "mem": 8, "maxmem": 64},
     {"type": "storage", "node": "pve1", "storage": "nfs", "shared": 1, "status": "available", "disk": 5, "maxdisk": 9},
     {"type": "qemu", "vmid": 100, "name": "pacs-01", "node": "pve1", "status": "running", "template": 0}]

Every node lists a storage that they share: it is told once. One of a node is named NODE/STORAGE. No cluster was at hand:
the fields are those of the API viewer of Proxmox VE.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from collectors import documents
from collectors.command import elevated
from collectors.commands.guests import Guest, tell
from collectors.documents import each, told
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Labels, Sample, labels

PROVEN: Final = Proof(recordings=("proxmox/pveversion.txt",))
UNPROVEN: Final = "the outputs of pvesh on a cluster; of a real one the version was read"

RESOURCES: Final = elevated("pvesh get /cluster/resources --output-format json")
UNPROTECTED: Final = elevated("pvesh get /cluster/backup-info/not-backed-up --output-format json")
"""Proxmox VE 6.4 and later."""
STATUS: Final = elevated("pvesh get /cluster/status --output-format json")
VERSION: Final = elevated("pveversion")

_CLUSTER: Final = labels(cluster="proxmox")
_GUESTS: Final = ("qemu", "lxc")


def _rows(output: str, what: str) -> list[dict[str, Any]]:
    document = documents.load(output) if output.strip() else None
    if document is None:
        raise PollError("empty_answer", "pvesh printed nothing")
    if not isinstance(document, list):
        raise PollError("unparsed", f"pvesh printed no list of {what}")
    return each(document)


def parse_resources(output: str) -> Iterator[Sample]:
    """Every node, storage and guest of the cluster."""
    rows = _rows(output, "resources")
    for row in rows:
        if row.get("type") == "node":
            yield from _node(row, rows)
    yield from _storages(row for row in rows if row.get("type") == "storage")
    guests = [row for row in rows if row.get("type") in _GUESTS and not row.get("template")]
    yield from tell(
        Guest(_guest(row), str(row.get("status") or ""), str(row.get("node") or "")) for row in guests
    )


def _guest(row: dict[str, Any]) -> str:
    """The name of a guest, which may be that of another: with its number, which is not."""
    number = row.get("vmid", "")
    return documents.label(f"{row.get('name') or ''} ({number})".strip())


def _node(row: dict[str, Any], rows: list[dict[str, Any]]) -> Iterator[Sample]:
    name = str(row.get("node") or "")
    pairs = labels(node=documents.label(name))
    if not name:
        return
    yield Sample("jauge_node_up", float(row.get("status") == "online"), pairs)
    if row.get("status") != "online":
        return
    share, size, used = told(row.get("cpu")), told(row.get("maxmem")), told(row.get("mem"))
    if share is not None and share <= 1:
        yield Sample("jauge_node_cpu_used_ratio", share, pairs)
    if size:
        yield Sample("jauge_node_memory_size_bytes", size, pairs)
        if used is not None and used <= size:
            yield Sample("jauge_node_memory_used_bytes", used, pairs)
    guests = [one for one in rows if one.get("type") in _GUESTS and one.get("node") == name]
    running = sum(one.get("status") == "running" for one in guests)
    yield Sample("jauge_node_vms", float(running), pairs)


def _storages(rows: Iterator[dict[str, Any]]) -> Iterator[Sample]:
    """Each storage once: a shared one as the first node that reaches it says."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        node, name = str(row.get("node") or ""), str(row.get("storage") or "")
        if not name:
            continue
        full = name if told(row.get("shared")) else f"{node}/{name}"
        if full not in found or (
            found[full].get("status") != "available" and row.get("status") == "available"
        ):
            found[full] = row
    for full, row in found.items():
        pairs: Labels = labels(store=documents.label(full), kind="pool")
        yield Sample("jauge_storage_healthy", float(row.get("status") == "available"), pairs)
        size, used = told(row.get("maxdisk")), told(row.get("disk"))
        if row.get("status") == "available" and size:
            yield Sample("jauge_storage_size_bytes", size, pairs)
            if used is not None and used <= size:
                yield Sample("jauge_storage_used_bytes", used, pairs)


def parse_unprotected(output: str) -> Iterator[Sample]:
    """The guests that no backup job covers. None at all is good news, and no failure."""
    for row in _rows(output, "guests"):
        yield Sample("jauge_vm_unprotected", 1.0, labels(vm=_guest(row)))


def parse_status(output: str) -> Iterator[Sample]:
    """Whether the cluster is quorate, and how many of its nodes are online. A single node is no cluster."""
    rows = _rows(output, "nodes")
    nodes = [row for row in rows if row.get("type") == "node"]
    yield Sample("jauge_cluster_members", float(len(nodes)), _CLUSTER)
    yield Sample(
        "jauge_cluster_members_up", float(sum(bool(told(row.get("online"))) for row in nodes)), _CLUSTER
    )
    for row in rows:
        quorate = told(row.get("quorate"))
        if row.get("type") == "cluster" and quorate is not None:
            yield Sample("jauge_cluster_quorate", float(bool(quorate)), _CLUSTER)


def parse_version(output: str) -> Iterator[Sample]:
    """Nothing: see `facts`."""
    if not output.strip():
        raise PollError("empty_answer", "pveversion printed nothing")
    return iter(())


def facts(output: str) -> dict[str, str]:
    """Product and version, from such as `pve-manager/8.1.4/ec5affc9e41f1d79 (running kernel: 6.5.11-8-pve)`."""
    parts = output.split("/")
    if len(parts) < 3 or not parts[0].strip().startswith("pve-manager"):
        return {}
    return {"product": "Proxmox VE", "version": documents.label(parts[1])}
