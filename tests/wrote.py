"""A history in Paris, as a collector would have written it: days of series that end yesterday, and values of a minute ago."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from exporters.history import Point
from exporters.history.days import number
from exporters.history.sqlite import Day, Writer
from inventory.metrics import Labels

DAYS: Final = 120


class Wrote:
    """Days of series, ending yesterday."""

    def __init__(self, folder: Path) -> None:
        self.now = time.time()
        self.writer = Writer(folder / "history.db", "Europe/Paris")
        self._today = number(datetime.now(ZoneInfo("Europe/Paris")).date())

    def days(
        self, target: str, metric: str, pairs: Labels, first: float, last: float, until: int = 0
    ) -> None:
        values = np.linspace(first, last, DAYS)
        self.writer.keep_days(
            [
                Day(target, metric, pairs, self._today - DAYS + i, float(values[i]))
                for i in range(DAYS - until)
            ]
        )

    def last(self, target: str, metric: str, pairs: Labels, value: float) -> None:
        self.writer.append([Point(target, metric, pairs, self.now - 60, value)])
