from __future__ import annotations

import ast
import datetime as dt
import gettext
import importlib
import io
import pkgutil
import re
import string
import subprocess
from collections import Counter
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import program

import dashboard
from collectors.backups import FLAWS, State
from dashboard import words
from dashboard.restoring import REFUSALS
from dashboard.texts import Texts, choose, plain
from dashboard.texts import words as spoken
from dashboard.theme import STATES
from dashboard.words import WORDS, catalogue
from exporters.protection import RULES, WHYS
from forecasting.engine.exhaustion import REASONS as NO_DATE
from forecasting.purchase import Why
from forecasting.runway import Cause
from inventory.contracts import QUANTITIES
from inventory.fleet.tallies import Uncounted
from inventory.metrics import REASONS, STORE_KINDS
from inventory.quantities import size
from inventory.state.restores import RESULTS

PARIS = ZoneInfo("Europe/Paris")
EN, FR = Texts("en", PARIS), Texts("fr", PARIS)


def forms(text: object) -> list[str]:
    return [str(form) for form in text] if isinstance(text, (list, tuple)) else [str(text)]


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", catalogue.TRANSLATED)
def test_every_text_is_in_every_language_with_the_same_blanks(language: str) -> None:
    translated = {message.context: message for message in catalogue.read(language) if message.context}
    assert list(translated) == list(WORDS), "run: make words"
    for key, text in WORDS.items():
        assert translated[key].id == text, f"{key}: run: make words"
        assert not translated[key].fuzzy, (
            f"{key}: its English changed: see whether the translation still says it"
        )
        source, said = forms(text), forms(translated[key].string)
        assert all(form.strip() for form in (*source, *said)), key
        assert [blanks(form) for form in said] == [blanks(form) for form in source], key


@pytest.mark.parametrize("language", catalogue.TRANSLATED)
def test_a_catalogue_is_written_as_it_is_read_by_gettext(language: str) -> None:
    """`msgfmt --check` compiles it, and what it compiles is what pages say."""
    file = catalogue.path(language)
    assert file.read_bytes() == catalogue.renewed(language), "run: make words"
    program("msgfmt", "gettext")
    done = subprocess.run(["msgfmt", "--check", "-o", "-", str(file)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    compiled = gettext.GNUTranslations(io.BytesIO(done.stdout))
    for key, text in WORDS.items():
        for number in (0, 1, 2, 11):
            theirs = (
                compiled.pgettext(key, text)
                if isinstance(text, str)
                else compiled.npgettext(key, *text, number)
            )
            ours = spoken(key, language, number).replace("\u202f", " ").replace("\u00a0", " ")
            assert ours == theirs.replace("\u202f", " ").replace("\u00a0", " ")


def test_a_text_that_changed_is_to_be_translated_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was translated from other English is kept for the translator and not shown; what is gone is taken out."""
    file = catalogue.path("fr")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    monkeypatch.setattr(
        catalogue, "WORDS", {"menu": "All pages", "never": "never", "new": ("{n} gate", "{n} gates")}
    )
    catalogue.path("fr").parent.mkdir(parents=True)
    catalogue.path("fr").write_bytes(file.read_bytes())
    catalogue.main()
    found = {message.context: message for message in catalogue.read("fr") if message.context}
    assert {key: (one.fuzzy, one.string) for key, one in found.items()} == {
        "menu": (True, "Menu"), "never": (False, "jamais"), "new": (False, ("", "")),
    }  # fmt: skip
    assert catalogue.untranslated(catalogue.read("fr")) == ["menu", "new"]
    catalogue.translations.cache_clear()
    try:
        assert catalogue.translations("fr").pgettext("menu", "All pages") == "All pages"
    finally:
        catalogue.translations.cache_clear()


def test_no_text_hides_another_of_its_name() -> None:
    names = {module.name for module in pkgutil.iter_modules(words.__path__)} - {"text", "catalogue"}
    tables = [getattr(importlib.import_module(f"dashboard.words.{name}"), name.upper()) for name in names]
    found = Counter(key for table in tables for key in table)
    assert set(found) == set(WORDS)
    assert [key for key, count in found.items() if count > 1] == []


NO_PAGES = ("own", "document", "calls")
"""A file of an estate to copy, the head of an HTML page, and what programs are answered that no page wrote."""


def test_no_sentence_stands_beside_the_words() -> None:
    """What is written in the code of a page would be English for everybody. Names of classes and documentation are no text."""
    folder = Path(dashboard.__file__).parent
    for part in ("pages", "components", "figures", "sentences"):
        for file in (folder / part).rglob("*.py"):
            if file.stem not in NO_PAGES:
                assert sentences(ast.parse(file.read_text("utf-8"))) == [], file


def sentences(tree: ast.AST) -> list[str]:
    """Texts of three words and more in a module."""
    spared: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):  # documentation
            spared.add(id(node.value))
        if isinstance(node, ast.keyword) and node.arg == "className":
            spared |= {id(one) for one in ast.walk(node.value)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spared
        and re.search(r"[^\W\d_]+ [^\W\d_]+ [^\W\d_]+", node.value)
    ]  # fmt: skip


def test_a_sentence_beside_the_words_is_found() -> None:
    assert sentences(ast.parse('x = html.P(["It is full.", f"{n} stores are full"], className="a b c")')) == ["It is full.", " stores are full"]  # fmt: skip


def test_every_key_that_the_pages_ask_for_exists() -> None:
    folder = Path(dashboard.__file__).parent
    for file in folder.rglob("*.py"):
        if "access" not in file.parts:
            for key in re.findall(r'\bt\(\s*"([a-z0-9_.]+)"', file.read_text()):
                assert key in WORDS, f"{file}: {key}"
            for key in re.findall(r'Column\("(\w+)"', file.read_text()):
                assert f"column.{key}" in WORDS, f"{file}: {key}"


def test_every_closed_list_has_its_words() -> None:
    assert all(f"why.{reason}" in WORDS and f"do.{reason}" in WORDS for reason in REASONS)
    assert all(f"reason.{reason}" in WORDS and f"no.{reason}" in WORDS for reason in NO_DATE)
    assert all(f"kind.{kind}" in WORDS for kind in STORE_KINDS)
    assert all(f"quantity.{quantity}" in WORDS for quantity in QUANTITIES)
    assert all(f"unmet.{why}" in WORDS for why in get_args(Why))
    assert all(f"cause.{cause}" in WORDS for cause in get_args(Cause))
    assert all(f"flaw.{flaw}" in WORDS and f"flaw.do.{flaw}" in WORDS for flaw in FLAWS)
    assert all(f"says.{state}" in WORDS for state in get_args(State) if state != "running")
    assert all(f"rule.{rule}" in WORDS and f"rule.do.{rule}" in WORDS for rule in RULES)
    assert all(f"rule.{why}" in WORDS for why in WHYS)
    assert all(f"result.{result}" in WORDS for result in RESULTS)
    assert all(f"rollouts.why.{why}" in WORDS for why in get_args(Uncounted))
    assert all(f"backups.refused.{refusal}" in WORDS for refusal in REFUSALS)
    assert all(f"state.{state}" in WORDS for state in STATES)


def test_money_has_no_cents_and_a_month_its_name() -> None:
    assert EN.money(12_500.4, "EUR") == "€12,500"
    assert FR.money(12_500.4, "EUR").replace("\u202f", " ").replace("\u00a0", " ") == "12 500 €"
    assert (EN.month(dt.date(2027, 3, 1)), FR.month(dt.date(2027, 3, 1))) == ("March 2027", "mars 2027")
    assert (EN.share(0.0123), EN.money(None, "EUR")) == ("1.2%", "unknown")


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (None, "unknown", "inconnu"),
        (0, "0 B", "0 o"),
        (41.2e12, "41.2 TB", "41,2 To"),
        (999.4e9, "999 GB", "999 Go"),
        (999.6e9, "1.00 TB", "1,00 To"),
        (1.5e15, "1.50 PB", "1,50 Po"),
    ],
)
def test_sizes_are_written_as_each_language_does(value: float | None, english: str, french: str) -> None:
    assert EN.size(value).replace("\u00a0", " ") == english
    assert FR.size(value).replace("\u00a0", " ") == french


def test_french_counts_nothing_in_the_singular() -> None:
    assert FR.span(0) == "0 seconde"
    assert EN.span(0) == "0 seconds"
    assert EN.span(3 * 86400 - 1) == "2 days"


@given(st.sampled_from([EN, FR]), st.integers(0, 10**15))
def test_a_size_that_a_field_shows_is_read_as_what_it_is(t: Texts, count: int) -> None:
    assert size(t.typed_size(count)) == pytest.approx(count, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "english", "french"), [(12, "12", "12"), (1.5, "1.5", "1,5"), (1.125, "1.125", "1,1250"), (0.25, "0.25", "0,25")]
)  # fmt: skip
def test_a_field_shows_numbers_as_its_reader_types_them(value: float, english: str, french: str) -> None:
    assert (EN.typed(value), FR.typed(value)) == (english, french)


def test_all_of_a_thing_agrees_with_its_noun_in_french() -> None:
    """Un motif, un site; une année, une butée, une cible, une classe, une famille, une mesure."""
    genders = {"reason": "tous", "site": "tous"} | dict.fromkeys(
        ("class", "family", "measure", "target", "wall", "year"), "toutes"
    )
    assert {key.removeprefix("every."): FR(key) for key in WORDS if key.startswith("every.")} == genders


def test_no_line_of_french_begins_or_ends_with_the_wrong_half_of_a_sign() -> None:
    """Spaces inside guillemets and before double signs are never broken (Lexique de l'Imprimerie nationale)."""
    said = {key: spoken(key, "fr", number) for key in WORDS for number in (1, 2)}
    assert any("«\u00a0" in text for text in said.values())
    assert [key for key, text in said.items() if re.search("« | [:;?!%»]", text)] == []


def test_times_are_those_of_the_estate() -> None:
    assert EN.instant(1_700_000_000) == "14 Nov 2023, 23:13"
    assert FR.instant(1_700_000_000) == "14 nov. 2023, 23:13"


@pytest.mark.parametrize(
    ("day", "english", "french"),
    [
        (1, "1 Feb 2027", "1er févr. 2027"),
        (11, "11 Feb 2027", "11 févr. 2027"),
        (2, "2 Feb 2027", "2 févr. 2027"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_in_french(day: int, english: str, french: str) -> None:
    for language, said in ((EN, english), (FR, french)):
        assert language.day(dt.date(2027, 2, day)) == said
        at = dt.datetime(2027, 2, day, 11, tzinfo=dt.UTC).timestamp()
        assert language.instant(at).startswith(said + ", ")


def test_the_switch_wins_over_the_browser_and_the_browser_over_the_estate() -> None:
    assert choose("fr", ["en"], "en") == "fr"
    assert choose(None, ["de", "fr-CA", "en"], "en") == "fr"
    assert choose("<x>", ["de"], "fr") == "fr"


@given(st.text(max_size=2000))
def test_a_name_of_a_device_is_short_and_hides_nothing(text: str) -> None:
    shown = plain(text)
    assert len(shown) <= 80
    assert all(character.isprintable() or character.isspace() for character in shown)
    assert not set(shown) & set("\n\r\x1b\u202e\u2066\u200b")
