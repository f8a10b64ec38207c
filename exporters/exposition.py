"""The text that Prometheus reads: the lines of each target, made once per poll.

Formats: Prometheus text 0.0.4 and OpenMetrics 1.0.0
(https://prometheus.io/docs/instrumenting/exposition_formats/,
https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md). Sample lines are the same
bytes in both, see `exporters.lines`; only headers and the end differ. Nothing here does I/O or looks at a clock.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from collectors.board import KEPT_INTERVALS, Standing
from collectors.poll import Series, Table
from exporters.account import account
from exporters.lines import RANK, Layout, Lines, lay, named, plain, single, write
from inventory.metrics import METRICS, Metric, Sample

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"

SAMPLES: Final = 5_000
"""Values of one target that are served; the first ones in the order of vocabulary and labels."""

OUTLOOKS: Final = 50_000
"""Lines of what the planner says of one target that are served beside those values: an outlook is never cut off by them."""

AGES: Final = ("jauge_target_age_seconds", "jauge_forecast_age_seconds")
"""Metrics that grow while they wait: served with the time since the lines were made added."""

KINDS: Final = 256
"""Layouts of what Jauge says of a target that are held for all targets."""

_FORECAST: Final = frozenset(name for name, metric in METRICS.items() if metric.source == "jauge plan")
_OURS: Final = _FORECAST | {
    name for name in METRICS if name.startswith(("jauge_target_", "jauge_table_")) or name in AGES
}
_SUFFIX: Final = {"counter": "_total", "info": "_info"}


@dataclasses.dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Chunks:
    """What one target shows, made `at` and to be made again after `until` (both UTC epoch seconds).

    `until` comes when the first of its values is too old to be served, at the latest after one interval. `parts`
    are what was read, what the planner and what Jauge say of it; no metric is in two of them. `ages` are those at `at`.
    """

    target: str
    at: float
    until: float
    parts: tuple[Lines, Lines, Lines]
    ages: dict[str, float]

    def texts(self) -> Iterator[tuple[str, bytes]]:
        """The marked lines of each metric that is no age."""
        return itertools.chain.from_iterable(part.texts.items() for part in self.parts)

    def text(self, name: str) -> bytes:
        """The marked lines of one metric, empty where there are none."""
        return next((part.texts[name] for part in self.parts if name in part.texts), b"")

    def aged(self, name: str, now: float) -> bytes:
        """The marked line of an age, empty where there is none."""
        age = self.ages.get(name)
        return b"" if age is None else single(name, age + max(0.0, now - self.at))


def render(standing: Standing, extra: Sequence[Sample], now: float, earlier: Chunks | None = None) -> Chunks:
    """The chunks of a target at `now` (UTC epoch seconds), with the caller's `extra` samples.

    Values read more than two intervals ago, of the target or of their table, are left out. Ages among `extra` are those at `now`. Chunks made
    `earlier` lend what is still the same.
    """
    before = (None, None, None) if earlier is None else earlier.parts
    layouts = [None if part is None else part.layout for part in before]
    tables = _valid_tables(standing, now)
    others = [sample for sample in extra if sample.metric not in _FORECAST | {*AGES}]
    planned = [sample for sample in extra if sample.metric in _FORECAST and sample.metric not in AGES]
    sources = (*(table.series for table in tables), tuple((s.metric, s.labels) for s in others))
    values = [*itertools.chain.from_iterable(t.values for t in tables), *(s.value for s in others)]
    read = write(lay(sources, SAMPLES, _device_metric, layouts[0]), values, before[0])
    foreseen = (tuple((sample.metric, sample.labels) for sample in planned),)
    ahead = write(
        lay(foreseen, OUTLOOKS, METRICS.get, layouts[1]), [sample.value for sample in planned], before[1]
    )
    dropped = read.layout.dropped + read.impossible + ahead.layout.dropped + ahead.impossible
    said = list(account(standing, now, {table.name for table in tables}, dropped))
    about = (tuple((sample.metric, sample.labels) for sample in said),)
    ours = layouts[2] if layouts[2] is not None and layouts[2].sources == about else _account_layout(about)
    own = write(ours, [sample.value for sample in said], before[2])
    ages = {sample.metric: sample.value for sample in extra if sample.metric in AGES}
    if standing.poll is not None:
        ages["jauge_target_age_seconds"] = max(0.0, now - standing.poll.at)
    return Chunks(standing.target.name, now, _until(tables, standing, now), (read, ahead, own), ages)


def body(chunks: Chunks, now: float, openmetrics: bool, target: str | None = None) -> bytes:
    """The whole text of one target. `target` is its name where the lines shall bear it as a label.

    Raises ValueError where that is another target's name.
    """
    if target is None:
        return steady_part(chunks, openmetrics) + last_part([chunks], now, openmetrics, among=False)
    if target != chunks.target:
        raise ValueError(f"these are the values of {chunks.target}, not of {target}")
    return estate_body([(target, chunks)], now, openmetrics)


def steady_part(chunks: Chunks, openmetrics: bool) -> bytes:
    """The part of one target's body that stays the same until the next poll."""
    return plain(b"".join([_header(name, openmetrics) + text for name, text in chunks.texts()]))


def steady_pieces(estate: Sequence[Chunks], openmetrics: bool) -> Iterator[bytes]:
    """The part of the body of all targets that stays the same while none is polled, piece by piece.

    Each family comes once, every line with the label `target`.
    """
    found = {name for chunks in estate for name, _ in chunks.texts()}
    for name in sorted(found, key=RANK.__getitem__):
        yield _header(name, openmetrics)
        for chunks in estate:
            text = chunks.text(name)
            if text:
                yield named(text, chunks.target)


def last_part(estate: Sequence[Chunks], now: float, openmetrics: bool, among: bool) -> bytes:
    """The part of a body that is made when it is served: the ages, and the end.

    The lines bear the label `target` where the target stands `among` others.
    """
    parts = []
    for name in AGES:
        lines = [(chunks.target, chunks.aged(name, now)) for chunks in estate if name in chunks.ages]
        if lines:
            parts += [
                _header(name, openmetrics),
                *(named(text, to) if among else plain(text) for to, text in lines),
            ]
    return b"".join(parts) + (b"# EOF\n" if openmetrics else b"")


def estate_body(estate: Iterable[tuple[str, Chunks]], now: float, openmetrics: bool) -> bytes:
    """The text of all targets, each family once, every line with the label `target`."""
    listed = [chunks for _, chunks in estate]
    return b"".join(steady_pieces(listed, openmetrics)) + last_part(listed, now, openmetrics, among=True)


@functools.lru_cache(maxsize=KINDS)
def _account_layout(about: tuple[tuple[Series, ...]]) -> Layout:
    """The layout of what Jauge says of a target: targets of one family mostly share it."""
    return lay(about, len(about[0]), METRICS.get)


def _device_metric(name: str) -> Metric | None:
    """The metric of that name, None for those that only Jauge itself may say."""
    return None if name in _OURS else METRICS.get(name)


def _valid_tables(standing: Standing, now: float) -> list[Table]:
    """The tables with values that are young enough and whole, in their order of precedence."""
    if standing.poll is None:
        return []
    return [
        table
        for table in standing.poll.tables
        if table.series and now <= _end(table, standing) and len(table.series) == len(table.values)
    ]


def _end(table: Table, standing: Standing) -> float:
    """Until when the values of a table are served."""
    return table.at + KEPT_INTERVALS * max(standing.target.every, table.every)


def _until(tables: list[Table], standing: Standing, now: float) -> float:
    return min([now + standing.target.every, *(_end(table, standing) for table in tables)])


@functools.cache
def _header(name: str, openmetrics: bool) -> bytes:
    metric = METRICS[name]
    text = f"{metric.help} Source: {metric.source}.".replace("\\", r"\\").replace("\n", r"\n")
    if not openmetrics:
        kind = "gauge" if metric.kind == "info" else metric.kind
        return f"# HELP {name} {text}\n# TYPE {name} {kind}\n".encode()
    family = name.removesuffix(_SUFFIX.get(metric.kind, ""))
    unit = f"# UNIT {family} {metric.unit}\n" if _has_unit(metric, family) else ""
    text = text.replace('"', r"\"")
    return f"# TYPE {family} {metric.kind}\n{unit}# HELP {family} {text}\n".encode()


def _has_unit(metric: Metric, family: str) -> bool:
    """OpenMetrics wants a unit to be the end of the family's name, and none on an info."""
    return bool(metric.unit) and metric.kind != "info" and family.endswith(f"_{metric.unit}")
