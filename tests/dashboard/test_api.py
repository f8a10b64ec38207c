"""The interface for programs: who may read, pages of lists, ETags, refusals, and that numbers are those of the pages."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import everything
import jsonschema_rs
import pytest
from asking import ask, words
from dash import Dash
from exported import USER
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
from inventory.state import State, measures, open_state
from inventory.state.measures import Measured

pytestmark = pytest.mark.xdist_group("interface")

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
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("api")
    everything.write(folder)
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
    assert (by_token.status_code, by_login.status_code) == (200, 200)
    assert by_token.json == by_login.json
    assert "Set-Cookie" not in by_token.headers
    assert by_token.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert not [name for name in by_token.headers.keys() if name.startswith("Access-Control-")]  # noqa: SIM118 - pairs otherwise


# --- HTTP ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*WHOLE, "/openapi.json"])
def test_an_answer_that_is_known_is_not_sent_again(place: Place, path: str) -> None:
    first = place.get(path)
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
    whole = place.all(path)
    pages = list(walked(place, f"{path}?limit=1"))
    assert [item for page in pages for item in page["items"]] == whole != []
    assert {page["total"] for page in pages} == {len(whole)}
    places = [item["place"] for item in whole if "place" in item]
    assert sorted(places) == sorted(set(places))


def test_a_link_to_the_next_page_of_another_list_is_refused(place: Place) -> None:
    """Lists go by ids or by places: what belongs to the one would end the other at once, as if there were no more."""
    by_id, by_place = (
        place.get(f"{path}?limit=1").json["next"].rpartition("after=")[2] for path in ("/stores", "/runway")
    )
    for path, after in (("/runway", by_id), ("/stores", by_place), ("/stores", "0"), ("/runway", "1")):
        answer = place.get(f"{path}?after={after}")
        assert (answer.status_code, answer.json["parameter"]) == (400, "after"), path
    assert (
        place.get(f"/stores?after={by_id}").status_code
        == place.get(f"/runway?after={by_place}").status_code
        == 200
    )


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


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.path)
def test_every_answer_is_what_the_document_says_that_it_is(place: Place, resource: Document) -> None:
    told = place.read("/openapi.json")
    operation = told["paths"][resource.path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    held = jsonschema_rs.Draft202012Validator(
        {**schema, "components": told["components"]}, validate_formats=True
    )
    whole = place.read(resource.path.partition("/{")[0])
    paths = (
        [resource.path.replace("{id}", one["id"]) for one in whole["items"]]
        if "{" in resource.path
        else [resource.path]
    )
    for path in paths:
        assert [str(one) for one in held.iter_errors(place.read(path))] == []
    assert paths


# --- numbers ------------------------------------------------------------------------------------------


def _logged_in(place: Place) -> FlaskClient:
    client = place.app.server.test_client()
    form = {"name": "ada", "password": PASSWORD}
    client.post("/login", data=form, headers=HOST | {"Origin": "http://localhost"})
    return client


def test_stores_are_told_as_the_page_tells_them(place: Place, english: Texts) -> None:
    t, told = english, place.all("/stores")
    assert {(one["target"], one["kind"]) for one in told} == {
        ("nas-01", "volume"), ("nas-01", "share"), ("backup-01", "repository"), ("new-01", "filesystem"), ("hci-01", "pool"),
        ("pacs-01", "filesystem"),
    }  # fmt: skip
    rows = ask(place.app, "/capacity", client=_logged_in(place)).text.encode().decode("unicode_escape")
    for one in told:
        assert t.size(one["used_bytes"]) in rows, one
    imaging = next(one for one in told if one["store"] == "/imaging")
    assert (imaging["used_bytes"], imaging["size_bytes"], imaging["limit_bytes"]) == (52e12, 60e12, 54e12)
    assert imaging["used_ratio"] == pytest.approx(52 / 60)
    planned = next(
        one for one in Outlooks(place.data.folder / "plan.db").latest() if "imaging" in one.unique_id
    )
    assert imaging["full_on"] == str(planned.dates[(1.0, 0.5)])
    assert imaging["full_early"] == str(planned.dates[(1.0, 0.1)])
    assert imaging["order_by"] == str(planned.order_by)
    young = next(one for one in told if one["store"] == "/young")
    assert (young["size_bytes"], young["used_ratio"], young["is_full"]) == (None, None, None)
    assert (young["full_on"], bool(young["reason"])) == (None, True)
    (held,) = place.read(f"/stores/{young['id']}")["history"]
    assert (held["used_bytes"], held["size_bytes"]) == (5_000_000_000, None)
    assert [one["store"] for one in place.all("/stores?full_within=0")] == ["full"]
    assert [one["store"] for one in place.all("/stores?site=north&kind=volume")] == ["/imaging"]


def test_a_store_tells_its_past_and_what_is_expected_as_its_page_does(place: Place, english: Texts) -> None:
    (listed,) = place.all("/stores?kind=volume")
    one = place.read(f"/stores/{listed['id']}")
    assert {name: one[name] for name in listed} == listed
    days = [value["day"] for value in one["history"]]
    assert len(days) == 120
    assert days == sorted(days)
    assert (one["history"][0]["used_bytes"], one["history"][-1]["used_bytes"]) == (46e12, 52e12)
    (unique,) = (each.unique_id for each in place.data.stores() if each.kind == "volume")
    shown = place.page("/capacity", f"?store={unique}".replace('"', "%22"))
    ahead = {value["day"]: value for value in one["forecast"]}
    in_30 = ahead[str(place.data.today + dt.timedelta(days=30))]
    for name in ("mean_bytes", "low_80_bytes", "high_95_bytes"):
        assert english.size(in_30[name]) in shown
    assert in_30["low_95_bytes"] <= in_30["low_80_bytes"] <= in_30["mean_bytes"] <= in_30["high_80_bytes"]


def test_text_of_devices_leaves_without_what_hides_or_turns_text(place: Place) -> None:
    (one,) = place.all("/stores?kind=share")
    assert "evil" in one["store"]
    assert len(one["store"]) <= 1000 < len(everything.HOSTILE)
    for path in WHOLE:
        assert not re.search("[\x00-\x1f\u202a-\u202e]", json.dumps(place.read(path), ensure_ascii=False)), (
            path
        )


def test_no_user_of_a_workstation_is_told(place: Place) -> None:
    for path in WHOLE:
        assert USER not in place.get(f"{path}").text, path


def test_the_overview_says_why_and_what_next_in_the_language_that_is_asked_for(place: Place) -> None:
    found, shown = place.all("/overview"), place.page("/")
    assert [one["trouble"] for one in found[:3]] == ["down", "lying", "over"]
    assert (found[0]["target"], found[0]["thing"]) == ("pacs-01", None)
    for one in found:
        assert one["why"] in shown, one
    assert found[2]["store"] == place.all("/stores?full_within=0")[0]["id"]
    french = place.get("/overview", Accept_Language="fr")
    assert french.headers["Content-Language"] == "fr"
    assert "connexion refusée" in french.json["items"][0]["why"]
    assert "Accept-Language" in french.headers["Vary"]


def test_targets_tell_their_state_and_the_reason(place: Place) -> None:
    found = {one["name"]: one for one in place.all("/targets")}
    assert (found["pacs-01"]["state"], found["pacs-01"]["reason"], found["pacs-01"]["place"]) == (
        "down",
        "refused",
        1,
    )
    assert (found["nas-01"]["state"], found["nas-01"]["reason"]) == ("partly", "timeout")
    assert (found["eai-01"]["state"], found["eai-01"]["polled"], found["eai-01"]["answered"]) == (
        "never",
        None,
        None,
    )
    assert found["hci-01"]["state"] == "well"
    written = place.data.status().at
    assert dt.datetime.fromisoformat(found["hci-01"]["answered"]).timestamp() == int(written - 10)
    assert [one["name"] for one in place.all("/targets?state=down")] == ["pacs-01"]
    assert [one["name"] for one in place.all("/targets?service=Imaging&role=nas")] == ["nas-01"]
    (part, broken) = place.read(f"/targets/{found['nas-01']['id']}")["parts"]
    assert (part["name"], part["is_up"], part["rows"]) == ("hrStorage", True, 5)
    assert (broken["is_up"], broken["reason"]) == (False, "timeout")


def test_health_tells_what_the_other_answers_rest_on(hospital: Path, tmp_path: Path, place: Place) -> None:
    well = place.read("/health")
    assert (well["is_well"], well["collector_is_silent"], well["unreadable"]) == (True, False, [])
    assert well["targets"] == {"down": 1, "late": 0, "partly": 1, "never": 3, "well": 3}
    folder = tmp_path / "data"
    shutil.copytree(hospital, folder)
    ill = Place(folder)
    written = ill.data.status().at or 0.0
    ill.data.clock = lambda: written + 86_400
    with sqlite3.connect(folder / "plan.db") as broken:
        broken.execute("PRAGMA user_version = 99")
    told = ill.read("/health")
    assert (told["is_well"], told["collector_is_silent"], told["unreadable"]) == (False, True, ["plan.db"])


def test_walls_and_orders_are_those_of_their_pages(place: Place, english: Texts) -> None:
    t, shown = english, place.page("/runway")
    walls = place.all("/runway")
    assert [one["place"] for one in walls] == list(range(1, len(walls) + 1))
    imaging = next(one for one in walls if one["what"] == "/imaging")
    assert t.day(dt.date.fromisoformat(imaging["central"])) in shown
    assert imaging["store"] == place.all("/stores?kind=volume")[0]["id"]
    for one in (*walls, *place.all("/runway/dateless")):
        assert one["why"] in shown, one
    plan, shown = place.read("/purchase"), place.page("/purchase")
    assert (plan["cost"], plan["currency"], plan["is_being_made_anew"]) == (39_000, "EUR", False)
    assert t.money(plan["cost"], "EUR") in shown
    assert plan["money"][0] == {
        "year": place.data.today.year,
        "purse": None,
        "spent": 13_000,
        "budget": 500_000,
    }
    orders = place.all("/purchase/orders")
    assert sum(one["price"] for one in orders) == plan["cost"]
    assert orders[0]["gives"] == {"storage": 20e12}
    for one in orders:
        assert t.day(dt.date.fromisoformat(one["order_by"])) in shown
    assert {one["reason"] for one in place.all("/purchase/unmet")} == {"no item", "too late"}
    delay = next(one for one in place.all("/purchase/delays") if one["what"] == "/imaging")
    assert (delay["price"], [one["lots"] for one in delay["lots"]]) == (13_000, [1])
    assert [one["what"] for one in place.all("/purchase/unplanned?target=new-01")] == ["/young"]


def test_forecasts_are_scored_as_the_page_has_them(place: Place) -> None:
    found = place.read("/accuracy")
    assert (found["scored"], found["nights"]) == (41, 1)
    assert found["held_80_ratio"] == pytest.approx(33 / 41)
    (group,) = place.read("/accuracy?by=role")["groups"]
    assert (group["group"], group["due"], group["scored"], group["missed"], group["false_alarms"]) == (
        "nas",
        44,
        41,
        1,
        2,
    )
    assert group["mean_miss_ratio"] == pytest.approx(0.02)
    (worst,) = found["worst"]
    assert (worst["expected_bytes"], worst["came_bytes"], worst["horizon_days"]) == (10.5e12, 12.3e12, 90)
    assert worst["store"] == place.all("/stores?kind=volume")[0]["id"]
    assert worst["why"] in place.page("/accuracy")


def test_clusters_archives_and_platforms_tell_what_was_measured(place: Place) -> None:
    (cluster,) = place.all("/clusters")
    memory = cluster["headroom"][0]
    assert (cluster["name"], cluster["state"], memory["quantity"]) == ("hci-01", "short", "memory")
    assert memory["load_ratio"] == pytest.approx(800 / 768)
    assert memory["left"] == -32 * 2**30
    assert {one["name"]: one["state"] for one in cluster["hosts"]} == {
        "a": "well",
        "b": "unknown",
        "c": "unknown",
    }
    assert {one["name"]: one["state"] for one in cluster["disks"]} == {"d2": "failed", "d3": "worn"}
    (archive,) = place.all("/archives")
    assert (archive["name"], archive["state"], archive["studies"], archive["patients"]) == (
        "pacs-01",
        "silent",
        1_234_567,
        None,
    )
    (ct,) = archive["modalities"]
    assert (ct["stored_bytes"], ct["added_bytes"], ct["study_mean_bytes"]) == (30e12, 10e12, 3e8)
    assert (archive["queues"][0]["waiting"], archive["queues"][0]["state"]) == (7, "stuck")
    assert archive["peers"] == [{"name": "TELERAD", "answers": False}]
    found = place.read("/platforms")
    (channel,) = found["channels"]
    assert (channel["state"], channel["waiting"], channel["oldest_seconds"]) == ("late", 3, 7200)
    assert found["listeners"][0]["acknowledged"] == "AE"
    assert (found["desktops"][0]["used"], found["desktops"][0]["used_ratio"]) == (150, 0.75)
    assert (found["databases"][0]["name"], found["databases"][0]["state"]) == ("DATA · LIMS", "tight")
    assert found["copies"][0]["behind_seconds"] == 7200
    assert found["phones"][0]["unregistered"] is None


def test_backups_are_held_against_what_was_promised(place: Place) -> None:
    found = {one["job"]: one for one in place.all("/backups")}
    kept, lie = found["db-01:nightly"], found["old:nightly"]
    assert (kept["state"], kept["is_overdue"], kept["promised_seconds"], kept["listed_by"]) == (
        "late",
        True,
        3600,
        "backup-01",
    )
    now = place.data.status().at
    assert dt.datetime.fromisoformat(kept["last_point"]).timestamp() == int(now - 50 * 3600)
    assert (lie["says"], lie["is_believed"], lie["not_believed"], lie["promised_seconds"]) == (
        "ok",
        False,
        ["shrunken"],
        None,
    )
    told = place.read("/backups/summary")
    assert (told["backups"], told["promised"], told["overdue"], told["lying"], told["untested"]) == (
        2,
        1,
        1,
        1,
        1,
    )
    assert (told["is_sure"], told["in_no_job"]) == (True, 2)
    assert {one["machine"] for one in place.all("/backups/missing")} == {"backup-01", "eai-02 (153)"}
    (rules,) = place.all("/backups/rules?target=db-01")
    assert (rules["is_slow"], rules["restore_within_seconds"]) == (True, 3600)
    assert {one["rule"]: one["is_met"] for one in rules["rules"]}["3 copies"] is False
    newest, corrected = place.all("/restore-tests")
    assert (newest["counts"], newest["took_seconds"], newest["size_bytes"]) == (True, 10_800, 2e12)
    assert (corrected["counts"], corrected["replaced_by"]) == (False, newest["number"])


def test_what_a_server_without_the_answer_says_of_machines_in_no_job_is_that_nobody_knows(
    hospital: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(hospital, folder)
    unsure = Place(folder)
    assert unsure.get("/backups/missing").status_code == 404
    assert unsure.read("/backups/summary")["in_no_job"] is None


def test_workstations_and_their_renewal_are_those_of_the_pages(place: Place, english: Texts) -> None:
    machines, figures = place.all("/workstations"), place.read("/workstations/figures")
    assert len(machines) == figures["machines"] == everything.MACHINES
    old = [one for one in machines if one["os_version"] == "22H2"]
    assert len(old) == figures["support"]["ended"] == 10, "every third one runs Windows 10 22H2"
    assert {(one["support"], one["supported_until"]) for one in old} == {("ended", "2025-10-14")}
    assert {one["name"] for one in place.all("/workstations?support=ended")} == {one["name"] for one in old}
    assert {one["memory_bytes"] for one in machines} == {8192 * 2**20}
    deadlines = place.all("/deadlines?support=ended&what=workstations")
    assert {one["id"] for one in deadlines} == {one["id"] for one in old}
    (server,) = place.all("/deadlines?what=targets&support=ended")
    assert (server["name"], server["support"]) == ("vdi-01", "ended")
    later = place.all("/deadlines?on=2028-01-01&what=workstations&support=ended")
    assert len(later) == everything.MACHINES, "Windows 11 25H2 Pro ends in October 2027"
    plan, shown = place.read("/renewal"), place.page("/renewal")
    waves = place.all("/renewal/purchases")
    for one in plan["years"]:
        assert english.money(one["spent"], plan["currency"]) in shown
        assert one["machines"] == sum(wave["machines"] for wave in waves if wave["year"] == one["year"])
    assert sum(one["money"] for one in waves) == pytest.approx(
        sum(one["purchases"] + one["again"] for one in plan["costs"])
    )
    assert plan["overdue"] == len(place.all("/renewal/overdue"))


def test_more_money_and_the_lives_of_models_are_those_of_the_pages(place: Place, english: Texts) -> None:
    t, told, shown = english, place.read("/renewal/curve"), place.page("/renewal")
    assert told["currency"] == place.read("/renewal")["currency"]
    assert [one["more_ratio"] for one in told["points"]] == pytest.approx(
        [-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4]
    )
    same = next(one for one in told["points"] if one["more_ratio"] == 0)
    budgets = [one["budget"] for one in place.read("/renewal")["years"] if one["purse"] is None]
    assert same["budget"] == pytest.approx(sum(budgets))
    for one in told["points"]:
        for money in (one["budget"], one["spent"], one["weighed"]):
            assert t.money(money, told["currency"]) in shown
    weighed = [one["weighed"] for one in told["points"]]
    assert weighed == sorted(weighed, reverse=True), "more money never leaves more to weigh"
    assert told["points"][0]["lump_is_worth"] is None

    lives, models, shown = place.read("/lives"), place.all("/lifetimes"), place.page("/workstations")
    assert sum(one["machines"] for one in models) == everything.MACHINES
    assert lives["models_left_out"] == 0
    assert lives["is_learnt"] is (lives["failures"] is not None)
    for one in models:
        assert one["model"] in shown
        whole = place.read(f"/lifetimes/{one['id']}")
        assert {name: whole[name] for name in one} == one
        ratios = [row["ratio"] for row in whole["counted_with"]]
        assert ratios == sorted(ratios, reverse=True), "nobody comes to life again"
        assert all(row["low_80_ratio"] <= row["high_80_ratio"] for row in whole["counted_with"])
        assert all(row["failed"] <= row["at_risk"] for row in whole["seen"])
    assert place.get("/lifetimes/000000000000").status_code == 404


def test_the_course_of_a_machine_is_that_of_its_page_and_names_no_user(place: Place, english: Texts) -> None:
    listed = place.all("/workstations")[0]
    one = place.read(f"/workstations/{listed['id']}")
    assert (one["name"], one["is_gone"], one["workstation"]) == (listed["name"], False, listed)
    assert [step["event"] for step in one["course"]][-1] == "first"
    (key,) = (each.key for each in place.data.inventory() if each.name == listed["name"])
    shown = place.page("/workstations/machine", f"?of={quote(key)}")
    for step in one["course"]:
        assert step["file"] in shown
        assert english.instant(dt.datetime.fromisoformat(step["at"]).timestamp()) in shown
    for each in place.all("/workstations"):
        assert USER not in place.get(f"/workstations/{each['id']}").text
    assert place.get("/workstations/0123456789abcdef").status_code == 404


def test_decisions_tell_what_the_committee_was_asked_for_and_its_last_answer(place: Place) -> None:
    both = place.all("/decisions")
    assert sorted(one["cost"] or 0 for one in both) == [0, 4000]
    (one,) = place.all("/decisions?outcome=accepted")
    assert [other["outcome"] for other in place.all("/decisions?outcome=none")] == [None]
    day = place.data.today - dt.timedelta(days=9)
    assert re.fullmatch(rf"D-{day:%Y-%m}-1", one["number"])
    assert (one["what"].startswith("Order "), one["why"], one["due"]) == (
        True,
        "it fills",
        place.data.today.isoformat(),
    )
    told = place.read(f"/decisions/{one['id']}")
    assert (told["files"], one["first_file"], one["last_file"]) == (
        [day.isoformat()],
        day.isoformat(),
        day.isoformat(),
    )
    assert [(each["outcome"], each["who"], each["why"]) for each in told["answers"]] == [
        ("accepted", None, "accepted for the money"),
        ("refused", None, "refused for the money"),
    ]
    assert place.get("/decisions/0123456789abcdef").status_code == 404


def test_scenarios_tell_what_was_decided(place: Place) -> None:
    (one,) = place.all("/scenarios?standing=committed")
    assert (one["name"], one["who"], one["why"]) == ("ct", "mana", "the board says so")
    told = place.read(f"/scenarios/{one['id']}")["decisions"]
    assert [(each["action"], each["who"], each["why"]) for each in told] == [
        ("committed", "mana", "the board says so"), ("saved", "anna", None),
    ]  # fmt: skip
    assert place.get("/scenarios/0123456789abcdef").status_code == 404


def test_what_archives_may_delete_is_that_of_the_page(place: Place, english: Texts) -> None:
    (one,) = place.all("/retention")
    shown = place.page("/retention")
    assert (one["target"], one["keeps_years"], one["held_bytes"]) == ("pacs-01", 20, 23 * everything.TB)
    assert one["full"] is not None
    for year in one["years"]:
        assert str(year["year"]) in shown
        for name in ("low", "likely", "high", "total_likely"):
            assert english.size(year[f"{name}_bytes"]) in shown, name
    assert one["years"][0]["total_high_bytes"] == one["years"][0]["high_bytes"] > 0


def test_machines_in_care_and_roll_outs_are_those_of_the_pages(place: Place, english: Texts) -> None:
    fleet, today = place.data.fleet(), place.data.today
    assert fleet is not None
    machine = fleet.care.exposed[-1].machine.workstation
    made = Measured([(machine.key, machine.name)], "Isolated network", "CISO", today, None)
    measures.add(place.state, made, place.data.clock(), "oper", "127.0.0.1")
    exposed, shown = place.all("/care"), place.page("/workstations/care")
    assert f"{len(exposed)}" in shown
    known = {one["id"] for one in place.all("/workstations")}
    for one in exposed:
        assert one["workstation"] in known
        assert one["support"] in ("ended", "unknown")
        assert one["name"] in shown
        assert one["since"] is None or english.day(dt.date.fromisoformat(one["since"])) in shown
    measured = place.all("/care?measures=some")
    assert [one["name"] for one in measured] == [machine.name]
    assert [(one["what"], one["who"], one["is_of_estate"]) for one in measured[0]["measures"]] == [
        ("Isolated network", "CISO", False)
    ]
    (rollout,) = place.read("/rollouts")["rollouts"]
    shown = place.page("/workstations/rollouts")
    assert rollout["title"] == "Windows 11"
    assert english.number(rollout["deployed"]) in shown
    assert english.number(rollout["machines"]) in shown
    last = [week for week in rollout["weeks"] if week["deployed"] is not None][-1]
    assert english.day(dt.date.fromisoformat(last["week"])) in shown
    assert english.number(last["behind"]) in shown
