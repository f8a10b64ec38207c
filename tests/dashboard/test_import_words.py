"""What the page of imports says of a file is in the language of who reads it."""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

import inventory.imports
from dashboard import lists as taken
from dashboard import taking
from dashboard.lists import Listed, Maker
from dashboard.pages.importing import lists, preview, question
from dashboard.pages.importing.told import failed
from dashboard.sentences.renewal import problem
from dashboard.texts import Texts, words
from dashboard.words import WORDS
from forecasting.renewal import hindrances
from inventory import processors
from inventory.imports import ImportFailedError
from inventory.imports.preview import Group
from inventory.imports.reasons import SENTENCES, Reason
from inventory.imports.rows import Refusal
from inventory.imports.source import ASPECTS, FieldName, shipped
from inventory.processors import Refused
from inventory.state import open_state

FRENCH = Texts("fr", ZoneInfo("Europe/Paris"))
ENGLISH_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the is are was were it its to of or and not no which with without that this than nor from by leave save give say "
        "may rows row cell cells file sheet sheets known read larger longer more where holds refused",
    )
)
"""Words of which an English sentence cannot be made without one, and which no French one has: `on`, `titles` and others are left out."""


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def texts_of(shown: Any) -> Iterator[str]:
    """What a reader sees of a component of Dash."""
    if isinstance(shown, str):
        yield shown
    elif isinstance(shown, (list, tuple)):
        for one in shown:
            yield from texts_of(one)
    elif hasattr(shown, "children"):
        yield from texts_of(shown.children)


def english_of(shown: Any) -> set[str]:
    seen = " ".join(texts_of(shown))
    return {word for word in re.findall(r"[^\W\d_]+", seen.casefold()) if word in ENGLISH_WORDS}


def filled(code: str) -> Reason:
    return Reason(
        code, {name: 12 if name in ("count", "size") else "XYZ-1" for name in blanks(SENTENCES[code])}
    )


def shown(**fields: Any) -> taking.Shown:
    kinds = ("new", "changed", "vanished", "unchanged", "refused", "doubtful", "left_unknown")
    nothing: dict[str, Any] = dict.fromkeys(
        ("refused", "doubts", "unknown", "added", "changed", "vanished", "notes"), ()
    )
    return taking.Shown(
        **{
            "file": "parc.csv", "origin": "glpi", "counts": dict.fromkeys(kinds, 1), **nothing, "ignored": (),
            "changes": True, "tells": True, "stamp": "x", **fields,
        }
    )  # fmt: skip


def test_the_words_are_those_of_the_codes_with_the_same_blanks() -> None:
    said = {
        key.removeprefix("import.why."): text for key, text in WORDS.items() if key.startswith("import.why.")
    }
    assert said.keys() == SENTENCES.keys()
    for code, english in said.items():
        assert isinstance(english, str)
        assert blanks(english) == blanks(SENTENCES[code])


def test_every_code_is_said_somewhere_and_every_one_that_is_said_has_its_sentence() -> None:
    """Each `say` gives the blanks of its sentence; each text that looks like a code is one."""
    folder = Path(inventory.imports.__file__).parent
    said: set[str] = set()
    for file in [*folder.glob("*.py"), *map(Path, (taking.__file__, taken.__file__, processors.__file__))]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "say"
                and isinstance(node.args[0], ast.Constant)
            ):
                code = str(node.args[0].value)
                assert {one.arg for one in node.keywords} == blanks(SENTENCES[code]), f"{file}: {code}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and file.name != "reasons.py":
                said |= {code for code in SENTENCES if re.search(rf"(^|'){re.escape(code)}($|')", node.value)}
    assert said == SENTENCES.keys()


@pytest.mark.parametrize("code", SENTENCES)
def test_no_english_is_left_on_the_french_page(code: str) -> None:
    why = filled(code)
    told, group = Refusal(3, "Nom", why), Group("Nom", why, 4, 3, 9, 4)
    for page in (
        preview.preview(shown(refused=(group,), doubts=(told,), unknown=(group,), notes=(why,)), FRENCH),
        failed(ImportFailedError(why, "parc.csv:3"), FRENCH),
    ):
        seen = " ".join(texts_of(page))
        assert not english_of(page), seen
        assert str(why) not in seen
        assert all(str(value) in seen for value in why.values.values()), "what it is said of is shown"


def test_the_check_for_english_finds_it_in_every_sentence() -> None:
    assert not [code for code in SENTENCES if not english_of(str(filled(code)))]


def test_sources_and_fields_have_their_words() -> None:
    for name in (*shipped(), taking.OWN):
        assert not english_of(preview.preview(shown(origin=name), FRENCH))
    machine = taking.Machine("PC-1", "S1", get_args(FieldName))
    assert not english_of(preview.preview(shown(changed=(machine,)), FRENCH))


def test_what_is_asked_of_a_file_is_asked_in_french() -> None:
    asked = taking.Question(
        "parc.csv",
        filled("file.sources"),
        ("glpi", "ocs"),
        tuple(ASPECTS),
        ("Poste", "SN"),
        taking.Said(),
        "x",
    )
    for one in (asked, dataclasses.replace(asked, why=filled("file.untitled"), likely=(), differ=())):
        seen = " ".join(texts_of(question.asked(one, FRENCH)))
        assert not english_of(question.asked(one, FRENCH)), seen
        assert "Poste" in seen


def test_a_list_of_processors_is_shown_in_french() -> None:
    found = Listed("liste.csv", (Maker("intel", 3, 2, 1, 1),), (Refused(4, "Zzz"),), 1, "x")
    assert not english_of(lists.preview(found, FRENCH))


def test_why_no_plan_can_be_made_has_its_words_with_the_same_blanks() -> None:
    for code, sentence in hindrances.SENTENCES.items():
        key = f"renewal.problem.{code}"
        assert blanks(words(key, "en")) == blanks(words(key, "fr")) == blanks(sentence)
        why = hindrances.Hindrance(code, dict.fromkeys(blanks(sentence), "XYZ-1"))
        assert not english_of(problem(why, FRENCH))


def test_a_file_full_of_mistakes_is_told_in_french(tmp_path: Path) -> None:
    state, today = open_state(tmp_path / "state.db"), dt.date(2026, 11, 26)
    text = (
        "Nom;Numéro de série;Modèle;Statut;Date d'achat;Composants - Mémoire\n"
        "PC-1;S1;OptiPlex;En service;2020-02-31;8192\n"
        "PC-2;S2;OptiPlex;perdu;03/04/2020;beaucoup\n"
        "PC-3;S3;;;;\nPC-4;s3;;;;\n;;x;;;\nPC-5;S5;;;;;x;y\n"
    )
    found = taking.show(state, "parc.csv", text.encode(), today, False)
    assert isinstance(found, taking.Shown)
    page = preview.preview(found, FRENCH)
    seen = " ".join(texts_of(page))
    assert not english_of(page), seen
    for said in ("n'existe dans aucun calendrier", "n'est pas un statut connu", "n'est pas une taille", "est donné 2 fois",
                 "ni nom ni numéro de série", "8 cellules, pour 6 titres", "lues jour/mois"):  # fmt: skip
        assert said in seen.replace("\u00a0", " ")


def test_a_program_gets_the_code_and_the_english_sentence(tmp_path: Path) -> None:
    from inventory.imports import reading

    file = tmp_path / "park.csv"
    file.write_text("Name;Serial number\nA;S1\nB;S1\n", "utf-8")
    with reading.read(
        open_state(tmp_path / "state.db"), file, dt.date(2026, 11, 26), reading.Asked("glpi")
    ) as found:
        (first, _) = json.loads(json.dumps(found.document()))["refused"]
    assert first == {
        "line": 2,
        "column": "Serial number",
        "code": "row.twins",
        "reason": "S1 is given 2 times",
    }
