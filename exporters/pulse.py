"""`collector.json`: how the collector itself stands, for the pages and `jauge doctor`.

It is replaced as a whole every few seconds, so that its age tells whether the collector runs. The sizes of the files go back some
weeks, a day each: what grows is told without anybody who scrapes it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from exporters import notes
from exporters.health import Part
from exporters.notes import NoteError
from inventory.databases import LOGS

FILE: Final = "collector.json"

EVERY: Final = 5.0
"""Seconds between two."""

SILENT: Final = 60.0
"""Seconds without one from which the collector is taken not to run."""

DAYS: Final = 60
"""Days whose sizes are kept."""

FILES: Final = ("history.db", "plan.db", "state.db", "events.db", "queue", "committee")
"""What grows in the folder of the data."""


class PulseError(NoteError):
    """The file cannot be read."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of each of our files at the end of a day, or now; one that is not there is left out."""

    day: dt.date
    of: Mapping[str, int]


@dataclasses.dataclass(frozen=True, slots=True)
class Pulse:
    """The collector as it stood `at` (UTC epoch seconds); None where none has written yet.

    `late` is how late polls of the last quarter of an hour began at most, in seconds; `polls` and `skipped` count since it
    `started`; `waiting` are values and `events` that are in no file yet, `queue` values on their way to an engine, of which the
    oldest is of `oldest`. `gone` are files that were there, and are not any more. `sizes` go back some weeks, the newest last.
    """

    at: float | None = None
    started: float | None = None
    pid: int = 0
    version: str = ""
    targets: int = 0
    polls: int = 0
    skipped: int = 0
    late: float = 0.0
    waiting: int = 0
    events: int = 0
    queue: int | None = None
    oldest: float | None = None
    gone: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    sizes: tuple[Sizes, ...] = ()


_PULSE: Final = TypeAdapter(Pulse)


def read(path: Path) -> Pulse:
    """The pulse at `path`; an empty one (`at` is None) where there is no file yet. Raises PulseError."""
    return notes.read(path, _PULSE, PulseError, "the collector") or Pulse()


def write(path: Path, pulse: Pulse) -> None:
    """Replace the file, readable by its owner only. Raises OSError."""
    notes.write(path, _PULSE, pulse)


def measure(folder: Path) -> dict[str, int]:
    """Bytes that each of our files takes now, with what SQLite keeps beside it."""
    found = {}
    for name in FILES:
        size = sum(_bytes(folder / f"{name}{log}") for log in ("", *LOGS))
        if size:
            found[name] = size
    return found


def _bytes(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(one.stat().st_size for one in path.iterdir() if one.is_file())
        return path.stat().st_size
    except OSError:
        return 0


def is_there(path: Path) -> bool:
    """Whether something stands in a file: not in one that was emptied, nor where a folder or a link to nothing took its place."""
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def extended(sizes: tuple[Sizes, ...], today: Sizes) -> tuple[Sizes, ...]:
    """The sizes with those of today, in the place of what was known of today; none of a day that is still to come."""
    return (*(one for one in sizes if one.day < today.day), today)[-DAYS:]


def growth(sizes: tuple[Sizes, ...], name: str) -> float | None:
    """Bytes a day that a file grew by, over the days that are known of it; None where that is less than one."""
    known = [(one.day, one.of[name]) for one in sizes if name in one.of]
    if len(known) < 2:
        return None
    (first, before), (last, now) = known[0], known[-1]
    days = (last - first).days
    return (now - before) / days if days else None
