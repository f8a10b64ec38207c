"""Roll-ups in an engine: of each civil hour and day the last sample, copied into a series of its own.

    jauge_storage_used_bytes:last{resolution="day",timezone="Europe/Paris",history="jauge",target="nas-01",...}

A copy bears the instant and the value of the sample that it is of. So a roll-up series is a part of the raw one; where it
holds the last sample of a day, "the last value of that day" is the same in both, and a copy too many changes nothing:
what comes late is copied beside what is there, and nothing has to be taken back, which no engine does.

    jauge_history_rolled{resolution="day",timezone="Europe/Paris",history="jauge"} 1

has a sample at the last millisecond of each day (or hour) of which all series are rolled up. Readers use roll-ups for
these alone. Two rules keep that promise, whoever rolls up and however many collectors there are:

* a period is rolled up no sooner than DUE_SECONDS after its end, out of what the engine shows then;
* whoever hands over a sample later than LATE_SECONDS after the end of its period hands over its copy too.

Both look at the engine's clock beside their own, and take the one that keeps the promise where they differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

from exporters.history.days import Calendar
from exporters.history.prometheus.asking import Client
from exporters.history.prometheus.encoding import MARK, MOST, Series, encode
from exporters.history.prometheus.samples import Asked, raw, selector, text

Rolled = Literal["hour", "day"]

LAST: Final = ":last"
"""What the name of a roll-up ends in: as recording rules are named."""

ROLLED: Final = "jauge_history_rolled"
RESOLUTION: Final = "resolution"
TIMEZONE: Final = "timezone"

LATE_SECONDS: Final = 300.0
DUE_SECONDS: Final = 600.0
"""Beyond LATE_SECONDS: the longest request (30 s), what an engine needs to show it, and minutes to spare."""


class Layer(NamedTuple):
    """Where samples of a history lie: raw, or rolled up by civil periods of a timezone."""

    history: str
    rolled: Rolled | None = None
    timezone: str = ""

    def selector(self, group: Sequence[Asked]) -> str:
        """A selector that finds these series of a metric."""
        if self.rolled is None:
            return selector(self.history, group[0].metric, group)
        matchers = [f"{key}={text(value)}" for key, value in self._marks()]
        return selector(self.history, group[0].metric + LAST, group, matchers)

    def labels(self, one: Asked) -> tuple[tuple[str, str], ...]:
        """All labels of a series, by name."""
        metric = one.metric if self.rolled is None else one.metric + LAST
        pairs = [("__name__", metric), ("target", one.target), (MARK, self.history), *one.labels]
        return tuple(sorted([*pairs, *self._marks()]))

    def marker(self) -> tuple[tuple[str, str], ...]:
        """All labels of the series that says what is rolled up."""
        return tuple(sorted([("__name__", ROLLED), (MARK, self.history), *self._marks()]))

    def _marks(self) -> list[tuple[str, str]]:
        return [] if self.rolled is None else [(RESOLUTION, self.rolled), (TIMEZONE, self.timezone)]


def rolled(client: Client, layer: Layer, start: int, end: int) -> set[int]:
    """The last milliseconds of the periods between two instants (milliseconds) that are rolled up. Raises EngineError."""
    found = ",".join(f"{key}={text(value)}" for key, value in layer.marker() if key != "__name__")
    answer = raw(client, f"{ROLLED}{{{found}}}", start, end)
    return {at for _, samples in answer for at, _ in samples}


def deliver(client: Client, series: Iterable[Series]) -> None:
    """Hand copies over, in requests that engines take. Raises EngineError."""
    for part in requests(series):
        client.write(encode(part))


def requests(series: Iterable[Series]) -> Iterator[list[Series]]:
    """The series in groups of at most MOST samples."""
    part: list[Series] = []
    count = 0
    for one in series:
        for first in range(0, len(one.samples), MOST):
            samples = one.samples[first : first + MOST]
            if count + len(samples) > MOST:
                yield part
                part, count = [], 0
            part.append(Series(one.labels, samples))
            count += len(samples)
    if part:
        yield part


class Late:
    """Copies of samples that were handed over late, the last of each series and hour, until they are handed over too."""

    def __init__(self, history: str, calendar: Calendar) -> None:
        self._hour, self._day = (Layer(history, of, calendar.name) for of in ("hour", "day"))
        self._calendar = calendar
        self._held: dict[tuple[Asked, int], tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def is_late(self, at: int, now: float) -> bool:
        """Whether the hour of an instant (milliseconds) was over for LATE_SECONDS at that time (epoch seconds)."""
        return self._calendar.hour(now - LATE_SECONDS) > self._calendar.hour(at / 1000)

    def note(self, one: Asked, samples: Iterable[tuple[int, float]], now: float) -> None:
        """These samples of a series (milliseconds, value) were handed over; it was done at that time."""
        for at, value in samples:
            if self.is_late(at, now):
                key = (one, self._calendar.hour(at / 1000))
                held = self._held.get(key)
                if held is None or held[0] <= at:
                    self._held[key] = (at, value)

    def copies(self, now: float) -> list[Series]:
        """What is held, as series of roll-ups: of the hours, and of the days that are over."""
        today = self._calendar.day(now - LATE_SECONDS)
        found: dict[tuple[Layer, Asked], list[tuple[int, float]]] = {}
        for (one, _), pair in self._held.items():
            found.setdefault((self._hour, one), []).append(pair)
            if self._calendar.day(pair[0] / 1000) < today:
                found.setdefault((self._day, one), []).append(pair)
        return [Series(layer.labels(one), tuple(sorted(of))) for (layer, one), of in found.items()]

    def clear(self) -> None:
        """They were handed over."""
        self._held.clear()
