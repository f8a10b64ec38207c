"""Keyed pseudonyms of user names: HMAC-SHA-256 (RFC 2104), by a key that lies apart from the data.

A pseudonym has two parts: one for the person, whatever domain and order of words the name is written with, and one for the way it
is written. So other writings of a name are found among pseudonyms too; who lacks the key learns nothing but which are alike.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from inventory.credentials import Secret, SecretMissingError
from inventory.databases import flush
from inventory.files import replace
from inventory.people import PeopleError
from inventory.people.rules import People

VARIABLE: Final = "JAUGE_PSEUDONYM_KEY"
FILE: Final = "pseudonym.key"
_SHORTEST: Final = 32
_FEWEST: Final = 8
_ADVICE: Final = "make one with `openssl rand -hex 32`"
_DIGITS: Final = 16
_PSEUDONYM: Final = re.compile(rf"~([0-9a-f]{{{_DIGITS}}})\.([0-9a-f]{{{_DIGITS}}})")
_WORD: Final = re.compile(r"[^\W_]+")
# Letters that no accent was taken from: what keyboards without them write instead.
_LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "’": "'"})


# --- names --------------------------------------------------------------------------------------------------


def fold(name: str) -> str:
    """A name as it is compared: without case, accents, characters that nobody sees, and spaces too many.

    >>> fold("  LEFÈVRE   Anaïs ")
    'lefevre anais'
    """
    if name.isascii():
        return " ".join(name.casefold().split())
    bare, before = name, None
    while bare != before:  # what is folded may fall apart again
        before = bare
        parts = unicodedata.normalize("NFKD", bare.casefold())
        bare = "".join(char for char in parts if not (unicodedata.combining(char) or _is_unseen(char)))
        bare = bare.translate(_LETTERS)
        bare = " ".join(bare.split())
    return bare


def _is_unseen(char: str) -> bool:
    """Whether nobody sees a character: soft hyphens, marks of direction, and what an import puts in their places."""
    return char == "\ufffd" or unicodedata.category(char) == "Cf"


def words(name: str) -> tuple[str, ...]:
    """The words of a name without its domain, in alphabetical order: those of `CHU\\j.durand` and of `Durand J` are the same."""
    account = fold(name).rpartition("\\")[2]
    account = account.partition("@")[0] or account
    return tuple(sorted(_WORD.findall(account)))


def is_pseudonym(text: str) -> bool:
    """Whether a text is one that `Key.pseudonym` made."""
    return _PSEUDONYM.fullmatch(text) is not None


def person(pseudonym: str) -> str:
    """The part of a pseudonym that other writings of the name have too."""
    match = _PSEUDONYM.fullmatch(pseudonym)
    return match[1] if match else ""


# --- the key ------------------------------------------------------------------------------------------------


class Key:
    """The key: one line of text, or several, oldest first, where it was changed. It is never shown: its `repr` is masked.

    With several, a pseudonym is that of the first key, made a pseudonym by the next, and so on: who got hold of an older key
    alone can try no names, and what was kept under it goes over to the newer one (`lift`) without the names being known.
    """

    __slots__ = ("_keys",)

    def __init__(self, text: str) -> None:
        self._keys = tuple(_checked(one) for one in map(str.strip, text.splitlines()) if one)
        if not self._keys:
            raise PeopleError("the key of the pseudonyms is empty")

    def __repr__(self) -> str:
        return "Key(***)"

    def pseudonym(self, name: str) -> str:
        """The pseudonym of a name; one that is a pseudonym already stays as it is."""
        if is_pseudonym(name):
            return name
        written = fold(name)
        return (
            f"~{self._digest('person', ' '.join(words(name)) or written)}.{self._digest('writing', written)}"
        )

    @property
    def mark(self) -> str:
        """What tells keys apart, and says nothing of them."""
        return self._digest("key", "")

    def follows(self, mark: str) -> bool:
        """Whether the key of that mark is this one, or an older one of it."""
        return self._age(mark) is not None

    def lift(self, text: str, mark: str) -> str:
        """What a pseudonym of the key of that mark, which this one follows, is under this one; another text as it is."""
        age = self._age(mark)
        if age is None or (match := _PSEUDONYM.fullmatch(text)) is None:
            return text
        newer = self._keys[age:]
        return f"~{_chained(newer, 'person', match[1])}.{_chained(newer, 'writing', match[2])}"

    def _age(self, mark: str) -> int | None:
        """How many of the keys make that mark."""
        counts = range(1, len(self._keys) + 1)
        return next((count for count in counts if _chained(self._keys[:count], "key", "") == mark), None)

    def _digest(self, what: str, text: str) -> str:
        return _chained(self._keys, what, text)


def _chained(keys: Sequence[bytes], what: str, text: str) -> str:
    for key in keys:
        message = f"{what}\0{text}".encode("utf-8", "surrogatepass")
        text = hmac.new(key, message, hashlib.sha256).hexdigest()[:_DIGITS]
    return text


def _checked(text: str) -> bytes:
    """A key that nobody guesses. Raises PeopleError."""
    if len(text) < _SHORTEST:
        raise PeopleError(f"the key of the pseudonyms has fewer than {_SHORTEST} characters: {_ADVICE}")
    if len(set(text)) < _FEWEST:
        raise PeopleError(
            f"the key of the pseudonyms has fewer than {_FEWEST} different characters: {_ADVICE}"
        )
    return text.encode("utf-8", "surrogateescape")


def find(rules: People, home: Path) -> Key | None:
    """The key that the estate, the environment or the file beside the estate (`home`) gives; None where there is none yet.

    Raises PeopleError where one is named and cannot be read, or where others may read the file.
    """
    named = _named(rules)
    try:
        if named is not None:
            if named.path is not None:
                _guarded(named.path, 0o007, "o=")  # a group of its own may hold it, as with other secrets
            return Key(named.reveal())
        path = home / FILE
        if not path.exists():
            return None
        _guarded(path, 0o077, "600")
        return Key(Secret(f"file:{path}").reveal())
    except SecretMissingError as error:
        raise PeopleError(f"the key of the pseudonyms: {error}") from None


def _named(rules: People) -> Secret | None:
    """The key that the estate or the environment names."""
    return rules.key or (Secret(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)


def place(rules: People, home: Path) -> Path | None:
    """The file that the key is in; None where it is in a variable or in the estate itself."""
    named = _named(rules)
    return home / FILE if named is None else named.path


def _guarded(path: Path, others: int, mode: str) -> None:
    """Refuse a key that others may read. One that is not there, or not to be looked at, is told by whoever reads it."""
    with contextlib.suppress(OSError):
        if path.stat().st_mode & others:
            raise PeopleError(
                f"others may read {path}, the key of the pseudonyms: chmod {mode} {path}, and change the key where somebody "
                "may have read it (jauge inventory rekey)"
            )


def add(path: Path) -> Key:
    """Put a new key after those of a file, at once and for its owner alone, and give all of them. Raises OSError, PeopleError."""
    text = f"{Secret(f'file:{path}').reveal()}\n{secrets.token_hex(32)}\n"
    made = Key(text)
    replace(path, path.with_name(f".{path.name}.{os.getpid()}"), text.encode("utf-8", "surrogateescape"))
    return made


def need(rules: People, home: Path) -> Key:
    """The key, made beside the estate where there is none yet. Raises PeopleError."""
    found = find(rules, home)
    if found is not None:
        return found
    try:
        _make(home / FILE)
    except OSError as error:
        raise PeopleError(
            f"cannot make {home / FILE}, the key of the pseudonyms: {error.strerror}; give one by {VARIABLE}, "
            "or by `workstations: people: key` of the estate"
        ) from error
    return need(rules, home)


def _make(path: Path) -> None:
    """Write a new key, for its owner alone: all of it or nothing, and never over one that is there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secrets.token_hex(32)}\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
        flush(path.parent)
    except FileExistsError:
        pass  # another process was faster: its key is the one
    finally:
        draft.unlink(missing_ok=True)
