"""The ledger: every forecast that was issued is frozen, scored once when it has come due, and never changed.

`freeze` belongs to the transaction of an issue. What is counted of the scores (`tally`, `standing`, `miss`) is
written in the transaction of the scores, and is what pages and metrics read: nobody else unpacks a block.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from exporters.history import unique_id
from exporters.plan.schema import NIGHTLY, PlanError, open_plan
from inventory.files import is_absent
from inventory.metrics import Labels

if TYPE_CHECKING:  # whoever only reads the counts, as the exporter does, need not pay for numpy
    from exporters.plan.frozen import Night, Outcome

SETTLING: Final = 5
"""Days that a forecast waits after its day before it is scored: a glitch has come back by then."""

DAMAGED: Final = "damaged"
"""Why a night was not scored: its block does not have its checksum."""


class DamagedError(PlanError):
    """A block of the ledger does not have its checksum: nothing is scored from it."""


class Key(NamedTuple):
    """What is counted together: `age` of the history in words, `event` whether something happened in between."""

    quantity: str
    kind: str
    role: str
    age: str
    event: bool


class Count(NamedTuple):
    """Forecasts that came due: how many could be scored, and how they turned out.

    `share` sums the absolute misses over the level (`shares` of them, where there was a level), `moves` over the
    store's own monthly move (`moved` of them), `pinball` the loss over the level. Of `judged` dates, `crossed` came
    within the horizon and `alarms` were said to; `missed` came unsaid, `false` were said and did not come; `days`
    sums how far the date was off, cut at the horizon.
    """

    due: int
    scored: int
    in80: int
    in95: int
    above: int
    below: int
    share: float
    shares: int
    moves: float
    moved: int
    pinball: float
    judged: int
    crossed: int
    alarms: int
    missed: int
    false: int
    days: float


class Miss(NamedTuple):
    """A forecast outside its 80 % band.

    `day` and `due` are day numbers, `level`, `mean`, `low`, `high` and `came` values of the series, `state` bits of
    `frozen`, `jump` the largest jump in between, on the day `jumped` (0 where none).
    """

    unique_id: str
    horizon: int
    day: int
    due: int
    level: float
    mean: float
    low: float
    high: float
    came: float
    size: float
    state: int
    jump: float
    jumped: int


class Standing(NamedTuple):
    """How the forecasts of one store at one horizon turned out, and the last one that did not hold."""

    horizon: int
    due: int
    scored: int
    in80: int
    in95: int
    last: Miss | None


class Scored(NamedTuple):
    """What the scoring of one night at one horizon adds: the outcome or a fault, and what is counted of it.

    `standings` are (series, due, scored, in80, in95), `misses` (series, row of Miss without its name).
    """

    day: int
    horizon: int
    outcome: Outcome | None
    fault: str | None = None
    counts: Mapping[Key, Count] = {}
    standings: Sequence[tuple[int, int, int, int, int]] = ()
    misses: Sequence[tuple[int, tuple[float, ...]]] = ()


class Factors(NamedTuple):
    """What the bands of one quantity and kind were multiplied by, at one horizon."""

    quantity: str
    kind: str
    horizon: int
    lo80: float
    hi80: float
    lo95: float
    hi95: float


class Series(NamedTuple):
    """A series that was ever forecast: its number in the ledger, and its name today."""

    number: int
    unique_id: str
    target: str
    metric: str
    labels: Labels

    @property
    def kind(self) -> str:
        return dict(self.labels).get("kind", "")


class Ledger:
    """The ledger in a plan.db. The planner writes; any process reads. Raises PlanError."""

    def __init__(self, path: Path | str) -> None:
        self._file = Path(path)

    # --- what was said -------------------------------------------------------------------------------

    def nights(self) -> list[int]:
        """The days (numbers from 1970-01-01) whose forecasts are frozen, oldest first."""
        return [row["day"] for row in self._rows("SELECT day FROM frozen ORDER BY day")]

    def night(self, day: int) -> Night:
        """What was said on a day. Raises DamagedError where its block cannot be trusted."""
        from exporters.plan.frozen import unpack_night  # noqa: PLC0415 - see above

        rows = self._rows("SELECT block, crc FROM frozen WHERE day = ?", day)
        if not rows:
            raise PlanError(f"{self._file}: no forecast is frozen for day {day}")
        return unpack_night(self._sound(day, 0, rows[0]))

    def outcome(self, day: int, horizon: int) -> Outcome | None:
        """What came of a day's forecasts; None where they were not scored. Raises DamagedError."""
        from exporters.plan.frozen import unpack_outcome  # noqa: PLC0415 - see above

        sql = "SELECT block, crc FROM scored WHERE day = ? AND horizon = ? AND fault IS NULL"
        rows = self._rows(sql, day, horizon)
        return unpack_outcome(self._sound(day, horizon, rows[0])) if rows else None

    def _sound(self, day: int, horizon: int, row: sqlite3.Row) -> bytes:
        from exporters.plan.frozen import checksum  # noqa: PLC0415 - see above

        block = bytes(row["block"])
        if checksum(day, horizon, block) != row["crc"]:
            what = f"scores at {horizon} days" if horizon else "forecasts"
            raise DamagedError(
                f"{self._file}: the {what} of day {day} are damaged (CRC-32): nothing is scored from them; "
                "restore the file from a backup if there is one, and look at the disk"
            )
        return block

    def series(self) -> dict[int, Series]:
        """Every series that was ever forecast, by number."""
        rows = self._rows("SELECT id, unique_id, target, metric, labels FROM ledger_series")
        return {row[0]: Series(row[0], row[1], row[2], row[3], _labels(row[4])) for row in rows}

    def corrections(self, day: int) -> list[Factors]:
        """What the bands of a day were multiplied by."""
        sql = "SELECT quantity, kind, horizon, lo80, hi80, lo95, hi95 FROM correction WHERE day = ?"
        return [Factors(*row) for row in self._rows(sql, day)]

    def rename(self, formerly: Mapping[str, str]) -> int:
        """Give the series of renamed targets (old name to new name) their new names. Returns how many."""
        moved = [
            (unique_id(formerly[one.target], one.metric, one.labels), formerly[one.target], one.number)
            for one in self.series().values()
            if one.target in formerly
        ]
        if moved:
            with open_plan(self._file) as db:
                db.execute("BEGIN IMMEDIATE")
                db.executemany("UPDATE ledger_series SET unique_id = ?, target = ? WHERE id = ?", moved)
                db.execute("COMMIT")
        return len(moved)

    # --- how it turned out ---------------------------------------------------------------------------

    def due(self, today: int, horizons: Sequence[int]) -> list[tuple[int, int]]:
        """(day, horizon) of what has come due by the day number `today`, has settled, and is not scored, oldest due first."""
        sql = (
            "SELECT frozen.day, ahead.value FROM frozen, json_each(?1) AS ahead LEFT JOIN scored ON "
            "scored.day = frozen.day AND scored.horizon = ahead.value WHERE scored.day IS NULL AND "
            "frozen.day + ahead.value < ?2 ORDER BY frozen.day + ahead.value, ahead.value"
        )
        return [(row[0], row[1]) for row in self._rows(sql, json.dumps(horizons), today - SETTLING)]

    def keep(self, scores: Iterable[Scored], at: float) -> None:
        """Keep scores, all or nothing, dated `at` (UTC epoch seconds). Raises PlanError where one stands already."""
        with open_plan(self._file) as db:
            db.execute("BEGIN IMMEDIATE")
            for one in scores:
                _keep(db, one, at)
            _thin(db)
            db.execute("COMMIT")

    def done(self, horizon: int, since: int) -> list[int]:
        """The days from `since` on whose forecasts at a horizon are scored, oldest first."""
        sql = "SELECT day FROM scored WHERE horizon = ? AND day >= ? AND fault IS NULL ORDER BY day"
        return [row["day"] for row in self._rows(sql, horizon, since)]

    def faults(self) -> list[tuple[int, int, str]]:
        """(day, horizon, fault) of what came due and could not be scored as a whole."""
        sql = "SELECT day, horizon, fault FROM scored WHERE fault IS NOT NULL ORDER BY day, horizon"
        return [(row["day"], row["horizon"], row["fault"]) for row in self._rows(sql)]

    def tallies(self) -> list[tuple[int, int, Key, Count]]:
        """(day, horizon, key, count) of all scores, by day and horizon."""
        rows = self._rows("SELECT * FROM tally ORDER BY day, horizon, quantity, kind, role, age, event")
        return [
            (row[0], row[1], Key(row[2], row[3], row[4], row[5], bool(row[6])), Count(*row[7:]))
            for row in rows
        ]

    def totals(self) -> list[tuple[str, str, int, Count]]:
        """(quantity, kind, horizon, count) over all nights."""
        sums = ", ".join(f"sum({name})" for name in Count._fields)
        sql = f"SELECT quantity, kind, horizon, {sums} FROM tally GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"  # noqa: S608 - our own names
        return [(row[0], row[1], row[2], Count(*row[3:])) for row in self._rows(sql)]

    def standings(self, name: str) -> list[Standing]:
        """How the forecasts of one store turned out, by horizon; under all names that it bore."""
        rows = self._rows(
            "SELECT horizon, sum(due), sum(scored), sum(in80), sum(in95) FROM standing JOIN ledger_series "
            "ON id = series WHERE unique_id = ? GROUP BY horizon ORDER BY horizon",
            name,
        )
        last: dict[int, Miss] = {}
        for miss in sorted(self._misses("last", name), key=lambda one: one.day):
            last[miss.horizon] = miss
        return [Standing(row[0], row[1], row[2], row[3], row[4], last.get(row[0])) for row in rows]

    def held(self, horizon: int) -> list[tuple[Series, int, int, int]]:
        """Of every series with scored forecasts at a horizon: how many were scored, and inside their 80 % and 95 % bands."""
        rows = self._rows(
            "SELECT min(id), unique_id, target, metric, labels, sum(scored), sum(in80), sum(in95) FROM standing "
            "JOIN ledger_series ON id = series WHERE horizon = ? GROUP BY unique_id HAVING sum(scored) > 0",
            horizon,
        )
        return [
            (Series(row[0], row[1], row[2], row[3], _labels(row[4])), row[5], row[6], row[7]) for row in rows
        ]

    def worst(self, since: int = 0) -> list[Miss]:
        """The worst miss of each store and horizon that came due on the day `since` or later, the greatest share first."""
        found = [one for one in self._misses("worst") if one.due >= since and one.level > 0]
        return sorted(found, key=lambda one: -abs(one.came - one.mean) / one.level)

    def _misses(self, which: str, name: str | None = None) -> list[Miss]:
        columns = ", ".join(Miss._fields)
        rows = self._rows(
            f"SELECT {columns} FROM miss JOIN ledger_series ON id = series "  # noqa: S608 - our own names
            "WHERE which = ?1 AND (?2 IS NULL OR unique_id = ?2)",
            which,
            name,
        )
        return [Miss(*row) for row in rows]

    def _rows(self, sql: str, *given: object) -> list[sqlite3.Row]:
        if is_absent(self._file):
            return []
        with open_plan(self._file) as db:
            return db.execute(sql, given).fetchall()


def number_of(db: sqlite3.Connection, one: tuple[str, str, str, Labels]) -> int:
    """The number of a series (unique_id, target, metric, labels), a new one where it was never forecast."""
    row = db.execute("SELECT min(id) FROM ledger_series WHERE unique_id = ?", one[:1]).fetchone()
    if row[0] is None:
        insert = (
            "INSERT INTO ledger_series (unique_id, target, metric, labels) VALUES (?, ?, ?, ?) RETURNING id"
        )
        row = db.execute(insert, (*one[:3], json.dumps(one[3]))).fetchone()
    return int(row[0])


def put(db: sqlite3.Connection, day: int, at: float, night: Night, factors: Iterable[Factors]) -> bool:
    """Freeze a night inside a transaction, in the place of an earlier one of that day, of which nothing has come due.

    Returns False, and keeps nothing, where a later day is frozen: the clock was ahead then, or is behind now.
    """
    from exporters.plan.frozen import checksum, pack_night  # noqa: PLC0415 - see above

    (newest,) = db.execute("SELECT max(day) FROM frozen").fetchone()
    if newest is not None and newest > day:
        return False
    block = pack_night(night)
    db.execute("DELETE FROM frozen WHERE day = ?", (day,))
    db.execute(
        "INSERT INTO frozen VALUES (?, ?, ?, ?, ?)", (day, at, len(night), block, checksum(day, 0, block))
    )
    db.execute("DELETE FROM correction WHERE day = ?", (day,))
    db.executemany("INSERT INTO correction VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ((day, *one) for one in factors))
    return True


def _keep(db: sqlite3.Connection, one: Scored, at: float) -> None:
    from exporters.plan.frozen import checksum, pack_outcome  # noqa: PLC0415 - see above

    block = b"" if one.outcome is None else pack_outcome(one.outcome)
    db.execute(
        "INSERT INTO scored VALUES (?, ?, ?, ?, ?, ?)",
        (one.day, one.horizon, at, one.fault, block, checksum(one.day, one.horizon, block)),
    )
    rows = ((one.day, one.horizon, *key, *count) for key, count in one.counts.items())
    db.executemany(f"INSERT INTO tally VALUES ({','.join('?' * 24)})", rows)  # noqa: S608 - only question marks
    db.executemany(_STANDING, ((series, one.horizon, *counted) for series, *counted in one.standings))
    for which, rule in _WHICH.items():
        sql = f"INSERT INTO miss VALUES ({','.join('?' * 14)}) {_UPSERT} WHERE {rule}"  # noqa: S608 - our own text
        db.executemany(sql, ((series, one.horizon, which, *row) for series, row in one.misses))


_STANDING: Final = (
    "INSERT INTO standing VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET due = due + excluded.due, "
    "scored = scored + excluded.scored, in80 = in80 + excluded.in80, in95 = in95 + excluded.in95"
)
_MISS: Final = (*Miss._fields[2:],)
_UPSERT: Final = "ON CONFLICT DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in _MISS
)  # rule: B608 - names of ours
_WHICH: Final = {
    "last": "excluded.day >= day",
    "worst": "abs(excluded.came - excluded.mean) * level > abs(came - mean) * excluded.level",
}
"""Which misses of a store are kept, and when another takes their place: the newest, and the greatest share of the level."""


def _thin(db: sqlite3.Connection) -> None:
    """Of nights older than NIGHTLY days, of which everything has been scored, keep the first of each week."""
    days = db.execute(_OLD, (NIGHTLY,)).fetchall()
    for sql in _FORGET:
        db.executemany(sql, [tuple(row) for row in days])


_OLD: Final = (
    "SELECT day FROM frozen WHERE day < (SELECT max(day) FROM frozen) - ? AND "
    "EXISTS (SELECT 1 FROM frozen AS other WHERE other.day / 7 = frozen.day / 7 AND other.day < frozen.day) AND "
    "(SELECT count(*) FROM scored WHERE scored.day = frozen.day) >= 5"
)
_FORGET: Final = tuple(f"DELETE FROM {name} WHERE day = ?" for name in ("frozen", "scored", "correction"))  # noqa: S608 - three names


def _labels(text: str) -> Labels:
    return tuple((name, value) for name, value in json.loads(text))
