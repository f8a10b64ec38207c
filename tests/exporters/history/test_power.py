"""The power goes: what was not synced is lost, in part or whole, in any order. What was acknowledged is there."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from exporters.history import unique_id
from exporters.history.checking import check
from exporters.history.sqlite import Reader, Writer
from inventory.metrics import labels

pytestmark = pytest.mark.timeout(
    900
)  # a busy machine may hold up what starts processes and files by the dozen

SEED = int(os.environ.get("JAUGE_SEED", "20261201"))
USED = "jauge_storage_used_bytes"
START = 1_793_600_000.0
STEP = 60.0
BATCHES = 240

WRITING = """
import os, pathlib, sys
from exporters.history import Point
from exporters.history.sqlite import Writer
from inventory.metrics import labels

folder, now = pathlib.Path(sys.argv[1]), float(sys.argv[2])
acknowledged = os.open(folder / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
stores = [labels(store=f"s{n}") for n in range(300)]
writer = Writer(folder / "history.db", "Europe/Paris", clock=lambda: now)
writer._connection.execute("PRAGMA wal_autocheckpoint = 60")
for number in range(int(sys.argv[3])):
    now = float(sys.argv[2]) + number * 60.0
    writer.append([Point("nas-01", "jauge_storage_used_bytes", pairs, now, number) for pairs in stores])
    os.write(acknowledged, number.to_bytes(4, "little"))
    if number % 13 == 0:
        writer.roll()
writer.close()
"""


class Op(NamedTuple):
    kind: str
    file: int
    offset: int
    data: bytes


class Disk:
    """The files as the operations leave them: what is on the platters, and what still waits in the cache."""

    def __init__(self, dice: random.Random) -> None:
        self.names: dict[int, str] = {}
        self.durable: dict[int, bytearray] = {}
        self.waiting: dict[int, list[Op]] = {}
        self.acknowledged = -1
        self._dice = dice

    def do(self, op: Op) -> None:
        if op.kind == "o":
            self.names[op.file] = op.data.decode()
            self.durable.setdefault(op.file, bytearray())
        elif self.names[op.file] == "acknowledged":
            self.acknowledged = int.from_bytes(op.data, "little")
        elif op.kind == "s":
            for earlier in self.waiting.pop(op.file, ()):
                _apply(self.durable[op.file], earlier)
        elif op.kind == "u":
            self.waiting.pop(op.file, None)
            self.durable[op.file] = bytearray()
        else:
            self.waiting.setdefault(op.file, []).append(op)

    def fail(self, folder: Path) -> None:
        """Write what is left after a power cut: of what waits each piece came through, or not, or in part."""
        folder.mkdir()
        for file, content in self.durable.items():
            left = bytearray(content)
            for op in self.waiting.get(file, ()):
                fate = self._dice.random()
                if fate < 0.4:
                    _apply(left, op)
                elif fate < 0.7 and op.kind == "w":
                    for sector in range(0, len(op.data), 512):
                        if self._dice.random() < 0.5:
                            _apply(
                                left,
                                op._replace(offset=op.offset + sector, data=op.data[sector : sector + 512]),
                            )
            if left and self.names[file] in ("history.db", "history.db-wal"):  # -shm is made anew
                (folder / self.names[file]).write_bytes(left)


def _apply(content: bytearray, op: Op) -> None:
    if op.kind == "t":
        del content[op.offset :]
        content.extend(bytes(op.offset - len(content)))
    else:
        content.extend(bytes(max(0, op.offset - len(content))))
        content[op.offset : op.offset + len(op.data)] = op.data


def _recorded(log: Path) -> Iterator[Op]:
    content, place, head = log.read_bytes(), 0, struct.Struct("<cBQI")
    while place < len(content):
        kind, file, offset, length = head.unpack_from(content, place)
        place += head.size
        yield Op(kind.decode(), file, offset, content[place : place + length])
        place += length


@pytest.mark.parametrize(
    "cuts", [60, pytest.param(1_000, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])]
)
def test_a_power_cut_loses_nothing_that_was_acknowledged(on_disk, tmp_path, tell, cuts):
    log, dice = tmp_path / "log", random.Random(SEED)
    tell(f"seed {SEED}, {cuts} cuts")
    (tmp_path / "disk").mkdir()
    on_disk(WRITING, START, BATCHES, log=log, folder=tmp_path / "disk")
    ops = list(_recorded(log))
    assert sum(op.kind == "s" for op in ops) > BATCHES
    disk, places = Disk(dice), set(dice.sample(range(len(ops)), cuts))
    torn = 0
    for place, op in enumerate(ops):
        disk.do(op)
        if place in places:
            folder = tmp_path / str(place)
            disk.fail(folder)
            torn += any(disk.waiting.values())
            _expect(folder / "history.db", disk.acknowledged)
    assert torn > cuts / 4


def _expect(path: Path, acknowledged: int) -> None:
    now = START + (acknowledged + 1) * STEP
    Writer(path, "Europe/Paris", clock=lambda: now).close()
    assert check(path).whole
    for store in (0, 155, 299):
        name = unique_id("nas-01", USED, labels(store=f"s{store}"))
        values = Reader(path).read([name], resolution="raw")["y"].tolist()
        # Perhaps one more: it was on its way to be acknowledged.
        assert values in (
            [*map(float, range(acknowledged + 1))],
            [*map(float, range(acknowledged + 2))],
        )
