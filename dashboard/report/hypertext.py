"""A report as one HTML file: nothing else is loaded, no script runs, and a browser shows and prints it as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from dashboard.report.document import Block, Growth, Points, Prose, Report, Section, Table, is_printed, shown
from dashboard.report.drawing import svg
from dashboard.texts import Texts
from exporters.workbooks import Column

_STYLE: Final = Path(__file__).with_name("report.css")

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load of it: its own style, and nothing from anywhere."""


def content(report: Report, t: Texts) -> bytes:
    """The file. The same report gives the same bytes."""
    return "\n".join(_lines(report, t)).encode()


def _lines(report: Report, t: Texts) -> Iterator[str]:
    title = escape(report.title)
    yield f'<!doctype html>\n<html lang="{report.language}">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}, {escape(report.subtitle)}</title>\n<style>\n{_STYLE.read_text('utf-8')}</style>\n</head>\n<body>"
    yield f"<header><h1>{title}</h1><p>{escape(report.subtitle)}</p></header>"
    yield f'<nav aria-label="{escape(t("report.contents"))}"><ol>'
    for one in report.sections:
        yield f'<li><a href="#{one.name}">{escape(one.title)}</a></li>'
    yield "</ol></nav>\n<main>"
    for number, one in enumerate(report.sections, 1):
        yield from _section(one, number, t)
    yield f"</main>\n<footer>{escape(report.made)}</footer>\n</body>\n</html>\n"


def _section(one: Section, number: int, t: Texts) -> Iterator[str]:
    yield f'<section id="{one.name}" aria-labelledby="{one.name}-title">'
    yield f'<h2 id="{one.name}-title">{number}. {escape(one.title)}</h2>'
    for block in one.blocks:
        if is_printed(block):
            yield from _block(block, t)
    yield "</section>"


def _block(one: Block, t: Texts) -> Iterator[str]:
    match one:
        case Prose(text):
            yield f"<p>{escape(text)}</p>"
        case Points(items):
            yield "<ul>"
            yield from (f"<li>{escape(item)}</li>" for item in items)
            yield "</ul>"
        case Table() if one.rows:
            yield from _table(one, t)
        case Table():
            yield f"<p>{escape(one.title)}{t('colon')}{escape(one.empty or t('none'))}</p>"
        case _:
            yield f"<figure><figcaption>{escape(one.title)}</figcaption>{svg(one, t)}</figure>"
            if isinstance(one, Growth):
                yield f'<p class="more">{escape(one.note)}</p>'


def _table(one: Table, t: Texts) -> Iterator[str]:
    places = [place for place in range(len(one.columns)) if place not in one.under]
    heads = "".join(
        f'<th scope="col"{_side(one.columns[place])}>{escape(one.columns[place].title)}</th>'
        for place in places
    )
    yield f'<div class="table" role="region" tabindex="0" aria-label="{escape(one.title)}"><table>'
    yield f"<caption>{escape(one.title)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>"
    for row in one.printed:
        texts = [escape(shown(cell, column, t)) for cell, column in zip(row, one.columns, strict=True)]
        beneath = " · ".join(texts[place] for place in one.under if texts[place])
        first = f'<th scope="row">{texts[places[0]]}{f"<small>{beneath}</small>" if beneath else ""}</th>'
        yield f"<tr>{first}{''.join(f'<td{_side(one.columns[place])}>{texts[place]}</td>' for place in places[1:])}</tr>"
    yield "</tbody></table></div>"
    if one.more:
        yield f'<p class="more">{escape(t.count("report.more", one.more))}</p>'


def _side(column: Column) -> str:
    return "" if column.kind in ("text", "year") else ' class="right"'
