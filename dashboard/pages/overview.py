"""What asks for somebody, worst first."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

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
from dashboard.sentences import stores as sentences
from dashboard.standing import Issue
from dashboard.texts import Texts, plain

NAME, PATH = "overview", "/"

_COLUMNS: Final = (Column("state"), Column("what"), Column("why"), Column("next"))
_EVENTS: Final = 10
"""Events that the page shows."""


def layout(data: Data, view: View) -> Component:
    """Four figures, then one row for each thing to do."""
    t = view.t
    if data.status().at is None and not data.stores():
        return stack(heading(t("overview.title")), empty(t("overview.empty")))
    issues = data.overview()
    events = data.events(_EVENTS)
    return stack(
        heading(t("overview.title")),
        silence(data, t),
        _tiles(data, issues, t),
        _list(issues, t),
        *([section(t("events.title"), happened(events, t))] if events else []),
    )


def _tiles(data: Data, issues: list[Issue], t: Texts) -> Component:
    def count(trouble: str) -> int:
        return sum(issue.trouble == trouble for issue in issues)

    rows = (
        ("down", "overview.down", len(data.estate.targets), "/targets"),
        ("late", "overview.late", len(data.estate.targets), "/targets"),
        ("unprotected", "overview.unprotected", len(data.backups()), "/backups"),
        ("full", "overview.full", len(data.stores()), "/capacity"),
    )
    tiles: list[Child] = [
        tile(
            t(key, days=SOON),
            t.number(count(state)),
            t("overview.of", n=t.number(total)),
            state if count(state) else "well",
            path,
        )
        for state, key, total, path in rows
    ]
    return html.Div(tiles, className="tiles")


def _list(issues: list[Issue], t: Texts) -> Component:
    title = t("overview.list")
    if not issues:
        return section(title, empty(t("overview.well", days=SOON)))
    rows = [
        (
            mark(_state(issue), t),
            _name(issue, t),
            sentences.why(issue, t),
            coded(sentences.todo(issue, t)),
        )
        for issue in issues
    ]
    return section(title, table(_COLUMNS, rows, title, t))


def _state(issue: Issue) -> str:
    return "over" if issue.store is not None and issue.store.is_over else issue.trouble


def _name(issue: Issue, t: Texts) -> Component:
    if issue.store is not None:
        return html.Div(
            [
                store_link(issue.store.unique_id, issue.store.name or t.unknown, "overview"),
                html.Div(plain(issue.store.target), className="dim"),
            ]
        )
    if issue.backup is not None:
        found = issue.backup
        way = {"of": found.target, "job": found.job, "machine": found.machine}
        name = link(plain(found.target), "/backups", f"overview backup {found.target} {found.job}", **way)
        return over(name, plain(found.job))
    watched = issue.watched
    if watched is None:
        return html.Span(t.unknown)
    service = watched.target.service or watched.target.role or ""
    return html.Div([target_link(watched.name, "overview"), html.Div(plain(service), className="dim")])
