"""What a machine runs: no values, but the product and version of the target.

NAME="Debian GNU/Linux"
VERSION_ID="12"
6.1.0-18-amd64
Linux
#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)

Where there is no os-release(5), uname tells release, system and version: AIX 7.2 has the release 2 and the version 7,
Solaris 11 the release 5.11, HP-UX the release B.11.31.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample

PROVEN: Final = Proof(servers=("openssh-server",))

COMMAND = "cat /etc/os-release; uname -r; uname -s; uname -v"


def parse(output: str) -> Iterator[Sample]:
    """Nothing: see `facts`. Raises PollError where nothing was printed."""
    if not output.strip():
        raise PollError("empty_answer", "neither /etc/os-release nor uname answered")
    return iter(())


def facts(output: str) -> dict[str, str]:
    """`product` and `version`: those of os-release(5), else of uname."""
    found: dict[str, str] = {}
    bare = list[str]()
    for line in output.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            found[name] = documents.label(value.strip("\"' "))
        elif line.strip():
            bare.append(documents.label(line))
    release, system, version = [*bare, "", "", ""][:3]
    if system == "AIX":
        release = f"{version}.{release}"
    elif system == "SunOS":
        system, release = "Solaris", release.removeprefix("5.")
    named = {
        "product": found.get("NAME") or system,
        "version": found.get("VERSION_ID") or release,
    }
    return {name: value for name, value in named.items() if value}
