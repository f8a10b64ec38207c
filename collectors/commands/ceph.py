"""Pools, nodes and OSDs of a Ceph cluster: what fits after all copies, and what still would without the largest node.

    {"stats": {...}, "pools": [{"name": "images", "stats": {"stored": 8388608, "max_avail": 707292352, ...}}]}
    {"nodes": [{"id": 0, "name": "osd.0", "type": "osd", "kb": 1048576, "utilization": 29.1, "status": "up"}]}
    {"pools": [{"pool_name": "images", "type": 1, "size": 2, "crush_rule": 0}], "erasure_code_profiles": {...}}
    [{"rule_id": 0, "steps": [{"op": "take", "item_name": "default"}, {"op": "chooseleaf_firstn", "type": "host"}]}]

While copies are missing, `ceph df` divides by the copies that there are: `stored` and `max_avail` swell by as much,
and shrink again when the cluster is whole. Both are divided here by the copies that there will be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from collectors import documents
from collectors.command import elevated
from collectors.copies import most
from collectors.documents import at, each, told
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(recordings=("ceph/ceph-df-f-json.json",), servers=("ceph",))

COMMAND: Final = elevated(
    "ceph df detail --format json; $s ceph osd df tree --format json; "
    "$s ceph osd dump --format json; $s ceph osd crush rule dump --format json"
)

_NOT_JSON: Final = re.compile(r"(?<=:)\s*-?(?:nan|inf)(?=\s*[,}])")
_KIB: Final = 1024


class _Copies(NamedTuple):
    """How a pool keeps its data: pieces of each object, what one byte takes, and the rule that places them."""

    pieces: int
    rate: float
    rule: Any


class _Disk(NamedTuple):
    """An OSD that takes data: its bytes and device class."""

    size: float
    kind: str


class _Pool(NamedTuple):
    """A pool in bytes of its clients, and of the disks."""

    name: str
    stored: float
    available: float
    raw: float
    copies: _Copies | None


def parse(output: str) -> Iterator[Sample]:
    """Every pool and OSD. Where only `ceph df` is printed, its own figures are taken as they are."""
    found = documents.several(_NOT_JSON.sub("null", output))
    if not found:
        raise PollError("empty_answer", "ceph printed nothing")
    usage = next(
        (one for one in found if at(one, "stats") is not None and at(one, "pools") is not None), None
    )
    tree = next((one for one in found if isinstance(at(one, "nodes"), list)), None)
    plan = next((one for one in found if at(one, "erasure_code_profiles") is not None), None)
    rules = {told(row.get("rule_id")): row for one in found if isinstance(one, list) for row in each(one)}
    if usage is None:
        raise PollError("unparsed", "ceph df printed no pools")
    copies = dict(_copies(plan))
    pools = [pool for row in each(usage, "pools") if (pool := _pool(row, copies)) is not None]
    for pool in pools:
        yield from _sizes(pool)
    yield from _without_node(pools, tree, rules)
    for name, row in (
        (at(usage, "stats_by_class") or {}).items() if isinstance(at(usage, "stats_by_class"), dict) else ()
    ):
        pairs = labels(store=documents.label(str(name)), kind="tier")
        yield from _known("jauge_storage_raw_bytes", at(row, "total_bytes"), pairs)
        yield from _known("jauge_storage_raw_used_bytes", at(row, "total_used_raw_bytes"), pairs)
    yield from _osds(tree)


def _known(
    metric: str, value: object, pairs: tuple[tuple[str, str], ...], scale: float = 1.0
) -> Iterator[Sample]:
    figure = told(value)
    if figure is not None and figure * scale < float("inf"):
        yield Sample(metric, figure * scale, pairs)


# --- pools ------------------------------------------------------------------------------------------------


def _copies(plan: Any) -> Iterator[tuple[str, _Copies]]:
    for row in each(plan, "pools"):
        size, rule = told(row.get("size")), told(row.get("crush_rule"))
        name, rate = str(row.get("pool_name")), size
        if told(row.get("type")) == 3:  # erasure coded: k pieces of data and m that can be lost
            data = told(at(plan, "erasure_code_profiles", str(row.get("erasure_code_profile")), "k"))
            rate = size / data if size and data else None
        if size and rate:
            yield name, _Copies(int(min(size, 1e6)), rate, rule)


def _pool(row: dict[str, Any], copies: dict[str, _Copies]) -> _Pool | None:
    stats, name = row.get("stats"), row.get("name")
    stored, available = told(at(stats, "stored")), told(at(stats, "max_avail"))
    raw, kept = told(at(stats, "avail_raw")), copies.get(str(name))
    if not isinstance(name, str) or available is None:
        return None
    if stored is None:  # before Nautilus
        stored = told(at(stats, "bytes_used"))
        if stored is None:
            return None
    if kept is not None and raw and available:
        swollen = raw / available / kept.rate  # below 1 while copies are missing
        stored, available = stored * swollen, available * swollen
    return _Pool(name, stored, available, raw or 0.0, kept)


def _sizes(pool: _Pool) -> Iterator[Sample]:
    pairs = labels(store=documents.label(pool.name), kind="pool")
    if pool.stored + pool.available < float("inf"):
        yield Sample("jauge_storage_size_bytes", pool.stored + pool.available, pairs)
        yield Sample("jauge_storage_used_bytes", pool.stored, pairs)
        yield Sample("jauge_storage_available_bytes", pool.available, pairs)


# --- the largest node -------------------------------------------------------------------------------------


def _without_node(
    pools: list[_Pool], tree: Any, rules: dict[float | None, dict[str, Any]]
) -> Iterator[Sample]:
    """What each pool could hold on the other nodes, beside what the pools of the same disks hold now.

    It is told where data are placed by hosts or by OSDs, and enough of them stay for all pieces.
    """
    placed = [
        (pool, place) for pool in pools if pool.copies and (place := _place(rules.get(pool.copies.rule)))
    ]
    for pool, (root, domain) in placed:
        hosts = _hosts(tree, root)
        share = _left(hosts, pool.copies.pieces, domain) if pool.copies else None
        if share is None or pool.copies is None or not pool.raw:
            continue
        held = sum(
            other.stored * other.copies.rate for other, (where, _) in placed if other.copies and where == root
        )
        most = (held + pool.raw) * share
        size = pool.stored + (most - held) / pool.copies.rate
        if 0 <= size < float("inf"):
            pairs = labels(store=documents.label(pool.name), kind="pool")
            yield Sample("jauge_storage_size_without_node_bytes", size, pairs)


def _place(rule: dict[str, Any] | None) -> tuple[str, str] | None:
    """The root (with its device class) that a rule takes, and what it spreads pieces over; None where it is another."""
    steps = each(rule, "steps")
    roots = [str(step.get("item_name")) for step in steps if step.get("op") == "take"]
    domains = [str(step.get("type")) for step in steps if str(step.get("op")).startswith("choose")]
    if len(roots) != 1 or len(domains) != 1 or domains[0] not in ("host", "osd"):
        return None
    return roots[0], domains[0]


def _hosts(tree: Any, root: str) -> list[list[_Disk]]:
    """The OSDs of each host below a root, those of its device class where it has one."""
    name, _, kind = root.partition("~")
    nodes = {node.get("id"): node for node in each(tree, "nodes") if isinstance(node.get("id"), int)}
    start = next((node for node in nodes.values() if node.get("name") == name), None)
    found, waiting, seen = list[list[_Disk]](), [start], set[int]()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        children = [nodes.get(child) for child in node.get("children") or () if isinstance(child, int)]
        if node.get("type") != "host":
            waiting += children
            continue
        disks = [
            _Disk((told(one.get("kb")) or 0) * _KIB, str(one.get("device_class"))) for one in children if one
        ]
        found.append([disk for disk in disks if kind in ("", disk.kind) and disk.size > 0])
    return [disks for disks in found if disks]


def _left(hosts: list[list[_Disk]], pieces: int, domain: str) -> float | None:
    """The share of what fits on all nodes that fits without the largest; None where it cannot be told."""
    hosts = sorted(hosts, key=lambda disks: sum(disk.size for disk in disks))
    units = [
        [sum(disk.size for disk in disks)] if domain == "host" else [disk.size for disk in disks]
        for disks in hosts
    ]
    before = most([size for unit in units for size in unit], pieces)
    after = most([size for unit in units[:-1] for size in unit], pieces)
    return after / before if before and after else None


# --- OSDs -------------------------------------------------------------------------------------------------


def _osds(tree: Any) -> Iterator[Sample]:
    for node in each(tree, "nodes"):
        name = node.get("name")
        if node.get("type") != "osd" or not isinstance(name, str):
            continue
        pairs = labels(disk=documents.label(name))
        if node.get("status") in ("up", "down"):
            yield Sample("jauge_disk_healthy", float(node.get("status") == "up"), pairs)
        yield from _known("jauge_disk_size_bytes", node.get("kb"), pairs, _KIB)
        share = told(node.get("utilization"))
        if share is not None and share <= 100:
            yield Sample("jauge_disk_used_ratio", share / 100, pairs)
