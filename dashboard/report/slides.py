"""A report as slides: what is said, each chart as a native one that can be edited, and the beginning of each table.

python-pptx is untyped. Its areas and lines cannot share a chart, so the lines of a growth are moved beside its band afterwards: all
of them were made with one workbook, which they go on pointing at.
"""

from __future__ import annotations

import copy
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from dashboard import theme
from dashboard.report.document import (
    Bars,
    Chart,
    Growth,
    Points,
    Prose,
    Report,
    Section,
    Spans,
    Table,
    known,
    shown,
)
from dashboard.texts import Texts, scale
from exporters.workbooks import Column

_LOCALES: Final = {"en": "en-GB", "fr": "fr-FR"}
_WIDTH, _HEIGHT = 13.333, 7.5
_LEFT, _TOP = 0.6, 1.3
"""Inches."""

_ACCENT: Final = "0B5563"
_ROWS: Final = 14
"""Rows of a table on a slide, at most."""

_LETTERS, _ABOVE, _LINE = 1100, 420, 125
"""Characters of text on a slide, of what stands above a table or chart, and of a line of that."""

_CELL, _CELLS, _UNBROKEN, _LINE_HEIGHT = 160, 150, 20, 0.2
"""Characters of a cell, of a line of all cells, and of a text that is not broken; inches that a line takes."""

_WHOLE: Final = 500
"""Characters of a cell of a table that stands whole."""

_TITLE_ONLY: Final = 5
"""The layout of python-pptx's own template that has a title alone."""

_ZERO: Final = dt.date(1899, 12, 30)
_SHORTEST: Final = 5


def content(report: Report, t: Texts) -> bytes:
    """The presentation."""
    from pptx import Presentation  # noqa: PLC0415 - only who makes slides needs it
    from pptx.util import Inches  # noqa: PLC0415

    made = Presentation()
    made.slide_width, made.slide_height = Inches(_WIDTH), Inches(_HEIGHT)
    made.core_properties.title = f"{report.title}, {report.subtitle}"
    made.core_properties.language = _LOCALES[report.language]
    deck = _Deck(made, report, t)
    deck.opening()
    for number, one in enumerate(report.sections, 1):
        deck.section(one, number)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


class _Deck:
    """Writes slides into a presentation of python-pptx."""

    def __init__(self, made: Any, report: Report, t: Texts) -> None:
        self._made, self._report, self._t = made, report, t

    def opening(self) -> None:
        """The first slide: what this is, whose, and of when."""
        slide = self._slide(self._report.title)
        self._write(slide, [self._report.subtitle, self._report.made])

    def section(self, one: Section, number: int) -> None:
        """Charts and tables have a slide each; what is said before one stands on its slide where there is room, else on slides before.

        The long sentence of a chart is what its speaker says: it goes into the notes.
        """
        title, waiting = f"{number}. {one.title}", list[str]()
        for block in one.blocks:
            if isinstance(block, Prose | Points):
                waiting += [block.text] if isinstance(block, Prose) else [f"– {item}" for item in block.items]
                continue
            if isinstance(block, Table) and not (block.rows and block.most):
                waiting += (
                    [f"{block.title}{self._t('colon')}{block.empty or self._t('none')}"] if block.most else []
                )
                continue
            above = "\n".join(waiting)
            if isinstance(block, Table):
                if len(above) > _ABOVE:
                    self._tell(title, waiting)
                self._table(block, number, above if len(above) <= _ABOVE else "")
            else:
                self._chart(block, number, above)
            waiting = []
        self._tell(title, waiting)

    def _tell(self, title: str, said: Sequence[str]) -> None:
        for page in _pages(said):
            self._write(self._slide(title), page)

    def _slide(self, title: str) -> Any:
        from pptx.util import Inches, Pt  # noqa: PLC0415 - as above

        slide = self._made.slides.add_slide(self._made.slide_layouts[_TITLE_ONLY])
        head = slide.shapes.title
        head.left, head.top, head.width, head.height = (
            Inches(_LEFT),
            Inches(0.35),
            Inches(_WIDTH - 2 * _LEFT),
            Inches(0.8),
        )
        head.text_frame.word_wrap = True
        self._fill(head.text_frame.paragraphs[0], title, Pt(24), _ACCENT, bold=True)
        return slide

    def _write(self, slide: Any, said: Sequence[str]) -> None:
        from pptx.util import Inches, Pt  # noqa: PLC0415 - as above

        box = slide.shapes.add_textbox(
            Inches(_LEFT), Inches(_TOP), Inches(_WIDTH - 2 * _LEFT), Inches(_HEIGHT - _TOP - 0.5)
        )
        frame = box.text_frame
        frame.word_wrap = True
        for place, text in enumerate(said):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(10)
            self._fill(paragraph, text, Pt(18), "212529")

    def _fill(self, paragraph: Any, text: str, size: Any, colour: str, bold: bool = False) -> None:
        from pptx.dml.color import RGBColor  # noqa: PLC0415 - as above
        from pptx.enum.text import PP_ALIGN  # noqa: PLC0415

        paragraph.alignment = PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text, run.font.size, run.font.bold = text, size, bold
        run.font.color.rgb = RGBColor.from_string(colour)
        run._r.get_or_add_rPr().set("lang", _LOCALES[self._report.language])

    # --- tables -------------------------------------------------------------------------------------------

    def _table(self, one: Table, number: int, above: str) -> None:
        """The beginning of a table, or all of it on slides that follow each other."""
        most = _WHOLE if one.is_whole else _CELL
        texts = [
            [_cut(shown(cell, column, self._t), most) for cell, column in zip(row, one.columns, strict=True)]
            for row in (one.rows if one.is_whole else one.rows[:_ROWS])
        ]
        shares = _shares(one.columns, texts)
        while texts:
            slide = self._slide(f"{number}. {one.title}")
            top = self._above(slide, above)
            here = _fitting(texts[:_ROWS], shares, _HEIGHT - top)
            texts, above = texts[len(here) :] if one.is_whole else [], ""
            more = 0 if one.is_whole else len(one.rows) - len(here)
            self._rows(slide, one, here, shares, top, more)

    def _rows(
        self, slide: Any, one: Table, texts: list[list[str]], shares: Sequence[float], top: float, more: int
    ) -> None:
        """Rows on a slide, and how many more there are."""
        from pptx.util import Inches  # noqa: PLC0415 - as above

        wide = _WIDTH - 2 * _LEFT
        frame = slide.shapes.add_table(
            len(texts) + 1, len(one.columns), Inches(_LEFT), Inches(top), Inches(wide), Inches(0.4)
        )
        frame._element.nvGraphicFramePr.cNvPr.set("descr", one.title)
        for place, share in enumerate(shares):
            frame.table.columns[place].width = Inches(wide * share)
            self._cell(frame.table.cell(0, place), one.columns[place].title, one.columns[place], head=True)
        for line, row in enumerate(texts, 1):
            for place, text in enumerate(row):
                self._cell(frame.table.cell(line, place), text, one.columns[place])
        if more:
            box = slide.shapes.add_textbox(Inches(_LEFT), Inches(_HEIGHT - 0.5), Inches(wide), Inches(0.4))
            self._fill(
                box.text_frame.paragraphs[0], self._t.count("report.more", more), _points(12), "5C636A"
            )

    def _above(self, slide: Any, text: str) -> float:
        """Write what stands between the title and the rest, and give the height (inches) at which the rest begins."""
        from pptx.util import Inches  # noqa: PLC0415 - as above

        if not text:
            return _TOP
        box = slide.shapes.add_textbox(
            Inches(_LEFT), Inches(_TOP - 0.1), Inches(_WIDTH - 2 * _LEFT), Inches(0.4)
        )
        box.text_frame.word_wrap = True
        lines = text.split("\n")
        for place, line in enumerate(lines):
            paragraph = box.text_frame.paragraphs[0] if place == 0 else box.text_frame.add_paragraph()
            self._fill(paragraph, line, _points(14), "212529")
        return _TOP + 0.15 + 0.27 * sum(1 + len(line) // _LINE for line in lines)

    def _cell(self, cell: Any, text: str, column: Column, head: bool = False) -> None:
        from pptx.dml.color import RGBColor  # noqa: PLC0415 - as above
        from pptx.enum.text import PP_ALIGN  # noqa: PLC0415
        from pptx.util import Inches, Pt  # noqa: PLC0415

        cell.margin_left = cell.margin_right = Inches(0.06)
        cell.margin_top = cell.margin_bottom = Inches(0.03)
        cell.fill.solid()
        cell.fill.fore_color.rgb = RGBColor.from_string("E4ECEE" if head else "FFFFFF")
        paragraph = cell.text_frame.paragraphs[0]
        self._fill(paragraph, text, Pt(11), "212529", bold=head)
        if column.kind not in ("text", "year"):
            paragraph.alignment = PP_ALIGN.RIGHT

    # --- charts -------------------------------------------------------------------------------------------

    def _chart(self, one: Chart, number: int, above: str) -> None:
        from pptx.util import Inches, Pt  # noqa: PLC0415 - as above

        slide = self._slide(f"{number}. {one.title}")
        note = one.note if isinstance(one, Growth) else ""
        if len(above) > _ABOVE:
            slide.notes_slide.notes_text_frame.text = above
        top = self._above(
            slide, note if len(above) > _ABOVE else "\n".join(part for part in (above, note) if part)
        )
        kind, data = _data(one, self._t)
        place = Inches(_LEFT), Inches(top), Inches(_WIDTH - 2 * _LEFT), Inches(_HEIGHT - top - 0.4)
        frame = slide.shapes.add_chart(kind, *place, data)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", one.said)
        chart = frame.chart
        chart.font.size = Pt(12)
        _legend(chart, len(chart.plots[0].series) > 1)
        match one:
            case Growth():
                _draw_growth(chart)
            case Bars():
                _draw_bars(chart, one, self._t)
            case Spans():
                _draw_spans(chart, one)


def _pages(said: Sequence[str]) -> Iterator[list[str]]:
    """As many paragraphs as a slide has room for."""
    page: list[str] = []
    for text in said:
        if page and sum(map(len, page)) + len(text) > _LETTERS:
            yield page
            page = []
        page.append(text)
    if page:
        yield page


def _fitting(texts: list[list[str]], shares: Sequence[float], inches: float) -> list[list[str]]:
    """The rows that there is room for, by the lines that their cells take."""
    room, shown_rows = (inches - 1.2) / _LINE_HEIGHT, list[list[str]]()
    for row in texts:
        lines = max(1 + int(len(text) / (share * _CELLS)) for text, share in zip(row, shares, strict=True))
        room -= lines + 0.4
        if room < 0 and shown_rows:
            break
        shown_rows.append(row)
    return shown_rows


def _points(size: int) -> Any:
    from pptx.util import Pt  # noqa: PLC0415 - as above

    return Pt(size)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _shares(columns: Sequence[Column], texts: Sequence[Sequence[str]]) -> list[float]:
    """How much of the width each column has: short texts are not broken, long ones are."""
    sizes = []
    for place, column in enumerate(columns):
        word = max(map(len, column.title.split()), default=0)
        longest = max((len(row[place]) for row in texts), default=0)
        sizes.append(max(6.0, 1.3 * word, 1.25 * longest if longest <= _UNBROKEN else min(longest, 34)))
    return [size / sum(sizes) for size in sizes]


def _data(one: Chart, t: Texts) -> tuple[Any, Any]:
    """The kind of a chart, and its figures."""
    from pptx.chart.data import CategoryChartData  # noqa: PLC0415 - as above
    from pptx.enum.chart import XL_CHART_TYPE  # noqa: PLC0415

    data = CategoryChartData()
    match one:
        case Growth():
            data.categories = one.days
            height = [
                None if a is None or b is None else b - a for a, b in zip(one.low, one.high, strict=True)
            ]
            named = {
                t("report.low"): one.low, f"{t('trace.80')} ({one.unit})": height, f"{t('trace.used')} ({one.unit})": one.used,
                f"{t('trace.forecast')} ({one.unit})": one.mean, f"{t('report.limit')} ({one.unit})": one.limit,
            }  # fmt: skip
            kind = XL_CHART_TYPE.AREA_STACKED
        case Bars():
            data.categories = one.labels
            named, kind = dict(one.series), XL_CHART_TYPE.COLUMN_CLUSTERED
        case Spans():
            data.categories = [row.name for row in one.rows]
            begins = [row.early or row.central or one.today for row in one.rows]
            ends = [row.late or row.central or begin for row, begin in zip(one.rows, begins, strict=True)]
            lengths = [max((end - begin).days, _SHORTEST) for begin, end in zip(begins, ends, strict=True)]
            named = {t("report.early"): [(day - _ZERO).days for day in begins], t("report.days"): lengths}
            kind = XL_CHART_TYPE.BAR_STACKED
    for name, values in named.items():
        data.add_series(name, values)
    return kind, data


def _legend(chart: Any, several: bool) -> None:
    from pptx.enum.chart import XL_LEGEND_POSITION  # noqa: PLC0415 - as above

    chart.has_title = False
    chart.has_legend = several
    if several:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False


def _draw_growth(chart: Any) -> None:
    """The last three series become lines over the band, whose lower area has no colour."""
    areas = chart._chartSpace.chart.plotArea.find(_named("areaChart"))
    low, band, *_ = chart.plots[0].series
    low.format.fill.background()
    _paint(band.format.fill, theme.VERMILION)
    _fade(band, 25_000)
    lines = _lines_of(areas, 3)
    areas.addnext(lines)
    for plot in chart.plots:
        for series, colour in zip(plot.series, (theme.BLUE, theme.VERMILION, theme.GREY), strict=False):
            if plot is not chart.plots[0] and hasattr(series, "smooth"):
                series.smooth = False
                _stroke(series, colour)
    _gap(chart)
    _unlisted(chart, 0)
    chart.value_axis.minimum_scale = 0
    chart.category_axis.tick_labels.number_format = "mm/yyyy"
    chart.category_axis.tick_labels.number_format_is_linked = False
    _every(chart, 6)


def _every(chart: Any, months: int) -> None:
    """Mark the days every so many months."""
    from lxml import etree  # noqa: PLC0415 - as above

    axis = chart.category_axis._element
    for name, value in (("majorUnit", str(months)), ("majorTimeUnit", "months")):
        found = axis.find(_named(name))
        (etree.SubElement(axis, _named(name)) if found is None else found).set("val", value)


def _lines_of(areas: Any, many: int) -> Any:
    """A chart of lines that takes the last series of the areas, and shares their axes."""
    from lxml import etree  # noqa: PLC0415 - python-pptx brings it

    lines = etree.SubElement(areas.getparent(), _named("lineChart"))
    etree.SubElement(lines, _named("grouping"), val="standard")
    etree.SubElement(lines, _named("varyColors"), val="0")
    for series in areas.findall(_named("ser"))[-many:]:
        mark = etree.Element(_named("marker"))
        etree.SubElement(mark, _named("symbol"), val="none")
        lines.append(series)
        series.find(_named("tx")).addnext(mark)
    etree.SubElement(lines, _named("marker"), val="1")
    for axis in areas.findall(_named("axId")):
        lines.append(copy.deepcopy(axis))
    return lines


def _draw_bars(chart: Any, one: Bars, t: Texts) -> None:
    colours = theme.BLUE, theme.ORANGE, theme.GREEN, theme.PURPLE
    for place, series in enumerate(chart.plots[0].series):
        _paint(series.format.fill, colours[place % len(colours)])
    chart.plots[0].gap_width = 60
    chart.value_axis.minimum_scale = 0
    chart.value_axis.tick_labels.number_format = _written(one, t)
    chart.value_axis.tick_labels.number_format_is_linked = False
    _gap(chart)


def _written(one: Bars, t: Texts) -> str:
    """How the figures of an axis are written: bytes in the unit of the largest, each comma being a thousand."""
    if one.column.kind != "bytes":
        return "#,##0.0" if one.column.kind == "decimal" else "#,##0"
    _, power = scale(max((value for _, values in one.series for value in known(values)), default=0.0))
    return f'#,##0{"," * power} "{t.unit(power)}"'


def _draw_spans(chart: Any, one: Spans) -> None:
    begin, length = chart.plots[0].series
    begin.format.fill.background()
    _paint(length.format.fill, theme.BLUE)
    chart.plots[0].gap_width = 60
    chart.has_legend = False
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_labels.font.size = _points(9)
    _each(chart)
    days = [row.early or row.central or one.today for row in one.rows]
    chart.value_axis.minimum_scale = (min([one.today, *days]) - _ZERO).days
    chart.value_axis.tick_labels.number_format = "mm/yyyy"
    chart.value_axis.tick_labels.number_format_is_linked = False


def _each(chart: Any) -> None:
    """Name every wall: where there are many, every other name would be left out."""
    from lxml import etree  # noqa: PLC0415 - as above

    skip = etree.Element(_named("tickLblSkip"), val="1")
    chart.category_axis._element.find(_named("noMultiLvlLbl")).addprevious(skip)


def _paint(fill: Any, colour: str) -> None:
    from pptx.dml.color import RGBColor  # noqa: PLC0415 - as above

    fill.solid()
    fill.fore_color.rgb = RGBColor.from_string(colour.removeprefix("#"))


def _stroke(series: Any, colour: str) -> None:
    from pptx.dml.color import RGBColor  # noqa: PLC0415 - as above
    from pptx.util import Pt  # noqa: PLC0415

    series.format.line.width = Pt(2.25)
    series.format.line.color.rgb = RGBColor.from_string(colour.removeprefix("#"))


def _fade(series: Any, alpha: int) -> None:
    """Let an area be seen through: python-pptx has no word for it."""
    from lxml import etree  # noqa: PLC0415 - as above

    main = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
    etree.SubElement(series._element.find(f".//{main}srgbClr"), f"{main}alpha", val=str(alpha))


def _gap(chart: Any) -> None:
    """What is missing is a gap: it would fall to 0 otherwise."""
    from lxml import etree  # noqa: PLC0415 - as above

    space = chart._chartSpace.chart
    found = space.find(_named("dispBlanksAs"))
    if found is None:
        found = etree.Element(_named("dispBlanksAs"))
        space.find(_named("plotVisOnly")).addnext(found)
    found.set("val", "gap")


def _unlisted(chart: Any, place: int) -> None:
    """Leave a series out of the legend."""
    from lxml import etree  # noqa: PLC0415 - as above

    entry = etree.Element(_named("legendEntry"))
    etree.SubElement(entry, _named("idx"), val=str(place))
    etree.SubElement(entry, _named("delete"), val="1")
    chart._chartSpace.chart.find(_named("legend")).find(_named("legendPos")).addnext(entry)


def _named(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/drawingml/2006/chart}}{name}"
