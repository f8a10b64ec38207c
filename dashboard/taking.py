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
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, cast, get_args

import structlog

from inventory.harmless import line
from inventory.imports import ImportFailedError, reading, snapshots, source
from inventory.imports.preview import Group, Preview
from inventory.imports.reasons import Reason, say
from inventory.imports.rows import Refusal
from inventory.imports.source import FieldName, Named, StateName, UnrecognisedError
from inventory.imports.values import Form, Unit
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

LISTED: Final = 100_000
"""Rows that are listed one by one for those who take the list away."""


OWN: Final = "own"
"""The name of a source of which somebody says on the page what its titles mean."""

TITLES: Final = 100
"""Titles of which somebody says what they mean; their longest, as mappings have it."""
_LONGEST: Final = 200

WORDS: Final = 20
"""Words of the state of which somebody says what they mean."""


_ASKED: Final = frozenset({"file.sources", "file.nameless", "file.untitled", "file.twice", "book.untitled"})
"""What somebody may mend by saying what the file, or each of its columns, is."""


class TooLargeError(Exception):
    """The file is larger than LARGEST."""


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """How somebody says that a file is to be read; nothing of it where it tells that by itself.

    `source` is a shipped one, or OWN: then `fields` is the field of titles by their place, counted from 0.
    """

    source: str = ""
    fields: Mapping[int, FieldName] = dataclasses.field(default_factory=dict)
    dates: Form = "french"
    memory: Unit = "MiB"
    disk: Unit = "GB"
    states: Mapping[str, StateName] = dataclasses.field(default_factory=dict)

    @property
    def mark(self) -> str:
        """What tells it apart from any other."""
        told = json.dumps(dataclasses.astuple(self), sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


DATES: Final[tuple[Form, ...]] = ("french", "us")
MEMORY: Final[tuple[Unit, ...]] = ("B", "KiB", "MiB", "GiB")
DISK: Final[tuple[Unit, ...]] = ("B", "MiB", "GiB", "MB", "GB")
STATES: Final[tuple[StateName, ...]] = get_args(StateName)


def said(form: Any) -> Said:
    """What a form says (`source`, `title.0`, `dates`, `memory`, `disk`, `word.TEXT`). What it may not say is left out."""
    given = {
        str(name): value
        for name, value in (form.items() if isinstance(form, dict) else ())
        if isinstance(value, str)
    }

    def one(name: str, allowed: Sequence[str], default: str) -> Any:
        return given.get(name) if given.get(name) in allowed else default

    return Said(
        source=one("source", (OWN, *source.shipped()), ""),
        fields={
            place: cast("FieldName", given[f"title.{place}"])
            for place in range(TITLES)
            if given.get(f"title.{place}") in source.FIELDS
        },
        dates=one("dates", DATES, "french"), memory=one("memory", MEMORY, "MiB"), disk=one("disk", DISK, "GB"),
        states=dict(_words(given)),
    )  # fmt: skip


def _words(given: Mapping[str, str]) -> list[tuple[str, StateName]]:
    words = [
        (name.removeprefix("word."), state)
        for name, state in sorted(given.items())
        if name.startswith("word.") and state in STATES
    ]
    return [(text, state) for text, state in words if 0 < len(text) <= _LONGEST][: 10 * WORDS]


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """What somebody has to say before a file can be read, and why.

    `likely` are sources that it may be of, which differ in `differ` (`source.ASPECTS`); `titles` are those of the file, which
    `stamp` tells from others.
    """

    file: str
    why: Reason
    likely: tuple[str, ...]
    differ: tuple[str, ...]
    titles: tuple[str, ...]
    said: Said
    stamp: str


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
    refused: tuple[Group, ...]
    doubts: tuple[Refusal, ...]
    unknown: tuple[Group, ...]
    added: tuple[Machine, ...]
    changed: tuple[Machine, ...]
    vanished: tuple[Machine, ...]
    notes: tuple[Reason, ...]
    ignored: tuple[str, ...]
    changes: bool
    tells: bool
    """Whether keeping it tells anything: if nothing changes, that all machines are still there."""
    stamp: str

    @property
    def form(self) -> str:
        """What tells what may be said of it apart from that of other files."""
        return hashlib.sha256(self.stamp.encode()).hexdigest()[:16]


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


def show(
    state: State, name: str, content: bytes, today: dt.date, supplement: bool, how: Said | None = None
) -> Shown | Question:
    """What taking the file over would change, or what has to be said before; nothing is kept. Raises ImportFailedError and StateError."""
    how = how or Said()
    try:
        with _read(state, name, content, today, supplement, how) as found:
            return _shown(found, _stamp(found, content, supplement, how))
    except ImportFailedError as error:
        if not isinstance(error.why, Reason) or error.why.code not in _ASKED:
            raise
        likely, differ = (error.likely, error.differ) if isinstance(error, UnrecognisedError) else ((), ())
        return Question(
            called(name), error.why, likely, differ, _titles(name, content), how, _digest(content)[:16]
        )


def _titles(name: str, content: bytes) -> tuple[str, ...]:
    """The titles of a file that no source fits. Raises ImportFailedError where it is no table of which anything could be said."""
    with written(content) as path, _named(path, called(name)):
        return tuple(line(one, _LONGEST) for one in reading.titles(path)[:TITLES])


def take(
    state: State,
    name: str,
    content: bytes,
    today: dt.date,
    supplement: bool,
    stamp: str,
    who: str,
    address: str,
    how: Said | None = None,
) -> Shown:
    """Keep what was shown. Raises ImportFailedError: rows are refused, or somebody imported since it was shown."""
    how = how or Said()
    with _read(state, name, content, today, supplement, how) as found:
        shown = _shown(found, _stamp(found, content, supplement, how))
        if shown.stamp != stamp:
            raise ImportFailedError(say("file.overtaken"))
        snapshots.commit(state, found, who, address)
        return shown


def every(
    state: State, name: str, content: bytes, today: dt.date, supplement: bool, how: Said
) -> list[tuple[str, Refusal]]:
    """All that is refused (`refused`) or left unknown (`left_unknown`), row by row. Raises ImportFailedError and StateError."""
    with _read(state, name, content, today, supplement, how) as found:
        kinds = (("refused", found.refused), ("left_unknown", found.remarks))
        return [(kind, one) for kind, told in kinds for one in told.first(LISTED)]


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
def _read(
    state: State, name: str, content: bytes, today: dt.date, supplement: bool, how: Said
) -> Iterator[Preview]:
    shown = called(name)
    with written(content) as path, _named(path, shown):
        preview = reading.read(state, path, today, _way(path, shown, supplement, how))
    with preview as found:
        yield dataclasses.replace(found, file=shown)


@contextmanager
def _named(path: Path, shown: str) -> Iterator[None]:
    """Errors call the file as somebody sent it: sheets are called by the name of the file, errors by its whole path."""
    try:
        yield
    except ImportFailedError as error:
        own = rf"^(?:{re.escape(str(path))}|{path.name})(?=$|[: ])"
        error.where = line(re.sub(own, lambda _: shown, error.where), 300)
        raise


def _way(path: Path, shown: str, supplement: bool, how: Said) -> reading.Asked:
    """How a file is read, by what was said. Raises ImportFailedError."""
    if how.source != OWN:
        return reading.Asked(how.source or None, states=how.states, supplement=supplement)
    titles = reading.titles(path)
    fields = {
        titles[place]: field
        for place, field in how.fields.items()
        if place < len(titles) and len(titles[place]) <= _LONGEST
    }
    made = source.own(shown, fields, how.dates, how.memory, how.disk)
    return reading.Asked(mapping=Named(OWN, made), states=how.states, supplement=supplement)


@contextmanager
def written(content: bytes) -> Iterator[Path]:
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


def _stamp(found: Preview, content: bytes, supplement: bool, how: Said) -> str:
    return f"{_digest(content)}-{found.base or 0}-{supplement:d}-{how.mark}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _shown(found: Preview, stamp: str) -> Shown:
    return Shown(
        file=found.file,
        origin=found.origin,
        counts={**found.counts(), "doubtful": len(found.doubts), "left_unknown": len(found.remarks)},
        refused=tuple(found.refused.groups(SHOWN)),
        doubts=tuple(found.doubts.first(SHOWN)),
        unknown=tuple(found.remarks.groups(SHOWN, WORDS)),
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
