"""Two years of a fleet from a real engine: out of raw samples, and out of roll-ups.

    python -m benchmarks.scaled_out [--engine victoria-metrics] [--stores 2000] [--years 2] [--fine 60] [--every 900]
                                    [--rounds 3] [--json]

Starts an engine of its own and writes to it, through remote write, stores with a value every `--every` seconds for the last
`--fine` days (of the estate's timezone, with both changes of its clocks) and a value a day before. Reads all of them
by day, and one, before anything is rolled up; then rolls up all of the past, and reads again. What is read has to be the last value of
each day as the made values have it, both times. Figures are seconds, medians of rounds, by the clock and (`cpu`) of the processor,
the engine's and ours together, which others may hold. `ratio` is how many times less processor time the same question took.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import psutil

from exporters.history import unique_id
from exporters.history.days import DAY, Calendar
from exporters.history.prometheus.asking import Client
from exporters.history.prometheus.encoding import MARK, Series
from exporters.history.prometheus.reading import Reader
from exporters.history.prometheus.rolling import Roller
from exporters.history.prometheus.rollups import deliver
from inventory.estate import Engine
from inventory.metrics import labels

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

import timeseries

USED: Final = "jauge_storage_used_bytes"
ZONE: Final = "Europe/Paris"
NOW: Final = 1_793_620_200.0  # 2026-11-02 12:50 in Paris
ENGINES: Final = {"victoria-metrics": timeseries.victoria, "prometheus": timeseries.prometheus}

Figures = dict[str, dict[str, float]]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaled_out")
    parser.add_argument("--engine", choices=ENGINES, default="victoria-metrics")
    parser.add_argument("--stores", type=int, default=2_000)
    parser.add_argument("--years", type=int, default=2)
    parser.add_argument("--fine", type=int, default=60, help="Days with a value every --every seconds.")
    parser.add_argument("--every", type=int, default=900)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    fleet = Fleet(options.stores, options.years * 365, options.fine, options.every)
    with ENGINES[options.engine]() as server:
        client = Client(Engine.model_validate({"url": server.url, "resend": 1}))
        figures = measure(fleet, client, server, options.rounds)
    if options.json:
        print(json.dumps(figures))
    else:
        print(
            pd.DataFrame(figures).T.map(lambda value: f"{value:,.4g}" if pd.notna(value) else "").to_string()
        )


class Fleet:
    """Stores that grow, each in its own way; whole numbers, so that an engine gives them back as they were."""

    def __init__(self, stores: int, days: int, fine: int, every: int) -> None:
        calendar = Calendar(ZONE)
        today = calendar.day(NOW)
        starts = np.array([calendar.start(day) for day in range(today - days, today + 2)])
        self.days = np.arange(today - days, today + 1)
        coarse = starts[: days - fine] + 12 * 3600
        self.instants = np.concatenate([coarse, np.arange(starts[days - fine], NOW, every)])
        of = np.searchsorted(starts, self.instants, side="right") - 1
        self.last = np.flatnonzero(np.append(of[1:] != of[:-1], True))
        """Of each day the place of its last instant."""
        self.stores = stores
        self._rate = np.random.default_rng(5).lognormal(20, 1, stores)
        self._labels = [labels(store=f"store-{number:05}", kind="volume") for number in range(stores)]
        self.names = [unique_id(self._target(number), USED, self._labels[number]) for number in range(stores)]

    def _target(self, number: int) -> str:
        return f"nas-{number // 20:04}"

    def used(self, number: int) -> npt.NDArray[np.float64]:
        """Bytes used at each instant."""
        rate = self._rate[number]
        return np.floor(rate * (self.instants / 86_400 - 15_000 + np.sin(self.instants / 5e5 + rate)))

    def daily(self) -> npt.NDArray[np.float64]:
        """What a history has to say: a row for each store, a column for each day."""
        return np.array([self.used(number)[self.last] for number in range(self.stores)])

    def series(self) -> Iterator[Series]:
        instants = np.rint(self.instants * 1000).astype(int).tolist()
        for number in range(self.stores):
            pairs = [("__name__", USED), ("target", self._target(number)), (MARK, "jauge")]
            values = self.used(number).tolist()
            yield Series(
                tuple(sorted([*pairs, *self._labels[number]])), tuple(zip(instants, values, strict=True))
            )


def measure(fleet: Fleet, client: Client, server: timeseries.Server, rounds: int) -> Figures:
    """Each figure by where days come from."""
    figures: Figures = {"samples": {"raw": float(fleet.stores * len(fleet.instants))}}

    def note(name: str, source: str, rounds: int, way: Callable[[], None]) -> None:
        found = figures.setdefault(name, {})
        found[source], found[f"{source}_cpu"] = _medians(rounds, way, server.pid)

    def write() -> None:
        deliver(client, fleet.series())
        server.flush()

    def roll() -> None:
        _roll(client)
        server.flush()

    ways = _ways(fleet, Reader(client, ZONE, clock=lambda: NOW))
    note("write", "raw", 1, write)
    for name, way in ways.items():
        note(name, "raw", rounds, way)
    note("roll", "rolled", 1, roll)
    for name, way in ways.items():
        note(name, "rolled", rounds, way)
        figures[name]["ratio"] = figures[name]["raw_cpu"] / figures[name]["rolled_cpu"]
    return figures


def _ways(fleet: Fleet, reader: Reader) -> dict[str, Callable[[], None]]:
    truth, start = fleet.daily(), float(NOW - (len(fleet.days) - 1) * DAY)

    def matrix() -> None:
        found = reader.daily(fleet.names, start, NOW)
        assert found.days.astype(int).tolist() == fleet.days.tolist()
        np.testing.assert_array_equal(found.values, truth)

    def one() -> None:
        frame = reader.read([fleet.names[7]], start, NOW)
        np.testing.assert_array_equal(frame["y"].to_numpy(), truth[7])

    def last() -> None:
        found = reader.last(fleet.names, NOW - 3 * DAY)
        np.testing.assert_array_equal([found[name] for name in fleet.names], truth[:, -1])

    return {"fleet_by_day": matrix, "one_by_day": one, "fleet_last": last}


def _roll(client: Client) -> None:
    """All of the past, as the collector's thread does it, without its pauses."""
    roller = Roller(client, ZONE, clock=lambda: NOW)
    while roller.turn() or roller.waiting:
        pass


def _medians(rounds: int, way: Callable[[], None], engine: int) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    seconds, busy = [], []
    for _ in range(rounds):
        begin, used = time.perf_counter(), time.process_time() + _busy(engine)
        way()
        seconds.append(time.perf_counter() - begin)
        busy.append(time.process_time() + _busy(engine) - used)
    return statistics.median(seconds), statistics.median(busy)


def _busy(pid: int) -> float:
    """Seconds of the processor that a process has taken."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()
