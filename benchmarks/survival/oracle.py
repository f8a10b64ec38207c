"""Curves of lifelines, which pins a pandas older than ours: it runs in a virtual environment of its own.

That is built when it is first needed, from `oracles.txt` (written by `make lock`), as the environment of the forecasts'
peers is.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.forecasting.cost import alone
from benchmarks.forecasting.peers import PeersError, environment, place

HERE: Final = Path(__file__).parent
LOCK: Final = HERE / "oracles.txt"
PROGRAM: Final = HERE / "oracle_program.py"


class Ages(NamedTuple):
    """Lives: at which age each was first seen, last seen, and whether it had failed then."""

    entry: np.ndarray
    exit: np.ndarray
    failed: np.ndarray


def made() -> bool:
    """Whether the environment is there already."""
    return place(LOCK).exists()


def ask(method: str, given: Sequence[Ages]) -> dict[str, Any]:
    """What lifelines says of each: `answers`, `cpu` seconds for all of them, `versions`. Raises PeersError.

    `method` is "weibull" (scale, shape) or "kaplan_meier" (age, survival, low, high of 80 %), with late entry; or either with
    "_unaware" behind it: as if all had been watched from the day on which they were bought.
    """
    question = json.dumps([[column.tolist() for column in ages] for ages in given])
    done = subprocess.run(
        [str(environment(LOCK)), str(PROGRAM), method],
        check=False,
        capture_output=True,
        text=True,
        input=question,
        env=alone(os.environ),
    )
    if done.returncode:
        raise PeersError(f"lifelines ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
