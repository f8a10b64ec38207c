"""Cohorts: machines that are alike for a plan. Never two models, sites, classes or deadlines in one."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import pandas as pd

ALIKE: Final = (
    "use", "site", "directorate", "kind", "maker", "model", "bought", "covered", "deadline", "reason", "esu", "esu_until",
    "lapsed", "mended", "licensed", "licence", "kept", "assumed",
)  # fmt: skip
"""What machines of one cohort share. `bought` and `covered` are the first days of quarters: of the purchase, and of the
end of the warranty; `kept` says that a machine has a date of its own, `assumed` that its age is a guess."""

COLUMNS: Final = {
    "key": "str", "name": "str", "site": "str", "service": "str", "use": "str", "directorate": "str", "kind": "str",
    "maker": "str", "model": "str", "purchased": "datetime64[s]", "warranty": "datetime64[s]",
    "deadline": "datetime64[s]", "reason": "str", "esu": "str", "esu_until": "datetime64[s]", "lapsed": "datetime64[s]",
    "mended": "datetime64[s]", "licensed": "datetime64[s]", "licence": "float64", "kept": "bool", "assumed": "bool",
}  # fmt: skip
"""The frame of machines, a row for each: texts are "" and days NaT where unknown.

`deadline` is the last day on which a machine may stay, with its `reason`; `esu` the product whose paid updates move it
to `esu_until`, "" where there are none. After the day `lapsed` a machine is not mended until the day `mended`, on which it
gets another edition; whoever is there on the day `licensed` pays `licence` for it. `assumed` marks an age that nobody wrote down.
"""

HALF: Final = pd.Timedelta(days=45)
"""Half of a quarter: what is known by its quarter is taken to be of its middle."""


def group(machines: pd.DataFrame) -> pd.DataFrame:
    """A frame with one row for each cohort: ALIKE, `purchased` (the middle of its quarter), `count` and `keys`; the same for any order."""
    frame = machines.sort_values("key", ignore_index=True)
    frame = frame.assign(bought=_quarter(frame["purchased"]), covered=_quarter(frame["warranty"]))
    number = frame.groupby(list(ALIKE), dropna=False, sort=True).ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    keys = frame["key"].to_numpy(dtype=object)[order].tolist()
    bounds = np.append(starts, len(keys))
    found = frame.iloc[order[starts]][list(ALIKE)].reset_index(drop=True)
    of = [tuple(keys[start:end]) for start, end in itertools.pairwise(bounds.tolist())]
    return found.assign(
        count=np.diff(bounds),
        keys=pd.Series(of, dtype=object),
        purchased=found["bought"] + HALF,
    )


def _quarter(days: pd.Series) -> pd.Series:
    """The first day of the quarter of each day."""
    months = (days.dt.month - 1) // 3 * 3 + 1
    parts = pd.DataFrame({"year": days.dt.year, "month": months, "day": 1})
    return pd.to_datetime(parts, errors="coerce").astype("datetime64[s]")
