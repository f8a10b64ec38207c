"""The share of forecasts that held, month by month, against the share that should."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from dashboard import theme
from dashboard.texts import Texts

SHOULD: Final = 80

_LINES: Final = {
    7: (theme.SKY, "circle", "solid"),
    30: (theme.BLUE, "square", "dash"),
    90: (theme.VERMILION, "diamond", "dot"),
    180: (theme.GREEN, "triangle-up", "dashdot"),
    365: (theme.PURPLE, "x", "longdash"),
}
"""Colour, marker and dashes of each horizon: for those who do not see the colour."""


def coverage(frame: pd.DataFrame, t: Texts) -> dict[str, Any]:
    """A figure of `month` (its first day), `horizon`, `scored`, `coverage80`: one line a horizon, in per cent."""
    horizons = [int(horizon) for horizon in sorted(frame["horizon"].unique())]
    traces = [_line(frame[frame["horizon"] == horizon], horizon, t) for horizon in horizons]
    line = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": SHOULD, "y1": SHOULD,
            "line": {"color": theme.GREY, "width": 2, "dash": "dash"}}  # fmt: skip
    label = {"x": 1, "xref": "paper", "y": SHOULD, "text": t("accuracy.should"), "showarrow": False,
             "xanchor": "right", "yanchor": "bottom"}  # fmt: skip
    layout = theme.layout(
        xaxis={"type": "date", "showgrid": False, "automargin": True},
        yaxis={"title": {"text": t("axis.held")}, "range": [0, 102], "automargin": True},
        shapes=[line],
        annotations=[label],
        separators=", " if t.language == "fr" else ".,",
    )
    return {"data": traces, "layout": layout}


def _line(rows: pd.DataFrame, horizon: int, t: Texts) -> dict[str, Any]:
    colour, symbol, dash = _LINES[horizon]
    return {
        "type": "scatter", "mode": "lines+markers", "name": t("horizon", days=horizon),
        "x": [day.date().isoformat() for day in rows["month"]],
        "y": [round(100 * float(value), 1) for value in rows["coverage80"]],
        "line": {"color": colour, "width": 2, "dash": dash}, "marker": {"symbol": symbol, "size": 8},
        "customdata": [int(count) for count in rows["scored"]],
        "hovertemplate": "%{y:.0f} % (%{customdata})",
    }  # fmt: skip
