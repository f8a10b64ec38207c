"""What a machine runs: no values, but the product and version of the target.

NAME="Debian GNU/Linux"
VERSION_ID="12"
6.1.0-18-amd64
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors import documents
from collectors.poll import PollError
from inventory.metrics import Sample

COMMAND = "cat /etc/os-release; uname -r"


def parse(output: str) -> Iterator[Sample]:
    """Nothing: see `facts`. Raises PollError where nothing was printed."""
    if not output.strip():
        raise PollError("empty_answer", "neither /etc/os-release nor uname answered")
    return iter(())


def facts(output: str) -> dict[str, str]:
    """`product` and `version`: those of os-release(5), else the release of the kernel."""
    found: dict[str, str] = {}
    for line in output.splitlines():
        name, equals, value = line.partition("=")
        found[name if equals else ""] = documents.label((value if equals else line).strip("\"' "))
    named = {"product": found.get("NAME", ""), "version": found.get("VERSION_ID") or found.get("", "")}
    return {name: value for name, value in named.items() if value}
