"""What a file would change, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import Child, Column, empty, extra, lead, link, section, table
from dashboard.pages.importing import question
from dashboard.pages.importing.told import reason
from dashboard.taking import Machine, Shown
from dashboard.texts import Texts, plain
from inventory.imports.preview import Group
from inventory.imports.reasons import VEIL
from inventory.imports.rows import Refusal

_GROUPS: Final = (Column("alike", True), Column("field"), Column("why"), Column("lines", True))
_ROWS: Final = (Column("line", True), Column("field"), Column("why"))
_MACHINES: Final = (Column("machine"), Column("serial"), Column("fields"))
_NAMED: Final = (Column("machine"), Column("serial"))
_KINDS: Final = ("new", "changed", "vanished", "unchanged", "refused", "doubtful", "left_unknown")
_LONGEST: Final = 120
"""Characters of a word: of a longer one the end is not known."""


def preview(found: Shown, t: Texts) -> Component:
    """The whole preview, with what somebody may still say of the file."""
    counts = [(t(f"import.{kind}"), t.number(found.counts[kind])) for kind in _KINDS]
    notes = [html.P(reason(note, t), className="warning", role="status") for note in found.notes]
    ignored = ", ".join(plain(one, 40) for one in found.ignored)
    return section(
        t("import.shown"),
        lead(t("import.preview", file=plain(found.file), source=t(f"import.source.{found.origin}"))),
        *notes,
        table((Column("what"), Column("count", True)), counts, t("import.shown"), t),
        *_groups("refused", found.refused, found.counts["refused"], t),
        *_doubts(found.doubts, found.counts["doubtful"], t),
        *_groups("left_unknown", found.unknown, found.counts["left_unknown"], t, found.form),
        *_take_away(found, t),
        *_machines("new", found.added, found.counts["new"], t),
        *_machines("changed", found.changed, found.counts["changed"], t),
        *_machines("vanished", found.vanished, found.counts["vanished"], t),
        *([html.P(t("import.ignored", titles=ignored), className="dim")] if ignored else []),
        question.otherwise(found.origin, found.form, t),
        *_confirm(found, t),
    )


def every(rows: Iterable[tuple[str, Refusal]], t: Texts) -> tuple[list[str], list[tuple[Any, ...]]]:
    """All that is refused or left unknown, as titles and rows of a file."""
    titles = [t("column.what"), t("column.line"), t("column.field"), t("column.why")]
    return titles, [(t(f"import.{kind}"), one.line, one.column, reason(one.why, t)) for kind, one in rows]


def kept(found: Shown, t: Texts) -> Component:
    """That it was imported, and where to go."""
    counts = {name: t.number(found.counts[name]) for name in ("new", "changed", "vanished")}
    ways: list[Child] = [
        link(t("around.deadlines"), "/workstations/deadlines", "to deadlines"),
        " · ",
        link(t("around.renewal"), "/renewal", "to renewal"),
    ]
    return html.Div(
        [html.P(t("import.kept", **counts), role="status"), html.P(ways)], className="warning good-news"
    )


def _confirm(found: Shown, t: Texts) -> list[Component]:
    if found.counts["refused"]:
        return [html.P(t("import.blocked"), className="warning", role="status")]
    if not found.tells:
        return [empty(t("import.nothing"))]
    still = [] if found.changes else [empty(t("import.still"))]
    return [
        *still,
        html.Button(t("import.confirm"), id="import-confirm", className="quiet strong", n_clicks=0),
    ]


# --- what is wrong ------------------------------------------------------------------------------------


def _groups(kind: str, rows: Sequence[Group], count: int, t: Texts, stamp: str = "") -> list[Component]:
    """Rows with the same thing wrong together, most of them first; what words of the state mean may be said."""
    if not rows:
        return []
    words = [_word(one) if kind == "left_unknown" else "" for one in rows]
    columns = (*_GROUPS, Column("means")) if any(words) else _GROUPS
    cells = [
        (
            t.number(one.rows), plain(one.column, 60), reason(one.why, t), _lines(one, t),
            *([question.words(f"word.{word}", word, stamp, t) if word else ""] if any(words) else []),
        )
        for one, word in zip(rows, words, strict=True)
    ]  # fmt: skip
    rest = count - sum(one.rows for one in rows)
    more = [html.P(t("import.rest", n=t.number(rest)), className="dim")] if rest else []
    read = (
        [html.P(question.read_again("words", t)), html.P(t("import.words"), className="dim")]
        if any(words)
        else []
    )
    return _details(kind, [table(columns, cells, t(f"import.{kind}"), t), *more, *read], count, t, True)


def _lines(one: Group, t: Texts) -> str:
    """Where the first and the last of them stand."""
    if one.rows == 1:
        return t.number(one.line)
    return f"{t.number(one.line)}{', ' if one.rows == 2 else ' … '}{t.number(one.last)}"


def _word(one: Group) -> str:
    """The word of the state that is not known, where it is one that may be quoted."""
    cell = str(one.why.values.get("cell", "")) if one.why.code == "state.none" else ""
    return cell if cell != VEIL and len(cell) < _LONGEST else ""


def _doubts(rows: Sequence[Refusal], count: int, t: Texts) -> list[Component]:
    if not rows:
        return []
    cells = [(t.number(one.line), plain(one.column, 60), reason(one.why, t)) for one in rows]
    shown = [*_more(len(rows), count, t), table(_ROWS, cells, t("import.doubtful"), t)]
    return _details("doubtful", shown, count, t)


def _take_away(found: Shown, t: Texts) -> list[Component]:
    """All of it, row by row, as a file."""
    if not (found.counts["refused"] or found.counts["left_unknown"]):
        return []
    return [html.P(html.Button(t("import.every"), id="import-every", className="quiet", n_clicks=0))]


# --- machines -----------------------------------------------------------------------------------------


def _machines(kind: str, rows: Sequence[Machine], count: int, t: Texts) -> list[Component]:
    if not rows:
        return []
    if kind == "changed":
        changed = [(plain(one.name), plain(one.serial), _fields(one, t)) for one in rows]
        shown = table(_MACHINES, changed, t(f"import.{kind}"), t)
    else:
        shown = table(_NAMED, [(plain(one.name), plain(one.serial)) for one in rows], t(f"import.{kind}"), t)
    return _details(kind, [*_more(len(rows), count, t), shown], count, t)


def _fields(one: Machine, t: Texts) -> str:
    return ", ".join(t(f"import.field.{field}") for field in one.fields)


def _more(rows: int, count: int, t: Texts) -> list[Component]:
    said = t("workstations.more", n=t.number(rows), all=t.number(count))
    return [html.P(said, className="dim")] if count > rows else []


def _details(
    kind: str, shown: Sequence[Component], count: int, t: Texts, is_open: bool = False
) -> list[Component]:
    title = f"{t(f'import.{kind}')} ({t.number(count)})"
    return [html.Details([html.Summary(title), *shown], open=is_open, **extra(data_kind=kind))]
