"""PACS archives on one plain page, worst first."""

from __future__ import annotations

from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Column,
    View,
    empty,
    heading,
    lead,
    mark,
    section,
    silence,
    stack,
    table,
    target_link,
)
from dashboard.data import Data
from dashboard.sentences import stores as sentences
from dashboard.standing import Pacs
from dashboard.texts import Texts, plain

NAME, PATH = "pacs", "/pacs"

_PACS: Final = (
    Column("echo"), Column("target"), Column("took", True), Column("rejections"), Column("studies", True),
    Column("stored", True),
)  # fmt: skip


def layout(data: Data, view: View) -> Component:
    """A table and its sentence; or the one archive that the address names."""
    t, asked, found = view.t, view.query.get("archive"), data.pacs()
    if asked is None:
        shown = section(t("pacs.archives"), *_archives(found, t))
        return stack(heading(t("pacs.title")), silence(data, t), shown)
    back = dcc.Link(t("pacs.back"), href=PATH, id={"link": "back"}, className="back")
    one = next((each for each in found if each.name == asked), None)
    if one is None:
        return stack(back, heading(t("pacs.title")), empty(t("pacs.lost")))
    return stack(
        back, heading(plain(one.name)), silence(data, t), section(t("pacs.archive"), _table([one], t))
    )


def _archives(found: list[Pacs], t: Texts) -> list[Component]:
    if not found:
        return [empty(t("pacs.none"))]
    answering = sum(one.echo is True for one in found)
    sentence = t("pacs.lead", answering=t.number(answering), all=t.number(len(found)))
    return [lead(sentence), _table(found, t)]


def _table(found: list[Pacs], t: Texts) -> Component:
    rows = [
        (
            mark({True: "answers", False: "silent", None: "unknown"}[one.echo], t),
            target_link(one.name, "pacs"),
            t.brief(one.seconds),
            _rejection(one, t),
            t.number(one.values.get("jauge_pacs_studies")),
            t.size(one.values.get("jauge_pacs_stored_bytes")),
        )
        for one in found
    ]
    return table(_PACS, rows, t("pacs.archives"), t)


def _rejection(pacs: Pacs, t: Texts) -> Component | str:
    """What the peer said when it would not talk; the last poll knows no more than that."""
    if pacs.table is None:
        return t.unknown
    if pacs.table.up:
        return t("pacs.rejected.none")
    detail = html.Div(plain(pacs.table.detail, 200), className="dim")
    return html.Div([sentences.reason(pacs.table.reason, t), detail])
