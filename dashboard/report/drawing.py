"""Charts as SVG: lines, bars and spans, drawn from the same values as the tables beside them. What is missing is a gap, never 0."""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape  # rule: B406 - it escapes, and parses nothing

from dashboard import theme
from dashboard.report.document import Bars, Chart, Growth, Spans, Values, known, shown
from dashboard.texts import Texts, plain

FONT: Final = "Libertinus Serif"
WIDTH: Final = 680
_INK, _FAINT = "#343a40", "#ced4da"
_LEFT: Final = 64
_ROW: Final = 22
_HEIGHT: Final = 250
_LETTER: Final = 6.2
"""Width of a letter, as a rule."""

_SERIES: Final = (theme.BLUE, theme.ORANGE, theme.GREEN, theme.PURPLE)
_STATES: Final = {
    "reached": theme.VERMILION, "overdue": theme.VERMILION, "soon": theme.ORANGE, "later": theme.BLUE, "possible": theme.GREY,
}  # fmt: skip

Place = Callable[[float], float]


def svg(chart: Chart, t: Texts) -> str:
    """The chart as a picture of its own. Its title and what it says stand in it, for who hears it read."""
    match chart:
        case Growth():
            height, parts = _HEIGHT, list(_growth(chart, t))
        case Bars():
            height, parts = _HEIGHT, list(_bars(chart, t))
        case Spans():
            height, parts = 64 + _ROW * len(chart.rows), list(_spans(chart, t))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'font-family="{FONT}, Georgia, serif" font-size="12" fill="{_INK}">'
    )
    return (
        f"{head}<title>{escape(chart.title)}</title><desc>{escape(chart.said)}</desc>{''.join(parts)}</svg>"
    )


# --- how something fills ------------------------------------------------------------------------------


def _growth(one: Growth, t: Texts) -> Iterator[str]:
    first, last = one.days[0].toordinal(), one.days[-1].toordinal()
    top = _round_up(max(known((*one.used, *one.mean, *one.high, *one.limit)), default=1.0))
    across = _scale(first, last, _LEFT, WIDTH - 12)
    up = _scale(0, top, _HEIGHT - 38, 30)
    yield from _grid(top, up, t)
    yield from _years(one.days, across, _HEIGHT - 38)
    places = [across(day.toordinal()) for day in one.days]
    yield from _band(places, one.low, one.high, up)
    yield from _line(places, one.limit, up, theme.GREY, "2 3", 1.5)
    yield from _line(places, one.used, up, theme.BLUE, "", 2)
    yield from _line(places, one.mean, up, theme.VERMILION, "6 3", 2)
    yield from _today(one.today, across, 30, _HEIGHT - 38, t)
    names = [
        (t("trace.used"), theme.BLUE),
        (t("trace.forecast"), theme.VERMILION),
        (t("report.limit"), theme.GREY),
    ]
    yield from _legend(names, one.unit)


def _band(places: Sequence[float], low: Values, high: Values, up: Place) -> Iterator[str]:
    edges = [
        (x, up(a), up(b))
        for x, a, b in zip(places, low, high, strict=True)
        if a is not None and b is not None
    ]
    if edges:
        points = [*((x, b) for x, _, b in edges), *((x, a) for x, a, _ in reversed(edges))]
        yield f'<polygon points="{_points(points)}" fill="{theme.VERMILION}" fill-opacity="0.18"/>'


def _line(
    places: Sequence[float], values: Values, up: Place, colour: str, dash: str, width: float
) -> Iterator[str]:
    for run in _runs(places, values):
        style = f' stroke-dasharray="{dash}"' if dash else ""
        points = _points([(x, up(y)) for x, y in run])
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"{style}/>'


def _runs(places: Sequence[float], values: Values) -> Iterator[list[tuple[float, float]]]:
    """The parts of a line between its gaps."""
    run: list[tuple[float, float]] = []
    for x, y in zip(places, values, strict=True):
        if y is not None:
            run.append((x, y))
        elif run:
            yield run
            run = []
    if run:
        yield run


# --- columns ------------------------------------------------------------------------------------------


def _bars(one: Bars, t: Texts) -> Iterator[str]:
    top = _round_up(max((value for _, values in one.series for value in known(values)), default=1.0))
    up, floor = _scale(0, top, _HEIGHT - 38, 30), _HEIGHT - 38
    yield from _grid(top, up, t, lambda value: shown(value, one.column, t))
    room = (WIDTH - 12 - _LEFT) / max(len(one.labels), 1)
    width = min(room * 0.72 / max(len(one.series), 1), 46)
    for place, label in enumerate(one.labels):
        middle = _LEFT + room * (place + 0.5)
        for line, part in enumerate(_wrapped(label, room)):
            yield _text(middle, floor + 16 + 13 * line, part, "middle")
        for number, (_, values) in enumerate(one.series):
            value = values[place]
            if value is not None:
                x, y = middle + (number - len(one.series) / 2) * width, up(value)
                colour = _SERIES[number % len(_SERIES)]
                yield f'<rect x="{x:.1f}" y="{y:.1f}" width="{width - 2:.1f}" height="{max(floor - y, 0):.1f}" fill="{colour}"/>'
    if len(one.series) > 1:
        yield from _legend(
            [(name, _SERIES[place % len(_SERIES)]) for place, (name, _) in enumerate(one.series)], ""
        )


def _wrapped(label: str, room: float) -> list[str]:
    """A label in two lines at most, each as long as there is room."""
    many = max(int(room / _LETTER), 4)
    lines = textwrap.wrap(label, many, max_lines=2, placeholder="…")
    return lines or [""]


# --- walls --------------------------------------------------------------------------------------------

_NAMES: Final = 290
_NAMED: Final = 38
"""Where the names of walls end, and characters of one that are drawn."""


def _spans(one: Spans, t: Texts) -> Iterator[str]:
    days = [day for row in one.rows for day in row[2:] if day is not None]
    first, last = min([one.today, *days]), max([one.today + dt.timedelta(days=30), *days])
    across = _scale(first.toordinal(), last.toordinal(), _NAMES, WIDTH - 20)
    floor = 36 + _ROW * len(one.rows)
    yield from _years((first, last), across, floor)
    for place, row in enumerate(one.rows):
        y, colour = 36 + _ROW * (place + 0.5), _STATES.get(row.state, theme.GREY)
        yield _text(_NAMES - 12, y + 4, plain(row.name, _NAMED), "end")
        begin, end = (across(day.toordinal()) if day else None for day in (row.early, row.late))
        if begin is not None:
            reach = end if end is not None else float(WIDTH - 20)
            dash = "" if end is not None else ' stroke-dasharray="3 3"'
            yield f'<line x1="{begin:.1f}" y1="{y}" x2="{reach:.1f}" y2="{y}" stroke="{colour}" stroke-width="4"{dash}/>'
        if row.central is not None:
            x = across(row.central.toordinal())
            yield f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{colour}"/>'
    yield from _today(one.today, across, 30, floor, t)
    states = dict.fromkeys(row.state for row in one.rows)
    yield from _legend([(t(f"state.{state}"), _STATES.get(state, theme.GREY)) for state in states], "")


# --- what charts share --------------------------------------------------------------------------------


def _scale(low: float, high: float, begin: float, end: float) -> Place:
    width = (high - low) or 1.0
    return lambda value: begin + (value - low) / width * (end - begin)


_PARTS: Final = {1: 5, 1.5: 3, 2: 4, 3: 3, 4: 4, 5: 5, 6: 3, 8: 4, 10: 5}
"""Where an axis may end, in powers of ten, and in how many parts it is divided: what stands at them are round numbers."""


def _round_up(value: float) -> float:
    """A little above a value, where an axis may end."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return power * next(end for end in _PARTS if end * power >= value * 0.999999)


def _ticks(top: float) -> Iterator[float]:
    """The round numbers of an axis that ends at `top`."""
    end = top / 10.0 ** math.floor(math.log10(top) + 1e-9)
    parts = min(_PARTS.items(), key=lambda known: abs(known[0] - end))[1]
    yield from (top * part / parts for part in range(parts + 1))


def _grid(top: float, up: Place, t: Texts, written: Callable[[float], str] | None = None) -> Iterator[str]:
    digits = 0 if top >= 10 else 1 if top >= 1 else 2
    seen = ""
    for value in _ticks(top):
        y, said = up(value), written(value) if written else t.number(value, digits)
        if said == seen:
            continue  # half a machine is none
        seen = said
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - 12}" y2="{y:.1f}" stroke="{_FAINT}" stroke-width="0.7"/>'
        yield _text(_LEFT - 8, y + 4, said, "end")


def _years(days: Sequence[dt.date], across: Place, floor: float) -> Iterator[str]:
    """The beginnings of years, or of quarters where there are few years, or of months where there is none."""
    first, last = days[0], days[-1]
    span = (last - first).days
    months = (1,) if span > 1200 else (1, 7) if span > 500 else (1, 4, 7, 10) if span > 250 else range(1, 13)
    for year in range(first.year, last.year + 1):
        for month in months:
            day = dt.date(year, month, 1)
            if first <= day <= last:
                x = across(day.toordinal())
                yield f'<line x1="{x:.1f}" y1="30" x2="{x:.1f}" y2="{floor}" stroke="{_FAINT}" stroke-width="0.7"/>'
                yield _text(
                    x, floor + 18, str(year) if month == 1 else f"{month:02d}/{year % 100:02d}", "middle"
                )


def _today(day: dt.date, across: Place, top: float, floor: float, t: Texts) -> Iterator[str]:
    x = across(day.toordinal())
    yield f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{floor}" stroke="{_INK}" stroke-width="1"/>'
    yield _text(
        x + 4 if x < WIDTH - 90 else x - 4, top + 10, t("report.today"), "start" if x < WIDTH - 90 else "end"
    )


def _legend(names: Sequence[tuple[str, str]], unit: str) -> Iterator[str]:
    if unit:
        yield _text(_LEFT - 8, 16, unit, "end")
    x = float(_LEFT)
    for name, colour in names:
        yield f'<rect x="{x:.0f}" y="7" width="12" height="10" fill="{colour}"/>'
        yield _text(x + 17, 16, name, "start")
        x += 34 + _LETTER * len(name)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
