"""`jauge poll` and `jauge explain`: one poll, and what came of it."""

from __future__ import annotations

import asyncio
import enum
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Grid

from collectors.board import Standing
from collectors.poll import Poll, Step, Trace, forget
from inventory.estate import Dicom, Estate, Mllp, Target
from inventory.harmless import line
from jauge.verbs.common import PROBLEM, EstatePath, console, estate_of, fail, plainly, verbatim

PROM: Final = ".prom"


class Format(enum.StrEnum):
    """How polls are printed."""

    TABLE = "table"
    PROMETHEUS = "prometheus"
    JSON = "json"


def poll(
    estate: EstatePath,
    target: Annotated[
        list[str] | None, typer.Option(help="Only this target (may be given again).", show_default=False)
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    textfile: Annotated[
        Path | None,
        typer.Option(
            "--textfile",
            metavar="FILE.prom",
            help="Print nothing, and write a file for node_exporter's textfile collector.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Poll once and print. Ends with status 1 where a target did not answer."""
    if textfile is not None and textfile.suffix != PROM:
        fail(f"{textfile} has to end in {PROM}: node_exporter reads nothing else", status=2)
    found = estate_of(estate, polled=True)
    chosen = [target_of(found, name) for name in target] if target else list(found.targets)
    chosen = list({one.name: one for one in chosen}.values())  # one that is named twice is polled once
    polls = asyncio.run(poll_all(found, chosen))
    if textfile is not None:
        _write_text(textfile, chosen, polls)
    else:
        _print(form, chosen, polls)
    if not all(one.up for one in polls):
        raise typer.Exit(PROBLEM)


def _print(form: Format, chosen: list[Target], polls: list[Poll]) -> None:
    {Format.TABLE: _print_table, Format.PROMETHEUS: _print_text, Format.JSON: _print_json}[form](
        chosen, polls
    )


def explain(estate: EstatePath, target: Annotated[str, typer.Argument(help="Name of the target.")]) -> None:
    """Show each step of a poll: what was asked, what came back, and why anything is missing."""
    found = estate_of(estate, polled=True)
    one = target_of(found, target)
    steps: list[Step] = []
    (result,) = asyncio.run(poll_all(found, [one], steps.append))
    out = Console(highlight=False, soft_wrap=True)
    out.print(verbatim(f"{one.name} at {one.where}: {_access(one)}"))
    for step in steps:
        out.print(verbatim(f"  {step.seconds * 1000:7.1f} ms  {line(step.asked)}"))
        out.print(verbatim(f"              -> {line(step.answer)}"))
    identity = ", ".join(part for part in (result.family, result.product, result.version) if part)
    out.print(verbatim(f"read as: {identity or 'unknown'}"))
    for name, file in _origins(found, one, result.family):
        out.print(verbatim(f"  {name:24} of    {line(file)}"))
    for table in result.tables:
        said = (
            f"{len(table.series)} values of {table.rows} rows"
            if table.up
            else f"{table.reason}: {line(table.detail)}"
        )
        out.print(verbatim(f"  {table.name:24} {'ok' if table.up else 'FAILED':6} {said}"))
        for note in table.notes:
            out.print(verbatim(f"  {'':24} note   {line(note)}"))
        for sample in table:
            labels = ", ".join(f"{name}={line(value)}" for name, value in sample.labels)
            out.print(verbatim(f"  {'':31} {sample.metric} {labels} = {figure(sample.value)}"))
    if not result.up:
        raise typer.Exit(PROBLEM)


async def poll_all(estate: Estate, targets: list[Target], trace: Trace = forget) -> list[Poll]:
    """Poll targets, all at once."""
    from collectors.polling import Poller  # noqa: PLC0415 - the protocols cost a second that other verbs need not pay

    poller = Poller(estate)
    try:
        return list(await asyncio.gather(*(poller.poll(target, trace) for target in targets)))
    finally:
        poller.close()


def figure(value: float) -> str:
    """A value for people: whole numbers in full, others without the last digit, in which scaling leaves its dust.

    >>> figure(234 * 0.1), figure(1191 * 0.1), figure(0.25), figure(17356017582080.0)
    ('23.4', '119.1', '0.25', '17356017582080')
    """
    return f"{value:.0f}" if float(value).is_integer() else repr(float(f"{value:.15g}"))


def target_of(estate: Estate, name: str) -> Target:
    """The target of that name, or the end of the command."""
    found = estate.target(name)
    if found is None:
        fail(f"the estate has no target {name}")
    return found


def _origins(estate: Estate, target: Target, family: str) -> Iterator[tuple[str, str]]:
    """Where the families and commands of a target are declared, on a site that has packages of its own."""
    if not estate.packages:
        return
    from collectors.catalogue import Catalogue  # noqa: PLC0415
    from collectors.packages import load  # noqa: PLC0415

    catalogue = Catalogue(load(estate.packages))
    files = {
        **({family: catalogue.origin("devices", family)} if target.snmp else {}),
        **{name: catalogue.source(name) for name in (target.ssh.commands if target.ssh else ())},
        **({target.http.family: catalogue.origin("apis", target.http.family)} if target.http else {}),
    }
    yield from files.items()


def _access(target: Target) -> str:
    ways = [
        f"SNMP port {target.snmp.port} with {target.snmp.credential}" if target.snmp else "",
        f"SSH port {target.ssh.port} with {target.ssh.credential}" if target.ssh else "",
        f"DICOM port {target.dicom.port}, AE {target.dicom.aet}{_over(target.dicom)}" if target.dicom else "",
        f"MLLP port {target.mllp.port}{_over(target.mllp)}" if target.mllp else "",
        f"HTTP {target.http.url}" if target.http else "",
        "this machine" if target.host else "",
    ]
    return "; ".join(way for way in ways if way)


def _over(access: Dicom | Mllp) -> str:
    return " over TLS" if access.tls else ""


def _standing(target: Target, result: Poll) -> Standing:
    standing = Standing(target)
    standing.record(result)
    return standing


def _text(targets: list[Target], polls: list[Poll]) -> bytes:
    from exporters.exposition import estate_body, render  # noqa: PLC0415 - only these formats need it

    now = time.time()
    chunks = [
        (target.name, render(_standing(target, result), (), now))
        for target, result in zip(targets, polls, strict=True)
    ]
    return estate_body(chunks, now, openmetrics=False)


def _print_text(targets: list[Target], polls: list[Poll]) -> None:
    plainly(_text(targets, polls).decode())


def _write_text(place: Path, targets: list[Target], polls: list[Poll]) -> None:
    from exporters.textfile import write  # noqa: PLC0415 - as above

    try:
        write(place, _text(targets, polls))
    except OSError as error:
        fail(f"{place} cannot be written: {error.strerror}")


def _print_json(_targets: list[Target], polls: list[Poll]) -> None:
    plainly(
        json.dumps({"targets": [_as_json(result) for result in polls]}, indent=2, ensure_ascii=False) + "\n"
    )


def _as_json(result: Poll) -> dict[str, Any]:
    return {
        "target": result.target,
        "up": result.up,
        "at": result.at,
        "seconds": round(result.seconds, 6),
        "family": result.family,
        "product": result.product,
        "version": result.version,
        "samples": [{"metric": s.metric, "labels": dict(s.labels), "value": s.value} for s in result],
        "tables": [
            {
                "table": table.name,
                "up": table.up,
                "seconds": round(table.seconds, 6),
                "rows": table.rows,
                "withheld": table.withheld,
                "reason": table.reason,
                "detail": line(table.detail),
                "notes": [line(note) for note in table.notes],
            }
            for table in result.tables
        ],
    }


def _print_table(_targets: list[Target], polls: list[Poll]) -> None:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("target", "metric", "labels"):
        grid.add_column(title, overflow="fold")
    grid.add_column("value", justify="right", no_wrap=True)
    for result in polls:
        for sample in result:
            labels = ", ".join(f"{name}={line(value)}" for name, value in sample.labels)
            grid.add_row(result.target, sample.metric, verbatim(labels), figure(sample.value))
    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=200)
    out.print(grid)
    for result in polls:
        for table in result.tables:
            if not table.up:
                console.print(
                    verbatim(f"{result.target}: {table.name}: {table.reason}: {line(table.detail)}")
                )
