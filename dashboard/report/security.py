"""What nobody mends any more although patients are cared for with it, and servers that nobody mends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dashboard.data import Data
from dashboard.report.document import Block, Prose, Section, Table, columns
from dashboard.sheets import care_why, measured, support_remark
from dashboard.texts import Texts, plain, purpose
from inventory.fleet.care import Care


def section(data: Data, t: Texts) -> Section:
    """Workstations in care by class and system, each of them for the workbook, and servers."""
    return Section("security", t("report.security"), tuple(_blocks(data, t)))


def _blocks(data: Data, t: Texts) -> Iterator[Block]:
    fleet, currency = data.fleet(), data.estate.currency
    if fleet is None:
        yield Prose(t("report.security.unknown"))
    elif not fleet.care.declared:
        yield Prose(t("report.security.undeclared"))
    else:
        yield Prose(lead(fleet.care, t))
        yield _classes(fleet.care, currency, t)
        yield _each(fleet.care, currency, t)
    yield _servers(data, t)


def lead(care: Care, t: Texts) -> str:
    """How many are exposed, and how many of them have no measure: as its page says it."""
    return t(
        "care.lead", exposed=t.number(len(care.exposed)), machines=t.number(care.machines), uncovered=t.number(len(care.uncovered)),
        day=t.day(care.day),
    )  # fmt: skip


def _classes(care: Care, currency: str, t: Texts) -> Table:
    every, bare = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in care.exposed:
        use, system = one.machine.use, one.machine.system
        key = plain(purpose(use.title, use.name, t), 60), plain(system) or t.unknown
        every[key] += 1
        bare[key] += not one.measures
    heads = columns(
        t,
        currency,
        ("column.use", "text"),
        ("column.os", "text"),
        ("column.count", "number"),
        ("report.security.bare", "number"),
    )
    rows = tuple(
        (*key, count, bare[key])
        for key, count in sorted(every.items(), key=lambda pair: (-bare[pair[0]], -pair[1], pair[0]))
    )
    return Table(t("report.security.classes"), heads, rows, t("care.none"))


def _each(care: Care, currency: str, t: Texts) -> Table:
    """Machine by machine, for the workbook alone: a committee counts, its CISO acts."""
    heads = columns(
        t, currency, ("column.machine", "text"), ("column.site", "text"), ("column.service", "text"), ("column.use", "text"),
        ("column.os", "text"), ("column.without", "day"), ("column.why", "text"), ("column.measures", "text"),
    )  # fmt: skip
    rows = tuple(
        (
            plain(one.machine.workstation.name), plain(one.machine.workstation.site) or None, plain(one.machine.workstation.service) or None,
            plain(purpose(one.machine.use.title, one.machine.use.name, t), 60), plain(one.machine.system) or None, one.since,
            plain(care_why(one.machine, t), 300), plain(measured(one, t), 600),
        )
        for one in care.exposed
    )  # fmt: skip
    return Table(t("care.title"), heads, rows, most=0)


def _servers(data: Data, t: Texts) -> Table:
    known = data.supported(data.today)
    heads = columns(
        t, data.estate.currency, ("column.target", "text"), ("column.service", "text"), ("column.os", "text"), ("column.until", "day"),
        ("column.remark", "text"),
    )  # fmt: skip
    rows = tuple(
        (
            plain(one.item.name),
            plain(one.item.service) or "",
            plain(one.system) or None,
            one.until,
            support_remark(one.support, t) or "",
        )
        for one in known
        if one.support.state == "ended"
    )
    empty = t("report.security.servers.none") if known else t("report.security.servers.unknown")
    return Table(t("report.security.servers"), heads, rows, empty, under=(1,))
