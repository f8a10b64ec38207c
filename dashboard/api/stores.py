"""Stores and how they fill: what the pages of capacity show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from pydantic import Field

from dashboard.api.parameters import choice, number, text
from dashboard.api.records import Day, Id, Moment, Number, Record, Text, Whole, id_of
from dashboard.api.resources import Asked, Document, Left, Listing
from dashboard.data import HISTORY, PLAN
from dashboard.standing import Outlined
from dashboard.standing import Store as Standing
from exporters.plan.outlooks import Event
from inventory.metrics import STORE_KINDS

KINDS: Final = tuple(STORE_KINDS)


class Store(Record):
    """Something that fills, and when it is full."""

    id: Id
    place: int = Field(description="Place in the order of the page: 1 is full first.", ge=1)
    target: Text
    store: Text = Field(description="As the device calls it.")
    kind: Text = Field(description="A word of docs/metrics.md, such as volume, pool or filesystem.")
    pool: Text | None = Field(description="The pool that it lives in, as the device calls it.")
    site: Text | None
    measured: Moment = Field(description="When it was last measured; of older values the day alone is known.")
    used_bytes: Whole
    size_bytes: Whole | None
    limit_bytes: Whole | None = Field(
        description="What may be filled of the size: less reserves, up to the ceiling."
    )
    used_ratio: Number | None = Field(description="Used share of the size, 1 is all.")
    is_full: bool | None = Field(
        description="Whether it holds as much as it may already; null where nobody knows its size."
    )
    full_on: Day | None = Field(description="The day with even chances of being full before and after it.")
    full_early: Day | None = Field(description="The day before which it is full in one case of ten.")
    full_late: Day | None = Field(description="The day before which it is full in nine cases of ten.")
    reason: Text | None = Field(
        description="Why there is no date, in the planner's words; null where there is one."
    )
    order_by: Day | None = Field(
        description="The last day to order what has to be there by the early date; null of what is cut out of a pool, and enlarged inside it."
    )
    growth_bytes_per_day: Number | None = Field(description="Mean growth over the next 90 days.")


class Value(Record):
    """What was held on a civil day."""

    day: Day
    used_bytes: Whole | None
    size_bytes: Whole | None


class Expected(Record):
    """What is expected to be held on a civil day, and between which values in 80 and in 95 cases of 100."""

    day: Day
    mean_bytes: Whole
    low_80_bytes: Whole
    high_80_bytes: Whole
    low_95_bytes: Whole
    high_95_bytes: Whole


class Jump(Record):
    """A lasting jump: the first day at the new level."""

    day: Day
    change_bytes: Whole = Field(description="By how much; below 0 where something was freed or taken away.")


class StoreInFull(Store):
    """A store with its past and its forecast, by the day."""

    history: list[Value] = Field(description="The oldest day first.")
    forecast: list[Expected] = Field(description="The next day first; empty where nothing is forecast.")
    jumps: list[Jump] = Field(description="Of what is held.")
    size_changes: list[Jump] = Field(description="Of its size.")
    size_changes_expected: list[Jump] = Field(description="Extensions that are ordered or decided.")


def _all(asked: Asked) -> Left:
    found = asked.left(
        asked.data.stores(),
        target=lambda one: one.target,
        kind=lambda one: one.kind,
        site=lambda one: one.site,
    )
    days = asked.given.get("full_within")
    if days is None:
        return found
    return Left(found.found, [one for one in found.places if found.found[one].is_full_within(days)])


def _fields(place: int, one: Standing) -> dict[str, Any]:
    outlook = one.outlook
    return {
        "id": id_of(one.unique_id),
        "place": place,
        "target": one.target,
        "store": one.name,
        "kind": one.kind,
        "pool": one.pool or None,
        "site": one.site,
        "measured": one.measured,
        "used_bytes": one.used,
        "size_bytes": one.size,
        "limit_bytes": one.limit,
        "used_ratio": one.ratio,
        "is_full": None if one.limit is None else one.is_over,
        "full_on": one.full,
        "full_early": one.early,
        "full_late": one.late,
        "reason": None if one.full else one.reason or None,
        "order_by": one.order_by,
        "growth_bytes_per_day": outlook.rate if outlook else None,
    }


def _store(place: int, one: Standing, _asked: Asked) -> Store:
    return Store(**_fields(place, one))


def _one(asked: Asked) -> StoreInFull | None:
    wanted = asked.given["id"]
    found = next(
        (each for each in enumerate(asked.data.stores(), 1) if id_of(each[1].unique_id) == wanted), None
    )
    whole = asked.data.store(found[1].unique_id) if found else None
    if found is None or whole is None:
        return None
    outlook = whole.store.outlook
    return StoreInFull(
        **_fields(found[0], whole.store),
        history=_history(whole),
        forecast=_forecast(whole.path),
        jumps=_jumps(outlook.events if outlook else ()),
        size_changes=_jumps(outlook.extensions if outlook else ()),
        size_changes_expected=_jumps(outlook.ordered if outlook else ()),
    )


def _history(whole: Outlined) -> list[Value]:
    used, size = (frame.set_index("ds")["y"] for frame in (whole.history, whole.capacity))
    both = pd.concat({"used": used, "size": size}, axis=1).sort_index()
    return [
        Value(day=day.date(), used_bytes=float(held), size_bytes=float(of))
        for day, held, of in zip(both.index, both["used"], both["size"], strict=True)
    ]


def _forecast(path: pd.DataFrame) -> list[Expected]:
    return [
        Expected(
            day=row["ds"].date(),
            mean_bytes=row["mean"],
            low_80_bytes=row["lo80"],
            high_80_bytes=row["hi80"],
            low_95_bytes=row["lo95"],
            high_95_bytes=row["hi95"],
        )
        for row in path.to_dict("records")
        if not math.isnan(row["mean"])
    ]


def _jumps(found: Sequence[Event]) -> list[Jump]:
    return [Jump(day=one.day, change_bytes=one.size) for one in found]


_TARGET: Final = text("target", "Only what this target of the estate holds.")
_SITE: Final = text("site", "Only what stands at this site.")

RESOURCES: Final = (
    Listing(
        path="/stores",
        title="Stores",
        about="What fills, and when it is full.",
        page="/capacity",
        model=Store,
        rests_on=(HISTORY, PLAN),
        parameters=(
            _TARGET,
            choice("kind", "Only stores of this kind.", KINDS),
            _SITE,
            number("full_within", "Only what is full within so many days (0: already).", 0, 100_000),
        ),
        ask=_all,
        make=_store,
        key=lambda one: id_of(one.unique_id),
    ),
    Document(
        path="/stores/{id}",
        title="One store",
        about="A store with its history and its forecast.",
        page="/capacity",
        model=StoreInFull,
        rests_on=(HISTORY, PLAN),
        parameters=(text("id", "The `id` that the list gives it.", in_path=True),),
        ask=_one,
    ),
)
