"""From days to ages: the frame of lives, validated once, with what cannot be used counted."""

from __future__ import annotations

import bisect
import dataclasses
import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

DAYS_A_YEAR: Final = 365.2425
REQUIRED: Final = ("maker", "model", "purchased", "entered", "left", "end")
OLDEST: Final = 30.0
"""Years: what was older when it was first seen was not bought on the day that stands there, but on that of some form's default."""

_USED: Final = -1
"""In place of a reason, of a life that is left in."""

ENDS: Final = ("failure", "retirement", "vanished", "")


class LivesError(ValueError):
    """A frame of lives or machines cannot be read: `column` and `row` (0-based, None for the whole column) say where."""

    def __init__(self, message: str, column: str, row: int | None = None) -> None:
        super().__init__(message)
        self.column = column
        self.row = row


@dataclasses.dataclass(frozen=True, slots=True)
class LeftOut:
    """Lives that say nothing of how long machines last, by the first reason that holds.

    `untold`: nobody would have told that it failed; `undated`: nobody knows when it was bought; `later`: first seen after the day on
    which is judged; `impossible`: gone before it was bought, or older than OLDEST when it was first seen; `brief`: seen on one day
    only, so never watched.
    """

    untold: int = 0
    undated: int = 0
    later: int = 0
    impossible: int = 0
    brief: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(dataclasses.astuple(self))


@dataclasses.dataclass(frozen=True, slots=True)
class Lives:
    """Lives sorted by kind of machine: ages in years at `entry` and `exit` (entry < exit), `failed` at the latter.

    `names` are the pairs of maker and model, sorted; `group` is the place of each life's pair in them. The lives of pair k are those
    from `starts[k]` to `starts[k + 1]`, before the first of which `events[k]` failed.
    """

    names: tuple[tuple[str, str], ...]
    group: Ints
    entry: Floats
    exit: Floats
    failed: Flags
    left_out: LeftOut
    starts: Ints
    events: Ints

    def places(self, maker: str, model: str | None = None) -> range:
        """Where the pairs of a maker, or that of one model, stand in `names`: empty where there is none."""
        if model is not None:
            first = bisect.bisect_left(self.names, (maker, model))
            return range(first, first + (self.names[first : first + 1] == ((maker, model),)))
        first = bisect.bisect_left(self.names, maker, key=lambda pair: pair[0])
        return range(first, bisect.bisect_right(self.names, maker, lo=first, key=lambda pair: pair[0]))

    def rows(self, places: range) -> slice:
        """Which lives are those of neighbouring pairs."""
        return slice(int(self.starts[places.start]), int(self.starts[places.stop]))

    def failures(self, places: range) -> int:
        """How many of them failed."""
        return int(self.events[places.stop] - self.events[places.start])


def read(frame: pd.DataFrame, today: datetime.date) -> Lives:
    """Ages of a frame `maker, model, purchased, entered, left, end` as they were known on `today`.

    `end` is "failure", "retirement", "vanished", or "" of what is still there; all but the first are censored, for they
    are decisions. It was watched from `entered` to `left`; both are missing (NaT) where nobody would have told its failure. What came
    after today is cut off. Raises LivesError.
    """
    days, why = _judged(frame, today)
    now = _number(today)
    failed = (frame["end"].to_numpy() == "failure") & (days["left"] <= now)
    entry, exit_ = _ages(days, now)
    used = why == _USED
    names, group = grouped(frame.loc[used])
    return _sorted(
        names, group, entry[used] / DAYS_A_YEAR, exit_[used] / DAYS_A_YEAR, failed[used], told(why)
    )


def reasons(frame: pd.DataFrame, today: datetime.date) -> Ints:
    """Why each life of a frame is left out: the place of the reason in LeftOut, below 0 where it is not."""
    return _judged(frame, today)[1]


def told(why: Ints) -> LeftOut:
    """How many are left out for each of the `reasons`."""
    return LeftOut(*np.bincount(why[why >= 0], minlength=len(dataclasses.fields(LeftOut))).tolist())


def named(values: pd.Series | npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Makers or models as they are compared: without regard to case and spaces, "" where unknown."""
    codes, texts = pd.factorize(np.asarray(values, dtype=object), use_na_sentinel=True)
    plain = np.array([*(" ".join(str(text).casefold().split()) for text in texts), ""], dtype=object)
    return np.asarray(plain[codes])


def _check(frame: pd.DataFrame) -> None:
    for column in REQUIRED:
        if column not in frame.columns:
            raise LivesError(f"lives have no column {column!r}: they need {', '.join(REQUIRED)}", column)
    unknown = ~frame["end"].isin(ENDS).to_numpy()
    if unknown.any():
        row = int(unknown.argmax())
        raise LivesError(
            f"row {row}: {frame['end'].iloc[row]!r} is no end of a life: failure, retirement, vanished or nothing",
            "end",
            row,
        )


def _judged(frame: pd.DataFrame, today: datetime.date) -> tuple[dict[str, Floats], Ints]:
    """Days of a frame, checked, and why each life is left out."""
    _check(frame)
    days = {name: _days(frame, name) for name in ("purchased", "entered", "left")}
    untold = _untold(days)
    now = _number(today)
    entry, exit_ = _ages(days, now)
    impossible = (exit_ < 0) | (entry > OLDEST * DAYS_A_YEAR)
    holds = [untold, np.isnan(days["purchased"]), days["entered"] > now, impossible, exit_ <= entry]
    return days, np.select(holds, range(len(holds)), _USED)


def _untold(days: dict[str, Floats]) -> Flags:
    """Lives that nobody watched. Raises LivesError where a life has a beginning or an end alone."""
    missing = {name: np.isnan(days[name]) for name in ("entered", "left")}
    for name, other in (("entered", "left"), ("left", "entered")):
        half = missing[name] & ~missing[other]
        if half.any():
            row = int(half.argmax())
            raise LivesError(f"row {row}: {name} is missing: a life is known by when it was seen", name, row)
    return missing["entered"]


def _ages(days: dict[str, Floats], now: float) -> tuple[Floats, Floats]:
    """Ages in days at entry and at exit."""
    entry = np.maximum(days["entered"] - days["purchased"], 0.0)
    return entry, np.minimum(days["left"], now) - days["purchased"]


def _number(day: datetime.date) -> float:
    """Days since 1970."""
    return float(np.datetime64(day, "D").astype(np.int64))


def _days(frame: pd.DataFrame, column: str) -> Floats:
    """Days since 1970, NaN where unknown. Raises LivesError."""
    found = frame[column]
    if not pd.api.types.is_datetime64_dtype(found.dtype):
        raise LivesError(f"{column} holds {found.dtype}, not days (datetime64 without a timezone)", column)
    days = found.to_numpy().astype("datetime64[D]").astype(np.float64)
    days[found.isna().to_numpy()] = np.nan
    return np.asarray(days)


def grouped(frame: pd.DataFrame) -> tuple[tuple[tuple[str, str], ...], Ints]:
    """The pairs of maker and model of a frame as they are compared, sorted, and the place of each row's among them."""
    pairs = pd.MultiIndex.from_arrays([named(frame["maker"]), named(frame["model"])])
    codes, found = pd.factorize(pairs, sort=True)
    return tuple((str(maker), str(model)) for maker, model in found), codes.astype(np.int64)


def _sorted(
    names: tuple[tuple[str, str], ...],
    group: Ints,
    entry: Floats,
    exit_: Floats,
    failed: Flags,
    left: LeftOut,
) -> Lives:
    """In one order, whatever that of the rows: sums are then the same to the last bit."""
    order = np.lexsort((failed, exit_, entry, group))
    starts = np.searchsorted(group[order], np.arange(len(names) + 1))
    events = np.concatenate([[0], np.cumsum(failed[order])])[starts]
    return Lives(
        names, group[order], entry[order], exit_[order], failed[order], left, starts.astype(np.int64), events.astype(np.int64),
    )  # fmt: skip
