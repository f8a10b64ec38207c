"""A report as PDF, typeset by typst: tagged for screen readers (PDF/UA-1), with one font that typst brings along.

What is told goes in as one JSON text and is shown as text, so nothing in it can be markup; the template reads no file and fetches
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from dashboard.report.document import Block, Growth, Points, Prose, Report, Table, is_printed, shown
from dashboard.report.drawing import svg
from dashboard.texts import Texts
from exporters.workbooks import Column

_TEMPLATE: Final = Path(__file__).with_name("report.typ")

_SHORT: Final = 20
"""Characters of a column's longest text up to which it is as wide as that."""

_WIDEST: Final = 44

_POINTS: Final = 4.2
"""Points that a character of a table takes, as a rule."""

_INSET: Final = 9.0
_BOLD: Final = 1.15
"""How much wider the bold letters of titles are."""


def content(report: Report, t: Texts) -> bytes:
    """The PDF. The same report gives the same bytes."""
    import typst  # noqa: PLC0415 - 80 MB that only this needs

    told = json.dumps(_document(report, t), ensure_ascii=False)
    compiler = typst.Compiler(_TEMPLATE.read_bytes(), ignore_system_fonts=True, sys_inputs={"report": told})
    made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=0)
    return cast("bytes", made)


def _document(report: Report, t: Texts) -> dict[str, Any]:
    found = {
        "title": report.title, "subtitle": report.subtitle, "running": report.title, "language": report.language,
        "day": t.day(report.day), "made": report.made, "contents": t("report.contents"),
        "sections": [
            {"name": one.name, "title": one.title, "blocks": [_block(each, t) for each in one.blocks if is_printed(each)]}
            for one in report.sections
        ],
    }  # fmt: skip
    safe: dict[str, Any] = _safe(found)
    return safe


def _block(one: Block, t: Texts) -> dict[str, Any]:
    match one:
        case Prose(text):
            return {"kind": "prose", "text": text}
        case Points(items):
            return {"kind": "points", "items": list(items)}
        case Table() if one.rows:
            return _table(one, t)
        case Table():
            return {"kind": "prose", "text": f"{one.title}{t('colon')}{one.empty or t('none')}"}
        case _:
            note = one.note if isinstance(one, Growth) else ""
            return {"kind": "chart", "title": one.title, "said": one.said, "svg": svg(one, t), "note": note}


def _table(one: Table, t: Texts) -> dict[str, Any]:
    places = [place for place in range(len(one.columns)) if place not in one.under]
    rows = [
        [shown(cell, column, t) for cell, column in zip(row, one.columns, strict=True)] for row in one.printed
    ]
    kept = [one.columns[place] for place in places]
    cells = [
        [{"text": row[place], "under": _under(row, one) if place == 0 else ""} for place in places]
        for row in rows
    ]
    return {
        "kind": "table", "title": one.title, "columns": [column.title for column in kept], "rows": cells,
        "more": t.count("report.more", one.more) if one.more else "", "right": [column.kind not in ("text", "year") for column in kept],
        "widths": _widths(kept, cells),
    }  # fmt: skip


def _under(row: Sequence[str], one: Table) -> str:
    return " · ".join(row[place] for place in one.under if row[place])


def _widths(kept: Sequence[Column], rows: Sequence[Sequence[Mapping[str, str]]]) -> list[dict[str, Any]]:
    """Of columns of short texts as many points as their longest one takes, so that their titles wrap; the others share the rest.

    Where all are short, they share the whole width in that proportion.
    """
    found = []
    for place, column in enumerate(kept):
        longest = max(
            (max(len(row[place]["text"]), min(len(row[place]["under"]), _WIDEST)) for row in rows), default=0
        )
        word = max((len(word) for word in column.title.split()), default=0)
        fixed = longest <= _SHORT
        found.append(
            {
                "fixed": fixed,
                "size": max(longest, word * _BOLD) * _POINTS + _INSET if fixed else min(longest, _WIDEST),
            }
        )
    if all(one["fixed"] for one in found):
        return [{**one, "fixed": False} for one in found]
    return found


def _safe(told: Any) -> Any:
    """All texts with the characters that the font has; any other one becomes its code, as PDF/UA allows no empty boxes."""
    if isinstance(told, str):
        return told if told.isascii() else "".join(map(_printable, told))
    if isinstance(told, dict):
        return {key: _safe(value) for key, value in told.items()}
    return [_safe(value) for value in told] if isinstance(told, list) else told


def _printable(character: str) -> str:
    code = ord(character)
    if any(code in span for span in PRINTABLE) or character in _SPACES:
        return character
    return f"\\u{code:04x}"


PRINTABLE: Final = (
    range(0x20, 0x7F), range(0xA0, 0x250), range(0x391, 0x3A2), range(0x3A3, 0x3CF), range(0x400, 0x460), range(0x2010, 0x2028),
    range(0x2030, 0x203C), range(0x20A0, 0x20C0), range(0x2190, 0x2194), range(0x2200, 0x2270),
)  # fmt: skip
"""Characters of the fonts that typst brings along: letters of Latin, Greek and Cyrillic, marks, currencies, arrows, mathematics."""

_SPACES: Final = "\n\u2009\u202f"
