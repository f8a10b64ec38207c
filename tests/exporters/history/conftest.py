"""A history on disk, with a clock that stands where the test puts it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import timeseries

from exporters.history import Point
from exporters.history.sqlite import Writer
from inventory.metrics import labels

USED = "jauge_storage_used_bytes"


class Clock:
    """Stands still until it is set; instants are written as ISO 8601."""

    def __init__(self, text: str) -> None:
        self.set(text)

    def set(self, text: str) -> None:
        self.now = instant(text)

    def __call__(self) -> float:
        return self.now


def instant(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


@pytest.fixture(name="instant")
def _instant() -> Callable[[str], float]:
    return instant


@pytest.fixture
def point() -> Callable[..., Point]:
    """A point of a store: when (ISO 8601, with an offset), value, store, target."""

    def make(at: str, value: float, store: str = "data", target: str = "nas-01") -> Point:
        return Point(target, USED, labels(store=store, kind="volume"), instant(at), value)

    return make


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-11-02T12:00:00Z")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def writer(path: Path, clock: Clock) -> Iterator[Writer]:
    opened = Writer(path, "Europe/Paris", clock=clock)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`faults.c`, compiled: a disk that fails or is recorded."""
    compiler = shutil.which("cc")
    if compiler is None:
        assert os.environ.get("CI") != "true", "CI must have a C compiler"
        pytest.skip("no C compiler (cc): no disk can be made to fail")
    library = tmp_path_factory.mktemp("faults") / "faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture
def on_disk(shim: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """Runs a program on a disk that fails when it says so, or is recorded in `log`; the lines that it prints."""

    def run(program: str, *arguments: object, log: Path | None = None, folder: Path = tmp_path) -> list[str]:
        environment = os.environ | {"LD_PRELOAD": str(shim), "FAULTS_FOLDER": str(folder)}
        environment |= {"FAULTS_LOG": str(log)} if log else {}
        argv = [sys.executable, "-c", program, str(folder), *map(str, arguments)]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.splitlines()

    return run


# --- engines that a module shares ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def victoria() -> Iterator[timeseries.Server]:
    with timeseries.victoria() as server:
        yield server


@pytest.fixture(scope="module")
def prometheus() -> Iterator[timeseries.Server]:
    """One that takes what is decades late."""
    with timeseries.prometheus() as server:
        yield server


@pytest.fixture(params=["victoria", "prometheus"])
def server(request: pytest.FixtureRequest) -> timeseries.Server:
    return request.getfixturevalue(request.param)
