"""Whether targets that are gone delay those that live: the collector's own schedule over real sockets.

    python -m benchmarks.lateness [--targets 1000] [--interval 10] [--intervals 4] [--silent 0 10 50] [--json]

Some percent of the targets are sockets that take every datagram and never answer; the rest are canned SNMP agents
in a process of their own. Every row is a collector that starts anew. Lateness is the time from the moment when a
poll was due to its end, of the targets that live, without the first poll of each, which is spread over a time of its
own. `rise` is how much later the 99th percentile is than without silent targets, in percent of the interval; the
bar is 10 % of the interval with 10 % of the targets silent.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import math
import time
from typing import Final

import pandas as pd

from benchmarks._agents import HOST, SMALL, Agents
from collectors.board import Board
from collectors.poll import Poll
from collectors.polling import Poller
from collectors.schedule import Scheduler
from inventory.credentials import SnmpV2c
from inventory.estate import Estate, Snmp, Target

BAR: Final = 10.0
"""Percent of the interval by which the 99th percentile may rise, with as many percent of the targets silent."""

SECURED: Final = SnmpV2c.model_validate({"snmp": "v2c", "community": "public"})


@dataclasses.dataclass(frozen=True)
class Row:
    """One collector. Latenesses in seconds; `cpu` is the share of a core that the collector took."""

    silent: float
    targets: int
    polls: int
    failed: int
    skipped: int
    p50: float
    p99: float
    longest: float
    cpu: float


def estate(ports: list[int], interval: float, timeout: float) -> Estate:
    """A target for each port."""
    targets = tuple(
        Target(
            name=f"agent-{number:05}",
            address=HOST,
            interval=interval,
            timeout=timeout,
            snmp=Snmp(credential="all", port=port, family="server"),
        )
        for number, port in enumerate(ports)
    )
    return Estate(credentials={"all": SECURED}, targets=targets)


async def watch(polled: Estate, live: int, seconds: float) -> tuple[list[float], int, int, float]:
    """Poll for some seconds: latenesses of the first `live` targets, their failures, turns skipped, share of a core."""
    board, poller = Board(polled.targets), Poller(polled)
    alive = {target.name for target in polled.targets[:live]}
    seen: set[str] = set()
    found: list[float] = []
    failed = 0

    async def ask(target: Target, patience: float) -> Poll:
        return await poller.poll(target, patience=patience)

    def hear(poll: Poll, late: float) -> None:
        nonlocal failed
        if poll.target in alive and poll.target in seen:
            found.append(late + poll.seconds)
            failed += not all(table.up for table in poll.tables)
        seen.add(poll.target)

    scheduler = Scheduler(board, ask, (hear,))
    started, cpu = time.monotonic(), time.process_time()
    scheduler.start()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / (time.monotonic() - started)
    await scheduler.stop()
    poller.close()
    return found, failed, sum(board[name].skipped for name in alive), share


def measure(count: int, percent: float, interval: float, intervals: int, timeout: float) -> Row:
    """The row of `percent` silent targets among `count`."""
    silent = round(count * percent / 100)
    with Agents(count - silent, SMALL, silent) as agents:
        polled = estate([*agents.ports, *agents.silent], interval, timeout)
        found, failed, skipped, cpu = asyncio.run(watch(polled, count - silent, intervals * interval))
    found.sort()

    def share(part: float) -> float:
        return found[min(int(len(found) * part), len(found) - 1)] if found else math.nan

    return Row(percent, count, len(found), failed, skipped, share(0.5), share(0.99), share(1.0), cpu)


def main() -> None:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--targets", type=int, default=1000)
    parser.add_argument("--silent", type=float, nargs="+", default=[0.0, 10.0, 50.0], metavar="PERCENT")
    parser.add_argument("--interval", type=float, default=10.0, help="seconds between two polls")
    parser.add_argument("--intervals", type=int, default=4, help="how many of them a row takes")
    parser.add_argument("--timeout", type=float, default=5.0, help="patience of a poll in seconds")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    shares = list(dict.fromkeys([0.0, *options.silent]))
    rows = [
        dataclasses.asdict(
            measure(options.targets, share, options.interval, options.intervals, options.timeout)
        )
        for share in shares
    ]
    for row in rows:
        row["rise"] = 100 * (row["p99"] - rows[0]["p99"]) / options.interval
    met = all(row["rise"] <= BAR for row in rows if row["silent"] <= BAR)
    if options.json:
        print(json.dumps({"interval": options.interval, "rows": rows, "bar": BAR, "met": met}))
    else:
        print(pd.DataFrame(rows).round(4).to_string(index=False))
        print(
            f"rise of p99 at {BAR:g} % silent: at most {BAR:g} % of the interval: {'met' if met else 'MISSED'}"
        )


if __name__ == "__main__":
    main()
