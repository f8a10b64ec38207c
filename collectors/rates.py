"""Rates of one metric of one table, from poll to poll: what a device file says of them, told by `collectors.counters`."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from collectors.counters import Counters, Moment
from collectors.figures import Vector, whole
from collectors.snmp.values import Value
from collectors.tables import Limit, Rate

HEADROOM: Final = 1.1
"""What a counter may exceed its limit by: agents count in steps, and answer from caches of some seconds."""


class Rates:
    """The counters of one column, and the rates that they tell."""

    def __init__(self, rule: Rate) -> None:
        self._rule = rule
        self._counters = Counters(rule.rate)
        self._told: list[Value | None] = []
        self._most: list[float | None] = []
        self._rows: tuple[Hashable, ...] = ()
        self._since: list[Value | None] = []
        self._keys: tuple[Hashable, ...] = ()

    def read(
        self,
        moment: Moment,
        rows: tuple[Hashable, ...],
        values: list[Value | None],
        limits: list[Value | None] | None,
        since: list[Value | None] | None,
    ) -> Vector:
        """The rate of each row, or its share of the limit; None where it cannot be told.

        `rows` is what a row is the same by. `values`, `limits` and `since` are in that order, the last two
        None where the rule has no such column.
        """
        most = self._limits(limits, len(rows))
        headroom = [None if limit is None else limit * HEADROOM for limit in most] if limits else most
        found = self._counters.rates(moment, self._counted(rows, since), _whole(values), headroom)
        if not self._rule.share:
            return list(found)
        return [
            None if rate is None or not limit else min(rate / limit, 1.0)
            for rate, limit in zip(found, most, strict=True)
        ]

    def _limits(self, told: list[Value | None] | None, count: int) -> list[float | None]:
        """The limit of each row, worked out anew where the device says another."""
        if told is None or self._rule.limit is None:
            return [None] * count
        if told != self._told or len(self._most) != count:
            self._told, self._most = told, [_limit(self._rule.limit, value) for value in told]
        return self._most

    def _counted(self, rows: tuple[Hashable, ...], since: list[Value | None] | None) -> tuple[Hashable, ...]:
        """What each counter is the same by: the same tuple as before where nothing changed, which costs least."""
        if since is None:
            return rows
        if rows is not self._rows or since != self._since:
            self._rows, self._since = rows, since
            self._keys = tuple(zip(rows, since, strict=True))
        return self._keys


def _whole(values: list[Value | None]) -> Sequence[int | None]:
    """The whole numbers that values mean."""
    if set(map(type, values)) == {int}:
        return values  # type: ignore[return-value]  # all of them are
    return [whole(value) for value in values]


def _limit(rule: Limit, value: Value | None) -> float | None:
    """The limit that a value means, None where the device does not know it."""
    told = whole(value)
    return None if told is None or told <= 0 or told in rule.absent else told * rule.scale
