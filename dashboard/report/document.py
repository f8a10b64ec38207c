"""What a report is made of: sections of prose, points, tables and charts, all of them plain values.

A cell is a value and never its text: a workbook keeps it as a number or a day, and `shown` writes it as a reader of the language
does. None is unknown, which is never 0; "" is a cell that has nothing to say.
"""

from __future__ import annotations

import datetime as dt
import numbers
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from dashboard.texts import Language, Texts
from exporters.workbooks import Column

PRINTED: Final = 20
"""Rows of a table on paper: the workbook has all."""

Values = tuple[float | None, ...]


class Prose(NamedTuple):
    """A paragraph."""

    text: str


class Points(NamedTuple):
    """Things that are said one below the other."""

    items: tuple[str, ...]


class Table(NamedTuple):
    """A table: `rows` hold a cell for each column. `empty` is what is said where there are none.

    On paper the first `most` rows stand, and the columns `under` stand below the first one, small. A table with `most` of 0 is for
    the workbook alone. What has to be decided `is_whole`: all of it stands on paper, and on as many slides as that takes.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    empty: str = ""
    most: int = PRINTED
    under: tuple[int, ...] = ()
    is_whole: bool = False

    @property
    def printed(self) -> tuple[tuple[object, ...], ...]:
        """The rows that stand on paper."""
        return self.rows if self.is_whole else self.rows[: self.most]

    @property
    def more(self) -> int:
        """How many rows the workbook has beyond those."""
        return len(self.rows) - len(self.printed)


class Growth(NamedTuple):
    """How something fills: what was used, the forecast with its band of 8 chances in 10, and what may be filled, in `unit`.

    `said` tells what the chart shows to who cannot see it, `note` what it rests on, to all.
    """

    title: str
    said: str
    note: str
    unit: str
    today: dt.date
    days: tuple[dt.date, ...]
    used: Values
    mean: Values
    low: Values
    high: Values
    limit: Values


class Bars(NamedTuple):
    """Columns side by side: for each of `labels` a value of each of `series`, each by its name."""

    title: str
    said: str
    column: Column
    labels: tuple[str, ...]
    series: tuple[tuple[str, Values], ...]


class Span(NamedTuple):
    """One wall of a line of time. `state` is a word of the states of pages."""

    name: str
    state: str
    early: dt.date | None
    central: dt.date | None
    late: dt.date | None


class Spans(NamedTuple):
    """Walls on one line of time."""

    title: str
    said: str
    today: dt.date
    rows: tuple[Span, ...]


Chart = Growth | Bars | Spans
Block = Prose | Points | Table | Growth | Bars | Spans


class Section(NamedTuple):
    """One question of the committee, and its answer."""

    name: str
    title: str
    blocks: tuple[Block, ...]


class Report(NamedTuple):
    """The whole file. `made` says of when its figures are."""

    title: str
    subtitle: str
    language: Language
    day: dt.date
    made: str
    sections: tuple[Section, ...]

    def tables(self) -> Iterator[Table]:
        """Every table, in the order of the document."""
        return (one for section in self.sections for one in section.blocks if isinstance(one, Table))

    def charts(self) -> Iterator[Chart]:
        """Every chart, in the order of the document."""
        return (
            one
            for section in self.sections
            for one in section.blocks
            if isinstance(one, Growth | Bars | Spans)
        )


def is_printed(one: Block) -> bool:
    """Whether a block stands on paper: all but what is for the workbook alone."""
    return not isinstance(one, Table) or one.most > 0


def shown(value: object, column: Column, t: Texts) -> str:
    """A cell as people read it."""
    if value is None:
        return t.unknown
    if isinstance(value, dt.date):
        return t.day(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return str(value)
    return _number(float(value), column, t)


def _number(value: float, column: Column, t: Texts) -> str:
    match column.kind:
        case "money":
            return t.money(value, column.currency)
        case "bytes":
            return t.size(value)
        case "share":
            return t.ratio(value)
        case "decimal":
            return t.number(value, 1)
        case "year":
            return str(int(value))
        case _:
            return t.number(value)


def columns(t: Texts, currency: str, *fields: tuple[str, Any]) -> tuple[Column, ...]:
    """Columns by the keys of their titles and what their cells are."""
    return tuple(Column(t(key), kind, currency) for key, kind in fields)


def known(values: Sequence[float | None]) -> list[float]:
    """The values that there are."""
    return [value for value in values if value is not None]
