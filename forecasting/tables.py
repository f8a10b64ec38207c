"""`jauge forecast`: a CSV of history in, a CSV of forecasts out."""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from pathlib import Path
from typing import IO, Final

import pandas as pd

from forecasting.engine import FrameError, forecast, refusals
from forecasting.engine.exhaustion import exhaustion
from forecasting.engine.frames import REQUIRED
from forecasting.engine.projection import EMPTY
from inventory.harmless import line

COLUMNS: Final = (*REQUIRED, "capacity")

MISSING: Final = ["", "nan", "NaN", "NAN", "NA", "N/A", "null", "NULL", "None", "-"]
"""What stands for a missing number."""

ZIPPED: Final = ".gz"


class TableError(Exception):
    """A CSV cannot be read or written: the message names file, line and column, and what is expected."""


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What was forecast: how many series and rows; `short` had under 14 days, `refused` got nothing, each with its reason."""

    series: int
    rows: int
    short: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]
    output: Path | None


def run(history: Path, horizon: int, output: Path | None = None, dates: Path | None = None) -> Report:
    """Forecast a CSV of `unique_id, ds, y` for `horizon` days; write a CSV, or print it where there is no `output`.

    To `dates` go the days on which each series reaches 80, 90 and 100 % of its last `capacity`, or why there is none:
    `unique_id, threshold, quantile, ds, reason`, the quantiles being the early, central and late date.

    Every series with a value gets a forecast. Those of under 14 days set out from a nearly flat path and borrow their
    bands from the fleet; they, and those without any value, are named on stderr. Raises TableError.
    """
    if horizon < 1:
        raise TableError(f"the horizon is {horizon} days: at least 1 is needed")
    frame = read_csv(history)
    if dates is not None and "capacity" not in frame.columns:
        raise TableError(f"{history}, line 1: column capacity is missing: dates need the size of each series")
    try:
        ahead = forecast(frame, horizon, shortest=1)
        left = refusals(frame)
        reached = exhaustion(frame) if dates is not None else None
    except FrameError as error:
        raise TableError(_where(history, frame, error)) from error
    _write(ahead, output)
    if dates is not None and reached is not None:
        write_csv(reached, dates)
    empty = left["reason"] == EMPTY
    report = Report(
        ahead["unique_id"].nunique(), len(ahead), _pairs(left[~empty]), _pairs(left[empty]), output
    )
    for name, reason in report.short:
        print(f"{line(name, 200)}: {reason}: the band is borrowed from the other series", file=sys.stderr)
    for name, reason in report.refused:
        print(f"{line(name, 200)}: {reason}: no forecast", file=sys.stderr)
    return report


def read_csv(path: Path) -> pd.DataFrame:
    """The columns `unique_id, ds, y[, capacity]` of a CSV (UTF-8, comma, gzipped where named .gz); others are ignored.

    The index is the line number. Cells are checked by the engine: see `FrameError`. Raises TableError.
    """
    numbers = dict.fromkeys(("y", "capacity"), MISSING)
    try:
        frame = pd.read_csv(
            path,
            encoding="utf-8-sig",
            dtype={"unique_id": "str", "ds": "str"},
            keep_default_na=False,
            na_values=numbers,
            skip_blank_lines=False,
            skipinitialspace=True,
            usecols=lambda name: name.strip() in COLUMNS,
            low_memory=False,
        ).rename(columns=str.strip)
    except OSError as error:
        raise TableError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError) as error:
        raise TableError(f"{path}: is not a CSV in UTF-8 with a line of column names ({error})") from error
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="line")
    absent = [name for name in REQUIRED if name not in frame.columns]
    if absent:
        raise TableError(
            f"{path}, line 1: column {absent[0]} is missing: unique_id, ds and y are expected, separated by commas"
        )
    blank = (frame["unique_id"].fillna("") == "") & (frame["ds"].fillna("") == "") & frame["y"].isna()
    return frame[~blank]


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, gzipped where named .gz: the file appears whole or not at all. Raises TableError."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise TableError(f"{path}: cannot be written: {error.strerror}") from error
    draft = Path(name)
    try:
        os.close(handle)
        frame.to_csv(
            draft, index=False, date_format="%Y-%m-%d", compression="gzip" if path.suffix == ZIPPED else None
        )
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.chmod(0o644)
        draft.replace(path)
    except OSError as error:
        raise TableError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _write(frame: pd.DataFrame, output: Path | None, stdout: IO[str] | None = None) -> None:
    if output is None:
        frame.to_csv(stdout or sys.stdout, index=False, date_format="%Y-%m-%d")
    else:
        write_csv(frame, output)


def _where(path: Path, frame: pd.DataFrame, error: FrameError) -> str:
    """The engine counts rows; a reader counts lines."""
    if error.row is None:
        return f"{path}: {error}"
    what = str(error).split(": ", 1)[1]
    return f"{path}, line {frame.index[error.row]}, column {error.column}: {what}"


def _pairs(rows: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    return tuple(zip(rows["unique_id"], rows["reason"], strict=True))
