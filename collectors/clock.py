"""The wall clock, and when it was set: what was measured before must neither look old nor stay young for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

JUMP: Final = 1.0
"""Seconds by which a clock may be off before it counts as set; what NTP corrects bit by bit is no jump."""


def _steady() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)  # goes on while the machine sleeps, unlike CLOCK_MONOTONIC


class Clock:
    """Gives UTC epoch seconds when called. `jumped` hears by how many seconds the clock was set, before that."""

    def __init__(
        self,
        jumped: Callable[[float], None],
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = _steady,
    ) -> None:
        self._jumped = jumped
        self._wall = wall
        self._steady = steady
        self._offset = wall() - steady()

    def __call__(self) -> float:
        before = self._steady()
        now = self._wall()
        after = self._steady()
        seconds = now - after - self._offset
        if abs(seconds) > JUMP + (
            after - before
        ):  # a process that was held between the two reads has not jumped
            self._offset += seconds
            self._jumped(seconds)
        return now
