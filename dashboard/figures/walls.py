"""The runway on one line of time: a bar from early to late for each wall, and a mark at its central date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from dashboard import theme
from dashboard.figures.marks import timeline
from dashboard.texts import Texts
from forecasting.runway import Severity, Wall

SHOWN: Final = 25
"""Walls that are drawn: the table has all."""

_LOOKS: Final[dict[Severity, tuple[str, str, str]]] = {
    "over": (theme.VERMILION, "square", "reached"),
    "late": (theme.VERMILION, "diamond", "overdue"),
    "soon": (theme.ORANGE, "triangle-up", "soon"),
    "later": (theme.BLUE, "circle", "later"),
    "possible": (theme.GREY, "circle-open", "possible"),
}
"""Colour, shape and state of each severity: those of the table."""


def line(walls: Sequence[Wall], names: Sequence[str], today: dt.date, t: Texts) -> dict[str, Any]:
    """A figure of walls and what each is called, the worst on top. A wall without a late date is open to the right."""
    shown = list(zip(walls, names, strict=True))[:SHOWN]
    ends = [wall.late or wall.central or wall.early or today for wall, _ in shown]
    last = max(ends, default=today)
    traces = [_span(wall, name, last, t) for wall, name in shown]
    for severity in _LOOKS:
        marked = [
            (wall, name) for wall, name in shown if wall.severity == severity and wall.central is not None
        ]
        traces += [_marked(severity, marked, t)] if marked else []
    starts = [wall.early or wall.central or today for wall, _ in shown]
    layout = _layout([name for _, name in shown], (min(starts, default=today), last), today, t)
    return {"data": traces, "layout": layout}


def _marked(severity: Severity, marked: Sequence[tuple[Wall, str]], t: Texts) -> dict[str, Any]:
    """The central dates of the walls of one severity."""
    colour, symbol, state = _LOOKS[severity]
    return {
        "type": "scatter", "mode": "markers", "name": t(f"state.{state}"), "cliponaxis": False,
        "x": [str(wall.central) for wall, _ in marked], "y": [name for _, name in marked],
        "marker": {"symbol": symbol, "size": 11, "color": colour, "line": {"width": 2 if symbol.endswith("open") else 0}},
        "text": [t.day(wall.central) for wall, _ in marked], "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }  # fmt: skip


def _span(wall: Wall, name: str, last: dt.date, t: Texts) -> dict[str, Any]:
    first = wall.early or wall.central or last
    return {
        "type": "scatter", "mode": "lines", "name": t("trace.span"), "showlegend": False,
        "x": [str(first), str(wall.late or last)], "y": [name, name],
        "line": {"width": 4, "color": _LOOKS[wall.severity][0], "dash": "solid" if wall.late else "dot"},
        "hoverinfo": "skip",
    }  # fmt: skip


def _layout(names: Sequence[str], ends: tuple[dt.date, dt.date], today: dt.date, t: Texts) -> dict[str, Any]:
    height = 140 + 32 * len(names)
    made = timeline(
        today, t,
        # Of its own accord the axis would begin further left, so that nothing is drawn below a name.
        xaxis={"type": "date", "automargin": True, "showgrid": True, "nticks": 6, "range": _range(*ends, today)},
        yaxis={
            "type": "category", "categoryorder": "array", "categoryarray": list(reversed(names)),
            "showgrid": False, "tickmode": "linear", "dtick": 1,
            # Each name above its bar, within the plot: beside it, a telephone has no width left.
            "ticklabelposition": "inside top", "ticklen": 0, "ticklabelstandoff": 6, "ticklabelshift": -5,
        },
        height=height,
        margin={"l": 12, "r": 24, "t": 48, "b": 48},
        # Above the word of today, by pixels: the chart is as high as it has rows.
        legend={"orientation": "h", "x": 0, "y": 1 + 24 / height, "yanchor": "bottom"},
        hovermode="closest",
    )  # fmt: skip
    made["annotations"][0]["xanchor"] = "left"  # today is where the line begins
    return made


def _range(first: dt.date, last: dt.date, today: dt.date) -> list[str]:
    """From the first day to the last, today among them, with room for the half of a mark at the end."""
    first, last = min(first, today), max(last, today)
    room = max((last - first).days // 40, 1)
    # A wall may be as far away as the calendar goes.
    return [str(first), str(dt.date.fromordinal(min(last.toordinal() + room, dt.date.max.toordinal())))]
