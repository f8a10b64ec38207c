"""What was found under a name, by kind, the best first; each leads to the page of its own."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import (
    View,
    asking,
    empty,
    heading,
    lead,
    link,
    section,
    stack,
)
from dashboard.data import Data
from dashboard.data.search import MOST, Group, Thing
from dashboard.texts import Texts, plain

NAME, PATH = "search", asking.PATH

_SHOWN: Final = 120
"""Characters of what was asked that are said again."""


def layout(data: Data, view: View) -> Component:
    """A field, and what was found."""
    t, asked = view.t, view.query.get(asking.FIELD, "").strip()
    top = [heading(t("search.title")), asking.form("search-here", asked, t)]
    if not asked:
        return stack(*top, empty(t("search.hint")))
    pages = (Thing("page", t(f"{name}.title"), path) for name, path in view.pages)
    found = data.search(asked, pages)
    if not found:
        return stack(*top, empty(t("search.none", asked=plain(asked, _SHOWN))))
    count = sum(group.number for group in found)
    return stack(
        *top,
        lead(t.count("search.found", count, asked=plain(asked, _SHOWN))),
        *(_group(group, t) for group in found),
    )


def _group(group: Group, t: Texts) -> Component:
    """The things of a kind, and how many more there are."""
    rows = [
        html.Li([_way(one, place, t), html.Span(_beside(one, t), className="dim")])
        for place, one in enumerate(group.things)
    ]
    more = t("search.more", n=t.number(len(group.things)), all=t.number(group.number))
    return section(
        f"{t(f'search.kind.{group.kind}')} ({t.number(group.number)})",
        html.Ul(rows, className="found"),
        *([html.P(more, className="dim")] if group.number > MOST else []),
    )


def _way(one: Thing, place: int, t: Texts) -> Component:
    return link(plain(one.name) or t.unknown, one.path, f"found {one.kind} {place}", **one.query)


def _beside(one: Thing, t: Texts) -> str:
    """What tells it from others of that name."""
    if one.machines is not None:
        return t.count("search.machines", one.machines)
    return " · ".join(plain(note) for note in one.notes if note)
