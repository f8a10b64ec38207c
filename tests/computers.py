"""A GLPI that is played on loopback, as its documentation (apirest.md) says that one answers."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from interfaces import Server, serving

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
