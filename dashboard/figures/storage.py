"""How a store fills: history, today, the outlook with its bands, what it can hold, and its jumps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from dashboard import theme
from dashboard.figures.marks import Kind, Mark, marks, timeline
from dashboard.texts import Texts, scale
from exporters.plan.outlooks import Event

Trace = dict[str, Any]


class Told(NamedTuple):
    """What happened to a store, and what is to come: jumps of its level, steps of its size, those that are ordered, and the days of
    what was decided, of other versions of its target and of what a scenario changes, each in the order of the list that numbers them."""

    jumps: Sequence[Event] = ()
    extended: Sequence[Event] = ()
    ordered: Sequence[Event] = ()
    decided: Sequence[dt.date] = ()
    versions: Sequence[dt.date] = ()
    changed: Sequence[dt.date] = ()


def growth(
    history: pd.DataFrame,
    path: pd.DataFrame,
    capacity: pd.DataFrame,
    ceiling: float,
    told: Told,
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
    traces += marks(_marks(history, capacity, path, told, unit, t), t)
    up = {"title": {"text": t("axis.used", unit=t.unit(power))}, "rangemode": "tozero", "automargin": True}
    return {"data": traces, "layout": timeline(today, t, yaxis=up)}


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
            # Its fill alone is too faint: the narrower band has edges.
            "line": {"width": 1 if share == "80" else 0, "color": theme.VERMILION, "dash": "dot"},
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


def _marks(
    history: pd.DataFrame, capacity: pd.DataFrame, path: pd.DataFrame, told: Told, unit: float, t: Texts
) -> list[Mark]:
    """Jumps stand on the level, steps on the size, versions, decisions and changes on the ground: those within the days that are drawn."""
    level, size = ({day.date(): float(value) for day, value in zip(frame["ds"], frame["y"], strict=True)} for frame in (history, capacity))  # fmt: skip
    first = min(level, default=dt.date.max)
    last = path["ds"].iloc[-1].date() if len(path) else max(level, default=dt.date.min)
    held = capacity["y"].iloc[-1] if len(capacity) else None

    def moved(event: Event) -> str:
        return ("+" if event.size > 0 else "−") + t.size(abs(event.size))

    found = [Mark("jump", one.day, round(level[one.day] / unit, 4), moved(one), one.size < 0) for one in told.jumps if one.day in level]  # fmt: skip
    found += [Mark("extended", one.day, round(size[one.day] / unit, 4), moved(one)) for one in told.extended if one.day in size]  # fmt: skip
    if held is not None:
        found += [Mark("ordered", one.day, round(float(held) / unit, 4), moved(one)) for one in told.ordered if one.day <= last]  # fmt: skip
    numbered: tuple[tuple[Kind, Sequence[dt.date]], ...] = (
        ("version", told.versions),
        ("decided", told.decided),
        ("changed", told.changed),
    )
    return found + [
        Mark(kind, day, 0.0, t.number(place))
        for kind, days in numbered
        for place, day in enumerate(days, 1)
        if first <= day <= last
    ]
