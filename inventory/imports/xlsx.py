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
from inventory.imports.sheets import PREAMBLE, Epoch, Known, Row, Sheet

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
        raise ImportFailedError(
            f"{path} is no spreadsheet that can be read: {str(error) or type(error).__name__}"
        ) from None


def _chosen(path: Path, book: Any, known: Known, wanted: str | None) -> tuple[str, int]:
    """The sheet to read, and the line of its titles."""
    sheets = [sheet for sheet in book.worksheets if wanted is None or sheet.title == wanted]
    if wanted is not None and not sheets:
        names = ", ".join(repr(sheet.title) for sheet in book.worksheets)
        raise ImportFailedError(f"{path} has no sheet {wanted!r}: it has {names}")
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
        elif score and score == best:
            ties.append(sheet.title)
    if not best:
        raise ImportFailedError(
            f"{path}: no column title is known in the first {PREAMBLE} lines of any visible sheet"
        )
    if ties:
        raise ImportFailedError(
            f"{path}: the sheets {', '.join([name, *ties])} have the same titles: say which with --sheet"
        )
    return name, line


def _head(path: Path, sheet: Any) -> Iterator[Row]:
    return itertools.takewhile(lambda row: row.line <= PREAMBLE, _rows(path, sheet))


def _rows(path: Path, sheet: Any) -> Iterator[Row]:
    """The rows that hold anything. Raises ImportFailedError."""
    count = 0
    with _explained(path):
        for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
            if len(values) > WIDTH_LIMIT:
                raise ImportFailedError(
                    f"{path}:{line}: more than {WIDTH_LIMIT} columns: copy what it holds to a new sheet"
                )
            if (
                line > HEIGHT_LIMIT
            ):  # a row may say that it is the thousand-millionth, and all before it are made up
                raise ImportFailedError(
                    f"{path}: a row says that it is beyond the {HEIGHT_LIMIT}th, which no spreadsheet has"
                )
            cells = [_text(value) for value in values]
            if any(cells):
                count += 1
                if count > ROW_LIMIT:
                    raise ImportFailedError(f"{path}:{line}: more than {ROW_LIMIT} rows: export it as CSV")
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


def _notes(found: workbook.Findings, book: Any, name: str) -> Iterator[str]:
    hidden = [
        sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible" and sheet.title != name
    ]
    if hidden:
        yield f"hidden sheets that are not read: {', '.join(hidden)}"
    others = [
        sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible" and sheet.title != name
    ]
    if others:
        yield f"other sheets that are not read: {', '.join(others)}"
    if found.formulas:
        yield f"{found.formulas} formulas: the values that were computed last are read, none is computed"
    if found.uncounted:
        yield f"{found.uncounted} formulas without a value: their cells are read as empty"
    if found.links:
        yield f"{found.links} links to other files: none is followed"
    if found.dde:
        yield "a link that would start a program (DDE): it is not followed"
