"""The renewal plan: what is bought when, for how much money, why, and what stays past its deadline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    chart,
    coded,
    empty,
    heading,
    lead,
    link,
    over,
    section,
    stack,
    table,
)
from dashboard.components.listing import around, chosen, downloads, groups, listing, nothing, pick
from dashboard.components.making import computed, computing
from dashboard.data import Data, Issued
from dashboard.figures import renewal as figures
from dashboard.plans import offer_title, use_title
from dashboard.sentences import lives
from dashboard.sentences import renewal as sentences
from dashboard.texts import Texts, plain, product
from forecasting.renewal.kept import by_line

NAME, PATH = "renewal", "/renewal"
IS_SHARED: Final = True
IS_STILL: Final = True

_YEARS: Final = (
    Column("year"), Column("count", True), Column("spent", True), Column("budget", True), Column("left", True),
    Column("failures", True), Column("past_age", True), Column("lateness", True),
)  # fmt: skip
_PURSES: Final = (
    Column("year"),
    Column("purse"),
    Column("spent", True),
    Column("budget", True),
    Column("left", True),
)
_WAVES: Final = (
    Column("quarter"), Column("count", True), Column("replaces"), Column("item"), Column("why"),
)  # fmt: skip
_LATE: Final = (
    Column("machine"),
    Column("place"),
    Column("model"),
    Column("deadline", True),
    Column("late_until", True),
    Column("months", True),
    Column("replaced"),
    Column("why"),
)
_ENDED: Final = (Column("needs"), Column("count", True), Column("replaced_by", True))  # fmt: skip
_CURVE: Final = (
    Column("more"), Column("budget", True), Column("spent", True), Column("late", True), Column("lateness", True),
    Column("failures", True), Column("worth", True), Column("gap", True), Column("lump", True),
)  # fmt: skip
_BY: Final = ("quarter", "site", "class", "model", "offer")
_SHOWN: Final = 40
_SAME: Final = (
    "quarter",
    "ordered",
    "year",
    "maker",
    "model",
    "use",
    "site",
    "offer",
    "why",
    "again",
    "told",
)
Document = Mapping[str, Any]


def layout(data: Data, view: View) -> Component:
    """The plan that was computed last, with its age; what there is to do where there is none."""
    t = view.t
    top = [heading(t("renewal.title")), around(NAME, view)]
    machines = data.workstations()
    if machines is None:
        return stack(*top, *nothing(t))
    if not data.plans():
        return stack(*top, empty(t("renewal.undeclared")))
    issued = data.renewal()
    if not machines.rows and not (issued and issued.content and issued.content["waves"]):
        return stack(*top, empty(t("renewal.nobody")))
    if issued is None or issued.content is None:
        return stack(*top, *_waiting(issued, t))
    found: Document = issued.content
    return stack(
        *top,
        lead(*sentences.plan(found, t)),
        *computed(issued, t),
        lead(sentences.overdue(found, t)),
        html.Div(
            [
                downloads(t("export"), "/renewal/export", ("xlsx", "csv", "json")),
                dcc.Link(t("renewal.what_if"), href="/scenarios", id={"link": "what if"}, className="choice"),
            ],
            className="filters",
        ),
        _money(found, t),
        _machines(found, data, view),
        _waves(found, data, view),
        _overdue(found, data, view),
        _ended(found, t),
        _curve(data.curve(), found["currency"], t),
        _failures(found, t),
        section(
            t("renewal.assumed"),
            html.Ul(
                [html.Li(coded(one)) for one in sentences.assumed(found, t, lambda name: _use(name, data, t))]
            ),
        ),
    )


def _waiting(issued: Issued | None, t: Texts) -> list[Component]:
    if issued is not None and issued.problem:
        return [empty(t("renewal.problem")), html.P(sentences.problem(issued.problem, t), className="dim")]
    return [computing(t)]


# --- money --------------------------------------------------------------------------------------------


def _money(found: Document, t: Texts) -> Component:
    years = [one for one in found["money"] if not one["purse"]]
    purses = [one for one in found["money"] if one["purse"]]
    counts: Counter[int] = Counter()
    for row in found["waves"]:
        counts[row["year"]] += row["machines"]
    failing = {row["year"]: row for row in found["failures"]}
    rows = [
        (
            str(one["year"]), t.number(counts[one["year"]]), *_paid(one, found["currency"], t),
            _band(failing.get(one["year"]), t), t.number(found["past_age"].get(str(one["year"]), 0)),
            t.number(found["lateness"].get(str(one["year"])), 1),
        )
        for one in years
    ]  # fmt: skip
    of_purses = [
        (str(one["year"]), plain(one["purse"].split(" ", 1)[-1]), *_paid(one, found["currency"], t))
        for one in purses
    ]
    return section(
        t("renewal.money"),
        chart(figures.money(years, found["currency"], t), t("renewal.money.label"), t),
        table(_YEARS, rows, t("renewal.money"), t),
        *_costs(found, t),
        *(
            [html.H3(t("renewal.purses")), table(_PURSES, of_purses, t("renewal.purses"), t)]
            if purses
            else []
        ),
    )


def _paid(one: Document, currency: str, t: Texts) -> tuple[str, str, str]:
    if one["budget"] is None:
        return t.money(one["spent"], currency), t("purchase.unbounded"), ""
    return (
        t.money(one["spent"], currency),
        t.money(one["budget"], currency),
        t.money(one["budget"] - one["spent"], currency),
    )


def _costs(found: Document, t: Texts) -> list[Component]:
    """The money of each year by line: what is ordered, and what machines cost while they serve."""
    costs = found["costs"]
    years = (Column("year", True, str(one["year"])) for one in costs)
    columns = (Column("line"), *years, Column("sum", True))
    rows = [
        (t(f"cost.{name}"), *(t.money(one, found["currency"]) for one in (*values, sum(values))))
        for name, values in by_line(costs)
    ]
    title = t("renewal.costs")
    return [html.H3(title), table(columns, rows, title, t), html.P(t("renewal.costs.note"), className="dim")]


def _band(row: Document | None, t: Texts) -> str:
    if row is None:
        return ""
    return t(
        "scenarios.three",
        likely=t.number(row["expected"]),
        low=t.number(row["low"]),
        high=t.number(row["high"]),
    )


def _failures(found: Document, t: Texts) -> Component:
    rows = [
        (str(one["year"]), t.number(one["expected"]), t.number(one["low"]), t.number(one["high"]))
        for one in found["failures"]
    ]
    columns = (Column("year"), Column("failures", True), Column("low", True), Column("high", True))
    total = sum(one["expected"] for one in found["failures"])
    return section(
        t("renewal.failures"),
        lead(
            t("renewal.failures.lead", total=t.number(total), years=t.number(len(rows))),
            lives.ahead(found["survival"], found["failures"][-1]["year"], t) if rows else "",
        ),
        html.Div(
            [
                chart(figures.failures(found["failures"], t), t("renewal.failures.label"), t),
                table(columns, rows, t("renewal.failures"), t),
            ],
            className="beside",
        ),
    )


# --- machines -----------------------------------------------------------------------------------------


def _machines(found: Document, data: Data, view: View) -> Component:
    """How many machines come, by quarter, site, class, model or offer, and by year."""
    t, by = view.t, chosen(view, "by", _BY, "quarter")
    ways = pick(
        t("deadlines.by"), "by", [(one, t(f"renewal.by.{one}")) for one in _BY], PATH, view, "quarter"
    )
    if by == "quarter":
        return section(t("renewal.machines"), ways, _quarters(found, t))
    called = {"class": lambda name: _use(name, data, t), "offer": lambda name: _offer(name, data)}
    counts: dict[str, Counter[int]] = {}
    key = {"class": "use"}.get(by, by)
    for row in found["waves"]:
        counts.setdefault(str(row[key] or ""), Counter())[row["year"]] += row["machines"]
    years = sorted({year for row in counts.values() for year in row})
    order = sorted(counts.items(), key=lambda row: (-row[1].total(), row[0]))
    columns = (Column("group"), *(Column("year", True, str(year)) for year in years), Column("sum", True))
    rows = [
        (
            called.get(by, lambda one: plain(one, 60))(name) or t.unknown,
            *(t.number(row[year]) if row[year] else "" for year in years),
            t.number(row.total()),
        )
        for name, row in order
    ]
    return section(
        t("renewal.machines"),
        ways,
        html.P(t("renewal.machines.year"), className="dim"),
        *groups(columns, rows, t("renewal.machines"), t("renewal.none"), view, _SHOWN),
    )


def _quarters(found: Document, t: Texts) -> Component:
    """Machines and money by the quarter in which they are installed."""
    counts, money = Counter[str](), Counter[str]()
    for row in found["waves"]:
        counts[row["quarter"]] += row["machines"]
        money[row["quarter"]] += row["money"]
    columns = (Column("quarter"), Column("count", True), Column("price", True))
    rows = [
        (sentences.quarter(one, t), t.number(counts[one]), t.money(money[one], found["currency"]))
        for one in sorted(counts)
    ]
    return table(columns, rows, t("renewal.machines"), t) if rows else empty(t("renewal.none"))


def _use(name: str, data: Data, t: Texts) -> str:
    return plain(use_title(data.rules, name, t), 60)


def _offer(name: str, data: Data) -> str:
    return plain(offer_title(data.rules, name))


def _waves(found: Document, data: Data, view: View) -> Component:
    """Each purchase with the reason of its quarter."""
    t = view.t
    years = sorted({str(row["year"]) for row in found["waves"]})
    year = chosen(view, "year", years, "")
    limits = found.get("age_limits", {})
    told = [
        {**row, "told": sentences.why(row, found["currency"], t, limits)}
        for row in found["waves"]
        if year in ("", str(row["year"]))
    ]
    shown = together(told)

    def cells(_place: int, row: Document) -> tuple[Any, ...]:
        order = html.Div(t("renewal.order", day=t.day(sentences.day(row["ordered"]))), className="dim")
        on_top = row["why"] in ("project", "spare")
        model = t("renewal.on_top") if on_top else plain(product(row["maker"], row["model"])) or t.unknown
        site = plain(row["site"]) or ("" if on_top else t.unknown)
        place = html.Div(" · ".join(one for one in (_use(row["use"], data, t), site) if one), className="dim")
        return (
            html.Div([sentences.quarter(row["quarter"], t), order], className="named"), t.number(row["machines"]),
            html.Div([model, place], className="named"),
            over(_offer(row["offer"], data), t.money(row["money"], found["currency"])), html.Div(row["told"], className="prose"),
        )  # fmt: skip

    options = [("", t("every.year")), *((one, one) for one in years)]
    return section(
        t("renewal.waves"),
        pick(t("column.year"), "year", options, PATH, view),
        *listing(_WAVES, shown, cells, t("renewal.waves"), PATH, view, t("renewal.none")),
    )


def together(rows: Sequence[Document]) -> list[Document]:
    """Purchases that read the same are one row: their machines were bought in different quarters once."""
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(tuple(row[name] for name in _SAME), {**row, "machines": 0, "money": 0.0})
        one["machines"] += row["machines"]
        one["money"] += row["money"]
    return list(found.values())


def _overdue(found: Document, data: Data, view: View) -> Component:
    """Machines past a deadline: by reason, then each."""
    t = view.t
    rows: Sequence[Document] = found["overdue"]
    if not rows:
        return section(t("renewal.late"), empty(t("renewal.overdue.none")))
    counts, months = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in rows:
        key = (row["deadline"], sentences.due(row, t), row["until"] or "", row["use"], row["why"])
        counts[key] += 1
        months[key] += row["months"]
    columns = (
        Column("deadline", True), Column("late_until", True), Column("use"), Column("count", True), Column("lateness", True),
        Column("why"),
    )  # fmt: skip
    grouped = [
        (
            key[1], sentences.late_until({"until": key[2]}, t), _use(key[3], data, t), t.number(counts[key]),
            t.number(months[key], 1), sentences.stays({"why": key[4]}, t),
        )
        for key in sorted(counts, key=lambda one: (one[0], one[2] or "~", -counts[one], one[1:]))
    ]  # fmt: skip

    def cells(_place: int, row: Document) -> tuple[Any, ...]:
        return (
            over(_machine(row, t), _use(row["use"], data, t)),
            over(plain(row["site"]) or t.unknown, plain(row["service"])), plain(row["model"]) or t.unknown, sentences.due(row, t),
            sentences.late_until(row, t), t.number(row["months"], 1), sentences.quarter(row["replaced"], t), sentences.stays(row, t),
        )  # fmt: skip

    return section(
        t("renewal.late"),
        html.P(t("renewal.late.note"), className="dim"),
        table(columns, grouped, t("renewal.late"), t),
        html.Details(
            [
                html.Summary(t("renewal.late.each")),
                *listing(_LATE, rows, cells, t("renewal.late.each"), PATH, view, "", "late"),
            ],
            open="late" in view.query,
        ),
    )


def _machine(row: Document, t: Texts) -> Child:
    """The machine that stays, linked to its page; a project has none."""
    name, key = plain(row["name"]), row.get("key")
    return (
        link(name, "/workstations/machine", f"late {key}", of=key)
        if name and key
        else name or t("renewal.project")
    )


def _ended(found: Document, t: Texts) -> Component:
    """Machines out of support today, by what they need, and how many of them the plan replaces for whatever reason."""
    rows = [
        (t(f"renewal.needs.{one['needs']}"), t.number(one["machines"]), t.number(one["replaced"]))
        for one in found["out_of_support"]
    ]
    shown = [table(_ENDED, rows, t("renewal.ended"), t)] if rows else []
    return section(t("renewal.ended"), lead(sentences.ended(found, t)), *shown)


# --- what more money buys -----------------------------------------------------------------------------


def _curve(issued: Issued | None, currency: str, t: Texts) -> Component:
    if issued is None or not issued.content:
        return section(t("renewal.curve"), *_waiting(issued, t))
    points = issued.content
    rows = [
        (
            sentences.step(one, t), t.money(one["budget"], currency), t.money(one["spent"], currency), t.number(one["late"]),
            t.number(one["lateness"], 1), t.number(one["failures"]), t.money(one["worth"], currency), t.share(one["gap"]), "" if one["lump"] is None else t.money(one["lump"], currency),
        )
        for one in points
    ]  # fmt: skip
    bounded = any(one["budget"] for one in points)
    if not bounded:
        return section(t("renewal.curve"), empty(t("renewal.curve.unbounded")))
    old: list[Child] = [html.P(t("made.stale"), className="dim")] if issued.stale else []
    return section(
        t("renewal.curve"),
        lead(sentences.lump(points, currency, t)),
        *old,
        chart(figures.curve(points, currency, t), t("renewal.curve.label"), t),
        table(_CURVE, rows, t("renewal.curve"), t),
        *(html.P(said) for said in sentences.rises(points, currency, t)),
        html.P(t("renewal.curve.note"), className="dim"),
    )
