"""What an outlook says of a thing that fills, in the words of walls and purchases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from exporters.plan.outlooks import Outlook
from forecasting.quantities import own_name

if TYPE_CHECKING:  # the collector tells the walls, and need not pay for these
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

_POOLS: Final = ("array", "pool")
_INSIDE: Final = ("volume", "share")

_SLOPE: Final = 365
"""Days, the last of a path, whose slope carries it on."""


def is_share(outlook: Outlook) -> bool:
    """Whether it is told as a share of what there is (processors): lots, which are amounts, cannot be added to it."""
    return outlook.unit == "ratio"


def name(outlook: Outlook) -> str:
    """What people call it: the store, the licence, the database ... its target where it is all of it."""
    return own_name(outlook.labels) or outlook.target


def inside(outlooks: Iterable[Outlook]) -> Mapping[str, str]:
    """Stores that are cut out of a pool of their target, by `unique_id`, with that pool where it is named.

    Nothing is bought for them: they are resized inside the pool, and the pool decides.
    """
    stores = [one for one in outlooks if one.quantity == "storage"]
    pools: dict[str, list[str]] = {}
    for one in stores:
        if dict(one.labels).get("kind") in _POOLS:
            pools.setdefault(one.target, []).append(name(one))
    found = {}
    for one in stores:
        labels = dict(one.labels)
        if labels.get("kind") in _INSIDE and one.target in pools:
            found[one.unique_id] = labels.get("pool") or ", ".join(sorted(pools[one.target]))
    return found


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
