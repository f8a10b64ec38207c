"""What to order by when, and the money of each year: storage and servers, and workstations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashboard.data import Data
from dashboard.report import workstations
from dashboard.report.document import Bars, Block, Points, Prose, Section, Table, columns
from dashboard.sentences import walls as sentences
from dashboard.sentences.outlooks import named
from dashboard.texts import Texts, plain
from exporters.workbooks import Column
from forecasting.purchase import Line, Plan, quarters


def section(data: Data, t: Texts) -> Section:
    """The plan in a sentence, its orders, the money of each year, and what will lack all the same."""
    return Section("purchases", t("report.purchases"), tuple(_blocks(data, t)))


def planned(data: Data) -> Plan | None:
    """The purchase plan that was made; None where there is none."""
    issued = data.purchase()
    return issued.content if issued is not None else None


def item(one: Line, t: Texts) -> str:
    """How many of what."""
    name = t("purchase.perTB") if one.item == "1 TB" else plain(one.title)
    return f"{t.number(one.lots)} × {name}"


def _blocks(data: Data, t: Texts) -> Iterator[Block]:
    made = planned(data)
    if made is None:
        yield Prose(t("report.purchases.none"))
    else:
        yield Prose(" ".join(sentences.purchase(made, t)))
        if made.lines:
            yield _orders(made, data, t)
    yield from _money(made, data, t)
    if made is not None:
        yield _unmet(made, t)
        yield from _assumed(made, t)


def _orders(made: Plan, data: Data, t: Texts) -> Table:
    titles = {name: contract.title or name for name, contract in data.estate.contracts.items()}
    heads = columns(
        t, made.currency, ("column.item", "text"), ("report.purchases.adds", "text"), ("column.for", "text"), ("column.order", "day"),
        ("column.ready", "day"), ("column.price", "money"),
    )  # fmt: skip
    rows = tuple(
        (
            item(one, t), _adds(one, titles, t), named(one.what, one.target, t), one.order_by, one.ready, one.price,
        )
        for one in quarters(made.lines)
    )  # fmt: skip
    return Table(t("purchase.table"), heads, rows, under=(1,))


def _adds(one: Line, titles: dict[str, str], t: Texts) -> str:
    """The contract, and what the lots add."""
    adds = ", ".join(sentences.amount(quantity, amount, t) for quantity, amount in one.gives.items())
    return " · ".join(
        part for part in (plain(titles.get(one.contract, one.contract)), f"+ {adds}" if adds else "") if part
    )


def _money(made: Plan | None, data: Data, t: Texts) -> Iterator[Block]:
    """The money of each year, of both plans: whoever decides looks at them together."""
    renewal = workstations.planned(data)
    rows = [*_of_purchases(made, t), *_of_renewal(renewal, t)]
    if not rows:
        return
    currency = data.estate.currency
    heads = columns(
        t, currency, ("column.year", "year"), ("report.purchases.what", "text"), ("column.spent", "money"), ("column.budget", "money"),
        ("column.left", "money"),
    )  # fmt: skip
    rows.sort(key=lambda row: row[0])
    years = sorted({row[0] for row in rows})
    names = list(dict.fromkeys(row[1] for row in rows))
    spent = {(row[0], row[1]): float(row[2]) for row in rows}
    series = tuple((name, tuple(spent.get((year, name)) for year in years)) for name in names)
    said = t("report.purchases.chart.said", first=str(years[0]), last=str(years[-1]))
    yield Bars(
        t("report.purchases.chart"),
        said,
        Column(t("column.spent"), "money", currency),
        tuple(map(str, years)),
        series,
    )
    yield Table(t("report.purchases.money"), heads, tuple(rows))


def _of_purchases(made: Plan | None, t: Texts) -> Iterator[tuple[Any, ...]]:
    for one in made.money if made else ():
        if not one.purse:
            yield one.year, t("report.purchases.systems"), one.spent, *_bounded(one.spent, one.budget, t)


def _of_renewal(found: workstations.Document | None, t: Texts) -> Iterator[tuple[Any, ...]]:
    for one in found["money"] if found else ():
        if not one["purse"]:
            yield (
                one["year"],
                t("report.purchases.workstations"),
                one["spent"],
                *_bounded(one["spent"], one["budget"], t),
            )


def _bounded(spent: float, budget: float | None, t: Texts) -> tuple[object, object]:
    return (t("purchase.unbounded"), "") if budget is None else (budget, budget - spent)


def _unmet(made: Plan, t: Texts) -> Table:
    heads = columns(
        t, made.currency, ("column.for", "text"), ("column.quantity", "text"), ("column.lacks", "text"), ("column.period", "text"),
        ("column.why", "text"),
    )  # fmt: skip
    rows = tuple(
        (
            named(one.what, one.target, t), t(sentences.quantity(one.quantity)), sentences.lacking(one.quantity, one.amount, t),
            _period(one.first, one.last, t), t(f"unmet.{one.why}"),
        )
        for one in made.unmet
    )  # fmt: skip
    return Table(t("purchase.unmet"), heads, rows, t("purchase.met"), most=12)


def _period(first: Any, last: Any, t: Texts) -> str:
    return t.month(first) if first == last else t("purchase.span", first=t.month(first), last=t.month(last))


def _assumed(made: Plan, t: Texts) -> Iterator[Block]:
    said = [t("purchase.carried")] if made.carried else []
    said += (
        [t("purchase.undelivered", targets=", ".join(map(plain, made.undelivered[:10])))]
        if made.undelivered
        else []
    )
    if made.missing:
        said.append(t.count("report.purchases.missing", len(made.missing)))
    if said:
        yield Points(tuple(said))
