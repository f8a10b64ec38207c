"""What several processes bring: a round of polls in this process, and in one, two and four workers of it.

    python -m benchmarks.workers [--targets 100] [--rounds 3] [--json]

Every way polls the same canned agents of 2,180 series, the ways taking turns. `parent_ms` is the CPU time of the
collector's process for each poll, which is the part that workers cannot take from it; the exposition comes on top,
in all ways alike. The agents run on the same machine: how much faster a round gets depends on its cores.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import statistics
import time
from collections.abc import Sequence
from typing import Final

import psutil

from benchmarks._agents import LARGE, Agents
from benchmarks._devices import prepare
from collectors.polling import Poller
from collectors.workers import Workers
from inventory.credentials import SnmpV2c
from inventory.estate import Estate, Snmp, Target

HOST: Final = "127.0.0.1"
COUNTS: Final = (0, 1, 2, 4)
"""Numbers of workers; 0 is a poller in this process."""

PARENT_MS: Final = 0.3
"""What a poll may cost the collector's process."""


@dataclasses.dataclass
class Way:
    """The rounds of one number of workers: seconds of the clock, and of CPU in this process and in the workers."""

    walls: list[float] = dataclasses.field(default_factory=list)
    parent: list[float] = dataclasses.field(default_factory=list)
    workers: list[float] = dataclasses.field(default_factory=list)

    def figures(self, targets: int) -> dict[str, float]:
        return {
            "wall_s": statistics.median(self.walls),
            "polls_per_s": targets / statistics.median(self.walls),
            "parent_ms": 1e3 * statistics.median(self.parent) / targets,
            "workers_ms": 1e3 * statistics.median(self.workers) / targets,
        }


def estate(ports: Sequence[int]) -> Estate:
    """Each agent a target of its own."""
    access = {"credential": "all", "family": "server", "packets": 100_000.0}
    targets = tuple(
        Target(name=f"agent-{port}", address=HOST, timeout=60.0, snmp=Snmp(port=port, **access))
        for port in ports
    )
    return Estate(
        credentials={"all": SnmpV2c.model_validate({"snmp": "v2c", "community": "public"})}, targets=targets
    )


async def measure(targets: int, rounds: int) -> dict[int, Way]:
    """Poll all agents in each way, the ways taking turns. Raises RuntimeError where a poll fails."""
    found = {count: Way() for count in COUNTS}
    with Agents(targets, LARGE) as agents:
        declared = estate(agents.ports)
        pollers = {
            count: Workers(declared, count, prepare) if count else Poller(declared) for count in COUNTS
        }
        try:
            for number in range(1 + rounds):
                for count, poller in pollers.items():
                    agents.turn()
                    await _round(poller, declared, found[count] if number else Way())
        finally:
            for poller in pollers.values():
                poller.close()
    return found


async def _round(poller: Poller | Workers, declared: Estate, way: Way) -> None:
    before, cpu, start = _cpu(poller), time.process_time(), time.monotonic()
    polls = await asyncio.gather(*(poller.poll(target) for target in declared.targets))
    way.walls.append(time.monotonic() - start)
    way.parent.append(time.process_time() - cpu)
    way.workers.append(_cpu(poller) - before)
    failed = [
        (poll.target, table.name, table.reason) for poll in polls for table in poll.tables if not table.up
    ]
    if failed:
        raise RuntimeError(
            f"{len(failed)} tables failed, first {failed[0]}: another round, with fewer targets"
        )


def _cpu(poller: Poller | Workers) -> float:
    """CPU seconds that the workers have spent so far."""
    times = [psutil.Process(pid).cpu_times() for pid in (poller.pids if isinstance(poller, Workers) else ())]
    return sum(one.user + one.system for one in times)


def main() -> None:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--targets", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.targets < 1 or given.rounds < 1:
        parser.error("--targets and --rounds are at least 1")
    found = asyncio.run(measure(given.targets, given.rounds))
    rows = {
        f"{count} workers" if count else "this process": way.figures(given.targets)
        for count, way in found.items()
    }
    worst = max(row["parent_ms"] for name, row in rows.items() if name != "this process")
    goals = {
        f"{worst:.2f} ms of the collector's CPU a poll with workers (bar: {PARENT_MS})": worst <= PARENT_MS
    }
    if given.json:
        print(json.dumps({"cores": os.cpu_count(), "rows": rows, "goals": goals}))
        return
    print(f"{given.targets} targets of 2,180 series, {os.cpu_count()} cores")
    print(f"{'':14}" + "".join(f"{name:>14}" for name in next(iter(rows.values()))))
    for name, row in rows.items():
        print(f"{name:14}" + "".join(f"{value:14.2f}" for value in row.values()))
    for said, holds in goals.items():
        print("holds " if holds else "MISSES", said)


if __name__ == "__main__":
    main()
