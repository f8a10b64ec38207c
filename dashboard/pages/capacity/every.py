"""Every store with its date, worst first, and everything else that fills."""

from __future__ import annotations

import datetime as dt
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    choices,
    empty,
    heading,
    lead,
    section,
    silence,
    stack,
    table,
)
from dashboard.components.listing import again, paged, pick
from dashboard.data import Data
from dashboard.pages.capacity import grid
from dashboard.pages.capacity.grid import PATH
from dashboard.sentences.outlooks import explain, named
from dashboard.standing import Store
from dashboard.texts import Texts, kind_word, plain
from forecasting import planned

OTHERS: Final = 15
"""Things beside the stores that are shown at a time: each has a sentence of some lines."""


def layout(data: Data, view: View) -> Component:
    """The filters, the grid, and what else fills."""
    t = view.t
    stores = data.stores()
    if not stores:
        return stack(heading(t("capacity.title")), silence(data, t), empty(t("capacity.empty")))
    kind, site = view.query.get("kind", ""), view.query.get("site", "")
    shown = grid.chosen(stores, view.query)
    return stack(
        heading(t("capacity.title")),
        silence(data, t),
        _lead(data, shown, t),
        html.Div([*_filters(stores, kind, site, view), *_shapes(shown, view)], className="filters"),
        *_stores(shown, view),
        *_others(data, view),
    )


def _is_table(view: View) -> bool:
    return view.query.get("as") == "table"


def _shapes(shown: list[Store], view: View) -> list[Child]:
    """The grid, or a table that can be printed: where there are more stores than a grid holds at once."""
    if len(shown) <= grid.FEW:
        return []
    t = view.t
    options = [("", t("capacity.as.grid")), ("table", t("capacity.as.table"))]
    return [pick(t("capacity.as"), "as", options, PATH, view)]


def _stores(shown: list[Store], view: View) -> list[Component]:
    t = view.t
    if not shown:
        return [empty(t("capacity.none"))]
    if not _is_table(view):
        return [grid.grid(shown, t)]
    rows, ways = paged(shown, PATH, view)
    return [html.Div(grid.listed(rows, t), className="panel"), *ways]


def _others(data: Data, view: View) -> list[Component]:
    """What fills and is no store of bytes: licences, memory, processors ..., the most urgent first, each with its sentence."""
    t = view.t
    known = [one for one in data.outlooks() if one.quantity != "storage"]
    if not known:
        return []
    never = dt.date.max
    known.sort(key=lambda one: (not one.is_over, one.date or never, one.unique_id))
    shown, ways = paged(known, PATH, view, "others", OTHERS)
    columns = (Column("quantity"), Column("what"), Column("full", True), Column("order", True), Column("why"))
    rows = [
        (
            t(f"quantity.{one.quantity}"),
            html.Div(named(planned.name(one), one.target, t), className="named"),
            t.day(one.date) if one.date else t(f"no.{one.reason or ''}"),
            t.day(one.order_by) if one.order_by else "",
            html.Div(explain(one, t, data.today), className="prose"),
        )
        for one in shown
    ]
    return [section(t("capacity.others"), table(columns, rows, t("capacity.others"), t), *ways)]


def _lead(data: Data, shown: list[Store], t: Texts) -> Component:
    outlooks = data.outlooks()
    issued = t("capacity.issued", at=t.instant(outlooks[0].issued_at)) if outlooks else None
    if issued is None:
        return html.Div([lead(t.count("capacity.lead", len(shown))), empty(t("capacity.unplanned"))])
    return lead(t.count("capacity.lead", len(shown)), issued)


def _filters(stores: list[Store], kind: str, site: str, view: View) -> list[Child]:
    t = view.t
    kinds = sorted({one.kind for one in stores if one.kind})
    sites = sorted({one.site for one in stores if one.site})
    found: list[Child] = []
    if len(kinds) > 1:
        options = [("", t("capacity.every.kind")), *((one, kind_word(one, t)) for one in kinds)]
        links = [(text, again(PATH, view, kind=one), one == kind) for one, text in options]
        found.append(choices(t("capacity.filter.kind"), links, "kind"))
    if len(sites) > 1:
        options = [("", t("capacity.every.site")), *((one, plain(one)) for one in sites)]
        links = [(text, again(PATH, view, site=one), one == site) for one, text in options]
        found.append(choices(t("capacity.filter.site"), links, "site"))
    return found
