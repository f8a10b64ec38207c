"""Measures that are recorded and ended on the page: by whom, for which machines, and what is refused."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from asking import ask, words
from dash import Dash
from entering import HEADERS, inhabited, login, served
from exported import estate, fleet, text
from flask.testing import FlaskClient

from dashboard import measuring
from dashboard.texts import LANGUAGES
from dashboard.texts import words as spoken
from inventory.imports import reading, snapshots
from inventory.state import State, audit, measures

PATH = "/workstations/care"
COUNT = 30
EXPOSED = [number for number in range(COUNT) if number % 3 == 0 and number % 5]
"""Machines of surgery, which is in care, with Windows 10 22H2, whose support ended on 14 October 2025 (see `exported.row`)."""
SOUTH = [number for number in EXPOSED if number % 2 == 0]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a login for each role, and thirty machines: passwords are slow to make."""
    folder, today = tmp_path_factory.mktemp("made"), dt.datetime.now(dt.UTC).date()
    state = inhabited(folder, view="viewer", oper="operator", mana="manager")
    (folder / "glpi.csv").write_text(text(fleet(COUNT, today)))
    with reading.read(state, folder / "glpi.csv", today, reading.Asked("glpi")) as found:
        snapshots.commit(state, found, "tests")
    estate(folder, today.year, 12_000)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> tuple[Dash, State]:
    """A server of that folder, and its state."""
    return served(made, tmp_path / "place")


def _key(state: State, number: int) -> str:
    found = snapshots.latest(state)
    assert found is not None
    return next(one.key for one in found.workstations if one.name == f"PC-{number:04d}")


def _send(
    client: FlaskClient, headers: dict[str, str] | None = None, **form: str
) -> tuple[int, dict[str, list[str]]]:
    answer = client.post(measuring.PATH, data=form, headers=headers or HEADERS)
    return answer.status_code, parse_qs(urlsplit(answer.headers.get("Location", "")).query)


def _form(state: State, **changed: str) -> dict[str, str]:
    return {
        "machine": _key(state, EXPOSED[0]), "scope": "machine:1", "text": "Isolated network", "who": "CISO", "until": "",
        "action": "record", **changed,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["oper", "mana"])
def test_a_measure_is_recorded_for_one_machine_shown_and_audited(
    place: tuple[Dash, State], name: str
) -> None:
    app, state = place
    client, last = login(app, name), dt.datetime.now(dt.UTC).date() + dt.timedelta(days=200)
    status, told = _send(client, **_form(state, until=last.isoformat()))
    assert (status, told) == (303, {"done": ["1"]})
    (kept,) = measures.listed(state)
    assert (kept.name, kept.text, kept.who, kept.until) == (
        f"PC-{EXPOSED[0]:04d}",
        "Isolated network",
        "CISO",
        last,
    )
    entry = next(one for one in audit.entries(state) if one.action == "measure recorded")
    assert entry.who == name
    assert f"PC-{EXPOSED[0]:04d}" in entry.detail
    shown = words(ask(app, PATH, client=client))
    assert f"{len(EXPOSED) - 1} of them have no compensating measure" in shown
    assert "Isolated network (CISO" in shown


def test_a_measure_is_recorded_for_all_that_are_alike_and_have_none(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "oper")
    first = SOUTH[0]
    _send(client, **_form(state, machine=_key(state, SOUTH[1])))
    status, told = _send(
        client, **_form(state, machine=_key(state, first), scope=f"service:{len(SOUTH) - 1}", text="No mail")
    )
    assert (status, told) == (303, {"done": [str(len(SOUTH) - 1)]})
    named = {one.name for one in measures.listed(state) if one.text == "No mail"}
    assert named == {f"PC-{number:04d}" for number in SOUTH if number != SOUTH[1]}
    rest = len(EXPOSED) - len(SOUTH)
    north = next(number for number in EXPOSED if number not in SOUTH)
    _send(client, **_form(state, machine=_key(state, north), scope=f"class:{rest}", text="Own network"))
    assert "; 0 of them have no compensating measure" in words(ask(app, PATH, client=client))


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"text": "  "}, "text"), ({"who": ""}, "who"), ({"until": "2020-01-01"}, "until"), ({"until": "soon"}, "until"),
        ({"until": "2027-02-30"}, "until"), ({"until": "2999-01-01"}, "until"), ({"machine": "serial:none"}, "machine"),
        ({"scope": "all:3"}, "machine"), ({"scope": "class:3"}, "changed"), ({"scope": "class"}, "changed"),
        ({"scope": "class:-1"}, "changed"), ({"action": "end", "number": "7", "why": "x"}, "ended"),
        ({"action": "end", "number": "²", "why": "x"}, "ended"), ({"action": "end", "number": "1", "why": " "}, "text"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words_and_records_nothing(
    place: tuple[Dash, State], changed: dict[str, str], refused: str
) -> None:
    app, state = place
    client = login(app, "oper")
    status, told = _send(client, **_form(state, **changed))
    assert (status, told["refused"]) == (303, [refused])
    assert measures.listed(state) == []
    for language in LANGUAGES:
        shown = words(ask(app, PATH, f"?refused={refused}", language, client))
        assert spoken(f"care.refused.{refused}", language).split(":")[0].strip() in shown


def test_a_measure_is_ended_with_a_reason(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "mana")
    _send(client, **_form(state))
    shown = words(ask(app, PATH, "?end=1", client=client))
    assert "End the measure for" in shown
    assert _send(client, action="end", number="1", why="replaced") == (303, {"done": ["ended"]})
    (kept,) = measures.listed(state)
    assert (kept.ended_by, kept.ended_why) == ("mana", "replaced")
    assert _send(client, action="end", number="1", why="again")[1]["refused"] == ["ended"]
    assert f"{len(EXPOSED)} of them have no compensating measure" in words(ask(app, PATH, client=client))


def test_who_only_looks_records_nothing_and_sees_no_form(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "view")
    assert _send(client, **_form(state))[0] == 403
    shown = ask(app, PATH, f"?for={_key(state, EXPOSED[0])}", client=client)
    assert "An operator or a manager records measures here." in words(shown)
    assert measuring.PATH not in shown.text.replace("\\u002f", "/")
    assert _send(app.server.test_client(), **_form(state))[0] == 401
    foreign = {"Host": "localhost", "Origin": "http://evil.example"}
    assert _send(login(app, "mana"), foreign, **_form(state))[0] == 403
    assert measures.listed(state) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "workstations without a measure of the class"), ("fr", "postes sans mesure de la classe")],
)
def test_the_form_says_how_many_machines_each_choice_means(
    place: tuple[Dash, State], language: str, said: str
) -> None:
    app, state = place
    client = login(app, "oper")
    answer = ask(app, PATH, f"?for={_key(state, SOUTH[0])}", language, client)
    shown = words(answer).replace("\u00a0", " ")
    assert f"{len(EXPOSED)} {said} Bloc" in shown
    values = set(re.findall(r'"value":"((?:machine|service|class):\d+)"', answer.text))
    assert values == {"machine:1", f"service:{len(SOUTH)}", f"class:{len(EXPOSED)}"}
    for name in ("text", "who", "until", "scope"):
        assert f'"name":"{name}"' in answer.text
        assert f'"htmlFor":"{name}"' in answer.text
    assert '"value":"oper"' in answer.text, "who answers is the login until somebody says otherwise"


def test_a_hostile_measure_is_a_text_of_one_line(place: tuple[Dash, State]) -> None:
    app, state = place
    client = login(app, "oper")
    _send(
        client,
        **_form(state, text="<script>alert(1)</script>\n\u202e=1+1" + "x" * 2000, who="=cmd|'/C calc'!A0"),
    )
    (kept,) = measures.listed(state)
    assert "\n" not in kept.text
    assert len(kept.text) <= 500
    answer = ask(app, PATH, client=client)
    assert "<script>alert(1)</script>" in words(answer)
    assert "\u202e" not in words(answer)
