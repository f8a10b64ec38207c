"""What clusters carry without a node, in true sentences: each figure is one of those that the tables show."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from dashboard.clusters import Cluster, Disk
from dashboard.sentences.walls import quantity
from dashboard.texts import Texts, plain
from forecasting import planned
from forecasting.headroom import Room


def describe(cluster: Cluster, t: Texts, today: dt.date) -> list[str]:
    """Whether it can lose its largest node, what is not known, its first limit, and hosts that take no part."""
    known = [room for room in cluster.rooms if room.load is not None]
    said = []
    if known:
        key = "cluster.cannot" if cluster.short else "cluster.can.partly" if cluster.untold else "cluster.can"
        said.append(t(key, name=plain(cluster.name), ratio=t.ratio(known[0].load), what=what(known[0], t)))
    elif not cluster.rooms:
        said.append(t("cluster.unplanned"))
    if cluster.untold:
        said.append(t("cluster.untold", what=", ".join(what(room, t) for room in cluster.untold[:5])))
    missing = sum(host.state in ("silent", "down") for host in cluster.hosts)
    if missing:
        said.append(t.count("cluster.hosts.down", missing))
    return [*said, *_first(cluster, t, today)]


def what(room: Room, t: Texts) -> str:
    """A quantity of a cluster: memory, processors, or the storage of a pool."""
    word = t(quantity(room.outlook.quantity))
    name = planned.name(room.outlook)
    return word if name == room.outlook.target else f"{plain(name, 40)} ({word})"


def _first(cluster: Cluster, t: Texts, today: dt.date) -> list[str]:
    reached = [room for room in cluster.rooms if room.outlook.is_over]
    if reached:
        return [t("cluster.reached", what=", ".join(what(room, t) for room in reached[:5]))]
    dated = [(room.outlook.date, room) for room in cluster.rooms if room.outlook.date is not None]
    if not dated:
        return []
    day, room = min(dated, key=lambda one: one[0])
    order = room.outlook.order_by
    if order is None:
        return [t("cluster.first.unordered", what=what(room, t), day=t.day(day))]
    key = "cluster.first.late" if order < today else "cluster.first"
    return [t(key, what=what(room, t), day=t.day(day), order=t.day(order))]


def disks(found: Sequence[Disk], t: Texts) -> Iterator[str]:
    """How many disks there are, which failed or are worn, of which nobody tells it, and the fullest one, which stops the cluster."""
    count = Counter(one.state for one in found)
    if count["failed"] or count["worn"]:
        known = {"failed": t.number(count["failed"]), "worn": t.number(count["worn"])}
        yield t("hyperconverged.disks.bad", all=t.number(len(found)), **known)
    elif count["well"]:
        yield t.count("hyperconverged.disks.well", count["well"])
    if count["unknown"]:
        yield t("hyperconverged.disks.untold", n=t.number(count["unknown"]), all=t.number(len(found)))
    fullest = max((one.used for one in found if one.used is not None), default=None)
    if fullest is not None:
        yield t("hyperconverged.disks.fullest", ratio=t.ratio(fullest))
