"""What a night's plan costs: time, processor and memory by number of stores, and how long the planner takes to start.

    python -m benchmarks.planning [--series 1000,10000,100000] [--workers 2] [--folder DIR] [--json]

Up to ENOUGH stores, `jauge plan` itself runs on a history file of three years of daily sizes and used bytes, which stays
in `--folder` for the next run. Beyond that the same planner reads a history that is made up as it is asked for, so that
its cost is that of planning alone. Memory is the sum over all processes of the run, sampled: `pss` counts what they
share once, `rss` in each. A cold start is the processor time of a fresh interpreter, the best of several.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from exporters.history import Known, unique_id
from exporters.history.sqlite import Day, Writer
from exporters.plan.outlooks import Outlooks
from inventory.metrics import Labels, labels

ENOUGH = 10_000
DAYS = 1096
USED, SIZE = "jauge_storage_used_bytes", "jauge_storage_size_bytes"
A_TARGET = 20
"""Stores of one target."""

BAR_SECONDS, BAR_MIB, BAR_START = 30.0, 500.0, 1.3
"""What 10,000 stores may take, and a start over that of `import pandas`."""

ESTATE = """timezone: UTC
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c, ceiling: 0.9, lead_time: 12w}
targets:
"""


def place(number: int) -> tuple[str, Labels]:
    """Target and labels of a store."""
    return f"array-{number // A_TARGET:05d}", labels(store=f"vol{number % A_TARGET:02d}", kind="volume")


def curve(number: int, days: int = DAYS) -> tuple[np.ndarray, np.ndarray]:
    """Used bytes and size of a store, of each day: growth, noise, sometimes a jump, a glitch, an extension."""
    chance = np.random.default_rng(number)
    start = 10 ** chance.uniform(11, 13.5)
    used = start + np.cumsum(chance.gamma(1.0, start * chance.uniform(0, 0.0012), days))
    used += start * 0.002 * chance.standard_normal(days)
    if chance.random() < 0.3:
        used[chance.integers(100, days) :] += start * chance.uniform(-0.1, 0.4)
    if chance.random() < 0.2:
        used[chance.integers(100, days - 20)] *= 0.1
    size = np.full(DAYS, used[-1] * chance.uniform(1.05, 1.6))
    if chance.random() < 0.3:
        size[: chance.integers(100, days)] *= 0.8
    return used, size


class Made:
    """A history that is made up as it is asked for. Sent to other processes, it is a number."""

    timezone = "UTC"

    def __init__(self, count: int, today: int) -> None:
        self._count = count
        self._today = today

    def series(self, metric: str | None = None, target: str | None = None) -> list[Known]:
        del target
        if metric not in (USED, SIZE):
            return []
        last = self._today * 86400.0
        found = []
        for number in range(self._count):
            name, pairs = place(number)
            found.append(
                Known(unique_id(name, metric, pairs), name, metric, pairs, last - DAYS * 86400, last)
            )
        return found

    def read(
        self,
        unique_ids: Iterable[str],
        start: float | None = None,
        end: float | None = None,
        resolution: str = "day",
    ) -> pd.DataFrame:
        del start, end, resolution
        days = (np.arange(DAYS) + self._today - DAYS + 1).astype("datetime64[D]").astype("datetime64[s]")
        names = sorted(unique_ids)
        values = [curve(_number(name))[name.startswith(SIZE)] for name in names]
        return pd.DataFrame({
            "unique_id": np.repeat(np.array(names, dtype=object), DAYS),
            "ds": np.tile(days, len(names)),
            "y": np.concatenate(values) if values else np.empty(0),
        })  # fmt: skip


def _number(name: str) -> int:
    return int(name.split("array-")[1][:5]) * A_TARGET + int(name.rsplit("vol", maxsplit=1)[-1][:2])


def fill(folder: Path, count: int, today: int, days: int = DAYS) -> None:
    """Write a history file of so many days and an estate, once."""
    ready, told = folder / "ready", f"{count} {today} {days}"
    if ready.exists() and ready.read_text() == told:
        return
    for old in folder.iterdir():
        old.unlink()
    writer = Writer(folder / "history.db", "UTC")
    for first in range(0, count, 200):
        writer.keep_days(
            Day(*place(number)[:1], metric, place(number)[1], today - days + 1 + day, value)
            for number in range(first, min(first + 200, count))
            for metric, values in zip((USED, SIZE), curve(number, days), strict=True)
            for day, value in enumerate(values.tolist())
        )
    writer.close()
    targets = sorted({place(number)[0] for number in range(count)})
    lines = "".join(f"  - {{name: {name}, address: 127.0.0.1}}\n" for name in targets)
    (folder / "estate.yml").write_text(ESTATE + lines)
    ready.write_text(told)


class Watch(threading.Thread):
    """What a process and its children take together: the most memory in MiB (shared pages once, and in each), processor seconds."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self._process = process
        self.pss = self.rss = 0.0
        self._cpu: dict[int, float] = {}

    @property
    def cpu(self) -> float:
        """Of all processes that were seen, as long as they were."""
        return sum(self._cpu.values())

    def run(self) -> None:
        while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
            self._look()
            time.sleep(0.2)

    def _look(self) -> None:
        pss = rss = 0
        try:
            family = [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return
        for one in family:
            try:
                told, spent = one.memory_full_info(), one.cpu_times()
            except psutil.Error:
                continue
            pss, rss = pss + told.pss, rss + told.rss
            self._cpu[one.pid] = spent.user + spent.system
        self.pss, self.rss = max(self.pss, pss / 2**20), max(self.rss, rss / 2**20)


def measure(command: Sequence[str]) -> dict[str, Any]:
    """Run a command: seconds, processor seconds of it and its children, most memory."""
    before = time.monotonic()
    with psutil.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = Watch(psutil.Process(process.pid))
        watch.start()
        said, _ = process.communicate()
    watch.join(2)
    seconds = time.monotonic() - before
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return {
        "seconds": seconds, "cpu_seconds": watch.cpu, "pss_mib": watch.pss, "rss_mib": watch.rss, "said": said.splitlines()[0]
    }  # fmt: skip


def night(count: int, folder: Path, workers: int) -> dict[str, Any]:
    """The row of one number of stores."""
    today = int(time.time() // 86400)
    folder.mkdir(parents=True, exist_ok=True)
    if count <= ENOUGH:
        fill(folder, count, today)
        data = ["--data", str(folder), "--workers", str(workers)]
        command = [sys.executable, "-m", "jauge", "plan", str(folder / "estate.yml"), *data]
    else:
        command = [sys.executable, "-m", "benchmarks.planning", "--made", str(count), "--folder", str(folder),
                   "--workers", str(workers)]  # fmt: skip
    before, row = psutil.cpu_times(), measure(command)
    spent = [late - early for early, late in zip(before, psutil.cpu_times(), strict=True)]
    others = sum(spent[:3]) - row["cpu_seconds"]
    plan = folder / "plan.db"
    return {
        "stores": count,
        "history": "file" if count <= ENOUGH else "made",
        **row,
        "others_cpu_seconds": max(others, 0.0),
        "plan_mib": plan.stat().st_size / 2**20,
    }


def made(count: int, folder: Path, workers: int) -> None:
    """Plan a history that is made up."""
    from forecasting.plan import plan  # noqa: PLC0415 - whoever starts another program need not pay for it

    now = (time.time() // 86400) * 86400.0
    summary = plan(Made(count, int(now // 86400)), Outlooks(folder / "plan.db"), now, workers=workers)
    print(f"{summary.stores} stores, {summary.dated} with a date, in {summary.seconds:.1f} s")


def cold(code: str, rounds: int = 7) -> float:
    """Processor seconds of a fresh interpreter that runs `code`, the best of some."""
    script = (
        "import resource\n"
        + code
        + "\nu = resource.getrusage(resource.RUSAGE_SELF)\nprint(u.ru_utime + u.ru_stime)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        for _ in range(rounds)
    ]
    return min(float(run.stdout.split()[-1]) for run in runs)


def start() -> dict[str, float]:
    """How long the planner takes to start, beside pandas alone."""
    pandas = cold("import pandas")
    planner = cold("import forecasting.plan, exporters.history.sqlite, exporters.plan.outlooks")
    verb = cold("import jauge.cli, forecasting.plan, exporters.history.sqlite, jauge.planned")
    return {
        "pandas": pandas,
        "planner": planner,
        "verb": verb,
        "ratio": planner / pandas,
        "verb_ratio": verb / pandas,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", default="1000,10000,100000")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "jauge-planning")
    parser.add_argument("--made", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.made:
        made(given.made, given.folder, given.workers)
        return
    rows = [
        night(int(count), given.folder / count, given.workers) for count in given.series.split(",") if count
    ]
    begun = start()
    if given.json:
        print(json.dumps({"nights": rows, "start": begun}, indent=2))
        return
    heads = ("stores", "history", "seconds", "cpu s", "others s", "pss MiB", "rss MiB", "plan MiB")
    print(" ".join(f"{head:>8}" for head in heads))
    for row in rows:
        figures = ("seconds", "cpu_seconds", "others_cpu_seconds", "pss_mib", "rss_mib", "plan_mib")
        print(f"{row['stores']:>8} {row['history']:>8} " + " ".join(f"{row[name]:>8.1f}" for name in figures))
    print(
        "cpu s: processor seconds of the run; others s: those that other programs of the machine took meanwhile"
    )
    print(f"bars at 10,000: {BAR_SECONDS:.0f} s, {BAR_MIB:.0f} MiB")
    print(f"cold start: planner {begun['planner']:.2f} s, pandas {begun['pandas']:.2f} s:"
          f" {begun['ratio']:.2f} (bar {BAR_START}); with the command line {begun['verb_ratio']:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
