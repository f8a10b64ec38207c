"""What was decided of a scenario, the form to decide, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import deciding
from dashboard.access import gate
from dashboard.components import Column, address, extra, section, table
from dashboard.data import Data
from dashboard.sentences import scenarios as sentences
from dashboard.texts import Texts, plain
from inventory.state.scenarios import Decision, Saved

_EFFECT: Final = (
    Column("store"), Column("since", True), Column("expected", True), Column("measured", True), Column("answer"),
)  # fmt: skip


def standing(standing: str, t: Texts) -> str:
    return t(f"scenarios.standing.{standing}")


def history(decisions: Sequence[Decision], t: Texts) -> Component:
    lines = [
        t(
            "scenarios.decided.why" if one.why else "scenarios.decided",
            day=t.instant(one.at),
            action=standing(one.action, t),
            who=plain(one.who),
            why=plain(one.why, 400),
        )
        for one in decisions
    ]
    return html.Ul([html.Li(line) for line in lines])


def form(saved: Saved, t: Texts) -> Component:
    """The way to decide, for those who may."""
    if not gate.allows(deciding.ROLE):
        return html.P(t("scenarios.readers"), className="dim")
    action = "withdraw" if saved.standing == "committed" else "commit"
    reason = html.Textarea(name="why", required=True, maxLength=400, rows=2, id="why", className="reason")
    button = html.Button(t(f"scenarios.{action}"), name="action", value=action, className="quiet")
    return html.Form(
        [
            html.Label(t("scenarios.reason"), htmlFor="why", className="dim"),
            reason,
            dcc.Input(type="hidden", name=deciding.VERSION, value=str(saved.id)),
            button,
        ],
        action=address(deciding.PATH, name=saved.name),
        method="POST",
        className="decide",
        **extra(aria_label=t(f"scenarios.{action}")),
    )


def effects(data: Data, saved: Saved, t: Texts) -> list[Component]:
    found = data.effects(saved.name)
    if not found:
        return []
    rows = []
    for one in found:
        made = t.size if one.unique_id.partition("{")[0].endswith("_bytes") else _plainly(t)
        measured = (
            "" if one.measured is None or np.isnan(one.measured[1]) else sentences.between(one.measured, made)
        )
        answer = t(f"scenarios.answer.{one.answer}")
        rows.append(
            (plain(one.place, 160), t.day(one.start), sentences.between(one.expected, made), measured, answer)
        )
    return [section(t("scenarios.effect"), table(_EFFECT, rows, t("scenarios.effect"), t))]


def _plainly(t: Texts) -> Any:
    return lambda value: t.number(value, 2)
