"""What archives hold by modality, and how long their echoes took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from dashboard import theme
from dashboard.archives import Modality
from dashboard.texts import Texts, scale

SHOWN: Final = 12
"""Modalities that are drawn: the table has all."""

Trace = dict[str, Any]


def modalities(found: Sequence[Modality], names: Sequence[str], t: Texts) -> dict[str, Any]:
    """A figure of modalities whose bytes are known, and what each is called: what it holds, and what of that came lately."""
    shown = [(one, name) for one, name in zip(found, names, strict=True) if one.stored is not None][:SHOWN]
    _, power = scale(max((one.stored or 0.0 for one, _ in shown), default=0.0))
    unit = 1000.0**power
    labels = [name for _, name in shown]
    held = _bars(labels, [one.stored for one, _ in shown], unit, t("pacs.trace.held"), theme.BLUE, "", t)
    came = [one.added if one.added is None or one.added > 0 else 0.0 for one, _ in shown]
    traces = [held]
    if any(value is not None for value in came):
        traces.append(_bars(labels, came, unit, t("pacs.trace.came"), theme.ORANGE, "/", t))
    layout = theme.layout(
        xaxis={"title": {"text": t("pacs.axis.held", unit=t.unit(power))}, "rangemode": "tozero", "automargin": True},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, "automargin": True},
        barmode="group", bargap=0.3, bargroupgap=0.05, hovermode="closest", margin={"l": 64, "r": 72, "t": 40, "b": 48},
        legend={"orientation": "h", "y": 1.02, "x": 0, "yanchor": "bottom"}, showlegend=len(traces) > 1,
    )  # fmt: skip
    return {"data": traces, "layout": layout}


def _bars(
    names: Sequence[str], values: Sequence[float | None], unit: float, title: str, colour: str, shape: str, t: Texts
) -> Trace:  # fmt: skip
    return {
        "type": "bar", "orientation": "h", "name": title, "y": list(names),
        "x": [None if value is None else round(value / unit, 4) for value in values],
        "text": ["" if value is None else t.size(value) for value in values],
        # Of its own accord a text is made as small as its bar is thin.
        "textposition": "outside", "cliponaxis": False, "constraintext": "none", "textfont": {"size": 11},
        # A pattern beside the colour: what came lately is told apart without seeing it.
        "marker": {"color": colour, "pattern": {"shape": shape}},
        "hovertemplate": "%{y}: %{text}<extra>%{fullData.name}</extra>",
    }  # fmt: skip


def echoes(frame: pd.DataFrame, t: Texts) -> dict[str, Any]:
    """A figure of the time of an echo by hour: frame `ds` (in the reader's time), `y` (seconds)."""
    line = {
        "type": "scatter", "mode": "lines", "name": t("pacs.trace.echo"), "showlegend": False,
        "x": [moment.strftime("%Y-%m-%d %H:%M") for moment in frame["ds"]],
        "y": [round(1000 * float(value), 2) for value in frame["y"]],
        "text": [t.brief(float(value)) for value in frame["y"]],
        "line": {"color": theme.BLUE, "width": 2}, "connectgaps": False,
        "hovertemplate": "%{x|%d %b, %H:%M}: %{text}<extra></extra>",
    }  # fmt: skip
    layout = theme.layout(
        xaxis={"type": "date", "automargin": True, "showgrid": False},
        yaxis={"title": {"text": t("pacs.axis.echo")}, "rangemode": "tozero", "automargin": True},
        hovermode="closest",
    )
    return {"data": [line], "layout": layout}
