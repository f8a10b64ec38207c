"""The pieces that every page is made of: headings, state marks, tables, empty states, links, charts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.data import Data
from dashboard.sentences import recorded
from dashboard.texts import Texts, plain, product
from dashboard.theme import STATES
from exporters.events import Event
from inventory.workstations import Workstation

Child = Component | str

_LONGEST: Final = 4_000
"""Characters of a query that are read."""
_FIELDS: Final = 20

NUMBER: Final = "number"
"""Class of a cell that holds a number: to the right, figures of one width."""


def extra(**attributes: Any) -> dict[str, Any]:
    """Attributes such as `aria-label`, written `aria_label`."""
    return {name.replace("_", "-"): value for name, value in attributes.items()}


class View(NamedTuple):
    """Who looks at what: the reader's texts, the query of the address, and the pages that the reader may see, by name and path."""

    t: Texts
    query: Mapping[str, str]
    pages: Sequence[tuple[str, str]] = ()


class Column(NamedTuple):
    """A column of a table: the key of its title, and whether it holds numbers; `title` where it is no text of ours, such as a year."""

    key: str
    number: bool = False
    title: str = ""


def heading(title: str, *beside: Child) -> Component:
    """The title of a page: the target of the skip link and of the keyboard after a change of page."""
    return html.Div([html.H1(title, id="title", tabIndex=-1), *beside], className="heading")


def section(title: str, *children: Child) -> Component:
    return html.Section([html.H2(title), *children], className="panel", **extra(aria_label=title))


def lead(*sentences: str) -> Component:
    return html.P(" ".join(sentence for sentence in sentences if sentence), className="lead")


def empty(sentence: str) -> Component:
    """What stands where there is nothing: words that say what to do, commands in their own type."""
    return html.P(coded(sentence), className="empty")


def coded(text: str) -> list[Child]:
    """A text of ours with its `commands` set as code."""
    pieces = text.split("`")
    return [html.Code(piece) if place % 2 else piece for place, piece in enumerate(pieces) if piece]


def mark(state: str, t: Texts, word: str = "") -> Component:
    """A state: shape, colour and word; another `word` where the thing has one of its own for it."""
    tone, shape = STATES[state]
    return html.Span(
        [
            html.Span(shape, className=f"shape {tone}", **extra(aria_hidden="true")),
            word or t(f"state.{state}"),
        ],
        className="mark",
    )


def link(text: str, path: str, name: str, **query: str) -> Component:
    """A link to another view; `name` is its id, by which the focus finds it again."""
    return dcc.Link(text, href=address(path, **query), id={"link": name})


def address(path: str, **query: str) -> str:
    return f"{path}?{urlencode(query, quote_via=quote)}" if query else path


def query(search: str) -> dict[str, str]:
    """What a reader chose: the first fields of an address, as no page has more."""
    fields = "&".join(search.lstrip("?")[:_LONGEST].split("&", _FIELDS)[:_FIELDS])
    return dict(parse_qsl(fields))


def store_link(unique_id: str, text: str, where: str) -> Component:
    return link(plain(text), "/capacity", f"{where} {unique_id}", store=unique_id)


def target_link(name: str, where: str) -> Component:
    return link(plain(name), "/targets", f"{where} {name}", target=name)


def machine_link(machine: Workstation, where: str) -> Component:
    """The name of a workstation, linked to its page."""
    return link(plain(machine.name), "/workstations/machine", f"{where} {machine.key}", of=machine.key)


def model_link(maker: str | None, model: str | None, where: str, t: Texts) -> Child:
    """What a model is called, linked to its page; only words where nobody knows it."""
    name = plain(product(maker, model))
    if not name:
        return t.unknown
    query = {key: value for key, value in (("maker", maker), ("model", model)) if value}
    return link(name, "/workstations/model", f"{where} {name}", **query)


def whose(what: str, target: str, where: str) -> Component:
    """A thing, and its target below; once where it is all of its target."""
    below = target_link(target, where)
    return html.Div(below if what == target else [plain(what, 40), html.Div(below, className="dim")])


def over(what: Child, note: Child) -> Child:
    """A thing, and what belongs to it below: fewer columns, which a narrow screen shows whole."""
    return html.Div([what, html.Div(note, className="dim")]) if note else what


def table(columns: Sequence[Column], rows: Iterable[Sequence[Any]], caption: str, t: Texts) -> Component:
    """A table that narrow screens fold into cards: each cell bears its column's title."""
    titles = [column.title or t(f"column.{column.key}") for column in columns]
    head = html.Tr(
        [html.Th(title, scope="col", className=_kind(c)) for title, c in zip(titles, columns, strict=True)]
    )
    body = [
        html.Tr(
            [
                html.Td(html.Div(cell), className=_kind(column), **extra(data_title=title))
                for cell, column, title in zip(row, columns, titles, strict=True)
            ]
        )
        for row in rows
    ]
    return html.Div(
        html.Table([html.Caption(caption, className="hidden"), html.Thead(head), html.Tbody(body)]),
        className="table",
    )


def happened(events: Sequence[Event], t: Texts, named: bool = True) -> Component:
    """Events, newest first; whom they happened to where `named`."""
    columns = (Column("when"), *([Column("target")] if named else []), Column("event"), Column("detail"))
    rows = [
        (
            html.Span(t.instant(event.at), className="when"),
            *([_whom(place, event, t)] if named else []),
            t(f"event.{event.kind}"),
            html.Div(plain(recorded.event(event.text, t), 200), className="loose"),
        )
        for place, event in enumerate(events)
    ]
    return table(columns, rows, t("events.title"), t)


def _whom(place: int, event: Event, t: Texts) -> Child:
    return target_link(event.target, f"event {place}") if event.target else t("event.collector")


def _kind(column: Column) -> str:
    return NUMBER if column.number else ""


def choices(title: str, options: Sequence[tuple[str, str, bool]], name: str) -> Component:
    """A choice among few, as links: (text, address, chosen). It lives in the address and keeps the focus."""
    links = [
        dcc.Link(
            text, href=href, id={"link": f"{name} {place}"}, className="choice chosen" if chosen else "choice"
        )
        for place, (text, href, chosen) in enumerate(options)
    ]
    return html.Div(
        [html.Span(title, className="dim"), *links],
        className="choices",
        role="group",
        **extra(aria_label=title),
    )


def chart(figure: dict[str, Any], label: str, t: Texts, size: str = "") -> Component:
    """A chart of one of the heights of the style sheet, named for those who do not see it; the figures stand in a table beside it."""
    config: Any = {
        "displayModeBar": False,
        "responsive": True,
        "locale": t.language,
        "scrollZoom": False,
        "locales": t.calendar(),
    }
    graph = dcc.Graph(figure=figure, config=config, className="graph", responsive=True)
    return html.Div(graph, role="img", className=f"figure {size}".rstrip(), **extra(aria_label=label))


def tile(title: str, number: str, note: str, state: str, href: str) -> Component:
    """One figure of the overview, linked to where it comes from."""
    tone, shape = STATES[state]
    inside = [
        html.Span(
            [html.Span(shape, className=f"shape {tone}", **extra(aria_hidden="true")), title], className="dim"
        ),
        html.Span([html.Strong(number), html.Span(note, className="dim")], className="figures"),
    ]
    return dcc.Link(inside, href=href, id={"link": f"tile {title}"}, className="tile")


def field(ids: str, title: str, control: Component) -> list[Child]:
    """A control of a form, named by the words before it."""
    return [html.Label(title, htmlFor=ids, className="dim"), control]


def silence(data: Data, t: Texts) -> list[Child]:
    """A warning where the collector has stopped writing."""
    quiet = data.silent()
    if quiet is None:
        return []
    return [html.P(coded(t("silent", span=t.span(quiet))), className="warning", role="status")]


def faults(data: Data, t: Texts) -> list[Child]:
    """What could not be read while a page was made, in words."""
    said = [(t("fault", file=fault.file), fault.why) for fault in data.faults()]
    if data.mistake:
        said.append((t("mistake"), data.mistake))
    return [
        html.Div(
            [html.P(coded(sentence)), html.P(plain(why, 300), className="dim")],
            className="warning",
            role="status",
        )
        for sentence, why in said
    ]


def stack(*children: Child | list[Child]) -> Component:
    """The body of a page."""
    flat = [one for child in children for one in (child if isinstance(child, list) else [child])]
    whole: Component = dmc.Stack(flat, gap="md")
    return whole


def outcome(
    area: str, refusals: Collection[str], done: Collection[str], view: View, **values: object
) -> list[Component]:
    """What became of a form that was sent, as the address says: refused, or done; the words of `area`, filled in with `values`."""
    t, asked = view.t, view.query
    if (refused := asked.get("refused", "")) in refusals:
        return [html.P(t(f"{area}.refused.{refused}", **values), className="warning", role="alert")]
    if (was := asked.get("done", "")) in done:
        said = t(f"{area}.done.{was}", name=plain(asked.get("name", "")))
        return [html.P(said, className="warning good-news", role="status")]
    return []
