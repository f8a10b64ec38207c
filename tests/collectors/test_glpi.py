"""GLPI's list of computers, asked of a server that answers as its documentation says (apirest.md)."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from computers import APP, OPTIONS, PASSWORD, USER, Played
from interfaces import Server, serving

from collectors import glpi
from inventory.credentials import HttpLogin, Secret
from inventory.estate import HttpAccess
from inventory.imports import ImportFailedError, reading, source
from inventory.state import open_state

TODAY = datetime.date(2026, 11, 26)


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
