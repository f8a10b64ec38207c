"""The queue on disk: what is acknowledged survives SIGKILL, a full disk and flipped bytes are said."""

from __future__ import annotations

import json
import os
import random
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters.history import HistoryError
from exporters.history.prometheus import spool as module
from exporters.history.prometheus.encoding import Request
from exporters.history.prometheus.spool import DAMAGED, FULL, Spool

LARGE = 1 << 30
ROUNDS = [20, pytest.param(300, marks=pytest.mark.proof)]


def _number(number, samples=1):
    return Request(struct.pack("<q", number) * 8, samples)


def _drain(spool):
    """The numbers of all that is not sent, as if an engine took them."""
    found = []
    while (record := spool.next()) is not None:
        body = spool.content(record)
        if body is not None:
            found.append(struct.unpack_from("<q", body)[0])
            spool.done(record)
    return found


def _fill(folder, count, size=1 << 20):
    spool = Spool(folder, LARGE)
    for number in range(count):
        spool.append([_number(number)])
    spool.close()
    return spool


@pytest.fixture
def small_segments(monkeypatch):
    """Segments of a few records, so that a test has several."""
    monkeypatch.setattr(module, "SEGMENT_BYTES", 500)


def test_what_came_in_comes_out_in_order_also_after_a_restart(tmp_path, small_segments):
    _fill(tmp_path, 50)
    assert len(list(tmp_path.glob("*.queue"))) > 5
    spool = Spool(tmp_path, LARGE)
    assert spool.pending == 50
    assert _drain(spool) == list(range(50))
    assert spool.pending == 0
    spool.append([_number(50)])
    assert _drain(spool) == [50]


def test_what_was_sent_is_kept_for_a_while_and_sent_again_when_asked(tmp_path, small_segments):
    now = [0.0]
    spool = Spool(tmp_path, LARGE, monotonic=lambda: now[0])
    for number in range(20):
        spool.append([_number(number, samples=3)])
    _drain(spool)
    now[0] = 59
    spool.forget(60)
    assert spool.rewind() == 60
    assert _drain(spool) == list(range(20))
    now[0] = 200
    spool.forget(60)
    assert (spool.rewind(), spool.size, list(tmp_path.glob("*.queue"))) == (0, 0, [])
    spool.append([_number(20)])
    assert _drain(spool) == [20]


def test_beyond_its_size_the_oldest_values_are_dropped_and_counted(tmp_path, small_segments):
    spool = Spool(tmp_path, 2_000)
    for number in range(100):
        spool.append([_number(number, samples=7)])
    assert spool.size <= 2_000
    left = _drain(spool)
    assert left == list(range(100 - len(left), 100))
    assert spool.dropped == {FULL: 7 * (100 - len(left))}


def test_the_age_of_the_oldest_value_that_waits_is_told(tmp_path):
    clock = [1000.0]
    spool = Spool(tmp_path, LARGE, clock=lambda: clock[0])
    assert spool.oldest is None
    for _ in range(3):
        spool.append([_number(1)])
        clock[0] += 10
    assert spool.oldest == 1000.0
    spool.done(spool.next())
    assert spool.oldest == 1010.0


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_flipped_byte_costs_what_it_hits_and_is_counted(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("queue")
    _fill(folder, 12)
    (path,) = folder.glob("*.queue")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    spool = Spool(folder, LARGE)
    found = _drain(spool)
    assert found == sorted(set(found))
    assert set(found) <= set(range(12))
    lost = set(range(12)) - set(found)
    # Records at the very end whose heads are hit are not told from a writing that was cut off.
    ends = [end for end in range(12, -1, -1) if set(range(end, 12)) <= lost]
    assert spool.dropped[DAMAGED] in {len(lost - set(range(end, 12))) for end in ends}
    if max(found, default=0) == 11:
        assert spool.dropped[DAMAGED] == len(lost)
    assert len(lost) <= 3


def test_bytes_that_flip_while_it_runs_are_seen_before_they_are_sent(tmp_path):
    spool = Spool(tmp_path, LARGE)
    for number in range(3):
        spool.append([_number(number, samples=5)])
    (path,) = tmp_path.glob("*.queue")
    record = spool.next()
    content = bytearray(path.read_bytes())
    content[record.offset + 40] ^= 1
    path.write_bytes(content)
    assert _drain(spool) == [1, 2]
    assert spool.dropped == {DAMAGED: 5}


def test_a_segment_that_is_gone_is_counted(tmp_path, small_segments):
    _fill(tmp_path, 50)
    paths = sorted(tmp_path.glob("*.queue"))
    paths[2].unlink()
    gone = int(paths[3].stem) - int(paths[2].stem)
    spool = Spool(tmp_path, LARGE)
    assert spool.dropped == {DAMAGED: gone}
    assert len(_drain(spool)) == 50 - gone


def test_a_folder_that_cannot_be_used_is_said_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match=r"cannot open the queue .*file: .*; free space"):
        Spool(tmp_path / "file", LARGE)


def _load(folder, acknowledged):
    """Append batch after batch, say each that returned, and send now and then."""
    module.SEGMENT_BYTES = 2_000
    spool = Spool(folder, LARGE)
    while True:
        number = spool.end
        spool.append([_number(number), _number(number + 1), _number(number + 2)])
        os.write(acknowledged, struct.pack("q", number + 2))


def _killed(folder, seconds):
    """Run `_load` in a process of its own and kill it (SIGKILL); the last number that it acknowledged."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _load(folder, writing)
        finally:
            os._exit(1)
    os.close(writing)
    received = os.read(reading, 8)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    while chunk := os.read(reading, 65536):
        received += chunk
    os.close(reading)
    os.waitpid(pid, 0)
    return struct.unpack("q", received[-8:])[0]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_collector_killed_while_it_appends_loses_nothing_acknowledged(tmp_path, tell, rounds):
    tell(f"{rounds} kills")
    dice = random.Random(20261126)
    for _ in range(rounds):
        last = _killed(tmp_path, dice.uniform(0, 0.05))
        spool = Spool(tmp_path, LARGE)
        first = spool.sent
        found = _drain(spool)
        # Perhaps some more: on disk, and killed before it could be said.
        assert found[: last + 1 - first] == list(range(first, last + 1))
        assert found == list(range(first, first + len(found)))
        assert len(found) <= last + 1 - first + 3
        assert spool.dropped == {}
        # What an engine took leaves, so that the next round begins in the middle.
        if dice.random() < 0.5:
            spool.forget(-1)
        spool.close()


_FULL = """
import json, pathlib, struct, sys
from exporters.history import HistoryError
from exporters.history.prometheus.encoding import Request
from exporters.history.prometheus.spool import Spool

folder = pathlib.Path(sys.argv[1])
(folder / "ballast").write_bytes(b"x" * 400_000)
spool = Spool(folder / "queue", 1 << 30)
say, number = {}, 0
def batch():
    return [Request(struct.pack("<q", number) * 4_000, 1)]
while True:
    try:
        spool.append(batch())
    except HistoryError as error:
        say["error"] = str(error)
        break
    number += 1
say["acknowledged"] = number
try:
    spool.append(batch())
except HistoryError as error:
    say["again"] = str(error) == say["error"]
(folder / "ballast").unlink()
for _ in range(5):
    spool.append(batch())
    number += 1
spool.close()
spool, found = Spool(folder / "queue", 1 << 30), []
while (record := spool.next()) is not None:
    found.append(struct.unpack_from("<q", spool.content(record))[0])
    spool.done(record)
say["all"] = found == list(range(number))
say["dropped"] = spool.dropped
print(json.dumps(say))
"""


def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost_or_doubled(tmp_path):
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode:
        assert os.environ.get("CI") != "true", "CI must be able to mount a small disk"
        pytest.skip("unshare -Urm is not permitted here: no small disk can be mounted")
    (tmp_path / "full.py").write_text(_FULL)
    (tmp_path / "disk").mkdir()
    run = f"mount -t tmpfs -o size=1m jauge {tmp_path}/disk && exec {sys.executable} {tmp_path}/full.py {tmp_path}/disk"
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", run],
        capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert "cannot write the queue" in said["error"]
    assert "No space left on device; free space on this disk" in said["error"]
    assert said["acknowledged"] > 5
    assert said["again"]
    assert said["all"]
    assert said["dropped"] == {}
