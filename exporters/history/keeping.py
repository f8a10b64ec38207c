"""Which values of a poll are worth keeping."""

from __future__ import annotations

from typing import Final

from collectors.poll import Poll, Series
from exporters.history import Point
from inventory.metrics import kept

KEPT: Final = kept()

UP: Final = "jauge_target_up"


def points(poll: Poll, up: bool) -> list[Point]:
    """The kept values of a poll, each at the time its own table was read, and `jauge_target_up`.

    A table that was carried over from an earlier poll bears that poll's time, so that appending it again
    changes nothing. Where two tables give one series the earlier table is heard, as in the exposition.
    """
    found = [Point(poll.target, UP, (), poll.at, 1.0 if up else 0.0)]
    seen: set[Series] = {(UP, ())}
    for table in poll.tables:
        for series, value in zip(table.series, table.values, strict=True):
            if series[0] in KEPT and series not in seen:
                seen.add(series)
                found.append(Point(poll.target, *series, table.at, float(value)))
    return found
