"""Whether the collector is well, degraded or dead, and by which of its parts.

Degraded is late, full, or without one of its parts: it polls and answers, and a restart would only cost what it holds in memory.
Dead is what a restart may mend, and nothing else will.
"""

from __future__ import annotations

import collections
import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Final, Generic, Literal, TypeVar, get_args

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

log = structlog.get_logger(__name__)

Part = Literal[
    "polling", "writer", "file",
    "turns", "lateness", "history", "queue", "pieces", "events", "status", "disk", "estate", "web", "certificate", "traps",
    "plan", "rights", "gone",
]  # fmt: skip
"""What may be amiss. A closed list: pages have words for each."""

PARTS: Final[tuple[Part, ...]] = get_args(Part)

DEAD: Final[frozenset[Part]] = frozenset({"polling", "writer", "file"})
"""Parts without which it does nothing of use."""

SAID: Final[Mapping[Part, str]] = {
    "polling": "no target is polled any more: restart the collector",
    "writer": "the thread that writes the history has ended: restart the collector",
    "file": "the history was removed or replaced while it is written: restart the collector, restore the file if it is gone",
    "turns": "some targets are not polled any more: the log says which; restart the collector",
    "lateness": "polls begin late: fewer targets, longer intervals, or more workers (docs/scaling.md)",
    "history": "the history cannot be written, values wait in memory: the log says why; free space, look at the disk",
    "queue": "values wait for more than an hour for the engine of the history: look at the engine",
    "pieces": "pieces of the history are damaged and left out: look at the disk; a backup has them",
    "events": "events cannot be written: free space, look at the disk",
    "status": "the status cannot be written, so the pages are behind: free space, look at the disk",
    "disk": "less than a twentieth of the disk of the data is free: free space",
    "estate": "the estate's file has a mistake and is not in force: jauge check",
    "web": "the web configuration has a mistake and is not in force: the log says which",
    "certificate": "the certificate of the exporter ends within two weeks: put a new one in its place",
    "traps": "traps are not listened for: the log says why (the port is taken, or not allowed)",
    "plan": "the forecasts are older than a day and a half: look at the nightly `jauge plan`",
    "rights": "files with something to hide are not their owner's alone: jauge doctor",
    "gone": "a file of the data that was there is gone, or empty: the log says which; put it back, or restore a backup",
}
"""What is amiss, and what to do, for who looks at the health of a process. No name of a target or file: anybody may ask."""

LATE_SECONDS: Final = 30.0
"""That a poll may begin after it was due, as for the alert."""

LATE_WINDOW: Final = 900.0

PLANNED_SECONDS: Final = 129_600.0
"""Age from which forecasts are old, as for the alert: the planner, which runs every night, has missed one."""

Check = Callable[[], bool]
"""Whether a part is amiss, asked in the event loop: it looks at nothing that could hang."""


P = TypeVar("P", bound=str)


@dataclasses.dataclass(frozen=True, slots=True)
class Condition(Generic[P]):
    """The parts of a process that are amiss; what is `said` of each, and those without which it is `dead`."""

    parts: tuple[P, ...]
    said: Mapping[P, str]
    dead: Set[P]

    @property
    def state(self) -> Literal["healthy", "degraded", "dead"]:
        """One word for all of it."""
        if any(part in self.dead for part in self.parts):
            return "dead"
        return "degraded" if self.parts else "healthy"

    @property
    def text(self) -> str:
        """The word, and a line for each part that is amiss."""
        return "".join([f"{self.state}\n", *(f"{part}: {self.said[part]}\n" for part in self.parts)])


class Health(Collector):
    """Asks each part whether it is well; `jauge_degraded` and `jauge_dead` at `/metrics`."""

    def __init__(self, checks: Mapping[Part, Check] | None = None) -> None:
        self._checks = dict(checks or {})

    def condition(self) -> Condition[Part]:
        """How it stands now."""
        amiss = tuple(part for part in PARTS if part in self._checks and self._is_amiss(part))
        return Condition(amiss, SAID, DEAD)

    def _is_amiss(self, part: Part) -> bool:
        try:
            return self._checks[part]()
        except Exception:  # what cannot be told is not well, and the others are told all the same
            log.exception("health not known", part=part)
            return True

    def collect(self) -> Iterator[GaugeMetricFamily]:
        amiss = self.condition()
        degraded = GaugeMetricFamily(
            "jauge_degraded",
            "Whether a part of the collector is amiss: 1 while that is so; /-/healthy says what to do.",
            labels=("part",),
        )
        for part in PARTS:
            if part in self._checks:
                degraded.add_metric((part,), float(part in amiss.parts))
        yield degraded
        yield GaugeMetricFamily(
            "jauge_dead",
            "Whether the collector does nothing of use any more: 1 while /-/healthy answers 503.",
            value=float(amiss.state == "dead"),
        )

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The same families, to whoever lists them."""
        return self.collect()


class Lateness:
    """How late the polls of the last quarter of an hour began, at most, in seconds. One writer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: collections.deque[tuple[float, float]] = collections.deque()  # times rise, lateness falls

    def note(self, late: float) -> None:
        """A poll began that late."""
        while self._kept and self._kept[-1][1] <= late:
            self._kept.pop()
        self._kept.append((self._clock(), late))
        self._leave()

    @property
    def worst(self) -> float:
        """The longest of them, 0 where there was none."""
        self._leave()
        return self._kept[0][1] if self._kept else 0.0

    def _leave(self) -> None:
        while self._kept and self._clock() - self._kept[0][0] > LATE_WINDOW:
            self._kept.popleft()
