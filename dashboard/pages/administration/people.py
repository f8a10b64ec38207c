"""Users, their sessions, and the tokens of their programs, with the forms that change them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import administering
from dashboard.access import gate
from dashboard.access.sessions import Session
from dashboard.access.tokens import Token
from dashboard.access.users import LONGEST, ROLES, SHORTEST, User
from dashboard.components import Child, Column, View, address, coded, extra, field, outcome, over, section
from dashboard.components.listing import listing
from dashboard.data import Data
from dashboard.texts import Texts, plain

_USERS: Final = (
    Column("account"),
    Column("right"),
    Column("known in"),
    Column("open sessions", True),
    Column("act"),
)
_SESSIONS: Final = (
    Column("account"),
    Column("right"),
    Column("logged in"),
    Column("last seen"),
    Column("act"),
)
_TOKENS: Final = (
    Column("token"),
    Column("account"),
    Column("right"),
    Column("last day"),
    Column("last seen"),
    Column("act"),
)
_NAME: Final = r"[A-Za-z0-9_][A-Za-z0-9._@\-]{0,63}"
"""As browsers read it: there a bare - in a class is a mistake."""


def layout(data: Data, view: View) -> list[Component]:
    """What became of a form, the form that the address asks for, users, sessions, tokens."""
    found, open_ones = data.users(), data.sessions()
    meant = next((one for one in found if one.name == view.query.get("change")), None)
    return [
        *_told(view),
        *(_changing(meant, view.t) if meant and meant.origin == "local" else []),
        _users(found, open_ones, view),
        _adding(view),
        _sessions(open_ones, view),
        _tokens(data, view),
    ]


def _told(view: View) -> list[Component]:
    t = view.t
    return outcome(
        "administration",
        administering.REFUSALS,
        administering.DONE,
        view,
        least=t.number(SHORTEST),
        most=t.number(LONGEST),
    )


def _users(found: Sequence[User], open_ones: Sequence[Session], view: View) -> Component:
    t = view.t
    counts = Counter(one.user.name for one in open_ones)

    def cells(_place: int, one: User) -> tuple[object, ...]:
        change: Child = ""
        if one.origin == "local":
            href = address(administering.PAGE, change=one.name)
            change = dcc.Link(t("administration.change"), href=href, id={"link": f"change {one.name}"})
        elsewhere = t(f"administration.origin.{one.origin}")
        return plain(one.name), t(f"role.{one.role}"), elsewhere, t.number(counts[one.name]), change

    title = t("administration.users")
    return section(
        title, *listing(_USERS, found, cells, title, administering.PAGE, view, t("administration.none"))
    )


def _sessions(open_ones: Sequence[Session], view: View) -> Component:
    t = view.t

    def cells(_place: int, one: Session) -> tuple[object, ...]:
        times = t.instant(one.created), t.instant(one.seen)
        label = t("administration.end.of", name=plain(one.user.name), at=t.instant(one.created))
        return plain(one.user.name), t(f"role.{one.user.role}"), *times, _ending(one.mark, "end", label, t)

    title = t("administration.sessions")
    rows = listing(
        _SESSIONS,
        open_ones,
        cells,
        title,
        administering.PAGE,
        view,
        t("administration.sessions.none"),
        "sessions",
    )
    return section(title, html.P(t("administration.sessions.note"), className="dim"), *rows)


def _tokens(data: Data, view: View) -> Component:
    t = view.t

    def cells(_place: int, one: Token) -> tuple[object, ...]:
        last = t.day(one.until)
        last = t("administration.token.over", day=last) if one.is_over(data.today) else last
        seen = t("never") if one.seen is None else t.instant(one.seen)
        label = t("administration.token.end.of", mark=one.mark, name=plain(one.user.name))
        named = over(one.mark, plain(one.name))
        return (
            named,
            plain(one.user.name),
            t(f"role.{one.role}"),
            last,
            seen,
            _ending(one.mark, "end token", label, t),
        )

    title = t("administration.tokens")
    rows = listing(
        _TOKENS,
        data.tokens(),
        cells,
        title,
        administering.PAGE,
        view,
        t("administration.tokens.none"),
        "tokens",
    )
    return section(title, html.P(coded(t("administration.tokens.note")), className="dim"), *rows)


# --- forms --------------------------------------------------------------------------------------------


def _ending(mark: str, action: str, label: str, t: Texts) -> Component:
    hidden = dcc.Input(type="hidden", name="mark", value=mark)
    button = html.Button(
        t("administration.end"), name="action", value=action, className="quiet", **extra(aria_label=label)
    )
    return html.Form([hidden, button], action=administering.PATH, method="POST")


def _adding(view: View) -> Component:
    t = view.t
    # What was refused comes back, but for the password.
    name, role = (view.query.get(field, "") if "refused" in view.query else "" for field in ("name", "role"))
    fields = [
        *field(
            "name", t("administration.name"),
            dcc.Input(
                id="name", name="name", type="text", value=name, pattern=_NAME, maxLength=64, required=True, autoComplete="off", className="field",
            ),
        ),
        *field("role", t("column.right"), _roles("role", role, t)),
        *_passwords("add", t),
        html.Button(t("administration.add"), name="action", value="add", className="quiet strong"),
    ]  # fmt: skip
    return _form(t("administration.add.title"), fields)


def _changing(one: User, t: Texts) -> list[Component]:
    """Three forms for one user: another role, another password, and to remove them."""
    name = dcc.Input(type="hidden", name="name", value=one.name)
    shown = {"name": plain(one.name)}
    password = [
        name, *_passwords("change", t),
        html.Button(t("administration.password"), name="action", value="password", className="quiet strong"),
    ]  # fmt: skip
    found = [_form(t("administration.password.title", **shown), password)]
    visitor = gate.visitor()
    if visitor is not None and visitor.name == one.name:
        return [*found, html.P(t("administration.self"), className="dim")]
    role = [
        name, *field("new-role", t("column.right"), _roles("new-role", one.role, t)),
        html.Button(t("administration.role"), name="action", value="role", className="quiet strong"),
    ]  # fmt: skip
    remove = [
        name, html.P(t("administration.remove.note")),
        html.Button(t("administration.remove"), name="action", value="remove", className="quiet strong"),
    ]  # fmt: skip
    return [
        _form(t("administration.role.title", **shown), role),
        *found,
        _form(t("administration.remove.title", **shown), remove),
    ]


def _form(title: str, fields: Sequence[Child]) -> Component:
    form = html.Form(
        list(fields), action=administering.PATH, method="POST", className="decide", **extra(aria_label=title)
    )
    return section(title, form)


def _roles(ids: str, chosen: str, t: Texts) -> Component:
    options = [
        html.Option(f"{t(f'role.{role}')} — {t(f'role.may.{role}')}", value=role, selected=role == chosen or None)
        for role in ROLES
    ]  # fmt: skip
    return html.Select(options, id=ids, name="role", className="field wide-field")


def _passwords(where: str, t: Texts) -> list[Child]:
    found: list[Child] = []
    for name, title in (
        ("password", t("administration.new password", least=t.number(SHORTEST))),
        ("again", t("administration.again")),
    ):
        control = dcc.Input(
            id=f"{where}-{name}", name=name, type="password", minLength=SHORTEST, maxLength=LONGEST, required=True,
            autoComplete="new-password", className="field",
        )  # fmt: skip
        found += field(f"{where}-{name}", title, control)
    return found
