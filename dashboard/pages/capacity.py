"""Every store with its date, worst first; and one store: what it held, what is expected, and how sure that is."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Final

import dash_ag_grid as dag
import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.components import (
    Child,
    Column,
    View,
    address,
    chart,
    choices,
    empty,
    extra,
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
from dashboard.sentences import stores as sentences
from dashboard.sentences.outlooks import explain, named
from dashboard.standing import Outlined, Store
from dashboard.texts import Texts, plain
from forecasting import planned

NAME, PATH = "capacity", "/capacity"

_SPANS: Final = {"1y": 366, "2y": 731, "all": None}
_NEVER: Final = dt.date.max.toordinal()

OTHERS: Final = 200
"""Things beside the stores that are listed, the most urgent first."""

_AHEAD: Final = (30, 90, 180, 365, 730)
"""Days ahead that the table of a store shows."""


def layout(data: Data, view: View) -> Component:
    """The whole list, or the one store that the address names."""
    return _one(data, view) if "store" in view.query else _all(data, view)


# --- all stores -------------------------------------------------------------------------------------


def _all(data: Data, view: View) -> Component:
    t = view.t
    stores = data.stores()
    if not stores:
        return stack(heading(t("capacity.title")), silence(data, t), empty(t("capacity.empty")))
    kind, site = view.query.get("kind", ""), view.query.get("site", "")
    shown = [one for one in stores if kind in ("", one.kind) and site in ("", one.site or "")]
    return stack(
        heading(t("capacity.title")),
        silence(data, t),
        _lead(data, shown, t),
        html.Div(_filters(stores, kind, site, t), className="filters"),
        _grid(shown, t) if shown else empty(t("capacity.none")),
        *_others(data, t),
    )


def _others(data: Data, t: Texts) -> list[Component]:
    """What fills and is no store of bytes: licences, memory, processors ..., each with its sentence."""
    known = [one for one in data.outlooks() if one.quantity != "storage"]
    if not known:
        return []
    never = dt.date.max
    known.sort(key=lambda one: (not one.is_over, one.date or never, one.unique_id))
    columns = (Column("quantity"), Column("what"), Column("full", True), Column("order", True), Column("why"))
    rows = [
        (
            t(f"quantity.{one.quantity}"),
            html.Div(named(planned.name(one), one.target, t), className="named"),
            t.day(one.date) if one.date else t(f"no.{one.reason or ''}"),
            t.day(one.order_by) if one.order_by else "",
            html.Div(explain(one, t, data.today), className="prose"),
        )
        for one in known[:OTHERS]
    ]
    return [section(t("capacity.others"), table(columns, rows, t("capacity.others"), t))]


def _lead(data: Data, shown: list[Store], t: Texts) -> Component:
    outlooks = data.outlooks()
    issued = t("capacity.issued", at=t.instant(outlooks[0].issued_at)) if outlooks else None
    if issued is None:
        return html.Div([lead(t.count("capacity.lead", len(shown))), empty(t("capacity.unplanned"))])
    return lead(t.count("capacity.lead", len(shown)), issued)


def _filters(stores: list[Store], kind: str, site: str, t: Texts) -> list[Child]:
    kinds = sorted({one.kind for one in stores if one.kind})
    sites = sorted({one.site for one in stores if one.site})
    found: list[Child] = []
    if len(kinds) > 1:
        options = [("", t("capacity.every.kind")), *((one, _kind(one, t)) for one in kinds)]
        links = [(text, _filtered(kind=one, site=site), one == kind) for one, text in options]
        found.append(choices(t("capacity.filter.kind"), links, "kind"))
    if len(sites) > 1:
        options = [("", t("capacity.every.site")), *((one, plain(one)) for one in sites)]
        links = [(text, _filtered(kind=kind, site=one), one == site) for one, text in options]
        found.append(choices(t("capacity.filter.site"), links, "site"))
    return found


def _filtered(**query: str) -> str:
    return address(PATH, **{name: value for name, value in query.items() if value})


def _kind(kind: str, t: Texts) -> str:
    try:
        return t(f"kind.{kind}")
    except KeyError:
        return plain(kind)


def _grid(stores: list[Store], t: Texts) -> Component:
    rows = [_row(store, place, t) for place, store in enumerate(stores)]
    grid = dag.AgGrid(
        id="stores",
        rowData=rows,
        columnDefs=_columns(t),
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "suppressMovable": True,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        dashGridOptions={
            "theme": theme.GRID,
            "domLayout": "autoHeight" if len(rows) <= 18 else "normal",
            # One stop of Tab, as the ARIA grid pattern has it: arrows move inside, Enter follows the link of a cell.
            "tabToNextCell": {"function": "false"},
            "tabToNextHeader": {"function": "false"},
            "ensureDomOrder": True,
            "enableCellTextSelection": True,
            "localeText": {"noRowsToShow": t("none")},
        },
        columnSize="responsiveSizeToFit",
        style={},
        className="grid short" if len(rows) <= 18 else "grid",
    )
    return html.Div(grid, role="region", **extra(aria_label=t("capacity.grid")))


def _row(store: Store, place: int, t: Texts) -> dict[str, Any]:
    """Texts to show, and beside each the number that sorts it. Plain values only: the grid escapes them."""
    between = f"{t.day(store.early)} – {t.day(store.late) if store.late else '…'}" if store.early else ""
    return {
        "href": address(PATH, store=store.unique_id),
        "store": plain(store.name) or t.unknown,
        "target": plain(store.target),
        "kind": _kind(store.kind, t),
        "used": t.size(store.used),
        "size": t.size(store.size),
        "ratio": t.ratio(store.ratio),
        "full": sentences.full_word(store, t),
        "between": between,
        "order": t.day(store.order_by) if store.order_by else "",
        "by": {
            "used": store.used,
            "size": store.size,
            "ratio": store.ratio,
            "full": place,
            "order": store.order_by.toordinal() if store.order_by else _NEVER,
        },
    }


def _columns(t: Texts) -> list[dict[str, Any]]:
    def column(name: str, width: int, **more: Any) -> dict[str, Any]:
        return {"field": name, "headerName": t(f"column.{name}"), "minWidth": width, **more}

    def number(name: str, width: int, **more: Any) -> dict[str, Any]:
        by = {"function": f"params.data && params.data.by.{name}"}
        shown = {"function": f"params.data && params.data.{name}"}
        return column(name, width, type="rightAligned", valueGetter=by, valueFormatter=shown, **more)

    return [
        column("store", 150, cellRenderer="StoreLink", flex=2),
        number("full", 140, flex=1),
        column("between", 235, flex=2, sortable=False),
        number("order", 120, flex=1),
        number("ratio", 112, flex=1, cellRenderer="ShareBar"),
        number("used", 80, flex=1),
        number("size", 88, flex=1),
        column("target", 95, flex=2),
        column("kind", 140, flex=1),
    ]


# --- one store --------------------------------------------------------------------------------------


def _one(data: Data, view: View) -> Component:
    t = view.t
    found = data.store(view.query["store"])
    back = dcc.Link(t("capacity.back"), href=PATH, id={"link": "back"}, className="back")
    if found is None:
        return stack(back, heading(t("capacity.title")), empty(t("capacity.lost")))
    store = found.store
    facts: list[Child] = [target_link(store.target, "store"), " · ", _kind(store.kind, t)]
    return stack(
        back,
        heading(plain(store.name) or t.unknown, html.Span(facts, className="dim")),
        silence(data, t),
        lead(sentences.describe(store, t)),
        section(t("capacity.chart"), *_chart(data, found, view)),
        *([section(t("capacity.events"), _events(store, t))] if store.events else []),
        *_sizes(store, t),
        section(t("capacity.table"), _figures(found, data.today, t)),
    )


def _chart(data: Data, found: Outlined, view: View) -> list[Child]:
    t = view.t
    if len(found.history) < 2:
        return [empty(t("capacity.young"))]
    span = view.query.get("span", "2y")
    span = span if span in _SPANS else "2y"
    links = [
        (t(f"capacity.span.{name}"), address(PATH, store=found.store.unique_id, span=name), name == span)
        for name in _SPANS
    ]
    days = _SPANS[span]
    figure = storage.growth(
        _cut(found.history, data.today, days),
        _ahead(found.path, data.today, days),
        _cut(found.capacity, data.today, days),
        found.store.ceiling,
        found.store.events,
        data.today,
        t,
    )
    return [
        choices(t("capacity.filter.span"), links, "span"),
        chart(figure, t("capacity.chart.label"), t),
    ]


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
