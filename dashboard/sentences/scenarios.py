"""Scenarios in words: what changes, what follows from it, and amounts with their ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dashboard.sentences import renewal
from dashboard.texts import Texts, plain
from forecasting.scenarios.cascade import Factor, Nightly, Reach, Recovery
from forecasting.scenarios.comparing import Case
from forecasting.scenarios.projecting import Prospect
from inventory.scenarios.amounts import AnyEstimate
from inventory.scenarios.changes import FLEET, Change


def described(change: Change, t: Texts) -> str:
    what = t(_key(change), **(_of_fleet(change, t) if isinstance(change, FLEET) else _values(change, t)))
    if change.end is None:
        return t("scenarios.from", start=t.day(change.start), what=what)
    return t("scenarios.between", start=t.day(change.start), end=t.day(change.end), what=what)


def _key(change: Change) -> str:
    return "scenarios.reduction.change" if change.kind == "reduction" else f"scenarios.{change.kind}"


def _of_fleet(change: Any, t: Texts) -> dict[str, str]:
    """The same of a change that is about workstations."""
    made = {
        "rate": lambda rate: renewal.signed(rate, t.ratio(abs(rate))),
        "years": lambda years: renewal.signed(years, t.number(abs(years), 0 if years == int(years) else 2)),
        "until": t.day,
    }
    names = ("rate", "years", "until", "product", "name")
    return {name: made.get(name, plain)(getattr(change, name)) for name in names if hasattr(change, name)}


def _values(change: Any, t: Texts) -> dict[str, str]:
    """What the sentence of a change speaks of, of all that it may have."""
    where = change.to if change.kind == "migration" else change
    found = {"place": _spot(where)}
    for name in ("studies", "slides", "places", "count", "months"):
        if getattr(change, name, None) is not None and change.kind != "building":
            found[name] = between(getattr(change, name).three, t.number)
    makers = {"digital": t.ratio, "rate": t.ratio, "after": lambda one: t.number(one, 1)}
    for name, made in makers.items():
        if getattr(change, name, None) is not None:
            found["factor" if name == "after" else name] = between(getattr(change, name).three, made)
    if change.kind == "building":
        found["places"] = between(change.places.three, t.number)
    if isinstance(getattr(change, "amount", None), AnyEstimate):
        found["amount"] = between(change.amount.three, t.size if change.amount.bytes else t.number)
    plainly = {"modality": getattr(change, "modality", ""), "years": str(getattr(change, "keep", ""))}
    found |= {name: plain(text) for name, text in plainly.items()}
    if change.kind == "rate":
        found["per"] = t(f"scenarios.per.{change.per}")
    if change.kind == "migration":
        found["origin"] = _spot(change.origin)
    if change.kind == "reduction":
        found["before"] = t.number(change.before, 1)
    return found


def _spot(where: Any) -> str:
    target, store = getattr(where, "target", ""), getattr(where, "store", None)
    return f"{plain(target)} {plain(store)}" if store else plain(target)


def place(one: Prospect, t: Texts) -> str:
    what = one.series.store or t(f"scenarios.quantity.{one.series.quantity}")
    return f"{plain(one.series.target)} {plain(what)}"


def untold(one: Prospect, t: Texts) -> str:
    return t(f"no.{one.reason}") if one.reason else ""


def amount(one: Prospect, value: float, t: Texts) -> str:
    """A number in the unit of the series."""
    if one.series.metric.endswith("_bytes"):
        return t.size(value)
    return t.ratio(value) if one.series.metric.endswith("_ratio") else t.number(value)


def three(one: Prospect, three: Sequence[float], t: Texts) -> str:
    low, likely, high = (amount(one, value, t) for value in three)
    return likely if low == high else t("scenarios.three", low=low, likely=likely, high=high)


def between(three: Sequence[float], made: Any) -> str:
    low, likely, high = (made(value) for value in three)
    return likely if low == high else f"{likely} ({low} – {high})"


def follows(case: Case, currency: str, t: Texts) -> Iterator[str]:
    for size in case.bases:
        shown = between(size.sizes, t.size)
        yield t(
            f"scenarios.size.{size.kind}", modality=plain(size.modality), size=shown, n=t.number(size.studies)
        )
    for one in case.loads:
        yield t(
            f"scenarios.load.{one.kind}",
            busy=between(one.busy, lambda value: t.number(value, 2)),
            days=t.number(one.days),
            target=plain(one.target),
            n=t.number(one.processors),
            told=t("scenarios.processors.told" if one.told else "scenarios.processors.given"),
        )
    if case.cost is not None:
        yield t("scenarios.cost", cost=t.money(case.cost, currency))
    if case.reach is not None:
        yield from _reached(case.reach, t)


def _reached(reach: Reach, t: Texts) -> Iterator[str]:
    for night in reach.nightly:
        yield " ".join(_night(night, t))
    for one in reach.recoveries:
        yield " ".join(_restore(one, t))
    for circle in reach.circles:
        yield t("scenarios.circle", names=", ".join(plain(name) for name in circle))
    for missing in reach.missing:
        yield t("scenarios.missing", name=plain(missing))


def _night(one: Nightly, t: Texts) -> Iterator[str]:
    way = one.way
    store = f"{plain(way.repository.target)} {plain(way.repository.store)}"
    reduction = t.number(way.reduction.three[1], 2)
    yield t("scenarios.reduction", store=store, factor=reduction, origin=_origin(way.reduction, t))
    yield t(
        "scenarios.night",
        target=plain(way.target),
        store=store,
        before=t.size(one.bytes_before[1]),
        after=between(one.bytes_after, t.size),
        change=t.share(way.change.three[1]),
        origin=_origin(way.change, t),
    )
    if one.hours_before and one.hours_after:
        before, after = (
            _hours(one.hours_before[1], t),
            between(one.hours_after, lambda hours: _hours(hours, t)),
        )
        yield t("scenarios.night.hours", before=before, after=after)


def _restore(one: Recovery, t: Texts) -> Iterator[str]:
    after = between(one.after_scenario, lambda hours: _hours(hours, t))
    yield t("scenarios.restore", target=plain(one.target), before=_hours(one.before[1], t), after=after)
    if one.way is not None and one.way.restore and one.way.pace:
        speed = t.size(one.way.restore)
        yield t(f"scenarios.pace.{one.way.pace}", speed=speed, n=t.number(one.way.tests))
    if one.after:
        yield t("scenarios.restore.first", names=", ".join(plain(name) for name in one.after))
    if one.late and one.rto is not None:
        yield t("scenarios.restore.late", rto=_hours(one.rto, t))


def _origin(factor: Factor, t: Texts) -> str:
    """Where a figure comes from; of what is measured, from how many days."""
    if factor.days:
        return t("scenarios.origin.days", n=t.number(factor.days))
    return t(f"scenarios.origin.{factor.origin}")


def _hours(hours: float, t: Texts) -> str:
    if hours < 1:
        return t("scenarios.minutes", n=t.number(hours * 60, 1))
    return t("scenarios.hours", n=t.number(hours, 1 if hours < 100 else 0))
