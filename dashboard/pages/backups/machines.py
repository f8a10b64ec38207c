"""Machines that stand in no backup job."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import Column, View, coded, empty, lead, mark, section, target_link
from dashboard.components.listing import listing
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
    rows = listing(_ALONE, known.alone, row, title, PAGE, view, t("backups.alone.none"), "alone")
    return section(title, *([lead(said)] if known.alone else []), *rows)


def _untold(known: Backups, t: Texts) -> str:
    if not known.makers:
        return t("backups.alone.unlisted")
    if known.unheard:
        return t("backups.alone.unheard", names=cells.some(known.unheard))
    return t("backups.alone.nameless")
