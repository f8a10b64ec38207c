"""Every target: its state, the reason of each failure, its last answer; and one target, table by table."""

from __future__ import annotations

import functools
from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    coded,
    empty,
    happened,
    heading,
    lead,
    mark,
    section,
    silence,
    stack,
    store_link,
    table,
    target_link,
)
from dashboard.components.listing import listing
from dashboard.data import Data
from dashboard.sentences import stores as sentences
from dashboard.standing import Store, Watched
from dashboard.texts import Texts, plain
from exporters.status import TableStatus

NAME, PATH = "targets", "/targets"

_ALL: Final = (
    Column("state"), Column("target"), Column("family"), Column("last"), Column("why"),
    Column("next"),
)  # fmt: skip
_EVENTS: Final = 20
"""Events that the page of a target shows."""
_TABLES: Final = (
    Column("state"), Column("table"), Column("read"), Column("took", True), Column("rows", True), Column("why"),
    Column("next"),
)  # fmt: skip
_STORES: Final = (
    Column("store"),
    Column("used", True),
    Column("size", True),
    Column("ratio", True),
    Column("full"),
)


def layout(data: Data, view: View) -> Component:
    """The whole list, or the one target that the address names."""
    return _one(data, view) if "target" in view.query else _all(data, view)


def _all(data: Data, view: View) -> Component:
    t, found = view.t, data.targets()
    if not found:
        return stack(heading(t("targets.title")), empty(t("targets.none")))
    well = sum(one.state == "well" for one in found)
    return stack(
        heading(t("targets.title")),
        silence(data, t),
        lead(t("targets.lead", well=t.number(well), all=t.number(len(found)))),
        html.Div(
            listing(_ALL, found, functools.partial(_watched, t), t("targets.title"), PATH, view, ""),
            className="panel",
        ),
    )


def _watched(t: Texts, _: int, one: Watched) -> tuple[Any, ...]:
    return (
        mark(one.state, t),
        html.Div([target_link(one.name, "targets"), html.Div(plain(one.target.site), className="dim")]),
        plain(one.status.family if one.status else "") or t.unknown,
        _last(one, t),
        _why(one, t),
        coded(sentences.advice(one.reason, t)) if one.reason else "",
    )


def _last(one: Watched, t: Texts) -> str:
    at = one.status.last_success if one.status else None
    return t("never") if at is None else t.instant(at)


def _why(one: Watched, t: Texts) -> str:
    named = [
        f"{plain(table.name, 40)}{t('colon')}{sentences.reason(table.reason, t)}" for table in one.failures
    ]
    return ", ".join(named[:3]) + ("…" if len(named) > 3 else "")


def _one(data: Data, view: View) -> Component:
    t = view.t
    found = data.target(view.query["target"])
    back = dcc.Link(t("targets.back"), href=PATH, id={"link": "back"}, className="back")
    if found is None:
        return stack(back, heading(t("targets.title")), empty(t("targets.lost")))
    stores = [one for one in data.stores() if one.target == found.name]
    events = data.events(_EVENTS, found.name)
    return stack(
        back,
        heading(plain(found.name), mark(found.state, t)),
        silence(data, t),
        _facts(found, t),
        section(t("targets.tables"), *_tables(found, t)),
        *([section(t("targets.stores"), _stores(stores, t))] if stores else []),
        *([section(t("events.title"), happened(events, t, named=False))] if events else []),
    )


def _facts(found: Watched, t: Texts) -> Component:
    status = found.status
    pairs = (
        (t("targets.address"), plain(found.target.where)),
        (t("column.site"), plain(found.target.site)),
        (t("column.service"), plain(found.target.service)),
        (t("column.family"), plain(status.family if status else "")),
        (t("targets.product"), plain(status.product if status else "", 160)),
        (t("targets.version"), plain(status.version if status else "", 160)),
        (t("targets.every"), t.span(found.target.every)),
        (t("column.last"), _last(found, t)),
    )
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value or t.unknown)]) for name, value in pairs],
        className="facts panel",
    )


def _tables(found: Watched, t: Texts) -> list[Child]:
    hint = html.P(coded(t("targets.explain", name=found.name)), className="dim")
    if found.status is None or not found.status.tables:
        return [empty(t("targets.tables.none", every=t.span(found.target.every))), hint]
    ordered = sorted(found.status.tables, key=lambda table: (table.up, table.name))
    return [table(_TABLES, [_row(one, t) for one in ordered], t("targets.tables"), t), hint]


def _row(one: TableStatus, t: Texts) -> tuple[Child | list[Child], ...]:
    notes = [*([t.count("targets.withheld", one.withheld)] if one.withheld else []), *one.notes[:3]]
    said = " · ".join(plain(text, 200) for text in (one.detail, *notes) if text)
    return (
        mark("well" if one.up else "failed", t),
        plain(one.name),
        t.instant(one.at),
        t.brief(one.seconds),
        t.number(one.rows if one.up or one.rows else None),
        html.Div([sentences.reason(one.reason, t), html.Div(said, className="dim")]),
        coded(sentences.advice(one.reason, t)) if one.reason else "",
    )


def _stores(stores: list[Store], t: Texts) -> Component:
    rows = [
        (
            store_link(one.unique_id, one.name or t.unknown, "target"),
            t.size(one.used),
            t.size(one.size),
            t.ratio(one.ratio),
            sentences.full_word(one, t),
        )
        for one in stores
    ]
    return table(_STORES, rows, t("targets.stores"), t)
