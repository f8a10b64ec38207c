"""What a scenario changes of the renewal of workstations: the plan without it and with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dash import html
from dash.development.base_component import Component

from dashboard import comparisons
from dashboard.components import Column, chart, empty, lead, section, table
from dashboard.components.listing import downloads
from dashboard.components.making import computed
from dashboard.data import Data, Issued
from dashboard.figures import renewal as figures
from dashboard.sentences import renewal as sentences
from dashboard.texts import Texts, plain
from forecasting.renewal.kept import by_line
from inventory.scenarios.reading import ScenarioError
from inventory.state.scenarios import Saved

_FLEET_YEARS: Final = (
    Column("year"), Column("spent_without", True), Column("spent_with", True), Column("budget_with", True),
    Column("count_without", True), Column("count_with", True), Column("failures_without", True), Column("failures_with", True),
    Column("lateness_without", True), Column("lateness_with", True),
)  # fmt: skip
_FLEETS: Final = (
    Column("case"),
    Column("spent", True),
    Column("costs", True),
    Column("count", True),
    Column("late", True),
    Column("lateness", True),
    Column("failures", True),
    Column("gap", True),
)


def alone(saved: Saved) -> bool:
    """Whether a scenario is about workstations alone: no history of stores is asked then."""
    try:
        return saved.scenario.renews_alone
    except ScenarioError:
        return False


def one(data: Data, saved: Saved, t: Texts) -> list[Component]:
    """The renewal plan without a scenario and with it, year by year; nothing where it is not about workstations."""
    issued = data.beside(saved)
    if issued is None:
        return [section(t("scenarios.fleet"), empty(t("scenarios.fleet.none")))] if alone(saved) else []
    if issued.content is None:
        return [section(t("scenarios.fleet"), _awaited(issued, t))]
    found = issued.content
    return [
        section(
            t("scenarios.fleet"),
            lead(sentences.beside(found, t)),
            *computed(issued, t),
            _taken([saved], t),
            chart(figures.beside(found, t), t("scenarios.fleet.label"), t),
            table(_FLEET_YEARS, _fleet_years(found, t), t("scenarios.fleet"), t),
            *_costs(found, t),
        )
    ]


def several(data: Data, chosen: Sequence[Saved], t: Texts) -> list[Component]:
    """Scenarios of workstations beside each other: money, machines past a deadline, failures."""
    cases = data.compared(chosen)
    issued = [data.beside(one) for one in chosen]
    awaited = any(piece is not None and piece.content is None for piece in issued)
    said: list[Component] = (
        [html.P(t("scenarios.fleet.computing"), className="warning", role="status")] if awaited else []
    )
    if not cases:
        return said
    rows = [_total(plain(name, 120), one, t) for name, one in comparisons.plans(cases, t)]
    title = t("scenarios.fleets")
    return [*said, section(title, _taken(chosen, t), table(_FLEETS, rows, title, t))]


def _awaited(issued: Issued, t: Texts) -> Component:
    if issued.problem:
        return html.Div(
            [empty(t("renewal.problem")), html.P(sentences.problem(issued.problem, t), className="dim")]
        )
    return html.P(t("scenarios.fleet.computing"), className="warning", role="status")


def _fleet_years(found: Any, t: Texts) -> list[tuple[str, ...]]:
    before, after = found["without"], found["with"]
    currency = before["currency"]

    def cells(name: str, one: Any, other: Any) -> tuple[str, ...]:
        budget = (
            t("purchase.unbounded") if other.get("budget") is None else t.money(other["budget"], currency)
        )
        return (
            name, t.money(one["spent"], currency), t.money(other["spent"], currency), budget, _count(one.get("machines"), t),
            _count(other.get("machines"), t), _count(one["failures"], t), _count(other["failures"], t),
            t.number(one["lateness"], 1), t.number(other["lateness"], 1),
        )  # fmt: skip

    rows = [
        cells(str(one["year"]), one, other)
        for one, other in zip(before["years"], after["years"], strict=False)
    ]
    return [*rows, cells(t("renewal.all"), _all_years(before), _all_years(after))]


def _costs(found: Any, t: Texts) -> list[Component]:
    """The money of all years by line, without the scenario and with it."""
    plans, currency = (found["without"], found["with"]), found["without"]["currency"]
    titles = ("column.spent_without", "column.spent_with", "renewal.costs.difference")
    columns = (
        Column("line"),
        *(Column("sum", True, t(one)) for one in titles),
    )
    rows = [
        (
            t(f"cost.{name}"), t.money(one, currency), t.money(other, currency),
            sentences.signed(other - one, t.money(abs(other - one), currency)),
        )
        for name, (one, other) in by_line([comparisons.costs(plan) for plan in plans])
    ]  # fmt: skip
    title = t("scenarios.costs")
    return [html.H3(title), table(columns, rows, title, t)]


def _all_years(one: Any) -> dict[str, Any]:
    """A plan as one row of its years."""
    budgets = [year["budget"] for year in one["years"]]
    return {
        **one,
        "machines": comparisons.total(one, "machines"),
        "budget": None if None in budgets else sum(budgets),
    }


def _count(value: float | None, t: Texts) -> str:
    return "" if value is None else t.number(value)


def _taken(chosen: Sequence[Saved], t: Texts) -> Component:
    names = ",".join(one.name for one in chosen)
    return downloads(t("export"), "/scenarios/export", ("xlsx",), compare=names)


def _total(name: str, one: Any, t: Texts) -> tuple[str, ...]:
    return (
        name,
        t.money(one["spent"], one["currency"]),
        t.money(one["total"], one["currency"]),
        t.number(comparisons.total(one, "machines")),
        t.number(one["overdue"]),
        t.number(one["lateness"], 1),
        t.number(one["failures"]),
        t.share(one["gap"]),
    )
