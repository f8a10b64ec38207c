"""How good the forecasts were: what held, what did not and why, and what that is worth."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import (
    Child,
    Column,
    View,
    address,
    chart,
    choices,
    empty,
    heading,
    lead,
    over,
    section,
    stack,
    store_link,
    table,
    target_link,
)
from dashboard.data import PLAN, Data
from dashboard.figures.accuracy import coverage
from dashboard.sentences import accuracy as records
from dashboard.standing import Store
from dashboard.texts import Texts, kind_word, plain
from exporters.history.naming import is_notation
from exporters.plan.frozen import HORIZONS
from exporters.plan.ledger import SETTLING, Miss
from forecasting.accuracy import Accuracy

NAME, PATH = "accuracy", "/accuracy"
IS_SHARED: Final = True

BY: Final = ("kind", "role", "age", "event")
"""By what the table tells forecasts apart; `by` in the address."""

_WORST: Final = 20
_MONTHS: Final = 24
"""Months that the table under the chart shows."""
_COLUMNS: Final = (
    Column("horizon", True), Column("scored", True), Column("in80", True), Column("in95", True), Column("off", True),
    Column("missed", True), Column("false", True),
)  # fmt: skip
_MISSES: Final = (
    Column("what"), Column("due"), Column("horizon", True), Column("said", True), Column("came", True),
    Column("by", True), Column("why"),
)  # fmt: skip


def layout(data: Data, view: View) -> Component:
    """What came due, the table, the curve, the worst misses, and how all this is counted."""
    t = view.t
    found = data.accuracy()
    title = heading(t("accuracy.title"))
    method = section(t("accuracy.method"), *(lead(t(f"accuracy.method.{number}")) for number in range(1, 6)))
    if found.first is None:
        # A plan that cannot be read is said above the page: then nobody knows whether a forecast was made.
        unread = any(fault.file == PLAN for fault in data.faults())
        return stack(title, method) if unread else stack(title, empty(t("accuracy.none")), method)
    if not found.scored:
        return stack(title, empty(_waiting(found.first, t)), method)
    by = view.query.get("by", BY[0])
    by = by if by in BY else BY[0]
    return stack(
        title,
        lead(*_lead(found, t)),
        section(t("accuracy.table"), _choice(by, t), _table(found, by, t)),
        section(t("accuracy.chart"), *_chart(found, t)),
        section(t("accuracy.worst"), *_worst(found, data, t)),
        method,
    )


def _waiting(first: int, t: Texts) -> str:
    due = records.date(first + HORIZONS[0])
    return t(
        "accuracy.waiting",
        first=t.day(records.date(first)),
        due=t.day(due),
        scored=t.day(due + dt.timedelta(days=SETTLING + 1)),
    )


def _lead(found: Accuracy, t: Texts) -> list[str]:
    held80, held95 = (int(found.counts[name].sum()) / found.scored for name in ("in80", "in95"))
    missing = int(found.counts["due"].sum()) - found.scored
    said = [
        t(
            "accuracy.lead",
            scored=t.number(found.scored),
            first=t.day(records.date(found.first or 0)),
            held80=t.ratio(held80),
            held95=t.ratio(held95),
        )
    ]
    if missing:
        said.append(t.count("record.unscored", missing))
    if found.damaged:
        said.append(t.count("accuracy.damaged", found.damaged))
    return said


def _choice(by: str, t: Texts) -> Component:
    links = [(t(f"column.{one}"), address(PATH, by=one), one == by) for one in BY]
    return choices(t("accuracy.by"), links, "by")


def _table(found: Accuracy, by: str, t: Texts) -> Component:
    frame = found.by(by).sort_values([by, "horizon"])
    rows = [
        (
            _group(by, row[by], t),
            t("horizon", days=int(row["horizon"])),
            t.number(int(row["scored"])),
            _ratio(row["coverage80"], t),
            _ratio(row["coverage95"], t),
            _fine(row["mean_share"], t),
            _of(row["missed"], row["crossed"], t),
            _of(row["false"], row["alarms"], t),
        )
        for row in frame.to_dict("records")
    ]
    return table((Column(by), *_COLUMNS), rows, t("accuracy.table"), t)


def _group(by: str, value: object, t: Texts) -> str:
    if by == "event":
        return t("event.some" if value else "event.none")
    if by == "role":
        return plain(str(value)) or t("none")
    if by == "kind":
        return kind_word(str(value), t) if value else t("accuracy.kindless")
    try:
        return t(f"{by}.{value}")
    except KeyError:
        return plain(str(value))


def _ratio(value: float, t: Texts) -> str:
    return "" if math.isnan(value) else t.ratio(value)


def _fine(value: float, t: Texts) -> str:
    """A share with one decimal: misses of a few per cent are what one wants to tell apart."""
    percent = t.ratio(0.0).replace("0", "{}")
    return "" if math.isnan(value) else percent.format(t.number(100 * value, 1))


def _of(part: float, whole: float, t: Texts) -> str:
    return t("accuracy.part", part=t.number(int(part)), whole=t.number(int(whole))) if whole else "0"


def _chart(found: Accuracy, t: Texts) -> list[Child]:
    frame = found.months[found.months["scored"] > 0]
    wide = frame.pivot_table(index="month", columns="horizon", values="coverage80")
    wide = wide.iloc[-_MONTHS:]
    columns = (Column("month"), *(Column(f"ahead.{int(horizon)}", True) for horizon in wide.columns))
    rows = [
        (t.month(month.date()), *(_ratio(value, t) for value in values))
        for month, *values in wide.itertuples()
    ]
    sentence = html.P(t("accuracy.chart.text"))
    return [
        chart(coverage(frame, t), t("accuracy.chart.label"), t),
        sentence,
        table(columns, rows, t("accuracy.chart"), t),
    ]


def _worst(found: Accuracy, data: Data, t: Texts) -> list[Child]:
    shown = _apart(found.worst)[:_WORST]
    if not shown:
        return [html.P(t("accuracy.worst.none"))]
    names = {one.unique_id: one for one in data.stores()}
    rows = [
        (
            _missed(miss, names.get(miss.unique_id), t),
            t.day(records.date(miss.due)),
            t("horizon", days=miss.horizon),
            records.value(miss, miss.mean, t),
            records.value(miss, miss.came, t),
            records.share(miss, t),
            records.cause(miss, t),
        )
        for miss in shown
    ]
    return [html.P(t("accuracy.worst.text")), table(_MISSES, rows, t("accuracy.worst"), t)]


def _missed(miss: Miss, store: Store | None, t: Texts) -> Child:
    """The way to what was forecast: to the page of a store, and to its target where it is none, or none any more."""
    where = f"miss {miss.horizon}"
    if store is not None:
        return store_link(miss.unique_id, f"{store.target} {store.name}", where)
    if not is_notation(miss.unique_id):
        return plain(miss.unique_id)
    target, what = records.thing(miss, t)
    return over(target_link(target, f"{where} {what}"), what)


def _apart(worst: Sequence[Miss]) -> list[Miss]:
    """The worst of each store: the horizons of one miss are one story."""
    seen: dict[str, Miss] = {}
    for miss in worst:
        seen.setdefault(miss.unique_id, miss)
    return list(seen.values())
