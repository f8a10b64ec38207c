"""The nightly scoring: what has come due is held against what the history says, once."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from exporters.history import Known, Reader
from exporters.history.days import Calendar
from exporters.plan.frozen import (
    BRIDGED,
    CLEANED,
    COMMITTED,
    EXTENDED,
    FALL,
    HORIZONS,
    MEASURED,
    MISREAD,
    REDUCED,
    RISE,
    VALUED,
    Night,
    Outcome,
)
from exporters.plan.ledger import DAMAGED, SETTLING, DamagedError, Ledger, Scored, Series
from forecasting.accuracy import settle
from forecasting.engine.cleaning import clean
from forecasting.engine.frames import lay, spans
from forecasting.quantities import Planned, measured, read, recall, tidied, together
from inventory.logs import Logger

log = Logger(__name__)

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

BATCH: Final = 512
"""Series that are held against their history at once."""

CHUNK: Final = 8
"""Days due that are worked on together when nights are made up for: what is kept in memory at once."""

CONTEXT: Final = 60
"""Days before an issue that the cleaning looks at, to know an ordinary day."""

GAP: Final = 4
"""Days without a value that are bridged: between the days around them the value is drawn straight."""

SAME: Final = 0.005
"""Share of a size by which it must change to be called larger or smaller."""

Pending = tuple[int, int]
"""A night and a horizon that have come due."""


class Summary(NamedTuple):
    """What a run of the scoring did: nights and horizons scored, forecasts with and without a value, damaged nights."""

    nights: int
    scored: int
    unscored: int
    damaged: int


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """What the history says of some series, (series, days) from the day number `first` on, NaN outside their span.

    `y` is without glitches, gaps drawn straight; `seen` flags days with a value, `bridged` those in a short gap,
    `altered` those whose value was a glitch; `jumps` holds the size of each jump on its day.
    """

    first: int
    y: Floats
    seen: Flags
    bridged: Flags
    altered: Flags
    jumps: Floats


def score(
    reader: Reader,
    ledger: Ledger,
    now: float,
    roles: Mapping[str, str] | None = None,
    committed: Mapping[str, Sequence[int]] | None = None,
) -> Summary:
    """Score all that has come due by `now` (UTC epoch seconds) and was not scored before.

    A forecast is held against the value of its day as the cleaned history has it (it is of the clean level),
    SETTLING days later, when a glitch would have come back. In a gap of up to GAP days the value is drawn straight; where there is none it
    is counted and not scored. `roles` maps targets to roles, `committed` series to the days (numbers) on which a
    scenario that was committed begins. Doing it twice changes nothing. Raises HistoryError and PlanError; what was
    kept before stays.
    """
    calendar = Calendar(reader.timezone)
    pending = ledger.due(calendar.day(now), HORIZONS)
    names = ledger.series() if pending else {}
    things = _recalled(reader, names, now)
    totals = np.zeros(4, dtype=int)
    for chunk in _chunks(pending):
        nights, damaged = _nights(ledger, chunk)
        sound = [(day, horizon) for day, horizon in chunk if day in nights]
        outcomes = _outcomes(reader, calendar, nights, sound, things, committed or {})
        scores = [
            settle(nights[day], day, horizon, outcome, names, roles or {})
            for (day, horizon), outcome in zip(sound, outcomes, strict=True)
        ]
        ledger.keep([*scores, *damaged], now)
        valued = sum(int(np.count_nonzero(outcome.state & VALUED)) for outcome in outcomes)
        rows = sum(len(nights[day]) for day, _ in sound)
        totals += (len(sound), valued, rows - valued, len(damaged))
    return Summary(*totals.tolist())


def _chunks(pending: Sequence[Pending]) -> Iterator[list[Pending]]:
    """What is pending, CHUNK days due at a time."""
    days = sorted({day + horizon for day, horizon in pending})
    for first in range(0, len(days), CHUNK):
        chosen = set(days[first : first + CHUNK])
        yield [(day, horizon) for day, horizon in pending if day + horizon in chosen]


def _nights(ledger: Ledger, chunk: Sequence[Pending]) -> tuple[dict[int, Night], list[Scored]]:
    """The nights of a chunk; those that are damaged are said, and kept as what cannot be scored."""
    nights: dict[int, Night] = {}
    damaged: list[Scored] = []
    for day, horizon in chunk:
        try:
            if day not in nights:
                nights[day] = ledger.night(day)
        except DamagedError as error:
            log.error("not scored", day=day, horizon=horizon, why=str(error))
            damaged.append(Scored(day, horizon, None, DAMAGED))
    return nights, damaged


def _outcomes(
    reader: Reader,
    calendar: Calendar,
    nights: Mapping[int, Night],
    chunk: Sequence[Pending],
    things: Mapping[int, Planned],
    committed: Mapping[str, Sequence[int]],
) -> list[Outcome]:
    """What came of each pending night, batch of series by batch."""
    made = [_nothing(len(nights[day])) for day, _ in chunk]
    if not chunk:
        return made
    numbers = np.unique(np.concatenate([nights[day].series for day, _ in chunk]))
    first = min(day - int(nights[day].ago.max(initial=0)) for day, _ in chunk) - CONTEXT
    last = max(day + horizon for day, horizon in chunk)
    oldest = min(day + horizon - int(nights[day].ago.max(initial=0)) for day, horizon in chunk)
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        known = [things[int(number)] for number in batch]
        past = _past(reader, calendar, known, first, last + SETTLING)
        sizes = _sizes(reader, calendar, known, oldest - GAP, last)
        plans = [np.array(sorted(committed.get(one.unique_id, ())), dtype=np.int64) for one in known]
        for (day, horizon), outcome in zip(chunk, made, strict=True):
            _hold(nights[day], day, horizon, outcome, batch, past, sizes, plans)
    return made


def _nothing(count: int) -> Outcome:
    return Outcome(
        state=np.zeros(count, np.uint16),
        came=np.zeros(count, np.float32),
        jump=np.zeros(count, np.float32),
        jumped=np.zeros(count, np.uint16),
        crossed=np.zeros(count, np.uint16),
    )


def _hold(
    night: Night,
    day: int,
    horizon: int,
    outcome: Outcome,
    batch: npt.NDArray[np.uint32],
    past: Past,
    sizes: tuple[int, Floats],
    plans: Sequence[Ints],
) -> None:
    """Fill in what came of the stores of one batch."""
    rows = np.flatnonzero(np.isin(night.series, batch))
    where = np.searchsorted(batch, night.series[rows])
    base = day - night.ago[rows].astype(np.int64) - past.first
    due = base + horizon
    valued = np.isfinite(past.y[where, due]) & (past.seen[where, due] | past.bridged[where, due])
    rows, where, base, due = rows[valued], where[valued], base[valued], due[valued]
    seen = past.seen[where, due]
    state = _bits(seen, MEASURED) | _bits(~seen, BRIDGED) | _bits(past.altered[where, due] & seen, CLEANED)
    columns = np.arange(past.y.shape[1])
    between = (columns > base[:, None]) & (columns <= due[:, None])
    jumps = np.where(between, past.jumps[where], 0.0)
    place = np.abs(jumps).argmax(axis=1)
    jump = jumps[np.arange(len(rows)), place]
    limit = np.where(night.level[rows] < night.limit[rows], night.limit[rows], np.inf)
    over = between & (past.y[where] >= limit[:, None])
    state |= _bits(jump > 0, RISE) | _bits(jump < 0, FALL) | _bits(past.altered[where, base], MISREAD)
    state |= _resized(night.size[rows], sizes[1][where, due + past.first - sizes[0]])
    state |= _planned(plans, where, base + past.first, due + past.first)
    outcome.state[rows] = state
    outcome.came[rows] = past.y[where, due] - night.level[rows]
    outcome.jump[rows] = jump
    outcome.jumped[rows] = np.where(jump != 0, place - base, 0)
    outcome.crossed[rows] = np.where(over.any(axis=1), over.argmax(axis=1) - base, 0)


def _bits(flags: Flags, bit: int) -> Ints:
    return np.asarray(flags.astype(np.int64) * bit)


def _resized(before: Floats, after: Floats) -> Ints:
    """Whether the size grew or shrank; unknown sizes say nothing."""
    larger, smaller = after > (1 + SAME) * before, after < (1 - SAME) * before
    return _bits(larger, EXTENDED) | _bits(smaller, REDUCED)


def _planned(plans: Sequence[Ints], where: Ints, base: Ints, due: Ints) -> Ints:
    """Whether a committed scenario began in between."""
    if not any(len(days) for days in plans):
        return np.zeros(len(where), dtype=np.int64)
    begun = [
        bool(((plans[row] > first) & (plans[row] <= last)).any())
        for row, first, last in zip(where, base, due, strict=True)
    ]
    return _bits(np.array(begun), COMMITTED)


def _recalled(reader: Reader, names: Mapping[int, Series], now: float) -> dict[int, Planned]:
    """What each number of the ledger stands for, as the history has it today."""
    if not names:
        return {}
    known = [Known(*one[1:], first=0.0, last=0.0) for one in names.values()]
    return dict(zip(names, recall(reader, known, now), strict=True))


def _past(reader: Reader, calendar: Calendar, known: Sequence[Planned], first: int, last: int) -> Past:
    """The cleaned history of some things, in their order, between two days (numbers)."""
    shape = (len(known), last - first + 1)
    seen, bridged, altered = (np.zeros(shape, dtype=bool) for _ in range(3))
    past = Past(first, np.full(shape, math.nan), seen, bridged, altered, np.zeros(shape))
    used = measured(reader, known, calendar.start(first), calendar.start(last), calendar.name)
    tidy = tidied({name: some for name, days in used.items() if len((some := days.since(first)).day)})
    if tidy.empty:
        return past
    panel = lay(tidy, spans(tidy))
    cleaned = clean(panel)
    places = {one.unique_id: row for row, one in enumerate(known)}
    ends = panel.last.astype("datetime64[D]").astype(np.int64) - first + 1
    for row, name in enumerate(panel.unique_id):
        mine, days = places[str(name)], int(panel.days[row])
        span = slice(int(ends[row]) - days, int(ends[row]))
        past.y[mine, span] = cleaned.y[row, -days:]
        past.seen[mine, span] = ~panel.gaps[row, -days:]
        past.altered[mine, span] = cleaned.altered[row, -days:]
        past.jumps[mine, span] = cleaned.jumps[row, -days:]
    past.bridged[:] = _short(past.seen)
    return past


def _short(seen: Flags) -> Flags:
    """Days without a value in gaps of up to GAP days, with a value on either side."""
    days = np.arange(seen.shape[1])
    before = np.maximum.accumulate(np.where(seen, days, -(10**6)), axis=1)
    after = np.minimum.accumulate(np.where(seen, days, 10**6)[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(~seen & (after - before <= GAP + 1))


def _sizes(
    reader: Reader, calendar: Calendar, known: Sequence[Planned], first: int, last: int
) -> tuple[int, Floats]:
    """The sizes of some things between two days, each carried on for GAP days: the first day, and (things, days)."""
    sizes = np.full((len(known), last - first + 1), math.nan)
    ids = sorted({name for one in known for name in one.sizes})
    found = read(reader, ids, calendar.start(first), calendar.start(last))
    for row, one in enumerate(known):
        whole = together([found[name] for name in one.sizes if name in found])
        if whole is None or len(one.sizes) != sum(name in found for name in one.sizes):
            continue
        for day, value in zip(whole.day - first, whole.value, strict=True):
            sizes[row, day : day + GAP + 1] = value
    return first, sizes
