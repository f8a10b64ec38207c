"""What an outlook says, and why, in true sentences: every number comes from its figures, and none says more than they do."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Final

from dashboard.texts import Texts, plain
from exporters.plan.outlooks import Outlook
from forecasting import planned

STEADY: Final = 0.00002
"""Share of what it holds below which a daily move is called none: under 1 % a year."""

_DAY: Final = 86_400.0

_PEAKS: Final = ("processors", "sessions")
"""Quantities whose day is its busiest hour."""

_SURE: Final = 0.995
"""Chances from which, and below whose counterpart, a percentage would say more than is known."""

_NOTABLE: Final = 0.01
"""Share of what is used below which what came by jumps is not worth a word."""


def explain(outlook: Outlook, t: Texts, today: dt.date) -> str:
    """All that is known of one thing: what it holds and may hold, how it moves and why, when it is full, what would change that."""
    return " ".join((_holds(outlook, t), *because(outlook, t, today)))


def because(outlook: Outlook, t: Texts, today: dt.date) -> Iterator[str]:
    """The same without what it holds."""
    yield from _rules(outlook, t)
    yield from _moves(outlook, t)
    yield from _when(outlook, t, today)
    yield from _beside(outlook, t)
    yield from _order(outlook, t, today)


def named(name: str, target: str, t: Texts, key: str = "thing.on") -> str:
    """A thing and whose it is; once where it has the name of its target, being all of it."""
    return plain(name) if name == target else t(key, name=plain(name), target=plain(target))


def amount(value: float, unit: str, t: Texts) -> str:
    """A value in three figures, with its unit; ratios and counts without zeros that say nothing."""
    if unit == "bytes":
        return t.size(value)
    shown = value * 100 if unit == "ratio" else value
    digits = 2 - math.floor(math.log10(abs(shown))) if shown else 0
    digits = min(max(digits, 0), 9)
    while digits and round(shown, digits) == round(shown, digits - 1):
        digits -= 1
    return f"{t.number(shown, digits)}{t('explain.percent') if unit == 'ratio' else ''}"


def _holds(outlook: Outlook, t: Texts) -> str:
    what = t(f"quantity.{outlook.quantity}")
    given = {
        "thing": named(planned.name(outlook), outlook.target, t),
        "what": t("explain.busiest", what=what) if outlook.quantity in _PEAKS else what,
        "used": amount(outlook.used, outlook.unit, t),
        "day": t.day(outlook.last),
    }
    if outlook.capacity is None:
        return t("explain.holds.unsized", **given)
    size = amount(outlook.capacity, outlook.unit, t)
    if outlook.unit == "ratio":
        return t("explain.holds.share", **given)
    return t("explain.holds", **given, size=size, ratio=amount(outlook.used / outlook.capacity, "ratio", t))


def _rules(outlook: Outlook, t: Texts) -> Iterator[str]:
    """Which part of the size may be planned with, rule by rule."""
    if outlook.quantity == "raw_storage":
        yield t("explain.raw")
    if len(outlook.rules) < 2:
        return
    parts = []
    for (_, before), (rule, left) in zip(outlook.rules[:-1], outlook.rules[1:], strict=True):
        share = amount(left / before, "ratio", t) if before else ""
        parts.append(t(f"explain.rule.{rule}", left=amount(left, outlook.unit, t), share=share))
    yield t("explain.rules", rules=", ".join(parts))


def _moves(outlook: Outlook, t: Texts) -> Iterator[str]:
    if outlook.rate is None:
        return
    figures, unit = outlook.figures, outlook.unit
    yield f"{rate(outlook, t)}."
    grown, jumped = figures.get("grown"), figures.get("jumped", 0.0)
    if grown is not None and figures.get("span", 0) >= 2:
        key = "explain.grown" if grown >= 0 else "explain.shrunk"
        told = {"days": t.number(figures["span"]), "grown": amount(abs(grown), unit, t)}
        if figures.get("jumps") and abs(jumped) > _NOTABLE * abs(outlook.used):
            yield _jumped(outlook, t, key, told)
        elif told["grown"] == amount(0.0, unit, t):
            yield t("explain.same", days=told["days"])
        else:
            yield t(key, **told)
    if figures.get("swing"):
        yield t("explain.swing", swing=amount(figures["swing"], unit, t))
    if figures.get("cycle_swing"):
        key = "explain.swing.month" if figures["cycle"] == 1 else "explain.swing.quarter"
        yield t(key, swing=amount(figures["cycle_swing"], unit, t))
    if figures.get("altered"):
        yield t.count("explain.altered", int(figures["altered"]))


def _jumped(outlook: Outlook, t: Texts, key: str, told: dict[str, str]) -> str:
    """How much of what came did so at once. A share is said only where it is one: of a growth that is larger."""
    grown, jumped = outlook.figures["grown"], outlook.figures["jumped"]
    told["jumps"] = t.count("explain.jumps", int(outlook.figures["jumps"]))
    told["jumped"] = amount(abs(jumped), outlook.unit, t)
    if grown > 0 and 0 < jumped <= grown:
        return t(f"{key}.share", **told, share=amount(jumped / grown, "ratio", t))
    return t(f"{key}.{'up' if jumped > 0 else 'down'}", **told)


def rate(outlook: Outlook, t: Texts) -> str:
    """How it moves, a day."""
    if outlook.rate is None or abs(outlook.rate) <= STEADY * abs(outlook.used):
        return t("sentence.steady")
    key = "sentence.grows" if outlook.rate > 0 else "sentence.shrinks"
    return t(key, rate=amount(abs(outlook.rate), outlook.unit, t))


def _when(outlook: Outlook, t: Texts, today: dt.date) -> Iterator[str]:
    early, late = outlook.dates.get((1.0, 0.1)), outlook.dates.get((1.0, 0.9))
    if outlook.date is None:
        yield t(f"reason.{outlook.reason or ''}")
        if early:
            yield t("sentence.early", day=t.day(early))
        elif outlook.chance is not None:
            yield horizon(outlook.chance, t)
    else:
        days = (outlook.date - today).days
        span = t.span(max(days, 0) * _DAY)
        text = t("explain.full" if days > 0 else "explain.full.now", day=t.day(outlook.date), span=span)
        if early and late:
            text += t("sentence.between", early=t.day(early), late=t.day(late))
        elif early:
            text += t("sentence.after", early=t.day(early))
        yield f"{text}."
    chance = outlook.chances.get(1.0, {}).get(90)
    if chance is not None and outlook.level is not None and not outlook.is_over:
        yield _chance(chance, "explain.chance", t)
    if outlook.cause:
        yield t("explain.cause", pool=plain(pool_of(outlook)))


def pool_of(outlook: Outlook) -> str:
    """The name of the pool that decides."""
    return dict(outlook.labels).get("pool", "") or planned.name(outlook)


def horizon(chance: float, t: Texts) -> str:
    """How likely it is to be full within three years, of what has no date."""
    return _chance(chance, "explain.horizon", t)


def _chance(chance: float, key: str, t: Texts) -> str:
    if chance >= _SURE:
        return t(f"{key}.sure")
    if chance <= 1 - _SURE:
        return t(f"{key}.none")
    return t(key, chance=amount(round(chance, 2), "ratio", t))


def _beside(outlook: Outlook, t: Texts) -> Iterator[str]:
    """What was bought, what is decided, how sure the next month is, and what would change the date."""
    figures, unit = outlook.figures, outlook.unit
    for event in outlook.extensions[-2:]:
        key = "explain.extended" if event.size > 0 else "explain.reduced"
        yield t(key, size=amount(abs(event.size), unit, t), day=t.day(event.day))
    for event in outlook.ordered:
        yield t("explain.ordered", size=amount(event.size, unit, t), day=t.day(event.day))
    if "added" in figures:
        added = {key: amount(figures[key], unit, t) for key in ("added", "added_low", "added_high")}
        yield t("explain.added", **added)
    if "month" in figures:
        month = {key: amount(figures[key], unit, t) for key in ("month", "month_lo80", "month_hi80")}
        yield t("explain.month", **month)
    if outlook.date is not None and not outlook.cause:
        yield from _changes(outlook, t)


def _changes(outlook: Outlook, t: Texts) -> Iterator[str]:
    figures, unit = outlook.figures, outlook.unit

    def day(name: str) -> str:
        return t.day(outlook.last + dt.timedelta(days=int(figures[name])))

    if "peak" in figures and "peak_date" in figures:
        peak = amount(figures["peak"], unit, t)
        yield (
            t("explain.peak", peak=peak, day=day("peak_date"))
            if figures["peak_date"]
            else t("explain.peak.full", peak=peak)
        )
    if "more" in figures:
        more = amount(figures["more"], unit, t)
        yield (
            t("explain.more", more=more, day=day("more_date"))
            if "more_date" in figures
            else t("explain.more.never", more=more)
        )


def _order(outlook: Outlook, t: Texts, today: dt.date) -> Iterator[str]:
    if outlook.order_by is None:
        return
    late, possible = (today - outlook.order_by).days, ".possible" if outlook.level == "possible" else ""
    day = t.day(outlook.order_by)
    if late <= 0:
        yield t(f"sentence.order{possible}", day=day)
    else:
        yield t.count(f"explain.order.late{possible}", late, day=day)
