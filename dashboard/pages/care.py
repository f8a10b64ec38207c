"""Unsupported but in care: workstations that patients are cared for with and nobody mends, those without a measure first."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import Column, View, empty, heading, lead, section, stack
from dashboard.components.listing import around, downloads, listing, nothing, pick
from dashboard.data import Data
from dashboard.sheets import care_why, measured
from dashboard.texts import plain
from inventory.fleet.care import Exposed

NAME, PATH = "care", "/workstations/care"

_LIST: Final = (
    Column("machine"), Column("use"), Column("place"), Column("os"), Column("without", True), Column("why"), Column("measures"),
)  # fmt: skip


def layout(data: Data, view: View) -> Component:
    """How many there are and how many of them without a measure, and the list."""
    t, fleet = view.t, data.fleet()
    top = [heading(t("care.title")), around(NAME, view)]
    if fleet is None:
        return stack(*top, *nothing(t))
    care = fleet.care
    if not care.declared:
        return stack(*top, empty(t("care.undeclared")))
    bare = view.query.get("measures") == "none"
    shown = care.uncovered if bare else care.exposed

    def cells(_place: int, one: Exposed) -> tuple[object, ...]:
        judged = one.machine
        machine = judged.workstation
        place = " · ".join(plain(part) for part in (machine.site, machine.service, machine.place) if part)
        use = html.Div(
            [
                plain(judged.use.title or judged.use.name, 60),
                html.Div(t(f"cell.{judged.use.criticality}"), className="dim"),
            ]
        )
        since = t.day(one.since) if one.since else t.unknown
        return (
            plain(machine.name),
            use,
            place or t.unknown,
            plain(judged.system) or t.unknown,
            since,
            plain(care_why(judged, t), 300),
            plain(measured(one, t), 600),
        )

    said = t(
        "care.lead", exposed=t.number(len(care.exposed)), machines=t.number(care.machines),
        uncovered=t.number(len(care.uncovered)), day=t.day(care.day),
    )  # fmt: skip
    options = [("", t("list.every")), ("none", t("care.bare"))]
    return stack(
        *top,
        lead(said),
        section(
            t("care.list"),
            html.Div(
                [
                    pick(t("column.measures"), "measures", options, PATH, view),
                    downloads(t("export"), "/workstations/export", ("xlsx", "json")),
                ],
                className="filters",
            ),
            *listing(_LIST, shown, cells, t("care.list"), PATH, view, t("care.none")),
        ),
    )
