"""Files of the committee that a page ordered: made by a process beside the server, kept for a while, and listed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Final, NamedTuple, get_args

import structlog

from dashboard.report.issuing import Order, Step, issue
from forecasting.plan.processes import give_way
from inventory import files
from inventory.committee import FOLDER, NAME
from inventory.estate import Estate

log = structlog.get_logger(__name__)

MOST: Final = 24
"""Files that are kept: the newest."""

LONGEST: Final = 900.0
"""Seconds after which nobody waits any more for a process that says nothing."""

_STATUS: Final = "making.json"


class Progress(NamedTuple):
    """How far a file is: `step` is what is being done, "done" or "failed"; `at` is since when (UTC epoch seconds)."""

    step: str
    at: float

    def is_running(self, now: float) -> bool:
        """Whether a process is at it."""
        return self.step in ("begun", *get_args(Step)) and now - self.at < LONGEST


class Kept(NamedTuple):
    """A file that was made: its name, its bytes, and when it was made (UTC epoch seconds)."""

    name: str
    size: int
    at: float


def work(estate: Estate, folder: Path, order: Order, who: str, source: str) -> None:
    """Make the files of an order and keep them: for a process of its own, which gives way to who waits for answers."""
    give_way()
    try:
        made = issue(estate, folder, order, who, source, told=lambda step: tell(folder, step))
        for warning in made.warnings:
            log.warning("committee's file", why=warning)
        for name, content in made.files.items():
            stem, _, form = name.rpartition(".")
            path = folder / FOLDER / f"{stem}-{order.language}.{form}"
            files.replace(path, path.with_name(f".{path.name}.new"), content)
        _drop_old(folder)
    except BaseException:
        tell(folder, "failed")
        raise
    tell(folder, "done")


def tell(folder: Path, step: str) -> None:
    """Say how far a file is. Raises OSError."""
    path = folder / FOLDER / _STATUS
    path.parent.mkdir(mode=0o700, exist_ok=True)
    files.replace(path, path.with_suffix(".new"), json.dumps([step, time.time()]).encode())


def progress(folder: Path) -> Progress | None:
    """How far the last order is; None where there was none."""
    try:
        step, at = json.loads((folder / FOLDER / _STATUS).read_bytes())
        return Progress(str(step), float(at))
    except (OSError, ValueError, TypeError):
        return None


def listed(folder: Path) -> list[Kept]:
    """The files that are kept, the newest first."""
    found = []
    for path in (folder / FOLDER).glob("jauge-committee-*"):
        if NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            known = path.stat()
            found.append(Kept(path.name, known.st_size, known.st_mtime))
    return sorted(found, key=lambda one: (-one.at, one.name))


def content(folder: Path, name: str) -> bytes | None:
    """A file by its name; None where none is called so."""
    try:
        return (folder / FOLDER / name).read_bytes() if NAME.fullmatch(name) else None
    except OSError:
        return None


def _drop_old(folder: Path) -> None:
    for one in listed(folder)[MOST:]:
        (folder / FOLDER / one.name).unlink(missing_ok=True)
