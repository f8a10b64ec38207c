"""Importing an inventory: a file is sent, what it would change is shown, and somebody confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from flask import request

from dashboard import taking
from dashboard.access import gate
from dashboard.components import Column, View, empty, extra, heading, lead, link, section, stack, table
from dashboard.components.listing import around, pick
from dashboard.data import Data
from dashboard.taking import Machine, Shown
from dashboard.texts import Texts, plain
from inventory.imports import ImportFailedError
from inventory.imports.reasons import Reason
from inventory.imports.rows import Refusal
from inventory.state import State as StateFile
from inventory.state import StateError

log = structlog.get_logger(__name__)

NAME, PATH = "import", "/workstations/import"

_ROWS: Final = (Column("line", True), Column("field"), Column("why"))
_MACHINES: Final = (Column("machine"), Column("serial"), Column("fields"))
_NAMED: Final = (Column("machine"), Column("serial"))
_KINDS: Final = ("new", "changed", "vanished", "unchanged", "refused", "doubtful", "left_unknown")


def layout(data: Data, view: View) -> Component:
    """What was imported last, and where to put a file, for those who may."""
    t, last = view.t, data.workstations()
    known = (
        t("import.last", file=plain(last.file), at=t.instant(last.at), n=t.number(len(last.rows)))
        if last
        else t("import.first")
    )
    top = [heading(t("import.title")), around(NAME, view), lead(known)]
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
        html.Div(id="import-shown", **extra(aria_live="polite")),
        html.Div(id="import-done", **extra(aria_live="polite")),
        dcc.Store(id="import-stamp"),
    )  # fmt: skip


def connect(app: Dash, data: Data, state: StateFile, speak: Any) -> None:
    """Let a page show and keep what a browser sends. The gate let it through: here only the role is asked for."""

    @app.callback(
        Output("import-shown", "children"),
        Output("import-stamp", "data"),
        Output("import-done", "children", allow_duplicate=True),
        Input("import-file", "contents"),
        Input("import-file", "filename"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def show(contents: Any, name: Any, search: Any) -> tuple[Any, Any, Any]:
        gate.require(taking.ROLE)
        if not isinstance(contents, str) or not isinstance(name, str):
            return no_update, no_update, no_update
        t: Texts = speak(data)
        try:
            found = taking.show(state, name, taking.decode(contents), data.today, _part(search))
        except (ImportFailedError, StateError, taking.TooLargeError) as error:
            return _refused(error, t), None, []
        return _preview(found, t), found.stamp, []

    @app.callback(
        Output("import-done", "children"),
        Output("import-shown", "children", allow_duplicate=True),
        Output("import-file", "contents"),
        Input("import-confirm", "n_clicks"),
        State("import-file", "contents"),
        State("import-file", "filename"),
        State("import-stamp", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def keep(clicks: Any, contents: Any, name: Any, stamp: Any, search: Any) -> tuple[Any, Any, Any]:
        # Whatever comes of it, the preview has been used: the same file can be chosen again.
        gate.require(taking.ROLE)
        if not clicks or not all(isinstance(one, str) for one in (contents, name, stamp)):
            return no_update, no_update, no_update
        t: Texts = speak(data)
        who, source = gate.current().name, request.remote_addr or ""
        try:
            found = taking.take(
                state, name, taking.decode(contents), data.today, _part(search), stamp, who, source
            )
        except (ImportFailedError, StateError, taking.TooLargeError) as error:
            return _refused(error, t), [], None
        taking.let_go(state, data.estate.people, data.home)
        data.begin()
        return _kept(found, t), [], None


def _part(search: Any) -> bool:
    """Whether the address says that a file completes what is known."""
    return dict(parse_qsl(str(search or "").lstrip("?")[:1000])).get("mode") == "part"


def _refused(error: Exception, t: Texts) -> Component:
    """What went wrong, for the reader; the log does not say why, as that may quote a row of a file that names people."""
    log.warning("import refused", kind=type(error).__name__, who=gate.current().name)
    return _failed(error, t)


def _failed(error: Exception, t: Texts) -> Component:
    if isinstance(error, taking.TooLargeError):
        why = t("import.large", size=t.size(taking.LARGEST))
    elif isinstance(error, ImportFailedError) and isinstance(error.why, Reason):
        where = f"{plain(error.where, 200)}{t('colon')}" if error.where else ""
        why = where + _said(error.why, t)
    else:
        why = t("import.unkept")
    return html.Div(
        [html.P(t("import.failed")), html.P(why, className="dim")], className="warning", role="alert"
    )


def _said(why: Reason, t: Texts) -> str:
    """Why, in the reader's words: what comes from the file is made plain, and numbers are grouped."""
    values = {
        name: t.number(value) if isinstance(value, int) and name != "year" else plain(str(value), 120)
        for name, value in why.values.items()
    }
    return t(f"import.why.{why.code}", **values)


def _preview(found: Shown, t: Texts) -> Component:
    said = t("import.preview", file=plain(found.file), source=t(f"import.source.{found.origin}"))
    counts = [(t(f"import.{kind}"), t.number(found.counts[kind])) for kind in _KINDS]
    notes = [html.P(_said(note, t), className="warning", role="status") for note in found.notes]
    return section(
        t("import.shown"),
        lead(said),
        *notes,
        table((Column("what"), Column("count", True)), counts, t("import.shown"), t),
        *_part_of("refused", found.refused, found.counts["refused"], t),
        *_part_of("doubtful", found.doubts, found.counts["doubtful"], t),
        *_part_of("left_unknown", found.unknown, found.counts["left_unknown"], t),
        *_machines("new", found.added, found.counts["new"], t),
        *_machines("changed", found.changed, found.counts["changed"], t),
        *_machines("vanished", found.vanished, found.counts["vanished"], t),
        *(
            [
                html.P(
                    t("import.ignored", titles=", ".join(plain(one, 40) for one in found.ignored)),
                    className="dim",
                )
            ]
            if found.ignored
            else []
        ),
        *_confirm(found, t),
    )


def _confirm(found: Shown, t: Texts) -> list[Component]:
    if found.counts["refused"]:
        return [html.P(t("import.blocked"), className="warning", role="status")]
    if not found.tells:
        return [empty(t("import.nothing"))]
    still = [] if found.changes else [empty(t("import.still"))]
    return [
        *still,
        html.Button(t("import.confirm"), id="import-confirm", className="quiet strong", n_clicks=0),
    ]


def _part_of(kind: str, rows: Sequence[Refusal], count: int, t: Texts) -> list[Component]:
    if not rows:
        return []
    cells = [(t.number(one.line), plain(one.column, 60), _said(one.why, t)) for one in rows]
    return _details(kind, table(_ROWS, cells, t(f"import.{kind}"), t), len(rows), count, t, kind == "refused")


def _machines(kind: str, rows: Sequence[Machine], count: int, t: Texts) -> list[Component]:
    if not rows:
        return []
    if kind == "changed":
        changed = [(plain(one.name), plain(one.serial), _fields(one, t)) for one in rows]
        return _details(kind, table(_MACHINES, changed, t(f"import.{kind}"), t), len(rows), count, t)
    named = [(plain(one.name), plain(one.serial)) for one in rows]
    return _details(kind, table(_NAMED, named, t(f"import.{kind}"), t), len(rows), count, t)


def _fields(one: Machine, t: Texts) -> str:
    return ", ".join(t(f"import.field.{field}") for field in one.fields)


def _details(
    kind: str, shown: Component, rows: int, count: int, t: Texts, is_open: bool = False
) -> list[Component]:
    more = (
        [html.P(t("workstations.more", n=t.number(rows), all=t.number(count)), className="dim")]
        if count > rows
        else []
    )
    return [
        html.Details([html.Summary(f"{t(f'import.{kind}')} ({t.number(count)})"), *more, shown], open=is_open)
    ]


def _kept(found: Shown, t: Texts) -> Component:
    counts = found.counts
    said = t(
        "import.kept",
        new=t.number(counts["new"]),
        changed=t.number(counts["changed"]),
        vanished=t.number(counts["vanished"]),
    )
    return html.Div(
        [
            html.P(said, role="status"),
            html.P(
                [
                    link(t("around.deadlines"), "/workstations/deadlines", "to deadlines"),
                    " · ",
                    link(t("around.renewal"), "/renewal", "to renewal"),
                ]
            ),
        ],
        className="warning good-news",
    )
