"""The command line: `jauge VERB`. Each verb lives in `jauge.verbs`; this module puts them together."""

from __future__ import annotations

import importlib.metadata
import io
import signal
import sys
from typing import Annotated, Final

import typer

from jauge.verbs import (
    access,
    accuracy,
    backup,
    capacity,
    estates,
    events,
    history,
    keeping,
    planning,
    polling,
    recording,
    running,
    scenarios,
    trust,
    workstations,
)

app = typer.Typer(
    name="jauge",
    help="Infrastructure monitoring and capacity planning for hospitals.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(importlib.metadata.version("jauge"))
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


for verb in (
    estates.check,
    estates.schema,
    polling.poll,
    polling.explain,
    recording.record,
    recording.scaffold,
    trust.trust,
    events.events,
    running.run,
    running.dashboard,
    planning.plan,
    accuracy.accuracy,
    running.start,
    running.demo,
    planning.forecast,
    capacity.runway,
    capacity.purchase,
    capacity.retention,
    access.audit,
):
    app.command()(verb)
app.add_typer(backup.backup, name="backup")
app.add_typer(keeping.files, name="files")
app.add_typer(history.history, name="history")
app.add_typer(workstations.inventory, name="inventory")
app.add_typer(scenarios.scenario, name="scenario")
app.add_typer(access.user, name="user")
