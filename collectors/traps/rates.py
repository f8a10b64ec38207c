"""How much of what comes in is looked at: token buckets, one for each sender and one for all."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

RATE, BURST = 1.0, 30.0
"""Tokens a second of one sender, and how many it may have saved."""

RATE_OF_ALL, BURST_OF_ALL = 100.0, 300.0

TOKEN_BYTES: Final = 1500
"""A token pays for so many bytes, begun: a large datagram takes as long to read as many small ones."""


class Bucket:
    """Tokens that come at a steady rate. Who has one may spend more, and waits longer afterwards."""

    __slots__ = ("_burst", "_filled", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._filled = burst, now

    def ready(self, now: float) -> bool:
        """Whether anything may be spent at `now`, in seconds."""
        self._tokens = min(self._tokens + self._rate * (now - self._filled), self._burst)
        self._filled = now
        return self._tokens >= 1

    def spend(self, tokens: float) -> None:
        self._tokens -= tokens


class Rates:
    """Who may send how much. `senders` bounds what is remembered: only they are ever asked about."""

    def __init__(self) -> None:
        self._all: Bucket | None = None
        self._each: dict[Hashable, Bucket] = {}

    def admit(self, sender: Hashable, size: int, now: float) -> bool:
        """Whether a datagram of `size` bytes, which came at `now`, is looked at. A sender's flood costs the others nothing."""
        if self._all is None:
            self._all = Bucket(RATE_OF_ALL, BURST_OF_ALL, now)
        if sender not in self._each:
            self._each[sender] = Bucket(RATE, BURST, now)
        each = self._each[sender]
        if not (each.ready(now) and self._all.ready(now)):
            return False
        tokens = 1 + size // TOKEN_BYTES
        each.spend(tokens)
        self._all.spend(tokens)
        return True

    def keep(self, senders: frozenset[Hashable]) -> None:
        """Forget all senders but these."""
        self._each = {sender: bucket for sender, bucket in self._each.items() if sender in senders}
