"""`jauge events`: what happened lately."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Grid

from exporters.events import ALL, Event, EventError, Events
from inventory.quantities import seconds
from jauge.files import beside
from jauge.verbs.common import DataPath, EstatePath, estate_of, fail, plainly, told, verbatim


def events(
    estate: EstatePath,
    data: DataPath = None,
    target: Annotated[str | None, typer.Option(help="Only of this target.", show_default=False)] = None,
    since: Annotated[str, typer.Option(help="Only of the last so long, for instance 24h or 7d.")] = "7d",
    limit: Annotated[int, typer.Option(min=1, max=ALL, help="The newest so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each event.")] = False,
) -> None:
    """Show what happened, newest first: targets that went down or came back, restarts, new versions, traps, reloads."""
    declared = estate_of(estate)
    with told(EventError):
        found = Events(beside(estate, data).events).latest(limit, target, since=_moment(since))
    if not found and target is not None and declared.target(target) is None:
        fail(f"the estate has no target {target}, and nothing happened to one of that name")
    if as_json:
        plainly("".join(f"{json.dumps(event._asdict(), ensure_ascii=False)}\n" for event in found))
    else:
        _print(found, ZoneInfo(declared.timezone))


def _moment(since: str) -> float:
    """The instant that lies so long ago, or the end of the command."""
    try:
        return time.time() - seconds(since)
    except ValueError as error:
        fail(f"--since {since}: {error}", status=2)


def _print(found: list[Event], zone: ZoneInfo) -> None:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("at", "target", "event"):
        grid.add_column(title, no_wrap=True)
    grid.add_column("text", overflow="fold")
    for event in found:
        at = dt.datetime.fromtimestamp(event.at, zone).isoformat(" ", "seconds")
        grid.add_row(at, verbatim(event.target), event.kind, verbatim(event.text))
    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=200)
    out.print(grid)
