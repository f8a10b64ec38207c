"""Tables as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence

from inventory.harmless import line

Cell = str | float | dt.date | None


def csv_text(titles: Sequence[str], rows: Iterable[Iterable[Cell]]) -> str:
    """CSV that no spreadsheet takes for formulas: a text that begins like one gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _cell(cell: Cell) -> str:
    if cell is None or isinstance(cell, str):
        return _neutral(cell or "")
    return cell.isoformat() if isinstance(cell, dt.date) else repr(cell)


def _neutral(text: str) -> str:
    """A cell as text: a formula begins with one of these, whatever stands before it that is not shown."""
    harmless = line(text)
    return f"'{harmless}" if harmless.lstrip().startswith(("=", "+", "-", "@", "␉", "␍")) else harmless
