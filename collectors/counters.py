"""Rates of a device's counters between two answers: right, or absent. Pure: no wire, no clock.

A counter has no zero that means anything; it wraps at 2^bits and starts anew with its agent (Counter32 and
Counter64: RFC 2578, 7.1.6 and 7.1.10). So two answers tell a difference modulo 2^bits, and nothing more. That is
the difference itself where the counter cannot have counted 2^bits in the time between, and where it was not set
back. The first takes a limit, the greatest rate that can be; the second takes sysUpTime (RFC 3418). Where either
leaves a doubt there is no rate: one that is wrong by a wrap looks like any other.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Final, Literal, NamedTuple

Bits = Literal[32, 64]

SHORTEST: Final = 1.0
"""Seconds below which there is no rate: agents answer from caches, and count in steps."""

LONGEST: Final = 3600.0
"""Seconds beyond which there is none: a mean of hours past is not what happens now."""

CEILING: Final = 1e12
"""The limit, per second, of a counter whose own is unknown: no interface moves 8 Tbit/s, nothing counts faster.

With it a Counter32 wraps in 4 ms, so it has no rate without a limit of its own, and a Counter64 in 213 days.
"""

SLACK: Final = 5.0
"""Seconds by which sysUpTime may differ from our clock, for the way of an answer ..."""

DRIFT: Final = 0.05
"""... and the share of the time between two answers, for the clocks of small devices."""

_TICKS: Final = 1 << 32  # sysUpTime is TimeTicks: it wraps after 497 days


class Uptime(NamedTuple):
    """The sysUpTime that an agent told at a time: hundredths of a second, at seconds of our monotonic clock."""

    at: float
    ticks: int

    def then(self, at: float) -> int:
        """What it was or will be at another time, where the agent runs on."""
        return round(self.ticks + (at - self.at) * 100) % _TICKS


class Moment(NamedTuple):
    """When counters were read: seconds of our monotonic clock, and sysUpTime then, in hundredths of a second.

    `ticks` was told before they were read and `checked` after, each moved to the time of reading by our clock. An
    interval runs from `ticks` of its first moment to `checked` of its last, so that no restart falls between.
    """

    at: float
    ticks: int | None = None
    checked: int | None = None


class Watch(NamedTuple):
    """A poll by the clocks: when it began, by ours, and what the agent told of its own before and after it."""

    begun: float
    before: Uptime | None
    after: Uptime | None

    def moment(self, seconds: float) -> Moment:
        """The moment so long after the poll began."""
        at = self.begun + seconds
        return Moment(
            at, self.before.then(at) if self.before else None, self.after.then(at) if self.after else None
        )


class Mark(NamedTuple):
    """What a counter showed, and when: as in `Moment`."""

    value: int
    at: float
    ticks: int | None = None


class _Span(NamedTuple):
    seconds: float
    unbroken: bool  # nothing restarted; false where nobody can say


def rate(before: Mark, now: Mark, bits: Bits, limit: float | None, longest: float = math.inf) -> float | None:
    """The rate of a counter per second, None where it cannot be told. Never negative, never above `limit`.

    `limit` is the greatest rate per second that can be, with headroom for agents that count in steps; None or 0
    where it is unknown, which is `CEILING`. None is what a caller gets where

    - the time between is below `SHORTEST` or above `longest` seconds;
    - two wraps would have been possible, even if the counter rose: it may have wrapped unseen;
    - the difference is above the limit: the counter was set back, or jumped;
    - the counter fell by less than half its range: it went back. A true wrap of a Counter64 looks different,
      and so does one of a Counter32 that is polled often enough;
    - sysUpTime fell, or rose by another time than our clock. Its own wrap after 497 days does neither;
    - sysUpTime is unknown, or too young to tell a second restart, and the counter shows no more than it could
      have counted since one.

    What no arithmetic can tell is a counter that is set back from the top of its range while its agent runs on
    (ifCounterDiscontinuityTime, RFC 2863, says so, and belongs into the key of `Counters`), and an agent that
    restarts just as its sysUpTime would have wrapped.
    """
    span = _between(Moment(before.at, before.ticks), Moment(now.at, None, now.ticks), longest)
    if span is None:
        return None
    return _rates(span, bits, _possible((before.value,), bits), _possible((now.value,), bits), (limit,))[0]


class Counters:
    """The counters of one column of one target, from poll to poll: what they showed last, and nothing older.

    A key is all that makes a counter the same one: the index of its row, and what tells that the row is another
    by now, such as its name or ifCounterDiscontinuityTime. A key that a poll does not bring is forgotten.
    """

    def __init__(self, bits: Bits, longest: float = LONGEST) -> None:
        self._bits = bits
        self._longest = longest
        self._moment: Moment | None = None
        self._keys: tuple[Hashable, ...] = ()
        self._values: list[int | None] = []

    def rates(
        self,
        moment: Moment,
        keys: tuple[Hashable, ...],
        values: Sequence[int | None],
        limits: Sequence[float | None],
    ) -> list[float | None]:
        """The rate of each counter since the call before, as `rate` tells it, in the order of `keys`.

        `values` and `limits` are in that order too; a counter that is unknown now has no rate at the next call
        either. Keys are each given once. The same tuple of keys as before costs least.
        """
        now = _possible(values, self._bits)
        before = self._before(keys)
        span = None if self._moment is None else _between(self._moment, moment, self._longest)
        self._moment, self._keys, self._values = moment, keys, now
        return [None] * len(now) if span is None else _rates(span, self._bits, before, now, limits)

    def _before(self, keys: tuple[Hashable, ...]) -> list[int | None]:
        if keys == self._keys:
            return self._values
        known = dict(zip(self._keys, self._values, strict=True))
        return [known.get(key) for key in keys]


def _between(before: Moment, now: Moment, longest: float) -> _Span | None:
    """The time between two answers, None where there is no rate between them."""
    seconds = now.at - before.at
    if not SHORTEST <= seconds <= longest:
        return None
    if before.ticks is None or now.checked is None:
        return _Span(seconds, unbroken=False)
    slack = SLACK + DRIFT * seconds
    if abs((now.checked - before.ticks) % _TICKS / 100 - seconds) > slack:
        return None
    # A restart moves the agent's start by as long as it had run: one that had hardly run may do so unseen.
    return _Span(seconds, unbroken=before.ticks / 100 > slack)


def _possible(values: Sequence[int | None], bits: Bits) -> list[int | None]:
    """The values that a counter can have: an agent may send what it likes."""
    most = (1 << bits) - 1
    return [value if value is not None and 0 <= value <= most else None for value in values]


def _rates(
    span: _Span,
    bits: Bits,
    before: Sequence[int | None],
    now: Sequence[int | None],
    limits: Sequence[float | None],
) -> list[float | None]:
    seconds, mask = span.seconds, (1 << bits) - 1
    whole = (1 << bits) / seconds  # at this rate a second wrap becomes possible
    half = whole / 2
    ceilings = [limit or CEILING for limit in limits]
    found = [
        each
        if old is not None
        and new is not None
        and (each := ((new - old) & mask) / seconds) <= ceiling < whole
        and (new >= old or each < half)
        else None
        for old, new, ceiling in zip(before, now, ceilings, strict=True)
    ]
    if span.unbroken:
        return found
    return [
        each if new is not None and new > ceiling * seconds else None
        for each, new, ceiling in zip(found, now, ceilings, strict=True)
    ]
