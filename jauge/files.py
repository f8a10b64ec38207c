"""Where the program keeps its files: everything under one directory (`--data`, `JAUGE_DATA`)."""

from __future__ import annotations

import dataclasses
from pathlib import Path


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
    def engine(self) -> Path:
        """Who the collector is to senders of informs."""
        return self.directory / "engine.json"

    def make(self) -> Files:
        """Make the directory where it is missing. Raises OSError."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self


def beside(estate: Path, data: Path | None) -> Files:
    """The files of an estate: under `data` where given, else in `data` beside the estate."""
    home = estate if estate.is_dir() else estate.parent
    return Files(data if data is not None else home / "data")
