"""From days to ages: the frame of lives, validated once, with what cannot be used counted."""

from __future__ import annotations

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

ENDS: Final = ("failure", "retirement", "vanished", "")


class LivesError(ValueError):
    """A frame of lives or machines cannot be read: `column` and `row` (0-based, None for the whole column) say where."""

    def __init__(self, message: str, column: str, row: int | None = None) -> None:
        super().__init__(message)
        self.column = column
        self.row = row


@dataclasses.dataclass(frozen=True, slots=True)
class LeftOut:
    """Lives that say nothing of ages, by reason.

    `undated`: nobody knows when it was bought; `later`: first seen after the day on which is judged; `brief`: seen on one
    day only, so never watched; `impossible`: gone before it was bought, or older than OLDEST when it was first seen.
    """

    undated: int = 0
    later: int = 0
    brief: int = 0
    impossible: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.undated + self.later + self.brief + self.impossible


@dataclasses.dataclass(frozen=True, slots=True)
class Lives:
    """Lives sorted by kind of machine: ages in years at `entry` and `exit` (entry < exit), `failed` at the latter.

    `names` are the pairs of maker and model, sorted; `group` is the place of each life's pair in them.
    """

    names: tuple[tuple[str, str], ...]
    group: Ints
    entry: Floats
    exit: Floats
    failed: Flags
    left_out: LeftOut


def read(frame: pd.DataFrame, today: datetime.date) -> Lives:
    """Ages of a frame `maker, model, purchased, entered, left, end` as they were known on `today`.

    `end` is "failure", "retirement", "vanished", or "" of what is still there; all but the first are censored, for they
    are decisions. What came after today is cut off. Raises LivesError.
    """
    _check(frame)
    days = {name: _days(frame, name) for name in ("purchased", "entered", "left")}
    now = float(np.datetime64(today, "D").astype(np.int64))
    left = np.minimum(days["left"], now)
    failed = (frame["end"].to_numpy() == "failure") & (days["left"] <= now)
    entry = np.maximum(days["entered"] - days["purchased"], 0.0)
    exit_ = left - days["purchased"]
    used, left_out = _useful(days, entry, exit_, now)
    names, group = _groups(frame.loc[used])
    return _sorted(names, group, entry[used] / DAYS_A_YEAR, exit_[used] / DAYS_A_YEAR, failed[used], left_out)


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


def _days(frame: pd.DataFrame, column: str) -> Floats:
    """Days since 1970, NaN where unknown. Raises LivesError where a life has no beginning or end."""
    found = frame[column]
    if not pd.api.types.is_datetime64_dtype(found.dtype):
        raise LivesError(f"{column} holds {found.dtype}, not days (datetime64 without a timezone)", column)
    missing = found.isna().to_numpy()
    if column != "purchased" and missing.any():
        row = int(missing.argmax())
        raise LivesError(f"row {row}: {column} is missing: a life is known by when it was seen", column, row)
    days = found.to_numpy().astype("datetime64[D]").astype(np.float64)
    days[missing] = np.nan
    return np.asarray(days)


def _useful(days: dict[str, Floats], entry: Floats, exit_: Floats, now: float) -> tuple[Flags, LeftOut]:
    undated = np.isnan(days["purchased"])
    later = ~undated & (days["entered"] > now)
    impossible = ~undated & ~later & ((exit_ < 0) | (entry > OLDEST * DAYS_A_YEAR))
    brief = ~undated & ~later & ~impossible & (exit_ <= entry)
    counts = [int(np.count_nonzero(flags)) for flags in (undated, later, brief, impossible)]
    return ~(undated | later | brief | impossible), LeftOut(*counts)


def _groups(frame: pd.DataFrame) -> tuple[tuple[tuple[str, str], ...], Ints]:
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
    return Lives(names, group[order], entry[order], exit_[order], failed[order], left)
