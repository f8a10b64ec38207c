"""Plain HTML in a page is one component, and what a callback acts upon stays one of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dash import dcc, html
from hypothesis import given
from hypothesis import strategies as st

from dashboard.components.drawing import drawn

WORDS = st.one_of(st.text(max_size=8), st.integers(), st.none())


def _elements(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    inside = st.one_of(children, st.lists(children, max_size=4))
    plain = st.builds(lambda kind, inner: kind(inner), st.sampled_from([html.Div, html.P, html.Td]), inside)
    link = st.builds(
        lambda inner, href: dcc.Link(inner, href=href),
        inside,
        st.sampled_from(["/targets", "javascript:alert(1)"]),
    )
    named = st.builds(lambda inner, number: html.Div(inner, id=f"part-{number}"), inside, st.integers(0, 9))
    field = st.builds(html.Form, inside)
    return st.one_of(plain, link, named, field)


TREES = st.builds(html.Div, st.lists(st.recursive(WORDS, _elements, max_leaves=20), max_size=5))


def _components(part: Any) -> Iterator[dict[str, Any]]:
    """Everything in a part of a page, what stands in markup as well, in the order of the page."""
    if isinstance(part, list):
        for one in part:
            yield from _components(one)
    elif isinstance(part, dict):
        if part["namespace"] == "jauge":
            yield from _components(part["props"]["tree"])
        else:
            yield part
            yield from _components(part["props"].get("children"))


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for one in part for text in _texts(one)]
    if isinstance(part, dict):
        props = part["props"]
        return _texts(props["tree"] if part["namespace"] == "jauge" else props.get("children"))
    return [] if part is None else [str(part)]


def _markups(part: Any) -> Iterator[Any]:
    if isinstance(part, list):
        for one in part:
            yield from _markups(one)
    elif isinstance(part, dict):
        if part["namespace"] == "jauge":
            yield part["props"]["tree"]
        else:
            yield from _markups(part["props"].get("children"))


@given(TREES)
def test_a_drawn_page_says_the_same_in_the_same_order_as_its_components(tree: Any) -> None:
    plain = json.loads(json.dumps(tree.to_plotly_json(), default=lambda one: one.to_plotly_json()))

    shown = drawn(tree).tree

    assert _texts(shown) == _texts(plain)
    kinds = [(one["type"], one["props"].get("id")) for one in _components(plain)]
    assert [(one["type"], one["props"].get("id")) for one in _components(shown)] == kinds


@given(TREES)
def test_nothing_that_a_callback_or_a_reader_acts_upon_is_markup(tree: Any) -> None:
    for markup in _markups(drawn(tree).tree):
        for one in _components(markup):
            assert one["type"] != "Form"
            assert "id" not in one["props"]
            assert not one["props"].get("href", "").startswith("javascript:")


def test_a_table_is_one_component_however_many_rows_it_has() -> None:
    rows = [
        html.Tr([html.Td(dcc.Link(str(row), href=f"/targets?target={row}")), html.Td("up")])
        for row in range(500)
    ]
    page = html.Div([html.H1("Targets", id="title"), html.Table(html.Tbody(rows)), html.P("500 targets")])

    title, rest = drawn(page).tree["props"]["children"]

    assert title["type"] == "H1"
    assert (rest["namespace"], rest["type"]) == ("jauge", "Markup")
    assert [one["type"] for one in rest["props"]["tree"]] == ["Table", "P"]
