"""Who did what, when, from where: the audit log, the newest first, and whether its chain holds."""

from __future__ import annotations

from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import Child, Column, View, address, empty, section, table
from dashboard.data import Data
from dashboard.sentences import recorded
from dashboard.texts import Texts, plain
from dashboard.words import WORDS
from inventory.state.audit import Entry

PATH: Final = "/administration"
_COLUMNS: Final = (
    Column("entry", True), Column("when"), Column("who"), Column("deed"), Column("detail"), Column("source"),
)  # fmt: skip


def layout(data: Data, view: View) -> list[Component]:
    """A page of the log, the way to the older ones, and the proof of the chain where it is asked for."""
    t = view.t
    asked = view.query.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 16 else None
    found = data.log(before)
    rows = [_cells(one, t) for one in found.entries]
    title = t("administration.log")
    ways: list[Child] = [_way(t("administration.verify"), "verify", verify="yes")]
    if before is not None:
        ways.append(_way(t("administration.newest"), "newest"))
    if found.older is not None:
        ways.append(_way(t("administration.older"), "older", before=str(found.older)))
    shown = table(_COLUMNS, rows, title, t) if rows else empty(t("administration.log.none"))
    proof = [_verified(data, t)] if view.query.get("verify") == "yes" else []
    return [*proof, section(title, html.Div(ways, className="choices"), shown)]


def _cells(one: Entry, t: Texts) -> tuple[object, ...]:
    return (
        t.number(one.id), html.Span(t.instant(one.at), className="when"), plain(recorded.who(one.who, t)), _deed(one.action, t),
        plain(recorded.detail(one.action, one.detail, t), 300),
        plain(recorded.who(one.source, t)),
    )  # fmt: skip


def _deed(action: str, t: Texts) -> str:
    key = f"deed.{action}"
    return t(key) if key in WORDS else plain(action)


def _way(text: str, name: str, **query: str) -> Component:
    return dcc.Link(
        text, href=address(PATH, part="log", **query), id={"link": f"log {name}"}, className="choice"
    )


def _verified(data: Data, t: Texts) -> Component:
    broken = data.broken()
    if broken is None:
        return html.P(t("administration.verified"), className="warning good-news", role="status")
    return html.P(
        t("administration.broken", n=t.number(broken.id), why=broken.reason),
        className="warning",
        role="alert",
    )
