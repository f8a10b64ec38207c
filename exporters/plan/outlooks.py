"""The issues of the planner.

An issue is what one run of the planner said of all stores. It is written whole or not at all, and never changed
afterwards: a forecast can be held against what came. The newest issue is a query.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from exporters.plan.schema import PlanError, create, open_plan
from inventory.metrics import Labels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

PATH_COLUMNS: Final = ("mean", "lo80", "hi80", "lo95", "hi95")

KNOTS: Final = (*range(1, 15), *range(21, 190, 7), *range(210, 1096, 30), 1096)
"""Days ahead at which a path is kept; between them it is drawn straight."""


class Event(NamedTuple):
    """A persistent jump of the level: the first day at the new level, and the bytes it moved."""

    day: date
    size: float


@dataclasses.dataclass(frozen=True, slots=True)
class Outlook:
    """What the planner says of one store, in one issue.

    `first` and `last` are the days of the history it rests on. `used`, `capacity` and the events are bytes, `rate`
    is bytes a day over the next 90 days (None where nothing is forecast). `dates` maps (threshold, quantile) to a
    day, None where there is none; `reasons` says by threshold why its central date is missing. `figures` are the
    pieces of the sentence that explains it. `path` (`ds` and PATH_COLUMNS) is given when issuing and read
    back by `Outlooks.path`. `limit` is what may be filled of the capacity, given when issuing.
    """

    unique_id: str
    target: str
    metric: str
    labels: Labels
    issued_at: float
    first: date
    last: date
    used: float
    capacity: float | None
    rate: float | None
    dates: Mapping[tuple[float, float], date | None]
    reasons: Mapping[float, str | None]
    events: tuple[Event, ...] = ()
    figures: Mapping[str, float] = dataclasses.field(default_factory=dict)
    path: pd.DataFrame | None = dataclasses.field(default=None, compare=False, repr=False)
    limit: float | None = None

    def ahead(self, days: Sequence[int]) -> npt.NDArray[np.float64] | None:
        """The path that is issued, `days` after `last`: (days, PATH_COLUMNS). None where nothing is forecast, or it was read back."""
        import numpy as np  # noqa: PLC0415 - see `_unpack`

        if self.path is None:
            return None
        rows = np.array(days) - 1
        return np.stack([self.path[name].to_numpy(dtype=np.float64)[rows] for name in PATH_COLUMNS], axis=1)

    @property
    def date(self) -> date | None:
        """The central date of the full store."""
        return self.dates.get((1.0, 0.5))

    @property
    def reason(self) -> str | None:
        """Why there is no central date of the full store."""
        return self.reasons.get(1.0)


class Outlooks:
    """The ledger. One process issues (the planner); any process reads meanwhile. The first issue makes the file."""

    def __init__(self, path: Path | str) -> None:
        self._file = Path(path)

    @property
    def file(self) -> Path:
        """Where the plan is kept."""
        return self._file

    def issue(
        self,
        outlooks: Iterable[Outlook],
        at: float,
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> int:
        """Keep an issue dated `at` (UTC epoch seconds), all or nothing. Returns how many outlooks it holds.

        `also` writes what belongs to the issue in the same transaction, once all outlooks have been seen.
        Raises PlanError where an issue of that instant stands already, a store comes twice, or the file
        cannot be written; nothing is kept then.
        """
        create(self._file)
        with open_plan(self._file) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
                number = db.execute("INSERT INTO issue (at) VALUES (?)", (at,)).lastrowid
                sql = f"INSERT INTO outlook VALUES ({','.join('?' * 15)})"  # noqa: S608  only question marks
                count = db.executemany(sql, ((number, *_row(outlook)) for outlook in outlooks)).rowcount
                if also is not None:
                    also(db)
                db.execute("COMMIT")
            except sqlite3.IntegrityError as error:
                raise PlanError(
                    f"{self._file}: nothing issued, this issue or a store of it is there already ({error})"
                ) from error
        return max(count, 0)

    def latest(self, target: str | None = None) -> list[Outlook]:
        """The newest issue, by store name; of one target where named. Empty where nothing was ever issued."""
        if not self._file.exists():
            return []
        with open_plan(self._file) as db:
            rows = db.execute(
                "SELECT at, outlook.* FROM outlook JOIN issue ON issue.id = issue WHERE issue = "
                "(SELECT id FROM issue ORDER BY at DESC LIMIT 1) AND (?1 IS NULL OR target = ?1) ORDER BY unique_id",
                (target,),
            ).fetchall()
        return [_outlook(row) for row in rows]

    def issues(self) -> list[float]:
        """When something was issued (UTC epoch seconds), oldest first."""
        if not self._file.exists():
            return []
        with open_plan(self._file) as db:
            return [row["at"] for row in db.execute("SELECT at FROM issue ORDER BY at")]

    def ledger(self, unique_id: str) -> list[Outlook]:
        """All that was ever said of one store, oldest first."""
        if not self._file.exists():
            return []
        with open_plan(self._file) as db:
            rows = db.execute(
                "SELECT at, outlook.* FROM outlook JOIN issue ON issue.id = issue WHERE unique_id = ? ORDER BY at",
                (unique_id,),
            ).fetchall()
        return [_outlook(row) for row in rows]

    def path(self, unique_id: str, at: float | None = None) -> pd.DataFrame:
        """The forecast of a store, one row a day: `ds` (naive days) and PATH_COLUMNS in bytes.

        Of the newest issue, or of the one dated `at`. Empty where nothing was forecast.
        """
        row = None
        if self._file.exists():
            with open_plan(self._file) as db:
                row = db.execute(
                    "SELECT last, used, path FROM outlook JOIN issue ON issue.id = issue WHERE unique_id = ?1 "
                    "AND at = coalesce(?2, (SELECT max(at) FROM issue))",
                    (unique_id, at),
                ).fetchone()
        if row is None or row["path"] is None:
            import pandas as pd  # noqa: PLC0415 - see `_unpack`

            return pd.DataFrame(
                {"ds": pd.Series(dtype="datetime64[s]")}
                | {name: pd.Series(dtype="float64") for name in PATH_COLUMNS}
            )
        return _unpack(row["path"], date.fromisoformat(row["last"]), row["used"])


def _row(outlook: Outlook) -> tuple[object, ...]:
    dates = [
        [threshold, quantile, day and day.isoformat()] for (threshold, quantile), day in outlook.dates.items()
    ]
    return (
        outlook.unique_id,
        outlook.target,
        outlook.metric,
        json.dumps(outlook.labels),
        outlook.first.isoformat(),
        outlook.last.isoformat(),
        outlook.used,
        outlook.capacity,
        outlook.rate,
        json.dumps(dates),
        json.dumps(list(outlook.reasons.items())),
        json.dumps([[event.day.isoformat(), event.size] for event in outlook.events]),
        json.dumps(dict(outlook.figures)),
        None if outlook.path is None else _pack(outlook.path, outlook.last, outlook.used),
    )


def _outlook(row: sqlite3.Row) -> Outlook:
    return Outlook(
        unique_id=row["unique_id"],
        target=row["target"],
        metric=row["metric"],
        labels=tuple((name, value) for name, value in json.loads(row["labels"])),
        issued_at=row["at"],
        first=date.fromisoformat(row["first"]),
        last=date.fromisoformat(row["last"]),
        used=row["used"],
        capacity=row["capacity"],
        rate=row["rate"],
        dates={(t, q): date.fromisoformat(day) if day else None for t, q, day in json.loads(row["dates"])},
        reasons=dict(json.loads(row["reasons"])),
        events=tuple(Event(date.fromisoformat(day), size) for day, size in json.loads(row["events"])),
        figures=json.loads(row["figures"]),
    )


def _pack(path: pd.DataFrame, last: date, used: float) -> bytes:
    """The path at KNOTS, as what it adds to `used`: day numbers, then single-precision columns."""
    import numpy as np  # noqa: PLC0415 - see `_unpack`

    ahead = (path["ds"].to_numpy(dtype="datetime64[D]") - np.datetime64(last, "D")).astype(np.int64)
    kept = np.isin(ahead, KNOTS)
    kept[-1:] = True
    moves = path.loc[kept, list(PATH_COLUMNS)].to_numpy(dtype=np.float64) - used
    return zlib.compress(ahead[kept].astype("<u2").tobytes() + moves.astype("<f4").tobytes())


def _unpack(blob: bytes, last: date, used: float) -> pd.DataFrame:
    # who only asks for dates, as the collector does, need not pay for these: 100 MB and more of address space
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    raw = zlib.decompress(blob)
    count = len(raw) // (2 + 4 * len(PATH_COLUMNS))
    ahead = np.frombuffer(raw, "<u2", count)
    moves = np.frombuffer(raw, "<f4", offset=2 * count).reshape(count, len(PATH_COLUMNS)).astype(np.float64)
    days = np.arange(1, int(ahead[-1]) + 1)
    columns = {
        name: used + np.interp(days, ahead, moves[:, place]) for place, name in enumerate(PATH_COLUMNS)
    }
    start = np.datetime64(last + timedelta(days=1), "s")
    return pd.DataFrame({"ds": start + 86400 * np.arange(len(days)).astype("timedelta64[s]")} | columns)
