"""What everybody asks of a history, answered by an engine: days and hours of the estate out of samples.

Where all of a day is rolled up its roll-ups are read (see `rollups`): samples of one a day, however often was polled. Elsewhere,
and of today, it is asked for as `last_over_time(series[a day])` at its last millisecond. Days of one length in a row are
one query; a day on which the clocks change is a query of its own, with its own length. Either way no sample is counted
to another day than that of its instant.
"""

from __future__ import annotations

import bisect
import contextlib
import functools
import itertools
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from exporters.history import Daily, Known, Resolution
from exporters.history.blocks import QUARTER
from exporters.history.days import DAY, Calendar
from exporters.history.naming import parse
from exporters.history.prometheus.asking import Client, EngineError
from exporters.history.prometheus.columns import Course, courses
from exporters.history.prometheus.encoding import MARK
from exporters.history.prometheus.periods import Period, days, halves, hours, places_of, runs
from exporters.history.prometheus.rollups import Layer, Rolled, rolled
from exporters.history.prometheus.samples import (
    Asked,
    batches,
    identity,
    listed,
    matrix,
    moment,
    name_of,
    selector,
    text,
)
from exporters.history.reading import frame
from exporters.history.rolling import KEPT_DAYS
from inventory.metrics import kept

LISTED_DAYS: Final = 31
"""Days in which the last value of a series is looked for first."""


class Span(NamedTuple):
    """Periods that follow each other, and the layer that tells their last samples."""

    layer: Layer
    periods: list[Period]


class Reader:
    """Reads the history of an estate from an engine (see `exporters.history.Reader`).

    `former` are the earlier names of targets, by name: what was kept under them is read as theirs.
    """

    def __init__(
        self,
        client: Client,
        timezone: str,
        former: Mapping[str, Sequence[str]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.timezone = timezone
        self._client, self._calendar, self._clock = client, Calendar(timezone), clock
        self._former = dict(former or {})
        self._current = {old: name for name, olds in self._former.items() for old in olds}

    def series(self, metric: str | None = None, target: str | None = None) -> list[Known]:
        """The series that the engine holds, by name.

        `first` is the beginning of the oldest day that a history keeps, as a finer answer would read everything;
        `last` is the last value's instant where it is minutes old, else the start of its day (UTC epoch seconds).
        """
        found: dict[Asked, float | None] = {}
        for name in [metric] if metric else sorted(kept()):
            found |= self._list(name, target)
        silent = [one for one, at in found.items() if at is None]
        days = self._last_days(silent)
        first = self._calendar.start(self._calendar.day(self._clock()) - KEPT_DAYS)
        last = {one: at if at is not None else days.get(one) for one, at in found.items()}
        return sorted(
            Known(name_of(one), one.target, one.metric, one.labels, first, at)
            for one, at in last.items()
            if at is not None
        )

    def read(
        self,
        unique_ids: Iterable[str],
        start: float | None = None,
        end: float | None = None,
        resolution: Resolution = "day",
    ) -> pd.DataFrame:
        """The frame of `exporters.history.Reader.read`. Raises HistoryError."""
        found = self._named(unique_ids, start, end, resolution)
        names = sorted(found)
        counts = [len(found[name].at) for name in names]
        course = _ended([found[name] for name in names])
        place = course.at // QUARTER if resolution == "hour" else course.at
        return frame(names, np.repeat(np.arange(len(names)), counts), place, course.value, resolution)

    def daily(self, unique_ids: Sequence[str], start: float | None = None, end: float | None = None) -> Daily:
        """The matrix of `exporters.history.Reader.daily`. Raises HistoryError."""
        found = self._named(unique_ids, start, end, "day")
        held = _ended(list(found.values())).at
        first, after = (int(held.min()), int(held.max()) + 1) if len(held) else (0, 0)
        grid = np.full((len(unique_ids), after - first), np.nan)
        for row, name in enumerate(unique_ids):
            if name in found:
                grid[row, found[name].at - first] = found[name].value
        return Daily(tuple(unique_ids), np.arange(first, after).astype("datetime64[D]"), grid)

    def last(self, unique_ids: Iterable[str], start: float, end: float | None = None) -> dict[str, float]:
        """The last value of each series that has one since `start` (UTC epoch seconds), and up to `end` where the engine does not know it now."""
        asked = _parsed(unique_ids)
        now: dict[Asked, float] = {}
        for group in batches(asked.values()):
            now |= self._now(group)
        found = {name: now[one] for name, one in asked.items() if one in now}
        missing = asked.keys() - found.keys()
        if missing:
            left = self._named(missing, start, self._clock() + DAY if end is None else end, "day")
            found |= {name: float(course.value[-1]) for name, course in left.items()}
        return found

    # --- former names -------------------------------------------------------------------------------

    def _with_former(self, series: Iterable[Asked]) -> list[Asked]:
        return [
            one._replace(target=target)
            for one in series
            for target in (one.target, *self._former.get(one.target, ()))
        ]

    def _named(
        self, unique_ids: Iterable[str], start: float | None, end: float | None, resolution: Resolution
    ) -> dict[str, Course]:
        """The values of series by name, in the order of places; those without any are absent."""
        asked = _parsed(unique_ids)
        values = self._values(self._with_former(asked.values()), start, end, resolution)
        found = ((name, self._whole(one, values)) for name, one in asked.items())
        return {name: course for name, course in found if len(course.at)}

    def _whole(self, one: Asked, values: dict[Asked, Course]) -> Course:
        """The values of a series by place, with those under former names where it has none itself."""
        names = (*reversed(self._former.get(one.target, ())), one.target)
        pieces = [values[of] for name in names if (of := one._replace(target=name)) in values]
        return _joined(pieces) if len(pieces) > 1 else _ended(pieces)

    # --- which series there are ---------------------------------------------------------------------

    def _list(self, metric: str, target: str | None) -> dict[Asked, float | None]:
        """The series of a metric, each with the instant of its last value where that is minutes old."""
        matchers = f"{MARK}={text(self._client.engine.name)}"
        if target is not None:
            targets = [target, *self._former.get(target, ())]
            matchers += f",target=~{text('|'.join(map(re.escape, targets)))}"
        found = f"{metric}{{{matchers}}}"
        now = self._clock()
        # Seconds of a far past and future: VictoriaMetrics looks at five minutes otherwise.
        span = {"start": f"{now - KEPT_DAYS * DAY:.0f}", "end": f"{now + DAY:.0f}"}
        known = listed(self._client.ask("series", **{"match[]": found}, **span))
        result: dict[Asked, float | None] = {self._renamed(identity(one)): None for one in known}
        fresh = self._client.ask("query", query=f"timestamp({found})", time=moment(int(now * 1000)))
        for labels, samples in matrix(fresh):
            one = self._renamed(identity(labels, metric))
            if samples:
                result[one] = max(result.get(one) or 0.0, samples[-1][1])
        return {one: at for one, at in result.items() if one.target}

    def _renamed(self, one: Asked) -> Asked:
        return one._replace(target=self._current.get(one.target, one.target))

    def _last_days(self, series: Sequence[Asked]) -> dict[Asked, float]:
        """The start of the last day with a value, of series whose last value is older than minutes."""
        found: dict[Asked, float] = {}
        now = self._clock()
        end = now + DAY
        for back in (LISTED_DAYS, 366, KEPT_DAYS):
            left = [one for one in series if one not in found]
            if not left:
                break
            values = self._values(self._with_former(left), now - back * DAY, end, "day")
            for one in left:
                if len(places := self._whole(one, values).at):
                    found[one] = self._calendar.start(int(places[-1]))
        return found

    # --- values -------------------------------------------------------------------------------------

    def _values(
        self, series: Sequence[Asked], start: float | None, end: float | None, resolution: Resolution
    ) -> dict[Asked, Course]:
        """The values by place: day, hour (UTC seconds) or instant (UTC milliseconds)."""
        now = self._clock()
        first = max(now - KEPT_DAYS * DAY, 0.0) if start is None else start
        last = now + DAY if end is None else min(end, now + DAY)
        if last < first or not series:
            return {}
        if resolution == "raw":
            return self._found(series, functools.partial(self._raw, start=_milli(first), end=_milli(last)))
        periods = list((days if resolution == "day" else hours)(self._calendar, first, last))
        spans = list(self._spans(periods, resolution)) if periods else []
        found = self._found(series, functools.partial(self._read_spans, spans=spans))
        firsts = np.array([period.first for period in periods])
        places = np.array([period.place for period in periods])
        return {one: _last_of(firsts, places, course) for one, course in found.items()}

    def _found(
        self, series: Sequence[Asked], take: Callable[[list[Asked]], Iterator[tuple[Asked, Course]]]
    ) -> dict[Asked, Course]:
        """What `take` finds of the series, group by group, as samples in the order of time."""
        found: dict[Asked, Course] = {}
        for group in batches(series):
            pieces: dict[Asked, list[Course]] = {}
            for one, course in take(group):
                pieces.setdefault(one, []).append(course)
            found |= {one: _joined(of) for one, of in pieces.items()}
        return found

    def _raw(self, group: list[Asked], start: int, end: int) -> Iterator[tuple[Asked, Course]]:
        """The samples of some series, a week at a time."""
        step = 7 * DAY * 1000
        for begin in range(start, end + 1, step):
            yield from self._samples(
                Layer(self._client.engine.name), group, begin, min(begin + step - 1, end)
            )

    def _spans(self, periods: Sequence[Period], resolution: Rolled) -> Iterator[Span]:
        """The periods in the order of time, each with the layer that has its last sample for the least samples read."""
        known = self._rolled(resolution, periods)
        for is_rolled, of in itertools.groupby(periods, key=lambda one: one.last in known):
            if is_rolled:
                yield Span(self._layer(resolution), list(of))
            elif resolution == "hour":
                yield Span(self._layer(None), list(of))
            else:
                yield from self._finer(list(of))

    def _finer(self, unrolled: Sequence[Period]) -> Iterator[Span]:
        """Days that are not rolled up: out of their hours, where some of these are."""
        known = sorted(self._rolled("hour", unrolled))
        for day in unrolled:
            if bisect.bisect(known, day.last) == bisect.bisect_left(known, day.first):
                yield Span(self._layer(None), [day])
                continue
            within = list(hours(self._calendar, day.first / 1000, day.last / 1000))
            for is_rolled, of in itertools.groupby(within, key=lambda one: one.last in known):
                yield Span(self._layer("hour" if is_rolled else None), list(of))

    def _layer(self, of: Rolled | None) -> Layer:
        return Layer(self._client.engine.name, of, "" if of is None else self.timezone)

    def _rolled(self, resolution: Rolled, periods: Sequence[Period]) -> set[int]:
        """Of these periods those that are rolled up, by their last millisecond."""
        return rolled(self._client, self._layer(resolution), periods[0].first, periods[-1].last)

    def _read_spans(self, group: list[Asked], spans: Sequence[Span]) -> Iterator[tuple[Asked, Course]]:
        for layer, of in itertools.groupby(spans, key=lambda one: one.layer):
            periods = [period for span in of for period in span.periods]
            if layer.rolled is None:
                for run in runs(periods):
                    yield from self._run(group, run)
            else:
                yield from self._samples(layer, group, periods[0].first, periods[-1].last)

    def _samples(
        self, layer: Layer, group: Sequence[Asked], start: int, end: int
    ) -> Iterator[tuple[Asked, Course]]:
        """All samples between two instants (milliseconds), both included, by time and each time once."""
        found, metric = layer.selector(group), group[0].metric
        try:
            # Whether a range holds its first instant differs from engine to engine: one more is asked for, and cut off.
            answer = self._client.read(
                _courses, "query", query=f"{found}[{end - start + 2}ms]", time=moment(end + 1)
            )
        except EngineError as error:
            if error.kind not in ("too_much", "timeout") or (len(group) == 1 and end - start < DAY * 1000):
                raise
            middle = (start + end) // 2
            parts = [(group, start, middle), (group, middle + 1, end)]
            if end - start < DAY * 1000:
                parts = [(half, start, end) for half in halves(group)]
            for part in parts:
                yield from self._samples(layer, *part)
            return
        for labels, course in answer:
            inside = (course.at >= start) & (course.at <= end)
            yield identity(labels, metric), Course(course.at[inside], course.value[inside])

    def _run(self, group: Sequence[Asked], run: Sequence[Period]) -> Iterator[tuple[Asked, Course]]:
        """The last values of some series in periods of one length that follow each other, at the ends of these."""
        metric, length = group[0].metric, run[0].last - run[0].first + 1
        found = self._layer(None).selector(group)
        reach = length if self._half_open else length - 1
        try:
            answer = self._client.read(
                _courses,
                "query_range",
                query=f"last_over_time({found}[{reach}ms])",
                start=moment(run[0].last),
                end=moment(run[-1].last),
                step=f"{length / 1000:g}",
            )
        except EngineError as error:
            if error.kind not in ("too_much", "timeout") or (len(run) == 1 and len(group) == 1):
                raise
            for part in _parts(group, run):
                yield from self._run(*part)
            return
        ends = np.array([period.last for period in run])
        for labels, course in answer:
            yield (
                identity(labels, metric),
                Course(ends[places_of(run, course.at)], course.value),
            )

    def _now(self, group: list[Asked]) -> dict[Asked, float]:
        """The values of the last minutes."""
        metric = group[0].metric
        found = selector(self._client.engine.name, metric, group)
        data = self._client.ask("query", query=found, time=moment(int(self._clock() * 1000)))
        return {identity(labels, metric): samples[-1][1] for labels, samples in matrix(data) if samples}

    @functools.cached_property
    def _half_open(self) -> bool:
        """Whether a range leaves out its first instant: it does since Prometheus 3, and in VictoriaMetrics."""
        data = self._client.ask("query", query="count_over_time(vector(1)[2m:1m])", time="1200000000")
        counts = {value for _, samples in matrix(data) for _, value in samples}
        if counts not in ({2.0}, {3.0}):
            raise EngineError("refused", f"{self._client.engine.url} does not count as PromQL does")
        return counts == {2.0}


def _parts(
    group: Sequence[Asked], run: Sequence[Period]
) -> Iterator[tuple[Sequence[Asked], Sequence[Period]]]:
    """Two smaller questions: of half the time, or of half the series."""
    if len(run) > 1:
        yield from ((group, half) for half in halves(run))
    else:
        yield from ((half, run) for half in halves(group))


def _parsed(unique_ids: Iterable[str]) -> dict[str, Asked]:
    """The series of some names, without those that no history has."""
    found: dict[str, Asked] = {}
    for name in set(unique_ids):
        with contextlib.suppress(ValueError):
            name.encode()  # a lone surrogate is in no history
            one = parse(name)
            found[name] = Asked(one.metric, one.target, one.labels)
    return found


def _courses(body: bytes) -> list[tuple[dict[str, str], Course]]:
    return list(courses(body))


def _milli(seconds: float) -> int:
    return round(seconds * 1000)


def _ended(pieces: Sequence[Course]) -> Course:
    """One after the other."""
    if len(pieces) == 1:
        return pieces[0]
    return Course(
        np.concatenate([np.zeros(0, np.int64), *(one.at for one in pieces)]),
        np.concatenate([np.zeros(0), *(one.value for one in pieces)]),
    )


def _joined(pieces: Sequence[Course]) -> Course:
    """Samples of one series in the order of time, each time once: what stands later in the list is heard."""
    at, value = _ended(pieces)
    order = np.argsort(at, kind="stable")
    at, value = at[order], value[order]
    newest = np.append(at[1:] != at[:-1], True)
    return Course(at[newest], value[newest])


def _last_of(firsts: npt.NDArray[np.int64], places: npt.NDArray[np.int64], course: Course) -> Course:
    """The last sample in each period, by the period's place; `firsts` are the first milliseconds of the periods."""
    of = np.searchsorted(firsts, course.at, side="right") - 1
    newest = np.append(of[1:] != of[:-1], True) if len(of) else np.zeros(0, dtype=bool)
    return Course(places[of[newest]], course.value[newest])
