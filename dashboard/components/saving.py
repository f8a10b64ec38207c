"""Saved views: the form under every page that saves it, and the part of the menu that leads to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import extra, field
from dashboard.texts import Texts, plain
from inventory.state.views import LONGEST, SavedView

PATH: Final = "/views"
ACT: Final = "/views/act"
ACCOUNT: Final = "/account"

SHOWN: Final = 12
"""Views that the menu names; the page has all of them."""


def href(one: SavedView) -> str:
    """The address of a view."""
    return f"{one.path}?{one.query}" if one.query else one.path


def form(path: str, search: str, t: Texts) -> Component:
    """A form that saves the page with what is chosen on it."""
    name = dcc.Input(
        id="view-name", name="name", type="text", maxLength=LONGEST, required=True, autoComplete="off", className="field"
    )  # fmt: skip
    hidden = [
        dcc.Input(type="hidden", name=name, value=value)
        for name, value in (("path", path), ("search", search))
    ]
    button = html.Button(t("views.save"), name="action", value="save", className="quiet")
    saving = html.Form(
        [*hidden, *field("view-name", t("views.name"), name), button],
        action=ACT, method="POST", className="line", **extra(aria_label=t("views.save.title")),
    )  # fmt: skip
    return html.Details([html.Summary(t("views.save.title")), saving], className="save")


def menu(saved: Sequence[SavedView], t: Texts) -> list[Component]:
    """The first views, and the way to all; and to what belongs to the reader beside them."""
    links = [
        dcc.Link(plain(one.name), href=href(one), id={"view": one.id}, className="saved")
        for one in saved[:SHOWN]
    ]
    every = dcc.Link(t("views.title"), href=PATH, id={"nav": "views"}, className="nav")
    own = dcc.Link(t("account.title"), href=ACCOUNT, id={"nav": "account"}, className="nav")
    return [html.Div([every, *links, own], className="views")]
