"""Calls of callbacks, and other requests, that no page of ours sends: answered with a word, never with a fault of ours."""

from __future__ import annotations

import copy
import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from asking import call_of, outputs
from dash import Dash
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from dashboard.app import create
from dashboard.data import Data
from inventory.checking import load
from inventory.state import open_state

PATH = "/_dash-update-component"
HEADERS = {"Host": "localhost", "Origin": "http://localhost"}


@pytest.fixture(scope="module")
def app(hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> Dash:
    folder = tmp_path_factory.mktemp("calls") / "data"
    shutil.copytree(hospital, folder)
    made = create(Data(load(folder / "estate.yml"), folder), open_state(folder / "state.db"), demo=True)
    made.server.test_client().get("/", headers=HEADERS)
    return made


@pytest.fixture(scope="module")
def client(app: Dash) -> FlaskClient:
    return app.server.test_client()


def _page(app: Dash) -> dict[str, Any]:
    return call_of(app, "..content.children...stamp.data...updated.children..")


def _set(call: dict[str, Any], way: str, value: object) -> dict[str, Any]:
    """The call with something else in one place: `inputs.0.value`."""
    changed = copy.deepcopy(call)
    *most, last = way.split(".")
    here: Any = changed
    for step in most:
        here = here[int(step) if isinstance(here, list) else step]
    here[int(last) if isinstance(here, list) else last] = value
    return changed


def _send(client: FlaskClient, body: bytes, kind: str = "application/json") -> tuple[int, str]:
    answer = client.post(PATH, data=body, content_type=kind, headers=HEADERS)
    return answer.status_code, answer.text


def test_a_call_as_our_own_pages_send_it_is_answered(app: Dash, client: FlaskClient) -> None:
    assert len(outputs(app)) >= 8
    for output in outputs(app):
        call = call_of(app, output)
        status, text = _send(client, json.dumps(call).encode())
        assert status in (200, 204), (output, text)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nul", b"null", b"[]", b"5", b'"text"', b"{}", b"\xff\xfe", b'{"output": "\xff"}', b"[" * 200_000,
        b'{"a":' * 5_000, b'{"output": ' + b"9" * 20_000 + b"}", b'{"output": NaN}', b"--x\r\n", b"<?xml version='1.0'?><a/>",
        b'{"output": "a", "output": "beat.data"}', b'{"output": "..............."}', b'{"output": "__class__"}',
    ],
    ids=lambda body: repr(body[:24]),
)  # fmt: skip
def test_what_is_no_call_at_all_is_answered_400_in_words_and_noted_once(
    client: FlaskClient, body: bytes
) -> None:
    with capture_logs() as noted:
        status, text = _send(client, body)
    assert status == 400
    assert text.startswith("This is no call of a page")
    assert len(text) < 200
    assert [(one["log_level"], one.get("exc_info")) for one in noted] == [("warning", None)]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=nothing"])  # fmt: skip
def test_a_call_that_says_to_be_something_else_is_answered_400(client: FlaskClient, kind: str) -> None:
    assert _send(client, b'{"output": 1}', kind)[0] == 400


DEEP: Any = None
for _ in range(200):
    DEEP = [DEEP]

SPOILED = [
    *((f"{part}", value) for part in ("inputs", "state", "outputs") for value in (None, [], {}, 5, "text", [[]], [None], [{}])),
    *(("output", value) for value in (None, 5, [], {}, "", ".", "nobody.children", "content.children", "theme.aria-description", "beat.data")),
    *(("changedPropIds", value) for value in (None, 5, {}, "url.pathname", [5], [None], [[]], [{}], ["{"], ["nobody.value"], ["."], ["{\"a\":1}.x"])),
    *((f"inputs.{at}", value) for at in (0, 1) for value in (None, 5, "text", [], {}, [{}], {"id": 5, "property": "pathname"}, {"id": "url"}, {"id": {"a": 1}, "property": "pathname"})),
    *((f"inputs.0.{name}", value) for name in ("id", "property") for value in (None, 5, [], {}, "nobody", "\ud800")),
    *((f"inputs.{at}.value", value) for at in (0, 1) for value in (5, 0, True, 1.5, [], {}, ["/"], {"a": 1}, "\ud800", DEEP)),
    ("state.0.value", DEEP), ("inputs.2.value", DEEP), ("more", DEEP), ("more", {"\udfff": 1}),
    ("outputs.0.id", {"a": 1}), ("outputs.0.property", 5), ("outputs.1.property", "children"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("way", "value"), SPOILED, ids=lambda one: str(one)[:30].encode("ascii", "replace").decode()
)
def test_a_call_of_a_page_that_is_wrong_in_one_place_is_answered_400(
    app: Dash, client: FlaskClient, way: str, value: object
) -> None:
    assert _send(client, json.dumps(_set(_page(app), way, value)).encode())[0] == 400


def test_each_callback_refuses_a_call_without_one_of_its_inputs_or_with_one_more(
    app: Dash, client: FlaskClient
) -> None:
    for output in outputs(app):
        call = call_of(app, output)
        for part in ("inputs", "state"):
            more = {"id": "url", "property": "hash", "value": "#"}
            for wrong in (
                [*call[part], more],
                call[part][1:] if call[part] else [more],
                call[part][::-1] or [more],
            ):
                if wrong != call[part]:
                    assert _send(client, json.dumps({**call, part: wrong}).encode())[0] == 400, output


HOSTILE: list[Any] = [
    "<script>alert(1)</script>", "\0", "{{7*7}}", "=cmd|' /C calc'!A0", "../../etc/passwd", "\u202eevil", "x" * 10_000, "-1", "²", "1e999", "%s%n",
    "?store=%00&target=%ff", "?" + "a=1&" * 5_000, "?before=" + "9" * 50, "data:;base64,%%%", "data:text/csv;base64,AAAA", "data:,",
    0, -1, 10**30, 1.5, float("inf"), float("nan"), True, [], {}, ["a"], {"a": {"b": ["c"]}},
    {"startRow": -5, "endRow": 10**40, "sortModel": "x"}, {"startRow": True, "sortModel": [{"colId": ["store"], "sort": 5}, 5, None]},
    {"startRow": float("inf"), "endRow": None, "sortModel": [{"colId": "full"}] * 500, "filterModel": {"a": []}},
    {"title.0": "name", "separator": 5, "encoding": ["x"]},
]  # fmt: skip


def test_whatever_stands_in_an_input_of_ours_no_callback_fails(app: Dash, client: FlaskClient) -> None:
    for output in outputs(app):
        call = call_of(app, output)
        for part in ("inputs", "state"):
            for at in range(len(call[part])):
                for value in HOSTILE:
                    body = json.dumps(_set(call, f"{part}.{at}.value", value)).encode()
                    assert _send(client, body)[0] in (200, 204, 400), (output, part, at, value)


def test_hostile_values_in_all_inputs_at_once_fail_in_words(app: Dash, client: FlaskClient) -> None:
    files = ("data:;base64,", "x", "data:text/csv;base64,TmFtZTtTTgpQQy0xO1MxCg==")
    for output, name, contents in itertools.product(outputs(app), ("../../\0.csv", "a.xlsx"), files):
        for other in ({"title.0": [1], "title.1": "name"}, "stamp"):
            values = {"contents": contents, "filename": name, "n_clicks": 1, "data": other}
            call = call_of(app, output)
            for one in (*call["inputs"], *call["state"]):
                one["value"] = values.get(one["property"])
            assert _send(client, json.dumps(call).encode())[0] in (200, 204), (output, name, other)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(["output", "outputs", "inputs", "state", "changedPropIds", "more"])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, ANYTHING, min_size=1), st.integers(0, 7), st.booleans())
def test_no_body_whatsoever_is_a_fault_of_ours(
    app: Dash, client: FlaskClient, parts: dict[str, Any], which: int, whole: bool
) -> None:
    known = outputs(app)
    call = {} if whole else call_of(app, known[which % len(known)])
    status, _ = _send(client, json.dumps({**call, **parts}).encode())
    assert status in ((400,) if whole else (200, 204, 400))


# --- other requests -----------------------------------------------------------------------------------

STRANGE = [
    "/_dash-layout?x=%ff", "/_dash-dependencies?%00", "/_reload-hash", "/_favicon.ico", "/assets/", "/assets/%00", "/assets/..%2f..%2fetc/passwd",
    "/assets/../app.py", "/assets/%ff%fe", "/assets/" + "x" * 3_000, "/assets//etc/passwd", "/assets/jauge.css/x", "/static/x", "/static/%2e%2e/app.py",
    "/_dash-component-suites/x/y.js", "/_dash-component-suites/dash/../../x", "/_dash-component-suites/dash/%00",
    "/_dash-component-suites/os/path.py", "/_dash-component-suites/dash/dash.py", "/_dash-component-suites/%ff/%ff",
    "/%ff", "/%00", "/a%0d%0aSet-Cookie:%20x=1", "/capacity?store=%ff%fe", "/?" + "a" * 20_000, "//evil.example/x", "/\\evil.example",
    "/workstations/export?form=", "/workstations/export?form=%ff", "/renewal/export?form=exe&x=%00", "/backups/export?form=../x",
    "/scenarios/export?name=%ff", "/scenarios/export?name=" + "x" * 5_000, "/login?next=%ff%00", "/login/oidc", "/login/oidc/callback?code=%ff&state=%00",
    "/logout/oidc",
]  # fmt: skip


@pytest.mark.parametrize("path", STRANGE, ids=lambda path: path[:40])
def test_a_strange_address_is_answered_and_shows_no_file_of_ours(client: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND"):
        answer = client.open(path, method=method, headers=HEADERS, buffered=True)
        assert answer.status_code < 500, (method, path)
        assert not [secret for secret in (b"root:", b"def create", b"Traceback") if secret in answer.data]
        assert "\n" not in str(answer.headers.get("Set-Cookie", ""))


def _posts(app: Dash) -> list[str]:
    return sorted(
        rule.rule
        for rule in app.server.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.rule != PATH
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"), (b"", "multipart/form-data"), (b"--x", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=\xff\r\n\r\n\xff\xfe\r\n--x--", "multipart/form-data; boundary=x"),
        (b"action=%ff&name=%00&why=%ed%a0%80", "application/x-www-form-urlencoded"), (b"&".join(b"a=1" for _ in range(5_000)), "application/x-www-form-urlencoded"),
        (b"name=" + b"x" * 100_000, "application/x-www-form-urlencoded"), (b"{}", "application/json"), (b"\xff" * 500, ""), (b"action", "text/plain"),
        *((b"action=" + action + b"&name=%00&entry=%C2%B2&number=NaN&year=%C2%B2%C2%B2%C2%B2%C2%B2&kind=budget&machine=%00&text=x&who=x&until=9999-99-99&why=x&of=x&point=0000-00-00 00:00&mark=x&role=x&scope=x:y", "application/x-www-form-urlencoded")
          for action in (b"commit", b"withdraw", b"end", b"record", b"replace", b"add", b"role", b"password", b"remove", b"%00")),
        *((b"kind=" + kind + b"&number=1e308&year=2027&running=nan&use=%00%22", "application/x-www-form-urlencoded") for kind in (b"budget", b"age", b"updates", b"edition", b"desktops")),
    ],
    ids=lambda one: repr(one)[:40],
)  # fmt: skip
def test_a_strange_form_is_refused_in_words_or_leads_back(
    app: Dash, client: FlaskClient, body: bytes, kind: str
) -> None:
    for path in _posts(app):
        answer = client.post(path + "?name=%ff%00", data=body, content_type=kind, headers=HEADERS)
        assert answer.status_code < 500, (path, answer.text)
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Cookie", "jauge=\xff; language=\xff"), ("Cookie", "language=" + "x" * 5_000), ("Cookie", "=;;;=,\"\\"), ("Accept-Language", "\xff;q=9e999,*;q=-1,fr;q=x"),
        ("Accept-Encoding", "gzip;q=\xff, \xff"), ("If-Modified-Since", "yesterday"), ("Range", "bytes=9-1,-5,\xff"), ("If-None-Match", '"' * 50),
        ("X-Forwarded-For", "<script>"), ("Content-Length", "-1"), ("Content-Type", "\xff"), ("Accept", "text/html;q=\xff"), ("Referer", "http://[bad"),
    ],
    ids=lambda one: one[:20].encode("ascii", "replace").decode(),
)  # fmt: skip
def test_a_strange_header_is_answered(client: FlaskClient, name: str, value: str) -> None:
    for path in ("/", "/login", "/_dash-layout", "/assets/jauge.css", "/workstations/export?form=csv"):
        answer = client.get(path, headers={**HEADERS, name: value}, buffered=True)
        assert answer.status_code < 500, path
