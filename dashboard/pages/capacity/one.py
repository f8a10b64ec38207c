"""One store: what it held, what is expected, and how sure that is."""

from __future__ import annotations

import datetime as dt
import math
from typing import Final

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    address,
    chart,
    choices,
    empty,
    heading,
    lead,
    section,
    silence,
    stack,
    table,
    target_link,
)
from dashboard.data import Data
from dashboard.figures import storage
from dashboard.pages.capacity.grid import PATH
from dashboard.sentences import stores as sentences
from dashboard.standing import Outlined, Store
from dashboard.texts import Texts, kind_word, plain

_SPANS: Final = {"1y": 366, "2y": 731, "all": None}

_VERSIONS: Final = 12
"""Changes of the version that are listed, and marked: the newest."""

_AHEAD: Final = (30, 90, 180, 365, 730)
"""Days ahead that the table of a store shows."""


def layout(data: Data, view: View) -> Component:
    """The store that the address names."""
    t = view.t
    found = data.store(view.query["store"])
    back = dcc.Link(t("capacity.back"), href=PATH, id={"link": "back"}, className="back")
    if found is None:
        return stack(back, heading(t("capacity.title")), empty(t("capacity.lost")))
    store = found.store
    decided = decisions(data, store, t)
    facts: list[Child] = [target_link(store.target, "store"), " · ", kind_word(store.kind, t)]
    return stack(
        back,
        heading(plain(store.name) or t.unknown, html.Span(facts, className="dim")),
        silence(data, t),
        lead(sentences.describe(store, t)),
        section(t("capacity.chart"), *_chart(data, found, view)),
        *([section(t("capacity.events"), _events(store, t))] if store.events else []),
        *_sizes(store, t),
        *_versions(data, store, t),
        *([section(t("capacity.decided"), decided)] if decided else []),
        section(t("capacity.table"), _figures(found, data.today, t)),
    )


def _chart(data: Data, found: Outlined, view: View) -> list[Child]:
    t = view.t
    if len(found.history) < 2:
        return [empty(t("capacity.young"))]
    span = view.query.get("span", "2y")
    span = span if span in _SPANS else "2y"
    store = found.store
    links = [
        (t(f"capacity.span.{name}"), address(PATH, store=store.unique_id, span=name), name == span)
        for name in _SPANS
    ]
    days = _SPANS[span]
    figure = storage.growth(
        _cut(found.history, data.today, days),
        _ahead(found.path, data.today, days),
        _cut(found.capacity, data.today, days),
        store.ceiling,
        told(data, store),
        data.today,
        t,
    )
    return [
        choices(t("capacity.filter.span"), links, "span"),
        chart(figure, t("capacity.chart.label"), t),
    ]


def told(data: Data, store: Store) -> storage.Told:
    """What the chart marks; the lists below it say the same in words."""
    outlook = store.outlook
    return storage.Told(
        store.events,
        outlook.extensions if outlook else (),
        outlook.ordered if outlook else (),
        [data.day(one.at) for one in data.decided(store.target, store.name)],
        [data.day(one.at) for one in data.versions(store.target)[:_VERSIONS]],
    )


def _versions(data: Data, store: Store, t: Texts) -> list[Component]:
    """When its target had another version, which may explain a jump: numbered as in the chart."""
    found = data.versions(store.target)[:_VERSIONS]
    if not found:
        return []
    words = [t("capacity.version", change=plain(one.text, 200), day=t.day(data.day(one.at))) for one in found]
    return [section(t("capacity.versions"), html.Ol([html.Li(word) for word in words]))]


def decisions(data: Data, store: Store, t: Texts) -> Component | None:
    """The decisions that concern the store, numbered as in the chart; None where there is none."""
    found = data.decided(store.target, store.name)
    if not found:
        return None
    items = [
        html.Li(
            [
                dcc.Link(
                    plain(one.title),
                    href=address("/scenarios", name=one.name),
                    id={"link": f"decided {one.name}"},
                ),
                t("capacity.decided.by", day=t.day(data.day(one.at)), who=plain(one.who, 40)),
            ]
        )
        for one in found
    ]
    return html.Ol(items)


def _cut(frame: pd.DataFrame, today: dt.date, days: int | None) -> pd.DataFrame:
    if days is None:
        return frame
    return frame[frame["ds"] >= pd.Timestamp(today) - pd.Timedelta(days=days)].reset_index(drop=True)


def _ahead(path: pd.DataFrame, today: dt.date, days: int | None) -> pd.DataFrame:
    """As much of the outlook as of the past: beyond that the past would shrink to nothing."""
    return (
        path
        if days is None or not len(path)
        else path[path["ds"] <= pd.Timestamp(today) + pd.Timedelta(days=days)]
    )


def _events(store: Store, t: Texts) -> Component:
    newest = sorted(store.events, key=lambda event: event.day, reverse=True)
    words = [
        t(
            "capacity.event.up" if event.size > 0 else "capacity.event.down",
            size=t.size(abs(event.size)),
            day=t.day(event.day),
        )
        for event in newest[:12]
    ]
    return html.Ul([html.Li(word) for word in words])


def _sizes(store: Store, t: Texts) -> list[Component]:
    """How its size changed, and what is expected of it."""
    if store.outlook is None or not (store.outlook.extensions or store.outlook.ordered):
        return []
    past = [
        t(
            "capacity.size.up" if event.size > 0 else "capacity.size.down",
            size=t.size(abs(event.size)),
            day=t.day(event.day),
        )
        for event in store.outlook.extensions[:-13:-1]
    ]
    ahead = [
        t("capacity.size.ordered", size=t.size(event.size), day=t.day(event.day))
        for event in store.outlook.ordered
    ]
    return [section(t("capacity.sizes"), html.Ul([html.Li(word) for word in (*ahead, *past)]))]


def _figures(found: Outlined, today: dt.date, t: Texts) -> Component:
    columns = (Column("day"), Column("expected", True), Column("80", True), Column("95", True))
    last = found.history.iloc[-1:] if len(found.history) else found.history
    rows: list[tuple[str, ...]] = [
        (f"{t.day(row['ds'].date())} ({t('capacity.measured')})", t.size(float(row["y"])), "", "")
        for row in last.to_dict("records")
    ]
    days = {pd.Timestamp(today) + pd.Timedelta(days=ahead) for ahead in _AHEAD}
    path = found.path[found.path["ds"].isin(days)] if len(found.path) else found.path
    rows += [
        (
            t.day(row["ds"].date()),
            _size(row["mean"], t),
            _between(row["lo80"], row["hi80"], t),
            _between(row["lo95"], row["hi95"], t),
        )
        for row in path.to_dict("records")
    ]
    return table(columns, rows, t("capacity.table"), t)


def _size(value: float, t: Texts) -> str:
    return t.size(None if math.isnan(value) else float(value))


def _between(low: float, high: float, t: Texts) -> str:
    return f"{_size(low, t)} – {_size(high, t)}"
