"""What somebody says of a file: which source it is of, or what each of its columns is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import Column, extra, lead, section, table
from dashboard.pages.importing.told import reason
from dashboard.taking import DATES, DISK, MEMORY, OWN, STATES, Question, Said
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


def otherwise(origin: str, stamp: str, t: Texts) -> Component:
    """A choice of the source where one was recognised: somebody may know better."""
    title = t("import.source")
    return html.Details(
        [
            html.Summary(t("import.otherwise")),
            _line(title, select("source", _options(_sources((), t)), origin, title, stamp)),
            html.P(read_again("source", t)),
        ]
    )


def _sources(likely: Sequence[str], t: Texts) -> list[tuple[str, str]]:
    names = [*likely, *(name for name in source.shipped() if name not in likely)]
    return [*((name, t(f"import.source.{name}")) for name in names), (OWN, t("import.by_column"))]


def _form(found: Question, chosen: str, t: Texts) -> list[Component]:
    """Which source, then what each column is, which counts where it is none of the sources."""
    title = t("import.source")
    sources = [*([] if chosen else [("", t("import.choose_source"))]), *_sources(found.likely, t)]
    rows = [
        (
            plain(one, 60),
            select(f"title.{place}", _FIELDS, _field(place, one, found.said), plain(one, 60), found.stamp),
        )
        for place, one in enumerate(found.titles)
    ]
    fields = [("", t("import.unread")), *((one, t(f"import.field.{one}")) for one in source.FIELDS)]
    return [
        _line(title, select("source", _options(sources), chosen, title, found.stamp)),
        html.Select(_options(fields), id=_FIELDS, hidden=True),
        html.Details(
            [
                html.Summary(t("import.columns")),
                html.P(t("import.columns.lead"), className="dim"),
                table(_TITLES, rows, t("import.columns"), t),
                *(_rest(name, allowed, found, t) for name, allowed in _REST),
            ],
            open=chosen == OWN,
        ),
        html.P(read_again("source", t)),
    ]  # fmt: skip


_REST: Final = (("dates", DATES), ("memory", MEMORY), ("disk", DISK))
_FIELDS: Final = "import-fields"


def _field(place: int, title: str, said: Said) -> str:
    """What a column is, by what was said, else by what sources know."""
    return said.fields.get(place, "") if said.fields else source.guess(title) or ""


def _rest(name: str, allowed: Sequence[str], found: Question, t: Texts) -> Component:
    title = t(f"import.{name}")
    options = [(one, t(f"import.dates.{one}") if name == "dates" else one) for one in allowed]
    return _line(title, select(name, _options(options), getattr(found.said, name), title, found.stamp))


def _line(title: str, control: Component) -> Component:
    return html.P([html.Span(f"{title} ", className="dim", **extra(aria_hidden="true")), control])


def _options(options: Sequence[tuple[str, str]]) -> list[Component]:
    return [html.Option(words, value=value) for value, words in options]


def select(name: str, options: list[Component] | str, chosen: str, label: str, stamp: str) -> Component:
    """A choice whose value the browser sends when somebody asks to read the file again; `stamp` tells forms of files apart.

    `options` may be the id of a hidden choice that has the same.
    """
    own, others = (options, "") if isinstance(options, list) else ([], options)
    begun = extra(aria_label=label, data_options=others, data_chosen=f"{stamp}:{chosen}")
    return html.Select(own, name=name, className="field wide-field", **begun)


def words(name: str, word: str, stamp: str, t: Texts) -> Component:
    """What a word of the state means."""
    options = [("", t("import.untold")), *((state, t(f"import.state.{state}")) for state in STATES)]
    return select(name, _options(options), "", t("import.means", word=plain(word, 60)), stamp)


def read_again(which: str, t: Texts) -> Component:
    """What sends the whole form; there may be one beside the words, and one beside the columns."""
    return html.Button(t("import.read"), id={"read": which}, className="quiet strong", n_clicks=0)
