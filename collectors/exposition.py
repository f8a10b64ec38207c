"""Prometheus' text of another exporter as rows of a table: those series that it wants, by their labels (pure).

A row is a JSON object: its `labels`, and the value of each series under the name of the series. A table names its
columns accordingly: `/labels/device`, `/node_filesystem_size_bytes`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from collectors.api import ApiTable
from collectors.documents import legible
from collectors.poll import PollError
from collectors.tables import wanted

ACCEPT: Final = "text/plain;version=0.0.4"
"""The classic text, which every exporter writes."""

SERIES_CAP: Final = 50_000
"""Series of one table."""

LINE_LIMIT: Final = 8192
"""Characters of a line that is read: what a line takes to read grows with the square of its labels."""

LABELS: Final = "labels"

_NAME: Final = re.compile(r"[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)")

Row = dict[str, Any]


def rows(table: ApiTable, text: str) -> list[Row]:
    """The rows of a table. Raises PollError where the text has none of its series, or is none of Prometheus.

    A series that a row has several times, as `by` leaves out what tells them apart, is left out of that row: nobody
    knows which one is meant. So is a label on which the series of a row differ.
    """
    names = _names(table)
    found = rows_of({*names, *table.also}, text, table.by)
    if not found and not table.optional:
        raise PollError("unparsed", f"none of the series {', '.join(sorted(names))}")
    return found


def rows_of(names: Collection[str], text: str, by: tuple[str, ...] | None = None) -> list[Row]:
    """The rows of these series. Raises PollError."""
    points: dict[tuple[str, ...], list[Sample]] = {}
    for count, point in enumerate(_points(text, names)):
        if count == SERIES_CAP:
            raise PollError("capped", f"more than {SERIES_CAP} series")
        points.setdefault(_key(point, by), []).append(point)
    return [_row(group) for group in points.values()]


def _names(table: ApiTable) -> frozenset[str]:
    """The series that a table is made of."""
    columns = (key.decode().split("/")[1:] for key in wanted(table).columns)
    return frozenset(tokens[0] for tokens in columns if len(tokens) == 1)


def _points(text: str, names: Collection[str]) -> Iterator[Sample]:
    """The values of these series: lines of others are not even read."""
    lines = [line for line in text.split("\n") if (found := _NAME.match(line)) and found[1] in names]
    if any(len(line) > LINE_LIMIT for line in lines):
        raise PollError("capped", f"a series of more than {LINE_LIMIT} characters")
    try:
        for family in text_string_to_metric_families("\n".join([*lines, ""])):
            yield from (
                point for point in family.samples if point.name in names and math.isfinite(point.value)
            )
    except (ValueError, IndexError, KeyError) as error:
        raise PollError("unparsed", f"no text of Prometheus: {legible(str(error), 120)}") from None


def _key(point: Sample, by: tuple[str, ...] | None) -> tuple[str, ...]:
    """What tells the row of a series from others."""
    if by is not None:
        return tuple(point.labels.get(name, "") for name in by)
    return tuple(part for pair in sorted(point.labels.items()) for part in pair)


def _row(points: Sequence[Sample]) -> Row:
    """One row of all its series."""
    told: dict[str, set[str]] = {}
    for point in points:
        for name, value in point.labels.items():
            told.setdefault(name, set()).add(value)
    count = Counter(point.name for point in points)
    values: Row = {point.name: point.value for point in points if count[point.name] == 1}
    return values | {LABELS: {name: value for name, (value, *more) in told.items() if not more}}
