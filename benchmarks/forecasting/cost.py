"""What a method costs: CPU seconds and memory for histories of 730 days, 180 days ahead, in a process of its own.

    python -m benchmarks.forecasting.cost METHOD [COUNT]

The program's start and the making of the histories are not counted in the CPU time; threads and children are.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.forecasting.generator import AHEAD, KINDS, make
from benchmarks.forecasting.methods import LOCAL
from benchmarks.forecasting.window import Window, frame, invented
from forecasting.engine import forecast

COUNT: Final = 1000
DAYS: Final = 730
SEED: Final = 730

ALONE: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""One thread for the arithmetic: what several would take from a core is CPU time too, but none that a method asked for."""

ROOT: Final = Path(__file__).parent.parent.parent


class Cost(NamedTuple):
    """CPU seconds for COUNT series, measured on `measured` of them, and the peak memory of the process."""

    cpu: float
    peak_mib: float
    measured: int


def histories(count: int = COUNT) -> list[Window]:
    """Made histories of DAYS days, every kind alike, as one fleet."""
    kinds = [kind for kind in KINDS if kind != "young"]
    made = (
        invented(make(kinds[number % len(kinds)], "tune", SEED, number, DAYS), "tune", SEED, number, False)
        for number in range(count)
    )
    return [dataclasses.replace(one, unique_id=f"{one.unique_id}-730", fleet="cost") for one in made]


def spent(work: Callable[[], object]) -> float:
    """CPU seconds of this process and its children while it works."""

    def now() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    before = now()
    work()
    return now() - before


def cost(method: str, count: int = COUNT) -> Cost:
    """Measure a method of LOCAL in a process of its own. Raises CalledProcessError where it fails."""
    argv = [sys.executable, "-m", __spec__.name, method, str(count)]
    done = subprocess.run(
        argv, check=True, cwd=ROOT, env=alone(os.environ), stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return Cost(found["cpu"] * COUNT / count, found["peak_mib"], count)


def alone(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which arithmetic has one thread."""
    return {**environment, **ALONE}


def main(method: str, count: str = str(COUNT)) -> None:
    """Measure in this process, and print what came out as JSON."""
    chosen = histories(int(count))
    if method == "jauge":
        known = frame(chosen)
        cpu = spent(lambda: forecast(known, AHEAD))
    else:
        cpu = spent(lambda: LOCAL[method](chosen))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": cpu, "peak_mib": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
