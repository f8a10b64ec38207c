"""Where the program keeps its files: everything under one directory (`--data`, `JAUGE_DATA`)."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exporters.history import HistoryError
from exporters.history.lock import Lock
from inventory.committee import FOLDER, NAME
from inventory.databases import LOGS, flush

MANIFEST: Final = "manifest.json"
"""What a backup lists: the folder that holds it is one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Files:
    """The files of one estate. The directory is made, for its owner alone, when it is first needed."""

    directory: Path

    @property
    def history(self) -> Path:
        """What was measured."""
        return self.directory / "history.db"

    @property
    def queue(self) -> Path:
        """What was measured and is on its way to the engine that keeps the history, where one does."""
        return self.directory / "queue"

    @property
    def plan(self) -> Path:
        """What the planner issued."""
        return self.directory / "plan.db"

    @property
    def state(self) -> Path:
        """What people declared: users, workstations, decisions."""
        return self.directory / "state.db"

    @property
    def events(self) -> Path:
        """What happened."""
        return self.directory / "events.db"

    @property
    def status(self) -> Path:
        """How each target stands at this moment."""
        return self.directory / "status.json"

    @property
    def collector(self) -> Path:
        """How the collector itself stands."""
        return self.directory / "collector.json"

    @property
    def supervisor(self) -> Path:
        """How the processes stand that `jauge start` keeps running."""
        return self.directory / "supervisor.json"

    @property
    def digest(self) -> Path:
        """When digests were last sent."""
        return self.directory / "digest.json"

    @property
    def engine(self) -> Path:
        """Who the collector is to senders of informs."""
        return self.directory / "engine.json"

    @property
    def committee(self) -> Path:
        """The committee's files that were made on the page."""
        return self.directory / FOLDER

    def documents(self) -> list[Path]:
        """Those files, by name."""
        found = sorted(self.committee.glob("jauge-committee-*"))
        return [
            path for path in found if NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink()
        ]

    @property
    def databases(self) -> tuple[Path, ...]:
        """What a backup holds beside the documents: all but what tells of this moment, and who the collector is."""
        return self.history, self.plan, self.state, self.events

    def make(self) -> Files:
        """Make the directory where it is missing, and finish a restore that was cut short, or undo it where it was not
        decided yet. Raises OSError."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if marker(self.directory).exists() or any(left_by_a_restore(self.directory)):
            # Who holds the lock is the one that restores, or a collector that started before: it is not to be helped.
            with contextlib.suppress(HistoryError), Lock(self.history.with_suffix(".lock")):
                if marker(self.directory).exists():
                    finish(self.directory)
                else:
                    clean(self.directory)
        return self


def marker(directory: Path) -> Path:
    """The list of files that are to be put in place: from the moment it is there a restore is decided."""
    return directory / "restore.json"


def staged(directory: Path, name: str) -> Path:
    """Where a file waits to be put in place."""
    return directory / f"{name}.restoring"


def left_by_a_restore(directory: Path) -> Iterator[Path]:
    """What a restore stages: the copies, and what SQLite keeps beside them while they are changed."""
    for name in _units(directory):
        yield from directory.glob(f"{name}.restoring*")


def _units(directory: Path) -> tuple[str, ...]:
    """What a restore puts in place, each as a whole: the databases, and the folder of the committee's files."""
    return (*(path.name for path in Files(directory).databases), FOLDER)


def clean(directory: Path) -> None:
    """Remove what a restore staged that was never decided: it may name people who were erased since. To be called by who
    holds the lock."""
    shutil.rmtree(staged(directory, FOLDER), ignore_errors=True)
    for left in left_by_a_restore(directory):
        with contextlib.suppress(OSError):  # a folder of that name is not ours
            left.unlink(missing_ok=True)


def aside(path: Path) -> Path:
    """Where a file is kept that a restore takes the place of: `NAME.replaced`, or with a number, so that a second restore
    does not cost what was there before the first."""
    places = (
        path.with_name(f"{path.name}.replaced{f'.{number}' if number > 1 else ''}")
        for number in itertools.count(1)
    )
    return next(place for place in places if not place.exists())


def finish(directory: Path) -> None:
    """Put in place what a restore decided on; what was there is kept (`aside`). May be cut short anywhere.

    To be called by who holds the lock. Raises OSError, also where the list is none that a restore wrote.
    """
    for name in _decided(directory):
        path, waiting = directory / name, staged(directory, name)
        if waiting.exists():
            if path.exists():
                path.replace(aside(path))
            for log in LOGS:  # of the file that was there: the copy has none
                path.with_name(f"{name}{log}").unlink(missing_ok=True)
            waiting.replace(path)
    flush(directory)
    marker(directory).unlink()
    flush(directory)


def _decided(directory: Path) -> list[str]:
    """The files that a restore decided on: names of ours alone, so that no path leads out of the directory."""
    known = set(_units(directory))
    try:
        names = json.loads(marker(directory).read_text("utf-8"))["files"]
        if isinstance(names, list) and known.issuperset(names):
            return names
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    said = "not what a restore wrote: remove it, and restore the backup again"
    raise OSError(errno.EINVAL, said, str(marker(directory)))


def beside(estate: Path, data: Path | None) -> Files:
    """The files of an estate: under `data` where given, else in `data` beside the estate."""
    home = estate if estate.is_dir() else estate.parent
    return Files(data if data is not None else home / "data")
