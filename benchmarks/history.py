"""The history at full size, beside rows as SQLite keeps them, and Parquet where pyarrow is installed.

    python -m benchmarks.history [--series 10000] [--years 10] [--rounds 5] [--keep DIR] [--upgrade] [--json]

Makes a history of that many stores: daily values for the years, hourly ones for 90 days, and an hour of raw values,
sixty for each store; then a file with the same values, a row for each in tables as schema 1 had them. Figures are
medians of rounds in which the two take turns, by the clock and (`_cpu`) of the processor, which others may hold; the file
is in the page cache. The sum of what both read must be the same.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import importlib.util
import json
import math
import multiprocessing
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from exporters.history import Point, unique_id
from exporters.history.blocks import GROUP, IMPORT, MEASURE, QUARTER, SLOTS, Mark, fresh
from exporters.history.rolling import transaction
from exporters.history.schema import APPLICATION, ROWS
from exporters.history.sqlite import Reader, Writer
from exporters.history.storing import bring, soil
from inventory.metrics import labels

USED: Final = "jauge_storage_used_bytes"
NOW: Final = 1_793_620_200.0  # 2026-11-02 11:50 UTC
HOURS: Final = 90 * 24
POLLS: Final = 50
"""In the hour that is not over."""

BARS: Final = {
    "fleet_2y_frame": 3.0, "fleet_2y_matrix": 3.0, "fleet_3y_matrix": 3.0, "one_2y": 0.02, "append": 0.3
}  # fmt: skip

Figures = dict[str, float]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history")
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--keep", type=Path, help="Where the files stay for another run (a temporary folder)."
    )
    parser.add_argument("--upgrade", action="store_true", help="Bring the rows to blocks too, at the end.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        figures = measure(folder, options.series, options.years, options.rounds, options.upgrade)
    if options.json:
        print(json.dumps(figures))
    else:
        print(pd.DataFrame(figures).T.map(_shown).to_string())
        for name, bar in BARS.items():
            found, busy = figures[name]["blocks"], figures[name]["blocks_cpu"]
            said = "holds" if found <= bar else "MISSED"
            print(f"{name}: {found:.3f} s ({busy:.3f} s of a processor), bar {bar} s {said}")


def _shown(value: float) -> str:
    return f"{value:,.4g}" if pd.notna(value) else ""


def measure(folder: Path, series: int, years: int, rounds: int, upgraded: bool) -> dict[str, Figures]:
    """Each figure by program: seconds, MiB of files and of memory."""
    fleet = Fleet(series, years)
    programs: list[Blocks | Rows] = [Blocks(folder / "blocks", fleet), Rows(folder / "rows", fleet)]
    figures: dict[str, Figures] = {}
    for program in programs:
        if not program.made():
            begin = time.perf_counter()
            program.make()
            figures.setdefault("make", {})[program.name] = time.perf_counter() - begin
        figures.setdefault("file_mib", {})[program.name] = program.size()
    if importlib.util.find_spec("pyarrow"):
        parquet(folder, fleet, figures, rounds)
    for name in (
        "one_2y",
        "one_all",
        "one_hours",
        "list",
        "fleet_2y_matrix",
        "fleet_3y_matrix",
        "fleet_2y_frame",
    ):
        figures[name] = _turns(rounds, {program.name: getattr(program, name) for program in programs})
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        figures["peak_mib_3y_matrix"] = {"blocks": pool.apply(_peak, (programs[0].path, fleet.names))}
    figures["append"] = _turns(rounds * 2, {program.name: program.append for program in programs})
    figures["roll_hour"] = _turns(1, {program.name: program.roll_hour for program in programs})
    figures["roll_day"] = _turns(1, {program.name: program.roll_day for program in programs})
    for program in programs:
        program.close()
    if upgraded:
        figures["upgrade"] = upgrade(programs[1].path, fleet)
    return figures


def upgrade(path: Path, fleet: Fleet) -> Figures:
    """Seconds until the file with rows is one with blocks, its copy kept; every daily value is counted before and after."""
    with contextlib.closing(sqlite3.connect(path)) as plain:
        plain.execute("INSERT INTO setting VALUES ('timezone', 'Etc/UTC')")
        plain.execute(f"PRAGMA application_id = {APPLICATION}")
        plain.execute("PRAGMA user_version = 1")
        (count,) = plain.execute("SELECT count(*) FROM day").fetchone()
        plain.commit()
    opened = {"rows": lambda: Writer(path, "Etc/UTC", clock=lambda: NOW + 86_400).close()}
    seconds = _turns(1, opened)
    found = int((~np.isnan(Reader(path).daily(fleet.names).values)).sum())
    assert count <= found <= count + fleet.series, (count, found)
    return seconds


def _turns(rounds: int, ways: dict[str, Callable[[], float | None]]) -> Figures:
    """Medians of the seconds of each, by the clock and of the processor; what they return has to be the same."""
    seconds: dict[str, list[float]] = collections.defaultdict(list)
    for _ in range(rounds):
        answers = []
        for name, way in ways.items():
            begin, busy = time.perf_counter(), time.process_time()
            answers.append(way())
            seconds[name].append(time.perf_counter() - begin)
            seconds[f"{name}_cpu"].append(time.process_time() - busy)
        assert len({None if one is None else round(one, 3) for one in answers}) == 1, answers
    return {name: statistics.median(found) for name, found in seconds.items()}


def _peak(path: Path, names: list[str]) -> float:
    """MiB that a process needs at most which reads three years of all stores as a matrix."""
    Reader(path).daily(names, start=NOW - 1095 * 86_400)
    # Not ru_maxrss, which a process inherits from the one that started it.
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


class Fleet:
    """Stores that grow, each in its own way, with a missing day now and then: the same for every program."""

    def __init__(self, series: int, years: int) -> None:
        self.series = series
        self.stores = [labels(store=f"store-{number:05}", kind="volume") for number in range(series)]
        self.names = [unique_id(self.target(number), USED, self.stores[number]) for number in range(series)]
        self.end = int(NOW // 86_400)
        self.days = np.arange(self.end - 365 * years, self.end)
        self.hour = int(NOW // 3600) * 3600
        self.hours = np.arange(self.hour - HOURS * 3600, self.hour, 3600) // QUARTER
        self._rate = np.random.default_rng(5).lognormal(20, 1, series)

    def target(self, number: int) -> str:
        return f"nas-{number // 20:04}"

    def values(self, numbers: slice, instants: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Bytes used: a row for each instant (UTC seconds), a column for each store."""
        rate = self._rate[numbers]
        used = np.floor(rate * (instants[:, None] / 86_400 - 15_000 + np.sin(instants[:, None] / 5e5 + rate)))
        used[(instants[:, None] // 86_400 + np.arange(self.series)[numbers]) % 97 == 0] = np.nan
        return used


class Blocks:
    """Our own."""

    name = "blocks"

    def __init__(self, folder: Path, fleet: Fleet) -> None:
        folder.mkdir(exist_ok=True)
        self.fleet = fleet
        self.path = folder / "history.db"
        self.now = NOW
        self.writer = Writer(self.path, "Etc/UTC", clock=lambda: self.now)
        self.reader = Reader(self.path)
        self._polls = 0

    def made(self) -> bool:
        return bool(self.reader.series())

    def make(self) -> None:
        fleet, writer = self.fleet, self.writer
        writer.roll()
        with writer._transaction() as ids:
            numbers = np.array([ids(fleet.target(n), USED, fleet.stores[n]) for n in range(fleet.series)])
        for first in range(0, fleet.series, SLOTS * 16):
            with transaction(writer._connection):
                for shelf in range(first, min(first + SLOTS * 16, fleet.series), SLOTS):
                    self._shelf(slice(shelf, min(shelf + SLOTS, fleet.series)), int(numbers[shelf]) // SLOTS)
        groups = range(numbers.min() // GROUP, numbers.max() // GROUP + 1)
        with transaction(writer._connection):
            soil(writer._connection, "day", [Mark(fleet.end, group) for group in groups])
        for poll in range(POLLS):
            self.poll(fleet.hour + poll * 60.0)

    def _shelf(self, numbers: slice, shelf: int) -> None:
        fleet = self.fleet
        for table, places, seconds, rule in (
            ("day", fleet.days, 86_400, IMPORT),
            ("hour", fleet.hours, QUARTER, MEASURE),
        ):
            columns = fresh(places)
            columns["values"][:, : numbers.stop - numbers.start] = fleet.values(numbers, places * seconds)
            bring(self.writer._connection, table, shelf, columns, rule, NOW)  # type: ignore[arg-type]

    def poll(self, at: float) -> None:
        fleet = self.fleet
        used = fleet.values(slice(None), np.array([at + 0.5]))[0]
        self.writer.append([
            Point(fleet.target(n), USED, fleet.stores[n], at, value)
            for n, value in enumerate(used.tolist()) if not math.isnan(value)
        ])  # fmt: skip

    def size(self) -> float:
        with contextlib.closing(sqlite3.connect(self.path)) as plain:
            plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.stat().st_size / 2**20

    def append(self) -> None:
        self._polls += 1
        self.poll(self.fleet.hour + (POLLS + self._polls % 9) * 60.0 + self._polls / 10)

    def one_2y(self) -> float:
        return float(self.reader.read([self.fleet.names[77]], start=NOW - 730 * 86_400)["y"].sum())

    def one_all(self) -> float:
        return float(self.reader.read([self.fleet.names[77]])["y"].sum())

    def one_hours(self) -> float:
        return float(self.reader.read([self.fleet.names[77]], resolution="hour")["y"].sum())

    def list(self) -> float:
        return float(len(self.reader.series(metric=USED)))

    def fleet_2y_frame(self) -> float:
        return len(self.reader.read(self.fleet.names, start=NOW - 730 * 86_400))

    def fleet_2y_matrix(self) -> float:
        return self._matrix(730)

    def fleet_3y_matrix(self) -> float:
        return self._matrix(1095)

    def _matrix(self, days: int) -> float:
        return float((~np.isnan(self.reader.daily(self.fleet.names, start=NOW - days * 86_400).values)).sum())

    def roll_hour(self) -> None:
        self.now = NOW + 1200
        self.writer.roll()

    def roll_day(self) -> None:
        self.now = NOW + 86_400
        self.writer.roll()

    def close(self) -> None:
        self.writer.close()


class Rows:
    """A row for each value, as schema 1 had them."""

    name = "rows"

    def __init__(self, folder: Path, fleet: Fleet) -> None:
        folder.mkdir(exist_ok=True)
        self.fleet = fleet
        self.path = folder / "history.db"
        self._polls = 0
        self.base = sqlite3.connect(self.path, isolation_level=None)
        self.base.execute("PRAGMA journal_mode = WAL")
        self.base.execute("PRAGMA synchronous = FULL")

    def made(self) -> bool:
        return self.base.execute("SELECT count(*) FROM sqlite_schema").fetchone() != (0,)

    def make(self) -> None:
        for statement in ROWS:
            self.base.execute(statement)
        fleet = self.fleet
        for first in range(0, fleet.series, 500):
            numbers = slice(first, min(first + 500, fleet.series))
            self._keep("INSERT INTO day VALUES (?, ?, ?, 1)", self._by_series(numbers))
        self.base.execute("BEGIN IMMEDIATE")
        self.base.executemany(
            "INSERT INTO series VALUES (?, ?, ?, ?, ?)",
            (
                (n, name, fleet.target(n), USED, json.dumps(fleet.stores[n]))
                for n, name in enumerate(fleet.names)
            ),
        )
        self.base.execute("COMMIT")
        for day in np.split(fleet.hours, HOURS // 24):
            self._keep("INSERT INTO hour VALUES (?, ?, ?, ?)", self._by_day(day))
        for poll in range(POLLS):
            self.poll(fleet.hour + poll * 60.0)

    def _keep(self, sql: str, rows: Iterator[tuple[Any, ...]]) -> None:
        self.base.execute("BEGIN IMMEDIATE")
        self.base.executemany(sql, rows)
        self.base.execute("COMMIT")

    def _by_series(self, numbers: slice) -> Iterator[tuple[Any, ...]]:
        days = self.fleet.days.tolist()
        for place, values in enumerate(self.fleet.values(numbers, self.fleet.days * 86_400).T.tolist()):
            yield from (
                (numbers.start + place, day, v)
                for day, v in zip(days, values, strict=True)
                if not math.isnan(v)
            )

    def _by_day(self, hours: np.ndarray[Any, Any]) -> Iterator[tuple[Any, ...]]:
        values = self.fleet.values(slice(None), hours * QUARTER).T.tolist()
        seconds = (hours * QUARTER).tolist()
        for series, of in enumerate(values):
            yield from (
                (hour // 86_400, series, hour, v)
                for hour, v in zip(seconds, of, strict=True)
                if not math.isnan(v)
            )

    def poll(self, at: float) -> None:
        used = self.fleet.values(slice(None), np.array([at + 0.5]))[0].tolist()
        hour, instant = int(at // 3600 * 3600), round(at * 1000)
        self.base.execute("BEGIN IMMEDIATE")
        self.base.executemany(
            "INSERT INTO raw VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value "
            "WHERE value <> excluded.value",
            ((hour, n, instant, value) for n, value in enumerate(used) if not math.isnan(value)),
        )
        self.base.execute("INSERT OR IGNORE INTO dirty_hour VALUES (?, ?)", (hour, hour // 86_400))
        self.base.execute("INSERT OR IGNORE INTO dirty_day VALUES (?)", (hour // 86_400,))
        self.base.execute("COMMIT")

    size = Blocks.size

    def append(self) -> None:
        self._polls += 1
        self.poll(self.fleet.hour + (POLLS + self._polls % 9) * 60.0 + self._polls / 10)

    def _today(self, numbers: str) -> dict[int, float]:
        """The newest of the finer values, as readers of schema 1 laid it over."""
        rows = self.base.execute(
            "SELECT series, value, max(at) FROM (SELECT series, value, hour.hour * 1000 AS at FROM dirty_day "
            f"CROSS JOIN hour ON hour.day = dirty_day.day AND {numbers} UNION ALL SELECT series, value, at "
            f"FROM dirty_hour CROSS JOIN raw ON raw.hour = dirty_hour.hour AND {numbers}) GROUP BY series"
        )
        return {series: value for series, value, _ in rows}

    def _one(self, since: int) -> float:
        sql = "SELECT day, value FROM day WHERE series = 77 AND day >= ? ORDER BY day"
        rows = dict(self.base.execute(sql, (since,)))
        rows[self.fleet.end] = self._today("series = 77")[77]
        frame = pd.DataFrame({"ds": list(rows), "y": list(rows.values())})
        return float(frame["y"].sum())

    def one_2y(self) -> float:
        return self._one(self.fleet.end - 730)

    def one_all(self) -> float:
        return self._one(0)

    def one_hours(self) -> float:
        """Each day of each hour is a seek, as the key begins with the day."""
        days = [day for (day,) in self.base.execute(
            "WITH RECURSIVE d(day) AS (SELECT min(day) FROM hour UNION ALL SELECT (SELECT min(day) FROM hour "
            "WHERE hour.day > d.day) FROM d WHERE d.day IS NOT NULL) SELECT day FROM d WHERE day IS NOT NULL")]  # fmt: skip
        sql = "SELECT value FROM hour WHERE day = ? AND series = 77"
        found = [value for day in days for (value,) in self.base.execute(sql, (day,))]
        return (
            sum(found)
            + self.base.execute(
                "SELECT value FROM dirty_hour CROSS JOIN raw ON raw.hour = dirty_hour.hour AND series = 77 "
                "ORDER BY at DESC LIMIT 1"
            ).fetchone()[0]
        )

    def list(self) -> float:
        found = self.base.execute(
            "SELECT unique_id, target, metric, labels, (SELECT min(day) FROM day WHERE series = id), "
            "(SELECT max(day) FROM day WHERE series = id) FROM series"
        ).fetchall()
        self._today("1")
        return float(len(found))

    def _fleet(self, days: int) -> tuple[np.ndarray[Any, Any], dict[int, float]]:
        kind = np.dtype([("series", "i8"), ("day", "i8"), ("value", "f8")])
        sql = "SELECT series, day, value FROM day WHERE series IN (SELECT id FROM series) AND day >= ?"
        return np.fromiter(self.base.execute(sql, (self.fleet.end - days,)), kind), self._today("1")

    def fleet_2y_frame(self) -> float:
        rows, today = self._fleet(730)
        names = pd.array(self.fleet.names, dtype="str").take(rows["series"])
        frame = pd.DataFrame(
            {"unique_id": names, "ds": rows["day"].astype("M8[D]").astype("M8[ns]"), "y": rows["value"]}
        )
        return len(frame) + len(today)

    def fleet_2y_matrix(self) -> float:
        return self._matrix(730)

    def fleet_3y_matrix(self) -> float:
        return self._matrix(1095)

    def _matrix(self, days: int) -> float:
        rows, today = self._fleet(days)
        grid = np.full((self.fleet.series, days + 1), np.nan)
        grid[rows["series"], rows["day"] - self.fleet.end + days] = rows["value"]
        grid[list(today), days] = list(today.values())
        return float((~np.isnan(grid)).sum())

    def roll_hour(self) -> None:
        self.base.execute("BEGIN IMMEDIATE")
        self.base.execute(
            "INSERT OR REPLACE INTO hour SELECT hour / 86400, series, hour, value FROM "
            "(SELECT hour, series, value, max(at) FROM raw GROUP BY hour, series)"
        )
        self.base.execute("COMMIT")

    def roll_day(self) -> None:
        self.base.execute("BEGIN IMMEDIATE")
        self.base.execute(
            "INSERT OR REPLACE INTO day SELECT series, day, value, 0 FROM (SELECT series, day, value, max(hour) "
            "FROM hour WHERE day = ? GROUP BY series)",
            (self.fleet.end,),
        )
        self.base.execute("COMMIT")

    def close(self) -> None:
        self.base.close()


def parquet(folder: Path, fleet: Fleet, figures: dict[str, Figures], rounds: int) -> None:
    """The daily values as one Parquet file with a row group for each hundred stores; it cannot be appended to."""
    import pyarrow as pa  # noqa: PLC0415 - it may be missing
    import pyarrow.parquet as pq  # noqa: PLC0415

    path = folder / "daily.parquet"
    schema = pa.schema([("series", pa.int32()), ("day", pa.int32()), ("value", pa.float64())])
    with pq.ParquetWriter(path, schema) as file:
        for first in range(0, fleet.series, 100):
            numbers = slice(first, min(first + 100, fleet.series))
            values = fleet.values(numbers, fleet.days * 86_400).T.ravel()
            series = np.repeat(np.arange(numbers.start, numbers.stop), len(fleet.days))
            file.write_table(pa.table(
                [series.astype("i4"), np.tile(fleet.days, numbers.stop - first).astype("i4"), values], schema=schema
            ))  # fmt: skip
    figures["file_mib"]["parquet"] = path.stat().st_size / 2**20

    def read(days: int, series: int | None = None) -> None:
        wanted = [("day", ">=", fleet.end - days)] + ([] if series is None else [("series", "==", series)])
        pq.read_table(path, filters=wanted).to_pandas()

    ways = {"one_2y": lambda: read(730, 77), "fleet_2y_frame": lambda: read(730)}
    for name, way in ways.items():
        figures[f"parquet_{name}"] = _turns(rounds, {"parquet": way})


if __name__ == "__main__":
    main()
