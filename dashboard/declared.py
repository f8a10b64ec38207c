"""The estate as its file declares it now: pages run for months, and targets come and go meanwhile."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import structlog

from inventory.checking import EstateError, load
from inventory.estate import Estate, Target

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0
"""Time between two looks at the file."""

Stamp = tuple[tuple[str, int, int], ...]


class Declared:
    """An estate, read again when its file changes. While that has mistakes, the one before goes on, as in the collector.

    Without a `path`, nothing is ever read again.
    """

    def __init__(
        self, estate: Estate, path: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._take(estate)
        self._path = path
        self._clock = clock
        self._mutex = threading.Lock()
        self._looked = clock()
        self._stamp: Stamp | None = (
            None  # it may have changed since it was read: the first look reads it again
        )
        self.mistake = ""
        """The first mistake of the file, with its place, where it is not the estate that is shown."""

    @classmethod
    def read(cls, path: Path) -> Declared:
        """The estate of a file or folder, which is not read again before it changes. Raises EstateError."""
        stamp = _stamp(path)  # of before it is read: what changes meanwhile is seen at the first look
        found = cls(load(path), path)
        found._stamp = stamp
        return found

    @property
    def home(self) -> Path | None:
        """The folder of the estate, where it is read from a file."""
        path = self._path
        return path if path is None or path.is_dir() else path.parent

    @property
    def path(self) -> Path | None:
        """The file or folder that the estate is read from."""
        return self._path

    @property
    def estate(self) -> Estate:
        """The newest estate without mistakes."""
        self._look()
        return self._estate

    @property
    def targets(self) -> Mapping[str, Target]:
        """Its targets by name."""
        self._look()
        return self._by_name

    def _take(self, estate: Estate) -> None:
        self._estate = estate
        self._by_name = {target.name: target for target in estate.targets}

    def _look(self) -> None:
        """Look at the file, where that was not just done."""
        with self._mutex:
            now = self._clock()
            if self._path is not None and now - self._looked >= LOOK_SECONDS:
                self._looked = now
                self._read(self._path)

    def _read(self, path: Path) -> None:
        """Read the file, where it has changed."""
        stamp = _stamp(path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._take(load(path))
            self.mistake = ""
        except EstateError as error:
            self.mistake = str(error.problems[0])
            log.error("estate not read again, the former one is shown", problem=self.mistake)


def _stamp(path: Path) -> Stamp:
    """Name, time and size of each file of an estate; those that are gone are left out."""
    found = []
    for file in sorted(path.glob("*.yml")) if path.is_dir() else [path]:
        with contextlib.suppress(OSError):
            state = file.stat()
            found.append((str(file), state.st_mtime_ns, state.st_size))
    return tuple(found)
