"""What the ledger of accuracy costs: a night frozen, all five horizons scored, the bands' factors learnt.

    python -m benchmarks.ledger [--stores 1000]

The stores are random walks of 440 days; five nights are frozen, so that one horizon of each comes due on the same day.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from exporters.history import sqlite, unique_id
from exporters.history.days import number
from exporters.plan.frozen import HORIZONS, Night
from exporters.plan.ledger import SETTLING, Ledger, Scored, number_of, put
from exporters.plan.schema import create, open_plan
from forecasting import scoring
from forecasting.correction import corrections
from inventory.metrics import labels

START = dt.date(2025, 1, 1)
DAYS = 440
NOW = DAYS - 2
USED, SIZE = "jauge_storage_used_bytes", "jauge_storage_size_bytes"


def main() -> None:
    """Print what each step takes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=1000)
    count = parser.parse_args().stores
    with tempfile.TemporaryDirectory() as folder:
        reader = history(Path(folder), count)
        ledger = Ledger(Path(folder) / "plan.db")
        nights = [NOW - SETTLING - 1 - horizon for horizon in sorted(HORIZONS, reverse=True)]
        for day in nights[:-1]:
            freeze(Path(folder) / "plan.db", day, count)
        told("a night frozen", lambda: freeze(Path(folder) / "plan.db", nights[-1], count))
        early(ledger, nights)
        print(
            told("five horizons scored", lambda: scoring.score(reader, ledger, noon(NOW))),
            f"of {count} stores",
        )
        told("factors learnt", lambda: corrections(ledger, number(START) + NOW))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def told(what: str, do: Callable[[], object]) -> object:
    """Do it, and print the CPU that it took."""
    before = time.process_time()
    answer = do()
    print(f"{what}: {time.process_time() - before:.2f} s of CPU")
    return answer


def noon(day: int) -> float:
    return dt.datetime.combine(START + dt.timedelta(days=day), dt.time(12), dt.UTC).timestamp()


def name(place: int) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    target, pairs = f"array-{place % 50:02d}", labels(store=f"v{place}", kind="pool")
    return unique_id(target, USED, pairs), target, USED, pairs


def history(folder: Path, count: int) -> sqlite.Reader:
    rng = np.random.default_rng(1)

    def rows() -> Iterator[sqlite.Day]:
        for place in range(count):
            _, target, _, pairs = name(place)
            for day, value in enumerate(1e12 + np.cumsum(rng.normal(1e9, 3e9, DAYS))):
                yield sqlite.Day(target, USED, pairs, number(START) + day, float(value))
                yield sqlite.Day(target, SIZE, pairs, number(START) + day, 3e12)

    writer = sqlite.Writer(folder / "history.db", "Europe/Paris", clock=lambda: noon(DAYS))
    writer.keep_days(rows())
    writer.close()
    return sqlite.Reader(folder / "history.db")


def freeze(path: Path, day: int, count: int) -> None:
    create(path)
    with open_plan(path) as db:
        db.execute("BEGIN IMMEDIATE")
        numbers = [number_of(db, name(place)) for place in range(count)]
        put(db, number(START) + day, noon(day), night(np.array(numbers, np.uint32)), ())
        db.execute("COMMIT")


def night(series: np.ndarray) -> Night:
    count = len(series)
    nothing = np.zeros(count, np.uint16)
    spread = np.random.default_rng(2).normal(0, 1e10, (count, len(HORIZONS), 5)).astype(np.float32)
    spread.sort(axis=2)
    return Night(
        series=series,
        ago=nothing.astype(np.uint8),
        age=nothing + 400,
        level=np.full(count, 1e12),
        size=np.full(count, 3e12),
        limit=np.full(count, 2.5e12),
        move=np.full(count, 1e9, np.float32),
        early=nothing,
        central=nothing,
        late=nothing,
        moves=spread[:, :, [2, 1, 3, 0, 4]],
    )


def early(ledger: Ledger, nights: list[int]) -> None:
    """Mark as done what came due before today, so that one horizon of each night is left."""
    today = number(START) + NOW
    left = {(number(START) + day, NOW - SETTLING - 1 - day) for day in nights}
    done = [Scored(*pair, None, "earlier") for pair in ledger.due(today, HORIZONS) if pair not in left]
    ledger.keep(done, 0.0)


if __name__ == "__main__":
    main()
