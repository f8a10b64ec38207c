"""The workbook of scenarios beside the renewal plan without them: money by year, machines, what stays past its deadline and for
how long, failures.

Each scenario stands beside the plan that it was held against. That is one for all of them where they were computed from the same;
a scenario that is committed already is held against a plan without it, which is another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from dashboard.texts import Texts
from exporters.workbooks import Column, Kind, Sheet
from forecasting.renewal.kept import LINES

Outline = Mapping[str, Any]
"""See `forecasting.renewal.document.outline`, read back from JSON."""


class Compared(NamedTuple):
    """A scenario by its title, and what the plan is without it and with it."""

    title: str
    without: Outline
    included: Outline


_ALL: Final[Mapping[str, Kind]] = {
    "spent": "money", "total": "money", "machines": "number", "overdue": "number", "lateness": "decimal", "failures": "decimal",
    "gap": "decimal",
}  # fmt: skip
_BY_YEAR: Final[Mapping[str, Mapping[str, Kind]]] = {
    "money": {"spent": "money", "budget": "money"}, "machines": {"machines": "number"}, "failures": {"failures": "decimal"},
    "past_age": {"past_age": "number"}, "lateness": {"lateness": "decimal"},
}  # fmt: skip


def plans(cases: Sequence[Compared], t: Texts) -> list[tuple[str, Outline]]:
    """Plans by their names, each scenario after the one that it was held against; a plan that serves several stands once."""
    shared = all(one.without == cases[0].without for one in cases)
    found: list[tuple[str, Outline]] = []
    for one in cases:
        if not shared or not found:
            found.append(
                (t("compared.base") if shared else t("compared.without", title=one.title), one.without)
            )
        found.append((t("compared.with", title=one.title), one.included))
    return found


def workbook(cases: Sequence[Compared], title: str, t: Texts) -> Iterator[Sheet]:
    """A sheet for all years, one of costs by line, and one for each figure by year."""
    found = plans(cases, t)
    yield _in_all(found, t)
    yield _costs(found, t)
    for name, fields in _BY_YEAR.items():
        yield _by_year(name, fields, found, t)
    about = [(t("compared.title", title=title), None), (t("workbook.empty"), None)]
    yield Sheet(t("workbook.about"), [Column(t("sheet.what")), Column(t("sheet.value"))], about)


def _in_all(found: Sequence[tuple[str, Outline]], t: Texts) -> Sheet:
    currency = str(found[0][1]["currency"])
    titles = {"spent": "compared.spent", "total": "compared.total", "gap": "compared.gap"}
    columns = [
        Column(
            t(titles.get(field, f"workbook.{field}"), currency=currency),
            "text" if field == "gap" else kind,
            currency,
        )
        for field, kind in _ALL.items()
    ]
    rows = [(name, *(total(one, field) for field in _ALL)) for name, one in found]
    return Sheet(t("compared.all"), [Column(t("compared.plan")), *columns], rows)


def costs(one: Outline) -> dict[str, float]:
    """The money of all years by line."""
    return {name: sum(year[name] for year in one["years"]) for name in LINES}


def total(one: Outline, field: str) -> Any:
    """A figure of all years."""
    return sum(year["machines"] for year in one["years"]) if field == "machines" else one[field]


def _costs(found: Sequence[tuple[str, Outline]], t: Texts) -> Sheet:
    """The money of each plan and year, by line."""
    currency = str(found[0][1]["currency"])
    columns = [
        Column(t("workbook.cost", line=t(f"cost.{name}"), currency=currency), "money", currency)
        for name in LINES
    ]
    rows = [
        (plan, year["year"], *(year[name] for name in LINES)) for plan, one in found for year in one["years"]
    ]
    heads = [Column(t("compared.plan")), Column(t("workbook.costs.year"), "year")]
    return Sheet(t("compared.costs"), [*heads, *columns], rows)


def _by_year(name: str, fields: Mapping[str, Kind], found: Sequence[tuple[str, Outline]], t: Texts) -> Sheet:
    currency = str(found[0][1]["currency"])
    pairs = [(field, kind, plan, one) for field, kind in fields.items() for plan, one in found]
    columns = [
        Column(
            t(f"compared.column.{_unit(field, kind)}", plan=plan, currency=currency),
            kind,
            currency,
        )
        for field, kind, plan, _ in pairs
    ]
    values = [{year["year"]: year[field] for year in one["years"]} for field, _, _, one in pairs]
    years = sorted({year for column in values for year in column})
    rows = [(year, *(column.get(year) for column in values)) for year in years]
    return Sheet(t(f"compared.{name}"), [Column(t("workbook.year"), "year"), *columns], rows)


def _unit(field: str, kind: Kind) -> str:
    """What the title of a column of a year's figures says besides its plan."""
    return field if kind == "money" else "months" if field == "lateness" else "number"
