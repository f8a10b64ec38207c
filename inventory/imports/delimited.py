"""Reading CSV files of unknown encoding and separator, row by row, with the line of each.

The encoding is what the marks at the beginning say, UTF-16 where every other byte is zero, and else UTF-8. A file that is no
UTF-8 is Windows-1252, or holds both, as when somebody glued two exports: each cell is then what its own bytes allow.
A cell that may be either is refused, with its place: it is never guessed at.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from inventory.imports import ImportFailedError
from inventory.imports.reasons import Reason, say
from inventory.imports.sheets import CELL_LIMIT, PREAMBLE, Known, Row, Sheet, is_filled
from inventory.imports.values import RefusedError

SIZE_LIMIT: Final = 1024 * 1024 * 1024
ROW_LIMIT: Final = 2_000_000
SEPARATORS: Final = ";,\t"

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NO_TABLES: Final = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF",
    b"\x1f\x8b": "gzip", b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR",
}  # fmt: skip
"""How files begin that people take for an export of their source."""

_CHUNK: Final = 1024 * 1024
_LINE_LIMIT: Final = 2 * CELL_LIMIT


class _Encoding(NamedTuple):
    name: str
    is_mixed: bool


def read(path: Path, known: Known) -> Sheet:
    """The titles and rows of a CSV file. The separator, and the line of the titles, are those that make the most titles `known`.

    Raises ImportFailedError: unreadable, too large, no text, no known title; while rows are read also for broken quoting and
    what is no text, with line and column.
    """
    size = _size(path)
    encoding = _encoding(path)
    separator, above = _shape(path, encoding, known)
    csv.field_size_limit(CELL_LIMIT)
    reader = _Reader(path, encoding, separator)
    rows = reader.rows()
    titles = next(itertools.islice(rows, above, None))
    mend = mended if encoding.is_mixed else None
    try:
        names = [(mend(cell) if mend else cell).strip() for cell in titles.cells]
    except RefusedError as error:
        raise ImportFailedError(error.reason, f"{path}:{titles.line}") from None
    reader.titles = names
    return Sheet(path.name, titles.line, names, rows, mend=mend, done=lambda: reader.position, total=size)


def mended(cell: str) -> str:
    """A cell of a file that is not UTF-8 throughout: bytes that were no UTF-8 came as lone surrogates.

    Raises RefusedError where it holds both, or would hold letters that Windows-1252 does not have: what it says is not known.
    """
    if cell.isascii():
        return cell
    alien = [char for char in cell if not char.isascii() and not "\udc80" <= char <= "\udcff"]
    strange = len(alien) < sum(not char.isascii() for char in cell)
    if alien and strange:
        raise RefusedError(say("cell.mixed"))
    try:
        if strange:
            return cell.encode("ascii", "surrogateescape").decode("cp1252")
        cell.encode("cp1252")
    except UnicodeError:
        raise RefusedError(say("cell.strange")) from None
    return cell


def _size(path: Path) -> int:
    try:
        found = path.stat()
    except OSError as error:
        raise ImportFailedError(f"cannot read {path}: {error.strerror}") from None
    if not stat.S_ISREG(found.st_mode):
        raise ImportFailedError(f"cannot read {path}: it is no file")
    if not found.st_size:
        raise ImportFailedError(say("file.empty"), str(path))
    if found.st_size > SIZE_LIMIT:
        raise ImportFailedError(say("file.size", size=SIZE_LIMIT // 1024**2), str(path))
    return found.st_size


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise ImportFailedError(f"cannot read {path}: {error.strerror}") from None


def _encoding(path: Path) -> _Encoding:
    with _open(path) as file:
        head = file.read(200)
        file.seek(0)
        if kind := next((kind for mark, kind in _NO_TABLES.items() if head.startswith(mark)), ""):
            raise ImportFailedError(say("file.kind", kind=kind), str(path))
        name = next((name for bom, name in _BOMS if head.startswith(bom)), None)
        if (
            name is None and head.count(0) * 3 >= len(head) > 1
        ):  # of two-byte text, every other byte of a title is zero
            name = "utf-16-le" if head[1] == 0 else "utf-16-be"
        if name is not None and name.startswith("utf-16"):
            return _Encoding(name, is_mixed=False)
        return _Encoding(name or "utf-8", is_mixed=not _is_utf8(file))


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _text(file: BinaryIO, encoding: _Encoding) -> io.TextIOWrapper:
    errors = "surrogateescape" if encoding.is_mixed else "strict"
    return io.TextIOWrapper(file, encoding.name, errors, newline="")


def _shape(path: Path, encoding: _Encoding, known: Known) -> tuple[str, int]:
    """The separator, and how many rows stand above the titles."""
    with _text(_open(path), encoding) as text:
        try:
            head = "".join(itertools.islice(_lines(text), PREAMBLE))
        except UnicodeError as error:
            raise _no_text(path, 1) from error
        except csv.Error as error:
            raise ImportFailedError(say("file.cell", size=CELL_LIMIT // 1024**2), f"{path}:1") from error
    if known is is_filled and any(
        unicodedata.category(char) == "Cc" for char in head if char not in "\t\r\n\f"
    ):
        raise _no_text(path, 1)  # a picture, a PDF: nobody looks for titles in it
    best, separator, above = 0, "", 0
    for candidate in _regular(head) if known is is_filled else SEPARATORS:
        for number, cells in enumerate(filter(any, _first(head, candidate))):
            score = sum(known(mended_or_none(cell)) for cell in cells)
            if score > best:
                best, separator, above = score, candidate, number
    if not best:
        raise ImportFailedError(say("file.untitled", count=PREAMBLE), f"{path}:1")
    return separator, above


def _regular(head: str) -> str:
    """The separator that most lines have as often as each other, where there is one; nothing where a file has one column."""
    counts = {
        separator: Counter(len(cells) for cells in _first(head, separator) if len(cells) > 1)
        for separator in SEPARATORS
    }
    alike = {separator: max(found.values(), default=0) for separator, found in counts.items()}
    best = max(SEPARATORS, key=alike.__getitem__)
    return best if alike[best] else ""


def mended_or_none(cell: str) -> str:
    """A title made right, or nothing."""
    try:
        return mended(cell) if any("\udc80" <= char <= "\udcff" for char in cell) else cell
    except RefusedError:
        return ""


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines, each of at most so many characters. Raises csv.Error for a longer one, which would be taken for two."""
    while line := text.readline(_LINE_LIMIT):
        if len(line) >= _LINE_LIMIT:
            raise csv.Error("field limit")
        yield line


def _first(head: str, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    while True:
        try:
            yield next(reader)
        except (StopIteration, csv.Error):
            return


def _no_text(path: Path, line: int) -> ImportFailedError:
    return ImportFailedError(say("file.no_text"), f"{path}:{line}")


class _Reader:
    """The rows of one file, and how far they were read."""

    def __init__(self, path: Path, encoding: _Encoding, separator: str) -> None:
        self.path = path
        self.encoding = encoding
        self.separator = separator
        self.titles: list[str] = []
        self.position = 0
        self._current: list[str] = []

    def rows(self) -> Iterator[Row]:
        """Every row that holds anything. Raises ImportFailedError with line and column."""
        raw = _open(self.path)
        with _text(raw, self.encoding) as text:
            # strict: a quote that is never closed would silently swallow all rows after it.
            reader = csv.reader(self._remember(text), delimiter=self.separator, strict=True)
            count = 0
            while True:
                line = reader.line_num + 1
                self._current.clear()
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    cells = self._unescaped()
                    if not cells:
                        raise ImportFailedError(_why(error, self._column()), f"{self.path}:{line}") from None
                except UnicodeError:
                    raise _no_text(self.path, line) from None
                if not line % 1024:
                    self.position = raw.tell()
                if any(cells):
                    count += 1
                    if count > ROW_LIMIT:
                        raise ImportFailedError(say("file.rows", count=ROW_LIMIT), f"{self.path}:{line}")
                    yield Row(line, cells)

    def _remember(self, text: io.TextIOWrapper) -> Iterator[str]:
        for line in _lines(text):
            self._current.append(line)
            yield line

    def _unescaped(self) -> list[str]:
        """The cells of a row all of whose cells are quoted and whose quotes within them are not written twice, as OCS writes them.

        Nothing where that does not give the cells that the titles ask for: which quotes are which is not guessed at.
        """
        record = "".join(self._current).rstrip("\r\n")
        bare = record.removesuffix(self.separator)
        if not (len(bare) > 1 and bare[0] == bare[-1] == '"'):
            return []
        cells = bare[1:-1].split(f'"{self.separator}"') + [""] * (len(record) - len(bare))
        return cells if len(self.titles) - 1 <= len(cells) <= len(self.titles) else []

    def _column(self) -> str:
        """The column of a row that cannot be read, for what is said of it."""
        number = _column("".join(self._current), self.separator)
        return self.titles[number] if number < len(self.titles) else str(number + 1)


def _why(error: csv.Error, title: str) -> Reason:
    text = str(error)
    if "field limit" in text:
        return say("file.endless", title=title, size=CELL_LIMIT // 1024**2)
    return say("file.quote" if "unexpected end" in text else "file.quotes", title=title)


def _column(record: str, separator: str) -> int:
    """The place of the cell in which quotes go wrong, counted from 0."""
    number, position = 0, 0
    while position < len(record):
        if record[position] == '"':
            end = position
            while True:
                end = record.find('"', end + 1)
                if end < 0:
                    return number
                if record[end + 1 : end + 2] != '"':
                    break
                end += 1
            if record[end + 1 : end + 2] not in (separator, "\r", "\n", ""):
                return number
            position = end + 1
        else:
            stops = [at for at in (record.find(separator, position), record.find("\n", position)) if at >= 0]
            position = min(stops, default=len(record))
        number += record[position : position + 1] == separator
        position += 1
    return number


def is_delimited(path: Path) -> bool:
    """Whether a file may be text: a spreadsheet begins otherwise. Raises ImportFailedError for what is no file: a pipe would be waited for."""
    _size(path)
    with _open(path) as file:
        return not file.read(8).startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))
