"""What comes back by the calendar: a purge on the 1st of each month, a full backup each first Saturday, a batch each quarter.

Such cycles have 28 to 35 (or 90 to 98) days, so no fixed period follows them. They are known by the days of their large
moves: a rule (the 5th; the last Sunday; the first working day) must foretell more of them than chance would.
"""

from __future__ import annotations

import functools
import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from forecasting.engine.frames import Flags, Floats, Ints

MONTHS: Final = (1, 3)
"""Months of the cycles that are looked for."""

MEAN_MONTH: Final = 365.2425 / 12

WINDOWS: Final = {1: 31, 3: 91}
"""Days of the running mean that levels a cycle, by its months: an odd number."""

LONGEST: Final = 104
"""Days that a cycle may last: a quarter, and what a weekend or a last Sunday adds."""

CYCLES: Final = {1: 4, 3: 3}
"""Cycles that must have been seen, by their months."""

RECENT: Final = 16
"""Cycles, the last ones, that are looked at."""

LARGE: Final = 0.4
"""Of the usual recurring move: what is smaller is none."""

CROWD: Final = 2
"""Large moves to one cycle, above which they are how the store lives from day to day."""

ROUND: Final = 0.7
"""Length of the mean vector of the large moves on the circle of a cycle, from which rules are tried (Rayleigh)."""

NEAR: Final = 3
"""Days from which a holiday or a late job may keep what is due."""

KEPT: Final = 0.75
"""Share of the days foretold on or near which something must have come."""

EXPLAINED: Final = 0.6
"""Share of the large moves that the rule must foretell."""

CHANCE: Final = 1e-3
"""What the chance of so many hits may at most be, of all rules together."""

STRAIGHT: Final = 0.05
"""What a straight line may leave of the variance of a profile, to be the profile."""

BEFORE: Final = 7
"""Months before a history for which days are laid out: a cycle that has begun began in one of them."""


class Almanac(NamedTuple):
    """The cycles of the series `rows` of a panel, (cycles,) each.

    `starts` are the days on which each cycle begins, from 1970-01-01 and padded with the last, `today` is the last day
    of each series, `since` the days ago from which it keeps to its cycle, `profile` (cycles, LONGEST) by days since the cycle began.
    """

    rows: Ints
    months: Ints
    rules: Ints
    phases: Ints
    today: Ints
    since: Ints
    profile: Floats

    @classmethod
    def none(cls) -> Almanac:
        empty = np.zeros(0, np.int64)
        return cls(empty, empty, empty, empty, empty, empty, np.zeros((0, LONGEST)))

    def at(self, ago: Ints) -> Floats:
        """The profile so many days ago, negative for days ahead: (days,) or (cycles, days) -> (cycles, days)."""
        days = np.broadcast_to(ago, (len(self.rows), ago.shape[-1]))
        out = np.zeros(days.shape)
        for place in range(len(self.rows)):
            gone = self._gone(place, self.today[place] - days[place])
            out[place] = np.where(days[place] <= self.since[place], self.profile[place, gone], 0.0)
        return out

    def _gone(self, place: int, days: Ints) -> Ints:
        starts = beginnings(
            int(self.rules[place]),
            int(self.months[place]),
            int(self.phases[place]),
            int(days.min()),
            int(days.max()),
        )
        return gone(days, starts)

    def take(self, places: Flags | Ints) -> Almanac:
        """Some of the cycles."""
        ints = (column[places] for column in self[:-1])
        rows, months, rules, phases, today, since = ints
        return Almanac(rows, months, rules, phases, today, since, self.profile[places])


def gone(days: Ints, starts: Ints) -> Ints:
    """Days since the last of `starts`, LONGEST - 1 at most."""
    since = days - starts[np.searchsorted(starts, days, side="right") - 1]
    return np.asarray(np.clip(since, 0, LONGEST - 1))


# --- the rules --------------------------------------------------------------------------------------------


def beginnings(rule: int, months: int, phase: int, first: int, last: int) -> Ints:
    """The days that a rule names, from the last one before `first` to `last` (days from 1970-01-01)."""
    begin = _month(first) - BEFORE
    table = _table(begin, _month(last) + 2 - begin)
    return np.asarray(table[rule, (phase - begin) % months :: months])


def _month(day: int) -> int:
    """The month of a day, from 1970-01."""
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64))


@functools.lru_cache(maxsize=64)
def _table(begin: int, count: int) -> Ints:
    """(rules, months): the day that each rule names in each of `count` months from the month `begin` (from 1970-01).

    The plain ones come first: a rule that says the same in more words is not needed.
    """
    months = np.arange(begin, begin + count)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - first
    dated = [first + np.minimum(day, length) - 1 for day in range(1, 32)]
    dated += [first + length - 1 - left for left in range(1, 6)]
    named = [first + (weekday - _weekday(first)) % 7 + 7 * week for weekday in range(7) for week in range(4)]
    end = first + length - 1
    named += [end - (_weekday(end) - weekday) % 7 for weekday in range(7)]
    after = [day + np.array([0, 0, 0, 0, 0, 2, 1])[_weekday(day)] for day in dated]
    before = [day - np.array([0, 0, 0, 0, 0, 1, 2])[_weekday(day)] for day in dated]
    return np.array(dated + named + after + before)


def _weekday(days: Ints) -> Ints:
    """0 is Monday."""
    return np.asarray((days + 3) % 7)


# --- the evidence -----------------------------------------------------------------------------------------


class Found(NamedTuple):
    """The rule of one series: how likely chance is, and `since`, the first day that keeps it, from 1970-01-01."""

    chance: float
    months: int
    rule: int
    phase: int
    since: int


def suspects(y: Floats, days: Ints, last: npt.NDArray[np.datetime64]) -> list[tuple[int, int, Ints]]:
    """Rows whose large moves (of one direction) are few and come at one time of a cycle, its months, and the days of these."""
    width = y.shape[1] - 1
    if width < CYCLES[1] * 28:
        return []
    moves = np.diff(y, axis=1)
    moves[np.arange(width)[None] < width + 1 - days[:, None]] = 0.0
    today = last.astype("datetime64[D]").astype(np.int64)
    most = min(CROWD * int(width / MEAN_MONTH + 1) + 2, width - 1)
    tails = np.partition(moves, (most, width - 1 - most), axis=1)
    found: list[tuple[int, int, Ints]] = []
    for sign, tail in ((-1, tails[:, : most + 1]), (1, -tails[:, width - 1 - most :])):
        ranked = -np.sort(tail, axis=1)
        for months in MONTHS:
            large = _large(ranked, days, months)
            few = np.flatnonzero(large > 0)
            flags = sign * moves[few] >= large[few, None]
            alike = _concentration(flags, today[few], months) >= ROUND
            alike &= flags.sum(axis=1) >= CYCLES[months]
            for row, flagged in zip(few[alike], flags[alike], strict=True):
                place = np.flatnonzero(flagged)
                when = place - (width - 1) + today[row]
                found.append((int(row), months, _merged(when, np.abs(moves[row, place]))))
    return found


def _large(ranked: Floats, days: Ints, months: int) -> Floats:
    """From what on a move is a large one; 0 where too many are (series,). `ranked` are the largest, falling."""
    rows = np.arange(len(ranked))
    cycles = (days / (months * MEAN_MONTH)).astype(np.int64)
    usual = ranked[rows, np.clip(cycles // 4, 0, ranked.shape[1] - 1)]
    beyond = ranked[rows, np.minimum(CROWD * cycles + 2, ranked.shape[1] - 1)]
    large = LARGE * usual
    return np.where((cycles >= CYCLES[months]) & (usual > 0) & (beyond < large), large, 0.0)


def _concentration(flags: Flags, today: Ints, months: int) -> Floats:
    """How much the flagged days come at one time of the cycle: 1 all at the same (series,)."""
    out = np.zeros(len(flags))
    width = flags.shape[1]
    for day in np.unique(today):
        mine = today == day
        calendar = (day - np.arange(width - 1, -1, -1)).astype("datetime64[D]")
        month = calendar.astype("datetime64[M]")
        part = (calendar - month.astype("datetime64[D]")).astype(np.int64) / MEAN_MONTH
        turn = np.exp(2j * np.pi * (month.astype(np.int64) % months + part) / months)
        some = flags[mine].astype(np.float64)
        out[mine] = np.abs(some @ turn) / np.maximum(some.sum(axis=1), 1.0)
    return out


def _merged(days: Ints, sizes: Floats) -> Ints:
    """Of moves within two days of each other, the largest."""
    kept: list[int] = []
    for place in range(len(days)):
        if kept and days[place] - days[kept[-1]] <= 2:
            if sizes[place] > sizes[kept[-1]]:
                kept[-1] = place
        else:
            kept.append(place)
    return np.asarray(days[kept])


def rule_of(events: Ints, months: int, first: int, last: int) -> Found | None:
    """The rule of cycles of so many months that foretells the days of large moves, of what is known from day `first` to `last`."""
    begin = _month(first) - BEFORE
    table = _table(begin, _month(last) + 2 - begin)
    recent = events[events >= last - math.ceil(RECENT * months * MEAN_MONTH)]
    tried = [
        (*found, phase)
        for phase in range(months)
        if (found := _tried(table[:, (phase - begin) % months :: months], recent, first, last, months))
    ]
    if not tried:
        return None
    chance, rule, phase = min(tried)
    starts = beginnings(rule, months, phase, first, last)
    since = _since(starts[(starts > first) & (starts <= last)], events, first)
    return Found(chance, months, rule, phase, since)


def _since(due: Ints, events: Ints, first: int) -> int:
    """The day since which a rule has been kept: no two cycles after each other have been missed since."""
    met = (np.abs(due[:, None] - events[None]) <= NEAR).any(axis=1)
    missed = ~met[1:] & ~met[:-1]
    if missed.any():
        after = int(np.flatnonzero(missed)[-1]) + 1
        return int(due[after + int(met[after:].argmax())])
    place = int(met.argmax())
    return first if place == 0 else int(due[place])


def _tried(anchors: Ints, events: Ints, first: int, last: int, months: int) -> tuple[float, int] | None:
    """The best rule of one cycle: the chance of as many hits, and its number."""
    if len(events) < CYCLES[months]:
        return None
    away = np.abs(anchors[:, :, None] - events[None, None])
    due = (anchors > max(first, int(events[0]) - NEAR)) & (anchors <= last)
    exact = ((away == 0).any(axis=2) & due).sum(axis=1)
    near = ((away <= NEAR).any(axis=2) & due).sum(axis=1)
    rule = int(np.argmax(exact + near / 1000.0))
    count = int(due[rule].sum())
    hits = (away[rule] <= NEAR).any(axis=0)
    if exact[rule] < CYCLES[months] or near[rule] < KEPT * count or hits.mean() < EXPLAINED:
        return None
    awaited = anchors[rule][due[rule] & (anchors[rule] <= last - NEAR)][-2:]
    if not any((np.abs(events - day) <= NEAR).any() for day in awaited):
        return None
    chance = len(anchors) * months * _tail(count, int(exact[rule]), 1.0 / (months * MEAN_MONTH))
    if chance > CHANCE:
        return None
    return chance, rule


def _tail(count: int, hits: int, share: float) -> float:
    """Chance of at least so many hits of `count`: that of a binomial distribution, at most."""
    return math.comb(count, hits) * share**hits


# --- the profile ------------------------------------------------------------------------------------------


def find(y: Floats, jumps: Floats, days: Ints, last: npt.NDArray[np.datetime64]) -> Almanac:
    """The cycles of levels (series, days) without glitches, of which the last `days` are known, and whose jumps are known too."""
    width = y.shape[1]
    found: dict[int, tuple[Found, Floats]] = {}
    for row, months, events in suspects(y, days, last):
        today = int(last[row].astype("datetime64[D]").astype(np.int64))
        rule = rule_of(events, months, today - int(days[row]) + 1, today)
        if rule is None or (row in found and found[row][0].chance <= rule.chance):
            continue
        clock = np.arange(today - width + 1, today + 1)
        place = gone(clock, beginnings(rule.rule, months, rule.phase, int(clock[0]), today))
        others = np.where(_near(clock, events), 0.0, jumps[row])
        inside = clock >= max(rule.since, today - math.ceil(RECENT * months * MEAN_MONTH))
        profile = _profile(y[row] - np.cumsum(others), place, inside, WINDOWS[months])
        if profile is not None:
            found[row] = rule, profile
    if not found:
        return Almanac.none()
    rows = np.array(sorted(found), np.int64)
    kept = np.array([found[int(row)][0][1:] for row in rows], np.int64)
    profiles = np.stack([found[int(row)][1] for row in rows])
    ends = last[rows].astype("datetime64[D]").astype(np.int64)
    months_of, rules, phases, since = kept.T
    return Almanac(rows, months_of, rules, phases, ends, ends - since, profiles)


def _near(clock: Ints, events: Ints) -> Flags:
    """The days of large moves, and those just beside them."""
    return np.asarray((np.abs(clock[:, None] - events[None]) <= 1).any(axis=1))


def _profile(level: Floats, place: Ints, inside: Flags, window: int) -> Floats | None:
    """How far each day of a cycle is from the running mean, in the median: (LONGEST,), or None where too little is known."""
    half = window // 2
    base = level - level[-1]
    mean = np.convolve(base, np.full(window, 1.0 / window), mode="valid")
    away = (base[half : len(base) - half] - mean)[inside[half : len(base) - half]]
    phase = place[half : len(base) - half][inside[half : len(base) - half]]
    seen = np.bincount(phase, minlength=LONGEST)
    if (seen[: window - 4] == 0).any():
        return None
    known = np.flatnonzero(seen)
    middle = np.array([np.median(away[phase == day]) for day in known])
    slope, start = np.polynomial.polynomial.polyfit(known, middle, 1, w=np.sqrt(seen[known]))[::-1]
    ramp = start + slope * np.arange(LONGEST)
    share = seen[known] / seen.sum()
    left = (share * (middle - ramp[known]) ** 2).sum()
    if left <= STRAIGHT * (share * (middle - (share * middle).sum()) ** 2).sum():
        profile = ramp
    else:
        profile = ramp.copy()
        profile[known] = middle
        profile[known[-1] + 1 :] = middle[-1]
    return np.asarray(profile - (share * profile[known]).sum())
