"""Restore points of a restic repository.

    [{"time":"2026-01-05T02:00:00Z","hostname":"pacs-01","tags":["nightly"],"paths":["/srv"],
      "summary":{"total_files_processed":12,"total_bytes_processed":200000}}]
    {"total_size":603396,"snapshots_count":3}

restic 0.14 has no `summary`, 0.17 and later have one. A job is named HOST:TAGS, or HOST:PATHS where it has
no tag. A restore point of zero bytes is not a backup: where the summary says so, it does not count.
"""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Iterator
from typing import Any

from collectors import documents
from collectors.poll import PollError
from inventory.metrics import Sample, labels


def snapshots(repository: str, password_file: str) -> str:
    """The command that lists restore points, without a lock in the repository."""
    return f"{_restic(repository, password_file)} snapshots --json --no-lock"


def stats(repository: str, password_file: str) -> str:
    """The command that says what the repository holds, as stored."""
    return f"{_restic(repository, password_file)} stats --json --mode raw-data --no-lock"


def _restic(repository: str, password_file: str) -> str:
    # joined to its option, a name that begins with a dash stays a name
    return f"restic {shlex.quote(f'--repo={repository}')} {shlex.quote(f'--password-file={password_file}')}"


def parse_snapshots(output: str, suffix: str = "") -> Iterator[Sample]:
    """Restore points of each job, and the last good one. `suffix` tells repositories of a target apart."""
    rows = documents.load(output) if output.strip() else None
    if rows is None and output.strip() != "null":  # restic 0.14 prints null for an empty repository
        raise PollError("empty_answer", "restic printed nothing")
    if not isinstance(rows or [], list):
        raise PollError("unparsed", "restic printed no list of snapshots")
    jobs: dict[str, list[tuple[float, dict[str, Any]]]] = {}
    for row in rows or []:
        if not isinstance(row, dict):
            raise PollError("unparsed", f"no snapshot: {documents.legible(repr(row), 80)}")
        good = jobs.setdefault(_job(row) + suffix, [])
        summary = row.get("summary")
        summary = summary if isinstance(summary, dict) else {}
        if not ("total_bytes_processed" in summary and _figure(summary, "total_bytes_processed") == 0):
            good.append((_time(row), summary))
    for job, good in jobs.items():
        yield from _samples(labels(job=documents.label(job)), good)


def _samples(
    pairs: tuple[tuple[str, str], ...], good: list[tuple[float, dict[str, Any]]]
) -> Iterator[Sample]:
    yield Sample("jauge_backup_restore_points", float(len(good)), pairs)
    if not good:
        return
    at, summary = max(good, key=lambda pair: pair[0])
    yield Sample("jauge_backup_last_timestamp_seconds", at, pairs)
    for metric, name in (
        ("jauge_backup_last_size_bytes", "total_bytes_processed"),
        ("jauge_backup_last_files", "total_files_processed"),
    ):
        if name in summary:
            yield Sample(metric, _figure(summary, name), pairs)


def _figure(summary: dict[str, Any], name: str) -> float:
    return documents.number(summary, name)


def _job(row: dict[str, Any]) -> str:
    names = row.get("tags") or row.get("paths") or []
    if not isinstance(names, list):
        raise PollError("unparsed", "tags or paths of a snapshot are no list")
    return f"{row.get('hostname') or ''}:{','.join(str(name) for name in names)}"


def _time(row: dict[str, Any]) -> float:
    text = row.get("time")
    try:
        moment = datetime.datetime.fromisoformat(str(text))
        if moment.tzinfo is None:
            raise ValueError
        return moment.timestamp()
    except (ValueError, OverflowError):
        shown = documents.legible(repr(text), 60)
        raise PollError("unparsed", f"time of a snapshot is no moment with a zone: {shown}") from None


def parse_stats(output: str, store: str) -> Iterator[Sample]:
    """Bytes that the repository takes. Its size is that of the disk below, which restic does not know."""
    if not output.strip():
        raise PollError("empty_answer", "restic printed nothing")
    pairs = labels(store=documents.label(store), kind="repository")
    yield Sample("jauge_storage_used_bytes", documents.number(documents.load(output), "total_size"), pairs)
