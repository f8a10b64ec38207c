"""How many clients use a Samba file server. Who they are is never asked: the machine itself does the counting.

sessions 12
connections 31
files 104
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = "the output of a server with clients"

_COUNT: Final = "awk '/^---/ {t=1; next} t && NF {n++} END {print n+0}'"
COMMAND: Final = (
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; $s smbstatus --version || exit; '
    f'printf "sessions %s\\n" "$($s smbstatus -p | {_COUNT})"; '
    f'printf "connections %s\\n" "$($s smbstatus -S | {_COUNT})"; '
    f'printf "files %s\\n" "$($s smbstatus -L | {_COUNT})"'
)

_METRICS: Final = {
    "sessions": "jauge_sessions",
    "connections": "jauge_smb_connections",
    "files": "jauge_smb_open_files",
}


def parse(output: str) -> Iterator[Sample]:
    """The counts."""
    lines = (re.fullmatch(r"(sessions|connections|files) ([0-9]{1,9})", line) for line in output.splitlines())
    found = {match[1]: match[2] for match in lines if match}
    if not found:
        raise PollError("unparsed" if output.strip() else "empty_answer", "smbstatus did not answer")
    for name, count in found.items():
        pairs = labels(kind="smb") if name == "sessions" else ()
        yield Sample(_METRICS[name], documents.figure(count, name), pairs)
