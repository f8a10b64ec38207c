"""Every store with its date, worst first; and one store: what it held, what is expected, and how sure that is."""

from __future__ import annotations

from typing import Final

from dash.development.base_component import Component

from dashboard.components import View
from dashboard.data import Data
from dashboard.pages.capacity import every, one
from dashboard.pages.capacity.grid import PATH, connect

__all__ = ["NAME", "PATH", "connect", "layout"]

NAME = "capacity"
IS_SHARED: Final = True


def layout(data: Data, view: View) -> Component:
    """The whole list, or the one store that the address names."""
    return one.layout(data, view) if "store" in view.query else every.layout(data, view)
