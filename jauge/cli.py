"""The command line: `jauge VERB`. Each verb lives in `jauge.verbs`; this module puts them together."""

from __future__ import annotations

import importlib.metadata
from typing import Annotated

import typer

from jauge.verbs import access, estates, planning, polling, running, trust, workstations

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


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Infrastructure monitoring and capacity planning for hospitals."""


for verb in (
    estates.check,
    estates.schema,
    polling.poll,
    polling.explain,
    trust.trust,
    running.run,
    running.dashboard,
    planning.plan,
    running.start,
    running.demo,
    planning.forecast,
    access.audit,
):
    app.command()(verb)
app.add_typer(planning.history, name="history")
app.add_typer(workstations.inventory, name="inventory")
app.add_typer(access.user, name="user")


def main() -> None:
    """The entry point of the program."""
    app()
