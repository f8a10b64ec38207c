"""What was forecast is kept as it was said, found out when it is damaged, and scored once."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tampering

from exporters.plan.frozen import HORIZONS, MEASURED, Night, Outcome
from exporters.plan.ledger import Count, DamagedError, Factors, Key, Ledger, Scored, number_of, put
from exporters.plan.outlooks import Outlooks
from exporters.plan.schema import APPLICATION, MIGRATIONS, NIGHTLY, PlanError, create, open_plan

DAY = 20_000
NAMES = [
    (f'm{{target="nas-01",store="s{k}"}}', "nas-01", "m", (("kind", "pool"), ("store", f"s{k}")))
    for k in range(3)
]


def night(level=1e12, count=3):
    moves = np.arange(count * len(HORIZONS) * 5, dtype=np.float32).reshape(count, len(HORIZONS), 5)
    whole = np.full(count, level)
    return Night(
        series=np.arange(1, count + 1, dtype=np.uint32),
        ago=np.array([0, 1, 30], np.uint8)[:count],
        age=np.full(count, 400, np.uint16),
        level=whole,
        size=2 * whole,
        limit=np.array([1.8e12, np.nan, 2e12])[:count],
        move=np.full(count, 1e9, np.float32),
        early=np.array([10, 0, 3], np.uint16)[:count],
        central=np.array([20, 0, 4], np.uint16)[:count],
        late=np.array([65535, 0, 5], np.uint16)[:count],
        moves=moves,
    )


def outcome(count=3):
    return Outcome(
        state=np.full(count, MEASURED, np.uint16),
        came=np.arange(count, dtype=np.float32),
        jump=np.zeros(count, np.float32),
        jumped=np.zeros(count, np.uint16),
        crossed=np.zeros(count, np.uint16),
    )


def freeze(path, day, factors=(), **changes):
    create(path)
    with open_plan(path) as db:
        db.execute("BEGIN IMMEDIATE")
        for name in NAMES:
            number_of(db, name)
        kept = put(db, day, float(day), night(**changes), factors)
        db.execute("COMMIT")
    return kept


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in type(one).__slots__
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plan.db"


def test_a_night_is_read_back_as_it_was_frozen(path):
    factors = [Factors("storage", "pool", 7, 1.5, 0.5, 2.0, 1.0)]
    assert freeze(path, DAY, factors)
    assert same(Ledger(path).night(DAY), night())
    assert Ledger(path).corrections(DAY) == factors
    assert [one.unique_id for one in Ledger(path).series().values()] == [name[0] for name in NAMES]


def test_a_second_run_of_the_same_day_takes_the_place_of_the_first(path):
    freeze(path, DAY, [Factors("storage", "pool", 7, 1.5, 0.5, 2.0, 1.0)])
    assert freeze(path, DAY, level=3e12)
    assert Ledger(path).nights() == [DAY]
    assert Ledger(path).night(DAY).level[0] == 3e12
    assert Ledger(path).corrections(DAY) == []
    assert len(Ledger(path).series()) == 3


def test_a_day_that_is_past_is_not_made_up(path):
    freeze(path, DAY)
    assert not freeze(path, DAY - 1, level=3e12)
    assert Ledger(path).nights() == [DAY]


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE frozen SET at = 0 WHERE day = {DAY}",
        f"DELETE FROM frozen WHERE day = {DAY}",
        f"INSERT OR REPLACE INTO frozen SELECT day, at, 0, x'', 0 FROM frozen WHERE day = {DAY}",
        f"INSERT INTO frozen SELECT day - 5, at, stores, block, crc FROM frozen WHERE day = {DAY}",
        "UPDATE scored SET fault = 'x'",
        "DELETE FROM scored",
        "INSERT OR REPLACE INTO scored SELECT day, horizon, 0, NULL, x'', 0 FROM scored",
    ],
)
def test_what_was_said_and_scored_is_never_changed_even_by_hand(path, sql):
    freeze(path, DAY)
    freeze(path, DAY + 1)
    Ledger(path).keep([Scored(DAY, 7, outcome())], 1.0)
    with contextlib.closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(sql)
    assert same(Ledger(path).night(DAY), night())
    assert same(Ledger(path).outcome(DAY, 7), outcome())


def test_a_night_of_which_something_was_scored_is_not_replaced(path):
    freeze(path, DAY)
    Ledger(path).keep([Scored(DAY, 7, outcome())], 1.0)
    with pytest.raises(PlanError, match="not deleted"):
        freeze(path, DAY, level=3e12)
    assert same(Ledger(path).night(DAY), night())


@pytest.mark.parametrize("place", [0, 5, 40, -1])
def test_a_flipped_byte_is_found_and_said(path, place):
    freeze(path, DAY)
    with contextlib.closing(sqlite3.connect(path)) as db:
        block = bytearray(db.execute("SELECT block FROM frozen").fetchone()[0])
    block[place] ^= 0x10
    tampering.tamper(path, "UPDATE frozen SET block = ?", bytes(block))
    with pytest.raises(DamagedError, match=rf"plan\.db: the forecasts of day {DAY} are damaged"):
        Ledger(path).night(DAY)


def test_a_block_in_the_place_of_another_is_found_and_said(path):
    freeze(path, DAY)
    freeze(path, DAY + 1, level=3e12)
    tampering.tamper(
        path,
        "UPDATE frozen SET (block, crc) = (SELECT block, crc FROM frozen WHERE day = ?) WHERE day = ?",
        DAY + 1,
        DAY,
    )
    with pytest.raises(DamagedError, match="damaged"):
        Ledger(path).night(DAY)
    assert Ledger(path).night(DAY + 1).level[0] == 3e12


def test_what_has_come_due_is_told_once_it_has_settled(path):
    """Due on day 7; five days for a glitch to come back, and the last of them must be over."""
    freeze(path, DAY)
    freeze(path, DAY + 1)
    ledger = Ledger(path)
    assert ledger.due(DAY + 12, HORIZONS) == []
    assert ledger.due(DAY + 13, HORIZONS) == [(DAY, 7)]
    assert ledger.due(DAY + 36, HORIZONS) == [(DAY, 7), (DAY + 1, 7), (DAY, 30)]
    ledger.keep([Scored(DAY, 7, outcome())], 1.0)
    assert ledger.due(DAY + 36, HORIZONS) == [(DAY + 1, 7), (DAY, 30)]


def count(**changes):
    return Count(*(changes.get(name, 0) for name in Count._fields))


def scored(day=DAY, horizon=7):
    key = Key("storage", "pool", "", "years", False)
    misses = [(1, (day, day + horizon, 1e12, 1.1e12, 1.0e12, 1.2e12, 1.5e12, 2e12, MEASURED, 0.0, 0))]
    return Scored(
        day,
        horizon,
        outcome(),
        None,
        {key: count(due=3, scored=3, in80=2)},
        [(1, 1, 1, 0, 1), (2, 1, 1, 1, 1), (3, 1, 1, 1, 1)],
        misses,
    )


def test_scoring_twice_is_refused_and_counts_nothing_twice(path):
    freeze(path, DAY)
    ledger = Ledger(path)
    ledger.keep([scored()], 1.0)
    with pytest.raises(PlanError, match="scored once"):
        ledger.keep([scored(horizon=30), scored()], 2.0)
    assert [(day, horizon) for day, horizon, _, _ in ledger.tallies()] == [(DAY, 7)]
    assert ledger.standings(NAMES[0][0])[0].scored == 1


def test_the_last_miss_and_the_worst_miss_of_a_store_are_known(path):
    freeze(path, DAY)
    freeze(path, DAY + 1)
    ledger = Ledger(path)
    later = scored(DAY + 1)
    small = (*later.misses[0][1][:6], 1.25e12, *later.misses[0][1][7:])
    ledger.keep([scored(), later._replace(misses=[(1, small)])], 1.0)
    (found,) = ledger.standings(NAMES[0][0])
    assert (found.scored, found.in80, found.in95) == (2, 0, 2)
    assert (found.last.day, found.last.came) == (DAY + 1, 1.25e12)
    assert [(one.day, one.came) for one in ledger.worst()] == [(DAY, 1.5e12)]
    assert ledger.worst(since=DAY + 8) == []


def test_a_renamed_target_keeps_its_record(path):
    freeze(path, DAY)
    ledger = Ledger(path)
    ledger.keep([scored()], 1.0)
    assert ledger.rename({"nas-01": "nas-02", "other": "x"}) == 3
    assert ledger.rename({"nas-01": "nas-02"}) == 0
    assert ledger.standings(NAMES[0][0]) == []
    new = 'm{target="nas-02",kind="pool",store="s0"}'
    assert ledger.standings(new)[0].scored == 1
    assert ledger.standings(new)[0].last.unique_id == new
    assert same(ledger.night(DAY), night())


def test_a_file_of_the_version_before_is_brought_up_to_date(path):
    """Made by the statements of all versions but the last; what it holds stays, and a night can be frozen."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        for statements in MIGRATIONS[:-1]:
            for statement in statements:
                db.execute(statement)
        db.execute("INSERT INTO issue (at) VALUES (5.0)")
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
        db.commit()
    assert Outlooks(path).issues() == [5.0]
    assert Ledger(path).nights() == []
    assert freeze(path, DAY)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


KILLED = """
import os, signal, sys
sys.path[:0] = sys.argv[2:]
import test_ledger as t
from exporters.plan.ledger import Ledger
def scores():
    yield t.scored()
    os.kill(os.getpid(), signal.SIGKILL)
Ledger(sys.argv[1]).keep(scores(), 1.0)
"""


def test_a_kill_in_the_middle_of_scoring_leaves_it_to_be_done(path):
    freeze(path, DAY)
    folders = [str(Path(__file__).parent), str(Path(tampering.__file__).parent)]
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), *folders], check=False, timeout=100)
    assert done.returncode == -signal.SIGKILL
    ledger = Ledger(path)
    assert ledger.due(DAY + 13, HORIZONS) == [(DAY, 7)]
    assert ledger.tallies() == []
    ledger.keep([scored()], 1.0)
    assert ledger.due(DAY + 13, HORIZONS) == []
    assert ledger.standings(NAMES[0][0])[0].scored == 1


def test_of_nights_that_are_scored_for_long_one_a_week_stays(path):
    first = DAY - DAY % 7
    ledger = Ledger(path)
    for day in range(first, first + 14):
        freeze(path, day)
        ledger.keep([scored(day, horizon) for horizon in HORIZONS if day != first + 9], 1.0)
    freeze(path, first + 14 + NIGHTLY)
    ledger.keep([], 1.0)
    assert ledger.nights() == [first, first + 7, first + 9, first + 14 + NIGHTLY]
    assert ledger.done(7, 0) == [first, first + 7]
    assert ledger.standings(NAMES[0][0])[0].scored == 13


def test_an_empty_ledger_makes_no_file(tmp_path):
    ledger = Ledger(tmp_path / "plan.db")
    assert (ledger.nights(), ledger.due(DAY, HORIZONS), ledger.worst(), ledger.standings("x")) == (
        [],
        [],
        [],
        [],
    )
    assert list(tmp_path.iterdir()) == []
