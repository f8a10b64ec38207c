"""A page as its callback answers it, and all that it says."""

from __future__ import annotations

from dash import Dash
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


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
            walk(node.get("props", {}).get("children"))

    assert answer.status_code == 200, answer.text[:500]
    walk(answer.json["response"]["content"]["children"])
    return " ".join(found)
