"""Past days for an engine: a day from elsewhere bears the first instant of its civil day.

Whatever Jauge measured on that day is later, and so stands: an import never replaces a measure. An engine takes
nothing back either: a day that it holds stays as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from exporters.history import HistoryError, Point, unique_id
from exporters.history.days import Calendar
from exporters.history.prometheus.asking import Client, EngineError
from exporters.history.prometheus.encoding import Encoder
from exporters.history.prometheus.reading import Reader
from exporters.history.prometheus.rollups import Late, deliver
from exporters.history.prometheus.samples import Asked
from exporters.history.rolling import KEPT_DAYS
from exporters.history.sqlite import Day

VISIBLE_SECONDS: Final = 15.0
"""That an engine has until what it took is seen."""


class Days:
    """Takes days in (see `exporters.history.DayKeeper`)."""

    def __init__(self, client: Client, timezone: str, clock: Callable[[], float] = time.time) -> None:
        self.calendar = Calendar(timezone)
        self._client, self._clock = client, clock
        self._reader = Reader(client, timezone, clock=clock)

    def now(self) -> float:
        """The clock by which the future is told (UTC epoch seconds)."""
        return self._clock()

    def keep_days(self, days: Iterable[Day]) -> int:
        """Keep past days where the engine holds none; how many. Raises HistoryError that says how many it took."""
        oldest = self.calendar.day(self._clock()) - KEPT_DAYS
        asked = [day for day in days if day.day >= oldest]
        held = self._held(asked)
        points = [
            Point(one.target, one.metric, one.labels, self.calendar.start(one.day), float(one.value))
            for one in asked
            if (unique_id(one.target, one.metric, one.labels), one.day) not in held
        ]
        # In the order of time: an engine that takes nothing late takes them at least where it holds nothing yet.
        points.sort(key=lambda point: point.at)
        self._send(points)
        return len(points)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _held(self, days: list[Day]) -> set[tuple[str, int]]:
        """Series and day of what the engine has already."""
        if not days:
            return set()
        names = {unique_id(one.target, one.metric, one.labels) for one in days}
        first, last = min(one.day for one in days), max(one.day for one in days)
        frame = self._reader.read(names, self.calendar.start(first), self.calendar.start(last))
        numbers = frame["ds"].to_numpy().astype("datetime64[D]").astype(int)
        return set(zip(map(str, frame["unique_id"]), numbers.tolist(), strict=True))

    def _send(self, points: list[Point]) -> None:
        sent = 0
        for request in Encoder(self._client.engine.name).requests(points):
            try:
                self._client.write(request.body)
            except EngineError as error:
                raise HistoryError(_said(error, sent, len(points))) from None
            sent += request.samples
        self._copy(points)
        self._await(points)

    def _copy(self, points: list[Point]) -> None:
        """Their days are over, and rolled up perhaps. Where this fails, importing again finds them missing there."""
        late, now = Late(self._client.engine.name, self.calendar), self._clock() + max(0.0, self._client.skew)
        for one in points:
            late.note(Asked(one.metric, one.target, one.labels), [(round(one.at * 1000), one.value)], now)
        deliver(self._client, late.copies(now))

    def _await(self, points: list[Point]) -> None:
        """Wait until the last day is seen: so that importing again at once finds everything."""
        if not points:
            return
        last = points[-1]
        name, day = unique_id(last.target, last.metric, last.labels), self.calendar.day(last.at)
        end = time.monotonic() + VISIBLE_SECONDS
        while time.monotonic() < end and self._reader.read([name], last.at, self.calendar.start(day)).empty:
            time.sleep(0.2)


def _said(error: EngineError, sent: int, of: int) -> str:
    took = (
        f"it took {sent} of {of} days; import again, they are not doubled" if sent else "nothing was imported"
    )
    advice = ""
    if error.kind == "refused":
        advice = (
            "; an engine has to take old values: Prometheus does with storage.tsdb.out_of_order_time_window as long as "
            "the past, VictoriaMetrics with a -retentionPeriod that reaches so far"
        )
    return f"{error}{advice}; {took}"
