"""`supervisor.json`: which processes `jauge start` keeps running, and how often it had to start one again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from exporters import notes
from exporters.notes import NoteError

FILE: Final = "supervisor.json"

EVERY: Final = 5.0
"""Seconds between two."""

SILENT: Final = 60.0
"""Seconds without one from which nobody is taken to supervise."""

KEPT: Final = 20
"""Restarts that are kept, the newest."""


class SupervisionError(NoteError):
    """The file cannot be read."""


@dataclasses.dataclass(frozen=True, slots=True)
class Restart:
    """A process ended by itself `at` (UTC epoch seconds), and was started again. `status` is what it ended with: below 0 the
    number of the signal that ended it."""

    process: str
    at: float
    status: int


@dataclasses.dataclass(frozen=True, slots=True)
class Supervision:
    """The supervisor as it stood `at` (UTC epoch seconds): `counts` are restarts by process since it `started`, 0 for those
    that were never started again; `last` are the newest of them, in the order of time."""

    at: float
    started: float
    pid: int
    counts: dict[str, int]
    last: tuple[Restart, ...] = ()


_SUPERVISION: Final = TypeAdapter(Supervision)


def read(path: Path, now: float) -> Supervision | None:
    """How the supervisor stands `now`; None where nobody supervises. Raises SupervisionError."""
    found = notes.read(path, _SUPERVISION, SupervisionError, "`jauge start`")
    return found if found is not None and now - found.at <= SILENT else None


def write(path: Path, told: Supervision) -> None:
    """Replace the file, readable by its owner only. Raises OSError."""
    notes.write(path, _SUPERVISION, told)


def noted(told: Supervision, restart: Restart) -> Supervision:
    """As it stands after one more restart."""
    counts = {**told.counts, restart.process: told.counts.get(restart.process, 0) + 1}
    return dataclasses.replace(told, counts=counts, last=(*told.last, restart)[-KEPT:])
