"""The files of Jauge: whether each is ours, whole, of a schema that this program knows, and backed up; and what the collector says."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.metadata
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exporters import events as event_file
from exporters import pulse
from exporters.events import Events
from exporters.health import DEAD, PLANNED_SECONDS, SAID
from exporters.history import HistoryError, opening
from exporters.history import schema as history_schema
from exporters.plan import schema as plan_schema
from exporters.pulse import Pulse, PulseError
from inventory import databases
from inventory.estate import Estate
from inventory.files import is_absent
from inventory.people.erasing import COPIED
from inventory.state import State, StateError, audit
from inventory.state import schema as state_schema
from jauge.doctor import Finding, Severity
from jauge.doctor.clock import stamped
from jauge.files import Files

_RESTORE: Final = "restore a backup: jauge files restore"
_OLD_BACKUP: Final = 8 * 86_400.0


def examine(estate: Estate, files: Files, now: float) -> Iterator[Finding]:
    """What is to be said of each file that is there."""
    there = [path for path in files.databases if not is_absent(path)]
    if not there:
        said = "no file is there yet: the collector makes them at its first start"
        yield Finding("files", "advice", str(files.directory), said, "start `jauge run`, or give --data")
    for path in there:
        yield _look(path, files)
    for name in pulse_of(files)[0].gone:
        if not pulse.is_there(path := files.directory / name):
            said = "was there, and is gone or empty"
            yield Finding(
                "files", "error", str(path), said, "put it back, or restore a backup: jauge files restore"
            )
    if files.history in there or estate.history is not None:
        yield from _last(estate, files)
    yield from _backup(files, now)


def _look(path: Path, files: Files) -> Finding:
    """One file: its structure, and its schema. Nothing is brought up to date."""
    kinds = {
        files.history: (history_schema.KIND, history_schema.VERSION),
        files.plan: (plan_schema.KIND, len(plan_schema.MIGRATIONS)),
        files.state: (state_schema.KIND, len(state_schema.MIGRATIONS)),
    }
    try:
        if path == files.events:
            Events(path).latest(1)
            with contextlib.closing(databases.connect(path, read_only=True)) as connection:
                return _judged(path, connection, event_file.VERSION, event_file.VERSION)
        kind, newest = kinds[path]
        with contextlib.closing(databases.connect(path, read_only=True)) as connection:
            return _judged(path, connection, databases.version(kind, connection, path, newest), newest)
    except sqlite3.DatabaseError as error:
        do = (
            _RESTORE
            if databases.is_damage(error)
            else "look at the rights of the file and of its folder, and at the disk"
        )
        return Finding("files", "error", str(path), str(error), do)
    except (sqlite3.Error, HistoryError, StateError, plan_schema.PlanError, event_file.EventError) as error:
        return Finding("files", "error", str(path), str(error), _RESTORE)


def _judged(path: Path, connection: sqlite3.Connection, found: int, newest: int) -> Finding:
    rows = connection.execute("PRAGMA quick_check(3)").fetchall()
    wrong = [str(text) for (text,) in rows if text != "ok"]
    if wrong:
        return Finding(
            "files", "error", str(path), f"damaged: {wrong[0]}", "jauge files check, then jauge files restore"
        )
    if found < newest:
        said = f"schema {found}; this program writes {newest}, and brings it up to date at the next start"
        return Finding("files", "advice", str(path), said, "make a backup first: jauge files backup")
    return Finding("files", "fine", str(path), f"whole, schema {found}")  # fmt: skip


def _last(estate: Estate, files: Files) -> Iterator[Finding]:
    """A history that cannot be read, or ends in the future; the engine that keeps it is asked where there is one."""
    where = estate.history.url if estate.history is not None else str(files.history)
    try:
        last = max((one.last for one in opening.reader(estate, files.history).series()), default=None)
    except HistoryError as error:
        do = (
            "jauge history check"
            if estate.history is None
            else "look at the engine, its address and its credential"
        )
        yield Finding("files", "error", where, str(error), do)
        return
    if estate.history is not None:
        yield Finding("files", "fine", where, "the engine of the history answers")
    if (ahead := stamped(last)) is not None:
        yield ahead


def _backup(files: Files, now: float) -> Iterator[Finding]:
    """When a backup was made last, as the audit log tells."""
    if is_absent(files.state):
        return
    try:
        made = audit.newest(State(files.state), COPIED)
    except StateError:
        return  # told of the file itself
    do = "let a timer do it each night: jauge files backup DIR"
    if made is None:
        yield Finding("files", "advice", "backup", "none was made with `jauge files backup` yet", do)
        return
    said = f"the last one is of {_day(made.at)}, {made.detail}"
    if now - made.at > _OLD_BACKUP:
        yield Finding("files", "advice", "backup", said, do)
    else:
        yield Finding("files", "fine", "backup", said)


def pulse_of(files: Files) -> tuple[Pulse, str]:
    """What the collector last said of itself, and why that cannot be read ("" where it can)."""
    try:
        return pulse.read(files.collector), ""
    except PulseError as error:
        return Pulse(), str(error)


def collector(told: Pulse, why: str, now: float) -> Iterator[Finding]:
    """Whether the collector runs, which version of it, and what is amiss in it."""
    if why:
        yield Finding("collector", "warning", "its standing", why, "look at the collector's log")
        return
    if told.at is None or now - told.at > pulse.SILENT:
        since = f"since {_day(told.at)}" if told.at is not None else "with these files yet"
        yield Finding(
            "collector",
            "advice",
            "jauge run",
            f"has not run {since}",
            "start the service, if it should run here",
        )
        return
    yield Finding(
        "collector", "fine", "jauge run", f"process {told.pid} polls {told.targets} targets, at most {told.late:.1f} s late"
    )  # fmt: skip
    ours = importlib.metadata.version("jauge")
    if told.version != ours:
        said = f"is Jauge {told.version}, and {ours} is installed"
        yield Finding("collector", "advice", "jauge run", said, "restart the service")
    for part in told.parts:
        what, _, do = SAID[part].partition(": ")
        severity: Severity = "error" if part in DEAD else "warning"
        yield Finding("collector", severity, part, what, do)


def plan(files: Files, now: float) -> Iterator[Finding]:
    """How old the forecasts are."""
    from exporters.plan.outlooks import Outlooks  # noqa: PLC0415 - pandas costs half a second

    if is_absent(files.plan):
        said = "no forecast was made yet"
        yield Finding(
            "collector", "advice", "jauge plan", said, "let a timer run `jauge plan ESTATE` each night"
        )
        return
    try:
        issued = Outlooks(files.plan).issues()
    except plan_schema.PlanError:
        return  # told of the file itself
    if issued and now - issued[-1] > PLANNED_SECONDS:
        said = f"the forecasts are of {_day(issued[-1])}"
        yield Finding(
            "collector", "warning", "jauge plan", said, "look at the timer of `jauge plan`, and at its log"
        )
    elif issued:
        yield Finding("collector", "fine", "jauge plan", f"the forecasts are of {_day(issued[-1])}")


def _day(at: float) -> str:
    return dt.datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
