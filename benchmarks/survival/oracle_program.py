"""Runs in the environment of the oracle, and knows nothing of ours: lives in, curves out, both as JSON.

    python oracle_program.py weibull|kaplan_meier[_unaware] < lives > curves

In: a list of [entry, exit, failed]. Out: `answers`, the CPU seconds of the fits alone, and the versions.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import sys
import time
import warnings
from typing import Any, Final

PACKAGES: Final = ("lifelines", "pandas", "numpy")


def weibull(lifelines: Any, entry: Any, exit_: Any, failed: Any) -> list[float]:
    """The likeliest scale and shape."""
    found = lifelines.WeibullFitter().fit(exit_, failed, entry=entry)
    return [float(found.lambda_), float(found.rho_)]


def kaplan_meier(lifelines: Any, entry: Any, exit_: Any, failed: Any) -> dict[str, list[float]]:
    """Ages of failure, survival after them, and its interval of 80 %."""
    found = lifelines.KaplanMeierFitter(alpha=0.2).fit(exit_, failed, entry=entry)
    table = found.event_table
    ages = table.index[table["observed"] > 0]
    band = found.confidence_interval_.loc[ages].to_numpy()
    return {
        "age": [float(age) for age in ages],
        "survival": found.survival_function_.loc[ages].to_numpy().ravel().tolist(),
        "low": band[:, 0].tolist(),
        "high": band[:, 1].tolist(),
    }


def main() -> None:
    """Answer one question."""
    warnings.simplefilter("ignore")
    lifelines, numpy = importlib.import_module("lifelines"), importlib.import_module("numpy")
    name = sys.argv[1].removesuffix("_unaware")
    unaware = sys.argv[1].endswith("_unaware")
    method = {"weibull": weibull, "kaplan_meier": kaplan_meier}[name]
    given = [[numpy.array(column) for column in lives] for lives in json.load(sys.stdin)]
    before = time.process_time()
    answers = [
        method(lifelines, None if unaware else entry, exit_, failed.astype(bool))
        for entry, exit_, failed in given
    ]
    spent = time.process_time() - before
    versions = {package: importlib.metadata.version(package) for package in PACKAGES}
    json.dump({"answers": answers, "cpu": spent, "versions": versions}, sys.stdout)


if __name__ == "__main__":
    main()
