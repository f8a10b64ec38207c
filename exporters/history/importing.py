"""History from elsewhere: a CSV file becomes daily rows, so that forecasts work on the first day.

Two forms are read, told apart by the header:

    target, metric, ds (or time), value, and any label of the vocabulary (store, kind, pool ...) as a column
    unique_id, ds, y, and capacity where it is known

A `unique_id` is Jauge's own notation, `metric{target="...",label="..."}`, or any other text "host/store": the
target is what comes before the first "/", the store what comes after it (the whole text is both where there
is none), the metric is `jauge_storage_used_bytes` and the kind is volume. `capacity` becomes
`jauge_storage_size_bytes` of the same labels.

`ds` is a civil day of the estate (2026-03-29), or an instant: with an offset (2026-03-29T12:00:00+02:00, or Z),
without one in the estate's timezone. Of several instants of one day the last stands. An empty value is an
absent one. Either the whole file comes in or nothing does; importing it again changes nothing; a day that
Jauge measured itself is not replaced.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from exporters.history import DayKeeper, HistoryError
from exporters.history.days import DAY, Calendar, number
from exporters.history.naming import Name, is_notation, parse
from exporters.history.rolling import KEPT_DAYS
from exporters.history.sqlite import Day
from inventory import harmless
from inventory.metrics import METRICS, Sample, describe, kept, labels

USED: Final = "jauge_storage_used_bytes"
SIZE: Final = "jauge_storage_size_bytes"

_LABELS: Final = frozenset(name for metric in METRICS.values() for name in metric.labels)
_KEPT: Final = kept()
_LONG_NAMES: Final = frozenset({"target", "metric", "value"})
_SHORT_NAMES: Final = frozenset({"unique_id", "y"})
_TARGET: Final = re.compile(r"[A-Za-z0-9._-]+")
_GROUPED: Final = re.compile("[+-]?[0-9]{1,3}([ \u00a0\u202f][0-9]{3})+([.,][0-9]*)?")
"""A number with the spaces that French spreadsheets put between thousands."""
_NUMBER: Final = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_SHOWN: Final = 20
_HEADER_LENGTH: Final = 65_536


class Fault(NamedTuple):
    """One thing that is wrong with a file: `line` counts from 1, the header included."""

    line: int
    column: str
    what: str


class ImportRefusedError(HistoryError):
    """The file was not imported, nothing of it; `faults` holds the first ones, in the order of the file."""

    def __init__(self, file: Path, faults: list[Fault], count: int) -> None:
        lines = [
            harmless.line(f"{file}: line {fault.line}, column {fault.column}: {fault.what}", 4096)
            for fault in faults
        ]
        more = [f"and {count - len(faults)} more"] if count > len(faults) else []
        super().__init__("\n".join([*lines, *more, "nothing was imported"]))
        self.faults = faults


class Report(NamedTuple):
    """What an import did: `changed` daily rows of `days` read, in `series` series, between two days included.

    `empty` counts the rows without a value, `too_old` the days that are older than what the history keeps.
    """

    rows: int
    series: int
    days: int
    changed: int
    empty: int
    too_old: int
    first: dt.date | None
    last: dt.date | None


class _Refused(Exception):  # noqa: N818 - control flow of this module, never seen outside
    def __init__(self, column: str, what: str) -> None:
        super().__init__(what)
        self.column = column


class _Value(NamedTuple):
    instant: float
    value: float
    line: int


def import_csv(file: Path, writer: DayKeeper) -> Report:
    """Import a CSV file, plain or gzipped, comma, semicolon or tab between columns. All or nothing.

    Raises ImportRefusedError that names file, line and column of what is wrong, HistoryError where the history
    cannot be written.
    """
    rows = _Rows(file, writer.calendar, writer.now())
    for line, row in rows.read():
        rows.keep(line, row)
    if rows.count:
        raise ImportRefusedError(file, rows.faults, rows.count)
    changed = writer.keep_days(rows.days())
    days = [day for found in rows.found.values() for day in found]
    return Report(
        rows=rows.rows,
        series=len(rows.found),
        days=len(days),
        changed=changed,
        empty=rows.empty,
        too_old=sum(day < rows.oldest for day in days),
        first=_date(min(days)) if days else None,
        last=_date(max(days)) if days else None,
    )


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


class _Rows:
    """The rows of one file, gathered by series and day, and what is wrong with them."""

    def __init__(self, file: Path, calendar: Calendar, now: float) -> None:
        self.file = file
        self.found: dict[Name, dict[int, _Value]] = {}
        self.faults: list[Fault] = []
        self.count = self.rows = self.empty = 0
        self.oldest = calendar.day(now) - KEPT_DAYS
        self._calendar = calendar
        self._latest = now + DAY
        self._columns: list[str] = []
        self._mark = ""  # the decimal mark of the file, once one was seen
        self._commas = False
        self._names: dict[str, Name] = {}
        self._times: dict[str, tuple[int, float]] = {}

    def read(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row by column, with its line. What cannot be read at all is a fault like another."""
        reader = None
        try:
            with _text(self.file) as text:
                header = text.readline(_HEADER_LENGTH)
                delimiter = _delimiter(header)
                self._commas = delimiter != ","
                self._columns = _header(header, delimiter)
                reader = csv.reader(text, delimiter=delimiter, strict=True)
                for cells in reader:
                    if any(cell.strip() for cell in cells):
                        self.rows += 1
                        if len(cells) == len(self._columns):
                            yield reader.line_num + 1, dict(zip(self._columns, cells, strict=True))
                        else:
                            what = f"{len(cells)} cells, the header has {len(self._columns)}"
                            self._fault(reader.line_num + 1, self._columns[0], what)
        except _Refused as refused:
            self._fault(1, refused.column, str(refused))
        except UnicodeDecodeError:
            self._fault(_lines(reader), "-", "not UTF-8 text: save the file as CSV UTF-8")
        except csv.Error as error:
            self._fault(_lines(reader), "-", str(error))
        except (OSError, EOFError, zlib.error) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise HistoryError(f"cannot read {self.file}: {why}") from None

    def keep(self, line: int, row: dict[str, str]) -> None:
        """Take one row, or note what is wrong with it."""
        try:
            for name, column in self._series(row):
                self._value(line, name, column, row)
        except _Refused as refused:
            self._fault(line, refused.column, str(refused))

    def days(self) -> Iterator[Day]:
        """What goes to the history."""
        return (
            Day(*name, day, kept.value) for name, found in self.found.items() for day, kept in found.items()
        )

    def _fault(self, line: int, column: str, what: str) -> None:
        self.count += 1
        if len(self.faults) < _SHOWN:
            self.faults.append(Fault(line, column, what))

    def _series(self, row: dict[str, str]) -> Iterator[tuple[Name, str]]:
        """The series of a row, each with the column of its value."""
        if "unique_id" not in row:
            yield _checked(_named(row), "metric"), "value"
            return
        text = row["unique_id"].strip()
        name = self._names.get(text)
        if name is None:
            name = self._names[text] = _checked(_identified(text), "unique_id")
        yield name, "y"
        if row.get("capacity", "").strip():
            yield _checked(_sized(name), "capacity"), "capacity"

    def _value(self, line: int, name: Name, column: str, row: dict[str, str]) -> None:
        text = row[column].strip()
        if not text:
            self.empty += 1
            return
        day, instant = self._time("ds" if "ds" in row else "time", row)
        value = self._number(column, text)
        if value < 0 and METRICS[name.metric].unit in ("bytes", "ratio"):
            raise _Refused(column, f"{name.metric} cannot be negative: {text[:40]}")
        found = self.found.setdefault(name, {})
        before = found.get(day)
        if before and before.instant == instant and before.value != value:
            raise _Refused(column, f"line {before.line} holds another value of the same series and time")
        if before is None or instant > before.instant:
            found[day] = _Value(instant, value, line)

    def _number(self, column: str, text: str) -> float:
        if _GROUPED.fullmatch(text):
            text = re.sub(r"\s", "", text)
        if not _NUMBER.fullmatch(text):
            raise _Refused(
                column, f"not a number: {text[:40]!r} (write 1234.5, without unit or thousands separator)"
            )
        mark = "," if "," in text else "." if "." in text else ""
        if mark == "," and not self._commas:
            raise _Refused(
                column, f"{text[:40]!r} may be a decimal comma or thousands: write a decimal point"
            )
        if mark and self._mark and mark != self._mark:
            raise _Refused(column, f"{text[:40]!r}: rows above write decimals with {self._mark!r}")
        self._mark = self._mark or mark
        value = float(text.replace(",", "."))
        if not math.isfinite(value):
            raise _Refused(column, f"too large for a number: {text[:40]}")
        return value

    def _time(self, column: str, row: dict[str, str]) -> tuple[int, float]:
        """The civil day, and the instant that says which value of a day is the last."""
        text = row[column].strip()
        known = self._times.get(text)
        if known is None:
            known = _instant(column, text, self._calendar)
            if known[1] > self._latest:
                raise _Refused(column, f"{text[:40]} is in the future")
            self._times[text] = known
        return known


def _instant(column: str, text: str, calendar: Calendar) -> tuple[int, float]:
    try:
        if len(text) == 10:
            day = number(dt.date.fromisoformat(text))
            return day, calendar.start(day)
        moment = dt.datetime.fromisoformat(text)
        at = (moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)).timestamp()
        return calendar.day(at), at
    except (ValueError, OverflowError, OSError):
        raise _Refused(column, f"not a day or a time: {text[:40]!r} (write 2026-03-29)") from None


def _named(row: dict[str, str]) -> Name:
    pairs = {column: text.strip() for column, text in row.items() if column in _LABELS}
    return Name(row["target"].strip(), row["metric"].strip(), labels(**pairs))


def _identified(text: str) -> Name:
    if is_notation(text):
        try:
            return parse(text)
        except ValueError as error:
            raise _Refused("unique_id", f"{error}: {text[:80]!r}") from None
    host, slash, store = text.partition("/")
    return Name(host.strip(), USED, labels(kind="volume", store=store.strip() if slash else host.strip()))


def _sized(name: Name) -> Name:
    if name.metric != USED:
        raise _Refused("capacity", f"only {USED} has a capacity, not {name.metric}")
    return name._replace(metric=SIZE)


def _checked(name: Name, column: str) -> Name:
    if not _TARGET.fullmatch(name.target):
        where = "target" if column == "metric" else column
        raise _Refused(where, f"not the name of a target: {name.target[:40]!r} (letters, digits and . _ -)")
    wrong = describe(Sample(name.metric, 0.0, name.labels))
    if wrong is None and name.metric not in _KEPT:
        wrong = f"no history is kept of {name.metric}"
    if wrong is None and "store" in METRICS[name.metric].labels and "store" not in dict(name.labels):
        wrong = f"{name.metric} needs a store"
    if wrong:
        raise _Refused(column, wrong[:160])
    # As what devices say is: bounded, and without what steers the screen of whoever reads it.
    return name._replace(labels=tuple((key, harmless.line(text)) for key, text in name.labels))


def _text(file: Path) -> io.TextIOWrapper:
    with file.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"  # RFC 1952, 2.3.1
    # The caller closes the text, and the text its stream.
    stream = gzip.open(file) if packed else file.open("rb")  # noqa: SIM115 - closed with the text
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


def _lines(reader: object) -> int:
    return int(getattr(reader, "line_num", 0)) + 1


def _split(header: str, delimiter: str) -> list[str]:
    cells = next(csv.reader([header.rstrip("\r\n")], delimiter=delimiter), [])
    return [cell.strip() for cell in cells]


def _delimiter(header: str) -> str:
    """The one delimiter that gives the columns we know: names hold none, so there is no doubt."""
    known = _LONG_NAMES | _SHORT_NAMES | _LABELS | {"ds", "time", "capacity"}
    return max((",", ";", "\t"), key=lambda delimiter: len(known.intersection(_split(header, delimiter))))


def _header(header: str, delimiter: str) -> list[str]:
    columns = _split(header, delimiter)
    short = "unique_id" in columns
    needed = _SHORT_NAMES | {"ds"} if short else _LONG_NAMES
    allowed = needed | ({"capacity"} if short else _LABELS | {"ds", "time"})
    for column in columns:
        if column not in allowed:
            raise _Refused(
                column[:40] or "(unnamed)", f"unknown column; these are read: {', '.join(sorted(allowed))}"
            )
        if columns.count(column) > 1:
            raise _Refused(column, "the column stands twice")
    for column in sorted(needed - set(columns)):
        raise _Refused(column, "the column is missing: either unique_id, ds, y or target, metric, ds, value")
    if not short and ("ds" in columns) == ("time" in columns):
        raise _Refused("ds", "one column of time is needed: ds or time")
    return columns
