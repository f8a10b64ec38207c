"""Taking over an inventory that a person sends from a page: shown first, then kept, all of it or nothing.

The file stands in memory for as long as it is read, under no name: a program that is killed leaves nothing of it on the disk. The
browser sends it a second time to have it kept, with what it was shown for.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import dataclasses
import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from inventory.harmless import line
from inventory.imports import ImportFailedError, reading, snapshots
from inventory.imports.preview import Listing, Preview
from inventory.imports.reasons import Reason, say
from inventory.imports.rows import Refusal
from inventory.people import PeopleError, keeping
from inventory.people.rules import People
from inventory.state import State, StateError

log = structlog.get_logger(__name__)

ROLE: Final = "manager"
"""Whose role allows it: what is imported decides what is bought."""

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a file: 10,000 machines are 3 MB of CSV."""

LARGEST_REQUEST: Final = LARGEST * 4 // 3 + 256 * 1024
"""Bytes of what a browser sends: the file as base64, and what stands around it."""

SHOWN: Final = 25
"""Of each kind, the first so many are shown."""


class TooLargeError(Exception):
    """The file is larger than LARGEST."""


class Machine(NamedTuple):
    """A machine that is added, changed (and in which fields) or gone."""

    name: str
    serial: str
    fields: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What taking a file over would change: counts, and the first SHOWN of each kind. `stamp` tells what it was shown for."""

    file: str
    origin: str
    """The name of the source: a page has its own words for each."""
    counts: dict[str, int]
    refused: tuple[Refusal, ...]
    doubts: tuple[Refusal, ...]
    unknown: tuple[Refusal, ...]
    added: tuple[Machine, ...]
    changed: tuple[Machine, ...]
    vanished: tuple[Machine, ...]
    notes: tuple[Reason, ...]
    ignored: tuple[str, ...]
    changes: bool
    tells: bool
    """Whether keeping it tells anything: if nothing changes, that all machines are still there."""
    stamp: str


def decode(text: str) -> bytes:
    """The file that a browser sends as a data URL. Raises TooLargeError, and ImportFailedError where it is none."""
    if len(text) > LARGEST_REQUEST:
        raise TooLargeError
    try:
        content = base64.b64decode(text.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise ImportFailedError(say("file.sent")) from None
    if len(content) > LARGEST:
        raise TooLargeError
    return content


def show(state: State, name: str, content: bytes, today: dt.date, supplement: bool) -> Shown:
    """What taking the file over would change; nothing is kept. Raises ImportFailedError and StateError."""
    with _read(state, name, content, today, supplement) as found:
        return _shown(found, _stamp(found, content, supplement))


def take(
    state: State,
    name: str,
    content: bytes,
    today: dt.date,
    supplement: bool,
    stamp: str,
    who: str,
    source: str,
) -> Shown:
    """Keep what was shown. Raises ImportFailedError: rows are refused, or somebody imported since it was shown."""
    with _read(state, name, content, today, supplement) as found:
        shown = _shown(found, _stamp(found, content, supplement))
        if shown.stamp != stamp:
            raise ImportFailedError(say("file.overtaken"))
        snapshots.commit(state, found, who, source)
        return shown


def let_go(state: State, rules: People, home: Path | None) -> None:
    """Let go what may not be kept any longer, as each import does; the next night goes on with what cannot be done now.

    `home` is the folder of the estate, for the key of the pseudonyms.
    """
    try:
        problems: Sequence[str] = keeping.let_go(state, rules, home).problems
    except (PeopleError, StateError) as error:
        problems = [str(error)]
    for problem in problems:
        log.warning("what is too old was not let go", why=problem)


@contextmanager
def _read(state: State, name: str, content: bytes, today: dt.date, supplement: bool) -> Iterator[Preview]:
    shown = called(name)
    with _written(content) as path:
        try:
            preview = reading.read(state, path, today, reading.Asked(supplement=supplement))
        except ImportFailedError as error:
            # Sheets are called by the name of the file, errors by its whole path.
            where = re.sub(
                rf"^(?:{re.escape(str(path))}|{path.name})(?=$|[: ])", lambda _: shown, error.where
            )
            raise ImportFailedError(error.why, line(where, 300)) from None
    with preview as found:
        yield dataclasses.replace(found, file=shown)


@contextmanager
def _written(content: bytes) -> Iterator[Path]:
    """The file, for as long as it is read: in memory, since it may name people, and a process that is killed would leave it.

    Raises ImportFailedError where there is no room for it.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(os.fdopen(os.memfd_create("import"), "wb"))
            file.write(content)
            file.flush()
        except OSError:
            raise ImportFailedError(say("file.room")) from None
        yield Path(f"/proc/self/fd/{file.fileno()}")


def called(name: str) -> str:
    """The name of a file as it may be kept and shown: one line, no folder."""
    return line(re.split(r"[/\\]", name)[-1], 120) or "file"


def _stamp(found: Preview, content: bytes, supplement: bool) -> str:
    digest = hashlib.sha256(content).hexdigest()
    return f"{digest}-{found.base or 0}-{supplement:d}"


def _shown(found: Preview, stamp: str) -> Shown:
    def rows(listing: Listing[Refusal]) -> tuple[Refusal, ...]:
        return tuple(listing.first(SHOWN))

    return Shown(
        file=found.file,
        origin=found.origin,
        counts={**found.counts(), "doubtful": len(found.doubts), "left_unknown": len(found.remarks)},
        refused=rows(found.refused),
        doubts=rows(found.doubts),
        unknown=rows(found.remarks),
        added=tuple(Machine(one.name, one.serial or "") for one in found.added.first(SHOWN)),
        changed=tuple(
            Machine(one.after.name, one.after.serial or "", one.fields) for one in found.changed.first(SHOWN)
        ),
        vanished=tuple(Machine(one.name, one.serial or "") for one in found.vanished.first(SHOWN)),
        notes=tuple(found.warnings),
        ignored=tuple(found.ignored[:SHOWN]),
        changes=found.changes or bool(found.fresher),
        tells=found.tells or bool(found.fresher),
        stamp=stamp,
    )
