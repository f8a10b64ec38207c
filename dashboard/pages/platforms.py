"""Message engines, telephony, virtual desktops and databases: what is down, what waits, what is nearly used up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    empty,
    heading,
    lead,
    link,
    mark,
    over,
    section,
    silence,
    stack,
    table,
    target_link,
)
from dashboard.components.listing import chosen, paged
from dashboard.data import Data
from dashboard.platforms import Channel, Copy, Dump, Listener, Phones, Platforms, Use
from dashboard.sentences import platforms as sentences
from dashboard.sentences.outlooks import amount
from dashboard.texts import Texts, plain
from dashboard.words import WORDS

NAME, PATH = "platforms", "/platforms"
IS_SHARED: Final = True

SHOWN: Final = 12
"""Rows of a table that the page of all kinds shows: the worst. The view of one kind has the others, a page at a time."""

_LISTENERS: Final = (Column("state"), Column("target"), Column("acknowledged"), Column("took", True))
_CHANNELS: Final = (Column("state"), Column("channel"), Column("waiting", True), Column("oldest", True))
_USES: Final = (
    Column("state"), Column("of"), Column("now", True), Column("there", True), Column("ratio", True), Column("limit", True),
    Column("order", True),
)  # fmt: skip
_PHONES: Final = (Column("kind"), Column("target"), Column("registered", True), Column("unregistered", True))
_COPIES: Final = (Column("state"), Column("copy"), Column("target"), Column("lag", True))
_DUMPS: Final = (Column("database"), Column("target"), Column("backups"))

_PLANNED: Final = ("desktops", "connections", "tablespace")
"""What the planner looks at: of the others nobody says when their limit is reached."""

KINDS: Final = ("messages", "listeners", "telephony", "phones", "desktops", "databases", "copies", "dumps")
"""Kinds that an address may name: the last part of the key of their title."""

Row = TypeVar("Row")


def layout(data: Data, view: View) -> Component:
    """A section for each kind of platform that is known."""
    t, found = view.t, data.platforms()
    if not any(found):
        return stack(heading(t("platforms.title")), silence(data, t), empty(t("platforms.empty")))
    return stack(heading(t("platforms.title")), silence(data, t), *_sections(found, data.clock(), view))


def _sections(found: Platforms, now: float, view: View) -> list[Component]:
    """Those of which something is known; the one that the address names alone."""
    t = view.t

    def used(title: str, rows: Sequence[Use]) -> Component | None:
        return _section(title, sentences.used(rows, t), _USES, rows, _use, view)

    messages, phones = sentences.messages(found.channels, t), sentences.phones(found.phones, t)
    copies, dumps = sentences.copies(found.copies, t), sentences.dumps(found.dumps, now, t)
    whole = [
        _section("platforms.messages", messages, _CHANNELS, found.channels, _channel, view),
        _section("platforms.listeners", (), _LISTENERS, found.listeners, _listener, view),
        used("platforms.telephony", found.telephony),
        _section("platforms.phones", phones, _PHONES, found.phones, _phones, view),
        used("platforms.desktops", found.desktops),
        used("platforms.databases", found.databases),
        _section("platforms.copies", copies, _COPIES, found.copies, _copy, view),
        _section("platforms.dumps", dumps, _DUMPS, found.dumps, _dump, view),
    ]
    kept = [one for one in whole if one is not None]
    return [_back(t), *kept] if _kind(view) else kept


def _kind(view: View) -> str:
    """The kind that the address names, "" for all."""
    return chosen(view, "kind", KINDS, "")


def _back(t: Texts) -> Component:
    return dcc.Link(t("platforms.all"), href=PATH, id={"link": "back"}, className="back")


def _section(
    title: str,
    said: Iterable[str],
    columns: Sequence[Column],
    rows: Sequence[Row],
    draw: Callable[[Row, Texts], Sequence[Child]],
    view: View,
) -> Component | None:
    """A title, its sentences, and the worst rows; None where there are none, or another kind is asked for."""
    t, kind = view.t, title.rpartition(".")[2]
    if not rows or _kind(view) not in ("", kind):
        return None
    told = list(said)
    shown, ways = paged(rows, PATH, view) if _kind(view) else (rows[:SHOWN], _rest(kind, len(rows), t))
    return section(
        t(title),
        *([lead(*told)] if told else []),
        table(columns, [draw(row, t) for row in shown], t(title), t),
        *ways,
    )


def _rest(kind: str, count: int, t: Texts) -> list[Component]:
    """The way to the rows that are not shown, where there are some."""
    if count <= SHOWN:
        return []
    more = t("platforms.more", n=t.number(SHOWN), all=t.number(count))
    every = link(t("platforms.every"), PATH, f"every {kind}", kind=kind)
    return [html.P([more, " ", every], className="dim")]


def _channel(one: Channel, t: Texts) -> tuple[Child, ...]:
    return (
        mark(one.state, t),
        over(plain(one.name), target_link(one.target, f"channel {one.name}")),
        t.number(one.waiting),
        t.span(one.oldest),
    )


def _listener(one: Listener, t: Texts) -> tuple[Child, ...]:
    return (
        mark(one.state, t),
        target_link(one.target, "listener"),
        plain(one.code) or t.unknown,
        t.brief(one.seconds),
    )


def _use(one: Use, t: Texts) -> tuple[Child, ...]:
    def said(value: float | None) -> str:
        return t.unknown if value is None else amount(value, one.unit, t)

    word = t(f"use.{one.kind}")
    what = f"{plain(one.name)} ({word})" if one.name else word
    outlook = one.outlook
    limit = t("no.unplanned") if one.kind in _PLANNED else t.unknown
    if outlook is not None:
        is_dated = outlook.date is not None and not outlook.is_over
        limit = t.day(outlook.date) if is_dated else t(f"no.{outlook.reason or ''}")
    return (
        mark(one.state, t),
        over(what, target_link(one.target, f"use {one.kind} {one.name}")),
        said(one.used),
        said(one.size),
        t.ratio(one.ratio),
        limit,
        t.day(outlook.order_by) if outlook is not None and outlook.order_by else "",
    )


def _phones(one: Phones, t: Texts) -> tuple[Child, ...]:
    name = plain(one.kind) or t.unknown
    return (
        name,
        target_link(one.target, f"phones {one.kind}"),
        t.number(one.registered),
        t.number(one.unregistered),
    )


def _copy(one: Copy, t: Texts) -> tuple[Child, ...]:
    name = plain(one.name) if one.name else t("copy.itself")
    return mark(one.state, t), name, target_link(one.target, f"copy {one.name}"), t.span(one.lag)


def _dump(one: Dump, t: Texts) -> tuple[Child, ...]:
    said = [f"{_holds(kind, t)}: {t.instant(at)}" for kind, at in one.at]
    return plain(one.database), target_link(one.target, f"dump {one.database}"), ", ".join(said)


def _holds(kind: str, t: Texts) -> str:
    key = f"dump.{kind}"
    return t(key) if key in WORDS else plain(kind)
