"""Logins over HTTP against a real server: sessions of every kind, their end, refusals, pages, and what stays secret."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gzip
import ipaddress
import json
import ssl
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import interfaces
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors import http
from collectors.api import ApiFile
from collectors.http import families
from collectors.http.client import BODY_LIMIT, Client
from collectors.poll import PollError, Step
from collectors.polling import Poller
from collectors.refusals import Refusals

PASSWORD = "canary-Pa55word"
TOKEN = "canary-t0ken-of-a-session"
USER = {"user": "mon", "password": PASSWORD}
POOL = {"name": "ssd", "size": 1000, "used": 400}
SIZE = 'jauge_storage_size_bytes{kind="pool",store="ssd"}'

HEAD = {"title": "Toy", "product": "Toy", "address": "http://HOST", "account": "anybody"}

TABLE: dict[str, Any] = {
    "name": "pools",
    "get": "/pools",
    "each": "/pools/*",
    "labels": {"store": "/name", "kind": {"text": "pool"}},
    "metrics": {
        "jauge_storage_size_bytes": {"column": "/size"},
        "jauge_storage_used_bytes": {"column": "/used"},
    },
}


@pytest.fixture
def family(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Declares a family named toy."""

    def declare(*tables: dict[str, Any], **more: Any) -> None:
        file = ApiFile.model_validate({**HEAD, "tables": tables or (TABLE,), **more})
        monkeypatch.setitem(http.INTERFACES.read, "toy", file)

    return declare


def opening(answer: Any, check: Any = lambda _request, _body: True, **headers: str) -> Any:
    """A handler that opens a session where `check` agrees."""

    async def handle(request: web.Request) -> web.Response:
        body = await request.text()
        if not check(request, body):
            return web.json_response({"error": f"no: {body}"}, status=401)
        return web.json_response(answer, headers=headers, status=201)

    return handle


def as_json(_request: web.Request, body: str) -> bool:
    return bool(json.loads(body) == {"data": {"username": "mon", "password": PASSWORD}, "scope": 0})


def as_form(request: web.Request, body: str) -> bool:
    return (
        request.content_type == "application/x-www-form-urlencoded"
        and body == f"grant=password&u=mon&p={PASSWORD}"
    )


def as_headers(request: web.Request, _body: str) -> bool:
    return request.headers.get("X-User") == "mon" and request.headers.get("X-Password") == PASSWORD


def as_basic(request: web.Request, _body: str) -> bool:
    return interfaces.basic("mon", PASSWORD)(request)


SENT = {
    "json": (
        as_json,
        {"send": {"/data/username": "user", "/data/password": "password"}, "fixed": {"/scope": 0}},
    ),
    "form": (
        as_form,
        {"form": "form", "send": {"u": "user", "p": "password"}, "fixed": {"grant": "password"}},
    ),
    "headers": (as_headers, {"form": "headers", "send": {"X-User": "user", "X-Password": "password"}}),
    "basic": (as_basic, {"basic": True}),
}


@pytest.mark.parametrize("way", SENT)
async def test_a_session_is_opened_as_the_system_wants_it(way: str, family: Any) -> None:
    check, login = SENT[way]
    family(login={"path": "/login", "token": "/data/key", "header": "X-Key", **login})
    steps: list[Step] = []
    answers = {"POST /login": opening({"data": {"key": TOKEN}}, check), "GET /pools": {"pools": [POOL]}}
    async with interfaces.serving(answers, interfaces.header("X-Key", TOKEN)) as server:
        tables, facts = await interfaces.poll(server.url, "toy", USER, steps=steps)
    assert interfaces.told(tables)[SIZE] == 1000
    assert facts == {"family": "toy", "product": "Toy"}
    assert server.asked == ["POST /login", "GET /pools"]
    assert "canary" not in repr(steps)


async def test_a_token_may_come_in_a_header_and_go_with_a_prefix(family: Any) -> None:
    family(
        login={
            "path": "/login",
            "basic": True,
            "method": "GET",
            "token_header": "X-Told",
            "prefix": "Bearer ",
        }
    )
    answers = {"GET /login": opening({}, as_basic, **{"X-Told": TOKEN}), "GET /pools": {"pools": [POOL]}}
    async with interfaces.serving(answers, interfaces.header("Authorization", f"Bearer {TOKEN}")) as server:
        assert interfaces.told((await interfaces.poll(server.url, "toy", USER))[0])[SIZE] == 1000


async def test_headers_go_in_the_case_in_which_the_family_writes_them(family: Any) -> None:
    """RFC 9110, 5.1: it does not matter. Not every device has read it."""
    family(
        headers={"datatype": "json"},
        login={"path": "/login", "basic": True, "token": "/key", "header": "sessionKey"},
    )
    names: list[bytes] = []

    def pools(request: web.Request) -> web.Response:
        names.extend(name for name, _ in request.raw_headers)
        return web.json_response({"pools": [POOL]})

    async with interfaces.serving({"POST /login": opening({"key": TOKEN}), "GET /pools": pools}) as server:
        assert (await interfaces.poll(server.url, "toy", USER))[0]["pools"].up
    assert {b"sessionKey", b"datatype", b"Accept"} <= {*names}
    assert len({name.lower() for name in names}) == len(names)


async def test_a_session_may_be_a_cookie(family: Any) -> None:
    family(
        login={
            "path": "/login",
            "form": "form",
            "send": {"u": "user"},
            "end": {"method": "POST", "path": "/bye"},
        }
    )
    answers = {
        "POST /login": opening({}, **{"Set-Cookie": f"SID={TOKEN}; Path=/; HttpOnly"}),
        "GET /pools": {"pools": [POOL]},
        "POST /bye": {},
    }
    steps: list[Step] = []
    async with interfaces.serving(answers, interfaces.cookie("SID", TOKEN)) as server:
        assert interfaces.told((await interfaces.poll(server.url, "toy", USER, steps=steps))[0])[SIZE] == 1000
    assert server.asked[-1] == "POST /bye"
    assert "canary" not in repr(steps)


async def test_a_token_of_the_credential_is_a_bearer_token_or_what_the_family_says(family: Any) -> None:
    family()
    async with interfaces.serving(
        {"GET /pools": {"pools": [POOL]}}, interfaces.header("Authorization", f"Bearer {TOKEN}")
    ) as server:
        assert (await interfaces.poll(server.url, "toy", {"token": TOKEN}))[0]["pools"].up
    family(authorization={"header": "X-Api", "prefix": "key="})
    async with interfaces.serving(
        {"GET /pools": {"pools": [POOL]}}, interfaces.header("X-Api", f"key={TOKEN}")
    ) as server:
        assert (await interfaces.poll(server.url, "toy", {"token": TOKEN}))[0]["pools"].up


ENDS = {
    "a path": ({"path": "/session"}, {}, "DELETE /session"),
    "its number": ({"path": "/sessions", "last": "/id"}, {}, f"DELETE /sessions/{TOKEN}"),
    "a header": ({"header": "Location"}, {"Location": "/sessions/7"}, "DELETE /sessions/7"),
    "an address": (
        {"header": "Location"},
        {"Location": "https://elsewhere.test/sessions/7"},
        "DELETE /sessions/7",
    ),
}


@pytest.mark.parametrize("way", ENDS)
async def test_a_session_is_ended_on_its_own_server_also_when_every_table_failed(
    way: str, family: Any
) -> None:
    end, headers, expected = ENDS[way]
    family(login={"path": "/login", "basic": True, "token": "/key", "header": "X-Key", "end": end})
    answers = {"POST /login": opening({"key": TOKEN, "id": TOKEN}, **headers), "GET /pools": "<html>"}
    steps: list[Step] = []
    async with interfaces.serving(answers, interfaces.header("X-Key", TOKEN)) as server:
        tables, _ = await interfaces.poll(server.url, "toy", USER, steps=steps)
    assert tables["pools"].reason == "unparsed"
    assert server.asked == ["POST /login", "GET /pools", expected]
    assert "canary" not in repr(steps)


async def test_a_session_is_ended_when_the_tables_took_all_the_time(family: Any) -> None:
    family(login={"path": "/login", "basic": True, "end": {"path": "/session"}})

    async def late(_request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.json_response({})

    async with interfaces.serving({"POST /login": opening({}), "GET /pools": late}) as server:
        tables, _ = await interfaces.poll(server.url, "toy", USER, timeout=4)
        assert tables["pools"].reason in {"deadline", "timeout"}
        assert server.asked[-1] == "DELETE /session"


async def test_all_paths_are_below_the_folder_that_the_login_names(family: Any) -> None:
    family(
        login={"path": "/any/sessions", "basic": True, "below": "/data/device", "end": {"path": "/sessions"}}
    )
    answers = {
        "POST /rest/any/sessions": opening({"data": {"device": "2102 0"}}),
        "GET /rest/2102%200/pools": {"pools": [POOL]},
    }
    async with interfaces.serving(answers) as server:
        tables, _ = await interfaces.poll(f"{server.url}/rest", "toy", USER)
    assert interfaces.told(tables)[SIZE] == 1000
    assert server.asked[-1] == "DELETE /rest/2102%200/sessions"


# --- refusals ---------------------------------------------------------------------------------------------

TWO = (TABLE, {**TABLE, "name": "more", "get": "/more"})


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refused_login_is_tried_once_in_a_poll_and_then_rests(
    status: int, family: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    family(*TWO, login={"path": "/login", "basic": True})

    def refuse(_request: web.Request) -> web.Response:
        return web.json_response({"error": "no"}, status=status)

    refusals = Refusals()
    async with interfaces.serving({"POST /login": refuse}) as server:
        for _ in range(4):
            tables, _ = await interfaces.poll(server.url, "toy", USER, refusals=refusals)
            assert {table.reason for table in tables.values()} == {"auth_failed"}
        assert server.asked == ["POST /login"]
        assert "not tried again for 5 min" in tables["pools"].detail
        assert "mon was not let in" in tables["pools"].detail

        await interfaces.poll(server.url, "toy", {**USER, "password": "another"}, refusals=refusals)
        assert len(server.asked) == 2  # another secret is tried at once

        now = time.monotonic()
        monkeypatch.setattr("collectors.refusals.time.monotonic", lambda: now + 301)
        await interfaces.poll(server.url, "toy", {**USER, "password": "another"}, refusals=refusals)
        tables, _ = await interfaces.poll(
            server.url, "toy", {**USER, "password": "another"}, refusals=refusals
        )
        assert len(server.asked) == 3
        assert "not tried again for 10 min" in tables["pools"].detail


async def test_a_password_that_basic_refuses_is_shown_once_in_a_poll_and_then_rests(family: Any) -> None:
    family(*TWO)
    refusals, door = Refusals(), [False]
    async with interfaces.serving(
        {"GET /pools": {"pools": [POOL]}, "GET /more": {"pools": []}}, lambda _: door[0]
    ) as server:
        for _ in range(3):
            tables, _ = await interfaces.poll(server.url, "toy", USER, refusals=refusals)
            assert {table.reason for table in tables.values()} == {"auth_failed"}
        assert server.asked == ["GET /pools"]
        door[0] = True
        refusals.pardon("box")
        assert (await interfaces.poll(server.url, "toy", USER, refusals=refusals))[0]["pools"].up
        assert (await interfaces.poll(server.url, "toy", USER, refusals=refusals))[0]["pools"].up


async def test_what_one_may_not_see_fails_its_own_table_alone(family: Any) -> None:
    family(*TWO)
    answers = {"GET /pools": lambda _: web.json_response({}, status=403), "GET /more": {"pools": [POOL]}}
    refusals = Refusals()
    async with interfaces.serving(answers) as server:
        for _ in range(2):
            tables, _ = await interfaces.poll(server.url, "toy", USER, refusals=refusals)
            assert (tables["pools"].reason, tables["more"].reason) == ("auth_failed", None)
    assert len(server.asked) == 4


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
async def test_a_login_that_fails_for_another_reason_is_tried_again_at_the_next_poll(
    status: int, family: Any
) -> None:
    family(*TWO, login={"path": "/login", "basic": True})
    refusals = Refusals()
    answers = {"POST /login": lambda _: web.Response(status=status, headers={"Location": "/elsewhere"})}
    async with interfaces.serving(answers) as server:
        for _ in range(2):
            tables, _ = await interfaces.poll(server.url, "toy", USER, refusals=refusals)
            assert {table.reason for table in tables.values()} == {"unparsed"}
    assert server.asked == ["POST /login"] * 2


REFUSING = {
    "no token": {"error": {"code": 1077949061}},
    "an empty token": {"data": {"key": ""}},
    "a line break": {"data": {"key": "a\r\nX-Evil: 1"}},
    "no ASCII": {"data": {"key": "clé"}},
    "endless": {"data": {"key": "x" * 100_000}},
    "said so": {"data": {"key": TOKEN}, "status": "Authentication Unsuccessful"},
}


@pytest.mark.parametrize("name", REFUSING)
async def test_an_answer_to_a_login_that_lets_nobody_in_is_a_refusal(name: str, family: Any) -> None:
    family(
        login={"path": "/login", "basic": True, "token": "/data/key", "refused": {"/status": "Unsuccessful"}}
    )
    refusals = Refusals()
    async with interfaces.serving({"POST /login": opening(REFUSING[name])}) as server:
        tables, _ = await interfaces.poll(server.url, "toy", USER, refusals=refusals)
        assert tables["pools"].reason == "auth_failed"
        await interfaces.poll(server.url, "toy", USER, refusals=refusals)
    assert server.asked == ["POST /login"]


async def test_a_credential_without_the_part_that_is_needed_says_which(family: Any) -> None:
    family(login={"path": "/login", "send": {"/t": "token"}})
    async with interfaces.serving({}) as server:
        tables, _ = await interfaces.poll(server.url, "toy", USER)
    assert tables["pools"].detail == "the target's HTTP credential gives no token"
    assert server.asked == []


async def test_where_a_token_has_its_own_form_no_password_is_sent_instead(family: Any) -> None:
    family(authorization={"prefix": "key="})
    async with interfaces.serving({}) as server:
        tables, _ = await interfaces.poll(server.url, "toy", USER)
    assert tables["pools"].detail == "the target's HTTP credential gives no token"
    assert server.asked == []


async def test_the_poller_remembers_refusals_between_polls(family: Any) -> None:
    family(login={"path": "/login", "basic": True})
    async with interfaces.serving({"POST /login": lambda _: web.Response(status=401)}) as server:
        place = interfaces.estate(server.url, "toy", USER)
        poller = Poller(place)
        try:
            for _ in range(3):
                assert not (await poller.poll(place.targets[0])).up
        finally:
            poller.close()
    assert server.asked == ["POST /login"]


# --- secrets ----------------------------------------------------------------------------------------------


async def test_a_secret_that_a_server_repeats_is_shown_nowhere(
    family: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    family(*TWO, login={"path": "/login", "basic": True, "token": "/key", "header": "X-Key"})
    pair = interfaces.base64.b64encode(f"mon:{PASSWORD}".encode()).decode()
    echo = {"said": f"{PASSWORD} {TOKEN} {pair}"}
    answers = {
        "POST /login": opening({"key": TOKEN, "said": PASSWORD}),
        "GET /pools": echo,
        "GET /more": lambda _: web.json_response(echo, status=500),
    }
    steps: list[Step] = []
    async with interfaces.serving(answers) as server:
        tables, facts = await interfaces.poll(server.url, "toy", USER, steps=steps)
    assert tables["pools"].reason == "unparsed"
    shown = repr((steps, tables, facts)) + "".join(
        record.getMessage() for record in caplog.records if record.name != "aiohttp.access"
    )
    assert "canary" not in shown
    assert pair not in shown
    assert "***" in tables["pools"].detail


LONG = "canary-" + "0123456789" * 160


async def test_a_secret_that_a_server_repeats_cut_off_or_spelled_otherwise_is_shown_nowhere(
    family: Any,
) -> None:
    said = "canary\"p\\a's&s w0rd"
    family(*TWO, login={"path": "/login", "basic": True, "token": "/key"})
    answers = {
        "POST /login": opening({"key": LONG}),
        "GET /pools": {"x": "y" * 60, "said": LONG},
        "GET /more": lambda _: web.json_response({"error": LONG}, status=500),
    }
    for echoed in (said, quote(said), json.dumps(said), f"{'y' * 95}{said}"):
        steps: list[Step] = []
        async with interfaces.serving({**answers, "GET /more": [echoed]}) as server:
            tables, facts = await interfaces.poll(
                server.url, "toy", {"user": "mon", "password": said}, steps=steps
            )
        assert tables["pools"].reason == tables["more"].reason == "unparsed"
        assert "canary" not in repr((steps, tables, facts))
    async with interfaces.serving(answers) as server:
        await interfaces.poll(server.url, "toy", {"user": "mon", "password": said}, steps=steps)
    assert "canary" not in repr(steps)


async def test_a_secret_is_no_label_and_no_version(family: Any) -> None:
    family(version={"get": "/about", "column": "/is"})
    pools = [{"name": f"ssd {PASSWORD}", "size": 5, "used": 1}, {"name": "hdd", "size": 7, "used": 2}]
    twins = [{"name": PASSWORD, "size": 5}, {"name": "***", "size": 7}]
    answers: dict[str, Any] = {"GET /pools": {"pools": pools}, "GET /about": {"is": f"7 {PASSWORD}"}}
    async with interfaces.serving(answers) as server:
        tables, facts = await interfaces.poll(server.url, "toy", USER)
        answers["GET /pools"] = {"pools": twins}
        alike, _ = await interfaces.poll(server.url, "toy", USER)
    assert {dict(sample.labels)["store"] for sample in tables["pools"]} == {"ssd ***", "hdd"}
    assert facts["version"] == "7 ***"
    assert alike["pools"].series == ()


async def test_an_answer_in_drops_ends_with_the_time_of_the_poll(family: Any) -> None:
    family()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(OSError):
            while True:
                await response.write(b" ")
                await asyncio.sleep(0.05)
        return response

    async with interfaces.serving({"GET /pools": drip}) as server:
        place = interfaces.estate(server.url, "toy", USER, timeout=1.0)
        async with (
            asyncio.timeout(30),
            Client(place.targets[0].http, time.monotonic() + 1, lambda _: None) as client,
        ):
            with pytest.raises(PollError, match="no answer in time"):
                await client.ask("GET", "/pools")


# --- pages and paths --------------------------------------------------------------------------------------


def numbered(*numbers: int) -> dict[str, Any]:
    return {"pools": [{"name": f"p{number}", "size": number, "used": 0} for number in numbers]}


def sizes(tables: Any) -> list[float]:
    return [value for name, value in interfaces.told(tables).items() if name.startswith("jauge_storage_size")]


async def test_pages_are_read_to_the_last_and_only_on_the_same_server(family: Any) -> None:
    family({**TABLE, "next": "/next"})
    async with interfaces.serving({}) as other:
        answers = {
            "GET /base/pools": numbered(1, 2) | {"next": "/base/pools?from=2"},
            "GET /base/pools?from=2": numbered(3) | {"next": f"{other.url}/base/pools?from=3"},
            "GET /base/pools?from=3": numbered(4) | {"next": None},
        }
        async with interfaces.serving(answers) as server:
            tables, _ = await interfaces.poll(f"{server.url}/base", "toy", USER)
    assert sizes(tables) == [1, 2, 3, 4]
    assert other.asked == []


async def test_pages_are_asked_for_by_a_cursor_or_by_the_rows_before(family: Any) -> None:
    family({**TABLE, "get": "/pools?limit=2", "pages": {"parameter": "token", "cursor": "/more"}})
    answers = {
        "GET /pools?limit=2": numbered(1, 2) | {"more": "a b"},
        "GET /pools?limit=2&token=a+b": numbered(3) | {"more": None},
    }
    async with interfaces.serving(answers) as server:
        assert sizes((await interfaces.poll(server.url, "toy"))[0]) == [1, 2, 3]
    family({**TABLE, "pages": {"parameter": "offset", "size": 2}})
    answers = {
        "GET /pools": lambda _: web.json_response(numbered(1, 2), status=206),
        "GET /pools?offset=2": lambda _: web.json_response(numbered(3, 4), status=206),
        "GET /pools?offset=4": numbered(),
    }
    async with interfaces.serving(answers) as server:
        assert sizes((await interfaces.poll(server.url, "toy"))[0]) == [1, 2, 3, 4]


PAGED = {
    "in circles": ({"GET /pools": numbered(1) | {"next": "/pools"}}, "unparsed"),
    "nowhere": ({"GET /pools": numbered(1) | {"next": "mailto:x"}}, "unparsed"),
    "a broken one": ({"GET /pools": numbered(1) | {"next": "/b"}, "GET /b": []}, "unparsed"),
}


@pytest.mark.parametrize("name", PAGED)
async def test_pages_that_lead_nowhere_fail_the_table(name: str, family: Any) -> None:
    family({**TABLE, "next": "/next"})
    answers, reason = PAGED[name]
    async with interfaces.serving(answers) as server:
        tables, _ = await interfaces.poll(server.url, "toy")
    assert tables["pools"].reason == reason, tables["pools"].detail


async def test_endless_pages_are_capped(family: Any) -> None:
    family({**TABLE, "next": "/next"})

    def page(request: web.Request) -> web.Response:
        number = int(request.query.get("n", 0))
        return web.json_response(numbered(number) | {"next": f"/pools?n={number + 1}"})

    async with interfaces.serving({"GET /pools": page}) as server:
        tables, _ = await interfaces.poll(server.url, "toy")
    assert tables["pools"].reason == "capped"
    assert len(server.asked) == families.PAGES


async def test_a_part_of_an_answer_is_not_taken_for_all_of_it(family: Any) -> None:
    family()
    async with interfaces.serving(
        {"GET /pools": lambda _: web.json_response(numbered(1), status=206)}
    ) as server:
        tables, _ = await interfaces.poll(server.url, "toy")
    assert tables["pools"].reason == "capped"


async def test_paths_that_answers_name_are_followed_each_once_and_those_that_are_gone_are_left_out(
    family: Any,
) -> None:
    family(
        {**TABLE, "get": "/all", "each": "", "follow": ["/members/*/at", "/parts/*/at"]},
        {**TABLE, "name": "again", "get": "/all", "each": "", "follow": ["/members/*/at"], "metrics": {"jauge_storage_raw_bytes": {"column": "/raw"}}},
    )  # fmt: skip
    answers = {
        "GET /all": {"members": [{"at": "/a"}, {"at": "/b"}, {"at": "/gone"}, {"at": "/a"}, {"other": 1}]},
        "GET /a": {"parts": [{"at": "/1"}, {"at": "/2"}], "name": "a", "raw": 7},
        "GET /b": {"parts": [], "name": "b"},
        "GET /1": {"name": "one", "size": 1, "used": 1},
        "GET /2": {"name": "two", "size": 2, "used": 1},
    }
    async with interfaces.serving(answers) as server:
        tables, _ = await interfaces.poll(server.url, "toy")
    assert sizes(tables) == [1, 2]
    assert interfaces.told(tables)['jauge_storage_raw_bytes{kind="pool",store="a"}'] == 7
    assert server.asked.count("GET /a") == 1


async def test_the_same_name_in_two_followed_answers_is_withheld(family: Any) -> None:
    family({**TABLE, "get": "/all", "each": "", "follow": ["/*"]})
    answers = {"GET /all": ["/1", "/2"], "GET /1": POOL, "GET /2": POOL | {"size": 5000}}
    async with interfaces.serving(answers) as server:
        tables, _ = await interfaces.poll(server.url, "toy")
    assert (len(tables["pools"].series), tables["pools"].withheld) == (0, 4)


async def test_an_optional_table_may_have_no_path(family: Any) -> None:
    family({**TABLE, "optional": True}, {**TABLE, "name": "needed", "get": "/needed"})
    async with interfaces.serving({}) as server:
        tables, _ = await interfaces.poll(server.url, "toy")
    assert (tables["pools"].reason, tables["needed"].reason) == (None, "unparsed")


async def test_one_object_where_a_list_should_be_is_one_row_where_the_family_says_so(family: Any) -> None:
    family({**TABLE, "alone": True})
    async with interfaces.serving({"GET /pools": {"pools": POOL}}) as server:
        assert interfaces.told((await interfaces.poll(server.url, "toy"))[0])[SIZE] == 1000


# --- bounds -----------------------------------------------------------------------------------------------


async def test_all_answers_of_a_poll_together_are_bounded(family: Any) -> None:
    family({**TABLE, "next": "/next"})
    filling = " " * (BODY_LIMIT - 1000)

    def page(request: web.Request) -> web.Response:
        number = int(request.query.get("n", 0))
        body = gzip.compress(
            (json.dumps(numbered(number) | {"next": f"/pools?n={number + 1}"}) + filling).encode()
        )
        return web.Response(
            body=body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}
        )

    async with interfaces.serving({"GET /pools": page}) as server:
        tables, _ = await interfaces.poll(server.url, "toy")
    assert (tables["pools"].reason, len(server.asked)) == ("truncated", 9)
    assert tables["pools"].detail == "more than 32 MiB in one poll"


@pytest.mark.parametrize("body", ["", " \n", "nonsense", "[1"])
async def test_what_is_no_document_fails_its_table(body: str, family: Any) -> None:
    family()
    async with interfaces.serving({"GET /pools": body}) as server:
        tables, _ = await interfaces.poll(server.url, "toy")
    assert tables["pools"].reason in {"unparsed", "empty_answer"}


# --- TLS --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "toy")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "toy.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_a_server_is_trusted_by_its_authority_or_not_asked_at_all(
    certificate: Path, family: Any
) -> None:
    family(login={"path": "/login", "basic": True})
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    answers = {"POST /login": opening({}, as_basic), "GET /pools": {"pools": [POOL]}}
    async with interfaces.serving(answers, tls=context) as server:
        strange, _ = await interfaces.poll(server.url, "toy", USER)
        assert (strange["pools"].reason, server.asked) == ("tls", [])
        named, _ = await interfaces.poll(server.url, "toy", USER, ca=str(certificate))
        assert interfaces.told(named)[SIZE] == 1000
        unchecked, _ = await interfaces.poll(server.url, "toy", USER, verify=False)
        assert unchecked["pools"].up
    ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc.timestamp()
    for shown in (named, unchecked):  # also where it is not checked
        assert interfaces.told(shown)['jauge_certificate_end_timestamp_seconds{kind="https"}'] == ends
    assert "certificate" not in strange
