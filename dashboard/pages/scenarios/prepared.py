"""Changes that a manager prepares by a number: a form each."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import preparing
from dashboard.access import gate
from dashboard.components import Child, View, extra, lead, section
from dashboard.data import Data
from dashboard.texts import Texts, plain


def offered(data: Data, view: View) -> list[Component]:
    """Changes that are prepared, each with its number, for those who may."""
    t = view.t
    if not data.plans() or data.workstations() is None:
        return []
    if not gate.allows(preparing.ROLE):
        return [section(t("prepared"), html.P(t("prepared.readers"), className="dim"))]
    why = view.query.get("unprepared", "")
    said = t("prepared.refused.unclear" if why == "unclear" else "prepared.refused")
    wrong = [html.P(said, className="warning", role="status")] if why else []
    forms = [
        _prepared(one, data, t)
        for one in preparing.PREPARED
        if one.kind != "edition" or preparing.longest(data.today)
    ]
    return [section(t("prepared"), lead(t("prepared.lead")), *wrong, *forms)]


def _prepared(one: preparing.Prepared, data: Data, t: Texts) -> Component:
    """One change as a form: its number, the year from which it counts, and whom it is about."""
    today = data.today
    ids = f"prepared-{one.kind}"
    years = [html.Option(str(year), value=str(year)) for year in range(today.year, today.year + 5)]
    fields: list[Child] = [
        dcc.Input(type="hidden", name="kind", value=one.kind),
        html.Label(t(f"prepared.{one.kind}.number", currency=data.estate.currency), htmlFor=ids, className="dim"),
        dcc.Input(
            id=ids, name="number", type="text", value=f"{one.number:g}", maxLength=12, required=True,
            className="field", autoComplete="off",
        ),
    ]  # fmt: skip
    if one.kind == "desktops":
        fields += [
            html.Label(t("prepared.running", currency=data.estate.currency), htmlFor=f"{ids}-running", className="dim"),
            dcc.Input(id=f"{ids}-running", name="running", type="text", value="0", maxLength=12, className="field", autoComplete="off"),
        ]  # fmt: skip
    if one.kind in ("age", "edition", "desktops") and data.rules.classes:
        options = [
            html.Option(t("every.class"), value=""),
            *(html.Option(plain(use.title or use.name, 60), value=use.name) for use in data.rules.classes),
        ]
        fields += [
            html.Label(t("column.use"), htmlFor=f"{ids}-use", className="dim"),
            html.Select(options, id=f"{ids}-use", name="use", className="field"),
        ]
    fields += [
        html.Label(t("prepared.from"), htmlFor=f"{ids}-year", className="dim"),
        html.Select(years, id=f"{ids}-year", name="year", className="field"),
        html.Button(t("prepared.save"), className="quiet"),
    ]
    said = (
        t(f"prepared.{one.kind}", edition=_edition(data, t))
        if one.kind == "edition"
        else t(f"prepared.{one.kind}")
    )
    form = html.Form(fields, action=preparing.PATH, method="POST", className="line", **extra(aria_label=said))
    return html.Details([html.Summary(said), form], open=one.kind == "budget")


def _edition(data: Data, t: Texts) -> str:
    found = preparing.longest(data.today)
    return f"{plain(found.title)}, {t.day(found.ends)}" if found else ""
