"""What surrounds every page: header, menu, demonstration banner, and where the page itself goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.components import asking, extra, saving
from dashboard.texts import Texts, plain
from inventory.state.views import SavedView

REFRESH: Final = 30_000
"""Milliseconds between two looks at the data."""

RENEW: Final = "renew"
"""The button that shows new figures."""

Entry = tuple[str, str]
"""A page of the menu: name and path."""


def frame(
    title: str, entries: Sequence[Entry], saved: Sequence[SavedView], user: str | None, demo: bool, t: Texts
) -> Component:
    """The whole document. `user` is shown with a way out, where somebody has logged in, and the views that they saved."""
    shell = dmc.AppShell(
        [
            dmc.AppShellHeader(_header(title, user, t)),
            dmc.AppShellNavbar(
                html.Nav([*_links(entries, t), *saving.menu(saved, t)], **extra(aria_label=t("navigation"))),
                p="sm",
            ),
            dmc.AppShellMain(
                [*_banner(demo, t), _lost(t), _offer(t), html.Div(id="content", className="content")]
            ),
        ],
        id="shell",
        header={"height": 56},
        navbar={"width": 232, "breakpoint": "lg", "collapsed": {"mobile": True}},
        padding="md",
    )
    whole: Component = dmc.MantineProvider(
        [html.A(t("skip"), href="#title", className="skip"), shell, *_wires()],
        theme=theme.MANTINE,
        defaultColorScheme="auto",
    )
    return whole


def _header(title: str, user: str | None, t: Texts) -> Component:
    burger = dmc.Burger(
        id="burger", opened=False, hiddenFrom="lg", size="sm", attributes={"root": {"aria-label": t("menu")}}
    )
    brand = dcc.Link(
        [html.Img(src="/assets/logo.svg", alt="", width=28, height=28), html.Strong("Jauge")],
        href="/",
        id={"link": "brand"},
        className="brand",
    )
    out = [
        html.Span(plain(user, 40), className="dim wide"),
        html.Form(html.Button(t("logout"), className="quiet"), action="/logout", method="POST"),
    ]
    return html.Div(
        [
            burger,
            brand,
            html.Span(plain(title), className="dim wide estate"),
            html.Span(id="updated", className="dim wide updated"),
            asking.form("search", "", t, "search in-header"),
            asking.way(t),
            html.Button(
                t("language"), id="language", className="quiet", lang="en" if t.language == "fr" else "fr"
            ),
            html.Button("◐", id="theme", className="quiet", title=t("theme"), **extra(aria_label=t("theme"))),
            *(out if user else []),
        ],
        className="header",
    )


def updated(at: float, t: Texts) -> list[Component]:
    """The time of the figures (UTC epoch seconds): a screen shows it without the day."""
    return [
        html.Span(t("updated", time=t.time(at)), className="on-screen"),
        html.Span(t("printed", at=t.instant(at)), className="on-paper"),
    ]


def is_busy(beat: object) -> bool:
    """Whether a browser says, with its look at the data, that its reader is in the middle of something."""
    return isinstance(beat, dict) and beat.get("busy") is True


def _offer(t: Texts) -> Component:
    """What is shown where new figures wait for a reader who is in the middle of something."""
    return html.Div(
        html.Button(t("renew"), id=RENEW, className="quiet strong renew", hidden=True, type="button"),
        role="status",
    )


def _links(entries: Sequence[Entry], t: Texts) -> list[Component]:
    return [
        dcc.Link(t(f"{name}.title"), href=path, id={"nav": name}, className="nav") for name, path in entries
    ]


def _banner(demo: bool, t: Texts) -> list[Component]:
    if not demo:
        return []
    here = dcc.Link(t("demo.link"), href="/own-estate", id={"link": "demo"})
    return [
        html.Div(
            [html.Span("◆ ", **extra(aria_hidden="true")), t("demo"), " ", here],
            className="demo",
            role="note",
        )
    ]


def _lost(t: Texts) -> Component:
    """What is shown where something that somebody asked for was not done: the session is over, or the server does not answer."""
    way = html.A(t("lost.login"), href="/login", target="_blank")
    return html.Div(
        [
            html.P([t("lost.session"), " ", way], id="lost-session", hidden=True),
            html.P(t("lost.server"), id="lost-server", hidden=True),
        ],
        id="lost", className="warning", hidden=True, role="alert",
    )  # fmt: skip


def _wires() -> list[Component]:
    """What carries no figure: the address, the pulse, and what tells the page's state apart."""
    return [
        dcc.Location(id="url", refresh="callback-nav"),
        dcc.Interval(id="pulse", interval=REFRESH),
        dcc.Store(id="beat"),
        dcc.Store(id="stamp"),
        dcc.Store(id="done"),
    ]
