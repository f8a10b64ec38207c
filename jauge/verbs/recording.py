"""`jauge record`: what a target answers, written down without what would tell whose it is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from inventory.harmless import line
from jauge.verbs.common import PROBLEM, EstatePath, console, estate_of, fail, plainly, verbatim
from jauge.verbs.polling import target_of


def record(
    estate: EstatePath,
    target: Annotated[str, typer.Argument(help="Name of the target.")],
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="A new folder for the recording.")
    ] = Path("recording"),
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="OID", help="Keep the words below this object (may be given again)."),
    ] = None,
    path: Annotated[
        list[str] | None,
        typer.Option("--path", help="Ask for this path over HTTP too (may be given again)."),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, help="The longest time of the walk over SNMP.")
    ] = 120.0,
) -> None:
    """Write down what a target answers, scrubbed of names and addresses, for whoever adds its family."""
    found = estate_of(estate, polled=True)
    one = target_of(found, target)
    from collectors import packages  # noqa: PLC0415 - the protocols cost a second that other verbs need not pay
    from collectors.catalogue import Catalogue  # noqa: PLC0415
    from collectors.recording.recorder import Recorder, Wish  # noqa: PLC0415
    from collectors.snmp.oid import encode  # noqa: PLC0415

    try:
        for oid in keep or ():
            encode(oid)
    except ValueError:
        fail("--keep takes an object identifier such as 1.3.6.1.4.1.318.1.1", status=2)
    if not (one.snmp or one.ssh or one.http):
        fail(f"{target} is polled neither over SNMP, nor SSH, nor HTTP: there is nothing to record")
    wish = Wish(tuple(keep or ()), tuple(path or ()), seconds)
    made = asyncio.run(Recorder(found, one, Catalogue(packages.load(found.packages)), wish).record())
    for note in made.notes:
        console.print(verbatim(line(note)))
    if not made.files:
        fail(f"{target} answered nothing that could be recorded")
    try:
        made.write(output)
    except OSError as error:
        fail(f"cannot write the recording: {error.filename or output}: {error.strerror}")
    plainly(_said(made.replaced, output, list(made.files)))
    if made.notes:
        raise typer.Exit(PROBLEM)


def _said(replaced: dict[str, tuple[int, int]], folder: Path, files: list[str]) -> str:
    lines = ["replaced, each by the same stand-in everywhere:"]
    lines += [
        f"  {kind:20} {different:6} different, in {places} places"
        for kind, (different, places) in replaced.items()
    ]
    lines += [
        f"written to {folder}: {', '.join(files)}",
        f"Look through every file in {folder} before you give it away: only you know what else tells of you.",
    ]
    return "\n".join(lines) + "\n"
