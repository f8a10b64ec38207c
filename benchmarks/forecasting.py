"""Forecasts against two rivals, on real stores that no constant of the engine was chosen on.

    python -m benchmarks.forecasting [--series FILE.csv.gz] [--part report|tune] [--json]

The stores are split by the repository that they come from: every other one for choosing (`tune`), the rest for
reporting. A window hides its last days, forecasts them and compares. `pinball` is the mean over five quantiles
and the days 30, 90 and 180, in the series' own mean 30-day move; `c80` the share inside the 80 % band.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.engine import forecast
from forecasting.engine.evaluation import Forecaster, coverage, persist, regress, rolling

CUTS = tuple(range(180, 541, 60))
HORIZONS = (30, 90, 180)
RIVALS: dict[str, Forecaster] = {
    "least squares, 90 days": regress,
    "same as last month": persist,
    "jauge": forecast,
}
OUTLIER = 50.0
"""A single loss counts at most this many monthly moves: a store that was still before has none to divide by."""


def part_of(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    """The stores for choosing, or those for reporting."""
    origin = frame["unique_id"].str.split(".").str[0]
    chosen = sorted(origin.unique())[::2]
    return frame[origin.isin(chosen) == (part == "tune")]


def score(frame: pd.DataFrame, forecaster: Forecaster) -> dict[str, float]:
    """The row of one method."""
    scores = rolling(frame, forecaster, CUTS, HORIZONS)
    row = {
        "windows": float(len(scores) // len(HORIZONS)),
        "pinball": float(scores["pinball"].clip(upper=OUTLIER).mean()),
    }
    row["pinball_median"] = float(scores.groupby("unique_id")["pinball"].mean().median())
    for horizon in HORIZONS:
        due = scores[scores["horizon"] == horizon]
        row[f"c80_{horizon}"] = 100 * coverage(due)
        row[f"c95_{horizon}"] = 100 * coverage(due, "lo95", "hi95")
    return row


def cost(forecaster: Forecaster, count: int = 1000, days: int = 730) -> float:
    """CPU seconds for `count` made series, 180 days ahead."""
    steps = np.random.default_rng(1).normal(1.0, 5.0, (count, days))
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{number:05d}" for number in range(count)], days),
            "ds": np.tile(pd.date_range("2024-01-01", periods=days), count),
            "y": (1e4 + steps.cumsum(axis=1)).reshape(-1),
        }
    )
    started = time.process_time()
    forecaster(frame, 180)
    return time.process_time() - started


def main() -> None:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    corpus = Path(os.environ.get("JAUGE_CORPUS", "../shared"))
    parser.add_argument("--series", type=Path, default=corpus / "series" / "real_stores.csv.gz")
    parser.add_argument("--part", choices=("report", "tune"), default="report")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.series.exists():
        sys.exit(
            f"{options.series}: not there; name a CSV of unique_id, ds, y with --series, or set JAUGE_CORPUS"
        )
    frame = part_of(pd.read_csv(options.series), options.part)
    rows = {name: score(frame, rival) | {"cpu_per_1000": cost(rival)} for name, rival in RIVALS.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if options.json:
        print(json.dumps({"part": options.part, "methods": rows, "peak_mib": peak}))
    else:
        print(pd.DataFrame(rows).T.round(2).to_string())
        print(f"part: {options.part}; peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
