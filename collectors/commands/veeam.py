"""What Veeam Backup & Replication did for each machine: sessions and tasks as its PowerShell module gives them.

    [{"job": "Nightly", "machine": "pacs-01", "status": "Success", "level": "Incremental",
      "start": 1767574800, "end": 1767575340, "size": 85904082241, "immutable": 1768179600}]

The names are those that COMMAND gives to properties of Get-VBRBackupSession and Get-VBRTaskSession. Where there is one
row, PowerShell writes it without a list around it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from collectors import backups, documents
from collectors.backups import Circumstances, Level, Run, State
from collectors.poll import PollError
from inventory.metrics import Sample

COMMAND: Final = (
    # a session that cannot be read is told, and hides no other
    "$ErrorActionPreference = 'Continue'; Import-Module Veeam.Backup.PowerShell -WarningAction SilentlyContinue; "
    "$since = (Get-Date).AddDays(-35); $zero = [DateTimeOffset]::FromUnixTimeSeconds(0).UtcDateTime; "
    "function Epoch($at) { if ($at -and $at.Year -gt 2000) { [int64]($at.ToUniversalTime() - $zero).TotalSeconds } }; "
    "@(Get-VBRBackupSession | Where-Object { $_.CreationTime -gt $since } | ForEach-Object { $s = $_; "
    "Get-VBRTaskSession -Session $s | ForEach-Object { [pscustomobject]@{ job = $s.JobName; machine = $_.Name; "
    "status = [string]$_.Status; level = $(if ($s.IsFullMode) {'Full'} else {'Incremental'}); "
    "start = Epoch $_.Progress.StartTimeLocal; end = Epoch $_.Progress.StopTimeLocal; "
    "size = $_.Progress.ProcessedUsedSize } } }) | ConvertTo-Json -Compress"
)

UNPROVEN: Final = "the output of COMMAND on a real Veeam server, with a failed and a full session in it"

_STATES: Final[Mapping[str, State]] = {
    "Success": "ok", "Warning": "warning", "Failed": "failed", "InProgress": "running", "Pending": "running",
}  # fmt: skip
_LEVELS: Final[Mapping[str, Level]] = {
    "Full": "full", "Incremental": "incremental", "Increment": "incremental", "Differential": "differential",
}  # fmt: skip


def parse(
    output: str, clock: Callable[[], float] = time.time, accepted: Mapping[str, float] | None = None
) -> Iterator[Sample]:
    """What is made of the sessions of each job and machine. A session holds what the machine uses, whatever its level."""
    if not output.strip():
        raise PollError("empty_answer", "PowerShell printed nothing")
    document = documents.load(output)
    rows = document if isinstance(document, list) else [document]
    yield from backups.read(
        [_run(row) for row in rows], Circumstances(clock(), complete=False, accepted=accepted or {})
    )


def _run(row: Any) -> Run:
    if (
        not isinstance(row, dict)
        or not isinstance(row.get("job"), str)
        or not isinstance(row.get("machine"), str)
    ):
        raise PollError("unparsed", f"no session: {documents.legible(repr(row), 80)}")
    return Run(
        job=row["job"],
        machine=row["machine"],
        at=_figure(row, "start"),
        ended=_figure(row, "end"),
        state=_STATES.get(str(row.get("status")), "unknown"),
        level=_LEVELS.get(str(row.get("level")), "full"),
        size=_figure(row, "size"),
        immutable=_figure(row, "immutable"),
    )


def _figure(row: dict[str, Any], name: str) -> float | None:
    return documents.number(row, name) if row.get(name) is not None else None
