"""The command line: `jauge VERB`. Each verb lives in a module of `jauge.verbs`, which is loaded when it is asked for.

To load them all takes longer than most of them run.
"""

from __future__ import annotations

import importlib
import io
import signal
import sys
from collections import UserDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.main import get_command, get_group

from jauge.verbs.signs import OWN_FILES, Signposted

if TYPE_CHECKING:
    from typer._click.core import Command, Context

VERBS: Final = {
    "check": "estates",
    "schema": "estates",
    "doctor": "doctor",
    "poll": "polling",
    "explain": "polling",
    "record": "recording",
    "scaffold": "recording",
    "estate": "enrolling",
    "trust": "trust",
    "events": "events",
    "run": "running",
    "prometheus-config": "prometheus",
    "dashboard": "running",
    "plan": "planning",
    "accuracy": "accuracy",
    "start": "running",
    "demo": "running",
    "digest": "digest",
    "notice": "digest",
    "forecast": "planning",
    "runway": "capacity",
    "purchase": "capacity",
    "retention": "capacity",
    "report": "report",
    "decision": "decisions",
    "audit": "access",
    "backup": "backup",
    "files": "keeping",
    "history": "history",
    "inventory": "workstations",
    "renew": "renewal",
    "scenario": "scenarios",
    "token": "access",
    "user": "access",
}
"""Every verb, in the order of `jauge --help`, and the module of `jauge.verbs` in which it has its name."""


class Verbs(UserDict[str, "Command"]):
    """The commands by name. Each is made when it is asked for."""

    def __missing__(self, name: str) -> Command:
        if name not in VERBS:
            raise KeyError(name)
        self[name] = made = command(name)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)

    def __contains__(self, name: object) -> bool:
        return name in VERBS


def command(name: str) -> Command:
    """The command of a verb, of what its module calls by that name: a function, or several as a group."""
    verb = getattr(importlib.import_module(f"jauge.verbs.{VERBS[name]}"), name.replace("-", "_"))
    alone = typer.Typer(rich_markup_mode=None, add_completion=False)
    if isinstance(verb, typer.Typer):
        alone.add_typer(verb, name=name)
        return get_group(alone).commands[name]
    alone.command(name)(verb)
    return get_command(alone)


class Program(Signposted):
    """All verbs, none of them loaded."""

    def sign(self, name: str) -> str | None:
        """A restore is looked for beside `backup`."""
        return OWN_FILES if name == "restore" else None

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = Verbs()

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 - the same in every context
        """The names of all verbs."""
        return list(VERBS)


app = typer.Typer(
    name="jauge",
    cls=Program,
    help="Infrastructure monitoring and capacity planning for hospitals.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - it brings the parser of mail: only this needs it

        typer.echo(version("jauge"))
        raise typer.Exit


RELOADING: Final = frozenset({"run", "dashboard"})
"""Verbs that handle SIGHUP, and let it through once they do; it ends all others (see `jauge.__main__`)."""


@app.callback()
def _main(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback acts
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Infrastructure monitoring and capacity planning for hospitals."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a locale that cannot write a name must not end a command
            stream.reconfigure(errors="backslashreplace")
    if context.invoked_subcommand not in RELOADING:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
