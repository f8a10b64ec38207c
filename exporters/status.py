"""`status.json`: the standing of every target, for the other processes (the dashboard).

The collector writes it, everybody else reads it. It is replaced as a whole: a reader sees the former file or
the new one, never half of either. While nothing changes it is not written at all.
"""

from __future__ import annotations

import dataclasses
import weakref
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from collectors.board import Board, Standing
from collectors.poll import Poll, Table
from exporters import jobs
from exporters.jobs import Job
from inventory.files import replace
from inventory.harmless import line

NOTES: Final = 10
"""Notes of a table that are written; the rest is only counted."""

TEXT_BYTES: Final = 400
"""Bytes of a text of a device."""


class StatusError(Exception):
    """The status cannot be read: the message says which file, why, and what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class TableStatus:
    """One table or command at the last poll. `at` (UTC epoch seconds) is when its values were read.

    Older than the poll where it failed and earlier values are still served. `reason` is one of
    `inventory.metrics.REASONS`, None where it answered; `detail` and `notes` are for the reader. `values` were made of `rows`,
    `retries` requests were sent again, and it is asked for `every` so many seconds where that is less often than the target (0: it is not).
    """

    name: str
    up: bool
    at: float
    seconds: float
    rows: int = 0
    withheld: int = 0
    reason: str | None = None
    detail: str = ""
    notes: tuple[str, ...] = ()
    values: int = 0
    retries: int = 0
    every: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class TargetStatus:
    """One target: its last poll, which ended `at` (UTC epoch seconds) and took `seconds`.

    `at` and `seconds` are None while it was never polled, `last_success` while it never answered. `errors`
    counts failures by reason since the collector started. A poll that `begun` (UTC epoch seconds) has outlasted the target's interval, and is
    still under way; None where there is no such poll. `families` and `identity` are those of a Poll. `jobs` are the backup jobs that it lists, `guests` its virtual machines;
    None while nothing was heard of them.
    """

    name: str
    up: bool
    at: float | None = None
    seconds: float | None = None
    last_success: float | None = None
    family: str = ""
    product: str = ""
    version: str = ""
    families: str = ""
    identity: str = ""
    errors: dict[str, int] = dataclasses.field(default_factory=dict)
    tables: tuple[TableStatus, ...] = ()
    jobs: tuple[Job, ...] | None = None
    guests: tuple[str, ...] | None = None
    begun: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """The whole file, written `at` (UTC epoch seconds); None where no collector has written one yet."""

    at: float | None = None
    targets: tuple[TargetStatus, ...] = ()


_STATUS: Final = TypeAdapter(Status)
_TARGET: Final = TypeAdapter(TargetStatus)


class Report:
    """Writes the standings of a board to a file, again and again. Only what changed since is made into text again."""

    def __init__(self, path: Path, board: Board) -> None:
        self._path = path
        self._board = board
        self._texts: weakref.WeakKeyDictionary[Standing, tuple[_Seen, bytes]] = weakref.WeakKeyDictionary()
        self._written: list[bytes] | None = None

    def write(self, now: float) -> bool:
        """Replace the file, safe from a crash, readable by its owner only. `now` is UTC epoch seconds.

        False where nothing changed since the last time. Raises OSError where the disk refuses; the former file
        still stands then.
        """
        texts = [self._text(standing, now) for standing in self._board]
        if texts == self._written and self._path.exists():
            return False
        beside = self._path.with_name(
            f".{self._path.name}.new"
        )  # one name: what a killed collector left is gone
        try:
            replace(self._path, beside, b'{"at":%r,"targets":[%b]}' % (now, b",".join(texts)))
        finally:
            beside.unlink(missing_ok=True)
        self._written = texts
        return True

    def _text(self, standing: Standing, now: float) -> bytes:
        """The status of one target: the very same bytes while it stands as it did."""
        begun = _outlasting(standing, now)
        seen = _Seen(standing.poll, standing.last_success, standing.errors.total(), begun)
        known, text = self._texts.get(standing, (None, b""))
        if known is None or known.poll is not seen.poll or known[1:] != seen[1:]:
            text = _TARGET.dump_json(_target(standing, begun))
            self._texts[standing] = seen, text
        return text


class _Seen(NamedTuple):
    """What of a standing the status is made of."""

    poll: Poll | None
    last_success: float | None
    errors: int
    begun: float | None


def _outlasting(standing: Standing, now: float) -> float | None:
    """When the poll began that is under way for longer than an interval: the file is not written anew for every poll that begins."""
    begun = standing.begun  # once, as for the poll
    return begun if begun is not None and now - begun > standing.target.every else None


def read(path: Path) -> Status:
    """The status at `path`; an empty one (`at` is None) where there is no file yet.

    Raises StatusError where the file cannot be read or is no status.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Status()
    except OSError as error:
        raise StatusError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return _STATUS.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise StatusError(
            f"{path} is no status ({where}: {first['msg']}). Delete it: the collector writes it again."
        ) from None


def _target(standing: Standing, begun: float | None) -> TargetStatus:
    poll = standing.poll  # once: the collector may record another one meanwhile
    return TargetStatus(
        name=standing.target.name,
        up=poll is not None and poll.up,
        last_success=standing.last_success,
        errors={reason: count for reason, count in sorted(standing.errors.items()) if count},
        begun=begun,
        **(_poll(poll) if poll is not None else {}),
    )


def _poll(poll: Poll) -> dict[str, Any]:
    told = list(jobs.heard(poll))
    return {
        "at": poll.at,
        "seconds": poll.seconds,
        "family": line(poll.family, TEXT_BYTES),
        "product": line(poll.product, TEXT_BYTES),
        "version": line(poll.version, TEXT_BYTES),
        "families": line(poll.families, TEXT_BYTES),
        "identity": line(poll.identity, TEXT_BYTES),
        "tables": tuple(_table(table) for table in poll.tables),
        "jobs": tuple(_job(job) for job in jobs.gather([(poll.target, told)])),
        "guests": tuple(line(guest) for guest in jobs.guests(told)),
    }


def _job(job: Job) -> Job:
    return dataclasses.replace(job, job=line(job.job), machine=line(job.machine))


def _table(table: Table) -> TableStatus:
    notes = [line(note, TEXT_BYTES) for note in table.notes[:NOTES]]
    if len(table.notes) > NOTES:
        notes.append(f"and {len(table.notes) - NOTES} more")
    return TableStatus(
        name=line(table.name, TEXT_BYTES),
        up=table.up,
        at=table.at,
        seconds=table.seconds,
        rows=table.rows,
        withheld=table.withheld,
        reason=table.reason,
        detail=line(table.detail, TEXT_BYTES),
        notes=tuple(notes),
        values=len(table.series),
        retries=table.retries,
        every=table.every,
    )
