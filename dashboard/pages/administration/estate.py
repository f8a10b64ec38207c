"""What is to be said about the estate's file as it stands, and how long what is known of people is kept."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import Column, View, mark, section, table
from dashboard.components.listing import groups
from dashboard.data import Data
from dashboard.sentences import recorded
from dashboard.texts import plain

_PROBLEMS: Final = (Column("state"), Column("stands at"), Column("problem"))
_KEPT: Final = (Column("kept"), Column("how long"), Column("setting"))
_MOST: Final = 200
"""Problems that the page shows: `jauge check` names them all."""


def layout(data: Data, view: View) -> list[Component]:
    """The problems of the file, errors and warnings, and what is kept for how long."""
    return [_problems(data, view), _retention(data, view)]


def _problems(data: Data, view: View) -> Component:
    t, found = view.t, data.problems()
    rows = [
        (
            mark("remark" if one.warning else "mistake", t),
            html.Code(plain(str(one.place), 200)),
            html.Div(plain(recorded.problem(one.message, t), 600), className="prose"),
        )
        for one in found
    ]
    title = t("administration.check")
    errors = sum(not one.warning for one in found)
    lead = t(
        "administration.check.lead", errors=t.number(errors), warnings=t.number(len(found) - errors),
        targets=t.number(len(data.estate.targets)),
    )  # fmt: skip
    return section(title, html.P(lead), *(groups(_PROBLEMS, rows, title, "", view, _MOST) if rows else []))


def _retention(data: Data, view: View) -> Component:
    t = view.t
    rules = data.estate.people
    rows = [
        (
            t("administration.names"),
            t(f"administration.names.{rules.names}"),
            html.Code("workstations.people.names"),
        ),
        (t("administration.keep"), t.span(rules.keep), html.Code("workstations.people.keep")),
        (
            t("administration.history"),
            t.span(rules.history) if rules.history else t("administration.forever"),
            html.Code("workstations.people.history"),
        ),
        (t("administration.rows"), t.span(rules.log), html.Code("workstations.people.log")),
    ]
    title = t("administration.retention")
    return section(title, html.P(t("administration.retention.lead")), table(_KEPT, rows, title, t))
