"""In a thin pool the pool decides: what takes its space from one is full when the pool is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from exporters.plan.outlooks import NOISE, OVER, Outlook
from forecasting.quantities import DAY, Planned

_TAKERS: Final = ("volume", "filesystem", "share")
"""Kinds of stores that take their space from a pool as they fill. A pool inside another one has it already."""

_GIVERS: Final = ("pool", "array")


def within(planned: Sequence[Planned]) -> dict[str, tuple[str, ...]]:
    """The pools of each store that is in one, by name: the pool itself, and its metadata where they are told."""
    pools: dict[tuple[str, str], list[str]] = {}
    for one in planned:
        labels = dict(one.labels)
        if one.quantity.name in ("storage", "raw_storage", "metadata") and labels.get("kind") in _GIVERS:
            pools.setdefault((one.target, labels.get("store", "")), []).append(one.unique_id)
    found: dict[str, tuple[str, ...]] = {}
    for one in planned:
        labels = dict(one.labels)
        givers = pools.get((one.target, labels.get("pool", "")))
        if givers and one.quantity.name == "storage" and labels.get("kind") in _TAKERS:
            found[one.unique_id] = tuple(givers)
        elif one.quantity.name == "storage" and labels.get("kind") in _GIVERS:
            # a pool stops when its metadata are full, however many bytes it has left
            own = pools.get((one.target, labels.get("store", "")), [])
            others = tuple(name for name in own if name != one.unique_id and "_metadata_" in name)
            if others:
                found[one.unique_id] = others
    return found


def decide(
    outlooks: Iterable[Outlook], pools: Mapping[str, tuple[str, ...]], leads: Mapping[str, float | None]
) -> Iterator[Outlook]:
    """The outlooks with the dates of their pools where those are earlier, and with the last day to order.

    Pools come before what is in them. `leads` are seconds from order to use, by `unique_id`; None where nothing is ordered.
    """
    wanted = {name for names in pools.values() for name in names}
    known: dict[str, Outlook] = {}
    for outlook in outlooks:
        decided = outlook
        for name in pools.get(outlook.unique_id, ()):
            if name in known:
                decided = _with(decided, known[name])
        decided = dataclasses.replace(decided, order_by=order_by(decided, leads.get(decided.unique_id)))
        if outlook.unique_id in wanted:
            known[outlook.unique_id] = dataclasses.replace(decided, packed=None, path=None)
        yield decided


def _with(outlook: Outlook, pool: Outlook) -> Outlook:
    """The outlook, with each date that its pool reaches earlier."""
    joined = outlook
    for threshold in outlook.reasons:
        joined = _joined(joined, pool, threshold)
    full = [(1.0, 0.1), (1.0, 0.5)]
    same = joined.reason == outlook.reason and all(joined.dates.get(k) == outlook.dates.get(k) for k in full)
    if same:
        return joined
    since = {"over": pool.figures.get("over", 1.0)} if joined.is_over else {}
    return dataclasses.replace(
        joined, cause=pool.cause or pool.unique_id, figures={**joined.figures, **since}
    )


def _joined(outlook: Outlook, pool: Outlook, threshold: float) -> Outlook:
    """The same for one threshold."""
    if OVER in (outlook.reasons[threshold], pool.reasons.get(threshold)):
        one = outlook if outlook.reasons[threshold] == OVER else pool
        dates = {key: None if key[0] == threshold else day for key, day in outlook.dates.items()}
        reason, chances = one.reasons[threshold], one.chances.get(threshold, {})
    else:
        dates = {
            key: _earlier(day, pool.dates.get(key)) if key[0] == threshold else day
            for key, day in outlook.dates.items()
        }
        one = pool if outlook.reasons[threshold] == NOISE and dates.get((threshold, 0.1)) else outlook
        reason = None if dates.get((threshold, 0.5)) else one.reasons[threshold]
        chances = dict(outlook.chances.get(threshold, {}))
        for days, chance in pool.chances.get(threshold, {}).items():
            chances[days] = max(chance, chances.get(days, 0.0))
    return dataclasses.replace(
        outlook,
        dates=dates,
        reasons={**outlook.reasons, threshold: reason},
        chances={**outlook.chances, threshold: chances},
    )


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def order_by(outlook: Outlook, lead: float | None) -> date | None:
    """The last day to order what must be in use by the early date of being full; None where no trend leads there.

    What is full already should have been there on the day on which it became so, as far as that is known.
    """
    if lead is None or outlook.level is None:
        return None
    early = outlook.dates.get((1.0, 0.1))
    if outlook.is_over:
        early = outlook.last - timedelta(days=max(outlook.figures.get("over", 1.0) - 1, 0))
    return None if early is None else early - timedelta(days=math.ceil(lead / DAY))
