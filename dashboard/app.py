"""The application: pages behind the gate, one callback that shows the page of the address."""

from __future__ import annotations

import hashlib
from types import ModuleType
from typing import Any, Final

import structlog
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from flask import request
from plotly.utils import PlotlyJSONEncoder

from dashboard import administering, deciding, exporting, measuring, preparing, restoring, taking
from dashboard.access import gate
from dashboard.components import View, calls, empty, faults, heading, query, shell, stack
from dashboard.components.document import FIRST, Application, guard
from dashboard.compression import compress
from dashboard.data import Data
from dashboard.pages import (
    accuracy,
    administration,
    backups,
    capacity,
    care,
    deadlines,
    fitness,
    hyperconverged,
    importing,
    overview,
    own,
    pacs,
    platforms,
    purchase,
    renewal,
    retention,
    rollouts,
    runway,
    scenarios,
    targets,
    workstations,
)
from dashboard.texts import Texts, choose
from inventory.state import State as StateFile

log = structlog.get_logger(__name__)

PAGES: Final[tuple[ModuleType, ...]] = (
    overview,
    runway,
    capacity,
    scenarios,
    purchase,
    renewal,
    retention,
    accuracy,
    hyperconverged,
    pacs,
    backups,
    platforms,
    workstations,
    targets,
    administration,
    own,
)
"""The menu, in its order. A page has NAME, PATH and `layout(data, view)`, and SEEN_BY, a role, where not everybody may see it."""

BEHIND: Final[tuple[ModuleType, ...]] = (deadlines, fitness, care, rollouts, importing)
"""Pages that others lead to."""

COOKIE: Final = "language"


def create(data: Data, state: StateFile, demo: bool = False, secure: bool = False) -> Dash:
    """The application on `data`, guarded by the users of `state`; a `demo` is open on loopback and says so.

    `secure` says that browsers come over TLS.
    """
    app = Application(
        __name__,
        title="Jauge",
        update_title="",
        serve_locally=True,
        assets_ignore=FIRST,
        suppress_callback_exceptions=True,
        compress=False,
    )
    app.server.debug = False  # whatever FLASK_DEBUG says: a trace is for the log, never for who asks
    app.speak = lambda: speak(data)
    compress(app.server)
    gate.protect(
        app.server, state, demo=demo, secure=secure, language=data.estate.language, estate=lambda: data.estate
    )
    calls.check(app)
    app.server.config["MAX_CONTENT_LENGTH"] = taking.LARGEST_REQUEST
    deciding.connect(app.server, data, state)
    measuring.connect(app.server, data, state)
    restoring.connect(app.server, data, state)
    administering.connect(app.server, state)
    preparing.connect(app.server, data, state, speak)
    exporting.connect(app.server, data, speak)
    demo = demo or data.estate.demo
    app.layout = lambda: _frame(data, demo)
    _connect(app, data)
    importing.connect(app, data, state, speak)
    capacity.connect(app, data, speak)
    guard(app.server, app, secure)
    return app


def speak(data: Data) -> Texts:
    """The texts of whoever asks: the language of the switch, of the browser, or of the estate."""
    language = choose(request.cookies.get(COOKIE), request.accept_languages.values(), data.estate.language)
    return Texts(language, data.zone)


def _frame(data: Data, demo: bool) -> Component:
    entries = [(page.NAME, page.PATH) for page in PAGES if _is_shown(page)]
    user = gate.visitor()
    name = None if demo or user is None else user.name
    return shell.frame(data.estate.title or "", entries, name, demo, speak(data))


def render(data: Data, path: str, search: str, t: Texts) -> Component:
    """The page of an address; words where there is none."""
    page = _page(path)
    if page is None:
        return stack(heading(t("missing.title")), empty(t("missing.text")))
    if not _is_shown(page):
        return stack(heading(t("hidden.title")), empty(t("hidden.text")))
    try:
        layout: Component = page.layout(data, View(t, query(search)))
    except Exception:  # the boundary of a page: a fault of ours is said in words, never an empty page
        log.exception("page not drawn", page=page.PATH)
        return stack(heading(t("broken.title")), empty(t("broken.text")))
    said = faults(data, t)
    return stack(said, layout) if said else layout


def _is_shown(page: ModuleType) -> bool:
    """Whether whoever asks may see a page."""
    role = getattr(page, "SEEN_BY", None)
    return role is None or gate.allows(role)


def _page(path: str) -> ModuleType | None:
    return next((page for page in (*PAGES, *BEHIND) if (path.rstrip("/") or "/") == page.PATH), None)


def _is_filled_in(path: str) -> bool:
    """Whether somebody fills something in on a page, which would be lost where it is drawn anew."""
    return getattr(_page(path), "IS_FILLED_IN", False)


def _connect(app: Dash, data: Data) -> None:
    @app.callback(
        Output("content", "children"),
        Output("stamp", "data"),
        Output("updated", "children"),
        Input("url", "pathname"),
        Input("url", "search"),
        Input("beat", "data"),
        State("stamp", "data"),
    )
    def show(path: str | None, search: str | None, _beat: int | None, stamp: str | None) -> tuple[Any, ...]:
        t = speak(data)
        if ctx.triggered_id == "beat" and _is_filled_in(path or "/"):
            return no_update, no_update, no_update
        page = render(data, path or "/", search or "", t)
        fresh = _fingerprint(path, search, page)
        updated = t("updated", time=t.time(data.clock()))
        if fresh == stamp and ctx.triggered_id == "beat":
            return no_update, no_update, updated
        return page, fresh, updated

    for function, output, inputs in _CLIENT:
        run = ClientsideFunction("jauge", function)
        app.clientside_callback(run, output, *inputs)  # type: ignore[no-untyped-call]  # Dash has no types here


def _fingerprint(path: str | None, search: str | None, page: Component) -> str:
    """What tells two views apart, so that one that did not change is not drawn anew."""
    text = PlotlyJSONEncoder(sort_keys=True).encode([path, search, page])
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


_CLIENT: Final[tuple[tuple[str, Any, tuple[Any, ...]], ...]] = (
    ("beat", Output("beat", "data"), (Input("pulse", "n_intervals"),)),
    ("shown", Output("done", "data"), (Input("content", "children"), State("url", "pathname"))),
    ("fold", Output("shell", "navbar"), (Input("burger", "opened"), State("shell", "navbar"))),
    ("close", Output("burger", "opened"), (Input("url", "pathname"),)),
    ("theme", Output("theme", "aria-description"), (Input("theme", "n_clicks"),)),
    ("language", Output("language", "aria-description"), (Input("language", "n_clicks"),)),
    ("said", Output("import-form", "data"), (Input({"read": ALL}, "n_clicks"),)),
)
