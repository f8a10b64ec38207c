"""Tables as an XLSX workbook that a person filters and prints. Pure: values and titles in, bytes out.

Texts are written as strings, never as formulas, and keep every character that XML can hold: `-5` and `+33 1 44 00 00 00` stay as they
are. One that begins like a formula bears Excel's own mark for text (quotePrefix) as well, so that it stays a text also where somebody
edits its cell. What is unknown is an empty cell.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import math
import numbers
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from inventory import files
from inventory.harmless import clean

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "decimal", "year", "day", "instant", "money", "share", "bytes"]
"""`number` is without decimals, `decimal` has one, `year` is not grouped, `instant` is a day with its time, `share` is of 1, `bytes` are shown in
GB, TB or PB (powers of 1,000).

A number or a day in a column of texts stays one."""

ROWS: Final = 1_048_575
"""Rows of one sheet below its titles; what is more goes on in another."""

_LONGEST: Final = 32_000
"""Bytes of a text: Excel holds 32,767 characters in a cell."""

_FORMATS: Final[Mapping[Kind, str]] = {
    "number": "#,##0", "decimal": "#,##0.0", "year": "0", "day": "yyyy-mm-dd", "instant": "yyyy-mm-dd hh:mm", "share": "0.0%",
    "bytes": '[>=1000000000000000]#,##0.0,,,,," PB";[>=1000000000000]#,##0.0,,,," TB";#,##0.0,,," GB"',
}  # fmt: skip
_FRENCH: Final[Mapping[Kind, str]] = {
    **_FORMATS, "day": "[$-40C]d mmm yyyy", "instant": "[$-40C]d mmm yyyy hh:mm",
    "bytes": re.sub("([GTP])B", r"\1o", _FORMATS["bytes"]),
}  # fmt: skip
"""Separators are those of whoever opens it, words are not."""

_WIDTHS: Final = (8, 60)
_ROOM: Final = 5
"""Letters that a column is wider than the longest text of the sample: what comes after it may be a little longer."""

_LINE: Final = 15
_MOST_LINES: Final = 25
"""Points that a line takes, and lines of a row: Excel has no row that is higher than 409 points."""

_SAMPLE: Final = 200
"""Rows that the width of a column is taken from."""

_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r]")
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_ZERO: Final = dt.date(1899, 12, 30)
"""What Excel counts days from."""

_FIRST_DAY: Final = dt.date(1900, 3, 1)
"""Excel counts a 29 February 1900 that was none: days before it are written as texts."""


class Column(NamedTuple):
    """A column: the title that people read, and what its cells are. `currency` (ISO 4217) is that of `money`."""

    title: str
    kind: Kind = "text"
    currency: str = "EUR"


class Plot(NamedTuple):
    """A chart of a sheet's own columns, by their places; the first column is its axis. `said` tells it to who cannot see it.

    `bars` stand side by side; `lines` are drawn over the `band`, whose two columns are its lower edge and its height. `spans` lie
    beside each other's names: the day on which one begins, and its days. `colours` (#rrggbb) are those of bars or lines, of the band
    and of spans, the last one going on.
    """

    title: str
    said: str
    colours: tuple[str, ...]
    bars: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()
    band: tuple[int, int] | None = None
    spans: tuple[int, int] | None = None
    first: dt.date = dt.date(1900, 3, 1)
    """The day at which the line of time of spans begins."""


class Sheet(NamedTuple):
    """A sheet: its name, its columns, a cell for each of them in each row, and the chart beside them where there is one."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    plot: Plot | None = None


def of_frame(title: str, columns: Mapping[str, Column], frame: pd.DataFrame) -> Sheet:
    """The sheet of a frame: its columns that are named, in that order."""
    return Sheet(title, list(columns.values()), frame[list(columns)].itertuples(index=False, name=None))


def of_records(title: str, columns: Mapping[str, Column], records: Iterable[Mapping[str, Any]]) -> Sheet:
    """The sheet of rows that are dictionaries: their fields that are named, in that order."""
    return Sheet(title, list(columns.values()), ([row.get(name) for name in columns] for row in records))


def content(
    sheets: Iterable[Sheet], title: str = "", language: str = "en", made: dt.datetime | None = None
) -> bytes:
    """A workbook whose units and days are of a language. The same sheets and the same time of making (UTC) give the same bytes.

    Rows are taken one after the other and not kept. Raises ValueError where a row has not as many cells as there are columns.
    """
    import xlsxwriter  # noqa: PLC0415 - only who exports needs it

    out = io.BytesIO()
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": made or dt.datetime.now(dt.UTC)})
        writer, taken = _Writer(book, _FRENCH if language == "fr" else _FORMATS), set[str]()
        for sheet in sheets:
            for part in _parts(sheet):
                writer.write(part, name(part.title, taken))
    return out.getvalue()


def save(
    path: Path,
    sheets: Iterable[Sheet],
    title: str = "",
    language: str = "en",
    made: dt.datetime | None = None,
) -> None:
    """Write a workbook for its owner alone, whole or not at all. Raises OSError."""
    files.replace(path, path.with_name(f".{path.name}.new"), content(sheets, title, language, made))


def name(title: str, taken: set[str]) -> str:
    """A name that Excel allows, and that no other sheet has: it is added to those taken (casefolded).

    31 characters, none of []:*?/\\ in it, no apostrophe at either end, not *History*.
    """
    plain = re.sub(" {2,}", " ", _FORBIDDEN.sub(" ", clean(title))).strip(" '") or "-"
    if plain.casefold() == "history":
        plain = f"{plain}."
    for number in itertools.count(1):
        tail = "" if number == 1 else f" ({number})"
        found = _cut(plain, 31 - len(tail)).rstrip(" '") + tail
        if found.casefold() not in taken:
            break
    taken.add(found.casefold())
    return found


def _cut(text: str, units: int) -> str:
    """The text, or as many of its words as there is room for; of one that is long itself, its beginning."""
    short = _shortened(text, units)
    if short == text:
        return text
    words = _shortened(text, units - 1).rpartition(" ")[0].rstrip(" ,;'")
    return f"{words}…" if len(words) > units // 2 else short


def _shortened(text: str, units: int) -> str:
    """At most so many units of UTF-16, which is how Excel counts."""
    while len(text.encode("utf-16-le")) > 2 * units:
        text = text[:-1]
    return text


def _parts(sheet: Sheet) -> Iterator[Sheet]:
    """The sheet, in parts that Excel can hold."""
    rows = iter(sheet.rows)
    first = True
    while True:
        head = list(itertools.islice(rows, 1))
        if not head and not first:
            return
        yield sheet._replace(rows=itertools.chain(head, itertools.islice(rows, ROWS - 1)))
        first = False


class _Writer:
    """Writes sheets into a workbook of xlsxwriter (which is untyped)."""

    def __init__(self, book: Any, codes: Mapping[Kind, str]) -> None:
        self._book, self._codes = book, codes
        head = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
        # A title stands above what it is of: numbers lie at the right, texts a little away from the left.
        self._heads = (
            book.add_format({**head, "align": "right"}),
            book.add_format({**head, "align": "left", "indent": 1}),
        )
        # A long text is broken, not cut by its neighbour; it stands apart from the number before it.
        text = {"text_wrap": True, "valign": "top", "align": "left", "indent": 1}
        self._plain = book.add_format(text)
        self._quoted = book.add_format({**text, "quote_prefix": True})
        self._formats: dict[str, Any] = {}
        self._days, self._instants = self._of(codes["day"]), self._of(codes["instant"])

    def write(self, sheet: Sheet, called: str) -> None:
        """One sheet: titles that stay in sight and filter, then the rows."""
        page = self._book.add_worksheet(called)
        rows = iter(sheet.rows)
        sample = list(itertools.islice(rows, _SAMPLE))
        formats = [self._format(column) for column in sheet.columns]
        widths = [
            _width(column, [row[place] for row in sample]) for place, column in enumerate(sheet.columns)
        ]
        for place, column in enumerate(sheet.columns):
            page.set_column(place, place, widths[place])
            head = self._heads[column.kind == "text"]
            page.write_string(0, place, clean(column.title, _LONGEST), head)
        last = 0
        for last, row in enumerate(itertools.chain(sample, rows), 1):
            if (lines := _lines(row, widths)) > 1:
                page.set_row(last, lines * _LINE)
            for place, (value, form) in enumerate(zip(row, formats, strict=True)):
                self._cell(page, last, place, value, form)
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, last, max(len(sheet.columns) - 1, 0))
        page.set_landscape()
        page.repeat_rows(0)
        page.fit_to_pages(1, 0)
        if sheet.plot is not None and last:
            codes = [self._code(column) for column in sheet.columns]
            chart = _Chart(self._book, called, sheet.plot, last, codes).made()
            page.insert_chart(
                1, len(sheet.columns) + 1, chart, {"description": clean(sheet.plot.said, _LONGEST)}
            )

    def _format(self, column: Column) -> Any:
        """The format of a column's numbers and days; None for texts, whose numbers are written as they are."""
        if column.kind == "text":
            return None
        return self._of(self._code(column))

    def _code(self, column: Column) -> str:
        """How the figures of a column are written."""
        return self._codes.get(column.kind, f'#,##0 "{re.sub("[^A-Za-z]", "", column.currency)}"')

    def _of(self, code: str) -> Any:
        if code not in self._formats:
            self._formats[code] = self._book.add_format({"num_format": code, "valign": "top"})
        return self._formats[code]

    def _cell(self, page: Any, row: int, place: int, value: object, form: Any) -> None:
        if _is_missing(value):
            return
        if isinstance(value, bool) or not isinstance(value, numbers.Real | dt.date):
            self._text(page, row, place, str(value))
        elif isinstance(value, numbers.Real):
            page.write_number(row, place, float(value), form)
        elif (day := _day(value)) < _FIRST_DAY:
            self._text(page, row, place, day.isoformat())
        else:
            moment = dt.datetime.combine(day, dt.time())
            if form is self._instants and isinstance(value, dt.datetime):
                moment = value.replace(tzinfo=None)
            page.write_datetime(row, place, moment, form or self._days)

    def _text(self, page: Any, row: int, place: int, value: str) -> None:
        text = clean(value, _LONGEST)
        if text.startswith("<r>") and text.endswith("</r>"):  # xlsxwriter would take it for its own XML
            text += " "
        page.write_string(row, place, text, self._quoted if _FORMULA.match(value) else self._plain)


class _Chart:
    """Makes a native chart of the rows of a sheet. A cell that is empty is a gap."""

    def __init__(self, book: Any, sheet: str, plot: Plot, last: int, codes: Sequence[str]) -> None:
        self._book, self._sheet, self._plot, self._last, self._codes = book, sheet, plot, last, codes

    def made(self) -> Any:
        plot = self._plot
        chart = self._spans() if plot.spans else self._growth() if plot.band else self._bars()
        chart.set_title({"name": clean(plot.title, 200), "overlay": False, "name_font": {"size": 12}})
        chart.show_blanks_as("gap")
        chart.set_size({"width": 900, "height": 420})
        return chart

    def _bars(self) -> Any:
        chart = self._book.add_chart({"type": "column"})
        for number, place in enumerate(self._plot.bars):
            chart.add_series({**self._series(place), "fill": {"color": self._colour(number)}})
        chart.set_y_axis({"min": 0, "num_format": self._codes[self._plot.bars[0]]})
        chart.set_legend({"position": "top"} if len(self._plot.bars) > 1 else {"none": True})
        return chart

    def _growth(self) -> Any:
        """The band is two areas on top of each other, the lower one without colour; lines are drawn over it."""
        band, chart = self._plot.band or (0, 0), self._book.add_chart({"type": "area", "subtype": "stacked"})
        tint = self._colour(len(self._plot.lines))
        chart.add_series({**self._series(band[0]), "fill": {"none": True}, "line": {"none": True}})
        chart.add_series(
            {**self._series(band[1]), "fill": {"color": tint, "transparency": 75}, "line": {"none": True}}
        )
        lines = self._book.add_chart({"type": "line"})
        for number, place in enumerate(self._plot.lines):
            lines.add_series({**self._series(place), "line": {"color": self._colour(number), "width": 2}})
        chart.combine(lines)
        chart.set_x_axis(
            {"date_axis": True, "num_format": "mm/yyyy", "major_unit": 6, "major_unit_type": "months"}
        )
        chart.set_y_axis({"min": 0, "num_format": "#,##0.0"})
        chart.set_legend({"position": "top", "delete_series": [0]})
        return chart

    def _spans(self) -> Any:
        begin, length = self._plot.spans or (0, 0)
        chart = self._book.add_chart({"type": "bar", "subtype": "stacked"})
        chart.add_series({**self._series(begin), "fill": {"none": True}, "line": {"none": True}})
        chart.add_series({**self._series(length), "fill": {"color": self._colour(0)}, "gap": 60})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis(
            {"num_format": "yyyy", "min": (self._plot.first - _ZERO).days, "label_position": "high"}
        )
        chart.set_legend({"none": True})
        return chart

    def _series(self, place: int) -> dict[str, Any]:
        return {
            "name": [self._sheet, 0, place], "categories": [self._sheet, 1, 0, self._last, 0],
            "values": [self._sheet, 1, place, self._last, place],
        }  # fmt: skip

    def _colour(self, number: int) -> str:
        return self._plot.colours[min(number, len(self._plot.colours) - 1)]


def _is_missing(value: object) -> bool:
    """None, NaN, NaT, NA and what is infinite: a number that is not known is no number."""
    if value is None or isinstance(value, float):
        return value is None or not math.isfinite(value)
    return type(value).__name__ in ("NaTType", "NAType")


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _lines(row: Sequence[object], widths: Sequence[float]) -> int:
    """Lines that the texts of a row take: not every program finds that out by itself."""
    taken = (
        math.ceil(len(value) / (width - 2))
        for value, width in zip(row, widths, strict=True)
        if isinstance(value, str)
    )
    return min(max(taken, default=1), _MOST_LINES)


def _width(column: Column, sample: Iterable[object]) -> float:
    """As wide as most of what is in it, within bounds."""
    longest = max((len(str(value)) for value in sample if isinstance(value, str)), default=0)
    if column.kind != "text":
        return max(14, min(max(len(column.title) + 3, longest + 2), 24))
    least, most = _WIDTHS
    return min(max(longest + _ROOM, min(len(column.title) + 3, 24), least), most)
