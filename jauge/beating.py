"""Whether the collector is well: each of its parts asked, and told to the pages every few seconds."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import structlog

from exporters import pulse
from exporters.health import LATE_SECONDS, Check, Health, Lateness, Part
from exporters.pulse import Pulse, PulseError, Sizes

if TYPE_CHECKING:
    from exporters.history.prometheus import Standing

log = structlog.get_logger(__name__)

LEAST_FREE: Final = 0.05
"""Share of the disk that should stay free, as for the alert."""

MOST_EVENTS: Final = 100
"""Events that may wait, as for the alert."""

OLDEST: Final = 3600.0
"""Seconds that a value may wait for an engine, as for the alert."""

ENDING: Final = 14 * 86_400.0
"""Seconds before its end from which a certificate asks to be replaced, as for the alert."""


class Beat:
    """The health of a collector, and its pulse. The service tells it of polls, and gives it the checks of its parts.

    `lasting` are names of files that stay once they are there.
    """

    def __init__(
        self,
        folder: Path,
        file: Path,
        timezone: str,
        clock: Callable[[], float],
        lasting: Collection[str] = (),
    ) -> None:
        self._file = file
        self._folder = folder
        self._zone = ZoneInfo(timezone)
        self._clock = clock
        self._started = clock()
        self._version = importlib.metadata.version("jauge")
        self._lateness = Lateness()
        self._polls = self._skipped = 0
        self._failed = ""
        former = self._kept()
        self._sizes = former.sizes
        self._lasting = lasting
        self._seen = {*former.gone, *(name for one in former.sizes for name in one.of)}.intersection(lasting)
        self._gone: tuple[str, ...] = ()
        self.checks: dict[Part, Check] = {
            "lateness": lambda: self._lateness.worst > LATE_SECONDS,
            "disk": self._is_full,
            "gone": lambda: bool(self._gone),
        }

    @property
    def health(self) -> Health:
        """The health, of the checks that are there now."""
        return Health(self.checks)

    def polled(self, late: float) -> None:
        """A poll began so many seconds after it was due."""
        self._polls += 1
        self._lateness.note(late)

    def skipped(self) -> None:
        """A poll was left out."""
        self._skipped += 1

    def pulse(
        self, health: Health, targets: int, waiting: int, events: int, engine: Standing | None
    ) -> Pulse:
        """How it stands now. Looks at the sizes of files, but waits for nothing."""
        now = self._clock()
        today = Sizes(dt.datetime.fromtimestamp(now, self._zone).date(), pulse.measure(self._folder))
        self._sizes = pulse.extended(self._sizes, today)
        self._miss()
        return Pulse(
            at=now,
            started=self._started,
            pid=os.getpid(),
            version=self._version,
            targets=targets,
            polls=self._polls,
            skipped=self._skipped,
            late=round(self._lateness.worst, 3),
            waiting=waiting,
            events=events,
            queue=engine.pending if engine else None,
            oldest=engine.oldest if engine else None,
            gone=self._gone,
            parts=health.condition().parts,
            sizes=self._sizes,
        )

    def write(self, told: Pulse) -> None:
        """Put the pulse where the pages look for it; a disk that refuses is said once."""
        try:
            pulse.write(self._file, told)
            self._failed = ""
        except OSError as error:
            if self._failed != (failed := error.strerror or str(error)):
                log.error("pulse not written", why=failed, file=str(self._file))
            self._failed = failed

    def _miss(self) -> None:
        """Look which files that were there are gone; say so where that changed."""
        there = {name for name in self._lasting if pulse.is_there(self._folder / name)}
        self._seen |= there
        gone = tuple(sorted(self._seen - there))
        for name in gone:
            if name not in self._gone:
                log.error("file gone: put it back, or restore a backup", file=str(self._folder / name))
        self._gone = gone

    def _kept(self) -> Pulse:
        try:
            return pulse.read(self._file)
        except PulseError as error:
            log.warning("pulse not read", why=str(error))
            return Pulse()

    def _is_full(self) -> bool:
        room = shutil.disk_usage(self._folder)
        return room.free < LEAST_FREE * room.total


def same_file(path: Path) -> Check:
    """Whether another file, or none, stands where one is that is written: what goes into it is lost."""
    known = _identity(path)
    return lambda: known is not None and _identity(path) != known


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_old(engine: Standing, now: float | None = None) -> bool:
    """Whether values have waited too long for the engine of the history."""
    return engine.oldest is not None and (time.time() if now is None else now) - engine.oldest > OLDEST
