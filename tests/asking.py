"""A page as its callback answers it, and all that it says."""

from __future__ import annotations

from typing import Any, Final

from dash import Dash
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.texts import words as say

BROKEN: Final = tuple(say("broken.title", language) for language in ("en", "fr"))
"""What stands in the place of a page that failed."""


def ask(
    app: Dash, path: str, search: str = "", language: str = "en", client: FlaskClient | None = None
) -> TestResponse:
    body = {
        "output": "..content.children...stamp.data...updated.children..",
        "outputs": [
            {"id": "content", "property": "children"},
            {"id": "stamp", "property": "data"},
            {"id": "updated", "property": "children"},
        ],
        "inputs": [
            {"id": "url", "property": "pathname", "value": path},
            {"id": "url", "property": "search", "value": search},
            {"id": "beat", "property": "data", "value": None},
        ],
        "state": [{"id": "stamp", "property": "data", "value": None}],
        "changedPropIds": ["url.pathname"],
    }
    return (client or app.server.test_client()).post(
        "/_dash-update-component",
        json=body,
        headers={"Accept-Language": language, "Host": "localhost", "Origin": "http://localhost"},
    )


def outputs(app: Dash) -> list[str]:
    """The callbacks that the server answers, by what they write; the others run in the browser."""
    return sorted(name for name, declared in app.callback_map.items() if "callback" in declared)


def call_of(app: Dash, output: str) -> dict[str, Any]:
    """A call as the script of Dash writes it for a callback, where nothing was filled in yet."""
    declared = app.callback_map[output]
    names = [one.rpartition(".")[::2] for one in output.strip(".").split("...")]
    written = [{"id": name, "property": prop} for name, prop in names]
    return {
        "output": output,
        "outputs": written if output.startswith("..") else written[0],
        "inputs": [{**one, "value": None} for one in declared["inputs"]],
        "state": [{**one, "value": None} for one in declared["state"]],
        "changedPropIds": [f"{one['id']}.{one['property']}" for one in declared["inputs"][:1]],
    }


def words(answer: TestResponse) -> str:
    """All text of a page, in order."""
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, str | int | float):
            found.append(str(node))
        elif isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            props = node.get("props", {})
            walk(props.get("children", props.get("tree")))  # of a component, or plain HTML

    assert answer.status_code == 200, answer.text[:500]
    walk(answer.json["response"]["content"]["children"])
    return " ".join(found)
