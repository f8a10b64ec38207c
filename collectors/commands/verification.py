"""What the last verification of a repository found: the end of the log that it left on the machine.

    --- check 1767592800
    check snapshots, trees and blobs
    no errors were found

To verify a repository takes hours, and `borg check` locks it: that is for a timer of the machine, never for a poll. What
it printed is read, and when; nothing is run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Final, NamedTuple

from collectors import documents
from collectors.backups import SKEW
from inventory.metrics import Sample, labels

MARK: Final = "\n--- check "

_LINES: Final = 60
_START: Final = re.compile(r"load indexes|Starting repository check|Starting archive consistency check")
_BROKEN: Final = re.compile(
    r"repository contains errors|contains damaged pack files|repository index is damaged"
    r"|check, errors found|complete, problems found|\"num_errors\": ?[1-9]"
)
_SOUND: Final = re.compile(
    r"no errors were found|check, no problems found|complete, no problems found|\"num_errors\": ?0\b"
)


class Verification(NamedTuple):
    """What a verification found, and when it ended (UTC epoch seconds). None is unknown."""

    sound: bool | None = None
    at: float | None = None


def command(listing: str, log: str | None) -> str:
    """A command that lists, followed by the end of the log of the last verification where there is one."""
    if log is None:
        return listing
    name = shlex.quote(log)
    age = f"stat -c %Y -- {name} 2>/dev/null || stat -f %m -- {name}"
    said = f"{{ printf '\\n--- check '; {age}; tail -n {_LINES} -- {name}; }}"
    return f"{listing}; s=$?; [ -r {name} ] && {said}; exit $s"


def split(output: str, now: float) -> tuple[str, Verification]:
    """What was listed, and what the last verification found."""
    listed, mark, log = output.partition(MARK)
    moment, _, text = log.partition("\n")
    if not mark or not moment.strip().isdecimal() or len(moment) > 20:
        return listed, Verification()
    at = float(moment)
    return listed, Verification(_found(text), at if at <= now + SKEW else None)


def _found(text: str) -> bool | None:
    """The finding of the last verification that came to its end. A broken repository stays so until one finds it whole."""
    found: bool | None = None
    broken, ended = False, True
    for line in text.splitlines():
        if _START.search(line):
            broken, ended = broken and "archive" in line, False  # borg: one verification in two parts
        elif _BROKEN.search(line):
            broken, ended, found = True, True, False
        elif _SOUND.search(line):
            ended, found = True, not broken
    return found if ended or found is False else None


def samples(store: str, verification: Verification) -> Iterator[Sample]:
    """Whether the repository verified, and when."""
    pairs = labels(store=documents.label(store))
    if verification.sound is not None:
        yield Sample("jauge_backup_repository_sound", float(verification.sound), pairs)
        if verification.at is not None:
            yield Sample("jauge_backup_repository_verified_timestamp_seconds", verification.at, pairs)
