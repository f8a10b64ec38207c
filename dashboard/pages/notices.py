"""Notices: what needs somebody, who has it, and where the reader wants messages about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import noticing
from dashboard.access import gate
from dashboard.components import (
    Child,
    Column,
    View,
    empty,
    extra,
    field,
    heading,
    lead,
    outcome,
    over,
    section,
    stack,
)
from dashboard.components.listing import again, listing
from dashboard.data import Data
from dashboard.notices import Found, look
from dashboard.sentences.notices import Said, said
from dashboard.texts import Texts, plain
from inventory.notices import KINDS, Notices
from inventory.state.contacts import Contact
from inventory.state.notices import LONGEST, Action, Notice, last_day

NAME, PATH = "notices", noticing.PAGE

_COLUMNS: Final = (Column("kind"), Column("what"), Column("next"), Column("has it"), Column("act"))
_LONGEST: Final = 400
"""Characters of a reason."""


class _Open(NamedTuple):
    """An open notice, what was found, and what is said of it."""

    notice: Notice
    found: Found
    said: Said


def layout(data: Data, view: View) -> Component:
    """What became of a form, the form that the address asks for, the list, and the reader's own address."""
    t = view.t
    shown, may = _opened(data, t), gate.allows(noticing.ROLE)
    rules = data.estate.notices
    top = [heading(t("notices.title")), *_told(view)]
    if rules is None:
        return stack(*top, empty(t("notices.off")))
    one = next((one for one in shown if str(one.notice.id) == view.query.get("number")), None)
    action: Action | None = next((each for each in noticing.ACTIONS if each == view.query.get("say")), None)
    return stack(
        *top,
        lead(t("notices.lead" if rules.mail or rules.recipients else "notices.lead.silent")),
        *([_answering(one, action, t)] if may and one is not None and action is not None else []),
        _list(shown, data.clock(), may, view),
        *_mine(data, rules, t),
    )


def _opened(data: Data, t: Texts) -> list[_Open]:
    """The open notices, as far as digests were looked for; those of Jauge itself for administrators alone."""
    known = {(one.kind, one.subject): one for one in data.notices()}
    if not known:
        return []
    found = look(data, data.estate.notices or Notices(), deep=False).found
    return [
        _Open(known[one.kind, one.subject], one, said(one, t)) for one in found
        if (one.kind, one.subject) in known and (one.kind != "own" or gate.allows("admin"))
    ]  # fmt: skip


def _told(view: View) -> list[Component]:
    t = view.t
    return outcome("notices", noticing.REFUSALS, noticing.DONE, view, longest=t.number(LONGEST))


def _list(shown: Sequence[_Open], now: float, may: bool, view: View) -> Component:
    t = view.t

    def cells(_place: int, one: _Open) -> tuple[object, ...]:
        way = dcc.Link(one.said.thing, href=one.said.way, id={"link": f"notice {one.notice.id}"})
        acts = _acts(one, now, view) if may else ""
        return (
            t(f"notices.kind.{one.notice.kind}"),
            over(way, one.said.why),
            one.said.todo,
            _answer(one.notice, now, t),
            acts,
        )

    title = t("notices.list")
    columns = _COLUMNS if may else _COLUMNS[:-1]
    rows = listing(
        columns,
        shown,
        lambda place, one: cells(place, one)[: len(columns)],
        title,
        PATH,
        view,
        t("notices.none"),
    )
    return section(title, *rows)


def _answer(one: Notice, now: float, t: Texts) -> Child:
    """Who has it, or until when it is silenced, and why."""
    given = one.answer
    if given is None or one.is_told(now):
        return t("notices.free")
    until = t.day(last_day(given.until, t.zone)) if given.until else ""
    return over(t(f"notices.{given.action}", who=plain(given.who), until=until), plain(given.why, _LONGEST))


def _acts(one: _Open, now: float, view: View) -> Component:
    free = one.notice.answer is None or one.notice.is_told(now)
    offered: tuple[Action, ...] = ("taken", "silenced") if free else ("released",)
    links: list[Child] = []
    for action in offered:
        label = view.t(f"notices.do.{action}.of", thing=one.said.thing)
        href = again(PATH, view, number=str(one.notice.id), say=action, done="", refused="")
        name = {"link": f"{action} {one.notice.id}"}
        links.append(html.Div(dcc.Link(view.t(f"notices.do.{action}"), href=href, id=name, title=label)))
    return html.Div(links)


def _answering(one: _Open, action: Action, t: Texts) -> Component:
    """The form that takes, silences or releases one notice."""
    title = t(f"notices.do.{action}.of", thing=one.said.thing)
    reason = html.Textarea(
        id="why", name="why", required=True, maxLength=_LONGEST, rows=2, className="reason"
    )
    fields: list[Child] = [
        dcc.Input(type="hidden", name="number", value=str(one.notice.id)),
        *field("why", t("notices.why"), reason),
    ]
    if action == "silenced":
        until = dcc.Input(
            id="until", name="until", type="text", placeholder="2027-01-31", pattern=r"\d{4}-\d{2}-\d{2}", maxLength=10, required=True,
            className="field",
        )  # fmt: skip
        fields += field("until", t("notices.until", longest=t.number(LONGEST)), until)
    fields.append(
        html.Button(t(f"notices.do.{action}"), name="action", value=action, className="quiet strong")
    )
    form = html.Form(
        fields, action=noticing.ANSWER, method="POST", className="decide", **extra(aria_label=title)
    )
    return section(title, html.P(one.said.why), form)


def _mine(data: Data, rules: Notices, t: Texts) -> list[Component]:
    """Where the reader wants messages, where there is a server for mail."""
    user = gate.visitor()
    if user is None or gate.is_demo() or rules.mail is None:
        return []
    kept = data.contact(user.name)
    hears = rules.hears.of(user.role)
    heard = ", ".join(t(f"notices.kind.{kind}") for kind in hears) or t("notices.nothing")
    title = t("notices.mine")
    if kept is None:
        now = t("notices.mine.none")
    else:
        wanted = ", ".join(t(f"notices.kind.{kind}") for kind in kept.kinds or hears) or t("notices.nothing")
        now = t("notices.mine.some", address=plain(kept.address, 254), kinds=wanted)
    form = html.Form(
        _fields(kept, t),
        action=noticing.ADDRESS,
        method="POST",
        className="decide",
        **extra(aria_label=title),
    )
    return [section(title, html.P(now), html.P(t("notices.mine.role", kinds=heard), className="dim"), form)]


def _fields(kept: Contact | None, t: Texts) -> list[Child]:
    mail = dcc.Input(
        id="address", name="address", type="email", value=kept.address if kept else "", maxLength=254, required=True,
        autoComplete="email", className="field",
    )  # fmt: skip
    chosen = kept.language if kept and kept.language else ""
    languages = [("", t("notices.language.own")), ("en", "English"), ("fr", "Français")]
    options = [html.Option(text, value=value, selected=value == chosen or None) for value, text in languages]
    wanted = kept.kinds if kept and kept.kinds else ()
    kinds = [html.Option(t("notices.kinds.own"), value="", selected=not wanted or None)]
    kinds += [
        html.Option(t(f"notices.kind.{kind}"), value=kind, selected=kind in wanted or None) for kind in KINDS
    ]
    found: list[Child] = [
        *field("address", t("notices.address"), mail),
        *field("kind", t("notices.kinds"), html.Select(kinds, id="kind", name="kind", className="field wide-field")),
        *field("language", t("notices.language"), html.Select(options, id="language", name="language", className="field")),
        html.Button(t("notices.save"), name="action", value="save", className="quiet strong"),
    ]  # fmt: skip
    if kept is not None:
        stop = html.Button(
            t("notices.stop"), name="action", value="stop", className="quiet", formNoValidate=True
        )
        found.append(stop)
    return found
