"""The views that the reader saved, each a link, with a form that removes it."""

from __future__ import annotations

from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import viewing
from dashboard.access import gate
from dashboard.components import (
    Column,
    View,
    empty,
    extra,
    heading,
    lead,
    outcome,
    query,
    section,
    stack,
    table,
)
from dashboard.components.saving import href
from dashboard.data import Data
from dashboard.sentences import views as sentences
from dashboard.texts import Texts, plain
from inventory.state.views import LONGEST, MOST, SavedView

NAME, PATH = "views", viewing.PAGE

_VIEWS: Final = (Column("view"), Column("page"), Column("chosen"), Column("act"))


def layout(data: Data, view: View) -> Component:
    """What became of a form, and the list."""
    t, user = view.t, gate.visitor()
    top = heading(t("views.title"))
    if user is None or gate.is_demo():
        return stack(top, empty(t("views.demo")))
    found = data.views(user.name)
    title = t("views.yours")
    titles = {path: t(f"{name}.title") for name, path in view.pages}
    if not found:
        return stack(top, *_told(view), empty(t("views.none")))
    rows = [_row(one, titles, t) for one in found]
    return stack(top, *_told(view), lead(t("views.lead")), section(title, table(_VIEWS, rows, title, t)))


def _told(view: View) -> list[Component]:
    t = view.t
    return outcome(
        "views", viewing.REFUSALS, viewing.DONE, view, most=t.number(MOST), longest=t.number(LONGEST)
    )


def _row(one: SavedView, titles: dict[str, str], t: Texts) -> tuple[Component | str, ...]:
    label = t("views.remove.of", name=plain(one.name))
    button = html.Button(
        t("views.remove"), name="action", value="remove", className="quiet", **extra(aria_label=label)
    )
    number = dcc.Input(type="hidden", name="number", value=str(one.id))
    way = dcc.Link(plain(one.name), href=href(one), id={"link": f"saved {one.id}"})
    form = html.Form([number, button], action=viewing.PATH, method="POST")
    chosen = sentences.chosen(one.path, query(one.query), t)
    return (
        html.Div(way, className="loose"),
        titles.get(one.path, one.path),
        html.Div(chosen, className="loose dim"),
        form,
    )
