"""What follows elsewhere from growth in one place: the backup repository, its link's hours, the time of a restore.

Which target is backed up to which store, over which link, stands in the estate (`protect: repositories`). What it does
not say is measured where it can be, and assumed otherwise; each figure says which. Sizing guides of backup products
assume a reduction of 2 to 1 and 2 to 5 % of change a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.scenarios.world import Series, World
from inventory.estate import Estate, Repository, Target
from inventory.scenarios.amounts import Triple
from inventory.scenarios.reading import ScenarioError

Floats = npt.NDArray[np.float64]
Origin = Literal["declared", "measured", "assumed"]

Pace = Literal["declared", "measured", "link"]
"""Where the speed of a restore comes from."""

REDUCTION: Final[Triple] = (1.0, 2.0, 3.0)
"""Bytes protected for each byte kept, assumed: 1 where the data is compressed already, as images are."""

CHANGE: Final[Triple] = (0.02, 0.035, 0.05)
"""Share of the data that changes in a day, assumed."""

ENOUGH: Final = 30
"""Days of both histories from which the reduction is measured, and what nights bring."""

CLEANED: Final = 3
"""Days on which a repository got smaller from which the others tell what nights bring."""

HOUR: Final = 3600.0


class Factor(NamedTuple):
    """Low, likely and high, and where they come from: of what is measured, from how many days."""

    three: Triple
    origin: Origin
    days: int = 0


class Way(NamedTuple):
    """From a target to a store that its backups are kept in. Speeds are bytes a second, None where nobody knows.

    `restore` is declared, else that of the middle one of `tests` restores, else that of the link.
    """

    target: str
    repository: Series
    reduction: Factor
    change: Factor
    link: float | None
    restore: float | None
    pace: Pace | None = None
    tests: int = 0


class Nightly(NamedTuple):
    """What a night's backup carries over a link at the horizon, without and with a scenario: bytes, and hours."""

    way: Way
    bytes_before: Triple
    bytes_after: Triple
    hours_before: Triple | None
    hours_after: Triple | None


class Recovery(NamedTuple):
    """Hours until a target works again after full restores, those of what it depends on first (`after`: their names).

    `unknown` are those among them of which no speed of a restore is known: they are left out. `rto` is in hours. `way`
    is the fastest one back for the target itself, None where none is known.
    """

    target: str
    before: Triple
    after_scenario: Triple
    after: tuple[str, ...]
    unknown: tuple[str, ...]
    rto: float | None
    way: Way | None = None

    @property
    def late(self) -> bool:
        """Whether the promise would be broken."""
        return self.rto is not None and self.after_scenario[1] > self.rto


class Reach(NamedTuple):
    """How far a scenario reaches beyond what it names. `circles` are names that depend on each other, each told once."""

    nightly: tuple[Nightly, ...]
    recoveries: tuple[Recovery, ...]
    circles: tuple[tuple[str, ...], ...]
    missing: tuple[str, ...]


def follow(direct: Mapping[str, Floats], estate: Estate, world: World) -> dict[str, Floats]:
    """Additions with those of the repositories behind them: (days, 3) by unique_id.

    A repository that is backed up in turn moves the next one; one that leads back to where it began does not.
    """
    found = dict(direct)
    for target in sorted({world.series[name].target for name in direct if name in world.series}):
        _pass_on(target, _of(target, direct, world), (target,), found, estate, world)
    return found


def _pass_on(
    target: str,
    added: Floats | None,
    path: tuple[str, ...],
    found: dict[str, Floats],
    estate: Estate,
    world: World,
) -> None:
    if added is None:
        return
    for way in ways(target, estate, world):
        there = way.repository.target
        if there in path:
            continue
        kept = _reduced(added, way.reduction.three)
        for series in _with_pool(way.repository, world):
            found[series.unique_id] = found[series.unique_id] + kept if series.unique_id in found else kept
        _pass_on(there, kept, (*path, there), found, estate, world)


def _with_pool(series: Series, world: World) -> Iterator[Series]:
    yield series
    pool = world.pool(series)
    if pool is not None:
        yield pool


def _of(target: str, additions: Mapping[str, Floats], world: World) -> Floats | None:
    """What is added to the data of a target; None where nothing is."""
    stores = [one for one in world.series.values() if one.target == target and one.unique_id in additions]
    stores = [one for one in stores if one.metric == "jauge_storage_used_bytes"]
    pools = {pool.unique_id for one in stores if (pool := world.pool(one)) is not None}
    mine = [additions[one.unique_id] for one in stores if one.unique_id not in pools]
    return np.asarray(sum(mine)) if mine else None


def _reduced(added: Floats, reduction: Triple) -> Floats:
    """Low where most is taken off; of what is below 0 it is the other way round."""
    low = np.minimum(added[:, 0] / reduction[0], added[:, 0] / reduction[2])
    high = np.maximum(added[:, 2] / reduction[0], added[:, 2] / reduction[2])
    return np.stack((low, added[:, 1] / reduction[1], high), axis=1)


def ways(target: str, estate: Estate, world: World) -> Iterator[Way]:
    """Where the backups of a target go; repositories that the history does not know are left out."""
    declared = estate.target(target)
    for one in declared.protect.repositories if declared and declared.protect else ():
        place = _place(one, world)
        if place is not None:
            tested = () if one.restore else world.speeds.get(target, ())
            speed = one.restore or (median(tested) if tested else one.link)
            pace: Pace = "declared" if one.restore else "measured" if tested else "link"
            reduction, change = _reduction(one, place, estate, world), _change(one, place, estate, world)
            yield Way(target, place, reduction, change, one.link, speed, pace if speed else None, len(tested))


def _place(one: Repository, world: World) -> Series | None:
    try:
        return world.find("storage", one.target, one.store)[0]
    except ScenarioError:
        return None


def _change(one: Repository, place: Series, estate: Estate, world: World) -> Factor:
    if one.change is not None:
        return Factor((one.change, one.change, one.change), "declared")
    return _brought(place, estate, world) or Factor(CHANGE, "assumed")


def _brought(place: Series, estate: Estate, world: World) -> Factor | None:
    """Share of what is protected that a night brings, by what a repository takes between two cleanings.

    One that never gets smaller may be cleaned every night: what comes and what goes cannot be told apart there.
    """
    both = _beside(place, estate, world)
    if both is None:
        return None
    kept = both["kept"]
    moves = kept.diff()[kept.index.to_series().diff() == pd.Timedelta(days=1)]
    rising = moves[moves > 0]
    cleaned = int((moves < 0).sum())
    if cleaned < CLEANED or len(rising) < max(ENOUGH, 2 * cleaned):
        return None
    ratio = float((both["protected"] / kept).median())
    shares = (rising * ratio / both["protected"].loc[rising.index]).clip(upper=1.0)
    low, likely, high = (float(shares.quantile(at)) for at in (0.1, 0.5, 0.9))
    return Factor((low, likely, high), "measured", len(rising))


def _reduction(one: Repository, place: Series, estate: Estate, world: World) -> Factor:
    if one.reduction is not None:
        return Factor((one.reduction, one.reduction, one.reduction), "declared")
    return _measured(place, estate, world) or Factor(REDUCTION, "assumed")


def _measured(place: Series, estate: Estate, world: World) -> Factor | None:
    """Bytes of all that is backed up to a store over what it holds, in the last days: least, middle and most."""
    both = _beside(place, estate, world)
    if both is None:
        return None
    ratio = both["protected"] / both["kept"]
    three = (float(ratio.min()), float(ratio.median()), float(ratio.max()))
    return Factor(three, "measured", len(both)) if three[0] > 0 else None


def _beside(place: Series, estate: Estate, world: World) -> pd.DataFrame | None:
    """By day, what a store has `kept` and all that is `protected` there; None where that is not known of ENOUGH days."""
    names = [source.name for source in estate.targets if _keeps(source, place, world)]
    stores = [store for name in names for store in world.stores(name)]
    if not stores or any(not world.stores(name) for name in names):
        return None
    columns = [world.recent.get(one.unique_id) for one in (place, *stores)]
    if any(column is None for column in columns):
        return None
    both = pd.concat([column for column in columns if column is not None], axis=1).dropna()
    both = both[both.iloc[:, 0] > 0]
    if len(both) < ENOUGH:
        return None
    return pd.DataFrame({"kept": both.iloc[:, 0], "protected": both.iloc[:, 1:].sum(axis=1)})


def _keeps(source: Target, place: Series, world: World) -> bool:
    repositories = source.protect.repositories if source.protect else ()
    return any(_place(one, world) == place for one in repositories)


def reach(direct: Mapping[str, Floats], estate: Estate, world: World, horizon: int) -> Reach:
    """What additions do to the links and restores behind them, `horizon` days ahead. `direct` is without `follow`."""
    moved = {world.series[name].target for name in direct if name in world.series}
    nightly = [
        _night(way, _of(name, direct, world), world, horizon)
        for name in sorted(moved)
        for way in ways(name, estate, world)
    ]
    chains = _Chains(estate)
    restores = {one.name: _restore(one.name, direct, estate, world, horizon) for one in estate.targets}
    recoveries = [
        _recovery(one, chains.of(one.name), restores, world)._replace(way=_fastest(one.name, estate, world))
        for one in estate.targets
        if restores[one.name] is not None and moved & {one.name, *chains.of(one.name)}
    ]
    missing = [
        f"{name}: {one.target}{f' {one.store}' if one.store else ''}"
        for name in sorted(moved)
        if (declared := estate.target(name)) and declared.protect
        for one in declared.protect.repositories
        if _place(one, world) is None
    ]
    return Reach(tuple(nightly), tuple(recoveries), tuple(sorted(chains.circles)), tuple(missing))


def _night(way: Way, added: Floats | None, world: World, horizon: int) -> Nightly:
    stores = world.stores(way.target)
    held = sum(one.used + max(one.rate, 0.0) * horizon for one in stores)
    fresh = sum(max(one.rate, 0.0) for one in stores)
    before = _carried((held, held, held), (fresh, fresh, fresh), way.change.three)
    more, new = _ahead(added, horizon), _daily(added, horizon)
    after = _carried(_plus(held, more), _plus(fresh, new), way.change.three)
    return Nightly(way, before, after, _hours(before, way.link), _hours(after, way.link))


def _carried(held: Triple, fresh: Triple, change: Triple) -> Triple:
    """Bytes of a night: what changed, of which what is new is a part."""
    low, likely, high = (max(h * c, f, 0.0) for h, c, f in zip(held, change, fresh, strict=True))
    return low, likely, high


def _plus(base: float, more: Triple) -> Triple:
    return base + more[0], base + more[1], base + more[2]


def _ahead(added: Floats | None, horizon: int) -> Triple:
    if added is None:
        return 0.0, 0.0, 0.0
    low, likely, high = added[min(horizon, len(added)) - 1]
    return float(low), float(likely), float(high)


def _daily(added: Floats | None, horizon: int) -> Triple:
    """Mean of a day in the last four weeks before the horizon."""
    if added is None:
        return 0.0, 0.0, 0.0
    last = min(horizon, len(added)) - 1
    first = max(last - 28, 0)
    low, likely, high = (added[last] - added[first]) / max(last - first, 1)
    return float(low), float(likely), float(high)


def _hours(amount: Triple, speed: float | None) -> Triple | None:
    if speed is None:
        return None
    low, likely, high = (one / speed / HOUR for one in amount)
    return low, likely, high


class _Chains:
    """What has to work before a target does, by `depends`; names that lead back to themselves are kept as circles."""

    def __init__(self, estate: Estate) -> None:
        self._needs = {one.name: one.depends for one in estate.targets}
        self.circles: set[tuple[str, ...]] = set()

    def of(self, name: str) -> tuple[str, ...]:
        """Every other name that it needs, by name; one that needs itself in the end does not wait for itself."""
        found = self._reached(name)
        if name in found:
            self.circles.add(tuple(sorted({one for one in found if name in self._reached(one)})))
        return tuple(sorted(found - {name}))

    def _reached(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = list(self._needs.get(name, ()))
        while waiting:
            other = waiting.pop()
            if other not in found:
                found.add(other)
                waiting += self._needs.get(other, ())
        return found


Hours = tuple[Triple, Triple]
"""Without and with what is added."""


def _recovery(
    target: Target, chain: tuple[str, ...], restores: Mapping[str, Hours | None], world: World
) -> Recovery:
    """A restore waits for those of all that it needs, which are run one after the other: they share the way back."""
    known = [(name, hours) for name in chain if (hours := restores.get(name)) is not None]
    unknown = [name for name in chain if restores.get(name) is None and world.stores(name)]
    own = restores[target.name] or (_NOTHING, _NOTHING)
    before, after = (_sum(part, *(hours[place] for _, hours in known)) for place, part in enumerate(own))
    rto = target.protect.rto / HOUR if target.protect and target.protect.rto else None
    return Recovery(target.name, before, after, tuple(name for name, _ in known), tuple(unknown), rto)


def _fastest(name: str, estate: Estate, world: World) -> Way | None:
    """The way back on which a restore is fastest; None where no speed is known."""
    known = [way for way in ways(name, estate, world) if way.restore]
    return max(known, key=lambda way: way.restore or 0.0, default=None)


def _restore(
    name: str, direct: Mapping[str, Floats], estate: Estate, world: World, horizon: int
) -> Hours | None:
    """Hours of a full restore without and with what is added; None where no speed is known."""
    way, stores = _fastest(name, estate, world), world.stores(name)
    if way is None or not stores:
        return None
    held = sum(one.used + max(one.rate, 0.0) * horizon for one in stores)
    before = _hours((held, held, held), way.restore)
    after = _hours(_plus(held, _ahead(_of(name, direct, world), horizon)), way.restore)
    return (before, after) if before and after else None


_NOTHING: Final[Triple] = (0.0, 0.0, 0.0)


def _sum(*many: Triple) -> Triple:
    low, likely, high = np.sum(many, axis=0)
    return float(low), float(likely), float(high)


def concerned(targets: Iterable[str], estate: Estate) -> set[str]:
    """Targets that have to be known to follow what those cause: their repositories, what shares them, what depends on them."""
    found: set[str] = set()
    waiting = list(targets)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for other in estate.targets:
            names = {one.target for one in other.protect.repositories} if other.protect else set()
            if other.name == name:
                waiting += [*names, *other.depends]
            elif name in names or name in other.depends:
                waiting.append(other.name)
    return found
