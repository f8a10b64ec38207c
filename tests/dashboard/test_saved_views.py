"""Views that users save: whose they are, what a form may save and remove, and when they go."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import everything as filling
import pytest
from asking import ask, words
from browsing import chromium_running, needs_chromium, serving, violations
from dash import Dash
from entering import HEADERS, PASSWORD, inhabited, login, served
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard import viewing
from dashboard.access import outsiders, sessions, users
from dashboard.access.outsiders import Outsider
from dashboard.app import create
from dashboard.components import query
from dashboard.data import Data
from dashboard.sentences import views as sentences
from dashboard.texts import Language, Texts
from exporters.status import Status, TargetStatus
from inventory.checking import load
from inventory.state import State, open_state, views
from inventory.state.views import FORGOTTEN, LONGEST, MOST, SavedView

ESTATE = """timezone: Europe/Paris
language: en
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
targets: [{name: nas-01, address: 127.0.0.1, credential: c}]
"""
PARIS = ZoneInfo("Europe/Paris")
HOSTILE = "<script>alert(1)</script>"
WORDED = (
    "/runway", "/backups", "/targets", "/accuracy", "/renewal", "/workstations/deadlines", "/workstations/fitness",
    "/workstations/care", "/workstations/import",
)  # fmt: skip
"""Pages on which something is chosen among few."""


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    """Pages that all have something to choose."""
    folder = tmp_path_factory.mktemp("everything")
    filling.write(folder)
    return create(Data(load(folder / "estate.yml"), folder), open_state(folder / "state.db"), demo=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    inhabited(folder, anna="viewer", bert="viewer", root="admin")
    (folder / "estate.yml").write_text(ESTATE)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> tuple[Dash, State]:
    return served(made, tmp_path / "place")


def send(client: FlaskClient, **form: str) -> dict[str, str]:
    answer = client.post(viewing.PATH, data={"action": "save"} | form, headers=HEADERS)
    assert answer.status_code == 303
    return {name: value for name, (value,) in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def page(app: Dash, client: FlaskClient, search: str = "", language: str = "en") -> str:
    return re.sub(r"\s+", " ", words(ask(app, "/views", search, language, client)))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", WORDED)
def test_a_view_is_told_in_the_words_of_the_choice_that_made_it(
    everything: Dash, path: str, language: Language
) -> None:
    """Each link of a choice says itself what it chooses, and its group of what."""
    t = Texts(language, PARIS)
    told = choices_of(ask(everything, path, language=language))
    assert told
    for title, text, href in told:
        chosen = query(urlsplit(href).query)
        said = sentences.chosen(path, chosen, t).split(" · ") if chosen else []
        counted = re.sub(r" \([\d\s]+\)$", "", text)
        assert not chosen or f"{title}{t('colon')}{counted}" in said, (href, said)


def choices_of(answer: TestResponse) -> list[tuple[str, str, str]]:
    """The links of the choices of a page: (title of the choice, text, address)."""
    found: list[tuple[str, str, str]] = []

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            props = node.get("props", {})
            if props.get("className") == "choices" and props["children"][0]["type"] == "Span":
                title, *links = (one["props"] for one in props["children"])
                found.extend(
                    (title["children"], one["children"], one["href"]) for one in links if "id" in one
                )
            walk(props.get("children", props.get("tree")))

    walk(answer.json["response"]["content"]["children"])  # type: ignore[index]
    return found


def test_a_view_keeps_the_page_with_what_is_chosen_and_stands_in_the_menu(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "anna")
    assert "You saved no view yet" in page(app, client)
    saved = {
        "name": " Full stores ",
        "path": "/capacity",
        "search": "?kind=pool&site=Main%20%26%20south&done=x",
    }
    assert send(client, **saved) == {"done": "saved", "name": "Full stores"}
    (kept,) = views.listed(state, "anna")
    assert kept == SavedView(kept.id, "Full stores", "/capacity", "kind=pool&site=Main%20%26%20south")
    shown = page(app, client, "?done=saved&name=Full%20stores")
    assert "The view Full stores is saved." in shown
    assert "Full stores Capacity Kind: pool · Site: Main & south Remove" in shown
    menu = client.get("/_dash-layout", headers=HEADERS).text.replace("\\u002f", "/").replace("\\u0026", "&")
    assert "/capacity?kind=pool&site=Main%20%26%20south" in menu
    assert "Vos vues" in page(app, client, language="fr")


def test_nobody_is_shown_or_removes_a_view_of_somebody_else(place: tuple[Dash, State]) -> None:
    app, state = place
    send(login(app, "anna"), name="mine", path="/")
    (kept,) = views.listed(state, "anna")
    other = login(app, "root")
    assert "mine" not in page(app, other)
    assert send(other, action="remove", number=str(kept.id)) == {}
    assert views.listed(state, "anna") == [kept]
    assert send(other, name="mine", path="/") == {"done": "saved", "name": "mine"}
    assert send(login(app, "anna"), action="remove", number=str(kept.id)) == {"done": "removed"}
    assert (len(views.listed(state, "anna")), len(views.listed(state, "root"))) == (0, 1)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": "  "}, "name"), ({"name": "x" * (LONGEST + 1)}, "name"), ({"name": "a\u202eb"}, "name"), ({"name": "a\nb"}, "name"),
        ({"path": "https://elsewhere.example/"}, "page"), ({"path": "//elsewhere.example"}, "page"), ({"path": "javascript:alert(1)"}, "page"),
        ({"path": "/nothing"}, "page"), ({"path": "/administration"}, "page"), ({"path": ""}, "page"), ({"path": "//"}, "page"), ({"name": "first"}, "taken"),
        ({"search": "?store=" + "%00" * 1000}, "long"),
    ],
)  # fmt: skip
def test_a_form_that_saves_nothing_says_why(
    place: tuple[Dash, State], form: dict[str, str], why: str
) -> None:
    app, state = place
    client = login(app, "anna")
    send(client, name="first", path="/")
    assert send(client, **({"name": "new", "path": "/capacity"} | form)) == {"refused": why}
    assert [one.name for one in views.listed(state, "anna")] == ["first"]
    assert len(page(app, client, f"?refused={why}")) > 60


def test_there_is_an_end_to_the_views_of_a_user(place: tuple[Dash, State]) -> None:
    app, state = place
    for number in range(MOST):
        views.save(state, "anna", f"view {number}", "/", "")
    assert send(login(app, "anna"), name="one more", path="/") == {"refused": "many"}
    assert send(login(app, "bert"), name="one more", path="/")["done"] == "saved"


def test_a_hostile_name_stands_as_text(place: tuple[Dash, State]) -> None:
    app, _ = place
    client = login(app, "anna")
    send(client, name=HOSTILE, path="/capacity", search=f"?site={HOSTILE}")
    assert f"{HOSTILE} Capacity Site: {HOSTILE}" in page(app, client)
    assert HOSTILE not in client.get("/_dash-layout", headers=HEADERS).text  # JSON with < as \u003c


def test_a_form_of_another_site_saves_nothing_and_nobody_saves_without_alogin(
    place: tuple[Dash, State],
) -> None:
    app, state = place
    client = login(app, "anna")
    form = {"action": "save", "name": "x", "path": "/"}
    for origin in ("http://evil.example", "null", ""):
        headers = {"Host": "localhost", "Origin": origin}
        assert client.post(viewing.PATH, data=form, headers=headers).status_code == 403
    assert app.server.test_client().post(viewing.PATH, data=form, headers=HEADERS).status_code in (
        302,
        303,
        401,
    )
    assert views.listed(state, "anna") == []


def test_a_user_who_is_removed_leaves_no_views_to_the_next_one_of_that_name(
    place: tuple[Dash, State],
) -> None:
    _, state = place
    views.save(state, "ANNA", "hers", "/", "")
    views.save(state, "bert", "his", "/", "")
    users.remove(state, "Anna")
    users.add(state, "anna", "viewer", PASSWORD)
    assert views.listed(state, "anna") == []
    assert [one.name for one in views.listed(state, "bert")] == ["his"]


def test_views_wait_for_who_is_known_elsewhere_by_the_account_and_not_by_the_name(
    place: tuple[Dash, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, state = place
    zoe = Outsider("zoe", "viewer", "oidc", "account-1")
    outsiders.admit(state, zoe)
    views.save(state, "zoe", "hers", "/", "")

    def later(seconds: float) -> None:
        now = time.time() + seconds
        monkeypatch.setattr(time, "time", lambda: now)

    later(13 * 3600)  # longer than any session: she is not known any more
    with state.write() as connection:
        sessions.forget(connection)
    assert views.listed(state, "zoe") == []
    outsiders.admit(state, Outsider("zoe", "viewer", "oidc", "account-2"))
    assert views.listed(state, "zoe") == []  # somebody else of that name
    later(13 * 3600)
    outsiders.admit(state, zoe)
    assert [one.name for one in views.listed(state, "zoe")] == ["hers"]
    later(FORGOTTEN + 1)
    outsiders.admit(state, Outsider("yves", "viewer", "ldap", "account-3"))
    outsiders.admit(state, zoe)
    assert views.listed(state, "zoe") == []


def test_the_demonstration_says_why_it_saves_none(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(made, folder)
    app = create(Data(load(folder / "estate.yml"), folder), open_state(folder / "state.db"), demo=True)
    told = words(ask(app, "/views"))
    assert "nobody logs in to the demonstration" in told
    assert "Save this view" not in words(ask(app, "/capacity"))
    form = {"action": "save", "name": "x", "path": "/"}
    assert app.server.test_client().post(viewing.PATH, data=form, headers=HEADERS).status_code == 403


@pytest.mark.xdist_group("saved views")
@pytest.mark.timeout(600)
@needs_chromium
def test_a_reader_saves_a_view_comes_back_to_it_and_removes_it(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "served"
    shutil.copytree(made, folder)
    with serving(folder, demo=False) as url, chromium_running() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
        said: list[str] = []
        page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        page.goto(f"{url}/targets?target=nas-01")
        page.fill("[name=name]", "anna")
        page.fill("[name=password]", PASSWORD)
        page.click("button:not([type=button])")
        page.wait_for_selector("#title:text-is('nas-01')")
        page.click("summary:text-is('Save this view')")
        page.fill("#view-name", HOSTILE)
        assert violations(page) == []
        # Figures that come meanwhile change nothing of it, not even those that were asked for.
        status = Status(time.time(), (TargetStatus("nas-01", True, time.time(), 0.1, time.time()),))
        (folder / "status.json").write_text(json.dumps(dataclasses.asdict(status)))
        time.sleep(5.5)
        page.evaluate(
            "document.activeElement.blur(); dash_clientside.set_props('pulse', {n_intervals: 1000})"
        )
        page.click("#renew")
        page.wait_for_selector("#renew", state="hidden")
        page.wait_for_selector(".heading .mark:has-text('well')")
        page.wait_for_function("name => document.querySelector('#view-name').value === name", arg=HOSTILE)
        assert page.locator("#view-name").is_visible()
        page.click("button:text-is('Save')")
        page.wait_for_selector(".good-news")
        assert violations(page) == []
        page.click(f"a.saved:text-is('{HOSTILE}')")
        page.wait_for_selector("#title:text-is('nas-01')")
        page.click("a.nav:text-is('Saved views')")
        page.click("button:text-is('Remove')")
        page.wait_for_selector("text=The view is removed.")
        assert page.locator("a.saved").count() == 0
        assert said == []
