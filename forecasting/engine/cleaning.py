"""What is not growth: transient glitches are taken out, persistent jumps are set apart from the level."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from forecasting.engine.frames import Flags, Floats, Ints, Panel

WINDOW: Final = 11
"""Readings of the running median (Hampel's identifier): more than twice the longest glitch."""

BLOCK: Final = 8
"""Series whose medians are taken together: what a processor keeps at hand."""

LONGEST: Final = 4
"""Days within which a glitch comes back. What stays longer is a jump."""

SILENCE: Final = 31
"""Days within which a reading of nothing comes back, where it was an outage."""

HAMPEL: Final = 5.0
"""Distance from the running median, in robust standard deviations, from which a reading is suspect."""

MAD: Final = 1.4826
"""Of a normal distribution, standard deviation over median absolute deviation."""

BACK: Final = 0.3
"""How near a level must come to where it was, in what it was away, to have come back."""

OFTEN: Final = 32
"""Readings to one glitch, in the mean: what happens each month, or more often, is how the store lives."""

ABSURD: Final = 4.0
"""Times all that a store ever held: a reading of the last days that is larger is waited for before it is believed."""

SEASONED: Final = 30
"""Readings before something may be called absurd."""

RARE: Final = 0.02
"""Share of days that may be jumps: what happens more often than a week a year is how the store lives."""

LEAP: Final = 2.5
"""A jump is this many times the largest of the ordinary daily moves."""

ALIKE: Final = 1.01
"""Largest over smallest of moves that are one step of a measure, each time."""

REPEATED: Final = 3
"""Such steps before they are called one."""

DUST: Final = 1e-9
"""Of the level: below that nothing has moved."""


class Event(NamedTuple):
    """A persistent jump: `ds` is the first day at the new level, `size` how far it moved, in the unit of the series."""

    ds: np.datetime64
    size: float


@dataclasses.dataclass(frozen=True, slots=True)
class Cleaned:
    """A panel after cleaning, all (series, days): `y` without glitches, `level` without jumps either.

    `level` equals `y` on the last day. `jumps` holds the size of each jump on its day and 0 elsewhere;
    `altered` flags the days whose reading was replaced.
    """

    y: Floats
    level: Floats
    jumps: Floats
    altered: Flags

    def take(self, rows: Flags | Ints) -> Cleaned:
        """Some of the series."""
        return Cleaned(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))

    def replaced(self, rows: Ints, others: Cleaned) -> Cleaned:
        """The same with other series in some rows."""
        columns = []
        for field in dataclasses.fields(self):
            column = getattr(self, field.name).copy()
            column[rows] = getattr(others, field.name)
            columns.append(column)
        return Cleaned(*columns)

    def events(self, row: int, last: np.datetime64) -> tuple[Event, ...]:
        """The jumps of one series, oldest first."""
        days = np.flatnonzero(self.jumps[row])
        width = self.jumps.shape[1]
        return tuple(
            Event(last - np.timedelta64(width - 1 - int(d), "D"), float(self.jumps[row, d])) for d in days
        )


class Readings(NamedTuple):
    """What was read, without the days on which nothing was: (series, readings), each one's last in the last column.

    `place` is the column of the grid of each reading; `real` is not set for what fills the row up to the left, which
    repeats the first reading.
    """

    y: Floats
    place: Ints
    real: Flags


def clean(panel: Panel) -> Cleaned:
    """Take glitches out of the level, then jumps."""
    read = _readings(panel)
    wrong = _glitches(read)
    altered = np.zeros(panel.y.shape, dtype=bool)
    np.put_along_axis(altered, read.place, wrong & read.real, axis=1)
    return part(_bridge(panel, altered), panel.days, altered)


def part(y: Floats, days: Ints, altered: Flags) -> Cleaned:
    """Set the jumps of levels without glitches (series, days) apart."""
    jumps = _jumps(y, days)
    total = np.cumsum(jumps, axis=1)
    return Cleaned(y, y - total + total[:, -1:], jumps, altered)


def _readings(panel: Panel) -> Readings:
    width = panel.y.shape[1]
    seen = ~panel.gaps & (np.arange(width)[None] >= width - panel.days[:, None])
    seen[:, -1] = True
    place = np.argsort(seen, axis=1, kind="stable")
    real = np.take_along_axis(seen, place, axis=1)
    first = real.argmax(axis=1)[:, None]
    y = np.take_along_axis(panel.y, place, axis=1)
    return Readings(np.where(real, y, np.take_along_axis(y, first, axis=1)), place, real)


def _median(y: Floats) -> Floats:
    """Running median over WINDOW readings, mirrored at both ends."""
    half = WINDOW // 2
    odd = y.shape[1] % 2
    padded = np.pad(y, ((0, 0), (half, half + odd)), mode="symmetric")
    found = np.empty((len(y), y.shape[1] + odd))
    for first in range(0, len(y), BLOCK):
        found[first : first + BLOCK] = _medians(padded[first : first + BLOCK])
    return found[:, : y.shape[1]]


def _medians(values: Floats) -> Floats:
    """The median of every 11 successive values, an even number of them (series, values - 10).

    Two neighbours share ten values. The median of each is its own eleventh, held between the fifth and the sixth of the
    ten: those come of four sorted pairs, merged, and a fifth one.
    """
    first, second = values[:, 1:-1:2], values[:, 2:-1:2]
    low, high = np.minimum(first, second), np.maximum(first, second)
    twos = [low[:, :-1], high[:, :-1]], [low[:, 1:], high[:, 1:]]
    fours = [_least(rank, *twos) for rank in (1, 2, 3, 4)]
    eights = [
        _least(rank, [four[:, :-3] for four in fours], [four[:, 2:-1] for four in fours])
        for rank in (3, 4, 5, 6)
    ]
    low, high = low[:, 4:], high[:, 4:]
    fifth, sixth = (
        np.minimum(eights[at], np.minimum(np.maximum(eights[at - 1], low), np.maximum(eights[at - 2], high)))
        for at in (2, 3)
    )
    found = np.empty((len(values), values.shape[1] - WINDOW + 1))
    count = fifth.shape[1]
    found[:, 0::2] = np.maximum(np.minimum(values[:, : 2 * count : 2], sixth), fifth)
    found[:, 1::2] = np.maximum(np.minimum(values[:, WINDOW::2], sixth), fifth)
    return found


def _least(rank: int, ones: Sequence[Floats], others: Sequence[Floats]) -> Floats:
    """The value of a rank, from 1 on, among those of two sorted sequences together."""
    mixed = range(max(1, rank - len(others)), min(rank - 1, len(ones)) + 1)
    found = [np.maximum(ones[taken - 1], others[rank - taken - 1]) for taken in mixed]
    found += [part[rank - 1] for part in (ones, others) if rank <= len(part)]
    return functools.reduce(np.minimum, found)


def _middle(values: Floats, inside: Flags) -> Floats:
    """Median of each row over the places that count, 0 where none does."""
    count = inside.sum(axis=1)
    ranked = np.sort(np.where(inside, values, np.inf), axis=1)
    rows = np.arange(len(values))
    low, high = ranked[rows, np.maximum(count - 1, 0) // 2], ranked[rows, count // 2 * (count > 0)]
    return np.where(
        count > 0, 0.5 * np.where(count > 0, low, 0.0) + 0.5 * np.where(count > 0, high, 0.0), 0.0
    )


def _glitches(read: Readings) -> Flags:
    """Readings that leave the running median and come back, and those of the last days that cannot be believed yet."""
    y = read.y
    if y.shape[1] < 3:
        return np.zeros(y.shape, dtype=bool)
    centre = _median(y)
    away = np.abs(y - centre)
    usual = MAD * _middle(np.abs(np.diff(y, axis=1)), read.real[:, :-1])[:, None]
    spread = np.maximum(np.maximum(MAD * _median(away), usual), DUST * np.abs(centre))
    suspect = away > HAMPEL * spread
    brief = _excursions(read, suspect)
    brief &= ~_habitual(read, brief, away) | (away > (ABSURD - 1) * np.abs(centre)) | (y <= 0)
    silent = _returned(read, (y <= 0) & (_before(y) > 0), SILENCE)
    altered = brief | silent
    return altered | _unbelieved(read, altered)


def _excursions(read: Readings, suspect: Flags) -> Flags:
    """Runs of suspect readings within LONGEST days, all on the same side, before and after which the level is the same."""
    y, place = read.y, read.place
    brief = np.zeros_like(suspect)
    before = y[:, :-2]
    move = y[:, 1:-1] - before
    out = np.where(suspect[:, 1:-1], np.abs(move), 0.0)
    for length in range(1, LONGEST + 1):
        count = y.shape[1] - 1 - length
        if count < 1:
            break
        after = np.abs(y[:, 1 + length :] - before[:, :count])
        near = place[:, length : length + count] - place[:, 1 : 1 + count] < LONGEST
        found = (out[:, :count] > 0) & near & (after <= BACK * out[:, :count])
        for step in range(length):
            brief[:, 1 + step : 1 + step + count] |= found
        if count > 1:
            later = y[:, 1 + length : 1 + length + count - 1] - before[:, : count - 1]
            same = suspect[:, 1 + length : length + count] & (later * move[:, : count - 1] > 0)
            out[:, : count - 1] = np.where(same, np.minimum(out[:, : count - 1], np.abs(later)), 0.0)
    return brief


def _habitual(read: Readings, brief: Flags, away: Floats) -> Flags:
    """Of stores that leave their level OFTEN, the excursions that are like the others."""
    often = _count(brief) * OFTEN > read.real.sum(axis=1)
    habit = np.zeros_like(brief)
    for row in np.flatnonzero(often):
        habit[row] = away[row] < ABSURD * np.median(away[row, brief[row]])
    return habit


def _before(y: Floats) -> Floats:
    """The largest reading so far."""
    return np.asarray(np.maximum.accumulate(y, axis=1))


def _count(flags: Flags) -> Ints:
    """Runs in each row."""
    return np.asarray((np.diff(flags.astype(np.int8), axis=1, prepend=0) == 1).sum(axis=1))


def _returned(read: Readings, suspect: Flags, longest: int) -> Flags:
    """Runs of suspect readings after which the level is back where it was within `longest` days."""
    altered = np.zeros_like(suspect)
    if not suspect.any():
        return altered
    rows, starts, stops = _runs(suspect)
    inside = (starts > 0) & (stops < suspect.shape[1])
    rows, starts, stops = rows[inside], starts[inside], stops[inside]
    y, place = read.y, read.place
    before, after = y[rows, starts - 1], y[rows, stops]
    out = np.abs(y[rows, starts] - before)
    back = (place[rows, stops - 1] - place[rows, starts] < longest) & (np.abs(after - before) <= BACK * out)
    for row, start, stop in zip(rows[back], starts[back], stops[back], strict=True):
        altered[row, start:stop] = True
    return altered


def _unbelieved(read: Readings, altered: Flags) -> Flags:
    """The readings of up to LONGEST last days that are nothing at all, or absurdly large: a glitch until proven otherwise."""
    y, width = read.y, read.y.shape[1]
    late = read.place > read.place[:, -1:] - LONGEST
    earlier = np.where(altered | (read.place > read.place[:, -1:] - 2 * LONGEST), -np.inf, y)
    most = earlier.max(axis=1, keepdims=True)
    least = np.where(np.isfinite(earlier), earlier, np.inf).min(axis=1, keepdims=True)
    seasoned = (read.real.sum(axis=1) >= SEASONED)[:, None]
    bad = (y <= 0) & (least > 0) | seasoned & (most > 0) & (y > ABSURD * most)
    trailing = np.cumprod(bad[:, ::-1], axis=1)[:, ::-1].astype(bool)
    kept = (trailing & ~late).any(axis=1, keepdims=True) | (trailing.sum(axis=1, keepdims=True) >= width)
    return np.asarray(trailing & ~kept)


def _runs(flags: Flags) -> tuple[Ints, Ints, Ints]:
    """Runs of flagged readings: row, first, first after."""
    edges = np.diff(np.pad(flags, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    return rows, starts, np.nonzero(edges == -1)[1]


def _bridge(panel: Panel, altered: Flags) -> Floats:
    """Days without a reading that can be believed are drawn straight between their neighbours.

    Across a gap over which the level has leapt it stays where it was, and leaps at the end: the day of a migration
    is not known then, but that it was not a slope is. What the usual growth of so many days explains is no leap. After
    the last reading that can be believed the usual growth goes on.
    """
    missing = altered | panel.gaps
    y = panel.y.copy()
    width = y.shape[1]
    grid = np.arange(width)
    for row in np.flatnonzero(missing.any(axis=1)):
        known = np.flatnonzero(~missing[row])
        if not known.size:
            continue
        values = panel.y[row, known]
        y[row] = np.interp(grid, known, values)
        steps, apart = np.diff(values), np.diff(known)
        inside = known[:-1] >= width - panel.days[row]
        largest, usual = _ordinary(steps[inside], apart[inside])
        away = np.abs(steps - usual * apart)
        for gap in np.flatnonzero((apart > 1) & (away > LEAP * largest * np.sqrt(apart))):
            y[row, known[gap] : known[gap + 1]] = values[gap]
        y[row, known[-1] :] += usual * np.arange(width - known[-1])
    return y


def _ordinary(steps: Floats, apart: Ints) -> tuple[float, float]:
    """The largest move from one reading to the next, and the mean one of a day, the RARE largest left out."""
    spared = max(int(np.ceil(RARE * len(steps))), 3)
    if len(steps) <= spared:
        return np.inf, 0.0
    kept = np.argsort(np.abs(steps), kind="stable")[:-spared]
    return float(np.abs(steps[kept[-1]])), float(steps[kept].sum() / apart[kept].sum())


def _rounded(sizes: Floats) -> Flags:
    """Whether the moves of a series are few and all alike: a level that is told in round figures, or counted, jumps so (series,)."""
    moved = sizes > 0
    moved[:, 0] = False
    largest = sizes.max(axis=1)
    smallest = np.where(moved, sizes, np.inf).min(axis=1)
    return np.asarray((moved.sum(axis=1) >= REPEATED) & (largest <= ALIKE * smallest))


def _jumps(y: Floats, days: Ints) -> Floats:
    """Daily moves beyond LEAP times what remains when the RARE largest are left out, less an ordinary day."""
    width = y.shape[1]
    if width < 3:
        return np.zeros_like(y)
    moves = np.diff(y, axis=1, prepend=y[:, :1])
    sizes = np.abs(moves)
    spared = np.clip(np.ceil(RARE * days), 3, width - 1).astype(np.int64)
    ranked = np.sort(sizes, axis=1)
    ordinary = ranked[np.arange(len(y)), width - 1 - spared]
    limit = LEAP * ordinary + DUST * np.abs(y).max(axis=1)
    limit = np.where(_rounded(sizes), np.inf, limit)
    usual = _middle(moves, np.arange(width)[None] > width - days[:, None])
    return np.where(sizes > limit[:, None], moves - usual[:, None], 0.0)
