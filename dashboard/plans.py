"""The workbook of a renewal plan, written from its document: the one that is kept for the pages, and that `jauge renew` prints.

Every figure is one of the document, as it stands there: a number, or a day. No user of any machine is in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, get_args

from dashboard.sentences import renewal as sentences
from dashboard.texts import Texts, purpose
from dashboard.words import WORDS
from exporters.workbooks import Column, Kind, Sheet, of_records
from forecasting.renewal.kept import LINES, Unsure
from inventory.renewal import Renewal

Document = Mapping[str, Any]
"""See `forecasting.renewal.document`, read back from JSON."""

SITES: Final = 100
"""Sites that have a sheet of their own, the largest first; the sheet of all purchases has every site."""

_YEARS: Final[Mapping[str, Kind]] = {
    "year": "year", "machines": "number", "first": "number", "again": "number", "spent": "money", "budget": "money",
    "free": "money", "expected": "decimal", "low": "decimal", "high": "decimal", "past_age": "number", "lateness": "decimal",
}  # fmt: skip
_COSTS: Final[Mapping[str, Kind]] = {
    "year": "year", **dict.fromkeys(LINES, "money"),
}  # fmt: skip
_PURSES: Final[Mapping[str, Kind]] = {
    "year": "year", "purse": "text", "spent": "money", "budget": "money", "free": "money",
}  # fmt: skip
_BY_SITE: Final[Mapping[str, Kind]] = {"at": "text", "year": "year", "machines": "number", "money": "money"}
_PURCHASES: Final[Mapping[str, Kind]] = {
    "at": "text", "year": "year", "ordered": "day", "quarter": "day", "directorate": "text", "use": "text", "kind": "text",
    "maker": "text", "model": "text", "machines": "number", "is_again": "text", "offer": "text", "money": "money",
    "deadline": "day", "why": "text",
}  # fmt: skip
_LATE: Final[Mapping[str, Kind]] = {
    "name": "text", "at": "text", "service": "text", "use": "text", "model": "text", "deadline": "day", "reason": "text",
    "until": "day", "months": "decimal", "replaced": "day", "late_why": "text",
}  # fmt: skip
_KEPT: Final[Mapping[str, Kind]] = {
    "at": "text", "use": "text", "kind": "text", "maker": "text", "model": "text", "bought": "day", "machines": "number",
    "kept_why": "text",
}  # fmt: skip
_CURVE: Final[Mapping[str, Kind]] = {
    "share": "share", "budget": "money", "spent": "money", "overdue": "number", "lateness": "decimal", "failures": "decimal",
    "worth": "money", "proven": "share", "lump": "money",
}  # fmt: skip
_ENDED: Final[Mapping[str, Kind]] = {"needs": "text", "machines": "number", "by_plan": "number"}
_SPARES: Final[Mapping[str, Kind]] = {"use": "text", "wanted": "number", "stock": "number"}
_LEFT: Final[Mapping[str, Kind]] = {"name": "text", "left_why": "text"}
_UNSUPPORTED: Final[Mapping[str, Kind]] = {"name": "text", "unsure": "text"}
_TABLE: Final = (
    "year", "quarter", "ordered", "machines", "maker", "model", "use", "site", "directorate", "offer", "money", "deadline", "why",
)  # fmt: skip


def use_title(rules: Renewal, name: str, t: Texts) -> str:
    """What people call a class of use."""
    return purpose(rules.use_class(name).title, name, t)


def offer_title(rules: Renewal, name: str) -> str:
    """What people call an offer; its name where it is not declared any more."""
    found = rules.offers.get(name)
    return (found.title if found else None) or name


class Spoken(NamedTuple):
    """What a plan is told with: titles of classes and offers, its currency and age limits (years by class), the reader's texts."""

    rules: Renewal
    currency: str
    limits: Mapping[str, float]
    t: Texts

    def use(self, name: str) -> str:
        """The title of a class of use."""
        return use_title(self.rules, name, self.t)

    def offer(self, name: str) -> str:
        """The title of an offer."""
        return offer_title(self.rules, name)


def workbook(found: Document, rules: Renewal, title: str, t: Texts) -> Iterator[Sheet]:
    """The sheets of a plan: years, their costs by line, sites, purchases of all and of each site, what stays past its deadline
    and until when, what is out of support today, what is kept."""
    spoken = Spoken(rules, found["currency"], found.get("age_limits", {}), t)
    yield _about(found, title, spoken)
    yield _sheet("years", _YEARS, list(_years(found)), spoken)
    costs = {field: _cost(field, kind, spoken) for field, kind in _COSTS.items()}
    yield of_records(t("workbook.costs"), costs, found["costs"])
    purses = [_purse(one) for one in found["money"] if one["purse"]]
    purchases = [_purchase(row, spoken) for row in found["waves"]]
    if purses:
        yield _sheet("purses", _PURSES, purses, spoken)
    yield _sheet("by_site", _BY_SITE, _by_site(purchases), spoken)
    yield _sheet("purchases", _PURCHASES, purchases, spoken)
    yield _sheet("late", _LATE, [_late(row, spoken) for row in found["overdue"]], spoken)
    if found["out_of_support"]:
        yield _sheet("ended", _ENDED, [_ended(row, t) for row in found["out_of_support"]], spoken)
    yield _sheet("kept", _KEPT, [_kept(row, spoken) for row in found["kept"]], spoken)
    if found["curve"]:
        points = [{**one, "overdue": one["late"], "proven": one["gap"]} for one in found["curve"]]
        yield _sheet("curve", _CURVE, points, spoken)
    if found["spares"]:
        spares = [{**one, "use": spoken.use(one["use"])} for one in found["spares"]]
        yield _sheet("spares", _SPARES, spares, spoken)
    yield _sheet("left", _LEFT, [_left(row, t) for row in found["left_alone"]], spoken)
    if found["support_unknown"]:
        unsure = [
            {**one, "unsure": _word("workbook.unsure", one["why"], t)} for one in found["support_unknown"]
        ]
        yield _sheet("unsupported", _UNSUPPORTED, unsure, spoken)
    yield from _each_site(purchases, spoken)


def table(found: Document, rules: Renewal, t: Texts) -> tuple[list[str], list[list[Any]]]:
    """The purchases alone, as titles and rows."""
    spoken = Spoken(rules, found["currency"], found.get("age_limits", {}), t)
    rows = [
        {**_purchase(row, spoken), "quarter": sentences.quarter(row["quarter"], t)} for row in found["waves"]
    ]
    return list(_TABLE), [[row[name] for name in _TABLE] for row in rows]


def _sheet(name: str, fields: Mapping[str, Kind], rows: Iterable[Mapping[str, Any]], spoken: Spoken) -> Sheet:
    return of_records(spoken.t(f"workbook.{name}"), _columns(fields, spoken), rows)


def _cost(field: str, kind: Kind, spoken: Spoken) -> Column:
    """The column of a line of costs."""
    if field == "year":
        return Column(spoken.t("workbook.costs.year"), kind)
    return Column(
        spoken.t("workbook.cost", line=spoken.t(f"cost.{field}"), currency=spoken.currency),
        kind,
        spoken.currency,
    )


def _columns(fields: Mapping[str, Kind], spoken: Spoken) -> dict[str, Column]:
    currency = spoken.currency
    return {
        field: Column(spoken.t(f"workbook.{field}", currency=currency), kind, currency)
        for field, kind in fields.items()
    }


def _about(found: Document, title: str, spoken: Spoken) -> Sheet:
    t, unsure = spoken.t, Counter(one["why"] for one in found["support_unknown"])
    facts: dict[str, object] = {
        "today": sentences.day(found["today"]), "machines": found["machines"], "cohorts": found["cohorts"],
        "spent": sum(one["spent"] for one in found["money"] if not one["purse"]), "total": sum(one["total"] for one in found["costs"]),
        "overdue": len(found["overdue"]), "lateness": sum(found["lateness"].values()),
        "gap": found["gap"], "greedy_gap": found["greedy_gap"], "ages_unknown": found["ages_unknown"],
        "ages_assumed": found["ages_assumed"], **{why: unsure[why] for why in get_args(Unsure)},
        **_lives(found["survival"], t),
        "search": t("workbook.search.late" if found["late_search"] else "workbook.search.whole"),
    }  # fmt: skip
    rows: list[tuple[str, object]] = [(t("workbook.title", title=title), None)]
    rows += [(t(f"workbook.fact.{name}", currency=found["currency"]), value) for name, value in facts.items()]
    rows += [
        (t("workbook.going_on", offer=spoken.offer(one["offer"])), sentences.day(one["until"]))
        for one in found["going_on"]
    ]
    rows.append((t("workbook.empty"), None))
    return Sheet(t("workbook.about"), [Column(t("sheet.what")), Column(t("sheet.value"))], rows)


def _lives(found: Document, t: Texts) -> dict[str, object]:
    """What is known of how long machines last, and from what; empty where it is assumed."""
    models = found["models"] or {}
    return {
        "survival": t(f"workbook.survival.{found['known']}"), "lives_since": sentences.day(found["since"]),
        "lives_machines": found["machines"], "lives_years": found["years"], "lives_failures": found["failures"],
        **{f"lives_{whose}": models.get(whose) for whose in ("own", "maker", "all")},
    }  # fmt: skip


def _years(found: Document) -> Iterator[dict[str, Any]]:
    fails = {row["year"]: row for row in found["failures"]}
    counts = Counter[tuple[int, bool]]()
    for row in found["waves"]:
        counts[row["year"], bool(row["again"])] += row["machines"]
    for one in found["money"]:
        if one["purse"]:
            continue
        year = one["year"]
        first, again = counts[year, False], counts[year, True]
        yield {
            **fails.get(year, {}), **_purse(one), "machines": first + again, "first": first, "again": again,
            "past_age": found["past_age"].get(str(year)), "lateness": found["lateness"].get(str(year)),
        }  # fmt: skip


def _purse(one: Mapping[str, Any]) -> dict[str, Any]:
    """Money of a year; a purse is called `site NAME` or `directorate NAME`."""
    free = None if one["budget"] is None else one["budget"] - one["spent"]
    return {**one, "purse": one["purse"].split(" ", 1)[-1], "free": free}


def _by_site(purchases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for row in purchases:
        key = (row["site"], row["year"] or 0)
        one = found.setdefault(key, {"at": row["at"], "year": row["year"], "machines": 0, "money": 0.0})
        one["machines"] += row["machines"]
        one["money"] += row["money"]
    return [found[key] for key in sorted(found)]


def _each_site(purchases: Sequence[Mapping[str, Any]], spoken: Spoken) -> Iterator[Sheet]:
    counts = Counter[str]()
    for row in purchases:
        counts[row["site"]] += row["machines"]
    columns = _columns({field: kind for field, kind in _PURCHASES.items() if field != "at"}, spoken)
    for site in sorted(sorted(counts, key=lambda one: (-counts[one], one))[:SITES]):
        mine = [row for row in purchases if row["site"] == site]
        yield of_records(site or spoken.t("workbook.no_site"), columns, mine)


def _purchase(row: Mapping[str, Any], spoken: Spoken) -> dict[str, Any]:
    told = {name: row[name] or None for name in ("directorate", "kind", "maker", "model")}
    return {
        **row, **told, "at": row["site"] or spoken.t("workbook.no_site"), "year": row["year"] or None, "ordered": sentences.day(row["ordered"]),
        "quarter": sentences.day(row["quarter"]), "use": spoken.use(row["use"]), "offer": spoken.offer(row["offer"]),
        "is_again": spoken.t("cell.yes" if row["again"] else "cell.no"), "deadline": sentences.day(row["deadline"]),
        "why": sentences.why(row, spoken.currency, spoken.t, spoken.limits),
    }  # fmt: skip


def _late(row: Mapping[str, Any], spoken: Spoken) -> dict[str, Any]:
    t = spoken.t
    return {
        **row, "name": row["name"] or None, "at": row["site"] or None, "use": spoken.use(row["use"]),
        "deadline": sentences.day(row["deadline"]), "replaced": sentences.day(row["replaced"]), "until": sentences.day(row["until"]),
        "reason": _word("workbook.reason", row["reason"], t), "late_why": sentences.stays(row, t),
    }  # fmt: skip


def _ended(row: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    return {**row, "needs": t(f"renewal.needs.{row['needs']}"), "by_plan": row["replaced"]}


def _kept(row: Mapping[str, Any], spoken: Spoken) -> dict[str, Any]:
    return {
        **row, "at": row["site"] or None, "use": spoken.use(row["use"]), "bought": sentences.day(row["bought"]),
        "kept_why": sentences.kept(row, spoken.t, spoken.limits),
    }  # fmt: skip


def _left(row: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    return {"name": row["name"], "left_why": _word("workbook.left", row["why"], t)}


def _word(kind: str, code: str, t: Texts) -> str:
    """The words of a code, or the code itself where it has none."""
    key = f"{kind}.{code}"
    return t(key) if key in WORDS else code
