"""What to order, by quarter and contract, against each year's money, and what will lack all the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import (
    Column,
    View,
    empty,
    heading,
    lead,
    section,
    silence,
    stack,
    table,
    whose,
)
from dashboard.components.listing import listing
from dashboard.components.making import computed, computing
from dashboard.data import Data
from dashboard.sentences import walls as sentences
from dashboard.texts import Texts, plain
from forecasting.needs import Missing
from forecasting.postponing import Postponed
from forecasting.purchase import Line, Plan, Unmet, quarters

NAME, PATH = "purchase", "/purchase"
IS_SHARED: Final = True

_ORDERS: Final = (
    Column("quarter"), Column("item"), Column("for"), Column("order", True), Column("ready", True),
    Column("price", True),
)  # fmt: skip
_MONEY: Final = (
    Column("year"),
    Column("purse"),
    Column("spent", True),
    Column("budget", True),
    Column("left", True),
)
_UNMET: Final = (Column("for"), Column("quantity"), Column("lacks", True), Column("period"), Column("why"))
_WALLS: Final = (Column("for"), Column("unordered"), Column("lots"), Column("year_more", True))
_MISSING: Final = (Column("for"), Column("quantity"), Column("why"))

ROWS: Final = 25
"""Rows of each table that are shown at a time: there are up to four of them."""

NAMED: Final = 12
"""Names that a sentence about what was assumed has room for."""


def layout(data: Data, view: View) -> Component:
    """A sentence with the cost and the proven gap, then orders, money, what lacks, and what was assumed."""
    t, issued = view.t, data.purchase()
    if issued is None:
        return stack(heading(t("purchase.title")), silence(data, t), empty(t("purchase.empty")))
    if issued.content is None:
        return stack(heading(t("purchase.title")), silence(data, t), computing(t))
    made: Plan = issued.content
    titles = {name: contract.title or name for name, contract in data.estate.contracts.items()}
    return stack(
        heading(t("purchase.title")),
        silence(data, t),
        lead(*sentences.purchase(made, t)),
        *computed(issued, t),
        *([_orders(made, titles, view)] if made.lines else []),
        section(t("purchase.money"), _money(made, t)),
        section(t("purchase.unmet"), *_unmet(made, view)),
        *(
            [
                section(
                    t("purchase.walls"),
                    html.P(t("purchase.walls.lead"), className="dim"),
                    *_walls(made, view),
                )
            ]
            if made.postponed
            else []
        ),
        *([section(t("purchase.missing"), *_missing(made, view))] if made.missing else []),
        *_assumed(made, t),
    )


def _orders(made: Plan, titles: dict[str, str], view: View) -> Component:
    def cells(place: int, one: Line) -> tuple[Any, ...]:
        t = view.t
        return (
            html.Span(
                t("purchase.quarter", n=(one.order_by.month + 2) // 3, year=one.order_by.year),
                className="when",
            ),
            _item(one, titles, t),
            whose(one.what, one.target, f"order {place}"),
            t.day(one.order_by),
            t.month(one.ready),
            t.money(one.price, made.currency),
        )

    title = view.t("purchase.table")
    return section(title, *listing(_ORDERS, quarters(made.lines), cells, title, PATH, view, "", most=ROWS))


def _item(one: Line, titles: dict[str, str], t: Texts) -> Component:
    """How many of what, under which contract, and what that adds."""
    name = t("purchase.perTB") if one.item == "1 TB" else plain(one.title)
    adds = ", ".join(sentences.amount(quantity, amount, t) for quantity, amount in one.gives.items())
    contract = plain(titles.get(one.contract, one.contract))
    beside = " · ".join(part for part in (contract, f"+\u00a0{adds}") if part)
    return html.Div([f"{t.number(one.lots)} × {name}", html.Div(beside, className="dim")])


def _money(made: Plan, t: Texts) -> Component:
    rows = [
        (
            str(one.year),
            plain(one.purse) or t("purchase.estate"),
            t.money(one.spent, made.currency),
            t("purchase.unbounded") if one.budget is None else t.money(one.budget, made.currency),
            "" if one.budget is None else t.money(one.budget - one.spent, made.currency),
        )
        for one in made.money
    ]
    return table(_MONEY, rows, t("purchase.money"), t)


def _unmet(made: Plan, view: View) -> list[Component]:
    t = view.t

    def cells(place: int, one: Unmet) -> tuple[Any, ...]:
        first, last = t.month(one.first), t.month(one.last)
        return (
            whose(one.what, one.target, f"unmet {place}"),
            t(sentences.quantity(one.quantity)),
            sentences.lacking(one.quantity, one.amount, t),
            first if one.first == one.last else t("purchase.span", first=first, last=last),
            t(f"unmet.{one.why}"),
        )

    return listing(
        _UNMET, made.unmet, cells, t("purchase.unmet"), PATH, view, t("purchase.met"), "unmet", ROWS
    )


def _walls(made: Plan, view: View) -> list[Component]:
    """For each store the price of a year more, and why there is none."""
    t = view.t

    def cells(place: int, one: Postponed) -> tuple[Any, ...]:
        return (
            whose(one.what, one.target, f"wall {place}"),
            t.month(one.full),
            _lots(one, t),
            t(f"unmet.{one.why}") if one.price is None else t.money(one.price, made.currency),
        )

    return listing(_WALLS, made.postponed, cells, t("purchase.walls"), PATH, view, "", "walls", ROWS)


def _lots(one: Postponed, t: Texts) -> Component:
    names = [
        f"{t.number(count)} × {t('purchase.perTB') if title == '1 TB' else plain(title)}"
        for title, count in one.lots
    ]
    late = t.count("purchase.walls.late", one.late) if one.late and one.price is not None else ""
    return html.Div([", ".join(names), *([html.Div(late, className="dim")] if late else [])])


def _missing(made: Plan, view: View) -> list[Component]:
    t = view.t

    def cells(place: int, one: Missing) -> tuple[Any, ...]:
        return (
            whose(one.what, one.target, f"missing {place}"),
            t(sentences.quantity(one.quantity)),
            sentences.dateless(one.reason, t),
        )

    return listing(_MISSING, made.missing, cells, t("purchase.missing"), PATH, view, "", "missing", ROWS)


def _assumed(made: Plan, t: Texts) -> list[Component]:
    said = [t("purchase.carried")] if made.carried else []
    if made.undelivered:
        said.append(t("purchase.undelivered", targets=_some(made.undelivered, t)))
    if made.inside:
        said.append(t("purchase.inside", stores=_some(made.inside, t)))
    return [section(t("purchase.assumed"), html.Ul([html.Li(one) for one in said]))] if said else []


def _some(names: Sequence[str], t: Texts) -> str:
    """The first of many names, and how many more there are."""
    more = len(names) - NAMED
    said = ", ".join(map(plain, names[:NAMED]))
    return f"{said} {t('overview.more', n=t.number(more))}" if more > 0 else said
