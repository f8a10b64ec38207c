"""From rows to blocks: old or new, whatever kills it, with a copy of the old file kept; never back."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from exporters.history import HistoryError, Point, schema, unique_id
from exporters.history.checking import check
from exporters.history.sqlite import Reader, Writer
from inventory import databases
from inventory.metrics import labels

pytestmark = pytest.mark.timeout(
    900
)  # a busy machine may hold up what starts processes and files by the dozen

SEED = int(os.environ.get("JAUGE_SEED", "20261203"))
USED, SIZE = "jauge_storage_used_bytes", "jauge_storage_size_bytes"
NOW = 1_793_620_200.0  # 2026-11-02 11:50 UTC, 12:50 in Paris
TODAY = 20_759
HOUR = 1_793_617_200  # 11:00 UTC
STORES = [labels(store=f"s{number}", kind="volume") for number in range(40)]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of schema 1, written as its program wrote it: days (some imported), hours, raw rows, and what is dirty."""
    path = tmp_path / "old" / "history.db"
    path.parent.mkdir()
    plain = sqlite3.connect(path, isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("BEGIN")
    for statement in schema.migrations("Europe/Paris")[0]:
        plain.execute(statement)
    plain.executemany(
        "INSERT INTO setting VALUES (?, ?)",
        [
            ("timezone", "Europe/Paris"),
            ("raw_from", HOUR - 72 * 3600),
            ("hour_from", TODAY - 90),
            ("day_from", 0),
        ],
    )
    for number, pairs in enumerate(STORES, 1):
        metric = USED if number % 2 else SIZE  # as polls interleave them
        name = unique_id("nas-01", metric, pairs)
        text = '[["kind", "volume"], ["store", "' + dict(pairs)["store"] + '"]]'
        plain.execute("INSERT INTO series VALUES (?, ?, 'nas-01', ?, ?)", (number, name, metric, text))
        days = range(TODAY - 500, TODAY)
        plain.executemany(
            "INSERT INTO day VALUES (?, ?, ?, ?)",
            [(number, day, number * 1e6 + day, int(day < TODAY - 300)) for day in days if day % 7],
        )
        hours = range(HOUR - 48 * 3600, HOUR, 3600)
        plain.executemany(
            "INSERT INTO hour VALUES (?, ?, ?, ?)",
            [((hour + 3600) // 86_400, number, hour, number * 1e6 + hour) for hour in hours],
        )
        plain.executemany(
            "INSERT INTO raw VALUES (?, ?, ?, ?)",
            [(HOUR, number, HOUR * 1000 + minute * 60_000, number + minute / 100) for minute in range(50)],
        )
    plain.execute("INSERT INTO dirty_hour VALUES (?, ?)", (HOUR, TODAY))
    plain.execute("INSERT INTO dirty_day VALUES (?)", (TODAY,))
    plain.execute(f"PRAGMA application_id = {schema.APPLICATION}")
    plain.execute("PRAGMA user_version = 1")
    plain.execute("COMMIT")
    plain.close()
    return path


def expected(resolution: str) -> dict[tuple[str, int], float]:
    """By hand, from what was put into the rows."""
    found: dict[tuple[str, int], float] = {}
    for number, pairs in enumerate(STORES, 1):
        name = unique_id("nas-01", USED if number % 2 else SIZE, pairs)
        if resolution == "day":
            found |= {
                (name, day * 86_400): number * 1e6 + day for day in range(TODAY - 500, TODAY) if day % 7
            }
            found[name, TODAY * 86_400] = number + 0.49
        elif resolution == "hour":
            found |= {(name, hour): number * 1e6 + hour for hour in range(HOUR - 48 * 3600, HOUR, 3600)}
            found[name, HOUR] = number + 0.49
        else:
            found |= {(name, HOUR + minute * 60): number + minute / 100 for minute in range(50)}
    return found


def shown(path: Path, resolution: str) -> dict[tuple[str, int], float]:
    reader = Reader(path)
    frame = reader.read([one.unique_id for one in reader.series()], resolution=resolution)
    seconds = frame["ds"].astype("int64") // 10**9
    return {(name, at): y for name, at, y in zip(frame["unique_id"], seconds, frame["y"], strict=True)}


def expect_all(path: Path) -> None:
    for resolution in ("day", "hour", "raw"):
        assert shown(path, resolution) == expected(resolution)
    assert check(path).whole


def open_it(path: Path) -> None:
    Writer(path, "Europe/Paris", clock=lambda: NOW).close()


def test_every_value_of_a_file_with_rows_is_there_after_its_upgrade(old):
    rows = old.read_bytes()
    with pytest.raises(
        HistoryError, match="has schema 1, this program reads 3: `jauge run` brings it up to date"
    ):
        Reader(old)
    open_it(old)
    expect_all(old)
    copy = databases.kept(old, 1)
    with sqlite3.connect(copy) as plain:
        assert plain.execute("SELECT count(*), sum(value) FROM day").fetchone()[0] == len(STORES) * 429
    plain.close()
    assert copy.stat().st_mode & 0o777 == 0o600
    # The old program opens the copy again: all that it needs is there, nothing else was changed.
    assert abs(len(copy.read_bytes()) - len(rows)) <= 4096


def test_what_was_imported_is_still_told_apart_after_the_upgrade(old):
    open_it(old)
    writer = Writer(old, "Europe/Paris", clock=lambda: NOW)
    from exporters.history.sqlite import Day

    past = [Day("nas-01", USED, STORES[0], day, 5.0) for day in range(TODAY - 310, TODAY - 290)]
    # ten days were imported, of which those that 7 divides are absent; the ten others were measured, and so stand
    assert writer.keep_days(past) == 10 + sum(day % 7 == 0 for day in range(TODAY - 300, TODAY - 290))
    writer.append([Point("nas-01", USED, STORES[0], NOW, 7.0)])
    writer.roll(NOW + 86_400)
    name = unique_id("nas-01", USED, STORES[0])
    assert shown(old, "day")[name, TODAY * 86_400] == 7.0
    writer.close()


def test_series_of_one_metric_lie_together_after_the_upgrade(old):
    open_it(old)
    with sqlite3.connect(old) as plain:
        shelves = plain.execute("SELECT id / 16, count(DISTINCT metric) FROM series GROUP BY 1").fetchall()
    plain.close()
    assert len(shelves) == 4  # 20 of each: two shelves
    assert {count for _, count in shelves} == {1}


def _killed_after(statements: int, work: Callable[[], None]) -> bool:
    """Do something in a process that is killed before its n-th statement; whether it was over before that."""
    pid = os.fork()
    if pid == 0:
        left, real = [statements], sqlite3.connect

        def count(_: str) -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def connect(*args: object, **named: object) -> sqlite3.Connection:
            connection = real(*args, **named)  # type: ignore[arg-type]
            connection.set_trace_callback(count)
            return connection

        sqlite3.connect = connect  # type: ignore[assignment]
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.waitstatus_to_exitcode(status) == 0
    return True


@pytest.mark.parametrize("every", [40, pytest.param(1, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])])
def test_an_upgrade_that_is_killed_at_any_statement_leaves_the_old_file_or_the_new_one(
    old, tmp_path, tell, every
):
    dice, statements, killed = random.Random(SEED), 0, 0
    tell(f"seed {SEED}")
    while True:
        folder = tmp_path / str(statements)
        shutil.copytree(old.parent, folder)
        path = folder / "history.db"
        finished = _killed_after(statements, lambda path=path: open_it(path))
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as plain:
            (version,) = plain.execute("PRAGMA user_version").fetchone()
            tables = {
                name for (name,) in plain.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            }
        plain.close()
        assert ("dirty_hour" in tables, "span" in tables) == (
            (True, False) if version == 1 else (False, True)
        )
        assert not any(name.startswith("old_") for name in tables)
        killed += not finished
        open_it(path)
        expect_all(path)
        shutil.rmtree(folder)
        if finished:
            break
        statements += 1 if every == 1 else dice.randint(1, 2 * every)
    tell(f"{killed} kills")
    assert killed > 5


def test_an_upgrade_without_room_for_it_changes_nothing(old, monkeypatch):
    before = old.read_bytes()
    usage = shutil.disk_usage(old)
    monkeypatch.setattr(databases.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(
        HistoryError, match=r"MiB free on this disk.*there are 0: free space, nothing was changed"
    ):
        open_it(old)
    assert old.read_bytes() == before
    monkeypatch.undo()
    open_it(old)
    expect_all(old)


def test_a_file_whose_version_was_flipped_is_refused_and_left_as_it_was(old):
    open_it(old)
    with sqlite3.connect(old) as plain:
        plain.execute("PRAGMA user_version = 1")
    plain.close()
    with pytest.raises(HistoryError, match="restore it from a backup"):
        open_it(old)
    with sqlite3.connect(old) as plain:
        plain.execute("PRAGMA user_version = 3")
    plain.close()
    expect_all(old)


def test_a_file_of_blocks_without_an_index_of_metrics_gets_it_and_answers_the_same(old):
    """Written as the program before wrote it: the same tables, one index less."""
    open_it(old)
    with sqlite3.connect(old) as plain:
        plain.execute("DROP INDEX series_of_metric")
        plain.execute("PRAGMA user_version = 2")
    plain.close()
    with pytest.raises(HistoryError, match="has schema 2, this program reads 3"):
        Reader(old).series()
    open_it(old)
    expect_all(old)
    with sqlite3.connect(old) as plain:
        plan = plain.execute("EXPLAIN QUERY PLAN SELECT id FROM series WHERE metric = 'none'").fetchall()
    plain.close()
    assert "USING COVERING INDEX series_of_metric" in plan[0][3]
