"""The renewal plan drawn: money against its bounds, machines to come, failures with their band, the worth of money; roll-outs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import theme
from dashboard.figures.marks import timeline
from dashboard.texts import Texts


def money(years: Sequence[Mapping[str, Any]], currency: str, t: Texts) -> dict[str, Any]:
    """Bars of what each year's orders cost, and the bound of each as a mark across it. `years` have `year, spent, budget`."""
    names = [str(one["year"]) for one in years]
    bars = {
        "type": "bar", "x": names, "y": [one["spent"] for one in years], "name": t("column.spent"),
        "marker": {"color": theme.BLUE}, "hovertemplate": "%{y:,.0f}",
    }  # fmt: skip
    bound = {
        "type": "scatter", "mode": "markers", "x": names, "y": [one["budget"] for one in years], "name": t("column.budget"),
        "line": {"color": theme.VERMILION, "dash": "dash", "width": 2}, "marker": {"symbol": "line-ew-open", "size": 14, "line": {"width": 3}},
        "hovertemplate": "%{y:,.0f}",
    }  # fmt: skip
    return {"data": [bars, bound], "layout": _layout(t("axis.year"), t("axis.money", currency=currency), t)}


def beside(found: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    """Money by year without a scenario and with it, side by side."""
    bars = [
        {
            "type": "bar", "x": [str(one["year"]) for one in found[key]["years"]], "y": [one["spent"] for one in found[key]["years"]],
            "name": t(f"scenarios.{key}"), "marker": {"color": colour, "pattern": {"shape": shape}}, "hovertemplate": "%{y:,.0f}",
        }
        for key, colour, shape in (("without", theme.GREY, ""), ("with", theme.BLUE, "/"))
    ]  # fmt: skip
    layout = _layout(t("axis.year"), t("axis.money", currency=found["without"]["currency"]), t)
    return {"data": bars, "layout": {**layout, "barmode": "group"}}


def failures(rows: Sequence[Mapping[str, Any]], t: Texts) -> dict[str, Any]:
    """Failures to expect by year, with the 80 % band."""
    names = [str(one["year"]) for one in rows]
    line = {
        "type": "scatter", "mode": "lines+markers", "x": names, "y": [one["expected"] for one in rows], "name": t("column.failures"),
        "line": {"color": theme.BLUE, "width": 2}, "hovertemplate": "%{y:,.0f}",
        "error_y": {
            "type": "data", "symmetric": False, "array": [one["high"] - one["expected"] for one in rows],
            "arrayminus": [one["expected"] - one["low"] for one in rows], "color": theme.GREY,
        },
    }  # fmt: skip
    return {"data": [line], "layout": _layout(t("axis.year"), t("axis.failures"), t)}


def curve(points: Sequence[Mapping[str, Any]], currency: str, t: Texts) -> dict[str, Any]:
    """Machines past a deadline by the money of all years."""
    line = {
        "type": "scatter", "mode": "lines+markers", "x": [one["budget"] for one in points], "y": [one["late"] for one in points],
        "name": t("column.late"), "line": {"color": theme.BLUE, "width": 2},
        "marker": {"size": [13 if abs(one["share"]) < 1e-6 else 7 for one in points], "color": theme.BLUE},
        "hovertemplate": "%{y:,.0f}",
    }  # fmt: skip
    return {
        "data": [line],
        "layout": _layout(t("axis.money", currency=currency), t("axis.late"), t, "linear"),
    }


def rollout(weeks: pd.DataFrame, today: dt.date, t: Texts) -> dict[str, Any]:
    """Planned and deployed by week; weeks that nobody counted leave a gap."""
    days = [str(day.date()) for day in weeks["week"]]

    def line(name: str, colour: str, dash: str, mode: str) -> dict[str, Any]:
        values = [None if pd.isna(value) else float(value) for value in weeks[name]]
        return {
            "type": "scatter", "mode": mode, "x": days, "y": values, "name": t(f"column.{name}"), "connectgaps": False,
            "line": {"color": colour, "dash": dash, "width": 2}, "hovertemplate": "%{y:,.0f}",
        }  # fmt: skip

    across = {"type": "date", "automargin": True, "tickformat": "%-d %b\n%Y", "nticks": 6}
    up = {
        "title": {"text": t("axis.machines")},
        "rangemode": "tozero",
        "automargin": True,
        "tickformat": ",.0f",
    }
    return {
        "data": [
            line("planned", theme.GREY, "dash", "lines"),
            line("deployed", theme.BLUE, "solid", "lines+markers"),
        ],
        "layout": timeline(today, t, xaxis=across, yaxis=up),
    }


def _layout(across: str, up: str, t: Texts, kind: str = "category") -> dict[str, Any]:
    whole = {"tickformat": ",.0f", "nticks": 6} if kind == "linear" else {}
    return theme.layout(
        xaxis={
            "type": kind,
            "title": {"text": across},
            "automargin": True,
            "showgrid": False,
            **whole,
        },
        yaxis={"title": {"text": up}, "rangemode": "tozero", "automargin": True, "tickformat": ",.0f"},
        **_written(t),
        bargap=0.35,
        hovermode="x unified" if kind == "category" else "closest",
    )


def _written(t: Texts) -> dict[str, Any]:
    """Numbers as the reader writes them, and the legend above, where no title of an axis runs into it on a narrow screen."""
    return {
        "separators": ",\u202f" if t.language == "fr" else ".,",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "margin": {"l": 64, "r": 24, "t": 40, "b": 48},
    }
