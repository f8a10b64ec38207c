"""Polling over SSH with kept logins, against OpenSSH's own client on the same servers and with the same commands.

    python -m benchmarks.ssh [--hosts 300] [--servers 4] [--rounds 3] [--json]

A few real sshd on loopback stand for many hosts: each target has a login of its own. In a round every host is polled
once, all at once (`ssh`: so many processes at a time as `AT_ONCE` says); in the first one everybody logs in. The ways
take turns, round by round.

`jauge`        one process; its threads and its memory beyond what it had before, once every login is kept
`ssh, kept`    `ssh -S` for every poll, over a master (`ssh -M`) for every host that is kept as well
`ssh, anew`    plain `ssh host command` for every poll

CPU is user and system time of the polling side alone: processes of `ssh` and their masters, or Jauge. The servers run
on the same machine and take their share of every wall time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
import psutil

from collectors import ssh
from collectors.commands import COMMANDS
from collectors.poll import forget
from collectors.ssh.batch import script
from inventory.credentials import Ssh
from inventory.estate import Estate, SshAccess, Target
from tests.servers import LOOPBACK, Sshd, sshd

JOBS: Final = ("df", "memory", "load", "os")
PATIENCE: Final = 120.0
AT_ONCE: Final = 32
"""Processes of `ssh` under way at once."""

MIB: Final = 1024**2
STARTUPS: Final = "MaxStartups 2000"
HOMELESS: Final = "SetEnv HOME=/nonexistent"
"""bash reads the profile of an account for commands over SSH too: it would be measured along."""


@dataclasses.dataclass(frozen=True)
class Round:
    """What polling every host once took: seconds of wall and CPU, and how many polls failed."""

    wall: float
    cpu: float
    failed: int


@dataclasses.dataclass(frozen=True)
class Row:
    """One way to poll: CPU in milliseconds a poll, memory in MiB, wall in seconds; `steady` are medians."""

    first_wall: float
    steady_wall: float
    first_cpu_ms: float
    steady_cpu_ms: float
    mib: float
    threads: int
    processes: int
    failed: int


def row(rounds: Sequence[Round], hosts: int, mib: float, threads: int, processes: int) -> Row:
    """The row of some rounds, the first of which logs in."""
    first, *steady = rounds
    return Row(
        first.wall,
        statistics.median(one.wall for one in steady),
        1000 * first.cpu / hosts,
        1000 * statistics.median(one.cpu for one in steady) / hosts,
        mib,
        threads,
        processes,
        sum(one.failed for one in rounds),
    )


# --- jauge --------------------------------------------------------------------------------------------------


def estate(servers: Sequence[Sshd], hosts: int) -> Estate:
    """A target for each host, the servers in turn."""
    credentials = {
        f"server-{number}": Ssh.model_validate(
            {
                "ssh": {
                    "user": server.user,
                    "key": f"file:{server.key}",
                    "known_hosts": str(server.known_hosts),
                }
            }
        )
        for number, server in enumerate(servers)
    }
    targets = tuple(
        Target(
            name=f"srv-{number:04}",
            address=LOOPBACK,
            timeout=PATIENCE,
            ssh=SshAccess(
                credential=f"server-{number % len(servers)}",
                port=servers[number % len(servers)].port,
                commands=JOBS,
            ),
        )
        for number in range(hosts)
    )
    return Estate(credentials=credentials, targets=targets)


class Jauge:
    """Jauge's own way. `mib` and `threads` are what its first round, with every login, has added."""

    processes = 1

    def __init__(self, polled: Estate) -> None:
        self._polled, self._pool = polled, ssh.Connections()
        self._before = self._held()
        self.mib, self.threads = 0.0, 0

    async def poll(self) -> Round:
        """Poll every host once."""
        wall, cpu = time.perf_counter(), time.process_time()
        asked = [ssh.poll(target, self._polled, forget, self._pool) for target in self._polled.targets]
        answers = await asyncio.gather(*asked)
        found = Round(
            time.perf_counter() - wall,
            time.process_time() - cpu,
            sum(not all(table.up for table in tables) for tables, _ in answers),
        )
        if not self.threads:
            memory, threads = self._held()
            self.mib, self.threads = (memory - self._before[0]) / MIB, threads - self._before[1]
        return found

    @staticmethod
    def _held() -> tuple[int, int]:
        return psutil.Process().memory_info().rss, threading.active_count()

    def close(self) -> None:
        """Log out everywhere."""
        self._pool.close()


# --- OpenSSH's client ---------------------------------------------------------------------------------------


class Client:
    """`ssh` towards each host. With `sockets`, over masters that are kept there until `close`."""

    def __init__(self, servers: Sequence[Sshd], hosts: int, sockets: Path | None = None) -> None:
        self._servers, self._hosts, self._sockets = servers, hosts, sockets
        self._masters: list[subprocess.Popen[bytes]] = []
        self._line = script([COMMANDS[name].text for name in JOBS], "0" * 32)

    async def poll(self) -> Round:
        """Poll every host once; the first time, masters are started first."""
        wall, cpu = time.perf_counter(), self._cpu()
        gate = asyncio.Semaphore(AT_ONCE)
        ended = await asyncio.gather(*(self._ask(number, gate) for number in range(self._hosts)))
        return Round(time.perf_counter() - wall, self._cpu() - cpu, ended.count(False))

    async def _ask(self, number: int, gate: asyncio.Semaphore) -> bool:
        async with gate:
            if self._sockets is not None and len(self._masters) < self._hosts:
                await self._keep(number)
            asked = await asyncio.create_subprocess_exec(
                *self._argv(number),
                self._line,
                stdin=subprocess.PIPE,  # the batch ends with its input: it stays open
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert asked.stdout is not None
            output = await asked.stdout.read()
            return await asked.wait() == 0 and output.count(b"0" * 32) == 1 + len(JOBS)

    async def _keep(self, number: int) -> None:
        """Start the master of a host, and wait until it can be used."""
        argv = [*self._argv(number, "-M", "-N"), "-o", "ControlPersist=no"]
        self._masters.append(
            subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )
        assert self._sockets is not None
        end = time.monotonic() + PATIENCE
        while not (self._sockets / str(number)).exists() and time.monotonic() < end:
            await asyncio.sleep(0.005)

    def _argv(self, number: int, *options: str) -> list[str]:
        server = self._servers[number % len(self._servers)]
        argv = ["ssh", "-F", "none", "-T", *options, "-i", str(server.key), "-p", str(server.port)]
        settings = [
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            "GlobalKnownHostsFile=none",
            f"UserKnownHostsFile={server.known_hosts}",
            f"ControlPath={self._sockets / str(number) if self._sockets else 'none'}",
        ]
        return [*argv, *(word for said in settings for word in ("-o", said)), f"{server.user}@{LOOPBACK}"]

    def _cpu(self) -> float:
        """CPU seconds of every `ssh` that ended, and of the masters."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        masters = [psutil.Process(master.pid).cpu_times() for master in self._masters]
        return ended.ru_utime + ended.ru_stime + sum(one.user + one.system for one in masters)

    @property
    def mib(self) -> float:
        """Memory of the masters that is theirs alone."""
        return sum(psutil.Process(one.pid).memory_full_info().uss for one in self._masters) / MIB

    @property
    def processes(self) -> int:
        """How many processes stay between two rounds; each has one thread."""
        return len(self._masters)

    threads = processes

    def close(self) -> None:
        """End the masters."""
        for master in self._masters:
            master.terminate()
        for master in self._masters:
            master.wait()


# --- what is printed ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def fleet(count: int) -> Iterator[list[Sshd]]:
    """Some sshd that take many logins at once."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(sshd(lines=[STARTUPS, HOMELESS])) for _ in range(count)]


async def measure(hosts: int, servers: int, rounds: int) -> dict[str, Row]:
    """The row of each way: they take turns on the same servers."""
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(fleet(servers))
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="ssh-"))
        ways: dict[str, Jauge | Client] = {
            "jauge": Jauge(estate(running, hosts)),
            "ssh, kept": Client(running, hosts, Path(place)),
            "ssh, anew": Client(running, hosts),
        }
        for way in ways.values():
            stack.enter_context(contextlib.closing(way))
        found: dict[str, list[Round]] = {name: [] for name in ways}
        for _ in range(1 + rounds):
            for name, way in ways.items():
                found[name].append(await way.poll())
        return {
            name: row(found[name], hosts, way.mib, way.threads, way.processes) for name, way in ways.items()
        }


def main() -> None:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hosts", type=int, default=300)
    parser.add_argument("--servers", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3, help="rounds after the first one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if min(options.hosts, options.servers, options.rounds) < 1:
        parser.error("--hosts, --servers and --rounds are at least 1")
    if shutil.which("ssh") is None:
        sys.exit("ssh is not installed: apt-get install openssh-client")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # a login is a file
    rows = asyncio.run(measure(options.hosts, options.servers, options.rounds))
    figures = {name: dataclasses.asdict(one) for name, one in rows.items()}
    if options.json:
        print(json.dumps({"hosts": options.hosts, "rounds": options.rounds, "rows": figures}))
    else:
        print(pd.DataFrame(figures).T.round(2).to_string())


if __name__ == "__main__":
    main()
