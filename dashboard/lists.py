"""Taking over a list of processors that a person sends from a page: shown first, then kept, as inventories are (`taking`)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from dashboard.taking import SHOWN, called, written
from inventory import processors
from inventory.imports import ImportFailedError
from inventory.imports.reasons import say
from inventory.processors import Preview, Processors, Refused
from inventory.state import State

LARGEST: Final = processors.LARGEST


class Maker(NamedTuple):
    """The processors of one maker: how many the list has, of them new, gone, and marked as not supported."""

    name: str
    supported: int
    new: int
    gone: int
    unsupported: int


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """What a list would change, and the first SHOWN of its lines that name no processor. `stamp` tells what it was shown for."""

    file: str
    makers: tuple[Maker, ...]
    refused: tuple[Refused, ...]
    wrong: int
    stamp: str


def show(state: State, name: str, content: bytes) -> Listed:
    """What taking a list over would change; nothing is kept. Raises ImportFailedError and StateError."""
    with _read(state, name, content) as found:
        return _listed(found, content)


def take(
    state: State, name: str, content: bytes, today: dt.date, stamp: str, who: str, address: str
) -> Listed:
    """Keep what was shown. Raises ImportFailedError where it names no processor, or somebody imported one since."""
    with _read(state, name, content) as found:
        listed = _listed(found, content)
        if listed.stamp != stamp:
            raise ImportFailedError(say("list.overtaken"))
        processors.commit(state, found, today, who, address)
        return listed


@contextmanager
def _read(state: State, name: str, content: bytes) -> Iterator[Preview]:
    """Raises ImportFailedError also where the list names no processor at all: it is something else."""
    shown = called(name)
    with written(content) as path:
        try:
            found = dataclasses.replace(processors.preview(state, path), file=shown)
        except ImportFailedError as error:
            error.where = shown
            raise
    if not found.found.supported | found.found.unsupported:
        raise ImportFailedError(say("list.none"), shown)
    yield found


def _listed(found: Preview, content: bytes) -> Listed:
    makers = tuple(
        Maker(name, *(len(each) for each in (one.supported, one.new, one.gone, one.unsupported)))
        for name, one in found.makers().items()
    )
    return Listed(
        found.file, makers, found.refused[:SHOWN], len(found.refused), _stamp(found.before, content)
    )


def _stamp(before: Processors | None, content: bytes) -> str:
    """What a list is, and what it is held against."""
    known = (
        [] if before is None else [sorted(before.supported), sorted(before.unsupported), sorted(before.days)]
    )
    return f"{hashlib.sha256(content).hexdigest()}-{hashlib.sha256(repr(known).encode()).hexdigest()[:16]}"
