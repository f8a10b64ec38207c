"""Civil days and hours of the estate's timezone, as whole numbers.

A day is counted from 1970-01-01 in civil time. An hour is named by the UTC second at which the civil hour
begins, so that it belongs to exactly one day, also where the offset is not a whole number of hours
(Asia/Kolkata) and on the days when the clocks change (23 or 25 hours in Europe/Paris).
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = 86_400
HOUR: Final = 3_600

# Every offset in force since 1972 is a multiple of 15 minutes, and so is every change of it (IANA tzdata): one
# quarter of an hour lies in one civil hour.
_QUARTER: Final = 900
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_REMEMBERED: Final = 4_096


def timezone(name: str) -> ZoneInfo:
    """The IANA timezone of that name. Raises ValueError with words."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA timezone (Europe/Paris, for instance)") from None


def number(day: dt.date) -> int:
    """Days since 1970-01-01.

    >>> number(dt.date(1970, 1, 2))
    1
    """
    return day.toordinal() - _EPOCH


class Calendar:
    """The civil days and hours of one timezone."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.zone = timezone(name)
        self._quarters: dict[int, tuple[int, int]] = {}

    def place(self, at: float) -> tuple[int, int]:
        """Of an instant (UTC epoch seconds): the UTC second at which its civil hour begins, and its day."""
        quarter = int(at // _QUARTER)
        known = self._quarters.get(quarter)
        if known is None:
            if len(self._quarters) >= _REMEMBERED:
                self._quarters.clear()
            known = self._quarters[quarter] = self._compute(quarter * _QUARTER)
        return known

    def _compute(self, at: int) -> tuple[int, int]:
        local = dt.datetime.fromtimestamp(at, self.zone)
        return at - local.minute * 60 - local.second, number(local.date())

    def day(self, at: float) -> int:
        """The civil day of an instant (UTC epoch seconds)."""
        return self.place(at)[1]

    def hour(self, at: float) -> int:
        """The UTC second at which the civil hour of an instant begins."""
        return self.place(at)[0]

    def start(self, day: int) -> float:
        """The instant at which a civil day begins (UTC epoch seconds), also where it has no midnight."""
        # fold=0: the first of two midnights, and the instant of the change where there is none (PEP 495).
        return dt.datetime.combine(dt.date.fromordinal(day + _EPOCH), dt.time(), self.zone).timestamp()
