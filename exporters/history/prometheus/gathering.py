"""Daily values of any series of a Prometheus-compatible engine, as days of a history.

A mapping says which: a list of YAML, of which each entry names an expression of PromQL and what it is of ours.

    - query: node_filesystem_size_bytes{fstype=~"ext4|xfs"} - node_filesystem_avail_bytes
      metric: jauge_storage_used_bytes
      target: $instance
      labels: {kind: filesystem, store: $mountpoint}

`$NAME` is the value of that label of the answer; a target leaves out a port. Without a mapping the series are those that
bear names of ours and a `target`, as Prometheus scraped them, or as another history keeps them.

The value of a day is the last that the expression had in it, looked for every five minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError

from exporters.history import HistoryError, unique_id
from exporters.history.days import Calendar
from exporters.history.prometheus.asking import Client, EngineError
from exporters.history.prometheus.periods import Period, days, halves, period_of, runs
from exporters.history.prometheus.samples import matrix, moment
from exporters.history.sqlite import Day
from inventory.credentials import Model
from inventory.harmless import line
from inventory.metrics import METRICS, Labels, Sample, describe, kept, labels
from inventory.places import Document, read
from inventory.quantities import Text

LOOKED: Final = 300
"""Seconds between two looks at an expression: the engine looks back as far, and never into the day before."""

_TARGET: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_PORT: Final = re.compile(r":[0-9]+\Z")
_SHOWN: Final = 20


class Mapping(Model):
    """What an expression is in our words."""

    query: Annotated[str, Field(min_length=1, max_length=4000)] = Field(description="Expression of PromQL.")
    metric: Text = Field(description="Metric of the vocabulary.")
    target: Text = Field("$target", description="Name of the target, or $NAME of the answer's label.")
    labels: dict[str, str] | None = Field(
        None, description="Labels; where none are given, those of the answer that the metric has."
    )

    def read(self, found: dict[str, str]) -> tuple[str, Labels]:
        """Target and labels of an answer."""
        given = self.labels
        if given is None:
            given = {name: f"${name}" for name in METRICS[self.metric].labels}
        target = _PORT.sub("", _filled(self.target, found))
        return target, labels(**{name: line(_filled(text, found)) for name, text in given.items()})


def _filled(text: str, found: dict[str, str]) -> str:
    return found.get(text[1:], "") if text.startswith("$") else text


def ours() -> list[Mapping]:
    """The series that bear names of ours."""
    return [
        Mapping(query=f'{name}{{target!=""}}', metric=name, target="$target", labels=None)
        for name in sorted(kept())
    ]


def mappings(file: Path) -> list[Mapping]:
    """The entries of a mapping. Raises HistoryError with file, line and column of each mistake."""
    document = read(file)
    faults = [str(problem) for problem in document.problems]
    entries = document.data if isinstance(document.data, list) else []
    if not faults and not entries:
        faults = [f"{file}:1:1: a mapping is a list: start with - query:"]
    found = []
    for index, entry in enumerate(entries):
        try:
            one = Mapping.model_validate(entry)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                where = (index, *detail["loc"])
                faults.append(
                    f"{_place(document, where)}: {detail['loc'][-1] if detail['loc'] else 'entry'}: {detail['msg']}"
                )
            continue
        faults += [f"{_place(document, (index, *where))}: {what}" for where, what in _wrong(one)]
        found.append(one)
    if faults:
        raise HistoryError("\n".join([*faults[:_SHOWN], "nothing was imported"]))
    return found


def _place(document: Document, path: tuple[str | int, ...]) -> object:
    for end in range(len(path), -1, -1):
        if path[:end] in document.values:
            return document.values[path[:end]]
    return f"{document.file}:1:1"


def _wrong(one: Mapping) -> Iterator[tuple[tuple[str, ...], str]]:
    if one.metric not in kept():
        known = "is not in the vocabulary" if one.metric not in METRICS else "has no history"
        yield ("metric",), f"{one.metric} {known}"
        return
    for name in one.labels or ():
        if name not in METRICS[one.metric].labels:
            yield ("labels", name), f"{one.metric} has no label {name}"
    if one.labels is not None and "store" in METRICS[one.metric].labels and "store" not in one.labels:
        yield ("labels",), f"{one.metric} needs a store"


def gather(
    client: Client, calendar: Calendar, mapped: Sequence[Mapping], start: float, end: float
) -> list[Day]:
    """The days of these mappings between two instants. Raises HistoryError for what two series give differently,
    and for what is no value of ours: nothing of it is to be imported then."""
    found: dict[tuple[str, str, Labels, int], float] = {}
    faults: dict[str, None] = {}
    for one in mapped:
        for run in runs(days(calendar, start, end)):
            for target, pairs, places in _answers(client, one, run):
                wrong = _fault(one, target, pairs)
                if wrong is not None:
                    faults[wrong] = None
                    continue
                for day, value in places.items():
                    if value < 0 and METRICS[one.metric].unit in ("bytes", "ratio"):
                        faults[f"{unique_id(target, one.metric, pairs)} is negative: {one.query}"] = None
                    elif found.setdefault((target, one.metric, pairs, day), value) != value:
                        name = unique_id(target, one.metric, pairs)
                        faults[f"two series are {name}: narrow the query {one.query}"] = None
    if faults:
        more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        raise HistoryError("\n".join([*list(faults)[:_SHOWN], *more, "nothing was imported"]))
    return [Day(*key, value) for key, value in found.items()]


def _fault(one: Mapping, target: str, pairs: Labels) -> str | None:
    if not _TARGET.fullmatch(target):
        return f"{target[:40]!r} is no name of a target (letters, digits and . _ -): {one.query}"
    if "store" in METRICS[one.metric].labels and "store" not in dict(pairs):
        return f"a series without a store: {one.query}"
    return describe(Sample(one.metric, 0.0, pairs))


def _answers(
    client: Client, one: Mapping, run: Sequence[Period]
) -> Iterator[tuple[str, Labels, dict[int, float]]]:
    """Target, labels and values by day of the series behind an expression."""
    length = run[0].last - run[0].first + 1
    try:
        data = client.ask(
            "query_range",
            query=f"last_over_time(({one.query})[{length - LOOKED * 1000}ms:{LOOKED}s])",
            start=moment(run[0].last),
            end=moment(run[-1].last),
            step=f"{length / 1000:g}",
        )
    except EngineError as error:
        if error.kind not in ("too_much", "timeout") or len(run) == 1:
            raise
        for part in halves(run):
            yield from _answers(client, one, part)
        return
    for found, samples in matrix(data):
        yield (
            *one.read(found),
            {period_of(run, at).place: value for at, value in samples},
        )
