"""What backups keep of what was promised, what they say that is not so, what none saves, and which restores were tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.access import gate
from dashboard.components import (
    Child,
    Column,
    View,
    coded,
    empty,
    heading,
    lead,
    mark,
    section,
    silence,
    stack,
    tile,
)
from dashboard.components.listing import chosen, downloads, listing, pick
from dashboard.data import Data
from dashboard.pages.backups import cells, forms, ledger, machines, one, rule
from dashboard.restoring import PAGE, ROLE
from dashboard.sentences import backups as sentences
from dashboard.standing import Backup, Backups
from dashboard.texts import Texts, plain

NAME, PATH = "backups", PAGE

_POINTS: Final = (
    Column("state"), Column("job"), Column("point"), Column("rpo"), Column("tested"), Column("next"),
)  # fmt: skip
_LIES: Final = (
    Column("job"), Column("says"), Column("otherwise"), Column("point"), Column("next"),
)  # fmt: skip

_FILTERS: Final[Mapping[str, Callable[[Backup], bool]]] = {
    "late": lambda found: found.overdue,
    "doubted": lambda found: found.doubted,
    "untested": lambda found: found.untested,
    "unpromised": lambda found: found.rpo is None,
}
_SHOWN: Final = ("", *_FILTERS, "lies", "alone", "rule", "tests")
"""What an address may ask to be shown: everything, some of the backups, or one of the other sections."""


def layout(data: Data, view: View) -> Component:
    """The whole page; or the one backup, or the form, that the address names."""
    known, asked = data.protection(), view.query
    if "record" in asked or "correct" in asked:
        return forms.layout(known, data, view)
    if "of" in asked:
        return one.layout(known, data, view)
    return _all(known, data, view)


def _all(known: Backups, data: Data, view: View) -> Component:
    t, show = view.t, chosen(view, "show", _SHOWN, "")
    top = [heading(t("backups.title")), *silence(data, t), *forms.told(view)]
    if not known.found and not known.judged and not known.makers:
        return stack(*top, empty(t("backups.none")))
    sections = {
        "points": lambda: _points(known, show, view),
        "lies": lambda: _lies(known, view),
        "alone": lambda: machines.alone(known, view),
        "rule": lambda: rule.table_of(known, view),
        "tests": lambda: ledger.table_of(known.ledger, known, view),
    }
    shown = list(sections) if not show else ["points"] if show in _FILTERS else [show]
    return stack(
        *top,
        _said(known, t),
        *_unheard(known, t),
        _tiles(known, t),
        html.Div(
            [
                pick(
                    t("backups.show"),
                    "show",
                    [(name, t(f"backups.show.{name}")) for name in _SHOWN],
                    PATH,
                    view,
                ),
                downloads(t("backups.download"), "/backups/export", ("xlsx", "csv", "json")),
            ],
            className="filters",
        ),
        *(sections[name]() for name in shown),
        *([] if gate.allows(ROLE) else [html.P(t("backups.readers"), className="dim")]),
    )


def _said(known: Backups, t: Texts) -> Component:
    promised = [found for found in known.found if found.rpo is not None]
    overdue = sum(found.overdue for found in promised)
    said = t("backups.lead", overdue=t.number(overdue), promised=t.number(len(promised)))
    without = len(known.found) - len(promised)
    more = coded(t.count("backups.unpromised", without)) if without else []
    return html.P([said, " ", *more], className="lead")


def _unheard(known: Backups, t: Texts) -> list[Child]:
    if not known.unheard:
        return []
    return [html.P(t("backups.unheard", names=cells.some(known.unheard)), className="warning", role="status")]


def _tiles(known: Backups, t: Texts) -> Component:
    found = known.found
    late, lies = sum(one.overdue for one in found), sum(one.lying for one in found)
    untested = sum(one.untested for one in found)
    promised = sum(one.rpo is not None for one in found)
    alone = t.number(len(known.alone)) if known.sure else t.unknown
    rows = (
        ("late", t.number(late), promised, "late" if late else "well"),
        ("lies", t.number(lies), len(found), "doubted" if lies else "well"),
        (
            "alone",
            alone,
            known.machines if known.sure else None,
            "alone" if known.alone else "well" if known.sure else "unknown",
        ),
        ("untested", t.number(untested), len(found), "untested" if untested else "well"),
    )
    tiles: list[Child] = [
        tile(
            t(f"backups.tile.{name}"),
            number,
            t("overview.of", n=t.number(total)) if total is not None else "",
            state,
            f"{PATH}?show={name}",
        )
        for name, number, total, state in rows
    ]
    return html.Div(tiles, className="tiles")


def _points(known: Backups, show: str, view: View) -> Component:
    t = view.t
    rows = [found for found in known.found if show not in _FILTERS or _FILTERS[show](found)]

    def row(_place: int, found: Backup) -> tuple[object, ...]:
        return (
            mark(found.state, t),
            cells.job(found, "point"),
            cells.point(found, t),
            t("none") if found.rpo is None else t.span(found.rpo),
            cells.tested(found, t),
            cells.todo(found, t),
        )

    title = t("backups.points")
    return section(title, *listing(_POINTS, rows, row, title, PATH, view, t("backups.points.none")))


def _lies(known: Backups, view: View) -> Component:
    t = view.t
    rows = [found for found in known.found if found.lying]

    def row(_place: int, found: Backup) -> tuple[object, ...]:
        return (
            cells.job(found, "lie"), cells.says(found, t), cells.named(plain(sentences.why(found, t), 300)),
            cells.point(found, t), html.Div(coded(sentences.todo(found, t)), className="loose"),
        )  # fmt: skip

    title = t("backups.lies")
    said = [lead(t("backups.lies.lead"))] if rows else []
    return section(
        title, *said, *listing(_LIES, rows, row, title, PATH, view, t("backups.lies.none"), "lies")
    )
