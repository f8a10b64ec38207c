"""What each directorate uses and pays for: storage, workstations, orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from dashboard.data import Data
from dashboard.report import capacity, purchases, workstations
from dashboard.report.document import Bars, Block, Prose, Section, Table, columns
from dashboard.texts import Texts, plain
from exporters.workbooks import Column
from inventory.fleet.judging import texts_of


def section(data: Data, t: Texts) -> Section:
    """Shares by directorate; what belongs to none that is declared has a row of its own."""
    return Section("shares", t("report.shares"), tuple(_blocks(data, t)))


def _blocks(data: Data, t: Texts) -> Iterator[Block]:
    storage, machines, orders, renewed = _storage(data), _machines(data), _orders(data), _renewed(data)
    names = sorted(
        {*storage, *(machines or ()), *(orders or ()), *(renewed or ())},
        key=lambda name: (not name, -storage[name], name),
    )
    if not any(names):
        yield Prose(t("report.shares.none"))
        return
    undivided = _undivided(data)
    beside = t("report.shares.whole", money=t.money(undivided, data.estate.currency)) if undivided else ""
    yield Prose(" ".join(part for part in (t("report.shares.lead"), beside) if part))
    heads = columns(
        t, data.estate.currency, ("column.purse", "text"), ("report.shares.storage", "bytes"), ("report.shares.part", "share"),
        ("report.shares.machines", "number"), ("report.shares.orders", "money"), ("report.shares.renewal", "money"),
    )  # fmt: skip
    whole = sum(storage.values())

    def row(name: str) -> tuple[object, ...]:
        return (
            plain(name) or t("report.shares.undeclared"), storage[name], storage[name] / whole if whole else None,
            machines.get(name) if machines else None, None if orders is None else orders[name], renewed.get(name) if renewed else None,
        )  # fmt: skip

    rows = tuple(map(row, names))
    labels = tuple(str(one[0]) for one in rows)
    values = tuple(float(storage[name]) for name in names)
    if whole and len(names) <= 8:
        said = ", ".join(
            f"{label}{t('colon')}{t.size(value)}" for label, value in zip(labels, values, strict=True)
        )
        title = t("report.shares.chart")
        yield Bars(title, said, Column(t("column.used"), "bytes"), labels, ((t("column.used"), values),))
    yield Table(t("report.shares.table"), heads, rows)


def _storage(data: Data) -> Counter[str]:
    """Bytes used, by who pays for the target, each counted once: as in the sum of all systems.

    What is cut out of a pool is counted with its pool alone, and what has no size lies on something that has one.
    """
    found = Counter[str]()
    for one in (each for each in capacity.outermost(data) if each.size is not None):
        found[(one.declared.directorate if one.declared else None) or ""] += one.used  # type: ignore[assignment]
    return found


def _machines(data: Data) -> Mapping[str, float] | None:
    """Workstations by who pays for them. Of a directorate of which no rule says so, how many it has is not known."""
    known = data.workstations()
    if known is None:
        return None
    found = Counter(data.rules.directorate(texts_of(one, data.rules)) for one in known.rows)
    return {name: float(found[name]) for name in ("", *data.rules.directorates)}


def _orders(data: Data) -> Counter[str] | None:
    """The price of what the purchase plan orders, by who pays for the target."""
    made = purchases.planned(data)
    if made is None:
        return None
    found = Counter[str]()
    for one in made.lines:
        target = data.estate.target(one.target)
        found[(target.directorate if target else None) or ""] += one.price  # type: ignore[assignment]
    return found


def _undivided(data: Data) -> float:
    """The money of the renewal plan that buys no machine: of nobody alone."""
    made = workstations.planned(data)
    return sum(row["updates"] + row["licences"] for row in made["costs"]) if made else 0.0


def _renewed(data: Data) -> Mapping[str, float] | None:
    """The money of the renewal plan, likewise."""
    made = workstations.planned(data)
    if made is None:
        return None
    found = Counter[str]()
    for row in made["waves"]:
        found[row["directorate"] or ""] += row["money"]
    return {name: float(found[name]) for name in ("", *data.rules.directorates)}
