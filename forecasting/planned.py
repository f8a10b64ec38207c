"""What an outlook says of a thing that fills, in the words of walls and purchases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from exporters.plan.outlooks import Outlook
from forecasting.quantities import own_name
from inventory.metrics import Labels

if TYPE_CHECKING:  # the collector tells the walls, and need not pay for these
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

_POOLS: Final = ("array", "pool")
_INSIDE: Final = ("volume", "share")
_HELD: Final = ("storage", "raw_storage")

_SLOPE: Final = 365
"""Days, the last of a path, whose slope carries it on."""


def is_share(outlook: Outlook) -> bool:
    """Whether it is told as a share of what there is (processors): lots, which are amounts, cannot be added to it."""
    return outlook.unit == "ratio"


def name(outlook: Outlook) -> str:
    """What people call it: the store, the licence, the database ... its target where it is all of it."""
    return own_name(outlook.labels) or outlook.target


class Held(NamedTuple):
    """A store, as far as it matters what it is cut out of."""

    unique_id: str
    target: str
    quantity: str
    labels: Labels


def inside(outlooks: Iterable[Outlook]) -> Mapping[str, str]:
    """The same of outlooks."""
    return cut_out(Held(one.unique_id, one.target, one.quantity, one.labels) for one in outlooks)


def cut_out(found: Iterable[Held]) -> Mapping[str, str]:
    """Stores that are cut out of a pool of their target, by `unique_id`, with that pool where it is named.

    Nothing is ordered for them: they are enlarged inside the pool, and what is bought is the pool.
    """
    stores = [one for one in found if one.quantity in _HELD]
    pools: dict[str, list[str]] = {}
    for one in stores:
        if dict(one.labels).get("kind") in _POOLS:
            pools.setdefault(one.target, []).append(own_name(one.labels) or one.target)
    return {
        one.unique_id: pool
        for one in stores
        if one.target in pools and (pool := _pool(dict(one.labels), pools[one.target]))
    }


def _pool(labels: Mapping[str, str], pools: Sequence[str]) -> str:
    """The pool of a store among those of its target; all of them where it is in one that nobody names, "" where in none."""
    kind, pool = labels.get("kind"), labels.get("pool", "")
    if kind in _INSIDE:
        return pool or ", ".join(sorted(pools))
    return pool if kind not in _POOLS and pool in pools else ""


def ahead(path: pd.DataFrame, column: str, today: dt.date, days: int) -> npt.NDArray[np.float64]:
    """A path from today on, one value a day, shape (days,); behind its end it goes on as in its last year.

    `path` has `ds` and the column; it is not empty.
    """
    import numpy as np  # noqa: PLC0415 - see above

    values = path[column].to_numpy(dtype=np.float64)
    first = (np.datetime64(today, "D") - path["ds"].to_numpy(dtype="datetime64[D]")[0]).astype(int)
    places = np.arange(int(first), int(first) + days)
    back = min(_SLOPE, len(values) - 1)
    slope = (values[-1] - values[-1 - back]) / back if back else 0.0
    beyond = np.maximum(places - (len(values) - 1), 0)
    known: npt.NDArray[np.float64] = values[np.clip(places, 0, len(values) - 1)]
    return known + slope * beyond
