"""The disk is full, fails, or may not be written: said in words, nothing lost, nothing doubled, and it goes on by itself."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys

import pytest

from exporters.history import unique_id
from inventory.metrics import labels

pytestmark = pytest.mark.timeout(
    900
)  # a busy machine may hold up what starts processes and files by the dozen

FAILING = """
import ctypes, json, pathlib, sys
from exporters.history import HistoryError, Point, unique_id
from exporters.history.checking import check
from exporters.history.sqlite import Reader, Writer
from inventory.metrics import labels

folder, error, kinds, many, step = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:6])
disk, start = ctypes.CDLL(None), 1793600000.0
stores = [labels(store=f"s{n}") for n in range(60)]
name = unique_id("nas-01", "jauge_storage_used_bytes", stores[7])
BATCHES = 12

def run(path, place):
    now, failures = start, []
    writer = Writer(path, "Europe/Paris", clock=lambda: now)
    writer._connection.execute("PRAGMA wal_autocheckpoint = 8")
    disk.faults_arm(ctypes.c_long(place), ctypes.c_long(many), error, kinds)
    for number in range(BATCHES):
        now = start + number * 1200.0
        batch = [Point("nas-01", "jauge_storage_used_bytes", pairs, now, number) for pairs in stores]
        for work in (lambda: writer.append(batch), writer.roll):
            for attempt in range(many + 3):
                try:
                    work()
                    break
                except HistoryError as failure:
                    failures.append(str(failure))
            else:
                raise AssertionError(f"does not go on by itself: {failures[-1]}")
    operations = disk.faults_seen()
    disk.faults_arm(ctypes.c_long(1 << 40), ctypes.c_long(0), 0, 0)
    writer.close()
    return operations, failures

def values(path, resolution):
    return Reader(path).read([name], resolution=resolution)["y"].tolist()

def expect(path):
    assert values(path, "raw") == [float(n) for n in range(BATCHES)], values(path, "raw")
    hours = {}
    for number in range(BATCHES):
        hours[(start + number * 1200.0) // 3600] = float(number)
    assert values(path, "hour") == list(hours.values()), values(path, "hour")
    assert check(path).whole

operations, none = run(folder / "whole.db", 1 << 40)
assert not none
expect(folder / "whole.db")
said, hit = set(), 0
for place in range(0, operations, step):
    path = folder / "one.db"  # one name: what fails knows no more than a few dozen
    _, failures = run(path, place)
    expect(path)
    said.update(failures)
    hit += bool(failures)
    for left in folder.glob("one.*"):
        left.unlink()
print(json.dumps({"operations": operations, "hit": hit, "said": sorted(said)}))
"""


@pytest.mark.parametrize("step", [31, pytest.param(1, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])])
@pytest.mark.parametrize("many", [1, pytest.param(4, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])])
@pytest.mark.parametrize(
    ("error", "kinds", "words"),
    [
        (errno.ENOSPC, 1, ["full; free space on this disk", "look at the disk (space, quota, health)"]),
        (errno.EDQUOT, 1, ["look at the disk (space, quota, health)"]),
        (errno.EIO, 1 | 2, ["look at the disk (space, quota, health)"]),
        (errno.EIO, 2, ["look at the disk (space, quota, health)"]),
        (errno.EROFS, 1, ["look at the disk (space, quota, health)"]),
    ],
    ids=["full", "quota", "failing", "failing syncs", "read-only"],
)
def test_each_write_may_fail_and_nothing_is_lost_or_doubled(on_disk, tell, error, kinds, words, many, step):
    *_, line = on_disk(FAILING, error, kinds, many, step)
    found = json.loads(line)
    tell(f"{found['operations']} operations, {found['hit']} failures met")
    assert found["operations"] > 80 if kinds & 1 else found["operations"] > 12
    assert found["hit"] >= found["operations"] // step // 3
    assert found["said"]
    for said in found["said"]:
        assert any(word in said for word in words), said
        assert "nothing that was acknowledged is lost" in said


READING = """
import ctypes, json, pathlib, sys
from exporters.history import HistoryError
from exporters.history.sqlite import Reader

path, name, disk = pathlib.Path(sys.argv[1]) / "history.db", sys.argv[2], ctypes.CDLL(None)
reader, said = Reader(path), []
whole = reader.read([name])["y"].tolist()
for place in range(40):
    disk.faults_arm(ctypes.c_long(place), ctypes.c_long(1), 5, 4)
    try:
        answer = reader.read([name])["y"].tolist()
        assert answer == whole or (reader.damaged and set(answer) < set(whole)), answer
    except HistoryError as error:
        said.append(str(error))
print(json.dumps({"whole": whole, "said": said}))
"""


def test_a_read_that_fails_is_said_and_never_a_wrong_answer(on_disk, writer, path, point):
    writer.append([point("2026-11-01T10:00:00Z", 1), point("2026-11-02T10:00:00Z", 2)])
    writer.roll()
    writer.close()
    *_, line = on_disk(
        READING, unique_id("nas-01", "jauge_storage_used_bytes", labels(store="data", kind="volume"))
    )
    found = json.loads(line)
    assert found["whole"] == [1, 2]
    # Of a page that it cannot read in some places SQLite says that the file is malformed.
    assert all("look at the disk" in said or "malformed" in said for said in found["said"]), found["said"]
    assert sum("look at the disk" in said for said in found["said"]) >= 3


REMOUNTED = """
import json, pathlib, subprocess, sys
from exporters.history import HistoryError, Point
from exporters.history.sqlite import Reader, Writer
from inventory.metrics import labels

folder = pathlib.Path(sys.argv[1])
point = Point("nas-01", "jauge_storage_used_bytes", labels(store="a"), 1793600000.0, 5.0)
writer = Writer(folder / "history.db", "Europe/Paris", clock=lambda: 1793600000.0)
writer.append([point])
writer.close()
mount = lambda how: subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)
mount("ro")
say = {"read": Reader(folder / "history.db").read([s.unique_id for s in Reader(folder / "history.db").series()])["y"].tolist()}
try:
    Writer(folder / "history.db", "Europe/Paris")
except HistoryError as error:
    say["error"] = str(error)
mount("rw")
writer = Writer(folder / "history.db", "Europe/Paris", clock=lambda: 1793600000.0)
writer.append([point, point._replace(at=point.at + 60, value=6.0)])
writer.close()
say["after"] = Reader(folder / "history.db").read([s.unique_id for s in Reader(folder / "history.db").series()], resolution="raw")["y"].tolist()
print(json.dumps(say))
"""


def test_a_disk_that_was_remounted_read_only_is_read_and_said(tmp_path):
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode != 0:
        assert os.environ.get("CI") != "true", "CI must be able to mount a small disk"
        pytest.skip("unshare -Urm is not permitted here: no disk can be remounted")
    mount = f"mount -t tmpfs -o size=9m jauge {tmp_path} && exec {sys.executable} -c '{REMOUNTED}' {tmp_path}"
    done = subprocess.run(["unshare", "-Urm", "sh", "-c", mount], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["read"] == [5.0]
    assert "Read-only file system" in said["error"]
    assert said["after"] == [5.0, 6.0]
