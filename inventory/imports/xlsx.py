"""Reading spreadsheets (XLSX, openpyxl), once `workbook` has looked at them: values only, never a formula."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import warnings
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException

from inventory.imports import ImportFailedError, workbook
from inventory.imports.reasons import Reason, say
from inventory.imports.sheets import PREAMBLE, Epoch, Known, Row, Sheet, is_filled

ROW_LIMIT: Final = 200_000
WIDTH_LIMIT: Final = 512
HEIGHT_LIMIT: Final = 1_048_576
"""Rows of Excel's sheet."""

_EXACT: Final = 10**15
"""Above it, a spreadsheet keeps a number without its last digits."""

_BROKEN: Final = (
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    SyntaxError,
    EOFError,
    BadZipFile,
)
"""What openpyxl raises for a workbook that is not built as one."""


def read(path: Path, known: Known, sheet: str | None = None) -> Sheet:
    """The titles and rows of a sheet: the one that is named, else the visible one whose titles are `known` best.

    Raises ImportFailedError: it must not be opened, no such sheet, no known title; while rows are read also for what is broken.
    """
    found = workbook.look(path)
    with _explained(path):
        # A file that is open: openpyxl goes by the end of a name, and one that a browser sent has none.
        file = path.open("rb")
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        weakref.finalize(book, file.close)
        epoch: Epoch = 1904 if book.epoch == CALENDAR_MAC_1904 else 1900
        name, line = _chosen(path, book, known, sheet)
        chosen = book[name]
        chosen.reset_dimensions()
        rows = _rows(path, chosen)
        titles = next(row for row in rows if row.line >= line)
    return Sheet(
        f"{path.name} ({name})", line, [title.strip() for title in titles.cells], rows, epoch, list(_notes(found, book, name)),
    )  # fmt: skip


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not matter to values
            yield
    except (InvalidFileException, *_BROKEN) as error:
        raise ImportFailedError(say("book.broken"), str(path)) from error


def _chosen(path: Path, book: Any, known: Known, wanted: str | None) -> tuple[str, int]:
    """The sheet to read, and the line of its titles."""
    sheets = [sheet for sheet in book.worksheets if wanted is None or sheet.title == wanted]
    if wanted is not None and not sheets:
        names = ", ".join(repr(sheet.title) for sheet in book.worksheets)
        raise ImportFailedError(say("book.sheet", sheet=wanted or "", names=names), str(path))
    best, name, line = 0, "", 0
    ties: list[str] = []
    for sheet in sheets:
        if wanted is None and sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()
        score, where = max(
            ((sum(map(known, row.cells)), -row.line) for row in _head(path, sheet)), default=(0, 0)
        )
        if score > best:
            best, name, line, ties = score, sheet.title, -where, []
        elif score and score == best and known is not is_filled:
            ties.append(sheet.title)
    if not best:
        raise ImportFailedError(say("book.untitled", count=PREAMBLE), str(path))
    if ties:
        raise ImportFailedError(say("book.ties", sheets=", ".join([name, *ties])), str(path))
    return name, line


def _head(path: Path, sheet: Any) -> Iterator[Row]:
    return itertools.takewhile(lambda row: row.line <= PREAMBLE, _rows(path, sheet))


def _rows(path: Path, sheet: Any) -> Iterator[Row]:
    """The rows that hold anything. Raises ImportFailedError."""
    count = 0
    with _explained(path):
        for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
            if len(values) > WIDTH_LIMIT:
                raise ImportFailedError(say("book.width", count=WIDTH_LIMIT), f"{path}:{line}")
            if (
                line > HEIGHT_LIMIT
            ):  # a row may say that it is the thousand-millionth, and all before it are made up
                raise ImportFailedError(say("book.height", count=HEIGHT_LIMIT), str(path))
            cells = [_text(value) for value in values]
            if any(cells):
                count += 1
                if count > ROW_LIMIT:
                    raise ImportFailedError(say("book.rows", count=ROW_LIMIT), f"{path}:{line}")
                yield Row(line, cells)


def _text(value: object) -> str:
    """A cell as CSV would write it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return str(value) if abs(value) < _EXACT else f"{value:.14E}"
    return str(value)


def _notes(found: workbook.Findings, book: Any, name: str) -> Iterator[Reason]:
    hidden = [
        sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible" and sheet.title != name
    ]
    if hidden:
        yield say("note.hidden", sheets=", ".join(hidden))
    others = [
        sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible" and sheet.title != name
    ]
    if others:
        yield say("note.sheets", sheets=", ".join(others))
    if found.hidden:
        yield say("note.rows", count=found.hidden)
    if found.formulas:
        yield say("note.formulas", count=found.formulas)
    if found.uncounted:
        yield say("note.uncounted", count=found.uncounted)
    if found.links:
        yield say("note.links", count=found.links)
    if found.dde:
        yield say("note.dde")
