"""Whether a collector and its dashboard stay what they are for an hour: memory, descriptors, lateness, missed polls.

    python -m benchmarks.soak [--targets 1000] [--silent 2] [--interval 30] [--minutes 60] [--stride 60] [--folder DIR] [--json]

Canned SNMP agents in a process of their own (some percent of the targets are silent) say other figures all the time. `jauge run`
polls them with their family found by itself, a scraper asks for `/metrics` and `/metrics/estate` every 15 seconds, `jauge dashboard` serves a user who
opens a page every two seconds, and half way `jauge plan` makes the forecasts as the night does. Every --stride seconds both
processes are looked at from outside (proc_pid_status(5), /proc/PID/fd), and the collector's own counters are read; what counts begins
once a sixth of the time, ten minutes at most, has passed, when kept texts, pools and pages have been made. Slopes are least squares over that,
in MiB an hour, and over the last third of the time, which is the one that matters: what is kept for each target, its texts and a page is
made within some sixty polls, and not before. Lateness is of the polls within that time, from the buckets of `jauge_poll_lateness_seconds`. A poll is missed
where it was skipped, or where a target that lives did not answer.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import json
import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from benchmarks._agents import HOST, SMALL, Agents
from benchmarks.dashboard import PAGES, PASSWORD, log_in, pages_of, serving, visit
from dashboard.access import users
from inventory.state import open_state

SCRAPED: Final = 15.0
"""Seconds between two scrapes, Prometheus' usual ones."""

VISITED: Final = 2.0
TURNED: Final = 10.0
"""Seconds after which every agent says other figures."""

MIB: Final = 1024 * 1024
GOALS: Final = {"slope": 4.0, "late": 0.1}
"""MiB an hour by which a process may grow, and share of the interval by which 99 of 100 polls may start late."""

LATENESS: Final = "jauge_poll_lateness_seconds"
SKIPPED: Final = "jauge_polls_skipped_total"
_PROCESSES: Final = ("collector", "dashboard")


@dataclasses.dataclass(frozen=True)
class Look:
    """One process at one moment: seconds since the start, bytes resident, open descriptors, threads, CPU seconds so far."""

    at: float
    resident: int
    descriptors: int
    threads: int
    cpu: float


@dataclasses.dataclass(frozen=True)
class Course:
    """What became of a process: MiB at the beginning and at the end of what counts, MiB an hour over it and over the last third of all,
    descriptors and threads at both ends, share of a core."""

    process: str
    first: float
    last: float
    slope: float
    settled: float
    descriptors: tuple[int, int]
    threads: tuple[int, int]
    cpu: float


# --- the estate and its processes ---------------------------------------------------------------------


def made(folder: Path, ports: Sequence[int], interval: float) -> Path:
    """The estate of these ports in a folder of its own, with a user who may look at everything."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    targets = [
        {"name": f"agent-{number:05}", "address": HOST, "interval": interval, "timeout": 5, "snmp": {"port": port, "credential": "all"}}
        for number, port in enumerate(ports)
    ]  # fmt: skip
    estate = folder / "estate.yml"
    told = {
        "title": "Soak",
        "credentials": {"all": {"snmp": "v2c", "community": "public"}},
        "targets": targets,
    }
    estate.write_text(json.dumps(told), "utf-8")  # JSON is YAML
    users.add(open_state(folder / "state.db"), "soak", "admin", PASSWORD)
    return estate


@contextlib.contextmanager
def collecting(estate: Path, folder: Path) -> Iterator[tuple[str, int]]:
    """`jauge run`, until the end of the block: its address and its process."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        address = f"{HOST}:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "jauge", "run", str(estate), "--data", str(folder), "--web.listen-address", address]  # fmt: skip
    with subprocess.Popen(command, stdout=sys.stderr) as process:
        try:
            _answering(f"http://{address}/-/healthy", process)
            yield f"http://{address}", process.pid
        finally:
            process.terminate()


def _answering(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the collector ended by itself")
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(url, timeout=5)
            return
        time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def plan(estate: Path, folder: Path) -> None:
    """The night's work, beside those that run."""
    subprocess.run(
        [sys.executable, "-m", "jauge", "plan", str(estate), "--data", str(folder)], check=True, stdout=sys.stderr
    )  # fmt: skip


# --- who asks -----------------------------------------------------------------------------------------


class Asking:
    """Somebody who asks again and again in a thread, and counts what failed; used as `with Asking(...)`."""

    def __init__(self, ask: Any, every: float) -> None:
        self.asked = 0
        self.failed: list[str] = []
        self.waited: list[float] = []
        self._ask, self._every, self._stop = ask, every, threading.Event()
        self._thread = threading.Thread(target=self._go)

    def _go(self) -> None:
        while not self._stop.wait(self._every):
            start = time.monotonic()
            try:
                self._ask()
            except (httpx.HTTPError, OSError) as error:
                self.failed.append(f"{type(error).__name__}: {error}")
            self.asked += 1
            self.waited.append(time.monotonic() - start)

    def __enter__(self) -> Asking:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def scraper(url: str) -> Any:
    """Asks for both pages of a collector, as Prometheus does."""
    client = httpx.Client(base_url=url, headers={"Accept-Encoding": "gzip"}, timeout=10)

    def ask() -> None:
        for path in ("/metrics", "/metrics/estate"):
            client.get(path).raise_for_status()

    return ask


def visitor(url: str) -> Any:
    """Opens one page after the other with a session, as a browser does."""
    client = log_in(url, "soak")
    turns = itertools.cycle([one.path for one in PAGES if not one.path.endswith("=")])

    def ask() -> None:
        client.post("/_dash-update-component", json=visit(next(turns))).raise_for_status()

    return ask


# --- what is looked at --------------------------------------------------------------------------------


def family(pid: int) -> list[int]:
    """A process and its children, theirs too (proc_pid_task_children: /proc/PID/task/TID/children)."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(word) for word in (task / "children").read_text().split()]
    return found


def look(pid: int, at: float) -> Look:
    """What a process and its children hold together now; pages that they share count once a process."""
    resident = descriptors = threads = 0
    ticks = 0.0
    for one in family(pid):
        with contextlib.suppress(OSError):
            place = Path(f"/proc/{one}")
            resident += int((place / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            descriptors += len(list((place / "fd").iterdir()))
            threads += len(list((place / "task").iterdir()))
            words = (place / "stat").read_text().rpartition(")")[2].split()
            ticks += int(words[11]) + int(words[12])  # utime and stime of proc_pid_stat(5)
    return Look(at, resident, descriptors, threads, ticks / os.sysconf("SC_CLK_TCK"))


def counters(url: str) -> dict[tuple[str, str], float]:
    """The collector's own counters: each with the bucket or outcome that it is of."""
    found = {}
    for each in text_string_to_metric_families(httpx.get(f"{url}/metrics", timeout=60).text):
        for sample in each.samples:
            if sample.name.startswith(
                ("jauge_poll", "jauge_data_file", "jauge_events_waiting", "jauge_history_waiting")
            ):
                found[sample.name, next(iter(sample.labels.values()), "")] = sample.value  # fmt: skip
    return found


def percentile(
    before: Mapping[tuple[str, str], float], after: Mapping[tuple[str, str], float], share: float
) -> float:
    """The upper end of the bucket of `LATENESS` below which that share of the polls between two readings lie, in seconds; NaN without polls."""  # fmt: skip
    name = f"{LATENESS}_bucket"
    counts = sorted(
        (float(end), value - before.get((metric, end), 0.0))
        for (metric, end), value in after.items()
        if metric == name
    )
    total = counts[-1][1] if counts else 0.0
    return next((end for end, count in counts if total and count >= share * total), math.nan)


def course(process: str, looks: Sequence[Look], since: float) -> Course:
    """What became of a process from `since` on. Raises ValueError where there are too few looks."""
    kept = [one for one in looks if one.at >= since]
    third = [one for one in looks if one.at >= looks[-1].at * 2 / 3]
    if min(len(kept), len(third)) < 2:
        raise ValueError(f"{process}: looked at {len(looks)} times; take more minutes or a shorter stride")
    first, last = kept[0], kept[-1]
    return Course(
        process, first.resident / MIB, last.resident / MIB, slope(kept), slope(third), (first.descriptors, last.descriptors),
        (first.threads, last.threads), (last.cpu - first.cpu) / (last.at - first.at),
    )  # fmt: skip


def slope(looks: Sequence[Look]) -> float:
    """MiB an hour, by least squares."""
    hours, sizes = [one.at / 3600 for one in looks], [one.resident / MIB for one in looks]
    return statistics.linear_regression(hours, sizes).slope


# --- one run ------------------------------------------------------------------------------------------


def run(
    folder: Path, count: int, percent: float, interval: float, minutes: float, stride: float
) -> dict[str, Any]:
    """Everything that is measured."""
    silent = round(count * percent / 100)
    with Agents(count - silent, SMALL, silent) as agents:
        estate = made(folder, [*agents.ports, *agents.silent], interval)
        with collecting(estate, folder) as (url, collector), serving(*pages_of(estate, folder)) as pages:
            # Those that serve its pages are its children, under the same name.
            dashboard = next(one for one in family(os.getpid()) if "dashboard" in _command(one))
            with (
                Asking(agents.turn, TURNED),
                Asking(scraper(url), SCRAPED) as scrapes,
                Asking(visitor(pages), VISITED) as visits,
            ):
                found = _watch(
                    url, (collector, dashboard), minutes * 60, stride, lambda: plan(estate, folder)
                )
    found |= {"targets": count, "silent": silent, "interval": interval, "minutes": minutes}
    for name, asked in (("scrapes", scrapes), ("visits", visits)):
        p99 = statistics.quantiles(asked.waited, n=100)[-1] if len(asked.waited) > 1 else math.nan
        found[name] = {"asked": asked.asked, "failed": len(asked.failed), "why": asked.failed[:3], "p99": p99}
    return found | {"goals": goals(found)}


def _command(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []


def _watch(url: str, pids: tuple[int, int], seconds: float, stride: float, plan: Any) -> dict[str, Any]:
    """Look at both processes until the time is over, and plan half way."""
    start, since = time.monotonic(), min(seconds / 6, 600.0)
    looks: dict[str, list[Look]] = {name: [] for name in _PROCESSES}
    before: dict[tuple[str, str], float] = {}
    planned = False
    while (now := time.monotonic() - start) <= seconds:
        for name, pid in zip(_PROCESSES, pids, strict=True):
            looks[name].append(look(pid, now))
        if not before and now >= since:
            before = counters(url)
        if not planned and now >= seconds / 2:
            plan()
            planned = True
        time.sleep(max(start + (len(looks["collector"])) * stride - time.monotonic(), 0))
    after = counters(url)
    return {
        "courses": [dataclasses.asdict(course(name, looks[name], since)) for name in _PROCESSES],
        "looks": {name: [dataclasses.asdict(one) for one in found] for name, found in looks.items()},
        "late": {share: percentile(before, after, float(share)) for share in ("0.5", "0.99", "1")},
        "polls": {key: value - before.get((name, key), 0.0) for (name, key), value in after.items() if name == "jauge_polls_total"},
        "skipped": after[SKIPPED, ""] - before.get((SKIPPED, ""), 0.0),
        "files": {file: (before[name, file], value) for (name, file), value in after.items() if name == "jauge_data_file_bytes" and (name, file) in before},
        "waiting": {name: value for (name, _), value in after.items() if name.endswith("_waiting")},
        "counted": seconds - since,
    }  # fmt: skip


def goals(found: Mapping[str, Any]) -> dict[str, bool]:
    """What was aimed at, and whether it holds."""
    told = {
        f"{one['process']}: grows by at most {GOALS['slope']:g} MiB an hour in the last third ({one['settled']:+.1f})": one["settled"] <= GOALS["slope"]
        for one in found["courses"]
    }  # fmt: skip
    told |= {
        f"{one['process']}: no descriptors and threads are left over ({one['descriptors'][1] - one['descriptors'][0]:+d}, {one['threads'][1] - one['threads'][0]:+d})":
            one["descriptors"][1] <= one["descriptors"][0] + 10 and one["threads"][1] <= one["threads"][0] + 10
        for one in found["courses"]
    }  # fmt: skip
    late, bar = found["late"]["0.99"], GOALS["late"] * found["interval"]
    polls = found["polls"]
    expected = found["silent"] * found["counted"] / found["interval"]
    lost = sum(value for outcome, value in polls.items() if outcome != "up")
    return told | {
        f"99 of 100 polls start at most {bar:g} s late ({late:g})": late <= bar,
        f"no poll was skipped ({found['skipped']:.0f})": not found["skipped"],
        f"only what is silent did not answer ({lost:.0f} polls, {expected:.0f} expected)": lost <= expected + found["silent"],
        f"no scrape and no visit failed ({found['scrapes']['failed']}, {found['visits']['failed']})":
            not found["scrapes"]["failed"] and not found["visits"]["failed"],
    }  # fmt: skip


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """The run in words."""
    yield f"{found['targets']} targets, {found['silent']} of them silent, every {found['interval']:g} s, {found['minutes']:g} minutes, the last {found['counted'] / 60:g} of which count"
    yield f"{'process':12}{'MiB first':>11}{'last':>8}{'MiB/h':>8}{'last third':>12}{'descriptors':>14}{'threads':>11}{'of a core':>11}"
    for one in found["courses"]:
        fds, threads = (" to ".join(map(str, one[name])) for name in ("descriptors", "threads"))
        yield f"{one['process']:12}{one['first']:11.1f}{one['last']:8.1f}{one['slope']:+8.1f}{one['settled']:+12.1f}{fds:>14}{threads:>11}{one['cpu']:11.1%}"
    for name, looks in found["looks"].items():
        tenths = [looks[place * (len(looks) - 1) // 10]["resident"] / MIB for place in range(11)]
        yield f"{name}, MiB at each tenth of the time: {' '.join(f'{one:.0f}' for one in tenths)}"
    yield f"lateness: half of the polls at most {found['late']['0.5']:g} s, 99 of 100 {found['late']['0.99']:g} s, all {found['late']['1']:g} s"
    yield f"polls: {', '.join(f'{value:.0f} {outcome}' for outcome, value in sorted(found['polls'].items()))}; {found['skipped']:.0f} skipped"
    for name in ("scrapes", "visits"):
        one = found[name]
        yield f"{name}: {one['asked']}, {one['failed']} failed {one['why'] or ''}, 99 of 100 within {one['p99']:.2f} s"
    yield f"files: {', '.join(f'{name} {a / MIB:.1f} to {b / MIB:.1f} MiB' for name, (a, b) in sorted(found['files'].items()))}"
    for said, holds in found["goals"].items():
        yield f"{'holds ' if holds else 'MISSED'} {said}"


def main() -> None:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--targets", type=int, default=1000)
    parser.add_argument("--silent", type=float, default=2.0, metavar="PERCENT")
    parser.add_argument("--interval", type=float, default=30.0, help="seconds between two polls of a target")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--stride", type=float, default=60.0, help="seconds between two looks")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "jauge-soak")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = run(given.folder, given.targets, given.silent, given.interval, given.minutes, given.stride)
    print(json.dumps(found, indent=1) if given.json else "\n".join(table(found)))


if __name__ == "__main__":
    main()
