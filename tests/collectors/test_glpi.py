"""GLPI's list of computers, asked of a server that answers as its documentation says (apirest.md)."""

from __future__ import annotations

import base64
import contextlib
import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from interfaces import Server, serving

from collectors import glpi
from inventory.credentials import HttpLogin, Secret
from inventory.estate import HttpAccess
from inventory.imports import ImportFailedError, reading, source
from inventory.state import open_state

TODAY = datetime.date(2026, 11, 26)
APP, USER, PASSWORD = "app-token-0123456789", "user-token-0123456789", "hunter2hunter2"

OPTIONS = {
    "common": {"name": "Characteristics"},
    "1": {"name": "Nom", "table": "glpi_computers", "field": "name", "uid": "Computer.name"},
    "2": {"name": "ID", "table": "glpi_computers", "field": "id", "uid": "Computer.id"},
    "3": {"name": "Lieu", "table": "glpi_locations", "field": "completename"},
    "5": {"name": "Numéro de série", "table": "glpi_computers", "field": "serial"},
    "7": {"name": "Usager", "table": "glpi_computers", "field": "contact"},
    "31": {"name": "Statut", "table": "glpi_states", "field": "completename"},
    "37": {"name": "Date d'achat", "table": "glpi_infocoms", "field": "buy_date"},
    "45": {"name": "Nom", "table": "glpi_operatingsystems", "field": "name"},
    "111": {"name": "Mémoire", "table": "glpi_items_devicememories", "field": "size"},
    "infocom": {"name": "Informations financières"},
}


def computer(number: int) -> dict[str, Any]:
    return {
        "1": f"PC-{number}", "3": "Bâtiment A &#62; Niveau 1", "5": f"S{number}", "7": "durand", "31": "En service", "37": "2021-03-14",
        "45": "Microsoft Windows 11", "111": [8192, 8192],
    }  # fmt: skip


def refusal(status: int, code: str) -> web.Response:
    return web.json_response([code, f"see https://glpi/apirest.php/#{code.lower()} {USER}"], status=status)


class Played:
    """A GLPI with so many computers, whose sessions expire after so many requests."""

    def __init__(self, computers: int, lasts: int = 10_000) -> None:
        self.computers = [computer(number) for number in range(computers)]
        self.lasts = lasts
        self.sessions: dict[str, int] = {}
        self.begun = 0
        self.shift: dict[int, int] = {}
        """By how many the count of a page differs from what it was."""

    def begin(self, request: web.Request) -> web.Response:
        if request.headers.get("App-Token") != APP:
            return refusal(400, "ERROR_WRONG_APP_TOKEN_PARAMETER")
        basic = "Basic " + base64.b64encode(f"jauge:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") not in (f"user_token {USER}", basic):
            return refusal(401, "ERROR_GLPI_LOGIN_USER_TOKEN")
        self.begun += 1
        token = f"session-{self.begun:032d}"
        self.sessions[token] = self.lasts
        return web.json_response({"session_token": token})

    def end(self, request: web.Request) -> web.Response:
        self.sessions.pop(request.headers.get("Session-Token", ""), None)
        return web.Response(text="true", content_type="application/json")

    def options(self, request: web.Request) -> web.Response:
        return self._known(request) or web.json_response(OPTIONS)

    def search(self, request: web.Request) -> web.Response:
        if unknown := self._known(request):
            return unknown
        start, end = map(int, request.query["range"].split("-"))
        if start >= max(len(self.computers), 1):
            return refusal(400, "ERROR_RANGE_EXCEED_TOTAL")
        wanted = {value for key, value in request.query.items() if key.startswith("forcedisplay[")} | {
            "1",
            "2",
            "80",
        }
        rows = [
            {key: value for key, value in row.items() if key in wanted}
            for row in self.computers[start : end + 1]
        ]
        total = len(self.computers) + self.shift.get(start, 0)
        last = start + len(rows) - 1
        whole = len(rows) == total
        headers = {"Content-Range": f"{start}-{last}/{total}", "Accept-Range": "Computer 1000"}
        page = {
            "totalcount": total,
            "count": len(rows),
            "content-range": headers["Content-Range"],
            "data": rows,
        }
        return web.json_response(page, status=200 if whole else 206, headers=headers)

    def _known(self, request: web.Request) -> web.Response | None:
        token = request.headers.get("Session-Token", "")
        if self.sessions.get(token, 0) <= 0:
            return refusal(401, "ERROR_SESSION_TOKEN_INVALID")
        self.sessions[token] -= 1
        return None

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Server]:
        paths = {
            "initSession": self.begin,
            "killSession": self.end,
            "listSearchOptions/Computer": self.options,
            "search/Computer": self.search,
        }
        async with serving(
            {f"GET /glpi/apirest.php/{path}": answer for path, answer in paths.items()}
        ) as server:
            yield server


def access(server: Server) -> HttpAccess:
    return HttpAccess(family="glpi", url=f"{server.url}/glpi")


def account(token: str = USER, app: str = APP) -> glpi.Account:
    return glpi.Account(HttpLogin.model_validate({"token": token}), Secret(app))


@pytest.mark.parametrize("computers", [0, 1, 499, 500, 501, 1203])
async def test_every_computer_is_given_whatever_the_pages(computers: int) -> None:
    played = Played(computers)
    async with played.serving() as server:
        sheet = await glpi.fetch(access(server), account())
        assert [row.cells[0] for row in sheet.rows] == [f"PC-{number}" for number in range(computers)]
        assert played.sessions == {}
        assert len([line for line in server.asked if "/search/" in line]) == max(1, -(-computers // 500))


async def test_the_rows_give_the_machines_that_the_export_gives(tmp_path: Path) -> None:
    async with Played(2).serving() as server:
        sheet = await glpi.fetch(access(server), account())
    csv = tmp_path / "export.csv"
    csv.write_text(
        '"Nom";"Lieu";"Numéro de série";"Statut";"Informations financières et administratives - Date d\'achat";'
        '"Système d\'exploitation - Nom";"Composants - Mémoire";"Usager"\n'
        + "".join(
            f'"PC-{number}";"Bâtiment A &#62; Niveau 1";"S{number}";"En service";"14/03/2021";"Microsoft Windows 11";"8192<br>8192";"durand"\n'
            for number in range(2)
        ),
        "utf-8",
    )
    state = open_state(tmp_path / "state.db")
    with (
        reading.hold(state, sheet, source.named("glpi"), TODAY, reading.Asked()) as asked,
        reading.read(state, csv, TODAY, reading.Asked("glpi")) as exported,
    ):
        machines = list(asked.added)
        assert machines == list(exported.added)
        assert (machines[0].memory, machines[0].state, machines[0].site) == (
            2**34,
            "used",
            "Bâtiment A > Niveau 1",
        )
        assert list(asked.refused) == []


async def test_users_are_asked_for_only_where_somebody_wants_them() -> None:
    async with Played(1).serving() as server:
        assert "durand" not in str([row.cells for row in (await glpi.fetch(access(server), account())).rows])
        assert all("=7&" not in f"{line}&" for line in server.asked)
        assert "durand" in str(
            [row.cells for row in (await glpi.fetch(access(server), account(), users=True)).rows]
        )


async def test_a_password_opens_a_session_too() -> None:
    async with Played(1).serving() as server:
        login = HttpLogin.model_validate({"user": "jauge", "password": PASSWORD})
        assert len(list((await glpi.fetch(access(server), glpi.Account(login, Secret(APP)))).rows)) == 1


async def test_a_session_that_expires_amid_the_pages_is_begun_anew() -> None:
    played = Played(1203, lasts=2)
    async with played.serving() as server:
        assert len(list((await glpi.fetch(access(server), account())).rows)) == 1203
    assert played.begun == 2


async def test_a_session_that_never_lasts_is_told_and_not_begun_for_ever() -> None:
    played = Played(1203, lasts=0)
    async with played.serving() as server:
        with pytest.raises(ImportFailedError, match="ERROR_SESSION_TOKEN_INVALID"):
            await glpi.fetch(access(server), account())
    assert played.begun == 2


@pytest.mark.parametrize(
    ("who", "says"),
    [
        (
            account(token="wrong-token-0123456789"),
            r"the token of the user is not accepted.*ERROR_GLPI_LOGIN_USER_TOKEN",
        ),
        (account(app="wrong-token-0123456789"), r"the token of the program is not accepted.*Setup"),
    ],
)
async def test_a_token_that_is_refused_is_told_in_words_without_it(who: glpi.Account, says: str) -> None:
    async with Played(1).serving() as server:
        with pytest.raises(ImportFailedError, match=says) as error:
            await glpi.fetch(access(server), who)
    assert "0123456789" not in str(error.value)
    assert error.value.__cause__ is None


async def test_a_list_that_changes_while_it_is_read_is_none() -> None:
    played = Played(1203)
    played.shift[500] = -1
    async with played.serving() as server:
        with pytest.raises(ImportFailedError, match="there were 1203 computers, and now 1202"):
            await glpi.fetch(access(server), account())
        assert played.sessions == {}


async def test_a_list_that_ends_early_is_none() -> None:
    played = Played(700)
    played.shift = {0: 3, 500: 3}
    async with played.serving() as server:
        with pytest.raises(ImportFailedError, match="ERROR_RANGE_EXCEED_TOTAL"):
            await glpi.fetch(access(server), account())


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"totalcount": "many", "data": []},
        {"totalcount": 1, "data": ["x"]},
        "no JSON",
        {"totalcount": 2, "data": []},
    ],
)
async def test_an_answer_of_another_form_is_told_and_gives_no_row(answer: Any) -> None:
    played = Played(1)
    async with serving({"GET /glpi/apirest.php/initSession": played.begin, "GET /glpi/apirest.php/listSearchOptions/Computer": OPTIONS,
                        "GET /glpi/apirest.php/search/Computer": answer}) as server:  # fmt: skip
        with pytest.raises(ImportFailedError, match=r"GLPI at http://127\.0\.0\.1"):
            await glpi.fetch(access(server), account())


async def test_a_glpi_that_does_not_answer_is_told() -> None:
    with pytest.raises(ImportFailedError, match=r"GLPI at http://127\.0\.0\.1:1"):
        await glpi.fetch(HttpAccess(family="glpi", url="http://127.0.0.1:1"), account())
