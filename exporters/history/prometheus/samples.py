"""Selectors of PromQL, and the raw samples behind them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from exporters.history import unique_id
from exporters.history.prometheus.asking import Client, EngineError
from exporters.history.prometheus.encoding import MARK, Series
from inventory.metrics import LABELS, Labels

SELECTOR_LENGTH: Final = 8_000
"""Bytes of a selector: VictoriaMetrics takes 16 KiB of a query."""

BATCH: Final = 200
"""Series that one query asks for."""


class Asked(NamedTuple):
    """A series that is asked for, as the engine knows it."""

    metric: str
    target: str
    labels: Labels


def moment(milliseconds: int) -> str:
    """An instant as engines are told it: a little more than it is, as some of them cut off and others round."""
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}4"


def text(value: str) -> str:
    """A string of PromQL."""
    return json.dumps(value, ensure_ascii=False)


def selector(name: str, metric: str, series: Sequence[Asked], also: Iterable[str] = ()) -> str:
    """A selector that finds these series of a metric, and perhaps some more; `also` are further matchers."""
    matchers = [f"{MARK}={text(name)}", *also, _matcher("target", {one.target for one in series})]
    shared = set.intersection(*({key for key, _ in one.labels} for one in series))
    matchers += [_matcher(label, {dict(one.labels)[label] for one in series}) for label in sorted(shared)]
    return f"{metric}{{{','.join(matchers)}}}"


def _matcher(label: str, values: Collection[str]) -> str:
    if len(values) == 1:
        return f"{label}={text(*values)}"
    return f"{label}=~{text('|'.join(map(re.escape, sorted(values))))}"


def batches(series: Iterable[Asked], most: int = BATCH) -> Iterator[list[Asked]]:
    """The series in groups of one metric that one query may ask for."""
    group: list[Asked] = []
    size = 0
    for one in sorted(series):
        length = len(one.target) + sum(len(value.encode()) + 8 for _, value in one.labels)
        if group and (one.metric != group[0].metric or len(group) >= most or size + length > SELECTOR_LENGTH):
            yield group
            group, size = [], 0
        group.append(one)
        size += length
    if group:
        yield group


def identity(found: Mapping[str, str], metric: str = "") -> Asked:
    """The series that an answer speaks of; labels that a relay has added are left out.

    `metric` where it is known what was asked: an answer bears the name of a roll-up, or none behind a function.
    """
    labels = tuple(sorted((key, value) for key, value in found.items() if key in LABELS and value))
    return Asked(metric or found.get("__name__", ""), found.get("target", ""), labels)


def name_of(series: Asked) -> str:
    """The `unique_id` of a series."""
    return unique_id(series.target, series.metric, series.labels)


def matrix(data: Any) -> Iterator[tuple[dict[str, str], list[tuple[int, float]]]]:
    """Labels and samples (milliseconds, value) of an answer, without what is no number. Raises EngineError."""
    for one in _parts(data, "result"):
        try:
            pairs = one.get("values") or ([one["value"]] if "value" in one else [])
            samples = [(round(float(at) * 1000), float(value)) for at, value in pairs]
            found = _labels(one.get("metric", {}))
        except (AttributeError, TypeError, ValueError, OverflowError):
            raise _strange() from None
        yield found, [pair for pair in samples if math.isfinite(pair[1])]


def listed(data: Any) -> list[dict[str, str]]:
    """The labels of the series that an answer lists. Raises EngineError."""
    return [_labels(one) for one in _parts({"": data}, "")]


def _parts(data: Any, name: str) -> list[Any]:
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, list):
        raise _strange()
    return found


def _labels(found: Any) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise _strange()
    return found


def _strange() -> EngineError:
    said = "what answers is no engine, or a broken one: series and samples of PromQL were expected"
    return EngineError("refused", f"{said}; look at url and read_path of the history")


def raw(
    client: Client, found: str, start: int, end: int
) -> Iterator[tuple[dict[str, str], list[tuple[int, float]]]]:
    """The samples of a selector between two instants (milliseconds), both included, by time and each time once."""
    # Whether a range holds its first instant differs from engine to engine: one more is asked for, and cut off here.
    query = f"{found}[{end - start + 2}ms]"
    for labels, samples in matrix(client.ask("query", query=query, time=moment(end + 1))):
        once = {at: value for at, value in samples if start <= at <= end}
        yield labels, sorted(once.items())


def held(client: Client, series: Sequence[Series]) -> dict[tuple[tuple[str, str], ...], dict[int, float]]:
    """What the engine has already of these series, at the times of their samples: value by time."""
    if not series:
        return {}
    known: dict[Asked, dict[int, float]] = {}
    asked = {identity(dict(one.labels)): one for one in series}
    for group in batches(asked):
        times = [at for one in group for at, _ in asked[one].samples]
        found = selector(client.engine.name, group[0].metric, group)
        for labels, samples in raw(client, found, min(times), max(times)):
            known.setdefault(identity(labels, group[0].metric), {}).update(samples)
    return {one.labels: known[key] for key, one in asked.items() if key in known}
