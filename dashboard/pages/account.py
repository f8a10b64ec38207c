"""What belongs to whoever looks: the tokens of their programs, with the forms that make and end them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import lending
from dashboard.access import gate, tokens
from dashboard.access.tokens import Token
from dashboard.access.users import ROLES, User
from dashboard.components import (
    Child,
    Column,
    View,
    coded,
    empty,
    extra,
    field,
    heading,
    lead,
    outcome,
    over,
    section,
    stack,
    table,
)
from dashboard.data import Data
from dashboard.texts import Texts, plain

NAME, PATH = "account", lending.PAGE
IS_FILLED_IN: Final = True

_TOKENS: Final = (
    Column("token"), Column("right"), Column("made on"), Column("last day"), Column("last seen"), Column("act"),
)  # fmt: skip
_USUAL: Final = dt.timedelta(days=90)


def layout(data: Data, view: View) -> Component:
    """What became of a form, the tokens of whoever looks, and the form that makes one."""
    t, user = view.t, gate.visitor()
    top = heading(t("account.title"))
    if user is None or gate.is_demo():
        return stack(top, empty(t("account.demo")))
    who = lead(t("account.lead", name=plain(user.name), role=t(f"role.{user.role}")))
    found = [one for one in data.tokens() if one.user.name == user.name]
    making = _making(user, data.today, view) if user.origin == "local" else empty(t("account.elsewhere"))
    return stack(top, who, *_told(view), _listed(found, data.today, t), section(t("account.make"), making))


def _told(view: View) -> list[Component]:
    t = view.t
    return outcome(
        "account",
        lending.REFUSALS,
        lending.DONE,
        view,
        most=t.number(tokens.MOST),
        longest=t.number(tokens.NAMED),
        days=t.number(tokens.LONGEST),
    )


def _listed(found: Sequence[Token], today: dt.date, t: Texts) -> Component:
    title = t("account.tokens")
    note = html.P(coded(t("account.tokens.note")), className="dim")
    if not found:
        return section(title, note, empty(t("administration.tokens.none")))
    return section(title, note, table(_TOKENS, [_row(one, today, t) for one in found], title, t))


def _row(one: Token, today: dt.date, t: Texts) -> tuple[Child, ...]:
    last = t.day(one.until)
    label = t("account.end.of", mark=one.mark)
    button = html.Button(
        t("administration.end"), name="action", value="end", className="quiet", **extra(aria_label=label)
    )
    mark = dcc.Input(type="hidden", name="mark", value=one.mark)
    return (
        over(one.mark, plain(one.name)),
        t(f"role.{one.role}"),
        t.instant(one.created),
        t("administration.token.over", day=last) if one.is_over(today) else last,
        t("never") if one.seen is None else t.instant(one.seen),
        html.Form([mark, button], action=lending.PATH, method="POST"),
    )


def _making(user: User, today: dt.date, view: View) -> Component:
    t, asked = view.t, view.query if "refused" in view.query else {}
    longest = today + dt.timedelta(days=tokens.LONGEST)
    roles = [html.Option(t(f"role.{role}"), value=role) for role in ROLES[: ROLES.index(user.role) + 1]]
    fields: list[Child] = [
        dcc.Input(type="hidden", name="mark", value=tokens.fresh_mark()),
        *field(
            "name", t("account.name"),
            dcc.Input(
                id="name", name="name", type="text", value=asked.get("name", ""), maxLength=tokens.NAMED, required=True, autoComplete="off",
                className="field",
            ),
        ),
        *field("role", t("account.role"), html.Select(roles, id="role", name="role", className="field wide-field")),
        *field(
            "until", t("account.until", last=t.day(longest)),
            dcc.Input(
                id="until", name="until", type="text", value=asked.get("until") or str(today + _USUAL), maxLength=10, required=True,
                pattern=r"\d{4}-\d{2}-\d{2}", autoComplete="off", className="field",
            ),
        ),
        html.Button(t("account.make"), name="action", value="make", className="quiet strong"),
    ]  # fmt: skip
    return html.Form(
        fields, action=lending.PATH, method="POST", className="decide", **extra(aria_label=t("account.make"))
    )
