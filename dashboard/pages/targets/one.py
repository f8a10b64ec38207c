"""One target: what `jauge explain` shows of it, from what the collector wrote of its last poll. Nothing is asked of the network."""

from __future__ import annotations

from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    coded,
    empty,
    happened,
    heading,
    lead,
    mark,
    over,
    section,
    silence,
    stack,
    store_link,
    table,
)
from dashboard.data import Data
from dashboard.pages.targets.every import PATH
from dashboard.sentences import stores as store_sentences
from dashboard.sentences import targets as sentences
from dashboard.standing import Store, Watched
from dashboard.texts import Texts, plain
from exporters.events import Event
from exporters.status import TableStatus

_EVENTS: Final = 20
"""Events that the page of a target shows."""

_MOST: Final = 50
"""Stores of it that are listed, the first to be full before all."""

_TABLES: Final = (
    Column("state"), Column("table"), Column("read"), Column("took", True), Column("rows", True), Column("values", True),
    Column("why"), Column("next"),
)  # fmt: skip
_WAYS: Final = (Column("protocol"), Column("port"), Column("credential"), Column("asked"))
_ERRORS: Final = (Column("reason"), Column("times", True), Column("next"))
_STORES: Final = (
    Column("store"),
    Column("used", True),
    Column("size", True),
    Column("ratio", True),
    Column("full"),
)


def layout(data: Data, view: View) -> Component:
    """The target that the address names."""
    t = view.t
    found = data.target(view.query["target"])
    back = dcc.Link(t("targets.back"), href=PATH, id={"link": "back"}, className="back")
    if found is None:
        return stack(back, heading(t("targets.title")), empty(t("targets.lost")))
    stores = [one for one in data.stores() if one.target == found.name]
    events = _happened(data, found.name)
    return stack(
        back,
        heading(plain(found.name), mark(found.state, t)),
        silence(data, t),
        *_late(found, t),
        _facts(found, t),
        section(t("targets.tables"), *_tables(found, data.clock(), t)),
        section(t("targets.ways"), *_ways(found, t)),
        *_errors(found, t),
        *([section(t("targets.stores"), *_stores(stores, t))] if stores else []),
        *([section(t("events.title"), happened(events, t, named=False))] if events else []),
    )


def _happened(data: Data, target: str) -> list[Event]:
    """The newest events; and each change of its version, which traps would push out."""
    newest = data.events(_EVENTS, target)
    older = [one for one in data.versions(target) if one not in newest]
    return sorted([*newest, *older], key=lambda event: event.at, reverse=True)


def _late(found: Watched, t: Texts) -> list[Child]:
    """Why it is late, and what to do: what the collector's silence says already is not said twice."""
    if found.delay in (None, "silent"):
        return []
    said = f"{sentences.late(found, t)} {sentences.todo(found, t)}"
    return [html.P(coded(said), className="warning", role="status")]


def _facts(found: Watched, t: Texts) -> Component:
    status = found.status
    pairs = (
        (t("targets.address"), plain(found.target.where)),
        (t("column.site"), plain(found.target.site)),
        (t("column.service"), plain(found.target.service)),
        (t("column.family"), plain(status.family if status else "")),
        (t("targets.product"), plain(status.product if status else "", 160)),
        (t("targets.version"), plain(status.version if status else "", 160)),
        (t("targets.every"), t.span(found.target.every)),
        (t("column.last"), sentences.last(found, t)),
    )
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value or t.unknown)]) for name, value in pairs],
        className="facts panel",
    )


def _tables(found: Watched, now: float, t: Texts) -> list[Child]:
    """How the last poll went, table by table: what failed first."""
    hint = html.P(coded(t("targets.explain", name=found.name)), className="dim")
    said = sentences.polled(found, now, t)
    if found.status is None or not found.status.tables:
        return [empty(" ".join(said)), hint]
    ordered = sorted(found.status.tables, key=lambda table: (table.up, table.name))
    return [lead(*said), table(_TABLES, [_row(one, t) for one in ordered], t("targets.tables"), t), hint]


def _row(one: TableStatus, t: Texts) -> tuple[Child | list[Child], ...]:
    notes = [
        *([t.count("targets.withheld", one.withheld)] if one.withheld else []),
        *([t.count("targets.retries", one.retries)] if one.retries else []),
        *([t("targets.seldom", every=t.span(one.every))] if one.every else []),
        *one.notes[:3],
    ]
    said = " · ".join(plain(text, 200) for text in (one.detail, *notes) if text)
    is_told = one.up or one.rows
    return (
        mark("well" if one.up else "failed", t),
        plain(one.name),
        t.instant(one.at),
        t.brief(one.seconds),
        t.number(one.rows if is_told else None),
        t.number(one.values if one.up or one.values else None),
        over(
            store_sentences.reason(one.reason, t), html.Span(coded(said), className="loose") if said else ""
        ),
        html.Span(coded(store_sentences.advice(one.reason, t))) if one.reason else "",
    )


def _ways(found: Watched, t: Texts) -> list[Child]:
    """Over which protocols it is asked, with which credentials by name, and why it is read as what it is."""
    rows = [
        (way.protocol, way.where, plain(way.credential) or t("none"), html.Div(plain(way.asked, 400)))
        for way in sentences.ways(found.target, t)
    ]
    why = sentences.chosen(found, t)
    return [*([lead(why)] if why else []), table(_WAYS, rows, t("targets.ways"), t)]


def _errors(found: Watched, t: Texts) -> list[Component]:
    """Failures since the collector started, the most frequent first."""
    counts = found.status.errors if found.status else {}
    if not counts:
        return []
    rows = [
        (store_sentences.reason(word, t), t.number(count), html.Span(coded(store_sentences.advice(word, t))))
        for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return [section(t("targets.errors"), table(_ERRORS, rows, t("targets.errors"), t))]


def _stores(stores: list[Store], t: Texts) -> list[Child]:
    rows = [
        (
            store_link(one.unique_id, one.name or t.unknown, "target"),
            t.size(one.used),
            t.size(one.size),
            t.ratio(one.ratio),
            store_sentences.full_word(one, t),
        )
        for one in stores[:_MOST]
    ]
    more = t("platforms.more", n=t.number(_MOST), all=t.number(len(stores)))
    shown = table(_STORES, rows, t("targets.stores"), t)
    return [shown, *([html.P(more, className="dim")] if len(stores) > _MOST else [])]
