"""What every chart over time has: the line of today, marks of what happened and what was decided, a legend that covers nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from dashboard import theme
from dashboard.texts import Texts

Kind = Literal["jump", "extended", "ordered", "version", "decided", "changed"]

_LOOKS: Final[dict[Kind, tuple[str, str]]] = {
    "jump": (theme.ORANGE, "triangle-up"),
    "extended": (theme.GREEN, "square"),
    "ordered": (theme.GREEN, "square-open"),
    "version": (theme.GREY, "diamond"),
    "decided": (theme.PURPLE, "star"),
    "changed": (theme.SKY, "pentagon"),
}
"""Colour and shape of each kind; its word is `trace.KIND`."""


_DAY: Final = "%-d %b %Y"
"""A day as a hover writes it; the names of months are the reader's."""


class Mark(NamedTuple):
    """Something at a day: how high its mark stands, and the words that tell it. A jump may go down."""

    kind: Kind
    day: dt.date
    height: float
    words: str
    down: bool = False


def marks(found: Sequence[Mark], t: Texts) -> list[dict[str, Any]]:
    """A trace for each kind that there is."""
    return [
        _trace(kind, [one for one in found if one.kind == kind], t)
        for kind in _LOOKS
        if any(one.kind == kind for one in found)
    ]


def _trace(kind: Kind, found: Sequence[Mark], t: Texts) -> dict[str, Any]:
    colour, symbol = _LOOKS[kind]
    return {
        "type": "scatter", "mode": "markers", "name": t(f"trace.{kind}"), "cliponaxis": False,
        "x": [one.day.isoformat() for one in found], "y": [one.height for one in found],
        "marker": {
            "color": colour, "size": 11, "line": {"width": 2 if symbol.endswith("open") else 0},
            "symbol": ["triangle-down" if one.down else symbol for one in found],
        },
        "text": [one.words for one in found], "hovertemplate": "%{text}",
    }  # fmt: skip


def timeline(today: dt.date, t: Texts, **changes: Any) -> dict[str, Any]:
    """The layout of a chart over time: today is a line with its word above, and the legend stands above that."""
    day = today.isoformat()
    line = {
        "type": "line", "x0": day, "x1": day, "y0": 0, "y1": 1, "yref": "paper",
        "line": {"color": theme.GREY, "width": 1.5, "dash": "dot"},
    }  # fmt: skip
    label = {
        "x": day, "y": 1, "yref": "paper", "text": t("trace.now"), "showarrow": False, "xanchor": "center", "yanchor": "bottom",
    }  # fmt: skip
    return theme.layout(
        **{
            "xaxis": {"type": "date", "showgrid": False, "automargin": True, "hoverformat": _DAY},
            "shapes": [line], "annotations": [label], "margin": {"l": 64, "r": 24, "t": 48, "b": 48},
            "legend": {"orientation": "h", "traceorder": "normal", "x": 0, "y": 1.08, "yanchor": "bottom"},
            "separators": ",\u202f" if t.language == "fr" else ".,",
            **changes,
        }
    )  # fmt: skip
