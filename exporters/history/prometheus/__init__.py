"""The history in a Prometheus-compatible engine, in place of `history.db`.

    encoding    points as remote write wants them (protobuf, snappy), and back
    spool       the queue on disk: acknowledged is what lies there
    sending     the thread that empties the queue into the engine
    writing     what the collector appends to
    asking      what the query API answers
    samples     selectors, and the raw samples behind them
    columns     samples of an answer as columns of numbers
    periods     civil days and hours as spans of milliseconds
    rollups     copies of the last samples of hours and days, and the rules that make them whole
    lasts       the last sample of each period, with its instant
    rolling     the thread that rolls up
    reading     what everybody else asks
    importing   days of any series of such an engine

A series bears the labels of the vocabulary, `target`, and `history`, which marks what one estate keeps.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable


class Standing(NamedTuple):
    """How a queue stands: values that wait, its bytes, when the oldest that waits came (UTC epoch seconds).

    `sent` counts what the engine took, `again` what was sent to it once more, `dropped` what was given up and
    `failures` the tries that failed, both by reason.
    """

    pending: int
    size: int
    oldest: float | None
    sent: int
    again: int
    dropped: dict[str, int]
    failures: dict[str, int]


@runtime_checkable
class Queued(Protocol):
    """A history behind a queue. Whoever only asks how that stands need not load what speaks to an engine."""

    @property
    def standing(self) -> Standing:
        """How the queue and its engine stand."""
