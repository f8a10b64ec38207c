"""The renewal plan as tables to take away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dashboard.sentences import renewal as sentences
from dashboard.texts import Texts
from exporters.workbooks import Column, Kind, Sheet
from inventory.renewal import Renewal

_MONEY: Final[Mapping[str, Kind]] = {
    "year": "text", "purse": "text", "spent": "money", "budget": "money",
}  # fmt: skip
_WAVES: Final[Mapping[str, Kind]] = {
    "year": "text", "quarter": "text", "ordered": "day", "machines": "number", "maker": "text", "model": "text",
    "use": "text", "site": "text", "directorate": "text", "offer": "text", "money": "money", "deadline": "day", "why": "text",
}  # fmt: skip
_LATE: Final[Mapping[str, Kind]] = {
    "name": "text", "site": "text", "service": "text", "use": "text", "model": "text", "deadline": "day",
    "replaced": "text", "why": "text",
}  # fmt: skip
_FAILURES: Final[Mapping[str, Kind]] = {
    "year": "text",
    "expected": "decimal",
    "low": "decimal",
    "high": "decimal",
}
_CURVE: Final[Mapping[str, Kind]] = {
    "share": "share", "budget": "money", "spent": "money", "late": "number", "failures": "decimal", "lump": "money",
}  # fmt: skip


def sheets(found: Mapping[str, Any], renewal: Renewal, t: Texts) -> Iterator[Sheet]:
    """A sheet for the money, the purchases with their reasons, what stays past a deadline, failures, and the curve."""
    currency = found["currency"]
    yield _sheet("money", _MONEY, [{**one, "year": str(one["year"])} for one in found["money"]], currency, t)
    yield _sheet("waves", _WAVES, [_wave(row, renewal, currency, t) for row in found["waves"]], currency, t)
    yield _sheet("late", _LATE, [_late(row, renewal, t) for row in found["overdue"]], currency, t)
    yield _sheet(
        "failures", _FAILURES, [{**row, "year": str(row["year"])} for row in found["failures"]], currency, t
    )
    if found["curve"]:
        yield _sheet("curve", _CURVE, found["curve"], currency, t)


def table(found: Mapping[str, Any], t: Texts) -> tuple[list[str], list[list[Any]]]:
    """The purchases alone, as titles and rows."""
    rows = [_wave(row, None, found["currency"], t) for row in found["waves"]]
    return list(_WAVES), [[row.get(name) for name in _WAVES] for row in rows]


def _sheet(name: str, fields: Mapping[str, Kind], rows: Any, currency: str, t: Texts) -> Sheet:
    columns = [Column(t(f"sheet.renewal.{field}"), kind, currency) for field, kind in fields.items()]
    return Sheet(
        t(f"sheet.renewal.of.{name}"), columns, [[row.get(field) for field in fields] for row in rows]
    )


def _wave(row: Mapping[str, Any], renewal: Renewal | None, currency: str, t: Texts) -> dict[str, Any]:
    offer = renewal.offers.get(row["offer"]) if renewal else None
    return {
        **row, "year": str(row["year"]), "quarter": sentences.quarter(row["quarter"], t), "ordered": sentences.day(row["ordered"]),
        "deadline": sentences.day(row["deadline"]), "use": _use(row["use"], renewal),
        "offer": (offer.title if offer else None) or row["offer"], "why": sentences.why(row, currency, t),
    }  # fmt: skip


def _late(row: Mapping[str, Any], renewal: Renewal, t: Texts) -> dict[str, Any]:
    return {
        **row, "deadline": sentences.day(row["deadline"]), "replaced": sentences.quarter(row["replaced"], t),
        "use": _use(row["use"], renewal), "why": t(f"renewal.late.{row['why']}"),
    }  # fmt: skip


def _use(name: str, renewal: Renewal | None) -> str:
    return (renewal.use_class(name).title if renewal else None) or name
