"""The grid of stores: all of them where they are few, else what the reader scrolls to, sorted on the server."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import dash_ag_grid as dag
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import theme
from dashboard.components import Column, address, extra, query, store_link, table
from dashboard.components.shell import is_busy
from dashboard.data import Data
from dashboard.sentences import stores as sentences
from dashboard.standing import Store
from dashboard.texts import Texts, kind_word, plain

PATH: Final = "/capacity"

FEW: Final = 18
"""Stores up to which the browser gets all at once, in a grid as high as they are; a longer one scrolls, and asks for what is in sight."""

BLOCK: Final = 100
"""Rows that it asks for at once where there are more."""

_NEVER: Final = dt.date.max.toordinal()

MANY: Final = "stores-many"
_AS_OF, _RENEWED = "stores-as-of", "stores-renewed"


def chosen(stores: Sequence[Store], asked: Mapping[str, str]) -> list[Store]:
    """The stores of the kind and site that an address asks for."""
    kind, site = asked.get("kind", ""), asked.get("site", "")
    return [one for one in stores if kind in ("", one.kind) and site in ("", one.site or "")]


def grid(stores: Sequence[Store], t: Texts) -> Component:
    """The grid of stores, in their order."""
    many = len(stores) > FEW
    made = _scrolled(stores, t) if many else [_whole(stores, t)]
    shown = html.Div(made, role="region", className="grid-box", **extra(aria_label=t("capacity.grid")))
    paper = html.P(t("capacity.paper", n=t.number(len(stores)))) if many else listed(stores, t)
    return html.Div([shown, html.Div(paper, className="on-paper whole", **extra(aria_hidden="true"))])


def listed(stores: Sequence[Store], t: Texts) -> Component:
    """The same as a table, which is printed whole."""
    return table(
        [Column(name, number) for name, number in _LISTED],
        [_cells(one, t) for one in stores],
        t("capacity.grid"),
        t,
    )


def _cells(store: Store, t: Texts) -> list[Component | str]:
    row = _row(store, 0, t)
    return [
        store_link(store.unique_id, store.name or t.unknown, "listed"),
        *(row[name] for name, _ in _LISTED[1:]),
    ]


_LISTED: Final = (
    ("store", False), ("target", False), ("full", True), ("between", False), ("order", True), ("ratio", True), ("used", True),
    ("size", True), ("kind", False),
)  # fmt: skip
"""The columns of the table, and which hold numbers."""


def _whole(stores: Sequence[Store], t: Texts) -> Component:
    """All rows, in the browser."""
    rows = [_row(store, place, t) for place, store in enumerate(stores)]
    return _made("stores", t, {"domLayout": "autoHeight"}, rowData=rows, className="grid short")


def _scrolled(stores: Sequence[Store], t: Texts) -> list[Component]:
    """Rows that are asked for as they come into sight, and what tells when they changed.

    The page does not hold their values: it stays as it is when they change, scrolled and sorted.
    """
    options = {
        "cacheBlockSize": BLOCK,
        "maxBlocksInCache": 20,
        "infiniteInitialRowCount": len(stores),
        # The component keeps the newest request alone: an answer to one of two would be shown as that to the other.
        "maxConcurrentDatasourceRequests": 1,
        "blockLoadDebounceMillis": 50,
    }
    grid = _made(MANY, t, options, rowModelType="infinite", className="grid")
    return [grid, dcc.Store(id=_AS_OF), dcc.Store(id=_RENEWED)]


def _made(name: str, t: Texts, options: Mapping[str, Any], **more: Any) -> Component:
    whole: Component = dag.AgGrid(
        id=name,
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
            # One stop of Tab, as the ARIA grid pattern has it: arrows move inside, Enter follows the link of a cell.
            "tabToNextCell": {"function": "false"},
            "tabToNextHeader": {"function": "false"},
            "ensureDomOrder": True,
            "enableCellTextSelection": True,
            "localeText": {"noRowsToShow": t("none")},
            **options,
        },
        columnSize="responsiveSizeToFit",
        style={},
        **more,
    )
    return whole


def _stamp(stores: Sequence[Store]) -> str:
    """What tells that the rows changed: a browser that has some of them asks again."""
    told = [(one.unique_id, one.used, one.size, one.full, one.order_by, one.reason) for one in stores]
    return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()


# --- rows that a browser asks for --------------------------------------------------------------------


def connect(app: Dash, data: Data, speak: Callable[[Data], Texts]) -> None:
    """Answer with the rows that come into sight, and say when they changed."""

    @app.callback(
        Output(MANY, "getRowsResponse"),
        Input(MANY, "getRowsRequest"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def rows(request: Any, search: Any) -> Any:
        if not isinstance(request, dict):
            return no_update
        t = speak(data)
        found = _found(data, query(str(search or "")), request.get("sortModel"), t)
        first = _number(request.get("startRow"), 0)
        last = min(_number(request.get("endRow"), first + BLOCK), first + BLOCK)
        shown = [
            {**_row(store, place, t), "as_of": found.stamp}
            for place, store in enumerate(found.stores[first:last], first)
        ]
        return {"rowData": shown, "rowCount": len(found.stores)}

    @app.callback(Output(_AS_OF, "data"), Input("beat", "data"), State("url", "search"))
    def as_of(beat: Any, search: Any) -> Any:
        if is_busy(beat):
            return no_update
        return _chosen(data, query(str(search or ""))).stamp

    renew = ClientsideFunction("jauge", "renew")
    app.clientside_callback(renew, Output(_RENEWED, "data"), Input(_AS_OF, "data"))  # type: ignore[no-untyped-call]  # Dash has no types here


class _Chosen(NamedTuple):
    """Stores of one moment, and their stamp: rows and the news of them never speak of two moments."""

    stamp: str
    stores: list[Store]


def _found(data: Data, asked: Mapping[str, str], model: object, t: Texts) -> _Chosen:
    """The stores that are asked for, in order: whoever scrolls asks for it again and again."""
    found, sort = _chosen(data, asked), _sort(model)
    if not sort:
        return found
    # The stamp stands for the stores: what was ordered of one moment is no answer about another.
    key = ("ordered", found.stamp, sort, t.language)
    return _Chosen(found.stamp, data.drawn(key, lambda: ordered(found.stores, sort, t)))


def _chosen(data: Data, asked: Mapping[str, str]) -> _Chosen:
    def choose() -> _Chosen:
        stores = chosen(data.stores(), asked)
        return _Chosen(_stamp(stores), stores)

    return data.drawn(("stores", asked.get("kind", ""), asked.get("site", "")), choose)


def _sort(model: object) -> tuple[tuple[str, bool], ...]:
    """The columns by which a grid asks to sort, and whether from the greatest: those that there are, each once."""
    found: dict[str, bool] = {}
    for one in model if isinstance(model, list) else []:
        if isinstance(one, dict) and (name := str(one.get("colId"))) in _SORTED:
            found.setdefault(name, one.get("sort") == "desc")
    return tuple(found.items())


def _number(value: object, otherwise: int) -> int:
    """A number of a row, as a browser sends it."""
    return value if isinstance(value, int) and 0 <= value < 10**9 else otherwise


def ordered(stores: Sequence[Store], sort: Sequence[tuple[str, bool]], t: Texts) -> list[Store]:
    """Stores by columns, the first one before all; what is unknown comes last, either way."""
    found = list(stores)
    for name, is_falling in reversed(sort):
        keyed = [(_SORTED[name](store, t), store) for store in found]
        known = [pair for pair in keyed if pair[0] is not None]
        known.sort(key=lambda pair: pair[0], reverse=is_falling)
        found = [*(store for _, store in known), *(store for key, store in keyed if key is None)]
    return found


_SORTED: Final[Mapping[str, Callable[[Store, Texts], Any]]] = {
    "store": lambda one, _: plain(one.name).casefold() or None,
    "target": lambda one, _: plain(one.target).casefold(),
    "kind": lambda one, t: kind_word(one.kind, t).casefold(),
    "used": lambda one, _: one.used,
    "size": lambda one, _: one.size,
    "ratio": lambda one, _: one.ratio,
    "full": lambda one, _: one.days,
    "order": lambda one, _: one.order_by,
}
"""By what each column is sorted; None where it is not known."""


# --- one row -----------------------------------------------------------------------------------------


def _row(store: Store, place: int, t: Texts) -> dict[str, Any]:
    """Texts to show, and beside each the number that sorts it. Plain values only: the grid escapes them."""
    days = [t.day(day).replace(" ", "\u00a0") if day else "…" for day in (store.early, store.late)]
    between = " – ".join(days) if store.early else ""
    return {
        "href": address(PATH, store=store.unique_id),
        "store": plain(store.name) or t.unknown,
        "target": plain(store.target),
        "kind": kind_word(store.kind, t),
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

    # On two lines where there is no room for one: all columns stand side by side from 1,024 points on.
    broken = {"wrapText": True, "cellClass": "broken"}
    return [
        # Side by side: of thousands, a store is known by its target alone. Both are seen on a telephone, with the date.
        column("store", 116, cellRenderer="StoreLink", flex=2),
        column("target", 106, flex=2),
        number("full", 136, flex=1),
        column("between", 132, flex=2, sortable=False, **broken),
        number("order", 126, flex=1),
        number("ratio", 108, flex=1, cellRenderer="ShareBar"),
        number("used", 76, flex=1),
        number("size", 84, flex=1),
        column("kind", 104, flex=1, **broken),
    ]
