"""Clusters: their head-room by the planner, their hosts and disks as the history last saw them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboard.clusters import Cluster, Disk, Host
from dashboard.data.files import HISTORY, PLAN
from dashboard.data.parts import Parts, Told
from dashboard.data.stores import Stores
from dashboard.data.targets import Targets
from forecasting.headroom import rooms

_HOST: Final[Mapping[str, str]] = {
    "jauge_node_up": "up",
    "jauge_node_healthy": "healthy",
    "jauge_node_cpus": "cpus",
    "jauge_node_cpu_used_ratio": "cpu",
    "jauge_node_memory_used_bytes": "memory",
    "jauge_node_memory_size_bytes": "memory_size",
    "jauge_node_vms": "vms",
}
_DISK: Final[Mapping[str, str]] = {
    "jauge_disk_healthy": "healthy",
    "jauge_disk_used_ratio": "used",
    "jauge_disk_wear_ratio": "wear",
}


class Clusters(Parts, Stores, Targets):
    """Every cluster of the estate."""

    def clusters(self) -> list[Cluster]:
        """Every cluster, worst first: targets with several nodes, or of which the planner leaves a node out."""
        return self._remember(("clusters", self.today), (HISTORY, PLAN), [], self._clusters)

    def _clusters(self) -> list[Cluster]:
        room = rooms(self.outlooks())
        hosts, disks = self._parts(_HOST, "node"), self._parts(_DISK, "disk")
        watched = {one.name: one for one in self.targets()}
        names = {target for target, parts in hosts.items() if len(parts) > 1} | room.keys()
        found = [
            Cluster(
                name,
                watched.get(name),
                room.get(name, ()),
                tuple(_host(part, told) for (part,), told in sorted(hosts.get(name, {}).items())),
                # A disk that was taken out is none of the cluster any more; a host that fell silent is.
                tuple(_disk(part, told) for (part,), told in sorted(disks.get(name, {}).items()) if told),
            )
            for name in names
        ]
        return sorted(found, key=lambda one: one.order)


def _host(name: str, told: Told) -> Host:
    values = {field: value for field, value in told.items() if field not in ("up", "healthy")}
    return Host(name, bool(told), up=_yes(told, "up"), healthy=_yes(told, "healthy"), **values)


def _disk(name: str, told: Told) -> Disk:
    return Disk(name, _yes(told, "healthy"), told.get("used"), told.get("wear"))


def _yes(told: Told, field: str) -> bool | None:
    return told[field] > 0 if field in told else None
