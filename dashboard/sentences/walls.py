"""Runway, purchases and retention in true sentences: each figure is one of those that the tables show."""

from __future__ import annotations

import datetime as dt
import math
from typing import Final

from dashboard.sentences import outlooks
from dashboard.sentences.outlooks import horizon, named
from dashboard.texts import Texts, plain
from dashboard.words import WORDS
from forecasting.purchase import Plan
from forecasting.retention import CASES, Purged, Schedule
from forecasting.runway import Runway, Wall

_BYTES: Final = ("storage", "raw_storage", "memory", "databases")
_YEAR: Final = 365
_SLOW: Final = 2.0
_EXACT: Final = 1e-6
"""A gap below which a plan is called the best: what rounding may leave of none."""


STATES: Final = {"over": "reached", "late": "overdue"}
"""What severities of walls are called where the same word means something else of stores and targets."""


def quantity(name: str) -> str:
    """The key of a quantity's word."""
    key = f"quantity.{name}"
    return key if key in WORDS else "quantity."


def amount(name: str, value: float, t: Texts) -> str:
    """How much of a quantity: bytes, or a number with its word."""
    return t.size(value) if name in _BYTES else f"{outlooks.amount(value, '', t)} {t(quantity(name))}"


def lacking(name: str, value: float, t: Texts) -> str:
    """How much of a quantity is missing: of what is counted, as many as would have to be had."""
    return amount(name, value if name in _BYTES else math.ceil(value), t)


def bytes_or_unknown(value: float, t: Texts) -> str:
    """Bytes; the word for unknown where they are no number."""
    return t.size(None if math.isnan(value) else value)


def dateless(reason: str, t: Texts, chance: float | None = None) -> str:
    """Why something has no date, and how likely it is to be full within three years where that is known."""
    key = f"reason.{reason}"
    said = t(key) if key in WORDS else plain(reason)
    return said if chance is None else f"{said} {horizon(chance, t)}"


def runway(seen: Runway, t: Texts) -> list[str]:
    """How many walls are reached, the first one to come with its cause, and how many orders are overdue."""
    said = [t.count("runway.reached", len(seen.reached))] if seen.reached else []
    if seen.first is None:
        return [*said, t("runway.none")]
    first = seen.first
    what = thing(first, t)
    said.append(t("runway.first", what=what, day=t.day(first.central), cause=cause(first, t)))
    overdue = sum(wall.severity == "late" for wall in seen.walls)
    return [*said, *([t.count("runway.overdue", overdue)] if overdue else [])]


def thing(wall: Wall, t: Texts) -> str:
    """What stands at a wall: a thing of a target, or workstations, which are of none."""
    if wall.cause == "renewal":
        return t("runway.renewal", name=plain(wall.what))
    return named(wall.what, wall.target, t, "thing.of")


def cause(wall: Wall, t: Texts) -> str:
    """Why a wall stands where it does."""
    facts = wall.facts
    if wall.cause != "full":
        extended = facts.get("extended")
        key = "cause.extended.free" if facts.get("free") else "cause.extended"
        more = t(key, day=t.day(extended)) if isinstance(extended, dt.date) else ""
        return " ".join(part for part in (t(f"cause.{wall.cause}"), more) if part)
    times = {"rate": _YEAR} if _is_slow(wall) else {}
    used, limit, rate = (_figure(wall, name, t, times.get(name, 1)) for name in ("used", "limit", "rate"))
    key = ("cause.full.slow" if _is_slow(wall) else "cause.full") if _grows(wall) else "cause.full.still"
    said = t(key, used=used, limit=limit, rate=rate)
    pool = str(facts.get("pool", ""))
    return f"{said} {inside(pool, t, decided=bool(facts.get('decided')))}" if pool else said


def inside(pool: str, t: Texts, *, decided: bool) -> str:
    """What follows for what is cut out of a pool, which may be full before it: nothing is ordered for itself."""
    return t("cause.pool.decided" if decided else "cause.pool", pool=plain(pool))


def _grows(wall: Wall) -> bool:
    """Whether it grows by so much that it is worth a figure."""
    rate, used = wall.facts.get("rate"), wall.facts.get("used")
    if not isinstance(rate, float) or wall.facts.get("unit") == "ratio":
        return False
    return rate > (outlooks.STEADY * used if isinstance(used, int | float) else 0)


def _is_slow(wall: Wall) -> bool:
    """Whether it is counted, and grows by less than two a day: what comes in a year says more."""
    rate = wall.facts.get("rate")
    return wall.quantity not in _BYTES and isinstance(rate, float) and rate < _SLOW


def _figure(wall: Wall, name: str, t: Texts, times: float = 1) -> str:
    value = wall.facts.get(name)
    if not isinstance(value, int | float):
        return t.unknown
    value *= times
    return t.ratio(value) if wall.facts.get("unit") == "ratio" else amount(wall.quantity, value, t)


def purchase(made: Plan, t: Texts) -> list[str]:
    """What is ordered for how much, how good that is, and what buying without a plan would cost."""
    until = t.month(made.months[-1])
    if not made.lines:
        return [
            t.count("purchase.unsold", made.needs_unmet, until=until)
            if made.unmet
            else t("purchase.nothing", until=until)
        ]
    orders, cost = t.count("purchase.orders", len(made.lines)), t.money(made.cost, made.currency)
    said = [t("purchase.lead", orders=orders, cost=cost, until=until, risk=t(f"purchase.risk.{made.risk}"))]
    said.append(
        t("purchase.exact")
        if made.gap < _EXACT
        else t("purchase.gap", gap=t.share(math.ceil(1000 * made.gap) / 1000))
    )
    said += [t("purchase.late")] if made.late else []
    unmet = t.count("purchase.needs", made.greedy_unmet)
    months = {"months": t.number(made.greedy_months), "own": t.number(made.months_lacking)}
    cost = t.money(made.greedy_cost, made.currency)
    return [*said, t("purchase.greedy", cost=cost, unmet=unmet, **months)]


def retention(one: Schedule, effect: Purged | None, t: Texts) -> list[str]:
    """What an archive holds and may delete, and how that moves its wall."""
    held = t.size(sum(one.archive.by_year.values()))
    named = {"target": plain(one.archive.target), "bytes": held, "years": one.rule.years}
    now, then = one.frame.iloc[0], one.frame.iloc[-1]
    if math.isnan(now["total_likely"]):
        said = [t("retention.most", **named, now=t.size(float(now["total_high"])))]
    else:
        figures = {"now": t.size(float(now["total_likely"])), "then": t.size(float(then["total_likely"]))}
        said = [t("retention.lead", **named, **figures, until=int(then["year"]))]
    if one.archive.undated > 0:
        said.append(t("retention.undated", bytes=t.size(one.archive.undated)))
    if effect is not None and effect.without is not None and "likely" in effect.dates:
        said.append(_moved(effect, t))
    return said


def _moved(effect: Purged, t: Texts) -> str:
    """When the archive's store is full, with and without what may go."""
    low, likely, high = (effect.dates[case] for case in CASES)
    key = "retention.effect" if high else "retention.effect.after" if likely else "retention.effect.beyond"
    days = {"without": effect.without, "low": low, "likely": likely, "high": high}
    return t(key, store=plain(effect.store), **{name: t.day(day) for name, day in days.items()})


def assumed(one: Schedule, t: Texts) -> list[str]:
    """What was not declared, and what was assumed instead of being known."""
    said = []
    if one.undeclared:
        shares = ", ".join(t(f"retention.share.{name}") for name in one.undeclared)
        said.append(t("retention.undeclared", shares=shares))
    return [*said, t("retention.crossed")] if one.crossed else said
