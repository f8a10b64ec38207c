"""What it takes to learn how long workstations last, and to say how many will fail, beside lifelines.

    python -m benchmarks.survival [--machines 10000] [--models 30] [--years 8] [--rounds 3] [--json]

One invented inventory that began late. lifelines fits each model on its own, with late entry: it knows no makers and no
bands of failures, so its curves are all that can be compared. Both count the CPU of the arithmetic alone, with one thread.
"""

from __future__ import annotations

import os

# numpy reads the number of threads when it is loaded
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import argparse
import datetime
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.survival import oracle
from benchmarks.survival.oracle import Ages
from forecasting import survival
from forecasting.survival import kaplan_meier
from forecasting.survival.weibull import maximise

TODAY: Final = datetime.date(2026, 11, 2)
DAYS_A_YEAR: Final = 365.2425
BARS: Final = {"fit": 1.0, "failures": 0.3}
"""CPU seconds."""


def main() -> int:
    """Print or dump the figures; 1 where a bar is missed."""
    options = _options()
    lives, machines = invented(options.machines, options.models)
    rounds = [_round(lives, machines, options.years) for _ in range(options.rounds)]
    known = survival.fit(lives, TODAY)
    cases = _cases(known)
    said = [oracle.ask(method, cases) for method in ("weibull", "kaplan_meier")]
    figures: dict[str, Any] = {
        "lives": len(known.lives.entry),
        "machines": len(machines),
        "models": len(known.lives.names),
        "failures": int(known.lives.failed.sum()),
        "cpu": {name: statistics.median(one[name] for one in rounds) for name in rounds[0]},
        "lifelines": {"weibull": said[0]["cpu"], "kaplan_meier": said[1]["cpu"]},
        "apart": _apart(cases, said[0]["answers"]),
        "versions": said[0]["versions"],
    }
    figures["goals"] = {name: figures["cpu"][name] <= bar for name, bar in BARS.items()}
    print(json.dumps(figures) if options.json else _table(figures))
    return 0 if all(figures["goals"].values()) else 1


def invented(count: int, models: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lives of machines that were seen in the last four years, and those that are alive: `count` of them."""
    rng = np.random.default_rng(1)
    scale, shape = 9 * np.exp(rng.normal(0, 0.3, models)), 1.6 * np.exp(rng.normal(0, 0.2, models))
    made = 4 * count
    which = rng.choice(models, made, p=rng.dirichlet(np.ones(models)))
    bought = rng.uniform(-10, -0.1, made)
    dies, retired = scale[which] * rng.weibull(shape[which]), rng.uniform(5, 12, made)
    gone = bought + np.minimum(dies, retired)
    kept = gone > -4
    which, bought, dies, retired, gone = (column[kept] for column in (which, bought, dies, retired, gone))
    alive = np.cumsum(gone > 0) <= count
    which, bought, dies, retired, gone = (column[alive] for column in (which, bought, dies, retired, gone))
    now = np.datetime64(TODAY, "s")

    def day(years: np.ndarray) -> np.ndarray:
        return now + np.floor(years * DAYS_A_YEAR).astype(np.int64) * np.timedelta64(86400, "s")

    end = np.where(gone > 0, "", np.where(dies < retired, "failure", "retirement"))
    lives = pd.DataFrame({
        "maker": [f"Maker {number % 5}" for number in which],
        "model": [f"Model {number}" for number in which],
        "purchased": day(bought), "entered": day(np.maximum(bought, -4)), "left": day(np.minimum(gone, 0)), "end": end,
    })  # fmt: skip
    machines = lives.loc[end == "", ["maker", "model"]].assign(age=-bought[end == ""])
    return lives, machines


def _round(lives: pd.DataFrame, machines: pd.DataFrame, years: int) -> dict[str, float]:
    held: list[survival.Survival] = []
    fit = _spent(lambda: held.append(survival.fit(lives, TODAY)))
    failures = _spent(lambda: held[0].failures(machines, years))
    age = machines["age"].to_numpy()
    spans = age[:, None] + np.arange(years), age[:, None] + np.arange(1, years + 1)
    names = machines[["maker"]].to_numpy(), machines[["model"]].to_numpy()
    chances = _spent(lambda: held[0].probability(*names, *spans))
    cases = _cases(held[0])
    return {
        "fit": fit,
        "failures": failures,
        "probability": chances,
        "weibull alone": _spent(lambda: [maximise(*case) for case in cases]),
        "kaplan_meier": _spent(lambda: [kaplan_meier(*case) for case in cases]),
    }


def _cases(known: survival.Survival) -> list[Ages]:
    """Lives by model, of those that have failures at two ages."""
    lives = known.lives
    found = []
    for group in range(len(lives.names)):
        mine = lives.group == group
        if np.unique(lives.exit[mine & lives.failed]).size >= 2:
            found.append(Ages(lives.entry[mine], lives.exit[mine], lives.failed[mine]))
    return found


def _apart(cases: list[Ages], said: list[list[float]]) -> float:
    """The largest relative difference of scale or shape, where both fit one model alone."""
    ours = np.array([maximise(*case) for case in cases])
    return float(np.abs(ours / np.array(said) - 1).max())


def _spent(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _table(figures: dict[str, Any]) -> str:
    head = "{lives} lives, {failures} failures, {machines} machines, {models} models".format(**figures)
    rows = [f"{name:16} {spent:.3f} s" for name, spent in figures["cpu"].items()]
    theirs = [f"lifelines {name:14} {spent:.3f} s" for name, spent in figures["lifelines"].items()]
    goals = [
        f"{name} <= {bar} s: {'holds' if figures['goals'][name] else 'MISSED'}" for name, bar in BARS.items()
    ]
    return "\n".join([head, *rows, *theirs, f"curves apart: {figures['apart']:.1e}", *goals])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--models", type=int, default=30)
    parser.add_argument("--years", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
