"""`history.db`: what was measured, for years.

One process appends (the collector); any process reads meanwhile. The same interface serves the embedded file
(`sqlite`) and, when scaled out, a Prometheus-compatible engine (`prometheus`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from inventory.metrics import Labels

if TYPE_CHECKING:  # half a second and 60 MB that whoever only writes need not pay
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from exporters.history.days import Calendar
    from exporters.history.sqlite import Day

Resolution = Literal["raw", "hour", "day"]


class Point(NamedTuple):
    """One value to keep. `at` is UTC epoch seconds."""

    target: str
    metric: str
    labels: Labels
    at: float
    value: float


class Known(NamedTuple):
    """A series that the history holds, and the span of its days (UTC epoch seconds)."""

    unique_id: str
    target: str
    metric: str
    labels: Labels
    first: float
    last: float


class Daily(NamedTuple):
    """Daily values of many series: `values` has a row for each of `unique_ids` and a column for each of `days`.

    `days` are civil days without a gap between them; NaN where there is no value.
    """

    unique_ids: tuple[str, ...]
    days: npt.NDArray[np.datetime64]
    values: npt.NDArray[np.float64]


def unique_id(target: str, metric: str, labels: Labels) -> str:
    """The name of a series: the Prometheus notation with the target first, then the labels by name.

    >>> unique_id("nas-01", "jauge_storage_used_bytes", (("kind", "pool"), ("store", "p0")))
    'jauge_storage_used_bytes{target="nas-01",kind="pool",store="p0"}'
    """
    pairs = (("target", target), *labels)
    inside = ",".join(f'{name}="{escape(value)}"' for name, value in pairs)
    return f"{metric}{{{inside}}}"


def escape(value: str) -> str:
    """A label value as the exposition format writes it."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


class Appender(Protocol):
    """What the collector asks of a history."""

    def append(self, points: Sequence[Point]) -> None:
        """Keep points. They are acknowledged when this returns: committed, and safe from a crash.

        Appending the same point again changes nothing. Raises HistoryError with what to do.
        """

    def close(self) -> None:
        """Commit what is open and let go of the file."""


class Keeper(Appender, Protocol):
    """A history that is open to write, and what becomes of it in time."""

    @property
    def damaged(self) -> int:
        """Pieces that were found not to be as they were written."""

    @property
    def newest(self) -> float | None:
        """The end of the newest hour that finer values are kept of (UTC epoch seconds); None where there are none, or an engine has them."""

    def roll(self, now: float | None = None, seconds: float = math.inf) -> bool:
        """Roll up and forget what is due, for at most `seconds`; False where something is left to do."""

    def rename(self, old: str, new: str) -> int:
        """Give the series of target `old` to `new`; the number of series that moved."""


class DayKeeper(Protocol):
    """What an import asks of a history."""

    @property
    def calendar(self) -> Calendar:
        """The civil days of the estate."""

    def now(self) -> float:
        """The clock by which the future is told (UTC epoch seconds)."""

    def keep_days(self, days: Iterable[Day]) -> int:
        """Keep past days from elsewhere; the number of days that changed. Raises HistoryError."""

    def close(self) -> None:
        """Let go of the history."""


class Reader(Protocol):
    """What everybody else asks of a history."""

    @property
    def timezone(self) -> str:
        """The timezone whose civil days the history keeps."""

    def series(self, metric: str | None = None, target: str | None = None) -> list[Known]:
        """The series that the history holds, by name."""

    def read(
        self,
        unique_ids: Iterable[str],
        start: float | None = None,
        end: float | None = None,
        resolution: Resolution = "day",
    ) -> pd.DataFrame:
        """Frame `unique_id, ds, y`, sorted; `ds` is a naive civil day of the estate's timezone for "day",
        an aware UTC instant otherwise; `y` is the last value of the day or hour. Missing days are absent."""

    def daily(self, unique_ids: Sequence[str], start: float | None = None, end: float | None = None) -> Daily:
        """The same by day, as a matrix: a row for each of `unique_ids`, in their order, also where it is not held."""

    def last(self, unique_ids: Iterable[str], start: float, end: float | None = None) -> dict[str, float]:
        """The last value of each series that has one from the civil day of `start` to that of `end` (UTC epoch seconds)."""


class HistoryError(Exception):
    """The history cannot be opened, read or written: the message says which file, why, and what to do."""
