"""What scenarios need to know of the present: how much is used, how fast it grows, what an archive's studies weigh."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, get_args

import pandas as pd

from exporters.history import Known, Reader
from forecasting.quantities import SUMMED, Listing, own_name, row_of
from forecasting.scenarios import learning
from forecasting.scenarios.holding import Holding
from forecasting.scenarios.learning import YEAR, Busy, Learnt, alive, recent
from inventory.metrics import Labels
from inventory.scenarios.changes import Quantity
from inventory.scenarios.reading import ScenarioError

RECENT: Final = 90
"""Days over which it is measured how much smaller backups are than what they protect."""

_AROUND: Final = frozenset({"pool", "array", "repository"})
"""Kinds of stores that hold what other stores of the same target tell already."""


class Source(NamedTuple):
    """Series that tell a quantity: what is used, what there is (None where nothing tells), and the label that names a part.

    Where `spread` is set, each series is one node, and what is added to the target is shared among them.
    """

    used: str
    size: str | None
    label: str | None
    spread: bool = False


_PARTS: Final[Mapping[str, str | None]] = {
    "jauge_storage_used_bytes": "store",
    "jauge_memory_used_bytes": None,
    "jauge_node_memory_used_bytes": None,
    "jauge_cpu_used_ratio": None,
    "jauge_node_cpu_used_ratio": None,
    "jauge_licenses_used": "license",
    "jauge_desktop_machines_used": "pool",
    "jauge_sessions": "kind",
}
"""What scenarios move of all that is planned, with the label that names a part; of a quantity the first that a target has."""


def _source(metric: str) -> Source:
    """What the table of quantities says of a metric."""
    sizes = row_of(metric).sizes
    return Source(metric, sizes[0] if sizes else None, _PARTS[metric], metric in SUMMED)


SOURCES: Final[Mapping[Quantity, tuple[Source, ...]]] = {
    name: tuple(_source(metric) for metric in _PARTS if row_of(metric).name == name)
    for name in get_args(Quantity)
}
"""The series of each quantity, the first that a target has."""

_QUANTITIES: Final = {source.used: name for name, several in SOURCES.items() for source in several}

RATIOS: Final = frozenset(metric for metric in _PARTS if row_of(metric).full == 1.0)
"""Shares of what there is: full at 1."""


class Series(NamedTuple):
    """One series of a planned quantity. `rate` is its mean growth a day, over the last year or since it began."""

    unique_id: str
    target: str
    metric: str
    labels: Labels
    last: date
    used: float
    rate: float

    @property
    def store(self) -> str:
        """What tells it apart inside its target."""
        return own_name(self.labels)

    @property
    def quantity(self) -> Quantity:
        """What it is that runs out."""
        return _QUANTITIES[self.metric]


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """The present, as far as scenarios need it.

    `series` and `capacity` are by unique_id of what is used (capacity in its unit), `studies` by target and modality,
    `years` (bytes by year of study) by target; `recent` are the values of the last RECENT days. `processors` is how many
    a target (or each node of it) has, `busy` how many of them are; `speeds` are those of restores that were tested
    (bytes a second). `holding` tells what forecasts go on with; without it nothing that has begun is taken to be in them.
    `listing` is where all this was found, for whoever looks for more.
    """

    series: Mapping[str, Series] = dataclasses.field(default_factory=dict)
    capacity: Mapping[str, float] = dataclasses.field(default_factory=dict)
    studies: Mapping[tuple[str, str], Learnt] = dataclasses.field(default_factory=dict)
    years: Mapping[str, Mapping[int, float]] = dataclasses.field(default_factory=dict)
    recent: Mapping[str, pd.Series] = dataclasses.field(default_factory=dict)
    processors: Mapping[str, float] = dataclasses.field(default_factory=dict)
    busy: Mapping[str, Busy] = dataclasses.field(default_factory=dict)
    speeds: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)
    holding: Holding | None = dataclasses.field(default=None, compare=False, repr=False)
    listing: Listing | None = dataclasses.field(default=None, compare=False, repr=False)

    def stores(self, target: str) -> list[Series]:
        """The stores of a target that hold its data: not its pools and arrays, which hold the same, unless there is nothing else."""
        mine = [
            one
            for one in self.series.values()
            if (one.target, one.metric) == (target, SOURCES["storage"][0].used)
        ]
        data = [one for one in mine if dict(one.labels).get("kind") not in _AROUND]
        return sorted(data or mine)

    def find(self, quantity: Quantity, target: str, store: str | None) -> list[Series]:
        """The series that a change of that quantity moves: one, or one for each node. Raises ScenarioError."""
        for source in SOURCES[quantity]:
            mine = [one for one in self.series.values() if (one.metric, one.target) == (source.used, target)]
            if not mine:
                continue
            if source.label is not None:
                return [_chosen(mine, source.label, quantity, target, store)]
            return sorted(mine) if source.spread else [_chosen(mine, "node", quantity, target, None)]
        raise ScenarioError(f"the history knows no {quantity} of {target}: nothing can be planned there yet")

    def pool(self, series: Series) -> Series | None:
        """The pool that a store takes its space from, where it is told."""
        name = dict(series.labels).get("pool")
        for one in self.series.values() if name else ():
            labels = dict(one.labels)
            if (one.target, one.metric, labels.get("kind"), labels.get("store")) == (
                series.target, series.metric, "pool", name,
            ):  # fmt: skip
                return one
        return None


def _chosen(mine: Sequence[Series], label: str, quantity: str, target: str, store: str | None) -> Series:
    named = [one for one in mine if store is None or dict(one.labels).get(label) == store]
    if len(named) == 1:
        return named[0]
    known = ", ".join(sorted(one.store for one in mine))[:400]
    if store is None:
        raise ScenarioError(f"{target} has several stores of {quantity}: name one as store: {known}")
    if named:
        raise ScenarioError(f"{target} has {len(named)} stores named {store}: one cannot tell which is meant")
    raise ScenarioError(f"{target} has no store {store} of {quantity}; it has {known}")


def survey(
    reader: Reader,
    now: float,
    targets: Iterable[str] | None = None,
    speeds: Mapping[str, Sequence[float]] | None = None,
) -> World:
    """The world as of `now` (UTC epoch seconds), of some targets or all. Raises HistoryError.

    `speeds` are those of tested restores, by target (`inventory.state.restores.speeds`).
    """
    wanted, listing = None if targets is None else set(targets), Listing(reader)
    sources = [source for several in SOURCES.values() for source in several]
    used = [one for source in sources for one in alive(listing, source.used, now, wanted)]
    sizes = {
        (one.target, source.used, one.labels): one.unique_id
        for source in sources
        if source.size
        for one in alive(listing, source.size, now, wanted)
    }
    frame = recent(reader, [*(one.unique_id for one in used), *sizes.values()], now)
    series = {
        one.unique_id: made for one in used if (made := _series(one, frame.get(one.unique_id))) is not None
    }
    processors = learning.processors(listing, now, wanted)
    return World(
        series,
        {name: size for name, one in series.items() if (size := _capacity(one, sizes, frame)) is not None},
        learning.studies(listing, now, wanted),
        learning.years(listing, now, wanted),
        {name: frame[name].iloc[-RECENT:] for name in series},
        processors,
        learning.busy(listing, now, wanted, processors),
        speeds or {},
        Holding(reader, now),
        listing,
    )


def _series(known: Known, values: pd.Series | None) -> Series | None:
    if values is None or values.empty:
        return None
    last = values.index[-1]
    past = values[values.index >= last - pd.Timedelta(days=YEAR)]
    days = (last - past.index[0]).days
    rate = (float(past.iloc[-1]) - float(past.iloc[0])) / days if days else 0.0
    return Series(
        known.unique_id, known.target, known.metric, known.labels, last.date(), float(values.iloc[-1]), rate
    )


def _capacity(
    one: Series, sizes: Mapping[tuple[str, str, Labels], str], frame: Mapping[str, pd.Series]
) -> float | None:
    if one.metric in RATIOS:
        return 1.0
    values = frame.get(sizes.get((one.target, one.metric, one.labels), ""))
    return float(values.iloc[-1]) if values is not None and values.iloc[-1] > 0 else None
