"""What importing a file would change: the file read, its source recognised, its rows held against what is known."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

from inventory.imports import ImportFailedError, delimited, preview, source
from inventory.imports.preview import Preview
from inventory.imports.rows import Person, Reader
from inventory.imports.sheets import Known, Sheet, is_filled, plain
from inventory.imports.snapshots import newest
from inventory.imports.source import Named, Source, StateName
from inventory.imports.staging import Staging
from inventory.state import State, explained

Progress = Callable[[float, int], None]
"""Told now and then how far the file is read (0 to 1), and how many rows were."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """How a file is to be read: by a source of that name, or by a mapping (its file, or what it says); of a spreadsheet, this sheet.

    `states` are words of the state beside those that the source knows. `users` keeps who uses a machine, as `person` gives it: a name, a pseudonym, or nothing. With `supplement` the file completes what is known: machines that it does not name
    stay, and empty cells change nothing.
    """

    source: str | None = None
    mapping: Path | Named | None = None
    sheet: str | None = None
    states: Mapping[str, StateName] = dataclasses.field(default_factory=dict)
    users: bool = False
    supplement: bool = False
    person: Person = str


def read(
    state: State,
    path: Path,
    today: datetime.date,
    asked: Asked | None = None,
    progress: Progress | None = None,
) -> Preview:
    """What importing a file would change. Keeps nothing.

    Raises ImportFailedError where the file cannot be read as a whole; what is wrong with single rows is in the preview.
    """
    asked = asked or Asked()
    chosen = _chosen(asked)
    sheet = opened(path, chosen.source if chosen else None, asked.sheet)
    found = chosen or source.recognise(sheet.titles, f"{path}:{sheet.line}")
    if asked.states:
        found = Named(found.name, source.worded(found.source, asked.states))
    return hold(state, sheet, found, today, asked, progress)


def titles(path: Path) -> list[str]:
    """The titles of a file that no source may know, those that hold anything. Raises ImportFailedError where it is no table."""
    return [title for title in _sheet(path, is_filled, None).titles if title]


def opened(path: Path, mapping: Source | None = None, sheet: str | None = None) -> Sheet:
    """The rows of a CSV file or of a spreadsheet, by what it holds, whatever its name says. Raises ImportFailedError."""
    known = source.known if mapping is None else lambda title: plain(title) in mapping.fields
    return _sheet(path, known, sheet)


def _sheet(path: Path, known: Known, sheet: str | None) -> Sheet:
    if delimited.is_delimited(path):
        if sheet is not None:
            raise ImportFailedError(f"{path} is text, which has no sheets: leave --sheet out")
        return delimited.read(path, known)
    from inventory.imports import xlsx  # noqa: PLC0415 - openpyxl costs a quarter of a second

    return xlsx.read(path, known, sheet)


def hold(
    state: State,
    sheet: Sheet,
    found: Named,
    today: datetime.date,
    asked: Asked,
    progress: Progress | None = None,
) -> Preview:
    """What importing a sheet would change, wherever it came from. Raises ImportFailedError, and StateError where there is no room."""
    staging = Staging(state)
    try:
        with explained(state.path):
            return _held(staging, sheet, found, today, asked, progress)
    except BaseException:
        staging.close()
        raise


def _held(
    staging: Staging,
    sheet: Sheet,
    found: Named,
    today: datetime.date,
    asked: Asked,
    progress: Progress | None,
) -> Preview:
    reader = Reader(
        sheet, found.source, today, users=asked.person if asked.users else None,
        refuse=staging.refuse, remark=staging.remark,
    )  # fmt: skip
    staging.connection.execute("BEGIN")
    for count in staging.add(reader):
        if progress is not None:
            progress(min(1.0, sheet.done() / sheet.total) if sheet.total else 0.0, count)
    staging.quote(reader.words())
    base = newest(staging.connection)
    titles = reader.title("serial"), reader.title("name")
    staging.reconcile(reader.fields, titles, supplement=asked.supplement)
    staging.connection.execute("COMMIT")
    return preview.make(
        sheet.name, found.name, f"{found.source.title} ({found.name})", base.id if base else None, staging,
        supplement=asked.supplement, failures="state" in reader.fields and found.source.failures,
        ignored=tuple(reader.ignored), notes=tuple(reader.notes()),
    )  # fmt: skip


def _chosen(asked: Asked) -> Named | None:
    if asked.source is not None and asked.mapping is not None:
        raise ImportFailedError("give a source or a mapping, not both")
    if isinstance(asked.mapping, Path):
        return Named(asked.mapping.name, source.load(asked.mapping))
    if asked.mapping is not None:
        return asked.mapping
    return source.named(asked.source) if asked.source is not None else None
