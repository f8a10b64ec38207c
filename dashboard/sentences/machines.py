"""One workstation in words: what the inventory said of it and when, and what the renewal plan does with its like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from dashboard.sentences import renewal
from dashboard.texts import Texts, plain
from dashboard.words import WORDS
from inventory.fleet.judging import Judged
from inventory.imports.course import Change
from inventory.workstations import Workstation

Document = Mapping[str, Any]
"""See `forecasting.renewal.document`, read back from JSON."""

_DAYS: Final = frozenset({"purchased", "warranty"})
_BYTES: Final = frozenset({"memory", "disk"})
_WORDED: Final = frozenset({"state", "secure_boot"})


def value(name: str, told: Any, t: Texts, currency: str) -> str:
    """A field of the inventory as it is read."""
    if told is None:
        return t.unknown
    if name in _DAYS:
        return t.day(renewal.day(told))
    if name in _BYTES and isinstance(told, int | float):
        return t.size(told)
    if name == "price" and isinstance(told, int | float):
        return t.money(told, currency)
    if name in _WORDED:
        key = f"machine.{name}.{told}".casefold()
        return t(key) if key in WORDS else plain(str(told))
    return plain(str(told), 120)


def change(one: Change, t: Texts, currency: str) -> str:
    """What became of a field."""
    before, after = (value(one.field, told, t, currency) for told in (one.before, one.after))
    return t("machine.change", field=field(one.field, t), before=before, after=after)


def field(name: str, t: Texts) -> str:
    """What a field of the inventory is called."""
    key = f"machine.field.{name}"
    return t(key) if key in WORDS else plain(name)


# --- what the plan does -------------------------------------------------------------------------------


class Planned(NamedTuple):
    """What a plan says of a machine: `left` why it is not planned, `late` how it stays past its deadline (rows of the document),
    `waves` and `kept` what becomes of machines of its class, site and model, which the plan takes together."""

    left: tuple[Document, ...]
    late: tuple[Document, ...]
    waves: tuple[Document, ...]
    kept: tuple[Document, ...]

    @property
    def is_certain(self) -> bool:
        """Whether all of its like go at once: then it goes with them."""
        return len(self.waves) == 1 and not self.kept


def planned(found: Document, one: Judged) -> Planned:
    """What the plan says of a machine."""
    machine = one.workstation
    here = machine.site or ""

    def named(rows: Sequence[Document]) -> tuple[Document, ...]:
        return tuple(
            row for row in rows
            if row.get("key", machine.key) == machine.key and row["name"] == machine.name and row.get("site", here) == here
        )  # fmt: skip

    def alike(rows: Sequence[Document]) -> tuple[Document, ...]:
        told = _like(machine, one.use.name)
        return tuple(row for row in rows if tuple(row[name] or "" for name in _LIKE) == told)

    waves = tuple(
        row for row in alike(found["waves"]) if not row["again"] and row["why"] not in ("project", "spare")
    )
    return Planned(named(found["left_alone"]), named(found["overdue"]), waves, alike(found["kept"]))


_LIKE: Final = ("use", "site", "kind", "maker", "model")


def _like(one: Workstation, use: str) -> tuple[str, ...]:
    return use, one.site or "", one.kind or "", one.maker or "", one.model or ""


def said(plan: Planned, found: Document, t: Texts) -> Iterator[str]:
    """The plan of a machine in sentences; what becomes of its like stands in a table."""
    for row in plan.left:
        key = f"workbook.left.{row['why']}"
        yield t(key) if key in WORDS else t("machine.plan.left")
    for row in plan.late:
        yield t(
            "machine.plan.late", deadline=renewal.due(row, t), until=renewal.late_until(row, t),
            replaced=renewal.quarter(row["replaced"], t), why=renewal.stays(row, t),
        )  # fmt: skip
    if plan.left or plan.late:
        return
    if plan.is_certain:
        (row,) = plan.waves
        why = renewal.why(row, found["currency"], t, found.get("age_limits", {}))
        yield t("machine.plan.then", quarter=renewal.quarter(row["quarter"], t), why=why)
    elif plan.waves:
        yield t("machine.plan.among")
    elif plan.kept:
        yield t("machine.plan.kept", why=renewal.kept(plan.kept[0], t, found.get("age_limits", {})))
    else:
        yield t("machine.plan.unknown")
