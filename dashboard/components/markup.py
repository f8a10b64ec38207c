"""Plain HTML in a page: one component for Dash, however many elements it has.

The renderer keeps each component of Dash in a store of its own and asks all of them at every change. That is for what callbacks
act upon; a table is two thousand elements on which none does. `jauge.js` draws those as they are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

NAMESPACE: Final = "jauge"
"""Where the browser finds the component."""

_ELEMENTS: Final = frozenset((
    "Caption", "Code", "Dd", "Div", "Dl", "Dt", "Em", "H2", "H3", "H4", "Li", "Nav", "Ol", "P", "Pre", "Section", "Small", "Span", "Strong",
    "Table", "Tbody", "Td", "Tfoot", "Th", "Thead", "Time", "Tr", "Ul",
))  # fmt: skip
"""Elements that are nothing but what they show: no field, nothing that opens, nothing that is pressed."""

_WAYS: Final = ("/", "?", "#", "https://", "http://", "mailto:")
"""What an address begins with that may be put in a link as it is: Dash looks at all others."""


def settled(tree: Any) -> Any:
    """The same part of a page, as JSON has it, in which everything that no callback can act upon is one component.

    What bears an `id` stays a component of Dash, and so does what holds it; links are told apart by nobody but the reader.
    """
    return _gathered([tree])[0]


def _gathered(parts: Sequence[Any]) -> list[Any]:
    """Siblings, each run of plain ones as one component; a lone text is none."""
    found: list[Any] = []
    for plain, run in itertools.groupby(parts, key=_is_plain):
        some = list(run)
        if not plain:
            found.extend(map(_within, some))
        elif any(isinstance(one, dict) for one in some):
            found.append(_markup(some[0] if len(some) == 1 else some))
        else:
            found.extend(some)
    return found


def _within(component: dict[str, Any]) -> dict[str, Any]:
    """A component of Dash, with what it holds settled."""
    props = component["props"]
    children = props.get("children")
    if not isinstance(children, dict | list):
        return component
    inner = _gathered(_listed(children))
    return {**component, "props": {**props, "children": inner if isinstance(children, list) else inner[0]}}


def _markup(tree: Any) -> dict[str, Any]:
    return {"namespace": NAMESPACE, "type": "Markup", "props": {"tree": tree}}


def _is_plain(part: Any) -> bool:
    return all(map(_is_element, _components(part)))


def _components(part: Any) -> Iterator[dict[str, Any]]:
    """A part of a page and all that it holds, without its texts."""
    ahead = [part]
    while ahead:
        one = ahead.pop()
        if isinstance(one, dict):
            yield one
            ahead.append(one["props"].get("children"))
        elif isinstance(one, list):
            ahead.extend(one)


def _is_element(component: dict[str, Any]) -> bool:
    props = component["props"]
    match component["namespace"], component["type"]:
        case ("dash_html_components", "A") | ("dash_core_components", "Link"):
            return str(props.get("href", "")).startswith(_WAYS)
        case "dash_html_components", kind:
            return kind in _ELEMENTS and "id" not in props
        case _:
            return False


def _listed(children: Any) -> Sequence[Any]:
    return children if isinstance(children, list) else [children]
