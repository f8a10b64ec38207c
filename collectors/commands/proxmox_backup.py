"""Snapshots of a Proxmox Backup Server's datastore, as proxmox-backup-client lists them.

    [{"backup-type": "vm", "backup-id": "152", "backup-time": 1767574800, "size": 85904082241, "protected": false,
      "comment": "pacs-01", "verification": {"state": "ok", "upid": "..."}, "files": [{"filename": "index.json.blob"}]}]

A snapshot that was not verified yet has no `verification`; one without a size was not ended. The first word of the
comment is what Proxmox VE calls the guest, where its notes are left as they are. Every snapshot is a full one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any, Final

from collectors import backups, documents
from collectors.backups import Run
from collectors.commands.restic import Place
from collectors.poll import PollError
from inventory.metrics import Sample

UNPROVEN: Final = (
    "the output of proxmox-backup-client snapshot list of a real server, with a failed verification in it"
)

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def command(repository: str, password_file: str) -> str:
    """The command that lists snapshots. The password stays in its file."""
    return (
        f"PBS_PASSWORD_FILE={shlex.quote(password_file)} proxmox-backup-client snapshot list "
        f"{shlex.quote(f'--repository={repository}')} --output-format json"
    )


def parse(output: str, place: Place | None = None) -> Iterator[Sample]:
    """What is made of the snapshots of each guest or host."""
    place = place or Place()
    if not output.strip():
        raise PollError("empty_answer", "proxmox-backup-client printed nothing")
    rows = documents.load(output)
    if not isinstance(rows, list):
        raise PollError("unparsed", "proxmox-backup-client printed no list of snapshots")
    yield from backups.read([_run(row, place.suffix) for row in rows], place.circumstances(False))


def _run(row: Any, suffix: str) -> Run:
    if not isinstance(row, dict) or "backup-id" not in row:
        raise PollError("unparsed", f"no snapshot: {documents.legible(repr(row), 80)}")
    kind, name = str(row.get("backup-type") or ""), str(row["backup-id"])
    told = str(row.get("comment") or "").split()
    machine = told[0] if kind in ("vm", "ct") and told and _NAME.fullmatch(told[0]) else name
    verified = row.get("verification")
    state = verified.get("state") if isinstance(verified, dict) else None
    return Run(
        job=f"{kind}/{name}{suffix}",
        machine=machine,
        at=documents.number(row, "backup-time"),
        size=documents.number(row, "size") if row.get("size") is not None else None,
        whole=row.get("size") is not None,
        sound=state in (None, "ok"),
    )
