"""What was computed by a process, and kept: when that was, and whether it is being made anew."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components import coded
from dashboard.data import Issued
from dashboard.texts import Texts


def computed(issued: Issued, t: Texts) -> list[Component]:
    """The moment of what is shown, and that something has changed since."""
    stale = [html.P(t("made.stale"), className="warning", role="status")] if issued.stale else []
    return [html.P(t("made.at", at=t.instant(issued.at)), className="dim"), *stale]


def computing(t: Texts) -> Component:
    """That nothing was kept yet."""
    return html.P(coded(t("made.computing")), className="warning", role="status")
