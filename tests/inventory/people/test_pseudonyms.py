"""Names as they are compared, and the keyed pseudonyms that stand in their places."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.people import PeopleError
from inventory.people.pseudonyms import FILE, VARIABLE, Key, find, fold, is_pseudonym, need, person, words
from inventory.people.rules import People

TEXT = "a secret of thirty-two characters"
KEY = Key(TEXT)
NAMES = st.text(min_size=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LEFÈVRE Anaïs", "lefevre anais"),
        ("Lefe\u0300vre", "Lef\u00e8vre"),  # an accent of its own, and a letter that bears it
        ("Leb\u0153uf", "LEBOEUF"),
        ("STRAßE", "strasse"),
        ("O’Neil", "o'neil"),
        ("  Durand \t Paul ", "durand paul"),
        ("ＤＵＲＡＮＤ", "durand"),
    ],
)
def test_case_accents_and_spaces_make_no_other_name(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert KEY.pseudonym(one) == KEY.pseudonym(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CHU\\durand", "durand@chu.example"),
        ("durand", "CHU\\Durand"),
        ("jean.lefevre@chu.example", "LEFÈVRE Jean"),
        ("Jean-Luc Martin", "martin jean luc"),
    ],
)
def test_other_ways_to_write_a_name_share_the_part_of_the_person_and_nothing_else(
    one: str, other: str
) -> None:
    first, second = KEY.pseudonym(one), KEY.pseudonym(other)
    assert words(one) == words(other)
    assert person(first) == person(second) != ""
    assert first != second


@pytest.mark.parametrize(("one", "other"), [("durand", "durant"), ("a.b", "ab"), ("x@y", "z@y")])
def test_other_names_share_nothing(one: str, other: str) -> None:
    assert person(KEY.pseudonym(one)) != person(KEY.pseudonym(other))


@given(NAMES)
def test_what_is_folded_stays_as_it_is(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    assert fold(name.upper().lower()) == fold(fold(name).upper())


@given(NAMES)
def test_a_pseudonym_is_one_stays_one_and_holds_nothing_of_the_name(name: str) -> None:
    made = KEY.pseudonym(name)
    assert is_pseudonym(made)
    assert KEY.pseudonym(made) == made
    assert is_pseudonym(name) or Key("b" * 32).pseudonym(name) != made
    assert re.fullmatch(r"~[0-9a-f]{16}\.[0-9a-f]{16}", made)


@given(NAMES, NAMES)
def test_two_names_have_one_pseudonym_where_they_are_folded_alike_and_only_there(
    one: str, other: str
) -> None:
    if not (is_pseudonym(one) or is_pseudonym(other)):
        assert (KEY.pseudonym(one) == KEY.pseudonym(other)) == (fold(one) == fold(other))


def test_a_pseudonym_is_the_hmac_that_anybody_with_the_key_computes() -> None:
    def digest(text: str) -> str:
        return hmac.digest(TEXT.encode(), text.encode(), hashlib.sha256).hex()[:16]

    parts = digest("person\0durand paul"), digest("writing\0chu\\paul.durand")
    assert KEY.pseudonym("CHU\\Paul.Durand") == "~{}.{}".format(*parts)


def test_a_key_is_made_once_beside_the_estate_for_its_owner_alone(tmp_path: Path) -> None:
    assert find(People(), tmp_path) is None
    made = need(People(), tmp_path)
    path = tmp_path / FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert need(People(), tmp_path).mark == made.mark
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]
    assert path.read_text().strip() not in repr(made) + str(made) + made.mark
    other = tmp_path / "other"
    other.mkdir()
    assert need(People(), other).mark != made.mark


def test_a_key_is_read_as_other_secrets_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "k").write_text(TEXT + "\n")
    monkeypatch.setenv("MY_KEY", TEXT)
    for name in (f"file:{tmp_path / 'k'}", "env:MY_KEY"):
        assert need(People.model_validate({"key": name}), tmp_path).mark == KEY.mark
    for given_ in (TEXT, f"file:{tmp_path / 'k'}"):
        monkeypatch.setenv(VARIABLE, given_)
        assert need(People(), tmp_path).mark == KEY.mark
    assert not (tmp_path / FILE).exists()
    assert TEXT not in repr(People.model_validate({"key": TEXT}))


def test_a_key_that_others_may_read_that_is_missing_or_too_short_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(People(), tmp_path)
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(PeopleError, match=r"others may read .*chmod 600"):
        need(People(), tmp_path)
    monkeypatch.delenv("ABSENT", raising=False)
    with pytest.raises(PeopleError, match="ABSENT is not set"):
        need(People.model_validate({"key": "env:ABSENT"}), tmp_path)
    with pytest.raises(PeopleError, match="fewer than 32 characters"):
        Key("short")


def test_processes_that_make_the_key_at_once_have_the_same(tmp_path: Path) -> None:
    readers = []
    for _ in range(8):
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.write(writer, need(People(), tmp_path).mark.encode())
            os._exit(0)
        os.close(writer)
        readers.append(reader)
    marks = set()
    for reader in readers:
        with os.fdopen(reader) as told:
            marks.add(told.read())
        os.wait()
    assert len(marks) == 1
    assert "" not in marks
