"""The form that asks for a name: in the header of every page, and on the page of what was found."""

from __future__ import annotations

from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import extra
from dashboard.data.search import LONGEST
from dashboard.texts import Texts

PATH: Final = "/search"

FIELD: Final = "q"
"""The field of the address that holds what is asked."""


def form(ids: str, asked: str, t: Texts, kind: str = "search") -> Component:
    """The form with the id of its field and its class: its answer is a page with an address."""
    asking = dcc.Input(
        id=ids, name=FIELD, type="search", value=asked, placeholder=t("search.placeholder"), maxLength=LONGEST,
        autoComplete="off", className="field",
    )  # fmt: skip
    return html.Form(
        [
            html.Label(t("search.label"), htmlFor=ids, className="hidden"),
            asking,
            html.Button(t("search.go"), className="quiet"),
        ],
        action=PATH, method="GET", className=kind, role="search", **extra(aria_label=t(f"search.form.{ids}")),
    )  # fmt: skip


def way(t: Texts) -> Component:
    """The way to the page with the field, on a screen that has no room for it."""
    glass = html.Img(src="/assets/search.svg", alt=t("search.go"), width=18, height=18)
    return dcc.Link(glass, href=PATH, id={"link": "search"}, className="quiet to-search")
