"""Jobs of a NetBackup primary server, as `bpdbjobs -report -most_columns` prints them.

    2174,0,3,0,PACS,Full,pacs-01,nbu-01,1767574800,540,1767575340,stu-1,1,,200000,12,,100,4711,root,1,0,0,...

The columns: job, type, state, status, policy, schedule, client, server, started, elapsed, ended (seconds since 1970),
storage unit, tries, operation, kilobytes, files, last path, percent, process, owner, subtype, kind of policy, kind of
schedule; eleven columns further the job of which it is a stream. Type 0 is a backup and 6 one of a database; state 3 is done; status 0 is well, 1 means that files were left out.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from collectors import backups, documents
from collectors.backups import Circumstances, Level, Run, State
from inventory.metrics import Sample

COMMAND: Final = 's="sudo -n"; [ "$(id -u)" = 0 ] && s=; $s /usr/openv/netbackup/bin/admincmd/bpdbjobs -report -most_columns'

UNPROVEN: Final = (
    "the output of bpdbjobs -report -most_columns of a real primary server, and bpimagelist beside it"
)

_BACKUPS: Final = ("0", "6")
_LEVELS: Final[Mapping[str, Level]] = {"1": "incremental", "4": "differential"}
_STATES: Final[Mapping[str, State]] = {"0": "ok", "1": "warning", "150": "cancelled"}
_WORST: Final[tuple[State, ...]] = ("running", "unknown", "failed", "cancelled", "warning", "ok")
_COLUMNS: Final = 34
_PATH: Final = 16


class Job(NamedTuple):
    """One job, and the number of that which it is a stream of; 0 for none."""

    number: str
    parent: str
    run: Run


def parse(
    output: str, clock: Callable[[], float] = time.time, accepted: Mapping[str, float] | None = None
) -> Iterator[Sample]:
    """What is made of the jobs of each policy and client. Jobs are forgotten after days: no list is complete."""
    jobs = [job for line in output.splitlines() if line.strip() and (job := _job(line)) is not None]
    parents = {job.parent for job in jobs}
    streams: dict[str, list[Run]] = {}
    for job in jobs:
        if job.number not in parents:  # what only starts streams holds nothing itself
            streams.setdefault(job.parent or job.number, []).append(job.run)
    runs = [_whole(parts) for parts in streams.values()]
    yield from backups.read(runs, Circumstances(clock(), complete=False, accepted=accepted or {}))


def _whole(parts: list[Run]) -> Run:
    """The run that several streams make together: as bad as the worst of them."""

    def total(figures: list[float | None]) -> float | None:
        known = [figure for figure in figures if figure is not None]
        return sum(known) if known else None

    starts = [run.at for run in parts if run.at is not None]
    ends = [run.ended for run in parts if run.ended is not None]
    return dataclasses.replace(
        parts[0],
        at=min(starts, default=None),
        ended=max(ends, default=None) if len(ends) == len(parts) else None,
        state=min((run.state for run in parts), key=_WORST.index),
        size=total([run.size for run in parts]),
        files=total([run.files for run in parts]),
        errors=total([run.errors for run in parts]),
    )


def _job(line: str) -> Job | None:
    """A job for a backup; None for one of another kind. A path that has commas shifts what comes after it."""
    cells = line.split(",")
    if len(cells) < _COLUMNS or not cells[0].isdecimal() or not cells[1].isdecimal():
        raise documents.unparsed(line)
    if cells[1] not in _BACKUPS or not cells[4] or not cells[6]:
        return None
    rest = next((cells[at:] for at in range(_PATH + 1, len(cells) - 16) if _tail(cells[at:])), None)
    if rest is None:
        raise documents.unparsed(line)
    done, parent = cells[2] == "3", rest[16]
    status: State = _STATES.get(cells[3], "failed") if cells[3].isdecimal() else "unknown"
    size = _figure(cells[14], line)
    run = Run(
        job=cells[4],
        machine=cells[6],
        at=_figure(cells[8], line) or None,
        ended=_figure(cells[10], line) or None,
        state=status if done else "running",
        level=_LEVELS.get(rest[5], "full"),
        size=None if size is None else size * 1024,
        files=_figure(cells[15], line),
        errors=1.0 if done and status == "warning" else None,
    )
    return Job(cells[0], parent if parent.isdecimal() and parent not in ("0", cells[0]) else "", run)


def _tail(cells: list[str]) -> bool:
    """Whether these are the columns after the path: percent, process, owner, and three kinds in numbers."""
    return all(not cells[place] or cells[place].isdecimal() for place in (0, 1)) and all(
        cells[place].isdecimal() for place in (3, 4, 5)
    )


def _figure(text: str, line: str) -> float | None:
    return documents.figure(text, line) if text.strip() else None
