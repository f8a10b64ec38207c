"""Scenarios: what may come, what each moves, and what was decided."""

from __future__ import annotations

from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    address,
    empty,
    heading,
    lead,
    link,
    section,
    stack,
    table,
)
from dashboard.data import Data
from dashboard.pages.scenarios import decided, fleet, prepared, stores
from dashboard.sentences import scenarios as sentences
from dashboard.texts import Texts, plain
from forecasting.scenarios.comparing import Comparison

NAME, PATH = "scenarios", "/scenarios"
_LIST: Final = (Column("scenario"), Column("standing"), Column("since", True), Column("who"), Column("why"))
_MOST: Final = 4
"""Scenarios that are compared at once."""


def layout(data: Data, view: View) -> Component:
    """The list, the scenario that the address names, or several side by side."""
    if "name" in view.query:
        return _one(data, view)
    return _several(data, view) if "compare" in view.query else _all(data, view)


def _all(data: Data, view: View) -> Component:
    t = view.t
    found = data.scenarios()
    offered = prepared.offered(data, view)
    if not found:
        return stack(heading(t("scenarios.title")), empty(t("scenarios.empty")), *offered)
    rows = [
        (
            dcc.Link(
                plain(one.title), href=address(PATH, name=one.name), id={"link": f"scenario {one.name}"}
            ),
            decided.standing(one.standing, t),
            t.instant(one.at),
            plain(one.who),
            plain(one.why, 200),
        )
        for one in found
    ]
    together: list[Child] = []
    if len(found) > 1:
        names = ",".join(one.name for one in found[:_MOST])
        together = [link(t("scenarios.compare"), PATH, "compare", compare=names)]
    return stack(
        heading(t("scenarios.title")),
        lead(t("scenarios.lead")),
        section(t("scenarios.title"), table(_LIST, rows, t("scenarios.title"), t)),
        together,
        *offered,
    )


def _several(data: Data, view: View) -> Component:
    t = view.t
    names = view.query["compare"].split(",")[:_MOST]
    chosen = [one for one in data.scenarios() if one.name in names]
    top = [_back(t), heading(t("scenarios.compared"))]
    if not chosen:
        return stack(*top, empty(t("scenarios.lost")))
    of_stores = [one for one in chosen if not fleet.alone(one)]
    of_fleet = fleet.several(data, chosen, t)
    if not of_stores:
        return stack(*top, *of_fleet)
    found = data.comparison(of_stores)
    if found.comparison is None:
        return stack(*top, *_wrong(found.mistake, t), *of_fleet)
    return stack(*top, *stores.moves(found.comparison, t), *of_fleet)


def _back(t: Texts) -> Component:
    return dcc.Link(t("scenarios.back"), href=PATH, id={"link": "back"}, className="back")


def _wrong(mistake: str, t: Texts) -> list[Component]:
    return [empty(t("scenarios.wrong")), *([html.P(plain(mistake, 600), className="dim")] if mistake else [])]


def _one(data: Data, view: View) -> Component:
    t = view.t
    saved = next((one for one in data.scenarios() if one.name == view.query["name"]), None)
    if saved is None:
        return stack(_back(t), heading(t("scenarios.title")), empty(t("scenarios.lost")))
    why = "scenarios.anew" if view.query.get("refused") == "anew" else "scenarios.refused"
    refused = [html.P(t(why), className="warning", role="status")] if "refused" in view.query else []
    if fleet.alone(saved):
        body = [
            section(
                t("scenarios.changes"),
                html.Ol([html.Li(sentences.described(one, t)) for one in saved.scenario.changes]),
            )
        ]
    else:
        found = data.comparison([saved])
        body = (
            _wrong(found.mistake, t) if found.comparison is None else _computed(data, found.comparison, view)
        )
    return stack(
        _back(t),
        heading(plain(saved.title), html.Span(decided.standing(saved.standing, t), className="dim")),
        *refused,
        *body,
        *fleet.one(data, saved, t),
        *decided.effects(data, saved, t),
        section(
            t("scenarios.decisions"), decided.history(data.decisions(saved.name), t), decided.form(saved, t)
        ),
    )


def _computed(data: Data, found: Comparison, view: View) -> list[Component]:
    t = view.t
    (case,) = found.cases
    scenario = case.scenario
    changes = [html.Li(sentences.described(change, t)) for change in scenario.changes] if scenario else []
    return [
        *([lead(plain(scenario.why, 400))] if scenario and scenario.why else []),
        section(t("scenarios.changes"), html.Ol(changes)),
        *stores.moves(found, t),
        *stores.course(data, found, view),
        section(
            t("scenarios.follows"),
            html.Ul([html.Li(one) for one in sentences.follows(case, data.estate.currency, t)]),
        ),
    ]
