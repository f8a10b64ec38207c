"""A report as a workbook: what is said, every table with all its rows, and each chart with its figures, as a native one.

What is unknown is an empty cell, as in every workbook.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from dashboard import theme
from dashboard.report.document import Bars, Chart, Growth, Points, Prose, Report, Section, Spans
from dashboard.texts import Texts
from exporters import workbooks
from exporters.workbooks import Column, Plot, Sheet


def content(report: Report, t: Texts, made: dt.datetime | None = None) -> bytes:
    """The workbook. The same report and the same time of making (UTC) give the same bytes."""
    return workbooks.content(_sheets(report, t), f"{report.title}, {report.subtitle}", t.language, made)


def _sheets(report: Report, t: Texts) -> Iterator[Sheet]:
    said = [(one.title, text) for one in report.sections for text in _said(one)]
    about = [
        (report.title, report.subtitle),
        (report.title, report.made),
        (report.title, t("workbook.empty")),
    ]
    yield Sheet(t("report.said"), [Column(t("report.section")), Column(t("report.text"))], [*about, *said])
    for table in report.tables():
        if table.rows:
            yield Sheet(
                table.title,
                table.columns,
                [[None if cell == "" else cell for cell in row] for row in table.rows],
            )
    for chart in report.charts():
        yield _chart(chart, t)


def _said(one: Section) -> Iterator[str]:
    for block in one.blocks:
        if isinstance(block, Prose):
            yield block.text
        elif isinstance(block, Points):
            yield from block.items


def _chart(one: Chart, t: Texts) -> Sheet:
    match one:
        case Growth():
            return _growth(one, t)
        case Bars():
            return _bars(one, t)
        case Spans():
            return _spans(one, t)


def _growth(one: Growth, t: Texts) -> Sheet:
    """The band is kept as its lower edge and its height: so a spreadsheet draws it."""
    named = (
        ("trace.used", one.used),
        ("trace.forecast", one.mean),
        ("report.limit", one.limit),
        ("report.low", one.low),
    )
    heads = [
        Column(t("column.day"), "day"),
        *(Column(f"{t(key)} ({one.unit})", "decimal") for key, _ in named),
    ]
    height = [None if a is None or b is None else b - a for a, b in zip(one.low, one.high, strict=True)]
    rows = list(zip(one.days, *(values for _, values in named), height, strict=True))
    colours = theme.BLUE, theme.VERMILION, theme.GREY, theme.VERMILION
    plot = Plot(f"{one.title} ({one.unit})", one.said, colours, lines=(1, 2, 3), band=(4, 5))
    return Sheet(one.title, [*heads, Column(f"{t('trace.80')} ({one.unit})", "decimal")], rows, plot)


def _bars(one: Bars, t: Texts) -> Sheet:
    heads = [Column(t("column.group")), *(one.column._replace(title=name) for name, _ in one.series)]
    rows = list(zip(one.labels, *(values for _, values in one.series), strict=True))
    colours = theme.BLUE, theme.ORANGE, theme.GREEN, theme.PURPLE
    return Sheet(one.title, heads, rows, Plot(one.title, one.said, colours, bars=tuple(range(1, len(heads)))))


def _spans(one: Spans, t: Texts) -> Sheet:
    """Each wall from its early to its late date; one that is open is drawn to its central one, a day at least."""
    heads = [
        Column(t("column.wall")), Column(t("report.early"), "day"), Column(t("report.days"), "number"), Column(t("column.central"), "day"),
        Column(t("report.late"), "day"), Column(t("column.state")),
    ]  # fmt: skip
    rows = []
    for row in one.rows:
        begin = row.early or row.central or one.today
        end = row.late or row.central or begin
        rows.append(
            (
                row.name,
                begin,
                max((end - begin).days, _SHORTEST),
                row.central,
                row.late,
                t(f"state.{row.state}"),
            )
        )
    first = min([one.today, *(row[1] for row in rows)])
    return Sheet(one.title, heads, rows, Plot(one.title, one.said, (theme.BLUE,), spans=(1, 2), first=first))


_SHORTEST: Final = 5
"""Days that a wall is drawn with at least, so that it is seen."""
