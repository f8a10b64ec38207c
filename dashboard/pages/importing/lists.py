"""Lists of the processors that Windows 11 is made for, which makers publish: shown first, then kept, as inventories are."""

from __future__ import annotations

from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from flask import request

from dashboard import lists, taking
from dashboard.access import gate
from dashboard.components import Column, extra, lead, section, table
from dashboard.data import Data
from dashboard.lists import Listed
from dashboard.pages.importing.told import FAILURES, refused
from dashboard.texts import Texts, chipmaker, plain
from inventory import processors
from inventory.processors import Processors
from inventory.state import State as StateFile

_MAKERS: Final = (
    Column("maker"), Column("supported_by", True), Column("new", True), Column("gone", True), Column("unfit", True),
)  # fmt: skip
_LINES: Final = (Column("line", True), Column("text"))


def layout(data: Data, t: Texts) -> list[Component]:
    """Where to put a list, below the inventory."""
    return [
        section(
            t("lists.title"),
            lead(t("lists.lead", size=t.size(lists.LARGEST))),
            html.P(known(data.processors(), t), className="dim", id="list-last"),
            dcc.Upload(
                html.Button(t("lists.choose"), className="quiet", id="list-choose", type="button"),
                id="list-file", max_size=taking.LARGEST, multiple=False, className="upload",
            ),
            html.Div(id="list-shown", **extra(aria_live="polite")),
            html.Div(id="list-done", **extra(aria_live="polite")),
            dcc.Store(id="list-stamp"),
        )
    ]  # fmt: skip


def known(listed: Processors | None, t: Texts) -> str:
    """Which lists were imported."""
    if listed is None:
        return t("lists.none")
    said = ", ".join(
        t("fitness.list", maker=chipmaker(name), day=t.day(day)) for name, day in sorted(listed.days.items())
    )
    return t("fitness.lists", lists=said)


def connect(app: Dash, data: Data, state: StateFile, speak: Any) -> None:
    """Let a page show and keep a list that a browser sends."""

    @app.callback(
        Output("list-shown", "children"),
        Output("list-stamp", "data"),
        Output("list-done", "children", allow_duplicate=True),
        Input("list-file", "contents"),
        Input("list-file", "filename"),
        prevent_initial_call=True,
    )
    def show(contents: Any, name: Any) -> tuple[Any, Any, Any]:
        gate.require(taking.ROLE)
        if not isinstance(contents, str) or not isinstance(name, str):
            return no_update, no_update, no_update
        t: Texts = speak(data)
        try:
            found = lists.show(state, name, taking.decode(contents))
        except FAILURES as error:
            return refused(error, t), None, []
        return preview(found, t), found.stamp, []

    @app.callback(
        Output("list-done", "children"),
        Output("list-shown", "children", allow_duplicate=True),
        Output("list-file", "contents"),
        Output("list-last", "children"),
        Input("list-confirm", "n_clicks"),
        State("list-file", "contents"),
        State("list-file", "filename"),
        State("list-stamp", "data"),
        prevent_initial_call=True,
    )
    def keep(clicks: Any, contents: Any, name: Any, stamp: Any) -> tuple[Any, Any, Any, Any]:
        gate.require(taking.ROLE)
        if not clicks or not all(isinstance(one, str) for one in (contents, name, stamp)):
            return no_update, no_update, no_update, no_update
        t: Texts = speak(data)
        who, address = gate.current().name, request.remote_addr or ""
        try:
            found = lists.take(state, name, taking.decode(contents), data.today, stamp, who, address)
            now = known(processors.load(state), t)
        except FAILURES as error:
            return refused(error, t), [], None, no_update
        data.begin()
        many = t.number(sum(one.supported + one.unsupported for one in found.makers))
        said = html.P(t("lists.kept", n=many), className="warning good-news", role="status")
        return said, [], None, now


def preview(found: Listed, t: Texts) -> Component:
    """What a list would change, by maker, and its lines that name no processor."""
    rows = [
        (chipmaker(one.name), *map(t.number, (one.supported, one.new, one.gone, one.unsupported)))
        for one in found.makers
    ]
    lines = [(t.number(one.line), plain(one.text, 60)) for one in found.refused]
    more = t("workstations.more", n=t.number(len(lines)), all=t.number(found.wrong))
    wrong = [
        html.Details(
            [
                html.Summary(f"{t('lists.refused')} ({t.number(found.wrong)})"),
                *([html.P(more, className="dim")] if found.wrong > len(lines) else []),
                table(_LINES, lines, t("lists.refused"), t),
            ]
        )
    ]
    return html.Div(
        [
            lead(t("lists.shown", file=plain(found.file))),
            table(_MAKERS, rows, t("lists.title"), t),
            *(wrong if lines else []),
            html.Button(t("import.confirm"), id="list-confirm", className="quiet strong", n_clicks=0),
        ]
    )
