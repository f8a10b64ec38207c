"""What the collector tells of restore tests: what the ledger says, and nothing where it cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from collectors.board import Board
from inventory.estate import Estate
from inventory.state import open_state, restores
from inventory.state.restores import Restore
from jauge.protecting import FRESH_SECONDS, Shield

NOW = 1_768_003_200.0
DAY = 86_400.0
TEST = Restore(NOW - DAY, "pacs-01", "database", "", NOW - 2 * DAY, 3600.0, "ok", "ticket", "anna", NOW - DAY)
ESTATE = Estate.model_validate({
    "targets": [
        {"name": "pacs-01", "host": True, "protect": {"rpo": "24h"}},
        {"name": "nas-01", "host": True},
    ]
})  # fmt: skip


class Clock:
    """A time that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def told(shield: Shield, name: str = "pacs-01") -> dict[str, float]:
    return {sample.metric: sample.value for sample in shield.samples(name) if "restore" in sample.metric}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shield(tmp_path: Path, clock: Clock) -> Shield:
    return Shield(Board(ESTATE.targets), lambda: ESTATE, tmp_path / "state.db", whole=True, clock=clock)


def test_that_nobody_tested_a_promise_is_known_from_the_ledger_alone(
    shield: Shield, clock: Clock, tmp_path: Path
) -> None:
    assert "jauge_restore_tests" not in told(shield), "no ledger on this machine: nothing is known"
    state = open_state(tmp_path / "state.db")
    assert told(shield)["jauge_restore_tests"] == 0
    assert "jauge_restore_tested_timestamp_seconds" not in told(shield)
    assert told(shield, "nas-01") == {}, "nothing is promised for it"
    number = restores.record(state, TEST, "anna")
    assert told(shield)["jauge_restore_tests"] == 1
    assert told(shield)["jauge_restore_tested_timestamp_seconds"] == TEST.at
    restores.withdraw(state, number, "another machine", "anna", NOW)
    clock.now += FRESH_SECONDS
    assert told(shield)["jauge_restore_tests"] == 0


def test_a_ledger_that_could_not_be_read_tells_nothing_and_is_read_once_it_can_be(
    shield: Shield, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "state.db"
    restores.record(open_state(path), TEST, "anna")
    sound, stood = path.read_bytes(), path.stat()
    path.write_bytes(b"no ledger at all" * 300)
    os.utime(path, ns=(stood.st_atime_ns, stood.st_mtime_ns))
    assert told(shield).keys() <= {"jauge_restore_test_every_seconds"}
    # The file is mended and bears the date that it bore: there is nothing to see a change by.
    path.write_bytes(sound)
    os.utime(path, ns=(stood.st_atime_ns, stood.st_mtime_ns))
    clock.now += FRESH_SECONDS
    assert told(shield)["jauge_restore_tests"] == 1
    assert told(shield)["jauge_restore_tested_timestamp_seconds"] == TEST.at
