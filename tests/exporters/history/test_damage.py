"""Bytes are flipped: it is found out, moved aside and told; the rest is read, and no number is ever a wrong one."""

from __future__ import annotations

import collections
import os
import random
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from exporters.history import HistoryError, Point, unique_id
from exporters.history.checking import check
from exporters.history.sqlite import Day, Reader, Writer
from inventory.metrics import labels

pytestmark = pytest.mark.timeout(
    900
)  # a busy machine may hold up what starts processes and files by the dozen

SEED = int(os.environ.get("JAUGE_SEED", "20261202"))
USED = "jauge_storage_used_bytes"
NOW = 1_793_620_200.0  # 2026-11-02 11:50 UTC
STORES = [labels(store=f"s{number}") for number in range(20)]
NAMES = [unique_id("nas-01", USED, pairs) for pairs in STORES]
DAY = 86_400


class Truth:
    """A history of two months of days, four days of hours and some raw values, and every value that was measured."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "history.db"
        self.measured: dict[tuple[str, str], set[float]] = collections.defaultdict(set)
        """By series and day, hour or instant: what a reader may show."""
        now = NOW - 5 * DAY
        writer = Writer(self.path, "Etc/UTC", clock=lambda: now)
        today = int(NOW // DAY)
        writer.keep_days(
            Day("nas-01", USED, pairs, day, self._note(name, day * DAY, number * 1e9 + day))
            for number, (name, pairs) in enumerate(zip(NAMES, STORES, strict=True))
            for day in range(today - 60, today - 5)
        )
        for minutes in range(0, 5 * 1440 + 1, 30):
            at = now = NOW - 5 * DAY + minutes * 60
            writer.append(
                [
                    Point("nas-01", USED, pairs, at, self._note(name, at, number * 1e9 + minutes, "raw"))
                    for number, (name, pairs) in enumerate(zip(NAMES, STORES, strict=True))
                ]
            )
        now = NOW
        writer.roll()
        writer.close()
        self.whole = self.answers()

    def _note(self, name: str, at: float, value: float, *finer: str) -> float:
        for resolution, unit in (("day", DAY), ("hour", 3600), ("raw", 1)):
            if resolution == "day" or finer:
                self.measured[name, f"{resolution} {int(at // unit * unit)}"].add(value)
        return value

    def answers(self, path: Path | None = None) -> dict[tuple[str, str], float]:
        """All that a reader shows. Raises HistoryError."""
        reader, found = Reader(path or self.path), {}
        self.damaged = 0
        for resolution in ("day", "hour", "raw"):
            frame = reader.read(NAMES, resolution=resolution)
            self.damaged += reader.damaged
            seconds = frame["ds"].astype("int64") // 10**9
            for name, at, value in zip(frame["unique_id"], seconds, frame["y"], strict=True):
                found[name, f"{resolution} {at}"] = value
        daily = reader.daily(NAMES)
        self.damaged += reader.damaged
        for row, column in zip(*np.nonzero(~np.isnan(daily.values)), strict=True):
            at = daily.days[column].astype("datetime64[s]").astype(int)
            found[NAMES[row], f"day {at}"] = daily.values[row, column]
        known = reader.series()
        self.damaged += reader.damaged
        assert {one.unique_id for one in known} <= set(NAMES)
        return found


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return Truth(tmp_path_factory.mktemp("truth"))


def _flipped(truth: Truth, folder: Path, place: int, flip: int) -> Path:
    damaged = folder / "history.db"
    for left in folder.iterdir():
        left.unlink()
    content = bytearray(truth.path.read_bytes())
    content[place] ^= flip
    damaged.write_bytes(content)
    return damaged


def _try(truth: Truth, path: Path) -> str:
    """What came of a flipped byte. Whatever is shown was measured, and what is missing is told."""
    try:
        found = truth.answers(path)
    except HistoryError as error:
        return "refused" if str(path) in str(error) else str(error)
    wrong = {key: value for key, value in found.items() if value not in truth.measured.get(key, ())}
    assert not wrong, wrong
    report = check(path)
    if found == truth.whole and not truth.damaged:
        return "harmless" if report.whole else "checked"
    assert truth.damaged or not report.whole, "something is missing, and nobody says so"
    return "left out"


@pytest.mark.parametrize("bits", [1, pytest.param(8, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])])
def test_a_flip_in_any_byte_of_the_header_is_found_out_or_does_no_harm(truth, tmp_path, bits):
    came = collections.Counter(
        _try(truth, _flipped(truth, tmp_path, place, 1 << (place + bit) % 8))
        for place in range(100)
        for bit in range(bits)
    )
    assert set(came) <= {"harmless", "checked", "left out", "refused"}
    assert came["refused"] > 30 * bits


@pytest.mark.parametrize(
    "flips", [60, pytest.param(10_000, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])]
)
def test_a_flip_in_any_byte_is_found_out_or_does_no_harm(truth, tmp_path, tell, flips):
    tell(f"seed {SEED}, {flips} flips")
    dice, size = random.Random(SEED), truth.path.stat().st_size
    came = collections.Counter(
        _try(truth, _flipped(truth, tmp_path, dice.randrange(size), 1 << dice.randrange(8)))
        for _ in range(flips)
    )
    tell(", ".join(f"{count} {what}" for what, count in sorted(came.items())))
    assert set(came) <= {"harmless", "checked", "left out", "refused"}
    assert came["left out"] > flips / 3
    assert came["refused"] < flips / 6  # the rest is readable


@pytest.mark.parametrize("table", ["raw", "hour", "day", "span"])
def test_a_table_that_is_bent_so_that_it_looks_empty_is_told(truth, tmp_path, table):
    """With INTAGER for INTEGER the key is a column of its own, NULL in each row: SQLite finds nothing wrong."""
    made = f"CREATE TABLE {table} (id INTEGER PRIMARY KEY".encode()
    path = _flipped(truth, tmp_path, truth.path.read_bytes().index(made) + made.index(b"INTEGER") + 3, 4)
    assert made.replace(b"INTEGER", b"INTAGER") in path.read_bytes()
    for look in (check, lambda path: Reader(path).read(NAMES), lambda path: Writer(path, "Etc/UTC")):
        with pytest.raises(HistoryError, match=rf"is not built as this program builds it \({table}\)"):
            look(path)


@pytest.mark.parametrize("table", ["raw", "hour", "day", "span"])
def test_what_is_damaged_is_moved_aside_and_made_again_where_finer_values_are_there(truth, tmp_path, table):
    path = _flipped(truth, tmp_path, 0, 0)
    with sqlite3.connect(path) as plain:
        key, block = plain.execute(f"SELECT id, block FROM {table} ORDER BY id DESC LIMIT 1").fetchone()
        broken = block[:9] + bytes([block[9] ^ 4]) + block[10:]
        plain.execute(f"UPDATE {table} SET block = ? WHERE id = ?", (broken, key))
    plain.close()
    report = check(path)
    assert [one.split()[0].rstrip("s") for one in report.damaged] == [table]
    assert _try(truth, path) == "left out" or table == "span"
    writer = Writer(path, "Etc/UTC", clock=lambda: NOW)
    for _ in range(5):  # the checksums are looked at a table at a time
        writer.roll()
    assert writer.damaged == 1
    assert check(path)._replace(pieces=0) == (0, [], [], 1)
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT source, key, block FROM damaged").fetchall() == [(table, key, broken)]
    plain.close()
    if table == "hour":  # raw values of three days are there
        found = truth.answers(path)
        since = int(NOW // 3600 - 72 + 1) * 3600
        assert {k: v for k, v in truth.whole.items() if k[1].startswith("hour") and int(k[1][5:]) >= since}.items() <= found.items()  # fmt: skip
    if table == "span":
        assert truth.answers(path) == truth.whole
    writer.close()


def test_a_block_that_was_put_in_the_place_of_another_is_found_out(truth, tmp_path):
    path = _flipped(truth, tmp_path, 0, 0)
    with sqlite3.connect(path) as plain:
        (one, first), (other, second) = plain.execute("SELECT id, block FROM day LIMIT 2").fetchall()
        plain.executemany("UPDATE day SET block = ? WHERE id = ?", [(second, one), (first, other)])
    plain.close()
    assert len(check(path).damaged) == 2
    assert _try(truth, path) == "left out"


def test_a_name_that_was_changed_is_not_shown_under_another(truth, tmp_path):
    path = _flipped(truth, tmp_path, 0, 0)
    with sqlite3.connect(path) as plain:
        plain.execute(
            "UPDATE series SET unique_id = replace(unique_id, 's19', 's91') WHERE target = 'nas-01'"
        )
        plain.execute("UPDATE series SET target = 'nas-02' WHERE unique_id = ?", (NAMES[3],))
    plain.close()
    reader = Reader(path)
    assert {one.unique_id for one in reader.series()} == set(NAMES) - {NAMES[19], NAMES[3]}
    assert reader.damaged == 2
    assert len(reader.read([NAMES[3], NAMES[19].replace("s19", "s91")])) == 0


def test_what_is_dirty_is_found_again_where_the_file_cannot_tell(truth, tmp_path):
    path = _flipped(truth, tmp_path, 0, 0)
    with sqlite3.connect(path) as plain:
        plain.execute("UPDATE setting SET value = x'00' WHERE name LIKE 'dirty%'")
    plain.close()
    assert truth.answers(path) == truth.whole
    writer = Writer(path, "Etc/UTC", clock=lambda: NOW)
    writer.roll()
    writer.close()
    assert check(path).whole
    assert truth.answers(path) == truth.whole


def test_a_page_that_is_broken_is_told_and_what_lies_on_the_others_is_read(truth, tmp_path):
    path = _flipped(truth, tmp_path, 0, 0)
    content = bytearray(path.read_bytes())
    with sqlite3.connect(path) as plain:
        (block,) = plain.execute("SELECT block FROM day ORDER BY id LIMIT 1").fetchone()
    plain.close()
    page = content.index(block[40:200]) // 4096 * 4096
    content[page : page + 12] = b"\xff" * 12
    path.write_bytes(content)
    assert _try(truth, path) == "left out"
    assert check(path).structure
    found = truth.answers(path)
    lost = truth.whole.keys() - found.keys()
    assert lost
    assert len(lost) < len(truth.whole) / 4
    assert {resolution for _, where in lost for resolution in [where.split()[0]]} == {"day"}
    writer = Writer(path, "Etc/UTC", clock=lambda: NOW)
    for _ in range(4):
        writer.roll()
    assert writer.damaged == 1
    writer.close()
