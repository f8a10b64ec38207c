"""The interface for programs: who may read, pages of lists, ETags, refusals, and that numbers are those of the pages."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import ask, words
from dash import Dash
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.access import tokens, users
from dashboard.api.resources import MOST, Document
from dashboard.api.table import RESOURCES
from dashboard.app import create
from dashboard.data import Data
from dashboard.standing import Store
from dashboard.texts import Texts
from exporters.plan.outlooks import Outlooks
from inventory.checking import load
from inventory.metrics import labels
from inventory.state import State, open_state

PASSWORD = "correct horse battery"
HOST = {"Host": "localhost"}
LISTS = [one.path for one in RESOURCES if not isinstance(one, Document)]
WHOLE = [one.path for one in RESOURCES if "{" not in one.path]


class Place:
    """The real application on the files of a hospital, with a token of a viewer."""

    def __init__(self, folder: Path) -> None:
        self.data = Data(load(folder / "estate.yml"), folder)
        written = self.data.status().at
        assert written is not None
        self.data.clock = lambda: written + 1
        self.state: State = open_state(folder / "state.db")
        users.add(self.state, "ada", "viewer", PASSWORD)
        self.app: Dash = create(self.data, self.state)
        today = dt.datetime.now(dt.UTC).date()
        self.token = tokens.create(
            self.state, "ada", "viewer", today + dt.timedelta(days=9), today - dt.timedelta(days=1)
        )

    def get(self, path: str, method: str = "GET", **headers: str) -> TestResponse:
        sent = HOST | {"Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.server.test_client().open(f"/api/v1{path}", method=method, headers=sent)

    def read(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        found = self.read(f"{path}{'&' if '?' in path else '?'}limit=1000")
        assert found["next"] is None
        assert found["total"] == len(found["items"])
        items: list[dict[str, Any]] = found["items"]
        return items

    def page(self, path: str, search: str = "") -> str:
        """All that a page says, in English."""
        client: FlaskClient = self.app.server.test_client()
        client.post(
            "/login",
            data={"name": "ada", "password": PASSWORD},
            headers=HOST | {"Origin": "http://localhost"},
        )
        return words(ask(self.app, path, search, client=client))


@pytest.fixture(scope="module")
def place(hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("api") / "data"
    shutil.copytree(hospital, folder)
    return Place(folder)


@pytest.fixture(scope="module")
def english(place: Place) -> Texts:
    return Texts("en", place.data.zone)


# --- who may read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*WHOLE, "/openapi.json", "/stores/0123456789abcdef", "/nothing", "/"])
def test_nothing_answers_without_a_token_or_a_login(place: Place, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer jauge_x"}):
        answer = place.app.server.test_client().get(f"/api/v1{path}", headers=HOST | headers)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", WHOLE)
def test_a_viewer_reads_every_resource_by_token_and_by_login_and_gets_the_same(
    place: Place, path: str
) -> None:
    client = place.app.server.test_client()
    form = {"name": "ada", "password": PASSWORD}
    client.post("/login", data=form, headers=HOST | {"Origin": "http://localhost"})
    by_token, by_login = place.get(path), client.get(f"/api/v1{path}", headers=HOST)
    assert by_login.status_code in (200, 404)
    assert (by_token.status_code, by_token.json) == (by_login.status_code, by_login.json)
    assert "Set-Cookie" not in by_token.headers
    assert by_token.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert not [name for name in by_token.headers.keys() if name.startswith("Access-Control-")]  # noqa: SIM118 - pairs otherwise


# --- HTTP ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*WHOLE, "/openapi.json"])
def test_an_answer_that_is_known_is_not_sent_again(place: Place, path: str) -> None:
    first = place.get(path)
    if first.status_code == 404:
        return
    assert "private" in first.headers["Cache-Control"]
    assert {"Authorization", "Cookie"} <= {one.strip() for one in first.headers["Vary"].split(",")}
    again = place.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert place.get(path, If_None_Match='W/"other"').status_code == 200
    head = place.get(path, "HEAD")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


def test_an_answer_is_compressed_for_those_who_read_that(place: Place) -> None:
    small = place.get("/openapi.json", Accept_Encoding="gzip")
    assert small.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(small.data)) == place.read("/openapi.json")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"])
@pytest.mark.parametrize("path", ["/stores", "/stores/0123456789abcdef", "/openapi.json", "/nothing"])
def test_nothing_but_reading_is_understood(place: Place, path: str, method: str) -> None:
    answer = place.get(path, method)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [("limit=0", "limit"), (f"limit={MOST + 1}", "limit"), ("limit=-1", "limit"), ("limit=ten", "limit"), ("limit=", "limit"),
     ("limit=1&limit=2", "limit"), ("limit=9999999", "limit"), ("limit=٣", "limit"), ("after=no", "after"), ("kind=cupboard", "kind"),
     ("target=", "target"), ("target=" + "x" * 201, "target"), ("full_within=1.5", "full_within"), ("sort=name", "sort"), ("id=1", "id"),
     ("<script>=1", "<script>")],
)  # fmt: skip
def test_a_parameter_that_is_not_understood_is_named(place: Place, asked: str, parameter: str) -> None:
    answer = place.get(f"/stores?{asked}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["parameter"] == parameter
    assert answer.json["status"] == 400


def test_what_is_not_there_and_what_cannot_be_written_is_said(place: Place) -> None:
    for path in ("/nothing", "/stores/0123456789abcdef", "/stores/x/y", "/", "/../v1"):
        answer = place.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path
    assert place.get("/stores", Accept="text/html").status_code == 406
    assert place.get("/stores", Accept="application/json;q=0, */*").status_code == 406
    for accepted in ("application/json", "*/*", "application/*", "text/html, application/json;q=0.1"):
        assert place.get("/stores", Accept=accepted).status_code == 200


def test_a_fault_of_ours_is_said_without_a_trace(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place.data, "stores", lambda: 1 / 0)
    answer = place.get("/stores")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "Zero" not in answer.text


def test_a_file_that_cannot_be_read_is_no_empty_answer(hospital: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(hospital, folder)
    place = Place(folder)
    with sqlite3.connect(folder / "plan.db") as broken:
        broken.execute("PRAGMA user_version = 99")
    answer = place.get("/stores")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert "plan.db" in answer.json["detail"]
    assert str(folder) not in answer.text


# --- pages of lists -----------------------------------------------------------------------------------


def walked(place: Place, path: str) -> Iterator[dict[str, Any]]:
    """The pages of a list, by the links from each to the next."""
    while path:
        answer = place.get(path)
        assert answer.status_code == 200, answer.text
        yield answer.json
        following = answer.json["next"]
        assert answer.headers.get("Link") == (f'<{following}>; rel="next"' if following else None)
        path = (following or "").removeprefix("/api/v1")


@pytest.mark.parametrize("path", LISTS)
def test_walking_by_the_links_meets_every_item_once(place: Place, path: str) -> None:
    if "{" in path:
        return
    whole = place.all(path)
    pages = list(walked(place, f"{path}?limit=1"))
    assert [item for page in pages for item in page["items"]] == whole
    assert {page["total"] for page in pages} == {len(whole)}
    places = [item["place"] for item in whole if "place" in item]
    assert sorted(places) == sorted(set(places))


def test_stores_that_come_and_go_meanwhile_neither_repeat_nor_hide_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(numbers: range) -> list[Store]:
        today = place.data.today
        return [
            Store(f"id {one}", "nas-01", labels(store=f"v{one}", kind="volume"), 1.0, None, 0.0, today)
            for one in numbers
        ]

    shown = made(range(250))
    monkeypatch.setattr(place.data, "stores", lambda: shown)
    pages = walked(place, "/stores?kind=volume&target=nas-01")
    first = next(pages)
    assert (len(first["items"]), first["total"]) == (100, 250)
    shown = made(range(300))[::-1]  # 50 more, in another order
    shown.remove(next(one for one in shown if one.name == first["items"][99]["store"]))
    met = [item["store"] for page in (first, *pages) for item in page["items"]]
    assert len(met) == len(set(met))
    assert {f"v{one}" for one in range(250)} <= set(met)


# --- the document -------------------------------------------------------------------------------------


def test_the_document_names_every_resource_and_each_field_that_may_be_unknown(place: Place) -> None:
    told = place.read("/openapi.json")
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]) == {one.path for one in RESOURCES}
    store = told["components"]["schemas"]["Store"]
    assert set(store["required"]) == set(store["properties"])
    assert {"type": "null"} in store["properties"]["size_bytes"]["anyOf"]
    assert store["properties"]["full_on"]["anyOf"][0] == {"type": "string", "format": "date"}
    named = [one["name"] for one in told["paths"]["/stores"]["get"]["parameters"]]
    assert named == ["target", "kind", "site", "full_within", "limit", "after", "If-None-Match"]


# --- numbers ------------------------------------------------------------------------------------------


def test_stores_are_told_as_the_page_tells_them(place: Place, english: Texts) -> None:
    t, told = english, place.all("/stores")
    assert {(one["target"], one["kind"]) for one in told} == {
        ("nas-01", "volume"), ("nas-01", "share"), ("backup-01", "repository"), ("new-01", "filesystem"),
    }  # fmt: skip
    shown = json.dumps(ask(place.app, "/capacity", client=_logged_in(place)).json)
    for one in told:
        assert t.size(one["used_bytes"]) in shown.encode().decode("unicode_escape"), one
        assert one["measured"].endswith("Z")
    imaging = next(one for one in told if one["store"] == "/imaging")
    assert (imaging["size_bytes"], imaging["limit_bytes"]) == (60e12, 54e12), "a ceiling of 0.9"
    assert imaging["used_ratio"] == pytest.approx(52 / 60, rel=0.01)
    planned = next(
        one for one in Outlooks(place.data.folder / "plan.db").latest() if "imaging" in one.unique_id
    )
    assert imaging["full_on"] == str(planned.dates[(1.0, 0.5)])
    assert imaging["full_early"] == str(planned.dates[(1.0, 0.1)])
    assert imaging["order_by"] == str(planned.order_by)
    young = next(one for one in told if one["store"] == "/young")
    assert (young["size_bytes"], young["used_ratio"], young["is_full"]) == (None, None, None)
    assert young["full_on"] is None
    assert young["reason"]


def _logged_in(place: Place) -> FlaskClient:
    client = place.app.server.test_client()
    form = {"name": "ada", "password": PASSWORD}
    client.post("/login", data=form, headers=HOST | {"Origin": "http://localhost"})
    return client


def test_a_store_tells_its_past_and_what_is_expected_as_its_page_does(place: Place, english: Texts) -> None:
    (listed,) = place.all("/stores?kind=volume")
    one = place.read(f"/stores/{listed['id']}")
    assert {name: one[name] for name in listed} == listed
    assert len(one["history"]) == 400
    days = [value["day"] for value in one["history"]]
    assert days == sorted(days)
    assert one["history"][-1]["used_bytes"] == listed["used_bytes"]
    (unique,) = (each.unique_id for each in place.data.stores() if each.kind == "volume")
    shown = place.page("/capacity", f"?store={unique}".replace('"', "%22"))
    ahead = {value["day"]: value for value in one["forecast"]}
    in_30 = ahead[str(place.data.today + dt.timedelta(days=30))]
    for name in ("mean_bytes", "low_80_bytes", "high_95_bytes"):
        assert english.size(in_30[name]) in shown
    assert in_30["low_95_bytes"] <= in_30["low_80_bytes"] <= in_30["mean_bytes"] <= in_30["high_80_bytes"]


def test_text_of_devices_leaves_without_what_hides_or_turns_text(place: Place, hostile: str) -> None:
    (one,) = place.all("/stores?kind=share")
    assert "evil" in one["store"]
    assert not {"\x1b", "\u202e", "\n"} & set(one["store"])
    assert len(one["store"]) <= 1000 < len(hostile)
