"""What each system holds and may hold, and the stores that are full first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from dashboard.data import Data
from dashboard.report import platforms
from dashboard.report.document import Block, Growth, Prose, Section, Table, Values, columns
from dashboard.sentences import stores as sentences
from dashboard.sentences.outlooks import named
from dashboard.standing import Outlined, Store
from dashboard.texts import Texts, plain, scale

_DRAWN: Final = 3
"""Stores whose course is drawn."""

_BACK: Final = 730
_AHEAD: Final = 365
"""Days of history and of forecast that are drawn."""

_STEP: Final = 7


def section(data: Data, t: Texts) -> Section:
    """Storage by system, then the stores that are full first with their course."""
    return Section("capacity", t("report.capacity"), tuple(_blocks(data, t)))


def _blocks(data: Data, t: Texts) -> Iterator[Block]:
    stores = data.stores()
    if not stores:
        yield Prose(t("report.capacity.unknown"))
        yield from platforms.blocks(data, t)
        return
    outer = outermost(data)
    yield Prose(_lead(stores, outer, t))
    yield _systems(outer, data.estate.currency, t)
    yield from platforms.blocks(data, t)
    yield _listed(stores, data.estate.currency, t)
    for one in [store for store in stores if store.full and not store.is_over][:_DRAWN]:
        outlined = data.store(one.unique_id)
        if outlined is not None and len(outlined.history) > 1:
            yield Prose(sentences.describe(one, t))
            yield growth(outlined, data.today, t)


def outermost(data: Data) -> list[Store]:
    """The stores that are not cut out of another one: their sizes may be added up."""
    return [one for one in data.stores() if not one.inside]


def _lead(stores: Sequence[Store], outer: Sequence[Store], t: Texts) -> str:
    """How many stores there are, and what those hold together whose size is known and that are in no other one."""
    sized = [one for one in outer if one.size is not None]
    said = t.count(
        "report.capacity.lead", len(stores), used=t.size(sum(one.used for one in sized)),
        size=t.size(sum(one.size or 0.0 for one in sized)),
    )  # fmt: skip
    unsized = sum(one.size is None for one in stores)
    return f"{said} {t.count('report.capacity.unsized', unsized)}" if unsized else said


def role(store: Store, t: Texts) -> str:
    """The system that a store belongs to: the role of its target."""
    declared = store.declared.role if store.declared else None
    return plain(declared) if declared else t("report.system.other")


def _systems(stores: Sequence[Store], currency: str, t: Texts) -> Table:
    """Stores come worst first, and so do their systems."""
    groups: dict[str, list[Store]] = {}
    for one in stores:
        groups.setdefault(role(one, t), []).append(one)
    heads = columns(
        t, currency, ("report.system", "text"), ("report.stores", "number"), ("column.used", "bytes"), ("column.size", "bytes"),
        ("column.ratio", "share"), ("report.first", "text"), ("column.full", "day"),
    )  # fmt: skip
    return Table(
        t("report.capacity.table"), heads, tuple(_system(name, found, t) for name, found in groups.items())
    )


def _system(name: str, found: Sequence[Store], t: Texts) -> tuple[object, ...]:
    """What is used is of the stores whose size is known: the share is of these."""
    sized = [one for one in found if one.size]
    used, size = (sum(values) for values in ([one.used for one in sized], [one.size or 0.0 for one in sized]))
    first = found[0]
    told: tuple[object, ...] = (
        (used, size, used / size) if sized else (sum(one.used for one in found), None, None)
    )
    return name, len(found), *told, named(first.name, first.target, t), date(first, t)


def _listed(stores: Sequence[Store], currency: str, t: Texts) -> Table:
    heads = columns(
        t, currency, ("column.store", "text"), ("column.target", "text"), ("column.used", "bytes"), ("column.size", "bytes"),
        ("column.ratio", "share"), ("report.early", "day"), ("column.full", "day"), ("report.late", "day"), ("column.order", "day"),
    )  # fmt: skip
    rows = tuple(
        (
            plain(one.name) or t.unknown, plain(one.target), one.used, one.size, one.ratio, one.early or "", date(one, t),
            one.late or "", "" if one.is_over else one.order_by or "",
        )
        for one in stores
    )  # fmt: skip
    return Table(t("report.capacity.worst"), heads, rows, most=12, under=(1,))


def date(store: Store, t: Texts) -> dt.date | str:
    """When a store is full, or why it has no date."""
    return store.full if store.full and not store.is_over else sentences.full_word(store, t)


# --- the course of one --------------------------------------------------------------------------------


def growth(one: Outlined, today: dt.date, t: Texts) -> Growth:
    """The chart of a store: each week of the last two years, and of the year to come. A day that was not measured stays blank."""
    history = one.history.set_index("ds")["y"] if len(one.history) else pd.Series(dtype="float64")
    path = one.path.set_index("ds") if len(one.path) else pd.DataFrame()
    size = one.capacity.set_index("ds")["y"] if len(one.capacity) else pd.Series(dtype="float64")
    days = _days(history, today)
    limit = size.reindex(days).ffill() * one.store.ceiling
    limit = limit.where(days >= size.index[0]) if len(size) else limit
    highest = max(history.max(), size.max() if len(size) else 0.0)
    _, power = scale(highest)
    unit, name = 1000.0**power, t.unit(power)

    def drawn(values: pd.Series) -> Values:
        return tuple(None if pd.isna(value) else float(value) / unit for value in values.reindex(days))

    none: Values = (None,) * len(days)
    mean, low, high = (drawn(path[column]) if len(path) else none for column in ("mean", "lo80", "hi80"))
    thing = named(one.store.name, one.store.target, t)
    said = t(
        "report.growth.said", unit=name, used=t.size(one.store.used), first=t.day(history.index[0].date()),
        last=t.day(history.index[-1].date()), gaps=gaps(one.history, t),
    )  # fmt: skip
    return Growth(
        t("report.growth", thing=thing), said,
        window(one.history, t), name, today, tuple(day.date() for day in days), drawn(history), mean, low, high, drawn(limit),
    )  # fmt: skip


def _days(history: pd.Series, today: dt.date) -> pd.Index[pd.Timestamp]:
    """Every seventh day back from the last that was measured, and on from it."""
    last = history.index[-1]
    first = max(history.index[0], last - pd.Timedelta(days=_BACK))
    back = pd.date_range(end=last, periods=(last - first).days // _STEP + 1, freq=f"{_STEP}D")
    ahead = pd.date_range(
        start=last + pd.Timedelta(days=1),
        end=pd.Timestamp(today) + pd.Timedelta(days=_AHEAD),
        freq=f"{_STEP}D",
    )
    return back.append(ahead)


def window(history: pd.DataFrame, t: Texts) -> str:
    """From when to when something was measured, and how many days of it are missing."""
    first, last = history["ds"].iloc[0].date(), history["ds"].iloc[-1].date()
    return t("report.growth.window", first=t.day(first), last=t.day(last), gaps=gaps(history, t))


def gaps(history: pd.DataFrame, t: Texts) -> str:
    """How many days between the first and the last were not measured."""
    told = history.dropna(subset="y")["ds"]
    missing = (told.iloc[-1] - told.iloc[0]).days + 1 - len(told)
    return t.count("report.growth.gaps", missing) if missing else t("report.growth.whole")
