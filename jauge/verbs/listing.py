"""How the verbs of the inventory show lists: as a grid for people, as JSON, as CSV; and the days that they are asked about."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table as Grid

from inventory.harmless import line
from jauge.verbs.common import fail, finite, verbatim

if TYPE_CHECKING:  # what an estate may say costs a quarter of a second
    from inventory.estate import Estate

EstateOption = Annotated[
    Path, typer.Option("--estate", help="The estate: its targets, and the place of its data.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, a line for each thing.")]
Limit = Annotated[
    int, typer.Option(min=0, metavar="LINES", help="Lines of each list on the terminal; 0 shows all.")
]

_YEARS: Final = range(1970, 2200)
"""Years that days are asked about in: those around them no calendar reckons with."""

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def json_text(content: Any) -> str:
    """Content as JSON, ended by a newline."""
    return json.dumps(finite(content), indent=2, ensure_ascii=False) + "\n"


def print_rows(out: Console, titles: Sequence[str], rows: Sequence[tuple[str, ...]], limit: int) -> None:
    """A grid of at most so many rows (0: of all), and how many more there are; nothing where there are none."""
    if not rows:
        return
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        grid.add_column(title, overflow="fold")
    shown = rows[: limit or None]
    for row in shown:
        grid.add_row(*(verbatim(line(cell, 200)) for cell in row))
    out.print(grid)
    if len(rows) > len(shown):
        out.print(verbatim(f"and {len(rows) - len(shown)} more"))


def screen() -> Console:
    """Where people look; wide where it is no terminal, so that no line is folded for another program."""
    out = Console(highlight=False, soft_wrap=False)
    return out if out.is_terminal else Console(highlight=False, width=220)


def asked_day(given: str | None, option: str = "--on") -> dt.date | None:
    """The day that was asked about, or the end of the command."""
    if given is None:
        return None
    try:
        if not _DAY.fullmatch(given):
            raise ValueError
        day = dt.date.fromisoformat(given)
    except ValueError:
        fail(f"{option} {line(given, 40)}: write a day as 2027-01-31", status=2)
    return bounded(day, option)


def bounded(day: dt.date, option: str) -> dt.date:
    """A day of a year that can be reckoned with, or the end of the command."""
    if day.year not in _YEARS:
        fail(f"{option} {day}: give a day of the years {_YEARS[0]} to {_YEARS[-1]}", status=2)
    return day


def zone_of(estate: Estate | None) -> dt.tzinfo | None:
    """The estate's timezone; None, which is that of the machine, without an estate."""
    return None if estate is None else ZoneInfo(estate.timezone)


def today_of(estate: Estate | None) -> dt.date:
    """Today, where the estate is."""
    return dt.datetime.now(dt.UTC).astimezone(zone_of(estate)).date()


def one_form(as_json: bool, as_csv: bool) -> None:
    """End the command where two forms are asked for."""
    if as_json and as_csv:
        fail("give --json or --csv, not both", status=2)
