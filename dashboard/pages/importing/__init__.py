"""Importing an inventory: a file is sent, what it would change is shown, and somebody confirms it. And lists of processors."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from flask import request

from dashboard import taking
from dashboard.access import gate
from dashboard.components import View, empty, extra, heading, lead, section, stack
from dashboard.components.listing import around, pick
from dashboard.data import Data
from dashboard.pages.importing import lists, preview, question
from dashboard.pages.importing.told import FAILURES, refused
from dashboard.taking import Question
from dashboard.texts import Texts, plain
from exporters.commas import csv_text
from inventory.state import State as StateFile

NAME, PATH = "import", "/workstations/import"
IS_FILLED_IN: Final = True
"""Not drawn anew by itself: a file that was chosen would be lost."""


def layout(data: Data, view: View) -> Component:
    """What was imported last, and where to put a file, for those who may."""
    t = view.t
    top = [
        heading(t("import.title")),
        around(NAME, view),
        html.P(_last(data, t), className="lead", id="import-last"),
    ]
    if not gate.allows(taking.ROLE):
        return stack(*top, empty(t("import.readers")))
    modes = [("", t("import.whole")), ("part", t("import.part"))]
    return stack(
        *top,
        section(
            t("import.file"),
            lead(t("import.lead", size=t.size(taking.LARGEST))),
            pick(t("import.mode"), "mode", modes, PATH, view),
            dcc.Upload(
                html.Button(t("import.choose"), className="quiet", id="import-choose", type="button"),
                id="import-file", max_size=taking.LARGEST, multiple=False, className="upload",
            ),
        ),
        html.P(
            t("import.large", size=t.size(taking.LARGEST)), id="import-large", className="warning", hidden=True, role="alert",
            **extra(data_most=str(taking.LARGEST)),
        ),
        html.P(t("import.one"), id="import-one", className="warning", hidden=True, role="alert"),
        html.Div(id="import-shown", **extra(aria_live="polite")),
        html.Div(id="import-done", **extra(aria_live="polite")),
        dcc.Store(id="import-stamp"),
        dcc.Store(id="import-form"),
        dcc.Store(id="import-said"),
        dcc.Download(id="import-list"),
        *lists.layout(data, t),
    )  # fmt: skip


def _last(data: Data, t: Texts) -> str:
    last = data.workstations()
    if last is None:
        return t("import.first")
    return t("import.last", file=plain(last.file), at=t.instant(last.at), n=t.number(len(last.rows)))


def connect(app: Dash, data: Data, state: StateFile, speak: Any) -> None:
    """Let a page show and keep what a browser sends. The gate let it through: here only the role is asked for."""
    _connect_preview(app, data, state, speak)
    _connect_confirmation(app, data, state, speak)
    _connect_list(app, data, state, speak)
    lists.connect(app, data, state, speak)


def _connect_preview(app: Dash, data: Data, state: StateFile, speak: Any) -> None:
    """Show what a file would change, or ask what it is."""

    @app.callback(
        Output("import-shown", "children"),
        Output("import-stamp", "data"),
        Output("import-done", "children", allow_duplicate=True),
        Output("import-said", "data"),
        Input("import-file", "contents"),
        Input("import-file", "filename"),
        Input("import-form", "data"),
        State("import-said", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def show(contents: Any, name: Any, form: Any, before: Any, search: Any) -> tuple[Any, Any, Any, Any]:
        gate.require(taking.ROLE)
        if not isinstance(contents, str) or not isinstance(name, str):
            return no_update, no_update, no_update, no_update
        t: Texts = speak(data)
        # Of another file nothing was said yet.
        told = {**_fields(before), **_fields(form)} if ctx.triggered_id == "import-form" else {}
        try:
            found = taking.show(
                state, name, taking.decode(contents), data.today, _part(search), taking.said(told)
            )
        except FAILURES as error:
            return refused(error, t), None, [], told
        if isinstance(found, Question):
            return question.asked(found, t), None, [], told
        return preview.preview(found, t), found.stamp, [], told


def _connect_confirmation(app: Dash, data: Data, state: StateFile, speak: Any) -> None:
    """Keep what was shown, once somebody confirms it."""

    @app.callback(
        Output("import-done", "children"),
        Output("import-shown", "children", allow_duplicate=True),
        Output("import-file", "contents"),
        Output("import-last", "children"),
        Input("import-confirm", "n_clicks"),
        State("import-file", "contents"),
        State("import-file", "filename"),
        State("import-stamp", "data"),
        State("import-said", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def keep(
        clicks: Any, contents: Any, name: Any, stamp: Any, told: Any, search: Any
    ) -> tuple[Any, Any, Any, Any]:
        # Whatever comes of it, the preview has been used: the same file can be chosen again.
        gate.require(taking.ROLE)
        if not clicks or not all(isinstance(one, str) for one in (contents, name, stamp)):
            return no_update, no_update, no_update, no_update
        t: Texts = speak(data)
        who, address = gate.current().name, request.remote_addr or ""
        try:
            found = taking.take(
                state, name, taking.decode(contents), data.today, _part(search), stamp, who, address,
                taking.said(_fields(told)),
            )  # fmt: skip
        except FAILURES as error:
            return refused(error, t), [], None, _last(data, t)
        taking.let_go(state, data.estate.people, data.home)
        data.begin()
        return preview.kept(found, t), [], None, _last(data, t)


def _connect_list(app: Dash, data: Data, state: StateFile, speak: Any) -> None:
    """Let a browser take away all that is wrong with a file, row by row."""

    @app.callback(
        Output("import-list", "data"),
        Output("import-done", "children", allow_duplicate=True),
        Input("import-every", "n_clicks"),
        State("import-file", "contents"),
        State("import-file", "filename"),
        State("import-said", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def carry(clicks: Any, contents: Any, name: Any, told: Any, search: Any) -> tuple[Any, Any]:
        gate.require(taking.ROLE)
        if not clicks or not all(isinstance(one, str) for one in (contents, name)):
            return no_update, no_update
        t: Texts = speak(data)
        try:
            rows = taking.every(
                state, name, taking.decode(contents), data.today, _part(search), taking.said(_fields(told))
            )
        except FAILURES as error:
            return no_update, refused(error, t)
        text = csv_text(*preview.every(rows, t))
        return {"content": text, "filename": "jauge-import.csv", "type": "text/csv", "base64": False}, []


def _fields(form: Any) -> dict[str, Any]:
    """What a browser says of a form, which may be anything."""
    return form if isinstance(form, dict) else {}


def _part(search: Any) -> bool:
    """Whether the address says that a file completes what is known."""
    return dict(parse_qsl(str(search or "").lstrip("?")[:1000])).get("mode") == "part"
