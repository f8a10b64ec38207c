"""What a collector does to the files of a data folder, without devices: every store polled once a minute.

    python -m benchmarks._collector ESTATE FOLDER

Polls come spread over the minute; values are committed to the history and standings to the status by the classes and at the
times of the collector itself. It goes on until it is told to stop.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.planning import A_TARGET, SIZE, USED, curve, place
from collectors.board import Board
from collectors.poll import Poll, Series, Table
from exporters.history import Point
from exporters.history.sqlite import Writer
from exporters.history.writing import Queue
from exporters.status import Report
from inventory.checking import load
from jauge.service import STATUS_SECONDS

EVERY: Final = 60.0
"""Seconds from one poll of a target to its next."""


class Pretended:
    """Polls of one target: its stores as they were on their last day."""

    def __init__(self, number: int) -> None:
        stores = range(number * A_TARGET, (number + 1) * A_TARGET)
        self.name = place(stores[0])[0]
        self._series: tuple[Series, ...] = tuple(
            (metric, place(store)[1]) for store in stores for metric in (USED, SIZE)
        )
        self._values = tuple(float(last[-1]) for store in stores for last in curve(store))

    def poll(self, now: float) -> Poll:
        """What its poll that ends at `now` (UTC epoch seconds) tells."""
        table = Table("hrStorage", now, 0.02, self._series, self._values, len(self._values) // 2)
        return Poll(self.name, now, 0.1, (table,))


def points(poll: Poll) -> Iterator[Point]:
    """What of a poll goes into the history."""
    for sample in poll:
        yield Point(poll.target, sample.metric, sample.labels, poll.at, sample.value)


def collect(estate: Path, folder: Path, stop: threading.Event) -> None:
    """Poll until `stop` is set."""
    board = Board(load(estate).targets)
    report, queue = Report(folder / "status.json", board), Queue(Writer(folder / "history.db", "UTC"))
    targets = [Pretended(number) for number in range(len(board))]
    try:
        start, polled = time.monotonic(), 0
        while not stop.wait(STATUS_SECONDS):
            due = int((time.monotonic() - start) / EVERY * len(targets))
            for number in range(polled, due):
                poll = targets[number % len(targets)].poll(time.time())
                board[poll.target].record(poll)
                queue.submit(points(poll))
            polled = due
            report.write(time.time())
    finally:
        queue.close()


def main() -> None:
    """Poll until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    collect(Path(sys.argv[1]), Path(sys.argv[2]), stop)


if __name__ == "__main__":
    main()
