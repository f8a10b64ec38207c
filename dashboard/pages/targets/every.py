"""The list of targets, worst first: a page of rows at a time, by state, site, family and name as the address says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    coded,
    empty,
    extra,
    heading,
    lead,
    mark,
    silence,
    stack,
    target_link,
)
from dashboard.components.listing import chosen, listing, pick, places
from dashboard.data import Data
from dashboard.sentences import targets as sentences
from dashboard.standing import SEVERITY, Watched
from dashboard.texts import Texts, plain

PATH: Final = "/targets"

FAILED: Final = "failed"
"""Of the states that an address may name: targets of which something failed, whatever that is."""

STATES: Final = (FAILED, *SEVERITY)
_COLUMNS: Final = (
    Column("state"), Column("target"), Column("family"), Column("last"), Column("why"),
    Column("next"),
)  # fmt: skip
_NAME_LENGTH: Final = 80


def layout(data: Data, view: View) -> Component:
    """The filters with their counts, and a page of the targets that are asked for."""
    t, found = view.t, data.targets()
    if not found:
        return stack(heading(t("targets.title")), empty(t("targets.none")))
    well = sum(one.state == "well" for one in found)
    return stack(
        heading(t("targets.title")),
        silence(data, t),
        lead(t("targets.lead", well=t.number(well), all=t.number(len(found)))),
        html.Div(_filters(found, view), className="filters"),
        html.Div(
            listing(
                _COLUMNS,
                shown(found, view),
                lambda _place, one: _row(one, t),
                t("targets.title"),
                PATH,
                view,
                t("targets.filtered"),
            ),
            className="panel",
        ),
    )


def shown(found: Sequence[Watched], view: View) -> list[Watched]:
    """The targets that an address asks for, in their order."""
    state, site, family = chosen(view, "state", STATES, ""), view.query.get("site"), view.query.get("family")
    name = view.query.get("name", "")[:_NAME_LENGTH].casefold()
    return [
        one
        for one in found
        if (not state or is_of(one, state))
        and (site is None or site == (one.target.site or ""))
        and (family is None or family == family_of(one))
        and name in one.name.casefold()
    ]


def is_of(one: Watched, state: str) -> bool:
    """Whether a target is of a state that an address may name."""
    return bool(one.failures) or one.state == "down" if state == FAILED else one.state == state


def family_of(one: Watched) -> str:
    """As what it was read last, "" where nobody knows."""
    return one.status.family if one.status else ""


def _filters(found: Sequence[Watched], view: View) -> list[Child]:
    t = view.t
    counts = {state: sum(is_of(one, state) for one in found) for state in STATES}
    states = [
        (state, t("targets.counted", what=t(f"targets.state.{state}"), n=t.number(count)))
        for state, count in counts.items()
        if count or state == view.query.get("state")
    ]
    offered = [("", t("targets.counted", what=t("every.target"), n=t.number(len(found)))), *states]
    by = {
        "site": Counter(one.target.site for one in found if one.target.site),
        "family": Counter(plain(family_of(one)) for one in found if family_of(one)),
    }
    more = [places(t(f"column.{name}"), name, counted, PATH, view) for name, counted in by.items()]
    return [
        pick(t("column.state"), "state", offered, PATH, view),
        *(one for one in more if one is not None),
        _named(view),
    ]


def _named(view: View) -> Component:
    """A part of a name that is typed; what else is chosen stays."""
    t = view.t
    hidden = [
        dcc.Input(type="hidden", name=name, value=view.query[name])
        for name in ("state", "site", "family")
        if name in view.query
    ]
    return html.Form(
        [
            html.Label(t("targets.named"), htmlFor="name", className="dim"),
            dcc.Input(
                id="name", name="name", type="text", value=view.query.get("name", ""), maxLength=_NAME_LENGTH, className="field",
            ),
            *hidden,
            html.Button(t("targets.find"), className="quiet"),
        ],
        action=PATH, method="GET", className="line", **extra(aria_label=t("targets.named")),
    )  # fmt: skip


def _row(one: Watched, t: Texts) -> tuple[Child | list[Child], ...]:
    return (
        mark(one.state, t),
        html.Div(
            [target_link(one.name, "targets"), html.Div(plain(one.target.site), className="dim")],
            className="named",
        ),
        plain(family_of(one)) or t.unknown,
        html.Span(sentences.last(one, t), className="when"),
        sentences.why(one, t),
        html.Span(coded(sentences.todo(one, t))),
    )
