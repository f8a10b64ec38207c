"""Scenarios: what may come, what each moves, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import comparisons, deciding, preparing
from dashboard.access import gate
from dashboard.components import (
    Child,
    Column,
    View,
    address,
    chart,
    choices,
    empty,
    extra,
    heading,
    lead,
    link,
    section,
    stack,
    table,
)
from dashboard.components.listing import downloads
from dashboard.data import Data, Issued
from dashboard.figures import renewal as figures
from dashboard.figures import storage
from dashboard.sentences import renewal
from dashboard.texts import Texts, plain
from forecasting.scenarios.cascade import Factor, Nightly, Reach, Recovery
from forecasting.scenarios.comparing import YEAR, Case, Comparison
from forecasting.scenarios.projecting import Prospect
from inventory.scenarios.amounts import AnyEstimate
from inventory.scenarios.changes import FLEET, Change
from inventory.scenarios.reading import ScenarioError
from inventory.state.scenarios import Decision, Saved

NAME, PATH = "scenarios", "/scenarios"

_LIST: Final = (Column("scenario"), Column("standing"), Column("since", True), Column("who"), Column("why"))
_DATES: Final = (
    Column("store"), Column("case"), Column("full", True), Column("between", True), Column("order", True),
)  # fmt: skip
_AMOUNTS: Final = (
    Column("store"), Column("case"), Column("added", True), Column("level", True), Column("chance90", True),
    Column("chance365", True),
)  # fmt: skip
_EFFECT: Final = (
    Column("store"), Column("since", True), Column("expected", True), Column("measured", True), Column("answer"),
)  # fmt: skip
_FLEET_YEARS: Final = (
    Column("year"), Column("spent_without", True), Column("spent_with", True), Column("budget_with", True),
    Column("count_without", True), Column("count_with", True), Column("failures_without", True), Column("failures_with", True),
)  # fmt: skip
_FLEETS: Final = (
    Column("case"),
    Column("spent", True),
    Column("count", True),
    Column("late", True),
    Column("failures", True),
    Column("gap", True),
)
_MOST: Final = 4
"""Scenarios that are compared at once."""


def layout(data: Data, view: View) -> Component:
    """The list, the scenario that the address names, or several side by side."""
    if "name" in view.query:
        return _one(data, view)
    return _several(data, view) if "compare" in view.query else _all(data, view)


# --- all --------------------------------------------------------------------------------------------


def _all(data: Data, view: View) -> Component:
    t = view.t
    found = data.scenarios()
    offered = _offered(data, view)
    if not found:
        return stack(heading(t("scenarios.title")), empty(t("scenarios.empty")), *offered)
    rows = [
        (
            dcc.Link(
                plain(one.title), href=address(PATH, name=one.name), id={"link": f"scenario {one.name}"}
            ),
            _standing(one.standing, t),
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


def _standing(standing: str, t: Texts) -> str:
    return t(f"scenarios.standing.{standing}")


def _several(data: Data, view: View) -> Component:
    t = view.t
    names = view.query["compare"].split(",")[:_MOST]
    chosen = [one for one in data.scenarios() if one.name in names]
    top = [_back(t), heading(t("scenarios.compared"))]
    if not chosen:
        return stack(*top, empty(t("scenarios.lost")))
    stores = [one for one in chosen if not fleet_only(one)]
    fleet = _fleets(data, chosen, t)
    if not stores:
        return stack(*top, *fleet)
    found = data.comparison(stores)
    if found.comparison is None:
        return stack(*top, *_wrong(found.mistake, t), *fleet)
    return stack(*top, *_moves(found.comparison, t), *fleet)


def _back(t: Texts) -> Component:
    return dcc.Link(t("scenarios.back"), href=PATH, id={"link": "back"}, className="back")


def _wrong(mistake: str, t: Texts) -> list[Component]:
    return [empty(t("scenarios.wrong")), *([html.P(plain(mistake, 600), className="dim")] if mistake else [])]


# --- one --------------------------------------------------------------------------------------------


def _one(data: Data, view: View) -> Component:
    t = view.t
    saved = next((one for one in data.scenarios() if one.name == view.query["name"]), None)
    if saved is None:
        return stack(_back(t), heading(t("scenarios.title")), empty(t("scenarios.lost")))
    refused = (
        [html.P(t("scenarios.refused"), className="warning", role="status")]
        if "refused" in view.query
        else []
    )
    if fleet_only(saved):
        body = [
            section(
                t("scenarios.changes"),
                html.Ul([html.Li(_described(one, t)) for one in saved.scenario.changes]),
            )
        ]
    else:
        found = data.comparison([saved])
        body = (
            _wrong(found.mistake, t) if found.comparison is None else _computed(data, found.comparison, view)
        )
    return stack(
        _back(t),
        heading(plain(saved.title), html.Span(_standing(saved.standing, t), className="dim")),
        *refused,
        *body,
        *_fleet(data, saved, t),
        *_effects(data, saved, t),
        section(t("scenarios.decisions"), _history(data.decisions(saved.name), t), _form(saved, t)),
    )


def _computed(data: Data, found: Comparison, view: View) -> list[Component]:
    t = view.t
    (case,) = found.cases
    scenario = case.scenario
    changes = [html.Li(_described(change, t)) for change in scenario.changes] if scenario else []
    return [
        *([lead(plain(scenario.why, 400))] if scenario and scenario.why else []),
        section(t("scenarios.changes"), html.Ul(changes)),
        *_moves(found, t),
        *_course(data, found, view),
        section(
            t("scenarios.follows"), html.Ul([html.Li(one) for one in _follows(case, data.estate.currency, t)])
        ),
    ]


def _moves(found: Comparison, t: Texts) -> list[Component]:
    """The dates, and the amounts, of all that is moved: without, and with each scenario that moves it."""
    shown = [
        (case, name)
        for name in found.names
        for case in (found.base, *found.cases)
        if case.scenario is None or name in case.added or name in found.moved(case)
    ]
    single = len(found.cases) == 1
    heads = [(_place(case.prospects[name], t), _case(case, single, t)) for case, name in shown]
    dates = [
        (*head, *_dates(case.prospects[name], t)) for head, (case, name) in zip(heads, shown, strict=True)
    ]
    amounts = [(*head, *_amounts(case, name, t)) for head, (case, name) in zip(heads, shown, strict=True)]
    return [
        section(t("scenarios.moves"), table(_DATES, dates, t("scenarios.moves"), t)),
        section(t("scenarios.adds"), table(_AMOUNTS, amounts, t("scenarios.adds"), t)),
    ]


def _case(case: Case, single: bool, t: Texts) -> str:
    if case.scenario is None:
        return t("scenarios.without" if single else "scenarios.base")
    return t("scenarios.with") if single else plain(case.scenario.heading)


def _dates(one: Prospect, t: Texts) -> tuple[str, ...]:
    between = [t.day(day) if day else "…" for day in (one.early, one.late)] if one.early else []
    return (
        t.day(one.central) if one.central else _reason(one, t),
        " – ".join(between),
        t.day(one.order_by) if one.order_by else "",
    )


def _amounts(case: Case, name: str, t: Texts) -> tuple[str, ...]:
    one = case.prospects[name]
    added, level = case.added.get(name), one.level(YEAR)
    return (
        "" if added is None else _three(one, added[YEAR - 1].tolist(), t),
        "" if level is None else _three(one, level, t),
        *(t.ratio(one.chances[days]) if days in one.chances else "" for days in (90, 365)),
    )


def _place(one: Prospect, t: Texts) -> str:
    what = one.series.store or t(f"scenarios.quantity.{one.series.quantity}")
    return f"{plain(one.series.target)} {plain(what)}"


def _reason(one: Prospect, t: Texts) -> str:
    return t(f"no.{one.reason}") if one.reason else ""


def _amount(one: Prospect, value: float, t: Texts) -> str:
    """A number in the unit of the series."""
    if one.series.metric.endswith("_bytes"):
        return t.size(value)
    return t.ratio(value) if one.series.metric.endswith("_ratio") else t.number(value)


def _three(one: Prospect, three: Sequence[float], t: Texts) -> str:
    low, likely, high = (_amount(one, value, t) for value in three)
    return likely if low == high else t("scenarios.three", low=low, likely=likely, high=high)


def _course(data: Data, found: Comparison, view: View) -> list[Component]:
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
        return address(PATH, name=case.name, store=store, case=which)

    which = "without" if without else "with"
    target = data.estate.target(prospect.series.target)
    figure = storage.growth(
        history,
        prospect.path.iloc[: 2 * YEAR],
        capacity,
        (target.ceiling or 1.0) if target else 1.0,
        (),
        data.today,
        t,
    )
    places = [(_place(found.base.prospects[one], t), to(one, which), one == chosen) for one in stores]
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
        )
    ]


# --- workstations -----------------------------------------------------------------------------------


def fleet_only(saved: Saved) -> bool:
    """Whether a scenario is about workstations alone: no history of stores is asked then."""
    try:
        return all(isinstance(change, FLEET) for change in saved.scenario.changes)
    except ScenarioError:
        return False


def _fleet(data: Data, saved: Saved, t: Texts) -> list[Component]:
    """The renewal plan without a scenario and with it, year by year; nothing where it is not about workstations."""
    issued = data.beside(saved)
    if issued is None:
        return [section(t("scenarios.fleet"), empty(t("scenarios.fleet.none")))] if fleet_only(saved) else []
    if issued.content is None:
        return [section(t("scenarios.fleet"), _awaited(issued, t))]
    found = issued.content
    return [
        section(
            t("scenarios.fleet"),
            lead(renewal.beside(found, t)),
            html.P(t("renewal.at", at=t.instant(issued.at)), className="dim"),
            *([html.P(t("renewal.stale"), className="warning", role="status")] if issued.stale else []),
            _taken([saved], t),
            chart(figures.beside(found, t), t("scenarios.fleet.label"), t),
            table(_FLEET_YEARS, _fleet_years(found, t), t("scenarios.fleet"), t),
        )
    ]


def _awaited(issued: Issued, t: Texts) -> Component:
    if issued.problem:
        return html.Div([empty(t("renewal.problem")), html.P(plain(issued.problem, 400), className="dim")])
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
        )  # fmt: skip

    rows = [
        cells(str(one["year"]), one, other)
        for one, other in zip(before["years"], after["years"], strict=False)
    ]
    for each in (before, after):
        each["machines"] = sum(one["machines"] for one in each["years"])
    budgets = [one["budget"] for one in after["years"]]
    after["budget"] = None if None in budgets else sum(budgets)
    return [*rows, cells(t("renewal.all"), before, after)]


def _count(value: float | None, t: Texts) -> str:
    return "" if value is None else t.number(value)


def _fleets(data: Data, chosen: Sequence[Saved], t: Texts) -> list[Component]:
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


def _taken(chosen: Sequence[Saved], t: Texts) -> Component:
    names = ",".join(one.name for one in chosen)
    return downloads(t("export"), "/scenarios/export", ("xlsx",), compare=names)


def _total(name: str, one: Any, t: Texts) -> tuple[str, ...]:
    return (
        name,
        t.money(one["spent"], one["currency"]),
        t.number(comparisons.total(one, "machines")),
        t.number(one["overdue"]),
        t.number(one["failures"]),
        t.share(one["gap"]),
    )


def _offered(data: Data, view: View) -> list[Component]:
    """Changes that are prepared, each with its number, for those who may."""
    t = view.t
    if not data.plans() or data.workstations() is None:
        return []
    if not gate.allows(preparing.ROLE):
        return [section(t("prepared"), html.P(t("prepared.readers"), className="dim"))]
    wrong = (
        [html.P(t("prepared.refused"), className="warning", role="status")]
        if "unprepared" in view.query
        else []
    )
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
            html.Option(t("list.every"), value=""),
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


# --- in words ---------------------------------------------------------------------------------------


def _described(change: Change, t: Texts) -> str:
    what = t(_key(change), **(_of_fleet(change, t) if isinstance(change, FLEET) else _values(change, t)))
    if change.end is None:
        return t("scenarios.from", start=t.day(change.start), what=what)
    return t("scenarios.between", start=t.day(change.start), end=t.day(change.end), what=what)


def _key(change: Change) -> str:
    return "scenarios.reduction.change" if change.kind == "reduction" else f"scenarios.{change.kind}"


def _of_fleet(change: Any, t: Texts) -> dict[str, str]:
    """The same of a change that is about workstations."""
    made = {
        "rate": lambda rate: renewal.signed(rate, t.ratio(abs(rate))),
        "years": lambda years: renewal.signed(years, t.number(abs(years), 0 if years == int(years) else 2)),
        "until": t.day,
    }
    names = ("rate", "years", "until", "product", "name")
    return {name: made.get(name, plain)(getattr(change, name)) for name in names if hasattr(change, name)}


def _values(change: Any, t: Texts) -> dict[str, str]:
    """What the sentence of a change speaks of, of all that it may have."""
    where = change.to if change.kind == "migration" else change
    found = {"place": _spot(where)}
    for name in ("studies", "slides", "places", "count", "months"):
        if getattr(change, name, None) is not None and change.kind != "building":
            found[name] = _range(getattr(change, name).three, t.number)
    makers = {"digital": t.ratio, "rate": t.ratio, "after": lambda one: t.number(one, 1)}
    for name, made in makers.items():
        if getattr(change, name, None) is not None:
            found["factor" if name == "after" else name] = _range(getattr(change, name).three, made)
    if change.kind == "building":
        found["places"] = _range(change.places.three, t.number)
    if isinstance(getattr(change, "amount", None), AnyEstimate):
        found["amount"] = _range(change.amount.three, t.size if change.amount.bytes else t.number)
    plainly = {"modality": getattr(change, "modality", ""), "years": str(getattr(change, "keep", ""))}
    found |= {name: plain(text) for name, text in plainly.items()}
    if change.kind == "rate":
        found["per"] = t(f"scenarios.per.{change.per}")
    if change.kind == "migration":
        found["origin"] = _spot(change.origin)
    if change.kind == "reduction":
        found["before"] = t.number(change.before, 1)
    return found


def _spot(where: Any) -> str:
    target, store = getattr(where, "target", ""), getattr(where, "store", None)
    return f"{plain(target)} {plain(store)}" if store else plain(target)


def _range(three: Sequence[float], made: Any) -> str:
    low, likely, high = (made(value) for value in three)
    return likely if low == high else f"{likely} ({low} – {high})"


def _follows(case: Case, currency: str, t: Texts) -> Iterator[str]:
    for size in case.bases:
        shown = _range(size.sizes, t.size)
        yield t(
            f"scenarios.size.{size.kind}", modality=plain(size.modality), size=shown, n=t.number(size.studies)
        )
    for one in case.loads:
        yield t(
            f"scenarios.load.{one.kind}",
            busy=_range(one.busy, lambda value: t.number(value, 2)),
            days=t.number(one.days),
            target=plain(one.target),
            n=t.number(one.processors),
            told=t("scenarios.processors.told" if one.told else "scenarios.processors.given"),
        )
    if case.cost is not None:
        yield t("scenarios.cost", cost=t.money(case.cost, currency))
    if case.reach is not None:
        yield from _reached(case.reach, t)


def _reached(reach: Reach, t: Texts) -> Iterator[str]:
    for night in reach.nightly:
        yield " ".join(_night(night, t))
    for one in reach.recoveries:
        yield " ".join(_restore(one, t))
    for circle in reach.circles:
        yield t("scenarios.circle", names=", ".join(plain(name) for name in circle))
    for missing in reach.missing:
        yield t("scenarios.missing", name=plain(missing))


def _night(one: Nightly, t: Texts) -> Iterator[str]:
    way = one.way
    store = f"{plain(way.repository.target)} {plain(way.repository.store)}"
    reduction = t.number(way.reduction.three[1], 2)
    yield t("scenarios.reduction", store=store, factor=reduction, origin=_origin(way.reduction, t))
    yield t(
        "scenarios.night",
        target=plain(way.target),
        store=store,
        before=t.size(one.bytes_before[1]),
        after=_range(one.bytes_after, t.size),
        change=f"{t.number(way.change.three[1] * 100, 1)} %",
        origin=_origin(way.change, t),
    )
    if one.hours_before and one.hours_after:
        before, after = (
            _hours(one.hours_before[1], t),
            _range(one.hours_after, lambda hours: _hours(hours, t)),
        )
        yield t("scenarios.night.hours", before=before, after=after)


def _restore(one: Recovery, t: Texts) -> Iterator[str]:
    after = _range(one.after_scenario, lambda hours: _hours(hours, t))
    yield t("scenarios.restore", target=plain(one.target), before=_hours(one.before[1], t), after=after)
    if one.way is not None and one.way.restore and one.way.pace:
        speed = t.size(one.way.restore)
        yield t(f"scenarios.pace.{one.way.pace}", speed=speed, n=t.number(one.way.tests))
    if one.after:
        yield t("scenarios.restore.first", names=", ".join(plain(name) for name in one.after))
    if one.late and one.rto is not None:
        yield t("scenarios.restore.late", rto=_hours(one.rto, t))


def _origin(factor: Factor, t: Texts) -> str:
    """Where a figure comes from; of what is measured, from how many days."""
    if factor.days:
        return t("scenarios.origin.days", n=t.number(factor.days))
    return t(f"scenarios.origin.{factor.origin}")


def _hours(hours: float, t: Texts) -> str:
    if hours < 1:
        return t("scenarios.minutes", n=t.number(hours * 60, 1))
    return t("scenarios.hours", n=t.number(hours, 1 if hours < 100 else 0))


# --- decisions --------------------------------------------------------------------------------------


def _history(decisions: Sequence[Decision], t: Texts) -> Component:
    lines = [
        t(
            "scenarios.decided.why" if one.why else "scenarios.decided",
            day=t.instant(one.at),
            action=_standing(one.action, t),
            who=plain(one.who),
            why=plain(one.why, 400),
        )
        for one in decisions
    ]
    return html.Ul([html.Li(line) for line in lines])


def _form(saved: Saved, t: Texts) -> Component:
    """The way to decide, for those who may."""
    if not gate.allows(deciding.ROLE):
        return html.P(t("scenarios.readers"), className="dim")
    action = "withdraw" if saved.standing == "committed" else "commit"
    reason = html.Textarea(name="why", required=True, maxLength=400, rows=2, id="why", className="reason")
    button = html.Button(t(f"scenarios.{action}"), name="action", value=action, className="quiet")
    return html.Form(
        [html.Label(t("scenarios.reason"), htmlFor="why", className="dim"), reason, button],
        action=address(deciding.PATH, name=saved.name),
        method="POST",
        className="decide",
        **extra(aria_label=t(f"scenarios.{action}")),
    )


def _effects(data: Data, saved: Saved, t: Texts) -> list[Component]:
    found = data.effects(saved.name)
    if not found:
        return []
    rows = []
    for one in found:
        made = t.size if one.unique_id.partition("{")[0].endswith("_bytes") else _plainly(t)
        measured = "" if one.measured is None or np.isnan(one.measured[1]) else _range(one.measured, made)
        answer = t(f"scenarios.answer.{one.answer}")
        rows.append((plain(one.place, 160), t.day(one.start), _range(one.expected, made), measured, answer))
    return [section(t("scenarios.effect"), table(_EFFECT, rows, t("scenarios.effect"), t))]


def _plainly(t: Texts) -> Any:
    return lambda value: t.number(value, 2)
