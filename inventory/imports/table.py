"""Reading a CSV file of unknown encoding and separator, with the line of each row."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from inventory.imports import ImportFailedError

SIZE_LIMIT: Final = 64 * 1024 * 1024
ROW_LIMIT: Final = 500_000
SEPARATORS: Final = ";,\t"

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Row(NamedTuple):
    """The cells of one row, and the 1-based line of the file where it begins."""

    line: int
    cells: list[str]


class Table(NamedTuple):
    """The titles, and the rows that hold anything. A row may be shorter or longer than the titles."""

    titles: list[str]
    rows: list[Row]


def read(path: Path, known: Callable[[str], bool]) -> Table:
    """Read a CSV file. The separator is the one that makes the most titles `known`.

    Raises ImportFailedError: unreadable, too large, no text, no known title, broken quoting (with its line).
    """
    text = _text(path)
    separator = max(SEPARATORS, key=lambda candidate: _recognised(text, candidate, known))
    if not _recognised(text, separator, known):
        raise ImportFailedError(f"{path}:1: no column title is known; the first line must hold the titles")
    rows = _rows(path, text, separator)
    titles = next(rows).cells
    kept: list[Row] = []
    for row in rows:
        if len(kept) >= ROW_LIMIT:
            raise ImportFailedError(f"{path}:{row.line}: more than {ROW_LIMIT} rows")
        if any(cell.strip() for cell in row.cells):
            kept.append(row)
    return Table([title.strip() for title in titles], kept)


def plain(title: str) -> str:
    """A title without case, accents, kinds of apostrophe and repeated spaces, to be compared.

    >>> plain(" Numéro de  Série ")
    'numero de serie'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c))
    return " ".join(bare.replace("’", "'").replace("`", "'").casefold().split())


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ImportFailedError(f"cannot read {path}: {error.strerror}") from None
    if len(raw) > SIZE_LIMIT:
        raise ImportFailedError(f"{path} is larger than {SIZE_LIMIT // 1024**2} MiB")
    encoding = next((name for bom, name in _BOMS if raw.startswith(bom)), None)
    for name in [encoding] if encoding else _guesses(raw):
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ImportFailedError(f"{path} is no text that can be read: save it as CSV in UTF-8")


def _guesses(raw: bytes) -> list[str]:
    """Encodings to try where no mark says which: of two-byte text, every other byte of a title is zero."""
    head = raw[:200]
    if head.count(0) * 3 >= len(head) > 1:
        return ["utf-16-le" if head[1] == 0 else "utf-16-be"]
    return ["utf-8", "cp1252"]


def _recognised(text: str, separator: str, known: Callable[[str], bool]) -> int:
    try:
        titles = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return 0
    return sum(map(known, titles))


def _rows(path: Path, text: str, separator: str) -> Iterator[Row]:
    # strict: a quote that is never closed would silently swallow all rows after it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ImportFailedError(f"{path}:{line}: cannot read this row: {error}") from None
        yield Row(line, cells)
