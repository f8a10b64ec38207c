"""What a scenario moves of stores and loads: dates, amounts, and the course of one."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import Column, View, address, chart, choices, section, table
from dashboard.data import Data
from dashboard.figures import storage
from dashboard.pages.capacity import one as capacity
from dashboard.sentences import scenarios as sentences
from dashboard.standing import Store
from dashboard.texts import Texts, plain
from forecasting.scenarios.comparing import YEAR, Case, Comparison
from forecasting.scenarios.projecting import Prospect
from inventory.scenarios import Scenario

_DATES: Final = (
    Column("store"), Column("case"), Column("full", True), Column("between", True), Column("order", True),
)  # fmt: skip
_AMOUNTS: Final = (
    Column("store"), Column("case"), Column("added", True), Column("level", True), Column("chance90", True),
    Column("chance365", True),
)  # fmt: skip


def moves(found: Comparison, t: Texts) -> list[Component]:
    """The dates, and the amounts, of all that is moved: without, and with each scenario that moves it."""
    shown = found.shown
    single = len(found.cases) == 1
    heads = [(sentences.place(case.prospects[name], t), _case(case, single, t)) for case, name in shown]
    dates = [
        (*head, *_dates(case.prospects[name], t)) for head, (case, name) in zip(heads, shown, strict=True)
    ]
    amounts = [(*head, *_amounts(case, name, t)) for head, (case, name) in zip(heads, shown, strict=True)]
    moved, added = (t(f"scenarios.{what}{'' if single else '.all'}") for what in ("moves", "adds"))
    return [
        section(moved, table(_DATES, dates, moved, t)),
        section(added, table(_AMOUNTS, amounts, added, t)),
    ]


def _case(case: Case, single: bool, t: Texts) -> str:
    if case.scenario is None:
        return t("scenarios.without" if single else "scenarios.base")
    return t("scenarios.with") if single else plain(case.scenario.heading)


def _dates(one: Prospect, t: Texts) -> tuple[str, ...]:
    between = [t.day(day) if day else "…" for day in (one.early, one.late)] if one.early else []
    return (
        t.day(one.central) if one.central else sentences.untold(one, t),
        " – ".join(between),
        t.day(one.order_by) if one.order_by else "",
    )


def _amounts(case: Case, name: str, t: Texts) -> tuple[str, ...]:
    one = case.prospects[name]
    added, level = case.added.get(name), one.level(YEAR)
    return (
        "" if added is None else sentences.three(one, added[YEAR - 1].tolist(), t),
        "" if level is None else sentences.three(one, level, t),
        *(t.ratio(one.chances[days]) if days in one.chances else "" for days in (90, 365)),
    )


def course(data: Data, found: Comparison, view: View) -> list[Component]:
    """The chart of one store that it moves, with or without it, as the address says."""
    t = view.t
    (case,) = found.cases
    stores = [
        name
        for name in found.names
        if name in case.added and found.base.prospects[name].series.quantity == "storage"
    ]
    if not stores or case.scenario is None:
        return []
    chosen = view.query.get("store", stores[0])
    chosen = chosen if chosen in stores else stores[0]
    without = view.query.get("case") == "without"
    prospect = (found.base if without else case).prospects[chosen]
    history, capacity = data.course(chosen)
    if len(history) < 2 or not len(prospect.path):
        return []

    def to(store: str, which: str) -> str:
        return address("/scenarios", name=case.name, store=store, case=which)

    which = "without" if without else "with"
    target = data.estate.target(prospect.series.target)
    figure = storage.growth(
        history,
        prospect.path.iloc[: 2 * YEAR],
        capacity,
        (target.ceiling or 1.0) if target else 1.0,
        _marked(data, chosen, None if without else case.scenario),
        data.today,
        t,
    )
    places = [
        (sentences.place(found.base.prospects[one], t), to(one, which), one == chosen) for one in stores
    ]
    cases = [(t(f"scenarios.{one}"), to(chosen, one), one == which) for one in ("without", "with")]
    return [
        section(
            t("scenarios.chart"),
            html.Div(
                [
                    choices(t("column.store"), places, "store"),
                    choices(t("scenarios.chart.filter"), cases, "case"),
                ],
                className="filters",
            ),
            chart(figure, t("scenarios.chart.label"), t),
            *_decisions(data, chosen, t),
        )
    ]


def _marked(data: Data, name: str, scenario: Scenario | None) -> storage.Told:
    """What the chart of a store marks, and where a scenario changes something, numbered as its changes are."""
    store = _known(data, name)
    found = capacity.told(data, store) if store else storage.Told()
    return found._replace(changed=[one.start for one in scenario.changes] if scenario else ())


def _decisions(data: Data, name: str, t: Texts) -> list[Component]:
    store = _known(data, name)
    found = capacity.decisions(data, store, t) if store else None
    return [html.H3(t("capacity.decided")), found] if found else []


def _known(data: Data, name: str) -> Store | None:
    return next((one for one in data.stores() if one.unique_id == name), None)
