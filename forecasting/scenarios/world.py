"""What scenarios need to know of the present: how much is used, how fast it grows, what an archive's studies weigh."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from exporters.history import Known, Reader
from forecasting.quantities import DAY, STALE
from forecasting.scenarios.holding import Holding
from inventory.metrics import Labels
from inventory.scenarios.changes import Quantity
from inventory.scenarios.reading import ScenarioError

YEAR: Final = 365
"""Days over which growth is looked at."""

RECENT: Final = 90
"""Days over which it is measured how much smaller backups are than what they protect."""

_AROUND: Final = frozenset({"pool", "array", "repository"})
"""Kinds of stores that hold what other stores of the same target tell already."""

ENOUGH: Final = 50
"""Studies from which a mean size is worth more than one of the table."""


class Source(NamedTuple):
    """Series that tell a quantity: what is used, what there is (None where nothing tells), and the label that names a part.

    Where `spread` is set, each series is one node, and what is added to the target is shared among them.
    """

    used: str
    size: str | None
    label: str | None
    spread: bool = False


SOURCES: Final[Mapping[Quantity, tuple[Source, ...]]] = {
    "storage": (Source("jauge_storage_used_bytes", "jauge_storage_size_bytes", "store"),),
    "memory": (
        Source("jauge_memory_used_bytes", "jauge_memory_size_bytes", None),
        Source("jauge_node_memory_used_bytes", "jauge_node_memory_size_bytes", None, spread=True),
    ),
    "processors": (
        Source("jauge_cpu_used_ratio", None, None),
        Source("jauge_node_cpu_used_ratio", None, None, spread=True),
    ),
    "licences": (Source("jauge_licenses_used", "jauge_licenses_owned", "license"),),
    "sessions": (
        Source("jauge_desktop_machines_used", "jauge_desktop_machines", "pool"),
        Source("jauge_sessions", "jauge_sessions_limit", "kind"),
    ),
}
"""The series of each quantity, the first that a target has."""

_QUANTITIES: Final = {source.used: name for name, several in SOURCES.items() for source in several}

RATIOS: Final = frozenset({"jauge_cpu_used_ratio", "jauge_node_cpu_used_ratio"})
"""Shares of what there is: full at 1."""

_STUDIES, _STORED = "jauge_pacs_modality_studies", "jauge_pacs_modality_stored_bytes"
_YEARS: Final = "jauge_pacs_year_stored_bytes"


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
        named = dict(self.labels)
        return next((named[key] for key in ("store", "license", "pool", "kind", "node") if key in named), "")

    @property
    def quantity(self) -> Quantity:
        """What it is that runs out."""
        return _QUANTITIES[self.metric]


class Learnt(NamedTuple):
    """Mean bytes of a study of a modality (low, likely, high), from how many studies, and whether of the last year."""

    sizes: tuple[float, float, float]
    studies: int
    recent: bool


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """The present, as far as scenarios need it.

    `series` and `capacity` are by unique_id of what is used (capacity in its unit), `studies` by target and modality,
    `years` (bytes by year of study) by target; `recent` are the values of the last RECENT days. `holding`
    tells what forecasts go on with; without it nothing that has begun is taken to be in them.
    """

    series: Mapping[str, Series] = dataclasses.field(default_factory=dict)
    capacity: Mapping[str, float] = dataclasses.field(default_factory=dict)
    studies: Mapping[tuple[str, str], Learnt] = dataclasses.field(default_factory=dict)
    years: Mapping[str, Mapping[int, float]] = dataclasses.field(default_factory=dict)
    recent: Mapping[str, pd.Series] = dataclasses.field(default_factory=dict)
    holding: Holding | None = dataclasses.field(default=None, compare=False, repr=False)

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


def survey(reader: Reader, now: float, targets: Iterable[str] | None = None) -> World:
    """The world as of `now` (UTC epoch seconds), of some targets or all. Raises HistoryError."""
    wanted = None if targets is None else set(targets)
    sources = [source for several in SOURCES.values() for source in several]
    used = [one for source in sources for one in _alive(reader, source.used, now, wanted)]
    sizes = {
        (one.target, source.used, one.labels): one.unique_id
        for source in sources
        if source.size
        for one in _alive(reader, source.size, now, wanted)
    }
    frame = _read(reader, [*(one.unique_id for one in used), *sizes.values()], now)
    series = {
        one.unique_id: made for one in used if (made := _series(one, frame.get(one.unique_id))) is not None
    }
    return World(
        series,
        {name: size for name, one in series.items() if (size := _capacity(one, sizes, frame)) is not None},
        _studies(reader, now, wanted),
        _years(reader, now, wanted),
        {name: frame[name].iloc[-RECENT:] for name in series},
        Holding(reader, now),
    )


def _alive(reader: Reader, metric: str, now: float, targets: set[str] | None) -> list[Known]:
    return [
        one
        for one in reader.series(metric=metric)
        if now - one.last <= STALE * DAY and (targets is None or one.target in targets)
    ]


def _read(reader: Reader, names: Sequence[str], now: float) -> dict[str, pd.Series]:
    """The last year of each series: values by day."""
    if not names:
        return {}
    frame = reader.read(names, start=now - (YEAR + 40) * DAY, end=now)
    return {str(name): rows.set_index("ds")["y"] for name, rows in frame.groupby("unique_id")}


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


def _studies(reader: Reader, now: float, targets: set[str] | None) -> dict[tuple[str, str], Learnt]:
    counts = {
        (one.target, dict(one.labels)["modality"]): one.unique_id
        for one in _alive(reader, _STUDIES, now, targets)
    }
    stored = {
        (one.target, dict(one.labels)["modality"]): one.unique_id
        for one in _alive(reader, _STORED, now, targets)
    }
    both = sorted(counts.keys() & stored.keys())
    frame = _read(reader, [*(counts[key] for key in both), *(stored[key] for key in both)], now)
    found = {key: learn(frame.get(counts[key]), frame.get(stored[key])) for key in both}
    return {key: learnt for key, learnt in found.items() if learnt is not None}


def learn(studies: pd.Series | None, stored: pd.Series | None) -> Learnt | None:
    """The mean size of a study from what an archive counted day by day (index: days).

    What came in the last year is taken where it is enough, as scanners change, and everything otherwise. Low and high
    are the smallest and largest mean of a month of that year, where there are six such months of 20 studies or more.
    """
    if studies is None or stored is None or studies.empty or stored.empty:
        return None
    both = pd.concat([studies.rename("n"), stored.rename("b")], axis=1).dropna()
    if both.empty:
        return None
    came = both.iloc[-1] - both.iloc[0]
    if came["n"] >= ENOUGH and came["b"] > 0:
        mean = float(came["b"] / came["n"])
        low, high = _months(both, mean)
        return Learnt((low, mean, high), int(came["n"]), True)
    total, weight = both.iloc[-1]
    if total < ENOUGH or weight <= 0:
        return None
    mean = float(weight / total)
    return Learnt((mean, mean, mean), int(total), False)


def _months(both: pd.DataFrame, mean: float) -> tuple[float, float]:
    moves = both.groupby(both.index.to_series().dt.to_period("M")).last().diff().dropna()
    moves = moves[(moves["n"] >= 20) & (moves["b"] > 0)]
    if len(moves) < 6:
        return mean, mean
    means = moves["b"] / moves["n"]
    return min(mean, float(means.min())), max(mean, float(means.max()))


def _years(reader: Reader, now: float, targets: set[str] | None) -> dict[str, dict[int, float]]:
    known = _alive(reader, _YEARS, now, targets)
    frame = _read(reader, [one.unique_id for one in known], now)
    found: dict[str, dict[int, float]] = {}
    for one in known:
        year, values = dict(one.labels).get("year", ""), frame.get(one.unique_id)
        if year.isdecimal() and values is not None and math.isfinite(last := float(np.asarray(values)[-1])):
            found.setdefault(one.target, {})[int(year)] = last
    return found
