"""Texts of clusters: head-room without the largest node, hosts, disks."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

CLUSTERS: Final[dict[str, Text]] = {
    "hyperconverged.title": "Hyperconverged",
    "hyperconverged.empty": (
        "No cluster is known. A target is one when it tells its nodes (Nutanix, Proxmox, vSAN, Storage Spaces Direct, Ceph), "
        "or when the estate declares `capacity: {{nodes: N}}` for it; the planner then leaves the largest node out."
    ),
    "hyperconverged.list": "Clusters, worst first",
    "hyperconverged.rooms": "When the largest node fails",
    "hyperconverged.chart.label": "Bar chart of what the other nodes would carry, in percent of what they hold; the table below holds the same figures.",
    "hyperconverged.axis": "carried by the other nodes, %",
    "hyperconverged.whole": "all they hold",
    "hyperconverged.hosts": "Hosts",
    "hyperconverged.hosts.none": "This cluster tells nothing of its nodes one by one.",
    "hyperconverged.hosts.more": "The first {n} of {all}.",
    "hyperconverged.disks": "Disks",
    "hyperconverged.disks.none": "This cluster tells nothing of its disks.",
    "hyperconverged.disks.well": (
        "{n} disk: nothing speaks against it.",
        "{n} disks: nothing speaks against any of them.",
    ),
    "hyperconverged.disks.bad": "Disks: {all}, of which failed: {failed}, worn: {worn}. Replace them before another one fails.",
    "hyperconverged.disks.untold": "Of {n} of {all} nobody tells how they are.",
    "hyperconverged.disks.fullest": "The fullest disk is at {ratio}.",
    "cluster.can": "{name} can lose its largest node today: the other ones would carry at most {ratio} of what they hold ({what}).",
    "cluster.cannot": "{name} cannot lose its largest node today: the other ones would have to carry {ratio} of what they hold ({what}).",
    "cluster.can.partly": (
        "By what is known, {name} can lose its largest node today: the other ones would carry at most {ratio} of what they "
        "hold ({what})."
    ),
    "cluster.untold": "Nobody tells what the other nodes hold of: {what}. Declare `capacity: {{nodes: N}}` for the target.",
    "cluster.unplanned": "Nothing of it is planned yet: run `jauge plan` (it is meant to run every night).",
    "cluster.first": "The first limit is {what}, on {day}: order by {order}.",
    "cluster.first.late": "The first limit is {what}, on {day}: the order is overdue since {order}.",
    "cluster.first.unordered": "The first limit is {what}, on {day}.",
    "cluster.reached": "A limit is reached: {what}.",
    "cluster.hosts.down": (
        "{n} host takes no part or is silent.",
        "{n} hosts take no part or are silent.",
    ),
    "cluster.note": (
        "Processors are those of the busiest hour of the day. What the failed node's own system used is counted as moved, "
        "so the room is a little greater in truth."
    ),
    "column.cluster": "Cluster",
    "column.nodes": "Hosts",
    "column.tightest": "Tightest without a node",
    "column.in use": "In use",
    "column.whole": "All nodes hold",
    "column.others": "Without the largest",
    "column.load then": "Load then",
    "column.left then": "Left then",
    "column.limit": "Limit reached",
    "column.node": "Host",
    "column.vms": "Virtual machines",
    "column.cpus": "Processors",
    "column.cpu": "Processors in use",
    "column.memory": "Memory in use",
    "column.disk": "Disk",
    "column.wear": "Wear",
    "state.short": "cannot lose a node",
    "state.worn": "worn",
}
