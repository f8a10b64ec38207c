"""What is acknowledged survives: a writer killed under load, and a full disk."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exporters.history import Point, unique_id
from exporters.history.checking import check
from exporters.history.sqlite import Reader, Writer
from inventory.metrics import labels

pytestmark = pytest.mark.timeout(
    900
)  # a busy machine may hold up what starts processes and files by the dozen

SEED = int(os.environ.get("JAUGE_SEED", "20261123"))
USED = "jauge_storage_used_bytes"
STORES = [labels(store=f"s{n}") for n in range(40)]
START = 1_793_600_000.0
STEP = 60.0


def _load(path: Path, first: int, acknowledged: int) -> None:
    """Append batch after batch of one value per store, and say each batch whose append returned."""
    now = START
    writer = Writer(path, "Europe/Paris", clock=lambda: now)
    number = first
    while True:
        now = START + number * STEP
        writer.append([Point("nas-01", USED, pairs, now, number) for pairs in STORES])
        os.write(acknowledged, struct.pack("q", number))
        number += 1
        if number % 10 == 0:
            writer.roll()


def _killed_writer(path: Path, first: int, seconds: float) -> int:
    """Run `_load` in a process of its own, kill it (SIGKILL); the last batch that it acknowledged."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _load(path, first, writing)
        finally:
            os._exit(1)
    os.close(writing)
    received = os.read(reading, 8)  # the first batch: from here on it is under load
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    while chunk := os.read(reading, 65536):
        received += chunk
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    return struct.unpack("q", received[-8:])[0]


@pytest.mark.parametrize(
    "rounds", [30, pytest.param(1_000, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])]
)
def test_a_writer_killed_under_load_loses_nothing_acknowledged(tmp_path, tell, rounds):
    tell(f"seed {SEED}, {rounds} kills")
    path = tmp_path / "history.db"
    dice = random.Random(SEED)
    name = unique_id("nas-01", USED, STORES[-1])
    first, slowest = 0, 0.0
    Writer(path, "Europe/Paris").close()
    Reader(path).read([name])  # loads what reading needs
    for _ in range(rounds):
        last = _killed_writer(path, first, dice.uniform(0, 0.08))
        now = START + last * STEP
        start = time.process_time()  # other tests may hold the machine up
        writer = Writer(path, "Europe/Paris", clock=lambda now=now: now)
        values = Reader(path).read([name], start=now - 2 * 86400, resolution="raw")["y"].tolist()
        slowest = max(slowest, time.process_time() - start)
        writer.close()
        oldest = max(0, last - 2 * 1440)
        # Perhaps one more: committed, and killed before it could be said.
        assert values in ([*map(float, range(oldest, last + 1))], [*map(float, range(oldest, last + 2))])
        first = int(values[-1]) + 1
    tell(f"slowest opening {slowest:.2f} s of CPU")
    assert slowest <= 2
    report = check(path)
    assert report.whole
    assert report.aside == 0
    _expect_each_hour_to_hold_its_last_value(path, name, first - 1)


def _expect_each_hour_to_hold_its_last_value(path, name, last):
    frame = Reader(path).read([name], resolution="hour")
    expected = {}
    for number in range(last + 1):
        expected[(START + number * STEP) // 3600 * 3600] = float(number)
    found = {when.timestamp(): value for when, value in zip(frame["ds"], frame["y"], strict=True)}
    assert found == expected


def test_a_writer_killed_while_it_makes_the_file_leaves_one_that_opens(tmp_path):
    dice = random.Random(20261124)
    for number in range(20):
        path = tmp_path / str(number) / "history.db"
        path.parent.mkdir()
        pid = os.fork()
        if pid == 0:
            try:
                Writer(path, "Europe/Paris")
                time.sleep(60)
            finally:
                os._exit(1)
        time.sleep(dice.uniform(0, 0.02))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        writer = Writer(path, "Europe/Paris")
        writer.append([Point("nas-01", USED, STORES[0], START, 1.0)])
        writer.close()
        assert len(Reader(path).series()) == 1


_FULL = """
import json, os, pathlib, sys, time
from exporters.history import HistoryError, Point, unique_id
from exporters.history.sqlite import Reader, Writer
from exporters.history.writing import Queue
from inventory.metrics import labels

folder = pathlib.Path(sys.argv[1])
stores = [labels(store=f"s{n}") for n in range(500)]
now = 1793600000.0
writer = Writer(folder / "history.db", "Europe/Paris", clock=lambda: now)
name = unique_id("nas-01", "jauge_storage_used_bytes", stores[7])
say = {}

def batch(number):
    return [Point("nas-01", "jauge_storage_used_bytes", s, now - 5000 + number, number) for s in stores]

def raw():
    return Reader(folder / "history.db").read([name], resolution="raw")["y"].tolist()

(folder / "ballast").write_bytes(b"x" * 1_000_000)
number = 0
while True:
    try:
        writer.append(batch(number))
    except HistoryError as error:
        say["error"] = str(error)
        break
    number += 1
say["acknowledged"] = number
say["while_full"] = raw() == [float(n) for n in range(number)]

def until(holds):
    end = time.monotonic() + 20
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)

queue = Queue(writer, seconds=0.05)
start = time.monotonic()
queue.submit(batch(number))
say["submit_seconds"] = time.monotonic() - start
until(lambda: queue.failed)
say["failed"], say["pending"] = queue.failed, queue.pending
(folder / "ballast").unlink()
until(lambda: not queue.pending and not queue.failed)
say["recovered"] = [queue.failed, queue.pending, queue.written]
queue.submit(batch(number) + batch(number + 1))
say["closed"] = queue.close()
say["after"] = raw() == [float(n) for n in range(number + 2)]
print(json.dumps(say))
"""


def _may_mount() -> bool:
    return subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode == 0


def test_a_full_disk_is_said_and_loses_and_doubles_nothing(tmp_path):
    if not _may_mount():
        assert os.environ.get("CI") != "true", "CI must be able to mount a small disk"
        pytest.skip("unshare -Urm is not permitted here: no small disk can be mounted")
    mount = f"mount -t tmpfs -o size=3m jauge {tmp_path} && exec {sys.executable} -c '{_FULL}' {tmp_path}"
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", mount], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert f"cannot write {tmp_path}/history.db: database or disk is full; free space" in said["error"]
    assert said["acknowledged"] > 10
    assert said["while_full"]
    assert "disk is full" in said["failed"]
    assert said["pending"] == 500
    assert said["submit_seconds"] < 5
    assert said["recovered"] == [None, 0, 500]
    assert said["closed"]
    assert said["after"]


# --- a reader that dies, a roll-up that dies ------------------------------------------------------------------


def test_a_reader_that_is_killed_in_a_transaction_holds_nobody_up(tmp_path):
    path, now = tmp_path / "history.db", START
    writer = Writer(path, "Europe/Paris", clock=lambda: now)
    writer.append([Point("nas-01", USED, pairs, START, 0.0) for pairs in STORES])
    program = (
        "import sys, pathlib, time\nfrom exporters.history.sqlite import Reader\n"
        "with Reader(pathlib.Path(sys.argv[1]))._open() as source:\n"
        "    source.execute('SELECT count(*) FROM raw').fetchone()\n    print(flush=True)\n    time.sleep(60)"
    )
    reader = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    assert reader.stdout.readline() == "\n"  # it holds its snapshot
    for number in range(1, 200):
        writer.append([Point("nas-01", USED, pairs, START + number, number) for pairs in STORES])
        if number == 100:
            reader.kill()
            reader.communicate()
    name = unique_id("nas-01", USED, STORES[3])
    assert Reader(path).read([name], resolution="raw")["y"].tolist() == [float(n) for n in range(200)]
    writer.close()
    # What the dead reader held is let go of: the log is folded into the file, and gone.
    assert not path.with_name("history.db-wal").exists()
    assert check(path).whole


def _rolled(path: Path, now: float, statements: int) -> bool:
    """Roll up in a process that is killed before its n-th statement; whether it was over before that."""
    pid = os.fork()
    if pid == 0:
        try:
            writer, left = Writer(path, "Europe/Paris", clock=lambda: now), [statements]

            def count(_: str) -> None:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            writer._connection.set_trace_callback(count)
            writer.roll()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    return not os.WIFSIGNALED(status)


@pytest.mark.parametrize("most", [300, pytest.param(2, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])])
def test_a_roll_up_that_is_killed_anywhere_leaves_nothing_wrong(tmp_path, tell, most):
    tell(f"seed {SEED}")
    kills = 0
    path, dice = tmp_path / "history.db", random.Random(SEED)
    hours = range(0, 24 * 96, 2)  # some are too old to be kept by the hour, most too old to be kept raw
    now = START + hours[-1] * 3600.0
    names = [unique_id("nas-01", USED, pairs) for pairs in STORES]
    for begin in range(0, len(hours), 36):
        at = START + hours[min(begin + 36, len(hours)) - 1] * 3600.0
        writer = Writer(path, "Europe/Paris", clock=lambda at=at: at)
        points = [
            Point("nas-01", USED, pairs, START + hour * 3600.0, hour * 1000 + number)
            for hour in hours[begin : begin + 36]
            for number, pairs in enumerate(STORES)
        ]
        writer.append(points)
        writer.close()
        statements, killed = 0, 0
        while not _rolled(path, at, statements):
            statements, killed = statements + dice.randint(1, most), killed + 1
            frame = Reader(path).read(names[:1])
            assert frame["y"].tolist() == _last_of_each_day(hours[: begin + 36])
        assert killed > 1
        kills += killed
    tell(f"{kills} kills")
    reader = Reader(path)
    for number in (0, 39):
        expected = [value + number for value in _last_of_each_day(hours)]
        assert reader.read([names[number]])["y"].tolist() == expected
    oldest = now - 90 * 86_400
    kept = reader.read([names[0]], resolution="hour")
    assert len(kept) in range(90 * 12, 91 * 12 + 1)
    assert kept["ds"].min().timestamp() >= oldest - 86_400
    assert kept["y"].tolist() == [float(hour * 1000) for hour in hours][-len(kept) :]
    assert check(path).whole


def _last_of_each_day(hours):
    last = {}
    for hour in hours:
        civil = dt.datetime.fromtimestamp(START + hour * 3600, ZoneInfo("Europe/Paris"))
        last[civil.date()] = float(hour * 1000)
    return list(last.values())


def test_samples_of_a_clock_that_is_ahead_are_refused_or_kept_for_their_own_day(tmp_path):
    now = START
    path = tmp_path / "history.db"
    writer = Writer(path, "Europe/Paris", clock=lambda: now)
    name = unique_id("nas-01", USED, STORES[0])
    ahead = [86_000.0, 90_000.0, 40 * 86_400.0, 30 * 365 * 86_400.0, 1e15]
    writer.append([Point("nas-01", USED, STORES[0], START, 1.0)])
    writer.append([Point("nas-01", USED, STORES[0], START + more, 2.0) for more in ahead])
    assert writer.refused == {"future": 4}
    writer.roll()
    assert Reader(path).read([name])["y"].tolist() == [1.0, 2.0]
    now = START + 40 * 86_400.0  # this machine's own clock jumps ahead, and back again
    writer.append([Point("nas-01", USED, STORES[0], now, 3.0)])
    writer.roll()
    now = START + 3_600.0
    writer.append([Point("nas-01", USED, STORES[0], now, 4.0)])
    writer.roll()
    # The hour was erased as raw meanwhile: what comes for it fills a gap, and replaces nothing that was rolled up.
    assert Reader(path).read([name])["y"].tolist() == [4.0, 2.0, 3.0]
    writer.close()
    assert check(path).whole
