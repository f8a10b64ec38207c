"""Who may log in and who is logged in, what the estate's file says wrongly, and who did what. For administrators."""

from __future__ import annotations

from typing import Final

from dash.development.base_component import Component

from dashboard.components import View, heading, stack
from dashboard.components.listing import chosen, pick
from dashboard.data import Data
from dashboard.pages.administration import estate, log, people

NAME, PATH = "administration", "/administration"
SEEN_BY: Final = "admin"
"""Whose role sees the page: who may do less does not."""

IS_FILLED_IN: Final = True

_PARTS: Final = {"users": people.layout, "estate": estate.layout, "log": log.layout}


def layout(data: Data, view: View) -> Component:
    """The part that the address names."""
    t = view.t
    part = chosen(view, "part", tuple(_PARTS), "users")
    options = [(name, t(f"administration.{name}")) for name in _PARTS]
    fresh = view._replace(query={"part": part})
    return stack(
        heading(t("administration.title")),
        pick(t("administration.parts"), "part", options, PATH, fresh, "users"),
        *_PARTS[part](data, view),
    )
