"""What asks for somebody, worst first: the whole estate on one screen."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from dash import html
from dash.development.base_component import Component

from dashboard.clusters import Cluster
from dashboard.components import (
    Child,
    Column,
    View,
    coded,
    empty,
    happened,
    heading,
    link,
    mark,
    over,
    section,
    silence,
    stack,
    store_link,
    table,
    target_link,
    tile,
)
from dashboard.data import SOON, Data
from dashboard.issues import Issue, Trouble, Unsupported
from dashboard.pages import own
from dashboard.sentences import issues as sentences
from dashboard.sentences import walls
from dashboard.standing import Backup, Store, Watched
from dashboard.texts import Texts, plain
from inventory.lifecycle.outlook import Standing

NAME, PATH = "overview", "/"
IS_SHARED: Final = True

_COLUMNS: Final = (Column("state"), Column("what"), Column("why"), Column("next"))
_EVENTS: Final = 10
"""Events that the page shows."""

_MOST: Final = 12
"""Things of one trouble that the page names: the others are a number, and a link to the page that has them all."""

_FEW, _ROOM = 5, 40
"""How many it names where all troubles together would take more rows than so many: the last of them is still found by scrolling a little."""

_WHOLE: Final[dict[Trouble, tuple[str, dict[str, str]]]] = {
    "down": ("/targets", {"state": "down"}),
    "late": ("/targets", {"state": "late"}),
    "partly": ("/targets", {"state": "partly"}),
    "lying": ("/backups", {}),
    "unprotected": ("/backups", {}),
    "over": ("/capacity", {}),
    "full": ("/capacity", {}),
    "short": ("/hyperconverged", {}),
    "ended": ("/workstations/deadlines", {"what": "targets"}),
}
"""The page that has everything of a trouble."""


def layout(data: Data, view: View) -> Component:
    """The first wall, a figure for each trouble, then one row for each thing to do."""
    t = view.t
    if data.status().at is None and not data.stores() and data.workstations() is None:
        key = "overview.empty" if data.estate.targets else "overview.untargeted"
        return stack(heading(t("overview.title")), empty(t(key)), link(t("own.title"), own.PATH, "own"))
    issues = data.overview()
    events = data.events(_EVENTS)
    return stack(
        heading(t("overview.title")),
        silence(data, t),
        *_wall(data, t),
        html.Div(list(_tiles(data, issues, t)), className="tiles"),
        _list(issues, t),
        *([section(t("events.title"), happened(events, t))] if events else []),
    )


def _wall(data: Data, t: Texts) -> list[Component]:
    seen = data.runway()
    if not seen.walls and not seen.dateless:
        return []
    said: list[Child] = [
        " ".join(walls.runway(seen, t)),
        " ",
        link(t("overview.runway"), "/runway", "runway"),
    ]
    return [html.P(said, className="lead")]


class _Figure(NamedTuple):
    """A figure of the top: how many things have one of some troubles, of how many."""

    title: str
    troubles: tuple[Trouble, ...]
    all: int
    path: str


def _tiles(data: Data, issues: list[Issue], t: Texts) -> Iterator[Component]:
    targets, fleet = len(data.estate.targets), data.fleet()
    judged = len(data.supported(data.today)) + (fleet.counts.machines if fleet else 0)
    figures = (
        _Figure("down", ("down",), targets, "/targets?state=down"),
        _Figure("late", ("late",), targets, "/targets?state=late"),
        _Figure("unprotected", ("lying", "unprotected"), len(data.backups()), "/backups"),
        _Figure("full", ("over", "full"), len(data.stores()), "/capacity"),
        _Figure("short", ("short",), len(data.clusters()), "/hyperconverged"),
        _Figure("ended", ("ended",), judged, "/workstations/deadlines"),
    )
    for title, troubles, whole, path in figures:
        found = [issue for issue in issues if issue.trouble in troubles]
        many = sum(one.about.ended if isinstance(one.about, Unsupported) else 1 for one in found)
        state = found[0].trouble if found else "well" if whole else "unknown"
        yield tile(
            t(f"overview.{title}", days=SOON),
            t.number(many),
            t("overview.of", n=t.number(whole)),
            state,
            path,
        )


def _list(issues: list[Issue], t: Texts) -> Component:
    title = t("overview.list")
    if not issues:
        return section(title, empty(t("overview.well", days=SOON)))
    groups = [(trouble, list(found)) for trouble, found in itertools.groupby(issues, lambda one: one.trouble)]
    most = _MOST if sum(min(len(found), _MOST) for _, found in groups) <= _ROOM else _FEW
    rows = [row for trouble, found in groups for row in _rows(trouble, found, most, t)]
    way = html.P(link(t("overview.notices"), "/notices", "notices"))
    return section(title, table(_COLUMNS, rows, title, t), way)


def _rows(trouble: Trouble, found: list[Issue], most: int, t: Texts) -> Iterator[tuple[Any, ...]]:
    for issue in found[:most]:
        yield mark(trouble, t), _name(issue, t), sentences.why(issue, t), coded(sentences.todo(issue, t))
    if len(found) > most:
        path, query = _WHOLE[trouble]
        more = t("overview.more", n=t.number(len(found) - most))
        yield mark(trouble, t), link(more, path, f"overview more {trouble}", **query), "", ""


def _name(issue: Issue, t: Texts) -> Child:
    match issue.about:
        case Store() as store:
            name = store_link(store.unique_id, store.name or t.unknown, "overview")
            return over(name, plain(store.target))
        case Backup() as found:
            way = {"of": found.target, "job": found.job, "machine": found.machine}
            name = link(plain(found.target), "/backups", f"overview backup {found.target} {found.job}", **way)
            return over(name, plain(found.job))
        case Watched() as watched:
            service = watched.target.service or watched.target.role or ""
            return over(target_link(watched.name, f"overview {issue.trouble}"), plain(service))
        case Cluster() as cluster:
            return link(
                plain(cluster.name),
                "/hyperconverged",
                f"overview cluster {cluster.name}",
                cluster=cluster.name,
            )
        case Standing() as standing:
            return over(target_link(standing.item.name, "overview ended"), plain(standing.item.service or ""))
        case Unsupported():
            return link(
                t("workstations.title"),
                "/workstations/deadlines",
                "overview workstations",
                what="workstations",
            )
