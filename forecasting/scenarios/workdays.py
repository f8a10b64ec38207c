"""Working days: weekdays that are no public holiday."""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt

from inventory.calendars import Calendar

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]

_PARTS: Final = {"france": None, "alsace-moselle": "6AE"}
"""Parts of France as ISO 3166-2 has them: in Alsace and Moselle Good Friday and 26 December are free too."""

_THURSDAY: Final = 3
"""1 January 1970, counted from Monday."""


def weights(calendar: Calendar, days: Days) -> Floats:
    """How much of a working day each civil day is: 1 or 0, or an even share where only their number is known."""
    if calendar.days is not None:
        years = days.astype("datetime64[Y]")
        lengths = ((years + 1).astype("datetime64[D]") - years.astype("datetime64[D]")).astype(np.float64)
        return np.asarray(calendar.days / lengths)
    weekday = (days.astype("datetime64[D]").astype(np.int64) + _THURSDAY) % 7
    working = weekday < calendar.weekdays
    if calendar.holidays != "none":
        working &= ~np.isin(days, _free(calendar.holidays, _year(days[0]), _year(days[-1])))
    return np.asarray(working.astype(np.float64))


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(np.int64)) + 1970


@functools.cache
def _free(where: str, first: int, last: int) -> Days:
    from holidays.countries.france import France  # noqa: PLC0415 - it brings all countries: a fifth of a second of each start

    found = France(years=range(first, last + 1), subdiv=_PARTS[where])  # type: ignore[no-untyped-call]
    return np.array(sorted(found), dtype="datetime64[D]")
