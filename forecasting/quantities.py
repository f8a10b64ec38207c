"""What is planned: a closed table of quantities, and the series of the history that tell them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from exporters.history import Known, Reader, unique_id
from inventory.metrics import Labels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

Name = Literal[
    "storage", "raw_storage", "metadata", "memory", "processors", "licences", "sessions", "databases"
]
Unit = Literal["bytes", "ratio", ""]

USED: Final = "jauge_storage_used_bytes"
SIZE: Final = "jauge_storage_size_bytes"
RAW: Final = "jauge_storage_raw_bytes"
RAW_USED: Final = "jauge_storage_raw_used_bytes"
COPIES: Final = "jauge_storage_copies"
WITHOUT_NODE: Final = "jauge_storage_size_without_node_bytes"
REPAIR: Final = "jauge_storage_repair_reserve_bytes"
NODE_RAW: Final = "jauge_node_storage_raw_bytes"

STALE: Final = 30.0
"""Days after its last value from which a series is gone, and nothing is said of it any more."""

DAY: Final = 86_400.0

HOURS: Final = 90
"""Days of hourly values that the history keeps, from which the peak of a day is taken."""


class Quantity(NamedTuple):
    """One row of the table.

    `used` is the metric that fills, `sizes` those that tell how much of it there is, the first found being the one;
    where there is none, `full` is the size. A `peak` quantity follows people's work: its day is the busiest hour,
    for what stands at midnight says nothing of it. `across` is the label over which a cluster adds up its nodes.
    """

    name: Name
    used: str
    sizes: tuple[str, ...]
    unit: Unit
    full: float | None = None
    peak: bool = False
    across: str = ""


QUANTITIES: Final = (
    Quantity("storage", USED, (SIZE,), "bytes"),
    Quantity("raw_storage", RAW_USED, (RAW,), "bytes"),
    Quantity("metadata", "jauge_storage_metadata_used_ratio", (), "ratio", full=1.0),
    Quantity("memory", "jauge_memory_used_bytes", ("jauge_memory_size_bytes",), "bytes"),
    Quantity("memory", "jauge_node_memory_used_bytes", ("jauge_node_memory_size_bytes",), "bytes"),
    Quantity(
        "memory", "jauge_node_memory_used_bytes", ("jauge_node_memory_size_bytes",), "bytes", across="node"
    ),
    Quantity("memory", "jauge_memory_pool_used_bytes", ("jauge_memory_pool_size_bytes",), "bytes"),
    Quantity("memory", "jauge_gpu_memory_used_bytes", ("jauge_gpu_memory_size_bytes",), "bytes"),
    Quantity("processors", "jauge_cpu_used_ratio", (), "ratio", full=1.0, peak=True),
    Quantity("processors", "jauge_node_cpu_used_ratio", (), "ratio", full=1.0, peak=True),
    Quantity("processors", "jauge_node_cpu_used_ratio", (), "ratio", full=1.0, peak=True, across="node"),
    Quantity("licences", "jauge_licenses_used", ("jauge_licenses_owned",), ""),
    Quantity("licences", "jauge_licenses_used_ratio", (), "ratio", full=1.0),
    Quantity("sessions", "jauge_sessions", ("jauge_sessions_limit",), "", peak=True),
    Quantity("sessions", "jauge_desktop_machines_used", ("jauge_desktop_machines",), "", peak=True),
    Quantity("sessions", "jauge_database_connections", ("jauge_database_connections_limit",), "", peak=True),
    Quantity(
        "databases",
        "jauge_tablespace_used_bytes",
        ("jauge_tablespace_limit_bytes", "jauge_tablespace_size_bytes"),
        "bytes",
    ),
)
"""Everything that is planned. A cluster's sum stands beside its nodes, under their metric's name without their label."""

_BY_METRIC: Final[Mapping[str, Quantity]] = {one.used: one for one in QUANTITIES if not one.across}


SUMMED: Final = frozenset(one.used for one in QUANTITIES if one.across)
"""Metrics of nodes, which a cluster adds up."""


def row_of(metric: str) -> Quantity:
    """The row of a metric that fills. Raises KeyError where the table has none."""
    return _BY_METRIC[metric]


def quantity_of(metric: str) -> str:
    """The quantity that a metric is one of; its own name where it is not known (any more)."""
    found = _BY_METRIC.get(metric)
    return found.name if found else metric


def own_name(labels: Labels) -> str:
    """What a thing that fills is called inside its target; empty where it is all of it."""
    named = dict(labels)
    return next((named[label] for label in _NAMES if named.get(label)), "")


STORES: Final = ("storage", "raw_storage", "metadata")
"""The quantities that are told of stores."""

_NAMES: Final = ("store", "license", "tablespace", "database", "pool", "node", "gpu", "kind")
"""Labels that name a thing inside its target, the narrowest first."""

_BESIDE: Final = (RAW, COPIES, WITHOUT_NODE, REPAIR)
"""Metrics that tell of a store what its size is worth."""


class Planned(NamedTuple):
    """One thing to plan: `used` and `sizes` are the series that are added up, `beside` other series by metric."""

    unique_id: str
    target: str
    metric: str
    labels: Labels
    quantity: Quantity
    used: tuple[str, ...]
    sizes: tuple[str, ...]
    last: float
    beside: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def ids(self) -> Iterator[str]:
        """The series of sizes and of what is told beside."""
        yield from self.sizes
        for _, ids in self.beside:
            yield from ids


class Days(NamedTuple):
    """The days of one series: `day` counts from 1970-01-01, `value` is the last one of the day (or its peak)."""

    day: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]

    def since(self, first: int) -> Days:
        """Those from the day `first` on."""
        late = self.day >= first
        return Days(self.day[late], self.value[late])


class Found(NamedTuple):
    """What there is to plan, by name, and how many series are `stale`: without a value for STALE days."""

    planned: list[Planned]
    stale: int


Key = tuple[str, Labels]


def find(reader: Reader, now: float, listing: Listing | None = None) -> Found:
    """Everything of the table that the history knows as of `now`; `listing` is one that was begun before. Raises HistoryError."""
    known = Listing(reader) if listing is None else listing
    planned: dict[str, Planned] = {}
    stale = 0
    for quantity in QUANTITIES:
        series = known[quantity.used].values()
        alive = [one for one in series if now - one.last <= STALE * DAY]
        stale += 0 if quantity.across else len(series) - len(alive)
        for one in _summed(quantity, alive, known) if quantity.across else _single(quantity, alive, known):
            planned.setdefault(one.unique_id, one)
    whole = {(one.target, one.labels) for one in planned.values() if one.quantity.name == "storage"}
    return Found(
        [
            one
            for name, one in sorted(planned.items())
            if one.quantity.name != "raw_storage" or (one.target, one.labels) not in whole
        ],
        stale,
    )


def recall(reader: Reader, series: Sequence[Known], now: float) -> list[Planned]:
    """Things that were planned once, in their order, also where they are not any more. Raises HistoryError."""
    found = {one.unique_id: one for one in find(reader, now).planned}
    return [found.get(one.unique_id) or _gone(one) for one in series]


def _gone(one: Known) -> Planned:
    quantity = _BY_METRIC.get(one.metric) or Quantity("storage", one.metric, (), "")
    sizes = tuple(unique_id(one.target, metric, one.labels) for metric in quantity.sizes[:1])
    return Planned(*one[:4], quantity, (one.unique_id,), sizes, one.last)


class Listing(dict[str, dict[Key, Known]]):
    """The series of each metric that is asked for, by target and labels: each is listed once. Raises HistoryError."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def __missing__(self, metric: str) -> dict[Key, Known]:
        self[metric] = {(one.target, one.labels): one for one in self.reader.series(metric=metric)}
        return self[metric]


def _single(quantity: Quantity, alive: Iterable[Known], known: Listing) -> Iterator[Planned]:
    for one in alive:
        key = (one.target, one.labels)
        size = next((known[metric][key] for metric in quantity.sizes if key in known[metric]), None)
        beside = tuple(_beside(key, known)) if quantity.name in ("storage", "raw_storage") else ()
        if size is None and quantity.full is None and quantity.name != "storage":
            continue  # nothing says how much of it there is, and nobody waits for that
        yield Planned(
            one.unique_id,
            one.target,
            one.metric,
            one.labels,
            quantity,
            (one.unique_id,),
            () if size is None else (size.unique_id,),
            one.last,
            beside,
        )


def _beside(key: Key, known: Listing) -> Iterator[tuple[str, tuple[str, ...]]]:
    for metric in _BESIDE:
        if key in known[metric]:
            yield metric, (known[metric][key].unique_id,)
    nodes = tuple(one.unique_id for (target, _), one in known[NODE_RAW].items() if target == key[0])
    if nodes and dict(key[1]).get("kind") in ("pool", "array"):
        yield NODE_RAW, nodes


def _summed(quantity: Quantity, alive: Iterable[Known], known: Listing) -> Iterator[Planned]:
    """Of each target with several nodes, their sum."""
    clusters: dict[Key, list[Known]] = {}
    for one in alive:
        rest = tuple(pair for pair in one.labels if pair[0] != quantity.across)
        clusters.setdefault((one.target, rest), []).append(one)
    for (target, rest), members in clusters.items():
        if len(members) < 2:
            continue
        sizes = (
            [known[quantity.sizes[0]].get((m.target, m.labels)) for m in members] if quantity.sizes else []
        )
        if None in sizes:
            continue
        yield Planned(
            unique_id(target, quantity.used, rest),
            target,
            quantity.used,
            rest,
            quantity,
            tuple(sorted(one.unique_id for one in members)),
            tuple(sorted(one.unique_id for one in sizes if one)),
            max(one.last for one in members),
        )


# --- reading ------------------------------------------------------------------------------------------


def read(reader: Reader, ids: Sequence[str], start: float, end: float) -> dict[str, Days]:
    """The daily values of series, by name; those without any are absent. Raises HistoryError."""
    if not ids:
        return {}
    return _split(reader.read(ids, start=start, end=end))


def read_peaks(reader: Reader, ids: Sequence[str], end: float, zone: str) -> dict[str, Days]:
    """The busiest hour of each whole civil day of `zone` that the history keeps by the hour. Raises HistoryError."""
    import numpy as np  # noqa: PLC0415 - see `_split`

    if not ids:
        return {}
    frame = reader.read(ids, start=end - HOURS * DAY, end=end, resolution="hour")
    wall = frame["ds"].dt.tz_convert(ZoneInfo(zone)).dt.tz_localize(None)
    hourly = _split(frame.assign(ds=wall))
    today = int(np.datetime64(_civil(end, zone), "D").astype(np.int64))
    peaks: dict[str, Days] = {}
    for name, hours in hourly.items():
        day, first = np.unique(hours.day, return_index=True)
        value = np.maximum.reduceat(hours.value, first)
        whole = day < today
        if whole.any():
            peaks[name] = Days(day[whole], value[whole])
    return peaks


def _civil(at: float, zone: str) -> str:
    import datetime as dt  # noqa: PLC0415 - see `_split`

    return dt.datetime.fromtimestamp(at, ZoneInfo(zone)).date().isoformat()


def _split(frame: pd.DataFrame) -> dict[str, Days]:
    """A sorted frame of a history, cut into its series."""
    import numpy as np  # noqa: PLC0415 - who only lists what is planned need not pay for it

    names = frame["unique_id"].to_numpy()
    if not len(names):
        return {}
    days = frame["ds"].to_numpy().astype("datetime64[D]").astype(np.int64)
    values = frame["y"].to_numpy(dtype=np.float64)
    edges = np.flatnonzero(np.concatenate(([True], names[1:] != names[:-1])))
    stops = np.append(edges[1:], len(names))
    return {
        str(names[start]): Days(days[start:stop], values[start:stop])
        for start, stop in zip(edges, stops, strict=True)
    }


def together(parts: Sequence[Days], mean: bool = False) -> Days | None:
    """The days on which all of several series have a value, added up (or their mean). None where there is none."""
    import numpy as np  # noqa: PLC0415 - see `_split`

    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    days = parts[0].day
    for part in parts[1:]:
        days = days[np.isin(days, part.day, assume_unique=True)]
    if not len(days):
        return None
    total = np.zeros(len(days))
    for part in parts:
        total += part.value[np.searchsorted(part.day, days)]
    return Days(days, total / len(parts) if mean else total)


def measured(
    reader: Reader, planned: Sequence[Planned], start: float, end: float, zone: str
) -> Mapping[str, Days]:
    """What was used of each quantity, by its name: sums over nodes and peaks of days included. Raises HistoryError."""
    plain = [one for one in planned if not one.quantity.peak]
    peaks = [one for one in planned if one.quantity.peak]
    told = read(reader, sorted({name for one in plain for name in one.used}), start, end)
    told |= read_peaks(reader, sorted({name for one in peaks for name in one.used}), end, zone)
    found: dict[str, Days] = {}
    for one in planned:
        if all(name in told for name in one.used):
            days = together([told[name] for name in one.used], mean=one.quantity.unit == "ratio")
            if days is not None:
                found[one.unique_id] = days
    return found


def tidied(used: Mapping[str, Days]) -> pd.DataFrame:
    """The frame `unique_id, ds, y` as `engine.frames.check` leaves it: one finite value a day, in order."""
    import numpy as np  # noqa: PLC0415 - see `_split`
    import pandas as pd  # noqa: PLC0415

    ordered = dict(sorted(used.items()))
    lengths = [len(days.day) for days in ordered.values()]
    days = np.concatenate([one.day for one in ordered.values()]) if ordered else np.empty(0, np.int64)
    return pd.DataFrame(
        {
            "unique_id": np.repeat(np.array(list(ordered), dtype=object), lengths),
            "ds": days.astype("datetime64[D]").astype("datetime64[s]"),
            "y": np.concatenate([one.value for one in ordered.values()]) if ordered else np.empty(0),
        }
    )
