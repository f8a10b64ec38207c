"""Roll-outs: deployed against planned by week, and when all will be.

Time is counted in working days: those of the calendar of the roll-out without its frozen ones; a *working week* is five of
them. The pace is what was deployed in each of the last weeks, quiet ones included, for each of its working days.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.scenarios.workdays import weights
from inventory.rollouts import Rollout

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]

WEEK: Final = 5.0
"""Working days."""

RECENT: Final = 26
"""Working weeks whose pace is taken to go on: half a year."""

LEAST: Final = 4
"""Weeks (or longer, from one count to the next) without which there is no date."""

BLOCK: Final = 2
"""Working weeks that are drawn together: a slow one is often followed by another."""

PATHS: Final = 2000
CHANCES: Final = (0.1, 0.5, 0.9)
AHEAD: Final = 5 * 366
"""Days after which no date is looked for."""

Reason = Literal["done", "unseen", "short", "still", "slow"]
"""Why there is no date: all is deployed; nothing was counted; fewer than LEAST weeks were; nothing was deployed in the last ones;
less than half of the paths come to an end within AHEAD days."""


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How a roll-out stands.

    `weeks` has one row for each week from its start to its end or today: `week` (its Monday), `planned` and `deployed` (in
    all, at its end), `behind` (planned less deployed: below 0 where it is ahead); the last two are missing for weeks in which nothing was counted.
    With chances of 10, 50 and 90 % it is done by `early`, `central` and `late`; None where so many paths do not come to an end, or for a `reason`.
    `pace` is what the last working weeks gave in the mean, `needed` what each must give from now to the end of the plan.
    """

    total: int
    deployed: float | None
    weeks: pd.DataFrame
    early: datetime.date | None
    central: datetime.date | None
    late: datetime.date | None
    reason: Reason | None
    pace: float | None
    needed: float | None

    @property
    def weekly(self) -> float | None:
        """The pace as people are told it: where fewer are counted than before, nothing is deployed."""
        return None if self.pace is None else max(self.pace, 0.0)


def follow(rollout: Rollout, total: int, history: pd.DataFrame, today: datetime.date) -> Progress:
    """Progress as was known on `today`, of which `history` (`day, count` in all, any order) tells. Raises ValueError.

    Days that nobody counted are neither 0 nor the day before. Where a day stands twice, its last row counts. `total` is the
    roll-out's own, or the number of workstations that it is for.
    """
    counted = _counted(history, today)
    clock = _Clock(rollout, _first(rollout, counted), today)
    weeks = _weeks(rollout, total, counted, clock, today)
    if counted.empty:
        return Progress(total, None, weeks, None, None, None, "unseen", None, None)
    now = float(counted["count"].iloc[-1])
    needed = _needed(rollout, total - now, clock, today)
    gains, spans = _paces(counted, clock, rollout.start)
    pace = float(gains.sum() / spans.sum()) if gains.size else None
    reason = _refusal(now, total, gains)
    if reason:
        return Progress(total, now, weeks, None, None, None, reason, pace, needed)
    dates = _dates(gains, spans, total - now, clock, counted["day"].iloc[-1].to_datetime64())
    slow: Reason | None = "slow" if dates[1] is None else None
    return Progress(total, now, weeks, *dates, slow, pace, needed)


class _Clock:
    """Working days that have gone by at the end of each civil day, from the first that matters."""

    def __init__(self, rollout: Rollout, first: datetime.date, today: datetime.date) -> None:
        last = max(today, rollout.end or today, rollout.start) + datetime.timedelta(days=AHEAD)
        self.days: Days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D"))
        working = weights(rollout.calendar, self.days)
        for span in rollout.frozen:
            working[(self.days >= np.datetime64(span.start)) & (self.days <= np.datetime64(span.end))] = 0.0
        self.gone = np.cumsum(working)

    def at(self, day: npt.ArrayLike) -> Floats:
        """Working days gone by at the end of days; none before the first."""
        place = np.searchsorted(self.days, np.asarray(day, "datetime64[D]"), side="right") - 1
        return np.where(place >= 0, self.gone[np.maximum(place, 0)], 0.0)

    def day(self, gone: float) -> datetime.date | None:
        """The first day at whose end so many have gone by."""
        place = int(np.searchsorted(self.gone, gone - 1e-9))
        return None if place >= len(self.days) else _date(self.days[place])


def _counted(history: pd.DataFrame, today: datetime.date) -> pd.DataFrame:
    for column in ("day", "count"):
        if column not in history.columns:
            raise ValueError(f"the history of a roll-out has no column {column!r}: it needs day and count")
    known = history[["day", "count"]].dropna()
    known = known.assign(day=known["day"].to_numpy().astype("datetime64[D]").astype("datetime64[s]"))
    known = known[known["day"] <= np.datetime64(today, "s")]
    return known.drop_duplicates("day", keep="last").sort_values("day", ignore_index=True)


def _first(rollout: Rollout, counted: pd.DataFrame) -> datetime.date:
    """The day before anything is planned or was counted."""
    seen = rollout.start if counted.empty else _date(counted["day"].iloc[0].to_datetime64())
    return min(rollout.start, seen) - datetime.timedelta(days=7)


def _weeks(
    rollout: Rollout, total: int, counted: pd.DataFrame, clock: _Clock, today: datetime.date
) -> pd.DataFrame:
    start, last = _monday(rollout.start), max(rollout.end or today, today, rollout.start)
    mondays: Days = np.arange(start, np.datetime64(last, "D") + 1, 7)
    planned = _planned(rollout, total, clock, mondays + 6)
    deployed = np.full(len(mondays), np.nan)
    days = counted["day"].to_numpy().astype("datetime64[D]")
    place = (days - start).astype(np.int64) // 7
    inside = (place >= 0) & (place < len(mondays))
    deployed[place[inside]] = counted["count"].to_numpy(np.float64)[inside]  # the last of each week stands
    return pd.DataFrame({
        "week": mondays.astype("datetime64[s]"), "planned": planned, "deployed": deployed, "behind": planned - deployed,
    })  # fmt: skip


def _planned(rollout: Rollout, total: int, clock: _Clock, days: Days) -> Floats:
    """What is to be deployed by the end of days: a week's number for five working days, or evenly until the end."""
    begun = clock.at(np.datetime64(rollout.start) - 1)
    gone = np.maximum(clock.at(days) - begun, 0.0)
    if rollout.weekly is not None:
        return np.minimum(rollout.weekly * gone / WEEK, total)
    whole = float(clock.at(np.datetime64(rollout.end)) - begun)
    if whole <= 0:
        raise ValueError(
            f"from {rollout.start} to {rollout.end} there is no day on which anything is deployed"
        )
    return np.minimum(total * gone / whole, total)


def _needed(rollout: Rollout, left: float, clock: _Clock, today: datetime.date) -> float | None:
    """A working week, to be done by the end: None without an end, or where no day is left."""
    if rollout.end is None:
        return None
    days = float(clock.at(np.datetime64(rollout.end)) - clock.at(np.datetime64(today)))
    return max(left, 0.0) * WEEK / days if days > 0 else None


def _paces(counted: pd.DataFrame, clock: _Clock, start: datetime.date) -> tuple[Floats, Floats]:
    """What was deployed from one count to the next, and in how many working weeks (U each), oldest first, in the last RECENT ones.

    Of each week the last count is taken, so what stands between two of them is one week, or those in which nobody counted:
    nothing is drawn into gaps. The week that is not over is left out, and so is what was counted before the start.
    """
    days = counted["day"].to_numpy().astype("datetime64[D]")
    week = (days.astype(np.int64) + 3) // 7  # from Monday: the first day of 1970 was a Thursday
    last = np.append(np.diff(week) > 0, [_is_over(days[-1], clock)])
    kept = last & (days >= np.datetime64(start) - 7)
    spans, gains = np.diff(clock.at(days[kept])) / WEEK, np.diff(counted["count"].to_numpy(np.float64)[kept])
    recent = (spans > 0) & (np.cumsum(spans[::-1])[::-1] <= RECENT + 1e-9)
    return gains[recent], spans[recent]


def _is_over(day: np.datetime64, clock: _Clock) -> bool:
    """Whether nobody works any more in the week of a day."""
    sunday = day + (6 - (day.astype(np.int64) + 3) % 7)
    return bool(clock.at(sunday) == clock.at(day))


def _refusal(now: float, total: int, gains: Floats) -> Reason | None:
    if now >= total:
        return "done"
    if gains.size < LEAST:
        return "short"
    return "still" if gains.sum() <= 0 else None


def _dates(
    gains: Floats, spans: Floats, left: float, clock: _Clock, last: np.datetime64
) -> tuple[datetime.date | None, datetime.date | None, datetime.date | None]:
    known = float(clock.at(last))
    ahead = float((clock.gone[-1] - known) / WEEK)
    found = np.quantile(_durations(gains, spans, left, ahead), CHANCES, method="inverted_cdf")
    early, central, late = (clock.day(known + WEEK * each) if np.isfinite(each) else None for each in found)
    return early, central, late


def _durations(gains: Floats, spans: Floats, left: float, ahead: float) -> Floats:
    """Working weeks until `left` are deployed, in PATHS paths; infinite where that takes more than some `ahead`.

    Each path draws a past of its own from what was seen, and its future from that: what was seen is itself a draw, so its mean
    is not known exactly. Few weeks vary too little, and by how much is not known either: what lies off the mean pace is
    stretched by that of Student's distribution.
    """
    count = len(gains)
    pace = gains.sum() / spans.sum()
    freedom = max(count - BLOCK, 1)
    chance = np.random.Generator(np.random.PCG64(_seed(gains, spans, np.array([left]))))
    off = np.sqrt(count / chance.chisquare(freedom, (PATHS, 1))) * (gains - pace * spans)
    rows = np.arange(PATHS)[:, None]
    drawn = _blocks(chance, count, count)[
        rows, _blocks(chance, count, int(np.ceil(ahead / spans.mean())) + 1)
    ]
    lasted = spans[drawn]
    gained = pace * lasted + off[rows, drawn]
    reached, gone = np.cumsum(gained, axis=1), np.cumsum(lasted, axis=1)
    there = reached >= left
    first = (rows[:, 0], there.argmax(axis=1))
    part = (reached[first] - left) / np.where(gained[first] > 0, gained[first], 1.0)
    return np.where(there.any(axis=1), gone[first] - part * lasted[first], np.inf)


def _blocks(chance: np.random.Generator, count: int, length: int) -> npt.NDArray[np.int64]:
    """Places (PATHS, length) below `count`, BLOCK in a row, around the end to the beginning."""
    starts = chance.integers(0, count, (PATHS, -(-length // BLOCK)))
    return np.asarray((starts[:, :, None] + np.arange(BLOCK)).reshape(PATHS, -1)[:, :length] % count)


def _seed(*arrays: Floats) -> int:
    held = hashlib.blake2b(np.concatenate(arrays).tobytes(), digest_size=8)
    return int.from_bytes(held.digest())


def _monday(day: datetime.date) -> np.datetime64:
    return np.datetime64(day - datetime.timedelta(days=day.weekday()), "D")


def _date(day: np.datetime64) -> datetime.date:
    found = day.astype("datetime64[D]").astype(object)
    assert isinstance(found, datetime.date)  # noqa: S101 - for the type checker: a day is a date
    return found
