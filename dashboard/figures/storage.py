"""How a store fills: history, today, the outlook with its bands, what it can hold, and its jumps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd

from dashboard import theme
from dashboard.texts import Texts, scale
from exporters.plan.outlooks import Event

Trace = dict[str, Any]


def growth(
    history: pd.DataFrame,
    path: pd.DataFrame,
    capacity: pd.DataFrame,
    ceiling: float,
    events: Sequence[Event],
    today: dt.date,
    t: Texts,
) -> dict[str, Any]:
    """A figure of `history` and `capacity` (`ds, y` in bytes) and `path` (`ds, mean, lo80, hi80, lo95, hi95`).

    `ceiling` is the share of the capacity that may be filled; its line is drawn where it is below 1.
    """
    highest = max(float(frame[column].max()) for frame, column in _columns(history, path, capacity))
    _, power = scale(highest)
    unit = 1000.0**power
    traces = [*_bands(path, unit, t), *_limits(capacity, ceiling, path, unit, t)]
    traces.append(_line(history, "y", unit, t("trace.used"), theme.BLUE))
    if len(path):
        traces.append(_line(path, "mean", unit, t("trace.forecast"), theme.VERMILION, "dash"))
    traces += _jumps(history, events, unit, t)
    return {"data": traces, "layout": _layout(today, t.unit(power), t)}


def _columns(
    history: pd.DataFrame, path: pd.DataFrame, capacity: pd.DataFrame
) -> list[tuple[pd.DataFrame, str]]:
    pairs = [(history, "y"), (path, "mean"), (capacity, "y")]
    return [(frame, column) for frame, column in pairs if len(frame)]


def _days(frame: pd.DataFrame) -> list[str]:
    return [day.date().isoformat() for day in frame["ds"]]


def _values(frame: pd.DataFrame, column: str, unit: float) -> list[float | None]:
    return [None if pd.isna(value) else round(float(value) / unit, 4) for value in frame[column]]


def _line(
    frame: pd.DataFrame, column: str, unit: float, name: str, colour: str, dash: str = "solid"
) -> Trace:
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": _days(frame), "y": _values(frame, column, unit),
        "line": {"color": colour, "width": 2, "dash": dash}, "connectgaps": False, "hovertemplate": "%{y:.3~f}",
    }  # fmt: skip


def _bands(path: pd.DataFrame, unit: float, t: Texts) -> list[Trace]:
    """The 95 % band below the 80 % one, each filled between its two edges."""
    traces: list[Trace] = []
    for share, opacity in (("95", 0.14), ("80", 0.22)) if len(path) else ():
        edge = {
            "type": "scatter",
            "mode": "lines",
            "x": _days(path),
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
        fill = {
            "fill": "tonexty",
            "fillcolor": theme.tint(theme.VERMILION, opacity),
            "name": t(f"trace.{share}"),
        }
        traces.append(
            {**edge, "y": _values(path, f"lo{share}", unit), "showlegend": False, "name": f"lo{share}"}
        )
        traces.append({**edge, "y": _values(path, f"hi{share}", unit), **fill})
    return traces


def _limits(capacity: pd.DataFrame, ceiling: float, path: pd.DataFrame, unit: float, t: Texts) -> list[Trace]:
    """The usable size as it was, carried to the end of the outlook; below it the ceiling, where there is one."""
    if not len(capacity):
        return []
    last = capacity.iloc[[-1]].assign(ds=path["ds"].iloc[-1]) if len(path) else capacity.iloc[:0]
    frame = pd.concat([capacity, last], ignore_index=True)
    size = _line(frame, "y", unit, t("trace.size"), theme.GREY)
    size["line"]["shape"] = "hv"
    if ceiling >= 1:
        return [size]
    below = _line(frame.assign(y=frame["y"] * ceiling), "y", unit, t("trace.ceiling"), theme.PURPLE, "dot")
    below["line"]["shape"] = "hv"
    return [size, below]


def _jumps(history: pd.DataFrame, events: Sequence[Event], unit: float, t: Texts) -> list[Trace]:
    level = {day.date(): float(value) for day, value in zip(history["ds"], history["y"], strict=True)}
    shown = [event for event in events if event.day in level]
    if not shown:
        return []
    return [{
        "type": "scatter", "mode": "markers", "name": t("trace.events"),
        "x": [event.day.isoformat() for event in shown],
        "y": [round(level[event.day] / unit, 4) for event in shown],
        "marker": {
            "color": theme.ORANGE, "size": 11, "line": {"width": 1, "color": "#5c3d00"},
            "symbol": ["triangle-up" if event.size > 0 else "triangle-down" for event in shown],
        },
        "text": [("+" if event.size > 0 else "−") + t.size(abs(event.size)) for event in shown],
        "hovertemplate": "%{text}",
    }]  # fmt: skip


def _layout(today: dt.date, unit: str, t: Texts) -> dict[str, Any]:
    line = {"type": "line", "x0": today.isoformat(), "x1": today.isoformat(), "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": theme.GREY, "width": 1, "dash": "dot"}}  # fmt: skip
    label = {"x": today.isoformat(), "y": 1, "yref": "paper", "text": t("trace.now"), "showarrow": False,
             "xanchor": "left", "yanchor": "top", "xshift": 4}  # fmt: skip
    return theme.layout(
        xaxis={"type": "date", "showgrid": False, "automargin": True},
        yaxis={"title": {"text": t("axis.used", unit=unit)}, "rangemode": "tozero", "automargin": True},
        shapes=[line],
        annotations=[label],
        separators=", " if t.language == "fr" else ".,",
    )
