"""Storage Spaces Direct: pools, their virtual disks, drives and jobs, and what would fit without the largest node.

    {"pools": [{"name": "S2D on HV", "size": 48e12, "allocated": 24e12, "health": 0,
      "drives": ["{d1}", "{d2}"],
      "disks": [{"name": "Volume1", "size": 8e12, "footprint": 24e12, "resiliency": "Mirror", "copies": 3, "domain": 3, "health": 0}]}],
     "drives": [{"id": "{d1}", "number": "1001", "name": "SSD", "size": 4e12, "usage": 1, "health": 0}],
     "nodes": [{"name": "hv-01", "drives": ["{d1}"]}],
     "jobs": [{"name": "Repair", "state": 4}]}

Numbers are those of MSFT_StoragePool, MSFT_VirtualDisk, MSFT_PhysicalDisk and MSFT_StorageJob: the words of the cmdlets
are translated. Size and AllocatedSize of a pool are those of its disks, before redundancy. What of them can be used is
told where all virtual disks are mirrors of one number of copies: what other ones leave depends on what comes next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from collectors import documents
from collectors.copies import most
from collectors.documents import each, told
from collectors.poll import PollError
from inventory.metrics import Sample, labels

COMMAND: Final = (
    "function v($o,$k) {$o.CimInstanceProperties[$k].Value}; "
    "$c=Get-StorageSubSystem -FriendlyName Clus*; if (-not $c) {throw 'this machine has no storage of a cluster'}; "
    "$pools=@(Get-StoragePool -StorageSubSystem $c -IsPrimordial $false|ForEach-Object {$p=$_; [pscustomobject]@{"
    "name=v $p 'FriendlyName'; size=v $p 'Size'; allocated=v $p 'AllocatedSize'; health=v $p 'HealthStatus'; "
    "drives=@(Get-PhysicalDisk -StoragePool $p|ForEach-Object {v $_ 'UniqueId'}); "
    "disks=@(Get-VirtualDisk -StoragePool $p|ForEach-Object {[pscustomobject]@{name=v $_ 'FriendlyName'; size=v $_ 'Size'; "
    "footprint=v $_ 'FootprintOnPool'; resiliency=v $_ 'ResiliencySettingName'; copies=v $_ 'NumberOfDataCopies'; "
    "domain=v $_ 'FaultDomainAwareness'; health=v $_ 'HealthStatus'}})}}); "
    "$drives=@(Get-PhysicalDisk -StorageSubSystem $c|ForEach-Object {[pscustomobject]@{id=v $_ 'UniqueId'; "
    "number=v $_ 'DeviceId'; name=v $_ 'FriendlyName'; size=v $_ 'Size'; usage=v $_ 'Usage'; health=v $_ 'HealthStatus'}}); "
    "$nodes=@($c|Get-StorageNode|ForEach-Object {[pscustomobject]@{name=v $_ 'Name'; "
    "drives=@(Get-PhysicalDisk -StorageNode $_ -PhysicallyConnected|ForEach-Object {v $_ 'UniqueId'})}}); "
    "$jobs=@(Get-StorageJob|ForEach-Object {[pscustomobject]@{name=v $_ 'Name'; state=v $_ 'JobState'}}); "
    "[pscustomobject]@{pools=$pools; drives=$drives; nodes=$nodes; jobs=$jobs}|ConvertTo-Json -Compress -Depth 5"
)

UNPROVEN: Final = (
    "the output of COMMAND on a cluster of three nodes and more, beside what Windows Admin Center shows"
)

_CAPACITY: Final = (1, 2)
"""MSFT_PhysicalDisk.Usage: Auto-Select, Manual-Select; the others are spare, retired, or a cache (Journal)."""

_NODES: Final = 3
"""FaultDomainAwareness: StorageScaleUnit, which is a node."""

_ACTIVE: Final = (2, 3, 4, 5)
"""MSFT_StorageJob.JobState: New, Starting, Running, Suspended."""

_HEALTH: Final[Mapping[float | None, float]] = {0: 1.0, 1: 0.0, 2: 0.0}
"""HealthStatus: healthy, a warning, unhealthy; 5 is unknown."""

_MOVING: Final = ("optimize", "rebalance")
"""Jobs that move data which is whole."""

_RESERVED: Final = 4
"""Microsoft advises to leave one capacity drive of each node unallocated, four at most (Plan volumes)."""


def parse(output: str) -> Iterator[Sample]:
    """Pools, virtual disks and drives."""
    if not output.strip():
        raise PollError("empty_answer", "PowerShell printed nothing")
    document = documents.load(output)
    pools = _rows(document, "pools")
    if not pools:
        raise PollError(
            "empty_answer" if isinstance(document, dict) else "unparsed",
            "there is no storage pool of a cluster",
        )
    drives = {str(drive.get("id")): drive for drive in _rows(document, "drives")}
    for pool in pools:
        yield from _pool(pool, drives, _rows(document, "nodes"))
    yield from _drives(list(drives.values()))
    if len(pools) == 1:  # a job does not name its pool
        repairing = any(_repairs(job) for job in _rows(document, "jobs"))
        yield Sample("jauge_storage_rebuilding", float(repairing), _labels(pools[0]))


def _rows(document: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list; PowerShell may write a list of one as its object."""
    found = documents.at(document, name)
    return each([found]) if isinstance(found, dict) else each(found)


def _names(row: dict[str, Any], name: str) -> set[str]:
    found = row.get(name)
    return (
        {str(one) for one in found}
        if isinstance(found, list)
        else {found}
        if isinstance(found, str)
        else set()
    )


def _labels(pool: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return labels(store=documents.label(str(pool.get("name") or "?")), kind="pool")


def _healthy(row: dict[str, Any]) -> float | None:
    return _HEALTH.get(told(row.get("health")))


def _repairs(job: dict[str, Any]) -> bool:
    name = str(job.get("name") or "").lower()
    return told(job.get("state")) in _ACTIVE and not any(word in name for word in _MOVING)


# --- pools ------------------------------------------------------------------------------------------------


def _pool(
    pool: dict[str, Any], drives: dict[str, dict[str, Any]], nodes: list[dict[str, Any]]
) -> Iterator[Sample]:
    pairs, disks = _labels(pool), _rows(pool, "disks")
    size, used = told(pool.get("size")), told(pool.get("allocated"))
    if size and used is not None and used > size:
        size = used = None
    promised = [told(disk.get("size")) for disk in disks]
    copies = _copies(disks)
    units = _units(pool, drives, nodes)
    figures = {
        "jauge_storage_healthy": _healthy(pool),
        "jauge_storage_raw_bytes": size or None,
        "jauge_storage_raw_used_bytes": used if size else None,
        "jauge_storage_provisioned_bytes": None
        if None in promised
        else sum(figure or 0 for figure in promised),
        "jauge_storage_copies": copies,
        "jauge_storage_size_bytes": size / copies if size and copies else None,
        "jauge_storage_used_bytes": used / copies if size and copies and used is not None else None,
        "jauge_storage_repair_reserve_bytes": _reserve(units),
        "jauge_storage_size_without_node_bytes": _without_node(units, disks, copies),
    }
    yield from _known(figures, pairs)
    for disk in disks:
        yield from _disk(disk, dict(pairs)["store"])


def _known(figures: dict[str, float | None], pairs: tuple[tuple[str, str], ...]) -> Iterator[Sample]:
    return (
        Sample(metric, figure, pairs)
        for metric, figure in figures.items()
        if figure is not None and figure < float("inf")
    )


def _disk(disk: dict[str, Any], pool: str) -> Iterator[Sample]:
    """A virtual disk: how large it is and how it fills is told by its volume."""
    if disk.get("name"):
        pairs = labels(store=documents.label(str(disk["name"])), kind="volume", pool=pool)
        figures = {
            "jauge_storage_healthy": _healthy(disk),
            "jauge_storage_raw_used_bytes": told(disk.get("footprint")),
            "jauge_storage_copies": _copies([disk]),
        }
        yield from _known(figures, pairs)


def _copies(disks: list[dict[str, Any]]) -> float | None:
    """The copies that every virtual disk keeps of its data, where all are mirrors of one number."""
    found = {
        told(disk.get("copies")) if str(disk.get("resiliency")).lower() == "mirror" else None
        for disk in disks
    }
    copies = found.pop() if len(found) == 1 else None
    return copies if copies and copies <= 8 and copies == int(copies) else None


def _units(
    pool: dict[str, Any], drives: dict[str, dict[str, Any]], nodes: list[dict[str, Any]]
) -> list[list[float]] | None:
    """The sizes of the pool's capacity drives in each node; None where a drive has no node, or no size."""
    wanted = {one for one in _names(pool, "drives") if told(drives.get(one, {}).get("usage")) in _CAPACITY}
    found: dict[str, set[str]] = {}
    for node in nodes:
        found.setdefault(str(node.get("name")), set()).update(_names(node, "drives") & wanted)
    units = [[told(drives[one].get("size")) or 0.0 for one in own] for own in found.values() if own]
    flat = [size for unit in units for size in unit]
    return units if wanted and len(flat) == len(wanted) and all(flat) else None


def _reserve(units: list[list[float]] | None) -> float | None:
    return None if units is None else min(len(units), _RESERVED) * max(max(unit) for unit in units)


def _without_node(
    units: list[list[float]] | None, disks: list[dict[str, Any]], copies: float | None
) -> float | None:
    """What fits in all copies on the nodes that stay, where data are spread over nodes and enough of them stay."""
    spread = all(disk.get("domain") is None or told(disk.get("domain")) == _NODES for disk in disks)
    if units is None or copies is None or not spread:
        return None
    return most(sorted(sum(unit) for unit in units)[:-1], int(copies))


# --- drives -----------------------------------------------------------------------------------------------


def _drives(drives: list[dict[str, Any]]) -> Iterator[Sample]:
    if not drives:
        return
    yield Sample("jauge_disks", float(len(drives)))
    states = [_healthy(drive) for drive in drives]
    if None not in states:
        yield Sample("jauge_disks_failed", float(states.count(0.0)))
    for drive, state in zip(drives, states, strict=True):
        name, number = str(drive.get("name") or ""), str(drive.get("number") or "")
        pairs = labels(disk=documents.label(f"{number}:{name}".strip(":")))
        yield from _known(
            {"jauge_disk_healthy": state, "jauge_disk_size_bytes": told(drive.get("size")) or None},
            pairs or labels(disk="?"),
        )
