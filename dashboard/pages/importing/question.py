"""What somebody says of a file: which source it is of, or what each of its columns is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import Column, extra, lead, section, table
from dashboard.pages.importing.told import reason
from dashboard.taking import DATES, DISK, MEMORY, OWN, Question, Said
from dashboard.texts import Texts, plain
from inventory.imports import source

_TITLES: Final = (Column("field"), Column("what"))
_UNTITLED: Final = ("file.untitled", "book.untitled")


def asked(found: Question, t: Texts) -> Component:
    """Why something has to be said, and the form to say it."""
    if found.differ:
        names = "; ".join(t(f"import.source.{name}") for name in found.likely)
        told = ", ".join(t(f"import.aspect.{aspect}") for aspect in found.differ)
        why = t("import.ask.several", names=names, aspects=told)
    elif found.why.code in _UNTITLED:
        why = t("import.ask.none")
    else:
        why = f"{reason(found.why, t)}."
    likely = found.said.source or ("" if found.likely else OWN)
    return section(
        t("import.ask"),
        lead(f"{plain(found.file)}{t('colon')}{why}"),
        html.P(t("import.ask.lead"), className="dim"),
        *_form(found, likely, t),
    )


def otherwise(origin: str, t: Texts) -> Component:
    """A choice of the source where one was recognised: somebody may know better."""
    return html.Details(
        [
            html.Summary(t("import.otherwise")),
            _line(t("import.source"), select("source", _sources((), t), origin, t("import.source"))),
            html.P(read_again("source", t)),
        ]
    )


def _sources(likely: Sequence[str], t: Texts) -> list[tuple[str, str]]:
    names = [*likely, *(name for name in source.shipped() if name not in likely)]
    return [*((name, t(f"import.source.{name}")) for name in names), (OWN, t("import.by_column"))]


def _form(found: Question, chosen: str, t: Texts) -> list[Component]:
    """Which source, then what each column is, which counts where it is none of the sources."""
    sources = [*([] if chosen else [("", t("import.choose_source"))]), *_sources(found.likely, t)]
    fields = [("", t("import.unread")), *((one, t(f"import.field.{one}")) for one in source.FIELDS)]
    rows = [
        (
            plain(title, 60),
            select(f"title.{place}", fields, _field(place, title, found.said), plain(title, 60)),
        )
        for place, title in enumerate(found.titles)
    ]
    return [
        _line(t("import.source"), select("source", sources, chosen, t("import.source"))),
        html.Details(
            [
                html.Summary(t("import.columns")),
                html.P(t("import.columns.lead"), className="dim"),
                table(_TITLES, rows, t("import.columns"), t),
                *(
                    _line(t(f"import.{name}"), _of(name, allowed, getattr(found.said, name), t))
                    for name, allowed in _REST
                ),
            ],
            open=chosen == OWN,
        ),
        html.P(read_again("source", t)),
    ]  # fmt: skip


_REST: Final = (("dates", DATES), ("memory", MEMORY), ("disk", DISK))


def _field(place: int, title: str, said: Said) -> str:
    """What a column is, by what was said, else by what sources know."""
    return said.fields.get(place, "") if said.fields else source.guess(title) or ""


def _of(name: str, allowed: Sequence[str], chosen: str, t: Texts) -> Component:
    options = [(one, t(f"import.dates.{one}") if name == "dates" else one) for one in allowed]
    return select(name, options, chosen, t(f"import.{name}"))


def _line(title: str, control: Component) -> Component:
    return html.P([html.Span(f"{title} ", className="dim", **extra(aria_hidden="true")), control])


def select(name: str, options: Sequence[tuple[str, str]], chosen: str, label: str) -> Component:
    """A choice whose value the browser sends when somebody asks to read the file again."""
    items = [html.Option(words, value=value, selected=value == chosen) for value, words in options]
    return html.Select(items, name=name, className="field wide-field", **extra(aria_label=label))


def read_again(which: str, t: Texts) -> Component:
    """What sends the whole form; there may be one beside the words, and one beside the columns."""
    return html.Button(t("import.read"), id={"read": which}, className="quiet strong", n_clicks=0)
