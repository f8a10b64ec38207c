"""What is run over SSH: a pure parser in a module of its own, or a declarative file for what prints JSON."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from collectors.command import systems
from collectors.commands import bacula, cpu, df, load, memory, netbackup, os
from collectors.poll import Reading
from inventory.metrics import Sample

Parse = Callable[[str], Iterator[Sample] | Reading]
"""Makes samples of an output. Raises PollError("unparsed") where it is another."""

Facts = Callable[[str], dict[str, str]]
"""Makes product and version of an output, as far as it tells them."""


def _nothing(_output: str) -> dict[str, str]:
    return {}


class Command(NamedTuple):
    """What is run, and what is made of its output: a table, and what the machine says that it is."""

    text: str
    parse: Parse
    facts: Facts = _nothing
    shell: str = "sh"


_PARSED: Final[dict[str, Command]] = {
    "bacula": Command(bacula.BACULA, bacula.parse),
    "bareos": Command(bacula.BAREOS, bacula.parse),
    "cpu": Command(cpu.COMMAND, cpu.parse),
    "df": Command(df.COMMAND, df.parse),
    "load": Command(load.COMMAND, load.parse),
    "memory": Command(memory.COMMAND, memory.parse),
    "netbackup": Command(netbackup.COMMAND, netbackup.parse),
    "os": Command(os.COMMAND, os.parse, os.facts),
}

_SYSTEMS: Final = systems()

COMMANDS: Final[dict[str, Command]] = _PARSED | {
    name: Command(command.text, command.read, functools.partial(system.facts, name), command.shell)
    for system in _SYSTEMS.values()
    for name, command in system.commands.items()
}
"""Every command by its name, which is that of its table."""

GROUPS: Final[dict[str, tuple[str, ...]]] = {name: (name,) for name in COMMANDS} | {
    name: tuple(system.commands) for name, system in _SYSTEMS.items()
}
"""The commands of each name that `ssh.commands` of a target may hold: one, or all of a system."""
