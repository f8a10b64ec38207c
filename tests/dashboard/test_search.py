"""The search: which names fit and how well, what is reached by it, and the page that says what was found."""

from __future__ import annotations

import dataclasses
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from asking import ask, words
from dash import Dash
from hypothesis import given
from hypothesis import strategies as st

from dashboard.app import BEHIND, PAGES, create
from dashboard.data import Data
from dashboard.data.search import (
    APART,
    EXACT,
    LONGEST,
    MOST,
    PART,
    PREFIX,
    WORD,
    Thing,
    find,
    fold,
    index,
    machines,
)
from dashboard.texts import words as spoken
from inventory.checking import load
from inventory.state import open_state
from inventory.workstations import Workstation


def names(asked: str, *called: str) -> list[str]:
    """The names of stores that are found, in their order."""
    groups = find(asked, index(Thing("store", name, "/") for name in called))
    return [one.name for group in groups for one in group.things]


def best(asked: str, name: str, **more: tuple[str, ...]) -> int | None:
    groups = find(asked, index([Thing("store", name, "/", **more)]))
    return groups[0].best if groups else None


# --- names --------------------------------------------------------------------------------------------


def test_the_name_itself_comes_first_then_what_begins_so_then_a_word_of_it_then_a_part() -> None:
    assert names("lab", "collaboration", "old lab", "laboratory", "lab", "nothing") == [
        "lab",
        "laboratory",
        "old lab",
        "collaboration",
    ]
    levels = [best("lab", name) for name in ("lab", "laboratory", "old lab", "collaboration", "nothing")]
    assert levels == [EXACT, PREFIX, WORD, PART, None]


def test_of_two_names_that_fit_alike_the_shorter_one_comes_first() -> None:
    assert names("nas", "nas-north-2", "nas-1") == ["nas-1", "nas-north-2"]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("echographie", "Échographie"), ("ÉCHOGRAPHIE", "echographie"), ("coeur", "Cœur"), ("strasse", "STRAẞE"),
        ("e\u0301cho", "\u00e9cho"), ("pc 001", "PC-001"), ("srv_pacs", "/srv/pacs"), ("/imaging", "imaging"), ("  nas-01 ", "NAS-01"),
    ],
)  # fmt: skip
def test_accents_capitals_and_signs_between_words_make_no_difference(asked: str, name: str) -> None:
    assert best(asked, name) == EXACT


def test_a_name_without_a_word_is_found_as_it_stands() -> None:
    assert names("/", "/", "root") == ["/"]


def test_a_sign_that_stands_alone_beside_words_is_not_looked_for() -> None:
    assert best("pacs : archive", "PACS: archive") == EXACT
    assert names("0 :", "0 :") == ["0 :"]


def test_several_words_may_stand_apart_and_one_of_them_in_what_is_said_beside_the_name() -> None:
    assert best("imaging nas-01", "/imaging", notes=("nas-01",)) == APART
    assert (
        best("nas-01", "/imaging", notes=("nas-01",)) is None
    )  # or each target would bring its hundred stores
    assert best("imaging nas-02", "/imaging", notes=("nas-01",)) is None


def test_no_more_of_a_kind_are_shown_than_somebody_reads_and_all_are_counted() -> None:
    (group,) = find("vol", index(Thing("store", f"vol{number:03d}", "/") for number in range(500)))
    assert (len(group.things), group.number) == (MOST, 500)
    assert group.things[0].name == "vol000"


def test_the_kind_with_the_best_name_comes_first() -> None:
    known = index([Thing("target", "pacs-server", "/"), Thing("cluster", "pacs", "/")])
    assert [group.kind for group in find("pacs", known)] == ["cluster", "target"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_asked_of_whatever_name_is_answered(asked: str, name: str) -> None:
    assert len(find(asked, index([Thing("store", name, "/")]))) <= 1
    if fold(name) and len(name) <= LONGEST:
        assert names(name, name) == [name]


def test_a_workstation_is_found_by_name_serial_number_and_label_and_never_by_who_uses_it() -> None:
    one = Workstation(
        "PC-7", serial="5CG1234ABC", asset="A-0815", maker="HP", model="EliteDesk 800", user="Durand"
    )
    known = index(machines([one, dataclasses.replace(one, name="PC-8", serial="X", asset=None)]))
    for asked in ("pc-7", "5cg1234abc", "a 0815"):
        (group,) = find(asked, known)
        assert (group.kind, group.best, [each.name for each in group.things]) == ("machine", EXACT, ["PC-7"])
    assert find("durand", known) == []
    assert "durand" not in "".join(each.text for each in known)
    (model,) = find("elitedesk 800", known)[:1]
    assert (model.kind, model.best, model.things[0].machines) == ("model", EXACT, 2)


def test_ten_thousand_stores_and_three_thousand_workstations_are_searched_while_somebody_waits() -> None:
    stores = [
        Thing("store", f"/srv/volume-{n:05d}/données", "/", {}, (f"array-{n % 200}",)) for n in range(10_000)
    ]
    fleet = [
        Workstation(f"PC-{n:05d}", serial=f"5CG{n:06d}", asset=f"A{n}", model=f"M {n % 40}")
        for n in range(3_000)
    ]
    known = index([*stores, *machines(fleet)])
    begun = time.process_time()
    found = [find(asked, known)[0].number for asked in ("a", "volume-00042", "5cg002999", "array-7 volume")]
    assert found[1:3] == [1, 1]
    assert (
        time.process_time() - begun < 4
    )  # some 20 ms each where measured: a square of 13,040 would take minutes


# --- what is reached ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(hospital: Path) -> Dash:
    return create(Data(load(hospital / "estate.yml"), hospital), open_state(hospital / "state.db"), demo=True)


def shown(app: Dash, asked: str, language: str = "en") -> str:
    return re.sub(r"\s+", " ", words(ask(app, "/search", f"?q={asked}", language)))


def ways(app: Dash, asked: str) -> list[str]:
    """The addresses that the page leads to, in its order."""
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            found.extend([node["href"]] if "href" in node else [])
            for one in node.values():
                walk(one)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(ask(app, "/search", f"?q={asked}").json)
    return found


@pytest.mark.parametrize(
    ("asked", "kind", "path", "query"),
    [
        ("nas-01", "Targets", "/targets", {"target": ["nas-01"]}),
        ("imaging", "Stores", "/capacity", {}),
        ("lims", "Backup jobs", "/backups", {"of": ["backup-01"], "job": ["lims"]}),
        ("PC-007", "Workstations", "/workstations/machine", {"of": ["serial:s7"]}),
        ("S7", "Workstations", "/workstations/machine", {"of": ["serial:s7"]}),
        ("pacs-01", "Targets", "/targets", {"target": ["pacs-01"]}),
        ("retention", "Pages", "/retention", {}),
        ("rule%20of", "Nothing is called", "", {}),
    ],
)
def test_what_has_a_page_of_its_own_is_reached_by_its_name(
    app: Dash, asked: str, kind: str, path: str, query: dict[str, list[str]]
) -> None:
    assert kind in shown(app, asked)
    if not path:
        assert ways(app, asked) == []
        return
    way = urlsplit(ways(app, asked)[0])
    assert way.path == path
    assert query.items() <= parse_qs(way.query).items()
    reached = words(ask(app, way.path, f"?{way.query}"))
    for word in ("No such", "Nothing lies", "cannot be drawn"):
        assert word not in reached


def test_a_question_is_said_again_as_text_and_an_empty_one_is_told_what_may_be_asked(app: Dash) -> None:
    assert "Nothing is called “<b>\\u202enobody”" in shown(app, "%3Cb%3E%E2%80%AEnobody")
    assert "Type the name of a target" in shown(app, "")
    assert "Tapez le nom d'une cible" in shown(app, "%20%20", "fr")


def test_more_than_are_shown_are_counted(app: Dash) -> None:
    said = shown(app, "pc")
    assert "60 things found" in said.replace("Model", "")
    assert "The first 20 of 60" in said
    assert "Les 20 premiers sur 60" in shown(app, "pc", "fr")


def test_a_page_that_the_reader_may_not_see_is_not_found(app: Dash) -> None:
    assert "/administration" not in ways(app, "administration")


def test_the_title_of_each_page_leads_to_it(app: Dash) -> None:
    for page in (*PAGES, *BEHIND):
        if not hasattr(page, "SEEN_BY") and not hasattr(page, "OF_ONE"):
            title = spoken(f"{page.NAME}.title", "en")
            assert page.PATH in ways(app, title.replace("&", "%26")), page.NAME


def test_an_estate_of_which_nothing_is_known_yet_is_searched_as_well(bare: Data) -> None:
    found = bare.search("nas")
    assert [(group.kind, group.things[0].name) for group in found] == [("target", "nas-01")]
