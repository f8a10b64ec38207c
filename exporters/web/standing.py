"""How a web configuration stands, for the collector's own metrics: known without what it takes to read one."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal, NamedTuple

Failure = Literal[
    "timeout",
    "no certificate",
    "untrusted certificate",
    "old version",
    "no common cipher",
    "not TLS",
    "other",
]
FAILURES: Final[tuple[Failure, ...]] = (
    "timeout", "no certificate", "untrusted certificate", "old version", "no common cipher", "not TLS", "other",
)  # fmt: skip


class Standing(NamedTuple):
    """How a web configuration stands: `sound` is False while a file lies there that cannot be used; times are UTC epoch seconds."""

    sound: bool
    read_at: float
    failures: int
    ends: float | None
    handshakes: Counter[Failure]
