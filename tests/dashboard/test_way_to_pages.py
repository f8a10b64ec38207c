"""The table of docs/pages.md: every page stands in it, and is as many clicks away as it says."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import pytest
from asking import ask
from dash import Dash
from flask.testing import FlaskClient

from dashboard.access import users
from dashboard.app import BEHIND, PAGES, create
from dashboard.data import Data
from dashboard.texts import words
from inventory.checking import load
from inventory.imports.snapshots import commit, compare
from inventory.state import open_state
from inventory.workstations import Workstation

DOCS = Path(__file__).parents[2] / "docs" / "pages.md"
PASSWORD = "correct horse battery 1"
HEADERS = {"Host": "localhost", "Origin": "http://localhost"}
FARTHEST: Final = 2


class Row(NamedTuple):
    title: str
    path: str
    question: str
    clicks: int


def _told() -> dict[str, Row]:
    found = re.findall(
        r"^\| ([^|]+) \| `(/[^`]*)` \| ([^|]+) \| (\d+) \|$", DOCS.read_text("utf-8"), re.MULTILINE
    )
    rows = [Row(title, path, question, int(clicks)) for title, path, question, clicks in found]
    assert len({row.path for row in rows}) == len(rows), "docs/pages.md tells one page twice"
    return {row.path: row for row in rows}


@pytest.fixture(scope="module")
def administrator(hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dash, FlaskClient]:
    """Who sees every page."""
    folder = tmp_path_factory.mktemp("ways") / "data"
    shutil.copytree(hospital, folder)
    state = open_state(folder / "state.db")
    users.add(state, "root", "admin", PASSWORD)
    known = Workstation(
        "PC-1", serial="S1", maker="Dell", model="Latitude 5440", purchased=dt.date(2020, 3, 2)
    )
    commit(state, compare(state, "glpi.csv", (known,)), "tests")
    app = create(Data(load(folder / "estate.yml"), folder), state)
    client = app.server.test_client()
    client.post("/login", data={"name": "root", "password": PASSWORD}, headers=HEADERS)
    return app, client


def _links(node: object) -> Iterator[str]:
    """The pages that something which is drawn leads to."""
    if isinstance(node, list):
        for one in node:
            yield from _links(one)
    elif isinstance(node, dict):
        if isinstance(node.get("href"), str):
            yield urlsplit(node["href"]).path
        for one in node.values():
            yield from _links(one)


def _clicks(app: Dash, client: FlaskClient) -> dict[str, int]:
    """How many clicks each page is away from the overview."""
    menu = set(_links(client.get("/_dash-layout", headers=HEADERS).json))
    pages = {page.PATH for page in (*PAGES, *BEHIND)}
    found, edge = {"/": 0}, ["/"]
    for clicks in range(1, FARTHEST + 1):
        ahead = menu.union(*(_links(ask(app, path, client=client).json) for path in edge))
        edge = sorted((ahead & pages) - found.keys())
        found |= dict.fromkeys(edge, clicks)
    return found


def test_the_docs_tell_of_every_page_which_question_it_answers_and_how_far_it_is(
    administrator: tuple[Dash, FlaskClient],
) -> None:
    told, clicks = _told(), _clicks(*administrator)
    for page in (*PAGES, *BEHIND):
        row = told.pop(page.PATH, None)
        assert row is not None, (
            f"docs/pages.md lacks a row for the page {page.NAME} ({page.PATH}): say which question it answers"
        )
        assert row.title == words(f"{page.NAME}.title", "en"), (
            f"docs/pages.md calls the page {page.PATH} otherwise than it calls itself"
        )
        assert row.question.split(" (")[0].endswith("?"), f"docs/pages.md asks no question for {page.PATH}"
        assert page.PATH in clicks, (
            f"more than {FARTHEST} clicks lead from the overview to {page.PATH}: link to it"
        )
        assert row.clicks == clicks[page.PATH], f"docs/pages.md counts the clicks to {page.PATH} wrongly"
    assert not told, "docs/pages.md tells of pages that are not there"
