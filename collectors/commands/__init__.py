"""Commands that are run over SSH: one module each, `COMMAND` and a pure `parse(output)`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from collectors.commands import cpu, df, load, memory, os
from inventory.metrics import Sample


class Command(NamedTuple):
    """What is run, and what is made of its output (PollError("unparsed") where it is another)."""

    text: str
    parse: Callable[[str], Iterator[Sample]]


COMMANDS: Final[dict[str, Command]] = {
    "cpu": Command(cpu.COMMAND, cpu.parse),
    "df": Command(df.COMMAND, df.parse),
    "load": Command(load.COMMAND, load.parse),
    "memory": Command(memory.COMMAND, memory.parse),
    "os": Command(os.COMMAND, os.parse),
}
"""The names that `ssh.commands` of a target may hold."""
