"""What the other nodes of a cluster would carry when its largest one fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard import theme
from dashboard.texts import Texts
from forecasting.headroom import Room


def loads(rooms: Sequence[Room], names: Sequence[str], t: Texts) -> dict[str, Any]:
    """A figure of rooms whose load is known and what each is called: a bar for each, the tightest on top, and the line of all they hold."""
    shown = [(100 * room.load, name, room.is_short) for room, name in zip(rooms, names, strict=True) if room.load is not None]  # fmt: skip
    bars = {
        "type": "bar", "orientation": "h",
        "x": [round(load, 1) for load, _, _ in shown], "y": [name for _, name, _ in shown],
        "text": [t.ratio(load / 100) for load, _, _ in shown], "textposition": "outside", "cliponaxis": False,
        "marker": {
            "color": [theme.VERMILION if short else theme.BLUE for _, _, short in shown],
            # A pattern beside the colour: what cannot be carried is told apart without seeing it.
            "pattern": {"shape": ["/" if short else "" for _, _, short in shown]},
        },
        "hovertemplate": "%{y}: %{text}<extra></extra>", "showlegend": False,
    }  # fmt: skip
    whole = {"type": "line", "x0": 100, "x1": 100, "y0": 0, "y1": 1, "yref": "paper",
             "line": {"color": theme.GREY, "width": 2, "dash": "dot"}}  # fmt: skip
    label = {"x": 100, "y": 1, "yref": "paper", "text": t("hyperconverged.whole"), "showarrow": False,
             "xanchor": "right", "yanchor": "bottom"}  # fmt: skip
    layout = theme.layout(
        xaxis={"title": {"text": t("hyperconverged.axis")}, "range": [0, max(125.0, *(1.15 * load for load, _, _ in shown))],
               "automargin": True},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, "automargin": True},
        margin={"l": 64, "r": 24, "t": 28, "b": 48},
        shapes=[whole], annotations=[label], hovermode="closest",
        bargap=max(0.35, 1 - 0.25 * len(shown)),  # one thing alone would be a wall of colour
    )  # fmt: skip
    return {"data": [bars], "layout": layout}
