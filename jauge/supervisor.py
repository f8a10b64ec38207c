"""All the processes of an estate beside each other: collector, planner, dashboard, and a demo's devices.

In production a service manager does this, one unit a process; here a process that ends is started again, and
all end together.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import datetime as dt
import functools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

import structlog

from exporters import supervision
from exporters.supervision import Restart, Supervision
from jauge.files import Files

log = structlog.get_logger(__name__)

STEP: Final = 0.1
PAUSE: Final = 2.0
"""Seconds before a process that ended is started again."""

PLAN_HOUR: Final = 2
"""Hour of the night at which the planner runs; it also runs at the start."""

SETTLING: Final = 300.0
"""Seconds after the start at which digests are looked for first, at the latest."""

STOP_SECONDS: Final = 6.0

_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
_LIBC: Final = ctypes.CDLL(None)


@dataclasses.dataclass(slots=True)
class Child:
    """A process to keep running. `due` is when to start it (again), on the monotonic clock; `ended` is told of each time that
    it ended by itself, with its name and its status."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    due: float = 0.0
    ended: Callable[[str, int], None] = lambda _name, _status: None

    def keep(self) -> None:
        """Start it where it does not run and is due."""
        if self.process is not None and self.process.poll() is not None:
            log.error("process ended", name=self.name, status=self.process.returncode, again_in=PAUSE)
            self.ended(self.name, self.process.returncode)
            self.process, self.due = None, time.monotonic() + PAUSE
        if self.process is None and time.monotonic() >= self.due:
            self.process = begin(self.name, self.command)
            self.due = time.monotonic() + PAUSE

    def stop(self, end: float) -> None:
        """As `finish`, where it runs."""
        if self.process is not None:
            finish(self.process, end)


@dataclasses.dataclass(slots=True)
class Timed:
    """A command that is given each `every` seconds, one run after another. `due` is when next, on the monotonic clock."""

    command: Sequence[str]
    every: float
    due: float
    process: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Give it where it is due, and the run before has ended."""
        if time.monotonic() < self.due or (self.process is not None and self.process.poll() is None):
            return
        self.due = time.monotonic() + self.every
        self.process = begin("digest", self.command)


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """What the processes are told besides: how they log, the web configuration of the exporter, and whether it has TLS."""

    level: str = "warning"
    style: str = "logfmt"
    web: Path | None = None
    tls: bool = False

    @property
    def logs(self) -> list[str]:
        return ["--log.level", self.level, "--log.format", self.style]

    @property
    def door(self) -> list[str]:
        return ["--web.config.file", str(self.web.resolve())] if self.web is not None else []


class Ledger:
    """Tells the pages and the collector which processes were started again: a supervisor listens on no port."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told = Supervision(0.0, time.time(), os.getpid(), {})
        self._due = 0.0
        self._failed = ""

    def follow(self, children: Sequence[Child]) -> None:
        """Count the restarts of these from now on."""
        self._told = dataclasses.replace(self._told, counts={child.name: 0 for child in children})
        for child in children:
            child.ended = self.note

    def note(self, process: str, status: int) -> None:
        """A process ended by itself, and is started again."""
        self._told = supervision.noted(self._told, Restart(process, time.time(), status))
        self._due = 0.0

    def keep(self) -> None:
        """Write how they stand, where that is due; a disk that refuses is said once."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + supervision.EVERY
        try:
            supervision.write(self._path, dataclasses.replace(self._told, at=time.time()))
            self._failed = ""
        except OSError as error:
            if self._failed != (failed := error.strerror or str(error)):
                log.error("restarts not written", why=failed, file=str(self._path))
            self._failed = failed

    def close(self) -> None:
        """Nobody supervises any more."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


class Supervisor:
    """Runs an estate: `run` returns when it is told to stop (SIGTERM, SIGINT, SIGHUP)."""

    def __init__(
        self,
        estate: Path,
        files: Files,
        agents: Sequence[str] | None = None,
        digests: float | None = None,
        settling: float | None = None,
        options: Options = Options(),
    ) -> None:
        self._exporter = free_port(9640)
        self._dashboard = free_port(8050)
        common = [str(estate), "--data", str(files.directory)]
        self._planner = [*jauge("plan"), *common]
        listen = "--web.listen-address"
        run = [*jauge("run"), *common, listen, f"127.0.0.1:{self._exporter}", *options.door, *options.logs]
        pages = [*jauge("dashboard"), *common, listen, f"127.0.0.1:{self._dashboard}", *options.logs]
        self._children = [
            *([Child("devices", agents)] if agents else []),
            Child("collector", run),
            Child("dashboard", pages),
        ]
        self._ledger = Ledger(files.supervisor)
        self._ledger.follow(self._children)
        # Not at once: before anything was polled and planned there is nothing to tell.
        first = time.monotonic() + min(digests or 0.0, settling or SETTLING)
        self._digests = Timed([*jauge("digest"), *common], digests, first) if digests else None
        self._scheme = "https" if options.tls else "http"
        self._files = files
        self._planning: subprocess.Popen[bytes] | None = None
        self._planned: dt.date | None = None
        self._plan_due = 0.0
        self._stopping = False

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self._dashboard}"

    def run(self) -> None:
        """Keep everything running until told to stop. The first line on standard output is the address of the pages."""
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # the last: its terminal was closed
            signal.signal(name, self._stop)
        told = False
        try:
            while not self._stopping:
                for child in self._children:
                    child.keep()
                self._ledger.keep()
                self._plan()
                if self._digests is not None:
                    self._digests.keep()
                if not told and answers(f"{self.url}/login"):
                    print(f"Jauge: {self.url}", flush=True)
                    print(f"Metrics: {self._scheme}://127.0.0.1:{self._exporter}/metrics/estate", flush=True)
                    told = True
                time.sleep(STEP)
        finally:
            self._end()
            self._ledger.close()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _plan(self) -> None:
        """Run the planner once there is a history, then every night."""
        if time.monotonic() < self._plan_due or (
            self._planning is not None and self._planning.poll() is None
        ):
            return
        now = dt.datetime.now().astimezone()
        due = self._planned is None or (now.date() > self._planned and now.hour >= PLAN_HOUR)
        if due and (self._files.history.exists() or self._files.queue.exists()):
            self._planning = begin("planner", self._planner)
            self._plan_due = time.monotonic() + PAUSE
            if self._planning is not None:
                self._planned = now.date()

    def _end(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        told = self._digests.process if self._digests is not None else None
        passing = [process for process in (self._planning, told) if process is not None]
        for process in [*running, *passing]:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        end = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.stop(end)
        for process in passing:
            finish(process, end)


def jauge(verb: str) -> list[str]:
    """The command of a verb, in this very Python."""
    return [sys.executable, "-m", "jauge", verb]


def begin(name: str, command: Sequence[str]) -> subprocess.Popen[bytes] | None:
    """Start a process that says nothing but its log; None where this machine does not let it start now, which is logged.

    A program that is being updated, or a machine without memory or processes to give, is no reason to end the others.
    """
    try:
        return start(command, stdout=subprocess.DEVNULL)
    except OSError as error:
        log.error("process not started", name=name, why=error.strerror or str(error), file=error.filename)
        return None


def start(command: Sequence[str], stdout: int | None = None) -> subprocess.Popen[bytes]:
    """Start a process that a Ctrl-C of the terminal does not reach: the supervisor tells it, and the kernel where it is killed."""
    return subprocess.Popen(  # noqa: S603 - our own commands, never a shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        start_new_session=True,
        env=os.environ,
        preexec_fn=functools.partial(_end_with, os.getpid()),  # noqa: PLW1509 - no thread runs beside it
    )


def _end_with(supervisor: int) -> None:
    """In a process that begins: be told to end when the supervisor ends, however that happens.

    A collector that outlived it would hold the history, and the next one could not begin.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:  # it ended before the kernel was told
        os._exit(1)


def finish(process: subprocess.Popen[bytes], end: float) -> None:
    """Wait until a process of `start` has ended, and from `end` on kill it; what it had started and left behind is killed, too."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(max(end - time.monotonic(), 0.1))
    with contextlib.suppress(ProcessLookupError):  # its own group, as it began a session
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def answers(url: str) -> bool:
    """Whether a page of ours answers, whatever it says."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address on loopback
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def free_port(preferred: int) -> int:
    """A port of loopback that nobody listens on, nor another supervisor is about to: the preferred one if it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            claim(preferred)
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_claims: list[socket.socket] = []


def claim(port: int) -> None:
    """Keep a port from other supervisors while this process lives. Raises OSError where one has it.

    A child listens only some seconds later: two that start together would choose the same port, and each would take
    the other's pages for its own. Linux frees an abstract name when the process ends, however that happens.
    """
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0jauge-port-{port}")
    except OSError:
        name.close()
        raise
    _claims.append(name)
