"""Jobs of a Bacula or Bareos catalogue, as `llist jobs` of bconsole prints them, one line each.

             JobId: 1         Name: pacs-01       Type: B       Level: F      ClientName: pacs-01-fd
         JobStatus: T    StartTime: 2026-01-05 02:00:00      EndTime: 2026-01-05 02:09:00     JobTDate: 1767574740
          JobFiles: 12    JobBytes: 200,000  JobErrors: 0

Bareos writes the names small. Times are those of the director's zone, and JobTDate is EndTime in seconds: the two tell
how far that zone is from UTC. A job of which the source is missing ends `T` (OK) with nothing and an error. A verify
job (type V) that finds no file to look at ends `T` too: it proves nothing. Letters of types, levels and states: "Job
status" in the manual of Bacula.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from collectors import backups, documents
from collectors.backups import Circumstances, Level, Run, State
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample

PROVEN: Final = Proof(servers=("bacula-director",))

_JOBS: Final = 8000
"""Newest jobs that are listed."""

_FIELDS: Final = (
    "jobid", "name", "type", "level", "clientname", "jobstatus", "schedtime", "starttime", "endtime", "jobtdate",
    "jobfiles", "jobbytes", "joberrors", "jobmissingfiles",
)  # fmt: skip

_FOLD: Final = (
    'awk \'/^ *[A-Za-z]+: /{k=tolower($1); if(k=="jobid:"&&n)print ""; if(k=="jobid:")n=1; '
    'if(n&&index(" '
    + " ".join(f"{name}:" for name in _FIELDS)
    + ' "," " k " ")){sub(/^ */,""); printf "%s\\t",$0}} END{print ""}\''
)
"""Puts what is needed of a job on one line: a job has thirty of them."""

_CONSOLE: Final = (
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; set --; PATH=$PATH:/usr/sbin; '
    '[ -r "$HOME/bconsole.conf" ] && { s=; set -- -c "$HOME/bconsole.conf"; }; '
)
"""A console of the login's own needs no root, which whoever may call bconsole as root has: it runs any program (`@exec`)."""

BACULA: Final = (
    f"{_CONSOLE}printf 'llist jobs order=desc limit={_JOBS}\\nquit\\n' | $s bconsole -n \"$@\" | {_FOLD}"
)
BAREOS: Final = f"{_CONSOLE}printf 'llist jobs days=100\\nquit\\n' | $s bconsole \"$@\" | {_FOLD}"

_STATES: Final[Mapping[str, State]] = {
    "T": "ok",
    "W": "warning",
    "A": "cancelled",
    **dict.fromkeys("EefID", "failed"),
    **dict.fromkeys("CRBFSMmsjcdtpqLialn", "running"),
}
_LEVELS: Final[Mapping[str, Level]] = {"I": "incremental", "S": "incremental", "D": "differential"}

_ZONE: Final = 15 * 60
"""Zones differ by quarters of an hour, and are at most fourteen hours from UTC."""

UNPROVEN: Final = (
    "the output of BAREOS on a real director of Bareos; that of Bacula is read of its real daemons"
)

Row = Mapping[str, str]


def parse(
    output: str, clock: Callable[[], float] = time.time, accepted: Mapping[str, float] | None = None
) -> Iterator[Sample]:
    """What is made of the jobs of each client, held against what verify jobs found."""
    rows = [row for line in output.splitlines() if (row := _row(line))]
    if not rows:
        raise PollError("empty_answer", "bconsole listed no job: is there one, and may this login ask?")
    numbers = [_number(row, "jobid") or 0.0 for row in rows]
    cut = len(rows) >= _JOBS
    if cut and numbers[0] < numbers[-1]:
        raise PollError(
            "truncated",
            f"the newest of more than {_JOBS} jobs are not listed: this Bacula knows no order=desc",
        )
    offsets = _Offsets(rows)
    found = [_run(row, offsets) for row in rows if row.get("type") == "B"]
    doubted = _doubted(found, [row for row in rows if row.get("type") == "V"], offsets)
    runs = [dataclasses.replace(run, sound=id(run) not in doubted) for run in found]
    yield from backups.read(runs, Circumstances(clock(), complete=not cut, accepted=accepted or {}))


def _row(line: str) -> dict[str, str]:
    """The fields of a job, by their names in small letters; empty for a line that is none."""
    pairs = (part.partition(":") for part in line.split("\t"))
    row = {name.strip().lower(): value.strip() for name, mark, value in pairs if mark}
    return row if row.get("jobid") and row.get("name") and "jobstatus" in row else {}


def _run(row: Row, offsets: _Offsets) -> Run:
    state = _STATES.get(row["jobstatus"], "unknown")
    at, ended = offsets.span(row)
    errors = [
        figure for name in ("joberrors", "jobmissingfiles") if (figure := _number(row, name)) is not None
    ]
    return Run(
        job=row["name"],
        machine=re.sub(r"-fd\Z", "", row.get("clientname", "")),
        at=at if at is not None or state in ("ok", "warning") else offsets.moment(row, "schedtime"),
        ended=ended,
        state=state,
        level=_LEVELS.get(row.get("level", ""), "full"),
        size=_number(row, "jobbytes"),
        files=_number(row, "jobfiles"),
        errors=sum(errors) if errors else None,
    )


def _doubted(runs: Sequence[Run], verifies: Sequence[Row], offsets: _Offsets) -> set[int]:
    """The runs that the newest verify job of its name found bad: of that client, the newest of each job before it.

    Where the name of the verify job names one of the client's jobs, it is that one alone.
    """
    newest: dict[str, tuple[float, Row]] = {}
    for row in verifies:
        at, _ = offsets.span(row)
        proves = _bad(row) or (row["jobstatus"] == "T" and (_number(row, "jobfiles") or 0) > 0)
        if at is not None and proves and at >= newest.get(row["name"], (0.0, row))[0]:
            newest[row["name"]] = at, row
    found = set()
    for at, row in newest.values():
        if _bad(row):
            machine = re.sub(r"-fd\Z", "", row.get("clientname", ""))
            before: dict[str, Run] = {}
            for run in sorted((run for run in runs if run.machine == machine), key=lambda run: run.order):
                if run.state in ("ok", "warning") and run.order <= at:
                    before[run.job] = run
            named = [run for job, run in before.items() if job in row["name"]]
            found |= {id(run) for run in named or before.values()}
    return found


def _bad(row: Row) -> bool:
    return row["jobstatus"] in "DEef" or bool(row["jobstatus"] == "T" and _number(row, "joberrors"))


class _Offsets:
    """How far the director's zone is from UTC, as its own jobs tell: the seconds to add to its times."""

    def __init__(self, rows: Sequence[Row]) -> None:
        told = sorted(
            (at, offset)
            for row in rows
            if (at := _number(row, "jobtdate")) and (offset := _offset(row)) is not None
        )
        counts = collections.Counter(offset for _, offset in told)
        self._usual = counts.most_common(1)[0][0] if counts else None
        self._before = {at: earlier for (_, earlier), (at, _) in itertools.pairwise(told)}

    def span(self, row: Row) -> tuple[float | None, float | None]:
        """Start and end of a job, also in the night in which the clocks go back."""
        own = _offset(row)
        at, ended = self.moment(row, "starttime"), self.moment(row, "endtime")
        if own is not None and at is not None and ended is not None and ended < at <= ended + 3600:
            before = self._before.get(_number(row, "jobtdate") or 0.0)
            if before == own - 3600:
                at -= 3600
        return at, ended

    def moment(self, row: Row, name: str) -> float | None:
        """A time of a job; None where it is not set, or nobody knows the zone."""
        plain = _plain(row.get(name, ""))
        offset = own if (own := _offset(row)) is not None else self._usual
        return None if plain is None or offset is None else max(0.0, plain + offset)


def _offset(row: Row) -> float | None:
    plain, at = _plain(row.get("endtime", "")), _number(row, "jobtdate")
    if plain is None or at is None:
        return None
    offset = round((at - plain) / _ZONE) * _ZONE
    return float(offset) if abs(offset) <= 14 * 3600 and abs(at - plain - offset) <= 5 else None


def _plain(text: str) -> float | None:
    """A time as if it were UTC; None where it is not set (NULL, or zeros)."""
    if not text or text == "NULL" or text.startswith("0000"):
        return None
    try:
        return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp()
    except (ValueError, OverflowError):
        raise documents.unparsed(text) from None


def _number(row: Row, name: str) -> float | None:
    """A figure, which older versions write with commas; None where it is not told."""
    text = row.get(name, "").replace(",", "")
    return documents.figure(text, f"{name}: {text}") if text and text != "NULL" else None
