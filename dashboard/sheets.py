"""Workbooks of the workstations: the inventory as it stands, the list of those unsupported in care, the classes, the roll-outs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from dashboard.fleet import Fleet, exposed, record
from dashboard.texts import Texts, purpose
from exporters.workbooks import Column, Kind, Sheet, of_records
from forecasting.deploying import Followed
from inventory.fitness import Fitness
from inventory.fleet.care import Exposed
from inventory.fleet.judging import Judged, runs_current
from inventory.lifecycle.support import Support
from inventory.workstations import DAYS_A_YEAR

_MACHINES: Final[Mapping[str, Kind]] = {
    "name": "text", "serial": "text", "asset": "text", "state": "text", "site": "text", "service": "text", "place": "text",
    "class": "text", "criticality": "text", "in_care": "text", "kind": "text", "maker": "text", "model": "text",
    "purchased": "day", "age": "decimal", "warranty": "day", "price": "money", "os": "text", "edition": "text",
    "os_version": "text", "system": "text", "support": "text", "supported_until": "day", "support_reason": "text",
    "support_later": "text", "fitness": "text", "fitness_reasons": "text", "console_until": "day", "cpu": "text",
    "memory": "bytes", "disk": "bytes", "tpm": "text", "firmware": "text",
}  # fmt: skip
_CARE: Final[Mapping[str, Kind]] = {
    "name": "text", "serial": "text", "site": "text", "service": "text", "place": "text", "class": "text",
    "criticality": "text", "measures": "text", "system": "text", "os_version": "text", "support": "text", "since": "day",
    "support_reason": "text", "fitness": "text", "why": "text", "console_until": "day",
}  # fmt: skip
_CLASSES: Final[Mapping[str, Kind]] = {
    "class": "text", "criticality": "text", "in_care": "text", "machines_of": "number", "now_ended": "number",
    "now_unknown": "number", "later_ended": "number",
}  # fmt: skip
_ROLLOUTS: Final[Mapping[str, Kind]] = {
    "rollout": "text", "week": "day", "planned": "number", "deployed": "number", "behind": "number",
}  # fmt: skip


def inventory(fleet: Fleet, title: str, currency: str, t: Texts) -> Iterator[Sheet]:
    """The sheets of a fleet. No user of any machine is in them."""
    yield _about(fleet, title, t)
    pairs = zip(fleet.now, fleet.later, strict=True)
    machines = (_machine(one, after, fleet.day, t) for one, after in pairs)
    yield of_records(t("sheet.machines"), columns(_MACHINES, t, currency), machines)
    cared = (_exposed(one, t) for one in fleet.care.exposed)
    yield of_records(t("sheet.care"), columns(_CARE, t), cared)
    yield of_records(t("sheet.classes"), columns(_CLASSES, t), _classes(fleet, t))
    if fleet.rollouts:
        yield of_records(t("sheet.rollouts"), columns(_ROLLOUTS, t), _weeks(fleet.rollouts))


def columns(fields: Mapping[str, Kind], t: Texts, currency: str = "EUR") -> dict[str, Column]:
    """Columns by field, titled in the reader's language."""
    return {
        field: Column(t(f"sheet.{field}", currency=currency), kind, currency)
        for field, kind in fields.items()
    }


def _about(fleet: Fleet, title: str, t: Texts) -> Sheet:
    counts, care, taken = fleet.counts, fleet.care, fleet.seen.snapshot
    imported = dt.datetime.fromtimestamp(taken.at, fleet.zone).date()
    facts: dict[str, object] = {
        "day": fleet.day, "inventory": imported, "file": taken.file, "count": counts.machines,
        "undated": counts.ages.get("unknown", 0), "ended": counts.now["ended"], "unsure": counts.now["unknown"],
        "later": counts.later["ended"],
    }  # fmt: skip
    if care.declared:
        facts |= {"exposed": len(care.exposed), "uncovered": len(care.uncovered)}
    rows = [(t(f"sheet.{name}"), value) for name, value in facts.items()]
    rows = [(t("sheet.title", title=title), None), *rows, (t("sheet.empty"), None)]
    return Sheet(t("sheet.about"), [Column(t("sheet.what")), Column(t("sheet.value"))], rows)


def _machine(one: Judged, after: Judged, day: dt.date, t: Texts) -> dict[str, Any]:
    row = record(one, after)
    bought = one.workstation.purchased
    return {
        **row, **_worded(row, t, "state", "criticality", "support", "support_later", "fitness"),
        "class": purpose(one.use.title, one.use.name, t), "in_care": t("cell.yes" if one.use.care else "cell.no"),
        "age": None if bought is None else (day - bought).days / DAYS_A_YEAR,
        "support_reason": support_remark(one.support, t), "fitness_reasons": fitness_remark(one.fitness, t),
    }  # fmt: skip


def _exposed(one: Exposed, t: Texts) -> dict[str, Any]:
    row = exposed(one)
    judged = one.machine
    return {
        **row, **_worded(row, t, "criticality", "support", "fitness"), "why": care_why(judged, t), "class": purpose(judged.use.title, judged.use.name, t),
        "support_reason": support_remark(judged.support, t), "measures": measured(one, t),
    }  # fmt: skip


def care_why(judged: Judged, t: Texts) -> str:
    """Why a machine in care is not upgraded; what nobody tells of its system first (as `Exposed.why`)."""
    unsure = judged.support.state == "unknown"
    if judged.console is not None:
        return judged.console.why
    if runs_current(judged.workstation):
        rest = "" if unsure else t("cell.current")
    else:
        rest = fitness_remark(judged.fitness, t) or t("cell.hardware" if unsure else "cell.upgradable")
    told = support_remark(judged.support, t) if unsure else ""
    return ", ".join(part for part in (told, rest) if part)


def measured(one: Exposed, t: Texts) -> str:
    """The measures that hold for a machine, as one text."""
    found = "; ".join(
        t(
            "cell.measure.until" if each.until else "cell.measure",
            text=each.text,
            who=each.who,
            since=t.day(each.since),
            until=t.day(each.until),
        )
        for each in one.measures
    )
    return found or t("cell.none")


def _worded(row: Mapping[str, Any], t: Texts, *fields: str) -> dict[str, str | None]:
    return {field: t(f"cell.{row[field]}") if row[field] else None for field in fields}


def _classes(fleet: Fleet, t: Texts) -> Iterator[dict[str, Any]]:
    for one in fleet.counts.classes:
        yield {
            "class": purpose(one.use.title, one.use.name, t), "criticality": t(f"cell.{one.use.criticality}"),
            "in_care": t("cell.yes" if one.use.care else "cell.no"), "machines_of": one.machines,
            "now_ended": one.now["ended"], "now_unknown": one.now["unknown"], "later_ended": one.later["ended"],
        }  # fmt: skip


def _weeks(rollouts: Iterable[Followed]) -> Iterator[dict[str, Any]]:
    for one in rollouts:
        weeks = [] if one.progress is None else one.progress.weeks.to_dict("records")
        for row in weeks:
            told: dict[str, Any] = {str(name): value for name, value in row.items()}
            yield {**told, "rollout": one.title, "week": told["week"].date()}


def support_remark(found: Support, t: Texts) -> str | None:
    """Why support is not known, or which programmes there are after its end; None where there is nothing to add."""
    one = found.cycle
    if found.reason or one is None:
        return t(f"support.{found.reason}") if found.reason else None
    if found.state not in ("ended", "extended"):
        return None
    if one.over:
        return t("support.over", day=t.day(one.checked))
    later = [(one.extended, "support.programme.free" if one.free else "support.programme")]
    told = [t(key, day=t.day(day)) for day, key in [*later, (one.further, "support.programme")] if day]
    return ", ".join(told) or None


def fitness_remark(found: Fitness, t: Texts) -> str | None:
    """Which criteria of Windows 11 are not met, or not known; None where all are met."""
    if found.state == "fit":
        return None
    wrong = [t(f"criterion.{one.criterion}") for one in found.verdicts if one.state == found.state]
    return t(f"cell.{found.state}.criteria", criteria=", ".join(wrong))
