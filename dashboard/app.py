"""The application: pages behind the gate, one callback that shows the page of the address."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Iterable
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, Final, NamedTuple

import structlog
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update, set_props
from dash.development.base_component import Component
from flask import request

from dashboard import (
    administering,
    deciding,
    exporting,
    lending,
    measuring,
    meeting,
    noticing,
    preparing,
    restoring,
    taking,
    viewing,
    wellbeing,
)
from dashboard.access import gate
from dashboard.access.doors import cookie
from dashboard.api import answering
from dashboard.caching import keep
from dashboard.components import Child, View, calls, empty, faults, heading, query, saving, shell, stack
from dashboard.components.document import CHARTS, FIRST, GENERATORS, Application, guard
from dashboard.components.drawing import Drawn, drawn, together
from dashboard.compression import compress
from dashboard.data import Data
from dashboard.pages import (
    account,
    accuracy,
    administration,
    backups,
    capacity,
    care,
    committee,
    deadlines,
    fitness,
    hyperconverged,
    importing,
    itself,
    machine,
    model,
    notices,
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
    search,
    targets,
    views,
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
    committee,
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
    itself,
    administration,
    own,
)
"""The menu, in its order. A page has NAME, PATH and `layout(data, view)`; SEEN_BY, a role, where not everybody may see it; and
IS_SHARED where nothing in it is about whoever asks, so that it is drawn once for all of a role; and of these IS_STILL where nothing
that the collector measures is in it, so that it stays as it is while that is written."""

BEHIND: Final[tuple[ModuleType, ...]] = (
    deadlines,
    fitness,
    care,
    rollouts,
    importing,
    search,
    machine,
    model,
    notices,
    views,
    account,
)
"""Pages that others lead to."""

COOKIE: Final = "language"


def create(
    data: Data, state: StateFile, demo: bool = False, secure: bool = False, hosts: tuple[str, ...] = ()
) -> Dash:
    """The application on `data`, guarded by the users of `state`; a `demo` is open on loopback and says so.

    `secure` says that browsers come over TLS, `hosts` by which names beside those of loopback.
    """
    app = Application(
        __name__,
        title="Jauge",
        update_title="",
        serve_locally=True,
        assets_ignore=FIRST,
        assets_path_ignore=[PurePosixPath(asset).parent.name for asset in (CHARTS, GENERATORS)],
        suppress_callback_exceptions=True,
        compress=False,
    )
    app.server.debug = False  # whatever FLASK_DEBUG says: a trace is for the log, never for who asks
    app.speak, app.with_grid = lambda: speak(data), capacity.PATH
    compress(app.server)
    keep(app.server)
    gate.protect(app.server, state, demo, secure, hosts, data.estate.language, lambda: data.estate)
    calls.check(app)
    app.server.config["MAX_CONTENT_LENGTH"] = taking.LARGEST_REQUEST
    deciding.connect(app.server, data, state)
    measuring.connect(app.server, data, state)
    meeting.connect(app.server, data, state)
    restoring.connect(app.server, data, state)
    noticing.connect(app.server, data, state)
    administering.connect(app.server, state)
    viewing.connect(app.server, state, _is_page)
    lending.connect(app.server, data, state, speak)
    preparing.connect(app.server, data, state, speak)
    exporting.connect(app.server, data, speak)
    answering.connect(app.server, data, speak, cookie(secure))
    wellbeing.connect(app.server, data, state)
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
    entries = _entries(PAGES)
    user = gate.visitor()
    name = None if demo or user is None else user.name
    saved = data.views(user.name) if user is not None and not gate.is_demo() else []
    return shell.frame(data.estate.title or "", entries, saved, name, demo, speak(data))


class Rendered(NamedTuple):
    """A page, and the moment that its figures are of (UTC epoch seconds)."""

    page: Drawn
    at: float


def render(data: Data, path: str, search: str, t: Texts) -> Rendered:
    """The page of an address, with what is around it; words where there is none."""
    page = _page(path)
    if page is None:
        return Rendered(drawn(stack(heading(t("missing.title")), empty(t("missing.text")))), data.clock())
    if not _is_shown(page):
        return Rendered(drawn(stack(heading(t("hidden.title")), empty(t("hidden.text")))), data.clock())
    try:
        layout, at = _rendered(page, data, search, t)
    except Exception:  # the boundary of a page: a fault of ours is said in words, never an empty page
        log.exception("page not drawn", page=page.PATH)
        return Rendered(drawn(stack(heading(t("broken.title")), empty(t("broken.text")))), data.clock())
    said = faults(data, t)
    around: list[Child] = [saving.form(page.PATH, viewing.kept(search), t)] if _may_save(page) else []
    return Rendered(together([*map(drawn, said), layout, *map(drawn, around)]), at)


def _rendered(page: ModuleType, data: Data, search: str, t: Texts) -> Rendered:
    """The page itself: drawn once for all of a role where nothing in it is about whoever asks."""

    def draw() -> Rendered:
        at = data.clock()
        return Rendered(drawn(page.layout(data, View(t, query(search), _entries((*PAGES, *BEHIND))))), at)

    user = gate.visitor()
    if user is None or not getattr(page, "IS_SHARED", False):
        return draw()
    # a thread that draws it anew behind whoever asks has to know who that is, as pages ask what a role may
    asking = functools.partial(contextvars.copy_context().run, draw)
    key = (page.PATH, search, t.language, user.role, gate.is_demo())
    return data.drawn(key, asking, measured=not getattr(page, "IS_STILL", False))


def _may_save(page: ModuleType) -> bool:
    """Whether whoever asks may save a view of a page: nobody is anybody in the demonstration."""
    return page not in (views, account) and gate.visitor() is not None and not gate.is_demo()


def _entries(pages: Iterable[ModuleType]) -> list[tuple[str, str]]:
    """Name and path of those pages that whoever asks may see, and that are about no single thing."""
    return [(page.NAME, page.PATH) for page in pages if _is_shown(page) and not hasattr(page, "OF_ONE")]


def _is_shown(page: ModuleType) -> bool:
    """Whether whoever asks may see a page."""
    role = getattr(page, "SEEN_BY", None)
    return role is None or gate.allows(role)


def _page(path: str) -> ModuleType | None:
    return next((page for page in (*PAGES, *BEHIND) if (path.rstrip("/") or "/") == page.PATH), None)


def _is_page(path: str) -> bool:
    """Whether a path is that of a page that whoever asks may see, as it stands: "//" would lead elsewhere."""
    page = _page(path)
    return page is not None and path == page.PATH and _is_shown(page)


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
    def show(path: str | None, search: str | None, beat: Any, stamp: str | None) -> tuple[Any, ...]:
        t, is_beat = speak(data), ctx.triggered_id == "beat"
        if is_beat and _is_filled_in(path or "/"):
            return no_update, no_update, no_update
        page, at = render(data, path or "/", search or "", t)
        # It tells two views apart: one that did not change is not drawn anew.
        fresh = drawn([path, search, page.digest]).digest
        # Who is in the middle of something keeps the page, and is told that there is another.
        waiting = is_beat and shell.is_busy(beat) and fresh != stamp
        set_props(shell.RENEW, {"hidden": not waiting})
        if waiting:
            return no_update, no_update, no_update
        updated = shell.updated(at, t)
        if fresh == stamp and is_beat:
            return no_update, no_update, updated
        return page.tree, fresh, updated

    for function, output, inputs in _CLIENT:
        run = ClientsideFunction("jauge", function)
        app.clientside_callback(run, output, *inputs)  # type: ignore[no-untyped-call]  # Dash has no types here


_CLIENT: Final[tuple[tuple[str, Any, tuple[Any, ...]], ...]] = (
    ("beat", Output("beat", "data"), (Input("pulse", "n_intervals"),)),
    ("shown", Output("done", "data"), (Input("content", "children"), State("url", "pathname"))),
    ("fold", Output("shell", "navbar"), (Input("burger", "opened"), State("shell", "navbar"))),
    ("close", Output("burger", "opened"), (Input("url", "pathname"),)),
    ("theme", Output("theme", "aria-description"), (Input("theme", "n_clicks"),)),
    ("language", Output("language", "aria-description"), (Input("language", "n_clicks"),)),
    ("said", Output("import-form", "data"), (Input({"read": ALL}, "n_clicks"),)),
)
