"""Real makers of backups for the tests, each in a folder of its own, and what Jauge makes of what they list."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import servers

from collectors.commands import bacula, borg, restic, rsnapshot
from collectors.commands.restic import Place
from inventory.metrics import Sample, describe
from jauge.guide import pages

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

    def machine(self, metric: str, machine: str, job: str = "daily") -> float | None:
        """The one value of a metric for a machine of a job."""
        pairs = (("job", job), ("machine", machine))
        return next((s.value for s in self.samples if (s.metric, s.labels) == (metric, pairs)), None)

    def why(self, machine: str, job: str = "daily") -> set[str]:
        """Why the last run of a job is not believed for a machine."""
        told = [dict(s.labels) for s in self.samples if s.metric == "jauge_backup_not_protecting"]
        return {labels["reason"] for labels in told if (labels["job"], labels["machine"]) == (job, machine)}

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


@dataclasses.dataclass
class Rsnapshot:
    """A root of rsnapshot; `points` are its sources by machine."""

    place: Path
    points: dict[str, Path]

    def configure(self, rsync: str = "/usr/bin/rsync", sync: bool = False, level: int = 3) -> Path:
        lines = [
            ("config_version", "1.2"), ("snapshot_root", f"{self.place}/root/"), ("cmd_rsync", rsync),
            ("cmd_cp", "/bin/cp"), ("cmd_rm", "/bin/rm"), ("retain", "daily", "5"), ("retain", "weekly", "2"),
            ("verbose", "2"), ("loglevel", str(level)), ("logfile", f"{self.place}/log"), ("lockfile", f"{self.place}/pid"),
            ("sync_first", str(int(sync))),
            *(("backup", f"{source}/", f"{machine}/") for machine, source in self.points.items()),
        ]  # fmt: skip
        path = self.place / "rsnapshot.conf"
        path.write_text("".join("\t".join(line) + "\n" for line in lines))
        return path

    def run(self, verb: str = "daily", **settings: Any) -> int:
        argv = ["rsnapshot", "-c", str(self.configure(**settings)), verb]
        return subprocess.run(argv, capture_output=True, check=False).returncode

    def read(self, sizes: bool = False) -> Read:
        output = shell(rsnapshot.command(f"{self.place}/rsnapshot.conf", sizes), {})
        return Read(list(rsnapshot.parse(output)))


@contextlib.contextmanager
def an_rsnapshot(points: dict[str, Path]) -> Iterator[Rsnapshot]:
    servers.program("rsnapshot", "rsnapshot")
    servers.program("rsync", "rsync")
    with servers.folder() as place:
        root = Rsnapshot(place, points)
        yield root


@dataclasses.dataclass
class Bacula:
    """A director with its storage and one client, on a catalogue in SQLite."""

    place: Path
    sources: Path

    def console(self, *lines: str, file: str = "bconsole.conf") -> str:
        argv = ["bconsole", "-n", "-c", f"{self.place}/{file}"]
        done = subprocess.run(
            argv,
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
        )
        return done.stdout

    def run(self, job: str, level: str = "Full") -> None:
        self.console(f"run job={job} level={level} yes", "wait", "quit")

    def tamper(self, statement: str, *values: Any) -> None:
        """Write into the catalogue, past Bacula."""
        with contextlib.closing(sqlite3.connect(self.place / "catalogue/bacula.db", timeout=30)) as catalogue:
            catalogue.execute(statement, values)
            catalogue.commit()

    def read(self, home: str = "root") -> Read:
        """What a login reads whose home is that: `root`, or `jauge`, with the console that the guide gives it."""
        environment = {"PATH": f"{self.place}/bin:{os.environ['PATH']}", "HOME": f"{self.place}/{home}"}
        return Read(list(bacula.parse(shell(bacula.BACULA, environment))))


BACULA_JOBS = (
    "honest",
    "gone",
    "hollow",
    "half",
    "future",
    "backwards",
    "orphan",
    "stopped",
    "checked",
    "quiet",
)


_FILES = {"console": "bconsole.conf", "own": "jauge/bconsole.conf"}


def guided_console() -> tuple[str, str]:
    """The console that the guide gives the login: as it stands in the director's file, and in its own."""
    (device,) = [system.device for system in pages()["backup"].systems if "bconsole.conf" in system.device]
    director, own = device.split("# /home/jauge/bconsole.conf")
    return director, f"# {own}"


def _bacula_configuration(place: Path, ports: tuple[int, int, int]) -> dict[str, str]:
    director, client, storage = ports
    guided, own = guided_console()
    home = f'WorkingDirectory = "{place}/catalogue"\n  PidDirectory = "{place}/catalogue"\n'
    messages = f'Messages {{\n  Name = All\n  append = "{place}/catalogue/log" = all\n}}\n'
    served = 'Director {\n  Name = test-dir\n  Password = "secret"\n}\nMessages {\n  Name = All\n  director = test-dir = all\n}\n'
    jobs = "".join(
        f"Job {{\n  Name = {job}\n  JobDefs = Usual\n  FileSet = {job}\n}}\n"
        f"FileSet {{\n  Name = {job}\n  Include {{\n    Options {{\n      signature = MD5\n    }}\n"
        f"    File = {place}/sources/{job}\n  }}\n}}\n"
        for job in BACULA_JOBS
    )
    return {
        "dir": f"Director {{\n  Name = test-dir\n  DIRport = {director}\n  DirAddress = 127.0.0.1\n"
        f'  QueryFile = "/etc/bacula/scripts/query.sql"\n  {home}  Password = "secret"\n  Messages = All\n}}\n'
        "JobDefs {\n  Name = Usual\n  Type = Backup\n  Level = Full\n  Client = pacs-01-fd\n  FileSet = honest\n"
        f"  Storage = File\n  Messages = All\n  Pool = Default\n}}\n{jobs}"
        "Job {\n  Name = verify-checked\n  JobDefs = Usual\n  Type = Verify\n  Level = VolumeToCatalog\n"
        "  Verify Job = checked\n}\n"
        f'Client {{\n  Name = pacs-01-fd\n  Address = 127.0.0.1\n  FDPort = {client}\n  Catalog = C\n  Password = "secret"\n}}\n'
        f'Storage {{\n  Name = File\n  Address = 127.0.0.1\n  SDPort = {storage}\n  Password = "secret"\n'
        "  Device = Disk\n  Media Type = File\n}\n"
        'Catalog {\n  Name = C\n  dbname = "bacula"; dbuser = ""; dbpassword = ""\n}\n'
        f"{guided}{messages}Pool {{\n  Name = Default\n  Pool Type = Backup\n  Label Format = Vol-\n  Maximum Volume Jobs = 1\n}}\n",
        "sd": f"Storage {{\n  Name = test-sd\n  SDPort = {storage}\n  SDAddress = 127.0.0.1\n  {home}}}\n{served}"
        f"Device {{\n  Name = Disk\n  Media Type = File\n  Archive Device = {place}/volumes\n  LabelMedia = yes\n"
        "  Random Access = yes\n  AutomaticMount = yes\n  RemovableMedia = no\n  AlwaysOpen = no\n}\n",
        "fd": f"FileDaemon {{\n  Name = pacs-01-fd\n  FDport = {client}\n  FDAddress = 127.0.0.1\n  {home}}}\n{served}",
        "own": own.replace("9101", str(director)),
        "console": f'Director {{\n  Name = test-dir\n  DIRport = {director}\n  Address = 127.0.0.1\n  Password = "secret"\n}}\n',
    }


@contextlib.contextmanager
def a_bacula() -> Iterator[Bacula]:
    """The real daemons, each waited for, and stopped by its own PID."""
    programs = {
        name: servers.program(f"bacula-{name}", "bacula-director bacula-sd bacula-fd")
        for name in ("sd", "fd", "dir")
    }
    servers.program("bconsole", "bacula-console")
    schema = Path("/usr/share/dbconfig-common/data/bacula-director-sqlite3/install/sqlite3")
    if not schema.exists():
        servers.missing("the catalogue's schema is not installed: apt-get install bacula-director-sqlite3")
    with servers.folder() as place, contextlib.ExitStack() as stack:
        for name in ("catalogue", "volumes", "sources", "bin", "jauge"):
            (place / name).mkdir()
        ports = (servers.free_port(), servers.free_port(), servers.free_port())
        for name, text in _bacula_configuration(place, ports).items():
            (place / _FILES.get(name, f"{name}.conf")).write_text(text)
        with contextlib.closing(sqlite3.connect(place / "catalogue/bacula.db")) as catalogue:
            catalogue.executescript(schema.read_text())
        real = servers.program("bconsole", "bacula-console")
        (place / "bin/bconsole").write_text(f'#!/bin/sh\nexec {real} -c {place}/bconsole.conf "$@"\n')
        (place / "bin/bconsole").chmod(0o755)
        by_name = dict(zip(("dir", "fd", "sd"), ports, strict=True))
        for name, path in programs.items():
            argv = [path, "-f", "-c", f"{place}/{name}.conf"]
            ready = functools.partial(servers.answers, by_name[name])
            stack.enter_context(servers.running(argv, ready, place / f"{name}.log", drop=False))
        yield Bacula(place, place / "sources")
