"""Every wall of the estate on one dated line: what, when, why, and by when to order."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, get_args

from dash import html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    chart,
    empty,
    heading,
    lead,
    link,
    mark,
    section,
    silence,
    stack,
    store_link,
    target_link,
    whose,
)
from dashboard.components.listing import chosen, listing, pick
from dashboard.data import Data
from dashboard.figures import walls as figure
from dashboard.sentences import walls as sentences
from dashboard.texts import Texts, plain
from forecasting.runway import Dateless, Severity, Wall

NAME, PATH = "runway", "/runway"
IS_SHARED: Final = True

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""States that an address may name, worst first."""

_Numbered = tuple[int, Wall]
"""A wall with its number in the whole runway: it stays the same whatever is chosen."""

_WALLS: Final = (
    Column("row", True), Column("state"), Column("wall"), Column("cause"), Column("central", True), Column("between", True),
    Column("order", True),
)  # fmt: skip
_DATELESS: Final = (Column("wall"), Column("quantity"), Column("why"))


def layout(data: Data, view: View) -> Component:
    """The first wall in a sentence, the line, the table, and what has no date."""
    t, seen = view.t, data.runway()
    if not seen.walls and not seen.dateless:
        return stack(heading(t("runway.title")), silence(data, t), empty(t("runway.empty")))
    state = chosen(view, "state", SEVERITIES, "")
    walls = [one for one in enumerate(seen.walls, 1) if state in ("", one[1].severity)]
    return stack(
        heading(t("runway.title")),
        silence(data, t),
        lead(*sentences.runway(seen, t)),
        *_states(seen.walls, state, view),
        *([_line(walls, seen.today, t)] if walls else []),
        *([_table(walls, view)] if seen.walls else []),
        *([_dateless(seen.dateless, view)] if seen.dateless else []),
    )


def _states(walls: Sequence[Wall], state: str, view: View) -> list[Component]:
    """A choice among the states that there are, each with how many walls it has: of thousands, nobody turns pages to those to come."""
    t, counts = view.t, Counter(one.severity for one in walls)
    states = [one for one in SEVERITIES if counts[one] or one == state]
    if len(states) < 2:
        return []
    words = [
        ("", t("every.wall"), len(walls)),
        *((one, t(f"state.{sentences.STATES.get(one, one)}"), counts[one]) for one in states),
    ]
    options = [(one, t("targets.counted", what=word, n=t.number(count))) for one, word, count in words]
    return [pick(t("column.state"), "state", options, PATH, view)]


_FEW: Final = 8
_MANY: Final = 14
"""Walls above which their line needs more height, and more still."""

ROWS: Final = 25
"""Rows of a table that are shown at a time."""


def _line(walls: Sequence[_Numbered], today: dt.date, t: Texts) -> Component:
    shown = _drawn(walls)
    names = [_row(place, wall, t) for place, wall in shown]
    drawn = figure.line([wall for _, wall in shown], names, today, t)
    told = t("runway.drawn", n=t.number(len(shown)), all=t.number(len(walls)))
    part = [html.P(told, className="dim")] if len(shown) < len(walls) else []
    return section(t("runway.chart"), *part, chart(drawn, t("runway.chart.label"), t, _size(len(shown))))


def _size(rows: int) -> str:
    return "tallest" if rows > _MANY else "tall" if rows > _FEW else ""


def _drawn(walls: Sequence[_Numbered]) -> list[_Numbered]:
    """The walls that are drawn: those to come before those that are reached, which all stand at today."""
    ahead = [one for one in walls if one[1].severity != "over"][: figure.SHOWN]
    reached = [one for one in walls if one[1].severity == "over"][: figure.SHOWN - len(ahead)]
    return [*reached, *ahead]


def _row(place: int, wall: Wall, t: Texts) -> str:
    """A row of the chart, by its number in the table: what a device calls a store never enters a figure."""
    renewal = wall.cause == "renewal"
    target = t("renewal.title") if renewal else re.sub(r"[^\w.-]", "_", wall.target)[:30]
    return f"{place} · {target} · {t(sentences.quantity(wall.quantity))}"


def _table(walls: Sequence[_Numbered], view: View) -> Component:
    def cells(_: int, row: _Numbered) -> tuple[Any, ...]:
        (place, wall), t = row, view.t
        return (
            t.number(place),
            mark(sentences.STATES.get(wall.severity, wall.severity), t),
            _what(place, wall, t),
            html.Div(sentences.cause(wall, t), className="prose"),
            _day(wall, t),
            _between(wall, t),
            t.day(wall.order_by) if wall.order_by else "",
        )

    title, t = view.t("runway.table"), view.t
    return section(
        title, *listing(_WALLS, walls, cells, title, PATH, view, t("runway.none.chosen"), most=ROWS)
    )


def _day(wall: Wall, t: Texts) -> str:
    if wall.severity == "over":
        return t.day(wall.since) if wall.since else t("no.already over")
    return t.day(wall.central) if wall.central else ""


def _between(wall: Wall, t: Texts) -> Child:
    """The early and the late date, below each other; nothing where the date is written down."""
    if wall.early == wall.late:
        return ""
    days = [t.day(day) if day else "…" for day in (wall.early, wall.late)]
    return html.Div([html.Div(day) for day in days])


def _what(place: int, wall: Wall, t: Texts) -> Component:
    where = f"wall {place}"
    quantity = t(sentences.quantity(wall.quantity))
    if wall.what == wall.target:
        whole = [target_link(wall.target, where), html.Div(quantity, className="dim")]
        return html.Div(whole, className="named")
    if wall.unique_id and wall.quantity == "storage":
        named: Component | str = store_link(wall.unique_id, wall.what, where)
    else:
        named = plain(wall.what)
    beside = html.Div([_whose(wall, where, t), f" · {quantity}"], className="dim")
    return html.Div([named, beside], className="named")


def _whose(wall: Wall, where: str, t: Texts) -> Component:
    if wall.cause == "renewal":
        return link(t("renewal.title"), "/renewal", where)
    return target_link(wall.target, where)


def _dateless(found: tuple[Dateless, ...], view: View) -> Component:
    def cells(place: int, one: Dateless) -> tuple[Any, ...]:
        t = view.t
        return (
            whose(one.what, one.target, f"dateless {place}"),
            t(sentences.quantity(one.quantity)),
            sentences.dateless(one.reason, t, one.chance),
        )

    title = view.t("runway.dateless")
    return section(title, *listing(_DATELESS, found, cells, title, PATH, view, "", "dateless", ROWS))
