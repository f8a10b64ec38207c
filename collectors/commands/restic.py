"""Restore points of a restic repository.

    [{"time":"2026-01-05T02:00:00Z","hostname":"pacs-01","tags":["nightly"],"paths":["/srv"],"short_id":"76a5b67f",
      "summary":{"backup_start":"2026-01-05T02:00:00Z","backup_end":"2026-01-05T02:09:00Z",
                 "total_files_processed":12,"total_bytes_processed":200000}}]
    {"total_size":603396,"snapshots_count":3}

restic before 0.17 keeps no `summary`: there, what the newest snapshots hold can be asked for (`sizes`). A job is named
HOST:TAGS, or HOST:PATHS where it has no tag. A path that is gone is left out by restic without an error.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from collectors import backups, documents
from collectors.backups import Circumstances, Run
from collectors.commands import verification
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(servers=("restic",))

_MEASURED: Final = 30
"""Newest snapshots that are measured at a poll: each costs restic a second."""

_SIZE: Final = re.compile(r"^--- size ([0-9a-f]{1,64}) (\{.*\})", re.MULTILINE)


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """What is known of a repository beside what it says: its name, and what tells its jobs from those of others.

    `accepted` and `clock`: see `backups.Circumstances`.
    """

    store: str = ""
    suffix: str = ""
    accepted: Mapping[str, float] = dataclasses.field(default_factory=dict)
    clock: Callable[[], float] = time.time

    def circumstances(self, broken: bool, complete: bool = True) -> Circumstances:
        """What the judgement of its jobs needs to know."""
        return Circumstances(self.clock(), broken, complete, self.accepted)


def snapshots(repository: str, password_file: str, check_log: str | None = None, sizes: bool = False) -> str:
    """The command that lists restore points, without a lock in the repository."""
    base = _restic(repository, password_file)
    listing = f"{base} snapshots --json --no-lock"
    if sizes:
        newest = f"{listing} | tr , '\\n' | sed -n 's/.*\"short_id\":\"\\([0-9a-f]*\\)\".*/\\1/p'"
        measure = f"printf '\\n--- size %s ' $i; {base} stats --json --mode restore-size --no-lock $i"
        listing += f"; s=$?; for i in $({newest} | tail -n {_MEASURED}); do {measure}; done; (exit $s)"
    return verification.command(listing, check_log)


def stats(repository: str, password_file: str) -> str:
    """The command that says what the repository holds, as stored."""
    return f"{_restic(repository, password_file)} stats --json --mode raw-data --no-lock"


def _restic(repository: str, password_file: str) -> str:
    # joined to its option, a name that begins with a dash stays a name
    return f"restic {shlex.quote(f'--repo={repository}')} {shlex.quote(f'--password-file={password_file}')}"


def parse_snapshots(output: str, place: Place | None = None) -> Iterator[Sample]:
    """What is made of the restore points of each job, and of the last verification of the repository."""
    place = place or Place()
    listed, verified = verification.split(output, place.clock())
    text, _, _ = listed.partition("\n--- size ")
    rows = documents.load(text) if text.strip() else None
    if rows is None and text.strip() != "null":  # restic 0.14 prints null for an empty repository
        raise PollError("empty_answer", "restic printed nothing")
    if not isinstance(rows or [], list):
        raise PollError("unparsed", "restic printed no list of snapshots")
    sizes = {name: documents.load(said) for name, said in _SIZE.findall(listed)}
    runs = [_run(row, place.suffix, sizes) for row in rows or []]
    yield from backups.read(runs, place.circumstances(verified.sound is False))
    yield from verification.samples(place.store, verified)


def _run(row: Any, suffix: str, sizes: Mapping[str, Any]) -> Run:
    if not isinstance(row, dict):
        raise PollError("unparsed", f"no snapshot: {documents.legible(repr(row), 80)}")
    summary = row.get("summary")
    summary = summary if isinstance(summary, dict) else {}
    begun, ended = (
        _moment(summary, name) if name in summary else None for name in ("backup_start", "backup_end")
    )
    size = _figure(summary, "total_bytes_processed")
    return Run(
        job=_job(row) + suffix,
        machine=str(row.get("hostname") or ""),
        at=_moment(row, "time"),
        ended=ended,
        seconds=ended - begun if begun is not None and ended is not None and ended >= begun else None,
        size=_figure(sizes.get(str(row.get("short_id"))), "total_size") if size is None else size,
        files=_figure(summary, "total_files_processed"),
        sources=frozenset(map(str, row.get("paths") or []))
        if isinstance(row.get("paths"), list)
        else frozenset(),
    )


def _figure(document: Any, name: str) -> float | None:
    return documents.number(document, name) if isinstance(document, dict) and name in document else None


def _job(row: dict[str, Any]) -> str:
    names = row.get("tags") or row.get("paths") or []
    if not isinstance(names, list):
        raise PollError("unparsed", "tags or paths of a snapshot are no list")
    return f"{row.get('hostname') or ''}:{','.join(str(name) for name in names)}"


def _moment(row: dict[str, Any], name: str) -> float:
    text = row.get(name)
    try:
        moment = datetime.datetime.fromisoformat(str(text))
        if moment.tzinfo is None:
            raise ValueError
        return max(0.0, moment.timestamp())
    except (ValueError, OverflowError):
        shown = documents.legible(repr(text), 60)
        raise PollError("unparsed", f"{name} of a snapshot is no moment with a zone: {shown}") from None


def parse_stats(output: str, store: str) -> Iterator[Sample]:
    """Bytes that the repository takes. Its size is that of the disk below, which restic does not know."""
    if not output.strip():
        raise PollError("empty_answer", "restic printed nothing")
    pairs = labels(store=documents.label(store), kind="repository")
    yield Sample("jauge_storage_used_bytes", documents.number(documents.load(output), "total_size"), pairs)
