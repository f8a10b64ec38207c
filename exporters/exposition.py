"""The text that Prometheus reads: one chunk of lines per metric family and target, made once per poll.

Formats: Prometheus text 0.0.4 and OpenMetrics 1.0.0
(https://prometheus.io/docs/instrumenting/exposition_formats/,
https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md). Sample lines are the same
bytes in both; only headers and the end differ. Nothing here does I/O or looks at a clock.

The text in front of each value (name and labels) is kept in a `Layout` while the series of a target stay the
same: a poll then only formats its floats. Whatever does not speak the vocabulary is left out and counted in
`jauge_target_samples_dropped`: no device can break a body, nor name a metric.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from collectors.board import KEPT_INTERVALS, Standing
from collectors.poll import Poll, Series, Table
from inventory.estate import Target
from inventory.harmless import clean
from inventory.metrics import METRICS, Labels, Metric, Sample, labels

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"

SAMPLES: Final = 5_000
"""Values of one target that are served; the first ones in the order of vocabulary and labels."""

AGES: Final = frozenset({"jauge_target_age_seconds", "jauge_forecast_age_seconds"})
"""Metrics that grow while they wait: served with the time since the chunks were made added."""

_RANK: Final = {name: rank for rank, name in enumerate(METRICS)}
_NAMES: Final = tuple(METRICS)
_OURS: Final = frozenset(name for name in METRICS if name.startswith(("jauge_target_", "jauge_table_")))
_ODD: Final = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}
_SUFFIX: Final = {"counter": "_total", "info": "_info"}

Key = tuple[int, str]
"""Rank of a metric in the vocabulary, and its labels as text: one series."""


class Heads(NamedTuple):
    """One family of a layout: what stands before each value, without and with the label `target`.

    `picks` are the places of its values among all values of the sources.
    """

    metric: Metric
    plain: tuple[str, ...]
    named: tuple[str, ...]
    picks: tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """The heads of a target's lines, valid for exactly these `sources` (series, per table)."""

    sources: tuple[tuple[Series, ...], ...]
    families: tuple[Heads, ...]
    dropped: int


class Lines(NamedTuple):
    """The samples of one family: heads and values in the same order."""

    metric: Metric
    plain: tuple[str, ...]
    named: tuple[str, ...]
    values: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class Chunks:
    """What one target shows, made `at` and to be made again after `until` (both UTC epoch seconds).

    `until` comes when the first of its values is too old to be served, at the latest after one interval.
    """

    target: str
    at: float
    until: float
    steady: tuple[Lines, ...]
    ages: tuple[Lines, ...]
    layouts: tuple[Layout, Layout]

    @functools.cached_property
    def plain(self) -> dict[str, bytes]:
        """Sample lines by metric, without the label `target`."""
        return {lines.metric.name: _join(lines.plain, lines.values) for lines in self.steady}

    @functools.cached_property
    def named(self) -> dict[str, bytes]:
        """Sample lines by metric, with the label `target`."""
        return {lines.metric.name: _join(lines.named, lines.values) for lines in self.steady}


def render(standing: Standing, extra: Sequence[Sample], now: float, earlier: Chunks | None = None) -> Chunks:
    """The chunks of a target at `now` (UTC epoch seconds), with the caller's `extra` samples.

    Values read more than two intervals ago are left out. Ages among `extra` are those at `now`. Chunks made
    `earlier` for the same target lend their heads where the series are the same.
    """
    before = (
        earlier.layouts if earlier is not None and earlier.target == standing.target.name else (None, None)
    )
    tables = _valid_tables(standing, now)
    sources = (*(table.series for table in tables), tuple((s.metric, s.labels) for s in extra))
    layout = _reuse(before[0], standing.target.name, sources, SAMPLES, _device_metric)
    values = [*itertools.chain.from_iterable(t.values for t in tables), *(s.value for s in extra)]
    read, impossible = _fill(layout, values)
    own, own_layout = _own_lines(standing, now, layout.dropped + impossible, before[1])
    families = sorted([*read, *own], key=lambda lines: _RANK[lines.metric.name])
    return Chunks(
        target=standing.target.name,
        at=now,
        until=_until(tables, standing, now),
        steady=tuple(lines for lines in families if lines.metric.name not in AGES),
        ages=tuple(lines for lines in families if lines.metric.name in AGES),
        layouts=(layout, own_layout),
    )


def body(chunks: Chunks, now: float, openmetrics: bool, target: str | None = None) -> bytes:
    """The whole text of one target. `target` is its name where the lines shall bear it as a label.

    Raises ValueError where that is another target's name.
    """
    if target not in (None, chunks.target):
        raise ValueError(f"these are the values of {chunks.target}, not of {target}")
    return steady_part(chunks, openmetrics, target is not None) + last_part(
        chunks, now, openmetrics, target is not None
    )


def steady_part(chunks: Chunks, openmetrics: bool, named: bool) -> bytes:
    """The part of a body that stays the same until the next poll."""
    texts = chunks.named if named else chunks.plain
    return b"".join(_header(name, openmetrics) + text for name, text in texts.items())


def last_part(chunks: Chunks, now: float, openmetrics: bool, named: bool) -> bytes:
    """The part of a body that is made when it is served: the ages, and the end."""
    parts = [
        _header(lines.metric.name, openmetrics) + _aged(lines, chunks, now, named) for lines in chunks.ages
    ]
    return b"".join(parts) + _end(openmetrics)


def estate_body(estate: Iterable[tuple[str, Chunks]], now: float, openmetrics: bool) -> bytes:
    """The text of all targets, each family once, every line with the label `target`."""
    listed = [chunks for _, chunks in estate]
    found: dict[str, list[bytes]] = {}
    for chunks in listed:
        for name, text in chunks.named.items():
            found.setdefault(name, []).append(text)
        for lines in chunks.ages:
            found.setdefault(lines.metric.name, []).append(_aged(lines, chunks, now, named=True))
    parts = (
        _header(name, openmetrics) + b"".join(found[name]) for name in sorted(found, key=_RANK.__getitem__)
    )
    return b"".join(parts) + _end(openmetrics)


def number(value: float) -> str:
    """A float as both formats write it: the shortest text that reads back as the same float.

    >>> number(0.1), number(1e300), number(float("-inf"))
    ('0.1', '1e+300', '-Inf')
    """
    text = repr(float(value))
    return _ODD.get(text, text)


def escape(value: str) -> str:
    """A label value as both formats write it, made harmless and bounded first."""
    return clean(value).replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


# --- which values are served ----------------------------------------------------------------------------


def _valid_tables(standing: Standing, now: float) -> list[Table]:
    """The tables with values that are young enough and whole, in their order of precedence."""
    if standing.poll is None:
        return []
    oldest = now - KEPT_INTERVALS * standing.target.every
    return [
        table
        for table in standing.poll.tables
        if table.series and table.at >= oldest and len(table.series) == len(table.values)
    ]


def _until(tables: list[Table], standing: Standing, now: float) -> float:
    every = standing.target.every
    return min([now + every, *(table.at + KEPT_INTERVALS * every for table in tables)])


def _current(standing: Standing, now: float) -> Poll | None:
    """The last poll, None where it is too old to say anything of the present."""
    poll = standing.poll
    late = poll is not None and now - poll.at > KEPT_INTERVALS * standing.target.every
    return None if late else poll


# --- what Jauge says of a target --------------------------------------------------------------------------


def _own_lines(
    standing: Standing, now: float, dropped: int, before: Layout | None
) -> tuple[list[Lines], Layout]:
    samples = [*_target_samples(standing, now, dropped), *_table_samples(standing, now)]
    sources = (tuple((sample.metric, sample.labels) for sample in samples),)
    layout = _reuse(before, standing.target.name, sources, len(samples), METRICS.get)
    return _fill(layout, [sample.value for sample in samples])[0], layout


def _target_samples(standing: Standing, now: float, dropped: int) -> Iterator[Sample]:
    poll = _current(standing, now)
    yield Sample("jauge_target_up", float(poll is not None and poll.up))
    yield Sample("jauge_target_samples_dropped", float(dropped))
    yield Sample("jauge_target_info", 1.0, _identity(standing.target, standing.poll))
    if standing.last_success is not None:
        yield Sample("jauge_target_last_success_timestamp_seconds", standing.last_success)
    if standing.poll is not None:
        yield Sample("jauge_target_poll_seconds", standing.poll.seconds)
        yield Sample("jauge_target_age_seconds", max(0.0, now - standing.poll.at))
    for reason, count in sorted(standing.errors.items()):
        yield Sample("jauge_target_errors_total", float(count), labels(reason=reason))


def _identity(target: Target, poll: Poll | None) -> Labels:
    return labels(
        site=target.site or "",
        role=target.role or "",
        service=target.service or "",
        directorate=target.directorate or "",
        family=poll.family if poll else "",
        product=poll.product if poll else "",
        version=poll.version if poll else "",
    )


def _table_samples(standing: Standing, now: float) -> Iterator[Sample]:
    poll = _current(standing, now)
    if poll is None:
        return
    served = {table.name for table in _valid_tables(standing, now)}
    for table in poll.tables:
        which = labels(table=table.name)
        yield Sample("jauge_table_up", float(table.up), which)
        yield Sample("jauge_table_poll_seconds", table.seconds, which)
        if table.up or table.name in served:
            yield Sample("jauge_table_age_seconds", max(0.0, poll.at - table.at), which)
        if table.up:
            yield Sample("jauge_table_rows_withheld", float(table.withheld), which)


# --- heads: names and labels as text ------------------------------------------------------------------------


def _reuse(
    before: Layout | None,
    target: str,
    sources: tuple[tuple[Series, ...], ...],
    limit: int,
    find: Callable[[str], Metric | None],
) -> Layout:
    """The layout of `sources`: the one before where the series are the same, which is told by identity first."""
    if before is not None and before.sources == sources:
        return before
    found: dict[Key, int] = {}
    dropped = offset = 0
    for series in sources:
        keys, lost = _keys(series, offset, find)
        found = {**keys, **found}  # an earlier table takes precedence
        dropped += lost
        offset += len(series)
    kept = sorted(found.items())[:limit]
    families = tuple(
        _heads(METRICS[_NAMES[rank]], target, list(group))
        for rank, group in itertools.groupby(kept, key=lambda item: item[0][0])
    )
    return Layout(sources, families, dropped + len(found) - len(kept))


def _device_metric(name: str) -> Metric | None:
    """The metric of that name, None for those that only Jauge itself may say."""
    return None if name in _OURS else METRICS.get(name)


def _keys(
    series: tuple[Series, ...], offset: int, find: Callable[[str], Metric | None]
) -> tuple[dict[Key, int], int]:
    """The place of each series, and how many are left out: outside the vocabulary, or alike once made harmless."""
    found: dict[Key, int] = {}
    twins: set[Key] = set()
    for place, (name, pairs) in enumerate(series, offset):
        metric = find(name)
        text = None if metric is None else _pairs(metric, pairs)
        if text is None:
            continue
        key = (_RANK[name], text)
        if found.setdefault(key, place) != place:
            twins.add(key)
    for key in twins:
        del found[key]
    return found, len(series) - len(found)


def _pairs(metric: Metric, pairs: Labels) -> str | None:
    """Labels as text in the order of their names; None where the vocabulary does not know them."""
    filled = sorted((name, value) for name, value in pairs if value)
    names = [name for name, _ in filled]
    if len(set(names)) != len(names) or not set(names) <= set(metric.labels):
        return None
    return ",".join(f'{name}="{escape(value)}"' for name, value in filled)


def _heads(metric: Metric, target: str, items: list[tuple[Key, int]]) -> Heads:
    texts = [text for (_, text), _ in items]
    name = metric.name
    first = f'target="{escape(target)}"'
    return Heads(
        metric,
        plain=tuple(f"{name}{{{text}}} " if text else f"{name} " for text in texts),
        named=tuple(f"{name}{{{first},{text}}} " if text else f"{name}{{{first}}} " for text in texts),
        picks=tuple(place for _, place in items),
    )


# --- lines ------------------------------------------------------------------------------------------------


def _fill(layout: Layout, values: Sequence[float]) -> tuple[list[Lines], int]:
    """The lines of a layout, and how many values are left out because no counter can have them."""
    found: list[Lines] = []
    impossible = 0
    for heads in layout.families:
        lines = Lines(heads.metric, heads.plain, heads.named, tuple([values[place] for place in heads.picks]))
        if heads.metric.kind == "counter":
            lines = _countable(lines)
            impossible += len(heads.picks) - len(lines.values)
        if lines.values:
            found.append(lines)
    return found, impossible


def _countable(lines: Lines) -> Lines:
    """The lines whose values a counter can have: OpenMetrics refuses NaN and what is below zero."""
    kept = [place for place, value in enumerate(lines.values) if value >= 0]
    if len(kept) == len(lines.values):
        return lines
    return Lines(
        lines.metric,
        tuple(lines.plain[place] for place in kept),
        tuple(lines.named[place] for place in kept),
        tuple(lines.values[place] for place in kept),
    )


def _join(heads: tuple[str, ...], values: Iterable[float]) -> bytes:
    return "".join([f"{head}{number(value)}\n" for head, value in zip(heads, values, strict=True)]).encode()


def _aged(lines: Lines, chunks: Chunks, now: float, named: bool) -> bytes:
    waited = max(0.0, now - chunks.at)
    return _join(lines.named if named else lines.plain, (value + waited for value in lines.values))


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


def _end(openmetrics: bool) -> bytes:
    return b"# EOF\n" if openmetrics else b""
