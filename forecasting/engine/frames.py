"""The long frame `unique_id, ds, y[, capacity]`: validated once, then laid on a daily grid."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

MEMORY: Final = 1096
"""Days of history that are used: what happened more than three years ago says little about next year."""

PANEL: Final = 128
"""Series that are worked on together: large enough for numpy, small enough for the memory."""

SAMPLE: Final = 256
"""Series from which it is learnt what a fleet has in common, where there are more."""

REQUIRED: Final = ("unique_id", "ds", "y")


class FrameError(ValueError):
    """A frame cannot be read: `column` and `row` (0-based position, None for the whole column) say where."""

    def __init__(self, message: str, column: str, row: int | None = None) -> None:
        super().__init__(message)
        self.column = column
        self.row = row


@dataclasses.dataclass(frozen=True, slots=True)
class Panel:
    """Series side by side on a daily grid, each one's last day in the last column.

    `y` is (series, days); days before a series begins hold its first value, so that a day nobody saw counts
    as a day without growth. `days` counts the days from the first value to the last, `gaps` flags the days
    that were interpolated, `capacity` is the last one known (NaN where unknown).
    """

    unique_id: npt.NDArray[np.object_]
    last: npt.NDArray[np.datetime64]
    days: Ints
    y: Floats
    gaps: Flags
    capacity: Floats

    def before(self, cut: int) -> Panel:
        """The panel as it was `cut` days earlier."""
        return dataclasses.replace(
            self,
            last=self.last - np.timedelta64(cut, "D"),
            days=np.maximum(self.days - cut, 1),
            y=self.y[:, :-cut],
            gaps=self.gaps[:, :-cut],
        )

    def take(self, rows: npt.NDArray[np.bool_] | Ints) -> Panel:
        """Some of the series."""
        return Panel(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))


def check(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame sorted, one row per series and civil day (its last value), missing values left out.

    `ds` may be dates, timestamps with or without zone, or ISO 8601 text: the day is the one written, in the
    zone in which it is written. Rows whose `y` is empty, NaN or infinite are missing values. Any other number
    is taken as it is: a negative one is for the cleaning to judge. Of several rows of one instant the last
    counts. Raises FrameError where a column is missing or a cell cannot be read.
    """
    absent = [name for name in REQUIRED if name not in frame.columns]
    if absent:
        found = ", ".join(map(str, frame.columns)) or "none"
        raise FrameError(f"column {absent[0]} is missing (columns found: {found})", absent[0])
    names = frame["unique_id"]
    _refuse(
        names.isin([name for name in names.unique() if pd.isna(name) or not str(name).strip()]),
        names,
        "unique_id",
        "is empty",
    )
    instants, days = _times(frame["ds"])
    columns = {"ds": days, "instant": instants, "y": _numbers(frame["y"], "y")}
    if "capacity" in frame.columns:
        columns["capacity"] = _numbers(frame["capacity"], "capacity")
    tidy = pd.DataFrame(columns)
    tidy.insert(0, "unique_id", names.astype(str).to_numpy())
    tidy = tidy[np.isfinite(tidy["y"].to_numpy())]
    return _sorted(tidy).drop(columns="instant").reset_index(drop=True)


def _sorted(tidy: pd.DataFrame) -> pd.DataFrame:
    """By series and instant, the last row of each day kept. A frame that is sorted already is not copied."""
    codes, _ = pd.factorize(tidy["unique_id"], sort=True)
    instants = tidy["instant"].to_numpy()
    same = codes[1:] == codes[:-1]
    if not np.all((codes[1:] > codes[:-1]) | (same & (instants[1:] >= instants[:-1]))):
        order = np.lexsort((instants, codes))
        tidy, codes = tidy.iloc[order], codes[order]
    days = tidy["ds"].to_numpy()
    closing = np.ones(len(tidy), dtype=bool)
    closing[:-1] = (codes[1:] != codes[:-1]) | (days[1:] != days[:-1])
    return tidy[closing]


def _refuse(bad: pd.Series, column: pd.Series, name: str, what: str) -> None:
    rows = np.flatnonzero(bad.to_numpy(dtype=bool))
    if rows.size:
        shown = repr(column.iloc[rows[0]])[:60]
        more = f", and {rows.size - 1} more like it" if rows.size > 1 else ""
        raise FrameError(f"column {name}, row {rows[0]}: {shown} {what}{more}", name, int(rows[0]))


def _numbers(column: pd.Series, name: str) -> Floats:
    if column.dtype.kind in "iuf":
        return column.to_numpy(dtype=np.float64)
    numbers = pd.to_numeric(column, errors="coerce")
    text = column.astype(str).str.strip().str.lower()
    _refuse(
        numbers.isna() & column.notna() & ~text.isin(["", "nan", "na", "null", "none"]),
        column,
        name,
        "is not a number",
    )
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def _times(column: pd.Series) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    """The instants, to order rows by, and the civil days in the zone in which each was written."""
    _refuse(column.isna(), column, "ds", "is empty: a date is expected")
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        wall = column.dt.tz_localize(None).to_numpy(dtype="datetime64[s]")
        return column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[s]"), wall.astype(
            "datetime64[D]"
        )
    if column.dtype.kind == "M":
        wall = column.to_numpy(dtype="datetime64[s]")
        return wall, wall.astype("datetime64[D]")
    if column.dtype.kind in "iufb":
        _refuse(column.notna(), column, "ds", "is a number: a date is expected, such as 2026-03-01")
    text = column.astype(str).str.strip()
    days = pd.to_datetime(text.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    plain = (text.str.len() == 10).to_numpy(dtype=bool)
    instants = (
        days.copy()
        if plain.all()
        else pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
    )
    _refuse(
        days.isna() | instants.isna(), column, "ds", "is not a date: ISO 8601 is expected, such as 2026-03-01"
    )
    return instants.to_numpy(dtype="datetime64[s]"), days.to_numpy(dtype="datetime64[D]")


def spans(tidy: pd.DataFrame) -> pd.DataFrame:
    """Of a checked frame, by series: `unique_id, start, stop` (rows), `days` (from first value to last)."""
    names = tidy["unique_id"].to_numpy()
    days = tidy["ds"].to_numpy(dtype="datetime64[D]").astype(np.int64)
    edges = (
        np.flatnonzero(np.concatenate(([True], names[1:] != names[:-1]))) if len(names) else np.zeros(0, int)
    )
    stops = np.append(edges[1:], len(names))[: len(edges)]
    return pd.DataFrame(
        {"unique_id": names[edges], "start": edges, "stop": stops, "days": days[stops - 1] - days[edges] + 1}
    )


def panels(tidy: pd.DataFrame, where: pd.DataFrame, size: int = PANEL) -> Iterator[Panel]:
    """The series that `where` (rows of `spans`) names, `size` at a time."""
    for first in range(0, len(where), size):
        yield lay(tidy, where.iloc[first : first + size])


def drawn(names: Sequence[str], count: int = SAMPLE) -> list[int]:
    """Places of `count` of these names, in their order: the same names are drawn from whatever stands beside them.

    Every second name, or every fortieth, may well be all the volumes of one kind. By a hash no habit of naming
    chooses, and a store more or less changes one place of the sample.
    """
    ranked = sorted(
        range(len(names)), key=lambda place: hashlib.blake2b(names[place].encode(), digest_size=8).digest()
    )
    return sorted(ranked[:count])


def lay(tidy: pd.DataFrame, where: pd.DataFrame) -> Panel:
    """Lay the series that `where` (rows of `spans`) names on one daily grid, gaps interpolated linearly."""
    days = tidy["ds"].to_numpy(dtype="datetime64[D]")
    values = tidy["y"].to_numpy(dtype=np.float64)
    sizes = tidy["capacity"].to_numpy(dtype=np.float64) if "capacity" in tidy.columns else None
    lengths = np.minimum(where["days"].to_numpy(dtype=np.int64), MEMORY)
    width = int(lengths.max(initial=1))
    y = np.empty((len(where), width))
    gaps = np.zeros((len(where), width), dtype=bool)
    last = np.empty(len(where), dtype="datetime64[D]")
    capacity = np.full(len(where), np.nan)
    for row, (start, stop) in enumerate(zip(where["start"], where["stop"], strict=True)):
        ago = (days[start:stop] - days[stop - 1]).astype(np.int64)
        wanted = np.arange(1 - width, 1)
        y[row] = np.interp(wanted, ago, values[start:stop])
        gaps[row, width - lengths[row] :] = True
        gaps[row, width - 1 + ago[ago > -width]] = False
        last[row] = days[stop - 1]
        if sizes is not None:
            known = sizes[start:stop][np.isfinite(sizes[start:stop])]
            capacity[row] = known[-1] if known.size else np.nan
    return Panel(where["unique_id"].to_numpy(dtype=object), last, lengths, y, gaps, capacity)
