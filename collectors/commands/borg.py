"""Restore points of a borg repository, without locks: neither in the repository nor in anybody's cache.

    {"archives": [{"name": "pacs-01-2026-01-05T02:00:00", "hostname": "pacs-01", "start": "2026-01-05T01:00:00.000000",
                   "end": "2026-01-05T01:09:00.000000", "duration": 540.2,
                   "stats": {"original_size": 200000, "nfiles": 12}}],
     "cache": {"stats": {"unique_csize": 102381}}}

A job is what the names of its archives have in common beside date and time. borg 1 writes times without a zone, in
that of the machine: it is told to be UTC. An archive is kept where a source was missing (exit status 1), and where the
run broke off, as a checkpoint.
"""

from __future__ import annotations

import datetime
import re
import shlex
from collections.abc import Iterator
from typing import Any, Final

from collectors import backups, documents
from collectors.backups import Run
from collectors.commands import verification
from collectors.commands.restic import Place
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(servers=("borgbackup",))

_ARCHIVES: Final = 1000
"""Newest archives that are listed."""

_CHECKPOINT: Final = re.compile(r"\.checkpoint(\.\d+)?\Z")
_MOMENT: Final = re.compile(
    r"\d{4}([-_.]?)\d\d\1\d\d([T_ .-]?\d\d[:h.-]?\d\d([:m.-]?\d\d([.,]\d+)?)?)?([+-]\d\d:?\d\d|Z)?|\b\d{10}(\.\d+)?\b"
)


def command(repository: str, password_file: str | None, check_log: str | None = None) -> str:
    """The command that lists restore points. Cache and security notes of the login's own backups stay untouched."""
    words = [
        "TZ=UTC",
        'BORG_CACHE_DIR="${XDG_CACHE_HOME:-$HOME/.cache}/jauge/borg"',
        'BORG_SECURITY_DIR="${XDG_CACHE_HOME:-$HOME/.cache}/jauge/borg-security"',
        "BORG_RELOCATED_REPO_ACCESS_IS_OK=yes",
        "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes",
    ]
    if password_file is not None:
        words.append(f"BORG_PASSCOMMAND={shlex.quote(f'cat -- {shlex.quote(password_file)}')}")
    words.append(f"borg info --json --bypass-lock --last {_ARCHIVES} -- {shlex.quote(repository)}")
    return verification.command(" ".join(words), check_log)


def parse(output: str, place: Place | None = None) -> Iterator[Sample]:
    """What is made of the restore points of each job, of the bytes they take, and of the last verification."""
    place = place or Place()
    listed, verified = verification.split(output, place.clock())
    if not listed.strip():
        raise PollError("empty_answer", "borg printed nothing")
    document = documents.load(listed)
    archives = document.get("archives") if isinstance(document, dict) else None
    if not isinstance(archives, list):
        raise PollError("unparsed", "borg printed no list of archives")
    runs = [_run(archive, place.suffix) for archive in archives]
    yield from backups.read(runs, place.circumstances(verified.sound is False, len(runs) < _ARCHIVES))
    yield from verification.samples(place.store, verified)
    cache = document.get("cache")
    stats = cache.get("stats") if isinstance(cache, dict) else None
    if isinstance(stats, dict) and "unique_csize" in stats:
        pairs = labels(store=documents.label(place.store), kind="repository")
        yield Sample("jauge_storage_used_bytes", documents.number(stats, "unique_csize"), pairs)


def _run(archive: Any, suffix: str) -> Run:
    if not isinstance(archive, dict) or not isinstance(archive.get("name"), str):
        raise PollError("unparsed", f"no archive: {documents.legible(repr(archive), 80)}")
    name, machine = archive["name"], str(archive.get("hostname") or "")
    stats = archive.get("stats")
    stats = stats if isinstance(stats, dict) else {}
    return Run(
        job=job(name, machine) + suffix,
        machine=machine,
        at=_moment(archive, "start"),
        ended=_moment(archive, "end") if "end" in archive else None,
        seconds=documents.number(archive, "duration") if "duration" in archive else None,
        size=documents.number(stats, "original_size") if "original_size" in stats else None,
        files=documents.number(stats, "nfiles") if "nfiles" in stats else None,
        whole=not _CHECKPOINT.search(name),
    )


def job(name: str, machine: str) -> str:
    """The part of an archive's name that its job's archives share.

    >>> job("pacs-01-2026-01-05T02:00:00", "pacs-01.hospital"), job("2026-01-05", "pacs-01"), job("etc-1767592800", "")
    ('pacs-01', 'pacs-01', 'etc')
    """
    bare = _CHECKPOINT.sub("", name)
    return _MOMENT.sub("", bare).strip(" -_.:@") or machine or bare


def _moment(archive: dict[str, Any], name: str) -> float:
    text = archive.get(name)
    try:
        moment = datetime.datetime.fromisoformat(str(text))
        return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp())
    except (ValueError, OverflowError):
        shown = documents.legible(repr(text), 60)
        raise PollError("unparsed", f"{name} of an archive is no moment: {shown}") from None
