"""Workstations: how old they are, the oldest first, and those of which nobody knows."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import Column, View, chart, empty, heading, lead, section, stack, table
from dashboard.data import Data
from dashboard.figures import ages
from dashboard.standing import Machines
from dashboard.texts import Texts, plain

NAME, PATH = "workstations", "/workstations"

_SHOWN: Final = 40
_OLDEST: Final = (
    Column("machine"), Column("age", True), Column("purchased", True), Column("model"), Column("os"),
    Column("site"), Column("service"),
)  # fmt: skip
_UNKNOWN: Final = (Column("machine"), Column("model"), Column("os"), Column("site"), Column("service"))


def layout(data: Data, view: View) -> Component:
    """The pyramid with its table, then the oldest, then those of unknown age."""
    t = view.t
    machines = data.workstations()
    if machines is None:
        return stack(heading(t("workstations.title")), empty(t("workstations.empty")))
    return stack(
        heading(t("workstations.title")),
        lead(_sentence(machines, t)),
        section(t("workstations.chart"), _pyramid(machines, t)),
        section(t("workstations.oldest"), *_oldest(machines, t)),
        section(t("workstations.unknown"), *_unknown(machines, t)),
    )


def _sentence(machines: Machines, t: Texts) -> str:
    total, old = len(machines.rows), machines.older_than(ages.OLD)
    return t(
        "workstations.lead",
        all=t.number(total),
        at=t.instant(machines.at),
        old=t.number(old),
        years=ages.OLD,
        ratio=t.ratio(old / total if total else None),
        unknown=t.number(len(machines.unknown())),
    )


def _pyramid(machines: Machines, t: Texts) -> Component:
    frame = machines.pyramid()
    if not len(frame):
        return empty(t("workstations.undated.none"))
    ordered = frame.sort_values("age", ascending=False).to_dict("records")
    rows = [(t.count("years", int(row["age"])), t.number(int(row["count"]))) for row in ordered]
    rows.append((t.unknown, t.number(len(machines.unknown()))))
    columns = (Column("age", True), Column("count", True))
    return html.Div(
        [
            chart(ages.pyramid(frame, t), t("workstations.chart.label"), t),
            table(columns, rows, t("workstations.chart"), t),
        ],
        className="beside",
    )


def _oldest(machines: Machines, t: Texts) -> list[Component]:
    frame = machines.oldest(_SHOWN)
    total = len(machines.rows) - len(machines.unknown())
    rows = [
        (
            _text(row["name"], t),
            t.count("years", int(row["age"])),
            t.day(row["purchased"].date()),
            _model(row["maker"], row["model"], t),
            _text(row["os"], t),
            _text(row["site"], t),
            _text(row["service"], t),
        )
        for row in frame.to_dict("records")
    ]
    more = [lead(t("workstations.more", n=t.number(_SHOWN), all=t.number(total)))] if total > _SHOWN else []
    return [*more, table(_OLDEST, rows, t("workstations.oldest"), t)] if rows else [empty(t("none"))]


def _unknown(machines: Machines, t: Texts) -> list[Component]:
    found = machines.unknown()
    rows = [
        (_text(m.name, t), _model(m.maker, m.model, t), _text(m.os, t), _text(m.site, t), _text(m.service, t))
        for m in found[:_SHOWN]
    ]
    shown, total = t.number(_SHOWN), t.number(len(found))
    more = [lead(t("workstations.more", n=shown, all=total))] if len(found) > _SHOWN else []
    return [*more, table(_UNKNOWN, rows, t("workstations.unknown"), t)] if rows else [empty(t("none"))]


def _text(value: str | None, t: Texts) -> str:
    return plain(value) if value else t.unknown


def _model(maker: str | None, model: str | None, t: Texts) -> str:
    return plain(" ".join(part for part in (maker, model) if part)) or t.unknown
