"""Civil days and hours as spans of milliseconds, and the runs of them that one query may ask for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from exporters.history.blocks import QUARTER
from exporters.history.days import Calendar
from exporters.history.prometheus.asking import EngineError

STEPS: Final = 400
"""Days or hours of one query: what it reads is bounded so, and engines answer at most 11,000 steps."""

T = TypeVar("T")


class Period(NamedTuple):
    """A civil day or hour: its name (see `Reader.read`), and its first and last millisecond."""

    place: int
    first: int
    last: int


def days(calendar: Calendar, start: float, end: float) -> Iterator[Period]:
    """The civil days of two instants and between."""
    for day in range(calendar.day(start), calendar.day(end) + 1):
        first, after = calendar.start(day), calendar.start(day + 1)
        if after > first:  # a day that a country left out has no length
            yield Period(day, round(first * 1000), round(after * 1000) - 1)


def hours(calendar: Calendar, start: float, end: float) -> Iterator[Period]:
    """The civil hours of two instants and between."""
    begin, after = calendar.hour(start), calendar.hour(end)
    quarters = range(begin // QUARTER - 4, after // QUARTER + 2 * 4)
    for hour, of in itertools.groupby(quarters, key=lambda quarter: calendar.hour(quarter * QUARTER)):
        found = list(of)
        if begin <= hour <= after:
            yield Period(hour, found[0] * QUARTER * 1000, (found[-1] + 1) * QUARTER * 1000 - 1)


def period_of(run: Sequence[Period], at: int) -> Period:
    """The period of a run that a step of its query ends (milliseconds). Raises EngineError where none does."""
    return run[int(places_of(run, np.array([at]))[0])]


def places_of(run: Sequence[Period], at: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Which of a run's periods each step of its query ends (milliseconds). Raises EngineError where one ends none."""
    places = np.rint((at - run[0].last) / (run[0].last - run[0].first + 1)).astype(np.int64)
    if ((places < 0) | (places >= len(run))).any():
        raise EngineError("refused", "the engine answers for other days than those that it was asked for")
    return places


def runs(periods: Iterable[Period], most: int = STEPS) -> Iterator[list[Period]]:
    """Periods of one length that follow each other, in groups of at most `most`."""
    run: list[Period] = []
    for one in periods:
        if run and (
            len(run) >= most
            or one.last - one.first != run[0].last - run[0].first
            or one.first != run[-1].last + 1
        ):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def halves(many: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """Two parts of one size, or nearly."""
    middle = len(many) // 2
    return many[:middle], many[middle:]
