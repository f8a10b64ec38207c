"""Clusters: whether each can lose its largest node, when it no longer can, its hosts and its disks."""

from __future__ import annotations

import re
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.clusters import Cluster, Disk, Host
from dashboard.components import (
    Child,
    Column,
    View,
    chart,
    coded,
    empty,
    heading,
    lead,
    link,
    mark,
    over,
    section,
    silence,
    stack,
    table,
    target_link,
)
from dashboard.components.listing import paged
from dashboard.data import Data
from dashboard.figures import clusters as figure
from dashboard.sentences import clusters as sentences
from dashboard.sentences.outlooks import amount
from dashboard.texts import Texts, plain
from forecasting.headroom import Room

NAME, PATH = "hyperconverged", "/hyperconverged"
IS_SHARED: Final = True

SHOWN: Final = 64
"""Hosts of a cluster that the page shows."""
DISKS: Final = 20

LISTED: Final = 20
"""Clusters that are listed at a time, above the one that is shown."""

_LIST: Final = (
    Column("state"), Column("cluster"), Column("nodes", True), Column("tightest"), Column("limit", True), Column("order", True),
)  # fmt: skip
_ROOMS: Final = (
    Column("quantity"), Column("in use", True), Column("whole", True), Column("others", True), Column("load then", True),
    Column("left then", True), Column("limit", True), Column("order", True),
)  # fmt: skip
_HOSTS: Final = (
    Column("state"), Column("node"), Column("vms", True), Column("cpus", True), Column("cpu", True), Column("memory", True),
)  # fmt: skip
_DISKS: Final = (Column("state"), Column("disk"), Column("wear", True), Column("ratio", True))


def layout(data: Data, view: View) -> Component:
    """All clusters where there are several, then one: the one that was asked for, or the worst."""
    t, found = view.t, data.clusters()
    if not found:
        return stack(heading(t("hyperconverged.title")), silence(data, t), empty(t("hyperconverged.empty")))
    chosen = next((one for one in found if one.name == view.query.get("cluster")), found[0])
    return stack(
        heading(t("hyperconverged.title")),
        silence(data, t),
        *([_list(found, view)] if len(found) > 1 else []),
        section(
            plain(chosen.name),
            html.P(coded(" ".join(sentences.describe(chosen, t, data.today))), className="lead"),
            html.P(target_link(chosen.name, "cluster"), className="dim"),
        ),
        *([_rooms(chosen, t)] if chosen.rooms else []),
        _hosts(chosen, t),
        _disks(chosen, t),
    )


def _list(found: list[Cluster], view: View) -> Component:
    t = view.t
    shown, ways = paged(found, PATH, view, most=LISTED)
    rows = [
        (
            mark(_state(one), t),
            link(plain(one.name), PATH, f"cluster {one.name}", cluster=one.name),
            t.number(len(one.hosts)) if one.hosts else t.unknown,
            _tightest(one, t),
            *_limit(_first(one), t),
        )
        for one in shown
    ]
    title = t("hyperconverged.list")
    return section(title, table(_LIST, rows, title, t), *ways)


def _state(cluster: Cluster) -> str:
    """Its state as people read it beside the date: what holds all that it may is not soon full."""
    return "over" if cluster.state == "full" and cluster.is_over else cluster.state


def _tightest(cluster: Cluster, t: Texts) -> Child:
    room = next((room for room in cluster.rooms if room.load is not None), None)
    return t.unknown if room is None else over(t.ratio(room.load), sentences.what(room, t))


def _first(cluster: Cluster) -> Room | None:
    """What reaches its limit first; what reached it already before all."""
    dated = [room for room in cluster.rooms if room.outlook.is_over or room.outlook.date]
    return min(dated, key=lambda room: (not room.outlook.is_over, str(room.outlook.date or "")), default=None)


def _limit(room: Room | None, t: Texts) -> tuple[str, str]:
    """When a limit is reached, and by when to order."""
    if room is None:
        return t("no."), ""
    one = room.outlook
    day = t.day(one.date) if one.date and not one.is_over else t(f"no.{one.reason or ''}")
    return day, t.day(one.order_by) if one.order_by else ""


def _rooms(cluster: Cluster, t: Texts) -> Component:
    title = t("hyperconverged.rooms")
    names = [
        f"{place} · {_bare(sentences.what(room, t))}"
        if len(cluster.rooms) > 1
        else _bare(sentences.what(room, t))
        for place, room in enumerate(cluster.rooms, 1)
    ]
    known = any(room.load is not None for room in cluster.rooms)
    drawn = (
        [chart(figure.loads(cluster.rooms, names, t), t("hyperconverged.chart.label"), t)] if known else []
    )
    rows = [_room(room, name, t) for room, name in zip(cluster.rooms, names, strict=True)]
    note = html.P(t("cluster.note"), className="dim")
    return section(title, *drawn, table(_ROOMS, rows, title, t), *([note] if known else []))


def _bare(name: str) -> str:
    """What a thing is called in a chart, which takes some marks for its own: letters, digits and plain signs alone."""
    return re.sub(r"[^\w .()-]", "_", name)


def _room(room: Room, name: str, t: Texts) -> tuple[Child, ...]:
    one = room.outlook

    def said(value: float | None) -> str:
        return t.unknown if value is None else amount(value, one.unit, t)

    return (
        name,
        said(one.used),
        said(one.capacity),
        said(room.without),
        t.ratio(room.load),
        said(room.left),
        *_limit(room, t),
    )


def _hosts(cluster: Cluster, t: Texts) -> Component:
    title = t("hyperconverged.hosts")
    if not cluster.hosts:
        return section(title, empty(t("hyperconverged.hosts.none")))
    worst = sorted(cluster.hosts, key=lambda one: (one.state in ("well", "unknown"), one.name))
    more = t("hyperconverged.hosts.more", n=t.number(SHOWN), all=t.number(len(worst)))
    return section(
        title,
        table(_HOSTS, [_host(one, t) for one in worst[:SHOWN]], title, t),
        *([html.P(more, className="dim")] if len(worst) > SHOWN else []),
    )


def _host(host: Host, t: Texts) -> tuple[Child, ...]:
    share = host.memory / host.memory_size if host.memory is not None and host.memory_size else None
    held = f"{t.size(host.memory)} / {t.size(host.memory_size)}" if share is not None else ""
    return (
        mark(host.state, t),
        plain(host.name),
        t.number(host.vms),
        t.number(host.cpus),
        t.ratio(host.cpu),
        over(t.ratio(share), held),
    )


def _disks(cluster: Cluster, t: Texts) -> Component:
    title = t("hyperconverged.disks")
    if not cluster.disks:
        return section(title, empty(t("hyperconverged.disks.none")))
    shown = sorted(filter(_telling, cluster.disks), key=_worst)[:DISKS]
    rows = [(mark(one.state, t), plain(one.name), t.ratio(one.wear), t.ratio(one.used)) for one in shown]
    return section(
        title, lead(*sentences.disks(cluster.disks, t)), *([table(_DISKS, rows, title, t)] if rows else [])
    )


def _telling(disk: Disk) -> bool:
    """Whether a disk tells more than that it is in service."""
    return disk.state != "well" or disk.wear is not None or disk.used is not None


def _worst(disk: Disk) -> tuple[bool, float, float, str]:
    return disk.state != "failed", -(disk.wear or 0.0), -(disk.used or 0.0), disk.name
