"""The workbook of a renewal plan: years, purchases of all sites and of each, what stays past its deadline, what is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from dashboard.texts import Texts
from dashboard.words import WORDS
from exporters.workbooks import Column, Kind, Sheet, of_records

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.renewal.plan import Plan

SITES: Final = 100
"""Sites that have a sheet of their own, the largest first; the sheet of all purchases has every site."""

_YEARS: Final[Mapping[str, Kind]] = {
    "year": "text", "machines": "number", "again": "number", "money": "money", "budget": "money", "updates": "money",
    "expected": "number", "low": "number", "high": "number", "past_age": "number",
}  # fmt: skip
_BY_SITE: Final[Mapping[str, Kind]] = {"at": "text", "year": "text", "machines": "number", "money": "money"}
_PURCHASES: Final[Mapping[str, Kind]] = {
    "at": "text", "year": "text", "ordered": "day", "quarter": "day", "directorate": "text", "use": "text", "kind": "text",
    "maker": "text", "model": "text", "machines": "number", "offer": "text", "money": "money", "deadline": "day",
    "because": "text",
}  # fmt: skip
_LATE: Final[Mapping[str, Kind]] = {
    "name": "text", "at": "text", "service": "text", "use": "text", "model": "text", "deadline": "day", "reason": "text",
    "replaced": "day", "because": "text",
}  # fmt: skip
_KEPT: Final[Mapping[str, Kind]] = {
    "at": "text", "use": "text", "kind": "text", "maker": "text", "model": "text", "bought": "day", "machines": "number",
    "because": "text",
}  # fmt: skip
_LEFT: Final[Mapping[str, Kind]] = {"name": "text", "because": "text"}


def renewal(plan: Plan, title: str, t: Texts) -> Iterator[Sheet]:
    """The sheets of a plan. No user of any machine is in them."""
    yield _about(plan, title, t)
    yield _sheet("workbook.years", _YEARS, list(_years(plan)), plan, t)
    purchases = _together([_purchase(row, t) for row in _records(plan.waves)])
    yield _sheet("workbook.by_site", _BY_SITE, _by_site(purchases), plan, t)
    yield _sheet("workbook.purchases", _PURCHASES, purchases, plan, t)
    late = [_late(row, t) for row in _records(plan.late)]
    yield _sheet("workbook.late", _LATE, late, plan, t)
    yield _sheet("workbook.kept", _KEPT, [_kept(row, t) for row in _records(plan.kept)], plan, t)
    left = [{"name": name, "because": _word("workbook.left", why, t)} for name, why in plan.fleet.left]
    yield _sheet("workbook.left", _LEFT, left, plan, t)
    for site in _largest(purchases):
        mine = [row for row in purchases if row["at"] == site]
        fields = {field: kind for field, kind in _PURCHASES.items() if field != "at"}
        yield of_records(site, _columns(fields, plan.currency, t), mine)


def _sheet(
    key: str, fields: Mapping[str, Kind], rows: Sequence[Mapping[str, Any]], plan: Plan, t: Texts
) -> Sheet:
    return of_records(t(key), _columns(fields, plan.currency, t), rows)


def _columns(fields: Mapping[str, Kind], currency: str, t: Texts) -> dict[str, Column]:
    return {field: Column(t(f"workbook.{field}"), kind, currency) for field, kind in fields.items()}


def _about(plan: Plan, title: str, t: Texts) -> Sheet:
    facts: dict[str, object] = {
        "day": plan.today.isoformat(), "machines": len(plan.fleet.machines), "overdue": plan.overdue,
        "gap": f"{100 * plan.solution.gap:.3f} %", "assumed": plan.fleet.assumed, "undated": plan.fleet.undated,
        "unsupported": len(plan.fleet.unsupported), "learnt": t("cell.yes" if plan.learnt else "cell.no"),
    }  # fmt: skip
    rows: list[tuple[str, object]] = [(t("workbook.title", title=title), None)]
    rows += [(t(f"workbook.fact.{name}"), value) for name, value in facts.items()]
    return Sheet(t("workbook.about"), [Column(t("sheet.what")), Column(t("sheet.value"))], rows)


def _years(plan: Plan) -> Iterator[dict[str, Any]]:
    fails = {row["year"]: row for row in _records(plan.failures)}
    for one in plan.money:
        if one.purse:
            continue
        waves = plan.waves[plan.waves["year"] == one.year]
        again = waves["again"].astype(bool)
        yield {
            **fails.get(one.year, {}), "year": str(one.year), "machines": int(waves.loc[~again, "machines"].sum()),
            "again": int(waves.loc[again, "machines"].sum()), "money": one.spent, "budget": one.budget,
            "updates": plan.updates.get(one.year), "past_age": plan.past_age.get(one.year),
        }  # fmt: skip


def _by_site(purchases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in purchases:
        key = (row["at"], row["year"])
        one = found.setdefault(key, {"at": row["at"], "year": row["year"], "machines": 0, "money": 0.0})
        one["machines"] += row["machines"]
        one["money"] += row["money"]
    return [found[key] for key in sorted(found)]


def _largest(purchases: Sequence[Mapping[str, Any]]) -> list[str]:
    counts: dict[str, int] = {}
    for row in purchases:
        counts[row["at"]] = counts.get(row["at"], 0) + row["machines"]
    return sorted(sorted(counts, key=lambda site: (-counts[site], site))[:SITES])


def _purchase(row: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    deadline = None if row["why"] == "spare" else row["deadline"]  # a spare is wanted at once: it has no day
    told = {"deadline": deadline, "because": _because(row, t), "year": str(row["year"])}
    return {**row, **told, "at": row["site"] or t("workbook.no_site")}


def _together(purchases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Cohorts that differ in nothing that is told are one row: they were bought in different quarters once."""
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in purchases:
        key = tuple(row[field] for field in _PURCHASES if field not in ("machines", "money"))
        one = found.setdefault(key, {**row, "machines": 0, "money": 0.0})
        one["machines"] += row["machines"]
        one["money"] += row["money"]
    return list(found.values())


def _late(row: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    told = {
        "reason": _word("workbook.reason", row["reason"], t),
        "because": _word("renewal.late", row["why"], t),
    }
    return {**row, "at": row["site"] or None, **told}


def _kept(row: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    return {**row, "at": row["site"] or None, "because": _because(row, t)}


def _because(row: Mapping[str, Any], t: Texts) -> str:
    why = _word("workbook.why", row["why"], t)
    return t(f"workbook.pushed.{row['pushed']}", why=why) if row["pushed"] else why


def _word(kind: str, code: str, t: Texts) -> str:
    """The words of a code, or the code itself where it has none."""
    key = f"{kind}.{code}"
    return t(key) if key in WORDS else code


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
