"""What everybody asks of a history, answered by an engine: days and hours of the estate out of raw samples.

A civil day is asked for as `last_over_time(series[a day])` at its last millisecond. Days of one length in a row are one
query; a day on which the clocks change is a query of its own, with its own length. No sample is so counted to
another day than that of its instant.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from exporters.history import Daily, Known, Resolution
from exporters.history.days import DAY, Calendar
from exporters.history.naming import parse
from exporters.history.prometheus.asking import Client, EngineError
from exporters.history.prometheus.encoding import MARK
from exporters.history.prometheus.samples import (
    Asked,
    batches,
    identity,
    listed,
    matrix,
    moment,
    name_of,
    raw,
    selector,
    text,
)
from exporters.history.rolling import KEPT_DAYS
from inventory.metrics import kept

STEPS: Final = 400
"""Days or hours of one query: what it reads is bounded so, and engines answer at most 11,000 steps."""

LISTED_DAYS: Final = 31
"""Days in which the last value of a series is looked for first."""

_QUARTER: Final = 900
T = TypeVar("T")

_Values = dict[Asked, dict[int, float]]


class Period(NamedTuple):
    """A civil day or hour: its name (see `Reader.read`), and its first and last millisecond."""

    place: int
    first: int
    last: int


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
        asked = _parsed(unique_ids)
        values = self._values(self._with_former(asked.values()), start, end, resolution)
        columns: dict[str, list[Any]] = {"unique_id": [], "ds": [], "y": []}
        for name, one in sorted(asked.items()):
            places = self._joined(one, values)
            columns["unique_id"] += [name] * len(places)
            columns["ds"] += places
            columns["y"] += places.values()
        return _frame(columns, resolution)

    def daily(self, unique_ids: Sequence[str], start: float | None = None, end: float | None = None) -> Daily:
        """The matrix of `exporters.history.Reader.daily`. Raises HistoryError."""
        asked = _parsed(unique_ids)
        values = self._values(self._with_former(asked.values()), start, end, "day")
        found = {name: self._joined(one, values) for name, one in asked.items()}
        held = [day for places in found.values() for day in places]
        first, after = (min(held), max(held) + 1) if held else (0, 0)
        grid = np.full((len(unique_ids), after - first), np.nan)
        for row, name in enumerate(unique_ids):
            if places := found.get(name):
                grid[row, np.fromiter(places, np.int64) - first] = np.fromiter(places.values(), np.float64)
        return Daily(tuple(unique_ids), np.arange(first, after).astype("datetime64[D]"), grid)

    def last(self, unique_ids: Iterable[str], start: float) -> dict[str, float]:
        """The last value of each series that has one since `start` (UTC epoch seconds)."""
        asked = _parsed(unique_ids)
        now: dict[Asked, float] = {}
        for group in batches(asked.values()):
            now |= self._now(group)
        found = {name: now[one] for name, one in asked.items() if one in now}
        missing = asked.keys() - found.keys()
        if missing:
            frame = self.read(missing, start=start, end=self._clock() + DAY)
            found |= {str(name): float(y) for name, y in frame.groupby("unique_id")["y"].last().items()}
        return found

    # --- former names -------------------------------------------------------------------------------

    def _with_former(self, series: Iterable[Asked]) -> list[Asked]:
        return [
            one._replace(target=target)
            for one in series
            for target in (one.target, *self._former.get(one.target, ()))
        ]

    def _joined(self, one: Asked, values: _Values) -> dict[int, float]:
        """The values of a series by place, with those under former names where it has none itself."""
        names = (*reversed(self._former.get(one.target, ())), one.target)
        found = [values.get(one._replace(target=name), {}) for name in names]
        return dict(sorted(functools.reduce(lambda older, newer: older | newer, found).items()))

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
            one = self._renamed(identity(labels, metric)._replace(metric=metric))
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
        for days in (LISTED_DAYS, 366, KEPT_DAYS):
            left = [one for one in series if one not in found]
            if not left:
                break
            values = self._values(self._with_former(left), now - days * DAY, end, "day")
            for one in left:
                if places := self._joined(one, values):
                    found[one] = self._calendar.start(max(places))
        return found

    # --- values -------------------------------------------------------------------------------------

    def _values(
        self, series: Sequence[Asked], start: float | None, end: float | None, resolution: Resolution
    ) -> _Values:
        """The values by series and place: day, hour (UTC seconds) or instant (UTC milliseconds)."""
        now = self._clock()
        first = max(now - KEPT_DAYS * DAY, 0.0) if start is None else start
        last = now + DAY if end is None else min(end, now + DAY)
        found: _Values = {}
        if last < first:
            return found
        if resolution == "raw":
            take = functools.partial(self._raw, start=round(first * 1000), end=round(last * 1000))
        else:
            found_runs = list(runs(self._periods(first, last, resolution)))
            take = functools.partial(self._runs, periods=found_runs)
        for group in batches(series):
            for one, places in take(group):
                found.setdefault(one, {}).update(places)
        return found

    def _raw(self, group: list[Asked], start: int, end: int) -> Iterator[tuple[Asked, dict[int, float]]]:
        """The samples of some series, a week at a time."""
        step = 7 * DAY * 1000
        for begin in range(start, end + 1, step):
            found = selector(self._client.engine.name, group[0].metric, group)
            for labels, samples in raw(self._client, found, begin, min(begin + step - 1, end)):
                yield identity(labels, group[0].metric), dict(samples)

    def _runs(
        self, group: list[Asked], periods: Sequence[list[Period]]
    ) -> Iterator[tuple[Asked, dict[int, float]]]:
        for run in periods:
            yield from self._run(group, run)

    def _run(self, group: Sequence[Asked], run: Sequence[Period]) -> Iterator[tuple[Asked, dict[int, float]]]:
        """The last values of some series in periods of one length that follow each other."""
        metric, length = group[0].metric, run[0].last - run[0].first + 1
        found = selector(self._client.engine.name, metric, group)
        reach = length if self._half_open else length - 1
        try:
            data = self._client.ask(
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
        for labels, samples in matrix(data):
            places = {period_of(run, at).place: value for at, value in samples}
            yield identity(labels, metric)._replace(metric=metric), places

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

    def _periods(self, start: float, end: float, resolution: Resolution) -> Iterator[Period]:
        if resolution == "day":
            yield from days(self._calendar, start, end)
            return
        begin = self._calendar.hour(start) // _QUARTER
        after = self._calendar.hour(end) // _QUARTER + 2 * 4
        quarters = range(begin - 4, after)
        for hour, of in itertools.groupby(
            quarters, key=lambda quarter: self._calendar.hour(quarter * _QUARTER)
        ):
            found = list(of)
            if self._calendar.hour(start) <= hour <= self._calendar.hour(end):
                yield Period(hour, found[0] * _QUARTER * 1000, (found[-1] + 1) * _QUARTER * 1000 - 1)


def days(calendar: Calendar, start: float, end: float) -> Iterator[Period]:
    """The civil days of two instants and between."""
    for day in range(calendar.day(start), calendar.day(end) + 1):
        first, after = calendar.start(day), calendar.start(day + 1)
        if after > first:  # a day that a country left out has no length
            yield Period(day, round(first * 1000), round(after * 1000) - 1)


def period_of(run: Sequence[Period], at: int) -> Period:
    """The period of a run that a step of its query ends (milliseconds). Raises EngineError where none does."""
    number = round((at - run[0].last) / (run[0].last - run[0].first + 1))
    if not 0 <= number < len(run):
        raise EngineError("refused", "the engine answers for other days than those that it was asked for")
    return run[number]


def runs(periods: Iterable[Period]) -> Iterator[list[Period]]:
    """Periods of one length that follow each other, in groups of at most STEPS."""
    run: list[Period] = []
    for one in periods:
        if run and (
            len(run) >= STEPS
            or one.last - one.first != run[0].last - run[0].first
            or one.first != run[-1].last + 1
        ):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _parts(
    group: Sequence[Asked], run: Sequence[Period]
) -> Iterator[tuple[Sequence[Asked], Sequence[Period]]]:
    """Two smaller questions: of half the time, or of half the series."""
    if len(run) > 1:
        yield from ((group, half) for half in halves(run))
    else:
        yield from ((half, run) for half in halves(group))


def halves(many: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """Two parts of one size, or nearly."""
    middle = len(many) // 2
    return many[:middle], many[middle:]


def _parsed(unique_ids: Iterable[str]) -> dict[str, Asked]:
    """The series of some names, without those that no history has."""
    found: dict[str, Asked] = {}
    for name in set(unique_ids):
        with contextlib.suppress(ValueError):
            name.encode()  # a lone surrogate is in no history
            one = parse(name)
            found[name] = Asked(one.metric, one.target, one.labels)
    return found


def _frame(columns: dict[str, list[Any]], resolution: Resolution) -> pd.DataFrame:
    places = np.array(columns["ds"], dtype="i8")
    unit = {"day": "D", "hour": "s", "raw": "ms"}[resolution]
    times = places.astype(f"datetime64[{unit}]").astype("datetime64[ns]")
    ds = pd.DatetimeIndex(times) if resolution == "day" else pd.DatetimeIndex(times, tz="UTC")
    names = np.array(columns["unique_id"], dtype=object)
    return pd.DataFrame({"unique_id": names, "ds": ds, "y": np.array(columns["y"], dtype="f8")})
