"""Every target: its state, the reason of each failure, its last answer; and one target, how it was polled step by step."""

from __future__ import annotations

from typing import Final

from dash.development.base_component import Component

from dashboard.components import View
from dashboard.data import Data
from dashboard.pages.targets import every, one

NAME, PATH = "targets", every.PATH
IS_SHARED: Final = True


def layout(data: Data, view: View) -> Component:
    """The whole list, or the one target that the address names."""
    return one.layout(data, view) if "target" in view.query else every.layout(data, view)
