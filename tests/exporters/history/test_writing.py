from __future__ import annotations

import sqlite3
import time

import pytest

from exporters.history import Point, writing
from exporters.history.sqlite import Reader, Writer
from exporters.history.writing import Queue
from inventory.metrics import labels

USED = "jauge_storage_used_bytes"
NAME = 'jauge_storage_used_bytes{target="nas-01",store="data"}'


def _points(clock, count, first=0):
    return [
        Point("nas-01", USED, labels(store="data"), clock.now - 40_000 + number, number)
        for number in range(first, first + count)
    ]


def _wait(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_is_submitted_is_committed_by_itself(writer, path, clock):
    queue = Queue(writer, seconds=0.05)
    queue.submit(_points(clock, 3))
    _wait(lambda: queue.written == 3)
    assert Reader(path).read([NAME], resolution="raw")["y"].tolist() == [0, 1, 2]
    assert (queue.pending, queue.failed, queue.dropped) == (0, None, 0)
    assert queue.close()


def test_flush_commits_at_once(writer, path, clock):
    queue = Queue(writer, seconds=10)
    queue.submit(_points(clock, 30_000))
    assert queue.flush()
    assert len(Reader(path).read([NAME], resolution="raw")) == 30_000
    queue.close()


def test_close_commits_what_waits_within_5_s_and_lets_go_of_the_lock(writer, path, clock):
    queue = Queue(writer, seconds=10)
    queue.submit(_points(clock, 30_000))
    start = time.monotonic()
    assert queue.close()
    assert time.monotonic() - start < 5
    assert len(Reader(path).read([NAME], resolution="raw")) == 30_000
    Writer(path, "Europe/Paris").close()


def test_commits_are_never_further_apart_than_10_s(writer):
    with pytest.raises(ValueError, match="at most 10"):
        Queue(writer, seconds=11)


def test_while_the_file_is_held_values_wait_up_to_a_bound(writer, path, clock):
    writer._connection.execute("PRAGMA busy_timeout = 20")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    queue = Queue(writer, seconds=0.05, limit=10)
    queue.submit(_points(clock, 8))
    _wait(lambda: queue.failed is not None)
    assert "another process holds it" in queue.failed
    with queue._turn:  # no try is under way, which would write what is dropped meanwhile
        queue.submit(_points(clock, 4, first=8))
    assert (queue.pending, queue.dropped, queue.written) == (10, 2, 0)
    holder.execute("ROLLBACK")
    holder.close()
    _wait(lambda: queue.written == 10 and queue.failed is None)
    assert Reader(path).read([NAME], resolution="raw")["y"].tolist() == [*range(2, 12)]
    queue.close()


def test_a_clock_that_leaps_ahead_for_a_while_erases_nothing(writer, path, clock, monkeypatch):
    queue = Queue(writer, seconds=0.02, roll_seconds=0.02, clock=lambda: clock.now)
    queue.submit(_points(clock, 5))
    _wait(lambda: queue.written == 5)
    right = clock.now
    clock.now = right + 2 * 365 * 86_400
    time.sleep(0.5)  # some twenty turns
    assert len(Reader(path).read([NAME], resolution="raw")) == 5
    clock.now = right + 60
    queue.submit(_points(clock, 5, first=5))
    _wait(lambda: queue.written == 10)
    time.sleep(0.2)
    assert len(Reader(path).read([NAME], resolution="raw")) == 10
    monkeypatch.setattr(writing, "DOUBTED", 0.3)
    clock.now = right + 2 * 365 * 86_400
    _wait(lambda: len(Reader(path).read([NAME], resolution="raw")) == 0)  # it has said so for long enough
    assert queue.close()


def test_a_start_by_a_clock_that_is_years_ahead_erases_nothing(writer, path, clock, monkeypatch):
    writer.append(_points(clock, 5))
    writer.close()
    right = clock.now
    clock.now = right + 2 * 365 * 86_400
    ahead = Writer(path, "Europe/Paris", clock=clock)
    queue = Queue(ahead, seconds=0.02, roll_seconds=0.02, clock=lambda: clock.now)
    time.sleep(0.5)  # some twenty turns
    assert len(Reader(path).read([NAME], resolution="raw")) == 5
    monkeypatch.setattr(writing, "DOUBTED", 0.3)
    _wait(lambda: len(Reader(path).read([NAME], resolution="raw")) == 0)  # it was off for that long, then
    assert queue.close()


def test_the_writer_thread_rolls_up(writer, path, clock):
    queue = Queue(writer, seconds=0.02, roll_seconds=0.02)
    queue.submit(_points(clock, 5))
    count = "SELECT count(*) FROM day"
    clock.set("2026-11-04T12:00:00Z")

    def days():
        with sqlite3.connect(path) as connection:
            return connection.execute(count).fetchone()[0]

    _wait(lambda: days() == 1)
    queue.close()
    assert days() == 1
