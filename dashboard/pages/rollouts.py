"""Roll-outs: deployed against planned by week, and when all will be."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from dash.development.base_component import Component

from dashboard.components import Column, View, chart, empty, heading, lead, section, stack, table
from dashboard.components.listing import around, nothing
from dashboard.data import Data
from dashboard.figures import renewal as figures
from dashboard.sentences.renewal import rollout
from dashboard.texts import Texts, plain
from forecasting.deploying import Followed

NAME, PATH = "rollouts", "/workstations/rollouts"

_WEEKS: Final = (
    Column("week"),
    Column("planned", True),
    Column("deployed", True),
    Column("behind", True),
)
_SHOWN: Final = 12
"""Weeks of the table: the last ones that were counted, else that were planned."""


def layout(data: Data, view: View) -> Component:
    """A section for each roll-out."""
    t, fleet = view.t, data.fleet()
    top = [heading(t("rollouts.title")), around(NAME, view)]
    if fleet is None:
        return stack(*top, *nothing(t))
    if not fleet.rollouts:
        return stack(*top, empty(t("rollouts.none")))
    return stack(*top, *(_one(one, data, t) for one in fleet.rollouts))


def _one(one: Followed, data: Data, t: Texts) -> Component:
    title = plain(one.title)
    if one.progress is None:
        why = t(f"rollouts.why.{one.why}") if one.why else plain(one.problem, 300)
        return section(title, empty(t("rollouts.problem", why=why)))
    weeks = one.progress.weeks
    past = weeks[weeks["week"] <= pd.Timestamp(data.today)]
    counted = past[past["deployed"].notna()]
    shown = (counted if len(counted) else past).tail(_SHOWN)
    rows = [_week(row, t) for row in shown.to_dict("records")]
    drawn = (
        [chart(figures.rollout(weeks, data.today, t), t("rollouts.chart.label"), t)] if len(weeks) > 1 else []
    )
    return section(
        title,
        lead(*rollout(one, data.today, t)),
        *drawn,
        table(_WEEKS, rows, title, t) if rows else empty(t("rollouts.none.weeks")),
    )


def _week(row: Any, t: Texts) -> tuple[str, ...]:
    return (
        t.day(row["week"].date()),
        *("" if pd.isna(row[name]) else t.number(row[name]) for name in ("planned", "deployed", "behind")),
    )
