"""What each kind of change brings, day by day: low, likely and high amounts for a quantity of a target."""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from forecasting.engine.frames import MEMORY
from forecasting.quantities import DAY
from forecasting.scenarios.workdays import Days, weights
from forecasting.scenarios.world import World
from inventory.scenarios.amounts import Triple
from inventory.scenarios.changes import (
    AgeLimit,
    Bought,
    Building,
    Change,
    Desktops,
    Edition,
    FleetMoney,
    Growth,
    Instead,
    Migration,
    Modality,
    Pathology,
    PlaceDesktops,
    Purge,
    Quantity,
    Rate,
    Reduction,
    Retention,
    Step,
    Updates,
)
from inventory.scenarios.modalities import MODALITIES
from inventory.scenarios.reading import ScenarioError

Floats = npt.NDArray[np.float64]

LONG: Final = 8
"""Days from which what is spread over them looks like growth to whoever sees the history, and not like a jump."""

A_YEAR: Final = 365.2425
MOST: Final = 1e30
"""More than this is no amount of anything (a quettabyte), and would not go into the single precision of paths."""

_PERIODS: Final = {"day": 1.0, "week": 7.0, "month": A_YEAR / 12, "year": A_YEAR}


class Flow(NamedTuple):
    """What comes on each day to one place: `amounts` is (days, 3), low, likely, high of what is *used*.

    `growing` tells what a forecast takes for growth once the history holds it from what it sets apart as a jump.
    """

    quantity: Quantity
    target: str
    store: str | None
    amounts: Floats
    growing: bool


class Basis(NamedTuple):
    """What the size of a study rests on: `given` in the scenario, `recent` (learnt from the studies of the last year),
    `total` (from all of the archive) or `table`; low, likely and high bytes; from how many studies; the table's source."""

    modality: str
    kind: Literal["given", "recent", "total", "table"]
    sizes: Triple
    studies: int = 0
    source: str = ""


def basis(modality: str, given: Any, archive: str, world: World) -> Basis:
    """The size of a study: as given, else learnt from the archive, else of the table. Raises ScenarioError."""
    if given is not None:
        return Basis(modality, "given", given.three)
    learnt = world.studies.get((archive, modality))
    if learnt is not None:
        return Basis(modality, "recent" if learnt.recent else "total", learnt.sizes, learnt.studies)
    if modality not in MODALITIES:
        raise ScenarioError(f"the size of a study of {modality} is neither given, nor learnt from {archive}")
    typical = MODALITIES[modality]
    return Basis(modality, "table", typical[:3], source=typical.source)


BUSY: Final[Triple] = (0.1, 0.2, 0.4)
"""Share of its virtual processors that a desktop keeps busy, assumed."""


class Load(NamedTuple):
    """Processors that each desktop keeps busy, low, likely and high, and what that rests on: `given` in the scenario,
    `learnt` from so many days of the desktops there are, or `assumed`. Their target has `processors` (or each node of
    it), as it says itself where `told`, else as given."""

    target: str
    kind: Literal["given", "learnt", "assumed"]
    busy: Triple
    processors: float
    told: bool
    days: int = 0


def load(spec: Desktops | PlaceDesktops, world: World) -> Load | None:
    """What the desktops of a change keep busy; None where it gives no virtual processors. Raises ScenarioError."""
    if spec.vcpu is None:
        return None
    told = spec.processors is None
    processors = world.processors.get(spec.target) if spec.processors is None else float(spec.processors)
    if processors is None:
        raise ScenarioError(
            f"give processors: how many {spec.target} has (of each node), as what is known is the share in use"
        )
    if spec.busy is not None:
        return Load(spec.target, "given", _times(spec.vcpu.three, spec.busy.three), processors, told)
    learnt, machines = world.busy.get(spec.target), _machines_of(spec, world)
    if learnt is not None and machines is not None:
        each = _scaled(learnt.processors, 1 / machines)
        return Load(spec.target, "learnt", each, processors, told, learnt.days)
    return Load(spec.target, "assumed", _times(spec.vcpu.three, BUSY), processors, told)


def _machines_of(spec: Desktops | PlaceDesktops, world: World) -> float | None:
    """Machines of the pool that the new ones join; None where it is not named, or nothing tells them."""
    if spec.sessions is None:
        return None
    (pool,) = world.find("sessions", spec.sessions.target, spec.sessions.store)
    return world.capacity.get(pool.unique_id) if pool.metric == "jauge_desktop_machines_used" else None


def loads(change: Change, world: World) -> Iterator[Load]:
    """What the desktops in a change are taken to keep busy."""
    parts = (
        (change,) if isinstance(change, Desktops) else change.desktops if isinstance(change, Building) else ()
    )
    for part in parts:
        if (found := load(part, world)) is not None:
            yield found


def bases(change: Change, world: World) -> Iterator[Basis]:
    """What the sizes of studies in a change rest on."""
    if isinstance(change, Modality):
        archive = change.archive or change.target
        yield basis(change.modality, change.size, archive, world)
        if change.replaces:
            former = change.replaces
            yield basis(former.modality or change.modality, former.size, archive, world)
    elif isinstance(change, Pathology):
        yield basis("SM", change.size, change.target, world)
    elif isinstance(change, Building):
        for part in change.studies:
            yield basis(part.modality, part.size, part.target, world)


def flows(change: Change, world: World, days: Days) -> Iterator[Flow]:
    """The flows of a change on those days, which follow each other. Raises ScenarioError."""
    return _flows(change, world, days)


@functools.singledispatch
def _flows(change: Any, _world: World, _days: Days) -> Iterator[Flow]:
    raise ScenarioError(f"{type(change).__name__} is no change")


@_flows.register(AgeLimit)
@_flows.register(Updates)
@_flows.register(Edition)
@_flows.register(Instead)
@_flows.register(FleetMoney)
def _fleet(_change: Any, _world: World, _days: Days) -> Iterator[Flow]:
    """What is about workstations fills no store: the renewal plan looks at it."""
    yield from ()


@_flows.register
def _modality(change: Modality, world: World, days: Days) -> Iterator[Flow]:
    new, *old = bases(change, world)
    daily = _times(change.studies.three, new.sizes)
    if change.replaces and old:
        # a small scanner may take the place of a large one: what is less is as likely as what is more
        daily = _less(daily, _times(change.replaces.studies.three, old[0].sizes))
    yield _fed(change, _divided(daily, change.compression.three), days)


@_flows.register
def _pathology(change: Pathology, world: World, days: Days) -> Iterator[Flow]:
    (size,) = bases(change, world)
    daily = _times(_times(change.slides.three, change.digital.three), size.sizes)
    yield _fed(change, _divided(daily, change.compression.three), days)


def _fed(change: Modality | Pathology, daily: Triple, days: Days) -> Flow:
    share = _running(change, days, change.ramp) * weights(change.calendar, days) * change.copies
    return Flow("storage", change.target, change.store, share[:, None] * np.array(daily), True)


@_flows.register
def _desktops(change: Desktops, world: World, days: Days) -> Iterator[Flow]:
    arriving = _arriving(change, days, change.ramp)
    yield from _machines(change, change.count.three, arriving, _is_long(change.ramp), world)


def _machines(
    spec: Desktops | PlaceDesktops, count: Triple, arriving: Floats, growing: bool, world: World
) -> Iterator[Flow]:
    def flow(quantity: Quantity, target: str, store: str | None, each: Triple) -> Flow:
        amounts = arriving[:, None] * np.array(_times(count, each))
        return Flow(quantity, target, store, amounts, growing)

    if spec.disk:
        yield flow("storage", spec.target, spec.store, spec.disk.three)
    if spec.memory:
        yield flow("memory", spec.target, None, spec.memory.three)
    if (taken := load(spec, world)) is not None:
        yield flow("processors", spec.target, None, _scaled(taken.busy, 1 / taken.processors))
    if spec.licence:
        yield flow("licences", spec.licence.target, spec.licence.store, (1.0, 1.0, 1.0))
    if spec.sessions:
        yield flow("sessions", spec.sessions.target, spec.sessions.store, spec.connected.three)


@_flows.register
def _building(change: Building, world: World, days: Days) -> Iterator[Flow]:
    places, working = change.places.three, weights(change.calendar, days)
    running, arriving = _running(change, days, change.ramp), _arriving(change, days, change.ramp)
    for part, size in zip(change.studies, bases(change, world), strict=True):
        daily = _scaled(_times(_times(places, part.studies.three), size.sizes), part.copies)
        yield Flow("storage", part.target, part.store, (running * working)[:, None] * np.array(daily), True)
    for desks in change.desktops:
        yield from _machines(desks, _times(places, desks.each.three), arriving, _is_long(change.ramp), world)
    for files in change.files:
        if files.each:
            whole = np.array(_times(places, files.each.three))
            yield Flow("storage", files.target, files.store, arriving[:, None] * whole, _is_long(change.ramp))
        if files.yearly:
            daily = _scaled(_times(places, files.yearly.three), 1 / A_YEAR)
            yield Flow("storage", files.target, files.store, running[:, None] * np.array(daily), True)


@_flows.register
def _migration(change: Migration, world: World, days: Days) -> Iterator[Flow]:
    if change.size is not None:
        moved = change.size.three
    else:
        (origin,) = world.find("storage", change.origin.target, change.origin.store)
        moved = _scaled(change.share.three if change.share else (1.0, 1.0, 1.0), origin.used)
    arriving = np.stack([_spread(change.start, change.over, days)] * 3, axis=1)
    yield Flow(
        "storage", change.to.target, change.to.store, arriving * np.array(moved), _is_long(change.over)
    )
    ends = [change.start + datetime.timedelta(days=round(m * A_YEAR / 12)) for m in change.months.three]
    leaving = np.stack([_spread(day, None, days) for day in ends], axis=1)
    yield Flow("storage", change.origin.target, change.origin.store, -leaving * np.array(moved[::-1]), False)
    if change.daily:
        running = _running(change, days, None)[:, None]
        yield Flow("storage", change.to.target, change.to.store, running * np.array(change.daily.three), True)
        after = np.stack([(days >= np.datetime64(day)) * running[:, 0] for day in ends], axis=1)
        daily = -after * np.array(change.daily.three[::-1])
        yield Flow("storage", change.origin.target, change.origin.store, daily, True)


@_flows.register
def _purge(change: Purge, world: World, days: Days) -> Iterator[Flow]:
    if change.size is not None:
        gone = change.size.three
    else:
        (store,) = world.find("storage", change.target, change.store)
        gone = _scaled(change.share.three if change.share else (0.0, 0.0, 0.0), store.used)
    once = np.array([change.start], dtype="datetime64[D]")
    due = np.isin(days, _anniversaries(change.start, days) if change.every == "yearly" else once)
    running = _running(change, days, None) * due
    yield Flow("storage", change.target, change.store, -running[:, None] * np.array(gone[::-1]), False)


def _anniversaries(start: date, days: Days) -> Days:
    """That day of each year; 29 February falls on the 28th in other years."""
    last = int(days[-1].astype("datetime64[Y]").astype(np.int64)) + 1970
    found = []
    for year in range(start.year, last + 1):
        leap = (start.month, start.day) == (2, 29) and not (year % 4 == 0 and (year % 100 or year % 400 == 0))
        found.append(start.replace(year=year, day=28 if leap else start.day))
    return np.array(found, dtype="datetime64[D]")


@_flows.register
def _retention(change: Retention, world: World, days: Days) -> Iterator[Flow]:
    archive = change.archive or change.target
    years = {int(year): size for year, size in change.years.items()} or world.years.get(archive, {})
    if not years:
        raise ScenarioError(f"bytes by year of study are neither given (years:), nor told by {archive}")
    gone = np.zeros(len(days))
    for year, size in years.items():
        due = max(change.start, date(year + change.keep + 1, 1, 1))
        if change.end is None or due <= change.end:
            gone += size * (days == np.datetime64(due))
    amounts = -gone[:, None] * np.array(change.deletable.three[::-1])
    yield Flow("storage", change.target, change.store, amounts, False)


@_flows.register
def _reduction(change: Reduction, world: World, days: Days) -> Iterator[Flow]:
    (store,) = world.find("storage", change.target, change.store)
    low, likely, high = (change.before / factor - 1.0 for factor in change.after.three[::-1])
    less = np.array((low, likely, high))
    running = _running(change, days, None)[:, None]
    yield Flow("storage", change.target, change.store, running * max(store.rate, 0.0) * less, True)
    if change.data == "all":
        spread = _spread(change.start, change.over, days)
        done = min(1.0, max(0.0, (store.last - change.start).days + 1) / _length(change.over))
        whole = store.used / (1.0 + done * less)  # what it would hold had nothing been done yet
        yield Flow(
            "storage", change.target, change.store, spread[:, None] * whole * less, _is_long(change.over)
        )


@_flows.register
def _bought(_change: Bought, _world: World, _days: Days) -> Iterator[Flow]:
    return iter(())  # what arrives is not used: see `arrivals`


@_flows.register
def _growth(change: Growth, world: World, days: Days) -> Iterator[Flow]:
    places = world.find(change.quantity, change.target, change.store)
    last = days[-1] if change.end is None else np.datetime64(change.end)
    # one day before as well: the amount of a day is what it adds to the day before
    ages = (np.minimum(np.append(days[0] - 1, days), last) - np.datetime64(change.start)).astype(
        np.float64
    ) + 1
    used = sum(place.used for place in places)
    _bounded(change, used, (min(days[0] + 2 * MEMORY, last) - np.datetime64(change.start)).astype(np.float64))
    compound = (1.0 + np.array(change.rate.three)) ** (np.maximum(ages, 0.0) / A_YEAR)[:, None] - 1.0
    yield Flow(change.quantity, change.target, change.store, np.diff(compound, axis=0) * used, True)


def _bounded(change: Growth, used: float, age: float) -> None:
    """Raises ScenarioError where what `used` has become at that age (days), past and future counted in, is no amount any more."""
    rate = max(change.rate.three)
    if rate > 0 and used > 0 and math.log(used) + math.log1p(rate) * max(age, 0.0) / A_YEAR > math.log(MOST):
        raise ScenarioError(
            f"growth of {rate:.0%} a year since {change.start} comes to more than {MOST:.0e}: "
            "lower the rate (5 % is written with its sign), or let it start later"
        )


@_flows.register
def _step(change: Step, _world: World, days: Days) -> Iterator[Flow]:
    amounts = _arriving(change, days, None)[:, None] * np.array(change.amount.three)
    yield Flow(change.quantity, change.target, change.store, amounts, False)


@_flows.register
def _rate(change: Rate, _world: World, days: Days) -> Iterator[Flow]:
    daily = np.array(change.amount.three) / _PERIODS[change.per]
    running = _running(change, days, change.ramp)
    yield Flow(change.quantity, change.target, change.store, running[:, None] * daily, True)


def arrivals(change: Change, days: Days) -> Floats:
    """Capacity that arrives on each day (days, 3)."""
    if not isinstance(change, Bought):
        return np.zeros((len(days), 3))
    return np.asarray(_arriving(change, days, None)[:, None] * np.array(change.amount.three))


def _running(change: Any, days: Days, ramp: float | None) -> Floats:
    """Share of the whole at which it runs on each day: 0 before the start, rising evenly over the ramp, 0 after the end."""
    age = (days - np.datetime64(change.start)).astype(np.float64)
    share = np.clip((age + 0.5) / _length(ramp), 0.0, 1.0) if ramp else np.ones(len(days))
    inside = (age >= 0) & (days <= np.datetime64(change.end)) if change.end else age >= 0
    return np.asarray(np.where(inside, share, 0.0))


def _arriving(change: Any, days: Days, ramp: float | None) -> Floats:
    """Share of the whole that comes on each day, evenly over the ramp; all of it goes the day after the end."""
    share = _spread(change.start, ramp, days)
    if change.end is None:
        return share
    length = _length(ramp)
    came = min(1.0, ((change.end - change.start).days + 1) / length)
    kept = np.where(days <= np.datetime64(change.end), share, 0.0)
    return np.asarray(kept - came * (days == np.datetime64(change.end) + 1))


def _spread(start: date, over: float | None, days: Days) -> Floats:
    """1 in all, in equal parts on each day from the start."""
    length = _length(over)
    age = (days - np.datetime64(start)).astype(np.float64)
    return np.asarray(np.where((age >= 0) & (age < length), 1.0 / length, 0.0))


def _length(seconds: float | None) -> int:
    """Whole days, 1 at least."""
    return max(1, round((seconds or 0.0) / DAY))


def _is_long(seconds: float | None) -> bool:
    return _length(seconds) >= LONG


def _times(one: Triple, other: Triple) -> Triple:
    """The product of two amounts from 0."""
    return one[0] * other[0], one[1] * other[1], one[2] * other[2]


def _scaled(one: Triple, factor: float) -> Triple:
    return one[0] * factor, one[1] * factor, one[2] * factor


def _divided(one: Triple, by: Triple) -> Triple:
    """Low where most is taken off. Of what is below 0, as where less comes than goes, it is the other way round."""
    every = [[amount / factor for factor in by] for amount in one]
    return min(every[0]), every[1][1], max(every[2])


def _less(one: Triple, other: Triple) -> Triple:
    return one[0] - other[2], one[1] - other[1], one[2] - other[0]
