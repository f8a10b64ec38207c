"""Real makers of backups for the tests, each in a folder of its own, and what Jauge makes of what they list."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import servers

from collectors.commands import borg, restic
from collectors.commands.restic import Place
from inventory.metrics import Sample, describe

NOW = 1_768_003_200.0
"""2026-01-10 00:00 UTC: when the tests look at the backups."""

DAYS = tuple(f"2026-01-0{day}T02:00:00" for day in range(1, 10))


class Read:
    """The samples of one output, by job."""

    def __init__(self, samples: list[Sample]) -> None:
        assert [wrong for sample in samples if (wrong := describe(sample))] == []
        self.samples = samples

    def value(self, metric: str, job: str | None = None) -> float | None:
        """The one value of a metric, of a job where named; None where there is none."""
        found = [
            sample.value
            for sample in self.samples
            if sample.metric == metric and job in (None, dict(sample.labels).get("job"))
        ]
        assert len(found) <= 1, found
        return found[0] if found else None

    def reasons(self, job: str | None = None) -> set[str]:
        """Why the last run of a job is not believed; empty where it is."""
        found = {
            dict(sample.labels)["reason"]
            for sample in self.samples
            if sample.metric == "jauge_backup_not_protecting" and job in (None, dict(sample.labels)["job"])
        }
        assert self.value("jauge_backup_protecting", job) == (0.0 if found else 1.0)
        return found


def shell(command: str, environment: dict[str, str]) -> str:
    """What a command of ours prints, run by the shell of this machine as it would be over SSH."""
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, env=os.environ | environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def fill(folder: Path, names: list[str], size: int) -> Path:
    """A folder of files of noise."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(np.random.default_rng(number).bytes(size))
    return folder


@dataclasses.dataclass
class Restic:
    """A restic repository whose snapshots are made by the test."""

    place: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"RESTIC_CACHE_DIR": str(self.place / "cache")}

    def run(self, *arguments: str, check: bool = True) -> str:
        argv = ["restic", "--repo", f"{self.place}/repository", "--password-file", f"{self.place}/password"]
        done = subprocess.run(
            [*argv, *arguments],
            capture_output=True,
            text=True,
            env=os.environ | self.environment,
            check=check,
        )
        return done.stdout + done.stderr

    def back_up(self, day: str, *sources: Path, job: str = "nightly") -> None:
        moment = day.replace("T", " ")
        self.run("backup", *map(str, sources), "--host", "pacs-01", "--tag", job, "--time", moment)

    def verify(self) -> None:
        """What a timer of the machine does."""
        said = self.run("check", check=False)
        with (self.place / "check.log").open("a") as log:
            log.write(said)

    def read(self, sizes: bool = False) -> Read:
        log = str(self.place / "check.log")
        command = restic.snapshots(f"{self.place}/repository", f"{self.place}/password", log, sizes)
        output = shell(command, self.environment)
        return Read(list(restic.parse_snapshots(output, Place("repository", clock=lambda: NOW))))


@contextlib.contextmanager
def a_restic() -> Iterator[Restic]:
    servers.program("restic", "restic")
    with servers.folder() as place:
        (place / "password").write_text("secret")
        repository = Restic(place)
        repository.run("init")
        yield repository


@dataclasses.dataclass
class Borg:
    """A borg repository whose archives are made by the test."""

    place: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.place), "XDG_CACHE_HOME": f"{self.place}/.cache", "TZ": "Europe/Paris"}

    def run(self, *arguments: str, passed: tuple[int, ...] = (0,)) -> str:
        environment = self.environment | {"BORG_PASSCOMMAND": f"cat {self.place}/password", "TZ": "UTC"}
        done = subprocess.run(
            ["borg", *arguments], capture_output=True, text=True, env=os.environ | environment, check=False
        )
        assert done.returncode in passed, done.stderr
        return done.stdout + done.stderr

    def back_up(self, day: str, *sources: Path, job: str = "nightly", passed: tuple[int, ...] = (0,)) -> None:
        name = f"{self.place}/repository::{job}-{day}"
        self.run("create", "--timestamp", day, name, *map(str, sources), passed=passed)

    def verify(self) -> None:
        """What a timer of the machine does."""
        said = self.run("check", "-v", f"{self.place}/repository", passed=(0, 1))
        with (self.place / "check.log").open("a") as log:
            log.write(said)

    def read(self) -> Read:
        log = str(self.place / "check.log")
        command = borg.command(f"{self.place}/repository", f"{self.place}/password", log)
        output = shell(command, self.environment)
        return Read(list(borg.parse(output, Place("repository", clock=lambda: NOW))))


@contextlib.contextmanager
def a_borg() -> Iterator[Borg]:
    servers.program("borg", "borgbackup")
    with servers.folder() as place:
        (place / "password").write_text("secret")
        repository = Borg(place)
        repository.run("init", "-e", "repokey-blake2", f"{place}/repository")
        yield repository
