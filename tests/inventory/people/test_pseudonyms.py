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
        ("\u202eDu\u00adrand\u200b", "durand"),  # what nobody sees
        ("durand\ufffd", "durand"),  # what an import makes of it
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
    assert is_pseudonym(name) or Key("b3c4d5e6f7a8" * 3).pseudonym(name) != made
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
    (tmp_path / "k").chmod(0o600)
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
        child = os.fork()
        if child == 0:
            os.write(writer, need(People(), tmp_path).mark.encode())
            os._exit(0)
        os.close(writer)
        readers.append((child, reader))
    marks = set()
    for child, reader in readers:
        with os.fdopen(reader) as told:
            marks.add(told.read())
        os.waitpid(child, 0)
    assert len(marks) == 1
    assert "" not in marks


# --- what an attacker has ----------------------------------------------------------------------------------


def test_who_has_every_name_and_no_key_finds_nobody_behind_a_pseudonym() -> None:
    """Not by any usual digest, with no key, with an empty one, or with what tells keys apart: each name is as good as any."""
    names = [
        f"{first}.{last}" for first in ("anna", "paul", "jean") for last in ("durand", "martin", "petit")
    ]
    made = {part for name in names for part in KEY.pseudonym(name)[1:].split(".")} | {KEY.mark}
    tried = set()
    for name in names:
        for text in (
            name,
            f"person\0{name}",
            f"writing\0{name}",
            f"person\0{' '.join(words(name))}",
            f"key\0{name}",
        ):
            for digest in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
                found = hashlib.new(digest, text.encode())
                tried |= {found.hexdigest()[:16]}
            for key in (b"", b"\0" * 32, KEY.mark.encode(), bytes.fromhex(KEY.mark), b"jauge"):
                tried |= {hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:16]}
    assert len(tried) > 400
    assert made.isdisjoint(tried)
    # and the same attack finds all of them where the key is known
    assert {
        hmac.new(TEXT.encode(), f"writing\0{name}".encode(), hashlib.sha256).hexdigest()[:16]
        for name in names
    } <= made


@pytest.mark.parametrize("text", ["b" * 32, "0123456" * 9, "secret " * 8])
def test_a_key_that_is_soon_guessed_is_refused_with_how_to_make_one(text: str) -> None:
    with pytest.raises(
        PeopleError, match=r"fewer than 8 different characters: make one with `openssl rand -hex 32`"
    ):
        Key(text)


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o666])
def test_a_key_of_a_named_file_that_everybody_may_read_is_refused_and_one_of_a_group_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    place = tmp_path / "k"
    place.write_text(TEXT + "\n")
    place.chmod(mode)
    rules = People.model_validate({"key": f"file:{place}"})
    with pytest.raises(PeopleError, match=rf"others may read {place}.*chmod o= {place}.*rekey") as caught:
        find(rules, tmp_path)
    assert TEXT not in str(caught.value)
    monkeypatch.setenv(VARIABLE, f"file:{place}")
    with pytest.raises(PeopleError, match="others may read"):
        need(People(), tmp_path)
    place.chmod(0o640)
    assert need(People(), tmp_path).mark == KEY.mark


def test_a_key_that_is_missing_or_no_text_is_said_and_no_other_is_made(tmp_path: Path) -> None:
    for place, content in (
        (tmp_path / "absent", None),
        (tmp_path / "empty", b""),
        (tmp_path / "bytes", b"\xff" * 64),
    ):
        if content is not None:
            place.write_bytes(content)
            place.chmod(0o600)
        with pytest.raises(PeopleError, match=f"cannot read the secret file:{place}"):
            need(People.model_validate({"key": f"file:{place}"}), tmp_path)
    assert not (tmp_path / FILE).exists()


# --- another key -------------------------------------------------------------------------------------------


def test_a_key_of_two_lines_makes_the_pseudonyms_of_pseudonyms_that_both_compute() -> None:
    newer = "another secret of thirty-two chars"

    def digest(key: str, text: str) -> str:
        return hmac.digest(key.encode(), text.encode(), hashlib.sha256).hex()[:16]

    both = Key(f"{TEXT}\n{newer}\n")
    writing = digest(newer, "writing\0" + digest(TEXT, "writing\0durand"))
    person_ = digest(newer, "person\0" + digest(TEXT, "person\0durand"))
    assert both.pseudonym("Durand") == f"~{person_}.{writing}"
    assert both.follows(KEY.mark)
    assert both.follows(both.mark)
    assert not both.follows(Key(newer).mark)
    assert not KEY.follows(both.mark)


@given(NAMES)
def test_what_is_kept_goes_over_to_a_newer_key_as_the_name_itself_would(name: str) -> None:
    texts = [TEXT, "another secret of thirty-two chars", "a third secret, of thirty-two chars"]
    keys = [Key("\n".join(texts[: count + 1])) for count in range(3)]
    made = [key.pseudonym(name) for key in keys]
    if not is_pseudonym(name):
        assert len(set(made)) == 3
        for old in range(3):
            assert keys[2].lift(made[old], keys[old].mark) == made[2]
        assert keys[0].lift(made[2], keys[2].mark) == made[2]  # there is no way back
