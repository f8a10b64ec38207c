"""How long a model lasts: the share that was seen to live, by steps, and the curve that plans count with, with its band."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard import theme
from dashboard.texts import Texts

Trace = dict[str, Any]


def curve(one: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    """A figure of a model (see `forecasting.survival.document`): shares in percent over the age in years."""
    fitted = one["fitted"]
    traces = [*_band(fitted, t), _fitted(fitted, one["rests_on"], t)]
    until = one["watched_until_age"]
    if until is not None:
        traces.append(_seen(one, t))
    lowest = min(value for trace in traces for value in trace["y"] if value is not None)
    return {"data": traces, "layout": _layout(fitted, 10 * math.floor(lowest / 10), until, t)}


def _band(fitted: Sequence[Mapping[str, float]], t: Texts) -> list[Trace]:
    """The 80 % band, filled between its two edges."""
    edge = {
        "type": "scatter", "mode": "lines", "x": _ages(fitted), "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip
    fill = {"fill": "tonexty", "fillcolor": theme.tint(theme.VERMILION, 0.22), "name": t("trace.80")}
    return [
        {**edge, "y": [_percent(row["low"]) for row in fitted], "showlegend": False, "name": "low"},
        {**edge, "y": [_percent(row["high"]) for row in fitted], **fill},
    ]


def _fitted(fitted: Sequence[Mapping[str, float]], rests: str, t: Texts) -> Trace:
    """Dashed where it is the model's own, dotted where it is mostly that of others."""
    return {
        "type": "scatter", "mode": "lines", "name": t(f"trace.curve.{rests}"), "x": _ages(fitted),
        "y": [_percent(row["share"]) for row in fitted], "hovertemplate": "%{y:.1f}",
        "line": {"color": theme.VERMILION, "width": 2, "dash": "dash" if rests == "own" else "dot"},
    }  # fmt: skip


def _seen(one: Mapping[str, Any], t: Texts) -> Trace:
    """Steps from all that lived at first to the last age of which they tell."""
    told = [step for step in one["curve"] if step["share"] is not None]
    ages = [one["watched_from_age"], *(step["age"] for step in told)]
    shares = [100.0, *(_percent(step["share"]) for step in told)]
    if len(told) == len(one["curve"]):  # it goes on as it was until nobody is watched any more
        ages.append(max(one["watched_until_age"], ages[-1]))
        shares.append(shares[-1])
    return {
        "type": "scatter", "mode": "lines", "name": t("trace.seen"), "x": [round(age, 3) for age in ages], "y": shares,
        "line": {"color": theme.BLUE, "width": 2, "shape": "hv"}, "hovertemplate": "%{y:.1f}",
    }  # fmt: skip


def _ages(fitted: Sequence[Mapping[str, float]]) -> list[float]:
    return [round(row["age"], 3) for row in fitted]


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _layout(
    fitted: Sequence[Mapping[str, float]], lowest: float, until: float | None, t: Texts
) -> dict[str, Any]:
    first, last = math.floor(fitted[0]["age"]), fitted[-1]["age"]
    marks: dict[str, Any] = {}
    if until is not None and until < last:
        left = until < (first + last) / 2
        line = {"color": theme.GREY, "width": 1, "dash": "dot"}
        marks["shapes"] = [
            {"type": "line", "x0": until, "x1": until, "y0": 0, "y1": 1, "yref": "paper", "line": line}
        ]
        marks["annotations"] = [{
            "x": until, "y": 0, "yref": "paper", "text": t("trace.watched"), "showarrow": False, "yanchor": "bottom",
            "xanchor": "left" if left else "right", "xshift": 4 if left else -4,
        }]  # fmt: skip
    return theme.layout(
        xaxis={
            "title": {"text": t("axis.years")},
            "range": [first, last],
            "showgrid": False,
            "automargin": True,
        },
        yaxis={"title": {"text": t("axis.alive")}, "range": [lowest, 101], "automargin": True},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        margin={"l": 64, "r": 24, "t": 40, "b": 48},
        separators=",\u202f" if t.language == "fr" else ".,",
        **marks,
    )
