"""The age pyramid of the workstations."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard import theme
from dashboard.texts import Texts

OLD = 5
"""Years from which a workstation is drawn as old: the usual length of a guarantee and of a write-off."""


def pyramid(frame: pd.DataFrame, t: Texts) -> dict[str, Any]:
    """A figure of `age, count` (completed years, machines): one bar a year, the oldest on top."""
    ages = [int(age) for age in frame["age"]]
    counts = [int(count) for count in frame["count"]]
    bars = {
        "type": "bar", "orientation": "h", "x": counts, "y": ages, "name": t("axis.machines"),
        "text": [t.number(count) for count in counts], "textposition": "outside", "cliponaxis": False,
        "marker": {
            "color": [theme.VERMILION if age >= OLD else theme.BLUE for age in ages],
            # A pattern beside the colour: old bars are told apart without seeing it.
            "pattern": {"shape": ["/" if age >= OLD else "" for age in ages]},
        },
        "hovertemplate": "%{y}: %{x}<extra></extra>",
    }  # fmt: skip
    layout = theme.layout(
        xaxis={"title": {"text": t("axis.machines")}, "rangemode": "tozero", "automargin": True},
        yaxis={"title": {"text": t("axis.age")}, "dtick": 1, "showgrid": False, "automargin": True},
        hovermode="closest",
        bargap=0.25,
    )
    return {"data": [bars], "layout": layout}
