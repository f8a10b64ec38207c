"""Machines that stand in no backup job."""

from __future__ import annotations

from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import Column, View, coded, empty, lead, mark, section, table, target_link
from dashboard.components.listing import again, listing
from dashboard.pages.backups import cells
from dashboard.restoring import PAGE
from dashboard.standing import Alone, Backups
from dashboard.texts import Texts, plain

_ALONE: Final = (Column("state"), Column("host"), Column("listed"), Column("next"))


def alone(known: Backups, view: View) -> Component:
    """The machines for certain in no job, or why nobody can tell."""
    t, title = view.t, view.t("backups.alone")
    if not known.sure:
        return section(title, empty(_untold(known, t)))

    def row(place: int, found: Alone) -> tuple[object, ...]:
        return (
            mark("alone", t), cells.named(plain(found.machine)), target_link(found.target, f"alone {place}"),
            html.Div(coded(t("backups.alone.do"))),
        )  # fmt: skip

    said = t("backups.alone.lead", alone=t.number(len(known.alone)), all=t.number(known.machines))
    asked = view.query.get("host")
    shown = [one for one in known.alone if one.machine == asked]
    if shown:
        back = dcc.Link(
            t("backups.alone.every"), href=again(PAGE, view, host=""), id={"link": "every machine"}
        )
        made = [row(place, one) for place, one in enumerate(shown)]
        return section(title, table(_ALONE, made, title, t), html.P(back, className="dim"))
    rows = listing(_ALONE, known.alone, row, title, PAGE, view, t("backups.alone.none"), "alone")
    return section(title, *([lead(said)] if known.alone else []), *rows)


def _untold(known: Backups, t: Texts) -> str:
    if not known.makers:
        return t("backups.alone.unlisted")
    if known.unheard:
        return t("backups.alone.unheard", names=cells.some(known.unheard))
    return t("backups.alone.nameless")
