"""How long models last: what that is learnt from, the curve of one model, and all models with the way to theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import Child, Column, View, chart, empty, lead, over, table
from dashboard.components.listing import again, groups
from dashboard.data import Issued
from dashboard.figures import lives as figures
from dashboard.sentences import lives as sentences
from dashboard.sentences.renewal import problem
from dashboard.texts import Texts, plain, product

Document = Mapping[str, Any]
"""See `forecasting.survival.document`, read back from JSON."""

_AGE: Final = 3
"""Years at which the chance to fail within the next one is shown."""

_MODELS: Final = (
    Column("model"), Column("watched", True), Column("failures", True), Column("machine_years", True), Column("ages", True),
    Column("fails", True), Column("curve"),
)  # fmt: skip


def lives(issued: Issued | None, path: str, view: View) -> list[Component]:
    """What was learnt and kept; `model` in the address of the page `path` says whose curve is shown."""
    t = view.t
    if issued is None or issued.content is None:
        if issued is not None and issued.problem is not None:
            return [empty(problem(issued.problem, t))]
        return [html.P(t("lives.computing"), className="warning", role="status")]
    found: Document = issued.content
    known = [one for one in found["curves"] if one["rests_on"] is not None]
    asked = (one for one in known if one["key"] == view.query.get("model"))
    chosen = next(asked, None) or _most(known)
    said = sentences.left_out(found, t)
    return [
        lead(*sentences.learnt(found, t)),
        *([html.P(t("lives.stale"), className="dim")] if issued.stale else []),
        *([html.P(said, className="dim")] if said else []),
        *(_curve(chosen, t) if chosen is not None else []),
        *_models(found, path, view),
    ]


def _most(curves: Sequence[Document]) -> Document | None:
    """The model of which most is known."""
    return max(curves, key=lambda one: (one["failures"] or 0, one["watched"]), default=None)


# --- the curve of one ---------------------------------------------------------------------------------


def _curve(one: Document, t: Texts) -> list[Component]:
    name = _name(one, t)
    columns = (Column("age", True), Column("seen_alive", True), Column("counted_alive", True))
    return [
        html.H3(name),
        lead(*sentences.model(one, t)),
        html.Div(
            [
                chart(figures.curve(one, t), t("lives.chart.label", model=name), t),
                table(columns, _ages(one, t), t("lives.ages"), t),
            ],
            className="beside",
        ),
    ]


def _ages(one: Document, t: Texts) -> list[tuple[Child, ...]]:
    """Shares at whole years: as seen, where somebody was watched, and as counted with."""
    whole = [row for row in one["fitted"] if row["age"] and row["age"] == int(row["age"])]
    return [
        (t.count("years", int(row["age"])), _alive(_seen(one, row["age"]), t), _alive(row, t))
        for row in whole
    ]


def _seen(one: Document, age: float) -> Document:
    """The share that was seen to live at an age; without one where nobody was watched then."""
    begun, until = one["watched_from_age"], one["watched_until_age"]
    if begun is None or not begun <= age <= until:
        return {"share": None}
    before = [step for step in one["curve"] if step["age"] <= age]
    return before[-1] if before else {"share": 1.0, "low": None, "high": None}


def _alive(row: Document, t: Texts) -> Child:
    """A share that lives, its interval below; empty where nobody knows."""
    return "" if row["share"] is None else over(t.share(row["share"]), sentences.interval(row, t))


# --- all models ---------------------------------------------------------------------------------------


def _models(found: Document, path: str, view: View) -> list[Component]:
    """Those with most machines watched first."""
    t = view.t
    ordered = sorted(found["curves"], key=lambda one: (-one["watched"], -one["machines"]))
    told = t("lives.more", n=t.number(len(ordered)), more=t.number(found["more"]))
    rows = [_row(one, path, view) for one in ordered]
    return [
        *([lead(told)] if found["more"] else []),
        *groups(_MODELS, rows, t("lives.title"), t("none"), view),
    ]


def _row(one: Document, path: str, view: View) -> tuple[Child, ...]:
    t, name = view.t, _name(one, view.t)
    begun, until, failures = one["watched_from_age"], one["watched_until_age"], one["failures"]
    chance = next(row["chance"] for row in one["fails_within_a_year"] if row["age"] == _AGE)
    way = dcc.Link(name, href=again(path, view, model=one["key"]), id={"link": f"model {one['key']}"})
    few = t("lives.few.short") if one["few"] else ""
    return (
        way if one["rests_on"] else name,
        t.number(one["watched"]),
        "" if failures is None else over(t.number(failures), few),
        "" if begun is None else t.number(one["machine_years"], 1),
        "" if begun is None else t("lives.between", low=t.number(begun, 1), high=t.number(until, 1)),
        "" if chance is None else t.share(chance),
        sentences.whose(one, t) if one["rests_on"] else "",
    )


def _name(one: Document, t: Texts) -> str:
    return plain(product(one["maker"], one["model"])) or t.unknown
