"""Pages of workstations where something is missing, broken, or called to do harm: each stands, with a sentence."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from asking import BROKEN, ask, words
from dash import Dash
from exported import HEAD, TARGETS, TITLES, estate, fleet, row, text

from dashboard.app import BEHIND, create
from dashboard.data import Data
from forecasting.renewal import issuing, kept
from forecasting.renewal.walls import newest
from inventory.checking import load
from inventory.imports import reading, snapshots
from inventory.state import State, open_state

pytestmark = pytest.mark.xdist_group("hostile fleets")

PATHS = ("/workstations", *(page.PATH for page in BEHIND), "/renewal", "/scenarios", "/runway")
LANGUAGES = ("en", "fr")
MARKUP = (
    "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "{{7*7}}", "`rm -rf`", "[a](javascript:alert(1))", "%s {0} {name}",
)  # fmt: skip
LONG = "Nord " + "x" * 195


def _import(state: State, folder: Path, rows: list[list[str]]) -> None:
    (folder / "glpi.csv").write_text(text(rows))
    with reading.read(state, folder / "glpi.csv", _today(), reading.Asked("glpi")) as found:
        snapshots.commit(state, found, "tests")


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _stands(app: Dash, path: str, language: str) -> str:
    shown = words(ask(app, path, language=language))
    assert not any(one in shown for one in BROKEN), shown[:400]
    assert shown.count(".") >= 1, f"{path} says no sentence"
    return shown


def _made(folder: Path, rows: list[list[str]] | None, planned: bool = True) -> tuple[Dash, Data, State]:
    state = open_state(folder / "state.db")
    if rows is not None:
        _import(state, folder, rows)
    data = Data(load(estate(folder, _today().year, 3_000, planned)), folder)
    return create(data, state, demo=True), data, state


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_estate_that_says_nothing_of_workstations_has_pages_that_say_what_to_add(
    tmp_path: Path, language: str
) -> None:
    app, _, _ = _made(tmp_path, [row(number, _today()) for number in range(5)], planned=False)
    shown = {path: _stands(app, path, language) for path in PATHS}
    assert "offers:" in shown["/renewal"]
    assert "care: true" in shown["/workstations/care"]
    assert "rollouts:" in shown["/workstations/rollouts"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1])
def test_an_inventory_of_none_or_of_one_machine_has_pages(tmp_path: Path, count: int, language: str) -> None:
    app, data, state = _made(tmp_path, [row(1, _today())])
    if not count:  # the only machine is gone: the newest inventory has none
        _import(state, tmp_path, [])
        latest = snapshots.latest(state)
        assert latest is not None
        assert not latest.workstations
    issuing.night(state, data.estate, tmp_path, data.clock())
    for path in PATHS:
        _stands(app, path, language)
    client = app.server.test_client()
    for path in ("/workstations/export", "/renewal/export"):
        for form in ("xlsx", "csv", "json"):
            answer = client.get(f"{path}?form={form}", headers={"Host": "localhost"})
            assert answer.status_code in (200, 404), (path, form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_a_plan_was_kept_the_page_says_that_it_is_made(
    tmp_path: Path, language: str, monkeypatch: Any
) -> None:
    app, data, _ = _made(tmp_path, [row(number, _today()) for number in range(3)])
    monkeypatch.setattr(type(data._jobs), "start", lambda *_: None)  # nobody makes it meanwhile
    shown = _stands(app, "/renewal", language)
    assert ("being computed" if language == "en" else "en cours de calcul") in shown
    assert app.server.test_client().get("/renewal/export", headers={"Host": "localhost"}).status_code == 404


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plan and its curve."""
    folder = tmp_path_factory.mktemp("sound")
    _, data, state = _made(folder, fleet(9, _today()))
    issuing.night(state, data.estate, folder, data.clock())
    return folder


def _foreign(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "content": {"version": 99, "lines": []}}


def _older(told: dict[str, Any]) -> dict[str, Any]:
    waves = [
        {name: each for name, each in one.items() if name != "again"} for one in told["content"]["waves"]
    ]
    return {**told, "content": {**told["content"], "waves": waves}}


def _worded(told: dict[str, Any]) -> dict[str, Any]:
    money = [{**one, "spent": "12"} for one in told["content"]["money"]]
    return {**told, "content": {**told["content"], "money": money}}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[: len(raw) // 2], lambda _: "", lambda _: "[]", lambda _: "null", lambda _: "[" * 100_000,
        lambda raw: json.dumps(_foreign(json.loads(raw))), lambda raw: json.dumps(_older(json.loads(raw))),
        lambda raw: json.dumps(_worded(json.loads(raw))), lambda raw: json.dumps({**json.loads(raw), "at": "noon"}),
        lambda raw: json.dumps({**json.loads(raw), "more": 1}), lambda raw: json.dumps({**json.loads(raw), "content": [1]}),
    ],
    ids=["cut off", "empty", "list", "null", "deep", "foreign", "older", "words", "time", "more", "numbers"],
)  # fmt: skip
def test_a_kept_plan_that_is_broken_is_as_none_for_pages_exports_and_the_runway(
    sound: Path, tmp_path: Path, spoil: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(sound, folder)
    file = kept.path_of(folder, kept.PLAN)
    file.write_text(spoil(file.read_text()))
    assert kept.read(folder, kept.PLAN) is None
    data = Data(load(folder / "estate.yml"), folder)
    app = create(data, open_state(folder / "state.db"), demo=True)
    monkeypatch.setattr(type(data._jobs), "start", lambda *_: None)
    for language in LANGUAGES:
        for path in ("/renewal", "/runway", "/scenarios"):
            _stands(app, path, language)
    assert app.server.test_client().get("/renewal/export", headers={"Host": "localhost"}).status_code == 404
    assert kept.Replacements(folder).by_year() is None
    assert newest(folder) is not None
    assert issuing.issue(open_state(folder / "state.db"), data.estate, folder, data.clock()), (
        "it is made anew"
    )
    assert kept.read(folder, kept.PLAN) is not None


@pytest.mark.parametrize("piece", [kept.PLAN, kept.CURVE])
def test_a_folder_in_the_place_of_a_kept_piece_is_told_with_what_to_do(
    sound: Path, tmp_path: Path, piece: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(sound, folder)
    file = kept.path_of(folder, piece)
    file.unlink()
    file.mkdir()
    app = create(Data(load(folder / "estate.yml"), folder), open_state(folder / "state.db"), demo=True)
    for language in LANGUAGES:
        shown = _stands(app, "/renewal", language)
        assert {"en": "move it elsewhere", "fr": "déplacez-le"}[language] in shown
        assert file.name in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_that_mean_harm_and_names_without_end_are_texts(tmp_path: Path, language: str) -> None:
    rows = [row(number, _today()) for number in range(12)]
    for one, name in zip(rows, MARKUP, strict=False):
        one[0], one[1], one[2], one[5] = name, name, name, name
    for one in rows[6:]:
        one[1] = LONG
    app, data, state = _made(tmp_path, rows)
    issuing.night(state, data.estate, tmp_path, data.clock())
    found = {path: _stands(app, path, language) for path in PATHS}
    assert "<script>alert(1)</script>" in found["/workstations"], "as text, whole"
    assert LONG not in "".join(found.values()), "a name without end is shortened where it is shown"
    client = app.server.test_client()
    for path in ("/workstations/export", "/renewal/export"):
        book = openpyxl.load_workbook(io.BytesIO(client.get(path, headers={"Host": "localhost"}).data))
        cells = [cell for sheet in book for cells in sheet.iter_rows() for cell in cells]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert LONG in {cell.value for cell in cells}
        assert all(len(sheet.title) <= 31 for sheet in book)
        lines = client.get(f"{path}?form=csv", headers={"Host": "localhost"}).data.decode().splitlines()
        told = {cell for line in csv.reader(lines) for cell in line}
        assert "'=cmd|' /C calc'!A0" in told
        assert not [cell for cell in told if cell.startswith(("=", "+", "@"))]


def test_an_estate_whose_titles_mean_harm_has_pages(tmp_path: Path) -> None:
    section = """
workstations:
  years: 2
  classes: [{name: bloc, title: "<b>=1+1</b>%s{0}", care: true, fits: {services: [Chirurgie]}}]
  offers: {pc: {title: "<img src=x onerror=alert(1)>", price: 500}}
"""
    (tmp_path / "estate.yml").write_text(HEAD + TARGETS + section)
    state = open_state(tmp_path / "state.db")
    _import(state, tmp_path, [row(number, _today()) for number in range(9)])
    data = Data(load(tmp_path / "estate.yml"), tmp_path)
    issuing.night(state, data.estate, tmp_path, data.clock())
    app = create(data, state, demo=True)
    assert "<b>=1+1</b>%s{0}" in _stands(app, "/workstations", "fr")
    assert "<img src=x onerror=alert(1)>" in _stands(app, "/renewal", "en")
    _stands(app, "/workstations/care", "fr")


def test_the_titles_of_the_export_alone_are_an_inventory_of_none(tmp_path: Path) -> None:
    assert text([]).strip().count(";") == len(TITLES) - 1
