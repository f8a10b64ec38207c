"""The issues of the planner.

An issue is what one run of the planner said of all stores. It is written whole or not at all. There is one a civil
day, which a second run of that day replaces; what an earlier day said is never changed, so that it can be held against
what came. The newest issues are kept whole, those before with their dates alone, and after two weeks one a month.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import json
import math
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from exporters.plan.schema import PlanError, create, open_plan
from inventory.files import is_absent
from inventory.harmless import line
from inventory.metrics import Labels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

PATH_COLUMNS: Final = ("mean", "lo80", "hi80", "lo95", "hi95")

HORIZON: Final = 1096
"""Days ahead beyond which no date is looked for."""

KNOTS: Final = (*range(1, 15), *range(21, 190, 7), 30, 90, 180, *range(210, HORIZON, 30), 365, HORIZON)
"""Days ahead at which a path is kept; between them it is drawn straight. Those at which forecasts are scored are there."""


WHOLE: Final = 2
"""Issues, the newest, that are kept with their paths and with what explains them."""

NIGHTS: Final = 14
"""Issues that are kept with their dates; of those before, the first of each month."""

MONTHS: Final = 24
"""Months of which such a one stays."""

Level = Literal["probable", "possible"]

OVER: Final = "already over"
NOISE: Final = "no trend: noise"
"""Two of the reasons of `forecasting.engine.exhaustion`."""


class Event(NamedTuple):
    """A persistent jump, of what is used or of a size: the first day at the new level, and by how much it moved."""

    day: date
    size: float


@dataclasses.dataclass(frozen=True, slots=True)
class Outlook:
    """What the planner says of one store, or of another thing that fills, in one issue.

    `first` and `last` are the days of the history it rests on. `used`, `capacity` and the events are in its `unit`
    (bytes, a ratio, or plain numbers), `rate` is that unit a day over the next 90 days (None where nothing is
    forecast). `dates` maps (threshold, quantile) to a day, None where there is none; thresholds are shares of `limit`,
    what may be filled. `rules` lead from the `capacity` that is told to it: what was applied, and what it left.
    `reasons` says by threshold why its central date is missing, `chances` the chance of having reached it within each
    number of days. `order_by` is the last day to order what must be there by the early date. `extensions` are steps
    of the size, `ordered` those that are expected. `cause` names the pool that is full earlier than the store itself.
    `figures` are the pieces of the sentence that explains it. `path` (`ds` and PATH_COLUMNS) is given when issuing, or
    `packed` by `pack` in its stead, and read back by `Outlooks.path`.
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
    quantity: str = "storage"
    unit: str = "bytes"
    limit: float | None = None
    rules: tuple[tuple[str, float], ...] = ()
    extensions: tuple[Event, ...] = ()
    ordered: tuple[Event, ...] = ()
    chances: Mapping[float, Mapping[int, float]] = dataclasses.field(default_factory=dict)
    order_by: date | None = None
    cause: str = ""
    packed: bytes | None = dataclasses.field(default=None, compare=False, repr=False)

    def ahead(self, days: Sequence[int]) -> npt.NDArray[np.float64] | None:
        """The path that is issued, `days` after `last`: (days, PATH_COLUMNS). None where nothing is forecast, or it was read back."""
        import numpy as np  # noqa: PLC0415 - see `_unpack`

        packed = self.packed if self.path is None else _pack_frame(self.path, self.used)
        if packed is None:
            return None
        knots, moves = _knots(packed)
        inside = np.clip(days, knots[0], knots[-1])
        after = np.minimum(np.searchsorted(knots, inside, side="right"), len(knots) - 1)
        before = np.maximum(after - 1, 0)
        share = (inside - knots[before]) / np.maximum(knots[after] - knots[before], 1)
        return np.asarray(self.used + moves[before] + share[:, None] * (moves[after] - moves[before]))

    @property
    def level(self) -> Level | None:
        """Probable where it is more likely than not to be full within three years, possible where one chance in ten is."""
        if self.date is not None or self.is_over:
            return "probable"
        return "possible" if self.dates.get((1.0, 0.1)) else None

    @property
    def is_over(self) -> bool:
        """Whether it was full already on its last day."""
        return self.reason == OVER

    @property
    def chance(self) -> float | None:
        """How likely it is to be full within HORIZON days, of what has neither a date nor an early one."""
        told = self.level is None and self.limit is not None
        return self.chances.get(1.0, {}).get(HORIZON) if told else None

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
        day: date | None = None,
    ) -> int:
        """Keep an issue dated `at` (UTC epoch seconds), all or nothing. Returns how many outlooks it holds.

        It takes the place of the issue of the same civil `day`, where there is one. `also` writes what belongs to it
        in the same transaction, once all outlooks have been seen. Raises PlanError where another
        issue of that instant stands already, a store comes twice, or the file cannot be written; nothing is
        changed then.
        """
        create(self._file)
        with open_plan(self._file) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
                if day is not None:
                    _drop(
                        db,
                        [
                            number
                            for (number,) in db.execute("SELECT id FROM issue WHERE day = ?", (str(day),))
                        ],
                    )
                number = db.execute(
                    "INSERT INTO issue (at, day) VALUES (?, ?)", (at, day and day.isoformat())
                ).lastrowid
                sql = f"INSERT INTO outlook ({','.join(_COLUMNS)}) VALUES ({','.join('?' * len(_COLUMNS))})"  # noqa: S608 - our names
                count = db.executemany(sql, ((number, *_row(outlook)) for outlook in outlooks)).rowcount
                if also is not None:
                    also(db)
                _thin(db)
                db.execute("COMMIT")
            except sqlite3.IntegrityError as error:
                raise PlanError(
                    f"{self._file}: nothing issued, this issue or a store of it is there already ({error})"
                ) from error
        return max(count, 0)

    def latest(self, target: str | None = None) -> list[Outlook]:
        """The newest issue, by store name; of one target where named. Empty where nothing was ever issued."""
        if is_absent(self._file):
            return []
        with open_plan(self._file) as db:
            rows = db.execute(
                "SELECT at, outlook.* FROM outlook JOIN issue ON issue.id = issue WHERE issue = "
                "(SELECT id FROM issue ORDER BY at DESC LIMIT 1) AND (?1 IS NULL OR target = ?1) ORDER BY unique_id",
                (target,),
            ).fetchall()
        return [_outlook(row) for row in rows]

    def issued(self, at: float) -> list[Outlook]:
        """The issue dated `at` (UTC epoch seconds), by store name. Empty where there is none."""
        if is_absent(self._file):
            return []
        with open_plan(self._file) as db:
            rows = db.execute(
                "SELECT at, outlook.* FROM outlook JOIN issue ON issue.id = issue WHERE at = ? ORDER BY unique_id",
                (at,),
            ).fetchall()
        return [_outlook(row) for row in rows]

    def issues(self) -> list[float]:
        """When something was issued (UTC epoch seconds), oldest first."""
        if is_absent(self._file):
            return []
        with open_plan(self._file) as db:
            return [row["at"] for row in db.execute("SELECT at FROM issue ORDER BY at")]

    def ledger(self, unique_id: str) -> list[Outlook]:
        """All that was ever said of one store, oldest first."""
        if is_absent(self._file):
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
        if not is_absent(self._file):
            with open_plan(self._file) as db:
                row = db.execute(
                    "SELECT last, used, path FROM outlook JOIN issue ON issue.id = issue WHERE unique_id = ?1 "
                    "AND at = coalesce(?2, (SELECT max(at) FROM issue))",
                    (unique_id, at),
                ).fetchone()
        return _path_of(unique_id, row)

    def paths(self) -> Callable[[str], pd.DataFrame]:
        """`path` of the newest issue, for who asks for those of many stores: the file is read once."""
        rows: list[sqlite3.Row] = []
        if not is_absent(self._file):
            with open_plan(self._file) as db:
                rows = db.execute(
                    "SELECT unique_id, last, used, path FROM outlook WHERE issue = (SELECT id FROM issue ORDER BY at DESC LIMIT 1)"
                ).fetchall()
        found = {row["unique_id"]: row for row in rows}
        return lambda unique_id: _path_of(unique_id, found.get(unique_id))


def _path_of(unique_id: str, row: sqlite3.Row | None) -> pd.DataFrame:
    """The path of a row, empty where it has none. Raises PlanError."""
    if row is None or row["path"] is None:
        import pandas as pd  # noqa: PLC0415 - see `_unpack`

        return pd.DataFrame(
            {"ds": pd.Series(dtype="datetime64[s]")}
            | {name: pd.Series(dtype="float64") for name in PATH_COLUMNS}
        )
    with _sound(unique_id):
        return _unpack(row["path"], date.fromisoformat(row["last"]), row["used"])


def _drop(db: sqlite3.Connection, numbers: Sequence[int]) -> None:
    for number in numbers:
        db.execute("DELETE FROM outlook WHERE issue = ?", (number,))
        db.execute("DELETE FROM issue WHERE id = ?", (number,))


def _thin(db: sqlite3.Connection) -> None:
    """Let go of what no page shows any more: the frozen forecasts of the ledger are tables of their own."""
    issues = db.execute(
        "SELECT id, whole, coalesce(day, date(at, 'unixepoch')) FROM issue ORDER BY at DESC"
    ).fetchall()
    for number, whole, _ in issues[WHOLE:]:
        if whole:
            db.execute(_SLIM, (number,))
            db.execute("UPDATE issue SET whole = 0 WHERE id = ?", (number,))
    months: dict[str, int] = {}
    for number, _, day in reversed(issues[NIGHTS:]):
        months.setdefault(day[:7], number)
    kept = set(list(months.values())[-MONTHS:])
    _drop(db, [number for number, _, _ in issues[NIGHTS:] if number not in kept])


_SLIM: Final = """UPDATE outlook SET path = NULL, figures = '{}', events = '[]', extensions = '[]', ordered = '[]', rules = '[]',
    chances = '[]' WHERE issue = ?"""


_COLUMNS: Final = (
    "issue", "unique_id", "target", "metric", "labels", "first", "last", "used", "capacity", "rate", "dates", "reasons",
    "events", "figures", "path", "quantity", "unit", "room", "rules", "extensions", "ordered", "chances", "order_by",
    "cause",
)  # fmt: skip


def _row(outlook: Outlook) -> tuple[object, ...]:
    dates = [
        [threshold, quantile, day and day.isoformat()] for (threshold, quantile), day in outlook.dates.items()
    ]
    path = outlook.packed
    if outlook.path is not None:
        path = _pack_frame(outlook.path, outlook.used)
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
        _events(outlook.events),
        json.dumps(dict(outlook.figures)),
        path,
        outlook.quantity,
        outlook.unit,
        outlook.limit,
        json.dumps(outlook.rules),
        _events(outlook.extensions),
        _events(outlook.ordered),
        json.dumps(
            [[threshold, *pair] for threshold, within in outlook.chances.items() for pair in within.items()]
        ),
        outlook.order_by and outlook.order_by.isoformat(),
        outlook.cause,
    )


def _events(events: Iterable[Event]) -> str:
    found = [[event.day.isoformat(), event.size] for event in events]
    return (
        json.dumps(found) if found else "[]"
    )  # most have none, and this is asked thirty thousand times a night


@contextlib.contextmanager
def _sound(unique_id: object) -> Iterator[None]:
    """Rows bear no checksum: what cannot be an outlook is damage, told as such to whoever asks (PlanError)."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, zlib.error):
        said = f"what plan.db says of {line(str(unique_id), 200)} is damaged"
        raise PlanError(f"{said}: run jauge plan to have it anew, or restore a backup") from None


def _outlook(row: sqlite3.Row) -> Outlook:
    """The outlook of a row. Raises PlanError."""
    with _sound(row["unique_id"]):
        found = _read(row)
        texts = (found.unique_id, found.target, found.metric, *itertools.chain(*found.labels))
        numbers = [found.used, *(one for one in (found.capacity, found.rate, found.limit) if one is not None)]
        if not all(isinstance(text, str) for text in texts) or not all(map(math.isfinite, numbers)):
            raise ValueError
        return found


def _read(row: sqlite3.Row) -> Outlook:
    def events(name: str) -> tuple[Event, ...]:
        return tuple(Event(date.fromisoformat(day), size) for day, size in json.loads(row[name]))

    chances: dict[float, dict[int, float]] = {}
    for threshold, days, chance in json.loads(row["chances"]):
        chances.setdefault(threshold, {})[days] = chance
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
        events=events("events"),
        figures=json.loads(row["figures"]),
        quantity=row["quantity"],
        unit=row["unit"],
        limit=row["room"],
        rules=tuple((rule, value) for rule, value in json.loads(row["rules"])),
        extensions=events("extensions"),
        ordered=events("ordered"),
        chances=chances,
        order_by=row["order_by"] and date.fromisoformat(row["order_by"]),
        cause=row["cause"],
    )


def _pack_frame(path: pd.DataFrame, used: float) -> bytes:
    import numpy as np  # noqa: PLC0415 - see `_unpack`

    return pack(path[list(PATH_COLUMNS)].to_numpy(dtype=np.float64), used)


def pack(path: npt.NDArray[np.float64], used: float) -> bytes:
    """A path, (days, PATH_COLUMNS), as it is kept: its first row is the day after the last one.

    It is what it adds to `used` at KNOTS: day numbers, then single-precision columns.
    """
    days = _kept(len(path))
    return zlib.compress(days.astype("<u2").tobytes() + (path[days - 1] - used).astype("<f4").tobytes())


@functools.lru_cache(maxsize=8)
def _kept(count: int) -> npt.NDArray[np.int64]:
    """The days of a path of so many that are kept: KNOTS, and the last one."""
    import numpy as np  # noqa: PLC0415 - see `_unpack`

    return np.unique([day for day in (*KNOTS, count) if day <= count])


def _unpack(blob: bytes, last: date, used: float) -> pd.DataFrame:
    # who only asks for dates, as the collector does, need not pay for these: 100 MB and more of address space
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    ahead, moves = _knots(blob)
    days = np.arange(1, int(ahead[-1]) + 1)
    columns = {
        name: used + np.interp(days, ahead, moves[:, place]) for place, name in enumerate(PATH_COLUMNS)
    }
    start = np.datetime64(last + timedelta(days=1), "s")
    return pd.DataFrame({"ds": start + 86400 * np.arange(len(days)).astype("timedelta64[s]")} | columns)


_LARGEST: Final = 1024 * 1024
"""Bytes of a path, unpacked: ten years of days are a tenth of it."""


def _knots(blob: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """What `pack` kept: days ahead, and what the path adds to what is used by then (days, PATH_COLUMNS)."""
    import numpy as np  # noqa: PLC0415 - see `_unpack`

    raw = zlib.decompressobj().decompress(blob, _LARGEST)
    count = len(raw) // (2 + 4 * len(PATH_COLUMNS))
    moves = np.frombuffer(raw, "<f4", offset=2 * count).reshape(count, len(PATH_COLUMNS))
    ahead = np.frombuffer(raw, "<u2", count).astype(np.int64)
    if (ahead[:1] <= 0).any() or (ahead[1:] <= ahead[:-1]).any():
        raise ValueError("days that do not follow each other")
    return ahead, moves.astype(np.float64)
