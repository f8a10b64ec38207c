"""How forecasts that came due turned out: the arithmetic of the scores, and the counts of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from exporters.plan.frozen import EVENTFUL, HORIZONS, VALUED, Night, Outcome
from exporters.plan.ledger import Count, Key, Ledger, Miss, Scored, Series

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

QUANTILES: Final = (0.5, 0.1, 0.9, 0.025, 0.975)
"""Of mean, lo80, hi80, lo95, hi95."""

YEAR: Final = 365
WORST: Final = 100
"""Of the greatest misses, those of the last year, so many."""

MOST_SHARE: Final = 1.0
MOST_MOVES: Final = 50.0
"""What a single miss counts at most in a mean, in shares of the level and in monthly moves: one store that held nothing
on the night, or had never moved, would decide over all others."""

AGES: Final = ((90, "young"), (365, "months"), (1 << 30, "years"))
"""Age of the history: below so many days it is called so."""

QUANTITIES: Final[Mapping[str, tuple[str, str]]] = {
    "jauge_storage_used_bytes": ("storage", "jauge_storage_size_bytes"),
    "jauge_storage_raw_used_bytes": ("raw_storage", "jauge_storage_raw_bytes"),
    "jauge_memory_used_bytes": ("memory", "jauge_memory_size_bytes"),
    "jauge_licenses_used": ("licences", "jauge_licenses_owned"),
}
"""Of each metric whose value of a day is what is forecast of that day: the name of its quantity, and the metric of its
size. Others, such as peaks of a day and sums over a cluster, cannot be held against one series: they are not frozen."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scores:
    """What the forecasts of one night at one horizon were worth, one element a store.

    `valued` says whether there was a value to hold them against; all others are meaningless where it is false. `miss`
    is the value less the central forecast and `pinball` the mean loss over QUANTILES, both in the unit of the series;
    `share` and `moves` are the absolute miss over the level and over the store's mean monthly move (NaN where there is
    none). `judged` says whether there was a limit to reach, `alarm` whether it was said to be reached within the
    horizon, `crossed` whether it was, `off` the days between the two, each cut at the day after the horizon.
    """

    valued: Flags
    miss: Floats
    share: Floats
    moves: Floats
    pinball: Floats
    in80: Flags
    in95: Flags
    above: Flags
    below: Flags
    judged: Flags
    alarm: Flags
    crossed: Flags
    off: Floats
    event: Flags


def judge(night: Night, horizon: int, outcome: Outcome) -> Scores:
    """Hold a night's forecasts at one of HORIZONS against what came."""
    valued = (outcome.state & VALUED) > 0
    mean, lo80, hi80, lo95, hi95 = night.moves[:, HORIZONS.index(horizon)].astype(np.float64).T
    came = outcome.came.astype(np.float64)
    size = np.abs(came - mean)
    judged = valued & (night.limit > 0) & (night.level < night.limit)
    alarm = judged & (night.central > 0) & (night.central <= horizon)
    crossed = judged & (outcome.crossed > 0)
    said = np.where(alarm, night.central, horizon + 1).astype(np.float64)
    reached = np.where(crossed, outcome.crossed, horizon + 1).astype(np.float64)
    return Scores(
        valued=valued,
        miss=came - mean,
        share=_over(size, night.level),
        moves=_over(size, night.move.astype(np.float64)),
        pinball=pinball(came, np.stack((mean, lo80, hi80, lo95, hi95), axis=-1)),
        in80=valued & (lo80 <= came) & (came <= hi80),
        in95=valued & (lo95 <= came) & (came <= hi95),
        above=valued & (came > hi80),
        below=valued & (came < lo80),
        judged=judged,
        alarm=alarm,
        crossed=crossed,
        off=np.abs(said - reached),
        event=(outcome.state & EVENTFUL) > 0,
    )


def pinball(came: Floats, guesses: Floats) -> Floats:
    """Mean loss of the quantile forecasts (..., QUANTILES) of what came (Koenker and Bassett, 1978)."""
    missed = came[..., None] - guesses
    levels = np.array(QUANTILES)
    return np.asarray(np.where(missed >= 0, levels * missed, (levels - 1.0) * missed).mean(axis=-1))


def _over(values: Floats, unit: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(unit > 0, values / unit, np.nan)


def quantity(metric: str) -> str:
    """The quantity that a metric is one of; its own name where it is not known."""
    return QUANTITIES.get(metric, (metric, ""))[0]


def age(days: int) -> str:
    """The word for the age of a history."""
    return next(word for limit, word in AGES if days < limit)


def settle(
    night: Night,
    day: int,
    horizon: int,
    outcome: Outcome,
    names: Mapping[int, Series],
    roles: Mapping[str, str],
) -> Scored:
    """The scores of a night, and all that is counted of them. `roles` maps targets to their role in the estate."""
    scores = judge(night, horizon, outcome)
    counts = _counts(_frame(night, scores, names, roles))
    whole = (night.series, np.ones(len(night)), scores.valued, scores.in80, scores.in95)
    standings = [(int(a), int(b), int(c), int(d), int(e)) for a, b, c, d, e in zip(*whole, strict=True)]
    return Scored(
        day, horizon, outcome, None, counts, standings, _misses(night, day, horizon, outcome, scores)
    )


def _frame(
    night: Night, scores: Scores, names: Mapping[int, Series], roles: Mapping[str, str]
) -> pd.DataFrame:
    """One row a store: the columns of Key, then those of Count."""
    known = [names[int(number)] for number in night.series]
    valued = scores.valued
    shared, moved = valued & np.isfinite(scores.share), valued & np.isfinite(scores.moves)
    return pd.DataFrame(
        {
            "quantity": [quantity(one.metric) for one in known],
            "kind": [one.kind for one in known],
            "role": [roles.get(one.target, "") for one in known],
            "age": [age(int(days)) for days in night.age],
            "event": scores.event,
            "due": 1,
            "scored": valued.astype(int),
            "in80": scores.in80.astype(int),
            "in95": scores.in95.astype(int),
            "above": scores.above.astype(int),
            "below": scores.below.astype(int),
            "share": np.where(shared, np.minimum(scores.share, MOST_SHARE), 0.0),
            "shares": shared.astype(int),
            "moves": np.where(moved, np.minimum(scores.moves, MOST_MOVES), 0.0),
            "moved": moved.astype(int),
            "pinball": np.where(shared, np.minimum(_over(scores.pinball, night.level), MOST_SHARE), 0.0),
            "judged": scores.judged.astype(int),
            "crossed": scores.crossed.astype(int),
            "alarms": scores.alarm.astype(int),
            "missed": (scores.crossed & ~scores.alarm).astype(int),
            "false": (scores.alarm & ~scores.crossed).astype(int),
            "days": np.where(scores.judged, scores.off, 0.0),
        }
    )


def _counts(frame: pd.DataFrame) -> dict[Key, Count]:
    """The sums of each group, as whole numbers where they are."""
    sums = frame.groupby(list(Key._fields), sort=False)[list(Count._fields)].sum()
    columns = [sums[name].tolist() for name in Count._fields]
    return {
        Key(str(key[0]), str(key[1]), str(key[2]), str(key[3]), bool(key[4])): Count(*row)
        for key, row in zip(sums.index, zip(*columns, strict=True), strict=True)
    }


def _misses(
    night: Night, day: int, horizon: int, outcome: Outcome, scores: Scores
) -> list[tuple[int, tuple[float, ...]]]:
    """The forecasts that did not hold, as rows of `miss` without series, horizon and which."""
    rows = np.flatnonzero(scores.above | scores.below)
    moves = night.moves[rows, HORIZONS.index(horizon)].astype(np.float64) + night.level[rows, None]
    last = day - night.ago[rows].astype(int)
    size = np.where(np.isfinite(night.size[rows]), night.size[rows], 0.0)
    columns = zip(
        [day] * len(rows),
        (last + horizon).tolist(),
        night.level[rows].tolist(),
        *moves[:, :3].T.tolist(),
        (night.level[rows] + outcome.came[rows]).tolist(),
        size.tolist(),
        outcome.state[rows].tolist(),
        outcome.jump[rows].tolist(),
        np.where(outcome.jumped[rows] > 0, last + outcome.jumped[rows], 0).tolist(),
        strict=True,
    )
    return list(zip(night.series[rows].tolist(), columns, strict=True))


# --- what pages and metrics ask ---------------------------------------------------------------------------


def table(ledger: Ledger, by: Sequence[str] = ("quantity", "kind", "horizon")) -> pd.DataFrame:
    """The accuracy of all that was scored, one row a group.

    `by` are columns of `day, due_day, horizon` and of Key. Returns them, the columns of Count, and `coverage80`,
    `coverage95`, `mean_share`, `mean_moves`, `mean_pinball`, `missed_ratio` (of the dates that came), `false_ratio`
    (of those that were said) and `mean_days`: NaN where there is nothing to divide by.
    """
    return ratios(_tallies(ledger).groupby(list(by), as_index=False)[list(Count._fields)].sum())


def _tallies(ledger: Ledger) -> pd.DataFrame:
    rows = [(day, day + ahead, ahead, *key, *count) for day, ahead, key, count in ledger.tallies()]
    return pd.DataFrame(rows, columns=["day", "due_day", "horizon", *Key._fields, *Count._fields])


def ratios(sums: pd.DataFrame) -> pd.DataFrame:
    """The shares and means of summed counts."""
    pairs = {
        "coverage80": ("in80", "scored"),
        "coverage95": ("in95", "scored"),
        "mean_share": ("share", "shares"),
        "mean_moves": ("moves", "moved"),
        "mean_pinball": ("pinball", "shares"),
        "missed_ratio": ("missed", "crossed"),
        "false_ratio": ("false", "alarms"),
        "mean_days": ("days", "judged"),
    }
    made = {
        name: sums[top] / sums[bottom].where(sums[bottom] > 0).astype("float64")
        for name, (top, bottom) in pairs.items()
    }
    return sums.assign(**made)


class Accuracy(NamedTuple):
    """All that a page says of the ledger.

    `first` and `nights` tell the frozen nights (day number, how many), `counts` has the columns of `table` by every
    column of Key and horizon, `months` those by `month` (first day) of the day due and horizon. `worst` are the
    greatest misses of the last year, `damaged` the nights that could not be scored.
    """

    first: int | None = None
    nights: int = 0
    counts: pd.DataFrame = pd.DataFrame()
    months: pd.DataFrame = pd.DataFrame()
    worst: Sequence[Miss] = ()
    damaged: int = 0

    @property
    def scored(self) -> int:
        return int(self.counts["scored"].sum()) if len(self.counts) else 0

    def by(self, column: str) -> pd.DataFrame:
        """The accuracy by one column of Key and by horizon."""
        return ratios(self.counts.groupby([column, "horizon"], as_index=False)[list(Count._fields)].sum())


def accuracy(ledger: Ledger) -> Accuracy:
    """What the ledger says as of its newest night. Raises PlanError."""
    nights = ledger.nights()
    if not nights:
        return Accuracy()
    frame = _tallies(ledger)
    month = (
        frame["due_day"].to_numpy().astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[s]")
    )
    by_month = frame.assign(month=month).groupby(["month", "horizon"], as_index=False)
    return Accuracy(
        nights[0],
        len(nights),
        frame.groupby([*Key._fields, "horizon"], as_index=False)[list(Count._fields)].sum(),
        ratios(by_month[list(Count._fields)].sum()),
        ledger.worst(nights[-1] - YEAR)[:WORST],
        len(ledger.faults()),
    )
