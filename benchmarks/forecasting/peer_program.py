"""Runs in the environment of the peers, and knows nothing of ours: histories in, quantiles out, both as files.

    python peer_program.py METHOD INPUT.npz OUTPUT.npz

INPUT: `y` and `days` (days since 1970) of all series one after another, their `lengths`, the number of days
`ahead` and the `levels` of the quantiles. OUTPUT: `paths` (series, ahead, levels), CPU seconds and peak memory,
the number of series on which the method failed (the last value stands in for it), and the versions.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np

PACKAGES: Final = ("statsforecast", "prophet", "pandas", "numpy")

Method = Callable[[Any, Any, int, Any], Any]
"""Bytes and days of a series, days ahead, levels: quantiles (ahead, levels)."""


def autoets(y: Any, _: Any, ahead: int, levels: Any) -> Any:
    """AutoETS without a season, the textbook interval of the chosen model."""
    return _statsforecast("AutoETS", 1, y, ahead, levels)


def autotheta(y: Any, _: Any, ahead: int, levels: Any) -> Any:
    """AutoTheta with a week as season."""
    return _statsforecast("AutoTheta", 7, y, ahead, levels)


def prophet(y: Any, days: Any, ahead: int, levels: Any) -> Any:
    """Prophet as it comes, quantiles from its samples. It knows days that were not read."""
    pandas, library = importlib.import_module("pandas"), importlib.import_module("prophet")
    logging.getLogger("cmdstanpy").disabled = True
    np.random.seed(0)
    ds = pandas.to_datetime(days, unit="D")
    model = library.Prophet(uncertainty_samples=500)
    model.fit(pandas.DataFrame({"ds": ds, "y": y}))
    future = pandas.DataFrame({"ds": pandas.date_range(ds[-1], periods=ahead + 1)[1:]})
    return np.quantile(model.predictive_samples(future)["yhat"], levels, axis=1).T


def _statsforecast(name: str, season: int, y: Any, ahead: int, levels: Any) -> Any:
    """Quantiles from central intervals: the median, and one pair for each width. Keys are as `lo-80.0`."""
    model = getattr(importlib.import_module("statsforecast.models"), name)(season_length=season)
    widths = [round(100 * abs(1 - 2 * level), 6) for level in levels]
    found = model.forecast(y=y, h=ahead, level=sorted({width for width in widths if width}))
    sides = ["lo" if level < 0.5 else "hi" for level in levels]
    names = [f"{side}-{width}" if width else "mean" for side, width in zip(sides, widths, strict=True)]
    return np.stack([found[name] for name in names], axis=1)


METHODS: Final[dict[str, Method]] = {"autoets": autoets, "autotheta": autotheta, "prophet": prophet}


def cpu() -> float:
    """CPU seconds of this process and of its children: Prophet's models are fitted by a program of their own."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def forecast(method: Method, series: list[tuple[Any, Any]], ahead: int, levels: Any) -> tuple[Any, int]:
    """Quantiles of every series, and on how many the method failed."""
    paths = np.empty((len(series), ahead, len(levels)))
    failed = 0
    for place, (y, days) in enumerate(series):
        try:
            paths[place] = method(y, days, ahead, levels)
        except Exception as error:  # noqa: BLE001 - what a peer says of one series must not cost it the others
            failed += 1
            paths[place] = y[-1]
            print(f"series {place}: {type(error).__name__}: {error}", file=sys.stderr)
    return paths, failed


def main(method: str, source: str, target: str) -> None:
    with np.load(source) as given:
        stops = np.cumsum(given["lengths"])[:-1]
        parts = (np.split(given[name], stops) for name in ("y", "days"))
        series = list(zip(*parts, strict=True))
        ahead, levels = int(given["ahead"]), given["levels"]
    forecast(METHODS[method], series[:1], ahead, levels)  # imports have their turn before the clock starts
    before = cpu()
    paths, failed = forecast(METHODS[method], series, ahead, levels)
    spent = cpu() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    np.savez(target, paths=paths, cpu=spent, peak_mib=peak, failed=failed, versions=json.dumps(versions))


if __name__ == "__main__":
    main(*sys.argv[1:])
