"""Answers that are remembered for a moment, each with what it was made from."""

from __future__ import annotations

import contextlib
import functools
import math
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, NamedTuple, TypeVar, cast

from dashboard.data.renewing import Renewer

_SPARED: Final = 60.0
"""For how many times what it took a dear answer holds: it takes a sixtieth of a thread, as long as that is not too old."""

Answer = TypeVar("Answer")
Stamps = Mapping[str, float]
"""What tells two contents of a file apart, by its name."""


class Unanswered(Exception):  # noqa: N818 - no error here: whoever asked has noted what is wrong
    """There is no answer, and nothing is remembered."""


class _Kept(NamedTuple):
    """An answer: when it was asked for (monotonic), what it was made from, and the seconds that it took."""

    at: float
    stamps: Stamps
    answer: Any
    took: float


class Memory:
    """`most` answers, the oldest of which go.

    An answer holds as long as it is fresh and its files are as they were. One that took `dear` seconds or more is spared: it
    holds for sixty times what it took, `spared` seconds at most, though files changed that `spares` names; and where it
    does not hold any more and nothing changed but what `lingering` names, it is given for `lingers` seconds while a
    thread makes it anew.
    """

    def __init__(
        self,
        most: int,
        dear: float,
        spares: frozenset[str],
        lingering: frozenset[str] = frozenset(),
        lingers: float = 0.0,
        spared: float = math.inf,
    ) -> None:
        self._most, self._dear, self._spared = most, dear, spared
        self._spares, self._lingering, self._lingers = spares, lingering, lingers
        self._kept: dict[Hashable, _Kept] = {}
        self._turns: dict[Hashable, threading.Lock] = {}
        self._mutex = threading.Lock()
        self._renewer = Renewer()

    def answer(
        self,
        key: Hashable,
        stamps: Stamps,
        ask: Callable[[], Answer],
        fresh: float,
        *,
        by_clock: bool = False,
    ) -> Answer:
        """What is remembered, or what `ask` says now: never the former where `fresh` is 0. Raises whatever it raises.

        What it took are seconds of a thread, or `by_clock`, where others work meanwhile.
        """
        make = functools.partial(self._made, key, stamps, ask, by_clock)
        with self._turn(key):  # who asks the same meanwhile waits for the answer of the first
            with self._mutex:
                kept = self._kept.get(key)
            if kept is not None and fresh and self._is_given(kept, key, stamps, fresh, make):
                return cast(Answer, kept.answer)
            return make()

    def _turn(self, key: Hashable) -> threading.Lock:
        """What one waits at who asks the same as another; those of questions that were never answered go in time."""
        with self._mutex:
            if len(self._turns) > 2 * self._most:
                self._turns = {each: turn for each, turn in self._turns.items() if turn.locked()}
            return self._turns.setdefault(key, threading.Lock())

    def forget(self, key: Hashable) -> None:
        """Have the next one who asks told anew."""
        with self._mutex:
            self._kept.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._mutex:
            self._kept.clear()

    def _is_given(
        self, kept: _Kept, key: Hashable, stamps: Stamps, fresh: float, make: Callable[[], object]
    ) -> bool:
        """Whether an answer holds, or lingers while it is made anew."""
        age, changed = (
            time.monotonic() - kept.at,
            {name for name in stamps if stamps[name] != kept.stamps.get(name)},
        )
        spared = min(kept.took * _SPARED, self._spared) if kept.took >= self._dear else 0.0
        if changed <= self._spares and age < (spared if changed else max(fresh, spared)):
            return True
        lingers = spared and changed <= self._lingering and age < max(fresh, spared) + self._lingers
        return bool(lingers) and self._renewer.begin(key, functools.partial(_quietly, make))

    def _made(self, key: Hashable, stamps: Stamps, ask: Callable[[], Answer], by_clock: bool) -> Answer:
        now, worked = time.monotonic(), time.thread_time()
        answer = ask()
        took = time.monotonic() - now if by_clock else time.thread_time() - worked
        with self._mutex:
            self._kept.pop(key, None)  # the newest is the last
            self._kept[key] = _Kept(now, stamps, answer, took)
            if len(self._kept) > self._most:
                oldest = next(iter(self._kept))
                del self._kept[oldest]
                self._turns.pop(oldest, None)
        return answer


def _quietly(make: Callable[[], object]) -> None:
    with contextlib.suppress(Unanswered):
        make()
