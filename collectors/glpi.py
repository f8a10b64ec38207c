"""GLPI's list of computers over its REST interface, as the rows that its CSV export has.

The interface is that of GLPI's apirest.md: `initSession` with a token of the user (or a password) and one of the program,
`listSearchOptions/Computer` for the numbers of the columns, which differ between versions, `search/Computer` in pages (206 until the last, 200),
`killSession`. The list is whole or there is none: a machine that a page left out would seem to have vanished.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from collectors.documents import legible
from collectors.http.client import Answer, Client
from collectors.poll import PollError, StatusError, Step
from inventory.credentials import HttpLogin, Secret
from inventory.estate import HttpAccess
from inventory.imports import ImportFailedError
from inventory.imports.sheets import Row, Sheet

UNPROVEN: Final = "A running GLPI: its interface is documented, and played by a server of the tests."

PAGE: Final = 500
"""Rows of a page. An answer of more than 4 MiB is refused."""
ROW_LIMIT: Final = 200_000
SECONDS: Final = 60.0
"""How long one answer is waited for."""

_COLUMNS: Final[dict[tuple[str, str], str]] = {
    ("glpi_computers", "name"): "Name",
    ("glpi_computers", "serial"): "Serial number",
    ("glpi_computers", "otherserial"): "Inventory number",
    ("glpi_computers", "contact"): "Alternate username",
    ("glpi_computertypes", "name"): "Type",
    ("glpi_computermodels", "name"): "Model",
    ("glpi_manufacturers", "name"): "Manufacturer",
    ("glpi_states", "completename"): "Status",
    ("glpi_locations", "completename"): "Location",
    ("glpi_locations", "room"): "Room",
    ("glpi_groups", "completename"): "Group",
    ("glpi_infocoms", "buy_date"): "Financial and administrative information - Date of purchase",
    ("glpi_infocoms", "end_warranty"): "Financial and administrative information - Warranty expiration date",
    ("glpi_infocoms", "value"): "Financial and administrative information - Value",
    ("glpi_operatingsystems", "name"): "Operating system - Name",
    ("glpi_operatingsystemversions", "name"): "Operating system - Version",
    ("glpi_operatingsystemeditions", "name"): "Operating system - Edition",
    ("glpi_deviceprocessors", "designation"): "Components - Processor",
    ("glpi_items_devicememories", "size"): "Components - Memory",
    ("glpi_items_deviceharddrives", "capacity"): "Components - Hard drive capacity",
}
"""The columns that are asked for, by where GLPI keeps them, with the titles of its English export."""

PERSONAL: Final = frozenset({"Alternate username"})

_CODE: Final = re.compile(r"ERROR_[A-Z_]+")
_ADVICE: Final = {
    "ERROR_GLPI_LOGIN_USER_TOKEN": "the token of the user is not accepted: see the user's settings in GLPI",
    "ERROR_GLPI_LOGIN": "the user is not accepted",
    "ERROR_LOGIN_WITH_CREDENTIALS_DISABLED": "GLPI lets nobody in by password here: use a token of the user",
    "ERROR_WRONG_APP_TOKEN_PARAMETER": "the token of the program is not accepted: see Setup, General, API in GLPI",
    "ERROR_APP_TOKEN_PARAMETERS_MISSING": "GLPI wants a token of the program too (--app-credential)",
    "ERROR_NOT_ALLOWED_IP": "GLPI lets no client of this address in: see Setup, General, API in GLPI",
    "ERROR_RIGHT_MISSING": "the user may not read computers: look at its profile in GLPI",
}


class Account(NamedTuple):
    """Whom GLPI is asked as: a user by token or password, and the program by its token, where GLPI wants one."""

    login: HttpLogin
    app: Secret | None = None


async def fetch(access: HttpAccess, account: Account, *, users: bool = False) -> Sheet:
    """All computers that the user may see. `access.url` is that of GLPI, such as https://glpi.example.org.

    Raises ImportFailedError with what failed and what to do, SecretMissingError where a secret cannot be read.
    """
    asker = _Asker(access, account)
    try:
        await asker.login()
        try:
            columns = _numbered(await asker.ask("/listSearchOptions/Computer"), users=users)
            rows = [row async for row in _rows(asker, columns)]
        finally:
            await asker.logout()
    except PollError as error:
        raise ImportFailedError(f"GLPI at {access.url}: {asker.why(error)}") from None
    titles = list(columns.values())
    return Sheet(
        f"GLPI at {access.url}", 0, titles, iter([Row(number, row) for number, row in enumerate(rows, 1)])
    )


class _Asker:
    """Asks one GLPI in a session, which is begun anew once for a request that it expired before."""

    def __init__(self, access: HttpAccess, account: Account) -> None:
        self._access, self._account = access, account
        self._token = ""
        self._code = ""
        self._secrets: list[str] = []

    async def login(self) -> None:
        """Begin a session. Raises PollError, SecretMissingError."""
        login = self._account.login
        if login.token is not None:
            secret = login.token.reveal()
            proof = f"user_token {secret}"
            self._secrets.append(secret)
        else:
            secret = login.password.reveal() if login.password else ""
            encoded = base64.b64encode(f"{login.user}:{secret}".encode()).decode()
            proof = f"Basic {encoded}"
            self._secrets += [secret, encoded]
        answer = await self._once("/initSession", {"Authorization": proof}, quiet=True)
        found = _document(answer)
        token = found.get("session_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not 8 <= len(token) <= 512 or not token.isprintable():
            raise PollError("unparsed", "no session token was given")
        self._token = token
        self._secrets.append(token)

    async def logout(self) -> None:
        """End the session. That it cannot be ended is no failure: it expires by itself."""
        if self._token:
            code = self._code
            with contextlib.suppress(PollError):
                await self._once("/killSession", quiet=True)
            self._token, self._code = "", code

    async def ask(self, path: str) -> Any:
        """The document at a path. Raises PollError."""
        return _document(await self.answer(path))

    async def answer(self, path: str) -> Answer:
        """The answer of a path, by a new session where the one before has expired. Raises PollError."""
        try:
            return await self._once(path)
        except StatusError as error:
            if error.status != 401:
                raise
        await self.login()
        return await self._once(path)

    def why(self, error: PollError) -> str:
        """What failed, in words, with what GLPI calls it."""
        advice = _ADVICE.get(self._code)
        if advice:
            return f"{advice} ({self._code})"
        return f"{error.detail or error.reason}{f' ({self._code})' if self._code else ''}"

    async def _once(
        self, path: str, headers: Mapping[str, str] | None = None, *, quiet: bool = False
    ) -> Answer:
        self._code = ""
        async with Client(self._access, time.monotonic() + SECONDS, self._note) as client:
            client.headers.update(self._headers())
            client.secrets.update(self._secrets)
            # Not quiet to us: the word of GLPI for what failed stands in the answer, of which nothing else is kept.
            return await client.ask(
                "GET", f"/apirest.php{path}", headers=dict(headers or {}), quiet=quiet and bool(self._token)
            )

    def _headers(self) -> dict[str, str]:
        found = {"Content-Type": "application/json"}
        if self._account.app is not None:
            found["App-Token"] = self._account.app.reveal()
            self._secrets.append(found["App-Token"])
        if self._token:
            found["Session-Token"] = self._token
        return found

    def _note(self, step: Step) -> None:
        match = _CODE.search(step.answer)
        self._code = match[0] if match else ""


def _document(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise PollError(
            "unparsed", "the answer is no JSON: is the address that of GLPI, and its API enabled?"
        ) from None


def _numbered(options: Any, *, users: bool) -> dict[int, str]:
    """The titles of the columns to ask for, by their numbers in this GLPI. Raises PollError."""
    found: dict[int, str] = {}
    for number, option in sorted(_options(options)):
        title = _COLUMNS.get((str(option.get("table")), str(option.get("field"))))
        if title and title not in found.values() and (users or title not in PERSONAL):
            found[number] = title
    if "Name" not in found.values():
        raise PollError("unparsed", "the columns of computers are not told")
    return found


def _options(options: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for key, option in options.items() if isinstance(options, dict) else ():
        if isinstance(option, dict) and str(key).isascii() and str(key).isdigit() and len(str(key)) < 9:
            yield int(key), option


async def _rows(asker: _Asker, columns: Mapping[int, str]) -> Any:
    """Every row. Raises PollError where they are not all that GLPI says there are."""
    shown = "".join(f"&forcedisplay[{place}]={number}" for place, number in enumerate(columns))
    count, total = 0, 1
    while count < total:
        path = f"/search/Computer?sort=2&order=ASC&range={count}-{count + PAGE - 1}{shown}"
        page = await asker.ask(path)
        rows, counted = _page(page)
        if count and counted != total:
            raise PollError(
                "unparsed",
                f"there were {total} computers, and now {counted}: ask again while nobody changes them",
            )
        total = counted
        if total > ROW_LIMIT:
            raise PollError("capped", f"more than {ROW_LIMIT} computers")
        if not rows and count < total:
            raise PollError("unparsed", f"{count} of {total} computers were given, and no more")
        for row in rows:
            yield [_cell(row.get(str(number))) for number in columns]
        count += len(rows)
    if count != total:
        raise PollError("unparsed", f"{count} computers were given, of {total}")


def _page(page: Any) -> tuple[list[dict[str, Any]], int]:
    """The rows of a page, and how many there are in all. Raises PollError."""
    total = page.get("totalcount") if isinstance(page, dict) else None
    data = page.get("data", []) if isinstance(page, dict) else None
    rows = list(data.values()) if isinstance(data, dict) else data
    if (
        not isinstance(total, int)
        or not isinstance(rows, list)
        or not all(isinstance(row, dict) for row in rows)
    ):
        raise PollError("unparsed", f"no page of a list: {legible(str(page), 120)}")
    return rows, total


def _cell(value: Any) -> str:
    """A value as the export writes it: several of them are apart by <br>."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "<br>".join(map(_cell, value))
    return str(value)
