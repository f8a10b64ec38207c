"""What the committee has to know, in five sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dashboard.data import Data
from dashboard.report import backups, purchases, workstations
from dashboard.report.asking import Asking
from dashboard.report.document import Block, Points, Prose, Section
from dashboard.sentences import walls
from dashboard.texts import Texts


def section(data: Data, wanted: Sequence[Asking], t: Texts) -> Section:
    """Five sentences, and what makes them less sure."""
    blocks: list[Block] = [Points(tuple(_said(data, wanted, t)))]
    blocks += [Prose(one) for one in _doubts(data, t)]
    return Section("summary", t("report.summary"), tuple(blocks))


def _said(data: Data, wanted: Sequence[Asking], t: Texts) -> Iterator[str]:
    yield _walls(data, t)
    yield _backups(data, t)
    yield _workstations(data, t)
    yield _money(data, t)
    yield _asked(wanted, data, t)


def _walls(data: Data, t: Texts) -> str:
    """How many walls are reached, and the first one to come."""
    seen = data.runway()
    if not seen.walls and not seen.dateless:
        return t("report.summary.walls.unknown")
    reached, first = len(seen.reached), seen.first
    if first is None:
        key = "report.summary.walls.quiet" if reached else "report.summary.walls.clear"
        return t.count(key, reached) if reached else t(key)
    told = {"what": walls.thing(first, t), "day": t.day(first.central)}
    return (
        t.count("report.summary.walls", reached, **told)
        if reached
        else t("report.summary.walls.none", **told)
    )


def _backups(data: Data, t: Texts) -> str:
    """How many promises are broken, and how many machines nothing saves."""
    known = data.protection()
    if not backups.is_known(known):
        return t("report.summary.backups.unknown")
    overdue, promised = backups.promised(known)
    alone = (
        t.count("report.summary.backups.alone", len(known.alone))
        if known.sure
        else t("report.summary.backups.alone.unknown")
    )
    if not promised:
        return t("report.summary.backups.unpromised", alone=alone)
    return t.count("report.summary.backups", overdue, all=t.number(promised), alone=alone)


def _workstations(data: Data, t: Texts) -> str:
    """How many workstations nobody mends, today and in a year, and how many of them in care without a measure."""
    fleet = data.fleet()
    if fleet is None:
        return t("report.summary.workstations.unknown")
    counts, care = fleet.counts, fleet.care
    told = (
        t.count("report.summary.care", len(care.uncovered))
        if care.declared
        else t("report.summary.care.undeclared")
    )
    if unsure := counts.now["unknown"]:
        told = f"{t.count('report.summary.unsure', unsure)}{t('semicolon')}{told}"
    return t.count(
        "report.summary.workstations",
        counts.now["ended"],
        all=t.number(counts.machines),
        later=t.number(counts.later["ended"]),
        care=told,
    )


def _money(data: Data, t: Texts) -> str:
    """What both plans order in all, and how many needs that leaves."""
    made, renewal = purchases.planned(data), workstations.planned(data)
    given: dict[str, str] = {}
    if made is not None:
        given |= {
            "systems": t.money(made.cost, made.currency),
            "orders": t.count("purchase.orders", len(made.lines)),
        }
    if renewal is not None:
        money = [one for one in renewal["money"] if not one["purse"]]
        spent = t.money(sum(one["spent"] for one in money), renewal["currency"])
        given |= {"workstations": spent, "until": str(money[-1]["year"]) if money else t.unknown}
    known = "" if made and renewal else ".systems" if made else ".workstations" if renewal else ".unknown"
    said = t(f"report.summary.money{known}", **given)
    short = made.needs_unmet if made is not None else 0
    return f"{said} {t.count('report.summary.uncovered', short)}" if short else said


def _asked(found: Sequence[Asking], data: Data, t: Texts) -> str:
    """How many decisions are asked for, and the nearest."""
    if not found:
        return t("report.summary.asked.none")
    first = found[0]
    what = first.what[:1].lower() + first.what[1:]
    if first.by is None:
        return t.count("report.summary.asked.undated", len(found), what=what)
    if first.by <= data.today:
        return t.count("report.summary.asked.now", len(found), what=what)
    return t.count("report.summary.asked", len(found), what=what, day=t.day(first.by))


def _doubts(data: Data, t: Texts) -> Iterator[str]:
    """What cannot be read, and what is old: nothing of it may look as if all were well."""
    for fault in data.faults():
        yield t("report.fault", file=fault.file)
    silent = data.silent()
    if silent is not None:
        yield t("report.silent", span=t.span(silent))
    if data.estate.demo:
        yield t("report.demo")
